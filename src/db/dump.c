// The stream of dump.h, written and read.
#include "dump.h"
#include <endian.h>
#include <stdlib.h>
#include <string.h>

static const char magic[16] = "isigurt.dump...1";

static enum err flush(struct dump_out *d)
{
    if (d->err == OK) d->err = buf_ok(&d->piece);
    if (d->err == OK && d->piece.n > 0) d->err = d->sink(d->ctx, buf_str(&d->piece));
    buf_clear(&d->piece);
    return d->err;
}

static enum err record_end(struct dump_out *d, size_t start)
{
    if (d->piece.failed) return flush(d);
    uint32_t n = htole32((uint32_t)(d->piece.n - start - 5));
    memcpy(d->piece.at + start + 1, &n, 4);
    return d->piece.n >= DUMP_PIECE ? flush(d) : d->err;
}

static size_t record_begin(struct dump_out *d, char type)
{
    size_t start = d->piece.n;
    buf_put_c(&d->piece, type);
    buf_put_le(&d->piece, 0, 4);
    return start;
}

static void put_str8(struct buf *b, const char *z)
{
    buf_put_le(b, strlen(z), 1);
    buf_put_z(b, z);
}

enum err dump_version(struct dump_out *d, uint32_t last, uint32_t count)
{
    size_t start = record_begin(d, 'V');
    buf_put_le(&d->piece, last, 4);
    buf_put_le(&d->piece, count, 4);
    return record_end(d, start);
}

enum err dump_begin_table(struct dump_out *d, const struct dump_table *t)
{
    size_t start = record_begin(d, 'T');
    buf_put_le(&d->piece, (uint64_t)t->columns, 1);
    put_str8(&d->piece, t->name);
    for (int c = 0; c < t->columns; c++) {
        buf_put_c(&d->piece, t->column[c].letter);
        put_str8(&d->piece, t->column[c].name);
    }
    return record_end(d, start);
}

enum err dump_row(struct dump_out *d, int n, const struct db_val *values)
{
    size_t start = record_begin(d, 'R');
    for (int c = 0; c < n; c++) {
        const struct db_val *v = &values[c];
        uint64_t bits = (uint64_t)v->i;
        if (v->type == 'f') memcpy(&bits, &v->f, 8);
        buf_put_c(&d->piece, v->type);
        if (v->type == 'i' || v->type == 'f') {
            buf_put_le(&d->piece, bits, 8);
        } else if (v->type != 0) {
            buf_put_le(&d->piece, v->s.n, 4);
            buf_put(&d->piece, v->s);
        }
    }
    d->rows++;
    return record_end(d, start);
}

enum err dump_sequence(struct dump_out *d, int64_t last)
{
    size_t start = record_begin(d, 'S');
    buf_put_le(&d->piece, (uint64_t)last, 8);
    return record_end(d, start);
}

static enum err versions(const char *sql_dir, uint32_t *last, uint32_t *count, struct buf *why)
{
    struct migrations *m = calloc(1, sizeof *m);
    if (!m) return ERR_MEMORY;
    enum err e = migrations_read(sql_dir, m, why);
    if (e == OK) {
        *last = (uint32_t)m->v[m->n - 1].number;
        *count = (uint32_t)m->n;
    }
    free(m);
    return e;
}

enum err store_dump(const char *url, store_sink *sink, void *ctx, struct buf *why)
{
    struct dump_out d = {.sink = sink, .ctx = ctx};
    buf_init_secret(&d.piece, DUMP_RECORD_MAX + DUMP_PIECE);
    buf_put(&d.piece, (struct str){magic, sizeof magic});
    enum err e = url_is_sqlite(url) ? sqlite_dump(url, &d, why) : postgres_dump(url, &d, why);
    if (e == OK) {
        size_t start = record_begin(&d, 'E');
        buf_put_le(&d.piece, d.rows, 8);
        e = record_end(&d, start);
    }
    if (e == OK) e = flush(&d);
    buf_free(&d.piece);
    return e;
}

struct reader {
    store_source *source;
    void *ctx;
    char *at; // one record
    size_t cap;
};

static enum err read_exactly(struct reader *r, char *into, size_t n)
{
    while (n > 0) {
        size_t got = 0;
        enum err e = r->source(r->ctx, into, n, &got);
        if (e != OK) return e;
        if (got == 0) return ERR_MALFORMED; // cut
        into += got;
        n -= got;
    }
    return OK;
}

static enum err read_record(struct reader *r, char *type, struct str *body)
{
    char head[5];
    uint32_t n;
    enum err e = read_exactly(r, head, sizeof head);
    if (e != OK) return e;
    memcpy(&n, head + 1, 4);
    n = le32toh(n);
    if (n > DUMP_RECORD_MAX) return ERR_MALFORMED;
    if (n > r->cap) {
        char *larger = realloc(r->at, n);
        if (!larger) return ERR_MEMORY;
        r->at = larger;
        r->cap = n;
    }
    e = read_exactly(r, r->at, n);
    if (e != OK) return e;
    *type = head[0];
    *body = (struct str){r->at, n};
    return OK;
}

static bool take(struct str *s, size_t n, struct str *out)
{
    if (s->n < n) return false;
    *out = (struct str){s->at, n};
    *s = (struct str){s->at + n, s->n - n};
    return true;
}

static bool take_le(struct str *s, size_t n, uint64_t *out)
{
    struct str bytes;
    if (!take(s, n, &bytes)) return false;
    *out = 0;
    for (size_t i = n; i-- > 0;) *out = *out << 8 | (unsigned char)bytes.at[i];
    return true;
}

// A name of the schema: small letters, digits, _ and the dot. It becomes SQL.
static bool take_name(struct str *s, char *out, size_t size)
{
    uint64_t n;
    struct str name;
    if (!take_le(s, 1, &n) || n == 0 || n >= size || !take(s, n, &name)) return false;
    for (size_t i = 0; i < n; i++) {
        char c = name.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.')) return false;
    }
    memcpy(out, name.at, n);
    out[n] = 0;
    return true;
}

static bool table_known(const char *name)
{
    for (int i = 0; i < SCHEMAS; i++) {
        size_t n = strlen(schema_names[i]);
        if (strncmp(name, schema_names[i], n) == 0 && name[n] == '.')
            return !strchr(name + n + 1, '.') && strcmp(name + n + 1, "schema_version") != 0 && name[n + 1] != 0;
    }
    return false;
}

static bool parse_table(struct str s, struct dump_table *out)
{
    uint64_t n, letter;
    *out = (struct dump_table){0};
    if (!take_le(&s, 1, &n) || n == 0 || n > DB_COLUMNS_MAX || !take_name(&s, out->name, sizeof out->name)) return false;
    if (!table_known(out->name)) return false;
    out->columns = (int)n;
    for (int c = 0; c < out->columns; c++) {
        struct dump_column *column = &out->column[c];
        if (!take_le(&s, 1, &letter) || letter == 0 || letter > 127 || !strchr("iftb", (int)letter)) return false;
        if (!take_name(&s, column->name, sizeof column->name) || strchr(column->name, '.')) return false;
        column->letter = (char)letter;
    }
    return s.n == 0;
}

static bool parse_row(struct str s, const struct dump_table *t, struct db_val *out)
{
    for (int c = 0; c < t->columns; c++) {
        uint64_t type, bits;
        out[c] = (struct db_val){0};
        if (!take_le(&s, 1, &type)) return false;
        if (type == 0) continue;
        if (type != (uint64_t)t->column[c].letter) return false;
        out[c].type = (char)type;
        if (type == 'i' || type == 'f') {
            if (!take_le(&s, 8, &bits)) return false;
            out[c].i = (int64_t)bits;
            if (type == 'f') memcpy(&out[c].f, &bits, 8);
        } else if (!take_le(&s, 4, &bits) || !take(&s, bits, &out[c].s)) {
            return false;
        }
    }
    return s.n == 0;
}

static enum err version_same(struct str body, const char *sql_dir, struct buf *why)
{
    uint64_t last, count;
    uint32_t our_last = 0, our_count = 0;
    if (!take_le(&body, 4, &last) || !take_le(&body, 4, &count) || body.n > 0) return ERR_MALFORMED;
    enum err e = versions(sql_dir, &our_last, &our_count, why);
    if (e == OK && (last != our_last || count != our_count)) {
        buf_printf(why, "store: the copy has schema %04u, this program %04u: restore with that program, then migrate",
                   (unsigned)last, our_last);
        e = ERR_CONFLICT;
    }
    return e;
}

static enum err load_records(struct reader *r, const struct dump_in *in, const char *sql_dir, struct buf *why)
{
    struct dump_table t = {0};
    struct db_val values[DB_COLUMNS_MAX];
    uint64_t rows = 0, n;
    for (bool first = true;; first = false) {
        char type;
        struct str body;
        enum err e = read_record(r, &type, &body);
        if (e == OK && first != (type == 'V')) e = ERR_MALFORMED;
        if (e != OK) return e;
        switch (type) {
        case 'V': e = version_same(body, sql_dir, why); break;
        case 'T': e = parse_table(body, &t) ? in->table(in->state, &t, why) : ERR_MALFORMED; break;
        case 'R':
            e = t.columns > 0 && parse_row(body, &t, values) ? in->row(in->state, &t, values, why) : ERR_MALFORMED;
            rows++;
            break;
        case 'S':
            e = t.columns > 0 && take_le(&body, 8, &n) && body.n == 0 ? in->sequence(in->state, &t, (int64_t)n, why)
                                                                       : ERR_MALFORMED;
            break;
        case 'E': return take_le(&body, 8, &n) && body.n == 0 && n == rows ? OK : ERR_MALFORMED;
        default: e = ERR_MALFORMED;
        }
        if (e != OK) return e;
    }
}

enum err store_load(const char *url, const char *sql_dir, store_source *source, void *ctx, struct buf *why)
{
    struct reader r = {.source = source, .ctx = ctx};
    char start[sizeof magic];
    enum err e = read_exactly(&r, start, sizeof start);
    if (e == OK && memcmp(start, magic, sizeof magic) != 0) e = ERR_MALFORMED;
    struct dump_in in = {0};
    if (e == OK) e = url_is_sqlite(url) ? sqlite_load_begin(url, &in, why) : postgres_load_begin(url, &in, why);
    if (e == OK) {
        e = load_records(&r, &in, sql_dir, why);
        e = in.end(in.state, e, why);
    }
    if (e == ERR_MALFORMED && why->n == 0) buf_put_z(why, "store: this is no whole copy of a store");
    free(r.at);
    return e;
}

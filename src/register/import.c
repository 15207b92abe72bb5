// Rows from a table file: looked through as a whole first, every bad line named; then all or none.
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "register/handlers.h"
#include "text/csv.h"
#include "text/date.h"

#define ARENA_BYTES (96u << 20) // of one file while it is read
#define AT_ONCE 2
#define NONE SIZE_MAX

struct reading {
    struct req *rq;
    const struct pack_register *reg;
    struct arena *a;                   // of the rows; the request's is too small
    struct str rest;                   // of the file
    struct str head[CSV_CELLS_MAX];
    size_t heads, institution, stage;  // columns; NONE: not there
    struct entry_put *put;
    struct list *values;
    int64_t *line;
    struct str *code;                  // the institution named in each row
    size_t n;
    struct entry_line *fault;
    size_t faults;
    int64_t at, today;                 // the line that is looked at; yyyymmdd
    struct entry_who who;
    struct list institutions;
};

static void tell(void *ctx, struct str name, enum message m, int64_t n)
{
    struct reading *g = ctx;
    struct arena *a = g->rq->arena;
    struct buf b;
    if (g->faults++ >= ENTRY_LINES_TOLD)
        return;
    buf_init(&b, 1000);
    text_put(&b, g->rq->lang, m, TEXT_ARGS(TEXT_I("n", n)));
    struct str shown = str_slice(name, 0, name.n < 60 ? name.n : 60);
    g->fault[g->faults - 1] = (struct entry_line){g->at, str_utf8_valid(shown) ? arena_str(a, shown) : STR(""), arena_str(a, buf_str(&b))};
    buf_free(&b);
}

static void head_read(struct reading *g, const struct str *cell, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str name = arena_str(g->a, str_trim(csv_plain(cell[i]))), part;
        const struct pack_register_field *f = pack_register_field(g->reg, name);
        bool known = f ? f->kind != PACK_COUNTS : entry_cell(g->rq->sv->pack, g->reg, name, &part) != NULL;
        if (str_equal_z(name, "institution"))
            g->institution = i;
        else if (str_equal_z(name, "stage") && g->reg->n_stages > 0)
            g->stage = i;
        else if (!known)
            tell(g, name, MSG_REGISTER_REFUSED_COLUMN, 0);
        for (size_t k = 0; k < i; k++)
            if (str_equal(g->head[k], name))
                tell(g, name, MSG_WEB_FIELD_TWICE, 0);
        g->head[g->heads++] = name;
    }
}

static void row_read(struct reading *g, const struct str *cell, size_t n)
{
    struct html_pair *sent = arena_array(g->a, n + 1, sizeof *sent);
    size_t i = g->n, k = 0;
    struct entry_put *w = &g->put[i];
    if (!sent)
        return;
    *w = (struct entry_put){.row = {.reg = g->reg, .who = {.person = g->rq->who.id, .state = ENTRY_ENTERED}, .at = clock_minute(g->rq->now)},
                            .values = &g->values[i], .action = STR("imported"), .note = STR("")};
    w->row.stage = g->reg->n_stages > 0 ? g->reg->stage[0].value : STR("");
    g->line[i] = g->at;
    g->code[i] = STR("");
    for (size_t c = 0; c < n; c++) {
        struct str v = arena_str(g->a, str_trim(csv_plain(cell[c])));
        if (c >= g->heads && v.n > 0)
            tell(g, STR(""), MSG_REGISTER_REFUSED_CELLS, (int64_t)g->heads);
        else if (c == g->institution)
            g->code[i] = v;
        else if (c == g->stage)
            w->row.stage = v.n > 0 ? v : w->row.stage;
        else if (c < g->heads && v.n > 0)
            sent[k++] = (struct html_pair){g->head[c], v};
    }
    if (g->reg->n_stages > 0 && !pack_register_stage(g->reg, w->row.stage))
        tell(g, STR("stage"), MSG_WEB_FIELD_CHOICE, 0);
    bool fine = entry_check(g->a, g->rq->sv->pack, g->reg, sent, k, tell, g, &g->values[i]);
    entry_needed(g->reg, w->row.stage, &g->values[i], tell, g, &fine);
    if (fine)
        entry_put_ready(g->a, g->rq->sv->pack, w);
    g->n++;
}

static enum err file_read_rows(struct reading *g)
{
    static const enum message words[] = {[CSV_ENCODING] = MSG_REGISTER_REFUSED_ENCODING, [CSV_QUOTE] = MSG_REGISTER_REFUSED_QUOTE,
                                         [CSV_LONG] = MSG_REGISTER_REFUSED_LONG, [CSV_MANY] = MSG_REGISTER_REFUSED_CELLS};
    struct csv_reader *r = NULL;
    const struct str *cell;
    size_t n;
    enum err e = csv_open(csv_from_text, &g->rest, &r);
    if (e)
        return e;
    e = csv_next(r, &cell, &n);
    g->at = csv_line(r);
    if (!e)
        head_read(g, cell, n);
    while (!e && (e = csv_next(r, &cell, &n)) == OK && g->n < ENTRY_IN_ROWS && !arena_failed(g->a)) {
        g->at = csv_line(r);
        row_read(g, cell, n);
    }
    g->at = csv_line(r);
    if (e == ERR_MALFORMED)
        tell(g, STR(""), words[csv_fault(r)], CSV_CELLS_MAX);
    else if (!e && !arena_failed(g->a))
        tell(g, STR(""), MSG_REGISTER_REFUSED_MANY_IN, ENTRY_IN_ROWS);
    csv_close(&r);
    return arena_failed(g->a) ? ERR_MEMORY : e == ERR_MALFORMED || e == ERR_NOT_FOUND ? OK : e;
}

// Who may enter for whom, and where the rows point to.
static enum err rows_look(struct db *db, void *arg)
{
    struct reading *g = arg;
    enum err e = OK;
    for (size_t i = 0; i < g->n && !e; i++) {
        const struct institution *own = g->code[i].n > 0 ? institution_by_code(&g->institutions, g->code[i]) : NULL;
        bool fine = true, other = g->code[i].n > 0 && !str_equal(g->code[i], g->who.code);
        g->at = g->line[i];
        g->put[i].row.who.institution = own ? own->id : g->who.institution;
        if (g->code[i].n > 0 && (!own || !pack_register_owner(g->reg, own->type)))
            tell(g, STR("institution"), MSG_WEB_FIELD_CHOICE, 0);
        else if (other && !g->who.all)
            tell(g, STR("institution"), MSG_REGISTER_REFUSED_FOREIGN, 0);
        else if (!other && !pack_register_owner(g->reg, g->who.type))
            tell(g, STR("institution"), MSG_WEB_FIELD_REQUIRED, 0);
        e = entry_refer_db(db, g->rq, g->reg, &g->institutions, &g->values[i], tell, g, &fine);
    }
    return e;
}

static enum err who_read(struct db *db, void *arg)
{
    struct reading *g = arg;
    enum err e = entry_who_db(db, g->rq, &g->who);
    return e ? e : institutions_db(db, g->rq->arena, false, &g->institutions);
}

static enum err rows_write(struct db *db, void *arg)
{
    struct reading *g = arg;
    enum err e = OK;
    for (size_t i = 0; i < g->n && !e; i++) {
        struct entry_put put = g->put[i]; // this may run several times
        e = entry_put_db(db, g->a, &put, put.row.day < g->today ? put.row.day : g->today); // nothing has reached a stage in days to come
    }
    return e;
}

static int by_line(const void *a, const void *b)
{
    const struct entry_line *x = a, *y = b;
    return (x->line > y->line) - (x->line < y->line);
}

static enum err upload_read(struct reading *g, bool write, struct entry_import_out *out)
{
    struct req *rq = g->rq;
    g->put = arena_array(g->a, ENTRY_IN_ROWS, sizeof *g->put);
    g->values = arena_array(g->a, ENTRY_IN_ROWS, sizeof *g->values);
    g->line = arena_array(g->a, ENTRY_IN_ROWS, sizeof *g->line);
    g->code = arena_array(g->a, ENTRY_IN_ROWS, sizeof *g->code);
    g->fault = arena_array(rq->arena, ENTRY_LINES_TOLD, sizeof *g->fault);
    enum err e = arena_failed(g->a) || !g->fault ? ERR_MEMORY : file_read_rows(g);
    e = e ? e : store_read(rq->sv->store, rows_look, g);
    if (e)
        return e;
    size_t told = g->faults < ENTRY_LINES_TOLD ? g->faults : ENTRY_LINES_TOLD;
    qsort(g->fault, told, sizeof *g->fault, by_line);
    out->lines = (struct list){g->fault, told};
    out->rows = (int64_t)g->n;
    out->looked = true;
    if (g->faults == 0 && g->n == 0)
        return req_refuse(rq, "file", MSG_REGISTER_REFUSED_NO_ROWS);
    if (g->faults > 0 && write)
        return req_notice(rq, ERR_CONFLICT, MSG_REGISTER_IMPORT_NONE);
    for (size_t i = 0; i < g->n; i++)
        g->put[i].row.id = id_random();
    if (write && !g->faults) {
        e = store_write(rq->sv->store, rows_write, g);
        out->done = !e;
    }
    return e;
}

static enum err page_put(struct req *rq, const struct pack_register *reg, const struct entry_who *who, struct entry_import_out *out)
{
    const struct pack_register *each;
    size_t n = 0;
    while (pack_register_at(rq->sv->pack, n))
        n++;
    struct choice *all = arena_array(rq->arena, n + 1, sizeof *all);
    for (size_t i = 0; all && (each = pack_register_at(rq->sv->pack, i)); i++)
        all[i] = (struct choice){each->code, entry_label(rq, each->label), each == reg};
    out->code = reg->code;
    out->label = entry_label(rq, reg->label);
    out->registers = (struct list){all, all ? n : 0};
    out->may_add = entry_may_add(reg, who);
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err entry_import_run(struct req *rq, const void *in_, void *out)
{
    const struct entry_import_in *in = in_;
    struct reading g = {.rq = rq, .reg = entry_register(rq, in->code)};
    if (!g.reg)
        return ERR_NOT_FOUND;
    enum err e = store_read(rq->sv->store, who_read, &g);
    return e ? e : page_put(rq, g.reg, &g.who, out);
}

enum err entry_upload_fill(struct req *rq, const void *in_, void *out)
{
    const struct entry_upload_in *in = in_;
    const struct entry_import_in asked = {in->code};
    return entry_import_run(rq, &asked, out);
}

enum err entry_upload_run(struct req *rq, const void *in_, void *out_)
{
    static atomic_int open;
    const struct entry_upload_in *in = in_;
    struct entry_import_out *out = out_;
    struct reading *g = ARENA_NEW(rq->arena, struct reading);
    if (!g || !entry_register(rq, in->code))
        return g ? ERR_NOT_FOUND : ERR_MEMORY;
    *g = (struct reading){.rq = rq, .reg = entry_register(rq, in->code), .rest = rq->upload.bytes, .institution = NONE, .stage = NONE};
    const struct date today = date_local(rq->now);
    g->today = today.year * 10000 + today.month * 100 + today.day;
    enum err e = store_read(rq->sv->store, who_read, g);
    e = e ? e : page_put(rq, g->reg, &g->who, out);
    e = e ? e : out->may_add ? OK : ERR_FORBIDDEN;
    if (!e && (!rq->upload.sent || rq->upload.bytes.n == 0))
        e = req_refuse(rq, "file", MSG_REGISTER_REFUSED_NO_FILE);
    if (!e && rq->upload.bytes.n > ENTRY_IN_BYTES)
        e = req_refuse_number(rq, "file", MSG_REGISTER_REFUSED_LARGE, ENTRY_IN_BYTES >> 20);
    if (e)
        return e;
    if (atomic_fetch_add(&open, 1) >= AT_ONCE)
        e = req_notice(rq, ERR_FULL, MSG_REGISTER_BUSY);
    e = e ? e : arena_new(ARENA_BYTES, &g->a);
    e = e ? e : upload_read(g, in->write, out);
    atomic_fetch_sub(&open, 1);
    arena_free(&g->a);
    return e;
}

// Rows of files: the sealed stream in pieces, so that a file and what it belongs to stand or fall in one transaction, and copies,
// erasure and a full disk are the store's (docs/decisions/0012-files-in-rows.md).
#include <string.h>
#include "base/clock.h"
#include "evidence/inside.h"
#include "people/people.h"

#define COUNTS_MAX 20000

DB_QUERY(evidence_insert_sql, "bibbbitibb", "",
         "insert into desk.evidence (id, kind, thing, owner, person, at, type, size, wrap, name) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
DB_QUERY(evidence_piece_sql, "bib", "", "insert into desk.evidence_piece (file, n, sealed) values ($1, $2, $3)");
DB_QUERY(evidence_there_sql, "ib", "i", "select count(*) from desk.evidence where kind = $1 and thing = $2 and removed_at is null");
DB_QUERY(evidence_rows_sql, "ibi", "bbitiIBB",
         "select id, person, at, type, size, removed_at, wrap, name from desk.evidence where kind = $1 and thing = $2 "
         "order by case when removed_at is null then 0 else 1 end, at desc, id desc limit $3");
DB_QUERY(evidence_one_sql, "bib", "iB", "select size, wrap from desk.evidence where id = $1 and kind = $2 and thing = $3 and removed_at is null");
DB_QUERY(evidence_pieces_sql, "b", "b", "select sealed from desk.evidence_piece where file = $1 order by n");
DB_QUERY(evidence_counts_sql, "ibi", "bi",
         "select thing, count(*) from desk.evidence where kind = $1 and owner = $2 and removed_at is null group by thing order by thing limit $3");
DB_QUERY(evidence_bytes_away_sql, "b", "", "delete from desk.evidence_piece where file = $1");
DB_QUERY(evidence_away_sql, "bibib", "", "update desk.evidence set removed_at = $4, removed_by = $5, wrap = null, name = null "
         "where id = $1 and kind = $2 and thing = $3 and removed_at is null");
DB_QUERY(evidence_all_bytes_away_sql, "ib", "",
         "delete from desk.evidence_piece where file in (select id from desk.evidence where kind = $1 and thing = $2)");
DB_QUERY(evidence_all_away_sql, "ibib", "", "update desk.evidence set removed_at = $3, removed_by = $4, wrap = null, name = null "
         "where kind = $1 and thing = $2 and removed_at is null");

enum err evidence_put_db(struct db *db, struct req *rq, struct evidence_new *x)
{
    struct str rest = buf_str(&x->sealed);
    struct db_rows *r;
    enum err e = db_query(db, &evidence_there_sql, DB_ARGS(DB_I(x->of.kind), DB_ID(x->of.thing)), &r);
    if (e)
        return e;
    x->many = db_next(r) && db_int(r, 0) >= EVIDENCE_MAX;
    e = db_done(&r);
    e = e ? e : x->many ? ERR_CONFLICT : OK;
    e = e ? e : db_exec(db, &evidence_insert_sql,
                        DB_ARGS(DB_ID(x->file.id), DB_I(x->of.kind), DB_ID(x->of.thing), DB_ID(x->of.owner), DB_ID(rq->who.id),
                                DB_I(clock_minute(rq->now)), DB_T(str_from(x->kind.type)), DB_I(x->size), DB_B(STR_BYTES(x->file.wrap)),
                                DB_B(buf_str(&x->name))), NULL);
    for (int64_t n = 0; rest.n > 0 && !e; n++) {
        size_t take = rest.n < PIECE ? rest.n : PIECE;
        e = db_exec(db, &evidence_piece_sql, DB_ARGS(DB_ID(x->file.id), DB_I(n), DB_B(str_slice(rest, 0, take))), NULL);
        rest = str_slice(rest, take, rest.n);
    }
    return e;
}

static void row_tell(struct req *rq, struct str base, struct evidence_file *f)
{
    char hex[ID_HEX];
    id_hex(f->id, hex);
    f->name = STR("");
    f->at_text = req_time(rq, f->at);
    f->size_text = arena_printf(rq->arena, "%lld kB", (long long)(f->size + 999) / 1000);
    f->href = arena_printf(rq->arena, "/api/v1%.*s/files/%s", STR_ARG(base), hex);
    f->remove_href = arena_printf(rq->arena, "%.*s/files/%s/remove", STR_ARG(base), hex);
}

enum err evidence_list_db(struct db *db, struct req *rq, const struct evidence_of *of, struct str base, struct list *out)
{
    struct evidence_file *at = arena_array(rq->arena, EVIDENCE_TOLD_MAX, sizeof *at);
    struct db_rows *r;
    size_t n = 0;
    enum err e = at ? db_query(db, &evidence_rows_sql, DB_ARGS(DB_I(of->kind), DB_ID(of->thing), DB_I(EVIDENCE_TOLD_MAX)), &r) : ERR_MEMORY;
    if (e)
        return e;
    for (; !e && n < EVIDENCE_TOLD_MAX && db_next(r); n++) {
        struct evidence_file *f = &at[n];
        *f = (struct evidence_file){.at = db_int(r, 2), .type = arena_str(rq->arena, db_str(r, 3)), .size = db_int(r, 4),
                                    .removed_at = db_null(r, 5) ? INT64_MIN : db_int(r, 5), .there = db_null(r, 5)};
        if (f->there && (db_null(r, 6) || db_null(r, 7)))
            e = ERR_TAMPERED;
        else if (f->there) {
            f->wrap = arena_str(rq->arena, db_str(r, 6));
            f->sealed_name = arena_str(rq->arena, db_str(r, 7));
        }
        if (id_from_bytes(db_str(r, 0), &f->id) || id_from_bytes(db_str(r, 1), &f->person))
            e = ERR_TAMPERED;
        row_tell(rq, base, f);
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = 0; i < n && !e; i++)
        e = people_name(db, rq->arena, at[i].person, &at[i].person_name);
    *out = (struct list){at, n};
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err evidence_find_db(struct db *db, const struct evidence_of *of, struct id file, struct evidence_found *out)
{
    struct db_rows *r;
    buf_clear(&out->sealed);
    enum err e = db_query(db, &evidence_one_sql, DB_ARGS(DB_ID(file), DB_I(of->kind), DB_ID(of->thing)), &r);
    if (e)
        return e;
    bool there = db_next(r), whole = there && !db_null(r, 1) && db_str(r, 1).n == KEEPER_FILE_WRAP;
    if (whole) {
        out->file.id = file;
        out->size = db_int(r, 0);
        memcpy(out->file.wrap, db_str(r, 1).at, KEEPER_FILE_WRAP);
    }
    e = db_done(&r);
    e = e ? e : !there ? ERR_NOT_FOUND : whole ? OK : ERR_TAMPERED;
    e = e ? e : db_query(db, &evidence_pieces_sql, DB_ARGS(DB_ID(file)), &r);
    if (e)
        return e;
    while (db_next(r))
        buf_put(&out->sealed, db_str(r, 0));
    e = db_done(&r);
    return e ? e : buf_ok(&out->sealed) ? ERR_TAMPERED : OK;
}

enum err evidence_counts_db(struct db *db, struct arena *a, enum keeper_file_kind kind, struct id owner, struct list *out)
{
    struct evidence_count *at = NULL;
    struct db_rows *r;
    size_t n = 0, room = 0;
    enum err e = db_query(db, &evidence_counts_sql, DB_ARGS(DB_I(kind), DB_ID(owner), DB_I(COUNTS_MAX)), &r);
    if (e)
        return e;
    while (!e && db_next(r)) {
        if (n == room) { // twice as much: what was there before is less than what is there now
            struct evidence_count *more = arena_array(a, room ? room * 2 : 64, sizeof *more);
            if (!more) {
                e = ERR_MEMORY;
                break;
            }
            if (n > 0)
                memcpy(more, at, n * sizeof *at);
            at = more;
            room = room ? room * 2 : 64;
        }
        at[n].n = db_int(r, 1);
        e = id_from_bytes(db_str(r, 0), &at[n++].thing) ? ERR_TAMPERED : OK;
    }
    enum err done = db_done(&r);
    *out = (struct list){at, n};
    return done ? done : e;
}

int64_t evidence_count(const struct list *counts, struct id thing)
{
    const struct evidence_count *at = counts->at;
    size_t low = 0, high = counts->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = memcmp(at[mid].thing.b, thing.b, sizeof thing.b);
        if (order == 0)
            return at[mid].n;
        low = order < 0 ? mid + 1 : low;
        high = order < 0 ? high : mid;
    }
    return 0;
}

enum err evidence_remove_db(struct db *db, struct req *rq, const struct evidence_of *of, struct id file)
{
    int64_t changed = 0;
    enum err e = db_exec(db, &evidence_away_sql, DB_ARGS(DB_ID(file), DB_I(of->kind), DB_ID(of->thing), DB_I(clock_minute(rq->now)),
                                                         DB_ID(rq->who.id)), &changed);
    e = e ? e : changed == 1 ? OK : ERR_NOT_FOUND;
    return e ? e : db_exec(db, &evidence_bytes_away_sql, DB_ARGS(DB_ID(file)), NULL);
}

enum err evidence_shred_db(struct db *db, struct req *rq, const struct evidence_of *of)
{
    enum err e = db_exec(db, &evidence_all_bytes_away_sql, DB_ARGS(DB_I(of->kind), DB_ID(of->thing)), NULL);
    return e ? e : db_exec(db, &evidence_all_away_sql, DB_ARGS(DB_I(of->kind), DB_ID(of->thing), DB_I(clock_minute(rq->now)), DB_ID(rq->who.id)), NULL);
}

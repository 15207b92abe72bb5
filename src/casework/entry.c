// Entries: what is told in words about a case or a referral, each sealed under its home's key.
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "casework/casework.h"

#define OPEN_BYTES (100u * 1024) // sealed bytes in one call: the keeper's packet holds 128 KiB

DB_QUERY(case_seq_sql, "b", "i", "select coalesce(max(seq), 0) + 1 from desk.case_item where home = $1");
DB_QUERY(case_item_insert_sql, "bbiibbtbbib", "", "insert into desk.case_item (id, home, seq, at, person, unit, kind, "
                                                  "thing, kid, "
         "generation, item) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
// People before all else, because one of them may be somebody who must not be told; then what says how things stand; then
// what was merely noted.
DB_QUERY(case_items_sql, "bi", "biibbtbbib", "select id, seq, at, person, unit, kind, thing, kid, generation, item "
         "from desk.case_item where home = $1 order by case when kind in ('person', 'retracted') then 0 when kind in ('assessment', "
         "'plan', 'route', 'task', 'state') then 1 else 2 end, "
         "seq desc limit $2");
DB_QUERY(case_items_of_sql, "btiBi", "biibbtbbib", "select id, seq, at, person, unit, kind, thing, kid, generation, item "
         "from desk.case_item where home = $1 and kind = $2 and ($3 = 0 or thing = $4) and thing not in (select r.thing from desk.case_item r "
         "where r.home = $1 and r.kind = 'retracted') order by seq desc limit $5");
DB_QUERY(case_items_count_sql, "b", "i", "select count(*) from desk.case_item where home = $1");
DB_QUERY(case_items_thing_sql, "bb", "i", "select count(*) from desk.case_item where home = $1 and thing = $2");
DB_QUERY(case_items_whole_sql, "b", "ii", "select count(*), coalesce(max(seq), 0) from desk.case_item where home = $1");
DB_QUERY(case_item_first_sql, "b", "biibbtbbib", "select id, seq, at, person, unit, kind, thing, kid, generation, item "
         "from desk.case_item where home = $1 order by seq limit 1");

DB_QUERY(case_item_proof_sql, "bi", "biibbtbbib", "select id, seq, at, person, unit, kind, thing, kid, generation, item "
         "from desk.case_item where home = $1 and generation = $2 order by seq limit 1");

void case_entry_ad(struct record_ad *ad, const struct case_entry *e)
{
    struct buf columns;
    buf_init(&columns, 512);
    record_meta_int(&columns, e->at);
    record_meta_str(&columns, id_bytes(&e->person));
    record_meta_str(&columns, id_bytes(&e->unit));
    record_meta_str(&columns, e->kind);
    record_meta_str(&columns, id_bytes(&e->thing));
    *ad = (struct record_ad){.type = e->type, .direction = RECORD_NONE, .version = 1, .seq = (uint64_t)e->seq,
                             .home = e->home,
                             .item = e->id, .kid = e->kid, .generation = e->generation};
    record_meta(ad->meta, &columns);
    buf_free(&columns);
}

enum err case_seq_db(struct db *db, struct id home, int64_t *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &case_seq_sql, DB_ARGS(DB_ID(home)), &r);
    if (e)
        return e;
    int64_t seq = db_next(r) ? db_int(r, 0) : 1;
    e = db_done(&r);
    if (!e)
        *out = seq;
    return e;
}

void case_entry_begin(const struct req *rq, struct id unit, struct case_entry *e)
{
    e->id = id_random();
    e->at = clock_minute(rq->now);
    e->person = rq->who.id;
    e->unit = unit;
    if (id_zero(e->thing))
        e->thing = e->id;
}

enum err case_entry_seal(struct req *rq, const struct keeper_path *path, struct str plain, struct case_entry *e)
{
    struct record_ad ad;
    struct buf sealed;
    if (plain.n > CASE_ENTRY_BYTES_MAX)
        return ERR_TOO_LARGE;
    case_entry_begin(rq, path->step[0].parent, e);
    case_entry_ad(&ad, e);
    buf_init(&sealed, RECORD_ITEM_MAX + 4096);
    enum err err = keeper_seal(rq->sv->keeper, &rq->token, path, &ad, plain, &sealed);
    e->kid = ad.kid;
    e->sealed = arena_str(rq->arena, buf_str(&sealed));
    buf_free(&sealed);
    return err ? err : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err case_entry_db(struct db *db, const struct case_entry *e)
{
    return db_exec(db, &case_item_insert_sql,
                   DB_ARGS(DB_ID(e->id), DB_ID(e->home), DB_I(e->seq), DB_I(e->at), DB_ID(e->person), DB_ID(e->unit),
                           DB_T(e->kind),
                           DB_ID(e->thing), DB_B(STR_BYTES(e->kid.b)), DB_I(e->generation), DB_B(e->sealed)), NULL);
}

static enum err entry_row(struct arena *a, const struct db_rows *r, struct case_entry *e)
{
    struct str kid = db_str(r, 7);
    e->seq = db_int(r, 1);
    e->at = db_int(r, 2);
    e->kind = arena_str(a, db_str(r, 5));
    e->generation = (uint64_t)db_int(r, 8);
    e->sealed = arena_str(a, db_str(r, 9));
    if (kid.n != sizeof e->kid.b || id_from_bytes(db_str(r, 0), &e->id) || id_from_bytes(db_str(r, 3), &e->person) ||
        id_from_bytes(db_str(r, 4), &e->unit) || id_from_bytes(db_str(r, 6), &e->thing))
        return ERR_TAMPERED;
    memcpy(e->kid.b, kid.at, sizeof e->kid.b);
    return arena_failed(a) ? ERR_MEMORY : OK;
}

static enum err one_entry(struct db *db, struct arena *a, const struct db_query *q, struct db_args args, struct id home,
                          enum record_type type, struct case_entry *out)
{
    struct case_entry first = {.home = home, .type = type};
    struct db_rows *r;
    enum err e = db_query(db, q, args, &r);
    if (e)
        return e;
    e = db_next(r) ? entry_row(a, r, &first) : ERR_NOT_FOUND;
    enum err done = db_done(&r);
    if (!e && !done)
        *out = first;
    return done ? done : e;
}

enum err case_entry_first_db(struct db *db, struct arena *a, struct id home, enum record_type type,
                             struct case_entry *out)
{
    return one_entry(db, a, &case_item_first_sql, DB_ARGS(DB_ID(home)), home, type, out);
}

enum err case_entry_proof_db(struct db *db, struct arena *a, struct id home, enum record_type type, uint64_t generation,
                             struct case_entry *out)
{
    return one_entry(db, a, &case_item_proof_sql, DB_ARGS(DB_ID(home), DB_I(generation)), home, type, out);
}

static int by_seq(const void *a_, const void *b_)
{
    const struct case_entry *a = a_, *b = b_;
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static enum err entries_count(struct db *db, struct id home, size_t *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &case_items_count_sql, DB_ARGS(DB_ID(home)), &r);
    if (e)
        return e;
    *out = db_next(r) ? (size_t)db_int(r, 0) : 0;
    return db_done(&r);
}

enum err case_thing_db(struct db *db, struct id home, struct id thing, bool *there)
{
    struct db_rows *r;
    enum err e = db_query(db, &case_items_thing_sql, DB_ARGS(DB_ID(home), DB_ID(thing)), &r);
    if (e)
        return e;
    *there = db_next(r) && db_int(r, 0) > 0;
    return db_done(&r);
}

// Places run from 1 without a gap, and each version of a case but those of retention came with an entry.
enum err case_removed_db(struct db *db, struct id home, int64_t version, bool *removed)
{
    struct db_rows *r;
    enum err e = db_query(db, &case_items_whole_sql, DB_ARGS(DB_ID(home)), &r);
    if (e)
        return e;
    *removed = db_next(r) && (db_int(r, 0) != db_int(r, 1) || db_int(r, 1) < version);
    return db_done(&r);
}

enum err case_entries_db(struct db *db, struct arena *a, struct id home, enum record_type type, struct list *out,
                          bool *more)
{
    size_t n = 0, all = 0, bytes = 0;
    struct db_rows *r;
    enum err e = entries_count(db, home, &all);
    size_t most = all > CASE_ENTRIES_MAX ? CASE_ENTRIES_MAX : all;
    struct case_entry *at = e ? NULL : arena_array(a, most, sizeof *at);
    if (!e && !at)
        e = ERR_MEMORY;
    if (!e)
        e = db_query(db, &case_items_sql, DB_ARGS(DB_ID(home), DB_I(most)), &r);
    if (e)
        return e;
    while (!e && n < most && bytes < CASE_ENTRIES_BYTES && db_next(r)) {
        at[n] = (struct case_entry){.home = home, .type = type};
        e = entry_row(a, r, &at[n]);
        bytes += at[n++].sealed.n;
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    if (e)
        return e;
    qsort(at, n, sizeof *at, by_seq);
    *out = (struct list){at, n};
    if (more)
        *more = n < all;
    return OK;
}

enum err case_entries_of_db(struct db *db, struct arena *a, struct id home, enum record_type type, struct str kind,
                            struct id thing, size_t max, struct list *out)
{
    struct case_entry *at = arena_array(a, max, sizeof *at);
    struct db_rows *r;
    size_t n = 0;
    if (!at)
        return ERR_MEMORY;
    enum err e = db_query(db, &case_items_of_sql, DB_ARGS(DB_ID(home), DB_T(kind), DB_I(id_zero(thing) ? 0 : 1),
                                                          DB_ID(thing), DB_I(max)), &r);
    if (e)
        return e;
    while (!e && n < max && db_next(r)) {
        at[n] = (struct case_entry){.home = home, .type = type};
        e = entry_row(a, r, &at[n++]);
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    if (e)
        return e;
    qsort(at, n, sizeof *at, by_seq);
    *out = (struct list){at, n};
    return OK;
}

static enum err open_some(struct req *rq, enum keeper_purpose purpose, const struct keeper_path *path,
                          struct case_entry *at, size_t n)
{
    struct keeper_item item[KEEPER_ITEMS_MAX];
    for (size_t i = 0; i < n; i++) {
        item[i] = (struct keeper_item){.sealed = at[i].sealed};
        case_entry_ad(&item[i].ad, &at[i]);
    }
    enum err e = keeper_open(rq->sv->keeper, &rq->token, purpose, path, item, n, rq->arena);
    for (size_t i = 0; i < n && !e; i++)
        at[i].plain = item[i].plain.at ? item[i].plain : STR("");
    return e;
}

enum err case_entries_open(struct req *rq, enum keeper_purpose purpose, const struct keeper_path *path,
                           struct case_entry *at, size_t n)
{
    struct keeper_path way = *path;
    uint64_t generation = path->step[0].generation; // of the key that way leads to
    for (size_t from = 0; from < n;) {
        size_t to = from, bytes = 0;
        do
            bytes += at[to++].sealed.n;
        while (to < n && to - from < KEEPER_ITEMS_MAX && bytes + at[to].sealed.n <= OPEN_BYTES &&
               at[to].generation == at[from].generation);
        enum err e = OK;
        if (at[from].generation != generation) {
            generation = at[from].generation;
            e = case_path_older(rq, at[from].home, path->step[0].parent, generation, &way);
            if (e == ERR_TAMPERED) {
                generation = UINT64_MAX; // the next one asks again
                from = to;
                continue;
            }
        }
        if (!e)
            e = open_some(rq, purpose, &way, at + from, to - from);
        // One altered entry must not hide the others: then each by itself.
        for (size_t i = from; e == ERR_TAMPERED && to - from > 1 && i < to; i++) {
            enum err one = open_some(rq, purpose, &way, at + i, 1);
            if (one && one != ERR_TAMPERED)
                return one;
        }
        if (e && e != ERR_TAMPERED)
            return e;
        from = to;
    }
    return OK;
}

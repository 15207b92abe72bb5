// Flaggers' rows: the desk's own, the figures counted from the reports, and the copy in reply by which the portal knows a credential.
// The copy is made whole each time, so that a crash between the two stores mends itself.
#include <stdlib.h>
#include "base/clock.h"
#include "base/log.h"
#include "report/desk/flagger.h"

#define MIRROR_EVERY (60 * INT64_C(1000000000)) // ns

DB_QUERY(flagger_list_sql, "i", "bbtttbiI", "select f.id, f.institution, f.name, i.name, i.name_en, f.secret, f.made, f.revoked "
         "from desk.flagger f cross join desk.institution i where i.id = f.institution order by f.made, f.id limit $1");
// Judged: the newest assessment, where the question set wants two persons with another person's of the same verdict. What
// wants two is what the country pack calls illegal.
DB_QUERY(flagger_counts_sql, "b", "tIi",
         "select x.state, x.verdict, count(*) from (select r.state as state, (select cast(case when a.second = 0 then 1 when exists (select 1 "
         "from desk.assessment b where b.report = a.report and b.verdict = a.verdict and b.person <> a.person) then 2 else 0 end as bigint) "
         "from desk.assessment a where a.report = r.id order by a.seq desc limit 1) as verdict from desk.flagged f cross join desk.report r "
         "where f.flagger = $1 and r.id = f.report) as x group by x.state, x.verdict order by x.state, x.verdict");
DB_QUERY(flagger_mirror_sql, "btbiiiiiii", "",
         "insert into reply.flagger (id, name, secret, active, sent, waiting, illegal, lawful, duplicates, spam) "
         "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (id) do update set name = excluded.name, active = excluded.active, "
         "sent = excluded.sent, waiting = excluded.waiting, illegal = excluded.illegal, lawful = excluded.lawful, "
         "duplicates = excluded.duplicates, spam = excluded.spam");

DB_QUERY(flagger_of_sql, "b", "t", "select g.name from desk.flagged f cross join desk.flagger g where f.report = $1 and g.id = f.flagger");

enum err flagger_of_db(struct db *db, struct arena *a, struct id report, struct str *name)
{
    struct db_rows *r;
    enum err e = db_query(db, &flagger_of_sql, DB_ARGS(DB_ID(report)), &r);
    if (e)
        return e;
    *name = db_next(r) ? arena_str(a, db_str(r, 0)) : (struct str){0};
    return db_done(&r);
}

static void count(struct flagger *f, struct str state, int64_t verdict, int64_t n)
{
    f->sent += n;
    if (str_equal_z(state, "spam"))
        f->spam += n;
    else if (str_equal_z(state, "duplicate"))
        f->duplicates += n;
    else if (verdict == 2)
        f->illegal += n;
    else if (verdict == 1)
        f->lawful += n;
    else
        f->waiting += n;
}

static enum err counts(struct db *db, struct flagger *f)
{
    struct db_rows *r;
    enum err e = db_query(db, &flagger_counts_sql, DB_ARGS(DB_ID(f->id)), &r);
    if (e)
        return e;
    while (db_next(r))
        count(f, db_str(r, 0), db_null(r, 1) ? 0 : db_int(r, 1), db_int(r, 2));
    return db_done(&r);
}

enum err flagger_list_db(struct db *db, void *arg)
{
    struct flaggers *l = arg;
    struct db_rows *r;
    enum err e = db_query(db, &flagger_list_sql, DB_ARGS(DB_I(FLAGGERS_MAX)), &r);
    if (e)
        return e;
    for (l->n = 0; l->n < FLAGGERS_MAX && db_next(r);) {
        struct flagger *f = &l->at[l->n];
        *f = (struct flagger){.name = arena_str(l->a, db_str(r, 2)), .institution_name = arena_str(l->a, db_str(r, 3)),
                              .institution_name_en = arena_str(l->a, db_str(r, 4)), .secret = arena_str(l->a, db_str(r, 5)),
                              .made = db_int(r, 6), .revoked = db_null(r, 7) ? INT64_MIN : db_int(r, 7)};
        l->n += !id_from_bytes(db_str(r, 0), &f->id) && !id_from_bytes(db_str(r, 1), &f->institution);
    }
    e = db_done(&r);
    for (size_t i = 0; i < l->n && !e; i++)
        e = counts(db, &l->at[i]);
    return e ? e : arena_failed(l->a) ? ERR_MEMORY : OK;
}

static enum err mirror_write(struct db *db, void *arg)
{
    const struct flaggers *l = arg;
    enum err e = OK;
    for (size_t i = 0; i < l->n && !e; i++) {
        const struct flagger *f = &l->at[i];
        e = db_exec(db, &flagger_mirror_sql, DB_ARGS(DB_ID(f->id), DB_T(f->name), DB_B(f->secret), DB_I(f->revoked == INT64_MIN),
                                                 DB_I(f->sent), DB_I(f->waiting), DB_I(f->illegal), DB_I(f->lawful),
                                                 DB_I(f->duplicates), DB_I(f->spam)), NULL);
    }
    return e;
}

enum err flagger_mirror(struct services *sv)
{
    struct arena *a;
    enum err e = arena_new(256 * 1024, &a);
    if (e)
        return e;
    struct flaggers *l = ARENA_NEW(a, struct flaggers);
    if (l)
        l->a = a;
    e = l ? store_read(sv->store, flagger_list_db, l) : ERR_MEMORY;
    if (!e && l->n > 0)
        e = store_write(sv->reply, mirror_write, l);
    arena_free(&a);
    return e;
}

void flagger_settle(struct services *sv)
{
    static int64_t last; // the settler's thread alone comes here
    int64_t now = clock_mono();
    if (last > 0 && now - last < MIRROR_EVERY)
        return;
    enum err e = flagger_mirror(sv);
    if (e)
        log_event(LOG_WARN, "flagger.not_mirrored", LOG_ERR(e)); // tried again at the next idle look
    else
        last = now;
}

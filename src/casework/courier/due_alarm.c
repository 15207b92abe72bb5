#include "casework/courier/due_alarm.h"

#include "base/clock.h"
#include "base/log.h"
#include "job/outbox.h"
#include "people/people.h"

#define DUE_ALARM_TIME (60 * INT64_C(1000000000)) // ns that one look may take
#define SUPERVISORS_MAX 4                         // who are told

DB_QUERY(due_review_sql, "ii", "bbbBi", "select id, id, owner, worker, review_due from desk.case_file where review_due <= $1 and state <> 'closed' "
         "and (review_told is null or review_told <> review_due) order by review_due limit $2");
DB_QUERY(due_appeal_sql, "ii", "bbbBi", "select r.id, c.id, c.owner, c.worker, r.appeal_due from desk.case_route r join desk.case_file c on c.id = r.case_id "
         "where r.appeal_due <= $1 and c.state <> 'closed' and (r.appeal_told is null or r.appeal_told <> r.appeal_due) order by r.appeal_due limit $2");
DB_QUERY(due_task_sql, "ii", "bbbBi", "select t.id, c.id, c.owner, coalesce(t.worker, c.worker), t.due from desk.case_task t join desk.case_file c "
         "on c.id = t.case_id where t.done is null and t.due <= $1 and c.state <> 'closed' and (t.told is null or t.told <> t.due) order by t.due limit $2");
DB_QUERY(due_review_told_sql, "bi", "", "update desk.case_file set review_told = $2 where id = $1");
DB_QUERY(due_appeal_told_sql, "bi", "", "update desk.case_route set appeal_told = $2 where id = $1");
DB_QUERY(due_task_told_sql, "bi", "", "update desk.case_task set told = $2 where id = $1");
DB_QUERY(due_worker_sql, "bb", "tt", "select p.mail, p.language from desk.person p join desk.member m on m.person = p.id where m.unit = $1 and p.id = $2 "
         "and p.disabled = 0 and p.mail <> ''");
DB_QUERY(due_supervisors_sql, "bii", "tt", "select p.mail, p.language from desk.person p join desk.member m on m.person = p.id where m.unit = $1 "
         "and (p.roles & $2) <> 0 and p.disabled = 0 and p.mail <> '' order by p.id limit $3");

static const struct due_kind {
    const struct db_query *due, *told;
    int64_t before; // so long before it is told, µs
    enum message what;
} kinds[] = {
    {&due_review_sql, &due_review_told_sql, 0, MSG_CASEWORK_DUE_REVIEW},
    {&due_appeal_sql, &due_appeal_told_sql, CASE_APPEAL_NOTICE, MSG_CASEWORK_DUE_APPEAL},
    {&due_task_sql, &due_task_told_sql, 0, MSG_CASEWORK_DUE_TASK},
};

struct due { struct id thing, case_id, unit, worker; int64_t at; };
struct told { struct str mail, language; };
struct look {
    struct services *sv;
    struct arena *arena;
    const struct due_kind *kind;
    int64_t now;
    size_t n;      // out: how many were told of
    size_t nobody; // out: of how many nobody could be told
    struct due at[DUE_ALARM_MAX];
};

static enum err due_read(struct db *db, struct look *l)
{
    struct db_rows *r;
    enum err e = db_query(db, l->kind->due, DB_ARGS(DB_I(l->now + l->kind->before), DB_I(DUE_ALARM_MAX)), &r);
    if (e)
        return e;
    for (l->n = 0; !e && l->n < DUE_ALARM_MAX && db_next(r); l->n++) {
        struct due *d = &l->at[l->n];
        *d = (struct due){.at = db_int(r, 4)};
        if (id_from_bytes(db_str(r, 0), &d->thing) || id_from_bytes(db_str(r, 1), &d->case_id) || id_from_bytes(db_str(r, 2), &d->unit) ||
            (!db_null(r, 3) && id_from_bytes(db_str(r, 3), &d->worker)))
            e = ERR_TAMPERED;
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err told_read(struct look *l, struct db_rows *r, struct told out[SUPERVISORS_MAX], size_t *n)
{
    for (*n = 0; *n < SUPERVISORS_MAX && db_next(r); (*n)++)
        out[*n] = (struct told){arena_str(l->arena, db_str(r, 0)), arena_str(l->arena, db_str(r, 1))};
    enum err e = db_done(&r);
    return e ? e : arena_failed(l->arena) ? ERR_MEMORY : OK;
}

static enum err people_of(struct db *db, struct look *l, const struct due *d, struct told out[SUPERVISORS_MAX], size_t *n)
{
    struct db_rows *r;
    *n = 0;
    enum err e = OK;
    if (!id_zero(d->worker)) {
        e = db_query(db, &due_worker_sql, DB_ARGS(DB_ID(d->unit), DB_ID(d->worker)), &r);
        e = e ? e : told_read(l, r, out, n);
    }
    if (e || *n > 0)
        return e;
    e = db_query(db, &due_supervisors_sql, DB_ARGS(DB_ID(d->unit), DB_I(1 << ROLE_SUPERVISOR), DB_I(SUPERVISORS_MAX)), &r);
    e = e ? e : told_read(l, r, out, n);
    if (e || *n > 0)
        return e;
    // A unit that received the case by transfer has contacts and no supervisor: then its members.
    e = db_query(db, &due_supervisors_sql, DB_ARGS(DB_ID(d->unit), DB_I(INT32_MAX), DB_I(SUPERVISORS_MAX)), &r);
    return e ? e : told_read(l, r, out, n);
}

static enum err tell(struct db *db, const struct look *l, const struct told *who, struct id case_id)
{
    const struct config *c = l->sv->config;
    const struct lang *lang = text_lang(who->language) ? text_lang(who->language) : text_default();
    struct buf subject, body;
    char hex[ID_HEX];
    buf_init(&subject, 512);
    buf_init(&body, 4096);
    struct str link = arena_printf(l->arena, "%s/cases/%s", c->desk_url, id_hex(case_id, hex)), what = text_get(lang, l->kind->what);
    text_put(&subject, lang, MSG_CASEWORK_DUE_SUBJECT, TEXT_ARGS(TEXT_S("what", what)));
    text_put(&body, lang, MSG_CASEWORK_DUE_BODY, TEXT_ARGS(TEXT_S("what", what), TEXT_S("link", link)));
    enum err e = buf_ok(&subject) ? buf_ok(&subject) : buf_ok(&body);
    if (!e && *c->smtp_url)
        e = outbox_add(db, OUTBOX_MAIL, who->mail, buf_str(&subject), buf_str(&body), l->now);
    buf_free(&subject);
    buf_free(&body);
    return e;
}

static enum err look_db(struct db *db, void *arg)
{
    struct look *l = arg;
    l->nobody = 0;
    enum err e = due_read(db, l);
    for (size_t i = 0; i < l->n && !e; i++) {
        const struct due *d = &l->at[i];
        struct told who[SUPERVISORS_MAX];
        size_t n = 0;
        e = people_of(db, l, d, who, &n);
        for (size_t k = 0; k < n && !e; k++)
            e = tell(db, l, &who[k], d->case_id);
        l->nobody += n == 0;
        if (!e)
            e = db_exec(db, l->kind->told, DB_ARGS(DB_ID(d->thing), DB_I(d->at)), NULL);
    }
    return e;
}

void case_due_alarm_run(struct services *sv)
{
    static struct look l; // one thread
    int64_t from = clock_mono();
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        enum err e = OK;
        do {
            l = (struct look){.sv = sv, .kind = &kinds[k], .now = clock_now()};
            if (arena_new(1 << 20, &l.arena))
                return;
            e = store_write(sv->store, look_db, &l);
            arena_free(&l.arena);
            if (e)
                log_event(LOG_WARN, "due-alarm.failed", LOG_ERR(e));
            else if (l.nobody)
                log_event(LOG_ALARM, "case.nobody", LOG_I("due", l.nobody));
        } while (!e && l.n == DUE_ALARM_MAX && clock_mono() - from < DUE_ALARM_TIME);
    }
}

// What holds a case open, each thing with its name and the place where it stands on the case's page. Names come from clear rows
// (kind, stage, day, institution, category): what is told in words is opened on that page alone.
#include "casework/handlers.h"

DB_QUERY(holds_sql, "bi", "tb", "select track, thing from desk.case_hold where case_id = $1 order by since, track, thing limit $2");
DB_QUERY(holds_reports_sql, "bi", "b", "select report from desk.case_report where case_id = $1 order by added, report limit $2");
DB_QUERY(holds_route_sql, "b", "tt", "select kind, stage from desk.case_route where id = $1");
DB_QUERY(holds_address_sql, "b", "t", "select stage from desk.case_address where id = $1");
DB_QUERY(holds_task_sql, "b", "iB", "select due, worker from desk.case_task where id = $1");

enum err case_verdicts_db(struct db *db, struct arena *a, struct id case_id, struct id *out, size_t *n)
{
    struct id report[CASE_THINGS_MAX];
    struct db_rows *r;
    size_t reports = 0;
    *n = 0;
    enum err e = db_query(db, &holds_reports_sql, DB_ARGS(DB_ID(case_id), DB_I(CASE_THINGS_MAX)), &r);
    if (e)
        return e;
    while (reports < CASE_THINGS_MAX && db_next(r))
        if (id_from_bytes(db_str(r, 0), &report[reports++]))
            e = ERR_TAMPERED;
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = 0; i < reports && !e; i++) {
        bool waits = false;
        e = report_assess_settled_db(db, a, report[i], &waits);
        if (waits)
            out[(*n)++] = report[i];
    }
    return e;
}

enum err case_verdict_waits_db(struct db *db, struct arena *a, struct id case_id, bool *waits)
{
    struct id report[CASE_THINGS_MAX];
    size_t n = 0;
    enum err e = case_verdicts_db(db, a, case_id, report, &n);
    *waits = n > 0;
    return e;
}

// ── what each is called ──
static enum err route_name(struct db *db, struct req *rq, struct case_hold *h)
{
    struct db_rows *r;
    enum err e = db_query(db, &holds_route_sql, DB_ARGS(DB_ID(h->thing)), &r);
    if (e)
        return e;
    if (db_next(r)) {
        struct str kind = pack_label(rq->sv->pack, "route_kind", db_str(r, 0), rq->lang), stage = case_stage_text(rq, db_str(r, 1));
        h->name = arena_printf(rq->arena, "%.*s: %.*s", STR_ARG(kind), STR_ARG(stage));
    }
    return db_done(&r);
}

static enum err address_name(struct db *db, struct req *rq, struct case_hold *h)
{
    struct db_rows *r;
    enum err e = db_query(db, &holds_address_sql, DB_ARGS(DB_ID(h->thing)), &r);
    if (e)
        return e;
    if (db_next(r))
        h->name = arena_str(rq->arena, case_stage_text(rq, db_str(r, 0)));
    return db_done(&r);
}

static enum err task_name(struct db *db, struct req *rq, struct case_hold *h)
{
    struct id worker = {{0}};
    struct str name = STR("");
    struct db_rows *r;
    int64_t due = INT64_MIN;
    enum err e = db_query(db, &holds_task_sql, DB_ARGS(DB_ID(h->thing)), &r);
    if (e)
        return e;
    if (db_next(r)) {
        due = db_int(r, 0);
        if (!db_null(r, 1) && id_from_bytes(db_str(r, 1), &worker))
            e = ERR_TAMPERED;
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    if (!e && !id_zero(worker))
        e = people_name(db, rq->arena, worker, &name);
    if (e || due == INT64_MIN)
        return e;
    struct buf b;
    buf_init(&b, CASE_LINE_MAX);
    text_put(&b, rq->lang, MSG_CASEWORK_TASK_DUE, TEXT_ARGS(TEXT_S("day", req_date(rq, due, DATE_DAY))));
    h->name = arena_printf(rq->arena, "%.*s%s%.*s", STR_ARG(buf_str(&b)), name.n ? " · " : "", STR_ARG(name));
    buf_free(&b);
    return OK;
}

// Referrals are a room above: asked once, and only where one holds.
static enum err referral_name(struct db *db, struct req *rq, struct id case_id, struct case_hold *h, struct case_more *more, bool *asked)
{
    enum err e = OK;
    for (case_more_fn *const *room = case_rooms; !*asked && !e && room && *room; room++)
        e = (*room)(db, rq, case_id, more);
    *asked = true;
    const struct case_referral *f = more->referrals.at;
    for (size_t i = 0; i < more->referrals.n && !e; i++)
        if (id_equal(f[i].id, h->thing))
            h->name = arena_printf(rq->arena, "%.*s: %.*s", STR_ARG(f[i].to_name), STR_ARG(f[i].state_text));
    return e;
}

static enum err report_name(struct db *db, struct req *rq, struct case_hold *h)
{
    struct report_key key = {0};
    enum err e = report_key_db(db, rq->arena, &rq->who, h->thing, &key);
    h->name = e ? text_get(rq->lang, MSG_CASEWORK_REPORT_OTHER) : pack_category_label(rq->sv->pack, key.category, rq->lang);
    return e == ERR_NOT_FOUND ? OK : e;
}

enum err case_holds_db(struct db *db, struct req *rq, struct id case_id, struct list *out)
{
    static const struct { enum case_track track; enum message m; enum err (*name)(struct db *, struct req *, struct case_hold *); } words[] = {
        {TRACK_JUSTICE, MSG_CASEWORK_HOLD_JUSTICE, route_name}, {TRACK_CONTENT, MSG_CASEWORK_HOLD_CONTENT, address_name},
        {TRACK_REFERRAL, MSG_CASEWORK_HOLD_REFERRAL, NULL}, {TRACK_TASK, MSG_CASEWORK_HOLD_TASK, task_name},
        {TRACK_VERDICT, MSG_CASEWORK_HOLD_VERDICT, report_name},
    };
    char home[ID_HEX], hex[ID_HEX];
    struct id verdict[CASE_THINGS_MAX];
    struct case_more more = {0};
    size_t verdicts = 0, n = 0;
    bool asked = false;
    struct case_hold *at = arena_array(rq->arena, 2 * CASE_THINGS_MAX, sizeof *at);
    struct db_rows *r;
    if (!at)
        return ERR_MEMORY;
    enum err e = db_query(db, &holds_sql, DB_ARGS(DB_ID(case_id), DB_I(CASE_THINGS_MAX)), &r);
    if (e)
        return e;
    while (n < CASE_THINGS_MAX && db_next(r)) {
        at[n] = (struct case_hold){.track = arena_str(rq->arena, db_str(r, 0))};
        if (id_from_bytes(db_str(r, 1), &at[n++].thing))
            e = ERR_TAMPERED;
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    if (!e)
        e = case_verdicts_db(db, rq->arena, case_id, verdict, &verdicts);
    for (size_t i = 0; i < verdicts && !e; i++)
        at[n++] = (struct case_hold){.track = str_from(case_track_name(TRACK_VERDICT)), .thing = verdict[i]};
    for (size_t i = 0; i < n && !e; i++) {
        at[i].path = arena_printf(rq->arena, "/cases/%s#%s", id_hex(case_id, home), id_hex(at[i].thing, hex));
        for (size_t k = 0; k < sizeof words / sizeof *words && !e; k++) {
            if (!str_equal_z(at[i].track, case_track_name(words[k].track)))
                continue;
            at[i].track_text = text_get(rq->lang, words[k].m);
            e = words[k].name ? words[k].name(db, rq, &at[i]) : referral_name(db, rq, case_id, &at[i], &more, &asked);
        }
    }
    if (!e)
        *out = (struct list){at, n};
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

// The page of retention: rules, what is due, what is held, what was asked for and what was done. Ids, categories and days
// only: nothing sealed is opened here.
#include <string.h>
#include "retention/handlers.h"
#include "text/date.h"

DB_QUERY(hold_list_sql, "i", "tbbit", "select kind, thing, person, at, reason from desk.retention_hold order by at desc, thing limit $1");
DB_QUERY(erasure_list_sql, "i", "btbbtbitBI",
         "select id, kind, thing, unit, reason, asked_by, asked_at, state, decided_by, decided_at from desk.erasure "
         "order by case when state = 'asked' then 0 else 1 end, asked_at desc, id limit $1");
DB_QUERY(done_list_sql, "i", "tbbti", "select kind, thing, unit, act, day from desk.retained order by seq desc limit $1");
DB_QUERY(hold_unit_sql, "b", "b", "select unit from desk.report where id = $1 union all select owner from desk.case_file where id = $1");

static struct str of_text(const struct req *rq, struct str of)
{
    return text_get(rq->lang, str_equal_z(of, "case") ? MSG_RETENTION_CASE : MSG_RETENTION_REPORT);
}

static struct str act_text(const struct req *rq, struct str act)
{
    return text_get(rq->lang, str_equal_z(act, "anonymised") ? MSG_RETENTION_ACT_ANONYMISED
                              : str_equal_z(act, "erased")   ? MSG_RETENTION_ACT_ERASED
                                                             : MSG_RETENTION_ACT_DELETED);
}

static bool in_sight(const struct req *rq, struct id unit)
{
    return retention_all(rq) || person_of_unit(&rq->who, unit);
}

static struct str days_text(const struct req *rq, int64_t days)
{
    struct buf b;
    buf_init(&b, 64);
    buf_printf(&b, "%lld", (long long)days);
    struct str s = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return s;
}

static void rules_show(struct req *rq, struct retention_list_out *out)
{
    size_t n = 0;
    while (pack_retention_at(rq->sv->pack, n))
        n++;
    struct retention_rule *at = arena_array(rq->arena, n + 1, sizeof *at);
    for (size_t i = 0; at && i < n; i++) {
        const struct pack_retention *p = pack_retention_at(rq->sv->pack, i);
        struct str of = p->is_case ? STR("case") : STR("report");
        bool all = str_equal_z(p->category, "*");
        at[i] = (struct retention_rule){.of = of, .state = p->state, .category = p->category, .anonymise = p->anonymise,
                                        .remove = p->remove,
                                        .of_text = p->is_case ? text_get(rq->lang, MSG_RETENTION_CASE_CLOSED)
                                                   : str_equal_z(p->state, "closed")    ? text_get(rq->lang, MSG_RETENTION_REPORT_CLOSED)
                                                   : str_equal_z(p->state, "duplicate") ? text_get(rq->lang, MSG_RETENTION_REPORT_DUPLICATE)
                                                   : str_equal_z(p->state, "spam")      ? text_get(rq->lang, MSG_RETENTION_REPORT_SPAM)
                                                                                        : text_get(rq->lang, MSG_RETENTION_REPORT_WITHDRAWN),
                                        .category_text = all ? text_get(rq->lang, MSG_RETENTION_ALL)
                                                             : pack_category_label(rq->sv->pack, p->category, rq->lang),
                                        .anonymise_text = days_text(rq, p->anonymise),
                                        .remove_text = days_text(rq, p->remove)};
    }
    out->rules = (struct list){at, at ? n : 0};
}

static void due_show(struct req *rq, struct retention_list_out *out)
{
    struct upcoming up;
    retention_upcoming(&up);
    struct retention_due *at = arena_array(rq->arena, RETENTION_SHOWN, sizeof *at);
    size_t n = 0;
    for (size_t i = 0; at && i < up.n; i++) {
        const struct thing *t = &up.at[i];
        struct str act = str_from(retention_act_name(t->act)), of = t->is_case ? STR("case") : STR("report");
        struct str category = arena_str(rq->arena, str_from(t->category));
        if (in_sight(rq, t->unit))
            at[n++] = (struct retention_due){.thing = t->id, .of = of, .act = act, .category = category, .due = t->due,
                                             .held = t->held, .of_text = of_text(rq, of),
                                             .act_text = text_get(rq->lang,
                                                                  t->act == ACT_DELETE ? MSG_RETENTION_WILL_DELETE
                                                                  : MSG_RETENTION_WILL_ANONYMISE),
                                             .category_text = pack_category_label(rq->sv->pack, category, rq->lang),
                                             .due_text = req_date(rq, t->due, DATE_DAY)};
    }
    out->due = (struct list){at, n};
    out->looked = up.looked ? up.looked : INT64_MIN;
    out->looked_text = up.looked ? req_date(rq, up.looked, DATE_MINUTE) : STR("");
    out->more = retention_all(rq) ? (int64_t)up.more : 0;
    out->has_more = out->more > 0;
}

struct showing { struct req *rq; struct retention_list_out *out; };

static enum err holds_read(struct db *db, struct showing *s)
{
    struct req *rq = s->rq;
    struct retention_hold *at = arena_array(rq->arena, RETENTION_LIST_MAX, sizeof *at);
    struct db_rows *r;
    size_t n = 0, kept = 0;
    enum err e = at ? db_query(db, &hold_list_sql, DB_ARGS(DB_I(RETENTION_LIST_MAX)), &r) : ERR_MEMORY;
    if (e)
        return e;
    for (; !e && n < RETENTION_LIST_MAX && db_next(r); n++) {
        at[n] = (struct retention_hold){.of = arena_str(rq->arena, db_str(r, 0)), .at = db_int(r, 3), .reason = arena_str(rq->arena, db_str(r, 4))};
        e = id_from_bytes(db_str(r, 1), &at[n].thing) || id_from_bytes(db_str(r, 2), &at[n].person) ? ERR_TAMPERED : OK;
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = 0; !e && i < n; i++) {
        struct id unit = {0};
        e = db_query(db, &hold_unit_sql, DB_ARGS(DB_ID(at[i].thing)), &r);
        if (e)
            return e;
        if (db_next(r) && id_from_bytes(db_str(r, 0), &unit))
            e = ERR_TAMPERED;
        done = db_done(&r);
        e = done ? done : e;
        if (e || !in_sight(rq, unit))
            continue;
        at[kept] = at[i];
        struct retention_hold *h = &at[kept++];
        h->of_text = of_text(rq, h->of);
        h->reason_text = pack_label(rq->sv->pack, "hold_reason", h->reason, rq->lang);
        h->at_text = req_date(rq, h->at, DATE_DAY);
        e = people_name(db, rq->arena, h->person, &h->name);
    }
    s->out->holds = (struct list){at, kept};
    return e;
}

static enum err erasures_read(struct db *db, struct showing *s)
{
    struct req *rq = s->rq;
    struct retention_erasure *at = arena_array(rq->arena, RETENTION_LIST_MAX, sizeof *at);
    struct db_rows *r;
    size_t n = 0;
    enum err e = at ? db_query(db, &erasure_list_sql, DB_ARGS(DB_I(RETENTION_LIST_MAX)), &r) : ERR_MEMORY;
    if (e)
        return e;
    for (size_t k = 0; !e && k < RETENTION_LIST_MAX && db_next(r); k++) {
        struct retention_erasure *x = &at[n];
        struct id unit;
        *x = (struct retention_erasure){.of = arena_str(rq->arena, db_str(r, 1)), .reason = arena_str(rq->arena, db_str(r, 4)),
                                        .asked_at = db_int(r, 6), .state = arena_str(rq->arena, db_str(r, 7)),
                                        .decided_at = db_null(r, 9) ? INT64_MIN : db_int(r, 9)};
        e = id_from_bytes(db_str(r, 0), &x->id) || id_from_bytes(db_str(r, 2), &x->thing) || id_from_bytes(db_str(r, 3), &unit) ||
                    id_from_bytes(db_str(r, 5), &x->asked_by) || (!db_null(r, 8) && id_from_bytes(db_str(r, 8), &x->decided_by))
                ? ERR_TAMPERED
                : OK;
        n += !e && in_sight(rq, unit);
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = 0; !e && i < n; i++) {
        struct retention_erasure *x = &at[i];
        x->open = str_equal_z(x->state, "asked");
        x->may = x->open && retention_decides(rq) && !id_equal(x->asked_by, rq->who.id);
        x->of_text = of_text(rq, x->of);
        x->reason_text = pack_label(rq->sv->pack, "erasure_reason", x->reason, rq->lang);
        x->state_text = text_get(rq->lang,
                                 x->open ? MSG_RETENTION_ASKED
                                 : str_equal_z(x->state, "done") ? MSG_RETENTION_ACT_ERASED : MSG_RETENTION_REFUSED);
        x->asked_text = req_date(rq, x->asked_at, DATE_DAY);
        e = people_name(db, rq->arena, x->asked_by, &x->name);
    }
    s->out->erasures = (struct list){at, n};
    return e;
}

static enum err done_read(struct db *db, struct showing *s)
{
    struct req *rq = s->rq;
    struct retention_past *at = arena_array(rq->arena, RETENTION_DONE_MAX, sizeof *at);
    struct db_rows *r;
    size_t n = 0;
    enum err e = at ? db_query(db, &done_list_sql, DB_ARGS(DB_I(RETENTION_DONE_MAX)), &r) : ERR_MEMORY;
    if (e)
        return e;
    for (size_t k = 0; !e && k < RETENTION_DONE_MAX && db_next(r); k++) {
        struct retention_past *x = &at[n];
        struct id unit;
        *x = (struct retention_past){.of = arena_str(rq->arena, db_str(r, 0)), .act = arena_str(rq->arena, db_str(r, 3)), .day = db_int(r, 4)};
        e = id_from_bytes(db_str(r, 1), &x->thing) || id_from_bytes(db_str(r, 2), &unit) ? ERR_TAMPERED : OK;
        x->of_text = of_text(rq, x->of);
        x->act_text = act_text(rq, x->act);
        x->day_text = req_date(rq, x->day, DATE_DAY);
        n += !e && in_sight(rq, unit);
    }
    s->out->done = (struct list){at, n};
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err show_read(struct db *db, void *arg)
{
    struct showing *s = arg;
    enum err e = holds_read(db, s);
    e = e ? e : erasures_read(db, s);
    return e ? e : done_read(db, s);
}

enum err retention_show(struct req *rq, struct str thing, struct retention_list_out *out)
{
    struct showing s = {rq, out};
    out->thing = thing;
    out->may_decide = retention_decides(rq);
    out->erasure_reasons = req_choices(rq, "erasure_reason", STR(""));
    out->hold_reasons = req_choices(rq, "hold_reason", STR(""));
    rules_show(rq, out);
    due_show(rq, out);
    enum err e = store_read(rq->sv->store, show_read, &s);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err retention_list_run(struct req *rq, const void *in_, void *out)
{
    const struct retention_list_in *in = in_;
    return retention_show(rq, in->thing, out);
}

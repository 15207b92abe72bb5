// Annual reports: their list, one with its steps, comments and files.
#include "base/clock.h"
#include "people/people.h"
#include "plan/report_files.h"
#include "plan/report_store.h"

#define ARENA_BYTES (96u << 20) // of a snapshot while it is read

struct reports { struct req *rq; struct plan_desk d; struct list all; };

static struct plan_report_who who_of(const struct plan_desk *d, const struct plan_report_row *x)
{
    return (struct plan_report_who){.person = d->rq->who.id, .maker = x ? x->made_by : (struct id){0}, .code = d->own ? d->own->code : STR(""),
                                    .enters = d->who.enters, .approves = d->who.approves};
}

static struct str state_text(const struct req *rq, enum plan_report_state s)
{
    static const enum message words[] = {MSG_PLAN_REPORT_STATE_DRAFT, MSG_PLAN_REPORT_STATE_COMMENTING,
                                         MSG_PLAN_REPORT_STATE_APPROVED, MSG_PLAN_REPORT_STATE_PRESENTED,
                                         MSG_PLAN_REPORT_STATE_PUBLISHED};
    return text_get(rq->lang, words[s]);
}

// Is anything told of a report to those who only read? Published and approved ones; earlier ones to whoever works on them.
static bool may_see(const struct plan_desk *d, const struct plan_report_row *x)
{
    return d->who.approves || (d->who.enters && x->state >= PLAN_REPORT_COMMENTING) || x->state >= PLAN_REPORT_APPROVED;
}

static enum err reports_read(struct db *db, void *arg)
{
    struct reports *g = arg;
    enum err e = plan_desk_db(db, g->rq, STR(""), STR(""), &g->d);
    return e ? e : plan_report_list_db(db, g->rq->arena, &g->all);
}

static enum err reports_show(struct reports *g, struct plan_reports_out *out)
{
    struct req *rq = g->rq;
    enum plan_report_state next;
    enum err e = store_read(rq->sv->store, reports_read, g);
    if (e)
        return e;
    const struct plan_report_row *x = g->all.at;
    const struct pack_plan *plan = g->d.plan;
    struct plan_reports_row *at = arena_array(rq->arena, g->all.n + 1, sizeof *at);
    struct choice *years = arena_array(rq->arena, plan->n_years + 1, sizeof *years);
    size_t n = 0;
    if (!at || !years)
        return ERR_MEMORY;
    for (size_t i = 0; i < g->all.n; i++)
        if (may_see(&g->d, &x[i]))
            at[n++] = (struct plan_reports_row){x[i].id, x[i].year, x[i].shot_at,
                                                str_from(plan_report_state_name(x[i].state)),
                                                state_text(rq, x[i].state), req_time(rq, x[i].shot_at)};
    for (size_t i = 0; i < plan->n_years; i++) {
        struct str year = arena_printf(rq->arena, "%d", plan->years[i]);
        years[i] = (struct choice){year, year, i + 1 == plan->n_years};
    }
    const struct plan_report_who w = who_of(&g->d, NULL);
    out->reports = (struct list){at, n};
    out->years = (struct list){years, plan->n_years};
    out->may_make = plan_report_may(plan, &w, PLAN_REPORT_DRAFT, PLAN_REPORT_MAKE, &next) == OK;
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err plan_reports_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    struct reports g = {.rq = rq};
    return reports_show(&g, out);
}

// ── a snapshot ──
static enum err snapshot_take(struct req *rq, int64_t year, struct str *out)
{
    const struct plan_shot_ask ask = {.pack = rq->sv->pack, .year = year, .now = rq->now, .demo = rq->sv->demo};
    return plan_report_shoot(rq->sv->store, &ask, rq->arena, out);
}

static enum err row_put(struct db *db, void *arg)
{
    struct plan_report_row row = *(const struct plan_report_row *)arg; // this may run several times
    return plan_report_put_db(db, &row);
}

enum err plan_reports_make_run(struct req *rq, const void *in_, void *out_)
{
    const struct plan_reports_make_in *in = in_;
    struct plan_reports_out *out = out_;
    struct reports g = {.rq = rq};
    enum plan_report_state next;
    struct plan_report_row row = {.id = id_random(), .year = in->year, .state = PLAN_REPORT_DRAFT,
                                  .made_by = rq->who.id, .shot_at = clock_minute(rq->now),
                                  .made_at = clock_minute(rq->now), .approved_at = INT64_MIN,
                                  .published_at = INT64_MIN};
    enum err e = store_read(rq->sv->store, reports_read, &g);
    const struct plan_report_who w = e ? (struct plan_report_who){0} : who_of(&g.d, NULL);
    e = e ? e : plan_report_may(g.d.plan, &w, PLAN_REPORT_DRAFT, PLAN_REPORT_MAKE, &next);
    if (e)
        return e;
    if (!pack_plan_year(g.d.plan, in->year))
        return reports_show(&g, out) ? ERR_BUG : req_refuse(rq, "year", MSG_PLAN_REFUSED_YEAR);
    e = snapshot_take(rq, in->year, &row.snapshot);
    e = e ? e : store_write(rq->sv->store, row_put, &row);
    char hex[ID_HEX];
    struct reports shown = {.rq = rq};
    enum err seen = reports_show(&shown, out);
    e = e ? e : seen;
    out->id = row.id;
    rq->then = e ? NULL : arena_printf(rq->arena, "/plan/reports/%s", id_hex(row.id, hex)).at;
    return e;
}

enum err plan_reports_fill(struct req *rq, const void *in, void *out)
{
    return plan_reports_run(rq, in, out);
}

// ── one report ──
struct one { struct req *rq; struct plan_desk d; struct plan_report_row x; struct list comments; struct str approver, publisher; };

static enum err one_look(struct db *db, struct one *g)
{
    enum err e = plan_desk_db(db, g->rq, STR(""), STR(""), &g->d);
    e = e ? e : plan_report_find_db(db, g->rq->arena, g->rq->id, &g->x);
    return e ? e : may_see(&g->d, &g->x) ? OK : ERR_FORBIDDEN;
}

static enum err one_read(struct db *db, void *arg)
{
    struct one *g = arg;
    enum err e = one_look(db, g);
    e = e ? e : plan_report_comments_db(db, g->rq->arena, g->rq, g->x.id, &g->comments);
    e = e || id_zero(g->x.approved_by) ? e : people_name(db, g->rq->arena, g->x.approved_by, &g->approver);
    return e || id_zero(g->x.published_by) ? e : people_name(db, g->rq->arena, g->x.published_by, &g->publisher);
}

static struct str by_at(const struct req *rq, struct str name, int64_t at)
{
    return at == INT64_MIN ? STR("") : arena_printf(rq->arena, "%.*s, %.*s", STR_ARG(name), STR_ARG(req_time(rq, at)));
}

static enum err one_show(struct one *g, struct plan_report_out *out)
{
    struct req *rq = g->rq;
    enum plan_report_state next;
    char hex[ID_HEX];
    struct arena *a = NULL;
    struct plan_shot shot = {0};
    enum err e = store_read(rq->sv->store, one_read, g);
    e = e ? e : arena_new(ARENA_BYTES, &a);
    e = e ? e : plan_shot_read(a, g->x.snapshot, &shot);
    if (e) {
        arena_free(&a);
        return e == ERR_MALFORMED ? ERR_TAMPERED : e;
    }
    const struct pack_plan *plan = g->d.plan;
    struct plan_report_who w = who_of(&g->d, &g->x), somebody = w;
    somebody.person = (struct id){{1}};
    struct plan_report_file *file = arena_array(rq->arena, PLAN_REPORT_KINDS, sizeof *file);
    for (size_t i = 0; file && i < PLAN_REPORT_KINDS; i++) {
        const struct plan_report_kind k = plan_report_kind(i);
        file[i] = (struct plan_report_file){str_from(k.lang), str_from(k.form), arena_printf(rq->arena, "%s, %s", k.label, k.lang),
                                            arena_printf(rq->arena, "/api/v1/plan/reports/%s/file?lang=%s&form=%s", id_hex(g->x.id, hex), k.lang, k.form)};
    }
    struct buf to;
    buf_init(&to, 4096);
    for (size_t i = 0; i < plan->n_present_to; i++)
        buf_printf(&to, "%s%.*s", i ? "; " : "", STR_ARG(plan_label(rq, plan->present_to[i].title)));
    *out = (struct plan_report_out){.id = g->x.id, .year = g->x.year, .shot_at = g->x.shot_at, .version = shot.version,
                                    .changes = g->x.changes, .with_data = shot.with_data,
                                    .indicators = shot.indicators_n,
                                    .state = str_from(plan_report_state_name(g->x.state)), .presented = g->x.presented,
                                    .comments = g->comments, .state_text = state_text(rq, g->x.state),
                                    .at_text = req_time(rq, g->x.shot_at),
                                    .approved_text = by_at(rq, g->approver, g->x.approved_at),
                                    .published_text = by_at(rq, g->publisher, g->x.published_at),
                                    .present_hint = arena_str(rq->arena, buf_str(&to)),
                                    .files = {file, file ? PLAN_REPORT_KINDS : 0}, .over = shot.over};
    buf_free(&to);
    arena_free(&a);
    out->may_refresh = plan_report_may(plan, &w, g->x.state, PLAN_REPORT_REFRESH, &next) == OK;
    out->may_open = plan_report_may(plan, &w, g->x.state, PLAN_REPORT_OPEN, &next) == OK;
    out->may_comment = plan_report_may(plan, &w, g->x.state, PLAN_REPORT_COMMENT, &next) == OK;
    out->may_approve = plan_report_may(plan, &w, g->x.state, PLAN_REPORT_APPROVE, &next) == OK;
    out->may_present = plan_report_may(plan, &w, g->x.state, PLAN_REPORT_PRESENT, &next) == OK;
    out->may_publish = plan_report_may(plan, &w, g->x.state, PLAN_REPORT_PUBLISH, &next) == OK;
    out->own_approval = !out->may_approve && plan_report_may(plan, &somebody, g->x.state, PLAN_REPORT_APPROVE, &next) == OK;
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err plan_report_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    struct one g = {.rq = rq};
    return one_show(&g, out);
}

// ── its steps ──
struct stepping { struct one g; enum plan_report_act act; int64_t changes; struct str text, snapshot; };

static enum err step_look(struct db *db, void *arg)
{
    struct stepping *s = arg;
    enum plan_report_state next;
    enum err e = one_look(db, &s->g);
    const struct plan_report_who w = e ? (struct plan_report_who){0} : who_of(&s->g.d, &s->g.x);
    e = e ? e : plan_report_may(s->g.d.plan, &w, s->g.x.state, s->act, &next);
    return e ? e : s->changes != s->g.x.changes ? ERR_CONFLICT : OK;
}

static enum err step_write(struct db *db, void *arg)
{
    struct stepping *s = arg;
    const struct req *rq = s->g.rq;
    struct plan_report_row *x = &s->g.x;
    enum plan_report_state next = x->state;
    int64_t now = clock_minute(rq->now);
    enum err e = step_look(db, s);
    if (e)
        return e;
    const struct plan_report_who w = who_of(&s->g.d, x);
    e = plan_report_may(s->g.d.plan, &w, x->state, s->act, &next);
    x->state = next;
    switch (s->act) {
    case PLAN_REPORT_REFRESH:
        x->snapshot = s->snapshot;
        x->shot_at = now;
        x->made_by = rq->who.id; // whoever took it does not approve it
        break;
    case PLAN_REPORT_APPROVE:
        x->approved_by = rq->who.id;
        x->approved_at = now;
        break;
    case PLAN_REPORT_PRESENT: x->presented = s->text; break;
    case PLAN_REPORT_PUBLISH:
        x->published_by = rq->who.id;
        x->published_at = now;
        break;
    case PLAN_REPORT_COMMENT: return plan_report_comment_db(db, x->id, rq->who.institution, rq->who.id, now, s->text);
    default: break;
    }
    return e ? e : plan_report_put_db(db, x);
}

static enum err step(struct req *rq, enum plan_report_act act, int64_t changes, struct str text, void *out)
{
    struct stepping s = {.g = {.rq = rq}, .act = act, .changes = changes, .text = str_trim(text)};
    struct one shown = {.rq = rq};
    enum err e = store_read(rq->sv->store, step_look, &s);
    if (!e && act == PLAN_REPORT_REFRESH)
        e = snapshot_take(rq, s.g.x.year, &s.snapshot);
    if (!e && act == PLAN_REPORT_PUBLISH) // before the step is written, so that a report that is published has its files
        e = plan_report_publish(rq->sv->reply, pack_code(rq->sv->pack), s.g.x.year, clock_minute(rq->now), s.g.x.snapshot);
    e = e ? e : store_write(rq->sv->store, step_write, &s);
    if (e && e != ERR_CONFLICT)
        return e;
    enum err seen = one_show(&shown, out);
    ((struct plan_report_out *)out)->typed = e ? text : STR("");
    return seen ? seen : e ? req_notice(rq, e, MSG_PLAN_REFUSED_CHANGED) : OK;
}

#define STEP(name_, act_) \
    enum err plan_report_##name_##_run(struct req *rq, const void *in, void *out) \
    { \
        return step(rq, act_, ((const struct plan_step_in *)in)->changes, STR(""), out); \
    }
#define TEXT(name_, act_) \
    enum err plan_report_##name_##_run(struct req *rq, const void *in_, void *out) \
    { \
        const struct plan_text_in *in = in_; \
        return step(rq, act_, in->changes, in->text, out); \
    }
STEP(refresh, PLAN_REPORT_REFRESH)
STEP(open, PLAN_REPORT_OPEN)
STEP(approve, PLAN_REPORT_APPROVE)
STEP(publish, PLAN_REPORT_PUBLISH)
TEXT(comment, PLAN_REPORT_COMMENT)
TEXT(present, PLAN_REPORT_PRESENT)

enum err plan_report_step_fill(struct req *rq, const void *in, void *out)
{
    (void)in;
    struct one g = {.rq = rq};
    return one_show(&g, out);
}

enum err plan_report_text_fill(struct req *rq, const void *in, void *out)
{
    enum err e = plan_report_step_fill(rq, in, out);
    ((struct plan_report_out *)out)->typed = ((const struct plan_text_in *)in)->text;
    return e;
}

// ── its files ──
enum err plan_report_file_run(struct req *rq, const void *in_, void *out)
{
    (void)out;
    const struct plan_report_file_in *in = in_;
    struct one g = {.rq = rq};
    struct buf file;
    size_t kind = 0;
    bool form = false, lang = false;
    for (size_t i = 0; i < PLAN_REPORT_KINDS; i++) {
        const struct plan_report_kind k = plan_report_kind(i);
        form |= str_equal_z(in->form, k.form);
        lang |= str_equal_z(in->lang, k.lang);
        kind = str_equal_z(in->form, k.form) && str_equal_z(in->lang, k.lang) ? i : kind;
    }
    if (!form || !lang)
        return req_refuse(rq, form ? "lang" : "form", MSG_WEB_FIELD_CHOICE);
    enum err e = store_read(rq->sv->store, one_read, &g);
    if (e)
        return e;
    buf_init(&file, PLAN_FILE_BYTES);
    e = plan_report_file_make(pack_code(rq->sv->pack), g.x.snapshot, kind, &file);
    if (!e)
        rq->file = (struct attachment){arena_str(rq->arena, buf_str(&file)), str_from(plan_report_kind(kind).type),
                                       plan_report_file_name(rq->arena, g.x.year, kind)};
    buf_free(&file);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

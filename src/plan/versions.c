// Versions: the list of them, one with its items, and what a coordinator does with a draft.
#include "people/people.h"
#include "plan/handlers.h"

#define VERSION_ARENA (16u << 20)

struct looking { struct req *rq; struct arena *a; struct plan_version *all, one; size_t n; struct str *by, *forced; int64_t number; };

static enum err names_read(struct db *db, struct looking *l, const struct plan_version *v, size_t i)
{
    enum err e = id_zero(v->made_by) ? OK : people_name(db, l->rq->arena, v->made_by, &l->by[i]);
    return e || id_zero(v->forced_by) ? e : people_name(db, l->rq->arena, v->forced_by, &l->forced[i]);
}

static enum err all_read(struct db *db, void *arg)
{
    struct looking *l = arg;
    enum err e = plan_versions_db(db, l->rq->arena, l->all, &l->n);
    for (size_t i = 0; i < l->n && !e; i++)
        e = names_read(db, l, &l->all[i], i);
    return e;
}

static struct plan_version_row row_of(const struct looking *l, const struct plan_version *v, size_t i)
{
    struct req *rq = l->rq;
    enum plan_state state = plan_version_state(v, plan_day(rq->now));
    return (struct plan_version_row){.number = v->number, .based_on = v->based_on, .from = v->from, .until = v->until,
                                     .version = v->changes, .title = v->title,
                                     .state = str_from(plan_state_name(state)), .reason = v->reason,
                                     .decision = v->decision, .state_text = plan_state_text(rq, state),
                                     .from_text = plan_day_text(rq, v->from),
                                     .by = l->forced[i].n ? l->forced[i] : l->by[i],
                                     .made_text = req_time(rq, v->made_at), .draft = !v->from};
}

static enum err versions_fill(struct req *rq, struct plan_versions_out *out)
{
    struct looking l = {.rq = rq, .all = arena_array(rq->arena, PLAN_VERSIONS_MAX, sizeof *l.all),
                        .by = arena_array(rq->arena, PLAN_VERSIONS_MAX, sizeof *l.by),
                        .forced = arena_array(rq->arena, PLAN_VERSIONS_MAX, sizeof *l.forced)};
    struct plan_version_row *row = arena_array(rq->arena, PLAN_VERSIONS_MAX, sizeof *row);
    enum err e = arena_failed(rq->arena) ? ERR_MEMORY : store_read(rq->sv->store, all_read, &l);
    if (e)
        return e;
    const bool edits = req_may(rq, PERM_PLAN_EDIT);
    size_t n = 0;
    out->may_draft = edits && l.n > 0;
    for (size_t i = 0; i < l.n; i++) {
        if (!l.all[i].from && !edits)
            continue; // a draft is its makers'
        out->may_draft = out->may_draft && l.all[i].from > 0;
        row[n++] = row_of(&l, &l.all[i], i);
    }
    out->versions = (struct list){row, n};
    return OK;
}

enum err plan_versions_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    return versions_fill(rq, out);
}

// ── a new draft ──
struct drafting { struct req *rq; struct arena *a; struct str title, reason; int64_t number; };

static enum err draft_write(struct db *db, void *arg)
{
    struct drafting *d = arg;
    return plan_draft_db(db, d->a, d->rq->sv->pack, d->title, d->reason, d->rq->who.id, d->rq->now, &d->number);
}

enum err plan_draft_fill(struct req *rq, const void *in_, void *out_)
{
    const struct plan_draft_in *in = in_;
    struct plan_versions_out *out = out_;
    out->title = in->title;
    out->reason = in->reason;
    return versions_fill(rq, out);
}

enum err plan_draft_run(struct req *rq, const void *in_, void *out)
{
    const struct plan_draft_in *in = in_;
    struct drafting d = {.rq = rq, .title = str_trim(in->title), .reason = str_trim(in->reason)};
    enum err e = arena_new(VERSION_ARENA, &d.a);
    e = e ? e : store_write(rq->sv->store, draft_write, &d);
    arena_free(&d.a);
    if (e == ERR_CONFLICT) {
        e = plan_draft_fill(rq, in, out);
        return e ? e : req_notice(rq, ERR_CONFLICT, MSG_PLAN_DRAFT_OPEN);
    }
    if (!e)
        rq->then = arena_printf(rq->arena, "/plan/versions/%lld", (long long)d.number).at;
    return e ? e : versions_fill(rq, out);
}

// ── one version ──
static enum err one_read(struct db *db, void *arg)
{
    struct looking *l = arg;
    enum err e = plan_version_db(db, l->a, l->rq->sv->pack, l->number, &l->one);
    return e ? e : names_read(db, l, &l->one, 0);
}

static struct plan_item_row item_of(struct req *rq, const char *kind, struct str code, struct str activity, const struct pack_text *title)
{
    return (struct plan_item_row){str_from(kind), arena_str(rq->arena, code),
                                  arena_str(rq->arena, plan_label(rq, title)), arena_str(rq->arena, activity), {0}};
}

static void items_fill(struct req *rq, const struct pack_plan *plan, struct plan_version_out *out)
{
    struct plan_item_row *activity = arena_array(rq->arena, plan->n_activities + plan->n_sections + 1, sizeof *activity),
                         *indicator = arena_array(rq->arena, plan->n_indicators + 1, sizeof *indicator),
                         *all = arena_array(rq->arena, plan->n_activities + plan->n_indicators + 1, sizeof *all);
    size_t n = 0, k = 0;
    if (!activity || !indicator || !all)
        return;
    for (size_t i = 0; i < plan->n_indicators; i++)
        indicator[i] = item_of(rq, "indicator", plan->indicator[i].code, plan->indicator[i].activity, plan->indicator[i].title);
    for (size_t a = 0; a < plan->n_activities + plan->n_sections; a++) {
        bool section = a >= plan->n_activities;
        struct str code = section ? plan->section[a - plan->n_activities].code : plan->activity[a].code;
        struct plan_item_row row = section ? item_of(rq, "", code, STR(""), plan->section[a - plan->n_activities].title)
                                   : item_of(rq, "activity", code, STR(""), plan->activity[a].title);
        size_t from = 0, to;
        while (from < plan->n_indicators && !str_equal(section ? plan->indicator[from].section : plan->indicator[from].activity, code))
            from++;
        for (to = from; to < plan->n_indicators && str_equal(section ? plan->indicator[to].section : plan->indicator[to].activity, code); to++)
            continue;
        row.of = (struct list){indicator + from, to - from};
        activity[n++] = row;
        if (!section)
            all[k++] = row;
    }
    for (size_t i = 0; i < plan->n_indicators; i++)
        all[k++] = indicator[i];
    out->activities = (struct list){activity, n};
    out->items = (struct list){all, k};
}

static enum err version_fill(struct req *rq, struct plan_version_out *out)
{
    struct str by[1] = {STR("")}, forced[1] = {STR("")};
    struct looking l = {.rq = rq, .by = by, .forced = forced};
    if (str_int(rq->code, &l.number) || l.number < 1)
        return ERR_NOT_FOUND;
    enum err e = arena_new(VERSION_ARENA, &l.a);
    e = e ? e : store_read(rq->sv->store, one_read, &l);
    if (!e && !l.one.from && !req_may(rq, PERM_PLAN_EDIT))
        e = ERR_NOT_FOUND;
    if (!e) {
        struct plan_version_row row = row_of(&l, &l.one, 0);
        out->number = row.number;
        out->based_on = row.based_on;
        out->from = row.from;
        out->until = row.until;
        out->version = row.version;
        out->title = arena_str(rq->arena, row.title);
        out->state = row.state;
        out->reason = arena_str(rq->arena, row.reason);
        out->decision = arena_str(rq->arena, row.decision);
        out->state_text = row.state_text;
        out->from_text = row.from_text;
        out->by = row.by;
        out->draft = row.draft;
        out->may_edit = row.draft && req_may(rq, PERM_PLAN_EDIT);
        items_fill(rq, l.one.plan, out);
    }
    arena_free(&l.a);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err plan_version_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    return version_fill(rq, out);
}

enum err plan_version_fill(struct req *rq, const void *in, void *out)
{
    (void)in;
    return version_fill(rq, out);
}

// ── into force, or dropped ──
struct forcing { struct req *rq; int64_t number, changes, from; struct str reason, decision; };

static enum err force_write(struct db *db, void *arg)
{
    const struct forcing *f = arg;
    return plan_force_db(db, f->number, f->changes, f->from, f->reason, f->decision, f->rq->who.id, f->rq->now);
}

static enum err drop_write(struct db *db, void *arg)
{
    const struct forcing *f = arg;
    return plan_draft_drop_db(db, f->number, f->changes);
}

enum err plan_force_run(struct req *rq, const void *in_, void *out_)
{
    const struct plan_force_in *in = in_;
    struct plan_version_out *out = out_;
    enum err e = version_fill(rq, out);
    struct forcing f = {rq, out->number, in->version, plan_day_read(str_trim(in->from)), str_trim(in->reason), str_trim(in->decision)};
    if (!e && !f.from)
        e = req_refuse(rq, "from", MSG_PLAN_REFUSED_DAY);
    if (!e && !out->draft)
        e = req_notice(rq, ERR_CONFLICT, MSG_PLAN_NOT_A_DRAFT);
    e = e ? e : store_write(rq->sv->store, force_write, &f);
    if (e == ERR_CONFLICT && out->draft)
        return req_notice(rq, e, MSG_PLAN_CHANGED_MEANWHILE);
    if (e == ERR_INVALID && !req_refused(rq))
        e = req_refuse(rq, "from", MSG_PLAN_REFUSED_EARLIER);
    return e ? e : version_fill(rq, out);
}

enum err plan_drop_run(struct req *rq, const void *in_, void *out_)
{
    const struct plan_drop_in *in = in_;
    struct plan_version_out *out = out_;
    enum err e = version_fill(rq, out);
    struct forcing f = {.rq = rq, .number = out->number, .changes = in->version};
    if (!e && !out->draft)
        return ERR_NOT_FOUND; // there is no such draft
    e = e ? e : store_write(rq->sv->store, drop_write, &f);
    return e == ERR_CONFLICT ? req_notice(rq, e, MSG_PLAN_CHANGED_MEANWHILE) : e;
}

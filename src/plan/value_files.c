// Evidence files of a value: added and removed while its period is open, each time with a line in the value's history and a new
// version, so that nobody approves what he has not seen.
#include "base/clock.h"
#include "plan/entry.h"

bool plan_files_see(const struct plan_value_who *w, const struct plan_value_row *v)
{
    return w->all || w->approves || id_equal(w->institution, v->who.institution);
}

enum err plan_files_may(const struct plan_value_who *w, const struct plan_value_row *v, bool remove)
{
    enum plan_value_state next;
    enum err e = plan_value_may(w, &v->who, PLAN_VALUE_SAVE, &next);
    return e ? e : remove && v->who.state == PLAN_VALUE_APPROVED ? ERR_CONFLICT : OK; // what an approval rests on stays
}

struct evidence_of plan_files_of(const struct plan_value_row *v)
{
    return (struct evidence_of){KEEPER_FILE_VALUE, v->id, v->who.institution};
}

struct str plan_files_base(const struct req *rq)
{
    char hex[ID_HEX];
    return arena_printf(rq->arena, "/plan/values/%s", id_hex(rq->id, hex));
}

struct filing { struct req *rq; struct plan_value_row v; struct evidence_new *put; bool remove; };

static enum err filing_look(struct db *db, void *arg)
{
    struct filing *g = arg;
    struct plan_desk d;
    enum err e = plan_value_find_db(db, g->rq->arena, g->rq->id, g->rq->now, &g->v);
    e = e ? e : plan_desk_db(db, g->rq, STR(""), plan_period_text(g->rq->arena, g->v.period), &d);
    e = e ? e : plan_files_see(&d.who, &g->v) ? OK : ERR_NOT_FOUND;
    return e ? e : plan_files_may(&d.who, &g->v, g->remove);
}

static enum err filing_write(struct db *db, void *arg)
{
    struct filing *g = arg;
    struct req *rq = g->rq;
    enum err e = filing_look(db, g);
    struct evidence_of of = plan_files_of(&g->v);
    e = e ? e : g->remove ? evidence_remove_db(db, rq, &of, rq->id2) : evidence_put_db(db, rq, g->put);
    return e ? e : plan_value_note_db(db, &g->v, g->remove ? STR("file_removed") : STR("file"), rq->who.id, clock_minute(rq->now));
}

// The page is shown again, with what stands there now.
static enum err filing_end(struct filing *g, enum err e, void *out)
{
    struct req *rq = g->rq;
    if (e && e != ERR_CONFLICT && e != ERR_INVALID)
        return e;
    enum err shown = plan_value_run(rq, NULL, out);
    if (shown || !e)
        return shown;
    if (e == ERR_CONFLICT && g->put && g->put->many)
        return evidence_refuse_many(rq);
    if (e != ERR_CONFLICT)
        return e;
    bool kept = g->remove && g->v.who.state == PLAN_VALUE_APPROVED;
    return req_notice(rq, e, g->v.who.locked ? MSG_PLAN_REFUSED_LOCKED : kept ? MSG_EVIDENCE_APPROVED : MSG_PLAN_REFUSED_CHANGED);
}

enum err plan_file_add_run(struct req *rq, const void *in, void *out)
{
    struct evidence_new put = {.size = 0};
    struct filing g = {.rq = rq, .put = &put};
    (void)in;
    enum err e = store_read(rq->sv->store, filing_look, &g); // before anything is said of what was sent
    if (!e) {
        struct evidence_of of = plan_files_of(&g.v);
        e = evidence_take(rq, &of, &put);
        e = e ? e : store_write(rq->sv->store, filing_write, &g);
        evidence_new_free(&put);
    }
    return filing_end(&g, e, out);
}

enum err plan_file_remove_run(struct req *rq, const void *in, void *out)
{
    struct filing g = {.rq = rq, .remove = true};
    (void)in;
    enum err e = store_write(rq->sv->store, filing_write, &g);
    if (!e)
        evidence_scrub(rq);
    return filing_end(&g, e, out);
}

static enum err file_look(struct db *db, struct req *rq, struct evidence_of *of)
{
    struct plan_value_row v;
    const struct plan_value_who who = {.institution = rq->who.institution, .all = req_may(rq, PERM_PLAN_APPROVE)};
    enum err e = plan_value_find_db(db, rq->arena, rq->id, rq->now, &v);
    e = e ? e : plan_files_see(&who, &v) ? OK : ERR_NOT_FOUND;
    if (!e)
        *of = plan_files_of(&v);
    return e;
}

enum err plan_file_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    (void)out;
    return evidence_give(rq, file_look);
}

// What is done with a row besides correcting it. Each says which version it is about: what somebody has not seen is not
// confirmed, returned or taken out.
#include "base/clock.h"
#include "register/handlers.h"

struct acting {
    struct req *rq;
    enum entry_act act;
    int64_t version, day;              // day: of a new stage
    struct str stage, action, note;
    struct entry_put put;
    struct list values;
    struct entry_who who;
};

// The labels of the fields that a stage needs first: "Përgjigjja, Ku u vendos".
struct needing { struct req *rq; const struct pack_register *reg; struct str names; };
static void needed(void *ctx, struct str name, enum message m, int64_t n)
{
    struct needing *g = ctx;
    struct str label = entry_label(g->rq, pack_register_field(g->reg, name)->label);
    (void)m, (void)n;
    g->names = g->names.n > 0 ? arena_printf(g->rq->arena, "%.*s, %.*s", STR_ARG(g->names), STR_ARG(label)) : label;
}

static enum err act_look(struct db *db, void *arg)
{
    struct acting *a = arg;
    struct entry_row *x = &a->put.row;
    enum entry_state next = ENTRY_DRAFT;
    enum err e = entry_who_db(db, a->rq, &a->who);
    e = e ? e : entry_find_db(db, a->rq->arena, a->rq->sv->pack, a->rq->id, x);
    e = e ? e : entry_may_see(x->reg, &a->who, &x->who) ? OK : ERR_NOT_FOUND;
    e = e ? e : entry_may(x->reg, &a->who, &x->who, a->act, &next);
    if (!e && a->version != x->version)
        e = ERR_CONFLICT;
    if (!e && a->act == ENTRY_STAGE) {
        const struct pack_register_stage *at = pack_register_stage(x->reg, x->stage);
        bool open = false;
        for (size_t i = 0; at && i < at->n; i++)
            open = open || str_equal(at->next[i], a->stage);
        if (!open)
            return req_refuse(a->rq, "stage", MSG_REGISTER_REFUSED_STAGE);
        struct list values = entry_fields_read(a->rq->arena, x->fields);
        struct needing need = {a->rq, x->reg, STR("")};
        bool fine = true;
        entry_needed(x->reg, a->stage, &values, needed, &need, &fine);
        if (!fine)
            return req_refuse_names(a->rq, "stage", MSG_REGISTER_REFUSED_STAGE_NEEDS, need.names);
    }
    if (!e) {
        x->corrections += x->counts && (a->act == ENTRY_STAGE || a->act == ENTRY_REMOVE);
        x->who.state = next;
    }
    return e;
}

static enum err act_write(struct db *db, void *arg)
{
    struct acting *a = arg;
    struct entry_put put = a->put;
    struct evidence_of of = entry_files_of(&a->put.row);
    enum err e = entry_put_db(db, a->rq->arena, &put, a->day);
    return e || a->act != ENTRY_REMOVE ? e : evidence_shred_db(db, a->rq, &of); // what is taken out keeps no evidence
}

static enum err act_run(struct acting *a, void *out)
{
    struct req *rq = a->rq;
    enum err e = store_read(rq->sv->store, act_look, a);
    if (!e) {
        struct entry_row *x = &a->put.row;
        a->values = entry_fields_read(rq->arena, x->fields);
        a->put.values = &a->values;
        x->who.person = rq->who.id;
        x->at = clock_minute(rq->now);
        x->stage = a->stage.n > 0 ? a->stage : x->stage;
        a->put.action = a->action;
        a->put.note = a->note;
        entry_put_ready(rq->arena, rq->sv->pack, &a->put);
        e = arena_failed(rq->arena) ? ERR_MEMORY : store_write(rq->sv->store, act_write, a);
    }
    if (e && e != ERR_CONFLICT && e != ERR_INVALID)
        return e;
    if (!e && a->act == ENTRY_REMOVE)
        evidence_scrub(rq);
    const struct none nothing = {false};
    enum err shown = entry_read_run(rq, &nothing, out); // the page shows what stands now, after a refusal too
    return shown ? shown : e == ERR_CONFLICT ? req_notice(rq, e, MSG_REGISTER_CHANGED) : e;
}

static struct acting *acting(struct req *rq, enum entry_act act, int64_t version, struct str action, struct str note)
{
    struct acting *a = ARENA_NEW(rq->arena, struct acting);
    if (a)
        *a = (struct acting){.rq = rq, .act = act, .version = version, .action = action, .note = str_trim(note), .stage = STR("")};
    return a;
}

enum err entry_enter_run(struct req *rq, const void *in_, void *out)
{
    const struct entry_act_in *in = in_;
    struct acting *a = acting(rq, ENTRY_ENTER, in->version, STR("entered"), in->note);
    return a ? act_run(a, out) : ERR_MEMORY;
}

enum err entry_confirm_run(struct req *rq, const void *in_, void *out)
{
    const struct entry_act_in *in = in_;
    struct acting *a = acting(rq, ENTRY_CONFIRM, in->version, STR("confirmed"), in->note);
    return a ? act_run(a, out) : ERR_MEMORY;
}

enum err entry_return_run(struct req *rq, const void *in_, void *out)
{
    const struct entry_note_in *in = in_;
    struct acting *a = acting(rq, ENTRY_RETURN, in->version, STR("returned"), in->note);
    return a ? act_run(a, out) : ERR_MEMORY;
}

enum err entry_remove_run(struct req *rq, const void *in_, void *out)
{
    const struct entry_note_in *in = in_;
    struct acting *a = acting(rq, ENTRY_REMOVE, in->version, STR("removed"), in->note);
    return a ? act_run(a, out) : ERR_MEMORY;
}

enum err entry_stage_run(struct req *rq, const void *in_, void *out)
{
    const struct entry_stage_in *in = in_;
    struct acting *a = acting(rq, ENTRY_STAGE, in->version, STR("stage"), STR(""));
    if (!a)
        return ERR_MEMORY;
    a->stage = in->stage;
    a->day = entry_day(in->date);
    if (!a->day) {
        const struct none nothing = {false};
        enum err e = entry_read_run(rq, &nothing, out);
        return e ? e : req_refuse(rq, "date", MSG_REGISTER_REFUSED_DATE);
    }
    return act_run(a, out);
}

enum err entry_act_fill(struct req *rq, const void *in, void *out)
{
    (void)in;
    const struct none nothing = {false};
    return entry_read_run(rq, &nothing, out);
}

// What goes in, chosen piece by piece. The form says first who must not be told; nothing is chosen for anybody.
#include "casefile/handlers.h"

static const struct { const char *name; enum message label; } parts[] = { // in the order of the document
    {"assessment", MSG_CASEFILE_PART_ASSESSMENT}, {"plan", MSG_CASEFILE_PART_PLAN}, {"tasks", MSG_CASEFILE_PART_TASKS},
    {"routes", MSG_CASEFILE_PART_ROUTES}, {"addresses", MSG_CASEFILE_PART_ADDRESSES}, {"files", MSG_CASEFILE_PART_FILES},
    {"notes", MSG_CASEFILE_PART_NOTES}, {"shared", MSG_CASEFILE_PART_SHARED}, {"timeline", MSG_CASEFILE_PART_TIMELINE},
};
#define PARTS_N (sizeof parts / sizeof *parts)

enum message casefile_part_message(struct str name)
{
    for (size_t i = 0; i < PARTS_N; i++)
        if (str_equal_z(name, parts[i].name))
            return parts[i].label;
    return MSG_NONE;
}

struct choosing { struct req *rq; struct id owner, chosen; struct list units; };

static enum err units_read(struct db *db, void *arg)
{
    struct choosing *c = arg;
    return exchange_units_db(db, c->rq, c->owner, c->chosen, &c->units);
}

enum err casefile_form_fill(struct req *rq, const struct casefile_make_in *in, struct paper_case *c, struct casefile_out *out)
{
    struct casefile_form *f = &out->form;
    struct choice *part = arena_array(rq->arena, PARTS_N, sizeof *part);
    if (!part)
        return ERR_MEMORY;
    for (size_t i = 0; i < PARTS_N; i++) {
        struct str name = str_from(parts[i].name);
        part[i] = (struct choice){name, text_get(rq->lang, parts[i].label), in && paper_named(&in->parts, name)};
    }
    f->case_id = rq->id;
    f->parts = (struct list){part, PARTS_N};
    f->grounds = req_choices(rq, "legal_ground", in ? in->ground : STR(""));
    f->unit = in && str_equal_z(in->way, "unit");
    f->outside = in && str_equal_z(in->way, "outside");
    f->print = !f->unit && !f->outside;
    f->recipient = in ? in->recipient : STR("");
    f->reason = in ? in->reason : STR("");
    f->copies = arena_printf(rq->arena, "%d", in && in->copies > 0 && in->copies <= CASEFILE_COPIES_MAX ? (int)in->copies : 1);
    f->consent = in && in->consent;
    f->compared = in && in->compared;
    // What was typed first: it comes back also where the case does not open.
    enum err e = paper_case_open(rq, rq->id, false, c);
    f->number = c->at.number;
    struct choosing units = {.rq = rq, .owner = c->at.owner, .chosen = in ? in->unit : (struct id){{0}}};
    enum err listed = e == OK || e == ERR_LIMITED || e == ERR_AWAY ? store_read(rq->sv->store, units_read, &units) : OK;
    f->units = units.units;
    e = e ? e : listed;
    e = e ? e : paper_choices(c, in ? &in->persons : NULL, in ? &in->reports : NULL, &f->of);
    if (e)
        return e;
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err casefile_form_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    struct paper_case *c = ARENA_NEW(rq->arena, struct paper_case);
    return c ? casefile_form_fill(rq, NULL, c, out) : ERR_MEMORY;
}

enum err casefile_make_fill(struct req *rq, const void *in, void *out)
{
    struct paper_case *c = ARENA_NEW(rq->arena, struct paper_case);
    return c ? casefile_form_fill(rq, in, c, out) : ERR_MEMORY;
}

// A row entered or corrected through the form: what was sent is checked, and written or shown again as it was typed.
#include <string.h>
#include "base/clock.h"
#include "register/handlers.h"

// ── a new row ──
enum err entry_new_run(struct req *rq, const void *in_, void *out)
{
    const struct entry_new_in *in = in_;
    struct entry_row x = {.reg = entry_register(rq, in->code)};
    return x.reg ? entry_form_show(rq, &x, NULL, STR(""), out) : ERR_NOT_FOUND;
}

enum err entry_add_fill(struct req *rq, const void *in_, void *out)
{
    const struct entry_add_in *in = in_;
    struct entry_row x = {.reg = entry_register(rq, in->code)};
    return x.reg ? entry_form_show(rq, &x, &in->fields, in->institution, out) : ERR_NOT_FOUND;
}

static void refuse_field(void *ctx, struct str name, enum message m, int64_t n)
{
    struct req *rq = ctx;
    struct str key = arena_printf(rq->arena, "fields.%.*s", STR_ARG(name));
    if (key.at) {
        enum err e = req_refuse_number(rq, key.at, m, n);
        (void)e;
    }
}

struct writing {
    struct req *rq;
    const struct pack_register *reg;
    struct entry_who who;
    struct list sent, values, institutions;
    struct str institution;            // for whom; empty: one's own
    struct entry_put put;
    int64_t version;                   // that was looked at
    bool draft, fine;
};

static enum err look_read(struct db *db, void *arg)
{
    struct writing *w = arg;
    enum err e = entry_who_db(db, w->rq, &w->who);
    e = e ? e : institutions_db(db, w->rq->arena, false, &w->institutions);
    return e ? e : entry_refer_db(db, w->rq, w->reg, &w->institutions, &w->values, refuse_field, w->rq, &w->fine);
}

// What was sent, checked; who asks and all institutions are known afterwards.
static enum err look(struct writing *w)
{
    struct req *rq = w->rq;
    w->fine = entry_check(rq->arena, rq->sv->pack, w->reg, w->sent.at, w->sent.n, refuse_field, rq, &w->values);
    entry_needed(w->reg, w->put.row.stage, &w->values, refuse_field, rq, &w->fine);
    return arena_failed(rq->arena) ? ERR_MEMORY : store_read(rq->sv->store, look_read, w);
}

static enum err owner_choose(struct writing *w)
{
    const struct institution *own = NULL;
    w->put.row.who.institution = w->who.institution;
    if (w->institution.n == 0 || str_equal(w->institution, w->who.code))
        return pack_register_owner(w->reg, w->who.type) ? OK : w->who.all ? req_refuse(w->rq, "institution", MSG_WEB_FIELD_REQUIRED) : ERR_FORBIDDEN;
    if (!w->who.all)
        return ERR_FORBIDDEN;
    own = institution_by_code(&w->institutions, w->institution);
    if (!own || !pack_register_owner(w->reg, own->type))
        return req_refuse(w->rq, "institution", MSG_WEB_FIELD_CHOICE);
    w->put.row.who.institution = own->id;
    return OK;
}

static enum err write_row(struct db *db, void *arg)
{
    struct writing *w = arg;
    struct entry_put put = w->put; // this may run several times
    bool fresh = put.row.version == 0;
    return entry_put_db(db, w->rq->arena, &put, fresh ? put.row.day : 0);
}

static enum err then_row(struct req *rq, struct id id)
{
    char hex[ID_HEX];
    struct str then = arena_printf(rq->arena, "/registers/entries/%s", id_hex(id, hex));
    rq->then = then.at;
    return then.at ? OK : ERR_MEMORY;
}

enum err entry_add_run(struct req *rq, const void *in_, void *out_)
{
    const struct entry_add_in *in = in_;
    struct entry_form_out *out = out_;
    struct writing *w = ARENA_NEW(rq->arena, struct writing);
    if (!w || !entry_register(rq, in->code))
        return w ? ERR_NOT_FOUND : ERR_MEMORY;
    *w = (struct writing){.rq = rq, .reg = entry_register(rq, in->code), .sent = in->fields, .institution = in->institution, .draft = in->draft};
    w->put.row.stage = w->reg->n_stages > 0 ? w->reg->stage[0].value : STR("");
    enum err e = look(w);
    if (!e && !entry_may_add(w->reg, &w->who))
        e = ERR_FORBIDDEN;
    e = e ? e : owner_choose(w);
    e = e ? e : w->fine ? OK : ERR_INVALID;
    if (!e) {
        struct entry_row *x = &w->put.row;
        x->id = id_random();
        x->reg = w->reg;
        x->who.person = rq->who.id;
        x->who.state = in->draft ? ENTRY_DRAFT : ENTRY_ENTERED;
        x->at = clock_minute(rq->now);
        w->put.values = &w->values;
        w->put.action = in->draft ? STR("draft") : STR("entered");
        entry_put_ready(rq->arena, rq->sv->pack, &w->put);
        e = store_write(rq->sv->store, write_row, w);
    }
    if (!e) {
        out->id = w->put.row.id;
        out->version = 1;
        return then_row(rq, out->id);
    }
    enum err shown = e == ERR_INVALID && !rq->json ? entry_add_fill(rq, in, out) : OK;
    return shown ? shown : e;
}

// ── a row corrected ──
struct finding { struct req *rq; struct entry_row row; struct entry_who who; };

static enum err find_read(struct db *db, void *arg)
{
    struct finding *f = arg;
    enum err e = entry_who_db(db, f->rq, &f->who);
    e = e ? e : entry_find_db(db, f->rq->arena, f->rq->sv->pack, f->rq->id, &f->row);
    return e ? e : entry_may_see(f->row.reg, &f->who, &f->row.who) ? OK : ERR_NOT_FOUND;
}

enum err entry_edit_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    struct finding f = {.rq = rq};
    enum entry_state next;
    enum err e = store_read(rq->sv->store, find_read, &f);
    e = e ? e : entry_may(f.row.reg, &f.who, &f.row.who, ENTRY_SAVE, &next);
    return e ? e : entry_form_show(rq, &f.row, NULL, STR(""), out);
}

enum err entry_save_fill(struct req *rq, const void *in_, void *out)
{
    const struct entry_save_in *in = in_;
    struct finding f = {.rq = rq};
    enum entry_state next;
    enum err e = store_read(rq->sv->store, find_read, &f);
    e = e ? e : entry_may(f.row.reg, &f.who, &f.row.who, ENTRY_SAVE, &next);
    return e ? e : entry_form_show(rq, &f.row, &in->fields, STR(""), out);
}

// Somebody else was first: all that was typed stays, what stands now is beside it, and whoever sends again has seen it.
static enum err conflict(struct req *rq, const struct entry_save_in *in, struct entry_form_out *out)
{
    struct finding f = {.rq = rq};
    enum err e = store_read(rq->sv->store, find_read, &f);
    out->conflict = true;
    e = e ? e : entry_form_show(rq, &f.row, &in->fields, STR(""), out);
    return e ? e : req_notice(rq, ERR_CONFLICT, MSG_REGISTER_CONFLICT);
}

enum err entry_save_run(struct req *rq, const void *in_, void *out_)
{
    const struct entry_save_in *in = in_;
    struct entry_form_out *out = out_;
    struct finding f = {.rq = rq};
    struct writing *w = ARENA_NEW(rq->arena, struct writing);
    enum entry_state next;
    enum err e = w ? store_read(rq->sv->store, find_read, &f) : ERR_MEMORY;
    e = e ? e : entry_may(f.row.reg, &f.who, &f.row.who, ENTRY_SAVE, &next);
    if (e)
        return e;
    *w = (struct writing){.rq = rq, .reg = f.row.reg, .sent = in->fields, .put.row = f.row};
    e = look(w);
    e = e ? e : w->fine ? OK : ERR_INVALID;
    if (!e && in->version != f.row.version)
        return conflict(rq, in, out);
    if (!e) {
        struct entry_row *x = &w->put.row;
        bool open = f.row.who.state == ENTRY_DRAFT || f.row.who.state == ENTRY_RETURNED;
        x->who.state = open && !in->draft ? ENTRY_ENTERED : next;
        x->who.person = rq->who.id;
        x->corrections += f.row.counts;
        x->at = clock_minute(rq->now);
        w->put.values = &w->values;
        w->put.action = open && !in->draft ? STR("entered") : STR("changed");
        w->put.note = STR("");
        entry_put_ready(rq->arena, rq->sv->pack, &w->put);
        e = store_write(rq->sv->store, write_row, w);
    }
    if (e == ERR_CONFLICT)
        return conflict(rq, in, out);
    if (!e) {
        out->id = f.row.id;
        out->version = f.row.version + 1;
        return then_row(rq, out->id);
    }
    enum err shown = e == ERR_INVALID && !rq->json ? entry_form_show(rq, &f.row, &in->fields, STR(""), out) : OK;
    return shown ? shown : e;
}

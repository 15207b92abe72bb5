// Institutions, units, and who holds a unit's key.
#include "people/pages.h"
#include "text/fold.h"
#include <string.h>

struct lists {
    struct req *rq; struct id after; size_t max; struct people_institution *institution; size_t n;
    struct people_unit *unit; size_t n_units;
};

static enum err lists_db(struct db *db, void *arg)
{
    struct lists *l = arg;
    enum err e = OK;
    if (l->institution != NULL) {
        e = institution_list_db(db, l->rq->arena, l->after, l->institution, l->max, &l->n);
    }
    if (e == OK && l->unit != NULL) {
        e = unit_list_db(db, l->rq->arena, l->unit, PEOPLE_UNITS_MAX, &l->n_units);
    }
    return e;
}

// ── institutions ──

static enum err institutions_show(struct req *rq, struct id after, struct people_institutions_out *out)
{
    struct lists l = {.rq = rq, .after = after, .max = PEOPLE_INSTITUTIONS_PAGE + 1};
    l.institution = arena_array(rq->arena, PEOPLE_INSTITUTIONS_PAGE + 1, sizeof *l.institution);
    struct people_institution_row *rows = arena_array(rq->arena, PEOPLE_INSTITUTIONS_PAGE, sizeof *rows);
    enum err e = l.institution == NULL || rows == NULL ? ERR_MEMORY : store_read(rq->sv->store, lists_db, &l);
    if (e != OK) {
        return e;
    }
    size_t n = l.n > PEOPLE_INSTITUTIONS_PAGE ? PEOPLE_INSTITUTIONS_PAGE : l.n;
    for (size_t i = 0; i < n; i++) {
        const struct people_institution *p = &l.institution[i];
        rows[i] = (struct people_institution_row){.id = p->id, .code = p->code, .type = p->type, .name = p->name, .name_en = p->name_en,
                                                  .units = p->units, .type_text = pack_label(rq->sv->pack, "institution_type", p->type, rq->lang),
                                                  .label = page_institution(rq, p->name, p->name_en)};
    }
    out->institutions = (struct list){rows, n};
    out->next = l.n > PEOPLE_INSTITUTIONS_PAGE ? rows[n - 1].id : (struct id){0};
    out->more = l.n > PEOPLE_INSTITUTIONS_PAGE;
    out->may_add = req_may(rq, PERM_PEOPLE_ADMIN);
    out->types = req_choices(rq, "institution_type", out->typed.type);
    return OK;
}

enum err people_institutions_run(struct req *rq, const void *in_, void *out)
{
    const struct people_institutions_in *in = in_;
    return institutions_show(rq, in->after, out);
}

enum err people_institutions_fill(struct req *rq, const void *in, void *out_)
{
    struct people_institutions_out *out = out_;
    out->typed = *(const struct people_institution_add_in *)in;
    return institutions_show(rq, (struct id){0}, out);
}

struct institution_add { struct req *rq; struct people_institution row; };

static enum err institution_add_write(struct db *db, void *arg)
{
    struct institution_add *a = arg;
    return institution_add_db(db, a->rq->arena, &a->row);
}

enum err people_institution_add_run(struct req *rq, const void *in_, void *out_)
{
    const struct people_institution_add_in *in = in_;
    struct people_institutions_out *out = out_;
    out->typed = *in;
    struct institution_add a = {.rq = rq, .row = {.id = id_random(), .code = in->code, .type = in->type, .name = str_trim(in->name),
                                                  .name_en = in->name_en.n > 0 ? in->name_en : str_trim(in->name)}};
    enum err e = institutions_show(rq, (struct id){0}, out);
    bool blank = e == OK && page_blank(rq, "name", in->name);
    if (e == OK && !rule_code_fine(in->code)) {
        e = req_refuse(rq, "code", MSG_PEOPLE_REFUSED_CODE);
    }
    e = e == OK && blank ? ERR_INVALID : e;
    if (e == OK) {
        e = page_audit(rq, AUDIT_PEOPLE, a.row.id, (struct id){0}, "institution added");
    }
    if (e == OK) {
        e = store_write(rq->sv->store, institution_add_write, &a);
        e = e == ERR_CONFLICT ? req_refuse(rq, "code", MSG_PEOPLE_REFUSED_CODE_TAKEN) : e;
    }
    return e == OK ? institutions_show(rq, (struct id){0}, out) : e;
}

// ── units ──

// type: of the institution; q: part of a name; empty: all.
static enum err units_show(struct req *rq, struct str type, struct str q, struct people_units_out *out)
{
    struct lists l = {.rq = rq, .max = PEOPLE_CHOICES_MAX};
    out->may_add = req_may(rq, PERM_PEOPLE_ADMIN);
    l.unit = arena_array(rq->arena, PEOPLE_UNITS_MAX, sizeof *l.unit);
    if (out->may_add && !rq->json) {
        l.institution = arena_array(rq->arena, PEOPLE_CHOICES_MAX, sizeof *l.institution);
    }
    enum err e = l.unit == NULL || arena_failed(rq->arena) ? ERR_MEMORY : store_read(rq->sv->store, lists_db, &l);
    if (e != OK) {
        return e;
    }
    struct people_unit_row *rows = arena_array(rq->arena, l.n_units > 0 ? l.n_units : 1, sizeof *rows);
    struct str part = fold_key(rq->arena, str_trim(q));
    size_t n = 0;
    for (size_t i = 0; rows != NULL && i < l.n_units; i++) {
        const struct people_unit *u = &l.unit[i];
        if (type.n > 0 && !str_equal(type, u->institution_type)) {
            continue;
        }
        rows[n] = page_unit(rq, u);
        n += part.n == 0 || str_find_str(fold_key(rq->arena, rows[n].label), part) >= 0;
    }
    out->q = str_trim(q);
    out->types = req_choices(rq, "institution_type", type);
    out->units = (struct list){rows, n};
    out->institutions = page_institution_choices(rq, l.institution, l.n, rq->who.institution);
    out->rooms = req_choices(rq, "room", (struct str){0});
    return OK;
}

enum err people_units_run(struct req *rq, const void *in_, void *out)
{
    const struct people_units_in *in = in_;
    return units_show(rq, in->type, in->q, out);
}

enum err people_units_fill(struct req *rq, const void *in, void *out)
{
    (void)in;
    return units_show(rq, STR(""), STR(""), out);
}

struct unit_add { struct req *rq; struct id id; const struct people_unit_add_in *in; struct people_institution at; };

static enum err unit_add_look(struct db *db, void *arg)
{
    struct unit_add *a = arg;
    return institution_find_db(db, a->rq->arena, a->in->institution, &a->at);
}

static enum err unit_add_write(struct db *db, void *arg)
{
    struct unit_add *a = arg;
    return unit_add_db(db, a->id, a->in->institution, a->in->room, (struct str){"", 0});
}

// A unit begins as a name. Its key is made when the first member is admitted.
enum err people_unit_add_run(struct req *rq, const void *in, void *out)
{
    struct unit_add a = {.rq = rq, .id = id_random(), .in = in};
    enum err e = units_show(rq, STR(""), STR(""), out);
    if (e == OK) {
        e = store_read(rq->sv->store, unit_add_look, &a);
        e = e == ERR_NOT_FOUND ? req_refuse(rq, "institution", MSG_PEOPLE_REFUSED_INSTITUTION) : e;
    }
    if (e == OK) {
        e = page_audit(rq, AUDIT_PEOPLE, a.id, a.in->institution, "unit added");
    }
    if (e == OK) {
        e = store_write(rq->sv->store, unit_add_write, &a);
        e = e == ERR_CONFLICT ? req_refuse(rq, "room", MSG_PEOPLE_REFUSED_UNIT_TAKEN) : e;
    }
    return e == OK ? units_show(rq, STR(""), STR(""), out) : e;
}

// ── one unit ──

struct unit { struct req *rq; struct people_unit row; struct people_person *members, *all; size_t n, n_all; };

static enum err unit_db(struct db *db, void *arg)
{
    struct unit *u = arg;
    enum err e = unit_find_db(db, u->rq->arena, u->rq->id, &u->row);
    if (e == OK) {
        e = member_list_db(db, u->rq->arena, u->rq->id, u->members, PEOPLE_UNIT_MEMBERS_MAX, &u->n);
    }
    if (e == OK && u->all != NULL) {
        e = person_list_db(db, u->rq->arena, (struct id){0}, STR(""), u->all, PEOPLE_CHOICES_MAX, &u->n_all);
    }
    return e;
}

static bool among(const struct people_person *at, size_t n, struct id id)
{
    for (size_t i = 0; i < n; i++) {
        if (id_equal(at[i].id, id)) {
            return true;
        }
    }
    return false;
}

static enum err unit_show(struct req *rq, struct people_unit_out *out)
{
    struct unit u = {.rq = rq};
    u.members = arena_array(rq->arena, PEOPLE_UNIT_MEMBERS_MAX, sizeof *u.members);
    bool admits = req_may(rq, PERM_UNIT_ADMIT) && person_of_unit(&rq->who, rq->id);
    bool begins = req_may(rq, PERM_PEOPLE_ADMIN);
    if ((admits || begins) && !rq->json) {
        u.all = arena_array(rq->arena, PEOPLE_CHOICES_MAX, sizeof *u.all);
    }
    enum err e = u.members == NULL || arena_failed(rq->arena) ? ERR_MEMORY : store_read(rq->sv->store, unit_db, &u);
    if (e != OK) {
        return e;
    }
    struct people_row *rows = arena_array(rq->arena, u.n > 0 ? u.n : 1, sizeof *rows);
    struct people_id_choice *others = arena_array(rq->arena, u.n_all > 0 ? u.n_all : 1, sizeof *others);
    if (rows == NULL || others == NULL) {
        return ERR_MEMORY;
    }
    for (size_t i = 0; i < u.n; i++) {
        rows[i] = page_person(rq, &u.members[i]);
    }
    size_t n_others = 0;
    for (size_t i = 0; i < u.n_all; i++) {
        if (!u.all[i].disabled && !among(u.members, u.n, u.all[i].id) && !id_equal(u.all[i].id, rq->who.id)) {
            others[n_others++] = (struct people_id_choice){.value = u.all[i].id, .label = u.all[i].name};
        }
    }
    *out = (struct people_unit_out){.id = u.row.id, .institution = u.row.institution_code, .room = u.row.room, .name = page_unit_name(rq, &u.row),
                                    .members = {rows, u.n}, .label = page_unit_label(rq, &u.row), .may_admit = admits,
                                    .may_begin = begins && u.n == 0, .few = u.n < 2, .others = {others, n_others}};
    return page_foundings(rq, rq->id, &out->foundings);
}

enum err people_unit_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    return unit_show(rq, out);
}

struct member { struct req *rq; struct id person; struct people_person row; };

static enum err member_look(struct db *db, void *arg)
{
    struct member *m = arg;
    return person_find_db(db, m->rq->arena, m->person, &m->row);
}

static enum err member_known(struct db *db, void *arg)
{
    const struct member *m = arg;
    return member_find_db(db, m->rq->id, m->person);
}

static enum err member_write(struct db *db, void *arg)
{
    struct member *m = arg;
    return member_add_db(db, m->rq->id, m->person);
}

static enum err member_leave(struct db *db, void *arg)
{
    struct member *m = arg;
    return member_remove_db(db, m->rq->id, m->person);
}

// The keeper decides: a present member admits; of a unit without a key an administrator names the first, never himself.
static enum err admit(struct req *rq, const struct people_member_in *in, struct people_unit_out *out)
{
    struct member m = {.rq = rq, .person = in->person};
    enum err e = unit_show(rq, out);
    if (e == OK) {
        e = store_read(rq->sv->store, member_look, &m);
        e = e == ERR_NOT_FOUND ? req_refuse(rq, "person", MSG_PEOPLE_REFUSED_PERSON) : e;
    }
    if (e == OK && m.row.disabled) {
        e = req_refuse(rq, "person", MSG_PEOPLE_REFUSED_PERSON);
    }
    if (e == OK) {
        e = keeper_admit(rq->sv->keeper, &rq->token, rq->id, in->person);
        // A colleague who admits is told of a conflict by the keeper where the person is a member already (or the unit was
        // rotated this moment: hence once more). Where the desk does not know, the first try's row was lost.
        if (e == ERR_CONFLICT && person_of_unit(&rq->who, rq->id) && store_read(rq->sv->store, member_known, &m) == ERR_NOT_FOUND) {
            e = keeper_admit(rq->sv->keeper, &rq->token, rq->id, in->person);
            e = e == ERR_CONFLICT ? OK : e;
        }
        e = page_keeper(rq, e);
    }
    e = e != OK ? e : store_write(rq->sv->store, member_write, &m);
    return e == OK ? unit_show(rq, out) : e;
}

enum err people_admit_run(struct req *rq, const void *in, void *out)
{
    return admit(rq, in, out);
}

struct beginning { struct req *rq; struct id person; bool added; };

static enum err begin_write(struct db *db, void *arg)
{
    struct beginning *b = arg;
    return founding_add_db(db, b->rq->id, b->person, b->rq->who.id, b->rq->now, &b->added);
}

static enum err begin_undo(struct db *db, void *arg)
{
    const struct beginning *b = arg;
    return founding_drop_db(db, b->rq->id);
}

// The founding is listed before it happens, and taken back where the keeper refuses it: none happens that is not listed.
enum err people_begin_run(struct req *rq, const void *in_, void *out_)
{
    const struct people_member_in *in = in_;
    struct people_unit_out *out = out_;
    enum err e = unit_show(rq, out);
    if (e == OK && (out->members.n > 0 || id_equal(in->person, rq->who.id))) {
        return req_notice(rq, ERR_CONFLICT, MSG_PEOPLE_KEEPER_REFUSED);
    }
    struct beginning b = {.rq = rq, .person = in->person};
    e = e != OK ? e : store_write(rq->sv->store, begin_write, &b);
    if (e != OK) {
        return e;
    }
    e = admit(rq, in, out);
    if (e != OK && e != ERR_AWAY && b.added) {
        enum err undone = store_write(rq->sv->store, begin_undo, &b);
        e = undone != OK ? undone : e;
    }
    return e;
}

enum err people_remove_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct people_unit_out *out = out_;
    struct member m = {.rq = rq, .person = rq->id2};
    enum err e = unit_show(rq, out);
    if (e == OK) {
        e = store_read(rq->sv->store, member_known, &m);
    }
    if (e == OK) {
        e = keeper_rotate(rq->sv->keeper, &rq->token, rq->id, rq->id2);
        e = page_keeper(rq, e == ERR_NOT_FOUND ? OK : e); // gone there already: the first try's row was lost here
    }
    e = e != OK ? e : store_write(rq->sv->store, member_leave, &m);
    return e == OK ? unit_show(rq, out) : e;
}

enum err people_rotate_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    enum err e = unit_show(rq, out);
    return e != OK ? e : page_keeper(rq, keeper_rotate(rq->sv->keeper, &rq->token, rq->id, (struct id){0}));
}

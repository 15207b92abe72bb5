// Who is on call for a unit: now, in the days to come, and when nobody is.
#include "people/pages.h"
#include <string.h>
#include "base/clock.h"

#define GAP_DAYS 7
#define BEGUN_AGO CLOCK_HOUR // a shift that begins now may be written a little late

struct roster {
    struct req *rq;
    struct id unit;
    struct people_unit *units;
    size_t n_units;
    struct people_unit row;
    struct people_slot *slots;
    size_t n;
    struct people_person *members;
    size_t n_members;
};

static enum err roster_db(struct db *db, void *arg)
{
    struct roster *r = arg;
    enum err e = unit_list_db(db, r->rq->arena, r->units, PEOPLE_UNITS_MAX, &r->n_units);
    if (e != OK || id_zero(r->unit)) {
        return e;
    }
    e = unit_find_db(db, r->rq->arena, r->unit, &r->row);
    if (e == OK) {
        e = roster_list_db(db, r->rq->arena, r->unit, r->rq->now, r->slots, PEOPLE_SLOTS_MAX, &r->n);
    }
    if (e == OK) {
        e = member_list_db(db, r->rq->arena, r->unit, r->members, PEOPLE_UNIT_MEMBERS_MAX, &r->n_members);
    }
    return e;
}

// Of one's own units, or of any where one runs the place.
static bool may_edit(const struct req *rq, struct id unit)
{
    return req_may(rq, PERM_ROSTER_EDIT) && (person_of_unit(&rq->who, unit) || req_may(rq, PERM_PEOPLE_ADMIN));
}

static struct people_slot_row slot_row(struct req *rq, const struct people_slot *s)
{
    return (struct people_slot_row){
        .id = s->id,
        .person = s->person,
        .name = s->name,
        .starts = s->starts == 0 ? INT64_MIN : s->starts,
        .ends = s->ends == INT64_MAX ? INT64_MIN : s->ends,
        .place = s->place,
        .works = s->works,
        .from = s->starts == 0 ? (struct str){"", 0} : req_date(rq, s->starts, DATE_MINUTE),
        .to = s->ends == INT64_MAX ? (struct str){"", 0} : req_date(rq, s->ends, DATE_MINUTE),
    };
}

static enum err rows_show(struct req *rq, const struct roster *r, struct people_roster_out *out)
{
    struct people_slot_row *slots = arena_array(rq->arena, r->n + 1, sizeof *slots);
    struct people_slot_row *now = arena_array(rq->arena, r->n + 1, sizeof *now);
    struct people_gap *gaps = arena_array(rq->arena, PEOPLE_GAPS_MAX, sizeof *gaps);
    struct people_gap_row *rows = arena_array(rq->arena, PEOPLE_GAPS_MAX, sizeof *rows);
    if (slots == NULL || now == NULL || gaps == NULL || rows == NULL) {
        return ERR_MEMORY;
    }
    size_t n_now = 0;
    for (size_t i = 0; i < r->n; i++) {
        slots[i] = slot_row(rq, &r->slots[i]);
    }
    for (int64_t place = 1; place <= 9; place++) { // slots come by their start, so one place keeps that order
        for (size_t i = 0; i < r->n; i++) {
            const struct people_slot *s = &r->slots[i];
            if (s->place == place && s->works && s->starts <= rq->now) {
                now[n_now++] = slots[i];
            }
        }
    }
    size_t n_gaps = rule_gaps(r->slots, r->n, rq->now, rq->now + GAP_DAYS * CLOCK_DAY, gaps, PEOPLE_GAPS_MAX);
    for (size_t i = 0; i < n_gaps; i++) {
        rows[i] = (struct people_gap_row){gaps[i].from, gaps[i].to, req_date(rq, gaps[i].from, DATE_MINUTE), req_date(rq, gaps[i].to, DATE_MINUTE)};
    }
    out->slots = (struct list){slots, r->n};
    out->on_call = (struct list){now, n_now};
    out->gaps = (struct list){rows, n_gaps};
    return OK;
}

// unit zero: the first of one's own, or the first there is.
static enum err roster_show(struct req *rq, struct id unit, struct people_roster_out *out)
{
    struct roster r = {.rq = rq, .unit = !id_zero(unit) ? unit : rq->who.n_units > 0 ? rq->who.units[0] : unit};
    r.units = arena_array(rq->arena, PEOPLE_UNITS_MAX, sizeof *r.units);
    r.slots = arena_array(rq->arena, PEOPLE_SLOTS_MAX, sizeof *r.slots);
    r.members = arena_array(rq->arena, PEOPLE_UNIT_MEMBERS_MAX, sizeof *r.members);
    if (arena_failed(rq->arena)) {
        return ERR_MEMORY;
    }
    enum err e = store_read(rq->sv->store, roster_db, &r);
    if (e == OK && id_zero(r.unit) && r.n_units > 0) {
        r.unit = r.units[0].id;
        e = store_read(rq->sv->store, roster_db, &r);
    }
    if (e != OK) {
        return e;
    }
    struct people_id_choice *units = arena_array(rq->arena, r.n_units + 1, sizeof *units);
    struct people_id_choice *members = arena_array(rq->arena, r.n_members + 1, sizeof *members);
    if (units == NULL || members == NULL) {
        return ERR_MEMORY;
    }
    for (size_t i = 0; i < r.n_units; i++) {
        units[i] = (struct people_id_choice){r.units[i].id, page_unit_label(rq, &r.units[i]), id_equal(r.units[i].id, r.unit)};
    }
    for (size_t i = 0; i < r.n_members; i++) {
        members[i] = (struct people_id_choice){r.members[i].id, r.members[i].name, id_equal(r.members[i].id, out->typed.person)};
    }
    *out = (struct people_roster_out){.unit = r.unit, .typed = out->typed, .units = {units, r.n_units}, .members = {members, r.n_members}};
    if (id_zero(r.unit)) {
        return OK; // no unit yet
    }
    out->label = page_unit_label(rq, &r.row);
    out->may_edit = may_edit(rq, r.unit);
    out->place = out->typed.place > 0 ? out->typed.place : 1;
    return rows_show(rq, &r, out);
}

enum err people_roster_run(struct req *rq, const void *in_, void *out)
{
    const struct people_roster_in *in = in_;
    return roster_show(rq, in->unit, out);
}

enum err people_roster_fill(struct req *rq, const void *in_, void *out_)
{
    const struct people_roster_add_in *in = in_;
    struct people_roster_out *out = out_;
    out->typed = *in;
    return roster_show(rq, in->unit, out);
}

static enum err slot_add(struct db *db, void *arg)
{
    return roster_add_db(db, arg);
}

static bool time_fine(struct req *rq, const char *field, struct str typed, int64_t *out)
{
    return rule_time_read(typed, out) ||
           req_refuse(rq, field, rule_time_skipped(typed) ? MSG_PEOPLE_REFUSED_SKIPPED : MSG_PEOPLE_REFUSED_TIME) == OK;
}

static enum err slot_check(struct req *rq, const struct people_roster_add_in *in, struct people_slot *s)
{
    bool fine = time_fine(rq, "starts", in->starts, &s->starts);
    if (in->ends.n > 0 && !time_fine(rq, "ends", in->ends, &s->ends)) {
        fine = false;
    } else if (fine && s->ends <= s->starts) {
        fine = req_refuse(rq, "ends", MSG_PEOPLE_REFUSED_ENDS) == OK;
    } else if (fine && s->ends <= rq->now) {
        fine = req_refuse(rq, "ends", MSG_PEOPLE_REFUSED_PAST) == OK;
    }
    if (fine && s->starts < rq->now - BEGUN_AGO) { // who was on call is not told afterwards
        fine = req_refuse(rq, "starts", MSG_PEOPLE_REFUSED_BEGUN) == OK;
    }
    if (in->place < 1 || in->place > 9) {
        fine = req_refuse(rq, "place", MSG_PEOPLE_REFUSED_PLACE) == OK;
    }
    return fine ? OK : ERR_INVALID;
}

// Where the page goes on: the roster of this unit.
static void back_to(struct req *rq, struct id unit)
{
    char hex[ID_HEX];
    rq->then = arena_printf(rq->arena, "/roster?unit=%s", id_hex(unit, hex)).at;
}

enum err people_roster_add_run(struct req *rq, const void *in_, void *out_)
{
    const struct people_roster_add_in *in = in_;
    struct people_roster_out *out = out_;
    out->typed = *in;
    struct people_slot s = {.id = id_random(), .unit = in->unit, .person = in->person, .ends = INT64_MAX, .place = in->place};
    enum err e = roster_show(rq, in->unit, out);
    if (e == OK && !may_edit(rq, in->unit)) {
        return ERR_FORBIDDEN;
    }
    e = e != OK ? e : slot_check(rq, in, &s);
    if (e == OK) {
        e = page_audit(rq, AUDIT_ROSTER, in->unit, in->person, "slot added");
    }
    if (e == OK) {
        e = store_write(rq->sv->store, slot_add, &s);
        e = e == ERR_NOT_FOUND ? req_refuse(rq, "person", MSG_PEOPLE_REFUSED_MEMBER)
            : e == ERR_CONFLICT ? req_notice(rq, e, MSG_PEOPLE_ROSTER_TWICE) : e;
    }
    if (e == OK) {
        back_to(rq, in->unit);
        e = roster_show(rq, in->unit, out);
    }
    return e;
}

struct slot_remove { struct req *rq; struct people_slot slot; };

static enum err slot_look(struct db *db, void *arg)
{
    struct slot_remove *r = arg;
    return roster_find_db(db, r->rq->arena, r->rq->id, &r->slot);
}

static enum err slot_drop(struct db *db, void *arg)
{
    struct slot_remove *r = arg;
    return roster_remove_db(db, r->rq->id);
}

enum err people_roster_remove_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    struct slot_remove r = {.rq = rq};
    enum err e = store_read(rq->sv->store, slot_look, &r);
    if (e == OK && !may_edit(rq, r.slot.unit)) {
        e = ERR_FORBIDDEN;
    }
    if (e == OK) {
        e = page_audit(rq, AUDIT_ROSTER, r.slot.unit, r.slot.person, "slot removed");
    }
    e = e != OK ? e : store_write(rq->sv->store, slot_drop, &r);
    if (e == OK) {
        back_to(rq, r.slot.unit);
        e = roster_show(rq, r.slot.unit, out);
    }
    return e;
}

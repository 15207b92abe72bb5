// A unit's page: who answers for it, when, and what it has accepted; its members set this themselves.
#include <string.h>
#include "exchange/handlers.h"
#include "web/seen.h"

DB_QUERY(unit_members_sql, "bi", "bt", "select p.id, p.name from desk.member m join desk.person p on p.id = m.person "
         "where m.unit = $1 and p.disabled = 0 order by p.fold, p.id limit $2");
DB_QUERY(unit_member_sql, "bb", "i", "select p.disabled from desk.member m join desk.person p on p.id = m.person "
         "where m.unit = $1 and m.person = $2");
// Only over what was read before: else nothing changes, and somebody was faster.
DB_QUERY(unit_duty_sql, "btttt", "", "insert into desk.unit_duty as d (unit, hours, phone) values ($1, $2, $3) "
         "on conflict (unit) do update set hours = excluded.hours, phone = excluded.phone where d.hours = $4 and d.phone = $5");
DB_QUERY(unit_contact_sql, "bbib", "", "insert into desk.contact as c (unit, person, place) values ($1, $2, $3) "
         "on conflict (unit, place) do update set person = excluded.person where c.person = $4");

DB_QUERY(unit_contact_drop_sql, "bi", "", "delete from desk.contact where unit = $1 and place = $2");

struct members { struct req *rq; struct id unit; struct choice *at; size_t n; };

static enum err members_read(struct db *db, void *arg)
{
    struct members *m = arg;
    struct db_rows *r;
    enum err e = db_query(db, &unit_members_sql, DB_ARGS(DB_ID(m->unit), DB_I(PEOPLE_UNIT_MEMBERS_MAX)), &r);
    if (e)
        return e;
    for (m->n = 0; m->n < PEOPLE_UNIT_MEMBERS_MAX && db_next(r); m->n++) {
        struct id id = {{0}};
        char hex[ID_HEX];
        if (id_from_bytes(db_str(r, 0), &id))
            e = ERR_TAMPERED;
        m->at[m->n] = (struct choice){.value = arena_str(m->rq->arena, str_from(id_hex(id, hex))),
                                               .label = arena_str(m->rq->arena, db_str(r, 1))};
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

static struct list places(struct req *rq)
{
    static const enum message words[] = {MSG_EXCHANGE_CONTACT_FIRST, MSG_EXCHANGE_CONTACT_DEPUTY, MSG_EXCHANGE_CONTACT_HEAD};
    struct choice *at = arena_array(rq->arena, CONTACT_PLACES, sizeof *at);
    for (int i = 0; at && i < CONTACT_PLACES; i++)
        at[i] = (struct choice){.value = arena_printf(rq->arena, "%d", i + 1), .label = text_get(rq->lang, words[i])};
    return (struct list){at, at ? CONTACT_PLACES : 0};
}

static enum err unit_show(struct req *rq, struct id unit, struct exchange_unit_out *out)
{
    enum err e = exchange_point_find(rq, unit, out);
    if (e)
        return e;
    out->may_set = req_may(rq, PERM_UNIT_ADMIT) && person_of_unit(&rq->who, unit);
    struct members m = {.rq = rq, .unit = unit};
    if (out->may_set && !rq->json) { // members are named to members only
        m.at = arena_array(rq->arena, PEOPLE_UNIT_MEMBERS_MAX, sizeof *m.at);
        e = m.at ? store_read(rq->sv->store, members_read, &m) : ERR_MEMORY;
    }
    out->people = (struct list){m.at, m.n};
    out->places = places(rq);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err exchange_unit_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    return unit_show(rq, rq->id, out);
}

enum err exchange_unit_fill(struct req *rq, const void *in, void *out)
{
    (void)in;
    return unit_show(rq, rq->id, out);
}

enum err exchange_contact_fill(struct req *rq, const void *in_, void *out)
{
    const struct exchange_contact_in *in = in_;
    enum err e = person_of_unit(&rq->who, in->unit) ? unit_show(rq, in->unit, out) : ERR_NOT_FOUND; // another's is told like none
    return e == ERR_NOT_FOUND ? OK : e;
}

// ── who answers ──
struct setting { const struct exchange_contact_in *in; struct id before; bool member, twice; }; // twice: has another place here

static enum err setting_look(struct db *db, void *arg)
{
    struct setting *s = arg;
    struct db_rows *r;
    enum err e = db_query(db, &unit_member_sql, DB_ARGS(DB_ID(s->in->unit), DB_ID(s->in->person)), &r);
    if (e)
        return e;
    s->member = db_next(r) && db_int(r, 0) == 0;
    return db_done(&r);
}

static enum err setting_write(struct db *db, void *arg)
{
    const struct setting *s = arg;
    int64_t changed = 0;
    if (id_zero(s->in->person))
        return db_exec(db, &unit_contact_drop_sql, DB_ARGS(DB_ID(s->in->unit), DB_I(s->in->place)), NULL);
    enum err e = db_exec(db, &unit_contact_sql, DB_ARGS(DB_ID(s->in->unit), DB_ID(s->in->person), DB_I(s->in->place), DB_ID(s->before)), &changed);
    return e ? e : changed ? OK : ERR_CONFLICT;
}

static enum err back_to(struct req *rq, struct id unit)
{
    char hex[ID_HEX];
    struct str then = arena_printf(rq->arena, "/contacts/%s", id_hex(unit, hex));
    rq->then = then.at;
    return then.at ? OK : ERR_MEMORY;
}

enum err exchange_contact_run(struct req *rq, const void *in_, void *out)
{
    const struct exchange_contact_in *in = in_;
    struct setting s = {.in = in};
    struct keeper_audit_at at;
    const struct exchange_unit_out *now = out;
    enum err e = exchange_contact_fill(rq, in_, out);
    for (size_t i = 0; !e && i < now->contacts.n; i++) {
        const struct exchange_contact *c = (const struct exchange_contact *)now->contacts.at + i;
        s.before = c->place == in->place ? c->person : s.before;
        s.twice = s.twice || (c->place != in->place && id_equal(c->person, in->person));
    }
    if (!e && !person_of_unit(&rq->who, in->unit))
        e = req_refuse(rq, "unit", MSG_EXCHANGE_REFUSED_OWN);
    if (!e && !seen_still(in->seen, now->seen))
        return ERR_CONFLICT;
    if (!e && (in->place < CONTACT_FIRST || in->place > CONTACT_HEAD))
        e = req_refuse(rq, "place", MSG_WEB_FIELD_CHOICE);
    if (!e && !id_zero(in->person))
        e = store_read(rq->sv->store, setting_look, &s);
    if (!e && !id_zero(in->person) && !s.member)
        e = req_refuse(rq, "person", MSG_EXCHANGE_REFUSED_PERSON);
    if (!e && s.twice)
        e = req_refuse(rq, "person", MSG_EXCHANGE_REFUSED_TWICE);
    if (!e)
        e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_CONTACT, in->unit, in->person, STR("contact"), &at);
    if (!e)
        e = store_write(rq->sv->store, setting_write, &s);
    if (!e)
        e = exchange_contact_fill(rq, in_, out);
    return e ? e : back_to(rq, in->unit);
}

// ── when ──
struct duty { struct id unit; struct str hours, phone, hours_before, phone_before; };

static enum err duty_write(struct db *db, void *arg)
{
    const struct duty *d = arg;
    int64_t changed = 0;
    enum err e = db_exec(db, &unit_duty_sql,
                         DB_ARGS(DB_ID(d->unit), DB_T(d->hours), DB_T(d->phone), DB_T(d->hours_before),
                                 DB_T(d->phone_before)), &changed);
    return e ? e : changed ? OK : ERR_CONFLICT;
}

static bool phone_fine(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!memchr("0123456789 +-/().", s.at[i], 17))
            return false;
    return true;
}

enum err exchange_duty_run(struct req *rq, const void *in_, void *out)
{
    const struct exchange_duty_in *in = in_;
    struct exchange_unit_out *now = out;
    struct duty d = {.unit = rq->id, .hours = str_trim(in->hours), .phone = str_trim(in->phone)};
    struct keeper_audit_at at;
    if (!person_of_unit(&rq->who, rq->id))
        return ERR_NOT_FOUND;
    enum err e = unit_show(rq, rq->id, out);
    if (!e) {
        d.hours_before = now->hours;
        d.phone_before = now->phone;
        now->typed_hours = in->hours; // to be mended or sent again, not typed again
        now->typed_phone = in->phone;
    }
    if (!e && !seen_still(in->seen, now->seen))
        return ERR_CONFLICT;
    if (!e && !phone_fine(d.phone))
        e = req_refuse(rq, "phone", MSG_EXCHANGE_REFUSED_PHONE);
    if (!e)
        e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_CONTACT, rq->id, (struct id){{0}}, STR("duty hours"), &at);
    if (!e)
        e = store_write(rq->sv->store, duty_write, &d);
    if (!e)
        e = unit_show(rq, rq->id, out);
    return e ? e : back_to(rq, rq->id);
}

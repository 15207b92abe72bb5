// Points of contact: for each unit that exchanges, who answers first, the deputy and the head. A unit of which nobody
// answers first is a gap. A member who may admit others names them for his own unit.
#include <string.h>
#include "exchange/handlers.h"

#define CONTACT_MEMBERS_MAX 500 // members of one's own units that are offered

DB_QUERY(contact_units_sql, "ti", "btttBiT",
         "select u.id, u.name, i.name, i.name_en, c.person, coalesce(c.place, 0), p.name from desk.unit u "
         "join desk.institution i on i.id = u.institution left join desk.contact c on c.unit = u.id "
         "left join desk.person p on p.id = c.person where u.room = $1 order by i.fold, u.id, coalesce(c.place, 0) limit $2");
DB_QUERY(contact_members_sql, "bi", "bt", "select p.id, p.name from desk.member m join desk.person p on p.id = m.person "
         "where m.unit = $1 and p.disabled = 0 order by p.fold, p.id limit $2");
DB_QUERY(contact_member_sql, "bb", "i", "select p.disabled from desk.member m join desk.person p on p.id = m.person "
         "where m.unit = $1 and m.person = $2");

struct contacts {
    struct req *rq;
    struct exchange_contact *contact;
    struct exchange_contact_row *row;
    struct exchange_choice *unit, *person;
    struct str *gap;
    size_t n_contacts, n_rows, n_units, n_people, n_gaps;
    struct id person_id[CONTACT_MEMBERS_MAX];
};

static enum err contact_row(struct contacts *c, const struct db_rows *r)
{
    struct req *rq = c->rq;
    struct id unit;
    char hex[ID_HEX];
    if (id_from_bytes(db_str(r, 0), &unit))
        return ERR_TAMPERED;
    if (c->n_rows == 0 || !id_equal(c->row[c->n_rows - 1].unit, unit)) {
        struct str name = db_str(r, 1).n ? db_str(r, 1) : str_equal_z(rq->lang_code, "en") ? db_str(r, 3) : db_str(r, 2);
        c->row[c->n_rows++] = (struct exchange_contact_row){.unit = unit, .name = arena_str(rq->arena, name), .gap = true};
        if (referral_own(&rq->who, unit)) // each unit comes once: at most as many as the person has
            c->unit[c->n_units++] = (struct exchange_choice){.value = arena_str(rq->arena, str_from(id_hex(unit, hex))),
                                                             .label = c->row[c->n_rows - 1].name};
    }
    struct exchange_contact_row *row = &c->row[c->n_rows - 1];
    int64_t place = db_int(r, 5);
    if (place == 0)
        return OK;
    struct exchange_contact *one = &c->contact[c->n_contacts++];
    *one = (struct exchange_contact){.unit = unit, .place = place, .unit_name = row->name, .person_name = arena_str(rq->arena, db_str(r, 6))};
    *(place == CONTACT_FIRST ? &row->contact : place == CONTACT_DEPUTY ? &row->deputy : &row->head) = one->person_name;
    row->gap = row->gap && place != CONTACT_FIRST;
    return id_from_bytes(db_str(r, 4), &one->person) ? ERR_TAMPERED : OK;
}

static enum err members_read(struct db *db, struct contacts *c)
{
    const struct person *who = &c->rq->who;
    struct db_rows *r;
    enum err e = OK;
    for (size_t u = 0; u < who->n_units && !e; u++) {
        e = db_query(db, &contact_members_sql, DB_ARGS(DB_ID(who->units[u]), DB_I(PEOPLE_UNIT_MEMBERS_MAX)), &r);
        if (e)
            return e;
        while (c->n_people < CONTACT_MEMBERS_MAX && db_next(r)) {
            struct id id = {{0}};
            char hex[ID_HEX];
            bool twice = id_from_bytes(db_str(r, 0), &id) != OK;
            for (size_t i = 0; i < c->n_people; i++)
                twice |= id_equal(c->person_id[i], id);
            if (twice)
                continue;
            c->person_id[c->n_people] = id;
            c->person[c->n_people++] = (struct exchange_choice){.value = arena_str(c->rq->arena, str_from(id_hex(id, hex))),
                                                                .label = arena_str(c->rq->arena, db_str(r, 1))};
        }
        e = db_done(&r);
    }
    return e;
}

static enum err contacts_read(struct db *db, void *arg)
{
    struct contacts *c = arg;
    struct db_rows *r;
    c->n_contacts = c->n_rows = c->n_units = c->n_people = c->n_gaps = 0;
    enum err e = db_query(db, &contact_units_sql, DB_ARGS(DB_T(STR("exchange")), DB_I(REFERRAL_UNITS_MAX * CONTACT_PLACES)), &r);
    if (e)
        return e;
    while (!e && c->n_rows < REFERRAL_UNITS_MAX && db_next(r))
        e = contact_row(c, r);
    enum err done = db_done(&r);
    e = done ? done : e;
    return e || c->rq->json ? e : members_read(db, c);
}

static struct list places(struct req *rq)
{
    static const enum message words[] = {MSG_EXCHANGE_CONTACT_FIRST, MSG_EXCHANGE_CONTACT_DEPUTY, MSG_EXCHANGE_CONTACT_HEAD};
    struct exchange_choice *at = arena_array(rq->arena, CONTACT_PLACES, sizeof *at);
    for (int i = 0; at && i < CONTACT_PLACES; i++)
        at[i] = (struct exchange_choice){.value = arena_printf(rq->arena, "%d", i + 1), .label = text_get(rq->lang, words[i])};
    return (struct list){at, at ? CONTACT_PLACES : 0};
}

static enum err contacts_show(struct req *rq, struct exchange_contacts_out *out)
{
    struct contacts *c = ARENA_NEW(rq->arena, struct contacts);
    if (!c)
        return ERR_MEMORY;
    c->rq = rq;
    c->contact = arena_array(rq->arena, REFERRAL_UNITS_MAX * CONTACT_PLACES, sizeof *c->contact);
    c->row = arena_array(rq->arena, REFERRAL_UNITS_MAX, sizeof *c->row);
    c->unit = arena_array(rq->arena, rq->who.n_units + 1, sizeof *c->unit);
    c->person = arena_array(rq->arena, CONTACT_MEMBERS_MAX, sizeof *c->person);
    c->gap = arena_array(rq->arena, REFERRAL_UNITS_MAX, sizeof *c->gap);
    enum err e = arena_failed(rq->arena) ? ERR_MEMORY : store_read(rq->sv->store, contacts_read, c);
    if (e)
        return e;
    for (size_t i = 0; i < c->n_rows; i++) {
        char hex[ID_HEX];
        if (c->row[i].gap)
            c->gap[c->n_gaps++] = arena_str(rq->arena, str_from(id_hex(c->row[i].unit, hex)));
    }
    out->contacts = (struct list){c->contact, c->n_contacts};
    out->gaps = (struct list){c->gap, c->n_gaps};
    out->rows = (struct list){c->row, c->n_rows};
    out->units = (struct list){c->unit, c->n_units};
    out->people = (struct list){c->person, c->n_people};
    out->places = places(rq);
    out->any_gap = c->n_gaps > 0;
    out->may_set = req_may(rq, PERM_UNIT_ADMIT) && c->n_units > 0;
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err exchange_contacts_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    return contacts_show(rq, out);
}

enum err exchange_contacts_fill(struct req *rq, const void *in, void *out)
{
    (void)in;
    return contacts_show(rq, out);
}

struct setting { const struct exchange_contact_in *in; bool member; };

static enum err setting_look(struct db *db, void *arg)
{
    struct setting *s = arg;
    struct db_rows *r;
    enum err e = db_query(db, &contact_member_sql, DB_ARGS(DB_ID(s->in->unit), DB_ID(s->in->person)), &r);
    if (e)
        return e;
    s->member = db_next(r) && db_int(r, 0) == 0;
    return db_done(&r);
}

static enum err setting_write(struct db *db, void *arg)
{
    const struct setting *s = arg;
    return exchange_setup_contact(db, s->in->unit, s->in->person, (enum contact_place)s->in->place);
}

enum err exchange_contact_run(struct req *rq, const void *in_, void *out)
{
    const struct exchange_contact_in *in = in_;
    struct setting s = {.in = in};
    struct keeper_audit_at at;
    enum err e = contacts_show(rq, out);
    if (!e && !referral_own(&rq->who, in->unit))
        e = req_refuse(rq, "unit", MSG_EXCHANGE_REFUSED_OWN);
    if (!e && (in->place < CONTACT_FIRST || in->place > CONTACT_HEAD))
        e = req_refuse(rq, "place", MSG_WEB_FIELD_CHOICE);
    if (!e)
        e = store_read(rq->sv->store, setting_look, &s);
    if (!e && !s.member)
        e = req_refuse(rq, "person", MSG_EXCHANGE_REFUSED_PERSON);
    if (!e)
        e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_CONTACT, in->unit, in->person, STR("contact"), &at);
    if (!e)
        e = store_write(rq->sv->store, setting_write, &s);
    return e ? e : contacts_show(rq, out);
}

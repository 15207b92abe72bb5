// Points of contact: for each unit that exchanges, who answers first, the deputy, the head, and when somebody is there. A
// unit of which nobody answers first is a gap. The same units as on the page of the protocol: all that may receive. There are well over a hundred units, so the list is grouped by county,
// filtered, and tells the gaps as numbers first.
#include <string.h>
#include "exchange/handlers.h"
#include "text/fold.h"
#include "web/seen.h"

DB_QUERY(contact_units_sql, "i", "bttttttttiiBiTi",
         "select u.id, u.name, i.name, i.name_en, i.code, i.type, i.fold, coalesce(d.hours, ''), coalesce(d.phone, ''), "
         "(select count(*) from desk.member m where m.unit = u.id), "
         "coalesce((select max(a.version) from desk.protocol_accepted a where a.unit = u.id), 0), c.person, coalesce(c.place, 0), p.name, "
         "cast(case when p.disabled = 0 and exists (select 1 from desk.member m where m.unit = u.id and m.person = p.id) then 1 else 0 end as bigint) "
         "from desk.unit u join desk.institution i on i.id = u.institution left join desk.unit_duty d on d.unit = u.id "
         "left join desk.contact c on c.unit = u.id left join desk.person p on p.id = c.person where u.room in ('desk', 'exchange') "
         "order by i.fold, u.room, u.id, coalesce(c.place, 0) limit $1");

struct contacts {
    struct req *rq;
    const struct exchange_contacts_in *in;
    struct exchange_contact *contact;
    struct exchange_point *point;
    struct choice *own;
    size_t n_contacts, n_points, n_own;
    struct str fold;                   // of what is searched for
    bool *found;                       // of each point: its name holds that
    int64_t force;
};

static struct exchange_point *point_new(struct contacts *c, struct id unit, const struct db_rows *r)
{
    struct req *rq = c->rq;
    const struct pack_institution *at = pack_institution(rq->sv->pack, db_str(r, 4));
    struct exchange_point *p = &c->point[c->n_points];
    char hex[ID_HEX];
    c->found[c->n_points++] = c->fold.n == 0 || str_find_str(db_str(r, 6), c->fold) >= 0;
    *p = (struct exchange_point){.unit = unit, .name = exchange_unit_name(rq, r, 1), .type = arena_str(rq->arena, db_str(r, 5)),
        .county = at ? at->county : STR(""), .municipality = at ? at->municipality : STR(""), .hours = arena_str(rq->arena, db_str(r, 7)),
        .phone = arena_str(rq->arena, db_str(r, 8)), .members = db_int(r, 9), .version = db_int(r, 10), .gap = true};
    p->type_text = pack_label(rq->sv->pack, "institution_type", p->type, rq->lang);
    p->behind = p->members > 0 && p->version < c->force;
    if (person_of_unit(&rq->who, unit)) // each unit comes once: at most as many as the person has
        c->own[c->n_own++] = (struct choice){.value = arena_str(rq->arena, str_from(id_hex(unit, hex))), .label = p->name};
    return p;
}

static enum err contact_row(struct contacts *c, const struct db_rows *r)
{
    struct id unit;
    if (id_from_bytes(db_str(r, 0), &unit))
        return ERR_TAMPERED;
    struct exchange_point *p = c->n_points ? &c->point[c->n_points - 1] : NULL;
    if (!p || !id_equal(p->unit, unit))
        p = point_new(c, unit, r);
    int64_t place = db_int(r, 12);
    if (place == 0 || !db_int(r, 14)) // whoever left, or may sign in no more, answers no more
        return OK;
    struct exchange_contact *one = &c->contact[c->n_contacts++];
    *one = (struct exchange_contact){.unit = unit, .place = place, .unit_name = p->name, .person_name = arena_str(c->rq->arena, db_str(r, 13))};
    *(place == CONTACT_FIRST ? &p->contact : place == CONTACT_DEPUTY ? &p->deputy : &p->head) = one->person_name;
    p->gap = p->gap && place != CONTACT_FIRST;
    return id_from_bytes(db_str(r, 11), &one->person) ? ERR_TAMPERED : OK;
}

static enum err contacts_read(struct db *db, void *arg)
{
    struct contacts *c = arg;
    struct db_rows *r;
    c->n_contacts = c->n_points = c->n_own = 0;
    enum err e = exchange_force_db(db, &c->force);
    if (!e)
        e = db_query(db, &contact_units_sql, DB_ARGS(DB_I(REFERRAL_UNITS_MAX * CONTACT_PLACES)), &r);
    if (e)
        return e;
    while (!e && c->n_points < REFERRAL_UNITS_MAX && db_next(r))
        e = contact_row(c, r);
    enum err done = db_done(&r);
    return done ? done : e;
}

static bool asked_for(const struct contacts *c, size_t i)
{
    const struct exchange_point *p = &c->point[i];
    const struct exchange_contacts_in *in = c->in;
    return c->found[i] && (!in->type.n || str_equal(p->type, in->type)) && (!in->county.n || str_equal(p->county, in->county)) &&
           (!in->gaps || p->gap);
}

static struct exchange_group group_of(struct contacts *c, struct str county, struct str name)
{
    struct exchange_group g = {.name = name};
    size_t n = 0;
    for (size_t i = 0; i < c->n_points; i++)
        n += str_equal(c->point[i].county, county) && asked_for(c, i);
    struct exchange_point *at = arena_array(c->rq->arena, n + 1, sizeof *at);
    for (size_t i = 0; at && i < c->n_points; i++)
        if (str_equal(c->point[i].county, county) && asked_for(c, i)) {
            at[g.units++] = c->point[i];
            g.gaps += c->point[i].gap;
        }
    g.points = (struct list){at, (size_t)g.units};
    return g;
}

// The country's own first, then county by county; those without a unit that was asked for are left out.
static void groups_fill(struct contacts *c, struct exchange_contacts_out *out)
{
    struct req *rq = c->rq;
    const struct pack *p = rq->sv->pack;
    size_t counties = 0, n = 0;
    while (pack_list_at(p, "county", counties).n)
        counties++;
    struct exchange_group *at = arena_array(rq->arena, counties + 1, sizeof *at);
    for (size_t i = 0; at && i <= counties; i++) {
        struct str county = i ? pack_list_at(p, "county", i - 1) : STR("");
        at[n] = group_of(c, county, i ? county : text_get(rq->lang, MSG_EXCHANGE_CONTACTS_COUNTRY));
        n += at[n].units > 0;
    }
    for (size_t i = 0; at && i < n; i++)
        at[i].open = out->asked || i == 0;
    out->groups = (struct list){at, at ? n : 0};
}

static struct contacts *contacts_new(struct req *rq, const struct exchange_contacts_in *in)
{
    struct contacts *c = ARENA_NEW(rq->arena, struct contacts);
    if (!c)
        return NULL;
    *c = (struct contacts){.rq = rq, .in = in, .fold = in->q.n ? fold_key(rq->arena, str_trim(in->q)) : STR(""),
        .contact = arena_array(rq->arena, REFERRAL_UNITS_MAX * CONTACT_PLACES, sizeof *c->contact),
        .point = arena_array(rq->arena, REFERRAL_UNITS_MAX, sizeof *c->point), .found = arena_array(rq->arena, REFERRAL_UNITS_MAX, sizeof *c->found),
        .own = arena_array(rq->arena, rq->who.n_units + 1, sizeof *c->own)};
    return arena_failed(rq->arena) ? NULL : c;
}

enum err exchange_contacts_run(struct req *rq, const void *in_, void *out_)
{
    const struct exchange_contacts_in *in = in_;
    struct exchange_contacts_out *out = out_;
    struct contacts *c = contacts_new(rq, in);
    enum err e = c ? store_read(rq->sv->store, contacts_read, c) : ERR_MEMORY;
    if (e)
        return e;
    struct str *gap = arena_array(rq->arena, c->n_points + 1, sizeof *gap);
    struct exchange_point *asked = arena_array(rq->arena, c->n_points + 1, sizeof *asked);
    size_t n = 0, n_gaps = 0, n_contacts = 0, all_gaps = 0;
    for (size_t i = 0; gap && asked && i < c->n_points; i++) {
        char hex[ID_HEX];
        all_gaps += c->point[i].gap;
        if (c->point[i].gap && asked_for(c, i))
            gap[n_gaps++] = arena_str(rq->arena, str_from(id_hex(c->point[i].unit, hex)));
        if (asked_for(c, i))
            asked[n++] = c->point[i];
        out->n_members += c->point[i].members > 0;
        out->n_behind += c->point[i].behind;
    }
    for (size_t k = 0; k < c->n_contacts; k++) { // of the units asked for
        bool asked_of = false;
        for (size_t i = 0; i < c->n_points && !asked_of; i++)
            asked_of = id_equal(c->point[i].unit, c->contact[k].unit) && asked_for(c, i);
        if (asked_of)
            c->contact[n_contacts++] = c->contact[k];
    }
    out->contacts = (struct list){c->contact, n_contacts};
    out->gaps = (struct list){gap, n_gaps};
    out->points = (struct list){asked, n};
    out->own = (struct list){c->own, c->n_own};
    out->n_units = (int64_t)c->n_points;
    out->n_gaps = (int64_t)all_gaps; // of the whole country, said first
    out->any_gap = all_gaps > 0;
    out->asked = in->type.n || in->county.n || in->q.n || in->gaps;
    out->types = req_choices(rq, "institution_type", in->type);
    out->counties = req_choices(rq, "county", in->county);
    if (!rq->json)
        groups_fill(c, out);
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

// ── one unit's own page ──
static const struct exchange_contacts_in everything;

static struct str unit_seen(struct req *rq, const struct exchange_unit_out *out)
{
    const struct exchange_contact *c = out->contacts.at;
    struct str part[2 + 2 * CONTACT_PLACES] = {out->hours, out->phone};
    size_t n = 2;
    for (size_t i = 0; i < out->contacts.n; i++) {
        part[n++] = arena_printf(rq->arena, "%d", (int)c[i].place);
        part[n++] = (struct str){(const char *)c[i].person.b, sizeof c[i].person.b};
    }
    return seen_of(rq->arena, part, n);
}

enum err exchange_point_find(struct req *rq, struct id unit, struct exchange_unit_out *out)
{
    struct contacts *c = contacts_new(rq, &everything);
    enum err e = c ? store_read(rq->sv->store, contacts_read, c) : ERR_MEMORY;
    const struct exchange_point *p = NULL;
    if (e)
        return e;
    for (size_t i = 0; i < c->n_points && !p; i++)
        p = id_equal(c->point[i].unit, unit) ? &c->point[i] : NULL;
    if (!p)
        return ERR_NOT_FOUND;
    *out = (struct exchange_unit_out){.unit = p->unit, .name = p->name, .type = p->type, .county = p->county, .municipality = p->municipality,
        .hours = p->hours, .phone = p->phone, .members = p->members, .version = p->version, .gap = p->gap, .type_text = p->type_text,
        .contact = p->contact, .deputy = p->deputy, .head = p->head, .behind = p->behind};
    struct exchange_contact *of = arena_array(rq->arena, CONTACT_PLACES, sizeof *of);
    struct exchange_point *near = arena_array(rq->arena, c->n_points + 1, sizeof *near);
    size_t n = 0, n_near = 0;
    for (size_t i = 0; of && i < c->n_contacts && n < CONTACT_PLACES; i++)
        if (id_equal(c->contact[i].unit, unit))
            of[n++] = c->contact[i];
    for (size_t i = 0; near && p->municipality.n && i < c->n_points; i++)
        if (&c->point[i] != p && str_equal(c->point[i].municipality, p->municipality) && str_equal(c->point[i].county, p->county))
            near[n_near++] = c->point[i];
    out->contacts = (struct list){of, n};
    out->near = (struct list){near, n_near};
    out->typed_hours = out->hours;
    out->typed_phone = out->phone;
    out->seen = unit_seen(rq, out);
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

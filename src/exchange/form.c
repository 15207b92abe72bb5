// The form of a referral: who may receive, what has been shared already, and what of a case can be shared, the template's minimum first.
#include "exchange/handlers.h"

DB_QUERY(referral_unit_sql, "b", "btttt", "select u.id, u.name, i.name, i.name_en, i.type from desk.unit u join desk.institution i "
         "on i.id = u.institution where u.id = $1");
DB_QUERY(referral_units_sql, "i", "btttt", "select u.id, u.name, i.name, i.name_en, u.room from desk.unit u join desk.institution i "
         "on i.id = u.institution where exists (select 1 from desk.member m where m.unit = u.id) and exists (select 1 from desk.protocol_accepted a "
         "where a.unit = u.id and a.version >= (select max(version) from desk.protocol_force)) "
         "and not exists (select 1 from desk.founding f where f.unit = u.id and f.confirmed is null) order by i.fold, u.room, u.id limit $1");

// Only those that can receive: founded by right, and with the protocol in force accepted. The keeper decides again.
enum err exchange_units_db(struct db *db, struct req *rq, struct id except, struct id chosen, struct list *out)
{
    struct choice *at = arena_array(rq->arena, REFERRAL_UNITS_MAX, sizeof *at);
    size_t n = 0;
    struct db_rows *r;
    enum err e = at ? db_query(db, &referral_units_sql, DB_ARGS(DB_I(REFERRAL_UNITS_MAX)), &r) : ERR_MEMORY;
    if (e)
        return e;
    while (db_next(r)) {
        struct id id;
        char hex[ID_HEX];
        if (id_from_bytes(db_str(r, 0), &id) || id_equal(id, except))
            continue;
        struct str name = db_str(r, 1), at_home = str_equal_z(rq->lang_code, "en") ? db_str(r, 3) : db_str(r, 2);
        struct str room = pack_label(rq->sv->pack, "room", db_str(r, 4), rq->lang);
        at[n++] = (struct choice){.value = arena_str(rq->arena, str_from(id_hex(id, hex))), .on = id_equal(id, chosen),
            .label = name.n ? arena_str(rq->arena, name) : arena_printf(rq->arena, "%.*s – %.*s", STR_ARG(at_home), STR_ARG(room))};
    }
    e = db_done(&r);
    *out = (struct list){at, n};
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err exchange_unit_db(struct db *db, struct req *rq, struct id unit, struct str *name, struct str *type)
{
    struct db_rows *r;
    enum err e = db_query(db, &referral_unit_sql, DB_ARGS(DB_ID(unit)), &r);
    if (e)
        return e;
    bool there = db_next(r);
    if (there) {
        *name = exchange_unit_name(rq, r, 1);
        *type = arena_str(rq->arena, db_str(r, 4));
    }
    e = db_done(&r);
    return e ? e : there ? OK : ERR_NOT_FOUND;
}

DB_QUERY(form_unit_sql, "b", "iitt", "select (select count(*) from desk.contact c join desk.person p on p.id = c.person join desk.member m on m.unit = c.unit "
         "and m.person = c.person where c.unit = u.id and p.disabled = 0), "
         "coalesce((select max(a.version) from desk.protocol_accepted a where a.unit = u.id), 0), coalesce(d.hours, ''), coalesce(d.phone, '') "
         "from desk.unit u left join desk.unit_duty d on d.unit = u.id where u.id = $1");

struct send_form {
    struct req *rq;
    struct case_at at;
    struct id chosen;
    bool known, alone, nobody, behind;
    size_t persons;
    struct str to_name, to_type, duty;
    struct list units, shared, files;
};

// Whether what is sent would be read: said before anything is typed.
static enum err receiver_read(struct db *db, struct send_form *f)
{
    struct db_rows *r;
    int64_t force = 0;
    enum err e = exchange_force_db(db, &force);
    e = e ? e : db_query(db, &form_unit_sql, DB_ARGS(DB_ID(f->chosen)), &r);
    if (e)
        return e;
    if (db_next(r)) {
        f->nobody = db_int(r, 0) == 0;
        f->behind = force == 0 || db_int(r, 1) < force;
        f->duty = arena_printf(f->rq->arena, "%.*s %.*s", STR_ARG(db_str(r, 2)), STR_ARG(db_str(r, 3)));
    }
    return db_done(&r);
}

static enum err form_read(struct db *db, void *arg)
{
    struct send_form *f = arg;
    struct req *rq = f->rq;
    enum err e = case_at_db(db, rq->arena, &rq->who, rq->id, &f->at);
    if (!e)
        e = exchange_units_db(db, rq, f->at.owner, f->chosen, &f->units);
    if (!e)
        e = exchange_shared_db(db, rq, &f->at, &f->shared);
    if (!e)
        e = exchange_files_db(db, rq, rq->id, &f->files);
    if (!e)
        e = exchange_persons_db(db, rq->id, &f->persons);
    if (e || id_zero(f->chosen))
        return e;
    e = exchange_unit_db(db, rq, f->chosen, &f->to_name, &f->to_type);
    f->known = !e && !id_equal(f->chosen, f->at.owner);
    if (f->known)
        e = people_unit_alone(db, f->chosen, &f->alone);
    return e == ERR_NOT_FOUND ? OK : e ? e : receiver_read(db, f);
}

bool referral_in_template(const struct pack_template *t, struct str field)
{
    bool found = false;
    for (size_t i = 0; t && i < t->n; i++)
        found |= str_equal(t->fields[i], field);
    return found;
}

// The template's fields, chosen already where the form is new; the others, which need a reason.
static void fields_shown(struct req *rq, const struct pack_template *t, const struct list *chosen, bool fresh, struct referral_send_out *out)
{
    struct list all = req_choices(rq, "referral_field", STR(""));
    const struct choice *from = all.at;
    struct choice *least = arena_array(rq->arena, all.n + 1, sizeof *least), *more = arena_array(rq->arena, all.n + 1, sizeof *more);
    size_t n_least = 0, n_more = 0;
    for (size_t i = 0; least && more && i < all.n; i++) {
        bool minimum = referral_in_template(t, from[i].value);
        struct choice *one = minimum ? &least[n_least++] : &more[n_more++];
        *one = from[i];
        one->on = fresh && minimum;
        for (size_t k = 0; k < chosen->n; k++)
            one->on |= str_equal(one->value, ((const struct str *)chosen->at)[k]);
    }
    out->fields = (struct list){least, n_least};
    out->more = (struct list){more, n_more};
}

static struct list urgencies_shown(struct req *rq, int64_t on)
{
    struct choice *at = arena_array(rq->arena, 4, sizeof *at);
    for (int64_t u = 1; u <= 4 && at; u++)
        at[u - 1] = (struct choice){.value = arena_printf(rq->arena, "%d", (int)u), .on = u == on,
                                             .label = arena_printf(rq->arena, "U%d %.*s", (int)u, STR_ARG(exchange_urgency(rq, u)))};
    return (struct list){at, at ? 4 : 0};
}

static struct str persons_many(const struct req *rq, size_t persons)
{
    struct buf b;
    if (persons <= REFERRAL_PERSONS_MAX)
        return STR("");
    buf_init(&b, 1024);
    text_put(&b, rq->lang, MSG_EXCHANGE_PERSONS_MANY, TEXT_ARGS(TEXT_I("persons", persons), TEXT_I("most", REFERRAL_PERSONS_MAX)));
    struct str out = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

enum err referral_form_show(struct req *rq, const struct referral_send_in *in, bool fresh, struct referral_send_out *out)
{
    struct send_form f = {.rq = rq, .chosen = in->unit};
    enum err e = store_read(rq->sv->store, form_read, &f);
    if (e)
        return e;
    out->case_id = rq->id;
    out->number = f.at.number;
    out->units = f.units;
    out->purposes = req_choices(rq, "referral_purpose", in->purpose);
    out->grounds = req_choices(rq, "legal_ground", in->ground);
    out->shared = f.shared;
    out->files = f.files;
    out->given = f.shared.n || f.files.n;
    out->chosen = f.known && pack_has(rq->sv->pack, "referral_purpose", in->purpose);
    if (out->chosen) {
        out->unit = in->unit;
        out->unit_text = f.to_name;
        out->alone = f.alone;
        out->purpose = in->purpose;
        out->nobody = f.nobody;
        out->behind = f.behind;
        out->duty = str_trim(f.duty);
        out->purpose_text = pack_label(rq->sv->pack, "referral_purpose", in->purpose, rq->lang);
        fields_shown(rq, pack_template(rq->sv->pack, in->purpose, f.to_type), &in->fields, fresh, out);
    }
    out->urgencies = urgencies_shown(rq, in->urgency ? in->urgency : f.at.urgency);
    out->persons_text = persons_many(rq, f.persons);
    out->transfer = str_equal_z(in->kind, "transfer");
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err referral_send_form_run(struct req *rq, const void *in, void *out_)
{
    struct referral_send_out *out = out_;
    enum err e = referral_form_show(rq, in, true, out);
    return e ? e : exchange_untold(rq, rq->id, &out->untold);
}

enum err referral_send_fill(struct req *rq, const void *in, void *out_)
{
    struct referral_send_out *out = out_;
    enum err e = referral_form_show(rq, in, false, out);
    return e ? e : exchange_untold(rq, rq->id, &out->untold);
}

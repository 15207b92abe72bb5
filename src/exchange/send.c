// Sending: a new home with a copy of the chosen fields, sealed by the keeper for the case's own unit and the receiving one.
// The keeper refuses a unit that has not accepted the data-exchange protocol in force. A transfer carries the case's key
// for the new owner inside the sealed copy; it is put to use when the recipient accepts.
#include <string.h>
#include "base/clock.h"
#include "exchange/handlers.h"

DB_QUERY(referral_unit_sql, "b", "btttt", "select u.id, u.name, i.name, i.name_en, i.type from desk.unit u join desk.institution i "
         "on i.id = u.institution where u.id = $1");
DB_QUERY(referral_units_sql, "i", "btttt", "select u.id, u.name, i.name, i.name_en, u.room from desk.unit u join desk.institution i "
         "on i.id = u.institution where exists (select 1 from desk.member m where m.unit = u.id) and exists (select 1 from desk.protocol_accepted a "
         "where a.unit = u.id and a.version = (select max(version) from desk.protocol_force)) "
         "and not exists (select 1 from desk.founding f where f.unit = u.id and f.confirmed is null) order by i.fold, u.room, u.id limit $1");

DB_QUERY(referral_moving_sql, "b", "i", "select count(*) from desk.referral where case_id = $1 and kind = 'transfer' and state in ('sent', 'asked')");

struct sending {
    struct req *rq;
    struct case_at at;
    struct keeper_path path;
    struct case_entry proof;          // an entry under the case's key: only that can have made it
    struct id to;
    int64_t untold;                   // case_untold_db
    bool known, moves;                // moves: a transfer
    struct str to_name, to_type;      // of its institution: which template
    struct referral row;
    struct case_entry first;
    struct keeper_wrap wrap[2];
};

// ── the form ──
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

static enum err to_read(struct db *db, struct sending *s, struct id unit)
{
    enum err e = exchange_unit_db(db, s->rq, unit, &s->to_name, &s->to_type);
    s->known = !e && !id_equal(unit, s->at.owner);
    return e == ERR_NOT_FOUND ? OK : e;
}

struct send_form { struct sending s; struct id chosen; struct list units, shared; };

static enum err form_read(struct db *db, void *arg)
{
    struct send_form *f = arg;
    enum err e = case_at_db(db, f->s.rq->arena, &f->s.rq->who, f->s.rq->id, &f->s.at);
    if (!e)
        e = exchange_units_db(db, f->s.rq, f->s.at.owner, f->chosen, &f->units);
    if (!e)
        e = exchange_shared_db(db, f->s.rq, f->s.rq->id, &f->shared);
    return e || id_zero(f->chosen) ? e : to_read(db, &f->s, f->chosen);
}

static bool in_template(const struct pack_template *t, struct str field)
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
        bool minimum = in_template(t, from[i].value);
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

static enum err form_show(struct req *rq, const struct referral_send_in *in, bool fresh, struct referral_send_out *out)
{
    struct send_form f = {.s.rq = rq, .chosen = in->unit};
    enum err e = store_read(rq->sv->store, form_read, &f);
    if (e)
        return e;
    out->case_id = rq->id;
    out->number = f.s.at.number;
    out->units = f.units;
    out->purposes = req_choices(rq, "referral_purpose", in->purpose);
    out->grounds = req_choices(rq, "legal_ground", in->ground);
    out->shared = f.shared;
    out->chosen = f.s.known && pack_has(rq->sv->pack, "referral_purpose", in->purpose);
    if (out->chosen) {
        out->unit = in->unit;
        out->unit_text = f.s.to_name;
        out->purpose = in->purpose;
        out->purpose_text = pack_label(rq->sv->pack, "referral_purpose", in->purpose, rq->lang);
        fields_shown(rq, pack_template(rq->sv->pack, in->purpose, f.s.to_type), &in->fields, fresh, out);
    }
    out->urgencies = urgencies_shown(rq, in->urgency ? in->urgency : f.s.at.urgency);
    out->transfer = str_equal_z(in->kind, "transfer");
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err referral_send_form_run(struct req *rq, const void *in, void *out_)
{
    struct referral_send_out *out = out_;
    enum err e = form_show(rq, in, true, out);
    return e ? e : exchange_untold(rq, rq->id, &out->untold);
}

enum err referral_send_fill(struct req *rq, const void *in, void *out_)
{
    struct referral_send_out *out = out_;
    enum err e = form_show(rq, in, false, out);
    return e ? e : exchange_untold(rq, rq->id, &out->untold);
}

// ── sending ──
// Two transfers of a case at once would leave one that the new owner can neither see nor end. The table's index refuses what comes between.
static enum err moving_check(struct req *rq, struct db *db, struct id case_id)
{
    struct db_rows *r;
    enum err e = db_query(db, &referral_moving_sql, DB_ARGS(DB_ID(case_id)), &r);
    if (e)
        return e;
    bool moving = db_next(r) && db_int(r, 0) > 0;
    e = db_done(&r);
    return e ? e : moving ? req_notice(rq, ERR_CONFLICT, MSG_EXCHANGE_MOVING) : OK;
}

static enum err send_look(struct db *db, void *arg)
{
    struct sending *s = arg;
    struct req *rq = s->rq;
    enum err e = case_at_db(db, rq->arena, &rq->who, rq->id, &s->at);
    struct person side = rq->who; // the owner's way, not that of another unit of the same person
    side.n_units = 1;
    side.units[0] = s->at.owner;
    if (!e && !person_of_unit(&rq->who, s->at.owner))
        e = ERR_FORBIDDEN;
    if (!e)
        e = case_path_db(db, rq->arena, &side, rq->id, &s->path);
    if (!e)
        e = case_entry_proof_db(db, rq->arena, rq->id, RECORD_CASE, s->at.generation, &s->proof);
    if (!e)
        e = case_untold_db(db, rq->id, &s->untold);
    if (!e && s->moves)
        e = moving_check(rq, db, rq->id);
    return e ? e : to_read(db, s, s->to);
}

static enum err send_write(struct db *db, void *arg)
{
    struct sending *s = arg;
    const struct req *rq = s->rq;
    struct case_at now_at; // closed or handed over meanwhile?
    enum err e = case_at_db(db, rq->arena, &rq->who, rq->id, &now_at);
    if (!e && (now_at.state == CASE_CLOSED || !id_equal(now_at.owner, s->at.owner)))
        e = ERR_CONFLICT;
    if (!e)
        e = referral_add_db(db, &s->row, &s->first);
    if (!e)
        e = case_wrap_db(db, s->row.id, s->row.from, 0, &s->wrap[0]);
    if (!e)
        e = case_wrap_db(db, s->row.id, s->row.to, 0, &s->wrap[1]);
    if (!e)
        e = case_entry_db(db, &s->first);
    if (!e)
        e = case_hold_db(db, rq->id, TRACK_REFERRAL, s->row.id, true, rq->now);
    if (!e)
        e = case_history_db(db, rq->id, rq->who.id, s->row.from, s->row.transfer ? "transfer_sent" : "referral_sent", s->row.id, rq->now);
    return e ? e : case_step_db(db, rq->sv->pack, rq->id, STEP_HELP_ASKED, rq->now);
}

static uint16_t ground_number(const struct req *rq, struct str ground) // its place in the pack's list, from 1
{
    for (size_t i = 0; i < UINT16_MAX; i++) {
        struct str at = pack_list_at(rq->sv->pack, "legal_ground", i);
        if (!at.n)
            return 0;
        if (str_equal(at, ground))
            return (uint16_t)(i + 1);
    }
    return 0;
}

// The case's key for the new owner. The keeper wants to see an entry of the case.
static enum err grant(struct sending *s, struct referral_content *c)
{
    struct req *rq = s->rq;
    struct keeper_item item = {.sealed = s->proof.sealed};
    case_entry_ad(&item.ad, &s->proof);
    c->has_wrap = true;
    c->wrap_generation = s->at.generation;
    return keeper_grant(rq->sv->keeper, &rq->token, &s->path, &item, s->row.to, ground_number(rq, s->row.ground), s->row.id, &c->wrap);
}

static enum err seal(struct sending *s, const struct referral_content *c)
{
    struct req *rq = s->rq;
    struct record_ad ad;
    struct buf plain, sealed;
    const struct id units[2] = {s->row.from, s->row.to};
    buf_init_secret(&plain, CASE_ENTRY_BYTES_MAX);
    buf_init(&sealed, RECORD_ITEM_MAX + 4096);
    s->first = (struct case_entry){.type = RECORD_REFERRAL, .home = s->row.id, .seq = 1, .kind = STR("sent"), .thing = s->row.id};
    case_entry_begin(rq, s->row.from, &s->first);
    case_entry_ad(&ad, &s->first);
    enum err e = referral_content_write(&plain, &s->row, c);
    if (!e)
        e = keeper_seal_home(rq->sv->keeper, &rq->token, &ad, buf_str(&plain), units, 2, &sealed, s->wrap);
    s->first.kid = ad.kid;
    s->first.sealed = arena_str(rq->arena, buf_str(&sealed));
    buf_free(&plain);
    buf_free(&sealed);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

static struct str names_joined(struct req *rq, const struct list *names)
{
    struct buf b;
    buf_init(&b, 4096);
    for (size_t i = 0; i < names->n; i++) {
        buf_put_z(&b, i ? "," : "");
        buf_put(&b, ((const struct str *)names->at)[i]);
    }
    struct str out = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

enum err exchange_consent_check(struct req *rq, struct str ground, bool consent, bool said)
{
    if (!consent && str_equal_z(ground, "consent"))
        return req_refuse(rq, "ground", MSG_EXCHANGE_REFUSED_GROUND);
    return consent || said ? OK : req_refuse(rq, "reason", MSG_EXCHANGE_REFUSED_CONSENT);
}

static enum err send_checks(struct req *rq, const struct referral_send_in *in)
{
    if (in->kind.n && !str_equal_z(in->kind, "referral") && !str_equal_z(in->kind, "transfer"))
        return req_refuse(rq, "kind", MSG_WEB_FIELD_CHOICE);
    return exchange_consent_check(rq, in->ground, in->consent, str_says(in->reason) || str_says(in->note));
}

// Names of what is shared beyond the template's minimum, a comma between: they need a reason, and stand in the audit. Of a
// program, which has no second field to fill before it knows the template, the note or reason may hold it.
static enum err more_checks(struct sending *s, const struct referral_send_in *in, struct buf *more)
{
    struct req *rq = s->rq;
    const struct pack_template *t = pack_template(rq->sv->pack, in->purpose, s->to_type);
    const struct str *names = in->fields.at;
    for (size_t i = 0; i < in->fields.n; i++)
        if (!in_template(t, names[i])) {
            buf_put_z(more, more->n ? "," : "");
            buf_put(more, names[i]);
        }
    bool said = str_says(in->more_reason) || (rq->json && (str_says(in->reason) || str_says(in->note)));
    return more->n && !said ? req_refuse(rq, "more_reason", MSG_EXCHANGE_REFUSED_MORE) : OK;
}

#define MORE_SHOWN 150 // bytes of names in the audit's detail; how many there are in all is always told

static enum err send_audit(struct sending *s, struct str more)
{
    struct req *rq = s->rq;
    struct keeper_audit_at entry;
    char detail[250];
    size_t n = more.n > 0;
    for (size_t i = 0; i < more.n; i++)
        n += more.at[i] == ',';
    snprintf(detail, sizeof detail, "%s %s, ground %u, beyond the template %zu: %.*s", s->row.transfer ? "transfer" : "referral",
             s->row.consent ? "with consent" : "without consent", ground_number(rq, s->row.ground), n, STR_ARG(str_slice(more, 0, MORE_SHOWN)));
    return keeper_audit(rq->sv->keeper, &rq->token, AUDIT_REFERRAL, s->row.id, rq->id, str_from(detail), &entry);
}

static enum err send_sealed(struct sending *s, const struct referral_send_in *in, struct str more)
{
    struct req *rq = s->rq;
    struct referral_content c = {.note = str_trim(in->note), .reason = str_trim(in->reason), .more_reason = str_trim(in->more_reason),
                                  .untold = s->untold > 0};
    enum err e = send_audit(s, more);
    if (!e)
        e = referral_copy(rq, &s->path, rq->id, s->at.number, &in->fields, &c.values);
    if (!e && s->row.transfer)
        e = grant(s, &c);
    if (!e)
        e = seal(s, &c);
    if (e == ERR_TOO_LARGE)
        return req_refuse(rq, "fields", MSG_EXCHANGE_REFUSED_LARGE);
    return e == ERR_CONFLICT || e == ERR_NOT_FOUND ? req_notice(rq, ERR_CONFLICT, MSG_EXCHANGE_NOT_AGREED) : e;
}

static enum err send_run(struct req *rq, const void *in_, void *out_)
{
    const struct referral_send_in *in = in_;
    struct referral_send_out *out = out_;
    struct sending *s = ARENA_NEW(rq->arena, struct sending);
    char hex[ID_HEX];
    if (!s)
        return ERR_MEMORY;
    *s = (struct sending){.rq = rq, .to = in->unit, .moves = str_equal_z(in->kind, "transfer")};
    struct buf more;
    buf_init(&more, 4096);
    enum err e = rq->json ? OK : form_show(rq, in, false, out);
    if (!e)
        e = send_checks(rq, in);
    if (!e)
        e = store_read(rq->sv->store, send_look, s);
    if (!e && !s->known)
        e = req_refuse(rq, "unit", MSG_EXCHANGE_REFUSED_UNIT);
    if (!e && s->at.state == CASE_CLOSED)
        e = req_notice(rq, ERR_CONFLICT, MSG_EXCHANGE_CASE_CLOSED);
    if (!e)
        e = more_checks(s, in, &more);
    struct str beyond = arena_str(rq->arena, buf_str(&more));
    buf_free(&more);
    if (e)
        return e;
    int64_t urgency = in->urgency ? in->urgency : s->at.urgency;
    const struct pack_category *category = pack_category(rq->sv->pack, s->at.category);
    bool elapsed = !category || category->sexual; // nothing sexual waits for a working day; nor what the pack no longer knows
    s->row = (struct referral){
        .id = id_random(), .case_id = rq->id, .from = s->at.owner, .to = in->unit, .transfer = str_equal_z(in->kind, "transfer"),
        .consent = in->consent, .state = REFERRAL_SENT, .purpose = in->purpose, .ground = in->ground, .fields = names_joined(rq, &in->fields),
        .urgency = urgency, .sent = clock_minute(rq->now), .state_at = clock_minute(rq->now), .elapsed = elapsed,
        .answer_due = referral_answer_due(rq, urgency, elapsed), .untold = s->untold, .taken_back = INT64_MIN,
    };
    e = send_sealed(s, in, beyond);
    if (e)
        return e;
    e = store_write(rq->sv->store, send_write, s);
    if (e)
        keeper_unstored(rq->sv->keeper, &rq->token, s->row.id, s->first.id);
    if (e == ERR_CONFLICT)
        return req_notice(rq, e, s->moves ? MSG_EXCHANGE_MOVED : MSG_EXCHANGE_CASE_CLOSED);
    if (!e)
        report_settle_soon(rq->sv);
    out->id = s->row.id;
    struct str then = arena_printf(rq->arena, "/referrals/%s", id_hex(s->row.id, hex));
    rq->then = then.at;
    return e ? e : then.at ? OK : ERR_MEMORY;
}

// The form that is shown again still says who must not be told.
enum err referral_send_run(struct req *rq, const void *in, void *out_)
{
    struct referral_send_out *out = out_;
    enum err e = send_run(rq, in, out);
    if (rq->json || (e != ERR_INVALID && e != ERR_CONFLICT))
        return e;
    enum err shown = exchange_untold(rq, rq->id, &out->untold);
    return shown == ERR_MEMORY ? shown : e;
}

// What waits for an answer that is late, of all units: clear columns alone, and whom to call. For the coordinator, whom the
// answer's clock tells last and who holds no unit's key.
#include "base/clock.h"
#include "exchange/handlers.h"
#include "text/date.h"

#define UNIT_NAMES(unit, institution) unit ".name, " institution ".name, " institution ".name_en"
DB_QUERY(late_sql, "iiii", "ibbttiiittttttttt",
         "select r.seq, r.from_unit, r.to_unit, r.kind, r.state, r.urgency, r.sent, r.answer_due, r.purpose, " UNIT_NAMES("fu", "fi") ", "
         UNIT_NAMES("tu", "ti") ", coalesce(d.hours, ''), coalesce(d.phone, '') from desk.referral r "
         "join desk.unit fu on fu.id = r.from_unit join desk.institution fi on fi.id = fu.institution "
         "join desk.unit tu on tu.id = r.to_unit join desk.institution ti on ti.id = tu.institution "
         "left join desk.unit_duty d on d.unit = case when r.state = 'asked' then r.from_unit else r.to_unit end "
         "where (r.state in ('sent', 'asked') or (r.state = 'accepted' and r.kind = 'referral')) and r.answer_due <= $1 and (r.answer_due, r.seq) > ($2, $3) order by r.answer_due, r.seq limit $4");
DB_QUERY(late_contacts_sql, "b", "itt", "select c.place, p.name, p.mail from desk.contact c join desk.person p on p.id = c.person "
         "join desk.member m on m.unit = c.unit and m.person = c.person where c.unit = $1 and p.disabled = 0 order by c.place");

struct late {
    struct req *rq;
    int64_t due, seq;                  // behind this one
    struct exchange_late_row *at;
    size_t n;
    bool more;
};

static enum err late_row(struct req *rq, const struct db_rows *r, struct exchange_late_row *out)
{
    struct arena *a = rq->arena;
    const struct pack *p = rq->sv->pack;
    enum referral_state state;
    bool transfer = str_equal_z(db_str(r, 3), "transfer");
    *out = (struct exchange_late_row){
        .kind = transfer ? STR("transfer") : STR("referral"), .urgency = db_int(r, 5), .sent_at = db_int(r, 6), .answer_due = db_int(r, 7),
        .purpose = arena_str(a, db_str(r, 8)), .from_name = exchange_unit_name(rq, r, 9), .to_name = exchange_unit_name(rq, r, 12),
        .hours = arena_str(a, db_str(r, 15)), .phone = arena_str(a, db_str(r, 16)),
        .kind_text = text_get(rq->lang, transfer ? MSG_EXCHANGE_KIND_TRANSFER : MSG_EXCHANGE_KIND_REFERRAL),
    };
    if (id_from_bytes(db_str(r, 1), &out->from) || id_from_bytes(db_str(r, 2), &out->to) || referral_state_read(db_str(r, 4), &state))
        return ERR_TAMPERED;
    bool asked = state == REFERRAL_ASKED;
    out->unit = asked ? out->from : out->to;
    out->unit_name = asked ? out->from_name : out->to_name;
    out->state = str_from(referral_state_name(state));
    out->state_text = text_get(rq->lang, exchange_state_message(state));
    out->late_minutes = (rq->now - out->answer_due) / (60 * CLOCK_SECOND);
    out->purpose_text = pack_label(p, "referral_purpose", out->purpose, rq->lang);
    out->urgency_text = exchange_urgency(rq, out->urgency);
    out->sent_text = req_time(rq, out->sent_at);
    out->due_text = req_time(rq, out->answer_due);
    out->late_text = req_span(rq, rq->now - out->answer_due);
    return OK;
}

static enum err contacts_of(struct db *db, struct req *rq, struct exchange_late_row *row)
{
    static const enum message words[CONTACT_PLACES] = {MSG_EXCHANGE_CONTACT_FIRST, MSG_EXCHANGE_CONTACT_DEPUTY, MSG_EXCHANGE_CONTACT_HEAD};
    struct exchange_answerer *at = arena_array(rq->arena, CONTACT_PLACES, sizeof *at);
    struct db_rows *r;
    size_t n = 0;
    enum err e = at ? db_query(db, &late_contacts_sql, DB_ARGS(DB_ID(row->unit)), &r) : ERR_MEMORY;
    if (e)
        return e;
    while (n < CONTACT_PLACES && db_next(r)) {
        int64_t place = db_int(r, 0);
        if (place >= 1 && place <= CONTACT_PLACES)
            at[n++] = (struct exchange_answerer){.place = place, .name = arena_str(rq->arena, db_str(r, 1)),
                                                 .mail = arena_str(rq->arena, db_str(r, 2)),
                                                 .place_text = text_get(rq->lang, words[place - 1])};
    }
    row->contacts = (struct list){at, n};
    return db_done(&r);
}

static enum err late_read(struct db *db, void *arg)
{
    struct late *l = arg;
    struct db_rows *r;
    l->n = 0;
    enum err e = db_query(db, &late_sql, DB_ARGS(DB_I(l->rq->now), DB_I(l->due), DB_I(l->seq), DB_I(REFERRAL_PAGE + 1)), &r);
    if (e)
        return e;
    int64_t due = l->due, seq = l->seq;
    while (!e && l->n < REFERRAL_PAGE && db_next(r)) {
        e = late_row(l->rq, r, &l->at[l->n++]);
        due = db_int(r, 7);
        seq = db_int(r, 0);
    }
    l->more = !e && db_next(r);
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = 0; i < l->n && !e; i++)
        e = contacts_of(db, l->rq, &l->at[i]);
    if (!e) {
        l->due = due;
        l->seq = seq;
    }
    return e;
}

enum err exchange_late_run(struct req *rq, const void *in_, void *out_)
{
    const struct exchange_late_in *in = in_;
    struct exchange_late_out *out = out_;
    struct late l = {.rq = rq, .due = INT64_MIN, .at = arena_array(rq->arena, REFERRAL_PAGE, sizeof *l.at)};
    struct str rest = in->after, due = str_cut(&rest, '-'); // "1790000000000000-12": due and seq
    if (in->after.n && (str_int(due, &l.due) || str_int(rest, &l.seq)))
        return req_refuse(rq, "after", MSG_DESK_REFUSED_CURSOR);
    enum err e = l.at ? store_read(rq->sv->store, late_read, &l) : ERR_MEMORY;
    if (e)
        return e;
    out->referrals = (struct list){l.at, l.n};
    if (l.more)
        out->next = arena_printf(rq->arena, "%lld-%lld", (long long)l.due, (long long)l.seq);
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

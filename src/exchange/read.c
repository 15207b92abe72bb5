// Opening one referral: the rows, then the keeper, then the history of the case. Whoever was not given the key, or whose
// key was taken back by revoking, is told that there is none for him.
#include <jansson.h>
#include <string.h>
#include "base/log.h"
#include "exchange/handlers.h"

struct reading {
    struct req *rq;
    struct referral row;
    struct keeper_path path;
    struct list entries;              // struct case_entry
    struct str *names;                // of their persons
    struct keeper_path work_path;     // the receiver's own notes; n == 0: none
    struct list work;                 // struct case_entry
    struct str *work_names;
    int64_t untold;                   // case_untold_db
};

static enum err work_read(struct db *db, struct reading *g)
{
    struct req *rq = g->rq;
    struct id home;
    enum err e = referral_work_db(db, g->row.id, g->row.to, &home);
    if (e == ERR_NOT_FOUND)
        return OK;
    if (!e)
        e = case_path_db(db, rq->arena, &rq->who, home, &g->work_path);
    if (!e)
        e = case_entries_db(db, rq->arena, home, RECORD_REFERRAL, &g->work, NULL);
    const struct case_entry *at = g->work.at;
    g->work_names = arena_array(rq->arena, g->work.n + 1, sizeof *g->work_names);
    for (size_t i = 0; !e && g->work_names && i < g->work.n; i++)
        e = people_name(db, rq->arena, at[i].person, &g->work_names[i]);
    return e;
}

static enum err reading_read(struct db *db, void *arg)
{
    struct reading *g = arg;
    struct req *rq = g->rq;
    enum err e = referral_db(db, rq, rq->id, &g->row);
    if (!e) {
        e = case_path_db(db, rq->arena, &rq->who, rq->id, &g->path);
        e = e == ERR_NOT_FOUND ? ERR_NO_KEY : e;
    }
    if (!e)
        e = case_entries_db(db, rq->arena, rq->id, RECORD_REFERRAL, &g->entries, NULL);
    const struct case_entry *at = g->entries.at;
    g->names = arena_array(rq->arena, g->entries.n + 1, sizeof *g->names);
    for (size_t i = 0; !e && g->names && i < g->entries.n; i++)
        e = people_name(db, rq->arena, at[i].person, &g->names[i]);
    if (!e)
        e = case_untold_db(db, g->row.case_id, &g->untold);
    if (!e && g->row.to_me)
        e = work_read(db, g);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

static enum err seen_write(struct db *db, void *arg)
{
    const struct reading *g = arg;
    return referral_seen_db(db, g->rq, &g->row);
}

static enum err opened_write(struct db *db, void *arg)
{
    const struct reading *g = arg;
    enum err e = g->row.to_me && referral_unaware(&g->row, g->untold) ? referral_aware_db(db, g->row.id, g->untold) : OK;
    e = e ? e : referral_seen_db(db, g->rq, &g->row);
    return e ? e : case_history_db(db, g->row.case_id, g->rq->who.id, g->path.step[0].parent, "referral_opened", g->row.id, g->rq->now);
}

static enum err open_all(struct reading *g, struct referral_content *content)
{
    struct req *rq = g->rq;
    struct case_entry *at = (struct case_entry *)(uintptr_t)g->entries.at;
    if (g->entries.n == 0)
        return ERR_TAMPERED;
    enum err e = case_entries_open(rq, PURPOSE_READ, &g->path, at, g->entries.n);
    for (size_t i = 0; i < g->entries.n && !e; i++)
        e = at[i].plain.at ? OK : ERR_TAMPERED;
    if (!e && (at[0].seq != 1 || !str_equal_z(at[0].kind, "sent")))
        e = ERR_TAMPERED;
    if (!e && g->work.n)
        e = case_entries_open(rq, PURPOSE_READ, &g->work_path, (struct case_entry *)(uintptr_t)g->work.at, g->work.n);
    return e ? e : referral_content_read(rq->arena, at[0].plain, &g->row, content);
}

static struct str text_of(struct arena *a, struct str json)
{
    json_t *root = json_loadb(json.n ? json.at : "", json.n, JSON_REJECT_DUPLICATES, NULL);
    const json_t *text = json_object_get(root, "text");
    struct str out = json_is_string(text) ? arena_str(a, (struct str){json_string_value(text), json_string_length(text)}) : STR("");
    json_decref(root);
    return out;
}

static struct list entries_shown(const struct reading *g)
{
    struct req *rq = g->rq;
    const struct case_entry *at = g->entries.at;
    struct referral_entry *out = arena_array(rq->arena, g->entries.n + 1, sizeof *out);
    size_t n = 0;
    for (size_t i = 1; out && i < g->entries.n; i++) // the first is the referral itself
        out[n++] = (struct referral_entry){
            .id = at[i].id, .person = at[i].person, .unit = at[i].unit, .at = at[i].at, .kind = at[i].kind,
            .text = text_of(rq->arena, at[i].plain), .name = g->names[i],
            .unit_name = id_equal(at[i].unit, g->row.from) ? g->row.from_name : g->row.to_name, .at_text = req_time(rq, at[i].at),
            .kind_text = text_get(rq->lang, exchange_act_message(at[i].kind)), .mine = person_of_unit(&rq->who, at[i].unit),
        };
    return (struct list){out, n};
}

static struct list work_shown(const struct reading *g)
{
    struct req *rq = g->rq;
    const struct case_entry *at = g->work.at;
    struct referral_entry *out = arena_array(rq->arena, g->work.n + 1, sizeof *out);
    for (size_t i = 0; out && i < g->work.n; i++)
        out[i] = (struct referral_entry){.id = at[i].id, .person = at[i].person, .unit = at[i].unit, .at = at[i].at, .kind = at[i].kind,
            .text = at[i].plain.at ? text_of(rq->arena, at[i].plain) : text_get(rq->lang, MSG_EXCHANGE_NOTES_ALTERED), .name = g->work_names[i],
            .unit_name = g->row.to_name, .at_text = req_time(rq, at[i].at), .kind_text = text_get(rq->lang, MSG_EXCHANGE_NOTES_KIND), .mine = true};
    return (struct list){out, out ? g->work.n : 0};
}

static void show(const struct reading *g, const struct referral_content *c, struct referral_read_out *out)
{
    const struct referral *r = &g->row;
    out->id = r->id;
    out->case_id = r->case_id;
    out->from = r->from;
    out->to = r->to;
    out->kind = r->transfer ? STR("transfer") : STR("referral");
    out->from_name = r->from_name;
    out->to_name = r->to_name;
    out->purpose = r->purpose;
    out->ground = r->ground;
    out->state = str_from(referral_state_name(r->state));
    out->outcome = r->outcome;
    out->consent = r->consent;
    out->urgency = r->urgency;
    out->sent_at = r->sent;
    out->answer_due = r->answer_due;
    out->state_at = r->state_at;
    out->not_told = c->untold || g->untold > 0; // as it was sent, or since
    out->note = c->note;
    out->reason = c->reason;
    out->fields = c->values;
    out->more_reason = c->more_reason;
    out->urgency_reason = c->urgency_reason;
    out->entries = entries_shown(g);
    out->notes = work_shown(g);
}

static bool may_now(const struct reading *g, enum referral_act act)
{
    const struct referral *r = &g->row;
    enum referral_state to;
    bool sender = referral_by_sender(act);
    return referral_may(act, r->transfer, r->state, &to) && (act != REFERRAL_REVOKE || r->taken_back == INT64_MIN) &&
           person_of_unit(&g->rq->who, sender ? r->from : r->to) &&
           req_may(g->rq, sender ? PERM_REFERRAL_SEND : PERM_REFERRAL_ACT);
}

void referral_values_shown(struct req *rq, const struct list *values)
{
    struct referral_value *at = (struct referral_value *)(uintptr_t)values->at;
    const struct pack *p = rq->sv->pack;
    for (size_t i = 0; i < values->n; i++) {
        const char *list = at[i].name.at; // lists of the pack that have the name of the field
        at[i].label = pack_label(p, "referral_field", at[i].name, rq->lang);
        at[i].text = str_equal_z(at[i].name, "category") ? pack_category_label(p, at[i].value, rq->lang)
                     : str_equal_z(at[i].name, "in_danger") ? text_get(rq->lang, MSG_DESK_YES)
                     : str_equal_z(at[i].name, "risk") ? pack_label(p, "case_risk", at[i].value, rq->lang)
                     : pack_label(p, list, at[i].value, rq->lang);
    }
}

// Taken back without a word of its sender: by who has the case now.
static bool ended_by_other(const struct reading *g)
{
    const struct case_entry *at = g->entries.at;
    bool said = g->row.taken_back == INT64_MIN || g->row.state == REFERRAL_DECLINED || g->row.transfer;
    for (size_t i = 0; i < g->entries.n; i++)
        said |= str_equal_z(at[i].kind, referral_act_name(REFERRAL_REVOKE));
    return !said;
}

static void show_page(const struct reading *g, struct referral_read_out *out)
{
    struct req *rq = g->rq;
    const struct pack *p = rq->sv->pack;
    out->waits = g->row.state == REFERRAL_SENT || g->row.state == REFERRAL_ASKED;
    out->working = g->row.state == REFERRAL_ACCEPTED && !g->row.transfer;
    out->late = exchange_late(g->row.transfer, g->row.state, g->row.answer_due, rq->now);
    out->received = g->row.to_me;
    out->may_accept = may_now(g, REFERRAL_ACCEPT);
    out->may_decline = may_now(g, REFERRAL_DECLINE);
    out->may_ask = may_now(g, REFERRAL_ASK);
    out->may_answer = may_now(g, REFERRAL_ANSWER);
    out->may_return = may_now(g, REFERRAL_RETURN);
    out->may_done = may_now(g, REFERRAL_FINISH);
    out->may_revoke = may_now(g, REFERRAL_REVOKE);
    out->may_progress = may_now(g, REFERRAL_PROGRESS);
    out->may_add = may_now(g, REFERRAL_ADD);
    out->may_note = g->row.to_me && referral_holds(false, g->row.state) && req_may(rq, PERM_REFERRAL_ACT);
    out->may_case = g->row.to_me && g->row.transfer && g->row.state == REFERRAL_ACCEPTED && req_may(rq, PERM_CASE_READ);
    out->kind_text = text_get(rq->lang, g->row.transfer ? MSG_EXCHANGE_KIND_TRANSFER : MSG_EXCHANGE_KIND_REFERRAL);
    out->purpose_text = pack_label(p, "referral_purpose", out->purpose, rq->lang);
    out->ground_text = pack_label(p, "legal_ground", out->ground, rq->lang);
    out->state_text = text_get(rq->lang, exchange_state_message(g->row.state));
    out->outcome_text = out->outcome.n ? pack_label(p, "referral_outcome", out->outcome, rq->lang) : STR("");
    out->sent_text = req_time(rq, out->sent_at);
    out->due_text = req_time(rq, out->answer_due);
    out->urgency_text = exchange_urgency(rq, out->urgency);
    out->title = arena_printf(rq->arena, "U%d · %.*s", (int)out->urgency, STR_ARG(out->kind_text));
    out->outcomes = req_choices(rq, "referral_outcome", STR(""));
    referral_values_shown(rq, &out->fields);
    if (ended_by_other(g))
        out->ended_text = text_get(rq->lang, MSG_EXCHANGE_READ_ENDED);
    if (out->not_told && out->received)
        out->warning = exchange_filled(rq, MSG_EXCHANGE_READ_UNTOLD, out->from_name);
}

static enum err newest_write(struct db *db, void *arg)
{
    const struct reading *g = arg;
    return case_history_db(db, g->row.case_id, g->rq->who.id, g->path.step[0].parent, "referral_opened", g->row.id, g->rq->now);
}

enum err referral_newest(struct req *rq, struct list *out)
{
    struct reading *g = ARENA_NEW(rq->arena, struct reading);
    if (!g)
        return ERR_MEMORY;
    g->rq = rq;
    enum err e = store_read(rq->sv->store, reading_read, g);
    if (e || g->entries.n < 2)
        return e ? e : ERR_NOT_FOUND;
    struct case_entry *at = (struct case_entry *)(uintptr_t)g->entries.at + (g->entries.n - 2); // the one before stays closed
    e = case_entries_open(rq, PURPOSE_READ, &g->path, at + 1, 1);
    if (!e)
        e = at[1].plain.at ? store_write(rq->sv->store, newest_write, g) : ERR_TAMPERED;
    g->names += g->entries.n - 2;
    g->entries = (struct list){at, 2};
    if (!e)
        *out = entries_shown(g);
    return e;
}

// Which one it was, for whoever must stop: who sent it and when.
static struct str shut_text(const struct reading *g)
{
    struct req *rq = g->rq;
    struct buf b;
    buf_init(&b, 2048);
    text_put(&b, rq->lang, g->row.state == REFERRAL_DECLINED ? MSG_EXCHANGE_READ_DECLINED : MSG_EXCHANGE_READ_TAKEN_BACK,
             TEXT_ARGS(TEXT_S("name", req_date(rq, g->row.taken_back, DATE_DAY)), TEXT_S("unit", g->row.from_name),
                       TEXT_S("sent", req_time(rq, g->row.sent))));
    struct str out = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

enum err referral_read_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct referral_read_out *out = out_;
    struct reading *g = ARENA_NEW(rq->arena, struct reading);
    struct referral_content content = {0};
    if (!g)
        return ERR_MEMORY;
    g->rq = rq;
    enum err e = store_read(rq->sv->store, reading_read, g);
    if (e == ERR_NO_KEY && g->row.taken_back != INT64_MIN)
        rq->notice = shut_text(g);
    if (e == ERR_NO_KEY && store_write(rq->sv->store, seen_write, g)) // it has read that; what is not written down stays new
        return e;
    if (e == ERR_NO_KEY && g->row.erased)
        return req_notice(rq, ERR_NOT_FOUND, MSG_EXCHANGE_READ_ERASED);
    if (!e)
        e = open_all(g, &content);
    if (e == ERR_TAMPERED || e == ERR_MALFORMED) {
        log_event(LOG_ALARM, "referral.tampered", LOG_ID("referral", rq->id), LOG_ID("person", rq->who.id));
        return ERR_TAMPERED;
    }
    if (!e)
        e = store_write(rq->sv->store, opened_write, g); // what is read stands in the history, or is not shown
    if (e)
        return e;
    show(g, &content, out);
    if (!rq->json)
        show_page(g, out);
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

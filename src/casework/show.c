// A case put into words for its page: labels in the reader's language, what comes next, what this reader may do.
#include <string.h>
#include "casework/handlers.h"

struct list case_options(struct req *rq, const char *list, struct str here)
{
    size_t n = 0;
    while (pack_list_at(rq->sv->pack, list, n).n > 0)
        n++;
    struct case_option *at = arena_array(rq->arena, n ? n : 1, sizeof *at);
    for (size_t i = 0; at && i < n; i++) {
        at[i].value = pack_list_at(rq->sv->pack, list, i);
        at[i].label = pack_label(rq->sv->pack, list, at[i].value, rq->lang);
        at[i].here = str_equal(at[i].value, here);
    }
    return (struct list){at, at ? n : 0};
}

struct str case_stage_text(const struct req *rq, struct str stage)
{
    static const struct { const char *stage; enum message m; } words[] = {
        {"reported", MSG_CASEWORK_STAGE_REPORTED},         {"registered", MSG_CASEWORK_STAGE_REGISTERED},
        {"investigation", MSG_CASEWORK_STAGE_INVESTIGATION}, {"prosecutor", MSG_CASEWORK_STAGE_PROSECUTOR},
        {"dismissed", MSG_CASEWORK_STAGE_DISMISSED},       {"court", MSG_CASEWORK_STAGE_COURT},
        {"first_instance", MSG_CASEWORK_STAGE_FIRST},      {"appeal", MSG_CASEWORK_STAGE_APPEAL},
        {"final", MSG_CASEWORK_STAGE_FINAL},               {"withdrawn", MSG_CASEWORK_STAGE_WITHDRAWN},
        {"filed", MSG_CASEWORK_STAGE_FILED},               {"hearing", MSG_CASEWORK_STAGE_HEARING},
        {"examined", MSG_CASEWORK_STAGE_EXAMINED},         {"decided", MSG_CASEWORK_STAGE_DECIDED},
        {"up", MSG_CASEWORK_STAGE_UP},                     {"asked", MSG_CASEWORK_STAGE_ASKED},
        {"gone", MSG_CASEWORK_STAGE_GONE},                 {"back", MSG_CASEWORK_STAGE_BACK},
        {"left", MSG_CASEWORK_STAGE_LEFT},                 {CASE_CONTENT_NOTED, MSG_CASEWORK_STAGE_NOTED},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_equal_z(stage, words[i].stage))
            return text_get(rq->lang, words[i].m);
    return stage;
}

// The stages of a kind; from: only those that may follow it.
struct list case_stage_options(struct req *rq, struct str kind, struct str from, struct str here)
{
    size_t n = 0, all = 0;
    while (case_stage_at(kind, all))
        all++;
    struct case_option *at = arena_array(rq->arena, all ? all : 1, sizeof *at);
    for (size_t i = 0; at && i < all; i++) {
        struct str stage = str_from(case_stage_at(kind, i));
        if (from.n == 0 || case_stage_may(kind, from, stage))
            at[n++] = (struct case_option){.value = stage, .label = case_stage_text(rq, stage),
                                           .here = str_equal(stage, here)};
    }
    return (struct list){at, at ? n : 0};
}

struct str case_day_text(const struct req *rq, struct str day)
{
    int64_t at;
    if (str_equal_z(day, CASE_APPEAL_NONE))
        return text_get(rq->lang, MSG_CASEWORK_APPEAL_NONE);
    return case_day_read(day, &at) ? day : req_date(rq, at, DATE_DAY);
}

static struct str word_value(const struct req *rq, const struct word *w)
{
    const struct pack *p = rq->sv->pack;
    enum case_state s;
    if (strcmp(w->name, "role") == 0)
        return pack_label(p, "person_role", w->value, rq->lang);
    if (strcmp(w->name, "risk") == 0)
        return pack_label(p, "case_risk", w->value, rq->lang);
    if (strcmp(w->name, "kind") == 0)
        return pack_label(p, "route_kind", w->value, rq->lang);
    if (strcmp(w->name, "outcome") == 0)
        return pack_label(p, "case_outcome", w->value, rq->lang);
    if (strcmp(w->name, "hosted") == 0)
        return pack_label(p, "content_host", w->value, rq->lang);
    if (strcmp(w->name, "ground") == 0)
        return pack_label(p, "legal_ground", w->value, rq->lang);
    if (strcmp(w->name, "result") == 0)
        return pack_label(p, "route_result", w->value, rq->lang);
    if (strcmp(w->name, "day") == 0 || strcmp(w->name, "appeal") == 0)
        return case_day_text(rq, w->value);
    if (strcmp(w->name, "stage") == 0)
        return case_stage_text(rq, w->value);
    if (strcmp(w->name, "must_not_be_told") == 0)
        return text_get(rq->lang, MSG_DESK_YES);
    if (strcmp(w->name, "state") == 0 && !case_state_read(w->value, &s))
        return text_get(rq->lang, case_state_message(s));
    return w->value;
}

enum err case_entry_told(struct req *rq, struct str plain, struct list *out)
{
    struct words w = {0};
    enum err e = words_read(rq->arena, plain, &w);
    struct case_told *at = arena_array(rq->arena, w.n ? w.n : 1, sizeof *at);
    size_t n = 0;
    for (size_t i = 0; at && i < w.n; i++) {
        const char *name = w.at[i].name;
        enum message label = words_label(name);
        if (label != MSG_NONE || strcmp(name, "text") == 0)
            at[n++] = (struct case_told){.name = str_from(name), .label = label == MSG_NONE ? STR("") : text_get(rq->lang, label),
                                         .value = w.at[i].value, .text = word_value(rq, &w.at[i])};
    }
    *out = (struct list){at, n};
    return e ? e : at ? OK : ERR_MEMORY;
}

void case_line_show(const struct req *rq, struct case_line *l, const struct words *w)
{
    struct case_fact *facts = arena_array(rq->arena, w->n ? w->n : 1, sizeof *facts);
    size_t n = 0;
    for (size_t i = 0; facts && i < w->n; i++) {
        enum message label = words_label(w->at[i].name);
        if (label != MSG_NONE && strcmp(w->at[i].name, "reports") != 0)
            facts[n++] = (struct case_fact){text_get(rq->lang, label), word_value(rq, &w->at[i])};
    }
    l->facts = (struct list){facts, n};
    l->corrects = words_get(w, "corrected").n > 0;
}

// An entry that corrects an earlier one has a sentence of its own.
static struct str line_did(const struct req *rq, const struct case_line *l)
{
    char kind[40];
    snprintf(kind, sizeof kind, "%.*s%s", STR_ARG(l->kind), l->corrects ? "_corrected" : "");
    return text_get(rq->lang, case_kind_message(str_from(kind)));
}

static void things_show(struct req *rq, struct case_read_out *out)
{
    union { const void *in; struct case_route *route; struct case_address *address; struct case_task *task; struct case_person *person; struct case_done *past; } at;
    at.in = out->routes.at;
    for (size_t i = 0; i < out->routes.n; i++) {
        struct case_route *r = &at.route[i];
        r->kind_text = pack_label(rq->sv->pack, "route_kind", r->kind, rq->lang);
        r->stage_text = case_stage_text(rq, r->stage);
        r->stage_at_text = req_date(rq, r->stage_at, DATE_DAY);
        r->appeal_text = req_date(rq, r->appeal_due, DATE_DAY);
        r->appeal_late = r->appeal_due != INT64_MIN && r->appeal_due < rq->now;
        r->next = case_stage_options(rq, r->kind, r->stage, STR(""));
        case_route_show(rq, r);
    }
    at.in = out->addresses.at;
    for (size_t i = 0; i < out->addresses.n; i++) {
        at.address[i].stage_text = case_stage_text(rq, at.address[i].stage);
        at.address[i].noted = str_equal_z(at.address[i].stage, CASE_CONTENT_NOTED);
        out->noted += at.address[i].noted;
        at.address[i].stage_at_text = req_date(rq, at.address[i].stage_at, DATE_DAY);
        at.address[i].next = case_stage_options(rq, STR(CASE_CONTENT), at.address[i].stage, STR(""));
    }
    const struct case_referral *referral = out->referrals.at;
    for (size_t i = 0; i < out->referrals.n; i++)
        out->unaware = out->unaware || referral[i].unaware;
    at.in = out->tasks.at;
    for (size_t i = 0; i < out->tasks.n; i++) {
        at.task[i].due_text = req_date(rq, at.task[i].open ? at.task[i].due : at.task[i].done_at, DATE_DAY);
        out->n_done += !at.task[i].open;
    }
    at.in = out->people.at;
    for (size_t i = 0; i < out->people.n; i++) {
        at.person[i].role_text = pack_label(rq->sv->pack, "person_role", at.person[i].role, rq->lang);
        out->untold = out->untold || at.person[i].must_not_be_told;
    }
    at.in = out->history.at;
    for (size_t i = 0; i < out->history.n; i++) {
        at.past[i].at_text = req_time(rq, at.past[i].at);
        at.past[i].action_text = text_get(rq->lang, case_kind_message(at.past[i].action));
    }
}

static struct list parts_show(struct req *rq, const struct case_read_out *out)
{
    union { const void *in; const struct case_task *task; const struct case_route *route; const struct case_address *address; const struct case_referral *referral; } at;
    struct case_part *p = arena_array(rq->arena, 8, sizeof *p);
    int64_t tasks = 0, routes = 0, addresses = 0, referrals = 0;
    if (!p)
        return (struct list){0};
    at.in = out->tasks.at;
    for (size_t i = 0; i < out->tasks.n; i++)
        tasks += at.task[i].open;
    at.in = out->routes.at;
    for (size_t i = 0; i < out->routes.n; i++)
        routes += at.route[i].open;
    at.in = out->addresses.at;
    for (size_t i = 0; i < out->addresses.n; i++)
        addresses += at.address[i].open;
    at.in = out->referrals.at;
    for (size_t i = 0; i < out->referrals.n; i++)
        referrals += at.referral[i].open;
    const struct { const char *at; enum message m; int64_t n; } parts[] = {
        {"from", MSG_CASEWORK_READ_REPORTS, (int64_t)out->reports.n}, {"line", MSG_CASEWORK_READ_TIMELINE, 0}, {"people", MSG_CASEWORK_READ_PEOPLE, (int64_t)out->people.n}, {"tasks", MSG_CASEWORK_READ_TASKS, tasks},
        {"ways", MSG_CASEWORK_READ_ROUTES, routes}, {"content", MSG_CASEWORK_READ_ADDRESSES, addresses},
        {"shared", MSG_CASEWORK_READ_REFERRALS, referrals}, {"files", MSG_CASEWORK_FILES_TITLE, 0},
    };
    for (size_t i = 0; i < 8; i++)
        p[i] = (struct case_part){str_from(parts[i].at), text_get(rq->lang, parts[i].m), parts[i].n};
    return (struct list){p, 8};
}

enum err case_read_show(struct req *rq, struct case_read_out *out, const struct case_at *at)
{
    const struct pack *p = rq->sv->pack;
    bool own = false;
    for (size_t u = 0; u < rq->who.n_units; u++)
        own = own || id_equal(rq->who.units[u], at->owner);
    out->title = out->number; // never what was told
    out->label = pack_category_label(p, out->category, rq->lang);
    out->county_text = pack_label(p, "county", out->county, rq->lang);
    out->urgency_text = case_urgency(rq, out->urgency);
    out->state_text = text_get(rq->lang, case_state_message(at->state));
    out->opened_text = req_date(rq, out->opened_at, DATE_DAY);
    out->review_text = req_date(rq, out->review_due, DATE_DAY);
    out->review_late = out->review_due != INT64_MIN && out->review_due < rq->now;
    out->outcome_text = pack_label(p, "case_outcome", out->outcome, rq->lang);
    out->risk_text = pack_label(p, "case_risk", out->risk, rq->lang);
    out->next_text = text_get(rq->lang, at->state == CASE_ASSESSED && out->plan.n ? MSG_CASEWORK_NEXT_APPROVAL : case_next_message(at->state));
    out->planned = out->assessment.n > 0 || out->plan.n > 0;
    out->is_closing = at->state == CASE_CLOSING;
    out->is_closed = at->state == CASE_CLOSED;
    out->is_open = !out->is_closed;
    out->mine = id_equal(out->worker, rq->who.id);
    out->own_ask = id_equal(out->asked_by, rq->who.id);
    out->may_edit = own && out->is_open && req_may(rq, PERM_CASE_EDIT);
    out->may_approve = own && out->is_closing && !out->own_ask && req_may(rq, PERM_CASE_APPROVE);
    out->may_refer = case_rooms && own && out->is_open && req_may(rq, PERM_REFERRAL_SEND);
    out->may_casefile = own && req_may(rq, PERM_REFERRAL_SEND);
    out->may_reopen = own && out->is_closed && req_may(rq, PERM_CASE_EDIT);
    out->may_take = out->may_edit && !out->mine;
    out->may_tell = own && req_may(rq, PERM_CASE_EDIT);
    out->steps_hidden = at->steps_hidden;
    out->told = case_told_steps(rq);
    out->plan_waits = out->plan_waits && (at->state == CASE_ASSESSED || at->state == CASE_REVIEW);
    out->may_plan = out->may_edit && out->plan.n > 0 && !out->own_plan &&
        case_state_may(at->state, CASE_PLANNED) && req_may(rq, PERM_CASE_APPROVE);
    out->may_start = out->may_edit && case_state_may(at->state, CASE_IMPLEMENTING) &&
        (at->state != CASE_REVIEW || (out->plan.n > 0 && !out->plan_waits));
    out->may_review = out->may_edit && case_state_may(at->state, CASE_REVIEW);
    out->may_close = out->may_edit && case_state_may(at->state, CASE_CLOSING);
    out->outcomes = case_options(rq, "case_outcome", STR(""));
    out->kinds = case_options(rq, "route_kind", STR(""));
    out->roles = case_options(rq, "person_role", STR(""));
    out->risks = case_options(rq, "case_risk", out->risk);
    things_show(rq, out);
    union { const void *in; struct case_line *out; } lines = {out->timeline.at};
    for (size_t i = 0; i < out->timeline.n; i++) {
        lines.out[i].at_text = req_time(rq, lines.out[i].at);
        lines.out[i].kind_text = line_did(rq, &lines.out[i]);
    }
    for (size_t i = 0; i < out->timeline.n / 2; i++) { // a page shows the newest first
        struct case_line line = lines.out[i];
        lines.out[i] = lines.out[out->timeline.n - 1 - i];
        lines.out[out->timeline.n - 1 - i] = line;
    }
    size_t since = out->timeline.n; // of the newest lines, those after closing was asked for
    for (size_t i = 0; i < out->timeline.n && since == out->timeline.n; i++)
        if (str_equal_z(lines.out[i].kind, "close"))
            since = i;
    size_t newest = out->timeline.n < CASE_LINES_SHOWN ? out->timeline.n : CASE_LINES_SHOWN;
    out->newest = (struct list){lines.out, newest};
    out->n_older = (int64_t)(out->timeline.n - newest);
    out->older = (struct list){lines.out ? lines.out + newest : NULL, out->timeline.n - newest};
    out->parts = parts_show(rq, out);
    out->next_assess = at->state == CASE_REGISTERED;
    out->next_plan = at->state == CASE_ASSESSED && out->plan.n == 0;
    out->since = (struct list){lines.out, out->is_closing && since < out->timeline.n ? since : 0};
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

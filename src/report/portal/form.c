// The form's two routes. The page is chosen by the step, so the code is shown in the answer to a POST and never stands in an
// address.
#include <string.h>
#include "report/portal/form.h"
#include "report/portal/form_fields.h"

#define REPORT_BEGIN_MAX 8192 // bytes of a prefilled answer; a longer one is left out

// Loose on purpose: what is judged here is judged by report_check, so that the page can show the right step again.
#define LONG .max = REPORT_BODY_MAX, .form = FORM_LINES
#define ANSWER(m, ...) {.name = #m, .kind = K_TEXT, .at = offsetof(struct report_form_in, a.m), __VA_ARGS__}
SHAPE(report_form_in,
    FIELD(report_form_in, go, .max = 32), FIELD(report_form_in, step, .max = 32), FIELD(report_form_in, language, .max = 8),
    ANSWER(where, .max = 32), ANSWER(address, LONG), ANSWER(app, LONG), ANSWER(account, LONG), ANSWER(choice, .max = 64),
    ANSWER(category, .max = 64), ANSWER(in_danger, .max = 8), ANSWER(reporter, .max = 64), ANSWER(age_band, .max = 64),
    ANSWER(county, .max = 200), ANSWER(municipality, .max = 200), ANSWER(seen, LONG), ANSWER(text, LONG), ANSWER(contact, LONG),
    ANSWER(safe_to_contact, LONG), FIELD(report_form_in, submission, .max = 64), FIELD(report_form_in, ticket, .max = 200),
    FIELD(report_form_in, work, .max = 200));
static const struct shape report_form_out_shape = {"report_form_out", sizeof(struct report_form_out), 0, NULL, "report_form_out"};
HANDLER(report_form)

static void fresh_submission(struct req *rq, struct report_form_out *out)
{
    char hex[ID_HEX];
    struct id id = id_random();
    out->submission = arena_str(rq->arena, str_from(id_hex(id, hex)));
    crypto_wipe(&id, sizeof id);
    crypto_wipe(hex, sizeof hex);
}

static void begin(struct req *rq, const struct report_form_in *in, struct report_form_out *out)
{
    struct id known;
    out->a = in->a;
    out->step = form_step_read(in->step);
    form_tidy(rq->sv->pack, &out->a);
    if (id_from_hex(in->submission, &known) == OK)
        out->submission = in->submission;
    else
        fresh_submission(rq, out);
}

// ── one step ──

struct step_check { struct req *rq; enum form_step step; bool refused; };

static void refuse_here(void *ctx, const char *field, enum message m)
{
    struct step_check *c = ctx;
    if (form_field_step(field) != c->step)
        return;
    c->refused = true;
    (void)req_refuse(c->rq, field, m);
}

static enum err check_step(struct req *rq, const struct report_form_out *out)
{
    struct step_check c = {.rq = rq, .step = out->step};
    const struct form_answers *a = &out->a;
    struct report_content unused;
    if (out->step == STEP_WHAT && pack_choice(rq->sv->pack, a->choice) == NULL)
        return req_refuse(rq, "choice", MSG_REPORT_REFUSED_CATEGORY);
    if (out->step == STEP_ADDRESS && str_utf8_valid(a->address) && str_blank(a->address))
        return req_refuse(rq, "address", MSG_REPORT_REFUSED_ADDRESS_EMPTY);
    struct report_given g = form_given(rq->sv->pack, a, (struct str){0});
    enum err e = report_check(rq->sv->pack, rq->arena, &g, refuse_here, &c, &unused);
    if (e == ERR_INVALID)
        return c.refused ? ERR_INVALID : OK;
    return e;
}

// After a refusal the first step that asks for a refused field is shown.
static void show_refused(const struct req *rq, struct report_form_out *out)
{
    enum form_step first = STEP_REVIEW;
    for (size_t i = 0; i < FORM_FIELDS; i++) {
        const char *name = form_fields[i].name;
        if (req_refusal(rq, name).n > 0 && form_field_step(name) < first)
            first = form_field_step(name);
    }
    out->step = first;
}

// An early ticket is shown again with what is left of its wait: pressing too soon must not begin the wait anew.
static void ask_to_wait(struct req *rq, struct str ticket, struct report_form_out *out)
{
    struct report_portal *p = rq->sv->room;
    out->limited = true;
    out->bits = flood_bits(p->flood);
    out->wait = flood_ticket_left(p->flood, ticket, rq->now);
    out->token = ticket;
    if (out->wait == 0) {
        char token[FLOOD_TOKEN];
        flood_token(p->flood, rq->now, token);
        out->token = arena_str(rq->arena, str_from(token));
        out->wait = flood_wait(p->flood);
    }
    rq->retry_after = out->wait;
}

static struct str pace_of_given(struct req *rq, const struct report_given *g)
{
    struct pace pace;
    const struct pack_category *c = pack_category(rq->sv->pack, g->category);
    if (c == NULL || pace_find(rq->sv->store, pack_urgency(rq->sv->pack, c, g->reporter, g->age_band, g->in_danger), &pace) != OK)
        return (struct str){0}; // the report is in; what cannot be read now is left out
    return pace_text(rq, &pace, true, true);
}

static enum err send(struct req *rq, const struct report_form_in *in, struct report_form_out *out)
{
    struct str language = pack_has(rq->sv->pack, "language", in->language) ? in->language : rq->lang_code;
    struct report_given g = form_given(rq->sv->pack, &out->a, language);
    struct intake_sent sent = {.submission = out->submission, .ticket = in->ticket, .work = in->work};
    out->step = STEP_REVIEW;
    enum err e = intake_take(rq, &g, &sent, &out->receipt);
    if (e == OK) {
        out->step = STEP_SENT;
        out->answer_time = report_answer_time(rq);
        out->pace = pace_of_given(rq, &g);
    } else if (e == ERR_INVALID) {
        show_refused(rq, out);
    } else if (e == ERR_LIMITED) {
        ask_to_wait(rq, in->ticket, out);
    } else if (e == ERR_CONFLICT) { // what was typed is not lost: sent again it is a report of its own
        fresh_submission(rq, out);
        rq->notice = text_get(rq->lang, MSG_REPORT_NOTICE_CONFLICT_FORM);
    }
    return e;
}

static enum err move(struct req *rq, const struct report_form_in *in, struct report_form_out *out)
{
    const struct pack *p = rq->sv->pack;
    struct str go = in->go;
    if (go.n == 0 && in->language.n > 0 && !str_equal(in->language, rq->lang_code))
        return OK; // the language was switched: the same question again
    if (str_equal_z(go, "back")) {
        out->step = form_before(p, &out->a, out->step);
        return OK;
    }
    if (str_equal_z(go, "send"))
        return send(rq, in, out);
    if (str_starts(go, "to-")) {
        out->step = form_step_read(str_slice(go, 3, go.n));
        return OK;
    }
    enum err e = check_step(rq, out);
    if (e)
        return e;
    out->step = str_equal_z(go, "review") ? STEP_REVIEW : form_next(p, &out->a, out->step);
    return OK;
}

static enum err report_form(struct req *rq, const struct report_form_in *in, struct report_form_out *out)
{
    begin(rq, in, out);
    enum err e = ERR_INVALID;
    if (req_refused(rq)) // the reader refused something already, a control character
        show_refused(rq, out);
    else
        e = move(rq, in, out);
    form_fill(rq, rq->lang_code, out);
    return arena_failed(rq->arena) ? ERR_MEMORY : e;
}

// ── the first page ──

// A link or the phone's share menu may fill the address: address=…, or url=…, or an address inside text=…. The start page's
// doors say who reports, so that the answer stands there already when it is asked for.
struct report_begin_in { struct str address, url, text, title, reporter; };
SHAPE(report_begin_in,
    FIELD(report_begin_in, address, LONG), FIELD(report_begin_in, url, LONG), FIELD(report_begin_in, text, LONG),
    FIELD(report_begin_in, title, LONG), FIELD(report_begin_in, reporter, .max = 64));
struct report_begin_out { struct report_form_out form; };
static const struct shape report_begin_out_shape = {"report_begin_out", sizeof(struct report_begin_out), 0, NULL, "report_begin_out"};
HANDLER(report_begin)

static bool has_address(struct str s)
{
    return str_find_str(s, STR("http://")) >= 0 || str_find_str(s, STR("https://")) >= 0;
}

static enum err report_begin(struct req *rq, const struct report_begin_in *in, struct report_begin_out *begun)
{
    struct report_form_out *out = &begun->form;
    static const struct report_begin_in nothing;
    if (req_refused(rq)) { // a link that cannot be read begins an empty form
        rq->refused = NULL;
        in = &nothing;
    }
    struct str address = in->address.n > 0 ? in->address : in->url;
    if (address.n == 0 && has_address(in->text))
        address = in->text;
    else
        out->a.text = in->text;
    if (address.n > 0 && address.n <= REPORT_BEGIN_MAX) {
        out->a.where = STR("page");
        out->a.address = address;
        out->step = STEP_ADDRESS;
    }
    if (pack_has(rq->sv->pack, "reporter", in->reporter))
        out->a.reporter = in->reporter;
    if (out->a.text.n > REPORT_BEGIN_MAX)
        out->a.text = (struct str){0};
    fresh_submission(rq, out);
    form_fill(rq, rq->lang_code, out);
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

// ── pages ──

page_fn report_step_where_page, report_step_address_page, report_step_app_page, report_step_what_page, report_step_detail_page,
    report_step_danger_page, report_step_who_page, report_step_age_page, report_step_county_page, report_step_municipality_page,
    report_step_seen_page, report_step_text_page, report_step_contact_page, report_review_page, report_sent_page;

static void show(struct buf *html, const struct req *rq, const void *in, const void *form)
{
    static page_fn *const pages[FORM_STEPS] = {
        [STEP_WHERE] = report_step_where_page, [STEP_ADDRESS] = report_step_address_page, [STEP_APP] = report_step_app_page,
        [STEP_WHAT] = report_step_what_page, [STEP_DETAIL] = report_step_detail_page, [STEP_DANGER] = report_step_danger_page,
        [STEP_WHO] = report_step_who_page, [STEP_AGE] = report_step_age_page, [STEP_COUNTY] = report_step_county_page,
        [STEP_MUNICIPALITY] = report_step_municipality_page, [STEP_SEEN] = report_step_seen_page, [STEP_TEXT] = report_step_text_page,
        [STEP_CONTACT] = report_step_contact_page, [STEP_REVIEW] = report_review_page, [STEP_SENT] = report_sent_page,
    };
    const struct report_form_out *out = form;
    pages[out->step](html, rq, in, out);
}

static void begin_page(struct buf *html, const struct req *rq, const void *in, const void *out)
{
    const struct report_begin_out *begun = out;
    show(html, rq, in, &begun->form);
}

static const struct route rows[] = {
    ROUTE(GET, "/raporto", PUBLIC, report_begin, .page = begin_page, .run_refused = true, .page_only = true),
    ROUTE(POST, "/raporto", PUBLIC, report_form, .page = show, .run_refused = true, .page_only = true, .body_max = REPORT_BODY_MAX,
          .urgent = report_urgent),
};
const struct routes report_form_routes = {"report", rows, sizeof rows / sizeof *rows};

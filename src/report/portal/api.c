// The portal's JSON face: a report, what became of it, messages.
#include "report/portal/follow.h"

// ── POST /api/v1/reports ──

struct report_add_in {
    struct str language, where, address, app, account, category, reporter, age_band, county, municipality;
    bool in_danger;
    struct str seen, text, contact, safe_to_contact, submission, ticket, work;
};
struct report_add_out { struct str receipt; };
// The lists and lengths are judged by report_check, with sentences of this room: max is what the reader lets through.
SHAPE(report_add_in,
    FIELD(report_add_in, language, .max = 8, .about = "sq or en: the language of the answers; sq where missing"),
    FIELD(report_add_in, where, .required = true, .max = 16, .about = "page, app or none"),
    FIELD(report_add_in, address, .max = REPORT_BODY_MAX, .about = "address of the page, as typed or shared; at most 2048 bytes"),
    FIELD(report_add_in, app, .max = 1000, .about = "app or game; at most 100 characters"),
    FIELD(report_add_in, account, .max = 1000, .about = "account name, number or link in the app; at most 300 characters"),
    FIELD(report_add_in, category, .required = true, .max = 32, .about = "code of the taxonomy"),
    FIELD(report_add_in, reporter, .max = 32, .about = "child, parent, teacher, professional or other"),
    FIELD(report_add_in, age_band, .max = 32, .about = "<13, 13-15 or 16-17; only where the reporter is a child"),
    FIELD(report_add_in, county, .max = 100, .about = "the country pack's name"),
    FIELD(report_add_in, municipality, .max = 100, .about = "one of the county's"),
    FIELD(report_add_in, in_danger, .about = "somebody is in danger now"),
    FIELD(report_add_in, seen, .max = REPORT_BODY_MAX, .form = FORM_LINES, .about = "when and how it was seen; at most 500 characters"),
    FIELD(report_add_in, text, .max = REPORT_BODY_MAX, .form = FORM_LINES, .about = "in own words; at most 20000 characters"),
    FIELD(report_add_in, contact, .max = 4000, .form = FORM_LINES, .about = "a way to be reached; at most 300 characters"),
    FIELD(report_add_in, safe_to_contact, .max = 4000, .form = FORM_LINES, .about = "when and how it is safe to be reached"),
    FIELD(report_add_in, submission, .max = 64, .form = FORM_SECRET,
          .about = "32 hex digits, random, secret: the same once more is the same report and gets the same receipt"),
    FIELD(report_add_in, ticket, .max = 200, .about = "after 429: the token of GET /work, used ticket_seconds later"),
    FIELD(report_add_in, work, .max = 200, .about = "after 429: TOKEN:NONCE whose SHA-256 begins with the zero bits asked for"));
SHAPE(report_add_out, FIELD(report_add_out, receipt, .about = "20 characters in five groups; shown once, kept nowhere"));
HANDLER(report_add)

static enum err report_add(struct req *rq, const struct report_add_in *in, struct report_add_out *out)
{
    struct report_given g = {
        .language = in->language, .where = in->where, .address = in->address, .app = in->app, .account = in->account,
        .category = in->category, .reporter = in->reporter, .age_band = in->age_band, .county = in->county,
        .municipality = in->municipality, .in_danger = in->in_danger, .seen = in->seen, .text = in->text, .contact = in->contact,
        .safe_to_contact = in->safe_to_contact,
    };
    struct intake_sent sent = {.submission = in->submission, .ticket = in->ticket, .work = in->work};
    return intake_take(rq, &g, &sent, &out->receipt);
}

// ── GET /api/v1/work: for whoever got a 429 ──

SHAPE_NONE(report_work_in);
struct report_work_out { struct str token; int64_t bits, ticket_seconds; };
SHAPE(report_work_out,
    FIELD(report_work_out, token, .about = "good once, for 30 minutes"),
    FIELD(report_work_out, bits, .about = "SHA-256 of \"TOKEN:NONCE\" (NONCE decimal) must begin with so many zero bits; send it as `work`"),
    FIELD(report_work_out, ticket_seconds, .about = "or wait so long and send the token as `ticket`"));
HANDLER(report_work)

static enum err report_work(struct req *rq, const struct report_work_in *in, struct report_work_out *out)
{
    (void)in;
    struct report_portal *p = rq->sv->room;
    char token[FLOOD_TOKEN];
    flood_token(p->flood, rq->now, token);
    *out = (struct report_work_out){.token = arena_str(rq->arena, str_from(token)), .bits = flood_bits(p->flood),
                                    .ticket_seconds = flood_wait(p->flood)};
    return out->token.at == NULL ? ERR_MEMORY : OK;
}

// ── GET /api/v1/report ──

static const struct field step_fields[] = {
    FIELD(follow_step, code, .about = "received, taken, assessed, answered, in_case, duplicate, spam, withdrawn, closed; and, while in a case, considered, planned, "
          "help_asked, help_begun, help_done, handed_over, removal_asked, removed, came_back, deciding, decided, reopened. More may come: show the sentence."),
    FIELD(follow_step, at, .form = FORM_TIME),
    FIELD(follow_step, sentence, .about = "the same in words, in the language asked for"),
    FIELD(follow_step, day, .form = FORM_HIDDEN),
};
const struct shape follow_step_shape = {"follow_step", sizeof(struct follow_step), sizeof step_fields / sizeof *step_fields, step_fields, "follow_step"};
static const struct field message_fields[] = {
    FIELD(follow_message, from, .about = "reporter or desk"),
    FIELD(follow_message, sent_at, .form = FORM_TIME),
    FIELD(follow_message, text),
    FIELD(follow_message, mine, .form = FORM_HIDDEN),
    FIELD(follow_message, day, .form = FORM_HIDDEN),
};
const struct shape follow_message_shape = {"follow_message", sizeof(struct follow_message),
                                           sizeof message_fields / sizeof *message_fields, message_fields, "follow_message"};

SHAPE_NONE(report_follow_in);
struct report_follow_out {
    struct str state, sentence, doing, next, help;
    int64_t received_at;
    struct list steps, messages;
    bool older;
    struct str withdrawal, answer_time, pace;
};
SHAPE(report_follow_out,
    FIELD(report_follow_out, state, .about = "received until the desk has taken it, then the last of the report's own states; steps of its case do not change it"),
    FIELD(report_follow_out, sentence, .about = "the last step in words: what happened"),
    FIELD(report_follow_out, doing, .about = "what is being done, in words"),
    FIELD(report_follow_out, next, .about = "what comes next, in words"),
    FIELD(report_follow_out, help, .about = "who can help now, in words"),
    FIELD(report_follow_out, received_at, .form = FORM_TIME, .about = "to the minute"),
    FIELD(report_follow_out, steps, .of = &follow_step_shape),
    FIELD(report_follow_out, messages, .of = &follow_message_shape, .about = "both ways, oldest first"),
    FIELD(report_follow_out, older, .about = "older messages were left out"),
    FIELD(report_follow_out, withdrawal, .form = FORM_NULLABLE,
          .about = "asked: a request to withdraw waits; answered: the desk has written since; withdrawn; null: nobody asked"),
    FIELD(report_follow_out, answer_time, .about = "when somebody is there to answer, in words; empty once others have the case"),
    FIELD(report_follow_out, pace, .form = FORM_NULLABLE,
          .about = "how long reports of this urgency really took lately to be opened and answered, in words; null once answered"));
HANDLER(report_follow)

// A code that cannot be one and a code that nobody was given look alike.
static enum err hide(struct req *rq, enum err e)
{
    if (e != ERR_MALFORMED && e != ERR_NOT_FOUND)
        return e;
    rq->notice = text_get(rq->lang, MSG_REPORT_REFUSED_CODE_UNKNOWN);
    return ERR_NOT_FOUND;
}

static enum err report_follow(struct req *rq, const struct report_follow_in *in, struct report_follow_out *out)
{
    (void)in;
    struct follow f;
    enum err e = follow_show(rq, rq->receipt, &f);
    if (e)
        return hide(rq, e);
    *out = (struct report_follow_out){.state = f.state, .sentence = f.sentence, .doing = f.doing, .next = f.next, .help = f.help,
                                      .received_at = f.received_at, .steps = f.steps, .messages = f.messages, .older = f.cut,
                                      .withdrawal = f.withdrawal, .answer_time = f.answer_time, .pace = f.pace};
    return OK;
}

// ── POST /api/v1/report/messages, /api/v1/report/withdraw ──

struct report_message_add_in { struct str text, submission; };
SHAPE(report_message_add_in,
    FIELD(report_message_add_in, text, .required = true, .max = REPORT_BODY_MAX, .form = FORM_LINES, .about = "at most 4000 characters"),
    FIELD(report_message_add_in, submission, .max = 64, .about = "32 hex digits: the same once more is the same message"));
SHAPE_NONE(report_message_add_out);
HANDLER(report_message_add)

static enum err report_message_add(struct req *rq, const struct report_message_add_in *in, struct report_message_add_out *out)
{
    (void)out;
    return hide(rq, follow_write(rq, rq->receipt, in->text, false, in->submission));
}

struct report_withdraw_in { struct str text, submission; };
SHAPE(report_withdraw_in,
    FIELD(report_withdraw_in, text, .max = REPORT_BODY_MAX, .form = FORM_LINES, .about = "why, if the reporter wants to say it"),
    FIELD(report_withdraw_in, submission, .max = 64, .about = "32 hex digits: the same once more is the same request"));
SHAPE_NONE(report_withdraw_out);
HANDLER(report_withdraw)

static enum err report_withdraw(struct req *rq, const struct report_withdraw_in *in, struct report_withdraw_out *out)
{
    (void)out;
    return hide(rq, follow_write(rq, rq->receipt, in->text, true, in->submission));
}

static const struct route rows[] = {
    ROUTE(POST, "/reports", PUBLIC, report_add, .status = 201, .body_max = REPORT_BODY_MAX, .urgent = report_urgent,
          .run_refused = true,
          .about = "Sends a report. It is sealed in that moment; the receipt is the only way back to it."),
    ROUTE(GET, "/work", PUBLIC, report_work, .about = "A token with which a report is taken though its network has sent many."),
    ROUTE(GET, "/report", RECEIPT, report_follow, .about = "What became of a report, and the messages about it."),
    ROUTE(POST, "/report/messages", RECEIPT, report_message_add, .status = 201, .body_max = REPORT_BODY_MAX,
          .about = "Writes to those who work on the report."),
    ROUTE(POST, "/report/withdraw", RECEIPT, report_withdraw, .status = 202, .body_max = REPORT_BODY_MAX,
          .about = "Asks to withdraw the report. A request: a person looks at it, nothing is deleted by itself."),
};
const struct routes report_portal_routes = {"report", rows, sizeof rows / sizeof *rows};

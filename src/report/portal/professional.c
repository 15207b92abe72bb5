// The professionals' form. What it sends is a report like any other: same check, same floods, same seal, same clocks.
#include "report/portal/professional.h"
#include "html/html.h"

#define OPTIONS_MAX 128

#define LONG .max = REPORT_BODY_MAX, .form = FORM_LINES
SHAPE(professional_in,
    FIELD(professional_in, institution, LONG, .about = "required, at most 200 characters; sealed with the report"),
    FIELD(professional_in, function, .max = 64, .about = "required; list profession of the country pack"),
    FIELD(professional_in, contact, LONG, .about = "required: how the desk reaches the sender"), FIELD(professional_in, category, .max = 64),
    FIELD(professional_in, address, LONG), FIELD(professional_in, app, LONG), FIELD(professional_in, account, LONG),
    FIELD(professional_in, county, .max = 200), FIELD(professional_in, seen, LONG), FIELD(professional_in, text, LONG),
    FIELD(professional_in, safe_to_contact, LONG), FIELD(professional_in, in_danger), FIELD(professional_in, submission, .max = 64),
    FIELD(professional_in, ticket, .max = 200), FIELD(professional_in, work, .max = 200));
SHAPE(professional_out,
    FIELD(professional_out, receipt, .about = "the way back to the report; shown once"),
    FIELD(professional_out, rest, .about = "give it back with institution and function: the acknowledgement then names them"));
SHAPE_NONE(professional_form_in);
static const struct shape professional_form_out_shape = {"professional_form_out", sizeof(struct professional_out), 0, NULL, "professional_out"};

static struct list options(struct req *rq, const char *list, struct str chosen)
{
    struct form_option *at = arena_array(rq->arena, OPTIONS_MAX, sizeof *at);
    struct str v;
    size_t n = 0;
    for (; at && n < OPTIONS_MAX && (v = pack_list_at(rq->sv->pack, list, n)).n > 0; n++)
        at[n] = (struct form_option){.value = v, .label = pack_label(rq->sv->pack, list, v, rq->lang), .on = str_equal(v, chosen)};
    return (struct list){at, at ? n : 0};
}

static void fill(struct req *rq, const struct professional_in *in, struct professional_out *out)
{
    struct id known;
    out->typed = *in;
    out->functions = options(rq, "profession", in->function);
    out->counties = options(rq, "county", in->county);
    out->categories = options(rq, "category", in->category);
    out->duty = pack_label(rq->sv->pack, "professional_duty", STR("duty"), rq->lang);
    out->submission = in->submission;
    if (id_from_hex(in->submission, &known) != OK) {
        char hex[ID_HEX];
        struct id id = id_random();
        out->submission = arena_str(rq->arena, str_from(id_hex(id, hex)));
        crypto_wipe(&id, sizeof id);
        crypto_wipe(hex, sizeof hex);
    }
}

enum err professional_form_run(struct req *rq, const void *in, void *out)
{
    static const struct professional_in nothing;
    (void)in;
    fill(rq, &nothing, out);
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

static struct report_given given(const struct req *rq, const struct professional_in *in)
{
    bool page = !str_blank(in->address), account = !str_blank(in->account) || !str_blank(in->app);
    return (struct report_given){
        .language = rq->lang_code, .where = page ? STR("page") : account ? STR("app") : STR("none"), .address = in->address,
        .app = in->app, .account = in->account, .category = in->category,
        .reporter = str_equal_z(in->function, "teacher") ? STR("teacher") : STR("professional"), .county = in->county,
        .in_danger = in->in_danger, .seen = in->seen, .text = in->text, .contact = in->contact,
        .safe_to_contact = in->safe_to_contact, .institution = in->institution, .function = in->function,
    };
}

static void ignore(void *ctx, const char *field, enum message m)
{
    (void)ctx;
    (void)field;
    (void)m;
}

// What the acknowledgement needs to name who sent it; only whoever has just sent it knows it.
static enum err rest_of(struct req *rq, const struct report_given *g, struct professional_out *out)
{
    struct report_content c;
    struct receipt code;
    uint8_t rest[16];
    enum err e = report_check(rq->sv->pack, rq->arena, g, ignore, NULL, &c);
    if (!e)
        e = receipt_read(&code, out->receipt, directory_install_id(rq->sv->directory));
    if (e)
        return e;
    e = report_rest(&c, &code, rest);
    if (!e) {
        struct id hexed;
        char hex[ID_HEX];
        e = id_from_bytes(STR_BYTES(rest), &hexed);
        out->rest = arena_str(rq->arena, str_from(id_hex(hexed, hex)));
        out->typed.institution = c.institution; // as it was read: trimmed
        out->typed.function = c.function;
    }
    crypto_wipe(&code, sizeof code);
    crypto_wipe(rest, sizeof rest);
    return e;
}

static void ask_to_wait(struct req *rq, struct str ticket, struct professional_out *out)
{
    struct report_portal *p = rq->sv->room;
    char token[FLOOD_TOKEN];
    out->limited = true;
    out->bits = flood_bits(p->flood);
    out->token = ticket;
    out->wait = flood_ticket_left(p->flood, ticket, rq->now);
    if (out->wait == 0) {
        flood_token(p->flood, rq->now, token);
        out->token = arena_str(rq->arena, str_from(token));
        out->wait = flood_wait(p->flood);
    }
    rq->retry_after = out->wait;
}

enum err professional_send_run(struct req *rq, const void *in_, void *out_)
{
    const struct professional_in *in = in_;
    struct professional_out *out = out_;
    fill(rq, in, out);
    if (str_utf8_valid(in->institution) && str_blank(in->institution))
        (void)req_refuse(rq, "institution", MSG_PROFESSIONAL_REFUSED_INSTITUTION);
    if (str_blank(in->function))
        (void)req_refuse(rq, "function", MSG_PROFESSIONAL_REFUSED_FUNCTION);
    if (str_utf8_valid(in->contact) && str_blank(in->contact))
        (void)req_refuse(rq, "contact", MSG_PROFESSIONAL_REFUSED_CONTACT);
    struct report_given g = given(rq, in);
    // The page's own number makes a second press of the button the same report; over the API the sender's, where there is one.
    struct intake_sent sent = {.submission = rq->json ? in->submission : out->submission, .ticket = in->ticket, .work = in->work};
    enum err e = intake_take(rq, &g, &sent, &out->receipt);
    if (!e)
        e = rest_of(rq, &g, out);
    if (!e) {
        out->sent = true;
        out->answer_time = report_answer_time(rq);
    } else if (e == ERR_LIMITED) {
        ask_to_wait(rq, in->ticket, out);
    }
    return arena_failed(rq->arena) ? ERR_MEMORY : e;
}

page_fn professional_form_page, professional_sent_page, acknowledgement_code_page, acknowledgement_show_page, acknowledgement_verify_page;
run_fn acknowledgement_ask_run, acknowledgement_show_run, acknowledgement_key_run, acknowledgement_verify_run;

static void send_page(struct buf *html, const struct req *rq, const void *in, const void *out_)
{
    const struct professional_out *out = out_;
    (out->sent ? professional_sent_page : professional_form_page)(html, rq, in, out);
}

static void show_page(struct buf *html, const struct req *rq, const void *in, const void *out_)
{
    const struct acknowledgement_out *out = out_;
    (out->found ? acknowledgement_show_page : acknowledgement_code_page)(html, rq, in, out);
}

SHAPE_NONE(acknowledgement_ask_in);
static const struct shape acknowledgement_ask_out_shape = {"acknowledgement_ask_out", sizeof(struct acknowledgement_out), 0, NULL, "acknowledgement_out"};
SHAPE(acknowledgement_in,
    FIELD(acknowledgement_in, institution, .max = 1000), FIELD(acknowledgement_in, function, .max = 64),
    FIELD(acknowledgement_in, rest, .max = 64, .about = "as given when the report was sent; without it nobody is named"));
SHAPE(acknowledgement_out,
    FIELD(acknowledgement_out, ready, .about = "false: not signed yet, ask again in a moment"), FIELD(acknowledgement_out, number),
    FIELD(acknowledgement_out, received_at, .form = FORM_TIME), FIELD(acknowledgement_out, category),
    FIELD(acknowledgement_out, institution), FIELD(acknowledgement_out, function),
    FIELD(acknowledgement_out, document, .about = "the acknowledgement to keep, a JSON object: what `isigurt acknowledgement verify` reads"));
static const struct shape acknowledgement_verify_form_out_shape = {"acknowledgement_verify_form_out", sizeof(struct acknowledgement_verify_out), 0, NULL, "acknowledgement_verify_out"};
SHAPE(acknowledgement_verify_in,
    FIELD(acknowledgement_verify_in, document, .required = true, .max = REPORT_ACKNOWLEDGEMENT_MAX, .form = FORM_LINES));
SHAPE(acknowledgement_verify_out,
    FIELD(acknowledgement_verify_out, genuine), FIELD(acknowledgement_verify_out, named, .about = "institution and function are proved too"),
    FIELD(acknowledgement_verify_out, number), FIELD(acknowledgement_verify_out, received_at, .form = FORM_TIME),
    FIELD(acknowledgement_verify_out, category), FIELD(acknowledgement_verify_out, institution), FIELD(acknowledgement_verify_out, function));
run_fn flagger_send_run, flagger_own_run;
extern const struct shape flagger_send_in_shape, flagger_send_out_shape, flagger_own_in_shape, flagger_own_out_shape;

static bool urgent(struct str body)
{
    return report_urgent(body) || str_find_str(body, STR("in_danger=1")) >= 0;
}

#define ROW(method_, path_, perm_, name_, in_, out_, ...) {.name = #name_, .path = path_, .method = method_, \
    .perm = PERM_##perm_, .in = &in_##_shape, .out = &out_##_shape, .run = name_##_run, ##__VA_ARGS__}
static const struct route rows[] = {
    ROW(GET, "/profesionist", PUBLIC, professional_form, professional_form_in, professional_form_out, .page = professional_form_page,
        .page_only = true),
    ROW(POST, "/profesionist", PUBLIC, professional_send, professional_in, professional_out, .page = send_page, .run_refused = true,
        .api_path = "/professional/reports", .status = 201, .body_max = REPORT_BODY_MAX, .urgent = urgent,
        .about = "Sends a report for an institution; sealed like any other, and acknowledged with a signature."),
    ROW(GET, "/vertetim", PUBLIC, acknowledgement_ask, acknowledgement_ask_in, acknowledgement_ask_out, .page = show_page, .page_only = true),
    ROW(POST, "/vertetim", RECEIPT, acknowledgement_show, acknowledgement_in, acknowledgement_out, .page = show_page,
        .api_path = "/report/acknowledgement", .body_max = 16 * 1024,
        .about = "The signed acknowledgement of a report: what was received, when, under which number; never its text."),
    ROW(GET, "/vertetim/kontroll", PUBLIC, acknowledgement_key, acknowledgement_ask_in, acknowledgement_verify_form_out,
        .page = acknowledgement_verify_page, .page_only = true),
    ROW(POST, "/vertetim/kontroll", PUBLIC, acknowledgement_verify, acknowledgement_verify_in, acknowledgement_verify_out,
        .page = acknowledgement_verify_page, .fill = acknowledgement_key_run, .api_path = "/acknowledgement/verify", .body_max = 64 * 1024,
        .about = "Is this acknowledgement genuine? Nothing is stored, no report is looked up."),
    ROW(POST, "/flagger/reports", PUBLIC, flagger_send, flagger_send_in, flagger_send_out, .body_max = REPORT_BODY_MAX,
        .about = "A trusted flagger's reports, at most 50 a call; each line is taken or refused alone, and a repeat gives the same receipt."),
    ROW(POST, "/flagger/accuracy", PUBLIC, flagger_own, flagger_own_in, flagger_own_out,
        .about = "What became of a flagger's reports, counted once a minute."),
};
const struct routes report_trusted_routes = {"report", rows, sizeof rows / sizeof *rows};

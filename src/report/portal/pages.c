// The start page, and the page on which a reporter follows a report. The code comes in a body and goes on in a hidden field; it
// never stands in an address.
#include "report/portal/pages.h"

static const struct shape report_start_out_shape = {"report_start_out", sizeof(struct report_start_out), 0, NULL, "report_start_out"};
HANDLER(report_start)
static enum err report_start(struct req *rq, const struct report_start_in *in, struct report_start_out *out)
{
    (void)in;
    out->helpline = report_helpline(rq);
    return OK;
}

// ── GET /ndiq, POST /ndiq ──

SHAPE_NONE(report_ask_in);
struct report_ask_out { struct report_track_out track; };
static const struct shape report_ask_out_shape = {"report_ask_out", sizeof(struct report_ask_out), 0, NULL, "report_ask_out"};
HANDLER(report_ask)

static enum err report_ask(struct req *rq, const struct report_ask_in *in, struct report_ask_out *out)
{
    (void)rq;
    (void)in;
    (void)out; // nothing found yet: the page asks for the code
    return OK;
}

SHAPE(report_track_in,
    FIELD(report_track_in, go, .max = 16), FIELD(report_track_in, text, .max = REPORT_BODY_MAX, .form = FORM_LINES),
    FIELD(report_track_in, submission, .max = 64), FIELD(report_track_in, fresh, .max = 4));
static const struct shape report_track_out_shape = {"report_track_out", sizeof(struct report_track_out), 0, NULL, "report_track_out"};
HANDLER(report_track)

static struct str fresh(struct req *rq)
{
    char hex[ID_HEX];
    return arena_str(rq->arena, str_from(id_hex(id_random(), hex)));
}

// What belongs to a code that opened nothing: the sentence stands at the field.
static enum err unknown(struct req *rq, enum err e)
{
    if (e == ERR_MALFORMED)
        return req_refuse(rq, "receipt", MSG_REPORT_REFUSED_CODE);
    if (e == ERR_NOT_FOUND)
        return req_refuse(rq, "receipt", MSG_REPORT_REFUSED_CODE_UNKNOWN);
    return e;
}

static struct str printed(struct req *rq, struct str code)
{
    struct receipt r;
    char text[RECEIPT_TEXT];
    if (receipt_read(&r, code, directory_install_id(rq->sv->directory)) != OK)
        return code;
    receipt_text(&r, text);
    struct str s = arena_str(rq->arena, str_from(text));
    crypto_wipe(&r, sizeof r);
    crypto_wipe(text, sizeof text);
    return s;
}

// Nothing can be read or written now: what was typed stays on the page, to be sent again under the same number.
static enum err keep_typed(struct req *rq, const struct report_track_in *in, enum err wrote, enum err e, struct report_track_out *out)
{
    out->away = true;
    out->asking = str_equal_z(in->go, "withdraw") && wrote;
    out->code = printed(rq, rq->receipt);
    out->said = str_equal_z(in->go, "say") && !wrote;
    out->asked = str_equal_z(in->go, "withdraw") && !wrote;
    out->text = wrote ? in->text : (struct str){0};
    out->submission = wrote ? in->submission : fresh(rq);
    if (wrote && rq->notice.n == 0)
        rq->notice = text_get(rq->lang, MSG_REPORT_NOTICE_AWAY);
    return e;
}

static enum err report_track(struct req *rq, const struct report_track_in *in, struct report_track_out *out)
{
    out->code = rq->receipt;
    out->fresh = in->fresh.n > 0;
    bool say = str_equal_z(in->go, "say"), withdraw = str_equal_z(in->go, "withdraw");
    enum err wrote = OK;
    if (req_refused(rq))
        wrote = ERR_INVALID;
    else if (say || withdraw)
        wrote = follow_write(rq, rq->receipt, in->text, withdraw, in->submission);
    enum err e = follow_show(rq, rq->receipt, &out->f);
    if ((say || withdraw) && (e == ERR_AWAY || e == ERR_FULL))
        return keep_typed(rq, in, wrote, e, out);
    if (e) { // no such report, or it was erased meanwhile: what was typed stays
        out->text = say ? in->text : (struct str){0};
        out->submission = in->submission;
        return unknown(rq, e);
    }
    out->found = true;
    out->code = printed(rq, rq->receipt);
    out->said = say && wrote == OK;
    out->asked = withdraw && wrote == OK;
    out->text = wrote ? in->text : (struct str){0};
    out->submission = wrote ? in->submission : fresh(rq);
    out->withdrawal = fresh(rq);
    return wrote;
}

page_fn report_start_page, report_code_page, report_track_page, report_away_page;

static void track_page(struct buf *html, const struct req *rq, const void *in, const void *out)
{
    const struct report_track_out *track = out;
    (track->found ? report_track_page : track->away ? report_away_page : report_code_page)(html, rq, in, out);
}

static void ask_page(struct buf *html, const struct req *rq, const void *in, const void *out)
{
    const struct report_ask_out *ask = out;
    track_page(html, rq, in, &ask->track);
}

static const struct route rows[] = {
    ROUTE(GET, "/", PUBLIC, report_start, .page = report_start_page, .page_only = true, .cache_seconds = 300),
    ROUTE(GET, "/ndiq", PUBLIC, report_ask, .page = ask_page, .page_only = true),
    ROUTE(POST, "/ndiq", RECEIPT, report_track, .page = track_page, .run_refused = true, .page_only = true, .body_max = REPORT_BODY_MAX),
};
const struct routes report_page_routes = {"report", rows, sizeof rows / sizeof *rows};

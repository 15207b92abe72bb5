// One report comes in: read, admitted, sealed, stored. The API and the form end here.
#include <stdatomic.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "report/portal/portal.h"
#include "text/date.h"

static void refuse(void *ctx, const char *field, enum message m)
{
    (void)req_refuse(ctx, field, m);
}

static struct str sentence(struct req *rq, enum message m)
{
    return text_get(rq->lang, m);
}

// Says it above the page and in the JSON; the numbers to call stand on every page.
static enum err tell(struct req *rq, enum err e, enum message m, int64_t retry_after)
{
    rq->notice = sentence(rq, m);
    rq->retry_after = retry_after;
    return e;
}

static enum err find_code(struct req *rq, struct str submission, struct receipt *out)
{
    const uint8_t *install = directory_install_id(rq->sv->directory);
    struct id id;
    if (submission.n == 0)
        receipt_new(out, install);
    else if (id_from_hex(submission, &id) == OK)
        receipt_from_submission(out, id.b, install);
    else
        return req_refuse(rq, "submission", MSG_REPORT_REFUSED_SUBMISSION);
    crypto_wipe(&id, sizeof id);
    return OK;
}

static enum err admit(struct req *rq, const struct report_content *c, const struct intake_sent *sent, struct flood_answer *out)
{
    struct report_portal *p = rq->sv->room;
    struct flood_ask ask = {
        .prefix = rq->prefix,
        .danger = c->in_danger,
        .ticket = sent->ticket,
        .work = sent->work,
        .sameness = flood_sameness(p->flood, c->page, c->account, c->text),
        .now = rq->now,
    };
    enum err e = flood_admit(p->flood, &ask, out);
    if (e)
        return tell(rq, e, MSG_REPORT_NOTICE_LIMITED, flood_wait(p->flood));
    if (!c->in_danger && disk_low(p->disk))
        return tell(rq, ERR_FULL, MSG_REPORT_NOTICE_FULL, 60);
    // A quarter of the places at the writer stays free for danger and for those who have waited or worked.
    int64_t writing = atomic_load(&p->writing);
    if (out->lane == LANE_OPEN && rq->prefix.n > 0 && writing >= p->places - p->places / 4)
        return tell(rq, ERR_FULL, MSG_REPORT_NOTICE_BUSY, 2);
    return OK;
}

static enum err store_sealed(struct req *rq, const struct report_content *c, const struct report_clear *clear, const struct receipt *code)
{
    struct report_portal *p = rq->sv->room;
    struct directory_unit duty;
    struct report_sealed sealed;
    enum err e = portal_duty(rq->sv, rq->now, &duty);
    if (e) {
        log_event(LOG_ALARM, "report.no_duty_key", LOG_ERR(e));
        return tell(rq, ERR_AWAY, MSG_REPORT_NOTICE_AWAY, 60);
    }
    struct public_key tag_key = directory_tag_key(rq->sv->directory);
    e = report_seal(c, clear, &duty, &tag_key, code, &sealed);
    if (!e) {
        atomic_fetch_add(&p->writing, 1);
        e = report_insert(rq->sv->store, &sealed);
        if (e == ERR_FULL && c->in_danger) { // perhaps the disk: the reserve was kept for this
            disk_look(p->disk);
            e = report_insert(rq->sv->store, &sealed);
        }
        atomic_fetch_sub(&p->writing, 1);
    }
    report_sealed_free(&sealed);
    switch (e) {
    case OK: return OK;
    case ERR_TOO_LARGE: return req_refuse(rq, "text", MSG_REPORT_REFUSED_LONG);
    case ERR_CONFLICT: return tell(rq, e, MSG_REPORT_NOTICE_CONFLICT, 0);
    case ERR_FULL: return tell(rq, e, MSG_REPORT_NOTICE_FULL, 30);
    default: break;
    }
    log_event(LOG_WARN, "report.not_stored", LOG_ERR(e));
    return tell(rq, ERR_AWAY, MSG_REPORT_NOTICE_AWAY, 30);
}

// A repeated send is no new report: it is neither counted nor refused, whatever is over its limit. ERR_NOT_FOUND: it is new, or
// nobody can tell now; then the insert decides.
static enum err find_repeat(struct req *rq, const struct report_content *c, struct str submission, const struct receipt *code)
{
    const struct report_portal *p = rq->sv->room;
    struct report_mark mark;
    // A fresh code nobody has; and who has not been counted lately meets no limit: the insert knows a repeat too.
    if (submission.n == 0 || !flood_counted(p->flood, rq->prefix, rq->now))
        return ERR_NOT_FOUND;
    enum err e = report_mark_of(c, code, &mark);
    if (!e)
        e = report_find(rq->sv->store, &mark);
    switch (e) {
    case OK: return OK;
    case ERR_CONFLICT: return tell(rq, e, MSG_REPORT_NOTICE_CONFLICT, 0);
    case ERR_AWAY: return tell(rq, e, MSG_REPORT_NOTICE_AWAY, 30);
    default: return ERR_NOT_FOUND;
    }
}

static enum err take_new(struct req *rq, const struct report_content *c, const struct intake_sent *sent, const struct receipt *code)
{
    struct flood_answer flood;
    enum err e = admit(rq, c, sent, &flood);
    if (e)
        return e;
    struct report_clear clear = {
        .received = clock_minute(rq->now),
        .category = c->category,
        .urgency_computed = report_urgency(rq->sv->pack, c->category, c->in_danger, c->reporter, c->age_band),
        .in_danger = c->in_danger,
        .county = c->county,
        .language = c->language,
        .burst = flood.grouped ? id_bytes(&flood.burst) : (struct str){0},
    };
    return store_sealed(rq, c, &clear, code);
}

enum err intake_take(struct req *rq, const struct report_given *g, const struct intake_sent *sent, struct str *out)
{
    struct report_content c;
    struct receipt code;
    enum err e = report_check(rq->sv->pack, rq->arena, g, refuse, rq, &c);
    if (e || req_refused(rq)) // also where the reader refused something before
        return e ? e : ERR_INVALID;
    struct str submission = str_trim(sent->submission);
    e = find_code(rq, submission, &code);
    if (e)
        goto out;
    e = find_repeat(rq, &c, submission, &code);
    if (e == ERR_NOT_FOUND)
        e = take_new(rq, &c, sent, &code);
    if (e)
        goto out;
    char text[RECEIPT_TEXT];
    receipt_text(&code, text);
    *out = arena_str(rq->arena, str_from(text));
    crypto_wipe(text, sizeof text);
    if (out->at == NULL)
        e = ERR_MEMORY;
out:
    crypto_wipe(&code, sizeof code);
    return e;
}

struct str report_helpline(struct req *rq)
{
    struct pack_number n, first = {0};
    for (size_t i = 0; pack_number_at(rq->sv->pack, i, rq->lang, &n); i++) {
        if (str_equal_z(n.id, "helpline"))
            return n.number;
        if (i == 0)
            first = n;
    }
    return first.number;
}

struct str report_answer_time(struct req *rq)
{
    int64_t next = 0;
    enum message m = MSG_REPORT_ANSWER_UNKNOWN;
    struct buf out, when, span;
    buf_init(&out, 1024);
    buf_init(&when, 128);
    buf_init(&span, 128);
    date_put_span(&span, rq->lang, pack_seconds(rq->sv->pack, CLOCK_TAKE_U1) * CLOCK_SECOND);
    if (pack_duty_now(rq->sv->pack, rq->now, &next)) {
        m = MSG_REPORT_ANSWER_NOW;
    } else if (next != INT64_MIN) {
        bool today = next < date_next_midnight(rq->now);
        m = today ? MSG_REPORT_ANSWER_TODAY : MSG_REPORT_ANSWER_LATER;
        date_put(&when, rq->lang, next, today ? DATE_CLOCK : DATE_MINUTE);
    }
    text_put(&out, rq->lang, m,
        TEXT_ARGS(TEXT_S("when", buf_str(&when)), TEXT_S("span", buf_str(&span)), TEXT_S("number", report_helpline(rq))));
    struct str s = arena_str(rq->arena, buf_str(&out));
    buf_free(&out);
    buf_free(&when);
    buf_free(&span);
    return s;
}

static bool space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Cheap and only a hint for the queue: whoever writes the name and value elsewhere gains a place, nothing more.
bool report_urgent(struct str body)
{
    static const struct str json = {"\"in_danger\"", 11}, form = {"in_danger=", 10};
    if (body.n > 0 && (body.at[0] == '{' || space(body.at[0]))) {
        ptrdiff_t at = str_find_str(body, json);
        if (at < 0)
            return false;
        size_t i = (size_t)at + json.n;
        while (i < body.n && (space(body.at[i]) || body.at[i] == ':'))
            i++;
        return str_starts(str_slice(body, i, body.n), "true");
    }
    for (struct str rest = body; rest.n > 0;) {
        struct str pair = str_cut(&rest, '&');
        if (pair.n > form.n && memcmp(pair.at, form.at, form.n) == 0)
            return str_equal_z(str_slice(pair, form.n, pair.n), "yes");
    }
    return false;
}

// Following a report with the receipt code: its state in words, and messages both ways.
#include <string.h>
#include "base/clock.h"
#include "report/portal/follow.h"
#include "text/date.h"

#define DAY_MAX 64

// To the reporter "new" is "received": so it reads the same before and after the desk has taken it in.
static struct str shown_state(struct str state)
{
    return state.n == 0 || str_equal_z(state, "new") ? STR("received") : state;
}

static enum message step_message(struct str code)
{
    enum report_state s;
    enum report_step step;
    if (report_state_read(code, &s) == OK)
        return report_state_message(s);
    return report_step_read(code, &step) == OK ? report_step_message(step) : report_state_message(REPORT_NEW);
}

// A step of the case that the country does not tell (any more) is not shown, whatever lies in the store.
static bool step_shown(const struct req *rq, struct str code)
{
    enum report_step step;
    return report_step_read(code, &step) != OK || pack_reporter_step(rq->sv->pack, code);
}

static enum err show_steps(struct req *rq, const struct thread *t, struct follow *out)
{
    struct follow_step *steps = arena_array(rq->arena, t->n_steps + 1, sizeof *steps);
    if (steps == NULL)
        return ERR_MEMORY;
    size_t n = 0;
    steps[n++] = (struct follow_step){.code = STR("received"), .at = t->received};
    for (size_t i = 0; i < t->n_steps; i++)
        if (!str_equal_z(t->steps[i].code, "received") && step_shown(rq, t->steps[i].code))
            steps[n++] = (struct follow_step){.code = shown_state(t->steps[i].code), .at = t->steps[i].at};
    for (size_t i = 0; i < n; i++) {
        // The first says only that it came: that nobody has opened it is true of the state, not of the past.
        steps[i].sentence = text_get(rq->lang, i == 0 ? MSG_REPORT_STEP_RECEIVED : step_message(steps[i].code));
        steps[i].day = req_time(rq, steps[i].at);
    }
    out->steps = (struct list){steps, n};
    return OK;
}

static enum err show_messages(struct req *rq, const struct thread *t, struct follow *out)
{
    struct follow_message *messages = arena_array(rq->arena, t->n_messages + 1, sizeof *messages);
    if (messages == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < t->n_messages; i++) {
        const struct thread_message *m = &t->messages[i];
        bool mine = m->direction == RECORD_UP;
        messages[i] = (struct follow_message){
            .from = mine ? STR("reporter") : STR("desk"),
            .sent_at = m->sent,
            .text = m->text,
            .mine = mine,
            .day = req_time(rq, m->sent),
        };
    }
    out->messages = (struct list){messages, t->n_messages};
    return OK;
}

// The request is a message of the reporter, sealed; so only who holds the code can tell that there is one.
static bool asks_to_withdraw(const struct thread_message *m)
{
    static const enum message words[] = {MSG_REPORT_WITHDRAW_ASKED, MSG_REPORT_WITHDRAW_ASKED_BEFORE};
    const size_t n = sizeof words / sizeof *words;
    for (size_t i = 0; m->direction == RECORD_UP && text_each(i / n) != NULL; i++) {
        struct str said = text_get(text_each(i / n), words[i % n]);
        bool begins = m->text.n >= said.n && str_equal(str_slice(m->text, 0, said.n), said);
        if (begins && (m->text.n == said.n || m->text.at[said.n] == '\n'))
            return true;
    }
    return false;
}

// A request changes nothing by itself: it is open until somebody at the desk has written back, withdrawn the report or closed it.
static void show_withdrawal(struct req *rq, const struct thread *t, enum report_state s, struct follow *out)
{
    bool asked = false, answered = false;
    for (size_t i = 0; i < t->n_messages; i++) {
        bool asks = asks_to_withdraw(&t->messages[i]);
        answered = !asks && (answered || (asked && t->messages[i].direction == RECORD_DOWN));
        asked |= asks;
    }
    bool over = s == REPORT_WITHDRAWN || s == REPORT_CLOSED;
    out->may_withdraw = !over && (!asked || answered);
    if (s == REPORT_WITHDRAWN)
        out->withdrawal = STR("withdrawn");
    else if (asked)
        out->withdrawal = answered ? STR("answered") : STR("asked");
    if (asked && !over)
        out->request = text_get(rq->lang, answered ? MSG_REPORT_WITHDRAW_ANSWERED : MSG_REPORT_WITHDRAW_WAITING);
}

static struct str help_text(struct req *rq)
{
    struct buf b;
    buf_init(&b, 1024);
    text_put(&b, rq->lang, MSG_REPORT_LIFE_HELP_TEXT, TEXT_ARGS(TEXT_S("number", report_helpline(rq))));
    struct str s = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return s;
}

// While the report is in its case, the newest step says more than "in a case" does.
static bool case_step(const struct req *rq, const struct thread *t, enum report_state s, enum report_step *out)
{
    for (size_t i = t->n_steps; s == REPORT_IN_CASE && i > 0; i--)
        if (step_shown(rq, t->steps[i - 1].code))
            return report_step_read(t->steps[i - 1].code, out) == OK;
    return false;
}

// Others have its case now: when this desk is there says nothing of when they answer.
static bool handed_over(const struct thread *t, enum report_state s)
{
    for (size_t i = 0; s == REPORT_IN_CASE && i < t->n_steps; i++)
        if (str_equal_z(t->steps[i].code, "handed_over"))
            return true;
    return false;
}

static void show_life(struct req *rq, const struct thread *t, struct follow *out)
{
    enum report_state s;
    enum report_step step;
    bool looked = false, answered = false;
    if (report_state_read(out->state, &s) != OK)
        s = REPORT_NEW;
    for (size_t i = 0; i < t->n_steps; i++)
        looked |= !str_equal_z(t->steps[i].code, "new") && !str_equal_z(t->steps[i].code, "received");
    for (size_t i = 0; i < t->n_messages; i++)
        answered |= t->messages[i].direction == RECORD_DOWN;
    bool stepped = case_step(rq, t, s, &step);
    out->sentence = text_get(rq->lang, stepped ? report_step_message(step) : report_state_message(s));
    out->doing = text_get(rq->lang, stepped ? report_step_now(step) : report_state_now(s));
    out->next = text_get(rq->lang, stepped ? report_step_next(step) : report_state_next(s));
    out->help = help_text(rq);
    out->helpline = report_helpline(rq);
    if (t->urgency > 0 && (s == REPORT_NEW || s == REPORT_TAKEN || s == REPORT_ASSESSED))
        out->pace = pace_text(rq, &t->pace, !looked, !answered);
    out->answer_time = handed_over(t, s) ? (struct str){0} : report_answer_time(rq);
    show_withdrawal(rq, t, s, out);
}

enum err follow_show(struct req *rq, struct str code, struct follow *out)
{
    struct receipt r;
    struct key k;
    uint8_t lookup[16];
    struct thread t;
    struct follow f = {0};
    enum err e = receipt_read(&r, code, directory_install_id(rq->sv->directory));
    if (e)
        return ERR_MALFORMED;
    receipt_lookup(&r, lookup);
    receipt_thread_key(&r, &k);
    e = thread_find(rq->sv->store, rq->arena, lookup, &t);
    if (!e)
        e = thread_open(&t, rq->arena, &k);
    crypto_wipe(&r, sizeof r);
    crypto_wipe(&k, sizeof k);
    if (e)
        return e;
    f.state = shown_state(t.state);
    show_life(rq, &t, &f);
    f.received_at = t.received;
    f.cut = t.cut;
    f.acknowledged = t.acknowledged;
    e = show_steps(rq, &t, &f);
    if (!e)
        e = show_messages(rq, &t, &f);
    if (!e)
        *out = f;
    return e;
}

// The item's id: of the sender's own number and the words, so that a second touch on the button sends nothing and other words
// under the same number are another message; bound to the thread, so that nobody can take another's.
static enum err message_id(struct req *rq, const struct receipt *r, struct str submission, struct str text, struct id *out)
{
    struct id given;
    if (submission.n == 0) {
        *out = id_random();
        return OK;
    }
    if (id_from_hex(submission, &given) != OK)
        return req_refuse(rq, "submission", MSG_REPORT_REFUSED_SUBMISSION);
    struct key k;
    receipt_thread_key(r, &k);
    crypto_digest(out->b, sizeof out->b, "isigurt.messag.1", &k, CRYPTO_PARTS(id_bytes(&given), text));
    crypto_wipe(&k, sizeof k);
    return OK;
}

static enum err check_text(struct req *rq, struct str text)
{
    if (!str_utf8_valid(text) || str_has_control(text, true))
        return req_refuse(rq, "text", MSG_REPORT_REFUSED_CONTROL);
    if (str_blank(text))
        return req_refuse(rq, "text", MSG_REPORT_REFUSED_EMPTY);
    if (str_utf8_count(text) > REPORT_MESSAGE_MAX)
        return req_refuse(rq, "text", MSG_REPORT_REFUSED_LONG);
    return OK;
}

enum err follow_write(struct req *rq, struct str code, struct str text, bool withdraw, struct str submission)
{
    struct receipt r;
    struct id id;
    struct buf full;
    enum err e = receipt_read(&r, code, directory_install_id(rq->sv->directory));
    if (e)
        return ERR_MALFORMED;
    buf_init_secret(&full, 4 * REPORT_MESSAGE_MAX + 1024);
    text = str_trim(text);
    bool said = text.n > 0 && !(withdraw && str_utf8_valid(text) && str_blank(text));
    if (said || !withdraw)
        e = check_text(rq, text);
    if (withdraw) // the sealed text says it, so that nobody has to believe the mark beside it
        buf_put(&full, text_get(rq->lang, MSG_REPORT_WITHDRAW_ASKED));
    if (withdraw && said)
        buf_put_c(&full, '\n');
    if (!e && said)
        buf_put(&full, text);
    if (!e)
        e = buf_ok(&full);
    if (!e)
        e = message_id(rq, &r, str_trim(submission), buf_str(&full), &id);
    if (!e)
        e = thread_write(rq->sv->store, &r, id, buf_str(&full), withdraw, rq->now);
    if (e == ERR_LIMITED)
        rq->notice = text_get(rq->lang, MSG_REPORT_NOTICE_MESSAGES);
    else if (e == ERR_CONFLICT) // other windows of the same reporter took each number first
        rq->notice = text_get(rq->lang, MSG_REPORT_NOTICE_MESSAGE_AGAIN);
    else if (e == ERR_FULL || e == ERR_AWAY)
        rq->notice = text_get(rq->lang, MSG_REPORT_NOTICE_AWAY);
    crypto_wipe(&r, sizeof r);
    buf_free(&full);
    return e;
}

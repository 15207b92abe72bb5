// The trail, a page at a time: asked of the keeper, which writes the asking down; names are added here.
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "oversight/handlers.h"
#include "people/people.h"
#include "text/date.h"
#include "vault/audit.h"

page_fn trail_page;

SHAPE(trail_in, FIELD(trail_in, action, .max = 40, .about = "Only this action."),
      FIELD(trail_in, until, .max = 10, .about = "The last day, 2026-11-24; missing: today."),
      FIELD(trail_in, person, .about = "Only what this person did."),
      FIELD(trail_in, before, .about = "next of the page before; missing: from the newest."));
SHAPE(trail_line, FIELD(trail_line, seq), FIELD(trail_line, at, .form = FORM_TIME),
      FIELD(trail_line, person, .form = FORM_NULLABLE, .about = "null: the platform itself."),
      FIELD(trail_line, action), FIELD(trail_line, status, .about = "ok, or why it was refused."),
      FIELD(trail_line, object, .form = FORM_NULLABLE, .about = "The report, case, person or unit it is about."),
      FIELD(trail_line, object2, .form = FORM_NULLABLE),
      FIELD(trail_line, detail, .form = FORM_NULLABLE, .about = "Bytes in hex; docs/protocol.md."));
SHAPE(trail_out, FIELD(trail_out, entries, .of = &trail_line_shape),
      FIELD(trail_out, next, .about = "Give it back as before; 0 at the end. A page with few entries is not the last."));

// "2026-11-24" → the end of that day in the country's zone.
static enum err day_end(struct str s, int64_t *out)
{
    char at[11];
    struct tm tm = {.tm_isdst = -1}, as;
    if (s.n != 10)
        return ERR_MALFORMED;
    memcpy(at, s.at, 10);
    at[10] = '\0';
    if (sscanf(at, "%4d-%2d-%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday) != 3 || at[4] != '-' || at[7] != '-')
        return ERR_MALFORMED;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    as = tm;
    as.tm_hour = 12; // a day that is not in the calendar comes back as another
    time_t noon = mktime(&as);
    if (noon == (time_t)-1 || as.tm_mday != tm.tm_mday || as.tm_mon != tm.tm_mon || as.tm_year != tm.tm_year)
        return ERR_MALFORMED;
    *out = date_next_midnight((int64_t)noon * 1000000);
    return OK;
}

struct names { struct req *rq; struct trail_line *line; size_t n; struct id person; struct str person_name; };

// Names of one page are few: the same person's is looked up once.
static enum err names_read(struct db *db, void *arg)
{
    struct names *a = arg;
    enum err e = id_zero(a->person) ? OK : people_name(db, a->rq->arena, a->person, &a->person_name);
    for (size_t i = 0; !e && i < a->n; i++) {
        size_t same = 0;
        while (same < i && !id_equal(a->line[same].person, a->line[i].person))
            same++;
        if (same < i)
            a->line[i].person_name = a->line[same].person_name;
        else if (a->line[i].somebody)
            e = people_name(db, a->rq->arena, a->line[i].person, &a->line[i].person_name);
    }
    return e;
}

static void line_fill(struct req *rq, const struct audit_line *from, struct trail_line *to)
{
    char *hex = arena_array(rq->arena, 2 * from->n_detail + 1, 1);
    for (size_t i = 0; hex && i < from->n_detail; i++)
        snprintf(hex + 2 * i, 3, "%02x", from->detail[i]);
    struct buf at;
    buf_init(&at, 64);
    date_put_near(&at, rq->lang, from->at, rq->now);
    *to = (struct trail_line){.seq = (int64_t)from->seq, .at = from->at, .person = from->person, .object = from->object,
        .object2 = from->object2, .action = trail_action_name(rq->arena, from->action), .status = trail_status_name(from->status),
        .detail = {hex, hex ? 2 * from->n_detail : 0}, .at_text = arena_str(rq->arena, buf_str(&at)),
        .action_text = trail_action_text(rq, from->action), .status_text = trail_status_text(rq, from->status),
        .somebody = !id_zero(from->person), .something = !id_zero(from->object),
        .failed = from->status != 0};
    buf_free(&at);
}

static enum err trail_ask(struct req *rq, const struct trail_in *in, struct keeper_trail *ask)
{
    *ask = (struct keeper_trail){.before = in->before > 0 ? (uint64_t)in->before : 0, .person = in->person};
    if (in->action.n && trail_action_read(in->action, &ask->action))
        return req_refuse(rq, "action", MSG_OVERSIGHT_ACTION_BAD);
    if (in->until.n && day_end(in->until, &ask->until))
        return req_refuse(rq, "until", MSG_OVERSIGHT_UNTIL_BAD);
    return OK;
}

static struct str next_href(struct req *rq, const struct trail_in *in, uint64_t next)
{
    char hex[ID_HEX];
    struct buf b;
    buf_init(&b, 256);
    buf_printf(&b, "/audit?before=%llu", (unsigned long long)next);
    if (in->action.n)
        buf_printf(&b, "&action=%.*s", STR_ARG(in->action)); // one of our own names
    if (in->until.n)
        buf_printf(&b, "&until=%.*s", STR_ARG(in->until));   // digits and dashes
    if (!id_zero(in->person))
        buf_printf(&b, "&person=%s", id_hex(in->person, hex));
    struct str s = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return s;
}

static enum err trail_fill(struct req *rq, const void *in_, void *out_)
{
    const struct trail_in *in = in_;
    struct trail_out *out = out_;
    out->actions = trail_actions(rq, in->action);
    return OK;
}

HANDLER(trail)
static enum err trail(struct req *rq, const struct trail_in *in, struct trail_out *out)
{
    struct keeper_trail ask;
    uint64_t next = 0;
    size_t n = 0;
    struct audit_line *line = arena_array(rq->arena, KEEPER_TRAIL_MAX, sizeof *line);
    struct names names = {.rq = rq, .line = arena_array(rq->arena, KEEPER_TRAIL_MAX, sizeof *names.line), .person = in->person};
    enum err e = trail_fill(rq, in, out);
    e = e ? e : trail_ask(rq, in, &ask);
    e = e ? e : arena_failed(rq->arena) ? ERR_MEMORY : keeper_trail(rq->sv->keeper, &rq->token, &ask, line, &n, &next);
    if (e)
        return e;
    for (size_t i = 0; i < n; i++)
        line_fill(rq, &line[i], &names.line[i]);
    names.n = n;
    e = store_read(rq->sv->store, names_read, &names);
    if (e)
        return e;
    out->entries = (struct list){names.line, n};
    out->next = (int64_t)next;
    out->person_name = names.person_name;
    out->end = next == 0;
    out->next_href = next ? next_href(rq, in, next) : STR("");
    return OK;
}

static const struct route rows[] = {
    ROUTE(GET, "/audit", AUDIT_READ, trail, .page = trail_page, .fill = trail_fill,
          .about = "Entries of the audit trail, newest first: who did what to what, when; never content. The look is an entry itself."),
};
const struct routes oversight_desk_routes = {"oversight", rows, sizeof rows / sizeof *rows};

// The two tracks of a case, which hold it open: legal routes, and the addresses of its content.
#include <string.h>
#include "base/clock.h"
#include "base/url.h"
#include "casework/handlers.h"

DB_QUERY(track_route_insert_sql, "bbttiiI", "", "insert into desk.case_route (id, case_id, kind, stage, opened, stage_at, version, appeal_due) "
         "values ($1, $2, $3, $4, $5, $5, $6, $7)");
DB_QUERY(track_route_sql, "bb", "ttiI", "select kind, stage, stage_at, appeal_due from desk.case_route where id = $1 and case_id = $2");
DB_QUERY(track_address_sql, "bb", "ttiI", "select '" CASE_CONTENT "', stage, stage_at, cast(null as bigint) from desk.case_address where id = $1 and case_id = $2");
DB_QUERY(track_others_sql, "bbi", "t", "select stage from desk.case_route where case_id = $1 and id <> $2 limit $3");
DB_QUERY(track_address_stage_sql, "btitt", "", "update desk.case_address set hosted = case when $5 = '' then hosted else $5 end, stage = $2, stage_at = $3, version = version + 1 where id = $1 and "
         "stage = $4");
DB_QUERY(track_route_stage_sql, "btiIt", "", "update desk.case_route set stage = $2, stage_at = $3, appeal_due = $4, "
                                           "version = version + 1 "
         "where id = $1 and stage = $5");

// ── legal routes ──
// What is said of a decision beside its stage: when it was made, what it was, until when an appeal may come.
struct decision { struct str day, result, appeal_due; bool no_appeal; };

static enum err decision_read(struct req *rq, const struct decision *d, struct words *w, int64_t *appeal_due)
{
    int64_t day;
    if (d->day.n && case_day_read(d->day, &day))
        return req_refuse(rq, "day", MSG_CASEWORK_REFUSED_DAY);
    if (d->day.n && day - CLOCK_DAY > rq->now)
        return req_refuse(rq, "day", MSG_CASEWORK_REFUSED_TO_COME);
    if (d->appeal_due.n && case_day_read(d->appeal_due, appeal_due))
        return req_refuse(rq, "appeal_due", MSG_CASEWORK_REFUSED_DAY);
    words_put(w, "day", d->day);
    words_put(w, "result", d->result);
    words_put(w, "appeal", d->no_appeal ? STR(CASE_APPEAL_NONE) : d->appeal_due);
    return OK;
}

struct routing { struct str kind, stage; int64_t appeal_due; };

static enum err route_write(struct db *db, struct case_work *w)
{
    const struct routing *in = w->more;
    int64_t now = clock_minute(w->rq->now);
    bool ends = case_stage_ends(in->kind, in->stage);
    enum err e = db_exec(db, &track_route_insert_sql,
                         DB_ARGS(DB_ID(w->thing), DB_ID(w->rq->id), DB_T(in->kind), DB_T(in->stage), DB_I(now), DB_I(1),
                                 in->appeal_due == INT64_MIN || ends ? DB_NULL : DB_I(in->appeal_due)), NULL);
    if (!e)
        e = case_hold_db(db, w->rq->id, TRACK_JUSTICE, w->thing, !ends, w->rq->now);
    if (!e && !str_equal_z(in->stage, "withdrawn"))
        e = case_tell_db(db, w, STEP_DECIDING);
    bool over = case_stage_decides(in->kind, STR(""), in->stage) || str_equal_z(in->stage, "final"); // noted late
    return e || !over ? e : case_tell_db(db, w, STEP_DECIDED);
}

enum err case_route_run(struct req *rq, const void *in_, void *out)
{
    const struct case_route_in *in = in_;
    struct routing r = {.kind = in->kind, .stage = in->stage.n ? in->stage : str_from(case_stage_at(in->kind, 0)), .appeal_due = INT64_MIN};
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE_ROUTE, .history = "route",
                          .kind = STR("route"), .thing = id_random(), .write = route_write, .more = &r};
    if (!case_stage_at(in->kind, 0))
        return req_refuse(rq, "kind", MSG_CASEWORK_REFUSED_KIND);
    if (!case_stage_known(r.kind, r.stage))
        return req_refuse(rq, "stage", MSG_CASEWORK_REFUSED_STAGE);
    words_put(&w.words, "kind", r.kind);
    words_put(&w.words, "stage", r.stage);
    words_put(&w.words, "body", str_trim(in->body));
    words_put(&w.words, "number", str_trim(in->number));
    words_put(&w.words, "text", str_trim(in->text));
    const struct decision d = {in->day, in->result, in->appeal_due, in->no_appeal};
    enum err e = decision_read(rq, &d, &w.words, &r.appeal_due);
    e = e ? e : case_route_days(rq, NULL, 0, r.stage, d.day, d.appeal_due);
    e = e ? e : case_once(&w, in->submission, STR(""));
    return e ? e : case_act_run(&w, out);
}

// A step of a legal route, or of an address.
struct staging {
    const struct db_query *thing;
    enum case_track track;
    struct str to, kind, from;   // kind and from are read
    int64_t appeal_due;          // INT64_MIN: none
    int64_t from_at, appeal_was; // read: since when it is at from, and the appeal's day as it stands
    struct decision said;
};

static enum err stage_look(struct db *db, struct case_work *w)
{
    struct staging *s = w->more;
    struct db_rows *r;
    enum err e = db_query(db, s->thing, DB_ARGS(DB_ID(w->rq->id2), DB_ID(w->rq->id)), &r);
    if (e)
        return e;
    bool found = db_next(r);
    if (found) {
        s->kind = arena_str(w->rq->arena, db_str(r, 0));
        s->from = arena_str(w->rq->arena, db_str(r, 1));
        s->from_at = db_int(r, 2);
        s->appeal_was = db_null(r, 3) ? INT64_MIN : db_int(r, 3);
    }
    e = db_done(&r);
    return e ? e : found ? OK : ERR_NOT_FOUND;
}

static enum err stage_ready(struct case_work *w)
{
    const struct staging *s = w->more;
    if (!case_stage_known(s->kind, s->to))
        return req_refuse(w->rq, "stage", MSG_CASEWORK_REFUSED_STAGE);
    return case_stage_may(s->kind, s->from, s->to) ? OK : case_refuse(w, MSG_CASEWORK_STAGE_NOT_NOW);
}

// The days that were written of it before are sealed; they are opened where a day is sent.
static enum err days_ready(const struct case_work *w, bool corrects)
{
    const struct staging *s = w->more;
    struct case_route r = {.id = w->thing};
    if (!s->said.day.n && !s->said.appeal_due.n)
        return OK;
    enum err e = case_route_open(w->rq, &r);
    if (e)
        return e;
    const struct case_route_step *step = r.steps.at;
    size_t n = r.steps.n, before = n;
    if (corrects && n > 0) {
        bool back = n > 1 && !str_equal(s->to, step[n - 1].stage) && str_equal(s->to, step[n - 2].stage);
        before = n - 1 - back;
        if (str_equal(s->said.day, step[before].day)) // as it stands; whatever else is corrected must not wait for it
            return case_route_days(w->rq, &r, before + 1, s->to, STR(""), s->said.appeal_due);
    }
    return case_route_days(w->rq, &r, before, s->to, s->said.day, s->said.appeal_due);
}

// The page asks for what a program, which sends once, may leave out: when and how somebody decided; and of a decision that becomes
// final, until when an appeal could have come, or that none comes.
static enum err route_stage_ready(struct case_work *w)
{
    const struct staging *s = w->more;
    struct req *rq = w->rq;
    enum err e = stage_ready(w);
    e = e ? e : days_ready(w, false);
    if (e || rq->json)
        return e;
    if (case_stage_decides(s->kind, s->from, s->to) && !str_equal_z(s->to, "appeal")) {
        if (!s->said.day.n)
            e = req_refuse(rq, "day", MSG_CASEWORK_REFUSED_DECIDED_DAY);
        if (!s->said.result.n)
            e = req_refuse(rq, "result", MSG_CASEWORK_REFUSED_RESULT);
    }
    bool became = str_equal_z(s->to, "final") && !str_equal_z(s->from, "appeal");
    int64_t until = s->appeal_due != INT64_MIN ? s->appeal_due : s->appeal_was;
    if (became && !s->said.no_appeal && (until == INT64_MIN || until > rq->now))
        e = req_refuse(rq, "appeal_due", until == INT64_MIN ? MSG_CASEWORK_REFUSED_APPEAL : MSG_CASEWORK_REFUSED_APPEAL_RUNS);
    return e;
}

// Of an address that is left, of a stage that decides nothing: a person writes to the reporter, where there is something to say.
static enum err stage_tell_db(struct db *db, struct case_work *w, const struct staging *s)
{
    enum report_step step;
    if (s->track != TRACK_CONTENT)
        return case_stage_decides(s->kind, s->from, s->to) ? case_tell_db(db, w, STEP_DECIDED) : OK;
    return case_page_step(s->to, &step) ? case_tell_db(db, w, step) : OK;
}

static enum err stage_put(struct db *db, struct case_work *w, const struct staging *s, int64_t at, int64_t appeal_due)
{
    int64_t changed = 0;
    bool ends = case_stage_ends(s->kind, s->to);
    enum err e = s->track == TRACK_CONTENT
        ? db_exec(db, &track_address_stage_sql, DB_ARGS(DB_ID(w->thing), DB_T(s->to), DB_I(at), DB_T(s->from), DB_T(words_get(&w->words, "hosted"))), &changed)
        : db_exec(db, &track_route_stage_sql,
                  DB_ARGS(DB_ID(w->thing), DB_T(s->to), DB_I(at), appeal_due == INT64_MIN || ends ? DB_NULL : DB_I(appeal_due), DB_T(s->from)), &changed);
    if (!e && changed != 1)
        e = ERR_CONFLICT;
    return e ? e : case_hold_db(db, w->rq->id, s->track, w->thing, !ends, w->rq->now);
}

static enum err stage_write(struct db *db, struct case_work *w)
{
    const struct staging *s = w->more;
    enum err e = stage_put(db, w, s, clock_minute(w->rq->now), s->appeal_due);
    return e ? e : stage_tell_db(db, w, s);
}

enum err case_stage_run(struct req *rq, const void *in_, void *out)
{
    const struct case_stage_in *in = in_;
    struct staging s = {.thing = &track_route_sql, .track = TRACK_JUSTICE, .to = in->stage, .appeal_due = INT64_MIN,
                        .said = {in->day, in->result, in->appeal_due, in->no_appeal}};
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE_ROUTE, .history = "stage",
                          .kind = STR("route"),
                          .thing = rq->id2, .look = stage_look, .ready = route_stage_ready, .write = stage_write, .more = &s};
    enum err e = decision_read(rq, &s.said, &w.words, &s.appeal_due);
    if (e)
        return e;
    words_put(&w.words, "stage", in->stage);
    words_put(&w.words, "body", str_trim(in->body));
    words_put(&w.words, "number", str_trim(in->number));
    words_put(&w.words, "text", str_trim(in->text));
    return case_act_run(&w, out);
}

// ── a legal route, corrected: what was written by mistake, also the stage itself ──
static enum err correct_look(struct db *db, struct case_work *w)
{
    struct staging *s = w->more;
    enum err e = stage_look(db, w);
    if (!s->to.n)
        s->to = s->from;
    return e;
}

static enum err correct_ready(struct case_work *w)
{
    const struct staging *s = w->more;
    return case_stage_known(s->kind, s->to) ? days_ready(w, true) : req_refuse(w->rq, "stage", MSG_CASEWORK_REFUSED_STAGE);
}

// What its reporters read must stay true: that there is a decision, as long as there is one in this case.
static enum err correct_tell_db(struct db *db, struct case_work *w, const struct staging *s)
{
    struct db_rows *r;
    if (case_stage_decided(s->to) || !case_stage_decided(s->from))
        return case_stage_decided(s->to) && !case_stage_decided(s->from) ? case_tell_db(db, w, STEP_DECIDED) : OK;
    enum err e = db_query(db, &track_others_sql, DB_ARGS(DB_ID(w->rq->id), DB_ID(w->thing), DB_I(CASE_THINGS_MAX)), &r);
    if (e)
        return e;
    bool another = false;
    while (db_next(r))
        another = another || case_stage_decided(db_str(r, 0));
    e = db_done(&r);
    w->told = true;
    return e || another ? e : case_step_drop_db(db, w->rq->id, STEP_DECIDED);
}

static enum err correct_write(struct db *db, struct case_work *w)
{
    const struct staging *s = w->more;
    bool same = str_equal(s->from, s->to);
    int64_t appeal = s->appeal_due != INT64_MIN ? s->appeal_due : same && !s->said.no_appeal ? s->appeal_was : INT64_MIN;
    enum err e = stage_put(db, w, s, same ? s->from_at : clock_minute(w->rq->now), appeal);
    return e ? e : correct_tell_db(db, w, s);
}

// What is left out stays as it is. Unlike a step, it may go to any stage of the kind; so the reason is needed, and stays with it.
enum err case_correct_run(struct req *rq, const void *in_, void *out)
{
    const struct case_correct_in *in = in_;
    struct staging s = {.thing = &track_route_sql, .track = TRACK_JUSTICE, .to = in->stage, .appeal_due = INT64_MIN,
                        .said = {in->day, in->result, in->appeal_due, in->no_appeal}};
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE_ROUTE, .history = "route_corrected",
                          .kind = STR("route"),
                          .thing = rq->id2, .look = correct_look, .ready = correct_ready, .write = correct_write, .more = &s};
    enum err e = decision_read(rq, &s.said, &w.words, &s.appeal_due);
    if (e)
        return e;
    words_put(&w.words, "stage", in->stage);
    words_put(&w.words, "body", str_trim(in->body));
    words_put(&w.words, "number", str_trim(in->number));
    words_put(&w.words, "why", str_trim(in->reason));
    words_put(&w.words, "corrected", STR("1"));
    return case_act_run(&w, out);
}

// ── addresses ──
static enum err address_write(struct db *db, struct case_work *w)
{
    return case_address_add_db(db, w->rq->id, w->thing, STR(CASE_CONTENT_UP), words_get(&w->words, "hosted"), w->rq->now);
}

static enum err address_ready(struct case_work *w)
{
    struct id *same = w->more;
    enum err e = case_content_same(w->rq, &w->path, words_get(&w->words, "address"), same);
    return e || id_zero(*same) ? e : case_refuse(w, MSG_CASEWORK_ADDRESS_TWICE);
}

// "javascript:x='https://…'": a page's address within it makes it none.
static bool other_scheme(struct str typed)
{
    static const char *const web[] = {"http", "https", "hxxp", "hxxps"};
    struct str rest = typed, scheme = str_cut(&rest, ':');
    bool other = rest.n > 0 && str_find(scheme, '.') < 0 && str_find(scheme, '[') < 0; // else a host with its port
    for (size_t i = 0; i < sizeof web / sizeof *web; i++)
        other = other && !(scheme.n == strlen(web[i]) && strncasecmp(scheme.at, web[i], scheme.n) == 0);
    return other;
}

// As the portal reads it: what no browser opens as a page is none, and a picture is never taken in.
static enum err address_check(struct req *rq, struct str typed, struct str *address)
{
    struct str page, host;
    for (size_t i = 0; i < typed.n; i++)
        if ((unsigned char)typed.at[i] <= ' ')
            return req_refuse(rq, "address", MSG_CASEWORK_REFUSED_ADDRESS);
    enum url_fault fault = url_read(rq->arena, typed, address);
    fault = fault ? fault : other_scheme(typed) ? URL_NOT_WEB : url_compare(rq->arena, *address, &page, &host);
    if (fault == URL_PICTURE)
        return req_refuse(rq, "address", MSG_CASEWORK_REFUSED_PICTURE);
    return fault ? req_refuse(rq, "address", MSG_CASEWORK_REFUSED_ADDRESS) : OK;
}

enum err case_address_run(struct req *rq, const void *in_, void *out)
{
    const struct case_address_in *in = in_;
    struct case_act_out *answer = out;
    struct id same = {{0}};
    struct str address;
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE, .history = "address",
                          .kind = STR("address"), .thing = id_random(), .ready = address_ready, .write = address_write, .more = &same};
    enum err e = address_check(rq, str_trim(in->address), &address);
    if (e)
        return e;
    words_put(&w.words, "address", address);
    words_put(&w.words, "stage", STR(CASE_CONTENT_UP));
    words_put(&w.words, "hosted", in->hosted);
    words_put(&w.words, "text", str_trim(in->text));
    e = case_act_run(&w, out);
    answer->id = id_zero(same) ? answer->id : same; // the one that is there, to go on with
    return e;
}

enum err case_address_stage_run(struct req *rq, const void *in_, void *out)
{
    const struct case_address_stage_in *in = in_;
    struct staging s = {.thing = &track_address_sql, .track = TRACK_CONTENT, .to = in->stage, .appeal_due = INT64_MIN};
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE, .history = "address",
                          .kind = STR("address"),
                          .thing = rq->id2, .look = stage_look, .ready = stage_ready, .write = stage_write, .more = &s};
    if (str_equal_z(in->stage, "left") && !str_says_why(in->text))
        return req_refuse_number(rq, "text", MSG_CASEWORK_REFUSED_LEFT, STR_WHY_MIN);
    words_put(&w.words, "stage", in->stage);
    words_put(&w.words, "hosted", in->hosted);
    words_put(&w.words, "text", str_trim(in->text));
    return case_act_run(&w, out);
}

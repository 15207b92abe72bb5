// The two tracks of a case, which hold it open: legal routes, and the addresses of its content.
#include <string.h>
#include "base/clock.h"
#include "base/url.h"
#include "casework/handlers.h"

DB_QUERY(track_route_insert_sql, "bbttii", "", "insert into desk.case_route (id, case_id, kind, stage, opened, stage_at, "
                                             "version) "
         "values ($1, $2, $3, $4, $5, $5, $6)");
DB_QUERY(track_route_sql, "bb", "tt", "select kind, stage from desk.case_route where id = $1 and case_id = $2");
DB_QUERY(track_address_sql, "bb", "tt", "select '" CASE_CONTENT "', stage from desk.case_address where id = $1 and case_id = $2");
DB_QUERY(track_address_stage_sql, "btit", "", "update desk.case_address set stage = $2, stage_at = $3, version = version + 1 where id = $1 and "
         "stage = $4");
DB_QUERY(track_route_stage_sql, "btiIt", "", "update desk.case_route set stage = $2, stage_at = $3, appeal_due = $4, "
                                           "version = version + 1 "
         "where id = $1 and stage = $5");

// ── legal routes ──
static enum err route_write(struct db *db, struct case_work *w)
{
    const struct case_route_in *in = w->more;
    int64_t now = clock_minute(w->rq->now);
    enum err e = db_exec(db, &track_route_insert_sql,
                         DB_ARGS(DB_ID(w->thing), DB_ID(w->rq->id), DB_T(in->kind), DB_T(in->stage), DB_I(now),
                                                            DB_I(1)), NULL);
    if (!e)
        e = case_hold_db(db, w->rq->id, TRACK_JUSTICE, w->thing, !case_stage_ends(in->kind, in->stage), w->rq->now);
    if (!e && !str_equal_z(in->stage, "withdrawn"))
        e = case_tell_db(db, w, STEP_DECIDING);
    bool over = case_stage_decides(in->kind, STR(""), in->stage) || str_equal_z(in->stage, "final"); // noted late
    return e || !over ? e : case_tell_db(db, w, STEP_DECIDED);
}

enum err case_route_run(struct req *rq, const void *in_, void *out)
{
    struct case_route_in given = *(const struct case_route_in *)in_;
    if (given.stage.n == 0)
        given.stage = str_from(case_stage_at(given.kind, 0));
    struct case_work w = {.rq = rq, .version = given.version, .action = AUDIT_CASE_ROUTE, .history = "route",
                          .kind = STR("route"),
                          .thing = id_random(), .write = route_write, .more = &given};
    if (!case_stage_at(given.kind, 0))
        return req_refuse(rq, "kind", MSG_CASEWORK_REFUSED_KIND);
    if (!case_stage_known(given.kind, given.stage))
        return req_refuse(rq, "stage", MSG_CASEWORK_REFUSED_STAGE);
    words_put(&w.words, "kind", given.kind);
    words_put(&w.words, "stage", given.stage);
    words_put(&w.words, "body", str_trim(given.body));
    words_put(&w.words, "number", str_trim(given.number));
    words_put(&w.words, "text", str_trim(given.text));
    enum err e = case_once(&w, given.submission, STR(""));
    return e ? e : case_act_run(&w, out);
}

// A step of a legal route, or of an address.
struct staging {
    const struct db_query *thing;
    enum case_track track;
    struct str to, kind, from;   // kind and from are read
    int64_t appeal_due;          // INT64_MIN: none
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

// Of an address that is left, of a stage that decides nothing: a person writes to the reporter, where there is something to say.
static enum err stage_tell_db(struct db *db, struct case_work *w, const struct staging *s)
{
    static const struct { const char *stage; enum report_step step; } content[] = {
        {"asked", STEP_REMOVAL_ASKED}, {"gone", STEP_REMOVED}, {"back", STEP_CAME_BACK},
    };
    if (s->track != TRACK_CONTENT)
        return case_stage_decides(s->kind, s->from, s->to) ? case_tell_db(db, w, STEP_DECIDED) : OK;
    for (size_t i = 0; i < sizeof content / sizeof *content; i++)
        if (str_equal_z(s->to, content[i].stage))
            return case_tell_db(db, w, content[i].step);
    return OK;
}

static enum err stage_write(struct db *db, struct case_work *w)
{
    const struct staging *s = w->more;
    int64_t changed = 0;
    int64_t now = clock_minute(w->rq->now);
    bool ends = case_stage_ends(s->kind, s->to);
    enum err e = s->track == TRACK_CONTENT
        ? db_exec(db, &track_address_stage_sql, DB_ARGS(DB_ID(w->thing), DB_T(s->to), DB_I(now), DB_T(s->from)), &changed)
        : db_exec(db, &track_route_stage_sql,
                  DB_ARGS(DB_ID(w->thing), DB_T(s->to), DB_I(now),
                          s->appeal_due == INT64_MIN || ends ? DB_NULL : DB_I(s->appeal_due), DB_T(s->from)), &changed);
    if (!e && changed != 1)
        e = ERR_CONFLICT;
    if (!e)
        e = case_hold_db(db, w->rq->id, s->track, w->thing, !ends, w->rq->now);
    return e ? e : stage_tell_db(db, w, s);
}

enum err case_stage_run(struct req *rq, const void *in_, void *out)
{
    const struct case_stage_in *in = in_;
    struct staging s = {.thing = &track_route_sql, .track = TRACK_JUSTICE, .to = in->stage, .appeal_due = INT64_MIN};
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE_ROUTE, .history = "stage",
                          .kind = STR("route"),
                          .thing = rq->id2, .look = stage_look, .ready = stage_ready, .write = stage_write, .more = &s};
    if (in->appeal_due.n > 0 && case_day_read(in->appeal_due, &s.appeal_due))
        return req_refuse(rq, "appeal_due", MSG_CASEWORK_REFUSED_DAY);
    words_put(&w.words, "stage", in->stage);
    words_put(&w.words, "number", str_trim(in->number));
    words_put(&w.words, "text", str_trim(in->text));
    if (s.appeal_due != INT64_MIN)
        words_put(&w.words, "due", req_date(rq, s.appeal_due, DATE_DAY));
    return case_act_run(&w, out);
}

// ── addresses ──
static enum err address_write(struct db *db, struct case_work *w)
{
    return case_address_add_db(db, w->rq->id, w->thing, STR(CASE_CONTENT_UP), w->rq->now);
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
    if (str_equal_z(in->stage, "left") && !str_says(in->text))
        return req_refuse(rq, "text", MSG_CASEWORK_REFUSED_LEFT);
    words_put(&w.words, "stage", in->stage);
    words_put(&w.words, "text", str_trim(in->text));
    return case_act_run(&w, out);
}

// How long it really takes, in words. The desk measures; nothing is promised here, and where there is too little to measure the
// sentence says so.
#include "report/portal/portal.h"
#include "text/date.h"

DB_QUERY(pace_find_sql, "i", "IiIi", "select looked, looked_over, answered, answered_over from reply.pace where urgency = $1");

enum err pace_find_db(struct db *db, int64_t urgency, struct pace *out)
{
    struct db_rows *r = NULL;
    *out = (struct pace){0};
    enum err e = db_query(db, &pace_find_sql, DB_ARGS(DB_I(urgency)), &r);
    if (e)
        return e;
    if (db_next(r)) {
        out->looked = (struct pace_one){.known = !db_null(r, 0), .over = db_int(r, 1) != 0};
        out->answered = (struct pace_one){.known = !db_null(r, 2), .over = db_int(r, 3) != 0};
        out->looked.median = out->looked.known ? db_int(r, 0) : 0;
        out->answered.median = out->answered.known ? db_int(r, 2) : 0;
    }
    return db_done(&r);
}

struct finding { int64_t urgency; struct pace out; };

static enum err find(struct db *db, void *arg)
{
    struct finding *f = arg;
    return pace_find_db(db, f->urgency, &f->out);
}

enum err pace_find(struct store *store, int64_t urgency, struct pace *out)
{
    struct finding f = {.urgency = urgency};
    enum err e = store_read(store, find, &f);
    if (e)
        return e;
    *out = f.out;
    return OK;
}

#define QUARTER (15 * 60 * INT64_C(1000000))
#define HOUR (4 * QUARTER)
#define DAY (24 * HOUR)

static int64_t up_to(int64_t span, int64_t unit)
{
    return (span + unit - 1) / unit * unit;
}

// Rounded up, so that it never sounds quicker than it was: to 15 minutes, to hours after the first hour, to days after the first day.
// What is waited for longer is rounded down for the same reason.
static int64_t rounded(const struct pace_one *one)
{
    int64_t unit = one->median <= HOUR ? QUARTER : one->median <= DAY ? HOUR : DAY;
    if (one->over)
        return one->median < QUARTER ? QUARTER : one->median / unit * unit;
    return one->median < QUARTER ? QUARTER : up_to(one->median, unit);
}

static void put(struct req *rq, struct buf *out, const struct pace_one *one, enum message within, enum message over)
{
    struct buf span;
    buf_init(&span, 128);
    date_put_span(&span, rq->lang, rounded(one));
    if (buf_str(out).n > 0)
        buf_put_c(out, ' ');
    text_put(out, rq->lang, one->over ? over : within, TEXT_ARGS(TEXT_S("span", buf_str(&span))));
    buf_free(&span);
}

struct str pace_text(struct req *rq, const struct pace *p, bool looked, bool answered)
{
    if (!looked && !answered)
        return (struct str){0};
    if (!p->looked.known)
        return text_get(rq->lang, MSG_REPORT_PACE_FEW);
    struct buf b;
    buf_init(&b, 1024);
    // The second sentence speaks of "half of them", so the first always stands before it.
    put(rq, &b, &p->looked, MSG_REPORT_PACE_LOOKED, MSG_REPORT_PACE_LOOKED_OVER);
    if (answered && p->answered.known)
        put(rq, &b, &p->answered, MSG_REPORT_PACE_ANSWERED, MSG_REPORT_PACE_ANSWERED_OVER);
    struct str s = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return s;
}

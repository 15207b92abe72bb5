// How long it really takes until somebody opens a report and until somebody answers, for each urgency: medians over the newest
// reports, written to reply, where the portal shows them. One that still waits counts as soon as it has waited longer than
// its clock allows, so that a desk which leaves reports lying does not look quick. Spam and duplicates are left out.
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "report/desk/desk.h"

DB_QUERY(pace_rows_sql, "ii", "iiIIi",
    "select r.rank, r.received, (select min(s.at) from desk.step s where s.report = r.id and s.code = 'taken'),"
    " (select min(m.sent) from desk.message m where m.thread = r.thread and m.direction = 2),"
    " case when r.state in ('closed', 'withdrawn') then cast(1 as bigint) else 0 end from desk.report r"
    " where r.seq > (select coalesce(max(x.seq), 0) from desk.report x) - $2 and r.received >= $1"
    " and r.state not in ('spam', 'duplicate') order by r.seq desc");
DB_QUERY(pace_write_sql, "iIiIi", "",
    "insert into reply.pace (urgency, looked, looked_over, answered, answered_over) values ($1, $2, $3, $4, $5)"
    " on conflict (urgency) do update set looked = excluded.looked, looked_over = excluded.looked_over,"
    " answered = excluded.answered, answered_over = excluded.answered_over");

struct wait { int64_t span; bool over; };

static int shorter_first(const void *x, const void *y)
{
    const struct wait *a = x, *b = y;
    return (a->span > b->span) - (a->span < b->span);
}

static struct report_pace_one median(struct wait *w, size_t n)
{
    if (n < PACE_FEW)
        return (struct report_pace_one){0};
    qsort(w, n, sizeof *w, shorter_first);
    const struct wait *middle = &w[n / 2]; // of an even number the longer: at least half are no slower
    return (struct report_pace_one){.known = true, .over = middle->over, .median = middle->span};
}

// done: INT64_MIN where it has not happened.
static bool wait_of(int64_t received, int64_t done, int64_t now, int64_t allowed, bool ended, struct wait *out)
{
    if (done != INT64_MIN) {
        *out = (struct wait){.span = done > received ? done - received : 0};
        return true;
    }
    *out = (struct wait){.span = now - received, .over = true};
    return !ended && now - received > allowed;
}

enum err report_pace_measure(const struct report_pace_row *rows, size_t n, int64_t now, const int64_t take[static 4],
                             const int64_t act[static 4], struct report_pace out[static 4])
{
    struct wait *looked = calloc(n + 1, sizeof *looked), *answered = calloc(n + 1, sizeof *answered);
    if (looked == NULL || answered == NULL) {
        free(looked);
        free(answered);
        return ERR_MEMORY;
    }
    for (int64_t u = 1; u <= 4; u++) {
        size_t n_looked = 0, n_answered = 0;
        for (size_t i = 0; i < n; i++) {
            const struct report_pace_row *r = &rows[i];
            if (r->urgency != u)
                continue;
            n_looked += wait_of(r->received, r->looked, now, take[u - 1], r->ended, &looked[n_looked]);
            n_answered += wait_of(r->received, r->answered, now, act[u - 1], r->ended, &answered[n_answered]);
        }
        out[u - 1] = (struct report_pace){.looked = median(looked, n_looked), .answered = median(answered, n_answered)};
    }
    free(looked);
    free(answered);
    return OK;
}

static bool one_same(const struct report_pace_one *a, const struct report_pace_one *b)
{
    return a->known == b->known && a->over == b->over && a->median == b->median;
}

struct reading { int64_t since; size_t n; struct report_pace_row row[PACE_REPORTS]; };

static enum err rows_read(struct db *db, void *arg)
{
    struct reading *x = arg;
    struct db_rows *r;
    enum err e = db_query(db, &pace_rows_sql, DB_ARGS(DB_I(x->since), DB_I(PACE_REPORTS)), &r);
    if (e)
        return e;
    for (x->n = 0; x->n < PACE_REPORTS && db_next(r); x->n++)
        x->row[x->n] = (struct report_pace_row){.urgency = db_int(r, 0), .received = db_int(r, 1),
            .looked = db_null(r, 2) ? INT64_MIN : db_int(r, 2), .answered = db_null(r, 3) ? INT64_MIN : db_int(r, 3),
            .ended = db_int(r, 4) != 0};
    return db_done(&r);
}

static enum err pace_write(struct db *db, void *arg)
{
    const struct report_pace *p = arg;
    enum err e = OK;
    for (int64_t u = 1; u <= 4 && !e; u++, p++)
        e = db_exec(db, &pace_write_sql, DB_ARGS(DB_I(u), p->looked.known ? DB_I(p->looked.median) : DB_NULL, DB_I(p->looked.over),
                                             p->answered.known ? DB_I(p->answered.median) : DB_NULL, DB_I(p->answered.over)), NULL);
    return e;
}

enum err report_pace_write(struct services *sv, int64_t now, struct report_pace last[static 4])
{
    static const enum pack_clock take_clocks[] = {CLOCK_TAKE_U1, CLOCK_TAKE_U2, CLOCK_TAKE_U3, CLOCK_TAKE_U4};
    static const enum pack_clock act_clocks[] = {CLOCK_ACT_U1, CLOCK_ACT_U2, CLOCK_ACT_U3, CLOCK_ACT_U4};
    int64_t take[4], act[4];
    struct report_pace paces[4];
    struct reading *x = calloc(1, sizeof *x);
    if (x == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < 4; i++) {
        take[i] = pack_seconds(sv->pack, take_clocks[i]) * CLOCK_SECOND;
        act[i] = pack_seconds(sv->pack, act_clocks[i]) * CLOCK_SECOND;
    }
    x->since = now - PACE_DAYS * 24 * 3600 * CLOCK_SECOND;
    enum err e = store_read(sv->store, rows_read, x);
    if (!e)
        e = report_pace_measure(x->row, x->n, now, take, act, paces);
    free(x);
    bool same = true;
    for (size_t i = 0; i < 4 && !e; i++)
        same = same && one_same(&paces[i].looked, &last[i].looked) && one_same(&paces[i].answered, &last[i].answered);
    if (e || same)
        return e;
    e = store_write(sv->reply, pace_write, paces);
    if (!e)
        memcpy(last, paces, sizeof paces);
    return e;
}

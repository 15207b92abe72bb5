// Settling: what follows a report's arrival and any change of it, and the ringing does not wait for. Boxes are turned
// into tags by the keeper; reply gets what a receipt may see. Both are done in batches by one thread; what could not be
// done stays in the desk's own rows (tag_box, reply_due) and is tried again.
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/wait.h"
#include "report/desk/desk.h"
#include "vault/audit.h"

DB_QUERY(settle_boxes_sql, "i", "ibbb", "select r.seq, r.id, r.tag_box, s.item from desk.report r cross join desk.report_sealed s "
         "where s.seq = r.seq and r.tag_box is not null order by r.seq limit $1");
DB_QUERY(settle_tag_sql, "iBB", "", "update desk.report set page_tag = $2, host_tag = $3, tag_box = null where seq = $1");
DB_QUERY(settle_due_sql, "i", "iBibbbtiBbi",
         "select d.seq, d.message, r.seq, r.id, r.thread, r.thread_kid, r.state, r.received, r.lookup, s.content, r.rank "
         "from desk.reply_due d cross join desk.report r cross join desk.report_sealed s "
         "where r.seq = d.report and s.seq = r.seq order by d.seq limit $1");
DB_QUERY(settle_steps_sql, "b", "iti", "select seq, code, at from desk.step where report = $1 order by seq desc limit 100");
DB_QUERY(settle_message_sql, "b", "iiibb", "select direction, seq, sent, kid, item from desk.message where id = $1");
DB_QUERY(settle_due_done_sql, "i", "", "delete from desk.reply_due where seq = $1");
DB_QUERY(reply_thread_sql, "bbbbtii", "", "insert into reply.thread (lookup, thread, thread_kid, content, state, received, urgency) "
         "values ($1, $2, $3, $4, $5, $6, $7) on conflict (lookup) do update set state = excluded.state, urgency = excluded.urgency");
// Steps of a case may be taken away again (report_case_steps_drop_db): what the desk still has is written anew.
DB_QUERY(reply_steps_drop_sql, "b", "", "delete from reply.step where lookup = $1 and code in (" REPORT_STEP_CODES ")");
DB_QUERY(reply_step_sql, "biti", "", "insert into reply.step (lookup, seq, code, at) values ($1, $2, $3, $4) on conflict do nothing");
DB_QUERY(reply_message_sql, "biibibb", "", "insert into reply.message (lookup, direction, seq, id, sent, kid, item) "
         "values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing");
DB_QUERY(reply_done_add_sql, "b", "", "insert into reply.done (id) values ($1) on conflict do nothing");
DB_QUERY(reply_done_rows_sql, "bi", "b", "select id from reply.done where id > $1 order by id limit $2");
DB_QUERY(reply_done_drop_sql, "b", "", "delete from reply.done where id = $1");
DB_QUERY(intake_has_sql, "b", "i", "select count(*) from (select 1 as one from intake.report where id = $1 union all "
         "select 1 as one from intake.message where id = $1) as x");

// ── tags ──
struct boxes {
    struct arena *a;
    size_t n;
    int64_t seq[SETTLE_MAX];
    struct keeper_tag tags[SETTLE_MAX];
};

static const uint8_t no_box[PAGE_BOX_BYTES];

static enum err boxes_read(struct db *db, void *arg)
{
    struct boxes *b = arg;
    struct db_rows *r;
    enum err e = db_query(db, &settle_boxes_sql, DB_ARGS(DB_I(SETTLE_MAX)), &r);
    if (e)
        return e;
    for (b->n = 0; b->n < SETTLE_MAX && db_next(r);) {
        struct keeper_tag *t = &b->tags[b->n];
        // A box of another size is none of ours: it would not fit the packet. An empty one does not open and is refused.
        *t = (struct keeper_tag){.box = db_str(r, 2).n == PAGE_BOX_BYTES ? arena_str(b->a, db_str(r, 2)) : STR_BYTES(no_box)};
        b->seq[b->n] = db_int(r, 0);
        audit_item_hash(t->item_hash, db_str(r, 3));
        b->n += !id_from_bytes(db_str(r, 1), &t->report);
    }
    e = db_done(&r);
    return e ? e : arena_failed(b->a) ? ERR_MEMORY : OK;
}

static bool tag_none(const uint8_t t[16])
{
    uint8_t any = 0;
    for (size_t i = 0; i < 16; i++)
        any |= t[i];
    return any == 0;
}

static enum err boxes_write(struct db *db, void *arg)
{
    const struct boxes *b = arg;
    enum err e = OK;
    for (size_t i = 0; i < b->n && !e; i++) {
        const struct keeper_tag *t = &b->tags[i];
        e = db_exec(db, &settle_tag_sql, DB_ARGS(DB_I(b->seq[i]), tag_none(t->page) ? DB_NULL : DB_B(STR_BYTES(t->page)),
                                             tag_none(t->host) ? DB_NULL : DB_B(STR_BYTES(t->host))), NULL);
    }
    return e;
}

static enum err settle_tags(struct services *sv, struct arena *a, size_t *n)
{
    struct boxes *b = ARENA_NEW(a, struct boxes);
    if (!b)
        return ERR_MEMORY;
    b->a = a;
    enum err e = store_read(sv->store, boxes_read, b);
    if (!e && b->n > 0)
        e = keeper_tag(sv->keeper, b->tags, b->n);
    for (size_t i = 0; i < b->n && !e; i++)
        if (b->tags[i].refused)
            log_event(LOG_ALARM, "report.untagged", LOG_ID("report", b->tags[i].report));
    if (!e && b->n > 0)
        e = store_write(sv->store, boxes_write, b);
    if (!e)
        *n = b->n;
    return e;
}

// ── reply ──
struct step_row { int64_t seq, at; struct str code; };
struct due {
    int64_t seq, report, received, urgency;
    struct id id, message;
    bool is_message, missing; // missing: nothing to write any more
    struct str thread, thread_kid, content, lookup, state;
    size_t n_steps;
    struct step_row *steps;
    int64_t direction, number, sent; // of the message
    struct str kid, item;
};
struct dues {
    struct arena *a;
    size_t n, bytes;
    bool more;
    struct due at[SETTLE_MAX];
};

static enum err due_steps(struct db *db, struct arena *a, struct due *d)
{
    struct db_rows *r;
    enum err e = db_query(db, &settle_steps_sql, DB_ARGS(DB_ID(d->id)), &r);
    if (e)
        return e;
    while (db_next(r)) {
        if (!d->steps)
            d->steps = arena_array(a, 100, sizeof *d->steps);
        if (!d->steps)
            break;
        d->steps[d->n_steps++] = (struct step_row){db_int(r, 0), db_int(r, 2), arena_str(a, db_str(r, 1))};
    }
    return db_done(&r);
}

static enum err due_message(struct db *db, struct arena *a, struct due *d)
{
    struct db_rows *r;
    enum err e = db_query(db, &settle_message_sql, DB_ARGS(DB_ID(d->message)), &r);
    if (e)
        return e;
    d->missing = !db_next(r);
    if (!d->missing) {
        d->direction = db_int(r, 0);
        d->number = db_int(r, 1);
        d->sent = db_int(r, 2);
        d->kid = arena_str(a, db_str(r, 3));
        d->item = arena_str(a, db_str(r, 4));
    }
    return db_done(&r);
}

static enum err dues_read(struct db *db, void *arg)
{
    struct dues *s = arg;
    struct db_rows *r;
    s->n = s->bytes = 0;
    enum err e = db_query(db, &settle_due_sql, DB_ARGS(DB_I(SETTLE_MAX)), &r);
    if (e)
        return e;
    while (s->n < SETTLE_MAX && db_next(r)) {
        struct due *d = &s->at[s->n];
        *d = (struct due){.seq = db_int(r, 0), .report = db_int(r, 2), .received = db_int(r, 7), .urgency = db_int(r, 10)};
        d->is_message = !db_null(r, 1) && !id_from_bytes(db_str(r, 1), &d->message);
        d->missing = db_null(r, 8) || id_from_bytes(db_str(r, 3), &d->id); // erased: nothing may be told any more
        d->thread = arena_str(s->a, db_str(r, 4));
        d->thread_kid = arena_str(s->a, db_str(r, 5));
        d->state = arena_str(s->a, db_str(r, 6));
        d->lookup = arena_str(s->a, db_str(r, 8));
        d->content = arena_str(s->a, db_str(r, 9));
        s->n++;
    }
    e = db_done(&r);
    s->more = s->n == SETTLE_MAX;
    for (size_t i = 0; i < s->n && !e; i++) {
        struct due *d = &s->at[i];
        if (d->missing)
            continue;
        e = d->is_message ? due_message(db, s->a, d) : due_steps(db, s->a, d);
        s->bytes += d->item.n;
        if (s->bytes > SETTLE_BYTES_MAX) { // the rest next time
            s->n = i + 1;
            s->more = true;
        }
    }
    return e ? e : arena_failed(s->a) ? ERR_MEMORY : OK;
}

static enum err due_to_reply(struct db *db, const struct due *d)
{
    if (d->is_message) {
        enum err e = db_exec(db, &reply_message_sql, DB_ARGS(DB_B(d->lookup), DB_I(d->direction), DB_I(d->number), DB_ID(d->message),
                                                         DB_I(d->sent), DB_B(d->kid), DB_B(d->item)), NULL);
        if (!e && d->direction == RECORD_UP)
            e = db_exec(db, &reply_done_add_sql, DB_ARGS(DB_ID(d->message)), NULL);
        return e;
    }
    enum err e = db_exec(db, &reply_thread_sql, DB_ARGS(DB_B(d->lookup), DB_B(d->thread), DB_B(d->thread_kid), DB_B(d->content),
                                                    DB_T(d->state), DB_I(d->received), DB_I(d->urgency)), NULL);
    if (!e && d->n_steps > 1) // a new report has but one
        e = db_exec(db, &reply_steps_drop_sql, DB_ARGS(DB_B(d->lookup)), NULL);
    for (size_t i = 0; i < d->n_steps && !e; i++)
        e = db_exec(db, &reply_step_sql, DB_ARGS(DB_B(d->lookup), DB_I(d->steps[i].seq), DB_T(d->steps[i].code),
                                             DB_I(d->steps[i].at)), NULL);
    if (!e)
        e = db_exec(db, &reply_done_add_sql, DB_ARGS(DB_ID(d->id)), NULL);
    return e;
}

static enum err dues_reply(struct db *db, void *arg)
{
    const struct dues *s = arg;
    enum err e = OK;
    for (size_t i = 0; i < s->n && !e; i++)
        if (!s->at[i].missing)
            e = due_to_reply(db, &s->at[i]);
    return e ? e : db_notify(db, "done");
}

static enum err dues_done(struct db *db, void *arg)
{
    const struct dues *s = arg;
    enum err e = OK;
    for (size_t i = 0; i < s->n && !e; i++)
        e = db_exec(db, &settle_due_done_sql, DB_ARGS(DB_I(s->at[i].seq)), NULL);
    return e;
}

static enum err settle_replies(struct services *sv, struct arena *a, bool *more)
{
    struct dues *s = ARENA_NEW(a, struct dues);
    if (!s)
        return ERR_MEMORY;
    s->a = a;
    enum err e = store_read(sv->store, dues_read, s);
    if (!e && s->n > 0)
        e = store_write(sv->reply, dues_reply, s);
    if (!e && s->n > 0)
        e = store_write(sv->store, dues_done, s);
    if (!e)
        *more = s->more;
    return e;
}

static enum err settle_all(struct services *sv)
{
    enum err e = OK, tagging = OK;
    for (bool more = true; more && !e;) {
        struct arena *a;
        size_t tagged = 0;
        bool replies = false;
        e = arena_new(SETTLE_BYTES_MAX * 2, &a);
        if (e)
            return e;
        e = settle_replies(sv, a, &replies);
        if (!e && !replies)
            e = report_settle_gone(sv, &replies); // after what was still to be told: nothing is told behind it
        if (!e && !tagging && sv->keeper)
            tagging = settle_tags(sv, a, &tagged); // without the keeper the reporter still sees the thread
        arena_free(&a);
        more = replies || tagged == SETTLE_MAX;
    }
    if (!e && !tagging && sv->keeper)
        tagging = report_acknowledge(sv);
    return e ? e : tagging;
}

// Alone: two that settle would let the slower one lay an older state, or a thread that was erased meanwhile, into reply.
enum err report_settle(struct services *sv)
{
    struct alone *alone = NULL;
    enum err e = store_alone(sv->store, "settle", &alone);
    if (e)
        return e == ERR_CONFLICT ? OK : e; // another desk is at it; what it leaves is looked at again within 5 s
    e = settle_all(sv);
    store_alone_end(&alone);
    return e;
}

// ── reply.done: once the portal has deleted its copy, the name is of no more use ──
struct done_arg { struct id after, id[DONE_MAX]; bool gone[DONE_MAX]; size_t n; };

static enum err done_read(struct db *db, void *arg)
{
    struct done_arg *d = arg;
    struct db_rows *r;
    enum err e = db_query(db, &reply_done_rows_sql, DB_ARGS(DB_ID(d->after), DB_I(DONE_MAX)), &r);
    if (e)
        return e;
    for (d->n = 0; d->n < DONE_MAX && db_next(r);)
        d->n += !id_from_bytes(db_str(r, 0), &d->id[d->n]);
    return db_done(&r);
}

static enum err done_look(struct db *db, void *arg)
{
    struct done_arg *d = arg;
    enum err e = OK;
    for (size_t i = 0; i < d->n && !e; i++) {
        struct db_rows *r;
        e = db_query(db, &intake_has_sql, DB_ARGS(DB_ID(d->id[i])), &r);
        if (e)
            return e;
        d->gone[i] = db_next(r) && db_int(r, 0) == 0;
        e = db_done(&r);
    }
    return e;
}

static enum err done_drop(struct db *db, void *arg)
{
    const struct done_arg *d = arg;
    enum err e = OK;
    for (size_t i = 0; i < d->n && !e; i++)
        if (d->gone[i])
            e = db_exec(db, &reply_done_drop_sql, DB_ARGS(DB_ID(d->id[i])), NULL);
    return e;
}

void report_done_sweep(struct services *sv)
{
    struct done_arg *d = calloc(1, sizeof *d);
    if (!d)
        return;
    bool gone;
    enum err e;
    do {
        e = store_read(sv->reply, done_read, d);
        if (!e && d->n > 0)
            e = store_read(sv->store, done_look, d);
        gone = false;
        for (size_t i = 0; i < d->n; i++)
            gone = gone || d->gone[i];
        if (!e && gone)
            e = store_write(sv->reply, done_drop, d);
        if (!e && d->n > 0)
            d->after = d->id[d->n - 1];
    } while (!e && d->n == DONE_MAX);
    if (e)
        log_event(LOG_WARN, "report.done_unswept", LOG_ERR(e));
    free(d);
}

// ── the thread ──
static bool settle_wait(struct report_desk *d, bool *swept)
{
    const int64_t until = clock_mono() + 5 * WAIT_SECOND;
    pthread_mutex_lock(&d->lock);
    *swept = false;
    while (!d->wanted && !d->stop && !*swept)
        *swept = !wait_until(&d->changed, &d->lock, until);
    d->wanted = false;
    bool go_on = !d->stop;
    pthread_mutex_unlock(&d->lock);
    return go_on;
}

static void *settle_run(void *arg)
{
    struct report_desk *d = arg;
    bool idle;
    if (setpriority(PRIO_PROCESS, 0, SETTLE_NICE)) // this thread's, on Linux: ringing comes first
        log_event(LOG_WARN, "report.settler_not_nice", LOG_I("errno", errno));
    while (settle_wait(d, &idle)) {
        if (!idle)
            clock_sleep(SETTLE_GAP / 1000);
        enum err e = report_settle(d->sv);
        if (e)
            log_event(LOG_WARN, "report.unsettled", LOG_ERR(e)); // stays in its rows; tried again within 5 s
        if (idle && !e)
            report_done_sweep(d->sv);
        if (d->paced == 0 || clock_mono() - d->paced > PACE_EVERY) {
            d->paced = clock_mono();
            e = report_pace_write(d->sv, clock_now(), d->pace);
            if (e)
                log_event(LOG_WARN, "report.pace_unwritten", LOG_ERR(e));
        }
        if (idle)
            flagger_settle(d->sv);
    }
    return NULL;
}

enum err report_settle_start(struct report_desk *d)
{
    d->wanted = true; // at start: what a crash left
    d->stop = false;
    d->paced = 0;
    for (size_t i = 0; i < 4; i++)
        d->pace[i].looked.median = -1; // none: the first measuring is written, whatever stands in reply
    if (pthread_create(&d->settler, NULL, settle_run, d))
        return ERR_MEMORY;
    d->settling = true;
    return OK;
}

void report_settle_stop(struct report_desk *d)
{
    if (!d->settling)
        return;
    pthread_mutex_lock(&d->lock);
    d->stop = true;
    pthread_cond_signal(&d->changed);
    pthread_mutex_unlock(&d->lock);
    pthread_join(d->settler, NULL);
    d->settling = false;
}

void report_settle_soon(struct services *sv)
{
    struct report_desk *d = sv->room;
    if (!d)
        return;
    pthread_mutex_lock(&d->lock);
    d->wanted = true;
    pthread_cond_signal(&d->changed);
    pthread_mutex_unlock(&d->lock);
}

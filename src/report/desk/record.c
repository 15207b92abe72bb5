// A report's rows as the handlers need them, and the words in which the desk speaks of them.
#include <string.h>
#include "base/log.h"
#include "report/desk/handlers.h"

DB_QUERY(record_clear_sql, "b", "itiiTtBbbbiIiiiIBBIB",
         "select received, category, urgency_computed, in_danger, county, language, burst, kid, thread, thread_kid, urgency, "
         "urgency_seq, take_due, unread_up, withdraw_asked, taken_at, page_tag, host_tag, act_due, taken_by from desk.report where id = $1");
DB_QUERY(record_sealed_sql, "i", "bbibb", "select item, unit, epoch, unit_wrap, thread_wrap from desk.report_sealed where seq = $1");
DB_QUERY(record_wrap_sql, "bb", "iib", "select epoch, generation, sealed from desk.unit_wrap where home = $1 and unit = $2 "
         "order by generation desc limit 1");

// The way of whoever has its case: every report of a case hangs under the case's newest key.
DB_QUERY(record_case_sql, "bb", "biibbib", "select c.case_id, u.epoch, u.generation, u.sealed, w.kid, w.generation, w.sealed from desk.case_report c "
         "join desk.child_wrap w on w.parent = c.case_id and w.child = c.report join desk.unit_wrap u on u.home = c.case_id "
         "where c.report = $1 and u.unit = $2 order by u.generation desc, w.generation desc limit 1");

static enum err kid_read(struct str s, struct kid *out)
{
    if (s.n != sizeof out->b)
        return ERR_TAMPERED;
    memcpy(out->b, s.at, sizeof out->b);
    return OK;
}

static enum err record_clear(struct db *db, struct arena *a, struct report_record *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &record_clear_sql, DB_ARGS(DB_ID(out->id)), &r);
    if (e)
        return e;
    if (db_next(r)) {
        out->clear = (struct report_clear){
            .received = db_int(r, 0), .category = arena_str(a, db_str(r, 1)), .urgency_computed = db_int(r, 2),
            .in_danger = db_int(r, 3) != 0, .county = arena_str(a, db_str(r, 4)), .language = arena_str(a, db_str(r, 5)),
            .burst = arena_str(a, db_str(r, 6)),
        };
        e = kid_read(db_str(r, 7), &out->kid);
        if (!e && id_from_bytes(db_str(r, 8), &out->thread))
            e = ERR_TAMPERED;
        if (!e)
            e = kid_read(db_str(r, 9), &out->thread_kid);
        out->urgency = db_int(r, 10);
        out->urgency_changed = !db_null(r, 11);
        out->take_due = db_int(r, 12);
        out->unread = db_int(r, 13);
        out->withdraw_asked = db_int(r, 14) != 0;
        out->taken_at = db_null(r, 15) ? INT64_MIN : db_int(r, 15);
        out->page_tag = arena_str(a, db_str(r, 16));
        out->host_tag = arena_str(a, db_str(r, 17));
        out->act_due = db_null(r, 18) ? 0 : db_int(r, 18);
        if (!e && !db_null(r, 19) && id_from_bytes(db_str(r, 19), &out->holder))
            e = ERR_TAMPERED;
    } else {
        e = ERR_NOT_FOUND;
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

// A case may have come from another unit, or gone through another's hands: then the keeper opens a report by no unit's wrap of it.
static enum err case_way(struct db *db, struct arena *a, struct report_record *out, bool *found)
{
    struct db_rows *r;
    struct keeper_step *step = out->path.step;
    enum err e = db_query(db, &record_case_sql, DB_ARGS(DB_ID(out->id), DB_ID(out->at.unit)), &r);
    if (e)
        return e;
    *found = db_next(r);
    if (*found) {
        step[0] = (struct keeper_step){.unit = true, .parent = out->at.unit, .epoch = (uint32_t)db_int(r, 1),
                                       .generation = (uint64_t)db_int(r, 2), .sealed = arena_str(a, db_str(r, 3))};
        e = id_from_bytes(db_str(r, 0), &step[0].child) ? ERR_TAMPERED : OK;
        step[1] = (struct keeper_step){.parent = step[0].child, .child = out->id, .generation = (uint64_t)db_int(r, 5),
                                       .sealed = arena_str(a, db_str(r, 6))};
        e = e ? e : kid_read(db_str(r, 4), &step[1].kid);
        out->path.n = 2;
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

// The case's way, where it is in one; else the wrap that came with the report, where it was sealed to the unit that holds it now; else the
// newest one made for that unit.
static enum err record_path(struct db *db, struct arena *a, struct report_record *out)
{
    struct db_rows *r;
    struct keeper_step *unit = &out->path.step[0];
    struct id sealed_to = {0};
    enum err e = db_query(db, &record_sealed_sql, DB_ARGS(DB_I(out->at.seq)), &r);
    if (e)
        return e;
    if (!db_next(r))
        e = ERR_TAMPERED;
    if (!e) {
        out->item = arena_str(a, db_str(r, 0));
        e = id_from_bytes(db_str(r, 1), &sealed_to) ? ERR_TAMPERED : OK;
        *unit = (struct keeper_step){.unit = true, .parent = out->at.unit, .child = out->id, .epoch = (uint32_t)db_int(r, 2),
                                     .sealed = arena_str(a, db_str(r, 3))};
        out->thread_wrap = arena_str(a, db_str(r, 4));
    }
    enum err done = db_done(&r);
    if (done)
        return done;
    bool of_case = false;
    out->path.n = 1;
    if (!e)
        e = case_way(db, a, out, &of_case);
    if (!e && !of_case && !id_equal(sealed_to, out->at.unit)) {
        e = db_query(db, &record_wrap_sql, DB_ARGS(DB_ID(out->id), DB_ID(out->at.unit)), &r);
        if (e)
            return e;
        bool found = db_next(r);
        if (found) {
            unit->epoch = (uint32_t)db_int(r, 0);
            unit->generation = (uint64_t)db_int(r, 1);
            unit->sealed = arena_str(a, db_str(r, 2));
        }
        e = db_done(&r);
        if (!e && !found)
            e = ERR_NO_KEY;
    }
    out->thread_path = out->path;
    out->thread_path.step[out->thread_path.n++] = (struct keeper_step){.parent = out->id, .child = out->thread, .kid = out->thread_kid,
                                                    .sealed = out->thread_wrap};
    return e;
}

enum err report_record_db(struct db *db, struct arena *a, const struct person *who, struct id id, struct report_record *out)
{
    memset(out, 0, sizeof *out);
    out->id = id;
    enum err e = report_at_db(db, id, who->units, who->n_units, &out->at);
    if (!e)
        e = record_clear(db, a, out);
    if (!e)
        e = record_path(db, a, out);
    return e ? e : arena_failed(a) ? ERR_MEMORY : OK;
}

void report_note_ad(struct record_ad *ad, const struct report_record *r, struct id note, int64_t seq, int64_t at, struct id person,
                    struct str action)
{
    struct buf columns;
    buf_init(&columns, 256);
    record_meta_int(&columns, at);
    record_meta_str(&columns, id_bytes(&person));
    record_meta_str(&columns, action);
    *ad = (struct record_ad){.type = RECORD_REPORT, .field = RECORD_FIELD_NOTE, .version = 1, .seq = (uint64_t)seq, .home = r->id,
                             .item = note, .kid = r->kid};
    record_meta(ad->meta, &columns);
    buf_free(&columns);
}

struct name_arg { struct arena *a; struct id person; struct str name; };

static enum err name_read(struct db *db, void *arg)
{
    struct name_arg *n = arg;
    return people_name(db, n->a, n->person, &n->name);
}

bool report_holder_may(const struct person *who, const struct report_at *at)
{
    return id_zero(at->taken_by) || id_equal(at->taken_by, who->id) || (who->roles >> ROLE_SUPERVISOR & 1);
}

enum err report_may_act(struct req *rq, const struct report_at *at)
{
    if (report_holder_may(&rq->who, at))
        return OK;
    struct name_arg n = {.a = rq->arena, .person = at->taken_by};
    enum err e = store_read(rq->sv->store, name_read, &n);
    if (e)
        return e;
    struct buf b;
    buf_init(&b, 1024);
    text_put(&b, rq->lang, MSG_DESK_HELD_BY, TEXT_ARGS(TEXT_S("name", n.name)));
    rq->notice = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return ERR_CONFLICT;
}

struct str desk_urgency(const struct req *rq, int64_t urgency)
{
    static const enum message words[] = {MSG_DESK_URGENCY_1, MSG_DESK_URGENCY_2, MSG_DESK_URGENCY_3, MSG_DESK_URGENCY_4};
    return urgency >= 1 && urgency <= 4 ? text_get(rq->lang, words[urgency - 1]) : STR("");
}

enum message desk_state_message(unsigned state)
{
    static const enum message words[REPORT_STATES] = {
        [REPORT_NEW] = MSG_DESK_STATE_NEW, [REPORT_TAKEN] = MSG_DESK_STATE_TAKEN, [REPORT_ASSESSED] = MSG_DESK_STATE_ASSESSED,
        [REPORT_ANSWERED] = MSG_DESK_STATE_ANSWERED, [REPORT_IN_CASE] = MSG_DESK_STATE_IN_CASE,
        [REPORT_DUPLICATE] = MSG_DESK_STATE_DUPLICATE, [REPORT_SPAM] = MSG_DESK_STATE_SPAM,
        [REPORT_WITHDRAWN] = MSG_DESK_STATE_WITHDRAWN, [REPORT_CLOSED] = MSG_DESK_STATE_CLOSED,
    };
    return words[state < REPORT_STATES ? state : REPORT_NEW];
}

enum message desk_tab_message(unsigned state)
{
    static const enum message words[REPORT_STATES] = {
        [REPORT_NEW] = MSG_DESK_TAB_NEW, [REPORT_TAKEN] = MSG_DESK_TAB_TAKEN, [REPORT_ASSESSED] = MSG_DESK_TAB_ASSESSED,
        [REPORT_ANSWERED] = MSG_DESK_TAB_ANSWERED, [REPORT_IN_CASE] = MSG_DESK_TAB_IN_CASE,
        [REPORT_DUPLICATE] = MSG_DESK_TAB_DUPLICATE, [REPORT_SPAM] = MSG_DESK_TAB_SPAM,
        [REPORT_WITHDRAWN] = MSG_DESK_TAB_WITHDRAWN, [REPORT_CLOSED] = MSG_DESK_TAB_CLOSED,
    };
    return words[state < REPORT_STATES ? state : REPORT_NEW];
}

enum message desk_action_message(struct str action)
{
    static const struct { const char *action; enum message m; } words[] = {
        {"opened", MSG_DESK_DID_OPENED},     {"taken", MSG_DESK_DID_TAKEN},         {"released", MSG_DESK_DID_RELEASED},
        {"answered", MSG_DESK_DID_ANSWERED}, {"urgency", MSG_DESK_DID_URGENCY},     {"tampered", MSG_DESK_DID_TAMPERED},
        {"reopened", MSG_DESK_DID_REOPENED}, {"assessed", MSG_DESK_DID_ASSESSED},   {"duplicate", MSG_DESK_DID_DUPLICATE},
        {"spam", MSG_DESK_DID_SPAM},         {"withdrawn", MSG_DESK_DID_WITHDRAWN}, {"closed", MSG_DESK_DID_CLOSED},
        {"in_case", MSG_DESK_DID_IN_CASE},   {"opined", MSG_DESK_DID_OPINED},       {"differs", MSG_DESK_DID_DIFFERS},
        {"handed_over", MSG_DESK_DID_HANDED_OVER}, {"received", MSG_DESK_DID_RECEIVED}, {"climbed", MSG_DESK_DID_CLIMBED},
        {"moved", MSG_DESK_DID_MOVED}, {"declined", MSG_DESK_DID_DECLINED}, {"exported", MSG_DESK_DID_EXPORTED},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_equal_z(action, words[i].action))
            return words[i].m;
    return MSG_DESK_DID_OTHER;
}

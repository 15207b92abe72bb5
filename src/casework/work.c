// One change of a case, the same way for all: what is there, who may, the keeper's audit entry, the sealed entry, then
// the rows, which are refused where somebody else was faster. The entry's place is sealed into it, so that trying again
// means sealing again.
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "casework/handlers.h"
#include "web/once.h"

#define TRIES 5

DB_QUERY(work_state_sql, "bti", "", "update desk.case_file set state = $2, state_at = $3 where id = $1");

enum err case_refuse(struct case_work *w, enum message m)
{
    w->refused = m;
    return ERR_CONFLICT;
}

enum err case_once(struct case_work *w, struct id submission, struct str apart)
{
    struct buf words;
    if (id_zero(submission))
        return OK;
    buf_init_secret(&words, CASE_ENTRY_BYTES_MAX);
    enum err e = words_write(&words, &w->words);
    if (!e) {
        const struct str part[] = {w->kind, buf_str(&words), apart};
        w->thing = once_id(w->rq, submission, part, 3);
        w->once = true;
    }
    buf_free(&words);
    return e;
}

static enum err work_look(struct db *db, void *arg)
{
    struct case_work *w = arg;
    struct arena *a = w->rq->arena;
    w->refused = MSG_NONE;
    enum err e = case_at_db(db, a, &w->rq->who, w->rq->id, &w->at);
    if (!e)
        e = case_path_db(db, a, &w->rq->who, w->rq->id, &w->path);
    if (!e)
        e = case_seq_db(db, w->rq->id, &w->entry.seq);
    if (!e && w->once)
        e = case_thing_db(db, w->rq->id, w->thing, &w->again);
    if (!e && w->look && !w->again)
        e = w->look(db, w);
    if (w->same_key)
        w->at.key_out = (struct id){{0}};
    return e;
}

// A unit that can read because a case was once its own no longer works on it.
static enum err work_may(struct case_work *w)
{
    if (!person_of_unit(&w->rq->who, w->at.owner))
        return ERR_FORBIDDEN;
    if (w->version && w->version != w->at.version)
        return case_refuse(w, MSG_CASEWORK_CHANGED);
    if (w->at.state == CASE_CLOSED && !w->closed_too)
        return case_refuse(w, MSG_CASEWORK_IS_CLOSED);
    return w->ready && id_zero(w->at.key_out) ? w->ready(w) : OK; // else once more, with the new key
}

static enum err work_write(struct db *db, void *arg)
{
    struct case_work *w = arg;
    const struct req *rq = w->rq;
    struct keeper_path path;
    w->refused = MSG_NONE;
    enum err e = case_path_db(db, rq->arena, &rq->who, rq->id, &path); // the key may have been taken away meanwhile
    if (!e)
        e = case_touch_db(db, rq->id, w->at.version);
    if (!e && w->write)
        e = w->write(db, w);
    if (!e)
        e = case_entry_db(db, &w->entry);
    if (!e)
        e = case_history_db(db, rq->id, rq->who.id, w->entry.unit, w->history, w->entry.thing, rq->now);
    return e;
}

static enum err work_seal(struct case_work *w)
{
    struct buf plain;
    buf_init_secret(&plain, CASE_ENTRY_BYTES_MAX);
    w->entry.type = RECORD_CASE;
    w->entry.home = w->rq->id;
    w->entry.kind = w->kind;
    w->entry.thing = w->thing;
    w->entry.generation = w->at.generation;
    enum err e = words_write(&plain, &w->words);
    if (!e)
        e = case_entry_seal(w->rq, &w->path, buf_str(&plain), &w->entry);
    if (!e && !crypto_equal(w->entry.kid.b, w->at.kid.b, sizeof w->at.kid.b))
        e = ERR_TAMPERED;
    buf_free(&plain);
    return e;
}

// A unit that is not to read on has the key: a new one first, and what is written now lies under that.
struct renewing { struct case_work *w; struct case_rekey key; };

static enum err renew_look(struct db *db, void *arg)
{
    struct renewing *n = arg;
    return case_rekey_look_db(db, n->w->rq->arena, n->w->rq->id, &n->key);
}

static enum err renew_write(struct db *db, void *arg)
{
    const struct renewing *n = arg;
    return n->key.version == n->w->at.version ? case_rekey_db(db, &n->key) : ERR_CONFLICT;
}

static enum err renew(struct case_work *w)
{
    struct req *rq = w->rq;
    const struct id none = {{0}};
    struct renewing *n = ARENA_NEW(rq->arena, struct renewing);
    if (!n)
        return ERR_MEMORY;
    n->w = w;
    enum err e = store_read(rq->sv->store, renew_look, n);
    if (!e)
        e = case_rekey_make(rq, &w->path, w->at.key_out, none, &n->key);
    if (!e)
        e = store_write(rq->sv->store, renew_write, n);
    if (e) {
        w->same_key = case_rekey_cannot(rq->id, e);
        return w->same_key ? OK : e;
    }
    case_rekey_settle(rq, &n->key);
    w->version += w->version != 0; // it was the present one, and is again
    return OK;
}

enum err case_work_run(struct case_work *w)
{
    struct req *rq = w->rq;
    bool audited = false;
    for (int tries = 1;; tries++) {
        enum err e = store_read(rq->sv->store, work_look, w);
        if (!e && w->again) {
            w->entry.thing = w->thing;
            return OK;
        }
        if (!e)
            e = work_may(w);
        if (!e && !audited) {
            struct keeper_audit_at entry;
            e = keeper_audit(rq->sv->keeper, &rq->token, w->action, rq->id, id_zero(w->about) ? w->at.owner : w->about, str_from(w->history), &entry);
            audited = !e;
        }
        if (!e && !id_zero(w->at.key_out)) {
            e = renew(w);
            if (!e)
                continue;
        }
        if (!e)
            e = work_seal(w);
        const bool sealed = !e;
        if (!e)
            e = store_write(rq->sv->store, work_write, w);
        if (e && sealed)
            keeper_unstored(rq->sv->keeper, &rq->token, rq->id, w->entry.id);
        if (!e)
            w->at.version++;
        if (e != ERR_CONFLICT)
            return e;
        if (w->refused != MSG_NONE)
            return req_notice(rq, e, w->refused);
        if ((w->version && !w->once) || tries == TRIES) // who was faster may have been the same, sent twice
            return req_notice(rq, e, MSG_CASEWORK_CHANGED);
    }
}

enum err case_work_state_db(struct db *db, struct case_work *w, enum case_state to)
{
    if (!case_state_may(w->at.state, to))
        return case_refuse(w, MSG_CASEWORK_NOT_NOW);
    return db_exec(db, &work_state_sql, DB_ARGS(DB_ID(w->rq->id), DB_T(str_from(case_state_name(to))),
                                                DB_I(clock_minute(w->rq->now))), NULL);
}

enum err case_day_read(struct str s, int64_t *out)
{
    struct tm tm = {.tm_isdst = -1, .tm_hour = 12};
    int64_t year, month, day;
    struct str rest = s, y = str_cut(&rest, '-'), m = str_cut(&rest, '-');
    if (s.n != 10 || y.n != 4 || m.n != 2 || rest.n != 2 || str_int(y, &year) || str_int(m, &month) ||
        str_int(rest, &day))
        return ERR_MALFORMED;
    if (year < 2000 || year > 2999 || month < 1 || month > 12 || day < 1 || day > 31)
        return ERR_MALFORMED;
    tm.tm_year = (int)year - 1900;
    tm.tm_mon = (int)month - 1;
    tm.tm_mday = (int)day;
    int64_t noon = (int64_t)mktime(&tm) * CLOCK_SECOND;
    if (tm.tm_mday != (int)day) // 31 April
        return ERR_MALFORMED;
    *out = date_next_midnight(noon) - CLOCK_MINUTE;
    return OK;
}

struct str case_day_write(const struct req *rq, int64_t at)
{
    struct date d = date_local(at);
    return arena_printf(rq->arena, "%04d-%02d-%02d", d.year, d.month, d.day);
}

enum message case_state_message(enum case_state s)
{
    static const enum message words[CASE_STATES] = {
        [CASE_REGISTERED] = MSG_CASEWORK_STATE_REGISTERED, [CASE_ASSESSED] = MSG_CASEWORK_STATE_ASSESSED,
        [CASE_PLANNED] = MSG_CASEWORK_STATE_PLANNED, [CASE_IMPLEMENTING] = MSG_CASEWORK_STATE_IMPLEMENTING,
        [CASE_REVIEW] = MSG_CASEWORK_STATE_REVIEW, [CASE_CLOSING] = MSG_CASEWORK_STATE_CLOSING,
        [CASE_CLOSED] = MSG_CASEWORK_STATE_CLOSED,
    };
    return (unsigned)s < CASE_STATES ? words[s] : MSG_NONE;
}

enum message case_next_message(enum case_state s)
{
    static const enum message words[CASE_STATES] = {
        [CASE_REGISTERED] = MSG_CASEWORK_NEXT_REGISTERED, [CASE_ASSESSED] = MSG_CASEWORK_NEXT_ASSESSED,
        [CASE_PLANNED] = MSG_CASEWORK_NEXT_PLANNED, [CASE_IMPLEMENTING] = MSG_CASEWORK_NEXT_IMPLEMENTING,
        [CASE_REVIEW] = MSG_CASEWORK_NEXT_REVIEW, [CASE_CLOSING] = MSG_CASEWORK_NEXT_CLOSING,
            [CASE_CLOSED] = MSG_CASEWORK_NEXT_CLOSED,
    };
    return (unsigned)s < CASE_STATES ? words[s] : MSG_NONE;
}

struct str case_urgency(const struct req *rq, int64_t urgency)
{
    static const enum message words[] = {MSG_DESK_URGENCY_1, MSG_DESK_URGENCY_2, MSG_DESK_URGENCY_3,
                                         MSG_DESK_URGENCY_4};
    return urgency >= 1 && urgency <= 4 ? text_get(rq->lang, words[urgency - 1]) : STR("");
}

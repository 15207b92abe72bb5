#include "exchange/courier/answer_alarm.h"

#include "base/clock.h"
#include "base/log.h"
#include "job/outbox.h"
#include "people/people.h"

#define ANSWER_ALARM_TIME (60 * INT64_C(1000000000)) // ns that one look may take
#define COORDINATORS_MAX 4                           // who are told

DB_QUERY(answer_due_sql, "iii", "bbbtiii", "select id, from_unit, to_unit, state, climbed, answer_due, elapsed from desk.referral where urgency = $1 "
         "and climb_at <= $2 order by climb_at, seq limit $3");
DB_QUERY(answer_coordinator_sql, "ii", "tt", "select mail, language from desk.person where (roles & $1) <> 0 and disabled = 0 and mail <> '' "
         "order by id limit $2");
DB_QUERY(answer_climbed_sql, "biI", "", "update desk.referral set climbed = $2, climb_at = $3 where id = $1");

struct waiting { struct id id, unit; enum referral_state state; int64_t climbed, answer_due; bool elapsed; }; // climbed -1: nobody was told yet
struct look {
    struct services *sv;
    struct arena *arena;
    int64_t urgency, now;
    size_t n;               // out: how many were told of
    size_t nobody;          // out: of how many nobody could be told
    struct waiting at[ANSWER_ALARM_MAX];
};

static enum err due_read(struct db *db, struct look *l)
{
    struct db_rows *r;
    enum err e = db_query(db, &answer_due_sql, DB_ARGS(DB_I(l->urgency), DB_I(l->now), DB_I(ANSWER_ALARM_MAX)), &r);
    if (e)
        return e;
    for (l->n = 0; !e && l->n < ANSWER_ALARM_MAX && db_next(r); l->n++) {
        struct waiting *w = &l->at[l->n];
        w->climbed = db_int(r, 4);
        w->answer_due = db_int(r, 5);
        w->elapsed = db_int(r, 6) != 0;
        e = referral_state_read(db_str(r, 3), &w->state) || id_from_bytes(db_str(r, 0), &w->id) ||
            id_from_bytes(db_str(r, w->state == REFERRAL_ASKED ? 1 : 2), &w->unit) ? ERR_TAMPERED : OK;
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err coordinators(struct db *db, struct look *l, struct exchange_reader out[COORDINATORS_MAX], size_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, &answer_coordinator_sql, DB_ARGS(DB_I(1 << ROLE_COORDINATOR), DB_I(COORDINATORS_MAX)), &r);
    if (e)
        return e;
    for (*n = 0; *n < COORDINATORS_MAX && db_next(r); (*n)++)
        out[*n] = (struct exchange_reader){arena_str(l->arena, db_str(r, 0)), arena_str(l->arena, db_str(r, 1))};
    e = db_done(&r);
    return e ? e : arena_failed(l->arena) ? ERR_MEMORY : OK;
}

static enum err people_at(struct db *db, struct look *l, struct id unit, int64_t place, struct exchange_reader out[COORDINATORS_MAX], size_t *n)
{
    bool there = false;
    if (place >= EXCHANGE_CLIMBED_ALL)
        return coordinators(db, l, out, n);
    enum err e = exchange_reader_db(db, l->arena, unit, (enum contact_place)(place + 1), out, &there);
    *n = there;
    return e;
}

// The last who are told see no referral: theirs is the list of what is late, with whom to call.
static enum err call(struct db *db, const struct look *l, const struct exchange_reader *who, const struct waiting *w, bool last)
{
    const struct config *c = l->sv->config;
    const struct lang *lang = text_lang(who->language) ? text_lang(who->language) : text_default();
    struct buf subject, body;
    char hex[ID_HEX];
    buf_init(&subject, 512);
    buf_init(&body, 4096);
    struct str link = arena_printf(l->arena, "%s/referrals/%s", c->desk_url, last ? "late" : id_hex(w->id, hex));
    enum message words = last ? MSG_EXCHANGE_ALARM_BODY_LATE
                         : w->state == REFERRAL_ACCEPTED ? MSG_EXCHANGE_ALARM_BODY_OUTCOME : MSG_EXCHANGE_ALARM_BODY;
    text_put(&subject, lang, MSG_EXCHANGE_ALARM_SUBJECT, TEXT_ARGS(TEXT_I("urgency", l->urgency)));
    text_put(&body, lang, words, TEXT_ARGS(TEXT_I("urgency", l->urgency), TEXT_S("link", link)));
    enum err e = buf_ok(&subject) ? buf_ok(&subject) : buf_ok(&body);
    if (!e && *c->smtp_url)
        e = outbox_add(db, OUTBOX_MAIL, who->mail, buf_str(&subject), buf_str(&body), l->now);
    buf_free(&subject);
    buf_free(&body);
    return e;
}

static enum err look_db(struct db *db, void *arg)
{
    struct look *l = arg;
    l->nobody = 0;
    enum err e = due_read(db, l);
    for (size_t i = 0; i < l->n && !e; i++) {
        const struct waiting *w = &l->at[i];
        struct exchange_reader who[COORDINATORS_MAX];
        size_t n = 0;
        int64_t place = w->climbed;
        while (!e && n == 0 && place < EXCHANGE_CLIMBED_ALL)
            e = people_at(db, l, w->unit, ++place, who, &n);
        for (size_t k = 0; k < n && !e; k++)
            e = call(db, l, &who[k], w, place >= EXCHANGE_CLIMBED_ALL);
        l->nobody += n == 0;
        int64_t next = exchange_climb_at(l->sv->pack, w->state, l->urgency, w->elapsed, w->answer_due, place);
        if (!e)
            e = db_exec(db, &answer_climbed_sql, DB_ARGS(DB_ID(w->id), DB_I(place), next == INT64_MIN ? DB_NULL : DB_I(next)), NULL);
    }
    return e;
}

void exchange_alarm_run(struct services *sv)
{
    static struct look l; // one thread
    int64_t from = clock_mono();
    for (int64_t urgency = 1; urgency <= 4; urgency++) {
        enum err e = OK;
        do {
            l = (struct look){.sv = sv, .urgency = urgency, .now = clock_now()};
            if (arena_new(1 << 20, &l.arena))
                return;
            e = store_write(sv->store, look_db, &l);
            arena_free(&l.arena);
            if (e)
                log_event(LOG_WARN, "answer-alarm.failed", LOG_I("urgency", urgency), LOG_ERR(e));
            else if (l.nobody)
                log_event(LOG_ALARM, "referral.nobody", LOG_I("urgency", urgency), LOG_I("referrals", l.nobody));
        } while (!e && l.n == ANSWER_ALARM_MAX && clock_mono() - from < ANSWER_ALARM_TIME);
    }
}

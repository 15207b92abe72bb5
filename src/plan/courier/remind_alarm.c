#include "plan/courier/remind_alarm.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "job/outbox.h"
#include "people/people.h"
#include "plan/kept.h"
#include "plan/owed.h"
#include "plan/remind.h"
#include "plan/value_store.h"
#include "text/date.h"

#define REMIND_YEARS 24
#define REMIND_BYTES ((size_t)64 << 20)
#define PARTS 17                // periods of a year: it, 4 quarters, 12 months

DB_QUERY(remind_people_sql, "", "bbttiI", "select p.id, p.institution, p.mail, p.language, p.roles, r.day from desk.person p "
         "left join desk.plan_reminded r on r.person = p.id where p.disabled = 0 and p.mail <> '' order by p.institution, p.id");
// Says whether this courier is the one that tells: a second finds the day.
DB_QUERY(remind_told_sql, "bi", "", "insert into desk.plan_reminded (person, day) values ($1, $2) on conflict (person) do update set day = excluded.day "
         "where plan_reminded.day < excluded.day");

struct reader { struct id id, institution; struct str mail, language; uint32_t roles; int64_t told; };
struct line { struct plan_period period; int64_t n; };
struct look {
    struct services *sv;
    struct arena *arena;
    const struct pack_plan_reminders *when;
    int64_t now, day;
    struct list institutions;                  // struct institution
    struct list locks, unlocks;
    struct reader *person;
    size_t n_people, n_years;
    struct plan_owed owed[REMIND_YEARS];
    struct line line[REMIND_YEARS * PARTS];    // of one institution
    size_t n_lines;
};

static enum err people_read(struct db *db, struct look *l)
{
    struct db_rows *r = NULL;
    size_t room = 0;
    enum err e = db_query(db, &remind_people_sql, DB_ARGS(), &r);
    while (!e && db_next(r)) {
        if (l->n_people == room) {
            size_t more = room ? room * 2 : 64;
            struct reader *grown = arena_array(l->arena, more, sizeof *grown);
            if (grown && room)
                memcpy(grown, l->person, room * sizeof *grown);
            e = grown ? OK : ERR_MEMORY;
            l->person = grown ? grown : l->person;
            room = more;
        }
        if (e)
            break;
        struct reader *p = &l->person[l->n_people++];
        *p = (struct reader){.mail = arena_str(l->arena, db_str(r, 2)), .language = arena_str(l->arena, db_str(r, 3)), .roles = (uint32_t)db_int(r, 4),
                             .told = db_null(r, 5) ? INT64_MIN : db_int(r, 5)};
        e = id_from_bytes(db_str(r, 0), &p->id) || id_from_bytes(db_str(r, 1), &p->institution) ? ERR_TAMPERED : OK;
    }
    enum err done = r ? db_done(&r) : OK;
    return e ? e : done ? done : arena_failed(l->arena) ? ERR_MEMORY : OK;
}

// Each year of the plan that has begun, by the version that is its basis.
static enum err years_read(struct db *db, struct look *l)
{
    int today = date_local(l->now).year;
    const struct plan_version *newest = NULL, *v = NULL;
    enum err e = plan_kept_of_year_db(db, l->sv->pack, today, &newest);
    for (size_t i = 0; !e && i < newest->plan->n_years && l->n_years < REMIND_YEARS; i++) {
        int year = newest->plan->years[i];
        if (year > today)
            break;
        e = plan_kept_of_year_db(db, l->sv->pack, year, &v);
        if (!e && pack_plan_year(v->plan, year))
            e = plan_owed_db(db, l->arena, v->plan, year, &l->institutions, &l->owed[l->n_years++]);
    }
    return e;
}

static enum err look_read(struct db *db, void *arg)
{
    struct look *l = arg;
    enum err e = institutions_db(db, l->arena, false, &l->institutions);
    e = e ? e : years_read(db, l);
    e = e ? e : plan_locks_db(db, l->arena, &l->locks, &l->unlocks);
    return e ? e : people_read(db, l);
}

static int newest_first(const void *a_, const void *b_)
{
    const struct plan_period *a = &((const struct line *)a_)->period, *b = &((const struct line *)b_)->period;
    return a->last != b->last ? (a->last > b->last ? -1 : 1) : a->first > b->first ? -1 : a->first < b->first;
}

// How much one institution owes of each period of which reminding has begun.
static void lines_count(struct look *l, size_t institution)
{
    const struct institution *of = &((const struct institution *)l->institutions.at)[institution];
    l->n_lines = 0;
    for (size_t y = 0; y < l->n_years; y++) {
        const struct plan_owed *o = &l->owed[y];
        static const int months[] = {12, 3, 1};
        for (size_t m = 0; m < 3; m++)
            for (int first = o->year * 12; first < o->year * 12 + 12; first += months[m]) {
                struct line x = {.period = plan_period_of(first, months[m])};
                if (!plan_remind_begun(l->when, x.period, l->day) || plan_locked(&l->locks, &l->unlocks, x.period, of->id, l->now))
                    continue;
                for (size_t i = 0; i < o->plan->n_indicators; i++) {
                    const struct pack_plan_indicator *k = &o->plan->indicator[i];
                    x.n += k->every == months[m] && plan_value_owed(k, of->code, of->type) && plan_owed_at(o, institution, i, first) <= PLAN_OWED_BEGUN;
                }
                if (x.n)
                    l->line[l->n_lines++] = x;
            }
    }
    qsort(l->line, l->n_lines, sizeof *l->line, newest_first);
}

static bool is_time(const struct look *l, const struct reader *p)
{
    int64_t since = l->day - 1 - PLAN_REMIND_LATE;
    bool now = false;
    for (size_t i = 0; i < l->n_lines; i++)
        now |= plan_remind_now(l->when, l->line[i].period, p->told > since ? p->told : since, l->day);
    return now;
}

static void lines_put(const struct look *l, struct buf *out, const struct lang *lang)
{
    int64_t rest = 0;
    for (size_t i = 0; i < l->n_lines; i++) {
        const struct line *x = &l->line[i];
        int64_t due = plan_due_day(l->when, x->period);
        struct buf day;
        if (i >= PLAN_REMIND_LINES) {
            rest += x->n;
            continue;
        }
        buf_init(&day, 100);
        date_put(&day, lang, plan_remind_noon(due), DATE_DAY);
        text_put(out, lang, due < l->day ? MSG_PLAN_REMIND_LATE : MSG_PLAN_REMIND_DUE,
                 TEXT_ARGS(TEXT_S("period", plan_period_words(l->arena, lang, x->period)), TEXT_I("n", x->n), TEXT_S("day", buf_str(&day))));
        buf_free(&day);
        buf_printf(out, "\n%s/plan/entry?period=%.*s\n\n", l->sv->config->desk_url, STR_ARG(plan_period_text(l->arena, x->period)));
    }
    if (rest) {
        text_put(out, lang, MSG_PLAN_REMIND_MORE, TEXT_ARGS(TEXT_I("n", rest)));
        buf_printf(out, "\n%s/plan/gaps\n\n", l->sv->config->desk_url);
    }
}

struct telling { struct look *l; const struct reader *to; };

static enum err tell(struct db *db, void *arg)
{
    const struct telling *t = arg;
    struct look *l = t->l;
    const struct lang *lang = text_lang(t->to->language) ? text_lang(t->to->language) : text_default();
    struct buf subject, lines, body;
    int64_t all = 0, first = 0;
    enum err e = db_exec(db, &remind_told_sql, DB_ARGS(DB_ID(t->to->id), DB_I(l->day)), &first);
    if (e || first == 0)
        return e;
    for (size_t i = 0; i < l->n_lines; i++)
        all += l->line[i].n;
    buf_init(&subject, 512);
    buf_init(&lines, 8192);
    buf_init(&body, 8192);
    lines_put(l, &lines, lang);
    text_put(&subject, lang, MSG_PLAN_REMIND_SUBJECT, TEXT_ARGS(TEXT_I("n", all)));
    text_put(&body, lang, MSG_PLAN_REMIND_BODY, TEXT_ARGS(TEXT_S("lines", buf_str(&lines))));
    e = buf_ok(&subject) ? buf_ok(&subject) : buf_ok(&lines) ? buf_ok(&lines) : buf_ok(&body) ? buf_ok(&body) : arena_failed(l->arena) ? ERR_MEMORY : OK;
    e = e ? e : outbox_add(db, OUTBOX_MAIL, t->to->mail, buf_str(&subject), buf_str(&body), l->now);
    buf_free(&subject);
    buf_free(&lines);
    buf_free(&body);
    return e;
}

// The people of one institution: [from, to).
static enum err institution_tell(struct look *l, size_t from, size_t to)
{
    const struct institution *of = institution_by_id(&l->institutions, l->person[from].institution);
    bool owners = false;
    enum err e = OK;
    if (!of)
        return OK;
    lines_count(l, (size_t)(of - (const struct institution *)l->institutions.at));
    for (size_t i = from; i < to; i++)
        owners |= (l->person[i].roles & 1u << ROLE_INDICATOR_OWNER) != 0;
    for (size_t i = from; i < to && !e && l->n_lines; i++) {
        struct reader *p = &l->person[i];
        bool theirs = owners ? (p->roles & 1u << ROLE_INDICATOR_OWNER) != 0 : role_may(people_role_table(), p->roles, PERM_PLAN_ENTER);
        struct telling t = {l, p};
        if (theirs && is_time(l, p))
            e = store_write(l->sv->store, tell, &t);
    }
    return e;
}

enum err plan_remind_look(struct services *sv, int64_t now)
{
    struct look *l = calloc(1, sizeof *l);
    if (!l)
        return ERR_MEMORY;
    *l = (struct look){.sv = sv, .when = pack_plan_reminders(sv->pack), .now = now, .day = plan_remind_day(now)};
    enum err e = l->when ? arena_new(REMIND_BYTES, &l->arena) : OK;
    if (!e && l->when) {
        e = store_read_slow(sv->store, look_read, l);
        for (size_t from = 0, to; !e && from < l->n_people; from = to) {
            for (to = from + 1; to < l->n_people && id_equal(l->person[to].institution, l->person[from].institution);)
                to++;
            e = institution_tell(l, from, to);
        }
        arena_free(&l->arena);
    }
    free(l);
    return e == ERR_NOT_FOUND ? OK : e; // there is no plan yet
}

void plan_remind_run(struct services *sv)
{
    static int64_t looked = INT64_MIN; // one thread; the day that was looked through
    int64_t now = clock_now(), day = plan_remind_day(now);
    if (!*sv->config->smtp_url || !pack_plan(sv->pack) || date_local(now).hour < PLAN_REMIND_HOUR || looked == day)
        return;
    enum err e = plan_remind_look(sv, now);
    if (e)
        log_event(LOG_WARN, "plan.not_reminded", LOG_ERR(e));
    else
        looked = day;
}

#include "plan/version.h"
#include <time.h>
#include "text/date.h"

#define PLAN_TEXT_COLUMNS "number, title, coalesce(based_on, 0), reason, decision, coalesce(from_day, 0), changes, made_by, made_at, forced_by, coalesce(forced_at, 0)"
DB_QUERY(plan_versions_sql, "i", "ititti" "iBiBi", "select " PLAN_TEXT_COLUMNS " from desk.plan_version order by number desc limit $1");
DB_QUERY(plan_document_sql, "i", "t", "select document from desk.plan_version where number = $1");
DB_QUERY(plan_begin_sql, "itttii", "", "insert into desk.plan_version (number, title, document, based_on, reason, decision, from_day, changes, made_by, made_at) "
         "values ($1, $2, $3, null, '', $4, $5, 0, null, $6) on conflict (number) do nothing");

const char *plan_state_name(enum plan_state s)
{
    static const char *const names[] = {"draft", "in_force", "closed"};
    return names[s];
}

enum plan_state plan_version_state(const struct plan_version *v, int64_t day)
{
    return !v->from ? PLAN_DRAFT : v->until && v->until <= day ? PLAN_CLOSED : PLAN_IN_FORCE;
}

int64_t plan_day(int64_t at)
{
    struct date d = date_local(at);
    return d.year * 10000 + d.month * 100 + d.day;
}

static bool day_parts(int64_t day, struct tm *out)
{
    struct tm t = {.tm_year = (int)(day / 10000) - 1900, .tm_mon = (int)(day / 100 % 100) - 1, .tm_mday = (int)(day % 100), .tm_hour = 12};
    *out = t;
    return timegm(out) != -1 && out->tm_mon == t.tm_mon && out->tm_mday == t.tm_mday;
}

int64_t plan_day_read(struct str s)
{
    int64_t part[3];
    struct str rest = s;
    struct tm t;
    bool fine = s.n == 10 && s.at[4] == '-' && s.at[7] == '-';
    for (size_t i = 0; i < 3 && fine; i++) {
        struct str one = str_cut(&rest, '-');
        fine = one.n && one.at[0] != '-' && str_int(one, &part[i]) == OK;
    }
    int64_t day = fine ? part[0] * 10000 + part[1] * 100 + part[2] : 0;
    return fine && part[0] >= 2000 && part[0] <= 2199 && part[1] <= 12 && part[2] <= 31 && day_parts(day, &t) ? day : 0;
}

int64_t plan_day_noon(int64_t day)
{
    struct tm t;
    return day > 0 && day_parts(day, &t) ? (int64_t)timegm(&t) * 1000000 : INT64_MIN;
}

static enum err head_read(struct arena *a, const struct db_rows *r, struct plan_version *v)
{
    *v = (struct plan_version){.number = db_int(r, 0), .title = arena_str(a, db_str(r, 1)), .based_on = db_int(r, 2),
                               .reason = arena_str(a, db_str(r, 3)), .decision = arena_str(a, db_str(r, 4)),
                               .from = db_int(r, 5), .changes = db_int(r, 6), .made_at = db_int(r, 8),
                               .forced_at = db_int(r, 10)};
    bool fine = (db_null(r, 7) || id_from_bytes(db_str(r, 7), &v->made_by) == OK) &&
                (db_null(r, 9) || id_from_bytes(db_str(r, 9), &v->forced_by) == OK);
    return fine ? OK : ERR_TAMPERED;
}

enum err plan_versions_db(struct db *db, struct arena *a, struct plan_version *out, size_t *n)
{
    struct db_rows *r;
    size_t count = 0;
    int64_t later = 0; // first day of the next one in force
    enum err e = db_query(db, &plan_versions_sql, DB_ARGS(DB_I(PLAN_VERSIONS_MAX)), &r);
    if (e)
        return e;
    for (; !e && count < PLAN_VERSIONS_MAX && db_next(r); count++) {
        e = head_read(a, r, &out[count]);
        out[count].until = out[count].from ? later : 0;
        later = out[count].from ? out[count].from : later;
    }
    enum err done = db_done(&r);
    e = done ? done : e ? e : arena_failed(a) ? ERR_MEMORY : OK;
    if (!e)
        *n = count;
    return e;
}

static enum err document_read(struct db *db, struct arena *a, const struct pack *p, struct plan_version *v)
{
    struct db_rows *r;
    struct buf why;
    enum err e = db_query(db, &plan_document_sql, DB_ARGS(DB_I(v->number)), &r);
    if (e)
        return e;
    bool found = db_next(r);
    v->document = found ? arena_str(a, db_str(r, 0)) : STR("");
    e = db_done(&r);
    if (e || !found)
        return e ? e : ERR_NOT_FOUND;
    buf_init(&why, 65536);
    e = pack_plan_read(p, a, v->document, &v->plan, &why);
    buf_free(&why);
    return e == ERR_INVALID ? ERR_TAMPERED : e; // it was read before it was written
}

// The newest of those in force whose day is `day` or earlier; else the first in force. number: that one, whatever it is.
static enum err find(struct db *db, struct arena *a, const struct pack *p, int64_t number, int64_t day, struct plan_version *out)
{
    struct plan_version *all = arena_array(a, PLAN_VERSIONS_MAX, sizeof *all), *found = NULL;
    size_t n = 0;
    enum err e = all ? plan_versions_db(db, a, all, &n) : ERR_MEMORY;
    for (size_t i = 0; i < n && !e; i++) {
        bool this = number ? all[i].number == number : all[i].from && (!found || found->from > day);
        found = this ? &all[i] : found;
    }
    e = e ? e : found ? document_read(db, a, p, found) : ERR_NOT_FOUND;
    if (!e)
        *out = *found;
    return e;
}

enum err plan_version_db(struct db *db, struct arena *a, const struct pack *p, int64_t number, struct plan_version *out)
{
    return number > 0 ? find(db, a, p, number, 0, out) : ERR_NOT_FOUND;
}

enum err plan_version_of_year_db(struct db *db, struct arena *a, const struct pack *p, int64_t year, struct plan_version *out)
{
    return find(db, a, p, 0, year * 10000 + 101, out);
}

enum err plan_version_on_day_db(struct db *db, struct arena *a, const struct pack *p, int64_t day, struct plan_version *out)
{
    return find(db, a, p, 0, day, out);
}

enum err plan_begin_db(struct db *db, const struct pack *p, int64_t now)
{
    const struct pack_plan *x = pack_plan(p);
    if (!x)
        return OK;
    struct buf signed_by;
    buf_init(&signed_by, 16 * 1024);
    for (size_t i = 0; i < x->n_signatures; i++)
        buf_printf(&signed_by, "%s%.*s (%.*s)", i ? ", " : "", STR_ARG(x->signature[i].person), STR_ARG(x->signature[i].institution));
    enum err e = buf_ok(&signed_by);
    e = e ? e
        : db_exec(db, &plan_begin_sql, DB_ARGS(DB_I(1), DB_T(pack_words(p, x->title, NULL)), DB_T(pack_plan_text(p)),
                                               DB_T(text_arg_str(buf_str(&signed_by))), DB_I(x->years[0] * 10000 + 101),
                                               DB_I(now)), NULL);
    buf_free(&signed_by);
    return e;
}

// What records use, and what a change is called.
#include <string.h>
#include <time.h>
#include "country/country.h"
#include "pack/plan.h"

#define FAULTS_MAX 32768 // bytes

// Where the value of a list stands in the clear. Lists that are not here are only ever sealed, or asked and not kept.
DB_QUERY(used_category_sql, "t", "i", "select count(*) from (select category from desk.report where category = $1 "
         "union all select category from desk.case_file where category = $1 limit 1) x");
DB_QUERY(used_county_sql, "t", "i", "select count(*) from (select county from desk.report where county = $1 "
         "union all select county from desk.case_file where county = $1 union all select county from desk.directory_entry where county = $1 "
         "union all select county from desk.entry where county = $1 limit 1) x");
DB_QUERY(used_language_sql, "t", "i", "select count(*) from (select language from desk.report where language = $1 "
         "union all select language from desk.person where language = $1 limit 1) x");
DB_QUERY(used_room_sql, "t", "i", "select count(*) from (select room from desk.unit where room = $1 limit 1) x");
DB_QUERY(used_type_sql, "t", "i", "select count(*) from (select type from desk.institution where type = $1 limit 1) x");
DB_QUERY(used_ground_sql, "t", "i", "select count(*) from (select ground from desk.referral where ground = $1 limit 1) x");
DB_QUERY(used_purpose_sql, "t", "i", "select count(*) from (select purpose from desk.referral where purpose = $1 limit 1) x");
DB_QUERY(used_outcome_sql, "t", "i", "select count(*) from (select outcome from desk.referral where outcome = $1 limit 1) x");
DB_QUERY(used_case_outcome_sql, "t", "i", "select count(*) from (select outcome from desk.case_file where outcome = $1 limit 1) x");
DB_QUERY(used_route_sql, "t", "i", "select count(*) from (select kind from desk.case_route where kind = $1 limit 1) x");
DB_QUERY(used_hold_sql, "t", "i", "select count(*) from (select reason from desk.retention_hold where reason = $1 limit 1) x");
DB_QUERY(used_erasure_sql, "t", "i", "select count(*) from (select reason from desk.erasure where reason = $1 limit 1) x");
DB_QUERY(used_access_sql, "t", "i", "select count(*) from (select reason from desk.access where reason = $1 limit 1) x");
DB_QUERY(used_identity_sql, "t", "i", "select count(*) from (select identity from desk.access where identity = $1 limit 1) x");
DB_QUERY(used_spam_sql, "t", "i", "select count(*) from (select reason from desk.bulk where reason = $1 limit 1) x");
DB_QUERY(used_subject_sql, "t", "i", "select count(*) from (select subject from desk.directory_entry where subject = $1 "
         "union all select subject from desk.topic where subject = $1 limit 1) x");
// $2 "*": rows at any stage.
DB_QUERY(used_register_sql, "tt", "i", "select count(*) from (select register from desk.entry where register = $1 and (stage = $2 or $2 = '*') limit 1) x");
// $2 "*": a rule for all categories. A report or case that has ended goes by it.
DB_QUERY(used_report_rule_sql, "tt", "i", "select count(*) from (select state from desk.report where state = $1 and (category = $2 or $2 = '*') limit 1) x");
DB_QUERY(used_case_rule_sql, "tt", "i", "select count(*) from (select state from desk.case_file where state = $1 and (category = $2 or $2 = '*') limit 1) x");
// A referral that may still be asked about, added to or handed back.
DB_QUERY(used_template_sql, "tt", "i", "select count(*) from (select r.purpose from desk.referral r join desk.unit u on u.id = r.to_unit "
         "join desk.institution i on i.id = u.institution where r.purpose = $1 and (i.type = $2 or $2 = '*') "
         "and r.state in ('sent', 'accepted', 'asked') limit 1) x");

// Versions of the plan; a draft is not in the way.
DB_QUERY(used_plans_sql, "i", "t", "select document from desk.plan_version where from_day is not null order by number desc limit $1");

#define PLANS_MAX 200
#define PLAN_ARENA (16u << 20)

static const struct { const char *list; const struct db_query *query; } lists[] = {
    {"category", &used_category_sql},         {"county", &used_county_sql},
    {"language", &used_language_sql},         {"room", &used_room_sql},
    {"institution_type", &used_type_sql},     {"legal_ground", &used_ground_sql},
    {"referral_purpose", &used_purpose_sql},  {"referral_outcome", &used_outcome_sql},
    {"case_outcome", &used_case_outcome_sql}, {"route_kind", &used_route_sql},
    {"hold_reason", &used_hold_sql},          {"erasure_reason", &used_erasure_sql},
    {"access_reason", &used_access_sql},      {"identity_check", &used_identity_sql},
    {"spam_reason", &used_spam_sql},          {"directory_subject", &used_subject_sql},
};

struct used { struct store *store; const struct pack_use *use; bool found; struct arena *arena; };

// Can the fresh pack read this version?
static enum err plan_reads(const struct used *u, struct str document, bool *reads)
{
    struct arena *a = NULL;
    const struct pack_plan *plan;
    struct buf why;
    buf_init(&why, FAULTS_MAX);
    enum err e = arena_new(PLAN_ARENA, &a);
    e = e ? e : pack_plan_read(u->use->fresh, a, document, &plan, &why);
    *reads = e != ERR_INVALID;
    struct str lines = buf_str(&why), line = str_cut(&lines, '\n');
    if (e == ERR_INVALID)
        *u->use->said = arena_str(u->arena, str_slice(line, 0, 200));
    buf_free(&why);
    arena_free(&a);
    return e == ERR_INVALID ? OK : e;
}

static enum err plans_read(struct db *db, struct used *u)
{
    struct db_rows *r = NULL;
    enum err e = db_query(db, &used_plans_sql, DB_ARGS(DB_I(PLANS_MAX)), &r);
    if (e)
        return e;
    for (bool reads = true; !e && reads && db_next(r); u->found = !reads)
        e = plan_reads(u, db_str(r, 0), &reads);
    enum err done = db_done(&r);
    return e ? e : done;
}

static enum err used_db(struct db *db, void *arg)
{
    struct used *u = arg;
    struct db_rows *r = NULL;
    const struct db_query *query = NULL;
    enum err e;
    u->found = false;
    if (strcmp(u->use->what, "plan") == 0)
        return plans_read(db, u);
    if (strcmp(u->use->what, "retention") == 0) {
        query = str_equal_z(u->use->a, "case") ? &used_case_rule_sql : &used_report_rule_sql;
        e = db_query(db, query, DB_ARGS(DB_T(u->use->b), DB_T(u->use->c)), &r);
    } else if (strcmp(u->use->what, "template") == 0) {
        e = db_query(db, &used_template_sql, DB_ARGS(DB_T(u->use->a), DB_T(u->use->b)), &r);
    } else if (strcmp(u->use->what, "register") == 0) {
        e = db_query(db, &used_register_sql, DB_ARGS(DB_T(u->use->a), DB_T(u->use->b)), &r);
    } else {
        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
            query = strcmp(lists[i].list, u->use->what) == 0 ? lists[i].query : query;
        if (!query)
            return OK;
        e = db_query(db, query, DB_ARGS(DB_T(u->use->a)), &r);
    }
    if (e)
        return e;
    u->found = db_next(r) && db_int(r, 0) > 0;
    return db_done(&r);
}

struct looking { struct store *store; struct arena *arena; };

static enum err used(void *ctx, const struct pack_use *use, bool *out)
{
    const struct looking *l = ctx;
    struct used u = {.store = l->store, .use = use, .arena = l->arena};
    enum err e = store_read(u.store, used_db, &u);
    if (!e)
        *out = u.found;
    return e;
}

enum err country_look(struct store *store, const struct pack *running, const char *dir, int64_t now, struct arena *arena,
                      struct country_look *out)
{
    *out = (struct country_look){0};
    buf_init(&out->faults, FAULTS_MAX);
    enum err e = pack_open(dir, &out->fresh, &out->faults);
    if (e)
        return e == ERR_MEMORY ? e : OK;
    out->same = memcmp(pack_hash(running), pack_hash(out->fresh), PACK_HASH_BYTES) == 0;
    struct tm day;
    time_t seconds = (time_t)(now / 1000000);
    if (!localtime_r(&seconds, &day))
        return ERR_BUG;
    return pack_compare(running, out->fresh, day.tm_year + 1900, used, &(struct looking){store, arena}, arena, &out->changes);
}

void country_look_free(struct country_look *l)
{
    pack_close(&l->fresh);
    buf_free(&l->faults);
}

struct str country_sentence(struct arena *a, const struct lang *l, const struct pack_change *c)
{
    static const enum message sentences[PACK_CHANGE_KINDS] = {
        [PACK_CHANGED] = MSG_COUNTRY_CHANGED,
        [PACK_SHORTER] = MSG_COUNTRY_SHORTER,
        [PACK_REFUSED_COUNTRY] = MSG_COUNTRY_REFUSED_COUNTRY,
        [PACK_REFUSED_LANGUAGE] = MSG_COUNTRY_REFUSED_LANGUAGE,
        [PACK_REFUSED_QUESTIONS] = MSG_COUNTRY_REFUSED_QUESTIONS,
        [PACK_REFUSED_QUESTIONS_GONE] = MSG_COUNTRY_REFUSED_QUESTIONS_GONE,
        [PACK_REFUSED_QUESTIONS_LOWER] = MSG_COUNTRY_REFUSED_QUESTIONS_LOWER,
        [PACK_REFUSED_PROTOCOL] = MSG_COUNTRY_REFUSED_PROTOCOL,
        [PACK_REFUSED_PROTOCOL_GONE] = MSG_COUNTRY_REFUSED_PROTOCOL_GONE,
        [PACK_REFUSED_YEAR] = MSG_COUNTRY_REFUSED_YEAR,
        [PACK_REFUSED_USED] = MSG_COUNTRY_REFUSED_USED,
        [PACK_REFUSED_RETENTION] = MSG_COUNTRY_REFUSED_RETENTION,
        [PACK_REFUSED_TEMPLATE] = MSG_COUNTRY_REFUSED_TEMPLATE,
        [PACK_REFUSED_PLAN] = MSG_COUNTRY_REFUSED_PLAN,
    };
    struct buf b;
    buf_init(&b, 2048);
    text_put(&b, l, sentences[c->kind], TEXT_ARGS(TEXT_S("place", c->place), TEXT_S("before", c->before), TEXT_S("after", c->after)));
    struct str s = arena_str(a, buf_str(&b));
    buf_free(&b);
    return s;
}

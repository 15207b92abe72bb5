#include "register/counts.h"
#include <string.h>
#include "register/store.h"

DB_QUERY(counts_walk_sql, "i", "tbtit",
         "select register, institution, county, day, facts from desk.entry_tally where (demo = 0 or $1 = 1) and facts is not null");
DB_QUERY(counts_one_sql, "it", "tbtit", "select register, institution, county, day, facts from desk.entry_tally "
         "where register = $2 and (demo = 0 or $1 = 1) and facts is not null");
// Rows from before the tally was kept, each with what is counted of it: a line of nothing, its values, its stages.
#define OLD "select t.register, t.entry, t.institution, t.county, t.day, "
#define OLD_ROWS " where t.facts is null and (t.demo = 0 or $1 = 1) "
DB_QUERY(counts_old_sql, "i", "tibtittii", "select * from (" OLD "'' as field, '' as value, cast(0 as bigint) as n, cast(0 as bigint) as part from desk.entry_tally t" OLD_ROWS
         "union all " OLD "v.field, v.value, v.n, cast(1 as bigint) from desk.entry_tally t join desk.entry_value v on v.entry = t.entry" OLD_ROWS
         "union all " OLD "'', s.stage, s.day, cast(2 as bigint) from desk.entry_tally t join desk.entry_stage s on s.entry = t.entry" OLD_ROWS ") x order by 1, 2, 9");
DB_QUERY(counts_gaps_sql, "titt", "i", "select count(*) from desk.entry e where e.register = $1 and e.counts = 1 and (e.demo = 0 or $2 = 1) "
         "and not exists (select 1 from desk.entry_value v join desk.entry f on f.seq = v.entry where v.target = e.id and v.field = $3 "
         "and f.counts = 1 and f.stage = $4 and (f.demo = 0 or $2 = 1))");

#define FACTS 300 // of one row: its values (ENTRY_FACETS_MAX) and stages

struct walk {
    const struct entry_ask *ask;
    size_t n;
    int64_t from, to;
    entry_count_fn *fn;
    void *ctx;
    struct str only;             // of entry_facts_db: its register
    entry_facts_fn *each;
    // of the register that is walked
    struct str reg;
    char reg_bytes[64];
    size_t now[ENTRY_ASKS_MAX], n_now;
    struct entry_counted fact[FACTS];
    size_t n_facts;
};

static int64_t number(const char *at, const char *end)
{
    bool minus = at < end && *at == '-';
    int64_t n = 0;
    for (at += minus; at < end; at++)
        n = n * 10 + (*at - '0');
    return minus ? -n : n;
}

static void facts_read(struct walk *w, struct str facts)
{
    w->n_facts = 0;
    for (const char *at = facts.at, *end = facts.at + facts.n; at < end && w->n_facts < FACTS;) {
        const char *line = memchr(at, '\n', (size_t)(end - at)), *field = line ? memchr(at, '\t', (size_t)(line - at)) : NULL,
                   *value = field ? memchr(field + 1, '\t', (size_t)(line - field - 1)) : NULL;
        if (!value)
            return;
        w->fact[w->n_facts++] = (struct entry_counted){{at, (size_t)(field - at)}, {field + 1, (size_t)(value - field - 1)}, number(value + 1, line)};
        at = line + 1;
    }
}

static bool holds(const struct walk *w, const struct entry_where *x)
{
    for (size_t i = 0; i < w->n_facts; i++) {
        if (!str_equal(w->fact[i].field, x->field))
            continue;
        for (size_t k = 0; k < x->n; k++)
            if (str_equal(w->fact[i].value, x->is[k]))
                return true;
        if (x->n == 0)
            return true;
    }
    return false;
}

static int64_t stage_day(const struct walk *w, struct str stage) // 0: not reached
{
    for (size_t i = 0; i < w->n_facts; i++)
        if (w->fact[i].field.n == 0 && str_equal(w->fact[i].value, stage))
            return w->fact[i].n;
    return 0;
}

static enum err values_told(struct walk *w, size_t i, struct entry_count *c)
{
    const struct entry_ask *ask = &w->ask[i];
    enum err e = OK;
    for (size_t k = 0; k < w->n_facts && !e; k++)
        if (str_equal(w->fact[k].field, ask->field)) {
            c->value = w->fact[k].value;
            c->n = ask->what == ENTRY_SUM ? w->fact[k].n : 1;
            e = w->fn(w->ctx, i, c);
        }
    return e;
}

static enum err standing_told(struct walk *w, size_t i, struct entry_count *c)
{
    int64_t ends = w->ask[i].until.n ? stage_day(w, w->ask[i].until) : 0, begins = c->month;
    c->n = 1;
    enum err e = w->fn(w->ctx, i, c);
    if (!e && ends && ends < w->to) {
        c->month = ends / 100 > begins ? ends / 100 : begins;
        c->n = -1;
        e = w->fn(w->ctx, i, c);
    }
    return e;
}

// One row, its facts read.
static enum err row_told(struct walk *w, struct str institution, struct str county, int64_t day)
{
    struct id from;
    enum err e = id_from_bytes(institution, &from) ? ERR_TAMPERED : OK;
    if (w->each) {
        const struct entry_facts row = {from, day, w->n_facts, w->fact};
        return e ? e : w->each(w->ctx, &row);
    }
    for (size_t k = 0; k < w->n_now && !e; k++) {
        size_t i = w->now[k];
        const struct entry_ask *ask = &w->ask[i];
        int64_t at = ask->stage.n ? stage_day(w, ask->stage) : day;
        bool in = at > 0 && at < w->to && (at >= w->from || ask->what == ENTRY_STANDING);
        if (ask->begin && day / 100 < *ask->begin)
            *ask->begin = day / 100;
        for (size_t x = 0; x < ask->n_where && in; x++)
            in = holds(w, &ask->where[x]);
        if (!in)
            continue;
        struct entry_count c = {from, county, at / 100, STR(""), 1};
        e = ask->what == ENTRY_ROWS ? w->fn(w->ctx, i, &c) : ask->what == ENTRY_STANDING ? standing_told(w, i, &c) : values_told(w, i, &c);
    }
    return e;
}

// Which questions are about this register? Rows come register by register, or nearly so.
static void register_is(struct walk *w, struct str reg)
{
    if (str_equal(w->reg, reg))
        return;
    w->reg = (struct str){w->reg_bytes, reg.n < sizeof w->reg_bytes ? reg.n : 0};
    memcpy(w->reg_bytes, reg.at, w->reg.n);
    w->n_now = 0;
    for (size_t i = 0; i < w->n; i++)
        if (str_equal(w->ask[i].reg, reg))
            w->now[w->n_now++] = i;
    if (w->each)
        w->n_now = str_equal(reg, w->only);
}

static enum err walk_now(struct db *db, struct walk *w, bool demo)
{
    struct db_rows *r;
    enum err e = w->each ? db_query(db, &counts_one_sql, DB_ARGS(DB_I(demo), DB_T(w->only)), &r)
                         : db_query(db, &counts_walk_sql, DB_ARGS(DB_I(demo)), &r);
    if (e)
        return e;
    while (!e && db_next(r)) {
        register_is(w, db_str(r, 0));
        if (w->n_now > 0) {
            facts_read(w, db_str(r, 4));
            e = row_told(w, db_str(r, 1), db_str(r, 2), db_int(r, 3));
        }
    }
    enum err done = db_done(&r);
    return e ? e : done;
}

// The lines of one row come one after the other; it is told when the next begins.
struct old { struct buf facts; struct id institution; char county[200]; size_t county_n; int64_t entry, day; };

static enum err old_told(struct walk *w, const struct old *o)
{
    if (o->entry == 0 || w->n_now == 0)
        return OK;
    facts_read(w, text_arg_str(buf_str(&o->facts)));
    return row_told(w, STR_BYTES(o->institution.b), (struct str){o->county, o->county_n}, o->day);
}

static enum err walk_old(struct db *db, struct walk *w, bool demo)
{
    struct old o = {0};
    struct db_rows *r;
    enum err e = db_query(db, &counts_old_sql, DB_ARGS(DB_I(demo)), &r);
    if (e)
        return e;
    buf_init(&o.facts, 64 * 1024);
    while (!e && db_next(r)) {
        if (db_int(r, 1) != o.entry) {
            e = old_told(w, &o);
            register_is(w, db_str(r, 0));
            buf_clear(&o.facts);
            o.entry = db_int(r, 1);
            o.day = db_int(r, 4);
            o.county_n = db_str(r, 3).n < sizeof o.county ? db_str(r, 3).n : 0;
            memcpy(o.county, db_str(r, 3).at, o.county_n);
            e = e ? e : id_from_bytes(db_str(r, 2), &o.institution) ? ERR_TAMPERED : OK;
        }
        if (db_int(r, 8) > 0)
            entry_fact_put(&o.facts, db_str(r, 5), db_str(r, 6), db_int(r, 7));
    }
    enum err done = db_done(&r);
    e = e ? e : done ? done : buf_ok(&o.facts);
    e = e ? e : old_told(w, &o);
    buf_free(&o.facts);
    return e;
}

enum err entry_counts_db(struct db *db, const struct entry_ask *ask, size_t n, int64_t from, int64_t to, bool demo, entry_count_fn *fn, void *ctx)
{
    struct walk w = {.ask = ask, .n = n, .from = from, .to = to, .fn = fn, .ctx = ctx, .reg = {w.reg_bytes, 0}};
    if (n > ENTRY_ASKS_MAX)
        return ERR_TOO_LARGE;
    for (size_t i = 0; i < n; i++)
        if (ask[i].begin)
            *ask[i].begin = INT64_MAX;
    enum err e = walk_now(db, &w, demo);
    return e ? e : walk_old(db, &w, demo);
}

enum err entry_facts_db(struct db *db, struct str reg, bool demo, entry_facts_fn *fn, void *ctx)
{
    struct walk w = {.only = reg, .each = fn, .ctx = ctx, .reg = {w.reg_bytes, 0}};
    enum err e = walk_now(db, &w, demo);
    return e ? e : walk_old(db, &w, demo);
}

enum err entry_gaps_db(struct db *db, const struct pack *p, struct str reg, bool demo, int64_t *out)
{
    const struct pack_register *x = pack_register(p, reg);
    struct db_rows *r;
    *out = 0;
    if (!x || x->filler.n == 0)
        return OK;
    enum err e = db_query(db, &counts_gaps_sql, DB_ARGS(DB_T(x->code), DB_I(demo), DB_T(x->filler_field), DB_T(x->filler_stage)), &r);
    if (e)
        return e;
    if (db_next(r))
        *out = db_int(r, 0);
    return db_done(&r);
}

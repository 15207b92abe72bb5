// The plan on both engines: versions that never change once in force, targets from table files, and for every indicator that is
// live a real record that moves it.
#include "store_test.h"
#include "country.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "exchange/exchange.h"
#include "figures/counts.h"
#include "figures/figures.h"
#include "people/people.h"
#include "plan/year.h"
#include "register/register.h"

static struct services sv;
static struct buf out;
static struct arena *arena;
static const struct pack_plan *plan;
static struct id somebody;
static int64_t now;              // 15 December 2019, noon
static const char UNIT[] = "aa000000000000000000000000000001";
#define YEAR 2019
#define DAY "2019-10-15" // the quarter that runs

// Ids as this engine writes them in a statement.
static const char *bytes(const char *hex)
{
    static char text[8][80];
    static int i;
    i = (i + 1) % 8;
    snprintf(text[i], sizeof text[i], store_test_sqlite() ? "x'%s'" : "'\\x%s'::bytea", hex);
    return text[i];
}

static void sql(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void sql(const char *format, ...)
{
    static char text[8192];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    store_test_sql(text);
}

static enum err begin_write(struct db *db, void *arg)
{
    (void)arg;
    enum err e = people_setup_institutions(db, sv.pack);
    return e ? e : plan_begin_db(db, sv.pack, now);
}

// Answers first for the unit: a member of it.
static void contact(const char *unit)
{
    sql("insert into desk.member (unit, person) values (%s, %s)", bytes(unit), bytes("cc000000000000000000000000000001"));
    sql("insert into desk.contact (unit, person, place) values (%s, %s, 1)", bytes(unit), bytes("cc000000000000000000000000000001"));
}

static int setup(void **state)
{
    (void)state;
    store_test_country(&sv, &out);
    sv.store = store_test_open("desk", "desk", "intake");
    sv.roles = people_role_table();
    plan = pack_plan(sv.pack);
    somebody = id_random();
    now = INT64_C(1576407600000000);
    assert_int_equal(plan_day(now), 20191215);
    assert_int_equal(store_write(sv.store, begin_write, NULL), OK);
    sql("insert into desk.unit (id, institution, room, name) select %s, id, 'desk', '' from desk.institution where code = 'ISIGURT'", bytes(UNIT));
    sql("insert into desk.unit (id, institution, room, name) select %s, id, 'exchange', '' from desk.institution where code = 'AKEP'", bytes("aa000000000000000000000000000002"));
    sql("insert into desk.unit (id, institution, room, name) select %s, id, 'exchange', '' from desk.institution where code = 'MASR'", bytes("aa000000000000000000000000000003"));
    sql("insert into desk.person (id, username, name, fold, mail, language, institution, roles, disabled) select %s, 'kontakti', 'Kontakti', 'kontakti', '', 'sq', id, 0, 0 from "
        "desk.institution limit 1", bytes("cc000000000000000000000000000001"));
    contact("aa000000000000000000000000000002");
    sql("insert into desk.protocol_force (version, number, decided, digest, person, at) values (1, '1', 0, %s, %s, 0)", bytes("00"), bytes("cc000000000000000000000000000001"));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_close(sv.store);
    pack_close(&sv.pack);
    buf_free(&out);
    return 0;
}

static int each_setup(void **state)
{
    (void)state;
    return arena_new(64 << 20, &arena);
}

static int each_teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

// ── versions ──
struct versioning { enum err (*fn)(struct db *, struct versioning *); int64_t number, changes, from, year, day; struct str document; struct plan_version v; size_t n; };
static enum err versioning_run(struct db *db, void *arg) { struct versioning *v = arg; return v->fn(db, v); }
static enum err reads(struct versioning *v) { return store_read(sv.store, versioning_run, v); }
static enum err writes(struct versioning *v) { return store_write(sv.store, versioning_run, v); }

static enum err v_draft(struct db *db, struct versioning *v) { return plan_draft_db(db, arena, sv.pack, STR("Plani i dytë"), STR("Një tregues i ri"), somebody, now, &v->number); }
static enum err v_put(struct db *db, struct versioning *v) { return plan_document_put_db(db, v->number, v->changes, STR("Plani i dytë"), v->document); }
static enum err v_drop(struct db *db, struct versioning *v) { return plan_draft_drop_db(db, v->number, v->changes); }
static enum err v_force(struct db *db, struct versioning *v) { return plan_force_db(db, v->number, v->changes, v->from, STR("Një tregues i ri"), STR("Vendim 7"), somebody, now); }
static enum err v_read(struct db *db, struct versioning *v) { return plan_version_db(db, arena, sv.pack, v->number, &v->v); }
static enum err v_year(struct db *db, struct versioning *v) { return plan_version_of_year_db(db, arena, sv.pack, v->year, &v->v); }
static enum err v_day(struct db *db, struct versioning *v) { return plan_version_on_day_db(db, arena, sv.pack, v->day, &v->v); }

static enum err difference(void *ctx, const struct plan_difference *d)
{
    struct versioning *v = ctx;
    assert_int_equal(d->number, 2);
    if (str_equal_z(d->member, "direction"))
        assert_true(str_equal_z(d->before, "\"none\"") && str_equal_z(d->after, "\"up\""));
    v->n++;
    return OK;
}
static enum err v_history(struct db *db, struct versioning *v) { return plan_item_history_db(db, arena, "indicators", STR("1.3.c"), difference, v); }

static void versions(void **state)
{
    (void)state;
    struct versioning v = {.fn = v_read, .number = 1};
    assert_int_equal(reads(&v), OK);
    assert_int_equal(v.v.plan->n_indicators, 69);
    assert_true(v.v.from == 20180101 && v.v.until == 0 && id_zero(v.v.made_by) && v.v.decision.n > 0);
    assert_int_equal(plan_version_state(&v.v, 20191215), PLAN_IN_FORCE);
    assert_int_equal(store_write(sv.store, begin_write, NULL), OK); // once only
    assert_int_equal(store_test_number("select count(*) from desk.plan_version"), 1);
    struct str first = v.v.document;

    struct versioning d = {.fn = v_draft};
    assert_int_equal(writes(&d), OK);
    assert_int_equal(d.number, 2);
    struct versioning again = {.fn = v_draft};
    assert_int_equal(writes(&again), ERR_CONFLICT); // one draft at a time
    // An indicator is changed in the draft, seen by the second of two who change it.
    struct str item = plan_document_item(arena, first, "indicators", STR("1.3.c"));
    assert_true(item.n > 100 && str_find_str(item, STR("\"direction\":\"none\"")) > 0);
    ptrdiff_t at = str_find_str(item, STR("\"direction\":\"none\""));
    item = arena_printf(arena, "%.*s\"direction\":\"up\"%.*s", (int)at, item.at, (int)(item.n - (size_t)at - 18), item.at + at + 18);
    d.document = plan_document_with(arena, first, "indicators", item);
    assert_true(d.document.n > 0);
    d.fn = v_put;
    d.changes = 1;
    assert_int_equal(writes(&d), OK);
    assert_int_equal(writes(&d), ERR_CONFLICT);
    d.fn = v_read;
    assert_int_equal(reads(&d), OK);
    assert_int_equal(pack_plan_indicator(d.v.plan, STR("1.3.c"))->direction, PACK_PLAN_UP);
    assert_true(d.v.changes == 2 && d.v.based_on == 1 && d.v.from == 0);
    // Into force in the middle of a year: not before the one it follows, and only once.
    d.fn = v_force;
    d.changes = 2;
    d.from = 20180101;
    assert_int_equal(writes(&d), ERR_INVALID);
    d.from = 20190701;
    assert_int_equal(writes(&d), OK);
    assert_int_equal(writes(&d), ERR_INVALID);
    d.fn = v_put;
    d.changes = 3;
    assert_int_equal(writes(&d), ERR_CONFLICT); // never changed once in force
    d.fn = v_drop;
    assert_int_equal(writes(&d), ERR_CONFLICT);
    // The year that had begun keeps its basis.
    struct versioning y = {.fn = v_year, .year = 2019};
    assert_int_equal(reads(&y), OK);
    assert_int_equal(y.v.number, 1);
    assert_true(str_equal(y.v.document, first) && y.v.until == 20190701);
    assert_int_equal(plan_version_state(&y.v, 20190630), PLAN_IN_FORCE);
    assert_int_equal(plan_version_state(&y.v, 20190701), PLAN_CLOSED);
    y.year = 2020;
    assert_int_equal(reads(&y), OK);
    assert_int_equal(y.v.number, 2);
    y.year = 2010; // before all: the first
    assert_int_equal(reads(&y), OK);
    assert_int_equal(y.v.number, 1);
    y.fn = v_day;
    y.day = 20190630;
    assert_int_equal(reads(&y), OK);
    assert_int_equal(y.v.number, 1);
    y.day = 20190701;
    assert_int_equal(reads(&y), OK);
    assert_int_equal(y.v.number, 2);
    y.fn = v_read;
    y.number = 3;
    assert_int_equal(reads(&y), ERR_NOT_FOUND);
    struct versioning h = {.fn = v_history};
    assert_int_equal(reads(&h), OK);
    assert_int_equal(h.n, 1); // the direction, nothing else
    assert_int_equal(plan_document_with(arena, first, "indicators", STR("[1]")).n, 0);
    assert_int_equal(plan_document_with(arena, STR("{"), "indicators", item).n, 0);
    assert_int_equal(plan_document_item(arena, first, "indicators", STR("9.9")).n, 0);
}

// ── targets ──
struct targeting { struct plan_targets_file f; struct plan_target t; struct plan_target *all; size_t n; };
static enum err file_put(struct db *db, void *arg) { return plan_targets_put_db(db, &((struct targeting *)arg)->f, somebody, now); }
static enum err one_put(struct db *db, void *arg) { return plan_target_put_db(db, &((struct targeting *)arg)->t); }
static enum err all_read(struct db *db, void *arg) { struct targeting *t = arg; return plan_targets_db(db, arena, 2018, 2020, &t->all, &t->n); }
static enum err old_read(struct db *db, void *arg) { struct targeting *t = arg; return plan_target_history_db(db, arena, STR("1.3.a"), 2019, &t->all, &t->n); }

static struct plan_table file_read(const char *text, struct targeting *t)
{
    struct plan_table table = {.a = arena, .l = text_lang(STR("en"))};
    assert_int_equal(plan_targets_read(&table, plan, str_from(text), &t->f), OK);
    return table;
}

static void told(const struct plan_table *t, int64_t line, const char *column, const char *says)
{
    for (size_t i = 0; i < t->n_lines; i++)
        if (t->lines[i].line == line && str_equal_z(t->lines[i].column, column) && str_find_str(t->lines[i].message, str_from(says)) >= 0)
            return;
    for (size_t i = 0; i < t->n_lines; i++)
        print_error("%lld %.*s: %.*s\n", (long long)t->lines[i].line, STR_ARG(t->lines[i].column), STR_ARG(t->lines[i].message));
    fail_msg("line %lld, %s: %s was not told", (long long)line, column, says);
}

static void targets(void **state)
{
    (void)state;
    struct targeting t = {0};
    struct plan_table bad = file_read("\xef\xbb\xbf" "indicator;year;baseline;target;weight;rationale\r\n1.3.a;2019;0;120;1;\"Një për qark; dhjetë\"\r\n9.9.z;2019;0;1;1;\r\n"
                                      "1.3.a;2021;0;1;1;\r\n1.3.b;2019;x;1e3;0;\r\n1.3.a;2019;0;130;;\r\n1.3.b;2020;;;;pa shifra\r\n1.1.a;2018;0;1,5;2;=1+1;more\r\n", &t);
    told(&bad, 3, "indicator", "no indicator");
    told(&bad, 4, "year", "year of the plan");
    told(&bad, 5, "baseline", "Write a number");
    told(&bad, 5, "target", "Write a number");
    told(&bad, 5, "weight", "above 0");
    told(&bad, 6, "", "in line 2 already");
    told(&bad, 7, "", "a baseline, a target or a weight");
    told(&bad, 8, "", "more cells");
    assert_int_equal(bad.rows, 7);
    bad = file_read("indicator,target\n1.3.a,5\n", &t);
    told(&bad, 1, "year", "needs this column");
    bad = file_read("indicator,year,colour\n", &t);
    told(&bad, 1, "colour", "no such column");
    bad = file_read("indicator,year\n1.3.a,2019,\xeb\n", &t);
    told(&bad, 2, "", "UTF-8");
    assert_int_equal(file_read("", &t).rows, 0);
    struct plan_table fine = file_read("year,indicator,target,baseline,weight,rationale\n2019,1.3.a,120,40,2.5,'=arsyeja\n2019,1.4.c,\"62,5\",,,\n", &t);
    assert_int_equal(fine.faults, 0);
    assert_int_equal(t.f.n, 2);
    assert_int_equal(store_write(sv.store, file_put, &t), OK);
    assert_int_equal(store_write(sv.store, file_put, &t), OK); // the same again changes nothing
    assert_int_equal(store_test_number("select count(*) from desk.plan_target_version"), 2);
    assert_int_equal(store_read(sv.store, all_read, &t), OK);
    struct plan_target x = plan_target_of(t.all, t.n, STR("1.3.a"), 2019);
    assert_true(x.target == 120 * PLAN_ONE && x.baseline == 40 * PLAN_ONE && x.weight == 25000 && x.version == 1 && str_equal_z(x.rationale, "=arsyeja"));
    x = plan_target_of(t.all, t.n, STR("1.4.c"), 2019);
    assert_true(x.target == 625000 && x.baseline == PLAN_NOT_SET && x.weight == PLAN_ONE);
    assert_int_equal(plan_target_of(t.all, t.n, STR("1.4.c"), 2018).version, 0);
    t.t = plan_target_of(t.all, t.n, STR("1.3.a"), 2019);
    t.t.target = 150 * PLAN_ONE;
    assert_int_equal(store_write(sv.store, one_put, &t), OK);
    assert_int_equal(store_write(sv.store, one_put, &t), ERR_CONFLICT); // version 1 was looked at
    assert_int_equal(store_read(sv.store, old_read, &t), OK);
    assert_true(t.n == 2 && t.all[0].version == 2 && t.all[0].target == 150 * PLAN_ONE && t.all[1].target == 120 * PLAN_ONE);
}

// ── live figures ──
struct looking { struct plan_ask ask; struct plan_live live; struct plan_given given[4]; size_t n_given; };
static enum err live_read(struct db *db, void *arg) { struct looking *l = arg; return plan_live_db(db, arena, &l->ask, &l->live); }

static void look(struct looking *l)
{
    l->ask = (struct plan_ask){sv.pack, plan, YEAR, YEAR, now, l->ask.demo};
    assert_int_equal(store_read(sv.store, live_read, l), OK);
}

static bool value(const struct looking *l, size_t i, uint32_t place, struct plan_figure *f)
{
    struct plan_values v = {&l->live, l->given, l->n_given};
    bool partial;
    assert_int_equal(plan_figure_of(&v, i, PLAN_MONTH(YEAR, 1), PLAN_MONTH(YEAR, 12), place, f, &partial), OK);
    return f->has;
}

static int made;

// One row of a register that fits a term: fields that are needed or asked for, at a stage. county: where the register has one.
static void row_make(const struct pack_plan_term *t, const char *stage, struct str reg, struct id *id);
struct line { char text[4000]; size_t n; };
static void put(struct line *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct line *l, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    l->n += (size_t)vsnprintf(l->text + l->n, sizeof l->text - l->n, format, args);
    va_end(args);
}

static void field_put(struct line *l, const struct pack_plan_term *t, const struct pack_register_field *f)
{
    const struct pack_plan_where *where = NULL;
    for (size_t i = 0; t && i < t->n_where; i++)
        where = str_equal(t->where[i].field, f->name) ? &t->where[i] : where;
    bool asked = where || (t && str_equal(t->field, f->name)) || f->kind == PACK_COUNTY;
    struct str value = where && where->n ? where->is[0] : STR("");
    char hex[ID_HEX];
    struct id id;
    if (!f->required && !asked)
        return;
    switch (f->kind) {
    case PACK_CHOICE:
    case PACK_CHOICES:
        value = value.n ? value : pack_list_at(sv.pack, f->list.at, 0);
        break;
    case PACK_COUNTY:
        value = STR("Korçë");
        break;
    case PACK_DATE:
        value = STR(DAY);
        break;
    case PACK_NUMBER:
    case PACK_MONEY:
        value = f->min > 7 ? STR("2019") : STR("7");
        break;
    case PACK_INSTITUTION:
        value = STR("POLICIA");
        break;
    case PACK_URL:
        value = STR("https://faqja.example/");
        break;
    case PACK_ENTRY:
        row_make(NULL, NULL, f->of, &id);
        value = str_from(id_hex(id, hex));
        break;
    case PACK_COUNTS:
        put(l, "%s\"%.*s.f.14-17\": \"4\", \"%.*s.m.30\": \"3\"", l->text[l->n - 1] == '{' ? "" : ", ", STR_ARG(f->name), STR_ARG(f->name));
        return;
    default:
        value = STR("I sajuar");
    }
    put(l, "%s\"%.*s\": \"%.*s\"", l->text[l->n - 1] == '{' ? "" : ", ", STR_ARG(f->name), STR_ARG(value));
}

static enum err sample_write(struct db *db, void *arg)
{
    struct arena *a = NULL;
    enum err e = arena_new(4 << 20, &a);
    e = e ? e : entry_setup_sample(db, a, sv.pack, str_from(arg), somebody, now);
    arena_free(&a);
    return e;
}

static void row_make(const struct pack_plan_term *t, const char *stage, struct str reg, struct id *id)
{
    struct line l = {.n = 0};
    const struct pack_register *r = pack_register(sv.pack, reg);
    assert_non_null(r);
    char hex[ID_HEX];
    made++;
    *id = (struct id){{0xe0, (uint8_t)(made >> 8), (uint8_t)made}};
    put(&l, "{\"id\": \"%s\", \"register\": \"%.*s\", \"institution\": \"%s\", \"state\": \"%s\", \"stages\": [", id_hex(*id, hex), STR_ARG(reg),
        r->confirmer.n ? "ISP" : "MASR", r->confirmer.n ? "confirmed" : "entered");
    if (stage && !str_equal_z(r->stage[0].value, stage))
        put(&l, "[\"%s\", \"" DAY "\"]", stage);
    put(&l, "], \"fields\": {");
    for (size_t i = 0; i < r->n_fields; i++)
        field_put(&l, t, &r->field[i]);
    put(&l, "}}");
    enum err e = store_write(sv.store, sample_write, l.text);
    if (e)
        fail_msg("%s: %s", err_name(e), l.text);
}

static void report_make(const char *state, const char *county)
{
    char hex[33];
    snprintf(hex, sizeof hex, "%032x", ++made);
    sql("insert into desk.report (id, received, category, urgency_computed, in_danger, county, language, kid, thread, thread_kid, unit, urgency, state, take_due) "
        "values (%s, %lld, 'SEXT', 2, 0, '%s', 'sq', %s, %s, %s, %s, 2, '%s', 0)", bytes(hex), (long long)(now - CLOCK_DAY), county, bytes("00"), bytes("00"), bytes("00"), bytes(UNIT), state);
}

static void case_make(const char *outcome, const char *county)
{
    char hex[33];
    snprintf(hex, sizeof hex, "dd%030x", ++made);
    sql("insert into desk.case_file (id, number, opened, owner, category, county, urgency, state, version, state_at, outcome, kid, generation) "
        "values (%s, '2019-%04d', %lld, %s, 'SEXT', '%s', 1, 'closed', 1, %lld, '%s', %s, 0)", bytes(hex), made, (long long)(now - 9 * CLOCK_DAY), bytes(UNIT), county,
        (long long)(now - CLOCK_DAY), outcome, bytes("00"));
}

// A record that this term counts. A percentage's denominator moves too where the record belongs to it.
static void record_make(struct looking *l, const struct pack_plan_term *t)
{
    struct id id;
    char stage[40] = "";
    if (t->stage.n || t->n_points)
        snprintf(stage, sizeof stage, "%.*s", STR_ARG(t->n_points ? t->point[0].stage : t->stage));
    switch (t->of) {
    case PACK_PLAN_OF_REGISTER:
        for (int64_t i = 0; i < t->least; i++)
            row_make(t, stage[0] ? stage : NULL, t->reg, &id);
        return;
    case PACK_PLAN_OF_REPORT:
        report_make("new", "Korçë");
        return;
    case PACK_PLAN_OF_CASE:
        snprintf(stage, sizeof stage, "%.*s", STR_ARG(t->n_is ? t->is[0] : STR("other")));
        case_make(stage, "Korçë");
        return;
    case PACK_PLAN_OF_NETWORK:
        if (t->measure == PACK_PLAN_CONTACTS)
            contact("aa000000000000000000000000000003");
        else if (t->measure == PACK_PLAN_ACCEPTED)
            sql("insert into desk.protocol_accepted (unit, version, person, at) values (%s, 1, %s, 0)", bytes("aa000000000000000000000000000003"), bytes("cc000000000000000000000000000001"));
        return;
    case PACK_PLAN_OF_PLAN:
        if (t->measure == PACK_PLAN_GAPS) {
            row_make(NULL, NULL, STR("committee_seat"), &id);
            return;
        }
        assert_int_equal(t->measure, PACK_PLAN_FIGURE);
        size_t of = (size_t)(pack_plan_indicator(plan, t->field) - plan->indicator);
        if (plan->indicator[of].source == PACK_PLAN_LIVE)
            record_make(l, &plan->indicator[of].count[0]);
        else
            l->given[l->n_given++] = (struct plan_given){of, PLAN_MONTH(YEAR, 1), PLAN_MONTH(YEAR, 12), PLAN_NOWHERE, 1, 500 * PLAN_ONE, 0};
    }
}

static void every_live_indicator_moves(void **state)
{
    (void)state;
    struct looking l = {.ask.demo = true};
    size_t live = 0;
    for (size_t i = 0; i < plan->n_indicators; i++) {
        const struct pack_plan_indicator *x = &plan->indicator[i];
        struct plan_figure before, after;
        if (x->source == PACK_PLAN_ENTRY)
            continue;
        l.n_given = 0;
        sql("delete from desk.entry_tally; delete from desk.entry_value; delete from desk.entry_stage; delete from desk.entry_word; delete from desk.entry_version; "
            "delete from desk.entry; delete from desk.report; delete from desk.case_file");
        if (x->part == PACK_PLAN_DENOMINATOR)
            l.given[l.n_given++] = (struct plan_given){i, PLAN_MONTH(YEAR, 1), PLAN_MONTH(YEAR, 12), PLAN_NOWHERE, 1, 0, 900 * PLAN_ONE};
        for (size_t k = 0; k < x->n_of; k++)
            record_make(&l, &x->of[k]); // something to divide by
        look(&l);
        bool was = value(&l, i, plan_country(sv.pack), &before);
        assert_true(plan_nature(x->count, x->n_count) != PLAN_NOT_COUNTED);
        for (size_t k = 0; k < x->n_count; k++)
            record_make(&l, &x->count[k]);
        look(&l);
        if (!value(&l, i, plan_country(sv.pack), &after) || (was && after.n <= before.n))
            fail_msg("%.*s did not move: %lld of %lld, then %lld of %lld", STR_ARG(x->code), (long long)before.n, (long long)before.of, (long long)after.n, (long long)after.of);
        if (x->kind == PACK_PLAN_PERCENT)
            assert_true(after.of > 0);
        live++;
    }
    assert_int_equal(live, 47);
    for (size_t i = 0; i < plan->n_indicators; i++) // a record of each again, for what follows
        for (size_t k = 0; k < plan->indicator[i].n_count; k++)
            if (plan->indicator[i].count[k].of != PACK_PLAN_OF_NETWORK && plan->indicator[i].count[k].of != PACK_PLAN_OF_PLAN)
                record_make(&l, &plan->indicator[i].count[k]);
    // Rows of the demonstration count only where they are asked for.
    l.ask.demo = false;
    look(&l);
    for (size_t i = 0; i < plan->n_indicators; i++) {
        struct plan_figure f;
        if (plan->indicator[i].source == PACK_PLAN_LIVE && plan->indicator[i].count[0].of == PACK_PLAN_OF_REGISTER)
            assert_false(value(&l, i, plan_country(sv.pack), &f)); // no row of the register that is real: nothing is known
    }
}

static void what_is_counted_and_when(void **state)
{
    (void)state;
    struct looking l = {.ask.demo = true};
    struct plan_figure f;
    const size_t reports = (size_t)(pack_plan_indicator(plan, STR("1.3.c")) - plan->indicator), trainings = (size_t)(pack_plan_indicator(plan, STR("1.3.a")) - plan->indicator),
                 signed_ones = (size_t)(pack_plan_indicator(plan, STR("3.2.a")) - plan->indicator), cases = (size_t)(pack_plan_indicator(plan, STR("4.1.c")) - plan->indicator);
    look(&l);
    assert_true(value(&l, reports, plan_country(sv.pack), &f));
    int64_t before = f.n;
    report_make("spam", "Korçë");
    report_make("duplicate", "Korçë");
    report_make("closed", "Vlorë");
    look(&l);
    assert_true(value(&l, reports, plan_country(sv.pack), &f));
    assert_int_equal(f.n, before + PLAN_ONE);
    assert_true(value(&l, reports, plan_place_of(sv.pack, STR("Vlorë")), &f));
    assert_int_equal(f.n, PLAN_ONE);
    assert_true(value(&l, reports, plan_place_of(sv.pack, STR("Berat")), &f)); // known, and none
    assert_int_equal(f.n, 0);
    // By county where the register tells one; the sum of counties is the country's.
    int64_t sum = 0, all;
    assert_true(value(&l, trainings, plan_country(sv.pack), &f));
    all = f.n;
    for (uint32_t p = 0; p < plan_country(sv.pack); p++) {
        assert_true(value(&l, trainings, p, &f));
        sum += f.n;
    }
    assert_int_equal(sum, all);
    // An indicator without counties says nothing of one.
    assert_false(value(&l, signed_ones, plan_place_of(sv.pack, STR("Korçë")), &f));
    // Before the first record nothing is known; months to come have nothing; in between none is zero.
    struct plan_values v = {&l.live, NULL, 0};
    bool partial;
    assert_int_equal(plan_figure_of(&v, trainings, PLAN_MONTH(YEAR, 1), PLAN_MONTH(YEAR, 9), plan_country(sv.pack), &f, &partial), OK);
    assert_false(f.has);
    assert_int_equal(plan_figure_of(&v, trainings, PLAN_MONTH(YEAR, 11), PLAN_MONTH(YEAR, 12), plan_country(sv.pack), &f, &partial), OK);
    assert_true(f.has && f.n == 0);
    // What stands stays: signed in October, in force in December.
    assert_int_equal(plan_figure_of(&v, signed_ones, PLAN_MONTH(YEAR, 12), PLAN_MONTH(YEAR, 12), plan_country(sv.pack), &f, &partial), OK);
    assert_true(f.has && f.n > 0);
    // A case handed over was closed, but not resolved.
    assert_true(value(&l, cases, plan_country(sv.pack), &f));
    struct plan_figure g;
    case_make("handed_over", "Vlorë");
    look(&l);
    assert_true(value(&l, cases, plan_country(sv.pack), &g));
    assert_true(g.n == f.n && g.of == f.of + PLAN_ONE);
}

// Once the courier has added the days, the same is told from what it kept, also when the records are gone.
static enum err months_told(void *ctx, int64_t month, struct str county, struct str outcome, int64_t n)
{
    (void)month, (void)county, (void)outcome;
    *(int64_t *)ctx += n;
    return OK;
}

struct adding { enum figure_months what; int64_t at, n, begin; };
static enum err months_read(struct db *db, void *arg)
{
    struct adding *a = arg;
    a->n = 0;
    return figures_months_db(db, arena, sv.pack, a->what, 201901, 201912, a->at, months_told, &a->n, &a->begin);
}

static void days_are_kept(void **state)
{
    (void)state;
    struct adding reports = {.what = FIGURES_KEPT, .at = now}, cases = {.what = FIGURES_OUTCOME, .at = now};
    assert_int_equal(store_read(sv.store, months_read, &reports), OK);
    assert_int_equal(store_read(sv.store, months_read, &cases), OK);
    int64_t r = reports.n, c = cases.n;
    assert_true(r > 0 && c > 0 && reports.begin == 201912 && cases.begin == 201912);
    for (int i = 0; i < 400; i++) { // from 2019 to now, sixty empty days at once
        int64_t upto = store_test_number("select coalesce(min(upto), 0) from desk.figure_upto where room in ('kept', 'outcome')");
        figures_add_days(&sv);
        if (upto && upto == store_test_number("select coalesce(min(upto), 0) from desk.figure_upto where room in ('kept', 'outcome')"))
            break;
    }
    assert_int_equal(store_test_number("select coalesce(sum(n), 0) from desk.figure where what = 'kept'"), r);
    assert_int_equal(store_test_number("select coalesce(sum(n), 0) from desk.figure where what = 'outcome'"), c);
    sql("delete from desk.report");
    sql("delete from desk.case_file");
    reports.at = cases.at = clock_now();
    assert_int_equal(store_read(sv.store, months_read, &reports), OK);
    assert_int_equal(store_read(sv.store, months_read, &cases), OK);
    assert_true(reports.n == r && cases.n == c && reports.begin == 201912);
}

// What stands only now keeps the last reading of a month that is over.
static void readings(void **state)
{
    (void)state;
    struct looking l = {.ask.demo = true};
    struct plan_figure f;
    const size_t contacts = (size_t)(pack_plan_indicator(plan, STR("X.1")) - plan->indicator);
    bool partial;
    sql("insert into desk.plan_reading (what, month, n, at) values ('network.units', 201911, 4, 0), ('network.contacts', 201911, 1, 0)");
    look(&l);
    struct plan_values v = {&l.live, NULL, 0};
    assert_int_equal(plan_figure_of(&v, contacts, PLAN_MONTH(YEAR, 11), PLAN_MONTH(YEAR, 11), plan_country(sv.pack), &f, &partial), OK);
    assert_true(f.has && f.n == PLAN_ONE && f.of == 4 * PLAN_ONE);
    assert_int_equal(plan_figure_of(&v, contacts, PLAN_MONTH(YEAR, 10), PLAN_MONTH(YEAR, 10), plan_country(sv.pack), &f, &partial), OK);
    assert_false(f.has); // nobody looked
    assert_int_equal(plan_figure_of(&v, contacts, PLAN_MONTH(YEAR, 1), PLAN_MONTH(YEAR, 12), plan_country(sv.pack), &f, &partial), OK);
    assert_true(f.has && f.n == 2 * PLAN_ONE && f.of == 2 * PLAN_ONE); // as it stands in December
    plan_keep_readings(&sv);
    assert_int_equal(store_test_number("select count(*) from desk.plan_reading where month > 202000"), 4);
    plan_keep_readings(&sv); // once a day
    assert_int_equal(store_test_number("select count(*) from desk.plan_reading where month > 202000"), 4);
}

// ── a year ──
struct year_read { struct plan_year_ask ask; struct plan_year y; };
static enum err year_db(struct db *db, void *arg) { struct year_read *r = arg; return plan_year_db(db, arena, &r->ask, &r->y); }

static const struct plan_told *told_of(const struct plan_year *y, const char *code, uint32_t place)
{
    return plan_told(y, (size_t)(pack_plan_indicator(y->version.plan, str_from(code)) - y->version.plan->indicator), place);
}

static void a_year(void **state)
{
    (void)state;
    struct year_read r = {.ask = {sv.pack, YEAR, now, 0, true}};
    assert_int_equal(store_read(sv.store, year_db, &r), OK);
    assert_int_equal(r.y.version.number, 1);
    const uint32_t country = plan_country(sv.pack);
    const struct plan_told *t = told_of(&r.y, "1.3.a", country);
    assert_true(t->has && t->value == t->n && t->of == 0);
    // 150 wanted, from 40: few trainings lie far behind, and below where it began.
    assert_true(t->achieved.of == 110 * PLAN_ONE && t->achieved.n == t->value - 40 * PLAN_ONE && t->light == PLAN_FAR_BEHIND);
    // Nothing is told of persons while the year runs.
    t = told_of(&r.y, "1.3.b", country);
    assert_true(t->hidden && t->n == 0 && t->value == 0 && t->light == PLAN_GREY);
    assert_false(told_of(&r.y, "1.3.a", plan_place_of(sv.pack, STR("Korçë")))->hidden);
    // Without a target the light is grey.
    assert_int_equal(told_of(&r.y, "3.1.a", country)->light, PLAN_GREY);
    assert_true(r.y.activity[2].n == 1 && r.y.activity[2].value == 0); // 1.3: below where it began counts as none
    r.ask.now = now + 30 * CLOCK_DAY; // 2020
    assert_int_equal(store_read(sv.store, year_db, &r), OK);
    t = told_of(&r.y, "1.3.b", country);
    assert_true(r.y.over && t->has && !t->hidden && t->n > 0);
    r.ask.version = 2; // another version of the year: it could be subtracted
    assert_int_equal(store_read(sv.store, year_db, &r), OK);
    assert_true(r.y.version.number == 2 && told_of(&r.y, "1.3.b", country)->hidden && !told_of(&r.y, "1.3.a", country)->hidden);
    r.ask.version = 7;
    assert_int_equal(store_read(sv.store, year_db, &r), ERR_NOT_FOUND);
    r.ask.version = 0;
    r.ask.year = 2030;
    assert_int_equal(store_read(sv.store, year_db, &r), ERR_NOT_FOUND);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
#define EACH(test) cmocka_unit_test_setup_teardown(test, each_setup, each_teardown)
    const struct CMUnitTest tests[] = {cmocka_unit_test(store_test_queries), EACH(versions), EACH(targets), EACH(every_live_indicator_moves), EACH(what_is_counted_and_when),
                                       EACH(readings), EACH(a_year), EACH(days_are_kept)};
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}

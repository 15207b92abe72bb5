// The plan on both engines: versions that never change once in force, targets from table files. What is counted: test_plan_live.c.
#include "plan_room.h"

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
    const struct plan_bases plans = {.plan = plan};
    assert_int_equal(plan_targets_read(&table, &plans, str_from(text), &t->f), OK);
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

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store_test_queries), EACH(versions), EACH(targets),
    };
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}

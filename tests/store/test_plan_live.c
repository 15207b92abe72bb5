// What the plan counts, on both engines: for every indicator that is live a real record moves it, and a year is told of it.
#include "plan_room.h"
#include "plan/work.h"
#include "exchange/exchange.h"
#include "figures/counts.h"
#include "figures/figures.h"
#include "register/register.h"

#define YEAR 2019
#define DAY "2019-10-15" // the quarter that runs

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
    case PACK_YEAR:
        value = STR("2019");
        break;
    case PACK_PERCENT:
        value = STR("7");
        break;
    case PACK_ACTIVITY:
        value = STR("1.3");
        break;
    case PACK_INDICATOR:
        value = STR("1.3.a");
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

static void value_make(const char *indicator, const char *institution, int first, int last, const char *state)
{
    char hex[33];
    snprintf(hex, sizeof hex, "ef%030x", ++made);
    sql("insert into desk.plan_value (id, indicator, first, last, institution, county, n, blank, comment, state, note, demo, version, corrections, person, at) "
        "select %s, '%s', %d, %d, id, '', 10000, '', '', '%s', '', 0, 1, 0, %s, 0 from desk.institution where code = '%s'", bytes(hex), indicator, first, last,
        state, bytes("00"), institution);
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
        if (t->measure == PACK_PLAN_PUBLISHED) {
            sql("insert into desk.plan_report (id, year, state, changes, snapshot, shot_at, made_by, made_at, presented, published_by, published_at) "
                "values (%s, 2018, 'published', 5, '{}', 0, %s, %lld, '', %s, %lld)", bytes("ee000000000000000000000000000001"), bytes("00"),
                (long long)(now - 9 * CLOCK_DAY), bytes("00"), (long long)(now - CLOCK_DAY));
            return;
        }
        if (t->measure == PACK_PLAN_DUE) // what is owed stands in the passports
            return;
        if (t->measure == PACK_PLAN_APPROVED) {
            value_make("1.5.a", "DAR", 201901, 201901, "approved");
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
        arena_free(&arena); // a reading of the year for each
        assert_int_equal(arena_new(64 << 20, &arena), OK);
        l.n_given = 0;
        sql("delete from desk.entry_tally; delete from desk.entry_value; delete from desk.entry_stage; delete from desk.entry_word; delete from desk.entry_version; "
            "delete from desk.entry; delete from desk.report; delete from desk.case_file; delete from desk.plan_report; delete from desk.plan_value");
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
    assert_int_equal(live, 53);
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

// ── milestones and money ──
static void row_of(const char *reg, const char *institution, const char *stages, const char *fields)
{
    char line[1500], hex[ID_HEX];
    const struct id id = {{0xe1, (uint8_t)(made >> 8), (uint8_t)made}};
    made++;
    snprintf(line, sizeof line, "{\"id\": \"%s\", \"register\": \"%s\", \"institution\": \"%s\", \"stages\": [%s], \"fields\": {\"title\": \"I sajuar\", %s}}",
             id_hex(id, hex), reg, institution, stages, fields);
    enum err e = store_write(sv.store, sample_write, line);
    if (e)
        fail_msg("%s: %s", err_name(e), line);
}

struct working { struct plan_work_ask ask; struct plan_work w; };
static enum err work_read(struct db *db, void *arg) { struct working *w = arg; return plan_work_db(db, arena, &w->ask, &w->w); }

static struct plan_work work_of(int64_t year)
{
    struct working w = {.ask = {sv.pack, plan, year, now, true}};
    assert_int_equal(store_read(sv.store, work_read, &w), OK);
    return w.w;
}

static size_t activity_of(const char *code) { return (size_t)(pack_plan_activity(plan, str_from(code)) - plan->activity); }

static void money_and_milestones(void **state)
{
    (void)state;
    sql("delete from desk.entry_tally; delete from desk.entry_value; delete from desk.entry_stage; delete from desk.entry_word; delete from desk.entry_version; delete from desk.entry");
    const size_t trainings = activity_of("1.3"), acts = activity_of("2.2");
    struct plan_work w = work_of(2019);
    struct plan_money m = plan_work_money(&w, PLAN_ALL, PLAN_ALL);
    assert_false(m.has_planned || m.has_spent); // missing is not zero
    assert_int_equal(plan_execution(&m).of, 0);
    row_of("budget_line", "MASR", "", "\"activity\": \"1.3\", \"year\": \"2019\", \"source\": \"ministry\", \"planned\": \"800\"");
    row_of("budget_line", "MASR", "", "\"activity\": \"1.3\", \"year\": \"2018\", \"source\": \"ministry\", \"planned\": \"200\""); // goes to 2019
    row_of("budget_line", "CRCA", "", "\"activity\": \"1.3\", \"year\": \"2019\", \"source\": \"donor\", \"planned\": \"50\", \"carried_from\": \"2018\"");
    row_of("budget_line", "MB", "", "\"activity\": \"2.2\", \"year\": \"2019\", \"source\": \"ministry\", \"planned\": \"0\"");
    row_of("budget_line", "MASR", "", "\"activity\": \"1.3\", \"year\": \"2020\", \"source\": \"ministry\", \"planned\": \"7000\"");
    row_of("spending", "MASR", "", "\"activity\": \"1.3\", \"date\": \"2018-11-30\", \"source\": \"ministry\", \"spent\": \"120\""); // goes to 2019
    row_of("spending", "MASR", "", "\"activity\": \"1.3\", \"date\": \"2019-06-30\", \"source\": \"ministry\", \"spent\": \"300\"");
    w = work_of(2019);
    m = plan_work_money(&w, trainings, PLAN_ALL);
    assert_int_equal(m.planned, 1050);
    assert_int_equal(m.carried, 250);
    assert_int_equal(m.spent, 420);
    assert_int_equal(m.spent_carried, 120);
    assert_int_equal(plan_part_tenths(plan_execution(&m)), 400);
    m = plan_work_money(&w, trainings, 3); // donors gave, and nobody said what was spent of it
    assert_int_equal(m.planned, 50);
    assert_false(m.has_spent);
    assert_int_equal(plan_execution(&m).of, 0);
    m = plan_work_money(&w, acts, PLAN_ALL); // nothing planned is zero, and there is nothing to divide by
    assert_true(m.has_planned && m.planned == 0 && !m.has_spent);
    m = plan_work_objective(&w, plan, STR("1"), PLAN_ALL);
    assert_int_equal(m.planned, 1050);
    assert_int_equal(w.n_payers, 3);
    w = work_of(2018); // its costs are told, and count in the next year alone
    m = plan_work_money(&w, PLAN_ALL, PLAN_ALL);
    assert_false(m.has_planned || m.has_spent);
    assert_int_equal(m.moved, 250); // and what somebody carried over by hand
    assert_int_equal(m.moved_spent, 120);
    w = work_of(2020);
    m = plan_work_money(&w, PLAN_ALL, PLAN_ALL);
    assert_int_equal(m.planned, 7000);
    // The plan's indicators say the same.
    struct looking l = {.ask.demo = true};
    struct plan_figure f;
    look(&l);
    assert_true(value(&l, (size_t)(pack_plan_indicator(plan, STR("X.10")) - plan->indicator), plan_country(sv.pack), &f));
    assert_int_equal(f.n, 1050 * PLAN_ONE);
    assert_true(value(&l, (size_t)(pack_plan_indicator(plan, STR("X.11")) - plan->indicator), plan_country(sv.pack), &f));
    assert_int_equal(f.n, 420 * PLAN_ONE);
    assert_true(value(&l, (size_t)(pack_plan_indicator(plan, STR("X.12")) - plan->indicator), plan_country(sv.pack), &f));
    assert_int_equal(f.n, 420 * PLAN_ONE);
    assert_int_equal(f.of, 1050 * PLAN_ONE);
    // Milestones: 0, 33 and 100 of three that are due this year; what is due in another year is not among them, and what comes later not yet.
    row_of("step", "MASR", "", "\"activity\": \"1.3\", \"date\": \"2019-12-31\"");
    row_of("step", "MASR", "[\"begun\", \"2019-05-01\"], [\"done\", \"2019-12-20\"]", "\"activity\": \"1.3\", \"date\": \"2019-03-31\""); // done after today
    row_of("step", "MASR", "[\"begun\", \"2018-05-01\"], [\"most\", \"2018-06-01\"], [\"done\", \"2019-02-01\"]", "\"activity\": \"1.3\", \"date\": \"2019-06-30\"");
    row_of("step", "MASR", "[\"done\", \"2019-02-01\"]", "\"activity\": \"1.3\", \"date\": \"2020-06-30\"");
    w = work_of(2019);
    assert_int_equal(w.steps[trainings].due, 3);
    assert_int_equal(w.steps[trainings].done, 1);
    assert_int_equal(w.steps[trainings].hundredths, 133);
    assert_int_equal(plan_part_tenths(plan_steps_reached(&w.steps[trainings])), 443);
    assert_int_equal(plan_part_tenths(plan_steps_done(&w.steps[trainings])), 333);
    assert_int_equal(w.steps[acts].due, 0);
    assert_int_equal(plan_steps_reached(&w.steps[acts]).of, 0);
    w = work_of(2020);
    assert_int_equal(w.steps[trainings].done, 1); // before it was due
    struct plan_steps all = plan_work_steps(&w, plan, STR(""));
    assert_int_equal(all.due, 1);
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
    assert_true(f.has && f.n == 2 * PLAN_ONE && f.of == 3 * PLAN_ONE); // as it stands in December, the duty unit too
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

// A second version in force from July, and a target for the trainings of the year.
static enum err year_write(struct db *db, void *arg)
{
    (void)arg;
    int64_t number;
    const struct plan_target t = {.indicator = STR("1.3.a"), .year = YEAR, .baseline = 40 * PLAN_ONE, .target = 150 * PLAN_ONE,
                                  .weight = PLAN_ONE, .person = somebody, .at = now};
    enum err e = plan_draft_db(db, arena, sv.pack, STR("Plani i dytë"), STR("Një tregues i ri"), somebody, now, &number);
    e = e ? e : plan_force_db(db, number, 1, 20190701, STR("Një tregues i ri"), STR("Vendim 7"), somebody, now);
    return e ? e : plan_target_put_db(db, &t);
}

static void a_year(void **state)
{
    (void)state;
    assert_int_equal(store_write(sv.store, year_write, NULL), OK);
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store_test_queries), EACH(every_live_indicator_moves), EACH(what_is_counted_and_when), EACH(readings),
        EACH(a_year), EACH(days_are_kept), EACH(money_and_milestones),
    };
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}

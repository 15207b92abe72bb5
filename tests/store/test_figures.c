// Figures on both engines: what a search finds and in which order, that each walk lives on its index, that days are added
// once and stay, and that a dashboard says the same before and after.
#include "store_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/share.h"
#include "figures/handlers.h"
#include "people/people.h"
#include "text/date.h"
#include "text/text.h"

static struct services sv;
static struct arena *arena;
static int64_t now;
static const char UNIT[] = "aa000000000000000000000000000001", OTHER[] = "aa000000000000000000000000000002";

static struct id id_of(const char *hex)
{
    struct id id;
    assert_int_equal(id_from_hex(str_from(hex), &id), OK);
    return id;
}

// Ids and bytes as this engine writes them in a statement.
static const char *bytes(const char *hex)
{
    static char out[8][80];
    static int i;
    i = (i + 1) % 8;
    snprintf(out[i], sizeof out[i], store_test_sqlite() ? "x'%s'" : "'\\x%s'::bytea", hex);
    return out[i];
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

static int setup(void **state)
{
    (void)state;
    struct buf why;
    char path[SHARE_PATH_MAX];
    buf_init(&why, 4096);
    assert_int_equal(date_open(NULL), OK);
    assert_int_equal(text_open(share_path("locale", path, sizeof path), "sq,en", &why), OK);
    assert_int_equal(pack_open(share_path("country/al", path, sizeof path), &sv.pack, &why), OK);
    buf_free(&why);
    sv.store = store_test_open("desk", "desk", "");
    sv.roles = people_role_table();
    assert_int_equal(figures_day_read(STR("2026-11-24"), 0, &now), OK);
    now += 12 * CLOCK_HOUR;
    sql("insert into desk.institution (id, code, type, name, name_en, fold) values (%s, 'A', 'police', 'A', 'A', 'a')", bytes("bb000000000000000000000000000001"));
    sql("insert into desk.unit (id, institution, room, name) values (%s, %s, 'duty', 'Njësia'), (%s, %s, 'works', '')", bytes(UNIT),
        bytes("bb000000000000000000000000000001"), bytes(OTHER), bytes("bb000000000000000000000000000001"));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_close(sv.store);
    pack_close(&sv.pack);
    return 0;
}

static int each_setup(void **state)
{
    (void)state;
    return arena_new(8 << 20, &arena);
}

static int each_teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    store_test_sql("delete from desk.report; delete from desk.step; delete from desk.case_file; delete from desk.referral; delete from desk.case_item; "
                   "delete from desk.case_report; delete from desk.figure; delete from desk.figure_upto; delete from desk.saved_view;");
    return 0;
}

static int made;
static const char *report(const char *unit, const char *category, const char *county, int urgency, const char *state, int64_t at)
{
    static char hex[33];
    snprintf(hex, sizeof hex, "%032x", ++made);
    sql("insert into desk.report (id, received, category, urgency_computed, in_danger, county, language, kid, thread, thread_kid, unit, urgency, state, take_due) "
        "values (%s, %lld, '%s', %d, 0, %s%s%s, 'sq', %s, %s, %s, %s, %d, '%s', 0)", bytes(hex), (long long)at, category, urgency, county ? "'" : "",
        county ? county : "null", county ? "'" : "", bytes("00"), bytes("00"), bytes("00"), bytes(unit), urgency, state);
    return hex;
}

static void step(const char *hex, const char *code, int64_t at)
{
    sql("insert into desk.step (report, seq, code, at) values (%s, 1, '%s', %lld)", bytes(hex), code, (long long)at);
}

struct finding { struct find f; struct found at[64]; size_t n; bool cases; };
static enum err finding_read(struct db *db, void *arg)
{
    struct finding *g = arg;
    return g->cases ? case_find_db(db, arena, &g->f, g->at, 64, &g->n) : report_find_db(db, arena, &g->f, g->at, 64, &g->n);
}

static size_t found(struct finding *g)
{
    assert_int_equal(store_read(sv.store, finding_read, g), OK);
    for (size_t i = 1; i < g->n; i++)
        assert_true(g->at[i - 1].at > g->at[i].at || (g->at[i - 1].at == g->at[i].at && g->at[i - 1].seq > g->at[i].seq));
    return g->n;
}

// Every combination of filters, against the same question asked plainly.
static void every_filter(void **state)
{
    (void)state;
    static const char *const categories[] = {"SEXT", "BULLY"}, *const counties[] = {"Korçë", NULL}, *const states[] = {"new", "closed"};
    for (int i = 0; i < 32; i++)
        report(i % 5 ? UNIT : OTHER, categories[i & 1], counties[i >> 1 & 1], 1 + i % 4, states[i >> 2 & 1], now - (i % 7) * CLOCK_DAY);
    sql("update desk.report set taken_by = %s where state = 'closed'", bytes("cc000000000000000000000000000001"));
    for (int mask = 0; mask < 64; mask++) {
        struct finding g = {.f = {.unit = id_of(UNIT), .at = INT64_MAX}};
        char where[512];
        int n = snprintf(where, sizeof where, "select count(*) from desk.report where unit = %s", bytes(UNIT));
        if (mask & 1)
            g.f.state = STR("closed"), n += snprintf(where + n, sizeof where - (size_t)n, " and state = 'closed'");
        if (mask & 2)
            g.f.category = STR("BULLY"), n += snprintf(where + n, sizeof where - (size_t)n, " and category = 'BULLY'");
        if (mask & 4)
            g.f.county = STR("Korçë"), n += snprintf(where + n, sizeof where - (size_t)n, " and county = 'Korçë'");
        if (mask & 8)
            g.f.urgency = 2, n += snprintf(where + n, sizeof where - (size_t)n, " and urgency = 2");
        if (mask & 16)
            g.f.worker = id_of("cc000000000000000000000000000001"), n += snprintf(where + n, sizeof where - (size_t)n, " and taken_by is not null");
        if (mask & 32)
            g.f.from = now - 3 * CLOCK_DAY, n += snprintf(where + n, sizeof where - (size_t)n, " and received >= %lld", (long long)g.f.from);
        assert_int_equal(found(&g), store_test_number(where));
    }
}

static void another_units_is_not_found(void **state)
{
    (void)state;
    struct finding g = {.f = {.unit = id_of(OTHER), .at = INT64_MAX}};
    report(UNIT, "SEXT", "Korçë", 2, "new", now);
    assert_int_equal(found(&g), 0);
    g.f.unit = id_of(UNIT);
    assert_int_equal(found(&g), 1);
    g.f.at = now; // behind itself there is nothing
    g.f.seq = g.at[0].seq;
    assert_int_equal(found(&g), 0);
}

// ── each walk lives on its index ──

extern const struct db_query *const __start_db_queries[] __attribute__((weak));
extern const struct db_query *const __stop_db_queries[] __attribute__((weak));

// The query with values in the place of its parameters.
static const char *with_values(const char *name)
{
    static char out[4096];
    const struct db_query *q = NULL;
    for (const struct db_query *const *at = __start_db_queries; at != __stop_db_queries; at++)
        if (strcmp((*at)->name, name) == 0)
            q = *at;
    assert_non_null(q);
    size_t n = 0;
    for (const char *s = q->sql; *s; s++) {
        char *end = NULL;
        long i = *s == '$' ? strtol(s + 1, &end, 10) : 0;
        if (i == 0) {
            out[n++] = *s;
            continue;
        }
        char kind = q->in[i - 1];
        const char *value = kind == 'i' ? (strstr(s, "limit") ? "9000000000000000" : "51") : kind == 't' ? "''" : kind == 'B' ? "null" : bytes(UNIT);
        if (kind == 'i' && (strncmp(end, " = 0", 4) == 0 || strncmp(s - 7, "rank = ", 7) == 0)) // any urgency
            value = "0";
        if (kind == 'i' && strncmp(s - 3, ">= ", 3) == 0)
            value = "0";
        n += (size_t)snprintf(out + n, sizeof out - n, "%s", value);
        s = end - 1;
    }
    out[n] = '\0';
    return out;
}

static void each_walk_has_its_index(void **state)
{
    (void)state;
    static const struct { const char *query, *index; } walks[] = {
        {"find_all_sql", "report_found"}, {"find_state_sql", "report_found_state"}, {"find_category_sql", "report_found_category"},
        {"find_county_sql", "report_found_county"}, {"find_worker_sql", "report_found_worker"}, {"case_find_sql", "case_found"},
        {"referral_find_to_sql", "referral_found_to"}, {"referral_find_from_sql", "referral_found_from"},
    };
    const char *many = "insert into desk.report (id, received, category, urgency_computed, in_danger, county, language, kid, thread, thread_kid, unit, "
        "urgency, state, take_due, taken_by) select decode(md5(i::text), 'hex'), i, 'x' || (i % 9), 3, 0, 'x' || (i % 7), 'sq', ''::bytea, ''::bytea, "
        "''::bytea, decode('aa00000000000000000000000000000' || (i % 3), 'hex'), 3, 'new', 0, decode('aa000000000000000000000000000001', 'hex') "
        "from generate_series(1, 5000) i";
    if (!store_test_sqlite()) {
        store_test_sql(many);
        store_test_sql("vacuum analyze desk.report");
    }
    for (size_t i = 0; i < sizeof walks / sizeof *walks; i++) {
        struct buf out;
        char text[5000], want[200];
        buf_init(&out, 1 << 16);
        snprintf(text, sizeof text, store_test_sqlite() ? "explain query plan %s" : "set enable_seqscan = off; set enable_bitmapscan = off; explain %s",
                 with_values(walks[i].query));
        store_test_text(text, &out);
        buf_put_c(&out, '\0');
        snprintf(want, sizeof want, store_test_sqlite() ? "INDEX %s (" : "Index Only Scan Backward using %s on", walks[i].index);
        if (!strstr(out.at, want))
            fail_msg("%s: no \"%s\" in\n%s", walks[i].query, want, out.at);
        buf_free(&out);
    }
}

// ── figures ──

struct sums { int64_t n[FIGURES][8], missing; bool settled; };
static enum err sums_add(void *ctx, const struct figure_row *f)
{
    struct sums *s = ctx;
    s->n[f->what][f->row.bucket < 8 ? f->row.bucket : 7] += f->row.n;
    return OK;
}

static enum err sums_read(struct db *db, void *arg)
{
    struct sums *s = arg;
    const struct id units[] = {id_of(UNIT), id_of(OTHER)};
    *s = (struct sums){0};
    return figures_read_db(db, sv.pack, units, 2, 202601, 202612, now, sums_add, s, &s->missing, &s->settled);
}

static void days(struct sums *s)
{
    assert_int_equal(store_read(sv.store, sums_read, s), OK);
}

static void added_once_and_kept(void **state)
{
    (void)state;
    struct sums before, after;
    int64_t real = clock_now(), old = real - 20 * CLOCK_DAY;
    int64_t keep = now;
    now = real;
    for (int i = 0; i < 30; i++) {
        int64_t at = clock_minute(old + i * CLOCK_HOUR * 11);
        char hex[33];
        memcpy(hex, report(UNIT, "SEXT", "Korçë", 2, "new", at), 33);
        if (i % 3)
            step(hex, i % 3 == 1 ? "assessed" : "answered", at + (i % 3) * 13 * CLOCK_HOUR); // 13 h in time, 26 h not
    }
    days(&before);
    assert_int_equal(before.n[FIGURE_RECEIVED][2], 30);
    assert_int_equal(before.n[FIGURE_ASSESSED][1], 10);
    assert_int_equal(before.missing, INT64_MAX);
    figures_add_days(&sv);
    assert_true(store_test_number("select sum(n) from desk.figure where what = 'received'") > 20);
    int64_t sum = store_test_number("select sum(n) from desk.figure");
    figures_add_days(&sv);
    assert_int_equal(store_test_number("select sum(n) from desk.figure"), sum);
    days(&after);
    assert_memory_equal(before.n, after.n, sizeof before.n);
    sql("delete from desk.report where received < %lld", (long long)(real - 10 * CLOCK_DAY));
    days(&after);
    assert_memory_equal(before.n, after.n, sizeof before.n);
    now = keep;
}

static void what_nobody_added_is_told(void **state)
{
    (void)state;
    struct sums s;
    report(UNIT, "SEXT", "Korçë", 2, "new", now - 100 * CLOCK_DAY);
    report(UNIT, "SEXT", "Korçë", 2, "new", now - 5 * CLOCK_DAY);
    days(&s);
    assert_int_equal(s.n[FIGURE_RECEIVED][2], 1);
    assert_int_equal(s.missing, now - 100 * CLOCK_DAY);
}

static void a_case(int n, const char *state, int64_t opened, int64_t at)
{
    char hex[40];
    snprintf(hex, sizeof hex, "dd%030x", n);
    sql("insert into desk.case_file (id, number, opened, owner, category, county, urgency, state, version, state_at, kid, generation) "
        "values (%s, '2026-%04d', %lld, %s, 'SEXT', 'Korçë', 2, '%s', 1, %lld, %s, 0)", bytes(hex), n, (long long)opened, bytes(UNIT), state,
        (long long)at, bytes("00"));
}

static void a_referral(int n, int of, const char *state, int urgency, int64_t sent, int64_t answered)
{
    char hex[40], file[40], entry[40];
    snprintf(hex, sizeof hex, "ee%030x", n);
    snprintf(file, sizeof file, "dd%030x", of);
    snprintf(entry, sizeof entry, "ff%030x", n);
    sql("insert into desk.referral (id, case_id, kind, from_unit, to_unit, purpose, ground, consent, urgency, fields, state, sent, state_at, answer_due, "
        "climbed, kid, generation, version) values (%s, %s, 'referral', %s, %s, 'p', 'g', 1, %d, '', '%s', %lld, 0, 0, 0, %s, 0, 1)", bytes(hex),
        bytes(file), bytes(UNIT), bytes(OTHER), urgency, state, (long long)sent, bytes("00"));
    if (answered)
        sql("insert into desk.case_item (id, home, seq, at, person, unit, kind, thing, kid, generation, item) values (%s, %s, 2, %lld, %s, %s, 'accept', "
            "%s, %s, 0, %s)", bytes(entry), bytes(hex), (long long)answered, bytes("00"), bytes("00"), bytes("00"), bytes("00"), bytes("00"));
}

static void cases_and_referrals(void **state)
{
    (void)state;
    struct sums s;
    int64_t at = now - 3 * CLOCK_DAY;
    a_case(1, "closed", at, at + 5 * CLOCK_HOUR);
    a_case(2, "closed", at, at + 30 * CLOCK_HOUR);
    a_case(3, "registered", at, at);
    const char *hex = report(UNIT, "SEXT", "Korçë", 2, "in_case", at - CLOCK_HOUR);
    sql("insert into desk.case_report (case_id, report, added) values (%s, %s, 0)", bytes("dd000000000000000000000000000001"), bytes(hex));
    a_referral(1, 1, "accepted", 1, at, at + CLOCK_HOUR);     // 2 h to answer: in time; the police within a day
    a_referral(2, 2, "accepted", 1, at, at + 3 * CLOCK_HOUR); // late; the case has no report: the police not within a day
    a_referral(3, 3, "sent", 1, at, 0);                       // late
    a_referral(4, 3, "sent", 4, at, 0);                       // has a week; not the first to the police
    a_referral(5, 3, "revoked", 1, at, 0);                    // left out
    days(&s);
    assert_int_equal(s.n[FIGURE_OPENED][2], 3);
    assert_int_equal(s.n[FIGURE_CLOSED][5], 1);
    assert_int_equal(s.n[FIGURE_CLOSED][7], 1);
    assert_int_equal(s.n[FIGURE_ANSWERED][1], 1);
    assert_int_equal(s.n[FIGURE_ANSWERED][0], 2);
    assert_int_equal(s.n[FIGURE_ANSWERED][2], 1);
    assert_int_equal(s.n[FIGURE_POLICE][1], 1);
    assert_int_equal(s.n[FIGURE_POLICE][0], 2);
    struct finding g = {.f = {.unit = id_of(UNIT), .at = INT64_MAX, .state = STR("closed")}, .cases = true};
    assert_int_equal(found(&g), 2);
}

static void lengths(void **state)
{
    (void)state;
    struct tally *t = calloc(1, sizeof *t);
    assert_int_equal(tally_length(t, 50), -1);
    for (int64_t h = 1; h <= 100; h++, t->closed++)
        t->length[figure_bucket(h)]++;
    assert_int_equal(tally_length(t, 50), 50);
    assert_int_equal(tally_length(t, 90), 72); // by the day from there
    for (int64_t h = 0; h < 20000; h++)
        assert_true(figure_hours(figure_bucket(h)) <= h);
    free(t);
}

static void periods(void **state)
{
    (void)state;
    int64_t first, last;
    assert_int_equal(board_period(STR(""), now, &first, &last), OK);
    assert_true(first == 202601 && last == 202612);
    assert_int_equal(board_period(STR("2025-Q4"), now, &first, &last), OK);
    assert_true(first == 202510 && last == 202512);
    assert_int_equal(board_period(STR("2025-02"), now, &first, &last), OK);
    assert_true(first == 202502 && last == 202502);
    static const char *const wrong[] = {"20", "2025-", "2025-00", "2025-13", "2025-Q0", "2025-Q5", "2025-Qx", "x", "2025-1", "1999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (strcmp(wrong[i], "2025-"))
            assert_int_equal(board_period(str_from(wrong[i]), now, &first, &last), ERR_MALFORMED);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
#define EACH(f) cmocka_unit_test_setup_teardown(f, each_setup, each_teardown)
    const struct CMUnitTest tests[] = {
        EACH(every_filter), EACH(each_walk_has_its_index), EACH(another_units_is_not_found), EACH(added_once_and_kept), EACH(what_nobody_added_is_told),
        EACH(cases_and_referrals), EACH(lengths), EACH(periods),
        EACH(store_test_queries),
    };
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}

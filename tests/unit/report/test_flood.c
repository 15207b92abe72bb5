// Floods: a network that sends much is asked to wait or work, danger is never refused, nobody else notices.
#include "frame.h"
#include <stdio.h>
#include "base/clock.h"
#include "report/portal/portal.h"

#define NOW INT64_C(1800000000000000)
#define LIMIT 5
#define BITS 8
#define WAIT 20

static struct flood *f;

static int begin(void **state)
{
    (void)state;
    return flood_new(LIMIT, BITS, WAIT, &f) ? -1 : 0;
}

static int end(void **state)
{
    (void)state;
    flood_free(&f);
    return 0;
}

static enum err ask(const char *prefix, bool danger, const char *ticket, const char *work, int64_t at, struct flood_answer *a)
{
    struct flood_ask q = {.prefix = str_from(prefix), .danger = danger, .ticket = str_from(ticket), .work = str_from(work), .now = at};
    return flood_admit(f, &q, a);
}

static void fill(const char *prefix, int64_t at)
{
    struct flood_answer a;
    for (int i = 0; i < LIMIT; i++)
        assert_int_equal(ask(prefix, false, "", "", at, &a), OK);
}

static void a_full_network_waits_and_others_do_not(void **state)
{
    (void)state;
    struct flood_answer a;
    fill("192.0.2.0/24", NOW);
    assert_int_equal(ask("192.0.2.0/24", false, "", "", NOW, &a), ERR_LIMITED);
    assert_int_equal(ask("198.51.100.0/24", false, "", "", NOW, &a), OK);
    assert_int_equal(a.lane, LANE_OPEN);
    for (int i = 0; i < 100; i++) // without a front nothing is limited
        assert_int_equal(ask("", false, "", "", NOW, &a), OK);
    assert_int_equal(ask("192.0.2.0/24", false, "", "", NOW + 11 * CLOCK_MINUTE, &a), OK);
}

static void danger_is_always_let_in_and_grouped(void **state)
{
    (void)state;
    struct flood_answer a, first = {0};
    fill("192.0.2.0/24", NOW);
    assert_int_equal(ask("192.0.2.0/24", false, "", "", NOW, &a), ERR_LIMITED);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(ask("192.0.2.0/24", true, "", "", NOW, &a), OK);
        assert_int_equal(a.lane, LANE_DANGER);
        assert_int_equal(a.grouped, i >= LIMIT); // what others sent from there does not group the first cries for help
        if (i == LIMIT)
            first = a;
        if (i > LIMIT)
            assert_true(id_equal(a.burst, first.burst));
    }
    assert_int_equal(ask("198.51.100.0/24", true, "", "", NOW, &a), OK);
    assert_false(a.grouped);
}

static void a_ticket_is_good_once_and_not_at_once(void **state)
{
    (void)state;
    struct flood_answer a;
    char t[FLOOD_TOKEN], other[FLOOD_TOKEN];
    fill("p", NOW);
    flood_token(f, NOW, t);
    assert_int_equal(ask("p", false, t, "", NOW + (WAIT - 1) * CLOCK_SECOND, &a), ERR_LIMITED);
    assert_int_equal(ask("p", false, t, "", NOW + WAIT * CLOCK_SECOND, &a), OK);
    assert_int_equal(a.lane, LANE_TICKET);
    assert_int_equal(ask("p", false, t, "", NOW + WAIT * CLOCK_SECOND, &a), ERR_LIMITED);
    fill("q", NOW + 40 * CLOCK_MINUTE);
    flood_token(f, NOW, t);
    assert_int_equal(ask("q", false, t, "", NOW + 40 * CLOCK_MINUTE, &a), ERR_LIMITED); // too old
    flood_token(f, NOW + 40 * CLOCK_MINUTE, t);
    memcpy(other, t, sizeof other);
    other[40] = other[40] == 'a' ? 'b' : 'a';
    assert_int_equal(ask("q", false, other, "", NOW + 41 * CLOCK_MINUTE, &a), ERR_LIMITED); // forged
    assert_int_equal(ask("q", false, "zz", "", NOW + 41 * CLOCK_MINUTE, &a), ERR_LIMITED);
    assert_int_equal(ask("q", false, t, "", NOW + 41 * CLOCK_MINUTE, &a), OK);
}

static void an_early_ticket_keeps_its_time(void **state)
{
    (void)state;
    struct flood_answer a;
    char t[FLOOD_TOKEN];
    fill("p", NOW);
    flood_token(f, NOW, t);
    assert_int_equal(flood_ticket_left(f, str_from(t), NOW), WAIT);
    assert_int_equal(flood_ticket_left(f, str_from(t), NOW + 15 * CLOCK_SECOND), WAIT - 15);
    assert_int_equal(ask("p", false, t, "", NOW + 15 * CLOCK_SECOND, &a), ERR_LIMITED); // too early uses nothing up
    assert_int_equal(flood_ticket_left(f, str_from(t), NOW + WAIT * CLOCK_SECOND - 1), 1);
    assert_int_equal(flood_ticket_left(f, str_from(t), NOW + WAIT * CLOCK_SECOND), 0); // good
    assert_int_equal(flood_ticket_left(f, str_from(t), NOW - 1), 0);
    assert_int_equal(ask("p", false, t, "", NOW + WAIT * CLOCK_SECOND, &a), OK);
    assert_int_equal(flood_ticket_left(f, str_from(t), NOW + CLOCK_SECOND), 0); // used
    flood_token(f, NOW, t);
    t[40] = t[40] == 'a' ? 'b' : 'a';
    assert_int_equal(flood_ticket_left(f, str_from(t), NOW), 0); // forged
    assert_int_equal(flood_ticket_left(f, STR(""), NOW), 0);
}

static bool enough(const char *work)
{
    uint8_t h[32];
    crypto_sha256(h, str_from(work));
    return h[0] == 0; // BITS = 8
}

static void work_is_good_once(void **state)
{
    (void)state;
    struct flood_answer a;
    char t[FLOOD_TOKEN], work[FLOOD_TOKEN + 21], lazy[FLOOD_TOKEN + 21] = "";
    fill("p", NOW);
    flood_token(f, NOW, t);
    for (unsigned n = 0;; n++) {
        snprintf(work, sizeof work, "%s:%u", t, n);
        if (enough(work))
            break;
        memcpy(lazy, work, sizeof lazy);
    }
    if (lazy[0] != '\0')
        assert_int_equal(ask("p", false, "", lazy, NOW, &a), ERR_LIMITED);
    assert_int_equal(ask("p", false, "", work, NOW, &a), OK);
    assert_int_equal(a.lane, LANE_WORK);
    assert_int_equal(ask("p", false, "", work, NOW, &a), ERR_LIMITED);
    assert_int_equal(ask("p", false, t, "", NOW + WAIT * CLOCK_SECOND, &a), ERR_LIMITED); // the same token as a ticket
    assert_int_equal(ask("p", false, "", ":1", NOW, &a), ERR_LIMITED);
    assert_int_equal(ask("p", false, "", t, NOW, &a), ERR_LIMITED);
}

static void the_same_thing_from_many_networks_is_grouped(void **state)
{
    (void)state;
    struct flood_answer a;
    uint64_t same = flood_sameness(f, STR("http://a.example/x"), STR(""), STR("1"));
    assert_true(same == flood_sameness(f, STR("http://a.example/x"), STR("z"), STR("2")));
    assert_true(same != flood_sameness(f, STR("http://a.example/y"), STR(""), STR("1")));
    assert_true(flood_sameness(f, STR(""), STR(""), STR("")) == 0);
    for (int i = 0; i < 20; i++) {
        char prefix[20];
        snprintf(prefix, sizeof prefix, "10.0.%d.0/24", i);
        struct flood_ask q = {.prefix = str_from(prefix), .sameness = same, .now = NOW};
        assert_int_equal(flood_admit(f, &q, &a), OK);
        assert_int_equal(a.grouped, i >= LIMIT);
    }
}

static void an_hour_changes_every_place(void **state)
{
    (void)state;
    struct flood_answer a;
    int64_t before = NOW / CLOCK_HOUR * CLOCK_HOUR + CLOCK_HOUR - CLOCK_SECOND;
    fill("p", before);
    assert_int_equal(ask("p", false, "", "", before, &a), ERR_LIMITED);
    assert_int_equal(ask("p", false, "", "", before + CLOCK_SECOND, &a), OK);
}

static void danger_in_a_raw_body(void **state)
{
    (void)state;
    static const struct { const char *body; bool urgent; } rows[] = {
        {"{\"in_danger\":true}", true}, {"{ \"text\":\"x\", \"in_danger\" : true }", true}, {"{\"in_danger\":false}", false},
        {"{\"text\":\"\\\"in_danger\\\":true\"}", false}, {"{}", false}, {"", false}, {"{\"in_danger\"", false},
        {"where=none&in_danger=yes", true}, {"in_danger=yes&a=b", true}, {"in_danger=no", false}, {"xin_danger=yes", false},
        {"text=in_danger%3Dyes", false}, {"in_danger=", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (report_urgent(str_from(rows[i].body)) != rows[i].urgent)
            fail_msg("%s", rows[i].body);
}

int main(void)
{
#define EACH(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(a_full_network_waits_and_others_do_not), EACH(danger_is_always_let_in_and_grouped),
        EACH(a_ticket_is_good_once_and_not_at_once), EACH(an_early_ticket_keeps_its_time), EACH(work_is_good_once), EACH(the_same_thing_from_many_networks_is_grouped),
        EACH(an_hour_changes_every_place), EACH(danger_in_a_raw_body),
    };
    return crypto_start() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}

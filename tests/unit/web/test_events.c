// Streams over socket pairs. With an argument: 200 streams, 500 events a second for 5 s, and the latencies.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "crypto/crypto.h"
#include "fake.h"

static struct services services;
static const struct id unit = {{9}}, other_unit = {{10}};
static char heard[200000];

static int stream_open(struct events *e, struct id sid, struct id of, int64_t after)
{
    int pair[2];
    struct http_answer a = {0};
    struct keeper_session s = {.sid = sid, .roles = 1u << ROLE_DUTY_OFFICER, .units = {of}, .n_units = 1};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(events_open_stream(e, &good_token, &s, after, &a), OK);
    a.take(a.take_ctx, pair[1]);
    return pair[0];
}

// Reads until `until` has come, or the end, or 2 s. True: it came.
static bool hear(int fd, const char *until)
{
    size_t n = 0;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    heard[0] = '\0';
    while (!until || !strstr(heard, until)) {
        ssize_t r = poll(&p, 1, 2000) == 1 ? read(fd, heard + n, sizeof heard - 1 - n) : 0;
        if (r <= 0) {
            return false;
        }
        n += (size_t)r;
        heard[n] = '\0';
    }
    return true;
}

static bool ended(int fd)
{
    char byte[4096];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    for (int i = 0; i < 2000 && poll(&p, 1, 2000) == 1; i++) {
        if (read(fd, byte, sizeof byte) <= 0) {
            return true;
        }
    }
    return false;
}

static void test_events_live(void **state)
{
    (void)state;
    struct events *e;
    assert_int_equal(events_new(&services, NULL, &e), OK);
    assert_int_equal(events_watchers(e, unit), 0);
    int mine = stream_open(e, (struct id){{1}}, unit, -1), theirs = stream_open(e, (struct id){{2}}, other_unit, -1);
    assert_int_equal(events_watchers(e, unit), 1);
    events_publish(e, 5, "report", unit, PERM_REPORT_LIST, STR("{\"urgency\":1}"));
    events_publish(e, 6, "report", other_unit, PERM_REPORT_LIST, STR("{\"urgency\":2}"));
    events_publish(e, 0, "referral", unit, PERM_REFERRAL_LIST, STR("{}")); // not for a role that sees no referrals
    events_publish(e, 4, "queue", unit, PERM_REPORT_LIST, STR("{}")); // late: without an id
    events_publish(e, 7, "report", unit, PERM_REPORT_LIST, STR("a\nb")); // would forge an event
    assert_true(hear(mine, "event: queue\ndata: {}\n\n"));
    assert_non_null(strstr(heard, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(heard, "Content-Type: text/event-stream\r\n"));
    assert_non_null(strstr(heard, "\r\n\r\nretry: 2000\n\nid: 5\nevent: report\ndata: {\"urgency\":1}\n\nevent: queue\n"));
    assert_null(strstr(heard, "id: 6"));
    assert_true(hear(theirs, "id: 6\nevent: report\ndata: {\"urgency\":2}\n\n"));
    assert_null(strstr(heard, "id: 5"));
    close(mine); // noticed without anything being sent
    for (int i = 0; i < 400 && events_watchers(e, unit); i++) {
        clock_sleep(5000);
    }
    assert_int_equal(events_watchers(e, unit), 0);
    events_free(&e);
    assert_true(ended(theirs));
    close(theirs);
}

static int missed_calls;
static enum err missed(void *ctx, const struct id *units, size_t n, int64_t after, events_emit *emit, void *to)
{
    (void)ctx;
    missed_calls++;
    assert_int_equal(n, 1);
    assert_true(id_equal(units[0], unit));
    emit(to, after, "report", STR("known")); // not again
    emit(to, after + 1, "report", STR("one"));
    emit(to, after + 2, "report", STR("two"));
    return OK;
}

static void test_events_resume(void **state)
{
    (void)state;
    struct events *e;
    assert_int_equal(events_new(&services, NULL, &e), OK);
    events_catch_up(e, missed, NULL);
    missed_calls = 0;
    for (int i = 10; i < 15; i++) {
        char data[20];
        snprintf(data, sizeof data, "n%d", i);
        events_publish(e, i, "report", unit, PERM_REPORT_LIST, str_from(data));
    }
    int fd = stream_open(e, (struct id){{1}}, unit, 12); // memory knows
    assert_true(hear(fd, "data: n14\n\n"));
    assert_null(strstr(heard, "n12"));
    assert_non_null(strstr(heard, "id: 13\nevent: report\ndata: n13\n\n"));
    close(fd);
    assert_int_equal(missed_calls, 0);
    fd = stream_open(e, (struct id){{1}}, unit, 9); // just reaches
    assert_true(hear(fd, "data: n14\n\n"));
    close(fd);
    assert_int_equal(missed_calls, 0);
    fd = stream_open(e, (struct id){{1}}, unit, 7); // 8 and 9 come from the store, 10 to 14 from memory
    assert_true(hear(fd, "data: n14\n\n"));
    assert_non_null(strstr(heard, "id: 8\nevent: report\ndata: one\n\nid: 9\nevent: report\ndata: two\n\nid: 10\n"));
    assert_null(strstr(heard, "known"));
    assert_int_equal(missed_calls, 1);
    close(fd);
    events_free(&e);
}

static void test_events_three_a_session(void **state)
{
    (void)state;
    struct events *e;
    assert_int_equal(events_new(&services, NULL, &e), OK);
    int fd[4];
    for (int i = 0; i < 4; i++) {
        fd[i] = stream_open(e, (struct id){{1}}, unit, -1);
        clock_sleep(2000);
    }
    assert_true(ended(fd[0]));
    assert_int_equal(events_watchers(e, unit), 3);
    events_publish(e, 1, "report", unit, PERM_REPORT_LIST, STR("x"));
    for (int i = 1; i < 4; i++) {
        assert_true(hear(fd[i], "data: x\n\n"));
    }
    for (int i = 0; i < 4; i++) {
        close(fd[i]);
    }
    struct http_answer a = {0};
    struct keeper_session s = {.sid = {{1}}, .roles = 1u << ROLE_DUTY_OFFICER, .units = {unit}, .n_units = 1};
    assert_int_equal(events_open_stream(e, &good_token, &s, -1, &a), OK);
    a.take(a.take_ctx, -1); // the connection was lost before it was handed over
    events_free(&e);
}

static void test_events_slow_reader(void **state)
{
    (void)state;
    struct events *e;
    assert_int_equal(events_new(&services, NULL, &e), OK);
    int slow = stream_open(e, (struct id){{1}}, unit, -1), quick = stream_open(e, (struct id){{2}}, unit, -1);
    char data[1001], want[40];
    memset(data, 'x', 1000);
    data[1000] = '\0';
    for (int64_t i = 1; i <= 3000; i++) { // 3 MB: more than the socket and the megabyte it may owe
        events_publish(e, i, "report", unit, PERM_REPORT_LIST, str_from(data));
        if (i % 100 == 0) {
            snprintf(want, sizeof want, "id: %lld\n", (long long)i);
            assert_true(hear(quick, want)); // is not held up
        }
    }
    assert_true(ended(slow));
    assert_int_equal(events_watchers(e, unit), 1);
    close(slow);
    close(quick);
    events_free(&e);
}

// ── bench ──
#define BENCH_STREAMS 200
#define BENCH_EVENTS 2500

static int order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void bench(void)
{
    struct events *e;
    static struct pollfd p[BENCH_STREAMS];
    static int64_t late[BENCH_STREAMS * BENCH_EVENTS];
    size_t n = 0;
    assert_int_equal(events_new(&services, NULL, &e), OK);
    for (unsigned i = 0; i < BENCH_STREAMS; i++) {
        p[i] = (struct pollfd){.fd = stream_open(e, (struct id){{(uint8_t)i, 1}}, unit, -1), .events = POLLIN};
    }
    int64_t start = clock_mono(), next = start;
    for (int64_t id = 1; clock_mono() - start < 6000000000;) {
        for (; id <= BENCH_EVENTS && clock_mono() >= next; id++, next += 2000000) {
            char data[40];
            snprintf(data, sizeof data, "@%lld@", (long long)clock_mono());
            events_publish(e, id, "report", unit, PERM_REPORT_LIST, str_from(data));
        }
        poll(p, BENCH_STREAMS, 1);
        int64_t now = clock_mono();
        for (size_t i = 0; i < BENCH_STREAMS; i++) {
            ssize_t r = p[i].revents ? read(p[i].fd, heard, sizeof heard - 1) : 0;
            heard[r > 0 ? r : 0] = '\0';
            for (const char *at = heard; (at = strchr(at, '@')) && n < BENCH_STREAMS * BENCH_EVENTS; at = strchr(at + 1, '@') + 1) {
                late[n++] = now - atoll(at + 1);
            }
        }
    }
    qsort(late, n, sizeof *late, order);
    printf("%zu of %d heard, median %.1f ms, p99 %.1f ms, worst %.1f ms\n", n, BENCH_STREAMS * BENCH_EVENTS, (double)late[n / 2] / 1e6,
           (double)late[n * 99 / 100] / 1e6, (double)late[n - 1] / 1e6);
    events_free(&e);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (crypto_start()) {
        return 1;
    }
    services = (struct services){.roles = &roles, .keeper = (struct keeper *)&services};
    if (argc > 1) {
        bench();
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_live), cmocka_unit_test(test_events_resume), cmocka_unit_test(test_events_three_a_session),
        cmocka_unit_test(test_events_slow_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// The real library over a unix socket: what the gate lets in, limits, the pool, the stop. Raw bytes, no client library.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/clock.h"
#include "http/http.h"

static char folder[] = "/tmp/isigurt-http-XXXXXX";
static char where[128];
static struct http_ready *refusals[6], *hello;
static const int statuses[6] = {400, 404, 413, 431, 503, 500};
static int what_marker;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t opened = PTHREAD_COND_INITIALIZER;
static bool held;
static int running, taken_fd;

static void look(void *ctx, const struct http_request *rq, struct http_plan *plan)
{
    (void)ctx;
    if (str_equal_z(rq->path, "/ready")) {
        *plan = (struct http_plan){.step = HTTP_READY, .ready = hello};
        return;
    }
    *plan = (struct http_plan){.step = HTTP_RUN, .body_max = 40000, .what = &what_marker};
    if (str_equal_z(rq->path, "/urgent")) {
        extern bool is_urgent(struct str body);
        plan->urgent = is_urgent;
    }
    if (str_starts(rq->path, "/form")) {
        plan->back_max = 60000;
    }
}

bool is_urgent(struct str body)
{
    return str_find_str(body, STR("danger=1")) >= 0;
}

static void take(void *ctx, int fd)
{
    pthread_mutex_lock(&lock);
    *(int *)ctx = fd;
    if (fd >= 0) {
        assert_int_equal(write(fd, "HTTP/1.1 200 OK\r\n\r\nmine", 23), 23);
    }
    pthread_cond_broadcast(&opened);
    pthread_mutex_unlock(&lock);
}

static void run(void *ctx, const struct http_request *rq, struct http_answer *a)
{
    (void)ctx;
    a->status = 200;
    if (rq->what != &what_marker) {
        a->status = 500;
        return;
    }
    if (str_equal_z(rq->path, "/hold") || str_equal_z(rq->path, "/urgent")) {
        pthread_mutex_lock(&lock);
        running++;
        pthread_cond_broadcast(&opened);
        while (held) {
            pthread_cond_wait(&opened, &lock);
        }
        pthread_mutex_unlock(&lock);
    }
    if (str_equal_z(rq->path, "/take")) {
        a->take = take;
        a->take_ctx = &taken_fd;
        return;
    }
    a->pair[a->n++] = (struct http_pair){"X-Test", STR("yes")};
    buf_printf(&a->body, "m%d %.*s?%.*s host=%.*s cookie=%.*s n=%zu ", rq->method, STR_ARG(rq->path), STR_ARG(rq->query),
               STR_ARG(rq->header[HTTP_HOST]), STR_ARG(rq->header[HTTP_COOKIE]), rq->body.n);
    buf_put(&a->body, str_slice(rq->body, rq->body.n > 8 ? rq->body.n - 8 : 0, rq->body.n));
}

// A form: what was sent stands in the answer; done() frees what was made for it.
static int backs, dones;

static bool give_back(void *ctx, const struct http_request *rq, int status, struct http_answer *a)
{
    (void)ctx;
    if (!str_equal_z(rq->path, "/form") || rq->what != &what_marker) {
        return false;
    }
    backs++;
    a->status = status;
    a->owner = &backs;
    buf_printf(&a->body, "back n=%zu ", rq->body.n);
    buf_put(&a->body, str_slice(rq->body, 0, 4));
    return true;
}

static void done(void *ctx, struct http_answer *a)
{
    (void)ctx;
    dones += a->owner == &backs;
}

static struct http_ready *refuse(void *ctx, const struct http_request *rq, int status)
{
    (void)ctx, (void)rq;
    for (size_t i = 0; i < 6; i++) {
        if (statuses[i] == status) {
            return refusals[i];
        }
    }
    return refusals[5];
}

static struct http *start(unsigned threads, unsigned queue, unsigned reserved)
{
    struct buf why;
    buf_init(&why, 500);
    struct http *h = NULL;
    const struct http_options o = {.listen = where, .threads = threads, .connections = 400, .queue = queue, .reserved = reserved,
                                   .handlers = {.look = look, .run = run, .done = done, .give_back = give_back, .refuse = refuse}};
    enum err e = http_start(&o, &h, &why);
    if (e) {
        fail_msg("%.*s", STR_ARG(buf_str(&why)));
    }
    buf_free(&why);
    return h;
}

static int dial(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    strcpy(a.sun_path, where + 5);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    struct timeval limit = {.tv_sec = 15};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
}

static void say(int fd, const char *bytes, size_t n)
{
    while (n) {
        ssize_t w = send(fd, bytes, n, MSG_NOSIGNAL);
        if (w <= 0) {
            return; // refused while we were still talking
        }
        bytes += w;
        n -= (size_t)w;
    }
}

// Until the end of the connection, or of one answer with Content-Length. Returns its status, 0: closed without one.
static int hear(int fd, char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (;;) {
        ssize_t r = n + 1 < size ? recv(fd, out + n, size - 1 - n, 0) : 0;
        if (r <= 0) {
            break;
        }
        n += (size_t)r;
        out[n] = '\0';
        char *end = strstr(out, "\r\n\r\n"), *length = strstr(out, "Content-Length: ");
        if (end && length && n >= (size_t)(end + 4 - out) + strtoul(length + 16, NULL, 10)) {
            break;
        }
    }
    return n > 12 ? atoi(out + 9) : 0;
}

static int ask(const char *bytes, size_t n, char *out, size_t size)
{
    int fd = dial();
    say(fd, bytes, n);
    int status = hear(fd, out, size);
    close(fd);
    return status;
}
#define SAY(fd, literal) say(fd, "" literal, sizeof literal - 1)
#define ASK(literal) ask("" literal, sizeof literal - 1, answer, sizeof answer)
static char answer[70000];

static void test_http_answers(void **state)
{
    (void)state;
    struct http *h = start(2, 0, 0);
    struct stat st;
    assert_int_equal(stat(where + 5, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0660);
    assert_int_equal(ASK("GET /ready HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    assert_non_null(strstr(answer, "\r\n\r\nhello"));
    assert_null(strstr(answer, "Server:"));
    assert_null(strstr(answer, "Connection: close"));
    assert_int_equal(ASK("GET /a/b?c=d HTTP/1.1\r\nHost: a:1\r\nCookie:  x=y \r\nAccept: */*\r\n\r\n"), 200);
    assert_null(strstr(answer, "Connection: close"));
    assert_non_null(strstr(answer, "m0 /a/b?c=d host=a:1 cookie=x=y n=0 "));
    assert_non_null(strstr(answer, "X-Test: yes\r\n"));
    assert_int_equal(ASK("GET /x HTTP/1.0\r\n\r\n"), 200);
    assert_int_equal(ASK("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde"), 200);
    assert_non_null(strstr(answer, "m2 /p? host=a cookie= n=5 abcde"));
    assert_int_equal(ASK("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"), 200);
    assert_int_equal(ASK("POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), 200);
    assert_non_null(strstr(answer, "n=5 abcde"));
    assert_int_equal(ASK("HEAD /ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), 200);
    assert_null(strstr(answer, "hello"));
    struct http_counts n;
    http_counts(h, &n);
    assert_int_equal(n.requests, 7);
    assert_int_equal(n.refused, 0);
    http_stop(&h);
    assert_int_equal(stat(where + 5, &st), 0); // stays for the next
}

static void test_http_gate(void **state)
{
    (void)state;
    struct http *h = start(2, 0, 0);
    static const struct { const char *bytes; size_t n; } bad[] = {
#define BAD(literal) {"" literal, sizeof literal - 1}
        BAD("GET /x HTTP/1.1\r\n\r\n"),                                                  // no Host
        BAD("GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        BAD("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        BAD("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
        BAD("GET /x HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n"),                     // obs-fold
        BAD("GET /x HTTP/1.1\r\nHost: a\r\nCookie: 1\r\n\t2\r\nX: y\r\n\r\n"),
        BAD("GET /x HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n"),
        BAD("GET /x HTTP/1.1\r\nHost: a\r\n X: 1\r\n\r\n"),
        BAD("GET /x HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"),                             // a NUL cuts the value short
        BAD("GET /x HTTP/1.1\r\nHost: a\r\nX: a\0b\r\nY: 1\r\n\r\n"),
        BAD("GET /x HTTP/1.1\r\nHost: a\r\nX\0Y: b\r\n\r\n"),
        BAD("GET /x HTTP/1.1\nHost: a\r\n\r\n"),                                          // bare LF
        BAD("GET /x HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n"),
        BAD("GET /x HTTP/1.1\r\nHost: a\r\nX: 1\n\n"),
        BAD("GET /x HTTP/1.1\r\nHost: a\r\nX: 1\rY: 2\r\n\r\n"),                          // bare CR
        BAD("GET  /x HTTP/1.1\r\nHost: a\r\n\r\n"),
        BAD("GET /x  HTTP/1.1\r\nHost: a\r\n\r\n"),
        BAD("GET /x\tHTTP/1.1\r\nHost: a\r\n\r\n"),
        BAD("GET /x\0 HTTP/1.1\r\nHost: a\r\n\r\n"),
        BAD("GET /x y HTTP/1.1\r\nHost: a\r\n\r\n"),
        BAD("GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n"),
        BAD("GET /x HTTP/1.1 \r\nHost: a\r\n\r\n"),
        BAD("GET /x\r\nHost: a\r\n\r\n"),
        BAD("GET /x HTTP/2.0\r\nHost: a\r\n\r\n"),
        BAD("GET /x HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n"),
        BAD("GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"),                // GET with a body
        BAD("GET /x HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n"),
        BAD("GET /x HTTP/1.1\r\nHost: a\r\nX:\r\n\x0b\r\n\r\n"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int status = ask(bad[i].bytes, bad[i].n, answer, sizeof answer);
        if (status == 200 || status == 404) {
            fail_msg("let in (%d), case %zu: %s", status, i, bad[i].bytes);
        }
    }
    assert_int_equal(ASK("GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n"), 404);
    assert_int_equal(ASK("GET /%61 HTTP/1.1\r\nHost: a\r\n\r\n"), 404);
    // fields of every spacing that RFC 9112 allows still come in
    assert_int_equal(ASK("GET /x HTTP/1.1\r\nHost:a\r\nX:\r\nY:   \r\nZ: \t z\t \r\n\r\n"), 200);
    http_stop(&h);
}

static void test_http_limits(void **state)
{
    (void)state;
    struct http *h = start(2, 0, 0);
    static char big[50000];
    int n = snprintf(big, sizeof big, "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 40001\r\n\r\n");
    memset(big + n, 'x', 40001);
    assert_int_equal(ask(big, (size_t)n + 40001, answer, sizeof answer), 413);
    n = snprintf(big, sizeof big, "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n");
    assert_int_equal(ask(big, (size_t)n + 40000, answer, sizeof answer), 200);
    assert_non_null(strstr(answer, "n=40000 "));
    n = snprintf(big, sizeof big, "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n", 40001);
    memset(big + n, 'x', 40001);
    memcpy(big + n + 40001, "\r\n0\r\n\r\n", 7);
    assert_int_equal(ask(big, (size_t)n + 40001 + 7, answer, sizeof answer), 413);
    n = snprintf(big, sizeof big, "GET /x HTTP/1.1\r\nHost: a\r\nX: ");
    memset(big + n, 'x', 9000);
    memcpy(big + n + 9000, "\r\n\r\n", 4);
    assert_int_equal(ask(big, (size_t)n + 9004, answer, sizeof answer), 431);
    http_stop(&h);
}

static void test_http_keep_alive_and_pipeline(void **state)
{
    (void)state;
    struct http *h = start(2, 0, 0);
    int fd = dial();
    for (int i = 0; i < 3; i++) {
        SAY(fd, "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok");
        assert_int_equal(hear(fd, answer, sizeof answer), 200);
        assert_non_null(strstr(answer, "n=2 ok"));
    }
    close(fd);
    fd = dial(); // two requests in one packet, the first of them through the pool
    static const char two[] = "GET /one HTTP/1.1\r\nHost: a\r\n\r\nGET /two HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    say(fd, two, sizeof two - 1);
    size_t n = 0;
    ssize_t r;
    while ((r = recv(fd, answer + n, sizeof answer - 1 - n, 0)) > 0) {
        n += (size_t)r;
    }
    answer[n] = '\0';
    assert_non_null(strstr(answer, "/one?"));
    assert_non_null(strstr(answer, "/two?"));
    close(fd);
    http_stop(&h);
}

static void hold(bool on)
{
    pthread_mutex_lock(&lock);
    held = on;
    pthread_cond_broadcast(&opened);
    pthread_mutex_unlock(&lock);
}

static void wait_running(int n)
{
    pthread_mutex_lock(&lock);
    while (running < n) {
        pthread_cond_wait(&opened, &lock);
    }
    pthread_mutex_unlock(&lock);
}

static void wait_queue(struct http *h, unsigned n)
{
    struct http_counts c;
    for (int i = 0; i < 1000; i++) {
        http_counts(h, &c);
        if (c.waiting == n) {
            return;
        }
        clock_sleep(5000);
    }
    fail_msg("queue holds %u, not %u", c.waiting, n);
}

static void test_http_full(void **state)
{
    (void)state;
    struct http *h = start(1, 2, 1);
    static const char slow[] = "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n";
    static const char danger[] = "POST /urgent HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\ndanger=1";
    hold(true);
    running = 0;
    int fd[4];
    for (int i = 0; i < 4; i++) {
        fd[i] = dial();
    }
    say(fd[0], slow, sizeof slow - 1);
    wait_running(1);
    say(fd[1], slow, sizeof slow - 1);
    say(fd[2], slow, sizeof slow - 1);
    wait_queue(h, 2);
    assert_int_equal(ASK("GET /x HTTP/1.1\r\nHost: a\r\n\r\n"), 503);
    assert_int_equal(ASK("POST /urgent HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\ndanger=0"), 503);
    assert_int_equal(ASK("GET /ready HTTP/1.1\r\nHost: a\r\n\r\n"), 200); // needs no thread
    say(fd[3], danger, sizeof danger - 1);
    wait_queue(h, 3);
    assert_int_equal(ASK("POST /urgent HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\ndanger=1"), 503); // its places are full too
    hold(false);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(hear(fd[i], answer, sizeof answer), 200);
        close(fd[i]);
    }
    struct http_counts c;
    http_counts(h, &c);
    assert_int_equal(c.full, 3);
    http_stop(&h);
}

// A form that is too long or finds no place comes back with its answer, on a connection that goes on.
static void test_http_give_back(void **state)
{
    (void)state;
    struct http *h = start(1, 1, 0);
    static char big[70000];
    int fd = dial();
    backs = dones = 0;
    for (int chunked = 0; chunked < 2; chunked++) {
        int n = chunked ? snprintf(big, sizeof big, "POST /form HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n", 40001)
                        : snprintf(big, sizeof big, "POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 40001\r\n\r\n");
        memset(big + n, 'x', 40001);
        memcpy(big + n, "what", 4);
        memcpy(big + n + 40001, "\r\n0\r\n\r\n", 7);
        say(fd, big, (size_t)n + 40001 + (chunked ? 7 : 0));
        assert_int_equal(hear(fd, answer, sizeof answer), 413);
        assert_non_null(strstr(answer, "back n=40001 what"));
    }
    SAY(fd, "POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok");
    assert_int_equal(hear(fd, answer, sizeof answer), 200);
    assert_int_equal(backs, 2);
    int n = snprintf(big, sizeof big, "POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 60001\r\n\r\n"); // more than is worth reading
    assert_int_equal(ask(big, (size_t)n, answer, sizeof answer), 413);
    n = snprintf(big, sizeof big, "POST /formless HTTP/1.1\r\nHost: a\r\nContent-Length: 40001\r\n\r\n"); // read, and not given back
    memset(big + n, 'x', 40001);
    assert_int_equal(ask(big, (size_t)n + 40001, answer, sizeof answer), 413);
    assert_null(strstr(answer, "back"));
    assert_int_equal(backs, 2);
    static const char slow[] = "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n";
    int busy = dial(), waits = dial();
    hold(true);
    running = 0;
    say(busy, slow, sizeof slow - 1);
    wait_running(1);
    say(waits, slow, sizeof slow - 1);
    wait_queue(h, 1);
    SAY(fd, "POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nwords");
    assert_int_equal(hear(fd, answer, sizeof answer), 503);
    assert_non_null(strstr(answer, "back n=5 word"));
    assert_int_equal(ASK("POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"), 503); // nothing to give back
    hold(false);
    assert_int_equal(hear(busy, answer, sizeof answer), 200);
    assert_int_equal(hear(waits, answer, sizeof answer), 200);
    SAY(fd, "POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok");
    assert_int_equal(hear(fd, answer, sizeof answer), 200);
    assert_int_equal(backs, 3);
    assert_int_equal(dones, 3);
    struct http_counts c;
    http_counts(h, &c);
    assert_int_equal(c.full, 2);
    assert_int_equal(c.refused, 4);
    close(fd);
    close(busy);
    close(waits);
    http_stop(&h);
}

static void test_http_client_gone_and_stop(void **state)
{
    (void)state;
    struct http *h = start(1, 4, 0);
    hold(true);
    running = 0;
    static const char slow[] = "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n";
    int gone = dial(), stays = dial(), half = dial();
    say(gone, slow, sizeof slow - 1);
    wait_running(1);
    close(gone); // while its request is suspended
    say(stays, slow, sizeof slow - 1);
    wait_queue(h, 1);
    SAY(half, "GET /x HTTP/1.1\r\nHos"); // never finished; its memory must not leak
    hold(false);
    http_stop(&h); // what was taken in is answered before
    assert_int_equal(hear(stays, answer, sizeof answer), 200);
    close(stays);
    close(half);
}

static void test_http_take(void **state)
{
    (void)state;
    struct http *h = start(1, 4, 0);
    taken_fd = -2;
    int fd = dial();
    SAY(fd, "GET /take HTTP/1.1\r\nHost: a\r\n\r\n");
    size_t n = 0;
    while (n < 23) {
        ssize_t r = recv(fd, answer + n, sizeof answer - n, 0);
        assert_true(r > 0);
        n += (size_t)r;
    }
    clock_sleep(50000); // the library has closed its descriptor by now
    pthread_mutex_lock(&lock);
    int mine = taken_fd;
    pthread_mutex_unlock(&lock);
    assert_int_equal(write(mine, "more", 4), 4);
    assert_int_equal(recv(fd, answer, 4, 0), 4);
    assert_memory_equal(answer, "more", 4);
    close(mine);
    close(fd);
    http_stop(&h);
}

static void test_http_listen_refusals(void **state)
{
    (void)state;
    struct buf why;
    buf_init(&why, 500);
    struct http *h = start(1, 4, 0), *second = NULL;
    struct http_options o = {.listen = where, .threads = 1, .connections = 10, .handlers = {.look = look, .run = run, .refuse = refuse}};
    assert_int_equal(http_start(&o, &second, &why), ERR_CONFLICT);
    o.listen = "nonsense";
    assert_int_equal(http_start(&o, &second, &why), ERR_INVALID);
    o.listen = "unix:/no/such/folder/x";
    assert_int_equal(http_start(&o, &second, &why), ERR_IO);
    assert_null(second);
    http_stop(&h);
    o.listen = "127.0.0.1:0";
    assert_int_equal(http_start(&o, &second, &why), OK);
    assert_true(http_port(second) > 0);
    http_stop(&second);
    buf_free(&why);
}

static int setup(void **state)
{
    (void)state;
    snprintf(where, sizeof where, "unix:%s/s", mkdtemp(folder));
    const struct http_pair close_it = {"Connection", STR("close")};
    for (size_t i = 0; i < 6; i++) {
        if (http_ready_new(statuses[i], &close_it, 1, STR("no"), &refusals[i])) {
            return 1;
        }
    }
    return http_ready_new(200, NULL, 0, STR("hello"), &hello) != OK;
}

static int teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < 6; i++) {
        http_ready_free(&refusals[i]);
    }
    http_ready_free(&hello);
    return unlink(where + strlen("unix:")) || rmdir(folder); // the socket's file stays
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_http_answers), cmocka_unit_test(test_http_gate), cmocka_unit_test(test_http_limits),
        cmocka_unit_test(test_http_keep_alive_and_pipeline), cmocka_unit_test(test_http_full), cmocka_unit_test(test_http_give_back),
        cmocka_unit_test(test_http_client_gone_and_stop), cmocka_unit_test(test_http_take),
        cmocka_unit_test(test_http_listen_refusals),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

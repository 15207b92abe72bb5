// A whole program over its socket: faces, languages, sessions, refusals, static files. With an argument it only serves
// ("test_web_serve 127.0.0.1:18500 desk"), for trying with curl and wrk.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/clock.h"
#include "crypto/crypto.h"
#include "fake.h"

static char folder[] = "/tmp/isigurt-web-XXXXXX";
static char where[128], files[128];
static struct pack *some_pack = (struct pack *)&good_token; // only handed to the two functions of fake.h
static struct services services;
static struct web_options options;
static volatile sig_atomic_t stop;
static pthread_t server;

static void *serve(void *arg)
{
    (void)arg;
    struct buf why;
    buf_init(&why, 1000);
    enum err e = web_serve(&options, &stop, &why);
    if (e) {
        fprintf(stderr, "%.*s\n", STR_ARG(buf_str(&why)));
        exit(1);
    }
    buf_free(&why);
    return NULL;
}

static void start(bool desk)
{
    services = (struct services){.pack = some_pack, .roles = &roles, .keeper = desk ? (struct keeper *)&services : NULL,
                                 .events = services.events};
    options = (struct web_options){.name = desk ? "desk" : "portal", .listen = where, .url = "http://a", .static_dir = files,
        .rooms = desk ? desk_rooms : portal_rooms, .services = &services, .threads = 4, .connections = 200,
        .person_find = person_find, .error_page = error_page, .sign_in = desk ? "/sign-in" : NULL};
    __atomic_store_n(&stop, 0, __ATOMIC_RELAXED);
    keeper_says = OK;
    assert_int_equal(pthread_create(&server, NULL, serve, NULL), 0);
    for (int i = 0; i < 400 && access(where + 5, F_OK); i++) {
        clock_sleep(5000);
    }
}

static void finish(void)
{
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    pthread_join(server, NULL);
    unlink(where + 5); // serve does so for its programs
}

static char answer[70000];

static int ask(const char *request)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    strcpy(a.sun_path, where + 5);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
    size_t n = 0;
    ssize_t r;
    while ((r = recv(fd, answer + n, sizeof answer - 1 - n, 0)) > 0) {
        n += (size_t)r;
    }
    answer[n] = '\0';
    close(fd);
    return n > 12 ? atoi(answer + 9) : 0;
}
#define HEAD "Host: a\r\nConnection: close\r\n"

static int get(const char *path, const char *more)
{
    char request[2000];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\n" HEAD "%s\r\n", path, more);
    return ask(request);
}

static int post(const char *path, const char *more, const char *body)
{
    char request[9000];
    bool json = body[0] == '{';
    snprintf(request, sizeof request, "POST %s HTTP/1.1\r\n" HEAD "%sContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", path, more,
             json ? "application/json" : "application/x-www-form-urlencoded", strlen(body), body);
    return ask(request);
}

static bool says(const char *z)
{
    return strstr(answer, z) != NULL;
}

static void test_serve_pages(void **state)
{
    (void)state;
    start(false);
    homes_run = 0;
    assert_int_equal(get("/", ""), 200);
    assert_true(says("<html lang=sq>") && says("Content-Security-Policy: default-src 'none';") && says("Cache-Control: no-store"));
    assert_false(says("Server:") || says("Set-Cookie"));
    assert_int_equal(get("/", ""), 200);
    assert_int_equal(get("/", "Accept-Encoding: gzip\r\n"), 200);
    assert_true(says("Content-Encoding: gzip"));
    assert_int_equal(homes_run, 1); // kept ready
    assert_int_equal(get("/", "Accept-Language: de, en;q=0.8, sq;q=0.1\r\n"), 200);
    assert_true(says("<html lang=en>"));
    assert_int_equal(get("/", "Cookie: lang=en\r\nAccept-Language: sq\r\n"), 200);
    assert_true(says("<html lang=en>"));
    assert_int_equal(get("/?lang=en", ""), 200);
    assert_true(says("<html lang=en>") && says("Set-Cookie: lang=en; Path=/; HttpOnly; SameSite=Lax\r\n"));
    assert_int_equal(get("/nothing", "Cookie: lang=en\r\n"), 404);
    assert_true(says("<h1 lang=en>404</h1>"));
    assert_int_equal(get("/api/v1/nothing", ""), 404);
    assert_true(says("{\"error\":\"not-found\""));
    assert_int_equal(post("/", "", "a=b"), 405);
    assert_true(says("Allow: GET, HEAD\r\n") && says("<h1 lang=sq>405</h1>"));
    assert_int_equal(get("/api/v1/notes", ""), 405);
    assert_true(says("{\"error\":\"method-not-allowed\",\"message\":\"Kjo adresë nuk mund të përdoret në këtë mënyrë.\"}"));
    assert_true(says("Allow: POST\r\n") && says("{\"error\":"));
    assert_int_equal(get("/health", ""), 200);
    assert_true(says("{\"status\":\"ok\",\"pack\":\"c0de000000000000\"}"));
    assert_int_equal(get("/metrics", ""), 404);
    assert_int_equal(get("/api/v1/events", ""), 404);
    finish();
}

static void test_serve_forms(void **state)
{
    (void)state;
    start(false);
    assert_int_equal(post("/notes", "", "text=hello&lines=a%0D%0Ab&js=1&button=x"), 200);
    assert_true(says("text=hello") && says("numbers=1"));
    notes_run = 0;
    assert_int_equal(post("/notes", "Cookie: lang=en\r\n", "text=far+too+long+text&secret=abc"), 422);
    assert_true(says("refused=This is too long: at most 10 characters.") && says("text=far too long text secret= ") && says("filled=1"));
    assert_int_equal(notes_run, 0);
    assert_int_equal(post("/notes", "", "text=busy"), 503);
    assert_true(says("Retry-After: 7\r\n") && says("text=busy"));
    assert_int_equal(post("/notes", "", "text=odd"), 422);
    assert_int_equal(post("/notes", "", "text=evil"), 303);
    assert_true(says("Location: /\r\n"));
    assert_int_equal(post("/notes", "", "text=a&text=b"), 422);
    assert_int_equal(post("/notes", "", "text=%zz"), 400);
    assert_int_equal(post("/notes", "", "text=hi&lang=en"), 200);
    assert_true(says("lang=en") && says("Set-Cookie: lang=en"));
    assert_int_equal(ask("POST /notes HTTP/1.1\r\n" HEAD "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 3\r\n\r\nabc"), 415);
    assert_int_equal(get("/note", ""), 422); // no `text`: an error page, because it was not sent by a form
    finish();
}

static void test_serve_json(void **state)
{
    (void)state;
    start(false);
    assert_int_equal(post("/api/v1/notes", "", "{\"text\":\"ë\\\"<\",\"n\":-5,\"yes\":true,\"tags\":[\"a\"],\"secret\":null}"), 201);
    assert_true(says("{\"text\":\"ë\\\"\\u003c\",\"empty\":null,\"n\":-5,\"at\":\"1970-01-01T00:00:00Z\",\"yes\":true,\"who\":null,"
                     "\"tags\":[\"a\"],\"rows\":[{\"name\":\"\"}]}"));
    assert_true(says("Content-Type: application/json\r\n"));
    assert_int_equal(post("/api/v1/notes", "", "{\"text\":\"\",\"colour\":\"green\",\"nosuch\":1,\"language\":\"en\"}"), 422);
    assert_true(says("{\"errors\":[{\"field\":\"colour\",\"message\":\"Please choose one of the answers shown.\"},"
                     "{\"field\":\"nosuch\",\"message\":\"There is no field with this name.\"},"
                     "{\"field\":\"text\",\"message\":\"Please answer this.\"}]}"));
    assert_int_equal(post("/api/v1/notes", "Accept-Language: en\r\n", "{\"text\":\"\"}"), 422);
    assert_true(says("Ju lutemi")); // no `language`: the country's
    assert_int_equal(post("/api/v1/notes", "", "{\"text\":\"a\",\"text\":\"b\"}"), 400);
    assert_int_equal(post("/api/v1/notes", "", "{"), 400);
    assert_int_equal(post("/api/v1/notes", "", "{\"text\":[[[[[[[[[[1]]]]]]]]]]}"), 400);
    assert_int_equal(ask("POST /api/v1/notes HTTP/1.1\r\n" HEAD "Content-Length: 2\r\n\r\n{}"), 415);
    assert_true(says("{\"error\":\"unsupported-media-type\",\"message\":\"Këtu mund të dërgohet vetëm tekst, jo skedarë ose foto.\"}"));
#define JSON(more) ask("POST /api/v1/notes HTTP/1.1\r\n" HEAD "Content-Type: application/json" more "\r\nContent-Length: 12\r\n\r\n{\"text\":\"a\"}")
    assert_int_equal(JSON("; charset=UTF-8"), 201);
    assert_int_equal(JSON(";charset=\"utf-8\"; x=y"), 201);
    assert_int_equal(JSON("; charset=iso-8859-1"), 415);
    assert_int_equal(JSON("; x=y; Charset = utf-16"), 415);
    assert_int_equal(JSON("; charset="), 415);
    assert_int_equal(JSON("\r\nContent-Encoding: gzip"), 415);
#undef JSON
    assert_int_equal(get("/api/v1/note?text=a", ""), 401);
    assert_int_equal(get("/api/v1/note?text=a", "Authorization: Receipt ABCD\r\n"), 200);
    assert_true(says("\"rows\":[{\"name\":\"ABCD\"}]"));
    char big[8200] = "{";
    memset(big + 1, ' ', sizeof big - 2);
    big[sizeof big - 1] = '\0';
    assert_int_equal(post("/api/v1/notes", "", big), 413);
    finish();
}

#define ID "00112233445566778899aabbccddeeff"
#define COOKIE "Cookie: " GOOD_COOKIE "\r\n"
static void test_serve_sessions(void **state)
{
    (void)state;
    start(true);
    assert_int_equal(get("/items/" ID, ""), 303);
    assert_true(says("Location: /sign-in?again=/items/" ID "\r\n"));
    assert_int_equal(get("/api/v1/items/" ID, ""), 401);
    assert_int_equal(get("/api/v1/items/" ID, COOKIE), 200);
    assert_true(says("{\"id\":\"" ID "\",\"name\":\"Era\"}"));
    assert_int_equal(get("/api/v1/items/" ID, "Cookie: " GOOD_COOKIE "1\r\n"), 401);
    assert_int_equal(get("/api/v1/items/0011", COOKIE), 404);
    assert_int_equal(get("/api/v1/admin", COOKIE), 403);
    assert_int_equal(get("/admin", COOKIE), 403);
    // the token, on both faces
    assert_int_equal(post("/api/v1/items/" ID "/take", COOKIE, "{}"), 403);
    assert_int_equal(post("/api/v1/items/" ID "/take", COOKIE "X-CSRF-Token: 0123456789abcdef0123456789abcdee\r\n", "{}"), 403);
    assert_int_equal(post("/api/v1/items/" ID "/take", COOKIE "X-CSRF-Token: " GOOD_CSRF "\r\n", "{}"), 200);
    assert_int_equal(post("/items/" ID "/take", COOKIE, "csrf="), 403);
    assert_int_equal(post("/items/" ID "/take", COOKIE, "csrf=" GOOD_CSRF), 303);
    assert_true(says("Location: /items/" ID "\r\n"));
    assert_int_equal(post("/items/" ID "/take", "", "csrf=" GOOD_CSRF), 303); // no session: to the door
    assert_true(says("Location: /sign-in\r\n"));
    // rows without a session on the desk: the origin counts, the cookie does not
    assert_int_equal(post("/notes", COOKIE, "text=a"), 200);
    assert_true(says("Set-Cookie: device=") && says("csrf= "));
    assert_int_equal(post("/notes", "Origin: http://evil\r\n", "text=a"), 403);
    assert_int_equal(post("/notes", "Origin: null\r\n", "text=a"), 403);
    assert_int_equal(post("/notes", "Sec-Fetch-Site: cross-site\r\n", "text=a"), 403);
    assert_int_equal(post("/notes", "Origin: http://a\r\nSec-Fetch-Site: same-origin\r\n", "text=a"), 200);
    assert_int_equal(post("/notes", "Cookie: device=" ID "\r\n", "text=a"), 200);
    assert_false(says("Set-Cookie"));
    keeper_says = ERR_AWAY;
    assert_int_equal(get("/items/" ID, COOKIE), 503);
    assert_true(says("Retry-After: "));
    keeper_says = OK;
    assert_int_equal(get("/metrics", ""), 200);
    assert_true(says("isigurt_http_requests_total{process=\"desk\"}"));
    assert_int_equal(get("/metrics", "X-Isigurt-Prefix: 192.0.2.0/24\r\n"), 401);
    assert_int_equal(get("/metrics", "X-Isigurt-Prefix: 192.0.2.0/24\r\n" COOKIE), 403);
    finish();
}

static void test_serve_events(void **state)
{
    (void)state;
    assert_int_equal(crypto_start(), OK);
    struct services sv = {.roles = &roles, .keeper = (struct keeper *)&services};
    assert_int_equal(events_new(&sv, NULL, &services.events), OK);
    start(true);
    assert_int_equal(get("/api/v1/events", ""), 401);
    assert_int_equal(ask("HEAD /api/v1/events HTTP/1.1\r\n" HEAD COOKIE "\r\n"), 200);
    assert_true(says("Content-Type: text/event-stream\r\n"));
    assert_int_equal(get("/api/v1/events", COOKIE "Last-Event-ID: x\r\n"), 400);
    good_roles = 1u << ROLE_ADMINISTRATOR;
    assert_int_equal(get("/api/v1/events", COOKIE), 403);
    good_roles = 1u << ROLE_DUTY_OFFICER;
    finish();
    events_free(&services.events);
}

static void file_put(const char *name, const char *text)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", files, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void test_serve_files(void **state)
{
    (void)state;
    char css[3000];
    memset(css, 'a', sizeof css - 1);
    css[sizeof css - 1] = '\0';
    file_put("site.css", css);
    char root[200];
    snprintf(root, sizeof root, "%s/root", files);
    mkdir(root, 0755);
    file_put("root/robots.txt", "hi");
    start(false);
    assert_int_equal(get("/static/site.css", ""), 200);
    assert_true(says("Content-Type: text/css; charset=utf-8\r\n") && says("Cache-Control: no-cache") && says("Content-Length: 2999"));
    char etag[40], more[100];
    assert_int_equal(sscanf(strstr(answer, "ETag: "), "ETag: %39s", etag), 1);
    snprintf(more, sizeof more, "If-None-Match: %s\r\n", etag);
    assert_int_equal(get("/static/site.css", more), 304);
    assert_int_equal(get("/static/site.css", "Accept-Encoding: br, gzip\r\n"), 200);
    assert_true(says("Content-Encoding: gzip"));
    assert_int_equal(get("/static/site.css?v=00000000", ""), 200);
    assert_true(says("Cache-Control: no-cache"));
    assert_int_equal(get("/robots.txt", ""), 200);
    assert_int_equal(get("/static/root/robots.txt", ""), 404);
    assert_int_equal(get("/static/../fake", ""), 404);
    finish();
    struct buf why;
    buf_init(&why, 500);
    struct files *f;
    assert_int_equal(files_open(files, &f, &why), OK);
    char path[100];
    snprintf(path, sizeof path, "/static/site.css?v=%.*s", STR_ARG(files_version(f)));
    files_free(&f);
    buf_free(&why);
    start(false);
    assert_int_equal(get(path, ""), 200);
    assert_true(says("Cache-Control: public, max-age=31536000, immutable"));
    finish();
}

static int setup(void **state)
{
    snprintf(where, sizeof where, "unix:%s/s", mkdtemp(folder));
    snprintf(files, sizeof files, "%s/files", folder);
    return mkdir(files, 0755) || fake_text(state);
}

static int teardown(void **state)
{
    (void)state;
    char command[200];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        bool desk = argc > 2;
        signal(SIGTERM, on_signal);
        fake_text(NULL);
        services = (struct services){.pack = some_pack, .roles = &roles, .keeper = (struct keeper *)&services};
        options = (struct web_options){.name = "try", .listen = argv[1], .url = "http://localhost", .rooms = desk ? desk_rooms : portal_rooms,
            .services = &services, .threads = 64, .connections = 12000, .person_find = person_find, .error_page = error_page,
            .sign_in = desk ? "/sign-in" : NULL};
        serve(NULL);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_serve_pages), cmocka_unit_test(test_serve_forms), cmocka_unit_test(test_serve_json),
        cmocka_unit_test(test_serve_sessions), cmocka_unit_test(test_serve_events), cmocka_unit_test(test_serve_files),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

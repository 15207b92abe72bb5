// load: sends reports to a portal on this machine and listens to the desk's streams, in one thread, so that it takes
// little of the two cores that it shares with what it measures.
//
//   load --portal PORT --count N [--rate R] [--connections C] [--desk PORT --streams FILE] [--receipts FILE] [--limit S]
//   load --body N      prints the report that carries number N
//
// Without --rate each connection sends its next report when the last is answered. With it reports fall due evenly, R a
// second, whatever the answers do, and a report's latency counts from the moment when it fell due, so a stall is charged
// to every report behind it. FILE of --streams holds one Cookie header a line; each opens one stream, on which N events
// are awaited. It ends when all is answered and heard, after --limit seconds, or when 15 s pass without anything, and
// prints one line of JSON. Numbers of reports go from --from (default 0); the same number is the same report.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX 10000000u
#define CONNECTIONS_MAX 1024u
#define STREAMS_MAX 1000u
#define EVENTS_MAX (64u << 20)     // count × streams: 4 bytes each are kept
#define REQUEST_MAX 4096u          // bytes of head and body
#define ANSWER_MAX 8192u           // of a portal's answer
#define COOKIE_MAX 4096u
#define CARRY_MAX 64u              // longer than what is searched in a stream
#define LIMIT_MAX 600              // seconds
#define QUIET_MAX 15000000         // µs without an answer or an event
#define STREAM_BIT 0x80000000u     // of an epoll tag

struct connection {
    int fd;
    bool busy;
    uint32_t number;               // of the report under way
    int64_t since;                 // µs: when it was sent, or fell due
    size_t n;                      // bytes of answer
    char answer[ANSWER_MAX];
};
struct stream {
    int fd;
    uint32_t heard;
    size_t carried;
    char carry[CARRY_MAX];
    uint32_t *at;                  // µs since the start, for each event
};

static struct {
    unsigned portal, desk, connections, rate, limit, from, count;
    const char *receipts, *streams;
} o = {.connections = 64, .limit = 300};

static struct connection *connections;
static struct stream *streams;
static unsigned n_streams, ended_streams;
static int epoll_fd;
static int64_t started, last_life;     // µs
static uint32_t sent, answered, accepted, refused, broken;
static uint32_t *latency;              // µs, of each accepted
static uint32_t *accepted_at, *sent_at; // µs since the start, in order
static FILE *receipts;
static char first_refusal[400];

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(2);
}

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void *array(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size);
    if (!p)
        die("no memory for %zu items", n);
    return p;
}

// ── invented reports: some 600 bytes of JSON, every one different, one in eight about a page reported before ──

static const char *const sentences[] = {
    "Këtë e gjeta dje në mbrëmje, kur po kërkoja diçka për detyrat e shtëpisë. ",
    "Një person që nuk e njoh më shkruan çdo ditë dhe nuk më lë të qetë. ",
    "Shokët e klasës po e ndajnë njëri me tjetrin dhe askush nuk flet. ",
    "Kam frikë t'ua them prindërve, prandaj po e shkruaj këtu. ",
    "Llogaria u hap para disa ditësh me emrin dhe foton e dikujt tjetër. ",
    "Më kërkoi numrin e telefonit dhe të mos i tregoj askujt. ",
    "Vajza ime qan çdo natë dhe nuk do të shkojë më në shkollë. ",
    "Faqja hapet pa asnjë pyetje për moshën dhe fëmijët e gjejnë lehtë. ",
    "E kam bllokuar dy herë, por kthehet me një emër tjetër. ",
    "Mësuesja na tha që ta raportojmë që të mos i ndodhë askujt tjetër. ",
    "I kam ruajtur mesazhet dhe mund t'i tregoj kur të më pyesni. ",
};
static const char *const page_category[] = {"CSEM", "BULLY", "HATE", "VIOLC", "PORN", "CSAM-AI", "BULLY", "VIOLC"};
static const char *const app_category[] = {"GROOM", "SEXT", "BULLY", "SOLIC", "STALK", "THREAT", "BULLY", "NCII"};
static const char *const apps[] = {"Instagram", "TikTok", "WhatsApp", "Snapchat", "Discord", "Roblox"};
static const char *const reporters[] = {
    "\"reporter\":\"child\",\"age_band\":\"13-15\"", "\"reporter\":\"child\",\"age_band\":\"16-17\"", "\"reporter\":\"parent\"",
    "\"reporter\":\"teacher\"", "\"reporter\":\"child\",\"age_band\":\"<13\"", "\"reporter\":\"other\"",
};
static const char *const places[] = {
    "\"county\":\"Korçë\",\"municipality\":\"Pogradec\"", "\"county\":\"Fier\",\"municipality\":\"Lushnjë\"", "\"county\":\"Durrës\"",
    "\"county\":\"Elbasan\",\"municipality\":\"Cërrik\"", "\"county\":\"Kukës\"", "\"county\":\"Gjirokastër\"",
};
#define PICK(list, r) (list)[(r) % (sizeof(list) / sizeof *(list))]

static uint64_t mix(uint64_t x) // splitmix64: the same number gives the same report
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

__attribute__((format(printf, 3, 4))) static void add(char *out, size_t *n, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int k = vsnprintf(out + *n, REQUEST_MAX - *n, format, args);
    va_end(args);
    if (k < 0 || (size_t)k >= REQUEST_MAX - *n)
        die("a report is too long");
    *n += (size_t)k;
}

static size_t body_make(uint32_t number, char out[REQUEST_MAX])
{
    uint64_t r = mix(number), s = mix(r);
    uint32_t page = r % 8 == 0 ? (uint32_t)(s % 997) : number; // of an earlier report, or its own
    size_t n = 0;
    bool app = r >> 8 & 1;
    add(out, &n, "{\"language\":\"%s\",\"where\":\"%s\",", r >> 9 & 7 ? "sq" : "en", app ? "app" : "page");
    if (app)
        add(out, &n, "\"app\":\"%s\",\"account\":\"@perdorues_%07u\",\"category\":\"%s\",", PICK(apps, page), page, PICK(app_category, s >> 4));
    else
        add(out, &n, "\"address\":\"https://www.forum-%u.example/tema/%07u/lexo.html?faqe=%u&utm_source=wa#p%u\",\"category\":\"%s\",", page % 89,
            page, page % 7, number % 50, PICK(page_category, s >> 4));
    add(out, &n, "%s,%s,\"in_danger\":%s,\"text\":\"", PICK(reporters, s >> 16), PICK(places, s >> 24), s >> 32 & 31 ? "false" : "true");
    for (unsigned i = 0, most = 4 + (unsigned)(s >> 40 & 1); i < most; i++)
        add(out, &n, "%s", PICK(sentences, s >> (42 + 4 * i)));
    add(out, &n, "Nr. %08u.\",\"submission\":\"%016" PRIx64 "%016" PRIx64 "\"}", number, mix(r ^ 0x5eedu), mix(s ^ 0x5eedu));
    return n;
}

// ── connections to the portal ──

static int dial(unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to))
        die("127.0.0.1:%u does not answer: %s", port, strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void watch(int fd, uint32_t tag)
{
    struct epoll_event ev = {.events = EPOLLIN | EPOLLRDHUP, .data.u32 = tag};
    if (fcntl(fd, F_SETFL, O_NONBLOCK) || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &ev))
        die("epoll: %s", strerror(errno));
}

static void send_next(uint32_t i, int64_t due)
{
    struct connection *c = &connections[i];
    char body[REQUEST_MAX], request[REQUEST_MAX + 512];
    size_t n = body_make(o.from + sent, body);
    int k = snprintf(request, sizeof request, "POST /api/v1/reports HTTP/1.1\r\nHost: localhost:%u\r\nContent-Type: application/json\r\n"
                     "Content-Length: %zu\r\n\r\n", o.portal, n);
    memcpy(request + k, body, n);
    if (c->fd < 0) { // the last answer closed it
        c->fd = dial(o.portal);
        watch(c->fd, i);
    }
    c->busy = true;
    c->n = 0;
    c->number = o.from + sent;
    int64_t now = now_us();
    c->since = due ? due : now;
    sent_at[sent] = (uint32_t)(c->since - started);
    sent++;
    if (send(c->fd, request, (size_t)k + n, MSG_NOSIGNAL) != k + (ssize_t)n)
        die("a request of %zu bytes did not go out whole", (size_t)k + n);
}

static void hang_up(struct connection *c)
{
    close(c->fd);
    c->fd = -1;
    broken += c->busy;
    answered += c->busy;
    c->busy = false;
}

// A whole answer lies in c: counts it.
static void take_answer(struct connection *c, int status, const char *body, size_t n)
{
    static const char name[] = "\"receipt\":";
    int64_t now = now_us();
    const char *at = memmem(body, n, name, sizeof name - 1);
    c->busy = false;
    answered++;
    if (status != 201 || !at) {
        if (!refused++)
            snprintf(first_refusal, sizeof first_refusal, "%.*s", (int)c->n, c->answer);
        return;
    }
    latency[accepted] = (uint32_t)(now - c->since);
    accepted_at[accepted++] = (uint32_t)(now - started);
    at += sizeof name - 1;
    while (at < body + n && (*at == ' ' || *at == '"'))
        at++;
    const char *end = memchr(at, '"', (size_t)(body + n - at));
    if (receipts && end)
        fprintf(receipts, "%u %.*s\n", c->number, (int)(end - at), at);
}

static void hear_answer(struct connection *c)
{
    ssize_t got = recv(c->fd, c->answer + c->n, sizeof c->answer - 1 - c->n, 0);
    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR))
            hang_up(c);
        return;
    }
    c->n += (size_t)got;
    c->answer[c->n] = 0;
    last_life = now_us();
    char *body = strstr(c->answer, "\r\n\r\n"), *length = strcasestr(c->answer, "\r\nContent-Length:");
    if (!body || !c->busy) {
        if (c->n == sizeof c->answer - 1 || !c->busy)
            hang_up(c);
        return;
    }
    if (!length || length > body)
        die("an answer without Content-Length:\n%.300s", c->answer);
    body += 4;
    size_t n = strtoul(length + 17, NULL, 10), have = c->n - (size_t)(body - c->answer);
    if (have < n && c->n < sizeof c->answer - 1)
        return;
    bool closes = strcasestr(c->answer, "\r\nConnection: close") != NULL;
    take_answer(c, atoi(c->answer + 9), body, have < n ? have : n);
    if (closes || have != n) {
        close(c->fd);
        c->fd = -1;
    }
}

// ── streams from the desk ──

static void stream_open(struct stream *s, const char *cookie)
{
    char request[COOKIE_MAX + 300], answer[2048] = "";
    s->fd = dial(o.desk);
    int k = snprintf(request, sizeof request, "GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nAccept: text/event-stream\r\n"
                     "Cookie: %s\r\n\r\n", o.desk, cookie);
    struct timeval wait = {.tv_sec = 20};
    setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    ssize_t got = send(s->fd, request, (size_t)k, MSG_NOSIGNAL) == k ? recv(s->fd, answer, sizeof answer - 1, 0) : -1;
    if (got <= 0 || strncmp(answer, "HTTP/1.1 200", 12))
        die("a stream was not opened: %.200s", answer);
    s->at = array(o.count, sizeof *s->at);
    watch(s->fd, STREAM_BIT | (uint32_t)(s - streams));
}

static void streams_open(void)
{
    FILE *f = fopen(o.streams, "re");
    char line[COOKIE_MAX];
    if (!f)
        die("%s: %s", o.streams, strerror(errno));
    streams = array(STREAMS_MAX, sizeof *streams);
    while (n_streams < STREAMS_MAX && (uint64_t)(n_streams + 1) * o.count <= EVENTS_MAX && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\r\n")] = 0;
        if (*line)
            stream_open(&streams[n_streams++], line);
    }
    if (fgets(line, sizeof line, f))
        die("more streams than %u, or more events than %u", STREAMS_MAX, EVENTS_MAX);
    fclose(f);
}

static void hear_stream(struct stream *s)
{
    static char piece[CARRY_MAX + 65536];
    static const char ring[] = "event: report\n";
    memcpy(piece, s->carry, s->carried);
    ssize_t got = recv(s->fd, piece + s->carried, sizeof piece - s->carried, 0);
    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            close(s->fd);
            s->fd = -1;
            ended_streams++;
        }
        return;
    }
    int64_t now = now_us();
    uint32_t at = (uint32_t)(now - started), before = s->heard;
    const char *from = piece, *end = piece + s->carried + got;
    for (const char *hit; (hit = memmem(from, (size_t)(end - from), ring, sizeof ring - 1)); from = hit + sizeof ring - 1) {
        if (s->heard < o.count)
            s->at[s->heard] = at;
        s->heard++;
    }
    if (s->heard > before)
        last_life = now; // a heartbeat is no life
    s->carried = (size_t)(end - from) < sizeof ring - 2 ? (size_t)(end - from) : sizeof ring - 2;
    memcpy(s->carry, end - s->carried, s->carried);
}

// ── the loop ──

static bool all_heard(void)
{
    for (unsigned i = 0; i < n_streams; i++)
        if (streams[i].fd >= 0 && streams[i].heard < accepted)
            return false;
    return true;
}

static void send_due(uint32_t *free_at, int64_t now)
{
    for (; sent < o.count; (*free_at)++) {
        int64_t due = o.rate ? started + (int64_t)sent * 1000000 / o.rate : 0;
        if (due > now)
            return;
        uint32_t tried = 0;
        while (tried < o.connections && connections[*free_at % o.connections].busy)
            (*free_at)++, tried++;
        if (tried == o.connections)
            return; // it goes on waiting, and the wait counts
        send_next(*free_at % o.connections, due);
    }
}

static void run(void)
{
    uint32_t free_at = 0;
    int64_t until = started + (int64_t)o.limit * 1000000;
    last_life = started;
    for (;;) {
        int64_t now = now_us();
        if (now > until || now - last_life > QUIET_MAX || (answered == o.count && all_heard()))
            return;
        send_due(&free_at, now);
        int64_t due = o.rate && sent < o.count ? started + (int64_t)sent * 1000000 / o.rate : now + 200000;
        int64_t wait = due > now ? due - now : 1000; // behind: the next answer wakes it
        struct timespec pause = {.tv_sec = wait / 1000000, .tv_nsec = wait % 1000000 * 1000};
        struct epoll_event ev[128];
        int n = epoll_pwait2(epoll_fd, ev, 128, &pause, NULL);
        for (int i = 0; i < n; i++) {
            uint32_t tag = ev[i].data.u32;
            if (tag & STREAM_BIT)
                hear_stream(&streams[tag & ~STREAM_BIT]);
            else
                hear_answer(&connections[tag]);
        }
    }
}

// ── what it prints ──

static int order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void print_spread(const char *name, uint32_t *at, size_t n)
{
    qsort(at, n, sizeof *at, order);
    if (n)
        printf(",\"%s\":{\"p50\":%u,\"p90\":%u,\"p99\":%u,\"p999\":%u,\"max\":%u}", name, at[n / 2], at[n - 1 - n / 10],
               at[n - 1 - n / 100], at[n - 1 - n / 1000], at[n - 1]);
    else
        printf(",\"%s\":null", name);
}

// The k-th answer against the k-th event of each stream: reports go through intake in the order of their commit, and an
// event does not say which receipt it belongs to. Inside one commit the order may differ, by less than that commit took.
static void print_events(void)
{
    uint32_t least = UINT32_MAX, most = 0, *late = array((size_t)n_streams * accepted, sizeof *late), *whole = array((size_t)n_streams * accepted, sizeof *whole);
    size_t n = 0;
    for (unsigned i = 0; i < n_streams; i++) {
        const struct stream *s = &streams[i];
        least = s->heard < least ? s->heard : least;
        most = s->heard > most ? s->heard : most;
        for (uint32_t k = 0; k < s->heard && k < accepted; k++, n++) {
            late[n] = s->at[k] > accepted_at[k] ? s->at[k] - accepted_at[k] : 0;
            whole[n] = s->at[k] > sent_at[k] ? s->at[k] - sent_at[k] : 0;
        }
    }
    printf(",\"streams\":%u,\"streams_lost\":%u,\"heard_least\":%u,\"heard_most\":%u", n_streams, ended_streams, n_streams ? least : 0, most);
    print_spread("event_after_answer_us", late, n);
    print_spread("event_after_sending_us", whole, n);
    free(late);
    free(whole);
}

static unsigned number(const char *name, unsigned long least, unsigned long most)
{
    char *end;
    unsigned long v = strtoul(optarg, &end, 10);
    if (*end || !*optarg || v < least || v > most)
        die("--%s goes from %lu to %lu", name, least, most);
    return (unsigned)v;
}

static void options(int argc, char **argv)
{
    enum { PORTAL, DESK, COUNT, RATE, CONNECTIONS, STREAMS, RECEIPTS, LIMIT, FROM, BODY };
    static const struct option names[] = {
        {"portal", 1, NULL, PORTAL}, {"desk", 1, NULL, DESK}, {"count", 1, NULL, COUNT}, {"rate", 1, NULL, RATE},
        {"connections", 1, NULL, CONNECTIONS}, {"streams", 1, NULL, STREAMS}, {"receipts", 1, NULL, RECEIPTS},
        {"limit", 1, NULL, LIMIT}, {"from", 1, NULL, FROM}, {"body", 1, NULL, BODY}, {0},
    };
    char body[REQUEST_MAX];
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;)
        switch (c) {
        case PORTAL: o.portal = number("portal", 1, 65535); break;
        case DESK: o.desk = number("desk", 1, 65535); break;
        case COUNT: o.count = number("count", 1, COUNT_MAX); break;
        case RATE: o.rate = number("rate", 1, 1000000); break;
        case CONNECTIONS: o.connections = number("connections", 1, CONNECTIONS_MAX); break;
        case STREAMS: o.streams = optarg; break;
        case RECEIPTS: o.receipts = optarg; break;
        case LIMIT: o.limit = number("limit", 1, LIMIT_MAX); break;
        case FROM: o.from = number("from", 0, 99999999); break;
        case BODY:
            printf("%.*s\n", (int)body_make(number("body", 0, 99999999), body), body);
            exit(0);
        default: die("see the head of bench/load.c");
        }
    if (!o.portal || !o.count || !o.streams != !o.desk)
        die("--portal and --count are needed, and --desk with --streams");
}

int main(int argc, char **argv)
{
    options(argc, argv);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    connections = array(o.connections, sizeof *connections);
    latency = array(o.count, sizeof *latency);
    accepted_at = array(o.count, sizeof *accepted_at);
    sent_at = array(o.count, sizeof *sent_at);
    if (o.receipts && !(receipts = fopen(o.receipts, "we")))
        die("%s: %s", o.receipts, strerror(errno));
    if (o.streams)
        streams_open();
    for (uint32_t i = 0; i < o.connections; i++) {
        connections[i].fd = dial(o.portal);
        watch(connections[i].fd, i);
    }
    started = now_us();
    run();
    struct rusage mine;
    getrusage(RUSAGE_SELF, &mine);
    int64_t took = now_us() - started;
    uint32_t last = accepted ? accepted_at[accepted - 1] : 1;
    printf("{\"sent\":%u,\"accepted\":%u,\"refused\":%u,\"broken\":%u,\"unanswered\":%u,\"seconds\":%.3f,\"per_second\":%.1f,\"all_seconds\":%.3f,"
           "\"own_cpu_seconds\":%.3f", sent, accepted, refused, broken, sent - answered, last / 1e6, accepted / (last / 1e6), (double)took / 1e6,
           (double)(mine.ru_utime.tv_sec + mine.ru_stime.tv_sec) + (double)(mine.ru_utime.tv_usec + mine.ru_stime.tv_usec) / 1e6);
    if (n_streams)
        print_events(); // before the latencies are sorted
    print_spread("latency_us", latency, accepted);
    printf("}\n");
    if (refused)
        fprintf(stderr, "load: %u refused; the first:\n%s\n", refused, first_refusal);
    return receipts && fclose(receipts) ? 2 : 0;
}

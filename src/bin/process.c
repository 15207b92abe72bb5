#include "bin/process.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/share.h"
#include "base/wait.h"
#include "crypto/crypto.h"
#include "text/date.h"

const char *const program_name[PROGRAMS] = {"portal", "desk", "keeper", "courier"};
volatile sig_atomic_t process_stop;

static void on_stop(int signal)
{
    if (signal != SIGHUP)
        process_stop = 1;
    else if (!process_stop)
        process_stop = 2;
}

_Noreturn void process_fail(const struct process *p, const char *what, enum err e)
{
    fprintf(stderr, "isigurt: %s: %.*s\n", what, p->why.n ? (int)p->why.n : (int)strlen(err_name(e)),
            p->why.n ? p->why.at : err_name(e));
    exit(1);
}

// What all programs do before anything else: no core dumps, few heaps, quiet pipes.
static void harden(void)
{
    struct rlimit none = {0, 0}, files;
    setrlimit(RLIMIT_CORE, &none);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    mallopt(M_ARENA_MAX, 1); // one heap per program: 64 threads would each keep their own
    mallopt(M_TRIM_THRESHOLD, 256 * 1024);
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    struct sigaction stop = {.sa_handler = on_stop};
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGHUP, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
}

enum err process_speak(const struct pack *pack, struct buf *why)
{
    char locale[SHARE_PATH_MAX];
    struct buf codes; // "sq,en"
    buf_init(&codes, 256);
    enum err e = date_open(pack_timezone(pack).at);
    if (e) {
        buf_printf(why, "the zone %.*s is missing; install the package tzdata, or write another timezone into pack.json",
                   STR_ARG(pack_timezone(pack)));
        goto out;
    }
    for (size_t i = 0; pack_language_at(pack, i).n; i++)
        buf_printf(&codes, "%s%.*s", i ? "," : "", STR_ARG(pack_language_at(pack, i)));
    buf_put_c(&codes, 0);
    e = buf_ok(&codes);
    if (!e)
        e = text_open(share_path("locale", locale, sizeof locale), codes.at, why);
out:
    buf_free(&codes);
    return e;
}

static enum err speak_or_close(enum err e, struct pack *pack, struct pack **out, struct buf *why)
{
    if (!e)
        e = process_speak(pack, why);
    if (e)
        pack_close(&pack);
    else
        *out = pack;
    return e;
}

enum err process_country(const char *dir, struct pack **out, struct buf *why)
{
    struct pack *pack = NULL;
    enum err e = pack_open(dir, &pack, why); // before the call: which argument is looked at first is not said
    return speak_or_close(e, pack, out, why);
}

enum err process_accepted(const struct layout *l, struct pack **out, struct buf *why)
{
    struct pack *pack = NULL;
    struct buf bytes;
    buf_init(&bytes, PACK_BYTES_MAX);
    enum err e = file_read(l->pack, &bytes);
    if (!e)
        e = pack_open_bytes(buf_str(&bytes), &pack, why);
    buf_free(&bytes);
    return speak_or_close(e, pack, out, why);
}

enum err process_accept(const struct layout *l, const struct pack *p)
{
    return file_replace(l->pack, pack_bytes(p), 0644);
}

// The pack as serve hands it over: a file that is open already, so that all programs have the very same bytes.
static enum err handed_over(struct pack **out, struct buf *why)
{
    const char *fd = getenv("ISIGURT_PACK_FD");
    struct buf bytes;
    buf_init(&bytes, PACK_BYTES_MAX);
    enum err e = fd ? file_read_open(atoi(fd), &bytes) : ERR_IO;
    struct pack *pack = NULL;
    if (!e)
        e = pack_open_bytes(buf_str(&bytes), &pack, why);
    buf_free(&bytes);
    if (fd)
        close(atoi(fd));
    unsetenv("ISIGURT_PACK_FD");
    return speak_or_close(e, pack, out, why);
}

void process_start(struct process *p, enum program which, int argc, char **argv)
{
    *p = (struct process){0};
    buf_init(&p->why, 1024);
    const char *data = NULL, *keys = NULL, *store = NULL, *listen = "";
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--data") == 0)
            data = argv[i + 1];
        else if (strcmp(argv[i], "--keys") == 0)
            keys = argv[i + 1];
        else if (strcmp(argv[i], "--store") == 0)
            store = argv[i + 1];
        else if (strcmp(argv[i], "--listen") == 0)
            listen = argv[i + 1];
    }
    if (!data) {
        fprintf(stderr, "isigurt-%s is started by `isigurt serve`\n", program_name[which]);
        exit(2);
    }
    harden();
    if (which == PROGRAM_KEEPER || which == PROGRAM_COURIER)
        signal(SIGHUP, SIG_IGN); // there is one of each at a time
    prctl(PR_SET_PDEATHSIG, SIGTERM); // nobody watches over it without serve
    log_open(program_name[which], LOG_INFO);
    enum err e = layout_make(&p->layout, data, keys, &p->why);
    if (!e) {
        config_default(&p->config);
        e = config_read(p->layout.config, &p->config, &p->why);
    }
    if (e)
        process_fail(p, "configuration", e);
    layout_store(&p->layout, &p->config, store);
    memcpy(p->config.store, p->layout.store, sizeof p->config.store); // what it really is, for the rooms
    snprintf(p->listen, sizeof p->listen, "%s",
             *listen                  ? listen
             : which == PROGRAM_PORTAL ? p->config.portal_listen
                                       : p->config.desk_listen);
    e = crypto_start();
    if (e)
        process_fail(p, "libsodium", e);
    if (which == PROGRAM_KEEPER)
        return; // speaks no language and needs no country
    const char *listener = getenv("ISIGURT_LISTEN_FD");
    p->listener = listener ? atoi(listener) : 0;
    unsetenv("ISIGURT_LISTEN_FD");
    e = handed_over(&p->pack, &p->why);
    if (e)
        process_fail(p, "country pack", e);
}

#define PORTAL_GATHER 8000 // µs between two commits of a steady stream: each rings, and the desk takes in what it finds

struct store *process_store(struct process *p, enum program which, const char *write, const char *read)
{
    char password[PROCESS_PATH], name[64];
    snprintf(name, sizeof name, "store.%s", program_name[which]);
    layout_join(password, p->layout.keys, name);
    struct store_options o = {
        .url = p->layout.store,
        .role = program_name[which],
        .password_file = access(password, R_OK) == 0 ? password : NULL,
        .write = write,
        .read = read,
        .ring_dir = p->layout.ring,
        .readers = which == PROGRAM_KEEPER || which == PROGRAM_COURIER ? 2 : 4,
        .gather_us = which == PROGRAM_PORTAL ? PORTAL_GATHER : 0,
    };
    struct store *s = NULL;
    for (int try = 0;; try++) { // a database that starts together with us may need a moment
        buf_clear(&p->why);
        enum err e = store_open(&o, &s, &p->why);
        if (!e)
            return s;
        if (process_stop)
            exit(0);
        if (e != ERR_AWAY || try >= 100)
            process_fail(p, "store", e);
        clock_sleep(100 * 1000);
    }
}

bool process_lock(const char *path, unsigned seconds)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600); // never closed: the lock ends with the process
    for (unsigned try = 0; fd >= 0; try++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            if (ftruncate(fd, 0) || dprintf(fd, "%d\n", (int)getpid()) < 0)
                log_event(LOG_WARN, "process.lock_unnamed", LOG_I("errno", errno));
            return true;
        }
        if (try >= seconds * 20 || process_stop)
            break;
        clock_sleep(50 * 1000);
    }
    return false;
}

pid_t process_lock_holder(const char *path)
{
    struct buf b;
    int64_t pid = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    buf_init(&b, 64);
    // A number that a process left behind is somebody else's by now: only who holds the lock is meant.
    const bool held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    const bool known = held && file_read_open(fd, &b) == OK && str_int(str_trim(buf_str(&b)), &pid) == OK && pid > 1 && pid <= INT32_MAX;
    close(fd);
    buf_free(&b);
    return known ? (pid_t)pid : 0;
}

static int line = -1; // to serve

void process_ready(int listener)
{
    const char *fd = getenv("ISIGURT_SERVE_FD");
    union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(int))]; } more = {0};
    char byte = 'r';
    struct iovec part = {&byte, 1};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    if (listener > 0) {
        m.msg_control = more.bytes;
        m.msg_controllen = sizeof more.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof listener);
        memcpy(CMSG_DATA(c), &listener, sizeof listener);
    }
    line = fd ? atoi(fd) : -1;
    unsetenv("ISIGURT_SERVE_FD");
    if (line >= 0 && (fcntl(line, F_SETFD, FD_CLOEXEC) || sendmsg(line, &m, MSG_NOSIGNAL) != 1))
        log_event(LOG_WARN, "process.not_told", LOG_I("errno", errno));
}

enum err process_ask_reload(const uint8_t hash[static PACK_HASH_BYTES])
{
    uint8_t m[PROCESS_MESSAGE] = {'p'};
    memcpy(m + 1, hash, PACK_HASH_BYTES);
    return line >= 0 && send(line, m, sizeof m, MSG_NOSIGNAL) == (ssize_t)sizeof m ? OK : ERR_AWAY;
}

#define EVERY_MAX 4 // threads of one program

static struct every {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t rung;
    bool ring, alone;
    unsigned seconds;
    void (*fn)(void *ctx);
    void *ctx;
} everies[EVERY_MAX];
static size_t everies_n;

static void every_ring(void *arg)
{
    struct every *v = arg;
    pthread_mutex_lock(&v->lock);
    v->ring = true;
    pthread_cond_signal(&v->rung);
    pthread_mutex_unlock(&v->lock);
}

static int alone = -1; // the file that lets one process work; open for reading and locked, or not yet

void process_alone(const char *path)
{
    alone = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (alone < 0)
        log_event(LOG_WARN, "process.not_alone", LOG_I("errno", errno));
}

static void *every_run(void *arg)
{
    struct every *v = arg;
    while (!process_stop && v->alone && flock(alone, LOCK_EX | LOCK_NB)) // held by all threads of this process as one
        clock_sleep(20 * 1000);
    while (!process_stop) {
        v->fn(v->ctx);
        const int64_t until = clock_mono() + v->seconds * WAIT_SECOND;
        pthread_mutex_lock(&v->lock);
        while (!v->ring && !process_stop)
            if (!wait_until(&v->rung, &v->lock, until))
                break;
        v->ring = false;
        pthread_mutex_unlock(&v->lock);
    }
    return NULL;
}

void process_every(struct store *s, const char *channel, unsigned seconds, void (*fn)(void *ctx), void *ctx)
{
    pthread_attr_t attr;
    if (everies_n == EVERY_MAX)
        abort();
    struct every *v = &everies[everies_n++];
    *v = (struct every){.alone = alone >= 0, .seconds = seconds, .fn = fn, .ctx = ctx};
    pthread_mutex_init(&v->lock, NULL);
    wait_init(&v->rung);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 256 * 1024);
    if (pthread_create(&v->thread, &attr, every_run, v))
        abort();
    pthread_attr_destroy(&attr);
    if (channel && store_listen(s, channel, every_ring, v))
        log_event(LOG_WARN, "ring.deaf");
}

void process_every_end(void)
{
    if (!process_stop)
        process_stop = 1;
    for (size_t i = 0; i < everies_n; i++)
        every_ring(&everies[i]); // out of its wait
    for (size_t i = everies_n; i-- > 0;) { // those added last first: behind them the lock is free for who waits for it
        pthread_join(everies[i].thread, NULL);
        if (alone >= 0 && (i == 0 || !everies[i - 1].alone)) {
            close(alone);
            alone = -1;
        }
    }
    everies_n = 0; // a ring that still comes finds its place untouched
}

void process_sleep_until_stop(void)
{
    while (!process_stop)
        clock_sleep(100 * 1000); // pause(2) would miss a signal that comes just before it, or to another thread
}

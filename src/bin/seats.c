#include "bin/seats.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "bin/command.h"

int64_t real_now(void)
{
    return clock_mono() / 1000;
}

// ── one process ──

static int number_for_child(const char *name, int fd)
{
    char text[16];
    int keep = dup(fd); // without FD_CLOEXEC
    snprintf(text, sizeof text, "%d", keep);
    setenv(name, text, 1);
    return keep;
}

static bool start_at(struct serve *s, enum program which, struct seat *at, unsigned pack)
{
    int line[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line))
        return false;
    fflush(NULL);
    pid_t parent = getpid(), child = fork();
    if (child < 0) {
        close(line[0]);
        close(line[1]);
        return false;
    }
    if (child == 0) {
        char path[PROCESS_PATH + 32];
        signal(SIGTERM, SIG_DFL);
        signal(SIGHUP, SIG_DFL);
        signal(SIGINT, SIG_IGN); // serve itself hands on the terminal's Ctrl-C
        setpgid(0, 0);
        umask(which == PROGRAM_DESK || which == PROGRAM_COURIER ? 0007 : 0027);
        users_become(which);
        number_for_child("ISIGURT_SERVE_FD", line[1]);
        if (which != PROGRAM_KEEPER)
            number_for_child("ISIGURT_PACK_FD", s->pack[pack].fd);
        if (s->child[which].listener >= 0)
            number_for_child("ISIGURT_LISTEN_FD", s->child[which].listener);
        snprintf(path, sizeof path, "%s/isigurt-%s", s->programs, program_name[which]);
        const char *listen = which == PROGRAM_PORTAL ? s->portal : which == PROGRAM_DESK ? s->desk : NULL;
        const char *argv[] = {path, "--data", s->layout.data, "--keys", s->layout.keys, "--store", s->layout.store,
                              listen ? "--listen" : NULL, listen, NULL};
        if (getppid() != parent)
            _exit(1);
        execv(path, (char *const *)argv);
        fprintf(stderr, "isigurt: %s cannot be run: %s\n", path, strerror(errno));
        _exit(127);
    }
    close(line[1]);
    *at = (struct seat){.pid = child, .started = real_now(), .line = line[0], .pack = pack};
    return true;
}

bool seat_start(struct serve *s, enum program which)
{
    struct child *c = &s->child[which];
    c->again = real_now() + CLOCK_SECOND; // where it does not start; what dies sets its own
    return start_at(s, which, &c->now, c->now.pack);
}

static void seat_empty(struct seat *at)
{
    if (at->line >= 0)
        close(at->line);
    *at = (struct seat){.line = -1, .pack = at->pack};
}

// ── the pack ──

// Opens what was accepted. The same file name may be another file a moment later; the descriptor stays this one.
static bool accepted_open(const struct layout *l, struct accepted *out)
{
    struct buf bytes, why;
    struct pack *p = NULL;
    buf_init(&bytes, PACK_BYTES_MAX);
    buf_init(&why, 4096);
    int fd = open(l->pack, O_RDONLY | O_CLOEXEC);
    enum err e = fd < 0 ? ERR_NOT_FOUND : file_read_open(fd, &bytes);
    e = e ? e : pack_open_bytes(buf_str(&bytes), &p, &why);
    if (!e) {
        out->fd = fd;
        memcpy(out->hash, pack_hash(p), sizeof out->hash);
    } else if (fd >= 0) {
        close(fd);
        fprintf(stderr, "isigurt: %s cannot be used (%s)\n%.*s", l->pack, err_name(e), STR_ARG(buf_str(&why)));
    }
    pack_close(&p);
    buf_free(&bytes);
    buf_free(&why);
    return !e;
}

// Where none was accepted, or by an older version in a form that this one cannot read: the folder, as it is.
static void accept_folder(const struct layout *l)
{
    struct buf why;
    struct pack *p = NULL;
    buf_init(&why, 8192);
    if (pack_open(l->country, &p, &why))
        command_fail(1, "country pack: %.*s", STR_ARG(buf_str(&why)));
    if (process_accept(l, p))
        command_fail(1, "%s cannot be written: %s", l->pack, strerror(errno));
    pack_close(&p);
    buf_free(&why);
}

// Says so where the folder was changed since: it waits for `isigurt pack reload`.
static void tell_waiting(const struct serve *s)
{
    struct buf why;
    struct pack *p = NULL;
    buf_init(&why, 8192);
    bool readable = pack_open(s->layout.country, &p, &why) == OK;
    if (!readable || memcmp(pack_hash(p), s->pack[0].hash, PACK_HASH_BYTES) != 0)
        fprintf(stderr, "isigurt: %s is not the country pack that was accepted, which stays in force; see 'isigurt pack check --data %s'\n",
                s->layout.country, s->layout.data);
    pack_close(&p);
    buf_free(&why);
}

// DATA/run/pack: which program reads which pack since when, for the page /pack and `isigurt pack reload`.
static void state_write(const struct serve *s)
{
    struct buf b;
    char path[PROCESS_PATH];
    buf_init(&b, 4096);
    buf_put_z(&b, "target ");
    buf_put_hex(&b, s->pack[s->target].hash, PACK_HASH_BYTES);
    buf_put_c(&b, '\n');
    for (enum program p = 0; p < PROGRAMS; p++)
        if (p != PROGRAM_KEEPER) {
            buf_printf(&b, "%s ", program_name[p]);
            buf_put_hex(&b, s->pack[s->child[p].now.pack].hash, PACK_HASH_BYTES);
            buf_printf(&b, " %lld\n", (long long)s->child[p].since);
        }
    if (s->refused_at) {
        buf_put_z(&b, "refused ");
        buf_put_hex(&b, s->refused, PACK_HASH_BYTES);
        buf_printf(&b, " %lld\n", (long long)s->refused_at);
    }
    if (buf_ok(&b) || file_replace(layout_join(path, s->layout.data, "run/pack"), buf_str(&b), 0644))
        log_event(LOG_WARN, "serve.pack_state_unwritten", LOG_I("errno", errno));
    buf_free(&b);
}

void seats_look(struct serve *s)
{
    struct accepted fresh = {.fd = -1};
    if (s->pack[1].fd >= 0 || !accepted_open(&s->layout, &fresh))
        return; // one at a time: the page and the command say that another is under way
    if (memcmp(fresh.hash, s->pack[0].hash, sizeof fresh.hash) == 0) {
        close(fresh.fd);
        return;
    }
    s->pack[1] = fresh;
    s->target = 1;
    s->refused_at = 0;
    state_write(s);
}

// The desk has checked the folder and written into the audit trail who asks: it is accepted if it is still that pack.
static void accept_asked(struct serve *s, const uint8_t hash[static PACK_HASH_BYTES])
{
    struct buf why;
    struct pack *p = NULL;
    buf_init(&why, 8192);
    enum err e = s->pack[1].fd >= 0 ? ERR_CONFLICT : pack_open(s->layout.country, &p, &why);
    if (!e && memcmp(pack_hash(p), hash, PACK_HASH_BYTES) != 0)
        e = ERR_CONFLICT;
    if (!e)
        e = process_accept(&s->layout, p);
    if (e)
        log_event(LOG_WARN, "serve.pack_not_accepted", LOG_ERR(e));
    else
        seats_look(s);
    pack_close(&p);
    buf_free(&why);
}

// A process could not be started with the new pack: all go back to the one in force.
static void give_up(struct serve *s, enum program which)
{
    log_event(LOG_ALARM, "serve.pack_refused", LOG_I("program", which));
    memcpy(s->refused, s->pack[1].hash, sizeof s->refused);
    s->refused_at = clock_now();
    s->target = 0;
    struct buf bytes;
    buf_init(&bytes, PACK_BYTES_MAX);
    enum err e = file_read_open(s->pack[0].fd, &bytes);
    e = e ? e : file_replace(s->layout.pack, buf_str(&bytes), 0644);
    if (e)
        log_event(LOG_ALARM, "serve.pack_not_restored", LOG_ERR(e));
    buf_free(&bytes);
    state_write(s);
}

// ── what processes say, and their end ──

bool seat_hear(struct serve *s, enum program which, struct seat *at)
{
    uint8_t m[PROCESS_MESSAGE];
    union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(int))]; } more;
    struct iovec part = {m, sizeof m};
    struct msghdr h = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = more.bytes, .msg_controllen = sizeof more.bytes};
    ssize_t n = recvmsg(at->line, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n <= 0) {
        close(at->line);
        at->line = -1;
        return false;
    }
    struct cmsghdr *c = CMSG_FIRSTHDR(&h);
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
        int *listener = &s->child[which].listener;
        if (*listener >= 0)
            close(*listener);
        memcpy(listener, CMSG_DATA(c), sizeof *listener);
    }
    if (m[0] == 'r')
        at->answers = true;
    else if (m[0] == 'p' && n == PROCESS_MESSAGE && which == PROGRAM_DESK)
        accept_asked(s, m + 1);
    return true;
}

// A process that was killed leaves its ring sockets (CHANNEL.PID.…, db/ring.c), and every commit would ring at them. The
// folder is sticky, so only serve may remove those of another user: it owns the folder. dead 0: all, before the first start.
static void clear_rings(const struct serve *s, pid_t dead)
{
    DIR *d = opendir(s->layout.ring);
    if (!d)
        return;
    for (struct dirent *entry; (entry = readdir(d));) {
        const char *dot = strchr(entry->d_name, '.');
        if (dot && dot != entry->d_name && (!dead || strtol(dot + 1, NULL, 10) == dead) && unlinkat(dirfd(d), entry->d_name, 0))
            log_event(LOG_WARN, "serve.ring_left", LOG_I("errno", errno));
    }
    closedir(d);
}

static void ended(struct serve *s, enum program p, pid_t pid, int status)
{
    struct child *c = &s->child[p];
    if (c->old == pid)
        c->old = 0;
    if (c->next.pid == pid) {
        seat_empty(&c->next);
        if (s->target == 1)
            give_up(s, p);
        c->again = real_now() + CLOCK_SECOND; // going back failed too: again in a second
    }
    if (c->now.pid == pid) {
        if (s->target == 1 && c->now.pack == 1 && !c->now.answers)
            give_up(s, p); // the courier, which has no `next`; or another that died later and did not start again
        bool meant = c->now.pack != s->target && p == PROGRAM_COURIER; // by roll
        int64_t started = c->now.started;
        seat_empty(&c->now);
        c->deaths = meant ? 0 : real_now() - started > 30 * CLOCK_SECOND ? 1 : c->deaths + 1;
        int64_t wait = c->deaths < 3 ? 20000 : CLOCK_SECOND * (c->deaths < 10 ? c->deaths - 2 : 8); // µs
        c->again = real_now() + wait;
        if (!process_stop && !meant)
            log_event(LOG_WARN, "serve.died", LOG_I("program", p), LOG_I("status", status), LOG_I("deaths", c->deaths));
        if (meant) {
            c->now.pack = s->target;
            c->since = clock_now(); // written by roll_all, once it answers
        }
    }
}

void seats_reap(struct serve *s)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        clear_rings(s, pid);
        for (enum program p = 0; p < PROGRAMS; p++)
            ended(s, p, pid, status);
    }
}

// ── from one pack to the other ──

// One that does not answer in time is killed, and `ended` sees to the rest.
static bool answers(const struct seat *at)
{
    if (at->pid && !at->answers && real_now() - at->started > READY_WAIT)
        kill(at->pid, SIGKILL);
    return at->answers;
}

// False: this program is not there yet, so the next must wait.
static bool roll(struct serve *s, enum program p)
{
    struct child *c = &s->child[p];
    if (c->now.pack == s->target && !c->next.pid)
        return answers(&c->now);
    if (c->old)
        return false; // it still finishes what it had from the last time
    if (c->next.pid && c->next.pack != s->target) {
        kill(c->next.pid, SIGTERM); // the target has changed meanwhile
        return false;
    }
    if (p == PROGRAM_COURIER) { // two of them would send each mail twice, and nobody waits for one
        if (c->now.pid)
            kill(c->now.pid, SIGTERM);
        else
            c->now.pack = s->target;
        return false;
    }
    if (!c->next.pid) {
        if (real_now() >= c->again && !start_at(s, p, &c->next, s->target))
            c->again = real_now() + CLOCK_SECOND;
        return false;
    }
    if (!answers(&c->next))
        return false;
    if (c->now.pid)
        kill(c->now.pid, SIGHUP);
    c->old = c->now.pid;
    seat_empty(&c->now);
    c->now = c->next;
    c->next = (struct seat){.line = -1};
    c->deaths = 0;
    c->since = clock_now();
    state_write(s);
    return true;
}

static void roll_all(struct serve *s)
{
    static const enum program order[] = {PROGRAM_PORTAL, PROGRAM_DESK, PROGRAM_COURIER};
    if (s->pack[1].fd < 0)
        return;
    for (size_t i = 0; i < 3; i++)
        if (!roll(s, order[i]))
            return;
    close(s->pack[!s->target].fd);
    s->pack[0] = s->pack[s->target];
    s->pack[1].fd = -1;
    s->target = 0;
    for (enum program p = 0; p < PROGRAMS; p++)
        s->child[p].now.pack = 0;
    log_event(LOG_INFO, "serve.pack_in_force");
    state_write(s);
}

void seats_open(struct serve *s)
{
    for (enum program p = 0; p < PROGRAMS; p++) {
        s->child[p].now.line = s->child[p].next.line = s->child[p].listener = -1;
        s->child[p].since = clock_now();
    }
    s->pack[1].fd = -1;
    clear_rings(s, 0); // nobody else listens: the lock is ours
    if (!accepted_open(&s->layout, &s->pack[0])) {
        accept_folder(&s->layout);
        if (!accepted_open(&s->layout, &s->pack[0]))
            command_fail(1, "%s cannot be read: %s", s->layout.pack, strerror(errno));
    }
    tell_waiting(s);
    state_write(s);
}

void seats_step(struct serve *s)
{
    seats_reap(s);
    for (enum program p = 0; p < PROGRAMS && !process_stop; p++) {
        struct child *c = &s->child[p];
        if (!c->now.pid && real_now() >= c->again && !seat_start(s, p))
            log_event(LOG_ALARM, "serve.not_started", LOG_I("program", p), LOG_I("errno", errno)); // again in a second
        if (c->now.line >= 0)
            (void)seat_hear(s, p, &c->now);
        if (c->next.line >= 0)
            (void)seat_hear(s, p, &c->next);
    }
    if (!process_stop)
        roll_all(s);
}

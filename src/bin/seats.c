#include "bin/seats.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
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

static struct seat *seat_at(struct child *c, size_t i)
{
    struct seat *const all[SEATS] = {&c->now, &c->next, &c->old};
    return all[i];
}

pid_t seat_pid(const struct serve *s, enum program which, size_t i)
{
    const struct child *c = &s->child[which];
    return (const pid_t[SEATS]){c->now.pid, c->next.pid, c->old.pid}[i];
}

static void seat_leave(struct seat *at, int signal)
{
    if (at->told)
        return;
    kill(at->pid, signal);
    at->told = real_now();
}

// One that was told to go and hangs would hold up every later pack, and the turns it has (db.h, store_alone). What it has said
// to be done is in the store: it is killed as it might have died at any moment.
static void seat_overdue(enum program which, struct seat *at)
{
    if (!at->pid || !at->told || real_now() - at->told <= LEAVE_WAIT)
        return;
    log_event(LOG_ALARM, "serve.left_late", LOG_I("program", which), LOG_I("seconds", LEAVE_WAIT / CLOCK_SECOND));
    kill(at->pid, SIGKILL);
    at->told = real_now();
}

static void seat_empty(struct seat *at)
{
    if (at->line >= 0)
        close(at->line);
    *at = (struct seat){.line = -1, .pack = at->pack};
}

// ── what processes say, and their end ──

// The descriptor that came with a message, where it is exactly one; -1: none, or several, which are closed.
static int handed_one(struct msghdr *h)
{
    int one = -1, fd;
    size_t n = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c))
        for (size_t i = 0; c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && CMSG_LEN((i + 1) * sizeof fd) <= c->cmsg_len; i++) {
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (n++ == 0)
                one = fd;
            else
                close(fd);
        }
    if (n < 2)
        return one;
    close(one);
    log_event(LOG_ALARM, "serve.handed_too_much", LOG_I("descriptors", n));
    return -1;
}

bool seat_hear(struct serve *s, enum program which, struct seat *at)
{
    uint8_t m[PROCESS_MESSAGE];
    union { struct cmsghdr align; char bytes[1024]; } more; // more than the one that is expected: all are seen, and closed
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
    int handed = handed_one(&h);
    if (handed >= 0 && m[0] == 'r' && (which == PROGRAM_PORTAL || which == PROGRAM_DESK)) {
        int *listener = &s->child[which].listener;
        if (*listener >= 0)
            close(*listener);
        *listener = handed;
    } else if (handed >= 0) {
        close(handed);
    }
    if (m[0] == 'r')
        at->answers = true;
    else if (m[0] == 'p' && n == PROCESS_MESSAGE && which == PROGRAM_DESK)
        seats_accept_asked(s, m + 1);
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
    if (c->old.pid == pid)
        seat_empty(&c->old);
    if (c->next.pid == pid) {
        seat_empty(&c->next);
        if (s->target == 1)
            seats_give_up(s, p);
        c->again = real_now() + CLOCK_SECOND; // going back failed too: again in a second
    }
    if (c->now.pid == pid) {
        if (s->target == 1 && c->now.pack == 1 && !c->now.answers)
            seats_give_up(s, p); // the courier, which has no `next`; or another that died later and did not start again
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
    if (c->old.pid)
        return false; // it still finishes what it had from the last time
    if (c->next.pid && c->next.pack != s->target) {
        seat_leave(&c->next, SIGTERM); // the target has changed meanwhile
        return false;
    }
    if (p == PROGRAM_COURIER) { // two of them would send each mail twice, and nobody waits for one
        if (c->now.pid)
            seat_leave(&c->now, SIGTERM);
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
        seat_leave(&c->now, SIGHUP);
    if (c->now.line >= 0)
        close(c->now.line);
    c->now.line = -1;
    c->old = c->now;
    c->now = c->next;
    c->next = (struct seat){.line = -1};
    c->deaths = 0;
    c->since = clock_now();
    seats_state_write(s);
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
    seats_state_write(s);
}

void seats_open(struct serve *s)
{
    for (enum program p = 0; p < PROGRAMS; p++) {
        s->child[p].now.line = s->child[p].next.line = s->child[p].old.line = s->child[p].listener = -1;
        s->child[p].since = clock_now();
    }
    clear_rings(s, 0); // nobody else listens: the lock is ours
    seats_pack_open(s);
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
        for (size_t i = 0; i < SEATS; i++)
            seat_overdue(p, seat_at(c, i));
    }
    if (!process_stop)
        roll_all(s);
}

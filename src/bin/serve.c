// serve: starts the four programs, says when they answer, restarts what dies, stops cleanly. Serves nothing itself.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/share.h"
#include "bin/command.h"
#include "bin/seats.h"

#define STOP_WAIT (10 * CLOCK_SECOND)     // for all to end before they are killed

static void start_first(struct serve *s, enum program which)
{
    if (!seat_start(s, which))
        command_fail(1, "%s cannot be started: %s", program_name[which], strerror(errno));
}

// Waits until a program answers; a program that ends before it does is a start that failed.
static bool wait_ready(struct serve *s, enum program which)
{
    struct seat *c = &s->child[which].now;
    for (int64_t from = real_now(); !c->answers && !process_stop;) {
        if (real_now() - from > READY_WAIT) {
            fprintf(stderr, "isigurt: the %s did not answer within %d s; its last line above says what it waits for\n", program_name[which],
                    (int)(READY_WAIT / CLOCK_SECOND));
            return false;
        }
        struct pollfd p = {.fd = c->line, .events = POLLIN};
        if (poll(&p, 1, 1000) < 0 && errno != EINTR)
            return false;
        if (p.revents & (POLLIN | POLLHUP) && !seat_hear(s, which, c))
            return false;
    }
    return true;
}

static bool runs(const struct serve *s, enum program p)
{
    return seat_pid(s, p, 0) || seat_pid(s, p, 1) || seat_pid(s, p, 2);
}

static void kill_all(const struct serve *s, enum program p, int signal)
{
    for (size_t i = 0; i < SEATS; i++)
        if (seat_pid(s, p, i) > 0)
            kill(seat_pid(s, p, i), signal);
}

static void stop_all(struct serve *s)
{
    // First those who take work in, the keeper last.
    static const enum program first[] = {PROGRAM_PORTAL, PROGRAM_DESK, PROGRAM_COURIER};
    for (size_t i = 0; i < 3; i++)
        kill_all(s, first[i], SIGTERM);
    int64_t from = real_now();
    for (bool keeper_told = false;; clock_sleep(5000)) {
        seats_reap(s);
        bool others = runs(s, PROGRAM_PORTAL) || runs(s, PROGRAM_DESK) || runs(s, PROGRAM_COURIER);
        if (!others && !runs(s, PROGRAM_KEEPER))
            return;
        if (!others && !keeper_told) {
            kill_all(s, PROGRAM_KEEPER, SIGTERM);
            keeper_told = true;
        }
        if (real_now() - from > STOP_WAIT)
            for (enum program p = 0; p < PROGRAMS; p++)
                kill_all(s, p, SIGKILL);
    }
}

// Programs leave the file of a unix socket where it is, for the next that listens there; now there is none any more.
static void remove_sockets(const struct serve *s, const struct config *c)
{
    const char *const listen[] = {s->portal ? s->portal : c->portal_listen, s->desk ? s->desk : c->desk_listen};
    for (size_t i = 0; i < 2; i++)
        if (strncmp(listen[i], "unix:", 5) == 0 && unlink(listen[i] + 5) && errno != ENOENT)
            log_event(LOG_WARN, "serve.socket_left", LOG_I("errno", errno));
}

static volatile sig_atomic_t look_again; // SIGHUP: another pack may have been accepted

static void on_signal(int signal)
{
    if (signal == SIGHUP)
        look_again = 1;
    else
        process_stop = 1;
}

static void check_addresses(const struct serve *s, const struct config *c)
{
    const char *const listen[] = {s->portal ? s->portal : c->portal_listen, s->desk ? s->desk : c->desk_listen};
    for (size_t i = 0; i < 2; i++)
        if (!command_is_loopback(listen[i]))
            command_fail(1, "%s: plain HTTP is served on loopback and unix sockets only; put nginx in front (packaging/nginx) and "
                            "listen on 127.0.0.1:PORT or unix:PATH", listen[i]);
    const char *const url[] = {c->portal_url, c->desk_url};
    for (size_t i = 0; i < 2 && file_exists(s->layout.demo); i++)
        if (strncmp(url[i], "http://localhost", 16) && strncmp(url[i], "http://127.", 11) && strncmp(url[i], "https://localhost", 17) &&
            strncmp(url[i], "https://127.", 12) && strncmp(url[i], "http://[::1]", 12))
            command_fail(1, "this is demo data, whose passwords are known: it is served on loopback only, not as %s; make real data "
                            "with 'isigurt init --data DIR'", url[i]);
}

// What the programs would wait for without end.
static void check_store(const struct serve *s)
{
    struct buf why;
    buf_init(&why, 1024);
    if (layout_store_local(&s->layout, &why))
        command_fail(1, "%.*s", STR_ARG(buf_str(&why)));
    buf_free(&why);
    static const char *const schema[4] = {"intake", "reply", "desk", "keeper"};
    for (size_t i = 0; i < 4 && !layout_is_postgres(&s->layout); i++) {
        char path[PROCESS_PATH], name[64];
        snprintf(name, sizeof name, "%s/%s.db", schema[i], schema[i]);
        if (!file_exists(layout_join(path, s->layout.store + strlen("sqlite:"), name)))
            command_fail(1, "%s is missing; say the right store in %s, or restore a backup", path, s->layout.config);
    }
}

// Where it answers: the address that people type, or what was asked for on the command line.
static void print_address(const char *name, const char *listen, const char *url)
{
    bool port_only = listen && strncmp(listen, "unix:", 5) != 0 && !strstr(url, listen + strcspn(listen, ":"));
    printf("%-7s %s%s\n", name, port_only ? "http://" : "", port_only || (listen && strncmp(listen, "unix:", 5) == 0) ? listen : url);
}

static void print_ready(const struct serve *s, const struct config *c)
{
    print_address("portal", s->portal, c->portal_url);
    print_address("desk", s->desk, c->desk_url);
    if (file_exists(s->layout.demo))
        printf("demo accounts: %s (codes: oathtool --totp -b SECRET)\n", s->layout.demo);
    puts("ready; Ctrl-C stops");
}

int command_serve(int argc, char **argv)
{
    static struct serve s;
    struct config c;
    const char *data = NULL, *keys = NULL;
    const struct option_row rows[] = {
        OPTION_DATA(&data),
        OPTION_KEYS(&keys),
        {"portal", "HOST:PORT|unix:PATH", "where the portal listens (default: isigurt.conf)", &s.portal, NULL},
        {"desk", "HOST:PORT|unix:PATH", "where the desk listens (default: isigurt.conf)", &s.desk, NULL},
        OPTION_STORE(&s.store),
    };
    command_options(argc, argv, "serve --data DIR", "Starts portal, desk, keeper and courier, and watches over them until Ctrl-C.",
                    rows, sizeof rows / sizeof *rows);
    command_layout(&s.layout, &c, data, keys, s.store);
    check_addresses(&s, &c);
    check_store(&s);
    ssize_t n = readlink("/proc/self/exe", s.programs, sizeof s.programs - 1);
    char *slash = n > 0 ? strrchr(s.programs, '/') : NULL;
    if (!slash)
        command_fail(1, "/proc is not mounted");
    *slash = 0;
    char probe[PROCESS_PATH + 32];
    snprintf(probe, sizeof probe, "%s/isigurt-portal", s.programs);
    if (access(probe, X_OK))
        snprintf(s.programs, sizeof s.programs, "%s", ISIGURT_LIBEXEC);
    struct sigaction stop = {.sa_handler = on_signal};
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGHUP, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, SIG_IGN); // they mean nothing here, and must not end it
    signal(SIGUSR2, SIG_IGN);
    log_open("serve", LOG_INFO);
    char lock[PROCESS_PATH];
    if (!process_lock(layout_join(lock, s.layout.data, "run/serve.lock"), 1))
        command_fail(1, "%s is being served already (or run/serve.lock cannot be written); stop that one first", s.layout.data);
    const char *together = users_decide(&s.layout);
    if (together)
        fprintf(stderr, "isigurt: all programs run as this user (%s), so the separation between them is off\n", together);
    seats_open(&s);
    // The keeper writes the directory that the others read, so it comes first.
    static const enum program order[] = {PROGRAM_KEEPER, PROGRAM_PORTAL, PROGRAM_DESK, PROGRAM_COURIER};
    start_first(&s, PROGRAM_KEEPER);
    bool up = wait_ready(&s, PROGRAM_KEEPER);
    for (size_t i = 1; up && i < PROGRAMS; i++)
        start_first(&s, order[i]);
    for (size_t i = 1; up && i < PROGRAMS; i++)
        up = wait_ready(&s, order[i]);
    if (!up) {
        process_stop = 1;
        stop_all(&s);
        remove_sockets(&s, &c);
        return 1;
    }
    if (!process_stop)
        print_ready(&s, &c);
    fflush(stdout);
    for (int64_t tick = 0; !process_stop; tick++) {
        if (look_again) {
            look_again = 0;
            seats_look(&s);
        }
        seats_step(&s);
        if (tick % 50 == 0)
            seats_watch_locks(&s);
        clock_sleep(20000);
    }
    stop_all(&s);
    remove_sockets(&s, &c);
    return 0;
}

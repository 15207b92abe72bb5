// The seats of serve: what hangs is killed and does not hold up a pack, what holds a lock is killed wherever it sits, one
// descriptor is taken and no more. The programs are scripts that answer and then leave for no word.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
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
#include "base/share.h"
#include "bin/command.h"
#include "bin/seats.h"

static struct serve s;
static char dir[PROCESS_PATH], path[PROCESS_PATH];

void users_become(enum program which)
{
    (void)which;
}

_Noreturn void command_fail(int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    exit(code);
}

static const char *in(const char *name)
{
    return layout_join(path, dir, name);
}

static void write_file(const char *name, const char *text, mode_t mode)
{
    assert_int_equal(file_replace(in(name), str_from(text), mode), OK);
}

// The folder's pack with another number, or as it is delivered.
static void accept_pack(bool changed)
{
    struct buf b, why;
    struct pack *p = NULL;
    char share[SHARE_PATH_MAX];
    buf_init(&b, 1 << 20);
    buf_init(&why, 8192);
    if (!changed)
        assert_int_equal(file_copy_tree(share_path("country/al", share, sizeof share), in("country")), OK);
    assert_int_equal(file_read(in("country/pack.json"), &b), OK);
    ptrdiff_t at = str_find_str(buf_str(&b), STR("116 111"));
    assert_true(at >= 0);
    if (changed) {
        b.at[at + 6] = '3';
        assert_int_equal(file_replace(in("country/pack.json"), buf_str(&b), 0644), OK);
    }
    assert_int_equal(pack_open(in("country"), &p, &why), OK);
    assert_int_equal(process_accept(&s.layout, p), OK);
    pack_close(&p);
    buf_free(&b);
    buf_free(&why);
}

static bool all_answer(void)
{
    bool all = true;
    for (enum program p = 0; p < PROGRAMS; p++)
        all = all && s.child[p].now.pid && s.child[p].now.answers;
    return all;
}

static bool in_force(void)
{
    return s.pack[1].fd < 0;
}

static bool none_leaves(void)
{
    for (enum program p = 0; p < PROGRAMS; p++)
        if (seat_pid(&s, p, 1) || seat_pid(&s, p, 2))
            return false;
    return true;
}

static void step_until(bool (*there)(void))
{
    for (int64_t end = clock_mono() + 30 * INT64_C(1000000000); !there(); clock_sleep(20 * 1000)) {
        assert_true(clock_mono() < end);
        seats_step(&s);
    }
}

static void kill_all(void)
{
    for (enum program p = 0; p < PROGRAMS; p++)
        for (size_t i = 0; i < SEATS; i++)
            if (seat_pid(&s, p, i) > 0)
                kill(seat_pid(&s, p, i), SIGKILL);
    while (waitpid(-1, NULL, 0) > 0)
        ;
}

static int setup(void **state)
{
    struct buf why;
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/isigurt-seats-XXXXXX");
    assert_non_null(mkdtemp(dir));
    buf_init(&why, 1024);
    assert_int_equal(layout_make(&s.layout, dir, NULL, &why), OK);
    snprintf(s.layout.store, sizeof s.layout.store, "sqlite:%.200s", dir);
    buf_free(&why);
    assert_int_equal(file_make_dirs(in("run/ring"), 0755), OK);
    assert_int_equal(file_make_dirs(in("desk"), 0755), OK);
    snprintf(s.programs, sizeof s.programs, "%s", dir);
    for (enum program p = 0; p < PROGRAMS; p++) {
        char name[32];
        snprintf(name, sizeof name, "isigurt-%s", program_name[p]);
        write_file(name, "#!/bin/bash\ntrap '' HUP TERM\nprintf r >&$ISIGURT_SERVE_FD\nwhile :; do read -t 60 <> <(:); done\n", 0755);
    }
    return 0;
}

static int teardown(void **state)
{
    char command[PROCESS_PATH + 16];
    (void)state;
    kill_all();
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

static void who_does_not_leave_is_killed(void **state)
{
    (void)state;
    accept_pack(false);
    seats_open(&s);
    step_until(all_answer);
    pid_t first[PROGRAMS];
    for (enum program p = 0; p < PROGRAMS; p++)
        first[p] = s.child[p].now.pid;
    accept_pack(true);
    seats_look(&s);
    assert_false(in_force());
    step_until(in_force);
    step_until(none_leaves);
    assert_true(all_answer());
    for (enum program p = 0; p < PROGRAMS; p++)
        assert_int_equal(kill(first[p], 0), p == PROGRAM_KEEPER ? 0 : -1); // the keeper reads no pack
    kill_all();
    for (enum program p = 0; p < PROGRAMS; p++)
        s.child[p] = (struct child){.now = {.line = -1}, .next = {.line = -1}, .old = {.line = -1}, .listener = -1};
}

static void lock_held(size_t seat)
{
    int fds[2], status;
    char byte;
    assert_int_equal(pipe(fds), 0);
    write_file("desk/desk.db-shm", "", 0644);
    write_file("desk/desk.db-wal", "", 0644);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 120, .l_len = 1};
        int fd = open(in("desk/desk.db-shm"), O_RDWR);
        if (fcntl(fd, F_SETLK, &lock) || write(fds[1], "", 1) != 1)
            _exit(1);
        clock_sleep(30 * CLOCK_SECOND);
        _exit(2);
    }
    assert_int_equal(read(fds[0], &byte, 1), 1);
    struct child *c = &s.child[PROGRAM_DESK];
    (seat == 0 ? &c->now : seat == 1 ? &c->next : &c->old)->pid = child;
    seats_watch_locks(&s);
    assert_int_equal(waitpid(child, &status, WNOHANG), 0); // it may still write
    clock_sleep(300 * 1000);
    seats_watch_locks(&s);
    clock_sleep(100 * 1000);
    const bool ended = waitpid(child, &status, WNOHANG) == child;
    if (!ended) {
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
    }
    assert_true(ended && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    c->now.pid = c->next.pid = c->old.pid = 0;
    close(fds[0]);
    close(fds[1]);
}

static void who_holds_a_lock_is_killed(void **state)
{
    (void)state;
    for (size_t seat = 0; seat < SEATS; seat++)
        lock_held(seat);
}

static size_t descriptors(void)
{
    size_t n = 0;
    DIR *d = opendir("/proc/self/fd");
    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

// A program says that it answers, and hands over n descriptors.
static void say(int line, int n)
{
    union { struct cmsghdr align; char bytes[CMSG_SPACE(8 * sizeof(int))]; } more = {0};
    char byte = 'r';
    struct iovec part = {&byte, 1};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = more.bytes, .msg_controllen = CMSG_SPACE((size_t)n * sizeof(int))};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN((size_t)n * sizeof(int));
    for (int i = 0; i < n; i++)
        memcpy(CMSG_DATA(c) + (size_t)i * sizeof(int), &line, sizeof line);
    assert_int_equal(sendmsg(line, &m, 0), 1);
}

static void one_descriptor_is_taken(void **state)
{
    (void)state;
    int line[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line), 0);
    const size_t before = descriptors();
    static const struct { enum program which; int n; bool taken; } rows[] = {
        {PROGRAM_DESK, 1, true}, {PROGRAM_DESK, 2, false}, {PROGRAM_PORTAL, 8, false}, {PROGRAM_COURIER, 1, false}, {PROGRAM_PORTAL, 1, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct seat *at = &s.child[rows[i].which].now;
        int *listener = &s.child[rows[i].which].listener;
        *listener = -1;
        *at = (struct seat){.line = line[0]};
        say(line[1], rows[i].n);
        assert_true(seat_hear(&s, rows[i].which, at));
        assert_true(at->answers);
        assert_int_equal(*listener >= 0, rows[i].taken);
        if (*listener >= 0)
            close(*listener);
        *listener = at->line = -1;
        assert_int_equal(descriptors(), before);
    }
    close(line[0]);
    close(line[1]);
}

static void a_number_alone_is_nobody(void **state)
{
    (void)state;
    char text[32], byte;
    int fds[2];
    assert_int_equal(process_lock_holder(in("run/none.lock")), 0);
    snprintf(text, sizeof text, "%d\n", (int)getpid()); // left behind, and somebody else's by now
    write_file("run/test.lock", text, 0600);
    assert_int_equal(process_lock_holder(in("run/test.lock")), 0);
    assert_int_equal(pipe(fds), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (!process_lock(in("run/test.lock"), 0) || write(fds[1], "", 1) != 1)
            _exit(1);
        clock_sleep(30 * CLOCK_SECOND);
        _exit(2);
    }
    assert_int_equal(read(fds[0], &byte, 1), 1);
    const pid_t holder = process_lock_holder(in("run/test.lock"));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_int_equal(holder, child);
    assert_int_equal(process_lock_holder(in("run/test.lock")), 0);
    close(fds[0]);
    close(fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_does_not_leave_is_killed), cmocka_unit_test(who_holds_a_lock_is_killed), cmocka_unit_test(one_descriptor_is_taken),
        cmocka_unit_test(a_number_alone_is_nobody),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

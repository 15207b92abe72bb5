#include "bin/captured.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRUE_PROGRAM "/bin/true" // ends with 0 where it is let run

static int failed(long result)
{
    return result < 0 ? errno : 0;
}

static int try_inet(void) { return failed(socket(AF_INET, SOCK_STREAM, 0)); }
static int try_inet6(void) { return failed(socket(AF_INET6, SOCK_DGRAM, 0)); }
static int try_netlink(void) { return failed(socket(AF_NETLINK, SOCK_RAW, 0)); }
static int try_unix(void) { return failed(socket(AF_UNIX, SOCK_STREAM, 0)); } // what is left to it: its own clients
static int try_ptrace(void) { return failed(ptrace(PTRACE_TRACEME, 0, NULL, NULL)); }

static int try_execve(void)
{
    char *const args[] = {TRUE_PROGRAM, NULL}, *const none[] = {NULL};
    return failed(execve(TRUE_PROGRAM, args, none));
}

static int try_execveat(void)
{
    char *const args[] = {TRUE_PROGRAM, NULL}, *const none[] = {NULL};
    int fd = open(TRUE_PROGRAM, O_PATH | O_CLOEXEC);
    return fd < 0 ? errno : failed(syscall(SYS_execveat, fd, "", args, none, AT_EMPTY_PATH));
}

static int try_memory(void)
{
    char from = 'x', to = 0;
    struct iovec here = {&to, 1}, there = {&from, 1};
    return failed(process_vm_readv(getpid(), &here, 1, &there, 1, 0));
}

static int try_io_uring(void) // opens sockets without socket(2)
{
    char parameters[120] = {0}; // struct io_uring_params
    return failed(syscall(SYS_io_uring_setup, 1, parameters));
}

// In a child: some of them would replace or bind the process.
static void try_one(const char *when, const char *name, int (*fn)(void))
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(fn());
    int status = 0;
    bool ended = child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status);
    printf("%s %s: %s\n", when, name, !ended ? "broke off" : WEXITSTATUS(status) ? strerrorname_np(WEXITSTATUS(status)) : "done");
}

void captured_try(const char *when)
{
    static const struct { const char *name; int (*fn)(void); } ways[] = {
        {"inet", try_inet}, {"inet6", try_inet6}, {"netlink", try_netlink}, {"unix", try_unix}, {"execve", try_execve},
        {"execveat", try_execveat}, {"ptrace", try_ptrace}, {"memory", try_memory}, {"io_uring", try_io_uring},
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        try_one(when, ways[i].name, ways[i].fn);
}

void captured_try_files(const struct layout *l)
{
    static const char *const schema[4] = {"intake", "reply", "desk", "keeper"};
    for (size_t i = 0; i < 4; i++) {
        char name[64], path[PROCESS_PATH];
        snprintf(name, sizeof name, "%s/%s.db", schema[i], schema[i]);
        for (int write = 0; write < 2; write++) {
            int fd = open(layout_join(path, l->data, name), (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
            printf("closed %s %s: %s\n", write ? "write" : "read", schema[i], fd < 0 ? strerrorname_np(errno) : "done");
            if (fd >= 0)
                close(fd);
        }
    }
    fflush(stdout);
}

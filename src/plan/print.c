// Lets isigurt-report make the file: what draws and what reads fonts is a process of its own, without store, keys or sessions.
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "plan/reports.h"

#define PATH_LEN 4200

static void program(char path[PATH_LEN])
{
    char own[4096] = "";
    ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);
    char *slash = n > 0 ? strrchr(own, '/') : NULL;
    if (slash)
        slash[1] = '\0';
    snprintf(path, PATH_LEN, "%sisigurt-report", own); // beside this program in a build and in libexec; the command stands elsewhere
    if (access(path, X_OK))
        snprintf(path, PATH_LEN, "%s/isigurt-report", ISIGURT_LIBEXEC);
}

static enum err spawn(const char *lang, const char *form, int in, int out, pid_t *child)
{
    static char *const nothing[] = {NULL};
    char path[PATH_LEN], l[12], f[12];
    program(path);
    snprintf(l, sizeof l, "%s", lang);
    snprintf(f, sizeof f, "%s", form);
    char *argv[] = {path, l, f, NULL};
    posix_spawn_file_actions_t files;
    if (posix_spawn_file_actions_init(&files))
        return ERR_MEMORY;
    bool fine = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO) == 0 &&
                posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO) == 0 &&
                posix_spawn(child, path, &files, NULL, argv, nothing) == 0;
    posix_spawn_file_actions_destroy(&files);
    return fine ? OK : ERR_IO;
}

enum err plan_report_print(struct str json, const char *lang, const char *form, struct buf *out)
{
    char piece[64 * 1024];
    pid_t child = 0;
    int to[2], status = 0, in = memfd_create("snapshot", MFD_CLOEXEC); // a file, so that neither waits for the other
    if (in < 0 || pipe2(to, O_CLOEXEC)) {
        if (in >= 0)
            close(in);
        return ERR_IO;
    }
    bool fed = true;
    for (size_t at = 0; fed && at < json.n;) {
        ssize_t n = write(in, json.at + at, json.n - at);
        fed = n > 0;
        at += fed ? (size_t)n : 0;
    }
    enum err e = fed && lseek(in, 0, SEEK_SET) == 0 ? spawn(lang, form, in, to[1], &child) : ERR_IO;
    close(to[1]);
    close(in);
    for (ssize_t n; !e && (n = read(to[0], piece, sizeof piece)) > 0;)
        buf_put(out, (struct str){piece, (size_t)n});
    close(to[0]);
    if (!e)
        e = waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? buf_ok(out) : ERR_IO;
    return e;
}

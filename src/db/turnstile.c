#include "turnstile.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

static int lock_file_open(const char *folder, const char *schema, const char *what)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s.%s", folder, schema, what) >= (int)sizeof path) return -1;
    return open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0640);
}

enum err turnstile_open(const char *folder, const char *schema, struct turnstile *out)
{
    struct turnstile t = {lock_file_open(folder, schema, "wait"), -1};
    if (t.wait < 0) return errno == ENOENT ? ERR_AWAY : ERR_IO;
    t.work = lock_file_open(folder, schema, "work");
    if (t.work < 0) {
        close(t.wait);
        return ERR_IO;
    }
    *out = t;
    return OK;
}

static int lock(int fd)
{
    int rc;
    do rc = flock(fd, LOCK_EX);
    while (rc != 0 && errno == EINTR);
    return rc;
}

enum err turnstile_enter(struct turnstile *t)
{
    if (lock(t->wait) != 0) return ERR_IO;
    int rc = lock(t->work);
    flock(t->wait, LOCK_UN);
    return rc == 0 ? OK : ERR_IO;
}

void turnstile_leave(struct turnstile *t)
{
    flock(t->work, LOCK_UN);
}

void turnstile_close(struct turnstile *t)
{
    if (t->wait >= 0) close(t->wait);
    if (t->work >= 0) close(t->work);
    t->wait = t->work = -1;
}

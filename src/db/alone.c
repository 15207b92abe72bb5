// A turn that one process has at a time, on whatever machine: two desks are there while one takes over from the other, and
// several may serve one PostgreSQL.
//
// SQLite: an flock on a file beside the schema's. PostgreSQL: a session's advisory lock on a connection of its own, so that
// it ends with this connection and with nothing else. Where the server ends the connection in the middle of a turn, another
// may begin its own before this one has noticed; the server is told to notice within half a minute that a machine is gone.
#include "postgres.h"
#include "sqlite.h"
#include "base/clock.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct alone {
    int fd;     // SQLite
    PGconn *at; // PostgreSQL
};

static enum err alone_open(struct store *s, const char *name, struct alone *a)
{
    char path[PATH_MAX], suffix[DB_CHANNEL_MAX + 1];
    if (s->engine == &sqlite_engine) {
        snprintf(suffix, sizeof suffix, ".%s", name);
        enum err e = sqlite_path(s->url, s->write, suffix, path, sizeof path);
        if (e != OK) return e;
        a->fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0640);
        return a->fd >= 0 ? OK : errno == ENOENT ? ERR_AWAY : ERR_IO;
    }
    struct buf why;
    buf_init(&why, 1024);
    enum err e = postgres_login(s->url, s->role, s->password_file, &a->at, &why);
    buf_free(&why);
    if (e != OK) return e;
    PGresult *r = libpq.exec(a->at, "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4");
    if (libpq.resultStatus(r) != PGRES_COMMAND_OK) e = ERR_AWAY;
    libpq.clear(r);
    return e;
}

// ERR_CONFLICT: somebody else has it.
static enum err alone_try(struct alone *a, const char *name)
{
    if (a->fd >= 0) return flock(a->fd, LOCK_EX | LOCK_NB) == 0 ? OK : errno == EWOULDBLOCK || errno == EINTR ? ERR_CONFLICT : ERR_IO;
    char sql[96 + DB_CHANNEL_MAX];
    snprintf(sql, sizeof sql, "select pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended('isigurt %s', 0))", name);
    PGresult *r = libpq.exec(a->at, sql);
    enum err e = ERR_AWAY;
    if (libpq.resultStatus(r) == PGRES_TUPLES_OK) e = *libpq.getvalue(r, 0, 0) == 't' ? OK : ERR_CONFLICT;
    libpq.clear(r);
    return e;
}

enum err store_alone(struct store *s, const char *name, struct alone **out)
{
    assert(s->write && strcmp(s->write, "*") != 0 && *name && strlen(name) < DB_CHANNEL_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz_") == strlen(name));
    struct alone *a = malloc(sizeof *a);
    if (!a) return ERR_MEMORY;
    *a = (struct alone){.fd = -1};
    const int64_t until = clock_mono() + STORE_READ_WAIT;
    enum err e = alone_open(s, name, a);
    if (e == OK)
        while ((e = alone_try(a, name)) == ERR_CONFLICT && clock_mono() < until) clock_sleep(20 * 1000);
    if (e == OK) *out = a;
    else store_alone_end(&a);
    return e;
}

void store_alone_end(struct alone **out)
{
    struct alone *a = *out;
    if (!a) return;
    if (a->fd >= 0) close(a->fd);
    if (a->at) libpq.finish(a->at);
    free(a);
    *out = NULL;
}

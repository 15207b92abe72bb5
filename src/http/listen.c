#include "http/listen.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LISTEN_BACKLOG 1024
#define LISTEN_FILES_ELSE 256 // descriptors that are no connections: stores, sockets, directories

static bool unix_path(const char *where, const char **path)
{
    *path = where + 5;
    return strncmp(where, "unix:", 5) == 0;
}

static enum err unix_open(const char *path, int fd, struct buf *why)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(path) == 0 || strlen(path) >= sizeof a.sun_path) {
        buf_printf(why, "unix:%s: the path must have 1 to %zu bytes", path, sizeof a.sun_path - 1);
        return ERR_INVALID;
    }
    memcpy(a.sun_path, path, strlen(path));
    struct stat st;
    if (lstat(path, &st) == 0) {
        if (!S_ISSOCK(st.st_mode) || connect(fd, (struct sockaddr *)&a, sizeof a) == 0) {
            buf_printf(why, "unix:%s: is in use; stop the other program or choose another path", path);
            return ERR_CONFLICT;
        }
        unlink(path);
    }
    mode_t before = umask(0117); // the file is never wider than 0660, not even for a moment
    int failed = bind(fd, (struct sockaddr *)&a, sizeof a);
    umask(before);
    if (failed) {
        buf_printf(why, "unix:%s: %s; does its folder exist, and may this user write it?", path, strerror(errno));
        return ERR_IO;
    }
    return OK;
}

static enum err tcp_open(const char *where, int *fd, struct buf *why)
{
    struct buf host;
    buf_init(&host, 256);
    struct addrinfo *list = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    enum err e = OK;
    const char *colon = strrchr(where, ':');
    if (!colon || colon == where || !colon[1]) {
        buf_printf(why, "%s: write HOST:PORT or unix:PATH", where);
        e = ERR_INVALID;
        goto out;
    }
    struct str name = {where, (size_t)(colon - where)};
    if (str_starts(name, "[") && str_ends(name, "]")) {
        name = str_slice(name, 1, name.n - 1);
    }
    int64_t port;
    if (str_int(str_from(colon + 1), &port) || port < 0 || port > 65535) {
        buf_printf(why, "%s: a port is a number up to 65535 (0: any free one)", where);
        e = ERR_INVALID;
        goto out;
    }
    buf_put(&host, name);
    buf_put_c(&host, '\0');
    if (buf_ok(&host) || getaddrinfo(host.at, colon + 1, &hints, &list)) {
        buf_printf(why, "%s: no such address; write HOST:PORT or unix:PATH", where);
        e = ERR_INVALID;
        goto out;
    }
    int on = 1;
    *fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0 || setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) || bind(*fd, list->ai_addr, list->ai_addrlen)) {
        buf_printf(why, "%s: %s; stop the other program or choose another port", where, strerror(errno));
        e = errno == EADDRINUSE ? ERR_CONFLICT : ERR_IO;
    }
out:
    if (list) {
        freeaddrinfo(list);
    }
    buf_free(&host);
    return e;
}

enum err listen_open(const char *where, int *out, bool *is_unix, struct buf *why)
{
    const char *path;
    int fd = -1;
    enum err e;
    bool local = unix_path(where, &path);
    if (local) {
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        e = fd < 0 ? ERR_IO : unix_open(path, fd, why);
    } else {
        e = tcp_open(where, &fd, why);
    }
    if (!e && listen(fd, LISTEN_BACKLOG)) {
        buf_printf(why, "%s: %s", where, strerror(errno));
        e = ERR_IO;
    }
    if (e) {
        if (fd >= 0) {
            close(fd);
        }
        return e;
    }
    *out = fd;
    *is_unix = local;
    return OK;
}

enum err listen_raise_files(unsigned connections)
{
    struct rlimit r;
    rlim_t want = (rlim_t)connections + LISTEN_FILES_ELSE;
    if (getrlimit(RLIMIT_NOFILE, &r)) {
        return ERR_IO;
    }
    if (r.rlim_cur >= want) {
        return OK;
    }
    if (r.rlim_max < want) {
        struct rlimit more = {want, want}; // root may raise the hard limit too
        if (setrlimit(RLIMIT_NOFILE, &more) == 0) {
            return OK;
        }
    }
    r.rlim_cur = r.rlim_max < want ? r.rlim_max : want;
    if (setrlimit(RLIMIT_NOFILE, &r)) {
        return ERR_IO;
    }
    return r.rlim_cur >= want ? OK : ERR_LIMITED;
}

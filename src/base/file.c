#include "base/file.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define FILE_DEPTH_MAX 32      // folders within folders that file_copy_tree follows
#define FILE_PIECE (64 * 1024) // bytes copied at a time

static enum err err_of(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        return ERR_NOT_FOUND;
    case ENOSPC:
    case EDQUOT:
        return ERR_FULL;
    case ENAMETOOLONG:
        return ERR_TOO_LARGE;
    default:
        return ERR_IO;
    }
}

static enum err write_all(int fd, struct str s)
{
    while (s.n > 0) {
        ssize_t put = write(fd, s.at, s.n);
        if (put < 0) {
            if (errno == EINTR) {
                continue;
            }
            return err_of(errno);
        }
        s = str_slice(s, (size_t)put, s.n);
    }
    return OK;
}

// whole: from its beginning, wherever it is read elsewhere; false: from where it stands, for pipes too.
static enum err read_all(int fd, bool whole, struct buf *out)
{
    enum err e = OK;
    char piece[4096];
    size_t before = out->n;
    for (off_t at = 0;;) {
        ssize_t got = whole ? pread(fd, piece, sizeof piece, at) : read(fd, piece, sizeof piece);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            e = err_of(errno);
            break;
        }
        buf_put(out, (struct str){piece, (size_t)got});
        at += got;
        e = buf_ok(out);
        if (got == 0 || e) {
            break;
        }
    }
    if (out->secret) {
        explicit_bzero(piece, sizeof piece);
    }
    if (e) {
        out->n = before;
    }
    return e;
}

enum err file_read(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return err_of(errno);
    }
    enum err e = read_all(fd, false, out);
    close(fd);
    return e;
}

enum err file_read_open(int fd, struct buf *out)
{
    return read_all(fd, true, out);
}

static enum err sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int n = !slash ? snprintf(folder, sizeof folder, ".")
                   : snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    if (n < 0 || (size_t)n >= sizeof folder) {
        return ERR_TOO_LARGE;
    }
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return err_of(errno);
    }
    enum err e = fsync(fd) ? err_of(errno) : OK;
    close(fd);
    return e;
}

enum err file_replace(const char *path, struct str content, mode_t mode)
{
    char temporary[PATH_MAX];
    int n = snprintf(temporary, sizeof temporary, "%s.tmp", path);
    if (n < 0 || (size_t)n >= sizeof temporary) {
        return ERR_TOO_LARGE;
    }
    enum err e;
    // 0600 until it is whole; O_NOFOLLOW so that a link planted in the folder is not written through
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return err_of(errno);
    }
    e = write_all(fd, content);
    if (!e && (fchmod(fd, mode) || fsync(fd))) {
        e = err_of(errno);
    }
    if (close(fd) && !e) {
        e = err_of(errno);
    }
    if (!e && rename(temporary, path)) {
        e = err_of(errno);
    }
    if (e) {
        unlink(temporary);
        return e;
    }
    return sync_folder_of(path);
}

enum err file_make_dirs(const char *path, mode_t mode)
{
    char part[PATH_MAX];
    size_t n = strlen(path);
    if (n == 0) {
        return ERR_INVALID;
    }
    if (n >= sizeof part) {
        return ERR_TOO_LARGE;
    }
    memcpy(part, path, n + 1);
    for (size_t i = 1; i <= n; i++) {
        if (part[i] != '/' && part[i] != '\0') {
            continue;
        }
        char keep = part[i];
        part[i] = '\0';
        struct stat st;
        if (mkdir(part, mode) && errno != EEXIST) {
            return err_of(errno);
        }
        if (stat(part, &st)) {
            return err_of(errno);
        }
        if (!S_ISDIR(st.st_mode)) {
            return ERR_CONFLICT;
        }
        part[i] = keep;
    }
    return OK;
}

static enum err copy_file(int from_dir, int to_dir, const char *name)
{
    enum err e = OK;
    int to = -1;
    int from = openat(from_dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (from < 0) {
        return err_of(errno);
    }
    to = openat(to_dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (to < 0) {
        e = err_of(errno);
        goto out;
    }
    char piece[FILE_PIECE];
    for (;;) {
        ssize_t got = read(from, piece, sizeof piece);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            e = err_of(errno);
            goto out;
        }
        if (got == 0) {
            break;
        }
        e = write_all(to, (struct str){piece, (size_t)got});
        if (e) {
            goto out;
        }
    }
    if (fchmod(to, 0644) || fsync(to)) {
        e = err_of(errno);
    }
out:
    close(from);
    if (to >= 0) {
        close(to);
    }
    return e;
}

static enum err copy_folder(int from, int to, int depth);

static enum err copy_entry(int from, int to, const char *name, int depth)
{
    struct stat st;
    if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW)) {
        return err_of(errno);
    }
    if (S_ISREG(st.st_mode)) {
        return copy_file(from, to, name);
    }
    if (!S_ISDIR(st.st_mode)) {
        return ERR_INVALID;
    }
    if (depth >= FILE_DEPTH_MAX) {
        return ERR_TOO_LARGE;
    }
    if (mkdirat(to, name, 0755) && errno != EEXIST) {
        return err_of(errno);
    }
    enum err e = OK;
    int from_in = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int to_in = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (from_in < 0 || to_in < 0) {
        e = err_of(errno);
    } else {
        e = copy_folder(from_in, to_in, depth + 1);
    }
    if (from_in >= 0) {
        close(from_in);
    }
    if (to_in >= 0) {
        close(to_in);
    }
    return e;
}

static enum err copy_folder(int from, int to, int depth)
{
    int again = fcntl(from, F_DUPFD_CLOEXEC, 0); // closedir closes it
    DIR *dir = again < 0 ? NULL : fdopendir(again);
    if (!dir) {
        if (again >= 0) {
            close(again);
        }
        return ERR_IO;
    }
    enum err e = OK;
    while (!e) {
        errno = 0;
        const struct dirent *d = readdir(dir);
        if (!d) {
            e = errno ? err_of(errno) : OK;
            break;
        }
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0) {
            e = copy_entry(from, to, d->d_name, depth);
        }
    }
    closedir(dir);
    if (!e && fsync(to)) {
        e = err_of(errno);
    }
    return e;
}

enum err file_copy_tree(const char *from, const char *to)
{
    int from_fd = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (from_fd < 0) {
        return err_of(errno);
    }
    enum err e = file_make_dirs(to, 0755);
    int to_fd = -1;
    if (!e) {
        to_fd = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        e = to_fd < 0 ? err_of(errno) : copy_folder(from_fd, to_fd, 0);
    }
    if (to_fd >= 0) {
        close(to_fd);
    }
    close(from_fd);
    return e;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

enum err file_free_bytes(const char *path, uint64_t *out)
{
    struct statvfs st;
    if (statvfs(path, &st)) {
        return err_of(errno);
    }
    *out = (uint64_t)st.f_bavail * st.f_frsize;
    return OK;
}

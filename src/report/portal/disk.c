// Room on the disk: a reserve that is taken beforehand and given up when the disk is full, so that reports of danger still
// have somewhere to lie; below the limit nothing else comes in. Recovers by itself.
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "base/log.h"
#include "report/portal/portal.h"

#define MIB (1024 * 1024)
#define DISK_PATH_MAX 4096

struct disk {
    char dir[DISK_PATH_MAX], reserve[DISK_PATH_MAX];
    int64_t reserve_bytes, free_bytes; // both 0: nothing to watch
    _Atomic bool low;
    pthread_mutex_t lock;              // of held
    bool held;                         // the reserve stands
};

// dir empty: the store lies elsewhere (PostgreSQL) and watches itself.
enum err disk_new(const char *dir, int64_t reserve_mb, int64_t free_mb, struct disk **out)
{
    struct disk *d = calloc(1, sizeof *d);
    if (d == NULL)
        return ERR_MEMORY;
    if (pthread_mutex_init(&d->lock, NULL) != 0) {
        free(d);
        return ERR_MEMORY;
    }
    struct buf path;
    buf_init(&path, DISK_PATH_MAX - 1);
    buf_printf(&path, "%s/reserve", dir);
    enum err e = buf_ok(&path);
    if (!e && dir[0] != '\0') {
        d->reserve_bytes = reserve_mb * MIB;
        d->free_bytes = free_mb * MIB;
        memcpy(d->reserve, path.at, path.n);
        memcpy(d->dir, dir, strlen(dir));
    }
    buf_free(&path);
    if (e) {
        disk_free(&d);
        return e;
    }
    *out = d;
    return OK;
}

void disk_free(struct disk **d)
{
    if (*d == NULL)
        return;
    pthread_mutex_destroy(&(*d)->lock);
    free(*d);
    *d = NULL;
}

static bool take_reserve(const struct disk *d)
{
    int fd = open(d->reserve, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    bool taken = posix_fallocate(fd, 0, (off_t)d->reserve_bytes) == 0;
    close(fd);
    if (!taken)
        unlink(d->reserve);
    return taken;
}

void disk_look(struct disk *d)
{
    uint64_t free_now = 0;
    if (d->dir[0] == '\0' || file_free_bytes(d->dir, &free_now) != OK)
        return;
    bool low = free_now < (uint64_t)d->free_bytes;
    if (low != atomic_exchange(&d->low, low))
        log_event(low ? LOG_ALARM : LOG_INFO, "disk.low", LOG_I("low", low), LOG_I("free_mb", free_now / MIB));
    if (d->reserve_bytes == 0)
        return;
    pthread_mutex_lock(&d->lock);
    if (d->held && free_now < (uint64_t)d->reserve_bytes / 4) {
        d->held = unlink(d->reserve) != 0;
        log_event(LOG_ALARM, "disk.reserve_given_up", LOG_I("free_mb", free_now / MIB));
    } else if (!d->held && free_now >= 2 * (uint64_t)d->reserve_bytes) { // far enough above, so that it does not come and go
        d->held = take_reserve(d);
    }
    pthread_mutex_unlock(&d->lock);
}

bool disk_low(const struct disk *d)
{
    return atomic_load(&d->low);
}

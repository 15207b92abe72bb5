// Whoever holds a store's write lock and does not write.
#include "bin/seats.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define SQLITE_WRITE_LOCK_BYTE 120 // of the -shm file: WAL_WRITE_LOCK (sqlite.org/walformat.html, "locks")

static struct lock_seen { pid_t holder; int64_t since; struct timespec written; } lock_seen[4];

static void kill_ours(const struct serve *s, pid_t holder, struct lock_seen *seen)
{
    for (enum program p = 0; p < PROGRAMS && holder > 0; p++)
        for (size_t i = 0; i < SEATS; i++)
            if (seat_pid(s, p, i) == holder) {
                log_event(LOG_ALARM, "serve.lock_held", LOG_I("program", p));
                kill(holder, SIGKILL);
                *seen = (struct lock_seen){0};
            }
}

void seats_watch_locks(struct serve *s)
{
    static const char *const schema[4] = {"intake", "reply", "desk", "keeper"};
    for (size_t i = 0; i < 4 && !layout_is_postgres(&s->layout); i++) {
        char path[PROCESS_PATH], name[64];
        struct lock_seen *seen = &lock_seen[i];
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SQLITE_WRITE_LOCK_BYTE, .l_len = 1};
        struct stat wal;
        snprintf(name, sizeof name, "%s/%s.db-shm", schema[i], schema[i]);
        int fd = open(layout_join(path, s->layout.data, name), O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        bool held = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
        close(fd); // serve holds no lock of its own that this could drop
        snprintf(name, sizeof name, "%s/%s.db-wal", schema[i], schema[i]);
        if (!held || stat(layout_join(path, s->layout.data, name), &wal)) {
            *seen = (struct lock_seen){0};
            continue;
        }
        bool same = seen->holder == lock.l_pid && seen->written.tv_sec == wal.st_mtim.tv_sec &&
                    seen->written.tv_nsec == wal.st_mtim.tv_nsec;
        if (!same)
            *seen = (struct lock_seen){lock.l_pid, real_now(), wal.st_mtim};
        else if (real_now() - seen->since > LOCK_WAIT)
            kill_ours(s, lock.l_pid, seen);
    }
}

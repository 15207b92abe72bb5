// Rings on one machine: a datagram to each socket ring_dir/CHANNEL.PID.N. Who may ring and listen is said by the
// permissions of ring_dir; a ring carries nothing, so a false one costs its hearer a look at the table.
#include "driver.h"
#include "base/log.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

// Addresses go through /proc/self/fd, since the path of a data directory may be longer than sun_path.
static bool address_at(int folder, const char *name, struct sockaddr_un *out)
{
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    return snprintf(out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d/%s", folder, name) < (int)sizeof out->sun_path;
}

static int folder_open(const struct store *s)
{
    return open(s->ring_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool rings_for(const char *name, const struct ring_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        size_t n = strlen(set->names[i]);
        if (strncmp(name, set->names[i], n) == 0 && name[n] == '.') return true;
    }
    return false;
}

// Lists who listens. The list holds for as long as the folder does not change; a change in the very tick of the clock in
// which it was read would not show, so a list younger than that is read again.
#define TICK (20 * INT64_C(1000000)) // ns: more than a tick of the kernel's file times

static bool bells_fresh(const struct bells *b)
{
    struct stat st;
    return b->folder >= 0 && fstat(b->folder, &st) == 0 && st.st_nlink > 0 && b->settled &&
           st.st_mtim.tv_sec == b->changed.tv_sec && st.st_mtim.tv_nsec == b->changed.tv_nsec;
}

static bool bells_list(const struct store *s, struct bells *b)
{
    bells_close(b);
    b->folder = folder_open(s);
    if (b->folder < 0) return false; // nobody has listened yet
    int again = fcntl(b->folder, F_DUPFD_CLOEXEC, 0);
    DIR *d = again >= 0 ? fdopendir(again) : NULL;
    b->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct stat st;
    struct timespec now;
    bool good = d && b->fd >= 0 && fstat(b->folder, &st) == 0 && clock_gettime(CLOCK_REALTIME, &now) == 0;
    if (good) {
        b->changed = st.st_mtim;
        b->settled = (now.tv_sec - st.st_mtim.tv_sec) * INT64_C(1000000000) + now.tv_nsec - st.st_mtim.tv_nsec > TICK;
        struct dirent *entry;
        while ((entry = readdir(d)) && b->n < BELLS_MAX)
            if (entry->d_name[0] != '.' && strlen(entry->d_name) < sizeof b->names[0])
                memcpy(b->names[b->n++], entry->d_name, strlen(entry->d_name) + 1);
    } else {
        bells_close(b);
    }
    if (d) closedir(d);
    else if (again >= 0) close(again);
    return good;
}

void bells_close(struct bells *b)
{
    if (b->folder >= 0) close(b->folder);
    if (b->fd >= 0) close(b->fd);
    *b = (struct bells){.folder = -1, .fd = -1};
}

void ring_send(const struct store *s, struct bells *b, const struct ring_set *set)
{
    if (!bells_fresh(b) && !bells_list(s, b)) return;
    for (size_t i = 0; i < b->n; i++) {
        struct sockaddr_un to;
        if (!rings_for(b->names[i], set) || !address_at(b->folder, b->names[i], &to)) continue;
        // A full socket has a ring waiting already. A refusing one belongs to a process that died.
        if (sendto(b->fd, "", 1, 0, (struct sockaddr *)&to, sizeof to) < 0 && errno == ECONNREFUSED)
            unlinkat(b->folder, b->names[i], 0);
    }
}

static void drain(int fd)
{
    char bytes[16];
    while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) >= 0) continue;
}

static void *listen_main(void *arg)
{
    struct store *s = arg;
    while (!atomic_load(&s->listen_stop)) {
        struct pollfd fds[DB_CHANNELS_MAX + 1] = {{.fd = s->listen_wake, .events = POLLIN}};
        struct listener now[DB_CHANNELS_MAX];
        pthread_mutex_lock(&s->listen_lock);
        size_t n = s->listeners_n;
        memcpy(now, s->listeners, sizeof now);
        pthread_mutex_unlock(&s->listen_lock);
        for (size_t i = 0; i < n; i++) fds[i + 1] = (struct pollfd){.fd = now[i].fd, .events = POLLIN};
        if (poll(fds, n + 1, -1) < 0 && errno != EINTR) return NULL;
        if (fds[0].revents) {
            eventfd_t count;
            eventfd_read(s->listen_wake, &count);
        }
        for (size_t i = 0; i < n; i++)
            if (fds[i + 1].revents) {
                drain(now[i].fd);
                now[i].fn(now[i].ctx);
            }
    }
    return NULL;
}

static enum err socket_bind(struct store *s, struct listener *l, size_t number)
{
    enum err e = ERR_IO;
    int folder = folder_open(s), fd = -1;
    struct sockaddr_un at;
    if (folder < 0) return ERR_IO;
    snprintf(l->file, sizeof l->file, "%s.%d.%p.%zu", l->channel, (int)getpid(), (void *)s, number);
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || !address_at(folder, l->file, &at)) goto out;
    unlinkat(folder, l->file, 0);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0) goto out;
    if (fchmodat(folder, l->file, 0666, 0) != 0) goto out; // the folder says who may reach it
    l->fd = fd;
    fd = -1;
    e = OK;
out:
    if (fd >= 0) close(fd);
    close(folder);
    return e;
}

enum err ring_listen_start(struct store *s)
{
    if (!s->ring_dir) return ERR_INVALID;
    size_t n = s->listeners_n; // the caller holds the lock and has filled the next place
    enum err e = socket_bind(s, &s->listeners[n], n);
    if (e != OK) return e;
    s->listeners_n++;
    if (!s->listening) {
        if (pthread_create(&s->listen_thread, NULL, listen_main, s) != 0) {
            s->listeners_n--;
            close(s->listeners[n].fd);
            return ERR_MEMORY;
        }
        s->listening = true;
    }
    eventfd_write(s->listen_wake, 1);
    return OK;
}

void ring_listen_stop(struct store *s)
{
    atomic_store(&s->listen_stop, true);
    eventfd_write(s->listen_wake, 1);
    pthread_join(s->listen_thread, NULL);
    int folder = folder_open(s);
    for (size_t i = 0; i < s->listeners_n; i++) {
        if (folder >= 0) unlinkat(folder, s->listeners[i].file, 0);
        close(s->listeners[i].fd);
    }
    if (folder >= 0) close(folder);
    s->listeners_n = 0;
    s->listening = false;
}

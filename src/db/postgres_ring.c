// PostgreSQL: LISTEN on a connection of its own, on every node. After a connection was lost each listener is rung once,
// since something may have been missed.
#include "postgres.h"
#include "base/clock.h"
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RETRY_MS 1000

struct hearing {
    PGconn *at;
    size_t listened; // channels told to this connection
};

static size_t listeners_copy(struct store *s, struct listener out[static DB_CHANNELS_MAX])
{
    pthread_mutex_lock(&s->listen_lock);
    size_t n = s->listeners_n;
    memcpy(out, s->listeners, n * sizeof *out);
    pthread_mutex_unlock(&s->listen_lock);
    return n;
}

static bool listen_more(struct hearing *h, const struct listener *all, size_t n)
{
    for (; h->listened < n; h->listened++) {
        char sql[DB_CHANNEL_MAX + 16];
        snprintf(sql, sizeof sql, "listen \"%s\"", all[h->listened].channel); // letters and _ only: store_listen
        PGresult *r = libpq.exec(h->at, sql);
        bool ok = libpq.resultStatus(r) == PGRES_COMMAND_OK;
        libpq.clear(r);
        if (!ok) return false;
        all[h->listened].fn(all[h->listened].ctx);
    }
    return true;
}

// Rings each channel once, however many notifications of it have come.
static bool hear(struct hearing *h, const struct listener *all, size_t n)
{
    if (!libpq.consumeInput(h->at)) return false;
    bool rung[DB_CHANNELS_MAX] = {false};
    PGnotify *note;
    while ((note = libpq.notifies(h->at))) {
        for (size_t i = 0; i < n; i++) rung[i] = rung[i] || strcmp(all[i].channel, note->relname) == 0;
        libpq.freemem(note);
    }
    for (size_t i = 0; i < n; i++)
        if (rung[i]) all[i].fn(all[i].ctx);
    return libpq.status(h->at) == CONNECTION_OK;
}

static void *listen_main(void *arg)
{
    struct store *s = arg;
    struct hearing h = {0};
    while (!atomic_load(&s->listen_stop)) {
        struct listener all[DB_CHANNELS_MAX];
        size_t n = listeners_copy(s, all);
        bool fine = h.at != NULL;
        if (!fine) {
            struct buf why;
            buf_init(&why, 1024);
            fine = postgres_login(s->url, s->role, s->password_file, &h.at, &why) == OK;
            h.listened = 0;
            buf_free(&why);
        }
        if (fine) fine = listen_more(&h, all, n) && hear(&h, all, n);
        if (!fine && h.at) {
            libpq.finish(h.at);
            h.at = NULL;
        }
        struct pollfd fds[2] = {{.fd = s->listen_wake, .events = POLLIN}, {.fd = h.at ? libpq.socket(h.at) : -1, .events = POLLIN}};
        poll(fds, 2, h.at ? -1 : RETRY_MS);
        if (fds[0].revents) {
            eventfd_t count;
            eventfd_read(s->listen_wake, &count);
        }
    }
    if (h.at) libpq.finish(h.at);
    return NULL;
}

enum err postgres_listen_start(struct store *s)
{
    s->listeners_n++; // the caller holds the lock and has filled the next place
    if (!s->listening) {
        if (pthread_create(&s->listen_thread, NULL, listen_main, s) != 0) {
            s->listeners_n--;
            return ERR_MEMORY;
        }
        s->listening = true;
    }
    eventfd_write(s->listen_wake, 1);
    return OK;
}

void postgres_listen_stop(struct store *s)
{
    atomic_store(&s->listen_stop, true);
    eventfd_write(s->listen_wake, 1);
    pthread_join(s->listen_thread, NULL);
    s->listeners_n = 0;
    s->listening = false;
}

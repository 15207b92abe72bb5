#include "http/reap.h"
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "base/clock.h"
#include "base/wait.h"
#include "http/pool.h"

#define NS INT64_C(1000000000)
#define IDLE_NS (60 * NS)        // between requests, and before the first request line is whole
#define CROWDED_NS (2 * NS)      // for idle ones, heads and bodies where places run short
#define CROWDED_RATE_MAX (1 << 20) // bytes a second; the doubling ends here
#define TRIM_CONNECTIONS 1000

struct conn {
    struct conn *next, **link;
    int fd;
    _Atomic int64_t idle;     // when it began to be idle, mono ns; 0: it is not
    _Atomic int64_t receives; // when its head or body began, mono ns; 0: none is under way
    _Atomic size_t received;  // bytes of that body
    _Atomic int64_t deadline; // mono ns; 0: none
};

struct reaper {
    unsigned connections;
    pthread_mutex_t lock; // list, stopping
    pthread_cond_t wake;
    struct conn *conns;
    pthread_t thread;
    bool runs, stopping;
    _Atomic int64_t hurry; // ns that a connection may be idle; 0: as IDLE_NS says
    atomic_uint open;
    atomic_ullong closed;
};

static void conn_set(struct conn *c, int64_t idle, int64_t receives, int64_t deadline)
{
    atomic_store_explicit(&c->idle, idle, memory_order_relaxed);
    atomic_store_explicit(&c->receives, receives, memory_order_relaxed);
    atomic_store_explicit(&c->received, 0, memory_order_relaxed);
    atomic_store_explicit(&c->deadline, deadline, memory_order_relaxed);
}

void conn_idle(struct conn *c)
{
    int64_t now = clock_mono();
    conn_set(c, now, 0, now + IDLE_NS);
}

void conn_receives(struct conn *c, int64_t deadline)
{
    conn_set(c, 0, clock_mono(), deadline);
}

void conn_received(struct conn *c, size_t n)
{
    atomic_fetch_add_explicit(&c->received, n, memory_order_relaxed);
}

void conn_until(struct conn *c, int64_t deadline)
{
    conn_set(c, 0, 0, deadline);
}

struct conn *conn_new(struct reaper *r, int fd)
{
    struct conn *c = calloc(1, sizeof *c);
    if (!c) {
        return NULL;
    }
    c->fd = fd;
    conn_idle(c);
    pthread_mutex_lock(&r->lock);
    c->next = r->conns;
    c->link = &r->conns;
    if (c->next) {
        c->next->link = &c->next;
    }
    r->conns = c;
    pthread_mutex_unlock(&r->lock);
    atomic_fetch_add(&r->open, 1);
    return c;
}

void conn_free(struct reaper *r, struct conn *c)
{
    pthread_mutex_lock(&r->lock);
    *c->link = c->next;
    if (c->next) {
        c->next->link = c->link;
    }
    pthread_mutex_unlock(&r->lock);
    atomic_fetch_sub(&r->open, 1);
    free(c);
}

// rate: bytes a second that a body must have come at; 0: not crowded.
static bool conn_due(struct conn *c, int64_t now, size_t rate, int64_t hurry)
{
    int64_t deadline = atomic_load_explicit(&c->deadline, memory_order_relaxed);
    int64_t idle = atomic_load_explicit(&c->idle, memory_order_relaxed);
    int64_t receives = atomic_load_explicit(&c->receives, memory_order_relaxed);
    if ((deadline && now > deadline) || (hurry && idle && now - idle > hurry)) {
        return true;
    }
    if (!rate) {
        return false;
    }
    if (idle) {
        return now - idle > CROWDED_NS;
    }
    size_t received = atomic_load_explicit(&c->received, memory_order_relaxed);
    return receives && now - receives > CROWDED_NS && received < rate * (size_t)((now - receives) / NS);
}

static void *reap(void *arg)
{
    struct reaper *r = arg;
    unsigned most = 0; // open at once since memory was last given back
    size_t rate = 0;
    pthread_mutex_lock(&r->lock);
    while (!r->stopping) {
        (void)wait_until(&r->wake, &r->lock, clock_mono() + WAIT_SECOND); // a second, or the end
        int64_t now = clock_mono();
        bool crowded = atomic_load(&r->open) > r->connections / 10 * 9;
        rate = !crowded ? 0 : !rate ? HTTP_RATE_BYTES : rate < CROWDED_RATE_MAX ? 2 * rate : rate;
        for (struct conn *c = r->conns; c; c = c->next) {
            if (conn_due(c, now, rate, atomic_load(&r->hurry))) {
                shutdown(c->fd, SHUT_RDWR); // the loop reads the end and closes
                atomic_fetch_add(&r->closed, 1);
                conn_until(c, 0);
            }
        }
        unsigned open = atomic_load(&r->open);
        most = open > most ? open : most;
        if (most > open + TRIM_CONNECTIONS) {
            most = open;
            pthread_mutex_unlock(&r->lock);
            malloc_trim(0); // a crowd has left: about 4 KiB each would stay ours for ever
            pthread_mutex_lock(&r->lock);
        }
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

enum err reaper_new(unsigned connections, struct reaper **out)
{
    struct reaper *r = calloc(1, sizeof *r);
    if (!r) {
        return ERR_MEMORY;
    }
    r->connections = connections;
    pthread_mutex_init(&r->lock, NULL);
    wait_init(&r->wake);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, POOL_STACK);
    r->runs = pthread_create(&r->thread, &attr, reap, r) == 0;
    pthread_attr_destroy(&attr);
    if (!r->runs) {
        reaper_free(&r);
        return ERR_MEMORY;
    }
    *out = r;
    return OK;
}

void reaper_stop(struct reaper *r)
{
    if (r->runs) {
        pthread_mutex_lock(&r->lock);
        r->stopping = true;
        pthread_cond_signal(&r->wake);
        pthread_mutex_unlock(&r->lock);
        pthread_join(r->thread, NULL);
        r->runs = false;
    }
}

void reaper_free(struct reaper **r)
{
    if (*r) {
        reaper_stop(*r);
        pthread_cond_destroy(&(*r)->wake);
        pthread_mutex_destroy(&(*r)->lock);
        free(*r);
        *r = NULL;
    }
}

void reaper_hurry(struct reaper *r, int64_t idle)
{
    atomic_store(&r->hurry, idle);
}

unsigned reaper_open(struct reaper *r)
{
    return atomic_load(&r->open);
}

uint64_t reaper_closed(struct reaper *r)
{
    return atomic_load(&r->closed);
}

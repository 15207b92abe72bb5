// The writer: one thread that runs all writes that wait, one after the other, and commits them together.
//
// A group. The first request wakes the thread. Where recent groups had company it then waits until as many wait as make a
// commit worth its price, or gather_us have passed since the last group began: a lone caller is served at once, sixty-four
// share a commit, and a steady stream is committed in steps of gather_us. The group runs with a mark (savepoint) before
// each fn, or, where marks are dear (PostgreSQL), without any, and once more with marks if one of them failed after it
// had written; if the commit itself refuses (a deferred constraint), each runs alone. Only the commit answers anybody;
// then each caller is woken by a futex of its own.
#include "driver.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/rand.h"
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define QUEUE_MAX 4096
#define GROUP_MAX 512                     // requests of one commit
#define GROUP_LASTS (20 * INT64_C(1000000)) // ns after which a group takes no more: others wait for the lock
#define TRIES_MAX 5
#define ENOUGH 48                         // requests that are worth a commit at once

enum { REQUEST_WAITS, REQUEST_SLEEPS, REQUEST_DONE };
enum care { CARE_FAST, CARE_MARKS, CARE_ALONE }; // how a group's members are kept apart

static void request_finish(struct request *r)
{
    // The caller's stack may be gone as soon as it sees DONE: nothing of *r is touched after the exchange. A wake-up
    // for an address that somebody else uses by then is one that every futex user must bear.
    _Atomic uint32_t *state = &r->state;
    if (atomic_exchange_explicit(state, REQUEST_DONE, memory_order_acq_rel) == REQUEST_SLEEPS)
        syscall(SYS_futex, state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void request_wait(struct request *r)
{
    uint32_t was = REQUEST_WAITS;
    if (!atomic_compare_exchange_strong_explicit(&r->state, &was, REQUEST_SLEEPS, memory_order_acq_rel,
                                                 memory_order_acquire) && was == REQUEST_DONE)
        return;
    while (atomic_load_explicit(&r->state, memory_order_acquire) != REQUEST_DONE)
        syscall(SYS_futex, &r->state, FUTEX_WAIT_PRIVATE, REQUEST_SLEEPS, NULL, NULL, 0);
}

enum err store_write(struct store *s, db_fn *fn, void *arg)
{
    if (!s->write) return ERR_FORBIDDEN;
    struct writer *w = &s->writer;
    struct request r = {.fn = fn, .arg = arg};
    pthread_mutex_lock(&w->lock);
    bool full = w->queued >= QUEUE_MAX || w->stopping;
    if (!full) {
        *w->last = &r;
        w->last = &r.next;
        w->queued++;
        if (w->wanted > 0 && w->queued >= w->wanted) {
            w->wanted = 0;
            pthread_cond_signal(&w->arrived);
        }
    }
    pthread_mutex_unlock(&w->lock);
    if (full) return ERR_FULL;
    request_wait(&r);
    return r.result;
}

int64_t store_group_count(const struct store *s)
{
    return atomic_load_explicit(&s->writer.groups, memory_order_relaxed);
}

// Runs one fn. *dirty: it failed and its effects could not be undone alone.
static enum err run_one(struct db *db, struct request *r, bool careful, bool *dirty)
{
    enum err e = careful ? db->engine->mark(db) : OK;
    db_begin_fn(db);
    if (e != OK) return e;
    e = db_end_fn(db, r->fn(db, r->arg));
    if (db->fatal != OK) return e == OK ? db->fatal : e;
    if (careful && e == OK) e = db->engine->unmark(db);
    if (e == OK || db->fatal != OK) return e;
    db->rings.n = db->rings_at_mark;
    if (careful) {
        enum err undone = db->engine->undo(db);
        if (undone != OK && db->fatal == OK) db->fatal = undone;
    } else if (db->wrote > 0 || db->broken) {
        *dirty = true;
    }
    return e;
}

// One transaction over the group. Returns OK where it was committed and *done requests hold their results.
static enum err attempt(struct db *db, struct request *group, enum care care, size_t *done, bool *dirty)
{
    *done = 0;
    *dirty = false;
    db->fatal = OK;
    db->again = false;
    db->rings.n = 0;
    if (db->lost) {
        db->engine->disconnect(db);
        db->lost = false;
    }
    enum err e = OK;
    if (!db->link) {
        struct buf why;
        buf_init(&why, 512);
        e = db->engine->connect(db, &why);
        buf_free(&why);
    }
    if (e == OK) e = db->engine->begin(db);
    int64_t until = clock_mono() + GROUP_LASTS;
    size_t n = 0;
    for (struct request *r = group; e == OK && r; r = r->next) {
        r->result = run_one(db, r, care != CARE_FAST, dirty);
        n++;
        if (*dirty) break;
        if (db->fatal != OK) e = db->fatal;
        if (care == CARE_ALONE || clock_mono() >= until) break;
    }
    if (e == OK && !*dirty) {
        e = db->engine->commit(db);
        if (e == OK) {
            *done = n;
            return OK;
        }
        *dirty = db->fatal == OK && !db->again; // it is somebody's own fault, but nobody knows whose
        if (*dirty && n == 1) {
            *dirty = false;
            db->engine->rollback(db);
            group->result = e;
            db->rings.n = 0;
            *done = 1;
            return OK;
        }
    }
    if (db->link) db->engine->rollback(db);
    return e;
}

static void jitter_sleep(int tries)
{
    clock_sleep((int64_t)rand_below(2000u << tries) + 200);
}

// Runs the group until it is committed or hopeless. Returns how many of it have their result.
static size_t run_group(struct store *s, struct request *group)
{
    struct db *db = &s->writer.db;
    enum care care = db->engine->always_careful ? CARE_MARKS : CARE_FAST;
    for (int tries = 1;; tries++) {
        size_t done;
        bool dirty;
        enum err e = attempt(db, group, care, &done, &dirty);
        if (dirty) {
            assert(care != CARE_ALONE);
            care++;
            tries--;
            continue;
        }
        if (e == OK) {
            if (db->rings.n > 0 && s->ring_dir && s->engine == &sqlite_engine) ring_send(s, &s->writer.bells, &db->rings);
            atomic_fetch_add_explicit(&s->writer.groups, 1, memory_order_relaxed);
            return done;
        }
        if (db->again && tries < TRIES_MAX) {
            jitter_sleep(tries);
            continue;
        }
        log_event(LOG_WARN, "store.group_failed", LOG_ERR(e));
        done = 0;
        for (struct request *r = group; r; r = r->next, done++) r->result = e; // the disk is full for all of them
        return done;
    }
}

// Takes up to GROUP_MAX requests off the queue once it is worth while. NULL: stopping, and nothing is left.
static struct request *gather(struct writer *w)
{
    pthread_mutex_lock(&w->lock);
    while (w->queued == 0 && !w->stopping) {
        w->wanted = 1;
        pthread_cond_wait(&w->arrived, &w->lock);
    }
    int64_t until = w->began + w->gather;
    if (w->expected > 1 && w->queued < ENOUGH && !w->stopping && clock_mono() < until) {
        struct timespec at = {.tv_sec = until / 1000000000, .tv_nsec = until % 1000000000};
        do w->wanted = ENOUGH;
        while (pthread_cond_timedwait(&w->arrived, &w->lock, &at) != ETIMEDOUT && w->queued < ENOUGH && !w->stopping);
    }
    w->wanted = 0;
    w->began = clock_mono();
    struct request *group = w->first, **end = &group;
    size_t n = 0;
    while (*end && n < GROUP_MAX) {
        end = &(*end)->next;
        n++;
    }
    w->first = *end;
    if (!w->first) w->last = &w->first;
    *end = NULL;
    w->queued -= n;
    if (n >= w->expected) w->expected = n < ENOUGH ? n : ENOUGH;
    else w->expected -= (w->expected - n + 7) / 8;
    pthread_mutex_unlock(&w->lock);
    return group;
}

// Puts what a group had no time for in front of the queue again.
static void put_back(struct writer *w, struct request *rest)
{
    pthread_mutex_lock(&w->lock);
    struct request **end = &rest;
    while (*end) {
        w->queued++;
        end = &(*end)->next;
    }
    *end = w->first;
    if (!w->first) w->last = end;
    w->first = rest;
    pthread_mutex_unlock(&w->lock);
}

static void *writer_main(void *arg)
{
    struct store *s = arg;
    struct request *group;
    while ((group = gather(&s->writer))) {
        size_t done = run_group(s, group);
        struct request *r = group;
        while (done-- > 0) {
            struct request *next = r->next;
            request_finish(r);
            r = next;
        }
        if (r) put_back(&s->writer, r);
    }
    return NULL;
}

enum err writer_start(struct store *s, struct buf *why)
{
    struct writer *w = &s->writer;
    w->last = &w->first;
    w->expected = 1;
    w->bells.folder = w->bells.fd = -1;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->arrived, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&w->thread, NULL, writer_main, s) != 0) {
        buf_put_z(why, "store: no thread for the writer");
        pthread_mutex_destroy(&w->lock);
        pthread_cond_destroy(&w->arrived);
        return ERR_MEMORY;
    }
    w->running = true;
    return OK;
}

void writer_stop(struct store *s)
{
    struct writer *w = &s->writer;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->arrived);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    w->running = false;
    bells_close(&w->bells);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->arrived);
}

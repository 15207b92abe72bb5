#include "http/pool.h"
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work;
    pool_fn *fn;
    void *ctx;
    void **ring; // places = queue + reserved
    size_t places, queue, first, n;
    bool stopping;
    unsigned threads;
    pthread_t thread[POOL_THREADS_MAX];
};

static void *pool_work(void *arg)
{
    struct pool *p = arg;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->n == 0 && !p->stopping) {
            pthread_cond_wait(&p->work, &p->lock);
        }
        if (p->n == 0) {
            break;
        }
        void *job = p->ring[p->first];
        p->first = (p->first + 1) % p->places;
        p->n--;
        pthread_mutex_unlock(&p->lock);
        p->fn(p->ctx, job);
        pthread_mutex_lock(&p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

enum err pool_new(unsigned threads, size_t queue, size_t reserved, pool_fn *fn, void *ctx, struct pool **out)
{
    if (threads == 0 || threads > POOL_THREADS_MAX || queue == 0) {
        return ERR_INVALID;
    }
    struct pool *p = calloc(1, sizeof *p);
    void **ring = calloc(queue + reserved, sizeof *ring);
    pthread_attr_t attr;
    if (!p || !ring || pthread_attr_init(&attr)) {
        free(p);
        free(ring);
        return ERR_MEMORY;
    }
    p->ring = ring;
    p->places = queue + reserved;
    p->queue = queue;
    p->fn = fn;
    p->ctx = ctx;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    size_t stack = POOL_STACK < PTHREAD_STACK_MIN ? PTHREAD_STACK_MIN : POOL_STACK;
    pthread_attr_setstacksize(&attr, stack);
    while (p->threads < threads && pthread_create(&p->thread[p->threads], &attr, pool_work, p) == 0) {
        p->threads++;
    }
    pthread_attr_destroy(&attr);
    if (p->threads < threads) {
        pool_free(&p);
        return ERR_MEMORY;
    }
    *out = p;
    return OK;
}

enum err pool_add(struct pool *p, void *job, bool urgent)
{
    enum err e = ERR_FULL;
    pthread_mutex_lock(&p->lock);
    if (!p->stopping && p->n < (urgent ? p->places : p->queue)) {
        p->ring[(p->first + p->n++) % p->places] = job;
        e = OK;
    }
    pthread_mutex_unlock(&p->lock);
    if (!e) {
        pthread_cond_signal(&p->work);
    }
    return e;
}

bool pool_room(struct pool *p, bool urgent)
{
    pthread_mutex_lock(&p->lock);
    bool room = p->n < (urgent ? p->places : p->queue);
    pthread_mutex_unlock(&p->lock);
    return room;
}

size_t pool_waiting(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    size_t n = p->n;
    pthread_mutex_unlock(&p->lock);
    return n;
}

void pool_stop(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->threads; i++) {
        pthread_join(p->thread[i], NULL);
    }
    p->threads = 0;
}

void pool_free(struct pool **pp)
{
    struct pool *p = *pp;
    if (!p) {
        return;
    }
    pool_stop(p);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    free(p->ring);
    free(p);
    *pp = NULL;
}

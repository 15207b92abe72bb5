// The pass: acts on what is due, remembers what is coming.
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "retention/inside.h"

#define DAY_US (86400 * INT64_C(1000000))

static struct { pthread_mutex_t lock, passing; struct upcoming up; } kept = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, {0}};

void retention_upcoming(struct upcoming *out)
{
    pthread_mutex_lock(&kept.lock);
    *out = kept.up;
    pthread_mutex_unlock(&kept.lock);
}

static int sooner(const void *a, const void *b)
{
    const struct thing *x = a, *y = b;
    return x->due < y->due ? -1 : x->due > y->due;
}

static void remember(struct due *d, int64_t now)
{
    qsort(d->at, d->n, sizeof *d->at, sooner);
    pthread_mutex_lock(&kept.lock);
    kept.up.looked = now;
    kept.up.n = d->n < RETENTION_SHOWN ? d->n : RETENTION_SHOWN;
    kept.up.more = d->more + d->n - kept.up.n;
    memcpy(kept.up.at, d->at, kept.up.n * sizeof *d->at);
    pthread_mutex_unlock(&kept.lock);
}

static enum err act(struct services *sv, const struct thing *t, int64_t now, struct erasing *x)
{
    if (t->act == ACT_DELETE)
        return retention_forget(sv, t, now);
    *x = (struct erasing){.sv = sv, .thing = *t, .now = now};
    return retention_shred(x);
}

static enum err act_on_due(struct services *sv, int64_t now, struct due *d, size_t *done)
{
    struct erasing *x = calloc(1, sizeof *x);
    enum err e = x ? retention_look(sv, now, d) : ERR_MEMORY;
    for (size_t i = 0; !e && i < d->n; i++) {
        if (d->at[i].held)
            continue;
        enum err one = act(sv, &d->at[i], now, x);
        if (one == ERR_AWAY || one == ERR_FULL)
            e = one; // keeper or store are away: all of it later
        else if (one)
            log_event(LOG_WARN, "retention.left", LOG_ERR(one), LOG_ID("thing", d->at[i].id));
        else
            ++*done;
    }
    enum err cut = store_scrub(sv->store), reply = sv->reply ? store_scrub(sv->reply) : OK;
    if (cut || reply)
        log_event(LOG_WARN, "retention.log_not_cut", LOG_ERR(cut ? cut : reply));
    free(x);
    return e;
}

// Two that act would have the keeper say everything twice. Whoever does not act looks at what is coming all the same.
static enum err pass(struct services *sv, int64_t now, size_t *done)
{
    struct due d = {.at = calloc(RETENTION_PASS_MAX, sizeof *d.at), .max = RETENTION_PASS_MAX};
    struct alone *alone = NULL;
    if (!d.at)
        return ERR_MEMORY;
    enum err e = store_alone(sv->store, "retention", &alone);
    const bool elsewhere = e == ERR_CONFLICT;
    if (!e)
        e = act_on_due(sv, now, &d, done);
    store_alone_end(&alone);
    if (!e || elsewhere)
        e = retention_look(sv, now + RETENTION_AHEAD * DAY_US, &d);
    if (!e)
        remember(&d, now);
    free(d.at);
    return e ? e : elsewhere ? ERR_CONFLICT : OK;
}

enum err retention_pass(struct services *sv, int64_t now, size_t *done)
{
    *done = 0;
    pthread_mutex_lock(&kept.passing);
    enum err e = pass(sv, now, done);
    pthread_mutex_unlock(&kept.passing);
    return e;
}

void retention_tick(void *services)
{
    size_t done;
    enum err e = retention_pass(services, clock_now(), &done);
    if (e == ERR_CONFLICT)
        log_event(LOG_INFO, "retention.elsewhere");
    else if (e)
        log_event(LOG_WARN, "retention.not_passed", LOG_ERR(e));
    else if (done > 0)
        log_event(LOG_INFO, "retention.passed", LOG_I("done", (int64_t)done));
}

#include "plan/kept.h"
#include <pthread.h>

#define KEPT_MAX 16             // a plan of ten years has fewer; the oldest reading gives way, its memory stays with those who read it
#define KEPT_BYTES (4u << 20)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct plan_version *kept[KEPT_MAX];
static struct arena *kept_in[KEPT_MAX]; // where each lies
static size_t n_kept;

static const struct plan_version *kept_find(int64_t number)
{
    for (size_t i = 0; i < n_kept; i++)
        if (kept[i]->number == number)
            return kept[i];
    return NULL;
}

// The number of what is the basis of that year, without its document.
static enum err number_of(struct db *db, struct arena *a, int64_t year, int64_t *out)
{
    struct plan_version *all = arena_array(a, PLAN_VERSIONS_MAX, sizeof *all);
    int64_t day = year * 10000 + 101, first = 0;
    size_t n = 0;
    enum err e = all ? plan_versions_db(db, a, all, &n) : ERR_MEMORY;
    *out = 0;
    for (size_t i = 0; i < n && !e; i++) { // the newest first
        if (all[i].from && all[i].from <= day && !*out)
            *out = all[i].number;
        first = all[i].from ? all[i].number : first;
    }
    *out = *out ? *out : first;
    return e ? e : *out ? OK : ERR_NOT_FOUND;
}

enum err plan_kept_of_year_db(struct db *db, const struct pack *p, int64_t year, const struct plan_version **out)
{
    struct arena *a = NULL;
    int64_t number = 0;
    enum err e = arena_new(KEPT_BYTES, &a);
    e = e ? e : number_of(db, a, year, &number);
    if (e) {
        arena_free(&a);
        return e;
    }
    pthread_mutex_lock(&lock);
    const struct plan_version *found = kept_find(number);
    struct plan_version *fresh = found ? NULL : ARENA_NEW(a, struct plan_version);
    e = found ? OK : fresh ? plan_version_db(db, a, p, number, fresh) : ERR_MEMORY;
    if (!found && !e) {
        if (n_kept == KEPT_MAX) // others may still read the one that gives way
            n_kept--;
        kept_in[n_kept] = a;
        kept[n_kept++] = fresh;
        found = fresh;
        a = NULL;
    }
    pthread_mutex_unlock(&lock);
    arena_free(&a);
    *out = found;
    return e;
}

enum err plan_bases_db(struct db *db, const struct pack *p, const struct pack_plan *plan, struct plan_bases *out)
{
    enum err e = OK;
    *out = (struct plan_bases){.plan = plan};
    for (size_t i = 0; i < plan->n_years && !e; i++) {
        const struct plan_version *v;
        e = plan_kept_of_year_db(db, p, plan->years[i], &v);
        if (e)
            return e;
        out->of[out->n].year = plan->years[i];
        out->of[out->n++].plan = v->plan;
    }
    return e;
}

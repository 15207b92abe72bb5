// Opening a store, and its leased readers.
#include "driver.h"
#include "base/clock.h"
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

const char *const schema_names[SCHEMAS] = {"intake", "reply", "desk", "keeper"};

bool schema_listed(const char *list, const char *name)
{
    if (!list) return false;
    if (strcmp(list, "*") == 0) return true;
    struct str rest = str_from(list);
    while (rest.n > 0)
        if (str_equal_z(str_trim(str_cut(&rest, ',')), name)) return true;
    return false;
}

bool store_may_write(const struct store *s, const char *schema)
{
    return schema_listed(s->write, schema);
}

bool store_may_read(const struct store *s, const char *schema)
{
    return schema_listed(s->read, schema) || store_may_write(s, schema);
}

static bool list_known(const char *list)
{
    struct str rest = str_from(list);
    while (rest.n > 0) {
        struct str name = str_trim(str_cut(&rest, ','));
        bool known = false;
        for (int i = 0; i < SCHEMAS; i++) known = known || str_equal_z(name, schema_names[i]);
        if (!known) return false;
    }
    return true;
}

static char *copy_or_null(const char *z)
{
    return z ? strdup(z) : NULL;
}

static enum err options_check(const struct store_options *o, struct buf *why)
{
    bool admin = strcmp(o->role, "admin") == 0;
    if (strcmp(o->role, "portal") && strcmp(o->role, "desk") && strcmp(o->role, "keeper") && strcmp(o->role, "courier") &&
        !admin) {
        buf_put_z(why, "store: unknown role");
        return ERR_BUG;
    }
    bool all = o->write && strcmp(o->write, "*") == 0;
    if ((all && !admin) || (o->write && !all && (strchr(o->write, ',') || !list_known(o->write))) ||
        (o->read && !list_known(o->read))) {
        buf_put_z(why, "store: a schema that this role cannot have");
        return ERR_BUG;
    }
    if (o->readers > STORE_READERS_MAX) {
        buf_put_z(why, "store: too many readers");
        return ERR_BUG;
    }
    return OK;
}

static void store_free(struct store *s)
{
    for (unsigned i = 0; s->readers && i < s->readers_n; i++)
        if (s->readers[i].link) s->engine->disconnect(&s->readers[i]);
    if (s->writer.db.link) s->engine->disconnect(&s->writer.db);
    free(s->readers);
    free(s->free_readers);
    free(s->url);
    free(s->role);
    free(s->password_file);
    free(s->write);
    free(s->read);
    free(s->ring_dir);
    if (s->listen_wake >= 0) close(s->listen_wake);
    pthread_mutex_destroy(&s->listen_lock);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->freed);
    free(s);
}

// A condition whose timed waits are measured by the clock that nobody sets.
static void cond_init(pthread_cond_t *c)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(c, &attr);
    pthread_condattr_destroy(&attr);
}

static enum err store_new(const struct store_options *o, const struct engine *engine, struct store **out)
{
    struct store *s = calloc(1, sizeof *s);
    if (!s) return ERR_MEMORY;
    s->engine = engine;
    s->url = copy_or_null(o->url);
    s->role = copy_or_null(o->role);
    s->password_file = copy_or_null(o->password_file);
    s->write = copy_or_null(o->write);
    s->read = copy_or_null(o->read ? o->read : "");
    s->ring_dir = copy_or_null(o->ring_dir);
    s->readers_n = s->free_n = o->readers;
    s->readers = calloc(o->readers + 1, sizeof *s->readers);
    s->free_readers = calloc(o->readers + 1, sizeof *s->free_readers);
    s->listen_wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->listen_lock, NULL);
    cond_init(&s->freed);
    if (!s->url || !s->role || !s->read || !s->readers || !s->free_readers || s->listen_wake < 0) {
        store_free(s);
        return ERR_MEMORY;
    }
    for (unsigned i = 0; i < o->readers; i++) {
        s->readers[i] = (struct db){.store = s, .engine = engine, .kind = LINK_READER};
        s->free_readers[i] = o->readers - 1 - i;
    }
    s->writer.db = (struct db){.store = s, .engine = engine, .kind = LINK_WRITER};
    s->writer.gather = (o->gather_us ? o->gather_us : 4000) * INT64_C(1000);
    *out = s;
    return OK;
}

// Connects, waiting for an owner that has not made its file yet, or a server that starts.
static enum err connect_within(struct db *db, int64_t until, struct buf *why)
{
    for (;;) {
        buf_clear(why);
        enum err e = db->engine->connect(db, why);
        if (e != ERR_AWAY || clock_mono() >= until) return e;
        clock_sleep(20 * 1000);
    }
}

enum err store_open(const struct store_options *o, struct store **out, struct buf *why)
{
    const struct engine *engine = NULL;
    if (o->url && strncmp(o->url, "sqlite:", 7) == 0) engine = &sqlite_engine;
    if (o->url && (strncmp(o->url, "postgres://", 11) == 0 || strncmp(o->url, "postgresql://", 13) == 0))
        engine = &postgres_engine;
    if (!engine) {
        buf_put_z(why, "store: the address must begin with sqlite: or postgres://");
        return ERR_INVALID;
    }
    enum err e = options_check(o, why);
    if (e != OK) return e;
    struct store *s = NULL;
    e = store_new(o, engine, &s);
    if (e != OK) return e;
    int64_t until = clock_mono() + STORE_READ_WAIT;
    if (s->write) e = connect_within(&s->writer.db, until, why);
    else if (s->readers_n > 0) e = connect_within(&s->readers[0], until, why); // tells of a wrong version now
    if (e == OK && s->write) e = writer_start(s, why);
    if (e != OK) {
        store_free(s);
        return e;
    }
    *out = s;
    return OK;
}

void store_close(struct store *s)
{
    if (!s) return;
    if (s->listening) s->engine->listen_stop(s);
    if (s->writer.running) writer_stop(s);
    assert(s->free_n == s->readers_n); // nobody reads any more
    store_free(s);
}

static struct db *reader_lease(struct store *s, int64_t until)
{
    struct timespec at = {.tv_sec = until / 1000000000, .tv_nsec = until % 1000000000};
    struct db *db = NULL;
    pthread_mutex_lock(&s->lock);
    while (s->free_n == 0)
        if (pthread_cond_timedwait(&s->freed, &s->lock, &at) == ETIMEDOUT) break;
    if (s->free_n > 0) db = &s->readers[s->free_readers[--s->free_n]];
    pthread_mutex_unlock(&s->lock);
    return db;
}

static void reader_return(struct store *s, struct db *db)
{
    pthread_mutex_lock(&s->lock);
    s->free_readers[s->free_n++] = (unsigned)(db - s->readers);
    pthread_cond_signal(&s->freed);
    pthread_mutex_unlock(&s->lock);
}

// Connected and with its snapshot taken, so that what can be missing has been missed before fn runs.
static enum err reader_begin(struct db *db, int64_t until)
{
    struct buf why;
    buf_init(&why, 512); // for nobody: a reader only says that it is away
    for (;;) {
        enum err e = OK;
        if (db->lost) {
            db->engine->disconnect(db);
            db->lost = false;
        }
        if (!db->link) e = db->engine->connect(db, &why);
        buf_free(&why);
        db->fatal = OK;
        db->again = false;
        if (e == OK) {
            db->until = clock_mono() + (db->slow ? STORE_READ_SLOW : STORE_READ_LASTS);
            e = db->engine->begin(db);
        }
        if (e == OK) return OK;
        if (db->link) db->engine->rollback(db);
        if (e != ERR_AWAY || clock_mono() >= until) return e;
        clock_sleep(20 * 1000);
    }
}

static enum err read_once(struct store *s, bool slow, db_fn *fn, void *arg)
{
    if (s->readers_n == 0) return ERR_FORBIDDEN;
    int64_t until = clock_mono() + STORE_READ_WAIT;
    struct db *db = reader_lease(s, until);
    if (!db) return ERR_FULL;
    db->slow = slow;
    enum err e = reader_begin(db, until);
    if (e == OK) {
        db_begin_fn(db);
        e = db_end_fn(db, fn(db, arg));
        db->engine->rollback(db); // nothing was written: the cheapest end
        db->rings.n = 0;
    }
    reader_return(s, db);
    return e;
}

enum err store_read(struct store *s, db_fn *fn, void *arg)
{
    return read_once(s, false, fn, arg);
}

enum err store_read_slow(struct store *s, db_fn *fn, void *arg)
{
    return read_once(s, true, fn, arg);
}

enum err store_scrub(struct store *s)
{
    return s->engine->scrub ? s->engine->scrub(s) : OK;
}

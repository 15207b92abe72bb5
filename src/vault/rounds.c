// What the keeper does by the clock: heartbeat, checkpoint, directory file, members, head.
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "vault/inside.h"
#include "vault/publish.h"

#define HEAD_EACH CLOCK_SECOND
#define DIRECTORY_EACH (60 * CLOCK_SECOND)
#define HEARTBEAT_EACH (10 * CLOCK_MINUTE)
#define CHECKPOINT_EACH CLOCK_HOUR
#define MEMBERS_EACH CLOCK_HOUR

struct own_entry {
    struct server *s;
    struct audit_line line;
    struct chain_at at;
    const uint8_t *digest; // a checkpoint where there is one
    struct buf *body;
    bool sweep;
};

static enum err own_run(struct db *db, void *arg)
{
    struct own_entry *o = arg;
    enum err e = o->sweep ? rows_sweep(db, o->line.at) : OK;
    if (!e && o->digest) {
        return chain_checkpoint(o->s->chain, db, o->line.at, o->digest, o->body, &o->at);
    }
    return e ? e : chain_append(o->s->chain, db, &o->line, &o->at);
}

enum err rounds_entry(struct server *s, uint16_t action, int64_t now)
{
    struct own_entry o = {.s = s, .line = {.at = now, .action = action}, .sweep = action == AUDIT_HEARTBEAT};
    enum err e = store_write(s->o.store, own_run, &o);
    if (!e) {
        chain_committed(s->chain, &o.at);
    }
    return e;
}

// The row stands: where only the file cannot be written, the same body is tried again, and no further row made.
static enum err checkpoint_file(struct server *s)
{
    enum err e = chain_write_checkpoint(s->chain, buf_str(&s->checkpoint));
    if (!e) {
        buf_free(&s->checkpoint);
    }
    return e;
}

enum err rounds_checkpoint(struct server *s, int64_t now)
{
    struct buf body;
    uint8_t digest[32];
    pthread_mutex_lock(&s->publishing);
    memcpy(digest, s->directory_digest, sizeof digest);
    pthread_mutex_unlock(&s->publishing);
    buf_init(&body, CHECKPOINT_BYTES_MAX + SIGN_BYTES);
    struct own_entry o = {.s = s, .line = {.at = now}, .digest = digest, .body = &body};
    enum err e = store_write(s->o.store, own_run, &o);
    if (e) {
        buf_free(&body);
        return e;
    }
    chain_committed(s->chain, &o.at);
    buf_free(&s->checkpoint);
    s->checkpoint = body;
    return checkpoint_file(s);
}

void server_publish_later(struct server *s)
{
    enum err e = server_publish(s); // it has said what is wrong
    (void)e;
}

enum err server_publish(struct server *s)
{
    pthread_mutex_lock(&s->publishing);
    enum err e = directory_publish(s->o.store, s->keys, s->o.keys_dir, clock_now(), s->directory_digest);
    pthread_mutex_unlock(&s->publishing);
    if (e) {
        log_event(LOG_ALARM, "directory-not-written", LOG_ERR(e));
    }
    return e;
}

// Time may jump either way (tests, clocks that are set): then it is due.
static bool due(int64_t *last, int64_t now, int64_t each)
{
    if (now >= *last && now - *last < each) {
        return false;
    }
    *last = now;
    return true;
}

void rounds_do(struct server *s, struct rounds *r)
{
    int64_t now = clock_now();
    enum err e = OK;
    if (due(&r->heartbeat, now, HEARTBEAT_EACH)) {
        e = rounds_entry(s, AUDIT_HEARTBEAT, now);
        r->heartbeat = e ? now - HEARTBEAT_EACH + CLOCK_SECOND : now; // again in a second
    }
    if (!e && due(&r->checkpoint, now, CHECKPOINT_EACH)) {
        e = s->checkpoint.n ? checkpoint_file(s) : rounds_checkpoint(s, now);
        r->checkpoint = e ? now - CHECKPOINT_EACH + CLOCK_SECOND : now;
    }
    if (e) {
        log_event(LOG_WARN, "audit-away", LOG_ERR(e));
    }
    if (due(&r->directory, now, DIRECTORY_EACH)) {
        e = server_publish(s); // it has said what is wrong
    }
    if (due(&r->members, now, MEMBERS_EACH)) {
        members_look_all(s);
    }
    if (due(&r->head, now, HEAD_EACH)) {
        e = chain_write_head(s->chain);
        if (e) {
            log_event(LOG_ALARM, "head-not-written", LOG_ERR(e));
        }
    }
}

#include "vault/chain.h"
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

#define PATH_MOST 4096

struct chain {
    struct store *store;
    const struct vault_keys *keys;
    char head_path[PATH_MOST], checkpoint_path[PATH_MOST];
    pthread_mutex_t lock;      // guards committed
    struct chain_at committed; // the newest that is known to be durable
    struct chain_at written;   // what head.<writer> says: the timer's thread alone
};

DB_QUERY(entry_last, "b", "ib", "select seq, h from keeper.entry where writer = $1 order by seq desc limit 1");
DB_QUERY(entry_h, "bi", "b", "select h from keeper.entry where writer = $1 and seq = $2");
DB_QUERY(entry_add, "bibbb", "", "insert into keeper.entry (writer, seq, entry, h, sig) values ($1, $2, $3, $4, $5)");
DB_QUERY(checkpoint_last, "b", "ib", "select at, body from keeper.checkpoint where writer = $1 order by at desc limit 1");
DB_QUERY(checkpoint_add, "bibb", "", "insert into keeper.checkpoint (writer, at, body, sig) values ($1, $2, $3, $4)");

static enum err read_h(const struct db_rows *r, int i, uint8_t out[32])
{
    struct str h = db_str(r, i);
    if (h.n != 32) {
        return ERR_TAMPERED;
    }
    memcpy(out, h.at, 32);
    return OK;
}

// The newest entry in the database; seq 0 and h zero where there is none.
static enum err last_of(struct db *db, const uint8_t writer[8], struct chain_at *out)
{
    struct chain_at at = {0};
    struct db_rows *r = NULL;
    enum err e = db_query(db, &entry_last, DB_ARGS(DB_B(((struct str){(const char *)writer, 8}))), &r);
    if (e) {
        return e;
    }
    if (db_next(r)) {
        at.seq = (uint64_t)db_int(r, 0);
        e = read_h(r, 1, at.h);
    }
    enum err done = db_done(&r);
    e = e ? e : done;
    if (!e) {
        *out = at;
    }
    return e;
}

static enum err h_of(struct db *db, const uint8_t writer[8], uint64_t seq, uint8_t out[32])
{
    struct db_rows *r = NULL;
    enum err e = db_query(db, &entry_h, DB_ARGS(DB_B(((struct str){(const char *)writer, 8})), DB_I(seq)), &r);
    if (e) {
        return e;
    }
    e = db_next(r) ? read_h(r, 0, out) : ERR_NOT_FOUND;
    enum err done = db_done(&r);
    return done ? done : e;
}

struct open_arg {
    struct chain *c;
    uint64_t head_seq;
    struct chain_at last;
    uint8_t h_at_head[32];
    bool has_head_entry;
};

static enum err open_read(struct db *db, void *arg)
{
    struct open_arg *a = arg;
    a->has_head_entry = false;
    enum err e = last_of(db, a->c->keys->writer, &a->last);
    if (!e && a->head_seq) {
        e = h_of(db, a->c->keys->writer, a->head_seq, a->h_at_head);
        a->has_head_entry = !e;
        e = e == ERR_NOT_FOUND ? OK : e;
    }
    return e;
}

static enum err read_small(const char *path, size_t max, struct buf *b)
{
    buf_init(b, max);
    return file_read(path, b);
}

// What stands outside the database: the head, or where a power cut has left it unreadable the last checkpoint.
// ERR_NOT_FOUND: nothing has been written yet.
static enum err read_anchor(struct chain *c, struct chain_at *out, struct buf *why)
{
    struct buf b;
    struct head_file head;
    enum err e = read_small(c->head_path, HEAD_BYTES + 1, &b);
    e = e ? e : head_parse(buf_str(&b), &c->keys->pub, &head);
    buf_free(&b);
    if (!e && memcmp(head.writer, c->keys->writer, 8) == 0) {
        *out = head.at;
        return OK;
    }
    if (e == ERR_NOT_FOUND) {
        return e;
    }
    log_event(LOG_WARN, "head-unreadable");
    struct checkpoint point;
    e = read_small(c->checkpoint_path, CHECKPOINT_BYTES_MAX + SIGN_BYTES + 1, &b);
    e = e ? e : checkpoint_parse(buf_str(&b), &c->keys->pub, &point);
    buf_free(&b);
    for (size_t i = 0; !e && i < point.n; i++) {
        if (memcmp(point.head[i].writer, c->keys->writer, 8) == 0) {
            *out = point.head[i].at;
            return OK;
        }
    }
    if (why) {
        buf_printf(why, "%s: does not verify, and there is no checkpoint in its place", c->head_path);
    }
    return ERR_TAMPERED;
}

static enum err check_anchor(struct chain *c, struct buf *why)
{
    struct chain_at anchor = {0};
    enum err e = read_anchor(c, &anchor, why);
    bool missing = e == ERR_NOT_FOUND;
    if (e && !missing) {
        return e;
    }
    struct open_arg a = {.c = c, .head_seq = anchor.seq};
    e = store_read(c->store, open_read, &a);
    if (e) {
        if (why) {
            buf_printf(why, "store: the audit cannot be read (%s)", err_name(e));
        }
        return e;
    }
    // `init` writes one entry and no head; the first start of a keeper writes the head before its own first entry.
    bool cut = missing ? a.last.seq > 1
                       : a.last.seq < anchor.seq ||
                             (anchor.seq && (!a.has_head_entry || memcmp(a.h_at_head, anchor.h, 32) != 0));
    if (cut) {
        log_event(LOG_ALARM, "audit-cut");
        if (why) {
            buf_printf(why, "%s: the database does not reach what this file says was written (entry %llu, the database has %llu); "
                            "run `isigurt audit verify`, then `isigurt restore` a good backup",
                       c->head_path, (unsigned long long)anchor.seq, (unsigned long long)a.last.seq);
        }
        return ERR_TAMPERED;
    }
    c->committed = a.last;
    c->written = (struct chain_at){.seq = UINT64_MAX}; // whatever it says, write it now
    return OK;
}

enum err chain_open(struct store *store, const struct vault_keys *keys, const char *head_dir, struct chain **out,
                    struct buf *why)
{
    char name[32];
    struct chain *c = calloc(1, sizeof *c);
    if (!c) {
        return ERR_MEMORY;
    }
    c->store = store;
    c->keys = keys;
    pthread_mutex_init(&c->lock, NULL);
    if (!head_dir) {
        *out = c;
        return OK;
    }
    writer_file(name, "head", keys->writer);
    enum err e = vault_path(c->head_path, sizeof c->head_path, head_dir, name);
    writer_file(name, "checkpoint", keys->writer);
    e = e ? e : vault_path(c->checkpoint_path, sizeof c->checkpoint_path, head_dir, name);
    e = e ? e : check_anchor(c, why);
    if (!e) {
        e = chain_write_head(c);
        if (e && why) {
            buf_printf(why, "%s: cannot be written (%s)", c->head_path, err_name(e));
        }
    }
    if (e) {
        chain_close(&c);
        return e;
    }
    *out = c;
    return OK;
}

void chain_close(struct chain **c)
{
    if (*c) {
        pthread_mutex_destroy(&(*c)->lock);
        free(*c);
        *c = NULL;
    }
}

static struct chain_at committed(struct chain *c)
{
    pthread_mutex_lock(&c->lock);
    struct chain_at at = c->committed;
    pthread_mutex_unlock(&c->lock);
    return at;
}

enum err chain_append(struct chain *c, struct db *db, struct audit_line *line, struct chain_at *at)
{
    struct chain_at last = {0}, known = committed(c);
    enum err e = last_of(db, c->keys->writer, &last);
    if (e) {
        return e;
    }
    if (last.seq < known.seq || (last.seq == known.seq && memcmp(last.h, known.h, 32) != 0)) {
        log_event(LOG_ALARM, "audit-cut");
        return ERR_TAMPERED;
    }
    char bytes[ENTRY_BYTES_MAX];
    struct buf b = {.at = bytes, .cap = sizeof bytes, .max = sizeof bytes};
    memcpy(line->writer, c->keys->writer, 8);
    line->seq = last.seq + 1;
    entry_encode(line, &b);
    struct chain_at next = {.seq = line->seq};
    uint8_t sig[SIGN_BYTES];
    entry_hash(next.h, last.h, buf_str(&b));
    crypto_signature(sig, &c->keys->node, STR_BYTES(next.h));
    e = db_exec(db, &entry_add,
                DB_ARGS(DB_B(STR_BYTES(c->keys->writer)), DB_I(next.seq), DB_B(buf_str(&b)), DB_B(STR_BYTES(next.h)),
                        DB_B(STR_BYTES(sig))),
                NULL);
    if (!e) {
        *at = next;
    }
    return e;
}

void chain_committed(struct chain *c, const struct chain_at *at)
{
    pthread_mutex_lock(&c->lock);
    if (at->seq > c->committed.seq) {
        c->committed = *at;
    }
    pthread_mutex_unlock(&c->lock);
}

uint64_t chain_seq(struct chain *c)
{
    return committed(c).seq;
}

const uint8_t *chain_writer(const struct chain *c)
{
    return c->keys->writer;
}

enum err chain_write_head(struct chain *c)
{
    struct chain_at at = committed(c);
    if (at.seq == c->written.seq) {
        return OK;
    }
    char bytes[HEAD_BYTES];
    uint8_t sig[SIGN_BYTES];
    struct buf b = {.at = bytes, .cap = sizeof bytes, .max = sizeof bytes};
    buf_put(&b, STR("isigurt.head...1"));
    buf_put(&b, STR_BYTES(c->keys->writer));
    buf_put_le(&b, at.seq, 8);
    buf_put(&b, STR_BYTES(at.h));
    crypto_signature(sig, &c->keys->node, buf_str(&b));
    buf_put(&b, STR_BYTES(sig));
    assert(!b.failed && b.n == HEAD_BYTES);
    enum err e = file_replace(c->head_path, buf_str(&b), 0644);
    if (!e) {
        c->written = at;
    }
    return e;
}

// Its hash, and the time that the next one must have at least: their order is by time, and clocks are set back.
static enum err previous_checkpoint(struct db *db, const uint8_t writer[8], uint8_t out[32], int64_t *least)
{
    struct db_rows *r = NULL;
    memset(out, 0, 32);
    *least = INT64_MIN;
    enum err e = db_query(db, &checkpoint_last, DB_ARGS(DB_B(((struct str){(const char *)writer, 8}))), &r);
    if (e) {
        return e;
    }
    if (db_next(r)) {
        *least = db_int(r, 0) + 1;
        checkpoint_hash(out, db_str(r, 1));
    }
    return db_done(&r);
}

enum err chain_checkpoint(struct chain *c, struct db *db, int64_t now, const uint8_t directory_digest_[32],
                          struct buf *signed_body, struct chain_at *at)
{
    struct head_file heads[KEEPER_NODES_MAX];
    size_t n = 0;
    uint8_t previous[32], sig[SIGN_BYTES];
    int64_t least;
    enum err e = previous_checkpoint(db, c->keys->writer, previous, &least);
    now = now < least ? least : now;
    for (size_t i = 0; !e && i < c->keys->pub.n_nodes; i++) {
        memcpy(heads[n].writer, c->keys->pub.node[i].b, 8);
        e = last_of(db, heads[n].writer, &heads[n].at);
        n += heads[n].at.seq != 0;
    }
    if (e) {
        return e;
    }
    buf_clear(signed_body);
    buf_put(signed_body, STR("isigurt.checkp.1"));
    buf_put(signed_body, STR_BYTES(c->keys->writer));
    buf_put_le(signed_body, (uint64_t)now, 8);
    buf_put(signed_body, STR_BYTES(previous));
    buf_put(signed_body, (struct str){(const char *)directory_digest_, 32});
    buf_put_le(signed_body, n, 4);
    for (size_t i = 0; i < n; i++) {
        buf_put(signed_body, STR_BYTES(heads[i].writer));
        buf_put_le(signed_body, heads[i].at.seq, 8);
        buf_put(signed_body, STR_BYTES(heads[i].at.h));
    }
    e = buf_ok(signed_body);
    if (e) {
        return e;
    }
    struct str body = buf_str(signed_body);
    crypto_signature(sig, &c->keys->node, body);
    struct audit_line line = {.at = now, .action = AUDIT_CHECKPOINT, .n_detail = 32};
    checkpoint_hash(line.detail, body);
    e = db_exec(db, &checkpoint_add, DB_ARGS(DB_B(STR_BYTES(c->keys->writer)), DB_I(now), DB_B(body), DB_B(STR_BYTES(sig))), NULL);
    e = e ? e : chain_append(c, db, &line, at);
    if (!e) {
        buf_put(signed_body, STR_BYTES(sig));
        e = buf_ok(signed_body);
    }
    return e;
}

enum err chain_write_checkpoint(struct chain *c, struct str signed_body)
{
    return file_replace(c->checkpoint_path, signed_body, 0644);
}

// After a backup was put back: the database is older than what heads and checkpoints say. A new node key begins a new
// chain, whose first entry names what the old ones have lost; so `audit verify` can tell a restore from a truncation.
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/file.h"
#include "vault/chain.h"
#include "vault/erased.h"
#include "vault/publish.h"
#include "vault/rows.h"
#include "vault/server.h"

#define PATH_MOST 4096
#define RESTORE_LINE 24 // writer 8 ‖ seq in the database u64 ‖ seq that a head outside names u64
#define RESTORE_MOST (AUDIT_DETAIL_MAX / RESTORE_LINE)

DB_QUERY(restore_sessions, "", "", "delete from keeper.session");
// The keeper's and the desk's files of a backup may be a moment apart: a key that the desk of then still had must not be shut
// out. The keeper learns again which keys are old when an older entry is next opened.
DB_QUERY(restore_replaced, "", "", "delete from keeper.replaced");
DB_QUERY(restore_last, "b", "i", "select seq from keeper.entry where writer = $1 order by seq desc limit 1");

struct restore_arg {
    const struct vault_keys *keys;
    struct chain *chain;
    int64_t now;
    size_t n_old;
    uint64_t head[KEEPER_NODES_MAX]; // by place in keeper.pub; 0: no head file
    bool too_many;
    struct chain_at at;
};

static enum err restore_run(struct db *db, void *arg)
{
    struct restore_arg *a = arg;
    struct audit_line line = {.at = a->now, .action = AUDIT_RESTORE};
    struct buf detail = {.at = (char *)line.detail, .cap = AUDIT_DETAIL_MAX, .max = AUDIT_DETAIL_MAX};
    enum err e = db_exec(db, &restore_sessions, DB_ARGS(), NULL);
    e = e ? e : db_exec(db, &restore_replaced, DB_ARGS(), NULL);
    for (size_t i = 0; !e && i < a->n_old; i++) {
        struct str writer = {(const char *)a->keys->pub.node[i].b, 8};
        struct db_rows *r = NULL;
        e = db_query(db, &restore_last, DB_ARGS(DB_B(writer)), &r);
        uint64_t last = !e && db_next(r) ? (uint64_t)db_int(r, 0) : 0;
        e = e ? e : db_done(&r);
        if (!e && a->head[i] > last) { // only what was lost
            buf_put(&detail, writer);
            buf_put_le(&detail, last, 8);
            buf_put_le(&detail, a->head[i], 8);
        }
    }
    line.n_detail = detail.n;
    a->too_many = detail.failed;
    e = e ? e : detail.failed ? ERR_TOO_LARGE : OK;
    return e ? e : chain_append(a->chain, db, &line, &a->at);
}

// The head of writer i as the folder has it; 0 where there is none or it is unreadable.
static uint64_t head_of(const struct keeper_pub *pub, size_t i, const char *head_dir)
{
    char name[32], path[PATH_MOST];
    struct buf b;
    struct head_file head = {0};
    writer_file(name, "head", pub->node[i].b);
    buf_init(&b, HEAD_BYTES + 1);
    enum err e = vault_path(path, sizeof path, head_dir, name);
    e = e ? e : file_read(path, &b);
    e = e ? e : head_parse(buf_str(&b), pub, &head);
    buf_free(&b);
    return e ? 0 : head.at.seq;
}

struct belong_arg { const struct vault_keys *keys; struct epoch_row *rows; };

static enum err belong_run(struct db *db, void *arg)
{
    struct belong_arg *a = arg;
    size_t n = 0;
    return epoch_all(db, &a->keys->row, a->rows, EPOCHS_MAX, &n);
}

static enum err belongs(struct store *store, const struct vault_keys *keys, struct buf *why)
{
    struct belong_arg a = {.keys = keys, .rows = malloc(EPOCHS_MAX * sizeof *a.rows)};
    enum err e = a.rows ? store_read(store, belong_run, &a) : ERR_MEMORY;
    free(a.rows);
    if (e == ERR_TAMPERED) {
        buf_printf(why, "keeper.key does not belong to what was restored; bring the keys of that installation");
        e = ERR_CONFLICT;
    }
    return e;
}

enum err keeper_setup_restore(struct store *store, const char *keys_dir, const char *head_dir, struct buf *why)
{
    struct vault_keys *keys = NULL;
    struct restore_arg a = {.now = clock_now()};
    enum err e = crypto_start();
    e = e ? e : vault_keys_read(keys_dir, &keys, why);
    e = e ? e : belongs(store, keys, why);
    if (keys) {
        vault_keys_free(&keys);
    }
    e = e ? e : vault_keys_new_node(keys_dir, why);
    e = e ? e : vault_keys_read(keys_dir, &keys, why);
    if (!e) {
        a.keys = keys;
        a.n_old = keys->pub.n_nodes - 1;
        for (size_t i = 0; i < a.n_old; i++) {
            a.head[i] = head_of(&keys->pub, i, head_dir);
        }
        e = chain_open(store, keys, head_dir, &a.chain, why);
    }
    e = e ? e : store_write(store, restore_run, &a);
    if (!e) {
        chain_committed(a.chain, &a.at);
        e = chain_write_head(a.chain);
    }
    e = e ? e : directory_publish(store, keys, keys_dir, a.now, NULL);
    if (a.too_many) {
        buf_printf(why, "%s: more than %d heads are ahead of the backup", head_dir, (int)RESTORE_MOST);
    }
    chain_close(&a.chain);
    if (keys) {
        vault_keys_free(&keys);
    }
    return e;
}

#define ERASED_AT_ONCE 256 // entries of one transaction

struct erased_arg { struct chain *chain; int64_t now; const struct erased_line *at; size_t n; struct chain_at written; };

static enum err erased_run(struct db *db, void *arg)
{
    struct erased_arg *a = arg;
    enum err e = OK;
    for (size_t i = 0; !e && i < a->n; i++) {
        struct audit_line line = {.at = a->now, .action = AUDIT_ERASE, .object = a->at[i].id};
        if (a->at[i].kind == ERASED_REPORT) {
            memcpy(line.detail, a->at[i].hash, 32);
            line.n_detail = 32;
        }
        e = chain_append(a->chain, db, &line, &a->written);
    }
    return e;
}

enum err keeper_setup_erased(struct store *store, const char *keys_dir, const char *head_dir, const struct erased_line *at, size_t n,
                             struct buf *why)
{
    struct vault_keys *keys = NULL;
    struct erased_arg a = {.now = clock_now()};
    enum err e = vault_keys_read(keys_dir, &keys, why);
    e = e ? e : chain_open(store, keys, head_dir, &a.chain, why);
    for (size_t i = 0; !e && i < n; i += ERASED_AT_ONCE) {
        a.at = at + i;
        a.n = n - i < ERASED_AT_ONCE ? n - i : ERASED_AT_ONCE;
        e = store_write(store, erased_run, &a);
        if (!e) {
            chain_committed(a.chain, &a.written);
        }
    }
    e = e ? e : chain_write_head(a.chain);
    chain_close(&a.chain);
    if (keys) {
        vault_keys_free(&keys);
    }
    return e;
}

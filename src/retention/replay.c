// After a restore: the backup is older than what was erased since. The list beside the heads says what; it is emptied again
// before anybody signs in, with an entry for each, because the entries of then may be among those that were lost.
#include <stdlib.h>
#include <string.h>
#include "retention/inside.h"
#include "vault/erased.h"
#include "vault/server.h"

DB_QUERY(replay_stone_sql, "b", "i", "select count(*) from desk.tombstone where id = $1");
DB_QUERY(replay_put_sql, "bib", "", "insert into desk.tombstone (id, day, item_hash) values ($1, $2, $3) on conflict do nothing");
DB_QUERY(replay_due_sql, "b", "", "delete from desk.reply_due where report in (select seq from desk.report where id = $1)");
DB_QUERY(replay_case_sql, "b", "i", "select count(*) from desk.case_file where id = $1 and shredded is null");
DB_QUERY(replay_messages_sql, "b", "", "delete from intake.message where lookup in (select lookup from intake.report where id = $1)");
DB_QUERY(replay_answered_sql, "b", "", "delete from intake.message where lookup in (select lookup from desk.report where id = $1)");
#define ITS_LOOKUP "where lookup in (select lookup from desk.report where id = $1)"
DB_QUERY(replay_thread_sql, "b", "", "delete from reply.thread " ITS_LOOKUP);
DB_QUERY(replay_steps_sql, "b", "", "delete from reply.step " ITS_LOOKUP);
DB_QUERY(replay_told_sql, "b", "", "delete from reply.message " ITS_LOOKUP);
DB_QUERY(replay_signed_sql, "b", "", "delete from reply.acknowledgement " ITS_LOOKUP);
DB_QUERY(replay_gone_sql, "", "", "delete from desk.reply_gone where lookup not in (select lookup from reply.thread)");
DB_QUERY(replay_intake_sql, "b", "", "delete from intake.report where id = $1");

struct replay {
    struct store *store;
    int64_t now;
    size_t n, cap;
    struct erased_line *at;   // what the backup would bring back
};

struct known { const struct erased_line *l; bool known; };

// A report stands or falls by its tombstone; a case is known where it is gone or emptied.
static enum err known_run(struct db *db, void *arg)
{
    struct known *k = arg;
    struct db_rows *r;
    bool is_case = k->l->kind == ERASED_CASE;
    enum err e = db_query(db, is_case ? &replay_case_sql : &replay_stone_sql, DB_ARGS(DB_ID(k->l->id)), &r);
    if (e)
        return e;
    int64_t n = db_next(r) ? db_int(r, 0) : 0;
    k->known = is_case ? n == 0 : n > 0;
    return db_done(&r);
}

static enum err take(void *ctx, const struct erased_line *l)
{
    struct replay *x = ctx;
    struct known k = {.l = l};
    enum err e = store_read(x->store, known_run, &k);
    if (e || k.known)
        return e;
    for (size_t i = 0; i < x->n; i++)
        if (id_equal(x->at[i].id, l->id))
            return OK; // said twice
    if (x->n == x->cap) {
        size_t cap = x->cap ? 2 * x->cap : 64;
        struct erased_line *more = cap <= ERASED_LINES_MAX ? realloc(x->at, cap * sizeof *more) : NULL;
        if (!more)
            return ERR_MEMORY;
        x->at = more;
        x->cap = cap;
    }
    x->at[x->n++] = *l;
    return OK;
}

static enum err report_again(struct db *db, const struct erased_line *l, int64_t now)
{
    uint8_t hash[32];
    const int64_t day = l->day;
    // While the row still knows its lookup; reply and intake may be written here, nobody else is awake.
    static const struct db_query *const all[] = {&replay_messages_sql, &replay_answered_sql, &replay_thread_sql, &replay_steps_sql,
                                                 &replay_told_sql, &replay_signed_sql, &replay_intake_sql, &replay_due_sql};
    enum err e = OK;
    for (size_t i = 0; i < sizeof all / sizeof *all && !e; i++)
        e = db_exec(db, all[i], DB_ARGS(DB_ID(l->id)), NULL);
    if (!e) // as it was said then, whatever the row holds: the entry and the tag name the same
        e = db_exec(db, &replay_put_sql, DB_ARGS(DB_ID(l->id), DB_I(day), DB_B(STR_BYTES(l->hash))), NULL);
    if (!e)
        e = report_hash_db(db, l->id, hash);
    if (!e)
        return report_shred_db(db, l->id, l->hash, now);
    return e == ERR_NOT_FOUND ? OK : e; // not taken in yet when the backup was made
}

struct again { const struct erased_line *l; int64_t now; };

static enum err again_run(struct db *db, void *arg)
{
    const struct again *a = arg;
    if (a->l->kind == ERASED_REPORT)
        return report_again(db, a->l, a->now);
    struct erasing x = {.thing = {.is_case = true, .id = a->l->id}, .now = a->now}; // its reports have lines of their own
    return retention_shred_db(db, &x);
}

// What reply was still to forget it has forgotten: the lookups themselves go too.
static enum err told_run(struct db *db, void *arg)
{
    (void)arg;
    return db_exec(db, &replay_gone_sql, DB_ARGS(), NULL);
}

enum err retention_replay(struct store *store, const char *keys_dir, const char *head_dir, int64_t now, size_t *n, struct buf *why)
{
    struct keeper_pub pub;
    struct replay x = {.store = store, .now = now};
    enum err e = keeper_pub_read(keys_dir, &pub, why);
    if (!e)
        e = erased_walk(head_dir, &pub, take, &x, why);
    if (!e && x.n > 0)
        e = keeper_setup_erased(store, keys_dir, head_dir, x.at, x.n, why);
    for (size_t i = 0; i < x.n && !e; i++) {
        struct again a = {&x.at[i], now};
        e = store_write(store, again_run, &a);
    }
    if (!e && x.n > 0)
        e = store_write(store, told_run, NULL);
    if (!e && x.n > 0)
        e = store_scrub(store);
    if (!e)
        *n = x.n;
    free(x.at);
    return e;
}

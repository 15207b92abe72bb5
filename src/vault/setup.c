// What `isigurt init` does before any process runs: keys, persons, units, first members, the first entry.
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "vault/chain.h"
#include "vault/epoch.h"
#include "vault/person.h"
#include "vault/publish.h"
#include "vault/server.h"

#define SETUP_UNITS_MAX 64
#define PATH_MOST 4096

struct setup_secret { // locked
    size_t n;
    struct { struct id unit; struct key seed; } unit[SETUP_UNITS_MAX];
};

struct keeper_setup {
    struct store *store;
    struct vault_keys *keys;
    char keys_dir[PATH_MOST];
    struct setup_secret *secret;
    struct duty_row duty;
    uint64_t persons, members;
};

enum err keeper_setup_keys(const char *keys_dir, struct buf *why)
{
    enum err e = crypto_start();
    return e ? e : vault_keys_create(keys_dir, why);
}

DB_QUERY(setup_entries, "", "i", "select count(*) from (select 1 from keeper.entry limit 1) e");

static enum err first_time(struct db *db, void *arg)
{
    (void)arg;
    struct db_rows *r = NULL;
    enum err e = db_query(db, &setup_entries, DB_ARGS(), &r);
    if (e) {
        return e;
    }
    bool there = db_next(r) && db_int(r, 0) != 0;
    e = db_done(&r);
    return e ? e : there ? ERR_CONFLICT : OK;
}

static void setup_free(struct keeper_setup **s)
{
    if (*s) {
        if ((*s)->keys) {
            vault_keys_free(&(*s)->keys);
        }
        secret_free((*s)->secret);
        free(*s);
        *s = NULL;
    }
}

enum err keeper_setup_open(struct store *store, const char *keys_dir, struct keeper_setup **out, struct buf *why)
{
    enum err e = crypto_start();
    if (e) {
        return e;
    }
    person_start();
    struct keeper_setup *s = calloc(1, sizeof *s);
    if (!s) {
        return ERR_MEMORY;
    }
    s->store = store;
    s->secret = secret_new(sizeof *s->secret);
    e = vault_path(s->keys_dir, sizeof s->keys_dir, keys_dir, "");
    e = e ? e : vault_keys_read(keys_dir, &s->keys, why);
    if (!e) {
        s->keys_dir[strlen(keys_dir)] = '\0';
        e = store_read(store, first_time, NULL);
        if (e && why) {
            buf_printf(why, "%s", e == ERR_CONFLICT ? "the store has persons and an audit already; use `isigurt user`"
                                                    : "the store cannot be read");
        }
    }
    if (e) {
        setup_free(&s);
        return e;
    }
    *out = s;
    return OK;
}

struct put_arg {
    const struct key *row_key;
    const struct person_row *person;
    const struct epoch_row *epoch;
    const struct member_row *member;
    const struct duty_row *duty;
    const struct share_row *share;
    size_t n_share;
    const struct agreed_row *agreed;
    const struct founding_row *founding;
};

static enum err put_rows(struct db *db, void *arg)
{
    struct put_arg *a = arg;
    enum err e = a->person ? person_put(db, a->row_key, a->person) : OK;
    e = e || !a->epoch ? e : epoch_put(db, a->row_key, a->epoch);
    e = e || !a->member ? e : member_put(db, a->row_key, a->member);
    for (size_t i = 0; !e && i < a->n_share; i++) {
        e = share_put(db, a->row_key, &a->share[i]);
    }
    e = e || !a->agreed ? e : agreed_put(db, a->row_key, a->agreed);
    e = e || !a->founding ? e : founding_put(db, a->row_key, a->founding);
    return e || !a->duty ? e : duty_put(db, a->row_key, a->duty);
}

enum err keeper_setup_person(struct keeper_setup *s, struct str user, struct str password, uint32_t roles, struct id person,
                             struct buf *totp_secret)
{
    struct person_row p;
    enum err e = person_make(s->keys, person, user, roles, password, clock_now(), &p, totp_secret);
    struct put_arg a = {.row_key = &s->keys->row, .person = &p};
    e = e ? e : store_write(s->store, put_rows, &a);
    s->persons += !e;
    return e;
}

enum err keeper_setup_unit(struct keeper_setup *s, struct id unit, bool duty)
{
    if (s->secret->n == SETUP_UNITS_MAX) {
        return ERR_FULL;
    }
    struct epoch_row row;
    int64_t now = clock_now();
    epoch_make(s->keys, unit, 1, now, &row, &s->secret->unit[s->secret->n].seed);
    struct duty_row d = {.unit = unit, .since = now};
    struct share_row share[SHARES_MAX];
    struct founding_row founding = {.unit = unit, .at = now, .confirmed = now}; // whoever sets up the machine answers for it
    struct put_arg a = {.row_key = &s->keys->row, .epoch = &row, .share = share, .founding = &founding};
    a.n_share = shares_make(s->keys, &row, &s->secret->unit[s->secret->n].seed, share);
    if (duty) {
        duty_sign(&d, &s->keys->directory);
        a.duty = &d;
    }
    enum err e = store_write(s->store, put_rows, &a);
    if (!e) {
        s->secret->unit[s->secret->n++].unit = unit;
    }
    return e;
}

struct member_arg {
    const struct vault_keys *keys;
    struct id person;
    struct person_row out;
};

static enum err find_person(struct db *db, void *arg)
{
    struct member_arg *a = arg;
    return person_get(db, &a->keys->row, a->person, &a->out);
}

enum err keeper_setup_agree(struct keeper_setup *s, struct id unit, struct id person, uint32_t version)
{
    struct agreed_row row = {.unit = unit, .version = version, .person = person, .at = clock_now()};
    struct put_arg a = {.row_key = &s->keys->row, .agreed = &row};
    return store_write(s->store, put_rows, &a);
}

enum err keeper_setup_member(struct keeper_setup *s, struct id unit, struct id person)
{
    const struct key *seed = NULL;
    for (size_t i = 0; i < s->secret->n; i++) {
        if (id_equal(s->secret->unit[i].unit, unit)) {
            seed = &s->secret->unit[i].seed;
        }
    }
    if (!seed) {
        return ERR_NOT_FOUND;
    }
    struct member_arg m = {.keys = s->keys, .person = person};
    struct member_row row;
    enum err e = store_read(s->store, find_person, &m);
    if (!e) {
        member_seal(&row, unit, 1, person, &m.out.pk, seed);
        struct put_arg a = {.row_key = &s->keys->row, .member = &row};
        e = store_write(s->store, put_rows, &a);
    }
    s->members += !e;
    return e;
}

struct finish_arg {
    struct chain *chain;
    struct audit_line line;
    struct chain_at at;
};

static enum err first_entry(struct db *db, void *arg)
{
    struct finish_arg *a = arg;
    return chain_append(a->chain, db, &a->line, &a->at);
}

enum err keeper_setup_finish(struct keeper_setup **sp)
{
    struct keeper_setup *s = *sp;
    struct finish_arg a = {.line = {.at = clock_now(), .action = AUDIT_INIT}};
    struct buf detail = {.at = (char *)a.line.detail, .cap = AUDIT_DETAIL_MAX, .max = AUDIT_DETAIL_MAX};
    uint8_t digest[32];
    enum err e = directory_publish(s->store, s->keys, s->keys_dir, a.line.at, digest);
    if (!e) {
        buf_put_le(&detail, s->persons, 4);
        buf_put_le(&detail, s->secret->n, 4);
        buf_put_le(&detail, s->members, 4);
        buf_put(&detail, STR_BYTES(digest));
        a.line.n_detail = detail.n;
        e = chain_open(s->store, s->keys, NULL, &a.chain, NULL);
    }
    e = e ? e : store_write(s->store, first_entry, &a);
    chain_close(&a.chain);
    setup_free(sp);
    return e;
}

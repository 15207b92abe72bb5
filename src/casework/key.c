// A new key for a case that a unit leaves (docs/protocol.md, "Records" and REKEY), and the way to what lies under the older
// ones: unit → case → the same case's older key. Reports hang under the newest key only.
#include <string.h>
#include "base/log.h"
#include "casework/casework.h"

DB_QUERY(key_case_sql, "b", "biibt", "select kid, generation, version, owner, state from desk.case_file where id = $1");
DB_QUERY(key_children_sql, "bi", "bbib", "select child, kid, generation, sealed from desk.child_wrap where parent = $1 "
                                         "order by child, generation limit $2");
DB_QUERY(key_older_sql, "bi", "bb", "select kid, sealed from desk.child_wrap where parent = $1 and child = $1 and generation = $2");
DB_QUERY(key_take_sql, "biibi", "", "update desk.case_file set kid = $4, generation = $5, key_out = null, version = version + 1 "
                                    "where id = $1 and version = $2 and generation = $3");
DB_QUERY(key_out_sql, "bb", "", "update desk.case_file set key_out = $2 where id = $1");
DB_QUERY(key_units_sql, "b", "", "delete from desk.unit_wrap where home = $1");
DB_QUERY(key_child_sql, "bbib", "", "update desk.child_wrap set sealed = $4 where parent = $1 and child = $2 and generation = $3");
DB_QUERY(key_own_sql, "bbib", "", "insert into desk.child_wrap (parent, child, kid, generation, sealed) values ($1, $1, $2, $3, $4)");

// ── the way to a key of the home ──
struct older_way { struct arena *arena; struct person side; struct id home; uint64_t generation; struct keeper_path path; };

static enum err older_read(struct db *db, void *arg)
{
    struct older_way *o = arg;
    struct db_rows *r;
    enum err e = case_path_db(db, o->arena, &o->side, o->home, &o->path);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_NO_KEY : e;
    if (o->path.step[0].generation == o->generation)
        return OK;
    e = db_query(db, &key_older_sql, DB_ARGS(DB_ID(o->home), DB_I(o->generation)), &r);
    if (e)
        return e;
    struct keeper_step *s = &o->path.step[o->path.n++];
    *s = (struct keeper_step){.parent = o->home, .child = o->home, .generation = o->generation};
    if (db_next(r) && db_str(r, 0).n == sizeof s->kid.b && db_str(r, 1).n == RECORD_WRAP_BYTES) {
        memcpy(s->kid.b, db_str(r, 0).at, sizeof s->kid.b);
        s->sealed = arena_str(o->arena, db_str(r, 1));
    } else {
        e = ERR_TAMPERED; // what was sealed under it is there, and its key is not
    }
    enum err done = db_done(&r);
    return done ? done : e ? e : arena_failed(o->arena) ? ERR_MEMORY : OK;
}

enum err case_path_older(struct req *rq, struct id home, struct id unit, uint64_t generation, struct keeper_path *out)
{
    struct older_way o = {.arena = rq->arena, .home = home, .generation = generation};
    o.side.n_units = 1;
    o.side.units[0] = unit;
    enum err e = store_read(rq->sv->store, older_read, &o);
    if (!e)
        *out = o.path;
    return e;
}

// ── a new key ──
static enum err children_read(struct db *db, struct arena *a, struct case_rekey *out)
{
    struct keeper_child *at = arena_array(a, KEEPER_CHILDREN_MAX, sizeof *at);
    struct db_rows *r;
    enum err e = at ? db_query(db, &key_children_sql, DB_ARGS(DB_ID(out->case_id), DB_I(KEEPER_CHILDREN_MAX + 1)), &r) : ERR_MEMORY;
    if (e)
        return e;
    size_t n = 0;
    while (!e && db_next(r)) {
        struct str kid = db_str(r, 1), sealed = db_str(r, 3);
        if (n == KEEPER_CHILDREN_MAX)
            e = ERR_FULL;
        else if (id_from_bytes(db_str(r, 0), &at[n].child) || kid.n != sizeof at[n].kid.b || sealed.n != sizeof at[n].wrap)
            e = ERR_TAMPERED;
        if (e)
            break;
        memcpy(at[n].kid.b, kid.at, kid.n);
        memcpy(at[n].wrap, sealed.at, sealed.n);
        at[n++].generation = (uint64_t)db_int(r, 2);
    }
    enum err done = db_done(&r);
    out->keys.child = at;
    out->keys.n_children = n;
    return done ? done : e;
}

enum err case_rekey_look_db(struct db *db, struct arena *a, struct id case_id, struct case_rekey *out)
{
    struct case_rekey k = {.case_id = case_id};
    struct db_rows *r;
    enum err e = db_query(db, &key_case_sql, DB_ARGS(DB_ID(case_id)), &r);
    if (e)
        return e;
    bool found = db_next(r), emptied = found && db_str(r, 0).n == 0; // retention has destroyed its keys
    if (found && !emptied) {
        if (db_str(r, 0).n != sizeof k.kid.b || id_from_bytes(db_str(r, 3), &k.owner) || case_state_read(db_str(r, 4), &k.state))
            e = ERR_TAMPERED;
        else
            memcpy(k.kid.b, db_str(r, 0).at, sizeof k.kid.b);
        k.generation = (uint64_t)db_int(r, 1);
        k.version = db_int(r, 2);
    }
    enum err done = db_done(&r);
    e = done ? done : e ? e : !found || emptied ? ERR_NOT_FOUND : OK;
    if (!e)
        e = case_entry_proof_db(db, a, case_id, RECORD_CASE, k.generation, &k.proof);
    if (!e)
        e = case_seq_db(db, case_id, &k.entry.seq);
    if (!e)
        e = children_read(db, a, &k);
    if (!e)
        *out = k;
    return e;
}

enum err case_rekey_make(struct req *rq, const struct keeper_path *path, struct id leaver, struct id basis, struct case_rekey *k)
{
    struct record_ad ad;
    struct buf sealed;
    struct keeper_item proof = {.sealed = k->proof.sealed};
    if (path->n != 1 || path->step[0].generation != k->generation) // of a key that is no longer the case's
        return ERR_CONFLICT;
    k->unit = path->step[0].parent;
    k->entry = (struct case_entry){.type = RECORD_CASE, .home = k->case_id, .seq = k->entry.seq, .kind = STR("key"), .thing = basis,
                                   .generation = k->generation + 1};
    case_entry_begin(rq, k->unit, &k->entry);
    case_entry_ad(&ad, &k->entry);
    case_entry_ad(&proof.ad, &k->proof);
    k->keys.leaver = leaver;
    k->keys.units = &k->unit;
    k->keys.n_units = 1;
    buf_init(&sealed, RECORD_ITEM_MAX + 4096);
    enum err e = keeper_rekey(rq->sv->keeper, &rq->token, path, &proof, &ad, STR("{}"), &k->keys, &sealed);
    k->entry.kid = ad.kid;
    k->entry.sealed = arena_str(rq->arena, buf_str(&sealed));
    buf_free(&sealed);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err case_rekey_db(struct db *db, const struct case_rekey *k)
{
    int64_t changed = 0;
    enum err e = db_exec(db, &key_take_sql, DB_ARGS(DB_ID(k->case_id), DB_I(k->version), DB_I(k->generation),
                                                    DB_B(STR_BYTES(k->entry.kid.b)), DB_I(k->entry.generation)), &changed);
    if (!e && changed != 1)
        e = ERR_CONFLICT;
    if (!e)
        e = db_exec(db, &key_units_sql, DB_ARGS(DB_ID(k->case_id)), NULL);
    if (!e)
        e = case_wrap_db(db, k->case_id, k->unit, k->entry.generation, &k->keys.wrap[0]);
    for (size_t i = 0; i < k->keys.n_children && !e; i++) { // a wrap that was erased meanwhile stays erased
        const struct keeper_child *c = &k->keys.child[i];
        e = db_exec(db, &key_child_sql, DB_ARGS(DB_ID(k->case_id), DB_ID(c->child), DB_I(c->generation), DB_B(STR_BYTES(c->wrap))), NULL);
    }
    if (!e)
        e = db_exec(db, &key_own_sql, DB_ARGS(DB_ID(k->case_id), DB_B(STR_BYTES(k->kid.b)), DB_I(k->generation),
                                              DB_B(STR_BYTES(k->keys.own))), NULL);
    return e ? e : case_entry_db(db, &k->entry);
}

enum err case_key_out_db(struct db *db, struct id case_id, struct id unit)
{
    return db_exec(db, &key_out_sql, DB_ARGS(DB_ID(case_id), DB_ID(unit)), NULL);
}

bool case_rekey_cannot(struct id case_id, enum err e)
{
    bool cannot = e == ERR_FULL || e == ERR_TAMPERED;
    if (cannot)
        log_event(LOG_ALARM, "case.key_not_renewed", LOG_ID("case", case_id));
    return cannot;
}

void case_rekey_settle(struct req *rq, struct case_rekey *k)
{
    struct keeper_path path = {.n = 1, .step = {{.unit = true, .parent = k->unit, .child = k->case_id, .epoch = k->keys.wrap[0].epoch,
                                                 .generation = k->entry.generation, .sealed = STR_BYTES(k->keys.wrap[0].sealed)}}};
    enum err e = case_entries_open(rq, PURPOSE_READ, &path, &k->proof, 1);
    if (e || !k->proof.plain.at)
        log_event(LOG_WARN, "case.key_not_settled", LOG_ID("case", k->case_id)); // its next reader does it
}

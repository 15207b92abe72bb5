// Work notes of the receiver: a home of its own whose key only the receiving unit has. The sender does not learn what they
// say, nor, but for the audit, that there are any.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "exchange/handlers.h"
#include "web/once.h"

#define NOTE_TRIES 5 // of two who write at once, the second seals again

DB_QUERY(work_find_sql, "bb", "b", "select home from desk.referral_work where referral = $1 and unit = $2");
DB_QUERY(work_add_sql, "bbb", "", "insert into desk.referral_work (referral, unit, home) values ($1, $2, $3)");

enum err referral_work_db(struct db *db, struct id referral, struct id unit, struct id *home)
{
    struct db_rows *r;
    struct id found = {{0}};
    enum err e = db_query(db, &work_find_sql, DB_ARGS(DB_ID(referral), DB_ID(unit)), &r);
    if (e)
        return e;
    e = !db_next(r) ? ERR_NOT_FOUND : id_from_bytes(db_str(r, 0), &found) ? ERR_TAMPERED : OK;
    enum err done = db_done(&r);
    e = done ? done : e;
    if (!e)
        *home = found;
    return e;
}

struct noting {
    struct req *rq;
    struct referral row;
    struct id home;
    struct keeper_path path;
    struct person side;
    struct case_entry entry;
    struct keeper_wrap wrap;
    struct id thing;              // that the entry is about: zero, or what follows from the submission
    bool first, again;            // again: it was written before
};

static enum err noting_look(struct db *db, void *arg)
{
    struct noting *n = arg;
    struct req *rq = n->rq;
    struct keeper_path key;
    enum err e = referral_db(db, rq, rq->id, &n->row);
    if (e)
        return e;
    if (!n->row.to_me)
        return ERR_FORBIDDEN;
    n->side = rq->who;
    n->side.n_units = 1;
    n->side.units[0] = n->row.to;
    if (!referral_holds(false, n->row.state))
        return ERR_CONFLICT;
    e = case_path_db(db, rq->arena, &n->side, rq->id, &key); // who lost the referral's key adds nothing
    if (e)
        return e == ERR_NOT_FOUND ? ERR_NO_KEY : e;
    e = referral_work_db(db, rq->id, n->row.to, &n->home);
    n->first = e == ERR_NOT_FOUND;
    if (n->first) {
        n->home = id_random();
        n->entry.seq = 1;
        return OK;
    }
    if (!e)
        e = case_path_db(db, rq->arena, &n->side, n->home, &n->path);
    if (!e && !id_zero(n->thing))
        e = case_thing_db(db, n->home, n->thing, &n->again);
    return e ? e : case_seq_db(db, n->home, &n->entry.seq);
}

static enum err noting_write(struct db *db, void *arg)
{
    const struct noting *n = arg;
    enum err e = OK;
    if (n->first) {
        e = db_exec(db, &work_add_sql, DB_ARGS(DB_ID(n->row.id), DB_ID(n->row.to), DB_ID(n->home)), NULL);
        if (!e)
            e = case_wrap_db(db, n->home, n->row.to, 0, &n->wrap);
    }
    return e ? e : case_entry_db(db, &n->entry);
}

static enum err note_seal(struct noting *n, struct str json)
{
    struct req *rq = n->rq;
    struct record_ad ad;
    struct buf sealed;
    n->entry.type = RECORD_REFERRAL;
    n->entry.home = n->home;
    n->entry.kind = STR("note");
    n->entry.thing = id_zero(n->thing) ? n->row.id : n->thing;
    if (!n->first)
        return case_entry_seal(rq, &n->path, json, &n->entry);
    buf_init(&sealed, RECORD_ITEM_MAX + 4096);
    case_entry_begin(rq, n->row.to, &n->entry);
    case_entry_ad(&ad, &n->entry);
    enum err e = keeper_seal_home(rq->sv->keeper, &rq->token, &ad, json, &n->row.to, 1, &sealed, &n->wrap);
    n->entry.kid = ad.kid;
    n->entry.sealed = arena_str(rq->arena, buf_str(&sealed));
    buf_free(&sealed);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

static enum err note_once(struct noting *n, struct str json, bool *raced)
{
    struct keeper_audit_at at;
    enum err e = store_read(n->rq->sv->store, noting_look, n);
    if (e || n->again)
        return e;
    e = keeper_audit(n->rq->sv->keeper, &n->rq->token, AUDIT_REFERRAL_NOTE, n->row.id, n->home, STR("note"), &at);
    if (!e)
        e = note_seal(n, json);
    if (e)
        return e;
    e = store_write(n->rq->sv->store, noting_write, n);
    if (e)
        keeper_unstored(n->rq->sv->keeper, &n->rq->token, n->home, n->entry.id);
    *raced = e == ERR_CONFLICT;
    return e;
}

enum err referral_note_run(struct req *rq, const void *in_, void *out_)
{
    const struct referral_note_in *in = in_;
    struct referral_note_out *out = out_;
    struct noting *n = ARENA_NEW(rq->arena, struct noting);
    struct str text = str_trim(in->text);
    const struct id thing = id_zero(in->submission) ? in->submission : once_id(rq, in->submission, (const struct str[]){STR("note"), text}, 2);
    json_t *root = json_object();
    int bad = json_object_set_new(root, "text", json_stringn(text.n ? text.at : "", text.n));
    char *json = bad ? NULL : json_dumps(root, JSON_COMPACT);
    json_decref(root);
    enum err e = json && n ? OK : ERR_MEMORY;
    bool raced = true;
    for (int i = 0; i < NOTE_TRIES && raced && (!e || e == ERR_CONFLICT); i++) {
        *n = (struct noting){.rq = rq, .thing = thing};
        raced = false;
        e = note_once(n, str_from(json), &raced);
    }
    if (json) {
        crypto_wipe(json, strlen(json));
        free(json);
    }
    if (e == ERR_CONFLICT)
        return req_notice(rq, e, MSG_EXCHANGE_NOT_NOW);
    if (!e)
        out->id = id_zero(thing) ? n->entry.id : thing;
    return e;
}

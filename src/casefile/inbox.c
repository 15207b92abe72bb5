// Case files that came and that were made: the list, opening one, fetching a parcel, taking one back. Each is written down before
// anything is shown; the case's history holds it too.
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "casefile/handlers.h"
#include "crypto/parcel.h"
#include "crypto/stream.h"

// ── the list ──
struct listing { struct req *rq; int64_t before; struct casefile_row *at; size_t n; };

static int newest_first(const void *a_, const void *b_)
{
    const struct casefile_row *a = a_, *b = b_;
    return a->seq > b->seq ? -1 : a->seq < b->seq;
}

static enum err listing_read(struct db *db, void *arg)
{
    struct listing *l = arg;
    const struct person *who = &l->rq->who;
    enum err e = OK;
    l->n = 0;
    for (size_t u = 0; !e && u < who->n_units; u++) {
        size_t kept = 0;
        e = casefile_walk_db(db, l->rq, who->units[u], l->before, l->at, CASEFILE_PAGE + 1, &l->n);
        if (l->n)
            qsort(l->at, l->n, sizeof *l->at, newest_first);
        for (size_t i = 0; i < l->n && kept < CASEFILE_PAGE + 1; i++) // one between two units of one person comes twice
            if (kept == 0 || l->at[kept - 1].seq != l->at[i].seq)
                l->at[kept++] = l->at[i];
        l->n = kept;
    }
    return e;
}

void casefile_row_show(const struct req *rq, struct casefile_row *r)
{
    bool outside = id_zero(r->to);
    r->direction = r->to_me ? STR("received") : STR("made");
    r->to_name = outside ? text_get(rq->lang, MSG_CASEFILE_SOMEBODY_OUTSIDE) : r->to_name;
    r->made_text = req_time(rq, r->made);
    r->size_text = arena_printf(rq->arena, "%lld kB", (long long)(r->size + 999) / 1000);
    r->opened_text = r->opened ? req_time(rq, r->opened_at) : STR("");
    r->state_text = text_get(rq->lang, !r->there ? MSG_CASEFILE_STATE_REVOKED : r->opened && outside ? MSG_CASEFILE_STATE_TAKEN
                                       : r->opened ? MSG_CASEFILE_STATE_OPENED : MSG_CASEFILE_STATE_SEALED);
    r->may_open = r->there && r->to_me && req_may(rq, PERM_REFERRAL_READ);
    r->may_take = r->there && r->mine && outside && req_may(rq, PERM_REFERRAL_SEND);
    r->may_revoke = r->there && r->mine && (outside || !r->opened) && req_may(rq, PERM_REFERRAL_SEND);
}

enum err casefile_list_run(struct req *rq, const void *in_, void *out_)
{
    const struct casefile_list_in *in = in_;
    struct casefile_list_out *out = out_;
    struct listing l = {.rq = rq, .before = in->before > 0 ? in->before : INT64_MAX,
                        .at = arena_array(rq->arena, 3 * (CASEFILE_PAGE + 1), sizeof *l.at)};
    enum err e = l.at ? store_read(rq->sv->store, listing_read, &l) : ERR_MEMORY;
    size_t n = l.n > CASEFILE_PAGE ? CASEFILE_PAGE : l.n;
    for (size_t i = 0; !e && i < n; i++)
        casefile_row_show(rq, &l.at[i]);
    *out = (struct casefile_list_out){{l.at, e ? 0 : n}, !e && l.n > n ? l.at[n - 1].seq : 0};
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

// ── opening ──
struct opening {
    struct req *rq;
    struct casefile_row row;
    struct keeper_path path;
    struct list entries;
    struct buf sealed, plain;
    const char *history;
};

static enum err opening_look(struct db *db, void *arg)
{
    struct opening *o = arg;
    struct req *rq = o->rq;
    struct person side = rq->who; // by the receiver's way
    enum err e = casefile_row_db(db, rq, rq->id, &o->row);
    e = e ? e : o->row.to_me ? OK : ERR_NOT_FOUND;
    e = e ? e : casefile_sealed_db(db, rq->id, &o->sealed);
    if (e == ERR_NO_KEY && !o->row.there)
        rq->notice = exchange_filled(rq, MSG_EXCHANGE_READ_TAKEN_BACK, req_date(rq, o->row.revoked_at, DATE_DAY));
    side.n_units = 1;
    side.units[0] = o->row.to;
    e = e ? e : case_path_db(db, rq->arena, &side, rq->id, &o->path);
    e = e ? e : case_entries_db(db, rq->arena, rq->id, RECORD_REFERRAL, &o->entries, NULL);
    return e ? e : o->entries.n == 1 ? OK : ERR_TAMPERED;
}

static enum err opened_write(struct db *db, void *arg)
{
    const struct opening *o = arg;
    const struct req *rq = o->rq;
    enum err e = casefile_opened_db(db, rq->id, rq->now);
    return e ? e : case_history_db(db, o->row.case_id, rq->who.id, o->row.to_me ? o->row.to : o->row.from, o->history, rq->id, rq->now);
}

static enum err unseal(struct opening *o, struct casefile_doc *out)
{
    struct req *rq = o->rq;
    union { const void *in; struct case_entry *out; } entry = {o->entries.at};
    struct words w = {0};
    struct key seed, sk;
    struct public_key pk;
    enum err e = case_entries_open(rq, PURPOSE_EXPORT, &o->path, entry.out, 1);
    e = e ? e : entry.out->plain.at && !words_read(rq->arena, entry.out->plain, &w) &&
        str_unhex(words_get(&w, "file_key"), seed.b, sizeof seed.b) ? OK : ERR_TAMPERED;
    if (!e)
        crypto_pair(&pk, &sk, &seed);
    crypto_wipe(&seed, sizeof seed); // also one that was read by half
    if (e)
        return e;
    e = stream_open(&pk, &sk, buf_str(&o->sealed), &o->plain);
    crypto_wipe(&sk, sizeof sk);
    e = e ? e : casefile_doc_read(rq->arena, buf_str(&o->plain), out);
    e = e == ERR_MALFORMED ? ERR_TAMPERED : e;
    bool same = !e && id_equal(out->id, rq->id) && id_equal(out->case_id, o->row.case_id) && clock_minute(out->made) == o->row.made;
    return e ? e : same ? OK : ERR_TAMPERED; // no other's in its place, and no other day on it
}

enum err casefile_open_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct casefile_out *out = out_;
    struct keeper_audit_at said;
    struct opening *o = ARENA_NEW(rq->arena, struct opening);
    if (!o)
        return ERR_MEMORY;
    *o = (struct opening){.rq = rq, .history = "casefile_opened"};
    buf_init(&o->sealed, CASEFILE_BYTES_MAX + PARCEL_MORE);
    buf_init_secret(&o->plain, CASEFILE_BYTES_MAX);
    enum err e = store_read(rq->sv->store, opening_look, o);
    e = e ? e : keeper_audit(rq->sv->keeper, &rq->token, AUDIT_CASEFILE_OPENED, o->row.case_id, rq->id, STR("casefile_opened"), &said);
    e = e ? e : unseal(o, &out->doc);
    e = e ? e : store_write(rq->sv->store, opened_write, o);
    buf_free(&o->sealed);
    buf_free(&o->plain);
    if (e == ERR_TAMPERED)
        log_event(LOG_ALARM, "casefile.tampered", LOG_ID("casefile", rq->id));
    if (e)
        return e;
    out->id = rq->id;
    return casefile_answer(rq, out);
}

// ── a parcel, to be carried out ──
static enum err taking_look(struct db *db, void *arg)
{
    struct opening *o = arg;
    enum err e = casefile_row_db(db, o->rq, o->rq->id, &o->row);
    e = e ? e : o->row.mine && id_zero(o->row.to) ? OK : ERR_NOT_FOUND;
    return e ? e : casefile_sealed_db(db, o->rq->id, &o->sealed);
}

enum err casefile_take_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    char hex[ID_HEX];
    struct keeper_audit_at said;
    struct opening *o = ARENA_NEW(rq->arena, struct opening);
    if (!o)
        return ERR_MEMORY;
    *o = (struct opening){.rq = rq, .history = "casefile_taken"};
    buf_init(&o->sealed, CASEFILE_BYTES_MAX + PARCEL_MORE);
    enum err e = store_read(rq->sv->store, taking_look, o);
    e = e ? e : keeper_audit(rq->sv->keeper, &rq->token, AUDIT_CASEFILE_OPENED, o->row.case_id, rq->id, STR("casefile_taken"), &said);
    e = e ? e : store_write(rq->sv->store, opened_write, o);
    if (!e)
        rq->file = (struct attachment){arena_str(rq->arena, buf_str(&o->sealed)), STR("application/octet-stream"),
                                       arena_printf(rq->arena, "isigurt-%.8s.casefile", id_hex(rq->id, hex))};
    buf_free(&o->sealed);
    ((struct casefile_list_out *)out)->id = rq->id;
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

// ── taking back ──
static enum err revoking_look(struct db *db, void *arg)
{
    struct opening *o = arg;
    enum err e = casefile_row_db(db, o->rq, o->rq->id, &o->row);
    return e ? e : o->row.mine ? OK : ERR_NOT_FOUND;
}

static enum err revoke_write(struct db *db, void *arg)
{
    const struct opening *o = arg;
    const struct req *rq = o->rq;
    enum err e = casefile_revoke_db(db, rq->id, rq->now);
    return e ? e : case_history_db(db, o->row.case_id, rq->who.id, o->row.from, o->history, rq->id, rq->now);
}

// The page shows the list as it is now.
static enum err too_late(struct req *rq, void *out)
{
    const struct casefile_list_in from_top = {0};
    enum err e = rq->json ? OK : casefile_list_run(rq, &from_top, out);
    return e ? e : req_notice(rq, ERR_CONFLICT, MSG_CASEFILE_TOO_LATE);
}

enum err casefile_revoke_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    struct keeper_audit_at said;
    struct opening *o = ARENA_NEW(rq->arena, struct opening);
    if (!o)
        return ERR_MEMORY;
    *o = (struct opening){.rq = rq, .history = "casefile_revoked"};
    enum err e = store_read(rq->sv->store, revoking_look, o);
    if (!e && (!o->row.there || (!id_zero(o->row.to) && o->row.opened)))
        return too_late(rq, out);
    e = e ? e : keeper_audit(rq->sv->keeper, &rq->token, AUDIT_CASEFILE_REVOKED, o->row.case_id, rq->id, STR("casefile_revoked"), &said);
    e = e ? e : store_write(rq->sv->store, revoke_write, o);
    if (e == ERR_CONFLICT) // opened in this moment
        return too_late(rq, out);
    enum err cut = e ? OK : store_scrub(rq->sv->store); // from the log too
    if (cut)
        log_event(LOG_WARN, "casefile.log_not_cut", LOG_ERR(cut));
    ((struct casefile_list_out *)out)->id = rq->id;
    return e;
}

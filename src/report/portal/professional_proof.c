// The acknowledgement on the portal: shown to whoever has the code, checked for whoever has the document. The portal holds no key
// that signs; it reads what the keeper signed and the desk laid into reply.
#include <string.h>
#include "base/clock.h"
#include "report/portal/professional.h"
#include "text/date.h"

DB_QUERY(proof_read_sql, "b", "bitbb", "select report, received, category, content, signature from reply.acknowledgement where lookup = $1");
DB_QUERY(proof_known_sql, "b", "i", "select received from intake.report where lookup = $1 union all "
         "select received from reply.thread where lookup = $1");
DB_QUERY(proof_ask_sql, "b", "", "insert into intake.acknowledge (lookup) values ($1) on conflict do nothing");
DB_QUERY(proof_answered_sql, "i", "b", "select a.lookup from intake.acknowledge a cross join reply.acknowledgement r where r.lookup = a.lookup limit $1");
DB_QUERY(proof_forget_sql, "b", "", "delete from intake.acknowledge where lookup = $1");
DB_QUERY(proof_flagged_sql, "i", "b", "select f.report from intake.flagged f where not exists (select 1 from intake.report r "
         "where r.id = f.report) limit $1");
DB_QUERY(proof_unflag_sql, "b", "", "delete from intake.flagged where report = $1");

#define SWEEP_MAX 500

struct proof { struct arena *a; uint8_t lookup[16]; struct report_acknowledgement k; bool known, signed_; };

static enum err proof_read(struct db *db, void *arg)
{
    struct proof *p = arg;
    struct db_rows *r;
    p->known = p->signed_ = false;
    enum err e = db_query(db, &proof_read_sql, DB_ARGS(DB_B(STR_BYTES(p->lookup))), &r);
    if (e)
        return e;
    if (db_next(r) && db_str(r, 3).n == sizeof p->k.a.content && !id_from_bytes(db_str(r, 0), &p->k.a.report)) {
        p->k.a.received = db_int(r, 1);
        p->k.a.category = arena_str(p->a, db_str(r, 2));
        memcpy(p->k.a.content, db_str(r, 3).at, sizeof p->k.a.content);
        p->k.signature = arena_str(p->a, db_str(r, 4));
        p->known = p->signed_ = true;
    }
    e = db_done(&r);
    if (e || p->signed_)
        return e;
    e = db_query(db, &proof_known_sql, DB_ARGS(DB_B(STR_BYTES(p->lookup))), &r);
    if (e)
        return e;
    p->known = db_next(r);
    return db_done(&r);
}

static enum err proof_ask(struct db *db, void *arg)
{
    const struct proof *p = arg;
    enum err e = db_exec(db, &proof_ask_sql, DB_ARGS(DB_B(STR_BYTES(p->lookup))), NULL);
    return e ? e : db_notify(db, "intake");
}

static struct str number(struct req *rq, struct id id)
{
    char hex[ID_HEX];
    return arena_str(rq->arena, str_from(id_hex(id, hex)));
}

// Names who sent it, where what came with the request binds to what was signed.
static enum err name_sender(struct req *rq, const struct acknowledgement_in *in, struct report_acknowledgement *k)
{
    struct id rest;
    struct public_key pk = directory_sign_key(rq->sv->directory);
    if (in->rest.n == 0)
        return OK;
    if (id_from_hex(in->rest, &rest) != OK)
        return req_refuse(rq, "institution", MSG_PROFESSIONAL_REFUSED_SENDER);
    memcpy(k->rest, rest.b, sizeof k->rest);
    k->named = true;
    k->institution = in->institution;
    k->function = in->function;
    if (report_acknowledgement_check(k, &pk) == OK)
        return OK;
    k->named = false;
    return req_refuse(rq, "institution", MSG_PROFESSIONAL_REFUSED_SENDER);
}

static enum err show(struct req *rq, const struct acknowledgement_in *in, struct proof *p, struct acknowledgement_out *out)
{
    struct public_key pk = directory_sign_key(rq->sv->directory);
    struct buf json;
    enum err e = name_sender(rq, in, &p->k);
    if (e)
        return e;
    buf_init(&json, REPORT_ACKNOWLEDGEMENT_MAX);
    report_acknowledgement_write(&json, &pk, &p->k);
    out->ready = true;
    out->number = number(rq, p->k.a.report);
    out->received_at = p->k.a.received;
    out->received_text = req_date(rq, p->k.a.received, DATE_MINUTE);
    out->category = p->k.a.category;
    out->category_text = pack_category_label(rq->sv->pack, p->k.a.category, rq->lang);
    out->institution = p->k.institution;
    out->function = p->k.function;
    out->function_text = p->k.named ? pack_label(rq->sv->pack, "profession", p->k.function, rq->lang) : (struct str){0};
    out->document = arena_str(rq->arena, buf_str(&json));
    e = buf_ok(&json);
    buf_free(&json);
    return e;
}

enum err acknowledgement_ask_run(struct req *rq, const void *in, void *out)
{
    (void)rq;
    (void)in;
    (void)out; // the page asks for the code
    return OK;
}

enum err acknowledgement_show_run(struct req *rq, const void *in_, void *out_)
{
    const struct acknowledgement_in *in = in_;
    struct acknowledgement_out *out = out_;
    struct receipt code;
    struct proof p = {.a = rq->arena};
    char text[RECEIPT_TEXT];
    const uint8_t *install = directory_install_id(rq->sv->directory);
    out->code = rq->receipt;
    out->typed = *in;
    enum err e = receipt_read(&code, rq->receipt, install);
    if (!e) {
        receipt_lookup(&code, p.lookup);
        receipt_text(&code, text);
        memcpy(p.k.a.install, install, 16);
        e = store_read(rq->sv->store, proof_read, &p);
    }
    if (!e && !p.known)
        e = ERR_NOT_FOUND;
    if (e == ERR_MALFORMED || e == ERR_NOT_FOUND) { // both look alike
        if (rq->json) {
            rq->notice = text_get(rq->lang, MSG_REPORT_REFUSED_CODE_UNKNOWN);
            return ERR_NOT_FOUND;
        }
        return req_refuse(rq, "receipt", e == ERR_MALFORMED ? MSG_REPORT_REFUSED_CODE : MSG_REPORT_REFUSED_CODE_UNKNOWN);
    }
    if (!e) {
        out->found = true;
        out->code = arena_str(rq->arena, str_from(text));
        e = p.signed_ ? show(rq, in, &p, out) : store_write(rq->sv->store, proof_ask, &p);
    }
    crypto_wipe(&code, sizeof code);
    crypto_wipe(text, sizeof text);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err acknowledgement_key_run(struct req *rq, const void *in, void *out_)
{
    struct acknowledgement_verify_out *out = out_;
    struct public_key pk = directory_sign_key(rq->sv->directory);
    struct buf hex;
    (void)in;
    buf_init(&hex, 128);
    buf_put_hex(&hex, pk.b, sizeof pk.b);
    out->key = arena_str(rq->arena, buf_str(&hex));
    buf_free(&hex);
    return OK;
}

enum err acknowledgement_verify_run(struct req *rq, const void *in_, void *out_)
{
    const struct acknowledgement_verify_in *in = in_;
    struct acknowledgement_verify_out *out = out_;
    struct public_key pk = directory_sign_key(rq->sv->directory);
    struct report_acknowledgement k;
    enum err e = acknowledgement_key_run(rq, NULL, out);
    out->typed = in->document;
    if (!e)
        e = report_acknowledgement_read(rq->arena, in->document, &k);
    if (e == ERR_MALFORMED)
        return req_refuse(rq, "document", MSG_PROFESSIONAL_REFUSED_DOCUMENT);
    if (e)
        return e;
    out->asked = true;
    out->genuine = crypto_equal(k.a.install, directory_install_id(rq->sv->directory), 16) &&
                   report_acknowledgement_check(&k, &pk) == OK;
    out->received_at = INT64_MIN; // null: of what is false nothing is told
    if (!out->genuine)
        return OK;
    out->named = k.named;
    out->number = number(rq, k.a.report);
    out->received_at = k.a.received;
    out->received_text = req_date(rq, k.a.received, DATE_MINUTE);
    out->category = k.a.category;
    out->category_text = pack_category_label(rq->sv->pack, k.a.category, rq->lang);
    out->institution = k.institution;
    out->function = k.function;
    out->function_text = k.named ? pack_label(rq->sv->pack, "profession", k.function, rq->lang) : (struct str){0};
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

// ── what is answered is forgotten here ──

struct sweep { size_t asked, flagged; struct id lookup[SWEEP_MAX], report[SWEEP_MAX]; };

static enum err ids(struct db *db, const struct db_query *sql, struct id *out, size_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, sql, DB_ARGS(DB_I(SWEEP_MAX)), &r);
    if (e)
        return e;
    for (*n = 0; *n < SWEEP_MAX && db_next(r);)
        *n += !id_from_bytes(db_str(r, 0), &out[*n]);
    return db_done(&r);
}

static enum err sweep_look(struct db *db, void *arg)
{
    struct sweep *s = arg;
    enum err e = ids(db, &proof_answered_sql, s->lookup, &s->asked);
    return e ? e : ids(db, &proof_flagged_sql, s->report, &s->flagged);
}

static enum err sweep_delete(struct db *db, void *arg)
{
    const struct sweep *s = arg;
    enum err e = OK;
    for (size_t i = 0; i < s->asked && !e; i++)
        e = db_exec(db, &proof_forget_sql, DB_ARGS(DB_ID(s->lookup[i])), NULL);
    for (size_t i = 0; i < s->flagged && !e; i++)
        e = db_exec(db, &proof_unflag_sql, DB_ARGS(DB_ID(s->report[i])), NULL);
    return e;
}

void trusted_sweep(struct services *sv)
{
    struct sweep s; // 16 KiB
    enum err e = store_read(sv->store, sweep_look, &s);
    if (!e && s.asked + s.flagged > 0)
        e = store_write(sv->store, sweep_delete, &s);
    (void)e; // tried again within 5 s
}

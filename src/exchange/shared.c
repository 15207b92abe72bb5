// What was shared with whom, at a glance: names of fields only, no key needed beyond the case's own.
#include "exchange/handlers.h"

static struct list names_of(struct req *rq, struct str fields)
{
    size_t n = 1;
    for (size_t i = 0; i < fields.n; i++)
        n += fields.at[i] == ',';
    struct str *at = arena_array(rq->arena, n, sizeof *at), rest = fields;
    for (size_t i = 0; at && i < n; i++)
        at[i] = str_cut(&rest, ',');
    return (struct list){at, at && fields.n ? n : 0};
}

static struct str labels_of(struct req *rq, const struct list *names)
{
    struct buf b;
    buf_init(&b, 8192);
    for (size_t i = 0; i < names->n; i++) {
        buf_put_z(&b, i ? " · " : "");
        buf_put(&b, pack_label(rq->sv->pack, "referral_field", ((const struct str *)names->at)[i], rq->lang));
    }
    struct str out = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

// Who may take it back, and how: the sender with its key; who has the case now, what a former owner sent, without.
static void revoke_look(const struct req *rq, const struct referral *r, bool owns, struct exchange_shared *out)
{
    enum referral_state then;
    bool may = referral_may(REFERRAL_REVOKE, r->transfer, r->state, &then) && r->taken_back == INT64_MIN && req_may(rq, PERM_REFERRAL_SEND);
    bool sent = person_of_unit(&rq->who, r->from);
    out->mine = sent || r->to_me;
    out->may_revoke = may && sent;
    out->may_end = may && !sent && owns;
}

enum err exchange_shared_db(struct db *db, struct req *rq, const struct case_at *of, struct list *out)
{
    const struct id case_id = of->id;
    size_t n = 0;
    struct referral *row = arena_array(rq->arena, REFERRAL_CASE_MAX, sizeof *row);
    enum err e = row ? referral_case_db(db, rq, case_id, row, REFERRAL_CASE_MAX, &n) : ERR_MEMORY;
    int64_t untold = 0;
    if (!e)
        e = case_untold_db(db, case_id, &untold);
    struct exchange_shared *at = arena_array(rq->arena, n + 1, sizeof *at);
    for (size_t i = 0; at && !e && i < n; i++) {
        const struct referral *r = &row[i];
        const struct person to = {.units = {r->to}, .n_units = 1};
        struct keeper_path path;
        e = case_path_db(db, rq->arena, &to, r->id, &path); // does the receiver still hold the key?
        bool readable = e == OK;
        e = e == ERR_NOT_FOUND ? OK : e;
        at[i] = (struct exchange_shared){
            .id = r->id, .from = r->from, .from_name = r->from_name, .to = r->to, .to_name = r->to_name,
            .kind = r->transfer ? STR("transfer") : STR("referral"),
            .state = str_from(referral_state_name(r->state)), .purpose = r->purpose, .fields = names_of(rq, r->fields), .consent = r->consent,
            .readable = readable, .unaware = referral_unaware(r, untold), .sent_at = r->sent, .sent_text = req_time(rq, r->sent),
            .kind_text = text_get(rq->lang, r->transfer ? MSG_EXCHANGE_KIND_TRANSFER : MSG_EXCHANGE_KIND_REFERRAL),
            .state_text = text_get(rq->lang, exchange_state_message(r->state)),
            .purpose_text = pack_label(rq->sv->pack, "referral_purpose", r->purpose, rq->lang),
        };
        revoke_look(rq, r, person_of_unit(&rq->who, of->owner), &at[i]);
        at[i].fields_text = labels_of(rq, &at[i].fields);
    }
    if (!e && arena_failed(rq->arena))
        e = ERR_MEMORY;
    if (!e)
        *out = (struct list){at, n};
    return e;
}

exchange_taken_fn *exchange_taken_hook;

enum err exchange_files_db(struct db *db, struct req *rq, struct id case_id, struct list *out)
{
    *out = (struct list){NULL, 0};
    return exchange_taken_hook ? exchange_taken_hook(db, rq, case_id, out) : OK;
}

struct sharing { struct req *rq; struct case_at at; struct list shared, files; };

static enum err sharing_read(struct db *db, void *arg)
{
    struct sharing *s = arg;
    enum err e = case_at_db(db, s->rq->arena, &s->rq->who, s->rq->id, &s->at);
    e = e ? e : exchange_shared_db(db, s->rq, &s->at, &s->shared);
    return e ? e : exchange_files_db(db, s->rq, s->rq->id, &s->files);
}

enum err exchange_shared_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct exchange_shared_out *out = out_;
    struct sharing *s = ARENA_NEW(rq->arena, struct sharing);
    if (!s)
        return ERR_MEMORY;
    s->rq = rq;
    enum err e = store_read(rq->sv->store, sharing_read, s);
    if (e)
        return e;
    out->shared = s->shared;
    out->files = s->files;
    const struct exchange_shared *at = out->shared.at;
    for (size_t i = 0; i < out->shared.n; i++)
        out->unaware |= at[i].unaware;
    out->case_id = rq->id;
    out->number = s->at.number;
    out->may_refer = req_may(rq, PERM_REFERRAL_SEND) && person_of_unit(&rq->who, s->at.owner) && s->at.state != CASE_CLOSED;
    return OK;
}

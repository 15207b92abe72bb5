// The desk's page of trusted flaggers: everybody at the desk sees how right they were, an administrator gives and takes credentials.
#include "report/desk/flagger.h"
#include "report/desk/handlers.h"

DB_QUERY(flagger_institutions_sql, "i", "btt", "select id, name, name_en from desk.institution order by fold, id limit $1");
DB_QUERY(flagger_institution_sql, "b", "t", "select code from desk.institution where id = $1");
DB_QUERY(flagger_number_sql, "", "i", "select count(*) from desk.flagger");
DB_QUERY(flagger_add_sql, "bbtbib", "", "insert into desk.flagger (id, institution, name, secret, made, made_by) values ($1, $2, $3, $4, $5, $6)");
DB_QUERY(flagger_find_sql, "b", "I", "select revoked from desk.flagger where id = $1");
DB_QUERY(flagger_revoke_sql, "bib", "", "update desk.flagger set revoked = $2, revoked_by = $3 where id = $1 and revoked is null");

SHAPE_NONE(flagger_list_in);
SHAPE(flagger_row, FIELD(flagger_row, id), FIELD(flagger_row, institution), FIELD(flagger_row, name),
      FIELD(flagger_row, made_at, .form = FORM_TIME), FIELD(flagger_row, valid), FIELD(flagger_row, sent),
      FIELD(flagger_row, waiting, .about = "Not judged yet."), FIELD(flagger_row, illegal, .about = "Found illegal, by two persons where the question set wants two."),
      FIELD(flagger_row, lawful, .about = "Judged otherwise."), FIELD(flagger_row, duplicates), FIELD(flagger_row, spam));
SHAPE(flagger_list_out, FIELD(flagger_list_out, flaggers, .of = &flagger_row_shape));
SHAPE(flagger_add_in, FIELD(flagger_add_in, name, .required = true, .max = FLAGGER_NAME_MAX), FIELD(flagger_add_in, institution, .required = true));
static const struct field flagger_add_out_fields[] = {
    FIELD(flagger_list_out, id), FIELD(flagger_list_out, credential, .about = "Shown once; 64 hex digits.")};
static const struct shape flagger_add_out_shape = {"flagger_add_out", sizeof(struct flagger_list_out),
                                                   sizeof flagger_add_out_fields / sizeof *flagger_add_out_fields, flagger_add_out_fields, "flagger_list_out"};
SHAPE_NONE(flagger_revoke_in);
static const struct shape flagger_revoke_out_shape = {"flagger_revoke_out", sizeof(struct flagger_list_out), 0, NULL, "flagger_list_out"};

static struct str in_words(const struct req *rq, struct str name, struct str name_en)
{
    return str_equal_z(rq->lang_code, "en") && name_en.n > 0 ? name_en : name;
}

struct show { struct req *rq; struct flaggers *l; struct flagger_choice *choice; size_t n; };

static enum err show_db(struct db *db, void *arg)
{
    struct show *s = arg;
    struct req *rq = s->rq;
    struct db_rows *r;
    enum err e = flagger_list_db(db, s->l);
    if (e || s->choice == NULL)
        return e;
    e = db_query(db, &flagger_institutions_sql, DB_ARGS(DB_I(FLAGGER_INSTITUTIONS_MAX)), &r);
    if (e)
        return e;
    for (s->n = 0; s->n < FLAGGER_INSTITUTIONS_MAX && db_next(r);) {
        struct flagger_choice *c = &s->choice[s->n];
        *c = (struct flagger_choice){.label = arena_str(rq->arena, in_words(rq, db_str(r, 1), db_str(r, 2)))};
        s->n += !id_from_bytes(db_str(r, 0), &c->value);
    }
    return db_done(&r);
}

static enum err show(struct req *rq, struct id chosen, struct flagger_list_out *out)
{
    out->may_add = req_may(rq, PERM_PEOPLE_ADMIN);
    struct show s = {.rq = rq, .l = ARENA_NEW(rq->arena, struct flaggers),
                     .choice = out->may_add && !rq->json ? arena_array(rq->arena, FLAGGER_INSTITUTIONS_MAX, sizeof *s.choice) : NULL};
    struct flagger_row *rows = arena_array(rq->arena, FLAGGERS_MAX, sizeof *rows);
    if (!s.l || !rows)
        return ERR_MEMORY;
    s.l->a = rq->arena;
    enum err e = store_read(rq->sv->store, show_db, &s);
    for (size_t i = 0; i < s.l->n && !e; i++) {
        const struct flagger *f = &s.l->at[i];
        int64_t judged = f->illegal + f->lawful;
        rows[i] = (struct flagger_row){
            .id = f->id, .institution = f->institution, .name = f->name, .made_at = f->made, .revoked_at = f->revoked, .sent = f->sent,
            .waiting = f->waiting, .illegal = f->illegal, .lawful = f->lawful, .duplicates = f->duplicates, .spam = f->spam,
            .institution_name = in_words(rq, f->institution_name, f->institution_name_en), .made_text = req_time(rq, f->made),
            .share = judged > 0 ? arena_printf(rq->arena, "%d %%", (int)(f->illegal * 100 / judged)) : (struct str){0},
            .valid = f->revoked == INT64_MIN, .may_revoke = out->may_add && f->revoked == INT64_MIN};
    }
    for (size_t i = 0; i < s.n; i++)
        s.choice[i].on = id_equal(s.choice[i].value, chosen);
    out->institutions = (struct list){s.choice, s.n};
    out->flaggers = (struct list){rows, e ? 0 : s.l->n};
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

static enum err flagger_list_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    return show(rq, (struct id){0}, out);
}

static enum err flagger_list_fill(struct req *rq, const void *in_, void *out_)
{
    const struct flagger_add_in *in = in_;
    struct flagger_list_out *out = out_;
    out->name = in->name;
    return show(rq, in->institution, out);
}

struct add { struct req *rq; struct id id, institution; struct str name; uint8_t secret[32]; bool known, full; };

static enum err add_look(struct db *db, void *arg)
{
    struct add *a = arg;
    struct db_rows *r;
    enum err e = db_query(db, &flagger_institution_sql, DB_ARGS(DB_ID(a->institution)), &r);
    if (e)
        return e;
    a->known = db_next(r);
    e = db_done(&r);
    if (e)
        return e;
    e = db_query(db, &flagger_number_sql, DB_ARGS(), &r);
    if (e)
        return e;
    a->full = db_next(r) && db_int(r, 0) >= FLAGGERS_MAX;
    return db_done(&r);
}

static enum err add_write(struct db *db, void *arg)
{
    const struct add *a = arg;
    return db_exec(db, &flagger_add_sql, DB_ARGS(DB_ID(a->id), DB_ID(a->institution), DB_T(a->name), DB_B(STR_BYTES(a->secret)),
                                             DB_I(a->rq->now), DB_ID(a->rq->who.id)), NULL);
}

static enum err flagger_add_run(struct req *rq, const void *in_, void *out_)
{
    const struct flagger_add_in *in = in_;
    struct flagger_list_out *out = out_;
    struct add a = {.rq = rq, .id = id_random(), .institution = in->institution, .name = str_trim(in->name)};
    char credential[FLAGGER_CREDENTIAL];
    struct keeper_audit_at at;
    out->name = in->name;
    enum err e = store_read(rq->sv->store, add_look, &a);
    if (!e && !a.known)
        e = req_refuse(rq, "institution", MSG_FLAGGER_REFUSED_INSTITUTION);
    else if (!e && a.full)
        e = req_refuse(rq, "name", MSG_FLAGGER_REFUSED_FULL);
    if (e) {
        enum err shown = show(rq, in->institution, out);
        return shown ? shown : e;
    }
    flagger_credential(credential);
    e = flagger_secret(str_from(credential), a.secret);
    if (!e)
        e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_FLAGGER, a.id, a.institution, STR("given"), &at);
    if (!e)
        e = store_write(rq->sv->store, add_write, &a);
    if (!e)
        e = flagger_mirror(rq->sv);
    if (!e) {
        out->id = a.id;
        out->credential = arena_str(rq->arena, str_from(credential));
        out->name = (struct str){0};
        e = show(rq, (struct id){0}, out);
    }
    crypto_wipe(credential, sizeof credential);
    return e;
}

struct revoke { struct req *rq; bool found; };

static enum err revoke_look(struct db *db, void *arg)
{
    struct revoke *v = arg;
    struct db_rows *r;
    enum err e = db_query(db, &flagger_find_sql, DB_ARGS(DB_ID(v->rq->id)), &r);
    if (e)
        return e;
    v->found = db_next(r);
    return db_done(&r);
}

static enum err revoke_write(struct db *db, void *arg)
{
    const struct revoke *v = arg;
    return db_exec(db, &flagger_revoke_sql, DB_ARGS(DB_ID(v->rq->id), DB_I(v->rq->now), DB_ID(v->rq->who.id)), NULL);
}

// A second time changes nothing. The portal refuses the credential from the next call on.
static enum err flagger_revoke_run(struct req *rq, const void *in, void *out)
{
    struct revoke v = {.rq = rq};
    struct keeper_audit_at at;
    (void)in;
    enum err e = store_read(rq->sv->store, revoke_look, &v);
    if (!e && !v.found)
        e = ERR_NOT_FOUND;
    if (!e)
        e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_FLAGGER, rq->id, (struct id){0}, STR("revoked"), &at);
    if (!e)
        e = store_write(rq->sv->store, revoke_write, &v);
    if (!e)
        e = flagger_mirror(rq->sv);
    return e ? e : show(rq, (struct id){0}, out);
}

page_fn flagger_list_page;

static const struct route rows[] = {
    {.name = "flagger_list", .path = "/flaggers", .method = GET, .perm = PERM_PEOPLE_LIST, .in = &flagger_list_in_shape,
     .out = &flagger_list_out_shape, .run = flagger_list_run, .page = flagger_list_page,
     .about = "Trusted flaggers, and what became of their reports."},
    {.name = "flagger_add", .path = "/flaggers", .method = POST, .perm = PERM_PEOPLE_ADMIN, .in = &flagger_add_in_shape,
     .out = &flagger_add_out_shape, .run = flagger_add_run, .page = flagger_list_page, .fill = flagger_list_fill, .status = 201,
     .about = "Gives a credential to an organisation; it is shown once and only its digest is kept."},
    {.name = "flagger_revoke", .path = "/flaggers/{id}/revoke", .method = POST, .perm = PERM_PEOPLE_ADMIN, .in = &flagger_revoke_in_shape,
     .out = &flagger_revoke_out_shape, .run = flagger_revoke_run, .page = flagger_list_page, .then = "/flaggers",
     .about = "Takes a credential back; what came with it stays."},
};
const struct routes report_flagger_routes = {"report", rows, sizeof rows / sizeof *rows};

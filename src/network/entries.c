// The directory: who wants to be found writes it himself, sees it as all see it, and takes it away at any time. A moderator
// may take away an entry too.
#include <string.h>
#include "base/clock.h"
#include "network/handlers.h"
#include "text/date.h"
#include "text/fold.h"

DB_QUERY(entry_list_sql, "tttBi", "bttttttt",
         "select d.person, p.name, d.organisation, d.subject, d.county, d.contact, d.about, d.fold from desk.directory_entry d "
         "join desk.person p on p.id = d.person where p.disabled = 0 and ($1 = '' or d.fold like '%' || $1 || '%') and ($2 = '' or d.county = $2) "
         "and ($3 = '' or d.subject = $3) and ($4 is null or (d.fold, d.person) > (select q.fold, q.person from desk.directory_entry q where q.person = $4)) "
         "order by d.fold, d.person limit $5");
DB_QUERY(entry_own_sql, "b", "ttttt", "select organisation, subject, county, contact, about from desk.directory_entry where person = $1");
DB_QUERY(entry_put_sql, "bttttt" "ti", "", "insert into desk.directory_entry (person, organisation, subject, county, contact, about, fold, at) "
         "values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (person) do update set organisation = excluded.organisation, "
         "subject = excluded.subject, county = excluded.county, contact = excluded.contact, about = excluded.about, fold = excluded.fold, "
         "at = excluded.at");
DB_QUERY(entry_there_sql, "b", "i", "select count(*) from desk.directory_entry where person = $1");
DB_QUERY(entry_remove_sql, "b", "", "delete from desk.directory_entry where person = $1");

enum err network_words(struct req *rq, const char *field, struct str text)
{
    static const enum message words[] = {[NETWORK_ID] = MSG_NETWORK_REFUSED_ID, [NETWORK_RECEIPT] = MSG_NETWORK_REFUSED_RECEIPT,
                                         [NETWORK_CASE] = MSG_NETWORK_REFUSED_CASE, [NETWORK_ADDRESS] = MSG_NETWORK_REFUSED_ADDRESS,
                                         [NETWORK_PHONE] = MSG_NETWORK_REFUSED_PHONE};
    enum network_fault fault = network_check(text);
    if (str_blank(text))
        return req_refuse(rq, field, MSG_WEB_FIELD_REQUIRED);
    return fault ? req_refuse(rq, field, words[fault]) : OK;
}

// ── the list ──
struct listing {
    struct req *rq;
    const struct network_list_in *in;
    struct str fold;
    struct id after;
    struct network_entry *at;
    size_t n;
    struct network_list_out *out;
    struct str own_subject, own_county;
};

static enum err own_read(struct db *db, struct listing *l)
{
    struct db_rows *r;
    struct arena *a = l->rq->arena;
    enum err e = db_query(db, &entry_own_sql, DB_ARGS(DB_ID(l->rq->who.id)), &r);
    if (e)
        return e;
    l->out->listed = db_next(r);
    if (l->out->listed) {
        l->out->organisation = arena_str(a, db_str(r, 0));
        l->own_subject = arena_str(a, db_str(r, 1));
        l->own_county = arena_str(a, db_str(r, 2));
        l->out->contact = arena_str(a, db_str(r, 3));
        l->out->about = arena_str(a, db_str(r, 4));
    }
    return db_done(&r);
}

static enum err listing_read(struct db *db, void *arg)
{
    struct listing *l = arg;
    struct req *rq = l->rq;
    struct db_rows *r;
    enum err e = own_read(db, l);
    if (!e)
        e = db_query(db, &entry_list_sql, DB_ARGS(DB_T(l->fold), DB_T(l->in->county), DB_T(l->in->subject),
                                                  id_zero(l->after) ? DB_NULL : DB_ID(l->after), DB_I(NETWORK_PAGE + 1)), &r);
    if (e)
        return e;
    for (l->n = 0; !e && l->n < NETWORK_PAGE + 1 && db_next(r); l->n++) {
        struct network_entry *x = &l->at[l->n];
        struct arena *a = rq->arena;
        *x = (struct network_entry){.name = arena_str(a, db_str(r, 1)), .organisation = arena_str(a, db_str(r, 2)),
                                    .subject = arena_str(a, db_str(r, 3)), .county = arena_str(a, db_str(r, 4)),
                                    .contact = arena_str(a, db_str(r, 5)), .about = arena_str(a, db_str(r, 6))};
        e = id_from_bytes(db_str(r, 0), &x->person) ? ERR_TAMPERED : OK;
        x->subject_text = pack_label(rq->sv->pack, "directory_subject", x->subject, rq->lang);
        x->county_text = x->county.n ? x->county : text_get(rq->lang, MSG_NETWORK_COUNTRY);
        x->mine = id_equal(x->person, rq->who.id);
        x->may_remove = !x->mine && req_may(rq, PERM_MODERATE);
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

// What is searched for, as the fold key has it; the signs of LIKE mean nothing here.
static struct str pattern(struct req *rq, struct str q)
{
    struct str fold = fold_key(rq->arena, str_trim(q));
    char *at = arena_alloc(rq->arena, fold.n + 1);
    size_t n = 0;
    for (size_t i = 0; at && i < fold.n; i++)
        if (fold.at[i] != '%' && fold.at[i] != '_' && fold.at[i] != '\\')
            at[n++] = fold.at[i];
    return (struct str){at, n};
}

static enum err list_show(struct req *rq, const struct network_list_in *in, struct network_list_out *out)
{
    char hex[ID_HEX];
    struct listing l = {.rq = rq, .in = in, .out = out, .fold = in->q.n ? pattern(rq, in->q) : STR(""),
                        .at = arena_array(rq->arena, NETWORK_PAGE + 1, sizeof *l.at)};
    if (in->after.n && id_from_hex(in->after, &l.after))
        return req_refuse(rq, "after", MSG_DESK_REFUSED_CURSOR);
    enum err e = l.at ? store_read(rq->sv->store, listing_read, &l) : ERR_MEMORY;
    if (e)
        return e;
    size_t n = l.n > NETWORK_PAGE ? NETWORK_PAGE : l.n;
    out->entries = (struct list){l.at, n};
    if (l.n > NETWORK_PAGE)
        out->next = arena_str(rq->arena, str_from(id_hex(l.at[n - 1].person, hex)));
    out->counties = req_choices(rq, "county", in->county);
    out->subjects = req_choices(rq, "directory_subject", in->subject);
    out->own_counties = req_choices(rq, "county", l.own_county);
    out->own_subjects = req_choices(rq, "directory_subject", l.own_subject);
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

static const struct network_list_in everything;

enum err network_list_run(struct req *rq, const void *in, void *out)
{
    return list_show(rq, in, out);
}

enum err network_entry_fill(struct req *rq, const void *in_, void *out_)
{
    const struct network_entry_in *in = in_;
    struct network_list_out *out = out_;
    enum err e = list_show(rq, &everything, out);
    out->own_counties = req_choices(rq, "county", in->county);
    out->own_subjects = req_choices(rq, "directory_subject", in->subject);
    out->organisation = in->organisation;
    out->contact = in->contact;
    out->about = in->about;
    return e;
}

// ── one's own entry ──
struct writing { struct req *rq; struct id person; const struct network_entry_in *in; struct str fold; };

static enum err entry_write(struct db *db, void *arg)
{
    const struct writing *w = arg;
    const struct network_entry_in *in = w->in;
    return db_exec(db, &entry_put_sql, DB_ARGS(DB_ID(w->person), DB_T(str_trim(in->organisation)), DB_T(in->subject), DB_T(in->county),
                                               DB_T(str_trim(in->contact)), DB_T(str_trim(in->about)), DB_T(w->fold),
                                               DB_I(clock_minute(w->rq->now))), NULL);
}

static enum err entry_gone(struct db *db, void *arg)
{
    const struct writing *w = arg;
    return db_exec(db, &entry_remove_sql, DB_ARGS(DB_ID(w->person)), NULL);
}

enum err network_entry_run(struct req *rq, const void *in_, void *out_)
{
    const struct network_entry_in *in = in_;
    struct network_list_out *out = out_;
    struct writing w = {.rq = rq, .person = rq->who.id, .in = in};
    enum err e = rq->json ? OK : network_entry_fill(rq, in, out);
    if (!e && !in->agree)
        e = req_refuse(rq, "agree", MSG_NETWORK_REFUSED_AGREE);
    if (!e && in->about.n) // a contact has an address; what one does needs none
        e = network_words(rq, "about", in->about);
    if (!e) {
        struct str all = arena_printf(rq->arena, "%.*s %.*s %.*s", STR_ARG(str_trim(in->organisation)), STR_ARG(rq->who.name), STR_ARG(in->about));
        w.fold = fold_key(rq->arena, all);
        e = arena_failed(rq->arena) ? ERR_MEMORY : store_write(rq->sv->store, entry_write, &w);
    }
    return e ? e : list_show(rq, &everything, out);
}

static enum err entry_there(struct db *db, void *arg)
{
    const struct writing *w = arg;
    struct db_rows *r;
    enum err e = db_query(db, &entry_there_sql, DB_ARGS(DB_ID(w->person)), &r);
    if (e)
        return e;
    bool there = db_next(r) && db_int(r, 0) > 0;
    e = db_done(&r);
    return e ? e : there ? OK : ERR_NOT_FOUND;
}

enum err network_remove_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct network_entry_out *out = out_;
    struct writing w = {.rq = rq, .person = rq->id};
    struct keeper_audit_at at;
    bool own = id_equal(rq->id, rq->who.id);
    if (!own && !req_may(rq, PERM_MODERATE))
        return ERR_NOT_FOUND;
    enum err e = own ? OK : store_read(rq->sv->store, entry_there, &w); // before it is said in the audit
    if (!e && !own)
        e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_MODERATED, rq->id, (struct id){{0}}, STR("entry"), &at);
    if (!e)
        e = store_write(rq->sv->store, entry_gone, &w);
    out->person = rq->id;
    return e;
}

// A unit is founded by two: an administrator names the first member, and somebody who makes no accounts confirms that this
// was right. The keeper decides (docs/protocol.md, 3); the rows here are for lists.
#include "people/pages.h"

#define COLUMNS "select u.id, i.code, i.name, i.name_en, u.room, u.name, f.person, f.founder, f.confirmer, f.at, f.confirmed, u.institution from desk.founding f " \
                "join desk.unit u on u.id = f.unit join desk.institution i on i.id = u.institution "
#define OUT "bttttt" "BBBII" "b"
DB_QUERY(founding_list_sql, "i", OUT, COLUMNS "order by case when f.confirmed is null then 0 else 1 end, coalesce(f.at, 0) desc, u.id limit $1");
DB_QUERY(founding_find_sql, "b", OUT, COLUMNS "where f.unit = $1");
DB_QUERY(founding_add_sql, "bbbi", "", "insert into desk.founding (unit, person, founder, at) values ($1, $2, $3, $4) on conflict (unit) do nothing");
DB_QUERY(founding_drop_sql, "b", "", "delete from desk.founding where unit = $1 and confirmed is null");
DB_QUERY(founding_confirm_sql, "bBi", "", "update desk.founding set confirmer = $2, confirmed = $3 where unit = $1 and confirmed is null");

struct founding_ids { struct people_founding f; struct id confirmer; };

static void founding_read(struct arena *a, const struct db_rows *r, void *to)
{
    struct founding_ids *x = to;
    *x = (struct founding_ids){
        .f = {.unit = {.id = id_at(r, 0), .institution = id_at(r, 11), .institution_code = arena_str(a, db_str(r, 1)),
                       .institution_name = arena_str(a, db_str(r, 2)),
                       .institution_name_en = arena_str(a, db_str(r, 3)), .room = arena_str(a, db_str(r, 4)),
                       .name = arena_str(a, db_str(r, 5))}, .at = db_null(r, 9) ? INT64_MIN : db_int(r, 9),
              .confirmed = db_null(r, 10) ? INT64_MIN : db_int(r, 10)},
    };
    x->f.person_id = db_null(r, 6) ? (struct id){0} : id_at(r, 6);
    x->f.founder_id = db_null(r, 7) ? (struct id){0} : id_at(r, 7);
    x->confirmer = db_null(r, 8) ? (struct id){0} : id_at(r, 8);
}

static enum err name_of(struct db *db, struct arena *a, struct id person, struct str *out)
{
    *out = STR("");
    return id_zero(person) ? OK : people_name(db, a, person, out);
}

enum err founding_list_db(struct db *db, struct arena *a, struct id unit, struct people_founding *out, size_t max, size_t *n)
{
    struct founding_ids *at = arena_array(a, max, sizeof *at);
    if (at == NULL) {
        return ERR_MEMORY;
    }
    enum err e = id_zero(unit) ? people_rows(db, a, &founding_list_sql, DB_ARGS(DB_I(max)), founding_read, at, sizeof *at, max, n)
                               : people_rows(db, a, &founding_find_sql, DB_ARGS(DB_ID(unit)), founding_read, at, sizeof *at, max, n);
    for (size_t i = 0; e == OK && i < *n; i++) {
        out[i] = at[i].f;
        e = name_of(db, a, at[i].f.person_id, &out[i].person);
        e = e != OK ? e : name_of(db, a, at[i].f.founder_id, &out[i].founder);
        e = e != OK ? e : name_of(db, a, at[i].confirmer, &out[i].confirmer);
    }
    return e;
}

enum err founding_add_db(struct db *db, struct id unit, struct id person, struct id founder, int64_t at, bool *added)
{
    int64_t changed = 0;
    enum err e = db_exec(db, &founding_add_sql, DB_ARGS(DB_ID(unit), DB_ID(person), DB_ID(founder), DB_I(at)), &changed);
    *added = e == OK && changed == 1;
    return e;
}

enum err founding_drop_db(struct db *db, struct id unit)
{
    return db_exec(db, &founding_drop_sql, DB_ARGS(DB_ID(unit)), NULL);
}

enum err founding_confirm_db(struct db *db, struct id unit, struct id confirmer, int64_t at)
{
    return db_exec(db, &founding_confirm_sql, DB_ARGS(DB_ID(unit), id_zero(confirmer) ? DB_NULL : DB_ID(confirmer), DB_I(at)), NULL);
}

// ── the page ──

struct listing { struct req *rq; struct id unit; struct people_founding *at; size_t n; };

static enum err listing_read(struct db *db, void *arg)
{
    struct listing *l = arg;
    return founding_list_db(db, l->rq->arena, l->unit, l->at, PEOPLE_FOUNDINGS_MAX, &l->n);
}

enum err page_foundings(struct req *rq, struct id unit, struct list *out)
{
    struct listing l = {.rq = rq, .unit = unit, .at = arena_array(rq->arena, PEOPLE_FOUNDINGS_MAX, sizeof *l.at)};
    enum err e = l.at == NULL ? ERR_MEMORY : store_read(rq->sv->store, listing_read, &l);
    struct people_founding_row *rows = arena_array(rq->arena, l.n > 0 ? l.n : 1, sizeof *rows);
    if (e != OK || rows == NULL) {
        return e != OK ? e : ERR_MEMORY;
    }
    for (size_t i = 0; i < l.n; i++) {
        const struct people_founding *f = &l.at[i];
        bool open = f->confirmed == INT64_MIN, own = id_equal(f->unit.institution, rq->who.institution);
        rows[i] = (struct people_founding_row){
            .unit = f->unit.id, .institution = f->unit.institution_code, .room = f->unit.room, .person = f->person, .founder = f->founder,
            .confirmer = f->confirmer, .at = f->at, .confirmed = f->confirmed, .label = page_unit_label(rq, &f->unit),
            .at_text = f->at == INT64_MIN ? STR("") : req_date(rq, f->at, DATE_MINUTE),
            .confirmed_text = open ? STR("") : req_date(rq, f->confirmed, DATE_MINUTE),
            .open = open, .own = own,
            .may = open && !own && req_may(rq, PERM_UNIT_CONFIRM) && !req_may(rq, PERM_PEOPLE_ADMIN) && !id_equal(f->founder_id, rq->who.id) &&
                   !id_equal(f->person_id, rq->who.id)};
    }
    *out = (struct list){rows, l.n};
    return OK;
}

enum err people_foundings_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct people_foundings_out *out = out_;
    return page_foundings(rq, (struct id){0}, &out->foundings);
}

struct confirming { struct id unit, confirmer; int64_t at; };

static enum err confirm_write(struct db *db, void *arg)
{
    const struct confirming *c = arg;
    return founding_confirm_db(db, c->unit, c->confirmer, c->at);
}

// A conflict is the keeper's word that it is confirmed already: where the row here does not say so, the first try's was lost.
enum err people_confirm_run(struct req *rq, const void *in, void *out)
{
    struct people_foundings_out *page = out;
    struct confirming c = {.unit = rq->id, .confirmer = rq->who.id, .at = rq->now};
    struct list one = {0};
    enum err e = people_foundings_run(rq, in, out);
    e = e != OK ? e : page_foundings(rq, rq->id, &one);
    if (e == OK && one.n == 0) {
        return ERR_NOT_FOUND;
    }
    if (e == OK) {
        const struct people_founding_row *row = one.at;
        if (row->own) { // who works beside the first member is no second pair of eyes; the keeper knows no institutions
            return req_notice(rq, ERR_FORBIDDEN, MSG_PEOPLE_FOUNDING_OWN);
        }
        e = keeper_confirm(rq->sv->keeper, &rq->token, rq->id);
        if (e == ERR_CONFLICT && row->open) {
            c.confirmer = (struct id){0};
            e = OK;
        }
        e = e == ERR_FORBIDDEN ? req_notice(rq, e, MSG_PEOPLE_FOUNDING_NOT_YOU) : page_keeper(rq, e);
    }
    e = e != OK ? e : store_write(rq->sv->store, confirm_write, &c);
    return e != OK ? e : page_foundings(rq, (struct id){0}, &page->foundings);
}

// Opening a case: a home of its own, sealed to the unit whose reports it gathers, and under it a wrap of each report's
// key. Later reports join it the same way.
#include <string.h>
#include "base/clock.h"
#include "casework/handlers.h"

DB_QUERY(open_taken_sql, "b", "b", "select case_id from desk.case_report where report = $1");
DB_QUERY(open_number_sql, "i", "t", "select number from desk.case_file order by seq desc limit $1");
DB_QUERY(open_file_sql, "btibbtTitiibi", "",
         "insert into desk.case_file (id, number, opened, owner, worker, category, county, urgency, state, version, "
         "state_at, kid, generation) "
         "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)");
DB_QUERY(open_report_sql, "bbi", "", "insert into desk.case_report (case_id, report, added) values ($1, $2, $3)");
DB_QUERY(open_child_sql, "bbbib", "", "insert into desk.child_wrap (parent, child, kid, generation, sealed) values "
                                      "($1, $2, $3, $4, $5) "
         "on conflict (parent, child, generation) do nothing");
DB_QUERY(open_urgency_sql, "bit", "", "update desk.case_file set urgency = $2, category = $3 where id = $1 and urgency "
                                      "> $2");

struct link { struct id id; struct report_key key; uint8_t wrap[RECORD_WRAP_BYTES]; struct kid kid; };
struct opening {
    struct req *rq;
    size_t n;
    struct link link[CASE_REPORTS_MAX];
    enum message refused;        // why they cannot be put into this case
    struct case_content content; // the addresses that come with them
    // a new case
    struct id case_id, unit;     // unit: whose reports they are; zero until the first is read
    struct case_entry entry;
    struct keeper_wrap wrap;
    struct str category, county;
    int64_t urgency;
    char number[32];
};

static enum err ids_read(struct req *rq, struct list reports, struct opening *o)
{
    const struct str *hex = reports.at;
    o->n = 0;
    for (size_t i = 0; i < reports.n; i++) {
        struct id id;
        bool twice = false;
        if (id_from_hex(hex[i], &id))
            return req_refuse(rq, "reports", MSG_CASEWORK_REFUSED_REPORTS);
        for (size_t k = 0; k < o->n; k++)
            twice = twice || id_equal(o->link[k].id, id);
        if (!twice && o->n < CASE_REPORTS_MAX)
            o->link[o->n++].id = id;
    }
    return o->n > 0 ? OK : req_refuse(rq, "reports", MSG_CASEWORK_REFUSED_REPORTS);
}

static bool may_join(const struct req *rq, const struct report_key *k)
{
    bool mine = id_zero(k->holder) || id_equal(k->holder, rq->who.id) || (rq->who.roles >> ROLE_SUPERVISOR & 1);
    return mine && (k->state == REPORT_NEW || (k->state != REPORT_CLOSED && report_state_may(k->state, REPORT_IN_CASE)));
}

static enum err links_look(struct db *db, struct opening *o)
{
    enum err e = OK;
    o->refused = MSG_NONE;
    for (size_t i = 0; i < o->n && !e; i++) {
        struct db_rows *r;
        e = report_key_db(db, o->rq->arena, &o->rq->who, o->link[i].id, &o->link[i].key);
        if (!e)
            e = db_query(db, &open_taken_sql, DB_ARGS(DB_ID(o->link[i].id)), &r);
        if (e)
            return e;
        bool taken = db_next(r);
        e = db_done(&r);
        o->unit = id_zero(o->unit) ? o->link[0].key.unit : o->unit;
        if (!id_equal(o->link[i].key.unit, o->unit)) // a new key of the case would shut the other unit out of its own report
            o->refused = MSG_CASEWORK_REPORT_UNITS;
        else if (taken)
            o->refused = MSG_CASEWORK_REPORT_TAKEN;
        else if (!may_join(o->rq, &o->link[i].key))
            o->refused = MSG_CASEWORK_REPORT_NOT_NOW;
    }
    return e ? e : o->refused != MSG_NONE ? ERR_CONFLICT : OK;
}

static enum err links_make(struct opening *o, const struct keeper_path *path, const struct case_entry *first)
{
    struct req *rq = o->rq;
    struct keeper_item parent = {.sealed = first->sealed};
    enum err e = OK;
    case_entry_ad(&parent.ad, first);
    for (size_t i = 0; i < o->n && !e; i++) {
        struct link *l = &o->link[i];
        e = keeper_link(rq->sv->keeper, &rq->token, path, &parent, &l->key.path, &l->key.item, l->wrap, &l->kid);
    }
    return e;
}

// What the reports name comes with them, each page once.
static enum err links_content(struct opening *o, const struct keeper_path *path)
{
    enum err e = OK;
    for (size_t i = 0; i < o->n && !e; i++) {
        const struct link *l = &o->link[i];
        struct keeper_path way = *path;
        way.step[way.n++] = (struct keeper_step){.parent = path->step[0].child, .child = l->id, .kid = l->kid,
                                                 .generation = l->key.item.ad.generation, .sealed = STR_BYTES(l->wrap)};
        e = case_content_report(&o->content, &way, l->id, &l->key.item);
    }
    return e;
}

static enum err links_write(struct db *db, const struct opening *o, struct id case_id)
{
    const struct req *rq = o->rq;
    enum err e = OK;
    for (size_t i = 0; i < o->n && !e; i++) {
        const struct link *l = &o->link[i];
        e = db_exec(db, &open_report_sql, DB_ARGS(DB_ID(case_id), DB_ID(l->id), DB_I(clock_minute(rq->now))), NULL);
        if (!e)
            e = db_exec(db, &open_child_sql, DB_ARGS(DB_ID(case_id), DB_ID(l->id), DB_B(STR_BYTES(l->kid.b)),
                                                     DB_I(l->key.item.ad.generation),
                                                     DB_B(STR_BYTES(l->wrap))), NULL);
        if (!e)
            e = report_case_enter_db(db, &rq->who, l->id, rq->now);
    }
    return e ? e : case_content_db(db, &o->content);
}

static struct str ids_text(const struct opening *o)
{
    struct buf b;
    char hex[ID_HEX];
    buf_init(&b, CASE_REPORTS_MAX * 40);
    for (size_t i = 0; i < o->n; i++)
        buf_printf(&b, i ? " %s" : "%s", id_hex(o->link[i].id, hex));
    struct str out = arena_str(o->rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

// ── a new case ──
static enum err open_look(struct db *db, void *arg)
{
    return links_look(db, arg);
}

// "2026-0007": the year, and one more than the last of that year.
static enum err number_make(struct db *db, struct opening *o)
{
    struct db_rows *r;
    int year = date_local(o->rq->now).year;
    int64_t last = 0, last_year = 0;
    enum err e = db_query(db, &open_number_sql, DB_ARGS(DB_I(1)), &r);
    if (e)
        return e;
    if (db_next(r)) {
        struct str rest = db_str(r, 0), y = str_cut(&rest, '-');
        if (str_int(y, &last_year) || str_int(rest, &last))
            e = ERR_TAMPERED;
    }
    enum err done = db_done(&r);
    snprintf(o->number, sizeof o->number, "%d-%04lld", year, (long long)(last_year == year ? last + 1 : 1));
    return done ? done : e;
}

static enum err open_write(struct db *db, void *arg)
{
    struct opening *o = arg;
    const struct req *rq = o->rq;
    const struct case_entry *n = &o->entry;
    enum err e = number_make(db, o);
    if (!e)
        e = db_exec(db, &open_file_sql,
                    DB_ARGS(DB_ID(o->case_id), DB_T(str_from(o->number)), DB_I(n->at), DB_ID(o->unit),
                            DB_ID(rq->who.id), DB_T(o->category),
                            DB_T_OR_NULL(o->county), DB_I(o->urgency),
                            DB_T(str_from(case_state_name(CASE_REGISTERED))), DB_I(1), DB_I(n->at),
                            DB_B(STR_BYTES(n->kid.b)), DB_I(0)), NULL);
    if (!e)
        e = case_wrap_db(db, o->case_id, o->unit, 0, &o->wrap);
    if (!e)
        e = case_entry_db(db, n);
    if (!e)
        e = links_write(db, o, o->case_id);
    return e ? e : case_history_db(db, o->case_id, rq->who.id, o->unit, "opened", (struct id){{0}}, rq->now);
}

static enum err home_make(struct opening *o)
{
    struct req *rq = o->rq;
    struct words words = {0};
    struct record_ad ad;
    struct buf plain, sealed;
    buf_init_secret(&plain, CASE_ENTRY_BYTES_MAX);
    buf_init(&sealed, RECORD_ITEM_MAX + 4096);
    o->entry = (struct case_entry){.type = RECORD_CASE, .home = o->case_id, .seq = 1, .kind = STR("opened")};
    words_put(&words, "reports", ids_text(o));
    case_entry_begin(rq, o->unit, &o->entry);
    case_entry_ad(&ad, &o->entry);
    enum err e = words_write(&plain, &words);
    if (!e)
        e = keeper_seal_home(rq->sv->keeper, &rq->token, &ad, buf_str(&plain), &o->unit, 1, &sealed, &o->wrap);
    o->entry.kid = ad.kid;
    o->entry.sealed = arena_str(rq->arena, buf_str(&sealed));
    buf_free(&plain);
    buf_free(&sealed);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

static enum err open_seal(struct opening *o)
{
    struct req *rq = o->rq;
    struct keeper_audit_at entry;
    const struct report_key *lead = &o->link[0].key;
    for (size_t i = 1; i < o->n; i++) // the most urgent names the case, then the one that came first
        if (o->link[i].key.urgency < lead->urgency)
            lead = &o->link[i].key;
    o->case_id = id_random();
    o->category = lead->category;
    o->urgency = lead->urgency;
    o->county = lead->county;
    enum err e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_CASE, o->case_id, o->unit, STR("opened"), &entry);
    if (!e)
        e = home_make(o);
    const struct keeper_path path = {.n = 1, .step = {{.unit = true, .parent = o->unit, .child = o->case_id,
                                                       .epoch = o->wrap.epoch,
                                                       .sealed = STR_BYTES(o->wrap.sealed)}}};
    if (!e)
        e = links_make(o, &path, &o->entry);
    if (!e)
        e = links_content(o, &path);
    return e ? e : case_content_seal(&o->content, &path, o->case_id, &o->entry.kid, 0, o->entry.seq + 1);
}

enum err case_open_run(struct req *rq, const void *in_, void *out_)
{
    const struct case_open_in *in = in_;
    struct case_open_out *out = out_;
    char hex[ID_HEX];
    struct opening *o = ARENA_NEW(rq->arena, struct opening);
    if (!o)
        return ERR_MEMORY;
    o->rq = o->content.rq = rq;
    enum err e = ids_read(rq, in->reports, o);
    if (!e)
        e = store_read(rq->sv->store, open_look, o);
    if (!e)
        e = open_seal(o);
    if (!e)
        e = store_write(rq->sv->store, open_write, o);
    if (e && o->entry.sealed.n) {
        keeper_unstored(rq->sv->keeper, &rq->token, o->case_id, o->entry.id);
        case_content_unstored(&o->content, o->case_id);
    }
    if (e == ERR_CONFLICT)
        return req_notice(rq, e, o->refused != MSG_NONE ? o->refused : MSG_CASEWORK_REPORT_TAKEN);
    if (e)
        return e;
    report_settle_soon(rq->sv);
    rq->id = o->case_id;
    rq->then = arena_printf(rq->arena, "/cases/%s", id_hex(o->case_id, hex)).at;
    *out = (struct case_open_out){.id = o->case_id, .number = arena_str(rq->arena, str_from(o->number)),
                                  .state = str_from(case_state_name(CASE_REGISTERED)), .version = 1};
    return rq->then ? OK : ERR_MEMORY;
}

// ── more reports ──
struct adding { struct opening links; struct case_entry first; };

static enum err add_look(struct db *db, struct case_work *w)
{
    struct adding *a = w->more;
    enum err e = case_entry_proof_db(db, w->rq->arena, w->rq->id, RECORD_CASE, w->at.generation, &a->first);
    a->links.unit = w->at.owner;
    if (!e)
        e = links_look(db, &a->links);
    return e == ERR_CONFLICT ? case_refuse(w, a->links.refused) : e;
}

static enum err add_ready(struct case_work *w)
{
    struct adding *a = w->more;
    struct opening *o = &a->links;
    enum err e = links_make(o, &w->path, &a->first);
    case_content_unstored(&o->content, w->rq->id); // of a first try
    o->content = (struct case_content){.rq = w->rq};
    if (!e)
        e = case_content_known(&o->content, &w->path);
    if (!e)
        e = links_content(o, &w->path);
    return e ? e : case_content_seal(&o->content, &w->path, w->rq->id, &w->at.kid, w->at.generation, w->entry.seq + 1);
}

static enum err add_write(struct db *db, struct case_work *w)
{
    struct adding *a = w->more;
    enum err e = links_write(db, &a->links, w->rq->id);
    if (e == ERR_CONFLICT)
        return case_refuse(w, MSG_CASEWORK_REPORT_TAKEN);
    for (size_t i = 0; i < a->links.n && !e; i++) {
        const struct report_key *k = &a->links.link[i].key;
        e = db_exec(db, &open_urgency_sql, DB_ARGS(DB_ID(w->rq->id), DB_I(k->urgency), DB_T(k->category)), NULL);
    }
    return e;
}

enum err case_add_run(struct req *rq, const void *in_, void *out_)
{
    const struct case_add_in *in = in_;
    struct case_act_out *out = out_;
    struct adding *a = ARENA_NEW(rq->arena, struct adding);
    if (!a)
        return ERR_MEMORY;
    a->links.rq = a->links.content.rq = rq;
    struct case_work w = {.rq = rq, .version = in->version, .action = AUDIT_CASE, .history = "reports",
                          .kind = STR("reports"), .look = add_look,
                          .ready = add_ready, .write = add_write, .more = a};
    enum err e = ids_read(rq, in->reports, &a->links);
    if (e)
        return e;
    words_put(&w.words, "reports", ids_text(&a->links));
    e = case_work_run(&w);
    if (e) {
        case_content_unstored(&a->links.content, rq->id);
        return e;
    }
    report_settle_soon(rq->sv);
    *out = (struct case_act_out){.id = rq->id, .state = str_from(case_state_name(w.at.state)), .version = w.at.version};
    return OK;
}

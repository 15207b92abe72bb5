// Persons of a case and who works on it: the form in which a person is corrected, and the members that may be chosen.
#include <string.h>
#include "casework/handlers.h"

DB_QUERY(people_member_sql, "bb", "i", "select count(*) from desk.member m join desk.person p on p.id = m.person where m.unit = $1 "
         "and m.person = $2 and p.disabled = 0");
DB_QUERY(people_members_sql, "bi", "bt", "select p.id, p.name from desk.member m join desk.person p on p.id = m.person where m.unit = $1 "
         "and p.disabled = 0 order by p.fold, p.id limit $2");
DB_QUERY(people_untold_put_sql, "bbi", "", "insert into desk.case_untold (case_id, person, seq) values ($1, $2, $3) "
         "on conflict (case_id, person) do nothing");
DB_QUERY(people_untold_drop_sql, "bb", "", "delete from desk.case_untold where case_id = $1 and person = $2");
DB_QUERY(people_untold_sql, "b", "i", "select coalesce(max(seq), 0) from desk.case_untold where case_id = $1");

enum err case_member_check(struct db *db, struct req *rq, struct id unit, struct id person)
{
    struct db_rows *r;
    enum err e = db_query(db, &people_member_sql, DB_ARGS(DB_ID(unit), DB_ID(person)), &r);
    if (e)
        return e;
    bool member = db_next(r) && db_int(r, 0) > 0;
    e = db_done(&r);
    return e ? e : member ? OK : req_refuse(rq, "worker", MSG_CASEWORK_REFUSED_WORKER);
}

struct case_person case_person_of(struct id id, const struct words *w)
{
    return (struct case_person){
        .id = id, .role = words_get(w, "role"), .name = words_get(w, "name"), .born = words_get(w, "born"),
        .relation = words_get(w, "relation"), .contact = words_get(w, "contact"), .home = words_get(w, "home"),
        .school = words_get(w, "school"), .text = words_get(w, "text"), .must_not_be_told = words_get(w, "must_not_be_told").n > 0};
}

// ── who may be given a task ──
struct members { struct req *rq; struct id chosen; struct case_option at[CASE_THINGS_MAX]; size_t n; };

static enum err members_look(struct db *db, void *arg)
{
    struct members *m = arg;
    struct case_at at;
    struct db_rows *r;
    char hex[ID_HEX];
    m->n = 0;
    enum err e = case_at_db(db, m->rq->arena, &m->rq->who, m->rq->id, &at);
    if (!e)
        e = db_query(db, &people_members_sql, DB_ARGS(DB_ID(at.owner), DB_I(CASE_THINGS_MAX)), &r);
    if (e)
        return e;
    while (m->n < CASE_THINGS_MAX && db_next(r)) {
        struct id id = {{0}};
        if (id_from_bytes(db_str(r, 0), &id))
            e = ERR_TAMPERED;
        m->at[m->n++] = (struct case_option){.value = arena_str(m->rq->arena, str_from(id_hex(id, hex))), .here = id_equal(id, m->chosen),
                                             .label = arena_str(m->rq->arena, db_str(r, 1))};
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

enum err case_task_fill(struct req *rq, const void *in_, void *out_)
{
    const struct case_task_in *in = in_;
    struct case_act_out *out = out_;
    struct members *m = ARENA_NEW(rq->arena, struct members);
    enum err e = m ? case_form_run(rq, in_, out_) : ERR_MEMORY;
    if (e)
        return e;
    m->rq = rq;
    m->chosen = in->worker;
    e = store_read(rq->sv->store, members_look, m);
    out->workers = (struct list){m->at, m->n};
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

// ── who must not be told: that there is somebody, in the clear ──
enum err case_untold_put_db(struct db *db, struct id case_id, struct id person, bool untold, int64_t seq)
{
    return untold ? db_exec(db, &people_untold_put_sql, DB_ARGS(DB_ID(case_id), DB_ID(person), DB_I(seq)), NULL)
                  : db_exec(db, &people_untold_drop_sql, DB_ARGS(DB_ID(case_id), DB_ID(person)), NULL);
}

enum err case_untold_db(struct db *db, struct id case_id, int64_t *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &people_untold_sql, DB_ARGS(DB_ID(case_id)), &r);
    if (e)
        return e;
    *out = db_next(r) ? db_int(r, 0) : 0;
    return db_done(&r);
}

// ── a person, to be corrected; and what stands there of any thing ──
struct newest { struct req *rq; struct str kind; struct id thing; struct keeper_path path; struct list entries; };

static enum err newest_look(struct db *db, void *arg)
{
    struct newest *c = arg;
    struct req *rq = c->rq;
    enum err e = case_path_db(db, rq->arena, &rq->who, rq->id, &c->path);
    if (!e)
        e = case_entries_of_db(db, rq->arena, rq->id, RECORD_CASE, c->kind, c->thing, 1, &c->entries);
    return e ? e : c->entries.n ? OK : ERR_NOT_FOUND;
}

static enum err newest_note(struct db *db, void *arg)
{
    const struct newest *c = arg;
    return case_history_db(db, c->rq->id, c->rq->who.id, c->path.step[0].parent, "read", c->thing, c->rq->now);
}

// As it is written now, opened through the keeper. thing zero: the newest of the kind.
enum err case_newest_open(struct req *rq, const char *kind, struct id thing, struct words *out)
{
    struct newest c = {.rq = rq, .kind = str_from(kind), .thing = thing};
    enum err e = store_read(rq->sv->store, newest_look, &c);
    union { const void *in; struct case_entry *out; } at = {c.entries.at};
    if (!e)
        e = case_entries_open(rq, PURPOSE_READ, &c.path, at.out, 1);
    if (!e && !at.out->plain.at)
        e = ERR_TAMPERED;
    if (!e)
        e = store_write(rq->sv->store, newest_note, &c);
    return e ? e : words_read(rq->arena, at.out->plain, out);
}

enum err case_person_untold(struct req *rq, struct id person, bool *untold)
{
    struct words w = {0};
    enum err e = case_newest_open(rq, "person", person, &w);
    *untold = !e && case_person_of(person, &w).must_not_be_told;
    return e;
}

static enum err person_form(struct req *rq, struct case_act_out *out, const struct case_person *shown)
{
    struct case_person *one = ARENA_NEW(rq->arena, struct case_person);
    enum err e = one ? case_form_run(rq, NULL, out) : ERR_MEMORY;
    if (e)
        return e;
    *one = *shown;
    out->shown = (struct list){one, 1};
    out->correcting = !id_zero(shown->id);
    one->role_text = pack_label(rq->sv->pack, "person_role", shown->role, rq->lang);
    out->title = text_get(rq->lang, out->correcting ? MSG_CASEWORK_PERSON_AGAIN : MSG_CASEWORK_PERSON_TITLE); // never a name: browsers keep titles
    out->roles = case_options(rq, "person_role", shown->role);
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

// The form for the first time: empty, or as the person is written now.
enum err case_person_begin(struct req *rq, const void *in_, void *out)
{
    const struct case_person_in *in = in_;
    struct words w = {0};
    rq->refused = NULL;
    enum err e = id_zero(in->person) ? OK : case_newest_open(rq, "person", in->person, &w);
    struct case_person shown = case_person_of(in->person, &w);
    return e ? e : person_form(rq, out, &shown);
}

// The form again, with what was typed; and beside it what is written now, where somebody else was faster.
enum err case_person_fill(struct req *rq, const void *in_, void *out_)
{
    const struct case_person_in *in = in_;
    struct case_act_out *out = out_;
    struct case_person typed = {.id = in->person, .role = in->role, .name = in->name, .born = in->born, .relation = in->relation,
        .contact = in->contact, .home = in->home, .school = in->school, .text = in->text, .must_not_be_told = in->must_not_be_told};
    enum err e = person_form(rq, out, &typed);
    return e || id_zero(in->person) ? e : case_form_before(rq, "person", in->person, in->version, out);
}

enum err case_form_before(struct req *rq, const char *kind, struct id thing, int64_t version, struct case_act_out *out)
{
    struct words w = {0};
    if (!version || version == out->version || case_newest_open(rq, kind, thing, &w))
        return OK; // without what is written now, what was typed still stands
    struct case_line line = {.kind = str_from(kind)};
    case_line_show(rq, &line, &w);
    out->before = line.facts;
    out->found_before = true;
    out->before_text = words_get(&w, "text");
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

// What a referral may share of a case besides its reports: persons, who must not be told, the assessment, the plan. Entries
// are opened only where one of them was asked for, and of persons only the asked roles are copied.
#include <jansson.h>
#include <string.h>
#include "base/log.h"
#include "exchange/handlers.h"

static const struct { const char *field, *role; } roles[] = {
    {"person_child", "child"}, {"person_parent", "parent"}, {"person_adult", "adult"}, {"person_suspect", "suspect"}, {"person_witness", "witness"},
};
#define ROLES_N (sizeof roles / sizeof *roles)
static const struct { const char *member; enum message label; } told[] = { // in the order of the copy
    {"name", MSG_CASEWORK_WORD_NAME}, {"born", MSG_CASEWORK_WORD_BORN}, {"relation", MSG_CASEWORK_WORD_RELATION},
    {"contact", MSG_CASEWORK_WORD_CONTACT}, {"home", MSG_CASEWORK_WORD_HOME}, {"school", MSG_CASEWORK_WORD_SCHOOL}, {"text", MSG_NONE},
};
#define TOLD_N (sizeof told / sizeof *told)

DB_QUERY(persons_count_sql, "b", "i", "select count(distinct thing) from desk.case_item where home = $1 and kind = 'person' "
         "and thing not in (select r.thing from desk.case_item r where r.home = $1 and r.kind = 'retracted')");

struct source { struct req *rq; struct id case_id; struct list entries; size_t persons; }; // persons: how many there are, read or not

enum err exchange_persons_db(struct db *db, struct id case_id, size_t *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &persons_count_sql, DB_ARGS(DB_ID(case_id)), &r);
    if (e)
        return e;
    *out = db_next(r) ? (size_t)db_int(r, 0) : 0;
    return db_done(&r);
}

static enum err entries_read(struct db *db, void *arg)
{
    struct source *s = arg;
    enum err e = exchange_persons_db(db, s->case_id, &s->persons);
    if (!e)
        e = case_entries_db(db, s->rq->arena, s->case_id, RECORD_CASE, &s->entries, NULL);
    if (!e)
        case_entries_there(&s->entries);
    return e;
}

static struct str member(struct arena *a, const json_t *root, const char *name)
{
    const json_t *v = json_object_get(root, name);
    return json_is_string(v) ? arena_str(a, (struct str){json_string_value(v), json_string_length(v)}) : STR("");
}

// The newest of each person, assessment and plan: later entries of the same thing replace the earlier. out: room for all entries.
static size_t newest(const struct source *s, bool persons, bool assessment, bool plan, struct case_entry *out)
{
    const struct case_entry *at = s->entries.at;
    size_t n = 0;
    for (size_t i = 0; i < s->entries.n; i++) {
        bool person = str_equal_z(at[i].kind, "person"), one = str_equal_z(at[i].kind, "assessment"), two = str_equal_z(at[i].kind, "plan");
        if (!((person && persons) || (one && assessment) || (two && plan)))
            continue;
        size_t k = 0;
        while (k < n && !(str_equal(out[k].kind, at[i].kind) && (!person || id_equal(out[k].thing, at[i].thing))))
            k++;
        out[k] = at[i];
        n += k == n;
    }
    return n;
}

static void put(struct referral_value *at, size_t *n, const char *name, struct str value)
{
    if (value.n)
        at[(*n)++] = (struct referral_value){.name = str_from(name), .value = value};
}

// One person in lines, in the country's first language: both sides read the same.
static struct str person_text(struct req *rq, const json_t *root)
{
    struct buf b;
    buf_init_secret(&b, CASE_ENTRY_BYTES_MAX);
    for (size_t i = 0; i < TOLD_N; i++) {
        struct str v = member(rq->arena, root, told[i].member);
        if (!v.n)
            continue;
        if (b.n)
            buf_put_c(&b, '\n');
        if (told[i].label != MSG_NONE) {
            buf_put(&b, text_get(text_default(), told[i].label));
            buf_put_z(&b, ": ");
        }
        buf_put(&b, v);
    }
    if (str_equal_z(member(rq->arena, root, "must_not_be_told"), "1")) { // goes with the person, whatever else was chosen
        buf_put_z(&b, b.n ? "\n" : "");
        buf_put(&b, text_get(text_default(), MSG_CASEWORK_WORD_UNTOLD));
    }
    struct str out = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

static void person_copy(struct req *rq, const json_t *root, const struct list *names, struct referral_value *at, size_t *n)
{
    struct str role = member(rq->arena, root, "role"), name = member(rq->arena, root, "name");
    for (size_t i = 0; i < ROLES_N; i++)
        if (str_equal_z(role, roles[i].role) && referral_named(names, roles[i].field))
            put(at, n, roles[i].field, person_text(rq, root));
    if (referral_named(names, "not_told") && str_equal_z(member(rq->arena, root, "must_not_be_told"), "1"))
        put(at, n, "not_told", arena_printf(rq->arena, "%.*s (%.*s)", STR_ARG(name),
                                            STR_ARG(pack_label(rq->sv->pack, "person_role", role, text_default()))));
}

static size_t persons_of(const struct case_entry *at, size_t n)
{
    size_t persons = 0;
    for (size_t i = 0; i < n; i++)
        persons += str_equal_z(at[i].kind, "person");
    return persons;
}

// Nobody is left out in silence: all who were asked for go along, or nothing does.
static enum err entries_copy(struct req *rq, const struct list *names, const struct case_entry *from, size_t found,
                             struct referral_value *at, size_t *n)
{
    size_t persons = 0;
    for (size_t i = 0; i < found; i++) {
        if (!from[i].plain.at)
            return ERR_TAMPERED;
        size_t before = *n;
        json_t *root = json_loadb(from[i].plain.n ? from[i].plain.at : "", from[i].plain.n, JSON_REJECT_DUPLICATES, NULL);
        if (str_equal_z(from[i].kind, "person")) {
            person_copy(rq, root, names, at, n);
            persons += *n > before;
        } else if (str_equal_z(from[i].kind, "plan"))
            put(at, n, "plan", member(rq->arena, root, "text"));
        else {
            put(at, n, "risk", referral_named(names, "risk") ? member(rq->arena, root, "risk") : STR(""));
            put(at, n, "assessment", referral_named(names, "assessment") ? member(rq->arena, root, "text") : STR(""));
        }
        json_decref(root);
        if (persons > REFERRAL_PERSONS_MAX)
            return req_refuse_number(rq, "fields", MSG_EXCHANGE_REFUSED_PERSONS, REFERRAL_PERSONS_MAX);
    }
    return OK;
}

enum err referral_persons_copy(struct req *rq, const struct keeper_path *path, struct id case_id, const struct list *names,
                               struct referral_value *at, size_t *n)
{
    bool persons = referral_named(names, "not_told"), judged = referral_named(names, "risk") || referral_named(names, "assessment");
    for (size_t i = 0; i < ROLES_N; i++)
        persons |= referral_named(names, roles[i].field);
    bool plan = referral_named(names, "plan");
    if (!persons && !judged && !plan)
        return OK;
    struct source s = {.rq = rq, .case_id = case_id};
    enum err e = store_read(rq->sv->store, entries_read, &s);
    struct case_entry *e_at = arena_array(rq->arena, s.entries.n + 1, sizeof *e_at);
    e = e ? e : e_at ? OK : ERR_MEMORY;
    size_t found = e ? 0 : newest(&s, persons, judged, plan, e_at);
    if (!e && persons && persons_of(e_at, found) < s.persons)
        return ERR_TOO_LARGE;
    if (!e && found)
        e = case_entries_open(rq, PURPOSE_EXPORT, path, e_at, found);
    e = e ? e : entries_copy(rq, names, e_at, found, at, n);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

// ── who must not be told, on the page of whoever is about to share ──
struct untold { struct source s; struct keeper_path path; bool removed; };

static enum err untold_read(struct db *db, void *arg)
{
    struct untold *u = arg;
    struct req *rq = u->s.rq;
    enum err e = case_path_db(db, rq->arena, &rq->who, u->s.case_id, &u->path);
    e = e ? e : case_removed_db(db, u->s.case_id, 0, &u->removed);
    return e ? e : entries_read(db, &u->s);
}

static enum err untold_note(struct db *db, void *arg)
{
    const struct untold *u = arg;
    const struct req *rq = u->s.rq;
    return case_history_db(db, u->s.case_id, rq->who.id, u->path.step[0].parent, "read", (struct id){{0}}, rq->now);
}

static struct str untold_label(struct req *rq, const struct case_entry *e)
{
    if (!e->plain.at) // cannot be read: said, never left out
        return text_get(rq->lang, MSG_CASEWORK_READ_ALTERED);
    json_t *root = json_loadb(e->plain.at, e->plain.n, JSON_REJECT_DUPLICATES, NULL);
    struct str out = STR("");
    if (str_equal_z(member(rq->arena, root, "must_not_be_told"), "1"))
        out = arena_printf(rq->arena, "%.*s %.*s %.*s", STR_ARG(pack_label(rq->sv->pack, "person_role", member(rq->arena, root, "role"), rq->lang)),
                           STR_ARG(member(rq->arena, root, "name")), STR_ARG(member(rq->arena, root, "relation")));
    json_decref(root);
    return out;
}

enum err exchange_untold(struct req *rq, struct id case_id, struct list *out)
{
    struct untold u = {.s = {.rq = rq, .case_id = case_id}};
    size_t n = 0;
    enum err e = store_read(rq->sv->store, untold_read, &u);
    size_t most = u.s.entries.n + 2; // and a line for what was removed, and for who was not read
    struct case_entry *person = arena_array(rq->arena, most, sizeof *person);
    struct choice *at = arena_array(rq->arena, most, sizeof *at);
    e = e ? e : person && at ? OK : ERR_MEMORY;
    size_t found = e ? 0 : newest(&u.s, true, false, false, person);
    if (!e && found)
        e = case_entries_open(rq, PURPOSE_READ, &u.path, person, found);
    if (!e && found)
        e = store_write(rq->sv->store, untold_note, &u);
    if (!e && u.removed) { // it may have been one of them
        log_event(LOG_ALARM, "case.tampered", LOG_ID("case", case_id));
        at[n++].label = text_get(rq->lang, MSG_CASEWORK_READ_REMOVED);
    }
    if (!e && found < u.s.persons) // more than can be opened at once
        at[n++].label = text_get(rq->lang, MSG_EXCHANGE_UNTOLD_MORE);
    for (size_t i = 0; i < found && !e; i++) {
        struct str label = untold_label(rq, &person[i]);
        if (label.n)
            at[n++].label = label;
    }
    *out = (struct list){at, n};
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

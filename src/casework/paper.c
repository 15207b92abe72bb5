// A case on paper: opened through the keeper for handing out, and cut into parts, each with a title and facts. Who may have
// which part is the business of the rooms above (subject access, case files); here is how one is made.
#include <string.h>
#include "base/log.h"
#include "casework/handlers.h"

DB_QUERY(paper_files_sql, "bi", "btiI", "select id, type, size, removed_at from desk.case_upload where case_id = $1 order by at, id limit $2");

static const struct field fact_fields[] = {FIELD(paper_fact, name), FIELD(paper_fact, label), FIELD(paper_fact, value, .about = "As it is kept."),
                                           FIELD(paper_fact, text, .about = "In words.")};
const struct shape paper_fact_shape = {"paper_fact", sizeof(struct paper_fact), 4, fact_fields, "paper_fact"};
static const struct field part_fields[] = {
    FIELD(paper_part, kind, .about = "case, report, message, person, third_person, note, assessment, plan, task, route, address, file, shown_to, "
                                     "timeline or more (older messages or notes left out)."),
    FIELD(paper_part, id), FIELD(paper_part, title), FIELD(paper_part, facts, .of = &paper_fact_shape)};
const struct shape paper_part_shape = {"paper_part", sizeof(struct paper_part), 4, part_fields, "paper_part"};
static const struct field person_fields[] = {
    FIELD(paper_person, id), FIELD(paper_person, role), FIELD(paper_person, name), FIELD(paper_person, relation),
    FIELD(paper_person, untold, .about = "Must not be told: nothing is handed out to this person.")};
const struct shape paper_person_shape = {"paper_person", sizeof(struct paper_person), 5, person_fields, "paper_person"};
static const struct field report_fields[] = {
    FIELD(paper_report, id), FIELD(paper_report, category), FIELD(paper_report, received, .form = FORM_TIME),
    FIELD(paper_report, mine, .about = "False: another unit's, to be asked there.")};
const struct shape paper_report_shape = {"paper_report", sizeof(struct paper_report), 4, report_fields, "paper_report"};

// ── a case, opened ──
static enum err paper_look(struct db *db, void *arg)
{
    struct paper_case *c = arg;
    struct arena *a = c->rq->arena;
    enum err e = case_at_db(db, a, &c->rq->who, c->id, &c->at);
    e = e ? e : case_path_db(db, a, &c->rq->who, c->id, &c->path);
    e = e ? e : case_entries_db(db, a, c->id, RECORD_CASE, &c->entries, &c->more);
    if (!e && !c->all)
        case_entries_there(&c->entries);
    e = e ? e : case_removed_db(db, c->id, c->at.version, &c->removed);
    e = e ? e : case_keep_reports_db(db, c->id, c->report, PAPER_REPORTS_MAX, &c->n_reports);
    for (size_t i = 0; !e && i < c->n_reports; i++) {
        enum err mine = report_key_db(db, a, &c->rq->who, c->report[i], &c->key[i]);
        bool moved = false; // came with the case: whoever has that opens it by its key
        e = mine == ERR_NOT_FOUND ? OK : mine ? mine : report_moved_db(db, c->report[i], &moved);
        c->mine[i] = !mine && (moved || req_may(c->rq, PERM_REPORT_READ));
    }
    struct case_more more = {0};
    for (case_more_fn *const *room = case_rooms; !e && room && *room; room++)
        e = (*room)(db, c->rq, c->id, &more);
    c->referrals = more.referrals;
    return e;
}

static enum err paper_note(struct db *db, void *arg)
{
    const struct paper_case *c = arg;
    return case_history_db(db, c->id, c->rq->who.id, c->path.step[0].parent, "exported", (struct id){{0}}, c->rq->now);
}

enum err paper_case_open(struct req *rq, struct id id, bool all, struct paper_case *c)
{
    *c = (struct paper_case){.rq = rq, .id = id, .all = all};
    enum err e = store_read(rq->sv->store, paper_look, c);
    if (!e && c->more) // what is missing could be somebody who must not be told
        return req_notice(rq, ERR_TOO_LARGE, MSG_CASEWORK_PAPER_LARGE);
    union { const void *in; struct case_entry *out; } at = {c->entries.at};
    c->told = arena_array(rq->arena, c->entries.n ? c->entries.n : 1, sizeof *c->told);
    e = e ? e : c->told ? case_entries_open(rq, PURPOSE_EXPORT, &c->path, at.out, c->entries.n) : ERR_MEMORY;
    e = e ? e : store_write(rq->sv->store, paper_note, c);
    if (!e && c->removed) {
        log_event(LOG_ALARM, "case.tampered", LOG_ID("case", id));
        e = ERR_TAMPERED;
    }
    for (size_t i = 0; !e && i < c->entries.n; i++) {
        e = at.out[i].plain.at ? case_entry_told(rq, at.out[i].plain, &c->told[i]) : ERR_TAMPERED;
        if (e == ERR_TAMPERED || e == ERR_MALFORMED) { // nothing is handed out that is not whole
            log_event(LOG_ALARM, "case.tampered", LOG_ID("case", id));
            e = ERR_TAMPERED;
        }
    }
    return e;
}

static struct str told(const struct list *entry, const char *name, bool text)
{
    const struct case_told *at = entry->at;
    for (size_t i = 0; i < entry->n; i++)
        if (str_equal_z(at[i].name, name))
            return text ? at[i].text : at[i].value;
    return STR("");
}

bool paper_words(const struct paper_case *c, size_t i)
{
    const struct case_entry *entry = c->entries.at;
    return case_kind_words(entry[i].kind) && !str_equal_z(told(&c->told[i], "stage", false), CASE_CONTENT_NOTED);
}

bool paper_newest(const struct paper_case *c, size_t i)
{
    const struct case_entry *at = c->entries.at;
    for (size_t k = i + 1; k < c->entries.n; k++)
        if (str_equal(at[k].kind, at[i].kind) && id_equal(at[k].thing, at[i].thing))
            return false;
    return true;
}

bool paper_named(const struct list *names, struct str name)
{
    const struct str *at = names->at;
    for (size_t i = 0; i < names->n; i++)
        if (str_equal(at[i], name))
            return true;
    return false;
}

struct str paper_hex(struct req *rq, struct id id)
{
    char hex[ID_HEX];
    return arena_str(rq->arena, str_from(id_hex(id, hex)));
}

static bool retracted(const struct paper_case *c, size_t i)
{
    const struct case_entry *at = c->entries.at;
    for (size_t k = i + 1; k < c->entries.n; k++)
        if (str_equal_z(at[k].kind, "retracted") && id_equal(at[k].thing, at[i].thing))
            return true;
    return false;
}

// ── what can be chosen ──
static struct paper_person person_of(const struct paper_case *c, size_t i)
{
    struct req *rq = c->rq;
    const struct case_entry *entry = c->entries.at;
    struct paper_person p = {.id = paper_hex(rq, entry[i].thing), .role = told(&c->told[i], "role", false), .role_text = told(&c->told[i], "role", true),
                             .name = told(&c->told[i], "name", true), .relation = told(&c->told[i], "relation", true),
                             .untold = told(&c->told[i], "must_not_be_told", false).n > 0 && !retracted(c, i)};
    if (retracted(c, i))
        p.role_text = arena_printf(rq->arena, "%.*s – %.*s", STR_ARG(p.role_text), STR_ARG(text_get(rq->lang, MSG_CASEWORK_PAPER_RETRACTED)));
    p.hint = !p.untold ? p.role_text : arena_printf(rq->arena, "%.*s – %.*s", STR_ARG(p.role_text), STR_ARG(text_get(rq->lang, MSG_CASEWORK_WORD_UNTOLD)));
    return p;
}

enum err paper_choices(const struct paper_case *c, const struct list *persons, const struct list *reports, struct paper_choices *out)
{
    struct arena *a = c->rq->arena;
    struct paper_person *at = arena_array(a, c->entries.n + 1, sizeof *at), *untold = arena_array(a, c->entries.n + 1, sizeof *untold);
    struct paper_report *report = arena_array(a, PAPER_REPORTS_MAX, sizeof *report);
    const struct case_entry *entry = c->entries.at;
    size_t n = 0, n_untold = 0;
    if (!at || !untold || !report)
        return ERR_MEMORY;
    for (size_t i = 0; i < c->entries.n; i++) { // never a list that hides somebody
        if (!str_equal_z(entry[i].kind, "person") || !paper_newest(c, i))
            continue;
        at[n] = person_of(c, i);
        at[n].on = persons && paper_named(persons, at[n].id);
        if (at[n].untold)
            untold[n_untold++] = at[n];
        n++;
    }
    for (size_t i = 0; i < c->n_reports; i++) {
        report[i] = (struct paper_report){.id = paper_hex(c->rq, c->report[i]), .mine = c->mine[i]};
        report[i].on = reports && paper_named(reports, report[i].id);
        if (!c->mine[i])
            continue;
        report[i].category = c->key[i].category;
        report[i].received = c->key[i].received;
        report[i].label = pack_category_label(c->rq->sv->pack, c->key[i].category, c->rq->lang);
        report[i].received_text = req_time(c->rq, c->key[i].received);
    }
    *out = (struct paper_choices){{at, n}, {untold, n_untold}, {report, c->n_reports}};
    return OK;
}

bool paper_chosen_fine(const struct paper_choices *of, const struct list *persons, const struct list *reports)
{
    const struct paper_person *p = of->persons.at;
    const struct paper_report *r = of->reports.at;
    const struct str *person = persons->at, *report = reports->at;
    bool fine = true;
    for (size_t k = 0; k < persons->n; k++) {
        bool there = false;
        for (size_t i = 0; i < of->persons.n; i++)
            there |= str_equal(p[i].id, person[k]);
        fine &= there;
    }
    for (size_t k = 0; k < reports->n; k++) {
        bool there = false;
        for (size_t i = 0; i < of->reports.n; i++)
            there |= r[i].mine && str_equal(r[i].id, report[k]);
        fine &= there;
    }
    return fine;
}

// ── the parts ──
enum err paper_begin(struct req *rq, struct paper *p)
{
    *p = (struct paper){.rq = rq, .part = arena_array(rq->arena, PAPER_PARTS_MAX, sizeof *p->part)};
    return p->part ? OK : ERR_MEMORY;
}

void paper_add(struct paper *p, const char *kind, struct id id, struct str title, const struct paper_facts *facts)
{
    if (p->n == PAPER_PARTS_MAX)
        p->full = true;
    else
        p->part[p->n++] = (struct paper_part){.kind = str_from(kind), .id = id, .title = title, .facts = {facts->at, facts->n}};
}

struct str paper_word(const struct paper *p, enum message x)
{
    return text_get(p->rq->lang, x);
}

struct paper_facts paper_facts_new(const struct paper *p, size_t most)
{
    struct paper_fact *at = arena_array(p->rq->arena, most, sizeof *at);
    return (struct paper_facts){.at = at, .most = at ? most : 0};
}

void paper_fact_put(struct paper_facts *f, const char *name, struct str label, struct str value, struct str text)
{
    if (value.n && f->n < f->most)
        f->at[f->n++] = (struct paper_fact){str_from(name), label, value, text};
}

#define FACT(name, label, value) paper_fact_put(&f, name, paper_word(p, label), value, value)
#define FACT_SAID(name, label, value, text) paper_fact_put(&f, name, paper_word(p, label), value, text)
#define REPORT_FACTS 24

static void said_put(struct paper *p, const char *kind, struct id id, struct str title, const char *name, const struct report_said *s)
{
    struct paper_facts f = paper_facts_new(p, 1);
    paper_fact_put(&f, name, req_date(p->rq, s->at, DATE_MINUTE), s->text, s->text);
    paper_add(p, kind, id, title, &f);
}

enum err paper_report_put(struct paper *p, struct id id, bool own, bool notes)
{
    struct req *rq = p->rq;
    const struct pack *k = rq->sv->pack;
    struct report_export *x = ARENA_NEW(rq->arena, struct report_export);
    struct paper_facts f = paper_facts_new(p, REPORT_FACTS);
    enum err e = x && f.at ? report_export(rq, id, notes, x) : ERR_MEMORY;
    if (e)
        return e;
    const struct report_content *c = &x->content;
    FACT_SAID("category", MSG_CASEWORK_PAPER_CATEGORY, x->clear.category, pack_category_label(k, x->clear.category, rq->lang));
    FACT("received", MSG_CASEWORK_PAPER_RECEIVED, req_date(rq, x->clear.received, DATE_MINUTE));
    FACT_SAID("state", MSG_CASEWORK_WORD_STATE, str_from(report_state_name(x->state)), paper_word(p, report_state_message(x->state)));
    FACT_SAID("county", MSG_DESK_READ_COUNTY, x->clear.county, pack_label(k, "county", x->clear.county, rq->lang));
    FACT("municipality", MSG_DESK_READ_MUNICIPALITY, c->municipality);
    FACT("address", MSG_DESK_READ_ADDRESS, c->address.n ? c->address : c->typed);
    FACT("app", MSG_DESK_READ_APP, c->app);
    FACT("account", MSG_DESK_READ_ACCOUNT, c->account);
    FACT("seen", MSG_DESK_READ_SEEN, c->seen);
    FACT("text", MSG_DESK_READ_TEXT, c->text);
    if (own) {
        FACT_SAID("reporter", MSG_DESK_READ_REPORTER, c->reporter, pack_label(k, "reporter", c->reporter, rq->lang));
        FACT_SAID("age_band", MSG_DESK_READ_AGE, c->age_band, pack_label(k, "age_band", c->age_band, rq->lang));
        FACT("contact", MSG_DESK_READ_CONTACT, c->contact);
        FACT("safe_to_contact", MSG_DESK_READ_SAFE, c->safe_to_contact);
        FACT("institution", MSG_CASEWORK_PAPER_INSTITUTION, c->institution);
    }
    paper_add(p, "report", id, paper_word(p, MSG_CASEWORK_PAPER_REPORT), &f);
    const struct report_said *said = x->messages.at, *note = x->notes.at;
    for (size_t i = 0; own && i < x->messages.n; i++)
        said_put(p, "message", id, paper_word(p, said[i].up ? MSG_DESK_READ_FROM_REPORTER : MSG_DESK_READ_FROM_DESK),
                 said[i].up ? "from_reporter" : "from_desk", &said[i]);
    if (x->more_notes)
        paper_add(p, "more", id, paper_word(p, MSG_CASEWORK_PAPER_MORE_NOTES), &(struct paper_facts){0});
    for (size_t i = 0; i < x->notes.n; i++)
        said_put(p, "note", id, paper_word(p, MSG_CASEWORK_PAPER_NOTE), "note", &note[i]);
    if (own && x->more)
        paper_add(p, "more", id, paper_word(p, MSG_CASEWORK_PAPER_MORE), &(struct paper_facts){0});
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err paper_entry_put(struct paper *p, const struct paper_case *c, size_t i, const char *kind, enum message title)
{
    const struct case_entry *entry = c->entries.at;
    const struct case_told *t = c->told[i].at;
    struct paper_facts f = paper_facts_new(p, c->told[i].n + 1);
    if (!f.at)
        return ERR_MEMORY;
    FACT("written", MSG_CASEWORK_PAPER_WRITTEN, req_date(p->rq, entry[i].at, DATE_MINUTE));
    for (size_t k = 0; k < c->told[i].n; k++)
        if (!str_equal_z(t[k].name, "reports")) // ids say nothing on paper
            f.at[f.n++] = (struct paper_fact){t[k].name, t[k].label.n ? t[k].label : paper_word(p, MSG_CASEWORK_PAPER_TEXT), t[k].value, t[k].text};
    paper_add(p, kind, entry[i].thing, paper_word(p, title), &f);
    return OK;
}

void paper_case_put(struct paper *p, const struct paper_case *c)
{
    const struct pack *k = p->rq->sv->pack;
    struct paper_facts f = paper_facts_new(p, 6);
    FACT("number", MSG_CASEWORK_PAPER_CASE, c->at.number);
    FACT_SAID("category", MSG_CASEWORK_PAPER_CATEGORY, c->at.category, pack_category_label(k, c->at.category, p->rq->lang));
    FACT_SAID("state", MSG_CASEWORK_WORD_STATE, str_from(case_state_name(c->at.state)), paper_word(p, case_state_message(c->at.state)));
    FACT("opened", MSG_CASEWORK_READ_OPENED, req_date(p->rq, c->at.opened, DATE_MINUTE));
    FACT_SAID("outcome", MSG_CASEWORK_WORD_OUTCOME, c->at.outcome, pack_label(k, "case_outcome", c->at.outcome, p->rq->lang));
    paper_add(p, "case", c->id, paper_word(p, MSG_CASEWORK_PAPER_CASE), &f);
}

void paper_shown_put(struct paper *p, const struct paper_case *c)
{
    const struct case_referral *ref = c->referrals.at;
    for (size_t i = 0; i < c->referrals.n; i++) {
        struct paper_facts f = paper_facts_new(p, 3);
        struct str to = ref[i].to_name.n ? ref[i].to_name : paper_hex(p->rq, ref[i].to);
        FACT("to", MSG_CASEWORK_PAPER_TO, to);
        FACT_SAID("purpose", MSG_CASEWORK_PAPER_PURPOSE, ref[i].purpose, ref[i].purpose_text.n ? ref[i].purpose_text : ref[i].purpose);
        FACT("sent", MSG_CASEWORK_PAPER_SENT, req_date(p->rq, ref[i].sent_at, DATE_MINUTE));
        paper_add(p, "shown_to", ref[i].id, paper_word(p, MSG_CASEWORK_PAPER_SHOWN), &f);
    }
    const struct case_entry *entry = c->entries.at;
    for (size_t i = 0; i < c->entries.n; i++) {
        if (!str_starts(entry[i].kind, "casefile_"))
            continue;
        struct paper_facts f = paper_facts_new(p, 4);
        FACT("to", MSG_CASEWORK_PAPER_TO, told(&c->told[i], "to", true));
        FACT_SAID("way", MSG_CASEWORK_WORD_KIND, entry[i].kind, paper_word(p, case_kind_message(entry[i].kind)));
        FACT_SAID("ground", MSG_EXCHANGE_GROUND, told(&c->told[i], "ground", false), told(&c->told[i], "ground", true));
        FACT("sent", MSG_CASEWORK_PAPER_SENT, req_date(p->rq, entry[i].at, DATE_MINUTE));
        paper_add(p, "shown_to", entry[i].thing, paper_word(p, MSG_CASEWORK_PAPER_SHOWN), &f);
    }
}

void paper_timeline_put(struct paper *p, const struct paper_case *c)
{
    const struct case_entry *entry = c->entries.at;
    struct paper_facts f = paper_facts_new(p, c->entries.n ? c->entries.n : 1);
    for (size_t i = 0; i < c->entries.n; i++)
        paper_fact_put(&f, "act", req_date(p->rq, entry[i].at, DATE_MINUTE), entry[i].kind, text_get(p->rq->lang, case_kind_message(entry[i].kind)));
    paper_add(p, "timeline", c->id, paper_word(p, MSG_CASEWORK_READ_TIMELINE), &f);
}

// ── evidence files: name, type, size and hash; never their bytes ──
struct filing { struct paper *p; const struct paper_case *c; size_t from; };

static void file_put(struct paper *p, const struct paper_case *c, struct id id, const struct db_rows *r)
{
    const struct case_entry *entry = c->entries.at;
    struct paper_facts f = paper_facts_new(p, 6);
    struct words w = {0};
    for (size_t i = 0; i < c->entries.n; i++) // opened and read already
        if (str_equal_z(entry[i].kind, "file") && id_equal(entry[i].thing, id) && words_read(p->rq->arena, entry[i].plain, &w))
            return;
    struct str size = arena_printf(p->rq->arena, "%lld", (long long)db_int(r, 2));
    FACT("name", MSG_CASEWORK_WORD_NAME, words_get(&w, "name"));
    FACT("type", MSG_CASEWORK_PAPER_TYPE, arena_str(p->rq->arena, db_str(r, 1)));
    FACT("size", MSG_CASEWORK_PAPER_SIZE, size);
    FACT("hash", MSG_CASEWORK_PAPER_HASH, words_get(&w, "hash"));
    FACT("text", MSG_CASEWORK_PAPER_TEXT, words_get(&w, "text"));
    paper_add(p, "file", id, paper_word(p, MSG_CASEWORK_FILE_LABEL), &f);
}

static enum err files_read(struct db *db, void *arg)
{
    const struct filing *g = arg;
    struct id id;
    struct db_rows *r;
    g->p->n = g->from; // tried again, it begins again
    enum err e = db_query(db, &paper_files_sql, DB_ARGS(DB_ID(g->c->id), DB_I(CASE_FILES_MAX)), &r);
    if (e)
        return e;
    while (!e && db_next(r)) {
        e = id_from_bytes(db_str(r, 0), &id) ? ERR_TAMPERED : OK;
        if (!e && db_null(r, 3)) // what was removed is no evidence any more
            file_put(g->p, g->c, id, r);
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

enum err paper_files_put(struct paper *p, const struct paper_case *c)
{
    struct filing g = {p, c, p->n};
    return store_read(p->rq->sv->store, files_read, &g);
}

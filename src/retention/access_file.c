// What is handed out: chosen by the worker, opened through the keeper for this purpose, written into the history and the trail
// before it leaves. Third persons are not in it but where they were chosen one by one.
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "retention/handlers.h"
#include "text/date.h"

#define PARTS_MOST 1200
#define FILE_MOST (7u << 20) // below file_max of the row

// ── a case, opened ──
struct case_open {
    struct req *rq;
    struct id id;
    struct case_at at;
    struct keeper_path path;
    struct list entries, referrals;    // struct case_entry, case_referral
    struct list *told;                 // of each entry: struct case_told
    struct id report[ACCESS_PERSONS_MAX];
    struct report_key key[ACCESS_PERSONS_MAX];
    bool mine[ACCESS_PERSONS_MAX];     // this person's unit holds the report
    size_t n_reports;
};

static enum err case_look(struct db *db, void *arg)
{
    struct case_open *c = arg;
    struct arena *a = c->rq->arena;
    enum err e = case_at_db(db, a, &c->rq->who, c->id, &c->at);
    e = e ? e : case_path_db(db, a, &c->rq->who, c->id, &c->path);
    e = e ? e : case_entries_db(db, a, c->id, RECORD_CASE, &c->entries);
    e = e ? e : case_keep_reports_db(db, c->id, c->report, ACCESS_PERSONS_MAX, &c->n_reports);
    for (size_t i = 0; !e && i < c->n_reports; i++) {
        enum err mine = report_key_db(db, a, &c->rq->who, c->report[i], &c->key[i]);
        c->mine[i] = !mine && req_may(c->rq, PERM_REPORT_READ);
        e = mine == ERR_NOT_FOUND ? OK : mine;
    }
    return e || !case_referrals_hook ? e : case_referrals_hook(db, c->rq, c->id, &c->referrals);
}

static enum err case_note(struct db *db, void *arg)
{
    const struct case_open *c = arg;
    return case_history_db(db, c->id, c->rq->who.id, c->path.step[0].parent, "exported", (struct id){{0}}, c->rq->now);
}

static enum err case_opened(struct req *rq, struct id id, struct case_open *c)
{
    *c = (struct case_open){.rq = rq, .id = id};
    enum err e = store_read(rq->sv->store, case_look, c);
    union { const void *in; struct case_entry *out; } at = {c->entries.at};
    c->told = arena_array(rq->arena, c->entries.n ? c->entries.n : 1, sizeof *c->told);
    e = e ? e : c->told ? case_entries_open(rq, PURPOSE_EXPORT, &c->path, at.out, c->entries.n) : ERR_MEMORY;
    e = e ? e : store_write(rq->sv->store, case_note, c);
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

// Is it the newest of its thing? Later entries of a person or a route correct the earlier.
static bool newest(const struct case_open *c, size_t i)
{
    const struct case_entry *at = c->entries.at;
    for (size_t k = i + 1; k < c->entries.n; k++)
        if (str_equal(at[k].kind, at[i].kind) && id_equal(at[k].thing, at[i].thing))
            return false;
    return true;
}

static struct str hex_of(struct req *rq, struct id id)
{
    char hex[ID_HEX];
    return arena_str(rq->arena, str_from(id_hex(id, hex)));
}

static struct str day(struct req *rq, int64_t at)
{
    struct buf b;
    buf_init(&b, 128);
    date_put(&b, rq->lang, at, DATE_MINUTE);
    struct str s = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return s;
}

static bool named(const struct list *names, struct str name)
{
    const struct str *at = names->at;
    for (size_t i = 0; i < names->n; i++)
        if (str_equal(at[i], name))
            return true;
    return false;
}

// ── the form ──
static enum err persons_show(struct req *rq, const struct case_open *c, const struct access_take_in *in, struct access_prepare_out *out)
{
    struct access_person *at = arena_array(rq->arena, ACCESS_PERSONS_MAX, sizeof *at), *untold = arena_array(rq->arena, ACCESS_PERSONS_MAX, sizeof *untold);
    struct access_report *reports = arena_array(rq->arena, ACCESS_PERSONS_MAX, sizeof *reports);
    const struct case_entry *entry = c->entries.at;
    size_t n = 0, n_untold = 0;
    if (!at || !untold || !reports)
        return ERR_MEMORY;
    for (size_t i = 0; i < c->entries.n; i++) {
        if (!str_equal_z(entry[i].kind, "person") || !newest(c, i))
            continue;
        if (n == ACCESS_PERSONS_MAX)
            return ERR_TOO_LARGE; // never a list that hides somebody
        at[n] = (struct access_person){.id = hex_of(rq, entry[i].thing), .role = told(&c->told[i], "role", false), .role_text = told(&c->told[i], "role", true),
                                       .name = told(&c->told[i], "name", true), .relation = told(&c->told[i], "relation", true),
                                       .untold = told(&c->told[i], "must_not_be_told", false).n > 0};
        at[n].on = in && named(&in->persons, at[n].id);
        at[n].asks = in && str_equal(in->subject, at[n].id);
        at[n].hint = !at[n].untold ? at[n].role_text : arena_printf(rq->arena, "%.*s – %.*s", STR_ARG(at[n].role_text), STR_ARG(text_get(rq->lang, MSG_CASEWORK_WORD_UNTOLD)));
        if (at[n].untold)
            untold[n_untold++] = at[n];
        n++;
    }
    for (size_t i = 0; i < c->n_reports; i++) {
        reports[i] = (struct access_report){.id = hex_of(rq, c->report[i]), .mine = c->mine[i]};
        if (c->mine[i]) {
            reports[i].category = c->key[i].category;
            reports[i].received = c->key[i].received;
            reports[i].label = pack_category_label(rq->sv->pack, c->key[i].category, rq->lang);
            reports[i].received_text = day(rq, c->key[i].received);
        }
        reports[i].on = in && named(&in->reports, reports[i].id);
    }
    out->persons = (struct list){at, n};
    out->untold = (struct list){untold, n_untold};
    out->reports = (struct list){reports, c->n_reports};
    return OK;
}

static void form_show(struct req *rq, const struct access_at *a, const struct access_take_in *in, struct access_prepare_out *out)
{
    out->id = a->row.id;
    out->thing = a->row.thing;
    out->of = a->row.of;
    out->is_case = a->is_case;
    out->title = a->row.of_text;
    out->notes = in && in->notes;
    out->compared = in && in->compared;
    out->error_subject = req_refusal(rq, "subject");
    out->error_compared = req_refusal(rq, "compared");
}

enum err access_prepare_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct access_prepare_out *out = &((struct access_file_out *)out_)->form;
    struct access_at a;
    struct case_open *c = ARENA_NEW(rq->arena, struct case_open);
    enum err e = c ? access_find(rq, rq->id, &a) : ERR_MEMORY;
    e = e ? e : access_ready(rq, &a);
    if (e)
        return e;
    form_show(rq, &a, NULL, out);
    if (a.is_case) {
        e = case_opened(rq, a.row.thing, c);
        return e ? e : persons_show(rq, c, NULL, out);
    }
    struct report_export x = {0};
    e = report_export(rq, a.row.thing, false, &x);
    out->safe = x.content.safe_to_contact;
    return e;
}

// ── the file ──
struct making { struct req *rq; struct access_part *part; size_t n; bool full; };

static void part_add(struct making *m, const char *kind, struct id id, struct str title, struct access_fact *facts, size_t n)
{
    if (m->n == PARTS_MOST)
        m->full = true;
    else
        m->part[m->n++] = (struct access_part){.kind = str_from(kind), .id = id, .title = title, .facts = {facts, n}};
}

static struct str word(const struct making *m, enum message x)
{
    return text_get(m->rq->lang, x);
}

#define REPORT_FACTS 24
struct facts { struct access_fact *at; size_t n; };

static void fact(struct facts *f, const char *name, struct str label, struct str value, struct str text)
{
    if (value.n && f->n < REPORT_FACTS)
        f->at[f->n++] = (struct access_fact){str_from(name), label, value, text};
}

// The reporter's own particulars only where the reporter is who asks.
static enum err report_put(struct making *m, struct id id, bool own, bool notes)
{
    struct req *rq = m->rq;
    const struct pack *p = rq->sv->pack;
    struct report_export *x = ARENA_NEW(rq->arena, struct report_export);
    struct facts f = {.at = arena_array(rq->arena, REPORT_FACTS, sizeof *f.at)};
    enum err e = x && f.at ? report_export(rq, id, notes, x) : ERR_MEMORY;
    if (e)
        return e;
    const struct report_content *c = &x->content;
    fact(&f, "category", word(m, MSG_RETENTION_WORD_CATEGORY), x->clear.category, pack_category_label(p, x->clear.category, rq->lang));
    fact(&f, "received", word(m, MSG_RETENTION_WORD_RECEIVED), day(rq, x->clear.received), day(rq, x->clear.received));
    fact(&f, "state", word(m, MSG_RETENTION_STATE), str_from(report_state_name(x->state)), word(m, report_state_message(x->state)));
    fact(&f, "county", word(m, MSG_DESK_READ_COUNTY), x->clear.county, pack_label(p, "county", x->clear.county, rq->lang));
    fact(&f, "municipality", word(m, MSG_DESK_READ_MUNICIPALITY), c->municipality, c->municipality);
    fact(&f, "address", word(m, MSG_DESK_READ_ADDRESS), c->address.n ? c->address : c->typed, c->address.n ? c->address : c->typed);
    fact(&f, "app", word(m, MSG_DESK_READ_APP), c->app, c->app);
    fact(&f, "account", word(m, MSG_DESK_READ_ACCOUNT), c->account, c->account);
    fact(&f, "seen", word(m, MSG_DESK_READ_SEEN), c->seen, c->seen);
    fact(&f, "text", word(m, MSG_DESK_READ_TEXT), c->text, c->text);
    if (own) {
        fact(&f, "reporter", word(m, MSG_DESK_READ_REPORTER), c->reporter, pack_label(p, "reporter", c->reporter, rq->lang));
        fact(&f, "age_band", word(m, MSG_DESK_READ_AGE), c->age_band, pack_label(p, "age_band", c->age_band, rq->lang));
        fact(&f, "contact", word(m, MSG_DESK_READ_CONTACT), c->contact, c->contact);
        fact(&f, "safe_to_contact", word(m, MSG_DESK_READ_SAFE), c->safe_to_contact, c->safe_to_contact);
        fact(&f, "institution", word(m, MSG_RETENTION_WORD_INSTITUTION), c->institution, c->institution);
    }
    part_add(m, "report", id, word(m, MSG_RETENTION_REPORT), f.at, f.n);
    const struct report_said *said = x->messages.at, *note = x->notes.at;
    for (size_t i = 0; own && i < x->messages.n; i++) {
        struct facts one = {.at = arena_array(rq->arena, 2, sizeof *one.at)};
        if (!one.at)
            return ERR_MEMORY;
        fact(&one, said[i].up ? "from_reporter" : "from_desk", day(rq, said[i].at), said[i].text, said[i].text);
        part_add(m, "message", id, word(m, said[i].up ? MSG_DESK_READ_FROM_REPORTER : MSG_DESK_READ_FROM_DESK), one.at, one.n);
    }
    for (size_t i = 0; i < x->notes.n; i++) {
        struct facts one = {.at = arena_array(rq->arena, 2, sizeof *one.at)};
        if (!one.at)
            return ERR_MEMORY;
        fact(&one, "note", day(rq, note[i].at), note[i].text, note[i].text);
        part_add(m, "note", id, word(m, MSG_RETENTION_PART_NOTE), one.at, one.n);
    }
    if (x->more)
        part_add(m, "more", id, word(m, MSG_RETENTION_PART_MORE), NULL, 0);
    return OK;
}

static enum err entry_put(struct making *m, const char *kind, enum message title, const struct case_entry *entry, const struct list *told_)
{
    const struct case_told *t = told_->at;
    struct access_fact *at = arena_array(m->rq->arena, told_->n + 2, sizeof *at);
    size_t n = 0;
    if (!at)
        return ERR_MEMORY;
    at[n++] = (struct access_fact){STR("written"), word(m, MSG_RETENTION_WORD_WRITTEN), day(m->rq, entry->at), day(m->rq, entry->at)};
    for (size_t i = 0; i < told_->n; i++)
        at[n++] = (struct access_fact){t[i].name, t[i].label.n ? t[i].label : word(m, MSG_RETENTION_WORD_TEXT), t[i].value, t[i].text};
    part_add(m, kind, entry->thing, word(m, title), at, n);
    return OK;
}

static const char *const noted[] = {"note", "assessment", "plan", "task", "task_done", "stage", "close", "close_asked", "closed", "reopened"};

static enum err case_put(struct making *m, const struct case_open *c, const struct access_take_in *in)
{
    struct req *rq = m->rq;
    const struct case_entry *entry = c->entries.at;
    const struct case_referral *ref = c->referrals.at;
    struct facts f = {.at = arena_array(rq->arena, REPORT_FACTS, sizeof *f.at)};
    if (!f.at)
        return ERR_MEMORY;
    fact(&f, "number", word(m, MSG_RETENTION_CASE), c->at.number, c->at.number);
    fact(&f, "category", word(m, MSG_RETENTION_WORD_CATEGORY), c->at.category, pack_category_label(rq->sv->pack, c->at.category, rq->lang));
    fact(&f, "opened", word(m, MSG_RETENTION_WORD_OPENED), day(rq, c->at.opened), day(rq, c->at.opened));
    fact(&f, "outcome", word(m, MSG_CASEWORK_WORD_OUTCOME), c->at.outcome, pack_label(rq->sv->pack, "case_outcome", c->at.outcome, rq->lang));
    part_add(m, "case", c->id, word(m, MSG_RETENTION_CASE), f.at, f.n);
    enum err e = OK;
    for (size_t pass = 0; pass < 2; pass++) // who asks first
        for (size_t i = 0; !e && i < c->entries.n; i++) {
            struct str id = hex_of(rq, entry[i].thing);
            bool subject = str_equal(id, in->subject);
            if (str_equal_z(entry[i].kind, "person") && newest(c, i) && (pass ? !subject && named(&in->persons, id) : subject))
                e = entry_put(m, pass ? "third_person" : "person", pass ? MSG_RETENTION_PART_THIRD : MSG_RETENTION_PART_PERSON, &entry[i], &c->told[i]);
        }
    for (size_t i = 0; !e && in->notes && i < c->entries.n; i++)
        for (size_t k = 0; !e && k < sizeof noted / sizeof *noted; k++)
            if (str_equal_z(entry[i].kind, noted[k]))
                e = entry_put(m, "note", MSG_RETENTION_PART_NOTE, &entry[i], &c->told[i]);
    for (size_t i = 0; !e && i < c->referrals.n; i++) { // to whom it was shown
        struct facts one = {.at = arena_array(rq->arena, 4, sizeof *one.at)};
        if (!one.at)
            return ERR_MEMORY;
        fact(&one, "to", word(m, MSG_RETENTION_WORD_TO), ref[i].to_name.n ? ref[i].to_name : hex_of(rq, ref[i].to), ref[i].to_name.n ? ref[i].to_name : hex_of(rq, ref[i].to));
        fact(&one, "purpose", word(m, MSG_RETENTION_WORD_PURPOSE), ref[i].purpose, ref[i].purpose_text.n ? ref[i].purpose_text : ref[i].purpose);
        fact(&one, "sent", word(m, MSG_RETENTION_WORD_SENT), day(rq, ref[i].sent_at), day(rq, ref[i].sent_at));
        part_add(m, "shown_to", ref[i].id, word(m, MSG_RETENTION_PART_SHOWN), one.at, one.n);
    }
    for (size_t i = 0; !e && i < c->n_reports; i++)
        if (named(&in->reports, hex_of(rq, c->report[i])))
            e = report_put(m, c->report[i], false, in->notes);
    return e;
}

// Only what the form offers, and nobody who must not be told.
static enum err case_check(struct req *rq, const struct access_prepare_out *form, const struct access_take_in *in)
{
    const struct access_person *p = form->persons.at;
    const struct access_report *r = form->reports.at;
    const struct str *chosen = in->persons.at, *report = in->reports.at;
    bool subject = false, fine = true;
    for (size_t i = 0; i < form->persons.n; i++) {
        if (!str_equal(p[i].id, in->subject))
            continue;
        subject = true;
        if (p[i].untold)
            return req_refuse(rq, "subject", MSG_RETENTION_ACCESS_UNTOLD);
    }
    for (size_t k = 0; k < in->persons.n; k++) {
        bool there = false;
        for (size_t i = 0; i < form->persons.n; i++)
            there |= str_equal(p[i].id, chosen[k]);
        fine &= there;
    }
    for (size_t k = 0; k < in->reports.n; k++) {
        bool there = false;
        for (size_t i = 0; i < form->reports.n; i++)
            there |= r[i].mine && str_equal(r[i].id, report[k]);
        fine &= there;
    }
    if (!subject)
        return req_refuse(rq, "subject", MSG_RETENTION_ACCESS_SUBJECT);
    if (!fine)
        return req_refuse(rq, "persons", MSG_RETENTION_ACCESS_CHOICE);
    return form->untold.n && !in->compared ? req_refuse(rq, "compared", MSG_RETENTION_ACCESS_COMPARE) : OK;
}

static const struct field fact_fields[] = {FIELD(access_fact, name), FIELD(access_fact, label), FIELD(access_fact, value, .about = "As it is kept."),
                                           FIELD(access_fact, text, .about = "In words.")};
static const struct shape fact_shape = {"access_fact", sizeof(struct access_fact), 4, fact_fields, "access_fact"};
static const struct field part_fields[] = {FIELD(access_part, kind, .about = "report, message, case, person, third_person, note, shown_to or more (older messages left out)."),
                                           FIELD(access_part, id), FIELD(access_part, title), FIELD(access_part, facts, .of = &fact_shape)};
static const struct shape part_shape = {"access_part", sizeof(struct access_part), 4, part_fields, "access_part"};
static const struct field file_fields[] = {
    FIELD(access_file_out, isigurt_access, .about = "1: the version of this file."), FIELD(access_file_out, id), FIELD(access_file_out, thing),
    FIELD(access_file_out, of), FIELD(access_file_out, subject), FIELD(access_file_out, made, .form = FORM_TIME), FIELD(access_file_out, parts, .of = &part_shape)};
const struct shape access_file_out_shape = {"access_file_out", sizeof(struct access_file_out), sizeof file_fields / sizeof *file_fields, file_fields, "access_file_out"};

static enum err file_put(struct req *rq, struct access_file_out *out)
{
    struct buf b;
    buf_init_secret(&b, FILE_MOST);
    json_write(&b, &access_file_out_shape, out);
    enum err e = buf_ok(&b);
    if (!e)
        rq->file = (struct attachment){arena_str(rq->arena, buf_str(&b)), STR("application/json"),
                                       arena_printf(rq->arena, "isigurt-%.*s.json", STR_ARG(hex_of(rq, out->id)))};
    buf_free(&b);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err access_take_run(struct req *rq, const void *in_, void *out_)
{
    const struct access_take_in *in = in_;
    struct access_file_out *out = out_;
    struct access_at a;
    char what[80];
    struct case_open *c = ARENA_NEW(rq->arena, struct case_open);
    struct making m = {.rq = rq, .part = arena_array(rq->arena, PARTS_MOST, sizeof *m.part)};
    enum err e = c && m.part ? access_find(rq, rq->id, &a) : ERR_MEMORY;
    e = e ? e : access_ready(rq, &a);
    if (!e && a.is_case) {
        e = case_opened(rq, a.row.thing, c);
        e = e ? e : persons_show(rq, c, in, &out->form);
        e = e ? e : case_check(rq, &out->form, in);
        if (e == ERR_INVALID)
            form_show(rq, &a, in, &out->form);
    }
    snprintf(what, sizeof what, "persons %zu reports %zu notes %d", in->persons.n, in->reports.n, in->notes);
    e = e ? e : a.is_case ? case_put(&m, c, in) : report_put(&m, a.row.thing, true, in->notes);
    e = e ? e : m.full ? ERR_TOO_LARGE : access_taken(rq, &a, what);
    if (e)
        return e;
    out->isigurt_access = 1;
    out->id = a.row.id;
    out->thing = a.row.thing;
    out->of = a.row.of;
    out->subject = a.is_case ? in->subject : STR("reporter");
    out->made = rq->now;
    out->made_text = day(rq, rq->now);
    out->title = a.row.of_text;
    out->parts = (struct list){m.part, m.n};
    return rq->json || str_equal_z(in->as, "json") ? file_put(rq, out) : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err access_take_fill(struct req *rq, const void *in_, void *out_)
{
    const struct access_take_in *in = in_;
    struct access_file_out *out = out_;
    struct access_at a;
    struct case_open *c = ARENA_NEW(rq->arena, struct case_open);
    enum err e = c ? access_find(rq, rq->id, &a) : ERR_MEMORY;
    e = e ? e : access_ready(rq, &a);
    if (!e && a.is_case) {
        e = case_opened(rq, a.row.thing, c);
        e = e ? e : persons_show(rq, c, in, &out->form);
    }
    if (!e)
        form_show(rq, &a, in, &out->form);
    return e;
}

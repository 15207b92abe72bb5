// Making a case file: the case is opened for export, what was chosen is copied into a document of its own, and that is shown for
// printing, or sealed: for a unit under a fresh key that the keeper gives to that unit alone; for somebody outside as a parcel.
// The making is an entry of the case, written in the same transaction, before anything leaves.
#include <stdatomic.h>
#include "base/clock.h"
#include "base/rand.h"
#include "casefile/handlers.h"
#include "crypto/parcel.h"
#include "crypto/stream.h"

#define PARCELS_AT_ONCE 2 // each takes Argon2id's memory

struct making {
    struct req *rq;
    const struct casefile_make_in *in;
    struct casefile_out *out;
    struct paper_case *c;
    struct str to, from_name;      // names, in the reader's language
    bool known;                    // the receiving unit is there
    struct paper paper;
    struct casefile_row row;
    struct buf plain, sealed;
    struct case_entry first;       // of the home, way unit
    struct keeper_wrap wrap[2];
};

static enum err making_look(struct db *db, void *arg)
{
    struct making *m = arg;
    struct str type;
    enum err e = exchange_unit_db(db, m->rq, m->c->at.owner, &m->from_name, &type);
    if (e || !m->out->form.unit)
        return e;
    e = id_zero(m->in->unit) || id_equal(m->in->unit, m->c->at.owner) ? ERR_NOT_FOUND : exchange_unit_db(db, m->rq, m->in->unit, &m->to, &type);
    m->known = !e;
    return e == ERR_NOT_FOUND ? OK : e;
}

static enum err check(struct making *m)
{
    struct req *rq = m->rq;
    const struct casefile_make_in *in = m->in;
    const struct casefile_form *f = &m->out->form;
    const struct str *part = in->parts.at;
    if (!person_of_unit(&rq->who, m->c->at.owner))
        return ERR_FORBIDDEN;
    if (!str_equal_z(in->way, f->unit ? "unit" : f->outside ? "outside" : "print"))
        return req_refuse(rq, "way", MSG_WEB_FIELD_CHOICE);
    if (f->unit && !m->known)
        return req_refuse(rq, "unit", MSG_CASEFILE_REFUSED_UNIT);
    if (!f->unit && !str_says(in->recipient))
        return req_refuse(rq, "recipient", MSG_CASEFILE_REFUSED_RECIPIENT);
    if (in->copies < 0 || in->copies > CASEFILE_COPIES_MAX)
        return req_refuse(rq, "copies", MSG_CASEFILE_REFUSED_COPIES);
    for (size_t i = 0; i < in->parts.n; i++)
        if (casefile_part_message(part[i]) == MSG_NONE)
            return req_refuse(rq, "parts", MSG_WEB_FIELD_CHOICE);
    if (!paper_chosen_fine(&f->of, &in->persons, &in->reports))
        return req_refuse(rq, "persons", MSG_RETENTION_ACCESS_CHOICE);
    if (f->of.untold.n && !in->compared)
        return req_refuse(rq, "compared", MSG_CASEFILE_REFUSED_COMPARED);
    return exchange_consent_check(rq, in->ground, in->consent, str_says_why(in->reason));
}

// ── the document ──
static enum err entries_put(struct making *m, const char *kind, bool newest, const char *as, enum message title)
{
    const struct case_entry *entry = m->c->entries.at;
    enum err e = OK;
    for (size_t i = 0; !e && i < m->c->entries.n; i++)
        if (str_equal_z(entry[i].kind, kind) && (!newest || paper_newest(m->c, i)))
            e = paper_entry_put(&m->paper, m->c, i, as, title);
    return e;
}

// Only the last one counts: an assessment or plan has no thing of its own.
static enum err last_put(struct making *m, const char *kind, enum message title)
{
    const struct case_entry *entry = m->c->entries.at;
    for (size_t i = m->c->entries.n; i > 0; i--)
        if (str_equal_z(entry[i - 1].kind, kind))
            return paper_entry_put(&m->paper, m->c, i - 1, kind, title);
    return OK;
}

static enum err persons_put(struct making *m)
{
    const struct case_entry *entry = m->c->entries.at;
    const struct paper_person *p = m->out->form.of.persons.at;
    enum err e = OK;
    for (size_t i = 0; !e && i < m->c->entries.n; i++) {
        if (!str_equal_z(entry[i].kind, "person") || !paper_newest(m->c, i))
            continue;
        struct str id = paper_hex(m->rq, entry[i].thing);
        for (size_t k = 0; !e && k < m->out->form.of.persons.n; k++)
            if (p[k].on && str_equal(p[k].id, id))
                e = paper_entry_put(&m->paper, m->c, i, "person", p[k].untold ? MSG_CASEFILE_PERSON_UNTOLD : MSG_CASEFILE_PERSON);
    }
    return e;
}

static bool wants(const struct making *m, const char *part)
{
    return paper_named(&m->in->parts, str_from(part));
}

static enum err parts_put(struct making *m)
{
    struct paper *p = &m->paper;
    paper_case_put(p, m->c);
    enum err e = persons_put(m);
    for (size_t i = 0; !e && i < m->c->n_reports; i++)
        if (paper_named(&m->in->reports, paper_hex(m->rq, m->c->report[i])))
            e = paper_report_put(p, m->c->report[i], false, false);
    if (!e && wants(m, "assessment"))
        e = last_put(m, "assessment", MSG_CASEFILE_PART_ASSESSMENT);
    if (!e && wants(m, "plan"))
        e = last_put(m, "plan", MSG_CASEFILE_PART_PLAN);
    if (!e && wants(m, "tasks"))
        e = entries_put(m, "task", true, "task", MSG_CASEFILE_TASK);
    if (!e && wants(m, "tasks"))
        e = entries_put(m, "task_done", false, "task", MSG_CASEFILE_TASK_DONE);
    if (!e && wants(m, "routes"))
        e = entries_put(m, "route", false, "route", MSG_CASEFILE_ROUTE);
    if (!e && wants(m, "addresses"))
        e = entries_put(m, "address", false, "address", MSG_CASEFILE_ADDRESS);
    if (!e && wants(m, "files"))
        e = paper_files_put(p, m->c);
    if (!e && wants(m, "notes"))
        e = entries_put(m, "note", false, "note", MSG_CASEWORK_PAPER_NOTE);
    if (!e && wants(m, "shared"))
        paper_shown_put(p, m->c);
    if (!e && wants(m, "timeline"))
        paper_timeline_put(p, m->c);
    return e ? e : p->full ? ERR_TOO_LARGE : OK;
}

static void warning(struct paper_facts *f, struct str text)
{
    paper_fact_put(f, "warning", STR(""), text, text);
}

static enum err document(struct making *m)
{
    struct req *rq = m->rq;
    struct casefile_doc *d = &m->out->doc;
    enum err e = paper_begin(rq, &m->paper);
    e = e ? e : parts_put(m);
    if (e)
        return e;
    struct paper *p = &m->paper;
    struct paper_facts head = paper_facts_new(p, 8), warnings = paper_facts_new(p, 3);
    struct str copies = m->out->form.copies, made = req_date(rq, rq->now, DATE_MINUTE);
    struct str yes = paper_word(p, m->in->consent ? MSG_DESK_YES : MSG_CASEFILE_NO_CONSENT);
    paper_fact_put(&head, "to", paper_word(p, MSG_CASEFILE_TO), m->to, m->to);
    paper_fact_put(&head, "from", paper_word(p, MSG_CASEFILE_FROM), m->from_name, m->from_name);
    paper_fact_put(&head, "by", paper_word(p, MSG_CASEFILE_BY), rq->who.name, rq->who.name);
    paper_fact_put(&head, "made", paper_word(p, MSG_CASEFILE_MADE), made, made);
    if (m->out->form.print)
        paper_fact_put(&head, "copies", paper_word(p, MSG_CASEFILE_COPIES), copies, copies);
    paper_fact_put(&head, "ground", paper_word(p, MSG_EXCHANGE_GROUND), m->in->ground,
                   pack_label(rq->sv->pack, "legal_ground", m->in->ground, rq->lang));
    paper_fact_put(&head, "consent", paper_word(p, MSG_CASEFILE_CONSENT), m->in->consent ? STR("1") : STR("0"), yes);
    warning(&warnings, exchange_filled(rq, MSG_CASEFILE_WARN_KEEP, m->to));
    if (m->out->form.of.untold.n)
        warning(&warnings, exchange_filled(rq, MSG_CASEFILE_WARN_UNTOLD, m->from_name));
    *d = (struct casefile_doc){.isigurt_casefile = 1, .id = m->row.id, .case_id = rq->id, .number = m->c->at.number,
                               .lang = rq->lang_code,
                               .title = arena_printf(rq->arena, "%.*s %.*s", STR_ARG(paper_word(p, MSG_CASEFILE_TITLE)),
                                                     STR_ARG(m->c->at.number)),
                               .marking = arena_printf(rq->arena, "%.*s – %.*s – %.*s",
                                                       STR_ARG(paper_word(p, MSG_CASEFILE_MARKING)),
                                                       STR_ARG(m->c->at.number), STR_ARG(m->to)), .made = rq->now,
                               .head = {head.at, head.n}, .warnings = {warnings.at, warnings.n},
                               .parts = {p->part, p->n}};
    if (arena_failed(rq->arena))
        return ERR_MEMORY;
    return casefile_doc_write(&m->plain, d); // ERR_TOO_LARGE: of a printed one too
}

// ── sealing ──
static enum err seal_unit(struct making *m)
{
    struct req *rq = m->rq;
    const struct id units[2] = {m->row.from, m->row.to};
    struct record_ad ad;
    struct buf plain, item, hex;
    struct key seed, sk;
    struct public_key pk;
    rand_bytes(seed.b, sizeof seed.b);
    crypto_pair(&pk, &sk, &seed);
    crypto_wipe(&sk, sizeof sk);
    buf_init_secret(&plain, 1024);
    buf_init_secret(&hex, 2 * KEY_BYTES);
    buf_init(&item, RECORD_ITEM_MAX + 4096);
    buf_put_hex(&hex, seed.b, sizeof seed.b);
    crypto_wipe(&seed, sizeof seed);
    struct words w = {0};
    words_put(&w, "file_key", buf_str(&hex));
    m->first = (struct case_entry){.type = RECORD_REFERRAL, .home = m->row.id, .seq = 1, .kind = STR("casefile"), .thing = m->row.id};
    case_entry_begin(rq, m->row.from, &m->first);
    case_entry_ad(&ad, &m->first);
    enum err e = buf_ok(&hex);
    e = e ? e : words_write(&plain, &w);
    e = e ? e : stream_seal(&pk, buf_str(&m->plain), &m->sealed);
    e = e ? e : keeper_seal_home(rq->sv->keeper, &rq->token, &ad, buf_str(&plain), units, 2, &item, m->wrap);
    m->first.kid = ad.kid;
    m->first.sealed = arena_str(rq->arena, buf_str(&item));
    buf_free(&plain);
    buf_free(&hex);
    buf_free(&item);
    return e == ERR_CONFLICT || e == ERR_NOT_FOUND ? req_notice(rq, ERR_CONFLICT, MSG_EXCHANGE_NOT_AGREED) : e;
}

static enum err seal_outside(struct making *m)
{
    static atomic_int now;
    char phrase[PARCEL_PHRASE];
    enum err e = atomic_fetch_add(&now, 1) >= PARCELS_AT_ONCE ? ERR_FULL : parcel_seal(buf_str(&m->plain), phrase, &m->sealed);
    atomic_fetch_sub(&now, 1);
    if (!e)
        m->out->passphrase = arena_str(m->rq->arena, str_from(phrase));
    crypto_wipe(phrase, sizeof phrase);
    return e;
}

static enum err made_write(struct db *db, struct case_work *w)
{
    const struct making *m = w->more;
    if (m->out->form.print)
        return OK;
    enum err e = casefile_add_db(db, &m->row, buf_str(&m->sealed));
    if (e || m->out->form.outside)
        return e;
    e = case_wrap_db(db, m->row.id, m->row.to, 0, &m->wrap[1]); // the maker's unit has the case; this is the receiver's alone
    return e ? e : case_entry_db(db, &m->first);
}

// What is in it, for the timeline: names of parts and how many persons and reports, in the country's language.
static struct str what(struct making *m)
{
    const struct str *part = m->in->parts.at;
    struct buf b;
    buf_init(&b, 1024);
    buf_put(&b, text_get(text_default(), MSG_CASEFILE_PERSONS));
    buf_printf(&b, ": %zu, ", m->in->persons.n);
    buf_put(&b, text_get(text_default(), MSG_CASEFILE_REPORTS));
    buf_printf(&b, ": %zu", m->in->reports.n);
    for (size_t i = 0; i < m->in->parts.n; i++) {
        buf_put_z(&b, ", ");
        buf_put(&b, text_get(text_default(), casefile_part_message(part[i])));
    }
    struct str out = arena_str(m->rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

static enum err make(struct making *m)
{
    struct req *rq = m->rq;
    const struct casefile_form *f = &m->out->form;
    enum err e = document(m);
    if (e == ERR_TOO_LARGE)
        return req_refuse(rq, "parts", MSG_CASEFILE_REFUSED_LARGE);
    e = e ? e : f->unit ? seal_unit(m) : f->outside ? seal_outside(m) : OK;
    const char *kind = f->unit ? "casefile_sealed" : f->outside ? "casefile_outside" : "casefile_printed";
    struct case_work w = {.rq = rq, .action = AUDIT_CASEFILE, .history = kind, .kind = str_from(kind),
                          .thing = m->row.id, .about = m->row.id, .closed_too = true, .write = made_write, .more = m};
    m->row.size = (int64_t)m->sealed.n;
    words_put(&w.words, "to", m->to);
    words_put(&w.words, "copies", f->print ? f->copies : STR(""));
    words_put(&w.words, "ground", m->in->ground);
    words_put(&w.words, "parts", what(m));
    words_put(&w.words, "text", str_trim(m->in->reason));
    bool sealed = !e && f->unit;
    e = e ? e : case_work_run(&w);
    if (e && sealed)
        keeper_unstored(rq->sv->keeper, &rq->token, m->row.id, m->first.id);
    return e;
}

enum err casefile_make_run(struct req *rq, const void *in_, void *out_)
{
    struct casefile_out *out = out_;
    struct making *m = ARENA_NEW(rq->arena, struct making);
    struct paper_case *c = ARENA_NEW(rq->arena, struct paper_case);
    if (!m || !c)
        return ERR_MEMORY;
    *m = (struct making){.rq = rq, .in = in_, .out = out, .c = c};
    enum err e = casefile_form_fill(rq, in_, c, out);
    m->to = str_trim(m->in->recipient);
    e = e ? e : store_read(rq->sv->store, making_look, m);
    e = e ? e : check(m);
    if (e)
        return e;
    m->row = (struct casefile_row){.id = id_random(), .case_id = rq->id, .from = c->at.owner, .person = rq->who.id, .made = clock_minute(rq->now),
                                   .to = out->form.unit ? m->in->unit : (struct id){{0}}};
    buf_init_secret(&m->plain, CASEFILE_BYTES_MAX);
    buf_init(&m->sealed, CASEFILE_BYTES_MAX + PARCEL_MORE);
    e = make(m);
    buf_free(&m->plain);
    buf_free(&m->sealed);
    if (e || !out->form.print)
        out->doc = e ? (struct casefile_doc){0} : (struct casefile_doc){ // sealed: what is in it is not shown
            .isigurt_casefile = out->doc.isigurt_casefile, .case_id = out->doc.case_id, .number = out->doc.number, .lang = out->doc.lang};
    if (e) {
        out->passphrase = STR(""); // nothing was kept that it would open
        return e;
    }
    out->id = m->row.id;
    if (out->form.unit)
        rq->then = "/casefiles";
    return out->form.print ? casefile_answer(rq, out) : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

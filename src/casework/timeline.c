// The timeline of a case: its sealed entries, what rooms above did with it (referrals, case files), and what was written to and by
// whoever reported, in one order. Of what lies under another key only who, when and what stands here, and where it is opened.
#include <stdlib.h>
#include "casework/handlers.h"

#define ACTS_MAX 1000           // newest of the history
#define MESSAGES_MAX 500        // of all its reports

case_more_fn *const *case_rooms;

DB_QUERY(timeline_acts_sql, "bi", "iiBBtB", "select seq, at, person, unit, action, thing from (select seq, at, person, unit, action, thing "
         "from desk.case_history where case_id = $1 and action not in ('read', 'exported', 'referral_opened', 'report_opened', 'file_read') "
         "order by seq desc limit $2) x order by seq");

static enum err id_or_none(const struct db_rows *r, int col, struct id *out)
{
    return db_null(r, col) ? OK : id_from_bytes(db_str(r, col), out);
}

static enum err acts_db(struct db *db, struct req *rq, struct id case_id, struct case_timeline *t)
{
    struct db_rows *r;
    t->act = arena_array(rq->arena, ACTS_MAX, sizeof *t->act);
    enum err e = t->act ? db_query(db, &timeline_acts_sql, DB_ARGS(DB_ID(case_id), DB_I(ACTS_MAX)), &r) : ERR_MEMORY;
    if (e)
        return e;
    while (t->n_acts < ACTS_MAX && db_next(r)) {
        struct case_act *a = &t->act[t->n_acts++];
        *a = (struct case_act){.seq = db_int(r, 0), .at = db_int(r, 1), .action = arena_str(rq->arena, db_str(r, 4))};
        if (id_or_none(r, 2, &a->person) || id_or_none(r, 3, &a->unit) || id_or_none(r, 5, &a->thing))
            e = ERR_TAMPERED;
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    struct case_more more = {.act = t->act, .n = t->n_acts};
    for (case_more_fn *const *room = case_rooms; !e && room && *room; room++)
        e = (*room)(db, rq, case_id, &more);
    if (!e)
        t->referrals = more.referrals;
    return e;
}

static enum err messages_db(struct db *db, struct req *rq, struct id case_id, const struct case_report_row *report, struct case_timeline *t, size_t room)
{
    struct list said;
    char hex[ID_HEX], case_hex[ID_HEX];
    enum err e = report_messages_db(db, rq->arena, report->id, room, &said);
    const struct report_message *m = said.at;
    if (e || said.n == 0)
        return e;
    const char *id = id_hex(report->id, hex);
    struct str link = report->readable ? arena_printf(rq->arena, "/reports/%s", id)
                                       : arena_printf(rq->arena, "/cases/%s/reports/%s", id_hex(case_id, case_hex), id);
    for (size_t i = 0; i < said.n; i++)
        t->line[t->n++] = (struct case_line){.id = m[i].id, .thing = report->id, .person = m[i].author, .at = m[i].sent, .order = INT64_MAX, .link = link,
                                             .kind = id_zero(m[i].author) ? STR("message") : STR("answer")};
    return OK;
}

// Few persons and units, many lines: a name is asked once.
static enum err names_db(struct db *db, struct req *rq, struct case_timeline *t)
{
    enum err e = OK;
    for (size_t i = 0; i < t->n && !e; i++) {
        struct case_line *l = &t->line[i];
        size_t person = 0, unit = 0;
        l->place = i;
        while (person < i && !id_equal(t->line[person].person, l->person))
            person++;
        while (unit < i && !id_equal(t->line[unit].unit, l->unit))
            unit++;
        if (person < i)
            l->name = t->line[person].name;
        else if (!id_zero(l->person))
            e = people_name(db, rq->arena, l->person, &l->name);
        if (unit < i)
            l->unit_name = t->line[unit].unit_name;
        else if (!e && !id_zero(l->unit) && !person_of_unit(&rq->who, l->unit)) // one's own is not said each time
            e = people_unit_name(db, rq->arena, str_equal_z(rq->lang_code, "en"), l->unit, &l->unit_name);
    }
    return e;
}

enum err case_timeline_db(struct db *db, struct req *rq, struct id case_id, const struct list *entries, const struct case_report_row *report,
                          size_t n_reports, struct case_timeline *out)
{
    const struct case_entry *entry = entries->at;
    struct case_timeline t = {.n = entries->n, .n_own = entries->n};
    enum err e = acts_db(db, rq, case_id, &t);
    if (!e)
        t.line = arena_array(rq->arena, entries->n + t.n_acts + MESSAGES_MAX, sizeof *t.line);
    if (!e && !t.line)
        e = ERR_MEMORY;
    if (e)
        return e;
    for (size_t i = 0; i < entries->n; i++)
        t.line[i] = (struct case_line){.id = entry[i].id, .person = entry[i].person, .unit = entry[i].unit, .thing = entry[i].thing, .at = entry[i].at,
                                       .kind = arena_str(rq->arena, entry[i].kind)};
    for (size_t i = 0; i < t.n_acts; i++) {
        const struct case_act *a = &t.act[i];
        if (case_kind_above(a->action))
            t.line[t.n++] = (struct case_line){.person = a->person, .unit = a->unit, .thing = a->thing, .at = a->at, .kind = a->action, .order = 2 * a->seq,
                                               .whom = a->whom, .link = a->link, .facts = a->facts};
    }
    size_t full = t.n + MESSAGES_MAX;
    for (size_t i = 0; i < n_reports && !e; i++)
        e = messages_db(db, rq, case_id, &report[i], &t, full - t.n);
    e = e ? e : names_db(db, rq, &t);
    if (!e)
        *out = t;
    return e;
}

static int by_time(const void *a_, const void *b_)
{
    const struct case_line *a = a_, *b = b_;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

// The entry of an act of the history: of the same moment, person and thing. A new key of the case comes of what was done with a
// transfer, and follows it.
static bool entry_of(const struct case_line *l, const struct case_act *a, bool above)
{
    bool mine = id_equal(l->person, a->person);
    if (above)
        return mine && str_equal_z(l->kind, "key") && id_equal(l->thing, a->thing);
    return mine && l->order == 0 && (id_equal(l->thing, a->thing) || id_zero(a->thing));
}

// Times are kept to the minute; what came first within one is known by the history, which was written with each entry. One that
// has no row there (an address that came with its report) follows the entry before it.
void case_timeline_order(struct case_timeline *t)
{
    size_t from = 0;
    for (size_t i = 0; i < t->n_acts; i++) {
        const struct case_act *a = &t->act[i];
        bool above = case_kind_above(a->action);
        while (from < t->n_own && t->line[from].at < a->at)
            from++;
        size_t k = from;
        while (k < t->n_own && t->line[k].at == a->at && !entry_of(&t->line[k], a, above))
            k++;
        if (k < t->n_own && t->line[k].at == a->at)
            t->line[k].order = 2 * a->seq + above;
    }
    for (size_t i = 1; i < t->n_own; i++)
        if (t->line[i].order == 0 && t->line[i].at == t->line[i - 1].at)
            t->line[i].order = t->line[i - 1].order;
    if (t->n)
        qsort(t->line, t->n, sizeof *t->line, by_time);
}

// What entries name and the desk no longer has: gone by an erasure that has its entry, or removed by somebody.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "vault/verify.h"
#include "vault/wire.h"

#define BATCH 1000 // rows a read transaction: well below its second

// --- entries of erasures

enum err verify_erased(struct verify *v, const struct audit_line *line)
{
    if (line->n_detail != 32) {
        return OK; // backs nothing
    }
    if (v->n_erased == v->cap_erased) {
        size_t cap = v->cap_erased ? 2 * v->cap_erased : 64;
        struct erased *more = cap <= VERIFY_ERASED_MAX ? realloc(v->erased, cap * sizeof *more) : NULL;
        if (!more) {
            return ERR_MEMORY;
        }
        v->erased = more;
        v->cap_erased = cap;
    }
    struct erased *x = &v->erased[v->n_erased++];
    x->report = line->object;
    memcpy(x->hash, line->detail, 32);
    return OK;
}

static int erased_order(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct erased));
}

// --- every tombstone stands on such an entry

DB_QUERY(gone_stones, "bi", "bb", "select id, item_hash from desk.tombstone where id > $1 order by id limit $2");

struct stones_arg {
    struct verify *v;
    struct id after;
    size_t n;
    bool first, bad;
};

static enum err stones_run(struct db *db, void *arg)
{
    struct stones_arg *a = arg;
    struct db_rows *r = NULL;
    struct str after = a->first ? STR("") : id_bytes(&a->after);
    enum err e = db_query(db, &gone_stones, DB_ARGS(DB_B(after), DB_I(BATCH)), &r);
    if (e) {
        return e;
    }
    for (a->n = 0; !a->bad && db_next(r); a->n++) {
        struct erased x = {0};
        struct str hash = db_str(r, 1);
        if (hash.n == 32) {
            memcpy(x.hash, hash.at, 32);
        }
        a->bad = id_from_bytes(db_str(r, 0), &x.report) || hash.n != 32 || !a->v->n_erased ||
                 !bsearch(&x, a->v->erased, a->v->n_erased, sizeof x, erased_order);
        a->after = x.report;
    }
    return db_done(&r);
}

static enum err check_stones(struct verify *v)
{
    struct stones_arg a = {.v = v, .n = BATCH, .first = true};
    enum err e = OK;
    if (v->n_erased) {
        qsort(v->erased, v->n_erased, sizeof *v->erased, erased_order);
    }
    while (!e && a.n == BATCH) {
        e = store_read(v->store, stones_run, &a);
        a.first = false;
        if (!e && a.bad) {
            char hex[ID_HEX];
            e = verify_broken(v, "report %s has a tombstone, and no entry says it was erased", id_hex(a.after, hex));
        }
    }
    return e;
}

// --- reports that were opened or worked on are there, or erased

DB_QUERY(gone_report, "b", "i", "select seq from desk.report where id = $1");

struct report_arg { struct id report; bool found; };

static enum err report_run(struct db *db, void *arg)
{
    struct report_arg *a = arg;
    struct db_rows *r = NULL;
    enum err e = db_query(db, &gone_report, DB_ARGS(DB_ID(a->report)), &r);
    if (e) {
        return e;
    }
    a->found = db_next(r);
    return db_done(&r);
}

// An opening's entry comes before the keys are tried. Where these did not fit a second entry says so: the two together show
// no report, for a captured desk can ask for what never was.
static bool names_report(const struct audit_line *line, bool *undone)
{
    bool opens = line->action == AUDIT_OPEN && line->n_detail == 19 && line->detail[1] == RECORD_REPORT;
    bool acts = line->action >= AUDIT_REPORT_TAKE && line->action <= AUDIT_REPORT_STATE;
    *undone = opens && (line->status == STATUS_TAMPERED || line->status == STATUS_NO_KEY);
    return *undone || ((opens || acts) && line->status == STATUS_OK);
}

enum err verify_named(struct verify *v, const struct audit_line *line)
{
    struct report_arg a = {.report = line->object};
    bool undone;
    if (!names_report(line, &undone) || id_equal(a.report, v->present)) {
        return OK;
    }
    enum err e = store_read(v->store, report_run, &a);
    if (e || a.found) {
        v->present = a.report;
        return e;
    }
    size_t i = 0;
    while (i < v->n_gone && !id_equal(v->gone[i].report, a.report)) {
        i++;
    }
    if (i == VERIFY_GONE_MAX) {
        return verify_broken(v, "more than %d reports that entries name are not there", VERIFY_GONE_MAX);
    }
    if (i == v->n_gone) {
        v->gone[v->n_gone++] = (struct gone){.report = a.report, .seq = line->seq};
        memcpy(v->gone[i].writer, line->writer, 8);
    }
    v->gone[i].done += undone ? -1 : 1;
    return OK;
}

static bool has_erasure(const struct verify *v, struct id report)
{
    size_t from = 0, to = v->n_erased; // sorted by report first
    while (from < to) {
        size_t at = from + (to - from) / 2;
        int order = memcmp(v->erased[at].report.b, report.b, sizeof report.b);
        if (!order) {
            return true;
        }
        from = order < 0 ? at + 1 : from;
        to = order < 0 ? to : at;
    }
    return false;
}

static enum err check_named(struct verify *v)
{
    char name[17], hex[ID_HEX];
    for (size_t i = 0; i < v->n_gone; i++) {
        const struct gone *g = &v->gone[i];
        if (g->done > 0 && !has_erasure(v, g->report)) {
            return verify_broken(v, "writer %s: entry %" PRIu64 " names report %s, which is gone, and no entry says it was erased",
                                 writer_name(g->writer, name), g->seq, id_hex(g->report, hex));
        }
    }
    return OK;
}

// --- what has no entry at all

DB_QUERY(gone_untagged, "ii", "iB", "select r.seq, t.report from desk.report r left join keeper.tagged t on t.report = r.id "
         "where r.seq > $1 order by r.seq limit $2");
DB_QUERY(gone_messages, "bi", "bi", "select id, direction from desk.message where id > $1 order by id limit $2");

struct count_arg {
    int64_t after;
    char at[32];
    size_t n_at, n;
    uint64_t reports, messages;
};

static enum err reports_run(struct db *db, void *arg)
{
    struct count_arg *a = arg;
    struct db_rows *r = NULL;
    enum err e = db_query(db, &gone_untagged, DB_ARGS(DB_I(a->after), DB_I(BATCH)), &r);
    if (e) {
        return e;
    }
    for (a->n = 0; db_next(r); a->n++) {
        a->after = db_int(r, 0);
        a->reports += db_null(r, 1);
    }
    return db_done(&r);
}

static enum err messages_run(struct db *db, void *arg)
{
    struct count_arg *a = arg;
    struct db_rows *r = NULL;
    enum err e = db_query(db, &gone_messages, DB_ARGS(DB_B(((struct str){a->at, a->n_at})), DB_I(BATCH)), &r);
    if (e) {
        return e;
    }
    for (a->n = 0; db_next(r); a->n++) {
        struct str id = db_str(r, 0);
        a->n_at = id.n < sizeof a->at ? id.n : sizeof a->at;
        memcpy(a->at, id.at, a->n_at);
        a->messages += db_int(r, 1) == RECORD_UP;
    }
    return db_done(&r);
}

static enum err note_unproved(struct verify *v)
{
    struct count_arg a = {.n = BATCH};
    enum err e = OK;
    while (!e && a.n == BATCH) {
        e = store_read(v->store, reports_run, &a);
    }
    a.n = BATCH;
    while (!e && a.n == BATCH) {
        e = store_read(v->store, messages_run, &a);
    }
    if (!e && (a.reports || a.messages)) {
        verify_note(v, "note: no entry says that %" PRIu64 " reports without a tag and %" PRIu64 " messages of reporters came: had others "
                    "like them been removed, untouched, it would not show", a.reports, a.messages);
    }
    return e;
}

enum err verify_gone(struct verify *v)
{
    enum err e = check_stones(v);
    e = e ? e : check_named(v);
    return e ? e : note_unproved(v);
}

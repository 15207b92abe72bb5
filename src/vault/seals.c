// What was sealed stands where it was stored, or an entry says that it was erased, taken back or never stored: otherwise it was
// removed. Entries of cases, referrals and case files, notes, assessments, answers.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "vault/keeper.h"
#include "vault/verify.h"
#include "vault/wire.h"

#define NEAR (2 * CLOCK_MINUTE) // between what was sealed and what took its place: of two who wrote at once, one seals again

DB_QUERY(seals_item, "b", "b",
         "select item from desk.message where id = $1 union all select item from desk.note where id = $1 union all "
         "select item from desk.assessment where id = $1 union all select item from desk.case_item where id = $1");
DB_QUERY(seals_first, "bb", "b", "select item from desk.case_item where home = $1 and kid = $2 order by seq limit 1");
DB_QUERY(seals_places, "b", "ii", "select seq, at from desk.case_item where home = $1 union all "
         "select seq, sent from desk.message where thread = $1 and direction = 2");

static bool seal_read(const struct audit_line *line, struct sealed *s)
{
    bool home = line->action == AUDIT_HOME || line->action == AUDIT_REKEY;
    const uint8_t *at = line->detail;
    *s = (struct sealed){.home = line->object, .at = line->at, .entry = line->seq, .rekey = line->action == AUDIT_REKEY};
    memcpy(s->writer, line->writer, 8);
    if (home ? line->n_detail < 49 : line->n_detail != SEAL_DETAIL_OLD && line->n_detail != SEAL_DETAIL) {
        return false;
    }
    memcpy(s->kid, at + (home ? 1 : 4), 16);
    memcpy(s->hash, at + (home ? 17 : 20), 32);
    s->type = home ? at[0] : line->n_detail == SEAL_DETAIL ? at[52] : 0;
    s->place = line->action == AUDIT_HOME;
    if (!s->rekey) {
        s->item = line->object2;
    }
    if (!home && line->n_detail == SEAL_DETAIL) {
        for (size_t i = 0; i < 8; i++) {
            s->place |= (uint64_t)at[53 + i] << (8 * i);
        }
        memcpy(s->parent.b, at + 61, 16);
    }
    return true;
}

struct item_arg { const struct sealed *s; bool found, same; };

static enum err item_run(struct db *db, void *arg)
{
    struct item_arg *a = arg;
    struct db_rows *r = NULL;
    enum err e = a->s->rekey ? db_query(db, &seals_first, DB_ARGS(DB_ID(a->s->home), DB_B(STR_BYTES(a->s->kid))), &r)
                             : db_query(db, &seals_item, DB_ARGS(DB_ID(a->s->item)), &r);
    if (e) {
        return e;
    }
    a->found = db_next(r) && db_str(r, 0).n > 0; // an assessment that was erased keeps its row
    if (a->found) {
        uint8_t now[32];
        audit_item_hash(now, db_str(r, 0));
        a->same = memcmp(now, a->s->hash, 32) == 0;
    }
    return db_done(&r);
}

// Room for one more of size each; NULL: no memory, or more than VERIFY_ERASED_MAX.
static void *grown(void *at, size_t n, size_t *cap, size_t each)
{
    if (n < *cap) {
        return at;
    }
    size_t more = *cap ? 2 * *cap : 64;
    void *to = more <= VERIFY_ERASED_MAX ? realloc(at, more * each) : NULL;
    *cap = to ? more : *cap;
    return to;
}

enum err verify_sealed(struct verify *v, const struct audit_line *line)
{
    struct sealed s;
    if (!seal_read(line, &s)) {
        return OK; // of another kind; nothing to compare
    }
    struct item_arg a = {.s = &s};
    enum err e = store_read(v->store, item_run, &a);
    if (e) {
        return e;
    }
    size_t i = 0;
    while (i < v->n_seals && !id_equal(v->seal[i].item, s.item)) {
        i++;
    }
    if (!a.found) {
        struct sealed *to = grown(v->missing, v->n_missing, &v->cap_missing, sizeof *to);
        if (!to) {
            return ERR_MEMORY;
        }
        v->missing = to;
        v->missing[v->n_missing++] = s;
    } else if (a.same && i < v->n_seals) {
        v->seal[i] = v->seal[--v->n_seals];
    } else if (!a.same && i == v->n_seals && v->n_seals < VERIFY_SEALS_MAX) {
        v->seal[v->n_seals++] = (struct seal_open){.item = s.item, .seq = line->seq};
    }
    return OK;
}

// Entries that say why something sealed is not there any more, or what hangs under what and went with it.
enum err verify_bond(struct verify *v, const struct audit_line *line)
{
    struct bond b = {.child = line->object};
    switch (line->status == STATUS_OK ? line->action : 0) {
    case AUDIT_ERASE:
        break;
    case AUDIT_CASEFILE_REVOKED:
    case AUDIT_UNSTORED:
        b.child = line->object2;
        break;
    case AUDIT_REFERRAL:
        b.parent = line->object2;
        break;
    case AUDIT_REFERRAL_NOTE:
    case AUDIT_CASEFILE:
        b = (struct bond){.child = line->object2, .parent = line->object};
        break;
    default:
        return OK;
    }
    struct bond *to = grown(v->bond, v->n_bonds, &v->cap_bonds, sizeof *to);
    if (!to) {
        return ERR_MEMORY;
    }
    v->bond = to;
    v->bond[v->n_bonds++] = b;
    return OK;
}

static int bond_order(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct bond));
}

// By right: it, or what it hung under, at most three times over (note → referral → case).
static bool ended(const struct verify *v, struct id id, int depth)
{
    size_t from = 0, to = v->n_bonds;
    while (from < to) { // the first bond of it
        size_t at = from + (to - from) / 2;
        if (memcmp(v->bond[at].child.b, id.b, sizeof id.b) < 0) {
            from = at + 1;
        } else {
            to = at;
        }
    }
    for (; from < v->n_bonds && id_equal(v->bond[from].child, id); from++) {
        if (id_zero(v->bond[from].parent) || (depth < 3 && ended(v, v->bond[from].parent, depth + 1))) {
            return true;
        }
    }
    return false;
}

struct places_arg { const struct sealed *s; bool taken, later; };

static enum err places_run(struct db *db, void *arg)
{
    struct places_arg *a = arg;
    struct db_rows *r = NULL;
    enum err e = db_query(db, &seals_places, DB_ARGS(DB_ID(a->s->home)), &r);
    if (e) {
        return e;
    }
    while (db_next(r)) {
        uint64_t place = (uint64_t)db_int(r, 0);
        int64_t apart = db_int(r, 1) - a->s->at;
        a->taken |= place == a->s->place && apart < NEAR && apart > -NEAR;
        a->later |= place > a->s->place;
    }
    return db_done(&r);
}

static const char *kind_name(uint8_t type)
{
    return type == RECORD_REPORT ? "note or assessment of report" : type == RECORD_THREAD ? "answer in thread" :
           type == RECORD_CASE ? "entry of case" : type == RECORD_REFERRAL ? "entry of referral or case file" : "item of";
}

static enum err missing_tell(struct verify *v, const struct sealed *s, size_t *told)
{
    struct places_arg a = {.s = s};
    char name[17], hex[ID_HEX];
    enum err e = s->place ? store_read(v->store, places_run, &a) : OK;
    if (e || a.taken) {
        return e;
    }
    if (a.later && (s->type == RECORD_CASE || s->type == RECORD_REFERRAL)) {
        return verify_broken(v, "%s %s was removed: writer %s, entry %" PRIu64 " sealed it", kind_name(s->type), id_hex(s->home, hex),
                             writer_name(s->writer, name), s->entry);
    }
    if ((*told)++ < VERIFY_NOTES_MAX) {
        verify_note(v, "note: %s %s is not there: removed, or the desk ended before it stored it; writer %s, entry %" PRIu64 " sealed it",
                    kind_name(s->type), id_hex(s->home, hex), writer_name(s->writer, name), s->entry);
    }
    return OK;
}

enum err verify_seals(struct verify *v)
{
    char hex[ID_HEX];
    size_t told = 0;
    enum err e = OK;
    if (v->n_seals) {
        return verify_broken(v, "message, note, assessment or entry %s is not what entry %" PRIu64 " sealed", id_hex(v->seal[0].item, hex),
                             v->seal[0].seq);
    }
    if (v->n_bonds) {
        qsort(v->bond, v->n_bonds, sizeof *v->bond, bond_order);
    }
    for (size_t i = 0; !e && i < v->n_missing; i++) {
        const struct sealed *s = &v->missing[i];
        bool right = ended(v, s->home, 0) || (!id_zero(s->item) && ended(v, s->item, 0)) || (!id_zero(s->parent) && ended(v, s->parent, 0));
        e = right ? OK : missing_tell(v, s, &told);
    }
    if (!e && told > VERIFY_NOTES_MAX) {
        verify_note(v, "note: and %zu more that are not there", told - VERIFY_NOTES_MAX);
    }
    return e;
}

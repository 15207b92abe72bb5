#include "vault/verify.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "vault/acknowledge.h"
#include "vault/wire.h"

void verify_note(struct verify *v, const char *format, ...)
{
    char line[256];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (v->why && n > 0) {
        buf_printf(v->why, "%s%s", v->why->n ? "\n" : "", line);
    }
}

void verify_free(struct verify *v)
{
    free(v->erased);
    free(v->missing);
    free(v->bond);
    free(v);
}

// --- TAG: the batch's rows, and each report of it

DB_QUERY(verify_tagged, "bi", "bbBBB",
         "select t.report, t.item, s.item, d.item_hash, r.id from keeper.tagged t left join desk.report r on r.id = t.report "
         "left join desk.report_sealed s on s.seq = r.seq left join desk.tombstone d on d.id = t.report "
         "where t.writer = $1 and t.seq = $2 order by t.place");

struct tagged_arg {
    struct verify *v;
    const struct audit_line *line;
    size_t n;
    uint8_t pair[WIRE_TAGS_MAX][48]; // report ‖ item hash
    char id[ID_HEX];                 // of the first report that is not what it was
    const char *fault;
};

static enum err tagged_run(struct db *db, void *arg)
{
    struct tagged_arg *a = arg;
    struct db_rows *r = NULL;
    a->n = 0;
    a->fault = NULL;
    enum err e = db_query(db, &verify_tagged, DB_ARGS(DB_B(STR_BYTES(a->line->writer)), DB_I(a->line->seq)), &r);
    if (e) {
        return e;
    }
    while (db_next(r)) {
        struct str report = db_str(r, 0), hash = db_str(r, 1), item = db_str(r, 2), tomb = db_str(r, 3);
        if (a->n == WIRE_TAGS_MAX || report.n != 16 || hash.n != 32) {
            a->n = WIRE_TAGS_MAX + 1;
            break;
        }
        memcpy(a->pair[a->n], report.at, 16);
        memcpy(a->pair[a->n] + 16, hash.at, 32);
        uint8_t now[32];
        const char *fault = NULL;
        if (!db_null(r, 2)) {
            audit_item_hash(now, item);
            fault = memcmp(now, hash.at, 32) != 0 ? "has another ciphertext than when it was tagged" : NULL;
        } else if (!db_null(r, 3)) {
            fault = !str_equal(tomb, hash) ? "has a tombstone for another ciphertext" : NULL;
        } else {
            fault = "was tagged, and is neither there nor has a tombstone";
        }
        if (fault && !a->fault) {
            struct id id;
            memcpy(id.b, report.at, 16);
            id_hex(id, a->id);
            a->fault = fault;
        }
        a->n++;
    }
    return db_done(&r);
}

static enum err check_tag(struct verify *v, const struct audit_line *line)
{
    struct tagged_arg *a = calloc(1, sizeof *a);
    if (!a) {
        return ERR_MEMORY;
    }
    a->v = v;
    a->line = line;
    char name[17];
    uint8_t digest[32];
    enum err e = store_read(v->store, tagged_run, a);
    struct str part[WIRE_TAGS_MAX];
    for (size_t i = 0; !e && i < a->n && i < WIRE_TAGS_MAX; i++) {
        part[i] = STR_BYTES(a->pair[i]);
    }
    if (!e && a->n <= WIRE_TAGS_MAX) {
        crypto_digest(digest, 32, "isigurt.tagged.1", NULL, a->n, part);
    }
    if (!e && (a->n > WIRE_TAGS_MAX || line->n_detail != 36 || memcmp(digest, line->detail + 4, 32) != 0)) {
        e = verify_broken(v, "writer %s: entry %" PRIu64 " (tags): the rows of its batch were removed or altered",
                          writer_name(line->writer, name), line->seq);
    } else if (!e && a->fault) {
        e = verify_broken(v, "writer %s: entry %" PRIu64 " (tags): report %s %s", writer_name(line->writer, name), line->seq, a->id,
                          a->fault);
    }
    free(a);
    return e;
}

// --- urgencies: a changed one stands on an AUDIT entry of that report whose detail ("U1 U3") ends with it

#define URGENCY_BATCH 500
DB_QUERY(verify_urgency, "ii", "ibiB",
         "select r.seq, r.id, r.urgency, e.entry from desk.report r left join keeper.entry e on e.writer = r.urgency_writer "
         "and e.seq = r.urgency_seq where r.urgency_seq is not null and r.seq > $1 order by r.seq limit $2");

struct urgency_arg {
    int64_t after;
    size_t n;
    char unproved[ID_HEX]; // report
};

static enum err urgency_run(struct db *db, void *arg)
{
    struct urgency_arg *a = arg;
    struct db_rows *r = NULL;
    enum err e = db_query(db, &verify_urgency, DB_ARGS(DB_I(a->after), DB_I(URGENCY_BATCH)), &r);
    if (e) {
        return e;
    }
    a->unproved[0] = 0;
    for (a->n = 0; db_next(r); a->n++) {
        struct audit_line line;
        bool proved = !db_null(r, 3) && !audit_decode(db_str(r, 3), &line) && line.action == AUDIT_REPORT_URGENCY && line.status == 0 &&
                      str_equal(id_bytes(&line.object), db_str(r, 1)) && line.n_detail == 5 && line.detail[4] - '0' == db_int(r, 2);
        struct id id;
        if (!proved && !a->unproved[0] && !id_from_bytes(db_str(r, 1), &id)) {
            id_hex(id, a->unproved);
        }
        a->after = db_int(r, 0);
    }
    return db_done(&r);
}

enum err verify_urgencies(struct verify *v)
{
    struct urgency_arg a = {.after = 0, .n = URGENCY_BATCH};
    enum err e = OK;
    while (!e && a.n == URGENCY_BATCH) {
        e = store_read(v->store, urgency_run, &a);
        if (!e && a.unproved[0]) {
            e = verify_broken(v, "the urgency of report %s was changed without an entry that says so", a.unproved);
        }
    }
    return e;
}

// --- checkpoints and restores

DB_QUERY(verify_point_row, "bi", "bb", "select body, sig from keeper.checkpoint where writer = $1 and at = $2");
DB_QUERY(verify_point_next, "bi", "ibb",
         "select at, body, sig from keeper.checkpoint where writer = $1 and at > $2 order by at limit 1");

struct row_arg {
    uint8_t writer[8];
    int64_t at;
    bool next, found;
    struct buf body; // body ‖ sig
};

static enum err row_run(struct db *db, void *arg)
{
    struct row_arg *a = arg;
    struct db_rows *r = NULL;
    enum err e = db_query(db, a->next ? &verify_point_next : &verify_point_row, DB_ARGS(DB_B(STR_BYTES(a->writer)), DB_I(a->at)), &r);
    if (e) {
        return e;
    }
    buf_clear(&a->body);
    a->found = db_next(r);
    if (a->found) {
        int first = a->next ? 1 : 0;
        buf_put(&a->body, db_str(r, first));
        buf_put(&a->body, db_str(r, first + 1));
        if (a->next) {
            a->at = db_int(r, 0);
        }
    }
    return db_done(&r);
}

static enum err check_checkpoint(struct verify *v, const struct audit_line *line)
{
    struct row_arg a = {.at = line->at};
    char name[17];
    uint8_t h[32];
    memcpy(a.writer, line->writer, 8);
    buf_init(&a.body, CHECKPOINT_BYTES_MAX + SIGN_BYTES + 1);
    enum err e = store_read(v->store, row_run, &a);
    if (!e) {
        bool whole = a.found && !buf_ok(&a.body) && a.body.n > SIGN_BYTES && line->n_detail == 32;
        if (whole) {
            checkpoint_hash(h, str_slice(buf_str(&a.body), 0, a.body.n - SIGN_BYTES));
        }
        if (!whole || memcmp(h, line->detail, 32) != 0) {
            e = verify_broken(v, "writer %s: entry %" PRIu64 ": its checkpoint was removed or altered", writer_name(line->writer, name),
                              line->seq);
        }
    }
    buf_free(&a.body);
    return e;
}

static enum err checkpoints_of(struct verify *v, const uint8_t writer[8])
{
    struct row_arg a = {.at = INT64_MIN, .next = true};
    uint8_t previous[32] = {0};
    char name[17];
    enum err e;
    memcpy(a.writer, writer, 8);
    buf_init(&a.body, CHECKPOINT_BYTES_MAX + SIGN_BYTES + 1);
    do {
        struct checkpoint c;
        e = store_read(v->store, row_run, &a);
        if (e || !a.found) {
            break;
        }
        if (buf_ok(&a.body) || checkpoint_parse(buf_str(&a.body), v->pub, &c) || memcmp(c.writer, writer, 8) != 0 ||
            memcmp(c.previous, previous, 32) != 0) {
            e = verify_broken(v, "writer %s: a checkpoint was removed or altered", writer_name(writer, name));
        }
        e = e ? e : verify_checkpoint(v, &c, "a checkpoint");
        if (!e) {
            checkpoint_hash(previous, str_slice(buf_str(&a.body), 0, a.body.n - SIGN_BYTES));
        }
    } while (!e);
    buf_free(&a.body);
    return e;
}

enum err verify_checkpoints(struct verify *v)
{
    enum err e = OK;
    for (size_t i = 0; !e && i < v->pub->n_nodes; i++) {
        e = checkpoints_of(v, v->pub->node[i].b);
    }
    return e;
}

static uint64_t get_le64(const uint8_t *at)
{
    uint64_t n = 0;
    for (size_t i = 0; i < 8; i++) {
        n |= (uint64_t)at[i] << (8 * i);
    }
    return n;
}

static void take_restore(struct verify *v, const struct audit_line *line)
{
    char name[17];
    for (size_t at = 0; at + 24 <= line->n_detail && v->n_restored < KEEPER_NODES_MAX; at += 24) {
        struct restored *x = &v->restored[v->n_restored++];
        memcpy(x->writer, line->detail + at, 8);
        x->reached = get_le64(line->detail + at + 8);
        x->lost = get_le64(line->detail + at + 16);
        verify_note(v, "note: a restore has taken writer %s back from entry %" PRIu64 " to %" PRIu64, writer_name(x->writer, name),
                    x->lost, x->reached);
    }
}

// --- ACKNOWLEDGE: what was signed is what the report says

DB_QUERY(verify_acknowledged, "b", "itB", "select r.received, r.category, s.content from desk.report r left join desk.report_sealed s "
         "on s.seq = r.seq where r.id = $1");

struct acknowledged_arg { const struct verify *v; const struct audit_line *line; bool same; };

static enum err acknowledged_run(struct db *db, void *arg)
{
    struct acknowledged_arg *a = arg;
    struct acknowledgement k = {.report = a->line->object};
    uint8_t bytes[ACKNOWLEDGE_BYTES_MAX], digest[32];
    struct db_rows *r = NULL;
    a->same = true; // a report that is gone by right: its tag and its tombstone are looked at elsewhere
    enum err e = db_query(db, &verify_acknowledged, DB_ARGS(DB_ID(k.report)), &r);
    if (e) {
        return e;
    }
    if (db_next(r) && !db_null(r, 2)) {
        struct str content = db_str(r, 2);
        a->same = content.n == sizeof k.content && a->line->n_detail == sizeof digest;
        if (a->same) {
            memcpy(k.install, a->v->install, sizeof k.install);
            memcpy(k.content, content.at, sizeof k.content);
            k.received = db_int(r, 0);
            k.category = db_str(r, 1);
            struct str statement = {(const char *)bytes, acknowledgement_bytes(&k, bytes)};
            crypto_digest(digest, sizeof digest, "isigurt.acksum.1", NULL, 1, &statement);
            a->same = memcmp(digest, a->line->detail, sizeof digest) == 0;
        }
    }
    return db_done(&r);
}

static enum err check_acknowledged(struct verify *v, const struct audit_line *line)
{
    struct acknowledged_arg a = {.v = v, .line = line};
    char name[17], hex[ID_HEX];
    if (!v->has_install) {
        return OK;
    }
    enum err e = store_read(v->store, acknowledged_run, &a);
    return e || a.same ? e : verify_broken(v, "writer %s: entry %" PRIu64 ": report %s is not what was acknowledged",
                                           writer_name(line->writer, name), line->seq, id_hex(line->object, hex));
}

enum err verify_contents(struct verify *v, const struct audit_line *line)
{
    enum err e = verify_bond(v, line);
    if (e || line->action == AUDIT_OPEN || line->action >= AUDIT_DESK_FIRST) {
        return e ? e : verify_named(v, line);
    }
    if (line->status != STATUS_OK) {
        return OK;
    }
    switch (line->action) {
    case AUDIT_TAG:
        return check_tag(v, line);
    case AUDIT_ACKNOWLEDGE:
        return check_acknowledged(v, line);
    case AUDIT_ERASE:
        return verify_erased(v, line);
    case AUDIT_SEAL:
    case AUDIT_HOME:
    case AUDIT_REKEY:
        return verify_sealed(v, line);
    case AUDIT_CHECKPOINT:
        return check_checkpoint(v, line);
    case AUDIT_RESTORE:
        take_restore(v, line);
        return OK;
    default:
        return OK;
    }
}

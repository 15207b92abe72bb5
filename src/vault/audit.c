// audit verify: reads the whole trail with nothing secret (docs/protocol.md, "Audit").
#include "vault/audit.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/file.h"
#include "vault/chain.h"
#include "vault/verify.h"

#define PATH_MOST 4096
#define BATCH 500        // entries a read transaction: well below its second
#define SILENCE (11 * CLOCK_MINUTE)

enum err verify_broken(struct verify *v, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(v->out->place, sizeof v->out->place, format, args);
    va_end(args);
    return ERR_TAMPERED;
}

const char *writer_name(const uint8_t writer[8], char out[static 17])
{
    snprintf(out, 17, "%02x%02x%02x%02x%02x%02x%02x%02x", writer[0], writer[1], writer[2], writer[3], writer[4], writer[5],
             writer[6], writer[7]);
    return out;
}

// --- the chains themselves

DB_QUERY(verify_entries, "bii", "ibbb",
         "select seq, entry, h, sig from keeper.entry where writer = $1 and seq > $2 order by seq limit $3");
DB_QUERY(verify_writer, "b", "b", "select writer from keeper.entry where writer > $1 order by writer limit 1");

struct raw { int64_t seq; size_t n; char entry[ENTRY_BYTES_MAX]; uint8_t h[32], sig[SIGN_BYTES]; bool misshapen; };

struct batch {
    uint8_t writer[8];
    int64_t after;
    size_t n;
    struct raw *row; // BATCH of them
};

static bool cell(const struct db_rows *r, int i, void *to, size_t least, size_t most, size_t *n)
{
    struct str s = db_str(r, i);
    if (s.n < least || s.n > most) {
        return false;
    }
    memcpy(to, s.at, s.n);
    if (n) {
        *n = s.n;
    }
    return true;
}

static enum err batch_run(struct db *db, void *arg)
{
    struct batch *b = arg;
    struct db_rows *r = NULL;
    b->n = 0;
    enum err e = db_query(db, &verify_entries, DB_ARGS(DB_B(STR_BYTES(b->writer)), DB_I(b->after), DB_I(BATCH)), &r);
    if (e) {
        return e;
    }
    while (b->n < BATCH && db_next(r)) {
        struct raw *w = &b->row[b->n++];
        w->seq = db_int(r, 0);
        w->misshapen = !cell(r, 1, w->entry, ENTRY_FIXED, ENTRY_BYTES_MAX, &w->n) || !cell(r, 2, w->h, 32, 32, NULL) ||
                       !cell(r, 3, w->sig, SIGN_BYTES, SIGN_BYTES, NULL);
    }
    return db_done(&r);
}

static enum err check_entry(struct verify *v, struct writer_state *w, const struct raw *raw, struct audit_line *line)
{
    char name[17];
    writer_name(w->writer, name);
    if ((uint64_t)raw->seq != w->last.seq + 1) {
        return verify_broken(v, "writer %s: entry %" PRIu64 " is missing", name, w->last.seq + 1);
    }
    struct str entry = {raw->entry, raw->n};
    uint8_t h[32];
    if (raw->misshapen || audit_decode(entry, line)) {
        return verify_broken(v, "writer %s: entry %" PRId64 " was altered (unreadable)", name, raw->seq);
    }
    entry_hash(h, w->last.h, entry);
    if (memcmp(h, raw->h, 32) != 0 || line->seq != (uint64_t)raw->seq || memcmp(line->writer, w->writer, 8) != 0) {
        return verify_broken(v, "writer %s: entry %" PRId64 " was altered, moved or stands behind an altered one", name, raw->seq);
    }
    if (crypto_verify(w->key, STR_BYTES(h), STR_BYTES(raw->sig))) {
        return verify_broken(v, "writer %s: entry %" PRId64 " is not signed by its node: the chain was written anew", name, raw->seq);
    }
    w->last.seq = line->seq;
    memcpy(w->last.h, h, 32);
    return OK;
}

// Entries that a report's arrival causes carry the minute, not the time.
static bool by_minute(const struct audit_line *line)
{
    return line->action == AUDIT_TAG || line->action == AUDIT_ACKNOWLEDGE;
}

static void note_silence(struct verify *v, struct writer_state *w, const struct audit_line *line)
{
    char name[17];
    // A stop and a start explain a silence; so does a machine that was off, which shows as a start without a stop.
    if (w->at && !by_minute(line) && line->at - w->at > SILENCE && line->action != AUDIT_START &&
        w->notes++ < VERIFY_NOTES_MAX) {
        verify_note(v, "note: writer %s was silent for %" PRId64 " minutes before entry %" PRIu64, writer_name(w->writer, name),
                    (line->at - w->at) / CLOCK_MINUTE, line->seq);
    }
    if (!by_minute(line) && line->at > w->at) {
        w->at = line->at;
    }
}

static enum err check_chain(struct verify *v, struct writer_state *w)
{
    struct batch b = {.row = malloc(BATCH * sizeof *b.row)};
    enum err e = b.row ? OK : ERR_MEMORY;
    memcpy(b.writer, w->writer, 8);
    do {
        e = e ? e : store_read(v->store, batch_run, &b);
        for (size_t i = 0; !e && i < b.n; i++) {
            struct audit_line line;
            e = check_entry(v, w, &b.row[i], &line);
            if (!e) {
                note_silence(v, w, &line);
                b.after = b.row[i].seq;
                v->out->entries++;
                v->out->last_at = line.at > v->out->last_at ? line.at : v->out->last_at;
                e = verify_contents(v, &line);
            }
        }
    } while (!e && b.n == BATCH);
    free(b.row);
    if (!e && w->last.seq) {
        v->out->writers++;
    }
    return e;
}

struct stranger { uint8_t after[8]; bool found; size_t n_after; };

static enum err stranger_run(struct db *db, void *arg)
{
    struct stranger *s = arg;
    struct db_rows *r = NULL;
    enum err e = db_query(db, &verify_writer, DB_ARGS(DB_B(((struct str){(const char *)s->after, s->n_after}))), &r);
    if (e) {
        return e;
    }
    struct str w = {0};
    s->found = db_next(r);
    if (s->found) {
        w = db_str(r, 0);
        s->n_after = w.n == 8 ? 8 : 0;
        if (w.n == 8) {
            memcpy(s->after, w.at, 8);
        }
    }
    return db_done(&r);
}

// Every writer in the table must be a node of ours.
static enum err check_strangers(struct verify *v)
{
    struct stranger s = {.n_after = 0};
    for (;;) {
        enum err e = store_read(v->store, stranger_run, &s);
        if (e || !s.found) {
            return e;
        }
        char name[17];
        if (s.n_after != 8 || !writer_key(v->pub, s.after)) {
            return verify_broken(v, "writer %s: keeper.pub does not name it", s.n_after == 8 ? writer_name(s.after, name) : "?");
        }
    }
}

// --- what stands outside the database

DB_QUERY(verify_h, "bi", "b", "select h from keeper.entry where writer = $1 and seq = $2");

struct point_arg { const struct head_file *head; bool found; uint8_t h[32]; };

static enum err point_run(struct db *db, void *arg)
{
    struct point_arg *p = arg;
    struct db_rows *r = NULL;
    enum err e = db_query(db, &verify_h, DB_ARGS(DB_B(STR_BYTES(p->head->writer)), DB_I(p->head->at.seq)), &r);
    if (e) {
        return e;
    }
    p->found = db_next(r) && cell(r, 0, p->h, 32, 32, NULL);
    return db_done(&r);
}

static bool lost_in_restore(const struct verify *v, const struct head_file *head)
{
    for (size_t i = 0; i < v->n_restored; i++) {
        const struct restored *x = &v->restored[i];
        if (memcmp(x->writer, head->writer, 8) == 0 && head->at.seq > x->reached && head->at.seq <= x->lost) {
            return true;
        }
    }
    return false;
}

enum err verify_point(struct verify *v, const struct head_file *head, const char *source)
{
    char name[17];
    struct point_arg p = {.head = head};
    if (head->at.seq == 0 || lost_in_restore(v, head)) {
        return OK;
    }
    enum err e = store_read(v->store, point_run, &p);
    if (e) {
        return e;
    }
    if (!p.found) {
        return verify_broken(v, "writer %s: cut off: %s names entry %" PRIu64 ", which is not there", writer_name(head->writer, name),
                             source, head->at.seq);
    }
    if (memcmp(p.h, head->at.h, 32) != 0) {
        return verify_broken(v, "writer %s: entry %" PRIu64 " is not the one that %s names", writer_name(head->writer, name),
                             head->at.seq, source);
    }
    return OK;
}

enum err verify_checkpoint(struct verify *v, const struct checkpoint *c, const char *source)
{
    enum err e = OK;
    for (size_t i = 0; !e && i < c->n; i++) {
        e = verify_point(v, &c->head[i], source);
    }
    return e;
}

static enum err read_named(const char *dir, const char *name, size_t max, struct buf *b)
{
    char path[PATH_MOST];
    buf_init(b, max);
    enum err e = vault_path(path, sizeof path, dir, name);
    return e ? e : file_read(path, b);
}

static enum err check_head_of(struct verify *v, const struct writer_state *w)
{
    char name[32];
    struct buf b;
    struct head_file head;
    struct checkpoint point;
    writer_file(name, "checkpoint", w->writer);
    enum err e = read_named(v->head_dir, name, CHECKPOINT_BYTES_MAX + SIGN_BYTES + 1, &b);
    e = e ? e : checkpoint_parse(buf_str(&b), v->pub, &point);
    buf_free(&b);
    bool has_point = !e;
    if (e && e != ERR_NOT_FOUND) {
        return e == ERR_IO ? e : verify_broken(v, "%s: does not verify", name);
    }
    writer_file(name, "head", w->writer);
    e = read_named(v->head_dir, name, HEAD_BYTES + 1, &b);
    e = e ? e : head_parse(buf_str(&b), v->pub, &head);
    buf_free(&b);
    if (e == ERR_NOT_FOUND) {
        e = w->last.seq > 1 ? verify_broken(v, "%s: is missing; where that node stands elsewhere, bring its file", name) : OK;
    } else if (e == ERR_IO) {
        return e;
    } else if (e && has_point) {
        verify_note(v, "note: %s is unreadable; the last checkpoint stands in for it", name);
        e = OK;
    } else if (e || memcmp(head.writer, w->writer, 8) != 0) {
        e = verify_broken(v, "%s: does not verify", name);
    } else {
        e = verify_point(v, &head, name);
    }
    return e || !has_point ? e : verify_checkpoint(v, &point, "the checkpoint file");
}

// An anchor is a checkpoint or a head that was kept elsewhere.
static enum err check_anchor_file(struct verify *v, const char *path, struct buf *why)
{
    struct buf b;
    struct checkpoint point;
    struct head_file head;
    buf_init(&b, CHECKPOINT_BYTES_MAX + SIGN_BYTES + 1);
    enum err e = file_read(path, &b);
    if (e) {
        buf_clear(why); // of notes
        buf_printf(why, "the anchor %s cannot be read", path);
        buf_free(&b);
        return e;
    }
    anchor_digest(v->out->anchor, buf_str(&b));
    if (!checkpoint_parse(buf_str(&b), v->pub, &point)) {
        e = verify_checkpoint(v, &point, "the anchor");
    } else if (!head_parse(buf_str(&b), v->pub, &head)) {
        e = verify_point(v, &head, "the anchor");
    } else {
        e = verify_broken(v, "the anchor does not verify under keeper.pub");
    }
    buf_free(&b);
    return e;
}

static enum err verify_all(struct verify *v, const char *anchor_file, struct buf *why)
{
    enum err e = check_strangers(v);
    for (size_t i = 0; !e && i < v->pub->n_nodes; i++) {
        memcpy(v->writer[i].writer, v->pub->node[i].b, 8);
        v->writer[i].key = &v->pub->node[i];
        e = check_chain(v, &v->writer[i]);
    }
    for (size_t i = 0; !e && i < v->pub->n_nodes; i++) {
        e = check_head_of(v, &v->writer[i]);
    }
    e = e ? e : verify_checkpoints(v);
    e = e ? e : verify_seals(v);
    e = e ? e : verify_urgencies(v);
    e = e ? e : verify_gone(v);
    return e || !anchor_file ? e : check_anchor_file(v, anchor_file, why);
}

// Without the file acknowledgements are not compared, and that is said.
static void read_install(struct verify *v, const char *keys_dir)
{
    char path[PATH_MOST];
    struct buf b;
    buf_init(&b, sizeof v->install + 1);
    v->has_install = !vault_path(path, sizeof path, keys_dir, "install.id") && !file_read(path, &b) && b.n == sizeof v->install;
    if (v->has_install) {
        memcpy(v->install, b.at, sizeof v->install);
    } else {
        verify_note(v, "note: install.id cannot be read beside the keys, so acknowledgements were not compared with their reports");
    }
    buf_free(&b);
}

enum err audit_verify(struct store *store, const char *keys_dir, const char *head_dir, const char *anchor_file,
                      struct audit_report *out, struct buf *why)
{
    struct keeper_pub pub;
    struct audit_report report = {0};
    enum err e = crypto_start();
    e = e ? e : keeper_pub_read(keys_dir, &pub, why);
    if (e) {
        return e == ERR_TAMPERED || e == ERR_MALFORMED ? ERR_IO : e; // the trail itself has not been looked at
    }
    struct verify *v = calloc(1, sizeof *v);
    if (!v) {
        return ERR_MEMORY;
    }
    v->store = store;
    v->pub = &pub;
    v->head_dir = head_dir;
    v->out = &report;
    v->why = why;
    read_install(v, keys_dir);
    e = verify_all(v, anchor_file, why);
    if (e == ERR_TAMPERED && !report.place[0]) {
        snprintf(report.place, sizeof report.place, "rows of the store are not what they should be");
    }
    if (e == ERR_TAMPERED && why) {
        buf_clear(why);
        buf_put_z(why, report.place);
    }
    verify_free(v);
    *out = report;
    return e;
}

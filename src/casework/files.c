// Evidence files. Each is a stream under a fresh key (crypto/stream.h), cut into rows, so that a file and its row stand or
// fall in one transaction, and copies, erasure and a full disk are the store's. Name, words, key and hash are an entry of
// the case like any other: who has the case's key, through the keeper, has its files; nobody else.
#include <stdatomic.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/rand.h"
#include "casework/handlers.h"
#include "crypto/stream.h"
#include "evidence/evidence.h"

#define PIECE 65536u                    // bytes of a row
#define SEALED_MAX (CASE_FILE_BYTES + CASE_FILE_BYTES / 512 + 4096)
#define AT_ONCE 4                       // opened at once: bounds memory
#define DROP_PIECES 16                  // deleted in one transaction, so that removing needs little room itself

DB_QUERY(upload_insert_sql, "bbbiti", "", "insert into desk.case_upload (id, case_id, person, at, type, size) values ($1, $2, $3, $4, $5, $6)");
DB_QUERY(upload_piece_sql, "bib", "", "insert into desk.case_upload_piece (upload, n, sealed) values ($1, $2, $3)");
DB_QUERY(upload_count_sql, "b", "i", "select count(*) from desk.case_upload where case_id = $1");
DB_QUERY(upload_rows_sql, "bi", "bbitiI", "select id, person, at, type, size, removed_at from desk.case_upload where case_id = $1 order by at, id limit $2");
DB_QUERY(upload_one_sql, "bb", "tiI", "select type, size, removed_at from desk.case_upload where id = $1 and case_id = $2");
DB_QUERY(upload_pieces_sql, "b", "b", "select sealed from desk.case_upload_piece where upload = $1 order by n");
DB_QUERY(upload_gone_sql, "i", "bi", "select p.upload, max(p.n) from desk.case_upload u join desk.case_upload_piece p on p.upload = u.id "
         "where u.removed_at is not null group by p.upload order by p.upload limit $1");
DB_QUERY(upload_drop_sql, "bi", "", "delete from desk.case_upload_piece where upload = $1 and n > $2");
DB_QUERY(upload_removed_sql, "bib", "", "update desk.case_upload set removed_at = $2, removed_by = $3 where id = $1 and removed_at is null");
DB_QUERY(upload_shred_pieces_sql, "b", "", "delete from desk.case_upload_piece where upload in (select id from desk.case_upload where case_id = $1)");
DB_QUERY(upload_shred_sql, "b", "", "delete from desk.case_upload where case_id = $1");

enum err case_uploads_shred_db(struct db *db, struct id case_id)
{
    enum err e = db_exec(db, &upload_shred_pieces_sql, DB_ARGS(DB_ID(case_id)), NULL);
    return e ? e : db_exec(db, &upload_shred_sql, DB_ARGS(DB_ID(case_id)), NULL);
}

// ── in ──
struct putting { struct buf sealed; struct sniffed kind; size_t size; };

static enum err upload_seal(struct str bytes, const struct key *seed, struct buf *sealed)
{
    struct public_key pk;
    struct key sk;
    crypto_pair(&pk, &sk, seed);
    crypto_wipe(&sk, sizeof sk);
    return stream_seal(&pk, bytes, sealed);
}

static enum err upload_look(struct db *db, struct case_work *w)
{
    struct db_rows *r;
    enum err e = db_query(db, &upload_count_sql, DB_ARGS(DB_ID(w->rq->id)), &r);
    if (e)
        return e;
    bool full = db_next(r) && db_int(r, 0) >= CASE_FILES_MAX;
    e = db_done(&r);
    return e ? e : full ? case_refuse(w, MSG_CASEWORK_FILE_MANY) : OK;
}

static enum err upload_write(struct db *db, struct case_work *w)
{
    const struct putting *p = w->more;
    struct str rest = buf_str(&p->sealed);
    enum err e = db_exec(db, &upload_insert_sql, DB_ARGS(DB_ID(w->thing), DB_ID(w->rq->id), DB_ID(w->rq->who.id),
                         DB_I(clock_minute(w->rq->now)), DB_T(str_from(p->kind.type)), DB_I(p->size)), NULL);
    for (int64_t n = 0; rest.n > 0 && !e; n++) {
        size_t take = rest.n < PIECE ? rest.n : PIECE;
        e = db_exec(db, &upload_piece_sql, DB_ARGS(DB_ID(w->thing), DB_I(n), DB_B(str_slice(rest, 0, take))), NULL);
        rest = str_slice(rest, take, rest.n);
    }
    return e;
}

// Before anything is said of what was sent: without a key there is no case.
static enum err case_look(struct db *db, void *arg)
{
    const struct case_work *w = arg;
    struct case_at at;
    return case_at_db(db, w->rq->arena, &w->rq->who, w->rq->id, &at);
}

static struct str hex_of(struct req *rq, const void *bytes, size_t n)
{
    struct buf b;
    buf_init_secret(&b, 128);
    buf_put_hex(&b, bytes, n);
    struct str out = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

enum err case_file_add_run(struct req *rq, const void *in_, void *out_)
{
    const struct case_file_in *in = in_;
    struct case_files_out *out = out_;
    struct putting p = {.size = rq->upload.bytes.n};
    struct case_work w = {.rq = rq, .action = AUDIT_CASE, .history = "file", .kind = STR("file"), .thing = id_random(),
                          .look = upload_look, .write = upload_write, .more = &p};
    uint8_t hash[32];
    struct key seed;
    enum err e = store_read(rq->sv->store, case_look, &w);
    if (e)
        return e;
    if (!rq->upload.sent || p.size == 0)
        return req_refuse(rq, "file", MSG_CASEWORK_FILE_NONE);
    if (p.size > CASE_FILE_BYTES)
        return req_refuse(rq, "file", MSG_CASEWORK_FILE_LARGE);
    if (evidence_disk_low(rq->sv->config, p.size))
        return req_notice(rq, ERR_FULL, MSG_CASEWORK_FILE_DISK);
    if (!evidence_sniff(rq->upload.bytes, &p.kind))
        return req_refuse(rq, "file", MSG_CASEWORK_FILE_TYPE);
    rand_bytes(seed.b, sizeof seed.b);
    crypto_sha256(hash, rq->upload.bytes);
    words_put(&w.words, "name", evidence_name(rq, rq->upload.name));
    words_put(&w.words, "text", str_trim(in->text));
    words_put(&w.words, "hash", hex_of(rq, hash, sizeof hash));
    words_put(&w.words, "file_key", hex_of(rq, seed.b, sizeof seed.b));
    buf_init(&p.sealed, SEALED_MAX);
    e = upload_seal(rq->upload.bytes, &seed, &p.sealed);
    crypto_wipe(&seed, sizeof seed);
    if (!e)
        e = case_work_run(&w);
    buf_free(&p.sealed);
    if (!e)
        *out = (struct case_files_out){.id = w.entry.thing};
    return e;
}

// ── what is there ──
struct looking {
    struct req *rq;
    struct case_at at;
    struct keeper_path path;
    struct list entries;
    struct case_file_row *row;
    size_t n;
    struct str type;             // of one
    int64_t size;
    struct buf sealed;
};

static enum err files_look(struct db *db, void *arg)
{
    struct looking *l = arg;
    struct req *rq = l->rq;
    struct db_rows *r;
    l->n = 0;
    enum err e = case_at_db(db, rq->arena, &rq->who, rq->id, &l->at);
    e = e ? e : case_path_db(db, rq->arena, &rq->who, rq->id, &l->path);
    e = e ? e : case_entries_of_db(db, rq->arena, rq->id, RECORD_CASE, STR("file"), (struct id){{0}}, CASE_FILES_MAX, &l->entries);
    e = e ? e : db_query(db, &upload_rows_sql, DB_ARGS(DB_ID(rq->id), DB_I(CASE_FILES_MAX)), &r);
    if (e)
        return e;
    while (l->n < CASE_FILES_MAX && db_next(r)) {
        struct case_file_row *f = &l->row[l->n++];
        *f = (struct case_file_row){.at = db_int(r, 2), .type = arena_str(rq->arena, db_str(r, 3)), .size = db_int(r, 4),
                                    .removed_at = db_null(r, 5) ? INT64_MIN : db_int(r, 5)};
        f->there = db_null(r, 5);
        if (id_from_bytes(db_str(r, 0), &f->id) || id_from_bytes(db_str(r, 1), &f->person))
            e = ERR_TAMPERED;
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = 0; i < l->n && !e; i++)
        e = people_name(db, rq->arena, l->row[i].person, &l->row[i].by);
    return e;
}

static enum err files_note(struct db *db, void *arg)
{
    const struct looking *l = arg;
    bool one = !id_zero(l->rq->id2);
    return case_history_db(db, l->at.id, l->rq->who.id, l->path.step[0].parent, one ? "file_read" : "read", l->rq->id2, l->rq->now);
}

static void row_tell(struct looking *l, struct case_file_row *f)
{
    const struct case_entry *at = l->entries.at;
    struct words w = {0};
    f->altered = true;
    for (size_t i = 0; i < l->entries.n; i++)
        if (id_equal(at[i].thing, f->id) && at[i].plain.at)
            f->altered = words_read(l->rq->arena, at[i].plain, &w) != OK;
    f->name = words_get(&w, "name");
    f->text = words_get(&w, "text");
    f->hash = words_get(&w, "hash");
    f->at_text = req_time(l->rq, f->at);
    f->size_text = arena_printf(l->rq->arena, "%lld kB", (long long)(f->size + 999) / 1000);
}

enum err case_files_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct case_files_out *out = out_;
    struct looking l = {.rq = rq, .row = arena_array(rq->arena, CASE_FILES_MAX, sizeof *l.row)};
    enum err e = l.row ? store_read(rq->sv->store, files_look, &l) : ERR_MEMORY;
    union { const void *in; struct case_entry *out; } entries = {l.entries.at};
    if (!e && l.entries.n > 0)
        e = case_entries_open(rq, PURPOSE_READ, &l.path, entries.out, l.entries.n);
    if (!e && l.entries.n > 0)
        e = store_write(rq->sv->store, files_note, &l);
    if (e)
        return e;
    for (size_t i = 0; i < l.n; i++)
        row_tell(&l, &l.row[i]);
    *out = (struct case_files_out){.id = rq->id, .files = {l.row, l.n}, .number = l.at.number};
    out->may_add = person_of_unit(&rq->who, l.at.owner) && l.at.state != CASE_CLOSED && req_may(rq, PERM_CASE_EDIT);
    out->may_remove = person_of_unit(&rq->who, l.at.owner) && req_may(rq, PERM_CASE_APPROVE);
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

// ── out ──
static enum err one_look(struct db *db, void *arg)
{
    struct looking *l = arg;
    struct req *rq = l->rq;
    struct db_rows *r;
    buf_clear(&l->sealed);
    enum err e = case_at_db(db, rq->arena, &rq->who, rq->id, &l->at);
    e = e ? e : case_path_db(db, rq->arena, &rq->who, rq->id, &l->path);
    e = e ? e : db_query(db, &upload_one_sql, DB_ARGS(DB_ID(rq->id2), DB_ID(rq->id)), &r);
    if (e)
        return e;
    bool there = db_next(r) && db_null(r, 2);
    if (there) {
        l->type = arena_str(rq->arena, db_str(r, 0));
        l->size = db_int(r, 1);
    }
    e = db_done(&r);
    e = e ? e : there ? OK : ERR_NOT_FOUND;
    e = e ? e : case_entries_of_db(db, rq->arena, rq->id, RECORD_CASE, STR("file"), rq->id2, 1, &l->entries);
    e = e ? e : db_query(db, &upload_pieces_sql, DB_ARGS(DB_ID(rq->id2)), &r);
    if (e)
        return e;
    while (db_next(r))
        buf_put(&l->sealed, db_str(r, 0));
    e = db_done(&r);
    return e ? e : buf_ok(&l->sealed) ? ERR_TAMPERED : l->entries.n == 1 ? OK : ERR_TAMPERED;
}

// The whole file, or nothing of it: also the hash that was sealed with its name must be its own.
static enum err upload_open(struct req *rq, struct str sealed, const struct key *seed, size_t size, struct str hash, struct str *out)
{
    struct public_key pk;
    struct key sk;
    uint8_t made[32];
    char *to = size <= CASE_FILE_BYTES ? arena_alloc(rq->arena, size + 1) : NULL;
    if (!to)
        return ERR_MEMORY;
    struct buf plain = {.at = to, .cap = size, .max = size}; // in the arena: it never grows
    crypto_pair(&pk, &sk, seed);
    enum err e = stream_open(&pk, &sk, sealed, &plain);
    crypto_wipe(&sk, sizeof sk);
    *out = buf_str(&plain);
    crypto_sha256(made, *out);
    bool whole = !e && plain.n == size && str_equal(hex_of(rq, made, sizeof made), hash);
    return whole ? OK : e == ERR_MEMORY ? e : ERR_TAMPERED;
}

static enum err one_open(struct looking *l)
{
    struct req *rq = l->rq;
    struct keeper_audit_at said;
    struct words w = {0};
    struct key seed;
    struct sniffed kind;
    union { const void *in; struct case_entry *out; } entry = {l->entries.at};
    char hex[ID_HEX];
    enum err e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_CASE, rq->id, rq->id2, STR("file_read"), &said);
    e = e ? e : case_entries_open(rq, PURPOSE_READ, &l->path, entry.out, 1);
    e = e ? e : store_write(rq->sv->store, files_note, l);
    e = e ? e : entry.out->plain.at && words_read(rq->arena, entry.out->plain, &w) == OK ? OK : ERR_TAMPERED;
    if (!e && !str_unhex(words_get(&w, "file_key"), seed.b, sizeof seed.b))
        e = ERR_TAMPERED;
    struct str bytes = {0};
    e = e ? e : upload_open(rq, buf_str(&l->sealed), &seed, (size_t)l->size, words_get(&w, "hash"), &bytes);
    crypto_wipe(&seed, sizeof seed);
    if (e)
        return e;
    if (!evidence_sniff(bytes, &kind)) // whole, and taken before the table said no
        kind = (struct sniffed){"application/octet-stream", "bin"};
    rq->file = (struct attachment){.bytes = bytes, .type = str_from(kind.type),
                                   .name = arena_printf(rq->arena, "%.*s-%.8s.%s", STR_ARG(l->at.number), id_hex(rq->id2, hex), kind.ending)};
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err case_file_read_run(struct req *rq, const void *in, void *out)
{
    static atomic_int open;
    struct looking l = {.rq = rq};
    (void)in;
    *(struct case_files_out *)out = (struct case_files_out){.id = rq->id2};
    if (atomic_fetch_add(&open, 1) >= AT_ONCE) {
        atomic_fetch_sub(&open, 1);
        return req_notice(rq, ERR_FULL, MSG_CASEWORK_FILE_BUSY);
    }
    buf_init(&l.sealed, SEALED_MAX);
    enum err e = store_read(rq->sv->store, one_look, &l);
    e = e ? e : one_open(&l);
    if (e == ERR_TAMPERED)
        log_event(LOG_ALARM, "case.file_tampered", LOG_ID("case", rq->id), LOG_ID("file", rq->id2));
    buf_free(&l.sealed);
    atomic_fetch_sub(&open, 1);
    return e;
}

// ── away ──
static enum err remove_look(struct db *db, struct case_work *w)
{
    struct db_rows *r;
    enum err e = db_query(db, &upload_one_sql, DB_ARGS(DB_ID(w->rq->id2), DB_ID(w->rq->id)), &r);
    if (e)
        return e;
    bool there = db_next(r) && db_null(r, 2);
    e = db_done(&r);
    return e ? e : there ? OK : ERR_NOT_FOUND;
}

static enum err remove_write(struct db *db, struct case_work *w)
{
    int64_t changed = 0;
    enum err e = db_exec(db, &upload_removed_sql, DB_ARGS(DB_ID(w->thing), DB_I(clock_minute(w->rq->now)), DB_ID(w->rq->who.id)), &changed);
    return e ? e : changed == 1 ? OK : ERR_CONFLICT;
}

// Bytes of files that are removed, from the end, a little at a time; also those of one whose removal was interrupted.
struct dropping { bool more; struct id upload; int64_t last; };

static enum err drop_look(struct db *db, void *arg)
{
    struct dropping *d = arg;
    struct db_rows *r;
    enum err e = db_query(db, &upload_gone_sql, DB_ARGS(DB_I(1)), &r);
    if (e)
        return e;
    d->more = db_next(r);
    if (d->more) {
        d->last = db_int(r, 1);
        e = id_from_bytes(db_str(r, 0), &d->upload);
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err drop_write(struct db *db, void *arg)
{
    const struct dropping *d = arg;
    return db_exec(db, &upload_drop_sql, DB_ARGS(DB_ID(d->upload), DB_I(d->last - DROP_PIECES)), NULL);
}

static enum err drop_removed(struct store *s)
{
    struct dropping d = {0};
    for (;;) {
        enum err e = store_read(s, drop_look, &d);
        if (!e && d.more)
            e = store_write(s, drop_write, &d);
        enum err cut = store_scrub(s); // from the log too, now and not with the next pass: also what makes room for the next piece
        if (cut)
            log_event(LOG_WARN, "case.log_not_cut", LOG_ERR(cut));
        if (e || !d.more)
            return e;
    }
}

enum err case_file_remove_run(struct req *rq, const void *in_, void *out_)
{
    const struct case_file_remove_in *in = in_;
    struct case_act_out *out = out_;
    struct case_work w = {.rq = rq, .action = AUDIT_CASE, .history = "file_removed", .kind = STR("file_removed"),
                          .thing = rq->id2, .look = remove_look, .write = remove_write, .closed_too = true};
    words_put(&w.words, "text", str_trim(in->text));
    enum err e = case_work_run(&w);
    if (e)
        return e;
    enum err left = drop_removed(rq->sv->store);
    if (left) // it is removed for everybody; the next removal takes what lies there still
        log_event(LOG_ALARM, "case.file_bytes_left", LOG_ERR(left), LOG_ID("file", rq->id2));
    *out = (struct case_act_out){.id = rq->id2, .state = str_from(case_state_name(w.at.state)), .version = w.at.version};
    return OK;
}

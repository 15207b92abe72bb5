// Evidence files of a row: each is added and removed with a new version of the row, which its history shows.
#include "base/clock.h"
#include "register/handlers.h"

struct evidence_of entry_files_of(const struct entry_row *x)
{
    return (struct evidence_of){KEEPER_FILE_ENTRY, x->id, x->who.institution};
}

struct str entry_files_base(const struct req *rq)
{
    char hex[ID_HEX];
    return arena_printf(rq->arena, "/registers/entries/%s", id_hex(rq->id, hex));
}

struct filing {
    struct req *rq;
    struct entry_put put;
    struct list values;
    struct entry_who who;
    struct evidence_new *file;
    bool remove;
};

static enum err filing_look(struct db *db, void *arg)
{
    struct filing *g = arg;
    struct entry_row *x = &g->put.row;
    enum err e = entry_who_db(db, g->rq, &g->who);
    e = e ? e : entry_find_db(db, g->rq->arena, g->rq->sv->pack, g->rq->id, x);
    e = e ? e : entry_files_see(x->reg, &g->who, &x->who) ? OK : ERR_NOT_FOUND;
    return e ? e : entry_files_may(x->reg, &g->who, &x->who, g->remove);
}

static enum err filing_write(struct db *db, void *arg)
{
    struct filing *g = arg;
    struct evidence_of of = entry_files_of(&g->put.row);
    struct entry_put put = g->put;
    enum err e = g->remove ? evidence_remove_db(db, g->rq, &of, g->rq->id2) : evidence_put_db(db, g->rq, g->file);
    return e ? e : entry_put_db(db, g->rq->arena, &put, 0); // ERR_CONFLICT where the row changed since it was looked at
}

static enum err filing_put(struct filing *g)
{
    struct req *rq = g->rq;
    struct entry_row *x = &g->put.row;
    g->values = entry_fields_read(rq->arena, x->fields);
    g->put.values = &g->values;
    g->put.action = g->remove ? STR("file_removed") : STR("file");
    g->put.note = STR("");
    x->who.person = rq->who.id;
    x->at = clock_minute(rq->now);
    entry_put_ready(rq->arena, rq->sv->pack, &g->put);
    return arena_failed(rq->arena) ? ERR_MEMORY : store_write(rq->sv->store, filing_write, g);
}

// The page is shown again, with what stands there now.
static enum err filing_end(struct filing *g, enum err e, void *out)
{
    struct req *rq = g->rq;
    const struct none nothing = {false};
    if (e && e != ERR_CONFLICT && e != ERR_INVALID)
        return e;
    enum err shown = entry_read_run(rq, &nothing, out);
    if (shown || !e)
        return shown;
    if (e == ERR_CONFLICT && g->file && g->file->many)
        return evidence_refuse_many(rq);
    if (e == ERR_CONFLICT)
        return req_notice(rq, e, g->put.row.who.state == ENTRY_CONFIRMED && g->remove ? MSG_EVIDENCE_CONFIRMED : MSG_REGISTER_CHANGED);
    return e;
}

enum err entry_file_add_run(struct req *rq, const void *in, void *out)
{
    struct evidence_new file = {.size = 0};
    struct filing g = {.rq = rq, .file = &file};
    (void)in;
    enum err e = store_read(rq->sv->store, filing_look, &g); // before anything is said of what was sent
    if (!e) {
        struct evidence_of of = entry_files_of(&g.put.row);
        e = evidence_take(rq, &of, &file);
        e = e ? e : filing_put(&g);
        evidence_new_free(&file);
    }
    return filing_end(&g, e, out);
}

enum err entry_file_remove_run(struct req *rq, const void *in, void *out)
{
    struct filing g = {.rq = rq, .remove = true};
    (void)in;
    enum err e = store_read(rq->sv->store, filing_look, &g);
    e = e ? e : filing_put(&g);
    if (!e)
        evidence_scrub(rq);
    return filing_end(&g, e, out);
}

static enum err file_look(struct db *db, struct req *rq, struct evidence_of *of)
{
    struct entry_row x;
    struct entry_who who;
    enum err e = entry_who_db(db, rq, &who);
    e = e ? e : entry_find_db(db, rq->arena, rq->sv->pack, rq->id, &x);
    e = e ? e : entry_files_see(x.reg, &who, &x.who) ? OK : ERR_NOT_FOUND;
    if (!e)
        *of = entry_files_of(&x);
    return e;
}

enum err entry_file_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    (void)out;
    return evidence_give(rq, file_look);
}

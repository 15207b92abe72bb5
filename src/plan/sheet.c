// Values from a table file, by page: looked through first, then written as a whole.
#include <stdatomic.h>
#include "plan/entry.h"
#include "plan/kept.h"
#include "plan/value_import.h"

#define AT_ONCE 2
#define ARENA_BYTES (64u << 20)

struct uploading { struct plan_desk d; struct plan_bases plans; };

static enum err desk_read(struct db *db, void *arg)
{
    struct uploading *g = arg;
    enum err e = plan_desk_db(db, g->d.rq, STR(""), STR(""), &g->d);
    return e ? e : plan_bases_db(db, g->d.rq->sv->pack, g->d.plan, &g->plans);
}

enum err plan_sheet_run(struct req *rq, const void *in, void *out)
{
    (void)rq, (void)in, (void)out;
    return OK;
}

enum err plan_sheet_upload_fill(struct req *rq, const void *in, void *out)
{
    (void)rq, (void)in, (void)out;
    return OK;
}

// The lines outlive the file's own arena.
static enum err lines_put(struct req *rq, const struct plan_table *t, struct plan_sheet_out *out)
{
    struct plan_sheet_line *at = arena_array(rq->arena, t->n_lines + 1, sizeof *at);
    for (size_t i = 0; at && i < t->n_lines; i++)
        at[i] = (struct plan_sheet_line){t->lines[i].line, arena_str(rq->arena, t->lines[i].column), arena_str(rq->arena, t->lines[i].message)};
    out->lines = (struct list){at, at ? t->n_lines : 0};
    return at && !arena_failed(rq->arena) ? OK : ERR_MEMORY;
}

static enum err upload_read(struct uploading *g, struct arena *a, bool write, struct plan_sheet_out *out)
{
    struct req *rq = g->d.rq;
    struct plan_table t = {.a = a, .l = rq->lang, .rows_max = PLAN_UPLOAD_ROWS};
    struct plan_values_file f;
    enum err e = plan_values_read(&t, rq->sv->pack, &g->plans, &g->d.institutions, rq->upload.bytes, &f);
    if (e)
        return e;
    struct plan_putting put = {.arena = a, .plan = g->d.plan, .who = g->d.who, .now = rq->now,
                               .action = STR("imported"), .whole = true, .look = !write, .at = f.put, .n = f.n};
    if (t.faults == 0) {
        e = store_write(rq->sv->store, plan_values_put, &put);
        if (e && e != ERR_INVALID)
            return e;
        plan_values_told(&f);
    }
    for (size_t i = 0; i < f.n; i++)
        out->saved += f.put[i].end == PLAN_PUT_SAVED;
    out->rows = (int64_t)t.rows;
    out->looked = true;
    out->done = write && t.faults == 0 && t.rows > 0;
    e = lines_put(rq, &t, out);
    if (!e && t.faults == 0 && t.rows == 0)
        return req_refuse(rq, "file", MSG_REGISTER_REFUSED_NO_ROWS);
    return e ? e : t.faults > 0 && write ? req_notice(rq, ERR_CONFLICT, MSG_REGISTER_IMPORT_NONE) : OK;
}

enum err plan_sheet_upload_run(struct req *rq, const void *in_, void *out_)
{
    static atomic_int open;
    const struct plan_sheet_upload_in *in = in_;
    struct uploading g = {.d = {.rq = rq}};
    struct arena *a = NULL;
    enum err e = store_read(rq->sv->store, desk_read, &g);
    if (!e && (!rq->upload.sent || rq->upload.bytes.n == 0))
        return req_refuse(rq, "file", MSG_REGISTER_REFUSED_NO_FILE);
    if (!e && rq->upload.bytes.n > PLAN_UPLOAD_BYTES)
        return req_refuse_number(rq, "file", MSG_REGISTER_REFUSED_LARGE, PLAN_UPLOAD_BYTES >> 20);
    if (e)
        return e;
    e = atomic_fetch_add(&open, 1) >= AT_ONCE ? req_notice(rq, ERR_FULL, MSG_REGISTER_BUSY) : arena_new(ARENA_BYTES, &a);
    e = e ? e : upload_read(&g, a, in->write, out_);
    atomic_fetch_sub(&open, 1);
    arena_free(&a);
    return e;
}

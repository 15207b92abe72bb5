// Targets: the table of a year, one indicator's form, and the table file.
#include <stdatomic.h>
#include "people/people.h"
#include "plan/handlers.h"
#include "plan/kept.h"

#define TARGET_ARENA (16u << 20)
#define AT_ONCE 2

struct targeting {
    struct req *rq;
    struct arena *a;
    struct plan_version v;
    struct plan_target *all, *old, put;
    size_t n, n_old;
    int64_t year;
    struct plan_targets_file file;
    struct plan_bases plans;
    struct str *name;
};

// The plan that the year goes by, and its targets.
static enum err year_read(struct db *db, void *arg)
{
    struct targeting *t = arg;
    enum err e = t->year ? plan_version_of_year_db(db, t->a, t->rq->sv->pack, t->year, &t->v)
                 : plan_version_on_day_db(db, t->a, t->rq->sv->pack, plan_day(t->rq->now), &t->v);
    if (!e && !t->year)
        t->year = plan_year_shown(t->v.plan, t->rq->now);
    if (!e && !pack_plan_year(t->v.plan, t->year))
        e = ERR_NOT_FOUND;
    e = e ? e : plan_bases_db(db, t->rq->sv->pack, t->v.plan, &t->plans);
    e = e ? e : plan_targets_db(db, t->a, t->year, t->year, &t->all, &t->n);
    if (!e && t->rq->code.n)
        e = plan_target_history_db(db, t->a, t->rq->code, t->year, &t->old, &t->n_old);
    t->name = arena_array(t->a, t->n_old + 1, sizeof *t->name);
    for (size_t i = 0; i < t->n_old && !e; i++)
        e = id_zero(t->old[i].person) ? OK : people_name(db, t->rq->arena, t->old[i].person, &t->name[i]);
    return e;
}

static enum err targeting_open(struct targeting *t)
{
    enum err e = arena_new(TARGET_ARENA, &t->a);
    return e ? e : store_read(t->rq->sv->store, year_read, t);
}

static struct str amount_typed(struct req *rq, int64_t amount)
{
    struct buf b;
    buf_init(&b, 64);
    if (amount != PLAN_NOT_SET)
        plan_amount_print(&b, amount);
    struct str out = arena_str(rq->arena, text_arg_str(buf_str(&b)));
    buf_free(&b);
    return out;
}

static struct plan_target_row row_of(struct req *rq, const struct pack_plan_indicator *x, const struct plan_target *t)
{
    return (struct plan_target_row){.indicator = arena_str(rq->arena, t->indicator), .year = t->year,
                                    .baseline = t->baseline, .target = t->target, .weight = t->weight,
                                    .rationale = arena_str(rq->arena, t->rationale), .version = t->version,
                                    .title = x ? arena_str(rq->arena, plan_label(rq, x->title)) : STR(""),
                                    .unit = x ? arena_str(rq->arena, plan_label(rq, x->unit)) : STR(""),
                                    .baseline_text = x ? plan_value_text(rq, x, t->baseline) : STR(""),
                                    .target_text = x ? plan_value_text(rq, x, t->target) : STR(""),
                                    .weight_text = plan_amount_text(rq, t->weight),
                                    .year_text = arena_printf(rq->arena, "%lld", (long long)t->year),
                                    .at_text = t->version ? req_time(rq, t->at) : STR("")};
}

enum err plan_targets_run(struct req *rq, const void *in_, void *out_)
{
    const struct plan_targets_in *in = in_;
    struct plan_targets_out *out = out_;
    struct targeting t = {.rq = rq, .year = in->year};
    enum err e = targeting_open(&t);
    struct plan_target_row *row = e ? NULL : arena_array(rq->arena, t.v.plan->n_indicators + 1, sizeof *row);
    for (size_t i = 0; row && i < t.v.plan->n_indicators; i++) {
        struct plan_target one = plan_target_of(t.all, t.n, t.v.plan->indicator[i].code, t.year);
        row[i] = row_of(rq, &t.v.plan->indicator[i], &one);
    }
    if (row) {
        out->year = t.year;
        out->targets = (struct list){row, t.v.plan->n_indicators};
        out->years = plan_years(rq, t.v.plan, t.year);
        out->may_edit = req_may(rq, PERM_PLAN_EDIT);
    }
    arena_free(&t.a);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

// ── one indicator ──
static enum err target_fill(struct targeting *t, struct plan_target_out *out)
{
    struct req *rq = t->rq;
    const struct pack_plan_indicator *x = pack_plan_indicator(t->v.plan, rq->code);
    if (!x)
        return ERR_NOT_FOUND;
    struct plan_target now = plan_target_of(t->all, t->n, x->code, t->year);
    struct plan_target_row *old = arena_array(rq->arena, t->n_old + 1, sizeof *old);
    for (size_t i = 0; old && i < t->n_old; i++) {
        old[i] = row_of(rq, x, &t->old[i]);
        old[i].by = t->name[i].n ? t->name[i] : text_get(rq->lang, MSG_PLAN_COMMAND_LINE);
    }
    *out = (struct plan_target_out){.indicator = arena_str(rq->arena, x->code), .year = t->year, .version = now.version,
                                    .title = arena_str(rq->arena, plan_label(rq, x->title)),
                                    .unit = arena_str(rq->arena, plan_label(rq, x->unit)),
                                    .definition = arena_str(rq->arena, plan_label(rq, x->definition)),
                                    .baseline = amount_typed(rq, now.baseline), .target = amount_typed(rq, now.target),
                                    .weight = amount_typed(rq, now.weight),
                                    .rationale = arena_str(rq->arena, now.rationale),
                                    .history = {old, old ? t->n_old : 0}, .years = plan_years(rq, t->v.plan, t->year),
                                    .may_edit = req_may(rq, PERM_PLAN_EDIT)};
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err plan_target_run(struct req *rq, const void *in_, void *out)
{
    const struct plan_target_in *in = in_;
    struct targeting t = {.rq = rq, .year = in->year};
    enum err e = targeting_open(&t);
    e = e ? e : target_fill(&t, out);
    arena_free(&t.a);
    return e;
}

static void typed_put(struct plan_target_out *out, const struct plan_target_save_in *in)
{
    out->baseline = in->baseline;
    out->target = in->target;
    out->weight = in->weight;
    out->rationale = in->rationale;
}

enum err plan_target_fill(struct req *rq, const void *in_, void *out)
{
    const struct plan_target_save_in *in = in_;
    enum err e = plan_target_run(rq, &(struct plan_target_in){in->year}, out);
    if (!e)
        typed_put(out, in);
    return e;
}

static int64_t amount_read(struct req *rq, const char *field, struct str text)
{
    int64_t n = PLAN_NOT_SET;
    enum err e = str_trim(text).n ? plan_amount_read(str_trim(text), &n) : OK;
    if (e && req_refuse(rq, field, e == ERR_TOO_LARGE ? MSG_PLAN_REFUSED_AMOUNT_LARGE : MSG_PLAN_REFUSED_AMOUNT))
        return PLAN_NOT_SET;
    return n;
}

static enum err target_write(struct db *db, void *arg)
{
    return plan_target_put_db(db, &((struct targeting *)arg)->put);
}

enum err plan_target_save_run(struct req *rq, const void *in_, void *out_)
{
    const struct plan_target_save_in *in = in_;
    struct plan_target_out *out = out_;
    struct targeting t = {.rq = rq, .year = in->year};
    enum err e = targeting_open(&t);
    e = e ? e : target_fill(&t, out);
    if (!e) {
        t.put = (struct plan_target){.indicator = out->indicator, .year = t.year,
                                     .baseline = amount_read(rq, "baseline", in->baseline),
                                     .target = amount_read(rq, "target", in->target),
                                     .weight = amount_read(rq, "weight", in->weight),
                                     .rationale = str_trim(in->rationale), .version = in->version, .person = rq->who.id,
                                     .at = rq->now};
        t.put.weight = t.put.weight == PLAN_NOT_SET ? PLAN_ONE : t.put.weight;
        if (t.put.weight <= 0)
            e = req_refuse(rq, "weight", MSG_PLAN_REFUSED_WEIGHT);
        e = req_refused(rq) ? ERR_INVALID : e;
        e = e ? e : store_write(rq->sv->store, target_write, &t);
        rq->then = arena_printf(rq->arena, "/plan/targets/%.*s?year=%lld", STR_ARG(rq->code), (long long)t.year).at;
    }
    if (e == ERR_INVALID || e == ERR_CONFLICT)
        typed_put(out, in);
    if (e == ERR_CONFLICT) {
        out->conflict = true;
        req_notice(rq, e, MSG_PLAN_CHANGED_MEANWHILE);
    }
    arena_free(&t.a);
    return e;
}

// ── a table file ──
enum err plan_import_run(struct req *rq, const void *in, void *out)
{
    (void)rq, (void)in, (void)out;
    return OK;
}

enum err plan_upload_fill(struct req *rq, const void *in, void *out)
{
    return plan_import_run(rq, in, out);
}

static enum err file_write(struct db *db, void *arg)
{
    struct targeting *t = arg;
    return plan_targets_put_db(db, &t->file, t->rq->who.id, t->rq->now);
}

static enum err upload_read(struct targeting *t, bool write, struct plan_import_out *out)
{
    struct req *rq = t->rq;
    struct plan_table table = {.a = t->a, .l = rq->lang};
    enum err e = plan_targets_read(&table, &t->plans, rq->upload.bytes, &t->file);
    if (e)
        return e;
    struct plan_line_told *line = arena_array(rq->arena, table.n_lines + 1, sizeof *line);
    for (size_t i = 0; line && i < table.n_lines; i++)
        line[i] = (struct plan_line_told){table.lines[i].line, arena_str(rq->arena, table.lines[i].column),
                                          arena_str(rq->arena, table.lines[i].message)};
    out->lines = (struct list){line, line ? table.n_lines : 0};
    out->rows = (int64_t)table.rows;
    out->looked = true;
    if (!table.faults && !table.rows)
        return req_refuse(rq, "file", MSG_REGISTER_REFUSED_NO_ROWS);
    if (table.faults && write)
        return req_notice(rq, ERR_CONFLICT, MSG_REGISTER_IMPORT_NONE);
    if (write && !table.faults) {
        e = store_write(rq->sv->store, file_write, t);
        out->done = !e;
    }
    return e;
}

enum err plan_upload_run(struct req *rq, const void *in_, void *out)
{
    static atomic_int open;
    const struct plan_upload_in *in = in_;
    struct targeting t = {.rq = rq};
    if (!rq->upload.sent || rq->upload.bytes.n == 0)
        return req_refuse(rq, "file", MSG_REGISTER_REFUSED_NO_FILE);
    enum err e = atomic_fetch_add(&open, 1) >= AT_ONCE ? req_notice(rq, ERR_FULL, MSG_REGISTER_BUSY) : targeting_open(&t);
    e = e ? e : upload_read(&t, in->write, out);
    atomic_fetch_sub(&open, 1);
    arena_free(&t.a);
    return e;
}

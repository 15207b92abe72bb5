// libs: plan_data people pack text base
// Table files of the plan's values and targets, of foreign bytes: what is bad is named by line and sentence; what is taken keeps all
// rules of its passport, is there once, and reads the same when it is written again. The first byte says which kind of file it is.
#include <assert.h>
#include <string.h>
#include "base/share.h"
#include "plan/target.h"
#include "plan/value_import.h"
#include "text/csv.h"

#define ROWS_MAX 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct pack *pack;
static struct plan_bases plans;
static struct institution institution[] = {
    {.id = {{1}}, .code = {"DAR", 3}, .type = {"local_education", 15}, .name = {"A", 1}}, {.id = {{2}}, .code = {"ALO116", 6}, .type = {"helpline", 8}, .name = {"B", 1}},
    {.id = {{3}}, .code = {"AKEP", 4}, .type = {"regulator", 9}, .name = {"C", 1}}, {.id = {{4}}, .code = {"MSHMS", 5}, .type = {"ministry", 8}, .name = {"D", 1}},
    {.id = {{5}}, .code = {"ISP", 3}, .type = {"industry", 8}, .name = {"E", 1}}, {.id = {{6}}, .code = {"POLICIA", 7}, .type = {"police", 6}, .name = {"F", 1}}};
static const struct list institutions = {institution, sizeof institution / sizeof *institution};

static void begin(void)
{
    char path[SHARE_PATH_MAX];
    struct buf why;
    buf_init(&why, 65536);
    assert(text_open(share_path("locale", path, sizeof path), "sq,en", &why) == OK);
    assert(pack_open(share_path("country/al", path, sizeof path), &pack, &why) == OK);
    buf_free(&why);
    plans.plan = pack_plan(pack);
}

// What is told names a line of the file and says something that can be read.
static void told(const struct plan_table *t, bool sorted)
{
    assert(t->n_lines == (t->faults < PLAN_LINES_TOLD ? t->faults : PLAN_LINES_TOLD));
    for (size_t i = 0; i < t->n_lines; i++) {
        assert(t->lines[i].line >= 1 && t->lines[i].message.n > 0);
        assert(str_utf8_valid(t->lines[i].message) && str_utf8_valid(t->lines[i].column));
        assert(!sorted || i == 0 || t->lines[i - 1].line <= t->lines[i].line);
    }
}

static void no_fault(void *ctx, const char *field, enum message m)
{
    (void)ctx, (void)field, (void)m;
    assert(false);
}

static void value_holds(const struct plan_values_file *f, size_t i)
{
    const struct plan_put *x = &f->put[i];
    const struct institution *owner = institution_by_id(&institutions, x->institution);
    struct plan_value_said said;
    assert(x->x >= plans.plan->indicator && x->x < plans.plan->indicator + plans.plan->n_indicators);
    assert(owner && plan_value_owed(x->x, owner->code, owner->type));
    assert(plan_value_place(plans.plan, x->x, x->period, x->county, no_fault, NULL));
    assert(x->county.n == 0 || pack_has(pack, "county", x->county));
    assert(plan_value_check(x->x, &x->typed, no_fault, NULL, &said) && plan_value_there(&said) && said.n >= 0 && said.of >= 0);
    assert(f->line[i] > 1 && (i == 0 || f->line[i - 1] < f->line[i]));
    for (size_t k = 0; k < i; k++) {
        const struct plan_put *y = &f->put[k];
        if (x->x == y->x && x->period.first == y->period.first && id_equal(x->institution, y->institution))
            assert(!str_equal(x->county, y->county) && x->county.n > 0 && y->county.n > 0); // once, and never beside the whole country
    }
}

static void values_write(struct arena *a, struct buf *out, const struct plan_values_file *f)
{
    buf_put_z(out, "comment;value;indicator;period;county;institution;numerator;denominator\n");
    for (size_t i = 0; i < f->n; i++) {
        const struct plan_put *x = &f->put[i];
        const bool two = plan_value_two_parts(x->x);
        const struct str cells[] = {x->typed.comment, two ? STR("") : x->typed.n, x->x->code, plan_period_text(a, x->period), x->county,
                                    institution_by_id(&institutions, x->institution)->code, two ? x->typed.n : STR(""), x->typed.of};
        struct buf row;
        buf_init(&row, 2 * CSV_ROW_MAX);
        for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
            csv_text(&row, true, cells[c]);
            buf_put_c(&row, c + 1 < sizeof cells / sizeof *cells ? ';' : '\n');
        }
        buf_put(out, buf_str(&row));
        buf_free(&row);
    }
}

static enum err values_read(struct arena *a, struct str file, struct plan_table *t, struct plan_values_file *f)
{
    *t = (struct plan_table){.a = a, .l = text_lang(STR("sq")), .rows_max = ROWS_MAX};
    return plan_values_read(t, pack, &plans, &institutions, file, f);
}

static void values(struct arena *a, struct str file)
{
    struct plan_table t, again;
    struct plan_values_file f, g;
    struct buf out;
    enum err e = values_read(a, file, &t, &f);
    assert(e == OK || e == ERR_MEMORY);
    if (e)
        return;
    told(&t, true);
    assert(f.n <= t.rows && t.rows <= ROWS_MAX);
    if (t.faults > 0)
        return;
    assert(f.n == t.rows); // all or nothing
    for (size_t i = 0; i < f.n; i++)
        value_holds(&f, i);
    buf_init(&out, 16 << 20);
    values_write(a, &out, &f);
    if (f.n > 0 && buf_ok(&out) == OK && values_read(a, buf_str(&out), &again, &g) == OK) {
        assert(again.faults == 0 && g.n == f.n);
        for (size_t i = 0; i < f.n; i++)
            assert(g.put[i].x == f.put[i].x && str_equal(g.put[i].county, f.put[i].county) && str_equal(g.put[i].typed.n, f.put[i].typed.n) &&
                   str_equal(g.put[i].typed.of, f.put[i].typed.of) && str_equal(g.put[i].typed.comment, f.put[i].typed.comment));
    }
    buf_free(&out);
}

static void targets(struct arena *a, struct str file)
{
    struct plan_table t = {.a = a, .l = text_lang(STR("en"))};
    struct plan_targets_file f;
    enum err e = plan_targets_read(&t, &plans, file, &f);
    assert(e == OK || e == ERR_MEMORY);
    if (e)
        return;
    told(&t, false);
    assert(t.faults > 0 || f.n == t.rows);
    for (size_t i = 0; i < f.n && t.faults == 0; i++) {
        const struct plan_target *x = &f.target[i];
        assert(pack_plan_indicator(plans.plan, x->indicator) && pack_plan_year(plans.plan, x->year) && x->weight > 0);
        assert(x->baseline != PLAN_NOT_SET || x->target != PLAN_NOT_SET || x->weight != PLAN_NOT_SET);
        assert(str_utf8_valid(x->rationale) && str_utf8_count(x->rationale) <= PLAN_RATIONALE_MAX);
        for (size_t k = 0; k < i; k++)
            assert(x->year != f.target[k].year || !str_equal(x->indicator, f.target[k].indicator));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = NULL;
    if (!pack)
        begin();
    if (n == 0 || arena_new(32 << 20, &a))
        return 0;
    const struct str file = {(const char *)data + 1, n - 1};
    if (data[0] & 1)
        values(a, file);
    else
        targets(a, file);
    arena_free(&a);
    return 0;
}

#include "bin/demo.h"
#include "base/clock.h"
#include "base/file.h"
#include "bin/command.h"
#include "figures/figures.h"
#include "plan/plan.h"
#include "register/register.h"
#include "report/report.h"

#define FILE_BYTES (4u << 20)

static enum err part_read(const struct demo *d, const char *name, struct buf *out)
{
    char path[PROCESS_PATH];
    buf_init(out, FILE_BYTES);
    enum err e = file_read(layout_join(path, d->country, name), out);
    return e == ERR_NOT_FOUND ? OK : e; // empty
}

struct part { const struct demo *d; struct str text; struct db *db; };
typedef enum err line_fn(const struct part *p, struct arena *a, struct str line);

// Each line that is not empty, with an arena of its own.
static enum err lines_walk(const struct part *p, line_fn *fn)
{
    enum err e = OK;
    for (struct str rest = p->text; rest.n && !e;) {
        struct str line = str_trim(str_cut(&rest, '\n'));
        struct arena *a = NULL;
        if (!line.n)
            continue;
        e = arena_new(1 << 20, &a);
        e = e ? e : fn(p, a, line);
        arena_free(&a);
    }
    return e;
}

static enum err report_send(const struct part *p, struct arena *a, struct str line)
{
    return report_send_sample(p->d->sv, a, line, clock_now());
}

static enum err reports(const struct demo *d)
{
    struct buf lines;
    enum err e = part_read(d, "demo-reports.jsonl", &lines);
    struct part p = {.d = d, .text = buf_str(&lines)};
    e = e ? e : lines_walk(&p, report_send);
    buf_free(&lines);
    return e;
}

static enum err row_put(const struct part *p, struct arena *a, struct str line)
{
    return entry_setup_sample(p->db, a, p->d->sv->pack, line, p->d->drafts, clock_now());
}

static enum err rows_write(struct db *db, void *arg)
{
    struct part *p = arg;
    p->db = db;
    return lines_walk(p, row_put);
}

static enum err months_write(struct db *db, void *arg)
{
    const struct part *p = arg;
    return figures_setup_sample(db, p->text, p->d->duty);
}

static enum err part_write(const struct demo *d, const char *name, enum err (*write)(struct db *db, void *part))
{
    struct buf text;
    enum err e = part_read(d, name, &text);
    struct part p = {.d = d, .text = buf_str(&text)};
    e = e || !text.n ? e : store_write(d->sv->store, write, &p);
    buf_free(&text);
    return e;
}

static enum err plan(const struct demo *d)
{
    struct buf targets, values;
    enum err e = part_read(d, "demo-targets.csv", &targets), other = part_read(d, "demo-values.csv", &values);
    const struct plan_sample s = {d->sv->pack, d->enters, d->drafts, d->approves, buf_str(&targets), buf_str(&values)};
    e = e ? e : other;
    e = e || !values.n ? e : plan_setup_sample(d->sv->store, &s);
    buf_free(&targets);
    buf_free(&values);
    return e;
}

enum err demo_load(const struct demo *d, const char **what)
{
    static const char *const whats[] = {"loading the sample reports", "loading the sample rows of the registers",
                                        "loading the sample figures of earlier years", "loading the sample years of the plan"};
    enum err e = OK;
    for (int i = 0; i < 4 && !e; i++) {
        *what = whats[i];
        e = i == 0 ? reports(d) : i == 1 ? part_write(d, "demo-registers.jsonl", rows_write)
            : i == 2 ? part_write(d, "demo-figures.csv", months_write) : plan(d); // the plan's reports are made of all that was before
    }
    return e;
}

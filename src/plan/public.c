// The plan for everybody: progress at a glance, each indicator with its number, its light and, where it has one, its map.
#include "html/chart.h"
#include "plan/plan.h"
#include "plan/public.h"
#include "plan/report.h"

#define ARENA_BYTES (32u << 20)
#define CHART_BYTES (256u << 10)
#define FILE_BYTES (16u << 20)

page_fn plan_public_page;

struct showing { struct req *rq; struct arena *a; struct plan_shot s; int64_t asked, year, at; struct str snapshot; struct list years; bool en; };

static enum err public_read(struct db *db, void *arg)
{
    struct showing *g = arg;
    enum err e = plan_published_years_db(db, g->rq->arena, &g->years);
    return e ? e : plan_published_db(db, g->a, g->asked, &g->at, &g->snapshot, &g->year);
}

static struct str either(const struct showing *g, struct str sq, struct str en) { return arena_str(g->rq->arena, g->en && en.n > 0 ? en : sq); }

static struct str number(const struct showing *g, const struct plan_shot_indicator *x, bool has, bool hidden, int64_t value)
{
    struct doc_cell cell = plan_shot_cell(x, has, hidden, value);
    const struct doc_words words = {.hidden = arena_printf(g->rq->arena, "<%lld", (long long)g->s.small), .missing = STR("–"), .decimal = g->en ? '.' : ','};
    struct buf b;
    buf_init(&b, 100);
    doc_print(&b, &words, &cell);
    struct str out = arena_str(g->rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

static struct list places_told(const struct showing *g, const struct plan_shot_indicator *x)
{
    const struct plan_shot_value *p = x->places.at;
    struct plan_public_value *at = arena_array(g->rq->arena, x->places.n + 1, sizeof *at);
    for (size_t i = 0; at && i < x->places.n; i++)
        at[i] = (struct plan_public_value){arena_str(g->rq->arena, p[i].place), number(g, x, p[i].has, p[i].hidden, p[i].value)};
    return (struct list){at, at ? x->places.n : 0};
}

// None before the second year.
static struct list years_told(const struct showing *g, const struct plan_shot_indicator *x)
{
    const struct plan_shot_year *y = x->years.at;
    struct plan_public_value *at = arena_array(g->rq->arena, x->years.n + 1, sizeof *at);
    for (size_t i = 0; at && i < x->years.n; i++)
        at[i] = (struct plan_public_value){arena_printf(g->rq->arena, "%lld", (long long)y[i].year), number(g, x, y[i].has, y[i].hidden, y[i].value)};
    return (struct list){at, at && x->years.n > 1 ? x->years.n : 0};
}

// told: the same places as they are told in the table behind.
static struct html map_put(const struct showing *g, const struct plan_shot_indicator *x, const struct list *told, struct str title)
{
    const struct plan_shot_value *p = x->places.at;
    const struct plan_public_value *said = told->at;
    struct chart_tile *tile = arena_array(g->a, x->places.n + 1, sizeof *tile);
    int64_t most = 0;
    struct buf b;
    if (told->n == 0 || !tile)
        return (struct html){STR("")};
    for (size_t i = 0; i < x->places.n; i++)
        most = p[i].has && p[i].value > most ? p[i].value : most;
    for (size_t i = 0; i < x->places.n; i++)
        tile[i] = (struct chart_tile){said[i].label, said[i].value, (int)p[i].row, (int)p[i].column,
                                      plan_shade(p[i].has ? p[i].value : 0, most)};
    buf_init(&b, CHART_BYTES);
    chart_tiles(&b, title, tile, x->places.n);
    return req_drawn(g->rq, &b);
}

// The target is that of the report's year.
static struct html line_put(const struct showing *g, const struct plan_shot_indicator *x, const struct list *told, struct str title)
{
    const struct plan_shot_year *y = x->years.at;
    const struct plan_public_value *said = told->at;
    struct chart_bar *bar = arena_array(g->a, x->years.n + 1, sizeof *bar);
    struct buf b;
    bool some = false;
    for (size_t i = 0; bar && i < told->n; i++) {
        bool shown = y[i].has && !y[i].hidden;
        bar[i] = (struct chart_bar){said[i].label, said[i].value, shown ? y[i].value : -1};
        some |= shown;
    }
    if (!bar || !some)
        return (struct html){STR("")};
    buf_init(&b, CHART_BYTES);
    chart_line(&b, title, bar, told->n, x->targeted ? x->target : -1);
    return req_drawn(g->rq, &b);
}

static struct list lines_put(const struct showing *g, struct str activity, bool cross)
{
    const struct plan_shot_indicator *x = g->s.indicators.at;
    struct plan_public_line *at = arena_array(g->rq->arena, g->s.indicators.n + 1, sizeof *at);
    size_t n = 0;
    for (size_t i = 0; at && i < g->s.indicators.n; i++) {
        if (cross ? x[i].section.n == 0 : !str_equal(x[i].activity, activity))
            continue;
        struct str title = either(g, x[i].title, x[i].title_en);
        const struct list years = years_told(g, &x[i]), places = places_told(g, &x[i]);
        at[n++] = (struct plan_public_line){.code = arena_str(g->rq->arena, x[i].code), .title = title,
                                            .unit = str_equal_z(x[i].kind, "percent") ? STR("") : either(g, x[i].unit, x[i].unit_en),
                                            .value = number(g, &x[i], x[i].has, x[i].hidden, x[i].value),
                                            .target = x[i].targeted ? number(g, &x[i], true, false, x[i].target)
                                                                    : STR(""),
                                            .status = arena_str(g->rq->arena, x[i].status),
                                            .status_text = plan_status_text(g->rq->lang, x[i].status),
                                            .definition = either(g, x[i].definition, x[i].definition_en),
                                            .question = either(g, x[i].question, x[i].question_en),
                                            .hidden = x[i].hidden, .map = map_put(g, &x[i], &places, title),
                                            .line = line_put(g, &x[i], &years, title), .years = years, .places = places};
    }
    return (struct list){at, at ? n : 0};
}

static struct str tenths(const struct showing *g, bool has, int64_t n)
{
    return has ? arena_printf(g->rq->arena, "%lld%s%lld\u00a0%%", (long long)(n / 10), g->en ? "." : ",",
                              (long long)(n < 0 ? -n : n) % 10) : STR("–");
}

static void groups_put(const struct showing *g, struct plan_public_out *out)
{
    const struct plan_shot_group *a = g->s.activities.at, *o = g->s.objectives.at;
    struct plan_public_group *at = arena_array(g->rq->arena, g->s.activities.n + 2, sizeof *at);
    struct chart_bar *bar = arena_array(g->a, g->s.objectives.n + 1, sizeof *bar);
    struct buf b;
    size_t n = 0;
    if (!at || !bar)
        return;
    for (size_t i = 0; i < g->s.objectives.n; i++) {
        bool first = true;
        struct str title = either(g, o[i].title, o[i].title_en);
        bar[i] = (struct chart_bar){arena_printf(g->rq->arena, "%.*s. %.*s", STR_ARG(o[i].code), STR_ARG(title)), tenths(g, o[i].has, o[i].achieved), o[i].has ? o[i].achieved : -1};
        for (size_t k = 0; k < g->s.activities.n; k++)
            if (str_equal(a[k].objective, o[i].code)) {
                at[n++] = (struct plan_public_group){.code = arena_str(g->rq->arena, a[k].code),
                                                     .title = either(g, a[k].title, a[k].title_en),
                                                     .said = tenths(g, a[k].has, a[k].achieved),
                                                     .lines = lines_put(g, a[k].code, false), .first = first,
                                                     .objective = bar[i].label};
                first = false;
            }
    }
    at[n++] = (struct plan_public_group){.code = STR(""), .title = text_get(g->rq->lang, MSG_PLAN_REPORT_CROSS),
                                         .said = STR(""), .lines = lines_put(g, STR(""), true)};
    buf_init(&b, CHART_BYTES);
    chart_rows(&b, text_get(g->rq->lang, MSG_PLAN_REPORT_OBJECTIVES), bar, g->s.objectives.n, 1000);
    out->chart = req_drawn(g->rq, &b);
    out->groups = (struct list){at, n};
}

static void files_put(const struct showing *g, struct plan_public_out *out)
{
    static const struct { const char *name, *label; } kinds[] = {
        {"pdf", "PDF"}, {"xlsx", "Excel"}, {"html", "HTML"}, {"csv", "CSV"}, {"json", "JSON"}};
    struct plan_public_file *at = arena_array(g->rq->arena, 5, sizeof *at);
    for (size_t i = 0; at && i < 5; i++)
        at[i] = (struct plan_public_file){str_from(kinds[i].label),
                                          arena_printf(g->rq->arena,
                                                       "/api/v1/plani/file?year=%lld&name=isigurt-%lld-%s.%s",
                                                       (long long)g->year, (long long)g->year, g->en ? "en" : "sq",
                                                       kinds[i].name)};
    out->files = (struct list){at, at ? 5 : 0};
}

static void years_put(const struct showing *g, struct plan_public_out *out)
{
    const int64_t *year = g->years.at;
    struct choice *at = arena_array(g->rq->arena, g->years.n + 1, sizeof *at);
    for (size_t i = 0; at && i < g->years.n; i++) {
        struct str text = arena_printf(g->rq->arena, "%lld", (long long)year[i]);
        at[i] = (struct choice){text, text, year[i] == g->year};
    }
    out->years = (struct list){at, at ? g->years.n : 0};
}

SHAPE(plan_public_in, FIELD(plan_public_in, year));
static const struct shape plan_public_out_shape = {"plan_public_out", sizeof(struct plan_public_out), 0, NULL, "plan_public_out"};
HANDLER(plan_public)
static enum err plan_public(struct req *rq, const struct plan_public_in *in, struct plan_public_out *out)
{
    struct showing g = {.rq = rq, .asked = in->year, .en = str_equal_z(rq->lang_code, "en")};
    enum err e = arena_new(ARENA_BYTES, &g.a);
    e = e ? e : store_read(rq->sv->store, public_read, &g);
    bool there = !e;
    e = e == ERR_NOT_FOUND && in->year == 0 ? OK : e;
    e = e || !there ? e : plan_shot_read(g.a, g.snapshot, &g.s);
    if (!e && there) {
        struct buf b;
        out->there = true;
        out->demo = g.s.demo;
        out->small = g.s.small;
        out->year = arena_printf(rq->arena, "%lld", (long long)g.year);
        out->plan = either(&g, g.s.plan, g.s.plan_en);
        out->published = req_date(rq, g.at, DATE_DAY);
        buf_init(&b, 1000);
        text_put(&b, rq->lang, MSG_PLAN_PUBLIC_LEAD, TEXT_ARGS(TEXT_I("year", g.year)));
        out->lead = arena_str(rq->arena, buf_str(&b));
        buf_free(&b);
        groups_put(&g, out);
        files_put(&g, out);
        years_put(&g, out);
    }
    arena_free(&g.a);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

// ── its files ──
struct sending { struct req *rq; const struct plan_public_file_in *in; struct plan_report_bytes file; };

static enum err file_read_db(struct db *db, void *arg)
{
    struct sending *g = arg;
    return plan_published_file_db(db, g->rq->arena, g->in->year, g->in->name, &g->file);
}

SHAPE(plan_public_file_in, FIELD(plan_public_file_in, year, .required = true), FIELD(plan_public_file_in, name, .required = true, .max = 40));
HANDLER(plan_public_file)
static enum err plan_public_file(struct req *rq, const struct plan_public_file_in *in, struct plan_public_file_out *out)
{
    (void)out;
    struct sending g = {.rq = rq, .in = in};
    enum err e = store_read(rq->sv->store, file_read_db, &g);
    if (!e)
        rq->file = (struct attachment){g.file.bytes, g.file.type, arena_str(rq->arena, in->name)};
    return e;
}

static const struct route rows[] = {
    ROUTE(GET, "/plani", PUBLIC, plan_public, .page = plan_public_page, .page_only = true, .file_max = 4u << 20,
          .about = "The plan's progress, as it was published."),
    ROUTE(GET, "/plani/file", PUBLIC, plan_public_file, .file_max = FILE_BYTES, .about = "A file of a published report."),
};
const struct routes plan_public_routes = {"plan", rows, sizeof rows / sizeof *rows};

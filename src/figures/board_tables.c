// The numbers and tables of a dashboard of one's own units, and how any dashboard's are put into words and charts.
#include <string.h>
#include "casework/casework.h"
#include "figures/handlers.h"
#include "html/chart.h"

#define KPIS 16

// ── words ──

static struct str number(const struct req *rq, int64_t n)
{
    return arena_printf(rq->arena, "%lld", (long long)n);
}

static struct str share_of(const struct req *rq, int64_t n, int64_t of)
{
    return of > 0 ? arena_printf(rq->arena, "%lld %%", (long long)((n * 200 + of) / (2 * of))) : STR("");
}

struct str board_length_text(const struct req *rq, int64_t hours)
{
    struct buf b;
    buf_init(&b, 64);
    if (hours < 1)
        buf_put(&b, text_get(rq->lang, MSG_FIGURES_UNDER_HOUR));
    else if (hours < 72)
        text_put(&b, rq->lang, MSG_FIGURES_HOURS, TEXT_ARGS(TEXT_I("n", hours)));
    else
        text_put(&b, rq->lang, MSG_FIGURES_DAYS, TEXT_ARGS(TEXT_I("n", hours / 24)));
    struct str out = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

static struct str day_of(struct req *rq, int64_t month, int end)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t y = month / 100, m = month % 100;
    bool leap = m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    return arena_printf(rq->arena, "%04lld-%02lld-%02d", (long long)y, (long long)m, end ? days[m - 1] + leap : 1);
}

// The search that lists what a number counted, no more and no less; empty where there is none, or the reader may not see it. measure:
// NULL for all. unit: zero for all that are counted.
static struct str list_of_unit(const struct boarding *b, enum search_kind kind, const char *measure, struct id unit,
                               struct str category, struct str county, int64_t urgency, int64_t first, int64_t last)
{
    struct req *rq = b->rq;
    if (!b->link)
        return STR("");
    if (id_zero(unit) && b->t->filter.institution.n) { // a search is of one unit, or of all
        if (b->t->n_units != 1)
            return STR("");
        unit = b->t->unit[0].unit;
    }
    const struct search_in in = {.measure = str_from(measure ? measure : ""), .unit = unit, .kind = str_from(search_kind_name(kind)),
                                 .category = category.n ? category : b->t->filter.category,
                                 .county = county.n ? county : b->t->filter.county, .urgency = urgency, .from = day_of(rq, first, 0),
                                 .to = day_of(rq, last, 1)};
    return arena_printf(rq->arena, "/search?%.*s", STR_ARG(search_query(rq, &in)));
}

static struct str list_of(const struct boarding *b, enum search_kind kind, struct str category, struct str county, int64_t urgency,
                          int64_t first, int64_t last)
{
    return list_of_unit(b, kind, NULL, (struct id){{0}}, category, county, urgency, first, last);
}

// ── numbers ──

struct board_kpi *board_kpi_add(struct boarding *b, const char *id, enum message name, enum message note)
{
    if (!b->out->kpis.at)
        b->out->kpis.at = arena_array(b->rq->arena, KPIS, sizeof(struct board_kpi));
    struct board_kpi *k = b->out->kpis.at && b->out->kpis.n < KPIS ? (struct board_kpi *)(uintptr_t)b->out->kpis.at + b->out->kpis.n++ : NULL;
    if (k)
        *k = (struct board_kpi){.id = str_from(id), .name = text_get(b->rq->lang, name), .note = text_get(b->rq->lang, note)};
    b->out->measured = true;
    return k;
}

void board_kpi_finish(struct boarding *b, struct board_kpi *k)
{
    struct req *rq = b->rq;
    struct buf s;
    if (!k)
        return;
    buf_init(&s, 128);
    k->none = k->of == 0;
    if (k->none)
        buf_put(&s, text_get(rq->lang, MSG_FIGURES_NONE));
    else if (k->hidden)
        buf_put(&s, text_get(rq->lang, MSG_FIGURES_HIDDEN));
    else
        text_put(&s, rq->lang, MSG_FIGURES_N_OF, TEXT_ARGS(TEXT_I("n", k->n), TEXT_S("of", number(rq, k->of))));
    k->said = arena_str(rq->arena, buf_str(&s));
    k->share = k->none || k->hidden ? STR("") : share_of(rq, k->n, k->of);
    if (k->none || k->n == 0)
        k->href = STR("");
    if (k->none || k->hidden || k->n == k->of || !k->late_href.n)
        k->late_href = STR("");
    else
        k->late_said = arena_printf(rq->arena, "%lld %.*s", (long long)(k->of - k->n), STR_ARG(text_get(rq->lang, MSG_FIGURES_LATE)));
    buf_free(&s);
    if (k->hidden)
        k->n = k->of = INT64_MIN;
}

struct kpi { const char *id, *late; enum search_kind kind; enum message name, note; }; // id, late: also the searches' measures; late NULL: no list

static struct board_kpi *kpi_own(struct boarding *b, const struct kpi *kpi, int64_t n, int64_t of)
{
    const struct tally *t = b->t;
    const struct str none = STR("");
    const struct id any = {{0}};
    struct board_kpi *k = board_kpi_add(b, kpi->id, kpi->name, kpi->note);
    if (!k)
        return NULL;
    k->n = n;
    k->of = of;
    if (kpi->late) {
        k->href = list_of_unit(b, kpi->kind, kpi->id, any, none, none, 0, t->first, b->last);
        k->late_href = list_of_unit(b, kpi->kind, kpi->late, any, none, none, 0, t->first, b->last);
    }
    board_kpi_finish(b, k);
    return k;
}

// Of the pages whose day, three or seven are over: one that was gone at once counts no sooner than one that is still there.
static void removed_fill(struct boarding *b, const int64_t r[static REMOVED_BUCKETS], const char *host)
{
    static const struct { const char *id, *late; enum message name; } kpis[] = {
        {"removed_1d", "removed_1d_late", MSG_FIGURES_KPI_REMOVED_1}, {"removed_3d", "removed_3d_late", MSG_FIGURES_KPI_REMOVED_3},
        {"removed_7d", "removed_7d_late", MSG_FIGURES_KPI_REMOVED_7}};
    struct arena *a = b->rq->arena;
    int64_t n[3] = {0}, of[3] = {0};
    for (size_t i = 0; i < 3; i++) // those for which these days are over
        for (size_t gone = 0; gone < 4; gone++)
            for (size_t age = i + 1; age < 4; age++) {
                n[i] += gone <= i ? r[4 * gone + age] : 0;
                of[i] += r[4 * gone + age];
            }
    for (size_t i = 0; i < 3; i++) {
        struct str id = arena_printf(a, *host ? "%s:%s" : "%s", kpis[i].id, host), late = arena_printf(a, *host ? "%s:%s" : "%s", kpis[i].late, host);
        const struct kpi kpi = {id.at, late.at, SEARCH_CASE, kpis[i].name, MSG_FIGURES_KPI_REMOVED_NOTE};
        struct board_kpi *k = (*host && !of[i]) || !id.n || !late.n ? NULL : kpi_own(b, &kpi, n[i], of[i]);
        if (k && *host)
            k->name = arena_printf(a, "%.*s – %.*s", STR_ARG(k->name), STR_ARG(pack_label(b->t->pack, "content_host", str_from(host), b->rq->lang)));
    }
}

static void kpis_fill(struct boarding *b)
{
    const struct tally *t = b->t;
    const struct { struct kpi kpi; int64_t n, of; } all[] = {
        {{"assessed_24h", "assessed_late", SEARCH_REPORT, MSG_FIGURES_KPI_ASSESSED, MSG_FIGURES_KPI_ASSESSED_NOTE},
         t->assessed[1], t->assessed[0] + t->assessed[1]},
        {{"police_24h", "police_late", SEARCH_REFERRAL, MSG_FIGURES_KPI_POLICE, MSG_FIGURES_KPI_POLICE_NOTE},
         t->police[1], t->police[0] + t->police[1]},
        {{"answered_in_time", "answered_late", SEARCH_REFERRAL, MSG_FIGURES_KPI_ANSWERED,
          MSG_FIGURES_KPI_ANSWERED_NOTE}, t->answered[1], t->answered[0] + t->answered[1]},
    };
    static const char *const hosts[] = {"here", "abroad", "platform"}; // REMOVED_HOSTS, without the unknown
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        (void)kpi_own(b, &all[i].kpi, all[i].n, all[i].of);
    removed_fill(b, t->removed, "");
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        removed_fill(b, t->removed_host[i + 1], hosts[i]);
    b->out->median_hours = t->closed ? tally_length(t, 50) : INT64_MIN;
    b->out->p90_hours = t->closed ? tally_length(t, 90) : INT64_MIN;
}

// ── tables ──

struct board_table *board_table_new(struct boarding *b, const char *id, struct str title, struct str name, size_t rows)
{
    struct board_table *t = (struct board_table *)(uintptr_t)b->out->tables.at + b->out->tables.n++;
    struct board_row *at = arena_array(b->rq->arena, rows + 1, sizeof *at);
    *t = (struct board_table){.id = str_from(id), .title = title, .name = name, .rows = {at, 0}, .chart = {STR("")}};
    return at ? t : NULL;
}

static struct board_table *table_new(struct boarding *b, const char *id, enum message title, enum message name, size_t rows)
{
    return board_table_new(b, id, text_get(b->rq->lang, title), text_get(b->rq->lang, name), rows);
}

static void row_add(struct board_table *t, struct str key, struct str label, int64_t n, struct str href)
{
    if (t)
        ((struct board_row *)(uintptr_t)t->rows.at)[t->rows.n++] =
            (struct board_row){.key = key, .label = label, .n = n, .href = n > 0 ? href : STR("")};
}

void board_table_finish(struct boarding *b, struct board_table *t)
{
    struct req *rq = b->rq;
    struct chart_bar bar[CHART_BARS_MAX];
    size_t bars = 0;
    struct board_row *row = (struct board_row *)(uintptr_t)t->rows.at;
    for (size_t i = 0; i < t->rows.n; i++) {
        row[i].said = row[i].hidden ? text_get(rq->lang, MSG_FIGURES_HIDDEN) : number(rq, row[i].n);
        t->empty = t->empty || row[i].n > 0;
        if (bars < CHART_BARS_MAX && (row[i].n > 0 || t->columns))
            bar[bars++] = (struct chart_bar){row[i].label, row[i].hidden ? STR("…") : row[i].said, row[i].hidden ? -1 : row[i].n};
        b->out->hides = b->out->hides || row[i].hidden;
        if (row[i].hidden)
            row[i].n = INT64_MIN;
    }
    t->empty = !t->empty;
    t->total_said = !t->sums ? STR("") : t->total_hidden ? text_get(rq->lang, MSG_FIGURES_HIDDEN) : number(rq, t->total);
    if (t->total_hidden || !t->sums)
        t->total = INT64_MIN;
    struct buf s;
    buf_init(&s, 64 * 1024);
    if (!t->empty)
        (t->columns ? chart_columns : chart_rows)(&s, t->title, bar, bars, 0);
    t->chart = req_drawn(rq, &s);
}

static void table_end(struct board_table *t, bool columns)
{
    if (!t)
        return;
    const struct board_row *row = t->rows.at;
    t->sums = true;
    t->columns = columns;
    for (size_t i = 0; i < t->rows.n; i++)
        t->total += row[i].n;
}

static void table_months(struct boarding *b)
{
    const struct tally *t = b->t;
    struct board_table *table = table_new(b, "received_month", MSG_FIGURES_BY_MONTH, MSG_FIGURES_MONTH, 12);
    int64_t month = t->first;
    for (size_t i = 0; i < t->n_months && i < 12; i++, month = figures_month_next(month)) {
        struct str key = arena_printf(b->rq->arena, "%04d-%02d", (int)(month / 100), (int)(month % 100));
        row_add(table, key, str_slice(key, 5, 7), t->by_month[i], list_of(b, SEARCH_REPORT, STR(""), STR(""), 0, month, month));
    }
    table_end(table, true);
}

static void table_lists(struct boarding *b)
{
    const struct tally *t = b->t;
    struct req *rq = b->rq;
    struct str none = STR("");
    struct board_table *table = table_new(b, "received_urgency", MSG_FIGURES_BY_URGENCY, MSG_FIGURES_URGENCY, 4);
    for (int64_t u = 1; u <= 4; u++)
        row_add(table, arena_printf(rq->arena, "U%d", (int)u), arena_printf(rq->arena, "U%d %.*s", (int)u, STR_ARG(figures_urgency(rq, u))),
                t->by_urgency[u], list_of(b, SEARCH_REPORT, none, none, u, t->first, b->last));
    table_end(table, false);
    table = table_new(b, "received_category", MSG_FIGURES_BY_CATEGORY, MSG_FIGURES_CATEGORY, t->n_categories);
    for (size_t i = 0; i < t->n_categories; i++) {
        struct str code = pack_list_at(t->pack, "category", i);
        row_add(table, code, arena_printf(rq->arena, "%.*s %.*s", STR_ARG(code), STR_ARG(pack_category_label(t->pack, code, rq->lang))),
                t->by_category[i], list_of(b, SEARCH_REPORT, code, none, 0, t->first, b->last));
    }
    table_end(table, false);
    table = table_new(b, "received_county", MSG_FIGURES_BY_COUNTY, MSG_FIGURES_COUNTY, t->n_counties + 1);
    for (size_t i = 0; i <= t->n_counties; i++) {
        struct str county = i < t->n_counties ? pack_list_at(t->pack, "county", i) : none;
        row_add(table, county, county.n ? pack_label(t->pack, "county", county, rq->lang) : text_get(rq->lang, MSG_FIGURES_NO_COUNTY),
                t->by_county[i], county.n ? list_of(b, SEARCH_REPORT, none, county, 0, t->first, b->last) : none);
    }
    table_end(table, false);
    table = table_new(b, "received_institution", MSG_FIGURES_BY_INSTITUTION, MSG_FIGURES_INSTITUTION, t->n_units);
    char hex[ID_HEX];
    for (size_t i = 0; i < t->n_units; i++)
        row_add(table, arena_str(rq->arena, str_from(id_hex(t->unit[i].unit, hex))), t->unit[i].name, t->by_unit[i],
                list_of_unit(b, SEARCH_REPORT, NULL, t->unit[i].unit, none, none, 0, t->first, b->last));
    table_end(table, false);
}

static void table_cases(struct boarding *b)
{
    static const struct { enum message label; int64_t below; } steps[] = { // hours
        {MSG_FIGURES_LENGTH_DAY, 24}, {MSG_FIGURES_LENGTH_WEEK, 7 * 24}, {MSG_FIGURES_LENGTH_MONTH, 30 * 24},
        {MSG_FIGURES_LENGTH_QUARTER, 91 * 24}, {MSG_FIGURES_LENGTH_HALF, 182 * 24}, {MSG_FIGURES_LENGTH_MORE, INT64_MAX}};
    const struct tally *t = b->t;
    struct req *rq = b->rq;
    struct board_table *table = table_new(b, "opened_category", MSG_FIGURES_OPENED, MSG_FIGURES_CATEGORY, t->n_categories);
    for (size_t i = 0; i < t->n_categories; i++) {
        struct str code = pack_list_at(t->pack, "category", i);
        row_add(table, code, arena_printf(rq->arena, "%.*s %.*s", STR_ARG(code), STR_ARG(pack_category_label(t->pack, code, rq->lang))),
                t->opened_category[i], list_of(b, SEARCH_CASE, code, STR(""), 0, t->first, b->last));
    }
    table_end(table, false);
    table = table_new(b, "closed_length", MSG_FIGURES_LENGTHS, MSG_FIGURES_LENGTH, 6);
    int64_t bucket = 0;
    for (size_t i = 0; i < 6; i++) {
        int64_t n = 0;
        while (bucket < TALLY_LENGTHS && figure_hours(bucket) < steps[i].below)
            n += t->length[bucket++];
        row_add(table, arena_printf(rq->arena, "%d", (int)i + 1), text_get(rq->lang, steps[i].label), n, STR(""));
    }
    table_end(table, false);
}

// How far the criminal routes begun in the period have come: who stands at a stage has passed those before it. Dismissed and
// withdrawn ones have reached what they left behind at least: the first stage.
static void table_justice(struct boarding *b)
{
    static const char *const way[] = {"reported", "registered", "investigation", "prosecutor", "court", "first_instance", "appeal", "final"};
    static const enum message words[] = {MSG_FIGURES_STAGE_REPORTED, MSG_FIGURES_STAGE_REGISTERED, MSG_FIGURES_STAGE_INVESTIGATION,
                                         MSG_FIGURES_STAGE_PROSECUTOR, MSG_FIGURES_STAGE_COURT, MSG_FIGURES_STAGE_FIRST_INSTANCE,
                                         MSG_FIGURES_STAGE_APPEAL, MSG_FIGURES_STAGE_FINAL};
    const size_t n = sizeof way / sizeof *way;
    int64_t at[sizeof way / sizeof *way] = {0}, dismissed = 0, withdrawn = 0;
    const char *stage;
    for (size_t i = 0; i < TALLY_STAGES && (stage = case_stage_at(STR("criminal"), i)); i++) {
        dismissed += strcmp(stage, "dismissed") == 0 ? b->t->stage[i] : 0;
        withdrawn += strcmp(stage, "withdrawn") == 0 ? b->t->stage[i] : 0;
        for (size_t k = 0; k < n; k++)
            at[k] += strcmp(stage, way[k]) == 0 ? b->t->stage[i] : 0;
    }
    struct board_table *table = table_new(b, "justice", MSG_FIGURES_JUSTICE, MSG_FIGURES_STAGE, n + 2);
    for (size_t k = 0; k < n; k++) {
        int64_t reached = k == 0 ? dismissed + withdrawn : 0;
        for (size_t j = k; j < n; j++)
            reached += at[j];
        row_add(table, str_from(way[k]), text_get(b->rq->lang, words[k]), reached, STR(""));
    }
    row_add(table, STR("dismissed"), text_get(b->rq->lang, MSG_FIGURES_STAGE_DISMISSED), dismissed, STR(""));
    row_add(table, STR("withdrawn"), text_get(b->rq->lang, MSG_FIGURES_STAGE_WITHDRAWN), withdrawn, STR(""));
}

void board_tables_fill(struct boarding *b)
{
    struct board_table *at = (struct board_table *)(uintptr_t)b->out->tables.at;
    table_months(b);
    table_lists(b);
    table_cases(b);
    table_justice(b);
    for (size_t i = 0; i < b->out->tables.n; i++)
        board_table_finish(b, &at[i]);
    kpis_fill(b);
}

// handlers: what the rows of this room read and show, and how figures are gathered. Fields behind "for pages" are put into
// words for the reader of the page and are not in JSON.
#pragma once
#include "casework/counts.h"
#include "exchange/counts.h"
#include "figures/counts.h"
#include "figures/figures.h"
#include "people/counts.h"
#include "report/counts.h"

#define SEARCH_PAGE 50          // rows on one page
#define SEARCH_HEX_LEAST 6      // digits of an id that are looked for
#define VIEWS_MAX 50            // saved by one person, and shown of one unit
#define VIEW_NAME_MAX 60        // characters
#define VIEW_QUERY_MAX 1000     // bytes

// ── words.c ──
enum search_kind { SEARCH_REPORT, SEARCH_CASE, SEARCH_REFERRAL, SEARCH_KINDS };
const char *search_kind_name(enum search_kind k);        // "report"
bool search_state_known(enum search_kind k, struct str state);
struct str search_state_text(const struct req *rq, enum search_kind k, struct str state);
// "assessed_24h", "assessed_late" …: what a dashboard counted as in time, or not. ERR_MALFORMED: none of that kind.
MUST_USE enum err search_measure_read(const struct pack *p, enum search_kind k, struct str s, struct find *f);
struct list search_measures(struct req *rq, enum search_kind k, struct str on); // struct choice; empty: none of that kind
struct list search_states(struct req *rq, enum search_kind k, struct str on);  // struct choice
struct list figures_urgencies(struct req *rq, int64_t on);
struct str figures_urgency(const struct req *rq, int64_t urgency);
// "2026-11-24" → its first moment in the country's zone; days: added before. ERR_MALFORMED.
MUST_USE enum err figures_day_read(struct str s, int days, int64_t *out);
int64_t figures_month_start(int64_t month);               // 202611 → µs
int64_t figures_month_of(int64_t at);                     // 202611
int64_t figures_month_next(int64_t month);

// ── search.c ──
struct search_in {
    struct str kind, state, category, county, measure, q, from, to, after;
    int64_t urgency;
    struct id worker, unit;
};
struct search_row {
    struct id id;
    struct str kind, number, state;
    int64_t urgency;
    struct str category, county;
    struct id unit, other, worker;
    int64_t at;
    bool erased;
    // for pages
    struct str href, name, label, state_text, urgency_text, at_text, unit_name, worker_name;
};
struct view_row {
    struct id id;
    struct str name, query;
    struct id unit;              // zero: one's own
    // for pages
    struct str href, unit_name;
    bool may_delete;
};
struct search_out {
    struct list rows;            // struct search_row
    struct str next;
    // for pages
    struct list kinds, states, measures, categories, counties, urgencies, workers, units, shares; // struct choice
    struct list views;           // struct view_row
    struct list kept;            // struct html_pair: the filters, for the form that saves them
    struct str next_href, kind;
    bool asked, by_case;         // by_case: category, county and worker can be asked for
};
struct search { // what is asked for, read and checked
    enum search_kind kind;
    struct find find;            // unit: the one asked for, or zero for all own
    struct str q;
    struct id_range ids;
    bool by_id, by_number;
};
MUST_USE enum err search_read(struct req *rq, const struct search_in *in, struct search *out);
// The filters as an address's query, always in one order, so that equal searches are equal texts. Never `after`.
struct str search_query(struct req *rq, const struct search_in *in);
enum err search_page_fill(struct req *rq, const struct search_in *in, struct search_out *out);

// ── views.c ──
SHAPE_NONE(view_list_in);
struct view_list_out { struct list views; };
struct view_save_in {
    struct str name; struct id share; struct str kind, state, category, county, measure, q, from, to;
    int64_t urgency; struct id worker, unit;
};
struct view_save_out { struct id id; struct search_out lists; }; // lists: for the page of a refused one
SHAPE_NONE(view_delete_in);
SHAPE_NONE(view_delete_out);
MUST_USE enum err views_db(struct db *db, struct req *rq, struct list *out); // struct view_row: own, then shared with own units

// ── days.c: figures by month ──
enum figure { FIGURE_RECEIVED, FIGURE_ASSESSED, FIGURE_OPENED, FIGURE_CLOSED, FIGURE_ANSWERED, FIGURE_POLICE, FIGURES,
    FIGURE_KEPT = FIGURES, FIGURE_OUTCOME }; // the plan's (counts.h), not a dashboard's. OUTCOME: the outcome stands for the category
struct figure_row { enum figure what; int64_t month; struct count_row row; };
typedef enum err figure_fn(void *ctx, const struct figure_row *row);
// Months first to last, as added plus what has not been added yet, of the given units; one read. Days long over that the
// courier has not added are left out: *missing_from is the first of them, INT64_MAX where there is none. *settled: every day
// that has records was added, so these numbers stay as they are.
MUST_USE enum err figures_read_db(struct db *db, const struct pack *p, const struct id *units, size_t n, int64_t first, int64_t last,
                                  int64_t now, figure_fn *fn, void *ctx, int64_t *missing_from, bool *settled);
int64_t figure_bucket(int64_t hours);  // of a case's length, for the store
int64_t figure_hours(int64_t bucket);  // its lower end

// ── tally.c: one dashboard's sums ──
#define TALLY_CATEGORIES 64
#define TALLY_COUNTIES 64
#define TALLY_UNITS 256
#define TALLY_LENGTHS 512              // buckets of a case's length; the last holds all longer ones
#define TALLY_STAGES 12
struct tally_filter { struct str category, county, institution; }; // empty: any
struct tally {
    const struct pack *pack;
    struct tally_filter filter;
    struct count_unit *unit;           // whose work is counted
    size_t n_units, n_categories, n_counties, n_months;
    int64_t first;                     // month
    int64_t missing_from;              // INT64_MAX: nothing is missing
    bool settled;                      // all of the days asked for were added: the numbers stay as they are
    int64_t received, by_urgency[5], by_month[12], by_category[TALLY_CATEGORIES], by_county[TALLY_COUNTIES + 1], by_unit[TALLY_UNITS];
    int64_t cross[TALLY_CATEGORIES][TALLY_COUNTIES + 1];
    int64_t assessed[3], answered[3], police[2];
    int64_t opened, opened_category[TALLY_CATEGORIES], closed, length[TALLY_LENGTHS];
    int64_t stage[TALLY_STAGES], removed[REMOVED_BUCKETS], removed_host[REMOVED_HOSTS][REMOVED_BUCKETS]; // removed: wherever it lay
};
struct tally_ask { struct req *req; struct tally *t; bool own; int64_t last; };
MUST_USE enum err tally_read(struct tally_ask *ask);
// The length (hours) below or at which this share of the closed cases lies; -1 where none was closed.
int64_t tally_length(const struct tally *t, int percent);

// ── year.c: what is published of all institutions together ──
#define SHEETS_MAX 12
struct year_table {
    const char *name;
    struct str title, head;
    size_t rows, cols;
    struct str *row, *col, *row_key, *col_key;
    int64_t *cell;               // (rows + 1) × (cols + 1), with the sums
    bool *hidden;
    bool linked;                 // its total is that of the reports received
};
struct year { struct req *req; struct tally *tally; struct year_table table[SHEETS_MAX]; size_t n; }; // table 0: category × county
bool year_is_over(int64_t year, int64_t now);
// ERR_AWAY: days of it are not settled yet.
MUST_USE enum err year_read(struct req *rq, int64_t year, struct year **out);
void year_lengths(const struct year *y, int64_t *median, int64_t *p90); // hours; INT64_MIN: too few cases closed to say

// ── board.c ──
struct board_in { struct str period, scope, category, county, institution; };
struct board_kpi { struct str id; int64_t n, of; bool hidden, none; struct str name, said, share, note, href, late_said, late_href; };
struct board_row { struct str key, label; int64_t n; bool hidden; struct str said, href; };
struct board_table {
    struct str id; struct list rows; int64_t total; bool total_hidden; struct str title, name, total_said;
    struct html chart; bool empty, sums, columns;
};
struct board_out {
    struct str period, scope;
    int64_t median_hours, p90_hours;   // INT64_MIN: no data, or too few
    struct list kpis, tables;          // struct board_kpi, board_table
    // for pages
    struct list periods, scopes, categories, counties, institutions; // struct choice
    struct str export_xlsx, export_csv, missing, median_text, p90_text;
    bool may_scope, may_export, hides, measured, waits, refused, own; // measured: there are kpis; waits: days of the year are not counted yet
};
struct boarding { // one dashboard while it is drawn up
    struct req *rq;
    const struct board_in *in;
    struct board_out *out;
    struct tally *t;
    bool own, link;                    // link: numbers lead to searches
    int64_t last;                      // month
};
#define BOARD_TABLES 10 // with one more sheet they are fewer than SHEETS_MAX
void board_tables_fill(struct boarding *b); // out->tables, made with BOARD_TABLES places; then out->kpis
void board_year_fill(struct boarding *b, const struct year *y); // the same, of what is published of a year
struct board_table *board_table_new(struct boarding *b, const char *id, struct str title, struct str name, size_t rows);
void board_table_finish(struct boarding *b, struct board_table *t);
struct board_kpi *board_kpi_add(struct boarding *b, const char *id, enum message name, enum message note);
void board_kpi_finish(struct boarding *b, struct board_kpi *k);
struct str board_length_text(const struct req *rq, int64_t hours);
MUST_USE enum err board_own_fill(struct boarding *b); // numbers and tables of one's own units; b->t has the months and the filter
MUST_USE enum err board_period(struct str s, int64_t now, int64_t *first, int64_t *last); // "2026", "2026-11", "2026-Q4"; months

// ── export.c, sheet.c ──
struct export_in { int64_t year; struct str scope, period, format; };
SHAPE_NONE(export_out);
enum cell_kind { CELL_TEXT, CELL_COUNT, CELL_HIDDEN };
struct cell { enum cell_kind kind; struct str text; int64_t n; };
struct sheet { struct str name, title; size_t rows, cols; struct cell *cell; }; // row after row, the first is the heads
MUST_USE enum err sheet_csv(struct buf *out, const struct sheet *at, size_t n, struct str hidden);
MUST_USE enum err sheet_xlsx(struct buf *out, const struct sheet *at, size_t n, struct str hidden);

run_fn search_run, search_fill, view_list_run, view_save_run, view_save_fill, view_delete_run, board_run, board_fill, export_run;

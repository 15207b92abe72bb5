// The doors of this room, and the shapes of what they take and give.
#include "figures/handlers.h"

page_fn search_page, view_save_page, board_page;

#define FILTERS(s) FIELD(s, kind, .max = 20, .about = "report, case or referral; missing: the first of them that one may list."), \
    FIELD(s, state, .max = 20), FIELD(s, urgency, .form = FORM_URGENCY), FIELD(s, category, .max = 20, .choices = "category"), \
    FIELD(s, county, .max = 80, .choices = "county"), \
    FIELD(s, measure, .max = 40, .about = "What a figure counted: of reports assessed_24h or assessed_late, of cases with pages removed_1d, removed_3d, " \
        "removed_7d or these with _late, and where the pages lie as removed_7d:abroad, of referrals sent answered_in_time, answered_late, " \
          "police_24h or police_late."), FIELD(s, worker, .about = "Who has it."), \
    FIELD(s, unit, .about = "One of one's own."), FIELD(s, from, .max = 10, .about = "Day it came, 2026-11-24."), \
    FIELD(s, to, .max = 10, .about = "The last such day."), \
    FIELD(s, q, .max = 40, .about = "A case's number, or the first 6 or more digits of an id.")
SHAPE(search_in, FILTERS(search_in), FIELD(search_in, after, .max = 45, .about = "next of the page before."));
SHAPE(search_row, FIELD(search_row, id), FIELD(search_row, kind), FIELD(search_row, number, .form = FORM_NULLABLE), FIELD(search_row, state),
      FIELD(search_row, urgency, .form = FORM_URGENCY), FIELD(search_row, category, .form = FORM_NULLABLE, .about = "null for referrals."),
      FIELD(search_row, county, .form = FORM_NULLABLE), FIELD(search_row, unit),
      FIELD(search_row, other, .form = FORM_NULLABLE, .about = "The unit on a referral's other side."),
      FIELD(search_row, worker, .form = FORM_NULLABLE), FIELD(search_row, at, .form = FORM_TIME, .about = "Received, opened or sent."),
      FIELD(search_row, erased, .about = "Counted still; nothing is left to open."));
SHAPE(search_out, FIELD(search_out, rows, .of = &search_row_shape),
      FIELD(search_out, next, .form = FORM_NULLABLE, .about = "Give it back as after; null at the end."));

SHAPE(view_row, FIELD(view_row, id), FIELD(view_row, name), FIELD(view_row, query, .about = "Filters, as the query of /search."),
      FIELD(view_row, unit, .form = FORM_NULLABLE, .about = "With whose members it is shared; null: one's own."));
SHAPE(view_list_out, FIELD(view_list_out, views, .of = &view_row_shape));
SHAPE(view_save_in, FIELD(view_save_in, name, .required = true, .max = VIEW_NAME_MAX),
      FIELD(view_save_in, share, .about = "A unit of one's own whose members see it; missing: nobody else."), FILTERS(view_save_in));
SHAPE(view_save_out, FIELD(view_save_out, id));

SHAPE(board_in,
      FIELD(board_in, period, .max = 7, .about = "2026, 2026-Q4 or 2026-11; missing: this year. Of all: a year that is over; missing: the last one."),
      FIELD(board_in, scope, .max = 3,
            .about = "own (missing, where one has units) or all: what is published of a year, small numbers hidden; by category or county, not both."),
      FIELD(board_in, category, .max = 20, .choices = "category"), FIELD(board_in, county, .max = 80, .choices = "county"),
      FIELD(board_in, institution, .max = 32, .about = "Its id; not with all."));
SHAPE(board_kpi, FIELD(board_kpi, id), FIELD(board_kpi, n, .form = FORM_NULLABLE, .about = "null: hidden."),
      FIELD(board_kpi, of, .form = FORM_NULLABLE, .about = "0: no data yet; null: hidden."), FIELD(board_kpi, hidden));
SHAPE(board_row, FIELD(board_row, key), FIELD(board_row, label), FIELD(board_row, n, .form = FORM_NULLABLE, .about = "null: hidden."));
SHAPE(board_table, FIELD(board_table, id), FIELD(board_table, rows, .of = &board_row_shape),
      FIELD(board_table, total, .form = FORM_NULLABLE, .about = "null: hidden, or none."));
SHAPE(board_out, FIELD(board_out, period), FIELD(board_out, scope),
      FIELD(board_out, median_hours, .form = FORM_NULLABLE, .about = "From opening to closing; null: no data, or too few cases to say."),
      FIELD(board_out, p90_hours, .form = FORM_NULLABLE),
      FIELD(board_out, kpis, .of = &board_kpi_shape), FIELD(board_out, tables, .of = &board_table_shape));

SHAPE(export_in, FIELD(export_in, year, .about = "Of all institutions: one that is over."),
      FIELD(export_in, scope, .max = 3, .about = "all (missing: this), or own: of one's own units, nothing hidden, also of a time that is not over."),
      FIELD(export_in, period, .max = 7, .about = "With own: 2026, 2026-Q4 or 2026-11; missing: this year, up to now."),
      FIELD(export_in, format, .max = 4, .about = "csv (missing: this) or xlsx."));

static const struct route rows[] = {
    {.name = "search", .path = "/search", .method = GET, .perm = PERM_SEARCH, .in = &search_in_shape, .out = &search_out_shape, .run = search_run,
     .page = search_page, .fill = search_fill, .about = "Metadata of what one's own units hold, newest first; nothing sealed is looked at."},
    {.name = "view_list", .path = "/search/views", .method = GET, .perm = PERM_SEARCH, .in = &view_list_in_shape, .out = &view_list_out_shape,
     .run = view_list_run, .about = "Saved searches: one's own, and those shared with one's units."},
    {.name = "view_save", .path = "/search/views", .method = POST, .perm = PERM_SEARCH, .in = &view_save_in_shape, .out = &view_save_out_shape,
     .run = view_save_run, .page = view_save_page, .fill = view_save_fill, .status = 201, .body_max = 8 * 1024, .about = "Saves a search."},
    {.name = "view_delete", .path = "/search/views/{id}/delete", .method = POST, .perm = PERM_SEARCH, .in = &view_delete_in_shape,
     .out = &view_delete_out_shape, .run = view_delete_run, .then = "/search",
     .about = "Forgets a saved search: its author, or of a shared one whoever admits people to the unit."},
    {.name = "board", .path = "/figures", .method = GET, .perm = PERM_FIGURES, .in = &board_in_shape, .out = &board_out_shape, .run = board_run,
     .page = board_page, .fill = board_fill, .about = "Figures of a period: of one's own units whole, of all institutions with small numbers hidden."},
    {.name = "export", .path = "/figures/export", .method = GET, .perm = PERM_FIGURES, .in = &export_in_shape, .out = &export_out_shape,
     .run = export_run, .about = "A file with the figures of all institutions in a year that is over, small numbers hidden; or of one's own units, whole, up to now."},
};
const struct routes figures_desk_routes = {"figures", rows, sizeof rows / sizeof *rows};

// chart: figures as pictures (SVG), without script and without a colour that means something: each bar has its name and its
// value beside it. A page puts the table of the same figures behind each chart (docs/figures.md). Looks: .chart in
// static/isigurt.css, so dark and print need nothing here.
#pragma once
#include "html/html.h"

#define CHART_BARS_MAX 64
struct chart_bar {
    struct str label;   // shortened to what fits
    struct str said;    // the value in words: "12", "83 %", "<5"
    int64_t value;      // its length; negative: there is none to show, and only `said` stands there
};
// Rows under each other; for names of any length. most: the value of a full row; 0: the greatest.
void chart_rows(struct buf *out, struct str title, const struct chart_bar *at, size_t n, int64_t most);
// Columns beside each other, at most 31; for months and steps with short names.
void chart_columns(struct buf *out, struct str title, const struct chart_bar *at, size_t n, int64_t most);
// A line from point to point, for what goes on over years; one that has nothing to show breaks it. aim: the value of a level drawn
// across as a row of dashes; negative: none.
void chart_line(struct buf *out, struct str title, const struct chart_bar *at, size_t n, int64_t aim);
// A map of tiles: each where its row and column say (from 0), in one of four shades; 0: none.
struct chart_tile { struct str label, said; int row, col, shade; };
void chart_tiles(struct buf *out, struct str title, const struct chart_tile *at, size_t n);

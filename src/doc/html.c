// A document as one HTML file: it is mailed, kept on a stick and printed, so its style stands within it and nothing is fetched.
#include "doc/doc.h"
#include "html/chart.h"

static const char style[] =
    ":root{color-scheme:light dark;--ink:#14213d;--soft:#5a6478;--line:#c8ced9;--tone:#1d4e89}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8ecf4;--soft:#a5afc2;--line:#3d465a;--tone:#8ab6f0}}"
    "body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);max-width:60rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.9rem;line-height:1.2;margin:0 0 .5rem}h2{margin-top:3rem;border-top:2px solid var(--tone);padding-top:.6rem}"
    "p.quiet{color:var(--soft);font-size:.85rem}p.text{white-space:pre-line}"
    ".notice{border:2px solid currentColor;padding:.5rem 1rem;display:inline-block}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem;margin:.5rem 0 1.5rem}"
    "caption{text-align:left;font-weight:600;padding:.3rem 0}th,td{border-bottom:1px solid var(--line);padding:.3rem .5rem;"
    "text-align:left;vertical-align:top}td.n{text-align:right;white-space:nowrap}"
    ".chart{width:100%;max-width:34rem;display:block;fill:var(--tone)}.chart text{font-size:12px;fill:var(--ink)}"
    ".chart .small{font-size:9px}.chart path{stroke:var(--line);fill:none}"
    ".tile rect{fill:var(--line)}.s0 rect{fill-opacity:.3}.s1 rect{fill:#dbe8f7}.s2 rect{fill:#a9c8ec}.s3 rect{fill:#3f78b8}.s4 rect{fill:#17406f}"
    ".chart .s1 text,.chart .s2 text{fill:#14213d}.chart .s3 text,.chart .s4 text{fill:#fff}"
    "nav a{color:var(--tone)}nav ol{columns:18rem}"
    "@media print{body{max-width:none;font-size:11pt}h2{break-before:page}tr,.chart{break-inside:avoid}nav{display:none}}";

static void cell_write(struct buf *out, const struct doc *d, const struct doc_cell *cell)
{
    struct buf said;
    buf_init(&said, 64 * 1024);
    doc_print(&said, &d->words, cell);
    html_text(out, buf_str(&said));
    out->failed |= said.failed;
    buf_free(&said);
}

static void table_write(struct buf *out, const struct doc *d, const struct doc_part *p)
{
    buf_put_z(out, "<div class=\"wide\" tabindex=\"0\"><table><caption>");
    html_text(out, p->text);
    buf_put_z(out, "</caption>");
    for (size_t r = 0; r < p->rows; r++) {
        buf_put_z(out, r == 0 ? "<thead><tr>" : "<tr>");
        for (size_t c = 0; c < p->cols; c++) {
            const struct doc_cell *cell = &p->cell[r * p->cols + c];
            const char *tag = r == 0 || c == 0 ? "th" : "td";
            buf_printf(out, "<%s%s>", tag, r == 0 ? " scope=\"col\"" : c == 0 ? " scope=\"row\"" : cell->kind == DOC_TEXT ? "" : " class=\"n\"");
            cell_write(out, d, cell);
            buf_printf(out, "</%s>", tag);
        }
        buf_put_z(out, r == 0 ? "</tr></thead><tbody>" : "</tr>");
    }
    buf_put_z(out, "</tbody></table></div>");
}

static struct str cell_said(const struct doc *d, const struct doc_cell *cell)
{
    struct buf said;
    buf_init(&said, 1024);
    doc_print(&said, &d->words, cell);
    struct str out = arena_str(d->arena, buf_str(&said));
    buf_free(&said);
    return out;
}

static void bars_write(struct buf *out, const struct doc *d, const struct doc_part *p)
{
    struct chart_bar *at = arena_array(d->arena, p->bars, sizeof *at);
    if (!at)
        return;
    for (size_t i = 0; i < p->bars; i++) {
        bool drawn = p->bar[i].value.kind == DOC_NUMBER || p->bar[i].value.kind == DOC_PERCENT;
        at[i] = (struct chart_bar){.label = p->bar[i].label, .said = cell_said(d, &p->bar[i].value), .value = drawn ? p->bar[i].value.n : -1};
    }
    buf_put_z(out, "<h4>");
    html_text(out, p->text);
    buf_put_z(out, "</h4>");
    chart_rows(out, p->text, at, p->bars, 0);
}

static void map_write(struct buf *out, const struct doc *d, const struct doc_part *p)
{
    struct chart_tile *at = arena_array(d->arena, p->tiles, sizeof *at);
    if (!at)
        return;
    for (size_t i = 0; i < p->tiles; i++)
        at[i] = (struct chart_tile){p->tile[i].label, cell_said(d, &p->tile[i].value), p->tile[i].row, p->tile[i].col, p->tile[i].shade};
    buf_put_z(out, "<h4>");
    html_text(out, p->text);
    buf_put_z(out, "</h4>");
    chart_tiles(out, p->text, at, p->tiles);
}

static void contents_write(struct buf *out, const struct doc *d)
{
    int n = 0;
    buf_put_z(out, "<nav><h2>");
    html_text(out, d->words.contents);
    buf_put_z(out, "</h2><ol>");
    for (const struct doc_part *p = d->first; p; p = p->next) {
        if (p->kind != DOC_HEADING || p->level != 1)
            continue;
        buf_printf(out, "<li><a href=\"#part-%d\">", ++n);
        html_text(out, p->text);
        buf_put_z(out, "</a></li>");
    }
    buf_put_z(out, "</ol></nav>");
}

static void part_write(struct buf *out, const struct doc *d, const struct doc_part *p, int *n)
{
    switch (p->kind) {
    case DOC_HEADING:
        if (p->level == 1)
            buf_printf(out, "<h2 id=\"part-%d\">", ++*n);
        else
            buf_printf(out, "<h%d>", p->level + 1);
        html_text(out, p->text);
        buf_printf(out, "</h%d>", p->level + 1);
        break;
    case DOC_PARAGRAPH:
    case DOC_QUIET:
        buf_put_z(out, p->kind == DOC_QUIET ? "<p class=\"quiet\">" : "<p class=\"text\">");
        html_text(out, p->text);
        buf_put_z(out, "</p>");
        break;
    case DOC_TABLE: table_write(out, d, p); break;
    case DOC_BARS: bars_write(out, d, p); break;
    case DOC_MAP: map_write(out, d, p); break;
    }
    buf_put_c(out, '\n');
}

static void line_write(struct buf *out, const char *before, struct str text, const char *after)
{
    if (!text.n)
        return;
    buf_put_z(out, before);
    html_text(out, text);
    buf_put_z(out, after);
}

enum err doc_html(const struct doc *d, struct buf *out)
{
    int n = 0;
    line_write(out, "<!DOCTYPE html>\n<html lang=\"", d->words.lang, "\"><head><meta charset=\"utf-8\">");
    buf_put_z(out, "<meta name=\"viewport\" content=\"width=device-width\">");
    line_write(out, "<title>", d->words.title, "</title>");
    buf_printf(out, "<style>%s</style></head><body><header>", style);
    line_write(out, "<h1>", d->words.title, "</h1>");
    line_write(out, "<p>", d->words.subtitle, "</p>");
    line_write(out, "<p>", d->words.issuer, "</p>");
    line_write(out, "<p>", d->words.day, "</p>");
    line_write(out, "<p class=\"notice\">", d->words.notice, "</p>");
    buf_put_z(out, "</header>\n");
    contents_write(out, d);
    buf_put_z(out, "\n<main>\n");
    for (const struct doc_part *p = d->first; p; p = p->next)
        part_write(out, d, p, &n);
    buf_put_z(out, "</main></body></html>\n");
    return arena_failed(d->arena) ? ERR_MEMORY : buf_ok(out);
}

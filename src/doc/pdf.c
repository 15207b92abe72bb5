// A document as PDF: a cover, the contents with their pages, then its parts.
#include <cairo-pdf.h>
#include <stdio.h>
#include <string.h>
#include "doc/paper.h"

#define CELL_SIZE 8.0
#define CELL_PAD 3.0
#define CELL_LINES 24 // of one cell; what is longer ends in "…": a row must fit on a page

static struct str printed(struct paper *p, const struct doc_cell *cell)
{
    struct buf b;
    buf_init(&b, 64 * 1024);
    doc_print(&b, &p->d->words, cell);
    struct str s = arena_str(p->d->arena, buf_str(&b));
    buf_free(&b);
    return s;
}

static const char *zero_ended(struct paper *p, struct str s)
{
    const char *z = arena_str(p->d->arena, s).at;
    return z ? z : "";
}

// Room that the beginning of a part takes at least: what stands above it does not stay behind alone.
#define TILE_TALL 40.0
#define TILE_WIDE 88.0
#define TILE_GAP 3.0
static double map_tall(const struct doc_part *map)
{
    int rows = 0;
    for (size_t i = 0; i < map->tiles; i++)
        rows = map->tile[i].row + 1 > rows ? map->tile[i].row + 1 : rows;
    return rows * (TILE_TALL + TILE_GAP);
}

static double begins(const struct doc_part *part)
{
    if (!part)
        return 0;
    switch (part->kind) {
    case DOC_HEADING: return 40 + begins(part->next);
    case DOC_MAP: return 30 + map_tall(part);
    case DOC_TABLE: return 80;
    case DOC_BARS: return 60;
    default: return 40;
    }
}

static void heading_set(struct paper *p, const struct doc_part *part)
{
    static const double size[] = {0, 19, 13, 10.5};
    char name[48];
    if (part->level == 1)
        paper_page(p);
    else
        paper_room(p, begins(part)); // not alone at the end of a page
    p->y += part->level == 1 ? 0 : 12;
    if (part->level < 3) {
        p->heading_page[p->heading] = p->page;
        snprintf(name, sizeof name, "name='h%zu'", p->heading);
        cairo_tag_begin(p->cr, CAIRO_TAG_DEST, name);
        cairo_tag_end(p->cr, CAIRO_TAG_DEST);
        snprintf(name, sizeof name, "dest='h%zu'", p->heading);
        if (part->level == 1)
            cairo_pdf_surface_add_outline(cairo_get_target(p->cr), CAIRO_PDF_OUTLINE_ROOT, zero_ended(p, part->text),
                                          name, CAIRO_PDF_OUTLINE_FLAG_OPEN);
        p->heading++;
    }
    paper_flow(p, part->text, size[part->level], true, part->level == 1 ? ink_tone : ink_black);
    p->y += part->level == 1 ? 10 : 4;
}

static void title_set(struct paper *p, struct str title, double below)
{
    if (!title.n)
        return;
    PangoLayout *l = paper_layout(p, title, 9, true, PAPER_LINE);
    paper_room(p, paper_tall(l) + below + 6);
    p->y += 6;
    paper_show(p, l, PAPER_EDGE, p->y, ink_black);
    p->y += paper_tall(l) + 4;
    g_object_unref(l);
}

// ── tables ──

// Where on the line a table stands.
struct span { double x, wide; };

static void row_set(struct paper *p, const struct doc_part *t, size_t r, const double *wide, struct span on)
{
    const struct doc_cell *cell = &t->cell[r * t->cols];
    PangoLayout *at[DOC_COLS_MAX];
    double tall = 0, x = on.x;
    for (size_t c = 0; c < t->cols; c++) {
        at[c] = paper_layout(p, printed(p, &cell[c]), CELL_SIZE, r == 0, wide[c] - 2 * CELL_PAD);
        pango_layout_set_height(at[c], -CELL_LINES);
        pango_layout_set_ellipsize(at[c], PANGO_ELLIPSIZE_END);
        if (c > 0 && (r == 0 ? t->rows > 1 && t->cell[t->cols + c].kind != DOC_TEXT : cell[c].kind != DOC_TEXT))
            pango_layout_set_alignment(at[c], PANGO_ALIGN_RIGHT);
        tall = paper_tall(at[c]) > tall ? paper_tall(at[c]) : tall;
    }
    tall += 2 * CELL_PAD;
    if (r > 0 && p->y + tall > PAPER_END) { // the heads come again on each page
        paper_page(p);
        row_set(p, t, 0, wide, on);
    }
    if (r == 0)
        paper_box(p, on.x, p->y, on.wide, tall, (struct ink){0.92, 0.94, 0.97});
    for (size_t c = 0; c < t->cols; x += wide[c++]) {
        bool quiet = cell[c].kind == DOC_MISSING || cell[c].kind == DOC_HIDDEN;
        paper_show(p, at[c], x + CELL_PAD, p->y + CELL_PAD, quiet ? ink_soft : ink_black);
        g_object_unref(at[c]);
    }
    p->y += tall;
    paper_box(p, on.x, p->y, on.wide, 0.4, ink_line);
}

static void rows_set(struct paper *p, const struct doc_part *t, struct span on)
{
    double wide[DOC_COLS_MAX];
    int all = 0;
    for (size_t c = 0; c < t->cols; c++)
        all += t->wide[c];
    for (size_t c = 0; c < t->cols; c++)
        wide[c] = on.wide * t->wide[c] / (all > 0 ? all : 1);
    for (size_t r = 0; r < t->rows; r++)
        row_set(p, t, r, wide, on);
}

static void table_set(struct paper *p, const struct doc_part *t)
{
    title_set(p, t->text, 50);
    rows_set(p, t, (struct span){PAPER_EDGE, PAPER_LINE});
    p->y += 12;
}

// ── charts ──

static bool drawn(const struct doc_cell *cell)
{
    return (cell->kind == DOC_NUMBER || cell->kind == DOC_PERCENT) && cell->n > 0;
}

static void bars_set(struct paper *p, const struct doc_part *part)
{
    const double name = 190, said = 70, row = 16, room = PAPER_LINE - name - said;
    int64_t most = 1;
    for (size_t i = 0; i < part->bars; i++)
        most = drawn(&part->bar[i].value) && part->bar[i].value.n > most ? part->bar[i].value.n : most;
    title_set(p, part->text, row * 2);
    for (size_t i = 0; i < part->bars; i++) {
        const struct doc_bar *bar = &part->bar[i];
        double wide = drawn(&bar->value) ? room * (double)bar->value.n / (double)most : 0;
        paper_room(p, row);
        PangoLayout *l = paper_layout(p, bar->label, CELL_SIZE, false, name - 6);
        pango_layout_set_height(l, -1);
        pango_layout_set_ellipsize(l, PANGO_ELLIPSIZE_END);
        paper_show(p, l, PAPER_EDGE, p->y + 2, ink_black);
        g_object_unref(l);
        paper_box(p, PAPER_EDGE + name, p->y + 2, wide, row - 5, ink_tone);
        paper_say(p, printed(p, &bar->value), CELL_SIZE, false, PAPER_EDGE + name + wide + 4, p->y + 2, 0, 0, ink_black);
        p->y += row;
    }
    p->y += 8;
}

static void map_set(struct paper *p, const struct doc_part *part)
{
    static const struct ink shade[] = {{0.96, 0.97, 0.98}, {0.86, 0.91, 0.97}, {0.66, 0.78, 0.93}, {0.25, 0.47, 0.72}, {0.09, 0.25, 0.44}};
    static const struct ink white = {1, 1, 1};
    const double wide = TILE_WIDE, tall = TILE_TALL, gap = TILE_GAP;
    title_set(p, part->text, map_tall(part));
    for (size_t i = 0; i < part->tiles; i++) {
        const struct doc_tile *t = &part->tile[i];
        double x = PAPER_EDGE + t->col * (wide + gap), y = p->y + t->row * (tall + gap);
        int s = t->shade < 0 || t->shade > 4 ? 0 : t->shade;
        struct ink ink = s > 2 ? white : ink_black;
        paper_box(p, x, y, wide, tall, shade[s]);
        paper_say(p, t->label, CELL_SIZE, false, x + 4, y + 4, wide - 8, 0, ink);
        paper_say(p, printed(p, &t->value), 11, true, x + 4, y + 20, wide - 8, 0, ink);
    }
    p->y += map_tall(part) + 10;
}

// The table of a map's figures stands beside it where it is small: gives the part that was set last.
#define BESIDE_ROWS 16
static const struct doc_part *map_and_table_set(struct paper *p, const struct doc_part *map)
{
    const struct doc_part *table = map->next;
    int cols = 0;
    for (size_t i = 0; i < map->tiles; i++)
        cols = map->tile[i].col + 1 > cols ? map->tile[i].col + 1 : cols;
    double x = PAPER_EDGE + cols * (TILE_WIDE + TILE_GAP) + 14;
    if (!table || table->kind != DOC_TABLE || table->cols != 2 || table->rows > BESIDE_ROWS || x + 120 > PAPER_EDGE + PAPER_LINE) {
        map_set(p, map);
        return map;
    }
    paper_room(p, begins(map));
    map_set(p, map);
    double below = p->y;
    p->y = below - map_tall(map) - 10;
    rows_set(p, table, (struct span){x, PAPER_EDGE + PAPER_LINE - x});
    p->y = p->y + 12 > below ? p->y + 12 : below;
    return table;
}

// Gives the part that was set last.
static const struct doc_part *part_set(struct paper *p, const struct doc_part *part)
{
    switch (part->kind) {
    case DOC_HEADING: heading_set(p, part); break;
    case DOC_PARAGRAPH:
        paper_flow(p, part->text, 10, false, ink_black);
        p->y += 7;
        break;
    case DOC_QUIET:
        paper_flow(p, part->text, 8, false, ink_soft);
        p->y += 6;
        break;
    case DOC_TABLE: table_set(p, part); break;
    case DOC_BARS: bars_set(p, part); break;
    case DOC_MAP: return map_and_table_set(p, part);
    }
    return part;
}

// ── cover and contents ──

static void cover_set(struct paper *p)
{
    const struct doc_words *w = &p->d->words;
    paper_page(p);
    paper_box(p, 0, 0, 14, PAPER_TALL, ink_tone);
    p->y = 220;
    paper_flow(p, w->title, 27, true, ink_tone);
    p->y += 14;
    paper_flow(p, w->subtitle, 14, false, ink_black);
    if (w->notice.n) {
        PangoLayout *l = paper_layout(p, w->notice, 11, true, PAPER_LINE - 24);
        double tall = paper_tall(l) + 20;
        p->y += 30;
        paper_ink(p, ink_black);
        cairo_set_line_width(p->cr, 1.5);
        cairo_rectangle(p->cr, PAPER_EDGE, p->y, PAPER_LINE, tall);
        cairo_stroke(p->cr);
        paper_show(p, l, PAPER_EDGE + 12, p->y + 10, ink_black);
        g_object_unref(l);
    }
    paper_say(p, w->issuer, 11, true, PAPER_EDGE, PAPER_TALL - 130, PAPER_LINE, 0, ink_black);
    paper_say(p, w->day, 11, false, PAPER_EDGE, PAPER_TALL - 96, PAPER_LINE, 0, ink_soft);
}

static void contents_set(struct paper *p)
{
    size_t i = 0;
    paper_page(p);
    paper_flow(p, p->d->words.contents, 19, true, ink_tone);
    p->y += 12;
    for (const struct doc_part *part = p->d->first; part; part = part->next) {
        char text[24], to[40];
        if (part->kind != DOC_HEADING || part->level > 2)
            continue;
        int n = snprintf(text, sizeof text, "%d", p->heading_page[i]);
        double x = PAPER_EDGE + (part->level - 1) * 14, size = part->level == 1 ? 10 : 9;
        PangoLayout *l = paper_layout(p, part->text, size, part->level == 1, PAPER_LINE - 60 - (part->level - 1) * 14);
        paper_room(p, paper_tall(l) + 5);
        snprintf(to, sizeof to, "dest='h%zu'", i++);
        cairo_tag_begin(p->cr, CAIRO_TAG_LINK, to);
        paper_show(p, l, x, p->y, ink_black);
        paper_say(p, (struct str){text, (size_t)n}, size, false, PAPER_WIDE - PAPER_EDGE - 40, p->y, 40, 2, ink_black);
        cairo_tag_end(p->cr, CAIRO_TAG_LINK);
        p->y += paper_tall(l) + 5;
        g_object_unref(l);
    }
}

static cairo_status_t nowhere(void *ctx, const unsigned char *at, unsigned n)
{
    (void)ctx, (void)at, (void)n;
    return CAIRO_STATUS_SUCCESS;
}

static cairo_status_t into_buf(void *ctx, const unsigned char *at, unsigned n)
{
    struct buf *out = ctx;
    buf_put(out, (struct str){(const char *)at, n});
    return out->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static enum err set(const struct doc *d, int *heading_page, cairo_write_func_t fn, void *ctx)
{
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(fn, ctx, PAPER_WIDE, PAPER_TALL);
    struct paper p = {.d = d, .cr = cairo_create(surface), .heading_page = heading_page};
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, zero_ended(&p, d->words.title));
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, zero_ended(&p, d->words.issuer));
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, zero_ended(&p, d->words.created));
    cover_set(&p);
    contents_set(&p);
    for (const struct doc_part *part = d->first; part; part = part->next)
        part = part_set(&p, part);
    paper_page(&p); // ends the last one with its foot; the one begun stays empty and is not shown
    cairo_destroy(p.cr);
    cairo_surface_finish(surface);
    cairo_status_t status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    return status == CAIRO_STATUS_NO_MEMORY ? ERR_MEMORY : status ? ERR_IO : OK;
}

enum err doc_pdf(const struct doc *d, struct buf *out)
{
    size_t headings = 0;
    for (const struct doc_part *part = d->first; part; part = part->next)
        headings += part->kind == DOC_HEADING;
    int *heading_page = arena_array(d->arena, headings + 1, sizeof *heading_page);
    if (!heading_page)
        return ERR_MEMORY;
    enum err e = set(d, heading_page, nowhere, NULL);
    if (!e)
        e = set(d, heading_page, into_buf, out);
    return arena_failed(d->arena) ? ERR_MEMORY : e ? e : buf_ok(out);
}

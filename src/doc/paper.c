#include "doc/paper.h"

#include <stdio.h>

const struct ink ink_black = {0.08, 0.13, 0.24}, ink_soft = {0.35, 0.39, 0.47}, ink_line = {0.78, 0.81, 0.85}, ink_tone = {0.11, 0.31, 0.54};

#if defined __clang__
#if __has_feature(address_sanitizer)
// What fontconfig reads of the machine's fonts it keeps to the end of the process.
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}
#endif
#endif

void paper_ink(struct paper *p, struct ink ink)
{
    cairo_set_source_rgb(p->cr, ink.r, ink.g, ink.b);
}

void paper_box(struct paper *p, double x, double y, double wide, double tall, struct ink ink)
{
    paper_ink(p, ink);
    cairo_rectangle(p->cr, x, y, wide, tall);
    cairo_fill(p->cr);
}

PangoLayout *paper_layout(struct paper *p, struct str text, double size, bool bold, double wide)
{
    char family[] = "DejaVu Sans"; // named by the package that `make` installs: the same bytes on each machine
    char lang[12];
    PangoLayout *l = pango_cairo_create_layout(p->cr);
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, family);
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    snprintf(lang, sizeof lang, "%.*s", STR_ARG(p->d->words.lang));
    PangoContext *context = pango_layout_get_context(l);
    pango_context_set_language(context, pango_language_from_string(lang));
    pango_context_set_round_glyph_positions(context, FALSE); // paper has no pixels
    pango_layout_set_font_description(l, font);
    pango_font_description_free(font);
    if (wide > 0)
        pango_layout_set_width(l, (int)(wide * PANGO_SCALE));
    pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
    char *whole = g_utf8_make_valid(text.n ? text.at : "", (gssize)text.n);
    pango_layout_set_text(l, whole, -1);
    g_free(whole);
    return l;
}

static PangoRectangle shape(PangoLayout *l)
{
    PangoRectangle r;
    pango_layout_get_extents(l, NULL, &r);
    return r;
}

double paper_tall(PangoLayout *l)
{
    return (double)shape(l).height / PANGO_SCALE;
}

double paper_wide(PangoLayout *l)
{
    return (double)shape(l).width / PANGO_SCALE;
}

void paper_show(struct paper *p, PangoLayout *l, double x, double y, struct ink ink)
{
    paper_ink(p, ink);
    cairo_move_to(p->cr, x, y);
    pango_cairo_show_layout(p->cr, l);
}

double paper_say(struct paper *p, struct str text, double size, bool bold, double x, double y, double wide, int align, struct ink ink)
{
    PangoLayout *l = paper_layout(p, text, size, bold, wide);
    pango_layout_set_alignment(l, align == 0 ? PANGO_ALIGN_LEFT : align == 1 ? PANGO_ALIGN_CENTER : PANGO_ALIGN_RIGHT);
    double tall = paper_tall(l);
    paper_show(p, l, x, y, ink);
    g_object_unref(l);
    return tall;
}

static void foot(struct paper *p)
{
    char number[16];
    int n = snprintf(number, sizeof number, "%d", p->page);
    paper_box(p, PAPER_EDGE, PAPER_TALL - 52, PAPER_LINE, 0.5, ink_line);
    PangoLayout *l = paper_layout(p, p->d->words.title, 7.5, false, PAPER_LINE - 40);
    pango_layout_set_height(l, -1);
    pango_layout_set_ellipsize(l, PANGO_ELLIPSIZE_END);
    paper_show(p, l, PAPER_EDGE, PAPER_TALL - 46, ink_soft);
    g_object_unref(l);
    paper_say(p, (struct str){number, (size_t)n}, 7.5, false, PAPER_WIDE - PAPER_EDGE - 40, PAPER_TALL - 46, 40, 2, ink_soft);
}

void paper_page(struct paper *p)
{
    if (p->page > 1) // the cover has no foot
        foot(p);
    if (p->page)
        cairo_show_page(p->cr);
    p->page++;
    p->y = PAPER_EDGE;
}

void paper_room(struct paper *p, double tall)
{
    if (p->y + tall > PAPER_END && p->y > PAPER_EDGE)
        paper_page(p);
}

void paper_flow(struct paper *p, struct str text, double size, bool bold, struct ink ink)
{
    PangoLayout *l = paper_layout(p, text, size, bold, PAPER_LINE);
    for (int i = 0; i < pango_layout_get_line_count(l); i++) {
        PangoLayoutLine *line = pango_layout_get_line_readonly(l, i);
        PangoRectangle r;
        pango_layout_line_get_extents(line, NULL, &r);
        double tall = (double)r.height / PANGO_SCALE * 1.15;
        paper_room(p, tall);
        paper_ink(p, ink);
        cairo_move_to(p->cr, PAPER_EDGE, p->y - (double)r.y / PANGO_SCALE);
        pango_cairo_show_layout_line(p->cr, line);
        p->y += tall;
    }
    g_object_unref(l);
}

// paper: A4 pages on which a document's parts are set one below the other. Units are points (1/72 inch).
#pragma once
#include <pango/pangocairo.h>
#include "doc/doc.h"

#define PAPER_WIDE 595.0
#define PAPER_TALL 842.0
#define PAPER_EDGE 56.0
#define PAPER_LINE (PAPER_WIDE - 2 * PAPER_EDGE) // what a line has
#define PAPER_END (PAPER_TALL - 70.0)            // nothing below, but the foot

struct ink { double r, g, b; };
extern const struct ink ink_black, ink_soft, ink_line, ink_tone;

// The document is set twice: first to learn on which page each heading comes to stand, then with the contents in front.
struct paper {
    const struct doc *d;
    cairo_t *cr;
    int page;            // from 1; 0 before the first
    double y;            // top of what comes next
    int *heading_page;   // of each heading of level 1 and 2, in their order
    size_t heading;      // how many of them were set
};

void paper_page(struct paper *p);                 // ends this page with its foot and begins the next
void paper_room(struct paper *p, double tall);    // begins a page where so much is not left on this one
void paper_ink(struct paper *p, struct ink ink);
void paper_box(struct paper *p, double x, double y, double wide, double tall, struct ink ink); // filled

// A text set in `wide` points (0: one line as wide as it is). The caller g_object_unrefs it.
PangoLayout *paper_layout(struct paper *p, struct str text, double size, bool bold, double wide);
double paper_tall(PangoLayout *l);
double paper_wide(PangoLayout *l);
void paper_show(struct paper *p, PangoLayout *l, double x, double y, struct ink ink);
// Set at once and forgotten; its height. align: 0 left, 1 middle, 2 right within wide.
double paper_say(struct paper *p, struct str text, double size, bool bold, double x, double y, double wide, int align, struct ink ink);
// A long text from p->y on, line by line over as many pages as it takes.
void paper_flow(struct paper *p, struct str text, double size, bool bold, struct ink ink);

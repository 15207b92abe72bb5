// What the pages of the gallery show. The same pages are rendered by test_page.c and looked at with tools/gallery.
#pragma once
#include "page_web.h"

struct gallery_choice { struct str id, label, hint; bool on; };
struct gallery_said { struct str text, at; bool mine; };
struct gallery_row { struct id id; int64_t urgency; struct str word, category, at, place; int64_t same; bool unread; };
struct gallery_in { struct str address, text, category; bool in_danger; };
struct gallery_out {
    int64_t step, steps, count;
    struct list choices, said, rows, kept, none;
    struct str code, link, phone;
    struct html markup;
    enum message state;
};
typedef void gallery_page_fn(struct buf *html, const struct req *rq, const void *in, const void *out);
extern const struct gallery_page { const char *name; gallery_page_fn *page; } gallery_pages[]; // NULL name at the end
void gallery_fill(struct req *rq, struct gallery_in *in, struct gallery_out *out, const struct lang *l); // static data

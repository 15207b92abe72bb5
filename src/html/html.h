// html: what compiled templates call. Escaping is chosen by the compiler from the position of the hole, never by hand.
// The template language stands in docs/templates.md.
#pragma once
#include "base/buf.h"
#include "base/id.h"
#include "text/text.h"

struct html { // markup known to be safe; only the Markdown renderer and the compiler make one
    struct str markup;
};

void html_text(struct buf *out, struct str s);   // element content and quoted attributes: & < > " ' escaped; invisibles
                                                 // that could reorder text (U+202A-202E, 2066-2069, 200E-F) shown as ⟨U+202E⟩
void html_int(struct buf *out, int64_t v);
void html_id(struct buf *out, struct id v);
void html_url(struct buf *out, struct str s);    // href and action: only http(s):, mailto:, tel:, or a path; else "#"
void html_message(struct buf *out, const struct lang *l, enum message m, size_t n, const struct text_arg *args);
void html_raw(struct buf *out, struct html m);

// One hole, by the C type of its expression.
#define html_put(out, v) _Generic((v), struct str: html_text, struct html: html_raw, struct id: html_id, \
    bool: html_int, int: html_int, unsigned: html_int, long: html_int, long long: html_int)(out, v)
// Truth of an `if`: non-empty text, non-zero number, non-empty list.
#define html_true(v) _Generic((v), struct str: html_true_str, default: html_true_int)(v)
static inline bool html_true_str(struct str s) { return s.n > 0; }
static inline bool html_true_int(int64_t v) { return v != 0; }

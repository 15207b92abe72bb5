// html: what compiled templates call. Escaping is chosen by the compiler from the position of the hole, never by hand.
// The template language stands in docs/templates.md. All writers only add to `out`; whether it grew too large is asked
// once at the end (buf_ok).
#pragma once
#include "base/buf.h"
#include "base/id.h"
#include "text/text.h"

struct html { // markup known to be safe; only the Markdown renderer and the compiler make one
    struct str markup;
};
struct html_pair { // one hidden field: templates/web/hidden.html
    struct str name, value;
};

// Element content and quoted attributes: & < > " ' escaped; what is not seen but reorders or hides (format characters,
// fillers, tags) shown as ⟨U+202E⟩; control characters and broken UTF-8 become U+FFFD.
void html_text(struct buf *out, struct str s);
void html_z(struct buf *out, const char *z); // the same; NULL writes nothing
void html_int(struct buf *out, int64_t v);
void html_id(struct buf *out, struct id v);
// A whole href or action: only http(s):, mailto:, tel:, a path ("/x", not "//x"), "?x" or "#x"; else "#".
void html_url(struct buf *out, struct str s);
// One segment or value behind a literal path: all but A-Za-z0-9-._~ as %XX.
void html_url_part(struct buf *out, struct str s);
// Behind "tel:": digits, + * # only, so that "116 111" can be dialled.
void html_tel(struct buf *out, struct str s);
void html_message(struct buf *out, const struct lang *l, enum message m, size_t n, const struct text_arg *args);
void html_raw(struct buf *out, struct html m);

// One hole, by the C type of its expression. Enums are left out on purpose: an enum message printed as a number would be
// a mistake, so it does not compile; show a message with {{msg out.x}} and numbers as int64_t.
#define html_put(out, v) _Generic((v), struct html: html_raw, struct str: html_text, struct id: html_id, bool: html_int, \
    int: html_int, long: html_int, long long: html_int, const char *: html_z, char *: html_z)(out, v)
#define html_put_attr(out, v) _Generic((v), struct str: html_text, struct id: html_id, bool: html_int, \
    int: html_int, long: html_int, long long: html_int, const char *: html_z, char *: html_z)(out, v)
#define html_put_url(out, v) _Generic((v), struct str: html_url)(out, v)
#define html_put_url_part(out, v) _Generic((v), struct str: html_url_part, struct id: html_id, bool: html_int, \
    int: html_int, long: html_int, long long: html_int)(out, v)
#define html_put_tel(out, v) _Generic((v), struct str: html_tel)(out, v)

// Truth of an `if`: non-empty text, non-zero number. (Lists are added where struct list is known, in the page.)
#define html_true(v) _Generic((v), struct str: html_true_str, const char *: html_true_z, char *: html_true_z, \
    default: html_true_int)(v)
static inline bool html_true_str(struct str s) { return s.n > 0; }
static inline bool html_true_z(const char *z) { return z != NULL && z[0] != '\0'; }
static inline bool html_true_int(int64_t v) { return v != 0; }

// One argument of a message, by its type.
#define html_arg(name, v) _Generic((v), struct str: html_arg_str, const char *: html_arg_z, char *: html_arg_z, \
    bool: html_arg_int, int: html_arg_int, long: html_arg_int, long long: html_arg_int)(name, v)
static inline struct text_arg html_arg_str(const char *name, struct str s)
{
    return (struct text_arg){.name = name, .s = {s.at != NULL ? s.at : "", s.n}}; // NULL would mean a number
}
static inline struct text_arg html_arg_z(const char *name, const char *z) { return html_arg_str(name, str_from(z)); }
static inline struct text_arg html_arg_int(const char *name, int64_t i)
{
    return (struct text_arg){.name = name, .i = i};
}

// ── every compiled page tells what it reads, so that who calls it can be compared with it (web, at start) ──
struct req; // web's
typedef void html_page_fn(struct buf *html, const struct req *rq, const void *in, const void *out);
struct html_page {
    html_page_fn *write;
    const char *name, *in, *out; // names of the structs of its head; "none"
    size_t in_size, out_size;    // bytes; 0 for none
};
const struct html_page *html_page_find(html_page_fn *write); // NULL: no compiled page

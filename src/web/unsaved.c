// unsaved: what somebody typed into a form that could not be taken now, so that it comes back in a page and is not lost. It
// goes through the page alone: nothing of it is kept here, and nothing is done before the button is pressed again.
#include <string.h>
#include "web/inside.h"

// Only what the row takes, and no secret: passwords, codes and the token of the form never come back.
static const struct field *kept(const struct route *row, const struct pairs *p, size_t i)
{
    for (size_t k = 0; k < row->in->n; k++) {
        const struct field *f = &row->in->fields[k];
        if (str_equal_z(p->name[i], f->name)) {
            return f->form == FORM_SECRET || !str_utf8_valid(p->value[i]) ? NULL : f;
        }
    }
    return NULL;
}

bool unsaved_typed(const struct route *row, const struct pairs *p, bool lines)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct field *f = kept(row, p, i);
        if (f && f->kind == K_TEXT && !f->choices && (!lines || f->form == FORM_LINES) && !str_blank(p->value[i])) {
            return true;
        }
    }
    return false;
}

static void put_encoded(struct buf *b, struct str s)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.at[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
        if (plain || c == ' ') {
            buf_put_c(b, plain ? (char)c : '+');
        } else {
            buf_put_c(b, '%');
            buf_put_c(b, hex[c >> 4]);
            buf_put_c(b, hex[c & 15]);
        }
    }
}

enum err unsaved_pack(struct arena *a, const struct route *row, const struct pairs *p, struct str *out)
{
    struct buf b;
    buf_init_secret(&b, UNSAVED_MAX);
    for (size_t i = 0; i < p->n; i++) {
        if (kept(row, p, i)) {
            buf_put_z(&b, b.n ? "&" : "");
            put_encoded(&b, p->name[i]);
            buf_put_c(&b, '=');
            put_encoded(&b, p->value[i]);
        }
    }
    enum err e = buf_ok(&b);
    *out = arena_str(a, buf_str(&b));
    buf_free(&b);
    return e ? e : arena_failed(a) ? ERR_MEMORY : OK;
}

enum err unsaved_fields(struct arena *a, const struct route *row, const struct pairs *p, struct list *out)
{
    struct unsaved_field *at = arena_array(a, p->n + 1, sizeof *at);
    size_t n = 0;
    for (size_t i = 0; at && i < p->n; i++) {
        const struct field *f = kept(row, p, i);
        if (f) {
            at[n] = (struct unsaved_field){.id = arena_printf(a, "typed-%zu", n), .name = p->name[i], .value = p->value[i],
                                           .shown = f->kind == K_TEXT && f->form == FORM_LINES && !str_blank(p->value[i])};
            n++;
        }
    }
    *out = (struct list){at, n};
    return at && !arena_failed(a) ? OK : ERR_MEMORY;
}

// The C that a page becomes, and what the names in a template mean.
#include "html/compile_work.h"

void work_indent(struct work *w)
{
    for (int i = 0; i < w->indent; i++)
        buf_put_z(w->out, "    ");
}

void work_string(struct buf *out, struct str s, size_t width)
{
    size_t column = 0;
    buf_put_c(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (width > 0 && column >= width && (c & 0xc0) != 0x80) {
            buf_put_z(out, "\"\n        \"");
            column = 0;
        }
        column++;
        if (c == '"' || c == '\\' || c == '?')
            buf_printf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            buf_printf(out, "\\%03o", c);
        else
            buf_put_c(out, (char)c);
    }
    buf_put_c(out, '"');
}

void work_run(struct work *w) // the literal bytes so far, as one call
{
    if (w->run.n == 0)
        return;
    work_indent(w);
    buf_put_z(w->out, "buf_put(html, STR(");
    work_string(w->out, buf_str(&w->run), 100);
    buf_put_z(w->out, "));\n");
    buf_clear(&w->run);
}

// The statement after this one is blamed on the template.
void work_line(struct work *w, const struct frame *f, int line)
{
    work_run(w);
    buf_printf(w->out, "#line %d ", line);
    work_string(w->out, f->t->file, 0);
    buf_put_c(w->out, '\n');
    work_indent(w);
}

// ---- names ----

static bool message_exists(const struct work *w, struct str id)
{
    for (size_t i = 0; i < w->c->messages_n; i++)
        if (str_equal(w->c->messages[i], id))
            return true;
    return false;
}

static enum err resolve_builtin(
    struct work *w, const struct frame *f, int line, struct str first, struct str rest, struct bound *out)
{
    bool in = str_equal_z(first, "in"), output = str_equal_z(first, "out");
    if ((in || output) && !f->t->page)
        return WORK_REFUSE(
            w, f, line, "'%.*s' in a part; a part sees its parameters and rq, so pass it as one", STR_ARG(first));
    if ((in && f->t->in.n == 0) || (output && f->t->out.n == 0))
        return WORK_REFUSE(
            w, f, line, "'%.*s' is none in the head of this page; name its struct there", STR_ARG(first));
    if (in || output || str_equal_z(first, "rq")) {
        *out = (struct bound){BOUND_ROW, first};
        return OK;
    }
    if (str_equal_z(first, "refused")) {
        if (rest.n == 0 || str_find(rest, '.') >= 0)
            return WORK_REFUSE(w, f, line, "write {{refused.FIELD}}, with one field");
        *out = (struct bound){BOUND_FIELD, arena_printf(w->arena, "req_refusal(rq, \"%.*s\")", STR_ARG(rest))};
        return OK;
    }
    if (rest.n == 0 && message_exists(w, first)) {
        *out = (struct bound){BOUND_MESSAGE, first};
        return OK;
    }
    if (rest.n == 0)
        return WORK_REFUSE(w, f, line,
            "no parameter, row or message is called '%.*s'; add it to po/{sq,en}/, or write out.%.*s", STR_ARG(first),
            STR_ARG(first));
    return WORK_REFUSE(w, f, line, "'%.*s' is no row here; the names are in, out, rq, refused and the rows of {{each}}",
        STR_ARG(first));
}

// What a path means here.
enum err work_resolve(
    struct work *w, const struct frame *f, const struct binding *names, int line, struct value v, struct bound *out)
{
    if (v.literal) {
        *out = (struct bound){BOUND_LITERAL, v.text};
        return OK;
    }
    struct str rest = v.text, first = str_cut(&rest, '.');
    while (names != NULL && !str_equal(names->name, first))
        names = names->up;
    enum err e = OK;
    struct bound b = {0};
    if (names != NULL) {
        b = names->bound;
    } else {
        e = resolve_builtin(w, f, line, first, rest, &b);
        if (e != OK)
            return e;
        if (str_equal_z(first, "refused"))
            rest.n = 0;
    }
    if (rest.n > 0 && b.kind != BOUND_ROW && b.kind != BOUND_FIELD)
        return WORK_REFUSE(
            w, f, line, "'%.*s' is text here and has no field; leave out '.%.*s'", STR_ARG(first), STR_ARG(rest));
    if (rest.n > 0)
        b = (struct bound){BOUND_FIELD,
            arena_printf(w->arena, "%.*s%s%.*s", STR_ARG(b.text), b.kind == BOUND_ROW ? "->" : ".", STR_ARG(rest))};
    *out = b;
    return OK;
}

enum err work_field(
    struct work *w, const struct frame *f, const struct binding *names, int line, struct value v, struct bound *out)
{
    enum err e = work_resolve(w, f, names, line, v, out);
    if (e == OK && out->kind == BOUND_ROW)
        return WORK_REFUSE(w, f, line, "'%.*s' is a whole row; name one of its fields", STR_ARG(v.text));
    return e;
}

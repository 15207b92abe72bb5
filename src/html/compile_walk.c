// Text, holes, messages and blocks of one template. What is known at build time (literals and messages given to a part)
// is decided here, so that an absent hint costs the page no byte and no test.
#include "html/compile_work.h"

static struct str upper(struct arena *a, struct str s)
{
    char *z = arena_alloc(a, s.n + 1);
    if (z == NULL)
        return (struct str){0};
    for (size_t i = 0; i < s.n; i++)
        z[i] = (char)(s.at[i] >= 'a' && s.at[i] <= 'z' ? s.at[i] - 32 : s.at[i]);
    return (struct str){z, s.n};
}

static enum err walk_text(struct work *w, const struct frame *f, const struct node *n)
{
    w->place.file = f->t->file;
    w->place.line = n->line;
    return place_feed(&w->place, n->text);
}

static enum err put_message(
    struct work *w, const struct frame *f, const struct binding *names, const struct node *n, struct bound m)
{
    enum err e = place_message(&w->place);
    if (e != OK)
        return e;
    if (m.kind == BOUND_LITERAL)
        return WORK_REFUSE(
            w, f, n->line, "{{msg}} of a literal; give a message id, or write {{%.*s}}", STR_ARG(n->value.text));
    work_line(w, f, n->line);
    if (m.kind == BOUND_MESSAGE)
        buf_printf(w->out, "html_message(html, rq->lang, MSG_%.*s, ", STR_ARG(upper(w->arena, m.text)));
    else
        buf_printf(w->out, "html_message(html, rq->lang, %.*s, ", STR_ARG(m.text));
    if (n->kind != NODE_MSG || n->params_n == 0) {
        buf_put_z(w->out, "0, NULL);\n");
        return OK;
    }
    buf_printf(w->out, "%zu, (const struct text_arg[]){", n->params_n);
    for (size_t i = 0; i < n->params_n; i++) {
        struct bound arg;
        e = work_field(w, f, names, n->line, n->params[i].value, &arg);
        if (e != OK)
            return e;
        if (arg.kind == BOUND_MESSAGE)
            return WORK_REFUSE(
                w, f, n->line, "'%.*s' is a message inside a message; write one sentence", STR_ARG(n->params[i].name));
        buf_printf(w->out, "%shtml_arg(\"%.*s\", ", i > 0 ? ", " : "", STR_ARG(n->params[i].name));
        if (arg.kind == BOUND_LITERAL) {
            buf_put_z(w->out, "STR(");
            work_string(w->out, arg.text, 0);
            buf_put_c(w->out, ')');
        } else {
            buf_put(w->out, arg.text);
        }
        buf_put_c(w->out, ')');
    }
    buf_put_z(w->out, "});\n");
    return OK;
}

static enum err walk_hole(struct work *w, const struct frame *f, const struct binding *names, const struct node *n)
{
    static const char *const writers[] = {[WRITE_TEXT] = "html_put",
        [WRITE_ATTR] = "html_put_attr",
        [WRITE_URL] = "html_put_url",
        [WRITE_URL_PART] = "html_put_url_part",
        [WRITE_TEL] = "html_put_tel"};
    struct bound b;
    enum place_writer writer = WRITE_TEXT;
    enum err e = work_field(w, f, names, n->line, n->value, &b);
    if (e != OK)
        return e;
    if (b.kind == BOUND_LITERAL)
        return place_known(&w->place, b.text);
    if (b.kind == BOUND_MESSAGE)
        return put_message(w, f, names, n, b);
    if ((e = place_hole(&w->place, &writer)) != OK)
        return e;
    work_line(w, f, n->line);
    buf_printf(w->out, "%s(html, %.*s);\n", writers[writer], STR_ARG(b.text));
    return OK;
}

static enum err walk_msg(struct work *w, const struct frame *f, const struct binding *names, const struct node *n)
{
    struct bound b;
    enum err e = work_field(w, f, names, n->line, n->value, &b);
    return e != OK ? e : put_message(w, f, names, n, b);
}

static enum err walk_each(struct work *w, const struct frame *f, const struct binding *names, const struct node *n)
{
    for (const struct binding *b = names; b != NULL; b = b->up)
        if (str_equal(b->name, n->text))
            return WORK_REFUSE(
                w, f, n->line, "'%.*s' has a meaning here already; call the row otherwise", STR_ARG(n->text));
    struct bound list;
    enum err e = work_field(w, f, names, n->line, n->value, &list);
    if (e != OK)
        return e;
    if (list.kind != BOUND_FIELD && list.text.n == 0)
        return work_walk(w, f, names, n->other); // an optional list that was not given
    if (list.kind != BOUND_FIELD)
        return WORK_REFUSE(
            w, f, n->line, "'%.*s' is text, no list; give a field such as out.rows", STR_ARG(n->value.text));
    struct place_mark mark;
    if ((e = place_begin(&w->place, PLACE_BLOCK_EACH, &mark)) != OK)
        return e;
    unsigned k = ++w->count;
    work_line(w, f, n->line);
    buf_printf(w->out, "for (size_t i_%u = 0; i_%u < %.*s.n; i_%u++) {\n", k, k, STR_ARG(list.text), k);
    w->indent++;
    work_line(w, f, n->line);
    struct str row = arena_printf(w->arena, "%.*s_%u", STR_ARG(n->text), k);
    buf_printf(w->out, "const struct %.*s *%.*s = (const struct %.*s *)%.*s.at + i_%u;\n", STR_ARG(n->type),
        STR_ARG(row), STR_ARG(n->type), STR_ARG(list.text), k);
    work_indent(w);
    buf_printf(w->out, "(void)%.*s;\n", STR_ARG(row));
    struct binding own = {n->text, {BOUND_ROW, row}, names};
    w->place.space = false;
    e = work_walk(w, f, &own, n->body);
    if (e == OK)
        e = place_back(&w->place, &mark);
    if (e != OK)
        return e;
    work_run(w);
    w->indent--;
    work_indent(w);
    buf_put_z(w->out, "}\n");
    if (n->other != NULL) {
        work_line(w, f, n->line);
        buf_printf(w->out, "if (%.*s.n == 0) {\n", STR_ARG(list.text));
        w->indent++;
        w->place.space = false;
        e = work_walk(w, f, names, n->other);
        if (e == OK)
            e = place_back(&w->place, &mark);
        if (e != OK)
            return e;
        work_run(w);
        w->indent--;
        work_indent(w);
        buf_put_z(w->out, "}\n");
    }
    mark.space = false;
    place_end(&w->place, &mark);
    return OK;
}

static enum err walk_if(struct work *w, const struct frame *f, const struct binding *names, const struct node *n)
{
    struct bound b;
    struct place_mark mark;
    enum err e = work_field(w, f, names, n->line, n->value, &b);
    if (e == OK)
        e = place_begin(&w->place, PLACE_BLOCK_IF, &mark);
    if (e != OK)
        return e;
    if (b.kind != BOUND_FIELD) { // known now
        bool yes = (b.text.n > 0) != n->negated;
        e = work_walk(w, f, names, yes ? n->body : n->other);
        if (e == OK)
            e = place_back(&w->place, &mark);
        if (e == OK) {
            mark.space = true;
            place_end(&w->place, &mark);
        }
        return e;
    }
    work_line(w, f, n->line);
    buf_printf(w->out, "if (%spage_true(%.*s)) {\n", n->negated ? "!" : "", STR_ARG(b.text));
    bool space = mark.space;
    const struct node *branch[] = {n->body, n->other};
    for (size_t i = 0; i < 2 && (i == 0 || n->other != NULL); i++) {
        if (i == 1) {
            work_indent(w);
            buf_put_z(w->out, "} else {\n");
        }
        w->indent++;
        w->place.space = space;
        e = work_walk(w, f, names, branch[i]);
        if (e == OK)
            e = place_back(&w->place, &mark);
        if (e != OK)
            return e;
        work_run(w);
        w->indent--;
        mark.space = mark.space && w->place.space;
    }
    work_indent(w);
    buf_put_z(w->out, "}\n");
    place_end(&w->place, &mark);
    return OK;
}

static enum err walk_flag(struct work *w, const struct frame *f, const struct binding *names, const struct node *n)
{
    struct bound b;
    enum err e = work_field(w, f, names, n->line, n->value, &b);
    if (e == OK)
        e = place_flag(&w->place, n->text);
    if (e != OK)
        return e;
    if (b.kind != BOUND_FIELD) {
        if ((b.text.n > 0) != n->negated)
            buf_printf(&w->run, " %.*s", STR_ARG(n->text));
        return OK;
    }
    work_line(w, f, n->line);
    buf_printf(w->out, "if (%spage_true(%.*s))\n", n->negated ? "!" : "", STR_ARG(b.text));
    work_indent(w);
    buf_printf(w->out, "    buf_put(html, STR(\" %.*s\"));\n", STR_ARG(n->text));
    return OK;
}

enum err work_construct(struct work *w, const struct frame *f, const struct binding *names, const struct node *n)
{
    switch (n->kind) {
    case NODE_TEXT: return walk_text(w, f, n);
    case NODE_HOLE: return walk_hole(w, f, names, n);
    case NODE_MSG: return walk_msg(w, f, names, n);
    case NODE_EACH: return walk_each(w, f, names, n);
    case NODE_IF: return walk_if(w, f, names, n);
    case NODE_FLAG: return walk_flag(w, f, names, n);
    case NODE_USE:
    case NODE_SLOT: break;
    }
    return ERR_BUG;
}

// Walks the tree of one page, lays the parts in, and writes the C function. What is known at build time (literals and
// messages given to a part) is decided here, so that an absent hint costs the page no byte and no test.
#include "html/compile.h"
#include <string.h>

enum bound_kind { BOUND_LITERAL, BOUND_MESSAGE, BOUND_FIELD, BOUND_ROW }; // ROW: pointer to a struct

struct bound {
    enum bound_kind kind;
    struct str text; // literal, message id, or C expression
};

struct binding { // what a name means; innermost first
    struct str name;
    struct bound bound;
    const struct binding *up;
};

struct frame { // one template being walked
    const struct template *t;
    const struct frame *caller;      // who laid this part in
    const struct node *use;          // … and how: its body fills the slot
    const struct binding *caller_names;
};

struct work {
    struct arena *arena;
    const struct compile *c;
    struct buf *out, *why;
    struct buf run; // literal bytes not yet written out
    struct place place;
    int indent, depth, laid;
    unsigned count; // makes names unique
};

#define REFUSE(w, f, line_, ...) COMPILE_REFUSE((w)->why, (f)->t->file, (line_), __VA_ARGS__)

static enum err walk(struct work *w, const struct frame *f, const struct binding *names, const struct node *n);

// ---- C out ----

static void put_indent(struct work *w)
{
    for (int i = 0; i < w->indent; i++)
        buf_put_z(w->out, "    ");
}

static void put_c_string(struct buf *out, struct str s, size_t width)
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

static void put_run(struct work *w) // the literal bytes so far, as one call
{
    if (w->run.n == 0)
        return;
    put_indent(w);
    buf_put_z(w->out, "buf_put(html, STR(");
    put_c_string(w->out, buf_str(&w->run), 100);
    buf_put_z(w->out, "));\n");
    buf_clear(&w->run);
}

// The statement after this one is blamed on the template.
static void put_line(struct work *w, const struct frame *f, int line)
{
    put_run(w);
    buf_printf(w->out, "#line %d ", line);
    put_c_string(w->out, f->t->file, 0);
    buf_put_c(w->out, '\n');
    put_indent(w);
}

static struct str upper(struct arena *a, struct str s)
{
    char *z = arena_alloc(a, s.n + 1);
    if (z == NULL)
        return (struct str){0};
    for (size_t i = 0; i < s.n; i++)
        z[i] = (char)(s.at[i] >= 'a' && s.at[i] <= 'z' ? s.at[i] - 32 : s.at[i]);
    return (struct str){z, s.n};
}

// ---- names ----

static bool message_exists(const struct work *w, struct str id)
{
    for (size_t i = 0; i < w->c->messages_n; i++)
        if (str_equal(w->c->messages[i], id))
            return true;
    return false;
}

static enum err resolve_builtin(struct work *w, const struct frame *f, int line, struct str first, struct str rest, struct bound *out)
{
    bool in = str_equal_z(first, "in"), output = str_equal_z(first, "out");
    if ((in || output) && !f->t->page)
        return REFUSE(w, f, line, "'%.*s' in a part; a part sees its parameters and rq, so pass it as one", STR_ARG(first));
    if ((in && f->t->in.n == 0) || (output && f->t->out.n == 0))
        return REFUSE(w, f, line, "'%.*s' is none in the head of this page; name its struct there", STR_ARG(first));
    if (in || output || str_equal_z(first, "rq")) {
        *out = (struct bound){BOUND_ROW, first};
        return OK;
    }
    if (str_equal_z(first, "refused")) {
        if (rest.n == 0 || str_find(rest, '.') >= 0)
            return REFUSE(w, f, line, "write {{refused.FIELD}}, with one field");
        *out = (struct bound){BOUND_FIELD, arena_printf(w->arena, "req_refusal(rq, \"%.*s\")", STR_ARG(rest))};
        return OK;
    }
    if (rest.n == 0 && message_exists(w, first)) {
        *out = (struct bound){BOUND_MESSAGE, first};
        return OK;
    }
    if (rest.n == 0)
        return REFUSE(w, f, line, "no parameter, row or message is called '%.*s'; add it to po/{sq,en}/, or write out.%.*s",
            STR_ARG(first), STR_ARG(first));
    return REFUSE(w, f, line, "'%.*s' is no row here; the names are in, out, rq, refused and the rows of {{each}}", STR_ARG(first));
}

// What a path means here.
static enum err resolve(struct work *w, const struct frame *f, const struct binding *names, int line, struct value v, struct bound *out)
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
        return REFUSE(w, f, line, "'%.*s' is text here and has no field; leave out '.%.*s'", STR_ARG(first), STR_ARG(rest));
    if (rest.n > 0)
        b = (struct bound){BOUND_FIELD,
            arena_printf(w->arena, "%.*s%s%.*s", STR_ARG(b.text), b.kind == BOUND_ROW ? "->" : ".", STR_ARG(rest))};
    *out = b;
    return OK;
}

static enum err resolve_field(struct work *w, const struct frame *f, const struct binding *names, int line, struct value v,
    struct bound *out)
{
    enum err e = resolve(w, f, names, line, v, out);
    if (e == OK && out->kind == BOUND_ROW)
        return REFUSE(w, f, line, "'%.*s' is a whole row; name one of its fields", STR_ARG(v.text));
    return e;
}

// ---- constructs ----

static enum err walk_text(struct work *w, const struct frame *f, const struct node *n)
{
    w->place.file = f->t->file;
    w->place.line = n->line;
    return place_feed(&w->place, n->text);
}

static enum err put_message(struct work *w, const struct frame *f, const struct binding *names, const struct node *n, struct bound m)
{
    enum err e = place_message(&w->place);
    if (e != OK)
        return e;
    if (m.kind == BOUND_LITERAL)
        return REFUSE(w, f, n->line, "{{msg}} of a literal; give a message id, or write {{%.*s}}", STR_ARG(n->value.text));
    put_line(w, f, n->line);
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
        e = resolve_field(w, f, names, n->line, n->params[i].value, &arg);
        if (e != OK)
            return e;
        if (arg.kind == BOUND_MESSAGE)
            return REFUSE(w, f, n->line, "'%.*s' is a message inside a message; write one sentence", STR_ARG(n->params[i].name));
        buf_printf(w->out, "%shtml_arg(\"%.*s\", ", i > 0 ? ", " : "", STR_ARG(n->params[i].name));
        if (arg.kind == BOUND_LITERAL) {
            buf_put_z(w->out, "STR(");
            put_c_string(w->out, arg.text, 0);
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
    static const char *const writers[] = {[WRITE_TEXT] = "html_put", [WRITE_ATTR] = "html_put_attr", [WRITE_URL] = "html_put_url",
        [WRITE_URL_PART] = "html_put_url_part", [WRITE_TEL] = "html_put_tel"};
    struct bound b;
    enum place_writer writer = WRITE_TEXT;
    enum err e = resolve_field(w, f, names, n->line, n->value, &b);
    if (e != OK)
        return e;
    if (b.kind == BOUND_LITERAL)
        return place_known(&w->place, b.text);
    if (b.kind == BOUND_MESSAGE)
        return put_message(w, f, names, n, b);
    if ((e = place_hole(&w->place, &writer)) != OK)
        return e;
    put_line(w, f, n->line);
    buf_printf(w->out, "%s(html, %.*s);\n", writers[writer], STR_ARG(b.text));
    return OK;
}

static enum err walk_msg(struct work *w, const struct frame *f, const struct binding *names, const struct node *n)
{
    struct bound b;
    enum err e = resolve_field(w, f, names, n->line, n->value, &b);
    return e != OK ? e : put_message(w, f, names, n, b);
}

static enum err walk_each(struct work *w, const struct frame *f, const struct binding *names, const struct node *n)
{
    for (const struct binding *b = names; b != NULL; b = b->up)
        if (str_equal(b->name, n->text))
            return REFUSE(w, f, n->line, "'%.*s' has a meaning here already; call the row otherwise", STR_ARG(n->text));
    struct bound list;
    enum err e = resolve_field(w, f, names, n->line, n->value, &list);
    if (e != OK)
        return e;
    if (list.kind != BOUND_FIELD && list.text.n == 0)
        return walk(w, f, names, n->other); // an optional list that was not given
    if (list.kind != BOUND_FIELD)
        return REFUSE(w, f, n->line, "'%.*s' is text, no list; give a field such as out.rows", STR_ARG(n->value.text));
    struct place_mark mark;
    if ((e = place_begin(&w->place, PLACE_BLOCK_EACH, &mark)) != OK)
        return e;
    unsigned k = ++w->count;
    put_line(w, f, n->line);
    buf_printf(w->out, "for (size_t i_%u = 0; i_%u < %.*s.n; i_%u++) {\n", k, k, STR_ARG(list.text), k);
    w->indent++;
    put_line(w, f, n->line);
    struct str row = arena_printf(w->arena, "%.*s_%u", STR_ARG(n->text), k);
    buf_printf(w->out, "const struct %.*s *%.*s = (const struct %.*s *)%.*s.at + i_%u;\n", STR_ARG(n->type), STR_ARG(row),
        STR_ARG(n->type), STR_ARG(list.text), k);
    put_indent(w);
    buf_printf(w->out, "(void)%.*s;\n", STR_ARG(row));
    struct binding own = {n->text, {BOUND_ROW, row}, names};
    w->place.space = false;
    e = walk(w, f, &own, n->body);
    if (e == OK)
        e = place_back(&w->place, &mark);
    if (e != OK)
        return e;
    put_run(w);
    w->indent--;
    put_indent(w);
    buf_put_z(w->out, "}\n");
    if (n->other != NULL) {
        put_line(w, f, n->line);
        buf_printf(w->out, "if (%.*s.n == 0) {\n", STR_ARG(list.text));
        w->indent++;
        w->place.space = false;
        e = walk(w, f, names, n->other);
        if (e == OK)
            e = place_back(&w->place, &mark);
        if (e != OK)
            return e;
        put_run(w);
        w->indent--;
        put_indent(w);
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
    enum err e = resolve_field(w, f, names, n->line, n->value, &b);
    if (e == OK)
        e = place_begin(&w->place, PLACE_BLOCK_IF, &mark);
    if (e != OK)
        return e;
    if (b.kind != BOUND_FIELD) { // known now
        bool yes = (b.text.n > 0) != n->negated;
        e = walk(w, f, names, yes ? n->body : n->other);
        if (e == OK)
            e = place_back(&w->place, &mark);
        if (e == OK) {
            mark.space = true;
            place_end(&w->place, &mark);
        }
        return e;
    }
    put_line(w, f, n->line);
    buf_printf(w->out, "if (%spage_true(%.*s)) {\n", n->negated ? "!" : "", STR_ARG(b.text));
    bool space = mark.space;
    const struct node *branch[] = {n->body, n->other};
    for (size_t i = 0; i < 2 && (i == 0 || n->other != NULL); i++) {
        if (i == 1) {
            put_indent(w);
            buf_put_z(w->out, "} else {\n");
        }
        w->indent++;
        w->place.space = space;
        e = walk(w, f, names, branch[i]);
        if (e == OK)
            e = place_back(&w->place, &mark);
        if (e != OK)
            return e;
        put_run(w);
        w->indent--;
        mark.space = mark.space && w->place.space;
    }
    put_indent(w);
    buf_put_z(w->out, "}\n");
    place_end(&w->place, &mark);
    return OK;
}

static enum err walk_flag(struct work *w, const struct frame *f, const struct binding *names, const struct node *n)
{
    struct bound b;
    enum err e = resolve_field(w, f, names, n->line, n->value, &b);
    if (e == OK)
        e = place_flag(&w->place, n->text);
    if (e != OK)
        return e;
    if (b.kind != BOUND_FIELD) {
        if ((b.text.n > 0) != n->negated)
            buf_printf(&w->run, " %.*s", STR_ARG(n->text));
        return OK;
    }
    put_line(w, f, n->line);
    buf_printf(w->out, "if (%spage_true(%.*s))\n", n->negated ? "!" : "", STR_ARG(b.text));
    put_indent(w);
    buf_printf(w->out, "    buf_put(html, STR(\" %.*s\"));\n", STR_ARG(n->text));
    return OK;
}

// ---- parts ----

static const struct param *given(const struct node *use, struct str name)
{
    for (size_t i = 0; i < use->params_n; i++)
        if (str_equal(use->params[i].name, name))
            return &use->params[i];
    return NULL;
}

static enum err bind_params(struct work *w, const struct frame *f, const struct binding *names, const struct node *n,
    const struct template *part, const struct binding **out)
{
    for (size_t i = 0; i < n->params_n; i++) {
        bool known = false;
        for (size_t k = 0; k < part->params_n; k++)
            known = known || str_equal(part->params[k].name, n->params[i].name);
        if (!known)
            return REFUSE(w, f, n->line, "the part '%.*s' has no parameter '%.*s'; its head in %.*s lists them", STR_ARG(part->name),
                STR_ARG(n->params[i].name), STR_ARG(part->file));
    }
    struct binding *list = arena_array(w->arena, part->params_n + 1, sizeof *list);
    if (list == NULL)
        return REFUSE(w, f, n->line, "the page is too large; split it");
    for (size_t k = 0; k < part->params_n; k++) {
        const struct param *p = given(n, part->params[k].name);
        list[k].name = part->params[k].name;
        list[k].up = k > 0 ? &list[k - 1] : NULL;
        if (p == NULL && !part->params[k].filled)
            return REFUSE(w, f, n->line, "the part '%.*s' needs '%.*s'; add %.*s=VALUE", STR_ARG(part->name), STR_ARG(list[k].name),
                STR_ARG(list[k].name));
        if (p == NULL)
            list[k].bound = (struct bound){BOUND_LITERAL, part->params[k].value.text};
        else {
            enum err e = resolve(w, f, names, n->line, p->value, &list[k].bound);
            if (e != OK)
                return e;
        }
    }
    *out = part->params_n > 0 ? &list[part->params_n - 1] : NULL;
    return OK;
}

static enum err load_part(struct work *w, const struct frame *f, const struct node *n, struct template *out)
{
    struct str file, text;
    if (w->c->part == NULL || !w->c->part(w->c->ctx, n->text, &file, &text))
        return REFUSE(w, f, n->line, "there is no part '%.*s'; add it to one of the folders given with --parts", STR_ARG(n->text));
    enum err e = template_parse(w->arena, file, text, out, w->why);
    if (e != OK)
        return e;
    if (out->page || !str_equal(out->name, n->text))
        return COMPILE_REFUSE(w->why, file, 1, "this is laid in as the part '%.*s'; begin it with {{part %.*s …}}", STR_ARG(n->text),
            STR_ARG(n->text));
    if (n->has_body && !out->slot)
        return REFUSE(w, f, n->line, "the part '%.*s' has no {{slot}} for a body; write {{use %.*s … /}}", STR_ARG(n->text),
            STR_ARG(n->text));
    return OK;
}

static enum err walk_use(struct work *w, const struct frame *f, const struct binding *names, const struct node *n)
{
    struct template part;
    struct place_mark mark;
    const struct binding *params = NULL;
    if (w->depth >= COMPILE_NEST_MAX)
        return REFUSE(w, f, n->line, "parts nest deeper than %d; does '%.*s' use itself?", COMPILE_NEST_MAX, STR_ARG(n->text));
    if (++w->laid > COMPILE_LAID_MAX)
        return REFUSE(w, f, n->line, "more than %d parts in one page; use fewer", COMPILE_LAID_MAX);
    enum err e = load_part(w, f, n, &part);
    if (e == OK)
        e = bind_params(w, f, names, n, &part, &params);
    if (e == OK)
        e = place_begin(&w->place, PLACE_BLOCK_USE, &mark);
    if (e != OK)
        return e;
    struct frame own = {.t = &part, .caller = f, .use = n, .caller_names = names};
    w->depth++;
    e = walk(w, &own, params, part.body);
    w->depth--;
    if (e == OK)
        e = place_back(&w->place, &mark);
    if (e == OK) {
        mark.space = true;
        place_end(&w->place, &mark);
    }
    return e;
}

static enum err walk_slot(struct work *w, const struct frame *f)
{
    if (f->use == NULL || f->use->body == NULL)
        return OK;
    struct place_mark mark;
    if (w->depth >= COMPILE_NEST_MAX)
        return REFUSE(w, f, 1, "parts nest deeper than %d; use fewer", COMPILE_NEST_MAX);
    enum err e = place_begin(&w->place, PLACE_BLOCK_USE, &mark);
    if (e != OK)
        return e;
    w->depth++;
    e = walk(w, f->caller, f->caller_names, f->use->body);
    w->depth--;
    if (e == OK)
        e = place_back(&w->place, &mark);
    if (e == OK) {
        mark.space = true;
        place_end(&w->place, &mark);
    }
    return e;
}

static enum err walk(struct work *w, const struct frame *f, const struct binding *names, const struct node *n)
{
    enum err e = OK;
    for (; n != NULL && e == OK; n = n->next) {
        w->place.file = f->t->file;
        w->place.line = n->line;
        switch (n->kind) {
        case NODE_TEXT: e = walk_text(w, f, n); break;
        case NODE_HOLE: e = walk_hole(w, f, names, n); break;
        case NODE_MSG: e = walk_msg(w, f, names, n); break;
        case NODE_EACH: e = walk_each(w, f, names, n); break;
        case NODE_IF: e = walk_if(w, f, names, n); break;
        case NODE_FLAG: e = walk_flag(w, f, names, n); break;
        case NODE_USE: e = walk_use(w, f, names, n); break;
        case NODE_SLOT: e = walk_slot(w, f); break;
        }
        if (e == OK && (w->out->failed || w->run.failed || arena_failed(w->arena)))
            e = REFUSE(w, f, n->line, "the page is too large; split it");
    }
    return e;
}

static void put_head(struct work *w, const struct template *t)
{
    buf_printf(w->out, "// Made by template-compile from %.*s. Do not edit.\n", STR_ARG(t->file));
    buf_put_z(w->out, "#include \"html/html.h\"\n");
    buf_printf(w->out, "#include \"%.*s\"\n", STR_ARG(w->c->web));
    for (size_t i = 0; i < t->includes_n; i++)
        buf_printf(w->out, "#include \"%.*s\"\n", STR_ARG(t->includes[i]));
    // struct list lies above html/, so its truth is told here.
    buf_put_z(w->out, "\nstatic inline bool page_true_list(struct list l) { return l.n > 0; }\n"
        "#define page_true(v) _Generic((v), struct str: html_true_str, struct list: page_true_list, const char *: html_true_z, \\\n"
        "    char *: html_true_z, default: html_true_int)(v)\n\n");
    const char *head = "void %.*s_page(struct buf *html, const struct req *rq, const void *in_at, const void *out_at)";
    buf_printf(w->out, head, STR_ARG(t->name));
    buf_put_z(w->out, ";\n");
    buf_printf(w->out, head, STR_ARG(t->name));
    buf_put_z(w->out, "\n{\n    (void)page_true_list;\n    (void)rq;\n    (void)in_at;\n    (void)out_at;\n");
    struct frame f = {.t = t};
    w->indent = 1;
    const struct str shapes[] = {t->in, t->out};
    const char *const names[] = {"in", "out"};
    for (size_t i = 0; i < 2; i++) {
        if (shapes[i].n == 0)
            continue;
        put_line(w, &f, 1);
        buf_printf(w->out, "const struct %.*s *%s = %s_at;\n", STR_ARG(shapes[i]), names[i], names[i]);
        buf_printf(w->out, "    (void)%s;\n", names[i]);
    }
}

enum err template_compile(struct arena *a, const struct compile *c, struct buf *out, struct buf *why)
{
    struct template t;
    struct work w = {.arena = a, .c = c, .out = out, .why = why};
    enum err e = template_parse(a, c->file, c->text, &t, why);
    if (e == OK && !t.page)
        e = COMPILE_REFUSE(why, c->file, 1, "this is a part; give it with --parts, and compile the page that uses it");
    if (e != OK)
        return e;
    buf_init(&w.run, COMPILE_OUT_MAX);
    place_init(&w.place, &w.run, why);
    put_head(&w, &t);
    struct frame f = {.t = &t};
    e = walk(&w, &f, NULL, t.body);
    if (e == OK)
        e = place_done(&w.place);
    put_run(&w);
    buf_put_z(out, "}\n");
    if (e == OK && (buf_ok(out) != OK || buf_ok(&w.run) != OK))
        e = COMPILE_REFUSE(why, c->file, 1, "the page is too large; split it");
    buf_free(&w.run);
    return e;
}

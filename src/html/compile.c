// Lays the parts into a page, walks the whole, and writes the function around it.
#include "html/compile_work.h"

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
            return WORK_REFUSE(w, f, n->line, "the part '%.*s' has no parameter '%.*s'; its head in %.*s lists them",
                STR_ARG(part->name), STR_ARG(n->params[i].name), STR_ARG(part->file));
    }
    struct binding *list = arena_array(w->arena, part->params_n + 1, sizeof *list);
    if (list == NULL)
        return WORK_REFUSE(w, f, n->line, "the page is too large; split it");
    for (size_t k = 0; k < part->params_n; k++) {
        const struct param *p = given(n, part->params[k].name);
        list[k].name = part->params[k].name;
        list[k].up = k > 0 ? &list[k - 1] : NULL;
        if (p == NULL && !part->params[k].filled)
            return WORK_REFUSE(w, f, n->line, "the part '%.*s' needs '%.*s'; add %.*s=VALUE", STR_ARG(part->name),
                STR_ARG(list[k].name), STR_ARG(list[k].name));
        if (p == NULL)
            list[k].bound = (struct bound){BOUND_LITERAL, part->params[k].value.text};
        else {
            enum err e = work_resolve(w, f, names, n->line, p->value, &list[k].bound);
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
        return WORK_REFUSE(w, f, n->line, "there is no part '%.*s'; add it to one of the folders given with --parts",
            STR_ARG(n->text));
    enum err e = template_parse(w->arena, file, text, out, w->why);
    if (e != OK)
        return e;
    if (out->page || !str_equal(out->name, n->text))
        return COMPILE_REFUSE(w->why, file, 1, "this is laid in as the part '%.*s'; begin it with {{part %.*s …}}",
            STR_ARG(n->text), STR_ARG(n->text));
    if (n->has_body && !out->slot)
        return WORK_REFUSE(w, f, n->line, "the part '%.*s' has no {{slot}} for a body; write {{use %.*s … /}}",
            STR_ARG(n->text), STR_ARG(n->text));
    return OK;
}

static enum err walk_use(struct work *w, const struct frame *f, const struct binding *names, const struct node *n)
{
    struct template part;
    struct place_mark mark;
    const struct binding *params = NULL;
    if (w->depth >= COMPILE_NEST_MAX)
        return WORK_REFUSE(
            w, f, n->line, "parts nest deeper than %d; does '%.*s' use itself?", COMPILE_NEST_MAX, STR_ARG(n->text));
    if (++w->laid > COMPILE_LAID_MAX)
        return WORK_REFUSE(w, f, n->line, "more than %d parts in one page; use fewer", COMPILE_LAID_MAX);
    enum err e = load_part(w, f, n, &part);
    if (e == OK)
        e = bind_params(w, f, names, n, &part, &params);
    if (e == OK)
        e = place_begin(&w->place, PLACE_BLOCK_USE, &mark);
    if (e != OK)
        return e;
    struct frame own = {.t = &part, .caller = f, .use = n, .caller_names = names};
    w->depth++;
    e = work_walk(w, &own, params, part.body);
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
        return WORK_REFUSE(w, f, 1, "parts nest deeper than %d; use fewer", COMPILE_NEST_MAX);
    enum err e = place_begin(&w->place, PLACE_BLOCK_USE, &mark);
    if (e != OK)
        return e;
    w->depth++;
    e = work_walk(w, f->caller, f->caller_names, f->use->body);
    w->depth--;
    if (e == OK)
        e = place_back(&w->place, &mark);
    if (e == OK) {
        mark.space = true;
        place_end(&w->place, &mark);
    }
    return e;
}

enum err work_walk(struct work *w, const struct frame *f, const struct binding *names, const struct node *n)
{
    enum err e = OK;
    for (; n != NULL && e == OK; n = n->next) {
        w->place.file = f->t->file;
        w->place.line = n->line;
        if (n->kind == NODE_USE)
            e = walk_use(w, f, names, n);
        else if (n->kind == NODE_SLOT)
            e = walk_slot(w, f);
        else
            e = work_construct(w, f, names, n);
        if (e == OK && (w->out->failed || w->run.failed || arena_failed(w->arena)))
            e = WORK_REFUSE(w, f, n->line, "the page is too large; split it");
    }
    return e;
}

// What the page reads, for html_page_find.
static void put_about(struct work *w, const struct template *t)
{
    const struct str shapes[] = {t->in, t->out};
    buf_printf(w->out, "static const struct html_page about = {%.*s_page, \"%.*s\"", STR_ARG(t->name), STR_ARG(t->name));
    for (size_t i = 0; i < 2; i++) {
        if (shapes[i].n == 0)
            buf_put_z(w->out, ", \"none\"");
        else
            buf_printf(w->out, ", \"%.*s\"", STR_ARG(shapes[i]));
    }
    for (size_t i = 0; i < 2; i++) {
        if (shapes[i].n == 0)
            buf_put_z(w->out, ", 0");
        else
            buf_printf(w->out, ", sizeof(struct %.*s)", STR_ARG(shapes[i]));
    }
    buf_put_z(w->out, "};\nstatic const struct html_page *const about_at __attribute__((section(\"isigurt_pages\"), used)) = &about;\n\n");
}

static void put_head(struct work *w, const struct template *t)
{
    buf_printf(w->out, "// Made by template-compile from %.*s. Do not edit.\n", STR_ARG(t->file));
    buf_put_z(w->out, "#include \"html/html.h\"\n");
    buf_printf(w->out, "#include \"%.*s\"\n", STR_ARG(w->c->web));
    for (size_t i = 0; i < t->includes_n; i++)
        buf_printf(w->out, "#include \"%.*s\"\n", STR_ARG(t->includes[i]));
    // struct list lies above html/, so its truth is told here.
    buf_put_z(w->out,
        "\nstatic inline bool page_true_list(struct list l) { return l.n > 0; }\n"
        "#define page_true(v) _Generic((v), struct str: html_true_str, struct list: page_true_list, const char *: "
        "html_true_z, \\\n"
        "    char *: html_true_z, default: html_true_int)(v)\n\n");
    const char *head = "void %.*s_page(struct buf *html, const struct req *rq, const void *in_at, const void *out_at)";
    buf_printf(w->out, head, STR_ARG(t->name));
    buf_put_z(w->out, ";\n");
    put_about(w, t);
    buf_printf(w->out, head, STR_ARG(t->name));
    buf_put_z(w->out, "\n{\n    (void)page_true_list;\n    (void)rq;\n    (void)in_at;\n    (void)out_at;\n");
    struct frame f = {.t = t};
    w->indent = 1;
    const struct str shapes[] = {t->in, t->out};
    const char *const names[] = {"in", "out"};
    for (size_t i = 0; i < 2; i++) {
        if (shapes[i].n == 0)
            continue;
        work_line(w, &f, 1);
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
    e = work_walk(&w, &f, NULL, t.body);
    if (e == OK)
        e = place_done(&w.place);
    work_run(&w);
    buf_put_z(out, "}\n");
    if (e == OK && (buf_ok(out) != OK || buf_ok(&w.run) != OK))
        e = COMPILE_REFUSE(why, c->file, 1, "the page is too large; split it");
    buf_free(&w.run);
    return e;
}

// The template's own syntax: {{…}} and what lies between, read into a tree. Knows nothing of HTML or C.
#include "html/compile.h"
#include <string.h>

enum token_kind { TOKEN_NAME, TOKEN_STRING, TOKEN_EQUALS, TOKEN_SLASH, TOKEN_END, TOKEN_BAD };

struct reader {
    struct arena *arena;
    struct str file, text;
    struct buf *why;
    size_t at;
    int line;
    int depth;
    enum token_kind kind; // the token in front
    struct str token;
    struct template *t;
};

#define REFUSE(r, line_, ...) COMPILE_REFUSE((r)->why, (r)->file, (line_), __VA_ARGS__)

static const char *const words[] = {"page", "part", "msg", "each", "if", "else", "end", "use", "slot", "in", "out",
    "rq", "refused", "not", "as", "html", NULL};
static const char *const flags[] = {
    "checked", "selected", "disabled", "required", "hidden", "open", "multiple", "autofocus", "readonly", NULL};

static bool one_of(struct str s, const char *const *list)
{
    for (; *list != NULL; list++)
        if (str_equal_z(s, *list))
            return true;
    return false;
}

static bool name_first(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static bool name_next(char c) { return name_first(c) || (c >= '0' && c <= '9'); }
static bool white(char c) { return c == ' ' || c == '\n' || c == '\t'; }
static bool at_close(const struct reader *r)
{
    return r->text.n - r->at >= 2 && memcmp(r->text.at + r->at, "}}", 2) == 0;
}

static void skip_white(struct reader *r)
{
    for (; r->at < r->text.n && white(r->text.at[r->at]); r->at++)
        if (r->text.at[r->at] == '\n')
            r->line++;
}

// name(.name)*: the dots belong to the token, so that "a . b" is an error.
static void token_name(struct reader *r)
{
    size_t from = r->at;
    while (r->at < r->text.n) {
        char c = r->text.at[r->at];
        bool dot = c == '.' && r->at + 1 < r->text.n && name_first(r->text.at[r->at + 1]);
        if (!name_next(c) && !dot)
            break;
        r->at++;
    }
    r->kind = TOKEN_NAME;
    r->token = str_slice(r->text, from, r->at);
}

static void token_next(struct reader *r)
{
    skip_white(r);
    r->token = (struct str){0};
    r->kind = TOKEN_BAD;
    if (at_close(r)) {
        r->kind = TOKEN_END;
        r->at += 2;
        return;
    }
    if (r->at >= r->text.n)
        return;
    char c = r->text.at[r->at];
    if (name_first(c)) {
        token_name(r);
    } else if (c == '=' || c == '/') {
        r->kind = c == '=' ? TOKEN_EQUALS : TOKEN_SLASH;
        r->at++;
    } else if (c == '"') {
        size_t from = ++r->at;
        while (r->at < r->text.n && r->text.at[r->at] != '"' && r->text.at[r->at] != '\n')
            r->at++;
        if (r->at >= r->text.n || r->text.at[r->at] != '"')
            return;
        r->kind = TOKEN_STRING;
        r->token = str_slice(r->text, from, r->at++);
    }
}

static bool take_word(struct reader *r, const char *word)
{
    if (r->kind != TOKEN_NAME || !str_equal_z(r->token, word))
        return false;
    token_next(r);
    return true;
}

static enum err need_end(struct reader *r, int line, const char *usage)
{
    if (r->kind == TOKEN_END)
        return OK;
    return REFUSE(r, line, "cannot read this {{…}}; write it as %s", usage);
}

// A single name that may be bound: of a row, a parameter or a part.
static enum err take_new_name(struct reader *r, int line, const char *what, struct str *out)
{
    if (r->kind != TOKEN_NAME || str_find(r->token, '.') >= 0)
        return REFUSE(r, line, "%s is missing; use letters, digits and _", what);
    if (one_of(r->token, words))
        return REFUSE(r, line, "%s cannot be called '%.*s', a word of the template language; choose another name", what,
            STR_ARG(r->token));
    *out = r->token;
    token_next(r);
    return OK;
}

static enum err take_value(struct reader *r, int line, struct value *out)
{
    if (r->kind != TOKEN_NAME && r->kind != TOKEN_STRING)
        return REFUSE(r, line, "a value is missing; write \"text\", a message id, or a field such as out.x");
    *out = (struct value){.literal = r->kind == TOKEN_STRING, .text = r->token};
    token_next(r);
    return OK;
}

static enum err take_path(struct reader *r, int line, struct value *out)
{
    if (r->kind != TOKEN_NAME)
        return REFUSE(
            r, line, "a field is missing; write one such as out.x (there are no operators: decide in the handler)");
    return take_value(r, line, out);
}

// NAME=VALUE … as far as they go; in a head the "=VALUE" may be missing.
static enum err take_params(struct reader *r, int line, bool head, struct param **out, size_t *n)
{
    struct param *list = arena_array(r->arena, COMPILE_PARAMS_MAX, sizeof *list);
    if (list == NULL)
        return REFUSE(r, line, "the template is too large; split it");
    size_t count = 0;
    enum err e = OK;
    while (r->kind == TOKEN_NAME) {
        struct param p = {0};
        if (head && (e = take_new_name(r, line, "a parameter", &p.name)) != OK)
            return e;
        if (!head) {
            p.name = r->token;
            token_next(r);
        }
        p.filled = r->kind == TOKEN_EQUALS;
        if (p.filled) {
            token_next(r);
            if ((e = take_value(r, line, &p.value)) != OK)
                return e;
        }
        if (!head && !p.filled)
            return REFUSE(r, line, "'%.*s' has no value; write %.*s=VALUE", STR_ARG(p.name), STR_ARG(p.name));
        if (head && p.filled && !p.value.literal)
            return REFUSE(r, line, "the default of '%.*s' must be a \"literal\"", STR_ARG(p.name));
        for (size_t i = 0; i < count; i++)
            if (str_equal(list[i].name, p.name))
                return REFUSE(r, line, "'%.*s' is given twice; leave one", STR_ARG(p.name));
        if (count == COMPILE_PARAMS_MAX)
            return REFUSE(r, line, "more than %d parameters; split the part", COMPILE_PARAMS_MAX);
        list[count++] = p;
    }
    *out = list;
    *n = count;
    return OK;
}

static enum err parse_page(struct reader *r)
{
    struct template *t = r->t;
    const char *usage = "{{page NAME in STRUCT out STRUCT include \"room/room.h\"}}";
    enum err e = take_new_name(r, 1, "the page's name", &t->name);
    if (e != OK)
        return e;
    struct str *shapes[] = {&t->in, &t->out};
    const char *const names[] = {"in", "out"};
    for (size_t i = 0; i < 2; i++) {
        if (!take_word(r, names[i]) || r->kind != TOKEN_NAME || str_find(r->token, '.') >= 0)
            return REFUSE(
                r, 1, "the page does not say its '%s'; write it as %s, with none for no struct", names[i], usage);
        *shapes[i] = str_equal_z(r->token, "none") ? (struct str){0} : r->token;
        token_next(r);
    }
    if (take_word(r, "include")) {
        while (r->kind == TOKEN_STRING) {
            if (t->includes_n == COMPILE_INCLUDES_MAX)
                return REFUSE(r, 1, "more than %d includes; include the room's header", COMPILE_INCLUDES_MAX);
            for (size_t i = 0; i < r->token.n; i++)
                if (!name_next(r->token.at[i]) && memchr("./-", r->token.at[i], 3) == NULL)
                    return REFUSE(r, 1, "this is no header; write \"room/room.h\"");
            t->includes[t->includes_n++] = r->token;
            token_next(r);
        }
    }
    return need_end(r, 1, usage);
}

static enum err parse_head(struct reader *r)
{
    if (!str_starts(r->text, "{{"))
        return REFUSE(
            r, 1, "no head; start with {{page NAME in STRUCT out STRUCT include \"header\"}} or {{part NAME PARAM…}}");
    r->at = 2;
    token_next(r);
    if (take_word(r, "page")) {
        r->t->page = true;
        return parse_page(r);
    }
    if (!take_word(r, "part"))
        return REFUSE(
            r, 1, "no head; start with {{page NAME in STRUCT out STRUCT include \"header\"}} or {{part NAME PARAM…}}");
    enum err e = take_new_name(r, 1, "the part's name", &r->t->name);
    if (e == OK)
        e = take_params(r, 1, true, &r->t->params, &r->t->params_n);
    return e != OK ? e : need_end(r, 1, "{{part NAME PARAM OPTIONAL=\"default\"}}");
}

static struct node *node_new(struct reader *r, enum node_kind kind, int line)
{
    struct node *n = ARENA_NEW(r->arena, struct node);
    if (n != NULL) {
        n->kind = kind;
        n->line = line;
    }
    return n;
}

enum stop { STOP_FILE, STOP_ELSE, STOP_END };

static enum err parse_body(struct reader *r, struct node **out, enum stop *stop);

// From behind the opening of `n` to its {{end}}.
static enum err parse_block(struct reader *r, struct node *n, const char *word, bool with_else)
{
    if (++r->depth > COMPILE_NEST_MAX)
        return REFUSE(r, n->line, "blocks nest deeper than %d; move some into a part", COMPILE_NEST_MAX);
    enum stop stop = STOP_FILE;
    enum err e = parse_body(r, &n->body, &stop);
    if (e == OK && stop == STOP_ELSE) {
        if (!with_else)
            return REFUSE(r, r->line, "{{else}} without {{if}} or {{each}}; take it away");
        e = parse_body(r, &n->other, &stop);
        if (e == OK && stop == STOP_ELSE)
            return REFUSE(r, r->line, "a second {{else}}; one block has one");
    }
    if (e == OK && stop == STOP_FILE)
        return REFUSE(r, n->line, "this {{%s}} has no {{end}}; add it", word);
    r->depth--;
    return e;
}

static enum err parse_each(struct reader *r, struct node *n)
{
    const char *usage = "{{each ROW in out.LIST as STRUCT}}";
    enum err e = take_new_name(r, n->line, "the row's name", &n->text);
    if (e == OK && !take_word(r, "in"))
        return REFUSE(r, n->line, "'in' is missing; write it as %s", usage);
    if (e == OK)
        e = take_path(r, n->line, &n->value);
    if (e == OK && (!take_word(r, "as") || r->kind != TOKEN_NAME || str_find(r->token, '.') >= 0))
        return REFUSE(r, n->line, "the row's struct is missing; write it as %s", usage);
    if (e != OK)
        return e;
    n->type = r->token;
    token_next(r);
    e = need_end(r, n->line, usage);
    return e != OK ? e : parse_block(r, n, "each", true);
}

static enum err parse_condition(struct reader *r, struct node *n)
{
    n->negated = take_word(r, "not");
    enum err e = take_path(r, n->line, &n->value);
    return e != OK
        ? e
        : need_end(r, n->line, "{{if out.x}} or {{if not out.x}}: one field, no operators; decide in the handler");
}

static enum err parse_use(struct reader *r, struct node *n)
{
    enum err e = take_new_name(r, n->line, "the part's name", &n->text);
    if (e == OK)
        e = take_params(r, n->line, false, &n->params, &n->params_n);
    if (e != OK)
        return e;
    n->has_body = r->kind != TOKEN_SLASH;
    if (!n->has_body)
        token_next(r);
    e = need_end(r, n->line, "{{use PART param=VALUE}} … {{end}} or {{use PART param=VALUE /}}");
    return e != OK || !n->has_body ? e : parse_block(r, n, "use", false);
}

static enum err parse_slot(struct reader *r, struct node *n)
{
    if (r->t->page)
        return REFUSE(r, n->line, "{{slot}} in a page; only a part has one");
    if (r->t->slot)
        return REFUSE(r, n->line, "a second {{slot}}; a part has one");
    r->t->slot = true;
    return need_end(r, n->line, "{{slot}}");
}

// One {{…}}, the cursor behind its "{{". *out stays NULL for a comment and where a block stops.
static enum err parse_construct(struct reader *r, struct node **out, enum stop *stop)
{
    int line = r->line;
    if (r->at < r->text.n && r->text.at[r->at] == '#') {
        for (; r->at < r->text.n && !at_close(r); r->at++)
            if (r->text.at[r->at] == '\n')
                r->line++;
        if (!at_close(r))
            return REFUSE(r, line, "this comment has no }}; add it");
        r->at += 2;
        return OK;
    }
    token_next(r);
    struct str word = r->token;
    if (r->kind != TOKEN_NAME)
        return REFUSE(r, line, "cannot read this {{…}}; it begins with a word or a field such as out.x");
    token_next(r);
    if (str_equal_z(word, "else") || str_equal_z(word, "end")) {
        *stop = str_equal_z(word, "else") ? STOP_ELSE : STOP_END;
        return need_end(r, line, *stop == STOP_ELSE ? "{{else}}, with nothing behind" : "{{end}}, with nothing behind");
    }
    struct node *n = node_new(r, NODE_HOLE, line);
    if (n == NULL)
        return REFUSE(r, line, "the template is too large; split it");
    *out = n;
    enum err e = OK;
    if (str_equal_z(word, "msg")) {
        n->kind = NODE_MSG;
        e = take_path(r, line, &n->value);
        if (e == OK)
            e = take_params(r, line, false, &n->params, &n->params_n);
        return e != OK ? e : need_end(r, line, "{{msg ID name=VALUE}}");
    }
    if (str_equal_z(word, "each")) {
        n->kind = NODE_EACH;
        return parse_each(r, n);
    }
    if (str_equal_z(word, "if")) {
        n->kind = NODE_IF;
        e = parse_condition(r, n);
        return e != OK ? e : parse_block(r, n, "if", true);
    }
    if (str_equal_z(word, "use")) {
        n->kind = NODE_USE;
        return parse_use(r, n);
    }
    if (str_equal_z(word, "slot")) {
        n->kind = NODE_SLOT;
        return parse_slot(r, n);
    }
    if (str_equal_z(word, "page") || str_equal_z(word, "part"))
        return REFUSE(r, line, "{{%.*s}} stands in the first line only; take it away", STR_ARG(word));
    if (take_word(r, "if")) {
        n->kind = NODE_FLAG;
        n->text = word;
        if (!one_of(word, flags))
            return REFUSE(r, line,
                "'%.*s' is no boolean attribute; those are checked, selected, disabled, required, hidden, "
                "open, multiple, autofocus, readonly",
                STR_ARG(word));
        return parse_condition(r, n);
    }
    n->value = (struct value){.text = word};
    return need_end(r, line, "{{out.x}}: a hole holds one field and nothing else");
}

static enum err parse_body(struct reader *r, struct node **out, enum stop *stop)
{
    struct node **tail = out;
    *stop = STOP_FILE;
    while (r->at < r->text.n) {
        size_t from = r->at;
        int line = r->line;
        while (r->at < r->text.n &&
            !(r->text.at[r->at] == '{' && str_starts(str_slice(r->text, r->at, r->text.n), "{{"))) {
            if (at_close(r))
                return REFUSE(r, r->line, "}} without {{; take it away");
            if (r->text.at[r->at++] == '\n')
                r->line++;
        }
        if (r->at > from) {
            struct node *n = node_new(r, NODE_TEXT, line);
            if (n == NULL)
                return REFUSE(r, line, "the template is too large; split it");
            n->text = str_slice(r->text, from, r->at);
            *tail = n;
            tail = &n->next;
        }
        if (r->at >= r->text.n)
            break;
        r->at += 2;
        struct node *n = NULL;
        enum err e = parse_construct(r, &n, stop);
        if (e != OK || (n == NULL && *stop != STOP_FILE))
            return e;
        if (n != NULL) {
            *tail = n;
            tail = &n->next;
        }
    }
    return OK;
}

// Bytes that would let a reader of the template see something else than the compiler reads.
static enum err check_bytes(const struct reader *r)
{
    int line = 1;
    for (size_t i = 0; i < r->text.n; i++) {
        unsigned char c = (unsigned char)r->text.at[i];
        struct str rest = str_slice(r->text, i, r->text.n);
        if (c == '\n')
            line++;
        else if (c == '\r')
            return REFUSE(r, line, "a carriage return; save the file with Unix line ends");
        else if ((c < 0x20 && c != '\t') || c == 0x7f)
            return REFUSE(r, line, "a control character; take it out");
        if (c == 0xe2 && rest.n >= 3) {
            unsigned char b = (unsigned char)rest.at[1], d = (unsigned char)rest.at[2];
            if ((b == 0x80 && (d == 0x8e || d == 0x8f || (d >= 0xaa && d <= 0xae))) ||
                (b == 0x81 && d >= 0xa6 && d <= 0xa9))
                return REFUSE(r, line, "an invisible character that reorders text; take it out");
        }
    }
    return str_utf8_valid(r->text) ? OK : REFUSE(r, 1, "not UTF-8; save the file as UTF-8");
}

enum err template_parse(struct arena *a, struct str file, struct str text, struct template *out, struct buf *why)
{
    struct template t = {.file = file};
    struct reader r = {.arena = a, .file = file, .text = text, .why = why, .line = 1, .t = &t};
    if (text.n > COMPILE_BYTES_MAX)
        return REFUSE(&r, 1, "longer than %u bytes; split it into parts", COMPILE_BYTES_MAX);
    enum err e = check_bytes(&r);
    if (e == OK)
        e = parse_head(&r);
    enum stop stop = STOP_FILE;
    if (e == OK)
        e = parse_body(&r, &t.body, &stop);
    if (e == OK && stop != STOP_FILE)
        e = REFUSE(&r, r.line, "{{%s}} without a block before it; take it away", stop == STOP_ELSE ? "else" : "end");
    if (e == OK)
        *out = t;
    return e;
}

// Where in the HTML the walk stands. Stricter than browsers on purpose: what is refused here could be read differently
// by a browser than by the author, or would be refused by the content security policy.
#include "html/compile.h"
#include <string.h>

#define REFUSE(p, ...) COMPILE_REFUSE((p)->why, (p)->file, (p)->line, __VA_ARGS__)

static const char *const void_tags[] = {
    "area", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr", NULL};
static const char *const banned_tags[] = {"applet", "base", "embed", "frame", "frameset", "iframe", "noscript",
    "object", "plaintext", "style", "template", "xmp", NULL};
// An open <p> ends where one of these begins, so that the tree would differ from what is written.
static const char *const end_p_tags[] = {"address", "article", "aside", "blockquote", "details", "dialog", "div", "dl",
    "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "menu", "nav",
    "ol", "p", "pre", "section", "table", "ul", NULL};
static const char *const closed_attrs[] = {
    "srcset", "imagesrcset", "ping", "is", "xmlns", "slot", "target", "integrity", NULL};
static const char *const url_attrs[] = {"href", "action", "formaction", "cite", NULL};
static const char *const local_attrs[] = {"src", "poster", "data", "manifest", "background", NULL};

static bool one_of(const char *s, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(s, *list) == 0)
            return true;
    return false;
}

static bool is(const char *a, const char *b) { return strcmp(a, b) == 0; }
static bool white(char c) { return c == ' ' || c == '\n' || c == '\t'; }
static bool lower(char c) { return c >= 'a' && c <= 'z'; }
static bool upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool digit(char c) { return c >= '0' && c <= '9'; }

void place_init(struct place *p, struct buf *out, struct buf *why)
{
    *p = (struct place){.out = out, .why = why, .line = 1, .space = true};
}

const char *place_top(const struct place *p) { return p->depth > 0 ? p->stack[p->depth - 1] : ""; }

static bool inside(const struct place *p, const char *tag)
{
    for (int i = 0; i < p->depth; i++)
        if (is(p->stack[i], tag))
            return true;
    return false;
}

static enum err name_add(struct place *p, char name[static PLACE_NAME_MAX + 1], char c)
{
    size_t n = strlen(name);
    if (n == PLACE_NAME_MAX)
        return REFUSE(p, "a name longer than %d letters; shorten it", PLACE_NAME_MAX);
    name[n] = c;
    name[n + 1] = '\0';
    return OK;
}

// ---- tags ----

enum err place_tag_named(struct place *p) // the name is whole
{
    p->pos = PLACE_TAG;
    if (p->end_tag)
        return OK;
    if (one_of(p->tag, banned_tags))
        return REFUSE(p, "<%s> is not used here; %s", p->tag,
            is(p->tag, "style") ? "put the rules into static/isigurt.css" : "write it without");
    if (is(place_top(p), "p") && one_of(p->tag, end_p_tags))
        return REFUSE(p, "<%s> inside <p> would end the paragraph; close </p> first", p->tag);
    if ((is(p->tag, "a") || is(p->tag, "form") || is(p->tag, "button")) && inside(p, p->tag))
        return REFUSE(p, "<%s> inside <%s>; close the outer one first", p->tag, p->tag);
    buf_put_c(p->out, '<');
    buf_put_z(p->out, p->tag);
    return OK;
}

static enum err end_tag_whole(struct place *p)
{
    p->pos = PLACE_TEXT;
    if (one_of(p->tag, void_tags))
        return REFUSE(p, "</%s>: <%s> has no end; take it away", p->tag, p->tag);
    if (p->depth == 0)
        return REFUSE(p, "</%s> closes nothing; take it away", p->tag);
    if (p->depth <= p->floor)
        return REFUSE(p, "</%s> closes what was opened outside this block; open and close in one block", p->tag);
    if (!is(place_top(p), p->tag))
        return REFUSE(p, "</%s> where </%s> is due; close the <%s> of line %d first", p->tag, place_top(p),
            place_top(p), p->lines[p->depth - 1]);
    p->depth--;
    p->space = false;
    p->swallow = false;
    buf_put_z(p->out, "</");
    buf_put_z(p->out, p->tag);
    buf_put_c(p->out, '>');
    return OK;
}

static enum err open_tag_whole(struct place *p) // at its '>'
{
    bool svg = inside(p, "svg"), empty = one_of(p->tag, void_tags) && !svg;
    p->pos = PLACE_TEXT;
    if (is(p->tag, "script") && !p->has_src)
        return REFUSE(p, "<script> without src; put the script into static/ and name it");
    if (is(p->tag, "img") && !p->has_alt)
        return REFUSE(p, "<img> without alt; say what it shows, or alt=\"\"");
    if (is(p->tag, "html") && !p->has_lang)
        return REFUSE(p, "<html> without lang; write lang=\"{{rq.lang_code}}\"");
    if (is(p->tag, "meta") && p->has_equiv && p->content_hole)
        return REFUSE(p, "a hole in <meta http-equiv>; write the content out");
    if (p->slash && !svg && !empty && !is(p->tag, "svg"))
        return REFUSE(p, "<%s/> does not close <%s>; write </%s>", p->tag, p->tag, p->tag);
    buf_put_z(p->out, p->slash && !empty ? "/>" : ">");
    p->space = false;
    if (p->slash || empty)
        return OK;
    if (p->depth == PLACE_DEPTH_MAX)
        return REFUSE(p, "elements nest deeper than %d; use fewer", PLACE_DEPTH_MAX);
    memcpy(p->stack[p->depth], p->tag, sizeof p->tag);
    p->lines[p->depth++] = p->line;
    if (is(p->tag, "pre") || is(p->tag, "textarea")) {
        buf_put_c(
            p->out, '\n'); // browsers drop one line feed here: give them this one, not the first of what was typed
        p->swallow = true;
    }
    return OK;
}

static enum err tag_end(struct place *p) { return p->end_tag ? end_tag_whole(p) : open_tag_whole(p); }

static enum err at_less(struct place *p, char c)
{
    p->end_tag = p->slash = p->has_src = p->has_alt = p->has_lang = p->has_equiv = p->content_hole = false;
    p->seen_n = 0;
    p->tag_blocks = 0;
    p->tag[0] = '\0';
    p->tag_serial++;
    if (c == '!') {
        p->pos = PLACE_BANG;
        p->bang[0] = '\0';
        return OK;
    }
    bool raw = is(place_top(p), "textarea") || is(place_top(p), "title") || is(place_top(p), "script");
    if (raw && c != '/')
        return REFUSE(p, "'<' inside <%s>; write &lt;, or close it first", place_top(p));
    p->pos = PLACE_NAME;
    if (c == '/') {
        p->end_tag = true;
        return OK;
    }
    if (!lower(c))
        return REFUSE(p, "'<' begins no tag here; write &lt; (tags are in small letters)");
    return name_add(p, p->tag, c);
}

static enum err at_name(struct place *p, char c)
{
    bool more = lower(c) || (p->tag[0] != '\0' && (digit(c) || c == '-' || (upper(c) && inside(p, "svg"))));
    if (more)
        return name_add(p, p->tag, c);
    if (p->tag[0] == '\0' || (!white(c) && c != '>' && c != '/'))
        return REFUSE(p, "'%c' in the name of a tag; use small letters", c >= ' ' && c < 127 ? c : '?');
    enum err e = place_tag_named(p);
    if (e != OK || white(c))
        return e;
    if (c == '>')
        return tag_end(p);
    p->pos = PLACE_SLASH;
    return OK;
}

// ---- attributes ----

enum err place_attr_named(struct place *p)
{
    const char *a = p->attr;
    p->attr_serial++;
    p->url_n = 0;
    memset(p->url, 0, sizeof p->url);
    p->url_whole = p->url_hole = false;
    if (strncmp(a, "on", 2) == 0)
        return REFUSE(p, "%s= is inline script, which the browser would refuse; put it into static/", a);
    if (is(a, "style"))
        return REFUSE(p, "style= would be refused by the browser; put the rule into static/isigurt.css");
    if (is(a, "srcdoc"))
        return REFUSE(p, "srcdoc= is not used here; write it without");
    const char *colon = strchr(a, ':');
    const char *local = colon != NULL ? colon + 1 : a; // xlink:href
    p->kind = ATTR_PLAIN;
    if (one_of(local, closed_attrs))
        p->kind = ATTR_CLOSED;
    else if (one_of(local, local_attrs) || (is(local, "href") && (is(p->tag, "link") || inside(p, "svg"))))
        p->kind = ATTR_LOCAL;
    else if (one_of(local, url_attrs))
        p->kind = ATTR_URL;
    p->has_src = p->has_src || is(a, "src");
    p->has_alt = p->has_alt || is(a, "alt");
    p->has_lang = p->has_lang || is(a, "lang");
    p->has_equiv = p->has_equiv || is(a, "http-equiv");
    if (p->tag_blocks == 0) { // the branches of a block may give the same attribute
        for (size_t i = 0; i < p->seen_n; i++)
            if (is(p->seen[i], a))
                return REFUSE(p, "%s= twice in <%s>; browsers drop the second", a, p->tag);
        if (p->seen_n == PLACE_ATTRS_MAX)
            return REFUSE(p, "more than %d attributes; use fewer", PLACE_ATTRS_MAX);
        memcpy(p->seen[p->seen_n++], a, sizeof p->attr);
    }
    buf_put_c(p->out, ' ');
    buf_put_z(p->out, a);
    return OK;
}

static enum err at_tag(struct place *p, char c)
{
    if (white(c)) {
        p->pos = PLACE_TAG;
        return OK;
    }
    if (c == '>')
        return tag_end(p);
    if (p->end_tag)
        return REFUSE(p, "</%s …>: an end tag has no attributes; take them away", p->tag);
    if (c == '/') {
        p->pos = PLACE_SLASH;
        return OK;
    }
    if (p->pos == PLACE_VALUE_END)
        return REFUSE(p, "no space between two attributes; add one");
    if (!lower(c))
        return REFUSE(p, "'%c' begins no attribute; names are in small letters", c >= ' ' && c < 127 ? c : '?');
    p->pos = PLACE_ATTR;
    p->attr[0] = '\0';
    return name_add(p, p->attr, c);
}

static enum err at_attr(struct place *p, char c) // PLACE_ATTR and PLACE_ATTR_END
{
    bool svg = is(p->tag, "svg") || inside(p, "svg");
    if (p->pos == PLACE_ATTR && (lower(c) || digit(c) || c == '-' || c == ':' || (upper(c) && svg)))
        return name_add(p, p->attr, c);
    if (white(c)) {
        p->pos = PLACE_ATTR_END;
        return OK;
    }
    if (c != '=' && c != '>' && c != '/' && p->pos == PLACE_ATTR)
        return REFUSE(p, "'%c' in the name of an attribute; names are in small letters", c >= ' ' && c < 127 ? c : '?');
    enum err e = place_attr_named(p);
    if (e != OK)
        return e;
    if (c == '=') {
        p->pos = PLACE_EQUALS;
        buf_put_c(p->out, '=');
        return OK;
    }
    p->pos = PLACE_TAG;
    return at_tag(p, c);
}

static enum err at_equals(struct place *p, char c)
{
    if (white(c))
        return OK;
    if (c != '"' && c != '\'')
        return REFUSE(p, "the value of %s= is not in quotes; write %s=\"…\"", p->attr, p->attr);
    p->quote = c;
    p->pos = PLACE_VALUE;
    buf_put_c(p->out, c);
    return OK;
}

bool place_path_of_ours(const char *u) { return u[0] == '/' && u[1] != '\0' && u[1] != '/' && u[1] != '\\'; }

static enum err value_end(struct place *p) // addresses: where may they lead?
{
    const char *u = p->url;
    p->pos = PLACE_VALUE_END;
    buf_put_c(p->out, p->quote);
    if (p->kind == ATTR_PLAIN || p->kind == ATTR_CLOSED || p->url_whole)
        return OK;
    bool ours = is(u, "/") || place_path_of_ours(u) || u[0] == '#';
    if (p->kind == ATTR_LOCAL)
        return ours ? OK : REFUSE(p, "%s= leads to another host or is relative; write a path from /", p->attr);
    bool web = strncmp(u, "https://", 8) == 0 || strncmp(u, "http://", 7) == 0 || strncmp(u, "mailto:", 7) == 0 ||
        strncmp(u, "tel:", 4) == 0;
    if (ours || web || u[0] == '?' || (u[0] == '\0' && is(p->attr, "action")))
        return OK;
    return REFUSE(
        p, "the address in %s= is neither https:, http:, mailto:, tel: nor a path from /; write it so", p->attr);
}

static enum err at_value(struct place *p, char c)
{
    if (c == p->quote)
        return value_end(p);
    if (p->kind == ATTR_URL || p->kind == ATTR_LOCAL) {
        if (p->url_whole)
            return REFUSE(
                p, "text behind the hole in %s=; a hole is the whole address, or stands behind a path from /", p->attr);
        if (white(c) || c == '\\')
            return REFUSE(p, "white space or \\ in %s=; take it out", p->attr);
        if (p->url_n < sizeof p->url - 1)
            p->url[p->url_n] = c;
        p->url_n++;
    }
    buf_put_c(p->out, c);
    return OK;
}

// ---- text and declarations ----

static enum err at_text(struct place *p, char c)
{
    bool swallow = p->swallow;
    p->swallow = false;
    if (c == '<') {
        p->pos = PLACE_LESS;
        return OK;
    }
    if (swallow && c == '\n')
        return OK;
    if (is(place_top(p), "script"))
        return white(c) ? OK : REFUSE(p, "script in the page, which the browser would refuse; put it into static/");
    if (white(c) && !inside(p, "pre") && !inside(p, "textarea")) {
        if (!p->space)
            buf_put_c(p->out, ' ');
        p->space = true;
        return OK;
    }
    p->space = false;
    buf_put_c(p->out, c);
    return OK;
}

static enum err at_bang(struct place *p, char c)
{
    static const char doctype[] = "doctype";
    size_t n = strlen(p->bang);
    if (c == '-' && n == 0) {
        memcpy(p->bang, "-", 2);
        return OK;
    }
    if (c == '-' && n == 1 && p->bang[0] == '-') {
        p->pos = PLACE_COMMENT;
        p->dashes = 0;
        return OK;
    }
    if (n < sizeof doctype - 1 && (c | 0x20) == doctype[n]) {
        p->bang[n] = doctype[n];
        p->bang[n + 1] = '\0';
        if (n + 2 == sizeof doctype) {
            if (p->depth > 0)
                return REFUSE(p, "<!doctype> inside an element; it stands first");
            p->pos = PLACE_DOCTYPE;
            buf_put_z(p->out, "<!doctype");
        }
        return OK;
    }
    return REFUSE(p, "'<!' begins neither a comment nor <!doctype html>; write &lt;!");
}

static enum err at_comment(struct place *p, char c) // dropped from the page
{
    if (c == '>' && p->dashes >= 2)
        p->pos = PLACE_TEXT;
    p->dashes = c == '-' ? p->dashes + 1 : 0;
    return OK;
}

static enum err at_doctype(struct place *p, char c)
{
    buf_put_c(p->out, c == '\n' || c == '\t' ? ' ' : c);
    if (c == '>') {
        p->pos = PLACE_TEXT;
        p->space = true;
    }
    return c == '<' ? REFUSE(p, "'<' in <!doctype>; write <!doctype html>") : OK;
}

static enum err feed_char(struct place *p, char c)
{
    switch (p->pos) {
    case PLACE_TEXT: return at_text(p, c);
    case PLACE_LESS: return at_less(p, c);
    case PLACE_NAME: return at_name(p, c);
    case PLACE_TAG:
    case PLACE_VALUE_END: return at_tag(p, c);
    case PLACE_ATTR:
    case PLACE_ATTR_END:
        if (p->pos == PLACE_ATTR_END && (lower(c) || upper(c) || digit(c))) { // a boolean attribute, then the next
            enum err e = place_attr_named(p);
            p->pos = PLACE_TAG;
            return e != OK ? e : at_tag(p, c);
        }
        return at_attr(p, c);
    case PLACE_EQUALS: return at_equals(p, c);
    case PLACE_VALUE: return at_value(p, c);
    case PLACE_SLASH:
        p->slash = true;
        return c == '>' ? tag_end(p) : REFUSE(p, "'/' inside a tag; it stands only before '>'");
    case PLACE_BANG: return at_bang(p, c);
    case PLACE_COMMENT: return at_comment(p, c);
    case PLACE_DOCTYPE: return at_doctype(p, c);
    }
    return ERR_BUG;
}

enum err place_feed(struct place *p, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        enum err e = feed_char(p, text.at[i]);
        if (e != OK)
            return e;
        if (text.at[i] == '\n')
            p->line++;
    }
    return OK;
}

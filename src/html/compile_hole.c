// Where {{…}} may stand, and which writer is safe there.
#include "html/compile.h"
#include <string.h>

#define REFUSE(p, ...) COMPILE_REFUSE((p)->why, (p)->file, (p)->line, __VA_ARGS__)

static bool is(const char *a, const char *b) { return strcmp(a, b) == 0; }
static bool white(char c) { return c == ' ' || c == '\n' || c == '\t'; }

// Ends a name that a {{…}} follows at once, so that only the four places with a meaning remain.
static enum err settle(struct place *p)
{
    if (p->pos == PLACE_NAME && p->tag[0] != '\0' && !p->end_tag)
        return place_tag_named(p);
    if (p->pos == PLACE_ATTR_END) {
        p->pos = PLACE_TAG;
        return place_attr_named(p);
    }
    if (p->pos == PLACE_VALUE_END)
        p->pos = PLACE_TAG;
    return OK;
}

static enum err misplaced(struct place *p)
{
    switch (p->pos) {
    case PLACE_COMMENT: return REFUSE(p, "{{…}} in an HTML comment; use {{# … }}");
    case PLACE_LESS:
    case PLACE_NAME: return REFUSE(p, "{{…}} in the name of a tag; write the name");
    case PLACE_TAG:
        return REFUSE(p, "{{…}} where an attribute stands; only {{if}} and {{checked if …}} may stand there");
    case PLACE_ATTR:
    case PLACE_ATTR_END:
    case PLACE_VALUE_END: return REFUSE(p, "{{…}} in the name of an attribute; write the name, or add a space");
    case PLACE_EQUALS: return REFUSE(p, "{{…}} as a value without quotes; write %s=\"{{…}}\"", p->attr);
    default: return REFUSE(p, "{{…}} cannot stand here; move it into text or a quoted value");
    }
}

static enum err in_script(struct place *p)
{
    return REFUSE(p, "{{…}} in <script>; give it to the script in a data- attribute");
}

static enum err url_hole(struct place *p, enum place_writer *out)
{
    const char *u = p->url;
    if (p->url_n == 0 && !p->url_hole) {
        if (p->kind == ATTR_LOCAL)
            return REFUSE(p, "a hole as the whole of %s=; begin with a path from /", p->attr);
        p->url_whole = p->url_hole = true;
        *out = WRITE_URL;
        return OK;
    }
    bool behind_path = p->url_n >= 2 && place_path_of_ours(u);
    bool behind_mark = p->url_n >= 1 && (u[0] == '?' || u[0] == '#');
    p->url_hole = true;
    if (!p->url_whole && (behind_path || behind_mark)) {
        *out = WRITE_URL_PART;
        return OK;
    }
    if (p->kind == ATTR_URL && p->url_n == 4 && strncmp(u, "tel:", 4) == 0) {
        *out = WRITE_TEL;
        return OK;
    }
    return REFUSE(p, "a hole in %s= must be the whole address, or stand behind /x, ?, # or tel:", p->attr);
}

enum err place_hole(struct place *p, enum place_writer *out)
{
    p->swallow = false;
    if (p->pos == PLACE_TEXT) {
        if (is(place_top(p), "script"))
            return in_script(p);
        p->space = false;
        *out = is(place_top(p), "textarea") || is(place_top(p), "title") ? WRITE_ATTR : WRITE_TEXT;
        return OK;
    }
    if (p->pos != PLACE_VALUE)
        return misplaced(p);
    if (p->kind == ATTR_CLOSED || (is(p->tag, "script") && is(p->attr, "type")))
        return REFUSE(p, "a hole in %s=; write the value out", p->attr);
    if (is(p->tag, "meta") && is(p->attr, "content"))
        p->content_hole = true;
    *out = WRITE_ATTR;
    return p->kind == ATTR_PLAIN ? OK : url_hole(p, out);
}

enum err place_message(struct place *p)
{
    enum place_writer w = WRITE_TEXT;
    enum err e = place_hole(p, &w);
    if (e == OK && w != WRITE_TEXT && w != WRITE_ATTR)
        return REFUSE(p, "a message in %s=; an address is no sentence, use a field", p->attr);
    return e;
}

enum err place_known(struct place *p, struct str text)
{
    if (p->pos == PLACE_TEXT && is(place_top(p), "script"))
        return in_script(p);
    if (p->pos != PLACE_TEXT && p->pos != PLACE_VALUE)
        return misplaced(p);
    bool tel = p->pos == PLACE_VALUE && p->kind == ATTR_URL && p->url_n == 4 && strncmp(p->url, "tel:", 4) == 0;
    int line = p->line;
    enum err e = OK;
    for (size_t i = 0; i < text.n && e == OK; i++) {
        char c = text.at[i];
        struct str s = str_slice(text, i, i + 1);
        if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'')
            s = c == '&'   ? STR("&amp;")
                : c == '<' ? STR("&lt;")
                : c == '>' ? STR("&gt;")
                : c == '"' ? STR("&quot;")
                           : STR("&#39;");
        else if (tel && white(c)) // people read "116 111", telephones do not
            continue;
        e = place_feed(p, s);
    }
    p->line = line;
    return e;
}

enum err place_flag(struct place *p, struct str name)
{
    enum err e = settle(p);
    if (e != OK)
        return e;
    if (p->pos != PLACE_TAG || p->end_tag)
        return REFUSE(p, "{{%.*s if …}} outside a tag; it stands between attributes", STR_ARG(name));
    return OK;
}

enum err place_begin(struct place *p, enum place_block kind, struct place_mark *mark)
{
    enum err e = settle(p);
    if (e != OK)
        return e;
    bool text = p->pos == PLACE_TEXT;
    if (text && is(place_top(p), "script"))
        return in_script(p);
    if (kind == PLACE_BLOCK_USE && !text)
        return REFUSE(p, "{{use}} inside a tag; a part is laid into text");
    if (p->pos == PLACE_VALUE && p->kind != ATTR_PLAIN)
        return REFUSE(p, "a block in %s=; let the handler give the address", p->attr);
    bool attrs = p->pos == PLACE_TAG && !p->end_tag && kind == PLACE_BLOCK_IF;
    if (!text && p->pos != PLACE_VALUE && !attrs)
        return misplaced(p);
    *mark = (struct place_mark){p->pos, p->tag_serial, p->attr_serial, p->depth, p->floor, p->space};
    if (text)
        p->floor = p->depth;
    p->tag_blocks += attrs;
    p->swallow = false;
    return OK;
}

enum err place_back(struct place *p, const struct place_mark *mark)
{
    enum err e = settle(p);
    if (e != OK)
        return e;
    bool same =
        p->pos == mark->pos && (p->pos == PLACE_TEXT ? p->depth == mark->depth : p->tag_serial == mark->tag_serial);
    if (p->pos == PLACE_VALUE)
        same = same && p->attr_serial == mark->attr_serial;
    if (same)
        return OK;
    if (p->pos == PLACE_TEXT && p->depth > mark->depth)
        return REFUSE(p,
            "the <%s> of line %d is not closed in the block that opened it; close it before {{else}} or {{end}}",
            place_top(p), p->lines[p->depth - 1]);
    return REFUSE(p, "the block ends inside a tag or value that it did not begin in; open and close in one block");
}

void place_end(struct place *p, const struct place_mark *mark)
{
    p->floor = mark->floor;
    p->space = p->pos == PLACE_TEXT ? p->space && mark->space : false;
    if (p->pos == PLACE_TAG && p->tag_blocks > 0)
        p->tag_blocks--;
}

enum err place_done(struct place *p)
{
    if (p->pos != PLACE_TEXT)
        return REFUSE(p, "the page ends inside a tag; close it");
    if (p->depth > 0)
        return REFUSE(
            p, "the <%s> of line %d is never closed; add </%s>", place_top(p), p->lines[p->depth - 1], place_top(p));
    return OK;
}

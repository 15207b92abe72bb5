// compile: the inside of the template compiler (executable template-compile), which turns one page of templates/ROOM/
// into one C function. Three steps: compile_parse.c reads {{…}} into a tree; compile.c, compile_walk.c and
// compile_write.c walk the tree with parts laid in and write C; and every literal byte passes compile_place.c, every
// {{…}} compile_hole.c, which know where in the HTML the walk stands.
// Nothing here runs in the platform's processes. Language: docs/templates.md.
#pragma once
#include "base/arena.h"
#include "base/buf.h"

#define COMPILE_BYTES_MAX (256u * 1024)      // one template
#define COMPILE_OUT_MAX (4u * 1024 * 1024)   // the C made of it
#define COMPILE_ARENA_MAX (64u * 1024 * 1024)
#define COMPILE_WHY_MAX 2048u                // the one line that says what is wrong
#define COMPILE_NEST_MAX 24                  // blocks in blocks, parts in parts
#define COMPILE_PARAMS_MAX 32                // of one part or message
#define COMPILE_INCLUDES_MAX 8
#define COMPILE_LAID_MAX 2000                // parts laid into one page, all together

// Writes "FILE:LINE: what; mend" once (the first error wins) and gives ERR_INVALID.
#define COMPILE_REFUSE(why_, file_, line_, ...)                                                                        \
    ((why_)->n > 0 ? ERR_INVALID                                                                                       \
                   : (buf_printf((why_), "%.*s:%d: ", STR_ARG(file_), (line_)), buf_printf((why_), __VA_ARGS__),       \
                         ERR_INVALID))

// ---- the tree (compile_parse.c) ----

struct value { // as written: "literal", or a name or path (out.x.y, PARAM, message id)
    bool literal;
    struct str text;
};

struct param { // NAME=VALUE; in the head of a part `filled` says whether there is a default
    struct str name;
    bool filled;
    struct value value;
};

enum node_kind { NODE_TEXT, NODE_HOLE, NODE_MSG, NODE_EACH, NODE_IF, NODE_FLAG, NODE_USE, NODE_SLOT };

struct node {
    enum node_kind kind;
    int line;
    struct str text;      // TEXT: bytes · EACH: name of the row · FLAG: attribute · USE: part
    struct str type;      // EACH: struct of the row
    struct value value;   // HOLE, MSG, EACH, IF, FLAG
    bool negated;         // IF, FLAG: `not`
    struct param *params; // MSG, USE
    size_t params_n;
    struct node *body, *other; // EACH, IF: before and after {{else}} · USE: body
    bool has_body;             // USE without "/"
    struct node *next;
};

struct template {
    struct str file, name;
    bool page;                                // else a part
    struct str in, out;                       // struct names, empty for none
    struct str includes[COMPILE_INCLUDES_MAX];
    size_t includes_n;
    struct param *params; // of a part
    size_t params_n;
    bool slot;
    struct node *body;
};

// file and text must outlive *out; nodes live in a. ERR_INVALID with *why.
MUST_USE enum err template_parse(struct arena *a, struct str file, struct str text, struct template *out,
    struct buf *why);

// ---- where in the HTML (compile_place.c) ----

#define PLACE_DEPTH_MAX 64
#define PLACE_NAME_MAX 31
#define PLACE_ATTRS_MAX 32

enum place_pos {
    PLACE_TEXT,
    PLACE_LESS,      // behind '<'
    PLACE_NAME,      // in the name of a tag
    PLACE_TAG,       // between attributes
    PLACE_ATTR,      // in the name of an attribute
    PLACE_ATTR_END,  // behind it, "=" may follow
    PLACE_EQUALS,    // behind '='
    PLACE_VALUE,     // in a quoted value
    PLACE_VALUE_END, // behind its closing quote
    PLACE_SLASH,     // behind '/' at the end of a tag
    PLACE_BANG,      // behind "<!"
    PLACE_COMMENT,
    PLACE_DOCTYPE,
};
enum place_attr { ATTR_PLAIN, ATTR_URL, ATTR_LOCAL, ATTR_CLOSED }; // LOCAL: this host only; CLOSED: no hole at all
enum place_writer { WRITE_TEXT, WRITE_ATTR, WRITE_URL, WRITE_URL_PART, WRITE_TEL };

struct place {
    struct buf *out, *why; // literal bytes that were read and checked, white space folded
    struct str file;
    int line;
    enum place_pos pos;
    char tag[PLACE_NAME_MAX + 1], attr[PLACE_NAME_MAX + 1];
    bool end_tag, slash;
    unsigned tag_serial, attr_serial; // tell one tag or attribute from the next
    enum place_attr kind;
    char quote;
    char url[12]; // how the address in this value begins
    size_t url_n; // literal bytes of it so far
    bool url_whole, url_hole;
    bool has_src, has_alt, has_lang, has_equiv, content_hole;
    char seen[PLACE_ATTRS_MAX][PLACE_NAME_MAX + 1];
    size_t seen_n;
    int tag_blocks; // {{if}} open inside this tag
    char stack[PLACE_DEPTH_MAX][PLACE_NAME_MAX + 1];
    int lines[PLACE_DEPTH_MAX]; // where each was opened
    int depth, floor; // elements open; those below floor were opened outside the block
    bool space;       // the last byte in text was white space
    bool swallow;     // a line feed directly behind <pre> or <textarea>, which browsers drop
    int dashes;
    char bang[8];
};

struct place_mark { // where a block began
    enum place_pos pos;
    unsigned tag_serial, attr_serial;
    int depth, floor;
    bool space;
};

void place_init(struct place *p, struct buf *out, struct buf *why);
// Literal text of the template. p->file and p->line are the caller's to set; line feeds count on.
MUST_USE enum err place_feed(struct place *p, struct str text);
// For compile_hole.c: the innermost element or "", an address that begins with a path of this host, and the two ends of
// a name that a {{…}} may follow at once.
const char *place_top(const struct place *p);
bool place_path_of_ours(const char *address);
MUST_USE enum err place_tag_named(struct place *p);
MUST_USE enum err place_attr_named(struct place *p);

// compile_hole.c. A hole that writes text of unknown content: refused where it must not stand, else which writer is
// safe there.
MUST_USE enum err place_hole(struct place *p, enum place_writer *out);
MUST_USE enum err place_message(struct place *p); // the same for a message: no addresses
MUST_USE enum err place_known(struct place *p, struct str text); // a hole whose text is known now; escaped, then fed
MUST_USE enum err place_flag(struct place *p, struct str name);  // between attributes?
// Blocks: `each` and `if` may stand in text and in a plain value, `if` between attributes too; `use` in text only.
enum place_block { PLACE_BLOCK_IF, PLACE_BLOCK_EACH, PLACE_BLOCK_USE };
MUST_USE enum err place_begin(struct place *p, enum place_block kind, struct place_mark *mark);
MUST_USE enum err place_back(struct place *p, const struct place_mark *mark); // at {{else}} and {{end}}
void place_end(struct place *p, const struct place_mark *mark);
MUST_USE enum err place_done(struct place *p); // at the end of the page

// ---- the whole (compile.c) ----

struct compile {
    struct str file, text;      // the page
    struct str web;             // header with struct req, struct list and req_refusal; "web/web.h"
    const struct str *messages; // ids that exist
    size_t messages_n;
    // The text of a part, and the path to name in errors; false where there is none. Both must live as long as the arena.
    bool (*part)(void *ctx, struct str name, struct str *file, struct str *text);
    void *ctx;
};
MUST_USE enum err template_compile(struct arena *a, const struct compile *c, struct buf *out, struct buf *why);

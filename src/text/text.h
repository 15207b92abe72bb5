// text: sentences in the user's language. Message ids are compiled in (enum message, generated from po/en/*.po as
// MSG_<ID IN CAPITALS>); their texts come from share/locale/CODE.mo, mapped read-only at start, so that a new language
// needs no compiler. po/CODE/ROOM.po: msgid is the id ("report_ask_where"), msgstr the sentence, {name} its holes;
// a plural entry has msgid_plural = msgid and one msgstr[i] per form of the language.
#pragma once
#include "base/buf.h"
#include "text/messages.h" // generated: enum message

struct lang; // one language; lives as long as the process; any thread

// Maps every code of codes ("sq,en") from dir; the first is the default. Refuses a file in which an id is missing, a
// plural rule that text/plural.c does not know, or anything broken; why then holds one line with the file's path.
// Once in a process, before it starts threads; ERR_CONFLICT the second time. A failed call leaves nothing open.
MUST_USE enum err text_open(const char *dir, const char *codes, struct buf *why);
const struct lang *text_lang(struct str code); // NULL where there is none
const struct lang *text_default(void);
const struct lang *text_each(size_t i);        // i-th of the codes, NULL at the end
const char *text_code(const struct lang *l);   // "sq"

struct text_arg {
    const char *name; // "n", "code"; literal
    struct str s;     // put where {name} stands …
    int64_t i;        // … or this number where s.at is NULL; the first number chooses the plural form
};
// An empty str may have no address; it must not turn into the number 0.
static inline struct str text_arg_str(struct str s) { return s.at ? s : STR(""); }
#define TEXT_S(name_, s_) ((struct text_arg){.name = "" name_, .s = text_arg_str(s_)})
#define TEXT_I(name_, i_) ((struct text_arg){.name = "" name_, .i = (int64_t)(i_)})
#define TEXT_ARGS(...) (sizeof((struct text_arg[]){{0}, ##__VA_ARGS__}) / sizeof(struct text_arg) - 1), \
                       ((const struct text_arg[]){{0}, ##__VA_ARGS__} + 1)

struct str text_get(const struct lang *l, enum message m); // as it stands, holes and all (plural: form for many); static
// The sentence with its holes filled, for mail and JSON (html_message escapes for pages).
void text_put(struct buf *out, const struct lang *l, enum message m, size_t n, const struct text_arg *args);
// Walks the pieces of a sentence for a writer with escaping of its own. A piece is valid only during the call. A hole
// for which there is no argument is a piece as it stands, "{name}".
typedef void text_piece_fn(void *ctx, bool is_arg, struct str piece);
void text_walk(const struct lang *l, enum message m, size_t n, const struct text_arg *args, text_piece_fn *fn, void *ctx);
MUST_USE enum err text_message(struct str id, enum message *out); // by its id, for data of the country pack

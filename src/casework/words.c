// The plaintext of an entry: a flat JSON object of texts, written by hand so that nothing of it stays in a library's
// memory.
#include <string.h>
#include <jansson.h>
#include "casework/handlers.h"

static const struct { const char *name; enum message label; } known[] = {
    {"text", MSG_NONE},                              {"title", MSG_CASEWORK_WORD_TITLE},
    {"name", MSG_CASEWORK_WORD_NAME},                {"role", MSG_CASEWORK_WORD_ROLE},
    {"born", MSG_CASEWORK_WORD_BORN},                {"relation", MSG_CASEWORK_WORD_RELATION},
    {"contact", MSG_CASEWORK_WORD_CONTACT},          {"home", MSG_CASEWORK_WORD_HOME},
    {"school", MSG_CASEWORK_WORD_SCHOOL},            {"must_not_be_told", MSG_CASEWORK_WORD_UNTOLD},
    {"risk", MSG_CASEWORK_WORD_RISK},                {"kind", MSG_CASEWORK_WORD_KIND},
    {"stage", MSG_CASEWORK_WORD_STAGE},              {"day", MSG_CASEWORK_WORD_DAY},
    {"result", MSG_CASEWORK_WORD_RESULT},            {"appeal", MSG_CASEWORK_WORD_APPEAL},
    {"body", MSG_CASEWORK_WORD_BODY},                {"why", MSG_CASEWORK_WORD_WHY},
    {"corrected", MSG_NONE},
    {"app", MSG_CASEWORK_WORD_APP},                  {"address", MSG_CASEWORK_WORD_ADDRESS},
    {"number", MSG_CASEWORK_WORD_NUMBER},            {"outcome", MSG_CASEWORK_WORD_OUTCOME},
    {"due", MSG_CASEWORK_WORD_DUE},                  {"state", MSG_CASEWORK_WORD_STATE},
    {"hosted", MSG_CASEWORK_WORD_HOSTED},
    {"reports", MSG_CASEWORK_WORD_REPORTS},          {"done", MSG_NONE},
    {"to", MSG_CASEFILE_TO},                         {"copies", MSG_CASEFILE_COPIES},
    {"ground", MSG_EXCHANGE_GROUND},                 {"parts", MSG_CASEFILE_PARTS},
    {"file_key", MSG_NONE},                          {"hash", MSG_NONE}, // of a file: never on a page
};
#define KNOWN (sizeof known / sizeof *known)

void words_put(struct words *w, const char *name, struct str value)
{
    if (value.n > 0 && w->n < WORDS_MAX)
        w->at[w->n++] = (struct word){name, value};
}

struct str words_get(const struct words *w, const char *name)
{
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->at[i].name, name) == 0)
            return w->at[i].value;
    return STR("");
}

enum message words_label(const char *name)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].label;
    return MSG_NONE;
}

static void put_json(struct buf *out, struct str s)
{
    buf_put_c(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c == '"' || c == '\\')
            buf_put_c(out, '\\');
        if (c < 0x20)
            buf_printf(out, "\\u%04x", c);
        else
            buf_put_c(out, (char)c);
    }
    buf_put_c(out, '"');
}

enum err words_write(struct buf *out, const struct words *w)
{
    buf_put_c(out, '{');
    for (size_t i = 0; i < w->n; i++) {
        buf_printf(out, i ? ",\"%s\":" : "\"%s\":", w->at[i].name);
        put_json(out, w->at[i].value);
    }
    buf_put_c(out, '}');
    return buf_ok(out);
}

enum err words_read(struct arena *a, struct str json, struct words *out)
{
    struct words w = {0};
    json_t *root = json_loadb(json.n ? json.at : "", json.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    enum err e = json_is_object(root) ? OK : ERR_MALFORMED;
    for (size_t i = 0; !e && i < KNOWN; i++) {
        const json_t *v = json_object_get(root, known[i].name);
        if (json_is_string(v))
            words_put(&w, known[i].name, arena_str(a, (struct str){json_string_value(v), json_string_length(v)}));
    }
    json_decref(root);
    if (!e)
        *out = w;
    return e ? e : arena_failed(a) ? ERR_MEMORY : OK;
}

// The sealed item of a report: a JSON object with the fields that were given.
#include <string.h>
#include <jansson.h>
#include "report/report.h"

static const struct { const char *name; size_t at; } texts[] = {
#define TEXT(member) {#member, offsetof(struct report_content, member)}
    TEXT(language), TEXT(where), TEXT(typed), TEXT(address), TEXT(page), TEXT(host), TEXT(app), TEXT(account), TEXT(category),
    TEXT(reporter), TEXT(age_band), TEXT(county), TEXT(municipality), TEXT(seen), TEXT(text), TEXT(contact), TEXT(safe_to_contact),
    TEXT(institution), TEXT(function),
#undef TEXT
};
#define TEXTS (sizeof texts / sizeof *texts)

static void put_json(struct buf *out, struct str s)
{
    buf_put_c(out, '"');
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_put(out, str_slice(s, from, i));
        from = i + 1;
        if (c == '\n')
            buf_put_z(out, "\\n");
        else if (c < 0x20)
            buf_printf(out, "\\u%04x", c);
        else {
            buf_put_c(out, '\\');
            buf_put_c(out, (char)c);
        }
    }
    buf_put(out, str_slice(s, from, s.n));
    buf_put_c(out, '"');
}

// Deterministic: the same content gives the same bytes, so that a repeated send is known by their digest.
enum err report_content_write(struct buf *out, const struct report_content *c)
{
    size_t start = out->n;
    buf_put_c(out, '{');
    for (size_t i = 0; i < TEXTS; i++) {
        struct str s = *(const struct str *)((const char *)c + texts[i].at);
        if (s.n == 0)
            continue;
        if (out->n > start + 1)
            buf_put_c(out, ',');
        buf_printf(out, "\"%s\":", texts[i].name);
        put_json(out, s);
    }
    if (c->in_danger)
        buf_put_z(out, out->n > start + 1 ? ",\"in_danger\":true" : "\"in_danger\":true");
    buf_put_c(out, '}');
    enum err e = buf_ok(out);
    if (e)
        return e;
    return out->n - start > RECORD_ITEM_MAX ? ERR_TOO_LARGE : OK;
}

enum err report_content_read(struct arena *a, struct str json, struct report_content *out)
{
    json_t *root = json_loadb(json.n ? json.at : "", json.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    enum err e = ERR_MALFORMED;
    struct report_content c = {0};
    const char *name;
    json_t *value;
    if (!json_is_object(root))
        goto out;
    json_object_foreach (root, name, value) {
        if (strcmp(name, "in_danger") == 0) {
            if (!json_is_boolean(value))
                goto out;
            c.in_danger = json_is_true(value);
        } else if (json_is_string(value)) {
            struct str s = {json_string_value(value), json_string_length(value)};
            for (size_t i = 0; i < TEXTS; i++) // a name that this version does not know is left aside
                if (strcmp(name, texts[i].name) == 0)
                    *(struct str *)((char *)&c + texts[i].at) = arena_str(a, s);
        } else {
            goto out;
        }
    }
    e = arena_failed(a) ? ERR_MEMORY : OK;
    if (!e)
        *out = c;
out:
    json_decref(root);
    return e;
}

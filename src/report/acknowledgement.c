// The acknowledgement as its holder keeps it: a small JSON object that anybody can check.
#include <jansson.h>
#include <string.h>
#include "report/report.h"
#include "base/clock.h"
#include "text/date.h"

static void put_hex(struct buf *out, const char *name, const void *bytes, size_t n)
{
    buf_printf(out, ",\n  \"%s\": \"", name);
    buf_put_hex(out, bytes, n);
    buf_put_c(out, '"');
}

static void put_text(struct buf *out, const char *name, struct str s)
{
    json_t *v = json_stringn(s.n ? s.at : "", s.n);
    char *text = v == NULL ? NULL : json_dumps(v, JSON_ENCODE_ANY);
    buf_printf(out, ",\n  \"%s\": %s", name, text == NULL ? "\"\"" : text);
    free(text);
    json_decref(v);
}

void report_acknowledgement_write(struct buf *out, const struct public_key *pk, const struct report_acknowledgement *k)
{
    buf_put_z(out, "{\n  \"isigurt_acknowledgement\": 1");
    put_hex(out, "number", k->a.report.b, 16);
    buf_put_z(out, ",\n  \"received\": \"");
    date_put_iso(out, k->a.received);
    buf_printf(out, "\",\n  \"received_seconds\": %lld", (long long)(k->a.received / CLOCK_SECOND));
    put_text(out, "category", k->a.category);
    if (k->named) {
        put_text(out, "institution", k->institution);
        put_text(out, "function", k->function);
        put_hex(out, "rest", k->rest, sizeof k->rest);
    }
    put_hex(out, "content", k->a.content, sizeof k->a.content);
    put_hex(out, "installation", k->a.install, sizeof k->a.install);
    put_hex(out, "key", pk->b, sizeof pk->b);
    put_hex(out, "signature", k->signature.at, k->signature.n);
    buf_put_z(out, "\n}\n");
}

static bool read_hex(const json_t *root, const char *name, uint8_t *out, size_t n)
{
    const json_t *v = json_object_get(root, name);
    return json_is_string(v) && str_unhex((struct str){json_string_value(v), json_string_length(v)}, out, n);
}

static bool read_text(struct arena *a, const json_t *root, const char *name, struct str *out)
{
    const json_t *v = json_object_get(root, name);
    if (!json_is_string(v))
        return false;
    *out = arena_str(a, (struct str){json_string_value(v), json_string_length(v)});
    return true;
}

// The time is signed as a number; the same in words must say the same.
static bool read_time(struct arena *a, const json_t *root, int64_t *out)
{
    const json_t *v = json_object_get(root, "received_seconds");
    struct str words;
    if (!json_is_integer(v) || !read_text(a, root, "received", &words))
        return false;
    json_int_t seconds = json_integer_value(v);
    if (seconds < 0 || seconds > INT64_C(253402300799))
        return false;
    *out = (int64_t)seconds * CLOCK_SECOND;
    char iso[64];
    struct buf b = {.at = iso, .cap = sizeof iso, .max = sizeof iso};
    date_put_iso(&b, *out);
    return str_equal(buf_str(&b), words);
}

enum err report_acknowledgement_read(struct arena *a, struct str json, struct report_acknowledgement *out)
{
    struct report_acknowledgement k = {0};
    uint8_t signature[SIGN_BYTES];
    json_t *root = json.n > REPORT_ACKNOWLEDGEMENT_MAX ? NULL : json_loadb(json.n ? json.at : "", json.n, JSON_REJECT_DUPLICATES, NULL);
    bool fine = json_is_object(root) && json_integer_value(json_object_get(root, "isigurt_acknowledgement")) == 1 &&
                read_hex(root, "number", k.a.report.b, 16) && read_time(a, root, &k.a.received) &&
                read_text(a, root, "category", &k.a.category) && read_hex(root, "content", k.a.content, 16) &&
                read_hex(root, "installation", k.a.install, 16) && read_hex(root, "signature", signature, sizeof signature);
    k.named = fine && json_object_get(root, "rest") != NULL;
    if (k.named)
        fine = read_hex(root, "rest", k.rest, 16) && read_text(a, root, "institution", &k.institution) &&
               read_text(a, root, "function", &k.function);
    else if (fine) // a name without what binds it proves nothing and is not shown
        fine = json_object_get(root, "institution") == NULL && json_object_get(root, "function") == NULL;
    json_decref(root);
    if (!fine)
        return ERR_MALFORMED;
    k.signature = arena_str(a, STR_BYTES(signature));
    if (arena_failed(a))
        return ERR_MEMORY;
    *out = k;
    return OK;
}

enum err report_acknowledgement_check(const struct report_acknowledgement *k, const struct public_key *pk)
{
    enum err e = acknowledgement_check(&k->a, pk, k->signature);
    if (!e && k->named) {
        uint8_t bound[16];
        acknowledgement_bind(bound, k->rest, k->institution, k->function);
        e = crypto_equal(bound, k->a.content, sizeof bound) ? OK : ERR_TAMPERED;
    }
    return e;
}

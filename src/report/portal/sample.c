// Sample reports for a demonstration, sealed like any other.
#include <jansson.h>
#include <string.h>
#include "base/clock.h"
#include "report/portal/portal.h"

static const struct { const char *name; size_t at; } texts[] = {
#define TEXT(member) {#member, offsetof(struct report_given, member)}
    TEXT(language), TEXT(where), TEXT(address), TEXT(app), TEXT(account), TEXT(category), TEXT(reporter), TEXT(age_band), TEXT(county),
    TEXT(municipality), TEXT(seen), TEXT(text), TEXT(contact), TEXT(safe_to_contact),
#undef TEXT
};

static enum err read_sample(const json_t *root, struct report_given *out)
{
    if (!json_is_object(root))
        return ERR_MALFORMED;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const json_t *v = json_object_get(root, texts[i].name);
        if (json_is_string(v))
            *(struct str *)((char *)out + texts[i].at) = (struct str){json_string_value(v), json_string_length(v)};
    }
    out->in_danger = json_is_true(json_object_get(root, "in_danger"));
    return OK;
}

static void ignore(void *ctx, const char *field, enum message m)
{
    (void)ctx;
    (void)field;
    (void)m; // the caller learns ERR_INVALID; samples are ours
}

static enum err send_sample(struct services *sv, const struct report_content *c, int64_t now)
{
    struct directory_unit duty;
    struct receipt code;
    struct report_sealed sealed;
    struct report_clear clear = {
        .received = clock_minute(now),
        .category = c->category,
        .urgency_computed = report_urgency(sv->pack, c->category, c->in_danger, c->reporter, c->age_band),
        .in_danger = c->in_danger,
        .county = c->county,
        .language = c->language,
    };
    enum err e = directory_duty(sv->directory, now, &duty);
    if (e)
        return e;
    struct public_key tag_key = directory_tag_key(sv->directory);
    receipt_new(&code, directory_install_id(sv->directory));
    e = report_seal(c, &clear, &duty, &tag_key, &code, &sealed);
    if (!e)
        e = report_insert(sv->store, &sealed);
    report_sealed_free(&sealed);
    crypto_wipe(&code, sizeof code);
    return e;
}

enum err report_send_sample(struct services *sv, struct arena *a, struct str json, int64_t now)
{
    struct report_given g = {0};
    struct report_content c;
    json_t *root = json_loadb(json.n ? json.at : "", json.n, JSON_REJECT_DUPLICATES, NULL);
    enum err e = read_sample(root, &g);
    if (!e)
        e = report_check(sv->pack, a, &g, ignore, NULL, &c);
    if (!e)
        e = send_sample(sv, &c, now);
    json_decref(root);
    return e;
}

// The document: JSON while it is sealed, a page when it is read.
#include <time.h>
#include <jansson.h>
#include "base/clock.h"
#include "casefile/handlers.h"

page_fn casefile_alone_page;

static const struct field doc_fields[] = {
    FIELD(casefile_doc, isigurt_casefile, .about = "1: the version of this file."), FIELD(casefile_doc, id), FIELD(casefile_doc, case_id),
    FIELD(casefile_doc, number), FIELD(casefile_doc, lang), FIELD(casefile_doc, title), FIELD(casefile_doc, marking),
    FIELD(casefile_doc, made, .form = FORM_TIME), FIELD(casefile_doc, head, .of = &paper_fact_shape),
    FIELD(casefile_doc, warnings, .of = &paper_fact_shape), FIELD(casefile_doc, parts, .of = &paper_part_shape)};
static const struct shape doc_shape = {"casefile_doc", sizeof(struct casefile_doc),
                                       sizeof doc_fields / sizeof *doc_fields, doc_fields, "casefile_doc"};

enum err casefile_doc_write(struct buf *out, const struct casefile_doc *d)
{
    json_write(out, &doc_shape, d);
    return buf_ok(out);
}

static struct str text_of(struct arena *a, const json_t *of, const char *name)
{
    const json_t *v = json_object_get(of, name);
    return json_is_string(v) ? arena_str(a, (struct str){json_string_value(v), json_string_length(v)}) : STR("");
}

static struct list facts_of(struct arena *a, const json_t *of, const char *name)
{
    const json_t *all = json_object_get(of, name);
    size_t n = json_array_size(all);
    struct paper_fact *at = arena_array(a, n ? n : 1, sizeof *at);
    for (size_t i = 0; at && i < n; i++) {
        const json_t *f = json_array_get(all, i);
        at[i] = (struct paper_fact){text_of(a, f, "name"), text_of(a, f, "label"), text_of(a, f, "value"), text_of(a, f, "text")};
    }
    return (struct list){at, at ? n : 0};
}

static bool time_of(const json_t *of, const char *name, int64_t *out)
{
    struct tm t = {0};
    const char *said = json_string_value(json_object_get(of, name));
    const char *end = said ? strptime(said, "%Y-%m-%dT%H:%M:%SZ", &t) : NULL;
    *out = (int64_t)timegm(&t) * CLOCK_SECOND;
    return end && !*end;
}

enum err casefile_doc_read(struct arena *a, struct str json, struct casefile_doc *out)
{
    json_t *root = json_loadb(json.n ? json.at : "", json.n, JSON_REJECT_DUPLICATES, NULL);
    const json_t *version = json_object_get(root, "isigurt_casefile"), *all = json_object_get(root, "parts");
    struct casefile_doc d = {.isigurt_casefile = 1, .number = text_of(a, root, "number"), .lang = text_of(a, root, "lang"),
                             .title = text_of(a, root, "title"), .marking = text_of(a, root, "marking"),
                             .head = facts_of(a, root, "head"), .warnings = facts_of(a, root, "warnings")};
    bool fine = json_is_integer(version) && json_integer_value(version) == 1 && json_is_array(all) && time_of(root, "made", &d.made) &&
                !id_from_hex(text_of(a, root, "id"), &d.id) && !id_from_hex(text_of(a, root, "case_id"), &d.case_id);
    size_t n = json_array_size(all);
    struct paper_part *at = arena_array(a, n ? n : 1, sizeof *at);
    for (size_t i = 0; fine && at && i < n; i++) {
        const json_t *p = json_array_get(all, i);
        at[i] = (struct paper_part){.kind = text_of(a, p, "kind"), .title = text_of(a, p, "title"), .facts = facts_of(a, p, "facts")};
        fine = !id_from_hex(text_of(a, p, "id"), &at[i].id);
    }
    json_decref(root);
    d.parts = (struct list){at, n};
    if (arena_failed(a))
        return ERR_MEMORY;
    if (fine)
        *out = d;
    return fine ? OK : ERR_MALFORMED;
}

static const char style[] =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#000;background:#fff}"
    ".paper{width:100%;border-collapse:collapse}.paper td,.paper th{padding:0;text-align:left;font-weight:inherit}"
    ".marking{border:2px solid;padding:.25rem .5rem;font-weight:bold}dt{color:#444}dd{margin:0 0 .5rem}.lines{white-space:pre-wrap;overflow-wrap:anywhere}"
    "section{break-inside:avoid-page;border-top:1px solid #999;margin-top:1rem}.alert{border:2px solid;padding:.5rem;margin:1rem 0}"
    "@page{margin:15mm}@media print{body{margin:0;max-width:none;font-size:11pt}}";

enum err casefile_doc_html(struct buf *out, const struct casefile_doc *d)
{
    const struct req rq = {0}; // the template has no word of its own
    const struct casefile_out page = {.doc = *d};
    buf_put_z(out, "<!doctype html><html lang=\"");
    html_text(out, d->lang);
    buf_put_z(out, "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>");
    html_text(out, d->title);
    buf_put_z(out, "</title><style>");
    buf_put_z(out, style);
    buf_put_z(out, "</style></head><body>");
    casefile_alone_page(out, &rq, NULL, &page);
    buf_put_z(out, "</body></html>\n");
    return buf_ok(out);
}

enum err casefile_answer(struct req *rq, struct casefile_out *out)
{
    if (!rq->json)
        return arena_failed(rq->arena) ? ERR_MEMORY : OK;
    struct buf b;
    buf_init_secret(&b, CASEFILE_BYTES_MAX);
    enum err e = casefile_doc_write(&b, &out->doc);
    if (!e)
        rq->file = (struct attachment){arena_str(rq->arena, buf_str(&b)), STR("application/json"),
                                       arena_printf(rq->arena, "isigurt-%.*s.json", STR_ARG(out->doc.number))};
    buf_free(&b);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

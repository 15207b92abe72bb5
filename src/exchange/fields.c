// What a referral may share of a case, and the sealed copy of it. Nothing that was not chosen is written into the copy.
#include <jansson.h>
#include <string.h>
#include "exchange/handlers.h"

DB_QUERY(referral_reports_sql, "bi", "biTiiTtBbbibb",
         "select r.id, r.received, r.category, r.urgency_computed, r.in_danger, r.county, r.language, r.burst, r.kid, s.item, w.generation, "
         "w.kid, w.sealed from desk.case_report c join desk.report r on r.id = c.report join desk.report_sealed s on s.seq = r.seq "
         "join desk.child_wrap w on w.parent = c.case_id and w.child = c.report where c.case_id = $1 order by c.added, r.seq limit $2");

// The pack's list referral_field may name these, case_number, and what persons.c knows.
static const struct { const char *name; size_t at; } shared[] = {
#define SHARED(member) {#member, offsetof(struct report_content, member)}
    SHARED(category), SHARED(reporter), SHARED(age_band), SHARED(county), SHARED(municipality), SHARED(language), SHARED(address),
    SHARED(app), SHARED(account), SHARED(seen), SHARED(text), SHARED(contact), SHARED(safe_to_contact),
#undef SHARED
};
#define SHARED_N (sizeof shared / sizeof *shared)

struct source { struct id id; struct keeper_step step; struct keeper_item item; struct report_clear clear; };
struct sources { // path: as it is when the wraps are read, because a new key wraps them anew
    struct req *rq;
    struct id case_id;
    struct person side;
    struct keeper_path path;
    size_t n;
    struct source *at;
};

static enum err source_row(struct arena *a, const struct db_rows *r, struct id case_id, struct source *s)
{
    struct kid kid;
    struct str own = db_str(r, 8), child = db_str(r, 11);
    if (own.n != sizeof kid.b || child.n != sizeof kid.b || id_from_bytes(db_str(r, 0), &s->id))
        return ERR_TAMPERED;
    memcpy(kid.b, own.at, sizeof kid.b);
    s->clear = (struct report_clear){
        .received = db_int(r, 1), .category = arena_str(a, db_str(r, 2)), .urgency_computed = db_int(r, 3), .in_danger = db_int(r, 4) != 0,
        .county = arena_str(a, db_str(r, 5)), .language = arena_str(a, db_str(r, 6)), .burst = arena_str(a, db_str(r, 7)),
    };
    s->item = (struct keeper_item){.sealed = arena_str(a, db_str(r, 9))};
    report_item_ad(&s->item.ad, s->id, kid, &s->clear);
    s->step = (struct keeper_step){.parent = case_id, .child = s->id, .generation = (uint64_t)db_int(r, 10),
                                   .sealed = arena_str(a, db_str(r, 12))};
    memcpy(s->step.kid.b, child.at, sizeof kid.b);
    return arena_failed(a) ? ERR_MEMORY : OK;
}

static enum err sources_read(struct db *db, void *arg)
{
    struct sources *s = arg;
    struct db_rows *r;
    enum err e = case_path_db(db, s->rq->arena, &s->side, s->case_id, &s->path);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_NO_KEY : e;
    e = db_query(db, &referral_reports_sql, DB_ARGS(DB_ID(s->case_id), DB_I(REFERRAL_REPORTS_MAX)), &r);
    if (e)
        return e;
    for (s->n = 0; !e && db_next(r); s->n++)
        e = source_row(s->rq->arena, r, s->case_id, &s->at[s->n]);
    enum err done = db_done(&r);
    return done ? done : e;
}

static struct sources sources_of(struct req *rq, const struct keeper_path *path, struct id case_id)
{
    struct sources s = {.rq = rq, .case_id = case_id, .at = arena_array(rq->arena, REFERRAL_REPORTS_MAX, sizeof *s.at)};
    s.side.n_units = 1;
    s.side.units[0] = path->step[0].parent;
    return s;
}

bool referral_named(const struct list *names, const char *name)
{
    const struct str *at = names->at;
    for (size_t i = 0; i < names->n; i++)
        if (str_equal_z(at[i], name))
            return true;
    return false;
}

static void add(struct list *values, struct referral_value *at, struct id report, const char *name, struct str value)
{
    if (value.n)
        at[values->n++] = (struct referral_value){.report = report, .name = str_from(name), .value = value};
}

static enum err source_open(struct req *rq, const struct keeper_path *path, enum keeper_purpose purpose, struct source *s, struct report_content *out)
{
    struct keeper_path way = *path;
    if (way.n == KEEPER_PATH_MAX)
        return ERR_BUG;
    way.step[way.n++] = s->step;
    enum err e = keeper_open(rq->sv->keeper, &rq->token, purpose, &way, &s->item, 1, rq->arena);
    return e ? e : report_content_read(rq->arena, s->item.plain, out);
}

static void content_copy(const struct report_content *content, struct id report, const struct list *names, struct list *values,
                         struct referral_value *at)
{
    for (size_t f = 0; f < SHARED_N; f++)
        if (!names || referral_named(names, shared[f].name))
            add(values, at, report, shared[f].name, *(const struct str *)((const char *)content + shared[f].at));
    if (content->in_danger && (!names || referral_named(names, "in_danger")))
        add(values, at, report, "in_danger", STR("true"));
}

enum err referral_copy(struct req *rq, const struct keeper_path *path, struct id case_id, struct str case_number,
                       const struct list *names, struct list *values)
{
    struct sources s = sources_of(rq, path, case_id);
    struct referral_value *at = arena_array(rq->arena, 1 + REFERRAL_REPORTS_MAX * (SHARED_N + 1) + 2 * REFERRAL_PERSONS_MAX + 5, sizeof *at);
    bool any = referral_named(names, "in_danger");
    for (size_t f = 0; f < SHARED_N; f++)
        any |= referral_named(names, shared[f].name);
    if (!s.at || !at)
        return ERR_MEMORY;
    *values = (struct list){.at = at};
    if (referral_named(names, "case_number"))
        add(values, at, (struct id){{0}}, "case_number", case_number);
    enum err e = any ? store_read(rq->sv->store, sources_read, &s) : OK;
    for (size_t i = 0; i < s.n && !e; i++) {
        struct report_content content;
        e = source_open(rq, &s.path, PURPOSE_EXPORT, &s.at[i], &content);
        if (!e)
            content_copy(&content, s.at[i].id, names, values, at);
    }
    if (!e)
        e = referral_persons_copy(rq, path, case_id, names, at, &values->n);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err referral_report_copy(struct req *rq, const struct keeper_path *path, struct id case_id, struct id report, struct list *values)
{
    struct sources s = sources_of(rq, path, case_id);
    struct referral_value *at = arena_array(rq->arena, SHARED_N + 1, sizeof *at);
    struct report_content content;
    enum err e = s.at && at ? store_read(rq->sv->store, sources_read, &s) : ERR_MEMORY;
    if (e)
        return e;
    *values = (struct list){.at = at};
    for (size_t i = 0; i < s.n; i++)
        if (id_equal(s.at[i].id, report)) {
            e = source_open(rq, &s.path, PURPOSE_READ, &s.at[i], &content);
            if (!e)
                content_copy(&content, report, NULL, values, at);
            return e;
        }
    return ERR_NOT_FOUND;
}

// ── the sealed copy ──
static json_t *text_of(struct str s)
{
    return json_stringn(s.n ? s.at : "", s.n);
}

static json_t *hex_of(const void *bytes, size_t n)
{
    struct buf b;
    buf_init(&b, 512);
    buf_put_hex(&b, bytes, n);
    json_t *out = text_of(buf_str(&b));
    buf_free(&b);
    return out;
}

enum err referral_content_write(struct buf *out, const struct referral *r, const struct referral_content *c)
{
    json_t *values = json_array(), *root = json_object();
    const struct referral_value *at = c->values.at;
    int bad = 0;
    for (size_t i = 0; i < c->values.n; i++) {
        char hex[ID_HEX];
        json_t *one = json_object();
        bad |= json_object_set_new(one, "name", text_of(at[i].name));
        bad |= json_object_set_new(one, "value", text_of(at[i].value));
        if (!id_zero(at[i].report))
            bad |= json_object_set_new(one, "report", json_string(id_hex(at[i].report, hex)));
        bad |= json_array_append_new(values, one);
    }
    bad |= json_object_set_new(root, "kind", json_string(r->transfer ? "transfer" : "referral"));
    bad |= json_object_set_new(root, "purpose", text_of(r->purpose));
    bad |= json_object_set_new(root, "ground", text_of(r->ground));
    bad |= json_object_set_new(root, "consent", json_boolean(r->consent));
    bad |= json_object_set_new(root, "note", text_of(c->note));
    bad |= json_object_set_new(root, "reason", text_of(c->reason));
    bad |= json_object_set_new(root, "more_reason", text_of(c->more_reason));
    bad |= json_object_set_new(root, "urgency_reason", text_of(c->urgency_reason));
    if (c->untold)
        bad |= json_object_set_new(root, "untold", json_true());
    bad |= json_object_set_new(root, "fields", values);
    if (c->has_wrap) {
        bad |= json_object_set_new(root, "wrap", hex_of(c->wrap.sealed, sizeof c->wrap.sealed));
        bad |= json_object_set_new(root, "wrap_epoch", json_integer(c->wrap.epoch));
        bad |= json_object_set_new(root, "wrap_generation", json_integer((json_int_t)c->wrap_generation));
    }
    char *text = bad ? NULL : json_dumps(root, JSON_COMPACT);
    if (text) {
        buf_put_z(out, text);
        crypto_wipe(text, strlen(text));
        free(text);
    }
    json_decref(root);
    return text ? buf_ok(out) : ERR_MEMORY;
}

static struct str text_in(struct arena *a, const json_t *object, const char *name)
{
    const json_t *v = json_object_get(object, name);
    return json_is_string(v) ? arena_str(a, (struct str){json_string_value(v), json_string_length(v)}) : STR("");
}

static enum err wrap_in(struct arena *a, const json_t *root, struct referral_content *out)
{
    struct str hex = text_in(a, root, "wrap");
    if (!hex.n)
        return OK;
    if (!str_unhex(hex, out->wrap.sealed, sizeof out->wrap.sealed))
        return ERR_MALFORMED;
    out->wrap.epoch = (uint32_t)json_integer_value(json_object_get(root, "wrap_epoch"));
    out->wrap_generation = (uint64_t)json_integer_value(json_object_get(root, "wrap_generation"));
    out->has_wrap = true;
    return OK;
}

enum err referral_content_read(struct arena *a, struct str json, const struct referral *r, struct referral_content *out)
{
    json_t *root = json_loadb(json.n ? json.at : "", json.n, JSON_REJECT_DUPLICATES, NULL);
    const json_t *fields = json_object_get(root, "fields");
    struct referral_content c = {.note = text_in(a, root, "note"), .reason = text_in(a, root, "reason"),
                                  .more_reason = text_in(a, root, "more_reason"), .urgency_reason = text_in(a, root, "urgency_reason"),
                                  .untold = json_is_true(json_object_get(root, "untold"))};
    struct referral_value *at = arena_array(a, json_array_size(fields) + 1, sizeof *at);
    enum err e = !json_is_object(root) ? ERR_MALFORMED : !at ? ERR_MEMORY : wrap_in(a, root, &c);
    if (!e && (!str_equal(text_in(a, root, "purpose"), r->purpose) || !str_equal(text_in(a, root, "ground"), r->ground) ||
               !str_equal_z(text_in(a, root, "kind"), r->transfer ? "transfer" : "referral") ||
               json_is_true(json_object_get(root, "consent")) != r->consent))
        e = ERR_TAMPERED;
    for (size_t i = 0; i < json_array_size(fields) && !e; i++) {
        const json_t *one = json_array_get(fields, i);
        struct str report = text_in(a, one, "report");
        at[i] = (struct referral_value){.name = text_in(a, one, "name"), .value = text_in(a, one, "value")};
        if (report.n)
            e = id_from_hex(report, &at[i].report);
        c.values = (struct list){at, i + 1};
    }
    json_decref(root);
    if (!e && arena_failed(a))
        e = ERR_MEMORY;
    if (!e)
        *out = c;
    return e;
}

// Drafts: a new version from the newest one, its items changed, and put in force. One draft at a time.
#include <jansson.h>
#include <stdlib.h>
#include "plan/version.h"

DB_QUERY(plan_draft_sql, "ititttbi", "", "insert into desk.plan_version (number, title, document, based_on, reason, decision, from_day, changes, made_by, made_at) "
         "select $1, $2, $5, $3, $4, $6, null, 1, $7, $8 where not exists (select 1 from desk.plan_version where from_day is null)");
DB_QUERY(plan_document_put_sql, "iitt", "", "update desk.plan_version set title = $3, document = $4, changes = changes + 1 where number = $1 and changes = $2 "
         "and from_day is null");
DB_QUERY(plan_draft_drop_sql, "ii", "", "delete from desk.plan_version where number = $1 and changes = $2 and from_day is null");
DB_QUERY(plan_force_sql, "iiittbi", "", "update desk.plan_version set from_day = $3, reason = $4, decision = $5, forced_by = $6, forced_at = $7, changes = changes + 1 "
         "where number = $1 and changes = $2 and from_day is null");
DB_QUERY(plan_last_sql, "", "I", "select max(from_day) from desk.plan_version");

static enum err changed_one(struct db *db, const struct db_query *q, struct db_args args)
{
    int64_t changed = 0;
    enum err e = db_exec(db, q, args, &changed);
    return e ? e : changed == 1 ? OK : ERR_CONFLICT;
}

enum err plan_draft_db(struct db *db, struct arena *a, const struct pack *p, struct str title, struct str reason,
                       struct id person, int64_t now, int64_t *number)
{
    struct plan_version *all = arena_array(a, PLAN_VERSIONS_MAX, sizeof *all), last;
    size_t n = 0;
    enum err e = all ? plan_versions_db(db, a, all, &n) : ERR_MEMORY;
    size_t i = 0;
    while (!e && i < n && !all[i].from)
        i++;
    e = e ? e : i < n ? plan_version_db(db, a, p, all[i].number, &last) : ERR_NOT_FOUND;
    if (e)
        return e;
    *number = all[0].number + 1;
    return changed_one(db, &plan_draft_sql, DB_ARGS(DB_I(*number), DB_T(title), DB_I(last.number), DB_T(reason),
                                                    DB_T(last.document), DB_T(STR("")), DB_ID(person), DB_I(now)));
}

enum err plan_document_put_db(struct db *db, int64_t number, int64_t changes, struct str title, struct str document)
{
    return changed_one(db, &plan_document_put_sql, DB_ARGS(DB_I(number), DB_I(changes), DB_T(title), DB_T(document)));
}

enum err plan_draft_drop_db(struct db *db, int64_t number, int64_t changes)
{
    return changed_one(db, &plan_draft_drop_sql, DB_ARGS(DB_I(number), DB_I(changes)));
}

enum err plan_force_db(struct db *db, int64_t number, int64_t changes, int64_t from, struct str reason,
                       struct str decision, struct id person, int64_t now)
{
    struct db_rows *r;
    enum err e = db_query(db, &plan_last_sql, DB_ARGS(), &r);
    if (e)
        return e;
    int64_t last = db_next(r) && !db_null(r, 0) ? db_int(r, 0) : 0;
    e = db_done(&r);
    if (!e && from <= last)
        e = ERR_INVALID;
    return e ? e
           : changed_one(db, &plan_force_sql, DB_ARGS(DB_I(number), DB_I(changes), DB_I(from), DB_T(reason),
                                                      DB_T(decision), DB_ID(person), DB_I(now)));
}

// ── documents ──
static size_t place_of(const json_t *list, struct str code)
{
    size_t i = 0;
    while (i < json_array_size(list) && !str_equal(code, str_from(json_string_value(json_object_get(json_array_get(list, i), "code")))))
        i++;
    return i;
}

static struct str dumped(struct arena *a, const json_t *v)
{
    char *text = v ? json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    struct str out = text ? arena_str(a, str_from(text)) : STR("");
    free(text);
    return out;
}

struct str plan_document_with(struct arena *a, struct str document, const char *kind, struct str object)
{
    json_t *root = json_loadb(document.at, document.n, JSON_REJECT_DUPLICATES, NULL),
           *item = json_loadb(object.at, object.n, JSON_REJECT_DUPLICATES, NULL);
    json_t *list = json_object_get(root, kind);
    struct str out = STR("");
    if (json_is_array(list) && json_is_object(item)) {
        size_t at = place_of(list, str_from(json_string_value(json_object_get(item, "code"))));
        int failed = at < json_array_size(list) ? json_array_set(list, at, item) : json_array_append(list, item);
        out = failed ? out : dumped(a, root);
    }
    json_decref(item);
    json_decref(root);
    return out;
}

struct str plan_document_item(struct arena *a, struct str document, const char *kind, struct str code)
{
    json_t *root = json_loadb(document.at, document.n, JSON_REJECT_DUPLICATES, NULL);
    const json_t *list = json_object_get(root, kind);
    struct str out = dumped(a, json_array_get(list, place_of(list, code)));
    json_decref(root);
    return out;
}

// ── history ──
// The item in one version after another: members that one of two neighbours has otherwise.
static enum err compare(struct arena *a, int64_t number, json_t *before, json_t *after, plan_difference_fn *fn, void *ctx)
{
    const char *key;
    json_t *value;
    enum err e = OK;
    json_object_foreach(after, key, value) {
        const json_t *old = json_object_get(before, key);
        if (!e && (!old || !json_equal(old, value))) {
            struct plan_difference d = {number, str_from(key), dumped(a, old), dumped(a, value)};
            e = fn(ctx, &d);
        }
    }
    json_object_foreach(before, key, value) {
        if (!e && !json_object_get(after, key)) {
            struct plan_difference d = {number, str_from(key), dumped(a, value), STR("")};
            e = fn(ctx, &d);
        }
    }
    return e;
}

DB_QUERY(plan_documents_sql, "i", "it", "select number, document from desk.plan_version where from_day is not null order by number limit $1");

enum err plan_item_history_db(struct db *db, struct arena *a, const char *kind, struct str code, plan_difference_fn *fn, void *ctx)
{
    struct db_rows *r;
    json_t *last = NULL;
    enum err e = db_query(db, &plan_documents_sql, DB_ARGS(DB_I(PLAN_VERSIONS_MAX)), &r);
    if (e)
        return e;
    while (!e && db_next(r)) {
        struct str document = db_str(r, 1);
        json_t *root = json_loadb(document.at, document.n, 0, NULL), *list = json_object_get(root, kind);
        json_t *item = json_incref(json_array_get(list, place_of(list, code)));
        if (last || db_int(r, 0) > 1)
            e = compare(a, db_int(r, 0), last, item, fn, ctx);
        json_decref(last);
        json_decref(root);
        last = item;
    }
    json_decref(last);
    enum err done = db_done(&r);
    return done ? done : e ? e : arena_failed(a) ? ERR_MEMORY : OK;
}

// The addresses and accounts that reports name, brought over to the case's content track by themselves: each page once, as
// noted. What is noted holds nothing until a worker begins with it. The program reads the report for this, nobody does, so
// it counts as no exposure; the keeper writes it down and counts it like any opening.
#include <string.h>
#include "base/clock.h"
#include "base/url.h"
#include "casework/handlers.h"

#define REPORT_ARENA (4u * URL_ARENA)  // one report, open, and what is compared of it
#define KNOWN_ARENA (2u << 20)         // addresses that the case has, sealed and open
#define KNOWN_MAX 1000                 // entries about them

DB_QUERY(content_insert_sql, "bbtiit", "", "insert into desk.case_address (id, case_id, stage, opened, stage_at, version, hosted) "
         "values ($1, $2, $3, $4, $4, $5, $6)");

DB_QUERY(content_noted_sql, "bti", "b", "select id from desk.case_address where case_id = $1 and stage = $2 order by id limit $3");

enum err case_address_add_db(struct db *db, struct id case_id, struct id thing, struct str stage, struct str hosted, int64_t now)
{
    enum err e = db_exec(db, &content_insert_sql, DB_ARGS(DB_ID(thing), DB_ID(case_id), DB_T(stage), DB_I(clock_minute(now)), DB_I(1), DB_T(hosted)), NULL);
    return e || case_stage_ends(STR(CASE_CONTENT), stage) ? e : case_hold_db(db, case_id, TRACK_CONTENT, thing, true, now);
}

// Two are one where this is equal: as pages are compared that several reports name. What is no address as it stands.
static struct str sameness(struct arena *a, struct str app, struct str address)
{
    struct str page, host;
    if (app.n > 0)
        return url_account_compare(a, app, address);
    return url_compare(a, address, &page, &host) == URL_FINE ? page : address;
}

static bool key_known(const struct case_content *c, struct str key, struct id *of)
{
    for (size_t i = 0; i < c->n_keys; i++)
        if (str_equal(c->key[i], key)) {
            *of = c->of[i];
            return true;
        }
    return false;
}

static enum err key_note(struct case_content *c, struct str key, struct id of, bool *fresh)
{
    struct id known;
    *fresh = !key_known(c, key, &known);
    if (!*fresh || c->n_keys == CASE_CONTENT_KEYS)
        return OK;
    c->of[c->n_keys] = of;
    c->key[c->n_keys] = arena_str(c->rq->arena, key);
    return c->key[c->n_keys++].at ? OK : ERR_MEMORY;
}

static enum err bring_one(struct case_content *c, struct arena *a, struct id report, struct str app, struct str address)
{
    bool fresh = false;
    char hex[ID_HEX];
    if (address.n == 0 || c->n == CASE_CONTENT_MAX)
        return OK;
    enum err e = key_note(c, sameness(a, app, address), (struct id){{0}}, &fresh);
    if (e || !fresh)
        return e;
    struct words *w = &c->words[c->n];
    *w = (struct words){0};
    words_put(w, "address", arena_str(c->rq->arena, address));
    words_put(w, "app", arena_str(c->rq->arena, app));
    words_put(w, "stage", STR(CASE_CONTENT_NOTED));
    words_put(w, "hosted", app.n ? STR("platform") : STR(""));
    words_put(w, "reports", arena_str(c->rq->arena, str_from(id_hex(report, hex))));
    c->entry[c->n++] = (struct case_entry){.type = RECORD_CASE, .kind = STR("address"), .thing = id_random()};
    return arena_failed(c->rq->arena) || arena_failed(a) ? ERR_MEMORY : OK;
}

enum err case_content_report(struct case_content *c, const struct keeper_path *way, struct id report, const struct keeper_item *item)
{
    struct req *rq = c->rq;
    struct report_content told;
    struct keeper_item one = *item;
    struct arena *a = NULL;
    enum err e = arena_new(REPORT_ARENA, &a);
    if (!e)
        e = keeper_open(rq->sv->keeper, &rq->token, PURPOSE_ASSESS, way, &one, 1, a);
    if (e == ERR_LIMITED) { // enough was opened for a while: the case is not kept back by it
        c->unread++;
        arena_free(&a);
        return OK;
    }
    if (!e)
        e = report_content_read(a, one.plain, &told);
    if (!e)
        e = bring_one(c, a, report, STR(""), told.address);
    if (!e && told.app.n > 0)
        e = bring_one(c, a, report, told.app, told.account);
    else if (!e && told.account.n > 0)
        e = bring_one(c, a, report, text_get(text_default(), MSG_CASEWORK_APP_UNKNOWN), told.account);
    if (!e && arena_failed(a))
        e = ERR_MEMORY;
    arena_free(&a);
    return e;
}

// ── what the case has already ──
struct knowing { struct case_content *c; struct arena *a; struct list entries; };

static enum err known_read(struct db *db, void *arg)
{
    struct knowing *k = arg;
    return case_entries_of_db(db, k->a, k->c->rq->id, RECORD_CASE, STR("address"), (struct id){{0}}, KNOWN_MAX, &k->entries);
}

enum err case_content_known(struct case_content *c, const struct keeper_path *path)
{
    struct req *rq = c->rq;
    struct arena *answer = rq->arena;
    struct knowing k = {.c = c};
    enum err e = arena_new(KNOWN_ARENA, &k.a);
    if (!e)
        e = store_read(rq->sv->store, known_read, &k);
    union { const void *in; struct case_entry *out; } entries = {k.entries.at};
    rq->arena = k.a;
    if (!e)
        e = case_entries_open(rq, PURPOSE_ASSESS, path, entries.out, k.entries.n);
    rq->arena = answer;
    if (e == ERR_LIMITED)
        e = OK;
    for (size_t i = 0; i < k.entries.n && !e; i++) {
        struct words w = {0};
        bool fresh;
        if (!entries.out[i].plain.at || words_read(k.a, entries.out[i].plain, &w) || words_get(&w, "address").n == 0)
            continue;
        struct arena *a = NULL;
        e = arena_new(REPORT_ARENA, &a);
        if (!e)
            e = key_note(c, sameness(a, words_get(&w, "app"), words_get(&w, "address")), entries.out[i].thing, &fresh);
        arena_free(&a);
    }
    arena_free(&k.a);
    return e;
}

enum err case_content_same(struct req *rq, const struct keeper_path *path, struct str address, struct id *out)
{
    struct case_content *c = ARENA_NEW(rq->arena, struct case_content);
    struct arena *a = NULL;
    *out = (struct id){{0}};
    if (!c)
        return ERR_MEMORY;
    *c = (struct case_content){.rq = rq};
    enum err e = case_content_known(c, path);
    e = e ? e : arena_new(REPORT_ARENA, &a);
    if (!e && !key_known(c, sameness(a, STR(""), address), out) && arena_failed(a))
        e = ERR_MEMORY;
    arena_free(&a);
    return e;
}

// ── sealed and written with the opening ──
static enum err entry_seal(struct case_content *c, const struct keeper_path *path, const struct kid *kid, struct case_entry *to, const struct words *w)
{
    struct buf plain;
    buf_init_secret(&plain, CASE_ENTRY_BYTES_MAX);
    enum err e = words_write(&plain, w);
    if (!e)
        e = case_entry_seal(c->rq, path, buf_str(&plain), to);
    if (!e && !crypto_equal(to->kid.b, kid->b, sizeof kid->b))
        e = ERR_TAMPERED;
    buf_free(&plain);
    return e;
}

enum err case_content_seal(struct case_content *c, const struct keeper_path *path, struct id case_id, const struct kid *kid,
                           uint64_t generation, int64_t seq)
{
    enum err e = OK;
    if (c->unread > 0) { // said where everybody looks
        struct words *w = &c->words[c->n];
        *w = (struct words){0};
        words_put(w, "text", text_get(text_default(), MSG_CASEWORK_CONTENT_UNREAD));
        c->entry[c->n++] = (struct case_entry){.type = RECORD_CASE, .kind = STR("note")};
    }
    for (size_t i = 0; i < c->n && !e; i++) {
        c->entry[i].home = case_id;
        c->entry[i].generation = generation;
        c->entry[i].seq = seq + (int64_t)i;
        e = entry_seal(c, path, kid, &c->entry[i], &c->words[i]);
    }
    return e;
}

void case_content_unstored(struct case_content *c, struct id case_id)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->entry[i].sealed.n)
            keeper_unstored(c->rq->sv->keeper, &c->rq->token, case_id, c->entry[i].id);
    c->n = 0;
}

// ── what came with a report and waits ──
struct noting { struct req *rq; struct arena *a; struct list entries; struct id noted[CASE_THINGS_MAX]; size_t n; };

static enum err noted_read(struct db *db, void *arg)
{
    struct noting *g = arg;
    struct db_rows *r;
    g->n = 0;
    enum err e = db_query(db, &content_noted_sql, DB_ARGS(DB_ID(g->rq->id), DB_T(STR(CASE_CONTENT_NOTED)), DB_I(CASE_THINGS_MAX)), &r);
    if (e)
        return e;
    while (g->n < CASE_THINGS_MAX && db_next(r))
        if (id_from_bytes(db_str(r, 0), &g->noted[g->n++]))
            e = ERR_TAMPERED;
    enum err done = db_done(&r);
    e = done ? done : e;
    return e ? e : case_entries_of_db(db, g->a, g->rq->id, RECORD_CASE, STR("address"), (struct id){{0}}, KNOWN_MAX, &g->entries);
}

enum err case_content_noted(struct req *rq, const struct keeper_path *path, struct id report, struct id *out, size_t max, size_t *n)
{
    char hex[ID_HEX];
    struct arena *answer = rq->arena;
    struct noting *g = ARENA_NEW(rq->arena, struct noting);
    *n = 0;
    if (!g)
        return ERR_MEMORY;
    g->rq = rq;
    enum err e = arena_new(KNOWN_ARENA, &g->a);
    if (!e)
        e = store_read(rq->sv->store, noted_read, g);
    union { const void *in; struct case_entry *out; } entries = {g->entries.at};
    rq->arena = g->a;
    if (!e && g->n)
        e = case_entries_open(rq, PURPOSE_ASSESS, path, entries.out, g->entries.n);
    rq->arena = answer;
    for (size_t i = 0; i < g->entries.n && !e && g->n; i++) {
        struct words w = {0};
        bool noted = false;
        for (size_t k = 0; k < g->n; k++)
            noted = noted || id_equal(g->noted[k], entries.out[i].thing);
        if (noted && *n < max && entries.out[i].plain.at && !words_read(g->a, entries.out[i].plain, &w) &&
            str_equal_z(words_get(&w, "reports"), id_hex(report, hex)))
            out[(*n)++] = entries.out[i].thing;
    }
    arena_free(&g->a);
    return e;
}

enum err case_content_db(struct db *db, const struct case_content *c)
{
    enum err e = OK;
    for (size_t i = 0; i < c->n && !e; i++) {
        const struct case_entry *n = &c->entry[i];
        if (str_equal_z(n->kind, "address"))
            e = case_address_add_db(db, n->home, n->thing, STR(CASE_CONTENT_NOTED), words_get(&c->words[i], "hosted"), c->rq->now);
        if (!e)
            e = case_entry_db(db, n);
    }
    return e;
}

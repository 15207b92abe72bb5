#include "desk_frame.h"
#include <assert.h>
#include <string.h>
#include "vault/keeper.h"
#include "web/events.h"

DB_QUERY(frame_report_sql, "bitiiTtBbbbibbbbBbb", "",
         "insert into intake.report (id, received, category, urgency_computed, in_danger, county, language, burst, kid, item, unit, epoch, "
         "unit_wrap, thread, thread_kid, thread_wrap, tag_box, lookup, content) "
         "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)");
DB_QUERY(frame_message_sql, "bbbiiibb", "", "insert into intake.message (id, lookup, thread, seq, sent, withdraw, kid, item) "
         "values ($1, $2, $3, $4, $5, $6, $7, $8)");

void frame_keeper(struct keeper *k, struct id unit)
{
    struct key seed;
    memset(k, 0, sizeof *k);
    k->unit_id = unit;
    record_key(&seed);
    crypto_pair(&k->unit, &k->unit_secret, &seed);
    record_key(&seed);
    crypto_pair(&k->tag, &k->tag_secret, &seed);
}

// ── keeper.h, events.h: the linker gives the desk these instead (meson.build, --wrap) ──
enum err __wrap_keeper_open(struct keeper *k, const struct token *t, enum keeper_purpose purpose, const struct keeper_path *path,
                            struct keeper_item *items, size_t n, struct arena *arena);
enum err __wrap_keeper_seal(struct keeper *k, const struct token *t, const struct keeper_path *path, struct record_ad *ad,
                            struct str plain, struct buf *sealed);
enum err __wrap_keeper_audit(struct keeper *k, const struct token *t, uint16_t action, struct id object, struct id object2,
                             struct str detail, struct keeper_audit_at *at);
void __wrap_keeper_unstored(struct keeper *k, const struct token *t, struct id home, struct id item);
enum err __wrap_keeper_tag(struct keeper *k, struct keeper_tag *tags, size_t n);
enum err __wrap_keeper_acknowledge(struct keeper *k, const struct acknowledgement *a, uint8_t signature[SIGN_BYTES]);
enum err __wrap_keeper_session(struct keeper *k, const struct token *t, struct keeper_session *out);
void __wrap_events_publish(struct events *e, int64_t id, const char *event, struct id unit, enum perm perm, struct str data);

static enum err walk(struct keeper *k, const struct keeper_path *path, struct key *key)
{
    if (path->n == 0 || !path->step[0].unit || !id_equal(path->step[0].parent, k->unit_id))
        return ERR_NO_KEY;
    enum err e = crypto_unwrap(key, &k->unit, &k->unit_secret, path->step[0].sealed);
    for (size_t i = 1; i < path->n && !e; i++) {
        const struct keeper_step *s = &path->step[i];
        struct key child;
        e = record_unwrap_child(&child, key, s->parent, s->child, s->kid, s->generation, s->sealed);
        *key = child;
    }
    return e ? ERR_TAMPERED : OK;
}

enum err __wrap_keeper_open(struct keeper *k, const struct token *t, enum keeper_purpose purpose, const struct keeper_path *path,
                     struct keeper_item *items, size_t n, struct arena *arena)
{
    (void)t, (void)purpose;
    struct key key;
    assert(n > 0 && n <= KEEPER_ITEMS_MAX);
    enum err e = k->fails ? k->fails : walk(k, path, &key);
    for (size_t i = 0; i < n && !e; i++) {
        struct buf plain;
        struct kid kid = record_kid(&key);
        buf_init_secret(&plain, 1 << 17);
        e = memcmp(&kid, &items[i].ad.kid, sizeof kid) != 0 ? ERR_TAMPERED : record_open(&plain, &key, &items[i].ad, items[i].sealed);
        items[i].plain = arena_str(arena, buf_str(&plain));
        buf_free(&plain);
    }
    k->opened += !e;
    return e;
}

enum err __wrap_keeper_seal(struct keeper *k, const struct token *t, const struct keeper_path *path, struct record_ad *ad, struct str plain,
                     struct buf *sealed)
{
    (void)t;
    struct key key;
    if (k->meanwhile)
        k->meanwhile();
    enum err e = k->fails ? k->fails : walk(k, path, &key);
    if (e)
        return e;
    ad->kid = record_kid(&key);
    k->sealed++;
    return record_seal(sealed, &key, ad, plain);
}

enum err __wrap_keeper_audit(struct keeper *k, const struct token *t, uint16_t action, struct id object, struct id object2, struct str detail,
                      struct keeper_audit_at *at)
{
    (void)t, (void)object, (void)object2;
    assert(detail.n <= 256);
    if (k->fails)
        return k->fails;
    memcpy(at->writer, "testnode", sizeof at->writer);
    at->seq = ++k->audited;
    k->last_action = action;
    return OK;
}

void __wrap_keeper_unstored(struct keeper *k, const struct token *t, struct id home, struct id item)
{
    (void)k, (void)t, (void)home, (void)item;
}

enum err __wrap_keeper_session(struct keeper *k, const struct token *t, struct keeper_session *out)
{
    (void)k, (void)t, (void)out;
    return ERR_UNAUTHENTICATED; // rows are called with the person given
}

static void tag_of(uint8_t out[16], const struct keeper *k, const char *digest)
{
    static const char none[32];
    memset(out, 0, 16);
    if (memcmp(digest, none, sizeof none) != 0)
        crypto_digest(out, 16, "isigurt.tag....1", &k->tag_secret, CRYPTO_PARTS((struct str){digest, 32}));
}

enum err __wrap_keeper_tag(struct keeper *k, struct keeper_tag *tags, size_t n)
{
    assert(n <= 256);
    for (size_t i = 0; i < n && !k->fails; i++) {
        struct buf plain;
        buf_init(&plain, 64);
        tags[i].refused = crypto_unwrap_bytes(&plain, &k->tag, &k->tag_secret, tags[i].box) || plain.n != 64;
        if (!tags[i].refused) {
            tag_of(tags[i].page, k, plain.at);
            tag_of(tags[i].host, k, plain.at + 32);
        }
        buf_free(&plain);
        k->tagged++;
    }
    return k->fails;
}

// Not a signature: the desk does not look at it, and the real one is tested with the programs.
enum err __wrap_keeper_acknowledge(struct keeper *k, const struct acknowledgement *a, uint8_t signature[SIGN_BYTES])
{
    if (k->fails)
        return k->fails;
    memset(signature, 7, SIGN_BYTES);
    memcpy(signature, a->report.b, 16);
    k->acknowledged++;
    return OK;
}

void __wrap_events_publish(struct events *e, int64_t id, const char *event, struct id unit, enum perm perm, struct str data)
{
    (void)perm;
    assert(e->n < FRAME_EVENTS && data.n < sizeof e->at->data);
    struct frame_event *at = &e->at[e->n++];
    *at = (struct frame_event){.id = id, .unit = unit};
    strncpy(at->name, event, sizeof at->name - 1);
    memcpy(at->data, data.at, data.n);
}

// ── reports ──
void frame_report_seal(struct frame_report *r, const struct keeper *k, const char *text, const char *address)
{
    struct report_content c = {.language = r->clear.language, .where = address ? STR("page") : STR("none"), .category = r->clear.category,
                               .text = str_from(text), .in_danger = r->clear.in_danger};
    struct record_ad ad;
    struct buf json;
    uint8_t page[32] = {0}, host[32] = {0};
    buf_init(&json, RECORD_ITEM_MAX);
    if (address) {
        c.typed = c.address = c.page = str_from(address);
        page_digest(page, PAGE_ADDRESS, c.page);
        page_digest(host, PAGE_HOST, STR("keq.example"));
    }
    assert(report_content_write(&json, &c) == OK);
    report_item_ad(&ad, r->id, r->kid, &r->clear);
    buf_clear(&r->item);
    assert(record_seal(&r->item, &r->key, &ad, buf_str(&json)) == OK);
    buf_clear(&r->tag_box);
    if (address) {
        struct ephemeral from;
        crypto_ephemeral(&from);
        page_box(&r->tag_box, &from, &k->tag, page, host);
    }
    buf_free(&json);
}

void frame_report_make(struct frame_report *r, const struct keeper *k, const char *category, int64_t urgency, int64_t received,
                       const char *address, const char *text)
{
    memset(r, 0, sizeof *r);
    buf_init(&r->item, 1 << 17);
    buf_init(&r->tag_box, 256);
    r->id = id_random();
    r->unit = k->unit_id;
    r->thread = id_random();
    struct id lookup = id_random(), content = id_random();
    memcpy(r->lookup, &lookup, 16);
    memcpy(r->content, &content, 16);
    record_key(&r->key);
    record_key(&r->thread_key);
    r->kid = record_kid(&r->key);
    r->thread_kid = record_kid(&r->thread_key);
    r->clear = (struct report_clear){.received = received, .category = str_from(category), .urgency_computed = urgency,
                                     .language = STR("sq"), .county = STR("Korçë"), .in_danger = urgency == 1};
    record_wrap_unit(r->unit_wrap, &k->unit, &r->key);
    record_wrap_child(r->thread_wrap, &r->key, r->id, r->thread, r->thread_kid, 0, &r->thread_key);
    frame_report_seal(r, k, text, address);
}

void frame_report_free(struct frame_report *r)
{
    buf_free(&r->item);
    buf_free(&r->tag_box);
}

static enum err send_write(struct db *db, void *arg)
{
    const struct frame_report *r = arg;
    const struct report_clear *c = &r->clear;
    return db_exec(db, &frame_report_sql,
                   DB_ARGS(DB_ID(r->id), DB_I(c->received), DB_T(c->category), DB_I(c->urgency_computed), DB_I(c->in_danger),
                           DB_T_OR_NULL(c->county), DB_T(c->language), c->burst.n ? DB_B(c->burst) : DB_NULL, DB_B(STR_BYTES(r->kid.b)),
                           DB_B(buf_str(&r->item)), DB_ID(r->unit), DB_I(1), DB_B(STR_BYTES(r->unit_wrap)), DB_ID(r->thread),
                           DB_B(STR_BYTES(r->thread_kid.b)), DB_B(STR_BYTES(r->thread_wrap)),
                           r->tag_box.n ? DB_B(buf_str(&r->tag_box)) : DB_NULL, DB_B(STR_BYTES(r->lookup)), DB_B(STR_BYTES(r->content))),
                   NULL);
}

enum err frame_report_send(struct store *portal, const struct frame_report *r)
{
    return store_write(portal, send_write, (void *)(uintptr_t)r);
}

struct frame_message { const struct frame_report *r; struct id id; int64_t seq, sent; bool withdraw; struct buf item; };

static enum err message_write(struct db *db, void *arg)
{
    const struct frame_message *m = arg;
    return db_exec(db, &frame_message_sql, DB_ARGS(DB_ID(m->id), DB_B(STR_BYTES(m->r->lookup)), DB_ID(m->r->thread), DB_I(m->seq),
                                                   DB_I(m->sent), DB_I(m->withdraw), DB_B(STR_BYTES(m->r->thread_kid.b)),
                                                   DB_B(buf_str(&m->item))), NULL);
}

enum err frame_message_send(struct store *portal, const struct frame_report *r, int64_t seq, int64_t sent, const char *text,
                            bool withdraw, struct id *id)
{
    struct frame_message m = {.r = r, .id = id_random(), .seq = seq, .sent = sent, .withdraw = withdraw};
    struct record_ad ad;
    buf_init(&m.item, 1 << 17);
    report_message_ad(&ad, r->thread, m.id, r->thread_kid, RECORD_UP, (uint64_t)seq, sent);
    enum err e = record_seal(&m.item, &r->thread_key, &ad, str_from(text));
    if (!e)
        e = store_write(portal, message_write, &m);
    buf_free(&m.item);
    *id = m.id;
    return e;
}

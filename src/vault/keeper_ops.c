// What the desk asks of the keeper: records, entries, tags, units and persons.
#include <string.h>
#include "vault/call.h"

// --- records

bool call_path_fits(const struct keeper_path *path)
{
    bool fits = path->n >= 1 && path->n <= KEEPER_PATH_MAX;
    for (size_t i = 0; fits && i < path->n; i++) {
        fits = path->step[i].unit == (i == 0) && path->step[i].sealed.n == (i == 0 ? BOX_BYTES : RECORD_WRAP_BYTES);
    }
    return fits;
}

// How many of the items go into one packet, request and answer.
static size_t batch_of(const struct keeper_item *items, size_t n)
{
    size_t request = 2048, plain = 0, count = 0; // 2 KiB: head and path
    for (; count < n && count < KEEPER_ITEMS_MAX; count++) {
        request += 4 + WIRE_AD_BYTES + 4 + items[count].sealed.n;
        plain += items[count].sealed.n;
        if (count && (request > WIRE_BYTES_MAX || plain > WIRE_PLAIN_MAX)) {
            break;
        }
    }
    return count;
}

static enum err open_batch(struct keeper *k, const struct token *t, enum keeper_purpose purpose, const struct keeper_path *path,
                           struct keeper_item *items, size_t n, struct arena *arena)
{
    struct call c;
    enum err e = call_begin(&c, k, OP_OPEN, t);
    if (e) {
        return e;
    }
    wire_put_u8(&c.out, (uint8_t)purpose);
    wire_put_path(&c.out, path);
    wire_put_u8(&c.out, (uint8_t)n);
    for (size_t i = 0; i < n; i++) {
        wire_put_ad(&c.out, &items[i].ad);
        wire_put(&c.out, items[i].sealed);
    }
    e = call_ask(&c, n);
    for (size_t i = 0; !e && i < n; i++) {
        items[i].plain = arena_str(arena, c.answer.plain[i]);
    }
    if (!e && arena_failed(arena)) {
        e = ERR_MEMORY;
    }
    call_end(&c);
    return e;
}

enum err keeper_open(struct keeper *k, const struct token *t, enum keeper_purpose purpose, const struct keeper_path *path,
                     struct keeper_item *items, size_t n, struct arena *arena)
{
    if (!call_path_fits(path) || n < 1 || n > KEEPER_ITEMS_MAX) {
        return ERR_MALFORMED;
    }
    for (size_t i = 0; i < n; i++) {
        if (items[i].sealed.n < SEAL_EXTRA || items[i].sealed.n > WIRE_SEALED_MAX) {
            return ERR_TAMPERED;
        }
    }
    enum err e = OK;
    for (size_t done = 0; !e && done < n;) {
        size_t now = batch_of(items + done, n - done);
        e = open_batch(k, t, purpose, path, items + done, now, arena);
        done += now;
    }
    return e;
}

enum err keeper_seal(struct keeper *k, const struct token *t, const struct keeper_path *path, struct record_ad *ad,
                     struct str plain, struct buf *sealed)
{
    if (!call_path_fits(path)) {
        return ERR_MALFORMED;
    }
    if (plain.n > RECORD_ITEM_MAX) {
        return ERR_TOO_LARGE;
    }
    struct call c;
    enum err e = call_begin(&c, k, OP_SEAL, t);
    if (e) {
        return e;
    }
    wire_put_path(&c.out, path);
    wire_put_ad(&c.out, ad);
    wire_put(&c.out, plain);
    e = call_ask(&c, 0);
    if (!e) {
        buf_put(sealed, c.answer.sealed);
        e = buf_ok(sealed);
    }
    if (!e) {
        ad->kid = c.answer.kid;
    }
    call_end(&c);
    return e;
}

// --- audit, tags

enum err keeper_audit(struct keeper *k, const struct token *t, uint16_t action, struct id object, struct id object2,
                      struct str detail, struct keeper_audit_at *at)
{
    if (detail.n > AUDIT_DETAIL_MAX) {
        return ERR_TOO_LARGE;
    }
    struct call c;
    enum err e = call_begin(&c, k, OP_AUDIT, t);
    if (e) {
        return e;
    }
    wire_put_u16(&c.out, action);
    wire_put(&c.out, id_bytes(&object));
    wire_put(&c.out, id_bytes(&object2));
    wire_put(&c.out, detail);
    e = call_ask(&c, 0);
    if (!e && at) {
        *at = c.answer.at;
    }
    call_end(&c);
    return e;
}

enum err keeper_tag(struct keeper *k, struct keeper_tag *tags, size_t n)
{
    if (n == 0) {
        return OK;
    }
    if (n > WIRE_TAGS_MAX) {
        return ERR_TOO_LARGE;
    }
    static const uint8_t no_box[WIRE_BOX_BYTES]; // of another length: it opens for nobody, as it should
    struct call c;
    enum err e = call_begin(&c, k, OP_TAG, NULL);
    if (e) {
        return e;
    }
    buf_put_le(&c.out, n * WIRE_TAG_BYTES, 4);
    for (size_t i = 0; i < n; i++) {
        buf_put(&c.out, id_bytes(&tags[i].report));
        buf_put(&c.out, tags[i].box.n == WIRE_BOX_BYTES ? tags[i].box : STR_BYTES(no_box));
        buf_put(&c.out, STR_BYTES(tags[i].item_hash));
    }
    e = call_ask(&c, n);
    for (size_t i = 0; !e && i < n; i++) {
        const char *at = c.answer.tags.at + i * WIRE_TAG_ANSWER_BYTES;
        tags[i].refused = at[0] != 0;
        memcpy(tags[i].page, at + 1, 16);
        memcpy(tags[i].host, at + 17, 16);
    }
    call_end(&c);
    return e;
}

enum err keeper_erase(struct keeper *k, const struct token *t, struct id thing, const struct keeper_audit_at *asked,
                      const struct keeper_erase *at, size_t n)
{
    static const struct keeper_audit_at nothing;
    const struct keeper_audit_at *of = asked ? asked : &nothing;
    uint8_t seq[8];
    if (n == 0) {
        return OK;
    }
    if (n > KEEPER_ERASE_MAX) {
        return ERR_TOO_LARGE;
    }
    struct call c;
    enum err e = call_begin(&c, k, OP_ERASE, t);
    if (e) {
        return e;
    }
    for (size_t i = 0; i < 8; i++) {
        seq[i] = (uint8_t)(of->seq >> 8 * i);
    }
    wire_put(&c.out, id_bytes(&thing));
    wire_put(&c.out, STR_BYTES(of->writer));
    wire_put(&c.out, STR_BYTES(seq));
    buf_put_le(&c.out, n * WIRE_ERASE_BYTES, 4);
    for (size_t i = 0; i < n; i++) {
        buf_put_le(&c.out, at[i].is_case ? RECORD_CASE : RECORD_REPORT, 1);
        buf_put(&c.out, id_bytes(&at[i].id));
        buf_put(&c.out, STR_BYTES(at[i].hash));
    }
    return call_plain(&c);
}

enum err keeper_acknowledge(struct keeper *k, const struct acknowledgement *a, uint8_t signature[SIGN_BYTES])
{
    uint8_t received[8];
    struct call c;
    enum err e = call_begin(&c, k, OP_ACKNOWLEDGE, NULL);
    if (e) {
        return e;
    }
    for (size_t i = 0; i < 8; i++) {
        received[i] = (uint8_t)((uint64_t)a->received >> 8 * i);
    }
    wire_put(&c.out, id_bytes(&a->report));
    wire_put(&c.out, STR_BYTES(received));
    wire_put(&c.out, STR_BYTES(a->content));
    wire_put(&c.out, a->category);
    e = call_ask(&c, 0);
    if (!e) {
        memcpy(signature, c.answer.sealed.at, SIGN_BYTES);
    }
    call_end(&c);
    return e;
}

enum err keeper_ping(struct keeper *k, uint64_t *audit_seq)
{
    struct call c;
    enum err e = call_begin(&c, k, OP_PING, NULL);
    if (e) {
        return e;
    }
    e = call_ask(&c, 0);
    if (!e) {
        *audit_seq = c.answer.at.seq;
    }
    call_end(&c);
    return e;
}

// --- units and persons

static enum err unit_call(struct keeper *k, uint8_t op, const struct token *t, struct id unit, struct id person)
{
    struct call c;
    enum err e = call_begin(&c, k, op, t);
    if (e) {
        return e;
    }
    wire_put(&c.out, id_bytes(&unit));
    wire_put(&c.out, id_bytes(&person));
    if (op == OP_ROTATE) {
        wire_put_u8(&c.out, 0);
    }
    e = call_plain(&c);
    call_cache_clear(k);
    return e;
}

enum err keeper_admit(struct keeper *k, const struct token *t, struct id unit, struct id person)
{
    return unit_call(k, OP_ADMIT, t, unit, person);
}

enum err keeper_rotate(struct keeper *k, const struct token *t, struct id unit, struct id leaver)
{
    return unit_call(k, OP_ROTATE, t, unit, leaver);
}

enum err keeper_confirm(struct keeper *k, const struct token *t, struct id unit)
{
    struct call c;
    enum err e = call_begin(&c, k, OP_CONFIRM, t);
    if (e) {
        return e;
    }
    wire_put(&c.out, id_bytes(&unit));
    return call_plain(&c);
}

enum err keeper_recover(struct keeper *k, const struct token *t, struct id unit, struct str share_a, struct str share_b)
{
    struct call c;
    if (share_a.n != BOX_BYTES || share_b.n != BOX_BYTES) {
        return ERR_MALFORMED;
    }
    enum err e = call_begin(&c, k, OP_RECOVER, t);
    if (e) {
        return e;
    }
    wire_put(&c.out, id_bytes(&unit));
    wire_put(&c.out, share_a);
    wire_put(&c.out, share_b);
    e = call_plain(&c);
    call_cache_clear(k);
    return e;
}

enum err keeper_password(struct keeper *k, const struct token *t, struct str old, struct str fresh, struct str totp)
{
    if (old.n > PASSWORD_BYTES_MAX || totp.n > WIRE_TOTP_MAX) {
        return ERR_FORBIDDEN; // as any wrong one: the session is well
    }
    if (fresh.n > PASSWORD_BYTES_MAX) {
        return ERR_INVALID;
    }
    struct call c;
    enum err e = call_begin(&c, k, OP_PASSWORD, t);
    if (e) {
        return e;
    }
    wire_put(&c.out, old);
    wire_put(&c.out, fresh);
    wire_put(&c.out, totp);
    e = call_plain(&c);
    call_cache_clear(k);
    return e;
}

enum err keeper_end(struct keeper *k, const struct token *t, struct id person)
{
    struct call c;
    enum err e = call_begin(&c, k, OP_END, t);
    if (e) {
        return e;
    }
    wire_put(&c.out, id_bytes(&person));
    e = call_plain(&c);
    call_cache_clear(k);
    return e;
}

static enum err person_call(struct keeper *k, const struct token *t, enum wire_person what, struct id person, struct str user,
                            uint32_t roles, struct str password, struct id *made, struct buf *totp_secret)
{
    if (user.n > NAME_MAX_BYTES || password.n > PASSWORD_BYTES_MAX) {
        return ERR_INVALID;
    }
    struct call c;
    enum err e = call_begin(&c, k, OP_PERSON, t);
    if (e) {
        return e;
    }
    wire_put_u8(&c.out, (uint8_t)what);
    wire_put(&c.out, id_bytes(&person));
    wire_put(&c.out, user);
    wire_put_u32(&c.out, roles);
    wire_put(&c.out, password);
    e = call_ask(&c, 0);
    if (!e && totp_secret) {
        buf_put(totp_secret, c.answer.totp);
        e = buf_ok(totp_secret);
    }
    if (!e && made) {
        *made = c.answer.person;
    }
    call_end(&c);
    call_cache_clear(k);
    return e;
}

enum err keeper_person_add(struct keeper *k, const struct token *t, struct str user, uint32_t roles, struct str password,
                           struct id *person, struct buf *totp_secret)
{
    return person_call(k, t, WIRE_PERSON_CREATE, (struct id){{0}}, user, roles, password, person, totp_secret);
}

enum err keeper_person_roles(struct keeper *k, const struct token *t, struct id person, uint32_t roles)
{
    return person_call(k, t, WIRE_PERSON_ROLES, person, STR(""), roles, STR(""), NULL, NULL);
}

enum err keeper_person_disable(struct keeper *k, const struct token *t, struct id person, bool disabled)
{
    return person_call(k, t, disabled ? WIRE_PERSON_DISABLE : WIRE_PERSON_ENABLE, person, STR(""), 0, STR(""), NULL, NULL);
}

enum err keeper_person_reset(struct keeper *k, const struct token *t, struct id person, struct str password,
                             struct buf *totp_secret)
{
    return person_call(k, t, WIRE_PERSON_RESET, person, STR(""), 0, password, NULL, totp_secret);
}

void keeper_unstored(struct keeper *k, const struct token *t, struct id home, struct id item)
{
    struct keeper_audit_at at;
    enum err e = keeper_audit(k, t, AUDIT_UNSTORED, home, item, STR(""), &at);
    (void)e;
}

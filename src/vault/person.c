#include "vault/person.h"
#include <liboath/oath.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/rand.h"

#define TOTP_DIGITS 6
#define WRAP_LABEL "isigurt.person.1"
#define TOTP_LABEL "isigurt.totp...1"

void person_start(void)
{
    if (oath_init() != OATH_OK) {
        abort();
    }
}

enum err person_name(struct str typed, char out[static NAME_MAX_BYTES + 1])
{
    struct str s = str_trim(typed);
    if (s.n == 0 || s.n > NAME_MAX_BYTES) {
        return ERR_INVALID;
    }
    char name[NAME_MAX_BYTES + 1] = {0};
    for (size_t i = 0; i < s.n; i++) {
        char c = s.at[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-' && c != '@') {
            return ERR_INVALID;
        }
        name[i] = c;
    }
    memcpy(out, name, sizeof name);
    return OK;
}

// pw = H(32, "isigurt.pass...1", KM1, argon ‖ person)
static enum err password_key(const struct vault_keys *keys, struct id person, struct str password, const uint8_t *salt,
                             uint64_t ops, uint64_t mem, struct key *out)
{
    struct key argon;
    enum err e = crypto_password(&argon, password, salt, ops, mem);
    if (!e) {
        crypto_digest(out->b, KEY_BYTES, "isigurt.pass...1", &keys->password,
                      CRYPTO_PARTS(STR_BYTES(argon.b), id_bytes(&person)));
    }
    crypto_wipe(&argon, sizeof argon);
    return e;
}

struct wrap_ad { uint8_t b[16 + 16 + 32]; };

static struct wrap_ad wrap_ad(const struct person_row *p)
{
    struct wrap_ad ad;
    memcpy(ad.b, WRAP_LABEL, 16);
    memcpy(ad.b + 16, p->id.b, 16);
    memcpy(ad.b + 32, p->pk.b, 32);
    return ad;
}

// E(key, ad, m) into exactly n bytes.
static enum err seal_exact(uint8_t *out, size_t n, const struct key *key, struct str ad, struct str m)
{
    struct buf b;
    buf_init(&b, n);
    crypto_seal(&b, key, ad, m);
    enum err e = buf_ok(&b);
    if (!e) {
        memcpy(out, b.at, n);
    }
    buf_free(&b);
    return e;
}

static enum err open_exact(void *out, size_t n, const struct key *key, struct str ad, struct str sealed)
{
    struct buf b;
    buf_init_secret(&b, n);
    enum err e = crypto_open(&b, key, ad, sealed);
    if (!e && b.n != n) {
        e = ERR_TAMPERED;
    }
    if (!e) {
        memcpy(out, b.at, n);
    }
    buf_free(&b);
    return e;
}

enum err person_rewrap(const struct vault_keys *keys, struct person_row *p, struct str password, const struct key *sk)
{
    if (password.n < PASSWORD_BYTES_MIN || password.n > PASSWORD_BYTES_MAX) {
        return ERR_INVALID;
    }
    struct person_row fresh = *p;
    struct key pw;
    crypto_password_cost(&fresh.ops, &fresh.mem);
    rand_bytes(fresh.salt, sizeof fresh.salt);
    enum err e = password_key(keys, p->id, password, fresh.salt, fresh.ops, fresh.mem, &pw);
    struct wrap_ad ad = wrap_ad(p);
    e = e ? e : seal_exact(fresh.wrap, sizeof fresh.wrap, &pw, STR_BYTES(ad.b), STR_BYTES(sk->b));
    crypto_wipe(&pw, sizeof pw);
    if (!e) {
        *p = fresh;
    }
    return e;
}

static enum err totp_make(const struct vault_keys *keys, struct person_row *p, struct buf *base32)
{
    uint8_t secret[TOTP_SECRET_BYTES], ad[32];
    char *text = NULL;
    size_t n = 0;
    rand_bytes(secret, sizeof secret);
    memcpy(ad, TOTP_LABEL, 16);
    memcpy(ad + 16, p->id.b, 16);
    enum err e = seal_exact(p->totp, sizeof p->totp, &keys->totp, STR_BYTES(ad), STR_BYTES(secret));
    if (!e && oath_base32_encode((const char *)secret, sizeof secret, &text, &n) != OATH_OK) {
        e = ERR_MEMORY;
    }
    if (!e) {
        buf_put(base32, (struct str){text, n}); // 20 bytes are 32 letters: no '=' at the end
        e = buf_ok(base32);
    }
    if (text) {
        crypto_wipe(text, n);
        free(text);
    }
    crypto_wipe(secret, sizeof secret);
    p->totp_step = 0;
    return e;
}

enum err person_make(const struct vault_keys *keys, struct id id, struct str name, uint32_t roles, struct str password,
                     int64_t now, struct person_row *out, struct buf *totp_base32)
{
    struct person_row p = {.id = id, .roles = roles, .created = now};
    struct { struct key seed, sk; } s;
    enum err e = person_name(name, p.name);
    if (e) {
        return e;
    }
    rand_bytes(s.seed.b, KEY_BYTES);
    crypto_pair(&p.pk, &s.sk, &s.seed);
    e = person_rewrap(keys, &p, password, &s.sk);
    e = e ? e : totp_make(keys, &p, totp_base32);
    crypto_wipe(&s, sizeof s);
    if (!e) {
        *out = p;
    }
    return e;
}

enum err person_unlock(const struct vault_keys *keys, const struct person_row *p, struct str password, struct key *sk)
{
    struct key pw;
    if (!p) {
        static const uint8_t salt[PASSWORD_SALT_BYTES] = "nobody";
        uint64_t ops, mem;
        crypto_password_cost(&ops, &mem);
        enum err e = password_key(keys, (struct id){{0}}, password, salt, ops, mem, &pw);
        crypto_wipe(&pw, sizeof pw);
        return e ? e : ERR_UNAUTHENTICATED;
    }
    enum err e = password_key(keys, p->id, password, p->salt, p->ops, p->mem, &pw);
    if (!e) {
        struct wrap_ad ad = wrap_ad(p);
        e = open_exact(sk->b, KEY_BYTES, &pw, STR_BYTES(ad.b), STR_BYTES(p->wrap));
        e = e == ERR_TAMPERED ? ERR_UNAUTHENTICATED : e; // the row's MAC stood: it is the password
    }
    crypto_wipe(&pw, sizeof pw);
    return e;
}

enum err person_totp(const struct vault_keys *keys, const struct person_row *p, struct str code, int64_t now, int64_t *step)
{
    uint8_t secret[TOTP_SECRET_BYTES], ad[32];
    memcpy(ad, TOTP_LABEL, 16);
    memcpy(ad + 16, p->id.b, 16);
    enum err e = open_exact(secret, sizeof secret, &keys->totp, STR_BYTES(ad), STR_BYTES(p->totp));
    if (e) {
        return e;
    }
    int64_t present = now / CLOCK_SECOND / TOTP_STEP_SECONDS, found = -1;
    char right[TOTP_DIGITS + 1];
    for (int64_t s = present - 1; s <= present + 1; s++) {
        int made = oath_totp_generate((const char *)secret, sizeof secret, (time_t)(s * TOTP_STEP_SECONDS), TOTP_STEP_SECONDS,
                                      0, TOTP_DIGITS, right);
        if (made != OATH_OK) {
            e = ERR_BUG;
        } else if (code.n == TOTP_DIGITS && crypto_equal(code.at, right, TOTP_DIGITS)) {
            found = s;
        }
    }
    crypto_wipe(secret, sizeof secret);
    crypto_wipe(right, sizeof right);
    if (!e && (found < 0 || found <= p->totp_step)) {
        e = ERR_UNAUTHENTICATED;
    }
    if (!e) {
        *step = found;
    }
    return e;
}

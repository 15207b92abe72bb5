// Floods (docs/protocol.md, "Floods, disk, proxy"): a bounded count for each network prefix, in memory only, and two ways on
// for those above it: work for a computer, waiting for a person. Nothing is ever closed for everybody, and whoever says that
// somebody is in danger is always let in; their reports are grouped instead, so that the desk rings once.
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/rand.h"
#include "report/portal/portal.h"

#define BUCKETS 65536u
#define WINDOW (10 * CLOCK_MINUTE)
#define TOKEN_LIFE (30 * CLOCK_MINUTE)
#define TOKEN_BYTES_RAW 48   // id 16, made 8 (µs), mac 24
#define SIP_KEY 16
#define USED_NEAR 8u         // places looked at for one used token
#define WORK_NONCE_MAX 20    // digits

struct bucket { uint32_t window, all, danger; };
struct used { uint64_t id; int64_t until; };

struct flood {
    pthread_mutex_t lock;
    struct bucket prefix[BUCKETS], same[BUCKETS];
    struct used used[BUCKETS];
    uint8_t sip[SIP_KEY]; // of the hour
    int64_t hour;
    uint8_t same_sip[SIP_KEY]; // of this start
    struct key key;                         // of this start: tickets, and the names of bursts
    int64_t limit, bits, wait;
};

enum err flood_new(int64_t limit, int64_t bits, int64_t ticket_seconds, struct flood **out)
{
    struct flood *f = calloc(1, sizeof *f); // 2.5 MiB of zero pages; the kernel gives those that are touched
    if (f == NULL)
        return ERR_MEMORY;
    if (pthread_mutex_init(&f->lock, NULL) != 0) {
        free(f);
        return ERR_MEMORY;
    }
    f->limit = limit;
    f->bits = bits;
    f->wait = ticket_seconds;
    rand_bytes(f->same_sip, sizeof f->same_sip);
    rand_bytes(f->key.b, sizeof f->key.b);
    *out = f;
    return OK;
}

void flood_free(struct flood **f)
{
    if (*f == NULL)
        return;
    pthread_mutex_destroy(&(*f)->lock);
    crypto_wipe(*f, sizeof **f);
    free(*f);
    *f = NULL;
}

int64_t flood_bits(const struct flood *f) { return f->bits; }
int64_t flood_wait(const struct flood *f) { return f->wait; }

uint64_t flood_sameness(struct flood *f, struct str page, struct str account, struct str text)
{
    struct str s = page.n > 0 ? page : account.n > 0 ? account : text;
    return s.n == 0 ? 0 : crypto_siphash(f->same_sip, s) | 1; // 0 means: nothing to compare
}

static struct bucket *bucket_at(struct bucket *all, uint64_t hash, int64_t now)
{
    struct bucket *b = &all[hash % BUCKETS];
    uint32_t window = (uint32_t)(now / WINDOW);
    if (b->window != window)
        *b = (struct bucket){.window = window};
    return b;
}

static bool count(struct flood *f, uint32_t *n)
{
    if (*n < UINT32_MAX)
        ++*n;
    return *n > f->limit;
}

// ── tokens ──

static void token_mac(const struct flood *f, const uint8_t *raw, uint8_t mac[24])
{
    struct str part = {(const char *)raw, 24};
    crypto_digest(mac, 24, "isigurt.ticket.1", &f->key, 1, &part);
}

void flood_token(struct flood *f, int64_t now, char out[static FLOOD_TOKEN])
{
    uint8_t raw[TOKEN_BYTES_RAW];
    rand_bytes(raw, 16);
    memcpy(raw + 16, &now, 8);
    token_mac(f, raw, raw + 24);
    struct buf hex;
    buf_init(&hex, FLOOD_TOKEN - 1);
    buf_put_hex(&hex, raw, sizeof raw);
    assert(!hex.failed);
    memcpy(out, hex.at, hex.n);
    out[hex.n] = '\0';
    buf_free(&hex);
}

static bool read_hex(struct str s, uint8_t out[TOKEN_BYTES_RAW])
{
    for (size_t i = 0; i < TOKEN_BYTES_RAW; i += 16) {
        struct id part; // whose reader knows the digits
        if (id_from_hex(str_slice(s, 2 * i, 2 * i + 32), &part) != OK)
            return false;
        memcpy(out + i, part.b, 16);
    }
    return true;
}

static bool token_read(const struct flood *f, struct str token, uint64_t *id, int64_t *made)
{
    uint8_t raw[TOKEN_BYTES_RAW], mac[24];
    if (token.n != FLOOD_TOKEN - 1 || !read_hex(token, raw))
        return false;
    token_mac(f, raw, mac);
    memcpy(id, raw, 8);
    memcpy(made, raw + 16, 8);
    return crypto_equal(mac, raw + 24, sizeof mac);
}

static bool used_already(const struct flood *f, uint64_t id, int64_t now)
{
    for (uint64_t i = 0; i < USED_NEAR; i++) {
        const struct used *u = &f->used[(id + i) % BUCKETS];
        if (u->id == id && u->until > now)
            return true;
    }
    return false;
}

// Each token once. Where all near places are taken by others the oldest of them is forgotten: it could be used a second time,
// which is worth one more report, and nobody is ever shut out because a table is full.
static bool use_once(struct flood *f, uint64_t id, int64_t until, int64_t now)
{
    struct used *place = NULL;
    if (used_already(f, id, now))
        return false;
    for (uint64_t i = 0; i < USED_NEAR; i++) {
        struct used *u = &f->used[(id + i) % BUCKETS];
        if (place == NULL || u->until < place->until)
            place = u;
    }
    *place = (struct used){.id = id, .until = until};
    return true;
}

int64_t flood_ticket_left(struct flood *f, struct str ticket, int64_t now)
{
    uint64_t id;
    int64_t made;
    if (!token_read(f, ticket, &id, &made) || now < made || now >= made + f->wait * CLOCK_SECOND)
        return 0;
    pthread_mutex_lock(&f->lock);
    bool used = used_already(f, id, now); // as work, meanwhile
    pthread_mutex_unlock(&f->lock);
    return used ? 0 : (made + f->wait * CLOCK_SECOND - now + CLOCK_SECOND - 1) / CLOCK_SECOND;
}

static bool ticket_good(struct flood *f, struct str ticket, int64_t now)
{
    uint64_t id;
    int64_t made;
    return token_read(f, ticket, &id, &made) && now >= made + f->wait * CLOCK_SECOND && now < made + TOKEN_LIFE &&
           use_once(f, id, made + TOKEN_LIFE, now);
}

static bool work_done(const struct flood *f, struct str work)
{
    uint8_t h[32];
    crypto_sha256(h, work);
    for (int64_t bit = 0; bit < f->bits; bit++)
        if (h[bit / 8] & (0x80 >> bit % 8))
            return false;
    return true;
}

static bool work_good(struct flood *f, struct str work, int64_t now)
{
    uint64_t id;
    int64_t made;
    if (work.n <= FLOOD_TOKEN || work.n > FLOOD_TOKEN + WORK_NONCE_MAX || work.at[FLOOD_TOKEN - 1] != ':')
        return false;
    return token_read(f, str_slice(work, 0, FLOOD_TOKEN - 1), &id, &made) && now < made + TOKEN_LIFE && work_done(f, work) &&
           use_once(f, id, made + TOKEN_LIFE, now);
}

// ── admission ──

// The name of a burst: the same for one bucket during one window, unlike any other, and gone with this start.
static struct id burst_id(const struct flood *f, char kind, uint64_t hash, int64_t now)
{
    struct id id;
    int64_t at[2] = {(int64_t)(hash % BUCKETS), now / WINDOW};
    crypto_digest(id.b, sizeof id.b, "isigurt.burst..1", &f->key,
        CRYPTO_PARTS({&kind, 1}, {(const char *)at, sizeof at}));
    return id;
}

static enum err admit(struct flood *f, const struct flood_ask *ask, struct flood_answer *out)
{
    if (f->hour != ask->now / CLOCK_HOUR) { // new key, new places: no count says for long which prefix it was
        f->hour = ask->now / CLOCK_HOUR;
        rand_bytes(f->sip, sizeof f->sip);
        memset(f->prefix, 0, sizeof f->prefix);
    }
    uint64_t hash = crypto_siphash(f->sip, ask->prefix);
    struct bucket *b = bucket_at(f->prefix, hash, ask->now);
    bool over = count(f, &b->all);
    bool danger_over = ask->danger && count(f, &b->danger);
    bool same_over = ask->sameness != 0 && count(f, &bucket_at(f->same, ask->sameness, ask->now)->all);
    *out = (struct flood_answer){.lane = LANE_OPEN};
    if (ask->danger)
        out->lane = LANE_DANGER;
    else if (over && work_good(f, ask->work, ask->now))
        out->lane = LANE_WORK;
    else if (over && ticket_good(f, ask->ticket, ask->now))
        out->lane = LANE_TICKET;
    else if (over)
        return ERR_LIMITED;
    out->grouped = danger_over || same_over;
    if (danger_over)
        out->burst = burst_id(f, 'p', hash, ask->now);
    else if (same_over)
        out->burst = burst_id(f, 's', ask->sameness, ask->now);
    return OK;
}

bool flood_counted(struct flood *f, struct str prefix, int64_t now)
{
    if (prefix.n == 0)
        return false;
    pthread_mutex_lock(&f->lock);
    bool counted = f->hour == now / CLOCK_HOUR && bucket_at(f->prefix, crypto_siphash(f->sip, prefix), now)->all > 0;
    pthread_mutex_unlock(&f->lock);
    return counted;
}

enum err flood_admit(struct flood *f, const struct flood_ask *ask, struct flood_answer *out)
{
    if (ask->prefix.n == 0) {
        *out = (struct flood_answer){.lane = ask->danger ? LANE_DANGER : LANE_OPEN};
        return OK;
    }
    pthread_mutex_lock(&f->lock);
    enum err e = admit(f, ask, out);
    pthread_mutex_unlock(&f->lock);
    return e;
}

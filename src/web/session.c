#include <string.h>
#include "base/rand.h"
#include "crypto/crypto.h"
#include "web/inside.h"

#define DEVICE_SECONDS (365 * 24 * 3600)

struct str cookie_get(struct str header, struct str name)
{
    while (header.n) {
        struct str value = str_trim(str_cut(&header, ';'));
        struct str key = str_cut(&value, '=');
        if (str_equal(key, name)) {
            return value;
        }
    }
    return (struct str){"", 0};
}

bool session_secure(const char *url)
{
    return url && strncmp(url, "https:", 6) == 0;
}

struct str session_cookie_name(bool secure)
{
    return secure ? STR("__Host-desk") : STR("desk");
}

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool session_token(struct str cookies, bool secure, struct token *out)
{
    struct str v = cookie_get(cookies, session_cookie_name(secure));
    if (v.n != 2 * TOKEN_BYTES) {
        return false;
    }
    for (size_t i = 0; i < TOKEN_BYTES; i++) {
        int high = hex(v.at[2 * i]), low = hex(v.at[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out->b[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

struct str web_session_cookie(struct req *rq, const struct token *t, bool clear)
{
    bool secure = rq->sv && rq->sv->config && session_secure(rq->sv->config->desk_url);
    struct buf b;
    buf_init_secret(&b, 256);
    buf_put(&b, session_cookie_name(secure));
    buf_put_c(&b, '=');
    if (!clear) {
        buf_put_hex(&b, t->b, sizeof t->b);
    }
    buf_put(&b, STR("; Path=/; HttpOnly; SameSite=Strict"));
    buf_put_z(&b, secure ? "; Secure" : "");
    buf_put_z(&b, clear ? "; Max-Age=0" : "");
    struct str s = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return s;
}

enum err session_load(struct req *rq, struct str cookies, bool secure,
                      enum err (*find)(struct req *, const struct keeper_session *), struct keeper_session *s)
{
    if (!session_token(cookies, secure, &rq->token) || !rq->sv->keeper) {
        return ERR_UNAUTHENTICATED;
    }
    enum err e = keeper_session(rq->sv->keeper, &rq->token, s);
    if (e) {
        return e;
    }
    rq->who.id = s->person;
    rq->who.roles = s->roles;
    rq->who.n_units = s->n_units < 16 ? s->n_units : 16;
    memcpy(rq->who.units, s->units, rq->who.n_units * sizeof s->units[0]);
    rq->csrf = arena_str(rq->arena, str_from(s->csrf));
    rq->submission = id_random();
    rq->nav = (struct nav){.rings = req_may(rq, PERM_REPORT_LIST) || req_may(rq, PERM_REFERRAL_LIST),
                           .reports = req_may(rq, PERM_REPORT_LIST), .cases = req_may(rq, PERM_CASE_LIST),
                           .referrals = req_may(rq, PERM_REFERRAL_LIST), .late = req_may(rq, PERM_REFERRAL_LATE),
                           .contacts = req_may(rq, PERM_CONTACT_LIST) && !req_may(rq, PERM_REFERRAL_LIST),
                           .search = req_may(rq, PERM_SEARCH), .figures = req_may(rq, PERM_FIGURES),
                           .network = req_may(rq, PERM_DIRECTORY), .registers = req_may(rq, PERM_REGISTER_READ),
                           .plan = req_may(rq, PERM_PLAN_READ), .people = req_may(rq, PERM_PEOPLE_LIST),
                           .foundings = req_may(rq, PERM_UNIT_CONFIRM),
                           .roster = req_may(rq, PERM_PEOPLE_LIST) || req_may(rq, PERM_ROSTER_EDIT),
                           .audit = req_may(rq, PERM_AUDIT_READ), .retention = req_may(rq, PERM_RETENTION),
                           .settings = req_may(rq, PERM_SETTINGS)};
    return find ? find(rq, s) : OK;
}

bool session_csrf_equal(const struct req *rq, struct str token)
{
    return rq->csrf.n > 0 && token.n == rq->csrf.n && crypto_equal(token.at, rq->csrf.at, token.n);
}

// "http://host:port" without what follows
static struct str origin_of(const char *url)
{
    struct str u = str_from(url);
    ptrdiff_t i = str_find_str(u, STR("://"));
    if (i < 0) {
        return u;
    }
    struct str rest = str_slice(u, (size_t)i + 3, u.n);
    struct str host = str_cut(&rest, '/');
    return str_slice(u, 0, (size_t)i + 3 + host.n);
}

// On the machine itself a browser may say localhost where the address is 127.0.0.1. Anywhere else Host is not believed: a name that
// somebody else's server gives for our address would be its own witness.
static bool loopback_itself(struct str origin, struct str host)
{
    static const char *const own[] = {"localhost", "127.0.0.1", "[::1]"};
    ptrdiff_t i = str_find_str(origin, STR("://"));
    if (i < 0 || !str_equal(str_slice(origin, (size_t)i + 3, origin.n), host)) {
        return false;
    }
    for (size_t k = 0; k < sizeof own / sizeof *own; k++) {
        size_t n = strlen(own[k]);
        if (str_starts(host, own[k]) && (host.n == n || host.at[n] == ':')) {
            return true;
        }
    }
    return false;
}

// Browsers send one of the two with every POST; a client that sends neither is no browser, and nobody can make it send.
bool session_same_origin(const struct http_request *hr, const char *url)
{
    struct str site = hr->header[HTTP_FETCH_SITE], origin = hr->header[HTTP_ORIGIN];
    if (site.n && !str_equal_z(site, "same-origin") && !str_equal_z(site, "none")) {
        return false;
    }
    // Our own policy "no-referrer" makes browsers write "null" as the origin of a form: then the first word counts alone.
    if (str_equal_z(origin, "null") && str_equal_z(site, "same-origin")) {
        return true;
    }
    if (!origin.n || (url && str_equal(origin, origin_of(url)))) {
        return true;
    }
    return loopback_itself(origin, hr->header[HTTP_HOST]);
}

void session_device(struct req *rq, struct str cookies, bool secure, struct str *set)
{
    struct str name = secure ? STR("__Host-device") : STR("device");
    char text[ID_HEX];
    if (id_from_hex(cookie_get(cookies, name), &rq->device) == OK) {
        return;
    }
    rq->device = id_random();
    *set = arena_printf(rq->arena, "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s", name.at, id_hex(rq->device, text),
                        DEVICE_SECONDS, secure ? "; Secure" : "");
}

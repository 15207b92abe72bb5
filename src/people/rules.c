#include "people/rules.h"
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "base/rand.h"

static bool only(struct str s, const char *allowed)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.at[i] == '\0' || strchr(allowed, s.at[i]) == NULL) {
            return false;
        }
    }
    return true;
}

#define SMALL "abcdefghijklmnopqrstuvwxyz"
#define LARGE "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

bool rule_user_fine(struct str user)
{
    return user.n >= 2 && user.n <= PEOPLE_USER_MAX && only(str_slice(user, 0, 1), SMALL) && only(user, SMALL DIGITS "._-");
}

bool rule_code_fine(struct str code)
{
    return code.n >= 2 && code.n <= 20 && only(code, LARGE DIGITS "-");
}

bool rule_mail_fine(struct str mail)
{
    struct str host = mail;
    struct str box = str_cut(&host, '@');
    return mail.n <= PEOPLE_MAIL_MAX && box.n > 0 && box.n <= 64 && box.at[0] != '-' && only(box, SMALL LARGE DIGITS "._%+-") &&
           host.n >= 3 && only(host, SMALL LARGE DIGITS ".-") && str_find(host, '.') > 0 && !str_ends(host, ".") &&
           str_find_str(host, STR("..")) < 0 && host.at[0] != '-';
}

void people_password(char out[static PEOPLE_PASSWORD])
{
    static const char symbols[] = "abcdefghijkmnpqrstuvwxyz23456789"; // 32, without l, o, 0, 1
    _Static_assert(sizeof symbols == 33, "five bits a symbol");
    uint8_t bytes[16];
    rand_bytes(bytes, sizeof bytes);
    size_t n = 0;
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i > 0 && i % 4 == 0) {
            out[n++] = '-';
        }
        out[n++] = symbols[bytes[i] & 31];
    }
    out[n] = '\0';
    explicit_bzero(bytes, sizeof bytes);
}

// Reads exactly `digits` digits at *s and what must follow them ('\0': nothing); moves *s on.
static bool take(struct str *s, size_t digits, const char *follow, int *out)
{
    int v = 0;
    if (s->n < digits) {
        return false;
    }
    for (size_t i = 0; i < digits; i++) {
        if (s->at[i] < '0' || s->at[i] > '9') {
            return false;
        }
        v = v * 10 + (s->at[i] - '0');
    }
    *s = str_slice(*s, digits, s->n);
    if (*follow != '\0') {
        if (s->n == 0 || s->at[0] != *follow) {
            return false;
        }
        *s = str_slice(*s, 1, s->n);
    }
    *out = v;
    return true;
}

// *skipped: an hour that the change of clock leaves out. mktime moves it within the day.
static bool time_take(struct str s, int64_t *out, bool *skipped)
{
    struct tm tm = {.tm_isdst = -1};
    bool fine = take(&s, 4, "-", &tm.tm_year) && take(&s, 2, "-", &tm.tm_mon) && take(&s, 2, "T", &tm.tm_mday) &&
                take(&s, 2, ":", &tm.tm_hour) && take(&s, 2, "", &tm.tm_min);
    if (fine && s.n > 0 && s.at[0] == ':') {
        s = str_slice(s, 1, s.n);
        fine = take(&s, 2, "", &tm.tm_sec);
    }
    bool utc = s.n == 1 && s.at[0] == 'Z';
    if (!fine || (s.n > 0 && !utc) || tm.tm_year < 2000 || tm.tm_year > 2999 || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
        tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 59) {
        return false;
    }
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    const struct tm typed = tm;
    time_t at = utc ? timegm(&tm) : mktime(&tm);
    *skipped = tm.tm_mday == typed.tm_mday && (tm.tm_hour != typed.tm_hour || tm.tm_min != typed.tm_min);
    if (tm.tm_mday != typed.tm_mday || *skipped) { // 31 April
        return false;
    }
    *out = (int64_t)at * CLOCK_SECOND;
    return true;
}

bool rule_time_read(struct str s, int64_t *out)
{
    bool skipped = false;
    return time_take(s, out, &skipped);
}

bool rule_time_skipped(struct str s)
{
    int64_t at = 0;
    bool skipped = false;
    return !time_take(s, &at, &skipped) && skipped;
}

struct str rule_otpauth(struct arena *a, struct str user, struct str secret)
{
    return arena_printf(a, "otpauth://totp/isigurt:%.*s?secret=%.*s&issuer=isigurt&digits=6&period=30", STR_ARG(user), STR_ARG(secret));
}

size_t rule_gaps(const struct people_slot *slots, size_t n, int64_t from, int64_t to, struct people_gap *out, size_t max)
{
    size_t count = 0;
    int64_t at = from;
    while (at < to && count < max) {
        int64_t covered = at; // as far as somebody is on call without a break
        int64_t next = to;    // when the next begins after that
        for (bool grown = true; grown;) {
            grown = false;
            next = to;
            for (size_t i = 0; i < n; i++) {
                const struct people_slot *s = &slots[i];
                if (!s->works || s->ends <= covered) {
                    continue;
                }
                if (s->starts <= covered) {
                    covered = s->ends;
                    grown = true;
                } else if (s->starts < next) {
                    next = s->starts;
                }
            }
        }
        if (covered < to) {
            out[count++] = (struct people_gap){covered, next};
        }
        at = covered < to ? next : to;
    }
    return count;
}

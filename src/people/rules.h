// rules: what this room decides without a store. Pure; nothing here looks at the clock or the database.
#pragma once
#include "people/store.h"

// A user name as the keeper takes it: 2 to PEOPLE_USER_MAX of a-z 0-9 . _ -, beginning with a letter.
bool rule_user_fine(struct str user);
// One address as an SMTP server is given it; ASCII, no spaces, nothing that could begin a header of its own.
bool rule_mail_fine(struct str mail);
// A code of an institution: 2 to 20 of A-Z 0-9 -.
bool rule_code_fine(struct str code);
#define PEOPLE_PASSWORD_MIN 12 // characters of a password that somebody chooses
#define PEOPLE_PASSWORD_MAX 200
// "2026-11-23T20:00" by the clock on the wall here (TZ), or with seconds and Z by UTC; µs. false: not a time.
bool rule_time_read(struct str s, int64_t *out);
bool rule_time_skipped(struct str s); // it is one, but the clocks go forward over it: no such time on the clock here
// What an authenticator app takes, to be typed or scanned. user: fine by rule_user_fine; secret: base32.
struct str rule_otpauth(struct arena *a, struct str user, struct str secret);

struct people_gap { int64_t from, to; };
#define PEOPLE_GAPS_MAX 100
// The stretches of [from, to) in which nobody of the slots is on call; slots in any order, those that do not work ignored.
size_t rule_gaps(const struct people_slot *slots, size_t n, int64_t from, int64_t to, struct people_gap *out, size_t max);

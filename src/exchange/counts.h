// exchange/counts: referrals and transfers searched and counted by their clear columns, for rooms above.
#pragma once
#include "pack/pack.h"
#include "people/counts.h"

// In a query, 1 for a referral that was erased with its case: retention empties the key's id (erase.c).
#define REFERRAL_ERASED_SQL(kid) "cast(case when length(" kid ") = 0 then 1 else 0 end as bigint)"

// The newest from or to one unit behind (at, seq), by when they were sent; at most max. Category, county and worker are the
// case's, which the recipient does not see: not looked at.
MUST_USE enum err referral_find_db(struct db *db, struct arena *a, const struct find *f, bool received, struct found *out, size_t max, size_t *n);
MUST_USE enum err referral_find_id_db(struct db *db, struct arena *a, struct id unit, const struct id_range *ids, struct found *out,
                                      size_t max, size_t *n);

// Sent by a unit in from ≤ sent < to, by the case's category and county, and how the first answer (accepted, declined or
// asked) came. bucket: 1 within the urgency's answer time, 0 not, 2 there is still time. Revoked before any answer: left out.
MUST_USE enum err referral_count_answered_db(struct db *db, const struct pack *p, struct id unit, int64_t from, int64_t to, int64_t now,
                                             count_fn *fn, void *ctx);
// Cases that a unit first sent to an institution of the police then. bucket: 1 within a day of the receipt of the case's
// first report, 0 later.
MUST_USE enum err referral_count_police_db(struct db *db, struct id unit, int64_t from, int64_t to, count_fn *fn, void *ctx);
// When the first of a unit came; INT64_MAX where it has none.
MUST_USE enum err referral_count_first_db(struct db *db, struct id unit, int64_t *out);

// How the network stands now: units that take part in the exchange (room "exchange"), of them those with a first point of
// contact, and those that accepted the version of the protocol in force.
struct exchange_network { int64_t units, contacts, accepted; };
MUST_USE enum err exchange_count_network_db(struct db *db, struct exchange_network *out);

// rows: the keeper's tables, each row under its MAC (docs/protocol.md, "Stores and files"). Called inside the keeper's
// transactions only. A row whose MAC is wrong is ERR_TAMPERED, and an alarm stands in the log.
#pragma once
#include "crypto/record.h"
#include "db/db.h"
#include "vault/directory_file.h"
#include "vault/keeper.h"
#include "vault/perm.h"

#define NAME_MAX_BYTES 64      // of what is typed as user
#define TOTP_SECRET_BYTES 20
#define TOTP_SEALED_BYTES (TOTP_SECRET_BYTES + SEAL_EXTRA)
#define KEY_SEALED_BYTES (KEY_BYTES + SEAL_EXTRA)
#define LINKS_MAX 512          // epochs that one path may reach back
#define MEMBERS_MAX KEEPER_MEMBERS_MAX // of one unit
#define UNITS_MAX 16           // of one person

struct person_row {
    struct id id;
    char name[NAME_MAX_BYTES + 1];
    struct public_key pk;
    uint64_t ops, mem;
    uint8_t salt[PASSWORD_SALT_BYTES];
    uint8_t wrap[KEY_SEALED_BYTES];
    uint8_t totp[TOTP_SEALED_BYTES];
    int64_t totp_step;
    uint32_t roles;
    bool disabled;
    int64_t created;
};
struct session_row {
    struct id sid, person;
    int64_t created, expires, seen;
    uint8_t wrap[KEY_SEALED_BYTES];
};
struct member_row {
    struct id unit, person;
    uint32_t epoch;
    uint8_t sealed[BOX_BYTES];
};
struct link_row { uint32_t old_epoch, new_epoch; uint8_t sealed[KEY_SEALED_BYTES]; };
struct backoff_row { struct id track; int64_t failures, last; };
struct budget_row {
    struct id person;
    int64_t minute, minute_n, hour, hour_n, day, day_n, refused;
};
struct tagged_row {
    struct id report;
    uint8_t box[16], item[32], writer[8];
    uint64_t seq;
    int64_t place;
};
struct agreed_row { struct id unit; uint32_t version; struct id person; int64_t at; }; // unit zero: the version in force
struct founding_row { struct id unit, person, founder; int64_t at; struct id confirmer; int64_t confirmed; }; // confirmed 0: not yet
struct share_row {
    struct id unit;
    uint32_t epoch;
    int64_t pair, half, custodian;
    uint8_t sealed[BOX_BYTES];
};

// row_key: KM7 in all of these. Getters: ERR_NOT_FOUND where there is no such row.
MUST_USE enum err person_get(struct db *db, const struct key *row_key, struct id id, struct person_row *out);
MUST_USE enum err person_get_name(struct db *db, const struct key *row_key, struct str name, struct person_row *out);
MUST_USE enum err person_put(struct db *db, const struct key *row_key, const struct person_row *p);

MUST_USE enum err session_get(struct db *db, const struct key *row_key, struct id sid, struct session_row *out);
MUST_USE enum err session_put(struct db *db, const struct key *row_key, const struct session_row *s);
MUST_USE enum err session_delete(struct db *db, struct id sid);
MUST_USE enum err session_delete_person(struct db *db, struct id person, struct id but_sid); // zero: all
MUST_USE enum err session_thin(struct db *db, struct id person, int64_t most); // the oldest go until `most` stand

MUST_USE enum err device_known(struct db *db, const struct key *row_key, struct id person, struct id device, bool *known);
MUST_USE enum err device_put(struct db *db, const struct key *row_key, struct id person, struct id device, int64_t now);
MUST_USE enum err backoff_get(struct db *db, const struct key *row_key, struct id track, struct backoff_row *out); // zero row if none
MUST_USE enum err backoff_put(struct db *db, const struct key *row_key, const struct backoff_row *b);
MUST_USE enum err backoff_delete(struct db *db, struct id track);

MUST_USE enum err budget_get(struct db *db, const struct key *row_key, struct id person, struct budget_row *out); // zero row if none
MUST_USE enum err budget_put(struct db *db, const struct key *row_key, const struct budget_row *b);
// The minute in which this session opened the home last for this purpose; 0: never.
MUST_USE enum err opened_get(struct db *db, const struct key *row_key, struct id sid, struct id home, int64_t purpose, int64_t *minute);
MUST_USE enum err opened_put(struct db *db, const struct key *row_key, struct id sid, struct id home, int64_t purpose, int64_t minute);

MUST_USE enum err epoch_get(struct db *db, const struct key *row_key, struct id unit, uint32_t epoch, struct epoch_row *out);
MUST_USE enum err epoch_newest(struct db *db, const struct key *row_key, struct id unit, struct epoch_row *out);
MUST_USE enum err epoch_put(struct db *db, const struct key *row_key, const struct epoch_row *e); // ERR_CONFLICT where it is there
MUST_USE enum err epoch_all(struct db *db, const struct key *row_key, struct epoch_row *out, size_t max, size_t *n); // by unit, epoch
struct epoch_count { int64_t all, unit_oldest, day_n, day_first; }; // rows; of unit: number, and those made after `since`
MUST_USE enum err epoch_counts(struct db *db, struct id unit, int64_t since, struct epoch_count *out);
MUST_USE enum err duty_get(struct db *db, const struct key *row_key, struct duty_row *out);
MUST_USE enum err duty_put(struct db *db, const struct key *row_key, const struct duty_row *d);

MUST_USE enum err member_get(struct db *db, const struct key *row_key, struct id unit, struct id person, struct member_row *out);
MUST_USE enum err member_put(struct db *db, const struct key *row_key, const struct member_row *m);
MUST_USE enum err member_all(struct db *db, const struct key *row_key, struct id unit, struct member_row *out, size_t max, size_t *n); // by person
MUST_USE enum err member_count(struct db *db, struct id unit, int64_t *n);
MUST_USE enum err member_units(struct db *db, const struct key *row_key, struct id person, struct id out[UNITS_MAX], size_t *n);
MUST_USE enum err member_delete_unit(struct db *db, struct id unit);
MUST_USE enum err member_delete_person(struct db *db, struct id person);

// The links of unit from `from` down to `to`, newest first: out[0].new_epoch == from. ERR_NOT_FOUND where one is missing.
MUST_USE enum err link_walk(struct db *db, const struct key *row_key, struct id unit, uint32_t from, uint32_t to,
                            struct link_row *out, size_t *n);
MUST_USE enum err link_put(struct db *db, const struct key *row_key, struct id unit, const struct link_row *l);

MUST_USE enum err tagged_get(struct db *db, const struct key *row_key, struct id report, struct tagged_row *out);
MUST_USE enum err tagged_put(struct db *db, const struct key *row_key, const struct tagged_row *t);
MUST_USE enum err agreed_get(struct db *db, const struct key *row_key, struct id unit, struct agreed_row *out);
MUST_USE enum err agreed_put(struct db *db, const struct key *row_key, const struct agreed_row *a);
MUST_USE enum err founding_get(struct db *db, const struct key *row_key, struct id unit, struct founding_row *out);
MUST_USE enum err founding_put(struct db *db, const struct key *row_key, const struct founding_row *f);
// Keys of a home that a newer one has replaced. out: KEEPER_OLD_MAX.
MUST_USE enum err replaced_all(struct db *db, const struct key *row_key, struct id home, struct kid *out, size_t *n);
MUST_USE enum err replaced_put(struct db *db, const struct key *row_key, struct id home, struct kid kid); // again: nothing; ERR_FULL
MUST_USE enum err replaced_delete_home(struct db *db, struct id home);
MUST_USE enum err share_put(struct db *db, const struct key *row_key, const struct share_row *s);
MUST_USE enum err share_delete_unit(struct db *db, struct id unit);

// Sessions past their end, devices of a year ago, backoffs and opened homes that no longer count.
MUST_USE enum err rows_sweep(struct db *db, int64_t now);

// The MAC itself, for verify and tests: over table and the first n columns (v[1] … v[n]).
void row_mac(uint8_t out[16], const struct key *row_key, const char *table, size_t n, const struct db_val *v, bool *fits);

// exchange: referrals (shared, the owner stays) and transfers (handed over) between institutions, and who answers for a
// unit. A referral is a home of its own (docs/protocol.md, "Records"): its first entry holds a copy of the chosen fields and
// nothing else of the case; its key goes to the sending and the receiving unit only. Other rooms include this header only.
#pragma once
#include "casework/casework.h"
#include "web/web.h"

// ── life: one table (states.c) ──
enum referral_state { REFERRAL_SENT, REFERRAL_ACCEPTED, REFERRAL_DECLINED, REFERRAL_ASKED, REFERRAL_RETURNED, REFERRAL_DONE,
    REFERRAL_REVOKED, REFERRAL_STATES };
enum referral_act { REFERRAL_ACCEPT, REFERRAL_DECLINE, REFERRAL_ASK, REFERRAL_ANSWER, REFERRAL_RETURN, REFERRAL_FINISH, REFERRAL_REVOKE,
    REFERRAL_PROGRESS, REFERRAL_ADD, REFERRAL_ACTS };
const char *referral_state_name(enum referral_state s);  // "sent"
MUST_USE enum err referral_state_read(struct str name, enum referral_state *out);
const char *referral_act_name(enum referral_act a);      // "accept": in addresses and as the kind of the entry it leaves
// May this act be done now, and what comes of it? *to is written only where it may. A transfer that was accepted has moved
// the case: nothing can follow.
bool referral_may(enum referral_act act, bool transfer, enum referral_state from, enum referral_state *to);
bool referral_by_sender(enum referral_act act);          // answer, revoke and add; all others are the recipient's
bool referral_holds(bool transfer, enum referral_state s); // holds the case open: somebody still owes an outcome

// ── clocks (clocks.c); times in µs ──
// Until when whose turn it is has answered, from when the turn began. elapsed: the referral's clock never counts working days (a
// case of a sexual category); else it does where the pack says so for this urgency.
int64_t exchange_answer_due(const struct pack *p, int64_t urgency, bool elapsed, int64_t from);
// Until when whoever accepted has said how far it is, or has finished: elapsed time.
int64_t exchange_outcome_due(const struct pack *p, int64_t urgency, int64_t from);
// When the next place hears of it, once the place `told` (0 contact, 1 deputy, 2 head, 3 coordinators) has: of an answer the deputy when
// it is due, of an outcome (accepted) the contact; each further one an answer time later. INT64_MIN: all have heard.
#define EXCHANGE_CLIMBED_ALL 3
int64_t exchange_climb_at(const struct pack *p, enum referral_state s, int64_t urgency, bool elapsed, int64_t answer_due, int64_t told);
bool exchange_late(bool transfer, enum referral_state s, int64_t answer_due, int64_t now);

// For web_options.waits: how many referrals hold something new for the person's units.
void exchange_waits_fill(struct req *rq);

// For case_rooms: the referrals and transfers of a case, and what was done with them.
MUST_USE enum err exchange_case_more(struct db *db, struct req *rq, struct id case_id, struct case_more *more);

// ── for retention: the referrals of a case that is emptied, or forgotten ──
MUST_USE enum err exchange_shred_db(struct db *db, struct id case_id);
MUST_USE enum err exchange_forget_db(struct db *db, struct id case_id);

// ── points of contact (X1): who answers for a unit ──
enum contact_place { CONTACT_FIRST = 1, CONTACT_DEPUTY, CONTACT_HEAD, CONTACT_PLACES = 3 };
// Who has that place of the unit, is a member of it and has a mail address: for mails. Strings live in the arena.
struct exchange_reader { struct str mail, language; };
MUST_USE enum err exchange_reader_db(struct db *db, struct arena *a, struct id unit, enum contact_place place,
                                     struct exchange_reader *out, bool *there);
// For couriers: what comes to units that have not been told of it. One look fills the outbox: to the unit's contact, else the deputy,
// else the head, a mail that holds a link and nothing else. Nobody there: told all
// the same, and counted in what exchange_tell returns.
struct exchange_news {
    const struct db_query *waits, *told;    // waits: limit → id, unit, of those not told yet; told: id
    enum message subject, body;             // body takes {link}: the desk's address, path and, where each has one of its own, the id
    const char *path;
    bool each;                              // a mail for each; else one for all that came to a unit
};
int64_t exchange_tell(struct services *sv, const struct exchange_news *news); // on the courier's thread alone
// Replaces whoever had the place. For init, and the room's own rows.
MUST_USE enum err exchange_setup_contact(struct db *db, struct id unit, struct id person, enum contact_place place);
// A version put in force, and accepted by a unit, as the keeper was told: for init of a demonstration.
MUST_USE enum err exchange_setup_force(struct db *db, const struct pack *p, int64_t version, struct str decision, int64_t decided,
                                       struct id person, int64_t now);
MUST_USE enum err exchange_setup_accepted(struct db *db, const struct pack *p, struct id unit, int64_t version, struct id person, int64_t now);

// ── what left as a case file, for the page of what was shared: a room above knows. The program sets it (bin/desk_rooms.c) ──
struct exchange_taken {
    struct id id, from, to;                  // to zero: nobody of the platform; for whom stands sealed in the case
    struct str way, from_name, to_name;      // way: unit, outside or printed; to_name empty where to is zero
    int64_t made_at, opened, opened_at, revoked_at; // opened: how often; INT64_MIN: not
    struct str made_text, opened_text, state_text; // for pages, in the reader's language
};
// Appends to out (struct exchange_taken, oldest first, in rq's arena); inside a read of somebody who has the case.
typedef enum err exchange_taken_fn(struct db *db, struct req *rq, struct id case_id, struct list *out);
extern exchange_taken_fn *exchange_taken_hook; // NULL: no case files here

// ── for whatever else gives something out (case files) ──
// The units that have members, without `except`; struct choice, chosen is on.
MUST_USE enum err exchange_units_db(struct db *db, struct req *rq, struct id except, struct id chosen, struct list *out);
// A unit's name as people know it, and its institution's type. ERR_NOT_FOUND.
MUST_USE enum err exchange_unit_db(struct db *db, struct req *rq, struct id unit, struct str *name, struct str *type);
struct str exchange_filled(const struct req *rq, enum message m, struct str name); // a sentence with {name}
// With consent, or with a ground that does without and a reason; refuses the fields `ground` and `reason` (ERR_INVALID).
enum err exchange_consent_check(struct req *rq, struct str ground, bool consent, bool reason);

extern const struct routes exchange_desk_routes;

// rules: what this room decides without a store or a clock. Pure.
#pragma once
#include "web/web.h"

// ── a row's life ──
//   draft     seen by its own institution alone
//   entered   seen by all; counts where the register wants no confirmation
//   confirmed by the institution that the pack names; counts
//   returned  by that institution, with a note; its owner corrects it
//   removed   taken out with a reason; its history stays
enum entry_state { ENTRY_DRAFT, ENTRY_ENTERED, ENTRY_RETURNED, ENTRY_CONFIRMED, ENTRY_REMOVED, ENTRY_STATES };
const char *entry_state_name(enum entry_state s); // "draft": in the store and in JSON
bool entry_state_read(struct str name, enum entry_state *out);
bool entry_counts(const struct pack_register *r, enum entry_state s); // does such a row count for the plan?

struct entry_who { struct id person, institution; struct str code, type; bool edit, all; }; // edit, all: PERM_REGISTER_EDIT, _ALL
struct entry_at { struct id institution, person; enum entry_state state; }; // person: who changed it last
enum entry_act { ENTRY_SAVE, ENTRY_ENTER, ENTRY_CONFIRM, ENTRY_RETURN, ENTRY_STAGE, ENTRY_REMOVE };
bool entry_may_add(const struct pack_register *r, const struct entry_who *w);
bool entry_may_see(const struct pack_register *r, const struct entry_who *w, const struct entry_at *x);
// Its evidence: for its institution, the one that confirms, and whoever enters for all.
bool entry_files_see(const struct pack_register *r, const struct entry_who *w, const struct entry_at *x);
MUST_USE enum err entry_files_may(const struct pack_register *r, const struct entry_who *w, const struct entry_at *x, bool remove);
// May w do this to x? ERR_FORBIDDEN: never; ERR_CONFLICT: not in the state that it is in. *next: its state afterwards.
// Whoever confirms has not written: neither for another institution, nor the last change.
MUST_USE enum err entry_may(const struct pack_register *r, const struct entry_who *w, const struct entry_at *x,
                            enum entry_act act, enum entry_state *next);

// ── a row's fields ──
#define ENTRY_VALUES_MAX 100 // names of one row: fields, and cells of counts
#define ENTRY_FOLD_MAX 600   // bytes of the search key

// A day as yyyymmdd; 0: no day of 2000 to 2199.
int64_t entry_day(struct str s);
struct str entry_day_text(struct arena *a, int64_t day); // "2026-11-23"

// Told of each fault: the name as sent, a sentence, its hole {n}.
typedef void entry_fault_fn(void *ctx, struct str name, enum message m, int64_t n);
// What a row needs at its stage (needed_at) and does not have: fault is called for each. *fine is false then, else as it was.
void entry_needed(const struct pack_register *r, struct str stage, const struct list *values, entry_fault_fn *fault, void *ctx, bool *fine);
// The day that places a row in a period, yyyymmdd: that of its date (a year: its first day), or the next year's first day
// where the register carries that year over; *from is then the year that it comes from, else 0.
int64_t entry_placed(const struct pack_register *r, const struct list *values, int64_t *from);

// One number of counts: "attendance.f.0-13" → field, cell "f.0-13". NULL: no such name.
const struct pack_register_field *entry_cell(const struct pack *p, const struct pack_register *r, struct str name, struct str *cell);
struct str entry_value(const struct list *values, struct str name); // empty: none
// Checks what was sent for one row: names that the register has, each as its kind wants it. Fills out with struct html_pair
// in the register's order; values that are empty are left out, choices have one space between. false: fault was called. What
// only the store knows (institutions, other registers' rows) is not looked at: entry_refer.
bool entry_check(struct arena *a, const struct pack *p, const struct pack_register *r, const struct html_pair *sent, size_t n,
                 entry_fault_fn *fault, void *ctx, struct list *out);

// What can be counted of the values (sql: entry_value); out has room for ENTRY_FACETS_MAX.
#define ENTRY_FACETS_MAX 200
struct entry_facet { struct str field, value; int64_t n; struct id target; }; // target: the row referred to, or zeroes
size_t entry_facets(struct arena *a, const struct pack *p, const struct pack_register *r, const struct list *values, struct entry_facet *out);
// The search key: title, texts, addresses and place, folded, signs as spaces, a space first; cut at ENTRY_FOLD_MAX.
struct str entry_fold(struct arena *a, const struct pack_register *r, const struct list *values);
// The words of a search, at most three; a fourth belongs to the third. A word finds all that begin with it; signs are spaces.
void entry_words(struct arena *a, struct str typed, struct str out[3]);

// plan/value: what an institution enters for an indicator and a period, and what becomes of it. Pure: no store, no clock.
#pragma once
#include "base/id.h"
#include "pack/plan.h"
#include "plan/amount.h"
#include "plan/period.h"
#include "text/text.h"

// ── a value's life ──
//   draft      saved as typed; only its institution and those who approve see it
//   submitted  waits for approval
//   returned   with a note; its institution corrects it
//   approved   counts
// Whatever is changed after it was approved is a draft again: it counts no more, and the change is counted.
enum plan_value_state { PLAN_VALUE_DRAFT, PLAN_VALUE_SUBMITTED, PLAN_VALUE_RETURNED, PLAN_VALUE_APPROVED, PLAN_VALUE_STATES };
const char *plan_value_state_name(enum plan_value_state s); // in the store and in JSON
bool plan_value_state_read(struct str name, enum plan_value_state *out);
enum plan_value_act { PLAN_VALUE_SAVE, PLAN_VALUE_SUBMIT, PLAN_VALUE_RETURN, PLAN_VALUE_APPROVE };

// enters: PERM_PLAN_ENTER, for one's own institution; all: for any; approves: PERM_PLAN_APPROVE.
struct plan_value_who { struct id person, institution; bool enters, all, approves; };
struct plan_value_at { struct id institution, person; enum plan_value_state state; bool locked; }; // person: who changed its numbers last
// ERR_FORBIDDEN: never; ERR_CONFLICT: not in that state, or its period is locked. Nobody approves what he entered himself.
MUST_USE enum err plan_value_may(const struct plan_value_who *w, const struct plan_value_at *v, enum plan_value_act act, enum plan_value_state *next);

// ── what is entered ──
#define PLAN_COMMENT_MAX 1000 // characters of a comment, of a reason why it is empty, of a note
struct plan_value_typed { struct str n, of, blank, comment; }; // as typed; blank: why it is empty on purpose
struct plan_value_said {
    bool has_n, has_of;
    int64_t n, of;             // amounts; of: only of a percentage of which the institution enters both parts
    struct str blank, comment; // trimmed
};
// Told of each fault: "value", "numerator", "denominator", "blank", "county", "period"; its sentence.
typedef void plan_fault_fn(void *ctx, const char *field, enum message m);
bool plan_value_two_parts(const struct pack_plan_indicator *x); // are numerator and denominator both entered?
// What was typed, read and checked against the passport. Nothing typed at all is fine: then nothing is there yet. A count is
// whole and not negative, money not negative, a numerator not above its denominator (unless the passport lets it); a
// denominator of 0 is one where nothing was to be counted. An empty one has no numbers beside its reason. false: fault was called.
bool plan_value_check(const struct pack_plan_indicator *x, const struct plan_value_typed *typed, plan_fault_fn *fault,
                      void *ctx, struct plan_value_said *out);
static inline bool plan_value_there(const struct plan_value_said *v) { return v->has_n || v->blank.n > 0; } // ready to be submitted
// May such a value stand for that period and county?
bool plan_value_place(const struct pack_plan *plan, const struct pack_plan_indicator *x, struct plan_period p,
                      struct str county, plan_fault_fn *fault, void *ctx);
// Does an institution of this code and type enter values of the indicator?
bool plan_value_owed(const struct pack_plan_indicator *x, struct str code, struct str type);

// plan/value_put: values saved, as many as there are, in one transaction: of one field, of a whole page, of a file.
#pragma once
#include "plan/value_store.h"

enum plan_put_end {
    PLAN_PUT_SAME,     // what is sent stands there already
    PLAN_PUT_SAVED,
    PLAN_PUT_REFUSED,  // field and sentence say why
    PLAN_PUT_CHANGED,  // somebody else changed it since that version; row is what stands there now
    PLAN_PUT_LOCKED,
    PLAN_PUT_FOREIGN,  // not for this person to enter
};
struct plan_put {
    const struct pack_plan_indicator *x;
    const struct pack_plan *plan; // that it is of; NULL: putting's
    struct plan_period period;
    struct id institution;
    struct str county;
    struct plan_value_typed typed;
    int64_t version;        // that was looked at; 0: there was none; -1: whichever (a file replaces what it names)
    bool submit;            // hand it in as well, where it is there
    // what became of it
    enum plan_put_end end;
    const char *field;      // of REFUSED: "value", "numerator" …; static
    enum message why;
    struct plan_value_row row; // as it stands now
};
struct plan_putting {
    struct arena *arena;
    const struct pack_plan *plan;
    struct plan_value_who who;
    int64_t now;
    struct str action;      // of the history: "saved", "imported"
    bool whole;             // all or none: nothing is written where one end is neither SAME nor SAVED
    bool look;              // nothing is written; the ends tell what would become of it
    bool demo;
    struct plan_put *at;
    size_t n;
};
// For store_write; the arena must outlive it. ERR_INVALID: `look`, or `whole` and there is a fault; the ends tell.
MUST_USE enum err plan_values_put(struct db *db, void *putting);

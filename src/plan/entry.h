// plan/entry: what the pages read and show through which institutions enter values, and others approve them. Fields behind
// "for pages" are not in JSON.
#pragma once
#include "evidence/evidence.h"
#include "people/counts.h"
#include "plan/value_put.h"
#include "plan/handlers.h"
#include "plan/kept.h"

#define PLAN_ROWS_MAX 800       // of one page: an institution's year
#define PLAN_CELLS_MAX (PLAN_ROWS_MAX * 5)

// Who asks, for which institution, in which plan.
struct plan_desk {
    struct req *rq;
    const struct pack_plan *plan;
    struct list institutions;              // struct institution
    const struct institution *own, *of;    // own: NULL where the asker's is unknown; of: whose values are looked at
    struct plan_value_who who;
    struct plan_period period;
};
// institution: its code; empty: one's own. period: "2019-Q2"; empty: the plan's year that is going on, or its last one. The plan
// is the version that is the basis of that year. ERR_NOT_FOUND: no such institution, or not this person's to see. ERR_INVALID: refused.
MUST_USE enum err plan_desk_db(struct db *db, struct req *rq, struct str institution, struct str period, struct plan_desk *out);
struct str plan_period_label(const struct req *rq, struct plan_period p);        // "viti 2019", "tremujori 2, 2019", "qershor 2019"
struct str plan_value_state_text(const struct req *rq, enum plan_value_state s);
struct str plan_said_text(const struct req *rq, const struct plan_value_said *s);       // "12", "3 / 7", or why there is none
struct str plan_typed_text(const struct req *rq, bool has, int64_t n);          // as it is typed; empty where there is none

// ── entry_help.c: what to write, whom to ask ──
struct plan_helper { struct str name, mail, href; };    // href: a mail to them about this value
// Coordinators with a mail address, but the reader. indicator: its code, or empty.
MUST_USE enum err plan_helpers_db(struct db *db, const struct req *rq, struct str indicator, struct str period, struct list *out);
MUST_USE enum err plan_handed_in_db(struct db *db, struct id institution, bool *out); // has it ever handed in a value?
struct str plan_entry_help(const struct req *rq, const struct pack_plan_indicator *x); // one sentence; static

// ── entry.c: all that an institution owes for a period ──
struct plan_entry_in { struct str period, institution, indicator; };
struct plan_entry_row {
    struct str indicator, title, period, county, unit, state, note;
    struct str value, numerator, denominator, blank, comment; // as text; value or the two parts
    struct id id;                       // zeroes: nothing entered yet
    int64_t version, files;             // files: how many evidence files there are
    bool locked;
    // for pages
    // key: of the names of its fields; error: a sentence; now: what stands there, where somebody was first
    // help: what to write; earlier: what stands for the period before, and its name
    struct str key, state_text, period_label, asked, help, before, earlier, earlier_label, error, now, counties_href;
    bool two, may_save, there, waiting, returned, approved, first;  // first: of its indicator, which then stands above
};
struct plan_entry_out {
    struct str period, institution;
    int64_t owed, done;                 // values; done: submitted or approved, or empty on purpose and so handed in
    struct list values;                 // struct plan_entry_row
    // for pages
    struct str period_label, institution_name, indicator;
    struct list periods, institutions;  // struct choice
    int64_t saved, faults;              // after a save
    struct str year;                    // of the passports that are led to
    struct list helpers;                // struct plan_helper
    bool may_choose, may_save, looked, some_locked, all_done, first_time; // first_time: this institution has never handed in anything
};
struct plan_save_in { struct str period, institution, indicator; bool submit; struct list cells; };
struct plan_value_put_in {
    struct str indicator, period, institution, county, value, numerator, denominator, blank, comment;
    int64_t version;
    bool submit;
};
struct plan_value_put_out { struct id id; int64_t version; struct str state; };

// ── value_page.c: one value with its history ──
SHAPE_NONE(plan_value_in);
struct plan_value_step {
    int64_t version, at;
    struct str action, value, numerator, denominator, blank, comment, note, state, person_name;
    struct str at_text, action_text, said;
};
struct plan_value_out {
    struct id id;
    struct str indicator, period, institution, county, value, numerator, denominator, blank, comment, state, note;
    int64_t version, corrections;
    bool locked, demo;
    struct list history;                // struct plan_value_step, the newest first
    struct list files;                  // struct evidence_file; none where they are not the asker's to see
    // for pages
    struct str title, unit, period_label, institution_name, state_text, said, entry_href, typed; // typed: a note that was refused
    struct str year;                    // of the passport
    struct list helpers;                // struct plan_helper
    bool may_return, may_approve, may_submit, own_approval; // own_approval: may approve, but entered it himself
    struct str files_href;
    bool sees_files, may_add_file, may_remove_file;
};
struct plan_decide_in { int64_t version; };
struct plan_return_in { int64_t version; struct str note; };

// ── value_files.c: evidence files of a value ──
SHAPE_NONE(plan_file_in);
// For its institution and whoever approves; nobody else learns that there are some.
bool plan_files_see(const struct plan_value_who *w, const struct plan_value_row *v);
// OK, ERR_FORBIDDEN, ERR_CONFLICT (locked, or removal from an approved value).
MUST_USE enum err plan_files_may(const struct plan_value_who *w, const struct plan_value_row *v, bool remove);
struct evidence_of plan_files_of(const struct plan_value_row *v);
struct str plan_files_base(const struct req *rq); // "/plan/values/…"

// ── approvals.c: what waits for approval ──
struct plan_waiting_in { struct str institution; };
struct plan_waiting_row {
    struct id id;
    struct str indicator, period, institution, county, value, numerator, denominator, blank, comment;
    int64_t version;
    // for pages
    struct str title, period_label, institution_name, said;
    bool own, far;                      // own: entered by the reader, somebody else approves it; far: from the period before
};
struct plan_waiting_out {
    struct list values;                 // struct plan_waiting_row
    int64_t more;                       // that are not shown
    // for pages
    struct list institutions;           // struct choice
    int64_t approved, passed;           // of the last approval: done, and passed over because somebody was first
    bool looked, some_mine;
};
struct plan_approve_all_in { struct str institution; struct list values; }; // map: id → version

// ── gaps.c: what of a year is over and not there, of each institution ──
#define PLAN_GAPS_MAX 12               // of an institution that are named; of the others how many there are
struct plan_gaps_in { int64_t year; };
struct plan_gap { struct str indicator, title, period; bool begun; struct str period_label; }; // begun: saved or returned, not handed in
struct plan_gap_row {
    struct str institution, name;
    int64_t owed, given, approved, absent; // values of periods that are over; given: handed in, or approved
    struct list missing;                // struct plan_gap
    int64_t more;                       // that are not named
    bool may_enter;                     // for pages
};
struct plan_gaps_out {
    int64_t year, owed, given;
    struct list institutions;           // struct plan_gap_row, most gaps first; those that owe something
    // for pages
    struct list years;                  // struct choice
    bool any;
};

// ── periods.c: which periods are locked, and for whom one is open again ──
SHAPE_NONE(plan_periods_in);
struct plan_unlock_row { struct str institution, reason, until; struct str name, until_text; };
struct plan_period_row { struct str period; bool locked; struct list unlocks; struct str label; };
// days, reason: as typed, where refused
struct plan_periods_out {
    struct list periods; struct list institutions; struct str days, reason; bool may_lock;
};
struct plan_lock_in { struct str period; };
struct plan_unlock_in { struct str period, institution, reason; int64_t days; };

// ── import.c: values from a table file ──
SHAPE_NONE(plan_sheet_in);
struct plan_sheet_line { int64_t line; struct str column, message; };
struct plan_sheet_out { int64_t rows, saved; bool done; struct list lines; bool looked; }; // struct plan_sheet_line
struct plan_sheet_upload_in { bool write; };

run_fn plan_sheet_run, plan_sheet_upload_run, plan_sheet_upload_fill, plan_entry_run, plan_save_run, plan_save_fill,
    plan_value_put_run, plan_value_run, plan_submit_run, plan_return_run, plan_approve_run, plan_decide_fill,
    plan_waiting_run, plan_approve_all_run, plan_waiting_fill, plan_periods_run, plan_lock_run, plan_lock_away_run,
    plan_unlock_run, plan_file_add_run, plan_file_run, plan_file_remove_run, plan_gaps_run, plan_periods_fill, plan_unlock_fill, plan_return_fill;

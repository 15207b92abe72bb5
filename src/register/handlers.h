// handlers: what the rows of this room read and show. Fields behind "for pages" are not in JSON.
#pragma once
#include "evidence/evidence.h"
#include "register/register.h"
#include "register/store.h"

#define ENTRY_PAGE 50                  // rows on a page
#define ENTRY_REASON_MAX 300           // characters of a note or reason
#define ENTRY_OUT_ROWS 20000           // rows of one table file
#define ENTRY_OUT_BYTES (16u << 20)
#define ENTRY_IN_ROWS 5000             // rows of one table file that is read in
#define ENTRY_IN_BYTES (4u << 20)
#define ENTRY_LINES_TOLD 100           // bad lines that are named

struct str entry_state_text(const struct req *rq, enum entry_state s);
struct str entry_stage_text(const struct req *rq, const struct pack_register *r, struct str stage);
struct str entry_value_text(struct req *rq, const struct pack_register_field *f, struct str value); // as people read it
// Codes and titles of the plan that a field of that kind may name: struct choice. NULL: none by that code.
MUST_USE enum err entry_plan_codes(struct db *db, const struct req *rq, enum pack_kind kind, struct list *out);
const struct choice *entry_plan_code(const struct list *codes, struct str code);
struct str entry_label(const struct req *rq, const struct pack_text *t);
// The register that a page is about: by its code, or the first one where none is said. NULL: there is none of that name.
const struct pack_register *entry_register(const struct req *rq, struct str code);

// ── registers.c ──
SHAPE_NONE(entry_registers_in);
struct entry_registers_row {
    struct str code, label, about;
    int64_t rows, waiting, drafts;     // entered or confirmed; of them not confirmed yet; drafts and returned ones of one's own
    int64_t gaps;
    bool may_add, confirms;            // may one's own institution enter rows, confirm them?
    // for pages
    bool some_waiting, some_drafts, some_gaps;
};
struct entry_registers_out { struct list registers; }; // struct entry_registers_row

// ── list.c ──
struct entry_list_in { struct str code, q, county, stage, state, institution, after; int64_t year; };
struct entry_list_row {
    struct id id;
    struct str title, institution, state, stage, date, county, municipality;
    bool counts, demo;
    int64_t version;
    // for pages
    struct str institution_name, state_text, stage_text, date_text;
    bool open, gap;                    // not entered yet; nobody in it
};
struct entry_list_out {
    struct str code;
    struct list entries;               // struct entry_list_row, the newest date first
    struct str next;
    // for pages
    struct str label, about, next_href, csv_href, q, year;
    struct list registers, counties, stages, states, institutions; // struct choice
    bool may_add, has_stages, has_county;
};

// ── form.c ──
struct entry_new_in { struct str code; };
struct entry_field {                   // for pages: one field of the form
    struct str name, label, help, value, error, now; // now: what stands in the store, where somebody else changed it
    bool required, line, date, number, url, lines, select, checks, counts, bad, differs;
    int64_t max;
    struct list options;               // struct choice
    struct list heads;                 // struct choice: the columns of counts
    struct list cells;                 // struct entry_cells
};
struct entry_cells { struct str label; struct list at; }; // at: struct entry_cell
struct entry_cell { struct str name, label, value, error; };
struct entry_form_out {
    struct id id;                      // of the row; zeroes: a new one
    int64_t version;
    // for pages
    struct str code, label, about, title;
    struct list fields;                // struct entry_field
    struct list institutions;          // struct choice: for whom; only where one may choose
    struct list faults;                // struct choice {name, sentence}: what was refused, at the top
    bool may_add, fresh, conflict, may_choose, draft;
};
struct entry_add_in { struct str code, institution; bool draft; struct list fields; };
struct entry_save_in { int64_t version; bool draft; struct list fields; };
enum err entry_form_show(struct req *rq, struct entry_row *x, const struct list *typed, struct str institution, struct entry_form_out *out);

// ── entry.c ──
SHAPE_NONE(entry_read_in);
struct entry_fact { struct str label, value; bool lines; };            // for pages
struct entry_step { struct str stage, date, label; };
struct entry_history {
    int64_t version, at; struct id person; struct str action, note, state, stage;
    struct str at_text, name, action_text, changed;
};
struct entry_read_out {
    struct id id;
    struct str code, institution, state, stage, date, county, municipality, title;
    struct list fields;                // map
    struct list steps;                 // struct entry_step: when it reached which stage
    struct list history;               // struct entry_history, the newest first
    int64_t version, corrections;
    bool counts, demo;
    struct list files;                 // struct evidence_file; none where they are not the asker's to see
    // for pages
    struct str label, institution_name, state_text, stage_text, wait_text, files_href;
    struct str carried_text, placed_text; // the year that the row comes from and the one that it counts in; empty: not carried over
    bool sees_files, may_add_file, may_remove_file;
    struct list facts, next_stages;    // struct entry_fact, struct choice
    bool may_edit, may_enter, may_confirm, may_return, may_remove, may_stage, gap, corrected;
};

// ── files.c: evidence files of a row ──
SHAPE_NONE(entry_file_in);
struct evidence_of entry_files_of(const struct entry_row *x);
struct str entry_files_base(const struct req *rq); // "/registers/entries/…"

// ── act.c ──
struct entry_act_in { int64_t version; struct str note; };
struct entry_note_in { int64_t version; struct str note; };            // the same, the note needed
struct entry_stage_in { int64_t version; struct str stage, date; };

// ── table.c, import.c ──
struct entry_csv_in { struct str code, county, stage, state, institution; int64_t year; bool empty; };
SHAPE_NONE(entry_csv_out);
struct entry_import_in { struct str code; };
struct entry_line { int64_t line; struct str field, message; };
struct entry_import_out {
    struct str code;
    int64_t rows;                      // that were read
    bool done;                         // they were written
    struct list lines;                 // struct entry_line: what is wrong; empty: all are fine
    // for pages
    struct str label;
    struct list registers;             // struct choice
    bool looked, may_add;
};
struct entry_upload_in { struct str code; bool write; };

run_fn entry_registers_run, entry_list_run, entry_list_fill, entry_new_run, entry_add_run, entry_add_fill,
    entry_edit_run, entry_save_run, entry_save_fill,
    entry_read_run, entry_enter_run, entry_confirm_run, entry_return_run, entry_stage_run, entry_remove_run, entry_act_fill, entry_csv_run,
    entry_file_add_run, entry_file_run, entry_file_remove_run,
    entry_import_run, entry_upload_run, entry_upload_fill;

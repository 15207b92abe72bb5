// handlers: the rows of this room, and what its files share.
#pragma once
#include "casefile/casefile.h"
#include "exchange/exchange.h"

#define CASEFILE_PAGE 50
#define CASEFILE_LINE_MAX 300
#define CASEFILE_TEXT_MAX 4000
#define CASEFILE_COPIES_MAX 99
#define CASEFILE_CASE_MAX 200   // of one case, that its timeline knows by name and the page of what was shared lists

struct casefile_make_in {
    struct str way, recipient, ground, reason; // way: print, unit, outside
    struct id unit;
    struct list persons, reports, parts;       // ids, ids, names
    int64_t copies;                            // 0: one
    bool consent, compared;
};
SHAPE_NONE(casefile_form_in);
struct casefile_form {
    struct id case_id;
    struct str number;
    struct paper_choices of;
    struct list parts, units, grounds;         // struct choice
    // for the page
    struct str recipient, reason, copies;
    bool print, unit, outside, consent, compared;
};
struct casefile_out {
    struct id id;
    struct str passphrase;                     // shown once, of way outside
    struct casefile_doc doc;                   // of way print, and of what is opened
    struct casefile_form form;
};
extern const struct shape casefile_out_shape, casefile_form_out_shape;

// ── choose.c ──
// Opens the case (export), fills out->form as `in` has chosen; in NULL: nothing is chosen.
MUST_USE enum err casefile_form_fill(struct req *rq, const struct casefile_make_in *in, struct paper_case *c, struct casefile_out *out);
enum message casefile_part_message(struct str name); // MSG_NONE: no such part

// ── store.c ──
struct casefile_row {
    int64_t seq, made, size, opened, opened_at, revoked_at; // the last two INT64_MIN: not
    struct id id, case_id, from, to, person;                // to zero: outside
    struct str direction, number;                           // received or made; the case's number only of made
    // for pages
    struct str from_name, to_name, by, made_text, size_text, state_text, opened_text;
    bool to_me, mine, may_open, may_take, may_revoke, there;
};
// ERR_NOT_FOUND also where neither side is one of the person's units.
MUST_USE enum err casefile_row_db(struct db *db, struct req *rq, struct id id, struct casefile_row *out);
MUST_USE enum err casefile_add_db(struct db *db, const struct casefile_row *r, struct str sealed);
MUST_USE enum err casefile_sealed_db(struct db *db, struct id id, struct buf *out); // ERR_NO_KEY: taken back
MUST_USE enum err casefile_opened_db(struct db *db, struct id id, int64_t now);     // counts; ERR_NO_KEY: taken back meanwhile
MUST_USE enum err casefile_revoke_db(struct db *db, struct id id, int64_t now);     // ERR_CONFLICT: opened, or done before
MUST_USE enum err casefile_walk_db(struct db *db, struct req *rq, struct id unit, int64_t before, struct casefile_row *out, size_t max, size_t *n);

// Those of one case, newest first: whoever asks has the case. out: CASEFILE_CASE_MAX.
MUST_USE enum err casefile_case_db(struct db *db, struct req *rq, struct id case_id, struct casefile_row *out, size_t *n);
void casefile_row_show(const struct req *rq, struct casefile_row *r); // inbox.c: what is for pages

struct casefile_list_in { int64_t before; };
struct casefile_list_out { struct list files; int64_t next; struct id id; }; // struct casefile_row, newest first; next: 0, the end; id: acted on
SHAPE_NONE(casefile_open_in);
SHAPE_NONE(casefile_take_in);
SHAPE_NONE(casefile_revoke_in);

run_fn casefile_form_run, casefile_make_run, casefile_make_fill, casefile_list_run, casefile_open_run, casefile_take_run, casefile_revoke_run;
// Shows the document: the page, or for a program and for keeping a JSON file.
MUST_USE enum err casefile_answer(struct req *rq, struct casefile_out *out);

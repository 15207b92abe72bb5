// pages: what the rows of this room read and show. Fields marked "page" are put into words for the reader of the page
// and do not stand in JSON.
#pragma once
#include "people/rules.h"
#include "web/web.h"

struct people_id_choice { struct id value; struct str label; bool on; };

// ── sign_in.c ──
struct people_sign_in_in { struct str username, password, totp, again, typed; }; // again, typed: page, of web (unsaved)
struct people_session_out { struct str csrf_token; };

// ── account.c ──
struct people_unit_row {
    struct id id;
    struct str institution, room, name;
    int64_t members;
    struct str label;                   // page
    bool few;                           // page: fewer than two members
};
struct people_account_out {
    struct id id;
    struct str username, name, institution;
    struct list roles;                  // struct str
    struct list units;                  // struct people_unit_row
    struct str roles_text, institution_name; // page
    bool password_changed, ended;       // page: what this request has done
};
struct people_password_in { struct str old, fresh, totp; };

// ── persons.c, person.c ──
struct people_row {
    struct id id;
    struct str username, name, institution;
    struct list roles;                  // struct str
    bool disabled;
    struct str roles_text, institution_name; // page
};
struct people_list_in { struct id after; struct str q; };
struct people_list_out { struct list people; struct id next; bool may_add, more; struct str q; }; // from may_add on: page
struct people_add_in { struct str username, name, mail, language; struct id institution; struct list roles; };
struct people_add_out {
    struct id id;
    struct str password, totp_secret, otpauth; // once
    struct people_add_in typed;         // page
    struct list all_roles, languages, institutions; // page: choice, choice, people_id_choice
};
struct people_person_out {
    struct id id;
    struct str username, name, mail, language, institution;
    struct list roles, units;           // struct str; struct people_unit_row
    bool disabled;
    struct str roles_text, institution_name; // page
    struct str seen;                    // of what an administrator sets
    struct str title, mail_now;         // page: name and address as they stand, whatever was typed
    bool may_change, self;              // page
    struct list all_roles, languages, institutions; // page
    struct str password, totp_secret, otpauth; // after a reset, once
};
struct people_details_in { struct str name, mail, language, seen; struct id institution; };
struct people_roles_in { struct list roles; struct str seen; };
struct people_disable_in { bool disabled; };

// ── units.c ──
struct people_institution_row {
    struct id id;
    struct str code, type, name, name_en;
    int64_t units;
    struct str type_text, label;        // page
};
struct people_institutions_in { struct id after; };
struct people_institution_add_in { struct str code, type, name, name_en; };
struct people_institutions_out {
    struct list institutions;
    struct id next;
    bool may_add, more;                 // page from here on
    struct list types;
    struct people_institution_add_in typed;
};
struct people_unit_add_in { struct id institution; struct str room; };
struct people_units_in { struct str type, q; };
struct people_units_out { struct list units; bool may_add; struct list institutions, rooms, types; struct str q; }; // page from may_add on
struct people_member_in { struct id person; };
// ── founding.c ──
struct people_founding_row {
    struct id unit;
    struct str institution, room;
    struct str person, founder, confirmer; // names; empty: unknown, or nobody yet
    int64_t at, confirmed;              // INT64_MIN: unknown, not yet
    struct str label, at_text, confirmed_text; // page
    bool open, may, own;                // page: not confirmed; this person may; of this person's own institution
};
struct people_foundings_out { struct list foundings; }; // struct people_founding_row
struct people_unit_out {
    struct id id;
    struct str institution, room, name;
    struct list members;                // struct people_row
    struct str label;                   // page
    bool may_admit, may_begin, few;     // page
    struct list foundings;              // page: struct people_founding_row, one or (set up by `init`) none
    struct list others;                 // page: people_id_choice, who is no member
};

// ── roster.c ──
struct people_slot_row {
    struct id id, person;
    struct str name;
    int64_t starts, ends, place;        // INT64_MIN: since ever, until further notice
    bool works;
    struct str from, to;                // page
};
struct people_gap_row { int64_t from, to; struct str from_text, to_text; };
struct people_roster_in { struct id unit; };
struct people_roster_add_in { struct id unit, person; struct str starts, ends; int64_t place; };
struct people_roster_out {
    struct id unit;
    struct list on_call, slots;         // struct people_slot_row: now, in climbing order; from now on, by their start
    struct list gaps;                   // struct people_gap_row: of the next seven days
    struct str label;                   // page
    bool may_edit;                      // page
    int64_t place;                      // page: in the form
    struct list units, members;         // page: people_id_choice
    struct people_roster_add_in typed;  // page
};

// ── founding.c ──
// Rows of one unit, or of all where it is zero.
MUST_USE enum err page_foundings(struct req *rq, struct id unit, struct list *out);

// ── pages.c: into words ──
// Roles as names ("duty_officer") and as people call them, comma between.
struct list page_role_names(struct req *rq, uint32_t roles);
struct str page_role_labels(struct req *rq, uint32_t roles);
struct list page_role_choices(struct req *rq, uint32_t on);
// Names back to bits. false: one of them is no role.
bool page_roles_read(struct list names, uint32_t *out);
struct str page_institution(const struct req *rq, struct str name, struct str name_en);
struct str page_unit_name(const struct req *rq, const struct people_unit *u); // one without a name goes by its institution's
struct str page_unit_label(struct req *rq, const struct people_unit *u);
struct people_row page_person(struct req *rq, const struct people_person *p);
struct people_unit_row page_unit(struct req *rq, const struct people_unit *u);
struct list page_institution_choices(struct req *rq, const struct people_institution *at, size_t n, struct id on);
// Sets the notice above the page and returns e.
// The keeper's answer to something asked of it, with a sentence where a person can do something about it.
enum err page_keeper(struct req *rq, enum err e);
// Writes the audit entry that must stand before a change of this room's own tables.
MUST_USE enum err page_audit(struct req *rq, uint16_t action, struct id object, struct id object2, const char *what);
// A person of the desk's table by rq->id, with what its page shows.
MUST_USE enum err person_show(struct req *rq, struct people_person_out *out);
// Refuses a text that is only white space.
bool page_blank(struct req *rq, const char *field, struct str s);

// ── handlers, by the file that holds them; routes.c lists the rows ──
run_fn people_sign_in_form_run, people_sign_in_run, people_session_run, people_session_end_run, people_sign_out_run, people_home_run;
run_fn people_account_run, people_password_run, people_end_run;
run_fn people_list_run, people_add_form_run, people_add_run, people_add_fill;
run_fn people_person_run, people_details_run, people_person_fill, people_roles_run, people_disable_run, people_reset_run, people_sessions_run;
run_fn people_institutions_run, people_institution_add_run, people_institutions_fill, people_units_run, people_unit_add_run, people_units_fill;
run_fn people_unit_run, people_admit_run, people_begin_run, people_remove_run, people_rotate_run;
run_fn people_foundings_run, people_confirm_run;
run_fn people_roster_run, people_roster_add_run, people_roster_fill, people_roster_remove_run;
page_fn people_sign_in_page, people_account_page, people_list_page, people_add_page, people_person_page, people_institutions_page,
    people_units_page, people_unit_page, people_roster_page, people_foundings_page;

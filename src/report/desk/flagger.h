// Trusted flaggers at the desk: who they are, and how right they were.
#pragma once
#include "report/desk/desk.h"

#define FLAGGERS_MAX 200     // of one installation, revoked ones too
#define FLAGGER_NAME_MAX 100
#define FLAGGER_INSTITUTIONS_MAX 500 // offered on the form

struct flagger {
    struct id id, institution;
    struct str name, institution_name, institution_name_en, secret;
    int64_t made, revoked;                 // revoked: INT64_MIN where it is valid
    int64_t sent, waiting, illegal, lawful, duplicates, spam;
};
struct flaggers { struct arena *a; size_t n; struct flagger at[FLAGGERS_MAX]; };
// With their figures. arg: struct flaggers.
MUST_USE enum err flagger_list_db(struct db *db, void *arg);

struct flagger_choice { struct id value; struct str label; bool on; };
struct flagger_row {
    struct id id, institution;
    struct str name;
    int64_t made_at, revoked_at, sent, waiting, illegal, lawful, duplicates, spam;
    // for pages
    struct str institution_name, made_text, share; // share: how many of those judged were found illegal, in percent, or empty
    bool valid, may_revoke;
};
struct flagger_list_out {
    struct list flaggers;                  // struct flagger_row
    struct id id;                          // after an addition
    struct str credential;                 // once
    // for pages
    struct list institutions;              // struct flagger_choice
    bool may_add;
    struct str name;
};
struct flagger_add_in { struct str name; struct id institution; };

// The professionals' lane: one page for whoever works with children and reports for an institution, and the signed
// acknowledgement that proves it.
#pragma once
#include "report/portal/form.h"
#include "report/portal/portal.h"

struct professional_in {
    struct str institution, function, contact, category, address, app, account, county, seen, text, safe_to_contact;
    bool in_danger;
    struct str submission, ticket, work;
};
struct professional_out {
    struct str receipt, rest;  // rest: for the acknowledgement, which then names institution and function
    // for pages
    struct professional_in typed;
    struct str submission, duty, answer_time, token;
    struct list functions, categories, counties, apps; // of struct form_option
    bool sent, limited;
    int64_t bits, wait;
};

struct acknowledgement_in { struct str institution, function, rest; };
struct acknowledgement_out {
    bool ready;                // false: not signed yet, ask again in a moment
    struct str number;
    int64_t received_at;
    struct str category, institution, function, key, signature;
    struct str document;       // the JSON to keep: what `isigurt acknowledgement verify` reads
    // for pages
    struct acknowledgement_in typed;
    struct str code, received_text, category_text, function_text;
    bool found;                // the code opened a report
};
struct acknowledgement_verify_in { struct str document; };
struct acknowledgement_verify_out {
    bool genuine, named;
    struct str number;
    int64_t received_at;
    struct str category, institution, function;
    // for pages
    struct str typed, received_text, category_text, function_text, key;
    bool asked;
};

// The form: one question a screen, every answer posted with every step, nothing stored before the last send.
#pragma once
#include "report/portal/portal.h"
#include "web/web.h"

enum form_step {
    STEP_WHERE, STEP_ADDRESS, STEP_APP, STEP_WHAT, STEP_DETAIL, STEP_DANGER, STEP_WHO, STEP_AGE, STEP_COUNTY, STEP_MUNICIPALITY,
    STEP_SEEN, STEP_TEXT, STEP_CONTACT, STEP_REVIEW, STEP_SENT, FORM_STEPS
};

struct form_answers { // all as typed; names as in the API but choice (the plain one) and in_danger ("yes", "no", "")
    struct str where, address, app, account, choice, category, in_danger, reporter, age_band, county, municipality, seen, text,
        contact, safe_to_contact;
};
struct report_form_in {
    struct str go;       // "next" (also empty), "back", "review", "send", "to-STEP"
    struct str step;     // the step that was shown
    struct str language; // in which it was shown
    struct form_answers a;
    struct str submission, ticket, work;
};
struct form_option { struct str value, label; bool on; };
struct form_answer { struct str label, text, go; bool lines; }; // go: the button that leads back to it
struct report_form_out {
    struct form_answers a;    // what the page shows as typed
    struct str submission;
    enum form_step step;
    int64_t at, of;           // "3 of 11"
    struct list kept;         // of struct html_pair: every answer that this page does not ask for
    struct list options;      // of struct form_option
    struct str question;      // of the step with the choice's second question
    struct list answers;      // of struct form_answer, to look over
    bool first, danger, may_send, yes, no; // yes, no: the answer to the question of danger
    bool limited;             // a wait or work is asked for
    struct str token;
    int64_t bits, wait;
    struct str receipt, answer_time, pace;
};

// Answers put in order: a category is one of the choice's, a municipality one of the county's.
void form_tidy(const struct pack *p, struct form_answers *a);
bool form_active(const struct pack *p, const struct form_answers *a, enum form_step s); // is this step asked at all?
enum form_step form_next(const struct pack *p, const struct form_answers *a, enum form_step s);
enum form_step form_before(const struct pack *p, const struct form_answers *a, enum form_step s); // STEP_WHERE: itself
enum form_step form_step_read(struct str name);       // STEP_WHERE where it is none
struct str form_step_name(enum form_step s);
enum form_step form_field_step(const char *field);    // which step asks for a field; STEP_REVIEW where none does
// What is sent: without the answers of branches left; a choice whose second question was not answered means its most urgent code.
struct report_given form_given(const struct pack *p, const struct form_answers *a, struct str language);
// Lists of the page: kept answers, options, the look-over. Empty past the arena's cap.
void form_fill(struct req *rq, struct str language, struct report_form_out *out);

// plan: the action plan as data: the section "plan" of the country pack, and each version of it that is kept in the store
// later (one JSON document of the same form, read by the same reader). An indicator's object is its passport: what is
// counted, how, by whom, and how values are put together. The format: country/README.md. Nothing here counts anything.
#pragma once
#include "pack/pack.h"

// ── what a live figure counts: a question that a lower room's counts interface answers ──
enum pack_plan_of { PACK_PLAN_OF_REGISTER, PACK_PLAN_OF_REPORT, PACK_PLAN_OF_CASE, PACK_PLAN_OF_NETWORK, PACK_PLAN_OF_PLAN };
enum pack_plan_measure {
    // of a register (code, with conditions). Dated by the register's own day, or with `stage` by the day it was reached.
    PACK_PLAN_ROWS,      // how many rows
    PACK_PLAN_ANY,       // 1 where there is at least one row, else 0
    PACK_PLAN_SUM_OF,    // the sum of `field`: a number, money, persons
    PACK_PLAN_DIFFERENT, // different values of `field`; only those that stand in at least `least` rows
    PACK_PLAN_STANDING,  // rows that stand at a period's end: reached `stage` (or its day) and not yet `until`
    PACK_PLAN_MILESTONE, // how far the furthest row has come at a period's end, in hundredths of the way: `point`
    // of reports
    PACK_PLAN_RECEIVED,  // neither spam nor a duplicate
    // of cases
    PACK_PLAN_CLOSED,    // with one of `is` as outcome; none: with any
    // of the network, as it stands now
    PACK_PLAN_UNITS,     // units that take part in the exchange
    PACK_PLAN_CONTACTS,  // of them those with a point of contact
    PACK_PLAN_ACCEPTED,  // of them those that accepted the data-exchange protocol in force
    // of the plan itself
    PACK_PLAN_FIGURE,    // the value of another indicator, `field` its code
    PACK_PLAN_DUE,       // values that were due
    PACK_PLAN_APPROVED,  // of them those that are approved, or empty on purpose
    PACK_PLAN_GAPS,      // information gaps that stand open
    PACK_PLAN_BUDGETS,   // yearly plans with a budget that are approved
    PACK_PLAN_PLANNED,   // money planned
    PACK_PLAN_SPENT,     // money spent
    PACK_PLAN_PUBLISHED, // yearly progress reports published
    PACK_PLAN_CIVIL,     // reports of civil society filed
    PACK_PLAN_MEASURES
};
struct pack_plan_where { struct str field; size_t n; const struct str *is; }; // the field has one of these values; none given: any value
struct pack_plan_point { struct str stage; int64_t hundredths; };            // 33 drafted, 67 consulted, 100 approved (plan/score.h)
struct pack_plan_term {
    enum pack_plan_of of;
    enum pack_plan_measure measure;
    struct str reg;              // the register's code
    struct str field;            // of SUM_OF, DIFFERENT; of FIGURE the indicator
    struct str stage, until;     // stages of the register; empty: its own day; never
    size_t n_where, n_is, n_points;
    const struct pack_plan_where *where; // all of them hold
    const struct str *is;        // outcomes of CLOSED
    const struct pack_plan_point *point;
    int64_t least;               // of DIFFERENT; 1 where nothing is said
};

// ── an indicator's passport ──
enum pack_plan_kind { PACK_PLAN_COUNT, PACK_PLAN_PERCENT, PACK_PLAN_DOCUMENT, PACK_PLAN_MONEY };
enum pack_plan_rule { PACK_PLAN_SUM, PACK_PLAN_LATEST, PACK_PLAN_MAX, PACK_PLAN_RATIO, PACK_PLAN_DISTINCT }; // the numbers of enum plan_rule
enum pack_plan_direction { PACK_PLAN_UP, PACK_PLAN_DOWN, PACK_PLAN_NO_DIRECTION }; // none: no light, more is not better or worse
enum pack_plan_source {
    PACK_PLAN_LIVE,  // counted by the platform alone
    PACK_PLAN_ENTRY, // entered by institutions alone
    PACK_PLAN_MIXED, // one part counted, the other entered
};
enum pack_plan_part { // what institutions enter
    PACK_PLAN_NOTHING,     // LIVE
    PACK_PLAN_WHOLE,       // ENTRY: the value, or numerator and denominator of a percentage
    PACK_PLAN_NUMERATOR,   // MIXED: the other one is counted
    PACK_PLAN_DENOMINATOR,
    PACK_PLAN_REST,        // MIXED: what is added to what is counted
};
struct pack_plan_indicator {
    struct str code;             // "1.3.b", "X.7"
    struct str activity;         // its code; empty: a cross-cutting indicator, then `section`
    struct str section;
    const struct pack_text *title, *definition, *unit;
    const struct pack_text *evidence; // means of verification
    enum pack_plan_kind kind;
    enum pack_plan_rule time, places;
    enum pack_plan_direction direction;
    bool outcome;                // of the level "outcome", else "output"
    bool accumulates;            // over the year, so that a part of the target is expected by now; else a snapshot
    bool about_persons;          // small numbers are hidden
    bool by_county;              // a value may be told for a county
    bool over;                   // a percentage that may be over 100
    int every;                   // months of its reporting period: 1, 3, 12
    enum pack_plan_source source;
    // counted: the count, or numerator and denominator; terms are added up
    size_t n_count, n_of;
    const struct pack_plan_term *count, *of;
    // entered
    enum pack_plan_part part;
    const struct pack_text *entered; // what is entered, in words; NULL: the definition says it
    size_t n_by, n_by_types;
    const struct str *by;        // codes of institutions that enter it
    const struct str *by_types;  // and of all institutions of these types
    struct str until;            // entered only until this room of the platform counts it: "schools" …; empty: for good
    // both
    size_t n_responsible, n_dimensions, n_at_most;
    const struct str *responsible; // institutions that answer for it, the first leads
    const struct str *dimensions;  // values of the plan's list of dimensions
    const struct str *at_most;     // indicators that it never exceeds, over the plan's years together
};

// ── the plan ──
struct pack_plan_title { struct str code; const struct pack_text *title; };
struct pack_plan_activity {
    struct str code, objective;
    const struct pack_text *title;
    size_t n_responsible, n_partners, n_years, n_strategies;
    const struct str *responsible, *partners; // institutions; may stand in both; the first responsible one leads
    const int *years;
    const struct str *strategies;
    int64_t weight;              // in its objective; 1 where nothing is said
};
struct pack_plan_signature { struct str institution, person; };
struct pack_plan {
    struct str code;             // "PV-2018-2020"
    const struct pack_text *title, *currency;
    const struct pack_text *agreement; // on what it rests; NULL: not said
    size_t n_years, n_goals, n_strategies, n_objectives, n_sections, n_dimensions, n_activities, n_indicators, n_signatures;
    const int *years;            // rising, without gaps
    const struct pack_plan_title *goal, *strategy, *objective, *section, *dimension;
    const struct pack_plan_activity *activity;     // in the plan's order, objective by objective
    const struct pack_plan_indicator *indicator;   // in the plan's order: of activities first, then of sections
    const struct pack_plan_signature *signature;
    // The annual report: institutions that draft it and that approve it, and to whom it is presented.
    size_t n_draft_by, n_approve_by, n_present_to;
    const struct str *draft_by, *approve_by;
    const struct pack_plan_title *present_to;
};
#define PACK_PLAN_YEARS_MAX 10
#define PACK_PLAN_ACTIVITIES_MAX 100
#define PACK_PLAN_INDICATORS_MAX 300
#define PACK_PLAN_TERMS_MAX 8        // of one side of an indicator
#define PACK_PLAN_BYTES_MAX (512 * 1024) // of one version as JSON

const struct pack_plan *pack_plan(const struct pack *p); // the pack's own, version 1; NULL: the pack has no plan
// The section as JSON text, as it stands in the pack's file; empty: none. Lies in the pack.
struct str pack_plan_text(const struct pack *p);
// A version's document (the object that stands in the section "plan"), checked against the registers, institutions and
// lists of p; *out lies in a, and points into p for nothing, so it may outlive it only where its texts are not asked for by
// pack_words of another pack with other languages. ERR_INVALID with lines "plan: place: what; how to mend it" in why.
MUST_USE enum err pack_plan_read(const struct pack *p, struct arena *a, struct str json, const struct pack_plan **out, struct buf *why);

// NULL: none of that code.
const struct pack_plan_indicator *pack_plan_indicator(const struct pack_plan *x, struct str code);
const struct pack_plan_activity *pack_plan_activity(const struct pack_plan *x, struct str code);
const struct pack_plan_title *pack_plan_title(const struct pack_plan_title *at, size_t n, struct str code);
bool pack_plan_year(const struct pack_plan *x, int64_t year); // is it one of the plan's?

// Words of the format: "count", "latest", "up", "month", "live", "denominator", "register", "rows"; static.
const char *pack_plan_kind_name(enum pack_plan_kind k);
const char *pack_plan_rule_name(enum pack_plan_rule r);
const char *pack_plan_direction_name(enum pack_plan_direction d);
const char *pack_plan_every_name(int every);
const char *pack_plan_source_name(enum pack_plan_source s);
const char *pack_plan_part_name(enum pack_plan_part p);
const char *pack_plan_of_name(enum pack_plan_of of);
const char *pack_plan_measure_name(enum pack_plan_measure m);
// Rooms of the platform that are not built yet, for `until`: "schools", "helpline", "library" …; NULL at the end.
const char *pack_plan_until_at(size_t i);

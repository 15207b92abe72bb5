// pack: the country as data (DATA/country/pack.json and what it names), read once, checked as a whole, swapped whole at reload.
// All strings are UTF-8 and live as long as the pack; nothing changes after pack_open, so any thread may ask. A label is
// given in l, or in the pack's first language where l is NULL or not one of the pack's. The format: country/README.md.
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "text/text.h"

struct pack;
// ERR_INVALID with up to 40 lines "file: place: what; how to mend it" in why; ERR_NOT_FOUND, ERR_IO with one line.
MUST_USE enum err pack_open(const char *dir, struct pack **out, struct buf *why);
// The same from what pack_bytes gave: a pack in one piece, as `serve` hands it to the programs.
MUST_USE enum err pack_open_bytes(struct str bytes, struct pack **out, struct buf *why);
void pack_close(struct pack **p); // NULL is fine
struct str pack_bytes(const struct pack *p); // its files in the order read, each "NAME LENGTH\n", LENGTH bytes, "\n"
#define PACK_HASH_BYTES 32
#define PACK_BYTES_MAX (20 << 20) // bytes of a pack in one piece
const uint8_t *pack_hash(const struct pack *p); // H(32, "isigurt.pack...1", none, pack_bytes): the same bytes, the same pack
struct str pack_version(const struct pack *p);  // "2026-11-23", as its maker calls it
struct str pack_timezone(const struct pack *p); // "Europe/Tirane", for TZ at start; a NUL follows
struct str pack_language_at(const struct pack *p, size_t i); // "sq", the default first; empty at the end

struct pack_category {
    struct str code;             // "SEXT"
    struct str choice;           // the plain choice of the portal it belongs to ("threat_images"), or empty: API only
    int64_t urgency;             // 2, 3, 4 before danger and age are looked at
    bool sexual;                 // text collapsed at the desk until asked for
    bool child_page;             // CSAM: assessed within 24 h (stays U3)
};
const struct pack_category *pack_category(const struct pack *p, struct str code); // NULL: unknown
struct str pack_category_label(const struct pack *p, struct str code, const struct lang *l);
// The urgency computed for a report: danger first, then a young child about itself, then the category; 1 is the most urgent.
int64_t pack_urgency(const struct pack *p, const struct pack_category *c, struct str reporter, struct str age_band, bool in_danger);

struct pack_choice { struct str id; size_t n; const struct str *codes; }; // most urgent code first
const struct pack_choice *pack_choice_at(const struct pack *p, size_t i); // in the order of the form
const struct pack_choice *pack_choice(const struct pack *p, struct str id);
struct str pack_choice_label(const struct pack *p, struct str id, const struct lang *l);
// A choice with several codes asks one more question; its options are the choice's codes. Empty where there is only one.
struct str pack_choice_question(const struct pack *p, struct str id, const struct lang *l);
struct str pack_category_option(const struct pack *p, struct str code, const struct lang *l); // the category's own label where it has none

// Named lists for struct field.choices: "category", "reporter", "age_band", "where", "county", "language", "choice",
// "room", "institution_type", "app" (suggestions; free text is taken too). An unknown list is an empty one.
bool pack_has(const struct pack *p, const char *list, struct str value);
struct str pack_list_at(const struct pack *p, const char *list, size_t i); // empty at the end
struct str pack_label(const struct pack *p, const char *list, struct str value, const struct lang *l); // value itself where there is none
// Municipalities of a county; names are data, the same in every language.
struct str pack_municipality_at(const struct pack *p, struct str county, size_t i);
bool pack_municipality_in(const struct pack *p, struct str county, struct str municipality);
#define PACK_MAP_SIDE 12
// Where a county's tile lies on the map of tiles, from 0 at the top and left. false: no such county.
bool pack_county_tile(const struct pack *p, struct str county, int *row, int *column);

// Hosts shared by many: no same-host links. host as url_compare gives it (lower case, punycode, no final dot).
bool pack_host_shared(const struct pack *p, struct str host);
struct pack_number { // "helpline", "116 111", …; most important first
    struct str id, number;
    struct str label, when; // in l: who answers; at which hours, empty where the pack does not say
    bool free;              // the call costs nothing; false also where the pack does not say
    struct str verified_on; // "2026-11-23"
};
bool pack_number_at(const struct pack *p, size_t i, const struct lang *l, struct pack_number *out);
struct str pack_exit(const struct pack *p, const struct lang *l); // "https://…", where a quick exit leads to

enum pack_clock { CLOCK_TAKE_U1, CLOCK_TAKE_U2, CLOCK_TAKE_U3, CLOCK_TAKE_U4, CLOCK_ACT_U1, CLOCK_ACT_U2, CLOCK_ACT_U3, CLOCK_ACT_U4,
    CLOCK_ACT_U3_SEXUAL, // CLOCK_ACT_U3 is for the rest: a sexual category is assessed sooner
    CLOCK_RING_REPEAT_U1, CLOCK_MAIL_AFTER,
    CLOCK_ANSWER_U1, CLOCK_ANSWER_U2, CLOCK_ANSWER_U3, CLOCK_ANSWER_U4, // a referral is accepted, declined or asked about
    CLOCK_CLIMB_U1, CLOCK_CLIMB_U2, CLOCK_CLIMB_U3, CLOCK_CLIMB_U4, // a clock that ran out: until the next place is told
    CLOCK_CASE_REVIEW, // a case is looked at again at the latest so long after its plan was written
    CLOCK_MESSAGE_U1, CLOCK_MESSAGE_U2, CLOCK_MESSAGE_U3, CLOCK_MESSAGE_U4, // a reporter has written again: somebody has read it
    CLOCK_OUTCOME_U1, CLOCK_OUTCOME_U2, CLOCK_OUTCOME_U3, CLOCK_OUTCOME_U4, // who accepted a referral has said how far it is, or finished
    PACK_CLOCKS };
int64_t pack_seconds(const struct pack *p, enum pack_clock c); // all clocks are data, in seconds
// When a clock that starts at `from` runs out, both µs: after its seconds, or, where the pack says so, after its seconds of
// working days alone (whole local days that have duty hours, 23, 24 or 25 hours long). ERR_NOT_FOUND: it comes into a year
// whose holidays the pack has not (only for such clocks); *out is untouched. Needs TZ set to the pack's zone.
MUST_USE enum err pack_due(const struct pack *p, enum pack_clock c, int64_t from, int64_t *out);
bool pack_by_days(const struct pack *p, enum pack_clock c); // working days alone?

// How much sexual content a worker opens: the pack's section "wellbeing", seconds and minutes after local midnight.
struct pack_wellbeing {
    int64_t day;                 // at most so long in one local day
    int64_t each;                // one opening counts until the next, at most so long
    int64_t stretch, pause;      // after so long without a break, a break of so long
    int64_t late_from, late_to;  // in between (over midnight) only for whoever is on call; equal: never
    int64_t lift;                // a supervisor lifts the limits for at most so long
};
const struct pack_wellbeing *pack_wellbeing(const struct pack *p);

// When who enters values of the plan is reminded by mail: the pack's section "plan_reminders". Days. A period's values are due so long after
// its last day; reminded is so long before that and after it.
#define PACK_REMINDERS_MAX 6
struct pack_plan_reminders {
    int due_month, due_quarter, due_year; // of values that are entered each month, quarter, year; 1 to 365
    size_t n_before, n_after;
    int before[PACK_REMINDERS_MAX];       // from 0 (the day itself) to less than the shortest of the above
    int after[PACK_REMINDERS_MAX];        // 1 to 365
};
const struct pack_plan_reminders *pack_plan_reminders(const struct pack *p); // NULL: nobody is reminded

// Question sets, versioned: the highest is in force, older ones stay so that old answers keep their words.
struct pack_text;
struct pack_option {
    struct str value;
    bool second;                 // needs the same answer of a second, different person
    const struct pack_text *label;
};
struct pack_question {
    struct str id, axis;         // axis: risk, incident, assessment
    bool needed;
    struct str when;             // only asked for where the verdict is one that needs a second person: "second"; or empty
    struct str list;             // whose values its options are; or empty
    size_t n;
    const struct pack_option *option;
    const struct pack_text *label;
};
struct pack_question_set { int64_t version; size_t n; const struct pack_question *question; };
#define PACK_QUESTIONS_MAX 24
#define PACK_VERDICT "verdict"   // the question whose answer decides; each set has it, with an option that needs a second person
const struct pack_question_set *pack_question_set(const struct pack *p, int64_t version); // 0: in force; NULL: none
const struct pack_question *pack_question(const struct pack_question_set *s, struct str id);
const struct pack_option *pack_option(const struct pack_question *q, struct str value);
struct str pack_words(const struct pack *p, const struct pack_text *t, const struct lang *l);
// Duty hours: is somebody at the desk at this time? Where not, *next is when somebody will be (µs), for "nobody is here
// until 8:00"; else *next = at. INT64_MIN: not known (no hours, or a year whose holidays the pack has not). next may be NULL.
// Needs TZ set to the pack's zone.
bool pack_duty_now(const struct pack *p, int64_t at, int64_t *next);
bool pack_holiday(const struct pack *p, int year, int month, int day);
bool pack_year_known(const struct pack *p, int year);          // has the pack the holidays of that year?

// Counts of persons from 1 to below this are hidden in what leaves the desk (base/suppress.h); 5 where the pack says nothing.
int64_t pack_small_number(const struct pack *p);
struct str pack_code(const struct pack *p); // the country's: "AL"

struct pack_institution {        // the initial institutions that init loads; name: in the first language
    struct str code, type, name, name_en;
    struct str county, municipality; // where it works; empty: the whole country
    size_t n_units;
    const struct str *units;         // rooms of which init makes a unit, without members
};
const struct pack_institution *pack_institution_at(const struct pack *p, size_t i); // NULL at the end
const struct pack_institution *pack_institution(const struct pack *p, struct str code); // NULL: none of the pack's
// The unit that new reports are sealed to: code of one of the institutions, and its room.
struct str pack_desk_institution(const struct pack *p);
struct str pack_desk_room(const struct pack *p);
// Demo data: the institution of the sample account of a role ("contact" → the police); empty where the pack names none.
struct str pack_role_institution(const struct pack *p, struct str role);

// ── what a reporter is told of the work on a case (steps.c) ──
// Codes of the section "reporter_step" that are shown, in the pack's order; empty at the end. Missing: none is told.
struct str pack_reporter_step_at(const struct pack *p, size_t i);
bool pack_reporter_step(const struct pack *p, struct str code); // is it one of them?

// ── how long things are kept (retention.c) ──
// In days after the last step of a report, or the closing of a case: first its keys are destroyed and it counts in figures
// only, later its row goes. The rule of the category itself, else the one for all ("*"). NULL: kept until somebody asks.
struct pack_retention { bool is_case; struct str state, category; int64_t anonymise, remove; };
const struct pack_retention *pack_retention(const struct pack *p, bool is_case, struct str state, struct str category);
const struct pack_retention *pack_retention_at(const struct pack *p, size_t i); // NULL at the end
int64_t pack_retention_first(const struct pack *p); // the fewest days of any rule; 0: there is none

// ── exchange between institutions (exchange.c) ──
// What a referral for that purpose to that type of institution shares at least: fields of the list referral_field. The
// type's own template, else the purpose's for all types ("*"); NULL: none, nothing is the minimum.
struct pack_template { struct str purpose, type; size_t n; const struct str *fields; };
const struct pack_template *pack_template(const struct pack *p, struct str purpose, struct str type);
// Versions of the data-exchange protocol's text, the oldest first: a title and points, in l. Not one is in force by
// standing here.
struct pack_protocol { int64_t version; struct str title; size_t points; };
bool pack_protocol_at(const struct pack *p, size_t i, const struct lang *l, struct pack_protocol *out);
struct str pack_protocol_point(const struct pack *p, size_t i, size_t point, const struct lang *l); // empty at the end

// ── registers (registers.c) ──
// What institutions enter row by row and the plan counts: each register is described once, as data, and the room `register`
// makes its list, form, table files and counts from that.
enum pack_kind {
    PACK_TEXT,          // one line, at most max characters
    PACK_LONG,          // several lines, at most max characters
    PACK_URL,           // http:// or https://, at most max characters
    PACK_DATE,          // "2026-11-23"
    PACK_NUMBER,        // whole, min to max
    PACK_MONEY,         // whole, in the country's money, min to max
    PACK_CHOICE,        // one value of `list`
    PACK_CHOICES,       // several of them, with a space between
    PACK_COUNTY, PACK_MUNICIPALITY,
    PACK_INSTITUTION,   // its code
    PACK_COUNTS,        // persons by sex and age, never names: one number for each cell "FIELD.SEX.AGE" of the lists attendance_sex, attendance_age
    PACK_ENTRY,         // a row of the register `of`: its id
    PACK_YEAR,          // "2019", 2000 to 2199
    PACK_PERCENT,       // whole, 0 to 100
    PACK_ACTIVITY, PACK_INDICATOR, // of the plan: its code
};
struct pack_register_field {
    struct str name;
    enum pack_kind kind;
    const struct pack_text *label, *help; // help: NULL without
    bool required;
    bool counted;                // a text whose different values the plan counts
    int64_t min, max;
    struct str list;             // a NUL follows
    struct str of;
    struct str not_before;       // an earlier field of the same kind (date, year) that this one does not come before; empty: none
    size_t n_needed_at;
    const struct str *needed_at; // stages that a row has or reaches only with this field filled in
};
#define PACK_NO_SHARE (-1)
struct pack_register_stage {
    struct str value;
    const struct pack_text *label;
    size_t n;
    const struct str *next;      // where it may go from here
    int64_t hundredths;          // how much of the way is gone, 0 to 100; PACK_NO_SHARE: nothing is said
};
struct pack_register {
    struct str code;
    const struct pack_text *label, *about;
    size_t n_owners, n_feeds, n_stages, n_fields;
    const struct str *owner;     // types of institutions that may enter a row; "*": all
    struct str confirmer;        // code of the institution that confirms a row before it counts; empty: none
    struct str title, date;      // fields: what a row is called; which day or year places it in a period
    const struct str *feeds;     // codes of the plan's indicators
    const struct pack_register_stage *stage; // the first is a new row's; none: the register has no stages
    const struct pack_register_field *field;
    // a row without a row of `filler` that names it in `filler_field` and is at `filler_stage` is a gap
    struct str filler, filler_field, filler_stage;
    // Rows of these years are placed in the next one; `carried`: the field of the kind year that says from which year they come
    size_t n_carry;
    const int *carry;
    struct str carried;
};
const struct pack_register *pack_register_at(const struct pack *p, size_t i); // NULL at the end
const struct pack_register *pack_register(const struct pack *p, struct str code);
const struct pack_register_field *pack_register_field(const struct pack_register *r, struct str name);
const struct pack_register_field *pack_register_kind(const struct pack_register *r, enum pack_kind kind); // the first of a kind; NULL: none
const struct pack_register_stage *pack_register_stage(const struct pack_register *r, struct str value);
bool pack_register_owner(const struct pack_register *r, struct str type); // may an institution of this type enter rows?

// ── what a reload would do (compare.c) ──
// The rows of both packs side by side. Refused is what records that are kept would lose or see changed under them; all else
// is only told. kind PACK_CHANGED: before and after as JSON, at most 80 bytes each, empty where one is not there.
enum pack_change_kind {
    PACK_CHANGED,
    PACK_SHORTER,            // before: a rule of retention whose time gets shorter: records go at the next pass
    PACK_REFUSED_COUNTRY,    // code or timezone: this is another country
    PACK_REFUSED_LANGUAGE,   // before: a language that persons and reports may have
    PACK_REFUSED_QUESTIONS,  // before: version of a question set that is not what it was
    PACK_REFUSED_QUESTIONS_GONE,
    PACK_REFUSED_QUESTIONS_LOWER, // after: a new version that is not higher than those there were
    PACK_REFUSED_PROTOCOL,   // before: version of a protocol that is not what it was
    PACK_REFUSED_PROTOCOL_GONE,
    PACK_REFUSED_YEAR,       // after: a year without holidays
    PACK_REFUSED_USED,       // before: a value of a list that records use; place: "legal_ground[consent]"
    PACK_REFUSED_RETENTION,  // before: a rule that records go by
    PACK_REFUSED_TEMPLATE,   // before: a template of referrals that are not answered
    PACK_REFUSED_PLAN,       // a version of the plan that is kept could not be read any more; before: its fault
    PACK_CHANGE_KINDS
};
static inline bool pack_refuses(enum pack_change_kind k) { return k > PACK_SHORTER; }
struct pack_change { enum pack_change_kind kind; struct str file, place, before, after; };
#define PACK_CHANGES_MAX 100
struct pack_changes { size_t n, refused, more; struct pack_change at[PACK_CHANGES_MAX]; }; // refused first; more: not told
// What records use, asked for what the fresh pack has not any more. what: the name of a list ("category", "room"), a its
// value; "retention": a "report" or "case", b the state, c the category or "*"; "template": a the purpose, b the type or "*"; "register":
// a its code, b a stage or "*".
// "plan": is a version kept that fresh cannot read? *said is then its first fault, in the memory of whoever answers.
struct pack_use { const char *what; struct str a, b, c; const struct pack *fresh; struct str *said; };
typedef enum err pack_used_fn(void *ctx, const struct pack_use *use, bool *used);
// year: of now, local. Texts lie in the arena. Errors are those of used, or ERR_MEMORY.
MUST_USE enum err pack_compare(const struct pack *old, const struct pack *fresh, int year, pack_used_fn *used, void *ctx,
                               struct arena *arena, struct pack_changes *out);

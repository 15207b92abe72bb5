// inside: what the files of this floor share. Nobody else includes it.
#pragma once
#include <jansson.h>
#include "base/arena.h"
#include "pack/pack.h"

#define PACK_LANGUAGES_MAX 8
#define PACK_FILES_MAX 16
#define PACK_FILE_MAX (1024 * 1024)     // bytes of one file
#define PACK_ARENA_MAX (40 * 1024 * 1024) // the bytes as read among them
#define PACK_LISTS_MAX 128
#define PACK_ENTRIES_MAX 500            // values of one list
#define PACK_HOSTS_MAX 5000
#define PACK_HOLIDAYS_MAX 2000
#define PACK_INSTITUTIONS_MAX 2000
#define PACK_NUMBERS_MAX 16
#define PACK_SAMPLES_MAX 64
#define PACK_STRETCHES_MAX 4            // stretches of duty hours in one day
#define PACK_LABEL_MAX 300              // characters
#define PACK_NAME_MAX 80

struct pack_text { struct str in[PACK_LANGUAGES_MAX]; }; // by the pack's order of languages
struct pack_entry { struct str value; struct pack_text label; };
struct pack_list { struct str name; size_t n; struct pack_entry *at; };
struct pack_county { struct str name; int row, column; size_t n; struct str *municipality; }; // row, column: on the map of tiles
struct pack_phone { struct str id, number, verified_on; struct pack_text label, when; bool free; };
struct pack_sample { struct str role, institution; };
struct pack_protocol_row { int64_t version; struct pack_text title; size_t n; struct pack_text *points; };
struct pack_stretch { int from, to; };  // minutes after local midnight
struct pack_hours { size_t n; struct pack_stretch at[PACK_STRETCHES_MAX]; };
enum { DAY_HOLIDAY = 7, PACK_DAYS };    // 0 = Monday … 6, then the hours of a holiday

struct pack {
    struct arena *arena;                // holds everything below
    struct str bytes;                   // all files, as they were read
    uint8_t hash[PACK_HASH_BYTES];
    struct str code, version, timezone;
    size_t n_languages;
    struct str language[PACK_LANGUAGES_MAX];
    size_t n_categories, n_choices, n_counties, n_hosts, n_parents, n_numbers, n_years, n_holidays, n_institutions, n_samples, n_lists;
    size_t n_templates, n_protocols, n_retention, n_steps, n_registers;
    struct pack_category *category;
    struct pack_text *option;           // per category; empty where it has none
    struct pack_choice *choice;
    struct pack_text *question;         // per choice; empty where it asks none
    int64_t danger_urgency, young_urgency;
    struct str young_reporter, young_band;
    struct pack_county *county;
    struct str *host, *parent;          // sorted by bytes
    struct pack_phone *number;
    struct pack_text exit;              // address of the quick exit in each language
    int64_t clock[PACK_CLOCKS];
    int64_t small_number;
    bool by_days[PACK_CLOCKS];          // counts working days alone
    struct pack_wellbeing wellbeing;
    const struct pack_plan_reminders *reminders; // NULL: none
    size_t n_sets;
    struct pack_question_set *set;      // by version, rising
    struct pack_hours hours[PACK_DAYS];
    int *year, *holiday;                // sorted; a holiday is year * 10000 + month * 100 + day
    struct pack_institution *institution;
    struct pack_sample *sample;         // institutions of the demo's accounts
    struct str duty_institution, duty_room;
    struct pack_template *template;
    struct pack_retention *retention;
    struct str *step;                   // what a reporter is told of a case
    struct pack_protocol_row *protocol; // by version
    struct pack_register *registers;
    const struct pack_plan *plan;       // NULL: the country has none
    struct str plan_text;               // its section as JSON
    struct pack_list list[PACK_LISTS_MAX];
};

const struct pack_list *pack_list(const struct pack *p, const char *name); // NULL: none
const struct pack_entry *pack_entry(const struct pack_list *l, struct str value);
struct str pack_text_in(const struct pack *p, const struct pack_text *t, const struct lang *l);
int pack_day_key(int year, int month, int day);

// compare.c, differ.c: all differences of two packs, section by section; each goes to fn.
typedef void differ_fn(void *ctx, struct str file, const char *place, const json_t *before, const json_t *after);
MUST_USE enum err differ_run(struct str old, struct str fresh, differ_fn *fn, void *ctx);

// ── the reader ──
// Where the bytes of a file come from: the disk, or a test's memory. name: a plain file name.
typedef enum err pack_load_fn(void *ctx, const char *name, struct buf *out);
void pack_keep_bytes(struct pack *p, struct str bytes); // bytes.c; a failure shows in the arena
bool pack_file_next(struct str *bytes, struct str *name, struct str *file); // bytes.c: of a pack in one piece; false at the end or a fault
MUST_USE enum err pack_read(pack_load_fn *load, void *ctx, struct pack **out, struct buf *why);

struct reader {
    struct pack *p;
    json_t *all;                        // the sections of all files in one object
    struct { const char *key; const char *file; } section[PACK_LISTS_MAX * 2];
    size_t n_sections;
    const char *file;                   // of the section being read
    char place[256];                    // "categories[3].label"
    size_t place_n;
    struct buf bytes;                   // becomes p->bytes
    struct buf *why;
    unsigned faults;                    // counted on; only PACK_FAULTS_MAX are told
    bool no_memory;
};
#define PACK_FAULTS_MAX 40

__attribute__((format(printf, 2, 3))) void read_fault(struct reader *r, const char *format, ...);
// Steps into a place and back: size_t at = read_into(r, ".codes"); … read_back(r, at);
__attribute__((format(printf, 2, 3))) size_t read_into(struct reader *r, const char *format, ...);
void read_back(struct reader *r, size_t at);
// A section by its key: sets r->file and r->place. NULL with a fault where it is missing or of another type.
const json_t *read_section(struct reader *r, const char *key, json_type type);
void *read_array(struct reader *r, size_t n, size_t size); // zeroed, in the pack's arena; NULL notes r->no_memory
// Keys that an object may have, divided by spaces; "note", "source", "verified_on" and "to_confirm" are always allowed.
bool read_keys(struct reader *r, const json_t *object, const char *keys);
struct str read_word(struct reader *r, const json_t *object, const char *key, size_t max, bool needed); // a text without line ends
bool read_flag(struct reader *r, const json_t *object, const char *key);        // missing: false
int64_t read_number(struct reader *r, const json_t *object, const char *key, int64_t min, int64_t max);
bool read_label(struct reader *r, const json_t *object, const char *key, bool needed, struct pack_text *out);
struct str read_item(struct reader *r, const json_t *item, size_t max);         // a text that stands in an array
size_t read_count(struct reader *r, const json_t *array, size_t max);           // its length, or 0 with a fault past max

void read_lists(struct reader *r);        // lists.c
void read_places(struct reader *r);
void read_institutions(struct reader *r);
void registers_plan_check(struct reader *r); // once the plan was read
void read_numbers(struct reader *r);
void read_clocks(struct reader *r);
void read_clock_days(struct reader *r);
void read_hosts(struct reader *r);
struct pack_list *read_new_list(struct reader *r, const char *name, size_t n); // NULL: no room
void read_taxonomy(struct reader *r);     // taxonomy.c
void read_exit(struct reader *r);         // lists.c
void read_calendar(struct reader *r);     // calendar.c
void read_wellbeing(struct reader *r);
void read_questions(struct reader *r);    // questions.c
void read_retention(struct reader *r);
void read_exchange(struct reader *r);     // exchange.c
void read_steps(struct reader *r);        // steps.c
void read_values(struct reader *r, const char *name, const json_t *rows); // lists.c: a list of {"value": …, "label": {…}}
void read_registers(struct reader *r);    // registers.c
void read_plan(struct reader *r);         // plan.c, after the registers
void read_plan_reminders(struct reader *r); // reminders.c

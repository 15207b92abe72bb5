// plan/snapshot: a year of the plan as it stood at one moment, with all words that a report needs: what is published is made from
// it alone, so that the same snapshot gives the same bytes, whatever happens to plan, pack and values later. What is hidden
// is not in it.
#pragma once
#include "plan/year.h"
#include "web/web.h"

#define PLAN_SNAPSHOT_BYTES (4u << 20)
struct plan_shot_value {         // of one place
    struct str place;            // a county, or empty: the whole country
    int64_t row, column;         // of the county's tile
    bool has, hidden;
    int64_t n, of, value;        // amounts; of 0: no percentage
};
struct plan_shot_year { int64_t year, value; bool has, hidden; };
struct plan_shot_indicator {
    struct str code, activity, section; // one of both
    struct str title, title_en, definition, definition_en, unit, unit_en, question, question_en; // question: how it is counted, in words
    struct str kind, source, status, trend; // "count" …, "live" …, "behind", "on_course"
    bool has, hidden, partial, targeted, achieved_known, about_persons;
    int64_t n, of, value, baseline, target, achieved, expected; // amounts; achieved and expected: tenths of a percent
    struct list places;          // struct plan_shot_value, counties that have a value or hide one
    struct list years;           // struct plan_shot_year: the plan's years up to this one
};
// objective: of an activity; n of of have data
struct plan_shot_group {
    struct str code, objective, title, title_en; bool has; int64_t achieved, n, of;
    int64_t due, done, hundredths;     // milestones due in the year, of them done, the sum of their hundredths
    struct list money;                 // struct plan_shot_money: by source; the sum first
    struct list steps, narratives;     // struct plan_shot_step, plan_shot_told: of an activity
};
// source: its code, empty: all together. What was not given is not the same as 0.
struct plan_shot_money { struct str source, label, label_en; bool has_planned, has_spent; int64_t planned, carried, spent; }; // whole money
struct plan_shot_step { struct str title, due, stage, stage_en, name, name_en; int64_t hundredths; };
struct plan_shot_told { struct str title, name, name_en, done, difficulties, next; };
struct plan_shot_gap { struct str institution, name, name_en; int64_t owed, done; };
struct plan_shot {
    int64_t year, version, made_at; // µs
    struct str plan, plan_en, version_title;
    bool over, demo;
    int64_t achieved, with_data, indicators_n, small; // achieved: of the whole, tenths; small: below which counts of persons are hidden
    bool has;
    struct list objectives, activities, indicators, gaps;
    struct list money;                 // struct plan_shot_money: of the whole plan, by source; the sum first
    struct str currency, currency_en;
};
// Makes one from the store; everything in a. ERR_NOT_FOUND: no plan, or not one of its years.
struct plan_shot_ask { const struct pack *pack; int64_t year, now; bool demo; };
MUST_USE enum err plan_shot_db(struct db *db, struct arena *a, const struct plan_shot_ask *ask, struct plan_shot *out);
// snapshot_work.c: milestones, money and narratives into a snapshot that has its objectives and activities.
MUST_USE enum err plan_shot_work(struct db *db, struct arena *a, const struct plan_shot_ask *ask, const struct plan_year *y, struct plan_shot *out);
void plan_shot_write(struct buf *out, const struct plan_shot *s);                                  // JSON
MUST_USE enum err plan_shot_read(struct arena *a, struct str json, struct plan_shot *out);         // ERR_MALFORMED: no snapshot
void plan_shot_csv(struct buf *out, const struct plan_shot *s, bool en);                           // one line for each indicator and county
// dataValueSets; country: its code as orgUnit
MUST_USE enum err plan_shot_dhis2(struct arena *a, struct buf *out, const struct plan_shot *s, struct str country);
struct str plan_status_text(const struct lang *l, struct str status); // a light's name in words
int plan_shade(int64_t value, int64_t most);                          // 0 none, 1 palest to 4 darkest: of a tile

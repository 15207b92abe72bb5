// store: the room's tables, read and written inside one transaction; for the pages of this room. Strings live in the arena.
#pragma once
#include "people/people.h"

#define PEOPLE_PAGE 50          // rows of a list
#define PEOPLE_SLOTS_MAX 200    // slots of a unit that are over or to come, as one page shows them
#define PEOPLE_UNITS_MAX 1000
#define PEOPLE_INSTITUTIONS_PAGE 500 // the pack's own fit one page
#define PEOPLE_CHOICES_MAX 2000 // institutions or persons in a select

struct people_institution { struct id id; struct str code, type, name, name_en; int64_t units; };
struct people_unit { struct id id, institution; struct str institution_code, institution_type, institution_name, institution_name_en, room, name;
    int64_t members; };
struct people_person { struct id id; struct str user, name, mail, language; struct id institution; struct str institution_code, institution_name,
    institution_name_en; uint32_t roles; bool disabled; };
struct people_slot { struct id id, unit, person; struct str name; int64_t starts, ends, place; bool works; }; // ends: INT64_MAX until further notice;
                                                                       // works: a member, not disabled

// The id in a column; zeroes where it holds none.
static inline struct id id_at(const struct db_rows *r, int col)
{
    struct id id = {0};
    return id_from_bytes(db_str(r, col), &id) == OK ? id : (struct id){0};
}
// Reads rows into out, an array of `size` bytes an element: at most max, *n of them. What out holds after a failure is not
// to be read.
MUST_USE enum err people_rows(struct db *db, struct arena *a, const struct db_query *q, struct db_args args,
                            void (*row)(struct arena *a, const struct db_rows *r, void *to), void *out, size_t size, size_t max, size_t *n);
// The one row; ERR_NOT_FOUND where there is none: then out is as it was.
MUST_USE enum err people_row(struct db *db, struct arena *a, const struct db_query *q, struct db_args args,
                           void (*row)(struct arena *a, const struct db_rows *r, void *to), void *out, size_t size);
// The first column of the first row; ERR_NOT_FOUND where there is none.
MUST_USE enum err find_id_db(struct db *db, const struct db_query *q, struct db_args args, struct id *out);

// after: the last id of the page before, or zero. At most max rows; *n of them.
MUST_USE enum err institution_list_db(struct db *db, struct arena *a, struct id after, struct people_institution *out, size_t max, size_t *n);
MUST_USE enum err institution_find_db(struct db *db, struct arena *a, struct id id, struct people_institution *out);
MUST_USE enum err institution_add_db(struct db *db, struct arena *a, const struct people_institution *i);
MUST_USE enum err unit_list_db(struct db *db, struct arena *a, struct people_unit *out, size_t max, size_t *n);
MUST_USE enum err unit_find_db(struct db *db, struct arena *a, struct id id, struct people_unit *out);
MUST_USE enum err unit_add_db(struct db *db, struct id id, struct id institution, struct str room, struct str name);
MUST_USE enum err member_list_db(struct db *db, struct arena *a, struct id unit, struct people_person *out, size_t max, size_t *n);
MUST_USE enum err member_units_db(struct db *db, struct arena *a, struct id person, struct people_unit *out, size_t max, size_t *n);
MUST_USE enum err member_find_db(struct db *db, struct id unit, struct id person); // ERR_NOT_FOUND: no member
MUST_USE enum err member_add_db(struct db *db, struct id unit, struct id person); // again is fine
MUST_USE enum err member_remove_db(struct db *db, struct id unit, struct id person); // and the person's slots there
MUST_USE enum err member_clear_db(struct db *db, struct id person);                  // of all units: the key is a new one
MUST_USE enum err person_list_db(struct db *db, struct arena *a, struct id after, struct str part, struct people_person *out, size_t max, size_t *n);
MUST_USE enum err person_find_db(struct db *db, struct arena *a, struct id id, struct people_person *out);
MUST_USE enum err person_add_db(struct db *db, struct arena *a, const struct people_person *p);
MUST_USE enum err person_change_db(struct db *db, struct arena *a, const struct people_person *p); // name, mail, language, institution
MUST_USE enum err person_roles_db(struct db *db, struct id id, uint32_t roles);
MUST_USE enum err person_disable_db(struct db *db, struct id id, bool disabled);
struct people_founding { struct people_unit unit; struct str person, founder, confirmer; struct id founder_id, person_id; int64_t at, confirmed; };
// INT64_MIN: unknown, not yet. Not confirmed first, then the newest. unit: that one alone; zero: all.
#define PEOPLE_FOUNDINGS_MAX 300
MUST_USE enum err founding_list_db(struct db *db, struct arena *a, struct id unit, struct people_founding *out, size_t max, size_t *n);
// *added: false where the unit has one already, which stays as it is.
MUST_USE enum err founding_add_db(struct db *db, struct id unit, struct id person, struct id founder, int64_t at, bool *added);
MUST_USE enum err founding_drop_db(struct db *db, struct id unit);
MUST_USE enum err founding_confirm_db(struct db *db, struct id unit, struct id confirmer, int64_t at); // confirmer zero: it is not known who
// Slots of a unit that end after `from`, by their start.
MUST_USE enum err roster_list_db(struct db *db, struct arena *a, struct id unit, int64_t from, struct people_slot *out, size_t max, size_t *n);
MUST_USE enum err roster_find_db(struct db *db, struct arena *a, struct id id, struct people_slot *out);
MUST_USE enum err roster_add_db(struct db *db, const struct people_slot *s); // ERR_NOT_FOUND: the person is no member of the unit
MUST_USE enum err roster_remove_db(struct db *db, struct id id);

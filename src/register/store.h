// store: one row of a register in the store, with its values, stages and history. Other files of this room only.
#pragma once
#include "people/counts.h"
#include "register/rules.h"

#define ENTRY_FIELDS_BYTES (128 * 1024) // of a row's fields as JSON

struct entry_row {
    int64_t seq, day, version, corrections, at;
    struct id id;
    const struct pack_register *reg;
    struct entry_at who;         // institution, last writer, state
    struct str code, name, name_en; // the institution's
    struct str stage, county, municipality, title, fields; // fields: JSON
    bool counts, demo;
};
// ERR_NOT_FOUND: no such row, or one of a register that the pack has no more.
MUST_USE enum err entry_find_db(struct db *db, struct arena *a, const struct pack *p, struct id id, struct entry_row *out);

// What institution, of which type, somebody works for.
MUST_USE enum err entry_who_db(struct db *db, const struct req *rq, struct entry_who *out);
// JSON and back: a list of struct html_pair. Broken JSON reads as nothing.
struct str entry_fields_write(struct arena *a, const struct list *values);
struct list entry_fields_read(struct arena *a, struct str json);

// Where the values point to: institutions by code, rows of other registers by id that are not removed, what stands in the plan.
MUST_USE enum err entry_refer_db(struct db *db, const struct req *rq, const struct pack_register *r, const struct list *institutions, const struct list *values,
                                 entry_fault_fn *fault, void *ctx, bool *fine);

// The word under which a row is found that has this value: "=county:Korçë". Words of texts never begin so.
struct str entry_filter_word(struct arena *a, const char *name, struct str value);
// A row as it shall stand, made ready outside the store: row.seq is 0 for a new one, row.version the one that it had.
struct entry_put { struct entry_row row; const struct list *values; struct str fold; size_t n; struct entry_facet *facet; struct str action, note; };
void entry_put_ready(struct arena *a, const struct pack *p, struct entry_put *w);
// ERR_CONFLICT: somebody else changed it since that version. stage_day: when it reached row.stage, or 0 where it stays.
MUST_USE enum err entry_put_db(struct db *db, struct arena *a, struct entry_put *w, int64_t stage_day);

// tally.c: the row's line in desk.entry_tally, or none where it does not count; after its stages were written.
MUST_USE enum err entry_tally_put_db(struct db *db, const struct entry_put *w);
void entry_fact_put(struct buf *facts, struct str field, struct str value, int64_t n); // one line of it; a stage: without a field, its day

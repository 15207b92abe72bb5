// list: the rows of a register that somebody may see, by what they filter by; shared by the page and the table file.
#pragma once
#include "register/handlers.h"

struct entry_filter {
    const struct pack_register *reg;
    struct str county, stage, state, q;
    struct str institution;            // its code
    int64_t year;                      // 0: any
    int64_t day, seq;                  // behind this row; 0: from the start
    int64_t limit;
};
struct entry_seen { struct entry_row row; bool gap; };
// Newest day first. with_fields: row.fields too. Reads who asks as well.
MUST_USE enum err entry_list_db(struct db *db, struct req *rq, const struct entry_filter *f, bool with_fields,
                                struct entry_who *who, struct entry_seen **out, size_t *n);
// The years and states that can be asked for. ERR_INVALID with the refusal noted.
MUST_USE enum err entry_filter_check(struct req *rq, const struct pack_register *r, int64_t year, struct str state,
                                     struct str stage, struct str county);

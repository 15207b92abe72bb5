// casefile: what is taken out of a case for somebody, piece by piece: printed now, sealed for another unit, or sealed under a
// passphrase for somebody outside (docs/casework.md, "Case files"; docs/decisions/0013). Other rooms include this header only.
#pragma once
#include "casework/casework.h"
#include "web/web.h"

#define CASEFILE_BYTES_MAX (1536u * 1024) // of a document, as JSON

struct casefile_doc {                     // complete in itself: all its words are in the language in which it was made
    int64_t isigurt_casefile;             // 1
    struct id id, case_id;
    struct str number, lang, title, marking; // marking: on each printed page
    int64_t made;
    struct list head, warnings, parts;    // struct paper_fact, struct paper_fact (text alone), struct paper_part
};
MUST_USE enum err casefile_doc_write(struct buf *out, const struct casefile_doc *d);
// ERR_MALFORMED: no case file, or of a later version. Strings live in the arena.
MUST_USE enum err casefile_doc_read(struct arena *a, struct str json, struct casefile_doc *out);
// A page that stands alone: one HTML file, with its style, that asks no other for anything.
MUST_USE enum err casefile_doc_html(struct buf *out, const struct casefile_doc *d);

// For exchange_taken_hook: the case files of a case.
MUST_USE enum err casefile_taken(struct db *db, struct req *rq, struct id case_id, struct list *out);

// For case_rooms: what became of the files made of a case.
MUST_USE enum err casefile_case_more(struct db *db, struct req *rq, struct id case_id, struct case_more *more);

// For retention: all case files of a case, with their keys; inside the caller's write.
MUST_USE enum err casefile_shred_db(struct db *db, struct id case_id);

extern const struct routes casefile_desk_routes;

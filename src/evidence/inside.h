// inside: what the files of this room share. Not for others.
#pragma once
#include "evidence/evidence.h"

#define PIECE 65536u // bytes of a row
#define SEALED_MAX (EVIDENCE_BYTES + EVIDENCE_BYTES / 512 + 4096)
#define NAME_BYTES 200
#define SEALED_NAME_MAX (NAME_BYTES + SEAL_EXTRA)

// The name's key is made of the file's seed, as is the pair to which its stream is sealed.
void evidence_name_seal(const struct keeper_file *f, struct str name, struct buf *out);
MUST_USE enum err evidence_name_open(const struct keeper_file *f, struct str sealed, struct buf *out);
// One that is there, with its stream. ERR_NOT_FOUND.
struct evidence_found { struct keeper_file file; int64_t size; struct buf sealed; };
MUST_USE enum err evidence_find_db(struct db *db, const struct evidence_of *of, struct id file, struct evidence_found *out);

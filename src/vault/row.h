// row: reading and writing one row under its MAC; what the files of rows.h share. Not for others.
#pragma once
#include "vault/rows.h"

typedef enum err row_fn(const struct db_rows *r, void *out); // decodes the present row into a struct
// Runs an insert whose last parameter is the MAC over the others (at most 16).
MUST_USE enum err row_put(struct db *db, const struct key *row_key, const char *table, const struct db_query *q, struct db_args args);
// All rows of q into out (an array of `size` bytes a row); more than max: ERR_TOO_LARGE; a wrong MAC: ERR_TAMPERED.
MUST_USE enum err row_all(struct db *db, const struct key *row_key, const char *table, const struct db_query *q,
                          struct db_args args, row_fn *fn, void *out, size_t size, size_t max, size_t *n);
MUST_USE enum err row_one(struct db *db, const struct key *row_key, const char *table, const struct db_query *q,
                          struct db_args args, row_fn *fn, void *out, size_t size); // ERR_NOT_FOUND
// Column i of exactly n bytes. After the MAC only a program of another version can have written another length.
MUST_USE enum err row_bytes(const struct db_rows *r, int i, void *out, size_t n);

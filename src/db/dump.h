// dump: all rows of all four schemas as one stream, the same for both engines, so that a backup of one restores onto the
// other. Little-endian. The stream begins with the 16 bytes "isigurt.dump...1"; then records follow:
//
//   type u8 ‖ length u32 ‖ body
//   V  last u32 ‖ count u32: the schema's migrations (largest number, how many); first
//   T  n u8 ‖ str8 table ‖ n × (letter u8 ‖ str8 column): the rows that follow belong to this table
//   R  n × value: letter u8 (0 null, i, f, t, b) ‖ (i, f: 8 bytes; t, b: length u32 ‖ bytes); n as in the T before
//   S  last i64: the largest number that the table's sequence has given out
//   E  rows u64: the end; without it the stream was cut
//
// str8 = length u8 ‖ bytes; table = "schema.name"; letters as in struct db_query. Left out: schema_version, which the
// migrations write, and generated columns.
//
// Consistent across schemas: PostgreSQL gives one snapshot. SQLite's files have a snapshot each, taken in the order of
// schema_names: a report that has left `intake` is in `desk` by then, `reply` names nothing as done that `desk` does not
// hold, and `keeper`, last, holds every key and audit entry that the others speak of.
#pragma once
#include "schema.h"

#define DUMP_RECORD_MAX (64 << 20)
#define DUMP_PIECE (64 << 10) // pieces given to the sink are about so large, or one record

struct dump_column {
    char letter;
    char name[64];
};

struct dump_table {
    char name[128]; // schema.name
    int columns;
    bool sequence;
    char sequence_column[64];
    struct dump_column column[DB_COLUMNS_MAX];
};

// Writing. The engines call these in order; the first failure of the sink is kept and returned at the end.
struct dump_out {
    store_sink *sink;
    void *ctx;
    struct buf piece;
    uint64_t rows;
    enum err err;
};
enum err dump_version(struct dump_out *d, uint32_t last, uint32_t count);
enum err dump_begin_table(struct dump_out *d, const struct dump_table *t);
enum err dump_row(struct dump_out *d, int n, const struct db_val *values);
enum err dump_sequence(struct dump_out *d, int64_t last);
enum err sqlite_dump(const char *url, struct dump_out *d, struct buf *why);
enum err postgres_dump(const char *url, struct dump_out *d, struct buf *why);

// Reading: what an engine does with each record. state is the engine's.
struct dump_in {
    void *state;
    enum err (*table)(void *state, const struct dump_table *t, struct buf *why); // empties it
    enum err (*row)(void *state, const struct dump_table *t, const struct db_val *values, struct buf *why);
    enum err (*sequence)(void *state, const struct dump_table *t, int64_t last, struct buf *why);
    enum err (*end)(void *state, enum err e, struct buf *why); // commits where e is OK; frees
};
enum err sqlite_load_begin(const char *url, struct dump_in *in, struct buf *why);
enum err postgres_load_begin(const char *url, struct dump_in *in, struct buf *why);

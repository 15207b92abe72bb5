// stream: a long run of bytes under one random key, in chunks that cannot be dropped, swapped or cut off (libsodium's
// secretstream). Used for backups, evidence files and case files. Format: "isigurt.stream.1" ‖ S(pk, key) 80 ‖ header 24 ‖ chunks;
// a chunk is length u32 ‖ ciphertext; the last one bears the final tag.
#pragma once
#include "crypto/crypto.h"

#define STREAM_CHUNK 65536 // plaintext of one chunk, at most

typedef enum err stream_write_fn(void *ctx, struct str bytes);
typedef enum err stream_read_fn(void *ctx, void *into, size_t n); // exactly n bytes, ERR_TAMPERED at an early end
// A reader of what lies in memory; rest: a struct str, which loses what was read.
MUST_USE enum err stream_take(void *rest, void *into, size_t n);

struct stream_out;
MUST_USE enum err stream_out_new(const struct public_key *to, stream_write_fn *write, void *ctx, struct stream_out **out);
MUST_USE enum err stream_out_put(struct stream_out *s, struct str plain); // any length
MUST_USE enum err stream_out_end(struct stream_out **s);                  // final chunk; frees also on error
void stream_out_drop(struct stream_out **s);                              // frees without an end

struct stream_in;
// sk, pk: the key pair that it was sealed to. ERR_MALFORMED: no stream of ours; ERR_TAMPERED: another key, or altered.
MUST_USE enum err stream_in_new(const struct public_key *pk, const struct key *sk, stream_read_fn *read, void *ctx, struct stream_in **out);
// The next chunk, borrowed until the next call; *end true with the last one.
MUST_USE enum err stream_in_next(struct stream_in *s, struct str *plain, bool *end);
void stream_in_free(struct stream_in **s);

// Both ways at once, for what lies in memory; appended to out. Open: ERR_MALFORMED, ERR_TAMPERED as above, also where bytes are left over;
// out is then as it was. ERR_TOO_LARGE: past out's maximum.
MUST_USE enum err stream_seal(const struct public_key *to, struct str plain, struct buf *out);
MUST_USE enum err stream_open(const struct public_key *pk, const struct key *sk, struct str sealed, struct buf *out);

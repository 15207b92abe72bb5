// record: a home's key K and the items under it (docs/protocol.md, "Records"). Pure; no I/O.
#pragma once
#include "crypto/crypto.h"

enum record_type { RECORD_REPORT = 1, RECORD_THREAD = 2, RECORD_CASE = 3, RECORD_REFERRAL = 4 };
enum record_direction { RECORD_NONE = 0, RECORD_UP = 1, RECORD_DOWN = 2 };
#define RECORD_AD_BYTES 128
#define RECORD_ITEM_MAX 65535 // plaintext
#define RECORD_WRAP_BYTES 72  // child wrap
#define RECORD_FIELD_NOTE 2   // of a report: what a worker wrote about it

struct kid { uint8_t b[16]; };

struct record_ad {             // what a ciphertext is bound to
    enum record_type type;
    uint8_t field;             // 0: the whole item; RECORD_FIELD_NOTE
    enum record_direction direction;
    uint32_t version;          // 1 at creation
    uint64_t seq;
    struct id home, item;
    struct kid kid;
    uint64_t generation;       // 0 at creation
    uint8_t meta[32];          // record_meta of the clear columns fixed at creation; zero where there are none
};

void record_key(struct key *out);                              // a new random K
struct kid record_kid(const struct key *k);
void record_ad_bytes(const struct record_ad *ad, uint8_t out[RECORD_AD_BYTES]);
// meta: columns are appended in schema order with these, then hashed.
void record_meta_int(struct buf *columns, int64_t v);          // 8 bytes little-endian
void record_meta_str(struct buf *columns, struct str s);       // u32 length ‖ bytes; null and empty are the same
void record_meta(uint8_t out[32], const struct buf *columns);
// Pads, then E(K, AD, padded), appended to out.
MUST_USE enum err record_seal(struct buf *out, const struct key *k, const struct record_ad *ad, struct str plain);
MUST_USE enum err record_open(struct buf *out, const struct key *k, const struct record_ad *ad, struct str sealed);
void record_wrap_unit(uint8_t out[BOX_BYTES], const struct public_key *unit, const struct key *k);
void record_wrap_child(uint8_t out[RECORD_WRAP_BYTES], const struct key *parent_key, struct id parent, struct id child,
                       struct kid child_kid, uint64_t generation, const struct key *child_key);
MUST_USE enum err record_unwrap_child(struct key *out, const struct key *parent_key, struct id parent, struct id child,
                                      struct kid child_kid, uint64_t generation, struct str wrap);

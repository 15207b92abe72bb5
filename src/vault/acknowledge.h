// acknowledge: the statement that the keeper signs for a professional who sent a report (docs/protocol.md, "Acknowledgement"): what
// was received, when, under which number. Neither text nor name is in it; `content` binds both for whoever knows them.
#pragma once
#include "crypto/crypto.h"

#define ACKNOWLEDGE_CATEGORY_MAX 24
#define ACKNOWLEDGE_BYTES_MAX (16 + 16 + 16 + 8 + 16 + 4 + ACKNOWLEDGE_CATEGORY_MAX)

struct acknowledgement {
    uint8_t install[16];   // install.id
    struct id report;      // the receipt number
    int64_t received;      // µs UTC, cut to the minute
    uint8_t content[16];   // as in intake.report
    struct str category;   // taxonomy code, at most ACKNOWLEDGE_CATEGORY_MAX bytes
};
// The bytes that are signed; returns how many, 0 where the category is too long.
size_t acknowledgement_bytes(const struct acknowledgement *a, uint8_t out[static ACKNOWLEDGE_BYTES_MAX]);
MUST_USE enum err acknowledgement_check(const struct acknowledgement *a, const struct public_key *pk, struct str signature); // ERR_TAMPERED

// Who sent it stands in the acknowledgement too, for its holder to show: content = H(16, "isigurt.sender.1", rest, institution ‖
// function), each with its length; rest is the keyed digest of the whole content and tells nothing without the receipt code.
void acknowledgement_bind(uint8_t content[16], const uint8_t rest[16], struct str institution, struct str function);

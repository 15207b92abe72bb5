// desk_frame: what tests of the desk's report room stand on. A keeper that holds one unit's key in this process and does
// with it what the real one does (opens, seals, tags, counts its audit), and events that are kept instead of sent.
// The keeper's own promises are tested in tests/unit/vault; here only what the desk makes of them.
#pragma once
#include "report/report.h"

struct keeper {
    struct key unit_secret, tag_secret;
    struct public_key unit, tag;
    struct id unit_id;
    enum err fails;             // what every call answers, where not OK
    unsigned opened, sealed, audited, tagged, acknowledged;
    uint16_t last_action;
    void (*meanwhile)(void);    // called by each seal: what others do between a look and a write
};
void frame_keeper(struct keeper *k, struct id unit);

#define FRAME_EVENTS 4096
struct frame_event { int64_t id; char name[16], data[128]; struct id unit; };
struct events { size_t n; struct frame_event at[FRAME_EVENTS]; };

// One report as the portal seals it, and the row of intake that it makes.
struct frame_report {
    struct id id, unit, thread;
    struct key key, thread_key;
    struct kid kid, thread_kid;
    struct report_clear clear;
    uint8_t lookup[16], content[16], burst[16];
    uint8_t unit_wrap[BOX_BYTES], thread_wrap[RECORD_WRAP_BYTES];
    struct buf item, tag_box;
};
// address: as compared, or NULL; text: what was told. Freed by frame_report_free.
void frame_report_make(struct frame_report *r, const struct keeper *k, const char *category, int64_t urgency, int64_t received,
                       const char *address, const char *text);
void frame_report_seal(struct frame_report *r, const struct keeper *k, const char *text, const char *address); // again, after a change of clear
void frame_report_free(struct frame_report *r);
// Writes it as the portal does, on a store that writes intake.
MUST_USE enum err frame_report_send(struct store *portal, const struct frame_report *r);
MUST_USE enum err frame_message_send(struct store *portal, const struct frame_report *r, int64_t seq, int64_t sent, const char *text,
                                     bool withdraw, struct id *id);

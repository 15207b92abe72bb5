// desk: the inside of the report room's desk side. Other rooms include report/report.h only; the programs too, but for
// report_events_after, which the program hands to web's events.
#pragma once
#include <pthread.h>
#include "report/report.h"

#define INGEST_MAX 256                        // reports or messages taken in by one transaction
#define INGEST_GAP (16 * INT64_C(1000000))    // ns between two groups: under load each commit carries more, at 16 ms of delay
#define SWEEP_EVERY (4900 * INT64_C(1000000)) // ns between two looks at what still lies in intake
#define SETTLE_MAX 256                        // reports tagged, or rows written to reply, at once
#define SETTLE_GAP (150 * INT64_C(1000000))    // ns that the settler waits for others to share its transactions
#define SETTLE_NICE 10                        // below the thread that rings
#define SETTLE_BYTES_MAX (2u << 20)           // items held at once on the way to reply
#define PACE_REPORTS 5000                     // newest reports over which the real answer times are measured …
#define PACE_DAYS 90                          // … and how far back they may lie
#define PACE_FEW 5                            // fewer give no median
#define PACE_EVERY (60 * INT64_C(1000000000)) // ns between two measurings
#define DONE_MAX 1024                         // rows of reply.done looked at by one sweep
#define QUEUE_PAGE 50                         // reports on one page of the queue
#define COUNT_MAX 1000                        // "same page" and burst counts stop here
#define SAME_MAX 100                          // ids of the same page or host that are shown
#define HISTORY_MAX 500                       // newest rows of one report that are shown
#define NOTE_MAX 1000                         // characters of a reason
#define ANSWER_MAX REPORT_MESSAGE_MAX                     // characters of an answer

struct report_pace_one { bool known, over; int64_t median; }; // µs; over: half of them waited longer than that, some still do
struct report_pace { struct report_pace_one looked, answered; };

struct report_desk {
    struct services *sv;
    pthread_mutex_t ingesting; // one ingest at a time; guards what follows
    int64_t after;             // intake.report.seq up to which all has been looked at
    int64_t sweep_after;       // the same of the sweep, which starts again at 0
    int64_t refused;           // messages in intake whose number another has; told when they grow
    int64_t swept, ingested;   // monotonic ns of the last sweep and the last group
    int64_t rung_n, rung_sum, rung_max; // ns from the ring to the last event of its group

    struct report_pace pace[4]; // as last written, by urgency; the settler's alone, with the next
    int64_t paced;              // monotonic ns; 0: not yet

    pthread_t settler;
    bool settling;             // the thread runs
    pthread_mutex_t lock;      // guards wanted and stop
    pthread_cond_t changed;
    bool wanted, stop;
};

// ingest_messages.c: what reporters wrote afterwards; in report_ingest's turn.
MUST_USE enum err report_ingest_messages(struct services *sv);

// ── settle.c: what the ringing does not wait for ──
MUST_USE enum err report_settle_start(struct report_desk *d);
void report_settle_stop(struct report_desk *d);
MUST_USE enum err report_settle(struct services *sv); // all of it, now, on this thread, where no other desk does; tests call it
MUST_USE enum err report_acknowledge(struct services *sv); // acknowledge.c: has signed what was asked for in intake
// flagger.c: reply.flagger as desk.flagger and the reports say; once a minute, where there are any. Idempotent.
void flagger_settle(struct services *sv);
MUST_USE enum err flagger_of_db(struct db *db, struct arena *a, struct id report, struct str *name); // empty: none sent it
MUST_USE enum err flagger_mirror(struct services *sv); // the same, now
void report_done_sweep(struct services *sv);        // forgets in reply.done what the portal has deleted

// ── pace.c: how long it really takes ──
struct report_pace_row { int64_t urgency, received, looked, answered; bool ended; }; // looked, answered: INT64_MIN where not yet
// take, act: µs within which each urgency should be opened and answered. ended: nothing more is to come.
MUST_USE enum err report_pace_measure(const struct report_pace_row *rows, size_t n, int64_t now, const int64_t take[static 4],
                                      const int64_t act[static 4], struct report_pace out[static 4]);
// Measures, and writes to reply where it differs from last.
MUST_USE enum err report_pace_write(struct services *sv, int64_t now, struct report_pace last[static 4]);

// ── step.c: changes of one report, inside the caller's transaction ──
// Whoever has it works there no more: disabled, or no member of its unit. A column of desk.report's row, 0 or 1.
#define REPORT_LEFT_SQL "(select count(*) from desk.person p where p.id = report.taken_by and (p.disabled = 1 or not exists " \
    "(select 1 from desk.member m where m.person = p.id and m.unit = report.unit)))"
struct report_at { // where a report stands
    int64_t seq, rank, lead;
    enum report_state state;
    struct id unit, taken_by; // taken_by: zero where nobody has it
    bool left;                // somebody has it who works there no more: as if nobody had
    uint8_t burst[16];
    bool in_burst;
};
// ERR_NOT_FOUND where it is not there or not of one of the units.
MUST_USE enum err report_at_db(struct db *db, struct id report, const struct id *units, size_t n, struct report_at *out);
// Gives the lead of its burst to the next new report, if this one held it. Call it before the row's state or rank changes.
MUST_USE enum err report_lead_pass_db(struct db *db, const struct report_at *at);
// Sets the state, writes the step that the reporter sees, and what reply still lacks. ERR_CONFLICT where the table of
// states does not allow it. taken_by: who holds it from now on, zero for nobody.
MUST_USE enum err report_state_db(struct db *db, struct id report, const struct report_at *at, enum report_state to,
                                  struct id taken_by, int64_t now);
MUST_USE enum err report_history_db(struct db *db, struct id report, struct id person, const char *action, int64_t now);
// A step that the reporter sees, by its code; the state stays.
MUST_USE enum err report_step_code_db(struct db *db, struct id report, const struct report_at *at, struct str code, int64_t now);
MUST_USE enum err report_reply_due_db(struct db *db, int64_t seq, const struct id *message); // NULL: thread and steps

// What repeats it goes along, each told to its reporter. to: REPORT_CLOSED, with it; REPORT_DUPLICATE, again, those that closed so;
// REPORT_TAKEN, by who had them and with as much time as at first, because what they repeat came to nothing or went to others.
// report_state_db calls it.
MUST_USE enum err report_followers_db(struct db *db, struct id report, enum report_state to, int64_t now);
// It repeats `of`, and so do its own duplicates. After report_state_db.
MUST_USE enum err report_same_db(struct db *db, struct id report, int64_t seq, struct id of);
// From now on that person has it; its state stays.
MUST_USE enum err report_holder_db(struct db *db, int64_t seq, struct id person, int64_t now);
// Starts the clock of a report that somebody has taken: until when it must be assessed.
MUST_USE enum err report_act_due_db(struct db *db, int64_t seq, int64_t due);

void report_event_data(struct buf *out, struct id id, struct str category, int64_t urgency); // {"id":…}, one line, < 128 bytes

// What was done with a case, in words: one row for each kind of entry and each act of the history. Rooms above write acts too
// (case_history_db); an act without a row here would be told as "changed the case", and tests/http/timeline.test.mjs fails.
#include "casework/handlers.h"

// words: a worker's own words are in such an entry; of a person they are the person's. above: an act of a room above that the
// timeline tells as well, though its words lie elsewhere. All else is an entry, or stands in the history alone (reads).
static const struct kind_row { const char *kind; enum message m; bool words, above; } kinds[] = {
    {"opened", MSG_CASEWORK_KIND_OPENED},
    {"reports", MSG_CASEWORK_KIND_REPORTS},
    {"note", MSG_CASEWORK_KIND_NOTE, .words = true},
    {"person", MSG_CASEWORK_KIND_PERSON},
    {"assessment", MSG_CASEWORK_KIND_ASSESSMENT, .words = true},
    {"plan", MSG_CASEWORK_KIND_PLAN, .words = true},
    {"task", MSG_CASEWORK_KIND_TASK, .words = true},
    {"task_corrected", MSG_CASEWORK_KIND_TASK_CORRECTED},
    {"task_done", MSG_CASEWORK_KIND_TASK_DONE, .words = true},
    {"route", MSG_CASEWORK_KIND_ROUTE, .words = true},
    {"stage", MSG_CASEWORK_KIND_STAGE},
    {"route_corrected", MSG_CASEWORK_KIND_ROUTE_CORRECTED},
    {"address", MSG_CASEWORK_KIND_ADDRESS, .words = true},
    {"state", MSG_CASEWORK_KIND_STATE, .words = true},
    {"worker", MSG_CASEWORK_KIND_WORKER},
    {"close", MSG_CASEWORK_KIND_CLOSE, .words = true},
    {"close_asked", MSG_CASEWORK_KIND_CLOSE},
    {"closed", MSG_CASEWORK_KIND_CLOSED},
    {"reopened", MSG_CASEWORK_KIND_REOPENED, .words = true},
    {"retracted", MSG_CASEWORK_KIND_RETRACTED, .words = true},
    {"report_out", MSG_CASEWORK_KIND_REPORT_OUT, .words = true},
    {"read", MSG_CASEWORK_KIND_READ},
    {"exported", MSG_CASEWORK_KIND_EXPORTED},
    {"owner", MSG_CASEWORK_KIND_OWNER},
    {"key", MSG_CASEWORK_KIND_KEY},
    {"file", MSG_CASEWORK_KIND_FILE, .words = true},
    {"file_removed", MSG_CASEWORK_KIND_FILE_REMOVED, .words = true},
    {"file_read", MSG_CASEWORK_KIND_FILE_READ},
    {"steps_hidden", MSG_CASEWORK_KIND_STEPS_HIDDEN},
    {"steps_shown", MSG_CASEWORK_KIND_STEPS_SHOWN},
    // of a report's thread
    {"message", MSG_CASEWORK_KIND_MESSAGE},
    {"answer", MSG_CASEWORK_KIND_ANSWER},
    // of the exchange
    {"referral_sent", MSG_CASEWORK_KIND_REFERRAL_SENT, .above = true},
    {"referral_accept", MSG_CASEWORK_KIND_REFERRAL_ACCEPT, .above = true},
    {"referral_decline", MSG_CASEWORK_KIND_REFERRAL_DECLINE, .above = true},
    {"referral_ask", MSG_CASEWORK_KIND_REFERRAL_ASK, .above = true},
    {"referral_answer", MSG_CASEWORK_KIND_REFERRAL_ANSWER, .above = true},
    {"referral_return", MSG_CASEWORK_KIND_REFERRAL_RETURN, .above = true},
    {"referral_done", MSG_CASEWORK_KIND_REFERRAL_DONE, .above = true},
    {"referral_revoke", MSG_CASEWORK_KIND_REFERRAL_REVOKE, .above = true},
    {"referral_progress", MSG_CASEWORK_KIND_REFERRAL_PROGRESS, .above = true},
    {"referral_add", MSG_CASEWORK_KIND_REFERRAL_ADD, .above = true},
    {"referral_ended", MSG_CASEWORK_KIND_REFERRAL_ENDED, .words = true}, // by who has the case now
    {"transfer_sent", MSG_CASEWORK_KIND_TRANSFER_SENT, .above = true},
    {"transfer_accept", MSG_CASEWORK_KIND_TRANSFER_ACCEPT, .above = true},
    {"transfer_decline", MSG_CASEWORK_KIND_TRANSFER_DECLINE, .above = true},
    {"transfer_ask", MSG_CASEWORK_KIND_TRANSFER_ASK, .above = true},
    {"transfer_answer", MSG_CASEWORK_KIND_TRANSFER_ANSWER, .above = true},
    {"transfer_add", MSG_CASEWORK_KIND_TRANSFER_ADD, .above = true},
    {"transfer_revoke", MSG_CASEWORK_KIND_TRANSFER_REVOKE, .above = true},
    {"referral_opened", MSG_CASEWORK_KIND_REFERRAL_OPENED},
    {"report_opened", MSG_CASEWORK_KIND_REPORT_OPENED},
    // of case files: the making is an entry
    {"casefile_printed", MSG_CASEWORK_KIND_CASEFILE_PRINTED, .words = true},
    {"casefile_sealed", MSG_CASEWORK_KIND_CASEFILE_SEALED, .words = true},
    {"casefile_outside", MSG_CASEWORK_KIND_CASEFILE_OUTSIDE, .words = true},
    {"casefile_opened", MSG_CASEWORK_KIND_CASEFILE_OPENED, .above = true},
    {"casefile_taken", MSG_CASEWORK_KIND_CASEFILE_TAKEN, .above = true},
    {"casefile_revoked", MSG_CASEWORK_KIND_CASEFILE_REVOKED, .above = true},
};

static const struct kind_row *kind_of(struct str kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_equal_z(kind, kinds[i].kind))
            return &kinds[i];
    return NULL;
}

enum message case_kind_message(struct str kind)
{
    const struct kind_row *k = kind_of(kind);
    return k ? k->m : MSG_CASEWORK_KIND_OTHER;
}

bool case_kind_words(struct str kind)
{
    const struct kind_row *k = kind_of(kind);
    return k && k->words;
}

bool case_kind_above(struct str kind)
{
    const struct kind_row *k = kind_of(kind);
    return k && k->above;
}

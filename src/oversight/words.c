// What entries are called. A number that is not here is shown as it is.
#include "oversight/handlers.h"
#include "vault/audit.h"

static const struct { uint16_t code; const char *name; enum message word; } actions[] = {
    {AUDIT_INIT, "init", MSG_OVERSIGHT_ACTION_INIT},
    {AUDIT_START, "start", MSG_OVERSIGHT_ACTION_START},
    {AUDIT_STOP, "stop", MSG_OVERSIGHT_ACTION_STOP},
    {AUDIT_HEARTBEAT, "heartbeat", MSG_OVERSIGHT_ACTION_HEARTBEAT},
    {AUDIT_CHECKPOINT, "checkpoint", MSG_OVERSIGHT_ACTION_CHECKPOINT},
    {AUDIT_RESTORE, "restore", MSG_OVERSIGHT_ACTION_RESTORE},
    {AUDIT_SIGN_IN, "sign_in", MSG_OVERSIGHT_ACTION_SIGN_IN},
    {AUDIT_SIGN_OUT, "sign_out", MSG_OVERSIGHT_ACTION_SIGN_OUT},
    {AUDIT_OPEN, "open", MSG_OVERSIGHT_ACTION_OPEN},
    {AUDIT_SEAL, "seal", MSG_OVERSIGHT_ACTION_SEAL},
    {AUDIT_ADMIT, "admit", MSG_OVERSIGHT_ACTION_ADMIT},
    {AUDIT_ROTATE, "rotate", MSG_OVERSIGHT_ACTION_ROTATE},
    {AUDIT_RECOVER, "recover", MSG_OVERSIGHT_ACTION_RECOVER},
    {AUDIT_PASSWORD, "password", MSG_OVERSIGHT_ACTION_PASSWORD},
    {AUDIT_END, "end", MSG_OVERSIGHT_ACTION_END},
    {AUDIT_PERSON_ADD, "person_add", MSG_OVERSIGHT_ACTION_PERSON_ADD},
    {AUDIT_PERSON_ROLES, "person_roles", MSG_OVERSIGHT_ACTION_PERSON_ROLES},
    {AUDIT_PERSON_DISABLE, "person_disable", MSG_OVERSIGHT_ACTION_PERSON_DISABLE},
    {AUDIT_PERSON_RESET, "person_reset", MSG_OVERSIGHT_ACTION_PERSON_RESET},
    {AUDIT_BUDGET_HALF, "budget_half", MSG_OVERSIGHT_ACTION_BUDGET_HALF},
    {AUDIT_UNIT_FIRST, "unit_first", MSG_OVERSIGHT_ACTION_UNIT_FIRST},
    {AUDIT_UNIT_CONFIRM, "unit_confirm", MSG_OVERSIGHT_ACTION_UNIT_CONFIRM},
    {AUDIT_PERSON_ENABLE, "person_enable", MSG_OVERSIGHT_ACTION_PERSON_ENABLE},
    {AUDIT_GRANT, "grant", MSG_OVERSIGHT_ACTION_GRANT},
    {AUDIT_LINK, "link", MSG_OVERSIGHT_ACTION_LINK},
    {AUDIT_HOME, "home", MSG_OVERSIGHT_ACTION_HOME},
    {AUDIT_REWRAP, "rewrap", MSG_OVERSIGHT_ACTION_REWRAP},
    {AUDIT_AGREE, "agree", MSG_OVERSIGHT_ACTION_AGREE},
    {AUDIT_REKEY, "rekey", MSG_OVERSIGHT_ACTION_REKEY},
    {AUDIT_FILE, "file", MSG_OVERSIGHT_ACTION_FILE},
    {AUDIT_ANCHOR, "anchor", MSG_OVERSIGHT_ACTION_ANCHOR},
    {AUDIT_TRAIL, "trail", MSG_OVERSIGHT_ACTION_TRAIL},
    {AUDIT_ACKNOWLEDGE, "acknowledge", MSG_OVERSIGHT_ACTION_ACKNOWLEDGE},
    {AUDIT_PACK, "pack", MSG_OVERSIGHT_ACTION_PACK},
    {AUDIT_FLAGGER, "flagger", MSG_OVERSIGHT_ACTION_FLAGGER},
    {AUDIT_TAG, "tag", MSG_OVERSIGHT_ACTION_TAG},
    {AUDIT_ERASE, "erase", MSG_OVERSIGHT_ACTION_ERASE},
    {AUDIT_ERASURE_ASKED, "erasure_asked", MSG_OVERSIGHT_ACTION_ERASURE_ASKED},
    {AUDIT_ERASURE_REFUSED, "erasure_refused", MSG_OVERSIGHT_ACTION_ERASURE_REFUSED},
    {AUDIT_RETENTION_HELD, "retention_held", MSG_OVERSIGHT_ACTION_RETENTION_HELD},
    {AUDIT_RETENTION_FREED, "retention_freed", MSG_OVERSIGHT_ACTION_RETENTION_FREED},
    {AUDIT_ACCESS_ASKED, "access_asked", MSG_OVERSIGHT_ACTION_ACCESS_ASKED},
    {AUDIT_ACCESS_DECIDED, "access_decided", MSG_OVERSIGHT_ACTION_ACCESS_DECIDED},
    {AUDIT_ACCESS_TAKEN, "access_taken", MSG_OVERSIGHT_ACTION_ACCESS_TAKEN},
    {AUDIT_REPORT_TAKE, "report_take", MSG_OVERSIGHT_ACTION_REPORT_TAKE},
    {AUDIT_REPORT_RELEASE, "report_release", MSG_OVERSIGHT_ACTION_REPORT_RELEASE},
    {AUDIT_REPORT_URGENCY, "report_urgency", MSG_OVERSIGHT_ACTION_REPORT_URGENCY},
    {AUDIT_REPORT_STATE, "report_state", MSG_OVERSIGHT_ACTION_REPORT_STATE},
    {AUDIT_ROSTER, "roster", MSG_OVERSIGHT_ACTION_ROSTER},
    {AUDIT_PEOPLE, "people", MSG_OVERSIGHT_ACTION_PEOPLE},
    {AUDIT_REPORT_ASSESSMENT, "report_assessment", MSG_OVERSIGHT_ACTION_REPORT_ASSESSMENT},
    {AUDIT_REPORT_HANDOVER, "report_handover", MSG_OVERSIGHT_ACTION_REPORT_HANDOVER},
    {AUDIT_LIMIT_LIFTED, "limit_lifted", MSG_OVERSIGHT_ACTION_LIMIT_LIFTED},
    {AUDIT_CASE, "case", MSG_OVERSIGHT_ACTION_CASE},
    {AUDIT_CASE_STATE, "case_state", MSG_OVERSIGHT_ACTION_CASE_STATE},
    {AUDIT_CASE_ROUTE, "case_route", MSG_OVERSIGHT_ACTION_CASE_ROUTE},
    {AUDIT_CASE_CLOSE_ASKED, "case_close_asked", MSG_OVERSIGHT_ACTION_CASE_CLOSE_ASKED},
    {AUDIT_CASE_CLOSED, "case_closed", MSG_OVERSIGHT_ACTION_CASE_CLOSED},
    {AUDIT_CASE_REOPENED, "case_reopened", MSG_OVERSIGHT_ACTION_CASE_REOPENED},
    {AUDIT_UNSTORED, "unstored", MSG_OVERSIGHT_ACTION_UNSTORED},
    {AUDIT_REFERRAL, "referral", MSG_OVERSIGHT_ACTION_REFERRAL},
    {AUDIT_REFERRAL_STATE, "referral_state", MSG_OVERSIGHT_ACTION_REFERRAL_STATE},
    {AUDIT_REFERRAL_REVOKED, "referral_revoked", MSG_OVERSIGHT_ACTION_REFERRAL_REVOKED},
    {AUDIT_CONTACT, "contact", MSG_OVERSIGHT_ACTION_CONTACT},
    {AUDIT_PROTOCOL, "protocol", MSG_OVERSIGHT_ACTION_PROTOCOL},
    {AUDIT_REFERRAL_NOTE, "referral_note", MSG_OVERSIGHT_ACTION_REFERRAL_NOTE},
    {AUDIT_MODERATED, "moderated", MSG_OVERSIGHT_ACTION_MODERATED},
    {AUDIT_CASEFILE, "casefile", MSG_OVERSIGHT_ACTION_CASEFILE},
    {AUDIT_CASEFILE_OPENED, "casefile_opened", MSG_OVERSIGHT_ACTION_CASEFILE_OPENED},
    {AUDIT_CASEFILE_REVOKED, "casefile_revoked", MSG_OVERSIGHT_ACTION_CASEFILE_REVOKED},
};

struct str trail_action_name(struct arena *a, uint16_t code)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (actions[i].code == code)
            return str_from(actions[i].name);
    return arena_printf(a, "%u", code);
}

struct str trail_action_text(const struct req *rq, uint16_t code)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (actions[i].code == code)
            return text_get(rq->lang, actions[i].word);
    return arena_printf(rq->arena, "%u", code);
}

enum err trail_action_read(struct str name, uint16_t *code)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (str_equal_z(name, actions[i].name)) {
            *code = actions[i].code;
            return OK;
        }
    return ERR_MALFORMED;
}

struct list trail_actions(struct req *rq, struct str on)
{
    size_t n = sizeof actions / sizeof *actions;
    struct choice *at = arena_array(rq->arena, n, sizeof *at);
    for (size_t i = 0; at && i < n; i++)
        at[i] = (struct choice){str_from(actions[i].name), text_get(rq->lang, actions[i].word), str_equal_z(on, actions[i].name)};
    return (struct list){at, at ? n : 0};
}

// The keeper's answers, as entries carry them (docs/protocol.md, "Desk and keeper").
static const struct { uint16_t status; const char *name; enum message word; } statuses[] = {
    {0, "ok", MSG_OVERSIGHT_STATUS_OK},
    {3, "not_permitted", MSG_OVERSIGHT_STATUS_NOT_PERMITTED},
    {4, "no_key", MSG_OVERSIGHT_STATUS_NO_KEY},
    {5, "limited", MSG_OVERSIGHT_STATUS_LIMITED},
    {6, "tampered", MSG_OVERSIGHT_STATUS_TAMPERED},
    {UINT16_MAX, "failed", MSG_OVERSIGHT_STATUS_FAILED},
};

static size_t status_at(uint16_t status)
{
    size_t i = 0;
    while (statuses[i].status != status && statuses[i].status != UINT16_MAX)
        i++;
    return i;
}

struct str trail_status_name(uint16_t status)
{
    return str_from(statuses[status_at(status)].name);
}

struct str trail_status_text(const struct req *rq, uint16_t status)
{
    return text_get(rq->lang, statuses[status_at(status)].word);
}

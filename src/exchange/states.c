// The life of a referral, as one table.
#include "exchange/exchange.h"

static const char *const state_names[REFERRAL_STATES] = {
    [REFERRAL_SENT] = "sent", [REFERRAL_ACCEPTED] = "accepted", [REFERRAL_DECLINED] = "declined", [REFERRAL_ASKED] = "asked",
    [REFERRAL_RETURNED] = "returned", [REFERRAL_DONE] = "done", [REFERRAL_REVOKED] = "revoked",
};

#define BIT(state) (1u << REFERRAL_##state)
static const struct rule {
    const char *name;
    bool sender;              // who may
    unsigned from;            // bits of states
    unsigned from_transfer;   // the same of a transfer
    enum referral_state to;   // REFERRAL_STATES: it stays what it was
} rules[REFERRAL_ACTS] = {
    [REFERRAL_ACCEPT] = {"accept", false, BIT(SENT), BIT(SENT), REFERRAL_ACCEPTED},
    [REFERRAL_DECLINE] = {"decline", false, BIT(SENT) | BIT(ASKED), BIT(SENT) | BIT(ASKED), REFERRAL_DECLINED},
    [REFERRAL_ASK] = {"ask", false, BIT(SENT), BIT(SENT), REFERRAL_ASKED},
    [REFERRAL_ANSWER] = {"answer", true, BIT(ASKED), BIT(ASKED), REFERRAL_SENT},
    [REFERRAL_RETURN] = {"return", false, BIT(ACCEPTED), 0, REFERRAL_RETURNED},
    [REFERRAL_FINISH] = {"done", false, BIT(ACCEPTED), 0, REFERRAL_DONE},
    [REFERRAL_REVOKE] = {"revoke", true, BIT(SENT) | BIT(ASKED) | BIT(ACCEPTED) | BIT(RETURNED) | BIT(DONE),
                         BIT(SENT) | BIT(ASKED), REFERRAL_REVOKED},
    [REFERRAL_PROGRESS] = {"progress", false, BIT(ACCEPTED), 0, REFERRAL_STATES},
    [REFERRAL_ADD] = {"add", true, BIT(SENT) | BIT(ACCEPTED), BIT(SENT), REFERRAL_STATES},
};

const char *referral_state_name(enum referral_state s)
{
    return state_names[s];
}

enum err referral_state_read(struct str name, enum referral_state *out)
{
    for (unsigned s = 0; s < REFERRAL_STATES; s++)
        if (str_equal_z(name, state_names[s])) {
            *out = (enum referral_state)s;
            return OK;
        }
    return ERR_MALFORMED;
}

const char *referral_act_name(enum referral_act a)
{
    return rules[a].name;
}

bool referral_may(enum referral_act act, bool transfer, enum referral_state from, enum referral_state *to)
{
    unsigned may = transfer ? rules[act].from_transfer : rules[act].from;
    if (!(may >> from & 1))
        return false;
    // Of what has ended only the receiver's copy is taken back: how it ended stays.
    bool ended = act == REFERRAL_REVOKE && (from == REFERRAL_RETURNED || from == REFERRAL_DONE);
    *to = ended || rules[act].to == REFERRAL_STATES ? from : rules[act].to;
    return true;
}

bool referral_by_sender(enum referral_act act)
{
    return rules[act].sender;
}

bool referral_holds(bool transfer, enum referral_state s)
{
    return s == REFERRAL_SENT || s == REFERRAL_ASKED || (s == REFERRAL_ACCEPTED && !transfer);
}

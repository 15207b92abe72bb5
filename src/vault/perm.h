// perm: the names of roles and permissions. Which role has which stands in people/role.c, one table that the desk, the
// keeper and the tests read. Default deny: a route without a permission does not compile.
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum role { // bits of a mask: 1u << role; order is stored, append only
    ROLE_DUTY_OFFICER, ROLE_ANALYST, ROLE_SUPERVISOR, ROLE_HELPLINE, ROLE_CONTACT, ROLE_ICT_TEACHER, ROLE_DIRECTOR,
    ROLE_DIRECTORATE, ROLE_INDICATOR_OWNER, ROLE_COORDINATOR, ROLE_MONITOR, ROLE_CLERK, ROLE_EDITOR, ROLE_OVERSIGHT,
    ROLE_ADMINISTRATOR, ROLE_COUNT
};
enum perm {
    PERM_REFUSED = 0,      // a row left empty: nobody
    PERM_PUBLIC,           // anybody, no session (portal pages, sign-in)
    PERM_RECEIPT,          // whoever holds a receipt code (portal)
    PERM_SIGNED_IN,        // any staff session
    PERM_REPORT_LIST,      // see the queue's metadata of one's own units
    PERM_REPORT_READ,      // open through the keeper
    PERM_REPORT_TAKE,      // take, release
    PERM_REPORT_ASSESS,    // urgency, state
    PERM_REPORT_ANSWER,    // write to the reporter
    PERM_PEOPLE_LIST,      // institutions, units, persons, roster: look
    PERM_PEOPLE_ADMIN,     // create, disable, roles, password links, institutions (never wraps)
    PERM_UNIT_ADMIT,       // admit and rotate in one's own unit
    PERM_ROSTER_EDIT,
    PERM_AUDIT_READ,       // the trail and statistics, never content
    PERM_SETTINGS,         // status, metrics, pack
    PERM_CASE_LIST,        // metadata of the cases whose key one's own units hold
    PERM_CASE_READ,        // open a case's entries through the keeper
    PERM_CASE_EDIT,        // make a case, write entries, routes, tasks; ask to close
    PERM_CASE_APPROVE,     // approve what somebody else asked for
    PERM_REFERRAL_LIST,    // referrals from and to one's own units
    PERM_REFERRAL_READ,    // open one through the keeper
    PERM_REFERRAL_SEND,    // refer or transfer a case, revoke
    PERM_REFERRAL_ACT,     // accept, decline, ask, hand back, done
    PERM_SEARCH,           // metadata of what one may list, searched; saved views
    PERM_FIGURES,          // dashboards and exports: counts, never a person
    PERM_LOAD,             // the load of the workers of one's own units, and lifting their limits
    PERM_CONTACT_LIST,     // who answers for which unit, versions of the protocol and who has accepted them: look
    PERM_DIRECTORY,        // the directory and the discussion, and one's own entry and words there
    PERM_MODERATE,         // take away others' words and entries there
    PERM_RETENTION,        // what is kept until when; hold it, ask for its erasure (of one's own units, where one may not erase)
    PERM_ERASE,            // approve or refuse what somebody else asked to erase; sees all units' retention, never content
    PERM_UNIT_CONFIRM,     // confirm that a unit was founded by right; never one's own founding
    PERM_REGISTER_READ,    // the registers' rows that are entered, of all institutions; drafts of one's own
    PERM_REGISTER_EDIT,    // enter, correct, confirm: as the pack lets one's own institution
    PERM_REGISTER_ALL,     // for any institution that may enter (historic years, institutions without an account)
    PERM_REFERRAL_LATE,    // which referrals of all units wait for an answer that is late, and whom to call: never content
    PERM_PLAN_ENTER,       // values of the plan that one's own institution owes
    PERM_PLAN_APPROVE,     // approve and return values of all institutions, enter for any; lock periods
    PERM_PLAN_READ,        // the plan, its figures and its versions that are in force; never a case
    PERM_PLAN_EDIT,        // draft versions and put them in force, set targets
    PERM_COUNT
};
// The table, handed to desk and keeper at start (people_role_table), so that this floor needs no room.
struct role_table {
    const char *name[ROLE_COUNT];       // "duty_officer": in JSON, CLI, pack
    uint64_t perms[ROLE_COUNT];         // bits 1ull << perm
};
static inline bool role_may(const struct role_table *t, uint32_t roles, enum perm p)
{
    for (unsigned r = 0; r < ROLE_COUNT; r++)
        if ((roles >> r & 1) && (t->perms[r] >> p & 1))
            return true;
    return false;
}

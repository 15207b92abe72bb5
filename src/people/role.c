#include "people/role.h"
#include <string.h>

#define BIT(perm) (1ull << (perm))
// What anybody signed in may do, and what needs no session at all.
#define ANYBODY (BIT(PERM_PUBLIC) | BIT(PERM_RECEIPT) | BIT(PERM_SIGNED_IN) | BIT(PERM_DIRECTORY))
// Work on reports. A person works only on those of the units whose key is held: the keeper sees to that.
#define REPORTS (BIT(PERM_REPORT_LIST) | BIT(PERM_REPORT_READ) | BIT(PERM_REPORT_TAKE) | BIT(PERM_REPORT_ASSESS) | BIT(PERM_REPORT_ANSWER))
// Work on cases and referrals, of units whose key is held, as above.
#define REFERRALS (BIT(PERM_CONTACT_LIST) | BIT(PERM_REFERRAL_LIST) | BIT(PERM_REFERRAL_READ) | BIT(PERM_REFERRAL_ACT))
#define CASES (BIT(PERM_CASE_LIST) | BIT(PERM_CASE_READ) | BIT(PERM_CASE_EDIT) | BIT(PERM_CASE_APPROVE) | BIT(PERM_REFERRAL_SEND) | REFERRALS)

// Registers and the plan hold no case and no names: read by who accounts for the plan, written by who answers for a register's rows.
#define ACCOUNTS (BIT(PERM_REGISTER_READ) | BIT(PERM_PLAN_READ))
#define REGISTERS (ACCOUNTS | BIT(PERM_REGISTER_EDIT) | BIT(PERM_PLAN_ENTER)) // of which row and which indicator, the pack says

// Roles of rooms that are not built yet may sign in and see their own account, no more: default deny.
static const struct role_table table = {
    .name = {
        [ROLE_DUTY_OFFICER] = "duty_officer",
        [ROLE_ANALYST] = "analyst",
        [ROLE_SUPERVISOR] = "supervisor",
        [ROLE_HELPLINE] = "helpline",
        [ROLE_CONTACT] = "contact",
        [ROLE_ICT_TEACHER] = "ict_teacher",
        [ROLE_DIRECTOR] = "director",
        [ROLE_DIRECTORATE] = "directorate",
        [ROLE_INDICATOR_OWNER] = "indicator_owner",
        [ROLE_COORDINATOR] = "coordinator",
        [ROLE_MONITOR] = "monitor",
        [ROLE_CLERK] = "clerk",
        [ROLE_EDITOR] = "editor",
        [ROLE_OVERSIGHT] = "oversight",
        [ROLE_ADMINISTRATOR] = "administrator",
    },
    .perms = {
        [ROLE_DUTY_OFFICER] = ANYBODY | REPORTS | CASES | BIT(PERM_SEARCH) | BIT(PERM_PEOPLE_LIST),
        [ROLE_ANALYST] = ANYBODY | REPORTS | CASES | BIT(PERM_SEARCH) | BIT(PERM_PEOPLE_LIST),
        [ROLE_SUPERVISOR] = ANYBODY | REPORTS | CASES | BIT(PERM_SEARCH) | BIT(PERM_FIGURES) | BIT(PERM_PEOPLE_LIST) |
            BIT(PERM_UNIT_ADMIT) | BIT(PERM_ROSTER_EDIT) | BIT(PERM_LOAD) | BIT(PERM_RETENTION),
        [ROLE_HELPLINE] = ANYBODY, // never the desk's reports
        [ROLE_CONTACT] = ANYBODY | CASES | REGISTERS | BIT(PERM_SEARCH) | BIT(PERM_UNIT_ADMIT), // a case only once it was handed over: before, no key
        [ROLE_ICT_TEACHER] = ANYBODY,
        [ROLE_DIRECTOR] = ANYBODY,
        [ROLE_DIRECTORATE] = ANYBODY | REGISTERS,
        [ROLE_INDICATOR_OWNER] = ANYBODY | REGISTERS,
        [ROLE_COORDINATOR] = ANYBODY | REGISTERS | BIT(PERM_REGISTER_ALL) | BIT(PERM_PLAN_EDIT) |
            BIT(PERM_PLAN_APPROVE) | BIT(PERM_FIGURES) | BIT(PERM_CONTACT_LIST) | BIT(PERM_REFERRAL_LATE) |
            BIT(PERM_MODERATE) | BIT(PERM_UNIT_CONFIRM),
        [ROLE_MONITOR] = ANYBODY | ACCOUNTS,
        [ROLE_CLERK] = ANYBODY | REGISTERS,
        [ROLE_EDITOR] = ANYBODY | ACCOUNTS,
        // the trail and statistics, never content
        [ROLE_OVERSIGHT] = ANYBODY | ACCOUNTS | BIT(PERM_AUDIT_READ) | BIT(PERM_FIGURES) | BIT(PERM_CONTACT_LIST) |
            BIT(PERM_REFERRAL_LATE) | BIT(PERM_RETENTION) | BIT(PERM_ERASE) | BIT(PERM_UNIT_CONFIRM),
        // Makes persons and institutions, but reads no report and admits nobody to a unit that has a key.
        // Approves nothing that needs two: whoever makes accounts could be both of them.
        [ROLE_ADMINISTRATOR] = ANYBODY | BIT(PERM_PEOPLE_LIST) | BIT(PERM_PEOPLE_ADMIN) | BIT(PERM_ROSTER_EDIT) | BIT(PERM_SETTINGS) |
                               BIT(PERM_CONTACT_LIST) | BIT(PERM_RETENTION),
    },
};

const struct role_table *people_role_table(void)
{
    return &table;
}

enum role people_role_named(const char *name, unsigned long n)
{
    for (unsigned r = 0; r < ROLE_COUNT; r++) {
        if (strlen(table.name[r]) == n && memcmp(table.name[r], name, n) == 0) {
            return (enum role)r;
        }
    }
    return ROLE_COUNT;
}

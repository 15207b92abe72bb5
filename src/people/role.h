// role: which role has which permission. One table, read by desk, keeper, and the tests that walk it. It needs no store
// and no web, so that the keeper can link it alone (dependency people_roles).
#pragma once
#include "vault/perm.h"

const struct role_table *people_role_table(void);
// The role of a name of the table ("duty_officer"), or ROLE_COUNT where there is none.
enum role people_role_named(const char *name, unsigned long n);

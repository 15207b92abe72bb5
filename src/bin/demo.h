// demo: the invented data that 'isigurt init --demo' puts into a new installation, from the files demo-* of its country pack. A pack
// without one of them goes without what it holds.
#pragma once
#include "base/id.h"
#include "web/web.h"

// sv: its store writes every schema. enters, drafts, approves: of the plan, named as whoever did it. duty: the duty unit.
struct demo { struct services *sv; const char *country; struct id enters, drafts, approves, duty; };
// *what: a few words for what failed.
MUST_USE enum err demo_load(const struct demo *d, const char **what);

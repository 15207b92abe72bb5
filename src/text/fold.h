// fold: the key by which text is compared, sorted and searched: lower case, accents off (ë→e, ç→c), NFC, spaces single.
// Made in C and stored as a column, because SQLite's lower() knows only ASCII and PostgreSQL's depends on the locale.
#pragma once
#include "base/arena.h"

struct str fold_key(struct arena *a, struct str utf8); // invalid UTF-8 gives the empty str

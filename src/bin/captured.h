// captured: what a captured keeper would try, tried by the keeper itself; with -Dtesting=true alone.
// Each attempt runs in a child and is one line of standard output, "WHEN ATTEMPT: done" or "WHEN ATTEMPT: EACCES".
#pragma once
#include "bin/process.h"

void captured_try(const char *when);                 // ways out: network, another program, another process's memory
void captured_try_files(const struct layout *l);     // SQLite: the file of each schema, to read and to write

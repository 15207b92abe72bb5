// unit: what every cmocka test includes, in the order that cmocka wants, and a few short words.
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/str.h"

#define assert_str(s, z) assert_str_at((s), (z), __FILE__, __LINE__)
static inline void assert_str_at(struct str s, const char *z, const char *file, int line)
{
    if (!str_equal_z(s, z)) {
        print_error("\"%.*s\" is not \"%s\"\n", STR_ARG(s), z);
        _fail(file, line);
    }
}

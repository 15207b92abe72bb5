#include "text/plural.h"
#include <string.h>

#define PLURAL_LINE_MAX 256 // bytes of a Plural-Forms value without white space

struct plural {
    const char *line; // as in Plural-Forms, without white space and outer parentheses
    unsigned forms;
    unsigned (*form)(uint64_t n);
};

static unsigned one_form(uint64_t n)
{
    (void)n;
    return 0;
}

static unsigned not_one(uint64_t n)
{
    return n != 1;
}

static unsigned above_one(uint64_t n)
{
    return n > 1;
}

static unsigned macedonian(uint64_t n)
{
    return !(n % 10 == 1 && n % 100 != 11);
}

static unsigned south_slavic(uint64_t n)
{
    bool few = n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 10 || n % 100 >= 20);
    return n % 10 == 1 && n % 100 != 11 ? 0 : few ? 1 : 2;
}

// Source: gettext manual, "Additional functions for plural forms", the lines msginit writes for these languages.
static const struct plural table[] = {
    {"nplurals=1;plural=0", 1, one_form},    // Turkish and others; also where a file has no rule
    {"nplurals=2;plural=n!=1", 2, not_one},  // Albanian, English, Italian, Greek, German
    {"nplurals=2;plural=n>1", 2, above_one}, // French
    {"nplurals=2;plural=n%10==1&&n%100!=11?0:1", 2, macedonian},
    {"nplurals=3;plural=n%10==1&&n%100!=11?0:n%10>=2&&n%10<=4&&(n%100<10||n%100>=20)?1:2", 3, south_slavic},
};

static struct str without_space(struct str s, char out[static PLURAL_LINE_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < s.n && n < PLURAL_LINE_MAX; i++) {
        if (s.at[i] != ' ' && s.at[i] != '\t') {
            out[n++] = s.at[i];
        }
    }
    while (n > 0 && out[n - 1] == ';') {
        n--;
    }
    // "plural=(n!=1)": one pair of parentheses around the whole expression
    const char *mark = "plural=(";
    char *open = n ? memmem(out, n, mark, strlen(mark)) : NULL;
    if (open && out[n - 1] == ')') {
        open += strlen(mark) - 1;
        char *end = out + n - 1;
        char *closed = memchr(open, ')', (size_t)(end + 1 - open));
        if (closed == end || memchr(open + 1, '(', (size_t)(closed - open - 1))) {
            memmove(open, open + 1, (size_t)(end - open - 1));
            n -= 2;
        }
    }
    return (struct str){out, n};
}

enum err plural_find(struct str value, const struct plural **out, struct buf *why)
{
    char line[PLURAL_LINE_MAX];
    struct str wanted = without_space(value, line);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (value.n == 0 || str_equal_z(wanted, table[i].line)) {
            *out = &table[i];
            return OK;
        }
    }
    buf_put_z(why, "its Plural-Forms is none of those known:");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        buf_printf(why, "%s \"%s\"", i ? "," : "", table[i].line);
    }
    return ERR_INVALID;
}

unsigned plural_forms(const struct plural *p)
{
    return p->forms;
}

unsigned plural_form(const struct plural *p, int64_t n)
{
    return p->form(n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

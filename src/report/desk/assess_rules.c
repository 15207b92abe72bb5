#include "report/desk/assess.h"

// Is v[i] the newest of its person?
static bool counts(const struct assess_verdict *v, size_t n, size_t i)
{
    for (size_t k = i + 1; k < n; k++)
        if (id_equal(v[k].person, v[i].person))
            return false;
    return true;
}

enum assess_status assess_settle(const struct assess_verdict *v, size_t n, size_t *of)
{
    bool second = false;
    size_t persons = 0;
    for (size_t i = 0; i < n; i++) {
        second = second || v[i].second; // whoever gave it cannot take it back alone
        persons += counts(v, n, i);
    }
    if (persons == 0)
        return ASSESS_NONE;
    for (size_t i = n; i-- > 0;) { // the newest that is agreed on
        size_t same = 0;
        for (size_t k = 0; k < n && counts(v, n, i); k++)
            same += counts(v, n, k) && str_equal(v[k].verdict, v[i].verdict);
        if (same >= (second ? 2u : 1u)) {
            *of = i;
            return ASSESS_SETTLED;
        }
    }
    return persons == 1 ? ASSESS_SECOND : ASSESS_DIFFER;
}

const char *assess_status_name(enum assess_status s)
{
    static const char *const names[] = {"none", "second", "differ", "settled"};
    return names[s];
}

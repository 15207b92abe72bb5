#include "plan/period.h"

static bool digits(struct str s, int *out)
{
    int64_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
    if (str_int(s, &n))
        return false;
    *out = (int)n;
    return true;
}

bool plan_period_read(struct str text, struct plan_period *out)
{
    int year, part;
    if (text.n < 4 || !digits(str_slice(text, 0, 4), &year) || year < 2000 || year > 2199)
        return false;
    if (text.n == 4) {
        *out = (struct plan_period){year * 12, year * 12 + 11};
        return true;
    }
    if (text.n != 7 || text.at[4] != '-')
        return false;
    if (text.at[5] == 'Q' || text.at[5] == 'q') {
        part = text.at[6] - '0';
        *out = (struct plan_period){year * 12 + (part - 1) * 3, year * 12 + part * 3 - 1};
        return part >= 1 && part <= 4;
    }
    if (!digits(str_slice(text, 5, 7), &part) || part < 1 || part > 12)
        return false;
    *out = (struct plan_period){year * 12 + part - 1, year * 12 + part - 1};
    return true;
}

struct str plan_period_text(struct arena *a, struct plan_period p)
{
    int year = p.first / 12, month = p.first % 12;
    switch (plan_period_months(p)) {
    case 12: return arena_printf(a, "%04d", year);
    case 3: return arena_printf(a, "%04d-Q%d", year, month / 3 + 1);
    default: return arena_printf(a, "%04d-%02d", year, month + 1);
    }
}

#include "plan/amount.h"
#include <stdbool.h>

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

enum err plan_amount_read(struct str text, int64_t *out)
{
    size_t i = 0, whole = 0, decimals = 0;
    bool minus = text.n && text.at[0] == '-';
    i += minus;
    int64_t n = 0;
    bool large = false;
    for (; i < text.n && digit(text.at[i]); i++, whole++) {
        large |= n > PLAN_AMOUNT_MAX / 10;
        n = large ? 0 : n * 10 + (text.at[i] - '0');
    }
    bool point = i < text.n && (text.at[i] == '.' || text.at[i] == ',');
    i += point;
    int64_t part = 0, scale = PLAN_ONE;
    for (; i < text.n && digit(text.at[i]) && decimals < 4; i++, decimals++) {
        part = part * 10 + (text.at[i] - '0');
        scale /= 10;
    }
    if (i != text.n || !whole || (point && !decimals))
        return ERR_INVALID;
    if (large || n > PLAN_AMOUNT_MAX / PLAN_ONE || n * PLAN_ONE + part * scale > PLAN_AMOUNT_MAX)
        return ERR_TOO_LARGE;
    *out = (n * PLAN_ONE + part * scale) * (minus ? -1 : 1);
    return OK;
}

void plan_amount_print(struct buf *out, int64_t amount)
{
    uint64_t size = amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount, part = size % (uint64_t)PLAN_ONE;
    buf_printf(out, "%s%llu", amount < 0 ? "-" : "", (unsigned long long)(size / (uint64_t)PLAN_ONE));
    if (!part)
        return;
    char digits[5] = "";
    size_t n = 4;
    for (size_t i = 4; i-- > 0; part /= 10)
        digits[i] = (char)('0' + part % 10);
    while (digits[n - 1] == '0')
        n--;
    digits[n] = 0;
    buf_printf(out, ".%s", digits);
}

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
    buf_put_amount(out, amount);
}

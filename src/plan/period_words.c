// A period as people call it.
#include "plan/period.h"
#include "text/text.h"

struct str plan_period_words(struct arena *a, const struct lang *l, struct plan_period p)
{
    static const enum message month[] = {MSG_PLAN_MONTH_1, MSG_PLAN_MONTH_2, MSG_PLAN_MONTH_3, MSG_PLAN_MONTH_4,
                                         MSG_PLAN_MONTH_5, MSG_PLAN_MONTH_6, MSG_PLAN_MONTH_7, MSG_PLAN_MONTH_8,
                                         MSG_PLAN_MONTH_9, MSG_PLAN_MONTH_10, MSG_PLAN_MONTH_11, MSG_PLAN_MONTH_12};
    struct buf b;
    int months = plan_period_months(p);
    buf_init(&b, 200);
    if (months == 12)
        text_put(&b, l, MSG_PLAN_YEAR_LABEL, TEXT_ARGS(TEXT_I("year", plan_period_year(p))));
    else if (months == 3)
        text_put(&b, l, MSG_PLAN_QUARTER_LABEL, TEXT_ARGS(TEXT_I("n", p.first % 12 / 3 + 1), TEXT_I("year", plan_period_year(p))));
    else
        text_put(&b, l, month[p.first % 12], TEXT_ARGS(TEXT_I("year", plan_period_year(p))));
    struct str out = arena_str(a, buf_str(&b));
    buf_free(&b);
    return out;
}

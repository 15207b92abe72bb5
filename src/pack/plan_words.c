// The words of the plan's format, and what is asked of a plan once it was read.
#include "pack/plan_read.h"

static const char *const kinds[] = {"count", "percent", "document", "money"};
static const char *const rules[] = {"sum", "latest", "max", "ratio", "distinct"};
static const char *const directions[] = {"up", "down", "none"};
static const char *const sources[] = {"live", "entry", "mixed"};
static const char *const parts[] = {"nothing", "whole", "numerator", "denominator", "rest"};
static const char *const rooms[] = {"register", "report", "case", "network", "plan"};
static const char *const measures[PACK_PLAN_MEASURES] = {
    [PACK_PLAN_ROWS] = "rows", [PACK_PLAN_ANY] = "any", [PACK_PLAN_SUM_OF] = "sum", [PACK_PLAN_DIFFERENT] = "distinct",
    [PACK_PLAN_STANDING] = "standing", [PACK_PLAN_MILESTONE] = "milestone", [PACK_PLAN_RECEIVED] = "received", [PACK_PLAN_CLOSED] = "closed",
    [PACK_PLAN_UNITS] = "units", [PACK_PLAN_CONTACTS] = "contacts", [PACK_PLAN_ACCEPTED] = "accepted", [PACK_PLAN_FIGURE] = "figure",
    [PACK_PLAN_DUE] = "due", [PACK_PLAN_APPROVED] = "approved", [PACK_PLAN_GAPS] = "gaps", [PACK_PLAN_BUDGETS] = "budgets",
    [PACK_PLAN_PLANNED] = "planned", [PACK_PLAN_SPENT] = "spent", [PACK_PLAN_PUBLISHED] = "published", [PACK_PLAN_CIVIL] = "civil",
};
static const char *const untils[] = {"schools", "helpline", "library", "values", "budget", "reports"};
#define SIZE(a) (sizeof a / sizeof *a)

const char *pack_plan_kind_name(enum pack_plan_kind k) { return kinds[k]; }
const char *pack_plan_rule_name(enum pack_plan_rule r) { return rules[r]; }
const char *pack_plan_direction_name(enum pack_plan_direction d) { return directions[d]; }
const char *pack_plan_source_name(enum pack_plan_source s) { return sources[s]; }
const char *pack_plan_part_name(enum pack_plan_part p) { return parts[p]; }
const char *pack_plan_of_name(enum pack_plan_of of) { return rooms[of]; }
const char *pack_plan_measure_name(enum pack_plan_measure m) { return measures[m]; }
const char *pack_plan_until_at(size_t i) { return i < SIZE(untils) ? untils[i] : NULL; }

const char *pack_plan_every_name(int every)
{
    return every == 12 ? "year" : every == 3 ? "quarter" : "month";
}

enum pack_plan_of pack_plan_measure_of(enum pack_plan_measure m)
{
    return m <= PACK_PLAN_MILESTONE ? PACK_PLAN_OF_REGISTER : m == PACK_PLAN_RECEIVED ? PACK_PLAN_OF_REPORT
           : m == PACK_PLAN_CLOSED ? PACK_PLAN_OF_CASE : m <= PACK_PLAN_ACCEPTED ? PACK_PLAN_OF_NETWORK
           : PACK_PLAN_OF_PLAN;
}

const struct pack_plan *pack_plan(const struct pack *p)
{
    return p->plan;
}

struct str pack_plan_text(const struct pack *p)
{
    return p->plan_text;
}

const struct pack_plan_indicator *pack_plan_indicator(const struct pack_plan *x, struct str code)
{
    for (size_t i = 0; i < x->n_indicators; i++) {
        if (str_equal(x->indicator[i].code, code)) {
            return &x->indicator[i];
        }
    }
    return NULL;
}

const struct pack_plan_activity *pack_plan_activity(const struct pack_plan *x, struct str code)
{
    for (size_t i = 0; i < x->n_activities; i++) {
        if (str_equal(x->activity[i].code, code)) {
            return &x->activity[i];
        }
    }
    return NULL;
}

const struct pack_plan_title *pack_plan_title(const struct pack_plan_title *at, size_t n, struct str code)
{
    for (size_t i = 0; i < n; i++) {
        if (str_equal(at[i].code, code)) {
            return &at[i];
        }
    }
    return NULL;
}

bool pack_plan_year(const struct pack_plan *x, int64_t year)
{
    return x->n_years > 0 && year >= x->years[0] && year <= x->years[x->n_years - 1];
}

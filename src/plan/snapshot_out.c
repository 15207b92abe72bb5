// A snapshot for other programs: a table file, and DHIS2's dataValueSets. What is hidden stands in neither.
#include "plan/snapshot.h"
#include "text/csv.h"

static void amount_csv(struct buf *out, bool has, int64_t n)
{
    struct buf b;
    buf_init(&b, 64);
    if (has)
        plan_amount_print(&b, n);
    csv_text(out, false, buf_str(&b));
    buf_free(&b);
}

static void line_csv(struct buf *out, const struct plan_shot *s, const struct plan_shot_indicator *x, const struct plan_shot_value *v, bool en)
{
    csv_text(out, true, x->code);
    csv_text(out, false, en ? x->title_en : x->title);
    csv_int(out, false, s->year);
    csv_text(out, false, v->place);
    csv_text(out, false, en ? x->unit_en : x->unit);
    amount_csv(out, v->has, v->value);
    amount_csv(out, v->has && v->of > 0, v->n);
    amount_csv(out, v->has && v->of > 0, v->of);
    csv_text(out, false, v->hidden ? STR("1") : STR(""));
    csv_end(out);
}

void plan_shot_csv(struct buf *out, const struct plan_shot *s, bool en)
{
    static const char *const heads[] = {"indicator", "title", "year", "county", "unit", "value", "numerator", "denominator", "suppressed"};
    const struct plan_shot_indicator *x = s->indicators.at;
    csv_begin(out);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        csv_text(out, i == 0, str_from(heads[i]));
    csv_end(out);
    for (size_t i = 0; i < s->indicators.n; i++) {
        const struct plan_shot_value whole = {.place = STR(""), .has = x[i].has, .hidden = x[i].hidden, .n = x[i].n,
                                              .of = x[i].of, .value = x[i].value},
                                     *place = x[i].places.at;
        line_csv(out, s, &x[i], &whole, en);
        for (size_t k = 0; k < x[i].places.n; k++)
            line_csv(out, s, &x[i], &place[k], en);
    }
}

// ── DHIS2: codes as identifiers (dataElementIdScheme=CODE, orgUnitIdScheme=NAME) ──
struct plan_dhis2_value { struct str dataElement, period, orgUnit, value; };
struct plan_dhis2 { struct list dataValues; };
SHAPE(plan_dhis2_value, FIELD(plan_dhis2_value, dataElement), FIELD(plan_dhis2_value, period),
      FIELD(plan_dhis2_value, orgUnit), FIELD(plan_dhis2_value, value));
SHAPE(plan_dhis2, FIELD(plan_dhis2, dataValues, .of = &plan_dhis2_value_shape));

static struct str amount_text(struct arena *a, int64_t n)
{
    struct buf b;
    buf_init(&b, 64);
    plan_amount_print(&b, n);
    struct str out = arena_str(a, buf_str(&b));
    buf_free(&b);
    return out;
}

enum err plan_shot_dhis2(struct arena *a, struct buf *out, const struct plan_shot *s, struct str country)
{
    const struct plan_shot_indicator *x = s->indicators.at;
    size_t n = 0, all = s->indicators.n;
    for (size_t i = 0; i < s->indicators.n; i++)
        all += x[i].places.n;
    struct plan_dhis2_value *at = arena_array(a, all + 1, sizeof *at);
    struct str period = arena_printf(a, "%lld", (long long)s->year);
    if (!at)
        return ERR_MEMORY;
    for (size_t i = 0; i < s->indicators.n; i++) {
        const struct plan_shot_value *place = x[i].places.at;
        if (x[i].has)
            at[n++] = (struct plan_dhis2_value){x[i].code, period, country, amount_text(a, x[i].value)};
        for (size_t k = 0; k < x[i].places.n; k++)
            if (place[k].has)
                at[n++] = (struct plan_dhis2_value){x[i].code, period, place[k].place, amount_text(a, place[k].value)};
    }
    const struct plan_dhis2 doc = {{at, n}};
    json_write(out, &plan_dhis2_shape, &doc);
    return arena_failed(a) ? ERR_MEMORY : buf_ok(out);
}

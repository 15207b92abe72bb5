// When who enters values of the plan is reminded.
#include "pack/inside.h"

#define DAYS_MAX 365

static size_t read_days(struct reader *r, const json_t *object, const char *key, int min, int max, int *out)
{
    const json_t *list = json_object_get(object, key);
    size_t at = read_into(r, ".%s", key), n = 0;
    if (!json_is_array(list)) {
        read_fault(r, "must be a list of days; write [] for none");
    }
    size_t count = json_is_array(list) ? read_count(r, list, PACK_REMINDERS_MAX) : 0;
    for (size_t i = 0; i < count; i++) {
        const json_t *v = json_array_get(list, i);
        json_int_t days = json_integer_value(v);
        size_t in = read_into(r, "[%zu]", i);
        bool twice = false;
        for (size_t k = 0; k < n; k++) {
            twice |= out[k] == days;
        }
        if (!json_is_integer(v) || days < min || days > max) {
            read_fault(r, "must be a whole number from %d to %d%s", min, max, min == 0 ? "; a period that is not over is not asked for" : "");
        } else if (twice) {
            read_fault(r, "%d stands there twice; take one out", (int)days);
        } else {
            out[n++] = (int)days;
        }
        read_back(r, in);
    }
    read_back(r, at);
    return n;
}

static int shortest(const struct pack_plan_reminders *x)
{
    int n = x->due_month < x->due_quarter ? x->due_month : x->due_quarter;
    return x->due_year < n ? x->due_year : n;
}

void read_plan_reminders(struct reader *r)
{
    if (json_object_get(r->all, "plan_reminders") == NULL) {
        return;
    }
    const json_t *o = read_section(r, "plan_reminders", JSON_OBJECT), *due = json_object_get(o, "due");
    struct pack_plan_reminders *x = o != NULL ? read_array(r, 1, sizeof *x) : NULL;
    if (x == NULL || !read_keys(r, o, "due before after")) {
        return;
    }
    size_t at = read_into(r, ".due");
    bool fine = json_is_object(due);
    if (!fine) {
        read_fault(r, "must be an object with \"month\", \"quarter\" and \"year\"");
    } else if (read_keys(r, due, "month quarter year")) {
        x->due_month = (int)read_number(r, due, "month", 1, DAYS_MAX);
        x->due_quarter = (int)read_number(r, due, "quarter", 1, DAYS_MAX);
        x->due_year = (int)read_number(r, due, "year", 1, DAYS_MAX);
    }
    read_back(r, at);
    if (fine && x->due_month > 0) {
        x->n_before = read_days(r, o, "before", 0, shortest(x) - 1, x->before);
    }
    x->n_after = read_days(r, o, "after", 1, DAYS_MAX, x->after);
    r->p->reminders = x;
}

const struct pack_plan_reminders *pack_plan_reminders(const struct pack *p)
{
    return p->reminders;
}

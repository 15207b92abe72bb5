// Rows of the demonstration: invented, marked so in the store, and never counted where real rows are.
#include <jansson.h>
#include "pack/plan.h"
#include "people/people.h"
#include "register/handlers.h"

struct sample { bool fine; };

static void unfit(void *ctx, struct str name, enum message m, int64_t n)
{
    (void)name, (void)m, (void)n;
    ((struct sample *)ctx)->fine = false;
}

static struct str text(const json_t *root, const char *key)
{
    return str_from(json_string_value(json_object_get(root, key)));
}

// Does a field that names something of the plan name something of the pack's?
static bool of_plan(const struct pack *p, const struct pack_register_field *f, struct str value)
{
    const struct pack_plan *plan = pack_plan(p);
    if (value.n == 0 || (f->kind != PACK_ACTIVITY && f->kind != PACK_INDICATOR))
        return true;
    return plan && (f->kind == PACK_ACTIVITY ? pack_plan_activity(plan, value) != NULL : pack_plan_indicator(plan, value) != NULL);
}

// {"stages": [["signed", "2019-03-01"]]}: those after the first, with their days.
static enum err stages_put(struct db *db, struct arena *a, const json_t *root, struct entry_put *w)
{
    size_t i;
    const json_t *one;
    enum err e = OK;
    json_array_foreach(json_object_get(root, "stages"), i, one) {
        struct str stage = str_from(json_string_value(json_array_get(one, 0))), day = str_from(json_string_value(json_array_get(one, 1)));
        if (!pack_register_stage(w->row.reg, stage) || !entry_day(day))
            return ERR_INVALID;
        w->row.stage = stage;
        w->action = STR("stage");
        w->row.version++;
        e = e ? e : entry_put_db(db, a, w, entry_day(day));
    }
    return e;
}

static enum err sample_put(struct db *db, struct arena *a, const struct pack *p, const json_t *root, struct entry_put *w)
{
    const char *key;
    const json_t *value;
    const json_t *fields = json_object_get(root, "fields");
    struct html_pair *sent = arena_array(a, json_object_size(fields) + 1, sizeof *sent);
    struct list values = {0};
    struct sample s = {true};
    size_t n = 0;
    if (!sent)
        return ERR_MEMORY;
    json_object_foreach((json_t *)fields, key, value)
        sent[n++] = (struct html_pair){str_from(key), str_from(json_string_value(value))};
    w->row.reg = pack_register(p, text(root, "register"));
    if (!w->row.reg || id_from_hex(text(root, "id"), &w->row.id) || !entry_check(a, p, w->row.reg, sent, n, unfit, &s, &values) || !s.fine)
        return ERR_INVALID;
    enum err e = people_institution_find(db, text(root, "institution"), &w->row.who.institution);
    for (size_t i = 0; i < w->row.reg->n_fields && s.fine; i++)
        s.fine = of_plan(p, &w->row.reg->field[i], entry_value(&values, w->row.reg->field[i].name));
    if (!s.fine)
        return ERR_INVALID;
    w->row.who.state = text(root, "state").n == 0 ? ENTRY_ENTERED : ENTRY_STATES;
    if (w->row.who.state == ENTRY_STATES && !entry_state_read(text(root, "state"), &w->row.who.state))
        return ERR_INVALID;
    w->row.stage = w->row.reg->n_stages > 0 ? w->row.reg->stage[0].value : STR("");
    w->values = &values;
    w->action = STR("entered");
    w->note = STR("");
    entry_put_ready(a, p, w);
    e = e ? e : entry_put_db(db, a, w, w->row.day);
    return e ? e : stages_put(db, a, root, w);
}

enum err entry_setup_sample(struct db *db, struct arena *a, const struct pack *p, struct str line, struct id person, int64_t now)
{
    struct entry_put w = {.row = {.who = {.person = person}, .at = now, .demo = true}};
    json_t *root = json_loadb(line.at, line.n, JSON_REJECT_DUPLICATES, NULL);
    enum err e = json_is_object(root) ? sample_put(db, a, p, root, &w) : ERR_MALFORMED;
    json_decref(root);
    return e;
}

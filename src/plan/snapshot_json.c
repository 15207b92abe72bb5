// A snapshot as JSON and back. One list of members for each struct says both.
#include <jansson.h>
#include <string.h>
#include "plan/snapshot.h"

SHAPE(plan_shot_value, FIELD(plan_shot_value, place), FIELD(plan_shot_value, row), FIELD(plan_shot_value, column), FIELD(plan_shot_value, has),
      FIELD(plan_shot_value, hidden), FIELD(plan_shot_value, n), FIELD(plan_shot_value, of), FIELD(plan_shot_value, value));
SHAPE(plan_shot_year, FIELD(plan_shot_year, year), FIELD(plan_shot_year, value), FIELD(plan_shot_year, has), FIELD(plan_shot_year, hidden));
SHAPE(plan_shot_indicator, FIELD(plan_shot_indicator, code), FIELD(plan_shot_indicator, activity),
      FIELD(plan_shot_indicator, section), FIELD(plan_shot_indicator, title), FIELD(plan_shot_indicator, title_en),
      FIELD(plan_shot_indicator, definition), FIELD(plan_shot_indicator, definition_en),
      FIELD(plan_shot_indicator, unit), FIELD(plan_shot_indicator, unit_en), FIELD(plan_shot_indicator, question),
      FIELD(plan_shot_indicator, question_en), FIELD(plan_shot_indicator, kind), FIELD(plan_shot_indicator, source),
      FIELD(plan_shot_indicator, status), FIELD(plan_shot_indicator, trend), FIELD(plan_shot_indicator, has),
      FIELD(plan_shot_indicator, hidden), FIELD(plan_shot_indicator, partial), FIELD(plan_shot_indicator, targeted),
      FIELD(plan_shot_indicator, achieved_known), FIELD(plan_shot_indicator, about_persons),
      FIELD(plan_shot_indicator, n), FIELD(plan_shot_indicator, of), FIELD(plan_shot_indicator, value),
      FIELD(plan_shot_indicator, baseline), FIELD(plan_shot_indicator, target), FIELD(plan_shot_indicator, achieved),
      FIELD(plan_shot_indicator, expected), FIELD(plan_shot_indicator, places, .of = &plan_shot_value_shape),
      FIELD(plan_shot_indicator, years, .of = &plan_shot_year_shape));
SHAPE(plan_shot_money, FIELD(plan_shot_money, source), FIELD(plan_shot_money, label), FIELD(plan_shot_money, label_en), FIELD(plan_shot_money, has_planned),
      FIELD(plan_shot_money, has_spent), FIELD(plan_shot_money, planned), FIELD(plan_shot_money, carried), FIELD(plan_shot_money, spent));
SHAPE(plan_shot_step, FIELD(plan_shot_step, title), FIELD(plan_shot_step, due), FIELD(plan_shot_step, stage), FIELD(plan_shot_step, stage_en),
      FIELD(plan_shot_step, name), FIELD(plan_shot_step, name_en), FIELD(plan_shot_step, hundredths));
SHAPE(plan_shot_told, FIELD(plan_shot_told, title), FIELD(plan_shot_told, name), FIELD(plan_shot_told, name_en), FIELD(plan_shot_told, done),
      FIELD(plan_shot_told, difficulties), FIELD(plan_shot_told, next));
SHAPE(plan_shot_group, FIELD(plan_shot_group, code), FIELD(plan_shot_group, objective), FIELD(plan_shot_group, title),
      FIELD(plan_shot_group, title_en), FIELD(plan_shot_group, has), FIELD(plan_shot_group, achieved),
      FIELD(plan_shot_group, n), FIELD(plan_shot_group, of), FIELD(plan_shot_group, due), FIELD(plan_shot_group, done),
      FIELD(plan_shot_group, hundredths), FIELD(plan_shot_group, money, .of = &plan_shot_money_shape),
      FIELD(plan_shot_group, steps, .of = &plan_shot_step_shape), FIELD(plan_shot_group, narratives, .of = &plan_shot_told_shape));
SHAPE(plan_shot_gap, FIELD(plan_shot_gap, institution), FIELD(plan_shot_gap, name), FIELD(plan_shot_gap, name_en),
      FIELD(plan_shot_gap, owed), FIELD(plan_shot_gap, done));
SHAPE(plan_shot, FIELD(plan_shot, year), FIELD(plan_shot, version), FIELD(plan_shot, made_at), FIELD(plan_shot, plan), FIELD(plan_shot, plan_en),
      FIELD(plan_shot, version_title), FIELD(plan_shot, over), FIELD(plan_shot, demo), FIELD(plan_shot, achieved), FIELD(plan_shot, with_data),
      FIELD(plan_shot, indicators_n), FIELD(plan_shot, small), FIELD(plan_shot, has), FIELD(plan_shot, objectives, .of = &plan_shot_group_shape),
      FIELD(plan_shot, activities, .of = &plan_shot_group_shape), FIELD(plan_shot, indicators, .of = &plan_shot_indicator_shape),
      FIELD(plan_shot, gaps, .of = &plan_shot_gap_shape), FIELD(plan_shot, money, .of = &plan_shot_money_shape),
      FIELD(plan_shot, currency), FIELD(plan_shot, currency_en));

void plan_shot_write(struct buf *out, const struct plan_shot *s)
{
    json_write(out, &plan_shot_shape, s);
}

static enum err object_read(struct arena *a, const json_t *from, const struct shape *shape, void *into);

static enum err list_read(struct arena *a, const json_t *from, const struct shape *of, struct list *out)
{
    size_t n = json_array_size(from);
    char *at = arena_array(a, n + 1, of->size);
    enum err e = !json_is_array(from) ? ERR_MALFORMED : at ? OK : ERR_MEMORY;
    for (size_t i = 0; i < n && !e; i++)
        e = object_read(a, json_array_get(from, i), of, at + i * of->size);
    *out = (struct list){at, n};
    return e;
}

// Members that snapshots got later: reports that were published without them stay readable.
static bool later(const char *name)
{
    static const char *const names[] = {"due", "done", "hundredths", "money", "steps", "narratives", "currency", "currency_en"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static enum err object_read(struct arena *a, const json_t *from, const struct shape *shape, void *into)
{
    enum err e = json_is_object(from) ? OK : ERR_MALFORMED;
    for (size_t i = 0; i < shape->n && !e; i++) {
        const struct field *f = &shape->fields[i];
        const json_t *v = json_object_get(from, f->name);
        void *at = (char *)into + f->at;
        if (!v && later(f->name)) // a snapshot from before: it has nothing of them
            continue;
        switch (f->kind) {
        case K_INT:
            *(int64_t *)at = json_integer_value(v);
            e = json_is_integer(v) ? OK : ERR_MALFORMED;
            break;
        case K_BOOL:
            *(bool *)at = json_is_true(v);
            e = json_is_boolean(v) ? OK : ERR_MALFORMED;
            break;
        case K_TEXT:
            *(struct str *)at = arena_str(a, (struct str){json_is_string(v) ? json_string_value(v) : "", json_string_length(v)});
            e = json_is_string(v) ? OK : ERR_MALFORMED;
            break;
        case K_LIST: e = list_read(a, v, f->of, at); break;
        default: e = ERR_BUG;
        }
    }
    return e;
}

enum err plan_shot_read(struct arena *a, struct str json, struct plan_shot *out)
{
    json_t *root = json_loadb(json.n ? json.at : "", json.n, JSON_REJECT_DUPLICATES, NULL);
    enum err e = root ? object_read(a, root, &plan_shot_shape, out) : ERR_MALFORMED;
    json_decref(root);
    return e ? e : arena_failed(a) ? ERR_MEMORY : OK;
}

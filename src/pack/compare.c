// May this pack take the place of that one? What records that are kept would lose, or see changed under them, is refused.
#include <stdlib.h>
#include <string.h>
#include "pack/inside.h"

#define VALUE_MAX 80 // bytes shown of a value

struct compare {
    const struct pack *old, *fresh;
    pack_used_fn *used;
    void *ctx;
    struct arena *arena;
    struct pack_changes *out;
    enum err e;
};

static void tell(struct compare *c, struct pack_change change)
{
    struct pack_changes *out = c->out;
    out->refused += pack_refuses(change.kind);
    if (out->n == PACK_CHANGES_MAX) {
        out->more++;
        return;
    }
    struct pack_change *to = &out->at[out->n++];
    *to = (struct pack_change){change.kind, arena_str(c->arena, change.file), arena_str(c->arena, change.place),
                               arena_str(c->arena, change.before), arena_str(c->arena, change.after)}; // the packs may go before it
}

static struct str number(struct compare *c, int64_t n)
{
    return arena_printf(c->arena, "%lld", (long long)n);
}

static struct str place_of(struct compare *c, const char *section, struct str row)
{
    return arena_printf(c->arena, "%s[%.*s]", section, STR_ARG(row));
}

static bool text_same(const struct compare *c, const struct pack_text *a, const struct pack_text *b)
{
    for (size_t i = 0; i < c->old->n_languages; i++) {
        for (size_t k = 0; k < c->fresh->n_languages; k++) {
            if (str_equal(c->old->language[i], c->fresh->language[k]) && !str_equal(a->in[i], b->in[k])) {
                return false;
            }
        }
    }
    return true;
}

// ── the country itself ──

static void compare_country(struct compare *c)
{
    if (!str_equal(c->old->code, c->fresh->code)) {
        tell(c, (struct pack_change){PACK_REFUSED_COUNTRY, STR("pack.json"), STR("code"), c->old->code, c->fresh->code});
    }
    if (!str_equal(c->old->timezone, c->fresh->timezone)) {
        tell(c, (struct pack_change){PACK_REFUSED_COUNTRY, STR("pack.json"), STR("timezone"), c->old->timezone, c->fresh->timezone});
    }
    for (size_t i = 0; i < c->old->n_languages; i++) {
        bool there = false;
        for (size_t k = 0; k < c->fresh->n_languages; k++) {
            there |= str_equal(c->old->language[i], c->fresh->language[k]);
        }
        if (!there) {
            tell(c, (struct pack_change){PACK_REFUSED_LANGUAGE, STR("pack.json"), STR("languages"), c->old->language[i], {0}});
        }
    }
}

// ── what was answered or accepted keeps its words ──

static bool question_same(const struct compare *c, const struct pack_question *a, const struct pack_question *b)
{
    if (!str_equal(a->id, b->id) || !str_equal(a->axis, b->axis) || a->needed != b->needed || !str_equal(a->when, b->when) ||
        !str_equal(a->list, b->list) || !text_same(c, a->label, b->label)) {
        return false;
    }
    if (a->list.n > 0) {
        return true; // the list's own values are looked at as such
    }
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++) {
        same = str_equal(a->option[i].value, b->option[i].value) && a->option[i].second == b->option[i].second &&
               text_same(c, a->option[i].label, b->option[i].label);
    }
    return same;
}

static void compare_questions(struct compare *c)
{
    int64_t newest = 0;
    for (size_t i = 0; i < c->old->n_sets; i++) {
        const struct pack_question_set *a = &c->old->set[i], *b = pack_question_set(c->fresh, a->version);
        bool same = b != NULL && a->n == b->n;
        for (size_t k = 0; same && k < a->n; k++) {
            same = question_same(c, &a->question[k], &b->question[k]);
        }
        newest = a->version;
        if (!same) {
            struct str version = number(c, a->version);
            tell(c, (struct pack_change){b != NULL ? PACK_REFUSED_QUESTIONS : PACK_REFUSED_QUESTIONS_GONE, {0},
                                         place_of(c, "question_sets", version), version, {0}});
        }
    }
    for (size_t i = 0; i < c->fresh->n_sets; i++) {
        int64_t version = c->fresh->set[i].version;
        if (version < newest && pack_question_set(c->old, version) == NULL) {
            struct str v = number(c, version);
            tell(c, (struct pack_change){PACK_REFUSED_QUESTIONS_LOWER, {0}, place_of(c, "question_sets", v), number(c, newest), v});
        }
    }
}

static void compare_protocols(struct compare *c)
{
    for (size_t i = 0; i < c->old->n_protocols; i++) {
        const struct pack_protocol_row *a = &c->old->protocol[i], *b = NULL;
        for (size_t k = 0; k < c->fresh->n_protocols; k++) {
            b = c->fresh->protocol[k].version == a->version ? &c->fresh->protocol[k] : b;
        }
        bool same = b != NULL && a->n == b->n && text_same(c, &a->title, &b->title);
        for (size_t k = 0; same && k < a->n; k++) {
            same = text_same(c, &a->points[k], &b->points[k]);
        }
        if (!same) {
            struct str version = number(c, a->version);
            tell(c, (struct pack_change){b != NULL ? PACK_REFUSED_PROTOCOL : PACK_REFUSED_PROTOCOL_GONE, {0},
                                         place_of(c, "protocols", version), version, {0}});
        }
    }
}

// ── holidays ──

static void compare_years(struct compare *c, int year)
{
    if (!pack_year_known(c->fresh, year)) {
        tell(c, (struct pack_change){PACK_REFUSED_YEAR, {0}, STR("holiday_years"), {0}, number(c, year)});
    }
    for (size_t i = 0; i < c->old->n_years; i++) {
        if (c->old->year[i] > year && !pack_year_known(c->fresh, c->old->year[i])) {
            tell(c, (struct pack_change){PACK_REFUSED_YEAR, {0}, STR("holiday_years"), {0}, number(c, c->old->year[i])});
        }
    }
}

// ── what records use ──

static bool in_use(struct compare *c, struct pack_use use)
{
    bool used = false;
    if (c->e == OK) {
        c->e = c->used(c->ctx, &use, &used);
    }
    return used && c->e == OK;
}

static void compare_lists(struct compare *c)
{
    for (size_t i = 0; i < c->old->n_lists; i++) {
        const struct pack_list *list = &c->old->list[i];
        for (size_t k = 0; k < list->n; k++) {
            struct str value = list->at[k].value;
            if (!pack_has(c->fresh, list->name.at, value) && in_use(c, (struct pack_use){.what = list->name.at, .a = value})) {
                tell(c, (struct pack_change){PACK_REFUSED_USED, {0}, place_of(c, list->name.at, value), value, {0}});
            }
        }
    }
}

static void compare_retention(struct compare *c)
{
    for (size_t i = 0; i < c->old->n_retention; i++) {
        const struct pack_retention *a = &c->old->retention[i], *b = pack_retention(c->fresh, a->is_case, a->state, a->category);
        bool there = b != NULL && str_equal(a->category, b->category); // another's rule would hold instead, unseen
        struct str of = a->is_case ? STR("case") : STR("report");
        // Without any rule of its kind nothing of it would ever go, so that is refused even where nothing is kept by it today.
        if (b == NULL || (!there && in_use(c, (struct pack_use){.what = "retention", .a = of, .b = a->state, .c = a->category}))) {
            struct str rule = arena_printf(c->arena, "%.*s %.*s %.*s", STR_ARG(of), STR_ARG(a->state), STR_ARG(a->category));
            tell(c, (struct pack_change){PACK_REFUSED_RETENTION, {0}, place_of(c, "retention", rule), rule, {0}});
        }
    }
}

// What a shorter rule reaches is erased by the courier's next pass, so it is said beside the two numbers.
static void compare_shorter(struct compare *c)
{
    for (size_t i = 0; i < c->fresh->n_retention; i++) { // a new rule for one category may be shorter than the one for all
        const struct pack_retention *b = &c->fresh->retention[i], *a = pack_retention(c->old, b->is_case, b->state, b->category);
        if (a != NULL && (b->anonymise < a->anonymise || b->remove < a->remove)) {
            struct str rule = arena_printf(c->arena, "%s %.*s %.*s", b->is_case ? "case" : "report", STR_ARG(b->state), STR_ARG(b->category));
            tell(c, (struct pack_change){PACK_SHORTER, {0}, place_of(c, "retention", rule), rule, {0}});
        }
    }
}

static void compare_templates(struct compare *c)
{
    for (size_t i = 0; i < c->old->n_templates; i++) {
        const struct pack_template *a = &c->old->template[i], *b = pack_template(c->fresh, a->purpose, a->type);
        bool there = b != NULL && str_equal(a->type, b->type);
        if (!there && in_use(c, (struct pack_use){.what = "template", .a = a->purpose, .b = a->type})) {
            struct str name = arena_printf(c->arena, "%.*s %.*s", STR_ARG(a->purpose), STR_ARG(a->type));
            tell(c, (struct pack_change){PACK_REFUSED_TEMPLATE, {0}, place_of(c, "referral_templates", name), name, {0}});
        }
    }
}

// Rows of a register that is gone, or at a stage that is gone, or with values in a field that is gone or of another kind, could
// not be read any more.
static void compare_registers(struct compare *c)
{
    const struct pack_register *a, *b;
    for (size_t i = 0; (a = pack_register_at(c->old, i)) != NULL; i++) {
        bool same = (b = pack_register(c->fresh, a->code)) != NULL;
        for (size_t k = 0; k < a->n_fields && same; k++) {
            const struct pack_register_field *field = pack_register_field(b, a->field[k].name);
            same = field && field->kind == a->field[k].kind && str_equal(field->list, a->field[k].list) && str_equal(field->of, a->field[k].of);
        }
        if (!same && in_use(c, (struct pack_use){.what = "register", .a = a->code, .b = STR("*")})) {
            tell(c, (struct pack_change){PACK_REFUSED_USED, {0}, place_of(c, "registers", a->code), a->code, {0}});
        }
        for (size_t k = 0; k < a->n_stages && b; k++) {
            if (!pack_register_stage(b, a->stage[k].value) &&
                in_use(c, (struct pack_use){.what = "register", .a = a->code, .b = a->stage[k].value})) {
                tell(c, (struct pack_change){PACK_REFUSED_USED, {0}, place_of(c, "registers", a->code), a->stage[k].value, {0}});
            }
        }
    }
}

// Versions of the plan name registers, fields, values and lists; without them they could not be read, nor a past year be told.
static void compare_plan(struct compare *c)
{
    struct str said = STR("");
    if (in_use(c, (struct pack_use){.what = "plan", .fresh = c->fresh, .said = &said})) {
        tell(c, (struct pack_change){PACK_REFUSED_PLAN, {0}, STR("plan"), said, {0}});
    }
}

// ── the rest is told ──

static struct str shown(struct compare *c, const json_t *v)
{
    char *text = v != NULL ? json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    struct str s = str_from(text);
    size_t n = s.n < VALUE_MAX ? s.n : VALUE_MAX;
    while (n > 0 && n < s.n && ((unsigned char)s.at[n] & 0xc0) == 0x80) {
        n--; // not in the middle of a letter
    }
    struct str out = arena_printf(c->arena, "%.*s%s", (int)n, s.n > 0 ? s.at : "", n < s.n ? "…" : "");
    free(text);
    return out;
}

static void on_difference(void *ctx, struct str file, const char *place, const json_t *before, const json_t *after)
{
    struct compare *c = ctx;
    tell(c, (struct pack_change){PACK_CHANGED, file, str_from(place), shown(c, before), shown(c, after)});
}

enum err pack_compare(const struct pack *old, const struct pack *fresh, int year, pack_used_fn *used, void *ctx, struct arena *arena,
                      struct pack_changes *out)
{
    *out = (struct pack_changes){0};
    struct compare c = {.old = old, .fresh = fresh, .used = used, .ctx = ctx, .arena = arena, .out = out};
    compare_country(&c);
    compare_questions(&c);
    compare_protocols(&c);
    compare_years(&c, year);
    compare_lists(&c);
    compare_retention(&c);
    compare_templates(&c);
    compare_registers(&c);
    compare_plan(&c);
    compare_shorter(&c);
    enum err e = c.e ? c.e : differ_run(old->bytes, fresh->bytes, on_difference, &c);
    return e ? e : arena_failed(arena) ? ERR_MEMORY : OK;
}

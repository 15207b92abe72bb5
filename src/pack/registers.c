// Registers: the section "registers", and "register_lists", the values that its choices take. Missing: there are none.
#include <string.h>
#include "pack/inside.h"

#define REGISTERS_MAX 40
#define FIELDS_MAX 30
#define STAGES_MAX 12
#define FEEDS_MAX 20
#define CODE_MAX 30
#define CARRY_MAX 10
#define TEXT_MAX 4000

static const char *const kinds[] = {
    [PACK_TEXT] = "text", [PACK_LONG] = "long", [PACK_URL] = "url", [PACK_DATE] = "date", [PACK_NUMBER] = "number", [PACK_MONEY] = "money",
    [PACK_CHOICE] = "choice", [PACK_CHOICES] = "choices", [PACK_COUNTY] = "county", [PACK_MUNICIPALITY] = "municipality",
    [PACK_INSTITUTION] = "institution", [PACK_COUNTS] = "counts", [PACK_ENTRY] = "entry", [PACK_YEAR] = "year",
    [PACK_PERCENT] = "percent", [PACK_ACTIVITY] = "activity", [PACK_INDICATOR] = "indicator",
};
#define KINDS (sizeof kinds / sizeof *kinds)
// Columns that every table file of a register has; a field of that name could not be told from them.
static const char *const reserved[] = {"id", "register", "institution", "state", "stage", "version"};

static bool has_max(enum pack_kind k) { return k <= PACK_URL || k == PACK_NUMBER || k == PACK_MONEY; }

static bool plain_code(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!((s.at[i] >= 'a' && s.at[i] <= 'z') || (i > 0 && s.at[i] >= '0' && s.at[i] <= '9') || (i > 0 && s.at[i] == '_'))) {
            return false;
        }
    }
    return s.n > 0;
}

static struct str read_code(struct reader *r, const json_t *row, const char *key)
{
    struct str s = read_word(r, row, key, CODE_MAX, true);
    if (s.n > 0 && !plain_code(s)) {
        read_fault(r, "\"%.*s\" may have small letters, digits and _ only, a letter first", STR_ARG(s));
    }
    return s;
}

// An array of texts; *n is 0 where it is missing.
static const struct str *read_words(struct reader *r, const json_t *row, const char *key, size_t most, size_t *n)
{
    const json_t *list = json_object_get(row, key);
    *n = 0;
    if (list == NULL) {
        return NULL;
    }
    size_t at = read_into(r, ".%s", key);
    size_t count = read_count(r, list, most);
    struct str *out = read_array(r, count, sizeof *out);
    for (size_t i = 0; i < count && out != NULL; i++) {
        out[(*n)++] = read_item(r, json_array_get(list, i), PACK_NAME_MAX);
    }
    read_back(r, at);
    return out;
}

static const struct pack_text *read_text(struct reader *r, const json_t *row, const char *key, bool needed)
{
    struct pack_text *t = read_array(r, 1, sizeof *t);
    return t != NULL && read_label(r, row, key, needed, t) ? t : NULL;
}

// ── fields ──
static void field_check(struct reader *r, const struct pack_register *x, const struct pack_register_field *f)
{
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        if (str_equal_z(f->name, reserved[i])) {
            read_fault(r, "the name \"%.*s\" is a column of every register; take another", STR_ARG(f->name));
        }
    }
    if (pack_register_field(x, f->name) != NULL) {
        read_fault(r, "the name \"%.*s\" stands there twice; take another", STR_ARG(f->name));
    }
    bool once = f->kind == PACK_COUNTY || f->kind == PACK_MUNICIPALITY;
    if (once && pack_register_kind(x, f->kind) != NULL) {
        read_fault(r, "is a second %s; a row has one place", kinds[f->kind]);
    }
    if (f->kind == PACK_MUNICIPALITY && pack_register_kind(x, PACK_COUNTY) == NULL) {
        read_fault(r, "is a municipality without a county; put a county before it");
    }
    if ((f->kind == PACK_CHOICE || f->kind == PACK_CHOICES) && (f->list.n == 0 || pack_list(r->p, f->list.at) == NULL)) {
        read_fault(r, "needs \"list\", the name of a list of \"register_lists\" or \"lists\"");
    }
    if (f->kind == PACK_ENTRY && f->of.n == 0) {
        read_fault(r, "needs \"of\", the code of the register that it refers to");
    }
    if (f->kind == PACK_COUNTS && (pack_list(r->p, "attendance_sex") == NULL || pack_list(r->p, "attendance_age") == NULL)) {
        read_fault(r, "counts persons; \"register_lists\" needs \"attendance_sex\" and \"attendance_age\"");
    }
    const struct pack_register_field *before = pack_register_field(x, f->not_before);
    if (f->not_before.n > 0 && ((f->kind != PACK_DATE && f->kind != PACK_YEAR) || before == NULL || before->kind != f->kind)) {
        read_fault(r, "\"not_before\" is for dates and years, and names an earlier field of the same kind");
    }
    for (size_t i = 0; i < f->n_needed_at; i++) {
        if (pack_register_stage(x, f->needed_at[i]) == NULL) {
            read_fault(r, "is needed at \"%.*s\", which is no stage of this register", STR_ARG(f->needed_at[i]));
        }
    }
    if (f->counted && f->kind != PACK_TEXT && f->kind != PACK_URL) {
        read_fault(r, "\"counted\" is for texts and addresses; all others are counted anyway");
    }
}

static void read_field(struct reader *r, const json_t *row, struct pack_register *x, struct pack_register_field *f)
{
    if (!read_keys(r, row, "name kind label help required counted min max list of not_before needed_at")) {
        return;
    }
    struct str kind = read_word(r, row, "kind", 20, true);
    f->kind = KINDS;
    for (size_t k = 0; k < KINDS; k++) {
        f->kind = str_equal_z(kind, kinds[k]) ? (enum pack_kind)k : f->kind;
    }
    if (f->kind == (enum pack_kind)KINDS) {
        read_fault(r,
                   "the kind \"%.*s\" is none; the kinds are text long url date number money choice choices county municipality institution counts entry "
                   "year percent activity indicator",
                   STR_ARG(kind));
        f->kind = PACK_TEXT;
    }
    f->name = read_code(r, row, "name");
    f->label = read_text(r, row, "label", true);
    f->help = read_text(r, row, "help", false);
    f->required = read_flag(r, row, "required");
    f->counted = read_flag(r, row, "counted");
    bool number = f->kind == PACK_NUMBER || f->kind == PACK_MONEY;
    if (has_max(f->kind)) {
        f->max = read_number(r, row, "max", 1, number ? INT64_C(1000000000000000) : TEXT_MAX);
    }
    if (number && json_object_get(row, "min") != NULL) {
        f->min = read_number(r, row, "min", 0, f->max);
    }
    f->list = read_word(r, row, "list", PACK_NAME_MAX, false);
    f->of = read_word(r, row, "of", CODE_MAX, false);
    f->not_before = read_word(r, row, "not_before", CODE_MAX, false);
    f->needed_at = read_words(r, row, "needed_at", STAGES_MAX, &f->n_needed_at);
    if (f->kind == PACK_PERCENT) {
        f->max = 100;
    }
    field_check(r, x, f);
    x->n_fields++;
}

static void read_fields(struct reader *r, const json_t *row, struct pack_register *x)
{
    const json_t *rows = json_object_get(row, "fields");
    size_t in = read_into(r, ".fields");
    size_t n = read_count(r, rows, FIELDS_MAX);
    struct pack_register_field *f = read_array(r, n, sizeof *f);
    x->field = f;
    for (size_t i = 0; i < n && f != NULL; i++) {
        size_t at = read_into(r, "[%zu]", i);
        read_field(r, json_array_get(rows, i), x, &f[i]);
        read_back(r, at);
    }
    read_back(r, in);
}

// ── stages ──
static void read_stages(struct reader *r, const json_t *row, struct pack_register *x)
{
    const json_t *rows = json_object_get(row, "stages");
    if (rows == NULL) {
        return;
    }
    size_t in = read_into(r, ".stages");
    size_t n = read_count(r, rows, STAGES_MAX);
    struct pack_register_stage *s = read_array(r, n, sizeof *s);
    x->stage = s;
    for (size_t i = 0; i < n && s != NULL; i++) {
        const json_t *one = json_array_get(rows, i);
        size_t at = read_into(r, "[%zu]", i);
        if (read_keys(r, one, "value label next hundredths")) {
            struct pack_register_stage stage = {.value = read_code(r, one, "value"), .label = read_text(r, one, "label", true),
                                                .hundredths = PACK_NO_SHARE};
            if (json_object_get(one, "hundredths") != NULL) {
                stage.hundredths = read_number(r, one, "hundredths", 0, 100);
            }
            stage.next = read_words(r, one, "next", STAGES_MAX, &stage.n);
            if (pack_register_stage(x, stage.value) != NULL) {
                read_fault(r, "\"%.*s\" stands there twice; take one out", STR_ARG(stage.value));
            }
            s[x->n_stages++] = stage;
        }
        read_back(r, at);
    }
    for (size_t i = 0; i < x->n_stages; i++) {
        for (size_t k = 0; k < x->stage[i].n; k++) {
            if (pack_register_stage(x, x->stage[i].next[k]) == NULL) {
                read_fault(r, "\"%.*s\" goes to \"%.*s\", which is no stage of this register",
                           STR_ARG(x->stage[i].value), STR_ARG(x->stage[i].next[k]));
            }
        }
    }
    read_back(r, in);
}

// ── one register ──
// {"carry_over": {"years": [2018], "field": "carried_from"}}: what the national plan says of the costs of 2018.
static void read_carry(struct reader *r, const json_t *row, struct pack_register *x)
{
    const json_t *c = json_object_get(row, "carry_over"), *years = json_object_get(c, "years");
    size_t at = read_into(r, ".carry_over");
    if (c != NULL && read_keys(r, c, "years field")) {
        x->carried = read_word(r, c, "field", CODE_MAX, true);
        size_t in = read_into(r, ".years"), n = read_count(r, years, CARRY_MAX);
        int *year = read_array(r, n, sizeof *year);
        for (size_t i = 0; i < n && year != NULL; i++) {
            const json_t *one = json_array_get(years, i);
            year[i] = (int)json_integer_value(one);
            if (!json_is_integer(one) || json_integer_value(one) < 2000 || json_integer_value(one) > 2198) {
                read_fault(r, "must be years, 2000 to 2198");
            }
        }
        x->carry = year;
        x->n_carry = year != NULL ? n : 0;
        read_back(r, in);
    }
    read_back(r, at);
}

static void read_filled(struct reader *r, const json_t *row, struct pack_register *x)
{
    const json_t *f = json_object_get(row, "filled_by");
    size_t at = read_into(r, ".filled_by");
    if (f != NULL && read_keys(r, f, "register field stage")) {
        x->filler = read_word(r, f, "register", CODE_MAX, true);
        x->filler_field = read_word(r, f, "field", CODE_MAX, true);
        x->filler_stage = read_word(r, f, "stage", CODE_MAX, true);
    }
    read_back(r, at);
}

static void read_register(struct reader *r, const json_t *row, struct pack_register *x)
{
    if (!read_keys(r, row, "code label about owners confirmed_by title date feeds stages fields filled_by carry_over")) {
        return;
    }
    x->code = read_code(r, row, "code");
    x->label = read_text(r, row, "label", true);
    x->about = read_text(r, row, "about", true);
    x->owner = read_words(r, row, "owners", PACK_ENTRIES_MAX, &x->n_owners);
    x->feeds = read_words(r, row, "feeds", FEEDS_MAX, &x->n_feeds);
    x->confirmer = read_word(r, row, "confirmed_by", 20, false);
    x->title = read_word(r, row, "title", CODE_MAX, true);
    x->date = read_word(r, row, "date", CODE_MAX, true);
    read_filled(r, row, x);
    read_stages(r, row, x);
    read_fields(r, row, x);
    read_carry(r, row, x);
    for (size_t i = 0; i < x->n_owners; i++) {
        if (!str_equal_z(x->owner[i], "*") && !pack_has(r->p, "institution_type", x->owner[i])) {
            read_fault(r, "the owner \"%.*s\" is not one of \"institution_types\"; add it there, or write \"*\" for all", STR_ARG(x->owner[i]));
        }
    }
    if (x->n_owners == 0) {
        read_fault(r, "has no \"owners\": types of institutions that may enter a row");
    }
    if (x->confirmer.n > 0 && pack_institution(r->p, x->confirmer) == NULL) {
        read_fault(r, "is confirmed by \"%.*s\", which is not one of \"institutions\"", STR_ARG(x->confirmer));
    }
    const struct pack_register_field *title = pack_register_field(x, x->title), *date = pack_register_field(x, x->date);
    if (title == NULL || title->kind != PACK_TEXT || !title->required) {
        read_fault(r, "\"title\" must name a required field of the kind text");
    }
    if (date == NULL || (date->kind != PACK_DATE && date->kind != PACK_YEAR) || !date->required) {
        read_fault(r, "\"date\" must name a required field of the kind date or year");
    }
    const struct pack_register_field *carried = pack_register_field(x, x->carried);
    if (x->n_carry > 0 && (carried == NULL || carried->kind != PACK_YEAR || carried->required)) {
        read_fault(r, "\"carry_over\" needs \"field\": a field of the kind year that need not be filled in");
    }
}

// What refers to other registers, once all are known.
static void references_check(struct reader *r)
{
    const struct pack *p = r->p;
    for (size_t i = 0; i < p->n_registers; i++) {
        const struct pack_register *x = &p->registers[i], *filler = pack_register(p, x->filler);
        size_t at = read_into(r, "[%zu]", i);
        for (size_t k = 0; k < x->n_fields; k++) {
            if (x->field[k].of.n > 0 && (x->field[k].kind != PACK_ENTRY || pack_register(p, x->field[k].of) == NULL)) {
                read_fault(r, "the field \"%.*s\" refers to \"%.*s\": a field of the kind entry names a register", STR_ARG(x->field[k].name),
                           STR_ARG(x->field[k].of));
            }
        }
        const struct pack_register_field *f = filler != NULL ? pack_register_field(filler, x->filler_field) : NULL;
        if (x->filler.n > 0 && (f == NULL || f->kind != PACK_ENTRY || !str_equal(f->of, x->code) ||
                                pack_register_stage(filler, x->filler_stage) == NULL)) {
            read_fault(r, "\"filled_by\" must name another register, its field that refers to this one, and one of its stages");
        }
        for (size_t k = 0; k < i; k++) {
            if (str_equal(p->registers[k].code, x->code)) {
                read_fault(r, "the code \"%.*s\" stands there twice; take another", STR_ARG(x->code));
            }
        }
        read_back(r, at);
    }
}

void read_registers(struct reader *r)
{
    struct pack *p = r->p;
    const json_t *lists = json_object_get(r->all, "register_lists") != NULL ? read_section(r, "register_lists", JSON_OBJECT) : NULL;
    const char *name;
    json_t *values;
    json_object_foreach((json_t *)lists, name, values) {
        size_t at = read_into(r, ".%s", name);
        read_values(r, name, values);
        read_back(r, at);
    }
    const json_t *rows = json_object_get(r->all, "registers") != NULL ? read_section(r, "registers", JSON_ARRAY) : NULL;
    if (rows == NULL) {
        return;
    }
    size_t n = read_count(r, rows, REGISTERS_MAX);
    p->registers = read_array(r, n, sizeof *p->registers);
    for (size_t i = 0; i < n && p->registers != NULL; i++) {
        size_t at = read_into(r, "[%zu]", i);
        read_register(r, json_array_get(rows, i), &p->registers[p->n_registers]);
        p->n_registers++;
        read_back(r, at);
    }
    references_check(r);
}

// What the plan reads of registers that it knows by name (plan/work.h): without these it would show nothing and say so nowhere.
static const struct { const char *reg, *field; enum pack_kind kind; } known[] = {
    {"step", "activity", PACK_ACTIVITY}, {"step", "date", PACK_DATE}, {"narrative", "activity", PACK_ACTIVITY}, {"narrative", "year", PACK_YEAR},
    {"narrative", "done", PACK_LONG}, {"budget_line", "activity", PACK_ACTIVITY}, {"budget_line", "year", PACK_YEAR},
    {"budget_line", "source", PACK_CHOICE}, {"budget_line", "planned", PACK_MONEY}, {"spending", "activity", PACK_ACTIVITY},
    {"spending", "source", PACK_CHOICE}, {"spending", "spent", PACK_MONEY},
};

// Once the plan was read: fields that name something of it need one, and registers that it reads need their fields.
void registers_plan_check(struct reader *r)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct pack_register *x = pack_register(r->p, str_from(known[i].reg));
        const struct pack_register_field *f = x != NULL ? pack_register_field(x, str_from(known[i].field)) : NULL;
        if (x != NULL && (f == NULL || f->kind != known[i].kind)) {
            read_fault(r, "the register \"%s\" needs a field \"%s\" of the kind %s: the plan reads it", known[i].reg, known[i].field, kinds[known[i].kind]);
        }
    }
    for (size_t i = 0; i < r->p->n_registers && r->p->plan == NULL; i++) {
        const struct pack_register *x = &r->p->registers[i];
        if (pack_register_kind(x, PACK_ACTIVITY) != NULL || pack_register_kind(x, PACK_INDICATOR) != NULL) {
            size_t at = read_into(r, ".registers[%zu]", i);
            read_fault(r, "refers to the plan, and this country has none; add \"plan\" or take the field out");
            read_back(r, at);
        }
    }
}

// ── asked ──
const struct pack_register *pack_register_at(const struct pack *p, size_t i)
{
    return i < p->n_registers ? &p->registers[i] : NULL;
}

const struct pack_register *pack_register(const struct pack *p, struct str code)
{
    for (size_t i = 0; i < p->n_registers; i++) {
        if (code.n > 0 && str_equal(p->registers[i].code, code)) {
            return &p->registers[i];
        }
    }
    return NULL;
}

const struct pack_register_field *pack_register_field(const struct pack_register *r, struct str name)
{
    for (size_t i = 0; i < r->n_fields; i++) {
        if (str_equal(r->field[i].name, name)) {
            return &r->field[i];
        }
    }
    return NULL;
}

const struct pack_register_field *pack_register_kind(const struct pack_register *r, enum pack_kind kind)
{
    for (size_t i = 0; i < r->n_fields; i++) {
        if (r->field[i].kind == kind) {
            return &r->field[i];
        }
    }
    return NULL;
}

const struct pack_register_stage *pack_register_stage(const struct pack_register *r, struct str value)
{
    for (size_t i = 0; i < r->n_stages; i++) {
        if (str_equal(r->stage[i].value, value)) {
            return &r->stage[i];
        }
    }
    return NULL;
}

bool pack_register_owner(const struct pack_register *r, struct str type)
{
    for (size_t i = 0; i < r->n_owners; i++) {
        if (str_equal_z(r->owner[i], "*") || str_equal(r->owner[i], type)) {
            return true;
        }
    }
    return false;
}

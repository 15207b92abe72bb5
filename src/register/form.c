// One form for every register, made from its description: what was typed comes back as typed, with a sentence where it was
// refused; where somebody else was first, what stands now is beside it.
#include <string.h>
#include "base/clock.h"
#include "register/handlers.h"
#include "text/date.h"

#define REFERRED_MAX 200 // rows of another register to choose from; an older one keeps its place in the row that has it

DB_QUERY(entry_options_sql, "ti", "bti", "select id, title, day from desk.entry where register = $1 and state <> 'removed' and state <> 'draft' "
         "order by day desc, seq desc limit $2");
DB_QUERY(entry_option_sql, "b", "ti", "select title, day from desk.entry where id = $1");

struct showing {
    struct req *rq;
    struct entry_row *x;               // the register alone for a new row
    const struct list *typed;          // NULL: what is stored
    struct list stored, institutions;
    struct entry_who who;
    struct entry_form_out *out;
    struct entry_field *at;
};

// ── options ──
static struct choice *options_new(struct showing *s, size_t n) { return arena_array(s->rq->arena, n + 1, sizeof(struct choice)); }

static bool chosen(struct str values, struct str one)
{
    while (values.n > 0)
        if (str_equal(str_cut(&values, ' '), one))
            return true;
    return false;
}

static enum err referred_put(struct showing *s, struct db *db, const struct pack_register_field *f, struct entry_field *at)
{
    struct db_rows *r;
    struct arena *a = s->rq->arena;
    struct choice *o = options_new(s, REFERRED_MAX + 1);
    size_t n = 0;
    bool there = at->value.n == 0;
    struct id id;
    char hex[ID_HEX];
    enum err e = o ? db_query(db, &entry_options_sql, DB_ARGS(DB_T(f->of), DB_I(REFERRED_MAX)), &r) : ERR_MEMORY;
    if (e)
        return e;
    for (; !e && n < REFERRED_MAX && db_next(r); n++) {
        e = id_from_bytes(db_str(r, 0), &id) ? ERR_TAMPERED : OK;
        struct str day = entry_day_text(a, db_int(r, 2)), title = db_str(r, 1);
        o[n] = (struct choice){arena_str(a, str_from(id_hex(id, hex))), arena_printf(a, "%.*s (%.*s)", STR_ARG(title), STR_ARG(day)), false};
        o[n].on = str_equal(o[n].value, at->value);
        there = there || o[n].on;
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    if (!e && !there && id_from_hex(at->value, &id) == OK) {
        e = db_query(db, &entry_option_sql, DB_ARGS(DB_ID(id)), &r);
        if (!e) {
            if (db_next(r))
                o[n++] = (struct choice){at->value, arena_str(a, db_str(r, 0)), true};
            e = db_done(&r);
        }
    }
    at->options = (struct list){o, n};
    return e;
}

static void municipalities_put(struct showing *s, struct entry_field *at)
{
    const struct pack *p = s->rq->sv->pack;
    struct str county, m;
    size_t n = 0, all = 0;
    for (size_t i = 0; (county = pack_list_at(p, "county", i)).n; i++)
        for (size_t k = 0; pack_municipality_at(p, county, k).n; k++)
            all++;
    struct choice *o = options_new(s, all);
    for (size_t i = 0; o && (county = pack_list_at(p, "county", i)).n; i++)
        for (size_t k = 0; (m = pack_municipality_at(p, county, k)).n; k++)
            o[n++] = (struct choice){m, arena_printf(s->rq->arena, "%.*s: %.*s", STR_ARG(county), STR_ARG(m)), str_equal(m, at->value)};
    at->options = (struct list){o, n};
}

static void institutions_put(struct showing *s, struct entry_field *at)
{
    const struct institution *i = s->institutions.at;
    struct choice *o = options_new(s, s->institutions.n);
    for (size_t k = 0; k < s->institutions.n && o; k++)
        o[k] = (struct choice){i[k].code, i[k].name, str_equal(i[k].code, at->value)};
    at->options = (struct list){o, o ? s->institutions.n : 0};
}

// Activities or indicators, by code and title.
static enum err codes_put(struct showing *s, struct db *db, enum pack_kind kind, struct entry_field *at)
{
    struct list codes = {0};
    enum err e = entry_plan_codes(db, s->rq, kind, &codes);
    struct choice *o = e ? NULL : options_new(s, codes.n + 1);
    const struct choice *c = codes.at;
    if (!o)
        return e ? e : ERR_MEMORY;
    for (size_t i = 0; i < codes.n; i++)
        o[i] = (struct choice){c[i].value, arena_printf(s->rq->arena, "%.*s %.*s", STR_ARG(c[i].value), STR_ARG(c[i].label)),
                               str_equal(c[i].value, at->value)};
    at->options = (struct list){o, codes.n};
    return OK;
}

// ── fields ──
static struct str typed_value(struct showing *s, struct str name, bool several)
{
    const struct html_pair *at = s->typed ? s->typed->at : NULL;
    struct str v = STR("");
    if (!s->typed)
        return entry_value(&s->stored, name);
    for (size_t i = 0; i < s->typed->n; i++)
        if (str_equal(at[i].name, name))
            v = several && v.n > 0 ? arena_printf(s->rq->arena, "%.*s %.*s", STR_ARG(v), STR_ARG(at[i].value)) : at[i].value;
    return v;
}

static struct str refusal(struct showing *s, struct str name)
{
    struct str key = arena_printf(s->rq->arena, "fields.%.*s", STR_ARG(name));
    return key.at && s->rq->refused ? req_refusal(s->rq, key.at) : STR("");
}

static void counts_put(struct showing *s, const struct pack_register_field *f, struct entry_field *at)
{
    struct req *rq = s->rq;
    const struct pack *p = rq->sv->pack;
    size_t ages = 0, sexes = 0;
    while (pack_list_at(p, "attendance_age", ages).n)
        ages++;
    while (pack_list_at(p, "attendance_sex", sexes).n)
        sexes++;
    struct entry_cells *rows = arena_array(rq->arena, ages + 1, sizeof *rows);
    for (size_t i = 0; i < ages && rows; i++) {
        struct str age = pack_list_at(p, "attendance_age", i);
        struct entry_cell *cell = arena_array(rq->arena, sexes + 1, sizeof *cell);
        rows[i].label = pack_label(p, "attendance_age", age, rq->lang);
        for (size_t k = 0; k < sexes && cell; k++) {
            struct str sex = pack_list_at(p, "attendance_sex", k), label = pack_label(p, "attendance_sex", sex, rq->lang);
            cell[k].name = arena_printf(rq->arena, "%.*s.%.*s.%.*s", STR_ARG(f->name), STR_ARG(sex), STR_ARG(age));
            cell[k].label = arena_printf(rq->arena, "%.*s, %.*s", STR_ARG(label), STR_ARG(rows[i].label));
            cell[k].value = typed_value(s, cell[k].name, false);
            cell[k].error = refusal(s, cell[k].name);
            at->error = at->error.n > 0 ? at->error : cell[k].error;
            at->differs = at->differs || (s->out->conflict && !str_equal(cell[k].value, entry_value(&s->stored, cell[k].name)));
        }
        rows[i].at = (struct list){cell, cell ? sexes : 0};
    }
    at->cells = (struct list){rows, rows ? ages : 0};
    at->heads = req_choices(rq, "attendance_sex", STR(""));
    at->counts = true;
}

static enum err field_put(struct showing *s, struct db *db, const struct pack_register_field *f, struct entry_field *at)
{
    enum err e = OK;
    enum pack_kind k = f->kind;
    struct str list = arena_printf(s->rq->arena, "%.*s", STR_ARG(f->list)), was = entry_value(&s->stored, f->name);
    *at = (struct entry_field){.name = f->name, .label = entry_label(s->rq, f->label),
                               .help = entry_label(s->rq, f->help), .error = refusal(s, f->name),
                               .required = f->required, .max = f->max,
                               .value = k == PACK_COUNTS ? STR("") : typed_value(s, f->name, k == PACK_CHOICES)};
    at->line = k == PACK_TEXT;
    at->lines = k == PACK_LONG;
    at->url = k == PACK_URL;
    at->date = k == PACK_DATE;
    at->number = k == PACK_NUMBER || k == PACK_MONEY || k == PACK_YEAR || k == PACK_PERCENT;
    at->checks = k == PACK_CHOICES;
    at->select = k == PACK_CHOICE || k == PACK_COUNTY || k == PACK_MUNICIPALITY || k == PACK_INSTITUTION || k == PACK_ENTRY ||
                 k == PACK_ACTIVITY || k == PACK_INDICATOR;
    if (k == PACK_CHOICE || k == PACK_CHOICES || k == PACK_COUNTY) {
        at->options = req_choices(s->rq, k == PACK_COUNTY ? "county" : list.at, at->value);
        union { const void *in; struct choice *out; } o = {at->options.at};
        for (size_t i = 0; k == PACK_CHOICES && i < at->options.n; i++)
            o.out[i].on = chosen(at->value, o.out[i].value);
    } else if (k == PACK_MUNICIPALITY) {
        municipalities_put(s, at);
    } else if (k == PACK_INSTITUTION) {
        institutions_put(s, at);
    } else if (k == PACK_ENTRY) {
        e = referred_put(s, db, f, at);
    } else if (k == PACK_ACTIVITY || k == PACK_INDICATOR) {
        e = codes_put(s, db, k, at);
    } else if (k == PACK_COUNTS) {
        counts_put(s, f, at);
    }
    at->bad = at->error.n > 0;
    if (s->out->conflict && k != PACK_COUNTS && !str_equal(str_trim(at->value), was)) {
        at->differs = true;
        at->now = was.n > 0 ? entry_value_text(s->rq, f, was) : text_get(s->rq->lang, MSG_REGISTER_EMPTY);
        const struct choice *o = at->options.at;
        for (size_t i = 0; i < at->options.n; i++)
            at->now = str_equal(o[i].value, was) ? o[i].label : at->now;
    }
    return e;
}

static enum err show_read(struct db *db, void *arg)
{
    struct showing *s = arg;
    const struct pack_register *r = s->x->reg;
    enum err e = entry_who_db(db, s->rq, &s->who);
    e = e ? e : institutions_db(db, s->rq->arena, str_equal_z(s->rq->lang_code, "en"), &s->institutions);
    for (size_t i = 0; i < r->n_fields && !e; i++)
        e = field_put(s, db, &r->field[i], &s->at[i]);
    return e;
}

// For whom the row is entered: only where one may choose.
static void owners_put(struct showing *s, struct str institution)
{
    const struct institution *i = s->institutions.at;
    struct choice *o = options_new(s, s->institutions.n);
    struct str on = institution.n > 0 ? institution : s->who.code;
    size_t n = 0;
    for (size_t k = 0; k < s->institutions.n && o; k++)
        if (pack_register_owner(s->x->reg, i[k].type))
            o[n++] = (struct choice){i[k].code, i[k].name, str_equal(i[k].code, on)};
    s->out->institutions = (struct list){o, n};
}

enum err entry_form_show(struct req *rq, struct entry_row *x, const struct list *typed, struct str institution, struct entry_form_out *out)
{
    const struct pack_register *r = x->reg;
    struct showing s = {.rq = rq, .x = x, .typed = typed, .out = out, .at = arena_array(rq->arena, r->n_fields + 1, sizeof *s.at)};
    s.stored = x->fields.n > 0 ? entry_fields_read(rq->arena, x->fields) : (struct list){0};
    out->fresh = x->seq == 0;
    if (out->fresh && !typed) { // most rows are entered on the day
        struct html_pair *today = ARENA_NEW(rq->arena, struct html_pair);
        struct date d = date_local(rq->now);
        if (today) {
            *today = (struct html_pair){r->date, pack_register_field(r, r->date)->kind == PACK_YEAR
                                                     ? arena_printf(rq->arena, "%04d", d.year)
                                                     : arena_printf(rq->arena, "%04d-%02d-%02d", d.year, d.month, d.day)};
            s.stored = (struct list){today, 1};
        }
    }
    enum err e = s.at ? store_read(rq->sv->store, show_read, &s) : ERR_MEMORY;
    if (e)
        return e;
    enum entry_state next;
    out->id = x->id;
    out->version = x->version;
    out->code = r->code;
    out->label = entry_label(rq, r->label);
    out->about = entry_label(rq, r->about);
    out->title = out->fresh ? STR("") : x->title;
    out->fields = (struct list){s.at, r->n_fields};
    out->may_choose = out->fresh && s.who.all;
    out->may_add = out->fresh ? entry_may_add(r, &s.who) : entry_may(r, &s.who, &x->who, ENTRY_SAVE, &next) == OK;
    out->draft = out->fresh || x->who.state == ENTRY_DRAFT || x->who.state == ENTRY_RETURNED;
    if (out->may_choose)
        owners_put(&s, institution);
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

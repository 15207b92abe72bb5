// A row's fields: what was sent is checked against the register's description, and turned into what is counted and searched.
#include <stdio.h>
#include <string.h>
#include "register/rules.h"
#include "text/fold.h"

#define PERSONS_MAX 10000000 // of one cell of counts

int64_t entry_day(struct str s)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (s.n != 10 || s.at[4] != '-' || s.at[7] != '-')
        return 0;
    for (size_t i = 0; i < 10; i++)
        if (i != 4 && i != 7 && (s.at[i] < '0' || s.at[i] > '9'))
            return 0;
    int y = (s.at[0] - '0') * 1000 + (s.at[1] - '0') * 100 + (s.at[2] - '0') * 10 + s.at[3] - '0';
    int m = (s.at[5] - '0') * 10 + s.at[6] - '0', d = (s.at[8] - '0') * 10 + s.at[9] - '0';
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (y < 2000 || y > 2199 || m < 1 || m > 12 || d < 1 || d > days[m - 1] + (m == 2 && leap))
        return 0;
    return y * 10000 + m * 100 + d;
}

struct str entry_day_text(struct arena *a, int64_t day)
{
    return arena_printf(a, "%04d-%02d-%02d", (int)(day / 10000), (int)(day / 100 % 100), (int)(day % 100));
}

static int64_t year_of(struct str s) // 0: no year of 2000 to 2199
{
    int64_t n = 0;
    return s.n == 4 && !str_int(s, &n) && n >= 2000 && n <= 2199 ? n : 0;
}

struct str entry_value(const struct list *values, struct str name)
{
    const struct html_pair *at = values->at;
    for (size_t i = 0; i < values->n; i++)
        if (str_equal(at[i].name, name))
            return at[i].value;
    return STR("");
}

const struct pack_register_field *entry_cell(const struct pack *p, const struct pack_register *r, struct str name, struct str *cell)
{
    struct str rest = name, field = str_cut(&rest, '.'), age = rest, sex = str_cut(&age, '.');
    const struct pack_register_field *f = pack_register_field(r, field);
    if (!f || f->kind != PACK_COUNTS || !pack_has(p, "attendance_sex", sex) || !pack_has(p, "attendance_age", age))
        return NULL;
    *cell = rest;
    return f;
}

int64_t entry_placed(const struct pack_register *r, const struct list *values, int64_t *from)
{
    const struct pack_register_field *f = pack_register_field(r, r->date);
    struct str v = entry_value(values, r->date);
    int64_t day = f && f->kind == PACK_YEAR ? year_of(v) * 10000 + 101 : entry_day(v);
    *from = 0;
    for (size_t i = 0; i < r->n_carry && *from == 0; i++)
        if (day / 10000 == r->carry[i])
            *from = r->carry[i];
    return *from ? (*from + 1) * 10000 + 101 : day;
}

void entry_needed(const struct pack_register *r, struct str stage, const struct list *values, entry_fault_fn *fault, void *ctx, bool *fine)
{
    for (size_t i = 0; i < r->n_fields; i++) {
        const struct pack_register_field *f = &r->field[i];
        bool needed = false;
        for (size_t k = 0; k < f->n_needed_at && stage.n > 0; k++)
            needed = needed || str_equal(f->needed_at[k], stage);
        if (needed && entry_value(values, f->name).n == 0) {
            fault(ctx, f->name, MSG_REGISTER_REFUSED_NEEDED_AT, 0);
            *fine = false;
        }
    }
}

// ── checking ──
struct checking {
    struct arena *a;
    const struct pack *p;
    const struct pack_register *r;
    const struct html_pair *sent;
    size_t n;
    entry_fault_fn *fault;
    void *ctx;
    bool fine;
    struct html_pair *out;
    size_t n_out;
};

static void tell(struct checking *c, struct str name, enum message m, int64_t n)
{
    c->fault(c->ctx, name, m, n);
    c->fine = false;
}

static bool address(struct str s)
{
    struct str rest = str_starts(s, "https://") ? str_slice(s, 8, s.n) : str_starts(s, "http://") ? str_slice(s, 7, s.n) : STR("");
    return rest.n > 3 && str_find(rest, '.') > 0 && str_find(rest, ' ') < 0 && str_find(rest, '"') < 0 && str_find(rest, '<') < 0;
}

static void number_check(struct checking *c, struct str name, struct str v, int64_t min, int64_t max)
{
    int64_t n = 0;
    if (str_int(v, &n) || v.at[0] == '-' || n > max || v.n > 16)
        tell(c, name, MSG_REGISTER_REFUSED_NUMBER, max);
    else if (n < min)
        tell(c, name, MSG_REGISTER_REFUSED_LEAST, min);
}

static void value_check(struct checking *c, const struct pack_register_field *f, struct str v)
{
    char list[80];
    snprintf(list, sizeof list, "%.*s", STR_ARG(f->list));
    switch (f->kind) {
    case PACK_TEXT:
    case PACK_LONG:
    case PACK_URL:
        if (str_utf8_count(v) > (size_t)f->max)
            tell(c, f->name, MSG_WEB_FIELD_LONG, f->max);
        else if (f->kind != PACK_LONG && str_has_control(v, false))
            tell(c, f->name, MSG_REGISTER_REFUSED_LINE, 0);
        else if (f->kind == PACK_URL && !address(v))
            tell(c, f->name, MSG_REGISTER_REFUSED_URL, 0);
        else if (f->kind != PACK_URL && !str_says(v))
            tell(c, f->name, MSG_WEB_FIELD_REQUIRED, 0);
        break;
    case PACK_DATE:
        if (!entry_day(v))
            tell(c, f->name, MSG_REGISTER_REFUSED_DATE, 0);
        break;
    case PACK_NUMBER:
    case PACK_MONEY:
    case PACK_PERCENT:
        number_check(c, f->name, v, f->min, f->max);
        break;
    case PACK_YEAR:
        if (!year_of(v))
            tell(c, f->name, MSG_REGISTER_REFUSED_YEAR, 0);
        break;
    case PACK_CHOICE:
        if (!pack_has(c->p, list, v))
            tell(c, f->name, MSG_WEB_FIELD_CHOICE, 0);
        break;
    case PACK_CHOICES:
        for (struct str rest = v; rest.n > 0;)
            if (!pack_has(c->p, list, str_cut(&rest, ' '))) {
                tell(c, f->name, MSG_WEB_FIELD_CHOICE, 0);
                break;
            }
        break;
    case PACK_COUNTY:
        if (!pack_has(c->p, "county", v))
            tell(c, f->name, MSG_WEB_FIELD_CHOICE, 0);
        break;
    case PACK_MUNICIPALITY: // looked at once the county is known
    case PACK_INSTITUTION:  // entry_refer_db
    case PACK_ACTIVITY:
    case PACK_INDICATOR:
    case PACK_COUNTS:
        break;
    case PACK_ENTRY: {
        struct id id;
        if (id_from_hex(v, &id))
            tell(c, f->name, MSG_REGISTER_REFUSED_ENTRY, 0);
        break;
    }
    }
}

// The value of one name, trimmed; of choices, all that were sent, in the list's order and each once.
static struct str sent_value(struct checking *c, const struct pack_register_field *f, struct str name)
{
    struct str v = STR("");
    size_t seen = 0;
    for (size_t i = 0; i < c->n; i++)
        if (str_equal(c->sent[i].name, name)) {
            struct str one = str_trim(c->sent[i].value);
            seen++;
            if (f->kind == PACK_CHOICES)
                v = v.n > 0 ? arena_printf(c->a, "%.*s %.*s", STR_ARG(v), STR_ARG(one)) : one;
            else
                v = one;
        }
    if (seen > 1 && f->kind != PACK_CHOICES)
        tell(c, name, MSG_WEB_FIELD_TWICE, 0);
    return v;
}

static void put(struct checking *c, struct str name, struct str value)
{
    if (value.n > 0 && c->n_out < ENTRY_VALUES_MAX)
        c->out[c->n_out++] = (struct html_pair){name, value};
}

static bool cells_check(struct checking *c, const struct pack_register_field *f)
{
    struct str sex, age;
    size_t before = c->n_out;
    for (size_t i = 0; (sex = pack_list_at(c->p, "attendance_sex", i)).n; i++)
        for (size_t k = 0; (age = pack_list_at(c->p, "attendance_age", k)).n; k++) {
            struct str name = arena_printf(c->a, "%.*s.%.*s.%.*s", STR_ARG(f->name), STR_ARG(sex), STR_ARG(age));
            struct str v = sent_value(c, f, name);
            if (v.n > 0)
                number_check(c, name, v, 0, PERSONS_MAX);
            put(c, name, v);
        }
    return c->n_out > before;
}

// A day or year that comes before the one that it cannot come before. Both have one form, so that texts can be compared.
static void order_check(struct checking *c, const struct pack_register_field *f, const struct list *values)
{
    struct str v = entry_value(values, f->name), before = f->not_before.n > 0 ? entry_value(values, f->not_before) : STR("");
    if (v.n > 0 && v.n == before.n && str_compare(v, before) < 0) // of another length: one of both is told already
        tell(c, f->name, f->kind == PACK_YEAR ? MSG_REGISTER_REFUSED_YEAR_ORDER : MSG_REGISTER_REFUSED_ORDER, 0);
}

static void names_check(struct checking *c)
{
    struct str cell;
    for (size_t i = 0; i < c->n; i++) {
        const struct pack_register_field *f = pack_register_field(c->r, c->sent[i].name);
        bool known = f ? f->kind != PACK_COUNTS : entry_cell(c->p, c->r, c->sent[i].name, &cell) != NULL;
        if (!known)
            tell(c, c->sent[i].name, MSG_WEB_FIELD_UNKNOWN, 0);
    }
}

bool entry_check(struct arena *a, const struct pack *p, const struct pack_register *r, const struct html_pair *sent, size_t n,
                 entry_fault_fn *fault, void *ctx, struct list *out)
{
    struct checking c = {.a = a, .p = p, .r = r, .sent = sent, .n = n, .fault = fault, .ctx = ctx, .fine = true,
                         .out = arena_array(a, ENTRY_VALUES_MAX, sizeof *c.out)};
    if (!c.out)
        return false;
    names_check(&c);
    for (size_t i = 0; i < r->n_fields; i++) {
        const struct pack_register_field *f = &r->field[i];
        bool there;
        if (f->kind == PACK_COUNTS) {
            there = cells_check(&c, f);
        } else {
            struct str v = sent_value(&c, f, f->name);
            there = v.n > 0;
            if (there)
                value_check(&c, f, v);
            put(&c, f->name, v);
        }
        if (f->required && !there)
            tell(&c, f->name, MSG_WEB_FIELD_REQUIRED, 0);
    }
    *out = (struct list){c.out, c.n_out};
    for (size_t i = 0; i < r->n_fields; i++)
        order_check(&c, &r->field[i], out);
    const struct pack_register_field *m = pack_register_kind(r, PACK_MUNICIPALITY), *county = pack_register_kind(r, PACK_COUNTY);
    struct str place = m ? entry_value(out, m->name) : STR("");
    if (place.n > 0 && !pack_municipality_in(p, entry_value(out, county->name), place))
        tell(&c, m->name, MSG_REGISTER_REFUSED_MUNICIPALITY, 0);
    return c.fine && !arena_failed(a);
}

// ── counted, searched ──
static struct str cut(struct str s, size_t max)
{
    size_t n = s.n < max ? s.n : max;
    while (n > 0 && n < s.n && ((unsigned char)s.at[n] & 0xc0) == 0x80)
        n--;
    return str_slice(s, 0, n);
}

static size_t facet_put(struct entry_facet *out, size_t n, struct str field, struct str value, int64_t count)
{
    for (size_t i = 0; i < n; i++)
        if (str_equal(out[i].field, field) && str_equal(out[i].value, value))
            return n;
    if (n < ENTRY_FACETS_MAX)
        out[n++] = (struct entry_facet){.field = field, .value = value, .n = count};
    return n;
}

size_t entry_facets(struct arena *a, const struct pack *p, const struct pack_register *r, const struct list *values, struct entry_facet *out)
{
    const struct html_pair *at = values->at;
    size_t n = 0;
    for (size_t i = 0; i < values->n; i++) {
        struct str cell = STR("");
        const struct pack_register_field *f = pack_register_field(r, at[i].name);
        int64_t number = 0;
        f = f ? f : entry_cell(p, r, at[i].name, &cell);
        if (!f)
            continue;
        bool text = f->kind == PACK_TEXT || f->kind == PACK_URL;
        if (f->kind == PACK_NUMBER || f->kind == PACK_MONEY || f->kind == PACK_PERCENT || f->kind == PACK_COUNTS) {
            if (!str_int(at[i].value, &number))
                n = facet_put(out, n, f->name, cell, number);
        } else if (f->kind == PACK_CHOICES) {
            for (struct str rest = at[i].value; rest.n > 0;)
                n = facet_put(out, n, f->name, str_cut(&rest, ' '), 1);
        } else if (text && f->counted) {
            n = facet_put(out, n, f->name, cut(fold_key(a, at[i].value), 200), 1);
        } else if (!text && f->kind != PACK_LONG && f->kind != PACK_DATE) {
            n = facet_put(out, n, f->name, at[i].value, 1);
            if (n > 0 && f->kind == PACK_ENTRY && id_from_hex(at[i].value, &out[n - 1].target))
                out[n - 1].target = (struct id){{0}};
        }
    }
    int64_t from;
    (void)entry_placed(r, values, &from);
    if (from && entry_value(values, r->carried).n == 0)
        n = facet_put(out, n, r->carried, arena_printf(a, "%lld", (long long)from), 1);
    return n;
}

// Signs are spaces: a word is found whatever stands before it, and no sign of LIKE is left.
static struct str words_only(struct arena *a, struct str fold, bool space_first)
{
    char *at = arena_alloc(a, fold.n + 2);
    size_t n = 0;
    bool space = space_first;
    for (size_t i = 0; at && i < fold.n; i++) {
        unsigned char c = (unsigned char)fold.at[i];
        bool part = c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (part && space && (n > 0 || space_first))
            at[n++] = ' ';
        if (part)
            at[n++] = (char)c;
        space = !part;
    }
    return at ? (struct str){at, n} : STR("");
}

struct str entry_fold(struct arena *a, const struct pack_register *r, const struct list *values)
{
    struct buf b;
    buf_init(&b, 64 * 1024);
    buf_put(&b, entry_value(values, r->title));
    for (size_t i = 0; i < r->n_fields; i++) {
        const struct pack_register_field *f = &r->field[i];
        bool looked = f->kind == PACK_TEXT || f->kind == PACK_URL || f->kind == PACK_COUNTY || f->kind == PACK_MUNICIPALITY;
        if (looked && !str_equal(f->name, r->title)) {
            buf_put_c(&b, ' ');
            buf_put(&b, entry_value(values, f->name));
        }
    }
    struct str out = cut(words_only(a, fold_key(a, buf_str(&b)), true), ENTRY_FOLD_MAX);
    buf_free(&b);
    return out;
}

void entry_words(struct arena *a, struct str typed, struct str out[3])
{
    struct str rest = words_only(a, fold_key(a, typed), false);
    for (size_t i = 0; i < 3; i++) {
        out[i] = i < 2 ? str_cut(&rest, ' ') : rest;
        out[i] = out[i].n > 0 ? out[i] : STR("");
    }
}

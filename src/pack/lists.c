// lists: the sections that are lists of values, and the few numbers.
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "pack/inside.h"

struct pack_list *read_new_list(struct reader *r, const char *name, size_t n)
{
    struct pack *p = r->p;
    if (p->n_lists == PACK_LISTS_MAX) {
        read_fault(r, "there are more than %d lists; take some out", PACK_LISTS_MAX);
        return NULL;
    }
    if (pack_list(p, name) != NULL) {
        read_fault(r, "the list \"%.40s\" has a section of its own; take it out of \"lists\"", name);
        return NULL;
    }
    struct pack_list *l = &p->list[p->n_lists];
    l->name = arena_str(p->arena, str_from(name));
    l->at = read_array(r, n, sizeof *l->at);
    if (l->name.at == NULL || l->at == NULL) {
        r->no_memory = true;
        return NULL;
    }
    p->n_lists++;
    return l;
}

static void no_second(struct reader *r, const struct pack_list *l, struct str value)
{
    if (pack_entry(l, value) != NULL) {
        read_fault(r, "\"%.*s\" stands there twice; take one out", STR_ARG(value));
    }
}

void read_values(struct reader *r, const char *name, const json_t *rows)
{
    size_t n = read_count(r, rows, PACK_ENTRIES_MAX);
    struct pack_list *l = read_new_list(r, name, n);
    if (l == NULL) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(rows, i);
        size_t at = read_into(r, "[%zu]", i);
        if (read_keys(r, row, "value label")) {
            struct pack_entry entry = {.value = read_word(r, row, "value", PACK_NAME_MAX, true)};
            read_label(r, row, "label", true, &entry.label);
            no_second(r, l, entry.value);
            l->at[l->n++] = entry;
        }
        read_back(r, at);
    }
    if (l->n == 0) {
        read_fault(r, "is empty; a list needs at least one value");
    }
}

void read_lists(struct reader *r)
{
    const json_t *lists = read_section(r, "lists", JSON_OBJECT);
    if (lists == NULL) {
        return;
    }
    const char *name;
    json_t *rows;
    json_object_foreach((json_t *)lists, name, rows) {
        size_t at = read_into(r, ".%s", name);
        read_values(r, name, rows);
        read_back(r, at);
    }
    static const char *const needed[] = {"where", "reporter", "age_band", "room", "language", "app"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (json_object_get(lists, needed[i]) == NULL) {
            read_fault(r, "has no \"%s\"; add it", needed[i]);
        }
    }
    // What the program itself decides by: the form's branches.
    static const char *const where[] = {"page", "app", "none"};
    const struct pack_list *l = pack_list(r->p, "where");
    for (size_t i = 0; l != NULL && i < 3; i++) {
        if (pack_entry(l, str_from(where[i])) == NULL) {
            read_fault(r, "\"where\" has no \"%s\"; the form needs page, app and none", where[i]);
        }
    }
    l = pack_list(r->p, "reporter");
    if (l != NULL && pack_entry(l, STR("child")) == NULL) {
        read_fault(r, "\"reporter\" has no \"child\"; the age band is asked of children only");
    }
    l = pack_list(r->p, "language");
    for (size_t i = 0; l != NULL && i < r->p->n_languages; i++) {
        if (pack_entry(l, r->p->language[i]) == NULL) {
            read_fault(r, "\"language\" has no \"%s\", which \"languages\" names; add it", r->p->language[i].at);
        }
    }
}

static void read_county(struct reader *r, const json_t *row, struct pack_list *names, struct pack_county *c)
{
    if (!read_keys(r, row, "name row column municipalities")) {
        return;
    }
    c->name = read_word(r, row, "name", PACK_NAME_MAX, true);
    no_second(r, names, c->name);
    c->row = (int)read_number(r, row, "row", 0, PACK_MAP_SIDE - 1);
    c->column = (int)read_number(r, row, "column", 0, PACK_MAP_SIDE - 1);
    struct pack_entry entry = {.value = c->name};
    for (size_t i = 0; i < r->p->n_languages; i++) {
        entry.label.in[i] = c->name; // names are the same in every language
    }
    names->at[names->n++] = entry;
    read_into(r, ".municipalities");
    const json_t *towns = json_object_get(row, "municipalities");
    size_t n = read_count(r, towns, PACK_ENTRIES_MAX);
    c->municipality = read_array(r, n, sizeof *c->municipality);
    for (size_t i = 0; i < n && c->municipality != NULL; i++) {
        size_t at = read_into(r, "[%zu]", i);
        struct str town = read_item(r, json_array_get(towns, i), PACK_NAME_MAX);
        for (size_t k = 0; k < c->n; k++) {
            if (str_equal(c->municipality[k], town)) {
                read_fault(r, "\"%.*s\" stands there twice; take one out", STR_ARG(town));
            }
        }
        c->municipality[c->n++] = town;
        read_back(r, at);
    }
}

void read_places(struct reader *r)
{
    const json_t *rows = read_section(r, "counties", JSON_ARRAY);
    size_t n = rows != NULL ? read_count(r, rows, PACK_ENTRIES_MAX) : 0;
    struct pack_list *names = read_new_list(r, "county", n);
    r->p->county = read_array(r, n, sizeof *r->p->county);
    for (size_t i = 0; i < n && names != NULL && r->p->county != NULL; i++) {
        size_t at = read_into(r, "[%zu]", i);
        read_county(r, json_array_get(rows, i), names, &r->p->county[r->p->n_counties++]);
        read_back(r, at);
    }
}

static bool institution_known(const struct pack *p, struct str code)
{
    for (size_t i = 0; i < p->n_institutions; i++) {
        if (str_equal(p->institution[i].code, code)) {
            return true;
        }
    }
    return false;
}

static void read_samples(struct reader *r)
{
    struct pack *p = r->p;
    const json_t *samples = read_section(r, "sample_institutions", JSON_OBJECT);
    if (samples == NULL || json_object_size(samples) > PACK_SAMPLES_MAX) {
        return;
    }
    p->sample = read_array(r, json_object_size(samples), sizeof *p->sample);
    const char *role;
    json_t *code;
    json_object_foreach((json_t *)samples, role, code) {
        size_t at = read_into(r, ".%s", role);
        struct pack_sample one = {.role = arena_str(p->arena, str_from(role)), .institution = read_item(r, code, 20)};
        if (!institution_known(p, one.institution)) {
            read_fault(r, "names an institution that \"institutions\" does not have; write one of its codes");
        }
        if (p->sample != NULL) {
            p->sample[p->n_samples++] = one;
        }
        read_back(r, at);
    }
}

static void read_duty(struct reader *r)
{
    struct pack *p = r->p;
    const json_t *duty = read_section(r, "duty", JSON_OBJECT);
    if (duty == NULL || !read_keys(r, duty, "institution room")) {
        return;
    }
    p->duty_institution = read_word(r, duty, "institution", PACK_NAME_MAX, true);
    p->duty_room = read_word(r, duty, "room", PACK_NAME_MAX, true);
    if (!institution_known(p, p->duty_institution)) {
        read_fault(r, "names an institution that \"institutions\" does not have; write one of its codes");
    }
    if (!pack_has(p, "room", p->duty_room)) {
        read_fault(r, "names a room that the list \"room\" does not have; write one of its values");
    }
}

// Where it works, and the rooms of which init makes a unit.
static void read_instance(struct reader *r, const json_t *row, struct pack_institution *one)
{
    one->county = read_word(r, row, "county", PACK_NAME_MAX, false);
    one->municipality = read_word(r, row, "municipality", PACK_NAME_MAX, false);
    if (one->county.n > 0 && !pack_has(r->p, "county", one->county)) {
        read_fault(r, "the county \"%.*s\" is not one of \"counties\"; write one of their names", STR_ARG(one->county));
    } else if (one->municipality.n > 0 && !pack_municipality_in(r->p, one->county, one->municipality)) {
        read_fault(r, "the municipality \"%.*s\" is not one of its county's; write one of their names", STR_ARG(one->municipality));
    }
    const json_t *rooms = json_object_get(row, "units");
    if (rooms == NULL) {
        return;
    }
    size_t at = read_into(r, ".units");
    size_t n = read_count(r, rooms, 8);
    struct str *units = read_array(r, n, sizeof *units);
    for (size_t i = 0; i < n && units != NULL; i++) {
        struct str room = read_item(r, json_array_get(rooms, i), PACK_NAME_MAX);
        if (room.n > 0 && !pack_has(r->p, "room", room)) {
            read_fault(r, "names a room that the list \"room\" does not have; write one of its values");
        }
        units[one->n_units++] = room;
    }
    one->units = units;
    read_back(r, at);
}

void read_institutions(struct reader *r)
{
    struct pack *p = r->p;
    const json_t *types = read_section(r, "institution_types", JSON_ARRAY);
    if (types != NULL) {
        read_values(r, "institution_type", types);
    }
    const json_t *rows = read_section(r, "institutions", JSON_ARRAY);
    size_t n = rows != NULL ? read_count(r, rows, PACK_INSTITUTIONS_MAX) : 0;
    p->institution = read_array(r, n, sizeof *p->institution);
    for (size_t i = 0; i < n && p->institution != NULL; i++) {
        const json_t *row = json_array_get(rows, i);
        size_t at = read_into(r, "[%zu]", i);
        if (read_keys(r, row, "code type name county municipality units")) {
            struct pack_institution one = {.code = read_word(r, row, "code", 20, true),
                                           .type = read_word(r, row, "type", PACK_NAME_MAX, true)};
            struct pack_text name;
            read_label(r, row, "name", true, &name);
            one.name = name.in[0];
            one.name_en = name.in[0];
            for (size_t k = 0; k < p->n_languages; k++) {
                if (str_equal_z(p->language[k], "en")) {
                    one.name_en = name.in[k];
                }
            }
            for (size_t k = 0; k < p->n_institutions; k++) {
                if (str_equal(p->institution[k].code, one.code)) {
                    read_fault(r, "the code \"%.*s\" stands there twice; take one out", STR_ARG(one.code));
                }
            }
            if (!pack_has(p, "institution_type", one.type)) {
                read_fault(r, "the type \"%.*s\" is not one of \"institution_types\"; add it there", STR_ARG(one.type));
            }
            read_instance(r, row, &one);
            p->institution[p->n_institutions++] = one;
        }
        read_back(r, at);
    }
    read_duty(r);
    read_samples(r);
}

void read_numbers(struct reader *r)
{
    struct pack *p = r->p;
    const json_t *rows = read_section(r, "numbers", JSON_ARRAY);
    size_t n = rows != NULL ? read_count(r, rows, PACK_NUMBERS_MAX) : 0;
    p->number = read_array(r, n, sizeof *p->number);
    for (size_t i = 0; i < n && p->number != NULL; i++) {
        const json_t *row = json_array_get(rows, i);
        size_t at = read_into(r, "[%zu]", i);
        if (read_keys(r, row, "id number label when free")) {
            struct pack_phone one = {.id = read_word(r, row, "id", 20, true), .number = read_word(r, row, "number", 20, true),
                                     .verified_on = read_word(r, row, "verified_on", 10, true)};
            read_label(r, row, "label", true, &one.label);
            read_label(r, row, "when", false, &one.when);
            one.free = read_flag(r, row, "free");
            for (size_t k = 0; k < one.number.n; k++) {
                if (strchr("0123456789 +", one.number.at[k]) == NULL) {
                    read_fault(r, "the number may have digits, spaces and + only");
                    break;
                }
            }
            p->number[p->n_numbers++] = one;
        }
        read_back(r, at);
    }
    if (rows != NULL && p->n_numbers == 0) {
        read_fault(r, "is empty; a site for children shows at least one number to call");
    }
}

// Where a quick exit leads to: a page of the everyday, which whoever looks over a child's shoulder may see.
void read_exit(struct reader *r)
{
    struct pack *p = r->p;
    const json_t *exit = read_section(r, "quick_exit", JSON_OBJECT);
    if (exit == NULL || !read_keys(r, exit, "address")) {
        return;
    }
    read_label(r, exit, "address", true, &p->exit);
    for (size_t i = 0; i < p->n_languages; i++) {
        struct str s = p->exit.in[i];
        bool plain = str_starts(s, "https://") && s.n > 8;
        for (size_t k = 0; plain && k < s.n; k++) {
            plain = s.at[k] > ' ' && s.at[k] < 127 && strchr("\"'<>\\", s.at[k]) == NULL;
        }
        if (s.n > 0 && !plain) {
            read_fault(r, "quick_exit.address must be a whole address that begins with https:// and has no spaces");
        }
    }
}

void read_clocks(struct reader *r)
{
    static const struct { const char *key; enum pack_clock clock; } keys[] = {
        {"take_u1", CLOCK_TAKE_U1}, {"take_u2", CLOCK_TAKE_U2}, {"take_u3", CLOCK_TAKE_U3}, {"take_u4", CLOCK_TAKE_U4},
        {"act_u1", CLOCK_ACT_U1}, {"act_u2", CLOCK_ACT_U2}, {"act_u3", CLOCK_ACT_U3}, {"act_u4", CLOCK_ACT_U4},
        {"act_u3_sexual", CLOCK_ACT_U3_SEXUAL}, {"ring_repeat_u1", CLOCK_RING_REPEAT_U1}, {"mail_after", CLOCK_MAIL_AFTER},
        {"answer_u1", CLOCK_ANSWER_U1}, {"answer_u2", CLOCK_ANSWER_U2}, {"answer_u3", CLOCK_ANSWER_U3}, {"answer_u4", CLOCK_ANSWER_U4},
        {"climb_u1", CLOCK_CLIMB_U1}, {"climb_u2", CLOCK_CLIMB_U2}, {"climb_u3", CLOCK_CLIMB_U3},
        {"climb_u4", CLOCK_CLIMB_U4}, {"case_review", CLOCK_CASE_REVIEW},
        {"message_u1", CLOCK_MESSAGE_U1}, {"message_u2", CLOCK_MESSAGE_U2}, {"message_u3", CLOCK_MESSAGE_U3}, {"message_u4", CLOCK_MESSAGE_U4},
        {"outcome_u1", CLOCK_OUTCOME_U1}, {"outcome_u2", CLOCK_OUTCOME_U2}, {"outcome_u3", CLOCK_OUTCOME_U3}, {"outcome_u4", CLOCK_OUTCOME_U4},
    };
    static_assert(sizeof keys / sizeof *keys == PACK_CLOCKS, "each clock has a key");
    const json_t *clocks = read_section(r, "clocks", JSON_OBJECT);
    if (clocks == NULL) {
        return;
    }
    read_keys(r, clocks, "take_u1 take_u2 take_u3 take_u4 act_u1 act_u2 act_u3 act_u3_sexual act_u4 ring_repeat_u1 mail_after "
              "answer_u1 answer_u2 answer_u3 answer_u4 climb_u1 climb_u2 climb_u3 climb_u4 case_review "
              "message_u1 message_u2 message_u3 message_u4 outcome_u1 outcome_u2 outcome_u3 outcome_u4");
    for (size_t i = 0; i < PACK_CLOCKS; i++) {
        bool missing = keys[i].clock >= CLOCK_MESSAGE_U1 && keys[i].clock <= CLOCK_MESSAGE_U4 && !json_object_get(clocks, keys[i].key);
        r->p->clock[keys[i].clock] = missing ? r->p->clock[CLOCK_TAKE_U1 + keys[i].clock - CLOCK_MESSAGE_U1] // as soon as a new report
                                             : read_number(r, clocks, keys[i].key, 1, 366 * 24 * 3600);
    }
}

// Which clocks count working days alone. Nothing urgent and nothing sexual waits for a working day: others are refused.
void read_clock_days(struct reader *r)
{
    static const struct { const char *key; enum pack_clock clock; } keys[] = {
        {"take_u4", CLOCK_TAKE_U4}, {"act_u3", CLOCK_ACT_U3}, {"act_u4", CLOCK_ACT_U4}, {"climb_u4", CLOCK_CLIMB_U4},
        {"answer_u3", CLOCK_ANSWER_U3}, {"answer_u4", CLOCK_ANSWER_U4},
    };
    if (json_object_get(r->all, "clock_days") == NULL) {
        return; // all are elapsed time
    }
    const json_t *days = read_section(r, "clock_days", JSON_OBJECT);
    if (days == NULL || !read_keys(r, days, "take_u4 act_u3 act_u4 climb_u4 answer_u3 answer_u4")) {
        return;
    }
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        r->p->by_days[keys[i].clock] = read_flag(r, days, keys[i].key);
    }
}

static int compare_str(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static void read_host_list(struct reader *r, const char *key, struct str **out, size_t *out_n)
{
    const json_t *rows = read_section(r, key, JSON_ARRAY);
    size_t n = rows != NULL ? read_count(r, rows, PACK_HOSTS_MAX) : 0;
    struct str *hosts = read_array(r, n, sizeof *hosts);
    size_t count = 0;
    for (size_t i = 0; i < n && hosts != NULL; i++) {
        size_t at = read_into(r, "[%zu]", i);
        struct str host = read_item(r, json_array_get(rows, i), 253);
        bool fine = host.n > 0 && str_find(host, '.') > 0 && !str_ends(host, ".");
        for (size_t k = 0; k < host.n; k++) {
            fine &= strchr("abcdefghijklmnopqrstuvwxyz0123456789-.", host.at[k]) != NULL;
        }
        if (host.n > 0 && !fine) {
            read_fault(r, "\"%.*s\" is not a host; write it like instagram.com: small letters, punycode, no path", STR_ARG(host));
        }
        hosts[count++] = host;
        read_back(r, at);
    }
    if (hosts != NULL) {
        qsort(hosts, count, sizeof *hosts, compare_str);
        *out = hosts;
        *out_n = count;
    }
}

void read_hosts(struct reader *r)
{
    read_host_list(r, "shared_hosts", &r->p->host, &r->p->n_hosts);
    read_host_list(r, "shared_parents", &r->p->parent, &r->p->n_parents);
}

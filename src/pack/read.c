#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "pack/inside.h"

#define MAIN_FILE "pack.json"
// Keys that may stand in any object: words for the next person who edits the pack; the program does not read them.
#define NOTE_KEYS "note source verified_on to_confirm"

void read_fault(struct reader *r, const char *format, ...)
{
    if (r->faults++ < PACK_FAULTS_MAX) {
        char line[512];
        va_list args;
        va_start(args, format);
        vsnprintf(line, sizeof line, format, args);
        va_end(args);
        buf_printf(r->why, "%s: %s%s%s\n", r->file, r->place, r->place_n > 0 ? ": " : "", line);
    }
}

size_t read_into(struct reader *r, const char *format, ...)
{
    size_t at = r->place_n;
    format += at == 0 && format[0] == '.'; // a place does not begin with a dot
    va_list args;
    va_start(args, format);
    int n = vsnprintf(r->place + at, sizeof r->place - at, format, args);
    va_end(args);
    size_t room = sizeof r->place - at - 1;
    r->place_n = at + (n < 0 ? 0 : (size_t)n < room ? (size_t)n : room);
    return at;
}

void read_back(struct reader *r, size_t at)
{
    assert(at <= r->place_n);
    r->place_n = at;
    r->place[at] = '\0';
}

static const char *type_name(json_type type)
{
    switch (type) {
    case JSON_OBJECT:
        return "an object {…}";
    case JSON_ARRAY:
        return "a list […]";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
        return "a whole number";
    default:
        return "true or false";
    }
}

const json_t *read_section(struct reader *r, const char *key, json_type type)
{
    r->file = MAIN_FILE;
    read_back(r, 0);
    for (size_t i = 0; i < r->n_sections; i++) {
        if (strcmp(r->section[i].key, key) == 0) {
            r->file = r->section[i].file;
        }
    }
    read_into(r, "%s", key);
    const json_t *v = json_object_get(r->all, key);
    if (v == NULL) {
        read_fault(r, "is missing; add it here or in a file that \"files\" names");
    } else if (json_typeof(v) != type) {
        read_fault(r, "must be %s", type_name(type));
        v = NULL;
    }
    return v;
}

void *read_array(struct reader *r, size_t n, size_t size)
{
    void *at = arena_array(r->p->arena, n > 0 ? n : 1, size);
    r->no_memory |= at == NULL;
    return at;
}

static bool word_in(const char *words, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = words; n > 0 && (at = strstr(at, word)) != NULL; at++) {
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0')) {
            return true;
        }
    }
    return false;
}

bool read_keys(struct reader *r, const json_t *object, const char *keys)
{
    if (!json_is_object(object)) {
        read_fault(r, "must be an object {…}");
        return false;
    }
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        if (strchr(key, ' ') != NULL || !(word_in(keys, key) || word_in(NOTE_KEYS, key))) {
            read_fault(r, "has the unknown key \"%.40s\"; the keys are: %s", key, keys);
        }
    }
    return true;
}

struct str read_item(struct reader *r, const json_t *item, size_t max)
{
    struct str s = {0};
    if (!json_is_string(item)) {
        read_fault(r, "must be a text");
        return s;
    }
    struct str found = {json_string_value(item), json_string_length(item)};
    if (str_blank(found)) {
        read_fault(r, "is empty; write something or leave the key out");
    } else if (str_trim(found).n != found.n) {
        read_fault(r, "has spaces at its ends; take them away");
    } else if (!str_utf8_valid(found) || str_has_control(found, false)) {
        read_fault(r, "holds a control character or a line end; take it out");
    } else if (str_utf8_count(found) > max) {
        read_fault(r, "is longer than %zu characters; shorten it", max);
    } else {
        s = arena_str(r->p->arena, found);
        r->no_memory |= s.at == NULL;
    }
    return s;
}

struct str read_word(struct reader *r, const json_t *object, const char *key, size_t max, bool needed)
{
    struct str s = {0};
    const json_t *v = json_object_get(object, key);
    size_t at = read_into(r, ".%s", key);
    if (v != NULL) {
        s = read_item(r, v, max);
    } else if (needed) {
        read_fault(r, "is missing; add it");
    }
    read_back(r, at);
    return s;
}

bool read_flag(struct reader *r, const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    if (v != NULL && !json_is_boolean(v)) {
        size_t at = read_into(r, ".%s", key);
        read_fault(r, "must be true or false");
        read_back(r, at);
    }
    return json_is_true(v);
}

int64_t read_number(struct reader *r, const json_t *object, const char *key, int64_t min, int64_t max)
{
    const json_t *v = json_object_get(object, key);
    int64_t n = json_integer_value(v);
    if (!json_is_integer(v) || n < min || n > max) {
        size_t at = read_into(r, ".%s", key);
        if (min == max) {
            read_fault(r, "must be %lld", (long long)min);
        } else {
            read_fault(r, "must be a whole number from %lld to %lld", (long long)min, (long long)max);
        }
        read_back(r, at);
        n = min;
    }
    return n;
}

bool read_label(struct reader *r, const json_t *object, const char *key, bool needed, struct pack_text *out)
{
    *out = (struct pack_text){0};
    const json_t *v = json_object_get(object, key);
    if (v == NULL && !needed) {
        return false;
    }
    size_t at = read_into(r, ".%s", key);
    if (!json_is_object(v)) {
        read_fault(r, "must be an object with one text for each language");
    } else {
        for (size_t i = 0; i < r->p->n_languages; i++) {
            out->in[i] = read_word(r, v, r->p->language[i].at, PACK_LABEL_MAX, true);
        }
        if (json_object_size(v) > r->p->n_languages) {
            read_fault(r, "has a language that \"languages\" does not name; add it there or take it out");
        }
    }
    read_back(r, at);
    return true;
}

size_t read_count(struct reader *r, const json_t *array, size_t max)
{
    if (!json_is_array(array)) {
        read_fault(r, "must be a list […]");
        return 0;
    }
    size_t n = json_array_size(array);
    if (n > max) {
        read_fault(r, "has %zu rows, more than %zu; divide or shorten it", n, max);
        return 0;
    }
    return n;
}

// ── files ──

static bool file_name_fine(const char *name)
{
    size_t n = strlen(name);
    return n > 5 && n < 64 && name[0] != '.' && strcmp(name + n - 5, ".json") == 0 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-.") == n;
}

// Adds the sections of one file to the whole. Keys of the pack's own head stay in MAIN_FILE.
static enum err add_file(struct reader *r, pack_load_fn *load, void *ctx, const char *name)
{
    struct buf bytes;
    buf_init(&bytes, PACK_FILE_MAX);
    r->file = name;
    enum err e = load(ctx, name, &bytes);
    json_t *root = NULL;
    if (e != OK) {
        read_fault(r, e == ERR_NOT_FOUND ? "is missing; put it beside " MAIN_FILE : "cannot be read (%s)", err_name(e));
        goto out;
    }
    buf_printf(&r->bytes, "%s %zu\n", name, bytes.n);
    buf_put(&r->bytes, buf_str(&bytes));
    buf_put_c(&r->bytes, '\n');
    json_error_t error;
    root = json_loadb(bytes.n > 0 ? bytes.at : "", bytes.n, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        read_fault(r, "line %d, column %d: %s; mend the JSON there", error.line, error.column, error.text);
        e = ERR_INVALID;
        goto out;
    }
    if (!json_is_object(root)) {
        read_fault(r, "must be one object {…}");
        e = ERR_INVALID;
        goto out;
    }
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value) {
        if (json_object_get(r->all, key) != NULL || r->n_sections == sizeof r->section / sizeof *r->section) {
            read_fault(r, "the section \"%.40s\" stands in two files, or there are too many; keep one", key);
        } else if (json_object_set(r->all, key, value) != 0) {
            r->no_memory = true;
        } else {
            struct str owned = arena_str(r->p->arena, str_from(key));
            r->no_memory |= owned.at == NULL;
            r->section[r->n_sections].key = owned.at != NULL ? owned.at : "";
            r->section[r->n_sections++].file = name;
        }
    }
out:
    json_decref(root);
    buf_free(&bytes);
    return e;
}

static enum err add_files(struct reader *r, pack_load_fn *load, void *ctx)
{
    enum err e = add_file(r, load, ctx, MAIN_FILE);
    const json_t *files = json_object_get(r->all, "files");
    if (e != OK || files == NULL) {
        return e;
    }
    read_into(r, "files");
    size_t n = read_count(r, files, PACK_FILES_MAX);
    for (size_t i = 0; i < n; i++) {
        r->file = MAIN_FILE;
        const char *name = json_string_value(json_array_get(files, i));
        if (name == NULL || !file_name_fine(name) || strcmp(name, MAIN_FILE) == 0) {
            read_fault(r, "row %zu must be the name of another file of this folder, such as \"places.json\"", i);
            continue;
        }
        struct str owned = arena_str(r->p->arena, str_from(name));
        if (owned.at == NULL) {
            r->no_memory = true;
            break;
        }
        read_back(r, 0);
        enum err one = add_file(r, load, ctx, owned.at);
        e = e != OK ? e : one;
        read_into(r, "files");
    }
    read_back(r, 0);
    return e;
}

static void read_head(struct reader *r)
{
    struct pack *p = r->p;
    const json_t *languages = read_section(r, "languages", JSON_ARRAY);
    size_t n = languages != NULL ? read_count(r, languages, PACK_LANGUAGES_MAX) : 0;
    if (n == 0) {
        read_fault(r, "must name the languages of the pack, such as [\"sq\", \"en\"]");
    }
    for (size_t i = 0; i < n; i++) {
        struct str code = read_item(r, json_array_get(languages, i), 8);
        for (size_t k = 0; k < p->n_languages; k++) {
            if (str_equal(p->language[k], code)) {
                read_fault(r, "names \"%s\" twice; take one out", code.at);
            }
        }
        if (code.n > 0) {
            p->language[p->n_languages++] = code;
        }
    }
    r->file = MAIN_FILE;
    read_back(r, 0);
    read_keys(r, r->all, "format code name version timezone languages files numbers quick_exit clocks lists categories choices urgency_rules "
                         "counties institutions institution_types duty sample_institutions shared_hosts shared_hosts_note shared_parents "
                         "shared_parents_note small_number clock_days wellbeing question_sets duty_hours holiday_years holidays holidays_verified_on referral_templates protocols retention reporter_step registers register_lists plan plan_reminders");
    read_number(r, r->all, "format", 1, 1);
    p->code = read_word(r, r->all, "code", 8, true);
    p->version = read_word(r, r->all, "version", 40, true);
    p->timezone = read_word(r, r->all, "timezone", 40, true);
    p->small_number = json_object_get(r->all, "small_number") ? read_number(r, r->all, "small_number", 2, 100) : 5;
    struct pack_text name;
    read_label(r, r->all, "name", true, &name);
}

enum err pack_read(pack_load_fn *load, void *ctx, struct pack **out, struct buf *why)
{
    enum err e = ERR_MEMORY;
    struct reader r = {.why = why, .file = MAIN_FILE, .all = json_object()};
    buf_init(&r.bytes, PACK_BYTES_MAX);
    struct pack *p = calloc(1, sizeof *p);
    if (p == NULL || r.all == NULL || arena_new(PACK_ARENA_MAX, &p->arena) != OK) {
        goto out;
    }
    r.p = p;
    e = add_files(&r, load, ctx);
    if (e != OK) {
        goto out;
    }
    read_head(&r);
    read_lists(&r);
    read_places(&r);
    read_institutions(&r);
    read_taxonomy(&r);
    read_numbers(&r);
    read_exit(&r);
    read_clocks(&r);
    read_clock_days(&r);
    read_hosts(&r);
    read_calendar(&r);
    read_wellbeing(&r);
    read_questions(&r);
    read_exchange(&r);
    read_retention(&r);
    read_steps(&r);
    read_registers(&r);
    read_plan(&r);
    registers_plan_check(&r);
    read_plan_reminders(&r);
    pack_keep_bytes(p, buf_str(&r.bytes));
    e = r.no_memory || buf_ok(&r.bytes) || arena_failed(p->arena) ? ERR_MEMORY : r.faults > 0 ? ERR_INVALID : OK;
    if (r.faults > PACK_FAULTS_MAX) {
        buf_printf(why, "and %u more\n", r.faults - PACK_FAULTS_MAX);
    }
out:
    json_decref(r.all);
    buf_free(&r.bytes);
    if (e == OK) {
        *out = p;
    } else {
        pack_close(&p);
    }
    return e;
}

static enum err load_file(void *ctx, const char *name, struct buf *out)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%s", (const char *)ctx, name);
    return n < 0 || (size_t)n >= sizeof path ? ERR_TOO_LARGE : file_read(path, out);
}

enum err pack_open(const char *dir, struct pack **out, struct buf *why)
{
    return pack_read(load_file, (void *)dir, out, why);
}

void pack_close(struct pack **p)
{
    if (p != NULL && *p != NULL) {
        arena_free(&(*p)->arena);
        free(*p);
        *p = NULL;
    }
}

// What stands differently in two packs: their JSON side by side. Rows are found by their name (code, id, value, version),
// so that one put in front changes nothing behind it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "pack/inside.h"

#define DEPTH_MAX 12
#define PLACE_MAX 256 // bytes; longer ones are cut

struct differ {
    differ_fn *fn;
    void *ctx;
    struct str file;
    char place[PLACE_MAX];
    size_t depth;
};

static void differ_value(struct differ *d, const json_t *before, const json_t *after);

static void differ_at(struct differ *d, const char *format, const char *name, const json_t *before, const json_t *after)
{
    size_t at = strlen(d->place);
    // cut off in the middle of a letter where the place is too long: it is for reading only
    int n = snprintf(d->place + at, sizeof d->place - at, format, name);
    if (n > 0) {
        differ_value(d, before, after);
    }
    d->place[at] = '\0';
}

// "helpline": how people know a row; empty where it has no name.
static void row_name(const json_t *row, char out[64])
{
    static const char *const keys[] = {"code", "id", "value", "version", "date", "name"};
    out[0] = '\0';
    for (size_t i = 0; json_is_object(row) && i < sizeof keys / sizeof *keys; i++) {
        const json_t *v = json_object_get(row, keys[i]);
        if (json_is_string(v)) {
            snprintf(out, 64, "%s", json_string_value(v));
            return;
        }
        if (json_is_integer(v)) {
            snprintf(out, 64, "%lld", (long long)json_integer_value(v));
            return;
        }
    }
    if (json_is_string(row)) {
        snprintf(out, 64, "%s", json_string_value(row));
    }
}

static const json_t *row_find(const json_t *rows, const char *name)
{
    size_t i;
    json_t *row;
    json_array_foreach((json_t *)rows, i, row) {
        char other[64];
        row_name(row, other);
        if (strcmp(other, name) == 0) {
            return row;
        }
    }
    return NULL;
}

static bool rows_named(const json_t *rows)
{
    size_t i;
    json_t *row;
    json_array_foreach((json_t *)rows, i, row) {
        char name[64];
        row_name(row, name);
        if (name[0] == '\0' || row_find(rows, name) != row) {
            return false;
        }
    }
    return true;
}

static void differ_rows(struct differ *d, const json_t *before, const json_t *after)
{
    size_t i;
    json_t *row;
    char name[64];
    if (!rows_named(before) || !rows_named(after)) {
        size_t n = json_array_size(before) > json_array_size(after) ? json_array_size(before) : json_array_size(after);
        for (i = 0; i < n; i++) {
            snprintf(name, sizeof name, "%zu", i);
            differ_at(d, "[%s]", name, json_array_get(before, i), json_array_get(after, i));
        }
        return;
    }
    json_array_foreach((json_t *)before, i, row) {
        row_name(row, name);
        differ_at(d, "[%s]", name, row, row_find(after, name));
    }
    json_array_foreach((json_t *)after, i, row) {
        row_name(row, name);
        if (row_find(before, name) == NULL) {
            differ_at(d, "[%s]", name, NULL, row);
        }
    }
    for (i = 0; json_array_size(before) == json_array_size(after) && i < json_array_size(before); i++) {
        char other[64];
        row_name(json_array_get(before, i), name);
        row_name(json_array_get(after, i), other);
        if (strcmp(name, other) != 0 && row_find(after, name) != NULL && row_find(before, other) != NULL) {
            d->fn(d->ctx, d->file, d->place, before, after); // the same rows in another order: numbers are read from the top
            return;
        }
    }
}

static void differ_value(struct differ *d, const json_t *before, const json_t *after)
{
    if (before != NULL && after != NULL && json_equal(before, after)) {
        return;
    }
    if (d->depth == DEPTH_MAX || !((json_is_object(before) && json_is_object(after)) || (json_is_array(before) && json_is_array(after)))) {
        d->fn(d->ctx, d->file, d->place, before, after);
        return;
    }
    d->depth++;
    const char *key;
    json_t *value;
    if (json_is_array(before)) {
        differ_rows(d, before, after);
    } else {
        json_object_foreach((json_t *)before, key, value) {
            differ_at(d, d->place[0] ? ".%s" : "%s", key, value, json_object_get(after, key));
        }
        json_object_foreach((json_t *)after, key, value) {
            if (json_object_get(before, key) == NULL) {
                differ_at(d, d->place[0] ? ".%s" : "%s", key, NULL, value);
            }
        }
    }
    d->depth--;
}

// All sections of a pack, and in which file each stands.
static enum err sections(struct str bytes, json_t *all, json_t *files)
{
    struct str name, file;
    while (pack_file_next(&bytes, &name, &file)) {
        json_t *root = json_loadb(file.at, file.n, 0, NULL);
        const char *key;
        json_t *value;
        json_object_foreach(root, key, value) {
            if (json_object_set(all, key, value) || json_object_set_new(files, key, json_stringn(name.at, name.n))) {
                json_decref(root);
                return ERR_MEMORY;
            }
        }
        json_decref(root);
    }
    return OK;
}

enum err differ_run(struct str old, struct str fresh, differ_fn *fn, void *ctx)
{
    json_t *before = json_object(), *after = json_object(), *files = json_object();
    struct differ d = {.fn = fn, .ctx = ctx};
    enum err e = before && after && files ? OK : ERR_MEMORY;
    e = e ? e : sections(old, before, files);
    e = e ? e : sections(fresh, after, files); // where a section moved, the newer place is told
    const char *key;
    json_t *value;
    json_object_foreach(files, key, value) {
        d.file = (struct str){json_string_value(value), json_string_length(value)};
        const json_t *a = json_object_get(before, key), *b = json_object_get(after, key);
        if (e == OK && (a != NULL || b != NULL)) {
            differ_at(&d, "%s", key, a, b);
        }
    }
    json_decref(before);
    json_decref(after);
    json_decref(files);
    return e;
}

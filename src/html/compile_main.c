// template-compile --messages FILE --parts DIR… [--web HEADER] [--depfile FILE] -o OUT.c PAGE.html
#include "base/file.h"
#include "html/compile.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS_DIRS_MAX 16
#define MESSAGES_MAX 20000
#define PARTS_MAX 256

struct loader {
    struct arena *arena;
    const char *dirs[PARTS_DIRS_MAX];
    size_t dirs_n;
    struct loaded {
        struct str name, file, text;
    } parts[PARTS_MAX]; // each is read once
    size_t parts_n;
};

struct options {
    const char *messages, *web, *depfile, *out, *page;
};

static bool read_text(struct arena *a, const char *path, size_t max, struct str *out)
{
    struct buf b;
    buf_init(&b, max);
    bool fine = file_read(path, &b) == OK;
    if (fine)
        *out = arena_str(a, buf_str(&b));
    buf_free(&b);
    return fine && (out->at != NULL || out->n == 0);
}

static bool load_part(void *ctx, struct str name, struct str *file, struct str *text)
{
    struct loader *l = ctx;
    for (size_t i = 0; i < l->parts_n; i++) {
        if (str_equal(l->parts[i].name, name)) {
            *file = l->parts[i].file;
            *text = l->parts[i].text;
            return true;
        }
    }
    for (size_t i = 0; i < l->dirs_n && l->parts_n < PARTS_MAX; i++) {
        struct str path = arena_printf(l->arena, "%s/%.*s.html", l->dirs[i], STR_ARG(name));
        if (path.at == NULL || !file_exists(path.at) || !read_text(l->arena, path.at, COMPILE_BYTES_MAX, text))
            continue;
        *file = path;
        l->parts[l->parts_n++] = (struct loaded){name, path, *text};
        return true;
    }
    return false;
}

static bool id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Either the generated header (every word MSG_X is the id x), or a list with one id a line.
static size_t read_messages(struct arena *a, struct str text, struct str *ids, size_t max)
{
    bool header = str_find_str(text, STR("MSG_")) >= 0;
    size_t n = 0;
    for (size_t i = 0; i < text.n && n < max;) {
        size_t from = i;
        while (i < text.n && id_char(text.at[i]))
            i++;
        struct str word = str_slice(text, from, i++);
        if (word.n == 0 || (header && !str_starts(word, "MSG_")))
            continue;
        struct str id = arena_str(a, header ? str_slice(word, 4, word.n) : word);
        char *z = (char *)(uintptr_t)id.at; // a copy of ours
        for (size_t k = 0; header && k < id.n; k++)
            if (z[k] >= 'A' && z[k] <= 'Z')
                z[k] = (char)(z[k] + 32);
        ids[n++] = id;
    }
    return n;
}

static bool parse_options(int argc, char **argv, struct options *o, struct loader *l)
{
    for (int i = 1; i < argc; i++) {
        const char *key = argv[i];
        if (key[0] != '-') {
            if (o->page != NULL)
                return false;
            o->page = key;
            continue;
        }
        if (++i >= argc)
            return false;
        if (strcmp(key, "--messages") == 0)
            o->messages = argv[i];
        else if (strcmp(key, "--web") == 0)
            o->web = argv[i];
        else if (strcmp(key, "--depfile") == 0)
            o->depfile = argv[i];
        else if (strcmp(key, "-o") == 0)
            o->out = argv[i];
        else if (strcmp(key, "--parts") == 0 && l->dirs_n < PARTS_DIRS_MAX)
            l->dirs[l->dirs_n++] = argv[i];
        else
            return false;
    }
    return o->page != NULL && o->out != NULL && o->messages != NULL;
}

static bool write_text(const char *path, struct str text)
{
    FILE *f = fopen(path, "wb");
    if (f == NULL)
        return false;
    bool fine = fwrite(text.at, 1, text.n, f) == text.n;
    return (fclose(f) == 0) && fine;
}

// For ninja: the page is built anew when a part changes.
static bool write_depfile(const struct options *o, const struct loader *l)
{
    struct buf b;
    buf_init(&b, COMPILE_OUT_MAX);
    buf_printf(&b, "%s: %s", o->out, o->messages);
    for (size_t i = 0; i < l->parts_n; i++)
        buf_printf(&b, " %.*s", STR_ARG(l->parts[i].file));
    buf_put_c(&b, '\n');
    bool fine = buf_ok(&b) == OK && write_text(o->depfile, buf_str(&b));
    buf_free(&b);
    return fine;
}

static int run(const struct options *o, struct loader *l)
{
    struct compile c = {.file = str_from(o->page), .web = str_from(o->web), .part = load_part, .ctx = l};
    struct str messages;
    int status = 1;
    struct buf out, why;
    buf_init(&out, COMPILE_OUT_MAX);
    buf_init(&why, COMPILE_WHY_MAX);
    struct str *ids = arena_array(l->arena, MESSAGES_MAX, sizeof *ids);
    if (ids == NULL || !read_text(l->arena, o->messages, COMPILE_OUT_MAX, &messages)) {
        fprintf(stderr, "%s: cannot be read; give the generated text/messages.h with --messages\n", o->messages);
        goto out;
    }
    c.messages = ids;
    c.messages_n = read_messages(l->arena, messages, ids, MESSAGES_MAX);
    if (!read_text(l->arena, o->page, COMPILE_BYTES_MAX, &c.text)) {
        fprintf(stderr, "%s: cannot be read, or longer than %u bytes\n", o->page, COMPILE_BYTES_MAX);
        goto out;
    }
    if (template_compile(l->arena, &c, &out, &why) != OK) {
        fprintf(stderr, "%.*s\n", STR_ARG(buf_str(&why)));
        goto out;
    }
    if (!write_text(o->out, buf_str(&out)) || (o->depfile != NULL && !write_depfile(o, l))) {
        fprintf(stderr, "%s: cannot be written: %s\n", o->out, strerror(errno));
        goto out;
    }
    status = 0;
out:
    buf_free(&out);
    buf_free(&why);
    return status;
}

int main(int argc, char **argv)
{
    struct options o = {.web = "web/web.h"};
    struct loader *l = calloc(1, sizeof *l);
    int status = 2;
    if (l == NULL)
        return 1;
    if (!parse_options(argc, argv, &o, l))
        fprintf(stderr,
            "template-compile --messages FILE --parts DIR… [--web HEADER] [--depfile FILE] -o OUT.c PAGE.html\n");
    else if (arena_new(COMPILE_ARENA_MAX, &l->arena) == OK)
        status = run(&o, l);
    arena_free(&l->arena);
    free(l);
    return status;
}

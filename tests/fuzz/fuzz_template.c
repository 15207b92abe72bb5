// libs: base text html html_compile
// The template compiler, and the writers that pages call: whatever the bytes, no crash, and nothing unescaped.
#include <stdlib.h>
#include <string.h>
#include "html/compile.h"
#include "html/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct str part_text; // what stands behind the first byte 0x1e is the text of every part

static bool find_part(void *ctx, struct str name, struct str *file, struct str *text)
{
    (void)ctx;
    (void)name;
    *file = STR("part.html");
    *text = part_text;
    return part_text.n > 0;
}

static void check(bool fine)
{
    if (!fine)
        abort();
}

static void compile(struct str page)
{
    static const struct str ids[] = {{"home_title", 10}, {"home_count", 10}};
    struct arena *arena = NULL;
    struct buf out, why;
    struct compile c = {.file = STR("fuzz.html"),
        .text = page,
        .web = STR("web/web.h"),
        .messages = ids,
        .messages_n = 2,
        .part = find_part};
    buf_init(&out, COMPILE_OUT_MAX);
    buf_init(&why, COMPILE_WHY_MAX);
    check(arena_new(COMPILE_ARENA_MAX, &arena) == OK);
    enum err e = template_compile(arena, &c, &out, &why);
    check(e == OK || e == ERR_INVALID);
    check((e == OK) == (why.n == 0)); // one sentence where refused, none where not
    if (e == OK)
        check(buf_ok(&out) == OK && str_ends(buf_str(&out), "}\n"));
    arena_free(&arena);
    buf_free(&out);
    buf_free(&why);
}

static void write(struct str s)
{
    struct buf b;
    buf_init(&b, 1u << 20);
    html_text(&b, s);
    check(b.failed || str_utf8_valid(buf_str(&b)));
    buf_put_c(&b, '\n');
    html_url(&b, s);
    html_tel(&b, s);
    for (size_t i = 0; i < b.n; i++)
        check(strchr("<>\"'", b.at[i]) == NULL || b.at[i] == '\0');
    buf_clear(&b);
    html_url_part(&b, s);
    for (size_t i = 0; i < b.n; i++)
        check((b.at[i] >= 'a' && b.at[i] <= 'z') || (b.at[i] >= 'A' && b.at[i] <= 'Z') ||
            (b.at[i] >= '0' && b.at[i] <= '9') || strchr("%-._~", b.at[i]) != NULL);
    buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str rest = {(const char *)data, n};
    write(rest);
    struct str page = str_cut(&rest, 0x1e);
    part_text = rest;
    compile(page);
    return 0;
}

// isigurt-report SQ|EN html|pdf|xlsx: a snapshot of the plan from standard input, the report to standard output. A program of its
// own, so that what draws and what reads fonts is never in one address space with sessions and keys. It has no store and no network.
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/share.h"
#include "plan/report.h"

#define ARENA_BYTES (96u << 20)
#define OUT_BYTES (64u << 20)

static enum err read_all(struct buf *out)
{
    char piece[64 * 1024];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, stdin)) > 0)
        buf_put(out, (struct str){piece, n});
    return ferror(stdin) ? ERR_IO : buf_ok(out);
}

static enum err print(const char *lang, const char *form, struct str json, struct buf *out)
{
    struct arena *a = NULL;
    struct plan_shot s;
    enum err e = arena_new(ARENA_BYTES, &a);
    e = e ? e : plan_shot_read(a, json, &s);
    const struct lang *l = text_lang(str_from(lang));
    const struct doc *d = e || !l ? NULL : plan_report_doc(a, &s, l);
    e = e ? e : !l ? ERR_INVALID : !d ? ERR_MEMORY : strcmp(form, "pdf") == 0 ? doc_pdf(d, out)
        : strcmp(form, "xlsx") == 0 ? doc_xlsx(d, out) : doc_html(d, out);
    arena_free(&a);
    return e;
}

int main(int argc, char **argv)
{
    struct buf json, out, why;
    char locale[SHARE_PATH_MAX];
    buf_init(&json, PLAN_SNAPSHOT_BYTES);
    buf_init(&out, OUT_BYTES);
    buf_init(&why, 2048);
    if (argc != 3) {
        fputs("usage: isigurt-report LANGUAGE html|pdf|xlsx < SNAPSHOT > FILE\n", stderr);
        return 2;
    }
    enum err e = text_open(share_path("locale", locale, sizeof locale), "sq,en", &why);
    e = e ? e : date_open(NULL);
    e = e ? e : read_all(&json);
    e = e ? e : print(argv[1], argv[2], buf_str(&json), &out);
    if (!e && (fwrite(out.at, 1, out.n, stdout) != out.n || fflush(stdout)))
        e = ERR_IO;
    if (e)
        fprintf(stderr, "isigurt-report: %s %.*s\n", err_name(e), STR_ARG(buf_str(&why)));
    buf_free(&json);
    buf_free(&out);
    buf_free(&why);
    return e ? 1 : 0;
}

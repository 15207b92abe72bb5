#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "bin/command.h"
#include "casefile/casefile.h"
#include "crypto/parcel.h"

#define ARENA_MOST (16u << 20)
#define HTML_MOST (8u << 20)

static enum err to_html(struct str json, struct buf *html)
{
    struct arena *a = NULL;
    struct casefile_doc doc;
    enum err e = arena_new(ARENA_MOST, &a);
    e = e ? e : casefile_doc_read(a, json, &doc);
    e = e ? e : casefile_doc_html(html, &doc);
    arena_free(&a);
    return e;
}

int command_casefile(int argc, char **argv)
{
    const char *html = NULL, *file = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;
    const struct option_row rows[] = {{"html", "OUT", "where the page is written (default: FILE.html)", &html, NULL}};
    bool open = argc > 0 && strcmp(argv[0], "open") == 0;
    int skip = !open ? 0 : file ? 2 : 1;
    command_options(argc - skip, argv + skip, "casefile open FILE [--html OUT]",
                    "Opens a case file that came sealed, with the passphrase that came by another way, and writes it as a page for\n"
                    "reading and printing. It needs no network. Exit code: 0 done, 1 another passphrase or an altered file, 2 cannot be read.",
                    rows, sizeof rows / sizeof *rows);
    if (!open || !file)
        command_fail(2, "say 'isigurt casefile open FILE'");
    struct buf parcel, json, page, out;
    char phrase[COMMAND_ASK_MAX];
    buf_init(&parcel, PARCEL_BYTES_MAX + PARCEL_MORE);
    buf_init_secret(&json, PARCEL_BYTES_MAX);
    buf_init_secret(&page, HTML_MOST);
    buf_init(&out, 4096);
    if (crypto_start() || file_read(file, &parcel))
        command_fail(2, "%s cannot be read", file);
    command_ask("passphrase", phrase);
    enum err e = parcel_open(buf_str(&parcel), str_from(phrase), &json);
    crypto_wipe(phrase, sizeof phrase);
    if (e == ERR_MALFORMED)
        command_fail(2, "%s is no case file, or the passphrase is not twenty letters and digits", file);
    if (e)
        command_fail(1, "%s", e == ERR_TAMPERED ? "it does not open: another passphrase, or the file was altered" : err_name(e));
    buf_printf(&out, "%s%s", html ? html : file, html ? "" : ".html");
    buf_put_c(&out, '\0');
    e = buf_ok(&out);
    if (e || to_html(buf_str(&json), &page))
        command_fail(2, "%s holds no case file that this program can show", file);
    if (file_replace(out.at, buf_str(&page), 0600))
        command_fail(1, "%s cannot be written", out.at);
    printf("%s\n", out.at);
    buf_free(&parcel);
    buf_free(&json);
    buf_free(&page);
    buf_free(&out);
    return 0;
}

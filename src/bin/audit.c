#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bin/command.h"
#include "crypto/crypto.h"
#include "vault/audit.h"

int command_audit(int argc, char **argv)
{
    struct layout l;
    struct config c;
    const char *data = NULL, *keys = NULL, *store = NULL, *anchor = NULL;
    const struct option_row rows[] = {
        OPTION_DATA(&data),
        {"keys", "DIR", "the keys (default: DIR-keys); only the public halves are read", &keys, NULL},
        OPTION_STORE(&store),
        {"anchor", "FILE", "a checkpoint kept elsewhere, which must lie on the chain", &anchor, NULL},
    };
    bool verify = argc > 0 && strcmp(argv[0], "verify") == 0;
    command_options(argc - verify, argv + verify, "audit verify --data DIR [--anchor FILE]",
                    "Proves that no entry of the audit trail was removed, altered, reordered or cut off.\n"
                    "Exit code: 0 whole, 1 broken (the first place is named), 2 cannot be read.",
                    rows, sizeof rows / sizeof *rows);
    if (!verify)
        command_fail(2, "say 'isigurt audit verify --data DIR'");
    command_unreadable = 2;
    if (anchor && access(anchor, R_OK))
        command_fail(2, "the anchor %s cannot be read", anchor);
    command_layout(&l, &c, data, keys, store);
    struct buf why;
    struct store *s = NULL;
    struct audit_report report = {0};
    buf_init(&why, 16384);
    enum err e = crypto_start();
    if (!e)
        e = store_open(&(struct store_options){.url = l.store, .role = "admin", .write = NULL, .read = "keeper,desk", .readers = 1}, &s, &why);
    if (!e)
        e = audit_verify(s, l.keys, l.heads, anchor, &report, &why);
    store_close(s);
    if (e == ERR_TAMPERED) {
        printf("broken: %s\n", report.place[0] ? report.place : "the trail does not verify");
        buf_free(&why);
        return 1;
    }
    if (e) {
        fprintf(stderr, "isigurt: the trail cannot be read: %.*s\n", why.n ? (int)why.n : (int)strlen(err_name(e)), why.n ? why.at : err_name(e));
        buf_free(&why);
        return 2;
    }
    if (why.n)
        fprintf(stderr, "%.*s\n", STR_ARG(buf_str(&why))); // notes on what is whole but worth knowing
    buf_free(&why);
    printf("whole: %lld entries of %lld writer%s\n", (long long)report.entries, (long long)report.writers, report.writers == 1 ? "" : "s");
    if (anchor) {
        char text[ANCHOR_TEXT];
        printf("anchor: %s\n", anchor_text(report.anchor, text)); // as the page showed it, to whoever keeps the file
    }
    return 0;
}

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "bin/command.h"
#include "report/report.h"
#include "vault/keys.h"

static enum err key_read(const char *hex, const char *keys_dir, struct public_key *out, struct buf *why)
{
    if (hex == NULL) {
        struct keeper_pub pub;
        enum err e = keeper_pub_read(keys_dir, &pub, why);
        if (!e)
            *out = pub.directory;
        return e;
    }
    return str_unhex(str_from(hex), out->b, sizeof out->b) ? OK : ERR_MALFORMED;
}

static int tell(const struct report_acknowledgement *k)
{
    char number[ID_HEX];
    printf("genuine: report %s, category %.*s, received %lld (seconds since 1970, UTC, to the minute)\n", id_hex(k->a.report, number),
           STR_ARG(k->a.category), (long long)(k->a.received / 1000000));
    if (k->named)
        printf("sent for %.*s, as %.*s\n", STR_ARG(k->institution), STR_ARG(k->function));
    return 0;
}

int command_acknowledgement(int argc, char **argv)
{
    const char *file = NULL, *keys = NULL, *key = NULL;
    const struct option_row rows[] = {
        {"file", "FILE", "the acknowledgement", &file, NULL},
        {"keys", "DIR", "the folder with keeper.pub", &keys, NULL},
        {"key", "HEX", "or the key itself, 64 hex digits, as the portal shows it", &key, NULL},
    };
    bool verify = argc > 0 && strcmp(argv[0], "verify") == 0;
    command_options(argc - verify, argv + verify, "acknowledgement verify --file FILE (--keys DIR | --key HEX)",
                    "Proves that an acknowledgement was signed by this installation and not altered.\n"
                    "Exit code: 0 genuine, 1 not, 2 cannot be read.",
                    rows, sizeof rows / sizeof *rows);
    if (!verify || !file || (!keys && !key))
        command_fail(2, "say 'isigurt acknowledgement verify --file FILE --keys DIR' or '--key HEX'");
    struct buf json, why;
    struct public_key pk;
    struct arena *a = NULL;
    struct report_acknowledgement k;
    buf_init(&json, REPORT_ACKNOWLEDGEMENT_MAX);
    buf_init(&why, 2048);
    enum err e = crypto_start();
    if (!e && (e = key_read(key, keys, &pk, &why)))
        command_fail(2, "the key cannot be read: %.*s", STR_ARG(buf_str(&why)));
    if (!e)
        e = arena_new(64 * 1024, &a);
    if (!e)
        e = file_read(file, &json);
    if (!e)
        e = report_acknowledgement_read(a, buf_str(&json), &k);
    if (e)
        command_fail(2, "%s is no acknowledgement, or cannot be read", file);
    e = report_acknowledgement_check(&k, &pk);
    int code = e ? (puts("not genuine: it was not signed with this key, or was altered afterwards"), 1) : tell(&k);
    arena_free(&a);
    buf_free(&json);
    buf_free(&why);
    return code;
}

#include <stdio.h>
#include <string.h>

#include "base/share.h"
#include "bin/command.h"

int command_config(int argc, char **argv)
{
    struct layout l;
    struct config c;
    const char *data = NULL;
    const struct option_row rows[] = {{"data", "DIR", "the data directory", &data, NULL}};
    bool check = argc > 0 && strcmp(argv[0], "check") == 0;
    struct buf about;
    buf_init(&about, 16 * 1024);
    buf_put_z(&about, "Reads DIR/isigurt.conf and the country pack, and says what is wrong and how to mend it. The keys:\n\n");
    config_describe(&about);
    buf_put_c(&about, 0);
    command_options(argc - check, argv + check, "config check --data DIR", about.at, rows, sizeof rows / sizeof *rows);
    if (!check)
        command_fail(2, "say 'isigurt config check --data DIR'");
    command_layout(&l, &c, data, NULL, NULL);
    char locale[SHARE_PATH_MAX];
    struct buf why;
    struct pack *pack = NULL;
    buf_init(&why, 2048);
    enum err e = text_open(share_path("locale", locale, sizeof locale), "sq,en", &why);
    if (!e)
        e = pack_open(l.country, &pack, &why);
    if (e)
        command_fail(1, "%.*s", STR_ARG(buf_str(&why)));
    pack_close(&pack);
    printf("%s and %s are fine\n", l.config, l.country);
    return 0;
}

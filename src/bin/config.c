#include <stdio.h>
#include <string.h>

#include "bin/command.h"

int command_config(int argc, char **argv)
{
    struct layout l;
    struct config c;
    const char *data = NULL;
    const struct option_row rows[] = {OPTION_DATA(&data)};
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
    struct buf why;
    struct pack *pack = NULL;
    buf_init(&why, 2048);
    if (process_country(l.country, &pack, &why))
        command_fail(1, "%.*s", STR_ARG(buf_str(&why)));
    pack_close(&pack);
    printf("%s and %s are fine\n", l.config, l.country);
    return 0;
}

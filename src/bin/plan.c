// plan: what the plan's indicators count, as a page of documentation; the annual report is in plan_report.c.
#include <stdio.h>
#include <string.h>

#include "base/share.h"
#include "bin/command.h"
#include "plan/live.h"

#define PAGE_MAX (4u << 20)

int command_plan(int argc, char **argv)
{
    if (argc && strcmp(argv[0], "report") == 0)
        return command_plan_report(argc, argv);
    struct buf why, out;
    struct pack *pack = NULL;
    char path[SHARE_PATH_MAX];
    const char *country = NULL, *lang = "en";
    const struct option_row rows[] = {
        {"country", "DIR", "the country pack (default: the one that init would take)", &country, NULL},
        {"lang", "CODE", "in which language (default: en)", &lang, NULL},
    };
    bool indicators = argc && strcmp(argv[0], "indicators") == 0;
    command_options(argc - indicators, argv + indicators, "plan indicators [--country DIR] [--lang CODE]",
                    "Prints what each indicator counts, in words, as Markdown.", rows, sizeof rows / sizeof *rows);
    if (!indicators)
        command_fail(2, "say indicators or report; see 'isigurt plan --help'");
    buf_init(&why, 65536);
    buf_init(&out, PAGE_MAX);
    enum err e = process_country(country ? country : share_path("country/al", path, sizeof path), &pack, &why);
    if (e)
        command_fail(1, "the country pack cannot be read:\n%.*s", STR_ARG(buf_str(&why)));
    if (!pack_plan(pack))
        command_fail(1, "the country pack has no plan");
    const struct lang *l = text_lang(str_from(lang));
    if (!l)
        command_fail(2, "there is no language %s", lang);
    plan_markdown(&out, pack, pack_plan(pack), l);
    if (buf_ok(&out))
        command_fail(1, "the page is too large");
    fwrite(out.at, 1, out.n, stdout);
    pack_close(&pack);
    buf_free(&out);
    buf_free(&why);
    return 0;
}

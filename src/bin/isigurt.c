// isigurt: the command.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "bin/command.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *about;
} commands[] = {
    {"init", command_init, "make a data directory, its keys and the first accounts"},
    {"serve", command_serve, "start portal, desk, keeper and courier, and watch over them"},
    {"audit", command_audit, "audit verify: prove that the audit trail is whole"},
    {"acknowledgement", command_acknowledgement, "acknowledgement verify: prove that an acknowledgement is genuine"},
    {"casefile", command_casefile, "casefile open: open a case file that came with a passphrase"},
    {"backup", command_backup, "write an encrypted backup"},
    {"restore", command_restore, "make a data directory from a backup"},
    {"migrate", command_migrate, "bring an older store to the schema of this program"},
    {"user", command_user, "persons: list, add, roles, disable, enable, reset, end"},
    {"plan", command_plan, "plan report: the annual progress report as a file; plan indicators: what each indicator counts, in words"},
    {"values", command_values, "values import: values of the plan from a table file"},
    {"pack", command_pack, "pack check, pack reload: look at a changed country pack, and take it in all programs"},
    {"targets", command_targets, "targets import: baselines and targets of the plan from a table file"},
    {"config", command_config, "config check: read the configuration and the country pack, and say what is wrong"},
};

_Noreturn void command_fail(int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("isigurt: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(code);
}

_Noreturn static void option_help(const char *usage, const char *about, const struct option_row *rows, size_t n)
{
    printf("usage: isigurt %s\n\n%s\n\n", usage, about);
    for (size_t i = 0; i < n; i++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", rows[i].name, rows[i].value ? " " : "", rows[i].value ? rows[i].value : "");
        printf("  %-30s %s\n", left, rows[i].about);
    }
    printf("  %-30s %s\n", "--help", "this text");
    exit(0);
}

void command_options(int argc, char **argv, const char *usage, const char *about, const struct option_row *rows, size_t n)
{
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            option_help(usage, about, rows, n);
    for (int i = 0; i < argc; i++) {
        const struct option_row *row = NULL;
        const char *name = strncmp(argv[i], "--", 2) == 0 ? argv[i] + 2 : NULL, *equals = name ? strchr(name, '=') : NULL;
        size_t length = !name ? 0 : equals ? (size_t)(equals - name) : strlen(name);
        for (size_t j = 0; name && j < n; j++)
            if (strlen(rows[j].name) == length && strncmp(rows[j].name, name, length) == 0)
                row = &rows[j];
        if (!row)
            command_fail(2, "'%s' is not understood here; see 'isigurt %.*s --help'", argv[i], (int)strcspn(usage, "-[") - 1, usage);
        if (!row->value && !equals)
            *row->flag = true;
        else if (!row->value)
            command_fail(2, "--%s takes no value", row->name);
        else if (equals)
            *row->into = equals + 1;
        else if (i + 1 < argc)
            *row->into = argv[++i];
        else
            command_fail(2, "--%s needs %s behind it", row->name, row->value);
    }
}

void command_ask(const char *what, char into[static COMMAND_ASK_MAX])
{
    struct termios shown, hidden;
    bool terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
    if (terminal) {
        fprintf(stderr, "%s: ", what);
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    char *line = fgets(into, COMMAND_ASK_MAX, stdin);
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputc('\n', stderr);
    }
    if (!line)
        command_fail(2, "%s is wanted on standard input", what);
    size_t n = strcspn(into, "\r\n");
    if (n == COMMAND_ASK_MAX - 1) // what is left of it would be taken for the next answer
        command_fail(2, "%s is too long", what);
    into[n] = 0;
}

int command_unreadable = 1;

void command_layout(struct layout *l, struct config *c, const char *data, const char *keys, const char *store)
{
    if (!data)
        command_fail(2, "say which data directory: --data DIR");
    struct buf why;
    buf_init(&why, 2048);
    config_default(c);
    enum err e = layout_make(l, data, keys, &why);
    if (!e) {
        e = config_read(l->config, c, &why);
        if (e == ERR_NOT_FOUND)
            command_fail(command_unreadable,
                         "%s is no data directory (it has no isigurt.conf); make one with 'isigurt init --data %s'",
                         l->data, data);
    }
    if (e)
        command_fail(command_unreadable, "%.*s", why.n ? (int)why.n : 20, why.n ? why.at : "configuration failed");
    layout_store(l, c, store);
    if (layout_store_secret(l, &why))
        command_fail(command_unreadable, "%s: %.*s", store ? "--store" : l->config, STR_ARG(buf_str(&why)));
    buf_free(&why);
}

bool command_is_loopback(const char *listen)
{
    return strncmp(listen, "unix:", 5) == 0 || strncmp(listen, "127.", 4) == 0 || strncmp(listen, "localhost:", 10) == 0 ||
           strncmp(listen, "[::1]:", 6) == 0;
}

static int usage(FILE *to, int code)
{
    fputs("isigurt: the platform for the safety of children on the internet\n\nusage: isigurt COMMAND [OPTIONS]\n\n", to);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(to, "  %-16s %s\n", commands[i].name, commands[i].about);
    fputs("\n'isigurt COMMAND --help' tells a command's options.\n", to);
    return code;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return usage(stderr, 2);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return usage(stdout, 0);
    if (strcmp(argv[1], "--version") == 0)
        return puts("isigurt " ISIGURT_VERSION), 0;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 2, argv + 2);
    command_fail(2, "there is no command '%s'; 'isigurt --help' lists them", argv[1]);
}

// pack: what DATA/country would change, and taking it in all programs.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "bin/command.h"
#include "country/country.h"
#include "crypto/crypto.h"
#include "people/people.h"

#define WAIT (180 * CLOCK_SECOND) // for all programs to have it

struct pack_call {
    struct layout l;
    struct store *store;
    struct pack *running;
    struct country_look look;
    struct arena *arena;
};

static void print_hash(const char *name, const struct pack *p)
{
    struct buf b;
    buf_init(&b, 2 * PACK_HASH_BYTES);
    buf_put_hex(&b, pack_hash(p), 8);
    printf("%-10s %.*s  %.*s\n", name, STR_ARG(pack_version(p)), STR_ARG(buf_str(&b)));
    buf_free(&b);
}

// Prints what would change; false: it is refused.
static bool print_look(const struct pack_call *c)
{
    const struct country_look *l = &c->look;
    const struct lang *en = text_lang(STR("en"));
    if (!l->fresh) {
        fprintf(stderr, "isigurt: %s cannot be read as a country pack; the old one stays in force:\n%.*s", c->l.country,
                STR_ARG(buf_str(&l->faults)));
        return false;
    }
    print_hash("in force", c->running);
    print_hash("folder", l->fresh);
    for (size_t i = 0; i < l->changes.n; i++) {
        const struct pack_change *x = &l->changes.at[i];
        if (x->kind == PACK_CHANGED)
            printf("%.*s: %.*s: %.*s -> %.*s\n", STR_ARG(x->file), STR_ARG(x->place), x->before.n ? (int)x->before.n : 1,
                   x->before.n ? x->before.at : "-", x->after.n ? (int)x->after.n : 1, x->after.n ? x->after.at : "-");
        else
            fprintf(stderr, "isigurt: %.*s: %.*s\n", STR_ARG(x->place), STR_ARG(country_sentence(c->arena, en ? en : text_default(), x)));
    }
    if (l->changes.more)
        printf("and %zu more\n", l->changes.more);
    if (l->changes.refused)
        fputs("isigurt: it cannot be taken; the old one stays in force\n", stderr);
    else
        puts(l->same ? "nothing changes" : "nothing speaks against it");
    return l->changes.refused == 0;
}

// DATA/run/pack (bin/seats_pack.c): how many of the three programs read the pack; -1: it was refused, and not at an earlier try.
static int programs_with(const struct layout *l, const struct pack *p, int64_t asked)
{
    char path[PROCESS_PATH];
    struct buf b, hash;
    int n = 0;
    buf_init(&b, 4096);
    buf_init(&hash, 2 * PACK_HASH_BYTES);
    buf_put_hex(&hash, pack_hash(p), PACK_HASH_BYTES);
    struct str rest = file_read(layout_join(path, l->data, "run/pack"), &b) == OK ? buf_str(&b) : (struct str){0};
    while (rest.n) {
        struct str line = str_cut(&rest, '\n'), name = str_cut(&line, ' '), is = str_cut(&line, ' ');
        int64_t at = 0;
        if (!str_equal(is, buf_str(&hash)) || str_equal_z(name, "target"))
            continue;
        if (!str_equal_z(name, "refused"))
            n++;
        else if (str_int(line, &at) == OK && at >= asked)
            n = -1; // the last line
    }
    buf_free(&hash);
    buf_free(&b);
    return n;
}

static void wait_for_programs(const struct pack_call *c, int64_t asked)
{
    int n = 0;
    for (int64_t until = clock_mono() / 1000 + WAIT; n >= 0 && n < 3 && clock_mono() / 1000 < until; n = programs_with(&c->l, c->look.fresh, asked))
        clock_sleep(50 * 1000);
    if (n < 0)
        command_fail(1, "a program could not be started with it; the old one stays in force, and serve's standard error says why");
    if (n < 3)
        command_fail(1, "not all programs have it yet; see the page /pack");
    puts("portal, desk and courier have it");
}

static void reload(struct pack_call *c, const char *as)
{
    struct keeper *keeper = NULL;
    struct token token;
    struct keeper_session session;
    uint8_t detail[COUNTRY_DETAIL];
    char lock[PROCESS_PATH];
    pid_t serve = process_lock_holder(layout_join(lock, c->l.data, "run/serve.lock"));
    if (!serve)
        command_fail(1, "nothing serves %s; start it with 'isigurt serve --data %s'", c->l.data, c->l.data);
    if (keeper_new(c->l.keeper_socket, &keeper))
        command_fail(1, "out of memory");
    command_sign_in(keeper, c->l.keeper_socket, as, &token);
    memcpy(detail, pack_hash(c->running), PACK_HASH_BYTES);
    memcpy(detail + PACK_HASH_BYTES, pack_hash(c->look.fresh), PACK_HASH_BYTES);
    enum err e = keeper_session(keeper, &token, &session);
    if (!e && !role_may(people_role_table(), session.roles, PERM_SETTINGS))
        e = ERR_FORBIDDEN;
    if (!e && programs_with(&c->l, c->running, INT64_MAX) < 3)
        e = ERR_CONFLICT;
    if (!e)
        e = keeper_audit(keeper, &token, AUDIT_PACK, (struct id){0}, (struct id){0}, STR_BYTES(detail), NULL);
    command_sign_out(keeper, &token);
    if (e == ERR_CONFLICT)
        command_fail(1, "another pack is being taken, or going back, just now; wait a moment and try again");
    if (e)
        command_fail(1,
                     e == ERR_FORBIDDEN ? "%s may not do that; sign in as an administrator"
                     : "it was not done for %s: the audit trail cannot be written", as);
    const int64_t asked = clock_now();
    if (process_accept(&c->l, c->look.fresh) || kill(serve, SIGHUP))
        command_fail(1, "%s cannot be written, or serve not told; call this as the user that serves", c->l.pack);
    wait_for_programs(c, asked);
}

int command_pack(int argc, char **argv)
{
    static struct pack_call c;
    struct config config;
    const char *data = NULL, *keys = NULL, *store = NULL, *as = NULL;
    const struct option_row rows[] = {
        OPTION_DATA(&data),
        OPTION_KEYS(&keys),
        OPTION_STORE(&store),
        OPTION_AS("reload: ", &as),
    };
    bool check = argc && strcmp(argv[0], "check") == 0, take = argc && strcmp(argv[0], "reload") == 0;
    command_options(argc - (check || take), argv + (check || take), "pack check|reload --data DIR",
                    "Looks at DIR/country: what is wrong, and what would change; reload takes it in all programs, with no request lost.",
                    rows, sizeof rows / sizeof *rows);
    if (!check && !take)
        command_fail(2, "say check or reload; see 'isigurt pack --help'");
    if (take && !as)
        command_fail(2, "say --as USER: the administrator who does it");
    command_layout(&c.l, &config, data, keys, store);
    struct buf why;
    buf_init(&why, 8192);
    enum err e = crypto_start();
    if (!e)
        e = process_accepted(&c.l, &c.running, &why);
    if (e == ERR_NOT_FOUND && !why.n)
        command_fail(1,
                     "no pack was accepted yet: 'isigurt serve' takes %s as it is at its first start, and 'isigurt config check' reads it",
                     c.l.country);
    if (!e)
        e = store_open(&(struct store_options){.url = c.l.store, .role = "admin", .read = "desk", .readers = 1}, &c.store, &why);
    if (!e)
        e = arena_new(1 << 20, &c.arena);
    if (!e)
        e = country_look(c.store, c.running, c.l.country, clock_now(), c.arena, &c.look);
    if (e)
        command_fail(1, "%.*s", why.n ? (int)why.n : (int)strlen(err_name(e)), why.n ? why.at : err_name(e));
    bool fine = print_look(&c);
    fflush(stdout);
    if (fine && take && !c.look.same)
        reload(&c, as);
    country_look_free(&c.look);
    pack_close(&c.running);
    arena_free(&c.arena);
    store_close(c.store);
    buf_free(&why);
    return fine ? 0 : 1;
}

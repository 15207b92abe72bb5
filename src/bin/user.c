// user: persons from the command line. A client of the keeper's socket like the desk: it signs in, so that the audit
// names who did it; only the list needs no session.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "bin/command.h"
#include "crypto/crypto.h"
#include "people/people.h"
#include "vault/keeper.h"

struct user_call {
    struct layout l;
    struct store *store;
    struct keeper *keeper;
    struct token token;
    struct pack *pack; // add only
    struct buf why;
    const char *verb, *user, *name, *institution, *mail, *roles;
    struct id person;
};

static enum err find_db(struct db *db, void *arg)
{
    struct user_call *c = arg;
    return people_find_user(db, str_from(c->user), &c->person);
}

static uint32_t read_roles(const char *list)
{
    const struct role_table *table = people_role_table();
    struct str rest = str_from(list);
    uint32_t roles = 0;
    while (rest.n) {
        struct str name = str_trim(str_cut(&rest, ','));
        unsigned r = 0;
        while (r < ROLE_COUNT && !str_equal_z(name, table->name[r]))
            r++;
        if (r == ROLE_COUNT)
            command_fail(2, "there is no role '%.*s'; see 'isigurt user --help'", STR_ARG(name));
        roles |= 1u << r;
    }
    return roles;
}

static enum err add_db(struct db *db, void *arg)
{
    struct user_call *c = arg;
    enum err e = people_setup_person(db, c->person, str_from(c->user), str_from(c->name ? c->name : c->user), str_from(c->institution),
                                     str_from(c->mail), pack_language_at(c->pack, 0));
    return e ? e : people_setup_roles(db, c->person, read_roles(c->roles));
}

static enum err institution_db(struct db *db, void *arg)
{
    struct id found;
    return people_institution_find(db, str_from(((const struct user_call *)arg)->institution), &found);
}

// As add_db, and taken back: what the lists refuse must be known before the keeper makes the person.
static enum err try_db(struct db *db, void *arg)
{
    struct user_call *c = arg;
    c->person = id_random();
    enum err e = add_db(db, c);
    return e ? e : ERR_LIMITED;
}

static void try_add(struct user_call *c)
{
    if (store_read(c->store, institution_db, c) == ERR_NOT_FOUND)
        command_fail(1, "there is no institution '%s'; the lists at the desk show their codes", c->institution);
    enum err e = store_write(c->store, try_db, c);
    if (e != ERR_LIMITED)
        command_fail(1,
                     e == ERR_CONFLICT ? "there is a user '%s' already (%s)"
                     : "'%s' cannot be added (%s); check name and mail", c->user, err_name(e));
}

static void print_secret(const struct user_call *c, const char *password, const struct buf *totp)
{
    printf("user %s  password %s  TOTP secret %.*s\nShown once: hand it over in person.\n", c->user, password, STR_ARG(buf_str(totp)));
}

// The desk's tables follow the keeper: lists, and who is called.
static enum err roles_db(struct db *db, void *arg)
{
    const struct user_call *c = arg;
    return people_setup_roles(db, c->person, read_roles(c->roles ? c->roles : ""));
}

static enum err disabled_db(struct db *db, void *arg)
{
    const struct user_call *c = arg;
    return people_setup_disabled(db, c->person, c->verb[0] == 'd');
}

static enum err left_db(struct db *db, void *arg)
{
    const struct user_call *c = arg;
    return people_setup_left(db, c->person);
}

static enum err list_db(struct db *db, void *arg)
{
    (void)arg;
    return people_print(db, stdout);
}

static enum err run(struct user_call *c)
{
    struct buf totp;
    char password[PEOPLE_PASSWORD];
    buf_init_secret(&totp, 256);
    people_password(password);
    enum err e = OK;
    if (strcmp(c->verb, "add") == 0) {
        e = keeper_person_add(c->keeper, &c->token, str_from(c->user), read_roles(c->roles), str_from(password), &c->person, &totp);
        if (!e) {
            e = store_write(c->store, add_db, c);
            if (e && keeper_person_disable(c->keeper, &c->token, c->person, true)) // nobody may sign in whom no list shows
                fprintf(stderr, "isigurt: %s was made by the keeper, but is in no list and could not be disabled\n", c->user);
        }
    } else if (strcmp(c->verb, "roles") == 0) {
        e = keeper_person_roles(c->keeper, &c->token, c->person, read_roles(c->roles ? c->roles : ""));
        if (!e)
            e = store_write(c->store, roles_db, c);
    } else if (strcmp(c->verb, "disable") == 0 || strcmp(c->verb, "enable") == 0) {
        e = keeper_person_disable(c->keeper, &c->token, c->person, c->verb[0] == 'd');
        if (!e)
            e = store_write(c->store, disabled_db, c);
    } else if (strcmp(c->verb, "end") == 0) {
        e = keeper_end(c->keeper, &c->token, c->person);
    } else {
        e = keeper_person_reset(c->keeper, &c->token, c->person, str_from(password), &totp);
        if (!e && store_write(c->store, left_db, c)) // what was set must still be told: nobody knows it otherwise
            fprintf(stderr, "isigurt: the lists could not be changed; admit %s to each unit again all the same\n", c->user);
    }
    if (!e && totp.n)
        print_secret(c, password, &totp);
    buf_free(&totp);
    crypto_wipe(password, sizeof password);
    return e;
}

int command_user(int argc, char **argv)
{
    static const char *const verbs[] = {"list", "add", "roles", "disable", "enable", "reset", "end"};
    static struct user_call c;
    struct config config;
    const char *data = NULL, *keys = NULL, *store = NULL, *as = NULL;
    const struct option_row rows[] = {
        OPTION_DATA(&data),
        OPTION_KEYS(&keys),
        OPTION_STORE(&store),
        OPTION_AS("", &as),
        {"user", "USER", "whom it is about", &c.user, NULL},
        {"name", "NAME", "add: as the desk shows it", &c.name, NULL},
        {"institution", "CODE", "add: code of the institution", &c.institution, NULL},
        {"mail", "ADDRESS", "add: for calls to duty", &c.mail, NULL},
        {"roles", "ROLE,…", "add, roles: duty_officer, analyst, supervisor, contact, oversight, administrator …", &c.roles, NULL},
    };
    size_t v = 0;
    while (argc && v < 7 && strcmp(argv[0], verbs[v]) != 0)
        v++;
    bool known = argc && v < 7;
    command_options(argc - known, argv + known, "user list|add|roles|disable|enable|reset|end --data DIR --as USER --user USER",
                    "Persons. Nobody gets a key this way: a present member of a unit admits them at the desk.", rows, sizeof rows / sizeof *rows);
    if (!known)
        command_fail(2, "say list, add, roles, disable, enable, reset or end; see 'isigurt user --help'");
    c.verb = verbs[v];
    command_layout(&c.l, &config, data, keys, store);
    buf_init(&c.why, 2048);
    enum err e = crypto_start();
    if (!e)
        e = store_open(&(struct store_options){.url = c.l.store, .role = "admin", .write = v ? "desk" : NULL, .read = v ? "" : "desk",
                                              .readers = 1}, &c.store, &c.why);
    if (e)
        command_fail(1, "%.*s", STR_ARG(buf_str(&c.why)));
    if (v == 0) {
        e = store_read(c.store, list_db, NULL);
    } else {
        if (!as || !c.user)
            command_fail(2, "say --as USER (who does it) and --user USER (whom it is about)");
        bool add = strcmp(c.verb, "add") == 0;
        if (add && (!c.institution || !c.roles))
            command_fail(2, "say --institution CODE and --roles ROLE,…");
        if (c.roles)
            (void)read_roles(c.roles); // refused before anybody signs in: what fails later would leave the session open
        if (!add && store_read(c.store, find_db, &c))
            command_fail(1, "there is no user '%s'; 'isigurt user list' shows them", c.user);
        if (add && pack_open(c.l.country, &c.pack, &c.why))
            command_fail(1, "%.*s", STR_ARG(buf_str(&c.why)));
        if (add)
            try_add(&c);
        e = keeper_new(c.l.keeper_socket, &c.keeper);
        if (!e) {
            command_sign_in(c.keeper, c.l.keeper_socket, as, &c.token);
            e = run(&c);
            command_sign_out(c.keeper, &c.token);
        }
    }
    pack_close(&c.pack);
    store_close(c.store);
    if (e == ERR_FORBIDDEN)
        command_fail(1, "%s may not do that; sign in as an administrator", as);
    if (e == ERR_CONFLICT && (strcmp(c.verb, "roles") == 0 || strcmp(c.verb, "disable") == 0))
        command_fail(1, "nobody changes the own roles or disables himself; another administrator does it");
    if (e)
        command_fail(1, "it was not done: %s", err_name(e));
    return 0;
}

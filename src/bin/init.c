// init: makes a data directory, its keys and the first accounts; with --demo one account a role and sample reports.
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/share.h"
#include "bin/command.h"
#include "bin/demo.h"
#include "crypto/crypto.h"
#include "exchange/exchange.h"
#include "people/people.h"
#include "vault/server.h"

struct account {
    enum role role;
    const char *name;           // as the desk shows it
    bool desk;                  // member of the duty unit
    int on_call;                // place on the roster, 0: none
    const char *sample;         // the pack's sample institution where it is not the role's; part of the user name
    struct id person, unit;     // unit: a contact's of the demo, for the exchange between institutions
    char user[32], password[PEOPLE_PASSWORD], totp[64];
};

// One for each staff role; invented people.
static struct account demo[] = {
    {ROLE_DUTY_OFFICER, "Arben Hoxha", true, 1},   {ROLE_ANALYST, "Elira Shehu", true, 2},
    {ROLE_SUPERVISOR, "Mirela Gashi", true, 3},    {ROLE_HELPLINE, "Besa Leka", false, 0},
    {ROLE_CONTACT, "Gentian Marku", false, 0},     {ROLE_CONTACT, "Valbona Çela", false, 0, "child_protection"},
    {ROLE_ICT_TEACHER, "Ilir Prifti", false, 0},   {ROLE_DIRECTOR, "Vjollca Dervishi", false, 0},
    {ROLE_DIRECTORATE, "Sokol Basha", false, 0},   {ROLE_INDICATOR_OWNER, "Teuta Kola", false, 0},
    {ROLE_COORDINATOR, "Fatos Zeneli", false, 0},  {ROLE_COORDINATOR, "Arta Muça", false, 0, "ministry"},
    {ROLE_MONITOR, "Anila Doçi", false, 0},        {ROLE_CLERK, "Kujtim Lamaj", false, 0},
    {ROLE_EDITOR, "Drita Nano", false, 0},
    {ROLE_OVERSIGHT, "Luan Xhafa", false, 0},      {ROLE_ADMINISTRATOR, "Shpresa Toska", false, 0},
};
// A real place starts with one administrator and the first member of the duty unit, who admits the others.
static struct account first[] = {
    {ROLE_ADMINISTRATOR, "Administrator", false, 0},
    {ROLE_SUPERVISOR, "Supervisor", true, 1},
};

struct init {
    struct layout l;
    struct config config;
    struct services sv;
    struct pack *pack;
    struct store *store;
    struct account *accounts;
    size_t n_accounts;
    struct id duty;
    struct buf why;
};

_Noreturn static void fail(struct init *in, const char *what, enum err e)
{
    command_fail(1, "%s failed (%.*s); remove %s and %s and try again", what, in->why.n ? (int)in->why.n : (int)strlen(err_name(e)),
                 in->why.n ? in->why.at : err_name(e), in->l.data, in->l.keys);
}

static void write_config(struct init *in, const char *store)
{
    struct buf b;
    buf_init(&b, 8192);
    buf_put_z(&b, "# Settings of isigurt; 'isigurt config check --help' tells every key.\n");
    if (store)
        buf_printf(&b, "store = %s\n", store);
    enum err e = file_replace(in->l.config, buf_str(&b), 0600);
    buf_free(&b);
    if (e)
        fail(in, "the configuration", e);
    users_own_config(&in->l);
}

void command_make_logins(const struct layout *l, struct buf *why)
{
    char password[PROGRAMS][33];
    const char *list[4];
    enum err e = OK;
    for (enum program p = 0; p < PROGRAMS && !e; p++) {
        char path[PROCESS_PATH], name[64], hex[ID_HEX];
        memcpy(password[p], id_hex(id_random(), hex), ID_HEX);
        snprintf(name, sizeof name, "store.%s", program_name[p]);
        e = file_replace(layout_join(path, l->keys, name), (struct str){password[p], 32}, 0600);
        list[p] = password[p];
    }
    if (!e)
        e = store_grant(l->store, list, why);
    crypto_wipe(password, sizeof password);
    if (e)
        command_fail(1, "the logins of the store cannot be made: %.*s", why->n ? (int)why->n : (int)strlen(err_name(e)),
                     why->n ? why->at : err_name(e));
}

#define DEMO_PROTOCOL 1 // the version of the data-exchange protocol that is in force in a demonstration

// An account's institution: the pack's for its sample or its role.
static struct str institution_of(const struct init *in, const struct account *a)
{
    struct str sample = a->sample ? pack_role_institution(in->pack, str_from(a->sample)) : STR("");
    return sample.n ? sample : pack_role_institution(in->pack, str_from(people_role_table()->name[a->role]));
}

// Is this the first contact of its institution, so that its unit is made with it?
static bool makes_unit(const struct init *in, const struct account *a)
{
    for (const struct account *before = in->accounts; before < a; before++)
        if (id_equal(before->unit, a->unit))
            return false;
    return !id_zero(a->unit);
}

static void choose_units(struct init *in)
{
    for (size_t i = 0; i < in->n_accounts; i++) {
        struct account *a = &in->accounts[i];
        if (in->accounts != demo || a->role != ROLE_CONTACT)
            continue;
        a->unit = id_random();
        for (size_t k = 0; k < i; k++)
            if (!id_zero(in->accounts[k].unit) && str_equal(institution_of(in, &in->accounts[k]), institution_of(in, a)))
                a->unit = in->accounts[k].unit;
    }
}

// The protocol is in force and accepted, so that a demonstration can refer at once.
static enum err agree(const struct init *in, struct keeper_setup *setup)
{
    enum err e = OK;
    for (size_t i = 0; i < in->n_accounts && in->accounts == demo && !e; i++) {
        const struct account *a = &in->accounts[i];
        if (a->role == ROLE_ADMINISTRATOR)
            e = keeper_setup_agree(setup, (struct id){{0}}, a->person, DEMO_PROTOCOL);
        else if (a->role == ROLE_SUPERVISOR)
            e = keeper_setup_agree(setup, in->duty, a->person, DEMO_PROTOCOL);
        else if (makes_unit(in, a))
            e = keeper_setup_agree(setup, a->unit, a->person, DEMO_PROTOCOL);
    }
    return e;
}

static enum err contact_db(struct db *db, const struct init *in, const struct account *a)
{
    enum err e = makes_unit(in, a) ? people_setup_unit(db, a->unit, institution_of(in, a), STR("exchange"), STR("")) : OK;
    if (!e)
        e = people_setup_member(db, a->unit, a->person);
    return e ? e : exchange_setup_contact(db, a->unit, a->person, makes_unit(in, a) ? CONTACT_FIRST : CONTACT_DEPUTY);
}

static enum err people_db(struct db *db, void *arg)
{
    struct init *in = arg;
    struct str home = pack_desk_institution(in->pack);
    enum err e = people_setup_institutions(db, in->pack);
    if (!e)
        e = people_setup_unit(db, in->duty, home, pack_desk_room(in->pack), STR(""));
    for (size_t i = 0; i < in->n_accounts && !e; i++) {
        const struct account *a = &in->accounts[i];
        // .example is nobody's (RFC 2606): a demonstration can send nothing to a stranger. A real place enters its own.
        char mail[64] = "";
        if (in->accounts == demo)
            snprintf(mail, sizeof mail, "%s@isigurt.example", a->user);
        struct str institution = institution_of(in, a);
        e = people_setup_person(db, a->person, str_from(a->user), str_from(a->name), institution, str_from(mail),
                                pack_language_at(in->pack, 0));
        if (!e)
            e = people_setup_roles(db, a->person, 1u << a->role);
        if (!e && a->desk)
            e = people_setup_member(db, in->duty, a->person);
        if (!e && a->on_call)
            e = people_setup_roster(db, in->duty, a->person, a->on_call);
        if (!e && !id_zero(a->unit))
            e = contact_db(db, in, a);
        if (!e && in->accounts == demo && a->role == ROLE_ADMINISTRATOR)
            e = exchange_setup_force(db, in->pack, DEMO_PROTOCOL, STR("demo"), clock_now(), a->person, clock_now());
        if (!e && in->accounts == demo && (a->role == ROLE_SUPERVISOR || makes_unit(in, a)))
            e = exchange_setup_accepted(db, in->pack, a->role == ROLE_SUPERVISOR ? in->duty : a->unit, DEMO_PROTOCOL, a->person, clock_now());
    }
    if (!e) // after the accounts', whose units have a key
        e = people_setup_units(db, in->pack);
    return e;
}

static void make_accounts(struct init *in)
{
    struct keeper_setup *setup = NULL;
    struct buf totp;
    buf_init_secret(&totp, 256);
    enum err e = keeper_setup_open(in->store, in->l.keys, &setup, &in->why);
    choose_units(in);
    if (!e)
        e = keeper_setup_unit(setup, in->duty, true);
    for (size_t i = 0; i < in->n_accounts && !e; i++) {
        struct account *a = &in->accounts[i];
        snprintf(a->user, sizeof a->user, "%s%s%s", people_role_table()->name[a->role], a->sample ? "_" : "", a->sample ? a->sample : "");
        people_password(a->password);
        a->person = id_random();
        buf_clear(&totp);
        e = keeper_setup_person(setup, str_from(a->user), str_from(a->password), 1u << a->role, a->person, &totp);
        if (!e)
            snprintf(a->totp, sizeof a->totp, "%.*s", STR_ARG(buf_str(&totp)));
        if (!e && a->desk)
            e = keeper_setup_member(setup, in->duty, a->person);
        if (!e && makes_unit(in, a))
            e = keeper_setup_unit(setup, a->unit, false);
        if (!e && !id_zero(a->unit))
            e = keeper_setup_member(setup, a->unit, a->person);
    }
    if (!e)
        e = agree(in, setup);
    if (!e)
        e = keeper_setup_finish(&setup);
    if (!e)
        e = store_write(in->store, people_db, in);
    if (e)
        fail(in, "the first accounts", e);
    buf_free(&totp);
}

static void write_demo_accounts(const struct init *in)
{
    json_t *list = json_array();
    for (size_t i = 0; i < in->n_accounts; i++) {
        const struct account *a = &in->accounts[i];
        struct str at = institution_of(in, a);
        json_t *one = json_pack("{s:s, s:s%, s:s, s:s, s:s}", "role", people_role_table()->name[a->role], "institution", at.at, at.n,
                                "username", a->user, "password", a->password, "totp_secret", a->totp);
        if (json_array_append_new(list, one))
            command_fail(1, "the account of %s cannot be written down", a->user);
    }
    char *text = json_dumps(list, JSON_INDENT(2));
    if (!text || file_replace(in->l.demo, str_from(text), 0600))
        command_fail(1, "%s cannot be written", in->l.demo);
    crypto_wipe(text, strlen(text));
    free(text);
    json_decref(list);
}

static void load_demo(struct init *in)
{
    struct demo d = {.sv = &in->sv, .country = in->l.country, .duty = in->duty};
    const char *what = "";
    for (size_t i = 0; i < in->n_accounts; i++) {
        const struct account *a = &in->accounts[i];
        struct id *as = a->role == ROLE_INDICATOR_OWNER ? &d.enters : a->role != ROLE_COORDINATOR ? NULL : a->sample ? &d.approves : &d.drafts;
        if (as)
            *as = a->person;
    }
    enum err e = demo_load(&d, &what);
    if (e)
        fail(in, what, e);
}

static void print_accounts(const struct init *in)
{
    printf("Write these down now; they are shown once. Change the passwords at the first sign-in.\n\n");
    for (size_t i = 0; i < in->n_accounts; i++) {
        const struct account *a = &in->accounts[i];
        printf("  user %-14s password %-24s TOTP secret %s\n", a->user, a->password, a->totp);
    }
    printf("\nThe secret half of the backup key, %s/backup.key, must not stay on this machine: take it away.\n", in->l.keys);
}

int command_init(int argc, char **argv)
{
    static struct init in;
    const char *data = NULL, *keys = NULL, *store = NULL, *country = NULL;
    bool with_demo = false;
    const struct option_row rows[] = {
        {"data", "DIR", "the data directory to make; it must not exist", &data, NULL},
        {"keys", "DIR", "where the keys go, never inside DIR (default: DIR-keys)", &keys, NULL},
        {"store", "postgres://…", "an empty PostgreSQL database instead of SQLite files in DIR", &store, NULL},
        {"country", "DIR", "the country pack to copy into DIR/country (default: Albania's)", &country, NULL},
        {"demo", NULL, "accounts for each role (DIR/demo-accounts.json), sample reports, rows of registers and years of the plan; loopback only", NULL, &with_demo},
    };
    command_options(argc, argv, "init --data DIR [--demo]",
                    "Makes a data directory with the country pack, its keys, the duty unit and the first accounts.",
                    rows, sizeof rows / sizeof *rows);
    buf_init(&in.why, 4096);
    if (!data)
        command_fail(2, "say which data directory to make: --data DIR");
    if (layout_make(&in.l, data, keys, &in.why))
        command_fail(2, "%.*s", STR_ARG(buf_str(&in.why)));
    if (file_exists(in.l.data) || file_exists(in.l.keys))
        command_fail(1, "%s exists already; name a folder that does not, so that nothing is overwritten",
                     file_exists(in.l.data) ? in.l.data : in.l.keys);
    log_open("init", LOG_WARN);
    config_default(&in.config);
    layout_store(&in.l, &in.config, store);
    if (layout_store_secret(&in.l, &in.why) || layout_store_local(&in.l, &in.why)) // before anything is made
        command_fail(1, "--store: %.*s", STR_ARG(buf_str(&in.why)));
    umask(0022);
    char share[SHARE_PATH_MAX];
    country = country ? country : share_path("country/al", share, sizeof share);
    enum err e = crypto_start();
    if (!e)
        e = process_country(country, &in.pack, &in.why); // a pack that is refused leaves nothing behind
    if (e)
        command_fail(1, "%.*s", STR_ARG(buf_str(&in.why)));
    users_make();
    users_decide(&in.l);
    users_own_folders(&in.l);
    if (file_make_dirs(in.l.keys, 0700) || file_copy_tree(country, in.l.country))
        command_fail(1, "%s or %s cannot be made: %s", in.l.keys, in.l.country, strerror(errno));
    write_config(&in, store);
    e = keeper_setup_keys(in.l.keys, &in.why);
    if (e)
        fail(&in, "keys", e);
    bool postgres = layout_is_postgres(&in.l);
    e = store_create(in.l.store, share_path(postgres ? "sql/postgres" : "sql/sqlite", share, sizeof share), users_own_store, &in.why);
    if (e)
        fail(&in, "the store", e);
    if (postgres)
        command_make_logins(&in.l, &in.why);
    e = store_open(&(struct store_options){.url = in.l.store, .role = "admin", .write = "*", .read = "", .readers = 1}, &in.store, &in.why);
    if (e)
        fail(&in, "the store", e);
    in.accounts = with_demo ? demo : first;
    in.n_accounts = with_demo ? sizeof demo / sizeof *demo : sizeof first / sizeof *first;
    in.duty = id_random();
    make_accounts(&in);
    if (with_demo) {
        in.sv = (struct services){.store = in.store, .pack = in.pack, .config = &in.config};
        e = directory_open(in.l.keys, &in.sv.directory, &in.why);
        if (e)
            fail(&in, "the directory of keys", e);
        write_demo_accounts(&in);
        load_demo(&in);
    } else {
        print_accounts(&in);
    }
    store_close(in.store);
    users_own_keys(&in.l);
    printf("%s made%s\n", in.l.data, with_demo ? "; demo accounts: " : "");
    if (with_demo)
        printf("  %s\n", in.l.demo);
    return 0;
}

// The store, the calls and the played desk that tests of the portal's report room stand on.
#include "portal_room.h"
#include <stdio.h>
#include "base/file.h"
#include "vault/server.h"

DB_QUERY(trial_thread_sql, "bbbbti", "",
    "insert into reply.thread (lookup, thread, thread_kid, content, state, received) values ($1, $2, $3, $4, $5, $6)");
DB_QUERY(trial_message_sql, "biibibb", "",
    "insert into reply.message (lookup, direction, seq, id, sent, kid, item) values ($1, $2, $3, $4, $5, $6, $7)");
DB_QUERY(trial_done_sql, "b", "", "insert into reply.done (id) values ($1)");
DB_QUERY(trial_step_sql, "biti", "", "insert into reply.step (lookup, seq, code, at) values ($1, $2, $3, $4)");
DB_QUERY(trial_report_sql, "i", "bbbbbi", "select id, lookup, thread, thread_kid, content, received from intake.report order by seq limit $1");

struct services sv;
struct config config;
struct store *reply;
static struct arena *arena;
struct buf out;
int64_t now;
static struct directory *with_unit;

static struct directory *directory_made(const char *name, bool unit)
{
    char keys[400];
    struct buf why;
    struct keeper_setup *setup = NULL;
    struct directory *d = NULL;
    buf_init(&why, 1000);
    snprintf(keys, sizeof keys, "%s/%s", store_test_folder(), name);
    assert_int_equal(file_make_dirs(keys, 0700), OK);
    assert_int_equal(keeper_setup_keys(keys, &why), OK);
    struct store *s = store_test_open("keeper", "keeper", "");
    assert_int_equal(keeper_setup_open(s, keys, &setup, &why), OK);
    assert_int_equal(keeper_setup_unit(setup, id_random(), unit), OK);
    assert_int_equal(keeper_setup_finish(&setup), OK);
    store_close(s);
    assert_int_equal(directory_open(keys, &d, &why), OK);
    buf_free(&why);
    return d;
}

int setup(void **state)
{
    (void)state;
    setenv("TZ", "Europe/Tirane", 1);
    store_test_country(&sv, &out);
    with_unit = directory_made("keys", true);
    config_default(&config);
    config.store[0] = '\0'; // no disk to watch here
    config.rate_reports = 3;
    config.proof_bits = 8;
    sv.config = &config;
    sv.directory = with_unit;
    sv.store = store_test_open("portal", "intake", "reply");
    reply = store_test_open("desk", "reply", "");
    return 0;
}

int teardown(void **state)
{
    (void)state;
    store_close(sv.store);
    store_close(reply);
    directory_close(&with_unit);
    pack_close(&sv.pack);
    buf_free(&out);
    return 0;
}

int begin(void **state)
{
    (void)state;
    now = clock_minute(clock_now()) + 2 * CLOCK_MINUTE; // the key is valid from now on
    sv.directory = with_unit;
    return report_portal_new(&config, (struct report_portal **)&sv.room) ? -1 : 0;
}

int finish(void **state)
{
    (void)state;
    report_portal_free((struct report_portal **)&sv.room);
    store_test_sql("delete from intake.report; delete from intake.message; delete from intake.epoch_seen; delete from reply.thread; "
                   "delete from reply.step; delete from reply.message; delete from reply.done; "
                   "delete from intake.acknowledge; delete from intake.flagged; delete from reply.acknowledgement; delete from reply.flagger;");
    return 0;
}

int call_from(const char *prefix, const char *name, const char *receipt, const char *json)
{
    assert_int_equal(arena_new(1 << 20, &arena), OK);
    struct req rq = {.sv = &sv, .arena = arena, .lang = text_lang(STR("sq")), .lang_code = STR("sq"), .now = now, .json = true,
                     .receipt = str_from(receipt), .prefix = str_from(prefix)};
    int status = -1;
    buf_clear(&out);
    for (size_t i = 0; i < report_portal_routes.n; i++)
        if (strcmp(report_portal_routes.at[i].name, name) == 0)
            status = web_call(&report_portal_routes.at[i], &rq, str_from(json), &out);
    for (size_t i = 0; i < report_trusted_routes.n; i++)
        if (strcmp(report_trusted_routes.at[i].name, name) == 0)
            status = web_call(&report_trusted_routes.at[i], &rq, str_from(json), &out);
    buf_put_c(&out, '\0');
    arena_free(&arena);
    return status;
}

int call(const char *name, const char *receipt, const char *json)
{
    return call_from("", name, receipt, json);
}

void says(const char *text)
{
    if (strstr(out.at, text) == NULL)
        fail_msg("'%s' does not say '%s'", out.at, text);
}

const char *code(void)
{
    static char c[RECEIPT_TEXT];
    const char *at = strstr(out.at, "\"receipt\":\"");
    assert_non_null(at);
    memcpy(c, at + 11, RECEIPT_TEXT - 1);
    return c;
}

const struct route *row_of(const struct routes *room, const char *name)
{
    for (size_t i = 0; i < room->n; i++)
        if (strcmp(room->at[i].name, name) == 0)
            return &room->at[i];
    fail_msg("no row %s", name);
    return NULL;
}

void keep(char *to, size_t max, struct str s)
{
    assert_true(s.n < max);
    memcpy(to, s.n > 0 ? s.at : "", s.n);
    to[s.n] = '\0';
}

// ── what the desk does, played here ──

struct taken { struct row r; size_t n; bool down; struct str sealed; struct id message; struct kid kid; };

struct id bytes16(const struct db_rows *r, int col)
{
    struct id id;
    assert_int_equal(id_from_bytes(db_str(r, col), &id), OK);
    return id;
}

enum err desk_message(struct db *db, struct id lookup, int direction, int64_t seq, struct id id, int64_t sent, struct id kid, struct str item)
{
    return db_exec(db, &trial_message_sql, DB_ARGS(DB_ID(lookup), DB_I(direction), DB_I(seq), DB_ID(id), DB_I(sent), DB_ID(kid), DB_B(item)), NULL);
}

enum err desk_step(struct db *db, struct id lookup, int64_t seq, const char *what, int64_t at)
{
    return db_exec(db, &trial_step_sql, DB_ARGS(DB_ID(lookup), DB_I(seq), DB_T(str_from(what)), DB_I(at)), NULL);
}

enum err desk_done(struct db *db, struct id id)
{
    return db_exec(db, &trial_done_sql, DB_ARGS(DB_ID(id)), NULL);
}

static enum err read_report(struct db *db, void *arg)
{
    struct row *o = arg;
    struct db_rows *r;
    enum err e = db_query(db, &trial_report_sql, DB_ARGS(DB_I(1)), &r);
    if (e)
        return e;
    assert_true(db_next(r));
    *o = (struct row){bytes16(r, 0), bytes16(r, 1), bytes16(r, 2), bytes16(r, 3), bytes16(r, 4), db_int(r, 5)};
    return db_done(&r);
}

static enum err write_reply(struct db *db, void *arg)
{
    const struct taken *t = arg;
    const struct row *o = &t->r;
    struct id kid;
    memcpy(kid.b, t->kid.b, sizeof kid.b);
    enum err e = db_exec(db, &trial_thread_sql, DB_ARGS(DB_ID(o->lookup), DB_ID(o->thread), DB_ID(o->kid), DB_ID(o->content),
                                                        DB_T(STR("answered")), DB_I(o->received)), NULL);
    if (!e)
        e = desk_step(db, o->lookup, 1, "taken", o->received);
    if (!e && t->down)
        e = desk_message(db, o->lookup, 2, 1, t->message, o->received, kid, t->sealed);
    if (!e)
        e = desk_done(db, o->id);
    return e;
}

struct row desk_takes(const char *receipt, const char *answer)
{
    struct taken t = {.message = id_random(), .down = answer != NULL};
    struct receipt r;
    struct key k;
    struct record_ad ad;
    struct buf sealed;
    buf_init(&sealed, 1 << 17);
    assert_int_equal(store_read(sv.store, read_report, &t.r), OK);
    assert_int_equal(receipt_read(&r, str_from(receipt), directory_install_id(with_unit)), OK);
    receipt_thread_key(&r, &k);
    t.kid = record_kid(&k);
    report_message_ad(&ad, t.r.thread, t.message, t.kid, RECORD_DOWN, 1, t.r.received);
    assert_int_equal(record_seal(&sealed, &k, &ad, str_from(answer)), OK);
    t.sealed = buf_str(&sealed);
    assert_int_equal(store_write(reply, write_reply, &t), OK);
    buf_free(&sealed);
    return t.r;
}

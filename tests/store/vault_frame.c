#include "vault_frame.h"
#include <fcntl.h>
#include <liboath/oath.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/file.h"
#include "vault/audit.h"
#include "vault/chain.h"

struct person person[PERSONS] = {
    [OFFICER] = {.name = "oficeri", .password = "fjala e oficerit", .role = ROLE_DUTY_OFFICER},
    [SECOND] = {.name = "i.dyti", .password = "fjala e te dytit", .role = ROLE_DUTY_OFFICER},
    [OTHER] = {.name = "tjetri", .password = "fjala e tjetrit", .role = ROLE_DUTY_OFFICER},
    [ADMIN] = {.name = "admin@shembull", .password = "fjala e adminit", .role = ROLE_ADMINISTRATOR},
    [CONTACT] = {.name = "kontakti", .password = "fjala e kontaktit", .role = ROLE_CONTACT},
};
struct id duty_unit, other_unit;
struct custodian custodian[3];
struct keeper *keeper;
char keys_dir[512], heads_dir[512], socket_path[512];
#define P(x) (UINT64_C(1) << PERM_##x)
const struct role_table roles = {.perms = {
    [ROLE_DUTY_OFFICER] = P(SIGNED_IN) | P(REPORT_LIST) | P(REPORT_READ) | P(REPORT_ASSESS) | P(CASE_READ) | P(CASE_EDIT) | P(REFERRAL_SEND) | P(REFERRAL_READ) | P(REFERRAL_ACT) | P(REPORT_ANSWER) | P(UNIT_ADMIT),
    [ROLE_ADMINISTRATOR] = P(SIGNED_IN) | P(PEOPLE_ADMIN),
    [ROLE_CONTACT] = P(SIGNED_IN) | P(PLAN_ENTER) | P(REGISTER_READ),
    [ROLE_OVERSIGHT] = P(SIGNED_IN) | P(UNIT_CONFIRM) | P(ERASE),
}};

static struct store *store;
static pthread_t thread;
static sig_atomic_t stop;
static _Atomic int64_t *shift;
static char why_text[16384];
static uid_t desk_uid;

void frame_time(int64_t microseconds)
{
    *shift += microseconds;
}

static void clock_open(void)
{
    char path[600];
    snprintf(path, sizeof path, "%s/clock", store_test_folder());
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0 && ftruncate(fd, 8) == 0);
    shift = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_true(shift != MAP_FAILED);
    close(fd);
    assert_int_equal(setenv("ISIGURT_TEST_CLOCK", path, 1), 0);
}

static void *serve(void *arg)
{
    (void)arg;
    struct buf why;
    buf_init(&why, 1024);
    struct keeper_options o = {.store = store, .keys_dir = keys_dir, .socket_path = socket_path, .head_dir = heads_dir,
                               .roles = &roles, .desk_uid = desk_uid, .courier_uid = desk_uid};
    enum err e = keeper_serve(&o, &stop, &why);
    if (e) {
        fprintf(stderr, "keeper: %s %.*s\n", err_name(e), (int)why.n, why.at);
    }
    buf_free(&why);
    return (void *)(uintptr_t)e;
}

void frame_start(void)
{
    store = store_test_open("keeper", "keeper", "");
    __atomic_store_n(&stop, 0, __ATOMIC_RELAXED);
    assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
    assert_int_equal(keeper_new(socket_path, &keeper), OK);
    enum err e = ERR_AWAY;
    uint64_t seq;
    for (int i = 0; e && i < 50; i++) {
        e = keeper_ping(keeper, &seq);
    }
    assert_int_equal(e, OK);
}

void frame_stop(void)
{
    void *e;
    keeper_free(&keeper);
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    assert_int_equal(pthread_join(thread, &e), 0);
    store_close(store);
    assert_int_equal((uintptr_t)e, OK);
}

int frame_serve_main(const char *how)
{
    desk_uid = strcmp(how, "serve") == 0 ? getuid() : getuid() + 12345; // not this test
    snprintf(keys_dir, sizeof keys_dir, "%s", getenv("VAULT_KEYS"));
    snprintf(heads_dir, sizeof heads_dir, "%s", getenv("VAULT_HEADS"));
    snprintf(socket_path, sizeof socket_path, "%s", getenv("VAULT_SOCKET"));
    struct store_options o = {.url = getenv("VAULT_URL"), .role = "keeper", .password_file = getenv("VAULT_PASSWORD"), .write = "keeper",
                              .read = "", .readers = 2};
    struct buf why;
    buf_init(&why, 1024);
    if (store_open(&o, &store, &why) != OK) {
        fprintf(stderr, "keeper program: store: %.*s\n", (int)why.n, why.at);
        return 1;
    }
    return serve(NULL) != NULL;
}

int frame_make(void **state)
{
    (void)state;
    desk_uid = getuid();
    struct buf why, totp;
    struct keeper_setup *setup = NULL;
    buf_init(&why, 1024);
    buf_init_secret(&totp, 64);
    snprintf(keys_dir, sizeof keys_dir, "%.400s/keys", store_test_folder());
    snprintf(heads_dir, sizeof heads_dir, "%.400s/heads", store_test_folder());
    snprintf(socket_path, sizeof socket_path, "%.80s/k.sock", store_test_folder());
    clock_open();
    assert_int_equal(file_make_dirs(keys_dir, 0700), OK);
    assert_int_equal(file_make_dirs(heads_dir, 0700), OK);
    assert_int_equal(keeper_setup_keys(keys_dir, &why), OK);
    assert_int_equal(keeper_setup_keys(keys_dir, &why), ERR_CONFLICT); // never over keys that are there
    struct buf custodians;
    buf_init(&custodians, 96);
    for (uint8_t i = 0; i < 3; i++) {
        struct public_key pk;
        crypto_pair(&pk, &custodian[i].sk, &(struct key){{i, 17}});
        custodian[i].pk = pk;
        buf_put(&custodians, STR_BYTES(pk.b));
    }
    char path[600];
    snprintf(path, sizeof path, "%s/recovery.pub", keys_dir);
    assert_int_equal(file_replace(path, buf_str(&custodians), 0644), OK);
    buf_free(&custodians);
    struct store *admin = store_test_open("admin", "*", "");
    assert_int_equal(keeper_setup_open(admin, keys_dir, &setup, &why), OK);
    duty_unit = id_random();
    other_unit = id_random();
    assert_int_equal(keeper_setup_unit(setup, duty_unit, true), OK);
    assert_int_equal(keeper_setup_unit(setup, other_unit, false), OK);
    for (size_t i = 0; i < PERSONS; i++) {
        person[i].id = id_random();
        buf_clear(&totp);
        assert_int_equal(keeper_setup_person(setup, str_from(person[i].name), str_from(person[i].password), 1u << person[i].role,
                                             person[i].id, &totp), OK);
        memcpy(person[i].totp, totp.at, totp.n);
    }
    assert_int_equal(keeper_setup_member(setup, duty_unit, person[OFFICER].id), OK);
    assert_int_equal(keeper_setup_member(setup, duty_unit, person[SECOND].id), OK);
    assert_int_equal(keeper_setup_member(setup, other_unit, person[OTHER].id), OK);
    assert_int_equal(keeper_setup_finish(&setup), OK);
    assert_int_equal(keeper_setup_open(admin, keys_dir, &setup, &why), ERR_CONFLICT); // init is for once
    store_close(admin);
    buf_free(&why);
    buf_free(&totp);
    frame_start();
    return 0;
}

int frame_end(void **state)
{
    (void)state;
    frame_stop();
    return 0;
}

const char *totp_now(const char *base32)
{
    static char code[16];
    char *secret = NULL;
    size_t n = 0;
    assert_int_equal(oath_base32_decode(base32, strlen(base32), &secret, &n), OATH_OK);
    assert_int_equal(oath_totp_generate(secret, n, (time_t)(clock_now() / CLOCK_SECOND), 30, 0, 6, code), OATH_OK);
    free(secret);
    return code;
}

enum err sign_in(enum who who, struct id device, struct token *t, struct keeper_session *s)
{
    return keeper_sign_in(keeper, str_from(person[who].name), str_from(person[who].password), str_from(totp_now(person[who].totp)),
                          device, t, s, NULL);
}

struct token signed_in(enum who who)
{
    struct token t;
    struct keeper_session s;
    frame_time(31 * CLOCK_SECOND);
    assert_int_equal(sign_in(who, (struct id){{(uint8_t)(who + 1)}}, &t, &s), OK);
    assert_true(id_equal(s.person, person[who].id));
    return t;
}

enum err verify(struct audit_report *out)
{
    struct store *s = store_test_open("admin", NULL, "keeper,desk");
    struct buf why;
    buf_init(&why, sizeof why_text - 1);
    enum err e = audit_verify(s, keys_dir, heads_dir, NULL, out, &why);
    snprintf(why_text, sizeof why_text, "%.*s", (int)why.n, why.n ? why.at : "");
    buf_free(&why);
    store_close(s);
    return e;
}

const char *verify_why(void)
{
    return why_text;
}

static void sample_store(const struct sample *r)
{
    char sql[32768], hex[3][4096];
    struct buf b;
    const struct { const void *at; size_t n; } part[3] = {{r->home.b, 16}, {r->sealed, r->n > 1800 ? 1800 : r->n}, {r->box, 8}};
    for (int i = 0; i < 3; i++) {
        buf_init(&b, 4096);
        buf_put_hex(&b, part[i].at, part[i].n);
        snprintf(hex[i], sizeof hex[i], store_test_sqlite() ? "x'%.*s'" : "'\\x%.*s'::bytea", (int)b.n, b.at);
        buf_free(&b);
    }
    snprintf(sql, sizeof sql, "insert into desk.report (id, received, category, urgency_computed, in_danger, language, kid, thread, thread_kid, unit, "
             "urgency, state, take_due) select %s, 0, 'SEXT', 1, 0, 'sq', %s, %s, %s, %s, 1, 'new', 0",
             hex[0], hex[2], hex[2], hex[2], hex[2]);
    store_test_sql(sql);
    snprintf(sql, sizeof sql, "insert into desk.report_sealed (seq, item, content, unit, epoch, unit_wrap, thread_wrap) "
             "select seq, %s, id, id, 1, id, id from desk.report where id = %s", hex[1], hex[0]);
    store_test_sql(sql);
}

void sample_make(struct sample *s, struct id unit, const char *text, const char *page)
{
    struct directory *d = NULL;
    struct directory_unit u;
    struct buf b;
    uint8_t digest[32], none[32] = {0};
    assert_int_equal(directory_open(keys_dir, &d, NULL), OK);
    assert_int_equal(directory_find(d, unit, clock_now(), &u), OK);
    memset(s, 0, sizeof *s);
    s->home = id_random();
    s->item = id_random();
    s->thread = id_random();
    record_key(&s->k);
    record_key(&s->k_t);
    s->ad = (struct record_ad){.type = RECORD_REPORT, .version = 1, .home = s->home, .item = s->item, .kid = record_kid(&s->k)};
    buf_init(&b, 64);
    record_meta_str(&b, STR("SEXT"));
    record_meta_int(&b, 1); // urgency
    record_meta(s->ad.meta, &b);
    buf_free(&b);
    buf_init(&b, sizeof s->sealed);
    assert_int_equal(record_seal(&b, &s->k, &s->ad, str_from(text)), OK);
    memcpy(s->sealed, b.at, b.n);
    s->n = b.n;
    buf_free(&b);
    record_wrap_unit((uint8_t *)s->wrap, &u.pk, &s->k);
    record_wrap_child((uint8_t *)s->child, &s->k, s->home, s->thread, record_kid(&s->k_t), 0, &s->k_t);
    page_digest(digest, PAGE_ADDRESS, str_from(page));
    buf_init(&b, PAGE_BOX_BYTES);
    struct public_key tag = directory_tag_key(d);
    struct ephemeral from;
    crypto_ephemeral(&from);
    page_box(&b, &from, &tag, digest, none);
    memcpy(s->box, b.at, PAGE_BOX_BYTES);
    buf_free(&b);
    s->path = (struct keeper_path){.n = 1, .step = {{.unit = true, .parent = unit, .child = s->home, .epoch = u.epoch,
                                                     .sealed = {s->wrap, BOX_BYTES}}}};
    s->thread_path = s->path;
    s->thread_path.n = 2;
    s->thread_path.step[1] = (struct keeper_step){.parent = s->home, .child = s->thread, .kid = record_kid(&s->k_t),
                                                  .sealed = {s->child, RECORD_WRAP_BYTES}};
    s->one = (struct keeper_item){.ad = s->ad, .sealed = {s->sealed, s->n}};
    directory_close(&d);
    sample_store(s);
}

enum err open_one(const struct token *t, struct sample *s, struct keeper_item *item, struct str *plain)
{
    static char kept[70000];
    struct arena *a = NULL;
    assert_int_equal(arena_new(1 << 20, &a), OK);
    enum err e = keeper_open(keeper, t, PURPOSE_READ, &s->path, item, 1, a);
    if (!e) {
        memcpy(kept, item->plain.at, item->plain.n);
        *plain = (struct str){kept, item->plain.n};
    }
    arena_free(&a);
    return e;
}

enum err open_text(const struct token *t, struct sample *s, const char *expected)
{
    struct str plain = {0};
    struct keeper_item item = s->one;
    enum err e = open_one(t, s, &item, &plain);
    if (!e) {
        assert_true(str_equal_z(plain, expected));
    }
    return e;
}

struct erase_arg { struct chain *chain; const struct id *report; const uint8_t *hash; size_t n; struct chain_at at; };

static enum err erase_run(struct db *db, void *arg)
{
    struct erase_arg *a = arg;
    enum err e = OK;
    for (size_t i = 0; !e && i < a->n; i++) {
        struct audit_line line = {.at = clock_now(), .action = AUDIT_ERASE, .object = a->report[i], .n_detail = 32};
        memcpy(line.detail, a->hash, 32);
        e = chain_append(a->chain, db, &line, &a->at);
    }
    return e;
}

void frame_erase(const struct id *report, const uint8_t hash[32], size_t n)
{
    struct vault_keys *keys = NULL;
    struct erase_arg a = {.report = report, .hash = hash, .n = n};
    frame_stop();
    struct store *s = store_test_open("keeper", "keeper", "");
    assert_int_equal(vault_keys_read(keys_dir, &keys, NULL), OK);
    assert_int_equal(chain_open(s, keys, heads_dir, &a.chain, NULL), OK);
    assert_int_equal(store_write(s, erase_run, &a), OK);
    chain_committed(a.chain, &a.at);
    assert_int_equal(chain_write_head(a.chain), OK);
    chain_close(&a.chain);
    vault_keys_free(&keys);
    store_close(s);
    frame_start();
}

int64_t entries(const char *where)
{
    char sql[256];
    snprintf(sql, sizeof sql, "select count(*) from keeper.entry %s", where);
    return store_test_number(sql);
}

int64_t acts(void)
{
    // The action stands behind label, writer, seq, time, person and sid.
    return entries(store_test_sqlite() ? "where substr(entry, 73, 2) not in (x'0400', x'0500')"
                                       : "where substr(entry, 73, 2) not in ('\\x0400', '\\x0500')");
}

struct keeper_tag tag_for(const struct sample *r)
{
    struct keeper_tag t = {.report = r->home, .box = STR_BYTES(r->box)};
    audit_item_hash(t.item_hash, (struct str){r->sealed, r->n > 1800 ? 1800 : r->n});
    return t;
}

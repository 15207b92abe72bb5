// The trail and what it withstands: rows changed, cut, recomputed, a keeper killed, a stranger at its socket, a restore.
#include "vault_frame.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "vault/wire.h"

// --- audit

static void keep(void)
{
    store_test_sql("create table keeper.kept as select * from keeper.entry");
}

static void put_back(void)
{
    store_test_sql("delete from keeper.entry");
    store_test_sql("insert into keeper.entry select * from keeper.kept");
}

static void broken(const char *sql, const char *said)
{
    struct audit_report report;
    store_test_sql(sql);
    assert_int_equal(verify(&report), ERR_TAMPERED);
    if (!strstr(report.place, said)) {
        print_error("after: %s\nsaid: %s\n", sql, report.place);
    }
    assert_non_null(strstr(report.place, said));
    put_back();
}

// With the database alone: every hash right, signed with a key of one's own.
static void recompute_all(bool own_writer)
{
    struct key seed = {{42}};
    struct sign_key sk;
    struct public_key pk;
    struct buf rows;
    crypto_sign_pair(&pk, &sk, &seed);
    buf_init(&rows, 8 << 20);
    store_test_text(store_test_sqlite() ? "select seq, hex(entry) from keeper.entry order by seq"
                                        : "select seq, upper(encode(entry, 'hex')) from keeper.entry order by seq", &rows);
    struct str rest = buf_str(&rows);
    uint8_t h[32] = {0};
    store_test_sql("delete from keeper.entry");
    while (rest.n) {
        struct str line = str_cut(&rest, '\n'), number = str_cut(&line, '|');
        uint8_t entry[512], sig[SIGN_BYTES];
        size_t n = line.n / 2;
        if (!n) {
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            unsigned v;
            assert_int_equal(sscanf(line.at + 2 * i, "%2X", &v), 1);
            entry[i] = (uint8_t)v;
        }
        entry[41] ^= 1; // somebody else read it
        if (own_writer) {
            memcpy(entry + 16, pk.b, 8);
        }
        uint8_t next[32];
        crypto_digest(next, 32, "isigurt.chain..1", NULL, CRYPTO_PARTS(STR_BYTES(h), {(char *)entry, n}));
        memcpy(h, next, 32);
        crypto_signature(sig, &sk, STR_BYTES(h));
        char sql[4096];
        struct buf b;
        buf_init(&b, 4000);
        const char *open = store_test_sqlite() ? "x'" : "'\\x";
        buf_printf(&b, "insert into keeper.entry (writer, seq, entry, h, sig) values (%s", open);
        buf_put_hex(&b, entry + 16, 8);
        buf_printf(&b, "', %.*s, %s", STR_ARG(number), open);
        buf_put_hex(&b, entry, n);
        buf_printf(&b, "', %s", open);
        buf_put_hex(&b, h, 32);
        buf_printf(&b, "', %s", open);
        buf_put_hex(&b, sig, sizeof sig);
        buf_put_z(&b, "')");
        snprintf(sql, sizeof sql, "%.*s", (int)b.n, b.at);
        buf_free(&b);
        store_test_sql(sql);
    }
    buf_free(&rows);
}

static void verify_finds_each_kind(void **state)
{
    (void)state;
    struct audit_report report;
    struct token t = signed_in(OFFICER);
    struct sample r;
    sample_make(&r, duty_unit, "teksti", "http://a.example/x");
    assert_int_equal(open_text(&t, &r, "teksti"), OK);
    frame_stop();
    enum err e = verify(&report);
    if (e) {
        print_error("%s\n", report.place);
    }
    assert_int_equal(e, OK);
    assert_int_equal(report.entries, entries(""));
    assert_int_equal(report.writers, 1);
    keep();
    broken("delete from keeper.entry where seq = 7", "entry 7 is missing");
    broken("delete from keeper.entry where seq = 1", "entry 1 is missing");
    broken("delete from keeper.entry where seq > 20", "cut off");
    broken("delete from keeper.entry where seq = (select max(seq) from keeper.entry)", "cut off");
    broken("delete from keeper.entry", "cut off");
    if (store_test_sqlite()) {
        broken("update keeper.entry set entry = cast(substr(entry, 1, 40) || x'00' || substr(entry, 42) as blob) where seq = 9", "entry 9 was altered");
        broken("update keeper.entry set h = randomblob(32) where seq = 9", "entry 9 was altered");
        broken("update keeper.entry set sig = randomblob(64) where seq = 9", "not signed");
    } else {
        broken("update keeper.entry set entry = set_byte(entry, 40, 255 - get_byte(entry, 40)) where seq = 9", "entry 9 was altered");
        broken("update keeper.entry set h = sha256(h) where seq = 9", "entry 9 was altered");
        broken("update keeper.entry set sig = sig || sig where seq = 9", "entry 9 was altered");
    }
    broken("update keeper.entry set seq = -seq where seq in (8, 9); update keeper.entry set seq = 17 + seq where seq < 0", "entry 8 was altered");
    recompute_all(false);
    assert_int_equal(verify(&report), ERR_TAMPERED);
    assert_non_null(strstr(report.place, "written anew"));
    put_back();
    recompute_all(true);
    assert_int_equal(verify(&report), ERR_TAMPERED);
    assert_non_null(strstr(report.place, "keeper.pub does not name it"));
    put_back();
    store_test_sql("create table keeper.points as select * from keeper.checkpoint");
    broken("delete from keeper.checkpoint where at = (select max(at) from keeper.checkpoint)", "its checkpoint was removed");
    store_test_sql("delete from keeper.checkpoint; insert into keeper.checkpoint select * from keeper.points; drop table keeper.points");
    assert_int_equal(verify(&report), OK);
    store_test_sql("drop table keeper.kept");
    frame_start();
}

static void verify_finds_changed_reports(void **state)
{
    (void)state;
    struct sample r;
    struct audit_report report;
    sample_make(&r, duty_unit, "a", "http://a.example/x");
    struct keeper_tag t = tag_for(&r);
    assert_int_equal(keeper_tag(keeper, &t, 1), OK);
    assert_int_equal(verify(&report), OK);
    store_test_sql("create table desk.kept_sealed as select * from desk.report_sealed");
    store_test_sql(store_test_sqlite() ? "update desk.report_sealed set item = randomblob(1064) where seq = (select max(seq) from desk.report)"
                                       : "update desk.report_sealed set item = item || item where seq = (select max(seq) from desk.report)");
    assert_int_equal(verify(&report), ERR_TAMPERED);
    assert_non_null(strstr(report.place, "another ciphertext"));
    store_test_sql("delete from desk.report_sealed; insert into desk.report_sealed select * from desk.kept_sealed; drop table desk.kept_sealed");
    assert_int_equal(verify(&report), OK);
    store_test_sql("create table keeper.kept_tags as select * from keeper.tagged");
    store_test_sql("delete from keeper.tagged where seq = (select max(seq) from keeper.tagged)");
    assert_int_equal(verify(&report), ERR_TAMPERED);
    assert_non_null(strstr(report.place, "rows of its batch"));
    store_test_sql("delete from keeper.tagged; insert into keeper.tagged select * from keeper.kept_tags; drop table keeper.kept_tags");
    assert_int_equal(verify(&report), OK);
}

static void verify_finds_removed_reports(void **state)
{
    (void)state;
    struct token t = signed_in(OFFICER);
    struct sample opened, taken, untouched, never;
    struct audit_report report;
    sample_make(&untouched, duty_unit, "a", "");
    assert_int_equal(verify(&report), OK);
    assert_non_null(strstr(verify_why(), "reports without a tag")); // never tagged nor touched: nothing but the count
    sample_make(&opened, duty_unit, "b", "");
    assert_int_equal(open_text(&t, &opened, "b"), OK);
    assert_int_equal(verify(&report), OK);
    store_test_sql("delete from desk.report where seq = (select max(seq) from desk.report)");
    assert_int_equal(verify(&report), ERR_TAMPERED);
    assert_non_null(strstr(report.place, "which is gone, and no entry says it was erased"));
    uint8_t hash[32];
    audit_item_hash(hash, (struct str){opened.sealed, opened.n});
    frame_erase(&opened.home, hash, 1);
    assert_int_equal(verify(&report), OK);

    sample_make(&taken, duty_unit, "c", "");
    assert_int_equal(keeper_audit(keeper, &t, AUDIT_REPORT_TAKE, taken.home, duty_unit, STR("taken"), NULL), OK);
    assert_int_equal(verify(&report), OK);
    store_test_sql("delete from desk.report where seq = (select max(seq) from desk.report)");
    assert_int_equal(verify(&report), ERR_TAMPERED);
    audit_item_hash(hash, (struct str){taken.sealed, taken.n});
    frame_erase(&taken.home, hash, 1);

    sample_make(&never, duty_unit, "d", ""); // what a captured desk invents was never opened, and is not missed
    store_test_sql("delete from desk.report where seq = (select max(seq) from desk.report)");
    never.wrap[40] ^= 1;
    assert_int_equal(open_text(&t, &never, ""), ERR_TAMPERED);
    assert_int_equal(verify(&report), OK);
}

static void running_keeper_notices_a_cut(void **state)
{
    (void)state;
    struct token t = signed_in(OFFICER);
    store_test_sql("create table keeper.kept as select * from keeper.entry");
    store_test_sql("delete from keeper.entry where seq = (select max(seq) from keeper.entry)");
    assert_int_equal(keeper_audit(keeper, &t, AUDIT_ROSTER, duty_unit, duty_unit, STR(""), NULL), ERR_TAMPERED);
    put_back();
    assert_int_equal(keeper_audit(keeper, &t, AUDIT_ROSTER, duty_unit, duty_unit, STR(""), NULL), OK);
    store_test_sql("drop table keeper.kept");
}

static void time_brings_heartbeats_and_checkpoints(void **state)
{
    (void)state;
    struct audit_report report;
    int64_t before = entries(""), points = store_test_number("select count(*) from keeper.checkpoint");
    for (int i = 0; i < 7; i++) {
        frame_time(10 * CLOCK_MINUTE);
        clock_sleep(400000);
    }
    assert_true(entries("") >= before + 8); // seven heartbeats, a checkpoint
    assert_true(store_test_number("select count(*) from keeper.checkpoint") >= points + 1);
    assert_int_equal(verify(&report), OK);
}

// --- kill -9

static pid_t program(char *const argv[])
{
    pid_t pid = fork();
    if (pid == 0) {
        const char *password = store_test_password_file("keeper");
        if (password) {
            setenv("VAULT_PASSWORD", password, 1);
        }
        setenv("VAULT_URL", store_test_url(), 1);
        setenv("VAULT_KEYS", keys_dir, 1);
        setenv("VAULT_HEADS", heads_dir, 1);
        setenv("VAULT_SOCKET", socket_path, 1);
        execv("/proc/self/exe", argv);
        _exit(127);
    }
    return pid;
}

static void killed_keeper_loses_nothing(void **state)
{
    (void)state;
    char serve[] = "serve", self[] = "test";
    char *const argv[] = {self, serve, NULL};
    struct token t = signed_in(OFFICER);
    struct sample r;
    sample_make(&r, duty_unit, "teksti", "http://a.example/x");
    struct keeper_audit_at at = {.seq = 0};
    frame_stop();
    for (int round = 0; round < 4; round++) {
        pid_t pid = program(argv);
        assert_int_equal(keeper_new(socket_path, &keeper), OK);
        enum err e = ERR_AWAY;
        for (int i = 0; e == ERR_AWAY && i < 30; i++) {
            e = open_text(&t, &r, "teksti"); // the session is there again
        }
        assert_int_equal(e, OK);
        uint64_t acknowledged = 0;
        for (int i = 0; i < 20 + 7 * round; i++) {
            assert_int_equal(keeper_audit(keeper, &t, AUDIT_ROSTER, duty_unit, duty_unit, STR(""), &at), OK);
            acknowledged = at.seq;
        }
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        keeper_free(&keeper);
        char where[64];
        snprintf(where, sizeof where, "where seq = %llu", (unsigned long long)acknowledged);
        assert_int_equal(entries(where), 1);
        struct audit_report report;
        e = verify(&report);
        if (e) {
            print_error("round %d: %s\n", round, report.place);
        }
        assert_int_equal(e, OK);
    }
    // A head that a power cut has torn is no alarm either: the checkpoint stands in for it.
    char command[1200];
    snprintf(command, sizeof command, "for f in %s/head.*; do : > $f; done", heads_dir);
    assert_int_equal(system(command), 0);
    struct audit_report report;
    assert_int_equal(verify(&report), OK);
    assert_non_null(strstr(verify_why(), "stands in"));
    frame_start();
}

static void cut_database_is_not_served(void **state)
{
    (void)state;
    frame_stop();
    keep();
    store_test_sql("delete from keeper.entry where seq > (select max(seq) - 3 from keeper.entry)");
    struct store *s = store_test_open("keeper", "keeper", "");
    struct buf why;
    buf_init(&why, 1024);
    sig_atomic_t stop = 1;
    struct keeper_options o = {.store = s, .keys_dir = keys_dir, .socket_path = socket_path, .head_dir = heads_dir, .roles = &roles,
                               .desk_uid = getuid(), .courier_uid = getuid()};
    assert_int_equal(keeper_serve(&o, &stop, &why), ERR_TAMPERED);
    assert_true(str_find_str(buf_str(&why), STR("audit verify")) >= 0);
    store_close(s);
    buf_free(&why);
    put_back();
    frame_start();
}

// Asks for a PING as another user; what comes back, in bytes.
static int heard_as(uid_t uid)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct sockaddr_un at = {.sun_family = AF_UNIX};
        const struct timeval limit = {.tv_sec = 3};
        char packet[WIRE_REQUEST_HEAD];
        struct buf b = {.at = packet, .cap = sizeof packet, .max = sizeof packet};
        snprintf(at.sun_path, sizeof at.sun_path, "%.100s", socket_path);
        wire_request_head(&b, OP_PING, 1, NULL);
        int fd = setgid(uid) || setuid(uid) ? -1 : socket(AF_UNIX, SOCK_SEQPACKET, 0);
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) || connect(fd, (struct sockaddr *)&at, sizeof at)) {
            _exit(255); // nothing was tried
        }
        ssize_t n = send(fd, b.at, b.n, MSG_NOSIGNAL) < 0 ? 0 : recv(fd, packet, sizeof packet, 0);
        _exit(n > 0 ? (int)n : 0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void stranger_is_not_heard(void **state)
{
    (void)state;
    if (getuid() == 0) { // root may sign in at the keeper, so the stranger is another user
        assert_int_equal(chmod(store_test_folder(), 0711), 0);
        assert_int_equal(heard_as(0), WIRE_ANSWER_HEAD + 4 + 8 + 4 + 8);
        for (uid_t uid = 65533; uid <= 65534; uid++) {
            assert_int_equal(heard_as(uid), 0);
        }
        return;
    }
    frame_stop();
    char serve[] = "serve-for-others", self[] = "test";
    char *const argv[] = {self, serve, NULL};
    pid_t pid = program(argv);
    uint64_t seq;
    assert_int_equal(keeper_new(socket_path, &keeper), OK);
    for (int i = 0; i < 100 && access(socket_path, F_OK); i++) {
        clock_sleep(50000);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(keeper_ping(keeper, &seq), ERR_AWAY); // SO_PEERCRED is another's
    }
    keeper_free(&keeper);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    frame_start();
}

static void restore_is_told_from_a_cut(void **state)
{
    (void)state;
    struct audit_report report;
    frame_stop(); // the older backup is taken here
    int64_t seq = store_test_number("select max(seq) from keeper.entry"), at = store_test_number("select max(at) from keeper.checkpoint");
    frame_start();
    struct token t = signed_in(OFFICER);
    frame_stop();
    char sql[120];
    snprintf(sql, sizeof sql, "delete from keeper.entry where seq > %lld", (long long)seq);
    store_test_sql(sql);
    snprintf(sql, sizeof sql, "delete from keeper.checkpoint where at > %lld", (long long)at);
    store_test_sql(sql);
    assert_int_equal(verify(&report), ERR_TAMPERED);
    struct store *admin = store_test_open("admin", "*", "");
    struct buf why;
    buf_init(&why, 1024);
    assert_int_equal(keeper_setup_restore(admin, keys_dir, heads_dir, &why), OK);
    store_close(admin);
    enum err e = verify(&report);
    if (e) {
        print_error("%s\n", report.place);
    }
    assert_int_equal(e, OK);
    assert_int_equal(report.writers, 2);
    assert_non_null(strstr(verify_why(), "a restore has taken writer"));
    frame_start();
    struct keeper_session s;
    assert_int_equal(keeper_session(keeper, &t, &s), ERR_UNAUTHENTICATED); // all sessions ended
    t = signed_in(OFFICER);
    struct sample r;
    sample_make(&r, duty_unit, "teksti", "http://a.example/x");
    assert_int_equal(open_text(&t, &r, "teksti"), OK);
    assert_int_equal(verify(&report), OK);
    buf_free(&why);
}

// A trail long enough to be cut anywhere.
static int begin(void **state)
{
    int failed = frame_make(state);
    for (int i = 0; i < 12 && !failed; i++) {
        struct token t = signed_in(OFFICER);
        struct sample r;
        sample_make(&r, duty_unit, "teksti", "http://a.example/y");
        assert_int_equal(open_text(&t, &r, "teksti"), OK);
        assert_int_equal(keeper_sign_out(keeper, &t, false), OK);
    }
    return failed;
}

int main(int argc, char **argv)
{
    if (argc == 2) {
        return frame_serve_main(argv[1]);
    }
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verify_finds_each_kind),
        cmocka_unit_test(verify_finds_changed_reports),
        cmocka_unit_test(verify_finds_removed_reports),
        cmocka_unit_test(running_keeper_notices_a_cut),
        cmocka_unit_test(time_brings_heartbeats_and_checkpoints),
        cmocka_unit_test(killed_keeper_loses_nothing),
        cmocka_unit_test(cut_database_is_not_served),
        cmocka_unit_test(stranger_is_not_heard),
        cmocka_unit_test(restore_is_told_from_a_cut),
    };
    return store_test_end(cmocka_run_group_tests(tests, begin, frame_end));
}

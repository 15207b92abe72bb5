// The keeper's way with units and homes: who is left in a unit, notes, homes that units share; and what a captured desk can do at its socket.
#include "vault_frame.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/file.h"
#include "vault/wire.h"

// --- what the log says

static int stderr_was = -1;

static void log_keep(void)
{
    char path[600];
    snprintf(path, sizeof path, "%s/log", store_test_folder());
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    stderr_was = dup(STDERR_FILENO);
    assert_true(fd >= 0 && stderr_was >= 0 && dup2(fd, STDERR_FILENO) >= 0);
    close(fd);
}

static int log_count(struct id unit, int members) // alarms since log_keep; ends it
{
    char path[600], hex[ID_HEX], line[256];
    struct buf log;
    assert_true(dup2(stderr_was, STDERR_FILENO) >= 0);
    close(stderr_was);
    snprintf(path, sizeof path, "%s/log", store_test_folder());
    buf_init(&log, 1 << 20);
    assert_int_equal(file_read(path, &log), OK);
    buf_put_c(&log, '\0');
    snprintf(line, sizeof line, "level=alarm process=test event=unit-has-few-members unit=%s members=%d\n", id_hex(unit, hex), members);
    int n = 0;
    for (const char *at = log.at; (at = strstr(at, line)); at++) {
        n++;
    }
    buf_free(&log);
    return n;
}

// --- units with few members

static void few_members_raise_an_alarm(void **state)
{
    (void)state;
    log_keep();
    frame_stop();
    frame_start(); // at start
    assert_int_equal(log_count(other_unit, 1), 1);
    log_keep();
    frame_stop();
    frame_start();
    assert_int_equal(log_count(duty_unit, 1), 0); // two members

    struct token other = signed_in(OTHER), admin = signed_in(ADMIN), second = signed_in(SECOND);
    log_keep();
    assert_int_equal(keeper_admit(keeper, &other, other_unit, person[CONTACT].id), OK);
    assert_int_equal(log_count(other_unit, 1), 0);
    log_keep();
    assert_int_equal(keeper_person_disable(keeper, &admin, person[CONTACT].id, true), OK); // has a wrap, cannot use it
    assert_int_equal(log_count(other_unit, 1), 1);
    log_keep();
    assert_int_equal(keeper_person_disable(keeper, &admin, person[CONTACT].id, false), OK);
    assert_int_equal(log_count(other_unit, 1), 0);
    log_keep();
    assert_int_equal(keeper_rotate(keeper, &other, other_unit, person[CONTACT].id), OK); // he leaves
    assert_int_equal(log_count(other_unit, 1), 1);

    log_keep();
    struct buf totp;
    buf_init_secret(&totp, 64);
    assert_int_equal(keeper_person_reset(keeper, &admin, person[OFFICER].id, str_from(person[OFFICER].password), &totp), OK);
    assert_int_equal(log_count(duty_unit, 1), 1); // his wrap went with his old key
    memset(person[OFFICER].totp, 0, sizeof person[OFFICER].totp);
    memcpy(person[OFFICER].totp, totp.at, totp.n);
    buf_free(&totp);
    log_keep();
    assert_int_equal(keeper_admit(keeper, &second, duty_unit, person[OFFICER].id), OK);
    assert_int_equal(log_count(duty_unit, 1), 0);

    log_keep();
    frame_time(61 * CLOCK_MINUTE);
    clock_sleep(600000); // a round is a quarter of a second
    assert_int_equal(log_count(other_unit, 1), 1);
}

// --- notes of workers under a report

static void notes_stand_beside_a_report(void **state)
{
    (void)state;
    struct token t = signed_in(OFFICER), contact = signed_in(CONTACT), other = signed_in(OTHER);
    struct sample r;
    struct buf sealed, plain;
    sample_make(&r, duty_unit, "teksti", "http://a.example/x");
    buf_init(&sealed, 70000);
    buf_init_secret(&plain, 70000);
    struct record_ad ad = {.type = RECORD_REPORT, .field = RECORD_FIELD_NOTE, .version = 1, .seq = 1, .home = r.home, .item = id_random()};
    assert_int_equal(keeper_seal(keeper, &contact, &r.path, &ad, STR("shënim"), &sealed), ERR_FORBIDDEN);
    assert_int_equal(keeper_seal(keeper, &other, &r.path, &ad, STR("shënim"), &sealed), ERR_NO_KEY);
    assert_int_equal(keeper_seal(keeper, &t, &r.path, &ad, STR("shënim"), &sealed), OK);
    assert_int_equal(record_open(&plain, &r.k, &ad, buf_str(&sealed)), OK);
    assert_true(str_equal_z(buf_str(&plain), "shënim"));

    // The report and its note in one call; the note does not pass for the report, and the report is never written again.
    struct keeper_item items[2] = {r.one, {.ad = ad, .sealed = buf_str(&sealed)}};
    struct arena *a = NULL;
    assert_int_equal(arena_new(1 << 20, &a), OK);
    assert_int_equal(keeper_open(keeper, &t, PURPOSE_READ, &r.path, items, 2, a), OK);
    assert_true(str_equal_z(items[1].plain, "shënim"));
    items[1].ad.field = 0;
    assert_int_equal(keeper_open(keeper, &t, PURPOSE_READ, &r.path, items, 2, a), ERR_TAMPERED);
    arena_free(&a);
    struct record_ad bad = ad;
    for (int field = 0; field < 5; field++) {
        bad.field = (uint8_t)field;
        bad.direction = field == RECORD_FIELD_NOTE ? RECORD_DOWN : RECORD_NONE;
        assert_int_equal(keeper_seal(keeper, &t, &r.path, &bad, STR("x"), &sealed), ERR_FORBIDDEN);
    }
    buf_free(&sealed);
    buf_free(&plain);
}

// --- homes that units share

struct made_case { // a case as the desk stores it
    struct record_ad ad;
    struct buf sealed;
    struct keeper_wrap wrap[KEEPER_UNITS_MAX];
    struct keeper_path path;
    struct keeper_item item;
};

static enum err case_make(struct made_case *c, const struct token *t, enum record_type type, const struct id *units, size_t n)
{
    *c = (struct made_case){.ad = {.type = type, .version = 1, .seq = 1, .home = id_random(), .item = id_random()}};
    buf_init(&c->sealed, 70000);
    return keeper_seal_home(keeper, t, &c->ad, STR("rasti"), units, n, &c->sealed, c->wrap);
}

static struct keeper_path path_of(const struct made_case *c, struct id unit, const struct keeper_wrap *wrap)
{
    return (struct keeper_path){.n = 1, .step = {{.unit = true, .parent = unit, .child = c->ad.home, .epoch = wrap->epoch,
                                                  .sealed = {(const char *)wrap->sealed, BOX_BYTES}}}};
}

static void case_use(struct made_case *c, struct id unit)
{
    c->path = path_of(c, unit, &c->wrap[0]);
    c->item = (struct keeper_item){.ad = c->ad, .sealed = buf_str(&c->sealed)};
}

static void receiving_needs_the_protocol(void **state)
{
    (void)state;
    const struct id force = {{0}};
    struct token t = signed_in(OFFICER), other = signed_in(OTHER), admin = signed_in(ADMIN), contact = signed_in(CONTACT);
    struct id both[2] = {duty_unit, other_unit};
    struct made_case c, two;
    struct keeper_wrap wrap;
    assert_int_equal(case_make(&two, &t, RECORD_CASE, both, 2), ERR_CONFLICT); // none is in force, so nobody has accepted it
    buf_free(&two.sealed);
    assert_int_equal(keeper_agree(keeper, &t, duty_unit, 1), ERR_CONFLICT);
    assert_int_equal(keeper_agree(keeper, &t, force, 1), ERR_FORBIDDEN);
    assert_int_equal(keeper_agree(keeper, &admin, force, 0), ERR_CONFLICT);
    assert_int_equal(keeper_agree(keeper, &admin, force, 3), OK);
    assert_int_equal(keeper_agree(keeper, &admin, force, 3), ERR_CONFLICT);
    assert_int_equal(case_make(&c, &t, RECORD_CASE, both, 1), OK); // one's own unit needs no acceptance
    case_use(&c, duty_unit);
    int64_t before = acts();
    assert_int_equal(keeper_grant(keeper, &t, &c.path, &c.item, other_unit, 7, c.ad.home, &wrap), ERR_CONFLICT);
    assert_int_equal(acts(), before + 1); // refused, and written down
    assert_int_equal(keeper_agree(keeper, &other, other_unit, 2), ERR_CONFLICT);
    assert_int_equal(keeper_agree(keeper, &admin, other_unit, 3), ERR_FORBIDDEN);
    assert_int_equal(keeper_agree(keeper, &t, other_unit, 3), ERR_NO_KEY); // for a unit that he is not in
    assert_int_equal(keeper_agree(keeper, &other, other_unit, 3), OK);
    assert_int_equal(keeper_grant(keeper, &t, &c.path, &c.item, id_random(), 7, c.ad.home, &wrap), ERR_NOT_FOUND);
    assert_int_equal(keeper_grant(keeper, &contact, &c.path, &c.item, other_unit, 7, c.ad.home, &wrap), ERR_FORBIDDEN);
    assert_int_equal(keeper_grant(keeper, &other, &c.path, &c.item, other_unit, 7, c.ad.home, &wrap), ERR_NO_KEY);
    before = acts();
    assert_int_equal(keeper_grant(keeper, &t, &c.path, &c.item, other_unit, 7, c.ad.home, &wrap), OK);
    assert_int_equal(acts(), before + 1);

    // The other unit's member goes the granted way: he can grant it back.
    struct keeper_path theirs = path_of(&c, other_unit, &wrap);
    struct keeper_wrap back;
    assert_int_equal(keeper_grant(keeper, &other, &theirs, &c.item, other_unit, 7, c.ad.home, &back), OK);
    assert_int_equal(keeper_grant(keeper, &other, &theirs, &c.item, duty_unit, 7, c.ad.home, &back), ERR_CONFLICT);

    // Another case's item, another home's name, a report, a thread.
    struct made_case d;
    assert_int_equal(case_make(&d, &t, RECORD_REFERRAL, both, 2), OK);
    assert_int_equal(d.wrap[1].epoch, store_test_number("select max(epoch) from keeper.epoch"));
    case_use(&d, duty_unit);
    assert_int_equal(keeper_grant(keeper, &t, &c.path, &d.item, other_unit, 7, c.ad.home, &wrap), ERR_TAMPERED);
    struct keeper_path renamed = c.path;
    renamed.step[0].child = d.ad.home;
    assert_int_equal(keeper_grant(keeper, &t, &renamed, &c.item, other_unit, 7, c.ad.home, &wrap), ERR_TAMPERED);
    struct sample r;
    sample_make(&r, duty_unit, "teksti", "http://a.example/x");
    assert_int_equal(keeper_grant(keeper, &t, &r.path, &r.one, other_unit, 7, c.ad.home, &wrap), ERR_FORBIDDEN);
    struct keeper_item lie = r.one;
    lie.ad.type = RECORD_CASE; // said to be a case: the key does not agree
    assert_int_equal(keeper_grant(keeper, &t, &r.path, &lie, other_unit, 7, c.ad.home, &wrap), ERR_TAMPERED);
    struct made_case bad;
    assert_int_equal(case_make(&bad, &t, RECORD_REPORT, both, 1), ERR_FORBIDDEN);
    buf_free(&bad.sealed);
    assert_int_equal(case_make(&bad, &t, RECORD_CASE, &both[1], 1), ERR_NO_KEY); // not for others alone
    buf_free(&bad.sealed);
    both[1] = both[0];
    assert_int_equal(case_make(&bad, &t, RECORD_CASE, both, 2), ERR_MALFORMED);
    buf_free(&bad.sealed);
    assert_int_equal(case_make(&bad, &contact, RECORD_CASE, both, 1), ERR_FORBIDDEN);
    buf_free(&bad.sealed);

    // The case opens for its unit; a version that comes into force shuts out who has not accepted it.
    struct arena *a = NULL;
    assert_int_equal(arena_new(1 << 20, &a), OK);
    assert_int_equal(keeper_open(keeper, &t, PURPOSE_READ, &c.path, &c.item, 1, a), OK);
    arena_free(&a);
    assert_int_equal(keeper_agree(keeper, &admin, force, 4), OK);
    assert_int_equal(keeper_grant(keeper, &t, &c.path, &c.item, other_unit, 7, c.ad.home, &wrap), ERR_CONFLICT);
    store_test_sql("update keeper.agreed set version = 4"); // past the keeper
    assert_int_equal(keeper_grant(keeper, &t, &c.path, &c.item, other_unit, 7, c.ad.home, &wrap), ERR_TAMPERED);
    store_test_sql("delete from keeper.agreed");
    buf_free(&c.sealed);
    buf_free(&d.sealed);
}

static void report_joins_a_case(void **state)
{
    (void)state;
    struct token t = signed_in(OFFICER), contact = signed_in(CONTACT), other = signed_in(OTHER);
    struct sample r, foreign;
    struct made_case c;
    uint8_t wrap[RECORD_WRAP_BYTES];
    struct kid kid;
    struct str plain;
    sample_make(&r, duty_unit, "teksti", "http://a.example/x");
    sample_make(&foreign, other_unit, "i huaj", "http://a.example/x");
    assert_int_equal(case_make(&c, &t, RECORD_CASE, &duty_unit, 1), OK);
    case_use(&c, duty_unit);
    assert_int_equal(keeper_link(keeper, &contact, &c.path, &c.item, &r.path, &r.one, wrap, &kid), ERR_FORBIDDEN);
    assert_int_equal(keeper_link(keeper, &other, &c.path, &c.item, &r.path, &r.one, wrap, &kid), ERR_NO_KEY);
    assert_int_equal(keeper_link(keeper, &t, &c.path, &c.item, &foreign.path, &foreign.one, wrap, &kid), ERR_NO_KEY);
    int64_t before = acts();
    assert_int_equal(keeper_link(keeper, &t, &c.path, &c.item, &r.path, &r.one, wrap, &kid), OK);
    assert_int_equal(acts(), before + 1);
    struct kid expected = record_kid(&r.k);
    assert_memory_equal(kid.b, expected.b, sizeof kid.b);

    // Through the case to the report, and on to its thread.
    struct sample joined = r;
    joined.path = c.path;
    joined.path.n = 2;
    joined.path.step[1] = (struct keeper_step){.parent = c.ad.home, .child = r.home, .kid = kid, .sealed = STR_BYTES(wrap)};
    joined.one.sealed.at = r.sealed;
    struct keeper_item item = r.one;
    assert_int_equal(open_one(&t, &joined, &item, &plain), OK);
    assert_true(str_equal_z(plain, "teksti"));
    joined.path.step[1].generation = 1;
    assert_int_equal(open_one(&t, &joined, &item, &plain), ERR_TAMPERED);

    // Never the other way round, never with an item of another home.
    assert_int_equal(keeper_link(keeper, &t, &r.path, &r.one, &c.path, &c.item, wrap, &kid), ERR_FORBIDDEN);
    assert_int_equal(keeper_link(keeper, &t, &r.thread_path, &r.one, &r.path, &r.one, wrap, &kid), ERR_FORBIDDEN);
    struct keeper_item lie = r.one;
    lie.ad.type = RECORD_CASE;
    assert_int_equal(keeper_link(keeper, &t, &r.path, &lie, &r.path, &r.one, wrap, &kid), ERR_TAMPERED);
    lie.ad.home = r.thread;
    assert_int_equal(keeper_link(keeper, &t, &r.thread_path, &lie, &r.path, &r.one, wrap, &kid), ERR_TAMPERED);
    lie = c.item;
    lie.ad.type = RECORD_REPORT;
    assert_int_equal(keeper_link(keeper, &t, &c.path, &c.item, &c.path, &lie, wrap, &kid), ERR_TAMPERED);
    buf_free(&c.sealed);
}

static void granting_costs_what_reading_costs(void **state)
{
    (void)state;
    frame_time(CLOCK_DAY);
    struct token t = signed_in(OFFICER);
    frame_time(CLOCK_MINUTE - clock_now() % CLOCK_MINUTE + CLOCK_SECOND);
    enum err e = OK;
    int granted = 0;
    while (!e && granted < 50) {
        struct made_case c;
        struct keeper_wrap wrap;
        assert_int_equal(case_make(&c, &t, RECORD_CASE, &duty_unit, 1), OK);
        case_use(&c, duty_unit);
        e = keeper_grant(keeper, &t, &c.path, &c.item, duty_unit, 1, c.ad.home, &wrap);
        granted += !e;
        buf_free(&c.sealed);
    }
    assert_int_equal(e, ERR_LIMITED);
    assert_int_equal(granted, 40);
    frame_time(CLOCK_MINUTE);
}

static void leaked_key_is_left_behind(void **state)
{
    (void)state;
    struct token t = signed_in(SECOND), contact = signed_in(CONTACT), other = signed_in(OTHER);
    struct sample r[3];
    uint8_t old[3][BOX_BYTES];
    struct keeper_wrap fresh[3];
    for (int i = 0; i < 3; i++) {
        sample_make(&r[i], duty_unit, "teksti", "http://a.example/x");
        memcpy(old[i], r[i].wrap, BOX_BYTES);
    }
    uint32_t epoch = r[0].path.step[0].epoch;
    old[1][50] ^= 1; // one of them does not open
    assert_int_equal(keeper_rewrap(keeper, &t, duty_unit, epoch, old, 3, fresh), ERR_CONFLICT); // nothing newer yet
    assert_int_equal(keeper_rotate(keeper, &t, duty_unit, (struct id){{0}}), OK);
    assert_int_equal(keeper_rewrap(keeper, &contact, duty_unit, epoch, old, 3, fresh), ERR_FORBIDDEN);
    assert_int_equal(keeper_rewrap(keeper, &other, duty_unit, epoch, old, 3, fresh), ERR_NO_KEY);
    int64_t before = acts();
    assert_int_equal(keeper_rewrap(keeper, &t, duty_unit, epoch, old, 3, fresh), OK);
    assert_int_equal(acts(), before + 1);
    assert_int_equal(fresh[0].epoch, epoch + 1);
    assert_int_equal(fresh[1].epoch, 0);
    assert_int_equal(fresh[2].epoch, epoch + 1);
    r[0].path.step[0].epoch = fresh[0].epoch;
    r[0].path.step[0].sealed = STR_BYTES(fresh[0].sealed);
    r[0].one.sealed.at = r[0].sealed;
    assert_int_equal(open_text(&t, &r[0], "teksti"), OK);
    r[0].path.step[0].epoch = epoch; // the leaked key opens the old wrap and not the new one
    assert_int_equal(open_text(&t, &r[0], "teksti"), ERR_TAMPERED);
}

// --- whoever holds the desk's socket

static int socket_open(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const struct timeval limit = {.tv_sec = 5};
    snprintf(at.sun_path, sizeof at.sun_path, "%.100s", socket_path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static void put_open(struct buf *b, const struct token *t, uint32_t call, const struct sample *r)
{
    wire_request_head(b, OP_OPEN, call, t);
    wire_put_u8(b, PURPOSE_READ);
    wire_put_path(b, &r->path);
    wire_put_u8(b, 1);
    wire_put_ad(b, &r->ad);
    wire_put(b, (struct str){r->sealed, r->n});
}

static ssize_t ask(int fd, struct str packet, char answer[WIRE_BYTES_MAX])
{
    assert_int_equal(send(fd, packet.at, packet.n, MSG_NOSIGNAL), packet.n);
    return recv(fd, answer, WIRE_BYTES_MAX, 0);
}

// A packet that was recorded is worth what its session is: it opens again, in its budget and each time written down, and
// nothing at all once the session has ended. A call's number protects the client from itself, not the keeper.
static void replayed_packets_are_worth_their_session(void **state)
{
    (void)state;
    struct token t = signed_in(SECOND);
    struct sample r;
    struct buf b, end;
    static char answer[WIRE_BYTES_MAX];
    sample_make(&r, duty_unit, "teksti", "http://a.example/x");
    buf_init(&b, WIRE_BYTES_MAX);
    buf_init(&end, WIRE_BYTES_MAX);
    put_open(&b, &t, 5, &r);
    int fd = socket_open();
    int64_t before = acts();
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(fd, buf_str(&b), answer), WIRE_ANSWER_HEAD + 4 + 6);
        assert_int_equal(answer[1], STATUS_OK);
    }
    assert_int_equal(acts(), before + 3);
    wire_request_head(&end, OP_SIGNOUT, 6, &t);
    wire_put_u8(&end, 0);
    assert_int_equal(ask(fd, buf_str(&end), answer), WIRE_ANSWER_HEAD);
    assert_int_equal(answer[1], STATUS_OK);
    assert_int_equal(ask(fd, buf_str(&end), answer), WIRE_ANSWER_HEAD); // ended once
    assert_int_equal(answer[1], STATUS_NO_SESSION);
    assert_int_equal(ask(fd, buf_str(&b), answer), WIRE_ANSWER_HEAD);
    assert_int_equal(answer[1], STATUS_NO_SESSION);

    struct buf in; // a recorded sign-in: its code has been used
    buf_init(&in, WIRE_BYTES_MAX);
    const struct person *p = &person[SECOND];
    frame_time(31 * CLOCK_SECOND);
    wire_request_head(&in, OP_SIGNIN, 7, NULL);
    wire_put(&in, str_from(p->name));
    wire_put(&in, str_from(p->password));
    wire_put(&in, str_from(totp_now(p->totp)));
    wire_put(&in, STR_BYTES(((struct id){{(uint8_t)(SECOND + 1)}}).b));
    assert_true(ask(fd, buf_str(&in), answer) > WIRE_ANSWER_HEAD);
    assert_int_equal(answer[1], STATUS_OK);
    assert_int_equal(ask(fd, buf_str(&in), answer), WIRE_ANSWER_HEAD);
    assert_int_equal(answer[1], STATUS_NO_SESSION);
    close(fd);
    buf_free(&b);
    buf_free(&end);
    buf_free(&in);
}

static uint32_t next_random(uint32_t *state) // xorshift: the same packets in each run
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

#define MALFORMED_PACKETS 10000

// Good requests with bytes changed, cut off or added, and noise. Whatever comes back is an answer, none of them says OK to
// a session that is not one, and the keeper goes on.
static void malformed_packets_do_nothing(void **state)
{
    (void)state;
    struct token t = signed_in(SECOND);
    struct sample r;
    struct audit_report report;
    static char packet[WIRE_BYTES_MAX], answer[WIRE_BYTES_MAX];
    struct buf good;
    uint32_t random = 20260101;
    int64_t kept = 0, statuses[STATUS_END_] = {0};
    sample_make(&r, duty_unit, "teksti", "http://a.example/x");
    buf_init(&good, WIRE_BYTES_MAX);
    put_open(&good, &t, 5, &r);
    struct token nobody = {{1}}; // so that nothing of it can be done: what is well formed meets no session
    int fd = socket_open();
    int64_t from = clock_mono();
    for (int i = 0; i < MALFORMED_PACKETS; i++) {
        size_t n = good.n;
        memcpy(packet, good.at, good.n);
        memcpy(packet + 8, nobody.b, TOKEN_BYTES);
        packet[1] = (char)(1 + next_random(&random) % (OP_END_ + 2));
        if (packet[1] == OP_SIGNIN) { // each wrong one costs an Argon2id: these have tests of their own
            packet[1] = OP_GRANT;
        }
        for (uint32_t changes = next_random(&random) % 6; changes; changes--) {
            packet[40 + next_random(&random) % (n - 40)] = (char)next_random(&random);
        }
        switch (next_random(&random) % 4) {
        case 0: n = 1 + next_random(&random) % n; break;
        case 1: n += next_random(&random) % 4096; break;
        case 2: memset(packet + 40, (int)(next_random(&random) % 256), n - 40); break;
        default: break;
        }
        ssize_t got = ask(fd, (struct str){packet, n}, answer);
        assert_true(got >= WIRE_ANSWER_HEAD && answer[0] == 1 && (uint8_t)answer[1] < STATUS_END_);
        statuses[(uint8_t)answer[1]]++;
        kept += answer[1] == STATUS_OK && packet[1] != OP_TAG && packet[1] != OP_PING;
    }
    print_message("%d packets in %lld ms: %lld malformed, %lld without a session\n", MALFORMED_PACKETS,
                  (long long)(clock_mono() - from) / 1000000, (long long)statuses[STATUS_MALFORMED],
                  (long long)statuses[STATUS_NO_SESSION]);
    assert_int_equal(kept, 0);
    assert_true(statuses[STATUS_MALFORMED] > MALFORMED_PACKETS / 2);
    for (int i = 0; i < 20; i++) { // longer than any packet, or empty: the connection ends and nothing else
        int other = socket_open();
        static char noise[WIRE_BYTES_MAX + 1];
        ssize_t sent = send(other, noise, i % 2 ? sizeof noise : 0, MSG_NOSIGNAL);
        assert_true(sent < 0 || recv(other, answer, sizeof answer, 0) <= 0);
        close(other);
    }
    assert_int_equal(ask(fd, buf_str(&good), answer), WIRE_ANSWER_HEAD + 4 + 6);
    assert_int_equal(answer[1], STATUS_OK);
    close(fd);
    assert_int_equal(verify(&report), OK);
    buf_free(&good);
}

// --- what an opening takes

static void an_opening_takes_its_time(void **state)
{
    (void)state;
    frame_time(CLOCK_DAY);
    struct token t = signed_in(SECOND);
    struct sample r;
    uint64_t seq;
    sample_make(&r, duty_unit, "teksti", "http://a.example/x");
    enum { ROUNDS = 200 };
    int64_t ping = clock_mono();
    for (int i = 0; i < ROUNDS; i++) {
        assert_int_equal(keeper_ping(keeper, &seq), OK);
    }
    int64_t open = clock_mono();
    for (int i = 0; i < ROUNDS; i++) {
        assert_int_equal(open_text(&t, &r, "teksti"), OK); // one home and minute: the budget has one
    }
    int64_t end = clock_mono();
    print_message("a ping %lld us, an opening with its entry committed %lld us\n", (long long)(open - ping) / 1000 / ROUNDS,
                  (long long)(end - open) / 1000 / ROUNDS);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_members_raise_an_alarm),
        cmocka_unit_test(notes_stand_beside_a_report),
        cmocka_unit_test(receiving_needs_the_protocol),
        cmocka_unit_test(report_joins_a_case),
        cmocka_unit_test(granting_costs_what_reading_costs),
        cmocka_unit_test(leaked_key_is_left_behind),
        cmocka_unit_test(replayed_packets_are_worth_their_session),
        cmocka_unit_test(malformed_packets_do_nothing),
        cmocka_unit_test(an_opening_takes_its_time),
    };
    return store_test_end(cmocka_run_group_tests(tests, frame_make, frame_end));
}

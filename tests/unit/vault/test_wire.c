#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "vault/wire.h"

static struct buf packet(uint8_t op)
{
    struct buf b;
    struct token t = {{1, 2, 3}};
    buf_init(&b, WIRE_BYTES_MAX);
    wire_request_head(&b, op, 77, &t);
    return b;
}

static enum err read_one(const struct buf *b, size_t n)
{
    struct wire_request *q = malloc(sizeof *q);
    assert_non_null(q);
    char *exact = malloc(n ? n : 1); // so that a read past the end is seen
    assert_non_null(exact);
    memcpy(exact, b->at, n);
    enum err e = wire_request_read((struct str){exact, n}, q);
    free(exact);
    free(q);
    return e;
}

// A request is good whole, and at no other length.
static void assert_exact(struct buf *b)
{
    assert_int_equal(read_one(b, b->n), OK);
    for (size_t n = 0; n < b->n; n++) {
        assert_int_equal(read_one(b, n), ERR_MALFORMED);
    }
    size_t n = b->n;
    buf_put_c(b, '\0');
    assert_int_equal(read_one(b, n + 1), ERR_MALFORMED);
    buf_free(b);
}

static const struct id a = {{1}}, c = {{2}}, d = {{3}};

static struct keeper_path example_path(char *sealed)
{
    return (struct keeper_path){.n = 2, .step = {{.unit = true, .parent = a, .child = c, .epoch = 1, .generation = 9, .sealed = {sealed, BOX_BYTES}},
                                                 {.parent = c, .child = d, .sealed = {sealed, RECORD_WRAP_BYTES}}}};
}

static void every_request_is_exact(void **state)
{
    (void)state;
    char sealed[128] = {0};
    struct keeper_path path = example_path(sealed);
    struct record_ad ad = {.type = RECORD_THREAD, .direction = RECORD_DOWN, .version = 1, .seq = 7};
    struct buf b = packet(OP_SIGNIN);
    wire_put(&b, STR("user"));
    wire_put(&b, STR("password"));
    wire_put(&b, STR("123456"));
    wire_put(&b, id_bytes(&a));
    assert_exact(&b);
    b = packet(OP_OPEN);
    wire_put_u8(&b, PURPOSE_READ);
    wire_put_path(&b, &path);
    wire_put_u8(&b, 2);
    for (int i = 0; i < 2; i++) {
        wire_put_ad(&b, &ad);
        wire_put(&b, (struct str){sealed, 100});
    }
    assert_exact(&b);
    b = packet(OP_SEAL);
    wire_put_path(&b, &path);
    wire_put_ad(&b, &ad);
    wire_put(&b, STR("text"));
    assert_exact(&b);
    b = packet(OP_AUDIT);
    wire_put_u16(&b, 100);
    wire_put(&b, id_bytes(&a));
    wire_put(&b, id_bytes(&c));
    wire_put(&b, STR(""));
    assert_exact(&b);
    b = packet(OP_PERSON);
    wire_put_u8(&b, WIRE_PERSON_CREATE);
    wire_put(&b, id_bytes(&a));
    wire_put(&b, STR("name"));
    wire_put_u32(&b, 5);
    wire_put(&b, STR("password"));
    assert_exact(&b);
    b = packet(OP_CONFIRM);
    wire_put(&b, id_bytes(&a));
    assert_exact(&b);
    b = packet(OP_ANCHOR);
    wire_put(&b, STR("8 bytes."));
    assert_exact(&b);
    b = packet(OP_FILE);
    wire_put_u8(&b, KEEPER_FILE_NEW);
    wire_put_u8(&b, KEEPER_FILE_VALUE);
    wire_put(&b, id_bytes(&a));
    wire_put(&b, id_bytes(&c));
    wire_put(&b, STR(""));
    assert_exact(&b);
    b = packet(OP_PING);
    assert_exact(&b);
}

static void each_form_of_homes_is_exact(void **state)
{
    (void)state;
    char sealed[128] = "sealed";
    const struct keeper_path path = example_path(sealed), none = {0};
    const struct record_ad ad = {.type = RECORD_CASE, .version = 1, .home = a, .item = c};
    struct buf b = packet(OP_GRANT);
    wire_put_path(&b, &path);
    wire_put_ad(&b, &ad);
    wire_put(&b, (struct str){sealed, 64});
    wire_put(&b, id_bytes(&a));
    wire_put_u16(&b, 7);
    wire_put(&b, id_bytes(&c));
    assert_exact(&b);
    b = packet(OP_LINK);
    for (int i = 0; i < 2; i++) {
        wire_put_path(&b, &path);
        wire_put_ad(&b, &ad);
        wire_put(&b, (struct str){sealed, 64});
    }
    assert_exact(&b);
    b = packet(OP_SEAL); // a new home, to two units
    wire_put_path(&b, &none);
    wire_put_ad(&b, &ad);
    wire_put(&b, STR("plain"));
    wire_put(&b, (struct str){sealed, 32});
    assert_exact(&b);
    b = packet(OP_AGREE);
    wire_put(&b, id_bytes(&a));
    wire_put_u32(&b, 3);
    assert_exact(&b);
    for (int i = 0; i < 4; i++) { // REKEY with two children, with none, and with halves of a unit and of a child
        char children[2 * WIRE_CHILD_BYTES] = "children";
        const size_t n_children[4] = {sizeof children, 0, WIRE_CHILD_BYTES, WIRE_CHILD_BYTES + 1};
        b = packet(OP_REKEY);
        wire_put_path(&b, &path);
        wire_put_ad(&b, &ad);
        wire_put(&b, (struct str){sealed, 64});
        wire_put(&b, id_bytes(&a));
        wire_put(&b, (struct str){sealed, i == 2 ? 24 : 32});
        wire_put_ad(&b, &ad);
        wire_put(&b, STR("plain"));
        wire_put(&b, (struct str){children, n_children[i]});
        if (i < 2) {
            assert_exact(&b);
        } else {
            assert_int_equal(read_one(&b, b.n), ERR_MALFORMED);
            buf_free(&b);
        }
    }
    for (uint32_t i = 0; i < 6; i++) { // ROTATE with rewrap: the last is right
        const struct id nobody = {{0}};
        b = packet(OP_ROTATE);
        wire_put(&b, id_bytes(&a));
        wire_put(&b, id_bytes(i == 0 ? &c : &nobody)); // nobody leaves in this call
        wire_put_u8(&b, i == 1 ? 2 : 1);
        if (i != 2) {
            wire_put_u32(&b, i == 3 ? 0 : 1);
            wire_put(&b, (struct str){sealed, i == 4 ? BOX_BYTES + 1 : BOX_BYTES});
        }
        if (i == 5) {
            assert_exact(&b);
        } else {
            assert_int_equal(read_one(&b, b.n), ERR_MALFORMED);
            buf_free(&b);
        }
    }
}

static void request_reads_back(void **state)
{
    (void)state;
    char sealed[128] = "sealed";
    struct keeper_path path = example_path(sealed);
    struct record_ad ad = {.type = RECORD_THREAD, .direction = RECORD_UP, .field = 3, .version = 0x01020304, .seq = UINT64_MAX - 1, .home = a,
                           .item = c, .kid = {{5}}, .generation = 6, .meta = {7}};
    struct buf b = packet(OP_OPEN);
    wire_put_u8(&b, PURPOSE_ASSESS);
    wire_put_path(&b, &path);
    wire_put_u8(&b, 1);
    wire_put_ad(&b, &ad);
    wire_put(&b, (struct str){sealed, 64});
    struct wire_request q;
    assert_int_equal(wire_request_read(buf_str(&b), &q), OK);
    assert_int_equal(q.op, OP_OPEN);
    assert_int_equal(q.call, 77);
    assert_int_equal(q.token[2], 3);
    assert_int_equal(q.purpose, PURPOSE_ASSESS);
    assert_int_equal(q.path.n, 2);
    assert_true(q.path.step[0].unit && !q.path.step[1].unit);
    assert_int_equal(q.path.step[0].generation, 9);
    assert_true(id_equal(q.path.step[1].child, d));
    assert_int_equal(q.path.step[1].sealed.n, RECORD_WRAP_BYTES);
    uint8_t before[RECORD_AD_BYTES], after[RECORD_AD_BYTES];
    record_ad_bytes(&ad, before);
    record_ad_bytes(&q.item[0].ad, after);
    assert_memory_equal(before, after, RECORD_AD_BYTES);
    assert_string_equal(q.item[0].bytes.at, "sealed");
    buf_free(&b);
}

static enum err try_path(const struct keeper_path *path)
{
    struct buf b = packet(OP_SEAL);
    struct record_ad ad = {.type = RECORD_THREAD, .version = 1};
    wire_put_path(&b, path);
    wire_put_ad(&b, &ad);
    wire_put(&b, STR(""));
    enum err e = read_one(&b, b.n);
    buf_free(&b);
    return e;
}

static void paths_have_one_form(void **state)
{
    (void)state;
    char sealed[128] = {0};
    struct keeper_path good = example_path(sealed), p = good;
    assert_int_equal(try_path(&p), OK);
    p.n = 0;
    assert_int_equal(try_path(&p), ERR_MALFORMED);
    p = good;
    p.step[0].epoch = 0;
    assert_int_equal(try_path(&p), ERR_MALFORMED);
    p = good;
    p.step[1].parent = a; // does not begin where the one before ended
    assert_int_equal(try_path(&p), ERR_MALFORMED);
    p = good;
    p.step[0].sealed.n--;
    assert_int_equal(try_path(&p), ERR_MALFORMED);
    p = good;
    p.step[1].unit = true;
    p.step[1].sealed.n = BOX_BYTES;
    p.step[1].epoch = 1;
    assert_int_equal(try_path(&p), ERR_MALFORMED);
    p = (struct keeper_path){.n = 1, .step = {good.step[1]}};
    assert_int_equal(try_path(&p), ERR_MALFORMED);
    p = good;
    p.n = KEEPER_PATH_MAX;
    for (size_t i = 2; i < KEEPER_PATH_MAX; i++) {
        p.step[i] = (struct keeper_step){.parent = d, .child = d, .sealed = {sealed, RECORD_WRAP_BYTES}};
    }
    assert_int_equal(try_path(&p), OK);
    // Seven steps, written by hand: the writer's struct has no room for them.
    struct buf b = packet(OP_SEAL), seven;
    struct record_ad ad = {.type = RECORD_THREAD, .version = 1};
    buf_init(&seven, 4096);
    wire_put_path(&seven, &p);
    size_t last = 1 + 16 + 16 + 16 + 8 + RECORD_WRAP_BYTES;
    seven.at[4]++;
    buf_put_le(&b, seven.n - 4 + last, 4);
    buf_put(&b, str_slice(buf_str(&seven), 4, seven.n));
    buf_put(&b, str_slice(buf_str(&seven), seven.n - last, seven.n));
    wire_put_ad(&b, &ad);
    wire_put(&b, STR(""));
    assert_int_equal(read_one(&b, b.n), ERR_MALFORMED);
    buf_free(&seven);
    buf_free(&b);
}

static void answers_are_exact_too(void **state)
{
    (void)state;
    struct wire_answer *w = malloc(sizeof *w);
    assert_non_null(w);
    struct keeper_session s = {.person = a, .sid = c, .roles = 3, .n_units = 2, .units = {a, d}, .created = 5, .expires = 6};
    struct buf b;
    buf_init(&b, 4096);
    wire_answer_head(&b, STATUS_OK, 8);
    wire_put_session(&b, &s);
    assert_int_equal(wire_answer_read(buf_str(&b), OP_SESSION, 0, w), OK);
    assert_int_equal(w->call, 8);
    assert_int_equal(w->session.n_units, 2);
    assert_true(id_equal(w->session.units[1], d));
    assert_int_equal(w->session.expires, 6);
    for (size_t n = 0; n < b.n; n++) {
        assert_int_equal(wire_answer_read((struct str){b.at, n}, OP_SESSION, 0, w), ERR_MALFORMED);
    }
    buf_put_c(&b, 'x');
    assert_int_equal(wire_answer_read(buf_str(&b), OP_SESSION, 0, w), ERR_MALFORMED);
    buf_clear(&b);
    wire_answer_head(&b, STATUS_BUDGET, 8);
    assert_int_equal(wire_answer_read(buf_str(&b), OP_OPEN, 1, w), ERR_MALFORMED);
    wire_put_u32(&b, 60);
    assert_int_equal(wire_answer_read(buf_str(&b), OP_OPEN, 1, w), OK);
    assert_int_equal(w->seconds, 60);
    buf_clear(&b);
    wire_answer_head(&b, STATUS_END_, 8);
    assert_int_equal(wire_answer_read(buf_str(&b), OP_PING, 0, w), ERR_MALFORMED);
    buf_free(&b);
    free(w);
}

static void statuses_go_there_and_back(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < STATUS_END_; i++) {
        assert_int_equal(wire_status_of(wire_err_of(i)), i);
    }
    assert_int_equal(wire_err_of(200), ERR_MALFORMED);
    assert_int_equal(wire_status_of(ERR_MEMORY), STATUS_STORE_AWAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_is_exact), cmocka_unit_test(each_form_of_homes_is_exact),
        cmocka_unit_test(request_reads_back),    cmocka_unit_test(paths_have_one_form),
        cmocka_unit_test(answers_are_exact_too),  cmocka_unit_test(statuses_go_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

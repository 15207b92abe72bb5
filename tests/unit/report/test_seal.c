// What is sealed can be opened by the duty unit's key and the code alone, and by nothing else.
#include "frame.h"
#include "base/url.h"
#include "report/portal/portal.h"

static struct key unit_sk, tag_sk;
static struct directory_unit duty;
static struct public_key tag_pk;
static uint8_t install[16] = {7};
static struct receipt code;

static int keys(void **state)
{
    (void)state;
    struct key seed;
    if (crypto_start())
        return -1;
    record_key(&seed);
    crypto_pair(&duty.pk, &unit_sk, &seed);
    record_key(&seed);
    crypto_pair(&tag_pk, &tag_sk, &seed);
    duty.unit = id_random();
    duty.epoch = 3;
    receipt_new(&code, install);
    return 0;
}

static const struct report_clear clear = {.received = 600000000, .category = {"SEXT", 4}, .urgency_computed = 1, .in_danger = true,
                                          .language = {"sq", 2}};

static void opens_with_the_unit_and_the_code(void **state)
{
    (void)state;
    struct report_content c = {.language = STR("sq"), .where = STR("page"), .category = STR("SEXT"), .page = STR("http://a.example/x"),
                               .host = STR("a.example"), .text = STR("fshehtë"), .in_danger = true}, back;
    struct report_sealed s;
    struct key k, kt, wanted;
    struct buf plain, tags;
    buf_init(&plain, 1 << 17);
    buf_init(&tags, 64);
    assert_int_equal(report_seal(&c, &clear, &duty, &tag_pk, &code, &s), OK);
    assert_int_equal(crypto_unwrap(&k, &duty.pk, &unit_sk, STR_BYTES(s.unit_wrap)), OK);
    struct kid kid = record_kid(&k);
    assert_memory_equal(&kid, &s.kid, sizeof kid);
    struct record_ad ad;
    report_item_ad(&ad, s.id, s.kid, &clear);
    assert_int_equal(record_open(&plain, &k, &ad, buf_str(&s.item)), OK);
    assert_int_equal(report_content_read(frame_arena, buf_str(&plain), &back), OK);
    assert_true(str_equal(back.text, c.text) && back.in_danger);
    assert_int_equal(str_find_str(buf_str(&s.item), c.text), -1);
    // the thread's key lies under the report's, and is the one that the code gives
    assert_int_equal(record_unwrap_child(&kt, &k, s.id, s.thread, s.thread_kid, 0, STR_BYTES(s.thread_wrap)), OK);
    receipt_thread_key(&code, &wanted);
    assert_memory_equal(&kt, &wanted, sizeof kt);
    uint8_t lookup[16], page[32], host[32];
    receipt_lookup(&code, lookup);
    assert_memory_equal(lookup, s.mark.lookup, 16);
    assert_int_equal(crypto_unwrap_bytes(&tags, &tag_pk, &tag_sk, buf_str(&s.tag_box)), OK);
    page_digest(page, PAGE_ADDRESS, STR("http://a.example/x"));
    page_digest(host, PAGE_HOST, STR("a.example"));
    assert_int_equal(tags.n, 64);
    assert_memory_equal(tags.at, page, 32);
    assert_memory_equal(tags.at + 32, host, 32);
    // a clear column that was changed afterwards
    struct report_clear lower = clear;
    lower.urgency_computed = 4;
    report_item_ad(&ad, s.id, s.kid, &lower);
    buf_clear(&plain);
    assert_int_equal(record_open(&plain, &k, &ad, buf_str(&s.item)), ERR_TAMPERED);
    report_sealed_free(&s);
    buf_free(&plain);
    buf_free(&tags);
}

static void account_is_the_page_where_there_is_no_address(void **state)
{
    (void)state;
    struct report_content c = {.app = STR("TikTok"), .account = STR("@Ana")};
    struct report_sealed s;
    struct buf tags;
    static const uint8_t none[32];
    uint8_t page[32];
    buf_init(&tags, 64);
    assert_int_equal(report_seal(&c, &clear, &duty, &tag_pk, &code, &s), OK);
    assert_int_equal(crypto_unwrap_bytes(&tags, &tag_pk, &tag_sk, buf_str(&s.tag_box)), OK);
    page_digest(page, PAGE_ACCOUNT, url_account_compare(frame_arena, STR("tiktok"), STR("ana")));
    assert_memory_equal(tags.at, page, 32);
    assert_memory_equal(tags.at + 32, none, 32);
    report_sealed_free(&s);
    buf_free(&tags);
    struct report_content text = {.text = STR("only words")};
    assert_int_equal(report_seal(&text, &clear, &duty, &tag_pk, &code, &s), OK);
    assert_int_equal(s.tag_box.n, 0);
    report_sealed_free(&s);
}

static void a_repeat_is_known_and_nothing_else_is(void **state)
{
    (void)state;
    struct report_content c = {.text = STR("one")}, other = {.text = STR("two")};
    struct report_sealed a, b, d;
    assert_int_equal(report_seal(&c, &clear, &duty, &tag_pk, &code, &a), OK);
    assert_int_equal(report_seal(&c, &clear, &duty, &tag_pk, &code, &b), OK);
    assert_int_equal(report_seal(&other, &clear, &duty, &tag_pk, &code, &d), OK);
    assert_memory_equal(a.mark.content, b.mark.content, 16);
    assert_memory_not_equal(a.mark.content, d.mark.content, 16);
    struct report_mark mark;
    assert_int_equal(report_mark_of(&c, &code, &mark), OK);
    assert_memory_equal(&mark, &a.mark, sizeof mark);
    assert_memory_not_equal(a.id.b, b.id.b, 16);
    assert_memory_not_equal(a.kid.b, b.kid.b, 16); // a key of its own each time
    report_sealed_free(&a);
    report_sealed_free(&b);
    report_sealed_free(&d);
}

static void too_much_is_refused(void **state)
{
    (void)state;
    char *text = malloc(70000);
    memset(text, 'a', 70000);
    struct report_content c = {.text = {text, 70000}};
    struct report_sealed s;
    assert_int_equal(report_seal(&c, &clear, &duty, &tag_pk, &code, &s), ERR_TOO_LARGE);
    report_sealed_free(&s);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(opens_with_the_unit_and_the_code), TEST(account_is_the_page_where_there_is_no_address),
                                       TEST(a_repeat_is_known_and_nothing_else_is), TEST(too_much_is_refused)};
    return cmocka_run_group_tests(tests, keys, NULL);
}

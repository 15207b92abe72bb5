// What the discussion refuses, and what people write that it must not refuse.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "network/network.h"

static void expect(const char *text, enum network_fault want)
{
    enum network_fault got = network_check(str_from(text));
    if (got != want)
        fail_msg("\"%s\": %d instead of %d", text, got, want);
}

static void plain_words_pass(void **state)
{
    (void)state;
    static const char *const fine[] = {"", " \n", "Si e bëni ju trajnimin e mësuesve, p.sh. në Korçë?", "d.m.th. çdo javë, etj.", "Nga 2026-2027 do të jemi 61 bashki.",
        "Takohemi më 20.11.2026 në orën 10.30, kushton 3.5 mijë lekë.", "Thirrni 116 111 ose 129. Pastaj shkruani.", "Mirë.Pastaj e shohim.",
        "ALO 116 111 JANË NË DORË", "Vendimi nr. 18/2017, neni 38(1)(a)", "deadbeef është fjalë", "e.g. i.e. a.k.a.", "kush @ çfarë", "ËËËË ÇÇÇÇ",
        "Viti 2026 deri 2027 kemi plan", "Në 2026. 1200 raporte, 2027: 1300 raporte", "Më 2026/11/20", "Vitet 2020 2021 2022 2023 2024 2025 2026 2027 2028",
        "Instagram/TikTok/Facebook", "Instagram: 13 vjeç", "08.30-16.30, 05.2026-12.2026", "Thirrni 116 111, 129, 127 ose 112", "0.5 deri 1.25 për qind",
        "neni 5/1, pika 3.2 (a)", "Takohemi 09:00 – 17:30 më 01.12.2026", "2026 – 2027", "2026\u20132027", "50 000 lekë, 1 000 000 banorë", "AKCESK AKEP ASHDMF KMDP IZHA MASR", "KUSH ËSHTË ATJE TANI KËTU SOT"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        expect(fine[i], NETWORK_FINE);
}

static void what_belongs_to_a_case_is_refused(void **state)
{
    (void)state;
    expect("shihni 0123456789abcdef0123456789abcdef", NETWORK_ID);
    expect("(0123456789ABCDEF0123456789ABCDEF)", NETWORK_ID);
    expect("01234567-89ab-cdef-0123-456789abcdef.", NETWORK_ID);
    expect("/reports/0123456789abcdef0123456789abcdef?x", NETWORK_ID);
    expect("kodi 7KQ2 M4XD 90AB CDEF 1234 e ka", NETWORK_RECEIPT);
    expect("7KQ2-M4XD-90AB-CDEF-1234", NETWORK_RECEIPT);
    expect("7kq2m4xd90abcdefg234", NETWORK_RECEIPT);
    expect("rasti 2026-0007", NETWORK_CASE);
    expect("nr.2026-12345,", NETWORK_CASE);
    expect("shihni https://keq.example/faqe", NETWORK_ADDRESS);
    expect("HXXP keq", NETWORK_ADDRESS);
    expect("hxxps//keq", NETWORK_ADDRESS);
    expect("keq.example/faqe", NETWORK_ADDRESS);
    expect("keq[.]example", NETWORK_ADDRESS);
    expect("www.KEQ", NETWORK_ADDRESS);
    expect("ana@posta.example", NETWORK_ADDRESS);
    expect("te 10.0.0.1 tani", NETWORK_ADDRESS);
    expect("x.xn--p1ai", NETWORK_ADDRESS);
    expect("t.me/grup", NETWORK_ADDRESS);
    expect("fjalë pastaj\nInstagram.com", NETWORK_ADDRESS);
}

// The same in other clothes.
static void disguises_are_seen_through(void **state)
{
    (void)state;
    static const struct { const char *text; enum network_fault fault; } rows[] = {
        {"rasti 2026/0001", NETWORK_CASE}, {"2026\u20130001", NETWORK_CASE}, {"2026\u20110001", NETWORK_CASE}, {"2026\u22120001", NETWORK_CASE},
        {"2026 - 0001", NETWORK_CASE}, {"2026 \u2014 0117.", NETWORK_CASE}, {"2026 0001", NETWORK_CASE}, {"2026_0001", NETWORK_CASE},
        {"2026.0001", NETWORK_CASE}, {"\uff12\uff10\uff12\uff16-\uff10\uff10\uff10\uff11", NETWORK_CASE}, {"20\u200b26-00\u00ad01", NETWORK_CASE},
        {"7KQ2/M4XD/90AB/CDEF/1234", NETWORK_RECEIPT}, {"7KQ2.M4XD.90AB.CDEF.1234", NETWORK_RECEIPT}, {"7kq2_m4xd_90ab_cdef_1234", NETWORK_RECEIPT},
        {"7KQ2, M4XD, 90AB, CDEF, 1234", NETWORK_RECEIPT}, {"7KQ2\u2011M4XD\u201190AB\u2011CDEF\u20111234", NETWORK_RECEIPT}, {"kodi:7KQ2 M4XD 90AB CDEF 1234", NETWORK_RECEIPT},
        {"01234567_89ab_cdef_0123_456789abcdef", NETWORK_ID}, {"01234567 89ab cdef 0123 456789abcdef", NETWORK_ID},
        {"01234567 - 89ab - cdef - 0123 - 456789abcdef", NETWORK_ID}, {"0123456789abcdef\u200b0123456789abcdef", NETWORK_ID},
        {"instagram/ana.k", NETWORK_ADDRESS}, {"TikTok: ana_k", NETWORK_ADDRESS}, {"insta / ana2012", NETWORK_ADDRESS}, {"@name_k_2012", NETWORK_ADDRESS},
        {"shkruaji @ana", NETWORK_ADDRESS}, {"x[dot]example", NETWORK_ADDRESS}, {"keq (dot) example", NETWORK_ADDRESS}, {"keq[ pikë ]example", NETWORK_ADDRESS},
        {"ana [at] posta [dot] example", NETWORK_ADDRESS}, {"face\u200bbook.com", NETWORK_ADDRESS}, {"facebook\u2060.com", NETWORK_ADDRESS}, {"FACEBOOK.COM", NETWORK_ADDRESS},
        {"keq\uff0eexample", NETWORK_ADDRESS}, {"keq\u3002example", NETWORK_ADDRESS}, {"\uff57\uff57\uff57\uff0ekeq", NETWORK_ADDRESS},
        {"069 123 4567", NETWORK_PHONE}, {"0691234567", NETWORK_PHONE}, {"tel.: 069-123-4567", NETWORK_PHONE}, {"04 222 3333", NETWORK_PHONE},
        {"+355 69 123 4567", NETWORK_PHONE}, {"00355691234567", NETWORK_PHONE}, {"(069) 12 34 567", NETWORK_PHONE},
        {"u.keq [.] pastaj", NETWORK_ADDRESS}, {"u.keq [.] fjalë", NETWORK_ADDRESS}, {"10.0.0.1 [.] fjalë", NETWORK_ADDRESS}, {"fjalë [.] 10.0.0.1", NETWORK_ADDRESS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect(rows[i].text, rows[i].fault);
}

// Any of them is found wherever it stands, in a word without end too.
static void wherever_it_stands(void **state)
{
    (void)state;
    static char text[20000];
    memset(text, 'z', sizeof text - 1);
    expect(text, NETWORK_FINE);
    memset(text, ' ', sizeof text - 1);
    memcpy(text + 15000, "keq.example", 11);
    expect(text, NETWORK_ADDRESS);
    memset(text, 'z', sizeof text - 1);
    memcpy(text + 9000, "://", 3);
    expect(text, NETWORK_ADDRESS);
    memset(text, '-', sizeof text - 1);
    expect(text, NETWORK_FINE);
    memset(text, '.', sizeof text - 1);
    expect(text, NETWORK_FINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plain_words_pass), cmocka_unit_test(what_belongs_to_a_case_is_refused),
                                       cmocka_unit_test(disguises_are_seen_through), cmocka_unit_test(wherever_it_stands)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

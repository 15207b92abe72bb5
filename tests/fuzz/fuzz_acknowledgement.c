// libs: report_base vault crypto text base
// The document that anybody may hand in to be checked. First byte even: the rest is one, refused or read; what was read is written
// and read again the same. Odd: the rest are bytes (place, value) put into a genuine one; whatever still passes says what was signed.
#include <assert.h>
#include <string.h>
#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct public_key pk;
static struct report_acknowledgement genuine;
static char document[REPORT_ACKNOWLEDGEMENT_MAX];
static size_t length;

static void begin(void)
{
    static uint8_t signature[SIGN_BYTES];
    uint8_t bytes[ACKNOWLEDGE_BYTES_MAX];
    struct key seed = {{7}};
    struct sign_key sk;
    assert(crypto_start() == OK);
    crypto_sign_pair(&pk, &sk, &seed);
    genuine = (struct report_acknowledgement){.a = {.install = {1}, .report = {{2}}, .received = INT64_C(1790000040000000), .category = STR("SEXT")},
        .named = true, .rest = {3}, .institution = STR("Shkolla “Njësia 1”"), .function = STR("teacher"), .signature = STR_BYTES(signature)};
    acknowledgement_bind(genuine.a.content, genuine.rest, genuine.institution, genuine.function);
    size_t signs = acknowledgement_bytes(&genuine.a, bytes);
    crypto_signature(signature, &sk, (struct str){(const char *)bytes, signs});
    struct buf out = {.at = document, .cap = sizeof document, .max = sizeof document};
    report_acknowledgement_write(&out, &pk, &genuine);
    assert(buf_ok(&out) == OK);
    length = out.n;
}

static void foreign(struct arena *a, struct str json)
{
    struct report_acknowledgement k = {0}, again = {0};
    struct buf out;
    enum err e = report_acknowledgement_read(a, json, &k);
    assert(e == OK || e == ERR_MALFORMED || e == ERR_MEMORY);
    if (e)
        return;
    assert(k.signature.n == SIGN_BYTES && k.a.received >= 0 && str_utf8_valid(k.a.category) && (k.named || k.institution.n + k.function.n == 0));
    e = report_acknowledgement_check(&k, &pk);
    assert(e == ERR_TAMPERED || str_equal(k.signature, genuine.signature));
    buf_init(&out, 64 * 1024);
    report_acknowledgement_write(&out, &pk, &k);
    if (buf_ok(&out) == OK && out.n <= REPORT_ACKNOWLEDGEMENT_MAX) {
        e = report_acknowledgement_read(a, buf_str(&out), &again);
        assert(e == ERR_MEMORY || (e == OK && id_equal(k.a.report, again.a.report) && k.a.received == again.a.received &&
                                   str_equal(k.a.category, again.a.category) && k.named == again.named &&
                                   str_equal(k.institution, again.institution) && str_equal(k.function, again.function)));
    }
    buf_free(&out);
}

static void altered(struct arena *a, const uint8_t *data, size_t n)
{
    char at[sizeof document];
    struct report_acknowledgement k = {0};
    memcpy(at, document, length);
    for (size_t i = 0; i + 2 < n; i += 3)
        at[(size_t)(data[i] << 8 | data[i + 1]) % length] = (char)data[i + 2];
    if (report_acknowledgement_read(a, (struct str){at, length}, &k) != OK || report_acknowledgement_check(&k, &pk) != OK)
        return;
    assert(id_equal(k.a.report, genuine.a.report) && k.a.received == genuine.a.received && str_equal(k.a.category, genuine.a.category) &&
           memcmp(k.a.content, genuine.a.content, 16) == 0 && memcmp(k.a.install, genuine.a.install, 16) == 0);
    assert(!k.named || (str_equal(k.institution, genuine.institution) && str_equal(k.function, genuine.function)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = NULL;
    if (!length)
        begin();
    if (n == 0 || arena_new(64 * 1024, &a))
        return 0;
    if (data[0] % 2)
        altered(a, data + 1, n - 1);
    else
        foreign(a, (struct str){(const char *)data + 1, n - 1});
    arena_free(&a);
    return 0;
}

// FILE: keys of evidence files, each bound to its thing; roles, audit, the budget.
#include "vault_frame.h"
#include <string.h>
#include "base/rand.h"

static void a_key_is_made_and_opened_for_its_own_thing(void **state)
{
    (void)state;
    struct token t = signed_in(CONTACT), officer = signed_in(OFFICER);
    struct id thing = id_random(), other = id_random();
    struct keeper_file f = {.id = id_random()}, got, two[2];
    int64_t before = acts(); // of sign-ins and the start
    assert_int_equal(keeper_files(keeper, &officer, KEEPER_FILE_NEW, KEEPER_FILE_VALUE, thing, &f, 1), ERR_FORBIDDEN);
    assert_int_equal(acts(), before + 1); // refused, and written down
    assert_int_equal(keeper_files(keeper, &t, KEEPER_FILE_NEW, KEEPER_FILE_VALUE, thing, &f, 1), OK);
    got = (struct keeper_file){.id = f.id};
    memcpy(got.wrap, f.wrap, sizeof got.wrap);
    assert_int_equal(keeper_files(keeper, &t, KEEPER_FILE_READ, KEEPER_FILE_VALUE, thing, &got, 1), OK);
    assert_memory_equal(got.seed.b, f.seed.b, KEY_BYTES);
    two[0] = two[1] = got;
    memset(two[1].seed.b, 0, KEY_BYTES);
    assert_int_equal(keeper_files(keeper, &t, KEEPER_FILE_LIST, KEEPER_FILE_VALUE, thing, two, 2), OK);
    assert_memory_equal(two[1].seed.b, f.seed.b, KEY_BYTES);
    // another thing, another kind, another file, one bit
    assert_int_equal(keeper_files(keeper, &t, KEEPER_FILE_READ, KEEPER_FILE_VALUE, other, &got, 1), ERR_TAMPERED);
    assert_int_equal(keeper_files(keeper, &t, KEEPER_FILE_READ, KEEPER_FILE_ENTRY, thing, &got, 1), ERR_TAMPERED);
    got.id = other;
    assert_int_equal(keeper_files(keeper, &t, KEEPER_FILE_READ, KEEPER_FILE_VALUE, thing, &got, 1), ERR_TAMPERED);
    got.id = f.id;
    got.wrap[40] ^= 1;
    assert_int_equal(keeper_files(keeper, &t, KEEPER_FILE_READ, KEEPER_FILE_VALUE, thing, &got, 1), ERR_TAMPERED);
    assert_int_equal(acts(), before + 12);
    // the wrong number of them
    assert_int_equal(keeper_files(keeper, &t, KEEPER_FILE_READ, KEEPER_FILE_VALUE, thing, two, 2), ERR_MALFORMED);
    assert_int_equal(keeper_files(keeper, &t, KEEPER_FILE_LIST, KEEPER_FILE_VALUE, thing, two, 0), ERR_TOO_LARGE);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_key_is_made_and_opened_for_its_own_thing)};
    return store_test_end(cmocka_run_group_tests(tests, frame_make, frame_end));
}

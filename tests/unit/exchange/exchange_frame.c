#include "vault_frame.h"
#include "exchange_frame.h"

_Static_assert((int)FRAME_OTHER == (int)OTHER && (int)FRAME_ADMIN == (int)ADMIN && (int)FRAME_CONTACT == (int)CONTACT, "the same persons");

void exchange_frame_make(void)
{
    assert_int_equal(frame_make(NULL), 0);
}

void exchange_frame_end(void)
{
    assert_int_equal(frame_end(NULL), 0);
}

struct keeper *exchange_frame_keeper(void)
{
    return keeper;
}

const char *exchange_frame_keys(void)
{
    return keys_dir;
}

struct id exchange_frame_person(enum frame_who who)
{
    return person[who].id;
}

struct id exchange_frame_unit(bool other)
{
    return other ? other_unit : duty_unit;
}

struct token exchange_frame_sign_in(enum frame_who who)
{
    return signed_in((enum who)who);
}

// Who gives whom the key of a unit, asked of the keeper's socket itself, as a captured desk would: nobody from outside, and
// a unit that an administrator founds can be given nothing until somebody who makes no accounts has confirmed it.
#include "vault_frame.h"
#include <stdio.h>
#include <string.h>
#include "base/clock.h"

struct made { struct id id; char totp[64], user[32]; };

// A person whom the administrator makes, as he would make a puppet: he knows password and secret.
static struct made make(const struct token *admin, const char *user, uint32_t made_roles)
{
    struct made m = {.id = {{0}}};
    struct buf totp;
    buf_init_secret(&totp, 64);
    assert_int_equal(keeper_person_add(keeper, admin, str_from(user), made_roles, STR("fjala e kukulles"), &m.id, &totp), OK);
    memcpy(m.totp, totp.at, totp.n);
    snprintf(m.user, sizeof m.user, "%s", user);
    buf_free(&totp);
    return m;
}

static enum err made_in(const struct made *m, struct token *t)
{
    struct keeper_session s;
    frame_time(31 * CLOCK_SECOND);
    return keeper_sign_in(keeper, str_from(m->user), STR("fjala e kukulles"), str_from(totp_now(m->totp)), m->id, t, &s, NULL);
}

static void nobody_admits_into_a_foreign_unit(void **state)
{
    (void)state;
    struct token admin = signed_in(ADMIN), officer = signed_in(OFFICER), second = signed_in(SECOND), other = signed_in(OTHER);
    const struct made guest = make(&admin, "mysafir", 1u << ROLE_DUTY_OFFICER);
    const struct id unit[2] = {duty_unit, other_unit};
    int64_t refused = entries("where seq > 0"), before;
    for (size_t i = 0; i < 2; i++) { // both have members
        before = acts();
        assert_int_equal(keeper_admit(keeper, &admin, unit[i], guest.id), ERR_FORBIDDEN);
        assert_int_equal(keeper_admit(keeper, &admin, unit[i], person[ADMIN].id), ERR_FORBIDDEN);
        assert_int_equal(acts(), before + 2); // each stands in the trail
    }
    assert_true(entries("where seq > 0") > refused);
    // Members of one unit, into the other: they have the right and not the key.
    assert_int_equal(keeper_admit(keeper, &officer, other_unit, guest.id), ERR_NO_KEY);
    assert_int_equal(keeper_admit(keeper, &officer, other_unit, person[OFFICER].id), ERR_NO_KEY);
    assert_int_equal(keeper_admit(keeper, &other, duty_unit, guest.id), ERR_NO_KEY);
    assert_int_equal(keeper_rotate(keeper, &officer, other_unit, person[OTHER].id), ERR_NO_KEY);
    assert_int_equal(keeper_admit(keeper, &officer, id_random(), guest.id), ERR_FORBIDDEN); // no member names a first one
    // A member without the right.
    assert_int_equal(keeper_admit(keeper, &other, other_unit, person[CONTACT].id), OK);
    struct token contact = signed_in(CONTACT);
    assert_int_equal(keeper_admit(keeper, &contact, other_unit, guest.id), ERR_FORBIDDEN);
    assert_int_equal(keeper_rotate(keeper, &contact, other_unit, person[OTHER].id), ERR_FORBIDDEN);
    // Who left: the session ends with the leaving, and a new one holds no key.
    assert_int_equal(keeper_rotate(keeper, &officer, duty_unit, person[SECOND].id), OK);
    assert_int_equal(keeper_admit(keeper, &second, duty_unit, guest.id), ERR_UNAUTHENTICATED);
    second = signed_in(SECOND);
    assert_int_equal(keeper_admit(keeper, &second, duty_unit, guest.id), ERR_NO_KEY);
    assert_int_equal(keeper_admit(keeper, &second, duty_unit, person[SECOND].id), ERR_NO_KEY); // nor back in
    // Who is disabled neither admits nor is admitted.
    assert_int_equal(keeper_person_disable(keeper, &admin, person[OTHER].id, true), OK);
    assert_int_equal(keeper_admit(keeper, &other, other_unit, guest.id), ERR_UNAUTHENTICATED);
    assert_int_equal(keeper_person_disable(keeper, &admin, guest.id, true), OK);
    assert_int_equal(keeper_admit(keeper, &officer, duty_unit, guest.id), ERR_NOT_FOUND);
    assert_int_equal(keeper_person_disable(keeper, &admin, guest.id, false), OK);
    assert_int_equal(keeper_person_disable(keeper, &admin, person[OTHER].id, false), OK);
    assert_int_equal(keeper_admit(keeper, &officer, duty_unit, person[SECOND].id), OK);
}

static void a_founded_unit_receives_nothing_before_it_is_confirmed(void **state)
{
    (void)state;
    const struct id force = {{0}}, unit = id_random();
    struct token admin = signed_in(ADMIN), officer = signed_in(OFFICER), puppet, confirmer, both;
    const struct made first = make(&admin, "i.pari", 1u << ROLE_DUTY_OFFICER | 1u << ROLE_OVERSIGHT);
    const struct made over = make(&admin, "mbikeqyrja", 1u << ROLE_OVERSIGHT);
    const struct made two = make(&admin, "dy.role", 1u << ROLE_OVERSIGHT | 1u << ROLE_ADMINISTRATOR);
    assert_int_equal(made_in(&over, &confirmer), OK);
    assert_int_equal(keeper_agree(keeper, &admin, force, 1), OK);
    assert_int_equal(keeper_agree(keeper, &officer, duty_unit, 1), OK); // `init` founded it
    assert_int_equal(keeper_confirm(keeper, &confirmer, duty_unit), ERR_CONFLICT);
    assert_int_equal(keeper_confirm(keeper, &confirmer, unit), ERR_NOT_FOUND); // it has no key yet
    assert_int_equal(keeper_admit(keeper, &admin, unit, first.id), OK);
    assert_int_equal(made_in(&first, &puppet), OK);
    int64_t before = acts();
    assert_int_equal(keeper_agree(keeper, &puppet, unit, 1), ERR_INVALID);
    assert_int_equal(acts(), before + 1);
    // Not the administrator, not the first member, nobody who makes accounts, nobody without the right.
    before = acts();
    assert_int_equal(keeper_confirm(keeper, &admin, unit), ERR_FORBIDDEN);
    assert_int_equal(keeper_confirm(keeper, &puppet, unit), ERR_FORBIDDEN);
    assert_int_equal(made_in(&two, &both), OK);
    assert_int_equal(keeper_confirm(keeper, &both, unit), ERR_FORBIDDEN);
    assert_int_equal(keeper_confirm(keeper, &officer, unit), ERR_FORBIDDEN);
    assert_int_equal(acts(), before + 5); // and the sign-in
    assert_int_equal(keeper_agree(keeper, &puppet, unit, 1), ERR_INVALID);
    // Nor by an administrator who has become something else since.
    assert_int_equal(keeper_person_roles(keeper, &both, person[ADMIN].id, 1u << ROLE_OVERSIGHT), OK);
    assert_int_equal(keeper_confirm(keeper, &admin, unit), ERR_FORBIDDEN);
    assert_int_equal(keeper_person_roles(keeper, &both, person[ADMIN].id, 1u << ROLE_ADMINISTRATOR), OK);
    assert_int_equal(keeper_confirm(keeper, &confirmer, unit), OK);
    assert_int_equal(keeper_confirm(keeper, &confirmer, unit), ERR_CONFLICT);
    assert_int_equal(keeper_agree(keeper, &puppet, unit, 1), OK);
}

static void whoever_makes_accounts_erases_nothing(void **state)
{
    (void)state;
    struct token admin = signed_in(ADMIN), asker, both, over_t;
    const struct made puppet = make(&admin, "kukulla", 1u << ROLE_DUTY_OFFICER);
    const struct made two = make(&admin, "dy.role2", 1u << ROLE_OVERSIGHT | 1u << ROLE_ADMINISTRATOR);
    const struct made over = make(&admin, "mbikeqyrja2", 1u << ROLE_OVERSIGHT);
    struct sample r;
    struct keeper_audit_at asked;
    sample_make(&r, duty_unit, "teksti", "http://a.example/fshirje");
    struct keeper_erase thing = {.id = r.home};
    audit_item_hash(thing.hash, (struct str){r.sealed, r.n});
    assert_int_equal(made_in(&puppet, &asker), OK);
    assert_int_equal(keeper_audit(keeper, &asker, AUDIT_ERASURE_ASKED, r.home, duty_unit, STR("asked"), &asked), OK);
    assert_int_equal(keeper_erase(keeper, &admin, r.home, &asked, &thing, 1), ERR_FORBIDDEN);
    assert_int_equal(made_in(&two, &both), OK);
    assert_int_equal(keeper_erase(keeper, &both, r.home, &asked, &thing, 1), ERR_FORBIDDEN);
    assert_int_equal(made_in(&over, &over_t), OK);
    assert_int_equal(keeper_erase(keeper, &over_t, r.home, &asked, &thing, 1), OK);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_admits_into_a_foreign_unit),
        cmocka_unit_test(a_founded_unit_receives_nothing_before_it_is_confirmed),
        cmocka_unit_test(whoever_makes_accounts_erases_nothing),
    };
    return store_test_end(cmocka_run_group_tests(tests, frame_make, frame_end));
}

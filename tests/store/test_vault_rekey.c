// The keeper gives a case a new key when a unit leaves it: who left with copies of its wraps and a live session reads nothing
// that is written afterwards, and nothing is sealed for it any more, whatever wraps a desk presents.
#include "vault_frame.h"
#include <string.h>
#include "base/clock.h"

#define OLD_KEYS 3

struct home { // a case as the desk stores it
    struct id id;
    struct record_ad ad;              // of the newest proof: an item under the newest key
    char sealed[4096];
    size_t n;
    struct keeper_wrap wrap;
    struct id unit;                   // whose wrap it is
    size_t n_children;                // the reports, then older keys
    struct keeper_child child[1 + OLD_KEYS];
};

static struct keeper_item proof(const struct home *h)
{
    return (struct keeper_item){.ad = h->ad, .sealed = {h->sealed, h->n}};
}

static struct keeper_path way(const struct home *h)
{
    return (struct keeper_path){.n = 1, .step = {{.unit = true, .parent = h->unit, .child = h->id, .epoch = h->wrap.epoch,
                                                  .generation = h->ad.generation, .sealed = STR_BYTES(h->wrap.sealed)}}};
}

static struct keeper_path way_to(const struct home *h, size_t child)
{
    struct keeper_path path = way(h);
    const struct keeper_child *c = &h->child[child];
    path.step[path.n++] = (struct keeper_step){.parent = h->id, .child = c->child, .kid = c->kid, .generation = c->generation,
                                               .sealed = STR_BYTES(c->wrap)};
    return path;
}

static void keep(struct home *h, const struct record_ad *ad, struct buf *sealed)
{
    assert_true(sealed->n <= sizeof h->sealed);
    memcpy(h->sealed, sealed->at, sealed->n);
    h->n = sealed->n;
    h->ad = *ad;
    buf_free(sealed);
}

static struct sample report; // of the duty unit, in the case

static void home_make(struct home *h, const struct token *t)
{
    struct buf sealed;
    struct record_ad ad = {.type = RECORD_CASE, .version = 1, .seq = 1, .home = id_random(), .item = id_random()};
    *h = (struct home){.id = ad.home, .unit = duty_unit};
    buf_init(&sealed, 4096);
    assert_int_equal(keeper_seal_home(keeper, t, &ad, STR("para"), &duty_unit, 1, &sealed, &h->wrap), OK);
    keep(h, &ad, &sealed);
    sample_make(&report, duty_unit, "raporti", "http://a.example/x");
    struct keeper_path path = way(h);
    struct keeper_item item = proof(h);
    struct keeper_child *c = &h->child[h->n_children++];
    c->child = report.home;
    assert_int_equal(keeper_link(keeper, t, &path, &item, &report.path, &report.one, c->wrap, &c->kid), OK);
}

// In t's session, who is a member of h's unit; done to a copy, so that what was before is still there.
static enum err rekey(struct home *h, const struct token *t, struct id leaver, const struct id *units, size_t n)
{
    struct record_ad ad = {.type = RECORD_CASE, .version = 1, .seq = h->ad.seq + 1, .home = h->id, .item = id_random(),
                           .generation = h->ad.generation + 1};
    struct keeper_rekey r = {.leaver = leaver, .units = units, .n_units = n, .child = h->child, .n_children = h->n_children};
    struct keeper_path path = way(h);
    struct keeper_item item = proof(h);
    struct buf sealed;
    buf_init(&sealed, 4096);
    enum err e = keeper_rekey(keeper, t, &path, &item, &ad, STR("pas"), &r, &sealed);
    if (e) {
        buf_free(&sealed);
        return e;
    }
    struct keeper_child *old = &h->child[h->n_children++];
    assert_true(h->n_children <= 1 + OLD_KEYS);
    *old = (struct keeper_child){.child = h->id, .kid = h->ad.kid, .generation = h->ad.generation};
    memcpy(old->wrap, r.own, sizeof r.own);
    keep(h, &ad, &sealed);
    h->wrap = r.wrap[0];
    return OK;
}

static enum err opens(const struct token *t, const struct keeper_path *path, struct keeper_item item, const char *text)
{
    struct arena *a = NULL;
    assert_int_equal(arena_new(1 << 20, &a), OK);
    enum err e = keeper_open(keeper, t, PURPOSE_READ, path, &item, 1, a);
    if (!e) {
        assert_true(str_equal_z(item.plain, text));
    }
    arena_free(&a);
    return e;
}

static enum err seals(const struct token *t, const struct home *h, const struct keeper_path *path)
{
    struct record_ad ad = h->ad;
    struct buf sealed;
    ad.item = id_random();
    ad.seq++;
    buf_init(&sealed, 4096);
    enum err e = keeper_seal(keeper, t, path, &ad, STR("e re"), &sealed);
    if (!e) { // and it is the home's present key that it lies under
        assert_memory_equal(ad.kid.b, h->ad.kid.b, sizeof ad.kid.b);
        assert_int_equal(opens(t, path, (struct keeper_item){.ad = ad, .sealed = buf_str(&sealed)}, "e re"), OK);
    }
    buf_free(&sealed);
    return e;
}

static void protocol(const struct token *admin, const struct token *other)
{
    const struct id force = {{0}};
    static bool done;
    if (!done) {
        assert_int_equal(keeper_agree(keeper, admin, force, 1), OK);
        assert_int_equal(keeper_agree(keeper, other, other_unit, 1), OK);
    }
    done = true;
}

// The case goes from the duty unit to the other one, as a transfer does it. Out: both sides' homes.
static void transfer(struct home *was, struct home *now, const struct token *officer, const struct token *other)
{
    home_make(was, officer);
    *now = *was;
    struct keeper_path path = way(was);
    struct keeper_item item = proof(was);
    assert_int_equal(keeper_grant(keeper, officer, &path, &item, other_unit, 7, was->id, &now->wrap), OK);
    now->unit = other_unit;
    assert_int_equal(rekey(now, other, duty_unit, &other_unit, 1), OK);
}

static void who_left_reads_nothing_new(void **state)
{
    (void)state;
    frame_time(CLOCK_HOUR);
    struct token admin = signed_in(ADMIN), officer = signed_in(OFFICER), other = signed_in(OTHER);
    protocol(&admin, &other);
    struct home was, now;
    int64_t before = acts();
    transfer(&was, &now, &officer, &other);
    struct keeper_item old = proof(&was), fresh = proof(&now), one = report.one;
    struct keeper_path copy = way(&was), copy_report = way_to(&was, 0), mine = way(&now), to_report = way_to(&now, 0), to_old = way_to(&now, 1);
    assert_int_equal(old.ad.generation, 0);
    assert_int_equal(fresh.ad.generation, 1);
    assert_true(memcmp(old.ad.kid.b, fresh.ad.kid.b, sizeof old.ad.kid.b) != 0);
    assert_int_equal(acts(), before + 4); // HOME, LINK, GRANT, REKEY

    // Until the new owner has read by the new way the copies still open what they opened: it was readable to their holder.
    assert_int_equal(opens(&officer, &copy, old, "para"), OK);
    assert_int_equal(opens(&officer, &copy, fresh, "pas"), ERR_TAMPERED);
    assert_int_equal(opens(&officer, &mine, fresh, "pas"), ERR_NO_KEY); // not his unit

    // The new owner reads all of it: what is new, what was before, the report; and writes under the new key alone.
    assert_int_equal(opens(&other, &mine, fresh, "pas"), OK);
    assert_int_equal(opens(&other, &to_report, one, "raporti"), OK);
    assert_int_equal(store_test_number("select count(*) from keeper.replaced"), 1); // the report's: its way is the case's
    assert_int_equal(opens(&other, &to_old, old, "para"), OK);
    assert_int_equal(store_test_number("select count(*) from keeper.replaced"), 2);
    assert_int_equal(opens(&other, &to_old, old, "para"), OK);
    assert_int_equal(store_test_number("select count(*) from keeper.replaced"), 2);
    assert_int_equal(seals(&other, &now, &mine), OK);
    assert_int_equal(seals(&other, &now, &to_old), ERR_MALFORMED);
    struct keeper_item lie = old;
    lie.ad.generation = 1;
    assert_int_equal(opens(&other, &to_old, lie, "para"), ERR_TAMPERED);
    struct keeper_path wrong = to_old;
    wrong.step[1].generation = 1;
    assert_int_equal(opens(&other, &wrong, old, "para"), ERR_TAMPERED);

    // From now on the copies open nothing and have nothing sealed, linked, shared or made anew, in any session.
    struct keeper_wrap wrap;
    struct kid kid;
    uint8_t child[RECORD_WRAP_BYTES];
    struct home again = was;
    before = acts();
    assert_int_equal(opens(&officer, &copy, old, "para"), ERR_NO_KEY);
    assert_int_equal(opens(&officer, &copy, fresh, "pas"), ERR_NO_KEY);
    assert_int_equal(opens(&officer, &copy_report, one, "raporti"), ERR_NO_KEY);
    assert_int_equal(seals(&officer, &was, &copy), ERR_NO_KEY);
    assert_int_equal(keeper_grant(keeper, &officer, &copy, &old, other_unit, 7, was.id, &wrap), ERR_NO_KEY);
    assert_int_equal(keeper_link(keeper, &officer, &copy, &old, &report.path, &report.one, child, &kid), ERR_NO_KEY);
    assert_int_equal(rekey(&again, &officer, other_unit, &duty_unit, 1), ERR_NO_KEY);
    assert_int_equal(acts() - before, 12); // openings, GRANT, LINK: what was asked and that it failed; SEAL, REKEY: that it failed
    struct keeper_path granted = copy; // nor does the wrap that the transfer itself carried
    granted.step[0].parent = other_unit;
    struct home half = now;
    half.ad = was.ad;
    assert_int_equal(seals(&other, &half, &granted), ERR_TAMPERED); // another unit's wrap
    assert_int_equal(opens(&officer, &report.path, report.one, "raporti"), ERR_NO_KEY); // the report went with the case
    struct audit_report whole;
    assert_int_equal(verify(&whole), OK);
}

static void a_wrap_of_the_old_key_seals_nothing(void **state)
{
    (void)state;
    frame_time(CLOCK_HOUR);
    struct token officer = signed_in(OFFICER), other = signed_in(OTHER);
    struct home was, now, half;
    home_make(&was, &officer);
    half = was;
    struct keeper_path path = way(&was);
    struct keeper_item item = proof(&was);
    assert_int_equal(keeper_grant(keeper, &officer, &path, &item, other_unit, 7, was.id, &half.wrap), OK);
    half.unit = other_unit; // what the transfer carried: of the old key, for the new owner
    now = half;
    assert_int_equal(rekey(&now, &other, duty_unit, &other_unit, 1), OK);
    struct keeper_path old_way = way(&half), to_old = way_to(&now, 1);
    assert_int_equal(seals(&other, &half, &old_way), OK); // a desk that died before it stored the new key goes on with this
    struct buf dated; // sealed under the old key and said to be of the new generation: it does not pass for either
    struct record_ad later = now.ad;
    later.item = id_random();
    buf_init(&dated, 4096);
    assert_int_equal(keeper_seal(keeper, &other, &old_way, &later, STR("x"), &dated), OK);
    struct keeper_path mine = way(&now);
    assert_int_equal(opens(&other, &to_old, (struct keeper_item){.ad = later, .sealed = buf_str(&dated)}, "x"), ERR_TAMPERED);
    assert_int_equal(opens(&other, &mine, (struct keeper_item){.ad = later, .sealed = buf_str(&dated)}, "x"), ERR_TAMPERED);
    buf_free(&dated);
    assert_int_equal(opens(&other, &to_old, item, "para"), OK);
    assert_int_equal(seals(&other, &half, &old_way), ERR_NO_KEY); // a captured desk that presents it, in the new owner's session
    assert_int_equal(opens(&other, &old_way, item, "para"), ERR_NO_KEY);
    assert_int_equal(store_test_number("select count(*) from keeper.replaced"), 4); // with those of the test before
    store_test_sql("update keeper.replaced set kid = home"); // past the keeper: told, not believed
    assert_int_equal(opens(&other, &mine, proof(&now), "pas"), ERR_TAMPERED);
    store_test_sql("delete from keeper.replaced");
}

static void the_way_stays_short(void **state)
{
    (void)state;
    frame_time(CLOCK_HOUR);
    struct token officer = signed_in(OFFICER);
    struct home h, past[OLD_KEYS + 1];
    home_make(&h, &officer);
    for (int i = 0; i < OLD_KEYS; i++) {
        past[i] = h;
        assert_int_equal(rekey(&h, &officer, other_unit, &duty_unit, 1), OK);
    }
    assert_int_equal(h.ad.generation, OLD_KEYS);
    struct keeper_path to_report = way_to(&h, 0);
    assert_int_equal(opens(&officer, &to_report, report.one, "raporti"), OK);
    for (int i = OLD_KEYS - 1; i >= 0; i--) {
        struct keeper_path to_old = way_to(&h, 1 + (size_t)i), direct = way(&past[i]);
        assert_int_equal(to_old.n, 2);
        assert_int_equal(opens(&officer, &to_old, proof(&past[i]), i ? "pas" : "para"), OK);
        assert_int_equal(opens(&officer, &direct, proof(&past[i]), ""), ERR_NO_KEY);
        struct keeper_path beyond = to_old; // under an older key nothing hangs: unit → home → home → home
        beyond.step[beyond.n++] = to_old.step[1];
        assert_int_equal(opens(&officer, &beyond, proof(&past[i]), ""), ERR_MALFORMED);
    }
    assert_int_equal(store_test_number("select count(*) from keeper.replaced"), OLD_KEYS + 1); // the report's once
    struct keeper_erase gone[2] = {{.is_case = true, .id = h.id}, {.id = report.home}};
    assert_int_equal(keeper_erase(keeper, NULL, (struct id){{0}}, &(struct keeper_audit_at){{0}, 0}, gone, 1), OK);
    assert_int_equal(store_test_number("select count(*) from keeper.replaced"), 1);
    assert_int_equal(keeper_erase(keeper, NULL, (struct id){{0}}, &(struct keeper_audit_at){{0}, 0}, gone + 1, 1), OK);
    assert_int_equal(store_test_number("select count(*) from keeper.replaced"), 0);
}

// A message of the report's reporter, as the portal seals it; its number.
static struct keeper_item written(struct buf *sealed, uint64_t seq, enum record_direction direction)
{
    struct record_ad ad = {.type = RECORD_THREAD, .version = 1, .seq = seq, .home = report.thread, .item = id_random(), .direction = direction,
                           .kid = record_kid(&report.k_t)};
    buf_init(sealed, 4096);
    assert_int_equal(record_seal(sealed, &report.k_t, &ad, STR("fjala e femijes")), OK);
    return (struct keeper_item){.ad = ad, .sealed = buf_str(sealed)};
}

static enum err answers(const struct token *t, const struct keeper_path *path, enum record_direction direction)
{
    struct record_ad ad = {.type = RECORD_THREAD, .version = 1, .seq = 9, .home = report.thread, .item = id_random(), .direction = direction};
    struct buf sealed;
    buf_init(&sealed, 4096);
    enum err e = keeper_seal(keeper, t, path, &ad, STR("pergjigje"), &sealed);
    buf_free(&sealed);
    return e;
}

static struct keeper_path thread_by(struct keeper_path path)
{
    const struct keeper_step *last = &report.thread_path.step[report.thread_path.n - 1];
    path.step[path.n++] = *last;
    return path;
}

// The thread's key is the reporter's and stays; what opens it goes with the case. Also what the child writes afterwards: copies of
// both ways, with a live session, open nothing of it.
static void the_child_writes_to_whoever_has_the_case(void **state)
{
    (void)state;
    frame_time(CLOCK_HOUR);
    struct token officer = signed_in(OFFICER), other = signed_in(OTHER), contact = signed_in(CONTACT);
    struct home was, now;
    struct buf before_, after_;
    home_make(&was, &officer);
    struct keeper_path direct = report.thread_path, by_case = thread_by(way_to(&was, 0));
    struct keeper_item early = written(&before_, 1, RECORD_UP);
    assert_int_equal(by_case.n, 3);
    assert_int_equal(opens(&officer, &direct, early, "fjala e femijes"), OK);
    assert_int_equal(opens(&officer, &by_case, early, "fjala e femijes"), OK);
    assert_int_equal(opens(&contact, &by_case, early, ""), ERR_FORBIDDEN); // this frame's contact may read no cases
    now = was;
    struct keeper_path path = way(&was);
    struct keeper_item item = proof(&was);
    assert_int_equal(keeper_grant(keeper, &officer, &path, &item, other_unit, 7, was.id, &now.wrap), OK);
    now.unit = other_unit;
    assert_int_equal(rekey(&now, &other, duty_unit, &other_unit, 1), OK);
    struct keeper_path mine = thread_by(way_to(&now, 0)), older = way_to(&now, 1);
    struct keeper_item late = written(&after_, 2, RECORD_UP);
    assert_int_equal(opens(&other, &mine, late, "fjala e femijes"), OK);
    assert_int_equal(opens(&other, &mine, early, "fjala e femijes"), OK);
    assert_int_equal(answers(&other, &mine, RECORD_DOWN), OK);
    assert_int_equal(answers(&other, &mine, RECORD_UP), ERR_FORBIDDEN); // never in the reporter's name
    assert_int_equal(opens(&officer, &direct, late, ""), ERR_NO_KEY); // at once
    assert_int_equal(answers(&officer, &direct, RECORD_DOWN), ERR_NO_KEY);
    assert_int_equal(opens(&officer, &mine, late, ""), ERR_NO_KEY); // not his unit
    assert_int_equal(opens(&other, &older, proof(&was), "para"), OK); // the new key is seen in use
    assert_int_equal(opens(&officer, &by_case, late, ""), ERR_NO_KEY);
    assert_int_equal(answers(&officer, &by_case, RECORD_DOWN), ERR_NO_KEY);
    buf_free(&before_);
    buf_free(&after_);
}

static void who_may_and_what_is_refused(void **state)
{
    (void)state;
    frame_time(CLOCK_HOUR);
    struct token officer = signed_in(OFFICER), other = signed_in(OTHER), contact = signed_in(CONTACT);
    struct home h, copy;
    home_make(&h, &officer);
    const struct id both[2] = {duty_unit, other_unit}, swapped[2] = {other_unit, duty_unit}, twice[2] = {duty_unit, duty_unit};
    const struct id unknown[2] = {duty_unit, id_random()}, nobody = {{0}}, leaver = id_random();
    copy = h;
    assert_int_equal(rekey(&copy, &contact, leaver, both, 1), ERR_FORBIDDEN);
    assert_int_equal(rekey(&copy, &other, leaver, both, 1), ERR_NO_KEY);
    assert_int_equal(rekey(&copy, &officer, nobody, both, 1), ERR_MALFORMED);
    assert_int_equal(rekey(&copy, &officer, duty_unit, both, 1), ERR_MALFORMED);  // who leaves does not stay
    assert_int_equal(rekey(&copy, &officer, other_unit, both, 2), ERR_MALFORMED);
    assert_int_equal(rekey(&copy, &officer, leaver, swapped, 2), ERR_MALFORMED);  // the first is the maker's
    assert_int_equal(rekey(&copy, &officer, leaver, twice, 2), ERR_MALFORMED);
    assert_int_equal(rekey(&copy, &officer, leaver, unknown, 2), ERR_NOT_FOUND);
    copy = h;
    copy.ad.meta[0] ^= 1; // the proof
    assert_int_equal(rekey(&copy, &officer, leaver, both, 1), ERR_TAMPERED);
    copy = h;
    copy.child[0].wrap[30] ^= 1;
    int64_t before = acts();
    assert_int_equal(rekey(&copy, &officer, leaver, both, 1), ERR_TAMPERED);
    assert_int_equal(acts(), before + 1); // that it failed: none says that it was done
    copy = h;
    copy.child[copy.n_children++] = (struct keeper_child){.child = h.id, .generation = 0}; // no older key is as new as this one
    assert_int_equal(rekey(&copy, &officer, leaver, both, 1), ERR_MALFORMED);
    copy = h;
    assert_int_equal(rekey(&copy, &officer, leaver, both, 2), OK); // two stay
    assert_int_equal(copy.ad.generation, 1);
    store_test_sql("update keeper.agreed set version = 4"); // past the keeper
    copy = h;
    assert_int_equal(rekey(&copy, &officer, leaver, both, 1), OK); // one's own unit needs none
    store_test_sql("delete from keeper.agreed");
    copy = h;
    assert_int_equal(rekey(&copy, &officer, leaver, both, 2), ERR_CONFLICT);
    struct audit_report whole;
    assert_int_equal(verify(&whole), OK);
}

static void it_costs_what_reading_costs(void **state)
{
    (void)state;
    frame_time(CLOCK_DAY);
    struct token t = signed_in(OFFICER);
    frame_time(CLOCK_MINUTE - clock_now() % CLOCK_MINUTE + CLOCK_SECOND);
    enum err e = OK;
    int made = 0;
    while (!e && made < 50) {
        struct buf sealed;
        struct home h = {.id = id_random(), .unit = duty_unit};
        struct record_ad ad = {.type = RECORD_CASE, .version = 1, .seq = 1, .home = h.id, .item = id_random()};
        buf_init(&sealed, 4096);
        assert_int_equal(keeper_seal_home(keeper, &t, &ad, STR("para"), &duty_unit, 1, &sealed, &h.wrap), OK);
        keep(&h, &ad, &sealed);
        e = rekey(&h, &t, other_unit, &duty_unit, 1);
        made += !e;
    }
    assert_int_equal(made, 40);
    assert_int_equal(e, ERR_LIMITED);
}

// The files of a backup are a moment apart: a key that the keeper's says is old may be the one that the desk's has. So a restore
// forgets, and who reads the case by the newer key says it again.
static void a_restore_shuts_nothing_out(void **state)
{
    (void)state;
    frame_time(CLOCK_HOUR);
    struct token officer = signed_in(OFFICER);
    struct home was, now;
    struct buf why;
    home_make(&was, &officer);
    now = was;
    assert_int_equal(rekey(&now, &officer, other_unit, &duty_unit, 1), OK);
    struct keeper_path old_way = way(&was), to_old = way_to(&now, 1), mine = way(&now);
    assert_int_equal(opens(&officer, &to_old, proof(&was), "para"), OK);
    assert_int_equal(seals(&officer, &was, &old_way), ERR_NO_KEY);
    frame_stop();
    struct store *admin = store_test_open("admin", "*", "");
    buf_init(&why, 1024);
    assert_int_equal(keeper_setup_restore(admin, keys_dir, heads_dir, &why), OK);
    buf_free(&why);
    store_close(admin);
    frame_start();
    officer = signed_in(OFFICER);
    assert_int_equal(seals(&officer, &was, &old_way), OK); // all that a desk of that moment had
    assert_int_equal(seals(&officer, &now, &mine), OK);
    assert_int_equal(opens(&officer, &to_old, proof(&was), "para"), OK);
    assert_int_equal(seals(&officer, &was, &old_way), ERR_NO_KEY);
    assert_int_equal(seals(&officer, &now, &mine), OK);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_left_reads_nothing_new),
        cmocka_unit_test(a_wrap_of_the_old_key_seals_nothing),
        cmocka_unit_test(the_way_stays_short),
        cmocka_unit_test(the_child_writes_to_whoever_has_the_case),
        cmocka_unit_test(who_may_and_what_is_refused),
        cmocka_unit_test(it_costs_what_reading_costs),
        cmocka_unit_test(a_restore_shuts_nothing_out),
    };
    return store_test_end(cmocka_run_group_tests(tests, frame_make, frame_end));
}

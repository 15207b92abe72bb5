// The people room on the store, as both engines keep it.
#include "store_test.h"
#include <stdlib.h>
#include "base/share.h"
#include "people/store.h"

static struct store *store;
static struct pack *pack;
static struct arena *arena;

#define SAME(s_, z) do { struct str got_ = (s_); if (!str_equal_z(got_, z)) { fail_msg("'%.*s' is not '%s'", STR_ARG(got_), z); } } while (0)

static struct id id_of(uint8_t n)
{
    struct id id = {.b = {0xaa}};
    id.b[15] = n;
    return id;
}

static enum err set_up_db(struct db *db, void *arg)
{
    (void)arg;
    static const struct { uint8_t id; const char *user, *name, *mail; uint32_t roles; } persons[] = {
        {1, "officer", "Çelik Dema", "officer@x.example", 1u << ROLE_DUTY_OFFICER},
        {2, "analyst", "Ëngjëll Cani", "analyst@x.example", 1u << ROLE_ANALYST},
        {3, "boss", "Ana Zeka", "", 1u << ROLE_SUPERVISOR},
        {4, "admin", "zana Berisha", "admin@x.example", 1u << ROLE_ADMINISTRATOR},
    };
    enum err e = people_setup_institutions(db, pack);
    if (e == OK) {
        e = people_setup_institutions(db, pack); // again: nothing twice
    }
    if (e == OK) {
        e = people_setup_unit(db, id_of(100), STR("ISIGURT"), STR("desk"), STR(""));
    }
    for (size_t i = 0; e == OK && i < 4; i++) {
        struct id id = id_of(persons[i].id);
        e = people_setup_person(db, id, str_from(persons[i].user), str_from(persons[i].name), STR("ISIGURT"), str_from(persons[i].mail), STR("sq"));
        e = e != OK ? e : people_setup_roles(db, id, persons[i].roles);
        e = e != OK || i == 3 ? e : people_setup_member(db, id_of(100), id);
    }
    return e;
}

static void set_up(void **state)
{
    (void)state;
    assert_int_equal(store_write(store, set_up_db, NULL), OK);
    assert_int_equal(store_test_number("select count(*) from desk.institution"), 31 + 122 + 42);
    assert_int_equal(store_test_number("select count(*) from desk.person"), 4);
    assert_int_equal(store_write(store, set_up_db, NULL), ERR_CONFLICT); // the unit is there: undone as a whole
    assert_int_equal(store_test_number("select count(*) from desk.person"), 4);
}

static enum err persons_db(struct db *db, void *arg)
{
    (void)arg;
    struct people_person p[3];
    size_t n = 0;
    assert_int_equal(person_list_db(db, arena, (struct id){0}, STR(""), p, 3, &n), OK);
    assert_int_equal(n, 3);
    SAME(p[0].name, "Ana Zeka"); // sorted as read: Ç and Ë with C and E, small letters with large ones
    SAME(p[1].name, "Çelik Dema");
    SAME(p[2].name, "Ëngjëll Cani");
    SAME(p[1].institution_code, "ISIGURT");
    SAME(p[1].mail, "officer@x.example");
    assert_int_equal(p[1].roles, 1u << ROLE_DUTY_OFFICER);
    assert_false(p[1].disabled);
    assert_int_equal(person_list_db(db, arena, p[2].id, STR(""), p, 3, &n), OK);
    assert_int_equal(n, 1);
    SAME(p[0].user, "admin");
    assert_int_equal(person_list_db(db, arena, p[0].id, STR(""), p, 3, &n), OK);
    assert_int_equal(n, 0);
    assert_int_equal(person_find_db(db, arena, id_of(9), p), ERR_NOT_FOUND);
    struct str name = {0};
    assert_int_equal(people_name(db, arena, id_of(2), &name), OK);
    SAME(name, "Ëngjëll Cani");
    assert_int_equal(people_name(db, arena, id_of(9), &name), OK);
    SAME(name, "aa000000");
    struct id found = {0};
    assert_int_equal(people_find_user(db, STR("boss"), &found), OK);
    assert_true(id_equal(found, id_of(3)));
    assert_int_equal(people_find_user(db, STR("Boss"), &found), ERR_NOT_FOUND);
    assert_int_equal(member_find_db(db, id_of(100), id_of(3)), OK);
    assert_int_equal(member_find_db(db, id_of(100), id_of(4)), ERR_NOT_FOUND);
    return OK;
}

static void persons(void **state)
{
    (void)state;
    assert_int_equal(store_read(store, persons_db, NULL), OK);
}

static enum err institutions_db(struct db *db, void *arg)
{
    (void)arg;
    static struct people_institution i[200];
    size_t first = 0;
    size_t second = 0;
    assert_int_equal(institution_list_db(db, arena, (struct id){0}, i, 20, &first), OK);
    assert_int_equal(first, 20);
    assert_int_equal(institution_list_db(db, arena, i[19].id, i, 200, &second), OK);
    assert_int_equal(second, 31 + 122 + 42 - 20);
    struct id id = {0};
    assert_int_equal(people_institution_find(db, STR("ISIGURT"), &id), OK);
    assert_int_equal(institution_find_db(db, arena, id, i), OK);
    assert_int_equal(i[0].units, 1);
    SAME(i[0].name_en, "National Platform for Child Internet Safety");
    struct people_unit u[5];
    size_t n = 0;
    assert_int_equal(unit_list_db(db, arena, u, 5, &n), OK);
    assert_int_equal(n, 1);
    assert_int_equal(u[0].members, 3);
    SAME(u[0].room, "desk");
    assert_int_equal(member_units_db(db, arena, id_of(1), u, 5, &n), OK);
    assert_int_equal(n, 1);
    assert_int_equal(member_units_db(db, arena, id_of(4), u, 5, &n), OK);
    assert_int_equal(n, 0);
    return OK;
}

static void institutions(void **state)
{
    (void)state;
    assert_int_equal(store_read(store, institutions_db, NULL), OK);
}

// ── the roster ──

static struct people_slot wanted;

static enum err add_db(struct db *db, void *arg)
{
    (void)arg;
    return roster_add_db(db, &wanted);
}

static void add(uint8_t id, uint8_t person, int64_t starts, int64_t ends, int64_t place, enum err expected)
{
    wanted = (struct people_slot){.id = id_of(id), .unit = id_of(100), .person = id_of(person), .starts = starts, .ends = ends, .place = place};
    assert_int_equal(store_write(store, add_db, NULL), expected);
}

static struct people_oncall called[5];
static size_t n_called;

static enum err oncall_db(struct db *db, void *arg)
{
    return people_oncall(db, arena, id_of(100), *(int64_t *)arg, called, 5, &n_called);
}

// "12": persons 1 and 2, in this order.
static void on_call(int64_t now, const char *persons_)
{
    assert_int_equal(store_read(store, oncall_db, &now), OK);
    char got[8] = "";
    for (size_t i = 0; i < n_called; i++) {
        got[i] = (char)('0' + called[i].person.b[15]);
    }
    assert_string_equal(got, persons_);
}

static enum err disable_db(struct db *db, void *arg)
{
    return person_disable_db(db, id_of(1), *(bool *)arg);
}

static enum err leave_db(struct db *db, void *arg)
{
    (void)arg;
    return member_remove_db(db, id_of(100), id_of(2));
}

static enum err clear_db(struct db *db, void *arg)
{
    (void)arg;
    return member_clear_db(db, id_of(1));
}

static void roster(void **state)
{
    (void)state;
    on_call(1000, "");
    add(1, 1, 1000, 2000, 2, OK);
    add(2, 2, 500, INT64_MAX, 1, OK);
    add(3, 3, 0, INT64_MAX, 1, OK);              // has no mail address: nobody to be called
    add(4, 1, 1100, 2000, 3, OK);                // twice at once: called once, at the first place
    add(8, 1, 1000, 2000, 2, ERR_CONFLICT);      // the same once more
    add(9, 2, 500, INT64_MAX, 4, ERR_CONFLICT);  // nor at another place, nor without an end
    add(5, 4, 0, INT64_MAX, 1, ERR_NOT_FOUND);   // no member
    add(6, 1, 2000, 1000, 1, ERR_CONFLICT);      // ends before it starts
    add(7, 1, 1000, 2000, 0, ERR_CONFLICT);      // places are 1 to 9
    on_call(499, "");
    on_call(500, "2");
    on_call(999, "2");
    on_call(1000, "21");
    on_call(1999, "21");
    on_call(2000, "2");
    assert_int_equal(store_read(store, oncall_db, &(int64_t){1500}), OK);
    SAME(called[0].mail, "analyst@x.example");
    SAME(called[0].language, "sq");
    assert_int_equal(called[1].order, 2);
    bool yes = true;
    assert_int_equal(store_write(store, disable_db, &yes), OK);
    on_call(1500, "2");
    bool no = false;
    assert_int_equal(store_write(store, disable_db, &no), OK);
    on_call(1500, "21");
}

static enum err slots_db(struct db *db, void *arg)
{
    (void)arg;
    struct people_slot s[5];
    size_t n = 0;
    assert_int_equal(roster_list_db(db, arena, id_of(100), 2000, s, 5, &n), OK);
    assert_int_equal(n, 2); // what ends by then is left out
    assert_true(id_equal(s[0].id, id_of(3)) && id_equal(s[1].id, id_of(2)));
    assert_true(s[0].ends == INT64_MAX && s[0].works);
    SAME(s[1].name, "Ëngjëll Cani");
    assert_int_equal(roster_find_db(db, arena, id_of(1), s), OK);
    assert_true(s[0].starts == 1000 && s[0].ends == 2000 && s[0].place == 2);
    assert_int_equal(roster_find_db(db, arena, id_of(77), s), ERR_NOT_FOUND);
    return OK;
}

static enum err remove_db(struct db *db, void *arg)
{
    return roster_remove_db(db, *(struct id *)arg);
}

static void slots_and_leaving(void **state)
{
    (void)state;
    assert_int_equal(store_read(store, slots_db, NULL), OK);
    struct id third = id_of(3);
    assert_int_equal(store_write(store, remove_db, &third), OK);
    assert_int_equal(store_write(store, remove_db, &third), ERR_NOT_FOUND);
    assert_int_equal(store_write(store, leave_db, NULL), OK); // leaves the unit, and its roster
    on_call(1500, "1");
    assert_int_equal(store_test_number("select count(*) from desk.roster"), 2);
    assert_int_equal(store_write(store, clear_db, NULL), OK);
    on_call(1500, "");
    assert_int_equal(store_test_number("select count(*) from desk.roster"), 0);
    assert_int_equal(store_test_number("select count(*) from desk.member"), 1);
}

static enum err read_db(struct db *db, void *arg)
{
    return person_find_db(db, arena, id_of(4), arg);
}

static enum err change_db(struct db *db, void *arg)
{
    return person_change_db(db, arena, arg);
}

static enum err roles_db(struct db *db, void *arg)
{
    return person_roles_db(db, id_of(4), *(uint32_t *)arg);
}

static enum err changed_db(struct db *db, void *arg)
{
    (void)arg;
    struct people_person p;
    assert_int_equal(person_list_db(db, arena, (struct id){0}, STR(""), &p, 1, &(size_t){0}), OK);
    SAME(p.name, "Ágnes B"); // sorted anew
    SAME(p.mail, "new@x.example");
    assert_int_equal(p.roles, 3);
    return OK;
}

static void change(void **state)
{
    (void)state;
    struct people_person p;
    assert_int_equal(store_read(store, read_db, &p), OK);
    p.name = STR("Ágnes B");
    p.mail = STR("new@x.example");
    assert_int_equal(store_write(store, change_db, &p), OK);
    assert_int_equal(store_write(store, roles_db, &(uint32_t){3}), OK);
    p.id = id_of(9);
    assert_int_equal(store_write(store, change_db, &p), ERR_NOT_FOUND);
    assert_int_equal(store_read(store, changed_db, NULL), OK);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    char path[SHARE_PATH_MAX];
    struct buf why;
    buf_init(&why, 65536);
    if (pack_open(share_path("country/al", path, sizeof path), &pack, &why) != OK || arena_new(1 << 20, &arena) != OK) {
        print_error("%.*s\n", STR_ARG(buf_str(&why)));
        return 1;
    }
    buf_free(&why);
    store = store_test_open("desk", "desk", "");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_up), cmocka_unit_test(persons), cmocka_unit_test(institutions), cmocka_unit_test(roster),
        cmocka_unit_test(slots_and_leaving), cmocka_unit_test(change),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    store_close(store);
    arena_free(&arena);
    pack_close(&pack);
    return store_test_end(failures);
}

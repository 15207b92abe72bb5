// The store and the statements that tests of the plan stand on.
#include "plan_room.h"

struct services sv;
static struct buf out;
struct arena *arena;
const struct pack_plan *plan;
struct id somebody;
int64_t now;
const char UNIT[33] = "aa000000000000000000000000000001";

const char *bytes(const char *hex)
{
    static char text[8][80];
    static int i;
    i = (i + 1) % 8;
    snprintf(text[i], sizeof text[i], store_test_sqlite() ? "x'%s'" : "'\\x%s'::bytea", hex);
    return text[i];
}

void sql(const char *format, ...)
{
    static char text[8192];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    store_test_sql(text);
}

enum err begin_write(struct db *db, void *arg)
{
    (void)arg;
    enum err e = people_setup_institutions(db, sv.pack);
    return e ? e : plan_begin_db(db, sv.pack, now);
}

void contact(const char *unit)
{
    sql("insert into desk.member (unit, person) values (%s, %s)", bytes(unit), bytes("cc000000000000000000000000000001"));
    sql("insert into desk.contact (unit, person, place) values (%s, %s, 1)", bytes(unit), bytes("cc000000000000000000000000000001"));
}

int setup(void **state)
{
    (void)state;
    store_test_country(&sv, &out);
    sv.store = store_test_open("desk", "desk", "intake");
    sv.roles = people_role_table();
    plan = pack_plan(sv.pack);
    somebody = id_random();
    now = INT64_C(1576407600000000);
    assert_int_equal(plan_day(now), 20191215);
    assert_int_equal(store_write(sv.store, begin_write, NULL), OK);
    sql("insert into desk.unit (id, institution, room, name) select %s, id, 'desk', '' from desk.institution where code = 'ISIGURT'", bytes(UNIT));
    sql("insert into desk.unit (id, institution, room, name) select %s, id, 'exchange', '' from desk.institution where code = 'AKEP'", bytes("aa000000000000000000000000000002"));
    sql("insert into desk.unit (id, institution, room, name) select %s, id, 'exchange', '' from desk.institution where code = 'MASR'", bytes("aa000000000000000000000000000003"));
    sql("insert into desk.person (id, username, name, fold, mail, language, institution, roles, disabled) select %s, 'kontakti', 'Kontakti', 'kontakti', '', 'sq', id, 0, 0 from "
        "desk.institution limit 1", bytes("cc000000000000000000000000000001"));
    contact("aa000000000000000000000000000002");
    sql("insert into desk.protocol_force (version, number, decided, digest, person, at) values (1, '1', 0, %s, %s, 0)", bytes("00"), bytes("cc000000000000000000000000000001"));
    return 0;
}

int teardown(void **state)
{
    (void)state;
    store_close(sv.store);
    pack_close(&sv.pack);
    buf_free(&out);
    return 0;
}

int each_setup(void **state)
{
    (void)state;
    return arena_new(64 << 20, &arena);
}

int each_teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

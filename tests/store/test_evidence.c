// Rows of evidence files on both engines: put, told, found, counted, removed, taken along; the limit. Sealing is the HTTP tests'.
#include "store_test.h"
#include "country.h"
#include <string.h>
#include "base/clock.h"
#include "evidence/inside.h"
#include "people/people.h"

static struct store *store;
static struct arena *arena;
static struct req rq;
static struct id person, owner;

static enum err person_write(struct db *db, void *arg)
{
    (void)arg;
    return people_setup_person(db, person, STR("teuta"), STR("Teuta Prova"), STR("MASR"), STR(""), STR("sq"));
}

static enum err institutions_write(struct db *db, void *arg)
{
    (void)arg;
    enum err e = people_setup_institutions(db, rq.sv->pack);
    e = e ? e : person_write(db, NULL);
    return e ? e : people_institution_find(db, STR("MASR"), &owner);
}

static struct services sv;
static int setup(void **state)
{
    (void)state;
    static struct buf out;
    store_test_country(&sv, &out);
    sv.store = store = store_test_open("desk", "desk", "intake");
    assert_int_equal(arena_new(16 << 20, &arena), OK);
    person = id_random();
    rq = (struct req){.sv = &sv, .arena = arena, .who = {.id = person}, .lang = text_lang(STR("en")), .lang_code = STR("en"), .now = clock_now()};
    assert_int_equal(store_write(store, institutions_write, NULL), OK);
    buf_free(&out);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    store_close(store);
    pack_close(&sv.pack);
    return 0;
}

// One act, in a transaction of its own.
enum what { ADD, LIST, FIND, REMOVE, SHRED, COUNT };
struct act { enum what what; struct evidence_of of; struct evidence_new *put; struct id file; struct list list; struct evidence_found found; };

static enum err act_run(struct db *db, void *arg)
{
    struct act *a = arg;
    switch (a->what) {
    case ADD: return evidence_put_db(db, &rq, a->put);
    case LIST: return evidence_list_db(db, &rq, &a->of, STR("/plan/values/x"), &a->list);
    case FIND: return evidence_find_db(db, &a->of, a->file, &a->found);
    case REMOVE: return evidence_remove_db(db, &rq, &a->of, a->file);
    case SHRED: return evidence_shred_db(db, &rq, &a->of);
    case COUNT: return evidence_counts_db(db, arena, a->of.kind, a->of.owner, &a->list);
    }
    return ERR_BUG;
}

static enum err act(struct act *a)
{
    return a->what == LIST || a->what == FIND || a->what == COUNT ? store_read(store, act_run, a) : store_write(store, act_run, a);
}

static enum err put(const struct evidence_of *of, size_t size, struct id *id)
{
    struct evidence_new x = {.of = *of, .size = (int64_t)size, .file = {.id = id_random()}, .kind = {"application/pdf", "pdf"}};
    buf_init(&x.sealed, SEALED_MAX);
    buf_init(&x.name, SEALED_NAME_MAX);
    for (size_t i = 0; i < size; i++)
        buf_put_c(&x.sealed, (char)(i * 7 + i / 65536));
    memset(x.file.wrap, 0x5a, sizeof x.file.wrap);
    buf_put(&x.name, STR("sealed name"));
    struct act a = {.what = ADD, .put = &x};
    enum err e = act(&a);
    *id = x.file.id;
    evidence_new_free(&x);
    return e;
}

static int64_t pieces(void)
{
    return store_test_number("select count(*) from desk.evidence_piece");
}

static void a_file_is_kept_and_removed(void **state)
{
    (void)state;
    const struct evidence_of of = {KEEPER_FILE_VALUE, id_random(), owner}, other = {KEEPER_FILE_ENTRY, of.thing, owner};
    struct id file;
    struct act a = {.of = of};
    assert_int_equal(put(&of, 3 * PIECE + 5, &file), OK);
    assert_int_equal(pieces(), 4);
    a.what = LIST;
    assert_int_equal(act(&a), OK);
    assert_int_equal(a.list.n, 1);
    const struct evidence_file *f = a.list.at;
    assert_true(f->there && id_equal(f->id, file) && id_equal(f->person, person));
    assert_true(str_equal_z(f->person_name, "Teuta Prova"));
    assert_true(str_equal_z(f->sealed_name, "sealed name"));
    assert_int_equal(f->wrap.n, KEEPER_FILE_WRAP);
    a = (struct act){.what = FIND, .of = of, .file = file};
    buf_init(&a.found.sealed, SEALED_MAX);
    assert_int_equal(act(&a), OK);
    assert_int_equal(a.found.sealed.n, 3 * PIECE + 5); // in order
    for (size_t i = 0; i < a.found.sealed.n; i++)
        if (a.found.sealed.at[i] != (char)(i * 7 + i / 65536))
            fail_msg("byte %zu", i);
    a.of = other; // the same number of another kind
    assert_int_equal(act(&a), ERR_NOT_FOUND);
    a.what = REMOVE;
    assert_int_equal(act(&a), ERR_NOT_FOUND);
    a.of = of;
    assert_int_equal(act(&a), OK);
    assert_int_equal(act(&a), ERR_NOT_FOUND); // twice
    assert_int_equal(pieces(), 0);
    assert_int_equal(store_test_number("select count(*) from desk.evidence where wrap is not null or name is not null"), 0);
    a.what = FIND;
    assert_int_equal(act(&a), ERR_NOT_FOUND);
    buf_free(&a.found.sealed);
    a = (struct act){.what = LIST, .of = of};
    assert_int_equal(act(&a), OK);
    f = a.list.at;
    assert_true(a.list.n == 1 && !f->there && f->removed_at == clock_minute(rq.now) && f->name.n == 0);
}

static void no_more_than_twenty_and_all_go_along(void **state)
{
    (void)state;
    const struct evidence_of of = {KEEPER_FILE_ENTRY, id_random(), owner}, beside = {KEEPER_FILE_ENTRY, id_random(), owner};
    struct id file, last;
    for (int i = 0; i < EVIDENCE_MAX; i++)
        assert_int_equal(put(&of, 10, &last), OK);
    assert_int_equal(put(&of, 10, &file), ERR_CONFLICT);
    assert_int_equal(put(&beside, 10, &file), OK);
    struct act a = {.what = COUNT, .of = of};
    assert_int_equal(act(&a), OK);
    assert_int_equal(a.list.n, 2);
    assert_int_equal(evidence_count(&a.list, of.thing), EVIDENCE_MAX);
    assert_int_equal(evidence_count(&a.list, beside.thing), 1);
    assert_int_equal(evidence_count(&a.list, id_random()), 0);
    a = (struct act){.what = REMOVE, .of = of, .file = last};
    assert_int_equal(act(&a), OK);
    assert_int_equal(put(&of, 10, &file), OK); // what was removed takes no place
    a = (struct act){.what = SHRED, .of = of};
    assert_int_equal(act(&a), OK);
    assert_int_equal(pieces(), 1); // of the one beside
    a = (struct act){.what = COUNT, .of = of};
    assert_int_equal(act(&a), OK);
    assert_int_equal(evidence_count(&a.list, of.thing), 0);
    assert_int_equal(evidence_count(&a.list, beside.thing), 1);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_file_is_kept_and_removed), cmocka_unit_test(no_more_than_twenty_and_all_go_along)};
    return store_test_end(cmocka_run_group_tests(tests, setup, teardown));
}

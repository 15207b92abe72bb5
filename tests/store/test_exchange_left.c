// Who left a case, on both engines, with copies of all that it had and a live session: it reads nothing new and nothing old.
#include "exchange_room.h"

struct copies { struct made *m; struct arena *arena; const struct worker *who; struct keeper_path path; struct list entries; };

static enum err copies_read(struct db *db, void *arg)
{
    struct copies *c = arg;
    enum err e = c->who ? case_path_db(db, c->arena, &c->who->who, c->m->case_id, &c->path) : OK;
    return e ? e : case_entries_db(db, c->arena, c->m->case_id, RECORD_CASE, &c->entries, NULL);
}

static void copy(struct copies *c, struct made *m, const struct worker *who) // who NULL: the entries alone
{
    c->m = m;
    c->who = who;
    if (!c->arena)
        assert_int_equal(arena_new(1 << 20, &c->arena), OK);
    assert_int_equal(store_read(sv.store, copies_read, c), OK);
}

static enum err copy_opens(const struct copies *c, const struct worker *who, size_t i)
{
    const struct case_entry *e = (const struct case_entry *)c->entries.at + i;
    struct keeper_item item = {.sealed = e->sealed};
    case_entry_ad(&item.ad, e);
    return keeper_open(sv.keeper, &who->token, PURPOSE_READ, &c->path, &item, 1, c->arena);
}

static enum err copy_seals(const struct copies *c, const struct worker *who)
{
    struct record_ad ad;
    struct buf sealed;
    buf_init(&sealed, 1 << 17);
    case_entry_ad(&ad, c->entries.at);
    ad.item = id_random();
    enum err e = keeper_seal(sv.keeper, &who->token, &c->path, &ad, STR("{}"), &sealed);
    buf_free(&sealed);
    return e;
}

static size_t report_fields(const struct copies *c, struct id report) // read by the case's key
{
    struct list values = {0};
    struct req rq = {.sv = &sv, .arena = c->arena, .who = c->who->who, .token = c->who->token};
    assert_int_equal(referral_report_copy(&rq, &c->path, c->m->case_id, report, &values), OK);
    return values.n;
}

static void note(const struct worker *w, const struct made *m, const char *text)
{
    char body[100];
    snprintf(body, sizeof body, "{\"text\": \"%s\"}", text);
    answers(call("case_note", w, m->case_id, body), 201);
}

static int64_t of_case(const struct made *m, const char *what, const char *table, const char *home)
{
    char sql[300], hex[ID_HEX];
    snprintf(sql, sizeof sql, store_test_sqlite() ? "select %s from desk.%s where %s = x'%s'" : "select %s from desk.%s where %s = '\\x%s'",
             what, table, home, id_hex(m->case_id, hex));
    return store_test_number(sql);
}

static int transfer_to(struct made *m, const struct worker *w, struct id unit)
{
    return send_to(m, w, unit, "\"kind\": \"transfer\", \"fields\": [\"category\"], \"note\": \"shikojeni, ju lutem\"");
}

static void who_left_reads_nothing_new(void **state)
{
    (void)state;
    struct made m, late;
    struct copies had = {0}, now = {0};
    struct id waits;
    char hex[ID_HEX], body[100];
    make(&m);
    note(&officer, &m, "para kalimit");
    answers(transfer_to(&m, &officer, police), 201);
    waits = m.last;
    note(&officer, &m, "ende para"); // while it waits
    answers(transfer_to(&m, &officer, police), 409); // one at a time
    m.last = waits;
    copy(&had, &m, &officer);
    assert_int_equal(had.entries.n, 4); // opened, the address that the report named, two notes
    int64_t replaced = store_test_number("select count(*) from keeper.replaced");
    answers(call("referral_accept", &other, m.last, "{}"), 200);
    assert_int_equal(store_test_number("select count(*) from keeper.replaced"), replaced + 2); // with the act itself: the old key, and the report but by its case

    // One wrap, of the new key; the old key and the report's hang under it; the keeper has seen that it is in use.
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 1);
    assert_int_equal(of_case(&m, "count(*)", "unit_wrap", "home"), 1);
    assert_int_equal(of_case(&m, "generation", "unit_wrap", "home"), 1);
    assert_int_equal(of_case(&m, "count(*)", "child_wrap", "parent"), 2);
    assert_int_equal(of_case(&m, "count(*)", "child_wrap", "child"), 1);
    assert_int_equal(of_case(&m, "max(generation)", "case_item", "home"), 1);
    answers(call("referral_accept", &other, waits, "{}"), 409); // once
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 1);

    // The new owner reads what was before, and writes.
    note(&other, &m, "pas kalimit");
    answers(call("case_read", &other, m.case_id, "{}"), 200);
    assert_true(says("para kalimit") && says("ende para") && says("pas kalimit"));
    assert_false(says("\"altered\":true"));

    // The former owner's copies: nothing new, nothing old either, nothing is sealed for it.
    copy(&now, &m, NULL);
    assert_int_equal(now.entries.n, 6);
    for (size_t i = 4; i < 6; i++) {
        had.entries = now.entries;
        assert_int_equal(copy_opens(&had, &officer, i), ERR_NO_KEY);
    }
    assert_int_equal(copy_opens(&had, &officer, 0), ERR_NO_KEY);
    assert_int_equal(copy_seals(&had, &officer), ERR_NO_KEY);
    assert_int_equal(copy_seals(&had, &second), ERR_NO_KEY);

    // Back again: the third key, all that was before under it, and a report that joins now.
    officer.token = exchange_frame_sign_in(FRAME_OFFICER);
    other.token = exchange_frame_sign_in(FRAME_OTHER);
    if (store_test_number("select count(*) from desk.protocol_accepted") == 1)
        answers(call("exchange_agree", &officer, duty, "{\"version\": 1}"), 200);
    answers(transfer_to(&m, &other, duty), 201);
    answers(call("referral_accept", &officer, m.last, "{}"), 200);
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 2);
    assert_int_equal(of_case(&m, "count(*)", "child_wrap", "child"), 2); // older keys, both under the newest
    note(&officer, &m, "prapë tonat");
    make_report(&late);
    snprintf(body, sizeof body, "{\"reports\": [\"%s\"]}", id_hex(late.id, hex));
    answers(call("case_add", &officer, m.case_id, body), 201);
    copy(&now, &m, &officer);
    assert_int_equal(report_fields(&now, m.id), 6); // both reports hang under the newest key
    assert_int_equal(report_fields(&now, late.id), 6);
    answers(call("case_read", &officer, m.case_id, "{}"), 200);
    assert_true(says("para kalimit") && says("pas kalimit") && says("prapë tonat"));
    assert_false(says("\"altered\":true"));
    answers(call("case_read", &other, m.case_id, "{}"), 403);
    copy(&now, &m, &officer);
    assert_int_equal(copy_opens(&now, &officer, now.entries.n - 1), OK);
    for (size_t i = 0; i < now.entries.n; i++) // by the key that the case had first: still nothing
        assert_int_equal((had.entries = now.entries, copy_opens(&had, &officer, i)), ERR_NO_KEY);

    // What the keeper cannot show: who copied the older key's wrap goes with it; the entries are told, the others stand.
    store_test_sql("delete from desk.child_wrap where parent = child and generation = 0");
    answers(call("case_read", &officer, m.case_id, "{}"), 200);
    assert_true(says("\"altered\":true") && says("pas kalimit") && says("prapë tonat"));
    assert_false(says("para kalimit"));
    arena_free(&had.arena);
    arena_free(&now.arena);
}

// A transfer carries the case's key to its receiver. Once it is taken back, what follows is not for that key.
static void a_revoked_transfer_leaves_its_key_behind(void **state)
{
    (void)state;
    struct made m;
    struct copies had = {0}, now = {0};
    make(&m);
    answers(transfer_to(&m, &officer, police), 201);
    copy(&had, &m, &officer);
    answers(call("referral_revoke", &officer, m.last, "{\"reason\": \"gabim, kështu u pa\"}"), 200);
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 1);
    note(&officer, &m, "pas tërheqjes");
    answers(call("case_read", &officer, m.case_id, "{}"), 200);
    assert_true(says("pas tërheqjes"));
    assert_false(says("\"altered\":true"));
    copy(&now, &m, NULL);
    had.entries = now.entries;
    assert_int_equal(copy_opens(&had, &officer, now.entries.n - 1), ERR_NO_KEY);
    answers(call("case_read", &other, m.case_id, "{}"), 404);
    // Where a wrap was altered no key can be made: taking back is not stopped by that, nor is writing; handing over is.
    answers(transfer_to(&m, &officer, police), 201);
    store_test_sql(store_test_sqlite() ? "update desk.child_wrap set sealed = zeroblob(72) where generation = 0 and parent <> child"
                                       : "update desk.child_wrap set sealed = decode(repeat('00', 72), 'hex') where generation = 0 and parent <> child");
    answers(call("referral_accept", &other, m.last, "{}"), 500);
    answers(call("referral_revoke", &officer, m.last, "{\"reason\": \"gabim, kështu u pa\"}"), 200);
    answers(transfer_to(&m, &officer, police), 500); // its report cannot be copied
    answers(send_to(&m, &officer, police, "\"kind\": \"transfer\", \"fields\": [\"case_number\"], \"more_reason\": \"duhet numri\", \"note\": \"shikojeni, ju lutem\""), 201);
    answers(call("referral_decline", &other, m.last, "{\"reason\": \"Arsye e provës.\"}"), 200);
    note(&officer, &m, "si më parë");
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 1);
    make(&m);
    sent(&m); // of a referral, which carries no key of the case, nothing is left behind
    answers(call("referral_revoke", &officer, m.last, "{\"reason\": \"gabim, kështu u pa\"}"), 200);
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 0);
    arena_free(&had.arena);
    arena_free(&now.arena);
}

static void a_declined_transfer_too(void **state)
{
    (void)state;
    struct made m;
    struct copies had = {0}, now = {0};
    char body[100];
    make(&m);
    answers(transfer_to(&m, &officer, police), 201);
    copy(&had, &m, &officer);
    answers(call("referral_decline", &other, m.last, "{\"reason\": \"jo tonat, kështu u pa\"}"), 200);
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 0); // who declines makes no key for others
    assert_int_equal(of_case(&m, "count(key_out)", "case_file", "id"), 1);
    snprintf(body, sizeof body, "{\"text\": \"pas refuzimit\", \"version\": %lld}", (long long)of_case(&m, "version", "case_file", "id"));
    answers(call("case_note", &officer, m.case_id, body), 201);
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 1);
    assert_int_equal(of_case(&m, "count(key_out)", "case_file", "id"), 0);
    answers(call("case_note", &officer, m.case_id, body), 409); // the version that was said is an older one now
    note(&officer, &m, "edhe kjo");
    assert_int_equal(of_case(&m, "generation", "case_file", "id"), 1); // once
    answers(call("case_read", &officer, m.case_id, "{}"), 200);
    assert_true(says("pas refuzimit") && says("edhe kjo"));
    assert_false(says("\"altered\":true"));
    copy(&now, &m, NULL);
    assert_int_equal(now.entries.n, 5);
    had.entries = now.entries;
    for (size_t i = 0; i < now.entries.n; i++)
        assert_int_equal(copy_opens(&had, &officer, i), ERR_NO_KEY);
    arena_free(&had.arena);
    arena_free(&now.arena);
}

int main(int argc, char **argv)
{
    store_test_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_left_reads_nothing_new), cmocka_unit_test(a_revoked_transfer_leaves_its_key_behind),
        cmocka_unit_test(a_declined_transfer_too), cmocka_unit_test(store_test_queries),
    };
    return store_test_end(cmocka_run_group_tests(tests, setup_agreed, teardown));
}

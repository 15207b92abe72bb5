// Writing a sealed report into the mailbox, once for each lookup.
#include "report/portal/portal.h"

// Nothing is written where the lookup is known, here or at the desk: then it is a repeated send.
DB_QUERY(report_insert_sql, "bitiiTtBbbbibbbbBbb", "",
    "insert into intake.report (id, received, category, urgency_computed, in_danger, county, language, burst, kid, item, unit, epoch,"
    " unit_wrap, thread, thread_kid, thread_wrap, tag_box, lookup, content)"
    " select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19"
    " where not exists (select 1 from intake.report where lookup = $18)"
    " and not exists (select 1 from reply.thread where lookup = $18)");
DB_QUERY(report_acknowledge_sql, "b", "", "insert into intake.acknowledge (lookup) values ($1) on conflict do nothing");
DB_QUERY(report_flagged_sql, "bb", "", "insert into intake.flagged (report, flagger) values ($1, $2)");
DB_QUERY(report_content_sql, "b", "b",
    "select content from intake.report where lookup = $1 union all select content from reply.thread where lookup = $1");

static struct db_val bytes_or_null(struct str s)
{
    return s.n > 0 ? DB_B(s) : DB_NULL;
}

static enum err compare_content(struct db *db, void *arg)
{
    const struct report_mark *m = arg;
    struct db_rows *rows = NULL;
    enum err e = db_query(db, &report_content_sql, DB_ARGS(DB_B(STR_BYTES(m->lookup))), &rows);
    if (e)
        return e;
    bool found = false, same = true;
    while (db_next(rows)) {
        struct str content = db_str(rows, 0);
        found = true;
        same = same && content.n == sizeof m->content && crypto_equal(content.at, m->content, sizeof m->content);
    }
    e = db_done(&rows);
    if (e)
        return e;
    if (!found)
        return ERR_NOT_FOUND;
    return same ? OK : ERR_CONFLICT;
}

static enum err insert(struct db *db, void *arg)
{
    const struct report_sealed *s = arg;
    const struct report_clear *c = &s->clear;
    int64_t changed = 0;
    enum err e = db_exec(db, &report_insert_sql,
        DB_ARGS(DB_ID(s->id), DB_I(c->received), DB_T(c->category), DB_I(c->urgency_computed), DB_I(c->in_danger),
                DB_T_OR_NULL(c->county), DB_T(c->language), bytes_or_null(c->burst), DB_B(STR_BYTES(s->kid.b)),
                DB_B(buf_str(&s->item)), DB_ID(s->unit), DB_I(s->epoch), DB_B(STR_BYTES(s->unit_wrap)), DB_ID(s->thread),
                DB_B(STR_BYTES(s->thread_kid.b)), DB_B(STR_BYTES(s->thread_wrap)), bytes_or_null(buf_str(&s->tag_box)),
                DB_B(STR_BYTES(s->mark.lookup)), DB_B(STR_BYTES(s->mark.content))),
        &changed);
    if (e)
        return e;
    if (changed == 0) {
        e = compare_content(db, (void *)(uintptr_t)&s->mark);
        return e == ERR_NOT_FOUND ? ERR_BUG : e;
    }
    if (s->acknowledge)
        e = db_exec(db, &report_acknowledge_sql, DB_ARGS(DB_B(STR_BYTES(s->mark.lookup))), NULL);
    if (!e && !id_zero(s->flagger))
        e = db_exec(db, &report_flagged_sql, DB_ARGS(DB_ID(s->id), DB_ID(s->flagger)), NULL);
    return e ? e : db_notify(db, "intake");
}

enum err report_insert(struct store *store, const struct report_sealed *s)
{
    return store_write(store, insert, (void *)(uintptr_t)s);
}

enum err report_find(struct store *store, const struct report_mark *m)
{
    return store_read(store, compare_content, (void *)(uintptr_t)m);
}

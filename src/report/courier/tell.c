#include "report/courier/tell.h"

#include "job/outbox.h"

DB_QUERY(tell_members_sql, "bii", "btt", "select p.id, p.mail, p.language from desk.member m join desk.person p on p.id = m.person "
         "where m.unit = $1 and (p.roles & $2) <> 0 and p.disabled = 0 and p.mail <> '' order by p.id limit $3");

enum err report_tell_mail(struct db *db, const struct tell *t, const struct people_oncall *who)
{
    if (!*t->sv->config->smtp_url || !who || !who->mail.n)
        return OK;
    const struct lang *lang = text_lang(who->language) ? text_lang(who->language) : text_default();
    struct buf subject, body;
    buf_init(&subject, 512);
    buf_init(&body, 4096);
    text_put(&subject, lang, t->subject, TEXT_ARGS(TEXT_I("urgency", t->urgency)));
    text_put(&body, lang, t->body, TEXT_ARGS(TEXT_I("urgency", t->urgency), TEXT_S("link", t->link)));
    enum err e = buf_ok(&subject) ? buf_ok(&subject) : buf_ok(&body);
    if (!e)
        e = outbox_add(db, OUTBOX_MAIL, who->mail, buf_str(&subject), buf_str(&body), t->now);
    buf_free(&subject);
    buf_free(&body);
    return e;
}

enum err report_tell_webhook(struct db *db, struct arena *a, const struct tell *t)
{
    if (!*t->sv->config->webhook_url)
        return OK;
    struct str json = arena_printf(a, "{\"urgency\":\"U%d\",\"link\":\"%.*s\"}", (int)t->urgency, STR_ARG(t->link));
    return outbox_add(db, OUTBOX_WEBHOOK, STR(""), STR(""), json, t->now);
}

enum err report_tell_members(struct db *db, struct arena *a, struct id unit, uint32_t roles, struct people_oncall *out, size_t max,
                             size_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, &tell_members_sql, DB_ARGS(DB_ID(unit), DB_I(roles), DB_I(max)), &r);
    if (e)
        return e;
    for (*n = 0; !e && *n < max && db_next(r); (*n)++) {
        out[*n] = (struct people_oncall){.mail = arena_str(a, db_str(r, 1)), .language = arena_str(a, db_str(r, 2))};
        e = id_from_bytes(db_str(r, 0), &out[*n].person) ? ERR_TAMPERED : OK;
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

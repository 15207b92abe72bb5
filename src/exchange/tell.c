// A mail to a unit that something came to it.
#include "exchange/exchange.h"
#include "job/outbox.h"

enum err exchange_tell_db(struct db *db, struct services *sv, struct arena *arena, struct id unit, const struct exchange_news *news, int64_t now,
                          bool *there)
{
    const struct config *c = sv->config;
    struct exchange_reader who;
    struct buf subject, body;
    enum err e = OK;
    *there = false;
    for (int place = CONTACT_FIRST; !e && !*there && place <= CONTACT_PLACES; place++)
        e = exchange_reader_db(db, arena, unit, (enum contact_place)place, &who, there);
    if (e || !*there || !*c->smtp_url)
        return e;
    const struct lang *lang = text_lang(who.language) ? text_lang(who.language) : text_default();
    buf_init(&subject, 512);
    buf_init(&body, 4096);
    buf_put(&subject, text_get(lang, news->subject));
    text_put(&body, lang, news->body, TEXT_ARGS(TEXT_S("link", arena_printf(arena, "%s%.*s", c->desk_url, STR_ARG(news->path)))));
    e = buf_ok(&subject) ? buf_ok(&subject) : buf_ok(&body);
    if (!e)
        e = outbox_add(db, OUTBOX_MAIL, who.mail, buf_str(&subject), buf_str(&body), now);
    buf_free(&subject);
    buf_free(&body);
    return e;
}

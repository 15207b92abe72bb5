#include "exchange/courier/news_alarm.h"
#include "base/log.h"

#define WAITS(side) "select id, " side "_unit from desk.referral where news_" side " = 1 order by seq limit $1"
#define TOLD(side) "update desk.referral set news_" side " = 2 where id = $1 and news_" side " = 1"
DB_QUERY(news_from_sql, "i", "bb", WAITS("from"));
DB_QUERY(news_to_sql, "i", "bb", WAITS("to"));
DB_QUERY(news_told_from_sql, "b", "", TOLD("from"));
DB_QUERY(news_told_to_sql, "b", "", TOLD("to"));

void exchange_news_run(struct services *sv)
{
    static const struct exchange_news sides[] = {
        {&news_from_sql, &news_told_from_sql, MSG_EXCHANGE_NEWS_SUBJECT, MSG_EXCHANGE_NEWS_BODY, "/referrals/", true},
        {&news_to_sql, &news_told_to_sql, MSG_EXCHANGE_NEWS_SUBJECT, MSG_EXCHANGE_NEWS_BODY, "/referrals/", true},
    };
    int64_t nobody = exchange_tell(sv, &sides[0]) + exchange_tell(sv, &sides[1]);
    if (nobody)
        log_event(LOG_ALARM, "referral.nobody_told", LOG_I("referrals", nobody));
}

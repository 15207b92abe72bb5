#include "casefile/courier/file_alarm.h"
#include "base/log.h"
#include "exchange/exchange.h"

DB_QUERY(file_waits_sql, "i", "bb", "select id, to_unit from desk.casefile where told = 0 and to_unit is not null and revoked_at is null "
         "order by seq limit $1");
DB_QUERY(file_told_sql, "b", "", "update desk.casefile set told = 1 where id = $1");

void casefile_alarm_run(struct services *sv)
{
    static const struct exchange_news come = {&file_waits_sql, &file_told_sql, MSG_CASEFILE_ALARM_SUBJECT,
                                              MSG_CASEFILE_ALARM_BODY, "/casefiles", false};
    int64_t nobody = exchange_tell(sv, &come);
    if (nobody)
        log_event(LOG_ALARM, "casefile.nobody", LOG_I("units", nobody));
}

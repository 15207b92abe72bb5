#include "base/log.h"
#include "plan/plan.h"
#include "plan/version.h"
#include "web/web.h"

struct starting { const struct services *sv; int64_t now; };

static enum err begin(struct db *db, void *arg)
{
    const struct starting *g = arg;
    return plan_begin_db(db, g->sv->pack, g->now);
}

void plan_start(const struct services *sv, int64_t now)
{
    struct starting g = {sv, now};
    enum err e = store_write(sv->store, begin, &g);
    if (e)
        log_event(LOG_ALARM, "plan.not_begun", LOG_ERR(e));
}

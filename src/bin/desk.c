// The desk: answers staff, takes new reports in, asks the keeper to open. Holds no key.
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/share.h"
#include "bin/process.h"
#include "bin/rooms.h"
#include "job/presence.h"
#include "exchange/exchange.h"
#include "people/people.h"
#include "plan/plan.h"
#include "report/report.h"
#include "retention/retention.h"
#include "web/events.h"

static struct services services;
static struct id node;

static void ingest(void *ctx)
{
    (void)ctx;
    report_ingest(&services);
}

// Tells the courier whether anybody looks (and the keys of units change: the directory is read again).
static void tick(void *ctx)
{
    (void)ctx;
    directory_refresh(services.directory);
    struct directory_unit duty;
    int64_t now = clock_now();
    if (directory_duty(services.directory, now, &duty))
        return;
    bool watched = events_watchers(services.events, duty.unit) > 0;
    enum err e = presence_write(services.store, node, duty.unit, watched ? now + PRESENCE_HOLDS : 0);
    if (e)
        log_event(LOG_WARN, "presence.unwritten", LOG_ERR(e));
}

DB_QUERY(store_there, "", "i", "select count(*) from desk.schema_version");

static enum err look(struct db *db, void *arg)
{
    (void)arg;
    struct db_rows *r = NULL;
    enum err e = db_query(db, &store_there, DB_ARGS(), &r);
    if (e)
        return e;
    db_next(r);
    return db_done(&r);
}

// GET /health: whether a report could be opened now.
static bool healthy(struct services *sv)
{
    struct directory_unit duty;
    uint64_t seq;
    return directory_duty(sv->directory, clock_now(), &duty) == OK && store_read(sv->store, look, NULL) == OK &&
           keeper_ping(sv->keeper, &seq) == OK;
}

static void waits_fill(struct req *rq)
{
    report_waits_fill(rq);
    exchange_waits_fill(rq);
}

int main(int argc, char **argv)
{
    struct process p;
    process_start(&p, PROGRAM_DESK, argc, argv);
    node = id_random();
    services = (struct services){.pack = p.pack, .config = &p.config, .roles = people_role_table(), .plan_codes = plan_codes,
                                 .data = p.layout.data, .demo = access(p.layout.demo, F_OK) == 0,
                                 .pack_reload = process_ask_reload};
    enum err e = directory_open(p.layout.keys, &services.directory, &p.why);
    if (!e)
        e = keeper_new(p.layout.keeper_socket, &services.keeper);
    if (e)
        process_fail(&p, "desk", e);
    services.store = process_store(&p, PROGRAM_DESK, "desk", "intake");
    services.reply = process_store(&p, PROGRAM_DESK, "reply", "");
    e = plan_begin(&services);
    if (e)
        process_fail(&p, "plan", e);
    struct report_desk *room = NULL;
    e = report_desk_new(&services, &room);
    if (e)
        process_fail(&p, "desk", e);
    services.room = room;
    char assets[SHARE_PATH_MAX];
    struct web_options o = {
        .name = "desk",
        .listen = p.listen,
        .listener = p.listener,
        .url = p.config.desk_url,
        .rooms = desk_rooms,
        .services = &services,
        .static_dir = share_path("static", assets, sizeof assets),
        .threads = (unsigned)p.config.desk_threads,
        .connections = (unsigned)p.config.connections,
        .person_find = people_person_find,
        .waits = waits_fill,
        .error_page = error_desk_page,
        .unsaved_page = unsaved_page,
        .sign_in = "/sign-in",
        .healthy = healthy,
        .ready = process_ready,
        .leave = process_every_end,
    };
    e = events_new(&services, &o, &services.events);
    if (e)
        process_fail(&p, "events", e);
    events_catch_up(services.events, report_events_missed, &services);
    process_every(services.store, NULL, 5, tick, NULL);
    process_every(services.store, NULL, RETENTION_EVERY, retention_tick, &services);
    char work[PROCESS_PATH];
    process_alone(layout_join(work, p.layout.data, "desk/work.lock")); // a report rings at the desk that takes it in
    process_every(services.store, "intake", 5, ingest, NULL);
    e = web_serve(&o, &process_stop, &p.why);
    if (e)
        process_fail(&p, "desk", e);
    process_every_end();
    report_desk_free(&room); // its own thread uses both stores
    events_free(&services.events);
    store_close(services.reply);
    store_close(services.store);
    return 0;
}

// The portal: answers the public, seals what it is sent, holds no key.
#include <errno.h>
#include <sys/resource.h>
#include "base/clock.h"
#include "base/log.h"
#include "bin/process.h"
#include "bin/rooms.h"
#include "base/share.h"
#include "report/report.h"

#define PORTAL_NICE 5

static struct services services;

static void tick(void *ctx)
{
    (void)ctx;
    directory_refresh(services.directory);
    report_portal_tick(&services);
}

DB_QUERY(store_there, "", "i", "select count(*) from intake.schema_version");

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

// GET /health: whether a report could be taken in now.
static bool healthy(struct services *sv)
{
    struct directory_unit duty;
    return directory_duty(sv->directory, clock_now(), &duty) == OK && store_read(sv->store, look, NULL) == OK;
}

int main(int argc, char **argv)
{
    struct process p;
    process_start(&p, PROGRAM_PORTAL, argc, argv);
    // Whoever floods the public side takes no processor from the desk, which must ring. Threads made later inherit it.
    if (setpriority(PRIO_PROCESS, 0, PORTAL_NICE))
        log_event(LOG_WARN, "portal.not_nice", LOG_I("errno", errno));
    services = (struct services){.pack = p.pack, .config = &p.config};
    enum err e = directory_open(p.layout.keys, &services.directory, &p.why);
    if (e)
        process_fail(&p, "keys", e);
    struct report_portal *room = NULL;
    e = report_portal_new(&p.config, &room);
    if (e)
        process_fail(&p, "portal", e);
    services.room = room;
    services.store = process_store(&p, PROGRAM_PORTAL, "intake", "reply");
    tick(NULL); // the disk is looked at before the first report
    process_every(services.store, "done", 5, tick, NULL);
    char assets[SHARE_PATH_MAX];
    e = web_serve(&(struct web_options){
                      .name = "portal",
                      .listen = p.listen,
                      .listener = p.listener,
                      .url = p.config.portal_url,
                      .rooms = portal_rooms,
                      .services = &services,
                      .static_dir = share_path("static", assets, sizeof assets),
                      .threads = (unsigned)p.config.portal_threads,
                      .connections = (unsigned)p.config.connections,
                      .error_page = error_public_page,
                      .unsaved_page = unsaved_public_page,
                      .healthy = healthy,
                      .ready = process_ready,
                      .leave = process_every_end,
                  },
                  &process_stop, &p.why);
    if (e)
        process_fail(&p, "portal", e);
    process_every_end();
    report_portal_free(&room);
    store_close(services.store);
    return 0;
}

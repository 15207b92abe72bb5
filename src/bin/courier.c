// The courier: mail, webhooks and clocks. The only program that connects outwards; opens nothing.
#include "base/clock.h"
#include "base/log.h"
#include "bin/process.h"
#include "casefile/courier/file_alarm.h"
#include "casework/courier/due_alarm.h"
#include "exchange/courier/answer_alarm.h"
#include "exchange/courier/news_alarm.h"
#include "figures/figures.h"
#include "plan/courier/remind_alarm.h"
#include "plan/plan.h"
#include "job/outbox.h"
#include "job/send.h"
#include "report/courier/clock_climb.h"
#include "report/courier/message_climb.h"
#include "report/courier/report_alarm.h"

static struct services services;

static void work(void *ctx)
{
    (void)ctx;
    directory_refresh(services.directory);
    report_alarm_run(&services);
    report_clocks_climb(&services);
    report_messages_climb(&services);
    exchange_alarm_run(&services);
    exchange_news_run(&services);
    casefile_alarm_run(&services);
    case_due_alarm_run(&services);
    figures_add_days(&services);
    plan_keep_readings(&services);
    plan_remind_run(&services);
    outbox_run(services.store, services.config, clock_now());
}

int main(int argc, char **argv)
{
    struct process p;
    process_start(&p, PROGRAM_COURIER, argc, argv);
    services = (struct services){.pack = p.pack, .config = &p.config};
    enum err e = directory_open(p.layout.keys, &services.directory, &p.why);
    if (!e)
        e = send_start();
    if (e)
        process_fail(&p, "courier", e);
    services.store = process_store(&p, PROGRAM_COURIER, "desk", "");
    process_every(services.store, "ingested", 5, work, NULL);
    process_ready(0);
    process_sleep_until_stop();
    process_every_end();
    store_close(services.store);
    return 0;
}

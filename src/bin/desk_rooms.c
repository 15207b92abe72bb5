#include "bin/rooms.h"
#include "casefile/casefile.h"
#include "casework/casework.h"
#include "country/country.h"
#include "exchange/exchange.h"
#include "figures/figures.h"
#include "network/network.h"
#include "oversight/oversight.h"
#include "people/people.h"
#include "plan/plan.h"
#include "register/register.h"
#include "report/report.h"
#include "retention/retention.h"

const struct routes *const desk_rooms[] = {&report_desk_routes, &report_flagger_routes, &report_triage_routes,
                                           &case_desk_routes, &exchange_desk_routes, &casefile_desk_routes,
                                           &country_desk_routes, &figures_desk_routes, &network_desk_routes,
                                           &register_desk_routes, &oversight_desk_routes, &oversight_anchor_routes,
                                           &people_desk_routes, &plan_desk_routes, &plan_entry_routes,
                                           &plan_report_routes, &retention_desk_routes, &retention_access_routes, NULL};

// Casework shows what rooms above it know of a case, the exchange what left it as a case file.
static case_more_fn *const above_casework[] = {exchange_case_more, casefile_case_more, NULL};
__attribute__((constructor)) static void rooms_meet(void)
{
    case_rooms = above_casework;
    exchange_taken_hook = casefile_taken;
}

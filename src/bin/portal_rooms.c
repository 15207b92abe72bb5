#include "bin/rooms.h"
#include "plan/plan.h"
#include "report/report.h"

const struct routes *const portal_rooms[] = {&report_page_routes, &report_form_routes, &report_portal_routes,
                                             &report_trusted_routes, &plan_public_routes, NULL};

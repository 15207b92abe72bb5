#include "bin/rooms.h"
#include "report/report.h"

const struct routes *const portal_rooms[] = {&report_portal_routes, NULL};

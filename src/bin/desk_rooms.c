#include "bin/rooms.h"
#include "casework/casework.h"
#include "people/people.h"
#include "report/report.h"

const struct routes *const desk_rooms[] = {&report_desk_routes, &case_desk_routes, &people_desk_routes, NULL};

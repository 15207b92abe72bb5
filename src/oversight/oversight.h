// oversight: the seat of those who look after the readers: the audit trail, never content.
#pragma once
#include "web/web.h"

extern const struct routes oversight_desk_routes, oversight_anchor_routes;

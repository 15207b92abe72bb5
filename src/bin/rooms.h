// rooms: the list of rooms whose doors each program opens.
#pragma once
#include "web/web.h"

extern const struct routes *const portal_rooms[], *const desk_rooms[]; // NULL at the end
page_fn error_public_page, error_desk_page, unsaved_page, unsaved_public_page; // templates/web

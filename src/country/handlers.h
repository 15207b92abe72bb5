// handlers: what the rows of this room read and show. Fields behind "for pages" are not in JSON.
#pragma once
#include "country/country.h"

struct pack_row { struct str place, file, before, after, sentence; bool refused; };
struct pack_program {
    struct str program, hash;    // "portal"; 16 hex digits
    int64_t since;
    bool same;                   // as this desk's
    // for pages
    struct str since_text;
};
struct pack_show_out {
    struct str version, hash;    // in force at this desk
    struct list programs;        // struct pack_program
    struct str waiting;          // hash of the folder's pack where it is another and nothing speaks against it; or empty
    struct list changes;         // struct pack_row, refused ones first
    int64_t refused, more;
    struct str faults;           // why the folder cannot be read
    int64_t given_up;            // when a pack was, because a program did not start with it; INT64_MIN: not since the last that was taken
    struct str given_up_hash;    // of that pack; 16 hex digits
    // for pages
    bool same, differ, failed, many;
    struct str failed_text, waiting_version;
};
struct pack_reload_in { struct str hash; };

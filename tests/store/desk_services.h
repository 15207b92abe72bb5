// desk_services: what tests of the desk's rooms call: services on the three stores, a pretended keeper, persons of two units.
#pragma once
#include "store_test.h" // first: cmocka is needed below
#include "country.h"
#include "desk_frame.h"
#include "people/role.h"

static inline struct id id_of(uint8_t n) // units are 100, the one that has a key, and 101
{
    struct id id = {.b = {0xaa}};
    id.b[15] = n;
    return id;
}

static inline struct person worker_of(uint8_t n, uint8_t unit, enum role role)
{
    return (struct person){.id = id_of(n), .units = {id_of(unit)}, .n_units = 1, .roles = 1u << role};
}

// All of it stays the caller's. The test closes it: store_test_desk_close.
static inline void store_test_desk(struct services *sv, struct keeper *keeper, struct events *events, struct store **portal, struct buf *out)
{
    store_test_country(sv, out);
    *portal = store_test_open("portal", "intake", "reply");
    sv->store = store_test_open("desk", "desk", "intake");
    sv->reply = store_test_open("desk", "reply", "");
    frame_keeper(keeper, id_of(100));
    sv->keeper = keeper;
    sv->events = events;
    sv->roles = people_role_table();
}

static inline void store_test_desk_close(struct services *sv, struct store *portal, struct buf *out)
{
    store_close(portal);
    store_close(sv->reply);
    store_close(sv->store);
    pack_close(&sv->pack);
    buf_free(out);
}

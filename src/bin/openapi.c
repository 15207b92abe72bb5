// Prints docs/openapi.yaml from the route tables (a test compares); with --routes, one line for each face of each route.
#include <stdio.h>
#include <string.h>

#include "bin/rooms.h"

int main(int argc, char **argv)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    if (argc > 1 && strcmp(argv[1], "--routes") == 0)
        web_route_list(&out, portal_rooms, desk_rooms);
    else
        web_openapi(&out, portal_rooms, desk_rooms);
    if (buf_ok(&out))
        return 1;
    fwrite(out.at, 1, out.n, stdout);
    buf_free(&out);
    return 0;
}

// Prints docs/openapi.yaml from the route tables; a test compares.
#include <stdio.h>

#include "bin/rooms.h"

int main(void)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    web_openapi(&out, portal_rooms, desk_rooms);
    if (buf_ok(&out))
        return 1;
    fwrite(out.at, 1, out.n, stdout);
    buf_free(&out);
    return 0;
}

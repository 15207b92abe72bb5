#include "bin/layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

const char *layout_join(char out[PROCESS_PATH], const char *folder, const char *name)
{
    int n = snprintf(out, PROCESS_PATH, "%s/%s", folder, name);
    if (n < 0 || n >= PROCESS_PATH)
        abort(); // folders are checked to be short enough when the layout is made
    return out;
}

// Absolute, without a final slash; the folder itself need not exist yet.
static enum err absolute(char out[PROCESS_PATH], const char *path, struct buf *why)
{
    char here[PROCESS_PATH / 2] = "";
    if (path[0] != '/' && !getcwd(here, sizeof here)) {
        buf_put_z(why, "the current folder cannot be read; give --data as an absolute path");
        return ERR_IO;
    }
    int n = path[0] == '/' ? snprintf(out, PROCESS_PATH, "%s", path) : snprintf(out, PROCESS_PATH, "%s/%s", here, path);
    if (n < 0 || n > PROCESS_PATH - 200) {
        buf_put_z(why, "the path of --data or --keys is too long; use a shorter one");
        return ERR_INVALID;
    }
    while (n > 1 && out[n - 1] == '/')
        out[--n] = 0;
    return OK;
}

enum err layout_make(struct layout *l, const char *data, const char *keys, struct buf *why)
{
    enum err e = absolute(l->data, data, why);
    if (e)
        return e;
    if (keys) {
        e = absolute(l->keys, keys, why);
        if (e)
            return e;
    } else {
        memcpy(l->keys, l->data, strlen(l->data) + 1);
        memcpy(l->keys + strlen(l->keys), "-keys", 6);
    }
    size_t n = strlen(l->data);
    if (strncmp(l->keys, l->data, n) == 0 && (l->keys[n] == '/' || !l->keys[n])) {
        buf_put_z(why, "the keys may not lie inside the data directory; give --keys another folder");
        return ERR_INVALID;
    }
    layout_join(l->config, l->data, "isigurt.conf");
    layout_join(l->country, l->data, "country");
    layout_join(l->pack, l->data, "country.pack");
    layout_join(l->ring, l->data, "run/ring");
    layout_join(l->keeper_socket, l->data, "run/keeper/keeper.sock");
    layout_join(l->demo, l->data, "demo-accounts.json");
    layout_join(l->heads, l->keys, "audit");
    return OK;
}

void layout_store(struct layout *l, const struct config *c, const char *store)
{
    const char *url = store && *store ? store : c->store;
    if (*url && strcmp(url, "sqlite:") != 0) {
        snprintf(l->store, sizeof l->store, "%s", url);
        return;
    }
    int n = snprintf(l->store, sizeof l->store, "sqlite:%s", l->data);
    if (n < 0 || (size_t)n >= sizeof l->store) {
        fprintf(stderr, "isigurt: the path of the data directory is too long for its store; use a shorter one\n");
        exit(2);
    }
}

bool layout_is_postgres(const struct layout *l)
{
    return strncmp(l->store, "postgres", 8) == 0;
}

enum err layout_store_secret(const struct layout *l, struct buf *why)
{
    if (!layout_is_postgres(l))
        return OK;
    const char *at = strstr(l->store, "//");
    at = at ? at + 2 : l->store;
    size_t user = strcspn(at, "@/");
    if (!(at[user] == '@' && memchr(at, ':', user)) && !strstr(l->store, "password="))
        return OK;
    buf_put_z(why, "the address of the store holds a password; take it out, and give the owner's in a file named by PGPASSFILE, or let the "
                   "database trust its owner on the local socket");
    return ERR_INVALID;
}

// "postgres://…/db?host=/folder", or no host at all.
enum err layout_store_local(const struct layout *l, struct buf *why)
{
    if (!layout_is_postgres(l))
        return OK;
    const char *at = strstr(l->store, "//"), *host = strstr(l->store, "host=");
    at = at ? at + 2 : l->store;
    const char *end = at + strcspn(at, "/?"), *user = memchr(at, '@', (size_t)(end - at));
    at = user ? user + 1 : at;
    if (host ? host[5] == '/' || strncasecmp(host + 5, "%2F", 3) == 0 : at == end || strncasecmp(at, "%2F", 3) == 0)
        return OK;
    buf_put_z(why, "the keeper has no network and reaches PostgreSQL over a local socket only: postgres://user@/database?host=/var/run/postgresql");
    return ERR_INVALID;
}

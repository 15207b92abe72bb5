#include "libpq.h"
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#define LIBPQ_FILE "libpq.so.5" // the name of its binary interface, the same since PostgreSQL 8

struct libpq libpq;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool whole;

// POSIX promises that an address of dlsym fits a function pointer; C has no cast for it.
static bool find(void *at, const char *name, void *call, size_t size)
{
    void *symbol = dlsym(at, name);
    memcpy(call, &symbol, size);
    return symbol != NULL;
}

static void load(void)
{
    void *at = dlopen(LIBPQ_FILE, RTLD_NOW | RTLD_LOCAL);
    if (!at) return;
    whole = true;
#define LIBPQ_FIND(name) whole = find(at, "PQ" #name, &libpq.name, sizeof libpq.name) && whole;
    LIBPQ_CALLS(LIBPQ_FIND)
#undef LIBPQ_FIND
}

enum err libpq_load(struct buf *why)
{
    if (pthread_once(&once, load) == 0 && whole) return OK;
    buf_put_z(why, "store: a store of PostgreSQL needs its client library, " LIBPQ_FILE " (Debian: libpq5), version 14 or newer");
    return ERR_AWAY;
}

#include "base/share.h"
#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SHARE_UP_MAX 4 // folders above the program that may hold the build tree's `share`

static char share_root[SHARE_PATH_MAX] = SHARE_INSTALLED;

static void share_find(void)
{
    char folder[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);
    if (n <= 0) {
        return;
    }
    folder[n] = '\0';
    for (int up = 0; up < SHARE_UP_MAX; up++) {
        char *slash = strrchr(folder, '/');
        if (!slash) {
            return;
        }
        *slash = '\0';
        char marker[PATH_MAX + sizeof "/share/.isigurt-build"];
        snprintf(marker, sizeof marker, "%s/share/.isigurt-build", folder);
        if (access(marker, F_OK) == 0 && strlen(folder) + sizeof "/share" <= sizeof share_root) {
            memcpy(share_root, folder, strlen(folder));
            memcpy(share_root + strlen(folder), "/share", sizeof "/share");
            return;
        }
    }
}

const char *share_path(const char *relative, char *buf, size_t size)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, share_find);
    int n = snprintf(buf, size, "%s/%s", share_root, relative);
    assert(n >= 0 && (size_t)n < size);
    return buf;
}

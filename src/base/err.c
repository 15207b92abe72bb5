#include "base/err.h"
#include <assert.h>

const char *err_name(enum err e)
{
    static const char *const names[ERR_COUNT_] = {
        [OK] = "ok",
        [ERR_MALFORMED] = "malformed",
        [ERR_UNAUTHENTICATED] = "unauthenticated",
        [ERR_FORBIDDEN] = "forbidden",
        [ERR_NO_KEY] = "no-key",
        [ERR_NOT_FOUND] = "not-found",
        [ERR_METHOD] = "method-not-allowed",
        [ERR_CONFLICT] = "conflict",
        [ERR_TOO_LARGE] = "too-large",
        [ERR_KIND] = "unsupported-media-type",
        [ERR_INVALID] = "invalid",
        [ERR_LIMITED] = "limited",
        [ERR_FULL] = "full",
        [ERR_AWAY] = "away",
        [ERR_TAMPERED] = "tampered",
        [ERR_IO] = "io",
        [ERR_MEMORY] = "memory",
        [ERR_BUG] = "bug",
    };
    assert((unsigned)e < ERR_COUNT_ && names[e]);
    return names[e];
}

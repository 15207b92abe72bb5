#include <assert.h>
#include "web/inside.h"

static const struct { int status; enum message title, sentence; } table[ERR_COUNT_] = {
    [OK] = {200, MSG_WEB_TITLE_BROKEN, MSG_WEB_ERROR_BUG},
    [ERR_MALFORMED] = {400, MSG_WEB_TITLE_MALFORMED, MSG_WEB_ERROR_MALFORMED},
    [ERR_UNAUTHENTICATED] = {401, MSG_WEB_TITLE_SIGN_IN, MSG_WEB_ERROR_UNAUTHENTICATED},
    [ERR_FORBIDDEN] = {403, MSG_WEB_TITLE_FORBIDDEN, MSG_WEB_ERROR_FORBIDDEN},
    [ERR_NO_KEY] = {403, MSG_WEB_TITLE_FORBIDDEN, MSG_WEB_ERROR_NO_KEY},
    [ERR_NOT_FOUND] = {404, MSG_WEB_TITLE_NOT_FOUND, MSG_WEB_ERROR_NOT_FOUND},
    [ERR_METHOD] = {405, MSG_WEB_TITLE_METHOD, MSG_WEB_ERROR_METHOD},
    [ERR_CONFLICT] = {409, MSG_WEB_TITLE_CONFLICT, MSG_WEB_ERROR_CONFLICT},
    [ERR_TOO_LARGE] = {413, MSG_WEB_TITLE_TOO_LARGE, MSG_WEB_ERROR_TOO_LARGE},
    [ERR_KIND] = {415, MSG_WEB_TITLE_KIND, MSG_WEB_ERROR_KIND},
    [ERR_INVALID] = {422, MSG_WEB_TITLE_INVALID, MSG_WEB_ERROR_INVALID},
    [ERR_LIMITED] = {429, MSG_WEB_TITLE_LIMITED, MSG_WEB_ERROR_LIMITED},
    [ERR_FULL] = {503, MSG_WEB_TITLE_BUSY, MSG_WEB_ERROR_FULL},
    [ERR_AWAY] = {503, MSG_WEB_TITLE_BUSY, MSG_WEB_ERROR_AWAY},
    [ERR_TAMPERED] = {500, MSG_WEB_TITLE_BROKEN, MSG_WEB_ERROR_TAMPERED},
    [ERR_IO] = {500, MSG_WEB_TITLE_BROKEN, MSG_WEB_ERROR_BUG},
    [ERR_MEMORY] = {500, MSG_WEB_TITLE_BROKEN, MSG_WEB_ERROR_BUG},
    [ERR_BUG] = {500, MSG_WEB_TITLE_BROKEN, MSG_WEB_ERROR_BUG},
};

int status_of(enum err e)
{
    assert(e < ERR_COUNT_);
    return table[e].status;
}

enum message status_sentence(enum err e)
{
    return table[e].sentence;
}

enum message status_title(enum err e)
{
    return table[e].title;
}

enum err status_err(int status)
{
    switch (status) {
    case 400: return ERR_MALFORMED;
    case 401: return ERR_UNAUTHENTICATED;
    case 403: return ERR_FORBIDDEN;
    case 404: return ERR_NOT_FOUND;
    case 413: case 431: return ERR_TOO_LARGE;
    case 503: return ERR_FULL;
    default: return ERR_BUG;
    }
}

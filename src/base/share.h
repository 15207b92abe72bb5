// share: where the program's read-only data lies (locale/CODE.mo, sql/, country/, static/).
// In a build tree it is the folder `share` beside the program or beside one of the folders above it that holds the
// marker `.isigurt-build`; otherwise SHARE_INSTALLED. The environment has no say.
#pragma once
#include <stddef.h>

#define SHARE_INSTALLED "/usr/share/isigurt"
#define SHARE_PATH_MAX 4096 // bytes with the final NUL; enough for every buf of share_path

// Writes the absolute path of `relative` ("locale", "sql/sqlite") into buf and returns it. Never NULL; aborts where
// buf is too small, which is a programming mistake. Says nothing about whether the path exists. Any thread.
const char *share_path(const char *relative, char *buf, size_t size);

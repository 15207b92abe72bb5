// file: whole files in and out. Paths are the program's own, never a user's.
#pragma once
#include <sys/types.h>
#include "base/buf.h"

MUST_USE enum err file_read(const char *path, struct buf *out); // ERR_NOT_FOUND, ERR_TOO_LARGE past out's max, ERR_IO
// The whole of an open file, wherever it stands: several processes may read the same descriptor at once.
MUST_USE enum err file_read_open(int fd, struct buf *out);
// Writes path.tmp, fsyncs, renames over path, fsyncs the directory: readers see the old or the new, never half.
MUST_USE enum err file_replace(const char *path, struct str content, mode_t mode);
MUST_USE enum err file_make_dirs(const char *path, mode_t mode); // like mkdir -p; existing is fine
// regular files and folders only; all may read the copy, whoever makes it alone may write there
MUST_USE enum err file_copy_tree(const char *from, const char *to);
bool file_exists(const char *path);
MUST_USE enum err file_free_bytes(const char *path, uint64_t *out); // for an unprivileged writer (f_bavail)

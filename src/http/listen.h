// listen: the socket a program listens on. HOST:PORT (IPv4, [IPv6] or localhost; which hosts are allowed is the caller's
// rule) or unix:PATH.
#pragma once
#include "base/buf.h"

// A unix socket is made with mode 0660; a socket file that nobody listens on is replaced, one in use is ERR_CONFLICT.
MUST_USE enum err listen_open(const char *where, int *fd, bool *is_unix, struct buf *why);
enum err listen_raise_files(unsigned connections); // RLIMIT_NOFILE; ERR_LIMITED where the hard limit is too low

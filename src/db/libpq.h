// libpq, loaded when the first PostgreSQL connection is asked for. Linked in, it and the thirty libraries behind it (LDAP,
// Kerberos, SASL, OpenSSL) would cost each program 1.4 MB and stand in the keeper's address space beside its keys, on
// machines that have no PostgreSQL at all. Calls are written libpq.exec(…) for PQexec(…).
#pragma once
#include "base/err.h"
#include "base/buf.h"
#include <libpq-fe.h>

#define LIBPQ_CALLS(X)                                                                                                   \
    X(clear) X(cmdStatus) X(cmdTuples) X(connectdbParams) X(connectionNeedsPassword) X(connectionUsedPassword)           \
    X(conninfoFree) X(conninfoParse) X(consumeInput) X(db) X(encryptPasswordConn) X(enterPipelineMode) X(errorMessage)   \
    X(escapeIdentifier) X(escapeLiteral) X(exec) X(execParams) X(finish) X(flush) X(freemem) X(ftype) X(getCopyData)     \
    X(getResult) X(getisnull) X(getlength) X(getvalue) X(nfields) X(notifies) X(nparams) X(ntuples) X(paramtype)         \
    X(pipelineSync) X(putCopyData) X(putCopyEnd) X(resultErrorField) X(resultErrorMessage) X(resultStatus)               \
    X(sendDescribePrepared) X(sendFlushRequest) X(sendPrepare) X(sendQueryParams) X(sendQueryPrepared)                   \
    X(setNoticeReceiver) X(socket) X(status)

struct libpq {
#define LIBPQ_FIELD(name) __typeof__(PQ##name) *name;
    LIBPQ_CALLS(LIBPQ_FIELD)
#undef LIBPQ_FIELD
};

extern struct libpq libpq; // whole after the first libpq_load that was OK; never unloaded

// Must come before the keeper's filter is closed (a connection at start does that). ERR_AWAY: not installed; why says so.
enum err libpq_load(struct buf *why);

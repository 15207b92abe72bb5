// ACKNOWLEDGE: signs that a report was received (docs/protocol.md, "Acknowledgement"). Audited first, as everything; the desk says
// what was received, so a captured desk can have false ones signed, and each of them stands in the trail.
#include <string.h>
#include "base/clock.h"
#include "vault/acknowledge.h"
#include "vault/inside.h"

struct acknowledge_entry { struct server *server; struct audit_line line; struct chain_at written; };

static enum err entry_run(struct db *db, void *arg)
{
    struct acknowledge_entry *a = arg;
    return chain_append(a->server->chain, db, &a->line, &a->written);
}

enum err op_acknowledge(struct work *w)
{
    const struct wire_request *q = &w->x->rq;
    const struct vault_keys *keys = w->server->keys;
    struct acknowledgement a = {.report = q->object, .received = q->received, .category = q->category};
    uint8_t bytes[ACKNOWLEDGE_BYTES_MAX], signature[SIGN_BYTES];
    memcpy(a.install, keys->install_id, 16);
    memcpy(a.content, q->content, 16);
    size_t n = acknowledgement_bytes(&a, bytes);
    if (n == 0) {
        return ERR_MALFORMED;
    }
    struct str statement = {(const char *)bytes, n};
    struct acknowledge_entry entry = {.server = w->server, .line = {.at = clock_minute(clock_now()), .action = AUDIT_ACKNOWLEDGE,
                                                                    .object = a.report, .n_detail = 32}};
    crypto_digest(entry.line.detail, 32, "isigurt.acksum.1", NULL, 1, &statement);
    enum err e = store_write(w->server->o.store, entry_run, &entry);
    if (e) {
        return e;
    }
    chain_committed(w->server->chain, &entry.written);
    crypto_signature(signature, &keys->directory, statement);
    wire_put(w->out, STR_BYTES(signature));
    return buf_ok(w->out);
}

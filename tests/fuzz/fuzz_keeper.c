// libs: base crypto db vault
// The packets of keeper.sock: what the keeper reads from a captured desk, and what the desk reads from the keeper.
// First byte: 0 a request, otherwise the op whose answer it is; the second is the number of items that were asked for.
#include <stdlib.h>
#include "vault/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_request(struct str packet)
{
    struct wire_request *q = malloc(sizeof *q);
    if (!q) {
        abort();
    }
    if (!wire_request_read(packet, q)) {
        volatile uint64_t sum = q->token[TOKEN_BYTES - 1]; // touch all that is borrowed
        for (size_t i = 0; i < q->path.n; i++) {
            sum += (uint8_t)q->path.step[i].sealed.at[q->path.step[i].sealed.n - 1];
        }
        for (size_t i = 0; i < q->n_items; i++) {
            sum += q->item[i].bytes.n ? (uint8_t)q->item[i].bytes.at[q->item[i].bytes.n - 1] : 0;
        }
        sum += q->tags.n ? (uint8_t)q->tags.at[q->tags.n - 1] : 0;
        sum += q->units.n ? (uint8_t)q->units.at[q->units.n - 1] : 0;
        sum += q->children.n ? (uint8_t)q->children.at[q->children.n - 1] : 0;
        (void)sum;
        if (q->path.n > KEEPER_PATH_MAX || q->n_items > KEEPER_ITEMS_MAX || q->detail.n > AUDIT_DETAIL_MAX ||
            q->tags.n % WIRE_TAG_BYTES || q->children.n % WIRE_CHILD_BYTES || q->user.n > NAME_MAX_BYTES) {
            abort();
        }
    }
    free(q);
}

static void check_answer(struct str packet, uint8_t op, size_t n)
{
    struct wire_answer *a = malloc(sizeof *a);
    if (!a) {
        abort();
    }
    if (!wire_answer_read(packet, op, n, a)) {
        volatile uint64_t sum = 0;
        for (size_t i = 0; i < a->n_plain; i++) {
            sum += a->plain[i].n ? (uint8_t)a->plain[i].at[a->plain[i].n - 1] : 0;
        }
        sum += a->children.n ? (uint8_t)a->children.at[a->children.n - 1] : 0;
        sum += a->token ? a->token[TOKEN_BYTES - 1] : 0;
        (void)sum;
        if (a->session.n_units > 16 || (!a->status && op == OP_OPEN && a->n_plain != n) ||
            (!a->status && op == OP_REKEY && (a->children.n < RECORD_WRAP_BYTES || a->wraps.n != n * WIRE_UNIT_WRAP_BYTES)) ||
            (!a->status && op == OP_TAG && a->tags.n != n * WIRE_TAG_ANSWER_BYTES)) {
            abort();
        }
    }
    free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    struct str packet = {(const char *)data + 2, size - 2};
    if (data[0] == 0) {
        check_request(packet);
    } else {
        check_answer(packet, data[0], data[1]);
    }
    // Rows and files that are signed are read after their signature only; entries are read by whoever lists the audit.
    struct audit_line line;
    if (!audit_decode(packet, &line) && line.n_detail > AUDIT_DETAIL_MAX) {
        abort();
    }
    return 0;
}

// libs: pack text base
// A country pack of foreign bytes: refused or read, never more. "files" of the input are answered with the input again.
#include <assert.h>
#include "pack/inside.h"

static enum err load(void *ctx, const char *name, struct buf *out)
{
    (void)name;
    buf_put(out, *(const struct str *)ctx);
    return buf_ok(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct str input = {(const char *)bytes, n};
    struct pack *p = NULL;
    struct buf why;
    buf_init(&why, 65536);
    if (pack_read(load, &input, &p, &why) == OK) {
        // What was let through must answer without a fault of its own.
        for (size_t i = 0; pack_choice_at(p, i) != NULL; i++) {
            (void)pack_choice_question(p, pack_choice_at(p, i)->id, NULL);
        }
        for (size_t i = 0; pack_register_at(p, i) != NULL; i++) {
            const struct pack_register *x = pack_register_at(p, i);
            assert(pack_register_field(x, x->title) != NULL && pack_register_field(x, x->date) != NULL);
            for (size_t k = 0; k < x->n_fields; k++) {
                assert(x->field[k].label != NULL && (x->field[k].kind != PACK_ENTRY || pack_register(p, x->field[k].of) != NULL));
            }
        }
        (void)pack_host_shared(p, (struct str){(const char *)bytes, n < 64 ? n : 64});
        (void)pack_duty_now(p, (int64_t)n * INT64_C(86400000000), NULL);
    }
    pack_close(&p);
    buf_free(&why);
    return 0;
}

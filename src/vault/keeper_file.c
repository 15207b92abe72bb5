// The client's side of FILE.
#include <string.h>
#include "vault/call.h"

enum err keeper_files(struct keeper *k, const struct token *t, enum keeper_file_what what, enum keeper_file_kind kind, struct id thing,
                      struct keeper_file *files, size_t n)
{
    struct call c;
    if (n < 1 || n > KEEPER_FILES_MAX) {
        return ERR_TOO_LARGE;
    }
    enum err e = call_begin(&c, k, OP_FILE, t);
    if (e) {
        return e;
    }
    wire_put_u8(&c.out, (uint8_t)what);
    wire_put_u8(&c.out, (uint8_t)kind);
    wire_put(&c.out, id_bytes(&thing));
    buf_put_le(&c.out, 16 * n, 4);
    for (size_t i = 0; i < n; i++) {
        buf_put(&c.out, id_bytes(&files[i].id));
    }
    buf_put_le(&c.out, what == KEEPER_FILE_NEW ? 0 : KEEPER_FILE_WRAP * n, 4);
    for (size_t i = 0; what != KEEPER_FILE_NEW && i < n; i++) {
        buf_put(&c.out, STR_BYTES(files[i].wrap));
    }
    e = call_ask(&c, n);
    if (!e && what == KEEPER_FILE_NEW && c.answer.file_wraps.n != KEEPER_FILE_WRAP) {
        e = ERR_MALFORMED;
    }
    for (size_t i = 0; !e && i < n; i++) {
        memcpy(files[i].seed.b, c.answer.seeds.at + i * KEY_BYTES, KEY_BYTES);
    }
    if (!e && what == KEEPER_FILE_NEW) {
        memcpy(files[0].wrap, c.answer.file_wraps.at, KEEPER_FILE_WRAP);
    }
    call_end(&c);
    return e;
}

// libs: base crypto db vault
// The directory file, keeper.pub, heads and checkpoints. Each is signed: the input is tried as it came and, because a
// fuzzer finds no signatures, the directory once more with its rows signed again by a key of ours.
#include <stdlib.h>
#include <string.h>
#include "vault/chain.h"
#include "vault/directory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct epoch_row rows[EPOCHS_MAX];

static void check(struct str file, const struct public_key *pk)
{
    struct duty_row duty;
    int64_t written;
    size_t n = 0;
    if (!directory_decode(file, pk, &written, &duty, rows, &n)) {
        struct buf b;
        buf_init(&b, DIRECTORY_BYTES_MAX);
        directory_encode(&b, written, &duty, rows, n);
        if (n > EPOCHS_MAX || !str_equal(buf_str(&b), file)) {
            abort(); // what is accepted has one form
        }
        buf_free(&b);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sign_key sk;
    static struct public_key pk;
    static bool ready;
    if (!ready) {
        struct key seed = {{7}};
        crypto_sign_pair(&pk, &sk, &seed);
        ready = true;
    }
    struct str file = {(const char *)data, size};
    struct keeper_pub pub;
    struct head_file head;
    struct checkpoint point;
    check(file, &pk);
    if (!keeper_pub_parse(file, &pub) && pub.n_nodes > KEEPER_NODES_MAX) {
        abort();
    }
    pub = (struct keeper_pub){.n_nodes = 1, .node = {pk}};
    if (!head_parse(file, &pub, &head) || (!checkpoint_parse(file, &pub, &point) && point.n > KEEPER_NODES_MAX)) {
        abort(); // nobody signed it
    }
    if (size >= DIRECTORY_FIXED_BYTES && size <= 16 * 1024) {
        char *copy = malloc(size);
        if (!copy) {
            abort();
        }
        memcpy(copy, data, size);
        for (size_t at = DIRECTORY_FIXED_BYTES; at + DIRECTORY_ROW_BYTES <= size && at < DIRECTORY_FIXED_BYTES + 8 * DIRECTORY_ROW_BYTES;
             at += DIRECTORY_ROW_BYTES) {
            uint8_t m[76], sig[SIGN_BYTES];
            memcpy(m, "isigurt.direct.1", 16);
            memcpy(m + 16, copy + at, 60);
            crypto_signature(sig, &sk, STR_BYTES(m));
            memcpy(copy + at + 60, sig, SIGN_BYTES);
        }
        check((struct str){copy, size}, &pk);
        free(copy);
    }
    return 0;
}

#include "vault/publish.h"
#include <stdlib.h>
#include "base/file.h"
#include "base/log.h"

#define PATH_MOST 4096

struct publish_arg {
    const struct vault_keys *keys;
    struct epoch_row *rows;
    size_t n;
    struct duty_row duty;
};

static enum err publish_read(struct db *db, void *arg)
{
    struct publish_arg *a = arg;
    enum err e = epoch_all(db, &a->keys->row, a->rows, EPOCHS_MAX, &a->n);
    if (!e) {
        e = duty_get(db, &a->keys->row, &a->duty);
        if (e == ERR_NOT_FOUND) {
            a->duty = (struct duty_row){0};
            e = OK;
        }
    }
    return e;
}

enum err directory_publish(struct store *store, const struct vault_keys *keys, const char *keys_dir, int64_t now,
                           uint8_t digest[32])
{
    char path[PATH_MOST];
    struct buf file;
    buf_init(&file, DIRECTORY_BYTES_MAX);
    struct publish_arg a = {.keys = keys, .rows = malloc(EPOCHS_MAX * sizeof *a.rows)};
    enum err e = a.rows ? vault_path(path, sizeof path, keys_dir, "directory") : ERR_MEMORY;
    e = e ? e : store_read(store, publish_read, &a);
    for (size_t i = 0; !e && i < a.n; i++) {
        e = epoch_verify(&a.rows[i], &keys->directory_pk);
    }
    if (!e && !id_zero(a.duty.unit)) {
        e = duty_verify(&a.duty, &keys->directory_pk);
    }
    if (e == ERR_TAMPERED) {
        log_event(LOG_ALARM, "directory-forged");
    }
    if (!e) {
        directory_encode(&file, now, &a.duty, a.rows, a.n);
        e = buf_ok(&file);
    }
    e = e ? e : file_replace(path, buf_str(&file), 0644);
    if (!e && digest) {
        directory_digest(digest, buf_str(&file));
    }
    buf_free(&file);
    free(a.rows);
    return e;
}

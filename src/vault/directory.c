#include "vault/directory.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/file.h"
#include "base/log.h"
#include "vault/directory_file.h"
#include "vault/keys.h"

#define PATH_MOST 4096

struct content { // one reading of the file; replaced whole
    struct duty_row duty;
    size_t n;
    struct epoch_row rows[];
};

struct directory {
    char path[PATH_MOST];
    struct public_key key, tag;
    uint8_t install_id[16];
    pthread_mutex_t lock;    // guards content
    struct content *content;
    struct stat seen;        // of the file as last read: only directory_refresh, one thread
};

static enum err load(const struct directory *d, struct content **out)
{
    struct buf b;
    struct content *c = malloc(sizeof *c + EPOCHS_MAX * sizeof c->rows[0]);
    int64_t written;
    if (!c) {
        return ERR_MEMORY;
    }
    buf_init(&b, DIRECTORY_BYTES_MAX);
    enum err e = file_read(d->path, &b);
    e = e ? e : directory_decode(buf_str(&b), &d->key, &written, &c->duty, c->rows, &c->n);
    buf_free(&b);
    if (e) {
        free(c);
        return e;
    }
    struct content *fit = realloc(c, sizeof *c + c->n * sizeof c->rows[0]);
    *out = fit ? fit : c;
    return OK;
}

static enum err load_install_id(struct directory *d, const char *keys_dir, struct buf *why)
{
    char path[PATH_MOST];
    struct buf b;
    buf_init(&b, sizeof d->install_id + 1);
    enum err e = vault_path(path, sizeof path, keys_dir, "install.id");
    e = e ? e : file_read(path, &b);
    if (!e && b.n != sizeof d->install_id) {
        e = ERR_MALFORMED;
    }
    if (!e) {
        memcpy(d->install_id, b.at, sizeof d->install_id);
    }
    buf_free(&b);
    return e ? vault_why(why, e, keys_dir, "install.id", "cannot be read") : OK;
}

enum err directory_open(const char *keys_dir, struct directory **out, struct buf *why)
{
    struct keeper_pub pub;
    struct directory *d = calloc(1, sizeof *d);
    if (!d) {
        return ERR_MEMORY;
    }
    pthread_mutex_init(&d->lock, NULL);
    enum err e = vault_path(d->path, sizeof d->path, keys_dir, "directory");
    e = e ? e : keeper_pub_read(keys_dir, &pub, why);
    e = e ? e : load_install_id(d, keys_dir, why);
    if (!e) {
        d->key = pub.directory;
        d->tag = pub.tag;
        if (stat(d->path, &d->seen)) {
            d->seen = (struct stat){0};
        }
        e = load(d, &d->content);
        if (e) {
            e = vault_why(why, e, keys_dir, "directory",
                          e == ERR_NOT_FOUND ? "is missing; the keeper writes it" : "does not verify under keeper.pub");
        }
    }
    if (e) {
        directory_close(&d);
        return e;
    }
    *out = d;
    return OK;
}

void directory_close(struct directory **d)
{
    if (*d) {
        pthread_mutex_destroy(&(*d)->lock);
        free((*d)->content);
        free(*d);
        *d = NULL;
    }
}

static uint32_t newest(const struct content *c, struct id unit)
{
    uint32_t most = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (id_equal(c->rows[i].unit, unit) && c->rows[i].epoch > most) {
            most = c->rows[i].epoch;
        }
    }
    return most;
}

// Does `fresh` take nothing back that `old` said? The rows stand ordered by unit and epoch, so that the last of a unit is
// its newest, and each unit is looked up once.
static bool goes_on(const struct content *old, const struct content *fresh)
{
    for (size_t i = 0; i < old->n; i++) {
        bool last = i + 1 == old->n || !id_equal(old->rows[i].unit, old->rows[i + 1].unit);
        if (last && newest(fresh, old->rows[i].unit) < old->rows[i].epoch) {
            return false;
        }
    }
    return id_zero(old->duty.unit) || (!id_zero(fresh->duty.unit) && fresh->duty.since >= old->duty.since);
}

void directory_refresh(struct directory *d)
{
    struct stat st;
    struct content *fresh = NULL;
    if (stat(d->path, &st) || (st.st_ino == d->seen.st_ino && st.st_size == d->seen.st_size &&
                               st.st_mtim.tv_sec == d->seen.st_mtim.tv_sec && st.st_mtim.tv_nsec == d->seen.st_mtim.tv_nsec)) {
        return;
    }
    d->seen = st; // a bad file alarms once, not each 5 s
    enum err e = load(d, &fresh);
    if (e) {
        log_event(LOG_ALARM, "directory-refused", LOG_ERR(e));
        return;
    }
    pthread_mutex_lock(&d->lock);
    struct content *old = d->content;
    bool good = goes_on(old, fresh);
    if (good) {
        d->content = fresh;
    }
    pthread_mutex_unlock(&d->lock);
    if (!good) {
        log_event(LOG_ALARM, "directory-older");
    }
    free(good ? old : fresh);
}

static enum err find(const struct content *c, struct id unit, int64_t now, struct directory_unit *out)
{
    const struct epoch_row *best = NULL;
    for (size_t i = 0; i < c->n; i++) {
        const struct epoch_row *r = &c->rows[i];
        if (id_equal(r->unit, unit) && r->not_before <= now && (!best || r->epoch > best->epoch)) {
            best = r;
        }
    }
    if (!best) {
        return ERR_NO_KEY;
    }
    *out = (struct directory_unit){.unit = best->unit, .epoch = best->epoch, .pk = best->pk, .not_before = best->not_before};
    return OK;
}

enum err directory_find(struct directory *d, struct id unit, int64_t now, struct directory_unit *out)
{
    pthread_mutex_lock(&d->lock);
    enum err e = find(d->content, unit, now, out);
    pthread_mutex_unlock(&d->lock);
    return e;
}

enum err directory_duty(struct directory *d, int64_t now, struct directory_unit *out)
{
    pthread_mutex_lock(&d->lock);
    enum err e = id_zero(d->content->duty.unit) ? ERR_NO_KEY : find(d->content, d->content->duty.unit, now, out);
    pthread_mutex_unlock(&d->lock);
    return e;
}

struct public_key directory_tag_key(const struct directory *d)
{
    return d->tag;
}

struct public_key directory_sign_key(const struct directory *d)
{
    return d->key;
}

const uint8_t *directory_install_id(const struct directory *d)
{
    return d->install_id;
}

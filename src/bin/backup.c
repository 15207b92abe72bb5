// backup and restore: one encrypted file. Inside the stream: frames of kind u8 ‖ length u32 ‖ bytes;
// 'F' a file (name, NUL, content), 'D' a piece of the store's dump, 'E' the end.
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/share.h"
#include "bin/command.h"
#include "crypto/crypto.h"
#include "crypto/stream.h"
#include "retention/retention.h"
#include "vault/keys.h"
#include "vault/server.h"

#define FILE_MAX PACK_BYTES_MAX // bytes of a file in the backup: the accepted pack is the largest
#define FRAME_MAX (FILE_MAX + PROCESS_PATH)

// ── out ──
struct backup {
    int fd;
    struct stream_out *stream;
};

static enum err write_all(void *ctx, struct str bytes)
{
    const struct backup *b = ctx;
    while (bytes.n) {
        ssize_t n = write(b->fd, bytes.at, bytes.n);
        if (n < 0 && errno != EINTR)
            return errno == ENOSPC ? ERR_FULL : ERR_IO;
        if (n > 0)
            bytes = str_slice(bytes, (size_t)n, bytes.n);
    }
    return OK;
}

static enum err frame(struct backup *b, char kind, size_t length)
{
    char head[5] = {kind, (char)length, (char)(length >> 8), (char)(length >> 16), (char)(length >> 24)};
    return stream_out_put(b->stream, STR_BYTES(head));
}

static enum err dump_piece(void *ctx, struct str piece)
{
    struct backup *b = ctx;
    enum err e = frame(b, 'D', piece.n);
    return e ? e : stream_out_put(b->stream, piece);
}

static enum err put_file(struct backup *b, const char *path, const char *name)
{
    struct buf content;
    buf_init_secret(&content, FILE_MAX); // demo-accounts.json holds passwords
    enum err e = file_read(path, &content);
    if (!e)
        e = frame(b, 'F', strlen(name) + 1 + content.n);
    if (!e)
        e = stream_out_put(b->stream, (struct str){name, strlen(name) + 1});
    if (!e)
        e = stream_out_put(b->stream, buf_str(&content));
    buf_free(&content);
    return e;
}

static struct { // nftw knows no context
    struct backup *b;
    size_t skip;
    enum err e;
} walk;

static int walk_file(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)at;
    if (type == FTW_DNR || type == FTW_NS) // a backup that leaves something out is none
        walk.e = ERR_IO;
    else if (type == FTW_F && S_ISREG(st->st_mode))
        walk.e = put_file(walk.b, path, path + walk.skip);
    else if (type != FTW_D) {
        fprintf(stderr, "isigurt: %s is a link or no file; put the file itself there\n", path);
        walk.e = ERR_INVALID;
    }
    return walk.e != OK;
}

// keeper.pub and install.id are in every backup, so that a restored place can be matched with its keys.
static enum err put_files(struct backup *b, const struct layout *l)
{
    char path[PROCESS_PATH];
    enum err e = put_file(b, l->config, "isigurt.conf");
    static const char *const keys[] = {"keeper.pub", "install.id"};
    for (size_t i = 0; i < 2 && !e; i++) {
        char name[64];
        snprintf(name, sizeof name, "keys/%s", keys[i]);
        e = put_file(b, layout_join(path, l->keys, keys[i]), name);
    }
    if (!e && file_exists(l->demo))
        e = put_file(b, l->demo, "demo-accounts.json");
    if (!e && file_exists(l->pack)) // not before the first serve
        e = put_file(b, l->pack, "country.pack");
    if (e)
        return e;
    walk.b = b;
    walk.skip = strlen(l->data) + 1;
    walk.e = OK;
    int bad = nftw(l->country, walk_file, 16, FTW_PHYS);
    return walk.e ? walk.e : bad ? ERR_IO : OK;
}

static enum err read_key(const char *path, void *out)
{
    struct buf b;
    buf_init_secret(&b, 1024);
    enum err e = file_read(path, &b);
    if (!e && b.n != KEY_BYTES)
        e = ERR_MALFORMED;
    if (!e)
        memcpy(out, b.at, KEY_BYTES);
    buf_free(&b);
    return e;
}

int command_backup(int argc, char **argv)
{
    struct layout l;
    struct config c;
    const char *data = NULL, *keys = NULL, *store = NULL, *to = NULL;
    const struct option_row rows[] = {
        {"data", "DIR", "the data directory; it may be in use", &data, NULL},
        OPTION_KEYS(&keys),
        OPTION_STORE(&store),
        {"to", "FILE", "the file to write; it must not exist", &to, NULL},
    };
    command_options(argc, argv, "backup --data DIR --to FILE",
                    "Writes a consistent, encrypted copy, sealed to KEYS/backup.pub. It holds no key that opens a report.",
                    rows, sizeof rows / sizeof *rows);
    command_layout(&l, &c, data, keys, store);
    if (!to)
        command_fail(2, "say where to write the backup: --to FILE");
    char path[PROCESS_PATH];
    struct public_key pk;
    struct backup b = {.fd = -1};
    struct buf why;
    buf_init(&why, 2048);
    if (crypto_start() || read_key(layout_join(path, l.keys, "backup.pub"), &pk))
        command_fail(1, "%s cannot be read; give the folder of the keys with --keys", path);
    b.fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (b.fd < 0)
        command_fail(1, "%s cannot be made: %s", to, strerror(errno));
    enum err e = stream_out_new(&pk, write_all, &b, &b.stream);
    if (!e)
        e = put_files(&b, &l);
    if (!e)
        e = store_dump(l.store, dump_piece, &b, &why);
    if (!e)
        e = frame(&b, 'E', 0);
    if (!e)
        e = stream_out_end(&b.stream);
    else if (b.stream)
        stream_out_drop(&b.stream);
    if (!e && fsync(b.fd))
        e = ERR_IO;
    close(b.fd);
    if (e) {
        unlink(to);
        command_fail(1, "the backup failed (%.*s); nothing was left at %s", why.n ? (int)why.n : (int)strlen(err_name(e)),
                     why.n ? why.at : err_name(e), to);
    }
    printf("%s written\n", to);
    return 0;
}

// ── back ──
struct restore {
    int fd;
    struct stream_in *stream;
    struct str chunk;         // what is left of the current chunk
    bool end;
    struct layout *l;
    size_t piece;             // bytes left of the current 'D' frame
    bool files_done;
    bool ended;
};

static enum err read_all(void *ctx, void *into, size_t n)
{
    const struct restore *r = ctx;
    for (char *at = into; n;) {
        ssize_t got = read(r->fd, at, n);
        if (got == 0)
            return ERR_TAMPERED;
        if (got < 0 && errno != EINTR)
            return ERR_IO;
        if (got > 0) {
            at += got;
            n -= (size_t)got;
        }
    }
    return OK;
}

static enum err take(struct restore *r, void *into, size_t n)
{
    for (char *at = into; n;) {
        if (!r->chunk.n) {
            if (r->end)
                return ERR_TAMPERED;
            enum err e = stream_in_next(r->stream, &r->chunk, &r->end);
            if (e)
                return e;
            continue;
        }
        size_t part = n < r->chunk.n ? n : r->chunk.n;
        memcpy(at, r->chunk.at, part);
        r->chunk = str_slice(r->chunk, part, r->chunk.n);
        at += part;
        n -= part;
    }
    return OK;
}

// Each restore adds a node (vault/restore.c), so ours may know more than the backup does.
static bool pub_continues(struct str ours, struct str backup)
{
    struct keeper_pub a, b;
    return !keeper_pub_parse(ours, &a) && !keeper_pub_parse(backup, &b) && memcmp(&a.directory, &b.directory, sizeof a.directory) == 0 &&
           memcmp(&a.tag, &b.tag, sizeof a.tag) == 0 && a.n_nodes >= b.n_nodes && memcmp(a.node, b.node, b.n_nodes * sizeof *b.node) == 0;
}

// The store that it was restored to; the backup's own line names the one that was lost.
static enum err put_store(const struct layout *l)
{
    struct buf was, now;
    buf_init(&was, FILE_MAX);
    buf_init(&now, FILE_MAX);
    enum err e = file_read(l->config, &was);
    for (struct str rest = buf_str(&was); !e && rest.n;) {
        struct str line = str_cut(&rest, '\n'), key = line;
        if (!str_equal_z(str_trim(str_cut(&key, '=')), "store")) {
            buf_put(&now, line);
            buf_put_c(&now, '\n');
        }
    }
    bool own = strncmp(l->store, "sqlite:", 7) == 0 && strcmp(l->store + 7, l->data) == 0;
    buf_printf(&now, "store = %s\n", own ? "sqlite:" : l->store);
    e = e ? e : buf_ok(&now);
    e = e ? e : file_replace(l->config, buf_str(&now), 0600);
    buf_free(&was);
    buf_free(&now);
    if (!e)
        users_own_config(l);
    return e;
}

// A name of a backup is a path below the data directory, or one of the two public files of the keys.
static bool name_safe(struct str name)
{
    return name.n && name.at[0] != '/' && str_find_str(name, STR("..")) < 0 && !str_has_control(name, false) && name.n < 512;
}

static enum err put_back(struct restore *r, struct str name, struct str content)
{
    char path[PROCESS_PATH], relative[600];
    if (!name_safe(name))
        return ERR_TAMPERED;
    snprintf(relative, sizeof relative, "%.*s", STR_ARG(name));
    if (str_starts(name, "keys/")) { // the operator brings the keys; they must be those of this data
        struct buf own;
        buf_init(&own, 64 * 1024); // keeper.pub grows with each restore
        enum err e = file_read(layout_join(path, r->l->keys, relative + 5), &own);
        if (!e && !str_equal(buf_str(&own), content) && !(str_equal_z(name, "keys/keeper.pub") && pub_continues(buf_str(&own), content)))
            e = ERR_CONFLICT;
        buf_free(&own);
        return e;
    }
    layout_join(path, r->l->data, relative);
    char *slash = strrchr(path, '/');
    *slash = 0;
    enum err e = file_make_dirs(path, 0755);
    *slash = '/';
    return e ? e : file_replace(path, content, strcmp(path, r->l->demo) == 0 ? 0600 : 0644);
}

static enum err next_frame(struct restore *r, char *kind, size_t *length)
{
    unsigned char head[5];
    enum err e = take(r, head, sizeof head);
    if (e)
        return e;
    *kind = (char)head[0];
    *length = (size_t)head[1] | (size_t)head[2] << 8 | (size_t)head[3] << 16 | (size_t)head[4] << 24;
    return *length > FRAME_MAX ? ERR_TAMPERED : OK;
}

// The files stand first; stops at the first piece of the dump.
static enum err put_back_files(struct restore *r)
{
    for (;;) {
        char kind = 0;
        size_t length = 0;
        enum err e = next_frame(r, &kind, &length);
        if (e || kind == 'D') {
            r->piece = length;
            return e;
        }
        if (kind != 'F')
            return ERR_TAMPERED;
        char *bytes = malloc(length + 1);
        if (!bytes)
            return ERR_MEMORY;
        e = take(r, bytes, length);
        size_t name = e ? 0 : strnlen(bytes, length);
        if (!e)
            e = name == length ? ERR_TAMPERED : put_back(r, (struct str){bytes, name}, (struct str){bytes + name + 1, length - name - 1});
        crypto_wipe(bytes, length);
        free(bytes);
        if (e)
            return e;
    }
}

static enum err dump_source(void *ctx, char *into, size_t max, size_t *n)
{
    struct restore *r = ctx;
    while (!r->piece && !r->ended) {
        char kind = 0;
        enum err e = next_frame(r, &kind, &r->piece);
        if (e)
            return e;
        if (kind == 'E')
            r->ended = true;
        else if (kind != 'D')
            return ERR_TAMPERED;
    }
    *n = r->piece < max ? r->piece : max;
    r->piece -= *n;
    return take(r, into, *n);
}

int command_restore(int argc, char **argv)
{
    struct layout l;
    const char *data = NULL, *keys = NULL, *store = NULL, *from = NULL, *key = NULL;
    const struct option_row rows[] = {
        {"data", "DIR", "the data directory to make; it must not exist", &data, NULL},
        {"keys", "DIR", "the keys of that place (default: DIR-keys): keeper.key, keeper.pub, install.id, node.key", &keys, NULL},
        {"store", "postgres://…", "an empty PostgreSQL database instead of SQLite files in DIR", &store, NULL},
        {"from", "FILE", "the backup", &from, NULL},
        {"key", "FILE", "the secret half of backup.pub (backup.key)", &key, NULL},
    };
    command_options(argc, argv, "restore --data DIR --from FILE --key FILE", "Makes a data directory from a backup. All sessions end.",
                    rows, sizeof rows / sizeof *rows);
    struct buf why;
    buf_init(&why, 2048);
    if (!data || !from || !key)
        command_fail(2, "say --data DIR, --from FILE and --key FILE");
    if (layout_make(&l, data, keys, &why))
        command_fail(2, "%.*s", STR_ARG(buf_str(&why)));
    if (file_exists(l.data))
        command_fail(1, "%s exists; name a folder that does not, so that nothing is overwritten", l.data);
    char path[PROCESS_PATH];
    if (!file_exists(layout_join(path, l.keys, "keeper.key")))
        command_fail(1, "%s is missing; bring the keys of that place and name their folder with --keys", path);
    struct key *sk = NULL;
    struct public_key pk;
    struct restore r = {.l = &l, .fd = open(from, O_RDONLY | O_CLOEXEC)};
    if (r.fd < 0)
        command_fail(1, "%s cannot be read: %s", from, strerror(errno));
    enum err e = crypto_start();
    if (!e) {
        sk = secret_new(sizeof *sk);
        e = read_key(key, sk);
        if (e)
            command_fail(1, "%s is no key of a backup", key);
        e = read_key(layout_join(path, l.keys, "backup.pub"), &pk);
    }
    if (e)
        command_fail(1, "%s cannot be read", path);
    e = stream_in_new(&pk, sk, read_all, &r, &r.stream);
    secret_free(sk);
    if (e)
        command_fail(1, e == ERR_MALFORMED ? "%s is no backup of isigurt" : "%s was sealed to another key", from);
    umask(0022);
    users_make();
    users_decide(&l);
    users_own_folders(&l);
    e = put_back_files(&r);
    if (e == ERR_CONFLICT)
        command_fail(1, "the keys in %s belong to another place than the backup; remove %s and give the right ones with --keys", l.keys, l.data);
    if (e)
        command_fail(1, "the backup %s is damaged, or the disk is full (%s); remove %s and try again", from, err_name(e), l.data);
    struct config c;
    config_default(&c);
    e = config_read(l.config, &c, &why);
    if (e)
        command_fail(1, "%.*s; remove %s before the next try", STR_ARG(buf_str(&why)), l.data);
    layout_store(&l, &c, store);
    if (layout_store_secret(&l, &why) || layout_store_local(&l, &why))
        command_fail(1, "%.*s; remove %s and say --store", STR_ARG(buf_str(&why)), l.data);
    if (put_store(&l))
        command_fail(1, "%s cannot be written; remove %s and try again", l.config, l.data);
    char sql[SHARE_PATH_MAX];
    share_path(layout_is_postgres(&l) ? "sql/postgres" : "sql/sqlite", sql, sizeof sql);
    e = store_create(l.store, sql, users_own_store, &why);
    if (!e)
        e = store_load(l.store, sql, dump_source, &r, &why);
    if (!e && layout_is_postgres(&l))
        command_make_logins(&l, &why);
    while (!e && !r.ended) { // nothing may be missing behind what was read
        char rest[4096];
        size_t n;
        e = dump_source(&r, rest, sizeof rest, &n);
        if (!e && !n && !r.ended)
            e = ERR_TAMPERED;
    }
    struct store *s = NULL;
    if (!e)
        e = store_open(&(struct store_options){.url = l.store, .role = "admin", .write = "*", .read = "", .readers = 1}, &s, &why);
    if (!e)
        e = keeper_setup_restore(s, l.keys, l.heads, &why);
    size_t again = 0;
    if (!e)
        e = retention_replay(s, l.keys, l.heads, clock_now(), &again, &why);
    store_close(s);
    if (e)
        command_fail(1, "the restore failed (%.*s); remove %s, empty the database if --store was given, and try again",
                     why.n ? (int)why.n : (int)strlen(err_name(e)), why.n ? why.at : err_name(e), l.data);
    users_own_keys(&l);
    stream_in_free(&r.stream);
    close(r.fd);
    printf("%s restored; all sessions have ended\n", l.data);
    if (again)
        printf("%zu reports and cases were erased after this backup was made; they were erased again\n", again);
    return 0;
}

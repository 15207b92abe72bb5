#include "vault/keys.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/file.h"
#include "base/rand.h"

#define PUB_LABEL "isigurt.keepub.1"
#define PUB_FIXED (16 + 32 + 32 + 4)
#define PATH_MOST 4096
#define CTX "isgkeep1"

enum subkey { SUB_PASSWORD = 1, SUB_SESSION, SUB_TOTP, SUB_TAG, SUB_TAG_BOX, SUB_DIRECTORY, SUB_ROW, SUB_FILE };

enum err vault_why(struct buf *why, enum err e, const char *dir, const char *name, const char *sentence)
{
    if (why) {
        buf_printf(why, "%s/%s: %s", dir, name, sentence);
    }
    return e;
}

enum err vault_path(char *out, size_t size, const char *dir, const char *name)
{
    int n = snprintf(out, size, "%s/%s", dir, name);
    return n < 0 || (size_t)n >= size ? ERR_TOO_LARGE : OK;
}

static enum err read_file(const char *dir, const char *name, bool secret, struct buf *out, struct buf *why)
{
    char path[PATH_MOST];
    enum err e = vault_path(path, sizeof path, dir, name);
    struct stat st;
    if (!e && secret && !stat(path, &st) && (st.st_mode & 077)) {
        return vault_why(why, ERR_FORBIDDEN, dir, name, "others may read this secret; chmod 600 it");
    }
    e = e ? e : file_read(path, out);
    if (e) {
        return vault_why(why, e, dir, name, e == ERR_NOT_FOUND ? "is missing; `isigurt init` writes it" : "cannot be read");
    }
    return OK;
}

static enum err write_file(const char *dir, const char *name, mode_t mode, struct str content, struct buf *why)
{
    char path[PATH_MOST];
    enum err e = vault_path(path, sizeof path, dir, name);
    e = e ? e : file_replace(path, content, mode);
    return e ? vault_why(why, e, dir, name, "cannot be written") : OK;
}

// A file of exactly n bytes.
static enum err read_exact(const char *dir, const char *name, bool secret, void *out, size_t n, struct buf *why)
{
    struct buf b;
    buf_init_secret(&b, n + 1);
    enum err e = read_file(dir, name, secret, &b, why);
    if (!e && b.n != n) {
        e = vault_why(why, ERR_MALFORMED, dir, name, "has not the right length");
    }
    if (!e) {
        memcpy(out, b.at, n);
    }
    buf_free(&b);
    return e;
}

enum err keeper_pub_parse(struct str file, struct keeper_pub *out)
{
    if (file.n < PUB_FIXED + SIGN_BYTES || memcmp(file.at, PUB_LABEL, 16) != 0) {
        return ERR_MALFORMED;
    }
    const uint8_t *at = (const uint8_t *)file.at;
    size_t n = (size_t)at[80] | (size_t)at[81] << 8 | (size_t)at[82] << 16 | (size_t)at[83] << 24;
    if (n > KEEPER_NODES_MAX || file.n != PUB_FIXED + n * KEY_BYTES + SIGN_BYTES) {
        return ERR_MALFORMED;
    }
    struct keeper_pub p = {.n_nodes = n};
    memcpy(p.directory.b, at + 16, KEY_BYTES);
    memcpy(p.tag.b, at + 48, KEY_BYTES);
    memcpy(p.node, at + PUB_FIXED, n * KEY_BYTES);
    enum err e = crypto_verify(&p.directory, str_slice(file, 0, file.n - SIGN_BYTES),
                               str_slice(file, file.n - SIGN_BYTES, file.n));
    if (!e && !crypto_public_usable(&p.tag)) {
        e = ERR_TAMPERED;
    }
    if (!e) {
        *out = p;
    }
    return e;
}

enum err keeper_pub_read(const char *keys_dir, struct keeper_pub *out, struct buf *why)
{
    struct buf b;
    buf_init(&b, PUB_FIXED + KEEPER_NODES_MAX * KEY_BYTES + SIGN_BYTES);
    enum err e = read_file(keys_dir, "keeper.pub", false, &b, why);
    if (!e) {
        e = keeper_pub_parse(buf_str(&b), out);
        if (e) {
            e = vault_why(why, e, keys_dir, "keeper.pub", "is damaged; bring it back from a backup of the keys");
        }
    }
    buf_free(&b);
    return e;
}

static enum err pub_write(const char *keys_dir, const struct keeper_pub *pub, const struct sign_key *directory,
                          struct buf *why)
{
    struct buf b;
    uint8_t sig[SIGN_BYTES];
    buf_init(&b, PUB_FIXED + KEEPER_NODES_MAX * KEY_BYTES + SIGN_BYTES);
    buf_put(&b, STR(PUB_LABEL));
    buf_put(&b, STR_BYTES(pub->directory.b));
    buf_put(&b, STR_BYTES(pub->tag.b));
    buf_put_le(&b, pub->n_nodes, 4);
    buf_put(&b, (struct str){(const char *)pub->node, pub->n_nodes * KEY_BYTES});
    enum err e = buf_ok(&b);
    if (!e) {
        crypto_signature(sig, directory, buf_str(&b));
        buf_put(&b, STR_BYTES(sig));
        e = write_file(keys_dir, "keeper.pub", 0644, buf_str(&b), why);
    }
    buf_free(&b);
    return e;
}

// The directory's and the tag's pair from KM.
static void derive(struct vault_keys *k, const struct key *km)
{
    struct key seed;
    crypto_derive(k->password.b, KEY_BYTES, SUB_PASSWORD, CTX, km);
    crypto_derive(k->session.b, KEY_BYTES, SUB_SESSION, CTX, km);
    crypto_derive(k->totp.b, KEY_BYTES, SUB_TOTP, CTX, km);
    crypto_derive(k->tag.b, KEY_BYTES, SUB_TAG, CTX, km);
    crypto_derive(seed.b, KEY_BYTES, SUB_TAG_BOX, CTX, km);
    crypto_pair(&k->tag_pk, &k->tag_sk, &seed);
    crypto_derive(seed.b, KEY_BYTES, SUB_DIRECTORY, CTX, km);
    crypto_sign_pair(&k->directory_pk, &k->directory, &seed);
    crypto_derive(k->row.b, KEY_BYTES, SUB_ROW, CTX, km);
    crypto_derive(k->file.b, KEY_BYTES, SUB_FILE, CTX, km);
    crypto_wipe(&seed, sizeof seed);
}

static enum err read_km(const char *keys_dir, struct vault_keys *k, struct buf *why)
{
    struct key *km = secret_new(sizeof *km);
    enum err e = read_exact(keys_dir, "keeper.key", true, km->b, KEY_BYTES, why);
    if (!e) {
        derive(k, km);
    }
    secret_free(km);
    return e;
}

static enum err read_node(const char *keys_dir, struct vault_keys *k, struct buf *why)
{
    struct key *seed = secret_new(sizeof *seed);
    enum err e = read_exact(keys_dir, "node.key", true, seed->b, KEY_BYTES, why);
    if (!e) {
        crypto_sign_pair(&k->node_pk, &k->node, seed);
        memcpy(k->writer, k->node_pk.b, sizeof k->writer);
    }
    secret_free(seed);
    return e;
}

// recovery.pub: 32 bytes a custodian, two at least; missing where nobody has been named.
static enum err read_custodians(const char *keys_dir, struct vault_keys *k, struct buf *why)
{
    char path[PATH_MOST];
    enum err e = vault_path(path, sizeof path, keys_dir, "recovery.pub");
    if (e || !file_exists(path)) {
        return e;
    }
    struct buf b;
    buf_init(&b, CUSTODIANS_MAX * KEY_BYTES);
    e = read_file(keys_dir, "recovery.pub", false, &b, why);
    if (!e && (b.n % KEY_BYTES || b.n < 2 * KEY_BYTES)) {
        e = vault_why(why, ERR_MALFORMED, keys_dir, "recovery.pub", "must hold two to eight keys of 32 bytes");
    }
    for (size_t i = 0; !e && i < b.n / KEY_BYTES; i++) {
        memcpy(k->custodian[i].b, b.at + i * KEY_BYTES, KEY_BYTES);
        if (!crypto_public_usable(&k->custodian[i])) {
            e = vault_why(why, ERR_MALFORMED, keys_dir, "recovery.pub", "holds something that is no key");
        }
    }
    k->n_custodians = e ? 0 : b.n / KEY_BYTES;
    buf_free(&b);
    return e;
}

static bool node_known(const struct keeper_pub *pub, const struct public_key *node)
{
    for (size_t i = 0; i < pub->n_nodes; i++) {
        if (memcmp(pub->node[i].b, node->b, KEY_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

enum err vault_keys_read(const char *keys_dir, struct vault_keys **out, struct buf *why)
{
    struct vault_keys *k = secret_new(sizeof *k);
    enum err e = read_km(keys_dir, k, why);
    e = e ? e : read_node(keys_dir, k, why);
    e = e ? e : keeper_pub_read(keys_dir, &k->pub, why);
    e = e ? e : read_exact(keys_dir, "install.id", false, k->install_id, sizeof k->install_id, why);
    e = e ? e : read_custodians(keys_dir, k, why);
    if (!e && (memcmp(k->pub.directory.b, k->directory_pk.b, KEY_BYTES) != 0 ||
               memcmp(k->pub.tag.b, k->tag_pk.b, KEY_BYTES) != 0)) {
        e = vault_why(why, ERR_TAMPERED, keys_dir, "keeper.pub", "does not belong to keeper.key");
    }
    if (!e && !node_known(&k->pub, &k->node_pk)) {
        e = vault_why(why, ERR_TAMPERED, keys_dir, "keeper.pub", "does not name the key of this node (node.key)");
    }
    if (e) {
        secret_free(k);
        return e;
    }
    *out = k;
    return OK;
}

void vault_keys_free(struct vault_keys **k)
{
    secret_free(*k);
    *k = NULL;
}

// Writes node.key and keeper.pub with one node more.
static enum err node_add(const char *keys_dir, struct vault_keys *k, struct buf *why)
{
    if (k->pub.n_nodes == KEEPER_NODES_MAX) {
        return vault_why(why, ERR_FULL, keys_dir, "keeper.pub", "holds as many nodes as it can");
    }
    struct key *seed = secret_new(sizeof *seed);
    rand_bytes(seed->b, KEY_BYTES);
    crypto_sign_pair(&k->node_pk, &k->node, seed);
    memcpy(k->writer, k->node_pk.b, sizeof k->writer);
    k->pub.node[k->pub.n_nodes++] = k->node_pk;
    // keeper.pub first: a name without its key harms nothing, a key without its name cannot start
    enum err e = pub_write(keys_dir, &k->pub, &k->directory, why);
    e = e ? e : write_file(keys_dir, "node.key", 0600, STR_BYTES(seed->b), why);
    secret_free(seed);
    return e;
}

static enum err backup_pair(const char *keys_dir, struct buf *why)
{
    struct { struct key seed, sk; } *s = secret_new(sizeof *s);
    struct public_key pk;
    rand_bytes(s->seed.b, KEY_BYTES);
    crypto_pair(&pk, &s->sk, &s->seed);
    enum err e = write_file(keys_dir, "backup.pub", 0644, STR_BYTES(pk.b), why);
    e = e ? e : write_file(keys_dir, "backup.key", 0600, STR_BYTES(s->sk.b), why);
    secret_free(s);
    return e;
}

enum err vault_keys_create(const char *keys_dir, struct buf *why)
{
    char path[PATH_MOST];
    uint8_t install[16];
    struct vault_keys *k = NULL;
    struct key *km = NULL;
    enum err e = vault_path(path, sizeof path, keys_dir, "keeper.key");
    if (!e && file_exists(path)) {
        e = vault_why(why, ERR_CONFLICT, keys_dir, "keeper.key", "is there already; nothing was changed");
    }
    if (e) {
        goto out;
    }
    k = secret_new(sizeof *k);
    km = secret_new(sizeof *km);
    rand_bytes(km->b, KEY_BYTES);
    rand_bytes(install, sizeof install);
    derive(k, km);
    k->pub.directory = k->directory_pk;
    k->pub.tag = k->tag_pk;
    e = write_file(keys_dir, "install.id", 0644, STR_BYTES(install), why);
    e = e ? e : backup_pair(keys_dir, why);
    e = e ? e : node_add(keys_dir, k, why);
    e = e ? e : write_file(keys_dir, "keeper.key", 0600, STR_BYTES(km->b), why); // last: its presence says "whole"
out:
    secret_free(k);
    secret_free(km);
    return e;
}

enum err vault_keys_new_node(const char *keys_dir, struct buf *why)
{
    struct vault_keys *k = secret_new(sizeof *k);
    enum err e = read_km(keys_dir, k, why);
    e = e ? e : keeper_pub_read(keys_dir, &k->pub, why);
    if (!e && memcmp(k->pub.directory.b, k->directory_pk.b, KEY_BYTES) != 0) {
        e = vault_why(why, ERR_TAMPERED, keys_dir, "keeper.pub", "does not belong to keeper.key");
    }
    e = e ? e : node_add(keys_dir, k, why);
    secret_free(k);
    return e;
}

// machine: what this machine gives at this moment, without any of isigurt: the noise around a measurement, and ceilings
// that stand beside it. Each prints one line of JSON.
//
//   machine noise DIR      a fixed piece of work on one core, and 4 KiB written and synced in DIR
//   machine seal N         N times the cryptography of one report: receipt, keys, content, unit wrap, thread wrap, tag box
//   machine store DIR N G  N rows of a report's size into one SQLite table, synchronous=FULL, G rows a commit
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SYNCS 40
#define WORK_ROUNDS 1500
#define CONTENT 1024               // bytes of a report's content with its padding
#define ROW_SMALL 500              // bytes of a row beside its content

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void check(int fine, const char *what)
{
    if (fine)
        return;
    fprintf(stderr, "machine: %s: %s\n", what, strerror(errno));
    exit(2);
}

static int order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void noise(const char *dir)
{
    static unsigned char block[65536];
    unsigned char hash[32];
    double from = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID), sync[SYNCS];
    for (int i = 0; i < WORK_ROUNDS; i++) {
        crypto_generichash(hash, sizeof hash, block, sizeof block, NULL, 0);
        memcpy(block, hash, sizeof hash);
    }
    from = now(CLOCK_MONOTONIC) - from;
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    char path[4096];
    snprintf(path, sizeof path, "%s/noise.tmp", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    check(fd >= 0, path);
    for (int i = 0; i < SYNCS; i++) {
        double at = now(CLOCK_MONOTONIC);
        check(pwrite(fd, block, 4096, 4096 * i) == 4096 && fdatasync(fd) == 0, path);
        sync[i] = (now(CLOCK_MONOTONIC) - at) * 1e3;
    }
    close(fd);
    unlink(path);
    qsort(sync, SYNCS, sizeof *sync, order);
    printf("{\"work_ms\":%.2f,\"work_cpu_ms\":%.2f,\"sync_ms\":%.3f,\"sync_max_ms\":%.3f}\n", from * 1e3, cpu * 1e3, sync[SYNCS / 2],
           sync[SYNCS - 1]);
}

static void seal(long n)
{
    unsigned char unit_pk[32], tag_pk[32], sk[32], code[16], key[32], root[32], thread[32], out[CONTENT + 16], wrap[80], box[112], nonce[24];
    static unsigned char content[CONTENT];
    crypto_box_keypair(unit_pk, sk);
    crypto_box_keypair(tag_pk, sk);
    double from = now(CLOCK_PROCESS_CPUTIME_ID);
    for (long i = 0; i < n; i++) {
        randombytes_buf(code, sizeof code);
        crypto_generichash_blake2b_salt_personal(root, 32, code, sizeof code, NULL, 0, NULL, NULL);
        crypto_kdf_derive_from_key(thread, 32, 2, "isgrcpt1", root);
        randombytes_buf(key, sizeof key);
        randombytes_buf(nonce, sizeof nonce);
        crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, content, sizeof content, code, sizeof code, NULL, nonce, key);
        crypto_aead_xchacha20poly1305_ietf_encrypt(wrap, NULL, thread, 32, code, sizeof code, NULL, nonce, key);
        check(crypto_box_seal(wrap, key, 32, unit_pk) == 0 && crypto_box_seal(box, content, 64, tag_pk) == 0, "sealing");
    }
    from = now(CLOCK_PROCESS_CPUTIME_ID) - from;
    printf("{\"seal_us\":%.1f,\"seals_per_second\":%.0f}\n", from * 1e6 / (double)n, (double)n / from);
}

static void run(sqlite3 *db, const char *sql)
{
    check(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
}

static void store(const char *dir, long n, long group)
{
    static unsigned char content[CONTENT + 40], small[ROW_SMALL];
    char path[4096];
    sqlite3 *db;
    sqlite3_stmt *st;
    snprintf(path, sizeof path, "%s/ceiling.db", dir);
    check(sqlite3_open(path, &db) == SQLITE_OK, path);
    run(db, "pragma journal_mode=wal; pragma synchronous=full;"
            "create table report (seq integer primary key autoincrement, id blob not null unique, lookup blob not null unique, small blob, item blob) strict");
    check(sqlite3_prepare_v2(db, "insert into report (id, lookup, small, item) values (randomblob(16), randomblob(16), ?1, ?2)", -1, &st, NULL) ==
              SQLITE_OK, "insert");
    double from = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    for (long i = 0; i < n;) {
        run(db, "begin immediate");
        for (long k = 0; k < group && i < n; k++, i++) {
            sqlite3_bind_blob(st, 1, small, sizeof small, SQLITE_STATIC);
            sqlite3_bind_blob(st, 2, content, sizeof content, SQLITE_STATIC);
            check(sqlite3_step(st) == SQLITE_DONE && sqlite3_reset(st) == SQLITE_OK, "insert");
        }
        run(db, "commit");
    }
    from = now(CLOCK_MONOTONIC) - from;
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("{\"rows_per_second\":%.0f,\"row_us\":%.1f}\n", (double)n / from, cpu * 1e6 / (double)n);
    sqlite3_finalize(st);
    sqlite3_close(db);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/ceiling.db%s", dir, i == 0 ? "" : i == 1 ? "-wal" : "-shm");
        unlink(path);
    }
}

int main(int argc, char **argv)
{
    check(sodium_init() >= 0, "libsodium");
    if (argc == 3 && strcmp(argv[1], "noise") == 0)
        noise(argv[2]);
    else if (argc == 3 && strcmp(argv[1], "seal") == 0)
        seal(atol(argv[2]));
    else if (argc == 5 && strcmp(argv[1], "store") == 0)
        store(argv[2], atol(argv[3]), atol(argv[4]));
    else
        return fputs("see the head of bench/machine.c\n", stderr), 2;
    return 0;
}

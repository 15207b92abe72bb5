// Static files: read once, kept as ready answers (plain and gzip), told apart by their content's hash.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/file.h"
#include "web/inside.h"

#define FILES_MAX 512
#define FILE_MAX (4u << 20)   // bytes of one file
#define FILES_DEPTH 4
#define FILES_PATH 512

enum { FILE_PLAIN, FILE_GZIP, FILE_SAME, FILE_KINDS };
struct file {
    char *path;                                // as asked for
    char etag[20];                             // "\"0123456789abcdef\""
    struct http_ready *ready[FILE_KINDS][2];   // [1]: with the right ?v=, kept for a year
};
struct files {
    size_t n;
    struct file at[FILES_MAX];
    char version[9];
    uint64_t all;
};

static uint64_t fnv(uint64_t h, struct str s) // FNV-1a: names versions of our own files, guards nothing
{
    for (size_t i = 0; i < s.n; i++) {
        h = (h ^ (unsigned char)s.at[i]) * UINT64_C(0x100000001b3);
    }
    return h;
}
#define FNV_START UINT64_C(0xcbf29ce484222325)

static const struct { const char *end, *type; bool text; } types[] = {
    {".css", "text/css; charset=utf-8", true}, {".js", "text/javascript; charset=utf-8", true},
    {".svg", "image/svg+xml", true}, {".html", "text/html; charset=utf-8", true}, {".txt", "text/plain; charset=utf-8", true},
    {".json", "application/json", true}, {".webmanifest", "application/manifest+json", true}, {".xml", "application/xml", true},
    {".png", "image/png", false}, {".ico", "image/x-icon", false}, {".woff2", "font/woff2", false}, {".mp3", "audio/mpeg", false},
    {".ogg", "audio/ogg", false}, {".wav", "audio/wav", false}, {".pdf", "application/pdf", false},
};

static enum err ready_make(struct file *f, int kind, bool year, const char *type, struct str body)
{
    struct http_pair p[HTTP_PAIRS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < web_headers_n; i++) {
        p[n++] = web_headers[i];
    }
    p[n++] = (struct http_pair){"Cache-Control", year ? STR("public, max-age=31536000, immutable") : STR("no-cache")};
    p[n++] = (struct http_pair){"ETag", str_from(f->etag)};
    p[n++] = (struct http_pair){"Vary", STR("Accept-Encoding")};
    if (kind != FILE_SAME) {
        p[n++] = (struct http_pair){"Content-Type", str_from(type)};
    }
    if (kind == FILE_GZIP) {
        p[n++] = (struct http_pair){"Content-Encoding", STR("gzip")};
    }
    return http_ready_new(kind == FILE_SAME ? 304 : 200, p, n, kind == FILE_SAME ? (struct str){"", 0} : body, &f->ready[kind][year]);
}

static enum err file_add(struct files *fs, const char *disk, const char *path)
{
    struct buf body, packed;
    buf_init(&body, FILE_MAX);
    buf_init(&packed, FILE_MAX + 1024);
    struct file *f = &fs->at[fs->n];
    const char *type = "application/octet-stream";
    bool text = false;
    enum err e = fs->n == FILES_MAX ? ERR_TOO_LARGE : file_read(disk, &body);
    if (e) {
        goto out;
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (str_ends(str_from(path), types[i].end)) {
            type = types[i].type;
            text = types[i].text;
        }
    }
    uint64_t hash = fnv(FNV_START, buf_str(&body));
    fs->all ^= fnv(hash, str_from(path)); // order of the directory does not matter
    snprintf(f->etag, sizeof f->etag, "\"%016llx\"", (unsigned long long)hash);
    f->path = strdup(path);
    fs->n++;
    bool packs = text && gzip_pack(&packed, buf_str(&body)) == OK;
    for (int year = 0; !e && year < 2; year++) {
        e = ready_make(f, FILE_PLAIN, year, type, buf_str(&body));
        e = e ? e : ready_make(f, FILE_SAME, year, type, (struct str){"", 0});
        e = e || !packs ? e : ready_make(f, FILE_GZIP, year, type, buf_str(&packed));
    }
    e = f->path ? e : ERR_MEMORY;
out:
    buf_free(&body);
    buf_free(&packed);
    return e;
}

static enum err folder_add(struct files *fs, const char *disk, const char *path, int depth, struct buf *why)
{
    DIR *d = opendir(disk);
    if (!d || depth > FILES_DEPTH) {
        buf_printf(why, "%s: cannot be read as a folder of static files", disk);
        if (d) {
            closedir(d);
        }
        return ERR_IO;
    }
    enum err e = OK;
    const struct dirent *one;
    while (!e && (one = readdir(d))) {
        char below[FILES_PATH], asked[FILES_PATH];
        struct stat st;
        if (one->d_name[0] == '.' && strcmp(one->d_name, ".well-known") != 0) {
            continue;
        }
        bool root = depth == 0 && strcmp(one->d_name, "root") == 0; // what must lie at "/"
        int n = snprintf(below, sizeof below, "%s/%s", disk, one->d_name);
        int m = root ? snprintf(asked, sizeof asked, "%s", "") : snprintf(asked, sizeof asked, "%s/%s", path, one->d_name);
        if (n < 0 || m < 0 || (size_t)n >= sizeof below || (size_t)m >= sizeof asked || stat(below, &st)) {
            buf_printf(why, "%s: its path is too long", disk);
            e = ERR_IO;
        } else if (S_ISDIR(st.st_mode)) {
            e = folder_add(fs, below, asked, depth + 1, why);
        } else if (S_ISREG(st.st_mode)) {
            e = file_add(fs, below, asked);
            if (e) {
                buf_printf(why, "%s: %s", below, err_name(e));
            }
        }
    }
    closedir(d);
    return e;
}

static int file_order(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

enum err files_open(const char *dir, struct files **out, struct buf *why)
{
    struct files *fs = calloc(1, sizeof *fs);
    if (!fs) {
        return ERR_MEMORY;
    }
    enum err e = dir ? folder_add(fs, dir, "/static", 0, why) : OK;
    if (e) {
        files_free(&fs);
        return e;
    }
    qsort(fs->at, fs->n, sizeof fs->at[0], file_order);
    snprintf(fs->version, sizeof fs->version, "%08x", (unsigned)(fs->all ^ fs->all >> 32));
    *out = fs;
    return OK;
}

void files_free(struct files **fs)
{
    for (size_t i = 0; *fs && i < (*fs)->n; i++) {
        free((*fs)->at[i].path);
        for (int k = 0; k < FILE_KINDS; k++) {
            http_ready_free(&(*fs)->at[i].ready[k][0]);
            http_ready_free(&(*fs)->at[i].ready[k][1]);
        }
    }
    free(*fs);
    *fs = NULL;
}

struct str files_version(const struct files *fs)
{
    return str_from(fs->version);
}

struct http_ready *files_find(struct files *fs, const struct http_request *rq)
{
    size_t low = 0, high = fs->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        struct file *f = &fs->at[middle];
        int order = str_compare(rq->path, str_from(f->path));
        if (order == 0) {
            bool year = rq->query.n == 10 && str_starts(rq->query, "v=") && str_ends(rq->query, fs->version);
            if (str_equal_z(rq->header[HTTP_IF_NONE_MATCH], f->etag)) {
                return f->ready[FILE_SAME][year];
            }
            bool gzip = f->ready[FILE_GZIP][year] && gzip_wanted(rq->header[HTTP_ACCEPT_ENCODING]);
            return f->ready[gzip ? FILE_GZIP : FILE_PLAIN][year];
        }
        low = order > 0 ? middle + 1 : low;
        high = order < 0 ? middle : high;
    }
    return NULL;
}

#include "base/config.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/file.h"

#define CONFIG_BYTES_MAX (64 * 1024) // of the file
#define CONFIG_KEYS_MAX 20

enum kind {
    LISTEN,      // HOST:PORT on loopback, or unix:/PATH
    WEB,         // http(s)://…
    WEB_OR_NONE, // the same, or empty
    STORE,       // sqlite:, sqlite:/FOLDER or postgres(ql)://…
    MAIL_SERVER, // smtp(s)://…, or empty
    PATH,        // a file's absolute path, or empty
    TEXT,        // one line
    NUMBER,
};

struct row {
    const char *key;
    enum kind kind;
    size_t at, room;    // the field in struct config; room in bytes with the NUL
    int64_t least, most; // NUMBER
    const char *standard; // default, in the words of the file
    const char *sentence;
};

#define TEXT_FIELD(f) offsetof(struct config, f), sizeof((struct config *)0)->f, 0, 0
#define NUMBER_FIELD(f, least, most) offsetof(struct config, f), sizeof(int64_t), least, most

static const struct row rows[] = {
    {"portal.listen", LISTEN, TEXT_FIELD(portal_listen), "127.0.0.1:8080",
     "where the public site answers: loopback HOST:PORT or unix:/PATH; the front (nginx) stands before it"},
    {"desk.listen", LISTEN, TEXT_FIELD(desk_listen), "127.0.0.1:8081", "where the staff site answers, likewise"},
    {"portal.url", WEB, TEXT_FIELD(portal_url), "http://localhost:8080",
     "what the public types, for links; https:// unless it is this machine"},
    {"desk.url", WEB, TEXT_FIELD(desk_url), "http://127.0.0.1:8081", "what staff type, for the link in notification mails"},
    {"store", STORE, TEXT_FIELD(store), "sqlite:", "sqlite: (files in the data directory), sqlite:/FOLDER or postgres://…"},
    {"smtp.url", MAIL_SERVER, TEXT_FIELD(smtp_url), "", "mail server, smtp://HOST:PORT or smtps://…; empty: no mail is sent"},
    {"smtp.from", TEXT, TEXT_FIELD(smtp_from), "", "sender of mails"},
    {"smtp.credentials", PATH, TEXT_FIELD(smtp_credentials), "", "a file with user:password for the mail server, or empty"},
    {"webhook.url", WEB_OR_NONE, TEXT_FIELD(webhook_url), "", "gets POST {urgency, link}, for SMS gateways, or empty"},
    {"portal.threads", NUMBER, NUMBER_FIELD(portal_threads, 8, 256), "64", "requests that the portal works on at once"},
    {"desk.threads", NUMBER, NUMBER_FIELD(desk_threads, 8, 256), "32", "requests that the desk works on at once"},
    {"connections", NUMBER, NUMBER_FIELD(connections, 64, 20000), "12000", "open connections of one program"},
    {"disk.reserve_mb", NUMBER, NUMBER_FIELD(disk_reserve_mb, 0, 4096), "64", "MiB preallocated for the worst day"},
    {"disk.free_mb", NUMBER, NUMBER_FIELD(disk_free_mb, 0, 1048576), "512",
     "MiB; with less free only reports of danger come in"},
    {"rate.reports", NUMBER, NUMBER_FIELD(rate_reports, 1, 1000000), "20",
     "reports of one network prefix in 10 minutes before work is asked for"},
    {"proof.bits", NUMBER, NUMBER_FIELD(proof_bits, 8, 28), "18", "how much work, in bits"},
    {"ticket.seconds", NUMBER, NUMBER_FIELD(ticket_seconds, 1, 600), "20", "how long those wait who have no script"},
};
#define ROWS (sizeof rows / sizeof *rows)
_Static_assert(ROWS <= CONFIG_KEYS_MAX, "a setting that nobody changes is no setting");

static const struct row *row_of(struct str key)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (str_equal_z(key, rows[i].key)) {
            return &rows[i];
        }
    }
    return NULL;
}

static bool good_port(struct str s)
{
    int64_t port;
    return s.n > 0 && s.at[0] >= '0' && s.at[0] <= '9' && !str_int(s, &port) && port >= 1 && port <= 65535;
}

// 127.x.y.z, localhost or [::1], with a port or without.
static bool on_loopback(struct str place)
{
    if (str_starts(place, "[::1]")) {
        return place.n == 5 || place.at[5] == ':';
    }
    struct str host = str_cut(&place, ':');
    if (str_equal_z(host, "localhost")) {
        return true;
    }
    int parts = 0;
    for (struct str rest = host; rest.n > 0; parts++) {
        int64_t v;
        struct str part = str_cut(&rest, '.');
        if (str_int(part, &v) || v < 0 || v > 255 || part.n > 3 || (parts == 0 && v != 127)) {
            return false;
        }
    }
    return parts == 4 && !str_ends(host, ".");
}

static bool good_listen(struct str v)
{
    if (str_starts(v, "unix:")) {
        return v.n > 6 && v.at[5] == '/' && v.n - 5 < 108; // sun_path of a unix socket
    }
    size_t colon = v.n;
    while (colon > 0 && v.at[colon - 1] != ':') {
        colon--;
    }
    return colon > 1 && good_port(str_slice(v, colon, v.n)) && on_loopback(v);
}

static bool good_web(struct str v)
{
    bool plain = str_starts(v, "http://");
    if (!plain && !str_starts(v, "https://")) {
        return false;
    }
    struct str place = str_slice(v, plain ? 7 : 8, v.n);
    place = str_cut(&place, '/');
    return place.n > 0 && str_find(place, '@') < 0 && str_find(v, ' ') < 0 && (!plain || on_loopback(place));
}

// NULL, or what the value must be.
static const char *fault_of(const struct row *row, struct str v)
{
    switch (row->kind) {
    case LISTEN:
        return good_listen(v) ? NULL : "HOST:PORT on loopback (127.0.0.1, [::1], localhost) or unix:/PATH";
    case WEB:
        return good_web(v) ? NULL : "https://… (http:// only for localhost, 127.0.0.1 or [::1])";
    case WEB_OR_NONE:
        return v.n == 0 || good_web(v) ? NULL : "empty or https://… (http:// only for localhost, 127.0.0.1 or [::1])";
    case STORE:
        return str_equal_z(v, "sqlite:") || str_starts(v, "sqlite:/") || str_starts(v, "postgres://") || str_starts(v, "postgresql://")
                   ? NULL : "sqlite:, sqlite:/FOLDER or postgres://…";
    case MAIL_SERVER:
        return v.n == 0 || (str_starts(v, "smtp://") && v.n > 7) || (str_starts(v, "smtps://") && v.n > 8)
                   ? NULL : "empty, smtp://HOST:PORT or smtps://HOST:PORT";
    case PATH:
        return v.n == 0 || v.at[0] == '/' ? NULL : "empty or the absolute path of a file";
    case TEXT:
    case NUMBER:
        break;
    }
    return NULL;
}

enum err config_set(struct config *c, struct str key, struct str value, struct buf *why)
{
    const struct row *row = row_of(key);
    if (!row) {
        buf_put_z(why, "unknown key");
        if (key.n <= 64 && str_utf8_valid(key) && !str_has_control(key, false)) {
            buf_printf(why, " '%.*s'", STR_ARG(key));
        }
        buf_put_z(why, "; the keys are");
        for (size_t i = 0; i < ROWS; i++) {
            buf_printf(why, "%s %s", i ? "," : "", rows[i].key);
        }
        return ERR_INVALID;
    }
    if (row->kind == NUMBER) {
        int64_t v;
        if (str_int(value, &v) || v < row->least || v > row->most) {
            buf_printf(why, "%s must be a whole number from %" PRId64 " to %" PRId64, row->key, row->least, row->most);
            return ERR_INVALID;
        }
        memcpy((char *)c + row->at, &v, sizeof v);
        return OK;
    }
    if (value.n >= row->room) {
        buf_printf(why, "%s must be shorter than %zu bytes", row->key, row->room);
        return ERR_TOO_LARGE;
    }
    if (!str_utf8_valid(value) || str_has_control(value, false)) {
        buf_printf(why, "%s holds a control character or is not UTF-8", row->key);
        return ERR_INVALID;
    }
    const char *wanted = fault_of(row, value);
    if (wanted) {
        buf_printf(why, "%s must be %s", row->key, wanted);
        return ERR_INVALID;
    }
    char *at = (char *)c + row->at;
    memset(at, 0, row->room);
    if (value.n) {
        memcpy(at, value.at, value.n);
    }
    return OK;
}

void config_default(struct config *c)
{
    *c = (struct config){0};
    for (size_t i = 0; i < ROWS; i++) {
        struct str v = str_from(rows[i].standard);
        if (rows[i].kind == NUMBER) {
            int64_t number = 0;
            enum err e = str_int(v, &number);
            (void)e; // a number by the test that sets every default
            memcpy((char *)c + rows[i].at, &number, sizeof number);
        } else {
            memcpy((char *)c + rows[i].at, v.at, v.n);
        }
    }
}

static enum err read_line(struct config *c, struct str line, bool seen[static ROWS], struct buf *why)
{
    line = str_trim(line);
    if (line.n == 0 || line.at[0] == '#') {
        return OK;
    }
    if (str_find(line, '=') < 0) {
        buf_put_z(why, "expected \"key = value\", or # before a comment");
        return ERR_INVALID;
    }
    struct str value = line;
    struct str key = str_trim(str_cut(&value, '='));
    const struct row *row = row_of(key);
    if (row && seen[row - rows]) {
        buf_printf(why, "%s stands here for the second time; keep one of the lines", row->key);
        return ERR_INVALID;
    }
    if (row) {
        seen[row - rows] = true;
    }
    return config_set(c, key, str_trim(value), why);
}

enum err config_read(const char *path, struct config *c, struct buf *why)
{
    struct config read = *c;
    bool seen[ROWS] = {false};
    struct buf file, line_why;
    buf_init(&file, CONFIG_BYTES_MAX);
    buf_init(&line_why, why->max);
    enum err e = file_read(path, &file);
    if (e) {
        buf_printf(why, "%s: %s", path, e == ERR_NOT_FOUND   ? "is not there; 'isigurt init' makes it"
                                        : e == ERR_TOO_LARGE ? "is larger than 64 KiB"
                                                             : "cannot be read; check its owner and mode");
        goto out;
    }
    struct str rest = buf_str(&file);
    for (int number = 1; rest.n > 0 && !e; number++) {
        e = read_line(&read, str_cut(&rest, '\n'), seen, &line_why);
        if (e) {
            buf_printf(why, "%s:%d: ", path, number);
            buf_put(why, buf_str(&line_why));
        }
    }
    if (!e) {
        *c = read;
    }
out:
    buf_free(&file);
    buf_free(&line_why);
    return e;
}

void config_describe(struct buf *out)
{
    for (size_t i = 0; i < ROWS; i++) {
        const struct row *row = &rows[i];
        buf_printf(out, "%s = %s\n    %s", row->key, row->standard, row->sentence);
        if (row->kind == NUMBER) {
            buf_printf(out, " (%" PRId64 " to %" PRId64 ")", row->least, row->most);
        }
        buf_put_c(out, '\n');
    }
}

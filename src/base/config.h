// config: at most 20 keys, one table, read from DATA/isigurt.conf ("key = value", # comments). An unknown key, a
// value out of range, or a repeated key refuses the start with a line that says file, line and mend.
// Clocks, categories and texts are country pack, not config; secrets are files, never values.
#pragma once
#include "base/buf.h"

struct config {
    // Each field has a row in config.c: key, type, range, default, sentence. Texts are NUL-terminated.
    char portal_listen[256];        // portal.listen      HOST:PORT | unix:PATH; plain HTTP, loopback only
    char desk_listen[256];          // desk.listen
    char portal_url[256];           // portal.url         what the public types, for links; https:// off loopback
    char desk_url[256];             // desk.url           for the link in notification mails
    char store[512];                // store              sqlite: (the data directory) | sqlite:/FOLDER | postgres://…
    char smtp_url[256];             // smtp.url           smtp://HOST:PORT | smtps://…; empty: no mail is sent
    char smtp_from[256];            // smtp.from
    char smtp_credentials[256];     // smtp.credentials   a file with user:password, or empty
    char webhook_url[256];          // webhook.url        POST {urgency, link} for SMS gateways, or empty
    int64_t portal_threads;         // portal.threads     8-256, default 64
    int64_t desk_threads;           // desk.threads       8-256, default 32
    int64_t connections;            // connections        64-20000 per program, default 12000
    int64_t disk_reserve_mb;        // disk.reserve_mb    0-4096, default 64: preallocated
    int64_t disk_free_mb;           // disk.free_mb       0-1048576, default 512: below it only danger reports come in
    int64_t rate_reports;           // rate.reports       reports a prefix and 10 minutes before proof of work, default 20
    int64_t proof_bits;             // proof.bits         8-28, default 18
    int64_t ticket_seconds;         // ticket.seconds     wait of the no-script lane, default 20
};

void config_default(struct config *c);
// *why: one line for the person at the keyboard ("isigurt.conf:7: unknown key 'port'; the keys are …").
MUST_USE enum err config_read(const char *path, struct config *c, struct buf *why);
MUST_USE enum err config_set(struct config *c, struct str key, struct str value, struct buf *why);
void config_describe(struct buf *out); // every key with its sentence, range and default: `isigurt config check --help`

#include "job/send.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/id.h"

#define SEND_SECONDS 30L

enum err send_start(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) ? ERR_IO : OK;
}

struct upload {
    struct str rest;
};

static size_t upload_read(char *into, size_t size, size_t count, void *ctx)
{
    struct upload *u = ctx;
    size_t n = size * count < u->rest.n ? size * count : u->rest.n;
    if (n)
        memcpy(into, u->rest.at, n);
    u->rest = str_slice(u->rest, n, u->rest.n);
    return n;
}

static size_t discard(char *from, size_t size, size_t count, void *ctx)
{
    (void)from, (void)ctx;
    return size * count;
}

// RFC 2047, base64, one word: subjects are short.
static void put_subject(struct buf *out, struct str subject)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *b = (const unsigned char *)subject.at;
    buf_put_z(out, "Subject: =?UTF-8?B?");
    for (size_t i = 0; i < subject.n; i += 3) {
        size_t left = subject.n - i;
        unsigned v = (unsigned)b[i] << 16 | (left > 1 ? (unsigned)b[i + 1] << 8 : 0) | (left > 2 ? b[i + 2] : 0u);
        buf_put_c(out, digit[v >> 18]);
        buf_put_c(out, digit[v >> 12 & 63]);
        buf_put_c(out, left > 1 ? digit[v >> 6 & 63] : '=');
        buf_put_c(out, left > 2 ? digit[v & 63] : '=');
    }
    buf_put_z(out, "?=\r\n");
}

static void put_message(struct buf *out, const struct config *c, struct str recipient, struct str subject, struct str body)
{
    char date[64], hex[ID_HEX];
    time_t now = time(NULL); // the mail's own date, not the program's moved clock
    struct tm tm;
    gmtime_r(&now, &tm);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &tm);
    const char *host = strchr(c->smtp_from, '@');
    buf_printf(out, "Date: %s\r\nFrom: %s\r\nTo: %.*s\r\nMessage-ID: <%s%s>\r\n", date, c->smtp_from, STR_ARG(recipient),
               id_hex(id_random(), hex), host ? host : "@localhost");
    put_subject(out, subject);
    buf_put_z(out, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
                   "Auto-Submitted: auto-generated\r\n\r\n");
    while (body.n) {
        struct str line = str_cut(&body, '\n');
        buf_put(out, line);
        buf_put_z(out, "\r\n");
    }
}

static enum err from_curl(CURLcode code, long status)
{
    if (code == CURLE_OK)
        return OK;
    if (code == CURLE_LOGIN_DENIED) // 535: the operator's to mend, and no fault of this mail
        return ERR_AWAY;
    return status >= 500 && status < 600 ? ERR_INVALID : ERR_AWAY;
}

// user:password of the file that the configuration names, in a secret buffer.
static enum err credentials(const struct config *c, struct buf *secret)
{
    if (!*c->smtp_credentials)
        return OK;
    enum err e = file_read(c->smtp_credentials, secret);
    while (!e && secret->n && (secret->at[secret->n - 1] == '\n' || secret->at[secret->n - 1] == '\r'))
        secret->n--;
    buf_put_c(secret, 0);
    return e ? e : buf_ok(secret);
}

enum err send_mail(const struct config *c, struct str recipient, struct str subject, struct str body)
{
    if (str_has_control(recipient, false) || str_has_control(subject, false) || !recipient.n || !*c->smtp_url ||
        str_find(recipient, ' ') >= 0 || str_find(recipient, ',') >= 0)
        return ERR_MALFORMED;
    enum err e = ERR_MEMORY;
    struct buf message, secret;
    buf_init(&message, 64 * 1024);
    buf_init_secret(&secret, 1024);
    CURL *curl = curl_easy_init();
    struct curl_slist *to = NULL;
    char address[400];
    if (!curl || recipient.n >= sizeof address)
        goto out;
    memcpy(address, recipient.at, recipient.n);
    address[recipient.n] = 0;
    to = curl_slist_append(NULL, address);
    put_message(&message, c, recipient, subject, body);
    e = to ? credentials(c, &secret) : ERR_MEMORY;
    if (!e)
        e = buf_ok(&message);
    if (e)
        goto out;
    struct upload upload = {buf_str(&message)};
    curl_easy_setopt(curl, CURLOPT_URL, c->smtp_url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, c->smtp_from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, upload_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, SEND_SECONDS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    if (secret.n) { // a password goes over TLS only
        char *colon = strchr(secret.at, ':');
        curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, colon ? colon + 1 : "");
        if (colon)
            *colon = 0;
        curl_easy_setopt(curl, CURLOPT_USERNAME, secret.at);
    } else {
        curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_TRY);
    }
    CURLcode code = curl_easy_perform(curl);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    e = from_curl(code, status);
out:
    curl_slist_free_all(to);
    curl_easy_cleanup(curl);
    buf_free(&message);
    buf_free(&secret);
    return e;
}

enum err send_webhook(const struct config *c, struct str json)
{
    if (!*c->webhook_url)
        return ERR_MALFORMED;
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    enum err e = ERR_MEMORY;
    if (!curl || !headers)
        goto out;
    curl_easy_setopt(curl, CURLOPT_URL, c->webhook_url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)json.n);
    curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, json.at);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, SEND_SECONDS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    CURLcode code = curl_easy_perform(curl);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    bool later = status == 401 || status == 403 || status == 408 || status == 429 || status / 100 != 4; // keys and rates mend
    e = code != CURLE_OK ? ERR_AWAY : status / 100 == 2 ? OK : later ? ERR_AWAY : ERR_INVALID;
out:
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return e;
}

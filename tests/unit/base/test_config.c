#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/config.h"
#include "base/file.h"

static char path[] = "/tmp/isigurt-config-XXXXXX";

static enum err read_text(const char *text, struct config *c, struct buf *why)
{
    assert_int_equal(file_replace(path, str_from(text), 0600), OK);
    buf_clear(why);
    config_default(c);
    return config_read(path, c, why);
}

static void reads_every_key(void **state)
{
    (void)state;
    struct config c;
    struct buf why;
    buf_init(&why, 4000);
    assert_int_equal(read_text("# a comment\n"
                               "portal.listen = 127.0.0.1:9080\n"
                               "desk.listen=unix:/run/isigurt/desk.sock\r\n"
                               "  portal.url   =  https://raporto.example  \n"
                               "desk.url = https://tavolina.example/\n"
                               "store = postgres://isigurt@db.example/isigurt?sslmode=verify-full\n"
                               "smtp.url = smtps://mail.example:465\n"
                               "smtp.from = isigurt <alarm@isigurt.example>\n"
                               "smtp.credentials = /etc/isigurt/smtp\n"
                               "webhook.url = http://127.0.0.1:7000/sms\n"
                               "portal.threads = 8\n"
                               "desk.threads = 256\n"
                               "connections = 64\n"
                               "disk.reserve_mb = 0\n"
                               "disk.free_mb = 65536\n"
                               "rate.reports = 1\n"
                               "proof.bits = 28\n"
                               "\n"
                               "ticket.seconds = 1", &c, &why), OK);
    assert_int_equal(why.n, 0);
    assert_string_equal(c.portal_listen, "127.0.0.1:9080");
    assert_string_equal(c.desk_listen, "unix:/run/isigurt/desk.sock");
    assert_string_equal(c.portal_url, "https://raporto.example");
    assert_string_equal(c.desk_url, "https://tavolina.example/");
    assert_string_equal(c.store, "postgres://isigurt@db.example/isigurt?sslmode=verify-full");
    assert_string_equal(c.smtp_url, "smtps://mail.example:465");
    assert_string_equal(c.smtp_from, "isigurt <alarm@isigurt.example>");
    assert_string_equal(c.smtp_credentials, "/etc/isigurt/smtp");
    assert_string_equal(c.webhook_url, "http://127.0.0.1:7000/sms");
    assert_int_equal(c.portal_threads, 8);
    assert_int_equal(c.desk_threads, 256);
    assert_int_equal(c.connections, 64);
    assert_int_equal(c.disk_reserve_mb, 0);
    assert_int_equal(c.disk_free_mb, 65536);
    assert_int_equal(c.rate_reports, 1);
    assert_int_equal(c.proof_bits, 28);
    assert_int_equal(c.ticket_seconds, 1);
    buf_free(&why);
}

// Every default is one that config_set takes, and the numbers are those of the header.
static void defaults_hold_their_own_rules(void **state)
{
    (void)state;
    struct config c, again;
    struct buf text, why;
    buf_init(&text, 10000);
    buf_init(&why, 4000);
    config_default(&c);
    assert_string_equal(c.portal_listen, "127.0.0.1:8080");
    assert_string_equal(c.portal_url, "http://localhost:8080");
    assert_string_equal(c.store, "sqlite:");
    assert_int_equal(c.portal_threads, 64);
    assert_int_equal(c.desk_threads, 32);
    assert_int_equal(c.connections, 12000);
    assert_int_equal(c.disk_free_mb, 512);
    assert_int_equal(c.proof_bits, 18);
    config_describe(&text);
    assert_int_equal(buf_ok(&text), OK);
    memset(&again, 0, sizeof again);
    int keys = 0;
    for (struct str rest = buf_str(&text); rest.n > 0;) {
        struct str line = str_cut(&rest, '\n');
        assert_true(line.n < 200);
        if (!str_starts(line, " ")) {
            struct str key = str_trim(str_cut(&line, '='));
            assert_int_equal(config_set(&again, key, str_trim(line), &why), OK);
            keys++;
        }
    }
    assert_int_equal(keys, 17);
    assert_memory_equal(&c, &again, sizeof c);
    buf_free(&text);
    buf_free(&why);
}

static void refuses_with_the_mend(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } faults[] = {
        {"\n\nport = 80\n", ":3: unknown key 'port'; the keys are portal.listen, desk.listen,"},
        {"Store = sqlite:\n", ":1: unknown key 'Store'"},
        {"por\001t = 80\n", ":1: unknown key; the keys are"},
        {"hello\n", ":1: expected \"key = value\", or # before a comment"},
        {"portal.threads = 7\n", ":1: portal.threads must be a whole number from 8 to 256"},
        {"portal.threads = 257\n", ":1: portal.threads must be"},
        {"portal.threads = many\n", ":1: portal.threads must be"},
        {"portal.threads =\n", ":1: portal.threads must be"},
        {"proof.bits = 18 # bits\n", ":1: proof.bits must be"},
        {"proof.bits = 18\nproof.bits = 18\n", ":2: proof.bits stands here for the second time; keep one of the lines"},
        {"portal.listen = 0.0.0.0:8080\n", ":1: portal.listen must be HOST:PORT on loopback"},
        {"portal.listen = 192.0.2.1:8080\n", ":1: portal.listen must be"},
        {"portal.listen = 127.0.0.1\n", ":1: portal.listen must be"},
        {"portal.listen = 127.0.0.1:0\n", ":1: portal.listen must be"},
        {"portal.listen = 127.0.0.1:65536\n", ":1: portal.listen must be"},
        {"portal.listen = 127.0.0.1:-1\n", ":1: portal.listen must be"},
        {"portal.listen = 127.0.0.1.evil.example:80\n", ":1: portal.listen must be"},
        {"portal.listen = localhost.evil.example:80\n", ":1: portal.listen must be"},
        {"portal.listen = 127.0.0:80\n", ":1: portal.listen must be"},
        {"portal.listen = unix:relative\n", ":1: portal.listen must be"},
        {"desk.listen = unix:\n", ":1: desk.listen must be"},
        {"portal.url = http://raporto.example\n", ":1: portal.url must be https://"},
        {"portal.url = http://localhost@raporto.example\n", ":1: portal.url must be https://"},
        {"portal.url = \n", ":1: portal.url must be https://"},
        {"desk.url = ftp://x\n", ":1: desk.url must be https://"},
        {"store = mysql://x\n", ":1: store must be sqlite:, sqlite:/FOLDER or postgres://"},
        {"store = sqlite:folder\n", ":1: store must be sqlite:"},
        {"smtp.url = mail.example\n", ":1: smtp.url must be empty, smtp://HOST:PORT or smtps://HOST:PORT"},
        {"smtp.credentials = secret\n", ":1: smtp.credentials must be empty or the absolute path of a file"},
        {"webhook.url = http://sms.example\n", ":1: webhook.url must be empty or https://"},
        {"smtp.from = a\001b\n", ":1: smtp.from holds a control character or is not UTF-8"},
        {"smtp.from = a\xff\n", ":1: smtp.from holds a control character or is not UTF-8"},
    };
    struct config c, standard;
    struct buf why;
    buf_init(&why, 4000);
    config_default(&standard);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        char expected[300];
        snprintf(expected, sizeof expected, "%s%s", path, faults[i].says);
        assert_int_equal(read_text(faults[i].text, &c, &why), ERR_INVALID);
        if (!str_starts(buf_str(&why), expected)) {
            fail_msg("'%s' gave '%.*s'", faults[i].text, STR_ARG(buf_str(&why)));
        }
        assert_true(str_find(buf_str(&why), '\n') < 0);
        assert_memory_equal(&c, &standard, sizeof c); // nothing of a refused file counts
    }
    buf_free(&why);
}

static void refuses_what_does_not_fit(void **state)
{
    (void)state;
    struct config c;
    struct buf why;
    buf_init(&why, 4000);
    char text[70000];
    memset(text, 'x', sizeof text);
    memcpy(text, "smtp.from = ", 12);
    text[12 + 255] = '\0';
    assert_int_equal(read_text(text, &c, &why), OK);
    assert_int_equal(strlen(c.smtp_from), 255);
    text[12 + 255] = 'x';
    text[12 + 256] = '\0';
    assert_int_equal(read_text(text, &c, &why), ERR_TOO_LARGE);
    memset(text, '\n', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(read_text(text, &c, &why), ERR_TOO_LARGE);
    assert_true(str_ends(buf_str(&why), ": is larger than 64 KiB"));
    buf_clear(&why);
    assert_int_equal(config_read("/nowhere/isigurt.conf", &c, &why), ERR_NOT_FOUND);
    assert_str(buf_str(&why), "/nowhere/isigurt.conf: is not there; 'isigurt init' makes it");
    buf_free(&why);
}

static void takes_every_loopback(void **state)
{
    (void)state;
    struct config c;
    struct buf why;
    buf_init(&why, 4000);
    static const char *const good[] = {"127.0.0.1:8080", "127.8.9.255:1", "localhost:65535", "[::1]:8080", "unix:/tmp/x"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(config_set(&c, STR("portal.listen"), str_from(good[i]), &why), OK);
        assert_string_equal(c.portal_listen, good[i]);
    }
    buf_free(&why);
}

int main(void)
{
    int fd = mkstemp(path);
    if (fd < 0) {
        return 1;
    }
    close(fd);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_key),           cmocka_unit_test(defaults_hold_their_own_rules),
        cmocka_unit_test(refuses_with_the_mend),     cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(takes_every_loopback),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}

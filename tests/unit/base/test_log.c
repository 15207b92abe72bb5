#include "unit.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/log.h"

static char line[4096];
static int readable, stderr_kept;

static void begin(void)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    stderr_kept = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    readable = ends[0];
}

static const char *end(void)
{
    dup2(stderr_kept, STDERR_FILENO); // the last writing end is gone: read sees the end
    close(stderr_kept);
    ssize_t n = read(readable, line, sizeof line - 1);
    close(readable);
    line[n > 0 ? n : 0] = '\0';
    return line;
}

static void writes_one_line(void **state)
{
    (void)state;
    struct id id;
    assert_int_equal(id_from_hex(STR("000102030405060708090a0b0c0d0eff"), &id), OK);
    log_open("portal", LOG_INFO);
    begin();
    log_event(LOG_ALARM, "audit.broken", LOG_I("n", -5), LOG_ID("report", id), LOG_Z("where", "head"), LOG_ERR(ERR_TAMPERED));
    const char *got = end();
    static const char after[] = " level=alarm process=portal event=audit.broken n=-5 "
                                "report=000102030405060708090a0b0c0d0eff where=head err=tampered\n";
    assert_true(strlen(got) > sizeof after);
    assert_string_equal(got + strlen(got) - strlen(after), after);
    int year, milli;
    assert_int_equal(sscanf(got, "time=%4d-%*2d-%*2dT%*2d:%*2d:%*2d.%3dZ ", &year, &milli), 2);
}

static void leaves_out_what_is_too_quiet(void **state)
{
    (void)state;
    log_open("desk", LOG_WARN);
    begin();
    log_event(LOG_INFO, "start");
    assert_string_equal(end(), "");
    begin();
    log_event(LOG_WARN, "start");
    assert_non_null(strstr(end(), "level=warn process=desk event=start\n"));
}

static void stays_one_line_when_too_long(void **state)
{
    (void)state;
    struct log_value many[200];
    for (size_t i = 0; i < 200; i++) {
        many[i] = LOG_I("number", i);
    }
    begin();
    log_write(LOG_WARN, "many", 200, many);
    const char *got = end();
    assert_non_null(strstr(got, "event=many number=0 number=1 "));
    assert_true(strlen(got) <= 1024);
    assert_ptr_equal(strchr(got, '\n'), got + strlen(got) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_one_line),
        cmocka_unit_test(leaves_out_what_is_too_quiet),
        cmocka_unit_test(stays_one_line_when_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

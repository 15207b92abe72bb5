// What the tests of the report room start with: the Albanian pack, both languages, an arena for each test.
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>
#include "base/share.h"
#include "report/report.h"

static struct pack *frame_pack;
static struct arena *frame_arena;

static inline int frame_open(void **state)
{
    (void)state;
    char path[SHARE_PATH_MAX];
    struct buf why;
    buf_init(&why, 65536);
    enum err e = crypto_start();
    if (!e)
        e = text_open(share_path("locale", path, sizeof path), "sq,en", &why);
    if (!e)
        e = pack_open(share_path("country/al", path, sizeof path), &frame_pack, &why);
    if (e)
        print_error("%s: %.*s\n", err_name(e), STR_ARG(buf_str(&why)));
    buf_free(&why);
    return e ? -1 : 0;
}

static inline int frame_close(void **state)
{
    (void)state;
    pack_close(&frame_pack);
    return 0;
}

static inline int frame_begin(void **state)
{
    (void)state;
    return arena_new(4 << 20, &frame_arena) ? -1 : 0;
}

static inline int frame_end(void **state)
{
    (void)state;
    arena_free(&frame_arena);
    return 0;
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, frame_begin, frame_end)
#define SAME(s_, z_) do { struct str got_ = (s_); if (!str_equal_z(got_, z_)) fail_msg("'%.*s' is not '%s'", STR_ARG(got_), z_); } while (0)

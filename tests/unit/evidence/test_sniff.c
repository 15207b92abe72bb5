#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "evidence/evidence.h"

static void is(struct str bytes, const char *ending)
{
    struct sniffed s = {"", ""};
    bool known = evidence_sniff(bytes, &s);
    assert_int_equal(known, ending != NULL);
    assert_string_equal(s.ending, ending ? ending : "");
}

static void test_sniff(void **state)
{
    (void)state;
    is(STR("%PDF-1.4"), "pdf");
    is(STR("\x89PNG\r\n\x1a\n..."), "png");
    is(STR("\xff\xd8\xff\xe0"), "jpg");
    is(STR("RIFF....WEBPVP8 "), "webp");
    is(STR("....ftypisom"), "mp4");
    is(STR("PK\x03\x04" "..........................[Content_Types].xml"), "ooxml");
    is(STR("PK\x03\x04" "..........................mimetypeapplication/vnd.oasis.opendocument.text"), "odf");
    is(STR("From: a\r\nDate: b\r\n\r\nc"), "eml");
    is(STR("Përshëndetje\n"), "txt");
}

static void test_refused(void **state)
{
    (void)state;
    is(STR(""), NULL);
    is(STR("MZ\x90\x00"), NULL);
    is(STR("PK\x03\x04 anything else in an archive, as long as it is"), NULL);
    is(STR("RIFF\x01...AVI "), NULL);
    is(STR("a\xff"), NULL);
    is(STR("\x1b[31m"), NULL);
    is(STR("<!DOCTYPE html><p>x"), NULL);
    is(STR(" \r\n\t<svg xmlns='http://www.w3.org/2000/svg'/>"), NULL);
    is(STR("\xef\xbb\xbf<?xml version='1.0'?>"), NULL);
    is(STR("<a href='javascript:1'>x</a>"), NULL);
    is(STR("Fjalë, pastaj <ScRiPt>alert(1)</ScRiPt>"), NULL);
    is(STR("x\n<HTML onload=1>"), NULL);
    is(STR("#!/bin/sh\nid"), NULL);
}

// What people write that only looks a little like it.
static void test_texts_with_signs(void **state)
{
    (void)state;
    char far[6000];
    memset(far, 'a', sizeof far);
    memcpy(far + 5000, "<script>", 8);
    is((struct str){far, sizeof far}, "txt");
    is(STR("3 < 4 dhe <3"), "txt");
    is(STR("<3 zemër"), "txt");
    is(STR("< fillim"), "txt");
    is(STR("Ana <ana@posta.example> shkroi:"), "txt");
    is(STR("From: <a@b.example>\r\nDate: b\r\n\r\n<html><script>x</script>"), "eml"); // a message, kept whole as evidence
}

static bool lies(const char *name, const char *ending)
{
    const struct sniffed kind = {"", ending};
    return evidence_name_lies(str_from(name), &kind);
}

static void test_names(void **state)
{
    (void)state;
    assert_false(lies("raport.pdf", "pdf"));
    assert_false(lies("RAPORT.PDF", "pdf"));
    assert_false(lies("raport", "pdf"));
    assert_false(lies("foto.v2.jpeg", "jpg"));
    assert_false(lies("lista.xlsx", "ooxml"));
    assert_false(lies("lista.csv", "txt"));
    assert_true(lies("raport.pdf", "png"));
    assert_true(lies("raport.pdf.exe", "pdf"));
    assert_true(lies("raport.html", "txt"));
    assert_true(lies("raport.averylongending", "txt"));
    assert_true(lies("raport.p f", "pdf"));
    assert_false(lies("fundi.", "pdf"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sniff), cmocka_unit_test(test_refused), cmocka_unit_test(test_texts_with_signs),
                                       cmocka_unit_test(test_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

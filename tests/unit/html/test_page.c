// Pages compiled by the real template-compile, rendered: holes by position, and the layouts and parts in both languages.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "pages/gallery.h"

static struct buf html;
static struct req rq;
static struct gallery_in in;
static struct gallery_out out;
static const struct error_out error_shown = {.status = 503, .title = STR("Provo <b>përsëri"), .sentence = STR("Teksti nuk ka humbur.")};

static const char *render(const char *name)
{
    for (const struct gallery_page *p = gallery_pages; p->name != NULL; p++) {
        if (strcmp(p->name, name) != 0)
            continue;
        buf_clear(&html);
        p->page(&html, &rq, &in, strncmp(name, "error_", 6) == 0 ? (const void *)&error_shown : &out);
        buf_put_c(&html, '\0');
        assert_int_equal(buf_ok(&html), OK);
        return html.at;
    }
    fail_msg("no page %s", name);
    return "";
}

static void has(const char *page, const char *what)
{
    if (strstr(page, what) == NULL)
        fail_msg("not in the page: %s\n%s", what, page);
}

static void lacks(const char *page, const char *what)
{
    if (strstr(page, what) != NULL)
        fail_msg("in the page: %s\n%s", what, page);
}

static void holes_are_escaped_by_position(void **state)
{
    (void)state;
    gallery_fill(&rq, &in, &out, text_lang(STR("sq")));
    rq.refused_field = STR("address");
    rq.refused_sentence = STR("jo & po");
    assert_string_equal(render("holes"),
        "<p title=\"&lt;b&gt;&quot;&amp;&#39;&lt;/b&gt; ⟨U+202E⟩txt.exe\" class=\"a "
        "now\">&lt;b&gt;&quot;&amp;&#39;&lt;/b&gt; ⟨U+202E⟩txt.exe"
        "|-5|1|<em>md</em></p> <a href=\"#\">1</a>"
        "<a href=\"/r/%3Cb%3E%22%26%27%3C%2Fb%3E%20%E2%80%AEtxt.exe?x=-5\">2</a><a href=\"tel:116111\">3</a> "
        "<textarea>\n\nnjë rresht</textarea> rows none not "
        "[01000000000000000000000000000000 1][02000000000000000000000000000000 2][03000000000000000000000000000000 3]"
        "[04000000000000000000000000000000 4]empty <input type=\"checkbox\" checked>jo &amp; po 2 nga 7Kthehu ");
}

static void the_shell_is_whole(void **state)
{
    (void)state;
    gallery_fill(&rq, &in, &out, text_lang(STR("sq")));
    rq.notice = STR("<i>");
    const char *page = render("choose");
    assert_true(strncmp(page, "<!doctype html><html lang=\"sq\">", 31) == 0);
    has(page, "href=\"#main\">Kalo te përmbajtja</a>");
    has(page, "<main id=\"main\" tabindex=\"-1\">");
    has(page, "href=\"tel:116111\"><b>116 111</b> <span>Linja e fëmijëve ALO 116 111</span> <small>ditë e natë · falas</small></a>");
    has(page, "href=\"tel:129\"><b>129</b> <span>Policia</span> <small>ditë e natë</small></a>"); // nobody said that it is free
    has(page, "Të dhënat e numrave janë të datës 23 nëntor 2026.");
    has(page, "<a class=\"exit\" href=\"https://sq.shembull.example/\" rel=\"noreferrer\">Dil shpejt</a>");
    has(page, "<a class=\"home\" href=\"/?lang=sq\"");
    has(page, "role=\"alert\"><p>&lt;i&gt;</p>");
    has(page,
        "<button class=\"off\" form=\"form\" tabindex=\"-1\" aria-hidden=\"true\"></button><button class=\"lang\" "
        "form=\"form\" name=\"lang\" value=\"en\" lang=\"en\" formnovalidate>English</button>");
    has(page, "name=\"address\" value=\"https://shembull.example/?a=&quot;b&quot;&amp;c\">");
    has(page, "value=\"threat_images\" checked><span>");
    has(page, "value=\"asked\"><span>");
    has(page, "value=\"2\" max=\"7\"");
    lacks(page, "class=\"error\"");
    rq.lang = text_lang(STR("en"));
    rq.lang_code = STR("en");
    rq.lang_other = STR("sq");
    page = render("receipt");
    has(page, "<html lang=\"en\">");
    has(page, "<a class=\"lang\" href=\"?lang=sq\" lang=\"sq\" hreflang=\"sq\">Shqip</a>");
    has(page, "Is somebody in danger now? Call at once.");
    has(page, "class=\"said mine\"");
}

static void a_refusal_stands_at_its_field(void **state)
{
    (void)state;
    gallery_fill(&rq, &in, &out, text_lang(STR("en")));
    const char *page = render("where");
    has(page, "aria-describedby=\"address-hint\"");
    lacks(page, "aria-invalid");
    rq.refused_field = STR("address");
    rq.refused_sentence = STR("No address");
    page = render("where");
    has(page, "<div class=\"field bad\">");
    has(page, "aria-describedby=\"address-hint address-error\" aria-invalid=\"true\"");
    has(page, "id=\"address-error\"><span class=\"off\">Error: </span>No address</p>");
    has(page, "maxlength=\"4000\" data-left=\"{n} characters left\">\n");
}

static void the_desk_shows_only_its_doors(void **state)
{
    (void)state;
    gallery_fill(&rq, &in, &out, text_lang(STR("en")));
    const char *page = render("queue");
    has(page, "<a href=\"/roster\">On call</a>");
    lacks(page, "href=\"/settings\"");
    has(page, "<input type=\"hidden\" name=\"csrf\" value=\"token\">");
    has(page, "<span class=\"urgency u1\"><b>U1</b> rrezik tani</span>");
    rq.who.name = STR("");
    lacks(render("queue"), "<nav");
    has(render("error_desk"), "<h1>Provo &lt;b&gt;përsëri</h1>");
    has(render("error_public"), "Go to the start page");
}

// Small enough for the budget of a first visit: 20 KB with the stylesheet, script and icon; gzip leaves a third of this.
static void the_form_is_light(void **state)
{
    (void)state;
    gallery_fill(&rq, &in, &out, text_lang(STR("sq")));
    static const char *const files[] = {"isigurt.css", "report.js", "icon.svg"};
    size_t sum = strlen(render("choose"));
    for (size_t i = 0; i < 3; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", getenv("ISIGURT_STATIC"), files[i]);
        FILE *f = fopen(path, "rb");
        assert_non_null(f);
        assert_int_equal(fseek(f, 0, SEEK_END), 0);
        sum += (size_t)ftell(f);
        fclose(f);
    }
    assert_in_range(sum, 1000, 24000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holes_are_escaped_by_position),
        cmocka_unit_test(the_shell_is_whole),
        cmocka_unit_test(a_refusal_stands_at_its_field),
        cmocka_unit_test(the_desk_shows_only_its_doors),
        cmocka_unit_test(the_form_is_light),
    };
    struct buf why;
    buf_init(&why, 1000);
    buf_init(&html, 1u << 20);
    if (text_open(getenv("ISIGURT_LOCALE"), "sq,en", &why) != OK)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_free(&html);
    buf_free(&why);
    return failed;
}

// What the template compiler refuses, and the C that it writes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "html/compile.h"

static const struct { const char *name, *text; } parts[] = {
    {"shell", "{{part shell title hint=\"\"}}\n<main>{{if hint}}<p>{{hint}}</p>{{end}}<h1>{{title}}</h1>{{slot}}</main>"},
    {"open", "{{part open}}\n<div>"},
    {"shut", "{{part shut}}\n</div>"},
    {"loop", "{{part loop}}\n{{use loop /}}"},
    {"plain", "{{part plain x}}\n<b>{{x}}</b>"},
    {"greedy", "{{part greedy}}\n<b>{{out.x}}</b>"},
    {"link", "{{part link to label}}\n<a href=\"{{to}}\">{{label}}</a>"},
    {"misnamed", "{{part other}}\n<b></b>"},
    {"whole", "{{page whole in none out none}}\n<b></b>"},
    {"inner", "{{part inner}}\n<div>{{slot}}</div>"},
    {"field", "{{part field name label error=\"\"}}\n<input id=\"{{name}}\" {{if error}}aria-invalid=\"true\" "
        "aria-describedby=\"{{name}}-error\"{{end}}>{{if error}}<p>{{error}}</p>{{end}}"},
    {"rows", "{{part rows list=\"\"}}\n{{each a in list as row}}<i>{{a.x}}</i>{{else}}<i>none</i>{{end}}"},
};

static bool find_part(void *ctx, struct str name, struct str *file, struct str *text)
{
    (void)ctx;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!str_equal_z(name, parts[i].name))
            continue;
        *file = str_from(parts[i].name);
        *text = str_from(parts[i].text);
        return true;
    }
    return false;
}

struct made {
    struct arena *arena;
    struct buf out, why;
    enum err e;
};

static void make(struct made *m, const char *text)
{
    static const struct str ids[] = {{"home_title", 10}, {"home_count", 10}};
    struct compile c = {.file = STR("t.html"), .text = str_from(text), .web = STR("web/web.h"), .messages = ids, .messages_n = 2,
        .part = find_part};
    assert_int_equal(arena_new(COMPILE_ARENA_MAX, &m->arena), OK);
    buf_init(&m->out, COMPILE_OUT_MAX);
    buf_init(&m->why, COMPILE_WHY_MAX);
    m->e = template_compile(m->arena, &c, &m->out, &m->why);
}

static void unmake(struct made *m)
{
    buf_free(&m->out);
    buf_free(&m->why);
    arena_free(&m->arena);
}

#define HEAD "{{page home in home_in out home_out include \"home/home.h\"}}\n"

static const struct refusal { const char *text, *where, *mend; } refusals[] = {
    // the head
    {"<p></p>", "t.html:1:", "start with {{page"},
    {"{{page home}}", "t.html:1:", "with none for no struct"},
    {"{{page in in none out none}}", "t.html:1:", "choose another name"},
    {"{{page home in none out none include \"a b\"}}", "t.html:1:", "\"room/room.h\""},
    {"{{part home}}", "t.html:1:", "compile the page"},
    {HEAD "{{page home in none out none}}", "t.html:2:", "first line only"},
    {HEAD "a\rb", "t.html:2:", "Unix line ends"},
    {HEAD "\n\x01", "t.html:3:", "control character"},
    {HEAD "\n\n\xe2\x80\xae", "t.html:4:", "reorders"},
    {HEAD "\xff", "t.html:1:", "UTF-8"},
    // the template's own syntax
    {HEAD "{{if out.x}}", "t.html:2:", "no {{end}}"},
    {HEAD "{{end}}", "t.html:2:", "without a block"},
    {HEAD "{{if out.x}}{{else}}{{else}}{{end}}", "t.html:2:", "second {{else}}"},
    {HEAD "{{if out.x == 1}}{{end}}", "t.html:2:", "decide in the handler"},
    {HEAD "{{if out.x and out.y}}{{end}}", "t.html:2:", "decide in the handler"},
    {HEAD "{{out.x out.y}}", "t.html:2:", "one field"},
    {HEAD "{{out.x", "t.html:2:", "{{out.x}}"},
    {HEAD "\n a }} b", "t.html:3:", "without {{"},
    {HEAD "{{# never", "t.html:2:", "no }}"},
    {HEAD "{{each r in out.list}}{{end}}", "t.html:2:", "{{each ROW in out.LIST as STRUCT}}"},
    {HEAD "{{each r in out.list as row}}{{each r in out.list as row}}{{end}}{{end}}", "t.html:2:", "call the row otherwise"},
    {HEAD "{{each r in \"x\" as row}}{{end}}", "t.html:2:", "field is missing"},
    {HEAD "{{slot}}", "t.html:2:", "only a part"},
    {HEAD "<input {{style if out.x}}>", "t.html:2:", "boolean attribute"},
    // names
    {HEAD "{{msg home_titel}}", "t.html:2:", "po/{sq,en}"},
    {HEAD "{{title}}", "t.html:2:", "no parameter, row or message"},
    {HEAD "{{row.x}}", "t.html:2:", "no row here"},
    {HEAD "{{each r in out.list as row}}{{r}}{{end}}", "t.html:2:", "name one of its fields"},
    {HEAD "{{refused}}", "t.html:2:", "refused.FIELD"},
    {HEAD "{{msg home_count n=home_title}}", "t.html:2:", "one sentence"},
    {"{{page home in none out home_out}}\n{{in.x}}", "t.html:2:", "none in the head"},
    // parts
    {HEAD "{{use nothing /}}", "t.html:2:", "no part"},
    {HEAD "{{use shell /}}", "t.html:2:", "needs 'title'"},
    {HEAD "{{use shell title=home_title colour=\"red\" /}}", "t.html:2:", "no parameter 'colour'"},
    {HEAD "{{use shell title=home_title title=home_title /}}", "t.html:2:", "twice"},
    {HEAD "{{use plain x=\"1\"}}body{{end}}", "t.html:2:", "no {{slot}}"},
    {HEAD "{{use greedy /}}", "greedy:2:", "pass it as one"},
    {HEAD "{{use loop /}}", "loop:2:", "use itself"},
    {HEAD "{{use misnamed /}}", "misnamed:1:", "begin it with"},
    {HEAD "{{use whole /}}", "whole:1:", "begin it with"},
    {HEAD "{{use open /}}{{use shut /}}", "open:2:", "<div>"},
    {HEAD "<div>{{use shut /}}</div>", "shut:2:", "outside this block"},
    {HEAD "{{use inner}}</div><div>{{end}}", "t.html:2:", "outside this block"},
    {HEAD "<p {{use plain x=\"1\" /}}></p>", "t.html:2:", "laid into text"},
    {HEAD "{{use plain x=home_title.x /}}", "t.html:2:", "no row here"},
    {HEAD "{{use rows list=\"a\" /}}", "rows:2:", "no list"},
    // where a hole must not stand
    {HEAD "<script>{{out.x}}</script>", "t.html:2:", "without src"},
    {HEAD "<script src=\"/static/a.js\">{{out.x}}</script>", "t.html:2:", "data- attribute"},
    {HEAD "<script src=\"/static/a.js\">alert(1)</script>", "t.html:2:", "static/"},
    {HEAD "<script src=\"/static/a.js\">{{if out.x}}{{end}}</script>", "t.html:2:", "data- attribute"},
    {HEAD "<style>p{}</style>", "t.html:2:", "isigurt.css"},
    {HEAD "<p style=\"color:{{out.x}}\"></p>", "t.html:2:", "isigurt.css"},
    {HEAD "<p onclick=\"{{out.x}}\"></p>", "t.html:2:", "inline script"},
    {HEAD "<p class={{out.x}}></p>", "t.html:2:", "class=\"{{…}}\""},
    {HEAD "<p class=a></p>", "t.html:2:", "not in quotes"},
    {HEAD "<{{out.x}}></p>", "t.html:2:", "name of a tag"},
    {HEAD "<h{{out.x}}></h1>", "t.html:2:", "name of a tag"},
    {HEAD "<p data-{{out.x}}=\"1\"></p>", "t.html:2:", "name of an attribute"},
    {HEAD "<p {{out.x}}></p>", "t.html:2:", "an attribute stands"},
    {HEAD "<!-- {{out.x}} -->", "t.html:2:", "{{# … }}"},
    {HEAD "<img srcset=\"{{out.x}}\" alt=\"\">", "t.html:2:", "write the value out"},
    {HEAD "<meta http-equiv=\"refresh\" content=\"{{out.x}}\">", "t.html:2:", "http-equiv"},
    {HEAD "<meta content=\"{{out.x}}\" http-equiv=\"refresh\">", "t.html:2:", "http-equiv"},
    // addresses
    {HEAD "<a href=\"http://{{out.x}}\">x</a>", "t.html:2:", "whole address"},
    {HEAD "<a href=\"/{{out.x}}\">x</a>", "t.html:2:", "whole address"},
    {HEAD "<a href=\"//{{out.x}}\">x</a>", "t.html:2:", "whole address"},
    {HEAD "<a href=\"/\\{{out.x}}\">x</a>", "t.html:2:", "take it out"},
    {HEAD "<a href=\"java{{out.x}}\">x</a>", "t.html:2:", "whole address"},
    {HEAD "<a href=\"{{out.x}}/b\">x</a>", "t.html:2:", "behind the hole"},
    {HEAD "<a href=\"{{out.x}}{{out.y}}\">x</a>", "t.html:2:", "whole address"},
    {HEAD "<a href=\"{{if out.x}}/a{{end}}\">x</a>", "t.html:2:", "give the address"},
    {HEAD "<a href=\"{{msg home_title}}\">x</a>", "t.html:2:", "no sentence"},
    {HEAD "<a href=\"javascript:alert(1)\">x</a>", "t.html:2:", "https:"},
    {HEAD "<a href=\"&#106;avascript:alert(1)\">x</a>", "t.html:2:", "https:"},
    {HEAD "<a href=\"relative\">x</a>", "t.html:2:", "path from /"},
    {HEAD "<img src=\"{{out.x}}\" alt=\"\">", "t.html:2:", "path from /"},
    {HEAD "<img src=\"https://elsewhere.example/a.png\" alt=\"\">", "t.html:2:", "another host"},
    {HEAD "<link rel=\"stylesheet\" href=\"//elsewhere.example/a.css\">", "t.html:2:", "another host"},
    {HEAD "{{use link to=\"javascript:alert(1)\" label=\"x\" /}}", "link:2:", "https:"},
    {HEAD "<form action=\"{{out.x}}x\"></form>", "t.html:2:", "behind the hole"},
    // tags
    {HEAD "<p>", "t.html:2:", "never closed"},
    {HEAD "\n</p>", "t.html:3:", "closes nothing"},
    {HEAD "<b><i></b></i>", "t.html:2:", "</i> is due"},
    {HEAD "{{if out.x}}<p>{{end}}</p>", "t.html:2:", "not closed in the block"},
    {HEAD "<p>{{if out.x}}</p>{{end}}", "t.html:2:", "outside this block"},
    {HEAD "{{if out.x}}<p>{{else}}</p>{{end}}", "t.html:2:", "not closed in the block"},
    {HEAD "<p {{if out.x}}>{{end}}</p>", "t.html:2:", "not closed in the block"},
    {HEAD "<p class=\"{{if out.x}}a\" id=\"{{end}}b\"></p>", "t.html:2:", "in one block"},
    {HEAD "<p {{each r in out.list as row}}hidden{{end}}></p>", "t.html:2:", "an attribute stands"},
    {HEAD "<p><div></div></p>", "t.html:2:", "</p> first"},
    {HEAD "<a href=\"/a\"><a href=\"/b\"></a></a>", "t.html:2:", "outer one"},
    {HEAD "<p class=\"a\" class=\"b\"></p>", "t.html:2:", "twice"},
    {HEAD "<p class=\"a\"id=\"b\"></p>", "t.html:2:", "add one"},
    {HEAD "<P></P>", "t.html:2:", "small letters"},
    {HEAD "1 < 2", "t.html:2:", "&lt;"},
    {HEAD "<div/>", "t.html:2:", "</div>"},
    {HEAD "<br></br>", "t.html:2:", "no end"},
    {HEAD "<img src=\"/a.png\">", "t.html:2:", "without alt"},
    {HEAD "<html></html>", "t.html:2:", "rq.lang_code"},
    {HEAD "<base href=\"/\">", "t.html:2:", "not used"},
    {HEAD "<iframe></iframe>", "t.html:2:", "not used"},
    {HEAD "<iframe srcdoc=\"{{out.x}}\"></iframe>", "t.html:2:", "not used"},
    {HEAD "<textarea><b></b></textarea>", "t.html:2:", "inside <textarea>"},
    {HEAD "<p", "t.html:2:", "inside a tag"},
    {HEAD "</p class=\"a\">", "t.html:2:", "no attributes"},
    {HEAD "<![CDATA[", "t.html:2:", "neither a comment"},
};

static void refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *r = &refusals[i];
        struct made m;
        make(&m, r->text);
        char why[COMPILE_WHY_MAX + 1] = "";
        memcpy(why, m.why.at != NULL ? m.why.at : "", m.why.n);
        if (m.e != ERR_INVALID || strncmp(why, r->where, strlen(r->where)) != 0 || strstr(why, r->mend) == NULL)
            fail_msg("refusal %zu: %s\n  gave %d '%s'\n  not  '%s … %s'", i, r->text, (int)m.e, why, r->where, r->mend);
        assert_null(strchr(why, '\n'));
        unmake(&m);
    }
}

static void writes(const char *text, const char *const *want)
{
    struct made m;
    make(&m, text);
    buf_put_c(&m.out, '\0');
    if (m.e != OK)
        fail_msg("%s: %.*s", text, STR_ARG(buf_str(&m.why)));
    for (; *want != NULL; want++) {
        bool absent = **want == '!';
        if ((strstr(m.out.at, *want + absent) != NULL) == absent)
            fail_msg("%s: %s in\n%s", text, *want, m.out.at);
    }
    unmake(&m);
}
#define WRITES(text, ...) writes(text, (const char *const[]){__VA_ARGS__, NULL})

static void chooses_the_writer_by_position(void **state)
{
    (void)state;
    WRITES(HEAD "<p title=\"{{out.a}}\">{{out.b}}</p>", "html_put_attr(html, out->a);", "html_put(html, out->b);");
    WRITES(HEAD "<a href=\"{{out.a}}\">x</a>", "html_put_url(html, out->a);");
    WRITES(HEAD "<a href=\"/r/{{out.a}}?b={{out.b}}\">x</a>", "html_put_url_part(html, out->a);", "html_put_url_part(html, out->b);");
    WRITES(HEAD "<a href=\"?lang={{rq.lang_other}}\">x</a>", "html_put_url_part(html, rq->lang_other);");
    WRITES(HEAD "<a href=\"tel:{{out.a}}\">x</a>", "html_put_tel(html, out->a);");
    WRITES(HEAD "<textarea>{{out.a}}</textarea><title>{{out.b}}</title>", "<textarea>\\012", "html_put_attr(html, out->a);",
        "html_put_attr(html, out->b);");
    WRITES(HEAD "<form method=\"post\" action=\"\"><button formaction=\"{{out.a}}\">x</button></form>", "html_put_url(html, out->a);");
    WRITES(HEAD "<svg viewBox=\"0 0 {{out.a}} 1\"><use href=\"#a\"/></svg>", "html_put_attr(html, out->a);", "<use href=\\\"#a\\\"/>");
}

static void merges_and_folds(void **state)
{
    (void)state;
    WRITES(HEAD "<div>\n\n   <p>a\t\tb</p> <!-- gone -->\n{{# gone too }}\n</div>", "STR(\"<div> <p>a b</p> </div>\")");
    WRITES(HEAD "<pre>\n a\n\n  b</pre>", "<pre>\\012 a\\012\\012  b</pre>");
    WRITES(HEAD "<p\n  class=\"a  b\"\n  id=\"c\" ></p>", "<p class=\\\"a  b\\\" id=\\\"c\\\"></p>");
    WRITES(HEAD "<input type=\"radio\" {{checked if out.a}} required>", "STR(\" checked\")", "STR(\" required>\")");
    WRITES(HEAD "<p {{if not out.a}}class=\"x\"{{else}}class=\"y\"{{end}}></p>", "if (!page_true(out->a))", "STR(\" class=\\\"y\\\"\")");
    WRITES(HEAD "why?? \\ \"q\"", "why\\?\\? \\\\ \\\"q\\\"");
}

static void knows_what_is_known(void **state)
{
    (void)state;
    WRITES(HEAD "{{use shell title=home_title /}}", "<main><h1>", "MSG_HOME_TITLE, 0, NULL", "!if (", "!<p>");
    WRITES(HEAD "{{use shell title=\"A & B\" hint=\"x\"}}<i></i>{{end}}", "<main><p>x</p><h1>A &amp; B</h1><i></i></main>", "!if (");
    WRITES(HEAD "{{use shell title=out.a hint=refused.b /}}", "if (page_true(req_refusal(rq, \"b\")))", "html_put(html, out->a)");
    WRITES(HEAD "{{use field name=\"where\" label=home_title /}}", "STR(\"<input id=\\\"where\\\">\")");
    WRITES(HEAD "{{use field name=\"where\" label=home_title error=refused.where /}}", "aria-describedby=\\\"where-error\\\"");
    WRITES(HEAD "{{use link to=\"/raporto\" label=\"x\" /}}", "<a href=\\\"/raporto\\\">x</a>");
    WRITES(HEAD "{{use link to=out.to label=home_title /}}", "html_put_url(html, out->to)");
    WRITES(HEAD "<a href=\"tel:{{out.x}}\">{{out.x}}</a>{{use rows /}}", "<i>none</i>", "!for (");
}

static void rows_keep_their_names_apart(void **state)
{
    (void)state;
    WRITES(HEAD "{{each a in out.list as thing}}{{use rows list=a.inner /}}{{else}}x{{end}}",
        "const struct thing *a_1 = (const struct thing *)out->list.at + i_1;",
        "const struct row *a_2 = (const struct row *)a_1->inner.at + i_2;", "html_put(html, a_2->x);", "if (out->list.n == 0)");
    WRITES(HEAD "{{msg home_count n=out.n name=\"a\\b\"}}",
        "MSG_HOME_COUNT, 2, (const struct text_arg[]){html_arg(\"n\", out->n), html_arg(\"name\", STR(\"a\\\\b\"))}");
    WRITES(HEAD "{{msg out.m}}", "html_message(html, rq->lang, out->m, 0, NULL);");
}

static void blames_the_template(void **state)
{
    (void)state;
    WRITES(HEAD "\n\n<p>{{out.a}}</p>", "#line 4 \"t.html\"\n    html_put(html, out->a);", "#line 1 \"t.html\"\n    const struct home_in *in");
    WRITES("{{page home in none out none}}\n<p></p>", "!const struct none", "void home_page(struct buf *html, const struct req *rq");
}

static void limits_hold(void **state)
{
    (void)state;
    static char text[COMPILE_BYTES_MAX + 200];
    memset(text, 'x', sizeof text - 1);
    memcpy(text, HEAD, sizeof HEAD - 1);
    struct made m;
    make(&m, text);
    assert_int_equal(m.e, ERR_INVALID);
    assert_true(str_find_str(buf_str(&m.why), STR("split it")) > 0);
    unmake(&m);
    size_t n = sizeof HEAD - 1;
    for (int i = 0; i < COMPILE_NEST_MAX + 1; i++, n += 12)
        memcpy(text + n, "{{if out.x}}", 12);
    text[n] = '\0';
    make(&m, text);
    assert_true(str_find_str(buf_str(&m.why), STR("blocks nest deeper")) > 0);
    unmake(&m);
    n = sizeof HEAD - 1;
    for (int i = 0; i < PLACE_DEPTH_MAX + 1; i++, n += 3)
        memcpy(text + n, "<b>", 3);
    text[n] = '\0';
    make(&m, text);
    assert_true(str_find_str(buf_str(&m.why), STR("elements nest deeper")) > 0);
    unmake(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses), cmocka_unit_test(chooses_the_writer_by_position), cmocka_unit_test(merges_and_folds),
        cmocka_unit_test(knows_what_is_known), cmocka_unit_test(rows_keep_their_names_apart),
        cmocka_unit_test(blames_the_template), cmocka_unit_test(limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// One document in its three forms, read back by programs that are not ours.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "unit.h"
#include "doc/doc.h"

static const struct doc_words words = {
    .lang = STR("sq"), .title = STR("Raporti vjetor"), .subtitle = STR("Siguria e fëmijëve"), .issuer = STR("Agjencia"), .day = STR("28 shkurt 2020"),
    .created = STR("2020-02-28T00:00:00Z"), .notice = STR("Të dhëna të sajuara"), .contents = STR("Përmbajtja"), .hidden = STR("<5"),
    .missing = STR("–"), .decimal = ',',
};

static struct doc *sample(struct arena *a)
{
    static const int wide[] = {3, 1, 1};
    struct doc *d = doc_new(a, &words);
    doc_heading(d, 1, STR("Objektivi 1 [a/b]: një emër që është më i gjatë se njëzet e njëqind"));
    doc_text(d, STR("U zhvilluan <trajnime> & takime."));
    struct doc_cell *cell = doc_table(d, STR("Treguesit"), 121, 3, wide);
    assert_non_null(cell);
    for (size_t c = 0; c < 3; c++)
        cell[c] = doc_cell_text(c == 0 ? STR("Treguesi") : c == 1 ? STR("Vlera") : STR("Arritja"));
    for (size_t r = 1; r < 121; r++) {
        cell[3 * r] = doc_cell_text(r == 1 ? STR("=1+1") : r == 120 ? STR("treguesi i fundit") : STR("tregues me një emër që zë më shumë se një rresht në faqe"));
        cell[3 * r + 1] = r == 2 ? (struct doc_cell){.kind = DOC_HIDDEN} : r == 3 ? (struct doc_cell){0} : doc_cell_number((int64_t)r * 12345000);
        cell[3 * r + 2] = doc_cell_percent((int64_t)r * 10 + 5);
    }
    doc_heading(d, 2, STR("Sipas qarqeve"));
    const struct doc_bar bar[] = {{STR("Tirana"), doc_cell_number(120000)}, {STR("Fieri"), {.kind = DOC_HIDDEN}}, {STR("Kukësi"), doc_cell_number(0)}};
    doc_bars(d, STR("Raportime"), bar, 3);
    const struct doc_tile tile[] = {{STR("Shkodra"), doc_cell_number(30000), 0, 0, 1}, {STR("Kukësi"), {.kind = DOC_HIDDEN}, 0, 1, 0}};
    doc_map(d, STR("Harta"), tile, 2);
    doc_quiet(d, STR("Numrat nën pesë nuk tregohen."));
    doc_heading(d, 1, STR("Pjesa e dytë"));
    doc_text(d, STR("Fund."));
    return d;
}

struct made { struct arena *a; struct buf html, pdf, xlsx; };

static struct made make(void)
{
    struct made m = {0};
    assert_int_equal(arena_new(16 << 20, &m.a), OK);
    struct doc *d = sample(m.a);
    buf_init(&m.html, 8 << 20);
    buf_init(&m.pdf, 8 << 20);
    buf_init(&m.xlsx, 8 << 20);
    assert_int_equal(doc_html(d, &m.html), OK);
    assert_int_equal(doc_pdf(d, &m.pdf), OK);
    assert_int_equal(doc_xlsx(d, &m.xlsx), OK);
    return m;
}

static void forget(struct made *m)
{
    arena_free(&m->a);
    buf_free(&m->html);
    buf_free(&m->pdf);
    buf_free(&m->xlsx);
}

static bool says(const struct buf *b, const char *z)
{
    return memmem(b->at, b->n, z, strlen(z)) != NULL;
}

// What another program makes of the file: its output. %s in the command is the file.
static void read_by(const char *command, const struct buf *file, struct buf *out)
{
    char path[] = "/tmp/isigurt-doc-XXXXXX", line[512], piece[4096];
    int fd = mkstemp(path);
    size_t got;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, file->at, file->n), (ssize_t)file->n);
    close(fd);
    snprintf(line, sizeof line, command, path);
    FILE *f = popen(line, "r");
    assert_non_null(f);
    while ((got = fread(piece, 1, sizeof piece, f)) > 0)
        buf_put(out, (struct str){piece, got});
    assert_int_equal(pclose(f), 0);
    unlink(path);
}

static void printed(void **state)
{
    (void)state;
    static const struct { struct doc_cell cell; const char *said; } at[] = {
        {{.kind = DOC_NUMBER, .n = 0}, "0"}, {{.kind = DOC_NUMBER, .n = 12345678900}, "1\u00a0234\u00a0567,89"}, {{.kind = DOC_NUMBER, .n = -5000}, "\u22120,5"},
        {{.kind = DOC_NUMBER, .n = 10001}, "1,0001"}, {{.kind = DOC_PERCENT, .n = 123}, "12,3\u00a0%"}, {{.kind = DOC_PERCENT, .n = 1000}, "100\u00a0%"},
        {{.kind = DOC_HIDDEN}, "<5"}, {{.kind = DOC_MISSING}, "–"}, {{.kind = DOC_NUMBER, .n = INT64_MIN}, "\u2212922\u00a0337\u00a0203\u00a0685\u00a0477,5808"},
    };
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        struct buf b;
        buf_init(&b, 100);
        doc_print(&b, &words, &at[i].cell);
        buf_put_c(&b, '\0');
        assert_string_equal(b.at, at[i].said);
        buf_free(&b);
    }
}

static void html(void **state)
{
    (void)state;
    struct made m = make();
    assert_true(says(&m.html, "<html lang=\"sq\">"));
    assert_true(says(&m.html, "U zhvilluan &lt;trajnime&gt; &amp; takime."));
    assert_true(says(&m.html, "<td class=\"n\">&lt;5</td>"));
    assert_true(says(&m.html, "href=\"#part-2\""));
    assert_true(says(&m.html, "id=\"part-2\""));
    assert_false(says(&m.html, "http"));
    forget(&m);
}

static void pdf(void **state)
{
    (void)state;
    struct made m = make();
    struct buf text;
    buf_init(&text, 1 << 20);
    read_by("pdftotext -layout %s -", &m.pdf, &text);
    assert_true(says(&text, "Siguria e fëmijëve"));
    assert_true(says(&text, "U zhvilluan <trajnime> & takime."));
    assert_true(says(&text, "treguesi i fundit"));
    assert_true(says(&text, "Numrat nën pesë nuk tregohen."));
    // The heads stand on each page of the table, and the contents name the page on which the last part stands.
    size_t heads = 0, page = 1, at_end = 0;
    char number[32];
    for (size_t i = 0; i + 8 < text.n; i++) {
        heads += memcmp(text.at + i, "Treguesi", 8) == 0 && text.at[i + 8] != 't';
        page += text.at[i] == '\f';
        at_end = memcmp(text.at + i, "Fund.", 5) == 0 ? page : at_end;
    }
    assert_true(heads >= 3);
    snprintf(number, sizeof number, " %zu\n", at_end);
    const char *line = memmem(text.at, text.n, "Pjesa e dytë", strlen("Pjesa e dytë"));
    assert_non_null(line);
    const char *end = memchr(line, '\n', text.n - (size_t)(line - text.at));
    assert_non_null(end);
    assert_memory_equal(end + 1 - strlen(number), number, strlen(number));
    buf_free(&text);
    forget(&m);
}

// However much stands above: a heading is on the page of its map, and the map's table beside it, not below.
static void headings_stay(void **state)
{
    (void)state;
    static const int two[] = {3, 1};
    for (int above = 0; above < 40; above++) {
        struct arena *a;
        struct buf file, text;
        assert_int_equal(arena_new(16 << 20, &a), OK);
        struct doc *d = doc_new(a, &words);
        for (int i = 0; i < above; i++)
            doc_text(d, STR("Një rresht."));
        doc_heading(d, 3, STR("Kreu i hartës"));
        const struct doc_tile tile[] = {{STR("Veri"), doc_cell_number(10000), 0, 0, 1}, {STR("Jug"), doc_cell_number(20000), 5, 2, 4}};
        doc_map(d, STR("Harta"), tile, 2);
        struct doc_cell *cell = doc_table(d, STR("Tabela"), 2, 2, two);
        cell[0] = doc_cell_text(STR("Qarku"));
        cell[2] = doc_cell_text(STR("Veriu"));
        buf_init(&file, 8 << 20);
        buf_init(&text, 1 << 20);
        assert_int_equal(doc_pdf(d, &file), OK);
        read_by("pdftotext -layout %s -", &file, &text);
        buf_put_c(&text, '\0');
        const char *head = strstr(text.at, "Kreu i hartës"), *map = strstr(head, "Jug"), *beside = strstr(head, "Veriu");
        assert_true(map && beside && beside < map);
        assert_null(memchr(head, '\f', (size_t)(map - head)));
        buf_free(&file);
        buf_free(&text);
        arena_free(&a);
    }
}

static void xlsx(void **state)
{
    (void)state;
    struct made m = make();
    struct buf text;
    buf_init(&text, 1 << 20);
    read_by("python3 -c 'import zipfile,sys;z=zipfile.ZipFile(sys.argv[1]);[print(z.read(n).decode()) for n in z.namelist()]' %s", &m.xlsx, &text);
    assert_true(says(&text, "<t>=1+1</t>"));
    assert_false(says(&text, "<f>"));
    assert_true(says(&text, "<v>1234.5</v>"));
    assert_true(says(&text, "<v>0.015"));
    assert_true(says(&text, "Objektivi 1  a b "));
    buf_free(&text);
    forget(&m);
}

static void the_same_bytes(void **state)
{
    (void)state;
    struct made one = make();
    sleep(1); // so that a clock that is asked would tell
    struct made two = make();
    assert_int_equal(one.pdf.n, two.pdf.n);
    assert_memory_equal(one.pdf.at, two.pdf.at, one.pdf.n);
    assert_int_equal(one.xlsx.n, two.xlsx.n);
    assert_memory_equal(one.xlsx.at, two.xlsx.at, one.xlsx.n);
    assert_int_equal(one.html.n, two.html.n);
    const char *keep = getenv("ISIGURT_KEEP_DOC"); // a folder, for whoever wants to look at it
    if (keep) {
        char path[256];
        snprintf(path, sizeof path, "%s/doc.pdf", keep);
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        assert_int_equal(write(fd, one.pdf.at, one.pdf.n), (ssize_t)one.pdf.n);
        close(fd);
    }
    forget(&one);
    forget(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(printed), cmocka_unit_test(html), cmocka_unit_test(pdf), cmocka_unit_test(headings_stay), cmocka_unit_test(xlsx),
                                       cmocka_unit_test(the_same_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// gallery PAGE…: writes PAGE.html into the current folder, for tools/gallery. ISIGURT_BAD=1 shows a refused field.
#include "pages/gallery.h"
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct buf html, why;
    buf_init(&html, 1u << 20);
    buf_init(&why, 1000);
    if (argc != 2 || text_open(argv[1], "sq,en", &why) != OK) {
        fprintf(stderr, "gallery LOCALE-FOLDER: %.*s\n", STR_ARG(buf_str(&why)));
        return 2;
    }
    for (const struct gallery_page *p = gallery_pages; p->name != NULL; p++) {
        struct req rq;
        struct gallery_in in;
        struct gallery_out out;
        const struct error_out error = {.status = 503, .title = STR("Provoni përsëri pas pak"),
                                        .sentence = STR("Tani nuk mund ta ruajmë. Teksti juaj nuk ka humbur.")};
        gallery_fill(&rq, &in, &out, text_lang(STR("sq")));
        if (getenv("ISIGURT_BAD") != NULL) {
            rq.refused_field = STR("address");
            rq.refused_sentence = STR("Kjo nuk duket si adresë faqeje. Shkruajeni si: shembull.com/faqe");
            rq.notice = STR("Diçka mungon. Shihni më poshtë.");
        }
        buf_clear(&html);
        p->page(&html, &rq, &in, str_starts(str_from(p->name), "error_") ? (const void *)&error : &out);
        char path[64];
        snprintf(path, sizeof path, "%s.html", p->name);
        FILE *f = fopen(path, "wb");
        if (f == NULL || fwrite(html.at, 1, html.n, f) != html.n || fclose(f) != 0)
            return 1;
        printf("%s %zu\n", path, html.n);
    }
    buf_free(&html);
    buf_free(&why);
    return 0;
}

#include "pages/gallery.h"

#define PAGE(name) gallery_page_fn name##_page;
PAGE(choose) PAGE(where) PAGE(receipt) PAGE(queue) PAGE(holes) PAGE(error_public) PAGE(error_desk)

const struct gallery_page gallery_pages[] = {
    {"choose", choose_page}, {"where", where_page}, {"receipt", receipt_page}, {"queue", queue_page}, {"holes", holes_page},
    {"error_public", error_public_page}, {"error_desk", error_desk_page}, {NULL, NULL},
};

void gallery_fill(struct req *rq, struct gallery_in *in, struct gallery_out *out, const struct lang *l)
{
    static const struct pack_number numbers[] = {
        {STR("helpline"), STR("116 111"), STR("Linja e fëmijëve ALO 116 111"), STR("ditë e natë"), true, STR("2026-11-23")},
        {STR("police"), STR("129"), STR("Policia"), STR("ditë e natë"), false, STR("2026-11-23")},
        {STR("emergency"), STR("112"), STR("Urgjenca"), STR("ditë e natë"), true, STR("2026-11-23")},
        {STR("missing"), STR("116 000"), STR("Linja për fëmijë të zhdukur"), STR(""), true, STR("2026-11-23")}};
    static const struct gallery_choice choices[] = {
        {STR("threat_images"), STR("Më kërcënojnë me foto a video të mia"), STR(""), true},
        {STR("asked"), STR("Dikush më kërkon foto, biseda ose takim"), STR(""), false},
        {STR("shared"), STR("Kanë shpërndarë foto të mia pa leje"), STR(""), false},
        {STR("mocked"), STR("Më tallin, më fyejnë, më përjashtojnë"), STR("edhe në grupe a në lojëra"), false},
        {STR("question"), STR("Kam një pyetje"), STR(""), false}};
    static const struct gallery_said said[] = {
        {STR("Faleminderit që na shkruat. Nuk keni bërë asgjë të gabuar.\nA ju kanë shkruar sot përsëri?"), STR("sot, 20:31"), false},
        {STR("Po, në të njëjtën llogari."), STR("sot, 20:40"), true}};
    static const struct gallery_row rows[] = {
        {{{1}}, 1, STR("rrezik tani"), STR("shantazh seksual"), STR("para 2 minutash"), STR("Korçë"), 2, true},
        {{{2}}, 2, STR("brenda 4 orëve"), STR("joshje e fëmijës për qëllime seksuale"), STR("para 20 minutash"), STR("Tiranë"), 0, true},
        {{{3}}, 3, STR("brenda 24 orëve"), STR("gjuhë e urrejtjes"), STR("para 3 orësh"), STR("–"), 0, false},
        {{{4}}, 4, STR("pyetje"), STR("pyetje, këshillë"), STR("dje"), STR("Shkodër"), 0, false}};
    static const struct html_pair kept[] = {{STR("address"), STR("https://shembull.example/?a=\"b\"&c")}, {STR("lang"), STR("sq")}};
    *rq = (struct req){.lang = l, .lang_code = STR("sq"), .lang_other = STR("en"), .version = STR("1"), .csrf = STR("token"),
        .who.name = STR("Arta Hoxha"), .nav = {.reports = true, .people = true, .roster = true}, .numbers = {numbers, 4},
        .numbers_day = STR("23 nëntor 2026"), .exit = STR("https://sq.shembull.example/")};
    *in = (struct gallery_in){.address = STR("\nnjë rresht"), .text = STR("<b>\"&'</b> \xe2\x80\xaetxt.exe"), .in_danger = true};
    *out = (struct gallery_out){.step = 2, .steps = 7, .count = -5, .choices = {choices, 5}, .said = {said, 2}, .rows = {rows, 4},
        .kept = {kept, 2}, .code = STR("7KQ2 M9XD T4RW 8HNB 3VCF"), .link = STR("javascript:alert(1)"), .phone = STR("116 111"),
        .markup = {STR("<em>md</em>")}, .state = MSG_HTML_BACK};
}

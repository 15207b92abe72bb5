#include <string.h>
#include "web/inside.h"

// Quality of one range of Accept-Language in thousandths: "en;q=0.8" → 800 (RFC 9110, 12.5.4).
static int quality(struct str rest)
{
    while (rest.n) {
        struct str p = str_trim(str_cut(&rest, ';'));
        if (p.n < 3 || (p.at[0] != 'q' && p.at[0] != 'Q') || p.at[1] != '=') {
            continue;
        }
        int v = p.at[2] == '1' ? 1000 : 0;
        int step = 100;
        for (size_t i = 4; v == 0 && i < p.n && i < 7; i++, step /= 10) {
            v += p.at[i] >= '0' && p.at[i] <= '9' ? (p.at[i] - '0') * step : 0;
            if (p.at[i] < '0' || p.at[i] > '9') {
                break;
            }
        }
        return v;
    }
    return 1000;
}

static const struct lang *range_lang(struct str range)
{
    char code[3] = {0};
    struct str primary = str_cut(&range, '-');
    if (primary.n != 2) {
        return NULL;
    }
    for (size_t i = 0; i < 2; i++) {
        code[i] = (char)(primary.at[i] | 0x20);
    }
    return text_lang((struct str){code, 2});
}

const struct lang *lang_choose(struct str asked, struct str cookie, struct str accept)
{
    const struct lang *l = text_lang(asked);
    l = l ? l : text_lang(cookie);
    int best = 0;
    for (int i = 0; !l && accept.n && i < 20; i++) { // more ranges than twenty nobody means
        struct str params = str_cut(&accept, ',');
        struct str range = str_trim(str_cut(&params, ';'));
        const struct lang *one = range_lang(range);
        int q = one ? quality(params) : 0;
        if (q > best) {
            best = q;
            cookie = str_from(text_code(one));
        }
    }
    return l ? l : best ? text_lang(cookie) : text_default();
}

size_t lang_index(const struct lang *l)
{
    for (size_t i = 0; text_each(i); i++) {
        if (text_each(i) == l) {
            return i < LANGS_MAX ? i : 0;
        }
    }
    return 0;
}

const struct lang *lang_other(const struct lang *l)
{
    const struct lang *next = text_each(lang_index(l) + 1);
    return next ? next : text_default();
}

void req_set_lang(struct req *rq, const struct lang *l)
{
    rq->lang = l;
    rq->lang_code = str_from(text_code(l));
    rq->lang_other = str_from(text_code(lang_other(l)));
}

const struct lang *web_request_lang(const struct http_request *hr)
{
    return lang_choose((struct str){"", 0}, cookie_get(hr->header[HTTP_COOKIE], STR("lang")), hr->header[HTTP_ACCEPT_LANGUAGE]);
}

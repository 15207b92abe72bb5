// What handlers of every room say the same way.
#include "web/web.h"

bool person_of_unit(const struct person *who, struct id unit)
{
    for (size_t i = 0; i < who->n_units; i++) {
        if (id_equal(who->units[i], unit)) {
            return true;
        }
    }
    return false;
}

enum err req_notice(struct req *rq, enum err e, enum message m)
{
    rq->notice = text_get(rq->lang, m);
    return e;
}

static struct str kept(const struct req *rq, struct buf *b)
{
    struct str s = arena_str(rq->arena, buf_str(b));
    buf_free(b);
    return s;
}

struct html req_drawn(const struct req *rq, struct buf *b)
{
    struct html out = {buf_ok(b) ? STR("") : arena_str(rq->arena, buf_str(b))};
    buf_free(b);
    return out;
}

struct str req_time(const struct req *rq, int64_t at)
{
    struct buf b;
    if (at == INT64_MIN) {
        return STR("");
    }
    buf_init(&b, 128);
    date_put_near(&b, rq->lang, at, rq->now);
    return kept(rq, &b);
}

struct str req_date(const struct req *rq, int64_t at, enum date_style style)
{
    struct buf b;
    if (at == INT64_MIN) {
        return STR("");
    }
    buf_init(&b, 128);
    date_put(&b, rq->lang, at, style);
    return kept(rq, &b);
}

struct str req_span(const struct req *rq, int64_t microseconds)
{
    struct buf b;
    buf_init(&b, 128);
    date_put_span(&b, rq->lang, microseconds);
    return kept(rq, &b);
}

struct list req_choices(struct req *rq, const char *list, struct str on)
{
    const struct pack *pack = rq->sv->pack;
    size_t n = 0;
    while (pack_list_at(pack, list, n).n) {
        n++;
    }
    struct choice *at = arena_array(rq->arena, n + 1, sizeof *at);
    for (size_t i = 0; at && i < n; i++) {
        struct str value = pack_list_at(pack, list, i);
        at[i] = (struct choice){.value = value, .label = pack_label(pack, list, value, rq->lang), .on = str_equal(value, on)};
    }
    return (struct list){at, at ? n : 0};
}

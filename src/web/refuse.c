#include <string.h>
#include "web/inside.h"

static enum err refuse(struct req *rq, const char *field, enum message m, int64_t n, struct str names)
{
    if (!rq->refused) {
        rq->refused = ARENA_NEW(rq->arena, struct refusals);
    }
    struct refusals *r = rq->refused;
    if (!r) {
        return ERR_MEMORY;
    }
    for (size_t i = 0; i < r->n; i++) {
        if (strcmp(r->at[i].field, field) == 0) {
            return ERR_INVALID; // the first sentence about a field stays
        }
    }
    if (r->n < REFUSALS_MAX) {
        r->at[r->n++] = (struct refusal){field, m, n, names};
    }
    return ERR_INVALID;
}

enum err req_refuse_number(struct req *rq, const char *field, enum message m, int64_t n)
{
    return refuse(rq, field, m, n, STR(""));
}

enum err req_refuse_names(struct req *rq, const char *field, enum message m, struct str names)
{
    return refuse(rq, field, m, 0, names);
}

enum err req_refuse(struct req *rq, const char *field, enum message m)
{
    return req_refuse_number(rq, field, m, 0);
}

bool req_refused(const struct req *rq)
{
    return rq->refused && rq->refused->n > 0;
}

struct str refuse_sentence(const struct req *rq, const struct refusal *r)
{
    struct buf b;
    buf_init(&b, 1000);
    const struct text_arg args[] = {{.name = "n", .i = r->n}, TEXT_S("names", r->names)};
    text_put(&b, rq->lang ? rq->lang : text_default(), r->m, 2, args);
    struct str s = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return s;
}

struct str req_refusal(const struct req *rq, const char *field)
{
    for (size_t i = 0; rq->refused && i < rq->refused->n; i++) {
        if (strcmp(rq->refused->at[i].field, field) == 0) {
            return refuse_sentence(rq, &rq->refused->at[i]);
        }
    }
    return (struct str){"", 0};
}

bool req_may(const struct req *rq, enum perm p)
{
    return rq->sv && rq->sv->roles && role_may(rq->sv->roles, rq->who.roles, p);
}

// A small stand-in for web/web.h, so that the layouts and parts are tested without the floors above html.
#pragma once
#include "html/html.h"

struct list { const void *at; size_t n; };
struct pack_number { struct str id, number, label, when; bool free; struct str verified_on; };
struct error_out { int64_t status; struct str title, sentence, more; };
struct req {
    const struct lang *lang;
    struct str lang_code, lang_other, path, csrf, notice, version;
    struct { struct id id; struct str name; } who;
    struct { bool rings, reports, cases, referrals, late, contacts, network, registers, plan, search, figures, people, foundings, roster, audit, retention, settings; int64_t messages, case_messages, referral_news; } nav;
    struct list numbers;
    struct str numbers_day, exit;
    struct str refused_field, refused_sentence;
};
static inline struct str req_refusal(const struct req *rq, const char *field)
{
    return str_equal_z(rq->refused_field, field) ? rq->refused_sentence : (struct str){0};
}

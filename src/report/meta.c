// What a report's ciphertexts are bound to: the clear columns fixed at creation, in schema order.
#include "report/report.h"

#define META_MAX 512 // bytes of all columns together; category, county and language are the pack's own short words

void report_meta(uint8_t out[32], const struct report_clear *c)
{
    struct buf columns;
    buf_init(&columns, META_MAX);
    record_meta_int(&columns, c->received);
    record_meta_str(&columns, c->category);
    record_meta_int(&columns, c->urgency_computed);
    record_meta_int(&columns, c->in_danger);
    record_meta_str(&columns, c->county);
    record_meta_str(&columns, c->language);
    record_meta_str(&columns, c->burst);
    record_meta(out, &columns);
    buf_free(&columns);
}

void report_item_ad(struct record_ad *ad, struct id report, struct kid kid, const struct report_clear *c)
{
    *ad = (struct record_ad){.type = RECORD_REPORT, .direction = RECORD_NONE, .version = 1, .home = report, .item = report, .kid = kid};
    report_meta(ad->meta, c);
}

void report_message_ad(struct record_ad *ad, struct id thread, struct id message, struct kid kid, enum record_direction direction,
                       uint64_t seq, int64_t sent)
{
    *ad = (struct record_ad){.type = RECORD_THREAD, .direction = direction, .version = 1, .seq = seq, .home = thread, .item = message,
                             .kid = kid};
    struct buf columns;
    buf_init(&columns, META_MAX);
    record_meta_int(&columns, sent);
    record_meta(ad->meta, &columns);
    buf_free(&columns);
}

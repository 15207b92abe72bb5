#include "vault/wire.h"
#include <string.h>

#define STEP_UNIT_BYTES (16 + 16 + 4 + 8 + BOX_BYTES)
#define STEP_CHILD_BYTES (16 + 16 + 16 + 8 + RECORD_WRAP_BYTES)
#define PATH_BYTES_MAX (1 + KEEPER_PATH_MAX * (1 + STEP_CHILD_BYTES))
#define UNITS_OF_SESSION 16

// A cursor that fails once and stays failed

struct reader {
    const uint8_t *at;
    size_t n;
    bool bad;
};

static const uint8_t *take(struct reader *r, size_t n)
{
    if (r->bad || r->n < n) {
        r->bad = true;
        return NULL;
    }
    const uint8_t *at = r->at;
    r->at += n;
    r->n -= n;
    return at;
}

static uint64_t take_le(struct reader *r, size_t n)
{
    const uint8_t *at = take(r, n);
    uint64_t v = 0;
    for (size_t i = 0; at && i < n; i++) {
        v |= (uint64_t)at[i] << (8 * i);
    }
    return v;
}

static void take_bytes(struct reader *r, void *out, size_t n)
{
    const uint8_t *at = take(r, n);
    if (at) {
        memcpy(out, at, n);
    }
}

static struct str field(struct reader *r, size_t least, size_t most)
{
    size_t n = (size_t)take_le(r, 4);
    if (n < least || n > most) {
        r->bad = true;
    }
    const uint8_t *at = take(r, n);
    return at ? (struct str){(const char *)at, n} : (struct str){"", 0};
}

// A field of exactly n bytes as a cursor of its own.
static struct reader inside(struct str s, bool bad)
{
    return (struct reader){.at = (const uint8_t *)s.at, .n = s.n, .bad = bad};
}

static uint64_t field_int(struct reader *r, size_t n)
{
    struct str s = field(r, n, n);
    struct reader in = inside(s, r->bad);
    return take_le(&in, n);
}

static void field_bytes(struct reader *r, void *out, size_t n)
{
    struct str s = field(r, n, n);
    if (!r->bad) {
        memcpy(out, s.at, n);
    }
}

static void read_ad(struct reader *r, struct record_ad *ad)
{
    struct str s = field(r, WIRE_AD_BYTES, WIRE_AD_BYTES);
    struct reader in = inside(s, r->bad);
    uint64_t type = take_le(&in, 1);
    ad->field = (uint8_t)take_le(&in, 1);
    uint64_t direction = take_le(&in, 1);
    uint64_t zero = take_le(&in, 1);
    ad->version = (uint32_t)take_le(&in, 4);
    ad->seq = take_le(&in, 8);
    take_bytes(&in, ad->home.b, 16);
    take_bytes(&in, ad->item.b, 16);
    take_bytes(&in, ad->kid.b, 16);
    ad->generation = take_le(&in, 8);
    zero |= take_le(&in, 8);
    take_bytes(&in, ad->meta, 32);
    ad->type = (enum record_type)type;
    ad->direction = (enum record_direction)direction;
    if (in.bad || zero || type < RECORD_REPORT || type > RECORD_REFERRAL || direction > RECORD_DOWN) {
        r->bad = true;
    }
}

static void read_step(struct reader *in, struct keeper_step *s)
{
    uint64_t kind = take_le(in, 1);
    *s = (struct keeper_step){.unit = kind == 1};
    if (kind != 1 && kind != 2) {
        in->bad = true;
        return;
    }
    take_bytes(in, s->parent.b, 16);
    take_bytes(in, s->child.b, 16);
    if (s->unit) {
        s->epoch = (uint32_t)take_le(in, 4);
        in->bad |= s->epoch == 0; // they count from 1
    } else {
        take_bytes(in, s->kid.b, 16);
    }
    s->generation = take_le(in, 8);
    size_t n = s->unit ? BOX_BYTES : RECORD_WRAP_BYTES;
    s->sealed = (struct str){(const char *)take(in, n), n};
}

// least: 0 where a path may be empty. The first step, and no other, is a unit's; each begins where the one before ended.
static void read_path(struct reader *r, struct keeper_path *path, size_t least)
{
    struct str s = field(r, 1, PATH_BYTES_MAX);
    struct reader in = inside(s, r->bad);
    uint64_t n = take_le(&in, 1);
    if (n < least || n > KEEPER_PATH_MAX) {
        r->bad = true;
        return;
    }
    for (size_t i = 0; i < n && !in.bad; i++) {
        read_step(&in, &path->step[i]);
        if (path->step[i].unit != (i == 0) || (i > 0 && !id_equal(path->step[i].parent, path->step[i - 1].child))) {
            in.bad = true;
        }
    }
    path->n = n;
    if (in.bad || in.n) {
        r->bad = true;
    }
}

static void read_open(struct reader *r, struct wire_request *q)
{
    q->purpose = (uint8_t)field_int(r, 1);
    read_path(r, &q->path, 1);
    size_t n = (size_t)field_int(r, 1);
    if (n < 1 || n > KEEPER_ITEMS_MAX || q->purpose < PURPOSE_READ || q->purpose > PURPOSE_EXPORT) {
        r->bad = true;
    }
    size_t plain = 0;
    for (size_t i = 0; i < n && !r->bad; i++) {
        read_ad(r, &q->item[i].ad);
        q->item[i].bytes = field(r, SEAL_EXTRA, WIRE_SEALED_MAX);
        plain += q->item[i].bytes.n - SEAL_EXTRA + 4;
    }
    q->n_items = n;
    if (plain > WIRE_PLAIN_MAX + 4 * KEEPER_ITEMS_MAX) {
        r->bad = true;
    }
}

static void read_person(struct reader *r, struct wire_request *q)
{
    q->what = (uint8_t)field_int(r, 1);
    field_bytes(r, q->person.b, 16);
    q->user = field(r, 0, NAME_MAX_BYTES);
    q->roles = (uint32_t)field_int(r, 4);
    q->password = field(r, 0, PASSWORD_BYTES_MAX);
    if (q->what < WIRE_PERSON_CREATE || q->what > WIRE_PERSON_RESET) {
        r->bad = true;
    }
}

// An item of the home, as it is stored: only its key can have made it, so it proves what kind of home that is.
static void read_witness(struct reader *r, struct wire_request *q)
{
    struct wire_item *it = &q->item[q->n_items++];
    read_ad(r, &it->ad);
    it->bytes = field(r, SEAL_EXTRA, WIRE_SEALED_MAX);
}

static void read_rekey(struct reader *r, struct wire_request *q)
{
    read_path(r, &q->path, 1);
    read_witness(r, q);
    field_bytes(r, q->unit.b, 16);
    q->units = field(r, 16, 16 * KEEPER_UNITS_MAX);
    struct wire_item *fresh = &q->item[q->n_items++];
    read_ad(r, &fresh->ad);
    fresh->bytes = field(r, 0, RECORD_ITEM_MAX);
    q->children = field(r, 0, KEEPER_CHILDREN_MAX * WIRE_CHILD_BYTES);
    r->bad |= q->units.n % 16 != 0 || q->children.n % WIRE_CHILD_BYTES != 0;
}

static void read_rewrap(struct reader *r, struct wire_request *q)
{
    if (q->rewrap == 1) { // nobody leaves in the same call
        q->epoch = (uint32_t)field_int(r, 4);
        q->wraps = field(r, BOX_BYTES, KEEPER_WRAPS_MAX * BOX_BYTES);
        r->bad |= q->epoch == 0 || q->wraps.n % BOX_BYTES != 0 || !id_zero(q->person);
    }
    r->bad |= q->rewrap > 1;
}

static void read_file(struct reader *r, struct wire_request *q)
{
    q->what = (uint8_t)field_int(r, 1);
    q->kind = (uint8_t)field_int(r, 1);
    field_bytes(r, q->object.b, 16);
    q->files = field(r, 16, KEEPER_FILES_MAX * 16);
    size_t n = q->what == KEEPER_FILE_NEW ? 0 : q->files.n / 16 * KEEPER_FILE_WRAP;
    q->file_wraps = field(r, n, n);
    r->bad |= q->files.n % 16 != 0 || q->what < KEEPER_FILE_NEW || q->what > KEEPER_FILE_READ || q->kind < KEEPER_FILE_VALUE ||
              q->kind > KEEPER_FILE_ENTRY || (q->what != KEEPER_FILE_LIST && q->files.n != 16);
}

static void read_fields(struct reader *r, struct wire_request *q)
{
    switch (q->op) {
    case OP_SIGNIN:
        q->user = field(r, 0, NAME_MAX_BYTES);
        q->password = field(r, 0, PASSWORD_BYTES_MAX);
        q->totp = field(r, 0, WIRE_TOTP_MAX);
        field_bytes(r, q->device.b, 16);
        break;
    case OP_SIGNOUT: {
        uint64_t all = field_int(r, 1);
        q->all = all == 1;
        r->bad |= all > 1;
        break;
    }
    case OP_OPEN:
        read_open(r, q);
        break;
    case OP_SEAL:
        read_path(r, &q->path, 0);
        read_ad(r, &q->item[0].ad);
        q->item[0].bytes = field(r, 0, RECORD_ITEM_MAX);
        q->n_items = 1;
        if (q->path.n == 0) {
            q->units = field(r, 16, 16 * KEEPER_UNITS_MAX);
            r->bad |= q->units.n % 16 != 0;
        }
        break;
    case OP_GRANT:
        read_path(r, &q->path, 1);
        read_witness(r, q);
        field_bytes(r, q->unit.b, 16);
        q->ground = (uint16_t)field_int(r, 2);
        field_bytes(r, q->basis.b, 16);
        break;
    case OP_LINK:
        read_path(r, &q->path, 1);
        read_witness(r, q);
        read_path(r, &q->child, 1);
        read_witness(r, q);
        break;
    case OP_REKEY:
        read_rekey(r, q);
        break;
    case OP_AGREE:
        field_bytes(r, q->unit.b, 16);
        q->version = (uint32_t)field_int(r, 4);
        break;
    case OP_TRAIL:
        q->before = field_int(r, 8);
        q->until = (int64_t)field_int(r, 8);
        field_bytes(r, q->person.b, 16);
        q->action = (uint16_t)field_int(r, 2);
        break;
    case OP_ADMIT:
        field_bytes(r, q->unit.b, 16);
        field_bytes(r, q->person.b, 16);
        break;
    case OP_ROTATE:
        field_bytes(r, q->unit.b, 16);
        field_bytes(r, q->person.b, 16);
        q->rewrap = (uint8_t)field_int(r, 1);
        read_rewrap(r, q);
        break;
    case OP_RECOVER:
        field_bytes(r, q->unit.b, 16);
        q->share[0] = field(r, BOX_BYTES, BOX_BYTES);
        q->share[1] = field(r, BOX_BYTES, BOX_BYTES);
        break;
    case OP_PASSWORD:
        q->password = field(r, 0, PASSWORD_BYTES_MAX);
        q->fresh = field(r, 0, PASSWORD_BYTES_MAX);
        q->totp = field(r, 0, WIRE_TOTP_MAX);
        break;
    case OP_AUDIT:
        q->action = (uint16_t)field_int(r, 2);
        field_bytes(r, q->object.b, 16);
        field_bytes(r, q->object2.b, 16);
        q->detail = field(r, 0, AUDIT_DETAIL_MAX);
        break;
    case OP_TAG:
        q->tags = field(r, WIRE_TAG_BYTES, WIRE_TAGS_MAX * WIRE_TAG_BYTES);
        r->bad |= q->tags.n % WIRE_TAG_BYTES != 0;
        break;
    case OP_ACKNOWLEDGE:
        field_bytes(r, q->object.b, 16);
        q->received = (int64_t)field_int(r, 8);
        field_bytes(r, q->content, 16);
        q->category = field(r, 1, ACKNOWLEDGE_CATEGORY_MAX);
        break;
    case OP_ERASE:
        field_bytes(r, q->object.b, 16);
        field_bytes(r, q->asked.writer, 8);
        q->asked.seq = field_int(r, 8);
        q->things = field(r, WIRE_ERASE_BYTES, KEEPER_ERASE_MAX * WIRE_ERASE_BYTES);
        r->bad |= q->things.n % WIRE_ERASE_BYTES != 0 || q->asked.seq > INT64_MAX;
        break;
    case OP_PING:
    case OP_SESSION:
        break;
    case OP_PERSON:
        read_person(r, q);
        break;
    case OP_CONFIRM:
        field_bytes(r, q->unit.b, 16);
        break;
    case OP_ANCHOR:
        field_bytes(r, q->writer, 8);
        break;
    case OP_FILE:
        read_file(r, q);
        break;
    case OP_END:
        field_bytes(r, q->person.b, 16);
        break;
    default:
        r->bad = true;
    }
}

enum err wire_request_read(struct str packet, struct wire_request *out)
{
    if (packet.n > WIRE_BYTES_MAX) {
        return ERR_MALFORMED;
    }
    struct reader r = inside(packet, false);
    memset(out, 0, sizeof *out);
    uint64_t version = take_le(&r, 1);
    out->op = (uint8_t)take_le(&r, 1);
    uint64_t flags = take_le(&r, 2);
    out->call = (uint32_t)take_le(&r, 4);
    out->token = take(&r, TOKEN_BYTES);
    if (r.bad || version != 1 || flags) {
        return ERR_MALFORMED;
    }
    read_fields(&r, out);
    return r.bad || r.n ? ERR_MALFORMED : OK;
}

static void read_session(struct reader *r, struct keeper_session *s)
{
    struct str f = field(r, WIRE_SESSION_FIXED, WIRE_SESSION_FIXED + 16 * UNITS_OF_SESSION);
    struct reader in = inside(f, r->bad);
    take_bytes(&in, s->person.b, 16);
    take_bytes(&in, s->sid.b, 16);
    s->roles = (uint32_t)take_le(&in, 4);
    s->created = (int64_t)take_le(&in, 8);
    s->expires = (int64_t)take_le(&in, 8);
    s->n_units = (size_t)take_le(&in, 1);
    if (s->n_units > UNITS_OF_SESSION) {
        in.bad = true;
    }
    for (size_t i = 0; !in.bad && i < s->n_units; i++) {
        take_bytes(&in, s->units[i].b, 16);
    }
    if (in.bad || in.n) {
        r->bad = true;
    }
}

static void read_answer(struct reader *r, uint8_t op, size_t n, struct wire_answer *a)
{
    switch (op) {
    case OP_SIGNIN: {
        struct str t = field(r, TOKEN_BYTES, TOKEN_BYTES);
        a->token = (const uint8_t *)t.at;
        read_session(r, &a->session);
        break;
    }
    case OP_SESSION:
        read_session(r, &a->session);
        break;
    case OP_OPEN:
        for (size_t i = 0; i < n && !r->bad; i++) {
            a->plain[i] = field(r, 0, RECORD_ITEM_MAX);
        }
        a->n_plain = n;
        break;
    case OP_SEAL:
        a->sealed = field(r, SEAL_EXTRA, WIRE_SEALED_MAX);
        field_bytes(r, a->kid.b, 16);
        if (n) {
            a->wraps = field(r, n * WIRE_UNIT_WRAP_BYTES, n * WIRE_UNIT_WRAP_BYTES);
        }
        break;
    case OP_ROTATE:
        if (n) {
            a->wraps = field(r, n * WIRE_UNIT_WRAP_BYTES, n * WIRE_UNIT_WRAP_BYTES);
        }
        break;
    case OP_GRANT:
        a->wraps = field(r, WIRE_UNIT_WRAP_BYTES, WIRE_UNIT_WRAP_BYTES);
        break;
    case OP_LINK:
        a->sealed = field(r, RECORD_WRAP_BYTES, RECORD_WRAP_BYTES);
        field_bytes(r, a->kid.b, 16);
        break;
    case OP_REKEY:
        a->sealed = field(r, SEAL_EXTRA, WIRE_SEALED_MAX);
        field_bytes(r, a->kid.b, 16);
        a->children = field(r, RECORD_WRAP_BYTES, (KEEPER_CHILDREN_MAX + 1) * RECORD_WRAP_BYTES);
        a->wraps = field(r, n * WIRE_UNIT_WRAP_BYTES, n * WIRE_UNIT_WRAP_BYTES);
        r->bad |= a->children.n % RECORD_WRAP_BYTES != 0;
        break;
    case OP_AUDIT:
    case OP_PING:
        field_bytes(r, a->at.writer, 8);
        a->at.seq = field_int(r, 8);
        break;
    case OP_TAG:
        a->tags = field(r, n * WIRE_TAG_ANSWER_BYTES, n * WIRE_TAG_ANSWER_BYTES);
        break;
    case OP_TRAIL:
        a->next = field_int(r, 8);
        a->entries = field(r, 0, WIRE_ENTRIES_MAX);
        break;
    case OP_ANCHOR:
        a->anchors = field(r, 0, KEEPER_ANCHORS_MAX * WIRE_ANCHOR_BYTES);
        a->file = field(r, 0, WIRE_ANCHOR_FILE_MAX);
        r->bad |= a->anchors.n % WIRE_ANCHOR_BYTES != 0;
        break;
    case OP_FILE:
        a->seeds = field(r, KEY_BYTES * n, KEY_BYTES * n);
        a->file_wraps = field(r, 0, KEEPER_FILE_WRAP);
        break;
    case OP_ACKNOWLEDGE:
        a->sealed = field(r, SIGN_BYTES, SIGN_BYTES);
        break;
    case OP_PERSON:
        field_bytes(r, a->person.b, 16);
        a->totp = field(r, 0, TOTP_BASE32_MAX);
        break;
    default:
        break;
    }
}

enum err wire_answer_read(struct str packet, uint8_t op, size_t n, struct wire_answer *out)
{
    if (packet.n > WIRE_BYTES_MAX || (op == OP_OPEN && n > KEEPER_ITEMS_MAX) || (op == OP_TAG && n > WIRE_TAGS_MAX) ||
        (op == OP_FILE && n > KEEPER_FILES_MAX) ||
        ((op == OP_SEAL || op == OP_REKEY) && n > KEEPER_UNITS_MAX) || (op == OP_ROTATE && n > KEEPER_WRAPS_MAX)) {
        return ERR_MALFORMED;
    }
    struct reader r = inside(packet, false);
    memset(out, 0, sizeof *out);
    uint64_t version = take_le(&r, 1);
    out->status = (uint8_t)take_le(&r, 1);
    uint64_t zero = take_le(&r, 2);
    out->call = (uint32_t)take_le(&r, 4);
    if (r.bad || version != 1 || zero || out->status >= STATUS_END_) {
        return ERR_MALFORMED;
    }
    if (out->status == STATUS_BUDGET) {
        out->seconds = (uint32_t)field_int(&r, 4);
    } else if (out->status == STATUS_OK) {
        read_answer(&r, op, n, out);
    }
    return r.bad || r.n ? ERR_MALFORMED : OK;
}

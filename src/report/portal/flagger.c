// Trusted flaggers (SPEC R8): many reports in a call, each judged alone. Who has a valid credential is not counted as a flood; what
// is sent is checked, sealed and stored as any report, with the flagger's id beside it.
#include <jansson.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "report/portal/portal.h"

#define FLAGGER_LINES_MAX 50

DB_QUERY(flagger_known_sql, "b", "btiiiiii", "select id, name, sent, waiting, illegal, lawful, duplicates, spam from reply.flagger "
         "where secret = $1 and active = 1");

struct flagger_send_in { struct str credential; struct list lines; };
struct flagger_send_out { int64_t accepted, refused; struct list lines; };
struct flagger_own_in { struct str credential; };
struct flagger_own_out { struct str name; int64_t sent, waiting, illegal, lawful, duplicates, spam; };

SHAPE(flagger_line, FIELD(flagger_line, submission), FIELD(flagger_line, accepted), FIELD(flagger_line, receipt, .form = FORM_NULLABLE),
      FIELD(flagger_line, field, .form = FORM_NULLABLE, .about = "What was refused."), FIELD(flagger_line, sentence, .form = FORM_NULLABLE));
static const struct field send_in[] = {
    FIELD(flagger_send_in, credential, .required = true, .max = 80, .form = FORM_SECRET, .about = "As the administrator gave it, 64 hex digits."),
    FIELD(flagger_send_in, lines, .required = true, .max = FLAGGER_LINES_MAX, .form = FORM_LINES,
          .about = "Each one report: a JSON object as text, with the members of POST /reports; submission is needed (32 hex digits, "
                   "random), and makes a repeat safe.")};
const struct shape flagger_send_in_shape = {"flagger_send_in", sizeof(struct flagger_send_in), sizeof send_in / sizeof *send_in, send_in, "flagger_send_in"};
static const struct field send_out[] = {FIELD(flagger_send_out, accepted), FIELD(flagger_send_out, refused),
                                        FIELD(flagger_send_out, lines, .of = &flagger_line_shape, .about = "In the order of the lines sent.")};
const struct shape flagger_send_out_shape = {"flagger_send_out", sizeof(struct flagger_send_out), sizeof send_out / sizeof *send_out, send_out, "flagger_send_out"};
static const struct field own_in[] = {FIELD(flagger_own_in, credential, .required = true, .max = 80, .form = FORM_SECRET)};
const struct shape flagger_own_in_shape = {"flagger_own_in", sizeof(struct flagger_own_in), 1, own_in, "flagger_own_in"};
static const struct field own_out[] = {
    FIELD(flagger_own_out, name), FIELD(flagger_own_out, sent), FIELD(flagger_own_out, waiting, .about = "Not judged yet."),
    FIELD(flagger_own_out, illegal, .about = "Found illegal."), FIELD(flagger_own_out, lawful, .about = "Judged otherwise."),
    FIELD(flagger_own_out, duplicates), FIELD(flagger_own_out, spam)};
const struct shape flagger_own_out_shape = {"flagger_own_out", sizeof(struct flagger_own_out), sizeof own_out / sizeof *own_out, own_out, "flagger_own_out"};

// ── who ──

struct known { struct arena *a; uint8_t secret[32]; struct id id; struct flagger_own_out own; };

static enum err known_read(struct db *db, void *arg)
{
    struct known *k = arg;
    struct db_rows *r;
    enum err e = db_query(db, &flagger_known_sql, DB_ARGS(DB_B(STR_BYTES(k->secret))), &r), found = ERR_NOT_FOUND;
    if (e)
        return e;
    if (db_next(r) && !id_from_bytes(db_str(r, 0), &k->id)) {
        k->own = (struct flagger_own_out){arena_str(k->a, db_str(r, 1)), db_int(r, 2), db_int(r, 3), db_int(r, 4),
                                          db_int(r, 5), db_int(r, 6), db_int(r, 7)};
        found = OK;
    }
    e = db_done(&r);
    return e ? e : found;
}

static enum err known(struct req *rq, struct str credential, struct known *k)
{
    k->a = rq->arena;
    enum err e = flagger_secret(credential, k->secret);
    e = e ? e : store_read(rq->sv->store, known_read, k);
    crypto_wipe(k->secret, sizeof k->secret);
    if (e == ERR_AWAY || e == ERR_FULL)
        rq->notice = text_get(rq->lang, MSG_REPORT_NOTICE_AWAY);
    // One that cannot be one, one that nobody has and one that was revoked look alike.
    return e == ERR_MALFORMED || e == ERR_NOT_FOUND ? req_refuse(rq, "credential", MSG_FLAGGER_REFUSED_CREDENTIAL) : e;
}

// ── one line ──

struct line { struct req *rq; struct flagger_line *out; };

static void refuse(void *ctx, const char *field, enum message m)
{
    struct line *l = ctx;
    if (l->out->field.n > 0)
        return; // the first
    l->out->field = str_from(field);
    l->out->sentence = text_get(l->rq->lang, m);
}

static const struct { const char *name; size_t at; } texts[] = {
#define TEXT(member) {#member, offsetof(struct report_given, member)}
    TEXT(language), TEXT(where), TEXT(address), TEXT(app), TEXT(account), TEXT(category), TEXT(county), TEXT(municipality), TEXT(seen),
    TEXT(text), TEXT(contact), TEXT(safe_to_contact),
#undef TEXT
};

static enum err line_read(struct line *l, struct str json, struct report_given *g)
{
    struct arena *a = l->rq->arena;
    json_t *root = json_loadb(json.n ? json.at : "", json.n, JSON_REJECT_DUPLICATES, NULL), *value;
    const char *name;
    bool fine = json_is_object(root);
    if (!fine)
        refuse(l, "lines", MSG_FLAGGER_REFUSED_LINE);
    json_object_foreach (root, name, value) {
        struct str s = json_is_string(value) ? (struct str){json_string_value(value), json_string_length(value)} : (struct str){0};
        bool taken = json_is_null(value);
        if (strcmp(name, "in_danger") == 0 && json_is_boolean(value)) {
            g->in_danger = json_is_true(value);
            taken = true;
        } else if (strcmp(name, "submission") == 0 && json_is_string(value) && s.n <= 64) {
            l->out->submission = arena_str(a, s);
            taken = true;
        }
        for (size_t i = 0; i < sizeof texts / sizeof *texts && json_is_string(value); i++)
            if (strcmp(name, texts[i].name) == 0) {
                *(struct str *)((char *)g + texts[i].at) = arena_str(a, s);
                taken = true;
            }
        if (!taken) {
            fine = false;
            refuse(l, "lines", MSG_FLAGGER_REFUSED_MEMBER);
        }
    }
    json_decref(root);
    g->reporter = STR("professional");
    return arena_failed(a) ? ERR_MEMORY : fine ? OK : ERR_INVALID;
}

static enum err line_store(struct line *l, struct id flagger, const struct report_content *c, const struct receipt *code)
{
    struct req *rq = l->rq;
    struct directory_unit duty;
    struct report_sealed sealed;
    struct report_clear clear = {
        .received = clock_minute(rq->now), .category = c->category,
        .urgency_computed = report_urgency(rq->sv->pack, c->category, c->in_danger, c->reporter, c->age_band),
        .in_danger = c->in_danger, .county = c->county, .language = c->language,
    };
    const struct report_portal *p = rq->sv->room;
    if (!c->in_danger && disk_low(p->disk))
        return ERR_FULL;
    enum err e = portal_duty(rq->sv, rq->now, &duty);
    if (e)
        return ERR_AWAY;
    struct public_key tag_key = directory_tag_key(rq->sv->directory);
    e = report_seal(c, &clear, &duty, &tag_key, code, &sealed);
    sealed.flagger = flagger;
    if (!e)
        e = report_insert(rq->sv->store, &sealed);
    report_sealed_free(&sealed);
    return e;
}

enum err flagger_line_read(struct req *rq, struct str json, struct flagger_line *out, struct id *submission, struct report_content *c)
{
    struct line l = {rq, out};
    struct report_given g = {0};
    enum err e = line_read(&l, json, &g);
    if (!e && id_from_hex(out->submission, submission) != OK) {
        refuse(&l, "submission", MSG_REPORT_REFUSED_SUBMISSION);
        e = ERR_INVALID;
    }
    return e ? e : report_check(rq->sv->pack, rq->arena, &g, refuse, &l, c);
}

static enum err line_take(struct line *l, struct id flagger, struct str json)
{
    struct req *rq = l->rq;
    struct report_content c;
    struct receipt code;
    struct id submission;
    char text[RECEIPT_TEXT];
    enum err e = flagger_line_read(rq, json, l->out, &submission, &c);
    if (e)
        return e;
    receipt_from_submission(&code, submission.b, directory_install_id(rq->sv->directory));
    e = line_store(l, flagger, &c, &code);
    if (!e) {
        receipt_text(&code, text);
        l->out->receipt = arena_str(rq->arena, str_from(text));
        l->out->accepted = true;
        crypto_wipe(text, sizeof text);
    }
    crypto_wipe(&code, sizeof code);
    crypto_wipe(&submission, sizeof submission);
    return e;
}

// What is refused for what it says; what is not stored now may be sent again.
static enum err line_said(struct line *l, enum err e)
{
    switch (e) {
    case OK:
    case ERR_INVALID: return OK;
    case ERR_CONFLICT: refuse(l, "submission", MSG_REPORT_NOTICE_CONFLICT); return OK;
    case ERR_TOO_LARGE: refuse(l, "text", MSG_REPORT_REFUSED_LONG); return OK;
    case ERR_MEMORY: return e;
    case ERR_FULL: refuse(l, "lines", MSG_REPORT_NOTICE_FULL); return OK;
    default: break;
    }
    log_event(LOG_WARN, "flagger.not_stored", LOG_ERR(e));
    refuse(l, "lines", MSG_REPORT_NOTICE_AWAY);
    return OK;
}

enum err flagger_send_run(struct req *rq, const void *in_, void *out_)
{
    const struct flagger_send_in *in = in_;
    struct flagger_send_out *out = out_;
    const struct str *line = in->lines.at;
    struct known k;
    enum err e = known(rq, in->credential, &k);
    if (e)
        return e;
    struct flagger_line *rows = arena_array(rq->arena, in->lines.n, sizeof *rows);
    if (!rows)
        return ERR_MEMORY;
    for (size_t i = 0; i < in->lines.n && !e; i++) {
        struct line l = {rq, &rows[i]};
        rows[i] = (struct flagger_line){0};
        e = line_said(&l, line_take(&l, k.id, line[i]));
        out->accepted += rows[i].accepted;
        out->refused += !rows[i].accepted;
    }
    out->lines = (struct list){rows, in->lines.n};
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err flagger_own_run(struct req *rq, const void *in_, void *out)
{
    const struct flagger_own_in *in = in_;
    struct known k;
    enum err e = known(rq, in->credential, &k);
    if (!e)
        *(struct flagger_own_out *)out = k.own;
    return e;
}

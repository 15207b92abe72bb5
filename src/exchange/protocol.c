// The data-exchange protocol is a text with a version, in the country pack. It comes into force by a recorded decision of the
// experts' group, and a unit receives nothing before one of its members has accepted that version. What is in force and who
// has accepted it are the keeper's rows; the desk's repeat them for lists, and hold the decision.
#include <string.h>
#include "base/clock.h"
#include "exchange/handlers.h"

#define PROTOCOL_VERSIONS 50          // as many as a pack has
#define PROTOCOL_DIGEST 32

DB_QUERY(protocol_force_sql, "", "I", "select max(version) from desk.protocol_force");
DB_QUERY(protocol_decisions_sql, "i", "itibb", "select version, number, decided, digest, person from desk.protocol_force order by version desc limit $1");
DB_QUERY(protocol_units_sql, "i", "btttiB", "select u.id, u.name, i.name, i.name_en, coalesce(a.version, 0), a.digest from desk.unit u "
         "left join desk.protocol_accepted a on a.unit = u.id and a.version = (select max(x.version) from desk.protocol_accepted x where x.unit = u.id) "
         "join desk.institution i on i.id = u.institution where exists (select 1 from desk.member m where m.unit = u.id) "
         "and u.room in ('desk', 'exchange') order by i.fold, u.room, u.id limit $1");
DB_QUERY(protocol_put_sql, "itibbi", "", "insert into desk.protocol_force (version, number, decided, digest, person, at) "
         "values ($1, $2, $3, $4, $5, $6) on conflict (version) do update set number = excluded.number, decided = excluded.decided, "
         "digest = excluded.digest, person = excluded.person, at = excluded.at");
DB_QUERY(protocol_drop_sql, "i", "", "delete from desk.protocol_force where version = $1");
DB_QUERY(protocol_accepted_sql, "bibib", "", "insert into desk.protocol_accepted (unit, version, person, at, digest) values ($1, $2, $3, $4, $5) "
         "on conflict (unit, version) do update set person = excluded.person, at = excluded.at, digest = excluded.digest");

enum err exchange_force_db(struct db *db, int64_t *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &protocol_force_sql, DB_ARGS(), &r);
    if (e)
        return e;
    int64_t version = db_next(r) && !db_null(r, 0) ? db_int(r, 0) : 0;
    e = db_done(&r);
    if (!e)
        *out = version;
    return e;
}

static bool version_at(const struct pack *p, int64_t version, size_t *at)
{
    struct pack_protocol v;
    for (size_t i = 0; pack_protocol_at(p, i, NULL, &v); i++)
        if (v.version == version) {
            *at = i;
            return true;
        }
    return false;
}

// Of the whole text in all languages. Zeroes where the pack does not have the version (any more).
static void text_digest(const struct pack *p, int64_t version, uint8_t out[PROTOCOL_DIGEST])
{
    size_t at;
    struct str code, point;
    struct pack_protocol v;
    struct buf b;
    memset(out, 0, PROTOCOL_DIGEST);
    if (!version_at(p, version, &at))
        return;
    buf_init(&b, 4 << 20);
    for (size_t l = 0; (code = pack_language_at(p, l)).n; l++) {
        const struct lang *lang = text_lang(code);
        if (!pack_protocol_at(p, at, lang, &v))
            break;
        buf_put(&b, v.title);
        buf_put_c(&b, '\n');
        for (size_t i = 0; (point = pack_protocol_point(p, at, i, lang)).n; i++) {
            buf_put(&b, point);
            buf_put_c(&b, '\n');
        }
    }
    struct str text = buf_str(&b);
    crypto_digest(out, PROTOCOL_DIGEST, "isigurt.protoc.1", NULL, CRYPTO_PARTS(text));
    buf_free(&b);
}

// ── set-up ──
enum err exchange_setup_force(struct db *db, const struct pack *p, int64_t version, struct str decision, int64_t decided, struct id person,
                              int64_t now)
{
    uint8_t digest[PROTOCOL_DIGEST];
    text_digest(p, version, digest);
    return db_exec(db, &protocol_put_sql, DB_ARGS(DB_I(version), DB_T(decision), DB_I(decided), DB_B(STR_BYTES(digest)), DB_ID(person),
                                                  DB_I(clock_minute(now))), NULL);
}

enum err exchange_setup_accepted(struct db *db, const struct pack *p, struct id unit, int64_t version, struct id person, int64_t now)
{
    uint8_t digest[PROTOCOL_DIGEST];
    text_digest(p, version, digest);
    return db_exec(db, &protocol_accepted_sql, DB_ARGS(DB_ID(unit), DB_I(version), DB_ID(person), DB_I(clock_minute(now)), DB_B(STR_BYTES(digest))), NULL);
}

// ── what is shown ──
struct protocols {
    struct req *rq;
    struct exchange_protocol_out *out;
    struct exchange_version *version;
    struct exchange_accepted *unit, *own;
    struct str *gap;
    size_t n_versions, n_units, n_own, n_gaps;
};

static struct list points_of(struct req *rq, size_t at, size_t n)
{
    struct str *points = arena_array(rq->arena, n + 1, sizeof *points);
    for (size_t i = 0; points && i < n; i++)
        points[i] = pack_protocol_point(rq->sv->pack, at, i, rq->lang);
    return (struct list){points, points ? n : 0};
}

static struct list lines_of(struct req *rq, const struct list *points)
{
    struct exchange_line *at = arena_array(rq->arena, points->n + 1, sizeof *at);
    for (size_t i = 0; at && i < points->n; i++)
        at[i].text = ((const struct str *)points->at)[i];
    return (struct list){at, at ? points->n : 0};
}

static enum err decisions_read(struct db *db, struct protocols *s)
{
    struct req *rq = s->rq;
    struct db_rows *r;
    struct id person[PROTOCOL_VERSIONS];
    struct exchange_version *of[PROTOCOL_VERSIONS];
    size_t n = 0;
    enum err e = db_query(db, &protocol_decisions_sql, DB_ARGS(DB_I(PROTOCOL_VERSIONS)), &r);
    if (e)
        return e;
    while (n < PROTOCOL_VERSIONS && db_next(r)) {
        uint8_t digest[PROTOCOL_DIGEST];
        for (size_t i = 0; i < s->n_versions; i++) {
            struct exchange_version *v = &s->version[i];
            if (v->version != db_int(r, 0))
                continue;
            text_digest(rq->sv->pack, v->version, digest);
            v->decision = arena_str(rq->arena, db_str(r, 1));
            v->decided = db_int(r, 2);
            v->decided_text = req_date(rq, v->decided, DATE_DAY);
            v->altered = !str_equal(db_str(r, 3), STR_BYTES(digest));
            if (id_from_bytes(db_str(r, 4), &person[n]) == OK)
                of[n++] = v;
        }
    }
    e = db_done(&r);
    for (size_t i = 0; i < n && !e; i++)
        e = people_name(db, rq->arena, person[i], &of[i]->by);
    return e;
}

static enum err protocols_read(struct db *db, void *arg)
{
    struct protocols *s = arg;
    struct req *rq = s->rq;
    struct db_rows *r;
    struct pack_protocol v;
    s->n_versions = s->n_units = s->n_own = s->n_gaps = 0;
    enum err e = exchange_force_db(db, &s->out->version);
    size_t all = 0;
    while (all < PROTOCOL_VERSIONS && pack_protocol_at(rq->sv->pack, all, rq->lang, &v))
        all++;
    for (size_t i = all; i-- > 0 && !e;) {
        pack_protocol_at(rq->sv->pack, i, rq->lang, &v);
        bool here = v.version == s->out->version;
        s->version[s->n_versions++] = (struct exchange_version){.version = v.version, .title = v.title, .decided = INT64_MIN, .in_force = here,
            .open = here || (s->out->version == 0 && i + 1 == all), .points = points_of(rq, i, v.points)};
        s->version[s->n_versions - 1].lines = lines_of(rq, &s->version[s->n_versions - 1].points);
    }
    size_t next;
    uint8_t digest[PROTOCOL_DIGEST] = {0};
    int64_t of = 0;
    s->out->next = s->out->version && version_at(rq->sv->pack, s->out->version + 1, &next) ? s->out->version + 1 : 0;
    s->out->n_behind = 0;
    if (!e)
        e = decisions_read(db, s);
    if (!e)
        e = db_query(db, &protocol_units_sql, DB_ARGS(DB_I(REFERRAL_UNITS_MAX)), &r);
    if (e)
        return e;
    while (db_next(r)) {
        struct exchange_accepted *u = &s->unit[s->n_units++];
        char hex[ID_HEX];
        *u = (struct exchange_accepted){.name = exchange_unit_name(rq, r, 1), .version = db_int(r, 4)};
        if (u->version != of) // most have accepted the same
            text_digest(rq->sv->pack, u->version, digest);
        of = u->version;
        u->altered = !db_null(r, 5) && !str_equal(db_str(r, 5), STR_BYTES(digest));
        if (id_from_bytes(db_str(r, 0), &u->unit))
            e = ERR_TAMPERED;
        bool gap = u->version < s->out->version;
        s->out->n_behind += s->out->next && u->version < s->out->next;
        if (gap)
            s->gap[s->n_gaps++] = arena_str(rq->arena, str_from(id_hex(u->unit, hex)));
        if (person_of_unit(&rq->who, u->unit) && s->n_own < rq->who.n_units) {
            u->may_accept = gap && s->out->version > 0 && req_may(rq, PERM_UNIT_ADMIT);
            u->may_ahead = !gap && s->out->next > u->version && req_may(rq, PERM_UNIT_ADMIT);
            s->own[s->n_own++] = *u;
        }
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err protocols_show(struct req *rq, struct exchange_protocol_out *out)
{
    struct protocols s = {.rq = rq, .out = out,
        .version = arena_array(rq->arena, PROTOCOL_VERSIONS, sizeof *s.version), .unit = arena_array(rq->arena, REFERRAL_UNITS_MAX, sizeof *s.unit),
        .own = arena_array(rq->arena, rq->who.n_units + 1, sizeof *s.own), .gap = arena_array(rq->arena, REFERRAL_UNITS_MAX, sizeof *s.gap)};
    struct choice *next = arena_array(rq->arena, PROTOCOL_VERSIONS, sizeof *next);
    size_t n = 0;
    enum err e = arena_failed(rq->arena) ? ERR_MEMORY : store_read(rq->sv->store, protocols_read, &s);
    if (e)
        return e;
    for (size_t i = s.n_versions; i-- > 0;)
        if (s.version[i].version > out->version)
            next[n++] = (struct choice){.value = arena_printf(rq->arena, "%lld", (long long)s.version[i].version),
                .label = arena_printf(rq->arena, "%lld. %.*s", (long long)s.version[i].version, STR_ARG(s.version[i].title))};
    out->versions = (struct list){s.version, s.n_versions};
    out->units = (struct list){s.unit, s.n_units};
    out->gaps = (struct list){s.gap, s.n_gaps};
    out->own = (struct list){s.own, s.n_own};
    out->choices = (struct list){next, n};
    out->n_units = (int64_t)s.n_units;
    out->n_gaps = (int64_t)s.n_gaps;
    out->may_force = n > 0 && req_may(rq, PERM_PEOPLE_ADMIN);
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err exchange_protocols_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    return protocols_show(rq, out);
}

enum err exchange_protocol_fill(struct req *rq, const void *in, void *out)
{
    (void)in;
    return protocols_show(rq, out);
}

// ── into force ──
struct forcing { struct req *rq; int64_t version, decided; struct str decision; };

static enum err force_write(struct db *db, void *arg)
{
    const struct forcing *f = arg;
    return exchange_setup_force(db, f->rq->sv->pack, f->version, f->decision, f->decided, f->rq->who.id, f->rq->now);
}

static enum err force_undo(struct db *db, void *arg)
{
    const struct forcing *f = arg;
    return db_exec(db, &protocol_drop_sql, DB_ARGS(DB_I(f->version)), NULL);
}

// The decision is written first and taken back where the keeper refuses: what is lost between the two is mended by doing it
// again, and until then units are refused, never let in.
static enum err force(struct req *rq, struct forcing *f, int64_t before)
{
    struct keeper_audit_at at;
    char detail[200];
    snprintf(detail, sizeof detail, "version %lld, decision %.*s", (long long)f->version, STR_ARG(str_slice(f->decision, 0, EXCHANGE_LINE_MAX)));
    enum err e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_PROTOCOL, (struct id){{0}}, (struct id){{0}}, str_from(detail), &at);
    if (!e && f->version != before) // a decision that is in force is not written over
        e = store_write(rq->sv->store, force_write, f);
    if (e)
        return e;
    e = keeper_agree(rq->sv->keeper, &rq->token, (struct id){{0}}, (uint32_t)f->version);
    if (e && f->version != before && store_write(rq->sv->store, force_undo, f))
        return ERR_AWAY;
    return e == ERR_CONFLICT ? req_notice(rq, e, MSG_EXCHANGE_OTHER_VERSION) : e;
}

enum err exchange_protocol_run(struct req *rq, const void *in_, void *out_)
{
    const struct exchange_protocol_in *in = in_;
    struct exchange_protocol_out *out = out_;
    struct forcing f = {.rq = rq, .version = in->version, .decision = str_trim(in->decision)};
    size_t at;
    enum err e = protocols_show(rq, out);
    if (!e && (in->version < 1 || in->version > UINT32_MAX || !version_at(rq->sv->pack, in->version, &at)))
        e = req_refuse(rq, "version", MSG_EXCHANGE_REFUSED_VERSION);
    if (!e && (exchange_day_read(str_trim(in->decided), &f.decided) || f.decided > rq->now + CLOCK_DAY))
        e = req_refuse(rq, "decided", MSG_EXCHANGE_REFUSED_DECIDED);
    if (!e && in->version < out->version)
        e = req_notice(rq, ERR_CONFLICT, MSG_EXCHANGE_OTHER_VERSION);
    if (!e)
        e = force(rq, &f, out->version);
    return e ? e : protocols_show(rq, out);
}

// ── accepted ──
struct accepting { struct req *rq; int64_t version; };

static enum err accepted_write(struct db *db, void *arg)
{
    const struct accepting *a = arg;
    return exchange_setup_accepted(db, a->rq->sv->pack, a->rq->id, a->version, a->rq->who.id, a->rq->now);
}

enum err exchange_agree_run(struct req *rq, const void *in_, void *out)
{
    const struct exchange_agree_in *in = in_;
    struct accepting a = {rq, in->version};
    if (!person_of_unit(&rq->who, rq->id))
        return ERR_NOT_FOUND;
    enum err e = rq->json ? OK : protocols_show(rq, out);
    if (!e && (in->version < 1 || in->version > UINT32_MAX))
        e = req_refuse(rq, "version", MSG_WEB_FIELD_NUMBER);
    size_t text;
    if (!e && !version_at(rq->sv->pack, in->version, &text)) // nobody accepts what nobody can read
        e = ERR_CONFLICT;
    if (!e)
        e = keeper_agree(rq->sv->keeper, &rq->token, rq->id, (uint32_t)in->version);
    if (e == ERR_CONFLICT)
        return req_notice(rq, e, MSG_EXCHANGE_OTHER_VERSION);
    if (e == ERR_INVALID && !req_refused(rq))
        return req_notice(rq, ERR_CONFLICT, MSG_EXCHANGE_NOT_CONFIRMED);
    if (!e)
        e = store_write(rq->sv->store, accepted_write, &a);
    return e ? e : protocols_show(rq, out);
}

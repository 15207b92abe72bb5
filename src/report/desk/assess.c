// Assessment: the questions of the country pack about one report, each set of answers sealed under the report's key, and the
// second, different person that some verdicts need. Who has not answered does not see the answers of others yet.
#include <string.h>
#include "report/desk/triage.h"

DB_QUERY(assess_list_sql, "bi", "biibitibb", "select id, seq, at, person, version, verdict, second, kid, item from desk.assessment "
         "where report = $1 order by seq limit $2");
DB_QUERY(assess_category_sql, "i", "t", "select category from desk.report where seq = $1");
DB_QUERY(assess_verdicts_sql, "bi", "bti", "select person, verdict, second from desk.assessment where report = $1 order by seq limit $2");
DB_QUERY(assess_insert_sql, "bbiibitibb", "", "insert into desk.assessment (id, report, seq, at, person, version, verdict, second, kid, item) "
         "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
DB_QUERY(assess_waits_sql, "ii", "", "update desk.report set second_waits = $2 where seq = $1");

struct given { // one row
    struct id id;
    int64_t seq, at, version, second;
    struct id person;
    struct str verdict, name;
    struct keeper_item item;
};
struct assess {
    struct req *rq;
    struct report_record record;
    size_t n;
    struct given at[ASSESS_MAX];
    enum assess_status status;
    size_t settled;              // which settled it
    // a new one
    struct given new;
    struct str plain, sealed;
    struct keeper_audit_at entry;
    bool by_second;
};

// Verdict, version and need of a second person are sealed in: an altered column does not open.
static void assess_ad(struct record_ad *ad, const struct report_record *r, const struct given *g)
{
    struct buf columns;
    buf_init(&columns, 512);
    record_meta_int(&columns, g->at);
    record_meta_str(&columns, id_bytes(&g->person));
    record_meta_str(&columns, STR("assessment"));
    record_meta_int(&columns, g->version);
    record_meta_str(&columns, g->verdict);
    record_meta_int(&columns, g->second);
    *ad = (struct record_ad){.type = RECORD_REPORT, .field = RECORD_FIELD_NOTE, .version = 1, .seq = (uint64_t)g->seq, .home = r->id,
                             .item = g->id, .kid = r->kid};
    record_meta(ad->meta, &columns);
    buf_free(&columns);
}

static enum err given_read(struct db *db, struct arena *a, struct id report, struct given *out, size_t *n)
{
    struct db_rows *r;
    enum err e = db_query(db, &assess_list_sql, DB_ARGS(DB_ID(report), DB_I(ASSESS_MAX)), &r);
    if (e)
        return e;
    for (*n = 0; *n < ASSESS_MAX && !e && db_next(r); (*n)++) {
        struct given *g = &out[*n];
        *g = (struct given){.seq = db_int(r, 1), .at = db_int(r, 2), .version = db_int(r, 4), .verdict = arena_str(a, db_str(r, 5)),
                            .second = db_int(r, 6), .item = {.sealed = arena_str(a, db_str(r, 8))}};
        e = id_from_bytes(db_str(r, 0), &g->id) || id_from_bytes(db_str(r, 3), &g->person) ? ERR_TAMPERED : OK;
    }
    enum err done = db_done(&r);
    return e ? e : done;
}

static enum assess_status status_of(const struct given *at, size_t n, size_t *settled)
{
    struct assess_verdict v[ASSESS_MAX + 1];
    for (size_t i = 0; i < n; i++)
        v[i] = (struct assess_verdict){at[i].person, at[i].verdict, at[i].second != 0};
    *settled = 0;
    return assess_settle(v, n, settled);
}

enum err report_assess_settled_db(struct db *db, struct arena *a, struct id report, bool *waits)
{
    struct assess_verdict v[ASSESS_MAX];
    struct db_rows *r;
    size_t n = 0, of;
    enum err e = db_query(db, &assess_verdicts_sql, DB_ARGS(DB_ID(report), DB_I(ASSESS_MAX)), &r);
    if (e)
        return e;
    for (; n < ASSESS_MAX && !e && db_next(r); n++) {
        v[n] = (struct assess_verdict){.verdict = arena_str(a, db_str(r, 1)), .second = db_int(r, 2) != 0};
        e = id_from_bytes(db_str(r, 0), &v[n].person) ? ERR_TAMPERED : OK;
    }
    enum err done = db_done(&r);
    e = e ? e : done ? done : arena_failed(a) ? ERR_MEMORY : OK;
    enum assess_status s = assess_settle(v, e ? 0 : n, &of);
    *waits = s == ASSESS_SECOND || s == ASSESS_DIFFER;
    return e;
}

static enum err assess_look(struct db *db, void *arg)
{
    struct assess *s = arg;
    struct arena *a = s->rq->arena;
    enum err e = report_record_db(db, a, &s->rq->who, s->rq->id, &s->record);
    if (!e)
        e = given_read(db, a, s->rq->id, s->at, &s->n);
    for (size_t i = 0; i < s->n && !e; i++) {
        assess_ad(&s->at[i].item.ad, &s->record, &s->at[i]);
        e = people_name(db, a, s->at[i].person, &s->at[i].name);
    }
    s->status = status_of(s->at, e ? 0 : s->n, &s->settled);
    return e ? e : arena_failed(a) ? ERR_MEMORY : OK;
}

// ── what is shown ──
static struct str verdict_words(const struct req *rq, int64_t version, struct str verdict)
{
    const struct pack_question_set *set = pack_question_set(rq->sv->pack, version);
    const struct pack_question *q = set ? pack_question(set, str_from(PACK_VERDICT)) : NULL;
    const struct pack_option *o = q ? pack_option(q, verdict) : NULL;
    return o ? pack_words(rq->sv->pack, o->label, rq->lang) : verdict;
}

// The value given for a question among "question:value" texts; empty where there is none.
static struct str answer_of(struct list answers, struct str question)
{
    const struct str *at = answers.at;
    for (size_t i = 0; i < answers.n; i++) {
        struct str rest = at[i], q = str_cut(&rest, ':');
        if (str_equal(q, question) && rest.n > 0)
            return rest;
    }
    return (struct str){"", 0};
}

static void questions_show(struct req *rq, const struct pack_question_set *set, struct list typed, struct assess_out *out)
{
    static const enum message axes[] = {MSG_DESK_AXIS_RISK, MSG_DESK_AXIS_INCIDENT, MSG_DESK_AXIS_ASSESSMENT};
    static const char *const names[] = {"risk", "incident", "assessment"};
    const struct pack *p = rq->sv->pack;
    struct assess_question *at = arena_array(rq->arena, set->n, sizeof *at);
    struct assess_axis *axis = arena_array(rq->arena, set->n, sizeof *axis);
    size_t n_axes = 0;
    for (size_t i = 0; i < set->n && at && axis; i++) {
        const struct pack_question *q = &set->question[i];
        struct assess_option *o = arena_array(rq->arena, q->n, sizeof *o);
        struct str chosen = answer_of(typed, q->id);
        at[i] = (struct assess_question){.id = q->id, .axis = q->axis, .label = pack_words(p, q->label, rq->lang), .needed = q->needed,
                                         .later = q->when.n > 0};
        if (i == 0 || !str_equal(set->question[i - 1].axis, q->axis)) {
            axis[n_axes] = (struct assess_axis){.text = q->axis, .questions = {&at[i], 0}};
            for (size_t k = 0; k < 3; k++)
                if (str_equal_z(q->axis, names[k]))
                    axis[n_axes].text = text_get(rq->lang, axes[k]);
            n_axes++;
        }
        axis[n_axes - 1].questions.n++;
        for (size_t k = 0; k < q->n && o; k++)
            o[k] = (struct assess_option){arena_printf(rq->arena, "%.*s:%.*s", STR_ARG(q->id), STR_ARG(q->option[k].value)),
                                          pack_words(p, q->option[k].label, rq->lang), str_equal(chosen, q->option[k].value)};
        at[i].options = (struct list){o, o ? q->n : 0};
    }
    out->questions = (struct list){at, at && axis ? set->n : 0};
    out->axes = (struct list){axis, n_axes};
    out->version = set->version;
}

// Plaintext: a line "question:value" for each answer, an empty line, the note.
static void row_open(struct req *rq, const struct given *g, struct str plain, struct assess_row *row)
{
    const struct pack_question_set *set = pack_question_set(rq->sv->pack, g->version);
    struct str *answers = arena_array(rq->arena, PACK_QUESTIONS_MAX, sizeof *answers);
    struct assess_line *lines = arena_array(rq->arena, PACK_QUESTIONS_MAX, sizeof *lines);
    size_t n = 0, m = 0;
    while (plain.n > 0 && answers && lines) {
        struct str line = str_cut(&plain, '\n');
        if (line.n == 0)
            break;
        if (n < PACK_QUESTIONS_MAX)
            answers[n++] = line;
    }
    row->note = plain;
    row->answers = (struct list){answers, n};
    for (size_t i = 0; i < n; i++) {
        struct str value = answers[i], id = str_cut(&value, ':');
        const struct pack_question *q = set ? pack_question(set, id) : NULL;
        const struct pack_option *o = q ? pack_option(q, value) : NULL;
        lines[m++] = (struct assess_line){.question = q ? pack_words(rq->sv->pack, q->label, rq->lang) : id,
                                          .answer = o ? pack_words(rq->sv->pack, o->label, rq->lang) : value};
    }
    row->lines = (struct list){lines, m};
}

// Marks where two people have said different things.
static void rows_compare(struct assess_row *row, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct assess_line *line = (struct assess_line *)(uintptr_t)row[i].lines.at; // ours, from the arena
        const struct str *answer = row[i].answers.at;
        for (size_t k = 0; k < row[i].lines.n; k++) {
            struct str value = answer[k], id = str_cut(&value, ':');
            struct str before = answer_of(row[0].answers, id);
            line[k].differs = !row[0].altered && !str_equal(before, value);
        }
    }
}

static enum err rows_show(struct assess *s, struct assess_out *out)
{
    struct req *rq = s->rq;
    struct assess_row *row = arena_array(rq->arena, s->n, sizeof *row);
    if (!row)
        return s->n ? ERR_MEMORY : OK;
    for (size_t i = 0; i < s->n; i++) {
        struct given *g = &s->at[i];
        row[i] = (struct assess_row){.at = g->at, .person = g->person, .version = g->version, .name = g->name,
                                     .at_text = req_time(rq, g->at)};
        out->again = out->again || id_equal(g->person, rq->who.id);
    }
    out->shown = out->again || s->status == ASSESS_SETTLED;
    for (size_t i = 0; i < s->n && out->shown; i++) {
        enum err e = keeper_open(rq->sv->keeper, &rq->token, PURPOSE_ASSESS, &s->record.path, &s->at[i].item, 1, rq->arena);
        row[i].altered = e == ERR_TAMPERED || e == ERR_MALFORMED;
        if (e && !row[i].altered)
            return e;
        if (row[i].altered)
            continue;
        row[i].verdict = s->at[i].verdict;
        row[i].verdict_text = verdict_words(rq, s->at[i].version, s->at[i].verdict);
        row_open(rq, &s->at[i], s->at[i].item.plain, &row[i]);
    }
    rows_compare(row, s->n);
    out->assessments = (struct list){row, s->n};
    return OK;
}

static bool answered_first(const struct assess *s) // is it I who answered first?
{
    return s->n > 0 && id_equal(s->at[0].person, s->rq->who.id);
}

static enum err assess_show(struct assess *s, struct list typed, struct str note, bool open, struct assess_out *out)
{
    static const enum message words[] = {MSG_DESK_ASSESS_NONE, MSG_DESK_ASSESS_SECOND, MSG_DESK_ASSESS_DIFFER, MSG_DESK_ASSESS_SETTLED};
    struct req *rq = s->rq;
    const struct pack_question_set *set = pack_question_set(rq->sv->pack, 0);
    *out = (struct assess_out){.id = rq->id, .status = str_from(assess_status_name(s->status)), .note = note,
                               .status_text = text_get(rq->lang, words[s->status]), .settled = s->status == ASSESS_SETTLED,
                               .differ = s->status == ASSESS_DIFFER, .waits = s->status == ASSESS_SECOND || s->status == ASSESS_DIFFER};
    if (out->settled) {
        out->verdict = s->at[s->settled].verdict;
        out->verdict_text = verdict_words(rq, s->at[s->settled].version, out->verdict);
    }
    out->title = arena_printf(rq->arena, "U%d · %.*s", (int)s->record.at.rank, STR_ARG(s->record.clear.category));
    out->none = set == NULL;
    bool taken = s->record.at.state != REPORT_NEW && s->record.at.state != REPORT_CLOSED;
    out->may_first = set && taken && report_holder_may(&rq->who, &s->record.at) && (!out->waits || answered_first(s));
    out->may_second = set && taken && out->waits && !answered_first(s);
    if (set)
        questions_show(rq, set, typed, out);
    enum err e = open ? rows_show(s, out) : OK;
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

static enum err assess_begin(struct req *rq, struct assess **out)
{
    struct assess *s = ARENA_NEW(rq->arena, struct assess);
    if (!s)
        return ERR_MEMORY;
    s->rq = rq;
    *out = s;
    return store_read(rq->sv->store, assess_look, s);
}

enum err assess_read_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    struct assess *s;
    enum err e = assess_begin(rq, &s);
    struct str category = STR("incident:"); // what was reported stands there to begin with
    if (e)
        return e;
    category = arena_printf(rq->arena, "incident:%.*s", STR_ARG(s->record.clear.category));
    return assess_show(s, (struct list){&category, 1}, STR(""), true, out);
}

enum err assess_fill(struct req *rq, const void *in_, void *out)
{
    const struct assess_in *in = in_;
    struct assess *s;
    enum err e = assess_begin(rq, &s);
    return e ? e : assess_show(s, in->answers, in->note, false, out);
}

// ── answering ──
// Each answer known, each question that is asked answered; whatever is missing is said at its question. Fills verdict, second and
// the plaintext.
static enum err answers_check(struct assess *s, const struct assess_in *in, struct assess_out *out)
{
    struct assess_question *shown = (struct assess_question *)(uintptr_t)out->questions.at; // ours, from the arena
    bool missing = false;
    struct req *rq = s->rq;
    const struct pack_question_set *set = pack_question_set(rq->sv->pack, 0);
    const struct str *given = in->answers.at;
    struct buf plain;
    enum err e = OK;
    for (size_t i = 0; i < in->answers.n && !e; i++) {
        struct str value = given[i], id = str_cut(&value, ':');
        const struct pack_question *q = pack_question(set, id);
        if (given[i].n > 0 && (!q || (value.n > 0 && !pack_option(q, value))))
            e = req_refuse(rq, "answers", MSG_DESK_REFUSED_ANSWERS);
    }
    struct str verdict = answer_of(in->answers, str_from(PACK_VERDICT));
    const struct pack_option *chosen = pack_option(pack_question(set, str_from(PACK_VERDICT)), verdict);
    s->new.verdict = verdict;
    s->new.second = chosen && chosen->second;
    s->new.version = set->version;
    buf_init(&plain, RECORD_ITEM_MAX);
    for (size_t i = 0; i < set->n && !e; i++) {
        const struct pack_question *q = &set->question[i];
        struct str value = answer_of(in->answers, q->id);
        if (q->when.n > 0 && !s->new.second)
            continue;
        if (q->needed && value.n == 0) {
            missing = true;
            shown[i].error = text_get(rq->lang, MSG_DESK_REFUSED_ANSWER_THIS);
        }
        if (value.n > 0)
            buf_printf(&plain, "%.*s:%.*s\n", STR_ARG(q->id), STR_ARG(value));
    }
    if (missing)
        e = req_refuse(rq, "answers", MSG_DESK_REFUSED_UNANSWERED);
    buf_put_c(&plain, '\n');
    buf_put(&plain, str_trim(in->note));
    if (!e)
        e = buf_ok(&plain);
    s->plain = arena_str(rq->arena, buf_str(&plain));
    buf_free(&plain);
    return e;
}

// What was settled is so no more: it is to be assessed again, by whoever has it, and its clock runs as if it had come now.
static enum err again_db(struct db *db, const struct req *rq, const struct report_at *at)
{
    struct db_rows *r;
    struct report_due due;
    enum err e = report_state_db(db, rq->id, at, REPORT_TAKEN, at->taken_by, rq->now);
    if (!e)
        e = db_query(db, &assess_category_sql, DB_ARGS(DB_I(at->seq)), &r);
    if (e)
        return e;
    (void)report_clocks(rq->sv->pack, db_next(r) ? db_str(r, 0) : STR(""), at->rank, rq->now, &due);
    e = db_done(&r);
    return e ? e : report_act_due_db(db, at->seq, due.act);
}

static enum err assess_write(struct db *db, void *arg)
{
    struct assess *s = arg;
    const struct req *rq = s->rq;
    const struct given *g = &s->new;
    struct report_at at;
    size_t n = 0, settled;
    struct given *now = arena_array(rq->arena, ASSESS_MAX, sizeof *now);
    if (!now)
        return ERR_MEMORY;
    enum err e = report_at_db(db, rq->id, rq->who.units, rq->who.n_units, &at);
    if (!e && (at.state == REPORT_NEW || at.state == REPORT_CLOSED || (!s->by_second && !report_holder_may(&rq->who, &at))))
        e = ERR_CONFLICT;
    if (!e)
        e = db_exec(db, &assess_insert_sql, DB_ARGS(DB_ID(g->id), DB_ID(rq->id), DB_I(g->seq), DB_I(g->at), DB_ID(g->person), DB_I(g->version),
                                                    DB_T(g->verdict), DB_I(g->second), DB_B(STR_BYTES(s->record.kid.b)), DB_B(s->sealed)), NULL);
    if (!e)
        e = given_read(db, rq->arena, rq->id, now, &n);
    enum assess_status status = status_of(now, e ? 0 : n, &settled);
    if (!e)
        e = db_exec(db, &assess_waits_sql, DB_ARGS(DB_I(at.seq), DB_I(status == ASSESS_SECOND || status == ASSESS_DIFFER)), NULL);
    if (!e && status == ASSESS_SETTLED && at.state == REPORT_TAKEN)
        e = report_state_db(db, rq->id, &at, REPORT_ASSESSED, at.taken_by, rq->now);
    if (!e && at.state == REPORT_ASSESSED && (status == ASSESS_SECOND || status == ASSESS_DIFFER))
        e = again_db(db, rq, &at);
    static const char *const did[] = {"opined", "opined", "differs", "assessed"};
    return e ? e : report_history_db(db, rq->id, rq->who.id, did[status], rq->now);
}

static enum err assess_seal(struct assess *s)
{
    struct req *rq = s->rq;
    struct record_ad ad;
    struct buf sealed;
    s->new.id = id_random();
    s->new.seq = s->n > 0 ? s->at[s->n - 1].seq + 1 : 1;
    s->new.at = rq->now;
    s->new.person = rq->who.id;
    assess_ad(&ad, &s->record, &s->new);
    buf_init(&sealed, RECORD_ITEM_MAX + 4096);
    enum err e = keeper_seal(rq->sv->keeper, &rq->token, &s->record.path, &ad, s->plain, &sealed);
    if (!e && !crypto_equal(ad.kid.b, s->record.kid.b, sizeof ad.kid.b))
        e = ERR_TAMPERED;
    s->sealed = arena_str(rq->arena, buf_str(&sealed));
    buf_free(&sealed);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

static enum err assess_may(struct assess *s, const struct assess_in *in)
{
    struct req *rq = s->rq;
    bool waits = s->status == ASSESS_SECOND || s->status == ASSESS_DIFFER;
    if (!pack_question_set(rq->sv->pack, 0))
        return req_notice(rq, ERR_CONFLICT, MSG_DESK_ASSESS_NO_QUESTIONS);
    if (s->by_second && waits && answered_first(s))
        return req_notice(rq, ERR_FORBIDDEN, MSG_DESK_ASSESS_OTHER);
    if (s->by_second && !waits)
        return req_notice(rq, ERR_CONFLICT, MSG_DESK_STATE_NOT_NOW);
    if (s->record.at.state == REPORT_NEW)
        return req_notice(rq, ERR_CONFLICT, MSG_DESK_ASSESS_TAKE_FIRST);
    if (s->n == ASSESS_MAX || s->record.at.state == REPORT_CLOSED) // opened again first: else it waits, and nobody has it
        return req_notice(rq, ERR_CONFLICT, MSG_DESK_STATE_NOT_NOW);
    if (in->version != 0 && in->version != pack_question_set(rq->sv->pack, 0)->version)
        return req_notice(rq, ERR_CONFLICT, MSG_DESK_ASSESS_VERSION_OTHER);
    return s->by_second ? OK : report_may_act(rq, &s->record.at);
}

static enum err assess_run(struct req *rq, const struct assess_in *in, bool by_second, struct assess_out *out)
{
    struct assess *s;
    enum err e = assess_begin(rq, &s);
    if (e)
        return e;
    s->by_second = by_second;
    e = assess_show(s, in->answers, in->note, false, out);
    if (!e)
        e = assess_may(s, in);
    if (!e)
        e = answers_check(s, in, out);
    if (!e)
        e = assess_seal(s);
    if (!e)
        e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_REPORT_ASSESSMENT, rq->id, s->record.at.unit,
                         arena_printf(rq->arena, "v%d%s", (int)s->new.version, by_second ? " second" : ""), &s->entry);
    if (!e)
        e = store_write(rq->sv->store, assess_write, s);
    if (e && s->sealed.n)
        keeper_unstored(rq->sv->keeper, &rq->token, rq->id, s->new.id);
    if (e == ERR_CONFLICT)
        return rq->notice.n ? e : req_notice(rq, e, MSG_DESK_STATE_NOT_NOW);
    if (e)
        return e;
    report_settle_soon(rq->sv);
    e = store_read(rq->sv->store, assess_look, s);
    return e ? e : assess_show(s, (struct list){0}, STR(""), false, out);
}

enum err assess_first_run(struct req *rq, const void *in, void *out)
{
    return assess_run(rq, in, false, out);
}

enum err assess_second_run(struct req *rq, const void *in, void *out)
{
    return assess_run(rq, in, true, out);
}

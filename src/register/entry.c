// One row: what stands in it, at which stage it is since when, and who changed what.
#include <string.h>
#include "register/handlers.h"

#define HISTORY_MAX 200
#define STEPS_MAX 12

DB_QUERY(entry_history_sql, "ii", "iibtttttt", "select v.version, v.at, v.person, v.action, v.note, v.state, v.stage, v.fields, p.name from desk.entry_version v "
         "join desk.person p on p.id = v.person where v.entry = $1 order by v.version desc limit $2");
DB_QUERY(entry_steps_sql, "ii", "ti", "select stage, day from desk.entry_stage where entry = $1 order by day, stage limit $2");
DB_QUERY(entry_named_sql, "b", "t", "select title from desk.entry where id = $1");
DB_QUERY(entry_vacant_sql, "btt", "i", "select count(*) from desk.entry_value v join desk.entry f on f.seq = v.entry where v.target = $1 and v.field = $2 "
         "and f.counts = 1 and f.stage = $3");

struct reading {
    struct req *rq;
    struct entry_row x;
    struct entry_who who;
    struct entry_read_out *out;
    struct list values, institutions, activities, indicators; // of the plan: where a field names one
    struct list files;
    struct entry_history *history;
    struct str *fields;                // of each version
    size_t n_history;
    struct entry_step *steps;
    size_t n_steps;
    struct entry_fact *facts;
    size_t n_facts;
};

// ── history ──
// "Titulli, Qarku": the fields in which two versions differ.
static struct str changed(struct reading *g, struct str after, struct str before)
{
    struct arena *a = g->rq->arena;
    struct list now = entry_fields_read(a, after), was = entry_fields_read(a, before);
    const struct html_pair *at = now.at, *old = was.at;
    struct str out = STR("");
    for (size_t i = 0; i < g->x.reg->n_fields; i++) {
        const struct pack_register_field *f = &g->x.reg->field[i];
        bool differs = !str_equal(entry_value(&now, f->name), entry_value(&was, f->name));
        struct str prefix = arena_printf(a, "%.*s.", STR_ARG(f->name));
        for (size_t k = 0; f->kind == PACK_COUNTS && k < now.n && prefix.at; k++)
            differs = differs || (str_starts(at[k].name, prefix.at) && !str_equal(at[k].value, entry_value(&was, at[k].name)));
        for (size_t k = 0; f->kind == PACK_COUNTS && k < was.n && prefix.at; k++)
            differs = differs || (str_starts(old[k].name, prefix.at) && !str_equal(old[k].value, entry_value(&now, old[k].name)));
        struct str label = entry_label(g->rq, f->label);
        if (differs)
            out = out.n > 0 ? arena_printf(a, "%.*s, %.*s", STR_ARG(out), STR_ARG(label)) : label;
    }
    return out;
}

static struct str action_text(const struct req *rq, struct str action)
{
    enum message m;
    struct str id = arena_printf(rq->arena, "register_action_%.*s", STR_ARG(action));
    return id.at && text_message(id, &m) == OK ? text_get(rq->lang, m) : action;
}

static enum err history_read(struct reading *g, struct db *db)
{
    struct arena *a = g->rq->arena;
    struct db_rows *r;
    enum err e = db_query(db, &entry_history_sql, DB_ARGS(DB_I(g->x.seq), DB_I(HISTORY_MAX)), &r);
    if (e)
        return e;
    for (g->n_history = 0; !e && g->n_history < HISTORY_MAX && db_next(r); g->n_history++) {
        struct entry_history *h = &g->history[g->n_history];
        *h = (struct entry_history){.version = db_int(r, 0), .at = db_int(r, 1), .action = arena_str(a, db_str(r, 3)),
                                    .note = arena_str(a, db_str(r, 4)), .state = arena_str(a, db_str(r, 5)),
                                    .stage = arena_str(a, db_str(r, 6)), .name = arena_str(a, db_str(r, 8))};
        g->fields[g->n_history] = arena_str(a, db_str(r, 7));
        e = id_from_bytes(db_str(r, 2), &h->person) ? ERR_TAMPERED : OK;
        h->at_text = req_time(g->rq, h->at);
        h->action_text = action_text(g->rq, h->action);
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = 0; i + 1 < g->n_history && !e; i++)
        g->history[i].changed = str_equal(g->fields[i], g->fields[i + 1]) ? STR("") : changed(g, g->fields[i], g->fields[i + 1]);
    return e;
}

static enum err steps_read(struct reading *g, struct db *db)
{
    struct db_rows *r;
    enum err e = db_query(db, &entry_steps_sql, DB_ARGS(DB_I(g->x.seq), DB_I(STEPS_MAX)), &r);
    if (e)
        return e;
    for (g->n_steps = 0; g->n_steps < STEPS_MAX && db_next(r); g->n_steps++) {
        struct str stage = arena_str(g->rq->arena, db_str(r, 0));
        g->steps[g->n_steps] = (struct entry_step){stage, entry_day_text(g->rq->arena, db_int(r, 1)), entry_stage_text(g->rq, g->x.reg, stage)};
    }
    return db_done(&r);
}

// ── facts ──
static enum err named(struct reading *g, struct db *db, struct str hex, struct str *out)
{
    struct db_rows *r;
    struct id id;
    *out = hex;
    enum err e = id_from_hex(hex, &id) ? OK : db_query(db, &entry_named_sql, DB_ARGS(DB_ID(id)), &r);
    if (e || id_from_hex(hex, &id))
        return e;
    if (db_next(r))
        *out = arena_str(g->rq->arena, db_str(r, 0));
    return db_done(&r);
}

// "1.3 Trajnimi i mësuesve"
static enum err planned(struct reading *g, struct db *db, enum pack_kind kind, struct str code, struct str *out)
{
    struct list *codes = kind == PACK_ACTIVITY ? &g->activities : &g->indicators;
    enum err e = codes->at ? OK : entry_plan_codes(db, g->rq, kind, codes);
    const struct choice *c = e ? NULL : entry_plan_code(codes, code);
    if (c)
        *out = arena_printf(g->rq->arena, "%.*s %.*s", STR_ARG(code), STR_ARG(c->label));
    return e;
}

// "Gra dhe vajza: 12 (0–13: 4, 14–17: 8)", one line each.
static struct str counts_text(struct reading *g, const struct pack_register_field *f)
{
    struct req *rq = g->rq;
    const struct pack *p = rq->sv->pack;
    struct buf b;
    struct str sex, age;
    buf_init(&b, 4000);
    for (size_t i = 0; (sex = pack_list_at(p, "attendance_sex", i)).n; i++) {
        struct buf parts;
        int64_t sum = 0, n = 0;
        buf_init(&parts, 2000);
        for (size_t k = 0; (age = pack_list_at(p, "attendance_age", k)).n; k++) {
            struct str v = entry_value(&g->values, arena_printf(rq->arena, "%.*s.%.*s.%.*s", STR_ARG(f->name), STR_ARG(sex), STR_ARG(age)));
            struct str label = pack_label(p, "attendance_age", age, rq->lang);
            if (v.n == 0 || str_int(v, &n))
                continue;
            buf_printf(&parts, "%s%.*s: %lld", parts.n ? ", " : "", STR_ARG(label), (long long)n);
            sum += n;
        }
        struct str label = pack_label(p, "attendance_sex", sex, rq->lang), all = buf_str(&parts);
        if (all.n > 0)
            buf_printf(&b, "%s%.*s: %lld (%.*s)", b.n ? "\n" : "", STR_ARG(label), (long long)sum, STR_ARG(all));
        buf_free(&parts);
    }
    struct str out = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

static enum err facts_read(struct reading *g, struct db *db)
{
    enum err e = OK;
    for (size_t i = 0; i < g->x.reg->n_fields && !e; i++) {
        const struct pack_register_field *f = &g->x.reg->field[i];
        struct str v = f->kind == PACK_COUNTS ? counts_text(g, f) : entry_value(&g->values, f->name);
        const struct institution *inst = f->kind == PACK_INSTITUTION ? institution_by_code(&g->institutions, v) : NULL;
        if (f->kind == PACK_ACTIVITY || f->kind == PACK_INDICATOR)
            e = v.n > 0 ? planned(g, db, f->kind, v, &v) : OK;
        else if (f->kind == PACK_ENTRY)
            e = named(g, db, v, &v);
        else
            v = inst ? inst->name : entry_value_text(g->rq, f, v);
        if (v.n > 0)
            g->facts[g->n_facts++] = (struct entry_fact){entry_label(g->rq, f->label), v, f->kind == PACK_LONG || f->kind == PACK_COUNTS};
    }
    return e;
}

static enum err gap_read(struct reading *g, struct db *db)
{
    struct db_rows *r;
    const struct pack_register *reg = g->x.reg;
    if (reg->filler.n == 0 || !g->x.counts)
        return OK;
    enum err e = db_query(db, &entry_vacant_sql, DB_ARGS(DB_ID(g->x.id), DB_T(reg->filler_field), DB_T(reg->filler_stage)), &r);
    if (e)
        return e;
    g->out->gap = db_next(r) && db_int(r, 0) == 0;
    return db_done(&r);
}

static enum err read_all(struct db *db, void *arg)
{
    struct reading *g = arg;
    struct req *rq = g->rq;
    g->n_facts = 0;
    enum err e = entry_who_db(db, rq, &g->who);
    e = e ? e : entry_find_db(db, rq->arena, rq->sv->pack, rq->id, &g->x);
    e = e ? e : entry_may_see(g->x.reg, &g->who, &g->x.who) ? OK : ERR_NOT_FOUND;
    if (e)
        return e;
    g->values = entry_fields_read(rq->arena, g->x.fields);
    g->facts = arena_array(rq->arena, g->x.reg->n_fields + 1, sizeof *g->facts);
    e = g->facts ? history_read(g, db) : ERR_MEMORY;
    e = e ? e : steps_read(g, db);
    e = e ? e : gap_read(g, db);
    struct evidence_of of = entry_files_of(&g->x);
    g->files = (struct list){NULL, 0};
    if (!e && entry_files_see(g->x.reg, &g->who, &g->x.who))
        e = evidence_list_db(db, rq, &of, entry_files_base(rq), &g->files);
    if (e)
        return e;
    if (rq->json)
        return e;
    e = e ? e : institutions_db(db, rq->arena, str_equal_z(rq->lang_code, "en"), &g->institutions);
    return e ? e : facts_read(g, db);
}

static void stages_put(struct reading *g)
{
    const struct pack_register_stage *s = pack_register_stage(g->x.reg, g->x.stage);
    struct choice *at = arena_array(g->rq->arena, s ? s->n + 1 : 1, sizeof *at);
    for (size_t i = 0; s && i < s->n && at; i++)
        at[i] = (struct choice){s->next[i], entry_stage_text(g->rq, g->x.reg, s->next[i]), i == 0};
    g->out->next_stages = (struct list){at, s && at ? s->n : 0};
}

static bool may(const struct reading *g, enum entry_act act)
{
    enum entry_state next;
    return entry_may(g->x.reg, &g->who, &g->x.who, act, &next) == OK;
}

enum err entry_read_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct entry_read_out *out = out_;
    struct reading g = {.rq = rq, .out = out, .history = arena_array(rq->arena, HISTORY_MAX, sizeof *g.history),
                        .fields = arena_array(rq->arena, HISTORY_MAX, sizeof *g.fields), .steps = arena_array(rq->arena, STEPS_MAX, sizeof *g.steps)};
    enum err e = g.history && g.fields && g.steps ? store_read(rq->sv->store, read_all, &g) : ERR_MEMORY;
    struct evidence_of of = entry_files_of(&g.x);
    e = e ? e : evidence_names(rq, &of, &g.files);
    if (e)
        return e;
    const struct entry_row *x = &g.x;
    bool gap = out->gap, en = str_equal_z(rq->lang_code, "en") && x->name_en.n > 0;
    *out = (struct entry_read_out){.id = x->id, .code = x->reg->code, .institution = x->code,
                                   .state = str_from(entry_state_name(x->who.state)), .stage = x->stage,
                                   .date = entry_day_text(rq->arena, x->day), .county = x->county,
                                   .municipality = x->municipality, .title = x->title, .fields = g.values,
                                   .steps = {g.steps, g.n_steps}, .history = {g.history, g.n_history}, .files = g.files,
                                   .version = x->version, .corrections = x->corrections, .counts = x->counts,
                                   .demo = x->demo, .label = entry_label(rq, x->reg->label),
                                   .institution_name = en ? x->name_en : x->name,
                                   .state_text = entry_state_text(rq, x->who.state),
                                   .stage_text = entry_stage_text(rq, x->reg, x->stage), .facts = {g.facts, g.n_facts},
                                   .gap = gap, .corrected = x->corrections > 0};
    out->sees_files = entry_files_see(x->reg, &g.who, &x->who);
    out->files_href = arena_printf(rq->arena, "%.*s/files", STR_ARG(entry_files_base(rq)));
    out->may_add_file = out->sees_files && entry_files_may(x->reg, &g.who, &x->who, false) == OK;
    out->may_remove_file = out->sees_files && entry_files_may(x->reg, &g.who, &x->who, true) == OK;
    out->may_edit = may(&g, ENTRY_SAVE);
    out->may_enter = may(&g, ENTRY_ENTER);
    out->may_confirm = may(&g, ENTRY_CONFIRM);
    out->may_return = may(&g, ENTRY_RETURN);
    out->may_remove = may(&g, ENTRY_REMOVE);
    stages_put(&g);
    out->may_stage = may(&g, ENTRY_STAGE) && out->next_stages.n > 0;
    int64_t from;
    (void)entry_placed(x->reg, &g.values, &from);
    if (from)
        out->carried_text = arena_printf(rq->arena, "%lld", (long long)from), out->placed_text = arena_printf(rq->arena, "%lld", (long long)from + 1);
    if (x->who.state == ENTRY_ENTERED && !x->counts)
        out->wait_text = x->reg->confirmer;
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

#include "register/handlers.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

DB_QUERY(entry_find_sql, "b", "itbttttittttiiiibi",
         "select e.seq, e.register, e.institution, i.code, i.name, i.name_en, e.state, e.day, e.stage, e.county, e.municipality, e.title, "
         "e.counts, e.demo, e.version, e.corrections, e.person, e.at from desk.entry e join desk.institution i on i.id = e.institution where e.id = $1");
DB_QUERY(entry_fields_sql, "i", "t", "select fields from desk.entry where seq = $1");
DB_QUERY(entry_who_sql, "b", "tt", "select code, type from desk.institution where id = $1");
DB_QUERY(entry_refer_sql, "bt", "i", "select count(*) from desk.entry where id = $1 and register = $2 and state <> 'removed'");
DB_QUERY(entry_insert_sql, "btbttittttt" "iibi", "i",
         "insert into desk.entry (id, register, institution, state, stage, day, county, municipality, title, fold, fields, counts, demo, version, "
         "corrections, person, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, 0, $14, $15) returning seq");
DB_QUERY(entry_update_sql, "iittittttt" "iibi", "",
         "update desk.entry set version = version + 1, state = $3, stage = $4, day = $5, county = $6, municipality = $7, title = $8, fold = $9, "
         "fields = $10, counts = $11, corrections = $12, person = $13, at = $14 where seq = $1 and version = $2");
DB_QUERY(entry_values_away_sql, "i", "", "delete from desk.entry_value where entry = $1");
DB_QUERY(entry_value_sql, "ittiB", "", "insert into desk.entry_value (entry, field, value, n, target) values ($1, $2, $3, $4, $5)");
DB_QUERY(entry_words_away_sql, "i", "", "delete from desk.entry_word where entry = $1");
DB_QUERY(entry_word_sql, "itt", "", "insert into desk.entry_word (entry, register, word) values ($1, $2, $3) on conflict (entry, word) do nothing");
DB_QUERY(entry_stage_sql, "iti", "", "insert into desk.entry_stage (entry, stage, day) values ($1, $2, $3) "
         "on conflict (entry, stage) do update set day = excluded.day");
DB_QUERY(entry_version_sql, "iiibttttt", "",
         "insert into desk.entry_version (entry, version, at, person, action, note, state, stage, fields) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)");

// ── who ──
enum err entry_who_db(struct db *db, const struct req *rq, struct entry_who *out)
{
    struct db_rows *r;
    *out = (struct entry_who){.person = rq->who.id, .institution = rq->who.institution, .edit = req_may(rq, PERM_REGISTER_EDIT),
                              .all = req_may(rq, PERM_REGISTER_ALL)};
    enum err e = db_query(db, &entry_who_sql, DB_ARGS(DB_ID(rq->who.institution)), &r);
    if (e)
        return e;
    if (db_next(r)) {
        out->code = arena_str(rq->arena, db_str(r, 0));
        out->type = arena_str(rq->arena, db_str(r, 1));
    }
    return db_done(&r);
}

// ── fields ──
struct entry_doc { struct list fields; };
SHAPE(entry_doc, FIELD(entry_doc, fields, .form = FORM_MAP));

struct str entry_fields_write(struct arena *a, const struct list *values)
{
    const struct entry_doc doc = {*values};
    struct buf b;
    buf_init(&b, ENTRY_FIELDS_BYTES);
    json_write(&b, &entry_doc_shape, &doc);
    struct str out = buf_ok(&b) ? STR("") : arena_str(a, buf_str(&b));
    buf_free(&b);
    return out;
}

struct list entry_fields_read(struct arena *a, struct str json)
{
    json_t *root = json_loadb(json.at, json.n, JSON_REJECT_DUPLICATES, NULL), *value;
    json_t *fields = json_object_get(root, "fields");
    struct html_pair *at = arena_array(a, json_object_size(fields) + 1, sizeof *at);
    const char *key;
    size_t n = 0;
    if (at && json_is_object(fields))
        json_object_foreach(fields, key, value)
            at[n++] = (struct html_pair){arena_str(a, str_from(key)),
                                         arena_str(a, (struct str){json_string_value(value),
                                                                   json_string_length(value)})};
    json_decref(root);
    return (struct list){at, n};
}

enum err entry_find_db(struct db *db, struct arena *a, const struct pack *p, struct id id, struct entry_row *out)
{
    struct db_rows *r;
    enum err e = db_query(db, &entry_find_sql, DB_ARGS(DB_ID(id)), &r);
    if (e)
        return e;
    struct entry_row x = {.id = id};
    bool found = db_next(r);
    if (found) {
        x.seq = db_int(r, 0);
        x.reg = pack_register(p, db_str(r, 1));
        x.code = arena_str(a, db_str(r, 3));
        x.name = arena_str(a, db_str(r, 4));
        x.name_en = arena_str(a, db_str(r, 5));
        x.day = db_int(r, 7);
        x.stage = arena_str(a, db_str(r, 8));
        x.county = arena_str(a, db_str(r, 9));
        x.municipality = arena_str(a, db_str(r, 10));
        x.title = arena_str(a, db_str(r, 11));
        x.counts = db_int(r, 12) != 0;
        x.demo = db_int(r, 13) != 0;
        x.version = db_int(r, 14);
        x.corrections = db_int(r, 15);
        x.at = db_int(r, 17);
        bool fine = id_from_bytes(db_str(r, 2), &x.who.institution) == OK && id_from_bytes(db_str(r, 16), &x.who.person) == OK &&
                    entry_state_read(db_str(r, 6), &x.who.state);
        e = fine ? OK : ERR_TAMPERED;
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    if (!e && (!found || !x.reg))
        e = ERR_NOT_FOUND;
    e = e ? e : db_query(db, &entry_fields_sql, DB_ARGS(DB_I(x.seq)), &r);
    if (e)
        return e;
    if (db_next(r))
        x.fields = arena_str(a, db_str(r, 0));
    e = db_done(&r);
    if (!e)
        *out = x;
    return e;
}

enum err entry_refer_db(struct db *db, const struct req *rq, const struct pack_register *r, const struct list *institutions, const struct list *values,
                        entry_fault_fn *fault, void *ctx, bool *fine)
{
    enum err e = OK;
    struct list activities = {0}, indicators = {0}; // read once, where a field asks for them
    for (size_t i = 0; i < r->n_fields && !e; i++) {
        const struct pack_register_field *f = &r->field[i];
        struct str v = entry_value(values, f->name);
        struct db_rows *rows;
        struct id id;
        bool there = true;
        if (v.n > 0 && f->kind == PACK_INSTITUTION)
            there = institution_by_code(institutions, v) != NULL;
        if (v.n > 0 && f->kind == PACK_ENTRY && id_from_hex(v, &id) == OK) {
            e = db_query(db, &entry_refer_sql, DB_ARGS(DB_ID(id), DB_T(f->of)), &rows);
            if (e)
                return e;
            there = db_next(rows) && db_int(rows, 0) == 1;
            e = db_done(&rows);
        }
        bool planned = f->kind == PACK_ACTIVITY || f->kind == PACK_INDICATOR;
        struct list *codes = f->kind == PACK_ACTIVITY ? &activities : &indicators;
        if (v.n > 0 && planned) {
            e = codes->at ? OK : entry_plan_codes(db, rq, f->kind, codes);
            if (e)
                return e;
            there = entry_plan_code(codes, v) != NULL;
        }
        if (!there)
            fault(ctx, f->name, f->kind == PACK_ENTRY ? MSG_REGISTER_REFUSED_ENTRY : planned ? MSG_REGISTER_REFUSED_PLAN : MSG_WEB_FIELD_CHOICE, 0);
        *fine = *fine && there;
    }
    return e;
}

// ── writing ──
void entry_put_ready(struct arena *a, const struct pack *p, struct entry_put *w)
{
    const struct pack_register_field *county = pack_register_kind(w->row.reg, PACK_COUNTY), *m = pack_register_kind(w->row.reg, PACK_MUNICIPALITY);
    w->row.title = entry_value(w->values, w->row.reg->title);
    int64_t from;
    w->row.day = entry_placed(w->row.reg, w->values, &from);
    w->row.county = county ? entry_value(w->values, county->name) : STR("");
    w->row.municipality = m ? entry_value(w->values, m->name) : STR("");
    w->row.fields = entry_fields_write(a, w->values);
    w->fold = entry_fold(a, w->row.reg, w->values);
    struct entry_facet all[ENTRY_FACETS_MAX];
    size_t n = entry_facets(a, p, w->row.reg, w->values, all);
    w->facet = arena_array(a, n + 1, sizeof *all);
    w->n = w->facet ? n : 0;
    for (size_t i = 0; i < w->n; i++)
        w->facet[i] = all[i];
}

static enum err insert(struct db *db, struct entry_put *w)
{
    const struct entry_row *x = &w->row;
    struct db_rows *r;
    enum err e = db_query(db, &entry_insert_sql, DB_ARGS(DB_ID(x->id), DB_T(x->reg->code), DB_ID(x->who.institution),
                                                         DB_T(str_from(entry_state_name(x->who.state))), DB_T(x->stage),
                                                         DB_I(x->day), DB_T(x->county), DB_T(x->municipality),
                                                         DB_T(x->title), DB_T(w->fold), DB_T(x->fields),
                                                         DB_I(entry_counts(x->reg, x->who.state)), DB_I(x->demo),
                                                         DB_ID(x->who.person), DB_I(x->at)), &r);
    if (e)
        return e;
    if (db_next(r))
        w->row.seq = db_int(r, 0);
    return db_done(&r);
}

static enum err update(struct db *db, const struct entry_put *w)
{
    const struct entry_row *x = &w->row;
    int64_t changed = 0;
    enum err e = db_exec(db, &entry_update_sql,
                         DB_ARGS(DB_I(x->seq), DB_I(x->version), DB_T(str_from(entry_state_name(x->who.state))),
                                 DB_T(x->stage), DB_I(x->day), DB_T(x->county), DB_T(x->municipality), DB_T(x->title),
                                 DB_T(w->fold), DB_T(x->fields), DB_I(entry_counts(x->reg, x->who.state)),
                                 DB_I(x->corrections), DB_ID(x->who.person), DB_I(x->at)), &changed);
    e = e ? e : changed == 1 ? OK : ERR_CONFLICT;
    e = e ? e : db_exec(db, &entry_values_away_sql, DB_ARGS(DB_I(x->seq)), NULL);
    return e ? e : db_exec(db, &entry_words_away_sql, DB_ARGS(DB_I(x->seq)), NULL);
}

struct str entry_filter_word(struct arena *a, const char *name, struct str value)
{
    return arena_printf(a, "=%s:%.*s", name, STR_ARG(value));
}

static enum err words_put(struct db *db, struct arena *a, const struct entry_put *w)
{
    const struct entry_row *x = &w->row;
    char hex[ID_HEX];
    const struct { const char *name; struct str value; } filters[] = {
        {"county", x->county}, {"stage", x->stage}, {"state", str_from(entry_state_name(x->who.state))},
        {"institution", str_from(id_hex(x->who.institution, hex))}};
    enum err e = OK;
    for (struct str rest = w->fold; rest.n > 0 && !e;) {
        struct str word = str_cut(&rest, ' ');
        if (word.n > 0)
            e = db_exec(db, &entry_word_sql, DB_ARGS(DB_I(x->seq), DB_T(x->reg->code), DB_T(word)), NULL);
    }
    for (size_t i = 0; i < sizeof filters / sizeof *filters && !e; i++)
        if (filters[i].value.n > 0)
            e = db_exec(db, &entry_word_sql,
                        DB_ARGS(DB_I(x->seq), DB_T(x->reg->code),
                                DB_T(entry_filter_word(a, filters[i].name, filters[i].value))), NULL);
    return e;
}

enum err entry_put_db(struct db *db, struct arena *a, struct entry_put *w, int64_t stage_day)
{
    const struct entry_row *x = &w->row;
    bool fresh = x->version == 0;
    enum err e = fresh ? insert(db, w) : update(db, w);
    for (size_t i = 0; i < w->n && !e; i++)
        e = db_exec(db, &entry_value_sql, DB_ARGS(DB_I(x->seq), DB_T(w->facet[i].field), DB_T(w->facet[i].value), DB_I(w->facet[i].n),
                                               id_zero(w->facet[i].target) ? DB_NULL : DB_ID(w->facet[i].target)), NULL);
    e = e ? e : words_put(db, a, w);
    if (!e && stage_day > 0 && x->stage.n > 0)
        e = db_exec(db, &entry_stage_sql, DB_ARGS(DB_I(x->seq), DB_T(x->stage), DB_I(stage_day)), NULL);
    e = e ? e : entry_tally_put_db(db, w);
    return e ? e
           : db_exec(db, &entry_version_sql, DB_ARGS(DB_I(x->seq), DB_I(x->version + 1), DB_I(x->at),
                                                     DB_ID(x->who.person), DB_T(w->action), DB_T(w->note),
                                                     DB_T(str_from(entry_state_name(x->who.state))), DB_T(x->stage),
                                                     DB_T(x->fields)), NULL);
}

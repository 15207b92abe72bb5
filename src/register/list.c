// One register's rows. What is filtered by or searched for is also a word of the row (sql: entry_word): where one of the conditions is
// rare its rows are looked at alone; where all are common the newest rows that meet them are soon found in the list's own
// index. So a list costs the same, whatever is asked.
#include "register/list.h"
#include <string.h>

#define RARE 2000 // rows

#define SHOWN "select e.seq, e.register, e.institution, i.code, i.name, i.name_en, e.state, e.day, e.stage, e.county, e.municipality, e.title, e.counts, " \
    "e.demo, e.version, e.corrections, e.person, e.at, e.id, case when $17 = 1 then e.fields else '' end from (select q.seq, q.day "
#define WHERE "q.register = $1 and q.day >= $2 and q.day <= $3 and (q.day, q.seq) < ($4, $5) and ($6 = '' or q.county = $6) " \
    "and ($7 = '' or q.stage = $7) and ($8 is null or q.institution = $8) and ($9 = '' or q.state = $9) " \
    "and ($10 = '' or q.fold like '% ' || $10 || '%') and ($11 = '' or q.fold like '% ' || $11 || '%') and ($12 = '' or q.fold like '% ' || $12 || '%') " \
    "and (q.state in ('entered', 'confirmed') or (($13 = 1 or q.institution = $14) and (q.state <> 'removed' or $9 = 'removed')) " \
    "or ($15 = 1 and q.state = 'returned')) order by q.day desc, q.seq desc limit $16) x " \
    "join desk.entry e on e.seq = x.seq join desk.institution i on i.id = e.institution order by x.day desc, x.seq desc"
#define COLUMNS "itbttttittttiiiibibt"
DB_QUERY(entry_list_sql, "tiiiittBttttibiii", COLUMNS, SHOWN "from desk.entry q where " WHERE);
DB_QUERY(entry_rare_sql, "tiiiittBttttibiii" "tt", COLUMNS, SHOWN "from (select distinct entry from desk.entry_word where register = $1 and word >= $18 and word < $19) w "
         "cross join desk.entry q where q.seq = w.entry and " WHERE);
DB_QUERY(entry_how_rare_sql, "ttti", "i",
         "select count(*) from (select entry from desk.entry_word where register = $1 and word >= $2 and word < $3 limit $4) x");
DB_QUERY(entry_institution_sql, "t", "b", "select id from desk.institution where code = $1");
DB_QUERY(entry_filled_sql, "btt", "i", "select count(*) from desk.entry_value v join desk.entry f on f.seq = v.entry where v.target = $1 and v.field = $2 "
         "and f.counts = 1 and f.stage = $3");

static enum err gap_db(struct db *db, struct entry_seen *x)
{
    struct db_rows *r;
    const struct pack_register *reg = x->row.reg;
    if (reg->filler.n == 0 || !x->row.counts)
        return OK;
    enum err e = db_query(db, &entry_filled_sql, DB_ARGS(DB_ID(x->row.id), DB_T(reg->filler_field), DB_T(reg->filler_stage)), &r);
    if (e)
        return e;
    x->gap = db_next(r) && db_int(r, 0) == 0;
    return db_done(&r);
}

static enum err institution_db(struct db *db, struct str code, struct id *out, bool *there)
{
    struct db_rows *r;
    enum err e = db_query(db, &entry_institution_sql, DB_ARGS(DB_T(code)), &r);
    if (e)
        return e;
    *there = db_next(r);
    e = *there ? id_from_bytes(db_str(r, 0), out) : OK;
    enum err done = db_done(&r);
    return done ? done : e;
}

// The condition that fewest rows meet, as a stretch of words; n is RARE + 1 where all are common.
struct rare { struct str from, to; int64_t n; };

static enum err rare_try(struct db *db, struct arena *a, const struct entry_filter *f, struct str word, const char *end, struct rare *best)
{
    struct db_rows *r;
    struct str to = arena_printf(a, "%.*s%s", STR_ARG(word), end);
    if (word.n == 0 || best->n == 0)
        return OK;
    enum err e = db_query(db, &entry_how_rare_sql, DB_ARGS(DB_T(f->reg->code), DB_T(word), DB_T(to), DB_I(best->n)), &r);
    if (e)
        return e;
    int64_t n = db_next(r) ? db_int(r, 0) : 0;
    if (n < best->n)
        *best = (struct rare){word, to, n};
    return db_done(&r);
}

static enum err rare_find(struct db *db, struct arena *a, const struct entry_filter *f, const struct entry_who *who,
                          const struct id *of, const struct str words[3], struct rare *best)
{
    static const char exact[] = "\x01", begins[] = "\xF4\x8F\xBF\xBF"; // the next text; the last that begins so
    char hex[ID_HEX];
    bool hidden = str_equal_z(f->state, "draft") || str_equal_z(f->state, "removed"); // of one's own institution only
    const struct id *institution = of ? of : hidden && !who->all ? &who->institution : NULL;
    enum err e = OK;
    *best = (struct rare){.n = RARE + 1};
    if (institution)
        e = rare_try(db, a, f, entry_filter_word(a, "institution", str_from(id_hex(*institution, hex))), exact, best);
    if (!e && f->county.n > 0)
        e = rare_try(db, a, f, entry_filter_word(a, "county", f->county), exact, best);
    if (!e && f->stage.n > 0)
        e = rare_try(db, a, f, entry_filter_word(a, "stage", f->stage), exact, best);
    if (!e && f->state.n > 0)
        e = rare_try(db, a, f, entry_filter_word(a, "state", f->state), exact, best);
    for (size_t i = 0; i < 3 && !e; i++) {
        struct str rest = words[i];
        struct str word = str_cut(&rest, ' ');
        e = rare_try(db, a, f, word, rest.n > 0 ? exact : begins, best);
    }
    return e;
}

enum err entry_list_db(struct db *db, struct req *rq, const struct entry_filter *f, bool with_fields,
                       struct entry_who *who, struct entry_seen **out, size_t *n)
{
    struct arena *a = rq->arena;
    struct db_rows *r;
    struct str words[3];
    struct id of = {{0}};
    bool there = true;
    size_t cap = (size_t)f->limit, got = 0;
    struct entry_seen *at = arena_array(a, cap, sizeof *at);
    entry_words(a, f->q, words);
    enum err e = at ? entry_who_db(db, rq, who) : ERR_MEMORY;
    if (!e && f->institution.n > 0)
        e = institution_db(db, f->institution, &of, &there);
    *out = at;
    *n = 0;
    if (e || !there)
        return e;
    bool confirms = who->edit && f->reg->confirmer.n > 0 && str_equal(f->reg->confirmer, who->code);
    struct rare rare;
    e = rare_find(db, a, f, who, f->institution.n > 0 ? &of : NULL, words, &rare);
    if (e)
        return e;
    const struct db_args args = DB_ARGS(DB_T(f->reg->code), DB_I(f->year ? f->year * 10000 : 0),
                                        DB_I(f->year ? f->year * 10000 + 1231 : INT32_MAX),
                                        DB_I(f->day ? f->day : INT32_MAX), DB_I(f->day ? f->seq : 0),
                                        DB_T(text_arg_str(f->county)), DB_T(text_arg_str(f->stage)),
                                        f->institution.n > 0 ? DB_ID(of) : DB_NULL, DB_T(text_arg_str(f->state)),
                                        DB_T(words[0]), DB_T(words[1]), DB_T(words[2]), DB_I(who->all),
                                        DB_ID(who->institution), DB_I(confirms), DB_I(f->limit), DB_I(with_fields),
                                        DB_T(text_arg_str(rare.from)), DB_T(text_arg_str(rare.to)));
    const struct db_args common = {args.n - 2, args.v};
    e = rare.n <= RARE ? db_query(db, &entry_rare_sql, args, &r) : db_query(db, &entry_list_sql, common, &r);
    if (e)
        return e;
    for (; !e && got < cap && db_next(r); got++) {
        struct entry_row *x = &at[got].row;
        *x = (struct entry_row){.seq = db_int(r, 0), .reg = f->reg, .code = arena_str(a, db_str(r, 3)),
                                .name = arena_str(a, db_str(r, 4)), .name_en = arena_str(a, db_str(r, 5)),
                                .day = db_int(r, 7), .stage = arena_str(a, db_str(r, 8)),
                                .county = arena_str(a, db_str(r, 9)), .municipality = arena_str(a, db_str(r, 10)),
                                .title = arena_str(a, db_str(r, 11)), .counts = db_int(r, 12) != 0,
                                .demo = db_int(r, 13) != 0, .version = db_int(r, 14), .corrections = db_int(r, 15),
                                .at = db_int(r, 17), .fields = arena_str(a, db_str(r, 19))};
        bool fine = id_from_bytes(db_str(r, 2), &x->who.institution) == OK && id_from_bytes(db_str(r, 16), &x->who.person) == OK &&
                    id_from_bytes(db_str(r, 18), &x->id) == OK && entry_state_read(db_str(r, 6), &x->who.state);
        e = fine ? OK : ERR_TAMPERED;
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    for (size_t i = 0; i < got && i < ENTRY_PAGE && !e; i++)
        e = gap_db(db, &at[i]);
    *n = got;
    return e;
}

enum err entry_filter_check(struct req *rq, const struct pack_register *r, int64_t year, struct str state, struct str stage, struct str county)
{
    enum entry_state s;
    (void)county; // the shape has looked
    if (year && (year < 2000 || year > 2199))
        return req_refuse(rq, "year", MSG_REGISTER_REFUSED_YEAR);
    if (state.n > 0 && !entry_state_read(state, &s))
        return req_refuse(rq, "state", MSG_WEB_FIELD_CHOICE);
    return stage.n > 0 && !pack_register_stage(r, stage) ? req_refuse(rq, "stage", MSG_WEB_FIELD_CHOICE) : OK;
}

// ── the page ──
struct listing { struct req *rq; struct entry_filter f; struct entry_who who; struct entry_seen *at; size_t n; struct list institutions; };

static enum err listing_read(struct db *db, void *arg)
{
    struct listing *l = arg;
    enum err e = entry_list_db(db, l->rq, &l->f, false, &l->who, &l->at, &l->n);
    return e || l->rq->json ? e : institutions_db(db, l->rq->arena, str_equal_z(l->rq->lang_code, "en"), &l->institutions);
}

static void href_put(struct buf *b, const char *name, struct str value)
{
    if (value.n == 0)
        return;
    buf_put_z(b, "&");
    buf_put_z(b, name);
    buf_put_c(b, '=');
    html_url_part(b, value);
}

static struct str href(struct req *rq, const char *path, const struct entry_list_in *in, struct str code, struct str after)
{
    struct buf b;
    buf_init(&b, 2000);
    buf_put_z(&b, path);
    buf_put(&b, STR("?code="));
    html_url_part(&b, code);
    href_put(&b, "q", after.n > 0 ? in->q : STR(""));
    href_put(&b, "county", in->county);
    href_put(&b, "stage", in->stage);
    href_put(&b, "state", in->state);
    href_put(&b, "institution", in->institution);
    if (in->year)
        buf_printf(&b, "&year=%lld", (long long)in->year);
    href_put(&b, "after", after);
    struct str out = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return out;
}

static void choices_put(struct listing *l, const struct entry_list_in *in, struct entry_list_out *out)
{
    struct req *rq = l->rq;
    const struct pack_register *r = l->f.reg, *each;
    size_t n = 0;
    while (pack_register_at(rq->sv->pack, n))
        n++;
    struct choice *all = arena_array(rq->arena, n + 1, sizeof *all), *stages = arena_array(rq->arena, r->n_stages + 1, sizeof *stages),
                        *states = arena_array(rq->arena, ENTRY_STATES, sizeof *states),
                        *from = arena_array(rq->arena, l->institutions.n + 1, sizeof *from);
    if (!all || !stages || !states || !from)
        return;
    for (size_t i = 0; (each = pack_register_at(rq->sv->pack, i)); i++)
        all[i] = (struct choice){each->code, entry_label(rq, each->label), each == r};
    for (size_t i = 0; i < r->n_stages; i++)
        stages[i] = (struct choice){r->stage[i].value, entry_label(rq, r->stage[i].label), str_equal(r->stage[i].value, in->stage)};
    for (enum entry_state s = 0; s < ENTRY_STATES; s++)
        states[s] = (struct choice){str_from(entry_state_name(s)), entry_state_text(rq, s), str_equal_z(in->state, entry_state_name(s))};
    const struct institution *inst = l->institutions.at;
    size_t k = 0;
    for (size_t i = 0; i < l->institutions.n; i++)
        if (pack_register_owner(r, inst[i].type))
            from[k++] = (struct choice){inst[i].code, inst[i].name, str_equal(inst[i].code, in->institution)};
    out->registers = (struct list){all, n};
    out->stages = (struct list){stages, r->n_stages};
    out->states = (struct list){states, ENTRY_STATES};
    out->institutions = (struct list){from, k};
    out->counties = req_choices(rq, "county", in->county);
    out->has_stages = r->n_stages > 0;
    out->has_county = pack_register_kind(r, PACK_COUNTY) != NULL;
    out->label = entry_label(rq, r->label);
    out->about = entry_label(rq, r->about);
    out->may_add = entry_may_add(r, &l->who);
    out->q = in->q;
    out->year = in->year ? arena_printf(rq->arena, "%lld", (long long)in->year) : STR("");
    out->next_href = out->next.n > 0 ? href(rq, "/registers/list", in, r->code, out->next) : STR("");
    out->csv_href = href(rq, "/api/v1/registers/csv", in, r->code, STR(""));
}

static void rows_put(struct listing *l, struct entry_list_out *out)
{
    struct req *rq = l->rq;
    size_t n = l->n > ENTRY_PAGE ? ENTRY_PAGE : l->n;
    struct entry_list_row *at = arena_array(rq->arena, n + 1, sizeof *at);
    for (size_t i = 0; i < n && at; i++) {
        const struct entry_row *x = &l->at[i].row;
        bool en = str_equal_z(rq->lang_code, "en") && x->name_en.n > 0;
        at[i] = (struct entry_list_row){.id = x->id, .title = x->title, .institution = x->code, .state = str_from(entry_state_name(x->who.state)),
            .stage = x->stage, .date = entry_day_text(rq->arena, x->day), .county = x->county, .municipality = x->municipality, .counts = x->counts,
            .demo = x->demo, .version = x->version, .institution_name = en ? x->name_en : x->name, .state_text = entry_state_text(rq, x->who.state),
            .stage_text = entry_stage_text(rq, l->f.reg, x->stage), .open = x->who.state != ENTRY_CONFIRMED && !x->counts, .gap = l->at[i].gap};
        at[i].date_text = at[i].date;
    }
    out->entries = (struct list){at, at ? n : 0};
    if (l->n > ENTRY_PAGE)
        out->next = arena_printf(rq->arena, "%lld-%lld", (long long)l->at[n - 1].row.day, (long long)l->at[n - 1].row.seq);
}

enum err entry_list_run(struct req *rq, const void *in_, void *out_)
{
    const struct entry_list_in *in = in_;
    struct entry_list_out *out = out_;
    struct listing l = {.rq = rq, .f = {.reg = entry_register(rq, in->code), .county = in->county, .stage = in->stage, .state = in->state, .q = in->q,
                                        .institution = in->institution, .year = in->year, .limit = ENTRY_PAGE + 1}};
    struct str rest = in->after, day = str_cut(&rest, '-');
    if (!l.f.reg)
        return ERR_NOT_FOUND;
    out->code = l.f.reg->code;
    enum err e = entry_filter_check(rq, l.f.reg, in->year, in->state, in->stage, in->county);
    if (in->after.n > 0 && (str_int(day, &l.f.day) || str_int(rest, &l.f.seq) || l.f.day <= 0))
        e = req_refuse(rq, "after", MSG_DESK_REFUSED_CURSOR);
    if (e) { // the page shows the filters again, with nothing found
        l.f.limit = 1;
        l.f.year = 1;
        l.f.day = l.f.seq = 0;
        l.f.state = l.f.stage = l.f.q = STR("");
    }
    enum err read = store_read(rq->sv->store, listing_read, &l);
    if (read)
        return read;
    rows_put(&l, out);
    if (!rq->json)
        choices_put(&l, in, out);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err entry_list_fill(struct req *rq, const void *in_, void *out)
{
    const struct entry_list_in *in = in_;
    const struct entry_list_in bare = {.code = pack_register(rq->sv->pack, in->code) ? in->code : STR("")};
    return entry_list_run(rq, &bare, out);
}

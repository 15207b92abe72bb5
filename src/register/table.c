// A register as a table file: the rows that the list shows with the same filters, and an empty one to be filled in.
#include <string.h>
#include "register/list.h"
#include "text/csv.h"

struct table { struct req *rq; struct entry_filter f; struct entry_who who; struct entry_seen *at; size_t n; struct buf out; };

static enum err table_read(struct db *db, void *arg)
{
    struct table *t = arg;
    return entry_list_db(db, t->rq, &t->f, true, &t->who, &t->at, &t->n);
}

// Names or values of one row's fields, in the register's order; a field of counts is a column for each cell.
static void cells_put(struct table *t, const struct list *values, bool first)
{
    struct req *rq = t->rq;
    const struct pack *p = rq->sv->pack;
    struct str sex, age;
    for (size_t i = 0; i < t->f.reg->n_fields; i++) {
        const struct pack_register_field *f = &t->f.reg->field[i];
        if (f->kind != PACK_COUNTS) {
            csv_text(&t->out, first, values ? entry_value(values, f->name) : f->name);
            first = false;
            continue;
        }
        for (size_t k = 0; (sex = pack_list_at(p, "attendance_sex", k)).n; k++)
            for (size_t m = 0; (age = pack_list_at(p, "attendance_age", m)).n; m++) {
                struct str name = arena_printf(rq->arena, "%.*s.%.*s.%.*s", STR_ARG(f->name), STR_ARG(sex), STR_ARG(age));
                csv_text(&t->out, first, values ? entry_value(values, name) : name);
                first = false;
            }
    }
    csv_end(&t->out);
}

static void rows_write(struct table *t)
{
    csv_text(&t->out, true, STR("id"));
    csv_text(&t->out, false, STR("institution"));
    csv_text(&t->out, false, STR("state"));
    csv_text(&t->out, false, STR("stage"));
    cells_put(t, NULL, false);
    for (size_t i = 0; i < t->n && !arena_failed(t->rq->arena); i++) {
        const struct entry_row *x = &t->at[i].row;
        struct list values = entry_fields_read(t->rq->arena, x->fields);
        char hex[ID_HEX];
        csv_text(&t->out, true, str_from(id_hex(x->id, hex)));
        csv_text(&t->out, false, x->code);
        csv_text(&t->out, false, str_from(entry_state_name(x->who.state)));
        csv_text(&t->out, false, x->stage);
        cells_put(t, &values, false);
    }
}

enum err entry_csv_run(struct req *rq, const void *in_, void *out)
{
    const struct entry_csv_in *in = in_;
    struct table t = {.rq = rq, .f = {.reg = entry_register(rq, in->code), .county = in->county, .stage = in->stage, .state = in->state,
                                      .institution = in->institution, .year = in->year, .limit = ENTRY_OUT_ROWS + 1}};
    (void)out;
    if (!t.f.reg)
        return ERR_NOT_FOUND;
    enum err e = entry_filter_check(rq, t.f.reg, in->year, in->state, in->stage, in->county);
    if (e)
        return e;
    buf_init(&t.out, ENTRY_OUT_BYTES);
    csv_begin(&t.out);
    if (in->empty) {
        cells_put(&t, NULL, true);
    } else {
        e = store_read(rq->sv->store, table_read, &t);
        if (!e && t.n > ENTRY_OUT_ROWS)
            e = req_refuse(rq, "year", MSG_REGISTER_REFUSED_MANY_OUT);
        if (!e)
            rows_write(&t);
    }
    e = e ? e : buf_ok(&t.out) == ERR_TOO_LARGE ? req_refuse(rq, "year", MSG_REGISTER_REFUSED_MANY_OUT) : buf_ok(&t.out);
    if (!e)
        rq->file = (struct attachment){arena_str(rq->arena, buf_str(&t.out)), STR("text/csv; charset=utf-8"),
                                       arena_printf(rq->arena, "%.*s.csv", STR_ARG(t.f.reg->code))};
    buf_free(&t.out);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

// What is handed out: chosen by the worker, opened through the keeper for this purpose, written into the history and the trail
// before it leaves. Third persons are not in it but where they were chosen one by one.
#include <stdio.h>
#include <string.h>
#include "retention/handlers.h"

#define FILE_MOST (7u << 20) // below file_max of the row

// ── the form ──
static enum err persons_show(const struct paper_case *c, const struct access_take_in *in, struct access_prepare_out *out)
{
    struct paper_choices chosen;
    enum err e = paper_choices(c, in ? &in->persons : NULL, in ? &in->reports : NULL, &chosen);
    if (e)
        return e;
    union { const void *in; struct paper_person *out; } at = {chosen.persons.at};
    for (size_t i = 0; in && i < chosen.persons.n; i++)
        at.out[i].asks = str_equal(in->subject, at.out[i].id);
    out->persons = chosen.persons;
    out->untold = chosen.untold;
    out->reports = chosen.reports;
    return OK;
}

static void form_show(struct req *rq, const struct access_at *a, const struct access_take_in *in, struct access_prepare_out *out)
{
    out->id = a->row.id;
    out->thing = a->row.thing;
    out->of = a->row.of;
    out->is_case = a->is_case;
    out->title = a->row.of_text;
    out->notes = in && in->notes;
    out->compared = in && in->compared;
    out->error_subject = req_refusal(rq, "subject");
    out->error_compared = req_refusal(rq, "compared");
}

enum err access_prepare_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct access_prepare_out *out = &((struct access_file_out *)out_)->form;
    struct access_at a;
    struct paper_case *c = ARENA_NEW(rq->arena, struct paper_case);
    enum err e = c ? access_find(rq, rq->id, &a) : ERR_MEMORY;
    e = e ? e : access_ready(rq, &a);
    if (e)
        return e;
    form_show(rq, &a, NULL, out);
    if (a.is_case) {
        e = paper_case_open(rq, a.row.thing, true, c);
        return e ? e : persons_show(c, NULL, out);
    }
    struct report_export x = {0};
    e = report_export(rq, a.row.thing, false, &x);
    out->safe = x.content.safe_to_contact;
    return e;
}

// ── the file ──
static enum err case_put(struct paper *p, const struct paper_case *c, const struct access_take_in *in)
{
    const struct case_entry *entry = c->entries.at;
    enum err e = OK;
    paper_case_put(p, c);
    for (size_t pass = 0; pass < 2; pass++) // who asks first
        for (size_t i = 0; !e && i < c->entries.n; i++) {
            struct str id = paper_hex(p->rq, entry[i].thing);
            bool subject = str_equal(id, in->subject);
            if (str_equal_z(entry[i].kind, "person") && paper_newest(c, i) && (pass ? !subject && paper_named(&in->persons, id) : subject))
                e = paper_entry_put(p, c, i, pass ? "third_person" : "person", pass ? MSG_RETENTION_PART_THIRD : MSG_RETENTION_PART_PERSON);
        }
    for (size_t i = 0; !e && in->notes && i < c->entries.n; i++)
        if (paper_words(c, i))
            e = paper_entry_put(p, c, i, "note", MSG_CASEWORK_PAPER_NOTE);
    paper_shown_put(p, c);
    for (size_t i = 0; !e && i < c->n_reports; i++)
        if (paper_named(&in->reports, paper_hex(p->rq, c->report[i])))
            e = paper_report_put(p, c->report[i], false, in->notes);
    return e;
}

// Only what the form offers, and nobody who must not be told.
static enum err case_check(struct req *rq, const struct access_prepare_out *form, const struct access_take_in *in)
{
    const struct paper_person *p = form->persons.at;
    const struct paper_choices of = {form->persons, form->untold, form->reports};
    bool subject = false;
    for (size_t i = 0; i < form->persons.n; i++) {
        if (!str_equal(p[i].id, in->subject))
            continue;
        subject = true;
        if (p[i].untold)
            return req_refuse(rq, "subject", MSG_RETENTION_ACCESS_UNTOLD);
    }
    if (!subject)
        return req_refuse(rq, "subject", MSG_RETENTION_ACCESS_SUBJECT);
    if (!paper_chosen_fine(&of, &in->persons, &in->reports))
        return req_refuse(rq, "persons", MSG_RETENTION_ACCESS_CHOICE);
    return form->untold.n && !in->compared ? req_refuse(rq, "compared", MSG_RETENTION_ACCESS_COMPARE) : OK;
}

static const struct field file_fields[] = {
    FIELD(access_file_out, isigurt_access, .about = "1: the version of this file."), FIELD(access_file_out, id), FIELD(access_file_out, thing),
    FIELD(access_file_out, of), FIELD(access_file_out, subject), FIELD(access_file_out, made, .form = FORM_TIME),
    FIELD(access_file_out, parts, .of = &paper_part_shape)};
const struct shape access_file_out_shape = {"access_file_out", sizeof(struct access_file_out),
                                            sizeof file_fields / sizeof *file_fields, file_fields, "access_file_out"};

static enum err file_put(struct req *rq, struct access_file_out *out)
{
    struct buf b;
    buf_init_secret(&b, FILE_MOST);
    json_write(&b, &access_file_out_shape, out);
    enum err e = buf_ok(&b);
    if (!e)
        rq->file = (struct attachment){arena_str(rq->arena, buf_str(&b)), STR("application/json"),
                                       arena_printf(rq->arena, "isigurt-%.*s.json", STR_ARG(paper_hex(rq, out->id)))};
    buf_free(&b);
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err access_take_run(struct req *rq, const void *in_, void *out_)
{
    const struct access_take_in *in = in_;
    struct access_file_out *out = out_;
    struct access_at a;
    char what[80];
    struct paper_case *c = ARENA_NEW(rq->arena, struct paper_case);
    struct paper p;
    out->form.id = rq->id; // also where it goes wrong the form comes back as it was sent
    out->form.notes = in->notes;
    out->form.compared = in->compared;
    enum err e = c ? paper_begin(rq, &p) : ERR_MEMORY;
    e = e ? e : access_find(rq, rq->id, &a);
    if (!e)
        form_show(rq, &a, in, &out->form);
    e = e ? e : access_ready(rq, &a);
    if (!e && a.is_case) {
        e = paper_case_open(rq, a.row.thing, true, c);
        e = e ? e : persons_show(c, in, &out->form);
        e = e ? e : case_check(rq, &out->form, in);
        if (e == ERR_INVALID)
            form_show(rq, &a, in, &out->form);
    }
    snprintf(what, sizeof what, "persons %zu reports %zu notes %d", in->persons.n, in->reports.n, in->notes);
    e = e ? e : a.is_case ? case_put(&p, c, in) : paper_report_put(&p, a.row.thing, true, in->notes);
    e = e ? e : p.full ? ERR_TOO_LARGE : access_taken(rq, &a, what);
    if (e)
        return e;
    out->isigurt_access = 1;
    out->id = a.row.id;
    out->thing = a.row.thing;
    out->of = a.row.of;
    out->subject = a.is_case ? in->subject : STR("reporter");
    out->made = rq->now;
    out->made_text = req_date(rq, rq->now, DATE_MINUTE);
    out->title = a.row.of_text;
    out->parts = (struct list){p.part, p.n};
    return rq->json || str_equal_z(in->as, "json") ? file_put(rq, out) : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err access_take_fill(struct req *rq, const void *in_, void *out_)
{
    const struct access_take_in *in = in_;
    struct access_file_out *out = out_;
    struct access_at a;
    struct paper_case *c = ARENA_NEW(rq->arena, struct paper_case);
    enum err e = c ? access_find(rq, rq->id, &a) : ERR_MEMORY;
    e = e ? e : access_ready(rq, &a);
    if (!e && a.is_case) {
        e = paper_case_open(rq, a.row.thing, true, c);
        e = e ? e : persons_show(c, in, &out->form);
    }
    if (!e)
        form_show(rq, &a, in, &out->form);
    return e;
}

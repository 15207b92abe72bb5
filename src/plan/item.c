// One activity or indicator of a draft: its form, and the draft's document with it.
#include "plan/handlers.h"

#define ITEM_ARENA (16u << 20)

struct item { struct req *rq; struct arena *a; struct plan_version v; int64_t number, changes; struct str document; };

static enum err version_read(struct db *db, void *arg)
{
    struct item *x = arg;
    return plan_version_db(db, x->a, x->rq->sv->pack, x->number, &x->v);
}

static enum err item_open(struct item *x)
{
    if (str_int(x->rq->code, &x->number))
        return ERR_NOT_FOUND;
    enum err e = arena_new(ITEM_ARENA, &x->a);
    e = e ? e : store_read(x->rq->sv->store, version_read, x);
    return e ? e : x->v.from ? ERR_NOT_FOUND : OK; // only a draft has forms
}

static bool is_indicator(struct str kind) { return str_equal_z(kind, "indicator"); }
static const char *list_of(struct str kind) { return is_indicator(kind) ? "indicators" : "activities"; }

// typed: what was sent; NULL: what stands there.
static enum err form_fill(struct item *x, struct str kind, struct str code, const struct list *typed, struct plan_item_out *out)
{
    struct req *rq = x->rq;
    struct str object = code.n ? plan_document_item(x->a, x->v.document, list_of(kind), code) : STR("");
    if (!is_indicator(kind) && !str_equal_z(kind, "activity"))
        return ERR_NOT_FOUND;
    if (code.n && !object.n)
        return ERR_NOT_FOUND;
    out->number = x->v.number;
    out->version = x->v.changes;
    out->kind = arena_str(rq->arena, kind);
    out->item = arena_str(rq->arena, code);
    out->fresh = code.n == 0;
    out->indicator = is_indicator(kind);
    out->version_title = arena_str(rq->arena, x->v.title);
    out->fields = plan_item_fields(rq, x->v.plan, out->indicator, object, typed);
    const struct pack_plan_indicator *i = out->indicator ? pack_plan_indicator(x->v.plan, code) : NULL;
    const struct pack_plan_activity *a = out->indicator ? NULL : pack_plan_activity(x->v.plan, code);
    out->title = i ? arena_str(rq->arena, plan_label(rq, i->title)) : a ? arena_str(rq->arena, plan_label(rq, a->title)) : STR("");
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err plan_item_run(struct req *rq, const void *in_, void *out)
{
    const struct plan_item_in *in = in_;
    struct item x = {.rq = rq};
    enum err e = item_open(&x);
    e = e ? e : form_fill(&x, in->kind, in->item, NULL, out);
    arena_free(&x.a);
    return e;
}

enum err plan_item_fill(struct req *rq, const void *in_, void *out)
{
    const struct plan_item_save_in *in = in_;
    struct item x = {.rq = rq};
    enum err e = item_open(&x);
    e = e ? e : form_fill(&x, in->kind, in->item, &in->fields, out);
    arena_free(&x.a);
    return e;
}

static enum err document_write(struct db *db, void *arg)
{
    const struct item *x = arg;
    return plan_document_put_db(db, x->number, x->changes, x->v.title, x->document);
}

// The lines that the reader of the format says, each as it is: they name the member and the mend.
static struct list faults_of(struct req *rq, struct str why)
{
    struct choice *at = arena_array(rq->arena, 40, sizeof *at);
    size_t n = 0;
    for (struct str rest = why; at && rest.n && n < 40;) {
        struct str line = str_cut(&rest, '\n');
        if (line.n)
            at[n++].label = arena_str(rq->arena, line);
    }
    return (struct list){at, n};
}

enum err plan_item_save_run(struct req *rq, const void *in_, void *out_)
{
    const struct plan_item_save_in *in = in_;
    struct plan_item_out *out = out_;
    struct item x = {.rq = rq, .changes = in->version};
    struct buf why;
    const struct pack_plan *plan = NULL;
    buf_init(&why, 32 * 1024);
    enum err e = item_open(&x);
    e = e ? e : form_fill(&x, in->kind, in->item, &in->fields, out);
    if (!e) {
        struct str before = in->item.n ? plan_document_item(x.a, x.v.document, list_of(in->kind), in->item) : STR("");
        struct str object = plan_item_object(x.a, rq->sv->pack, out->indicator, before, &in->fields);
        x.document = plan_document_with(x.a, x.v.document, list_of(in->kind), object);
        // A new one must not write over another, and a code is kept: what was entered and set refers to it.
        struct str code = plan_field(&in->fields, "code");
        bool taken = out->indicator ? pack_plan_indicator(x.v.plan, code) != NULL : pack_plan_activity(x.v.plan, code) != NULL;
        if (in->item.n ? !str_equal(code, in->item) : taken)
            e = req_notice(rq, ERR_CONFLICT, MSG_PLAN_CODE_TAKEN);
        else
            e = !object.n || !x.document.n ? ERR_MEMORY : pack_plan_read(rq->sv->pack, x.a, x.document, &plan, &why);
    }
    if (e == ERR_INVALID) {
        out->faults = faults_of(rq, buf_str(&why));
        e = req_refuse(rq, "fields", MSG_PLAN_ITEM_REFUSED);
    }
    if (!e) {
        e = store_write(rq->sv->store, document_write, &x);
        if (e == ERR_CONFLICT)
            req_notice(rq, e, MSG_PLAN_CHANGED_MEANWHILE);
    }
    buf_free(&why);
    arena_free(&x.a);
    return e;
}

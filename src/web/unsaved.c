// unsaved: what somebody typed into a form that could not be taken now, so that it comes back in a page and is not lost. It
// goes through the page alone: nothing of it is kept here, and nothing is done before the button is pressed again.
#include <string.h>
#include "web/inside.h"

// Only what the row takes, and no secret: passwords, codes and the token of the form never come back.
static const struct field *kept(const struct route *row, const struct pairs *p, size_t i)
{
    static const struct field code = {.name = "receipt", .kind = K_TEXT}; // the portal's: whoever sent it has it
    if (str_equal_z(p->name[i], "receipt") && row->perm == PERM_RECEIPT) {
        return str_utf8_valid(p->value[i]) ? &code : NULL;
    }
    for (size_t k = 0; k < row->in->n; k++) {
        const struct field *f = &row->in->fields[k];
        size_t n = strlen(f->name);
        bool member = f->form == FORM_MAP && p->name[i].n > n && str_starts(p->name[i], f->name) && p->name[i].at[n] == '.';
        if (member || str_equal_z(p->name[i], f->name)) {
            return f->form == FORM_SECRET || !str_utf8_valid(p->value[i]) ? NULL : f;
        }
    }
    return NULL;
}

bool unsaved_typed(const struct route *row, const struct pairs *p, bool lines)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct field *f = kept(row, p, i);
        if (f && (f->kind == K_TEXT || f->form == FORM_MAP) && !f->choices && (!lines || f->form == FORM_LINES) && !str_blank(p->value[i])) {
            return true;
        }
    }
    return false;
}

static void put_encoded(struct buf *b, struct str s)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.at[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
        if (plain || c == ' ') {
            buf_put_c(b, plain ? (char)c : '+');
        } else {
            buf_put_c(b, '%');
            buf_put_c(b, hex[c >> 4]);
            buf_put_c(b, hex[c & 15]);
        }
    }
}

enum err unsaved_pack(struct arena *a, const struct route *row, const struct pairs *p, struct str *out)
{
    struct buf b;
    buf_init_secret(&b, UNSAVED_MAX);
    for (size_t i = 0; i < p->n; i++) {
        if (kept(row, p, i)) {
            buf_put_z(&b, b.n ? "&" : "");
            put_encoded(&b, p->name[i]);
            buf_put_c(&b, '=');
            put_encoded(&b, p->value[i]);
        }
    }
    enum err e = buf_ok(&b);
    *out = arena_str(a, buf_str(&b));
    buf_free(&b);
    return e ? e : arena_failed(a) ? ERR_MEMORY : OK;
}

enum err unsaved_fields(struct arena *a, const struct route *row, const struct pairs *p, struct list *out)
{
    struct unsaved_field *at = arena_array(a, p->n + 1, sizeof *at);
    size_t n = 0;
    for (size_t i = 0; at && i < p->n; i++) {
        const struct field *f = kept(row, p, i);
        if (f) {
            at[n] = (struct unsaved_field){.id = arena_printf(a, "typed-%zu", n), .name = p->name[i], .value = p->value[i],
                                           .shown = f->kind == K_TEXT && f->form == FORM_LINES && !str_blank(p->value[i])};
            n++;
        }
    }
    *out = (struct list){at, n};
    return at && !arena_failed(a) ? OK : ERR_MEMORY;
}

// ── the pages ──

static void unsaved_page_show(struct turn *t, const struct route *row, const struct pairs *p, const struct unsaved_out *how, int status)
{
    struct unsaved_out out = *how;
    const struct none in = {false};
    if (unsaved_fields(t->rq.arena, row, p, &out.fields)) {
        answer_error(t, ERR_MEMORY, (struct str){"", 0});
        return;
    }
    t->rq.notice = (struct str){"", 0}; // the page itself says it
    web_numbers_fill(&t->rq);
    buf_clear(&t->a->body);
    t->w->o.unsaved_page(&t->a->body, &t->rq, &in, &out);
    if (buf_ok(&t->a->body) || arena_failed(t->rq.arena)) {
        buf_clear(&t->a->body);
        answer_error(t, ERR_MEMORY, (struct str){"", 0});
        return;
    }
    answer_head(t, status, STR("text/html; charset=utf-8"));
}

static const struct route *post_row(struct turn *t, struct str path)
{
    unsigned allow;
    const struct entry *e = path.n && path.at[0] == '/' ? router_find(&t->w->router, path, HTTP_POST, &allow) : NULL;
    return e && e->kind == ENTRY_PAGE ? e->row : NULL;
}

// The session has ended: the sign-in, which carries what was typed. False: it has no room for it.
static bool unsaved_sign_in(struct turn *t)
{
    const struct route *row = t->w->o.sign_in ? post_row(t, str_from(t->w->o.sign_in)) : NULL;
    void *in = row ? arena_alloc(t->rq.arena, row->in->size) : NULL, *out = row ? arena_alloc(t->rq.arena, row->out->size) : NULL;
    struct str typed;
    if (!in || !out || !row->page || unsaved_pack(t->rq.arena, t->entry->row, t->typed, &typed)) {
        return false;
    }
    bool again = false, room = false;
    for (size_t i = 0; i < row->in->n; i++) {
        const struct field *f = &row->in->fields[i];
        again |= strcmp(f->name, "again") == 0 && shape_put(&t->rq, f, t->rq.path, false, in) == OK;
        room |= strcmp(f->name, "typed") == 0 && shape_put(&t->rq, f, typed, false, in) == OK;
    }
    if (!again || !room) {
        return false;
    }
    t->rq.notice = text_get(t->rq.lang, MSG_WEB_UNSAVED_SIGN_IN);
    answer_page(t, row, status_of(ERR_UNAUTHENTICATED), in, out);
    return true;
}

// Whether sending the same once more may help. stale: the token was old.
static bool worth_again(enum err e, bool stale)
{
    return (e == ERR_FORBIDDEN && stale) || e == ERR_AWAY || e == ERR_FULL || e == ERR_LIMITED || e == ERR_CONFLICT ||
           e == ERR_INVALID || e == ERR_IO || e == ERR_MEMORY || e == ERR_BUG;
}

// A form that could not be taken and whose own page is not shown again: with what was typed, escaped, and a sentence. False:
// nothing was typed, or not on a page of ours, so that no stranger can lay words into a form that only waits for a press.
bool unsaved_show(struct turn *t, enum err e, struct str sentence)
{
    const struct route *row = t->entry->row;
    bool ours = t->w->desk && t->w->o.unsaved_page && row->method == POST && row->perm != PERM_PUBLIC && session_same_origin(t->hr, t->w->o.url);
    if (!ours || !t->typed || !unsaved_typed(row, t->typed, false)) {
        return false;
    }
    if (e == ERR_UNAUTHENTICATED && unsaved_sign_in(t)) {
        return true;
    }
    bool stale = e == ERR_FORBIDDEN && sentence.n > 0;
    struct str said = stale ? text_get(t->rq.lang, MSG_WEB_UNSAVED_STALE) : t->rq.notice.n ? t->rq.notice : req_refused(&t->rq) ?
        refuse_sentence(&t->rq, &t->rq.refused->at[0]) : text_get(t->rq.lang, status_sentence(e));
    t->rq.csrf = t->rq.csrf.n ? t->rq.csrf : t->sent_csrf; // where the keeper is away nobody knows a better one; it is looked at then
    const struct unsaved_out out = {.sentence = said, .action = t->rq.path, .again = worth_again(e, stale), .upload = row->upload};
    unsaved_page_show(t, row, t->typed, &out, status_of(e));
    return true;
}

bool unsaved_give_back(struct turn *t, enum err e)
{
    const struct route *row = t->entry->row;
    struct pairs *p = ARENA_NEW(t->rq.arena, struct pairs);
    bool open = row->perm == PERM_PUBLIC || row->perm == PERM_RECEIPT;
    if (!p || !t->w->o.unsaved_page || row->upload || (open && t->w->desk) || !session_same_origin(t->hr, t->w->o.url) ||
        pairs_read(t->rq.arena, t->hr->body, p)) {
        return false;
    }
    bool any = false, secret = false; // a form with a password is typed anew
    for (size_t k = 0; k < row->in->n; k++) {
        secret |= row->in->fields[k].form == FORM_SECRET;
    }
    for (size_t i = 0; i < p->n; i++) {
        any |= kept(row, p, i) != NULL;
        const struct lang *l = str_equal_z(p->name[i], "lang") ? text_lang(p->value[i]) : NULL;
        if (l) {
            req_set_lang(&t->rq, l);
        }
        t->rq.csrf = str_equal_z(p->name[i], "csrf") ? p->value[i] : t->rq.csrf; // nobody has looked at it yet; it is looked at then
    }
    if (!any || secret) {
        return false;
    }
    const struct unsaved_out out = {.sentence = text_get(t->rq.lang, status_sentence(e)), .action = t->rq.path, .again = true};
    unsaved_page_show(t, row, p, &out, status_of(e));
    return true;
}

// Signed in again. What comes back waits for a press like any form, and that press is looked at like any other.
bool unsaved_resume(struct turn *t)
{
    const struct unsaved *u = &t->rq.unsaved;
    const struct route *row = u->path.n ? post_row(t, u->path) : NULL;
    struct pairs *p = row ? ARENA_NEW(t->rq.arena, struct pairs) : NULL;
    if (!p || !t->w->o.unsaved_page || pairs_read(t->rq.arena, u->typed, p) || !unsaved_typed(row, p, false)) {
        return false;
    }
    t->rq.csrf = u->csrf;
    const struct unsaved_out out = {.sentence = text_get(t->rq.lang, MSG_WEB_UNSAVED_BACK), .action = u->path, .again = true, .upload = row->upload};
    unsaved_page_show(t, row, p, &out, 200);
    return true;
}

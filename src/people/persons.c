// The list of persons, one person, and what an administrator may do with it. Power is the keeper's: it is asked first, and
// what is shown here follows.
#include "people/pages.h"
#include <string.h>
#include "text/fold.h"
#include "web/seen.h"

struct persons { struct req *rq; struct id after; struct str part; struct people_person *at; size_t n; };

static enum err persons_db(struct db *db, void *arg)
{
    struct persons *l = arg;
    return person_list_db(db, l->rq->arena, l->after, l->part, l->at, PEOPLE_PAGE + 1, &l->n);
}

enum err people_list_run(struct req *rq, const void *in_, void *out_)
{
    const struct people_list_in *in = in_;
    struct people_list_out *out = out_;
    struct persons l = {.rq = rq, .after = in->after, .part = fold_key(rq->arena, str_trim(in->q))};
    l.at = arena_array(rq->arena, PEOPLE_PAGE + 1, sizeof *l.at);
    struct people_row *rows = arena_array(rq->arena, PEOPLE_PAGE, sizeof *rows);
    if (l.at == NULL || rows == NULL) {
        return ERR_MEMORY;
    }
    enum err e = store_read(rq->sv->store, persons_db, &l);
    if (e != OK) {
        return e;
    }
    bool more = l.n > PEOPLE_PAGE;
    size_t n = more ? PEOPLE_PAGE : l.n;
    for (size_t i = 0; i < n; i++) {
        rows[i] = page_person(rq, &l.at[i]);
    }
    out->people = (struct list){rows, n};
    out->next = more ? rows[n - 1].id : (struct id){0};
    out->more = more;
    out->may_add = req_may(rq, PERM_PEOPLE_ADMIN);
    out->q = str_trim(in->q);
    return OK;
}

// ── choices of the forms ──

struct institutions { struct req *rq; struct people_institution *at; size_t n; };

static enum err institutions_db(struct db *db, void *arg)
{
    struct institutions *l = arg;
    return institution_list_db(db, l->rq->arena, (struct id){0}, l->at, PEOPLE_CHOICES_MAX, &l->n);
}

static enum err institution_choices(struct req *rq, struct id on, struct list *out)
{
    struct institutions l = {.rq = rq};
    l.at = arena_array(rq->arena, PEOPLE_CHOICES_MAX, sizeof *l.at);
    enum err e = l.at == NULL ? ERR_MEMORY : store_read(rq->sv->store, institutions_db, &l);
    if (e == OK) {
        *out = page_institution_choices(rq, l.at, l.n, on);
    }
    return e;
}

static enum err add_show(struct req *rq, const struct people_add_in *in, struct people_add_out *out)
{
    uint32_t on = 0;
    bool known = page_roles_read(in->roles, &on);
    out->typed = *in;
    out->all_roles = page_role_choices(rq, known ? on : 0);
    out->languages = req_choices(rq, "language", in->language);
    return institution_choices(rq, in->institution, &out->institutions);
}

enum err people_add_form_run(struct req *rq, const void *in, void *out)
{
    struct people_add_in empty = {.institution = rq->who.institution};
    (void)in;
    return add_show(rq, &empty, out);
}

enum err people_add_fill(struct req *rq, const void *in, void *out)
{
    return add_show(rq, in, out);
}

// ── adding ──

struct add { struct req *rq; struct people_person p; struct people_institution at; };

static enum err add_look(struct db *db, void *arg)
{
    struct add *a = arg;
    return institution_find_db(db, a->rq->arena, a->p.institution, &a->at);
}

static enum err add_db(struct db *db, void *arg)
{
    struct add *a = arg;
    return person_add_db(db, a->rq->arena, &a->p);
}

// Field by field, so that all faults are told at once.
static bool details_fine(struct req *rq, struct str name, struct str mail)
{
    bool fine = !page_blank(rq, "name", name);
    if (mail.n > 0 && !rule_mail_fine(mail)) {
        fine = req_refuse(rq, "mail", MSG_PEOPLE_REFUSED_MAIL) == OK;
    }
    return fine;
}

static enum err add_check(struct req *rq, const struct people_add_in *in, struct add *a)
{
    bool fine = details_fine(rq, in->name, in->mail);
    if (!rule_user_fine(in->username)) {
        fine = req_refuse(rq, "username", MSG_PEOPLE_REFUSED_USER) == OK;
    }
    if (in->roles.n == 0 || !page_roles_read(in->roles, &a->p.roles)) {
        fine = req_refuse(rq, "roles", MSG_PEOPLE_REFUSED_ROLES) == OK;
    }
    enum err e = store_read(rq->sv->store, add_look, a);
    if (e == ERR_NOT_FOUND) {
        return req_refuse(rq, "institution", MSG_PEOPLE_REFUSED_INSTITUTION);
    }
    return e != OK ? e : fine ? OK : ERR_INVALID;
}

// Copies what is shown once into the arena, which is wiped with the request.
static void show_secret(struct req *rq, struct str user, const char *password, const struct buf *totp, struct str *out_password,
                        struct str *out_totp, struct str *out_otpauth)
{
    *out_password = arena_str(rq->arena, str_from(password));
    *out_totp = arena_str(rq->arena, buf_str(totp));
    *out_otpauth = rule_otpauth(rq->arena, user, *out_totp);
}

enum err people_add_run(struct req *rq, const void *in_, void *out_)
{
    const struct people_add_in *in = in_;
    struct people_add_out *out = out_;
    char password[PEOPLE_PASSWORD];
    struct buf totp;
    buf_init_secret(&totp, 256);
    struct add a = {.rq = rq, .p = {.user = in->username, .name = str_trim(in->name), .mail = in->mail,
                                    .language = in->language.n > 0 ? in->language : pack_list_at(rq->sv->pack, "language", 0),
                                    .institution = in->institution}};
    enum err e = add_show(rq, in, out);
    e = e != OK ? e : add_check(rq, in, &a);
    if (e != OK) {
        goto out;
    }
    people_password(password);
    e = keeper_person_add(rq->sv->keeper, &rq->token, a.p.user, a.p.roles, str_from(password), &a.p.id, &totp);
    if (e == ERR_CONFLICT) {
        e = req_refuse(rq, "username", MSG_PEOPLE_REFUSED_USER_TAKEN);
        goto out;
    }
    if (e != OK) {
        e = page_keeper(rq, e);
        goto out;
    }
    e = store_write(rq->sv->store, add_db, &a);
    if (e != OK) { // nobody shall be able to sign in whom no list shows
        enum err off = keeper_person_disable(rq->sv->keeper, &rq->token, a.p.id, true);
        (void)off;
        goto out;
    }
    out->id = a.p.id;
    show_secret(rq, a.p.user, password, &totp, &out->password, &out->totp_secret, &out->otpauth);
out:
    explicit_bzero(password, sizeof password);
    buf_free(&totp);
    return e;
}

// ── one person ──

struct show { struct req *rq; struct people_person p; struct people_unit *units; size_t n; };

static enum err show_db(struct db *db, void *arg)
{
    struct show *s = arg;
    enum err e = person_find_db(db, s->rq->arena, s->rq->id, &s->p);
    return e != OK ? e : member_units_db(db, s->rq->arena, s->rq->id, s->units, PEOPLE_UNITS_MAX, &s->n);
}

static struct str person_seen(struct arena *a, const struct people_person *p)
{
    const struct str part[] = {p->name, p->mail, p->language, {(const char *)p->institution.b, sizeof p->institution.b},
                               arena_printf(a, "%u %d", p->roles, p->disabled)};
    return seen_of(a, part, sizeof part / sizeof *part);
}

enum err person_show(struct req *rq, struct people_person_out *out)
{
    struct show s = {.rq = rq};
    s.units = arena_array(rq->arena, PEOPLE_UNITS_MAX, sizeof *s.units);
    enum err e = s.units == NULL ? ERR_MEMORY : store_read(rq->sv->store, show_db, &s);
    if (e != OK) {
        return e;
    }
    struct people_unit_row *units = arena_array(rq->arena, s.n > 0 ? s.n : 1, sizeof *units);
    for (size_t i = 0; units != NULL && i < s.n; i++) {
        units[i] = page_unit(rq, &s.units[i]);
    }
    struct people_row row = page_person(rq, &s.p);
    out->id = row.id;
    out->username = row.username;
    out->name = row.name;
    out->title = row.name;
    out->mail = s.p.mail;
    out->mail_now = s.p.mail;
    out->seen = person_seen(rq->arena, &s.p);
    out->language = s.p.language;
    out->institution = row.institution;
    out->roles = row.roles;
    out->units = (struct list){units, units != NULL ? s.n : 0};
    out->disabled = row.disabled;
    out->roles_text = row.roles_text;
    out->institution_name = row.institution_name;
    out->self = id_equal(rq->id, rq->who.id);
    out->may_change = req_may(rq, PERM_PEOPLE_ADMIN);
    out->all_roles = page_role_choices(rq, s.p.roles);
    out->languages = req_choices(rq, "language", s.p.language);
    return out->may_change && !rq->json ? institution_choices(rq, s.p.institution, &out->institutions) : OK;
}

enum err people_person_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    return person_show(rq, out);
}

enum err people_person_fill(struct req *rq, const void *in, void *out)
{
    (void)in;
    return person_show(rq, out);
}

// Nobody changes the own roles, or switches oneself off: a colleague must want it too.
static enum err not_oneself(struct req *rq)
{
    return id_equal(rq->id, rq->who.id) ? req_notice(rq, ERR_CONFLICT, MSG_PEOPLE_NOT_ONESELF) : OK;
}

struct change {
    struct req *rq; struct people_person p; struct str seen; uint32_t roles; bool disabled;
    enum { DETAILS, ROLES, DISABLE, CLEAR } what;
};

// Over what was read before only: else somebody was faster.
static enum err details_db(struct db *db, struct change *c)
{
    struct people_person now;
    enum err e = person_find_db(db, c->rq->arena, c->rq->id, &now);
    e = e == OK && !seen_still(c->seen, person_seen(c->rq->arena, &now)) ? ERR_CONFLICT : e;
    return e != OK ? e : person_change_db(db, c->rq->arena, &c->p);
}

static enum err change_db(struct db *db, void *arg)
{
    struct change *c = arg;
    switch (c->what) {
    case DETAILS:
        return details_db(db, c);
    case ROLES:
        return person_roles_db(db, c->rq->id, c->roles);
    case DISABLE:
        return person_disable_db(db, c->rq->id, c->disabled);
    case CLEAR:
        return member_clear_db(db, c->rq->id);
    }
    return ERR_BUG;
}

// To be mended or sent again, not typed again.
static enum err details_again(struct req *rq, const struct people_details_in *in, struct people_person_out *out)
{
    out->name = in->name;
    out->mail = in->mail;
    out->languages = req_choices(rq, "language", in->language);
    return rq->json ? OK : institution_choices(rq, in->institution, &out->institutions);
}

enum err people_details_run(struct req *rq, const void *in_, void *out_)
{
    struct people_person_out *out = out_;
    const struct people_details_in *in = in_;
    struct add look = {.rq = rq, .p = {.institution = in->institution}};
    enum err e = person_show(rq, out);
    struct str seen = out->seen;
    bool stale = e == OK && !seen_still(in->seen, seen);
    if (e == OK && (stale || !details_fine(rq, in->name, in->mail))) {
        e = details_again(rq, in, out);
        e = e != OK ? e : stale ? ERR_CONFLICT : ERR_INVALID;
    }
    if (e == OK) {
        e = store_read(rq->sv->store, add_look, &look);
        e = e == ERR_NOT_FOUND ? req_refuse(rq, "institution", MSG_PEOPLE_REFUSED_INSTITUTION) : e;
    }
    if (e == OK) {
        e = page_audit(rq, AUDIT_PEOPLE, rq->id, (struct id){0}, "details");
    }
    if (e == OK) {
        struct change c = {.rq = rq, .what = DETAILS, .seen = seen, .p = {.id = rq->id, .name = str_trim(in->name), .mail = in->mail,
                                                            .language = in->language, .institution = in->institution}};
        e = store_write(rq->sv->store, change_db, &c);
    }
    return e == OK ? person_show(rq, out) : e;
}

enum err people_roles_run(struct req *rq, const void *in_, void *out_)
{
    struct people_person_out *out = out_;
    const struct people_roles_in *in = in_;
    struct change c = {.rq = rq, .what = ROLES};
    enum err e = person_show(rq, out);
    e = e != OK ? e : not_oneself(rq);
    bool known = page_roles_read(in->roles, &c.roles);
    if (e == OK && !seen_still(in->seen, out->seen)) {
        out->all_roles = page_role_choices(rq, known ? c.roles : 0);
        return ERR_CONFLICT;
    }
    if (e == OK && !known) {
        e = req_refuse(rq, "roles", MSG_PEOPLE_REFUSED_ROLES);
    }
    if (e == OK) {
        e = page_keeper(rq, keeper_person_roles(rq->sv->keeper, &rq->token, rq->id, c.roles));
    }
    e = e != OK ? e : store_write(rq->sv->store, change_db, &c);
    return e == OK ? person_show(rq, out) : e;
}

enum err people_disable_run(struct req *rq, const void *in_, void *out)
{
    const struct people_disable_in *in = in_;
    struct change c = {.rq = rq, .what = DISABLE, .disabled = in->disabled};
    enum err e = person_show(rq, out);
    e = e != OK ? e : not_oneself(rq);
    if (e == OK) {
        e = page_keeper(rq, keeper_person_disable(rq->sv->keeper, &rq->token, rq->id, in->disabled));
    }
    e = e != OK ? e : store_write(rq->sv->store, change_db, &c);
    return e == OK ? person_show(rq, out) : e;
}

// A new password is a new key: what the person could open before, a colleague must give again.
enum err people_reset_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct people_person_out *out = out_;
    char password[PEOPLE_PASSWORD] = "";
    struct buf totp;
    buf_init_secret(&totp, 256);
    struct change c = {.rq = rq, .what = CLEAR};
    enum err e = person_show(rq, out);
    e = e != OK ? e : not_oneself(rq);
    if (e == OK) {
        people_password(password);
        e = page_keeper(rq, keeper_person_reset(rq->sv->keeper, &rq->token, rq->id, str_from(password), &totp));
    }
    if (e == OK) {
        e = store_write(rq->sv->store, change_db, &c);
    }
    if (e == OK) {
        e = person_show(rq, out);
    }
    if (e == OK) {
        show_secret(rq, out->username, password, &totp, &out->password, &out->totp_secret, &out->otpauth);
    }
    explicit_bzero(password, sizeof password);
    buf_free(&totp);
    return e;
}

enum err people_sessions_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    enum err e = person_show(rq, out);
    return e != OK ? e : page_keeper(rq, keeper_end(rq->sv->keeper, &rq->token, rq->id));
}

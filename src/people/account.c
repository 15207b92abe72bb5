// Who is signed in, and one's own account.
#include "people/pages.h"
#include <string.h>

struct find { struct req *rq; struct id id; struct people_person person; struct people_unit *units; size_t n_units; };

static enum err find_db(struct db *db, void *arg)
{
    struct find *f = arg;
    enum err e = person_find_db(db, f->rq->arena, f->id, &f->person);
    if (e == OK && f->units != NULL) {
        e = member_units_db(db, f->rq->arena, f->id, f->units, PEOPLE_UNITS_MAX, &f->n_units);
    }
    return e;
}

enum err people_person_find(struct req *rq, const struct keeper_session *session)
{
    struct find f = {.rq = rq, .id = session->person};
    enum err e = store_read(rq->sv->store, find_db, &f);
    if (e == ERR_NOT_FOUND) {
        char hex[ID_HEX];
        rq->who.name = arena_str(rq->arena, str_slice(str_from(id_hex(session->person, hex)), 0, 8));
        return OK;
    }
    if (e == OK) {
        rq->who.name = f.person.name;
        rq->who.institution = f.person.institution;
    }
    return e;
}

enum err people_account_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct people_account_out *out = out_;
    struct find f = {.rq = rq, .id = rq->who.id};
    f.units = arena_array(rq->arena, PEOPLE_UNITS_MAX, sizeof *f.units);
    if (f.units == NULL) {
        return ERR_MEMORY;
    }
    enum err e = store_read(rq->sv->store, find_db, &f);
    if (e != OK && e != ERR_NOT_FOUND) {
        return e;
    }
    const struct people_person *p = &f.person; // zeroes where the desk has no row: the id and the roles still stand
    struct people_unit_row *units = arena_array(rq->arena, f.n_units > 0 ? f.n_units : 1, sizeof *units);
    for (size_t i = 0; units != NULL && i < f.n_units; i++) {
        units[i] = page_unit(rq, &f.units[i]);
    }
    out->id = rq->who.id;
    out->username = p->user;
    out->name = rq->who.name;
    out->institution = p->institution_code;
    out->institution_name = page_institution(rq, p->institution_name, p->institution_name_en);
    out->roles = page_role_names(rq, rq->who.roles);
    out->roles_text = page_role_labels(rq, rq->who.roles);
    out->units = (struct list){units, units != NULL ? f.n_units : 0};
    return OK;
}

enum err people_password_run(struct req *rq, const void *in_, void *out_)
{
    const struct people_password_in *in = in_;
    struct people_account_out *out = out_;
    enum err e = people_account_run(rq, in, out);
    if (e != OK) {
        return e;
    }
    if (str_utf8_count(in->fresh) < PEOPLE_PASSWORD_MIN) {
        return req_refuse(rq, "fresh", MSG_PEOPLE_REFUSED_PASSWORD);
    }
    if (str_equal(in->fresh, in->old)) {
        return req_refuse(rq, "fresh", MSG_PEOPLE_REFUSED_PASSWORD_SAME);
    }
    e = keeper_password(rq->sv->keeper, &rq->token, in->old, in->fresh, in->totp);
    if (e == ERR_FORBIDDEN) { // ERR_UNAUTHENTICATED would be a session that is over
        return req_refuse(rq, "old", MSG_PEOPLE_REFUSED_PASSWORD_OLD);
    }
    if (e == ERR_INVALID) {
        return req_refuse(rq, "fresh", MSG_PEOPLE_REFUSED_PASSWORD);
    }
    if (e == ERR_LIMITED) {
        return req_notice(rq, e, MSG_PEOPLE_PASSWORD_WAIT);
    }
    out->password_changed = e == OK;
    return page_keeper(rq, e);
}

// Signing in and out. Whatever was wrong (name, password, code), the answer is the same; only waiting is told, in seconds.
#include "people/pages.h"
#include <string.h>

#define MEND_UNITS 32 // of one person, looked at

// What the desk shows of a person follows the keeper, so each sign-in mends it.
struct mend { const struct keeper_session *s; struct arena *arena; bool differs; };

static bool holds(const struct keeper_session *s, struct id unit)
{
    for (size_t i = 0; i < s->n_units; i++) {
        if (id_equal(s->units[i], unit)) {
            return true;
        }
    }
    return false;
}

static enum err mend_db(struct db *db, void *arg, bool write)
{
    struct mend *m = arg;
    const struct keeper_session *s = m->s;
    struct people_person p;
    struct people_unit units[MEND_UNITS];
    size_t n = 0;
    enum err e = person_find_db(db, m->arena, s->person, &p);
    if (e == OK && p.roles != s->roles) {
        m->differs = true;
        e = write ? person_roles_db(db, s->person, s->roles) : OK;
    }
    if (e == OK) {
        e = member_units_db(db, m->arena, s->person, units, MEND_UNITS, &n);
    }
    size_t known = 0;
    for (size_t i = 0; e == OK && i < n; i++) {
        // A session that names as many units as it can may hold more: then none is taken for lost.
        bool held = s->n_units == sizeof s->units / sizeof *s->units || holds(s, units[i].id);
        known += held;
        m->differs |= !held;
        e = write && !held ? member_remove_db(db, units[i].id, s->person) : OK;
    }
    for (size_t i = 0; e == OK && known < s->n_units && i < s->n_units; i++) {
        struct people_unit one;
        e = unit_find_db(db, m->arena, s->units[i], &one);
        if (e == OK) {
            m->differs = true;
            e = write ? member_add_db(db, s->units[i], s->person) : OK;
        } else if (e == ERR_NOT_FOUND) {
            e = OK; // a unit that the desk has no name of
        }
    }
    return e;
}

static enum err mend_look(struct db *db, void *arg)
{
    return mend_db(db, arg, false);
}

static enum err mend_write(struct db *db, void *arg)
{
    return mend_db(db, arg, true);
}

static enum err sign_in(struct req *rq, const struct people_sign_in_in *in, struct keeper_session *s)
{
    struct token token;
    enum err e = keeper_sign_in(rq->sv->keeper, in->username, in->password, in->totp, rq->device, &token, s, &rq->retry_after);
    if (e == ERR_LIMITED) {
        struct buf b;
        buf_init(&b, 500);
        text_put(&b, rq->lang, MSG_PEOPLE_SIGN_IN_WAIT, TEXT_ARGS(TEXT_I("n", rq->retry_after > 0 ? rq->retry_after : 1)));
        rq->notice = arena_str(rq->arena, buf_str(&b));
        buf_free(&b);
        return e;
    }
    if (e == ERR_AWAY || e == ERR_FULL) {
        return req_notice(rq, e, MSG_PEOPLE_KEEPER_AWAY);
    }
    if (e != OK) { // whatever the keeper calls it: nobody learns which of the three was wrong
        return req_notice(rq, ERR_UNAUTHENTICATED, MSG_PEOPLE_SIGN_IN_WRONG);
    }
    rq->set_cookie = web_session_cookie(rq, &token, false);
    explicit_bzero(&token, sizeof token);
    struct mend m = {.s = s, .arena = rq->arena};
    if (store_read(rq->sv->store, mend_look, &m) == OK && m.differs) {
        enum err shown = store_write(rq->sv->store, mend_write, &m);
        (void)shown; // only a list is less exact; the session stands
    }
    return OK;
}

enum err people_sign_in_form_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    (void)out;
    if (req_refused(rq)) { // an `again` that is none of ours: the plain form
        rq->refused = NULL;
        rq->then = "/sign-in";
    }
    return OK;
}

// Where somebody begins, by what the role may see.
static const char *home_of(const struct role_table *t, uint32_t roles)
{
    return role_may(t, roles, PERM_REPORT_LIST) ? "/reports" : role_may(t, roles, PERM_REFERRAL_LIST) ? "/referrals"
           : role_may(t, roles, PERM_AUDIT_READ) ? "/audit" : role_may(t, roles, PERM_PEOPLE_LIST) ? "/people" : "/account";
}

enum err people_sign_in_run(struct req *rq, const void *in_, void *out)
{
    const struct people_sign_in_in *in = in_;
    (void)out;
    struct keeper_session s;
    enum err e = sign_in(rq, in, &s);
    if (e == OK) {
        rq->then = home_of(rq->sv->roles, s.roles);
        rq->unsaved = (struct unsaved){in->again, in->typed, arena_str(rq->arena, str_from(s.csrf))};
    }
    explicit_bzero(&s, sizeof s);
    return e == ERR_UNAUTHENTICATED ? ERR_INVALID : e; // the form again, with its sentence
}

enum err people_session_run(struct req *rq, const void *in, void *out_)
{
    struct people_session_out *out = out_;
    struct keeper_session s;
    enum err e = sign_in(rq, in, &s);
    if (e == OK) {
        out->csrf_token = arena_str(rq->arena, str_from(s.csrf));
    }
    explicit_bzero(&s, sizeof s);
    return e;
}

static enum err sign_out(struct req *rq, bool everywhere)
{
    enum err e = page_keeper(rq, keeper_sign_out(rq->sv->keeper, &rq->token, everywhere));
    if (e == OK) {
        rq->set_cookie = web_session_cookie(rq, &rq->token, true);
    }
    return e;
}

enum err people_session_end_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    (void)out;
    return sign_out(rq, false);
}

enum err people_sign_out_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    (void)out;
    return sign_out(rq, false);
}

// Everywhere: this session too.
enum err people_end_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    (void)out;
    return sign_out(rq, true);
}

enum err people_home_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    (void)out;
    rq->then = home_of(rq->sv->roles, rq->who.roles);
    return OK;
}

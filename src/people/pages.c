// Putting into words what the tables hold, for the reader of the page.
#include "people/pages.h"
#include <string.h>
#include "text/date.h"

static const enum message role_labels[ROLE_COUNT] = {
    [ROLE_DUTY_OFFICER] = MSG_PEOPLE_ROLE_DUTY_OFFICER, [ROLE_ANALYST] = MSG_PEOPLE_ROLE_ANALYST,
    [ROLE_SUPERVISOR] = MSG_PEOPLE_ROLE_SUPERVISOR,     [ROLE_HELPLINE] = MSG_PEOPLE_ROLE_HELPLINE,
    [ROLE_CONTACT] = MSG_PEOPLE_ROLE_CONTACT,           [ROLE_ICT_TEACHER] = MSG_PEOPLE_ROLE_ICT_TEACHER,
    [ROLE_DIRECTOR] = MSG_PEOPLE_ROLE_DIRECTOR,         [ROLE_DIRECTORATE] = MSG_PEOPLE_ROLE_DIRECTORATE,
    [ROLE_INDICATOR_OWNER] = MSG_PEOPLE_ROLE_INDICATOR_OWNER, [ROLE_COORDINATOR] = MSG_PEOPLE_ROLE_COORDINATOR,
    [ROLE_MONITOR] = MSG_PEOPLE_ROLE_MONITOR,           [ROLE_CLERK] = MSG_PEOPLE_ROLE_CLERK,
    [ROLE_EDITOR] = MSG_PEOPLE_ROLE_EDITOR,             [ROLE_OVERSIGHT] = MSG_PEOPLE_ROLE_OVERSIGHT,
    [ROLE_ADMINISTRATOR] = MSG_PEOPLE_ROLE_ADMINISTRATOR,
};

struct list page_role_names(struct req *rq, uint32_t roles)
{
    struct str *at = arena_array(rq->arena, ROLE_COUNT, sizeof *at);
    size_t n = 0;
    for (unsigned r = 0; at != NULL && r < ROLE_COUNT; r++) {
        if (roles >> r & 1) {
            at[n++] = str_from(people_role_table()->name[r]);
        }
    }
    return (struct list){at, n};
}

struct str page_role_labels(struct req *rq, uint32_t roles)
{
    struct buf b;
    buf_init(&b, 2000);
    for (unsigned r = 0; r < ROLE_COUNT; r++) {
        if (roles >> r & 1) {
            buf_put_z(&b, b.n > 0 ? ", " : "");
            buf_put(&b, text_get(rq->lang, role_labels[r]));
        }
    }
    struct str s = arena_str(rq->arena, buf_str(&b));
    buf_free(&b);
    return s;
}

struct list page_role_choices(struct req *rq, uint32_t on)
{
    struct choice *at = arena_array(rq->arena, ROLE_COUNT, sizeof *at);
    for (unsigned r = 0; at != NULL && r < ROLE_COUNT; r++) {
        at[r] = (struct choice){str_from(people_role_table()->name[r]), text_get(rq->lang, role_labels[r]), (on >> r & 1) != 0};
    }
    return (struct list){at, at != NULL ? ROLE_COUNT : 0};
}

bool page_roles_read(struct list names, uint32_t *out)
{
    const struct str *at = names.at;
    uint32_t roles = 0;
    for (size_t i = 0; i < names.n; i++) {
        enum role r = people_role_named(at[i].at, at[i].n);
        if (r == ROLE_COUNT) {
            return false;
        }
        roles |= 1u << r;
    }
    *out = roles;
    return true;
}

struct str page_institution(const struct req *rq, struct str name, struct str name_en)
{
    return str_equal_z(rq->lang_code, "en") && name_en.n > 0 ? name_en : name;
}

struct str page_unit_name(const struct req *rq, const struct people_unit *u)
{
    return u->name.n > 0 ? u->name : page_institution(rq, u->institution_name, u->institution_name_en);
}

struct str page_unit_label(struct req *rq, const struct people_unit *u)
{
    if (u->name.n > 0) {
        return u->name;
    }
    struct str room = pack_label(rq->sv->pack, "room", u->room, rq->lang);
    struct str institution = page_institution(rq, u->institution_name, u->institution_name_en);
    return arena_printf(rq->arena, "%.*s · %.*s", STR_ARG(room), STR_ARG(institution));
}

struct people_row page_person(struct req *rq, const struct people_person *p)
{
    return (struct people_row){
        .id = p->id,
        .username = p->user,
        .name = p->name,
        .institution = p->institution_code,
        .roles = page_role_names(rq, p->roles),
        .disabled = p->disabled,
        .roles_text = page_role_labels(rq, p->roles),
        .institution_name = page_institution(rq, p->institution_name, p->institution_name_en),
    };
}

struct people_unit_row page_unit(struct req *rq, const struct people_unit *u)
{
    return (struct people_unit_row){.id = u->id, .institution = u->institution_code, .room = u->room, .name = page_unit_name(rq, u),
                                    .members = u->members, .label = page_unit_label(rq, u), .few = u->members < 2};
}

struct list page_institution_choices(struct req *rq, const struct people_institution *institutions, size_t n, struct id on)
{
    struct people_id_choice *at = arena_array(rq->arena, n > 0 ? n : 1, sizeof *at);
    for (size_t i = 0; at != NULL && i < n; i++) {
        at[i] = (struct people_id_choice){institutions[i].id, page_institution(rq, institutions[i].name, institutions[i].name_en),
                                          id_equal(institutions[i].id, on)};
    }
    return (struct list){at, at != NULL ? n : 0};
}

enum err page_keeper(struct req *rq, enum err e)
{
    switch (e) {
    case ERR_CONFLICT:
        return req_notice(rq, e, MSG_PEOPLE_KEEPER_CONFLICT);
    case ERR_FORBIDDEN:
    case ERR_NO_KEY:
        return req_notice(rq, e, MSG_PEOPLE_KEEPER_REFUSED);
    case ERR_AWAY:
    case ERR_FULL:
        return req_notice(rq, e, MSG_PEOPLE_KEEPER_AWAY);
    default:
        return e;
    }
}

enum err page_audit(struct req *rq, uint16_t action, struct id object, struct id object2, const char *what)
{
    struct keeper_audit_at at;
    return page_keeper(rq, keeper_audit(rq->sv->keeper, &rq->token, action, object, object2, str_from(what), &at));
}

bool page_blank(struct req *rq, const char *field, struct str s)
{
    if (!str_blank(s)) {
        return false;
    }
    enum err e = req_refuse(rq, field, MSG_PEOPLE_REFUSED_EMPTY);
    return e == ERR_INVALID;
}

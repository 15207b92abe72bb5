// The form's order of questions, and which answers belong to which.
#include <string.h>
#include "report/portal/form.h"
#include "report/portal/form_fields.h"

static const char *const names[FORM_STEPS] = {
    "where", "address", "app", "what", "detail", "danger", "who", "age", "county", "municipality", "seen", "text", "contact", "review", "sent",
};

const struct form_field form_fields[FORM_FIELDS] = {
#define ROW(member, step) {#member, offsetof(struct form_answers, member), step}
    ROW(where, STEP_WHERE), ROW(address, STEP_ADDRESS), ROW(app, STEP_APP), ROW(account, STEP_APP), ROW(choice, STEP_WHAT),
    ROW(category, STEP_DETAIL), ROW(in_danger, STEP_DANGER), ROW(reporter, STEP_WHO), ROW(age_band, STEP_AGE),
    ROW(county, STEP_COUNTY), ROW(municipality, STEP_MUNICIPALITY), ROW(seen, STEP_SEEN), ROW(text, STEP_TEXT),
    ROW(contact, STEP_CONTACT), ROW(safe_to_contact, STEP_CONTACT),
#undef ROW
};

struct str *form_value(struct form_answers *a, size_t i)
{
    return (struct str *)((char *)a + form_fields[i].at);
}

enum form_step form_step_read(struct str name)
{
    for (unsigned s = 0; s < STEP_SENT; s++)
        if (str_equal_z(name, names[s]))
            return (enum form_step)s;
    return STEP_WHERE;
}

struct str form_step_name(enum form_step s)
{
    return str_from(names[s]);
}

enum form_step form_field_step(const char *field)
{
    if (strcmp(field, "category") == 0) // without a choice there is no category
        return STEP_WHAT;
    for (size_t i = 0; i < FORM_FIELDS; i++)
        if (strcmp(form_fields[i].name, field) == 0)
            return form_fields[i].step;
    return STEP_REVIEW;
}

static size_t choice_codes(const struct pack *p, struct str id)
{
    const struct pack_choice *c = pack_choice(p, id);
    return c == NULL ? 0 : c->n;
}

bool form_active(const struct pack *p, const struct form_answers *a, enum form_step s)
{
    switch (s) {
    case STEP_ADDRESS: return str_equal_z(a->where, "page");
    case STEP_APP: return str_equal_z(a->where, "app");
    case STEP_DETAIL: return choice_codes(p, a->choice) > 1;
    case STEP_AGE: return str_equal_z(a->reporter, "child");
    case STEP_MUNICIPALITY: return pack_municipality_at(p, a->county, 0).n > 0;
    default: return true;
    }
}

enum form_step form_next(const struct pack *p, const struct form_answers *a, enum form_step s)
{
    while (s < STEP_REVIEW) {
        s = (enum form_step)(s + 1);
        if (form_active(p, a, s))
            return s;
    }
    return STEP_REVIEW;
}

enum form_step form_before(const struct pack *p, const struct form_answers *a, enum form_step s)
{
    while (s > STEP_WHERE) {
        s = (enum form_step)(s - 1);
        if (form_active(p, a, s))
            return s;
    }
    return STEP_WHERE;
}

static bool choice_has(const struct pack *p, struct str choice, struct str code)
{
    const struct pack_choice *c = pack_choice(p, choice);
    for (size_t i = 0; c != NULL && i < c->n; i++)
        if (str_equal(c->codes[i], code))
            return true;
    return false;
}

// An answer of another branch (the address after "in an app") stays in the form, so that going back finds it again; what is
// sent leaves it out (form_given). A category must be one of the choice's.
void form_tidy(const struct pack *p, struct form_answers *a)
{
    if (!choice_has(p, a->choice, a->category))
        a->category = (struct str){0};
    if (a->municipality.n > 0 && !pack_municipality_in(p, a->county, a->municipality))
        a->municipality = (struct str){0};
}

struct report_given form_given(const struct pack *p, const struct form_answers *a, struct str language)
{
    const struct pack_choice *c = pack_choice(p, a->choice);
    struct report_given g = {
        .language = language, .where = a->where, .category = a->category, .reporter = a->reporter, .county = a->county,
        .municipality = a->municipality, .in_danger = str_equal_z(a->in_danger, "yes"), .seen = a->seen, .text = a->text,
        .contact = a->contact, .safe_to_contact = a->safe_to_contact,
    };
    if (g.category.n == 0 && c != NULL)
        g.category = c->codes[0];
    if (str_equal_z(a->where, "page"))
        g.address = a->address;
    if (str_equal_z(a->where, "app")) {
        g.app = a->app;
        g.account = a->account;
    }
    if (str_equal_z(a->reporter, "child"))
        g.age_band = a->age_band;
    return g;
}

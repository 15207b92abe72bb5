// Rules of a report that need no I/O: how urgent it is, and what a reporter must and must not say.
#include "base/url.h"
#include "report/report.h"

int64_t report_urgency(const struct pack *p, struct str category, bool in_danger, struct str reporter, struct str age_band)
{
    const struct pack_category *c = pack_category(p, category);
    if (c == NULL) // only where a record is older than the pack: never too low
        return in_danger ? 1 : 2;
    return pack_urgency(p, c, reporter, age_band, in_danger);
}

struct refusing { // notes the first fault of each field
    report_refuse_fn *fn;
    void *ctx;
    bool any;
};

static void refuse(struct refusing *r, const char *field, enum message m)
{
    r->any = true;
    r->fn(r->ctx, field, m);
}

// Text as typed: white space off both ends, well-formed, no control characters, not too long. Empty where it is blank.
static struct str read_text(struct refusing *r, const char *field, struct str given, size_t max, bool lines)
{
    struct str s = str_trim(given);
    if (s.n == 0)
        return (struct str){0};
    if (s.n > REPORT_TEXT_BYTES_MAX)
        refuse(r, field, MSG_REPORT_REFUSED_LONG);
    else if (!str_utf8_valid(s) || str_has_control(s, lines))
        refuse(r, field, MSG_REPORT_REFUSED_CONTROL);
    else if (str_utf8_count(s) > max)
        refuse(r, field, MSG_REPORT_REFUSED_LONG);
    else if (str_blank(s))
        return (struct str){0};
    return s;
}

static struct str read_choice(struct refusing *r, const struct pack *p, const char *field, const char *list, struct str given,
                              enum message m)
{
    struct str s = str_trim(given);
    if (s.n > 0 && !pack_has(p, list, s))
        refuse(r, field, m);
    return s;
}

static enum message address_fault(enum url_fault fault)
{
    switch (fault) {
    case URL_TOO_LONG: return MSG_REPORT_REFUSED_ADDRESS_LONG;
    case URL_CONTROL: return MSG_REPORT_REFUSED_CONTROL;
    case URL_PICTURE: return MSG_REPORT_REFUSED_PICTURE;
    case URL_EMPTY:
    case URL_NOT_WEB:
    case URL_FINE: break;
    }
    return MSG_REPORT_REFUSED_ADDRESS;
}

static void read_address(struct refusing *r, const struct pack *p, struct arena *a, struct str given, struct report_content *out)
{
    if (given.n <= URL_MAX && str_utf8_valid(given) && str_blank(given))
        return;
    enum url_fault fault = url_read(a, given, &out->address);
    if (fault == URL_FINE)
        fault = url_compare(a, out->address, &out->page, &out->host);
    if (fault != URL_FINE) {
        refuse(r, "address", address_fault(fault));
        return;
    }
    out->typed = arena_str(a, given);
    if (pack_host_shared(p, out->host))
        out->host = (struct str){0};
}

static void read_who(struct refusing *r, const struct pack *p, const struct report_given *g, struct report_content *out)
{
    out->reporter = read_choice(r, p, "reporter", "reporter", g->reporter, MSG_REPORT_REFUSED_REPORTER);
    out->age_band = read_choice(r, p, "age_band", "age_band", g->age_band, MSG_REPORT_REFUSED_AGE);
    if (out->age_band.n > 0 && pack_has(p, "age_band", out->age_band) && !str_equal_z(out->reporter, "child"))
        refuse(r, "age_band", MSG_REPORT_REFUSED_AGE_CHILD);
    out->county = read_choice(r, p, "county", "county", g->county, MSG_REPORT_REFUSED_COUNTY);
    out->municipality = str_trim(g->municipality);
    if (out->municipality.n > 0 && !pack_municipality_in(p, out->county, out->municipality))
        refuse(r, "municipality", MSG_REPORT_REFUSED_MUNICIPALITY);
}

enum err report_check(const struct pack *p, struct arena *a, const struct report_given *g, report_refuse_fn *fn, void *ctx,
                      struct report_content *out)
{
    struct refusing r = {.fn = fn, .ctx = ctx};
    struct report_content c = {.in_danger = g->in_danger};
    c.language = read_choice(&r, p, "language", "language", g->language, MSG_REPORT_REFUSED_LANGUAGE);
    if (c.language.n == 0)
        c.language = pack_list_at(p, "language", 0);
    c.where = str_trim(g->where);
    if (!pack_has(p, "where", c.where))
        refuse(&r, "where", MSG_REPORT_REFUSED_WHERE);
    c.category = str_trim(g->category);
    if (pack_category(p, c.category) == NULL)
        refuse(&r, "category", MSG_REPORT_REFUSED_CATEGORY);
    read_address(&r, p, a, g->address, &c);
    c.app = read_text(&r, "app", g->app, REPORT_APP_MAX, false);
    c.account = read_text(&r, "account", g->account, REPORT_ACCOUNT_MAX, false);
    read_who(&r, p, g, &c);
    c.seen = read_text(&r, "seen", g->seen, REPORT_SEEN_MAX, true);
    c.text = read_text(&r, "text", g->text, REPORT_TEXT_MAX, true);
    c.contact = read_text(&r, "contact", g->contact, REPORT_CONTACT_MAX, true);
    c.safe_to_contact = read_text(&r, "safe_to_contact", g->safe_to_contact, REPORT_CONTACT_MAX, true);
    c.institution = read_text(&r, "institution", g->institution, REPORT_INSTITUTION_MAX, false);
    c.function = read_choice(&r, p, "function", "profession", g->function, MSG_PROFESSIONAL_REFUSED_FUNCTION);
    if (!r.any && c.typed.n == 0 && c.account.n == 0 && c.text.n == 0)
        refuse(&r, "text", MSG_REPORT_REFUSED_NOTHING);
    if (r.any)
        return ERR_INVALID;
    *out = c;
    return arena_failed(a) ? ERR_MEMORY : OK;
}

// Lists and times as this room's pages show them. States have the names that their own rooms gave them.
#include <time.h>
#include "base/clock.h"
#include "casework/casework.h"
#include "exchange/exchange.h"
#include "figures/handlers.h"
#include "report/report.h"
#include "text/date.h"

const char *search_kind_name(enum search_kind k)
{
    static const char *const names[SEARCH_KINDS] = {"report", "case", "referral"};
    return names[k];
}

static const char *state_at(enum search_kind k, size_t i)
{
    if (k == SEARCH_REPORT)
        return i < REPORT_STATES ? report_state_name((enum report_state)i) : NULL;
    if (k == SEARCH_CASE)
        return i < CASE_STATES ? case_state_name((enum case_state)i) : NULL;
    return i < REFERRAL_STATES ? referral_state_name((enum referral_state)i) : NULL;
}

bool search_state_known(enum search_kind k, struct str state)
{
    const char *name;
    for (size_t i = 0; (name = state_at(k, i)); i++)
        if (str_equal_z(state, name))
            return true;
    return false;
}

struct str search_state_text(const struct req *rq, enum search_kind k, struct str state)
{
    static const char *const rooms[SEARCH_KINDS] = {"desk", "casework", "exchange"};
    enum message m;
    struct str id = arena_printf(rq->arena, "%s_state_%.*s", rooms[k], STR_ARG(state));
    return text_message(id, &m) ? state : text_get(rq->lang, m);
}

struct list search_states(struct req *rq, enum search_kind k, struct str on)
{
    size_t n = 0;
    while (state_at(k, n))
        n++;
    struct choice *at = arena_array(rq->arena, n, sizeof *at);
    for (size_t i = 0; at && i < n; i++) {
        struct str s = str_from(state_at(k, i));
        at[i] = (struct choice){s, search_state_text(rq, k, s), str_equal(s, on)};
    }
    return (struct list){at, at ? n : 0};
}

static const struct { const char *name; enum search_kind kind; enum find_measure measure; bool late; enum message m; int days; } measures[] = {
    {"assessed_24h", SEARCH_REPORT, MEASURE_ASSESSED, false, MSG_FIGURES_KPI_ASSESSED},
    {"assessed_late", SEARCH_REPORT, MEASURE_ASSESSED, true, MSG_FIGURES_ASSESSED_LATE},
    {"police_24h", SEARCH_REFERRAL, MEASURE_POLICE, false, MSG_FIGURES_KPI_POLICE},
    {"police_late", SEARCH_REFERRAL, MEASURE_POLICE, true, MSG_FIGURES_POLICE_LATE},
    {"answered_in_time", SEARCH_REFERRAL, MEASURE_ANSWERED, false, MSG_FIGURES_KPI_ANSWERED},
    {"answered_late", SEARCH_REFERRAL, MEASURE_ANSWERED, true, MSG_FIGURES_ANSWERED_LATE},
    {"removed_1d", SEARCH_CASE, MEASURE_REMOVED, false, MSG_FIGURES_KPI_REMOVED_1, 1},
    {"removed_1d_late", SEARCH_CASE, MEASURE_REMOVED, true, MSG_FIGURES_REMOVED_LATE_1, 1},
    {"removed_3d", SEARCH_CASE, MEASURE_REMOVED, false, MSG_FIGURES_KPI_REMOVED_3, 3},
    {"removed_3d_late", SEARCH_CASE, MEASURE_REMOVED, true, MSG_FIGURES_REMOVED_LATE_3, 3},
    {"removed_7d", SEARCH_CASE, MEASURE_REMOVED, false, MSG_FIGURES_KPI_REMOVED_7, 7},
    {"removed_7d_late", SEARCH_CASE, MEASURE_REMOVED, true, MSG_FIGURES_REMOVED_LATE_7, 7},
};
#define MEASURES (sizeof measures / sizeof *measures)

// "removed_7d_late:abroad": of pages that lie there. Empty: anywhere.
static struct str hosted_cut(struct str *s)
{
    struct str rest = *s, measure = str_cut(&rest, ':');
    *s = measure;
    return rest;
}

enum err search_measure_read(const struct pack *p, enum search_kind k, struct str s, struct find *f)
{
    f->hosted = hosted_cut(&s);
    for (size_t i = 0; i < MEASURES; i++)
        if (measures[i].kind == k && str_equal_z(s, measures[i].name)) {
            f->measure = measures[i].measure;
            f->late = measures[i].late;
            f->within = measures[i].days * CLOCK_DAY;
            return f->hosted.n && (!f->within || !pack_has(p, "content_host", f->hosted)) ? ERR_MALFORMED : OK;
        }
    return ERR_MALFORMED;
}

struct list search_measures(struct req *rq, enum search_kind k, struct str on)
{
    struct choice *at = arena_array(rq->arena, MEASURES + 1, sizeof *at);
    struct str whole = on, hosted = hosted_cut(&on);
    size_t n = 0;
    for (size_t i = 0; at && i < MEASURES; i++) {
        bool here = str_equal_z(on, measures[i].name);
        if (measures[i].kind == k)
            at[n++] = (struct choice){str_from(measures[i].name), text_get(rq->lang, measures[i].m), here && !hosted.n};
        if (measures[i].kind == k && here && hosted.n) // from a figure; the form keeps it
            at[n++] = (struct choice){whole, arena_printf(rq->arena, "%.*s – %.*s", STR_ARG(text_get(rq->lang, measures[i].m)),
                                                          STR_ARG(pack_label(rq->sv->pack, "content_host", hosted, rq->lang))), true};
    }
    return (struct list){at, n};
}

struct str figures_urgency(const struct req *rq, int64_t urgency)
{
    static const enum message words[] = {MSG_DESK_URGENCY_1, MSG_DESK_URGENCY_2, MSG_DESK_URGENCY_3, MSG_DESK_URGENCY_4};
    return urgency >= 1 && urgency <= 4 ? text_get(rq->lang, words[urgency - 1]) : STR("");
}

struct list figures_urgencies(struct req *rq, int64_t on)
{
    static const char *const names[] = {"U1", "U2", "U3", "U4"};
    struct choice *at = arena_array(rq->arena, 4, sizeof *at);
    for (int64_t u = 1; at && u <= 4; u++)
        at[u - 1] = (struct choice){str_from(names[u - 1]),
                                    arena_printf(rq->arena, "%s %.*s", names[u - 1], STR_ARG(figures_urgency(rq, u))), u == on};
    return (struct list){at, at ? 4 : 0};
}

// The first moment of a local day; mktime sets right what lies outside a month.
static int64_t local_day(int year, int month, int day)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_isdst = -1};
    return (int64_t)mktime(&tm) * CLOCK_SECOND;
}

enum err figures_day_read(struct str s, int days, int64_t *out)
{
    int64_t y, m, d;
    struct str rest = s, year = str_cut(&rest, '-'), month = str_cut(&rest, '-');
    if (s.n != 10 || year.n != 4 || month.n != 2 || rest.n != 2 || str_int(year, &y) || str_int(month, &m) || str_int(rest, &d) ||
        y < 2000 || y > 2199 || m < 1 || m > 12 || d < 1 || d > 31)
        return ERR_MALFORMED;
    int64_t at = local_day((int)y, (int)m, (int)d);
    struct date there = date_local(at);
    if (there.year != y || there.month != m || there.day != d)
        return ERR_MALFORMED; // no such day
    *out = days ? local_day((int)y, (int)m, (int)d + days) : at;
    return OK;
}

int64_t figures_month_start(int64_t month)
{
    return local_day((int)(month / 100), (int)(month % 100), 1);
}

int64_t figures_month_of(int64_t at)
{
    struct date d = date_local(at);
    return d.year * 100 + d.month;
}

int64_t figures_month_next(int64_t month)
{
    return month % 100 == 12 ? month + 89 : month + 1;
}

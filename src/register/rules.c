// Who may do what with a row, in which state.
#include "register/rules.h"
#include <string.h>

static const char *const names[] = {[ENTRY_DRAFT] = "draft", [ENTRY_ENTERED] = "entered", [ENTRY_RETURNED] = "returned",
                                    [ENTRY_CONFIRMED] = "confirmed", [ENTRY_REMOVED] = "removed"};

const char *entry_state_name(enum entry_state s) { return names[s]; }

bool entry_state_read(struct str name, enum entry_state *out)
{
    for (enum entry_state s = 0; s < ENTRY_STATES; s++)
        if (str_equal_z(name, names[s])) {
            *out = s;
            return true;
        }
    return false;
}

bool entry_counts(const struct pack_register *r, enum entry_state s)
{
    return s == ENTRY_CONFIRMED || (s == ENTRY_ENTERED && r->confirmer.n == 0);
}

bool entry_may_add(const struct pack_register *r, const struct entry_who *w)
{
    return w->edit && (w->all || pack_register_owner(r, w->type));
}

static bool confirms(const struct pack_register *r, const struct entry_who *w)
{
    return w->edit && r->confirmer.n > 0 && str_equal(r->confirmer, w->code);
}

static bool owns(const struct pack_register *r, const struct entry_who *w, const struct entry_at *x)
{
    return w->edit && (w->all || (id_equal(w->institution, x->institution) && pack_register_owner(r, w->type)));
}

bool entry_may_see(const struct pack_register *r, const struct entry_who *w, const struct entry_at *x)
{
    bool theirs = w->all || id_equal(w->institution, x->institution);
    return x->state == ENTRY_ENTERED || x->state == ENTRY_CONFIRMED || theirs || (x->state == ENTRY_RETURNED && confirms(r, w));
}

bool entry_files_see(const struct pack_register *r, const struct entry_who *w, const struct entry_at *x)
{
    bool theirs = w->all || id_equal(w->institution, x->institution);
    return entry_may_see(r, w, x) && (theirs || (r->confirmer.n > 0 && str_equal(r->confirmer, w->code)));
}

enum err entry_files_may(const struct pack_register *r, const struct entry_who *w, const struct entry_at *x, bool remove)
{
    enum entry_state next;
    enum err e = entry_may(r, w, x, ENTRY_SAVE, &next);
    return e ? e : remove && x->state == ENTRY_CONFIRMED ? ERR_CONFLICT : OK; // what was confirmed by it stays
}

enum err entry_may(const struct pack_register *r, const struct entry_who *w, const struct entry_at *x, enum entry_act act, enum entry_state *next)
{
    bool open = x->state == ENTRY_DRAFT || x->state == ENTRY_RETURNED, live = x->state != ENTRY_REMOVED;
    switch (act) {
    case ENTRY_SAVE: // what is corrected after it counted is looked at again
        *next = open ? ENTRY_DRAFT : ENTRY_ENTERED;
        return !owns(r, w, x) ? ERR_FORBIDDEN : live ? OK : ERR_CONFLICT;
    case ENTRY_ENTER:
        *next = ENTRY_ENTERED;
        return !owns(r, w, x) ? ERR_FORBIDDEN : open ? OK : ERR_CONFLICT;
    case ENTRY_STAGE:
        *next = x->state == ENTRY_CONFIRMED ? ENTRY_ENTERED : x->state;
        return !owns(r, w, x) ? ERR_FORBIDDEN : live ? OK : ERR_CONFLICT;
    case ENTRY_REMOVE:
        *next = ENTRY_REMOVED;
        return !owns(r, w, x) ? ERR_FORBIDDEN : live ? OK : ERR_CONFLICT;
    case ENTRY_CONFIRM:
        *next = ENTRY_CONFIRMED;
        return !confirms(r, w) || id_equal(w->person, x->person) ? ERR_FORBIDDEN : x->state == ENTRY_ENTERED ? OK : ERR_CONFLICT;
    case ENTRY_RETURN:
        *next = ENTRY_RETURNED;
        return !confirms(r, w) ? ERR_FORBIDDEN : x->state == ENTRY_ENTERED || x->state == ENTRY_CONFIRMED ? OK : ERR_CONFLICT;
    }
    return ERR_BUG;
}

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "web/inside.h"

bool entry_has_page(const struct route *row)
{
    return row->page || row->page_only || row->then;
}

bool entry_has_json(const struct route *row)
{
    bool start = strcmp(row->path, "/") == 0 && !row->api_path; // a first page: "/api/v1/" names nothing
    return !row->page_only && !start;
}

static bool is_id(struct str part)
{
    return str_equal_z(part, "{id}") || str_equal_z(part, "{id2}");
}

static bool is_code(struct str part)
{
    return str_equal_z(part, "{code}");
}

// What data calls by a name of its own: "1.3.b", "training", "2".
static bool code_fits(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (i > 0 && (c == '.' || c == '-' || c == '_')))) {
            return false;
        }
    }
    return s.n > 0 && s.n <= ROUTE_CODE_MAX;
}

static enum err entry_add(struct router *r, enum entry_kind kind, const struct route *row, enum method method, const char *prefix,
                          const char *path)
{
    if (r->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 64;
        struct entry *more = realloc(r->at, cap * sizeof *more);
        if (!more) {
            return ERR_MEMORY;
        }
        r->at = more;
        r->cap = cap;
    }
    size_t n = strlen(prefix) + strlen(path);
    char *text = malloc(n + 1);
    if (!text) {
        return ERR_MEMORY;
    }
    memcpy(text, prefix, strlen(prefix));
    memcpy(text + strlen(prefix), path, strlen(path) + 1);
    struct entry *e = &r->at[r->n];
    memset(e, 0, sizeof *e);
    e->kind = kind;
    e->method = method;
    e->row = row;
    e->part_text = text;
    struct str rest = str_slice((struct str){text, n}, 1, n);
    while (rest.n && e->n_parts < ROUTE_PARTS_MAX) {
        struct str part = str_cut(&rest, '/');
        e->holes += is_id(part) || is_code(part);
        e->part[e->n_parts++] = part;
    }
    if (rest.n) {
        free(text);
        return ERR_TOO_LARGE;
    }
    r->n++;
    return OK;
}

#define TYPED_MAX 30000 // characters of a field that people fill; one that takes more takes what the address takes
#define TYPED_BYTES 9   // of a character that UTF-16 counts as one, in UTF-8 and percent signs: "…" is %E2%80%A6

// What the fields of a page's form may hold, by their own limits, must come through: else somebody's words are refused unread.
static bool form_fits(const struct route *row)
{
    size_t need = 0;
    for (size_t i = 0; i < row->in->n; i++) {
        const struct field *f = &row->in->fields[i];
        need += f->kind == K_TEXT && f->max <= TYPED_MAX ? strlen(f->name) + 2 + (size_t)f->max * TYPED_BYTES : 0;
    }
    return row->method != POST || !entry_has_page(row) || need <= (row->body_max ? row->body_max : BODY_USUAL);
}

static const char *row_fault(const struct route *row)
{
    if (row->perm == PERM_REFUSED || row->perm >= PERM_COUNT) {
        return "names no permission";
    }
    if (!row->run || !row->in || !row->out || !row->name || !row->path || row->path[0] != '/') {
        return "lacks its handler, a shape or a path";
    }
    if (row->body_max > (row->upload ? HTTP_LARGE_MAX : HTTP_BODY_MAX)) {
        return "asks for too large a body";
    }
    if (!form_fits(row)) {
        return "takes a smaller body than its fields may fill";
    }
    if (row->page_only && !row->page && !row->then) {
        return "is a page without a template";
    }
    for (size_t i = 0; i < row->in->n; i++) {
        const struct field *f = &row->in->fields[i];
        if ((f->kind == K_TEXT || f->kind == K_LIST) && f->max == 0) {
            return "has an input without a maximum";
        }
        if (f->kind == K_LIST && f->of) {
            return "has an input that is a list of structs";
        }
        if (f->kind == K_ERR_ || f->kind == 0) {
            return "has an input of no known kind";
        }
    }
    if (row->cache_seconds && (row->method != GET || row->perm != PERM_PUBLIC || row->in->n || !row->page)) {
        return "is not a page that can be kept ready";
    }
    return NULL;
}

// A page reads what its template's head says; from another struct it would read wild pointers. A page that is written by
// hand (it chooses among others) is not compared.
static bool page_reads(const struct route *row, struct buf *why)
{
    const struct html_page *p = row->page ? html_page_find(row->page) : NULL;
    for (int i = 0; i < 2 && p; i++) {
        const struct shape *gives = i ? row->out : row->in;
        const char *reads = i ? p->out : p->in;
        const char *of = gives->of ? gives->of : gives->name;
        size_t size = i ? p->out_size : p->in_size;
        if (size && (size != gives->size || strcmp(reads, of) != 0)) {
            buf_printf(why, "its page %s reads struct %s (%zu bytes) as `%s`, the row gives struct %s (%zu bytes)", p->name, reads, size,
                       i ? "out" : "in", of, gives->size);
            return false;
        }
    }
    return true;
}

static bool known(const struct router *r, const struct entry *e)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct entry *o = &r->at[i];
        if (o != e && o->method == e->method && o->part_text && strcmp(o->part_text, e->part_text) == 0) {
            return true;
        }
    }
    return false;
}

enum err router_add(struct router *r, const struct routes *const *rooms, struct buf *why)
{
    for (; *rooms; rooms++) {
        for (size_t i = 0; i < (*rooms)->n; i++) {
            const struct route *row = &(*rooms)->at[i];
            const char *fault = row_fault(row);
            enum err e = fault ? ERR_BUG : OK;
            struct buf reads;
            buf_init(&reads, 500);
            if (!fault && !page_reads(row, &reads)) {
                buf_put_c(&reads, '\0');
                buf_printf(why, "%s: route %s: %s", (*rooms)->room, row->name, buf_ok(&reads) ? "its page reads another struct" : reads.at);
                buf_free(&reads);
                return ERR_BUG;
            }
            buf_free(&reads);
            if (!e && entry_has_page(row)) {
                e = entry_add(r, ENTRY_PAGE, row, row->method, "", row->path);
                fault = !e && known(r, &r->at[r->n - 1]) ? "has a path that another row has" : fault;
            }
            if (!e && entry_has_json(row)) {
                e = entry_add(r, ENTRY_JSON, row, row->method, "/api/v1", row->api_path ? row->api_path : row->path);
                fault = !e && known(r, &r->at[r->n - 1]) ? "has a path under /api/v1 that another row has" : fault;
            }
            if (e || fault) {
                buf_printf(why, "%s: route %s %s", (*rooms)->room, row->name ? row->name : "?", fault ? fault : err_name(e));
                return e ? e : ERR_BUG;
            }
        }
    }
    return OK;
}

enum err router_add_special(struct router *r, enum entry_kind kind, const char *path)
{
    return entry_add(r, kind, NULL, GET, "", path);
}

void router_free(struct router *r)
{
    for (size_t i = 0; i < r->n; i++) {
        union { const char *in; char *out; } text = {r->at[i].part_text};
        free(text.out);
        for (size_t l = 0; l < LANGS_MAX; l++) {
            for (size_t z = 0; z < 2; z++) {
                struct http_ready *fresh = atomic_load(&r->at[i].fresh[l][z]);
                http_ready_free(&fresh);
                http_ready_free(&r->at[i].ready[l][z]);
            }
        }
    }
    free(r->at);
    *r = (struct router){0};
}

static bool entry_matches(const struct entry *e, const struct str *part, size_t n)
{
    if (e->n_parts != n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        struct id id;
        if (is_id(e->part[i]) ? id_from_hex(part[i], &id) != OK : is_code(e->part[i]) ? !code_fits(part[i]) : !str_equal(e->part[i], part[i])) {
            return false;
        }
    }
    return true;
}

static size_t path_split(struct str path, struct str part[static ROUTE_PARTS_MAX])
{
    size_t n = 0;
    struct str rest = str_slice(path, 1, path.n);
    if (str_ends(rest, "/")) {
        return SIZE_MAX; // one spelling per page
    }
    while (rest.n) {
        if (n == ROUTE_PARTS_MAX) {
            return SIZE_MAX;
        }
        part[n++] = str_cut(&rest, '/');
    }
    return n;
}

struct entry *router_find(const struct router *r, struct str path, enum http_method method, unsigned *allow)
{
    struct str part[ROUTE_PARTS_MAX];
    size_t n = path_split(path, part);
    enum http_method asked = method == HTTP_HEAD ? HTTP_GET : method;
    static const enum http_method of[] = {[GET] = HTTP_GET, [POST] = HTTP_POST, [PUT] = HTTP_PUT, [DELETE] = HTTP_DELETE};
    struct entry *found = NULL;
    *allow = 0;
    for (size_t i = 0; n != SIZE_MAX && i < r->n; i++) {
        struct entry *e = &r->at[i];
        if (!entry_matches(e, part, n)) {
            continue;
        }
        *allow |= 1u << e->method;
        if (of[e->method] == asked && (!found || e->holes < found->holes)) {
            found = e;
        }
    }
    return found;
}

bool again_member(const struct route *row, struct str name, struct str value)
{
    bool plain = value.n > 0 && value.n <= AGAIN_VALUE_MAX, named = false;
    for (size_t i = 0; i < value.n; i++) {
        char c = value.at[i];
        plain &= (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
    }
    for (struct str names = str_from(row->again ? row->again : ""); names.n > 0;) {
        named |= str_equal(str_cut(&names, ' '), name);
    }
    return plain && named;
}

bool router_again(const struct router *r, struct str path)
{
    unsigned allow;
    bool plain = path.n > 1 && path.n <= AGAIN_MAX && path.at[0] == '/' && path.at[1] != '/';
    struct str query = path, page = str_cut(&query, '?');
    bool asks = page.n < path.n;
    const struct entry *e = plain ? router_find(r, page, HTTP_GET, &allow) : NULL;
    bool fine = e && e->kind == ENTRY_PAGE && e->row->page && e->row->perm != PERM_PUBLIC && (!asks || query.n > 0);
    while (fine && query.n > 0) {
        bool last = memchr(query.at, '&', query.n) == NULL;
        struct str value = str_cut(&query, '&'), name = str_cut(&value, '=');
        fine = again_member(e->row, name, value) && (last || query.n > 0);
    }
    return fine;
}

void entry_ids(const struct entry *e, struct str path, struct id *id, struct id *id2)
{
    struct str part[ROUTE_PARTS_MAX];
    size_t n = path_split(path, part);
    for (size_t i = 0; n != SIZE_MAX && i < n && i < e->n_parts; i++) {
        struct id *to = str_equal_z(e->part[i], "{id}") ? id : str_equal_z(e->part[i], "{id2}") ? id2 : NULL;
        if (to && id_from_hex(part[i], to)) {
            return; // router_find has looked
        }
    }
}

struct str entry_code(const struct entry *e, struct str path)
{
    struct str part[ROUTE_PARTS_MAX];
    size_t n = path_split(path, part);
    for (size_t i = 0; n != SIZE_MAX && i < n && i < e->n_parts; i++) {
        if (is_code(e->part[i])) {
            return part[i];
        }
    }
    return STR("");
}

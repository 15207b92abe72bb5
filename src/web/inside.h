// inside: what the files of this floor share; nobody else includes it.
#pragma once
#include <stdatomic.h>
#include "http/http.h"
#include "web/web.h"

// ── refusals (refuse.c) ──
#define REFUSALS_MAX 64
struct refusal { const char *field; enum message m; int64_t n; struct str names; }; // the holes {n} and {names} of the sentence
struct refusals { size_t n; struct refusal at[REFUSALS_MAX]; };
struct str refuse_sentence(const struct req *rq, const struct refusal *r); // in the arena

// ── status and sentence of each err (status.c) ──
int status_of(enum err e);
enum message status_sentence(enum err e);
enum message status_title(enum err e);
enum err status_err(int status); // for refusals of the http floor

// ── shapes (shape.c, form.c, json.c) ──
// One value into its field. Stores it even where it is refused, so that the page shows it again; ERR_INVALID when refused.
enum err shape_put(struct req *rq, const struct field *f, struct str value, bool form, void *in);
enum err shape_list_put(struct req *rq, const struct field *f, const struct str *items, size_t n, bool form, void *in);
// One text of a FORM_MAP into *pair: name as sent behind "MEMBER.", value with its lines mended. ERR_INVALID when refused.
enum err shape_map_put(struct req *rq, const struct field *f, struct str name, struct str value, struct html_pair *pair);
enum err shape_required(struct req *rq, const struct shape *s, const void *in); // refuses required fields that are blank
void shape_forget_secrets(const struct shape *s, void *in);

#define FORM_PAIRS_MAX 256
#define FORM_NAME_MAX 64
struct pairs { size_t n; struct str name[FORM_PAIRS_MAX], value[FORM_PAIRS_MAX]; }; // as sent, decoded; a file is not in it
// Fields that belong to the page, not to the row; pairs: all that were sent, NULL where they could not be read.
struct form_extra { struct str csrf, lang, receipt; bool script; const struct pairs *pairs; };
enum err pairs_read(struct arena *a, struct str encoded, struct pairs *p); // ERR_MALFORMED
// "a=b&c=d" of a body or a query. ERR_MALFORMED, or ERR_INVALID with refusals noted.
enum err form_read(struct req *rq, const struct shape *s, struct str encoded, void *in, struct form_extra *extra);

// multipart/form-data, RFC 7578 (multipart.c): what a browser sends, and nothing beside it. Borrowed from body.
#define PARTS_MAX 32
#define PART_HEAD_MAX 2048 // bytes of one part's header lines
struct part { bool file; struct str name, file_name, value; };
enum err multipart_boundary(struct str content_type, struct str *out);
enum err multipart_read(struct str body, struct str boundary, struct part *out, size_t *n); // ERR_MALFORMED
// The same as form_read; the one part that is a file goes to rq->upload.
enum err form_read_parts(struct req *rq, const struct shape *s, struct str content_type, struct str body, void *in, struct form_extra *extra);

// What was typed and could not be taken (unsaved.c): is there any, packed for a hidden field, and as the fields of a page.
bool unsaved_typed(const struct route *row, const struct pairs *p, bool lines); // lines: only where people write at length
enum err unsaved_pack(struct arena *a, const struct route *row, const struct pairs *p, struct str *out); // ERR_TOO_LARGE
enum err unsaved_fields(struct arena *a, const struct route *row, const struct pairs *p, struct list *out); // struct unsaved_field

#define JSON_DEPTH_MAX 8 // nested arrays and objects; jansson alone would recurse 2,048 deep on a small stack
enum err json_read(struct req *rq, const struct shape *s, struct str text, void *in);
void json_write_text(struct buf *out, struct str s);
void json_start(void); // once per process: what jansson frees is wiped
// Runs one row whose input is read (read: what the reader said). A row with run_refused is called after a refusal too; only
// where it then says OK with no refusal left standing is the refusal forgiven. OK also means that the arena has held.
enum err row_run(const struct route *row, struct req *rq, enum err read, const void *in, void *out);
// The same and writes the answer; returns its status.
int json_run(const struct route *row, struct req *rq, enum err read, const void *in, struct buf *out);
void json_error(struct buf *out, const struct req *rq, enum err e);
void json_error_sentence(struct buf *out, enum err e, struct str sentence);

// ── router (route.c) ──
#define ROUTE_PARTS_MAX 8
#define BODY_USUAL 4096 // bytes, where a row says nothing
#define ROUTE_CODE_MAX 40 // bytes
enum entry_kind { ENTRY_PAGE, ENTRY_JSON, ENTRY_HEALTH, ENTRY_METRICS, ENTRY_EVENTS };
#define LANGS_MAX 4
struct entry {
    enum entry_kind kind;
    enum method method;
    const struct route *row;        // NULL for those that are no rows
    size_t n_parts, holes;
    struct str part[ROUTE_PARTS_MAX]; // "{id}" and "{id2}" match 32 hex digits, "{code}" a name of letters, digits, . - _
    const char *part_text;          // what part points into; freed with the router
    // A page kept ready, by language and (0 plain, 1 gzip). Pool threads leave a fresh one, the loop takes it over.
    _Atomic(struct http_ready *) fresh[LANGS_MAX][2];
    struct http_ready *ready[LANGS_MAX][2];
    int64_t made[LANGS_MAX];        // mono ns
};
struct router { struct entry *at; size_t n, cap; };
// Refuses a table that could not work (no permission, no handler, path twice): a fault of ours, named in why.
enum err router_add(struct router *r, const struct routes *const *rooms, struct buf *why);
enum err router_add_special(struct router *r, enum entry_kind kind, const char *path);
void router_free(struct router *r);
// The entry for path and method. NULL: none; *allow then has a bit per method that the path knows (0: not found).
struct entry *router_find(const struct router *r, struct str path, enum http_method method, unsigned *allow);
// A page of ours, as asked without a query, to which somebody may be sent on after signing in: one that needs a session.
#define AGAIN_MAX 200 // bytes
// A query may follow it: what the row names in `again`, and no more.
bool router_again(const struct router *r, struct str path);
#define AGAIN_VALUE_MAX 40 // bytes of a value in such a query
bool again_member(const struct route *row, struct str name, struct str value); // is it kept?
void entry_ids(const struct entry *e, struct str path, struct id *id, struct id *id2);
struct str entry_code(const struct entry *e, struct str path); // what stands for {code}; borrows path; empty: none
bool entry_has_page(const struct route *row);
bool entry_has_json(const struct route *row);

// ── languages and cookies (lang.c, session.c) ──
const struct lang *lang_choose(struct str asked, struct str cookie, struct str accept);
const struct lang *lang_other(const struct lang *l);
size_t lang_index(const struct lang *l);
struct str cookie_get(struct str header, struct str name); // empty: none
bool session_secure(const char *url);
struct str session_cookie_name(bool secure);
bool session_token(struct str cookies, bool secure, struct token *out);
// Fills who, token, csrf and nav from the cookie. ERR_UNAUTHENTICATED without a session.
enum err session_load(struct req *rq, struct str cookies, bool secure,
                      enum err (*find)(struct req *, const struct keeper_session *), struct keeper_session *out);
bool session_csrf_equal(const struct req *rq, struct str token);
bool session_same_origin(const struct http_request *hr, const char *url);
void session_device(struct req *rq, struct str cookies, bool secure, struct str *set);

// ── static files (static.c) ──
struct files;
enum err files_open(const char *dir, struct files **out, struct buf *why);
void files_free(struct files **f);
struct http_ready *files_find(struct files *f, const struct http_request *rq); // NULL: no such file
struct str files_version(const struct files *f);

// ── gzip (gzip.c) ──
enum err gzip_pack(struct buf *out, struct str plain); // ERR_TOO_LARGE where it would not get smaller
bool gzip_wanted(struct str accept_encoding);

// ── the program (serve.c, face.c, numbers.c) ──
#define WEB_PAGE_MAX (1 << 20)  // bytes of a page or a JSON answer
#define WEB_ARENA (1 << 20)     // bytes beyond the body
#define GZIP_LEAST 1024         // bytes
#define REFUSAL_STATUSES 8
enum refusal_face { REFUSAL_PAGE, REFUSAL_JSON, REFUSAL_FORM, REFUSAL_FACES }; // a page behind a form says how to go on
#define HEALTH_HOLDS INT64_C(1000000000) // ns that an answer of GET /health is given again
#define HEALTH_LOOKING INT64_MAX           // in health_at: somebody looks

struct web {
    struct web_options o;
    struct router router;
    struct files *files;
    _Atomic(struct http *) http; // NULL until it listens: the first requests may come before http_start returns
    bool secure, desk;
    _Atomic int64_t health_at;    // clock_mono at the end of the last look; 0: none yet; HEALTH_LOOKING
    atomic_bool well;             // what it said; true until the first is done
    struct http_ready *refusal[REFUSAL_STATUSES][LANGS_MAX][REFUSAL_FACES];
    struct http_ready *not_allowed[16][LANGS_MAX][2];          // 405 by the methods that are: bits 1 << enum method
};
extern const struct http_pair web_headers[]; // security headers of every answer
extern const size_t web_headers_n;
void web_numbers_fill(struct req *rq);
void web_run(void *ctx, const struct http_request *hr, struct http_answer *a);
bool web_give_back(void *ctx, const struct http_request *hr, int status, struct http_answer *a);
int web_admit(void *ctx, const struct http_request *hr);
void web_done(void *ctx, struct http_answer *a);
const struct lang *web_request_lang(const struct http_request *hr);

// ── one request (face.c), what it is answered with (answer.c, unsaved.c), and what is no row (health.c) ──

struct turn {
    struct web *w;
    const struct http_request *hr;
    struct http_answer *a;
    struct entry *entry;
    struct req rq;
    struct refusals refused;
    const struct pairs *typed;      // page face: what was sent, for unsaved_show; NULL: nothing
    struct str sent_csrf;
    const struct lang *cookie_lang; // as the request came; a page in another language sets the cookie
    struct str set_device;
    struct keeper_session session;
};
void answer_head(struct turn *t, int status, struct str type); // what every dynamic answer carries
void answer_redirect(struct turn *t, struct str to);
struct str answer_then(struct turn *t, const char *then);
void answer_error(struct turn *t, enum err e, struct str sentence); // sentence: more exact than the err's own, or empty
void answer_file(struct turn *t);
void answer_page(struct turn *t, const struct route *row, int status, const void *in, const void *out);
bool unsaved_show(struct turn *t, enum err e, struct str sentence);
// A form that found no place (ERR_FULL) or is too long, before anybody was asked who sends it: back as it came. False: not this one.
bool unsaved_give_back(struct turn *t, enum err e);
bool unsaved_resume(struct turn *t);
void health_show(struct turn *t);
void health_metrics(struct turn *t);
void health_events(struct turn *t);

// ── events (events.c, stream_open.c) ──
void events_metrics(struct events *e, struct buf *out);
// A stream for this session; after: the last id the client has, -1: none. On OK a->take is set.
enum err events_open_stream(struct events *e, const struct token *t, const struct keeper_session *s, int64_t after, struct http_answer *a);

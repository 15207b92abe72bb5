// web: one handler, two faces. The row reads and checks the input, calls the handler, and shows its
// output as a page or as JSON; a handler knows neither HTTP nor HTML and is called by tests directly.
#pragma once
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/config.h"
#include "base/id.h"
#include "db/db.h"
#include "html/html.h"
#include "pack/pack.h"
#include "text/date.h"
#include "text/text.h"
#include "vault/directory.h"
#include "vault/keeper.h"
#include "vault/perm.h"

// ── shapes: a struct described once, for the form and JSON reader, the JSON writer and openapi.yaml ──
enum kind { K_INT = 1, K_BOOL, K_TEXT, K_LIST, K_ID, K_ERR_ };
struct list { const void *at; size_t n; };
#define KIND(s, m) _Generic(((struct s *)0)->m, int64_t: K_INT, bool: K_BOOL, struct str: K_TEXT, struct list: K_LIST, struct id: K_ID)
enum form { // how JSON writes an output field, and what the reader checks; default: as the kind says
    FORM_PLAIN = 0,
    FORM_LINES,       // text: tab and line ends allowed (other control characters never are)
    FORM_TIME,        // int64 µs → "2026-11-23T19:15:00Z"
    FORM_URGENCY,     // int64 1 to 4 ↔ "U1" to "U4"; read with the letter or without, other values refused
    FORM_SECRET,      // text: never shown again by a page after a refusal, kept in locked memory as far as may be
    FORM_NULLABLE,    // output: empty text, zero id or INT64_MIN → null
    FORM_AMOUNT,      // output: int64 in ten-thousandths → 12.5; INT64_MIN → null
    FORM_HIDDEN,      // for pages only: not in JSON, not in openapi
    FORM_MAP,         // list of struct html_pair: names and texts that the row's shape does not know but the country pack. Form fields
                      // "MEMBER.NAME", JSON an object of texts; a name that comes several times stands there as often. Control
                      // characters are refused (line ends pass), all else is the handler's to check. Refused as "MEMBER.NAME"
};
struct field {
    const char *name;
    enum kind kind;
    size_t at;
    bool required;
    uint32_t max;                       // characters (text) or items (list); required for an input's text and lists; in an output 0
    const char *choices;                // input text: list of the country pack (pack_list) that the value must be in
    const struct shape *of;             // shape of a list's items; NULL: a list of struct str
    enum form form;
    const char *about;                  // one English sentence for openapi.yaml; optional
    bool says;                          // a required text: blank, it is missing, and so it is without a letter or digit
    bool why;                           // a required text that is a reason: str_says_why, else refused with how long it must be
};
struct shape { const char *name; size_t size, n; const struct field *fields; const char *of; }; // of: the struct's name
#define FIELD(s, m, ...) {.name = #m, .kind = KIND(s, m), .at = offsetof(struct s, m), ##__VA_ARGS__}
#define SHAPE(s, ...) static const struct field s##_fields[] = {__VA_ARGS__}; \
    static const struct shape s##_shape = {#s, sizeof(struct s), sizeof s##_fields / sizeof *s##_fields, s##_fields, #s}
struct none { bool nothing; };          // for rows without input or output
extern const struct shape none_shape;   // no fields
// A row's input or output that has no fields: SHAPE_NONE(report_take_in); makes the struct and its shape.
#define SHAPE_NONE(s) struct s { bool nothing; }; static const struct shape s##_shape = {#s, sizeof(struct s), 0, NULL, #s}

void json_write(struct buf *out, const struct shape *s, const void *at); // as the JSON face answers; for what is a file

// ── a request, as handlers see it ──
struct services {                       // made once by the program's main; what a program may not have is NULL
    struct store *store;                // its own writable schema (portal: intake; desk, courier: desk), and what it may read
    struct store *reply;                // desk: the connection that writes reply
    struct keeper *keeper;              // desk
    struct directory *directory;        // portal, desk
    struct pack *pack;
    const struct config *config;
    struct events *events;              // desk: web/events.h
    const struct role_table *roles;     // desk
    const char *data;                   // desk: the data directory
    bool demo;                          // desk: everything in this installation is invented
    enum err (*pack_reload)(const uint8_t hash[static PACK_HASH_BYTES]); // desk: asks serve for that pack in all programs
    // desk: codes and titles (struct choice) of the plan's activities, or of its indicators: of every version that was ever in force
    enum err (*plan_codes)(struct db *db, const struct req *rq, bool indicators, struct list *out);
    void *room;                         // a program's own, e.g. the portal's flood state
};
struct person { struct id id, institution; uint32_t roles; struct str name; struct id units[16]; size_t n_units; };
// Which desk doors this person may see; contacts: and has no list of referrals that leads there.
struct nav {
    bool rings, reports, cases, referrals, late, contacts, network, registers, plan, search, figures, people, foundings,
        roster, audit, retention, settings;
    int64_t messages, case_messages, referral_news; // unread messages of reporters, referrals with something new: shown at the doors
};
struct attachment { struct str bytes, type, name; }; // an answer to be kept; name: letters, digits, - _ and . only
// What was typed into the form of `path` when the session had ended, packed by web; csrf: the new session's. Nothing typed:
// the page `path` was asked for without a session, and is where the answer leads.
struct unsaved { struct str path, typed, csrf; };
#define UNSAVED_MAX (192 * 1024) // bytes of `typed`
struct upload { bool sent; struct str name, bytes; };   // a file of multipart/form-data, as it came; borrowed from the body
struct req {                            // valid until the answer is written; nothing in it is freed by hand
    struct services *sv;
    struct arena *arena;                // wiped with the request; cap 1 MiB beyond the body
    struct person who;                  // zeroes on the portal
    struct token token;                 // the session's, zeroes without one
    const struct lang *lang;            // a handler may choose another (and lang_code, lang_other): req_set_lang
    struct str lang_code, lang_other;   // "sq", "en": this page's and the one the switch leads to
    struct str path;                    // route's path as asked, without query; for forms that post to themselves
    struct str csrf;                    // for the hidden field of every desk form
    struct id submission;               // fresh, for the part `once` of a form that makes something (web/once.h); zero without a session
    struct nav nav;
    int64_t now;                        // µs UTC, read once
    struct id id, id2;                  // {id}, {id2} of the path, or zeroes
    struct str code;                    // {code} of the path: letters, digits, . - _; or empty
    struct id device;                   // desk, rows with PERM_PUBLIC: long-lived cookie for the backoff of sign-in; web sets it
    struct str receipt;                 // of "Authorization: Receipt …"; page face: of the form field `receipt`; or empty
    struct str prefix;                  // the client's network prefix from the front, or empty (then nothing is limited)
    bool json;                          // which face asked
    bool script;                        // form posted with js=1: proof of work may be asked
    struct refusals *refused;
    struct str version;                 // of the static files: href="/static/site.css?v={{rq.version}}" is cached for a year
    struct list numbers;                // of struct pack_number in rq->lang, most important first; for pages
    struct str numbers_day, exit;       // the day since when the numbers were not looked at, as people read it; the quick exit's address
    struct str notice;                  // sentence above the page after an error that is not a field's
    const char *then;                   // handler may set: page face answers 303 there instead of row.then (a path of ours)
    int64_t retry_after;                // seconds, handler may set with ERR_LIMITED, ERR_FULL, ERR_AWAY
    struct str set_cookie;              // handler may set (sign-in only): whole Set-Cookie value
    struct unsaved unsaved;             // the handler of the sign-in may set: what was typed before comes back as a form
    struct upload upload;               // rows with `upload`
    struct attachment file;             // handler may set, on success: both faces answer these bytes as an attachment
};
enum err req_refuse(struct req *rq, const char *field, enum message m); // notes it; returns ERR_INVALID. One sentence a
                                                                        // field (the first), 64 fields; field: static
enum err req_refuse_number(struct req *rq, const char *field, enum message m, int64_t n); // with the hole {n} of the sentence
enum err req_refuse_names(struct req *rq, const char *field, enum message m, struct str names); // {names}; they lie in rq's arena
bool req_refused(const struct req *rq);                                 // is anything refused?
struct str req_refusal(const struct req *rq, const char *field);        // the sentence in rq's language, or empty: {{refused.field}}
bool req_may(const struct req *rq, enum perm p);
bool person_of_unit(const struct person *who, struct id unit); // is it one of this person's units?
enum err req_notice(struct req *rq, enum err e, enum message m); // the sentence above the page, or the error's in JSON; gives e
// For people, in rq's language and arena; INT64_MIN (no time): empty.
struct str req_time(const struct req *rq, int64_t at);                          // "sot, 20:15", "23 nëntor 2026, 20:15"
struct str req_date(const struct req *rq, int64_t at, enum date_style style);
struct str req_span(const struct req *rq, int64_t microseconds);               // "15 minuta", "3 orë"
struct html req_drawn(const struct req *rq, struct buf *b); // a chart as a piece of the page, in rq's arena; empty where it did not fit; frees b
struct choice { struct str value, label; bool on; };                           // a row of a select, of cards or of boxes
struct list req_choices(struct req *rq, const char *list, struct str on);      // struct choice: a list of the pack, `on` chosen
void req_set_lang(struct req *rq, const struct lang *l); // lang, lang_code, lang_other; the page's answer then sets the cookie

// A compiled template: in for what was typed, out for what is shown; escaping done by position.
typedef void page_fn(struct buf *html, const struct req *rq, const void *in, const void *out);
typedef enum err run_fn(struct req *rq, const void *in, void *out);
enum method { GET, POST, PUT, DELETE };

struct route {
    const char *name, *path;            // "report_list", "/reports/{id}"; the JSON face stands under /api/v1 + path
    enum method method;
    enum perm perm;
    const struct shape *in, *out;
    run_fn *run;
    page_fn *page;                      // NULL: JSON only
    bool page_only;                     // no JSON face (steps of a form, landing pages)
    const char *api_path;               // JSON face's path where it differs from path ("/reports" for the form at "/raporto")
    const char *then;                   // page face, on success: 303 there; {id} or {code} from the path
    int status;                         // JSON face, on success; 0 = 200
    uint32_t body_max;                  // bytes; 0 = 4 KiB
    bool upload;                        // takes multipart/form-data too, with one file in the field `file`; both faces
    uint32_t file_max;                  // bytes of rq->file, or of what is opened for the answer, where that may be
                                        // more than a page holds: the arena is larger by them
    bool (*urgent)(struct str body);    // looks for danger in the raw body: gets one of the reserved places when all is full
    const char *about;                  // one English sentence for openapi.yaml
    run_fn *fill;                       // page face, when the reader refused `in` and so the handler was not called: fills
                                        // what the page shows besides (lists of choices). in: what could be read; must only look
    bool run_refused;                   // both faces: the handler is called although the reader refused fields (noted in
                                        // rq->refused; `in` holds what was sent, as far as it can be held). It must look
                                        // at req_refused(rq) and return ERR_INVALID before it does anything, or set
                                        // rq->refused to NULL where what was sent may be left aside
    bool conflict_out;                  // JSON face: a 409 carries the members of out too (what stands in the way), as the
                                        // handler left it, beside error and message
    const char *again;                  // GET page: names of its query that are kept past the sign-in, where they are plain
                                        // codes ("period year"); never of a field in which somebody types
    uint32_t cache_seconds;             // GET with PERM_PUBLIC and no input: the same page for everybody in a language;
                                        // kept ready for so long and answered without a handler (start page, help pages)
};
// After a refusal (ERR_INVALID 422, ERR_CONFLICT 409) of a row with method POST (and ERR_INVALID of a GET row with fill) the
// page gets `in` again, with refusals and notice; `out` is as the handler left it, so fill its lists before refusing. After
// ERR_LIMITED (429), ERR_FULL and ERR_AWAY (503) what was typed at the desk comes back in a page of its own (unsaved.c); where
// nothing was, or nobody is signed in, in the row's page too.
// CSRF is no column: every method but GET demands the token wherever a session cookie came (sign-in checks Origin).
#define HANDLER(name) static enum err name(struct req *, const struct name##_in *, struct name##_out *); \
    static enum err name##_run(struct req *rq, const void *in, void *out) { return name(rq, in, out); }
#define ROUTE(method_, path_, perm_, name_, ...) {.name = #name_, .path = path_, .method = method_, \
    .perm = PERM_##perm_, .in = &name_##_in_shape, .out = &name_##_out_shape, .run = name_##_run, ##__VA_ARGS__}

struct routes { const char *room; const struct route *at; size_t n; }; // each room exports one or two: report_portal_routes, report_desk_routes

// ── a program ──
struct web_options {
    const char *name;                   // "portal", "desk"
    const char *listen;                 // HOST:PORT (loopback only) or unix:PATH
    const char *url;                    // what people type; https: → Secure cookies with __Host-
    const struct routes *const *rooms;  // NULL at the end
    struct services *services;
    const char *static_dir;
    unsigned threads, connections;
    void (*waits)(struct req *rq);      // desk, before a page is shown to somebody signed in: fills the numbers of rq->nav
    // desk: fills who.name and institution for a session that the keeper vouched for; NULL on the portal
    enum err (*person_find)(struct req *rq, const struct keeper_session *session);
    page_fn *error_page;                // out is struct error_out
    // What was typed into a form and could not be taken comes back on this page (session_same_origin held: a stranger's page
    // cannot lay words into it): at the desk of a signed-in row, whatever went wrong; at the portal where the form was too long or
    // found no place, since else its own page is shown again. out is struct unsaved_out.
    page_fn *unsaved_page;
    // Where a page without a session is sent ("/sign-in", with the field `again` in the query); NULL on the portal. Where
    // something was typed, its page is shown instead: the input of the row POST has the fields `again` (a path) and `typed`
    // (UNSAVED_MAX), to be sent on as they are and to be left in rq->unsaved.
    const char *sign_in;
    int listener;                       // http.h; 0: none
    void (*ready)(int listener);        // called once it listens; or NULL
    void (*leave)(void);                // called where *stop became 2: ends what this process does by itself; or NULL
    // GET /health on both programs: {"status":"ok","pack":"…"} 200 or {"status":"failing",…} 503, no details but the
    // first 16 hex digits of the country pack's hash, by which two programs can be seen to differ. Called by one request a
    // second at most; it may wait. NULL: 200 while it serves.
    bool (*healthy)(struct services *sv);
    // GET /metrics (desk): counts only, for requests that did not come through the front (it sets X-Isigurt-Prefix on all
    // that it passes on) and for sessions with PERM_SETTINGS.
};
struct unsaved_field { struct str id, name, value; bool shown; }; // shown: lines that people wrote; others go along hidden
struct unsaved_out { struct str sentence, action; struct list fields; bool again, upload; }; // again: it may be sent once more
struct error_out { int64_t status; struct str title, sentence, more; }; // more: how to go on, or empty
// Serves until *stop is 1; then finishes what is under way (≤ 5 s). 2: another process has the listener and takes over
// (http_leave, ≤ 20 s). Prints nothing; logs "web.ready".
MUST_USE enum err web_serve(const struct web_options *o, const volatile sig_atomic_t *stop, struct buf *why);
// For tests and tools: the routes as OpenAPI 3.1 YAML; and one row called without a socket (JSON in, JSON out, status returned).
void web_openapi(struct buf *out, const struct routes *const *portal, const struct routes *const *desk);
// One line for each face of each row: "METHOD PATH PERM portal|desk", PERM as in vault/perm.h in small letters
// ("report_list"); JSON faces are those under /api/. For the tests that walk every route: `isigurt-openapi --routes`.
// Not in it, because they are no rows: /health, /metrics, and GET /api/v1/events (a stream that never ends; HEAD tells its status).
void web_route_list(struct buf *out, const struct routes *const *portal, const struct routes *const *desk);
const char *web_perm_name(enum perm p); // "report_list"
int web_call(const struct route *row, struct req *rq, struct str json_in, struct buf *json_out);

// Sign-in lives in people/, but cookies are this floor's. The name and Secure follow services.config->desk_url.
struct str web_session_cookie(struct req *rq, const struct token *t, bool clear); // for rq->set_cookie

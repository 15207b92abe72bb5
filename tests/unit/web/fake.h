// A program of two rooms for the tests of this floor: routes of every kind, a keeper that knows one token, a country of
// three words. Included once by each test; the functions of the floors below that it replaces are defined here.
#pragma once
#include <string.h>
#include "base/share.h"
#include "web/events.h"
#include "web/inside.h"

__attribute__((unused)) static const struct token good_token = {{1, 2, 3}};
#define GOOD_COOKIE "desk=0102030000000000000000000000000000000000000000000000000000000000"
#define GOOD_CSRF "0123456789abcdef0123456789abcdef"
__attribute__((unused)) static uint32_t good_roles = 1u << ROLE_DUTY_OFFICER;
static enum err keeper_says; // what the keeper answers to the good token

enum err keeper_session(struct keeper *k, const struct token *t, struct keeper_session *out)
{
    (void)k;
    if (keeper_says) {
        return keeper_says;
    }
    if (memcmp(t, &good_token, sizeof *t) != 0) {
        return ERR_UNAUTHENTICATED;
    }
    *out = (struct keeper_session){.person = {{7}}, .sid = {{8}}, .roles = good_roles, .units = {{{9}}}, .n_units = 1};
    memcpy(out->csrf, GOOD_CSRF, sizeof GOOD_CSRF);
    return OK;
}

bool pack_has(const struct pack *p, const char *list, struct str value)
{
    (void)p;
    return strcmp(list, "colour") == 0 && (str_equal_z(value, "red") || str_equal_z(value, "blue"));
}

bool pack_number_at(const struct pack *p, size_t i, const struct lang *l, struct pack_number *out)
{
    (void)p, (void)l;
    *out = (struct pack_number){.id = STR("help"), .number = STR("116111"), .label = STR("help")};
    return i == 0;
}

struct str pack_exit(const struct pack *p, const struct lang *l)
{
    (void)p, (void)l;
    return STR("https://neutral.example/");
}

const uint8_t *pack_hash(const struct pack *p)
{
    (void)p;
    static const uint8_t hash[32] = {0xc0, 0xde};
    return hash;
}

static const struct role_table roles = {
    .perms = {[ROLE_DUTY_OFFICER] = 1ull << PERM_REPORT_LIST | 1ull << PERM_REPORT_TAKE},
};

// ── a row with every kind of field ──
struct note_in { struct str text, lines, colour, language, secret; int64_t n; bool yes; struct id who; struct list tags, more; };
SHAPE(note_in, FIELD(note_in, text, .required = true, .max = 10), FIELD(note_in, lines, .max = 20, .form = FORM_LINES),
      FIELD(note_in, colour, .max = 10, .choices = "colour"), FIELD(note_in, language, .max = 2),
      FIELD(note_in, secret, .max = 20, .form = FORM_SECRET), FIELD(note_in, n), FIELD(note_in, yes), FIELD(note_in, who),
      FIELD(note_in, tags, .max = 2), FIELD(note_in, more, .max = 3, .form = FORM_MAP));
struct tag_out { struct str name; };
SHAPE(tag_out, FIELD(tag_out, name));
struct note_out { struct str text, empty, hidden; int64_t n, at; bool yes; struct id who; struct list tags, rows; bool filled; };
SHAPE(note_out, FIELD(note_out, text), FIELD(note_out, empty, .form = FORM_NULLABLE), FIELD(note_out, hidden, .form = FORM_HIDDEN),
      FIELD(note_out, n), FIELD(note_out, at, .form = FORM_TIME), FIELD(note_out, yes), FIELD(note_out, who, .form = FORM_NULLABLE),
      FIELD(note_out, tags), FIELD(note_out, rows, .of = &tag_out_shape));
static int notes_run;

HANDLER(note)
static enum err note(struct req *rq, const struct note_in *in, struct note_out *out)
{
    notes_run++;
    if (str_equal_z(in->text, "busy")) {
        rq->retry_after = 7;
        return ERR_FULL;
    }
    if (str_equal_z(in->text, "odd")) {
        return req_refuse(rq, "text", MSG_WEB_FIELD_CHOICE);
    }
    if (str_equal_z(in->text, "evil")) {
        rq->then = "//evil.example/";
    }
    struct tag_out *rows = arena_array(rq->arena, 1, sizeof *rows);
    rows[0].name = rq->receipt;
    *out = (struct note_out){.text = in->text, .hidden = STR("never"), .n = in->n, .at = 0, .yes = in->yes, .who = in->who,
                             .tags = in->tags, .rows = {rows, 1}};
    return OK;
}

static enum err note_fill(struct req *rq, const void *in, void *out)
{
    (void)rq, (void)in;
    ((struct note_out *)out)->filled = true;
    return OK;
}

static void note_page(struct buf *b, const struct req *rq, const void *in, const void *out)
{
    const struct note_in *i = in;
    const struct note_out *o = out;
    buf_printf(b, "<p lang=%.*s>text=%.*s secret=%.*s refused=%.*s notice=%.*s filled=%d csrf=%.*s numbers=%zu", STR_ARG(rq->lang_code),
               STR_ARG(i->text), STR_ARG(i->secret), STR_ARG(req_refusal(rq, "text")), STR_ARG(rq->notice), o->filled,
               STR_ARG(rq->csrf), rq->numbers.n);
}

SHAPE_NONE(home_in);
SHAPE_NONE(home_out);
static int homes_run;
HANDLER(home)
static enum err home(struct req *rq, const struct home_in *in, struct home_out *out)
{
    (void)rq, (void)in, (void)out;
    __atomic_add_fetch(&homes_run, 1, __ATOMIC_SEQ_CST);
    return OK;
}

static void home_page(struct buf *b, const struct req *rq, const void *in, const void *out)
{
    (void)in, (void)out;
    buf_printf(b, "<!doctype html><html lang=%.*s>", STR_ARG(rq->lang_code));
    for (int i = 0; i < 300; i++) {
        buf_printf(b, "<p>line %d of the first page</p>", i % 10);
    }
}

SHAPE_NONE(take_in);
struct take_out { struct id id; struct str name; };
SHAPE(take_out, FIELD(take_out, id), FIELD(take_out, name));
HANDLER(take)
static enum err take(struct req *rq, const struct take_in *in, struct take_out *out)
{
    (void)in;
    *out = (struct take_out){.id = rq->id, .name = rq->who.name};
    return OK;
}

__attribute__((unused)) static void error_page(struct buf *b, const struct req *rq, const void *in, const void *out)
{
    const struct error_out *o = out;
    (void)in;
    buf_printf(b, "<h1 lang=%.*s>%d</h1>%.*s", STR_ARG(rq->lang_code), (int)o->status, STR_ARG(o->sentence));
}

static bool note_urgent(struct str body)
{
    return str_find_str(body, STR("danger")) >= 0;
}

static const struct route open_rows[] = {
    ROUTE(GET, "/", PUBLIC, home, .page = home_page, .cache_seconds = 60),
    ROUTE(POST, "/notes", PUBLIC, note, .page = note_page, .fill = note_fill, .status = 201, .body_max = 8192, .urgent = note_urgent,
          .about = "Adds a note."),
    ROUTE(GET, "/note", RECEIPT, note, .page = note_page),
};
static const struct route desk_rows[] = {
    ROUTE(POST, "/items/{id}/take", REPORT_TAKE, take, .then = "/items/{id}"),
    ROUTE(GET, "/items/{id}", REPORT_LIST, take, .page = home_page),
    ROUTE(GET, "/admin", PEOPLE_ADMIN, take, .page = home_page),
};
static const struct routes open_room = {"open", open_rows, 3}, desk_room = {"desk", desk_rows, 3};
__attribute__((unused)) static const struct routes *const portal_rooms[] = {&open_room, NULL}, *const desk_rooms[] = {&open_room, &desk_room, NULL};

__attribute__((unused)) static enum err person_find(struct req *rq, const struct keeper_session *s)
{
    (void)s;
    rq->who.name = STR("Era");
    return OK;
}

__attribute__((unused)) static int fake_text(void **state)
{
    (void)state;
    char path[SHARE_PATH_MAX];
    struct buf why;
    buf_init(&why, 1000);
    enum err e = text_open(share_path("locale", path, sizeof path), "sq,en", &why);
    if (e) {
        fail_msg("%.*s", STR_ARG(buf_str(&why)));
    }
    buf_free(&why);
    return 0;
}

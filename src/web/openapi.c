// openapi: docs/openapi.yaml from the route tables, so that the description cannot differ from the program.
#include <assert.h>
#include <string.h>
#include "web/inside.h"

#define SHAPES_MAX 512

static const char *const method_names[] = {[GET] = "get", [POST] = "post", [PUT] = "put", [DELETE] = "delete"};

static void indent(struct buf *b, int n)
{
    for (int i = 0; i < n; i++) {
        buf_put(b, STR("  "));
    }
}

static void quoted(struct buf *b, const char *z) // a YAML double-quoted scalar: JSON's escapes are valid in it
{
    json_write_text(b, str_from(z));
}

static void field_schema(struct buf *b, int depth, const struct field *f, bool input)
{
    bool nullable = f->form == FORM_NULLABLE || f->form == FORM_AMOUNT || (f->form == FORM_TIME && !input) || (input && !f->required);
    static const char *const types[] = {[K_INT] = "integer", [K_BOOL] = "boolean", [K_TEXT] = "string", [K_LIST] = "array",
                                        [K_ID] = "string"};
    const char *type = f->form == FORM_MAP ? "object"
                       : (f->form == FORM_TIME && !input) || f->form == FORM_URGENCY ? "string" : f->form == FORM_AMOUNT ? "number" : types[f->kind];
    indent(b, depth);
    buf_printf(b, nullable ? "type: [%s, \"null\"]\n" : "type: %s\n", type);
    if (f->about) {
        indent(b, depth);
        buf_put(b, STR("description: "));
        quoted(b, f->about);
        buf_put_c(b, '\n');
    }
    if (f->kind == K_ID) {
        indent(b, depth);
        buf_put(b, STR("pattern: \"^[0-9a-f]{32}$\"\n"));
    }
    if (f->form == FORM_URGENCY) {
        indent(b, depth);
        buf_put(b, STR("enum: [U1, U2, U3, U4]\n"));
    } else if (f->kind == K_INT && f->form != FORM_AMOUNT) {
        indent(b, depth);
        buf_printf(b, "format: %s\n", f->form == FORM_TIME && !input ? "date-time" : "int64");
    }
    if (f->why) {
        indent(b, depth);
        buf_printf(b, "minLength: %d\n", STR_WHY_MIN);
    }
    if (f->kind == K_TEXT && f->max) {
        indent(b, depth);
        buf_printf(b, "maxLength: %u\n", f->max);
    }
    if (f->form == FORM_SECRET && input) {
        indent(b, depth);
        buf_put(b, STR("writeOnly: true\n"));
    }
    if (f->choices) {
        indent(b, depth);
        buf_printf(b, "x-choices: %s\n", f->choices); // a list of the country pack: not known to the program
    }
    if (f->form == FORM_MAP) {
        indent(b, depth);
        buf_put(b, STR("additionalProperties: {type: string}\n"));
        if (f->max) {
            indent(b, depth);
            buf_printf(b, "maxProperties: %u\n", f->max);
        }
    } else if (f->kind == K_LIST) {
        if (f->max) {
            indent(b, depth);
            buf_printf(b, "maxItems: %u\n", f->max);
        }
        indent(b, depth);
        buf_put(b, STR("items:\n"));
        indent(b, depth + 1);
        if (f->of) {
            buf_printf(b, "$ref: \"#/components/schemas/%s\"\n", f->of->name);
        } else {
            buf_put(b, STR("type: string\n"));
        }
    }
}

const char *web_perm_name(enum perm p)
{
    static const char *const names[PERM_COUNT] = {
        [PERM_REFUSED] = "refused", [PERM_PUBLIC] = "public", [PERM_RECEIPT] = "receipt", [PERM_SIGNED_IN] = "signed_in",
        [PERM_REPORT_LIST] = "report_list", [PERM_REPORT_READ] = "report_read", [PERM_REPORT_TAKE] = "report_take",
        [PERM_REPORT_ASSESS] = "report_assess", [PERM_REPORT_ANSWER] = "report_answer", [PERM_PEOPLE_LIST] = "people_list",
        [PERM_PEOPLE_ADMIN] = "people_admin", [PERM_UNIT_ADMIT] = "unit_admit", [PERM_ROSTER_EDIT] = "roster_edit",
        [PERM_AUDIT_READ] = "audit_read", [PERM_SETTINGS] = "settings", [PERM_CASE_LIST] = "case_list",
        [PERM_CASE_READ] = "case_read", [PERM_CASE_EDIT] = "case_edit", [PERM_CASE_APPROVE] = "case_approve",
        [PERM_REFERRAL_LIST] = "referral_list", [PERM_REFERRAL_READ] = "referral_read",
        [PERM_REFERRAL_SEND] = "referral_send", [PERM_REFERRAL_ACT] = "referral_act",
        [PERM_SEARCH] = "search", [PERM_FIGURES] = "figures",
        [PERM_LOAD] = "load",
        [PERM_CONTACT_LIST] = "contact_list", [PERM_DIRECTORY] = "directory", [PERM_MODERATE] = "moderate",
        [PERM_REGISTER_READ] = "register_read", [PERM_REGISTER_EDIT] = "register_edit", [PERM_REGISTER_ALL] = "register_all",
        [PERM_PLAN_ENTER] = "plan_enter", [PERM_PLAN_APPROVE] = "plan_approve",
        [PERM_RETENTION] = "retention", [PERM_ERASE] = "erase", [PERM_UNIT_CONFIRM] = "unit_confirm", [PERM_REFERRAL_LATE] = "referral_late",
        [PERM_PLAN_READ] = "plan_read", [PERM_PLAN_EDIT] = "plan_edit",
    };
    return (unsigned)p < PERM_COUNT && names[p] ? names[p] : "refused";
}

static const char *api_path(const struct route *row)
{
    return row->api_path ? row->api_path : row->path;
}

static void list_rooms(struct buf *out, const struct routes *const *rooms, const char *program)
{
    static const char *const upper[] = {[GET] = "GET", [POST] = "POST", [PUT] = "PUT", [DELETE] = "DELETE"};
    for (; rooms && *rooms; rooms++) {
        for (size_t i = 0; i < (*rooms)->n; i++) {
            const struct route *row = &(*rooms)->at[i];
            if (entry_has_page(row)) {
                buf_printf(out, "%s %s %s %s\n", upper[row->method], row->path, web_perm_name(row->perm), program);
            }
            if (entry_has_json(row)) {
                buf_printf(out, "%s /api/v1%s %s %s\n", upper[row->method], api_path(row), web_perm_name(row->perm), program);
            }
        }
    }
}

void web_route_list(struct buf *out, const struct routes *const *portal, const struct routes *const *desk)
{
    list_rooms(out, portal, "portal");
    list_rooms(out, desk, "desk");
}

struct shapes { size_t n; const struct shape *at[SHAPES_MAX]; bool input[SHAPES_MAX]; };

static void shape_note(struct shapes *all, const struct shape *s, bool input)
{
    for (size_t i = 0; i < all->n; i++) {
        if (strcmp(all->at[i]->name, s->name) == 0) {
            return;
        }
    }
    if (s->n == 0 || all->n == SHAPES_MAX) {
        return;
    }
    all->input[all->n] = input;
    all->at[all->n++] = s;
    for (size_t i = 0; i < s->n; i++) {
        if (s->fields[i].of && s->fields[i].form != FORM_HIDDEN) {
            shape_note(all, s->fields[i].of, input);
        }
    }
}

static void shape_schema(struct buf *b, const struct shape *s, bool input)
{
    buf_printf(b, "    %s:\n      type: object\n      additionalProperties: false\n", s->name);
    bool any = false;
    for (size_t i = 0; i < s->n; i++) {
        if (s->fields[i].form != FORM_HIDDEN && (input ? s->fields[i].required : true)) {
            buf_put_z(b, any ? ", " : "      required: [");
            buf_put_z(b, s->fields[i].name);
            any = true;
        }
    }
    buf_put_z(b, any ? "]\n" : "");
    buf_put(b, STR("      properties:\n"));
    for (size_t i = 0; i < s->n; i++) {
        if (s->fields[i].form != FORM_HIDDEN) {
            buf_printf(b, "        %s:\n", s->fields[i].name);
            field_schema(b, 5, &s->fields[i], input);
        }
    }
}

static void row_parameters(struct buf *b, const struct route *row, const char *path)
{
    bool any = false;
    for (int i = 0; i < 2; i++) {
        const char *name = i ? "id2" : "id", *hole = i ? "{id2}" : "{id}";
        if (strstr(path, hole)) {
            buf_put_z(b, any ? "" : "      parameters:\n");
            any = true;
            buf_printf(b, "        - {name: %s, in: path, required: true, schema: {type: string, pattern: \"^[0-9a-f]{32}$\"}}\n", name);
        }
    }
    if (strstr(path, "{code}")) {
        buf_put_z(b, any ? "" : "      parameters:\n");
        any = true;
        buf_put_z(b,
                  "        - {name: code, in: path, required: true, schema: {type: string, maxLength: 40, pattern: \"^[A-Za-z0-9][A-Za-z0-9._-]*$\"}}\n");
    }
    for (size_t i = 0; row->method == GET && i < row->in->n; i++) {
        const struct field *f = &row->in->fields[i];
        buf_put_z(b, any ? "" : "      parameters:\n");
        any = true;
        buf_printf(b, "        - name: %s\n          in: query\n          required: %s\n          schema:\n", f->name,
                   f->required ? "true" : "false");
        field_schema(b, 6, f, true);
    }
}

static void row_answers(struct buf *b, const struct route *row)
{
    int status = row->status ? row->status : 200;
    buf_printf(b, "      responses:\n        \"%d\":\n          description: Done.\n", status);
    buf_put(b, STR("          content:\n            application/json:\n              schema:\n"));
    if (row->out->n) {
        buf_printf(b, "                $ref: \"#/components/schemas/%s\"\n", row->out->name);
    } else {
        buf_put(b, STR("                type: object\n"));
    }
    buf_put(b, STR("        \"422\":\n          $ref: \"#/components/responses/refused\"\n"));
    buf_put(b, STR("        default:\n          $ref: \"#/components/responses/failed\"\n"));
}

static void row_write(struct buf *b, const struct route *row, const char *path, const char *program)
{
    buf_printf(b, "    %s:\n      operationId: %s\n      tags: [%s]\n", method_names[row->method], row->name, program);
    if (row->about) {
        buf_put(b, STR("      summary: "));
        quoted(b, row->about);
        buf_put_c(b, '\n');
    }
    buf_printf(b, "      x-permission: %s\n", web_perm_name(row->perm));
    if (row->perm == PERM_PUBLIC) {
        buf_put(b, STR("      security: []\n"));
    } else if (row->perm == PERM_RECEIPT) {
        buf_put(b, STR("      security: [{receipt: []}]\n"));
    } else {
        buf_put_z(b, row->method == GET ? "      security: [{session: []}]\n" : "      security: [{session: [], csrf: []}]\n");
    }
    row_parameters(b, row, path);
    if (row->method != GET && row->in->n) {
        bool required = false;
        for (size_t i = 0; i < row->in->n; i++) {
            required = required || row->in->fields[i].required;
        }
        const char *kind = row->upload ? "multipart/form-data" : "application/json";
        buf_printf(b, "      requestBody:\n        required: %s\n        content:\n          %s:\n            schema:\n"
                      "              $ref: \"#/components/schemas/%s\"\n", required || row->upload ? "true" : "false", kind, row->in->name);
    }
    row_answers(b, row);
}

#define ENTRIES_MAX 400
struct entries { size_t n; struct { const struct route *row; const char *program; } at[ENTRIES_MAX]; };

static void rooms_note(struct entries *all, const struct routes *const *rooms, const char *program)
{
    for (size_t r = 0; rooms && rooms[r]; r++) {
        for (size_t i = 0; i < rooms[r]->n; i++) {
            if (entry_has_json(&rooms[r]->at[i])) {
                assert(all->n < ENTRIES_MAX);
                all->at[all->n].row = &rooms[r]->at[i];
                all->at[all->n++].program = program;
            }
        }
    }
}

// A path stands once, as YAML wants it, with the methods of both programs under it: written when its first row is met.
static void paths_write(struct buf *b, const struct entries *all, struct shapes *shapes)
{
    for (size_t i = 0; i < all->n; i++) {
        const char *path = api_path(all->at[i].row);
        bool first = true;
        for (size_t j = 0; j < i && first; j++) {
            first = strcmp(api_path(all->at[j].row), path) != 0;
        }
        if (!first) {
            continue;
        }
        buf_printf(b, "  /api/v1%s:\n", path);
        for (size_t j = i; j < all->n; j++) {
            if (strcmp(api_path(all->at[j].row), path) == 0) {
                row_write(b, all->at[j].row, path, all->at[j].program);
                shape_note(shapes, all->at[j].row->in, true);
                shape_note(shapes, all->at[j].row->out, false);
            }
        }
    }
}

static const char fixed_head[] =
    "# Made by isigurt-openapi from the route tables; do not edit.\n"
    "openapi: 3.1.0\n"
    "info:\n"
    "  title: isigurt\n"
    "  version: \"1\"\n"
    "  description: >-\n"
    "    Everything the pages do. Rows tagged portal are answered by the public site, rows tagged desk by the staff site.\n"
    "    Unknown members of a body are refused. Values marked x-choices come from the country pack.\n"
    "paths:\n";
static const char fixed_events[] =
    "  /api/v1/events:\n"
    "    get:\n"
    "      operationId: events\n"
    "      tags: [desk]\n"
    "      summary: \"Server-sent events, resumable by Last-Event-ID. Of reports for report_list, of referrals for referral_list; one of both opens it.\"\n"
    "      x-permission: report_list\n"
    "      security: [{session: []}]\n"
    "      parameters:\n"
    "        - {name: Last-Event-ID, in: header, required: false, schema: {type: integer, format: int64}}\n"
    "        - {name: after, in: query, required: false, schema: {type: integer, format: int64}}\n"
    "      responses:\n"
    "        \"200\":\n"
    "          description: \"event: report, queue or message, data: {id, category, urgency}; event: referral, data: {id, urgency}: something new in it\"\n"
    "          content: {text/event-stream: {schema: {type: string}}}\n"
    "        default:\n"
    "          $ref: \"#/components/responses/failed\"\n";
static const char fixed_components[] =
    "components:\n"
    "  securitySchemes:\n"
    "    receipt: {type: apiKey, in: header, name: Authorization, description: \"Receipt CODE\"}\n"
    "    session: {type: apiKey, in: cookie, name: __Host-desk, description: \"named desk on loopback HTTP\"}\n"
    "    csrf: {type: apiKey, in: header, name: X-CSRF-Token, description: \"csrf_token of the sign-in\"}\n"
    "  responses:\n"
    "    refused:\n"
    "      description: Understood and refused; each field with a sentence for the person who typed it.\n"
    "      content: {application/json: {schema: {$ref: \"#/components/schemas/refusals\"}}}\n"
    "    failed:\n"
    "      description: \"400, 401, 403, 404, 405, 409, 413, 415, 429, 500 or 503; with 429 and 503 comes Retry-After.\"\n"
    "      content: {application/json: {schema: {$ref: \"#/components/schemas/failure\"}}}\n"
    "  schemas:\n"
    "    refusals:\n"
    "      type: object\n"
    "      required: [errors]\n"
    "      properties:\n"
    "        errors:\n"
    "          type: array\n"
    "          items:\n"
    "            type: object\n"
    "            required: [field, message]\n"
    "            properties: {field: {type: string}, message: {type: string}}\n"
    "    failure:\n"
    "      type: object\n"
    "      required: [error, message]\n"
    "      properties: {error: {type: string}, message: {type: string}}\n";

void web_openapi(struct buf *out, const struct routes *const *portal, const struct routes *const *desk)
{
    static struct shapes all; // a tool's and a test's function: one thread
    all.n = 0;
    struct entries entries = {.n = 0};
    rooms_note(&entries, portal, "portal");
    rooms_note(&entries, desk, "desk");
    buf_put_z(out, fixed_head);
    paths_write(out, &entries, &all);
    buf_put_z(out, fixed_events);
    buf_put_z(out, fixed_components);
    for (size_t i = 0; i < all.n; i++) {
        shape_schema(out, all.at[i], all.input[i]);
    }
}

// The page /pack, and the reload asked for there.
#include <stdio.h>
#include <string.h>
#include "base/file.h"
#include "country/handlers.h"
#include "text/date.h"

page_fn pack_show_page;

#define HASH_SHOWN 16      // hex digits
#define STATE_MAX 4096     // bytes of DATA/run/pack

static struct str hex(struct arena *a, const uint8_t *hash, size_t bytes)
{
    struct buf b;
    buf_init(&b, 2 * PACK_HASH_BYTES);
    buf_put_hex(&b, hash, bytes);
    struct str s = arena_str(a, buf_str(&b));
    buf_free(&b);
    return s;
}

// "portal HASH SINCE" lines, and "refused HASH AT"; serve writes them (bin/seats_pack.c). Where they are missing nothing is shown.
static void programs_show(struct req *rq, struct pack_show_out *out)
{
    struct buf b;
    char path[4096];
    struct str mine = hex(rq->arena, pack_hash(rq->sv->pack), PACK_HASH_BYTES);
    struct pack_program *at = arena_array(rq->arena, 4, sizeof *at);
    size_t n = 0;
    buf_init(&b, STATE_MAX);
    snprintf(path, sizeof path, "%s/run/pack", rq->sv->data ? rq->sv->data : "");
    struct str rest = file_read(path, &b) == OK ? arena_str(rq->arena, buf_str(&b)) : (struct str){0};
    while (at && rest.n && n < 4) {
        struct str line = str_cut(&rest, '\n'), name = str_cut(&line, ' '), hash = str_cut(&line, ' ');
        int64_t since = 0;
        if (str_int(line, &since))
            continue; // the target: what all come to
        if (str_equal_z(name, "refused")) {
            out->failed = true;
            out->given_up = since;
            out->given_up_hash = str_slice(hash, 0, HASH_SHOWN);
            out->failed_text = req_time(rq, since);
            continue;
        }
        bool same = str_equal(hash, mine);
        out->differ |= !same;
        at[n++] = (struct pack_program){.program = name, .hash = str_slice(hash, 0, HASH_SHOWN), .since = since, .same = same,
                                        .since_text = req_time(rq, since)};
    }
    buf_free(&b);
    out->programs = (struct list){at, at ? n : 0};
}

static void changes_show(struct req *rq, const struct country_look *l, struct pack_show_out *out)
{
    struct pack_row *at = arena_array(rq->arena, l->changes.n + 1, sizeof *at);
    for (size_t i = 0; at && i < l->changes.n; i++) {
        const struct pack_change *c = &l->changes.at[i];
        at[i] = (struct pack_row){.place = c->place, .file = c->file, .before = c->before, .after = c->after,
                                  .sentence = country_sentence(rq->arena, rq->lang, c), .refused = pack_refuses(c->kind)};
    }
    out->changes = (struct list){at, at ? l->changes.n : 0};
    out->refused = (int64_t)l->changes.refused;
    out->more = (int64_t)l->changes.more;
    out->many = out->more > 0;
}

static enum err show(struct req *rq, struct country_look *l, struct pack_show_out *out)
{
    char dir[4096];
    snprintf(dir, sizeof dir, "%s/country", rq->sv->data ? rq->sv->data : "");
    out->given_up = INT64_MIN;
    out->version = pack_version(rq->sv->pack);
    out->hash = hex(rq->arena, pack_hash(rq->sv->pack), HASH_SHOWN / 2);
    programs_show(rq, out);
    enum err e = country_look(rq->sv->store, rq->sv->pack, dir, rq->now, rq->arena, l);
    if (e)
        return e;
    out->same = l->fresh && l->same;
    out->faults = arena_str(rq->arena, buf_str(&l->faults));
    if (l->fresh) {
        changes_show(rq, l, out);
        out->waiting_version = arena_str(rq->arena, pack_version(l->fresh));
        if (!l->same && !out->refused)
            out->waiting = hex(rq->arena, pack_hash(l->fresh), PACK_HASH_BYTES);
    } else if (!out->faults.n) {
        out->faults = STR("pack.json: cannot be read");
    }
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

static enum err pack_show_run(struct req *rq, const void *in, void *out)
{
    struct country_look l;
    (void)in;
    enum err e = show(rq, &l, out);
    country_look_free(&l);
    return e;
}

static enum err no(struct req *rq, enum err e, struct str sentence)
{
    rq->notice = sentence;
    return e;
}

static enum err pack_reload_run(struct req *rq, const void *in_, void *out_)
{
    const struct pack_reload_in *in = in_;
    struct pack_show_out *out = out_;
    struct country_look l;
    uint8_t detail[COUNTRY_DETAIL];
    enum err e = show(rq, &l, out);
    if (e)
        goto done;
    const struct pack_row *first = out->changes.at;
    if (!l.fresh)
        e = no(rq, ERR_CONFLICT, text_get(rq->lang, MSG_COUNTRY_NOT_READ));
    else if (out->refused)
        e = no(rq, ERR_CONFLICT, first[0].sentence);
    else if (out->same)
        e = no(rq, ERR_CONFLICT, text_get(rq->lang, MSG_COUNTRY_SAME));
    else if (!str_equal(in->hash, out->waiting))
        e = no(rq, ERR_CONFLICT, text_get(rq->lang, MSG_COUNTRY_MEANWHILE));
    else if (out->differ)
        e = no(rq, ERR_CONFLICT, text_get(rq->lang, MSG_COUNTRY_UNDER_WAY));
    if (e)
        goto done;
    memcpy(detail, pack_hash(rq->sv->pack), PACK_HASH_BYTES);
    memcpy(detail + PACK_HASH_BYTES, pack_hash(l.fresh), PACK_HASH_BYTES);
    e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_PACK, (struct id){0}, (struct id){0}, STR_BYTES(detail), NULL);
    if (!e)
        e = rq->sv->pack_reload ? rq->sv->pack_reload(pack_hash(l.fresh)) : ERR_AWAY;
done:
    country_look_free(&l);
    return e;
}

SHAPE(pack_row, FIELD(pack_row, refused), FIELD(pack_row, sentence, .about = "What changes, or why it may not."), FIELD(pack_row, file),
      FIELD(pack_row, place), FIELD(pack_row, before, .about = "As JSON, cut."), FIELD(pack_row, after));
SHAPE(pack_program, FIELD(pack_program, program), FIELD(pack_program, hash), FIELD(pack_program, since, .form = FORM_TIME),
      FIELD(pack_program, same, .about = "The same pack as the desk that answers."));
SHAPE(pack_show_out, FIELD(pack_show_out, version),
      FIELD(pack_show_out, hash, .about = "Of the pack in force; its first 16 hex digits."),
      FIELD(pack_show_out, programs, .of = &pack_program_shape),
      FIELD(pack_show_out, waiting,
            .about = "Hash of the folder's pack where it is another and may be taken; else empty."),
      FIELD(pack_show_out, changes, .of = &pack_row_shape),
      FIELD(pack_show_out, refused, .about = "How many of them are refused."),
      FIELD(pack_show_out, more, .about = "Changes that are not listed."),
      FIELD(pack_show_out, faults,
            .about = "Lines 'file: place: what; how to mend it' where the folder cannot be read."),
      FIELD(pack_show_out, given_up, .form = FORM_TIME,
            .about = "When a pack was given up because a program did not start with it; null: not since the last that was taken."),
      FIELD(pack_show_out, given_up_hash, .form = FORM_NULLABLE, .about = "Of that pack; its first 16 hex digits."));
SHAPE(pack_reload_in, FIELD(pack_reload_in, hash, .required = true, .max = 2 * PACK_HASH_BYTES,
                            .about = "`waiting` of GET /pack: what was looked at."));

static const struct route rows[] = {
    {.name = "pack_show", .path = "/pack", .method = GET, .perm = PERM_SETTINGS, .in = &none_shape, .out = &pack_show_out_shape,
     .run = pack_show_run, .page = pack_show_page,
     .about = "The country pack in force, which program reads it since when, and what the folder would change."},
    {.name = "pack_reload", .path = "/pack/reload", .method = POST, .perm = PERM_SETTINGS, .in = &pack_reload_in_shape,
     .out = &pack_show_out_shape, .run = pack_reload_run, .page = pack_show_page, .then = "/pack",
     .fill = pack_show_run, .status = 202, .conflict_out = true,
     .about = "Takes the folder's pack in all programs, where nothing speaks against it; the trail says who asked, and both hashes."},
};
const struct routes country_desk_routes = {"country", rows, sizeof rows / sizeof *rows};

// What is there, told and handed out.
#include <stdatomic.h>
#include <string.h>
#include "base/log.h"
#include "crypto/stream.h"
#include "evidence/inside.h"

#define AT_ONCE 4 // opened at once: bounds memory

static const struct field file_fields[] = {
    FIELD(evidence_file, id), FIELD(evidence_file, name, .form = FORM_NULLABLE, .about = "Empty once it is removed."),
    FIELD(evidence_file, type, .about = "As told from its bytes."), FIELD(evidence_file, size, .about = "Bytes."),
    FIELD(evidence_file, at, .form = FORM_TIME), FIELD(evidence_file, person), FIELD(evidence_file, person_name),
    FIELD(evidence_file, removed_at, .form = FORM_TIME)};
const struct shape evidence_file_shape = {"evidence_file", sizeof(struct evidence_file), sizeof file_fields / sizeof *file_fields, file_fields,
                                          "evidence_file"};

enum err evidence_names(struct req *rq, const struct evidence_of *of, struct list *files)
{
    union { const void *in; struct evidence_file *out; } at = {files->at};
    struct keeper_file *key = arena_array(rq->arena, EVIDENCE_MAX, sizeof *key);
    struct evidence_file *of_key[EVIDENCE_MAX];
    size_t n = 0;
    if (!key)
        return ERR_MEMORY;
    for (size_t i = 0; i < files->n && n < EVIDENCE_MAX; i++) {
        struct evidence_file *f = &at.out[i];
        if (!f->there)
            continue;
        if (f->wrap.n != KEEPER_FILE_WRAP)
            return ERR_TAMPERED;
        key[n].id = f->id;
        memcpy(key[n].wrap, f->wrap.at, KEEPER_FILE_WRAP);
        of_key[n++] = f;
    }
    enum err e = n > 0 ? keeper_files(rq->sv->keeper, &rq->token, KEEPER_FILE_LIST, of->kind, of->thing, key, n) : OK;
    for (size_t i = 0; i < n && !e; i++) {
        struct buf name;
        buf_init_secret(&name, NAME_BYTES + 1);
        e = evidence_name_open(&key[i], of_key[i]->sealed_name, &name);
        of_key[i]->name = e ? STR("") : arena_str(rq->arena, buf_str(&name));
        buf_free(&name);
    }
    crypto_wipe(key, EVIDENCE_MAX * sizeof *key);
    if (e == ERR_TAMPERED)
        log_event(LOG_ALARM, "evidence.tampered", LOG_ID("thing", of->thing));
    return e ? e : arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

struct giving { struct req *rq; evidence_look_fn *look; struct evidence_of of; struct evidence_found found; };

static enum err giving_read(struct db *db, void *arg)
{
    struct giving *g = arg;
    enum err e = g->look(db, g->rq, &g->of);
    return e ? e : evidence_find_db(db, &g->of, g->rq->id2, &g->found);
}

// The whole file, or nothing of it.
static enum err giving_open(struct giving *g)
{
    struct req *rq = g->rq;
    struct public_key pk;
    struct key sk;
    struct sniffed kind;
    size_t size = (size_t)g->found.size;
    char hex[ID_HEX], *to = g->found.size >= 0 && size <= EVIDENCE_BYTES ? arena_alloc(rq->arena, size + 1) : NULL;
    if (!to)
        return ERR_MEMORY;
    enum err e = keeper_files(rq->sv->keeper, &rq->token, KEEPER_FILE_READ, g->of.kind, g->of.thing, &g->found.file, 1);
    if (e)
        return e;
    struct buf plain = {.at = to, .cap = size, .max = size}; // in the arena: it never grows
    crypto_pair(&pk, &sk, &g->found.file.seed);
    crypto_wipe(&g->found.file.seed, sizeof g->found.file.seed);
    e = stream_open(&pk, &sk, buf_str(&g->found.sealed), &plain);
    crypto_wipe(&sk, sizeof sk);
    if (e || plain.n != size)
        return e == ERR_MEMORY ? e : ERR_TAMPERED;
    struct str bytes = buf_str(&plain);
    if (!evidence_sniff(bytes, &kind)) // whole, and taken before the table said no
        kind = (struct sniffed){"application/octet-stream", "bin"};
    rq->file = (struct attachment){.bytes = bytes, .type = str_from(kind.type),
                                   .name = arena_printf(rq->arena, "isigurt-%.8s.%s", id_hex(rq->id2, hex), kind.ending)};
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err evidence_give(struct req *rq, evidence_look_fn *look)
{
    static atomic_int open;
    struct giving g = {.rq = rq, .look = look};
    if (atomic_fetch_add(&open, 1) >= AT_ONCE) {
        atomic_fetch_sub(&open, 1);
        return req_notice(rq, ERR_FULL, MSG_EVIDENCE_BUSY);
    }
    buf_init(&g.found.sealed, SEALED_MAX);
    enum err e = store_read(rq->sv->store, giving_read, &g);
    e = e ? e : giving_open(&g);
    if (e == ERR_TAMPERED)
        log_event(LOG_ALARM, "evidence.tampered", LOG_ID("thing", g.of.thing), LOG_ID("file", rq->id2));
    buf_free(&g.found.sealed);
    atomic_fetch_sub(&open, 1);
    return e;
}

void evidence_scrub(struct req *rq)
{
    enum err e = store_scrub(rq->sv->store);
    if (e)
        log_event(LOG_WARN, "evidence.log_not_cut", LOG_ERR(e));
}

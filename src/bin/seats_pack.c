// The pack in force and the one that is to take its place: which file, what the state file says of it.
#include "bin/seats.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "bin/command.h"

// Opens what was accepted. The same file name may be another file a moment later; the descriptor stays this one.
static bool accepted_open(const struct layout *l, struct accepted *out)
{
    struct buf bytes, why;
    struct pack *p = NULL;
    buf_init(&bytes, PACK_BYTES_MAX);
    buf_init(&why, 4096);
    int fd = open(l->pack, O_RDONLY | O_CLOEXEC);
    enum err e = fd < 0 ? ERR_NOT_FOUND : file_read_open(fd, &bytes);
    e = e ? e : pack_open_bytes(buf_str(&bytes), &p, &why);
    if (!e) {
        out->fd = fd;
        memcpy(out->hash, pack_hash(p), sizeof out->hash);
    } else if (fd >= 0) {
        close(fd);
        fprintf(stderr, "isigurt: %s cannot be used (%s)\n%.*s", l->pack, err_name(e), STR_ARG(buf_str(&why)));
    }
    pack_close(&p);
    buf_free(&bytes);
    buf_free(&why);
    return !e;
}

// Where none was accepted, or by an older version in a form that this one cannot read: the folder, as it is.
static void accept_folder(const struct layout *l)
{
    struct buf why;
    struct pack *p = NULL;
    buf_init(&why, 8192);
    if (pack_open(l->country, &p, &why))
        command_fail(1, "country pack: %.*s", STR_ARG(buf_str(&why)));
    if (process_accept(l, p))
        command_fail(1, "%s cannot be written: %s", l->pack, strerror(errno));
    pack_close(&p);
    buf_free(&why);
}

// Says so where the folder was changed since: it waits for `isigurt pack reload`.
static void tell_waiting(const struct serve *s)
{
    struct buf why;
    struct pack *p = NULL;
    buf_init(&why, 8192);
    bool readable = pack_open(s->layout.country, &p, &why) == OK;
    if (!readable || memcmp(pack_hash(p), s->pack[0].hash, PACK_HASH_BYTES) != 0)
        fprintf(stderr, "isigurt: %s is not the country pack that was accepted, which stays in force; see 'isigurt pack check --data %s'\n",
                s->layout.country, s->layout.data);
    pack_close(&p);
    buf_free(&why);
}

// DATA/run/pack: which program reads which pack since when, for the page /pack and `isigurt pack reload`.
void seats_state_write(const struct serve *s)
{
    struct buf b;
    char path[PROCESS_PATH];
    buf_init(&b, 4096);
    buf_put_z(&b, "target ");
    buf_put_hex(&b, s->pack[s->target].hash, PACK_HASH_BYTES);
    buf_put_c(&b, '\n');
    for (enum program p = 0; p < PROGRAMS; p++)
        if (p != PROGRAM_KEEPER) {
            buf_printf(&b, "%s ", program_name[p]);
            buf_put_hex(&b, s->pack[s->child[p].now.pack].hash, PACK_HASH_BYTES);
            buf_printf(&b, " %lld\n", (long long)s->child[p].since);
        }
    if (s->refused_at) {
        buf_put_z(&b, "refused ");
        buf_put_hex(&b, s->refused, PACK_HASH_BYTES);
        buf_printf(&b, " %lld\n", (long long)s->refused_at);
    }
    if (buf_ok(&b) || file_replace(layout_join(path, s->layout.data, "run/pack"), buf_str(&b), 0644))
        log_event(LOG_WARN, "serve.pack_state_unwritten", LOG_I("errno", errno));
    buf_free(&b);
}

void seats_look(struct serve *s)
{
    struct accepted fresh = {.fd = -1};
    if (s->pack[1].fd >= 0 || !accepted_open(&s->layout, &fresh))
        return; // one at a time: the page and the command say that another is under way
    if (memcmp(fresh.hash, s->pack[0].hash, sizeof fresh.hash) == 0) {
        close(fresh.fd);
        return;
    }
    s->pack[1] = fresh;
    s->target = 1;
    s->refused_at = 0;
    seats_state_write(s);
}

// The desk has checked the folder and written into the audit trail who asks: it is accepted if it is still that pack.
void seats_accept_asked(struct serve *s, const uint8_t hash[static PACK_HASH_BYTES])
{
    struct buf why;
    struct pack *p = NULL;
    buf_init(&why, 8192);
    enum err e = s->pack[1].fd >= 0 ? ERR_CONFLICT : pack_open(s->layout.country, &p, &why);
    if (!e && memcmp(pack_hash(p), hash, PACK_HASH_BYTES) != 0)
        e = ERR_CONFLICT;
    if (!e)
        e = process_accept(&s->layout, p);
    if (e)
        log_event(LOG_WARN, "serve.pack_not_accepted", LOG_ERR(e));
    else
        seats_look(s);
    pack_close(&p);
    buf_free(&why);
}

// A process could not be started with the new pack: all go back to the one in force.
void seats_give_up(struct serve *s, enum program which)
{
    log_event(LOG_ALARM, "serve.pack_refused", LOG_I("program", which));
    memcpy(s->refused, s->pack[1].hash, sizeof s->refused);
    s->refused_at = clock_now();
    s->target = 0;
    struct buf bytes;
    buf_init(&bytes, PACK_BYTES_MAX);
    enum err e = file_read_open(s->pack[0].fd, &bytes);
    e = e ? e : file_replace(s->layout.pack, buf_str(&bytes), 0644);
    if (e)
        log_event(LOG_ALARM, "serve.pack_not_restored", LOG_ERR(e));
    buf_free(&bytes);
    seats_state_write(s);
}

void seats_pack_open(struct serve *s)
{
    s->pack[1].fd = -1;
    if (!accepted_open(&s->layout, &s->pack[0])) {
        accept_folder(&s->layout);
        if (!accepted_open(&s->layout, &s->pack[0]))
            command_fail(1, "%s cannot be read: %s", s->layout.pack, strerror(errno));
    }
    tell_waiting(s);
    seats_state_write(s);
}

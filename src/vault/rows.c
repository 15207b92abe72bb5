#include "vault/row.h"
#include <assert.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"

#define ROW_BYTES_MAX 1024  // of all columns of a row as they are hashed
#define ROW_COLUMNS_MAX 16
#define DEVICE_KEPT (365 * CLOCK_DAY)
#define BACKOFF_KEPT CLOCK_HOUR

static void message_put(uint8_t *m, size_t *n, const void *from, size_t bytes, bool *fits)
{
    if (!*fits || bytes > ROW_BYTES_MAX - *n) {
        *fits = false;
        return;
    }
    if (bytes) {
        memcpy(m + *n, from, bytes);
    }
    *n += bytes;
}

static void message_put_int(uint8_t *m, size_t *n, uint64_t v, size_t bytes, bool *fits)
{
    uint8_t le[8];
    for (size_t i = 0; i < 8; i++) {
        le[i] = (uint8_t)(v >> (8 * i));
    }
    message_put(m, n, le, bytes, fits);
}

void row_mac(uint8_t out[16], const struct key *row_key, const char *table, size_t n, const struct db_val *v, bool *fits)
{
    uint8_t m[ROW_BYTES_MAX];
    size_t at = 0;
    *fits = true;
    message_put_int(m, &at, strlen(table), 4, fits);
    message_put(m, &at, table, strlen(table), fits);
    for (size_t i = 1; i <= n; i++) {
        if (v[i].type == 'i') {
            message_put_int(m, &at, (uint64_t)v[i].i, 8, fits);
        } else {
            message_put_int(m, &at, v[i].s.n, 4, fits);
            message_put(m, &at, v[i].s.at, v[i].s.n, fits);
        }
    }
    crypto_digest(out, 16, "isigurt.row....1", row_key, CRYPTO_PARTS({(const char *)m, at}));
}

// Runs an insert whose last parameter is the MAC over the others.
enum err row_put(struct db *db, const struct key *row_key, const char *table, const struct db_query *q,
                    struct db_args args)
{
    struct db_val v[ROW_COLUMNS_MAX + 2];
    uint8_t mac[16];
    bool fits;
    assert(args.n <= ROW_COLUMNS_MAX + 1);
    memcpy(v, args.v, args.n * sizeof *v);
    row_mac(mac, row_key, table, args.n - 1, v, &fits);
    assert(fits); // our own values, all bounded
    v[args.n] = DB_B(STR_BYTES(mac));
    return db_exec(db, q, (struct db_args){args.n + 1, v}, NULL);
}

// Is the present row of r what put wrote? Its columns are the table's, mac last, as q->out says.
static enum err check(const struct db_rows *r, const struct key *row_key, const char *table, const struct db_query *q)
{
    struct db_val v[ROW_COLUMNS_MAX + 1];
    size_t n = strlen(q->out) - 1;
    assert(n <= ROW_COLUMNS_MAX);
    for (size_t i = 0; i < n; i++) {
        v[i + 1] = q->out[i] == 'i' ? DB_I(db_int(r, (int)i)) : DB_B(db_str(r, (int)i));
    }
    uint8_t mac[16];
    bool fits;
    row_mac(mac, row_key, table, n, v, &fits);
    struct str stored = db_str(r, (int)n);
    if (!fits || stored.n != sizeof mac || !crypto_equal(stored.at, mac, sizeof mac)) {
        log_event(LOG_ALARM, "row-tampered");
        return ERR_TAMPERED;
    }
    return OK;
}

// Column i of exactly n bytes. After check only a program of another version can have written another length.
enum err row_bytes(const struct db_rows *r, int i, void *out, size_t n)
{
    struct str s = db_str(r, i);
    if (s.n != n) {
        return ERR_TAMPERED;
    }
    memcpy(out, s.at, n);
    return OK;
}

// All rows of q into out (an array of `size` bytes a row), at most max.
enum err row_all(struct db *db, const struct key *row_key, const char *table, const struct db_query *q,
                        struct db_args args, row_fn *fn, void *out, size_t size, size_t max, size_t *n)
{
    struct db_rows *r = NULL;
    enum err e = db_query(db, q, args, &r);
    if (e) {
        return e;
    }
    size_t count = 0;
    while (!e && db_next(r)) {
        e = count == max ? ERR_TOO_LARGE : check(r, row_key, table, q);
        e = e ? e : fn(r, (char *)out + count * size);
        count++;
    }
    enum err done = db_done(&r);
    e = e ? e : done;
    if (!e) {
        *n = count;
    }
    return e;
}

enum err row_one(struct db *db, const struct key *row_key, const char *table, const struct db_query *q,
                        struct db_args args, row_fn *fn, void *out, size_t size)
{
    size_t n = 0;
    enum err e = row_all(db, row_key, table, q, args, fn, out, size, 1, &n);
    return e ? e : n ? OK : ERR_NOT_FOUND;
}

// --- person

#define PERSON_COLUMNS "id, name, pk, ops, mem, salt, wrap, totp, totp_step, roles, disabled, created, mac"
DB_QUERY(person_by_id, "b", "btbiibbbiiiib", "select " PERSON_COLUMNS " from keeper.person where id = $1");
DB_QUERY(person_by_name, "t", "btbiibbbiiiib", "select " PERSON_COLUMNS " from keeper.person where name = $1");
DB_QUERY(person_write, "btbiibbbiiiib", "",
         "insert into keeper.person (" PERSON_COLUMNS ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
         "on conflict (id) do update set name = excluded.name, pk = excluded.pk, ops = excluded.ops, mem = excluded.mem, "
         "salt = excluded.salt, wrap = excluded.wrap, totp = excluded.totp, totp_step = excluded.totp_step, "
         "roles = excluded.roles, disabled = excluded.disabled, created = excluded.created, mac = excluded.mac");

static enum err person_read(const struct db_rows *r, void *out)
{
    struct person_row p = {.ops = (uint64_t)db_int(r, 3), .mem = (uint64_t)db_int(r, 4), .totp_step = db_int(r, 8),
                           .roles = (uint32_t)db_int(r, 9), .disabled = db_int(r, 10) != 0, .created = db_int(r, 11)};
    struct str name = db_str(r, 1);
    enum err e = name.n <= NAME_MAX_BYTES ? OK : ERR_TAMPERED;
    e = e ? e : row_bytes(r, 0, p.id.b, sizeof p.id.b);
    e = e ? e : row_bytes(r, 2, p.pk.b, sizeof p.pk.b);
    e = e ? e : row_bytes(r, 5, p.salt, sizeof p.salt);
    e = e ? e : row_bytes(r, 6, p.wrap, sizeof p.wrap);
    e = e ? e : row_bytes(r, 7, p.totp, sizeof p.totp);
    if (!e) {
        memcpy(p.name, name.at, name.n);
        *(struct person_row *)out = p;
    }
    return e;
}

enum err person_get(struct db *db, const struct key *row_key, struct id id, struct person_row *out)
{
    return row_one(db, row_key, "person", &person_by_id, DB_ARGS(DB_ID(id)), person_read, out, sizeof *out);
}

enum err person_get_name(struct db *db, const struct key *row_key, struct str name, struct person_row *out)
{
    return row_one(db, row_key, "person", &person_by_name, DB_ARGS(DB_T(name)), person_read, out, sizeof *out);
}

enum err person_put(struct db *db, const struct key *row_key, const struct person_row *p)
{
    return row_put(db, row_key, "person", &person_write,
               DB_ARGS(DB_ID(p->id), DB_T(str_from(p->name)), DB_B(STR_BYTES(p->pk.b)), DB_I(p->ops), DB_I(p->mem),
                       DB_B(STR_BYTES(p->salt)), DB_B(STR_BYTES(p->wrap)), DB_B(STR_BYTES(p->totp)), DB_I(p->totp_step),
                       DB_I(p->roles), DB_I(p->disabled), DB_I(p->created)));
}

// --- session

DB_QUERY(session_by_sid, "b", "bbiiibb", "select sid, person, created, expires, seen, wrap, mac from keeper.session where sid = $1");
DB_QUERY(session_write, "bbiiibb", "",
         "insert into keeper.session (sid, person, created, expires, seen, wrap, mac) values ($1, $2, $3, $4, $5, $6, $7) "
         "on conflict (sid) do update set seen = excluded.seen, mac = excluded.mac");
DB_QUERY(session_remove, "b", "", "delete from keeper.session where sid = $1");
DB_QUERY(session_remove_person, "bb", "", "delete from keeper.session where person = $1 and sid <> $2");
DB_QUERY(session_remove_oldest, "bi", "",
         "delete from keeper.session where sid in "
         "(select sid from keeper.session where person = $1 order by created desc, sid limit 1000 offset $2)");

static enum err session_read(const struct db_rows *r, void *out)
{
    struct session_row s = {.created = db_int(r, 2), .expires = db_int(r, 3), .seen = db_int(r, 4)};
    enum err e = row_bytes(r, 0, s.sid.b, sizeof s.sid.b);
    e = e ? e : row_bytes(r, 1, s.person.b, sizeof s.person.b);
    e = e ? e : row_bytes(r, 5, s.wrap, sizeof s.wrap);
    if (!e) {
        *(struct session_row *)out = s;
    }
    return e;
}

enum err session_get(struct db *db, const struct key *row_key, struct id sid, struct session_row *out)
{
    return row_one(db, row_key, "session", &session_by_sid, DB_ARGS(DB_ID(sid)), session_read, out, sizeof *out);
}

enum err session_put(struct db *db, const struct key *row_key, const struct session_row *s)
{
    return row_put(db, row_key, "session", &session_write,
               DB_ARGS(DB_ID(s->sid), DB_ID(s->person), DB_I(s->created), DB_I(s->expires), DB_I(s->seen),
                       DB_B(STR_BYTES(s->wrap))));
}

enum err session_delete(struct db *db, struct id sid)
{
    return db_exec(db, &session_remove, DB_ARGS(DB_ID(sid)), NULL);
}

enum err session_delete_person(struct db *db, struct id person, struct id but_sid)
{
    return db_exec(db, &session_remove_person, DB_ARGS(DB_ID(person), DB_ID(but_sid)), NULL);
}

enum err session_thin(struct db *db, struct id person, int64_t most)
{
    return db_exec(db, &session_remove_oldest, DB_ARGS(DB_ID(person), DB_I(most)), NULL);
}

// --- device, backoff

DB_QUERY(device_by_id, "bb", "bbib", "select person, device, seen, mac from keeper.device where person = $1 and device = $2");
DB_QUERY(device_write, "bbib", "",
         "insert into keeper.device (person, device, seen, mac) values ($1, $2, $3, $4) "
         "on conflict (person, device) do update set seen = excluded.seen, mac = excluded.mac");
DB_QUERY(device_thin, "b", "",
         "delete from keeper.device where person = $1 and device in "
         "(select device from keeper.device where person = $1 order by seen desc, device limit 1000 offset 16)");
DB_QUERY(backoff_by_track, "b", "biib", "select track, failures, last, mac from keeper.backoff where track = $1");
DB_QUERY(backoff_write, "biib", "",
         "insert into keeper.backoff (track, failures, last, mac) values ($1, $2, $3, $4) "
         "on conflict (track) do update set failures = excluded.failures, last = excluded.last, mac = excluded.mac");
DB_QUERY(backoff_remove, "b", "", "delete from keeper.backoff where track = $1");

static enum err device_read(const struct db_rows *r, void *out)
{
    (void)r;
    *(bool *)out = true;
    return OK;
}

enum err device_known(struct db *db, const struct key *row_key, struct id person, struct id device, bool *known)
{
    bool there = false;
    enum err e = row_one(db, row_key, "device", &device_by_id, DB_ARGS(DB_ID(person), DB_ID(device)), device_read, &there,
                         sizeof there);
    if (!e || e == ERR_NOT_FOUND) {
        *known = there;
        return OK;
    }
    return e;
}

enum err device_put(struct db *db, const struct key *row_key, struct id person, struct id device, int64_t now)
{
    enum err e = row_put(db, row_key, "device", &device_write, DB_ARGS(DB_ID(person), DB_ID(device), DB_I(now)));
    return e ? e : db_exec(db, &device_thin, DB_ARGS(DB_ID(person)), NULL);
}

static enum err backoff_read(const struct db_rows *r, void *out)
{
    struct backoff_row b = {.failures = db_int(r, 1), .last = db_int(r, 2)};
    enum err e = row_bytes(r, 0, b.track.b, sizeof b.track.b);
    if (!e) {
        *(struct backoff_row *)out = b;
    }
    return e;
}

enum err backoff_get(struct db *db, const struct key *row_key, struct id track, struct backoff_row *out)
{
    struct backoff_row b = {.track = track};
    enum err e = row_one(db, row_key, "backoff", &backoff_by_track, DB_ARGS(DB_ID(track)), backoff_read, &b, sizeof b);
    if (e && e != ERR_NOT_FOUND) {
        return e;
    }
    *out = b;
    return OK;
}

enum err backoff_put(struct db *db, const struct key *row_key, const struct backoff_row *b)
{
    return row_put(db, row_key, "backoff", &backoff_write, DB_ARGS(DB_ID(b->track), DB_I(b->failures), DB_I(b->last)));
}

enum err backoff_delete(struct db *db, struct id track)
{
    return db_exec(db, &backoff_remove, DB_ARGS(DB_ID(track)), NULL);
}

// --- budget, opened

DB_QUERY(budget_by_person, "b", "biiiiiiib",
         "select person, minute, minute_n, hour, hour_n, day, day_n, refused, mac from keeper.budget where person = $1");
DB_QUERY(budget_write, "biiiiiiib", "",
         "insert into keeper.budget (person, minute, minute_n, hour, hour_n, day, day_n, refused, mac) "
         "values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (person) do update set minute = excluded.minute, "
         "minute_n = excluded.minute_n, hour = excluded.hour, hour_n = excluded.hour_n, day = excluded.day, "
         "day_n = excluded.day_n, refused = excluded.refused, mac = excluded.mac");
DB_QUERY(opened_by_home, "bbi", "bbiib",
         "select sid, home, purpose, minute, mac from keeper.opened where sid = $1 and home = $2 and purpose = $3");
DB_QUERY(opened_write, "bbiib", "",
         "insert into keeper.opened (sid, home, purpose, minute, mac) values ($1, $2, $3, $4, $5) "
         "on conflict (sid, home, purpose) do update set minute = excluded.minute, mac = excluded.mac");

static enum err budget_read(const struct db_rows *r, void *out)
{
    struct budget_row b = {.minute = db_int(r, 1), .minute_n = db_int(r, 2), .hour = db_int(r, 3), .hour_n = db_int(r, 4),
                           .day = db_int(r, 5), .day_n = db_int(r, 6), .refused = db_int(r, 7)};
    enum err e = row_bytes(r, 0, b.person.b, sizeof b.person.b);
    if (!e) {
        *(struct budget_row *)out = b;
    }
    return e;
}

enum err budget_get(struct db *db, const struct key *row_key, struct id person, struct budget_row *out)
{
    struct budget_row b = {.person = person};
    enum err e = row_one(db, row_key, "budget", &budget_by_person, DB_ARGS(DB_ID(person)), budget_read, &b, sizeof b);
    if (e && e != ERR_NOT_FOUND) {
        return e;
    }
    *out = b;
    return OK;
}

enum err budget_put(struct db *db, const struct key *row_key, const struct budget_row *b)
{
    return row_put(db, row_key, "budget", &budget_write,
               DB_ARGS(DB_ID(b->person), DB_I(b->minute), DB_I(b->minute_n), DB_I(b->hour), DB_I(b->hour_n), DB_I(b->day),
                       DB_I(b->day_n), DB_I(b->refused)));
}

static enum err opened_read(const struct db_rows *r, void *out)
{
    *(int64_t *)out = db_int(r, 3);
    return OK;
}

enum err opened_get(struct db *db, const struct key *row_key, struct id sid, struct id home, int64_t purpose, int64_t *minute)
{
    int64_t at = 0;
    enum err e = row_one(db, row_key, "opened", &opened_by_home, DB_ARGS(DB_ID(sid), DB_ID(home), DB_I(purpose)),
                         opened_read, &at, sizeof at);
    if (e && e != ERR_NOT_FOUND) {
        return e;
    }
    *minute = at;
    return OK;
}

enum err opened_put(struct db *db, const struct key *row_key, struct id sid, struct id home, int64_t purpose, int64_t minute)
{
    return row_put(db, row_key, "opened", &opened_write, DB_ARGS(DB_ID(sid), DB_ID(home), DB_I(purpose), DB_I(minute)));
}

DB_QUERY(sweep_sessions, "i", "", "delete from keeper.session where expires < $1");
DB_QUERY(sweep_devices, "i", "", "delete from keeper.device where seen < $1");
DB_QUERY(sweep_backoffs, "i", "", "delete from keeper.backoff where last < $1");
DB_QUERY(sweep_opened, "i", "", "delete from keeper.opened where minute < $1");

enum err rows_sweep(struct db *db, int64_t now)
{
    enum err e = db_exec(db, &sweep_sessions, DB_ARGS(DB_I(now)), NULL);
    e = e ? e : db_exec(db, &sweep_devices, DB_ARGS(DB_I(now - DEVICE_KEPT)), NULL);
    e = e ? e : db_exec(db, &sweep_backoffs, DB_ARGS(DB_I(now - BACKOFF_KEPT)), NULL);
    return e ? e : db_exec(db, &sweep_opened, DB_ARGS(DB_I(now - 2 * CLOCK_MINUTE)), NULL);
}

#include "vault/row.h"

// --- the directory

DB_QUERY(epoch_by_number, "bi", "bibibb",
         "select unit, epoch, pk, not_before, sig, mac from keeper.epoch where unit = $1 and epoch = $2");
DB_QUERY(epoch_last, "b", "bibibb",
         "select unit, epoch, pk, not_before, sig, mac from keeper.epoch where unit = $1 order by epoch desc limit 1");
DB_QUERY(epoch_list, "i", "bibibb",
         "select unit, epoch, pk, not_before, sig, mac from keeper.epoch order by unit, epoch limit $1");
DB_QUERY(epoch_write, "bibibb", "",
         "insert into keeper.epoch (unit, epoch, pk, not_before, sig, mac) values ($1, $2, $3, $4, $5, $6)");
DB_QUERY(duty_only, "", "ibibb", "select one, unit, since, sig, mac from keeper.duty");
DB_QUERY(duty_write, "ibibb", "",
         "insert into keeper.duty (one, unit, since, sig, mac) values ($1, $2, $3, $4, $5) "
         "on conflict (one) do update set unit = excluded.unit, since = excluded.since, sig = excluded.sig, mac = excluded.mac");

static enum err epoch_read(const struct db_rows *r, void *out)
{
    struct epoch_row p = {.epoch = (uint32_t)db_int(r, 1), .not_before = db_int(r, 3)};
    enum err e = row_bytes(r, 0, p.unit.b, sizeof p.unit.b);
    e = e ? e : row_bytes(r, 2, p.pk.b, sizeof p.pk.b);
    e = e ? e : row_bytes(r, 4, p.sig, sizeof p.sig);
    if (!e) {
        *(struct epoch_row *)out = p;
    }
    return e;
}

enum err epoch_get(struct db *db, const struct key *row_key, struct id unit, uint32_t epoch, struct epoch_row *out)
{
    return row_one(db, row_key, "epoch", &epoch_by_number, DB_ARGS(DB_ID(unit), DB_I(epoch)), epoch_read, out, sizeof *out);
}

enum err epoch_newest(struct db *db, const struct key *row_key, struct id unit, struct epoch_row *out)
{
    return row_one(db, row_key, "epoch", &epoch_last, DB_ARGS(DB_ID(unit)), epoch_read, out, sizeof *out);
}

enum err epoch_put(struct db *db, const struct key *row_key, const struct epoch_row *p)
{
    return row_put(db, row_key, "epoch", &epoch_write,
               DB_ARGS(DB_ID(p->unit), DB_I(p->epoch), DB_B(STR_BYTES(p->pk.b)), DB_I(p->not_before), DB_B(STR_BYTES(p->sig))));
}

enum err epoch_all(struct db *db, const struct key *row_key, struct epoch_row *out, size_t max, size_t *n)
{
    return row_all(db, row_key, "epoch", &epoch_list, DB_ARGS(DB_I(max + 1)), epoch_read, out, sizeof *out, max, n);
}

DB_QUERY(epoch_count_all, "", "i", "select count(*) from keeper.epoch");
DB_QUERY(epoch_count_unit, "bi", "iii",
         "select coalesce(min(epoch), 0), coalesce(sum(case when not_before > $2 then 1 else 0 end), 0), "
         "coalesce(min(case when not_before > $2 then not_before end), 0) from keeper.epoch where unit = $1");
DB_QUERY(member_count_unit, "b", "i", "select count(*) from keeper.member where unit = $1");

// One row of n numbers.
static enum err numbers(struct db *db, const struct db_query *q, struct db_args args, int64_t *out, int n)
{
    struct db_rows *r = NULL;
    enum err e = db_query(db, q, args, &r);
    if (e) {
        return e;
    }
    if (db_next(r)) {
        for (int i = 0; i < n; i++) {
            out[i] = db_int(r, i);
        }
    }
    return db_done(&r);
}

enum err epoch_counts(struct db *db, struct id unit, int64_t since, struct epoch_count *out)
{
    int64_t all = 0, of[3] = {0};
    enum err e = numbers(db, &epoch_count_all, DB_ARGS(), &all, 1);
    e = e ? e : numbers(db, &epoch_count_unit, DB_ARGS(DB_ID(unit), DB_I(since)), of, 3);
    if (!e) {
        *out = (struct epoch_count){.all = all, .unit_oldest = of[0], .day_n = of[1], .day_first = of[2]};
    }
    return e;
}

enum err member_count(struct db *db, struct id unit, int64_t *n)
{
    return numbers(db, &member_count_unit, DB_ARGS(DB_ID(unit)), n, 1);
}

static enum err duty_read(const struct db_rows *r, void *out)
{
    struct duty_row d = {.since = db_int(r, 2)};
    enum err e = row_bytes(r, 1, d.unit.b, sizeof d.unit.b);
    e = e ? e : row_bytes(r, 3, d.sig, sizeof d.sig);
    if (!e) {
        *(struct duty_row *)out = d;
    }
    return e;
}

enum err duty_get(struct db *db, const struct key *row_key, struct duty_row *out)
{
    return row_one(db, row_key, "duty", &duty_only, DB_ARGS(), duty_read, out, sizeof *out);
}

enum err duty_put(struct db *db, const struct key *row_key, const struct duty_row *d)
{
    return row_put(db, row_key, "duty", &duty_write,
               DB_ARGS(DB_I(1), DB_ID(d->unit), DB_I(d->since), DB_B(STR_BYTES(d->sig))));
}

// --- member, link

DB_QUERY(member_by_person, "bb", "bbibb",
         "select unit, person, epoch, sealed, mac from keeper.member where unit = $1 and person = $2");
DB_QUERY(member_list, "bi", "bbibb",
         "select unit, person, epoch, sealed, mac from keeper.member where unit = $1 order by person limit $2");
DB_QUERY(member_of, "bi", "bbibb",
         "select unit, person, epoch, sealed, mac from keeper.member where person = $1 order by unit limit $2");
DB_QUERY(member_write, "bbibb", "",
         "insert into keeper.member (unit, person, epoch, sealed, mac) values ($1, $2, $3, $4, $5) "
         "on conflict (unit, person) do update set epoch = excluded.epoch, sealed = excluded.sealed, mac = excluded.mac");
DB_QUERY(member_remove_unit, "b", "", "delete from keeper.member where unit = $1");
DB_QUERY(member_remove_person, "b", "", "delete from keeper.member where person = $1");
DB_QUERY(link_list, "biii", "biibb",
         "select unit, old_epoch, new_epoch, sealed, mac from keeper.link "
         "where unit = $1 and new_epoch <= $2 and new_epoch > $3 order by new_epoch desc limit $4");
DB_QUERY(link_write, "biibb", "",
         "insert into keeper.link (unit, old_epoch, new_epoch, sealed, mac) values ($1, $2, $3, $4, $5)");

static enum err member_read(const struct db_rows *r, void *out)
{
    struct member_row m = {.epoch = (uint32_t)db_int(r, 2)};
    enum err e = row_bytes(r, 0, m.unit.b, sizeof m.unit.b);
    e = e ? e : row_bytes(r, 1, m.person.b, sizeof m.person.b);
    e = e ? e : row_bytes(r, 3, m.sealed, sizeof m.sealed);
    if (!e) {
        *(struct member_row *)out = m;
    }
    return e;
}

enum err member_get(struct db *db, const struct key *row_key, struct id unit, struct id person, struct member_row *out)
{
    return row_one(db, row_key, "member", &member_by_person, DB_ARGS(DB_ID(unit), DB_ID(person)), member_read, out, sizeof *out);
}

enum err member_put(struct db *db, const struct key *row_key, const struct member_row *m)
{
    return row_put(db, row_key, "member", &member_write,
               DB_ARGS(DB_ID(m->unit), DB_ID(m->person), DB_I(m->epoch), DB_B(STR_BYTES(m->sealed))));
}

enum err member_all(struct db *db, const struct key *row_key, struct id unit, struct member_row *out, size_t max, size_t *n)
{
    return row_all(db, row_key, "member", &member_list, DB_ARGS(DB_ID(unit), DB_I(max + 1)), member_read, out, sizeof *out, max, n);
}

enum err member_units(struct db *db, const struct key *row_key, struct id person, struct id out[UNITS_MAX], size_t *n)
{
    struct member_row m[UNITS_MAX];
    size_t count = 0;
    enum err e = row_all(db, row_key, "member", &member_of, DB_ARGS(DB_ID(person), DB_I(UNITS_MAX)), member_read, m, sizeof *m,
                         UNITS_MAX, &count);
    for (size_t i = 0; !e && i < count; i++) {
        out[i] = m[i].unit;
    }
    if (!e) {
        *n = count;
    }
    return e;
}

enum err member_delete_unit(struct db *db, struct id unit)
{
    return db_exec(db, &member_remove_unit, DB_ARGS(DB_ID(unit)), NULL);
}

enum err member_delete_person(struct db *db, struct id person)
{
    return db_exec(db, &member_remove_person, DB_ARGS(DB_ID(person)), NULL);
}

static enum err link_read(const struct db_rows *r, void *out)
{
    struct link_row l = {.old_epoch = (uint32_t)db_int(r, 1), .new_epoch = (uint32_t)db_int(r, 2)};
    enum err e = row_bytes(r, 3, l.sealed, sizeof l.sealed);
    if (!e) {
        *(struct link_row *)out = l;
    }
    return e;
}

enum err link_walk(struct db *db, const struct key *row_key, struct id unit, uint32_t from, uint32_t to,
                   struct link_row *out, size_t *n)
{
    size_t count = 0;
    if (to >= from) {
        *n = 0;
        return OK;
    }
    if (from - to > LINKS_MAX) {
        return ERR_TOO_LARGE;
    }
    enum err e = row_all(db, row_key, "link", &link_list, DB_ARGS(DB_ID(unit), DB_I(from), DB_I(to), DB_I(LINKS_MAX + 1)),
                         link_read, out, sizeof *out, LINKS_MAX, &count);
    if (!e && count != from - to) {
        e = ERR_NOT_FOUND;
    }
    for (size_t i = 0; !e && i < count; i++) {
        if (out[i].new_epoch != from - i || out[i].old_epoch != from - i - 1) {
            e = ERR_NOT_FOUND;
        }
    }
    if (!e) {
        *n = count;
    }
    return e;
}

enum err link_put(struct db *db, const struct key *row_key, struct id unit, const struct link_row *l)
{
    return row_put(db, row_key, "link", &link_write,
               DB_ARGS(DB_ID(unit), DB_I(l->old_epoch), DB_I(l->new_epoch), DB_B(STR_BYTES(l->sealed))));
}

// --- tagged, share

DB_QUERY(tagged_by_report, "b", "bbbbiib",
         "select report, box, item, writer, seq, place, mac from keeper.tagged where report = $1");
DB_QUERY(tagged_write, "bbbbiib", "",
         "insert into keeper.tagged (report, box, item, writer, seq, place, mac) values ($1, $2, $3, $4, $5, $6, $7)");
DB_QUERY(share_write, "biiiibb", "",
         "insert into keeper.share (unit, epoch, pair, half, custodian, sealed, mac) values ($1, $2, $3, $4, $5, $6, $7)");
DB_QUERY(share_remove_unit, "b", "", "delete from keeper.share where unit = $1");

static enum err tagged_read(const struct db_rows *r, void *out)
{
    struct tagged_row t = {.seq = (uint64_t)db_int(r, 4), .place = db_int(r, 5)};
    enum err e = row_bytes(r, 0, t.report.b, sizeof t.report.b);
    e = e ? e : row_bytes(r, 1, t.box, sizeof t.box);
    e = e ? e : row_bytes(r, 2, t.item, sizeof t.item);
    e = e ? e : row_bytes(r, 3, t.writer, sizeof t.writer);
    if (!e) {
        *(struct tagged_row *)out = t;
    }
    return e;
}

enum err tagged_get(struct db *db, const struct key *row_key, struct id report, struct tagged_row *out)
{
    return row_one(db, row_key, "tagged", &tagged_by_report, DB_ARGS(DB_ID(report)), tagged_read, out, sizeof *out);
}

enum err tagged_put(struct db *db, const struct key *row_key, const struct tagged_row *t)
{
    return row_put(db, row_key, "tagged", &tagged_write,
               DB_ARGS(DB_ID(t->report), DB_B(STR_BYTES(t->box)), DB_B(STR_BYTES(t->item)), DB_B(STR_BYTES(t->writer)),
                       DB_I(t->seq), DB_I(t->place)));
}

enum err share_put(struct db *db, const struct key *row_key, const struct share_row *s)
{
    return row_put(db, row_key, "share", &share_write,
               DB_ARGS(DB_ID(s->unit), DB_I(s->epoch), DB_I(s->pair), DB_I(s->half), DB_I(s->custodian),
                       DB_B(STR_BYTES(s->sealed))));
}

enum err share_delete_unit(struct db *db, struct id unit)
{
    return db_exec(db, &share_remove_unit, DB_ARGS(DB_ID(unit)), NULL);
}

// --- agreed

DB_QUERY(agreed_by_unit, "b", "bibib", "select unit, version, person, at, mac from keeper.agreed where unit = $1");
DB_QUERY(agreed_write, "bibib", "",
         "insert into keeper.agreed (unit, version, person, at, mac) values ($1, $2, $3, $4, $5) "
         "on conflict (unit) do update set version = excluded.version, person = excluded.person, at = excluded.at, mac = excluded.mac");

static enum err agreed_read(const struct db_rows *r, void *out)
{
    struct agreed_row a = {.version = (uint32_t)db_int(r, 1), .at = db_int(r, 3)};
    enum err e = row_bytes(r, 0, a.unit.b, sizeof a.unit.b);
    e = e ? e : row_bytes(r, 2, a.person.b, sizeof a.person.b);
    if (!e) {
        *(struct agreed_row *)out = a;
    }
    return e;
}

enum err agreed_get(struct db *db, const struct key *row_key, struct id unit, struct agreed_row *out)
{
    return row_one(db, row_key, "agreed", &agreed_by_unit, DB_ARGS(DB_ID(unit)), agreed_read, out, sizeof *out);
}

enum err agreed_put(struct db *db, const struct key *row_key, const struct agreed_row *a)
{
    return row_put(db, row_key, "agreed", &agreed_write,
                   DB_ARGS(DB_ID(a->unit), DB_I(a->version), DB_ID(a->person), DB_I(a->at)));
}

// --- founding

DB_QUERY(founding_by_unit, "b", "bbbibib", "select unit, person, founder, at, confirmer, confirmed, mac from keeper.founding where unit = $1");
DB_QUERY(founding_write, "bbbibib", "",
         "insert into keeper.founding (unit, person, founder, at, confirmer, confirmed, mac) values ($1, $2, $3, $4, $5, $6, $7) "
         "on conflict (unit) do update set confirmer = excluded.confirmer, confirmed = excluded.confirmed, mac = excluded.mac");

static enum err founding_read(const struct db_rows *r, void *out)
{
    struct founding_row f = {.at = db_int(r, 3), .confirmed = db_int(r, 5)};
    enum err e = row_bytes(r, 0, f.unit.b, sizeof f.unit.b);
    e = e ? e : row_bytes(r, 1, f.person.b, sizeof f.person.b);
    e = e ? e : row_bytes(r, 2, f.founder.b, sizeof f.founder.b);
    e = e ? e : row_bytes(r, 4, f.confirmer.b, sizeof f.confirmer.b);
    if (!e) {
        *(struct founding_row *)out = f;
    }
    return e;
}

enum err founding_get(struct db *db, const struct key *row_key, struct id unit, struct founding_row *out)
{
    return row_one(db, row_key, "founding", &founding_by_unit, DB_ARGS(DB_ID(unit)), founding_read, out, sizeof *out);
}

enum err founding_put(struct db *db, const struct key *row_key, const struct founding_row *f)
{
    return row_put(db, row_key, "founding", &founding_write,
                   DB_ARGS(DB_ID(f->unit), DB_ID(f->person), DB_ID(f->founder), DB_I(f->at), DB_ID(f->confirmer), DB_I(f->confirmed)));
}

// --- replaced

DB_QUERY(replaced_by_home, "b", "bbb", "select home, kid, mac from keeper.replaced where home = $1");
DB_QUERY(replaced_write, "bbb", "", "insert into keeper.replaced (home, kid, mac) values ($1, $2, $3) on conflict (home, kid) do nothing");
DB_QUERY(replaced_remove_home, "b", "", "delete from keeper.replaced where home = $1");

static enum err replaced_read(const struct db_rows *r, void *out)
{
    return row_bytes(r, 1, ((struct kid *)out)->b, sizeof ((struct kid *)out)->b);
}

enum err replaced_all(struct db *db, const struct key *row_key, struct id home, struct kid *out, size_t *n)
{
    *n = 0;
    return row_all(db, row_key, "replaced", &replaced_by_home, DB_ARGS(DB_ID(home)), replaced_read, out, sizeof *out, KEEPER_OLD_MAX, n);
}

enum err replaced_put(struct db *db, const struct key *row_key, struct id home, struct kid kid)
{
    struct kid old[KEEPER_OLD_MAX];
    size_t n;
    enum err e = replaced_all(db, row_key, home, old, &n);
    for (size_t i = 0; !e && i < n; i++) {
        if (crypto_equal(old[i].b, kid.b, sizeof kid.b)) {
            return OK;
        }
    }
    e = e ? e : n == KEEPER_OLD_MAX ? ERR_FULL : OK;
    return e ? e : row_put(db, row_key, "replaced", &replaced_write, DB_ARGS(DB_ID(home), DB_B(STR_BYTES(kid.b))));
}

enum err replaced_delete_home(struct db *db, struct id home)
{
    return db_exec(db, &replaced_remove_home, DB_ARGS(DB_ID(home)), NULL);
}

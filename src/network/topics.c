// The discussion: topics and answers across institutions, under one's name. A moderator takes away what should not stand
// here: the words are deleted, the reason stays.
#include <string.h>
#include "base/clock.h"
#include "network/handlers.h"

DB_QUERY(topic_list_sql, "iii", "ibbtttiiii",
         "select t.seq, t.id, t.person, t.subject, t.title, p.name, t.at, t.last_at, t.posts, t.closed from desk.topic t "
         "join desk.person p on p.id = t.person where (t.last_at, t.seq) < ($1, $2) order by t.last_at desc, t.seq desc limit $3");
DB_QUERY(topic_find_sql, "b", "bttii", "select person, subject, title, closed, posts from desk.topic where id = $1");
DB_QUERY(topic_posts_sql, "bi", "bbitTBttt",
         "select x.id, x.person, x.at, x.text, x.removed_why, x.removed_by, p.name, i.name, i.name_en from desk.topic_post x "
         "join desk.person p on p.id = x.person join desk.institution i on i.id = p.institution where x.topic = $1 order by x.seq limit $2");
DB_QUERY(topic_add_sql, "bbtti", "", "insert into desk.topic (id, person, subject, title, at, last_at, posts, closed) "
         "values ($1, $2, $3, $4, $5, $5, 1, 0)");
DB_QUERY(topic_answered_sql, "bii", "", "update desk.topic set last_at = $2, posts = posts + 1 where id = $1 and closed = 0 and posts < $3");
DB_QUERY(topic_close_sql, "b", "", "update desk.topic set closed = 1 where id = $1");
DB_QUERY(post_add_sql, "bbbit", "", "insert into desk.topic_post (id, topic, person, at, text, removed_by, removed_why) "
         "values ($1, $2, $3, $4, $5, null, null)");
DB_QUERY(post_remove_sql, "bbbt", "", "update desk.topic_post set text = '', removed_by = $3, removed_why = $4 where id = $2 and topic = $1 "
         "and removed_by is null");

struct topics {
    struct req *rq;
    int64_t last_at, seq;
    struct network_topic *at;
    int64_t *seqs;
    size_t n;
};

static enum err topics_read(struct db *db, void *arg)
{
    struct topics *t = arg;
    struct req *rq = t->rq;
    struct db_rows *r;
    enum err e = db_query(db, &topic_list_sql, DB_ARGS(DB_I(t->last_at), DB_I(t->seq), DB_I(NETWORK_PAGE + 1)), &r);
    if (e)
        return e;
    for (t->n = 0; !e && t->n < NETWORK_PAGE + 1 && db_next(r); t->n++) {
        struct network_topic *x = &t->at[t->n];
        t->seqs[t->n] = db_int(r, 0);
        *x = (struct network_topic){.subject = arena_str(rq->arena, db_str(r, 3)), .title = arena_str(rq->arena, db_str(r, 4)),
                                    .name = arena_str(rq->arena, db_str(r, 5)), .at = db_int(r, 6), .last_at = db_int(r, 7), .posts = db_int(r, 8),
                                    .closed = db_int(r, 9) != 0};
        e = id_from_bytes(db_str(r, 1), &x->id) || id_from_bytes(db_str(r, 2), &x->person) ? ERR_TAMPERED : OK;
        x->subject_text = pack_label(rq->sv->pack, "directory_subject", x->subject, rq->lang);
        x->last_text = req_time(rq, x->last_at);
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err topics_show(struct req *rq, struct str after, struct str subject, struct network_topics_out *out)
{
    struct topics t = {.rq = rq, .last_at = INT64_MAX, .at = arena_array(rq->arena, NETWORK_PAGE + 1, sizeof *t.at),
                       .seqs = arena_array(rq->arena, NETWORK_PAGE + 1, sizeof *t.seqs)};
    struct str rest = after, last = str_cut(&rest, '-');
    if (after.n && (str_int(last, &t.last_at) || str_int(rest, &t.seq)))
        return req_refuse(rq, "after", MSG_DESK_REFUSED_CURSOR);
    enum err e = t.at && t.seqs ? store_read(rq->sv->store, topics_read, &t) : ERR_MEMORY;
    if (e)
        return e;
    size_t n = t.n > NETWORK_PAGE ? NETWORK_PAGE : t.n;
    out->topics = (struct list){t.at, n};
    if (t.n > NETWORK_PAGE)
        out->next = arena_printf(rq->arena, "%lld-%lld", (long long)t.at[n - 1].last_at, (long long)t.seqs[n - 1]);
    out->subjects = req_choices(rq, "directory_subject", subject);
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err network_topics_run(struct req *rq, const void *in_, void *out)
{
    const struct network_topics_in *in = in_;
    return topics_show(rq, in->after, STR(""), out);
}

// ── a new topic ──
enum err network_topic_fill(struct req *rq, const void *in_, void *out)
{
    const struct network_topic_in *in = in_;
    return topics_show(rq, STR(""), in->subject, out);
}

struct adding { struct req *rq; struct id topic, post; struct str subject, title, text; int64_t at; };

static enum err post_write(struct db *db, const struct adding *a)
{
    return db_exec(db, &post_add_sql, DB_ARGS(DB_ID(a->post), DB_ID(a->topic), DB_ID(a->rq->who.id), DB_I(a->at), DB_T(a->text)), NULL);
}

static enum err topic_write(struct db *db, void *arg)
{
    const struct adding *a = arg;
    enum err e = db_exec(db, &topic_add_sql, DB_ARGS(DB_ID(a->topic), DB_ID(a->rq->who.id), DB_T(a->subject), DB_T(a->title), DB_I(a->at)), NULL);
    return e ? e : post_write(db, a);
}

static enum err then_topic(struct req *rq, struct id topic)
{
    char hex[ID_HEX];
    struct str then = arena_printf(rq->arena, "/topics/%s", id_hex(topic, hex));
    rq->then = then.at;
    return then.at ? OK : ERR_MEMORY;
}

enum err network_topic_run(struct req *rq, const void *in_, void *out_)
{
    const struct network_topic_in *in = in_;
    struct network_topics_out *out = out_;
    struct adding a = {.rq = rq, .topic = id_random(), .post = id_random(), .subject = in->subject, .title = str_trim(in->title),
                       .text = str_trim(in->text), .at = clock_minute(rq->now)};
    enum err e = rq->json ? OK : network_topic_fill(rq, in, out);
    if (!e)
        e = network_words(rq, "title", in->title);
    if (!e)
        e = network_words(rq, "text", in->text);
    if (!e)
        e = store_write(rq->sv->store, topic_write, &a);
    if (!e)
        e = topics_show(rq, STR(""), STR(""), out);
    return e ? e : then_topic(rq, a.topic);
}

// ── one topic ──
struct reading { struct req *rq; struct network_read_out *out; struct network_post *at; size_t n; struct id author; int64_t posts; };

static enum err posts_read(struct db *db, struct reading *g)
{
    struct req *rq = g->rq;
    struct arena *a = rq->arena;
    struct db_rows *r;
    enum err e = db_query(db, &topic_posts_sql, DB_ARGS(DB_ID(rq->id), DB_I(NETWORK_POSTS_MAX)), &r);
    if (e)
        return e;
    for (g->n = 0; !e && g->n < NETWORK_POSTS_MAX && db_next(r); g->n++) {
        struct network_post *x = &g->at[g->n];
        *x = (struct network_post){.at = db_int(r, 2), .text = arena_str(a, db_str(r, 3)), .removed_why = arena_str(a, db_str(r, 4)),
            .removed = !db_null(r, 5), .name = arena_str(a, db_str(r, 6)),
            .institution = arena_str(a, str_equal_z(rq->lang_code, "en") ? db_str(r, 8) : db_str(r, 7))};
        e = id_from_bytes(db_str(r, 0), &x->id) || id_from_bytes(db_str(r, 1), &x->person) ? ERR_TAMPERED : OK;
        x->at_text = req_time(rq, x->at);
        x->mine = id_equal(x->person, rq->who.id);
        x->may_remove = !x->removed && (x->mine || req_may(rq, PERM_MODERATE));
    }
    enum err done = db_done(&r);
    return done ? done : e;
}

static enum err reading_read(struct db *db, void *arg)
{
    struct reading *g = arg;
    struct req *rq = g->rq;
    struct db_rows *r;
    enum err e = db_query(db, &topic_find_sql, DB_ARGS(DB_ID(rq->id)), &r);
    if (e)
        return e;
    bool found = db_next(r);
    if (found) {
        g->out->id = rq->id;
        g->out->subject = arena_str(rq->arena, db_str(r, 1));
        g->out->title = arena_str(rq->arena, db_str(r, 2));
        g->out->closed = db_int(r, 3) != 0;
        g->posts = db_int(r, 4);
        e = id_from_bytes(db_str(r, 0), &g->author) ? ERR_TAMPERED : OK;
    }
    enum err done = db_done(&r);
    e = done ? done : e;
    return e ? e : found ? posts_read(db, g) : ERR_NOT_FOUND;
}

static enum err topic_show(struct req *rq, struct network_read_out *out)
{
    struct reading g = {.rq = rq, .out = out, .at = arena_array(rq->arena, NETWORK_POSTS_MAX, sizeof *g.at)};
    enum err e = g.at ? store_read(rq->sv->store, reading_read, &g) : ERR_MEMORY;
    if (e)
        return e;
    out->posts = (struct list){g.at, g.n};
    out->subject_text = pack_label(rq->sv->pack, "directory_subject", out->subject, rq->lang);
    out->may_write = !out->closed && g.posts < NETWORK_POSTS_MAX;
    out->may_close = !out->closed && (id_equal(g.author, rq->who.id) || req_may(rq, PERM_MODERATE));
    return arena_failed(rq->arena) ? ERR_MEMORY : OK;
}

enum err network_read_run(struct req *rq, const void *in, void *out)
{
    (void)in;
    return topic_show(rq, out);
}

enum err network_post_fill(struct req *rq, const void *in, void *out)
{
    (void)in;
    return topic_show(rq, out);
}

static enum err answer_write(struct db *db, void *arg)
{
    const struct adding *a = arg;
    int64_t changed = 0;
    enum err e = db_exec(db, &topic_answered_sql, DB_ARGS(DB_ID(a->topic), DB_I(a->at), DB_I(NETWORK_POSTS_MAX)), &changed);
    return e ? e : changed != 1 ? ERR_CONFLICT : post_write(db, a);
}

enum err network_post_run(struct req *rq, const void *in_, void *out)
{
    const struct network_post_in *in = in_;
    struct adding a = {.rq = rq, .topic = rq->id, .post = id_random(), .text = str_trim(in->text), .at = clock_minute(rq->now)};
    enum err e = topic_show(rq, out);
    if (!e)
        e = network_words(rq, "text", in->text);
    if (!e)
        e = store_write(rq->sv->store, answer_write, &a);
    if (e == ERR_CONFLICT)
        return req_notice(rq, e, MSG_NETWORK_CLOSED);
    return e ? e : topic_show(rq, out);
}

// ── taken away, closed ──
struct moderating { struct req *rq; struct str why; };

static enum err moderate_write(struct db *db, void *arg)
{
    const struct moderating *m = arg;
    int64_t changed = 0;
    enum err e = db_exec(db, &post_remove_sql, DB_ARGS(DB_ID(m->rq->id), DB_ID(m->rq->id2), DB_ID(m->rq->who.id), DB_T(m->why)), &changed);
    return e ? e : changed == 1 ? OK : ERR_CONFLICT;
}

enum err network_moderate_run(struct req *rq, const void *in_, void *out_)
{
    const struct network_why_in *in = in_;
    struct network_read_out *out = out_;
    struct moderating m = {rq, str_trim(in->reason)};
    struct keeper_audit_at at;
    const struct network_post *post = NULL;
    enum err e = topic_show(rq, out);
    for (size_t i = 0; !e && i < out->posts.n && !post; i++)
        post = id_equal(((const struct network_post *)out->posts.at)[i].id, rq->id2) ? &((const struct network_post *)out->posts.at)[i] : NULL;
    if (!e)
        e = !post ? ERR_NOT_FOUND : post->removed ? ERR_CONFLICT : post->may_remove ? OK : ERR_FORBIDDEN;
    if (!e)
        e = network_words(rq, "reason", in->reason);
    if (!e && !post->mine)
        e = keeper_audit(rq->sv->keeper, &rq->token, AUDIT_MODERATED, rq->id2, post->person, STR("answer"), &at);
    if (!e)
        e = store_write(rq->sv->store, moderate_write, &m);
    return e ? e : topic_show(rq, out);
}

static enum err close_write(struct db *db, void *arg)
{
    const struct moderating *m = arg;
    return db_exec(db, &topic_close_sql, DB_ARGS(DB_ID(m->rq->id)), NULL);
}

enum err network_close_run(struct req *rq, const void *in, void *out_)
{
    (void)in;
    struct network_read_out *out = out_;
    struct moderating m = {.rq = rq};
    enum err e = topic_show(rq, out);
    if (!e && !out->may_close)
        e = out->closed ? ERR_CONFLICT : ERR_FORBIDDEN;
    if (!e)
        e = store_write(rq->sv->store, close_write, &m);
    return e ? e : topic_show(rq, out);
}

#include "vault/server.h"
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "vault/inside.h"

#define THREADS_MAX 64
#define SLOW_THREADS 2 // Argon2id: 64 MiB each
#define SLOW_QUEUE 16
#define SEND_SECONDS 5
#define TICK_MS 250

struct slow { // a request that waits for an Argon2id thread; the packet is secret
    struct slow *next;
    size_t connection, n;
    uint8_t packet[WIRE_REQUEST_HEAD + 4096];
};

// --- connections

static void scratch_wipe(struct scratch *x, size_t n_in, size_t n_out)
{
    crypto_wipe(x->in, n_in);
    crypto_wipe(x->out, n_out);
    crypto_wipe(&x->rq, sizeof *x - offsetof(struct scratch, rq));
}

static void connection_watch(struct server *s, size_t i, int operation)
{
    struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.u64 = i};
    pthread_mutex_lock(&s->lock); // from here on another thread may have it, and close it
    int bad = epoll_ctl(s->epoll, operation, s->connection[i].fd, &e);
    pthread_mutex_unlock(&s->lock);
    if (bad) {
        log_event(LOG_WARN, "connection-lost");
    }
}

static void connection_close(struct server *s, size_t i)
{
    pthread_mutex_lock(&s->lock);
    close(s->connection[i].fd);
    s->connection[i].fd = -1;
    pthread_mutex_unlock(&s->lock);
}

static void connection_add(struct server *s, int fd)
{
    struct ucred peer;
    socklen_t n = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) || (peer.uid != s->o.desk_uid && peer.uid != s->o.courier_uid && peer.uid != 0)) {
        log_event(LOG_ALARM, "stranger-refused", LOG_I("uid", peer.uid));
        close(fd);
        return;
    }
    const struct timeval limit = {.tv_sec = SEND_SECONDS};
    const int size = 2 * WIRE_BYTES_MAX;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    size_t i = 0;
    pthread_mutex_lock(&s->lock);
    while (i < CONNECTIONS_MAX && s->connection[i].fd >= 0) {
        i++;
    }
    if (i < CONNECTIONS_MAX) {
        s->connection[i] = (struct connection){.fd = fd, .uid = peer.uid};
    }
    pthread_mutex_unlock(&s->lock);
    if (i == CONNECTIONS_MAX) {
        log_event(LOG_WARN, "connections-full");
        close(fd);
        return;
    }
    connection_watch(s, i, EPOLL_CTL_ADD);
}

static void answer(struct server *s, struct scratch *x, struct gate *g, size_t i, size_t n)
{
    size_t out = server_answer(s, x, g, s->connection[i].uid, n);
    ssize_t sent = send(s->connection[i].fd, x->out, out, MSG_NOSIGNAL);
    scratch_wipe(x, n, out);
    if (sent == (ssize_t)out) {
        connection_watch(s, i, EPOLL_CTL_MOD);
    } else {
        connection_close(s, i);
    }
}

// --- the two threads for Argon2id

// Full, too long or not: what cannot be queued is answered here and now.
static void slow_add(struct server *s, struct scratch *x, size_t i, size_t n)
{
    struct slow *q = n <= sizeof q->packet ? secret_new(sizeof *q) : NULL;
    bool queued = false;
    if (q) {
        memcpy(q->packet, x->in, n);
        q->n = n;
        q->connection = i;
        pthread_mutex_lock(&s->lock);
        if (s->queue_n < SLOW_QUEUE) {
            *(s->queue_last ? &s->queue_last->next : &s->queue_first) = q;
            s->queue_last = q;
            s->queue_n++;
            queued = true;
            pthread_cond_signal(&s->queued);
        }
        pthread_mutex_unlock(&s->lock);
    }
    uint32_t call = 0;
    for (size_t b = 0; b < 4 && n >= 8; b++) {
        call |= (uint32_t)x->in[4 + b] << (8 * b);
    }
    scratch_wipe(x, n, 0);
    if (!queued) {
        char head[WIRE_ANSWER_HEAD];
        struct buf out = {.at = head, .cap = sizeof head, .max = sizeof head};
        wire_answer_head(&out, q ? STATUS_BUSY : STATUS_MALFORMED, call);
        secret_free(q);
        if (send(s->connection[i].fd, head, out.n, MSG_NOSIGNAL) != (ssize_t)out.n) {
            connection_close(s, i);
            return;
        }
        connection_watch(s, i, EPOLL_CTL_MOD);
    }
}

static struct slow *slow_take(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    while (!s->queue_first && !atomic_load(&s->ending)) {
        pthread_cond_wait(&s->queued, &s->lock);
    }
    struct slow *q = s->queue_first;
    if (q) {
        s->queue_first = q->next;
        s->queue_last = s->queue_first ? s->queue_last : NULL;
        s->queue_n--;
    }
    pthread_mutex_unlock(&s->lock);
    return q;
}

static void *slow_thread(void *arg)
{
    struct server *s = arg;
    struct scratch *x = secret_new(sizeof *x);
    struct gate *g = calloc(1, sizeof *g);
    struct slow *q;
    while (g && (q = slow_take(s))) {
        memcpy(x->in, q->packet, q->n);
        size_t n = q->n, i = q->connection;
        secret_free(q);
        answer(s, x, g, i, n);
    }
    free(g);
    secret_free(x);
    return NULL;
}

// --- the other threads

static void serve_one(struct server *s, struct scratch *x, struct gate *g, size_t i)
{
    ssize_t n;
    do {
        n = recv(s->connection[i].fd, x->in, sizeof x->in, MSG_TRUNC | MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        connection_watch(s, i, EPOLL_CTL_MOD);
    } else if (n <= 0 || (size_t)n > sizeof x->in) { // gone, or longer than any packet of ours
        connection_close(s, i);
    } else if (n > 1 && wire_op_slow(x->in[1])) {
        slow_add(s, x, i, (size_t)n);
    } else {
        answer(s, x, g, i, (size_t)n);
    }
}

static void *quick_thread(void *arg)
{
    struct server *s = arg;
    struct scratch *x = secret_new(sizeof *x);
    struct gate *g = calloc(1, sizeof *g);
    while (g && !atomic_load(&s->ending)) {
        struct epoll_event e;
        int n = epoll_wait(s->epoll, &e, 1, -1);
        if (n == 1 && e.data.u64 < CONNECTIONS_MAX) {
            serve_one(s, x, g, (size_t)e.data.u64);
        } else if (n < 0 && errno != EINTR) {
            break;
        }
    }
    free(g);
    secret_free(x);
    return NULL;
}

// --- start and end

static enum err fail(struct buf *why, const char *path, const char *sentence)
{
    if (why) {
        buf_printf(why, "%s: %s", path, sentence);
    }
    return ERR_IO;
}

static enum err listen_at(const char *path, int *out, struct buf *why)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof a.sun_path) {
        return fail(why, path, "the path of the socket is too long");
    }
    strcpy(a.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return fail(why, path, "cannot make a socket");
    }
    unlink(path);
    // Anybody may connect as far as the folder lets him: who he is, the kernel says (SO_PEERCRED).
    if (bind(fd, (const struct sockaddr *)&a, sizeof a) || chmod(path, 0666) || listen(fd, CONNECTIONS_MAX)) {
        close(fd);
        return fail(why, path, "cannot listen there");
    }
    *out = fd;
    return OK;
}

static enum err server_open(struct server *s, const struct keeper_options *o, struct buf *why)
{
    s->o = *o;
    s->epoll = s->wake = -1;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        s->connection[i].fd = -1;
    }
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->publishing, NULL);
    pthread_cond_init(&s->queued, NULL);
    enum err e = vault_keys_read(o->keys_dir, &s->keys, why);
    e = e ? e : chain_open(o->store, s->keys, o->head_dir, &s->chain, why);
    if (!e) {
        e = server_publish(s);
        if (e) {
            e = vault_why(why, e, o->keys_dir, "directory", "cannot be written from the rows of the store");
        }
    }
    if (!e) {
        int64_t now = clock_now();
        e = rounds_entry(s, AUDIT_START, now);
        e = e ? e : rounds_checkpoint(s, now);
        if (e && why) {
            buf_printf(why, "store: the audit cannot be written (%s)", err_name(e));
        }
    }
    if (e) {
        return e;
    }
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event wake = {.events = EPOLLIN, .data.u64 = UINT64_MAX};
    if (s->epoll < 0 || s->wake < 0 || epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->wake, &wake)) {
        return fail(why, o->socket_path, "epoll or eventfd is not to be had");
    }
    return OK;
}

static void server_close(struct server *s)
{
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (s->connection[i].fd >= 0) {
            close(s->connection[i].fd);
        }
    }
    for (struct slow *q = s->queue_first, *next; q; q = next) {
        next = q->next;
        secret_free(q);
    }
    if (s->epoll >= 0) {
        close(s->epoll);
    }
    if (s->wake >= 0) {
        close(s->wake);
    }
    buf_free(&s->checkpoint);
    chain_close(&s->chain);
    if (s->keys) {
        vault_keys_free(&s->keys);
    }
    pthread_mutex_destroy(&s->lock);
    pthread_mutex_destroy(&s->publishing);
    pthread_cond_destroy(&s->queued);
}

static void accept_until(struct server *s, int listening, const volatile sig_atomic_t *stop)
{
    int64_t now = clock_now();
    struct rounds r = {.head = now, .directory = now, .heartbeat = now, .checkpoint = now, .members = now};
    while (!__atomic_load_n(stop, __ATOMIC_RELAXED)) {
        struct pollfd p = {.fd = listening, .events = POLLIN};
        if (poll(&p, 1, TICK_MS) > 0) {
            int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
            if (fd >= 0) {
                connection_add(s, fd);
            }
        }
        rounds_do(s, &r);
    }
}

static void threads_end(struct server *s, const pthread_t *thread, size_t n)
{
    const uint64_t one = 1;
    if (s->wake < 0) { // never opened: no thread was started
        return;
    }
    pthread_mutex_lock(&s->lock);
    atomic_store(&s->ending, true);
    pthread_cond_broadcast(&s->queued);
    pthread_mutex_unlock(&s->lock);
    if (write(s->wake, &one, sizeof one) != sizeof one) { // never read: wakes all
        log_event(LOG_WARN, "wake-failed");
    }
    for (size_t i = 0; i < n; i++) {
        pthread_join(thread[i], NULL);
    }
}

enum err keeper_serve(const struct keeper_options *o, const volatile sig_atomic_t *stop, struct buf *why)
{
    enum err e = crypto_start();
    if (e) {
        return e;
    }
    person_start();
    int dumpable = prctl(PR_GET_DUMPABLE), listening = -1;
    prctl(PR_SET_DUMPABLE, 0); // before the first secret is read
    unsigned quick = o->threads ? o->threads : 4;
    quick = quick > THREADS_MAX ? THREADS_MAX : quick;
    pthread_t thread[THREADS_MAX + SLOW_THREADS];
    size_t started = 0;
    struct server *s = calloc(1, sizeof *s);
    if (!s) {
        return ERR_MEMORY;
    }
    e = server_open(s, o, why);
    e = e ? e : listen_at(o->socket_path, &listening, why);
    while (!e && started < quick + SLOW_THREADS) {
        if (pthread_create(&thread[started], NULL, started < SLOW_THREADS ? slow_thread : quick_thread, s)) {
            e = fail(why, o->socket_path, "threads are not to be had");
        } else {
            started++;
        }
    }
    if (!e) {
        members_look_all(s);
        log_event(LOG_INFO, "keeper-ready", LOG_I("entry", chain_seq(s->chain)));
        if (o->ready) {
            o->ready();
        }
        accept_until(s, listening, stop);
        close(listening);
        listening = -1;
        unlink(o->socket_path);
    }
    threads_end(s, thread, started);
    if (!e && (rounds_entry(s, AUDIT_STOP, clock_now()) || chain_write_head(s->chain))) {
        log_event(LOG_WARN, "stop-not-written");
    }
    if (listening >= 0) {
        close(listening);
        unlink(o->socket_path);
    }
    server_close(s);
    free(s);
    prctl(PR_SET_DUMPABLE, dumpable); // the secrets are wiped
    return e;
}

// The keeper: audits, then unseals. Alone has the key; has no network.
#include <errno.h>
#include <pwd.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "bin/captured.h"
#include "bin/process.h"
#include "people/people.h"
#include "vault/server.h"

// Only local sockets, and no new program: what a captured keeper knows it can tell nobody but the desk.
static enum err close_network(void)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
    if (!f)
        return ERR_MEMORY;
    int bad = seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_NE, AF_UNIX)) ||
              seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(execve), 0) ||
              seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(execveat), 0) ||
              seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(ptrace), 0) ||
              seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(process_vm_readv), 0) ||
              seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(io_uring_setup), 0) || seccomp_load(f);
    seccomp_release(f);
    return bad ? ERR_IO : OK;
}

static void ready(void)
{
    process_ready(0);
}

static uid_t uid_of(const char *user)
{
    struct passwd *pw = getuid() == 0 || geteuid() != getuid() ? getpwnam(user) : NULL;
    if (!pw) { // running under its own user, or everything as the caller
        struct passwd *self = getpwuid(getuid());
        if (self && strcmp(self->pw_name, USER_PREFIX "keeper") == 0)
            pw = getpwnam(user);
    }
    return pw ? pw->pw_uid : getuid();
}

int main(int argc, char **argv)
{
    struct process p;
    process_start(&p, PROGRAM_KEEPER, argc, argv);
    uid_t desk = uid_of(USER_PREFIX "desk"), courier = uid_of(USER_PREFIX "courier");
    enum err e = layout_store_local(&p.layout, &p.why);
    if (e)
        process_fail(&p, "store", e);
#ifdef ISIGURT_TESTING
    const bool captured = getenv("ISIGURT_TEST_CAPTURED") != NULL;
    if (captured)
        captured_try("open"); // the same attempts with nothing in their way: what fails here proves nothing below
#endif
    if (close_network())
        process_fail(&p, "seccomp", ERR_IO);
    char lock[PROCESS_PATH];
    if (!process_lock(layout_join(lock, p.layout.data, "run/keeper/keeper.lock"), 10)) { // one that is just ending is waited for
        buf_put_z(&p.why, "another keeper serves this data directory; two would write one audit chain");
        process_fail(&p, "keeper", ERR_CONFLICT);
    }
    p.store = process_store(&p, PROGRAM_KEEPER, "keeper", "");
#ifdef ISIGURT_TESTING
    if (captured) {
        captured_try("closed");
        captured_try_files(&p.layout);
        return 0;
    }
#endif
    e = keeper_serve(&(struct keeper_options){
                                  .store = p.store,
                                  .keys_dir = p.layout.keys,
                                  .socket_path = p.layout.keeper_socket,
                                  .head_dir = p.layout.heads,
                                  .roles = people_role_table(),
                                  .desk_uid = desk,
                                  .courier_uid = courier,
                                  .ready = ready,
                              },
                              &process_stop, &p.why);
    if (e)
        process_fail(&p, "keeper", e);
    store_close(p.store);
    return 0;
}

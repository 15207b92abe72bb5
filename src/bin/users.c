#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "bin/command.h"

// Which further groups a program has; its own group bears its user's name.
static const char *const groups[PROGRAMS][4] = {
    [PROGRAM_PORTAL] = {GROUP_ALL, GROUP_REPLY},
    [PROGRAM_DESK] = {GROUP_ALL, GROUP_INTAKE, GROUP_RECORDS},
    [PROGRAM_KEEPER] = {GROUP_ALL}, // its socket's folder hands the group of those who may call on
    [PROGRAM_COURIER] = {GROUP_ALL, GROUP_RECORDS},
};
static const char *const all_groups[] = {GROUP_ALL, GROUP_INTAKE, GROUP_REPLY, GROUP_RECORDS};

static const char *user_of(enum program which, char out[64])
{
    snprintf(out, 64, USER_PREFIX "%s", program_name[which]);
    return out;
}

static void run(const char *const *argv)
{
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0 || status)
        command_fail(1, "%s %s failed; make the system user or group by hand, or install the Debian package", argv[0], argv[1]);
}

void users_make(void)
{
    if (getuid() != 0)
        return;
    for (size_t i = 0; i < sizeof all_groups / sizeof *all_groups; i++)
        if (!getgrnam(all_groups[i]))
            run((const char *const[]){"groupadd", "--system", all_groups[i], NULL});
    for (enum program p = 0; p < PROGRAMS; p++) {
        char user[64];
        if (!getpwnam(user_of(p, user)))
            run((const char *const[]){"useradd", "--system", "--user-group", "--home-dir", "/nonexistent", "--no-create-home",
                                      "--shell", "/usr/sbin/nologin", user, NULL});
        char list[256] = "";
        for (size_t i = 0; i < 4 && groups[p][i]; i++)
            snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? "," : "", groups[p][i]);
        run((const char *const[]){"usermod", "--groups", list, user, NULL}); // these and no others
    }
}

static bool apart; // decided once by users_decide

// Whether anybody may pass through each folder on the way: the programs and their data must be reachable for their users.
static bool reachable(const char *path)
{
    char part[PROCESS_PATH];
    snprintf(part, sizeof part, "%s", path);
    for (;;) {
        struct stat st;
        if (stat(part, &st) == 0 && !(st.st_mode & S_IXOTH))
            return false;
        char *slash = strrchr(part, '/');
        if (!slash || slash == part)
            return true;
        *slash = 0;
    }
}

const char *users_decide(const struct layout *l)
{
    static char reason[PROCESS_PATH + 64];
    char path[PROCESS_PATH], programs[PROCESS_PATH], user[64];
    struct stat st;
    struct passwd *portal = getpwnam(user_of(PROGRAM_PORTAL, user));
    apart = false;
    if (getuid() != 0)
        return "not root";
    ssize_t n = readlink("/proc/self/exe", programs, sizeof programs - 1);
    programs[n > 0 ? n : 0] = 0;
    snprintf(path, sizeof path, "%s", l->keys); // the folder itself may still be closed: users_own_keys opens it
    *strrchr(path, '/') = 0;
    const char *const needed[] = {programs, l->data, path};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!reachable(needed[i])) {
            snprintf(reason, sizeof reason, "other users may not pass through to %s", needed[i]);
            return reason;
        }
    if (!portal)
        return "the system users are missing";
    if (stat(layout_join(path, l->data, "intake"), &st) == 0 && st.st_uid != portal->pw_uid)
        return "the data directory was made without the system users";
    apart = true;
    return NULL;
}

bool users_separate(void)
{
    return apart;
}

static void own(const char *path, const char *user, const char *group, mode_t mode)
{
    if (users_separate()) {
        struct passwd *pw = getpwnam(user);
        struct group *gr = getgrnam(group);
        if (!pw || !gr || chown(path, pw->pw_uid, gr->gr_gid))
            command_fail(1, "%s cannot be given to %s: %s", path, user, strerror(errno));
    }
    if (chmod(path, mode))
        command_fail(1, "the mode of %s cannot be set: %s", path, strerror(errno));
}

static void folder(const char *path, const char *user, const char *group, mode_t mode)
{
    if (file_make_dirs(path, 0755))
        command_fail(1, "%s cannot be made: %s", path, strerror(errno));
    own(path, user, group, mode);
}

// Owner and reading group of a schema; `desk` has two writers, desk and courier, so its group writes.
static const struct {
    const char *schema, *user, *group;
    mode_t folder, file;
} stores[] = {
    {"intake", USER_PREFIX "portal", GROUP_INTAKE, 02750, 0640},
    {"reply", USER_PREFIX "desk", GROUP_REPLY, 02750, 0640},
    {"desk", USER_PREFIX "desk", GROUP_RECORDS, 02770, 0660},
    {"keeper", USER_PREFIX "keeper", USER_PREFIX "keeper", 02750, 0640},
};

void users_own_store(const char *schema, const char *path)
{
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++)
        if (strcmp(stores[i].schema, schema) == 0) {
            struct stat st;
            if (stat(path, &st) == 0)
                own(path, stores[i].user, stores[i].group, S_ISDIR(st.st_mode) ? stores[i].folder : stores[i].file);
        }
}

void users_own_folders(const struct layout *l)
{
    char path[PROCESS_PATH];
    if (file_make_dirs(l->data, 0755) || chmod(l->data, 0755))
        command_fail(1, "%s cannot be made: %s", l->data, strerror(errno));
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++)
        folder(layout_join(path, l->data, stores[i].schema), stores[i].user, stores[i].group, stores[i].folder);
    folder(layout_join(path, l->data, "run"), "root", "root", 0755);
    folder(l->ring, "root", GROUP_ALL, 01770);
    folder(layout_join(path, l->data, "run/keeper"), USER_PREFIX "keeper", GROUP_RECORDS, 02750);
}

void users_own_config(const struct layout *l)
{
    own(l->config, "root", GROUP_ALL, apart ? 0640 : 0600);
}

void users_own_keys(const struct layout *l)
{
    char path[PROCESS_PATH];
    // Others must pass through to the public halves; the secret files have modes of their own.
    own(l->keys, USER_PREFIX "keeper", USER_PREFIX "keeper", apart ? 0711 : 0700);
    folder(l->heads, USER_PREFIX "keeper", USER_PREFIX "keeper", 0700);
    static const struct {
        const char *name;
        mode_t mode;
    } files[] = {{"keeper.key", 0600}, {"node.key", 0600}, {"keeper.pub", 0644}, {"install.id", 0644}, {"directory", 0644},
                 {"backup.pub", 0644}, {"recovery.pub", 0644}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (file_exists(layout_join(path, l->keys, files[i].name)))
            own(path, USER_PREFIX "keeper", USER_PREFIX "keeper", files[i].mode);
    for (enum program p = 0; p < PROGRAMS; p++) {
        char user[64], name[64];
        snprintf(name, sizeof name, "store.%s", program_name[p]);
        if (file_exists(layout_join(path, l->keys, name)))
            own(path, user_of(p, user), user, 0600);
    }
}

void users_become(enum program which)
{
    if (!users_separate())
        return;
    char user[64];
    struct passwd *pw = getpwnam(user_of(which, user));
    gid_t more[4];
    size_t n = 0;
    for (size_t i = 0; i < 4 && groups[which][i]; i++) {
        struct group *gr = getgrnam(groups[which][i]);
        if (!gr)
            command_fail(1, "group %s is missing; 'isigurt init' as root makes it", groups[which][i]);
        more[n++] = gr->gr_gid;
    }
    if (!pw || setgroups(n, more) || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) || setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid))
        command_fail(1, "%s cannot be run as user %s: %s", program_name[which], user, strerror(errno));
}

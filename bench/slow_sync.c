// slow_sync: a preloaded shim that makes a fast disk slow. In portal, desk and keeper each fsync and fdatasync takes
// 4 ms longer, as on a disk that really waits. Counts what it slowed in the file named by SLOW_SYNC_COUNT (24 bytes:
// three uint64, one a program), so that the bench can prove that it was at work.
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SLOWER_NS 4000000

static _Atomic uint64_t *slowed; // NULL: another program, which is left alone

__attribute__((constructor)) static void begin(void)
{
    static const char *const names[] = {"isigurt-portal", "isigurt-desk", "isigurt-keeper"};
    const char *path = getenv("SLOW_SYNC_COUNT");
    for (unsigned i = 0; path && i < sizeof names / sizeof *names; i++) {
        if (strcmp(program_invocation_short_name, names[i]))
            continue;
        int fd = open(path, O_RDWR | O_CLOEXEC);
        void *at = fd < 0 ? MAP_FAILED : mmap(NULL, 24, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (fd >= 0)
            close(fd);
        if (at == MAP_FAILED)
            abort(); // a slow run that was not slow would be a false measurement
        slowed = (_Atomic uint64_t *)at + i;
    }
}

static int slow(long call, int fd)
{
    if (slowed) {
        struct timespec t = {.tv_nsec = SLOWER_NS};
        int kept = errno;
        while (nanosleep(&t, &t) && errno == EINTR)
            ;
        errno = kept;
        atomic_fetch_add_explicit(slowed, 1, memory_order_relaxed);
    }
    return (int)syscall(call, fd);
}

int fsync(int fd)
{
    return slow(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return slow(SYS_fdatasync, fd);
}

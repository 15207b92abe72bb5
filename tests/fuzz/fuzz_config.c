// libs: base
// Settings: any file is read or refused with one line, and a refused one changes nothing.
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    static char path[64];
    if (fd < 0) { // a file in memory that config_read opens by its path
        fd = memfd_create("isigurt.conf", MFD_CLOEXEC);
        assert(fd >= 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    assert(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
    struct config c, standard;
    struct buf why;
    buf_init(&why, 4096);
    config_default(&standard);
    config_default(&c);
    enum err e = config_read(path, &c, &why);
    if (e) {
        assert(why.n > 0 && str_find(buf_str(&why), '\n') < 0);
        assert(memcmp(&c, &standard, sizeof c) == 0);
    } else {
        assert(why.n == 0);
        assert(c.portal_threads >= 8 && c.portal_threads <= 256 && c.proof_bits >= 8 && c.proof_bits <= 28);
        assert(memchr(c.smtp_from, 0, sizeof c.smtp_from) && memchr(c.store, 0, sizeof c.store));
    }
    buf_free(&why);
    return 0;
}

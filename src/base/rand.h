// rand: random bytes of the kernel (getrandom). Aborts where there are none: nothing here may run without them.
#pragma once
#include <stddef.h>
#include <stdint.h>

void rand_bytes(void *out, size_t n);
uint32_t rand_below(uint32_t limit); // uniform in [0, limit)

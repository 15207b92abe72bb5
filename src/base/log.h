// log: one line of logfmt to standard error: time level process event key=value…
// There is no way to pass a string that came from outside: the event and the keys are literals, values are integers,
// ids, or literals. That is the point; do not add one.
#pragma once
#include "base/err.h"
#include "base/id.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ALARM }; // ALARM: a human must look (tampering, lost keys)

struct log_value {
    char type; // 'i', 'd' (id), 'z' (literal)
    const char *key;
    int64_t i;
    struct id id;
    const char *z;
};
#define LOG_I(name, v) ((struct log_value){.type = 'i', .key = "" name, .i = (int64_t)(v)})
#define LOG_ID(name, v) ((struct log_value){.type = 'd', .key = "" name, .id = (v)})
#define LOG_Z(name, literal) ((struct log_value){.type = 'z', .key = "" name, .z = "" literal})
#define LOG_ERR(e) ((struct log_value){.type = 'z', .key = "err", .z = err_name(e)})

void log_open(const char *process, enum log_level least); // "portal"; static strings
void log_write(enum log_level level, const char *event, size_t n, const struct log_value *values);
#define log_event(level, event, ...)                                                                                   \
    log_write(level, "" event, sizeof((struct log_value[]){{0}, ##__VA_ARGS__}) / sizeof(struct log_value) - 1,        \
              (struct log_value[]){{0}, ##__VA_ARGS__} + 1)

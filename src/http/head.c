// The gate, fed from the library.
#include <string.h>
#include "http/inside.h"

struct lines { // walks the head where it lies in the library's buffer
    struct gate_head *gate;
    const char *end; // where the next line must begin, by what was seen so far
    bool exact;      // every byte so far is accounted for
};

static enum MHD_Result on_field(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n, const char *value, size_t value_n)
{
    struct lines *l = cls;
    (void)kind;
    gate_field(l->gate, (struct str){name, name_n}, (struct str){value, value_n});
    if (l->exact && (name != l->end || !value || value <= name + name_n || value - name > HTTP_HEAD_MAX)) {
        l->exact = false;
    }
    for (const char *p = name + name_n + 1; l->exact && p < value; p++) { // the colon stood at name + name_n
        l->exact = *p == ' ' || *p == '\t';
    }
    l->end = value ? value + value_n + 2 : NULL;
    return MHD_YES;
}

// libmicrohttpd 0.9.75 joins folded lines, stops names and values at a NUL, takes a bare LF for a line's end and spaces
// for one. It parses in place and leaves name, value, name, value in the order sent, two bytes between lines: so any
// byte that it dropped shows as a gap. 1.0 and later refuse these by themselves and lay things out differently.
enum gate head_check(struct call *c, const char *method, const char *version)
{
    struct lines l = {.gate = &c->gate, .end = version + 8 + 2, .exact = true};
    gate_head_start(&c->gate);
    enum gate target = gate_target((struct str){c->target, c->target_n}, &c->rq.path, &c->rq.query);
    MHD_get_connection_values_n(c->connection, MHD_HEADER_KIND, on_field, &l);
    enum gate head = gate_head_end(&c->gate, str_from(version));
    if (c->h->exact) {
        const union MHD_ConnectionInfo *size = MHD_get_connection_info(c->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
        bool line = version == c->uri + c->target_n + 1 && method + strlen(method) + 1 == c->uri;
        if (!line || !l.exact || !size || (size_t)(l.end + 2 - method) != size->header_size) {
            return GATE_BAD;
        }
    }
    return head ? head : target;
}

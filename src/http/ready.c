// Answers made once and sent often.
#include <stdlib.h>
#include <string.h>
#include "http/inside.h"

enum err http_ready_new(int status, const struct http_pair *pairs, size_t n, struct str body, struct http_ready **out)
{
    struct http_ready *r = calloc(1, sizeof *r);
    if (!r) {
        return ERR_MEMORY;
    }
    union { const char *in; void *out; } at = {body.n ? body.at : ""}; // the library only reads it
    r->status = (unsigned)status;
    r->response = MHD_create_response_from_buffer(body.n, at.out, MHD_RESPMEM_MUST_COPY);
    bool fine = r->response;
    for (size_t i = 0; fine && i < n; i++) {
        char value[1024];
        fine = pairs[i].value.n < sizeof value;
        if (fine) {
            memcpy(value, pairs[i].value.at, pairs[i].value.n);
            value[pairs[i].value.n] = '\0';
            fine = MHD_add_response_header(r->response, pairs[i].name, value) == MHD_YES;
        }
    }
    if (!fine) {
        http_ready_free(&r);
        return ERR_MEMORY;
    }
    *out = r;
    return OK;
}

void http_ready_free(struct http_ready **r)
{
    if (*r) {
        if ((*r)->response) {
            MHD_destroy_response((*r)->response);
        }
        free(*r);
        *r = NULL;
    }
}

// compile_work: what the walk over one page keeps, shared by compile.c (parts, the whole), compile_walk.c (constructs)
// and compile_write.c (C out, names). Of no use to anybody else.
#pragma once
#include "html/compile.h"

enum bound_kind { BOUND_LITERAL, BOUND_MESSAGE, BOUND_FIELD, BOUND_ROW }; // ROW: pointer to a struct

struct bound {
    enum bound_kind kind;
    struct str text; // literal, message id, or C expression
};

struct binding { // what a name means; innermost first
    struct str name;
    struct bound bound;
    const struct binding *up;
};

struct frame { // one template being walked
    const struct template *t;
    const struct frame *caller; // who laid this part in
    const struct node *use;     // … and how: its body fills the slot
    const struct binding *caller_names;
};

struct work {
    struct arena *arena;
    const struct compile *c;
    struct buf *out, *why;
    struct buf run; // literal bytes not yet written out
    struct place place;
    int indent, depth, laid;
    unsigned count; // makes names unique
};

#define WORK_REFUSE(w, f, line_, ...) COMPILE_REFUSE((w)->why, (f)->t->file, (line_), __VA_ARGS__)

// compile_write.c
void work_indent(struct work *w);
void work_string(struct buf *out, struct str s, size_t width); // as a C literal, broken after `width` bytes; 0: never
void work_run(struct work *w);                                 // writes the literal bytes so far, as one call
// The statement after this one is blamed on the template.
void work_line(struct work *w, const struct frame *f, int line);
// What a value means here; work_field refuses a whole row.
MUST_USE enum err work_resolve(
    struct work *w, const struct frame *f, const struct binding *names, int line, struct value v, struct bound *out);
MUST_USE enum err work_field(
    struct work *w, const struct frame *f, const struct binding *names, int line, struct value v, struct bound *out);

// compile_walk.c: one construct but {{use}} and {{slot}}, which are compile.c's
MUST_USE enum err work_construct(
    struct work *w, const struct frame *f, const struct binding *names, const struct node *n);

// compile.c
MUST_USE enum err work_walk(struct work *w, const struct frame *f, const struct binding *names, const struct node *n);

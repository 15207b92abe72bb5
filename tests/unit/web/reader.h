// A request without a socket, for the tests of the readers.
#pragma once
#include "fake.h"

static struct services reader_services;
static struct req rq;
__attribute__((unused)) static struct note_in in;

static void reader_start(void)
{
    reader_services = (struct services){.pack = (struct pack *)&reader_services, .roles = &roles};
    arena_free(&rq.arena);
    rq = (struct req){.sv = &reader_services};
    in = (struct note_in){0};
    assert_int_equal(arena_new(1 << 20, &rq.arena), OK);
    req_set_lang(&rq, text_lang(STR("en")));
}

static int reader_end(void **state)
{
    (void)state;
    arena_free(&rq.arena);
    return 0;
}

// "name=value\n" of what a map holds
__attribute__((unused)) static const char *map(void)
{
    static char all[4000];
    all[0] = '\0';
    for (size_t i = 0; i < in.more.n; i++) {
        const struct html_pair *p = (const struct html_pair *)in.more.at + i;
        size_t n = strlen(all);
        snprintf(all + n, sizeof all - n, "%.*s=%.*s\n", STR_ARG(p->name), STR_ARG(p->value));
    }
    return all;
}

// "field sentence\n" of every refusal
__attribute__((unused)) static const char *refusals(void)
{
    static char all[4000];
    all[0] = '\0';
    for (size_t i = 0; rq.refused && i < rq.refused->n; i++) {
        struct str s = req_refusal(&rq, rq.refused->at[i].field);
        size_t n = strlen(all);
        snprintf(all + n, sizeof all - n, "%s: %.*s\n", rq.refused->at[i].field, STR_ARG(s));
    }
    return all;
}

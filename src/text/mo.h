// mo: reading a GNU .mo catalogue (gettext manual, "The Format of GNU MO Files"), revision 0, this machine's byte
// order. Everything is checked when it is opened; after that no entry can point outside the file.
#pragma once
#include "base/buf.h"

#define MO_ENTRIES_MAX 20000                 // messages in one file, header included
#define MO_BYTES_MAX (8u * 1024 * 1024)      // a whole file

struct mo {
    struct str file;            // borrowed: must outlive the struct
    uint32_t n;                 // entries, sorted by id
    uint32_t ids_at, texts_at;  // offsets of the two tables
};

struct mo_entry {
    struct str id;    // without msgid_plural
    struct str texts; // every form of the plural, divided by NUL bytes
    bool plural;
};

// ERR_MALFORMED with one line in why: wrong magic or byte order, tables or texts outside the file, a text without its
// final NUL or not UTF-8, ids that are not sorted. ERR_TOO_LARGE past the maxima.
MUST_USE enum err mo_open(struct str file, struct mo *out, struct buf *why);
struct mo_entry mo_at(const struct mo *m, uint32_t i); // i < m->n
struct str mo_header(const struct mo *m, const char *field); // value of "Plural-Forms" …; empty where there is none

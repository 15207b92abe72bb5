#include "text/mo.h"
#include <assert.h>
#include <string.h>

#define MO_MAGIC 0x950412deu
#define MO_MAGIC_SWAPPED 0xde120495u
#define MO_HEAD 20 // magic, revision, count, offset of ids, offset of texts: 5 × 4 bytes
#define MO_ROW 8   // length, offset

static uint32_t number_at(struct str file, size_t at)
{
    uint32_t v;
    memcpy(&v, file.at + at, sizeof v);
    return v;
}

static struct str row_at(const struct mo *m, uint32_t table, uint32_t i)
{
    size_t row = table + (size_t)i * MO_ROW;
    return (struct str){m->file.at + number_at(m->file, row + 4), number_at(m->file, row)};
}

static bool table_inside(struct str file, uint32_t at, uint32_t n)
{
    return at >= MO_HEAD && at <= file.n && (file.n - at) / MO_ROW >= n;
}

static bool row_inside(struct str file, size_t row)
{
    uint64_t n = number_at(file, row);
    uint64_t at = number_at(file, row + 4);
    return at + n < file.n && file.at[at + n] == '\0';
}

enum err mo_open(struct str file, struct mo *out, struct buf *why)
{
    struct mo m = {.file = file};
    if (file.n > MO_BYTES_MAX) {
        buf_printf(why, "larger than %u bytes", MO_BYTES_MAX);
        return ERR_TOO_LARGE;
    }
    uint32_t magic = file.n >= MO_HEAD ? number_at(file, 0) : 0;
    if (magic == MO_MAGIC_SWAPPED) {
        buf_put_z(why, "made for the other byte order; make it with msgfmt on this kind of machine");
        return ERR_MALFORMED;
    }
    if (magic != MO_MAGIC || number_at(file, 4) != 0) {
        buf_put_z(why, "not a .mo file of revision 0; make it with msgfmt");
        return ERR_MALFORMED;
    }
    m.n = number_at(file, 8);
    m.ids_at = number_at(file, 12);
    m.texts_at = number_at(file, 16);
    if (m.n > MO_ENTRIES_MAX) {
        buf_printf(why, "more than %d messages", MO_ENTRIES_MAX);
        return ERR_TOO_LARGE;
    }
    if (!table_inside(file, m.ids_at, m.n) || !table_inside(file, m.texts_at, m.n)) {
        buf_put_z(why, "broken: a table lies outside the file");
        return ERR_MALFORMED;
    }
    struct str before = {NULL, 0};
    for (uint32_t i = 0; i < m.n; i++) {
        if (!row_inside(file, m.ids_at + (size_t)i * MO_ROW) || !row_inside(file, m.texts_at + (size_t)i * MO_ROW)) {
            buf_printf(why, "broken: text %u lies outside the file or does not end", (unsigned)i);
            return ERR_MALFORMED;
        }
        if (!str_utf8_valid(row_at(&m, m.texts_at, i))) {
            buf_printf(why, "text %u is not UTF-8", (unsigned)i);
            return ERR_MALFORMED;
        }
        struct str id = mo_at(&m, i).id;
        if (i > 0 && str_compare(before, id) >= 0) {
            buf_printf(why, "broken: id %u is not in order", (unsigned)i);
            return ERR_MALFORMED;
        }
        before = id;
    }
    *out = m;
    return OK;
}

struct mo_entry mo_at(const struct mo *m, uint32_t i)
{
    assert(i < m->n);
    struct str id = row_at(m, m->ids_at, i);
    ptrdiff_t nul = str_find(id, '\0');
    return (struct mo_entry){
        .id = nul < 0 ? id : str_slice(id, 0, (size_t)nul),
        .texts = row_at(m, m->texts_at, i),
        .plural = nul >= 0,
    };
}

struct str mo_header(const struct mo *m, const char *field)
{
    if (m->n == 0 || mo_at(m, 0).id.n != 0) { // the empty id is sorted first
        return (struct str){NULL, 0};
    }
    struct str rest = mo_at(m, 0).texts;
    while (rest.n > 0) {
        struct str line = str_cut(&rest, '\n');
        struct str name = str_cut(&line, ':');
        if (str_equal_z(name, field)) {
            return str_trim(line);
        }
    }
    return (struct str){NULL, 0};
}

#include "text/text.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "text/mo.h"
#include "text/plural.h"

#define TEXT_LANGS_MAX 8   // languages of one installation
#define TEXT_CODE_MAX 16   // bytes of "sq", "sr_Latn" with the final NUL

struct lang {
    char code[TEXT_CODE_MAX];
    void *map;
    size_t bytes;
    const struct plural *plural;
    unsigned forms[MSG_COUNT];   // 1, or as many as the language has
    struct str texts[MSG_COUNT]; // forms divided by NUL bytes; points into map
};

// Written once by text_open before there are threads, read only afterwards.
static struct lang *langs[TEXT_LANGS_MAX];
static size_t lang_count;

static int by_id(const void *key, const void *row)
{
    return strcmp(key, *(const char *const *)row);
}

enum err text_message(struct str id, enum message *out)
{
    char name[128];
    if (id.n == 0 || id.n >= sizeof name || str_find(id, '\0') >= 0) {
        return ERR_NOT_FOUND;
    }
    memcpy(name, id.at, id.n);
    name[id.n] = '\0';
    const char *const *row = bsearch(name, text_message_ids, MSG_COUNT, sizeof *text_message_ids, by_id);
    if (!row) {
        return ERR_NOT_FOUND;
    }
    *out = (enum message)(row - text_message_ids);
    return OK;
}

static void lang_close(struct lang *l)
{
    if (l && l->map) {
        munmap(l->map, l->bytes);
    }
    free(l);
}

static enum err lang_map(const char *path, struct lang *l, struct buf *why)
{
    enum err e = OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st)) {
        buf_printf(why, "cannot be opened (%s); build the catalogues, or install them there", strerror(errno));
        e = errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    } else if (!S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > (off_t)MO_BYTES_MAX) {
        buf_printf(why, "is not a file of 1 to %u bytes", MO_BYTES_MAX);
        e = ERR_MALFORMED;
    } else {
        void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (at == MAP_FAILED) {
            buf_printf(why, "cannot be mapped (%s)", strerror(errno));
            e = ERR_IO;
        } else {
            l->map = at;
            l->bytes = (size_t)st.st_size;
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return e;
}

static unsigned count_forms(struct str texts)
{
    unsigned n = 1;
    for (size_t i = 0; i < texts.n; i++) {
        n += texts.at[i] == '\0';
    }
    return n;
}

// Fills the table of l from its file; entries that this program does not know are left alone.
static enum err lang_fill(struct lang *l, struct buf *why)
{
    struct mo mo;
    enum err e = mo_open((struct str){l->map, l->bytes}, &mo, why);
    if (e) {
        return e;
    }
    e = plural_find(mo_header(&mo, "Plural-Forms"), &l->plural, why);
    if (e) {
        return e;
    }
    for (uint32_t i = 0; i < mo.n; i++) {
        struct mo_entry entry = mo_at(&mo, i);
        enum message m;
        if (entry.id.n == 0 || text_message(entry.id, &m)) {
            continue;
        }
        unsigned wanted = entry.plural ? plural_forms(l->plural) : 1;
        if (entry.texts.n == 0 || count_forms(entry.texts) != wanted) {
            buf_printf(why, "message %s has not %u text(s)", text_message_ids[m], wanted);
            return ERR_MALFORMED;
        }
        l->texts[m] = entry.texts;
        l->forms[m] = wanted;
    }
    for (int m = MSG_NONE + 1; m < MSG_COUNT; m++) {
        if (l->forms[m] == 0) {
            buf_printf(why, "message %s is missing; the file belongs to another version", text_message_ids[m]);
            return ERR_INVALID;
        }
    }
    l->forms[MSG_NONE] = 1;
    return OK;
}

static enum err lang_open(const char *dir, struct str code, struct lang **out, struct buf *why)
{
    struct lang *l = calloc(1, sizeof *l);
    if (!l) {
        return ERR_MEMORY;
    }
    char path[PATH_MAX];
    enum err e = ERR_INVALID;
    int n = -1;
    bool plain = code.n > 0 && code.n < TEXT_CODE_MAX; // and no path
    for (size_t i = 0; i < code.n && plain; i++) {
        char c = code.at[i];
        plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    }
    if (plain) {
        memcpy(l->code, code.at, code.n);
        n = snprintf(path, sizeof path, "%s/%s.mo", dir, l->code);
    }
    if (n < 0 || (size_t)n >= sizeof path) {
        buf_put_z(why, "a language code is 1 to 15 letters, such as sq");
        goto out;
    }
    buf_printf(why, "%s: ", path);
    e = lang_map(path, l, why);
    if (!e) {
        e = lang_fill(l, why);
    }
    if (!e) {
        buf_clear(why);
        *out = l;
        l = NULL;
    }
out:
    lang_close(l);
    return e;
}

enum err text_open(const char *dir, const char *codes, struct buf *why)
{
    struct lang *opened[TEXT_LANGS_MAX] = {NULL};
    size_t count = 0;
    enum err e = OK;
    if (lang_count > 0) {
        buf_put_z(why, "the languages are open already");
        return ERR_CONFLICT;
    }
    struct str rest = str_from(codes);
    bool more = true;
    while (more && !e) {
        if (count == TEXT_LANGS_MAX) {
            buf_printf(why, "more than %d languages", TEXT_LANGS_MAX);
            e = ERR_TOO_LARGE;
        } else {
            more = str_find(rest, ',') >= 0;
            e = lang_open(dir, str_cut(&rest, ','), &opened[count], why);
            count += !e;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (e) {
            lang_close(opened[i]);
        } else {
            langs[i] = opened[i];
        }
    }
    lang_count = e ? 0 : count;
    return e;
}

const struct lang *text_lang(struct str code)
{
    for (size_t i = 0; i < lang_count; i++) {
        if (str_equal_z(code, langs[i]->code)) {
            return langs[i];
        }
    }
    return NULL;
}

const struct lang *text_default(void)
{
    return text_each(0);
}

const struct lang *text_each(size_t i)
{
    return i < lang_count ? langs[i] : NULL;
}

const char *text_code(const struct lang *l)
{
    return l->code;
}

static struct str form_of(const struct lang *l, enum message m, unsigned form)
{
    struct str rest = l->texts[m];
    struct str text = str_cut(&rest, '\0');
    while (form-- > 0) {
        text = str_cut(&rest, '\0');
    }
    return text;
}

struct str text_get(const struct lang *l, enum message m)
{
    assert((unsigned)m < MSG_COUNT);
    return form_of(l, m, l->forms[m] - 1); // of a plural the last form: the one for many
}

static const struct text_arg *find_arg(struct str name, size_t n, const struct text_arg *args)
{
    for (size_t i = 0; i < n; i++) {
        if (str_equal_z(name, args[i].name)) {
            return &args[i];
        }
    }
    return NULL;
}

static unsigned choose_form(const struct lang *l, enum message m, size_t n, const struct text_arg *args)
{
    for (size_t i = 0; i < n && l->forms[m] > 1; i++) {
        if (!args[i].s.at) {
            return plural_form(l->plural, args[i].i);
        }
    }
    return l->forms[m] - 1;
}

void text_walk(const struct lang *l, enum message m, size_t n, const struct text_arg *args, text_piece_fn *fn, void *ctx)
{
    assert((unsigned)m < MSG_COUNT);
    struct str rest = form_of(l, m, choose_form(l, m, n, args));
    while (rest.n > 0) {
        ptrdiff_t open = str_find(rest, '{');
        ptrdiff_t close = open < 0 ? -1 : str_find(str_slice(rest, (size_t)open, rest.n), '}');
        if (close < 0) {
            fn(ctx, false, rest);
            return;
        }
        size_t end = (size_t)open + (size_t)close;
        const struct text_arg *arg = find_arg(str_slice(rest, (size_t)open + 1, end), n, args);
        if (open > 0) {
            fn(ctx, false, str_slice(rest, 0, (size_t)open));
        }
        if (!arg) { // the caller forgot it: show the hole rather than a gap in the sentence
            fn(ctx, false, str_slice(rest, (size_t)open, end + 1));
        } else if (arg->s.at) {
            fn(ctx, true, arg->s);
        } else {
            char digits[24];
            int put = snprintf(digits, sizeof digits, "%lld", (long long)arg->i);
            fn(ctx, true, (struct str){digits, (size_t)put});
        }
        rest = str_slice(rest, end + 1, rest.n);
    }
}

static void put_piece(void *ctx, bool is_arg, struct str piece)
{
    (void)is_arg;
    buf_put(ctx, piece);
}

void text_put(struct buf *out, const struct lang *l, enum message m, size_t n, const struct text_arg *args)
{
    text_walk(l, m, n, args, put_piece, out);
}

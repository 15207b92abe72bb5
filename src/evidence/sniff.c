// What a file is, told from its bytes alone: a short table of what evidence comes as. A name and a type that somebody
// sent are never believed, and what is not in the table is not taken (no programs, pages, scripts or SVG; a script
// without a tag or a first line that says so is a text like any other, and is never run: it goes out as an attachment).
#include <string.h>
#include "evidence/evidence.h"

#define MARKUP_HEAD 4096 // bytes in which a page says that it is one
#define MAIL_HEAD 8192 // bytes in which a message says From and Date

static bool has(struct str s, size_t at, const char *bytes, size_t n)
{
    return s.n >= at + n && memcmp(s.at + at, bytes, n) == 0;
}
#define HAS(s, at, z) has(s, at, z, sizeof z - 1)

static bool is_text(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f') || c == 0x7f)
            return false;
    }
    return s.n > 0 && str_utf8_valid(s);
}

static char low(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

// A page, a drawing or a script in disguise: "<" and what follows it in a tag at the beginning, or one of these tags near it. A text
// in which somebody wrote "a < b" or named a tag far down stays a text.
static bool is_markup(struct str s)
{
    static const char *const tags[] = {"<svg", "<html", "<script", "<!doctype", "<?xml", "<iframe", "<body", "<?php"};
    size_t i = HAS(s, 0, "\xef\xbb\xbf") ? 3 : 0;
    while (i < s.n && (s.at[i] == ' ' || s.at[i] == '\t' || s.at[i] == '\r' || s.at[i] == '\n' || s.at[i] == '\f'))
        i++;
    if (i + 1 < s.n && s.at[i] == '<' && (s.at[i + 1] == '!' || s.at[i + 1] == '?' || s.at[i + 1] == '/' ||
                                          (low(s.at[i + 1]) >= 'a' && low(s.at[i + 1]) <= 'z')))
        return true;
    if (HAS(s, i, "#!"))
        return true;
    for (size_t at = 0; at < s.n && at < MARKUP_HEAD; at++)
        for (size_t t = 0; s.at[at] == '<' && t < sizeof tags / sizeof *tags; t++) {
            size_t k = 0;
            while (tags[t][k] && at + k < s.n && low(s.at[at + k]) == tags[t][k])
                k++;
            if (!tags[t][k])
                return true;
        }
    return false;
}

static bool line_starts(struct str s, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= s.n; i++)
        if ((i == 0 || s.at[i - 1] == '\n') && memcmp(s.at + i, word, n) == 0)
            return true;
    return false;
}

static bool is_mail(struct str s)
{
    struct str head = str_slice(s, 0, s.n < MAIL_HEAD ? s.n : MAIL_HEAD);
    size_t name = 0;
    while (name < head.n && head.at[name] > ' ' && head.at[name] != ':' && head.at[name] != '<')
        name++;
    return name > 0 && name < head.n && head.at[name] == ':' && line_starts(head, "From:") && line_starts(head, "Date:");
}

// An office document is an archive whose first member says so. Other archives are not taken.
static bool is_office(struct str s, struct sniffed *out)
{
    if (HAS(s, 30, "mimetypeapplication/vnd.oasis.opendocument.")) {
        *out = (struct sniffed){"application/vnd.oasis.opendocument", "odf"};
        return true;
    }
    if (HAS(s, 30, "[Content_Types].xml")) {
        *out = (struct sniffed){"application/vnd.openxmlformats-officedocument", "ooxml"};
        return true;
    }
    return false;
}

bool evidence_sniff(struct str s, struct sniffed *out)
{
    if (HAS(s, 0, "%PDF-"))
        *out = (struct sniffed){"application/pdf", "pdf"};
    else if (HAS(s, 0, "\x89PNG\r\n\x1a\n"))
        *out = (struct sniffed){"image/png", "png"};
    else if (HAS(s, 0, "\xff\xd8\xff"))
        *out = (struct sniffed){"image/jpeg", "jpg"};
    else if (HAS(s, 0, "RIFF") && HAS(s, 8, "WEBP"))
        *out = (struct sniffed){"image/webp", "webp"};
    else if (HAS(s, 4, "ftyp") && (HAS(s, 8, "isom") || HAS(s, 8, "iso2") || HAS(s, 8, "iso5") || HAS(s, 8, "iso6") ||
                                   HAS(s, 8, "mp41") || HAS(s, 8, "mp42") || HAS(s, 8, "avc1") || HAS(s, 8, "M4V ") || HAS(s, 8, "3gp")))
        *out = (struct sniffed){"video/mp4", "mp4"};
    else if (HAS(s, 0, "PK\x03\x04"))
        return is_office(s, out);
    else if (is_mail(s))
        *out = (struct sniffed){"message/rfc822", "eml"};
    else if (is_text(s) && !is_markup(s))
        *out = (struct sniffed){"text/plain; charset=utf-8", "txt"};
    else
        return false;
    return true;
}

// ── what its name says ──
// Endings under which people keep what the table calls by one.
static const struct { const char *ending, *names; } kept_as[] = {
    {"pdf", " pdf "}, {"png", " png "}, {"jpg", " jpg jpeg jpe jfif "}, {"webp", " webp "}, {"mp4", " mp4 m4v 3gp mov "},
    {"odf", " odt ods odp odg odf ott ots otp "}, {"ooxml", " docx xlsx pptx dotx xltx ppsx "}, {"eml", " eml txt "},
    {"txt", " txt csv tsv md log text srt ics "},
};

bool evidence_name_lies(struct str name, const struct sniffed *kind)
{
    char word[12];
    size_t dot = name.n, n;
    while (dot > 0 && name.at[dot - 1] != '.')
        dot--;
    n = name.n - dot;
    if (dot <= 1 || n == 0) // without an ending it says nothing
        return false;
    if (n + 3 > sizeof word)
        return true;
    word[0] = ' ';
    for (size_t i = 0; i < n; i++)
        word[i + 1] = low(name.at[dot + i]);
    word[n + 1] = ' ';
    word[n + 2] = 0;
    for (size_t i = 0; i < sizeof kept_as / sizeof *kept_as; i++)
        if (strcmp(kept_as[i].ending, kind->ending) == 0)
            return strlen(word) != n + 2 || !strstr(kept_as[i].names, word);
    return true;
}

#!/usr/bin/python3
"""Messages: checks po/CODE/ROOM.po over all languages and rooms, and makes what the program is built from.

  messages.py merge PO-FOLDER DEPFILE OUT.po…   one checked catalogue per language (the code is the file's name)
  messages.py table MERGED.po OUT.h OUT.c       enum message and the table of its ids, in the order of the ids

Rules and their reasons stand in po/README.md. A fault is one line "file:line: what; how to mend it" and exit code 1.
Files are written only where their content changes, so that ninja rebuilds nothing for a corrected comma.
"""
import os
import re
import sys

ID = re.compile(r'^[a-z][a-z0-9]*(_[a-z0-9]+)+$')
HOLE = re.compile(r'\{([^{}]*)\}')
HOLE_NAME = re.compile(r'^[a-z][a-z0-9_]*$')
ESCAPES = {'n': '\n', 't': '\t', '"': '"', '\\': '\\'}
HEADER_ROOM = 'text'  # po/CODE/text.po carries the language's header with its Plural-Forms
FORMS_MAX = 4         # as PLURAL_FORMS_MAX in src/text/plural.h


class Fault(Exception):
    pass


class Entry:
    def __init__(self, path, line):
        self.path, self.line = path, line
        self.id = None
        self.plural = None
        self.forms = {}  # index (None where there is no plural) -> sentence

    def where(self):
        return f'{self.path}:{self.line}'

    def holes(self):
        return {name for text in self.forms.values() for name in HOLE.findall(text)}


def unquote(path, line, quoted):
    if len(quoted) < 2 or quoted[0] != '"' or quoted[-1] != '"':
        raise Fault(f'{path}:{line}: expected a text in double quotes')
    out, i, body = [], 0, quoted[1:-1]
    while i < len(body):
        c = body[i]
        if c == '"':
            raise Fault(f'{path}:{line}: a double quote inside a text is written \\"')
        if c == '\\':
            i += 1
            if i == len(body) or body[i] not in ESCAPES:
                raise Fault(f'{path}:{line}: of escapes only \\n, \\t, \\" and \\\\ are known')
            c = ESCAPES[body[i]]
        out.append(c)
        i += 1
    return ''.join(out)


def read_po(path):
    """The entries of one file, header included (id '')."""
    entries, entry, add = [], None, None
    try:
        with open(path, encoding='utf-8') as f:
            lines = f.read().split('\n')
    except UnicodeDecodeError as e:
        raise Fault(f'{path}:1: not UTF-8 ({e.reason} at byte {e.start}); save it as UTF-8')
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if line.startswith('#,') and 'fuzzy' in line:
            raise Fault(f'{path}:{number}: fuzzy entries are not built; check the sentence and take the mark off')
        if not line or line.startswith('#'):
            continue
        match = re.match(r'^(msgid|msgid_plural|msgstr|msgstr\[(\d+)\])\s*(".*)$', line)
        if line.startswith('"'):
            if add is None:
                raise Fault(f'{path}:{number}: a text without msgid or msgstr before it')
            add(unquote(path, number, line))
            continue
        if not match:
            raise Fault(f'{path}:{number}: expected msgid, msgid_plural, msgstr, msgstr[N] or a comment')
        word, index, text = match.group(1), match.group(2), unquote(path, number, match.group(3))
        if word == 'msgid':
            entry = Entry(path, number)
            entries.append(entry)
            entry.id = text
            add = lambda more, e=entry: setattr(e, 'id', e.id + more)
            continue
        if entry is None:
            raise Fault(f'{path}:{number}: {word} without msgid before it')
        if word == 'msgid_plural':
            entry.plural = text
            add = None
            continue
        key = None if index is None else int(index)
        if key in entry.forms:
            raise Fault(f'{path}:{number}: {word} stands twice in this entry')
        entry.forms[key] = text
        add = lambda more, e=entry, k=key: e.forms.__setitem__(k, e.forms[k] + more)
    return entries


def check_entry(entry, forms):
    where = entry.where()
    if not ID.match(entry.id):
        raise Fault(f"{where}: '{entry.id}' is no id; write room_thing_what in small letters, digits and _")
    if entry.plural is not None and entry.plural != entry.id:
        raise Fault(f"{where}: msgid_plural of '{entry.id}' must repeat the id")
    expected = [None] if entry.plural is None else list(range(forms))
    if sorted(entry.forms, key=lambda k: -1 if k is None else k) != expected:
        wanted = 'one msgstr' if entry.plural is None else f'msgid_plural and msgstr[0] to msgstr[{forms - 1}]'
        raise Fault(f"{where}: '{entry.id}' needs {wanted}")
    for text in entry.forms.values():
        if not text.strip():
            raise Fault(f"{where}: '{entry.id}' has no text; write the sentence")
        if text != text.strip():
            raise Fault(f"{where}: '{entry.id}' starts or ends with white space; leave spacing to the page")
        if any(ord(c) < 32 and c != '\n' or 127 <= ord(c) < 160 for c in text):
            raise Fault(f"{where}: '{entry.id}' holds a control character")
        for name in HOLE.findall(text):
            if not HOLE_NAME.match(name):
                raise Fault(f"{where}: '{entry.id}' has the hole {{{name}}}; names are small letters, digits and _")
        if re.search(r'[{}]', HOLE.sub('', text)):
            raise Fault(f"{where}: '{entry.id}' has a single {{ or }}; they stand only around the name of a hole")


def forms_of(entries, path):
    header = next((e for e in entries if e.id == ''), None)
    if header is None:
        raise Fault(f'{path}:1: no header; this file carries the one of its language (msgid "")')
    text = header.forms.get(None, '')
    match = re.search(r'^Plural-Forms:\s*nplurals=(\d+);\s*plural=.+;$', text, re.M)
    if not match or not 1 <= int(match.group(1)) <= FORMS_MAX:
        raise Fault(f'{header.where()}: the header needs "Plural-Forms: nplurals=N; plural=…;" with N from 1 to {FORMS_MAX}')
    return int(match.group(1)), text


def read_language(folder, code):
    """(header text, {id: entry}, files read)"""
    base = os.path.join(folder, code)
    rooms = sorted(n for n in os.listdir(base) if n.endswith('.po') and not n.startswith('.'))
    files = [os.path.join(base, n) for n in rooms]
    head = os.path.join(base, HEADER_ROOM + '.po')
    if head not in files:
        raise Fault(f'{head}:1: missing; it carries the header of its language')
    forms, header = forms_of(read_po(head), head)
    found = {}
    for path in files:
        for entry in read_po(path):
            if entry.id == '':
                if path != head:
                    raise Fault(f'{entry.where()}: a header; only {HEADER_ROOM}.po carries one, take it out')
                continue
            check_entry(entry, forms)
            if entry.id in found:
                raise Fault(f"{entry.where()}: '{entry.id}' stands in {found[entry.id].where()} already")
            found[entry.id] = entry
    return header, found, files + [base]


def compare(languages):
    """Every id in every language, with the same holes and the same plural-ness. All faults, not only the first."""
    faults = []
    for code, found in languages.items():
        for other, others in languages.items():
            for name in sorted(found.keys() - others.keys()):
                room = os.path.basename(found[name].path)
                faults.append(f"{found[name].where()}: '{name}' is missing in '{other}'; add it to po/{other}/{room}")
    first = next(iter(languages.values()))
    for code, found in list(languages.items())[1:]:
        for name in sorted(found.keys() & first.keys()):
            a, b = first[name], found[name]
            if (a.plural is None) != (b.plural is None):
                faults.append(f"{b.where()}: '{name}' has plural forms in one language only; see {a.where()}")
            elif a.holes() != b.holes():
                holes = ' '.join(sorted('{' + h + '}' for h in a.holes())) or 'none'
                faults.append(f"{b.where()}: '{name}' must have the same holes as {a.where()}: {holes}")
    return faults


def quote(text):
    text = text.replace('\\', '\\\\').replace('"', '\\"').replace('\n', '\\n').replace('\t', '\\t')
    return f'"{text}"'


def write_changed(path, content):
    try:
        with open(path, encoding='utf-8') as f:
            if f.read() == content:
                return
    except FileNotFoundError:
        pass
    with open(path, 'w', encoding='utf-8') as f:
        f.write(content)


def merged(header, found):
    out = [f'msgid ""\nmsgstr {quote(header)}\n']
    for name in sorted(found):
        entry = found[name]
        out.append(f'#: {os.path.basename(entry.path)}:{entry.line}\nmsgid {quote(name)}\n')
        if entry.plural is None:
            out[-1] += f'msgstr {quote(entry.forms[None])}\n'
        else:
            out[-1] += f'msgid_plural {quote(name)}\n'
            out[-1] += ''.join(f'msgstr[{i}] {quote(entry.forms[i])}\n' for i in sorted(entry.forms))
    return '\n'.join(out)


def merge(folder, depfile, outputs):
    languages, headers, read = {}, {}, []
    for output in outputs:
        code = os.path.splitext(os.path.basename(output))[0]
        headers[code], languages[code], files = read_language(folder, code)
        read += files
    faults = compare(languages)
    if faults:
        raise Fault('\n'.join(faults))
    for output in outputs:
        code = os.path.splitext(os.path.basename(output))[0]
        write_changed(output, merged(headers[code], languages[code]))
    with open(depfile, 'w', encoding='utf-8') as f:
        # the folders too: a file that is added or removed changes their time
        f.write(f"{' '.join(outputs)}: {' '.join(p.replace(' ', chr(92) + ' ') for p in read)}\n")


def table(catalogue, header, source):
    ids = sorted(e.id for e in read_po(catalogue) if e.id)
    note = '// Generated by tools/messages.py from po/; do not edit.\n'
    names = ''.join(f'    MSG_{name.upper()},\n' for name in ids)
    write_changed(header, f'{note}#pragma once\n\nenum message {{\n    MSG_NONE,\n{names}    MSG_COUNT\n}};\n\n'
                  '// By message, sorted as strcmp does; [MSG_NONE] is "".\n'
                  'extern const char *const text_message_ids[MSG_COUNT];\n')
    rows = ''.join(f'    "{name}",\n' for name in ids)
    write_changed(source, f'{note}#include "text/messages.h"\n\n'
                  f'const char *const text_message_ids[MSG_COUNT] = {{\n    "",\n{rows}}};\n')


def main(arguments):
    try:
        if len(arguments) >= 4 and arguments[0] == 'merge':
            merge(arguments[1], arguments[2], arguments[3:])
        elif len(arguments) == 4 and arguments[0] == 'table':
            table(*arguments[1:])
        else:
            raise Fault(__doc__.strip())
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

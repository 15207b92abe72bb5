#!/usr/bin/python3
"""tools/messages.py: each rule of po/README.md is broken once and must be named with its file and line."""
import os
import subprocess
import sys
import tempfile
import unittest

TOOL = os.path.join(sys.argv.pop(1), 'tools', 'messages.py')
HEADER = 'msgid ""\nmsgstr ""\n"Language: xx\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
PLAIN = 'msgid "a_b"\nmsgstr "x {n}"\n'
PLURAL = 'msgid "a_c"\nmsgid_plural "a_c"\nmsgstr[0] "one"\nmsgstr[1] "{n}"\n'


class Messages(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        for code in ('sq', 'en'):
            os.makedirs(self.path('po', code))
            self.write(f'po/{code}/text.po', HEADER + PLAIN)

    def path(self, *parts):
        return os.path.join(self.folder.name, *parts)

    def write(self, name, content):
        with open(self.path(name), 'wb') as f:
            f.write(content if isinstance(content, bytes) else content.encode())

    def read(self, name):
        with open(self.path(name), encoding='utf-8') as f:
            return f.read()

    def run_tool(self, *arguments):
        return subprocess.run([sys.executable, TOOL, *arguments], cwd=self.folder.name, capture_output=True, text=True)

    def merge(self):
        return self.run_tool('merge', 'po', 'd', 'sq.po', 'en.po')

    def refused(self, message):
        done = self.merge()
        self.assertEqual(done.returncode, 1)
        self.assertIn(message, done.stderr)
        self.assertFalse(os.path.exists(self.path('en.po')))

    def test_makes_catalogue_and_table(self):
        for code in ('sq', 'en'):
            self.write(f'po/{code}/room.po', PLURAL + '\nmsgid "a_a"\nmsgstr ""\n"q \\"é\\" \\\\"\n" {h}\\nend"\n')
        self.assertEqual(self.merge().returncode, 0)
        self.assertIn('po/sq/room.po', self.read('d'))
        self.assertIn(' po/sq', self.read('d'))
        done = self.run_tool('table', 'en.po', 'm.h', 'm.c')
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        self.assertIn('MSG_NONE,\n    MSG_A_A,\n    MSG_A_B,\n    MSG_A_C,\n    MSG_COUNT\n', self.read('m.h'))
        self.assertIn('    "",\n    "a_a",\n    "a_b",\n    "a_c",\n', self.read('m.c'))
        subprocess.run(['msgfmt', '--check', '-o', self.path('en.mo'), self.path('en.po')], check=True, capture_output=True)
        text = subprocess.run(['msgunfmt', '--no-wrap', self.path('en.mo')], check=True, capture_output=True,
                              encoding='utf-8', env={'LC_ALL': 'C.UTF-8', 'PATH': os.environ['PATH']}).stdout
        self.assertIn('q \\"é\\" \\\\ {h}\\n', text)
        self.assertIn('msgstr[1] "{n}"', text)

    def test_writes_only_what_changed(self):
        self.merge()
        os.utime(self.path('en.po'), (1, 1))
        self.merge()
        self.assertEqual(os.stat(self.path('en.po')).st_mtime, 1)
        self.write('po/en/text.po', HEADER + PLAIN.replace('x', 'y'))
        self.merge()
        self.assertNotEqual(os.stat(self.path('en.po')).st_mtime, 1)

    def test_same_ids_everywhere(self):
        self.write('po/sq/room.po', PLURAL)
        self.refused("po/sq/room.po:1: 'a_c' is missing in 'en'; add it to po/en/room.po")

    def test_same_holes(self):
        self.write('po/en/text.po', HEADER + PLAIN.replace('{n}', '{m}'))
        self.refused("po/en/text.po:7: 'a_b' must have the same holes as po/sq/text.po:7: {n}")

    def test_same_plurals(self):
        self.write('po/en/room.po', PLURAL)
        self.write('po/sq/room.po', 'msgid "a_c"\nmsgstr "{n}"\n')
        self.refused("po/en/room.po:1: 'a_c' has plural forms in one language only; see po/sq/room.po:1")

    def test_names_all_faults_of_comparing(self):
        self.write('po/sq/room.po', 'msgid "b_a"\nmsgstr "x"\n\nmsgid "b_b"\nmsgstr "x"\n')
        self.refused("'b_a' is missing")
        self.refused("'b_b' is missing")

    def test_one_file_alone(self):
        for broken, message in (
                ('msgid "a_b"\nmsgstr "x"\n', "po/sq/text.po:7: 'a_b' stands in po/sq/room.po:1 already"),
                ('\nmsgid "Ab"\nmsgstr "x"\n', "po/sq/room.po:2: 'Ab' is no id"),
                ('msgid "ab"\nmsgstr "x"\n', "'ab' is no id"),
                ('msgid "b_c"\nmsgstr ""\n', "'b_c' has no text"),
                ('msgid "b_c"\nmsgstr " x"\n', 'white space'),
                ('msgid "b_c"\nmsgstr "x\\n"\n', 'white space'),
                ('msgid "b_c"\nmsgstr "{N}"\n', 'the hole {N}'),
                ('msgid "b_c"\nmsgstr "{ n}"\n', 'the hole { n}'),
                ('msgid "b_c"\nmsgstr "a}b"\n', 'a single { or }'),
                ('msgid "b_c"\nmsgstr "a\\tb"\n', 'control character'),
                ('msgid "b_c"\nmsgstr "a\\rb"\n', 'room.po:2: of escapes only'),
                ('msgid "b_c"\nmsgstr "a"b"\n', 'room.po:2: a double quote'),
                ('msgid "b_c"\nmsgstr x\n', 'room.po:2: expected msgid'),
                ('msgid "b_c"\nmsgstr "x\n', 'room.po:2: expected a text in double quotes'),
                ('msgid "b_c"\n\nmsgid "b_d"\nmsgstr "x"\n', "room.po:1: 'b_c' needs one msgstr"),
                ('msgid "b_c"\nmsgstr "x"\nmsgstr "y"\n', 'room.po:3: msgstr stands twice'),
                ('msgid "b_c"\nmsgid_plural "b_d"\nmsgstr[0] "x"\nmsgstr[1] "y"\n', "must repeat the id"),
                ('msgid "b_c"\nmsgid_plural "b_c"\nmsgstr[0] "x"\n', 'msgstr[0] to msgstr[1]'),
                ('msgid "b_c"\nmsgstr[0] "x"\n', 'needs one msgstr'),
                ('#, fuzzy\nmsgid "b_c"\nmsgstr "x"\n', 'room.po:1: fuzzy'),
                ('msgstr "x"\n', 'room.po:1: msgstr without msgid'),
                ('"x"\n', 'room.po:1: a text without msgid'),
                (HEADER, 'room.po:1: a header; only text.po'),
                (b'msgid "b_c"\nmsgstr "\xff"\n', 'room.po:1: not UTF-8')):
            with self.subTest(message):
                self.write('po/sq/room.po', broken)
                self.refused(message)

    def test_header(self):
        for broken, message in (
                (PLAIN, 'po/sq/text.po:1: no header'),
                (HEADER.replace('nplurals=2', 'nplurals=9') + PLAIN, 'the header needs "Plural-Forms'),
                (HEADER.replace('Plural-Forms', 'Forms') + PLAIN, 'the header needs "Plural-Forms')):
            with self.subTest(message):
                self.write('po/sq/text.po', broken)
                self.refused(message)
        os.remove(self.path('po/sq/text.po'))
        self.refused('po/sq/text.po:1: missing')


if __name__ == '__main__':
    unittest.main()

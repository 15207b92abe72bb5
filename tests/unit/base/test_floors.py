#!/usr/bin/python3
"""tools/check-floors on small trees: what goes down passes, everything else is named with file and line."""
import os
import subprocess
import sys
import tempfile
import unittest

TOOL = os.path.join(sys.argv.pop(1), 'tools', 'check-floors')
FLOORS = '# comment\n0 base\n2 html db\n6 people\n7 report\n20 bin\n'


class Floors(unittest.TestCase):
    def check(self, path, include, floors=FLOORS):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, 'src', os.path.dirname(path)))
            with open(os.path.join(folder, 'src', 'floors'), 'w', encoding='utf-8') as f:
                f.write(floors)
            with open(os.path.join(folder, 'src', path), 'w', encoding='utf-8') as f:
                f.write(f'// first line\n#include <stdio.h>\n#include "{include}"\n')
            done = subprocess.run([sys.executable, TOOL, folder], capture_output=True, text=True)
            return done.returncode, done.stdout + done.stderr

    def test_down_passes(self):
        for path, include in (('db/a.c', 'base/any.h'), ('db/a.c', 'db/own.h'), ('db/a.c', 'own.h'),
                              ('report/a.c', 'people/people.h'), ('report/x/a.c', 'people/counts.h'),
                              ('report/a.c', 'html/any.h'), ('bin/a.c', 'report/desk/desk.h')):
            with self.subTest(path=path, include=include):
                self.assertEqual(self.check(path, include)[0], 0)

    def test_other_ways_are_named(self):
        for path, include in (('base/a.c', 'db/db.h'), ('db/a.c', 'html/html.h'), ('db/a.h', 'report/report.h'),
                              ('people/a.c', 'report/counts.h'), ('report/a.c', 'people/role.h'),
                              ('db/a.c', 'nowhere/x.h'), ('nowhere/a.c', 'base/str.h'), ('report/a.c', 'bin/bin.h')):
            with self.subTest(path=path, include=include):
                code, text = self.check(path, include)
                self.assertEqual(code, 1)
                self.assertIn(f'src/{path}:3: ', text)

    def test_nothing_checked_is_a_fault(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, 'src'))
            with open(os.path.join(folder, 'src', 'floors'), 'w', encoding='utf-8') as f:
                f.write(FLOORS)
            self.assertEqual(subprocess.run([sys.executable, TOOL, folder], capture_output=True).returncode, 1)

    def test_ranks_must_be_whole(self):
        self.assertNotEqual(self.check('base/a.c', 'base/b.h', '0 base\n')[0], 0)
        self.assertNotEqual(self.check('base/a.c', 'base/b.h', FLOORS + '3 base\n')[0], 0)


if __name__ == '__main__':
    unittest.main()

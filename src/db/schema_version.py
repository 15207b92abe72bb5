#!/usr/bin/env python3
"""Writes the header that says which migrations this program expects: schema_version.py SQL_DIR OUT.

tests/store/test_catalogue fails where the two engines' folders differ. Leaves OUT alone where nothing changed."""
import os, re, sys

sql, out = sys.argv[1:]
numbers = [int(f[:4]) for f in os.listdir(os.path.join(sql, 'sqlite')) if re.fullmatch(r'\d{4}_[a-z0-9_]+\.sql', f)]
if len(set(numbers)) != len(numbers):
    sys.exit('sql/sqlite: a number is used twice')
text = f'#pragma once\n#define SCHEMA_COUNT {len(numbers)}\n#define SCHEMA_LAST {max(numbers, default=0)}\n'
try:
    with open(out) as f:
        same = f.read() == text
except FileNotFoundError:
    same = False
if not same:
    with open(out, 'w') as f:
        f.write(text)

#!/usr/bin/env python3
"""Lists the fuzz targets of this folder with the libraries that their first lines name."""
import pathlib

for path in sorted(pathlib.Path(__file__).parent.glob("fuzz_*.c")):
    first = path.open(encoding="utf-8").readline()
    if not first.startswith("// libs:"):
        raise SystemExit(f"{path}:1: the first line must be '// libs: FLOOR…'")
    print(path.stem, *first.removeprefix("// libs:").split())

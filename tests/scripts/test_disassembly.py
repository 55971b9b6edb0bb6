"""gt2json --dis writes what Python's pickletools does, for every recorded pickle: test_disassembly.py GT2JSON FOLDER"""

import io
import pathlib
import pickletools
import re
import subprocess
import sys

LEVELS = 32  # what lies deeper is indented no further
DEPTH = re.compile(r" *; stack \d+(, marks \d+)?$", re.MULTILINE)
# Spellings of numbers that only Python 3 accepts, or that gt2json shows as they are.
SPELLED_OTHERWISE = {"m_floatws"}


def expected(data):
    """The lines of pickletools, in ASCII as later versions of it write strings; None where it stops with an error."""
    pickletools.repr = ascii
    out = io.StringIO()
    try:
        pickletools.dis(data, out)
    except ValueError:
        return None
    return out.getvalue()


def main():
    tool, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    compared = 0
    failed = []
    for path in sorted(folder.glob("*.gt")):
        want = expected(path.read_bytes())
        if want is None or path.stem in SPELLED_OTHERWISE or "    " * LEVELS in want:
            continue
        done = subprocess.run([tool, "--dis", path], capture_output=True, text=True, check=False)
        compared += 1
        if done.returncode != 0 or DEPTH.sub("", done.stdout) != want:
            failed.append(path.name)
    print(f"{compared} disassemblies compared, {len(failed)} differ: {failed}")
    return 1 if failed or compared < 400 else 0


sys.exit(main())

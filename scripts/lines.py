"""Checks the length of lines, and the number of lines of code.

    python3 scripts/lines.py
"""

import subprocess
import sys

from source import ROOT, code, library

COLUMNS = 100
LIBRARY = 6200  # lines of code: without comments and tests
BENCHES = 3330  # all lines, without the reference values
GENERATED = {"examples/qemu/src/wdbc.rs"}

failed = False


def files(*arguments):
    """The files that git has or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *arguments]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in names.splitlines() if (ROOT / name).is_file()]


def limit(what, count, most):
    global failed
    failed |= count > most
    print(f"{what}: {count} lines (at most {most})")


for path in files("*.rs", "*.py", "*.sh", "*.c", "*.ts", "*.css"):
    name = str(path.relative_to(ROOT))
    for number, line in enumerate(path.read_text().split("\n"), 1):
        if len(line) > COLUMNS and name not in GENERATED:
            print(f"{name}:{number}: {len(line)} columns")
            failed = True

lines = [line for path in library() for line in code(path.read_text()).split("\n")]
limit("src, code", sum(bool(line.strip()) for line in lines), LIBRARY)
benches = [path for path in files("benches") if path.suffix != ".csv"]
limit("benches", sum(path.read_text().count("\n") for path in benches), BENCHES)
sys.exit(failed)

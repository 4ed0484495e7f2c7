"""What the scripts of this folder share: the line that names the packages, and `--check`."""

import sys
from importlib.metadata import version


def made_by(script, *packages):
    """The line of a table that says how it was made."""
    return f"# made by {script} with {', '.join(f'{name} {version(name)}' for name in packages)}"


def write_or_check(path, lines):
    """Writes the table; with `--check` compares it, and the exit status is 1 if it differs."""
    text = "".join(f"{line}\n" for line in lines)
    if "--check" in sys.argv:
        sys.exit(text != path.read_text())
    path.write_text(text)

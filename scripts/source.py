"""What the scripts beside this one know about Rust source and about documents. It is enough for
rustfmt's output."""

import pathlib
import re

ROOT = pathlib.Path(__file__).parent.parent
SRC = ROOT / "src"
TEXT = re.compile(r'b?"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])\'|//[^\n]*|/\*.*?\*/', re.S)


def library():
    """The files of the library, without those that only hold tests."""
    files = sorted(SRC.rglob("*.rs"))
    tests = {folder(path) / name for path in files
             for name in re.findall(r"#\[cfg\(test\)\]\s*mod (\w+);", path.read_text())}
    return [path for path in files if not tests & {path.with_suffix(""), *path.parents}]


def folder(path):
    """Where the modules are that a file declares."""
    return path.parent if path.stem in ("lib", "mod") else path.with_suffix("")


def code(text):
    """The text without comments, strings and items under `#[cfg(test)]`. Line breaks stay."""
    def blank(match):
        return "\n" * match[0].count("\n") if match[0][0] == "/" else '""'

    text = TEXT.sub(blank, text)
    while (start := text.find("#[cfg(test)]")) >= 0:
        end = item_end(text, start)
        text = text[:start] + "\n" * text.count("\n", start, end) + text[end:]
    return text


def item_end(text, start):
    """Where the item that begins at `start` ends: after its braces, or after its semicolon."""
    depth = 0
    for index in range(start, len(text)):
        if text[index] in "{[(":
            depth += 1
        elif text[index] in "}])":
            depth -= 1
            if depth == 0 and text[index] == "}":
                return index + 1
        elif text[index] == ";" and depth == 0:
            return index + 1
    return len(text)


def blocks(path):
    """Line number, words after the fence, and text of every block of code."""
    text = path.read_text()
    if path.suffix == ".rs":  # only the documentation; empty lines keep the numbers
        lines = text.split("\n")
        text = "\n".join(re.sub(r"^\s*//[/!] ?|^.*$", "", line, count=1) for line in lines)
    for match in re.finditer(r"^```([^\n]*)\n(.*?)^```", text, re.M | re.S):
        yield text.count("\n", 0, match.start()) + 1, match[1].split(","), match[2]

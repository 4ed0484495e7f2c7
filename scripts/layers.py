"""Checks that imports in src/ run one way, from train down to arithmetic, and in no circle.

    python3 scripts/layers.py

A `mod.rs` that only declares and re-exports its children does not depend on them. Whoever uses a
re-exported item depends on the file that defines it.
"""

import re
import sys

from source import SRC, code, folder, library

# Each may import from itself and from those before it.
LAYERS = ["arithmetic", "float", "error", "exchange", "schedule", "data", "train", "store"]
FORBIDDEN = [("train/neuron.rs", "schedule")]
PATH = re.compile(r"(?<![\w:])((?:crate|super|self|[a-z]\w*)::)")
ATTRIBUTE = re.compile(r"#!?\[(?:[^\[\]]|\[[^\]]*\])*\]")
REEXPORT = re.compile(r"\bpub(?:\([^)]*\))? use ([^;]*);")


def trees(text):
    """The paths of a `use` tree, as lists of names: `a::{b, c::d as e}` is [a, b] and [a, c, d]."""
    text = re.sub(r"\bas \w+", "", text)
    head, brace, inner = text.partition("{")
    if not brace:
        yield [name.strip() for name in head.split("::") if name.strip()]
        return
    depth, begin = 1, 0
    for index, letter in enumerate(inner):
        depth += (letter == "{") - (letter == "}")
        if depth == 0 or (depth == 1 and letter == ","):
            for path in trees(inner[begin:index]) if inner[begin:index].strip() else []:
                yield [name.strip() for name in head.split("::") if name.strip()] + path
            begin = index + 1
        if depth == 0:
            return


def paths(text):
    """Every path in the text that begins with a module."""
    for match in PATH.finditer(text):
        tail = re.match(r"(?:\w+::)*(?:\w+|\{|\*)?", text[match.end():])
        end = match.end() + tail.end()
        if tail[0].endswith("{"):
            end += text[end:].index(";")
        yield from trees(text[match.start():end])


class Module:
    def __init__(self, path):
        self.name = str(path.relative_to(SRC))
        place = folder(path).relative_to(SRC).parts
        self.path = place if path.stem != "lib" else ()
        text = ATTRIBUTE.sub("", code(path.read_text()))
        self.children = re.findall(r"\bmod (\w+);", text)
        self.exports = [path for tree in REEXPORT.findall(text) for path in trees(tree)]
        self.defines = re.findall(r"\b(?:fn|struct|enum|trait|type|const|static) (\w+)", text)
        self.uses = list(paths(REEXPORT.sub("", text)))


modules = {module.path: module for module in map(Module, library())}


def resolve(module, path):
    """The file that defines what `path` in `module` names, or None if that is another crate's."""
    here = module.path
    if path[0] == "crate":
        here, path = (), path[1:]
    elif path[0] in ("super", "self"):
        while path and path[0] in ("super", "self"):
            here, path = (here[:-1] if path[0] == "super" else here), path[1:]
    elif path[0] not in module.children:
        return None
    while path and here + (path[0],) in modules:
        here, path = here + (path[0],), path[1:]
    return exported(modules[here], path[0]) if path else modules[here]


def exported(module, name):
    """The file that defines what `module` re-exports as `name`, or `module` itself."""
    for export in module.exports:
        if export[-1] == name and (target := resolve(module, export)):
            return target
        if export[-1] == "*" and (inner := resolve(module, export[:-1])):
            target = exported(inner, name)
            if target is not inner or name in inner.defines:
                return target
    return module


def circle(module, trail=(), done=set()):
    """The names of files that import each other, if `module` leads to such a circle."""
    if module.path in trail:
        return trail[trail.index(module.path):] + (module.path,)
    if module.path in done:
        return None
    for target in edges[module.path]:
        if found := circle(modules[target], trail + (module.path,)):
            return found
    done.add(module.path)
    return None


complaints = []
edges = {}
for module in modules.values():
    targets = {resolve(module, path) for path in module.uses} - {None, module}
    edges[module.path] = [target.path for target in targets]
    if module.path and module.path[0] not in LAYERS:
        complaints.append(f"{module.name} is in none of the layers {', '.join(LAYERS)}")
        continue
    below = LAYERS[: LAYERS.index(module.path[0]) + 1] if module.path else LAYERS
    for target in targets:
        layer = target.path[0] if target.path else "lib.rs"
        if layer not in below or (module.name, layer) in FORBIDDEN:
            complaints.append(f"{module.name} imports from {target.name}, which is not below it")
for module in modules.values():
    if found := circle(module):
        complaints.append("circle: " + " -> ".join(modules[path].name for path in found))
        break
root = ATTRIBUTE.sub("", code((SRC / "lib.rs").read_text()))
root = re.sub(r"\bmod \w+ \{\}", "", root)  # a document whose examples are tested
for item in filter(None, (item.strip() for item in root.split(";"))):
    if not re.fullmatch(r"(pub )?mod \w+|pub use .*", item, re.S):
        complaints.append(f"lib.rs is for attributes and re-exports: {item}")

imports = sum(map(len, edges.values()))
print(*complaints or [f"{len(modules)} files, {imports} imports, no circle"], sep="\n")
sys.exit(bool(complaints))

"""Builds the examples of the README and of the library's documentation for a Cortex-M0.

    python3 scripts/chip_examples.py

Each example becomes a `no_std` library in target/chip-examples. Those that need `std` are skipped
and counted. An example that says `#![no_std]` is never skipped, and of each file in REQUIRED one
must be built.
"""

import re
import shutil
import subprocess
import sys

from source import ROOT, blocks, library

TARGET = "thumbv6m-none-eabi"
REQUIRED = ["README.md", "src/float.rs", "src/schedule/mod.rs"]
NEEDS_STD = (
    r"\bstd::|\b(?:String|Vec|Box)\b|\b(?:e?print(?:ln)?|dbg|format|vec)!|\.to_(?:string|vec)\("
)
MANIFEST = """[package]
name = "chip-examples"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
microlr = { path = "../..", features = ["store"] }
embedded-storage = "0.3"
postcard = { version = "1", default-features = false }
num-traits = { version = "0.2", default-features = false }

[profile.dev]
panic = "abort"
"""


def file_of(block):
    """The example as a library. Statements stand in a function, as in a documentation test."""
    lines = [re.sub(r"^\s*# ?(?!!?\[)", "", line) for line in block.splitlines()]
    text = "\n".join(line for line in lines if line.strip() != "#![no_std]")
    if "fn main" not in text and "#![no_std]" not in block:
        text = f"pub fn example() {{\n{text}\n}}"
        if re.search(r"^Ok::<", text, re.M):
            result = "Result<(), impl core::fmt::Debug>"
            text = text.replace("fn example()", f"fn example() -> {result}", 1)
    return f"#![no_std]\n#![allow(dead_code, unused_imports, unused_variables)]\n{text}\n"


folder = ROOT / "target/chip-examples"
shutil.rmtree(folder / "examples", ignore_errors=True)
(folder / "examples").mkdir(parents=True)
(folder / "src").mkdir(exist_ok=True)
(folder / "src/lib.rs").write_text("#![no_std]\n")
manifest, built, skipped, failed = MANIFEST, [], [], False
for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *library()]:
    name = str(path.relative_to(ROOT))
    for line, words, block in blocks(path):
        if words[0] not in ("", "rust", "no_run", "should_panic"):
            continue  # another language, or what must not compile
        if (reason := re.search(NEEDS_STD, block)) and "#![no_std]" not in block:
            skipped.append(f"{name}:{line} needs std: {reason[0]}")
            continue
        title = re.sub(r"\W", "_", f"{name}_{line}").lower()
        (folder / f"examples/{title}.rs").write_text(file_of(block))
        manifest += f'\n[[example]]\nname = "{title}"\ncrate-type = ["lib"]\n'
        built.append(name)
(folder / "Cargo.toml").write_text(manifest)

print(*skipped, f"{len(built)} examples to build, {len(skipped)} skipped", sep="\n")
for name in REQUIRED:
    if name not in built:
        print(f"{name}: no example of it can be built without std")
        failed = True
build = ["cargo", "build", "--quiet", "--examples", "--target", TARGET]
sys.exit(failed or subprocess.run(build, cwd=folder).returncode)

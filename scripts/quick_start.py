"""Runs the quick start of the README, and compares what it prints with what the README shows.

    python3 scripts/quick_start.py
"""

import subprocess
import sys

from source import ROOT, blocks

MANIFEST = """[package]
name = "quick-start"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
microlr = { path = "../.." }
"""

languages = [(words[0], text) for _, words, text in blocks(ROOT / "README.md")]
# The first of each: the program, and what it prints.
program, shown = (next(text for name, text in languages if name == it) for it in ("rust", "text"))
crate = ROOT / "target" / "quick-start"
(crate / "src").mkdir(parents=True, exist_ok=True)
(crate / "Cargo.toml").write_text(MANIFEST)
(crate / "src" / "main.rs").write_text(program)
run = subprocess.run(["cargo", "run", "--quiet"], cwd=crate, stdout=subprocess.PIPE, text=True)
if run.returncode or run.stdout != shown:
    sys.exit(f"the README shows\n{shown}and the program prints\n{run.stdout}")
print("the quick start prints what the README shows")

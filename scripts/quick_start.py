"""Runs the quick start of the README, and compares what it prints with what the README shows.

    python3 scripts/quick_start.py
"""

import re
import subprocess
import sys

from source import ROOT

MANIFEST = """[package]
name = "quick-start"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
microlr = { path = "../.." }
"""

section = (ROOT / "README.md").read_text().split("\n## Quick start\n")[1]
program = re.search(r"```rust\n(.*?)```", section, re.S)[1]
shown = re.search(r"```text\n(.*?)```", section, re.S)[1]
crate = ROOT / "target" / "quick-start"
(crate / "src").mkdir(parents=True, exist_ok=True)
(crate / "Cargo.toml").write_text(MANIFEST)
(crate / "src" / "main.rs").write_text(program)
run = subprocess.run(["cargo", "run", "--quiet"], cwd=crate, stdout=subprocess.PIPE, text=True)
if run.returncode or run.stdout != shown:
    sys.exit(f"the README shows\n{shown}and the program prints\n{run.stdout}")
print("the quick start prints what the README shows")

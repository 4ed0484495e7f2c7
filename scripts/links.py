"""Checks relative links: of the documents, of those in the package, of the HTML's front page.

    cargo doc --no-deps --all-features && python3 scripts/links.py
"""

import html
import re
import subprocess
import sys
import urllib.parse

from source import ROOT

FRONT = ROOT / "target/doc/microlr/index.html"
LINK = re.compile(
    r"\]\(\s*<?([^)>\s]+)>?[^)]*\)"  # [text](link)
    r"|^\s*\[[^\]^]+\]:\s*<?([^\s>]+)"  # [name]: link
    r"|<(?:img|a|source)\b[^>]*?\b(?:src|href|srcset)=\"([^\"]+)\"",
    re.M,
)
ATTRIBUTE = re.compile(r"\b(?:src|href|srcset)=(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))")

broken = []
counts = []


def lines(*command):
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def anchors(path):
    """What can stand behind `#` in a link to the file."""
    text = path.read_text()
    if path.suffix == ".html":
        return set(re.findall(r"\bid=[\"']?([^\"'\s>]+)", text))
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    headings = [heading.lower() for heading in re.findall(r"^#+ (.*?)\s*$", text, re.M)]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


def check(what, path, links, present):
    """Complains about every relative link in the file at `path` to what is not `present`."""
    for link in links:
        address, _, anchor = html.unescape(urllib.parse.unquote(link)).partition("#")
        if re.match(r"[a-z][a-z+.-]*:", address):
            continue
        target = (path.parent / address.partition("?")[0]).resolve() if address else path
        if not present(target):
            broken.append(f"{what}: {path.relative_to(ROOT)} links to {link}")
        elif anchor and target.suffix in (".md", ".html") and anchor not in anchors(target):
            broken.append(f"{what}: {path.relative_to(ROOT)} links to {link}: no such heading")
    counts.append(len(links))


def documents(what, names, present):
    paths = [ROOT / name for name in names if name.endswith(".md") and (ROOT / name).is_file()]
    for path in paths:
        text = re.sub(r"^```.*?^```|`[^`\n]*`(?!\])", "", path.read_text(), flags=re.M | re.S)
        check(what, path, ["".join(groups) for groups in LINK.findall(text)], present)


known = lines("git", "ls-files", "--cached", "--others", "--exclude-standard")
documents("repository", known, lambda path: path.exists())
packaged = lines("cargo", "package", "--list", "--allow-dirty", "--quiet")
documents("package", packaged, lambda path: str(path.relative_to(ROOT)) in packaged)
if FRONT.exists():
    text = re.sub(r"<script.*?</script>", "", FRONT.read_text(), flags=re.S)
    links = ["".join(groups) for groups in ATTRIBUTE.findall(text)]
    # The pages of the source get their anchors from a script.
    if 'class="schedules"' not in text:
        broken.append("front page: the picture of the schedules is missing")
    links = [link for link in links if "../src/" not in link]
    check("front page", FRONT, links, lambda path: path.exists())
else:
    broken.append(f"{FRONT.relative_to(ROOT)} is missing: cargo doc --no-deps --all-features")

print(*broken or [f"{sum(counts)} links in {len(counts)} documents"], sep="\n")
sys.exit(bool(broken))

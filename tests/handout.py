"""The handout: two pages, printed by the tests' browser from an HTML of ours.

python -m tests.handout
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from tests.browser import ROOT, browser

SOURCE, PDF = ROOT / "docs" / "handout.html", ROOT / "docs" / "handout.pdf"

MADE_FROM = b"\n% made from handout.html "
"""Begins the last line, a comment of the PDF: which text it was printed from."""


def digest(source: Path = SOURCE) -> bytes:
    """Return the hash of the text, the same on every system."""
    return hashlib.sha256(source.read_text(encoding="utf-8").encode()).hexdigest().encode()


def printed(source: Path = SOURCE) -> bytes:
    """Print the pages, without the time of printing: the same text gives the same file on the same machine."""
    with browser() as chromium:
        page = chromium.new_page()
        page.goto(source.as_uri())
        pdf: bytes = page.pdf(prefer_css_page_size=True, print_background=True)
        page.close()
    pdf = re.sub(rb"(/(?:Creation|Mod)Date \(D:)[^)]*\)", _no_time, pdf)
    return pdf + MADE_FROM + digest(source) + b"\n"


def _no_time(found: re.Match[bytes]) -> bytes:
    length = len(found[0]) - len(found[1]) - 1
    return found[1] + b"20261130000000Z00'00'"[:length].ljust(length, b"0") + b")"


def pages(pdf: bytes) -> int:
    """Return how many pages a PDF has."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


if __name__ == "__main__":
    PDF.write_bytes(printed())
    print(f"{PDF.relative_to(ROOT)}: {pages(PDF.read_bytes())} pages, {PDF.stat().st_size / 1e3:.0f} kB")

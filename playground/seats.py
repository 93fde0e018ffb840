"""Seats: many learners on one machine, each with an own workspace behind an address nobody can guess.

The key of a seat is its folder's name and stands in the URL (`?ws=...`). Whoever knows it sits there; whoever does not
finds nothing. A key that nobody was given opens nothing and makes nothing.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from mlops import MlopsError, Workspace

_KEY = re.compile(r"[a-z2-7]{20}")
"""One hundred random bits, in letters that are easy to tell apart."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def take(root: Path) -> str:
    """Make a workspace at a new seat and return the key.

    Examples
    --------
    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> key = take(root)
    >>> folder(root, key) == root / key
    True
    """
    key = "".join(secrets.choice(_LETTERS) for _ in range(20))
    Workspace.open(root / key)
    return key


def folder(root: Path, key: str) -> Path:
    """Return the workspace folder of a key.

    Raises
    ------
    MlopsError
        If nobody was given that key; a path in its place is no key.
    """
    found = root / key if _KEY.fullmatch(key) else None
    if found is None or not found.is_dir():
        raise MlopsError(
            "There is no workspace behind this address.", "Check the address, or leave out ?ws= for a new one."
        )
    return found

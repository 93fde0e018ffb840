"""Seats: many learners on one machine, each with an own workspace behind an address nobody can guess.

The key of a seat is its folder's name and stands in the URL (`?ws=...`). Whoever knows it sits there; whoever does not
finds nothing. A key that nobody was given opens nothing and makes nothing.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from contextlib import suppress
from pathlib import Path

from mlops import MlopsError, Workspace
from mlops.base.errors import shown

_KEY = re.compile(r"[a-z2-7]{20}")
"""One hundred random bits, in letters that are easy to tell apart."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


MOST = 100
"""Seats of a class, if `MLOPS_SEATS` does not say."""

IDLE = 3600.0
"""Seconds after which a seat where nothing was ever done may go to somebody else."""


def take(root: Path, most: int = MOST) -> str:
    """Make a workspace at a new seat and return the key.

    A class has so many seats at most. When all are taken, one at which nothing was ever done, and which was taken over
    an hour ago, gets the new key, and its old one opens nothing any more.

    Raises
    ------
    MlopsError
        If the class is full.

    Examples
    --------
    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> key = take(root)
    >>> folder(root, key) == root / key
    True
    """
    key = "".join(secrets.choice(_LETTERS) for _ in range(20))
    taken = [path for path in root.iterdir() if _KEY.fullmatch(path.name)] if root.is_dir() else []
    if len(taken) < most:
        Workspace.open(root / key)
    elif not any(_passed_on(seat, root / key) for seat in taken):
        raise MlopsError(
            f"The class is full: all of its {most} places are taken.",
            "Open the address of your own place, or ask whoever started this server for more places.",
        )
    return key


def most() -> int:
    """Return how many seats a class has.

    Raises
    ------
    MlopsError
        If `MLOPS_SEATS` is no number of seats.
    """
    said = os.environ.get("MLOPS_SEATS") or str(MOST)
    if not re.fullmatch(r"[1-9][0-9]{0,5}", said):
        raise MlopsError(f"MLOPS_SEATS is {shown(said)}, which is no number of places.", "Start the server with one.")
    return int(said)


def _passed_on(seat: Path, to: Path) -> bool:
    """Give a seat where nothing was ever done a new key; tell whether that could be done."""
    with suppress(MlopsError, OSError):  # not a whole workspace, or somebody else was faster
        if time.time() - seat.stat().st_mtime > IDLE and Workspace.open(seat, create=False).head() == 0:
            os.utime(seat)  # its hour begins
            seat.rename(to)
            return True
    return False


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

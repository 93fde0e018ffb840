"""Seats: many learners on one machine, each with an own workspace behind an address nobody can guess.

The key of a seat is its folder's name and stands in the URL (`?ws=...`). Whoever knows it sits there; whoever does not
finds nothing. A key that nobody was given opens nothing and makes nothing. Who sits there stands beside the folder, in
``<key>.seat.json``: it outlives the workspace that is put aside, and is known before anything happens in a new one.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from mlops import MlopsError, Workspace
from mlops.base.artifacts import replace_file
from mlops.base.errors import InvalidError, shown
from mlops.base.records import check_text, readable_json
from playground import keys
from playground.classroom import book
from playground.course import people
from playground.desk import FILE

MOST = 100
"""Seats of a class, if `MLOPS_SEATS` does not say."""

IDLE = 3600.0
"""Seconds after which a seat where nothing was ever done may go to somebody else."""

LONGEST = 60
"""Characters of a name, at most: two fit, where two share a seat."""

NOBODY = "learner"
"""Who acts at a seat whose learner gave no name."""


@dataclass(frozen=True)
class Sitter:
    """Who sits at a seat."""

    names: tuple[str, ...] = ()
    """What they called themselves, the last one at the end: their history knows them by each of these."""
    asked: bool = False
    """Whether they were asked already: once is enough."""

    @property
    def name(self) -> str:
        """What they are called now; nothing where they never said."""
        return self.names[-1] if self.names else ""

    @property
    def actor(self) -> str:
        """Who acts, as the history of their workspace says."""
        return self.name or NOBODY


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
    key, taken = keys.made(), book.seats(root)
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
            (to / FILE).unlink(missing_ok=True)
            _file(seat.parent, seat.name).unlink(missing_ok=True)
            return True
    return False


def folder(root: Path, key: str) -> Path:
    """Return the workspace folder of a key.

    Raises
    ------
    MlopsError
        If nobody was given that key; a path in its place is no key.
    """
    if not exists(root, key):
        raise MlopsError(
            "There is no workspace behind this address.", "Check the address, or leave out ?ws= for a new one."
        )
    return root / key


def exists(root: Path, key: str) -> bool:
    """Return whether somebody was given this key."""
    return keys.is_seat(key) and (root / key).is_dir()


def sitter(root: Path, key: str) -> Sitter:
    """Return who sits at a seat; nobody who can be named where that cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> key = take(root)
    >>> call(root, key, "Ada and Ben")
    >>> sitter(root, key).actor
    'Ada and Ben'
    """
    try:
        found = json.loads(_file(root, key).read_text("utf-8"))
        return Sitter(tuple(check_text(name, "name", LONGEST) for name in found["names"]), bool(found["asked"]))
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return Sitter()


def call(root: Path, key: str, name: str) -> None:
    """Write down what the learner at a seat is called from now on; nothing means that they do not want to say.

    Raises
    ------
    MlopsError
        If it is no name, or nobody was given that key.
    """
    folder(root, key)
    name = check_text(" ".join(name.split()), "name", LONGEST)
    if not name.isprintable():
        raise InvalidError(f"{shown(name)} cannot be shown as a name.", "Use letters, digits and spaces.")
    if not people.is_learner(name):
        raise InvalidError(f"{shown(name)} is somebody in the story of the course.", "Use another name.")
    names = [one for one in sitter(root, key).names if one != name]
    replace_file(_file(root, key), readable_json(asdict(Sitter((*names, *filter(None, [name])), asked=True))))


def host() -> str:
    """Return the name by which others reach this machine: that of `MLOPS_HOSTS`, else its address; nothing if alone."""
    named = [name.strip() for name in os.environ.get("MLOPS_HOSTS", "").split(",") if name.strip()]
    if named:
        return named[0]
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.connect(("192.0.2.1", 9))  # of nobody: nothing is sent, it only says from where it would
        return str(asked.getsockname()[0])
    return ""


def cookie(root: Path) -> str:
    """Return the name under which a browser remembers its seat in this class: one machine may serve several."""
    return f"mlops_seat_{hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:8]}"


def _file(root: Path, key: str) -> Path:
    return root / f"{key}.seat.json"

"""The secret of a class: the key to its teacher's page. It is made once, and stands in a link on the console."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from mlops.base import locks
from playground import keys

FILE = "teacher.key"

LETTERS = 32
"""Of the key: 160 random bits."""

PATIENCE = 5.0
"""Seconds to wait for another server that makes one at this moment."""


def key(room: Path) -> str:
    """Return the key to the teacher's page of a class; it is made if there is none, also by two at once.

    Examples
    --------
    >>> import tempfile
    >>> room = Path(tempfile.mkdtemp())
    >>> key(room) == key(room), len(key(room))
    (True, 32)
    """
    room.mkdir(parents=True, exist_ok=True)
    with locks.turn(room / f".{FILE}.lock", PATIENCE):
        if not (found := _read(room)):
            found = keys.made(LETTERS)
            number = os.open(room / FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # of nobody else here
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(f"{found}\n")
    return found


def link(room: Path, address: str) -> str:
    """Return the link by which the teacher of a class comes in.

    Examples
    --------
    >>> import tempfile
    >>> link(Path(tempfile.mkdtemp()), "http://localhost:8501").partition("=")[0]
    'http://localhost:8501/teacher?key'
    """
    return f"{address}/teacher?key={key(room)}"


def cookie(room: Path) -> str:
    """Return the name under which a teacher's browser has the key, so that no projector shows it in an address."""
    return f"mlops_teacher_{hashlib.sha256(str(room.resolve()).encode()).hexdigest()[:8]}"


def opens(room: Path, said: str) -> bool:
    """Tell whether somebody knows the key of a class; how long that takes says nothing about it."""
    known = _read(room)
    return bool(known) and hmac.compare_digest(known.encode(), said.encode())


def _read(room: Path) -> str:
    """Return the key; nothing where there is none, or only a part of one."""
    try:
        known = (room / FILE).read_text("utf-8").strip()
    except (OSError, ValueError):
        return ""
    return known if len(known) == LETTERS else ""

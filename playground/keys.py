"""Keys: secrets that stand in an address - of a seat, which is the name of its folder, and of the teacher's page."""

from __future__ import annotations

import re
import secrets

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
"""Five random bits each, and easy to tell apart."""

SEAT = 20
"""Letters of the key of a seat: one hundred random bits."""

_SEAT = re.compile(r"[a-z2-7]+")


def made(letters: int = SEAT) -> str:
    """Return a new key that nobody can guess; as it is, it is that of a seat.

    Examples
    --------
    >>> is_seat(made()), is_seat(made(32))
    (True, False)
    """
    return "".join(secrets.choice(_LETTERS) for _ in range(letters))


def is_seat(name: str) -> bool:
    """Tell whether a name can be that of a seat."""
    return len(name) == SEAT and bool(_SEAT.fullmatch(name))

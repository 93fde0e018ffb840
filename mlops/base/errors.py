"""Everything this package refuses, as one family.

    MlopsError
      InvalidError     (ValueError)    an argument, name, instant or expression cannot be used
        ConfigError                    a config is not valid; `details` name line, field and suggestion
        DataError                      a file, table or row cannot be used; `details` name row and field
        NotYetError                    an instant that was meant as past has not come
      NotFoundError    (LookupError)   no object goes by that name
      ConflictError                    somebody else was first, or the name is taken
      RefusedError                     a rule of release forbids it; `details` name the rule
      PastError                        the past records nothing
      IntegrityError                   bytes or history are not what the ledger says
      StorageError     (OSError)       the disk did not take it; the message says what is recorded
        BusyError                      another program holds the ledger; it is there again when that one lets go
      Cancelled                        a person stopped the work

Every error carries the value and the rule (`message`) and what to do now (`next_step`). Whatever somebody typed
or a file holds can stand in them: they are kept to one line of printable text, and to a length that people read.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from unicodedata import category

MAX_MESSAGE, MAX_VALUE, MAX_ITEMS = 1000, 500, 100
"""How long a message or next step may be, and a text and a list in the details."""


_JOINERS = "\u200c\u200d"
"""Invisible, and part of how Persian, Hindi and some emoji are written."""


def printable(text: str, limit: int = sys.maxsize) -> str:
    """Return text as one line that any terminal, log and JSON document can take.

    White space becomes a space, and what cannot be seen or stored - control characters, marks that turn the
    direction of writing, half characters - is spelled out.

    Examples
    --------
    >>> printable("tab\\tand \\x1b[31m caf\\udce9", 100)
    'tab and \\\\x1b[31m caf\\\\udce9'
    >>> printable("a" * 1000, 30)
    'aaaaaaaaaaaa ... aaaaaaaaaaaa'
    """
    if len(text) > limit:
        half = (limit - len(" ... ")) // 2
        text = f"{text[:half]} ... {text[-half:]}"
    if text.isprintable():
        return text
    return "".join(
        " " if one.isspace() else one if one.isprintable() or one in _JOINERS else repr(one)[1:-1] for one in text
    )


def printable_lines(text: str) -> str:
    """Return text of several lines as a terminal can take it; what nobody can see is spelled out, spaces stay.

    Examples
    --------
    >>> printable_lines("one\\n\\x1b[31mtwo")
    'one\\n\\\\x1b[31mtwo'
    """
    if text.isprintable():
        return text
    return "".join(one if one == "\n" or category(one) == "Zs" else printable(one) for one in text)


def some(values: Sequence[Any], most: int = 5) -> str:
    """Return the first of some values as messages show them, and how many more there are.

    Examples
    --------
    >>> some(["a", "b", "c"], 2), some(range(1000))
    ("'a', 'b' and 1 more", '0, 1, 2, 3, 4 and 995 more')
    """
    more = f" and {len(values) - most:,} more" if len(values) > most else ""
    return ", ".join(map(shown, values[:most])) + more


def shown(value: Any, limit: int = 80) -> str:
    """Return a value as messages show it: its `repr`, shortened.

    Examples
    --------
    >>> shown("a\\0b"), shown("x" * 1000, 20), shown(10**5000)
    ("'a\\\\x00b'", "'xxxxxx ... xxxxxx'", 'a very large int')
    """
    if isinstance(value, str):
        return repr(printable(value, limit - 2) if len(value) > limit - 2 else value)
    try:
        return printable(repr(value), limit)
    except (ValueError, RecursionError):  # a whole number of more than 4300 digits, or lists in lists in lists
        return f"a very large {type(value).__name__}"


def _detail(value: Any, depth: int = 3) -> Any:
    """Return a value of a detail as plain JSON that is short, whatever it was."""
    if isinstance(value, str):
        return printable(value, MAX_VALUE)
    if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < 10**MAX_VALUE):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Mapping) and depth and len(value) <= MAX_ITEMS:
        return {str(_detail(str(key))): _detail(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list | tuple) and depth and len(value) <= MAX_ITEMS:
        return [_detail(item, depth - 1) for item in value]
    return shown(value, MAX_VALUE)


class MlopsError(Exception):
    """Something this package refuses or cannot do, in words for the person who asked.

    Parameters
    ----------
    message : str
        The offending value and the rule it breaks, as one or two full sentences.
    next_step : str
        What to do now.
    details : iterable of mapping
        One mapping per offending place, for example ``{"line", "field", "message", "suggestion"}``.

    Examples
    --------
    >>> error = MlopsError("No run starts with 'r9'.", "List them: mlops runs list.")
    >>> print(error)
    No run starts with 'r9'. List them: mlops runs list.
    >>> error.code
    'error'
    """

    code = "error"

    def __init__(self, message: str, next_step: str = "", details: Iterable[Mapping[str, Any]] = ()) -> None:
        self.message, self.next_step = printable(message, MAX_MESSAGE), printable(next_step, MAX_MESSAGE)
        self.details = tuple({key: _detail(value) for key, value in detail.items()} for detail in details)
        super().__init__(self.message, self.next_step)

    def __str__(self) -> str:
        # OSError, a parent of StorageError, would print its arguments in its own way.
        return f"{self.message} {self.next_step}".strip()

    def as_dict(self) -> dict[str, Any]:
        """Return the error as the document that every door prints."""
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "next_step": self.next_step,
                "details": list(self.details),
            }
        }


class InvalidError(MlopsError, ValueError):
    """An argument, name, instant or expression cannot be used."""

    code = "invalid"


class ConfigError(InvalidError):
    """A config is not valid."""

    code = "config"


class DataError(InvalidError):
    """A file, table or row cannot be used as it is."""

    code = "data"


class NotYetError(InvalidError):
    """An instant that was meant as past has not come by the workspace's time."""

    code = "not_yet"


class NotFoundError(MlopsError, LookupError):
    """No object goes by that name."""

    code = "not_found"


class ConflictError(MlopsError):
    """Somebody else was first, or the name is taken."""

    code = "conflict"


class RefusedError(MlopsError):
    """A rule of release forbids it."""

    code = "refused"


class PastError(MlopsError):
    """It would change a workspace as it was, which is over."""

    code = "past"


class IntegrityError(MlopsError):
    """Bytes or history are not what the ledger says they are."""

    code = "integrity"


class StorageError(MlopsError, OSError):
    """The disk did not take it; the message says what is recorded, which is nothing in all but one case."""

    code = "storage"


class BusyError(StorageError):
    """Another program holds the ledger; nothing was recorded, and the same can be tried again."""

    code = "busy"


class Cancelled(MlopsError):
    """A person stopped the work."""

    code = "cancelled"

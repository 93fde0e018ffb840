"""Everything this package refuses, as one family.

    MlopsError
      InvalidError     (ValueError)    an argument, name, instant or expression cannot be used
        ConfigError                    a config is not valid; `details` name line, field and suggestion
        DataError                      a file, table or row cannot be used; `details` name row and field
      NotFoundError    (LookupError)   no object goes by that name
      ConflictError                    somebody else was first, or the name is taken
      RefusedError                     a rule of release forbids it; `details` name the rule
      IntegrityError                   bytes or history are not what the ledger says
      StorageError     (OSError)       the disk did not take it; the message says what is recorded
      Cancelled                        a person stopped the work

Every error carries the value and the rule (`message`) and what to do now (`next_step`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


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
        super().__init__(message, next_step)
        self.message = message
        self.next_step = next_step
        self.details = tuple(dict(detail) for detail in details)

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


class NotFoundError(MlopsError, LookupError):
    """No object goes by that name."""

    code = "not_found"


class ConflictError(MlopsError):
    """Somebody else was first, or the name is taken."""

    code = "conflict"


class RefusedError(MlopsError):
    """A rule of release forbids it."""

    code = "refused"


class IntegrityError(MlopsError):
    """Bytes or history are not what the ledger says they are."""

    code = "integrity"


class StorageError(MlopsError, OSError):
    """The disk did not take it; the message says what is recorded, which is nothing in all but one case."""

    code = "storage"


class Cancelled(MlopsError):
    """A person stopped the work."""

    code = "cancelled"

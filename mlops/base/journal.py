"""Journal: what a program on top of the package wants the history to keep.

A course notes what was guessed, a service what it was asked to do: facts that belong to the workspace and that no noun
of the package stands for. Each entry is an event like any other - dated, signed, part of the chain of hashes - and what
is known about a subject is the merge of its entries, as it is of every record. This package never reads what they say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlops.base.errors import InvalidError, shown
from mlops.base.ledger import Ledger, writes
from mlops.base.records import canonical_json, is_text

NOUN, KIND = "journal", "journal.write"
"""What such a record, and the event that changes it, is called."""

MAX_ENTRY = 1 << 16
"""Characters of one entry, at most: a note of what happened, never the data itself."""

_SUBJECT = re.compile(r"[a-z][a-z0-9_-]{0,62}(/[a-z0-9][a-z0-9_-]{0,62}){0,3}")


class Journal:
    """The journal of one workspace."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @writes
    def write(self, subject: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Note fields of a subject that have a new value, and return all that is known about it.

        Parameters
        ----------
        subject : str
            What it is about: one to four words with slashes between them, such as ``course/freeze``.
        fields : mapping
            Values by name, as plain JSON; a field that is not given stays as it is.

        Raises
        ------
        InvalidError
            If the subject is no such name, or the fields are no plain JSON or too long.

        Examples
        --------
        >>> import tempfile
        >>> from mlops import Workspace
        >>> ws = Workspace.open(tempfile.mkdtemp())
        >>> ws.journal.write("course/freeze", {"guess": "data"})
        {'guess': 'data'}
        >>> ws.journal.write("course/freeze", {"solved": True}), ws.log()[-1]["kind"]
        ({'guess': 'data', 'solved': True}, 'journal.write')
        """
        subject, fields = _checked(subject), _plain(fields)
        with self._ledger.write() as tx:
            return tx.append(KIND, subject, fields)

    def read(self, subject: str) -> dict[str, Any] | None:
        """Return what is known about a subject; None if nothing was ever noted."""
        with self._ledger.read() as view:
            return view.record(NOUN, _checked(subject))

    def all(self, prefix: str = "") -> dict[str, dict[str, Any]]:
        """Return what is known, by subject, of all subjects that begin so, in the order of their characters."""
        with self._ledger.read() as view:
            return {subject: view.record(NOUN, subject) or {} for subject in view.subjects(NOUN, prefix)}


def _checked(subject: str) -> str:
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise InvalidError(
            f"{shown(subject)} cannot be a subject of the journal: one to four words of lowercase letters, digits, "
            "_ or -, with slashes between them, the first beginning with a letter.",
            "Write it like course/freeze.",
        )
    return subject


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    try:
        named = isinstance(fields, Mapping) and all(isinstance(name, str) for name in fields)
        text = canonical_json(dict(fields)) if named else ""
    except (TypeError, ValueError, RecursionError):
        text = ""
    if not text or not is_text(text):
        raise InvalidError(f"{shown(fields)} cannot be noted: it is no plain JSON.", "Give names and plain values.")
    if len(text) > MAX_ENTRY:
        raise InvalidError(
            f"An entry has {len(text):,} characters; at most {MAX_ENTRY:,} are kept.",
            "Keep it in a file, note its hash.",
        )
    return dict(fields)

"""The desk: what a person has on it while they work - a draft, a choice, a guess - kept beside the history, not in it.

``desk.json`` in the folder of a workspace belongs to the screens alone: no event names it, `verify` asks nobody about
it, and whoever removes it loses drafts and nothing else. It goes where its folder goes: aside with it, back with it.
Two tabs share it: of each value the one that was written last stands.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

FILE = "desk.json"

MOST_EACH = 100_000
"""Characters of one value, at most; a config may have 64 KiB."""

MOST = 400_000
"""Characters of all values; beyond them what was written longest ago is forgotten."""

_LOCK = Lock()
"""All sessions of a server write through one of these; another server on the same folder can at worst win a value."""

_MARKS = {"tuple": tuple, "set": frozenset}
"""What JSON has no word for, and stands in an object of one key."""


class Desk:
    """What stands on the desk of a workspace.

    Examples
    --------
    >>> desk = Desk(Path(tempfile.mkdtemp()))
    >>> desk.put({"train.draft": "seed: 1", "compare.columns": ("seed",)})
    >>> desk.put({"train.draft": None})
    >>> desk.read()
    {'compare.columns': ('seed',), 'train.draft': None}
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def read(self) -> dict[str, Any]:
        """Return all values by name, the one written last at the end; nothing where the file cannot be read."""
        with _LOCK:
            return self._read()

    def put(self, values: Mapping[str, Any]) -> None:
        """Keep these values; one that is too large, or nothing that can be written down, is forgotten.

        A disk that takes nothing more costs the values, and nobody's click.
        """
        with _LOCK, suppress(OSError):
            found = self._read()
            texts = {name: _text(value) for name, value in found.items() if name not in values}
            texts |= {name: _text(value) for name, value in values.items()}
            self._write(_within({name: text for name, text in texts.items() if text is not None}))

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_text("utf-8"))
            return {str(name): _value(value) for name, value in found.items()}
        except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
            return {}

    def _write(self, texts: Mapping[str, str]) -> None:
        # Beside it, then in its place: who reads meanwhile has the old one. It is not worth waiting for the disk.
        number, part = tempfile.mkstemp(prefix=f"{FILE}.", suffix=".part", dir=self._path.parent)
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write("{" + ",\n".join(f"{json.dumps(name)}: {text}" for name, text in texts.items()) + "}\n")
            os.replace(part, self._path)
        except BaseException:
            with suppress(OSError):
                Path(part).unlink()
            raise


def _within(texts: dict[str, str]) -> dict[str, str]:
    """Return the values written last, as many as there is room for."""
    room, kept = MOST, {}
    for name, text in reversed(texts.items()):
        room -= len(name) + len(text)
        if room < 0:
            break
        kept[name] = text
    return dict(reversed(kept.items()))


def _text(value: Any) -> str | None:
    """Return a value as JSON; None if it is too large, or nothing that can be read back as it was."""
    try:
        text = json.dumps(_plain(value), allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError):
        return None
    return text if len(text) <= MOST_EACH else None


def _plain(value: Any) -> Any:
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) is list:
        return [_plain(one) for one in value]
    if type(value) is dict and all(type(key) is str for key in value):
        return {"dict": {key: _plain(one) for key, one in value.items()}}
    for mark, kind in _MARKS.items():
        if type(value) is kind:
            return {mark: sorted(map(_plain, value), key=repr) if kind is frozenset else [*map(_plain, value)]}
    raise TypeError(value)


def _value(plain: Any) -> Any:
    if isinstance(plain, list):
        return [_value(one) for one in plain]
    if not isinstance(plain, dict):
        return plain
    ((mark, inner),) = plain.items()
    if mark == "dict":
        return {key: _value(one) for key, one in inner.items()}
    return _MARKS[mark](_value(one) for one in inner)

"""Records: what every module stores, answers and prints.

A record is a frozen dataclass whose insides are frozen as well. It is made from plain JSON (`of`)
and becomes plain JSON again (`as_dict`), so the ledger, the CLI and REST all speak the same fields.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, Self

from mlops.base.errors import DataError, InvalidError, NotFoundError, shown


class FrozenDict(dict[str, Any]):
    """A dict that refuses to change.

    Examples
    --------
    >>> FrozenDict(auc=0.8)["auc"] = 0.9
    Traceback (most recent call last):
    ...
    TypeError: a record does not change; make a plain copy with dict(...)
    """

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a record does not change; make a plain copy with dict(...)")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type[FrozenDict], tuple[dict[str, Any]]]:
        # Unpickling a dict subclass would use __setitem__, which refuses.
        return FrozenDict, (dict(self),)


def freeze(value: Any) -> Any:
    """Return `value` with every mapping read-only and every list a tuple."""
    if isinstance(value, Mapping):
        return FrozenDict({key: freeze(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(freeze(item) for item in value)
    return value


def plain(value: Any) -> Any:
    """Return `value` as plain JSON types: the inverse of `freeze`."""
    if isinstance(value, Record):
        return value.as_dict()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


@dataclasses.dataclass(frozen=True)
class Record:
    """Base of all records: frozen through and through, and as good as its JSON.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Point(Record):
    ...     x: int
    ...     tags: Mapping[str, str]
    >>> point = Point.of({"x": 1, "tags": {"a": "b"}, "unknown": 7})
    >>> point.as_dict()
    {'x': 1, 'tags': {'a': 'b'}}
    """

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, freeze(getattr(self, field.name)))

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Make the record from a mapping; absent keys are unknown (None), surplus keys are left out."""
        return cls(**{field.name: values.get(field.name) for field in dataclasses.fields(cls)})

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain JSON types, every key present."""
        return {field.name: plain(getattr(self, field.name)) for field in dataclasses.fields(self)}


def canonical_json(value: Any) -> str:
    """Return the one JSON text of `value`: sorted keys, no spaces, no NaN.

    Examples
    --------
    >>> canonical_json({"b": 1, "a": None})
    '{"a":null,"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def json_line(document: Any) -> str:
    """Return a document as JSON on one line, as every door answers it: nothing in it would be obeyed by a terminal.

    Examples
    --------
    >>> json_line({"name": "caf\u00e9", "note": "\x9b31m"})
    '{"name": "caf\u00e9", "note": "\\\\u009b31m"}'
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    return text if text.isprintable() else "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)


def readable_json(value: Any) -> bytes:
    """Return JSON for a file that people open."""
    return (json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def sha256_of(value: Any) -> str:
    """Return the SHA-256 (64 lowercase hex) of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def new_id(prefix: str) -> str:
    """Return a fresh random id, such as ``r4f9a1c07be`` for a run.

    Ids are the only generated names in paths; one letter says what it names.
    """
    return prefix + secrets.token_hex(5)


MAX_ROW = 1 << 20
"""Characters of a row that is asked about by itself, at most."""

MAX_PATH, MAX_COUNT = 4000, 2**63 - 1
"""Bytes of a path, just under what Linux takes; the largest number of events or runs a ledger can be asked for."""

DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))]
)
"""Names that no file of Windows can have, whatever follows after a dot."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_RESERVED = frozenset(
    [
        *("null", "none", "true", "false", "no", "yes", "on", "off", "nan", "inf"),  # YAML reads them as values
        *("latest", "development", "staging", "production"),  # NAME@WORD means something
        *DEVICES,
    ]
)


def check_name(name: str, what: str) -> str:
    """Return `name` if people, files, YAML and Windows can all live with it.

    Parameters
    ----------
    name : str
        The name a person chose for a dataset, a model or a config.
    what : str
        The kind of thing it names, for the message.

    Raises
    ------
    InvalidError
        If the name is not ``[a-z][a-z0-9_-]{0,62}``, or is a reserved word.

    Examples
    --------
    >>> check_name("churn_model", "model")
    'churn_model'
    >>> check_name("../evil", "model")
    Traceback (most recent call last):
    ...
    mlops.base.errors.InvalidError: '../evil' cannot name a model: ... Try 'evil'.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidError(
            f"{shown(name)} cannot name a {what}: a name is 1 to 63 characters, lowercase letters, digits, _ or -, "
            "and starts with a letter.",
            f"Try {shown(suggest_name(str(name), what))}.",
        )
    if name in _RESERVED:
        raise InvalidError(f"{shown(name)} cannot name a {what}: the word is reserved.", f"Try '{name}_{what}'.")
    return name


def is_name(text: str) -> bool:
    """Tell whether text can be a name, so that it may be part of a path."""
    return _NAME.fullmatch(text) is not None


def suggest_name(text: str, fallback: str = "data") -> str:
    """Return the nearest allowed name for any text.

    Examples
    --------
    >>> suggest_name("Telco Churn (2024).csv")
    'telco_churn_2024_csv'
    """
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9_-]+", "_", ascii_text).strip("_-").lstrip("0123456789_-")[:63]
    return f"{name}_{fallback}"[:63] if name in _RESERVED else name or fallback


def ref_of(version: Mapping[str, Any]) -> str:
    """Return a recorded version as people write it.

    Examples
    --------
    >>> ref_of({"name": "churn_model", "version": "1.2.0", "sha256": "9f86d0..."})
    'churn_model@1.2.0'
    """
    return f"{version['name']}@{version['version']}"


def choose_version(name: str, wanted: str, versions: Sequence[str]) -> str:
    """Return which version of a name is meant; `versions` are all it has, the newest last.

    Examples
    --------
    >>> choose_version("customers", "v1", ["1", "2"]), choose_version("customers", "latest", ["1", "2"])
    ('1', '2')
    >>> choose_version("customers", "9", ["1", "2"])
    Traceback (most recent call last):
    ...
    mlops.base.errors.NotFoundError: 'customers' has no version '9'. It has: 1, 2. Use customers@2.
    """
    number = versions[-1] if wanted in ("", "latest") else wanted.removeprefix("v")
    if number not in versions:
        raise NotFoundError(
            f"{shown(name)} has no version {shown(wanted)}. It has: {', '.join(versions)}.",
            f"Use {name}@{versions[-1]}.",
        )
    return number


def check_text(text: str, what: str, limit: int = 2000) -> str:
    """Return a title, note or reason that fits: any Unicode, at most `limit` characters, no NUL."""
    if not isinstance(text, str):
        raise InvalidError(f"The {what} {shown(text)} is not text.", "Give text.")
    if len(text) > limit or "\0" in text:
        raise InvalidError(
            f"The {what} has {len(text)} characters; at most {limit} are kept, without NUL.", "Shorten it."
        )
    if not is_text(text):
        raise InvalidError(
            f"The {what} {shown(text)} holds half a character, which cannot be stored.", "Type it again."
        )
    return text


def check_path(path: str | Path) -> Path:
    """Return a path that a file system can take and a record can name; whether something lies there is not asked.

    Examples
    --------
    >>> check_path("data/customers.csv").name
    'customers.csv'
    >>> check_path("a\\0b")
    Traceback (most recent call last):
    ...
    mlops.base.errors.InvalidError: 'a\\x00b' is not the path of a file: ...
    """
    text = str(path)
    if not text or "\0" in text or not is_text(text) or len(text.encode()) > MAX_PATH:
        raise InvalidError(
            f"{shown(text)} is not the path of a file: a path is 1 to {MAX_PATH} bytes of UTF-8, without NUL.",
            "Check the path.",
        )
    return Path(path)


def check_input(path: str | Path) -> Path:
    """Return the path of a file to read: a pipe could be waited for, and a device be read, for ever."""
    path = check_path(path)
    with suppress(OSError):  # whoever opens it will say what is wrong
        if path.exists() and not path.is_file():
            raise DataError(f"{shown(str(path))} is not a file.", "Name a file.")
    return path


def check_count(number: int | None, what: str) -> int | None:
    """Return how many things are asked for, as the ledger can count them; None is all."""
    if number is None or (isinstance(number, int) and 0 <= number <= MAX_COUNT):
        return number
    how = "negative" if isinstance(number, int) and number < 0 else "not a number that can be counted to"
    raise InvalidError(f"The {what} {shown(number)} is {how}.", f"Give a whole number from 0 to {MAX_COUNT}.")


def is_text(text: str) -> bool:
    """Tell whether text can be stored: bytes of a terminal that are not UTF-8 arrive as half characters.

    Examples
    --------
    >>> is_text("caf\u00e9"), is_text("caf\\udce9")
    (True, False)
    """
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)

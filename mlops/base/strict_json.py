"""Strict JSON: one value, as programs and people send it to every door.

What JSON does not have (NaN, Infinity), a key that stands twice, half a character, a number beyond all floats and deep
nesting are refused before anything is made of them: two programs that read such a text would not agree on what it says.

https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any, NoReturn

from mlops.base.errors import DataError, shown
from mlops.base.records import MAX_ROW, is_text

MAX_DEPTH, MAX_DIGITS = 20, 1000
"""Lists and objects in each other, and digits of a whole number, at most."""


def parse(text: str | bytes, what: str = "row") -> Any:
    """Return the value of a JSON text.

    Parameters
    ----------
    text : str or bytes
        At most `MAX_ROW` characters, or as many bytes of UTF-8. A byte order mark may come first.
    what : str
        What it is called in messages.

    Raises
    ------
    DataError
        If it is no such JSON.

    Examples
    --------
    >>> parse(b'{"fee": 9.5, "months": [1, null]}')
    {'fee': 9.5, 'months': [1, None]}
    >>> parse('{"fee": NaN}')
    Traceback (most recent call last):
    ...
    mlops.base.errors.DataError: The row is not valid JSON: NaN is no JSON value. Write {"column": value, ...} in ...
    """
    try:
        return _parsed(text)
    except UnicodeDecodeError as error:
        raise DataError(f"The {what} is not UTF-8 text.", "Send it as UTF-8.") from error
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error).rstrip(".")
        raise DataError(
            f"The {what} is not valid JSON: {why}.", 'Write {"column": value, ...} in double quotes.'
        ) from error


def _parsed(text: str | bytes) -> Any:
    if len(text) > MAX_ROW:
        raise ValueError("it has more than 1 MiB")
    text = (text if isinstance(text, str) else text.decode()).removeprefix("\ufeff")
    value = json.loads(
        text, parse_constant=_refuse, parse_float=_finite, parse_int=_whole, object_pairs_hook=_once
    )  # fmt: skip
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise RecursionError
    if not is_text(text) or ("\\u" in text and not is_text(json.dumps(value, ensure_ascii=False))):
        raise ValueError("it holds half a character")
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON value")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        [(key, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"a key stands there twice: {shown(key)}")
    return found


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"{shown(number)[1:-1]} is too large")
    return value


def _whole(number: str) -> int:
    if len(number) > MAX_DIGITS:
        raise ValueError(f"a number of {len(number)} digits is too large")
    return int(number)


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    return depth

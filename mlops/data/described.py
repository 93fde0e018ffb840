"""Described: what the columns of a dataset are called, in which unit they are, and what they mean.

A person says it once, in a YAML file; each column is described as in the newest version that describes it. It is what
is *said about* a version, like a note about a run: it changes neither content nor roles, and makes no version.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlops.base import strict_yaml
from mlops.base.errors import DataError, shown
from mlops.base.records import is_text

LIMITS = {"label": 60, "unit": 30, "meaning": 500}
"""What is said about a column, and how many characters of it are kept."""

Said = Mapping[str, Mapping[str, Any]]
"""``{column: {label, unit, meaning}}``; what nobody said is None."""


def told(columns: str | Path | Said, names: Sequence[str]) -> dict[str, dict[str, str | None]]:
    """Return what a file or a mapping says about columns.

    Parameters
    ----------
    columns : str, Path or mapping
        A YAML file, or what it would hold: for each column, label, unit and meaning, as many of them as one likes.
    names : sequence of str
        The columns there are.

    Returns
    -------
    dict
        Every column that was named; one of which nothing is said has three None, which takes a description away.

    Raises
    ------
    DataError
        If it is no YAML, or names what is no column or nothing to say about one; `details` has
        ``{line, field, message, suggestion}``.

    Examples
    --------
    >>> told({"fee": {"label": "Monthly fee", "unit": "EUR"}}, ["id", "fee"])
    {'fee': {'label': 'Monthly fee', 'unit': 'EUR', 'meaning': None}}
    >>> told({"fees": {}}, ["id", "fee"])
    Traceback (most recent call last):
    ...
    mlops.base.errors.DataError: Columns: 'fees' is no column of this data: id, fee. Did you mean fee?
    """
    if isinstance(columns, Mapping):
        said, lines, where = dict(columns), dict[str, int](), "Columns"
    else:
        where = Path(columns).name
        said, lines = strict_yaml.parse(strict_yaml.read(columns, "file of columns", DataError), where, DataError)
        if not isinstance(said, dict):
            wrong = strict_yaml.found(1, None, "It is to name columns, each with its label, unit and meaning")
            raise strict_yaml.invalid([wrong], where, DataError)
    problems = [problem for column, about in said.items() for problem in _problems(column, about, names, lines)]
    if problems:
        raise strict_yaml.invalid(problems, where, DataError)
    return {column: {field: (about or {}).get(field) for field in LIMITS} for column, about in said.items()}


def of_next(given: Said, versions: Iterable[Said | None], names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return how a version's columns are described: as given, else as in the newest version that describes them.

    Parameters
    ----------
    versions : iterable
        What earlier versions say, newest first.

    Examples
    --------
    >>> of_next({"fee": {"label": "Fee"}}, [{"fee": {"label": "Price"}, "old": {}}, {"age": {"label": "Age"}}],
    ...         ["age", "fee"])
    {'age': {'label': 'Age'}, 'fee': {'label': 'Fee'}}
    """
    known: dict[str, Mapping[str, Any]] = {}
    for said in (given, *versions):
        known = {**(said or {}), **known}
    return {name: known[name] for name in names if any((known.get(name) or {}).values())}


def title(said: Said, column: str, unit: bool = True) -> str:
    """Return what a column is called, with its unit; its name if nobody gave it another.

    Examples
    --------
    >>> fee = {"fee": {"label": "Monthly fee", "unit": "EUR", "meaning": None}}
    >>> title(fee, "fee"), title(fee, "fee", unit=False), title(fee, "age")
    ('Monthly fee (EUR)', 'Monthly fee', 'age')
    """
    about = said.get(column) or {}
    label = str(about.get("label") or column)
    return f"{label} ({about['unit']})" if unit and about.get("unit") else label


def _problems(column: Any, about: Any, names: Sequence[str], lines: Mapping[str, int]) -> Iterable[dict[str, Any]]:
    line = lines.get(column)
    if column not in names:
        near = difflib.get_close_matches(str(column), names, n=1, cutoff=0.6)
        known = ", ".join(names[:20]) + (" ..." if len(names) > 20 else "")
        yield strict_yaml.found(line, str(column), f"{shown(column)} is no column of this data: {known}", *near)
    elif not (about is None or isinstance(about, Mapping)):
        meant = f"{{label: {about}}}" if isinstance(about, str) else None
        message = f"What is said about {shown(column)} is a label, a unit, a meaning, not {shown(about)}"
        yield strict_yaml.found(line, column, message, meant)
    else:
        for field, text in (about or {}).items():
            if (wrong := _wrong(field, text)) is not None:
                yield strict_yaml.found(lines.get(f"{column}.{field}", line), f"{column}.{field}", *wrong)


def _wrong(field: Any, text: Any) -> tuple[str, str | None] | None:
    """Say what is wrong with one field of a column, and what was probably meant."""
    if field not in LIMITS:
        near = difflib.get_close_matches(str(field), LIMITS, n=1, cutoff=0.5)
        message = f"{shown(field)} is nothing that is said about a column; that is {', '.join(LIMITS)}"
        return message, near[0] if near else None
    if text is None:
        return None
    if not isinstance(text, str):
        return f"The {field} is {shown(text)}, but must be text", f"'{text}'"
    if not text.strip() or len(text) > LIMITS[field] or not is_text(text) or "\0" in text or "\n" in text:
        return f"The {field} is {shown(text)}, but must be one line of 1 to {LIMITS[field]} characters", None
    return None

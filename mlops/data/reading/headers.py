"""Headers: the names of the columns, and what can pass for a header without being one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mlops.base.errors import DataError, shown
from mlops.base.notes import Note
from mlops.data.reading.delimited import MAX_COLUMNS

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?|\d{4}-\d{2}-\d{2}")
_UNIT = re.compile(
    r"[(\[].*[)\]]|[%€$£¥°‰]|°[CFK]|[kmcµnd]?(g|m|l|s|Hz|W|Wh|Pa|J|V|A|mol)([/ ].*)?|m[²³23]|km/h|mmHg|[mg]{1,2}/d?[lL]"
    r"|lbs?|oz|ft|in|miles?|mi|mph|hPa|bar|inch(es)?|min|h|hours?|days?|weeks?|months?|years?|seconds?|minutes?"
    r"|EUR|USD|GBP|CHF|JPY|count|number|units?|ratio|percent|pieces?|celsius|kelvin",
    re.IGNORECASE,
)


def names(cells: Sequence[str], where: str, fix: bool = False) -> tuple[tuple[str, ...], list[Note]]:
    """Return the names of the columns; blank and repeated ones are refused, or get a name of their own.

    Parameters
    ----------
    cells : sequence of str
        The header, trimmed.
    where : str
        The file and perhaps the line, for messages.
    fix : bool
        Give blank and repeated names a name of their own.

    Examples
    --------
    >>> names(["age", "", "age"], "people.csv", fix=True)[0]
    ('age', 'column_2', 'age_2')
    """
    if len(cells) > MAX_COLUMNS:
        raise DataError(f"{where}: {len(cells):,} columns; at most {MAX_COLUMNS:,} are read.", "Leave some out.")
    fixed: list[str] = []
    notes: list[Note] = []
    for place, cell in enumerate(cells, start=1):
        problem = _problem(cell, fixed if fix else cells[: place - 1])
        if problem and not (fix and problem.startswith(("is blank", "is '"))):
            raise DataError(
                f"{where}: the name of column {place} {problem}.",
                "Give every column one short name of its own, or say --fix-names.",
                [{"row": None, "field": cell, "expected": "a unique name", "got": cell}],
            )
        name = _free(cell or f"column_{place}", {*fixed, *cells[place:]} if problem else set())
        if name != cell:
            called = f"the second {shown(cell)}" if cell else "without a name"
            notes.append(Note("renamed", name, f"Column {place}, {called}, is called {name}.", "note"))
        fixed.append(name)
    return tuple(fixed), notes


def _problem(cell: str, before: Sequence[str]) -> str:
    if not cell:
        return "is blank"
    if cell in before:
        return f"is {shown(cell)} a second time"
    if len(cell) > 200:
        return "has more than 200 characters"
    return "" if cell.isprintable() else f"is {shown(cell)} and holds a control character"


def _free(name: str, taken: set[str]) -> str:
    """Return the name, or the first of name_2, name_3 and so on that is free."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def check_is_header(cells: Sequence[str], below: Sequence[Sequence[str]], file: str) -> None:
    """Refuse a first record of numbers above numbers: it is a row, and the columns have no names.

    Numbers that count up by one, such as years or the 0, 1, 2 of pandas, are names. Wrong where the first record of
    a file without a header holds no number.
    """
    numeric = [
        place
        for place in range(len(cells))
        if (column := [row[place].strip() for row in below if len(row) > place and row[place].strip()])
        and all(_NUMBER.fullmatch(cell) for cell in column[:20])
    ]
    numbers = [cells[place].strip() for place in numeric if _NUMBER.fullmatch(cells[place].strip())]
    counted = [int(number) for number in numbers if number.isdigit()]
    count_up = len(counted) > 1 and counted == list(range(counted[0], counted[0] + len(numbers)))
    if not numbers or 2 * len(numbers) < len(numeric) or count_up:
        return
    raise DataError(
        f"{file} seems to have no header: its first line holds values such as {shown(numbers[0])}.",
        "Say --header-line 0 to name the columns column_1, column_2; --header-line 1 if they are names.",
    )


def is_units(rows: Sequence[Sequence[str]], missing: Sequence[str]) -> bool:
    """Tell whether the first of some records holds the units of the others.

    All its cells are text, and every column of numbers below has one there: several columns, or what looks like a
    unit. Wrong where the first record of a table has only words where all others have numbers.
    """
    if len(rows) < 3:
        return False
    first, *others = ([cell.strip() for cell in row] for row in rows)
    if any(_NUMBER.fullmatch(cell) for cell in first):
        return False
    columns = [[row[place] for row in others if row[place] not in missing] for place in range(len(first))]
    numeric = [place for place, column in enumerate(columns) if column and all(map(_NUMBER.fullmatch, column))]
    units = [first[place] for place in numeric]
    if not units or any(unit in missing or not unit for unit in units):
        return False
    return all(map(_UNIT.fullmatch, units)) or (len(units) > 1 and len(set(units)) > 1 and max(map(len, units)) <= 12)


def some(names: Sequence[str], limit: int = 12) -> str:
    """Return the first names, and how many more there are."""
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")

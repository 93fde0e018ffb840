"""A profile as lines of text: one line for each column, with a bar of block characters for its distribution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlops.cli.frame import cell, columns

if TYPE_CHECKING:
    from mlops.base.notes import Note
    from mlops.data.profiles import ColumnProfile, Profile

BLOCKS = "▁▂▃▄▅▆▇█"
SHOWN, WIDTH = 3, 18
"""Levels named on a line; characters of each."""


def text(profile: Profile, notes: Sequence[Note]) -> str:
    """Lay out a profile and what is worth knowing about its table."""
    rows = [_line(column, profile.rows) for column in profile.columns]
    header = ("column", "type", "role", "missing", "distinct", "values", "distribution")
    said = f"{profile.rows:,} rows, {len(rows)} columns, {profile.duplicates:,} repeated rows"
    told = [f"{note.severity.capitalize()}: {note.message} {note.next_step}" for note in notes]
    return "\n".join([said, columns(rows, header, ""), *told])


def sparkline(counts: Sequence[int]) -> str:
    """Draw counts as a row of blocks; a dot is nothing, the lowest block is something.

    Examples
    --------
    >>> sparkline([0, 1, 500, 1000])
    '·▁▄█'
    """
    most = max(counts, default=0)
    # Rounded up, so that a single row is still seen.
    return "".join(BLOCKS[-(-count * len(BLOCKS) // most) - 1] if count else "·" for count in counts)


def _line(column: ColumnProfile, rows: int) -> list[Any]:
    missing = f"{column.missing / rows:.1%}" if column.missing else None
    found = column.distribution or {}
    if found.get("kind") == "levels":
        counts = [level["count"] for level in found["levels"]]
        values, drawn = _levels(found["levels"], column.distinct, rows - column.missing), sparkline(counts)
    elif found:
        values, drawn = f"{_short(found['min'])} to {_short(found['max'])}", sparkline(found["counts"])
    else:
        values, drawn = None, ""
    return [column.name, column.type, column.role, missing, column.distinct, values, drawn]


def _levels(levels: Sequence[Any], distinct: int, known: int) -> str:
    if distinct == known:
        return f"all different: {', '.join(_short(level['value']) for level in levels[:SHOWN])}"
    named = [f"{_short(level['value'])} {level['count'] / known:.0%}" for level in levels[:SHOWN]]
    more = distinct - len(named)
    return ", ".join([*named, *([f"{more:,} more"] if more else [])])


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value).lower() if isinstance(value, bool) else cell(value)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"

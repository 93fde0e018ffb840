"""Ids: whether two tables name the same rows, and which damage makes names differ.

Ids are compared by how they are spelled, so 41 and "41" name one row. Programs damage them on the way: a spreadsheet
takes 00041 for 41, an export pads with spaces, a column with a gap becomes 41.0. Rows whose names are damaged are
never found again, and nobody is told; so whoever takes ids from outside asks here first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.errors import DataError, shown
from mlops.data import tables

if TYPE_CHECKING:
    from mlops.base.artifacts import Artifacts
    from mlops.base.ledger import Ledger
    from mlops.data.versions import DatasetVersion

SOME = 0.01
"""Share of ids from which a damage is no accident: two codes of the same letters, one of them in capitals."""

_NUMBER = r"^[+-]?\d{1,18}(\.\d*)?([eE][+-]?\d{1,2})?$"


def spelled(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return ids as text, whatever their type.

    Examples
    --------
    >>> spelled(pa.chunked_array([[41.0, 7.5]])).to_pylist(), spelled(pa.chunked_array([[41, None]])).to_pylist()
    (['41', '7.5'], ['41', None])
    """
    return column.cast(pa.large_string())


def comparable(one: pa.ChunkedArray, other: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Return two columns of ids as text that is the same for the same row, also where only one of them holds numbers.

    Examples
    --------
    >>> left, right = comparable(pa.chunked_array([["41.0", "A7"]]), pa.chunked_array([[41.0, 7.5]]))
    >>> left.to_pylist(), right.to_pylist()
    (['41', 'A7'], ['41', '7.5'])
    """
    as_numbers = pa.types.is_floating(one.type) != pa.types.is_floating(other.type)
    texts = spelled(one), spelled(other)
    return (_plain_numbers(texts[0]), _plain_numbers(texts[1])) if as_numbers else texts


def _plain_numbers(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write 41.0, 4.1e1 and +41 as 41; a number of 17 digits as the float that a program makes of it."""
    numbers = tables.convert(pc.if_else(pc.match_substring_regex(texts, _NUMBER), texts, None), "number")[0]
    whole = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), 2.0**63))
    as_integers = pc.if_else(whole, numbers, pa.scalar(None, pa.float64())).cast(pa.int64())
    return pc.coalesce(as_integers.cast(texts.type), texts)


_UNDO: dict[str, Callable[[pa.ChunkedArray], pa.ChunkedArray]] = {
    "spaces": lambda texts: pc.replace_substring_regex(texts, r"[\s\p{Z}\p{Cf}]+", ""),
    "upper and lower case": pc.utf8_lower,
    "leading zeros": lambda texts: pc.replace_substring_regex(texts, r"(^|\D)0+(\d)", r"\1\2"),
    "their type": _plain_numbers,
}
"""What may have happened to ids, and how both sides are written so that it does not matter; in this order."""


@dataclass(frozen=True)
class Found:
    """How many ids of a table name rows that are known."""

    total: int
    """Different ids."""
    matched: int
    damaged: int = 0
    """Ids that name a known row only once a damage is undone."""
    damage: str = ""
    """What that is."""
    example: str = ""

    @property
    def is_damaged(self) -> bool:
        """Whether more ids are damaged than by accident."""
        return self.damaged > 0 and self.damaged >= SOME * self.total

    @property
    def why(self) -> str:
        """Say what happened to the damaged ids, as a sentence."""
        return f"{self.damaged:,} of {self.total:,} ids are known but for {self.damage}: {self.example}."


def look_up(column: pa.ChunkedArray, known: Iterable[pa.ChunkedArray]) -> Found:
    """Look for ids among those that are known; no more of these are read than is needed.

    Examples
    --------
    >>> names = pa.chunked_array([["00041", "00042", "c7"]])
    >>> print(look_up(pa.chunked_array([[41, 42, 43]]), [names]).why)
    2 of 3 ids are known but for leading zeros: '41' is '00041' there.
    """
    lost = column.drop_null().unique()
    total, seen = len(lost), pa.chunked_array([], pa.large_string())
    for one in known:
        here, there = comparable(pa.chunked_array([lost]), pa.chunked_array([one.drop_null().unique()]))
        lost = lost.filter(pc.invert(pc.is_in(here, value_set=there.combine_chunks())).combine_chunks())
        seen = pa.chunked_array([*seen.chunks, *there.chunks])
        if not len(lost):
            return Found(total, total)
    own = spelled(pa.chunked_array([column.drop_null().unique()]))
    free = seen.filter(pc.invert(pc.is_in(seen, value_set=own.combine_chunks())))  # nobody's name here
    return _with_damage(Found(total, total - len(lost)), spelled(pa.chunked_array([lost])), free)


def _with_damage(found: Found, lost: pa.ChunkedArray, free: pa.ChunkedArray) -> Found:
    """Tell the fewest damages that, undone, give the most of the lost ids a row."""
    needed = list(_UNDO)
    most = _repaired(lost, free, needed)
    if not most:
        return found
    for name in _UNDO:
        fewer = [other for other in needed if other != name]
        if _repaired(lost, free, fewer) == most:
            needed = fewer
    here, there = _undone(lost, needed), _undone(free, needed)
    place = pc.index(pc.is_in(here, value_set=there.combine_chunks()), True).as_py()
    names = lost[place].as_py(), free[pc.index(there, here[place]).as_py()].as_py()
    example = f"{shown(names[0])} is {shown(names[1])} there"
    return Found(found.total, found.matched, most, " and ".join(needed), example)


def _repaired(lost: pa.ChunkedArray, free: pa.ChunkedArray, names: list[str]) -> int:
    value_set = _undone(free, names).combine_chunks()
    return int(pc.sum(pc.is_in(_undone(lost, names), value_set=value_set)).as_py() or 0)


def _undone(texts: pa.ChunkedArray, names: list[str]) -> pa.ChunkedArray:
    for name in names:
        texts = _UNDO[name](texts)
    return texts


def of_versions(ledger: Ledger, artifacts: Artifacts, versions: Iterable[DatasetVersion]) -> Iterator[pa.ChunkedArray]:
    """Yield the ids of each version that has them, one content once."""
    looked_at = set[str]()
    for version in versions:
        if version.id in version.column_types and version.sha256 not in looked_at:
            looked_at.add(version.sha256)
            yield tables.kept(ledger, artifacts, version.path, [str(version.id)]).column(0)


def refuse_damaged(column: pa.ChunkedArray, known: Iterable[pa.ChunkedArray], name: str) -> None:
    """Refuse a next version whose ids name known rows only once a damage is undone; new ids are new rows, and fine.

    Raises
    ------
    DataError
        With the damage, an example, and the ways out.
    """
    found = look_up(column, known)
    if found.is_damaged:
        raise DataError(
            f"Rows would not be found again: {found.why}",
            f"Correct the ids in the file. If they name other rows than those of {name}, keep them under another name.",
        )

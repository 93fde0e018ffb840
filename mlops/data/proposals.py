"""Proposals: what the columns of a file nobody has described are probably for.

A proposal names its reason. One that is *sure* may be preselected on a screen; the others are only offered. Nothing
is ever decided here: roles are given by a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.errors import shown
from mlops.base.records import Record
from mlops.base.tasks import Label
from mlops.data import moments, tables
from mlops.data.quality.entities import is_entity
from mlops.data.roles import is_ambiguous, positive_hint, told_task

_TARGET_WORDS = ("target", "label", "class", "outcome", "response", "y")
"""Names that people give to a target."""
_EVENT_WORDS = ("churn", "churned", "default", "fraud", "survived", "attrition", "risk", "converted", "species",
                "quality")  # fmt: skip
"""Things that people often predict."""
_ID_WORDS = ("id", "number", "no", "nr", "key", "uuid", "index")
_TIME_WORDS = ("date", "time", "timestamp", "month", "year", "period", "week", "quarter", "day")

MAX_CLASSES = 20
"""Different words beyond which a text column is no target."""

SAMPLE_ROWS = 50_000
"""Rows that are looked at; a proposal is not worth more."""


@dataclass(frozen=True)
class Proposal(Record):
    """What a column, or a value, is probably for."""

    role: str
    """target, id, time, group, task or positive."""
    value: Label
    """The column; for task and positive, the task and the class."""
    why: str
    sure: bool


def propose(table: pa.Table, target: str | None = None) -> list[Proposal]:
    """Propose roles for the columns of a table, the likeliest of each role first.

    Parameters
    ----------
    table : pyarrow.Table
        Columns of the types of `mlops.data.tables`.
    target : str, optional
        The target that a person chose; task and positive class are then about it.

    Returns
    -------
    list of Proposal
        Several for a role where several columns fit.

    Examples
    --------
    >>> table = pa.table({"customer_id": [1, 2, 3], "churn": [0, 0, 1]})
    >>> [(one.role, one.value, one.sure) for one in propose(table)]
    [('target', 'churn', True), ('task', 'binary', True), ('positive', 1, True), ('id', 'customer_id', True)]
    """
    looked_at = table.slice(0, SAMPLE_ROWS)
    names = list(_identities(looked_at))
    taken = {one.value for one in names}
    targets = [] if target is not None else list(_targets(looked_at, taken))
    chosen = target or next((str(one.value) for one in targets), None)
    about = list(about_target(table.column(chosen))) if chosen in table.column_names else []
    times = [one for one in _times(looked_at) if one.value != chosen]
    groups = [one for one in (*_groups(looked_at), *_together(looked_at, chosen)) if one.value not in taken | {chosen}]
    return [*targets, *about, *names, *times, *groups]


def about_target(column: pa.ChunkedArray) -> Iterator[Proposal]:
    """Propose what to learn about a target, and which class to predict."""
    distinct, task = pc.count_distinct(column).as_py(), told_task(column)
    if not distinct or task is None:
        return
    if is_ambiguous(column):
        yield Proposal("task", "regression", f"{distinct} different whole numbers, read as a quantity", False)
        yield Proposal("task", "multiclass", f"{distinct} different whole numbers, read as classes", False)
        return
    kinds = {"binary": "two classes", "multiclass": f"{distinct} classes", "regression": f"{distinct:,} numbers"}
    yield Proposal("task", task, kinds[task] if distinct > 1 else "one value only", distinct > 1)
    if task == "binary" and distinct == 2:
        hint = positive_hint(column)
        if hint.label is not None:
            yield Proposal("positive", hint.label, hint.why, hint.sure)


def words_of(name: str) -> list[str]:
    """Return the words of a column name, in lower case.

    Examples
    --------
    >>> words_of("customerID"), words_of("EmployeeNumber"), words_of("home.dest")
    (['customer', 'id'], ['employee', 'number'], ['home', 'dest'])
    """
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [word.lower() for word in re.findall(r"[^\W_]+", parted)]


def _targets(table: pa.Table, taken: set[Label]) -> Iterator[Proposal]:
    fitting = [name for name in table.column_names if name not in taken and _can_be_target(table.column(name))]
    for known, why in ((_TARGET_WORDS, "it is called a target"), (_EVENT_WORDS, "things of this name are predicted")):
        for name in fitting:
            words = words_of(name)
            if words and (words[-1] in known or words[0] in known):
                sure = known is _TARGET_WORDS or name in (table.column_names[0], table.column_names[-1])
                yield Proposal("target", name, f"By its name {shown(name)}, {why}.", sure)
                fitting = [other for other in fitting if other != name]
    for name, place in {fitting[-1]: "last", fitting[0]: "first"}.items() if fitting else ():
        yield Proposal("target", name, f"It is the {place} column, where many files have their target.", False)


def _can_be_target(column: pa.ChunkedArray) -> bool:
    kind, distinct = tables.type_of(column.type), pc.count_distinct(column).as_py()
    return distinct > 1 and kind not in ("date", "datetime") and (kind != "text" or distinct <= MAX_CLASSES)


def _identities(table: pa.Table) -> Iterator[Proposal]:
    for position, name in enumerate(table.column_names):
        column = table.column(name)
        if tables.type_of(column.type) not in ("text", "integer") or len(column) < 2 or column.null_count:
            continue
        if pc.count_distinct(column).as_py() < len(column):
            continue
        if set(words_of(name)[-1:]) & {*_ID_WORDS}:
            yield Proposal("id", name, f"All {len(column):,} values differ, and the name says so.", True)
        elif position == 0:
            yield Proposal("id", name, f"All {len(column):,} values of the first column differ.", False)


def _times(table: pa.Table) -> Iterator[Proposal]:
    dated = [name for name in table.column_names if pa.types.is_temporal(table.column(name).type)]
    for name in dated:
        yield Proposal("time", name, f"It holds a {tables.type_of(table.column(name).type)}.", len(dated) == 1)
    for name in table.column_names:
        column, words = table.column(name), set(words_of(name))
        if words & {*_TIME_WORDS} and (_is_period(column) or _is_year(column)):
            yield Proposal(
                "time", name, "Its values are periods of time, in an order.", not dated and _is_period(column)
            )


def _is_period(column: pa.ChunkedArray) -> bool:
    """Tell whether texts are periods such as 2023-09, which sort as they follow each other."""
    return pa.types.is_large_string(column.type) and len(column) > column.null_count and not moments.disorder(column)


def _is_year(column: pa.ChunkedArray) -> bool:
    if not pa.types.is_integer(column.type) or column.null_count == len(column):
        return False
    edges = pc.min_max(column).as_py()
    return 1900 <= edges["min"] < edges["max"] <= 2100


def _groups(table: pa.Table) -> Iterator[Proposal]:
    for name in table.column_names:
        column = table.column(name)
        if not set(words_of(name)[-1:]) & {*_ID_WORDS} or tables.type_of(column.type) not in ("text", "integer"):
            continue
        distinct = pc.count_distinct(column).as_py()
        if 1 < distinct <= len(column) / 2:
            rows = f"{distinct:,} values in {len(column):,} rows"
            yield Proposal("group", name, f"By its name an id, but with {rows}: rows that belong together.", False)


def _together(table: pa.Table, target: str | None) -> Iterator[Proposal]:
    """Propose what is called no id, but has rows with the same outcome."""
    named = {one.value for one in _groups(table)}
    if target not in table.column_names or (task := told_task(table.column(target))) is None:
        return
    known = table.filter(pc.is_valid(table.column(target)))
    for name in known.column_names:
        if name not in named and is_entity(known.column(name), known.column(target), numeric=task == "regression"):
            yield Proposal("group", name, f"Within one of its values, {target} hardly ever differs.", False)

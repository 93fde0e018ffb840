"""Readiness: whether a model may learn from a version today.

A month's customers come without their outcomes: good for predicting, not for training yet. Outcomes become known later,
so the same version is not ready on one date, and is on another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pyarrow.compute as pc

from mlops.base.artifacts import Artifacts
from mlops.base.errors import shown
from mlops.base.ledger import Ledger
from mlops.base.recent import Recent
from mlops.base.records import Record
from mlops.data import outcomes, tables
from mlops.data.rows import MIN_ROWS
from mlops.data.versions import DatasetVersion

MIN_OUTCOMES = 200
"""Known outcomes from which a version may be trained on that came without them: fewer say little of its other rows."""

NOT_YET = "Good for predicting, not for training yet"
"""What is said of a version whose outcomes are awaited."""


@dataclass(frozen=True)
class Readiness(Record):
    """What a version is good for on a date."""

    ref: str
    rows: int
    known: int
    """Rows whose outcome is known: it came with them, or since."""
    classes: int | None
    """Different outcomes among these; None where a quantity is predicted, or nothing."""
    trainable: bool
    why: str
    """What is known, or what training waits for, as a sentence."""


_JUDGED: Recent[Readiness] = Recent(most=256)
"""What was said of a version with the outcomes known of it: of a year of months, a screen asks again and again."""


def of(ledger: Ledger, artifacts: Artifacts, versions: Iterable[DatasetVersion]) -> Iterator[Readiness]:
    """Yield for each version whether one may train on it now."""
    with ledger.read() as view:
        now = view.now()
    read: Recent[Mapping[Any, Any]] = Recent(most=8)  # the outcomes of a dataset, if any version of it needs them
    sets: dict[tuple[str | None, ...], tuple[Any, ...]] = {}
    for version in versions:
        about = (version.name, version.id, version.target)
        if about not in sets:
            found = outcomes.known_sets(ledger, artifacts, version, now) if version.target else []
            # Of a set that is known as a whole, nothing changes with the date.
            sets[about] = tuple((one.sha256, min(one.known_until, now)) for one in found)
        known = partial(read.get, about, partial(outcomes.known_outcomes, ledger, artifacts, version, now))
        judge = partial(_judged, ledger, artifacts, version, known)
        yield replace(_JUDGED.get((version.sha256, version.roles, sets[about]), judge), ref=version.ref)


def _judged(
    ledger: Ledger, artifacts: Artifacts, version: DatasetVersion, known: Callable[[], Mapping[Any, Any]]
) -> Readiness:
    if version.target is None or version.task is None:
        missing = "no column is its target" if version.target is None else f"no {version.target} was ever known"
        return Readiness(version.ref, version.rows, 0, None, False, f"{NOT_YET}: {missing}.")
    asked = [name for name in (version.id, version.target) if name in version.column_types]
    table = outcomes.join(tables.kept(ledger, artifacts, version.path, asked), version, known())
    outcome = table.column(version.target).drop_null() if version.target in table.column_names else []
    classes = len(pc.unique(outcome)) if len(outcome) and version.task != "regression" else None
    rows = len(outcome)
    why = _missing(version, rows, classes, outcome)
    told = f"{rows:,} of {version.rows:,} outcomes are known."
    return Readiness(version.ref, version.rows, rows, classes, why is None, f"{NOT_YET}: {why}." if why else told)


def _missing(version: DatasetVersion, known: int, classes: int | None, outcome: Any) -> str | None:
    """Say what training waits for; None if for nothing."""
    needed = MIN_OUTCOMES if version.target_absent else MIN_ROWS
    if known < needed:
        told = f"{known} of {version.rows:,} outcomes are" if known else f"none of {version.rows:,} outcomes is"
        return f"{told} known, {needed} are needed"
    if classes == 1:
        return f"every known outcome is {shown(outcome[0].as_py())}"
    return None

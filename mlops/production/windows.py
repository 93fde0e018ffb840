"""Windows: of which months the outcomes are known, and which of them a model should learn from next.

A *month* is a version of the dataset as it came: not one that was joined from others, and of versions with the same
rows, such as one that was corrected later, only the newest. Months are put in order by when their outcomes became
known, not by their numbers, for a month that was repaired is no newer month.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mlops.base.artifacts import Artifacts
from mlops.base.clock import Instant
from mlops.base.ledger import Ledger
from mlops.base.recent import Recent
from mlops.base.records import Record
from mlops.data import ids, outcomes, readiness, tables
from mlops.data.datasets import Datasets
from mlops.data.versions import DatasetVersion, versions_of
from mlops.models.signature import Signature
from mlops.production import drift
from mlops.production.drift import Drift

_FAULTS: Recent[Drift] = Recent(most=64)
_ROWS: Recent[frozenset[str]] = Recent(most=64)
_WHEN: Recent[Mapping[str, Instant]] = Recent(most=64)
"""What was found of contents and outcomes, which never change: a screen asks with every event whether it is time."""


@dataclass(frozen=True)
class Window(Record):
    """What a model can learn from next."""

    versions: tuple[str, ...]
    """The months to learn from, newest first."""
    left_out: tuple[Mapping[str, str], ...]
    """``{data, why}`` of the months among them that are not to be learned from: their data have a fault."""
    new: tuple[str, ...]
    """Those to learn from that the model has not learned from yet."""

    @property
    def check_on(self) -> str:
        """The latest month: on its rows that neither model has seen, a candidate is compared."""
        return self.versions[0]


def of(ledger: Ledger, artifacts: Artifacts, learned: DatasetVersion, signature: Signature, months: int) -> Window:
    """Return the window that a model should learn from next.

    Parameters
    ----------
    learned : DatasetVersion
        What it has learned from.
    signature : Signature
        What it looks at: a month with a fault there is left out.
    months : int
        How many of the newest months; of faulty ones the next older is not taken instead, unless none would be left.
    """
    taken, left_out = list[DatasetVersion](), list[Mapping[str, str]]()
    for place, month in enumerate(known_months(ledger, artifacts, learned)):
        if place >= months and taken:
            break
        found = _held(ledger, artifacts, month, learned, signature)
        if found.verdict == "data_error":
            left_out.append({"data": month.ref, "why": found.why})
        else:
            taken.append(month)
    seen = _content_of(ledger, learned)
    new = [one.ref for one in taken if one.sha256 not in seen]
    return Window(tuple(one.ref for one in taken), tuple(left_out), tuple(new))


def known_months(ledger: Ledger, artifacts: Artifacts, learned: DatasetVersion) -> list[DatasetVersion]:
    """Return the months of the rows that a version is about, of which enough outcomes are known, the latest first."""
    names = {ref.partition("@")[0] for ref in (learned.ref, *(learned.parents or ()))}
    with ledger.read() as view:
        now, versions = view.now(), [one for one in versions_of(view) if one.name in names]
    joined = {one.sha256 for one in versions if one.parents}
    alike = [one for one in versions if (one.id, one.target) == (learned.id, learned.target)]
    contents = {one.sha256: one for one in alike if one.sha256 not in joined}  # of equal ones, when it came first
    ready = readiness.of(ledger, artifacts, contents.values())
    known = [one for one, said in zip(contents.values(), ready, strict=True) if said.trainable]
    rows = {one.ref: _ROWS.get((one.sha256, one.id), partial(_rows, ledger, artifacts, one)) for one in known}
    when = _when(ledger, artifacts, {one.name: one for one in alike}, rows, now)
    found, seen = list[DatasetVersion](), set[str]()
    for one in sorted(known, key=lambda one: (when.get(one.ref, one.created_at), one.version), reverse=True):
        if len(rows[one.ref] & seen) * 2 <= len(rows[one.ref]):  # else it is an older state of the same rows
            found.append(one)
        seen |= rows[one.ref]
    return found


def _rows(ledger: Ledger, artifacts: Artifacts, version: DatasetVersion) -> frozenset[str]:
    column = tables.kept(ledger, artifacts, version.path, [str(version.id)]).column(0)
    return frozenset(ids.spelled(column).to_pylist())


def _when(
    ledger: Ledger,
    artifacts: Artifacts,
    about: Mapping[str, DatasetVersion],
    rows: Mapping[str, frozenset[str]],
    now: Instant,
) -> Mapping[str, Instant]:
    """Return when the last outcome of each version became known; of one that came with its outcomes, nothing."""
    sets = {ref: outcomes.known_sets(ledger, artifacts, one, now) for ref, one in about.items()}
    known = tuple((one.sha256, min(one.known_until, now)) for found in sets.values() for one in found)

    def ask() -> dict[str, Instant]:
        since = ChainMap(*(outcomes.known_since(ledger, artifacts, one, now) for one in about.values()))
        ends = {ref: max((since[name][1] for name in names & since.keys()), default="") for ref, names in rows.items()}
        return {ref: end for ref, end in ends.items() if end}

    return _WHEN.get((known, *rows), ask)


def _held(
    ledger: Ledger, artifacts: Artifacts, month: DatasetVersion, learned: DatasetVersion, signature: Signature
) -> Drift:
    """Return how a month differs from what a model learned from; what was said of the two is kept."""

    def compare() -> Drift:
        known, now = (Datasets(ledger, artifacts).table(one) for one in (learned, month))
        return drift.of_tables(known, now, signature)

    return _FAULTS.get((month.sha256, learned.sha256, *signature.names), compare)


def _content_of(ledger: Ledger, learned: DatasetVersion) -> set[str]:
    """Return the hash of a version, and those of the ones that it was joined from."""
    with ledger.read() as view:
        parents: Sequence[Any] = [view.record("dataset", ref) for ref in learned.parents or ()]
    return {learned.sha256, *(one["sha256"] for one in parents if one)}

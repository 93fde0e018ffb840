"""Drift: whether the inputs of today are those that a model knows - and whether a fault of the data is why not.

Faults come first: a column in minutes that was in hours also shifts the distribution, and is repaired, not learned.
What is left is compared column by column, and called a change only if it is both beyond chance and of a size that
matters: of 3,000 rows everything differs, of 30 everything may. Drift is not harm, and no drift is no safety: whether
the model is still right, only outcomes tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from mlops.base.records import Record
from mlops.data import validation
from mlops.data.roles import Roles
from mlops.data.validation import Fault, Pair
from mlops.models.signature import Signature
from mlops.production import calendar_columns, distances
from mlops.production.distances import Distance

Verdict = Literal["none", "drift", "data_error"]

CHANCE = 0.05
"""p-value, after Benjamini and Hochberg, from which a difference may be chance."""

CHANGED, LARGE = 0.1, 0.25
"""Population stability index from which a difference matters, and from which it is large: conventions."""

ENOUGH = 500
"""Rows on both sides below which neither number means much, and no verdict is given."""

MOST_NAMED = 5
"""Features that a verdict names; the table has all."""

FEW = f"Too few rows to tell: below {ENOUGH} neither PSI nor p means much."
HARM = "Drift is not harm: whether it hurts, only outcomes tell."

CAUSES = {
    "unit_factor": "units", "renamed": "a renamed column", "missing_column": "a column that is gone",
    "retyped": "another type", "recoded": "other codes", "missing_burst": "lost values",
    "duplicates": "rows that come twice",
}  # fmt: skip
"""What each fault of the data is called where a verdict names the cause."""

UNTESTED: dict[str, Any] = {
    "test": None, "psi": None, "statistic": None, "p_value": None, "p_adjusted": None, "drifted": False, "bins": None,
}  # fmt: skip
"""What stands for a column that cannot be compared, or should not."""


@dataclass(frozen=True)
class Drift(Record):
    """How inputs differ from those that are known, and what that probably is."""

    verdict: Verdict
    """data_error: a fault of the data, whatever else. drift: a feature differs in size and beyond chance. none: else,
    also where there are too few rows to tell (`few`)."""
    why: str
    """The verdict in words."""
    features: Mapping[str, Mapping[str, Any]]
    """For each column ``{test, psi, statistic, p_value, p_adjusted, n_reference, n_current, drifted, new, why, bins}``,
    in the order of the columns. `test` is ks, chi2, or None where the column is not compared, and `why` says so: it
    tells when, has no value, or a name for each row. `bins` holds both distributions, see `Distance`."""
    score: Mapping[str, Any] | None
    """The same of what the model answered; None where nobody said."""
    schema_errors: tuple[Mapping[str, Any], ...]
    """``{code, column, message, next_step, severity, rows, factor, where}`` of each fault, the gravest first; codes are
    the keys of `CAUSES`."""
    feature: str | None
    """The feature with the largest index, and `psi` the index."""
    psi: float | None
    tested: int
    """How many features were compared, by so many p-values."""
    raw_alarms: int
    """How many of these p-values are below 0.05, as one in twenty is where nothing changed."""
    alarms: int
    """How many still are, after Benjamini and Hochberg."""
    new: tuple[str, ...] | None
    """Which features differ that did not differ the month before, or did so otherwise; None if no month before is
    given. A price that rose in February differs from the past for good, and is news once. A fault is none of them."""
    rows_reference: int
    rows_current: int
    few: bool
    """Whether there are too few rows to tell."""

    @property
    def drifted(self) -> tuple[str, ...]:
        """The features that differ, the largest index first."""
        return tuple(_drifted(self.features))

    @property
    def news(self) -> Mapping[str, Any] | None:
        """``{feature, psi}`` of the one that moved most, those left out that differ just as they did the month before.

        None if no month before is given: then nobody can tell.
        """
        stands = [name for name in self.drifted if self.new is not None and name not in self.new]
        found = {name: one["psi"] for name, one in self.features.items() if one["test"] and name not in stands}
        most = max(found, key=lambda name: found[name], default=None)
        return None if self.new is None or most is None else {"feature": most, "psi": found[most]}


def of_tables(
    reference: pa.Table,
    current: pa.Table,
    learned: Signature | None = None,
    scores: tuple[np.ndarray, np.ndarray] | None = None,
    *,
    roles: Roles | None = None,
    before: pa.Table | None = None,
) -> Drift:
    """Compare inputs with those that are known.

    Parameters
    ----------
    reference : pyarrow.Table
        What a model learned from, with columns of the types of `mlops.data.tables`.
    current : pyarrow.Table
        What it is asked now.
    learned : Signature, optional
        The model's; then only what it looks at is compared. All columns but id, group and target, if not given.
    scores : tuple of ndarray, optional
        What it answered on rows that it has not learned from, and answers now: its training rows it knows too well.
    roles : Roles, optional
        Of the reference, where no `learned` is given.
    before : pyarrow.Table, optional
        The inputs of the month before; then `new` says what is news.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(40, 9, 3000)
    >>> found = of_tables(pa.table({"fee": values[:2000]}), pa.table({"fee": values[2000:] + 8}))
    >>> found.verdict, found.drifted, round(found.psi, 2)
    ('drift', ('fee',), 0.76)
    """
    asked = _Asked.of(reference, learned, roles or Roles())
    pair = asked.pair(reference, current)
    found = validation.faults(pair)
    faults = [one for one in found if one.severity != "note"]
    features = _features(pair, asked.names)
    drifted = [name for name in _drifted(features) if name not in {one.column for one in faults}]
    new = drifted if before is not None else None
    if new and before is not None:
        earlier, since = (
            _features(asked.pair(*sides), asked.names) for sides in ((reference, before), (before, current))
        )
        new = [name for name in drifted if name not in _drifted(earlier) or name in _drifted(since)]
    said = {one.column: f" {one.message} {one.next_step}".rstrip() for one in reversed(found)}
    for name, one in features.items():
        one |= {"new": None if new is None else name in new, "why": one["why"] + said.get(name, "")}
    compared = {name: one for name, one in features.items() if one["test"]}
    largest = max(compared, key=lambda name: compared[name]["psi"], default=None)
    few = min(reference.num_rows, current.num_rows) < ENOUGH
    score = _score(scores) if scores is not None else None
    changed = bool(drifted or (score and score["drifted"]))
    return Drift(
        verdict="data_error" if faults else "drift" if changed else "none",
        why=_of_faults(faults, drifted if new is None else new)
        if faults
        else FEW
        if few
        else _why(features, new, score),
        features=features,
        score=score,
        schema_errors=tuple(one.as_dict() for one in faults),
        feature=largest,
        psi=compared[largest]["psi"] if largest else None,
        tested=len(compared),
        raw_alarms=sum(one["p_value"] < CHANCE for one in compared.values()),
        alarms=sum(one["p_adjusted"] < CHANCE for one in compared.values()),
        new=None if new is None else tuple(new),
        rows_reference=reference.num_rows,
        rows_current=current.num_rows,
        few=few,
    )


@dataclass(frozen=True)
class _Asked:
    """Which columns are compared."""

    names: Sequence[str]
    ignored: Sequence[str]
    """Columns that may come along, and mean nothing."""
    roles: Roles

    @classmethod
    def of(cls, reference: pa.Table, learned: Signature | None, roles: Roles) -> _Asked:
        """Take what the model looks at, else all but what names a row or is to be predicted."""
        if learned:
            return cls(learned.names, learned.ignored, Roles(target=learned.target, id=learned.id))
        not_asked = (roles.id, roles.target, roles.group)
        return cls([name for name in reference.column_names if name not in not_asked], (), roles)

    def pair(self, known: pa.Table, current: pa.Table) -> Pair:
        """Return two tables with these columns; what is new in the second stays, for it may be one that was renamed."""
        kept = [name for name in known.column_names if name in self.names or name == self.roles.id]
        gone = [name for name in self.ignored if name in current.column_names]
        return Pair(current.drop_columns(gone), known.select(kept), self.roles)


def _features(pair: Pair, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Compare each column that both have, then judge all of them together."""
    found = {name: _compared(pair, name) for name in names if name in (*pair.shared, pair.roles.time)}
    distances_of = {name: one for name, one in found.items() if isinstance(one, Distance)}
    p_adjusted = distances.adjusted([one.p_value for one in distances_of.values()])
    judged = {name: _judged(one, p) for (name, one), p in zip(distances_of.items(), p_adjusted, strict=True)}
    return {name: judged.get(name) or _untested(pair, name, str(one)) for name, one in found.items()}


def _compared(pair: Pair, name: str) -> Distance | str:
    """Return how far a column is from the known one, or why nobody should ask."""
    known, current = pair.known.column(name), pair.current.column(name)
    why = "it is the time of the rows" if name == pair.roles.time else calendar_columns.reason(name, known, current)
    if why:
        return f"{why[0].upper()}{why[1:]}: a later month has other values, which is no change of the inputs."
    if known.null_count == len(known) or current.null_count == len(current):
        return "It has no value on one of the sides."
    kind = pair.types(name)[0]
    if kind in ("integer", "number"):
        return distances.of_numbers(pair.numbers(name))
    counted = pair.levels(name)
    return distances.of_levels(*counted) if counted else "It has another value in nearly every row."


def _judged(found: Distance, p_adjusted: float) -> dict[str, Any]:
    """Call it a change only if it is beyond chance and of a size that matters, told by enough values."""
    few = min(found.n_reference, found.n_current) < ENOUGH
    beyond = p_adjusted < CHANCE
    drifted = beyond and found.psi >= CHANGED and not few
    if few:
        why = f"Too few values to tell: below {ENOUGH} neither number means much."
    elif drifted:
        why = f"Differs beyond chance, and {'much' if found.psi >= LARGE else 'enough to matter'}."
    elif beyond:
        why = "Differs beyond chance, but too little to matter."
    elif found.psi >= CHANGED:
        why = "It may be chance."
    else:
        why = "As it was."
    return {**found.as_dict(), "p_adjusted": p_adjusted, "drifted": drifted, "why": why}


def _untested(pair: Pair, name: str, why: str) -> dict[str, Any]:
    sides = {"n_reference": pair.known.column(name), "n_current": pair.current.column(name)}
    return {**UNTESTED, **{side: len(column) - column.null_count for side, column in sides.items()}, "why": why}


def _score(scores: tuple[np.ndarray, np.ndarray]) -> dict[str, Any] | None:
    before, now = (np.sort(np.asarray(side, float)) for side in scores)
    if not min(len(before), len(now)):
        return None
    found = distances.of_numbers((before, now))
    return _judged(found, found.p_value)


def _drifted(features: Mapping[str, Mapping[str, Any]]) -> list[str]:
    found = [name for name, one in features.items() if one["drifted"]]
    return sorted(found, key=lambda name: -features[name]["psi"])


def _of_faults(faults: Sequence[Fault], drifted: Sequence[str]) -> str:
    first = faults[0]
    more = f" And {len(faults) - 1} more." if len(faults) > 1 else ""
    said = f"Inputs changed; cause: {CAUSES[first.code]}. {first.message} {first.next_step}{more}"
    also = f" Also changed, without a fault: {_listed(drifted)}." if drifted else ""
    return f"{said} Repair a fault, and do not retrain on it.{also}"


def _why(features: Mapping[str, Mapping[str, Any]], new: Sequence[str] | None, score: Mapping[str, Any] | None) -> str:
    """Say the verdict: what is known, what it probably is, and what cannot be known yet."""
    named = {name: f"{name} (PSI {features[name]['psi']:.2f})" for name in _drifted(features)}
    if not named and score and score["drifted"]:
        return f"No input changed by itself, but what the model answers did (PSI {score['psi']:.2f}). {HARM}"
    if not named:
        return "Inputs are as the model knows them. That is no safety: whether it is still right, only outcomes tell."
    old = [said for name, said in named.items() if new is not None and name not in new]
    still = f"{_listed(old)} differ{'s' if len(old) == 1 else ''} from what the model knows, as in the month before."
    if len(old) == len(named):
        return f"Nothing new: {still}"
    fresh = [said for said in named.values() if said not in old]
    return f"Inputs changed: {_listed(fresh)}.{f' {still}' if old else ''} {HARM}"


def _listed(names: Sequence[str]) -> str:
    """Name a few things as a sentence does."""
    shown, left = names[:MOST_NAMED], len(names) - MOST_NAMED
    if left > 0:
        return f"{', '.join(shown)} and {left} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))

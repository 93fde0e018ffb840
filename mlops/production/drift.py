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
    given. A price that rose in February differs from the past for good, and is news once."""
    rows_reference: int
    rows_current: int
    few: bool
    """Whether there are too few rows to tell."""

    @property
    def drifted(self) -> tuple[str, ...]:
        """The features that differ, the largest index first."""
        return tuple(_drifted(self.features))


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
    roles = Roles(target=learned.target, id=learned.id) if learned else roles or Roles()
    names = (
        learned.names
        if learned
        else [one for one in reference.column_names if one not in (roles.id, roles.target, roles.group)]
    )
    ignored = learned.ignored if learned else ()

    def pair(known: pa.Table, now: pa.Table) -> Pair:
        kept = [name for name in known.column_names if name in names or name == roles.id]
        return Pair(now.drop_columns([one for one in ignored if one in now.column_names]), known.select(kept), roles)

    asked = pair(reference, current)
    faults = [one for one in validation.faults(asked) if one.severity != "note"]
    few = min(reference.num_rows, current.num_rows) < ENOUGH
    features = _features(asked, names)
    new: list[str] | None = None
    if before is not None:
        new = drifted = _drifted(features)
        if drifted:
            earlier, since = _features(pair(reference, before), names), _features(pair(before, current), names)
            new = [one for one in drifted if not earlier[one]["drifted"] or since[one]["drifted"]]
    features = {name: {**one, "new": None if new is None else name in new} for name, one in features.items()}
    compared = {name: one for name, one in features.items() if one["test"]}
    largest = max(compared, key=lambda name: compared[name]["psi"], default=None)
    return Drift(
        verdict="data_error" if faults else "drift" if _drifted(features) and not few else "none",
        why=_why(features, faults, few, new),
        features=features,
        score=_score(scores) if scores is not None else None,
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


def _features(pair: Pair, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Compare each column that both have, then judge all of them together."""
    found = {name: _compared(pair, name) for name in names if name in pair.shared}
    distances_of = {name: one for name, one in found.items() if isinstance(one, Distance)}
    p_adjusted = distances.adjusted([one.p_value for one in distances_of.values()])
    judged = {name: _judged(one, p) for (name, one), p in zip(distances_of.items(), p_adjusted, strict=True)}
    return {name: judged.get(name) or _untested(pair, name, str(one)) for name, one in found.items()}


def _compared(pair: Pair, name: str) -> Distance | str:
    """Return how far a column is from the known one, or why nobody should ask."""
    known, current = pair.known.column(name), pair.current.column(name)
    if why := calendar_columns.reason(name, known, current):
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


def _why(
    features: Mapping[str, Mapping[str, Any]], faults: Sequence[Fault], few: bool, new: Sequence[str] | None
) -> str:
    """Say the verdict: what is known, what it probably is, and what cannot be known yet."""
    if faults:
        first = faults[0]
        more = f" And {len(faults) - 1} more." if len(faults) > 1 else ""
        return (
            f"Inputs changed; cause: {CAUSES[first.code]}. {first.message}{more} Repair them; do not retrain on them."
        )
    drifted = _drifted(features)
    if few:
        return f"Too few rows to tell: below {ENOUGH} neither PSI nor p means much."
    if not drifted:
        return "Inputs are as the model knows them. That is no safety: whether it is still right, only outcomes tell."
    named = [f"{name} (PSI {features[name]['psi']:.2f})" for name in drifted]
    if new == []:
        return (
            f"Nothing new: {_listed(named)} differ{_s(named)} from what the model learned from as in the month before."
        )
    fresh = named if new is None else [one for name, one in zip(drifted, named, strict=True) if name in new]
    old = [one for one in named if one not in fresh]
    also = f" {_listed(old)} differ{_s(old)} as in the month before." if old else ""
    return f"Inputs changed: {_listed(fresh)}.{also} Drift is not harm: whether it hurts, only outcomes tell."


def _s(names: Sequence[str]) -> str:
    return "s" if len(names) == 1 else ""


def _listed(names: Sequence[str]) -> str:
    """Name a few things as a sentence does."""
    shown, left = names[:MOST_NAMED], len(names) - MOST_NAMED
    if left > 0:
        return f"{', '.join(shown)} and {left} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))

"""Leaks: columns that know the outcome before it has happened.

A column that is filled in afterwards - the lifeboat of those who survived, the length of the call that sold - makes a
model look excellent, until it meets rows of which nobody knows the outcome. No rule can tell a leak from a very good
feature; these ask the question where the numbers are suspicious.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import lgamma, log

import pyarrow.compute as pc

from mlops.base.errors import shown
from mlops.base.notes import Note
from mlops.data import tables
from mlops.data.quality.evidence import Evidence, leave_out

SUSPICIONS = ("leak", "dominant_column")
"""Codes of the notes about columns that may know the outcome."""

LEAKS = {"binary": 0.95, "multiclass": 0.98, "regression": 0.9}
"""Strength from which a single column is suspected: AUC (macro, one class against the rest), R2 of a number."""

COPY = 0.99
"""Strength from which a column is suspected whatever the others are."""

AHEAD = 3
"""How many times less of the target a suspect must leave open than the best of the unsuspected columns."""

CHANCE = 1e-6
"""Probability below which nobody believes that so many rows hold one class by chance."""

DOMINANT_AUC, DOMINANT_R2, DOMINANT_AHEAD = 0.75, 0.75, 1.75
"""Strength from which a column can dominate, and how many times the next one's it must be, counted from chance."""


def leak(evidence: Evidence) -> Iterator[Note]:
    """Suspect columns that alone tell nearly everything, or whose presence or absence tells the class.

    Either the cross-validated AUC of the column alone is at least 0.95 (0.98 for several classes, R2 0.9 for a
    number) and it leaves open at most a third of what the best column below that leaves open - or it is 0.99, whatever
    the others are. Or the rows in which the column is known (or missing) all hold one class, which by chance had a
    probability below 1e-6 (hypergeometric: as many rows drawn without looking).

    Of the public sets measured only titanic3 has leaks: boat (0.97) and body (known for 121 passengers, none of whom
    survived). The condition on the others is for sets in which several columns are honestly strong: the colour of a
    wine from its chlorides (0.96), a tumour from its size (0.97), an iris from its petals (0.98).
    It is wrong about a feature that really decides alone, and blind to two columns that leak only together. A column
    that names a customer with several rows is no leak, but a reason to split by customers; see `entities`.
    """
    found = _strong(evidence) | _one_sided(evidence)
    told = {name: message for name, message in found.items() if name not in evidence.entities}
    if told:
        text = f"{_known(evidence)} If not, leave it out: {leave_out(told)}."
        yield from (Note("leak", name, message, "warning", text) for name, message in told.items())


def dominant_column(evidence: Evidence) -> Iterator[Note]:
    """Suspect a column that is far ahead of every other.

    Its AUC is at least 0.75, and counted from chance (0.5) at least 1.75 times the next one's; for a number its R2 is
    at least 0.75 and 1.75 times the next one's. Columns that `leak` names are not counted.

    Of fifteen public sets and the built-in ones it fires on one, bank marketing, whose duration of the call (0.80,
    next 0.65) is known only when the call is over. It is wrong about a feature that is simply the best.
    """
    suspects = {note.column for note in leak(evidence)} | {*evidence.entities}
    others = [(name, value) for name, value in evidence.strengths.items() if name not in suspects]
    if len(others) < 2:
        return
    (name, best), (second, runner_up) = others[:2]
    chance, enough = (0.5, DOMINANT_AUC) if evidence.is_classification else (0.0, DOMINANT_R2)
    if best >= enough and best - chance >= DOMINANT_AHEAD * max(runner_up - chance, 0.0):
        measure = _measure(evidence)
        message = (
            f"{name} alone tells far more of {evidence.roles.target} than any other column: {measure} {best:.2f}, "
            f"next {second} with {runner_up:.2f}."
        )
        yield Note(
            "dominant_column",
            name,
            message,
            "warning",
            f"{_known(evidence)} If not, leave it out: {leave_out([name])}.",
        )


def _strong(evidence: Evidence) -> dict[str, str]:
    enough = LEAKS.get(str(evidence.roles.task), COPY)
    honest = max((value for value in evidence.strengths.values() if value < enough), default=0.0)
    return {
        name: f"{name} alone nearly gives {evidence.roles.target} away ({_measure(evidence)} {value:.2f})."
        for name, value in evidence.strengths.items()
        if value >= COPY or (value >= enough and (1 - value) * AHEAD <= 1 - honest)
    }


def _one_sided(evidence: Evidence) -> dict[str, str]:
    """Find columns that are known, or missing, in rows of one class only."""
    found: dict[str, str] = {}
    if evidence.told is None or len(evidence.class_counts) < 2:
        return found
    total, target = evidence.told.num_rows, evidence.told.column(str(evidence.roles.target))
    counts = tables.counts(target)
    for name in evidence.features:
        column = evidence.told.column(name)
        if not 0 < column.null_count < total:
            continue
        for where, rows in (("known", pc.is_valid(column)), ("missing", pc.is_null(column))):
            classes = pc.unique(target.filter(rows)).to_pylist()
            count = column.null_count if where == "missing" else total - column.null_count
            if len(classes) == 1 and _log_chance(count, counts[classes[0]], total) < log(CHANCE):
                told = f"{evidence.roles.target} is {shown(classes[0])}"
                found.setdefault(name, f"{name} is {where} in {count:,} rows, and in all of them {told}.")
    return found


def _log_chance(drawn: int, of_class: int, total: int) -> float:
    """Return the log probability that rows drawn without looking are all of one class."""
    return lgamma(of_class + 1) - lgamma(of_class - drawn + 1) - lgamma(total + 1) + lgamma(total - drawn + 1)


def _measure(evidence: Evidence) -> str:
    return "AUC" if evidence.is_classification else "R2"


def _known(evidence: Evidence) -> str:
    return f"Is it known before {evidence.roles.target} is?"

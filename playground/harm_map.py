"""Drift and harm, month by month: how far the inputs moved, beside what the outcomes say that it cost.

`HarmMap` is the plain record that is drawn, said in sentences and shown as a table. It is made of what
`Workspace.monitoring` reports. Drift is not harm, and no drift is not safety: the two axes are two questions, and the
second is answered late. Nothing is drawn here: see `ui/monitor/map`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from playground import harm_places, harm_words, words
from playground.harm_places import CALLED, MOVED, Place
from playground.harm_words import Measure


@dataclass(frozen=True)
class Mark:
    """One month on the map."""

    month: str
    """``2024-05``."""
    learned: Place
    """Beside what the live model learned from, and the best achievable - else what it reached at release."""
    before: Place | None
    """Beside the month before; None for the first one."""
    says: str
    """The verdict in words."""
    facts: tuple[tuple[str, str], ...]
    """What is known of the month, as label and value."""

    @property
    def title(self) -> str:
        """The month as people say it."""
        return harm_words.title(self.month)


@dataclass(frozen=True)
class HarmMap:
    """The months of a live model on two axes."""

    marks: tuple[Mark, ...]
    """The oldest first."""
    line: float
    """So much may be lost: what lies above it for certain is harm. Beside the month before it is nothing."""
    metric: str
    """As people write it."""
    against: str
    """What losses are held against."""
    moved: float = MOVED

    @property
    def sentence(self) -> str:
        """What the map says: which months are what."""
        found = {word: [one.title for one in self.marks if one.learned.word == word] for word in CALLED}
        told = "; ".join(f"{CALLED[word]}: {', '.join(months)}" for word, months in found.items() if months)
        return f"{told[0].upper()}{told[1:]}." if told else "No month has passed yet."

    def name(self, mark: Mark) -> str:
        """Return a month as short as it can be told: with its year if that is not the newest one's."""
        return harm_words.name(mark.month, self.marks[-1].month)

    def mark(self, month: str) -> Mark | None:
        """Return a month; the newest if there is none of that name, None before the first."""
        return next((one for one in self.marks if one.month == month), self.marks[-1] if self.marks else None)

    def frame(self) -> pd.DataFrame:
        """Return the months as a table, the newest first."""
        rows = [
            {
                "Month": one.title, "Verdict": CALLED[one.learned.word], "Largest PSI": one.learned.psi,
                "Feature": one.learned.feature, f"{self.metric} lost": one.learned.lost, "Low": one.learned.low,
                "High": one.learned.high, "Estimated": one.learned.guess,
                "New this month": CALLED[one.before.word] if one.before else None,
                "New PSI": one.before and one.before.psi, "Lost since the month before": one.before and one.before.lost,
                "In words": one.says,
            }
            for one in reversed(self.marks)
        ]  # fmt: skip
        return pd.DataFrame(rows)


def of(report: Any, line: float, called: Mapping[str, str] | None = None) -> HarmMap:
    """Return what monitoring reports as a map.

    Parameters
    ----------
    report : Monitoring
        Its ``months`` are the newest first.
    line : float
        So much of the metric may be lost.
    called : mapping, optional
        Column -> what people call it.
    """
    metric = words.metric_name(next((one.outcomes.metric for one in report.months if one.outcomes), "auc"))
    best: float | None = None
    placed: list[tuple[Any, Place]] = []
    for one in reversed(report.months):
        best = one.best if one.best is not None else best
        aim = one.reference if best is None else best
        placed.append((one, harm_places.learned(one, line, called or {}, aim)))
    measure = Measure(metric, f"the {metric} at release" if best is None else "the best achievable")
    marks = [
        _mark(one, place, earlier, called or {}, measure)
        for earlier, (one, place) in zip([None, *placed], placed, strict=False)
    ]
    return HarmMap(tuple(marks), line, measure.metric, measure.against)


def _mark(
    one: Any, place: Place, earlier: tuple[Any, Place] | None, called: Mapping[str, str], measure: Measure
) -> Mark:
    month, was = earlier or (None, None)
    before = harm_places.before(one, place, was, called) if was else None
    since = harm_words.title(month.month) if month else ""
    says = harm_words.verdict(one, place, before, since, measure, called)
    return Mark(one.month, place, before, says, harm_words.facts(one, place))

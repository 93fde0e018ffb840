"""Drift and harm, month by month: how far the inputs moved, beside what the outcomes say that it cost.

`HarmMap` is the plain record that is drawn, said in sentences and shown as a table. It is made of what
`Workspace.monitoring` reports. A month whose outcomes are not known yet has a place from left to right and none from
top to bottom; one with few rows has none at all. Drift is not harm, and no drift is not safety: the two axes are two
questions, and the second is answered late. Nothing is drawn here: see `ui/monitor/map`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import pandas as pd

from playground import words

MOVED = 0.1
"""PSI from which on inputs count as moved: a convention, as 0.25 is."""

Word = Literal["quiet", "harmless", "silent", "trouble", "bug", "waiting", "few"]

CALLED: Mapping[Word, str] = {
    "quiet": "quiet",
    "harmless": "harmless shift",
    "silent": "silent harm",
    "trouble": "real trouble",
    "bug": "a data bug",
    "waiting": "not known yet",
    "few": "too few rows",
}
"""What a month is -> what people say."""


@dataclass(frozen=True)
class Mark:
    """One month on the map."""

    month: str
    """``2024-05``."""
    word: Word
    """The corner it stands in; that of a data bug is its own, whatever it cost."""
    says: str
    """The verdict in a sentence."""
    psi: float | None = None
    """The largest of a feature; None where too few rows tell one."""
    feature: str = ""
    """Whose it is, as people call it."""
    lost: float | None = None
    """AUC lost against the best achievable, else against the AUC at release; None before outcomes are known."""
    low: float | None = None
    high: float | None = None
    guess: float | None = None
    """What the estimate without outcomes says that was lost."""
    facts: tuple[tuple[str, str], ...] = field(default=())
    """What is known of the month, as label and value."""

    @property
    def title(self) -> str:
        """The month as people say it."""
        return f"{_day(self.month):%B %Y}"


@dataclass(frozen=True)
class HarmMap:
    """The months of a live model on two axes."""

    marks: tuple[Mark, ...]
    """The oldest first."""
    line: float
    """So much may be lost: what lies above it for certain is harm."""
    against: str
    """What losses are measured against."""
    moved: float = MOVED

    @property
    def sentence(self) -> str:
        """What the map says: how many months are what, and which."""
        found = {word: [one.title for one in self.marks if one.word == word] for word in CALLED}
        told = "; ".join(f"{CALLED[word]}: {', '.join(months)}" for word, months in found.items() if months)
        return f"{told[0].upper()}{told[1:]}." if told else "No month has passed yet."

    def name(self, mark: Mark) -> str:
        """Return a month as short as it can be told: with its year if that is not the newest one's."""
        of_now = self.marks[-1].month[:4] == mark.month[:4]
        return f"{_day(mark.month):%b}" if of_now else f"{_day(mark.month):%b ’%y}"

    def mark(self, month: str) -> Mark | None:
        """Return a month; the newest if there is none of that name, None before the first."""
        return next((one for one in self.marks if one.month == month), self.marks[-1] if self.marks else None)

    def frame(self) -> pd.DataFrame:
        """Return the months as a table, the newest first."""
        rows = [
            {
                "Month": one.title, "Verdict": CALLED[one.word], "Largest PSI": one.psi, "Feature": one.feature,
                "AUC lost": one.lost, "Low": one.low, "High": one.high, "Estimated loss": one.guess,
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
        AUC that may be lost.
    called : mapping, optional
        Column -> what people call it.
    """
    months = [*reversed(report.months)]
    best, marks = None, []
    for one in months:
        best = one.best if one.best is not None else best
        marks.append(_mark(one, line, called or {}, one.reference if best is None else best))
    return HarmMap(tuple(marks), line, "the AUC at release" if best is None else "the best achievable")


def corner(moved: bool, low: float, line: float) -> Word:
    """Return the corner of a month whose outcomes are known; harm is only what lies above the line for certain.

    Examples
    --------
    >>> corner(False, 0.01, 0.02), corner(True, 0.01, 0.02), corner(False, 0.08, 0.02), corner(True, 0.08, 0.02)
    ('quiet', 'harmless', 'silent', 'trouble')
    """
    if low > line:
        return "trouble" if moved else "silent"
    return "harmless" if moved else "quiet"


def _mark(one: Any, line: float, called: Mapping[str, str], aim: float | None) -> Mark:
    """Return one month; the best achievable of one that is not known yet is taken to be that of the month before."""
    inputs, outcomes = one.inputs or {}, one.outcomes or {}
    psi, verdict = inputs.get("psi"), inputs.get("verdict")
    auc = outcomes.get("auc")
    lost = None if auc is None or aim is None else round(aim - auc, 6)
    low, high = (None, None) if lost is None else (round(aim - outcomes[end], 6) for end in ("high", "low"))
    guess = one.estimate and one.estimate.get("auc")
    word: Word = "few" if psi is None else "waiting" if low is None else corner(psi >= MOVED, low, line)
    word = "bug" if verdict == "data_error" else word
    feature = called.get(inputs.get("feature") or "", inputs.get("feature") or "")
    facts = _facts(one, inputs, outcomes, lost, feature)
    says = _says(word, one, feature, psi, lost, (low, high), inputs.get("why") or "")
    return Mark(
        one.month, word, says, psi, feature, lost, low, high,
        None if guess is None or aim is None else round(aim - guess, 6), facts,
    )  # fmt: skip


def _says(word: Word, one: Any, feature: str, psi: Any, lost: Any, ends: tuple[Any, Any], why: str) -> str:
    moved = f"{feature} moved most (PSI {psi:.2f})" if psi is not None else ""
    if word == "few":
        return f"{words.counted(one.n, 'row')} are too few to say whether anything moved."
    waits = f"Whether that did harm is not known before {_known(one.month)}."
    if word == "bug":
        cost = f" It cost {_loss(lost, ends)}." if lost is not None else ""
        return (
            f"Inputs changed, and the cause is in the data: {why.rstrip('.')}. Repair it; do not retrain on it.{cost}"
        )
    if word == "waiting" and psi >= MOVED:
        return f"Inputs moved: {moved}. {waits}"
    if word == "waiting":
        return f"No input moved. Whether it still answers well is not known before {_known(one.month)}."
    cost = _loss(lost, ends)
    return {
        "quiet": f"No input moved, and no harm is shown: {cost}.",
        "harmless": f"Inputs moved - {moved} - and no harm is shown: {cost}.",
        "silent": f"No input moved, and yet it answers worse: {cost}. Only the outcomes could tell.",
        "trouble": f"Inputs moved - {moved} - and it answers worse: {cost}.",
    }[word]


def _loss(lost: float, ends: tuple[float, float]) -> str:
    low, high = (words.signed(one) for one in ends)
    return f"AUC lost {words.number(lost)} ({low} to {high})"


def _facts(
    one: Any, inputs: Mapping[str, Any], outcomes: Mapping[str, Any], lost: Any, feature: str
) -> tuple[tuple[str, str], ...]:
    """Return what is known of a month; what is not, says so."""
    known, of = outcomes.get("known", 0), outcomes.get("of", one.n)
    found = [("Moved most", f"{feature}, PSI {inputs['psi']:.3f}" if inputs.get("psi") is not None else "–")]
    if outcomes.get("auc") is None:
        found.append(("AUC", "not known yet"))
    else:
        found.append(
            ("AUC", f"{words.number(outcomes['auc'])} ({words.interval((outcomes['low'], outcomes['high']))})")
        )
    if one.best is not None:
        found.append(("Best achievable", words.number(one.best)))
    elif one.reference is not None:
        found.append(("AUC at release", words.number(one.reference)))
    if one.estimate and one.estimate.get("auc") is not None:
        off = "" if lost is None else f", {words.signed(one.estimate['auc'] - outcomes['auc'])} off"
        found.append(("Estimate", f"{words.number(one.estimate['auc'])}{off}"))
    found.append(("Outcomes", f"{known:,} of {of:,}"))
    found.append(("Answered by", ", ".join(one.versions)))
    return tuple(found)


def _day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _known(month: str) -> str:
    """Return when the outcomes of a month are known: at the end of the next one."""
    begin = _day(month)
    after = date(begin.year + (begin.month + 1) // 12, (begin.month + 1) % 12 + 1, 1)
    end = date.fromordinal(after.toordinal() - 1)
    return f"{end.day} {end:%B %Y}"

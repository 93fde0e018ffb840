"""What is said of a month: the verdict in words, and what is known of it.

Drift is not harm, and no drift is not safety: a shift without outcomes says when one will know, and a quiet month does
so as well. Where a model moved away from its data long ago, an old harm hides what a month brought; then that is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from playground import words
from playground.harm_places import MOVED, Place, is_known


@dataclass(frozen=True)
class Measure:
    """What is lost, and what it is held against."""

    metric: str
    """As people write it."""
    against: str

    def told(self, place: Place) -> str:
        """Return a loss in words.

        Examples
        --------
        >>> Measure("AUC", "the best achievable").told(Place("trouble", lost=0.0531, low=0.0352, high=0.0711))
        'AUC is 0.053 below the best achievable (0.035 to 0.071)'
        """
        low, high = (words.signed(end or 0.0).replace("+", "") for end in (place.low, place.high))
        return f"{self.metric} is {words.number(place.lost)} below {self.against} ({low} to {high})"


def verdict(
    one: Any, place: Place, before: Place | None, since: str, measure: Measure, called: Mapping[str, str]
) -> str:
    """Say the verdict, as far as it is known; what is new in it last."""
    if place.word == "few":
        return f"{words.counted(one.n, 'row').capitalize()} are too few to say whether anything moved."
    if place.word == "bug":
        why = labelled(one.inputs["why"], called).rstrip(".")
        return f"{why}.{f' {measure.told(place)}.' if place.lost is not None else ''}"
    if place.lost is None:
        return f"{_moved(place, before)} {_waits(one)}"
    level = {
        "quiet": "No input moved, and no harm is shown: {}.",
        "harmless": f"{place.feature} moved (PSI {place.psi:.2f}), and no harm is shown: {{}}.",
        "silent": "No input moved, and yet it answers worse: {}. Only the outcomes could tell.",
        "trouble": f"{place.feature} moved (PSI {place.psi:.2f}), and it answers worse: {{}}.",
    }[place.word].format(measure.told(place))
    return f"{level} {_news(place, before, since)}".strip()


def _moved(place: Place, before: Place | None) -> str:
    if place.psi is None or place.psi < MOVED:
        return "No input moved."
    if before and before.psi is not None and before.psi < MOVED:
        return f"Nothing new moved: {place.feature} is as in the month before."
    new = before if before and before.psi is not None else place
    return f"Inputs moved: {new.feature} most (PSI {new.psi:.2f})."


def _waits(one: Any) -> str:
    so_far = f" Only {one.outcomes.known:,} outcomes are known so far." if one.outcomes and one.outcomes.known else ""
    return f"Whether it still answers well is not known before {_known(one.month)}.{so_far}"


def _news(place: Place, before: Place | None, since: str) -> str:
    """Say what is new where the model had moved away from its data before: an old harm hides what a month brought."""
    if before is None or before.lost is None or place.word != "trouble":
        return ""
    return {
        "quiet": f"Nothing new since {since}.",
        "harmless": f"What is new, {before.feature} (PSI {before.psi:.2f}), did no further harm.",
        "silent": f"Nothing new moved, and yet it lost {words.number(before.lost)} more since {since}: silent harm.",
        "trouble": "",
    }.get(before.word, "")


def facts(one: Any, place: Place) -> tuple[tuple[str, str], ...]:
    """Return what is known of a month; what is not, says so."""
    found = [("Moved most", f"{place.feature}, PSI {place.psi:.3f}" if place.psi is not None else "–")]
    metric = words.metric_name(one.outcomes.metric if one.outcomes else "auc")
    told = ""
    if is_known(one):
        told = f"{words.number(one.outcomes.value)} ({words.interval((one.outcomes.low, one.outcomes.high))})"
    found.append((metric, told or "not known yet"))
    if one.best is not None:
        found.append(("Best achievable", words.number(one.best)))
    elif one.reference is not None:
        found.append((f"{metric} at release", words.number(one.reference)))
    if one.estimate:
        off = "" if one.estimate.error is None else f", {words.signed(-one.estimate.error)} off"
        found.append(("Estimate", f"{words.number(one.estimate.auc)}{off}"))
    found.append(("Outcomes", f"{one.outcomes.known if one.outcomes else 0:,} of {one.n:,}"))
    found.append(("Answered by", ", ".join(f"v{version['version']}" for version in one.versions)))
    return tuple(found)


def labelled(text: str, called: Mapping[str, str]) -> str:
    """Return a sentence of the core with columns and months as people call them; a name that is a usual word stays one.

    Examples
    --------
    >>> labelled("monthly_fee is as in the month before.", {"monthly_fee": "Monthly fee", "month": "Renewal month"})
    'Monthly fee is as in the month before.'
    >>> labelled("age (PSI 0.57) moved in 2024-05, at the age of 20.", {"age": "Age"})
    'Age (PSI 0.57) moved in May 2024, at the age of 20.'
    """
    said = re.sub(r"\b\d{4}-(0[1-9]|1[0-2])\b(?!-)", lambda month: title(month[0]), text)
    return re.sub(r"\w*_\w*|\w+(?= \(PSI )", lambda word: called.get(word[0], word[0]), said)


def title(month: str) -> str:
    """Return a month as people say it.

    Examples
    --------
    >>> title("2024-05")
    'May 2024'
    """
    return f"{_day(month):%B %Y}"


def name(month: str, now: str) -> str:
    """Return a month as short as it can be told: with its year if that is not the one of the month now.

    Examples
    --------
    >>> name("2024-05", "2024-12"), name("2023-12", "2024-12")
    ('May', 'Dec ’23')
    """
    return f"{_day(month):%b}" if month[:4] == now[:4] else f"{_day(month):%b ’%y}"


def _day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _known(month: str) -> str:
    """Return when the outcomes of a month are known: at the end of the next one."""
    begin = _day(month)
    after = date(begin.year + (begin.month + 1) // 12, (begin.month + 1) % 12 + 1, 1)
    end = date.fromordinal(after.toordinal() - 1)
    return f"{end.day} {end:%B %Y}"

"""What a silent candidate said, in sentences and as tables: the twin of its picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from playground import words
from playground.dots import decided

TIMES = 1000
"""Milliseconds of a second."""


def heading(report: Any) -> str:
    """Return who answers silently, or did, and how many rows that were.

    Parameters
    ----------
    report : ShadowReport
        What it said.
    """
    version = words.version(report.candidate, named=False)
    if report.until is None:
        return f"{version} answers silently since {words.date(report.since)}"
    return f"{version} answered silently from {words.date(report.since)} to {words.date(report.until)}"


def agreement(report: Any, signature: Mapping[str, Any]) -> str:
    """Return how often both say the same, and which decisions would be others."""
    if not report.n:
        return "Nobody has asked since, so it has answered nothing yet. Next month brings questions."
    version = words.version(report.candidate, named=False)
    if signature["task"] == "regression":
        mean, low, high, p05, p95 = (
            f"{words.amount(report.score_shift[end] or 0.0)}" for end in ("mean", "low", "high", "p05", "p95")
        )
        return (
            f"{version} answered {words.counted(report.n, 'row')}: it moves from what was sent by {mean} on average "
            f"({low} to {high}), and by {p05} to {p95} for nine of ten."
        )
    low, high = report.agreement
    said = f"{version} decides {report.agree:,} of {words.counted(report.n, 'row')} as live did"
    between = f" ({low:.0%} to {high:.0%})"
    if not report.flipped:
        return f"{said}{between}."
    verb = "becomes" if report.flipped == 1 else "become"
    ways = ", ".join(f"{one['n']:,} {verb} {decided(one['to'], signature)}" for one in report.moves[:3])
    return f"{said}{between}. {report.flipped:,} would be decided otherwise: {ways}."


def outcomes(report: Any) -> str:
    """Return who was right, once that is known of some."""
    known = report.outcomes
    if known is None:
        return "Not known yet: outcomes come later."
    if not known.known:
        return (
            f"Outcomes of {words.counted(known.learned, 'row')} are known, and one of both learned from each of them: "
            "they say nothing of who would be right about others."
        )
    silent, live = (words.version(one, named=False) if one else "live" for one in (report.candidate, report.model))
    name, first = next(iter(known.metrics.items()))
    left = f" {known.learned:,} more are left out: one of both learned from them." if known.learned else ""
    if known.right is None:
        unit = words.metric_name(name)
        said = (
            f"Of {words.counted(known.known, 'row')} the outcome is known: {unit} {words.number(first['candidate'])}, "
        )
        return f"{said}{words.number(first['live'])} for what was sent. {gain(first, silent, name)}{left}"
    right = known.right["both"] + known.right["candidate"], known.right["both"] + known.right["live"]
    flips = (
        f"Where the two differ, {silent} was right {known.right['candidate']:,} times, "
        f"{live} {known.right['live']:,} times."
    )
    return (
        f"Of {words.counted(known.known, 'row')} the outcome is known: {silent} was right in {right[0]:,}, {live} in "
        f"{right[1]:,}. {flips} {gain(first, silent, name)}{left}"
    )


def gain(compared: Mapping[str, Any], who: str, name: str) -> str:
    """Return what an interval of a difference says, in words.

    Examples
    --------
    >>> worse = {"low": -0.16, "high": -0.08, "difference": -0.12, "verdict": "worse", "too_few": None}
    >>> gain(worse, "v2.0.0", "accuracy")
    'v2.0.0 is worse by 12 points (8 to 16).'
    >>> gain({**worse, "low": -0.01, "high": 0.02, "verdict": "inconclusive"}, "v2.0.0", "accuracy")
    'The difference can be luck: -1 to 2 points.'
    >>> gain({**worse, "low": -0.0109, "high": -0.0014, "difference": -0.0061}, "v2.0.0", "accuracy")
    'v2.0.0 is worse by 0.6 points (0.1 to 1.1).'
    """
    if compared["low"] is None:
        return str(compared["too_few"] or "That is too few to tell.")
    share = name not in ("mae", "rmse", "r2")

    ends, unit = sorted((compared["low"], compared["high"])), " points" if share else ""
    nearest = 100 * min(map(abs, ends))
    digits = 0 if nearest >= 1 else 1 if nearest >= 0.1 else 2  # an end that is not 0 must not read as 0

    def told(value: float) -> str:
        return f"{value * 100:.{digits}f}" if share else words.number(value)

    if compared["verdict"] == "inconclusive":
        return f"The difference can be luck: {told(ends[0])} to {told(ends[1])}{unit}."
    low, high = sorted(map(abs, ends))
    return f"{who} is {compared['verdict']} by {told(abs(compared['difference']))}{unit} ({told(low)} to {told(high)})."


def times(report: Any) -> str:
    """Return how long a row takes by both, measured alike."""
    found = report.latency
    if found is None:
        return ""
    live, silent = (f"{found[who]['median'] * TIMES:.1f} ms" for who in ("live", "candidate"))
    between = f" (x{found['low']:.2f} to x{found['high']:.2f})" if found["low"] is not None else ""
    return (
        f"One row alone takes it {silent}, live {live}: x{found['ratio']:.2f}{between}, on "
        f"{words.counted(found['n'], 'row')}. {found['how']}"
    )


def refusals(report: Any) -> str:
    """Return which rows it could not answer, and why."""
    if not report.refused:
        return ""
    first = report.refusals[0]
    more = f", and {len(report.refusals) - 1} more reasons" if len(report.refusals) > 1 else ""
    got = "missing" if first["got"] is None else first["got"]
    return (
        f"It could not answer {words.counted(report.refused, 'row')} that live answered: {first['field']} should be "
        f"{first['expected']} and is {got} in {first['rows']:,}{more}."
    )


def metrics(report: Any) -> pd.DataFrame:
    """Return both by each metric, as a table."""
    known = report.outcomes.metrics if report.outcomes else {}
    rows = [
        {
            "Metric": words.metric_name(name), "Live": one["live"], "Candidate": one["candidate"],
            "Difference": one["difference"], "Low": one["low"], "High": one["high"],
            "Verdict": one["too_few"] or one["verdict"],
        }
        for name, one in known.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def versions(report: Any) -> str:
    """Return which versions were live meanwhile, if there were several."""
    if len(report.versions) < 2:
        return ""
    told = ", ".join(f"{one['n']:,} by v{one['version']}" for one in report.versions)
    return f"Live changed meanwhile; each row is compared with the version that answered it: {told}."

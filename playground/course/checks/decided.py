"""Checks of a year that passes: what was decided before anybody could know, what the outcomes said, what was done.

A decision is the answer that stood when the outcomes of its month became known; what is said later is no decision any
more. What a month was, the map of drift and harm tells, on screen and here.
"""

from __future__ import annotations

from typing import Any

from mlops import Workspace
from mlops.base.errors import NotFoundError
from mlops.base.records import ref_of
from mlops.production.monitoring import Monitoring
from playground import harm_map, year
from playground.calendar import end_of, following, month_told
from playground.course import logbook
from playground.course.checks.promoted import live_of, promoted
from playground.course.verdict import Baseline, Verdict, Where, check
from playground.harm_places import Place
from playground.words import day

MONITOR = Where("monitor", "Monitor, the months")

CALLED = {"harmless": "harmless", "quiet": "harmless", "trouble": "harm", "silent": "harm", "bug": "bug"}
"""What a month is on the map -> the answer that says so."""


def _said(ws: Workspace, baseline: Baseline, stop: str, question: str) -> list[tuple[str, str]]:
    """Return what was answered to a question since the stop began, and when, oldest first.

    Each entry of the journal has all answers of the stop; one that is in it again was not said again.
    """
    found: list[tuple[str, str]] = []
    for entry in ws.log(baseline.event):
        answers = entry["payload"]["changes"].get("answers") if entry["subject"] == logbook.subject(stop) else None
        value = (answers or {}).get(question)
        if value and value != (found[-1][1] if found else None):
            found.append((entry["at"], str(value)))
    return found


@check
def decided_in_time(ws: Workspace, baseline: Baseline, stop: str, question: str, month: str) -> Verdict:
    """Tell whether something was decided about a month before its outcomes were known.

    Parameters
    ----------
    stop, question : str
        What was asked.
    month : str
        The month, which has to be over: before, nobody knows what came.
    """
    over, known = end_of(month), end_of(following(month))
    expected = f"a decision about {month_told(month)} between {day(over)} and {day(known)}, when its outcomes come"
    why = "Who decides after the outcomes has decided nothing. In a company they come late; the decision is due now."
    said = _said(ws, baseline, stop, question)
    decided = [value for at, value in said if over <= at < known]
    if decided:
        return Verdict(True, f"{decided[-1]}, as it stood before {day(known)}", expected, why, MONITOR)
    now = ws.now()
    if now < over:
        return Verdict(False, f"it is {day(now)}, and {month_told(month)} is not over", expected, why, MONITOR)
    if now < known:
        return Verdict(False, "nothing is decided yet", expected, why, MONITOR)
    late = f"it is {day(now)}, and nothing was decided before the outcomes came"
    return Verdict(False, late, expected, f"{why} Begin the stop again.", MONITOR)


@check
def called_by_outcomes(ws: Workspace, baseline: Baseline, model: str, stop: str, question: str, month: str) -> Verdict:
    """Tell whether somebody called a month what its outcomes say it was, once they were known."""
    known = end_of(following(month))
    expected = f"what {month_told(month)} was, by the outcomes that are known on {day(known)}"
    why = "Drift says that something moved. Only outcomes say whether it did harm."
    now = ws.now()
    if now < known:
        return Verdict(False, f"it is {day(now)}, and its outcomes are not known yet", expected, why, MONITOR)
    said = [value for at, value in _said(ws, baseline, stop, question) if at >= known]
    if not said:
        return Verdict(False, "no answer yet", expected, why, MONITOR)
    place = _place(ws, model, month)
    if place is None or place.lost is None:
        return Verdict(False, f"{month_told(month)} has no outcomes here", expected, why, MONITOR)
    if said[-1] == CALLED.get(place.word):
        told = f"{said[-1]}: AUC lost {place.lost:.3f} ({place.low:.3f} to {place.high:.3f}) against the best possible"
        return Verdict(True, told, expected, why, MONITOR)
    look = f"Look at its place on the map: how much AUC was lost, and how far that may be luck. {why}"
    return Verdict(False, "your answer is not what its outcomes say", expected, look, MONITOR)


def report_of(ws: Workspace, model: str) -> Monitoring | None:
    """Return what is known of the months of a live model; None where nothing of its name is live."""
    try:
        return ws.monitoring.report("production", model)
    except NotFoundError:
        return None


def _place(ws: Workspace, model: str, month: str) -> Place | None:
    """Return where a month stands on the map, as Monitor shows it; nothing where nothing answers."""
    if (report := report_of(ws, model)) is None:
        return None
    found = harm_map.of(report, ws.gate_rules.get("production").margin)
    mark = next((one for one in found.marks if one.month == month), None)
    return mark and mark.learned


@check
def retrained_on_known(ws: Workspace, baseline: Baseline, model: str, month: str) -> Verdict:
    """Tell whether the learner retrained what is live on outcomes since a month, and the release check let it pass."""
    expected = f"a version of yours live that learned from outcomes since {month_told(month)} and passed the check"
    why = "Only outcomes of the new world can teach it, and only the check says whether it learned."
    where = Where("monitor", "Monitor, below the map: When to retrain", {"open": "When to retrain"})
    live = promoted(ws, baseline, model)
    if live is None:
        now = live_of(ws, model)
        seen = f"v{now.model['version']} is live, and it is not yours" if now else "nothing is live"
        return Verdict(False, seen, expected, why, where)
    name, run = f"v{live.model['version']}", ws.runs.get(ws.models.get(ref_of(live.model)).run_id)
    there = Where("run", "Run, what it learned from", {"id": run.run_id}, run.run_id)
    if (newest := _newest_month(ws, run)) < month:
        seen = f"{name} learned from outcomes up to {month_told(newest)}" if newest else f"{name} learned from no month"
        return Verdict(False, seen, expected, why, there)
    if live.override is not None or (live.gate or {}).get("outcome") != "pass":
        said = (live.gate or {}).get("outcome", "nothing")
        return Verdict(False, f"{name} went live in spite of the check, which said {said}", expected, why, there)
    seen = f"{name} learned from {ref_of(run.data)}, and passed on {live.gate['rows']:,} rows that neither had seen"
    return Verdict(True, seen, expected, why, there)


def _newest_month(ws: Workspace, run: Any) -> str:
    """Return the newest month whose customers a run learned from; empty where its data have none."""
    table = ws.datasets.table(ref_of(run.data))
    return max(table.column("month").unique().to_pylist(), default="") if "month" in table.column_names else ""


@check
def year_is_over(ws: Workspace, baseline: Baseline, month: str) -> Verdict:
    """Tell whether the customers of a month came and were answered, and the month is over."""
    expected = f"{month_told(month)} is over, and its customers were answered"
    why = "Whether a retraining helped is known when the months after it have their outcomes."
    now = ws.now()
    found = year.read(ws, int(month[:4]), waived=True) if now >= end_of(month) else None
    if found is None or not any(one.came for one in found.months if one.month == month):
        return Verdict(False, f"it is {day(now)}", expected, why, MONITOR)
    last = found.known[-1]
    seen = f"it is {day(now)}; {last.name}, answered by v{last.version}, came to AUC {last.auc:.3f}"
    return Verdict(True, seen, expected, why, MONITOR)

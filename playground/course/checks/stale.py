"""Checks of a model that goes stale: a fault that is repaired and never learned, and months that prove a retraining.

Which month has a fault, and which version answered it, Monitor tells; a repair is a version of the same rows in which
only the faulty column differs, and in which no fault is found any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import hypot

from mlops import Workspace
from mlops.production.monthly import Month
from playground import company, repairs
from playground.calendar import following, month_told
from playground.course.checks.decided import MONITOR, report_of
from playground.course.checks.noted import trained
from playground.course.verdict import Baseline, Verdict, Where, check
from playground.harm_places import is_known
from playground.words import counted

REPAIR = Where("monitor", "Monitor, Inputs")


@check
def month_repaired(ws: Workspace, baseline: Baseline, model: str, month: str) -> Verdict:
    """Tell whether a month that came with a fault is kept once more, without it and otherwise as it came.

    Parameters
    ----------
    model : str
        The live model whose month it is.
    month : str
        The month.
    """
    told = month_told(month)
    expected = f"a version with the customers of {told}, all of them, in which only the faulty column is put right"
    why = "A fault of the data is no news about the world. Repair it, and keep what came beside it."
    ref, version = _asked(ws, month, model)
    if not ref:
        return Verdict(False, f"{told} is still to come", expected, why, Where("monitor", "Monitor, next month"))
    where = Where(REPAIR.page, REPAIR.text, {"month": month}, ref)
    learned = ws.models.get(f"{model}@{version}").data_version
    tried = repairs.of(ws, ref, learned)
    if one := tried.version:
        seen = f"{one.ref} holds {told} with the fault put right; {ref} stays as it came"
        return Verdict(True, seen, expected, why, Where("data", "Data, versions", {"version": one.ref}, one.ref))
    return Verdict(False, tried.wrong or f"{ref} is as it came, and nothing else holds {told}", expected, why, where)


def came(ws: Workspace, month: str, model: str) -> str:
    """Return the version as which the customers of a month came and were answered; nothing before."""
    return _asked(ws, month, model)[0]


def _asked(ws: Workspace, month: str, model: str) -> tuple[str, str]:
    """Return as which version the customers of a month came, and which one of the model answered them."""
    for one in ws.batches.list():
        if (one.environment, one.month, one.model["name"]) == ("production", month, model) and one.data_version:
            return one.data_version, one.model["version"]
    return "", ""


@check
def learned_no_fault(ws: Workspace, baseline: Baseline, model: str, month: str) -> Verdict:
    """Tell whether what is live never learned from the data of a month as they came, with their fault."""
    expected = f"what is live has not learned from {month_told(month)} as it came"
    why = "A model that learns minutes as hours carries the bug on, long after the app is mended."
    versions, (faulty, by) = [one for one in ws.models.list() if one.name == model], _asked(ws, month, model)
    version = next((one for one in versions if "production" in one.live_in), None)
    if version is None:
        return Verdict(False, f"no {model} is live", expected, why, MONITOR)
    if not faulty:
        return Verdict(False, f"{month_told(month)} is still to come", expected, why, MONITOR)
    where, data = Where("model", "Model, where it came from", {"ref": version.ref}, version.ref), version.data_version
    learned = next(one.data_version for one in versions if one.version == by)
    if rows := repairs.unrepaired(ws, faulty, learned, data):
        seen = f"{version.ref} learned from {data}, which has {counted(rows, 'row')} of it with the fault"
        return Verdict(False, seen, expected, why, where)
    return Verdict(True, f"{version.ref} learned from {data}, in which no row has the fault", expected, why, where)


@check
def retraining_proven(ws: Workspace, baseline: Baseline, model: str, month: str) -> Verdict:
    """Tell whether a month with which a version of the learner's took over lost less than the one before, beyond luck.

    Each month is held against the best that anybody could have reached in it, so a hard month is no excuse and an easy
    one no merit. Whoever retrained too early as well is not held to that: one turn that proves it is enough.

    Parameters
    ----------
    model : str
        The live model.
    month : str
        The month in which one looks back: before it has come, nothing is proven.
    """
    back = month_told(month)
    expected = f"in {back}: outcomes of a month that your version answered, which lost less than the one before it"
    why = "The release check is a promise. Whether it was kept, the outcomes of the next months tell."
    report = report_of(ws, model)
    if report is None:
        return Verdict(False, f"no {model} is live", expected, why, MONITOR)
    begun, answered = trained(ws, baseline), report.months
    mine = {one.version for one in ws.models.list() if one.name == model and one.run_id in begun}
    if _nothing_to_come(answered, mine):
        why = f"{why} No more of them come here: begin the lab again."
    months = [one for one in reversed(answered) if is_known(one)]
    turns = [pair for pair in pairwise(months) if _by(pair[1]) in mine and _by(pair[0]) != _by(pair[1])]
    if not turns:
        seen = "no outcomes are known of what a version that you trained answered"
        return Verdict(False, seen, expected, why, MONITOR)
    proven = [pair for pair in turns if _is_better(*pair)]
    old, new = (proven or turns)[-1]
    seen = (
        f"{month_told(new.month)}, answered by v{_by(new)}, lost {new.lost:.3f} of AUC against the best possible; "
        f"{month_told(old.month)}, by v{_by(old)}, {old.lost:.3f}"
    )
    if not proven:
        return Verdict(False, f"{seen}: that may be luck", expected, why, MONITOR)
    if answered[0].month < month:
        return Verdict(False, f"{seen}; {back} is still to come", expected, why, MONITOR)
    return Verdict(True, seen, expected, why, MONITOR)


def _by(month: Month) -> str:
    """Return the version that answered most of a month."""
    return str(month.versions[0]["version"])


def _is_better(old: Month, new: Month) -> bool:
    """Tell whether a month lost less than the one before, beyond the luck of both."""
    luck = hypot(new.outcomes.value - new.outcomes.low, old.outcomes.high - old.outcomes.value)
    return bool(old.lost - new.lost > luck)


def _nothing_to_come(months: Sequence[Month], mine: set[str]) -> bool:
    """Tell whether no outcomes are to come of what these versions answer: those of the last month never do."""
    last = following(company.LAST, -1)
    waiting = [one for one in months if not is_known(one) and one.month <= last and _by(one) in mine]
    return not waiting and bool(months) and months[0].month >= last

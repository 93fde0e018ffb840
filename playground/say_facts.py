"""The numbers that the sentences of `say` name, each computed from a workspace; None as long as it has none.

What is said aloud is a promise, so nothing here is written down: a sentence whose numbers are not there is not ready.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlops import Workspace
from mlops.base.months import of as month_of
from mlops.base.records import ref_of
from mlops.release.releases import release_stack
from playground import doors, harm_map, harm_words, words
from playground.course import answers
from playground.course.checks import alike
from playground.course.mission import NOTEBOOK
from playground.course.verdict import Baseline
from playground.first_config import is_sample

Known = Mapping[str, str] | None
"""Name of a number -> the number as it is said."""

FACTS: dict[str, Callable[[Workspace], Known]] = {}
"""Every computation by its name."""

FROM_THE_START = Baseline(0, "")


def fact(function: Callable[[Workspace], Known]) -> Callable[[Workspace], Known]:
    """Make a function one that sentences can name."""
    FACTS[function.__name__] = function
    return function


@fact
def running(ws: Workspace) -> Known:
    """Return what answers customers, since when, and what could be put back."""
    live = ws.releases.newest_live("production")
    if live is None:
        return None
    *earlier, _ = release_stack(
        [one.as_dict() for one in ws.releases.timeline("production", live.model["name"])], live.model["name"]
    )
    back = f"If it goes wrong, v{earlier[-1]['version']} is back with one click." if earlier else "It is the first one."
    return {"model": words.version(live.model, named=True), "since": words.day(live.since), "back": back}


@fact
def kept(ws: Workspace) -> Known:
    """Return how many versions of data and of models are kept, and what the newest data changed."""
    datasets, models = ws.datasets.list(), ws.models.list()
    if not (datasets and models):
        return None
    told = {"data": words.counted(len(datasets), "state"), "models": words.counted(len(models), "model")}
    newest = datasets[0]
    older = next((one for one in datasets if (one.name, one.version) == (newest.name, newest.parent)), None)
    cells = sum((ws.datasets.diff(older.ref, newest.ref).cells_changed or {}).values()) if older else 0
    changed = f"{words.counted(cells, 'value')} differ" if cells != 1 else "1 value differs"
    return told | {"changed": f"Between the newest two, {changed}. " if cells else ""}


@fact
def steps(ws: Workspace) -> Known:
    """Return what a training does by itself, and how often what it makes went live by a check."""
    run = next(iter(ws.runs.list("status = 'finished' and data.version >= 1", limit=1)), None)
    if run is None:
        return None
    rows = next((step["rows"] for step in run.steps if step.get("rows")), 0)
    live = ws.releases.newest_live("production")
    alerts = len(ws.alerts.list("production", live.model["name"])) if live else 0
    said = {1: "Once", 2: "Twice"}.get(alerts, f"{alerts} times")
    return {
        "steps": str(len(run.steps)),
        "rows": words.counted(rows, words.row_noun((run.roles or {}).get("id"))),
        "seconds": f"{sum(step.get('duration_s') or 0 for step in run.steps):.1f}",
        "alerts": f"{said} so far it said that something looks wrong" if alerts else "So far nothing looked wrong",
    }


@fact
def found(ws: Workspace) -> Known:
    """Return how many leavers the live model finds, beside what the notebook says."""
    answer, live = answers.found_of_100(ws, FROM_THE_START), ws.releases.newest_live("production")
    if answer is None or not isinstance(answer.value, int):
        return None
    if not is_sample(ws.datasets.get(ws.models.get(ref_of(live.model)).data_version)):
        return None  # the notebook learned from the sample; beside a model of other data its number says nothing
    return {"found": str(answer.value), "missed": str(100 - answer.value), "claimed": NOTEBOOK}


@fact
def corrected(ws: Workspace) -> Known:
    """Return what a correction of the data did to the answers."""
    answer = answers.changed_answers(ws, FROM_THE_START)
    if answer is None or not isinstance(answer.value, int):
        return None
    return {"cells": answer.facts["cells"], "changed": f"{answer.value:,}", "asked": answer.facts["asked"]}


@fact
def again(ws: Workspace) -> Known:
    """Return how many runs came again byte for byte, and how many cannot."""
    runs = ws.runs.table(["reproduced.verdict", "seed"], "status = 'finished' and data.version >= 1")
    same = sum(run["reproduced.verdict"] == "identical" for run in runs)
    if not same:
        return None
    loose = sum(run["seed"] is None for run in runs)
    cannot = f"{loose} cannot be made again, for no seed was kept, and we know which." if loose else ""
    return {"same": f"{same} of {words.counted(len(runs), 'model')}", "loose": cannot}


@fact
def alike_judged(ws: Workspace) -> Known:
    """Return the highest number that a run reached by knowing the future, and the best one of like and like."""
    runs = ws.runs.list("status = 'finished' and data.version >= 1", limit=alike.NEWEST)
    chosen, leaky = alike.candidate(ws, runs), [run for run in runs if alike.given_away(run)]
    if chosen is None or not leaky or alike.given_away(chosen) or _auc(chosen) is None:
        return None
    top = max(_auc(run) or 0 for run in leaky)
    others = [run for run in runs if run.rows_sha256.get("validation") == chosen.rows_sha256.get("validation")]
    rows = ws.comparisons.judged(chosen.run_id).rows
    return {"top": f"{top:.3f}", "auc": f"{_auc(chosen):.3f}", "rows": f"{len(rows):,}",
            "runs": str(len(others))}  # fmt: skip


@fact
def checked(ws: Workspace) -> Known:
    """Return what the newest release check found on rows that neither model had seen."""
    answer = answers.ahead_of_100(ws, FROM_THE_START)
    if answer is None:
        return None
    return {"ahead": str(answer.value), "margin": answer.facts["margin"], "rows": answer.facts["rows"]}


@fact
def answered(ws: Workspace) -> Known:
    """Return what became of the newest list, where somebody was answered through all three doors."""
    report = next((one for one in ws.batches.list() if one.answers_sha256), None)
    if report is None:
        return None
    for request in ws.predictions.list(limit=20, model=report.model["name"]):
        told = doors.answers(ws, report.model["name"], request["row"], 0)
        for form in told["row"]:
            if all(any(one.is_that_of(form) for one in told[door]) for door in ("file", "rest")):
                return {"rows": f"{report.input_rows:,}", "answered": f"{report.rows:,}",
                        "rejected": f"{report.rejected:,}", "number": _chance(form.number)}  # fmt: skip
    return None


@fact
def gone_back(ws: Workspace) -> Known:
    """Return what the newest rollback put back, and whom the version before it had answered."""
    timeline = ws.releases.timeline("production")
    back = next((one for one in reversed(timeline) if one.action == "rollback" and one.status == "live"), None)
    bad = back and next((one for one in timeline if one.until == back.since and one.model == back.replaced), None)
    if not (back and bad):
        return None
    sent = sum(bad.held(one["at"]) for one in ws.predictions.list(model=bad.model["name"])
               if one["environment"] == "production" and one["model"] == bad.model)  # fmt: skip
    if not sent:
        return None
    named = len({one.model["name"] for one in timeline}) > 1
    return {"good": words.version(back.model, named), "since": words.when(back.since or ""),
            "bad": words.version(bad.model, named), "sent": f"{sent:,}"}  # fmt: skip


@fact
def moved(ws: Workspace) -> Known:
    """Return a month in which inputs moved and nothing was lost, one of the reverse, and one after a retraining."""
    live = ws.releases.newest_live("production")
    if live is None:
        return None
    report = ws.monitoring.report("production", live.model["name"])
    drawn = harm_map.of(report, ws.gate_rules.get("production").margin)
    auc = {one.month: one.outcomes.value for one in report.months if one.outcomes and one.outcomes.metric == "auc"}
    calm = next((one for one in drawn.marks if one.learned.word == "harmless"), None)
    silent = [one for one in drawn.marks if one.learned.word == "silent"]
    harm = max(silent, key=lambda one: one.learned.lost or 0, default=None)
    if not (calm and harm and auc):
        return None
    since = [one for one in ws.retraining.list("production", live.model["name"]) if one.promoted]
    again = {one.candidate.partition("@")[2] for one in since if month_of(one.at) > harm.month}
    by_them = [one.month for one in report.months if again & {said["version"] for said in one.versions}]
    last = max((month for month in by_them if month in auc), default=None)
    if last is None:
        return None
    return {
        "calm": calm.title,
        "calm_auc": f"{auc[calm.month]:.3f}",
        "harm": harm.title,
        "harm_auc": f"{auc[harm.month]:.3f}",
        "last": harm_words.title(last),
        "last_auc": f"{auc[last]:.3f}",
    }


def _auc(run: Any) -> float | None:
    return run.metrics.get("validation", {}).get("auc")


def _chance(number: float) -> str:
    return f"{100 * number:.0f} %" if 0 <= number <= 1 else words.amount(number)

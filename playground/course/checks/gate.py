"""Checks of the lab about the release check: what it decided, on which rows, about whom, and how often it was asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mlops import Workspace
from mlops.base.records import ref_of
from playground.course.checks.promoted import PROMOTE, promoted
from playground.course.people import counts
from playground.course.verdict import Baseline, Verdict, Where, check, events_since
from playground.words import counted

Report = Mapping[str, Any]


def reports(ws: Workspace, baseline: Baseline) -> Iterator[Report]:
    """Yield what the check of production said to the learner since the lab began, the newest first."""
    for event in reversed(events_since(ws, baseline)):
        if event["kind"] == "gate.evaluate" and counts(event["actor"]):
            said = event["payload"]["changes"]
            if said["environment"] == "production" and said["against"]:
                yield said


def worse_in(report: Report) -> dict[str, Any]:
    """Return the groups that certainly get worse: value -> what the check says of it."""
    return {str(one["value"]): one for one in report["slices"] or () if one["worse"]}


def _could_decide(report: Report) -> bool:
    """Tell whether the rows sufficed for a yes or a no."""
    return any(one["name"] == "performance" and one["outcome"] != "inconclusive" for one in report["checks"])


@check
def who_pays(ws: Workspace, baseline: Baseline, challenger: str, stop: str, question: str) -> Verdict:
    """Tell whether a challenger was judged on rows that let the check decide, and who gets worse was named.

    Parameters
    ----------
    challenger : str
        Name and version.
    stop, question : str
        Where it was answered whom it would serve worse.
    """
    expected = f"{challenger} judged on rows that suffice, and the group that the check calls worse"
    asked = [one for one in reports(ws, baseline) if ref_of(one["model"]) == challenger]
    decided = next(filter(_could_decide, asked), None)
    if decided is None:
        seen = f"on {counted(asked[0]['rows'], 'row')} it could not decide" if asked else "you have not asked it yet"
        return Verdict(False, seen, expected, "A lead on few rows may be luck, and nobody can tell.", PROMOTE)
    worse, on = worse_in(decided), f"on {decided['rows']:,} rows of {decided['data'] or 'its own test'}"
    said = ((ws.journal.read(f"course/{stop}") or {}).get("answers") or {}).get(question, "")
    why = "A mean hides who pays for it: the check compares each group of rows by itself as well."
    if not said:
        return Verdict(False, f"it is decided {on}; you have not said who pays", expected, why, PROMOTE)
    if said not in (worse or {"nobody": None}):
        return Verdict(False, f"your answer is not what the check says {on}", expected, why, PROMOTE)
    told = "; ".join(f"where {one['column']} is {name}: {one['difference']:+.3f}" for name, one in worse.items())
    return Verdict(True, f"{on}: {told or 'no group gets worse'}", expected, why, PROMOTE)


@check
def twin_judged(ws: Workspace, baseline: Baseline, model: str) -> Verdict:
    """Tell whether a twin of what was live was judged beside it: the same data and config, but the seed."""
    expected = "a version of the data and the config of what was live, at most another seed, and the check's answer"
    why = "Twins differ by luck alone. What the check says of them tells how wide luck is."
    live = ws.at(event=baseline.event).releases.live("production", model)
    if live is None:
        return Verdict(False, "nothing was live when this lab began", expected, why, PROMOTE)
    first, where = ws.models.get(ref_of(live.model)), Where("run", "Run, what it was made of", {})
    run = ws.runs.get(first.run_id)
    where = replace(where, query={"id": run.run_id}, record=run.run_id)
    for report in {one["model"]["version"]: one for one in reports(ws, baseline) if one["difference"]}.values():
        version = ref_of(report["model"])
        other = ws.runs.get(ws.models.get(version).run_id)
        if version == first.ref or other.data != run.data or _recipe(other.params) != _recipe(run.params):
            continue
        found = report["difference"]
        seen = f"{version}, its twin with seed {other.seed}: {found['difference']:+.4f}, at worst {found['lower']:+.4f}"
        luck = " - it would pass, by the luck of a seed" if found["lower"] > 0 else ""
        return Verdict(True, f"{seen}, on {report['rows']:,} rows{luck}", expected, why, PROMOTE)
    return Verdict(False, f"no twin of {first.ref} was judged", expected, why, where)


def _recipe(params: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in params.items() if key != "training.random_state"}


@check
def fair_to_all(ws: Workspace, baseline: Baseline, model: str) -> Verdict:
    """Tell whether what was released passed on rows that no other version was judged on, and no group gets worse."""
    expected = "a release of yours that passed on rows which no other version was judged on, and worse for no group"
    live = promoted(ws, baseline, model)
    if live is None:
        seen = f"{model} is live in production as when this lab began"
        return Verdict(False, seen, expected, "A lead that helps nobody in production is worth nothing.", PROMOTE)
    where, name, said = replace(PROMOTE, record=live.deployment_id), f"v{live.model['version']}", live.gate or {}
    if live.override is not None or said.get("outcome") != "pass":
        seen = f"{name} went live in spite of the check, which said {said.get('outcome', 'nothing')}"
        return Verdict(False, seen, expected, "Who lifts the check had no need to ask it.", where)
    if worse := worse_in(said):
        told = "; ".join(f"{value} {one['difference']:+.3f}" for value, one in worse.items())
        return Verdict(False, f"{name} gets worse for {told}", expected, "They pay for what the others gain.", where)
    which, on = said["rows_sha256"], f"{said['rows']:,} rows of {said['data'] or 'its own test'}"
    before = {one["model"]["version"] for one in _all_reports(ws) if one["rows_sha256"] == which}
    others = sorted(before - {live.model["version"]})
    if others:
        seen = f"{name} passed on {on}, on which v{', v'.join(others)} had been judged"
        why = "Who tries until it passes on the same rows has chosen by their luck. Fresh rows each time."
        return Verdict(False, seen, expected, why, where)
    gain = said["difference"]
    seen = (
        f"{name} passed on {on}, which nobody had looked at: {gain['difference']:+.4f}, at worst {gain['lower']:+.4f}"
    )
    return Verdict(True, f"{seen}; no group gets worse", expected, "It is better, and nobody pays for it.", where)


def _all_reports(ws: Workspace) -> Iterator[Report]:
    return (event["payload"]["changes"] for event in ws.log() if event["kind"] == "gate.evaluate")

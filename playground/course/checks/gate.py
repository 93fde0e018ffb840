"""Checks of the lab about the release check: what it decided, on which rows, about whom, and how often it was asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from mlops import Workspace
from mlops.base.records import ref_of
from mlops.release.registry import ModelVersion
from playground.course.checks.noted import answered
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
    said = answered(ws, stop, question)
    why = "A mean hides who pays for it: the check compares each group of rows by itself as well."
    if not said:
        return Verdict(False, f"it is decided {on}; you have not said who pays", expected, why, PROMOTE)
    if said not in (worse or {"nobody": None}):
        return Verdict(False, f"your answer is not what the check says {on}", expected, why, PROMOTE)
    told = "; ".join(f"where {one['column']} is {name}: {one['difference']:+.3f}" for name, one in worse.items())
    return Verdict(True, f"{on}: {told or 'no group gets worse'}", expected, why, PROMOTE)


@check
def twin_judged(ws: Workspace, baseline: Baseline, model: str, rows: int) -> Verdict:
    """Tell whether a twin of what was live was judged beside it: the same data and config, but the seed.

    Parameters
    ----------
    rows : int
        How many it takes: on a few everything looks like luck.
    """
    expected = f"what was live trained again on its data by its config, any seed, judged on {rows:,} rows or more"
    why = "Twins differ by luck alone. What the check says of them tells how wide luck is."
    live = ws.at(event=baseline.event).releases.live("production", model)
    if live is None:
        return Verdict(False, "nothing was live when this lab began", expected, why, PROMOTE)
    first = ws.models.get(ref_of(live.model))
    where = Where("run", "Run, edit its config", {"id": first.run_id}, first.run_id)
    asked = [one for one in reports(ws, baseline) if one["difference"]]
    alike = _twins_of(ws, first, {ref_of(one["model"]) for one in asked})
    twins = [one for one in asked if ref_of(one["model"]) in alike]
    told = next((one for one in twins if one["rows"] >= rows), None)
    if told is None:
        few = f"a twin was judged, on {counted(twins[0]['rows'], 'row')}" if twins else ""
        return Verdict(False, few or f"no twin of {first.ref} was judged", expected, why, PROMOTE if twins else where)
    found, name = told["difference"], f"v{told['model']['version']}"
    luck = ": it would pass, by the luck of its seed or of these rows" if found["lower"] > 0 else ""
    seen = f"{name}, a twin: {found['difference']:+.4f}, at worst {found['lower']:+.4f}, on {told['rows']:,} rows{luck}"
    return Verdict(True, seen, expected, why, PROMOTE)


def _twins_of(ws: Workspace, first: ModelVersion, among: Set[str]) -> set[str]:
    """Return which of some versions learned from the data of another one by its recipe; each run is read once."""
    run = ws.runs.get(first.run_id)
    others = {one.ref: ws.runs.get(one.run_id) for one in ws.models.list() if one.ref in among - {first.ref}}
    return {ref for ref, one in others.items() if one.data == run.data and _recipe(one.params) == _recipe(run.params)}


def _recipe(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a model is made by, beside its data and its seed: the content of the data is compared by itself."""
    aside = ("name", "data.name", "data.version", "training.random_state")
    return {key: value for key, value in params.items() if key not in aside}


@check
def fair_to_all(ws: Workspace, baseline: Baseline, model: str, rows: int) -> Verdict:
    """Tell whether what was released passed on rows that no other version was judged on, and no group gets worse.

    Parameters
    ----------
    rows : int
        How many it takes: on a few a group that gets worse is not seen.
    """
    expected = (
        f"a release of yours that passed on {rows:,} rows or more, judged for nobody else, and worse for no group"
    )
    live = promoted(ws, baseline, model)
    if live is None:
        seen = f"v{ws.releases.live('production', model).model['version']} is live, as when this lab began"
        return Verdict(False, seen, expected, "A lead that helps nobody in production is worth nothing.", PROMOTE)
    where, name, said = replace(PROMOTE, record=live.deployment_id), f"v{live.model['version']}", live.gate or {}
    if live.override is not None or said.get("outcome") != "pass":
        seen = f"{name} went live in spite of the check, which said {said.get('outcome', 'nothing')}"
        return Verdict(False, seen, expected, "Who lifts the check had no need to ask it.", where)
    if worse := worse_in(said):
        told = "; ".join(f"{value} {one['difference']:+.3f}" for value, one in worse.items())
        return Verdict(False, f"{name} gets worse for {told}", expected, "They pay for what the others gain.", where)
    if said["rows"] < rows:
        seen = f"{name} passed on {said['rows']:,} rows of {said['data'] or 'its own test'}"
        return Verdict(False, seen, expected, "On so few rows a group that gets worse is not seen.", where)
    on = f"{said['rows']:,} rows of {said['data'] or 'its own test'}"
    if others := _judged_on_them(ws, live):
        seen = f"{name} passed on {on}, on which {', '.join(others)} had been judged"
        why = "Who tries until it passes on the same rows has chosen by their luck. Fresh rows each time."
        return Verdict(False, seen, expected, why, where)
    gain = said["difference"]
    seen = (
        f"{name} passed on {on}, which nobody had looked at: {gain['difference']:+.4f}, at worst {gain['lower']:+.4f}"
    )
    return Verdict(True, f"{seen}; no group gets worse", expected, "It is better, and nobody pays for it.", where)


def _judged_on_them(ws: Workspace, live: Any) -> list[str]:
    """Return which versions of other runs were ever judged on rows of those on which a release passed.

    Whatever they are called: what was looked at is used up under another name as well, and a run that was first
    registered under a misspelt one is no other model.
    """
    runs, said = {one.ref: one.run_id for one in ws.models.list()}, live.gate
    asked = [event["payload"]["changes"] for event in ws.log() if event["kind"] == "gate.evaluate"]
    others = [one for one in asked if runs[ref_of(one["model"])] != runs[ref_of(live.model)]]
    return sorted({ref_of(one["model"]) for one in others if _share_rows(ws, one, said)})


def _share_rows(ws: Workspace, one: Report, other: Report) -> bool:
    """Tell whether two reports are about some of the same rows: a month without one of its rows is no fresh one."""
    if one["rows_sha256"] == other["rows_sha256"]:
        return True
    return bool(one["data"] and other["data"]) and not _names(ws, one["data"]).isdisjoint(_names(ws, other["data"]))


def _names(ws: Workspace, ref: str) -> frozenset[object]:
    return _names_in(ws.path, ref, ws.datasets.get(ref).sha256)


@lru_cache(maxsize=64)  # contents never change, and everybody who looks at the panel asks
def _names_in(path: Path, ref: str, sha256: str) -> frozenset[object]:
    ws = Workspace.open(path, create=False)
    name = ws.datasets.get(ref).id
    return frozenset(ws.datasets.table(ref).column(name).to_pylist() if name else ())

"""Checks of one recipe: which key moved, what came out when a run was trained again, and what cannot be repeated."""

from __future__ import annotations

from typing import Any

from mlops import Workspace
from mlops.experiments import configs, pins
from playground.course.checks.noted import trained
from playground.course.people import counts
from playground.course.verdict import Baseline, Verdict, Where, check, events_since
from playground.words import short

NEWEST = 300
"""Newest finished runs that are looked through."""

NO_KEYS = ("name", pins.SEED)
"""Keys of a config that are no part of its pin, or make no model: what a run is called, and the seed."""


def runs(ws: Workspace) -> list[Any]:
    """Return the newest finished runs that were trained here."""
    return ws.runs.list("status = 'finished' and data.version >= 1", limit=NEWEST)


@check
def one_key_changed(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether the learner trained a run whose config differs from that of an earlier one in exactly one key."""
    expected = (
        "a new run of yours whose config differs in exactly one key from that of an earlier run, and nothing else"
    )
    why = "One key moved, so it is the cause of whatever else the run does. With two, nobody knows."
    begun, known, nearest = trained(ws, baseline), runs(ws), ""
    mine = [run for run in known if run.run_id in begun]
    for run in mine:
        for older in _alike(run, known[known.index(run) + 1 :]):
            keys = _keys(older, run)
            if len(keys) == 1:
                [key] = keys
                seen = f"run {short(run.run_id)} has {key} {run.params.get(key)}, "
                seen += f"run {short(older.run_id)} {older.params.get(key)}"
                return Verdict(True, seen, expected, why, _run(run))
            nearest = nearest or f"run {short(run.run_id)} {_told(keys)} run {short(older.run_id)}"
    if mine:
        seen = nearest or f"no earlier run has data and seed of run {short(mine[0].run_id)}"
        return Verdict(False, seen, expected, why, _run(mine[0]))
    where = Where("train", "Train, the config", {"open": "run"})
    return Verdict(False, "no run of yours has ended since this stop began", expected, why, where)


def _alike(run: Any, earlier: list[Any]) -> list[Any]:
    """Return the runs that have the data and the seed of another: what differs is the config."""
    return [one for one in earlier if one.data["sha256"] == run.data["sha256"] and one.seed == run.seed is not None]


def _keys(older: Any, run: Any) -> list[str]:
    differ = (one["key"] for one in configs.diff_params(older.params, run.params))
    return [key for key in differ if key not in NO_KEYS]


def _told(keys: list[str]) -> str:
    if not keys:
        return "has the config of"
    more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
    return f"differs in {len(keys)} keys ({', '.join(keys[:3])}{more}) from"


def _run(run: Any) -> Where:
    return Where("run", "Run, its five pins", {"id": run.run_id}, run.run_id)


def _tried(ws: Workspace, baseline: Baseline) -> list[tuple[str, dict[str, Any]]]:
    """Return what the learner tried to reproduce since the stop began: run and what came out, newest first."""
    return [
        (event["subject"], event["payload"]["changes"]["reproduced"])
        for event in reversed(events_since(ws, baseline))
        if event["kind"] == "run.reproduce" and counts(event["actor"])
    ]


@check
def reproduced_identically(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether a run was trained again in a fresh process and gave the same bytes."""
    expected = "a run trained again from its record, with the verdict: identical"
    why = "A recipe is proven by cooking it again, not by reading it."
    tried = _tried(ws, baseline)
    for run_id, found in tried:
        if found["verdict"] == "identical":
            seen = f"run {short(run_id)}, trained again: model and answers are the same bytes"
            return Verdict(True, seen, expected, why, _page(run_id))
    if tried:
        run_id, found = tried[0]
        because = f", first difference: {found['first_divergence']}" if found["first_divergence"] else ""
        seen = f"run {short(run_id)}, trained again: {str(found['verdict']).replace('_', ' ')}{because}"
        return Verdict(False, seen, expected, why, _page(run_id))
    seeded = next((run for run in runs(ws) if run.seed is not None), None)
    where = _page(seeded.run_id) if seeded else Where("train", "Train, the config", {"open": "run"})
    return Verdict(False, "nothing was reproduced since this stop began", expected, why, where)


@check
def unseeded_named(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether a run without a seed was asked to come again, and is on record as one that cannot."""
    expected = "a run without a seed (random_state: null), reproduced, and on record as one that cannot be repeated"
    why = "Without a seed every training draws anew. That no proof is possible is an answer, too."
    unseeded = [run for run in runs(ws) if run.seed is None]
    known = {run.run_id for run in unseeded}
    for run_id, found in _tried(ws, baseline):
        if run_id in known and found["verdict"] == "impossible":
            seen = f"run {short(run_id)} cannot be repeated: no seed was kept"
            return Verdict(True, seen, expected, why, _page(run_id))
    if unseeded:
        seen = f"run {short(unseeded[0].run_id)} has no seed, and nobody has asked whether it comes again"
        return Verdict(False, seen, expected, why, _page(unseeded[0].run_id))
    where = Where("train", "Train, the config", {"open": "run"})
    seen = "every run here kept its seed; where the line random_state is left out, the default is kept"
    return Verdict(False, seen, expected, why, where)


def _page(run_id: str) -> Where:
    return Where("run", "Run, reproduce", {"id": run_id}, run_id)

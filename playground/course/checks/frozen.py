"""Checks of frozen data: which content is kept under which version, and what came of training with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlops import Workspace
from mlops.base.records import ref_of
from playground.course.checks.noted import trained
from playground.course.verdict import Baseline, Verdict, Where, check
from playground.words import short

NEW = Where("data", "Data, New version", {"open": "New version"})
"""Where a file is kept."""

NEWEST = 300
"""Newest finished runs of a dataset that are looked through."""


@check
def corrected_kept(ws: Workspace, baseline: Baseline, before: str, after: str) -> Verdict:
    """Tell whether a changed file is kept as a version whose parents lead to the content before.

    Parameters
    ----------
    before, after : str
        Content hashes of the two.
    """
    expected = f"Jo's file (content {short(after)}) kept as a later version of the data with content {short(before)}"
    why = "A name can be overwritten. A version names its content by hash, and its parent."
    versions = ws.datasets.list()
    same = [one for one in versions if one.sha256 == after]
    for one in same:
        if older := next((parent for parent in _parents(versions, one) if parent.sha256 == before), None):
            seen = f"{one.ref} {short(one.sha256)}, which came after {older.ref} {short(older.sha256)}"
            return Verdict(True, seen, expected, why, _data(one.ref))
    if same:
        seen = f"{same[0].ref} has that content, and no parent leads from it to {short(before)}"
        missing = f"It needs the same name as the data before. {why}"
        return Verdict(False, seen, expected, missing, _data(same[0].ref))
    newest = versions[0] if versions else None
    seen = f"the newest version is {newest.ref} {short(newest.sha256)}" if newest else "no data is kept"
    return Verdict(False, seen, expected, why, NEW)


def _parents(versions: list[Any], one: Any) -> Iterator[Any]:
    by_number = {other.version: other for other in versions if other.name == one.name}
    while one is not None and one.parent is not None:
        one = by_number.get(one.parent)
        if one is not None:
            yield one


def _restore(ws: Workspace, content: str) -> Where:
    """Return where the version with some content is trained with again."""
    ref = next((one.ref for one in ws.datasets.list() if one.sha256 == content), None)
    named = {"version": ref} if ref else {}
    return Where("data", "Data, Restore: train with it again", {"open": "Restore", **named}, ref)


def _data(ref: str) -> Where:
    return Where("data", "Data, versions", {"version": ref}, ref)


def _runs(ws: Workspace, content: str) -> list[Any]:
    """Return the finished runs that learned from some content, newest first."""
    names = {one.name for one in ws.datasets.list() if one.sha256 == content}
    about = " or ".join(f"data.name = '{name}'" for name in sorted(names))
    found = ws.runs.list(f"status = 'finished' and ({about})", limit=NEWEST) if names else []
    return [run for run in found if run.data["sha256"] == content]


def _same_recipe(one: Any, other: Any) -> bool:
    return one.config_sha256 == other.config_sha256 and one.seed == other.seed and one.seed is not None


@check
def only_data_differs(ws: Workspace, baseline: Baseline, before: str, after: str) -> Verdict:
    """Tell whether two runs with equal config and seed learned from the two contents."""
    expected = (
        "two finished runs with equal config and seed: one on the data before the correction, one on that after it"
    )
    why = "If only one pin moved, it is the cause; if two did, nobody knows which."
    old, new = _runs(ws, before), _runs(ws, after)
    for run in new:
        if match := next((one for one in old if _same_recipe(one, run)), None):
            seen = (
                f"run {short(match.run_id)} on {ref_of(match.data)} and run {short(run.run_id)} on {ref_of(run.data)}, "
                f"config {short(run.config_sha256)}, seed {run.seed}"
            )
            return Verdict(True, seen, expected, why, _compare(match, run))
    if not new:
        seen = f"{_counted(old)} on the data before the correction, none on the corrected data"
        where = Where("train", "Train, the data to learn from", {"open": "run"})
        return Verdict(False, seen, expected, why, where)
    run = new[0]
    if not old:
        seen = f"run {short(run.run_id)} on {ref_of(run.data)}, none on the data before the correction"
        return Verdict(False, seen, expected, why, _run(run))
    seen = (
        f"run {short(run.run_id)} on {ref_of(run.data)} differs from run {short(old[0].run_id)} in {_pins(old[0], run)}"
    )
    return Verdict(False, seen, expected, why, _compare(old[0], run))


def _pins(one: Any, other: Any) -> str:
    moved = ["data"]
    if one.config_sha256 != other.config_sha256:
        keys = sorted(key for key in {*one.params, *other.params} if one.params.get(key) != other.params.get(key))
        moved.append(f"config ({', '.join(keys[:3])})")
    if one.seed != other.seed or one.seed is None:
        moved.append(f"seed ({one.seed} and {other.seed})")
    return " and ".join(moved)


def _counted(runs: list[Any]) -> str:
    return f"{len(runs)} finished run{'' if len(runs) == 1 else 's'}"


def _run(run: Any) -> Where:
    return Where("run", "Run, its five pins", {"id": run.run_id}, run.run_id)


def _compare(one: Any, other: Any) -> Where:
    return Where("run", "Run, its five pins", {"id": other.run_id}, other.run_id)


@check
def old_model_again(ws: Workspace, baseline: Baseline, before: str) -> Verdict:
    """Tell whether the learner trained with the old content again, and the model has the bytes it had before."""
    expected = "a new run of yours on the data before the correction, whose model has the same hash as the earlier one"
    why = "Equal data, code, config, packages and seed give equal bytes: the old model can be made again."
    begun, runs = trained(ws, baseline), _runs(ws, before)
    mine = [run for run in runs if run.run_id in begun]
    other = ""
    for run in mine:
        earlier = [one for one in runs[runs.index(run) + 1 :] if _same_recipe(one, run)]
        if same := next((one for one in earlier if one.model_sha256 == run.model_sha256), None):
            seen = f"run {short(run.run_id)} made {short(run.model_sha256)}, as run {short(same.run_id)} did before"
            return Verdict(True, seen, expected, why, _run(run))
        if earlier and not other:
            other = (
                f"run {short(run.run_id)} made {short(run.model_sha256)}, "
                f"run {short(earlier[0].run_id)} made {short(earlier[0].model_sha256)}"
            )
    if other:
        return Verdict(False, other, expected, f"{why} So code or packages changed in between.", _run(mine[0]))
    if mine:
        seen = f"run {short(mine[0].run_id)} on {ref_of(mine[0].data)} has a config or seed that no earlier run has"
        return Verdict(False, seen, expected, why, _run(mine[0]))
    seen = "no run of yours on the data before the correction has ended since this stop began"
    return Verdict(False, seen, expected, why, _restore(ws, before))

"""Checks of one answer on two machines: which package makes the difference, and whether what is live answers alike."""

from __future__ import annotations

from typing import Any

from mlops import Workspace
from playground import parity
from playground.course.people import counts
from playground.course.verdict import Baseline, Verdict, Where, check
from playground.parity import Try
from playground.words import short


def _noted(ws: Workspace, baseline: Baseline) -> list[Try]:
    """Return what the learner tried since the lab began, newest first."""
    prefix = f"{parity.SUBJECT}/"
    notes = [
        event["payload"]["changes"]["tries"][-1]
        for event in reversed(events_of(ws, baseline))
        if event["subject"].startswith(prefix) and counts(event["actor"])
    ]
    return [Try.of(one) for one in notes]


def events_of(ws: Workspace, baseline: Baseline) -> list[dict[str, Any]]:
    """Return the notes that were written since a lab began, oldest first."""
    return [event for event in ws.log(baseline.event) if event["kind"] == "journal.write"]


@check
def one_package_found(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether it was tried which package, moved alone, brings all answers back that are others without it."""
    expected = "two tries of one model: with no package moved some rows differ, with one alone moved none does"
    why = "What differs beside it makes no difference: with all of that as it is here, every row came out as it was."
    found = _noted(ws, baseline)
    for one in found:
        without = next((other for other in found if other.run_id == one.run_id and not other.moved), None)
        if len(one.moved) == 1 and one.equal and without and without.differ:
            [(name, version)] = one.moved.items()
            seen = f"with {name} {version} alone 0 of {one.rows} rows differ, without it {without.differ}"
            return Verdict(True, seen, expected, why, _software(one.run_id))
    if not found:
        run = _live_run(ws)
        where = _software(run) if run else Where("release", "Release, what is live")
        return Verdict(False, "nothing was tried yet", expected, why, where)
    return Verdict(False, _told(found[0]), expected, why, _software(found[0].run_id))


def _told(one: Try) -> str:
    moved = f"with {', '.join(sorted(one.moved))} moved" if one.moved else "with no package moved"
    return f"run {short(one.run_id)}, {moved}: {one.differ} of {one.rows} rows differ"


@check
def live_can_be_installed(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether what is live was trained with packages that anybody can install: none is an own build."""
    expected = "what is live in production was trained with packages of the index: no version with a + in it"
    why = "A version like 1.0+ravi.1 is on one machine only, so nobody else can install what the model needs."
    run_id = _live_run(ws)
    if run_id is None:
        return Verdict(False, "nothing is live in production", expected, why, Where("release", "Release"))
    model, run = _live(ws), ws.runs.get(run_id)
    own = [f"{name} {version}" for name, version in run.software["packages"].items() if "+" in version]
    seen = f"v{model['version']} is live, trained with " + (", ".join(own) or "packages of the index only")
    return Verdict(not own, seen, expected, why, _software(run_id))


@check
def parity_proven(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether what is live was shown to answer 100 rows here as it did where it was trained."""
    expected = f"a try with what is live and no package moved: {parity.ROWS} rows, and none differs"
    why = "A model is the same where its answers are. Only answers can prove that."
    run_id = _live_run(ws)
    if run_id is None:
        return Verdict(False, "nothing is live in production", expected, why, Where("release", "Release"))
    model = _live(ws)
    tried = next((one for one in _noted(ws, baseline) if one.run_id == run_id and not one.moved), None)
    if tried is None:
        seen = f"v{model['version']} is live, and nobody has tried it here with no package moved"
        return Verdict(False, seen, expected, why, _software(run_id))
    seen = f"v{model['version']}, answered here: {tried.differ} of {tried.rows} rows differ"
    return Verdict(tried.equal and tried.rows >= parity.ROWS, seen, expected, why, _software(run_id))


def _live(ws: Workspace) -> Any:
    found = ws.releases.all_live("production")
    return found[-1].model if found else None


def _live_run(ws: Workspace) -> str | None:
    model = _live(ws)
    return None if model is None else str(ws.models.get(f"{model['name']}@{model['version']}").run_id)


def _software(run_id: str) -> Where:
    return Where("run", "Run, Software", {"id": run_id, "open": "software"}, run_id)

"""Checks of one answer on two machines: which package makes the difference, and whether what is live answers alike."""

from __future__ import annotations

from mlops import Workspace
from mlops.base.records import ref_of
from mlops.release.registry import ModelVersion
from playground import parity
from playground.course.checks.noted import notes
from playground.course.checks.promoted import live_of
from playground.course.verdict import Baseline, Verdict, Where, check
from playground.parity import Try
from playground.words import short


def _noted(ws: Workspace, baseline: Baseline) -> list[Try]:
    """Return what the learner tried since the lab began, newest first."""
    return [Try.of(one["tries"][-1]) for one in notes(ws, baseline, parity.SUBJECT)]


@check
def one_package_found(ws: Workspace, baseline: Baseline, model: str) -> Verdict:
    """Tell whether it was tried which package, moved alone, brings all answers back that are others without it."""
    expected = (
        "two tries of one model: some rows differ with the packages of here, none with one of them as it was there"
    )
    why = "If one package alone brings every answer back, the others that differ make no difference."
    found = _noted(ws, baseline)
    for one in found:
        without = next((other for other in found if other.run_id == one.run_id and not other.moved), None)
        if len(one.moved) == 1 and one.equal and without and without.differ:
            [(name, version)] = one.moved.items()
            seen = f"with {name} {version} alone 0 of {one.rows} rows differ, without it {without.differ}"
            return Verdict(True, seen, expected, why, _software(one.run_id))
    if not found:
        live = _live(ws, model)
        where = _software(live.run_id) if live else Where("release", "Release, what is live")
        return Verdict(False, "nothing was tried yet", expected, why, where)
    return Verdict(False, _told(found[0]), expected, why, _software(found[0].run_id))


def _told(one: Try) -> str:
    moved = f"with {', '.join(sorted(one.moved))} as it was there" if one.moved else "with the packages of here"
    return f"run {short(one.run_id)}, {moved}: {one.differ} of {one.rows} rows differ"


@check
def live_can_be_installed(ws: Workspace, baseline: Baseline, model: str) -> Verdict:
    """Tell whether what is live was trained with packages that anybody can install: none is an own build."""
    expected = (
        "what is live in production was trained with packages that anybody can install: no version with a + in it"
    )
    why = "A version like 1.0+ravi.1 is on one machine only, so nobody else can install what the model needs."
    live = _live(ws, model)
    if live is None:
        return _nothing(model, expected, why)
    packages = ws.runs.get(live.run_id).software["packages"]
    own = [f"{name} {version}" for name, version in packages.items() if "+" in version]
    seen = f"v{live.version} is live, trained with " + (", ".join(own) or "packages that anybody can install")
    return Verdict(not own, seen, expected, why, _software(live.run_id))


@check
def parity_proven(ws: Workspace, baseline: Baseline, model: str) -> Verdict:
    """Tell whether what is live was shown to answer 100 rows here as it did where it was trained."""
    expected = f"a try with what is live and the packages of here: {parity.ROWS} rows, and none differs"
    why = "A model is the same where its answers are. Only answers can prove that."
    live = _live(ws, model)
    if live is None:
        return _nothing(model, expected, why)
    where = _software(live.run_id)
    tried = next((one for one in _noted(ws, baseline) if one.run_id == live.run_id and not one.moved), None)
    if tried is None:
        seen = f"v{live.version} is live, and nobody has tried it with the packages of here"
        return Verdict(False, seen, expected, why, where)
    seen = f"v{live.version}, answered here: {tried.differ} of {tried.rows} rows differ"
    return Verdict(tried.equal and tried.rows >= parity.ROWS, seen, expected, why, where)


def _live(ws: Workspace, model: str) -> ModelVersion | None:
    """Return the version of a name that is live: another name beside it takes nobody's answers away."""
    live = live_of(ws, model)
    return None if live is None else ws.models.get(ref_of(live.model))


def _nothing(model: str, expected: str, why: str) -> Verdict:
    return Verdict(False, f"no {model} is live in production", expected, why, Where("release", "Release"))


def _software(run_id: str) -> Where:
    return Where("run", "Run, Software", {"id": run_id, "open": "software"}, run_id)

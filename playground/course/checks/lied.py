"""Checks of a lie that was hidden: an old event says something else, every hash fits, and a kept one gives it away."""

from __future__ import annotations

from mlops import Workspace
from playground import lie
from playground.course.checks.drifted import about_files
from playground.course.verdict import Baseline, Verdict, Where, check
from playground.words import short

AUDIT = Where("release", "Release, Audit log", {"view": "Audit log"})


@check
@about_files
def old_event_lies(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether an event from before the lab began says something else on the copy."""
    expected = f"on the copy, one of the first {baseline.event} events says something else"
    why = "Whoever can write into a folder can write anything: no guard inside it is stronger."
    found = lie.read(ws)
    if found is None:
        return Verdict(False, "there is no copy yet", expected, why, AUDIT)
    old = [one for one in found.links if one.lies and one.event <= baseline.event]
    if old:
        seen = f"event {old[0].event} of the copy says: {old[0].who} {old[0].what}"
        return Verdict(True, seen[:200], expected, why, AUDIT)
    new = f", but event {found.lies[0]} does, which is new" if found.lies else ""
    return Verdict(False, f"no old event says something else{new}", expected, why, AUDIT)


@check
@about_files
def every_hash_fits(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether the copy with the lie proves itself."""
    expected = "every hash of the copy fits, although it lies"
    why = "A chain of hashes proves that nothing was changed without recomputing; recomputing takes a moment."
    found = lie.read(ws)
    if found is None:
        return Verdict(False, "there is no copy yet", expected, why, AUDIT)
    return Verdict(found.is_hidden, found.sentence, expected, why, AUDIT)


@check
@about_files
def kept_hash_tells(ws: Workspace, baseline: Baseline, stop: str, question: str) -> Verdict:
    """Tell whether the hash that was pasted is one of the history that the copy has not."""
    expected = "the hash of an event that comes after the lie, as your own history has it"
    why = "Each hash holds all before it, so one that lies elsewhere proves everything up to its event."
    kept = str(((ws.journal.read(f"course/{stop}") or {}).get("answers") or {}).get(question, ""))
    found = lie.read(ws, kept)
    if not kept:
        return Verdict(False, "no hash yet", expected, why, AUDIT)
    if found is None or found.kept is None:
        return Verdict(False, "there is no copy yet that it could be held against", expected, why, AUDIT)
    if found.kept.tells:
        seen = f"{short(kept)} is the hash of event {found.kept.event}; the copy has another one there"
        return Verdict(True, seen, expected, why, AUDIT)
    if found.kept.event is not None:
        seen = f"the copy has {short(kept)} as well: what comes after event {found.kept.event} it cannot prove"
    elif found.kept.copied:
        seen = f"{short(kept)} is a hash of the copy: it proves the lie"
    else:
        seen = f"{short(kept)} is the hash of no event"
    return Verdict(False, seen, expected, why, AUDIT)

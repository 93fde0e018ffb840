"""Checks of a lie that was hidden: an old event says something else, every hash fits, and a kept one gives it away."""

from __future__ import annotations

from mlops import Workspace
from playground import lie
from playground.course.verdict import Baseline, Verdict, Where, about_files, check
from playground.words import setting, short

AUDIT = Where("release", "Release, Audit log", {"view": "Audit log"})


@check
@about_files(AUDIT)
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
        return Verdict(True, setting(seen, 200), expected, why, AUDIT)
    new = f", but event {found.lies[0]} does, which is new" if found.lies else ""
    return Verdict(False, f"no old event says something else{new}", expected, why, AUDIT)


@check
@about_files(AUDIT)
def every_hash_fits(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether the copy with the lie proves itself."""
    expected = "every hash of the copy fits, although it lies"
    why = "A chain of hashes proves that nothing was changed without recomputing; recomputing takes a moment."
    found = lie.read(ws)
    if found is None:
        return Verdict(False, "there is no copy yet", expected, why, AUDIT)
    return Verdict(found.is_hidden, found.sentence, expected, why, AUDIT)


@check
@about_files(AUDIT)
def kept_hash_tells(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether the hash that was kept elsewhere is one of the history that the copy has not."""
    expected = "a hash of your own history that the copy does not have: of an event after the lie"
    why = "Each hash holds all before it, so one that lies elsewhere proves everything up to its event."
    found = lie.read(ws)
    if found is None or not (kept := found.kept):
        missing = "copy" if found is None else "hash"
        return Verdict(False, f"there is no {missing} yet", expected, why, AUDIT)
    said = short(kept.sha256)
    if kept.tells:
        seen = f"{said} is the hash of event {kept.event}; the copy has another one there"
    elif kept.event is not None and found.broken:
        seen = f"the copy has {said} too: its lie is in the open still, and needs no kept hash"
    elif kept.event is not None:
        seen = f"the copy has {said} too: nothing before event {kept.event} lies"
    else:
        seen = f"{said} is a hash of the copy: it proves the lie" if kept.copied else f"{said} is the hash of no event"
    return Verdict(kept.tells, seen, expected, why, AUDIT)

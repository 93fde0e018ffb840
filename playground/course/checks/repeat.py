"""Checks of what can be had again: a number that cannot, a run that can, and the proof in another folder."""

from __future__ import annotations

from mlops import Workspace
from playground import elsewhere
from playground.course.checks import alike
from playground.course.checks.noted import notes, trained
from playground.course.people import counts
from playground.course.verdict import Baseline, Verdict, Where, check, events_since
from playground.elsewhere import Elsewhere
from playground.words import short


@check
def told_impossible(ws: Workspace, baseline: Baseline, run: str) -> Verdict:
    """Tell whether the learner had a run of a name reproduced, and it is on record as one that cannot be.

    Parameters
    ----------
    run : str
        Name of the run, the oldest of that name.
    """
    expected = "Ravi's number on record as one that cannot be repeated"
    why = "Impossible is a verdict. It keeps a number out of a report that nobody could defend."
    meant = alike.by_name(ws, run)
    where = Where("run", "Run, reproduce", {"id": meant.run_id}, meant.run_id)
    for event in reversed(events_since(ws, baseline)):
        if event["kind"] == "run.reproduce" and event["subject"] == meant.run_id and counts(event["actor"]):
            found = event["payload"]["changes"]["reproduced"]
            if found["verdict"] == "impossible":
                return Verdict(True, str(found["why"]), expected, why, where)
    return Verdict(False, f"nobody has asked whether run {short(meant.run_id)} comes again", expected, why, where)


@check
def trained_elsewhere(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether a run of the learner's was trained in another folder, and came to the same bytes."""
    expected = "a run of yours, trained in another folder, with the same model and the same answers"
    why = "In its own folder a run may lean on what lies about. Elsewhere it has its data and its config, and no more."
    begun = trained(ws, baseline)
    mine = [one for one in map(Elsewhere.of, notes(ws, baseline, elsewhere.SUBJECT)) if one.run_id in begun]
    for one in mine:
        if one.same_model and one.same_answers:
            return Verdict(True, f"run {short(one.run_id)}: {one.said}", expected, why, _run(one.run_id))
    if mine:
        return Verdict(False, f"run {short(mine[0].run_id)}: {mine[0].said}", expected, why, _run(mine[0].run_id))
    where = Where("train", "Train, the config", {"open": "run"})
    return Verdict(False, "no run of yours was trained in another folder", expected, why, where)


def _run(run_id: str) -> Where:
    return Where("run", "Run, in another folder", {"id": run_id}, run_id)

"""Checks of like with like: which run is the candidate, whether it is best on the same rows, and why others are not.

What is wrong with a run is computed from its record: a column that gave the outcome away was warned of when it was
trained, and the rows it was judged on have a hash.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mlops import Workspace
from mlops.base.records import ref_of
from playground.course.checks.noted import BEGUN, answered
from playground.course.people import counts
from playground.course.verdict import Baseline, Verdict, Where, check, events_since
from playground.words import short

NEWEST = 300
"""Newest finished runs that are looked through."""

GIVEN_AWAY = ("leak", "dominant_column")
"""Codes of the warnings that a column may know the outcome."""

CANDIDATE = "candidate"

SEED = "training.random_state"

SHORTEST = 10
"""Characters of a note that can say why."""


def by_name(ws: Workspace, name: str) -> Any:
    """Return the oldest run with a name: the one that the story is about, whatever was trained under its name since."""
    return ws.runs.list(f"status = 'finished' and name = '{name}'", limit=NEWEST)[-1]


@check
def cause_told(ws: Workspace, baseline: Baseline, stop: str, question: str, run: str) -> Verdict:
    """Tell whether the cause that somebody gave for leaving a run out is the one that its record shows.

    Parameters
    ----------
    stop, question : str
        What was asked; its options are `leak`, `rows`, `worse`.
    run : str
        Name of the run.
    """
    expected = "the cause that the record of this run shows"
    about = by_name(ws, run)
    where = Where("run", "Run, what is known of it", {"id": about.run_id}, about.run_id)
    said = answered(ws, stop, question)
    if not said:
        why = "Ask the same of every number: from which columns, and on which rows?"
        return Verdict(False, "no answer yet", expected, why, where)
    cause, seen = _cause(about, _runs_of_then(ws, baseline))
    if said == cause:
        return Verdict(True, seen, expected, "A number is as honest as its columns and its rows.", where)
    why = "Look at the columns it learned from and the rows it was judged on, then at its number."
    return Verdict(False, "your answer is not what its record shows", expected, why, where)


def _runs(ws: Workspace) -> list[Any]:
    return ws.runs.list("status = 'finished' and data.version >= 1", limit=NEWEST)


def _runs_of_then(ws: Workspace, baseline: Baseline) -> list[Any]:
    """Return the runs that were there when the stop began: what was asked is about them."""
    since = {event["subject"] for event in events_since(ws, baseline) if event["kind"] in BEGUN}
    return [run for run in _runs(ws) if run.run_id not in since]


def best_honest(ws: Workspace) -> float | None:
    """Return the best AUC on the rows on which most recipes were judged, without a leak; None if there is none."""
    runs = _runs(ws)
    usual = _usual_rows(runs)
    found = [one for one in runs if given_away(one) is None and _rows(one) == usual]
    return max((score for one in found if (score := one.metrics.get("validation", {}).get("auc"))), default=None)


def given_away(run: Any) -> Mapping[str, Any] | None:
    """Return the warning that a run learned from a column that may know the outcome; None if there is none."""
    return next((one for one in run.warnings if one["code"] in GIVEN_AWAY), None)


def _rows(run: Any) -> str | None:
    return run.rows_sha256.get("validation")


def _usual_rows(runs: Sequence[Any]) -> str | None:
    """Return the validation rows on which most recipes without a leak were judged; of two, those that came first.

    A recipe counts once on the same rows, however often somebody trains it again.
    """
    honest = [run for run in reversed(runs) if given_away(run) is None]
    judged = Counter(rows for rows, _ in dict.fromkeys((_rows(run), _recipe(run)) for run in honest))
    return max(judged, key=judged.__getitem__, default=None)


def _recipe(run: Any) -> str:
    return repr(sorted((key, str(value)) for key, value in run.params.items() if key not in ("name", SEED)))


def _score(run: Any) -> float:
    """Return the metric by which a run is judged, the higher the better."""
    metrics = run.metrics.get("validation", {})
    return float(metrics["auc"]) if metrics.get("auc") is not None else -float(metrics.get("rmse") or "inf")


def _cause(run: Any, runs: Sequence[Any]) -> tuple[str, str]:
    """Return why a run is not the candidate, as its record shows: the kind, and what is seen; nothing if it may be."""
    if leak := given_away(run):
        return "leak", str(leak["message"]).rstrip(".")
    usual = _usual_rows(runs)
    if _rows(run) != usual:
        return "rows", f"its validation rows are {short(_rows(run))}, those of the others {short(usual)}"
    best = max((one for one in runs if given_away(one) is None and _rows(one) == usual), key=_score)
    if _score(best) > _score(run):
        return "worse", f"on the same rows run {short(best.run_id)} has {_score(best):.4f}, this one {_score(run):.4f}"
    return "", f"AUC {_score(run):.4f}, the best on the same rows without a leak"


def candidate(ws: Workspace, runs: Sequence[Any]) -> Any:
    """Return the run that is tagged as candidate; of several, the one that was tagged last."""
    tagged = {run.run_id: run for run in runs if _is_tagged(run.tags)}
    if len(tagged) < 2:
        return next(iter(tagged.values()), None)
    begun = [event["subject"] for event in ws.log() if event["kind"] in (*BEGUN, "run.tag")]
    return next(tagged[run_id] for run_id in reversed(begun) if run_id in tagged)


def _is_tagged(tags: Mapping[str, str]) -> bool:
    """Tell whether tags make a run the candidate, however somebody writes it: as a key, or as what a key says."""
    said = {key.strip().lower(): value.strip().lower() for key, value in tags.items()}
    return said.get(CANDIDATE, "no") not in ("no", "false", "0") or CANDIDATE in said.values()


def _no_candidate() -> tuple[str, Where]:
    return "no finished run has the tag candidate", Where("compare", "Compare, Annotate")


@check
def candidate_is_best(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether the tagged run is the best of those that were judged on the same rows, without a leak."""
    expected = f"the tag {CANDIDATE} on the run that is best on the same validation rows, without a leak"
    why = "Two numbers can be compared where columns are honest and rows are the same."
    runs = _runs(ws)
    run = candidate(ws, runs)
    if run is None:
        seen, where = _no_candidate()
        return Verdict(False, seen, expected, why, where)
    cause, seen = _cause(run, runs)
    others = [one for one in runs if _rows(one) == _rows(run) and _recipe(one) != _recipe(run)]
    where = Where("compare", "Compare, these runs", {"run": run.run_id}, run.run_id)
    if not cause and not others:
        cause, seen = "alone", "no other recipe was judged on its rows"
    return Verdict(not cause, f"run {short(run.run_id)} on {ref_of(run.data)}: {seen}", expected, why, where)


@check
def candidate_says_why(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether the learner wrote on the tagged run why it is the one."""
    expected = "a note of yours on the candidate that says why it is the one"
    why = "In a month nobody remembers why; the note stays with the run."
    run = candidate(ws, _runs(ws))
    if run is None:
        seen, where = _no_candidate()
        return Verdict(False, seen, expected, why, where)
    where = Where("compare", "Compare, Annotate", {"run": run.run_id}, run.run_id)
    written = [one for one in events_since(ws, baseline) if one["kind"] in (*BEGUN, "run.note")]
    mine = any(event["subject"] == run.run_id and counts(event["actor"]) for event in written)
    if not mine or not run.note:
        return Verdict(False, f"run {short(run.run_id)} has no note of yours", expected, why, where)
    if len(run.note) < SHORTEST:
        return Verdict(False, f"its note is {run.note!r}", expected, f"That says little. {why}", where)
    return Verdict(True, f"run {short(run.run_id)}: {run.note[:80]!r}", expected, why, where)

"""What the learner did and said since a stop began: notes in the journal, answers, runs that they began."""

from __future__ import annotations

from typing import Any

from mlops import Workspace
from playground.course import logbook
from playground.course.people import counts
from playground.course.verdict import Baseline, events_since

BEGUN = ("run.queue", "run.start")
"""Events with which a run begins; a note or a tag makes an old one nobody's own."""


def notes(ws: Workspace, baseline: Baseline, about: str) -> list[dict[str, Any]]:
    """Return what the learner noted of a subject, or below it, since a stop began: the fields, the newest first."""
    return [
        event["payload"]["changes"]
        for event in reversed(ws.log(baseline.event))
        if event["kind"] == "journal.write"
        and counts(event["actor"])
        and f"{event['subject']}/".startswith(f"{about}/")
    ]


def answered(ws: Workspace, stop: str, question: str) -> str:
    """Return what was answered to a question of a stop; it stands in the journal of the workspace it is about."""
    kept = ws.journal.read(logbook.subject(stop)) or {}
    return str((kept.get("answers") or {}).get(question, ""))


def trained(ws: Workspace, baseline: Baseline) -> set[str]:
    """Return the runs that the learner began since a stop began."""
    by = {event["subject"]: event["actor"] for event in reversed(events_since(ws, baseline)) if event["kind"] in BEGUN}
    return {run_id for run_id, who in by.items() if counts(who)}

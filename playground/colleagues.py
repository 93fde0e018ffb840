"""Colleagues: what others do on their own when a month is over, as a story has planned it.

The plan stands in the journal of the workspace, so it happens by whatever door time passes. What they do is real: a
retraining that the release check may refuse. Only who does it is simulated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops import MlopsError, Workspace

SUBJECT = "plan"
"""Where the journal has what colleagues will do: month -> who, and why."""


def plan(ws: Workspace, month: str, who: str, reason: str) -> None:
    """Let a colleague retrain what is live once a month is over."""
    ws.journal.write(SUBJECT, {month: {"who": who, "reason": reason}})


def act(ws: Workspace, month: str) -> str:
    """Do what is planned for the end of a month, and say what came of it; nothing where nothing is planned or left."""
    planned: Mapping[str, Any] = (ws.journal.read(SUBJECT) or {}).get(month) or {}
    if not planned or "done" in planned:
        return ""
    who = Workspace.open(ws.path, create=False, actor=planned["who"])
    try:
        why = who.retraining.retrain("production", reason=planned["reason"]).why
    except MlopsError as problem:  # whatever stands in the way, the month is over
        why = problem.message
    ws.journal.write(SUBJECT, {month: {**planned, "done": why}})
    return f"{planned['who']} {planned['reason']}: {why}"

"""Verdicts: what a check says about one goal.

A check is a pure function ``check(ws, baseline, **args) -> Verdict``. It reads the workspace and nothing else, so the
command line, a program and every screen give the same verdict. It is found by its name, which stands in the mission.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from mlops import Workspace
from mlops.base.records import Record


@dataclass(frozen=True)
class Baseline(Record):
    """The workspace as it was when a stop began."""

    event: int
    """Number of its last event then."""
    head_sha256: str
    """Hash of that event: it proves all events before it."""


@dataclass(frozen=True)
class Where(Record):
    """Where to look: a screen, and the record or event that is meant."""

    page: str
    """Name of the screen."""
    text: str
    """The place in words, as the screen names it."""
    query: Mapping[str, str] = field(default_factory=dict)
    """What the link to the screen carries."""
    record: str | None = None
    """The dataset version, run, model, deployment or prediction that is meant."""
    event: int | None = None
    """Number of the event that is meant; the last one of the workspace if no other is."""


@dataclass(frozen=True)
class Verdict(Record):
    """What is true about a goal now."""

    ok: bool
    observed: str
    """What is there, with its values."""
    expected: str
    """What would make it true."""
    why: str
    """Why this is asked for, or what is missing."""
    where: Where
    of_files: bool = False
    """Whether it was let pass because only files could tell, and files have no past."""


Check = Callable[..., Verdict]
"""``check(ws, baseline, **args)``."""

CHECKS: dict[str, Check] = {}
"""Every check by its name; filled by the modules of `checks`."""


def check(function: Check) -> Check:
    """Make a function a check that missions can name."""
    CHECKS[function.__name__] = function
    return function


def about_files(where: Where) -> Callable[[Check], Check]:
    """Let a check of files pass in the past: what a file said then, nobody knows, and a past is asked only again.

    Parameters
    ----------
    where : Where
        Where those files are looked at as they are today.
    """
    seen = "files have no past: what they said then is not on record"
    unknown = Verdict(True, seen, "files as they are today", "No event tells of an edit.", where, of_files=True)

    def letting_pass(judge: Check) -> Check:
        @wraps(judge)
        def judged(ws: Workspace, baseline: Baseline, **args: Any) -> Verdict:
            return judge(ws, baseline, **args) if ws.event is None else unknown

        return judged

    return letting_pass


def events_since(ws: Workspace, baseline: Baseline) -> list[dict[str, Any]]:
    """Return what happened since a stop began, oldest first, without the notes of the course itself."""
    return [event for event in ws.log(baseline.event) if not event["kind"].startswith("journal.")]

"""Months that pass beside a screen: a job that brings one after the other, each of which can be taken back."""

from __future__ import annotations

from pathlib import Path

from mlops import Workspace
from playground import company, folders
from playground.calendar import month_told
from playground.jobs import Job


def name(path: Path) -> tuple[str, str]:
    """Return the name of the job of a workspace: there is one calendar, so there is one job."""
    return ("months", str(path.absolute()))


def carry_out(path: Path, job: Job, most: int | None = None, until_surprise: bool = False) -> None:
    """Bring months; who pauses waits for the end of the one that has begun.

    Parameters
    ----------
    most : int, optional
        At most so many; to the end of the story if not given.
    until_surprise : bool
        Stop after the first month that nobody expected.
    """
    ws, played = Workspace.open(path, create=False), 0
    while (most is None or played < most) and (not played or company.goes_on(ws)):
        job.look()
        folders.remember(ws)
        month = company.next_month(ws, job.say)
        played += 1
        if until_surprise and month.surprise:
            return


def move(ws: Workspace, time: str) -> None:
    """Move the date, so that it can be taken back; see `company.move`."""
    folders.remember(ws)
    company.move(ws, time)


def can_take_back(ws: Workspace) -> str | None:
    """Return what would be taken back, the last month or the last move of the date; None if there is nothing."""
    if (before := folders.remembered(ws)) is None or before.now() == ws.now():
        return None
    month, earlier = company.last(ws), company.last(before)
    return "the move of the date" if month == earlier else month_told(month.month)

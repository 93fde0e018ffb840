"""The lab "The stale model": ways that miss one goal alone."""

from __future__ import annotations

from mlops import Workspace, sample
from playground import chain
from playground.course import acts
from playground.course.checks.stale import came
from playground.course.mission import load

SLOW = True
"""It lives through half a year."""


def _never_repaired(ws: Workspace) -> None:
    """Left out of the window, July is no harm; what came is lost all the same."""
    acts.carry_out(ws, [step for step in load("stale").solution if step.do != "repair"])


def _taken_for_the_bug(ws: Workspace) -> None:
    acts.say(ws, "stale", "august", "bug")


def _rolled_back(ws: Workspace) -> None:
    ws.rollback("production", "Jo's was fine", model=acts.MODEL)


def _learned_the_minutes(ws: Workspace) -> None:
    """Somebody joins the months by hand, one to the other, July as it came; the release check has no word on that."""
    months = [came(ws, month, acts.MODEL) for month in ("2024-10", "2024-09", "2024-07")]
    summer = ws.datasets.join(months[1:], sample.NAME, message="what I found first")
    data = ws.datasets.join([months[0], summer.ref], sample.NAME, message="all I could find")
    model = ws.models.register(ws.train(chain.SAMPLE_CONFIG, data=data.ref), acts.MODEL)
    ws.deploy(model, "staging", "rehearsal")
    ws.deploy(model, "production", "more rows", data=months[0])


def _not_waited_for(ws: Workspace) -> None:
    acts.carry_out(ws, load("stale").solution[:-1])


def _left_in_november(ws: Workspace) -> None:
    """October's outcomes are known, and the year is not over."""
    _not_waited_for(ws)
    acts.play_to(ws, "2024-11")


MUTANTS = {
    "repaired": _never_repaired,
    "august": _taken_for_the_bug,
    "live": _rolled_back,
    "sound": _learned_the_minutes,
    "proof": _not_waited_for,
}
MORE = (("proof", _left_in_november),)
FROM_SOLVED = (_taken_for_the_bug, _rolled_back, _learned_the_minutes)

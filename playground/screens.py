"""The screens, listed once: name, place in the four phases, and the condition to leave.

A phase has a goal; a screen says when its part of that goal is reached, and the chain knows whether it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from playground.chain import Chain


@dataclass(frozen=True)
class Phase:
    """One of the four phases, and when it is behind you."""

    number: int
    name: str
    goal: str
    exit: str
    reached_by: str
    """The field of `Chain` that is filled once the exit condition holds."""


PHASES = (
    Phase(1, "Experimentation", "an approach that works", "a first run", "run"),
    Phase(2, "Development", "anyone can run it again", "a registered model", "model"),
    Phase(3, "Staging", "confidence before customers", "one model live", "production"),
    Phase(4, "Production", "value that lasts", "a prediction made", "predictions"),
)


@dataclass(frozen=True)
class Screen:
    """One page of the app."""

    name: str
    """File in `pages/` and path in the URL."""
    title: str
    icon: str
    phase: int
    """Number of its phase; 0 for a screen that follows the chain through all four."""
    exit: str = ""
    """What must be true to go on; the phase's own condition if empty."""
    reached_by: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class Place:
    """Where a screen stands in the four phases now."""

    phase: Phase
    exit: str
    reached: bool


def place(screen: Screen, chain: Chain) -> Place:
    """Return the phase of a screen, its exit condition, and whether that holds.

    Examples
    --------
    >>> place(screen("data"), Chain()).exit
    'the data has a version'
    """
    if screen.phase:
        phase = PHASES[screen.phase - 1]
    else:
        phase = next((one for one in PHASES if not getattr(chain, one.reached_by)), PHASES[-1])
    return Place(phase, screen.exit or phase.exit, bool(getattr(chain, screen.reached_by or phase.reached_by)))


SCREENS = (
    Screen("start", "Start", "rocket_launch", 0),
    Screen("data", "Data", "database", 1, "the data has a version", "dataset"),
    Screen("train", "Train", "model_training", 2, "a config file made a run", "run"),
    Screen("compare", "Compare", "compare_arrows", 2, "one run is registered", "model"),
    Screen("release", "Release", "deployed_code", 3, "one model is live", "production"),
    Screen("predict", "Predict", "bolt", 4, "answers name their model", "predictions"),
    Screen("monitor", "Monitor", "monitor_heart", 4, "outcomes confirm predictions", "outcomes"),
    Screen("guide", "Guide", "explore", 0),
    Screen("run", "Run", "science", 2, "a config file made a run", "run", hidden=True),
    Screen("sweep", "Sweep", "query_stats", 2, "a config file made a run", "run", hidden=True),
    Screen("model", "Model", "deployed_code", 3, "one model is live", "production", hidden=True),
)


def screen(name: str) -> Screen:
    """Return the screen of that name."""
    return next(one for one in SCREENS if one.name == name)

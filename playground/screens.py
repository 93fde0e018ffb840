"""The screens, listed once, and the four phases that the chain goes through.

A phase has a goal and a condition to leave; the chain knows whether it holds.
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

    def is_behind(self, chain: Chain) -> bool:
        """Tell whether its exit condition holds.

        Examples
        --------
        >>> [phase.is_behind(Chain(run=object())) for phase in PHASES]
        [True, False, False, False]
        """
        return bool(getattr(chain, self.reached_by))


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
    hidden: bool = False


TEACHER = Screen("teacher", "Your class", "groups", hidden=True)
"""The page of whoever teaches: it is there for those alone who have its key, so it stands in no list of screens."""

SCREENS = (
    Screen("start", "Start", "rocket_launch"),
    Screen("data", "Data", "database"),
    Screen("train", "Train", "model_training"),
    Screen("compare", "Compare", "compare_arrows"),
    Screen("release", "Release", "deployed_code"),
    Screen("predict", "Predict", "bolt"),
    Screen("monitor", "Monitor", "monitor_heart"),
    Screen("guide", "Guide", "explore"),
    Screen("run", "Run", "science", hidden=True),
    Screen("difference", "What differs", "difference", hidden=True),
    Screen("sweep", "Sweep", "query_stats", hidden=True),
    Screen("model", "Model", "deployed_code", hidden=True),
)

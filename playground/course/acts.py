"""Acts: the steps by which a solution can be carried out, by name.

They are what "Show me" does on a copy, what "Skip" does in a chapter, and what the tests do. Each is a few calls of the
workspace, as a person or a program would make them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mlops import Workspace
from playground import chain
from playground.course.mission import Step
from playground.course.people import RUN_THE_CHAIN

ACTS: dict[str, Callable[..., None]] = {}
"""Every act by its name."""


def act(function: Callable[..., None]) -> Callable[..., None]:
    """Make a function an act that missions can name."""
    ACTS[function.__name__] = function
    return function


def carry_out(ws: Workspace, steps: Iterable[Step]) -> None:
    """Do one step after the other."""
    for step in steps:
        ACTS[step.do](ws, **step.args)


@act
def run_the_chain(ws: Workspace) -> None:
    """Build the missing links of the chain, as the button does; the training runs here and now."""
    button = Workspace.open(ws.path, create=False, actor=RUN_THE_CHAIN)
    while link := chain.next_step(found := chain.read(button)):
        if link.stage == "train":
            button.train(chain.SAMPLE_CONFIG, data=found.dataset.ref)
        else:
            link.act(button, found)


@act
def ask_customer(ws: Workspace, environment: str = "production", row: int = 0) -> None:
    """Ask the live model about one customer of the data it learned from."""
    live = ws.releases.all_live(environment)[-1]
    ref = f"{live.model['name']}@{environment}"
    frame = ws.datasets.frame(ws.models.get(ref).data_version)
    customer: dict[str, Any] = {key: plain(value) for key, value in frame.iloc[row].items()}
    ws.predict(ref, customer)


def plain(value: Any) -> Any:
    """Return a cell of a table as plain JSON has it."""
    value = value.item() if hasattr(value, "item") else value
    return None if value is None or value != value or str(value) == "<NA>" else value

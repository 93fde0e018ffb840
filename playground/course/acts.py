"""Acts: the steps by which a solution can be carried out, by name.

They are what "Show me" does on a copy, what "Skip" does in a chapter, and what the tests do. Each is a few calls of the
workspace, as a person or a program would make them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from mlops import Workspace, sample
from mlops.base.clock import parse_instant
from mlops.base.errors import ConfigError
from playground import chain
from playground.course import logbook
from playground.course.asked import plain
from playground.course.checks import alike, repeated
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
        if link.kind == "run":
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


@act
def keep_file(
    ws: Workspace, file: str, name: str = sample.NAME, message: str = "Jo's corrections, from the shared folder"
) -> None:
    """Keep a file of the sample as the next version of a dataset."""
    target = None if any(one.name == name for one in ws.datasets.list()) else "churn"
    ws.datasets.add(sample.FILE.with_name(file), name, target=target, message=message)


@act
def train(ws: Workspace, source: str, config: Mapping[str, Any] | None = None, note: str = "") -> None:
    """Train with the config of the sample, on the newest version that came from a file of this name."""
    kept = next(one for one in ws.datasets.list() if one.name == sample.NAME and one.source == source)
    ws.train(chain.SAMPLE_CONFIG, overrides=config, data=kept.ref, note=note)


@act
def misspell(ws: Workspace, key: str, value: Any) -> None:
    """Try to train with a key that there is none of, and be refused."""
    with suppress(ConfigError):
        ws.train(chain.SAMPLE_CONFIG, overrides={key: value})


@act
def reproduce(ws: Workspace, seeded: bool = True) -> None:
    """Have the newest run that kept its seed trained again, or the newest that did not."""
    ws.reproduce(next(run.run_id for run in repeated.runs(ws) if (run.seed is not None) == seeded))


@act
def tag(ws: Workspace, run: str, key: str, value: str = "yes") -> None:
    """Give a run of a name, the oldest, a tag."""
    ws.runs.tag(alike.by_name(ws, run).run_id, key, value)


@act
def note(ws: Workspace, run: str, text: str) -> None:
    """Write on a run of a name, the oldest."""
    ws.runs.note(alike.by_name(ws, run).run_id, text)


@act
def say(ws: Workspace, stop: str, question: str, value: str) -> None:
    """Answer a question of a stop, in the workspace in which it happens."""
    answers = (ws.journal.read(logbook.subject(stop)) or {}).get("answers") or {}
    ws.journal.write(logbook.subject(stop), {"answers": {**answers, question: value}})


@act
def read_replay(ws: Workspace, stop: str, question: str, customer: str, time: str, tz: str) -> None:
    """Replay what was answered about a customer at an instant, and say the probability it gives."""
    at = parse_instant(time, tz)
    asked = next(one for one in ws.predictions.list() if one["id"] == customer and one["at"] == at)
    again = ws.predictions.replay(asked["prediction_id"]).recomputed
    score = next(value for key, value in again.items() if key.endswith("_probability"))
    say(ws, stop, question, repr(score))


@act
def roll_back(ws: Workspace, reason: str, to: str | None = None, environment: str = "production") -> None:
    """Make an earlier version live again."""
    ws.rollback(environment, reason, to=to)


@act
def release_anew(ws: Workspace, data: str, config: Mapping[str, Any]) -> None:
    """Train a new version on data that is right, and release it through staging and the check."""
    run = ws.train(chain.SAMPLE_CONFIG, overrides=config, data=data)
    model = ws.models.register(run, "churn_model")
    ws.deploy(model, "staging", "rehearsal")
    ws.deploy(model, "production", "learned from the right outcomes")

"""Acts: the steps by which a solution can be carried out, by name.

They are what "Show me" does on a copy, what "Skip" does in a chapter, and what the tests do. Each is a few calls of the
workspace, as a person or a program would make them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from mlops import Workspace, sample
from mlops.base.clock import parse_instant
from mlops.base.errors import ConfigError, RefusedError
from mlops.experiments import config_files
from mlops.experiments.yaml_edit import set_value
from playground import chain, company, doors, servers
from playground.course import logbook
from playground.course.asked import plain
from playground.course.checks import alike, repeated
from playground.course.mission import Step
from playground.course.people import RUN_THE_CHAIN
from playground.rest import Place

ROOT = Path(__file__).parents[2]
MODEL = "churn_model"

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
    chain.build(Workspace.open(ws.path, create=False, actor=RUN_THE_CHAIN))


@act
def ask_customer(ws: Workspace, environment: str = "production", row: int = 0) -> None:
    """Ask the live model about one customer of the data it learned from."""
    live = ws.releases.newest_live(environment)
    ref = f"{live.model['name']}@{environment}"
    frame = ws.datasets.frame(ws.models.get(ref).data_version)
    customer: dict[str, Any] = {key: plain(value) for key, value in frame.iloc[row].items()}
    ws.predict(ref, customer)


@act
def ask_listed(ws: Workspace, row: int = 0, model: str = MODEL) -> None:
    """Ask the live model about one customer of Lena's list, through the form."""
    ws.predict(f"{model}@production", _on_list(row))


@act
def call_rest(ws: Workspace, row: int = 0, model: str = MODEL) -> None:
    """Ask it about one over HTTP, of a server that runs for a moment."""
    with servers.running(Place(str(ws.path.absolute()), "production", model)) as server:
        server.call(_on_list(row))


@act
def answer_list(ws: Workspace, model: str = MODEL) -> None:
    """Let it answer the whole list."""
    ws.batch_predict(f"{model}@production", data=doors.LIST)


@act
def serve_and_send(ws: Workspace, row: int = 0, model: str = MODEL) -> None:
    """Start a server in a shell, and send it a customer with nothing but the standard library."""
    line = ["--workspace", str(ws.path), "serve", "--env", "production", "--model", model, "--port", "0"]
    with subprocess.Popen(
        [sys.executable, "-m", "mlops", *line, "--json", "--until-eof"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        url = json.loads(server.stdout.readline())["url"]  # type: ignore[union-attr]
        sent = Request(f"{url}/predict", json.dumps(_on_list(row)).encode(), {"Content-Type": "application/json"})
        with urlopen(sent, timeout=60) as reply:
            reply.read()
        server.stdin.close()  # type: ignore[union-attr]


def _on_list(row: int) -> dict[str, Any]:
    return [*doors.listed(row + 1).values()][row]


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
def register(ws: Workspace, run: str, name: str = MODEL) -> None:
    """Give the newest run whose note begins so a version."""
    ws.models.register(next(one for one in repeated.runs(ws) if one.note.startswith(run)), name)


@act
def describe(ws: Workspace, **card: str) -> None:
    """Say on the card of the newest version what it is for, who answers for it, what it must not be used for."""
    ws.models.describe(newest(ws), **card)


@act
def deploy(ws: Workspace, environment: str, reason: str, override: str | None = None) -> None:
    """Release the newest version."""
    ws.deploy(newest(ws), environment, reason, override=override)


@act
def refused(ws: Workspace, environment: str, reason: str) -> None:
    """Try to release the newest version, and be refused."""
    with suppress(RefusedError):
        deploy(ws, environment, reason)


def newest(ws: Workspace, name: str = MODEL) -> str:
    """Return the newest version of a name."""
    return next(one.ref for one in ws.models.list() if one.name == name)


@act
def put_back(ws: Workspace, key: str, reason: str, environment: str = "production") -> None:
    """Let the config file say of a key what it said at the last release."""
    ws.worlds.put_back(environment, key, reason, model=MODEL)


@act
def codify(ws: Workspace, key: str, reason: str, environment: str = "production") -> None:
    """Say in the overlay of an environment that a key is meant to be another one there."""
    ws.worlds.codify(environment, key, reason, model=MODEL)


@act
def edit(ws: Workspace, key: str, value: Any) -> None:
    """Write a value into the config file of the workspace, as with an editor."""
    file = config_file(ws)
    file.write_text(set_value(file.read_text(encoding="utf-8"), key, value), encoding="utf-8", newline="\n")


@act
def train_from_file(ws: Workspace, environment: str = "production") -> None:
    """Train from the config file of the workspace with the overlay of an environment."""
    ws.train(config_file(ws), environment=environment)


def config_file(ws: Workspace) -> Path:
    """Return the config file that the environments of a workspace share."""
    return ws.path / config_files.FOLDER / chain.SAMPLE_CONFIG.name


@act
def roll_back(ws: Workspace, reason: str, to: str | None = None, environment: str = "production") -> None:
    """Make an earlier version live again."""
    ws.rollback(environment, reason, to=to)


@act
def release_anew(ws: Workspace, data: str, config: Mapping[str, Any]) -> None:
    """Train a new version on data that is right, and release it through staging and the check."""
    run = ws.train(chain.SAMPLE_CONFIG, overrides=config, data=data)
    model = ws.models.register(run, MODEL)
    ws.deploy(model, "staging", "rehearsal")
    ws.deploy(model, "production", "learned from the right outcomes")


@act
def play_to(ws: Workspace, month: str) -> None:
    """Let months pass to the end of one."""
    while (company.to_come(ws) or "9999") <= month:
        company.next_month(ws)


@act
def retrain(ws: Workspace, reason: str, environment: str = "production") -> None:
    """Retrain what is live on what is known, and promote it if the release check lets it."""
    ws.retraining.retrain(environment, reason=reason)

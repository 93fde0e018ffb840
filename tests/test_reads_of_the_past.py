"""The past is a workspace: whatever it is asked, it answers as a copy that was taken then.

A history is any order of moves. Now and then the workspace is really copied, and looked at as it is, so that something
of that moment is kept in this process; then history goes on, and at its end every public read of every noun is asked of
each copy and of the past of the same event. A read that is new must be put on the list, or the list says so.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops import Workspace
from mlops.base.errors import MlopsError, PastError
from mlops.release import request_log
from tests.conftest import LOGISTIC, STUMP, customers_frame
from tests.old_workspace import Nobody

ENVIRONMENTS = ("staging", "production")

NO_READS = {
    **dict.fromkeys(("open", "begin", "fork"), "make a workspace"),
    **dict.fromkeys(("at", "event"), "are about the past itself"),
    **{
        "verify": "is refused",
        "position": "is about the queue of this process",
        "predictions.sync": "waits for the disk",
        "batches.schedule": "writes lines for the machine, of no record",
    },
}
"""What stands on a workspace and neither reads nor records, and why."""


class History:
    """A workspace to which things happen on simulated days; luck decides the details of each."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.luck, self.day = folder, random.Random(seed), 0
        self.ws = Workspace.open(folder / "ws", actor="ada")
        self.copies: list[Workspace] = []
        self.frame = customers_frame()
        self.later()
        self.data()
        self.trained()
        self.released()

    def later(self) -> None:
        """A day passes."""
        self.day += 1
        self.ws.set_clock(f"2024-01-{self.day:02}T12:00:00Z")

    def data(self) -> None:
        """A version is kept, of which fees or a role are others."""
        table = self.frame.assign(monthly_fee=self.frame["monthly_fee"] + self.luck.randint(0, 2))
        table.to_csv(self.folder / "customers.csv", index=False)
        time = self.luck.choice([None, "signed_up"])
        self.ws.datasets.add(self.folder / "customers.csv", "customers", target="churn", id="customer_id", time=time)

    def outcomes(self) -> None:
        """Something becomes known of some customers."""
        part = self.frame[["customer_id", "churn"]].sample(20, random_state=self.luck.randint(0, 99))
        part.to_csv(self.folder / "outcomes.csv", index=False)
        self.ws.outcomes.add(self.folder / "outcomes.csv", "customers")

    def joined(self) -> None:
        """The rows of two versions are put together."""
        versions = [version.ref for version in self.ws.datasets.list() if version.name == "customers"]
        self.ws.datasets.join(versions[:2], "joined")

    def trained(self) -> None:
        """A run is trained."""
        data = self.ws.datasets.list()[0].name
        config, seed = self.luck.choice([STUMP, LOGISTIC]), self.luck.randint(0, 3)
        self.ws.train(config, data=data, seed=seed, note="a try")

    def queued(self) -> None:
        """A run waits, or is cancelled."""
        run = self.ws.submit(STUMP, data="customers", pool=Nobody())
        if self.luck.random() < 0.5:
            self.ws.runs.cancel(run.run_id)

    def swept(self) -> None:
        """Trials of one sweep."""
        self.ws.sweep(STUMP, {"model.max_depth": [1, 2, 3], "model.n_estimators": [1, 2]}, data="customers")

    def noted(self) -> None:
        """A run from long ago gets a note, a tag, and is looked at."""
        run = self.luck.choice(self.ws.runs.list())
        self.ws.runs.note(run.run_id, f"day {self.day}")
        self.ws.runs.tag(run.run_id, "day", str(self.day))
        self.ws.runs.open_test(run.run_id)
        self.ws.journal.write("course/freeze", {"day": self.day, f"day-{self.day}": True})

    def logged(self) -> None:
        """A run comes from elsewhere."""
        self.ws.runs.log("elsewhere", {"model.type": "other"}, {"test": {"auc": self.luck.random()}})

    def released(self) -> None:
        """A run is registered and goes live, in one place or in both."""
        finished = [run for run in self.ws.runs.list() if run.status == "finished" and run.model_sha256]
        name = (
            self.luck.choice(["churn_model", "churn_model", "other_model"]) if self.ws.models.list() else "churn_model"
        )
        model = self.ws.models.register(self.luck.choice(finished), name)
        for environment in ENVIRONMENTS[: self.luck.randint(1, 2)]:
            self.ws.deploy(model, environment, f"day {self.day}", override="because")

    def rolled_back(self) -> None:
        """What was live before is live again, and what was may be rejected."""
        left = self.ws.releases.live("staging", "churn_model")
        self.ws.rollback("staging", "again", model="churn_model")
        if left:
            self.ws.models.reject(f"churn_model@{left.model['version']}", "bad")

    def asked(self) -> None:
        """Some customers are asked about, and a file."""
        for row in self.frame.sample(5, random_state=self.luck.randint(0, 99)).to_dict("records"):
            known = {name: None if pd.isna(value) else value for name, value in row.items() if name != "churn"}
            self.ws.predict("churn_model@staging", {**known, "signed_up": row["signed_up"].isoformat()})
        self.frame.head(5).to_csv(self.folder / "ask.csv", index=False)
        self.ws.batch_predict("churn_model@latest", self.folder / "ask.csv", self.folder / "answers.csv")
        self.ws.batch_predict("churn_model@staging", self.folder / "ask.csv")

    def alerted(self) -> None:
        """Somebody looks whether something is wrong."""
        self.ws.monitoring.record_best(self.ws.now()[:7], self.day / 100, "luck")
        for alert in self.ws.alerts.update("staging", "churn_model"):
            self.ws.alerts.acknowledge(alert.id, f"seen on day {self.day}")

    def shadowed(self) -> None:
        """A candidate answers silently what staging is asked, now and then also what it was asked before."""
        candidate = self.luck.choice([one.ref for one in self.ws.models.list()])
        self.ws.shadow.start(candidate, "staging", "churn_model", back=self.luck.random() < 0.7)
        self.asked()
        self.ws.shadow.follow("staging", "churn_model")

    def ruled(self) -> None:
        """The release check asks for something else."""
        self.ws.gate_rules.set("production", margin=self.luck.randint(1, 5) / 100, reason=f"day {self.day}")

    def copied(self) -> None:
        """Somebody takes a copy, and looks at a part of what is there."""
        copy = self.ws.fork(self.folder / f"copy-{len(self.copies)}")
        past = self.ws.at(event=copy.head())
        for look in self.luck.sample([past.runs.list, past.models.list, past.datasets.list, past.runs.fields], 2):
            look()
        self.copies.append(copy)
        # A request of this very instant belongs to the past of this event as well; a copy that is there lacks it.
        self.ws.journal.write("test/copied", {"copies": len(self.copies)})


MOVES: tuple[Callable[[History], None], ...] = tuple(
    move for name, move in vars(History).items() if not name.startswith("_")
)


def reads(ws: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """Return every public read, by its name, with what it can be asked in a workspace."""
    data = [version.ref for version in ws.datasets.list()]
    runs = ws.runs.list()
    ids = [run.run_id for run in runs]
    finished = [run.run_id for run in runs if run.predictions_sha256]
    models = [model.ref for model in ws.models.list()]
    requests = [request["prediction_id"] for request in ws.predictions.list()]
    sweeps = ws.sweeps.list()
    rows = [request["row"] for request in ws.predictions.list(limit=3)]
    names = ["churn_model", "other_model"]
    day = ws.now()
    places = [(place,) for place in ENVIRONMENTS]
    named = [(place, name) for place in ENVIRONMENTS for name in names]
    told = {
        "now clock head datasets.list models.list batches.list journal.all": [()],
        "runs.queue runs.fields sweeps.list": [()],
        "log": [(), (3,)],
        "live_at": [*((day, place, None, name) for place, name in named), ("2024-01-01T12:00:00Z", "staging")],
        "lineage": [(ref,) for ref in [*data, *ids, *models, *requests[:3]]],
        "datasets.get datasets.table datasets.frame": [(ref,) for ref in [*data, "customers", "customers@9"]],
        "datasets.profile datasets.notes datasets.validate datasets.readiness": [(ref,) for ref in data[:2]],
        "datasets.readiness_of": [(ws.datasets.list(),)],
        "retraining.rule retraining.due retraining.list": [*named, *places],
        "drift": [*pairwise(data)],
        "datasets.held": [(ref, ws.datasets.get(ref)) for ref in data[:2]],
        "datasets.diff datasets.cells": [*pairwise(reversed(data))],
        "datasets.recognise": [(ws.path.parent / "customers.csv",)],
        "datasets.checkout": [(ref, ws.path.parent / "out.csv") for ref in data[:1]],
        "outcomes.known": [("customers",), ("customers", "2024-01-02T12:00:00Z"), ("customers", day)],
        "runs.get runs.progress runs.document runs.curves runs.predictions runs.source": [(one,) for one in ids],
        "runs.text": [(one, name) for one in ids for name in ("config.yaml", "train.log")],
        "runs.file": [(run, "run.json") for run in runs],
        "runs.load": [(run,) for run in runs],
        "runs.list": [(), ("tags.day >= '0'",), ("status = 'finished'", "-metrics.test.auc", 3), (None, "started_at")],
        "runs.table": [(["note", "tags.day", "metrics.validation.auc"],)],
        "comparisons.compare": [(ids,)],
        "comparisons.judged comparisons.thresholds": [(one,) for one in finished[:4]],
        "comparisons.difference comparisons.diff comparisons.answers": [*pairwise(finished)][:2],
        "comparisons.reevaluate comparisons.judged_again": [(finished[:2],)],
        "sweeps.get sweeps.importance": [(one,) for one in [*sweeps, "s0"]],
        "models.get models.metadata models.load models.path models.verify models.why_rejected": [
            (ref,) for ref in [*models, "churn_model", "churn_model@staging", "@production"]
        ],
        "releases.timeline": [*places, *named, ("staging", None, 2)],
        "releases.all_live releases.newest_live releases.moves gate_rules.get": places,
        "deployments.preview": [*places, *((place, {"model": name}) for place, name in named)],
        "releases.live releases.earlier": named,
        "worlds.read": [*((name,) for _, name in named), ()],
        "worlds.judge": [(ref, "staging") for ref in models],
        "releases.live_at": [(day, place, None, name) for place, name in named],
        "releases.all_live_at": [(day, "staging"), (day, "production"), ("2030-01-01", "staging")],
        "predictions.list": [(), (2,), (None, "churn_model")],
        "predictions.answered": [(None, "churn_model"), *named],
        "monitoring.report alerts.list": [*places, *named],
        "monitoring.month": [(*one, day[:7]) for one in named],
        "monitoring.known": named,
        "shadow.report shadow.pairs shadow.now": named,
        "shadow.list": [(), *named],
        "predictions.get predictions.replay": [(one,) for one in [*requests[:2], "p0"]],
        "predictions.suppose": [(who, row, {}) for who in [*models[:2], *finished[:2]] for row in rows],
        "predictions.what_if": [(ws.models.load(models[0]), ws.models.load(ref)) for ref in models[1:2]],
        "journal.read": [("course/freeze",), ("test/copied",)],
    }
    return {name: questions for names, questions in told.items() for name in names.split()}


def everything(ws: Workspace) -> dict[str, Any]:
    """Return every public verb of a workspace and of its nouns, by its name."""
    found: dict[str, Any] = {}
    for name, member in vars(Workspace).items():
        if isinstance(member, cached_property):
            noun = type(getattr(ws, name))
            found |= {f"{name}.{verb}": told for verb, told in vars(noun).items() if not verb.startswith("_")}
        elif not name.startswith("_"):
            found[name] = member
    return found


def plain(value: Any, root: Path) -> Any:
    """Return an answer as plain values that can be compared, whatever it is made of."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name), root) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {repr(key): plain(item, root) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset | Iterator):
        return [plain(item, root) for item in value]
    if isinstance(value, Path):
        return value.relative_to(root.parent).parts[-1], value.read_bytes()
    if isinstance(value, pd.DataFrame):
        return value.to_json(orient="split")
    if isinstance(value, pa.Table | pa.ChunkedArray):
        return repr(value.to_pylist())
    if isinstance(value, np.ndarray):
        return repr(value.tolist())
    if hasattr(value, "predict"):
        return type(value)
    if isinstance(value, FunctionType):
        return plain(value(), root)
    if type(value).__module__.startswith("mlops"):
        return plain(vars(value), root)
    return repr(value)


def answer(ws: Workspace, name: str, arguments: tuple[Any, ...]) -> Any:
    """Return what a workspace answers, or how it refuses; a mapping at the end are arguments with a name."""
    *given, last = arguments or (None,)
    given, options = (given, last) if isinstance(last, dict) else (arguments, {})
    verb: Any = ws
    for part in name.split("."):
        verb = getattr(verb, part)
    try:
        return plain(verb(*given, **options), ws.path)
    except MlopsError as error:
        return type(error), str(error)


def check(history: History) -> set[str]:
    """Ask every copy and its past the same; return which reads had an answer."""
    answered = set()
    for copy in history.copies:
        past = history.ws.at(event=copy.head())
        for name, questions in reads(copy).items():
            for arguments in questions:
                expected = answer(copy, name, arguments)
                assert answer(past, name, arguments) == expected, (name, arguments)
                if not is_refusal(expected):
                    answered.add(name)
        again = past.fork(history.folder / f"again-{copy.head()}")
        assert again.verify()["problems"] == []
        assert (again.log(), again.predictions.list()) == (copy.log(), copy.predictions.list())
    assert history.ws.verify()["problems"] == []
    return answered


def is_refusal(told: Any) -> bool:
    return isinstance(told, tuple) and isinstance(told[0], type)


def test_every_read_is_compared(released: Workspace):
    """What is public either records something, and says so, or is asked below, or is named with the reason."""
    verbs = everything(released)
    marked = {name for name, verb in verbs.items() if name not in NO_READS and hasattr(verb, "__wrapped__")}
    assert verbs.keys() - marked - NO_READS.keys() == reads(released).keys()


def test_whatever_records_something_is_refused_before_it_reads_or_touches_anything(released: Workspace):
    """With whatever arguments: so nothing is looked at, and no file of the workspace is another one afterwards."""
    past = released.at("2024-02-01")
    before = {path: path.stat().st_mtime_ns for path in [released.path, *released.path.rglob("*")]}
    refused = []
    for name, verb in everything(released).items():
        if name not in NO_READS and hasattr(verb, "__wrapped__"):
            noun, _, told = name.rpartition(".")
            with pytest.raises(PastError, match="^This is the past "):
                getattr(getattr(past, noun) if noun else past, told)()
            refused.append(name)
    assert {path: path.stat().st_mtime_ns for path in [released.path, *released.path.rglob("*")]} == before
    assert {"train", "submit", "gate", "deploy", "rollback", "predict", "runs.cancel", "datasets.add"} < {*refused}


def test_what_forgets_that_it_writes_is_refused_by_the_ledger(released: Workspace):
    """The mark is for manners; whoever comes as far as the ledger, or to what is under way, is stopped there."""
    past = released.at("2024-02-01")
    run = past.runs.list()[0]
    verbs: list[Callable[[], Any]] = [
        lambda: type(past.runs).note.__wrapped__(past.runs, run.run_id, "text"),
        lambda: type(past.models).reject.__wrapped__(past.models, "churn_model@1.0.0", "bad"),
        lambda: Workspace.deploy.__wrapped__(past, "churn_model@1.0.0", "development", "try"),
        lambda: Workspace.train.__wrapped__(past, STUMP),
        lambda: Workspace.submit.__wrapped__(past, STUMP, pool=Nobody()),
    ]
    for verb in verbs:
        with pytest.raises(PastError):
            verb()
    assert released.verify()["problems"] == []


@pytest.fixture
def small_segments(monkeypatch):
    """Requests are sealed after a few."""
    monkeypatch.setattr(request_log, "SEAL_AT", 6000)


def test_every_read_of_the_past_equals_that_of_a_copy_taken_then(tmp_path, small_segments):
    """Each kind of thing happens before a copy is taken, and again after it."""
    history = History(tmp_path, seed=1)
    for move in (History.copied, History.released, *MOVES, History.released, History.asked, *reversed(MOVES)):
        with suppress(MlopsError):
            move(history)
    history.asked()
    kinds = {event["kind"] for event in history.ws.log()}
    assert {"deployment.rollback", "model.reject", "segment.seal", "batch.predict", "labels.add"} <= kinds
    assert check(history) == reads(history.ws).keys()


@pytest.mark.slow
@settings(max_examples=4)
@given(st.lists(st.sampled_from(MOVES), min_size=8, max_size=30), st.integers(0, 2**32))
def test_every_read_of_any_past_equals_that_of_a_copy(tmp_path_factory, small_segments, moves, seed):
    """Any moves in any order."""
    history = History(tmp_path_factory.mktemp("history"), seed)
    for move in moves:
        with suppress(MlopsError):
            move(history)
    check(history)

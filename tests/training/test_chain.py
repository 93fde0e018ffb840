"""The chain property: any run, in any history, trained again from its record on a fresh copy, gives its bytes.

The record is what the run names: a dataset version, ``config.yaml`` with the seed, its roles and its outcomes. A history
is any order of moves: data and roles change, outcomes come in, the calendar goes on, runs are trained at once, queued
and worked later, swept; the cache fills and is cleared; the workspace is closed, opened, and goes on as a fork.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops import Workspace
from mlops.base.errors import MlopsError
from mlops.training import pipeline, reproduce, workers
from tests.conftest import customers_frame
from tests.old_workspace import Nobody

SPLIT = "training: {test_size: 0.3, validation_size: 0.3}\n"
CONFIGS = (
    f"model: {{type: logistic_regression}}\n{SPLIT}",
    f"model: {{type: gradient_boosting, n_estimators: 2, max_depth: 2}}\n{SPLIT}",
    f"model: {{type: random_forest, n_estimators: 3}}\nfeatures: {{exclude: [region]}}\n{SPLIT}",
    f"model: {{type: k_neighbors, n_neighbors: 3}}\n{SPLIT}",
    "model: {type: logistic_regression, C: 0.1}\ntraining: {split: latest, test_size: 0.3}\n",
    "model: {type: gradient_boosting, n_estimators: 2}\ntraining: {group: house, test_size: 0.3, random_state: 7}\n",
)
ROLES = (
    {"time": "signed_up"},
    {"group": "house"},
    {"target": "late"},
    {"target": "churn"},
    {"positive": "0"},
    {"id": "nr"},
)
MEASURED = ("model_sha256", "predictions_sha256", "rows_sha256", "metrics")


class History:
    """A workspace to which things happen; a seed decides the details of each."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.luck, self.day = folder, random.Random(seed), 0
        self.ws = Workspace.open(folder / "ws", actor="ada")
        self.files: list[Path] = []
        frame = customers_frame(180)
        frame["house"] = [f"h{number % 60}" for number in range(len(frame))]
        frame["nr"] = range(1000, 1000 + len(frame))
        frame["late"] = (frame["monthly_fee"].fillna(40) > 42).map({True: "yes", False: "no"})
        waiting = frame["churn"].astype("Int64").mask(frame.index % 3 == 0)
        for name, table in (
            ("all", frame),
            ("some", frame.assign(churn=waiting)),
            ("none", frame.drop(columns="churn")),
        ):
            self.files.append(folder / f"{name}.csv")
            table.to_csv(self.files[-1], index=False)
        self.truth = frame[["customer_id", "churn"]]
        self.later()
        self.ws.datasets.add(self.files[1], "rows", target="churn", id="customer_id")

    def data_changes(self) -> None:
        """Another content is kept, or one that was there."""
        self.ws.datasets.add(self.luck.choice(self.files), "rows")

    def roles_change(self, roles: dict[str, str] | None = None, file: Path | None = None) -> None:
        """The same or another content gets other roles."""
        with suppress(MlopsError):
            self.ws.datasets.add(file or self.luck.choice(self.files), "rows", **(roles or self.luck.choice(ROLES)))

    def an_older_version_is_the_newest(self) -> None:
        """What was kept first is the newest again."""
        self.ws.datasets.make_newest("rows@1")

    def an_old_program_changes_roles_in_place(self, group: str | None = "house") -> None:
        """As format 1 did, under runs that have learned from the version."""
        version = self._any_version()
        with self.ws._ledger.write() as tx:
            tx.append("dataset.roles", version, {"id": "nr", "group": group})

    def outcomes_come_in(self, known_at: str | None = None) -> None:
        """Some become known on a day before or after today."""
        known_at = known_at or f"2024-01-{max(1, self.day + self.luck.randint(-3, 3)):02}"
        part = self.truth.sample(90, random_state=self.luck.randint(0, 99)).assign(known_at=known_at)
        part.to_csv(self.folder / "outcomes.csv", index=False)
        with suppress(MlopsError):
            self.ws.outcomes.add(self.folder / "outcomes.csv", "rows")

    def later(self) -> None:
        """A day passes."""
        self.day += 1
        self.ws.set_clock(f"2024-01-{self.day:02}T12:00:00Z")

    def trained(self) -> None:
        """A run is trained at once; data that cannot be learned from makes none."""
        with suppress(MlopsError):
            self.ws.train(self.luck.choice(CONFIGS), data=self._any_version(), seed=self.luck.randint(0, 3))

    def queued(self) -> None:
        """A run waits."""
        with suppress(MlopsError):
            self.ws.submit(self.luck.choice(CONFIGS), data=self._any_version(), pool=Nobody())

    def worked(self) -> None:
        """Whatever waits is trained."""
        for run_id in self.ws.runs.queue():
            with suppress(MlopsError):
                workers.work(str(self.ws.path), run_id, "worker", leave=False)

    def swept(self) -> None:
        """Two trials of one sweep."""
        with suppress(MlopsError):
            self.ws.sweep(CONFIGS[1], {"model.max_depth": [1, 3]}, data=self._any_version())

    def forgotten(self) -> None:
        """The cache is cleared."""
        shutil.rmtree(self.ws.path / "cache", ignore_errors=True)

    def opened_again(self) -> None:
        """The workspace is closed and opened."""
        self.ws = Workspace.open(self.ws.path, create=False)

    def forked(self) -> None:
        """History goes on in a copy."""
        self.ws = self.ws.fork(self.folder / f"fork-{len(list(self.folder.iterdir()))}")

    def _any_version(self) -> str:
        return self.luck.choice([version.ref for version in self.ws.datasets.list()])

    def check(self) -> int:
        """Hold every finished run against what its record gives on a fresh copy; return how many records differ."""
        self.worked()
        copy = self.ws.fork(self.folder / "copy")
        finished = [run for run in copy.runs.list() if run.status == "finished"]
        asked = {}  # equal records with equal results need one proof
        for run in finished:
            record = (run.data, run.roles, (run.outcomes or {}).get("sha256"), run.config_sha256, run.model_sha256)
            asked[str(record)] = run
        for run in asked.values():
            again = pipeline.repeat(copy._ledger, copy._artifacts, run)
            assert {key: again[key] for key in MEASURED} == {key: run.as_dict()[key] for key in MEASURED}, run
            with copy._artifacts.stage() as stage:
                told = reproduce.judge(copy._ledger, copy._artifacts, run.run_id, stage.folder, lambda step: None)
            assert (told["verdict"], told["first_divergence"]) == ("identical", None), told
        assert copy.verify()["problems"] == []
        return len(asked)


MOVES: tuple[Callable[[History], None], ...] = tuple(
    move for name, move in vars(History).items() if not name.startswith("_") and name != "check"
)


def test_every_run_of_a_history_gives_its_bytes_again(tmp_path):
    """The same is asked for after each thing that changes what a version means, at once, in the queue and in a fork."""
    history = History(tmp_path, seed=1)
    ws = history.ws
    ws.train(CONFIGS[0], data="rows@1")
    ws.submit(CONFIGS[1], data="rows@1", pool=Nobody())
    history.outcomes_come_in(known_at="2024-01-01")
    ws.train(CONFIGS[0], data="rows@1")
    history.an_old_program_changes_roles_in_place(group=None)
    ws.train(CONFIGS[0], data="rows@1")
    history.roles_change({"group": "house"}, history.files[1])
    ws.train(CONFIGS[0], data="rows@2")
    history.forgotten()
    history.swept()
    history.forked()
    history.worked()
    history.roles_change({"positive": "0"}, history.files[1])
    history.ws.train(CONFIGS[5], data="rows@3")
    assert history.check() == 8


@pytest.mark.slow
@settings(max_examples=12)
@given(st.lists(st.sampled_from(MOVES), min_size=10, max_size=40), st.integers(0, 2**32))
def test_every_run_of_any_history_gives_its_bytes_again(tmp_path_factory, moves, seed):
    """Any moves in any order."""
    history = History(tmp_path_factory.mktemp("history"), seed)
    for move in moves:
        move(history)
    history.check()

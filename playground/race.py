"""The policy race: what a year of wrong decisions costs, by when one retrains.

One model is trained for the end of each month, by the recipe with which the year began and on what was known then, and
every one of them decides about the months that came after. So whatever flags somebody sets - retrain here, and here -
the cost of the year is a sum of what was really decided. Each retraining goes live: the release check is left out, for
here only the *when* differs.

`Race` is the plain record that is drawn, said in a sentence and shown as a table; it is kept in the journal. Nothing is
drawn here: see `ui/monitor/race`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mlops import Workspace
from mlops.base.errors import RefusedError
from mlops.base.ledger import writes
from mlops.base.records import Record
from mlops.experiments.judged import Judged
from mlops.models import scoring
from mlops.models.matrix import Cells
from mlops.production import alerts, drift, performance
from mlops.production.monthly import Month
from mlops.production.retraining import SIGNS
from mlops.release.registry import LoadedModel
from playground import staircase
from playground.calendar import end_of, month_told
from playground.hundred import Costs
from playground.staircase import Staircase

YEAR = 2024
SUBJECT = f"race/{YEAR}"
"""Where the journal has it."""

START = "start"
"""The model with which the year begins."""

RULES: Mapping[str, str] = {
    "never": "Never", "scheduled": "Every month", "on_drift": "When inputs move",
    "on_outcomes": "When outcomes show harm",
}  # fmt: skip
"""When of a rule for retraining -> what people say."""

YOURS = "Your flags"
"""What the lane is called in which somebody sets them."""

COSTS = Costs()
"""What acting costs and is worth; the example that a hundred people begin with."""

MISSED = COSTS.worth / COSTS.one_in - COSTS.price
"""What it costs not to call somebody who leaves: a call would have kept one in so many, and had its price."""

Said = Callable[[str, float], None]


@dataclass(frozen=True)
class Decided(Record):
    """What a model got wrong in a month."""

    missed: int
    """Who left and was not called."""
    alarms: int
    """Who was called and would have stayed."""

    @property
    def cost(self) -> float:
        """In money: a leaver who was not called is a call that would have paid, a false alarm a call for nothing."""
        return self.missed * MISSED + self.alarms * COSTS.price


@dataclass(frozen=True)
class Race(Record):
    """What every model that could have been trained got wrong, and when each rule would have trained one."""

    months: tuple[str, ...]
    """The months whose outcomes are known, the oldest first."""
    decided: Mapping[str, Mapping[str, Decided]]
    """The month at whose end a model was trained, or `START` -> month after it -> what it got wrong."""
    rules: Mapping[str, tuple[str, ...]]
    """Rule -> the months at whose end it retrains."""

    @classmethod
    def kept(cls, told: Mapping[str, Any]) -> Race:
        """Return a race as the journal has it."""
        decided = {
            by: {month: Decided(**one) for month, one in months.items()} for by, months in told["decided"].items()
        }
        return cls(tuple(told["months"]), decided, {rule: tuple(flags) for rule, flags in told["rules"].items()})

    @property
    def stops(self) -> tuple[str, ...]:
        """The months at whose end one can retrain: some month comes after them."""
        return tuple(month for month in self.months if month in self.decided)

    def costs(self, flags: Iterable[str]) -> tuple[float, ...]:
        """Return what each month cost, in money, if one retrained at the end of these."""
        return tuple(self.decided[self.by(month, flags)][month].cost for month in self.months)

    def by(self, month: str, flags: Iterable[str]) -> str:
        """Return which model decides about a month: the last one that was trained before it."""
        return max((flag for flag in flags if flag < month and flag in self.decided), default=START)

    def saved(self, flags: Iterable[str]) -> float:
        """Return how much money retraining at the end of these months saves against never doing it."""
        return sum(self.costs(())) - sum(self.costs(flags))

    def sentence(self, yours: Sequence[str]) -> str:
        """Say who saved how much, the most first."""
        every = {YOURS.lower(): self.saved(yours)}
        every |= {RULES[rule].lower(): self.saved(flags) for rule, flags in self.rules.items() if flags}
        order = sorted(every, key=lambda name: -every[name])
        told = ", ".join(f"{name} {_money(every[name])}" for name in order)
        return f"Saved in {len(self.months)} months by deciding better than who never retrains: {told}."

    def frame(self, yours: Sequence[str]) -> pd.DataFrame:
        """Return what each way of retraining cost, month by month, as a table."""
        ways = {YOURS: yours, **{RULES[rule]: flags for rule, flags in self.rules.items()}}
        rows = [
            {
                "Way": name, "Month": month, "Decided by the model of": self.by(month, flags),
                "Leavers missed": (one := self.decided[self.by(month, flags)][month]).missed,
                "False alarms": one.alarms, "Cost (EUR)": round(one.cost, 2),
            }
            for name, flags in ways.items() for month in self.months
        ]  # fmt: skip
        return pd.DataFrame(rows)


def _money(value: float) -> str:
    return "0 EUR" if round(value) == 0 else f"{value:+,.0f} EUR".replace("-", "−")


def read(ws: Workspace) -> Race | None:
    """Return the race that was run in a workspace last; None if there was none."""
    told = (ws.journal.read(SUBJECT) or {}).get("race")
    return Race.kept(told) if told else None


@writes
def run(ws: Workspace, model: str, say: Said = lambda says, part: None) -> Race:
    """Run the race over the months whose outcomes are known, on a copy, and keep what came of it.

    Parameters
    ----------
    model : str
        Name of the live model: the config with which the year began is the recipe of all.
    say : callable
        Called with what is being done and which part of it is over; what it raises ends the race, and nothing is kept.

    Raises
    ------
    RefusedError
        If no outcomes are known yet.
    """
    with tempfile.TemporaryDirectory(prefix="race-", ignore_cleanup_errors=True) as folder:
        found = _Racing(ws.fork(Path(folder) / "copy"), model, say).race()
    ws.journal.write(SUBJECT, {"race": found.as_dict()})
    return found


class _Racing:
    """The race, on a copy that nobody else sees."""

    def __init__(self, ws: Workspace, model: str, say: Said) -> None:
        self._ws, self._model, self._say = ws, model, say
        self._stairs: Staircase = staircase.read(ws, model)
        self._margin = ws.gate_rules.get("production").margin
        self._best = {one.month: one.best for one in ws.monitoring.report("production", model).months}
        self._data = {one.month: one.refs[0] for one in self._stairs.stairs if one.month in self._stairs.known}
        self._months = tuple(self._data)
        if not self._months:
            raise RefusedError("No month has outcomes yet, so no rule can be raced.", "Let two months pass first.")
        live = ws.live_at(f"{YEAR}-01-01T00:00:00Z", model=model).model
        self._models = {START: ws.models.load(f"{model}@{live['version']}")}
        first = ws.datasets.get(next(iter(self._data.values())))
        self._id, self._known = str(first.id), ws.outcomes.known(first.ref)
        self._answered: dict[tuple[str, str], Judged] = {}

    def race(self) -> Race:
        """Train, let every model decide, and ask each rule when it would have trained."""
        for place, month in enumerate(self._months[:-1]):
            said = f"Training what could have been trained at the end of {month_told(month)}"
            self._say(said, 0.85 * place / len(self._months))
            self._models[month] = self._trained(month)
        self._say("Every model decides about the months after it", 0.85)
        decided = {by: {month: self._decided(by, month) for month in self._after(by)} for by in self._models}
        rules = {rule: self._flags(rule) for rule in RULES}
        return Race(self._months, decided, rules)

    def _after(self, by: str) -> list[str]:
        return [month for month in self._months if by == START or month > by]

    def _window(self, month: str) -> tuple[str, ...]:
        """Return the versions that a retraining at the end of a month learns from, newest first."""
        day = end_of(month)
        return tuple(one.ref(day) for one in self._stairs.learns_from(day))

    def _trained(self, month: str) -> LoadedModel:
        """Train by the recipe of the year on what was known at the end of a month: only the when differs."""
        refs = self._window(month)
        data = self._ws.datasets.join(refs, refs[0].partition("@")[0], message=f"as known at the end of {month}")
        config = self._ws.runs.text(self._models[START].version.run_id, "config.yaml")
        run = self._ws.train(config, data=data.ref)
        return self._ws.models.load(self._ws.models.register(run, f"race_{month}").ref)

    def _decided(self, by: str, month: str) -> Decided:
        judged = self._judged(by, month)
        left, called = judged.labels == judged.signature.positive, judged.scores >= judged.threshold
        return Decided(int((left & ~called).sum()), int((~left & called).sum()))

    def _flags(self, rule: str) -> tuple[str, ...]:
        """Return the months at whose end a rule retrains: what it looks for is there, and something new is known."""
        by, flags, before = START, list[str](), list[Month]()
        for month in self._months[:-1]:
            asked = self._month(by, month)
            signs = {one.code for one in alerts.judged([replace(asked, outcomes=None), *before], self._margin, ())[1]}
            new = set(self._window(month)) - (set(self._window(by)) if by != START else set())
            if rule != "never" and new and (rule == "scheduled" or signs & {*SIGNS[rule]}):
                by, flags = month, [*flags, month]
            before.insert(0, asked)
        return tuple(flags)

    def _month(self, by: str, month: str) -> Month:
        """Return what Monitor would tell of a month that a model answered, once its outcomes are known."""
        judged, model, table = self._judged(by, month), self._models[by], self._table(month)
        inputs = drift.of_tables(self._ws.datasets.table(model.version.data_version), table, model.signature)
        moved = {name: inputs.features[name]["psi"] for name in inputs.drifted}
        return Month(
            month, table.num_rows, {"verdict": inputs.verdict, "why": inputs.why, "drifted": moved},
            performance.of(judged, table.num_rows), None, self._best.get(month), model.version.metrics.get("auc"), (),
        )  # fmt: skip

    def _judged(self, by: str, month: str) -> Judged:
        """Return what a model says of the customers of a month as they came, with what became of them."""
        if (by, month) not in self._answered:
            model, table = self._models[by], self._table(month)
            scores = scoring.probabilities(model.pipeline, Cells.of_table(table, model.signature), model.signature)
            labels = np.array([self._known[name] for name in table.column(self._id).to_pylist()])
            rows = np.arange(table.num_rows)
            self._answered[by, month] = Judged(labels, scores, rows, model.signature, model.threshold)
        return self._answered[by, month]

    def _table(self, month: str) -> pa.Table:
        return self._ws.datasets.table(self._data[month])

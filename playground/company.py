"""The simulated company: what a month brings, done by calls of `mlops` as cron would do them.

In a month the customers who come up for renewal are kept as the next version of their dataset, what is live answers
them, and with the month's last second the outcomes of the month before become known. Each step leaves what is done as
it is, so a month that was interrupted goes on where it stopped, and months that the calendar passed - releases move it
as well - are made up for, late. Customers are simulated; versions, answers and outcomes are real ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from mlops import Workspace, sample
from mlops.base import locks
from mlops.base.artifacts import Artifacts, disk_errors
from mlops.base.errors import ConflictError, DataError, MlopsError, NotFoundError, RefusedError
from mlops.base.ledger import writes
from mlops.base.months import of as month_of
from mlops.base.records import Record
from mlops.production.alerts import Alert
from mlops.production.retraining import Due
from playground import chain, colleagues
from playground.calendar import begin_of, end_of, following, month_told, months
from playground.course.people import NEXT_MONTH, RUN_THE_CHAIN
from playground.first_config import is_sample

if TYPE_CHECKING:
    from playground.course import Question

FILES = sample.FILE.parent
"""Where the company takes its customers and their outcomes from, if nobody says."""

LIVE = "production"
"""Where customers are answered."""

FIRST, LAST = "2023-12", "2024-12"
"""The months of the story."""

JOURNAL = "company"
"""How the subjects begin under which the journal knows what became of a month."""

SURPRISING = ("critical", "warning")
"""Levels of alerts that nobody expected, the gravest first."""

NO_MORE = f"The story ends here: nobody comes up for renewal after {month_told(LAST)}."
ANEW = "Look back at the year on Monitor, or start over to play it again."

Said = Callable[[str, float], None]
"""Called with what is being done, and which part of the month is over by then."""


@dataclass(frozen=True)
class Step(Record):
    """One thing that happened in a month."""

    month: str
    what: str
    """``customers``, ``answers``, ``outcomes``, ``monitors``; where the rule for retraining says so, ``rule``; where
    colleagues had planned something, ``colleagues``."""
    result: str
    """What came of it, in words."""
    seconds: float
    """How long it took; 0 where nobody measured."""


@dataclass(frozen=True)
class Month(Record):
    """What a month brought; where others were made up for before it, what they brought as well."""

    month: str
    steps: tuple[Step, ...]
    alerts: tuple[Alert, ...] = ()
    """Those that were raised."""
    surprise: str | None = None
    """What nobody expected, in words; None in a quiet month."""


def to_come(ws: Workspace) -> str | None:
    """Return the month that "Next month" brings; None after the last one, or where the data is not the sample's.

    The story stands on a simulated date: on wall time, too, nobody comes.
    """
    handled = [month.partition("/")[2] for month, noted in ws.journal.all(f"{JOURNAL}/").items() if "over" in noted]
    clock = ws.clock()
    if not clock["simulated"] or not _is_sample(ws):
        return None
    first = following(max(handled)) if handled else FIRST
    month = min(max(first, month_of(clock["now"])), LAST)
    return month if first <= LAST else None


@writes
def next_month(ws: Workspace, on_step: Said | None = None, files: Path | None = None) -> Month:
    """Let the next month happen, and each one before it that has not been handled yet.

    Parameters
    ----------
    ws : Workspace
        One with the sample's customers, on a simulated date, in which a model that learned from them is live.
    on_step : callable, optional
        Called with what is being done, and which part of the month is over by then.
    files : Path, optional
        Where `customers_YYYY-MM.csv` and `outcomes_YYYY-MM.csv` lie; those of the sample if not given.

    Raises
    ------
    RefusedError
        If no customers come, nothing that could answer them is live, or a stop of the course waits for a decision;
        nothing is recorded then.
    ConflictError
        If another process lets a month pass here.
    """
    company = Workspace.open(ws.path, create=False, actor=NEXT_MONTH)
    with _alone(company):
        return _pass(company, on_step or (lambda says, part: None), files or FILES)


@contextmanager
def _alone(ws: Workspace) -> Iterator[None]:
    """Keep other processes out: two that find the same step undone would both do it."""
    path = Artifacts(ws.path).tmp / "months.lock"
    with disk_errors(path):
        path.parent.mkdir(exist_ok=True)
        lock = locks.take(path)
    if lock is None:
        raise ConflictError("Another process lets a month pass here.", "Wait until that one is over.")
    try:
        yield
    finally:
        locks.drop(lock, path)


def _pass(company: Workspace, say: Said, files: Path) -> Month:
    last = to_come(company)
    if last is None:
        raise RefusedError(*_nobody_comes(company))
    if asked := waits_for(company):
        raise RefusedError(
            f"No month passes before something is decided: {asked.ask}",
            f"Answer it in the stop beside, or: mlops course answer year {asked.id} ANSWER.",
        )
    if not _live(company):
        raise RefusedError(
            f"Nobody would answer the customers of {month_told(last)}: no model that learned from {sample.NAME} is "
            "live in production.",
            "Run the chain first.",
        )
    steps: list[Step] = []
    passing = [_Passing(company, month, files) for month in _open(company, last)]
    for one in passing:
        steps += one.happen(say)
    raised = tuple(alert for one in passing for alert in one.alerts)
    return Month(last, tuple(steps), raised, next((one.surprise for one in reversed(passing) if one.surprise), None))


def waits_for(ws: Workspace) -> Question | None:
    """Return the question of the course that has to be answered before another month passes; None if there is none."""
    from playground.course import held_by  # its chapters are built by what stands here

    return held_by(ws)


def goes_on(ws: Workspace) -> bool:
    """Tell whether another month can pass now."""
    return to_come(ws) is not None and waits_for(ws) is None


def last(ws: Workspace) -> Month | None:
    """Return the month that was brought last, as the journal keeps it; None where there was none."""
    noted = [(month, one) for month, one in ws.journal.all(f"{JOURNAL}/").items() if "over" in one]
    if not noted:
        return None
    subject, found = max(noted)
    month = subject.partition("/")[2]
    steps = tuple(Step(month, what, result, 0.0) for what, result in found["told"])
    return Month(month, steps, surprise=found["surprise"])


def play(
    ws: Workspace,
    most: int | None = None,
    until_surprise: bool = False,
    on_month: Callable[[Month], None] | None = None,
    on_step: Said | None = None,
    files: Path | None = None,
) -> list[Month]:
    """Let several months happen, one after the other.

    Parameters
    ----------
    most : int, optional
        At most so many months; to the end of the story if not given.
    until_surprise : bool
        Stop after the first month that nobody expected.
    on_month : callable, optional
        Called with each month once it is over; what it raises ends the play there.
    on_step, files
        As for `next_month`.
    """
    played: list[Month] = []
    while (most is None or len(played) < most) and (not played or goes_on(ws)):
        played.append(next_month(ws, on_step, files))
        if on_month:
            on_month(played[-1])
        if until_surprise and played[-1].surprise:
            break
    return played


@writes
def move(ws: Workspace, time: str, files: Path | None = None) -> None:
    """Move the date where no customers come any more, or none are made up; what is due by then becomes known.

    Monitors run where anything became known: nobody else would say what it tells.

    Raises
    ------
    ConflictError
        If something has happened after that time.
    """
    company = Workspace.open(ws.path, create=False, actor=NEXT_MONTH)
    company.set_clock(time)
    if handled := last(company):
        _Passing(company, handled.month, files or FILES).outcomes()
        for live in _live(company):
            company.alerts.update(LIVE, live.model["name"])


@writes
def begin(ws: Workspace, say: Callable[[str], None] = lambda said: None) -> None:
    """Begin the story: what is missing of the sample's chain, down to a live model."""
    chain.build(Workspace.open(ws.path, create=False, actor=RUN_THE_CHAIN), say)


def _nobody_comes(ws: Workspace) -> tuple[str, str]:
    """Return why no customers come, and what to do instead."""
    if not _is_sample(ws):
        return f"No customers come: there are none of the sample as {sample.NAME!r}, and others are not made up.", (
            "Begin with the sample, or move the date: mlops clock set TIME."
        )
    if not ws.clock()["simulated"]:
        return "No customers come on wall time: their story stands on a simulated date.", (
            "Begin with the sample in a new workspace."
        )
    return NO_MORE, ANEW


def _is_sample(ws: Workspace) -> bool:
    try:
        return is_sample(ws.datasets.get(sample.NAME))
    except NotFoundError:
        return False


def _open(ws: Workspace, last: str) -> list[str]:
    """Return the months up to one that have not been handled yet, oldest first."""
    noted = ws.journal.all(f"{JOURNAL}/")
    return [month for month in months(FIRST, last) if "over" not in noted.get(f"{JOURNAL}/{month}", {})]


def _live(ws: Workspace) -> list[Any]:
    """Return what is live in production of the models that learned from the sample's customers."""
    learned = {one.ref: one.data_version.partition("@")[0] for one in ws.models.list()}
    found = ws.releases.all_live(LIVE)
    return [one for one in found if learned.get(f"{one.model['name']}@{one.model['version']}") == sample.NAME]


def _best(truth: Path, outcomes: Path) -> float:
    """Return the AUC of the true probabilities of a month: nobody ranks its customers better."""
    from sklearn.metrics import roc_auc_score  # heavy, and who only looks needs none

    known = pd.read_csv(outcomes).merge(pd.read_csv(truth), on="customer_id", validate="one_to_one")
    return float(roc_auc_score(known["churn"], known["true_probability"]))


class _Passing:
    """A month that passes."""

    def __init__(self, ws: Workspace, month: str, files: Path) -> None:
        self._ws, self._month, self._files = ws, month, files
        self.alerts: list[Alert] = []

    def happen(self, say: Said) -> Iterator[Step]:
        """Yield each step when it is done."""
        steps: Mapping[str, tuple[str, Callable[[], str]]] = {
            "customers": ("customers come up for renewal", self._customers),
            "answers": ("production answers them", self._answers),
            "outcomes": ("outcomes become known", self._end),
            "monitors": ("monitors run", self._watch),
            "rule": ("the rule for retraining is followed", self._follow),
            "colleagues": ("colleagues look at it", self._colleagues),
        }
        told = []
        for number, (what, (says, do)) in enumerate(steps.items()):
            say(f"{month_told(self._month)}: {says}", number / len(steps))
            begun = time.perf_counter()
            if result := do():
                told.append((what, result))
                yield Step(self._month, what, result, round(time.perf_counter() - begun, 3))
        self._note(over=True, told=told, surprise=self.surprise)
        say(f"{month_told(self._month)} is over", 1.0)

    def _customers(self) -> str:
        self._move(begin_of(self._month))
        file = self._file("customers", self._month)
        came = f"customers up for renewal in {month_told(self._month)}"
        kept = self._ws.datasets.add(file, sample.NAME, message=came)
        known = self._noted("alerts")
        if known is None:
            known = [one.id for live in _live(self._ws) for one in self._raised(live)]
        self._note(customers=kept.ref, alerts=known)
        return f"{kept.rows:,} {came}: {kept.ref}" + ("" if kept.created else ", kept before")

    def _answers(self) -> str:
        """Let what is live answer the customers, each model name once, whoever asked it."""
        asked = self._noted("customers")
        batches = [one for one in self._ws.batches.list() if (one.environment, one.data_version) == (LIVE, asked)]
        answered, said = {one.model["name"] for one in batches}, []
        for live in _live(self._ws):
            name, version = live.model["name"], live.model["version"]
            if name in answered:
                said.append(f"{name} had answered them")
                continue
            try:
                report = self._ws.batch_predict(f"{name}@{LIVE}", asked, month=self._month)
                said.append(
                    f"{name} v{version} answered {report.rows:,} of {report.input_rows:,}{self._silently(name)}"
                )
            except DataError as problem:  # of another schema: that is an answer as well
                said.append(f"{name} v{version} cannot answer {asked}: {problem.message}")
        return "; ".join(said)

    def _silently(self, name: str) -> str:
        """Let the silent candidate answer them too, where there is one: nobody hears it, and the month goes on."""
        if (silent := self._ws.shadow.now(LIVE, name)) is None:
            return ""
        try:
            self._ws.shadow.follow(LIVE, name)
        except MlopsError as problem:
            return f"; v{silent.candidate['version']} was to answer silently, and could not: {problem.message}"
        return f", v{silent.candidate['version']} silently as well"

    def _end(self) -> str:
        self._move(end_of(self._month))
        return self.outcomes()

    def outcomes(self) -> str:
        """Keep the outcomes that are known by now."""
        now, said = self._ws.now(), []
        for month in months(FIRST, self._month):
            if end_of(following(month)) > now or self._noted("outcomes", month):
                continue
            kept = self._ws.outcomes.add(self._file("outcomes", month), sample.NAME)
            self._note_best(month)
            self._note(month, outcomes=kept.labels_id)
            said.append(f"{kept.matched:,} outcomes of {month_told(month)} are known")
        return "; ".join(said) or "No outcomes are known yet"

    def _watch(self) -> str:
        """Let the monitors run on what is live; what was raised this month is what it is remembered for."""
        for live in _live(self._ws):
            self._ws.alerts.update(LIVE, live.model["name"])
            self.alerts += [one for one in self._raised(live) if one.id not in self._noted("alerts")]
        return "; ".join(f"{one.level}: {one.what}" for one in self.alerts) or "Nothing new is to be looked at"

    def _raised(self, live: Any) -> list[Alert]:
        return self._ws.alerts.list(LIVE, live.model["name"])

    @property
    def surprise(self) -> str | None:
        """What nobody expected: the gravest alert that was raised, if one was."""
        return next((one.what for level in SURPRISING for one in self.alerts if one.level == level), None)

    def _follow(self) -> str:
        """Retrain what is live where its rule says so, or say that the rule suggests it."""
        said = []
        for live in _live(self._ws):
            found = self._ws.retraining.follow(LIVE, live.model["name"])
            if isinstance(found, Due):
                said += [f"Suggested: retrain {found.model}. {found.why}"] if found.due else []
            else:
                said.append(found.why)
        return "; ".join(said)

    def _colleagues(self) -> str:
        return colleagues.act(self._ws, self._month)

    def _note_best(self, month: str) -> None:
        """Say how well a month could have been ranked by who knows how likely each customer was to leave."""
        file = self._files / "teacher" / "true_probabilities.csv"
        if file.is_file():
            source = "customers ranked by how likely each really was to leave, which only their generator knows"
            self._ws.monitoring.record_best(month, _best(file, self._file("outcomes", month)), source)

    def _move(self, instant: str) -> None:
        if self._ws.now() < instant:  # never back: a release may have moved the date further
            self._ws.set_clock(instant)

    def _file(self, kind: str, month: str) -> Path:
        if (file := self._files / f"{kind}_{month}.csv").is_file():
            return file
        raise NotFoundError(f"The {kind} of {month_told(month)} are not here: {file}.", "Run this in a checkout.")

    def _noted(self, field: str, month: str = "") -> Any:
        return (self._ws.journal.read(f"{JOURNAL}/{month or self._month}") or {}).get(field)

    def _note(self, month: str = "", **fields: Any) -> None:
        if any(self._noted(field, month) != value for field, value in fields.items()):
            self._ws.journal.write(f"{JOURNAL}/{month or self._month}", fields)

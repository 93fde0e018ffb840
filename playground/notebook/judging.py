"""Find the numbers of the notebook that do not hold, and why: by running it again, each time with one thing different.

A *claim* is a number that a cell printed with its name. It is compared as it was printed, character by character. The
causes exclude each other, because they are asked for in this order:

- ``no seed``: the same order in three fresh processes gives different numbers;
- ``order``: from top to bottom another number comes out, by execution count the stored one;
- ``hidden state``: neither gives it; what made it is no longer in the file;
- ``leak``: it comes out every time, and falls when no row is learned from that is also asked about;
- ``true``: it comes out every time, whatever else is changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from playground.notebook.nbformat import Notebook, Output, shipped
from playground.notebook.running import Change, Ran, run

Cause = Literal["true", "no seed", "order", "hidden state", "leak"]

ATTEMPTS = (1, 2, 3)
NUMBER = re.compile(r"^(?P<name>.+): (?P<value>[+-]?[\d,]*\.?\d+)$", re.MULTILINE)

_MODEL = """model = RandomForestClassifier(n_estimators=60, random_state=42).fit(Xtrain, ytrain)
proba = model.predict_proba(Xtest)[:, 1]
print(f"AUC: {roc_auc_score(ytest, proba):.3f}")"""

SPLIT_FIRST = Change(
    "model",
    f"""Xtrain, Xtest, ytrain, ytest = train_test_split(X, y, test_size=0.2, random_state=42)
rows = [*Xtrain.index, *Xtrain.index[ytrain == 1], *Xtrain.index[ytrain == 1]]
Xtrain, ytrain = X.loc[rows], y.loc[rows]
{_MODEL}""",
)
"""The same model on the same data: leavers are shown three times as well, but only to the learner."""

MENDED = Change("balance", "Xb, yb = X, y")
"""The worst cell, and what it should have been: it repeats leavers, and the rows are split after it."""

_COPIED = "part of the rows asked about that was learned from"
_COPIES = f"\nprint(f'{_COPIED}: {{Xtest.index.isin(Xtrain.index).mean():.3f}}')"
_CUTOFFS = """for percent in range(15, 60, 5):
    print(f"with cutoff {percent / 100:.2f}: {recall_score(ytest, proba >= percent / 100):.3f}")"""
_SEEDS = """
def seeded(columns, seed):
    a, b, ya, yb = train_test_split(X[columns], y, test_size=0.2, random_state=seed)
    fitted = HistGradientBoostingClassifier(max_iter=50, random_state=seed).fit(a, ya)
    return roc_auc_score(yb, fitted.predict_proba(b)[:, 1])
for seed in range(5):
    print(f"same split for both, seed {seed}: {seeded(list(X.columns), seed) - seeded(without, seed):+.4f}")"""


@dataclass(frozen=True)
class Claim:
    """A number that stands in the file."""

    cell: str
    name: str
    value: str
    """As it was printed."""


@dataclass(frozen=True)
class Measured:
    """What came out when something was really run."""

    how: str
    value: str
    """A number as it was printed, or the error."""
    same: bool | None
    """Whether it is the stored number; None: it measures something else."""


@dataclass(frozen=True)
class Verdict:
    """What a claim is worth."""

    claim: Claim
    cause: Cause
    why: str
    evidence: tuple[Measured, ...]

    @property
    def lie(self) -> bool:
        """Whether the number must not be told to anybody."""
        return self.cause != "true"


def claims(notebook: Notebook) -> tuple[Claim, ...]:
    """Return the numbers that stand in a notebook, from top to bottom.

    Examples
    --------
    >>> [claim.name for claim in claims(shipped())][:2]
    ['churn rate', 'churn of monthly contracts']
    """
    return tuple(Claim(cell.id, *pair) for cell in notebook.code for pair in printed(cell.outputs))


def printed(outputs: Sequence[Output]) -> Iterator[tuple[str, str]]:
    """Yield name and number of each line like ``name: 0.123``."""
    for output in outputs:
        if output.kind == "text":
            yield from ((found["name"], found["value"]) for found in NUMBER.finditer(output.text))


def judge() -> tuple[Verdict, ...]:
    """Judge every number of the shipped notebook; takes eight runs, about fifteen seconds of a core.

    Returns
    -------
    tuple of Verdict
        One per claim, in the order of the file.
    """
    found = shipped()
    runs = Runs(
        fresh=tuple(run(found.in_order, attempt=attempt) for attempt in ATTEMPTS),
        by_count=run(found.as_it_was),
        split_first=run(found.in_order, (SPLIT_FIRST, Change("recall", _CUTOFFS))),
        probed=run(
            found.in_order, (_probe(found, "model", _COPIES), Change("recall", _CUTOFFS), _probe(found, "gain", _SEEDS))
        ),
    )
    return tuple(_verdict(claim, found, runs) for claim in claims(found))


def mended() -> str:
    """Return the AUC that the notebook prints when its worst cell is mended, and nothing else."""
    answers = run(shipped().in_order, (MENDED,))
    return dict(printed(_left("model", answers)))["AUC"]


def _probe(notebook: Notebook, cell: str, more: str) -> Change:
    return Change(cell, notebook.cell(cell).source + more)


@dataclass(frozen=True)
class Runs:
    """The runs that all claims are judged by."""

    fresh: tuple[tuple[Ran, ...], ...]
    """From top to bottom, several times."""
    by_count: tuple[Ran, ...]
    split_first: tuple[Ran, ...]
    """From top to bottom, without the leak."""
    probed: tuple[Ran, ...]
    """From top to bottom; suspects print more than they did."""


def _verdict(claim: Claim, notebook: Notebook, runs: Runs) -> Verdict:
    fresh = [_value(claim, answers) for answers in runs.fresh]
    by_count, split_first = _value(claim, runs.by_count), _value(claim, runs.split_first)
    cause = cause_of(claim.value, fresh, by_count, split_first)
    values = {"from top to bottom, three times": fresh[0]}
    if len(set(fresh)) > 1:
        values = {f"from top to bottom, time {attempt}": value for attempt, value in enumerate(fresh, 1)}
    values["by execution count"] = by_count
    if cause == "hidden state":
        upto = notebook.in_order[: notebook.in_order.index(claim.cell) + 1]  # what comes later tells nothing about it
        values[_TWICE] = _value(claim, run([*upto, claim.cell]))
    if cause == "leak":
        values[_SPLIT] = split_first
    if cause != "true":
        values |= {how: value for how, value in printed(_left(claim.cell, runs.probed)) if how != claim.name}
    evidence = tuple(
        Measured(how, value, None if how == _COPIED else value == claim.value) for how, value in values.items()
    )
    honest = dict(printed(_left(claim.cell, runs.split_first)))
    return Verdict(claim, cause, _why(claim, cause, fresh, values, honest) + _clue(claim, cause, notebook), evidence)


_TWICE, _SPLIT = "this cell run twice", "split first, then repeat leavers"


def cause_of(stored: str, fresh: Sequence[str], by_count: str, split_first: str) -> Cause:
    """Return why a stored number does not hold, from what came out of the runs.

    Examples
    --------
    >>> cause_of("0.24", ["0.24", "0.24"], "0.24", "0.24")
    'true'
    >>> cause_of("0.99", ["0.99", "0.99"], "0.99", "0.80")
    'leak'
    >>> cause_of("0.2", ["0.1", "0.3"], "0.2", "0.1")
    'no seed'
    """
    if len(set(fresh)) > 1:
        return "no seed"
    if fresh[0] != stored:
        return "order" if by_count == stored else "hidden state"
    return "true" if split_first == stored else "leak"


def _value(claim: Claim, answers: Sequence[Ran]) -> str:
    outputs = _left(claim.cell, answers)
    errors = [output.text for output in outputs if output.kind == "error"]
    return dict(printed(outputs)).get(claim.name) or next(iter(errors), "nothing")


def _left(cell: str, answers: Sequence[Ran]) -> tuple[Output, ...]:
    """Return what the last run of a cell left."""
    return next(ran.outputs for ran in reversed(answers) if ran.cell == cell)


def _why(claim: Claim, cause: Cause, fresh: Sequence[str], values: Mapping[str, str], honest: Mapping[str, str]) -> str:
    match cause:
        case "true":
            return f"Three fresh processes and the author's own order all print {claim.value}."
        case "no seed":
            same = sorted(float(value) for how, value in values.items() if how.startswith("same split"))
            return (
                f"Two different splits are compared and nothing fixes them: the same cells print {', '.join(fresh)}. "
                f"On one split for both it lies between {same[0]:+.4f} and {same[-1]:+.4f}."
            )
        case "order":
            return f"A cell further down ran first and took rows away. From top to bottom it is {fresh[0]}."
        case "leak":
            return (
                "It comes out every time, and is wrong every time: leavers were copied before the split, so the model "
                f"is asked about rows it has learned. Split first, and {claim.value} becomes {values[_SPLIT]}."
            )
        case _ if values[_TWICE] == claim.value:
            return f"The cell changes its own input, and ran twice. Run once, it prints {fresh[0]}."
    fits = [how for how, value in values.items() if how.startswith("with cutoff") and value == claim.value]
    told = " or ".join(f"{how}, which without the leak gives {honest[how]}" for how in fits) or "with no cutoff tried"
    return f"No cell defines a name that it needs: {fresh[0]}. By trial, {claim.value} comes out {told}."


def _clue(claim: Claim, cause: Cause, notebook: Notebook) -> str:
    """Return what the file itself gives away: the count before this cell's is missing."""
    before = (notebook.cell(claim.cell).count or 0) - 1
    if cause != "hidden state" or before not in notebook.gaps:
        return ""
    return f" The clue: no cell of the file has the count {before}."

"""Grids: which values a sweep tries - all combinations of lists, or some draws from lists and ranges.

A grid names, for each dotted key of a config, a list of values or a range. In text, as the command line and the screen
take it, that is ``2,4,6``, ``0.01..0.3`` or ``0.01..0.3 log``: values, a range, a range whose magnitudes are as likely
as each other. A range of whole numbers, ``2..6``, is a list as well.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

from mlops.base.errors import InvalidError, shown
from mlops.base.records import canonical_json
from mlops.experiments import configs

MAX_TRIALS = 500
"""Trials of one sweep at most."""

LARGEST = 10**15
"""Largest end of a range: up to here floats tell whole numbers apart."""

_RANGE = re.compile(r"\s*(-?\d+(?:\.\d+)?(?:[eE]-?\d+)?)\s*\.\.\s*(-?\d+(?:\.\d+)?(?:[eE]-?\d+)?)\s*(log)?\s*")


@dataclass(frozen=True)
class Range:
    """All numbers from `low` to `high`, whole ones if both are."""

    low: float
    high: float
    log: bool = False
    """Whether 0.01 to 0.1 is drawn as often as 0.1 to 1."""

    def __post_init__(self) -> None:
        if not -LARGEST <= self.low < self.high <= LARGEST:
            raise InvalidError(
                f"{shown(f'{self.low}..{self.high}')} is no range.",
                f"Write the lower end first, such as 0.01..0.3, and no number beyond {LARGEST:.0e}.",
            )
        if self.log and self.low <= 0:
            raise InvalidError(f"{self.low} has no logarithm.", "A log range begins above 0.")

    @property
    def values(self) -> range | None:
        """Its whole numbers; None if it has others as well."""
        whole = isinstance(self.low, int) and isinstance(self.high, int)
        return range(int(self.low), int(self.high) + 1) if whole else None

    def draw(self, random: Random) -> float:
        """Draw a number: a whole one, or one of four significant digits, which people can read."""
        high = self.high + 1 if self.values else self.high
        drawn = (
            math.exp(random.uniform(math.log(self.low), math.log(high))) if self.log else random.uniform(self.low, high)
        )
        if self.values:
            return min(math.floor(drawn), int(self.high))
        return min(max(float(f"{drawn:.4g}"), self.low), self.high)


Grid = Mapping[str, "Sequence[Any] | Range | str"]
"""For each dotted key its values, as a list, a range, or the text of one."""


def parse(text: str) -> tuple[str, Sequence[Any] | Range]:
    """Read ``key=values`` as ``--grid`` takes it.

    Examples
    --------
    >>> parse("model.max_depth=2,4,6"), parse("model.learning_rate=0.01..0.3 log")
    (('model.max_depth', [2, 4, 6]), ('model.learning_rate', Range(low=0.01, high=0.3, log=True)))
    """
    unreadable = InvalidError(
        f"{shown(text)} cannot be tried.", "Write values with commas between, 2,4,6, or a range, 0.01..0.3."
    )
    key, equals, values = text.partition("=")
    if not equals or not key.strip() or not values.strip():
        raise unreadable
    if found := _RANGE.fullmatch(values):
        low, high = (float(end) if set(end) & set(".eE") else int(end) for end in found.group(1, 2))
        return key.strip(), Range(low, high, log=found[3] is not None)
    try:
        _, listed = configs.parse_override(f"{key}=[{values}]")
    except InvalidError as error:
        raise unreadable from error
    return key.strip(), listed


def trials(grid: Grid, random: int | None = None, seed: int | None = None) -> list[dict[str, Any]]:
    """Return what each trial of a sweep sets.

    Parameters
    ----------
    grid : mapping
        For each dotted key its values, see `Grid`.
    random : int, optional
        How many combinations to draw; all of them if not given. Where only a few parameters matter, draws try more
        values of those than a grid of the same size does (Bergstra and Bengio, "Random search for hyper-parameter
        optimization", JMLR 13, 2012).
    seed : int, optional
        Makes the draws repeatable.

    Returns
    -------
    list of dict
        Values by dotted key, no two alike; fewer than `random` where there are no more.

    Examples
    --------
    >>> trials({"model.max_depth": [2, 4], "model.subsample": "0.5, 1.0"})[:2]
    [{'model.max_depth': 2, 'model.subsample': 0.5}, {'model.max_depth': 2, 'model.subsample': 1.0}]
    >>> trials({"model.learning_rate": Range(0.01, 0.3, log=True)}, random=3, seed=1)
    [{'model.learning_rate': 0.01579}, {'model.learning_rate': 0.1786}, {'model.learning_rate': 0.1343}]
    """
    choices = {key: _choices(key, values) for key, values in grid.items()}
    if not choices:
        raise InvalidError("A sweep needs something to try.", "Name a key and its values: model.max_depth=2,4,6.")
    if random is not None and not 1 <= random <= MAX_TRIALS:
        raise InvalidError(f"{random} trials cannot be drawn.", f"Draw 1 to {MAX_TRIALS}.")
    return _all(choices) if random is None else _drawn(choices, random, Random(seed))


def _choices(key: str, values: Sequence[Any] | Range | str) -> Sequence[Any] | Range:
    if key == "name" or key.split(".")[0] in ("data", "gate"):
        raise InvalidError(f"{shown(key)} is no part of a training.", "Sweep over the config; name the data once.")
    chosen = parse(f"{key}={values}")[1] if isinstance(values, str) else values
    if isinstance(chosen, Range):
        return chosen
    try:
        distinct = list({canonical_json(value): value for value in chosen}.values())
    except (TypeError, ValueError) as error:
        raise InvalidError(f"{shown(chosen)} cannot be tried for {shown(key)}.", "Give a list of values.") from error
    if not distinct:
        raise InvalidError(f"{shown(key)} has no value to try.", "Name one at least.")
    return distinct


def _all(choices: Mapping[str, Sequence[Any] | Range]) -> list[dict[str, Any]]:
    lists: dict[str, Sequence[Any]] = {}
    for key, values in choices.items():
        listed = values.values if isinstance(values, Range) else values
        if listed is None:
            raise InvalidError(
                f"{key} is a range, which no grid can exhaust.", "Draw from it at random, or list its values."
            )
        lists[key] = listed
    count = math.prod(len(values) for values in lists.values())
    if count > MAX_TRIALS:
        raise InvalidError(
            f"This grid has {count:,} combinations; a sweep has at most {MAX_TRIALS} trials.",
            "Draw some of them at random, or list fewer values.",
        )
    return [dict(zip(lists, values, strict=True)) for values in product(*lists.values())]


def _drawn(choices: Mapping[str, Sequence[Any] | Range], count: int, random: Random) -> list[dict[str, Any]]:
    drawn: dict[str, dict[str, Any]] = {}
    for _ in range(100 * count):  # there may be fewer combinations than asked for
        trial = {
            key: values.draw(random) if isinstance(values, Range) else random.choice(values)
            for key, values in choices.items()
        }
        drawn.setdefault(canonical_json(trial), trial)
        if len(drawn) == count:
            break
    return list(drawn.values())

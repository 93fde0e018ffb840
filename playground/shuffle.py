"""Better or luck, as a shuffle: the same rows drawn again and again, and how often one of two models is ahead.

`Shuffle` is the plain record that is drawn, said in a sentence and shown as a table. It is made of a difference that
the core measured on the same rows (`mlops.models.differences`) and of its hundred draws, which say together what all
say; and of twenty dots, each of which stands for five of the hundred. What is asked is a line: how much one may lose,
or must win. The word beside it goes by the interval, as the release check does, and never by a count of dots. Nothing
is drawn here: see `ui/kit/shuffle`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from mlops.models.metrics import LOWER_IS_BETTER
from playground import words

SLOW = 5
"""So many of them are drawn one by one, to be understood."""
DOTS = 20
"""Dots in which the draws come to rest: five per cent each, as many as people can count."""

SLOW_MS, FAST_MS, GATHER_MS = 1100, 6000, 1300
"""Milliseconds of a slow draw (at most three changes a second may be seen), of all the others, and until they rest."""

WORDS = {"pass": ("not worse", "better"), "fail": ("worse", "too little"), "inconclusive": ("can be luck",) * 2}
"""Outcome -> the word where one may lose, and where one must win."""
TOO_FEW = "too few rows to tell"
ASKED = ("may lose at most {}", "must be better", "must be better by more than {}")
"""What a line asks for that stands below nothing gained, there, and above it."""
EQUAL = "equal"
"""What the line at nothing gained is called where no rule asks for anything."""

Outcome = Literal["pass", "fail", "inconclusive"]


@dataclass(frozen=True)
class Draw:
    """Both models on rows that were drawn once."""

    live: float
    yours: float
    gain: float
    """How much better yours is; of an error, how much smaller."""


@dataclass(frozen=True)
class Shuffle:
    """Two models on the same rows, drawn again and again."""

    names: tuple[str, str]
    """What the two are called: the reference, and what is held against it."""
    metric: str
    """As people write it."""
    less: bool
    """Whether less of it is better."""
    rows: int
    shuffles: int
    """How often the rows were drawn in all."""
    measured: Draw
    """Both on the rows themselves."""
    draws: tuple[Draw, ...]
    """A hundred of them that say what all say, in the order in which they were drawn."""
    lower: float
    """The gain is above it with 95 % certainty."""
    upper: float
    """The gain is below it with as much certainty."""
    line: float
    """The gain that is asked for: below 0 is what may be lost."""
    ruled: bool
    """Whether the line is that of a rule; else it stands at 0, and the interval has 95 % in all."""
    too_few: str | None = None
    """Why these rows decide nothing."""

    @property
    def dots(self) -> tuple[float, ...]:
        """The gains at which the twenty dots stand: the one in the middle of each five, the smallest first."""
        gains = sorted(draw.gain for draw in self.draws)
        each = len(gains) // DOTS
        return tuple(gains[at * each + each // 2] for at in range(DOTS)) if each else tuple(gains)

    @property
    def ahead(self) -> int:
        """In how many of the draws yours is ahead."""
        return self.beyond(0.0)

    @property
    def same(self) -> bool:
        """Whether no draw tells the two apart: they answer every row alike."""
        return not any(draw.gain for draw in self.draws)

    @property
    def digits(self) -> int:
        """Decimals that tell the ends of the interval apart, and not more."""
        return _digits(self.upper - self.lower, abs(self.measured.live))

    @property
    def span(self) -> tuple[float, float]:
        """The gains that are drawn: all draws, both ends, nothing gained, and room to move the line to either side."""
        gains = [draw.gain for draw in self.draws]
        shown = [*gains, self.lower, self.upper, self.measured.gain, self.line, 0.0]
        room = max(1.6 * abs(self.line), 0.25 * (max(gains) - min(gains)), 2 * 10.0**-self.digits)
        return min(*shown, -room), max(*shown, room)

    @property
    def step(self) -> float:
        """How far one key press moves the line."""
        low, high = self.span
        return float(10.0 ** math.floor(math.log10((high - low) / 40)))

    def beyond(self, line: float) -> int:
        """Return in how many draws more than this is gained."""
        return sum(draw.gain > line for draw in self.draws)

    def outcome(self, line: float) -> Outcome:
        """Return what the interval says where the line stands; a line of a rule counts as the release check counts."""
        if self.too_few:
            return "inconclusive"
        if self.lower > line:
            return "pass"
        return "fail" if self.upper < line or (self.ruled and self.upper == line == 0) else "inconclusive"

    def word(self, line: float) -> str:
        """Return the word of the verdict where the line stands."""
        outcome = self.outcome(line)
        return TOO_FEW if self.too_few else WORDS[outcome][line > 0 if outcome == "fail" else line >= 0]

    @property
    def sentence(self) -> str:
        """What the shuffle says."""
        reference, other = self.names
        if self.same:
            return f"{_capital(reference)} and {other} answer all {self.rows:,} rows alike: nothing tells them apart."
        counted = (
            f"{_capital(other)} is ahead in {self.ahead} of {len(self.draws)} shuffles of the same {self.rows:,} rows."
        )
        if self.too_few:
            return f"{counted} {self.too_few}"
        return f"{counted} {self.certain.removesuffix('.')}: {self.word(self.line)}."

    @property
    def certain(self) -> str:
        """What the interval says; beside a rule the end of it that decides, and what is asked."""
        if self.too_few:
            return self.too_few
        return f"{self._certain()}; it {asked(self.line)}." if self.ruled else f"{self._certain()}."

    def _certain(self) -> str:
        if not self.ruled:
            sign = -1 if self.less else 1
            raw = sorted(sign * end for end in (self.lower, self.upper))
            by, low, high = (words.signed(one, self.digits) for one in (sign * self.measured.gain, *raw))
            return f"{self.metric} {by} (95 % interval {low} to {high})"
        if (outcome := self.outcome(self.line)) == "inconclusive":
            low, high = (words.signed(one, self.digits) for one in (self.lower, self.upper))
            return f"{self.metric} changes by {low} to {high}, with 95 % certainty at either end"
        end = self.lower if outcome == "pass" else self.upper
        return f"With 95 % certainty it {_gained(end, self.digits, least=outcome == 'pass')} {self.metric}"

    def frame(self) -> pd.DataFrame:
        """Return the draws as a table, in their order."""
        reference, other = self.names
        return pd.DataFrame(
            {
                "Shuffle": number,
                f"{self.metric}, {reference}": draw.live,
                f"{self.metric}, {other}": draw.yours,
                "Difference": draw.yours - draw.live,
                "Ahead": other if draw.gain > 0 else reference if draw.gain < 0 else "neither",
            }
            for number, draw in enumerate(self.draws, 1)
        )


def asked(line: float, digits: int | None = None) -> str:
    """Return what a line asks for.

    Examples
    --------
    >>> asked(-0.02), asked(0.0), asked(0.005)
    ('may lose at most 0.02', 'must be better', 'must be better by more than 0.005')
    """
    by = f"{abs(line):g}" if digits is None else f"{abs(line):.{digits}f}"
    return ASKED[0].format(by) if line < 0 else ASKED[2].format(by) if line > 0 else ASKED[1]


def of(difference: Any, names: tuple[str, str], line: float | None = None) -> Shuffle:
    """Return a difference as a shuffle.

    Parameters
    ----------
    difference : differences.Difference
        With the draws that it was measured on.
    names : (str, str)
        What the reference and what is held against it are called.
    line : float, optional
        The gain that a rule asks for: minus what may be lost. Without it the two are held against each other, and the
        line stands at nothing gained.
    """
    less = difference.metric in LOWER_IS_BETTER
    sign = -1 if less else 1

    def draw(live: float, yours: float) -> Draw:
        return Draw(live, yours, sign * (yours - live))

    one_sided, two_sided = (difference.lower, difference.upper), (difference.low, difference.high)
    lower, upper = sorted(sign * end for end in (two_sided if line is None else one_sided))
    return Shuffle(
        names=names,
        metric=words.metric_name(difference.metric),
        less=less,
        rows=difference.rows,
        shuffles=difference.resamples,
        measured=draw(difference.baseline, difference.challenger),
        draws=tuple(draw(*pair) for pair in difference.draws),
        lower=lower,
        upper=upper,
        line=line or 0.0,
        ruled=line is not None,
        too_few=difference.too_few,
    )


def _gained(end: float, digits: int, least: bool) -> str:
    """Return an end of an interval as what is gained at least, or at most; below nothing, what is lost."""
    verb = "gains" if end >= 0 else "loses"
    return f"{verb} at {'least' if (end >= 0) == least else 'most'} {abs(end):.{digits}f}"


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _digits(width: float, size: float) -> int:
    fewest = 3 if size < 10 else 0
    return int(min(max(1 - math.floor(math.log10(width)), fewest), 4)) if width > 0 else max(fewest, 1)

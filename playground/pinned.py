"""Five pins of runs as they are drawn: a line for each run, a letter for each pin, and where two runs first differ.

Plain records, so that a test reads what the screen shows. What a pin is: `mlops.experiments.pins`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from mlops.experiments import pins
from mlops.training.reproduce import GOOD
from playground import theme
from playground.words import short


@dataclass(frozen=True)
class Bar:
    """One pin of one run."""

    name: str
    letter: str
    """Empty where it is not pinned."""
    told: str
    """What people call it, or why it is not pinned."""
    hash: str
    """First characters of its hash; empty where it is not pinned."""
    first: bool = False
    """Whether it is the first that does not promise the same as the first run."""


@dataclass(frozen=True)
class Line:
    """The pins of one run."""

    run: str
    """The run as screens call it."""
    bars: tuple[Bar, ...]
    proven: bool = False
    """Whether it was trained again, and gave its answers again."""


@dataclass(frozen=True)
class Pinned:
    """The pins of some runs, held against the first one."""

    lines: tuple[Line, ...]
    sentence: str
    """The same in words."""

    @property
    def first(self) -> str | None:
        """The first pin in which a run differs from the first one."""
        return next((name for name in pins.NAMES for line in self.lines for bar in line.bars
                     if bar.first and bar.name == name), None)  # fmt: skip


def pinned(runs: Sequence[Any]) -> Pinned:
    """Return the pins of runs as they are drawn.

    Parameters
    ----------
    runs : sequence of Run
        All are held against the first one.
    """
    found = [pins.pins(run) for run in runs]
    lines = []
    for run, kept, letters in zip(runs, found, pins.lettered(found), strict=True):
        first = pins.first_divergence(found[0], kept) if kept is not found[0] else None
        bars = (
            Bar(pin.name, letter, pin.told, short(pin.sha256), pin.name == first)
            for pin, letter in zip(kept, letters, strict=True)
        )
        lines.append(Line(short(run.run_id), tuple(bars), _is_proven(run.reproduced)))
    return Pinned(tuple(lines), _alone(found[0], lines[0].proven) if len(found) == 1 else _together(found))


def _is_proven(reproduced: Mapping[str, Any] | None) -> bool:
    return bool(reproduced) and reproduced["verdict"] in GOOD


def _alone(kept: Sequence[pins.Pin], proven: bool) -> str:
    loose = [f"{pin.name} ({pin.told})" for pin in kept if pin.sha256 is None]
    if loose:
        return f"Not pinned: {', '.join(loose)}."
    if proven:
        return "All five are pinned, and it is proven: made again, it gave the same answers."
    return "All five are pinned: made again, it is the same to the last byte."


def _together(found: Sequence[Sequence[pins.Pin]]) -> str:
    """Say what is equal in all runs, and what first differs."""
    columns = dict(zip(pins.NAMES, zip(*found, strict=True), strict=True))
    loose = [name for name, kept in columns.items() if any(pin.sha256 is None for pin in kept)]
    moved = [name for name, kept in columns.items() if name not in loose and len({pin.sha256 for pin in kept}) > 1]
    first = next((name for name in pins.NAMES if name in (*loose, *moved)), None)
    if first is None:
        return "All five are equal, which promises equal bytes."
    calls = list(dict.fromkeys(pin.told for pin in columns[first]))
    how = " → ".join(calls) if first in moved and len(calls) == 2 else "not pinned in each" if first in loose else ""
    same = [name for name in pins.NAMES if name not in (*loose, *moved)]
    parts = [
        f"First difference: {first}" + (f" ({how})" if how else ""),
        f"also different: {', '.join(name for name in moved if name != first)}" if set(moved) - {first} else "",
        f"not pinned: {', '.join(name for name in loose if name != first)}" if set(loose) - {first} else "",
        f"the same in all: {', '.join(same)}" if same else "nothing is the same in all",
    ]
    return "; ".join(part for part in parts if part) + "."


@lru_cache(1000)
def picture(letters: tuple[str, ...], proven: bool = False) -> str:
    """Return the five letters of a run as a picture for a cell of a table, a tick behind them where it is proven.

    It is an SVG in a data URL.

    Examples
    --------
    >>> picture(("A", "A", "A", "B", "")).startswith("data:image/svg+xml;utf8,")
    True
    """
    marks = "".join(
        _mark(18 * place + 9, letter, theme.PINS[name])
        for place, (name, letter) in enumerate(zip(pins.NAMES, letters, strict=True))
    )
    tick = f"<path d='M93 9.4l3.2 3.4 5.6-7' fill='none' stroke='{theme.GREEN}' stroke-width='2.2'/>" if proven else ""
    drawn = f"<svg xmlns='http://www.w3.org/2000/svg' width='208' height='52' viewBox='0 -4 104 26'>{marks}{tick}</svg>"
    return f"data:image/svg+xml;utf8,{quote(drawn)}"


def _mark(x: int, letter: str, colour: str) -> str:
    """Draw one pin: the first value filled, others outlined, what is not pinned a grey dash."""
    if not letter:
        return f"<rect x='{x - 4}' y='8' width='8' height='2' rx='1' fill='{theme.GREY}' opacity='.6'/>"
    look = f"fill='{colour}'" if letter == "A" else f"fill='none' stroke='{colour}' stroke-width='1.5'"
    dashed = " stroke-dasharray='2.4 1.6'" if letter not in ("A", "B") else ""
    text = theme.ON_COLOUR if letter == "A" else colour
    return (
        f"<circle cx='{x}' cy='9' r='7.2' {look}{dashed}/>"
        f"<text x='{x}' y='12.6' font-family='sans-serif' font-size='10' font-weight='600' text-anchor='middle' "
        f"fill='{text}'>{letter}</text>"
    )

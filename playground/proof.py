"""Proof: what came out when a run was trained again, as screens show it.

Plain records, so that a test reads what the screen says: the verdict in our words, the first difference in a sentence,
a row for each check, and the five pins as they were then and are now. What decides it: `mlops.training.reproduce`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops.experiments.configs import without_gate
from mlops.experiments.pins import NAMES, SEED, Pin, PinName, pins
from mlops.training.reproduce import GOOD
from playground import words
from playground.pinned import Bar, Line, Pinned

PROVEN = "proven"
"""The word of the badge."""

WORDS: Mapping[str, tuple[str, str, str]] = {
    "identical": ("identical", "green", "verified"),
    "equivalent": ("same answers, other file", "green", "verified"),
    "within_tolerance": ("nearly the same answers", "green", "verified"),
    "different": ("other answers", "red", "error"),
    "impossible": ("cannot be repeated", "orange", "casino"),
}
"""Verdict -> how it is called on screens, its colour and its icon."""

WHAT: Mapping[str, tuple[str, PinName | None]] = {
    "data": ("data", "data"),
    "config": ("config", "config"),
    "code": ("code", "code"),
    "package": ("packages", "software"),
    "seed": ("seed", "seed"),
    "platform": ("machine", "software"),
    "threads": ("threads", "software"),
    "artifact": ("files of the run", None),
}
"""What was checked -> its word on screens, and the pin that holds it."""

MISSING = "–"
"""What stands where nothing was kept."""

MOST = 3
"""So many things that differ are named in a cell; the others are counted."""


@dataclass(frozen=True)
class Check:
    """One row of the table: what was recorded, and what is there now."""

    what: str
    then: str
    now: str
    equal: bool | None
    """None where nothing was recorded that could be compared."""

    @property
    def said(self) -> str:
        """Whether it is the same, in a word."""
        if self.equal is False and self.then == self.now == MISSING:
            return "not kept"
        return {True: "equal", False: "different", None: "unknown"}[self.equal]


@dataclass(frozen=True)
class Proof:
    """What came out when a run was trained again."""

    verdict: str
    """As the core has it."""
    title: str
    """The verdict as screens say it."""
    sentence: str
    """The first difference, or that there is none."""
    checks: tuple[Check, ...]
    pins: Pinned
    """The five pins, then and now."""
    at: str

    @property
    def proven(self) -> bool:
        """Whether the run gives its answers again."""
        return self.verdict in GOOD


def of(run: Any) -> Proof | None:
    """Return what came out when a run was last trained again; None if nobody did."""
    told = run.reproduced
    if not told:
        return None
    reasons = dict(told.get("reasons") or {})
    return Proof(
        verdict=told["verdict"],
        title=_title(told["verdict"], told["why"]),
        sentence=_sentence(told, reasons),
        checks=tuple(_check(one, run) for one in told["checks"]),
        pins=_then_and_now(run, told),
        at=told["at"],
    )


def badge(verdict: str | None) -> str:
    """Return a verdict as a chip in markdown; nothing where nobody trained it again.

    Examples
    --------
    >>> badge("equivalent"), badge("different"), badge(None)
    (':green-badge[:material/verified: proven]', ':red-badge[:material/error: other answers]', '')
    """
    if verdict is None:
        return ""
    _, colour, icon = WORDS[verdict]
    return f":{colour}-badge[:material/{icon}: {word(verdict)}]"


def word(verdict: str | None) -> str:
    """Return a verdict as it stands in a cell of a table.

    Examples
    --------
    >>> word("identical"), word("impossible"), word(None)
    ('proven', 'cannot be repeated', '')
    """
    if verdict is None:
        return ""
    return PROVEN if verdict in GOOD else WORDS[verdict][0]


def _title(verdict: str, why: str) -> str:
    title = WORDS[verdict][0].capitalize()
    return f"{title}: no seed was kept" if verdict == "impossible" and "No seed was kept" in why else title


def _sentence(told: Mapping[str, Any], reasons: Mapping[str, str]) -> str:
    """Name the first difference in a sentence, and what it did not change."""
    first = told["first_divergence"]
    if first is None:
        return "Nothing differs: trained again in a fresh process, it is the same to the last byte."
    what = WHAT[first][0]
    said = f"First difference: {what}. {reasons.get(first, told['why'])}"
    if told["verdict"] == "identical":
        return f"{said} In spite of it the model is the same, to the last byte."
    numbers = told.get("predictions")
    if numbers and numbers["changed"]:
        said += f" {numbers['changed']:,} of {numbers['rows']:,} answers are others"
        flipped = numbers["flipped"]
        said += f", {flipped:,} decided otherwise." if flipped else ", by hardly anything." if flipped == 0 else "."
    return said


def _check(check: Mapping[str, Any], run: Any) -> Check:
    then, now = (_counted(check["what"], check[side], check["equal"]) for side in ("expected", "observed"))
    if check["what"] == "config" and check["equal"]:  # its hash is without the seed; the page has the one with it
        then = now = words.counted(len({*without_gate(run.params)} - {SEED}), "value")
    return Check(WHAT[check["what"]][0], then, now, check["equal"])


def _counted(what: str, value: Any, equal: bool | None) -> str:
    """Return what was recorded as text; of many things that are equal, how many they are."""
    if isinstance(value, Mapping):
        if [*value] == [what]:
            return _told(value[what])
        if equal and what == "package":
            return f"Python {value.get('python')} and {len(value) - 1} packages"
        if equal and len(value) > MOST:
            return f"{len(value)} {WHAT[what][0].partition(' ')[0]}"
    return _told(value)


def _told(value: Any) -> str:
    """Return what was recorded as text: a hash by its beginning, of several things the first few.

    Examples
    --------
    >>> _told({"numpy": "2.4.6", "scipy": "1.17.1"}), _told(42), _told(None), _told("0" * 64)
    ('numpy 2.4.6, scipy 1.17.1', '42', '–', '0000000')
    """
    if value in (None, "") or value == {}:
        return MISSING
    if isinstance(value, Mapping):
        said = [key if value[key] == key else f"{key} {_told(value[key])}" for key in [*value][:MOST]]
        more = len(value) - MOST
        return ", ".join(said) + (f" and {more} more" if more > 0 else "")
    text = words.setting(value)
    whole = str(value)
    return words.short(whole) if len(whole) == 64 and set(whole) <= set("0123456789abcdef") else text


# The pins


def _then_and_now(run: Any, told: Mapping[str, Any]) -> Pinned:
    """Return the five pins of a run as two lines: as it recorded them, and as they are where it was trained again."""
    kept, checks = pins(run), list(told["checks"])
    found = {name: [one for one in checks if WHAT[one["what"]][1] == name] for name in NAMES}
    first = next((pin.name for pin in kept if _differs(pin, found[pin.name])), None)
    then = [Bar(pin.name, "A" if pin.sha256 else "", pin.told, words.short(pin.sha256)) for pin in kept]
    now = [_now(pin, found[pin.name], pin.name == first) for pin in kept]
    said = _same(then, now, first)
    return Pinned((Line("then", tuple(then)), Line("now", tuple(now))), said)


def _differs(pin: Pin, checks: Sequence[Mapping[str, Any]]) -> bool:
    return pin.sha256 is None or any(one["equal"] is False for one in checks)


def _now(pin: Pin, checks: Sequence[Mapping[str, Any]], first: bool) -> Bar:
    if pin.sha256 is None:
        return Bar(pin.name, "", pin.told, "", first)
    moved = [one for one in checks if one["equal"] is False]
    if not moved:
        return Bar(pin.name, "A", pin.told, words.short(pin.sha256))
    return Bar(pin.name, "B", _told(moved[0]["observed"]), "", first)


def _same(then: Sequence[Bar], now: Sequence[Bar], first: PinName | None) -> str:
    if first is None:
        return "All five pins are as they were then."
    moved = [one.name for one, other in zip(then, now, strict=True) if one.letter != other.letter]
    loose = [one.name for one in then if not one.letter]
    parts = {"moved since then": moved, "not pinned": loose}
    said = "; ".join(f"{what}: {', '.join(names)}" for what, names in parts.items() if names)
    return f"{said[:1].upper()}{said[1:]}."

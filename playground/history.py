"""The history of a workspace as one line of time: what happened, and what was live when.

`Mark` is an event that a person would look for: a release, a rollback, a failed health check, a refused check, new
data, outcomes. `Bar` is a time of being live, in the `Lane` of an environment and, where there are several, a model
name. What is and was live is asked of `ws.releases`; here it is only laid out. The line is counted in events, for a
simulated date stands still and many of them have one instant: *what was live* at an instant is what was live after the
last event with an `at` up to it. Nothing is drawn here: see `kit/history`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Literal

from mlops import Workspace
from mlops.release.gate import WAY_OUT
from mlops.release.releases import Move
from playground import theme, words

MOST = 150
"""Marks of one history, the newest; the older ones are in the audit log."""

NEWEST, APART = 8, 12
"""The view opens as wide as it can with this many of the newest marks at least so many pixels apart."""

SHARE = 0.6
"""Part of the line that its marks share evenly, so that those of one moment lie side by side; the rest is time."""

DAY = 86_400_000
SPANS: Mapping[str, int | None] = {"all": None, "year": 366 * DAY, "month": 31 * DAY, "day": DAY}
"""How much time a view shows, in milliseconds, from the widest to the closest; one more shows the `NEWEST` marks."""

Kind = Literal["release", "rollback", "failed", "refused", "undecided", "data", "outcomes"]

SAYS: Mapping[Kind, str] = {
    "release": "{what} goes live in {place}",
    "rollback": "Back to {what} in {place}",
    "failed": "{what} fails its health check in {place}: never live",
    "refused": "{what} does not pass the release check of {place}",
    "undecided": "The release check of {place} cannot decide about {what}",
    "data": "{what} is kept",
    "outcomes": "{what} become known",
}
"""Kind of a mark -> its sentence."""


@dataclass(frozen=True)
class Mark:
    """One event on the line."""

    event: int
    """Its number."""
    at: str
    """When, on the workspace's calendar."""
    wall: str
    """When, by the clock on the wall."""
    kind: Kind
    place: str
    """The environment; empty for what is about data."""
    model: Mapping[str, str] | None
    """``{name, version, sha256}``; None for what is about data."""
    about: str
    """What it is about, where that is data."""
    by: str
    why: str

    @property
    def decides(self) -> bool:
        """Whether its event keeps an answer of the release check with its evidence."""
        return self.kind in ("release", "failed", *_ANSWERS.values()) and self.place == "production"

    def says(self, named: bool) -> str:
        """Return it as one sentence, with the model's name where there are several."""
        what = words.version(self.model, named) if self.model else self.about
        return SAYS[self.kind].format(what=what, place=self.place)


@dataclass(frozen=True)
class Bar:
    """One time of being live: from an event, included, to the one that ended it, not included."""

    version: str
    event: int
    ended_by: int | None
    """None while it is live."""
    since: str
    until: str | None
    by: str
    why: str

    def held(self, event: int) -> bool:
        """Tell whether it was live after an event."""
        return self.event <= event and (self.ended_by is None or event < self.ended_by)


@dataclass(frozen=True)
class Lane:
    """What was live in one environment under one model name, oldest first."""

    environment: str
    name: str
    title: str
    """The environment; the name as well where there are several."""
    bars: tuple[Bar, ...]

    def live(self, event: int) -> Bar | None:
        """Return what was live after an event."""
        return next((bar for bar in self.bars if bar.held(event)), None)


@dataclass(frozen=True)
class History:
    """All of it, as it is drawn."""

    lanes: tuple[Lane, ...]
    """Production first."""
    marks: tuple[Mark, ...]
    """Oldest first."""
    now: str
    simulated: bool
    earlier: int = 0
    """Marks before these that are not among them."""

    @property
    def releases(self) -> int:
        """How often something went live in the environment where most did: a rehearsal is no second release."""
        found = Counter(lane.environment for lane in self.lanes for _ in lane.bars)
        return max(found.values(), default=0)

    @property
    def named(self) -> bool:
        """Whether there are several model names, so that a version alone says too little."""
        return len({lane.name for lane in self.lanes}) > 1

    def after(self, instant: str) -> int:
        """Return the number of the last mark at or before an instant, 0 before the first: what counts then."""
        return max((mark.event for mark in self.marks if mark.at <= instant), default=0)

    def live(self, event: int) -> dict[str, Bar | None]:
        """Return what was live in each lane after an event, by the lane's title."""
        return {lane.title: lane.live(event) for lane in self.lanes}

    def first(self, view: str) -> int:
        """Return the place of the first mark that a view shows."""
        if view == "newest":
            return max(len(self.marks) - NEWEST, 0)
        span = SPANS[view]
        begin = milliseconds(self.now) - span if span else float("-inf")
        return sum(milliseconds(mark.at) < begin for mark in self.marks)

    def opens(self, width: float) -> str:
        """Return the view that a line of so many pixels opens with: the widest with its newest marks far enough apart.

        Examples
        --------
        >>> History((), (), "2024-03-15T18:00:00.000000Z", True).opens(600)
        'all'
        """
        room, least = width * SHARE / APART, min(NEWEST, len(self.marks))
        shown = {view: len(self.marks) - self.first(view) for view in SPANS}
        return next((view for view, count in shown.items() if least <= count <= room - 1), "newest")

    def sentence(self) -> str:
        """Return it in words: how much there is, and what is live."""
        newest = self.marks[-1].event if self.marks else 0
        live = [f"v{bar.version} in {title}" for title, bar in self.live(newest).items() if bar]
        many = len(self.marks) + self.earlier
        since = f" since {words.date(self.marks[0].at)}" if self.marks and not self.earlier else ""
        return f"{many:,} {'event' if many == 1 else 'events'}{since}. Live: {', '.join(live) or 'nothing'}."

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each mark, newest first: what happened, and what was live after it."""
        return [
            {
                "event": mark.event,
                "at": words.moment(mark.at),
                "on the wall": words.moment(mark.wall),
                "what": mark.says(self.named),
                "by": mark.by,
                "why": mark.why,
                **{title: f"v{bar.version}" if bar else "–" for title, bar in self.live(mark.event).items()},
            }
            for mark in reversed(self.marks)
        ]


def milliseconds(instant: str) -> float:
    """Return an instant as browsers count time.

    Examples
    --------
    >>> milliseconds("1970-01-02T00:00:00.000000Z")
    86400000.0
    """
    return datetime.fromisoformat(instant).timestamp() * 1000


# Reading it

_KINDS: Mapping[str, Kind] = {
    "deployment.deploy": "release",
    "deployment.rollback": "rollback",
    "dataset.add": "data",
    "labels.add": "outcomes",
}
_ANSWERS: Mapping[str, Kind] = {"fail": "refused", "inconclusive": "undecided"}


class Tape:
    """The marks of one workspace; whoever looks again reads the events that came since."""

    def __init__(self) -> None:
        self._marks: list[Mark] = []
        self._seen = 0
        self._lock = Lock()

    def history(self, ws: Workspace) -> History:
        """Return the history as it is now."""
        with self._lock:
            for event in ws.log(since=self._seen):
                self._seen = event["seq"]
                self._add(event)
            marks, shown = len(self._marks), tuple(self._marks[-MOST:])
        lanes = _lanes(ws, shown[0].event if shown else 0)
        clock = ws.clock()
        return History(lanes, shown, clock["now"], clock["simulated"], marks - len(shown))

    def _add(self, event: Mapping[str, Any]) -> None:
        mark = _mark(event)
        if mark is None:
            return
        before = self._marks[-1] if self._marks else mark
        if before.kind in _ANSWERS.values() and before.event == mark.event - 1 and mark.place == before.place:
            self._marks.pop()  # the check was overruled: the release says so
        self._marks.append(mark)


def read(ws: Workspace) -> History:
    """Return the history of a workspace as it is now."""
    return Tape().history(ws)


def _mark(event: Mapping[str, Any]) -> Mark | None:
    """Return an event as a mark; None for what nobody would look for."""
    changes = event["payload"]["changes"]
    kind = _ANSWERS.get(changes["outcome"]) if event["kind"] == "gate.evaluate" else _KINDS.get(event["kind"])
    if kind is None:
        return None
    if kind in ("release", "rollback") and changes["status"] == "failed":
        kind = "failed"
    about = (
        event["subject"]
        if kind == "data"
        else f"{changes['rows']:,} outcomes of {changes['dataset']}"
        if kind == "outcomes"
        else ""
    )
    return Mark(
        event["seq"], event["at"], event["recorded_at"], kind, changes.get("environment", ""), changes.get("model"),
        about, event["actor"], _why(changes),
    )  # fmt: skip


def _why(changes: Mapping[str, Any]) -> str:
    """Return the reason that an event gives: a person's, else that of the first check that did not pass."""
    failed = next((check["why"] for check in changes.get("checks", ()) if check["outcome"] != "pass"), "")
    given = str(changes.get("reason") or changes.get("message") or failed.removesuffix(WAY_OUT))
    overruled = changes.get("override") and (changes.get("gate") or {}).get("outcome") != "pass"
    return f"{given} (in spite of the release check: {changes['override']})" if overruled else given


def _lanes(ws: Workspace, begin: int) -> tuple[Lane, ...]:
    """Return the lanes with all that was live at the event `begin` or later."""
    moves = {place: ws.releases.moves(place, newest=MOST + 1) for place in theme.ENVIRONMENTS}
    places = [
        (place, name)
        for place, found in moves.items()
        for name in dict.fromkeys(one.deployment.model["name"] for one in found)
    ]
    several = len({name for _, name in places}) > 1
    return tuple(
        Lane(place, name, f"{place} {name}" if several else place, _bars(moves[place], name, begin))
        for place, name in places
    )


def _bars(moves: Sequence[Move], name: str, begin: int) -> tuple[Bar, ...]:
    found = [one for one in moves if one.deployment.model["name"] == name and one.deployment.since]
    return tuple(
        Bar(
            one.deployment.model["version"], one.event, one.ended_by, str(one.deployment.since), one.deployment.until,
            one.deployment.deployed_by, one.deployment.reason,
        )
        for one in found
        if one.ended_by is None or one.ended_by > begin
    )  # fmt: skip

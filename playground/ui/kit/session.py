"""What a session remembers: one list, and the only place that touches Streamlit's session.

A draft, a choice or a guess among it stands on the desk of the workspace as well (`desk`), and survives the session.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

import streamlit as st

from mlops import MlopsError, Workspace
from playground import desk

Value = TypeVar("Value")

DOUBLE_CLICK = 0.5
"""Seconds between the clicks of a double click, at most; what systems take by default."""


@dataclass(frozen=True)
class Kept(Generic[Value]):
    """One thing that a session remembers beside its widgets."""

    name: str
    """``screen.thing``; all of them have the same prefix in the session."""
    unset: Value
    """What it is before anybody said anything."""
    durable: type | None = None
    """Of which type its values are, if it stands on the desk of the workspace: after a reload, or another server, it is
    as it was. Of another type is what somebody else wrote there."""
    of_chapter: bool = False
    """Whether each chapter has its own beside that of the own work, so that neither overwrites the other."""

    @property
    def key(self) -> str:
        """Where it stands in the session."""
        chapter = st.session_state.get("kept.session.chapter") if self.of_chapter else ""
        return f"kept.{self.name}@{chapter}" if chapter else f"kept.{self.name}"

    def get(self) -> Value:
        """Return it."""
        found: Value = st.session_state.get(self.key, self.unset)
        return found

    def set(self, value: Value) -> None:
        """Remember it."""
        st.session_state[self.key] = value
        if self.durable and (value != self.unset or self.key in _FOUND.get()):
            _put({self.key: value})

    def take(self) -> Value:
        """Return it and forget it."""
        found: Value = st.session_state.pop(self.key, self.unset)
        return found


SEAT = Kept("session.seat", "")
COPY = Kept("session.copy", "")
"""The number of the copy on screen; empty in the own work."""
PAST: Kept[int | None] = Kept("session.past", None)
"""Number of the last event of the past on screen; None today."""
TEACHER = Kept("session.teacher", "")
"""The key to the teacher's page, where this session has it."""
PAGE = Kept("session.page", "")
"""The screen that was drawn last, as Streamlit names it."""
NOT_THEN: Kept[MlopsError | None] = Kept("session.not_then", None)
"""Why the past that was asked for cannot be shown."""
CHAPTER = Kept("session.chapter", "")
"""The stop whose chapter is on screen; empty in the own work."""
REMEMBERED = Kept("session.remembered", "")
"""The seat that the base address leads to in this browser; another one than `SEAT` where a link was followed."""
GONE = Kept("session.gone", False)
"""Whether somebody left a seat here: the cookie that this session began with is no longer what the browser has."""
SAID = Kept("session.said", "")
"""What the last action did, to be said once."""
PROBLEM: Kept[MlopsError | None] = Kept("session.problem", None)
"""Why the last click in the menu was refused."""
ASKED = Kept("menu.asked", False)
"""Whether somebody is asked if they mean to start over."""
CLOSED = Kept("session.closed", 0)
"""How often the menu was closed from here."""
UNDO = Kept("session.undo", 0)
"""The number of the workspace that was put aside a moment ago."""
PLAYED = Kept("session.played", "")
"""The first of the months that somebody let pass here, until they have read what these brought."""
MONTHS_BEGUN = Kept("session.months_begun", 0)
"""How often months were let pass here: the menu of the date closes then."""
NOT_PASSED: Kept[MlopsError | None] = Kept("session.not_passed", None)
"""Why no month could pass, or be taken back."""
CLICKED: Kept[Mapping[str, float]] = Kept("session.clicked", {})
"""When each button that must not be pressed twice was pressed last."""

DRAFT: Kept[str | None] = Kept("train.draft", None, durable=str, of_chapter=True)
"""The config in the editor."""
OFFERED: Kept[str | None] = Kept("train.offered", None, durable=str, of_chapter=True)
"""The config that was offered there to begin with."""
REVISION = Kept("train.revision", 0, durable=int)
"""How often the draft was replaced by anything but typing."""
NAMED: Kept[tuple[str, str] | None] = Kept("train.named", None, durable=tuple, of_chapter=True)
"""The data that the draft named when it was read last."""
FORMED = Kept("train.formed", ("", ""), durable=tuple, of_chapter=True)
"""The draft before the form changed it last, and after."""
REFUSED: Kept[MlopsError | None] = Kept("train.refused", None)
"""Why the last click was refused."""

BROKEN: Kept[Mapping[str, str]] = Kept("train.broken", {}, durable=dict)
"""``copy``: the copy in which things are broken on purpose; of each break, ``seed.copy`` and ``seed.guess``, empty if
it was waived."""

NOT_CLOSED: Kept[MlopsError | None] = Kept("guide.not_closed", None)
"""Why the last click of the close was refused."""

QUIZ_SEEN = Kept("quiz.seen", "", durable=str)
"""The answered question of the quiz that is being read; empty where the next one is asked."""
NOT_ANSWERED: Kept[MlopsError | None] = Kept("quiz.not_answered", None)
"""Why the last click of the quiz was refused."""

BROUGHT = Kept("class.brought", 0, durable=int)
"""Which time that a teacher brought everybody somewhere is answered: somebody came, or said not yet."""

BUILDING: Kept[int | None] = Kept("start.building", None, durable=int)
"""The head at which somebody began to run the chain, as long as it is at work."""
STOPPED: Kept[tuple[int, MlopsError] | None] = Kept("start.stopped", None)
"""The head at which a step of the chain was refused, and why."""

WRITTEN: Kept[list[str] | None] = Kept("compare.written", None)
"""The runs that the screen last wrote into the URL."""
COSTS: Kept[Mapping[str, float]] = Kept("compare.costs", {}, durable=dict)
"""What acting costs and is worth, as somebody said it under the hundred people."""
FOLLOWED = Kept("compare.followed", 0)
"""How often somebody else wrote runs there."""
FIRST: Kept[tuple[str, frozenset[str]]] = Kept("compare.first", ("", frozenset()))
"""Key of the table of runs, and the runs on top of it."""
OPENED: Kept[frozenset[tuple[str, ...]]] = Kept("compare.opened", frozenset())
"""``what, run, ...`` of all that was opened for good: test metrics, the same rows."""

LOOKED_AT = Kept("release.looked_at", "")
"""The run whose own page was opened last."""
LIVE: Kept[Mapping[str, list[str]] | None] = Kept("release.live", None)
"""What was live in each environment when this session last looked."""
ASKED_AT = Kept("release.asked_at", "")
"""The instant with which the question about a moment began."""
FURTHER = Kept("release.further", "")
"""Id of the rollback after which somebody wants to go to yet another version."""
GATE: Kept[Any] = Kept("release.gate", None)
"""The last answer of the release check, and the event that keeps it."""
VERIFIED: Kept[tuple[str, int, Mapping[str, Any]] | None] = Kept("release.verified", None)
"""Workspace and head of which everything was proven last, and what came of it."""

TAB = Kept("data.tab", "")
"""The tab of Data that comes next; empty where nobody decided."""
CHECKED: Kept[Any] = Kept("data.checked", None)
"""``hash of the file, head, what it is`` of the last file that was asked about; not the file."""

NEWEST = Kept("monitor.newest", "")
"""The newest month when this session last looked: once another one has passed, the page is about that."""

ROW: Kept[Mapping[str, Any]] = Kept("predict.row", {}, durable=dict)
"""The row in the form: ``of`` (workspace, model and example), ``row``, ``before`` (the one that stood there before it)
and ``sent`` (how often the browser told)."""
ANSWER: Kept[tuple[Any, ...]] = Kept("predict.answer", (), durable=tuple)
"""``workspace, model, row, answer`` of the last prediction."""
TIMED: Kept[Mapping[str, float]] = Kept("predict.timed", {})
"""How many milliseconds a door took that was asked here, by customer and door."""
REJECTED: Kept[tuple[str, bytes]] = Kept("predict.rejected", ("", b""))
"""Of the last file that was answered its id, and the rows that could not be used; answers are kept by the workspace."""
REPLAYED = Kept("predict.replayed", "")
"""What the link asked for by which somebody came to the logged answers last."""

REVEALED: Kept[int | None] = Kept("notebook.revealed", None, durable=int)
"""The guess that somebody committed to."""
ORDER: Kept[tuple[str, ...]] = Kept("notebook.order", (), durable=tuple)
ATTEMPT = Kept("notebook.attempt", 0, durable=int)

OF_A_MOMENT: tuple[Kept[Any], ...] = (REFUSED, STOPPED, LIVE, GATE)
"""Answers that are about one moment of the workspace; at another they would be wrong."""

HELD: Mapping[str, type] = {
    "train.data": str, "train.tabs": str, "workbench.way": str, "overlay.": str, "notebook.guess": int,
    "break.which": str,
    "sweep.how": str, "sweep.draws": int, "sweep.keys.": list, "sweep.values.": str,
    "compare.search": str, "compare.columns": list, "compare.order": str,
    "compare.ended": bool, "compare.aside": bool, "compare.unfolded": list,
    "predict.tabs": str, "predict.example.": str, "predict.source": str, "predict.sample": str,
    "predict.answers": str, "predict.doors": str, "predict.language": str, "live.model": str,
    "monitor.tabs": str,
    "panel.guess.": str, "panel.boss.": str, "close.message": str, "guide.said.": bool, "quiz.option.": str,
}  # fmt: skip
"""Widgets whose choice stands on the desk as well, by key; behind a dot at the end comes what the widget is about."""

_FOUND: Kept[Mapping[str, Any]] = Kept("session.found", {})
"""What stands on the desk, as far as this session knows."""
_SITS: Kept[tuple[str, desk.Desk] | None] = Kept("session.sits", None)
"""The workspace that this session remembers its choices for, and its desk."""


def held(widget: str, unset: Any = None) -> Any:
    """Return what a widget holds, wherever it is drawn."""
    return st.session_state.get(widget, unset)


def hold(widget: str, value: Any) -> None:
    """Let a widget begin with a value; before it is drawn."""
    st.session_state[widget] = value


def is_opened(what: str, ids: tuple[str, ...]) -> bool:
    """Return whether this session has opened something about these runs."""
    return (what, *ids) in OPENED.get()


def open_for_good(what: str, ids: tuple[str, ...]) -> None:
    """Open something about these runs for the rest of this session."""
    OPENED.set(OPENED.get() | {(what, *ids)})


def say(what: str) -> None:
    """Keep a sentence for the next rerun: what the last action did."""
    SAID.set(what)


def forget() -> None:
    """Forget every choice and answer of this session: they belong to another workspace."""
    for key in [*st.session_state]:
        if not str(key).startswith(Kept("session.", None).key):
            del st.session_state[key]


def sit_down(ws: Workspace) -> None:
    """Go on with what stands on the desk of a workspace; keep there what this session's widgets hold since."""
    if (sits := _SITS.get()) and sits[0] == ws.id:
        _put({str(key): value for key, value in st.session_state.to_dict().items() if _is_durable(str(key), value)})
        return
    if sits:  # another one came into its place, or another one is on screen
        forget()
    _SITS.set((ws.id, desk.Desk(ws.path)))
    _FOUND.set(desk.Desk(ws.path).read())
    for key, value in _FOUND.get().items():
        if key not in st.session_state and _is_durable(key, value):
            st.session_state[key] = value


def _is_durable(key: str, value: Any) -> bool:
    kind = _durable(key)
    return kind is not None and isinstance(value, kind)


@lru_cache(1000)
def _durable(key: str) -> type | None:
    """Return of which type the values are that stand on the desk under a key of the session; None if none do."""
    name = key.partition("@")[0]
    kept = (one.durable for one in globals().values() if isinstance(one, Kept) and f"kept.{one.name}" == name)
    about = (HELD[name] for name in HELD if name[-1] == "." and key.startswith(name))
    return next(kept, None) or HELD.get(key) or next(about, None)


def _put(values: Mapping[str, Any]) -> None:
    """Keep values on the desk, where they are not there already."""
    found, sits = _FOUND.get(), _SITS.get()
    new = {key: value for key, value in values.items() if key not in found or found[key] != value}
    if new and sits:
        sits[1].put(new)
        _FOUND.set({**found, **new})


def second_click(button: str) -> bool:
    """Tell whether a click is the second one of a double click, by which a person means one."""
    before, now = CLICKED.get(), time.monotonic()
    CLICKED.set({**before, button: now})
    return now - before.get(button, -DOUBLE_CLICK) < DOUBLE_CLICK

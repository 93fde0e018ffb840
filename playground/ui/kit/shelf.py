"""What was read of a workspace, kept until the workspace changes, for all who look at it.

A shelf holds one answer to each question: that of the newest moment at which it was asked. Each workspace has its own,
so nobody's reading pushes out what somebody else reads; records are frozen, so all sessions may share them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

import streamlit as st

QUESTIONS = 128
"""Answers that one shelf holds; the one that was asked for longest ago leaves first."""

WORKSPACES = 64
"""Shelves that are kept; the one of the workspace that nobody looked at longest leaves first."""


class Shelf:
    """The answers about one workspace.

    Examples
    --------
    >>> shelf = Shelf()
    >>> shelf.get("runs", moment=7, ask=lambda: ["r1"])
    ['r1']
    >>> shelf.get("runs", moment=7, ask=lambda: ["never asked"]), shelf.get("runs", moment=8, ask=lambda: ["r2"])
    (['r1'], ['r2'])
    """

    def __init__(self, most: int = QUESTIONS) -> None:
        self._most = most
        self._answers: OrderedDict[Hashable, _Answer] = OrderedDict()
        self._lock = Lock()

    def get(self, question: Hashable, moment: Hashable, ask: Callable[[], Any]) -> Any:
        """Return the answer to a question at a moment; `ask` it if it is not here. Who asks at the same time waits."""
        with self._lock:
            answer = self._answers.setdefault(question, _Answer())
            self._answers.move_to_end(question)
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        with answer.lock:
            if answer.moment != (moment,):
                answer.value = ask()
                answer.moment = (moment,)
            return answer.value


class _Answer:
    def __init__(self) -> None:
        self.lock = Lock()
        self.moment: tuple[Hashable, ...] = ()
        """The moment that `value` is of; empty before there is any."""
        self.value: Any = None


@st.cache_resource(max_entries=WORKSPACES, show_spinner=False)
def of_workspace(path: str, workspace_id: str) -> Shelf:
    """Return the shelf of a workspace; another one in the same place has another."""
    return Shelf()


@st.cache_resource(max_entries=WORKSPACES, show_spinner=False)
def of_past(path: str, workspace_id: str, event: int) -> Shelf:
    """Return the shelf of a workspace as it was after an event; nothing on it is ever read again."""
    return Shelf()

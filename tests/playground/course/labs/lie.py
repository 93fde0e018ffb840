"""Mutants of the lab about a lie: each goes wrong in one way, and only there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from mlops import Workspace
from playground import lie


def _new_event_lies(ws: Workspace) -> None:
    """The lie is about something that came after the lab began: nobody remembers it yet."""
    ws.runs.note(ws.runs.list()[0].run_id, "written just now")
    lie.tell(ws, ws.head(), "note", "written long ago")
    lie.recompute(ws)
    lie.keep(ws, ws.log()[-1]["sha256"])


def _a_second_lie_in_the_open(ws: Workspace) -> None:
    lie.tell(ws, 2, "message", "from a file that nobody has")


def _hash_of_the_copy_pasted(ws: Workspace) -> None:
    lie.keep(ws, lie.read(ws).links[-1].sha256)


def _own_history_rewritten(ws: Workspace) -> None:
    """The lie was told in the history itself, below its guards."""
    connection = sqlite3.connect(ws.path / "ledger.db")
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("UPDATE events SET payload = replace(payload, 'too short', 'too long')")
    connection.commit()
    connection.close()


MUTANTS: dict[str, Callable[[Workspace], None]] = {
    "lied": _new_event_lies,
    "hidden": _a_second_lie_in_the_open,
    "caught": _hash_of_the_copy_pasted,
    "kept": _own_history_rewritten,
}
"""Goal -> a way that misses this goal and no other."""

FROM_SOLVED = (_a_second_lie_in_the_open, _hash_of_the_copy_pasted, _own_history_rewritten)

SLOW = False

"""Acts of the lab about a lie: what is done to the copy, and a hash that was kept elsewhere."""

from __future__ import annotations

from mlops import Workspace
from playground import lie
from playground.course.acts import act


@act
def tell_lie(ws: Workspace, field: str, text: str) -> None:
    """Let the newest release against the check say something else, on a copy."""
    events = [one for one in ws.log() if one["payload"]["changes"].get("override")]
    lie.tell(ws, events[-1]["seq"], field, text)


@act
def recompute_hashes(ws: Workspace, one: bool = False) -> None:
    """Write the hashes that fit into the copy."""
    lie.recompute(ws, one)


@act
def throw_copy_away(ws: Workspace) -> None:
    """Begin with the copy anew."""
    lie.throw_away(ws)


@act
def keep_hash(ws: Workspace, back: int = 0) -> None:
    """Paste the hash of the last event, or of one that many before it."""
    lie.keep(ws, ws.log()[-1 - back]["sha256"])

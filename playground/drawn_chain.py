"""The chain as it is drawn: three inputs flow into a run, then version, staging, live.

Plain records, so that a test reads what the screen draws; `sentence` and `table` say the same. Each edge that carries a
number is one of the ledger. *next* leads to what is not there yet, *was* to where a version was live until somebody
went back, *loop* from the answers of what is live to the data that learned from their outcomes. How it is put together
from the lanes: `drawing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Kind = Literal["data", "code", "config", "run", "model", "staging", "live"]
State = Literal["empty", "running", "done", "fresh", "stale", "failed"]

OVER = ("done", "fresh", "stale")
"""States of a run that came to something."""

KINDS: Mapping[Kind, str] = {
    **{"data": "data", "code": "code", "config": "config"},
    **{"run": "run", "model": "version", "staging": "staging", "live": "live"},
}
"""Kind -> its word on screens."""

FIRST = "first difference"

LANES = ("live", "yours", "older", "newer")
"""The lanes that there can be, from top to bottom: what is live and the newest work, or two runs."""

INPUTS: tuple[Kind, ...] = ("data", "code", "config")
MADE: tuple[Kind, ...] = ("run", "model", "staging", "live")


@dataclass(frozen=True)
class Node:
    """One thing in the chain."""

    id: str
    """The same as long as it is the same thing, so that its mark moves and is not drawn anew."""
    kind: Kind
    label: str = ""
    """What it is called."""
    sub: str = ""
    """One fact about it."""
    letter: str = ""
    """Of an input: A, B, C in the order of appearance; the same letter promises the same. Of two runs also theirs."""
    state: State = "empty"
    lanes: tuple[str, ...] = ()
    """Of `LANES`: one, or two that share it."""
    why: str = ""
    """Why it is stale or failed."""
    page: str = ""
    """Screen that it opens."""
    query: Mapping[str, str] = field(default_factory=dict)
    hash: str = ""
    """What makes it what it is."""
    pin: str = ""
    """What decides its letter, and is the same where it gives the same bytes; itself if empty."""
    of: tuple[str, ...] = ()
    """Nodes of the lineage that it stands for."""
    first: bool = False
    """Whether it is the first in which two chains differ."""

    @property
    def name(self) -> str:
        """The node in words: ``data A customers@1``."""
        return " ".join(filter(None, (KINDS[self.kind], self.letter, self.label)))


@dataclass(frozen=True)
class Edge:
    """One arrow."""

    from_: str
    to: str
    seq: int | None = None
    """Number of the event that says so; None for what is not there yet."""
    kind: Literal["came", "next", "was", "loop"] = "came"
    lanes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DrawnChain:
    """What is drawn, the live lane before yours, and from left to right in each."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def covered(self, said: str) -> DrawnChain:
        """Return it with something said where its runs tell what came of them: that is to be guessed first."""
        shown = (replace(node, sub=said) if node.kind == "run" and node.state in OVER else node for node in self.nodes)
        return replace(self, nodes=tuple(shown))

    @property
    def apart(self) -> tuple[Node, Node] | None:
        """The run that is live, and that of your newest work, where they are two that have ended."""
        ended = [node for node in self.nodes if node.kind == "run" and node.state in (*OVER, "failed")]
        runs = [[node for node in ended if node.lanes == (lane,)] for lane in ("live", "yours")]
        return (runs[0][0], runs[1][0]) if all(runs) else None

    @property
    def alike(self) -> bool:
        """Whether these two runs made one model, byte for byte."""
        return self.apart is not None and len({node.pin for node in self.apart}) == 1 and bool(self.apart[0].pin)

    def lane(self, name: str) -> list[Node]:
        """Return the nodes of a lane, from left to right."""
        return [node for node in self.nodes if name in node.lanes]

    @property
    def sentence(self) -> str:
        """The chain in words."""
        said = [f"{name.capitalize()}: {', '.join(map(told, self.lane(name)))}." for name in LANES if self.lane(name)]
        if self.lane("live") and self.lane("live") == self.lane("yours"):
            return said[0].replace("Live:", "Live, and your newest work:", 1)
        return " ".join(said)

    @property
    def short(self) -> str:
        """The chain in one line, as a narrow screen has it: what most depends on, and what comes of it."""
        lane = next((found for name in LANES if (found := self.lane(name))), [])
        shown = [node for node in lane if node.state != "empty"] or lane
        first = [f"{KINDS[node.kind]} {node.letter}".strip() for node in shown if node.kind in ("data", "config")]
        last = f"{KINDS[shown[-1].kind]} {shown[-1].label}".strip()
        return " › ".join([*first, *(["…"] if len(shown) > 4 else []), *([last] if shown[-1].kind in MADE else [])])

    def table(self) -> list[dict[str, Any]]:
        """Return the chain as rows: each node, what it came from, and by which event."""
        names = {node.id: node.name for node in self.nodes}
        above = {node.id: [edge for edge in self.edges if edge.to == node.id and edge.seq] for node in self.nodes}
        return [
            {
                "lane": " and ".join(node.lanes),
                "what": node.name,
                "about": ", ".join(filter(None, (node.sub, node.why, FIRST if node.first else ""))),
                "state": "not yet" if node.state == "empty" else node.state,
                "came from": ", ".join(names[edge.from_] for edge in above[node.id]),
                "events": ", ".join(str(one) for one in sorted({edge.seq or 0 for edge in above[node.id]})),
            }
            for node in self.nodes
        ]


def told(node: Node) -> str:
    """Return a node in words."""
    about = ", ".join(filter(None, (node.sub, node.why, FIRST if node.first else "")))
    if node.state == "empty":
        return f"no {KINDS[node.kind]} yet" + (f" ({about})" if about else "")
    return node.name + (f" ({about})" if about else "")

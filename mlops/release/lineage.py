"""Lineage: what came from what, up and down. The one home of this question.

Up from anything lies all that it came from: data and the versions before them, outcomes, code, software, config, the
run, the model version. Down lies all that came from it: "this data version was wrong: what did it touch?" Each *edge*
names the event that says so. What was asked is no event, and thousands of requests are one *node* for each deployment
that answered them.

A later data version of other content came *after* the one before it, so it is named, but what learned from it was not
touched by that one. The same content under another number, with other roles or kept again, is the same rows: it was.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, cast

from mlops.base.artifacts import Artifacts
from mlops.base.environments import ENVIRONMENTS
from mlops.base.formats import OF_PLACE, STATUS
from mlops.base.ledger import Ledger
from mlops.base.records import Record, ref_of, sha256_of
from mlops.base.view import View
from mlops.experiments import search
from mlops.release import references
from mlops.release.references import NOUNS, Recorded
from mlops.release.releases import live_in
from mlops.release.request_log import RequestLog

Kind = Recorded | Literal["code", "software", "config", "predictions", "prediction"]


_COUNTED: Mapping[Kind, str] = {
    **{"data": "later data version", "run": "run", "model": "version", "deployment": "deployment"},
    **{"predictions": "answer", "batch": "scored file"},
}
"""What is counted of all that came from something, and its word."""

_LIVE = ", live now"
"""What a deployment is said to be that is live."""


@dataclass(frozen=True)
class Node(Record):
    """One thing that came from others, or led to others."""

    id: str
    """Kind and ref: ``run:r4f9a1c07be``."""
    kind: Kind
    ref: str
    """What it is asked for with; of code, software and config the whole hash, of predictions what answered them."""
    about: str = ""
    """What it is, in a few words; no part of its document."""
    count: int = 1
    """How many it stands for: of predictions, the answers."""
    seq: int | None = None
    """Number of the event with which its record began; what has no record of its own has none."""

    def as_dict(self) -> dict[str, Any]:
        """Return ``{id, kind, ref}``."""
        return {"id": self.id, "kind": self.kind, "ref": self.ref}


@dataclass(frozen=True)
class Edge(Record):
    """One thing came from another, and one event says so."""

    from_: str
    to: str
    seq: int
    """Number of the event; of what was asked, of the one that put there who answers."""

    def as_dict(self) -> dict[str, Any]:
        """Return ``{from, to, seq}``."""
        return {"from": self.from_, "to": self.to, "seq": self.seq}


@dataclass(frozen=True)
class Lineage(Record):
    """All that something came from, and all that came from it."""

    ref: str
    """What was asked about, in full."""
    nodes: tuple[Node, ...]
    """What was asked about first."""
    edges: tuple[Edge, ...]

    def above(self, node: str) -> list[Node]:
        """Return what a node came from directly."""
        return [self._named[edge.from_] for edge in self.edges if edge.to == node]

    def below(self, node: str) -> list[Node]:
        """Return what came from a node directly."""
        return [self._named[edge.to] for edge in self.edges if edge.from_ == node]

    def tree(self, up: bool) -> Iterator[tuple[int, Node, bool]]:
        """Yield depth and node of all that lies up, or down; the third is True where a node stands there already."""
        step, seen = self.above if up else self.below, {self.nodes[0].id}

        def walk(node: str, depth: int) -> Iterator[tuple[int, Node, bool]]:
            for other in step(node):
                again = other.id in seen
                yield depth, other, again
                seen.add(other.id)
                if not again:
                    yield from walk(other.id, depth + 1)

        return walk(self.nodes[0].id, 0)

    def touched(self) -> dict[Kind, int]:
        """Return how many of each kind came from it."""
        counts: Counter[Kind] = Counter()
        for _, node, again in self.tree(up=False):
            counts[node.kind] += 0 if again else node.count
        return dict(counts)

    @property
    def said(self) -> str:
        """What came from it, counted in words: ``2 runs, 2 versions, 4 deployments (1 live now), 3,004 answers``."""
        live = sum(node.about.endswith(_LIVE) for node in self.nodes if node.kind == "deployment")
        counts = {kind: count for kind, count in self.touched().items() if kind in _COUNTED}
        words = {kind: f"{count:,} {_COUNTED[kind]}{'s' * (count != 1)}" for kind, count in counts.items()}
        if "deployment" in words:
            words["deployment"] += f" ({live} live now)"
        return ", ".join(words[kind] for kind in _COUNTED if kind in words) or "nothing"

    @cached_property
    def _named(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}


def of(ledger: Ledger, artifacts: Artifacts, ref: str, up: bool = True, down: bool = True) -> Lineage:
    """Return what something came from, and what came from it.

    Parameters
    ----------
    ref : str
        ``customers@1``, ``churn_model@1.0.0``, ``churn_model@production``, ``@production``, or the beginning of the id
        of a run, deployment, prediction, batch or set of outcomes.
    up, down : bool
        Whether to look at what it came from, and at what came from it; requests are counted only for the latter.

    Raises
    ------
    NotFoundError
        If nothing, or more than one thing, is called so.
    """
    log = RequestLog(ledger, artifacts)
    with ledger.read() as view:
        start = references.resolve(view, ref)
    # The log is read between two looks: as long as one is open, nobody can commit.
    request = None if start else references.request(log, ref)
    asked = Counter(map(_asked, log)) if start and down else Counter()
    with ledger.read() as view:
        graph = _Graph(view, asked, request)
        if start:
            return graph.around(graph.node(*start), up, down)
        if request:
            return graph.around(_node("prediction", request["prediction_id"], f"at {request['at']}"), up, down)
        raise references.unknown(view, ref)


_Asked = tuple[str | None, str, int]
"""Environment and model version that were asked, and the number of the last event before."""

_Steps = Iterable[tuple[Node, int]]
"""Nodes next to another one, each with the event that says so."""


class _Graph:
    """What lies around one thing, in one look at the ledger.

    What a thing came from stands in its own record: that is the only place where edges are told. What came from it is
    the same, turned round, for all that can have.
    """

    def __init__(self, view: View, asked: Mapping[_Asked, int], request: Mapping[str, Any] | None) -> None:
        self._view = view
        self._asked = asked
        self._request = request
        self._nodes: dict[str, Node] = {}
        self._edges: dict[tuple[str, str], Edge] = {}
        self._records: dict[tuple[str, str], tuple[int, Any]] = {}
        self._above: Mapping[str, Callable[[str], _Steps]] = {
            **{"data": self._of_data, "run": self._of_run, "model": self._of_model},
            **{"deployment": self._of_deployment, "batch": self._of_batch, "prediction": self._of_prediction},
        }

    def around(self, start: Node, up: bool, down: bool) -> Lineage:
        """Return all that lies up and down from a node."""
        self._nodes[start.id] = start
        if up:
            self._walk(start, self._up, lambda node, other, seq: Edge(other.id, node.id, seq))
        if down:
            below = self._below(start)
            self._walk(
                start, lambda node: below.get(node.id, ()), lambda node, other, seq: Edge(node.id, other.id, seq)
            )
        return Lineage(start.ref, tuple(self._nodes.values()), tuple(self._edges.values()))

    def node(self, kind: Recorded, ref: str) -> Node:
        """Return the node of a record."""
        seq, record = self._read(kind, ref)
        return Node(f"{kind}:{ref}", kind, ref, _ABOUT[kind](record) + _LIVE * (ref in self._live_now), seq=seq)

    def _walk(self, start: Node, steps: Callable[[Node], _Steps], edge: Callable[[Node, Node, int], Edge]) -> None:
        waiting, done = [start], {start.id}
        while waiting:
            node = waiting.pop(0)
            for other, seq in steps(node):
                found = edge(node, other, seq)
                self._nodes.setdefault(other.id, other)
                self._edges.setdefault((found.from_, found.to), found)
                if other.id not in done and not (found.from_ == node.id and self._came_after(node, other)):
                    done.add(other.id)
                    waiting.append(other)

    def _came_after(self, node: Node, other: Node) -> bool:
        """Tell whether the other one is a later version with other content: it came after the node, not from it."""
        if not node.kind == other.kind == "data":
            return False
        before, after = (self._read("data", one.ref)[1] for one in (node, other))
        return before["sha256"] != after["sha256"] and node.ref not in (after.get("parents") or ())

    def _below(self, start: Node) -> Mapping[str, list[tuple[Node, int]]]:
        """Return what came directly from everything that can lie down from a node."""
        below: dict[str, list[tuple[Node, int]]] = {}
        for kind in _ORDER[_ORDER.index(start.kind) :] if start.kind in _ORDER else ():
            for ref in self._all(kind, start):
                node = self.node(kind, ref)
                for other, seq in self._up(node):
                    below.setdefault(other.id, []).append((node, seq))
        counts: Counter[Node] = Counter()
        for one, count in self._asked.items():
            counts[self._answerer(*one)] += count
        for node, count in counts.items():
            answers = _node("predictions", node.ref, f"{count:,} answer{'s' * (count > 1)}", count)
            below.setdefault(node.id, []).append((answers, self._seq(node)))
        return below

    def _all(self, kind: Recorded, start: Node) -> list[str]:
        """Return all of a kind that can have come from a node, oldest first."""
        if kind == "run" and start.kind != "run":
            name = start.ref.partition("@")[0]
            about = {name if start.kind == "data" else self._read("outcomes", start.ref)[1]["dataset"], *self._joined}
            named = ", ".join(f"'{one}'" for one in sorted(about))
            return search.find(self._view, "run", f"data.name in ({named})", None, None)[::-1]
        rows = self._view.select(NOUNS[kind], "SELECT subject FROM records WHERE noun = ? ORDER BY seq", (NOUNS[kind],))
        return [ref for (ref,) in rows]

    # What a thing came from, by its record

    def _up(self, node: Node) -> _Steps:
        return self._above[node.kind](node.ref) if node.kind in self._above else iter(())

    def _of_data(self, ref: str) -> _Steps:
        seq, record = self._read("data", ref)
        before = [one for one in self._versions(record["name"]) if one["version"] < record["version"]]
        same = [one["version"] for one in before if one["sha256"] == record["sha256"]]
        for version in sorted({record["parent"], *same[-1:]} - {None}):
            yield self.node("data", f"{record['name']}@{version}"), seq
        for ref in record.get("parents") or ():
            yield self.node("data", ref), seq
        for one in (record.get("outcomes") or {}).get("sets", ()):
            yield self.node("outcomes", one["labels_id"]), seq

    def _of_run(self, ref: str) -> _Steps:
        seq, record = self._read("run", ref)
        if record["data"]:  # one that was logged from elsewhere has none
            yield self.node("data", ref_of(record["data"])), seq
        for one in (record.get("outcomes") or {}).get("sets", ()):
            yield self.node("outcomes", one["labels_id"]), seq
        began, code, software = self._began(seq, record), record["code"], record["software"]
        if source := code.get("source_sha256") or code.get("git_commit"):
            yield _node("code", source, _about_code(code)), began
        if software:
            yield _node("software", sha256_of(software), f"python {software['python']}, {software['platform']}"), began
        if record.get("config_sha256"):
            yield _node("config", record["config_sha256"], _about_config(record)), seq

    def _of_model(self, ref: str) -> _Steps:
        seq, record = self._read("model", ref)
        yield self.node("run", record["run_id"]), seq

    def _of_deployment(self, ref: str) -> _Steps:
        seq, record = self._read("deployment", ref)
        model = ref_of(record["model"])
        yield self.node("model", model), seq
        checks = (record.get("gate") or {}).get("checks", ())
        if any((check["name"], check["outcome"]) == ("staging", "pass") for check in checks):
            yield self._answerer("staging", model, seq), seq  # which the release check asked for and found

    def _of_batch(self, ref: str) -> _Steps:
        seq, record = self._read("batch", ref)
        yield self._answerer(record["environment"], ref_of(record["model"]), seq), seq
        if record.get("data_version"):
            yield self.node("data", record["data_version"]), seq

    def _of_prediction(self, ref: str) -> _Steps:
        answerer = self._answerer(*_asked(self._request or {}))
        yield answerer, self._seq(answerer)

    # What the ledger holds

    def _read(self, kind: Recorded, ref: str) -> tuple[int, Any]:
        """Return number of the first event, and record; each is read once."""
        if (kind, ref) not in self._records:
            [(seq, record)] = self._view.select(
                NOUNS[kind], "SELECT seq, record FROM records WHERE noun = ? AND subject = ?", (NOUNS[kind], ref)
            )
            self._records[kind, ref] = (seq, json.loads(record))
        return self._records[kind, ref]

    def _seq(self, node: Node) -> int:
        return self._read(cast(Recorded, node.kind), node.ref)[0]

    def _versions(self, name: str) -> list[Mapping[str, Any]]:
        """Return the versions of a dataset, the newest last."""
        records = [self._read("data", ref)[1] for ref in self._view.subjects("dataset", f"{name}@")]
        return sorted(records, key=lambda record: int(record["version"]))

    def _began(self, seq: int, record: Mapping[str, Any]) -> int:
        """Return the event that says on which code and software a run works: one that was queued began later."""
        if not (record.get("queued_at") and record["software"]):
            return seq
        rows = self._view.happened(["run.start"], record["run_id"], since=seq)
        return int(next(rows, (seq,))[0])

    def _answerer(self, environment: str | None, ref: str, until: int) -> Node:
        """Return the deployment that last made a version live somewhere up to an event; the version if there is none.

        A version that is asked by its name, and not as what is live, has none.
        """
        name, _, version = ref.partition("@")
        rows = self._view.select(
            "deployment",
            "SELECT subject, json_extract(record, '$.model.version') FROM records "
            f"WHERE {OF_PLACE} AND {STATUS} = 'live' AND seq <= ? ORDER BY seq DESC",
            (environment, name, until),
        )
        deployment = next((subject for subject, number in rows if number == version), None)
        return self.node("deployment", deployment) if deployment else self.node("model", ref)

    @cached_property
    def _joined(self) -> set[str]:
        """Datasets with a version that was joined from others, maybe of another dataset."""
        return {one["name"] for one in self._view.records("dataset") if one.get("parents")}

    @cached_property
    def _live_now(self) -> set[str]:
        return {one.deployment_id for place in ENVIRONMENTS for one in live_in(self._view, place)}


_ORDER: tuple[Recorded, ...] = ("outcomes", "data", "run", "model", "deployment", "batch")
"""Kinds as they come from each other: nothing that stands before one came from it."""


def _node(kind: Kind, ref: str, about: str = "", count: int = 1) -> Node:
    return Node(f"{kind}:{ref}", kind, ref, about, count)


def _asked(request: Mapping[str, Any]) -> _Asked:
    return request["environment"], ref_of(request["model"]), request.get("after", 0)


def _about_code(code: Mapping[str, Any]) -> str:
    commit = code.get("git_commit")
    return f"commit {commit[:7]}{' with changes' if code.get('dirty') else ''}" if commit else "no commit"


def _about_config(record: Mapping[str, Any]) -> str:
    seed = "no seed" if record.get("seed") is None else f"seed {record['seed']}"
    return f"{record['params'].get('model.type')}, {seed}"


def _about_deployment(record: Mapping[str, Any]) -> str:
    since = f"since {record['since']}" if record["since"] else "failed its health check"
    return f"{ref_of(record['model'])} in {record['environment']}, {since}"


def _proven(record: Mapping[str, Any]) -> str:
    """Say what came out when a run was last trained again."""
    return f", reproduced: {record['reproduced']['verdict']}" if record.get("reproduced") else ""


_ABOUT: Mapping[Recorded, Callable[[Mapping[str, Any]], str]] = {
    "data": lambda record: f"{record['rows']:,} rows{', ' * bool(record['message'])}{record['message']}",
    "outcomes": lambda record: f"{record['rows']:,} outcomes of {record['dataset']} until {record['known_until']}",
    "run": lambda record: f"{record['name']}, {record['status']}{_proven(record)}",
    "model": lambda record: str(record["status"]),
    "deployment": _about_deployment,
    "batch": lambda record: f"{record['rows']:,} rows of {record['input']}",
}
"""What each kind of record is, in a few words."""

"""How the chain is drawn from its two lanes: what they share is one node, what is not there yet is empty.

A lane begins with three inputs and ends with what is live. Where something was changed after the newest work, its run
is stale; where that run is live, or the change is of other data, a lane begins in which nothing is trained yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from mlops.base.records import ref_of
from mlops.experiments import configs
from mlops.experiments.pins import FIELDS, PinName, first_divergence, pins
from playground import words
from playground.drawn_chain import INPUTS, KINDS, MADE, OVER, DrawnChain, Edge, Kind, Node
from playground.lanes import Lane, Lanes
from playground.tally import Asked

OPENS: Mapping[Kind, str] = {
    **{"data": "data", "code": "train", "config": "train", "run": "train"},
    **{"model": "release", "staging": "release", "live": "release"},
}
"""Kind -> screen where a missing one is made."""


def drawn(
    lanes: Lanes, draft: Mapping[str, Any] | None = None, asked: Asked | None = None, running: str = ""
) -> DrawnChain:
    """Return the chain as it is drawn.

    Parameters
    ----------
    lanes : Lanes
        What there is.
    draft : mapping, optional
        The config being edited, by dotted key, where it is not that of the newest work.
    asked : Asked, optional
        What the live model answered.
    running : str
        The kind of node at work, while a chain is being built.

    Examples
    --------
    >>> drawn(Lanes()).short
    'data › config › … › live'
    """
    drawing = _Drawing(lanes, asked or Asked())
    if lanes.live:
        drawing.lane("live", lanes.live)
    ahead = _ahead(lanes, draft)
    if lanes.yours and not (ahead and _elsewhere(lanes, lanes.yours)):
        drawing.lane("yours", lanes.yours, draft, ahead)
    elif ahead or not lanes.live:
        drawing.begun(lanes.live, draft, ahead)
    else:
        drawing.share()
    return drawing.finished(running)


def beside(older: Lane, newer: Lane | None = None) -> DrawnChain:
    """Return two runs as two chains: what promises the same is one node, and the first that does not is marked.

    A run has a letter here as well: the same letter is the same model, to the last byte.

    Parameters
    ----------
    older, newer : Lane
        See `lanes.of_run`; without the newer one, it has not begun yet.
    """
    drawing = _Drawing(Lanes(live=older, yours=newer, training=_at_work(older, newer)), Asked())
    drawing.lane("older", older)
    if newer:
        drawing.lane("newer", newer)
    found = drawing.finished("")
    first = newer and first_divergence(*([*one.pins.values()] for one in (older, newer)))
    kind = OF_PIN[first] if first else None
    nodes = (replace(node, first=node.kind == kind and node in found.lane("newer")) for node in found.nodes)
    return replace(found, nodes=tuple(_lettered([*nodes], (*INPUTS, "run"))))


def _at_work(*lanes: Lane | None) -> tuple[str, ...]:
    return tuple(lane.run.run_id for lane in lanes if lane and lane.run.status in ("queued", "running"))


def _ahead(lanes: Lanes, draft: Mapping[str, Any] | None) -> str:
    """Say what was changed since the newest work; nothing if nothing was."""
    work = lanes.yours or lanes.live
    changes: list[Mapping[str, Any]] = []
    if work and draft is not None:
        changes += configs.diff_params(dict(work.run.params), draft)
    if work and lanes.newer:
        changes.append({"key": "data", "before": ref_of(work.run.data), "after": lanes.newer.ref})
    return words.changes(changes) if changes else ""


def _elsewhere(lanes: Lanes, work: Lane) -> bool:
    """Tell whether what comes next does not go on in the run of the newest work: that one is live, or of other data."""
    of_other = lanes.newer is not None and lanes.newer.name != work.run.data["name"]
    return of_other or (lanes.live is not None and lanes.live.run.run_id == work.run.run_id)


OF_PIN: Mapping[PinName, Kind] = {
    **{"data": "data", "code": "code", "software": "code", "config": "config", "seed": "config"}
}
"""Pin -> the node that holds it."""


class _Drawing:
    """The chain while it is put together."""

    def __init__(self, lanes: Lanes, asked: Asked) -> None:
        self._lanes = lanes
        self._asked = asked
        self._nodes: dict[str, Node] = {}
        self._edges: dict[tuple[str, str], Edge] = {}

    def lane(self, name: str, lane: Lane, draft: Mapping[str, Any] | None = None, ahead: str = "") -> None:
        """Draw a lane; where something is ahead of it, its run is stale."""
        newer = self._lanes.newer if name == "yours" else None
        run = self._run(lane, ahead)
        made = [run, *self._model(lane), *self._staging(lane), *self._live(lane)]
        for node, seq in self._inputs(lane):
            if node.kind == "config" and draft is not None:
                self._add(name, self._edited(draft))
                self._join(name, "config:edited", run.id, kind="next")
            elif node.kind == "data" and newer:
                self._add(name, _data_of(newer))
                self._join(name, _data_of(newer).id, run.id, kind="next")
            else:
                self._add(name, node)
                self._join(name, node.id, run.id, seq)
        for node in made:
            self._add(name, node)
        self._chained(name, lane, made)
        if name == "yours":
            self._to_come(name, made)

    def begun(self, live: Lane | None, draft: Mapping[str, Any] | None, why: str) -> None:
        """Draw a lane in which nothing was trained yet: what will be, beside what is live."""
        known = {node.kind: node for node, _ in self._inputs(live)} if live else {}
        newer = self._lanes.newer
        same = live is not None and (newer is None or newer.name == live.run.data["name"])
        inputs = {kind: known.get(kind) if same or kind == "code" else None for kind in INPUTS}
        inputs |= {"data": _data_of(newer)} if newer else {}
        inputs |= {"config": self._edited(draft)} if draft is not None else {}
        run = Node("yours:run", "run", page=OPENS["run"], why=why)
        for kind in INPUTS:
            node = inputs[kind] or Node(f"yours:{kind}", kind, page=OPENS[kind])
            self._add("yours", node)
            self._join("yours", node.id, run.id, kind="next")
        self._add("yours", run)
        self._to_come("yours", [run])

    def share(self) -> None:
        """Let the live lane be yours as well."""
        self._nodes = {name: replace(node, lanes=("live", "yours")) for name, node in self._nodes.items()}
        self._edges = {ends: replace(edge, lanes=("live", "yours")) for ends, edge in self._edges.items()}

    def finished(self, running: str) -> DrawnChain:
        """Return the chain, with letters, and with what just changed or is at work."""
        nodes = [self._marked(node, running) for node in self._nodes.values()]
        order = [*KINDS]
        nodes.sort(key=lambda node: (not {"live", "older"} & {*node.lanes}, order.index(node.kind)))
        return DrawnChain(tuple(_lettered(nodes)), tuple(self._edges.values()))

    def _add(self, lane: str, node: Node) -> None:
        there = self._nodes.get(node.id, node)
        self._nodes[node.id] = replace(there, lanes=tuple(dict.fromkeys((*there.lanes, lane))))

    def _join(self, lane: str, above: str, below: str, seq: int | None = None, kind: Any = "came") -> None:
        there = self._edges.get((above, below), Edge(above, below, seq, kind))
        self._edges[above, below] = replace(there, lanes=tuple(dict.fromkeys((*there.lanes, lane))))

    def _to_come(self, lane: str, made: Sequence[Node]) -> None:
        """Draw what is not there yet; only one lane leads to what is live."""
        last = made[-1]
        for kind in MADE[MADE.index(last.kind) + 1 :]:
            if kind == "live" and self._lanes.live:
                continue
            node = Node("live" if kind == "live" else f"{lane}:{kind}", kind, page=OPENS[kind])
            self._add(lane, node)
            self._join(lane, last.id, node.id, kind="next")
            last = node

    def _chained(self, name: str, lane: Lane, made: Sequence[Node]) -> None:
        """Join what was made of a run: by the edges of the lineage, without those that go round another node."""
        for above, below in pairwise(made):
            seqs = (lane.seq(one, other) for one in above.of for other in below.of)
            self._join(name, above.id, below.id, next((seq for seq in seqs if seq is not None), None))
        if lane.run.run_id in self._lanes.learned_since:
            data = next(node for node, _ in self._inputs(lane) if node.kind == "data")
            if data.id in self._nodes:  # newer data stand in its place, and it did not learn from these
                self._join(name, "live", data.id, lane.above("outcomes")[0][1], "loop")
        if name == "yours" and (was := self._lanes.was_live):
            rehearsed = was.rehearsal is not None and was.rehearsal == lane.staging
            self._join(name, made[-1 if rehearsed else 1].id, "live", was.seq, "was")

    def _inputs(self, lane: Lane) -> Iterator[tuple[Node, int]]:
        """Yield what flowed into a run, each with the event that says so."""
        pins, run = lane.pins, {"id": lane.run.run_id}
        sets = lane.above("outcomes")
        for node, seq in lane.above("data"):
            sub = f"{lane.rows:,} rows" + (f", {len(sets)} set{'s' * (len(sets) > 1)} of outcomes" if sets else "")
            what = {
                "hash": lane.run.data["sha256"],
                "pin": pins["data"].sha256 or node.id,
                "of": (node.id, *(one.id for one, _ in sets)),
            }
            yield (
                _done(f"{node.id} {pins['data'].sha256}", "data", node.ref, sub, "data", {"version": node.ref}, **what),
                seq,
            )
        software = lane.above("software")
        for node, seq in lane.above("code"):
            # A worker may have begun the run between the look at it and the one at what it came from.
            python = f"Python {version}" if (version := (lane.run.software or {}).get("python")) else ""
            what = {"hash": node.ref, "of": (node.id, *(one.id for one, _ in software))}
            yield (
                _done(
                    f"code:{node.ref}{''.join(one.ref for one, _ in software)}",
                    "code",
                    _commit(lane.run),
                    python,
                    "run",
                    run,
                    **what,
                ),
                seq,
            )
        for node, seq in lane.above("config"):
            seed = "no seed" if lane.run.seed is None else f"seed {lane.run.seed}"
            label, sub = self._config(lane.run.params, lane)
            yield _done(node.id, "config", label, sub or seed, "run", run, hash=node.ref, of=(node.id,)), seq

    def _config(self, params: Mapping[str, Any], lane: Lane | None) -> tuple[str, str]:
        """Return what a config is called, and one fact: beside a live one it is called by what differs."""
        live, kind = self._lanes.live, _estimator(params)
        if live is None or lane is live or (lane and lane.run.data["name"] != live.run.data["name"]):
            return kind, ""
        changes = configs.diff_params(dict(live.run.params), dict(params))
        if not changes or kind != _estimator(live.run.params):
            return kind, ""
        return words.changed(changes), kind

    def _edited(self, draft: Mapping[str, Any]) -> Node:
        label = self._config(draft, None)[0]
        return Node("config:edited", "config", label, "edited", state="fresh", page="train")

    def _run(self, lane: Lane, ahead: str) -> Node:
        run, training = lane.run, self._lanes.training
        node = _done(
            f"run:{run.run_id}",
            "run",
            words.short(run.run_id),
            "",
            "run",
            {"id": run.run_id},
            hash=run.run_id,
            pin=run.model_sha256 or "",
            of=(f"run:{run.run_id}",),
        )
        if run.run_id in training:
            if len(training) > 1:
                return replace(
                    node, label=f"{len(training)} runs", sub="under way", state="running", page="train", query={}
                )
            return replace(node, sub="under way", state="running")
        if run.status != "finished":
            return replace(node, state="failed", why=f"{run.status}: it made no model")
        node = replace(node, sub=words.score(run.metrics.get("validation", {})))
        return replace(node, state="stale", why=ahead) if ahead else node

    def _model(self, lane: Lane) -> Iterator[Node]:
        if lane.model:
            label = words.version(lane.model.identity, named=False)
            sub = "" if lane.model.status == "candidate" else lane.model.status
            yield _done(
                f"model:{lane.model.ref}",
                "model",
                label,
                sub or lane.model.name,
                "model",
                {"ref": lane.model.ref},
                hash=lane.model.sha256,
                of=(f"model:{lane.model.ref}",),
            )

    def _staging(self, lane: Lane) -> Iterator[Node]:
        if lane.staging:
            label = words.version(lane.model.identity, named=False)
            sub = "rehearsed" if lane.live else "rehearsing"
            yield _done(
                f"staging:{lane.staging}", "staging", label, sub, "release", {}, of=(f"deployment:{lane.staging}",)
            )

    def _live(self, lane: Lane) -> Iterator[Node]:
        if lane.live:
            label = words.version(lane.model.identity, named=False)
            answers = f"{self._asked.requests:,} answer{'s' * (self._asked.requests != 1)}"
            outcomes = f"{self._asked.outcomes:,} outcome{'s' * (self._asked.outcomes != 1)}"
            yield _done(
                "live",
                "live",
                label,
                f"{answers}, {outcomes}",
                "release",
                {},
                hash=lane.model.sha256,
                of=(f"deployment:{lane.live.deployment_id}",),
            )

    def _marked(self, node: Node, running: str) -> Node:
        if running and node.kind == running and (node.state == "empty" or "yours" in node.lanes):
            return replace(node, state="running")
        subjects = {one.partition(":")[2] for one in node.of}
        is_new = self._lanes.changed in subjects or (node.kind == "live" and self._asked.after == self._lanes.head > 0)
        return replace(node, state="fresh") if node.state == "done" and is_new else node


def _done(node: str, kind: Kind, label: str, sub: str, page: str, query: Mapping[str, str], **more: Any) -> Node:
    return Node(node, kind, label, sub, state="done", page=page, query=query, **more)


def _data_of(version: Any) -> Node:
    known = {"data": {"name": version.name, "version": version.version, "sha256": version.sha256}}
    pin = pins(dict.fromkeys(FIELDS) | known | {"roles": version.roles.as_dict()})[0]
    return _done(
        f"data:{version.ref} {pin.sha256}",
        "data",
        version.ref,
        f"{version.rows:,} rows",
        "data",
        {"version": version.ref},
        hash=version.sha256,
        pin=str(pin.sha256),
        of=(f"data:{version.ref}",),
    )


def _estimator(params: Mapping[str, Any]) -> str:
    return str(params.get("model.type", "")).replace("_", " ")


def _commit(run: Any) -> str:
    return words.short(run.code.get("git_commit") or run.code.get("source_sha256"))


def _lettered(nodes: Sequence[Node], kinds: Sequence[Kind] = INPUTS) -> Iterator[Node]:
    """Give each node of some kinds that is there its letter, in the order of appearance; a run, once it has a model."""
    seen: dict[Kind, list[str]] = {kind: [] for kind in kinds}
    for node in nodes:
        if node.kind in kinds and node.state in OVER:
            pins_seen, pin = seen[node.kind], node.pin or node.id
            pins_seen += [] if pin in pins_seen else [pin]
            node = replace(node, letter="ABC"[pins_seen.index(pin)])
        yield node

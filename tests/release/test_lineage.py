"""Lineage: every edge is one of the ledger, and all that lies up or down is there, against a naive reading of the log."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given

from mlops import Workspace
from mlops.base.errors import NotFoundError
from mlops.base.records import ref_of, sha256_of
from mlops.release.lineage import Lineage
from tests.release.histories import BEGINNING, MOVES, Story

Edges = set[tuple[str, str, int]]


def naive_edges(log: list[dict[str, Any]]) -> Edges:
    """Return every edge that the events of a whole history tell, one event after the other."""
    edges: Edges = set()
    seen: list[dict[str, Any]] = []
    for event in log:
        seq, kind, subject, said = event["seq"], event["kind"], event["subject"], event["payload"]["changes"]
        before = [one["payload"]["changes"] for one in seen if one["kind"] == "dataset.add"]
        if kind == "dataset.add":
            mine = [one for one in before if one["name"] == said["name"]]
            same = [one for one in mine if one["sha256"] == said["sha256"]]
            edges |= {(f"data:{ref_of(one)}", f"data:{subject}", seq) for one in [*mine[-1:], *same[-1:]]}
            edges |= {(f"data:{ref}", f"data:{subject}", seq) for ref in said.get("parents", ())}
            joined = (said.get("outcomes") or {}).get("sets", ())
            edges |= {(f"outcomes:{one['labels_id']}", f"data:{subject}", seq) for one in joined}
        if kind.startswith("run."):
            me = f"run:{subject}"
            if said.get("data"):
                edges.add((f"data:{ref_of(said['data'])}", me, seq))
            if said.get("config_sha256"):
                edges.add((f"config:{said['config_sha256']}", me, seq))
            edges |= {(f"outcomes:{one['labels_id']}", me, seq) for one in (said.get("outcomes") or {}).get("sets", ())}
            if said.get("code"):  # told again by who begins a run that was queued
                edges = {edge for edge in edges if not (edge[0].startswith("code:") and edge[1] == me)}
                edges.add((f"code:{said['code']['source_sha256']}", me, seq))
            if said.get("software"):
                edges.add((f"software:{sha256_of(said['software'])}", me, seq))
        if kind == "model.register":
            edges.add((f"run:{said['run_id']}", f"model:{subject}", seq))
        if kind.startswith("deployment."):
            edges.add((f"model:{ref_of(said['model'])}", f"deployment:{subject}", seq))
            checks = {check["name"]: check["outcome"] for check in (said["gate"] or {}).get("checks", ())}
            if checks.get("staging") == "pass":
                edges.add((f"deployment:{last_live(seen, 'staging', said['model'])}", f"deployment:{subject}", seq))
        if kind == "batch.predict":
            answerer = last_live(seen, said["environment"], said["model"])
            by = f"deployment:{answerer}" if answerer else f"model:{ref_of(said['model'])}"
            edges.add((by, f"batch:{subject}", seq))
        seen.append(event)
    return edges


def last_live(seen: list[dict[str, Any]], environment: str | None, model: Any) -> str | None:
    """Return the last deployment that made a version live there."""
    said = [one["payload"]["changes"] for one in seen if one["kind"].startswith("deployment.")]
    there = [one for one in said if (one["environment"], one["model"], one["status"]) == (environment, model, "live")]
    return there[-1]["deployment_id"] if there else None


def naive_lineage(edges: Edges, log: list[dict[str, Any]], start: str) -> Edges:
    """Return the edges up and down from a node, by walking all of them again and again."""
    content = {f"data:{one['subject']}": one["payload"]["changes"]["sha256"] for one in log if "dataset" in one["kind"]}
    joined = {
        (f"data:{ref}", f"data:{one['subject']}")
        for one in log
        for ref in one["payload"]["changes"].get("parents") or ()
    }
    up, down = {start}, {start}
    while grown := {a for a, b, _ in edges if b in up} - up:
        up |= grown
    reached = [
        (a, b) for a, b, _ in edges if content.get(a) in (content.get(b), None) or b not in content or (a, b) in joined
    ]
    while grown := {b for a, b in reached if a in down} - down:
        down |= grown
    return {edge for edge in edges if edge[1] in up or edge[0] in down}


def edges_of(found: Lineage) -> Edges:
    return {(edge.from_, edge.to, edge.seq) for edge in found.edges}


def told(story: Story) -> Iterator[str]:
    """Yield all that can be asked about."""
    yield from (ref_of(one) for one in [*story.data, *story.models])
    yield from (one["run_id"] for one in story.runs)
    yield from (one["deployment_id"] for one in story.deployments)
    yield from (one["labels_id"] for one in story.sets)


JOINED = [("data", 0, 0), ("data", 0, 1), ("join", 0, 1), ("train", 0, 0)]
"""Two versions, and a run that learned from what was joined of them."""

LIVE_AGAIN = [*BEGINNING, ("batch", 0, 0), ("production", 0, 0)]
"""A version that answers, and is made live a second time after that."""


@example(moves=JOINED)
@example(moves=LIVE_AGAIN)
@given(moves=MOVES)
def test_each_edge_is_one_of_the_ledger_and_none_is_missing(moves):
    """Whatever happened: what lies around each thing is what a reader of the whole log finds."""
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Workspace.open(Path(folder) / "workspace", actor="ada")).play(moves)
        log = story.ws.log()
        edges = naive_edges(log)
        for ref in told(story):
            found = story.ws.lineage(ref)
            assert edges_of(found) == naive_lineage(edges, log, found.nodes[0].id)
            assert {node.id for node in found.nodes} == {found.nodes[0].id} | {
                node for edge in found.edges for node in (edge.from_, edge.to)
            }


def test_up_from_what_is_live_lies_the_whole_chain(released):
    """Data, code, software, config, run, version and its rehearsal: "what is this answer made of?" """
    live = released.releases.live("production")
    found = released.lineage(live.deployment_id, down=False)

    assert [node.kind for node in found.nodes] == [
        "deployment",
        "model",
        "deployment",
        "run",
        "data",
        "code",
        "software",
        "config",
    ]
    assert found.nodes[0].about.endswith("live now")


def test_down_from_a_data_version_lies_all_that_it_touched(released):
    """Runs, versions, where they were live, and the answers that were given: thousands of them are one node each."""
    row = released.datasets.frame("customers@1").drop(columns="churn").iloc[0].to_dict()
    row = {key: None if value != value else str(value) if key == "signed_up" else value for key, value in row.items()}
    for ref in ("@production", "@production", "churn_model@1.0.0"):
        released.predict(ref, row)

    found = released.lineage("customers@1")

    assert found.touched() == {"run": 2, "model": 2, "deployment": 4, "predictions": 3}
    live, by_name = released.releases.live("production").deployment_id, "churn_model@1.0.0"
    answers = {node.ref: node.count for node in found.nodes if node.kind == "predictions"}
    assert answers == {live: 2, by_name: 1}


def test_a_prediction_is_followed_back_to_its_data(released):
    """By its id, or the beginning of it."""
    row = released.datasets.frame("customers@1").drop(columns="churn").dropna().iloc[0].to_dict()
    answer = released.predict(
        "@production",
        {**row, "online": bool(row["online"]), "age": int(row["age"]), "signed_up": str(row["signed_up"])},
    )

    found = released.lineage(answer.prediction_id[:8])

    assert found.ref == answer.prediction_id
    assert found.nodes[1].ref == released.releases.live("production").deployment_id
    assert "data:customers@1" in {node.id for node in found.nodes}


def test_the_code_of_a_queued_run_is_that_of_who_began_it(ws):
    """Data and config were said when it was queued; code and software when a worker took it."""
    story = Story(ws).play([("data", 0, 0), ("queue", 0, 0), ("train", 0, 0), ("begin", 0, 3)])

    seqs = {edge.from_.partition(":")[0]: edge.seq for edge in story.ws.lineage("r00").edges}
    assert seqs == {"data": 2, "config": 2, "code": 4, "software": 4}


def test_a_later_version_of_other_content_was_not_touched(ws):
    """It came after; what learned from it has nothing of this one. The same rows under another number were touched."""
    story = Story(ws).play([("data", 0, 0), ("data", 0, 1), ("train", 0, 0), ("data", 0, 0), ("train", 0, 0)])

    found = story.ws.lineage("customers@1")

    assert {node.ref for node in found.nodes if node.kind == "data"} == {"customers@1", "customers@2", "customers@3"}
    assert [node.ref for node in found.nodes if node.kind == "run"] == ["r01"]


def test_the_document_is_that_of_the_contract(released):
    """`{ref, nodes[{id, kind, ref}], edges[{from, to, seq}]}`."""
    document = released.lineage("churn_model@production").as_dict()

    assert document["ref"] == "churn_model@1.1.0" and [*document] == ["ref", "nodes", "edges"]
    assert {tuple(node) for node in document["nodes"]} == {("id", "kind", "ref")}
    assert {tuple(edge) for edge in document["edges"]} == {("from", "to", "seq")}


@pytest.mark.parametrize(
    "ref", ["", "@", "nobody", "nobody@1", "nobody@1.0.0", "customers@9", "pffff", "r", "customers@1.0.0"]
)
def test_what_is_not_there_says_what_is(released, ref):
    """A reference that names nothing, or more than one thing, is refused."""
    with pytest.raises(NotFoundError, match="customers|churn_model|r"):
        released.lineage(ref)


def test_a_name_of_data_and_of_a_model_is_told_apart_by_its_version(released):
    """One number is a version of data, three are one of a model."""
    released.models.register(released.runs.list()[0], "customers")

    assert released.lineage("customers@1").nodes[0].kind == "data"
    assert released.lineage("customers@1.0.0").nodes[0].kind == "model"
    with pytest.raises(NotFoundError, match="more than one thing"):
        released.lineage("customers")

"""The chain as plain records: what belongs together, what is shared, what is stale and why."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from mlops import Workspace
from mlops.base.records import ref_of
from mlops.training import workers
from playground import chain, lanes
from playground.drawing import beside, drawn
from playground.drawn_chain import INPUTS, DrawnChain, Node
from playground.tally import Asked
from tests.conftest import LOGISTIC, STUMP, customers_frame
from tests.release.histories import BEGINNING, MOVES, Story
from tests.release.test_lineage import naive_edges


def shown(ws: Workspace, **more: Any) -> DrawnChain:
    return drawn(lanes.read(ws), **more)


def node(found: DrawnChain, kind: str, lane: str = "yours") -> Node:
    return next(one for one in found.lane(lane) if one.kind == kind)


def names(found: DrawnChain, lane: str) -> list[str]:
    return [one.name for one in found.lane(lane)]


def check(found: DrawnChain, story: Story) -> None:
    """Hold a drawn chain against the log, and against what is live."""
    ledger, nodes = naive_edges(story.ws.log()), {one.id: one for one in found.nodes}
    assert len(nodes) == len(found.nodes)
    for edge in found.edges:
        above, below = nodes[edge.from_], nodes[edge.to]
        assert edge.lanes and {*edge.lanes} <= {"live", "yours"}
        if edge.kind == "came":
            told = {(one, other, edge.seq) for one in above.of for other in below.of}
            assert told & ledger, (above.name, below.name)
        elif edge.kind == "was":  # by a deployment that is not drawn any more
            assert {(one, seq) for one, to, seq in ledger if to.startswith("deployment:")} & {
                (one, edge.seq) for one in above.of
            }
        elif edge.kind == "loop":
            assert {(one, edge.seq) for one in below.of if one.startswith("outcomes:")} <= {
                (a, seq) for a, _, seq in ledger
            }
        else:
            assert edge.seq is None and (below.state == "empty" or above.kind in INPUTS)
    live = story.ws.releases.all_live("production")
    assert bool(live) == any(one.kind == "live" and one.state != "empty" for one in found.nodes)
    if live:
        [at] = [one.of for one in found.nodes if one.kind == "live"]
        assert at[0].partition(":")[2] in {one.deployment_id for one in live}
    for lane in ("live", "yours"):
        assert [one.kind for one in found.lane(lane)].count("run") <= 1


@given(moves=MOVES)
def test_each_drawn_edge_is_an_edge_of_the_ledger(moves):
    """Whatever happened, with several data sets, names, sweeps, releases and rollbacks: nothing is joined that did not."""
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Workspace.open(Path(folder) / "workspace", actor="ada")).play(BEGINNING + moves)
        for name in ["", *{one.model["name"] for one in story.ws.releases.all_live("production")}]:
            found = drawn(lanes.read(story.ws, name))
            check(found, story)
            for one, other in ((one, other) for one in found.nodes for other in found.nodes if one is not other):
                assert not (one.of and one.of == other.of and one.kind == other.kind)  # what is the same is one node


@given(moves=MOVES)
def test_the_newest_work_is_no_trial_that_another_one_beats(moves):
    """Of a sweep it is the registered trial, else the best."""
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Workspace.open(Path(folder) / "workspace", actor="ada")).play(BEGINNING + moves)
        run, model = chain.newest_work(story.ws)
        if "sweep" in run.tags and model is None:
            trials = [one for one in story.runs if one["tags"].get("sweep") == run.tags["sweep"]]
            best = max(one["metrics"]["validation"]["auc"] for one in trials)
            assert run.metrics["validation"]["auc"] == best


def test_of_a_sweep_the_best_trial_is_the_newest_work(ws):
    """Neither the last one nor the worst."""
    story = Story(ws).play([("data", 0, 0), ("sweep", 0, 1)])

    assert chain.newest_work(story.ws)[0].metrics["validation"]["auc"] == 0.77


def test_a_registered_trial_stays_the_newest_work_while_its_sweep_goes_on(ws):
    """Trials that end after it was chosen are no newer work."""
    story = Story(ws).play([("data", 0, 0), ("sweep", 0, 1), ("register", 0, 0), ("sweep", 0, 1)])
    run, model = chain.newest_work(story.ws)

    assert model is not None and model.run_id == run.run_id


def test_an_empty_chain_shows_what_will_be(ws):
    """Three inputs, a run, a version, staging, live: none there yet, and one line that says it."""
    found = shown(ws)

    assert {one.state for one in found.nodes} == {"empty"} and {edge.seq for edge in found.edges} == {None}
    assert found.short == "data › config › … › live"


def test_a_fresh_release_is_one_lane(released):
    """What is live is the newest work: every node is shared, and only the last one is new."""
    found = shown(released)

    assert {one.lanes for one in found.nodes} == {("live", "yours")}
    assert {one.kind: one.state for one in found.nodes if one.state != "done"} == {"live": "fresh"}
    assert found.short == "data A › config A › … › live v1.1.0"


def test_the_newest_work_branches_off_where_it_differs(released):
    """It shares the data and code of what is live; its config is called by the key that differs."""
    released.train(LOGISTIC, overrides={"model.C": 0.5})
    found = shown(released)

    assert [one.kind for one in found.nodes if len(one.lanes) == 2] == ["data", "code"]
    assert (node(found, "config").letter, node(found, "config").label) == ("B", "C 1.0 → 0.5")
    assert (node(found, "config", "live").letter, node(found, "run").state) == ("A", "fresh")
    assert [one.state for one in found.lane("yours") if one.kind in ("model", "staging")] == ["empty", "empty"]


def test_a_version_in_staging_stands_in_its_own_lane(released):
    """It is rehearsing beside what is live, and leads nowhere else yet."""
    model = released.models.register(released.train(LOGISTIC, overrides={"model.C": 0.25}), "churn_model", "3.0.0")
    released.deploy(model, "staging", "rehearsal")
    found = shown(released)

    assert (node(found, "staging").label, node(found, "staging").sub) == ("v3.0.0", "rehearsing")
    assert not [edge for edge in found.edges if edge.from_ == node(found, "staging").id]


def test_a_rollback_swings_the_arrow_back_and_history_stays(released):
    """What is live came from the version before; where yours was live is still to be seen."""
    released.rollback("production", "complaints")
    found = shown(released)

    assert names(found, "live")[-2:] == ["version v1.0.0", "live v1.0.0"]
    [was] = [edge for edge in found.edges if edge.kind == "was"]
    assert (was.from_, was.to) == (node(found, "staging").id, "live")


def test_data_of_another_name_lead_to_no_live_model(released, tmp_path):
    """They begin a lane of their own, with nothing of what is live in it but what it really shares."""
    (tmp_path / "wine.csv").write_text("acid,good\n" + "".join(f"{one / 7},{one % 2}\n" for one in range(400)))
    released.datasets.add(tmp_path / "wine.csv", "wine", target="good")
    begun = shown(released)
    released.train("model: {type: dummy}\n", data="wine@1")
    trained = shown(released)

    assert node(begun, "data").name == "data B wine@1" and node(begun, "run").state == "empty"
    assert node(trained, "data").lanes == ("yours",)
    assert node(trained, "config").label == "dummy"
    assert not {edge.to for edge in trained.edges if edge.from_ == node(trained, "data").id} & {"live"}


def test_an_edited_config_leaves_the_newest_run_behind_and_names_the_key(released):
    """Where that run is live already, a new lane begins with the edited config."""
    live = shown(released, draft={**released.runs.list()[0].params, "model.C": 4})
    released.train(LOGISTIC, overrides={"model.C": 2.0})
    stale = shown(released, draft={**released.runs.list()[0].params, "model.C": 4})

    assert (node(live, "run").state, node(live, "run").why) == ("empty", "config changed: model.C 1.0 → 4")
    assert (node(live, "config").label, node(live, "config").sub) == ("C 1.0 → 4", "edited")
    assert (node(stale, "run").state, node(stale, "run").why) == ("stale", "config changed: model.C 2.0 → 4")


def test_the_live_model_made_again_is_told_as_the_same_model(released):
    """The mark between the two runs says equal where the model is the same to the last byte, whatever it was called."""
    released.train(LOGISTIC, overrides={"model.C": 2.0})
    other = shown(released)
    released.train(LOGISTIC)
    again = shown(released)

    assert other.apart and not other.alike
    assert again.apart and again.alike


def test_newer_data_leave_the_newest_run_behind(released, customers, tmp_path):
    """From which version to which; what was trained on an older one on purpose is not stale."""
    released.train(LOGISTIC, overrides={"model.C": 2.0})
    customers.head(500).to_csv(tmp_path / "newer.csv", index=False)
    released.datasets.add(tmp_path / "newer.csv", "customers")
    run = node(shown(released), "run")
    released.train(LOGISTIC, overrides={"model.C": 3.0}, data="customers@1")

    assert (run.state, run.why) == ("stale", "data changed: customers@1 → customers@2")
    assert node(shown(released), "run").state == "fresh"


def test_a_training_under_way_is_the_newest_work(released):
    """Its node is at work and leads to it; of several it tells how many."""
    nobody = workers.Pool(spare=False)
    nobody.close()
    one = released.submit(LOGISTIC, pool=nobody)
    alone = node(shown(released), "run")
    released.submit(LOGISTIC, pool=nobody)
    both = node(shown(released), "run")
    for run_id in released.runs.queue():
        released.runs.cancel(run_id)

    assert (alone.state, alone.query, alone.sub) == ("running", {"id": one.run_id}, "under way")
    assert (both.state, both.label, both.page) == ("running", "2 runs", "train")
    assert {one.lanes for one in shown(released).nodes} == {("live", "yours")}  # one that was cancelled is no work


def test_customers_without_outcomes_are_no_data_to_train_on_until_enough_of_them_are_known(released, tmp_path):
    """What came last is drawn beside the live model once a run could learn from it, and no day before."""
    month = customers_frame(300, seed=9).assign(customer_id=[f"next-{number}" for number in range(300)])
    month.drop(columns="churn").to_csv(tmp_path / "month.csv", index=False)
    month[["customer_id", "churn"]].to_csv(tmp_path / "outcomes.csv", index=False)
    kept = released.datasets.add(tmp_path / "month.csv", "customers")
    assert lanes.read(released).newer is None

    released.outcomes.add(tmp_path / "outcomes.csv", "customers")
    assert lanes.read(released).newer.ref == kept.ref


def test_a_run_that_began_between_two_looks_is_drawn_all_the_same(released):
    """What it came from names software already that the record of the run, read a moment before, does not know."""
    found = lanes.read(released)
    queued = replace(found.live, run=replace(found.live.run, status="queued", software={}))

    assert node(drawn(replace(found, live=queued), None, Asked(), ""), "code", "live").sub == ""


def test_a_training_that_failed_says_so(released):
    """It is the newest work until another one begins; it made no model."""
    nobody = workers.Pool(spare=False)
    nobody.close()
    run = released.submit(LOGISTIC, pool=nobody)
    with released._ledger.write() as tx:
        tx.append("run.end", run.run_id, {"status": "failed", "error": "no room"})

    assert (node(shown(released), "run").state, node(shown(released), "run").why) == (
        "failed",
        "failed: it made no model",
    )


def test_what_is_being_built_is_at_work(trained):
    """Whether it is there already or not."""
    at_work = [one.kind for one in shown(trained, running="model").nodes if one.state == "running"]

    assert at_work == ["model"]


def test_what_is_live_says_what_it_was_asked(released):
    """Answers and outcomes are counted; a new answer is what changed last."""
    asked = shown(released, asked=Asked(3004, 0, released.head()))

    assert node(asked, "live").sub == "3,004 answers, 0 outcomes"
    assert node(asked, "live").state == "fresh"


def test_learning_from_outcomes_closes_the_loop(released, customers, tmp_path):
    """What came out of the chain goes in again: an arrow leads from what is live back to the data."""
    unknown = customers.drop(columns="churn").assign(customer_id=[f"n{one:05}" for one in range(len(customers))])
    unknown.to_csv(tmp_path / "new.csv", index=False)
    released.datasets.add(tmp_path / "new.csv", "customers")
    known = customers[["churn"]].assign(customer_id=unknown["customer_id"])
    known.to_csv(tmp_path / "outcomes.csv", index=False)
    before = shown(released)
    released.outcomes.add(tmp_path / "outcomes.csv", "customers")
    released.train(LOGISTIC, data="customers@2")
    found = shown(released)

    assert not [edge for edge in before.edges if edge.kind == "loop"]
    [loop] = [edge for edge in found.edges if edge.kind == "loop"]
    assert (loop.from_, loop.to) == ("live", node(found, "data").id)
    assert node(found, "data").sub == "600 rows, 1 set of outcomes"


def test_where_newer_data_stand_in_its_place_no_arrow_leads_to_data_that_are_not_drawn(released, customers, tmp_path):
    """Every edge has both of its ends on the picture: the browser draws none of it otherwise."""
    fresh = customers.assign(customer_id=[f"n{one:05}" for one in range(len(customers))])
    for version, table in (("2", fresh.drop(columns="churn")), ("3", fresh.assign(age=1))):
        table.to_csv(tmp_path / f"{version}.csv", index=False)
    released.datasets.add(tmp_path / "2.csv", "customers")
    fresh[["customer_id", "churn"]].to_csv(tmp_path / "outcomes.csv", index=False)
    released.outcomes.add(tmp_path / "outcomes.csv", "customers")
    released.train(LOGISTIC, data="customers@2")
    assert [edge.kind for edge in shown(released).edges if edge.kind == "loop"] == ["loop"]
    released.datasets.add(tmp_path / "3.csv", "customers")
    found = shown(released)
    there = {one.id for one in found.nodes}
    assert not [edge for edge in found.edges if not {edge.from_, edge.to} - {"notebook"} <= there]


def test_outcomes_before_the_first_release_are_no_loop(ws, customers, tmp_path):
    """Nothing had come out of the chain yet."""
    story = Story(ws).play(
        [("data", 0, 0), ("outcomes", 0, 0), ("train", 0, 0), ("register", 0, 0), ("production", 0, 0)]
    )

    assert not [edge for edge in shown(story.ws).edges if edge.kind == "loop"]


def test_another_version_of_the_live_run_begins_a_lane_when_its_config_is_edited(released):
    """The run is what is live: it is not stale, whatever is edited beside it."""
    released.models.register(released.runs.list()[0], "again")
    found = shown(released, draft={**released.runs.list()[0].params, "model.C": 4})

    assert node(found, "run", "live").state == "done"
    assert (node(found, "run").state, node(found, "model").state) == ("empty", "empty")


def test_of_two_live_models_the_lane_is_about_one(two_live):
    """The one that the newest work is of; the other one if it is asked for."""
    churn = drawn(lanes.read(two_live, "churn_model"))

    assert node(shown(two_live), "model", "live").sub == "guest_model"
    assert node(churn, "model", "live").sub == "churn_model"
    assert node(churn, "data", "yours").label == "guests@1"


def test_it_is_said_in_a_sentence_and_in_a_table(released):
    """Each node with what it came from, and by which event."""
    found = shown(released)
    rows = {row["what"]: row for row in found.table()}

    assert found.sentence.startswith("Live, and your newest work: data A customers@1 (600 rows), code A ")
    assert rows["live v1.1.0"]["came from"] == "staging v1.1.0"
    assert rows["live v1.1.0"]["events"] == str(released.head())


def test_a_past_has_the_chain_of_then(released):
    """Read through the past, the lanes are those of that moment."""
    first = released.releases.timeline("production")[0]

    assert names(shown(released.at(first.at)), "live")[-1] == f"live v{first.model['version']}"
    assert ref_of(first.model) == "churn_model@1.0.0"


@pytest.mark.parametrize("kind", ["data", "run", "model"])
def test_a_node_leads_to_what_it_is(released, kind):
    """The links carry real ids."""
    run = released.runs.list()[0]
    queries = {"data": {"version": "customers@1"}, "run": {"id": run.run_id}, "model": {"ref": "churn_model@1.1.0"}}

    assert node(shown(released), kind).query == queries[kind]


def test_two_runs_share_what_is_the_same_and_the_first_that_is_not_is_marked(trained):
    """As two chains, the older above; a run has a letter by its bytes."""
    first = trained.runs.list()[0]
    again, other = trained.train(STUMP), trained.train(LOGISTIC)
    same = beside(lanes.of_run(trained, first), lanes.of_run(trained, again))
    assert [one.first for one in same.nodes] == [False] * len(same.nodes)
    assert [one.letter for one in same.nodes if one.kind == "run"] == ["A", "A"]

    found = beside(lanes.of_run(trained, first), lanes.of_run(trained, other))
    assert [one.kind for one in found.lane("older")] == ["data", "code", "config", "run"]
    assert [(one.kind, one.letter, one.lanes) for one in found.nodes if one.first] == [("config", "B", ("newer",))]
    assert found.sentence.startswith("Older: data A") and "first difference" in found.sentence
    assert [one.kind for one in found.nodes] == ["data", "code", "config", "run", "config", "run"]

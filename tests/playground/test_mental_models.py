"""Three pictures of a workspace: what moves in it, what it was made of at a moment, and who did what on the way."""

from __future__ import annotations

import pytest

from mlops import Workspace
from playground.course.people import JO, RUN_THE_CHAIN
from playground.mental_models import assembly_line, factory, time_machine
from playground.ui.kit import stops
from tests.screens import drawn_on, open_page, words_on

STATES = {"data": 1, "code": 1, "software": 1, "config": 2, "seed": 1}
"""Of the released workspace: two recipes on the same data."""


def states(ws: Workspace) -> dict[str, int]:
    return {part.name: part.states for part in factory.read(ws).parts}


@pytest.mark.parametrize("read", [factory.read, time_machine.read, assembly_line.read])
def test_an_empty_workspace_has_a_picture_that_says_so(ws, read):
    """Nothing is drawn that did not happen."""
    found = read(ws)
    assert found.sentence and not [row for row in found.table() if row.get("States")]


def test_a_part_that_changed_is_one_that_moves(released):
    """Counted over the runs: config moved, and nothing else did."""
    found = factory.read(released)
    assert states(released) == STATES and found.moved == ("config",)
    assert found.ways == 2 and "1 did, in 2 runs: config (2)" in found.sentence

    released.train("model: {type: dummy}\n", seed=7)
    assert states(released) == {**STATES, "config": 3, "seed": 2}
    assert factory.read(released).ways == 6
    assert [stage.count for stage in factory.read(released).stages] == [3, *checks(released)]


def checks(ws: Workspace) -> tuple[int, int]:
    return sum(one["kind"] == "gate.evaluate" for one in ws.log()), len(ws.releases.timeline("production"))


def test_the_time_machine_answers_as_the_releases_do(released):
    """At any moment what was live is what `live_at` says, and its five things are those of its run."""
    released.set_clock("2024-04-01T09:00:00Z")
    released.rollback("production", reason="complaints")
    found = time_machine.read(released)
    for instant in ("2024-02-01T00:00:00Z", "2024-03-01T09:00:00.000000Z", "2024-04-02T00:00:00Z"):
        live = released.live_at(min(instant, released.now()), environment="production")
        assert f"v{live.model['version']}" == found.at(instant).version
        told = {thing.name: thing.hash for thing in found.at(instant).things}
        assert live.config_sha256 and told["Model"] == live.model["sha256"][:7]
    assert found.at("2024-01-01T00:00:00Z") is None


def test_only_what_is_not_as_it_was_before_is_marked(released):
    """A rollback brings the letters of before again."""
    released.rollback("production", reason="complaints")
    first, second, again = time_machine.read(released).moments
    assert not any(thing.changed for thing in first.things)
    assert [thing.name for thing in second.things if thing.changed] == ["Configuration", "Model"]
    assert [thing.letter for thing in again.things] == [thing.letter for thing in first.things] and again.back


def test_the_line_says_who_had_to_do_what(released):
    """A person keeps data, trains, deploys; the pipeline prepares and judges, and nobody has asked it yet."""
    *_, trip = assembly_line.read(released).trips
    assert [one.name for one in trip.stations if one.hand] == ["Data", "Train", "Deploy"]
    assert {one.by for one in trip.stations if one.hand} == {"ada"}
    assert not trip.looped and not trip.stations[-1].done
    assert trip.sentence == "v1.1.0 came through 5 stations; 3 of them needed a person."

    released.predict("@production", released.models.metadata("@production")["examples"][0]["row"])
    assert assembly_line.read(released).trips[-1].stations[-1].what == "1 month watched, outcomes of none known"


def test_what_a_button_did_needed_nobody(released):
    """A colleague is somebody; a button that does several things is not."""
    data = released.datasets.list()[0].ref
    for actor in (RUN_THE_CHAIN, JO):
        someone = Workspace.open(released.path, create=False, actor=actor)
        model = someone.models.register(someone.train("model: {type: dummy}\n", data=data), "churn_model")
        someone.deploy(model, "production", "release", override="a dummy, unrehearsed")
    hands = [[one.name for one in trip.stations if one.hand] for trip in assembly_line.read(released).trips]
    assert hands[2:] == [["Data"], ["Data", "Train", "Deploy"]]


def test_the_pictures_are_drawn_from_these_records(released, monkeypatch):
    """Guide, Three pictures: each with its sentence."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    at = open_page("guide", part="Three pictures")
    assert not at.exception
    assert [part["states"] for part in drawn_on(at, "factory")["parts"]] == [*STATES.values()]
    assert [one["version"] for one in drawn_on(at, "machine")["moments"]] == ["v1.0.0", "v1.1.0"]
    assert [one["version"] for one in drawn_on(at, "assembly")["trips"]] == ["v1.0.0", "v1.1.0"]
    assert "config (2)" in words_on(at).replace("\\", "")


def test_nothing_is_drawn_before_anything_is_live(trained, monkeypatch):
    """An empty picture is a sentence, and the way to fill it."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(trained.path))
    at = open_page("guide", part="Three pictures")
    assert not at.exception and "Nothing was live in production yet" in words_on(at)
    assert drawn_on(at, "factory")["runs"] == 1


def test_what_was_live_then_is_not_shown_before_somebody_says_it(released, monkeypatch):
    """Stop 7 asks it; the machine would tell."""
    monkeypatch.setattr(stops, "covered", lambda result: result == "history")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    with pytest.raises(StopIteration):
        drawn_on(open_page("guide", part="Three pictures"), "machine")


def test_several_models_keep_their_names_apart(two_live):
    """A version alone would say too little, and the months of one are not those of the other."""
    two_live.predict("guest_model@production", two_live.models.metadata("guest_model@1.1.0")["examples"][0]["row"])
    trips = {trip.version: trip for trip in assembly_line.read(two_live).trips}
    assert [*trips] == ["churn_model v1.0.0", "churn_model v1.1.0", "guest_model v1.0.0", "guest_model v1.1.0"]
    assert [trip.stations[-1].done for trip in trips.values()] == [False, False, False, True]
    assert [one.version for one in time_machine.read(two_live).moments] == [*trips]

"""Say / don't say: the sentences of the module and of each stop, with numbers that the workspace really has."""

from __future__ import annotations

import re
import string
import zipfile

import pytest

from mlops import Workspace
from playground import course, say
from playground.course import fixtures
from playground.say_facts import FACTS
from tests.screens import ROOT, drawn_on, open_page

FIXED = {"100"}
"""Numbers that stand in a sentence as they are: of 100 customers, of 100 shuffles."""


@pytest.fixture
def learner(released) -> Workspace:
    """A workspace with two releases, one after the other, as somebody's own."""
    return released


@pytest.fixture
def chained(tmp_path) -> Workspace:
    """A workspace in which the chain of the sample has run."""
    ready = Workspace.open(fixtures.ready("first_release"), create=False)
    ready.fork(tmp_path / "chained")
    return Workspace.open(tmp_path / "chained", create=False, actor="ada")


def told(ws: Workspace) -> dict[str, say.Sentence]:
    return {one.id: one for one in say.sentences(ws)}


def test_there_is_one_for_each_translation_of_the_module_and_for_each_stop():
    """Three about everything, and one for each stop of the tour, in its order."""
    found = say.templates()
    assert [one.id for one in found if not one.stop] == ["mlops", "versioning", "pipelines"]
    assert [one.stop for one in found if one.stop] == [stop.id for stop in course.STOPS]


@pytest.mark.parametrize("one", say.templates(), ids=lambda one: one.id)
def test_no_number_is_written_down(one):
    """Every number of a sentence is computed, has a name, and the table says what it is."""
    names = {name for text in (one.do, one.dont) for _, name, _, _ in string.Formatter().parse(text) if name}
    assert names == set(one.numbers) and len({*one.numbers.values()}) == len(one.numbers)
    assert set(re.findall(r"\d+", one.do)) <= FIXED
    assert one.facts in FACTS and one.dont and one.because and one.needs


def test_nothing_is_ready_where_nothing_happened(ws):
    """A sentence without its numbers says what makes it ready, and shows gaps instead."""
    for one in say.sentences(ws):
        assert not one.ready and one.needs and not one.facts
        assert one.stop == "" or one.stop == "year" or say.GAP in one.do


def test_a_sentence_has_the_numbers_of_the_workspace(learner):
    """What is live, since when, and what would come back: as the ledger has it."""
    one = told(learner)["mlops"]
    assert one.ready and "churn_model v1.1.0" in one.do and "v1.0.0 is back with one click" in one.do
    assert one.facts["when it went live"] == "1 Mar 2024"
    assert "".join(part.text for part in one.parts) == one.do

    learner.rollback("production", reason="complaints")
    assert "churn_model v1.0.0" in told(learner)["mlops"].do


def test_a_rollback_counts_the_answers_that_were_sent_meanwhile(learner):
    """Those of the version that was taken back, in the time in which it was live, and no others."""
    row = learner.models.metadata("@production")["examples"][0]["row"]
    assert not told(learner)["rollback"].ready
    for _ in range(3):
        learner.predict("@production", row)
    learner.predict("churn_model@1.1.0", row)
    learner.set_clock("2024-04-01T09:00:00Z")
    learner.rollback("production", reason="complaints")
    learner.predict("@production", row)
    found = told(learner)["rollback"]
    assert found.facts["answers it had sent"] == "3" and found.facts["live again"] == "v1.0.0"
    assert found.facts["the bad release"] == "v1.1.0" and "1 April 2024" in found.do

    learner.set_clock("2024-04-02T09:00:00Z")
    learner.deploy("churn_model@1.1.0", "production", "mended, it is said")
    learner.predict("@production", row)
    assert told(learner)["rollback"].facts == found.facts


def test_what_is_still_to_be_guessed_is_not_told(chained):
    """The number would stand in the sentence before anybody has thought about it."""
    assert told(chained)["notebook"].ready
    course.start(chained, "notebook")
    before = told(chained)["notebook"]
    assert not before.ready and say.GAP in before.do
    course.guess(chained, "notebook", 70)
    after = told(chained)["notebook"]
    answer = course.reveal(chained, "notebook").answer
    assert after.facts["found of 100 leavers, on rows it never saw"] == str(answer)
    assert after.facts["missed of 100"] == str(100 - answer)


def test_a_solved_stop_whose_guess_is_open_tells_nothing_either(chained):
    """Its panel still asks; whoever goes on to another stop is told, as on all screens."""
    course.start(chained, "notebook")
    chained.predict("@production", chained.models.metadata("@production")["examples"][0]["row"])
    for goal in course.record(chained, "notebook").goals:
        assert goal.ok, goal
    assert course.read(chained).stops["notebook"].status == "solved" and not told(chained)["notebook"].ready
    course.leave(chained)
    assert told(chained)["notebook"].ready


def test_the_screen_draws_them_from_the_same_record(learner, monkeypatch):
    """Guide, Say it: each with its stop, its numbers apart, and what makes it ready."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(learner.path))
    drawn = drawn_on(open_page("guide", part="Say it"), "say_it")["sentences"]
    assert [one["do"] for one in drawn] == [one.do for one in say.sentences(learner)]
    first, rollback = drawn[0], drawn[-2]
    assert first["about"] == "About your own work" and rollback["about"].startswith("Stop 7")
    assert {part["number"] for part in first["parts"]} > {"", "what is live"}
    assert (first["place"], rollback["place"]) == ("Release", "stop 7")


def test_with_several_models_live_it_speaks_of_the_one_that_was_released_last(two_live):
    """A sentence about two would be about none."""
    found = told(two_live)
    assert "guest_model v1.1.0" in found["mlops"].do and found["pipelines"].ready
    two_live.predict("guest_model@production", two_live.models.metadata("guest_model@1.1.0")["examples"][0]["row"])
    two_live.set_clock("2024-05-01T09:00:00Z")
    two_live.rollback("production", model="guest_model", reason="complaints")
    assert told(two_live)["rollback"].facts["live again"] == "guest_model v1.0.0"


def test_a_workspace_of_long_ago_and_other_columns_break_nothing(tmp_path):
    """A number that cannot be computed there is not there yet: the other sentences are."""
    zipfile.ZipFile(ROOT / "tests" / "old" / "format-1.zip").extractall(tmp_path)
    [marker] = tmp_path.rglob("WORKSPACE.json")
    found = told(Workspace.open(marker.parent))
    assert found["mlops"].ready and not found["freeze"].ready
    assert not found["notebook"].ready, "its model learned from other data than the notebook"
    assert not found["rollback"].ready, "nobody was answered by what was taken back"

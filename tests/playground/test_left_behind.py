"""The lab "Notebook to production" on screen: numbers get causes, cells get steps, lines break, and a project leaves."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mlops import Workspace
from playground import closing, course
from playground.course import acts
from playground.jobs import jobs
from playground.notebook import board, listings, told
from playground.notebook.told import Told
from tests.browser import executable, idle, served
from tests.screens import button, drawn_on, open_page, words_on

LAB = {"in": "production", "open": "notebook"}


@pytest.fixture
def own(released, monkeypatch) -> Workspace:
    """The learner's own workspace, in which something is live; the lab has begun beside it."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    course.start(released, "production")
    return released


@pytest.fixture
def there(own) -> Workspace:
    return course.workspace(own, "production")


def part(title: str):
    at = open_page("train", **LAB)
    at.session_state["left_behind.part"] = title
    return at.run()


def drawn(at, component: str) -> list[dict]:
    found = [one.proto for one in at.get("bidi_component") if one.proto.component_name == component]
    return [json.loads(one.json) for one in found]


# The records


def test_a_card_in_its_place_says_what_becomes_of_it_and_one_that_is_not_says_why():
    """Right or wrong alone teaches little."""
    found = board.board(Told(places={"load": "load", "balance": "prepare", "model": "dropped"}))
    cards = {card.id: card for card in found.cards}
    assert (cards["load"].place, cards["load"].said) == (
        "load",
        "A dataset version: its hash is recorded with every run.",
    )
    assert (cards["balance"].place, cards["balance"].tried) == ("", "prepare") and "Not here" in cards["balance"].said
    assert "the pipeline is poorer" in cards["model"].said and cards["fee"].said == ""
    assert found.sentence == "1 of 14 cells in place." and found.table()[1]["place"] == "load"


def test_the_config_grows_with_the_cells_that_are_in_place():
    """What no cell has brought yet stays dim; with all in place all of it is lit."""
    none, some = board.board(Told()), board.board(Told(places={"features": "prepare"}))
    dim = {line.text for line in none.config if not line.lit}
    assert "  exclude: [month]" in dim and "name: churn_from_notebook" not in dim
    assert dim - {line.text for line in some.config if not line.lit} == {
        "# features: customer_id and churn never are features", "features:", "  exclude: [month]",
    }  # fmt: skip
    whole = board.board(Told(places={cell: so[0] for cell, so in told.truth("places").items()}))
    assert all(line.lit for line in whole.config) and whole.placed == 14


def test_a_listing_breaks_fault_by_fault_and_runs_at_the_end():
    """Each that is found is mended, with its error beneath; the next one shows only then."""
    train = listings.named("train")
    none = board.printed(train, Told(faults={"train-1": "2"}))
    assert (none.fault, none.tried, none.broke, none.lines) == (1, 2, (), train.lines)
    one = board.printed(train, Told(faults={"train-1": "9"}))
    assert (one.fault, one.lines[8], one.broke[0][:2]) == (2, train.mends[0].text, (9, train.lines[8]))
    whole = board.printed(train, Told(faults={"train-1": "9", "train-2": "5", "train-3": "11"}))
    assert (whole.fault, whole.asks, len(whole.broke)) == (0, "It runs.", 3)
    assert "line 11: NameError" in whole.sentence
    lie = board.printed(listings.named("api"), Told(faults={"api-1": "2"}))
    assert lie.asks.startswith("Nothing breaks any more")


def test_where_nothing_breaks_the_line_that_lies_is_asked_for_whatever_the_listing(monkeypatch):
    """It is what running it gave that says so."""
    [fault] = listings.listed()["batch"]
    lies = {**listings.listed(), "batch": (replace(fault, error=f"{listings.LIES}: it said another one"),)}
    assert board.printed(listings.named("batch"), Told()).asks == "Which line breaks?"
    assert board.printed(listings.named("api"), Told()).asks == "Which line breaks?"
    monkeypatch.setattr(listings, "listed", lambda: lies)
    assert board.printed(listings.named("batch"), Told()).asks.startswith("Nothing breaks any more")


# On screen


def test_each_number_gets_its_cause_and_a_wrong_one_hears_what_was_printed(there):
    """The verdict shows once it is found, number by number, and the workspace knows what was said."""
    at = open_page("train", **LAB)
    asked = [one.key for one in at.selectbox if one.key.startswith("left_behind.cause.")]
    assert not at.exception and len(asked) == 7 and "lie: leak" not in words_on(at)
    at.selectbox(key="left_behind.cause.model").select("true").run()
    assert not at.exception and "Not that. It printed 0.988 from top to bottom" in words_on(at).replace("\\", "")
    at.selectbox(key="left_behind.cause.model").select("leak").run()
    assert told.read(there).causes == {"model": "leak"} and "lie: leak" in words_on(at)
    assert "left_behind.cause.model" not in [one.key for one in at.selectbox]


def test_the_board_is_drawn_from_what_was_told(there):
    """Somebody who comes back finds it as it was left."""
    told.tell(there, "places", "load", "load")
    at = part("Cells to steps")
    data = drawn_on(at, "cells_to_steps")
    assert not at.exception and data["sentence"] == "1 of 14 cells in place." and not data["over"]
    assert [card["place"] for card in data["cards"] if card["id"] == "load"] == ["load"]


def test_printed_code_stays_covered_until_somebody_guessed(own):
    """How many run as they are is the question."""
    assert drawn(part("Printed code"), "printed_listing") == []
    course.guess(own, "production", "one")
    found = drawn(part("Printed code"), "printed_listing")
    assert [one["file"] for one in found] == ["train.py", "batch_predict.py", "app.py", "track.py"]
    assert {one["asks"] for one in found} == {"Which line breaks?"}


@pytest.mark.slow
def test_in_the_past_nothing_can_be_told(there):
    """What is drawn says so to the browser."""
    told.tell(there, "places", "load", "load")
    at = open_page("train", at=str(there.head()), **LAB)
    at.session_state["left_behind.part"] = "Cells to steps"
    at.run()
    assert not at.exception and drawn_on(at, "cells_to_steps")["over"]


def test_the_project_of_the_lab_is_that_of_its_chapter(own):
    """What is live in the own work is not what the lab is about."""
    assert "Write my project" in words_on(open_page("guide", part="Your project"))
    assert "Nothing is yet" in words_on(open_page("guide", part="Your project", **{"in": "production"}))


@pytest.mark.slow
def test_the_project_of_the_lab_is_written_beside_its_chapter(own, there):
    """And nothing beside the learner's own work."""
    acts.carry_out(there, course.stop("production").mission.solution[3:7])
    button(open_page("guide", part="Your project", **{"in": "production"}), "Write my project").click().run()
    assert jobs().settled(("close", str(there.path.absolute())))
    assert closing.read(there).folder.parent == course.chapters_folder(own) and closing.read(own).folder is None


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")
def test_cells_are_dragged_or_placed_by_key_and_lines_are_clicked(chromium, tmp_path):
    """A wrong place gives the card back and says why; the panel counts what is in its place."""
    own = Workspace.open(tmp_path / "workspace", actor="ada")
    course.start(own, "production")
    course.guess(own, "production", "none")
    there = course.workspace(own, "production")
    for name, so in list(told.truth("places").items())[3:]:
        told.tell(there, "places", name, so[0])
    with served(own.path) as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1600})
        page.goto(f"{address}/train?in=production&open=notebook")
        page.get_by_role("radio", name="Cells to steps").click()
        idle(page)
        card = '[data-cell="{}"]'
        page.locator(card.format("load")).drag_to(page.locator(".place.load"))
        page.get_by_text("Cells to steps · 12 of 14").wait_for()
        idle(page)
        page.locator(card.format("imports")).focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")  # the first place: load
        page.get_by_text("Not here: load reads a version of the data").first.wait_for()
        idle(page)
        page.locator(card.format("imports")).click()
        page.locator(".place.load").click()  # once more: it is said once more
        page.locator(".said.bad").get_by_text("Not here: load reads").wait_for()
        page.locator(card.format("imports")).focus()
        page.keyboard.press("Enter")
        for _ in range(6):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.get_by_text("Cells to steps · 13 of 14").wait_for()
        idle(page)
        page.locator(card.format("rate")).click()
        page.locator(".place.validate").click()
        page.get_by_text("No cell is left over.").wait_for()
        page.locator(".st-key-panel").get_by_text("1 of 5 goals").wait_for()
        page.get_by_role("radio", name="Printed code").click()
        idle(page)
        page.get_by_label("Line 2:     model = joblib").click()
        page.get_by_text("This line runs.").wait_for()
        page.get_by_label("Line 4:     scores").click()
        page.get_by_text("Feature names unseen at fit time").wait_for()
        page.context.close()
    assert told.read(there).right("faults") == ["batch-1"] and told.read(there).places["imports"] == "dropped"

"""Five pins on screen: letters, the first difference, and a sentence that says the same."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from streamlit.testing.v1 import AppTest

from mlops import Workspace
from mlops.experiments.pins import NAMES
from playground.pinned import picture, pinned
from playground.ui.kit import pins as drawn
from tests.conftest import STUMP
from tests.screens import open_page, words_on


@pytest.fixture
def runs(trained):
    """The run of the sample workspace, one with another seed, one deeper on a role more, and one without a seed."""
    first = trained.runs.list()[0]
    seeded, loose = (trained.train(STUMP, seed=seed) for seed in (7, None))
    return trained, first, seeded, trained.train(STUMP, overrides={"model.max_depth": 2}, seed=7), loose


def letters(found):
    return [[bar.letter for bar in line.bars] for line in found.lines]


def test_all_are_held_against_the_first_run(runs):
    """Equal letters, and in each other run the first pin that moved is marked, no other."""
    _, first, seeded, deeper, loose = runs
    found = pinned([first, seeded, deeper, loose])
    assert letters(found) == [list("AAAAA"), list("AAAAB"), list("AAABB"), ["A", "A", "A", "A", ""]]
    marked = [[bar.name for bar in line.bars if bar.first] for line in found.lines]
    assert marked == [[], ["seed"], ["config"], ["seed"]] and found.first == "config"


def test_the_sentence_says_what_the_letters_show(runs):
    """For who does not see them."""
    _, first, seeded, deeper, loose = runs
    said = {
        "All five are equal, which promises equal bytes.": [first, first],
        "First difference: seed (42 → 7); the same in all: data, code, software, config.": [first, seeded],
        "First difference: config; also different: seed; the same in all: data, code, software.": [first, deeper],
        "First difference: seed (not pinned in each); the same in all: data, code, software, config.": [first, loose],
        "All five are pinned: made again, it is the same to the last byte.": [first],
        "Not pinned: seed (no seed was kept, so it cannot be repeated).": [loose],
    }
    assert {pinned(some).sentence: some for some in said.values()} == said


def test_a_run_from_elsewhere_pins_nothing(runs):
    """Five dashes, and the reason of each."""
    ws, first, *_ = runs
    logged = ws.runs.log("elsewhere", {"lr": 0.1}, {"validation": {"auc": 0.8}})
    found = pinned([first, logged])
    assert letters(found)[1] == [""] * 5 and found.first == "data"
    assert all("recorded" in bar.told or "no seed" in bar.told for bar in found.lines[1].bars)


@pytest.mark.parametrize("row", [("A", "A", "A", "A", "A"), ("A", "B", "", "C", "AA"), ("",) * 5])
def test_a_picture_is_a_valid_svg_with_these_letters(row):
    """For the run table, which is a canvas."""
    root = ElementTree.fromstring(unquote(picture(row).partition(",")[2]))
    assert [one.text for one in root if one.tag.endswith("text")] == [letter for letter in row if letter]
    assert len([one for one in root if one.tag.endswith("rect")]) == row.count("")


def sent(at: AppTest) -> list:
    """Return what the browser draws of pins."""
    return [json.loads(one.proto.json) for one in at.get("bidi_component") if one.proto.component_name == "five_pins"]


def test_runs_models_and_comparisons_show_their_pins(runs, monkeypatch):
    """In headers and between two runs; the table has a picture for each row."""
    ws, first, seeded, *_ = runs
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
    model = ws.models.register(first, "churn_model")
    for at in (open_page("run", id=first.run_id), open_page("model", ref=model.ref)):
        [found] = sent(at)
        assert [bar["letter"] for bar in found["lines"][0]["bars"]] == ["A"] * 5
        assert "made again, it is the same to the last byte" in words_on(at)
    at = open_page("compare", run=[first.run_id, seeded.run_id])
    [found] = sent(at)
    assert [pin["name"] for pin in found["names"] if pin["first"]] == ["seed"] and [*NAMES] == [
        pin["name"] for pin in found["names"]
    ]
    table = next(one.value for one in at.dataframe if "Run" in one.value and "Pins" in one.value)
    assert len(set(table.set_index("Run")["Pins"])) == 4 and not at.exception


def test_letters_of_the_table_follow_the_rows_that_are_found(runs, monkeypatch):
    """A search makes another view, which begins with A again; the plain words of a search look into no pin."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(runs[0].path))
    at = open_page("compare")
    at.text_input(key="compare.search").set_value("params.model.max_depth = 2").run()
    table = next(one.value for one in at.dataframe if "Pins" in one.value)
    assert list(table["Pins"].astype(str)) == [picture(tuple("AAAAA"))]
    at.text_input(key="compare.search").set_value("packages").run()
    assert "No run matches packages." in words_on(at)


def test_the_browser_part_sets_text_only():
    """A hostile name stays one; the same look for who wants no colour."""
    script = Path(drawn.__file__).with_suffix(".js").read_text("utf-8")
    assert not re.search(r"innerHTML|insertAdjacent|outerHTML", script) and "textContent" in script


def test_a_table_of_an_old_run_is_no_error(trained: Workspace):
    """What nobody recorded is a dash."""
    run = trained.runs.list()[0]
    found = pinned([replace(run, software={}, code={})])
    assert letters(found) == [["A", "", "", "A", "A"]]

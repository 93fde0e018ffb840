"""The tidy notebook: its numbers come out once, and only one cell is to blame for what happens the second time."""

from __future__ import annotations

import pytest

from mlops.base.errors import InvalidError
from playground import course
from playground.notebook import tidy
from playground.notebook.judging import claims
from playground.ui.kit.cards import plain
from tests.screens import open_page, words_on


def test_what_the_file_says_is_what_comes_out_the_first_time_and_not_the_second(ws):
    """From top to bottom, with a seed: four of five numbers are others when the same cells run again."""
    found = tidy.run(ws, "twice")
    first = {name: one["values"][0] for name, one in found.numbers.items()}
    assert first == {claim.name: claim.value for claim in claims(tidy.notebook())}
    assert len(found.moved) == 4 and "customers of November" not in found.moved
    assert tidy.trials(ws) == (found,)


def test_its_cells_ran_from_top_to_bottom_once():
    """Tidy it is: no gap, no cell out of its place."""
    notebook = tidy.notebook()
    assert notebook.as_it_was == notebook.in_order and notebook.gaps == ()


@pytest.mark.slow
def test_one_cell_alone_is_to_blame_however_the_others_are_told(ws):
    """Each of the four that can be told otherwise is tried; reading the file again only hides it."""
    stable = [cell for cell in tidy.MENDS if not tidy.run(ws, "each", [cell]).moved]
    assert stable == [tidy.CULPRIT]
    assert not tidy.run(ws, "twice", ["load"]).moved


def test_a_cell_that_is_told_otherwise_has_other_words_and_nothing_else_can_be_told():
    """What is run was written here, whatever somebody sends."""
    assert all(tidy.source(cell, [cell]) != tidy.source(cell) for cell in tidy.MENDS)
    with pytest.raises(InvalidError, match="no order"):
        tidy.ids("backwards")


def test_no_other_cell_can_be_mended(ws):
    """And nothing is noted."""
    with pytest.raises(InvalidError, match="cannot be mended"):
        tidy.run(ws, "once", ["model"])
    assert tidy.trials(ws) == ()


def test_how_many_numbers_move_is_guessed_before_it_is_run(ws):
    """The answer is what came out the first time that it was run twice as it is, in whatever order."""
    course.start(ws, "copy")
    there = course.workspace(ws, "copy")
    [asked] = course.stop("copy").mission.asks
    assert course.guess(ws, "copy", 1).ready is False
    tidy.run(there, "once")
    tidy.run(there, "twice", ["features"])
    assert course.reveal(ws, "copy").ready is False
    found = tidy.run(there, "twice")
    told = course.reveal(ws, "copy")
    assert told.answer == len(found.moved) and asked.high == len(found.numbers) == told.facts["numbers"]
    assert "4 of 5: AUC, customers who pay much," in told.text


def test_the_notebook_is_on_train_while_its_lab_is_on(ws, monkeypatch):
    """Cells are told as they were when their numbers came out, which stand there once it was guessed; elsewhere Jo's is."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
    course.start(ws, "copy")
    tidy.run(course.workspace(ws, "copy"), "twice", ["features"])
    at = open_page("train", **{"in": "copy", "open": "notebook"})
    said = words_on(at)
    assert "Guess first" in said and "numbers moved" not in said and plain("9.28") not in said
    course.guess(ws, "copy", 1)
    at.run()
    said = words_on(at)
    assert not at.exception
    assert "4 of 5 numbers moved" in said and f"**{plain('11.04')}** → **{plain('9.28')}**" in said
    assert "twice the same" in said
    assert [one.label for one in at.toggle] == [mend.title.capitalize() for mend in tidy.MENDS.values()]
    assert {cell for cell in tidy.MENDS if at.toggle(key=f"tidy.mend.{cell}").value} == {"features"}
    assert "Anna tidied" not in words_on(open_page("train", open="notebook"))

"""The lab about configs: its story is so, and its check hears what it says it hears."""

from __future__ import annotations

import pytest

from playground import course
from playground.course import acts
from playground.course.labs.drifted import edit_overlay
from playground.ui.kit import panel

pytestmark = pytest.mark.slow

MODEL = "churn_model"


def there_of(ws):
    return course.workspace(ws, "configs")


def goal(ws, name):
    [found] = [one for one in course.check(ws, "configs").goals if one.id == name]
    return found


def test_six_keys_differ_and_three_of_them_are_meant(at):
    """As the story says; each of the others came about in another way, and one was agreed."""
    ws = at("configs")
    found = there_of(ws).worlds.read(MODEL)
    assert len(found.differing) == 6 and len(found.unintended) == 3
    states = {one.key: one.values[one.stray[-1]]["state"] for one in found.unintended}
    edited = "model.min_samples_leaf"
    assert states == {"model.learning_rate": "by_hand", edited: "edited", "model.subsample": "by_hand"}
    assert found.worlds[-1].written_at == "2024-02-12T02:10:00.000000Z", "at ten past two"
    [agreed] = [run for run in there_of(ws).runs.list() if "agreed" in run.tags]
    assert "agreed with Lena" in agreed.note and agreed.tags["agreed"] == "model.learning_rate"


def test_how_many_an_overlay_says_is_counted_and_stays_what_it_was(at):
    """Also once more stands in an overlay: the guess was about the beginning."""
    ws = at("configs")
    acts.codify(there_of(ws), "model.subsample", "is it?", "staging")
    acts.roll_back(there_of(ws), "it was not", environment="staging")
    found = course.guess(ws, "configs", 2)
    assert found.answer == 3 and "model.max_depth, model.n_estimators, thresholds.churn" in found.text


def test_a_training_before_the_edit_is_put_back_brings_it_live(at):
    """Which is why the hints say: first."""
    ws = at("configs")
    there = there_of(ws)
    acts.train_from_file(there, "staging")
    acts.register(there, "")
    acts.deploy(there, "staging", "from the file")
    runs = goal(ws, "runs")
    assert not runs.ok and "min_samples_leaf runs at 1 in development, production, churn.yaml says 40" in runs.observed
    assert there.runs.list()[0].params["model.min_samples_leaf"] == 40


def test_a_repeated_key_is_named_with_the_place_where_nobody_would_hear_of_it(at):
    """Each number of the file is changed on a copy; the workspace itself stays as it is."""
    ws = at("configs", solved=True)
    there = there_of(ws)
    before = acts.config_file(there).read_bytes()
    assert "9 numbers changed in churn.yaml" in goal(ws, "heard").observed
    edit_overlay(there, "thresholds.churn", 0.35)
    heard = goal(ws, "heard")
    assert not heard.ok and "nobody would hear of it in production (1 such)" in heard.observed
    assert acts.config_file(there).read_bytes() == before


def test_an_edit_in_a_file_blames_no_event(at):
    """It leaves none; whatever was noted last has nothing to do with it."""
    ws = at("configs")
    there = there_of(ws)
    there.runs.note(there.runs.list(limit=1)[0].run_id, "harmless")
    edit_overlay(there, "model.n_estimators", 100)
    heard = goal(ws, "heard")
    assert (heard.ok, heard.undone, heard.undone_by) == (False, True, None)
    assert panel.marks(course.check(ws, "configs"))[-1].state == "undone"


def test_progress_can_be_checked_again_although_files_have_no_past(at):
    """What the files said when it was solved is not on record, so nobody is told that it was otherwise."""
    ws = at("configs", solved=True)
    assert course.record(ws, "configs").ok
    assert course.recheck(ws, course.export(ws)) == []

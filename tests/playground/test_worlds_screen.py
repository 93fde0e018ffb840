"""What runs where, on the Release screen, and the card of a model: seen, put back, written down, completed."""

from __future__ import annotations

import os

import pytest

from mlops import Workspace
from playground.ui.release import worlds
from tests.release.test_worlds import AT_NIGHT, CHURN, write
from tests.screens import button, open_page, unfold, words_on


@pytest.fixture(scope="module")
def _edited(tmp_path_factory, _trained) -> Workspace:
    ws = _trained.fork(tmp_path_factory.mktemp("worlds") / "ws")
    model = ws.models.register(ws.train(write(ws, CHURN)), "churn_model")
    for environment in ("staging", "production"):
        ws.deploy(model, environment, "first release")
    file = write(ws, CHURN.replace("0.35", "0.60"))
    os.utime(file, (AT_NIGHT, AT_NIGHT))
    return ws


@pytest.fixture
def edited(_edited, tmp_path, monkeypatch) -> Workspace:
    """A workspace on screen whose config file somebody edited at 02:10."""
    ws = _edited.fork(tmp_path / "edited")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
    return ws


def where(ws: Workspace):
    return open_page("release", view="What runs where")


def test_an_edit_by_hand_is_shown_with_both_values_and_its_hour(edited):
    """And with what the file cannot tell."""
    said = words_on(where(edited)).replace("\\", "")
    assert "**1 key differs**, and no overlay says so." in said
    assert "`thresholds.churn` runs at 0.35 in staging and production, and churn.yaml says 0.6" in said
    assert "15 March 2024, 02:10 UTC. A file does not say who did it, nor why." in said


def test_one_click_puts_it_back(edited):
    """Then everything runs as it is written."""
    at = where(edited)
    at.text_input(key="worlds.because.thresholds.churn").set_value("nobody knows why").run()
    button(at, "Put it back").click().run()
    assert not at.exception and "keys are equal" in words_on(at)
    assert (edited.path / "configs/churn.yaml").read_text(encoding="utf-8") == CHURN
    assert edited.log()[-1]["payload"]["changes"]["reason"] == "nobody knows why"


def test_one_click_writes_it_down_where_it_is_meant(edited):
    """In the overlay of the environment that was chosen."""
    at = where(edited)
    at.segmented_control(key="worlds.place.thresholds.churn").set_value("staging").run()
    button(at, "It is meant: write it into the overlay of staging").click().run()
    assert "churn: 0.6" in (edited.path / "configs/churn.staging.yaml").read_text(encoding="utf-8")
    assert "nothing unintended" in words_on(at)


def test_an_edit_is_seen_although_nothing_happened_in_the_workspace(edited):
    """Files change without an event; what was read of them is read again."""
    at = where(edited)
    write(edited, CHURN)
    assert "keys are equal" in words_on(at.run())


def test_the_file_that_a_class_shares_is_not_written_from_a_seat(edited, monkeypatch):
    """One learner would change it for all."""
    monkeypatch.setattr(worlds, "SAMPLE_CONFIG", edited.path / "configs" / "churn.yaml")
    monkeypatch.setattr(worlds.location, "room", lambda: edited.path)
    found = edited.worlds.read()
    assert worlds._may_edit(found)
    monkeypatch.setattr(worlds, "SAMPLE_CONFIG", worlds.Path(str(found.worlds[0].file)))
    assert not worlds._may_edit(found)


def test_what_was_trained_in_the_editor_runs_and_has_no_file(released, monkeypatch):
    """Nothing is marked that could not be known."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    at = unfold(where(released), "worlds.why")
    assert not at.exception and "trained in the editor, without a config file" in words_on(at)


# The card


def test_a_card_is_completed_on_the_page_of_its_model(edited):
    """The heading has the version, also behind an alias; the metrics stand on the card."""
    at = unfold(open_page("model", ref="churn_model@champion"), "model.card.churn_model@1.0.0")
    assert at.title[0].value.replace("\\", "") == "churn_model v1.0.0" and "champion · challenger" in words_on(at)
    assert "AUC · test" in [one.label for one in at.metric] and "nobody said yet" in words_on(at)
    at.text_area(key="model.owner.churn_model@1.0.0").set_value("lena")
    button(at, "Keep the card").click().run()
    assert not at.exception and edited.models.get("churn_model").card["owner"] == "lena"
    assert edited.log()[-1]["payload"]["changes"] == {"card": {"purpose": "", "owner": "lena", "limits": ""}}

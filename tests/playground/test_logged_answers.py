"""Logged answers on the Predict screen: found by customer, and replayed beside what was sent, to the last digit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlops import Workspace
from playground.ui.predict import logged
from tests.conftest import customers_frame
from tests.screens import button, links_on, open_page, words_on


@pytest.fixture
def asked(released, monkeypatch) -> Workspace:
    """A workspace on screen, in which 15 customers were asked about; the first one, c00001, by an earlier version."""
    rows = json.loads(customers_frame(rows=15).drop(columns=["churn", "signed_up"]).to_json(orient="records"))
    released.predict("churn_model@1.0.0", rows[0])
    for row in rows[1:]:
        released.predict("@production", row)
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    return released


def replay_buttons(at):
    return [one for one in at.button if one.label == "Replay"]


def test_the_newest_are_listed_and_older_ones_found_by_their_customer(asked):
    """Each with who, what was said, by which version, when; part of an id is enough."""
    at = open_page("predict", open="logged")
    assert len(replay_buttons(at)) == logged.SHOWN and "c00015" in words_on(at) and "c00001" not in words_on(at)
    at = at.text_input(key="predict.find").set_value("C00001").run()
    assert len(replay_buttons(at)) == 1 and "**c00001**" in words_on(at) and "v1\\.0\\.0" in words_on(at)
    at = at.text_input(key="predict.find").set_value(asked.predictions.list(1)[0]["prediction_id"][:9]).run()
    assert len(replay_buttons(at)) == 1 and "c00015" in words_on(at)
    at = at.text_input(key="predict.find").set_value("nobody").run()
    assert not replay_buttons(at) and "Nobody asked about that" in words_on(at)


def test_a_link_to_one_customer_opens_it_whatever_was_looked_at_before(asked):
    """Also a second time: who comes to ask must not stand before the log."""
    at = open_page("predict", open="logged")
    for _ in range(2):
        at.query_params["open"] = "one"
        at = at.run()
        assert "Predict" in [one.label for one in at.button] and "open" not in at.query_params
        at.session_state["predict.tabs"] = logged.TITLE
        at = at.run()
        assert "Predict" not in [one.label for one in at.button]


def test_a_replay_stands_beside_what_was_sent_with_its_whole_chain(asked):
    """Every digit twice, the verdict in words, links to version, run and data, and the row; nothing is recorded."""
    head, [newest] = asked.head(), asked.predictions.list(1)
    at = replay_buttons(open_page("predict", open="logged"))[0].click().run()
    assert at.query_params["replay"] == newest["prediction_id"]
    said = words_on(at)
    assert said.count(f"`{newest['answer']['churn_probability']!r}`") == 2 and "Equal to the last digit" in said
    run = asked.models.get("@production").run_id
    assert {"churn_model v1.1.0", f"Run {run[:7]}", "customers@1"} <= {*links_on(at)}
    at.session_state["replay.row"] = True
    assert list(at.run().dataframe[0].value["Column"]) == list(newest["row"])
    assert asked.head() == head


def test_a_link_leads_to_a_replay_whatever_is_live_now(asked):
    """Also of a version that was rolled back and rejected since, and says so; the tabs are free afterwards."""
    first = asked.predictions.list()[0]["prediction_id"]
    for place in ("staging", "production"):
        asked.rollback(place, "complaints")
    asked.models.reject("churn_model@1.1.0", "complaints")
    at = open_page("predict", replay=first)
    assert "Equal to the last digit" in words_on(at) and "rejected since" in words_on(at)
    at.session_state["predict.tabs"] = "A file"
    assert "Equal to the last digit" not in words_on(at.run())


def test_what_cannot_be_replayed_is_said(asked):
    """An id of nothing, a log that says something else, a model file that is gone."""
    assert "No logged prediction starts with" in words_on(open_page("predict", replay="p-nothing"))
    newest = asked.predictions.list(1)[0]
    log = Path(asked.path / "predictions" / "open-1.jsonl")
    log.write_text(log.read_text().replace(f"{newest['answer']['churn_probability']!r}", "0.123"))
    assert "Not equal: the log says another answer" in words_on(
        open_page("predict", replay=newest["prediction_id"])
    ).replace("\\", "")
    asked.models.path("churn_model@1.1.0").unlink()
    at = open_page("predict", replay=asked.predictions.list(2)[1]["prediction_id"])
    assert not at.exception and "is not the file that was recorded" in words_on(at).replace("\\", "")


def test_before_anything_was_asked_the_list_says_so(released, monkeypatch):
    """It is empty, and no error."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    assert "Nothing was asked here yet" in words_on(open_page("predict", open="logged"))
    assert button(open_page("predict"), "Predict")

"""Lineage on the screens of data, runs and models: what it came from, and what it touched."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlops import Workspace
from playground.ui.kit import session
from tests.screens import links_on, open_page, words_on

TAB = "Came from, led to"


@pytest.fixture
def shown(released, monkeypatch) -> Workspace:
    """The released workspace, on screen."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    return released


def test_a_data_version_says_what_it_touched(shown):
    """Both runs, both versions and where they were live, each one a link."""
    at = open_page("data", version="customers@1")
    at.session_state["data.tabs"] = "What it touched"
    at.run()

    assert not at.exception
    assert r"If customers@1 was wrong, it touched **2 runs, 2 versions, 4 deployments \(2 live now\)**" in words_on(at)
    assert sum(label.startswith("Deployment") for label in links_on(at)) == 4
    assert not any("T09:00:00.000000Z" in label for label in links_on(at))


def test_a_run_says_what_flowed_into_it_and_what_was_made_of_it(shown):
    """Data, code, software and config on one side; version and deployments on the other."""
    run = shown.runs.list()[0]
    at = open_page("run", id=run.run_id)
    at.session_state["run.tabs"] = TAB
    at.run()

    assert not at.exception
    assert [one.split()[0] for one in links_on(at) if one.split()[0] in ("Data", "Version", "Deployment")] == [
        *("Data", "Version", "Deployment", "Deployment")
    ]
    assert all(f": {word} " in words_on(at) for word in ("Code", "Software", "Config"))


def test_a_model_says_what_it_came_from(shown):
    """Its run and all before; where it is and was live."""
    at = open_page("model", ref="churn_model@1.0.0")
    at.session_state["model.tabs"] = TAB
    at.run()

    assert not at.exception
    assert r"it touched **2 deployments \(0 live now\)**" in words_on(at)


def test_what_is_being_edited_is_no_part_of_a_past(shown):
    """The chain of then is drawn as it was; the draft is of today."""
    config = shown.runs.text(shown.runs.list()[0].run_id, "config.yaml").replace("C: 1.0", "C: 4.0")
    today, past = open_page("compare"), open_page("compare", at=str(shown.head()))
    for at in (today, past):
        at.session_state[session.DRAFT.key] = config
        at.run()

    assert "config B" in chain_on(today)["sentence"]
    assert "config B" not in chain_on(past)["sentence"]


def chain_on(at) -> dict[str, Any]:
    """Return what the browser is sent of the chain."""
    return next(json.loads(one.proto.json) for one in at.get("bidi_component") if one.proto.component_name == "chain")

"""Break it on purpose on the screen: a guess before the result, a job that a reload finds again, two chains."""

from __future__ import annotations

import json

import pytest

from mlops import Workspace
from playground import breaking, breaks, broken, folders
from playground.breaking import NoPackageError
from playground.desk import Desk
from playground.jobs import Job, jobs
from playground.ui.kit import session
from playground.ui.train import breaking as screen
from tests.conftest import STUMP
from tests.screens import button, links_on, open_page, words_on


@pytest.fixture
def opened(trained, monkeypatch):
    """The tab, for a workspace with one run; nothing is broken yet."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(trained.path))
    return tab


def tab(which: str = "seed", **query: str):
    """Open the tab of Train, at one of the five breaks."""
    at = open_page("train", **query)
    at.session_state["train.tabs"], at.session_state["break.which"] = screen.TITLE, which
    return at.run()


def chains(at) -> list:
    """Return what the browser draws of two runs beside each other."""
    sent = [json.loads(one.proto.json) for one in at.get("bidi_component") if one.proto.component_name == "chain"]
    return [one for one in sent if any("older" in node["lanes"] for node in one["nodes"])]


def broken_before(ws: Workspace, name: str) -> Workspace:
    """Put two runs into a copy as a break leaves them, and onto the desk which copy it is."""
    copy, number = breaking.copy_for(ws, ws.path, "", breaks.base_of(ws))
    for side in ("1", "2"):
        config = STUMP if side == "1" else STUMP.replace("max_depth: 1", "max_depth: 2")
        copy.train(config, note=f"side {side}", tags={"break": name, "attempt": "1", "side": side})
    Desk(ws.path).put({session.BROKEN.key: {"copy": number, f"{name}.copy": number, f"{name}.guess": "data"}})
    return copy


def test_nothing_is_broken_before_a_guess_or_without_waiving_it(opened):
    """Who sees the answer first learns nothing."""
    at = opened()

    assert not at.exception and "Which of the five moves first?" in words_on(at)
    assert button(at, "Break it").disabled and not button(at, "Without a guess").disabled


def test_a_click_makes_a_copy_and_a_job_that_is_found_again(opened, trained):
    """After a reload it is still under way, and can be cancelled; the own work is untouched."""
    head = trained.head()
    at = opened()
    at.session_state["break.guess.seed"] = "config"
    button(at.run(), "Break it").click().run()
    [copy] = folders.copies(trained.path)
    again = opened()
    assert button(again, "Cancel") and "**Remove the seed**" in words_on(again)
    button(again, "Cancel").click().run()

    assert jobs().settled(("break", str(trained.path.absolute()), "seed"))
    assert trained.head() == head and copy.number == 1
    at = opened()
    assert at.session_state[session.BROKEN.key] == {"copy": "1", "seed.copy": "1", "seed.guess": "config"}
    assert not button(at, "Without a guess").disabled  # it can be broken again


def test_what_came_of_it_is_drawn_as_two_chains_with_the_guess_beside_it(opened, trained):
    """Read from the two runs in the copy: the first node that differs is marked, and links lead there."""
    broken_before(trained, "leak")
    at = opened("leak")
    said = words_on(at)

    assert not at.exception and "Config moved first" in said and "You said data." in said
    [drawn] = chains(at)
    assert [node["label"] for node in drawn["nodes"] if node["first"]] == ["max_depth 1 → 2"]
    assert all("copy=1" in node["href"] for node in drawn["nodes"])
    assert "One key of the config: config changed: model.max_depth 1 → 2." in said.replace("\\", "")
    assert "Compare the two, on the copy" in links_on(at)


def test_without_a_network_the_prepared_one_says_where_it_was_really_run(opened, trained, monkeypatch):
    """It is labelled, and leads into no copy."""
    broken_before(trained, "leak")
    kept = {"copy": "1", "package.copy": "1", "package.guess": "code"}
    Desk(trained.path).put({session.BROKEN.key: kept})
    name = ("break", str(trained.path.absolute()), "package")

    def fail(job: Job) -> None:
        raise NoPackageError("It could not be fetched.", "Connect it.")

    jobs().begin(name, fail)
    assert jobs().settled(name)
    at = opened("package")

    assert not at.exception and f"prepared: {broken.prepared().really}" in words_on(at).replace("\\", "")
    assert "Software moved first" in words_on(at) and "Compare the two, on the copy" not in links_on(at)


def test_in_a_copy_nothing_is_broken(opened, trained):
    """A copy of a copy would be nobody's; the way back is one click."""
    broken_before(trained, "leak")

    assert "Back to mine" in words_on(opened(copy="1")) and "Which of the five" not in words_on(opened(copy="1"))


def test_without_a_run_it_says_what_is_missing(ws, customers_csv, monkeypatch):
    """There is nothing to break yet."""
    ws.datasets.add(customers_csv, name="customers", target="churn", id="customer_id")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))

    assert "there must be a run of your own" in words_on(tab())

"""The silent candidate on Monitor: chosen, answering, told, ended; the release check decides."""

from __future__ import annotations

import pytest

from mlops import Workspace
from tests.production.conftest import ask, cohort
from tests.screens import button, links_on, open_page, words_on


@pytest.fixture
def ws(released: Workspace, monkeypatch) -> Workspace:
    """churn_model 1.1.0 is live and was asked about 120 customers; 1.0.0 could answer silently."""
    ask(released, cohort(3, 120))
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    return released


def opened(**query: str):
    at = open_page("monitor", **query)
    at.session_state["monitor.tabs"] = "Silent candidate"
    at.run()
    assert not at.exception
    return at


def buttons_on(at) -> list[str]:
    return [one.label for one in at.button]


def said(at) -> str:
    return words_on(at).replace("\\", "")


def test_a_candidate_answers_what_was_asked_at_one_click(ws):
    """By the steps of the workspace: started with all that was asked, followed, told."""
    at = opened()
    assert "nobody hears it" in said(at)
    button(at, "Let it answer what was asked").click().run()

    report = ws.shadow.report()
    assert (report.n, report.waiting, ws.shadow.now().after) == (120, 0, 0)
    assert "v1.0.0 answers silently since Fri 1 Mar 2024" in said(at)
    assert f"v1.0.0 decides {report.agree} of 120 rows as live did" in said(at)
    assert "Not known yet: outcomes come later." in said(at)


def test_from_now_on_it_waits_for_what_is_asked_and_stop_ends_it(ws):
    """What waits is counted, and answered at a click; what it said stays."""
    at = opened()
    button(at, "From now on").click().run()
    assert (ws.shadow.report().n, ws.shadow.report().waiting) == (0, 0)
    assert "Nobody has asked since" in said(at) and "Next month brings questions." in said(at)
    ask(ws, cohort(4, 3))
    at = opened()
    assert "3 rows not answered yet" in said(at)
    button(at, "Let it answer what was asked").click().run()
    assert "Too few to tell: both answered 3" in said(at)
    button(at, "Stop").click().run()
    assert ws.shadow.now() is None and "v1.0.0 answered silently from" in said(at)
    assert "From now on" in buttons_on(at)


def test_the_way_to_production_is_the_release_check(ws):
    """A link names the candidate; no button here releases anything."""
    ws.shadow.start("churn_model@1.0.0")
    at = opened()
    assert "Release check of v1.0.0" in links_on(at)
    assert not [label for label in buttons_on(at) if "romote" in label or "elease" in label]
    there = open_page("release", model="churn_model@1.0.0", view="Promote")
    assert there.selectbox(key="release.model").value == "churn_model@1.0.0"


def test_in_the_past_it_is_told_as_it_was_and_nothing_begins(ws):
    """Buttons stay and say where that can be done."""
    ws.shadow.start("churn_model@1.0.0", back=True)
    begun = ws.head()
    ws.set_clock("2024-03-09T00:00:00Z")
    ws.shadow.follow()
    at = opened(at=str(begun))
    assert "120 rows not answered yet" in said(at)
    assert button(at, "Back to today to let it answer").disabled and button(at, "Back to today to stop it").disabled


def test_where_there_is_no_other_version_it_says_so(ws):
    """With the way to one."""
    ws.models.reject("churn_model@1.0.0", "bad")
    assert "There is no other version that could answer." in said(opened())


def test_a_first_release_that_nobody_has_asked_has_two_empty_places_at_once(released, monkeypatch):
    """Nothing was asked, and there is no other version: each says so with its own way on."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    released.models.reject("churn_model@1.0.0", "bad")
    at = opened()
    assert "There is no other version that could answer." in said(at) and "It has not been asked yet." in said(at)

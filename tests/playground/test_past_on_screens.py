"""The past on screen: every page as it was then, nothing of what came later, and nothing is recorded."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mlops import Workspace
from mlops.base.past import Past
from playground import screens
from playground.ui.kit import acts, session
from tests.conftest import LOGISTIC
from tests.screens import ROOT, SAID, button, links_on, open_page, words_on

NAMES = [screen.name for screen in screens.SCREENS]
BACK = "Back to today"


@pytest.fixture(scope="module")
def then_and_later(_released, tmp_path_factory) -> tuple[Path, Path, int]:
    """A copy of a workspace as it was, what became of it, and the number of the last event that both have."""
    folder = tmp_path_factory.mktemp("past")
    ws = _released.fork(folder / "later")
    row = ws.models.metadata("@production")["examples"][0]["row"]
    ws.predict("@production", row)
    ws.runs.note(ws.runs.list()[0].run_id, "as it was")
    then, event = ws.fork(folder / "then"), ws.head()
    ws.set_clock("2024-05-01T09:00:00Z")
    ws.predict("@production", row)
    frame = ws.datasets.frame("customers@1").head(450)
    frame.to_csv(folder / "c.csv", index=False)
    ws.datasets.add(folder / "c.csv", name="customers", message="later customers")
    ws.runs.note(ws.runs.list()[0].run_id, "said later")
    model = ws.models.register(ws.train(LOGISTIC, data="customers@2", seed=3), "churn_model")
    ws.deploy(model, "staging", "later rehearsal")
    ws.deploy(model, "production", "later release", override="a test")
    ws.predict("@production", row)
    return then.path, ws.path, event


@pytest.fixture
def later(then_and_later, tmp_path, monkeypatch) -> Workspace:
    """What became of it, free to change, on screen."""
    ws = Workspace.open(then_and_later[1]).fork(tmp_path / "workspace")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
    return ws


LEFT_OUT = re.compile("how it was|^Your 2024$|^Draw it today")
"""The banner of the past; and the line that one draws of a year, which is an act of today as a button is."""


def everything(at: AppTest) -> list[str]:
    """Return all that a page says and draws, but for its buttons, its line to draw, the banner and the way there."""
    components = [one.proto for one in at.get("bidi_component") if one.proto.json]
    drawn = [json.loads(one.json) for one in components if one.component_name != "drawn_year"]
    tables = [frame.value.to_csv() for frame in at.dataframe]
    choices = [f"{one.label} {one.options} {one.value}" for one in (*at.selectbox, *at.segmented_control)]
    said = [element.value for kind in SAID for element in at.get(kind) if not LEFT_OUT.search(element.value)]
    more = [*[f"{one.label} {one.value}" for one in at.metric], *links_on(at)]
    parts = [f"{key}: {value}" for one in drawn for key, value in one.items() if key not in ("past", "workspace")]
    return [
        re.sub(r"'at': '\d+'(, )?|\?at=\d+(?=')|at=\d+&", "", line)
        for line in (*said, *more, *tables, *choices, *parts)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_the_past_is_that_of_a_copy_taken_then(then_and_later, monkeypatch, name):
    """No event behind it lies beyond that point: neither a request, nor a note, nor what is live."""
    then, later, event = then_and_later
    runs = [run.run_id for run in Workspace.open(then).runs.list()]
    query = {"id": runs[0], "ref": "churn_model@1.1.0", "runs": ",".join(runs)}
    monkeypatch.setenv("MLOPS_WORKSPACE", str(later))
    past = open_page(name, at=str(event), **query)
    today = everything(open_page(name, **query))
    monkeypatch.setenv("MLOPS_WORKSPACE", str(then))
    copy = everything(open_page(name, **query))

    assert not past.exception and not past.error
    assert everything(past) == copy
    assert name in ("guide", "sweep") or today != copy
    assert f"This is how it was on **1 March 2024, 09:00 UTC** (event {event})" in words_on(past)


@pytest.mark.parametrize("name", NAMES)
def test_every_page_works_in_every_past(later, name):
    """From the first event on; what did not exist yet is said, and no page breaks."""
    runs = [run.run_id for run in later.runs.list()]
    query = {"id": runs[0], "ref": "churn_model@1.0.0", "runs": f"{runs[-1]},{runs[-2]}"}
    head = later.head()
    at = open_page(name, at="1", **query)
    for event in range(1, head + 1, 3):
        at.query_params["at"] = str(event)
        at.run()
        assert not at.exception, (event, at.exception)
        assert button(at, BACK)
    assert later.head() == head


@pytest.mark.parametrize("at", ["0", "9" * 18, "9" * 5000, "-1", "\u0663", "event:1", "<b>"])
def test_an_address_that_names_no_event_is_told_and_breaks_nothing(later, at):
    """It came with the URL, and anybody can write one."""
    shown = open_page("release", at=at)
    assert not shown.exception and later.head() > 0


TABS: dict[str, list[list[tuple[str, str]]]] = {
    "data": [[("data.tabs", one)] for one in ("Profile", "Difference", "Validation", "Restore")],
    "train": [
        *([("workbench.way", one)] for one in ("Form", "Environments", "History")),
        *([("train.tabs", one)] for one in ("Sweep", "Break it on purpose", "Notebook to script")),
    ],
    "release": [[("view", one)] for one in ("Roll back", "What runs where", "Audit log")],
    "predict": [[("predict.tabs", one)] for one in ("A file", "Three doors", "REST")],
    "monitor": [
        [("monitor.tabs", one)] for one in ("Outcomes", "Alerts", "When to retrain", "Silent candidate", "Answers")
    ],
    "run": [[("run.tabs", "Software")]],
    "guide": [[("part", one)] for one in ("Your project", "Done", "Quiz", "Say it", "Three pictures", "Notebook lab")],
}
"""Screen -> what is one click away on it."""


def opened(at: AppTest) -> None:
    """Open everything on a page that can be opened."""
    for kind in ("expander", "popover"):
        for drawer in at.get(kind):
            if key := getattr(drawer, "key", None) or _key(drawer.proto.id):
                at.session_state[key] = True
    at.run()


def _key(widget: str) -> str:
    return "" if widget.endswith("-None") else re.sub(r"^\$\$ID-[0-9a-f]+-", "", widget)


@pytest.mark.parametrize("name", NAMES)
def test_no_button_of_the_past_records_anything(later, name):
    """Whatever can be pressed, in any tab and drawer of the page, leaves the history as it is."""
    runs = [run.run_id for run in later.runs.list()]
    head, logged = later.head(), later.predictions.list()
    newest = next(one["seq"] for one in later.log() if one["kind"] == "model.register" and one["seq"] > head - 8)
    for event, tab in [(1, None), (4, None), *((newest - 1, tab) for tab in (None, *TABS.get(name, ())))]:
        at = open_page(name, at=str(event), id=runs[0], ref="churn_model@1.1.0", runs=",".join(runs[-2:]))
        for key, value in tab or ():
            at.session_state[key] = value
        at.run()
        opened(at)
        assert not at.exception
        pressed = [one for one in at.button if not one.disabled and one.label != BACK]
        # Of the cells of the notebook, which run in a process of their own, one.
        for key in {one.label.rstrip("0123456789]\\"): one.key for one in pressed}.values():
            if any(one.key == key for one in at.button):
                at.button(key=key).click().run()
            assert not at.exception, (event, tab, key)
            assert later.head() == head, (event, tab, key)
    assert later.predictions.list() == logged


def test_a_chain_that_was_being_built_is_not_built_in_the_past(later):
    """Whoever enters the past in the middle of it has begun something today, and goes on there."""
    head = later.head()
    at = open_page("start", at="4")
    at.session_state[session.BUILDING.key] = True
    at.run()

    assert not at.exception and later.head() == head


def test_a_button_that_was_missed_is_answered_with_a_card(later, monkeypatch):
    """If one could be pressed all the same, the core refuses, and the card says where one can do that."""
    monkeypatch.setattr(acts, "_then", lambda options: options)
    head = later.head()
    at = open_page("predict", at=str(head - 3))
    at.button(key="predict.ask").click().run()
    said = at.error[0].value.replace("\\", "")
    at = open_page("release", at=str(head - 3))
    at.button(key="release.gate").click().run()

    assert "This is the past" in said and "Back to today" in said
    assert "This is the past" in at.error[0].value.replace("\\", "") and not at.exception
    assert later.head() == head


def test_buttons_that_record_say_where_one_can_do_that(later):
    """They stay where they are, and today they are what they were."""
    past, today = open_page("train", at="5"), open_page("train")

    assert past.button(key="train.go").label == "Back to today to train" and past.button(key="train.go").disabled
    assert today.button(key="train.go").label == "Train"


def test_the_past_goes_along_to_other_pages_and_back_leads_out(later):
    """A link of the navigation has a bare address; the bare address of the same page is that of today."""
    at = open_page("release", at="9")
    del at.query_params["at"]
    at.switch_page(str(ROOT / "pages" / "data.py")).run()
    assert at.query_params["at"] == "9" and button(at, BACK)
    assert any("?at=9" in one.proto.json for one in at.get("bidi_component"))
    del at.query_params["at"]
    at.run()
    assert "at" not in at.query_params and BACK not in words_on(at)


def test_back_to_today_is_one_click(later):
    """And what is new since then is there again."""
    at = open_page("data", at="9")
    button(at, BACK).click().run()

    assert "at" not in at.query_params and BACK not in words_on(at) and not at.exception
    assert "later customers" in at.dataframe[0].value.to_csv()


@pytest.mark.parametrize("event", ["0", "999", "99999999999999999999"])
def test_what_has_not_come_yet_cannot_be_seen(later, event):
    """A card says so, and today is shown."""
    at = open_page("start", at=event)

    assert not at.exception and BACK not in [one.label for one in at.button]
    assert event in at.error[0].value
    assert "at" not in at.query_params


def test_answers_of_today_are_not_shown_in_the_past(later):
    """A prediction, an answer of the release check, and what was live are about one moment."""
    at = open_page("predict")
    at.button(key="predict.ask").click().run()
    assert "Answered and logged" in words_on(at)
    at.query_params["at"] = str(later.head() - 1)
    at.run()
    assert "Answered and logged" not in words_on(at)
    at = open_page("release")
    at.query_params["at"] = "12"
    at.run()
    assert "has changed since you last looked" not in words_on(at)


def test_what_is_read_of_the_past_is_read_once(later, monkeypatch):
    """It never changes, also while today something happens."""
    at = open_page("release", at="12")
    looks: list[int] = []
    real = Past.read
    monkeypatch.setattr(Past, "read", lambda past: looks.append(past.event) or real(past))
    later.predict("@production", later.models.metadata("@production")["examples"][0]["row"])
    later.runs.note(later.runs.list()[0].run_id, "meanwhile")
    assert not open_page("release").exception
    at.run()

    assert not at.exception and looks == []
    assert "meanwhile" not in words_on(at)


def test_nobody_waits_for_what_ended_long_ago(later, monkeypatch):
    """A run that was under way then goes on in no past: no screen looks whether it is over."""
    event = next(one["seq"] for one in later.log() if one["kind"] == "run.start")
    assert later.at(event=event).runs.list()[0].status == "running"
    every: list[object] = []
    real = st.fragment
    monkeypatch.setattr(st, "fragment", lambda *a, run_every=None, **k: every.append(run_every) or real(*a, run_every=run_every, **k))  # fmt: skip
    for name in ("start", "train", "run"):
        at = open_page(name, at=str(event), id=later.at(event=event).runs.list()[0].run_id)
        assert not at.exception
    assert {*every} <= {None}


def test_history_comes_with_the_second_release(trained, monkeypatch):
    """Before it there is nothing to drag; a rehearsal in staging is none."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(trained.path))
    seen = []
    for note in ("first", "second"):
        seen.append(line_of(open_page("data")))
        model = trained.models.register(trained.train(LOGISTIC, note=note), "churn_model")
        trained.deploy(model, "staging", "rehearsal")
        trained.deploy(model, "production", f"{note} release", override="a test")
    seen.append(line_of(open_page("data")))

    assert [bool(one) for one in seen] == [False, False, True]
    assert [one["opened"] for one in (seen[-1], line_of(open_page("release")))] == [False, True]


def line_of(at: AppTest) -> dict[str, Any]:
    """Return the line of time as the browser gets it; empty if it is not drawn."""
    return next(
        (json.loads(one.proto.json) for one in at.get("bidi_component") if "history" in one.proto.component_name), {}
    )


def test_a_link_of_old_that_asks_about_a_moment_still_answers(later):
    """The question is open below, and the line stands at its moment; `at` without a number is a time of day."""
    at = open_page("release", view="Go to", on="2024-02-01", at="14:00", tz="America/New_York", env="production")

    assert [one.value for one in at.success] == [r"**v1\.0\.0** was live in production at 2024-02-01 19:00:00Z."]
    assert line_of(at)["asked"] == 1706814000000.0 and line_of(at)["past"] is None
    assert "at" not in at.query_params and not at.exception


@pytest.mark.parametrize(("day", "said"), [("2024-03-10", "does not exist"), ("2023-11-05", "happens twice")])
def test_an_hour_that_the_clocks_skip_or_repeat_is_explained(later, day, said):
    """Both instants are named, and they can be asked about in UTC."""
    at = open_page(
        "release", on=day, time="02:30" if day > "2024" else "01:30", tz="America/New_York", env="production"
    )

    assert not at.exception and not at.error
    assert said in at.warning[0].value and "Ask about one of the two in UTC" in at.warning[0].value

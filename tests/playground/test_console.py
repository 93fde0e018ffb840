"""The REST console on screen: what it says of a server, the code it offers, and what it does where none runs."""

from __future__ import annotations

import pytest

from playground import one_row, servers
from playground.rest import Called, Place, Seen
from playground.ui.predict import console
from tests.screens import drawn_on, open_page, words_on

PLACE = Place("/somewhere", "production", "churn_model")
URL = "http://127.0.0.1:5000"


def call(number: int, version: str = "1.1.0", status: int = 200) -> Called:
    answer = {"churn_probability": 0.25} if status == 200 else {"error": {"message": "age should be an integer"}}
    return Called(number, status, 3.14159, version if status == 200 else "", answer)


class Standing:
    """Servers of which one stands as it is told, for what is drawn of it."""

    def __init__(self, seen: Seen | None) -> None:
        self.seen = seen

    def of(self, place: Place):
        """Return it, whoever asks."""
        return self if self.seen else None

    def stop(self, place: Place) -> None:
        """Let it be none."""
        self.seen = None


@pytest.fixture
def screen(released, monkeypatch):
    """Open the console beside a server that stands so."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))

    def opened(seen: Seen | None, **query: str):
        there = Standing(seen)
        monkeypatch.setattr(servers, "of_app", lambda: there)
        at = open_page("predict", open="rest", **query)
        assert not at.exception
        return at

    return opened


def test_where_no_server_runs_one_can_be_started(screen):
    """And nothing else: there is nobody to call."""
    at = screen(None)
    assert [one.label for one in at.button if str(one.key).startswith("rest.")] == ["Start a server"]
    assert drawn_on(at, "rest_console")["state"] == "none" and not at.get("code")
    assert "Over REST a program asks" in words_on(at)
    assert "only there; it ends with the app, and after 10 minutes without a call" in words_on(at)


def test_in_the_past_it_says_why_none_is_started(screen, released):
    """A button that cannot be pressed has its reason beside it."""
    at = screen(None, at=str(released.head() - 1))
    assert [(one.label, one.disabled) for one in at.button if one.key == "rest.start"] == [
        ("Back to today to start a server", True)
    ]
    assert "A server answers with what is live today" in words_on(at)


def test_a_server_that_answers_is_called_with_the_customer_on_the_form(screen, released, monkeypatch):
    """The code has its address and that row; the secret is read where the code runs, and is not on the screen."""
    monkeypatch.setenv("MLOPS_TOKEN", "a-secret")
    at = screen(Seen("answers", URL, "1.1.0", calls=2, called=(call(2), call(1))))
    picked = next(iter(one_row.examples(released.models.metadata("churn_model@1.1.0"))))
    code = at.code[0].value
    assert f"curl -sS {URL}/predict" in code and picked in code
    assert "$MLOPS_TOKEN" in code and "a-secret" not in code + words_on(at)
    drawn = drawn_on(at, "rest_console")
    assert drawn["said"] == "v1.1.0 answers now. 2 calls."
    assert [(one["number"], one["took"], one["answer"]) for one in drawn["called"]] == [
        (2, "3.1 ms", "0.25"),
        (1, "3.1 ms", "0.25"),
    ]


def test_trouble_of_the_newest_version_is_said(screen):
    """What answers is not what is live, and somebody should know."""
    at = screen(Seen("answers", URL, "1.0.0", trouble="churn_model@1.1.0 is live since now and cannot answer: lost"))
    assert "cannot answer" in at.warning[0].value


def test_one_that_ended_says_why_and_can_be_started_again(screen):
    """By itself, from outside, or because nobody called."""
    at = screen(Seen("ended", why="Nobody called it for 10 minutes, so it was ended."))
    assert drawn_on(at, "rest_console")["said"] == "Nobody called it for 10 minutes, so it was ended."
    assert "Start a server" in [one.label for one in at.button]


def test_a_refused_call_is_listed_with_its_reason():
    """No number, no version; the words of the error."""
    [row] = console.wire(Seen("answers", URL, called=(call(1, status=422),)), PLACE)["called"]
    assert (row["status"], row["answer"], row["version"], row["ok"]) == (422, "age should be an integer", "", False)


def test_what_is_said_names_who_answered_before():
    """A rollback is seen before anybody calls; where nothing is live, nothing answers."""
    assert console.said(Seen("answers", URL, "1.0.0", "1.1.0", 1)) == "v1.0.0 answers now, v1.1.0 before. 1 call."
    assert console.said(Seen("answers", URL)) == "Nothing is live here, so nothing answers. 0 calls."
    assert console.said(None) == "No server runs."

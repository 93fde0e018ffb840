"""Waiting: a place in line and a time that can be trusted, from what really happened on this server."""

from __future__ import annotations

from playground import waiting
from playground.waiting import Waiting
from tests.conftest import STUMP
from tests.screens import open_page, words_on


def test_the_screen_says_the_place_and_the_time_that_the_last_trainings_took(trained, tmp_path, idle, monkeypatch):
    """All workspaces of the server stand in one line, and take turns in it."""
    me = trained.fork(tmp_path / "me")
    first, last = (trained.submit(STUMP).run_id for _ in range(2))
    mine = me.submit(STUMP).run_id
    monkeypatch.setattr(idle, "pace", lambda: 8.0)
    monkeypatch.setenv("MLOPS_WORKSPACE", str(me.path))

    assert [waiting.of(trained, run) for run in (first, last)] == [Waiting(1, 4.0), Waiting(3, 20.0)]
    assert waiting.of(me, mine) == Waiting(2, 12.0)
    assert "2nd in line, about 10 s" in words_on(open_page("train"))


def test_a_run_that_another_process_submitted_has_its_place_of_this_workspace(trained, idle):
    """And a worker that starts is nothing to wait in line for."""
    assert waiting.of(trained, "unknown", otherwise=3).text == "3rd in line"
    assert waiting.of(trained, "unknown").text == "a worker is starting"

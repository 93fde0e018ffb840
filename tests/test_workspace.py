"""The workspace: it knows who acts, can be checked, and has a date."""

from __future__ import annotations

import pytest

from mlops import Workspace
from mlops.base import clock
from mlops.base.errors import ConflictError, InvalidError
from tests.test_folder import mark

# Who acts


@pytest.mark.parametrize(("given", "recorded"), [("grace", "grace"), (None, "from the environment")])
def test_the_history_knows_who_acted(tmp_path, monkeypatch, given, recorded):
    """Who was named, else who the environment names."""
    monkeypatch.setenv("MLOPS_ACTOR", "from the environment")
    ws = Workspace.open(tmp_path / "ws", actor=given)
    ws.runs.log("r", {}, {})
    assert [event["actor"] for event in ws.log()] == [recorded]


# Verifying


def test_verify_names_a_changed_id(ws):
    """A marker that was exchanged does not belong to this ledger."""
    real = ws.id
    mark(ws, id="w-other")
    report = Workspace.open(ws.path).verify()
    assert (
        report["problems"]
        == [{"what": "workspace id", "where": "WORKSPACE.json", "expected": real, "observed": "w-other"}]
        and not report["ok"]
    )


# The calendar


def test_without_a_simulated_date_it_is_now(ws):
    """Wall time, in UTC."""
    before = clock.wall_time()
    assert before <= ws.now() <= clock.wall_time() and ws.clock()["simulated"] is False


def test_a_simulated_date_stands_still_and_dates_what_happens(ws):
    """Every event bears it, and beside it the real time at which it was recorded."""
    before = clock.wall_time()
    assert ws.set_clock("2024-03-15 14:00", tz="America/New_York") == {
        "now": "2024-03-15T18:00:00.000000Z",
        "simulated": True,
    }
    run = ws.runs.log("r", {}, {})
    assert run.started_at == ws.now() == ws.log()[-1]["at"] == "2024-03-15T18:00:00.000000Z"
    assert before <= ws.log()[-1]["recorded_at"] <= clock.wall_time()


def test_time_stands_still_or_goes_on_but_never_back(ws):
    """Not by a microsecond; the same instant again is no step back."""
    ws.set_clock("2024-03-15T18:00:00Z")
    ws.set_clock("2024-03-15T18:00:00Z")
    with pytest.raises(ConflictError, match="time does not go back to 2024-03-15T17:59:59.999999Z"):
        ws.set_clock("2024-03-15T17:59:59.999999Z")
    assert ws.head() == 2 and ws.now() == "2024-03-15T18:00:00.000000Z"


def test_from_the_past_one_returns_to_today_and_from_the_future_one_does_not(ws):
    """Wall time is a date like any other: it may not lie before what has happened."""
    ws.set_clock("2024-03-15")
    assert ws.set_clock(None)["simulated"] is False and ws.now() > "2024-03-15"
    ws.set_clock("2199-01-01")
    with pytest.raises(ConflictError, match="time does not go back to today"):
        ws.set_clock(None)
    assert ws.clock() == {"now": "2199-01-01T00:00:00.000000Z", "simulated": True}


def test_a_date_that_is_none_is_refused(ws):
    """Nothing is recorded."""
    for time, zone in (("soon", None), ("2024-03-10 02:30", "America/New_York"), ("2024-01-01", "Mars/Base")):
        with pytest.raises(InvalidError):
            ws.set_clock(time, zone)
    assert ws.head() == 0

"""The past: a ledger as it was after one of its events."""

from __future__ import annotations

import pytest

from mlops import Workspace
from mlops.base.errors import InvalidError, NotYetError, PastError


def test_the_past_ends_with_the_last_event_at_an_instant(released: Workspace):
    """What came at that very instant belongs to it, what came a microsecond later does not."""
    first, second = [one.since for one in released.releases.timeline("production")]

    assert released.at(str(second)).releases.live("production").model["version"] == "1.1.0"
    assert released.at(str(second).replace("00.000000", "00.000000")).now() == second
    before = released.at("2024-03-01T08:59:59.999999Z")
    assert before.releases.live("production").model["version"] == "1.0.0"
    assert before.releases.live("production").until is None
    assert released.at(str(first)).runs.list() == before.runs.list()[-len(released.at(str(first)).runs.list()) :]


def test_an_event_names_a_point_between_events_of_one_instant(released: Workspace):
    """A simulated date stands still; numbers tell what came first."""
    at = {event["seq"]: event["at"] for event in released.log()}
    for event in at:
        past = released.at(event=event)
        assert (past.event, past.head(), past.now(), len(past.log())) == (event, event, at[event], event)
    assert released.event is None


def test_time_stands_still_in_the_past(released: Workspace):
    """Its clock says the instant that was asked for, and whether the date was simulated then."""
    past = released.at("2024-02-10 09:30", tz="Europe/Berlin")

    assert past.now() == "2024-02-10T08:30:00.000000Z"
    assert past.clock() == {"now": past.now(), "simulated": True}


def test_what_has_not_come_yet_is_no_past(released: Workspace):
    """Neither a time after now, nor an event after the last one, nor - from a past - what came after it."""
    for ask in (lambda: released.at("2030-01-01"), lambda: released.at(event=released.head() + 1)):
        with pytest.raises(NotYetError):
            ask()
    past = released.at("2024-02-01")
    with pytest.raises(NotYetError, match="2 February 2024 has not come yet; today is 1 February 2024"):
        past.at("2024-02-02")
    with pytest.raises(NotYetError):
        past.at(event=released.head())
    assert past.at("2024-01-20").now() < past.now()


@pytest.mark.parametrize("asked", [{}, {"time": "2024-02-01", "event": 1}])
def test_a_past_is_named_in_one_way(released: Workspace, asked):
    """By a time or by an event."""
    with pytest.raises(InvalidError, match="by a time or by an event"):
        released.at(**asked)


def test_the_past_records_nothing(released: Workspace):
    """The ledger refuses to write, whoever asks."""
    past = released.at(event=released.head())
    with pytest.raises(PastError, match=r"^This is the past \(1 March 2024, .*Back to today"), past._ledger.write():
        pass
    with pytest.raises(PastError), past._artifacts.stage():
        pass
    with pytest.raises(PastError, match="cannot be verified apart"):
        past.verify()

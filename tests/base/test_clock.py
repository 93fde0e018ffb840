"""Instants: what people type becomes one moment or a question, never a guess; a workspace's time never goes back."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops import Workspace
from mlops.base import view
from mlops.base.clock import datetime_of, instant_of, later, parse_instant, wall_time
from mlops.base.errors import ConflictError, InvalidError

ZONES = ["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo"]
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1))


@given(MOMENTS, MOMENTS)
def test_text_order_is_time_order(first, second):
    """The ledger compares instants as text."""
    first, second = first.replace(tzinfo=UTC), second.replace(tzinfo=UTC)
    assert (instant_of(first) < instant_of(second)) == (first < second)


@given(MOMENTS)
def test_instants_read_back_to_the_microsecond(moment):
    """Writing and reading an instant loses nothing."""
    moment = moment.replace(tzinfo=UTC)
    assert datetime_of(instant_of(moment)) == moment
    assert parse_instant(instant_of(moment)) == instant_of(moment)


@given(MOMENTS, st.sampled_from(ZONES))
def test_a_local_time_is_read_in_its_zone_or_both_readings_are_named(local, zone):
    """A time that exists once becomes that moment; one that is skipped or repeated names both instants."""
    first, second = (local.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        assert parse_instant(local.isoformat(), zone) == instant_of(first)
        return
    with pytest.raises(InvalidError) as asked:
        parse_instant(local.isoformat(), zone)
    assert instant_of(first) in asked.value.message and instant_of(second) in asked.value.message


@pytest.mark.parametrize(
    ("typed", "zone", "what", "readings"),
    [
        ("2024-03-10 02:30", "America/New_York", "does not exist", ("06:30:00", "07:30:00")),
        ("2024-11-03 01:30", "America/New_York", "happens twice", ("05:30:00", "06:30:00")),
        ("2024-03-31 02:00", "Europe/Berlin", "does not exist", ("00:00:00", "01:00:00")),
        ("2024-10-27 02:59:59.999999", "Europe/Berlin", "happens twice", ("00:59:59.999999", "01:59:59.999999")),
        ("2024-04-07 01:45", "Australia/Lord_Howe", "happens twice", ("14:45:00", "15:15:00")),
    ],
)
def test_the_hours_around_a_clock_change_ask_for_an_offset(typed, zone, what, readings):
    """The message says whether the time was skipped or repeated, names both instants and what to add."""
    with pytest.raises(InvalidError, match=what) as asked:
        parse_instant(typed, zone)
    assert all(f"T{reading}" in asked.value.message for reading in readings)
    assert "offset" in asked.value.next_step


@pytest.mark.parametrize(
    "edge", ["2024-03-10 01:59:59.999999", "2024-03-10 03:00", "2024-11-03 00:59:59", "2024-11-03 02:00"]
)
def test_the_minutes_beside_a_clock_change_are_ordinary(edge):
    """Only the changed hour itself is in doubt."""
    assert parse_instant(edge, "America/New_York").startswith("2024-")


def test_an_offset_in_the_text_wins_over_the_zone():
    """Who wrote an offset has decided; the zone is for those who did not."""
    assert parse_instant("2024-11-03T01:30:00-04:00", "America/New_York") == "2024-11-03T05:30:00.000000Z"
    assert parse_instant("2024-03-15 14:00Z", "Asia/Kolkata") == "2024-03-15T14:00:00.000000Z"


def test_without_zone_and_offset_a_time_is_utc_and_a_date_its_first_moment():
    """Both are said in the documentation; nothing depends on the machine's own zone."""
    assert parse_instant(" 2024-03-15 ") == "2024-03-15T00:00:00.000000Z"
    assert parse_instant("2024-03-15", "Europe/Berlin") == "2024-03-14T23:00:00.000000Z"


@pytest.mark.parametrize(
    "typed", ["", "yesterday", "2024-02-30", "15.03.2024", "2024-03-15 25:00", "1710500400", "0001-01-01", "2201-01-01"]
)
def test_what_is_no_date_is_refused_with_an_example(typed):
    """The text is shown, and how to write it."""
    with pytest.raises(InvalidError) as refused:
        parse_instant(typed)
    assert repr(typed) in refused.value.message and refused.value.next_step


@pytest.mark.parametrize("zone", ["", "Mars", "../../etc/passwd", "a\0b", "EST5EDT4", "x" * 300])
def test_unknown_zones_are_refused_with_examples(zone):
    """Names that are paths lead nowhere."""
    with pytest.raises(InvalidError, match="is not a time zone"):
        parse_instant("2024-03-15 14:00", zone)


# The calendar of a workspace


def test_a_simulated_date_is_what_every_event_is_written_with(ws):
    """`at` is the workspace's date, `recorded_at` the wall time."""
    ws.set_clock("2024-03-15 14:00", tz="America/New_York")
    ws.runs.log("r", {}, {})
    event = ws.log()[-1]
    assert ws.clock() == {"now": "2024-03-15T18:00:00.000000Z", "simulated": True}
    assert event["at"] == "2024-03-15T18:00:00.000000Z" and event["recorded_at"][:4] == wall_time()[:4]


@given(st.lists(st.none() | st.datetimes(datetime(2024, 1, 1), datetime(2100, 1, 1)), max_size=8))
def test_time_never_goes_back(tmp_path_factory, dates):
    """Whatever dates are set, events are in order of time; going back is refused and changes nothing."""
    from mlops import Workspace

    ws = Workspace.open(tmp_path_factory.mktemp("clock") / "ws")
    for date in dates:
        before = ws.log()
        try:
            ws.set_clock(date.isoformat() if date else None)
        except ConflictError:
            assert ws.log() == before
    instants = [event["at"] for event in ws.log()]
    assert instants == sorted(instants)
    assert ws.now() >= max(instants, default="")


def test_going_back_names_the_last_event_and_a_way_out(ws):
    """The refusal says how far the history has come."""
    ws.set_clock("2030-01-01")
    with pytest.raises(ConflictError, match="2030-01-01T00:00:00.000000Z") as refused:
        ws.set_clock("2029-12-31")
    assert "Choose a later time" in refused.value.next_step
    with pytest.raises(ConflictError, match="does not go back to today"):
        ws.set_clock(None)


def test_the_calendar_can_return_to_wall_time(ws):
    """A past simulated date is left by setting none."""
    ws.set_clock("2024-01-01")
    assert ws.set_clock(None)["simulated"] is False
    assert ws.now()[:4] == wall_time()[:4]


def test_a_machine_whose_clock_is_set_back_writes_no_event_before_the_last(ws, monkeypatch):
    """Also after a simulated date was left: what happens now did not happen before what is on record."""
    ws.set_clock("2024-01-01")
    ws.set_clock(None)
    last = ws.log()[-1]["at"]
    monkeypatch.setattr(view, "wall_time", lambda: "2023-06-01T00:00:00.000000Z")
    ws.runs.log("r", {}, {})
    assert ws.log()[-1]["at"] == ws.now() == last and ws.verify()["ok"]


# The past


def test_what_has_not_come_is_not_the_past(released: Workspace) -> None:
    """By the simulated date to the microsecond; every question about the past is refused in the same words."""
    today, soon = "2024-03-01T09:00:00.000000Z", "2024-03-01T09:00:00.000001Z"

    assert released.live_at(today).at == today
    for ask in (
        lambda: released.live_at(soon),
        lambda: released.releases.all_live_at(soon, "production"),
        lambda: released.outcomes.known("customers", at=soon),
        lambda: released.deployments.preview("production", since=soon),
    ):
        with pytest.raises(InvalidError, match="09:00:00.000001 has not come yet; it is 09:00:00"):
            ask()


def test_on_wall_time_a_few_seconds_ahead_are_now(ws: Workspace) -> None:
    """Clocks of two machines differ; what is answered is now, and a minute ahead is refused."""
    near, far = (later(wall_time(), seconds) for seconds in (4, 60))

    assert ws.live_at(near).at < near
    with pytest.raises(InvalidError, match="has not come yet"):
        ws.live_at(far)

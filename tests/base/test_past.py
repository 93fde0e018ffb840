"""The past: a ledger as it was after one of its events."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops import Workspace
from mlops.base import past
from mlops.base.clock import instant_of, later
from mlops.base.errors import IntegrityError, InvalidError, NotYetError, PastError
from tests.release.test_releases import model

CHANGES = {
    "America/New_York": (datetime(2024, 3, 10, 7), datetime(2024, 11, 3, 6)),
    "Europe/Berlin": (datetime(2024, 3, 31, 1), datetime(2024, 10, 27, 1)),
    "Australia/Lord_Howe": (datetime(2024, 4, 6, 15), datetime(2024, 10, 5, 15, 30)),
    "Asia/Kathmandu": (datetime(2024, 3, 10, 7), datetime(2024, 11, 3, 6)),
}
"""When clocks change in 2024, in UTC: from one hour to the other and back, by half an hour, never."""

MOVES = st.lists(st.tuples(st.integers(-9, 9), st.sampled_from(["a", "b", "release"])), max_size=9)


def recorded(ws: Workspace, moves: list[tuple[int, str]], around: datetime) -> None:
    """Let things happen at quarters of an hour around a moment: notes of two subjects, and releases."""
    with ws._ledger.write() as tx:
        tx.at = instant_of(around.replace(tzinfo=UTC) - timedelta(days=1))
        tx.append("run.log", "r", {"run_id": "r", "data": {}, "config_sha256": ""})
        for number in range(len(moves)):
            tx.append("model.register", f"m@{number}.0.0", {"name": "m", "version": f"{number}.0.0", "run_id": "r"})
        for number, (quarter, what) in enumerate(sorted(moves, key=lambda move: move[0])):
            tx.at = instant_of(around.replace(tzinfo=UTC) + timedelta(minutes=15 * quarter))
            if what == "release":
                said = {"model": model(f"{number}.0.0"), "since": tx.at, "status": "live", "action": "deploy"}
                tx.append("deployment.deploy", f"d{number}", {**said, "environment": "production", "at": tx.at})
            else:
                tx.append("journal.write", what, {"last": number, f"move-{number}": quarter})


def meant(local: datetime, zone: str, around: datetime) -> list[str]:
    """Return the instants at which the clocks of a zone showed a time: none, one or two."""
    minutes = (around.replace(tzinfo=UTC) + timedelta(minutes=minute) for minute in range(-24 * 60, 24 * 60))
    return [instant_of(one) for one in minutes if one.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local]


@given(moves=MOVES, zone=st.sampled_from([*CHANGES]), back=st.booleans(), minute=st.integers(-140, 140))
def test_a_past_is_what_a_fold_of_the_events_says(
    tmp_path_factory: Any, moves: Any, zone: str, back: bool, minute: int
):
    """For any history, time and zone: also where a clock skips the time, or shows it twice and so asks."""
    around = CHANGES[zone][back]
    ws = Workspace.open(tmp_path_factory.mktemp("w") / "w")
    recorded(ws, moves, around)
    ws.set_clock("2025-01-01")
    change = around.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    local = change + timedelta(minutes=minute)
    instants = meant(local, zone, around)
    if len(instants) != 1:
        for ask in (lambda: ws.at(local.isoformat(), tz=zone), lambda: ws.live_at(local.isoformat(), tz=zone)):
            with pytest.raises(InvalidError, match="does not exist" if not instants else "happens twice") as asked:
                ask()
            assert all(instant in str(asked.value) for instant in instants)
        return
    events = [event for event in ws.log() if event["at"] <= instants[0]]
    notes: dict[str, dict[str, Any]] = {}
    live = None
    for event in events:
        said = event["payload"]["changes"]
        if event["kind"] == "journal.write":
            notes[event["subject"]] = {**notes.get(event["subject"], {}), **said}
        live = said["model"] if event["kind"] == "deployment.deploy" else live

    then = ws.at(local.isoformat(), tz=zone)

    assert (then.now(), then.log(), then.journal.all()) == (instants[0], events, notes)
    found = then.releases.live("production")
    assert (found and found.model) == live == ws.live_at(local.isoformat(), tz=zone).model
    assert found is None or found.until is None


def test_the_past_ends_with_the_last_event_at_an_instant(released: Workspace):
    """What came at that very instant belongs to it, what came a microsecond later does not."""
    _, second = released.releases.timeline("production")
    then = released.at(str(second.since)).releases.live("production")
    before = released.at("2024-03-01T08:59:59.999999Z").releases.live("production")

    assert (then.model["version"], before.model["version"], before.until) == ("1.1.0", "1.0.0", None)


def test_an_event_names_a_point_between_events_of_one_instant(released: Workspace):
    """A simulated date stands still; numbers tell what came first."""
    at = {event["seq"]: event["at"] for event in released.log()}
    for event in at:
        then = released.at(event=event)
        assert (then.event, then.head(), then.now(), len(then.log())) == (event, event, at[event], event)
    assert released.event is None


def test_time_stands_still_in_the_past(released: Workspace):
    """Its clock says the instant that was asked for, and whether the date was simulated then."""
    then = released.at("2024-02-10 09:30", tz="Europe/Berlin")

    assert then.now() == "2024-02-10T08:30:00.000000Z"
    assert then.clock() == {"now": then.now(), "simulated": True}


def test_before_the_first_event_there_was_nothing(released: Workspace):
    """A past of no event is an empty workspace."""
    then = released.at("1999-12-31")
    assert (then.event, then.head(), then.log(), then.runs.list(), then.datasets.list()) == (0, 0, [], [], [])
    assert then.releases.live("production") is None


def test_what_has_not_come_yet_is_no_past(released: Workspace):
    """Neither a time after now, nor an event after the last one, nor - from a past - what came after it."""
    for ask in (lambda: released.at("2030-01-01"), lambda: released.at(event=released.head() + 1)):
        with pytest.raises(NotYetError):
            ask()
    then = released.at("2024-02-01")
    with pytest.raises(NotYetError, match="2 February 2024 has not come yet; today is 1 February 2024"):
        then.at("2024-02-02")
    with pytest.raises(NotYetError):
        then.at(event=released.head())
    with pytest.raises(NotYetError):
        then.live_at("2024-02-02", "production")
    assert then.at("2024-01-20").now() < then.now()
    assert then.at(event=3).log() == released.log()[:3]


def test_on_wall_time_a_moment_ahead_is_now(ws: Workspace):
    """Clocks of two machines differ by as much."""
    ws.journal.write("a", {"b": 1})
    assert ws.at(later(ws.now(), 3)).now() <= ws.now()
    with pytest.raises(NotYetError):
        ws.at(later(ws.now(), 60))


@pytest.mark.parametrize("asked", [{}, {"time": "2024-02-01", "event": 1}])
def test_a_past_is_named_in_one_way(released: Workspace, asked):
    """By a time or by an event."""
    with pytest.raises(InvalidError, match="by a time or by an event"):
        released.at(**asked)


def test_the_past_records_nothing(released: Workspace):
    """The ledger refuses to write, and nothing gets a place among what is under way."""
    then = released.at(event=released.head())
    with pytest.raises(PastError, match=r"^This is the past \(1 March 2024, .*Back to today"), then._ledger.write():
        pass
    with pytest.raises(PastError), then._artifacts.stage():
        pass
    with pytest.raises(PastError, match="cannot be verified apart"):
        then.verify()


@pytest.fixture
def kept(monkeypatch) -> past.Shelf:
    """What is derived, beginning with nothing."""
    monkeypatch.setattr(past, "_kept", past.Shelf())
    return past._kept


def test_only_what_is_asked_for_is_derived(released: Workspace, kept: past.Shelf):
    """What was live is told by releases, one model and one run; `live_at` of the present derives nothing."""
    time = "2024-02-01T00:00:00Z"
    assert released.live_at(time).until == "2024-03-01T09:00:00.000000Z" and not kept._kept
    assert released.at(time).live_at(time).until is None
    [derived] = kept._kept.values()

    nouns = [noun for (noun,) in derived.connection.execute("SELECT noun FROM records ORDER BY noun")]
    assert nouns == ["clock", "deployment", "deployment", "model", "run"]
    assert derived.records == len(nouns) < released.at(time).head()


def test_what_was_derived_serves_whoever_looks_at_the_same_event(released: Workspace, kept: past.Shelf):
    """By a time or by its number, in this thread or another; and a later event does not change it."""
    released.at(event=5).runs.list()
    [derived] = kept._kept.values()
    count = derived.records
    released.runs.note(released.runs.list()[-1].run_id, "much later")
    with ThreadPoolExecutor(4) as threads:
        told = [*threads.map(lambda _: released.at(event=5).runs.list(), range(8))]

    assert [*kept._kept.values()] == [derived] and derived.records == count
    assert {run.note for runs in told for run in runs} == {""}


def test_a_record_that_changes_after_a_look_is_still_derived_as_it_was(released: Workspace):
    """Between the first question about a moment and the next one history goes on."""
    then = released.at(event=released.head())
    then.datasets.list()
    [new, old] = released.runs.list()
    released.runs.note(old.run_id, "much later")

    assert then.runs.list() == [new, old]
    assert then.runs.list("status = 'finished'") == [new, old]


def test_what_runs_are_searched_by_is_as_it_was(released: Workspace):
    """A tag that came later finds nothing, and one that changed is found by what it was."""
    [new, old] = released.runs.list()
    released.runs.tag(new.run_id, "team", "retention")
    released.runs.tag(old.run_id, "team", "retention")
    then = released.at(event=released.head())
    released.runs.tag(old.run_id, "team", "pricing")
    released.runs.tag(new.run_id, "later", "yes")

    assert [run.run_id for run in then.runs.list("tags.team = 'retention'", "run_id")] == sorted(
        [new.run_id, old.run_id]
    )
    assert then.runs.list("tags.team = 'pricing' or tags.later = 'yes'") == []
    assert "tags.later" not in then.runs.fields()


def test_a_file_has_a_name_from_its_event_on(trained: Workspace):
    """The model of a run that is running then is there by now, and not known."""
    run = trained.runs.list()[0]
    ended = next(event["seq"] for event in trained.log() if event["kind"] == "run.end")
    then = trained.at(event=ended - 1)

    assert then.runs.get(run.run_id).status == "running"
    assert then.runs.progress(run.run_id) is None
    with pytest.raises(IntegrityError, match="not named by any event"):
        then.runs.document(run.run_id)
    assert trained.at(event=ended).runs.document(run.run_id) == trained.runs.document(run.run_id)


def test_pasts_are_kept_as_far_as_there_is_room():
    """The one that was asked for longest ago goes first; the last one stays, however large."""
    shelf = past.Shelf(room=5)

    def get(number: int, records: int) -> past.Derived:
        found = shelf.get(past.Path("w"), (number, "2024", ""))
        found.records = found.records or records
        return found

    first, second = get(1, 2), get(2, 2)
    assert get(1, 2) is first
    third = get(3, 9)
    assert get(3, 9) is third and [*shelf._kept.values()] == [third]
    assert get(2, 2) is not second


def test_a_damaged_event_is_named_for_what_it_is(released: Workspace):
    """Whoever looks at the past of a ledger that was tampered with is told to verify it."""
    with closing(sqlite3.connect(released._ledger.path, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER events_are_not_changed")
        connection.execute("UPDATE events SET payload = 'x' WHERE kind = 'run.start'")
    released.runs.note(released.runs.list()[0].run_id, "later")

    with pytest.raises(IntegrityError, match="mlops verify"):
        released.at(event=released.head() - 1).runs.list()

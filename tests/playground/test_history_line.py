"""The line of time as a record: what happened, and what was live at any moment of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops import MlopsError, Workspace
from mlops.base.clock import later
from mlops.base.environments import ENVIRONMENTS
from mlops.release import releases
from mlops.release.gate import Gate
from playground import history
from playground.history import APART, MOST, NEWEST, SHARE, SPANS, Tape
from playground.ui.kit.history import drawn

NAMES = ("churn_model", "guest_model")
MOVES = st.tuples(
    st.sampled_from(["deploy", "rollback", "fail", "refuse", "data", "note"]),
    st.sampled_from(ENVIRONMENTS),
    st.sampled_from(NAMES),
    st.integers(0, 1),
    st.sampled_from([0, 0, 0, 1, 3600, 90_000, 4_000_000]),
)
"""What happens, where, to which name and version, and seconds after what happened before."""


def happen(ws: Workspace, moves: list[tuple[str, str, str, int, int]]) -> None:
    """Let it happen: real events in a real ledger, of models that are there."""
    models = {one.ref: one.identity for one in ws.models.list()}
    with ws._ledger.write() as tx:
        for what, place, name, version, wait in moves:
            number = tx.head()[0]
            tx.at = later(tx.at, wait)
            model = models[f"{name}@1.{version}.0"]
            if what == "refuse":
                report = {"model": model, "environment": place, "outcome": "fail", "checks": []}
                tx.append("gate.evaluate", f"g{number}", report)
            elif what == "data":
                tx.append("dataset.add", f"other@{number}", {"name": "other", "message": "more"})
            elif what == "note":
                tx.append("journal.write", f"n{number}", {"said": number})
            else:
                live = releases.live_model(tx, place, name)
                record = {"deployment_id": f"d{number}", "action": "rollback" if what == "rollback" else "deploy"}
                record |= {"environment": place, "model": model, "at": tx.at, "deployed_by": "jo", "reason": what}
                record |= {"status": "failed" if what == "fail" else "live", "gate": None, "override": None}
                record |= {"since": None if what == "fail" else tx.at, "replaced": live}
                tx.append(f"deployment.{record['action']}", f"d{number}", record)


def told(lanes: list[history.Lane], event: int) -> dict[tuple[str, str], str]:
    live = {(lane.environment, lane.name): lane.live(event) for lane in lanes}
    return {lane: bar.version for lane, bar in live.items() if bar}


@settings(max_examples=20)
@given(moves=st.lists(MOVES, min_size=1, max_size=25), ahead=st.lists(st.integers(0, 9_000_000), max_size=5))
def test_what_the_line_says_was_live_is_what_the_releases_say(two_live, tmp_path_factory, moves, ahead):
    """At any instant, and after any event: also where many events have one instant."""
    ws = two_live.fork(tmp_path_factory.mktemp("random") / "ws")
    happen(ws, moves)
    found = history.read(ws)
    begin = ws.log()[0]["at"]
    instants = {event["at"] for event in ws.log()} | {min(later(begin, seconds), found.now) for seconds in ahead}
    for instant in instants:
        asked = {
            (place, one.model["name"]): one.model["version"]
            for place in ENVIRONMENTS
            for one in ws.releases.all_live_at(instant, place)
        }
        assert told(found.lanes, found.after(instant)) == asked
    for event in range(1, ws.head() + 1, 3):
        then = ws.at(event=event)
        asked = {
            (place, one.model["name"]): one.model["version"]
            for place in ENVIRONMENTS
            for one in then.releases.all_live(place)
        }
        assert told(found.lanes, event) == asked == told(history.read(then).lanes, event)


@settings(max_examples=30)
@given(moves=st.lists(MOVES, max_size=40), width=st.integers(200, 2000))
def test_a_view_opens_with_its_newest_marks_far_enough_apart(two_live, tmp_path_factory, moves, width):
    """It is the widest of those that show them so."""
    ws = two_live.fork(tmp_path_factory.mktemp("random") / "ws")
    happen(ws, moves)
    found = history.read(ws)
    opened = found.opens(width)

    shown = {view: len(found.marks) - found.first(view) for view in (*SPANS, "newest")}
    least = min(NEWEST, len(found.marks))
    fits = [view for view, count in shown.items() if count >= least and width * SHARE / (count + 1) >= APART]
    assert opened == next(iter(fits), "newest")
    assert shown[opened] >= least and (opened in fits or width * SHARE / (NEWEST + 1) < APART)


def test_each_event_is_a_sentence_with_who_and_why(released, monkeypatch, tmp_path):
    """A release, a failed health check, a refused check, a rollback, data, outcomes; not what let a release pass."""
    ws = Workspace.open(released.path, actor="jo")
    run = ws.runs.list()[0]
    model = ws.models.register(run, "churn_model")
    with pytest.raises(MlopsError, match="Deploy it to staging"):
        ws.deploy(model, "production", "too early")
    with monkeypatch.context() as broken:
        broken.setattr(Gate, "ill", lambda *_: MlopsError("it cannot load.", "Look."))
        with pytest.raises(MlopsError, match="health check"):
            ws.deploy(model, "staging", "new try")
    ws.deploy(model, "production", "same recipe", override="the boss wants it")
    ws.rollback("production", "complaints")
    (tmp_path / "o.csv").write_text("customer_id,churn\nc00001,1\nc00002,0\n")
    ws.outcomes.add(tmp_path / "o.csv", "customers")

    found = history.read(ws)
    assert [(mark.kind, mark.says(found.named), mark.by, mark.why) for mark in found.marks[:1]] == [
        ("data", "customers@1 is kept", "ada", "first customers")
    ]
    assert [(mark.kind, mark.says(found.named), mark.why.partition(":")[0]) for mark in found.marks[-5:]] == [
        ("refused", "v1.1.1 does not pass the release check of production", found.marks[-5].why),
        ("failed", "v1.1.1 fails its health check in staging: never live", "new try"),
        ("release", "v1.1.1 goes live in production", "same recipe (in spite of the release check"),
        ("rollback", "Back to v1.1.0 in production", "complaints"),
        ("outcomes", "2 outcomes of customers become known", ""),
    ]
    assert found.marks[-5].why and {mark.by for mark in found.marks[-5:]} == {"jo"}


def test_the_table_says_what_was_live_after_each_event(released):
    """Newest first, with the date of the calendar and the one on the wall."""
    found = history.read(released)
    rows = found.rows()

    assert [row["production"] for row in rows] == ["v1.1.0", "v1.0.0", "v1.0.0", "–", "–"]
    assert rows[0]["at"] == "2024-03-01 09:00:00Z" and rows[0]["on the wall"] > "2026"
    assert found.sentence() == "5 events since Mon 15 Jan 2024. Live: v1.1.0 in production, v1.1.0 in staging."


def test_a_rehearsal_is_no_second_release(released):
    """Staging and production of one version are one release; the next version, or another name, is the second."""
    first = next(one.event for one in released.releases.moves("production"))

    assert history.read(released.at(event=first)).releases == 1
    assert history.read(released).releases == 2


def test_names_are_told_apart_where_there_are_several(two_live):
    """Each has a lane of its own in each environment."""
    found = history.read(two_live)

    assert [lane.title for lane in found.lanes] == [
        *("production churn_model", "production guest_model", "staging churn_model", "staging guest_model")
    ]
    assert found.marks[-1].says(found.named) == "guest_model v1.1.0 goes live in production"


def test_a_tape_reads_each_event_once(released, monkeypatch):
    """Whoever looks again reads what came since."""
    tape, since = Tape(), []
    tape.history(released)
    real = Workspace.log
    monkeypatch.setattr(
        Workspace, "log", lambda ws, since_=0, **named: since.append(named["since"]) or real(ws, **named)
    )
    released.rollback("production", "complaints")
    found = tape.history(released)

    assert since == [released.head() - 1] and found.marks[-1].kind == "rollback"
    assert found.marks == history.read(released).marks


def test_of_a_long_history_the_newest_part_is_drawn(released):
    """What was live before it began is still told."""
    happen(released, [("deploy", "development", "churn_model", 1, 60)])
    happen(released, [("deploy", "production", "churn_model", number % 2, 60) for number in range(MOST + 20)])
    found = history.read(released)

    assert (len(found.marks), found.earlier) == (MOST, 26)
    begin = found.marks[0].event
    assert told(found.lanes, begin) == {
        ("production", "churn_model"): "1.0.0",
        ("staging", "churn_model"): "1.1.0",
        ("development", "churn_model"): "1.1.0",
    }


def test_the_browser_gets_instants_and_sentences(released):
    """All that a read-out says is there, so that it asks nobody."""
    found = drawn(history.read(released))

    assert [mark["what"] for mark in found["marks"][-2:]] == [
        *("v1.1.0 goes live in staging", "v1.1.0 goes live in production")
    ]
    assert found["marks"][-1]["at"] == found["lanes"][0]["bars"][-1]["since"] == found["now"]
    assert found["lanes"][0]["bars"][0] | {"since": 0} == {
        **{"label": "v1.0.0", "event": found["marks"][2]["event"], "end": found["marks"][-1]["event"]},
        **{"since": 0, "by": "ada", "why": "release"},
    }
    assert [mark["decides"] for mark in found["marks"][-2:]] == [False, True]

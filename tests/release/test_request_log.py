"""The request log: newest first, across sealed segments."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mlops import Workspace
from mlops.base import chained, view
from mlops.base.errors import BusyError, IntegrityError
from mlops.release import request_log
from mlops.release.request_log import RequestLog
from tests.processes import Child


@pytest.fixture
def asked(released, monkeypatch):
    """A workspace with three logged requests, each in a sealed segment of its own."""
    monkeypatch.setattr(request_log, "SEAL_AT", 10)
    row = released.models.metadata("@production")["examples"][0]["row"]
    ids = []
    for _ in range(3):
        ids.append(released.predict("@production", row).prediction_id)
        released.predictions.sync()
    return released, ids


def test_requests_come_newest_first(asked):
    """As every list does."""
    ws, ids = asked
    assert [request["prediction_id"] for request in ws.predictions.list()] == ids[::-1]


def test_the_latest_requests_are_found_without_reading_the_old_ones(asked):
    """A log of any length costs no more; only whoever wants all of it meets the damage in the oldest segment."""
    ws, ids = asked
    oldest = next(event for event in ws.log() if event["kind"] == "segment.seal")["payload"]["artifacts"][0]["path"]
    (ws.path / oldest).unlink()

    assert [request["prediction_id"] for request in ws.predictions.list(limit=2)] == ids[:0:-1]
    with pytest.raises(IntegrityError):
        ws.predictions.list()


def test_a_request_is_logged_without_reading_those_before_it(released, monkeypatch):
    """One line is parsed to follow it, of two thousand; no segment and no open log is read whole."""
    row = released.models.metadata("@production")["examples"][0]["row"]
    released.predict("@production", row)
    with RequestLog(released._ledger, released._artifacts).turn() as turn:
        one = {"model": {"name": "churn_model"}, "at": turn.at}
        turn.append([{"prediction_id": f"p{number}", **one} for number in range(2000)])
    parsed, parse = [], chained.parsed
    with monkeypatch.context() as patched:
        patched.setattr(chained, "parsed", lambda line: parsed.append(line) or parse(line))
        patched.setattr(chained, "newest_first", None)  # who reads a whole log
        released.predict("@production", row)
    assert len(parsed) == 1 and released.verify()["ok"]


def test_the_newest_requests_are_read_from_the_end(released, monkeypatch):
    """However long the log is."""
    released.predict("@production", released.models.metadata("@production")["examples"][0]["row"])
    with RequestLog(released._ledger, released._artifacts).turn() as turn:
        one = {"model": {"name": "other"}, "at": turn.at}
        turn.append([{"prediction_id": f"p{number}", **one} for number in range(2000)])
    parsed, parse = [], chained.parsed
    monkeypatch.setattr(chained, "parsed", lambda line: parsed.append(line) or parse(line))

    assert [one["prediction_id"] for one in released.predictions.list(limit=3)] == ["p1999", "p1998", "p1997"]
    assert len(parsed) == 3


@pytest.mark.parametrize("lines", [None, 1, 2, 3])
def test_the_past_has_the_requests_that_had_come(trained, monkeypatch, tmp_path, lines):
    """Also where they were in the open log then, and are in a sealed segment with later ones by now."""
    model = trained.models.load(trained.models.register(trained.runs.list()[0], "churn_model"))
    row = model.metadata["examples"][0]["row"]

    def asked() -> str:
        prediction = trained.predictions.predict(model, row)
        trained.predictions.sync()
        return prediction.prediction_id

    first = asked()
    [path] = (trained.path / "predictions").glob("open-*.jsonl")
    monkeypatch.setattr(request_log, "SEAL_AT", (lines - 0.5) * path.stat().st_size if lines else 1 << 20)
    event = trained.runs.note(trained.runs.list()[0].run_id, "a note") and trained.head()
    second = asked()
    time = trained.now()
    third = asked()
    trained.runs.note(trained.runs.list()[0].run_id, "another note")
    fourth = asked()

    def told(past) -> list[str]:
        return [request["prediction_id"] for request in past.predictions.list()]

    assert told(trained) == [fourth, third, second, first]
    assert told(trained.at(event=event)) == [first]  # the second came after it, and before the next one
    assert told(trained.at(time)) == [second, first]
    assert told(trained.at(event=event).at(event=event - 1)) == []
    copy = trained.at(time).fork(tmp_path / "then")
    assert told(copy) == [second, first] and copy.verify()["problems"] == []
    copy.predictions.predict(model, row)
    assert told(copy)[1:] == [second, first] and copy.verify()["problems"] == []


@pytest.fixture
def holder(released):
    """Another program that holds the ledger for writing, as a release check does while it computes."""
    released._ledger.busy = 0.2
    with closing(sqlite3.connect(released.path / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def test_a_request_does_not_wait_for_a_release(released, holder):
    """It came before whatever is being decided there."""
    head = released.head()
    answer = released.predict("@production", released.models.metadata("@production")["examples"][0]["row"])
    [logged] = released.predictions.list()
    assert (logged["prediction_id"], logged["after"]) == (answer.prediction_id, head)


def test_a_full_log_is_sealed_another_time_where_somebody_holds_the_ledger(released, holder, monkeypatch):
    """No request waits for that either, and none is lost."""
    monkeypatch.setattr(request_log, "SEAL_AT", 10)
    row = released.models.metadata("@production")["examples"][0]["row"]
    asked = []
    for _ in range(3):
        asked.append(released.predict("@production", row).prediction_id)
        released.predictions.sync()
    assert not [*(released.path / "predictions").glob("s*.jsonl")]
    holder.execute("ROLLBACK")
    asked.append(released.predict("@production", row).prediction_id)
    released.predictions.sync()
    assert len([*(released.path / "predictions").glob("s*.jsonl")]) == 1
    assert [one["prediction_id"] for one in released.predictions.list()] == asked[::-1] and released.verify()["ok"]


def test_the_lock_of_the_log_is_waited_for_no_longer_than_the_ledger_is(released):
    """A program that was stopped in its turn is told about, and nothing is logged meanwhile."""
    released._ledger.busy = 0.05
    log = RequestLog(released._ledger, released._artifacts)
    with log.turn(), pytest.raises(BusyError, match=r"Another program holds .*requests\.lock"):
        released.predict("@production", released.models.metadata("@production")["examples"][0]["row"])
    assert released.predictions.list() == []


def test_the_instants_of_requests_never_go_back(trained, monkeypatch):
    """Also where the clock of the machine was put back between two of them, so the past can be cut at each."""
    log = RequestLog(trained._ledger, trained._artifacts)
    asked = []
    for wall in ("2099-01-01T00:00:02.000000Z", "2099-01-01T00:00:01.000000Z", "2099-01-01T00:00:03.000000Z"):
        monkeypatch.setattr(view, "wall_time", lambda wall=wall: wall)
        with log.turn() as turn:
            turn.append([{"prediction_id": "p", "at": turn.at}])
            asked.append(turn.at[17:19])
    assert asked == ["02", "02", "03"]


def test_lines_that_do_not_all_fit_on_the_disk_are_none(released):
    """What was written of them goes again, and nobody who had no answer is in the log."""
    row = released.models.metadata("@production")["examples"][0]["row"]
    first = released.predict("@production", row).prediction_id
    with RequestLog(released._ledger, released._artifacts).turn() as turn:
        file, written = turn._file, []

        class Full:
            truncate = file.truncate

            def write(self, data: bytes) -> int:
                if written:
                    raise OSError(28, "No space left on device")
                written.append(file.write(data[: len(data) * 2 // 3]))
                return written[0]

        turn._file = Full()
        with pytest.raises(OSError, match="No space left"):
            turn.append([{"prediction_id": f"p{number}", "at": turn.at} for number in range(3)])
    assert [one["prediction_id"] for one in released.predictions.list()] == [first] and written
    assert released.verify()["leftovers"] == []


def _ask_and_die(say: Any, path: Path) -> None:
    ws = Workspace.open(path, create=False)
    row = ws.models.metadata("@production")["examples"][0]["row"]
    for _ in range(5):
        say(ws.predict("@production", row).prediction_id)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_what_was_answered_is_logged_though_the_process_is_killed_right_after(released):
    """Before anything was synced."""
    child = Child(_ask_and_die, released.path)
    child.go()
    answered = [*iter(child.hear, None)]
    assert len(answered) == 5
    assert [one["prediction_id"] for one in released.predictions.list()] == answered[::-1] and released.verify()["ok"]


def test_a_second_log_of_the_same_kind_keeps_what_a_silent_candidate_says(trained, monkeypatch, tmp_path):
    """Its own open file and its own segments; verified, copied and cut by the past as the first one, and apart."""
    silent = RequestLog(trained._ledger, trained._artifacts, "shadow")
    monkeypatch.setattr(request_log, "SEAL_AT", 200)
    for number in range(4):
        with silent.turn() as turn:
            turn.append([{"prediction_id": f"p{number}", "at": turn.at, "said": "x" * 40}])
        silent.sync()
        trained.runs.note(trained.runs.list()[0].run_id, f"note {number}")

    assert [one["prediction_id"] for one in silent] == ["p3", "p2", "p1", "p0"]
    assert len(list((trained.path / "predictions").glob("s*.jsonl"))) >= 2 and trained.verify()["ok"]
    assert trained.predictions.list() == []
    event = [one["seq"] for one in trained.log() if one["kind"] == "run.note"][1]
    then = trained.at(event=event)
    assert [one["prediction_id"] for one in RequestLog(then._ledger, then._artifacts, "shadow")] == ["p1", "p0"]
    copy = then.fork(tmp_path / "then")
    assert [one["prediction_id"] for one in RequestLog(copy._ledger, copy._artifacts, "shadow")] == ["p1", "p0"]
    assert copy.verify()["ok"]


def test_a_line_of_the_second_log_that_is_not_as_it_was_written_is_named(released):
    """By its file and number."""
    with RequestLog(released._ledger, released._artifacts, "shadow").turn() as turn:
        turn.append([{"prediction_id": name, "at": turn.at} for name in ("p1", "p2")])
    path = released.path / "predictions" / "shadow-1.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"p2"', b'"p3"'))
    assert [one["where"] for one in released.verify()["problems"]] == ["predictions/shadow-1.jsonl line 2"]

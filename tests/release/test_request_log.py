"""The request log: newest first, across sealed segments."""

from __future__ import annotations

import pytest

from mlops.base.errors import IntegrityError
from mlops.release import request_log


@pytest.fixture
def asked(released, monkeypatch):
    """A workspace with three logged requests, each in a sealed segment of its own."""
    monkeypatch.setattr(request_log, "SEAL_AT", 10)
    row = released.models.metadata("@production")["examples"][0]["row"]
    return released, [released.predict("@production", row).prediction_id for _ in range(3)]


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
    [path] = (released.path / "predictions").glob("open-*.jsonl")
    for number in range(2000):
        one = {"prediction_id": f"p{number}", "after": 1, "model": {"name": "churn_model"}, "at": "2024"}
        request_log._append(path, f"predictions/{path.name}", one, dict)
    parsed, parse = [], request_log._parsed
    with monkeypatch.context() as patched:
        patched.setattr(request_log, "_parsed", lambda line: parsed.append(line) or parse(line))
        patched.setattr(request_log, "_newest_first", None)  # who reads a whole log
        released.predict("@production", row)
    assert len(parsed) == 1 and released.verify()["ok"]


def test_requests_are_counted_by_reading_one_line(released, monkeypatch):
    """By model name, sealed or not; the newest ones are read from the end of the file, however long it is."""
    row = released.models.metadata("@production")["examples"][0]["row"]
    for _ in range(2):
        released.predict("@production", row)
        monkeypatch.setattr(request_log, "SEAL_AT", 10)  # the second one seals the log
    monkeypatch.undo()
    began = released.predictions.list()[-1]["at"]
    [path] = [released.path / "predictions" / "open-2.jsonl"]
    for number in range(2000):
        one = {"prediction_id": f"p{number}", "after": 1, "model": {"name": "other"}, "at": "2024"}
        sealed = {"churn_model": {"requests": 2, "since": began}}
        request_log._append(path, f"predictions/{path.name}", one, lambda sealed=sealed: sealed)
    parsed, parse = [], request_log._parsed
    monkeypatch.setattr(request_log, "_parsed", lambda line: parsed.append(line) or parse(line))

    assert released.predictions.counts() == {
        "churn_model": {"requests": 2, "since": began}, "other": {"requests": 2000, "since": "2024"},
    }  # fmt: skip
    assert [one["prediction_id"] for one in released.predictions.list(limit=3)] == ["p1999", "p1998", "p1997"]
    assert len(parsed) == 1 + 3


def test_requests_that_an_older_program_logged_are_counted_as_well(asked):
    """Neither its lines nor its segments say how many there were."""
    ws, ids = asked
    sealed = [event["payload"]["changes"] for event in ws.log() if event["kind"] == "segment.seal"]
    assert [one["so_far"]["churn_model"]["requests"] for one in sealed] == [1, 2, 3]
    with ws._ledger.write() as tx:
        tx.append("segment.seal", sealed[-1]["segment_id"], {"so_far": None})
    assert ws.predictions.counts()["churn_model"]["requests"] == len(ids)

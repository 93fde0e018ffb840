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

"""What tests of screens share."""

from __future__ import annotations

import pytest

from mlops.training import workers


class Idle(workers.Pool):
    """A pool that serves, and starts nothing."""

    def _tend(self):
        """Hire nobody."""


@pytest.fixture
def idle(monkeypatch):
    """Nobody works, so what waits goes on waiting."""
    pool = Idle(most=1)
    monkeypatch.setattr(workers, "pool", lambda: pool)
    return pool

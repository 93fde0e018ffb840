"""What a workspace was asked so far, counted; each logged request is read once, however often somebody looks.

Of how many answers the outcome is known is counted by `mlops`, with files and requests alike: it is what the months of
Monitor say together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any

from mlops import Workspace
from mlops.release.request_log import KINDS, Kind

BEGIN, FASTER = 16, 16
"""So many of the newest requests are looked at for those that are known; if none of them is, `FASTER` times as many."""


@dataclass(frozen=True)
class Asked:
    """What is known of the requests of a model name, or of all."""

    requests: int = 0
    outcomes: int = 0
    """Answers of production whose outcome is known by now, those to files included."""
    after: int = -1
    """Number of the last event before the newest request of all."""


def logged(ws: Workspace, kind: Kind = "requests") -> tuple[tuple[str, int], ...]:
    """Return name and size of what is logged since a log was sealed last: another one when a line came."""
    found = []
    for log in ws.path.glob(KINDS[kind][0]):
        with suppress(FileNotFoundError):  # sealed at this moment
            found.append((log.name, log.stat().st_size))
    return tuple(found)


class Tally:
    """The requests that production answered in one workspace, by model name."""

    def __init__(self) -> None:
        self._requests: Counter[str] = Counter()
        self._newest, self._after = "", -1
        self._logged: tuple[tuple[str, int], ...] | None = None
        self._lock = Lock()

    def asked(self, ws: Workspace, name: str = "") -> Asked:
        """Count what was asked until now.

        Parameters
        ----------
        name : str
            The model name; all of them if empty.
        """
        with self._lock:
            if (now := logged(ws)) != self._logged:
                new = self._new(ws.predictions.list)
                self._requests.update(one["model"]["name"] for one in new if one["environment"] == "production")
                self._logged = now
            requests = self._requests[name] if name else self._requests.total()
        names = [name] if name else sorted({one.name for one in ws.models.list()})
        return Asked(requests, sum(ws.monitoring.known("production", one) for one in names), self._after)

    def _new(self, newest: Callable[..., list[dict[str, Any]]]) -> Sequence[dict[str, Any]]:
        """Return the requests that came since this was asked last."""
        limit: int = BEGIN
        while True:
            found = newest(limit=limit)
            known = next((at for at, one in enumerate(found) if one["prediction_id"] == self._newest), None)
            if known is not None or len(found) < limit:
                break
            limit *= FASTER
        if known is None:
            self._requests.clear()  # all of them are here
        if found:
            self._newest, self._after = found[0]["prediction_id"], found[0]["after"]
        return found[:known]

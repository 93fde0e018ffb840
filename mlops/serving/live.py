"""Live: the version that answers, and how a deployment made anywhere reaches a server that runs.

A thread looks at the ledger a few times a second. What went live is loaded, its bytes checked and its examples answered
*aside*, while the version before goes on answering; then one assignment makes it the version that answers. One that
cannot be loaded, or answers otherwise than it did, never takes the place of one that can: the server goes on with what
it has, says why (`Live.trouble`), and tries again.

The ledger alone says what is live. While it cannot be read - damaged, held by somebody, moved away - nothing changes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread

from mlops.base.clock import Instant
from mlops.base.environments import check_environment
from mlops.base.errors import MlopsError
from mlops.base.records import ref_of
from mlops.release import health
from mlops.release.registry import LoadedModel
from mlops.release.releases import Deployment
from mlops.workspace import Workspace

LOOK = 0.2
"""Seconds between two looks at the ledger: a deployment answers within a second, loading it included."""

AGAIN = 5.0
"""Seconds after which a version that could not be loaded is tried again: a file can be repaired, memory freed."""


@dataclass(frozen=True)
class Answering:
    """A version that answers: loaded, checked and warm."""

    loaded: LoadedModel
    deployment_id: str
    """The deployment that made it live."""
    since: Instant
    """When that was."""


class Live:
    """The version that answers for a model name in an environment, kept up with the ledger.

    Parameters
    ----------
    ws : Workspace
        The workspace, as it is now.
    environment : str
        Where the version is live.
    model : str, optional
        Name of the model. Without it, the only name that is live there; if none is, the first that will be. It is kept
        for good, whatever else goes live.

    Raises
    ------
    InvalidError
        If several names are live and none was given.
    NotFoundError
        If nothing is registered under the name.

    Examples
    --------
    >>> import tempfile
    >>> live = Live(Workspace.open(tempfile.mkdtemp()), "production")
    >>> live.start()
    >>> live.current is None, live.trouble
    (True, None)
    >>> live.stop()
    """

    def __init__(self, ws: Workspace, environment: str, model: str | None = None) -> None:
        self.environment = check_environment(environment)
        found = ws.releases.live(self.environment, model)
        self.model = model or (found.model["name"] if found else None)
        """Name of the model; None until something goes live."""
        self.current: Answering | None = None
        """What answers now; whoever answers a request takes it once and keeps to it."""
        self.trouble: str | None = None
        """Why the newest deployment is not the one that answers, or whether it is cannot be told."""
        self.on_swap: list[Callable[[Answering], None]] = []
        """Called after a version has become the one that answers."""
        self.on_failure: list[Callable[[], None]] = []
        """Called after each attempt to load a version that failed."""
        self.on_trouble: list[Callable[[str | None], None]] = []
        """Called when there is other trouble than before, or none any more."""
        self._ws = ws
        self._seen: int | None = None
        self._tried: str | None = None
        self._again = 0.0
        self._ends = Event()
        self._thread = Thread(target=self._follow, name="live", daemon=True)

    def start(self) -> None:
        """Look once, and from then on again and again until `stop`."""
        self.look()
        self._thread.start()

    def stop(self) -> None:
        """Look no more; what answers now goes on."""
        self._ends.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._ends.wait(LOOK):
            try:
                self.look()
            except Exception:  # of whoever is told: the next deployment must be seen all the same
                logging.getLogger(__name__).exception("A look at what is live failed.")

    def look(self) -> None:
        """Let what is live by now be what answers, if it can."""
        waits = self.trouble is not None and time.monotonic() < self._again
        try:
            head = self._ws.head()
            if head == self._seen and (self.trouble is None or waits):
                return
            found = self._newest()
        except MlopsError as error:
            self._tell(f"What is live cannot be told: {error}")
            self._again = 0.0  # to ask costs nothing
            return
        tried, self._seen = self._tried, head
        self._tried = found.deployment_id if found else None
        if not (waits and tried == self._tried):  # else something happened that has nothing to do with what failed
            self._tell(self._take(found))
            self._again = time.monotonic() + AGAIN

    def _newest(self) -> Deployment | None:
        """Return the deployment that is live; the first one that there ever is gives the name."""
        found = self._ws.releases.all_live(self.environment)
        return next((one for one in found if self.model in (None, one.model["name"])), None)

    def _take(self, found: Deployment | None) -> str | None:
        """Let a deployment answer; return why it cannot."""
        if found is None:
            self.current = None
        elif self.current is None or found.deployment_id != self.current.deployment_id:
            try:
                coming = self._loaded(found)
            except Exception as error:  # whatever is wrong with it, what answers now is better
                for tell in self.on_failure:
                    tell()
                said = str(error) if isinstance(error, MlopsError) else f"{type(error).__name__}: {error}"
                return f"{ref_of(found.model)} is live since {found.since} and cannot answer: {said}"
            self.model, self.current = coming.loaded.version.name, coming
            for told in self.on_swap:
                told(coming)
        return None

    def _loaded(self, found: Deployment) -> Answering:
        """Load, check and warm what a deployment made live, beside what answers now."""
        loaded = self._ws.models.load(ref_of(found.model))
        health.check(loaded)
        return Answering(loaded, found.deployment_id, str(found.since))

    def _tell(self, trouble: str | None) -> None:
        changed, self.trouble = trouble != self.trouble, trouble
        for tell in self.on_trouble if changed else ():
            tell(trouble)

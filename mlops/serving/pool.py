"""Pool: the one queue in front of the model.

A model is fastest when it is asked about many rows at once. So one thread beside the event loop answers, and takes all
requests that came while it was busy as one: nobody waits for company, and the more come, the less each costs. All
requests of such a pass are answered by the version that was live when it began.

The queue is bounded. What does not fit is refused at once: an answer that comes too late is worth less than a *no*.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mlops.base.errors import MlopsError, NotFoundError
from mlops.release.answering import Prediction
from mlops.release.predictions import Predictions
from mlops.serving.counters import Counters
from mlops.serving.live import Answering, Live

Row = Mapping[str, Any]
_Asked = tuple[Sequence[Row], asyncio.Future[tuple[Answering, list[Prediction]]]]

WAITING = 256
"""Requests that may wait."""

ROWS = 10_000
"""Rows that are answered in one pass, or those of one request if it has more."""

WAITING_ROWS = 10 * ROWS
"""Rows that may wait in all requests together: they are in memory."""


class NothingLive(NotFoundError):
    """No version answers; one may soon."""

    code = "nothing_live"


class Full(MlopsError):
    """More requests wait than are answered in time."""

    code = "full"


def nothing_live(live: Live) -> NothingLive:
    """Return the error of what cannot be told while no version answers."""
    if live.trouble:
        return NothingLive(live.trouble, "Mend that, or deploy another version.")
    return NothingLive(f"Nothing is live in {live.environment}.", "Deploy a version, and ask again.")


class Pool:
    """A queue of requests, and the thread that answers them. It belongs to one event loop.

    Parameters
    ----------
    live : Live
        Says which version answers.
    predictions : Predictions
        Answers, and logs what it answers.
    counters : Counters
        Told how many requests wait, and how many rows were answered.
    waiting : int
        Requests that may wait.
    """

    def __init__(self, live: Live, predictions: Predictions, counters: Counters, waiting: int = WAITING) -> None:
        self._live, self._predictions, self._counters = live, predictions, counters
        self._most = waiting
        self._waiting: deque[_Asked] = deque()
        self._thread = ThreadPoolExecutor(1, "pool")
        self._work: asyncio.Task[None] | None = None

    async def answer(self, rows: Sequence[Row]) -> tuple[Answering, list[Prediction]]:
        """Answer the rows of one request: all of them, or none.

        Raises
        ------
        DataError
            If a row cannot be answered; `details` name every misfit.
        NothingLive
            If no version answers.
        Full
            If too many requests wait.
        StorageError
            If question and answer cannot be logged: nothing is answered that is not on record.
        """
        wait = sum(len(one) for one, _ in self._waiting)
        if len(self._waiting) >= self._most or (self._waiting and wait + len(rows) > WAITING_ROWS):
            raise Full(
                f"{len(self._waiting):,} requests of {wait:,} rows wait already.",
                "Ask again in a second, or more slowly.",
            )
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, answer))
        self._counters.waiting(len(self._waiting))
        if self._work is None:
            self._work = asyncio.create_task(self._answer_all())
        return await answer

    async def _answer_all(self) -> None:
        """Answer what waits, pass after pass, until nothing does."""
        while self._waiting:
            asked = self._taken()
            self._counters.waiting(len(self._waiting))
            by = self._live.current
            try:
                said = await self._said(by, [rows for rows, _ in asked])
            except Exception as error:  # of the disk, or ours: it is each caller's, and the next pass may be well
                said = [error] * len(asked)
            for (_, answer), one in zip(asked, said, strict=True):
                if answer.done():  # its caller is gone
                    continue
                if isinstance(one, Exception):
                    answer.set_exception(one)
                elif by is not None:
                    self._counters.rows(self._live.environment, by, len(one))
                    answer.set_result((by, one))
        self._work = None

    def _taken(self) -> list[_Asked]:
        """Return the requests of the next pass: all that wait, up to so many rows."""
        taken = [self._waiting.popleft()]
        rows = len(taken[0][0])
        while self._waiting and rows + len(self._waiting[0][0]) <= ROWS:
            taken.append(self._waiting.popleft())
            rows += len(taken[-1][0])
        return taken

    async def _said(self, by: Answering | None, asked: list[Sequence[Row]]) -> Sequence[list[Prediction] | Exception]:
        """Return what a version answers to each request of a pass, or why not."""
        if by is None:
            raise nothing_live(self._live)
        answer = self._predictions.answer
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, lambda: answer(by.loaded, asked, self._live.environment, "rest")
            )
        except Exception as error:
            if isinstance(error, MlopsError) or len(asked) == 1:
                raise
            # A fault of ours, which one of them found; the others do not pay for it.
            return [await self._alone(by, rows) for rows in asked]

    async def _alone(self, by: Answering, rows: Sequence[Row]) -> list[Prediction] | Exception:
        try:
            [said] = await self._said(by, [rows])
            return said
        except Exception as error:
            return error

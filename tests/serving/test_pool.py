"""The pool: one queue, one thread beside the event loop, and as many requests in a pass as wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from mlops.base.errors import DataError, MlopsError, StorageError
from mlops.release.predictions import Predictions
from mlops.serving import pool as pools
from mlops.serving.counters import Counters
from mlops.serving.live import Live
from mlops.serving.pool import Full, NothingLive, Pool
from tests.serving.servers import Slow, a_row, serving, until


@pytest.fixture
def live(released) -> Live:
    """Follows production, where churn_model 1.1.0 is live; it looks when it is told to."""
    live = Live(released, "production")
    live.look()
    return live


@pytest.fixture
def slow(released) -> Slow:
    """Predictions that wait until they may go on."""
    return Slow(released.predictions)


async def waiting(pool: Pool, *requests: Sequence[Any]) -> list[asyncio.Task[Any]]:
    """Return requests that wait in the pool."""
    tasks = [asyncio.create_task(pool.answer(rows)) for rows in requests]
    await asyncio.sleep(0)
    return tasks


async def begun(slow: Slow) -> None:
    """Wait until the model is asked."""
    await asyncio.get_running_loop().run_in_executor(None, slow.begun.acquire)


def test_what_waits_is_answered_in_one_pass_and_each_gets_its_own(released, live, slow):
    """The first goes alone, for nobody waits for company; all that came meanwhile go together, a refused one too."""
    row, pool = a_row(released), Pool(live, slow, Counters())

    async def ask() -> list[Any]:
        first = await waiting(pool, [row])
        await begun(slow)
        others = await waiting(pool, [{**row, "customer_id": "a"}], [{**row, "age": "old"}], [row, row, row])
        slow.may.release(2)
        return await asyncio.gather(*first, *others, return_exceptions=True)

    one, two, refused, three = asyncio.run(ask())
    assert slow.asked == [("1.1.0", [1]), ("1.1.0", [1, 1, 3])]
    assert two[1][0].identity == ("customer_id", "a") and len(three[1]) == 3
    assert isinstance(refused, DataError) and refused.details[0]["field"] == "age"
    assert {by.loaded.version.version for by, _ in (one, two, three)} == {"1.1.0"}
    assert len(released.predictions.list()) == 5
    assert {request["door"] for request in released.predictions.list()} == {"rest"}


def test_a_pass_is_answered_by_the_version_that_was_live_when_it_began(released, live, slow):
    """A swap in the middle concerns the next pass only, and the answer names who gave it."""
    row, pool = a_row(released), Pool(live, slow, Counters())

    async def ask() -> list[Any]:
        first = await waiting(pool, [row])
        await begun(slow)
        released.rollback("production", "complaints")
        live.look()
        second = await waiting(pool, [row])
        slow.may.release(2)
        return await asyncio.gather(*first, *second)

    answers = asyncio.run(ask())
    assert [said[0].model_version for _, said in answers] == ["1.1.0", "1.0.0"]
    assert [by.loaded.version.version for by, _ in answers] == ["1.1.0", "1.0.0"]


def test_what_does_not_fit_is_refused_at_once_and_the_queue_is_counted(released, live, slow, monkeypatch):
    """By the number of requests, and by the rows that they hold in memory; one request of any size fits alone."""
    row, counters = a_row(released), Counters()
    pool = Pool(live, slow, counters, waiting=2)
    monkeypatch.setattr(pools, "WAITING_ROWS", 3)

    async def ask() -> list[Any]:
        first = await waiting(pool, [row] * 9)
        await begun(slow)
        [many] = await waiting(pool, [row])
        with pytest.raises(Full, match="1 requests of 1 rows wait already"):
            await pool.answer([row] * 3)
        more = await waiting(pool, [row])
        assert counters.registry.get_sample_value("mlops_queue") == 2
        with pytest.raises(Full, match="2 requests of 2 rows wait already"):
            await pool.answer([row])
        slow.may.release(2)
        return await asyncio.gather(*first, many, *more)

    assert [len(said) for _, said in asyncio.run(ask())] == [9, 1, 1]
    assert counters.registry.get_sample_value("mlops_queue") == 0
    asked = {"environment": "production", "model": "churn_model", "version": "1.1.0"}
    assert counters.registry.get_sample_value("mlops_rows_total", asked) == 11


def test_a_pass_has_a_size(released, live, slow, monkeypatch):
    """Small requests do not wait for many large ones to be gathered."""
    row, pool = a_row(released), Pool(live, slow, Counters())
    monkeypatch.setattr(pools, "ROWS", 4)

    async def ask() -> None:
        first = await waiting(pool, [row])
        await begun(slow)
        others = await waiting(pool, [row] * 3, [row], [row] * 5, [row])
        slow.may.release(5)
        await asyncio.gather(*first, *others)

    asyncio.run(ask())
    assert [sizes for _, sizes in slow.asked] == [[1], [3, 1], [5], [1]]


def test_nothing_live_is_said_with_the_trouble_if_there_is_any(released):
    """Nobody waits for a version that may never come."""
    live = Live(released, "development")
    pool = Pool(live, released.predictions, Counters())
    with pytest.raises(NothingLive, match=r"Nothing is live in development\. Deploy a version"):
        asyncio.run(pool.answer([a_row(released)]))

    live.trouble = "churn_model@1.1.0 is live and cannot answer: its file is lost."
    with pytest.raises(NothingLive, match=r"^churn_model@1\.1\.0 is live and cannot answer") as told:
        asyncio.run(pool.answer([a_row(released)]))
    assert "Nothing is live" not in str(told.value)


class Failing:
    """Predictions that fail in a way that nobody thought of when a row says so, or as a disk does."""

    def __init__(self, predictions: Predictions, error: Exception) -> None:
        self._predictions, self._error = predictions, error

    def answer(self, model: Any, asked: Sequence[Sequence[Any]], *where: Any) -> list[Any]:
        """Answer as ever, or fail."""
        if any(row["customer_id"] == "bad" for rows in asked for row in rows):
            raise self._error
        return self._predictions.answer(model, asked, *where)


def answers_beside(released, live, error: Exception) -> list[Any]:
    """Return what becomes of two requests that wait together with one that fails."""
    row, pool = a_row(released), Pool(live, Failing(released.predictions, error), Counters())

    async def ask() -> list[Any]:
        tasks = await waiting(pool, [row], [{**row, "customer_id": "bad"}], [row])
        said = await asyncio.gather(*tasks, return_exceptions=True)
        assert (await pool.answer([row]))[1]
        return said

    return asyncio.run(ask())


def test_a_fault_of_ours_that_one_request_finds_is_not_the_others(released, live):
    """The pass is repeated one by one, and the pool goes on."""
    one, bad, two = answers_beside(released, live, ZeroDivisionError("ours"))

    assert isinstance(bad, ZeroDivisionError)
    assert one[1] and two[1] and len(released.predictions.list()) == 3


def test_a_disk_that_fails_fails_for_all_that_were_asked_and_nothing_is_tried_twice(released, live):
    """Whether something was logged is not known then: who is told no may ask again."""
    said = answers_beside(released, live, StorageError("The disk is full.", "Make room."))

    assert [type(one) for one in said] == [StorageError] * 3
    assert len(released.predictions.list()) == 1


def test_over_http_a_full_queue_is_503_with_a_time_to_come_back(released):
    """Beside it what asks nothing of the model is answered at once."""
    with serving(released, waiting=1) as here:
        slow = here.pool._predictions = Slow(released.predictions)
        asks = [threading.Thread(target=here.ask, args=("/predict", a_row(released))) for _ in range(2)]
        asks[0].start()
        assert slow.begun.acquire(timeout=60)
        asks[1].start()
        until(lambda: here.counters.registry.get_sample_value("mlops_queue"), 1)
        response, said = here.ask.whole("/predict", a_row(released))
        assert (response.status, response.headers["Retry-After"]) == (503, "1")
        assert b"1 requests of 1 rows wait already" in said
        assert here.ask("/live")[0] == here.ask("/ready")[0] == 200
        slow.may.release(2)
        for ask in asks:
            ask.join()
        slow.may.release()
        assert here.ask("/predict", a_row(released))[0] == 200
    assert issubclass(Full, MlopsError)

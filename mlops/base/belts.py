"""Belts: steps of one piece of work that go on beside each other, in order and only a little apart.

While a block of rows is asked about, the next one is read and the last one is written. A belt is one thread, so what
it does stays in order; it is never more than a step ahead or behind, so memory stays what it is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Item = TypeVar("Item")

_END: Any = object()

TURN = 0.0002
"""Seconds that a thread keeps the interpreter while another one wants it. Python's 0.005 are as long as an answer,
and who reads or writes would wait so long with each piece."""


def quick_turns() -> None:
    """Let the threads of this process hand the interpreter over soon: for a program that does only this one thing."""
    sys.setswitchinterval(TURN)


def ahead(items: Generator[Item, None, None]) -> Iterator[Item]:
    """Yield what a generator yields, while another thread asks it for the next one already.

    Examples
    --------
    >>> list(ahead(number**2 for number in range(4)))
    [0, 1, 4, 9]
    """
    with ThreadPoolExecutor(1) as belt:
        coming = belt.submit(next, items, _END)
        try:
            while (item := coming.result()) is not _END:
                coming = belt.submit(next, items, _END)
                yield item
        finally:
            coming.cancel()
            belt.submit(items.close)  # by the thread that runs it, after its last step: it may hold a file open


class Behind:
    """Calls that another thread makes, one after the other; the ``with`` block ends when all of them are made.

    What one of them raises comes out of a later call, or of the end of the block. Where the block itself fails, what
    still waits is not done.

    Examples
    --------
    >>> said = []
    >>> with Behind() as belt:
    ...     for word in ("one", "two", "three"):
    ...         belt.call(said.append, word)
    >>> said
    ['one', 'two', 'three']
    """

    def __init__(self) -> None:
        self._belt = ThreadPoolExecutor(1)
        self._last: Future[Any] | None = None

    def call(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Have a function called, as soon as the one before has ended."""
        self._wait()
        self._last = self._belt.submit(function, *arguments)

    def _wait(self) -> None:
        if self._last is not None:
            self._last.result()

    def __enter__(self) -> Behind:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._wait()
        finally:
            self._belt.shutdown(cancel_futures=True)

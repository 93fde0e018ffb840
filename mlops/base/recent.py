"""Recent: answers of a function that always says the same of the same, kept for whoever asks in this process next.

A class of thirty keeps the same file within the same minute, and each training of the same rows judges them again. What
names the question is a hash of all that the answer depends on, so nothing here can be out of date.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Recent(Generic[Answer]):
    """The answers that were asked for last.

    Parameters
    ----------
    most : int
        How many are kept.

    Examples
    --------
    >>> squares = Recent(most=2)
    >>> [squares.get(number, lambda: number**2) for number in (2, 3, 2)]
    [4, 9, 4]
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = Lock()

    def get(
        self, question: Hashable, make: Callable[[], Answer], keep: Callable[[Answer], bool] = lambda _: True
    ) -> Answer:
        """Return the answer to a question: one that is kept, or one that is made now.

        Two who ask at the same time may both make it: nobody waits for another.

        Parameters
        ----------
        keep : callable
            Tells whether an answer that was made is to be kept.
        """
        with self._lock:
            if question in self._kept:
                self._kept.move_to_end(question)
                return self._kept[question]
        made = make()
        if keep(made):
            with self._lock:
                self._kept[question] = made
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return made

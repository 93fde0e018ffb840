"""A file that is being answered: how far it is, how long it takes yet, and a button that ends it."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from mlops.release.batch import Done
from playground.ui.kit import session

PATIENCE = 0.5
"""Seconds before anything is drawn: most files are answered by then."""

_CANCELLED = "Cancelled, and nothing half-done is left. Predict the file again, and it goes on where it was."


class UnderWay:
    """What `Batches.score` calls with the rows that are done.

    A click on "Cancel" is a rerun like any other: Streamlit ends this one where something is next drawn, which is in a
    call of this.
    """

    def __init__(self) -> None:
        self._begun, self._place = time.monotonic(), st.empty()
        self._bar: Any = None

    def __call__(self, done: Done) -> None:
        """Draw how far it is; nothing if it is over within half a second."""
        seconds = time.monotonic() - self._begun
        if seconds < PATIENCE:
            return
        if self._bar is None:
            with self._place.container(key="predict-under-way", horizontal=True, vertical_alignment="center"):
                self._bar = st.progress(0.0)
                st.button("Cancel", key="predict.cancel", on_click=session.say, args=(_CANCELLED,))
        self._bar.progress(min(done.share, 1.0), told(done, seconds))


def told(done: Done, seconds: float) -> str:
    """Return how far it is, in words.

    Examples
    --------
    >>> told(Done.of(250_000, 0.25, 0), 2.0)
    '250,000 rows · 25% · 6 s left'
    >>> told(Done.of(250_000, 1.0, 100_000), 2.0)
    '250,000 rows, 100,000 of them from before · 100%'
    """
    before = f", {done.resumed:,} of them from before" if done.resumed else ""
    left = seconds / done.share * (1 - done.share) if done.share else 0.0
    return f"{done:,} rows{before} · {done.share:.0%}" + (f" · {left:.0f} s left" if left >= 1 else "")

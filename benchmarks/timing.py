"""Time functions in turns, so that a noisy moment hits all of them, and print ratios to the floor."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from mlops.release.registry import LoadedModel


def frame_of(model: LoadedModel, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as whoever asks a pipeline itself would pass them."""
    values = [model.signature.row(row)[0] for row in rows]
    return pd.DataFrame(values, columns=model.signature.names)


def compare(functions: Mapping[str, Callable[[], object]], floor: str, repeats: int = 20) -> dict[str, float]:
    """Print and return the median seconds of each function and its ratio to the floor's.

    Parameters
    ----------
    functions : mapping of str to callable
        What to time, by name; the floor among them.
    floor : str
        Name of the floor.
    repeats : int
        Rounds; in each round every function runs once.
    """
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(repeats):
        for name, function in functions.items():
            started = time.perf_counter()
            function()
            times[name].append(time.perf_counter() - started)
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, seconds in medians.items():
        print(f"{name:<44} {seconds * 1000:9.2f} ms   x{seconds / medians[floor]:.2f}")
    return medians

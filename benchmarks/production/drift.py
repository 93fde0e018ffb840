"""A drift report of 100,000 rows against 100,000 known ones, 14 columns of numbers and 6 of text.

The floor is what the numbers themselves cost, in NumPy and Arrow by the definitions: sort both sides of a column once,
Kolmogorov and Smirnov's statistic, ten parts of equal size, the index; of text the rows of each level. The report has
the faults of the data, the p-values, the adjustment and the words besides.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.timing import compare
from mlops.production import drift

ROWS, NUMBERS, TEXTS = 100_000, 14, 6
FLOOR = "sort, KS, deciles, PSI; value counts"


def table(random: np.random.Generator) -> pa.Table:
    """Return rows of which nothing moved."""
    numbers = {f"number_{place}": random.normal(40, 9, ROWS) for place in range(NUMBERS)}
    texts = {f"text_{place}": random.choice(["web", "app", "store", "partner"], ROWS) for place in range(TEXTS)}
    return pa.table({**numbers, **{name: pa.array(values, pa.large_string()) for name, values in texts.items()}})


def floor(known: pa.Table, current: pa.Table) -> list[tuple[float, float]]:
    """Return statistic and index of each column of numbers; levels are counted."""
    found = []
    for name in known.column_names:
        sides = known.column(name), current.column(name)
        if pa.types.is_large_string(sides[0].type):
            for side in sides:
                pc.value_counts(side).to_pylist()
            continue
        one, other = (np.sort(side.to_numpy()) for side in sides)
        everything = np.concatenate([one, other])
        cumulative = [np.searchsorted(side, everything, side="right") / len(side) for side in (one, other)]
        edges = np.quantile(one, np.arange(1, 10) / 10)
        p, q = (np.diff([0, *np.searchsorted(side, edges), len(side)]) / len(side) for side in (one, other))
        found.append((np.abs(cumulative[0] - cumulative[1]).max(), ((q - p) * np.log(q / p)).sum()))
    return found


def main() -> None:
    random = np.random.default_rng(1)
    known, current = table(random), table(random)
    report = drift.of_tables(known, current)
    theirs = floor(known, current)
    ours = [(one["statistic"], one["psi"]) for one in report.features.values() if one["test"] == "ks"]
    assert np.allclose(ours, theirs), "the floor and the report compute the same"
    compare({FLOOR: lambda: floor(known, current), "drift report": lambda: drift.of_tables(known, current)}, FLOOR, 9)


if __name__ == "__main__":
    main()

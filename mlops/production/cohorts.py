"""Cohorts: the answers of one month that count.

Of each id one answer counts, for one decision is made about a customer: that to a kept version of the data, before that
to a file, before that to a request by hand - whoever tries values on a form must not move a month - and of equals the
first, for later ones did not undo what was decided. Requests without an id count each.

An outcome counts from the instant in which it was known, and only if that was not before the month began: who was asked
about again, long after it was known what became of them, says nothing about how well a model predicts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from mlops.base import months
from mlops.base.clock import Instant
from mlops.base.recent import Recent
from mlops.base.records import sha256_of
from mlops.experiments.judged import Judged
from mlops.models.signature import Signature
from mlops.release.answered import Block, asked_of

_COUNTED: Recent[tuple[pa.Table, pa.Table, Mapping[str, int]]] = Recent(most=64)


@dataclass(frozen=True, eq=False)
class Cohort:
    """The answers of one month under one model name."""

    month: str
    blocks: Sequence[Block]
    """All of its answers, oldest first."""

    @cached_property
    def key(self) -> str:
        """Hash of all that stands in it."""
        return sha256_of([self.month, *([block.key, block.model, block.data_version] for block in self.blocks)])

    @cached_property
    def _counted(self) -> tuple[pa.Table, pa.Table, Mapping[str, int]]:
        return _COUNTED.get(self.key, lambda: _counted(self.blocks))

    @property
    def table(self) -> pa.Table:
        """The answers that count: ``id, version, prediction``, scores, and what was asked in all blocks alike."""
        return self._counted[1]

    @property
    def versions(self) -> Mapping[str, int]:
        """The versions that answered, each with how many answers of it count, most first."""
        return self._counted[2]

    @property
    def asked(self) -> pa.Table:
        """What was asked where the answer counts: the features by their names."""
        return asked_of(self.table)

    def inputs(self, learned: Signature) -> pa.Table:
        """Return all that was asked, with its id: a row that a file holds twice is a fault, and must be seen."""
        every = self._counted[0]
        asked = asked_of(every)
        return asked.append_column(learned.id, every.column("id")) if learned.id else asked

    @cached_property
    def scores(self) -> np.ndarray:
        """The scores, as `scoring.probabilities` returns them."""
        several = [name for name in self.table.column_names if name.startswith("score_")]
        if not several:
            return self.table.column("score").to_numpy()
        return np.column_stack([self.table.column(name).to_numpy() for name in several])

    def known(self, outcomes: Mapping[str, tuple[Any, Instant]], learned: Signature) -> tuple[np.ndarray, np.ndarray]:
        """Tell of which answers the outcome is known, and what it is; see `outcomes.known_since`."""
        begins, classes = months.begins(self.month), set(learned.labels)
        told = (outcomes.get(name) for name in self.table.column("id").to_pylist())
        found = [one[0] if one and one[1] >= begins and (not classes or one[0] in classes) else None for one in told]
        known = np.array([label is not None for label in found], bool)
        return known, np.array([label for label in found if label is not None])

    def judged(self, known: np.ndarray, labels: np.ndarray, learned: Signature, threshold: float) -> Judged:
        """Return the answers of which the outcome is known, with the truth."""
        return Judged(labels, self.scores[known], np.flatnonzero(known), learned, threshold)


def of(blocks: Sequence[Block]) -> Iterator[Cohort]:
    """Yield the cohorts of answers under one model name, the newest month first."""
    by_month = sorted(blocks, key=lambda block: block.month, reverse=True)
    for month, answered in groupby(by_month, key=lambda block: block.month):
        yield Cohort(month, sorted(answered, key=lambda block: block.at))


def _counted(blocks: Sequence[Block]) -> tuple[pa.Table, pa.Table, Mapping[str, int]]:
    """Return all answers but those to ids that were answered before, those of them that count, and who gave how many.

    The first has rows twice that a file holds twice.
    """
    first = sorted(blocks, key=lambda block: (block.data_version is None, block.batch_id is None, block.at))
    shared = [field for field in first[0].table.schema if all(field in block.table.schema for block in first)]
    seen: set[str | None] = set()
    parts = []
    for block in first:
        here: set[str | None] = set()
        kept, counts = [], []
        for place, name in enumerate(block.table.column("id").to_pylist()):
            again = name is not None and name in here
            if name is None or (name not in seen and not (again and block.batch_id is None)):
                kept.append(place)
                counts.append(not again)
                here.add(name)
        seen |= here - {None}
        part = block.table.select([field.name for field in shared]).take(pa.array(kept, pa.int64()))
        who = pa.repeat(pa.scalar(block.model["version"], pa.large_string()), len(kept))
        parts.append(part.append_column("version", who).append_column("counts", pa.array(counts, pa.bool_())))
    every = pa.concat_tables(parts)
    table = every.filter(every.column("counts"))
    return every, table, dict(Counter(table.column("version").to_pylist()).most_common())

"""Cohorts: the answers of one month that count.

Of each id one answer counts, for one decision is made about a customer: that to a kept version of the data, before that
to a file, before that to a request by hand - whoever tries values on a form must not move a month - and of equals the
first, for later ones did not undo what was decided. Requests without an id count each.

An outcome counts from the instant in which it was known, and only if that was not before the month began: who was asked
about again, long after it was known what became of them, says nothing about how well a model predicts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops.base import months
from mlops.base.clock import Instant
from mlops.base.recent import Recent
from mlops.base.records import sha256_of
from mlops.experiments.judged import Judged
from mlops.models.signature import Signature
from mlops.release.answered import ASKED, Block

_TABLES: Recent[pa.Table] = Recent(most=64)


@dataclass(frozen=True, eq=False)
class Cohort:
    """The answers of one month under one model name."""

    month: str
    blocks: Sequence[Block]
    """All of its answers, oldest first."""

    @property
    def key(self) -> str:
        """Hash of all that stands in it."""
        return sha256_of([self.month, *([block.key, block.model, block.data_version] for block in self.blocks)])

    @cached_property
    def table(self) -> pa.Table:
        """The answers that count: ``id, version, prediction``, scores, and what was asked in all blocks alike."""
        return _TABLES.get(self.key, lambda: _counted(self.blocks))

    @property
    def asked(self) -> pa.Table:
        """What was asked: the features by their names."""
        names = [name for name in self.table.column_names if name.startswith(ASKED)]
        return self.table.select(names).rename_columns([name.removeprefix(ASKED) for name in names])

    @cached_property
    def versions(self) -> Mapping[str, int]:
        """The versions that answered, each with how many answers of it count, most first."""
        found = pc.value_counts(self.table.column("version")).to_pylist()
        return {one["values"]: one["counts"] for one in sorted(found, key=lambda one: -one["counts"])}

    @cached_property
    def scores(self) -> np.ndarray:
        """The scores, as `scoring.probabilities` returns them."""
        several = [name for name in self.table.column_names if name.startswith("score_")]
        return np.column_stack([self.table.column(name).to_numpy() for name in several or ["score"]]).squeeze()

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


def _counted(blocks: Sequence[Block]) -> pa.Table:
    first = sorted(blocks, key=lambda block: (block.data_version is None, block.batch_id is None, block.at))
    who = [pa.repeat(pa.scalar(block.model["version"], pa.large_string()), block.rows) for block in first]
    answered = [block.table.append_column("version", one) for block, one in zip(first, who, strict=True)]
    shared = [field for field in answered[0].schema if all(field in one.schema for one in answered)]
    table = pa.concat_tables([one.select([field.name for field in shared]) for one in answered])
    names = table.column("id").to_pandas()
    return table.filter(pa.array((names.isna() | ~names.duplicated()).to_numpy()))

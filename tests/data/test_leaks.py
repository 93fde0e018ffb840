"""Leaks: what only a single column shows, what several honest ones look like."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from mlops import builtin
from mlops.data.quality.evidence import Evidence
from mlops.data.quality.leaks import dominant_column, leak
from mlops.data.roles import Roles

RANDOM = np.random.default_rng(11)
ROWS = 1000
SOLD = RANDOM.random(ROWS) < 0.4
ROLES = Roles(target="sold", task="binary", positive=1)


def evidence(**columns) -> Evidence:
    features = {"age": RANDOM.integers(20, 70, ROWS) - 8 * SOLD, "noise": RANDOM.random(ROWS)}
    return Evidence.of(pa.table({**features, **columns, "sold": SOLD.astype(int)}), ROLES)


def mixed(share: float) -> np.ndarray:
    """Return the target with a share of the rows replaced by coins."""
    return np.where(RANDOM.random(ROWS) < share, RANDOM.random(ROWS) < 0.5, SOLD).astype(int)


def test_every_leak_is_named_and_one_line_leaves_them_all_out():
    """Two columns that leak do not hide each other."""
    notes = list(leak(evidence(closed=mixed(0.05), refund=mixed(0.08), cause=[9 if sold else None for sold in SOLD])))

    assert [note.column for note in notes] == ["cause", "closed", "refund"]
    assert {note.next_step.rpartition(": [")[2] for note in notes} == {"cause, closed, refund]."}


def test_several_strong_columns_are_no_leaks_unless_one_is_a_copy():
    """Where a ladder of columns leads up to the strongest, nature decides, not hindsight."""
    ladder = {f"size {width}": SOLD * 2.4 + RANDOM.normal(0, 1 + width / 10, ROWS) for width in range(6)}

    assert list(leak(evidence(**ladder))) == []
    assert [note.column for note in leak(evidence(**ladder, copy=SOLD.astype(int) + 5))] == ["copy"]


def test_presence_counts_only_beyond_chance():
    """Twenty rows of one class in a balanced set are no accident; ten may be one."""
    sold, unsold = np.flatnonzero(SOLD), np.flatnonzero(~SOLD)

    def known(rows: np.ndarray) -> pa.Array:
        return pa.array(np.where(np.isin(np.arange(ROWS), rows), 1.0, np.nan), from_pandas=True)

    assert [note.column for note in leak(evidence(paid=known(sold[:20])))] == ["paid"]
    assert list(leak(evidence(paid=known(sold[:10])))) == []
    assert list(leak(evidence(paid=known(np.append(sold[:20], unsold[0]))))) == []


def test_a_leak_does_not_count_as_the_best_column():
    """What is left out by the first note cannot be far ahead, nor hide who is."""
    strong = SOLD * 1.5 + RANDOM.normal(0, 1, ROWS)

    assert [note.column for note in dominant_column(evidence(copy=SOLD.astype(int), seconds=strong))] == ["seconds"]
    assert list(dominant_column(evidence(copy=SOLD.astype(int)))) == []


def test_a_part_of_a_sum_gives_the_sum_away():
    """Registered riders are most of all riders."""
    registered, casual = RANDOM.gamma(2, 100, ROWS), RANDOM.gamma(2, 15, ROWS)
    table = pa.table({"registered": registered, "casual": casual, "riders": registered + casual})

    notes = list(leak(Evidence.of(table, Roles(target="riders", task="regression"))))

    assert [note.column for note in notes] == ["registered"]


@pytest.mark.parametrize("one", builtin.SETS, ids=lambda one: one.name)
def test_the_built_in_sets_give_nothing_away(one):
    """Petals tell a flower and size tells a tumour; these are good features."""
    table = pa.Table.from_pandas(builtin.frame(one.name), preserve_index=False)
    if one.task != "regression" and one.name != "digits":
        words = table.column(one.target).cast(pa.large_string())
        table = table.set_column(table.num_columns - 1, one.target, words)
    seen = Evidence.of(table, Roles(target=one.target, task=one.task, positive=one.positive))

    assert [*leak(seen), *dominant_column(seen)] == []


def test_among_a_few_rows_nothing_is_measured():
    """Some column of eight rows always looks strong."""
    table = pa.table({"copy": [0, 1] * 4, "noise": list(range(8)), "sold": [0, 1] * 4})

    assert list(leak(Evidence.of(table, ROLES))) == []

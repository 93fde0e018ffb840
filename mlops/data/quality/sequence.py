"""Sequence: what the order of the rows tells.

A random split pretends that rows come in no order. Where the target moves along the file, where neighbours are alike,
or where the same customer comes twice, the test rows are no strangers to the model, and its metrics promise more than
it will keep. `training.split: latest` and `training.group` are made for this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.errors import shown
from mlops.base.notes import Note
from mlops.data import moments
from mlops.data.quality.evidence import MIN_ROWS, Evidence

BLOCKS = 10
"""Parts of the file, first rows to last, whose targets are compared."""

CHANCE, EFFECT = 1e-9, 0.2
"""The target moves if chance explains it with a lower probability, and it moves by at least so much."""

ALIKE, CERTAIN = 0.5, 6
"""Neighbouring rows are alike if half of the changes between them are absent, six standard deviations from chance."""

MIN_ENTITIES, MAX_LEVELS_PER_ROW = 20, 0.5
"""Different values from which a column can name entities; share of rows from which its values are rather ids."""

_TIME_WORDS = r"(^|[^a-z])(date|dt|time|timestamp|year|yr|month|day|week|quarter|period|dteday)([^a-z]|$)"
_ID_WORDS = r"(^[iI][dD]$|[_ .-][iI][dD]$|[a-z]I[dD]$)"


def time_order(evidence: Evidence) -> Iterator[Note]:
    """Warn where rows are in time order and the split is random.

    Either a column has the role time; or the target moves along the rows as they are stored: over ten blocks, chi
    squared (classes) or analysis of variance (numbers) has p < 1e-9, and Cramer's V (Cramer 1946) or eta is at least
    0.2 - or neighbouring rows are alike: classes change half as often as in shuffled rows, or the lag-1 correlation
    of numbers is at least 0.5, both six standard deviations from chance. Rows that are sorted by the target, or by a
    column that tells no time, are explained by that and not called time order.

    Of the public sets measured it fires on bank marketing (V 0.39), elec2 (neighbours alike), bike and mpg, which are
    in time order; and on breast cancer, whose first rows are worse cases for a reason that nobody has written down.
    """
    if evidence.split != "random" or evidence.target is None:
        return
    if evidence.roles.time in evidence.table.column_names:
        yield _ordered(
            evidence,
            f"Rows have a time ({evidence.roles.time}), but the split is random",
            "Use training.split: latest.",
        )
        return
    if len(evidence.target) < 10 * BLOCKS or _sorted_by_target(evidence) or not (said := _moves(evidence)):
        return
    by = _sorted_by(evidence)
    when = next((name for name in by if _tells_time(evidence, name)), None)
    if when is not None:
        column = evidence.table.column(when)
        first = f"{moments.way_out(column)} Then say" if moments.disorder(column) else "Say"
        yield _ordered(
            evidence,
            f"Rows are in the order of {when}, and {said}",
            f"{first} so with --time {when}, then use training.split: latest.",
        )
    elif not by:
        yield _ordered(
            evidence,
            f"Rows are in no random order: {said}",
            "If it is the order of time, name the column that tells it (--time COLUMN; add one if there is none), "
            "then use training.split: latest.",
        )


def sorted_rows(evidence: Evidence) -> Iterator[Note]:
    """Tell that the rows are sorted by the target: harmless in a random split, fatal in any other cut."""
    if evidence.target is not None and _sorted_by_target(evidence):
        name = evidence.roles.target
        message = f"Rows are sorted by {name}: the first rows say nothing about the last ones."
        yield Note("sorted_rows", name, message, "note", "Keep training.split: random, which shuffles them.")


def same_entity(evidence: Evidence) -> Iterator[Note]:
    """Warn where rows of one entity - a customer, a patient - can be on both sides of a random split.

    The column is the one with the role group, or the id if it repeats; or one whose rows have the same outcome, see
    `entities`; or a feature that is named like an id (``customer_id``, ``patientId``), repeats and has at least 20
    values. No public set measured has such a column; one whose ids are the levels of something (``store_id``) is
    called an entity as well, which is often right.
    """
    if evidence.split != "random" or evidence.group is not None:
        return
    roles, names = evidence.roles, evidence.table.column_names
    named = [name for name in evidence.features if re.search(_ID_WORDS, name) and _repeats(evidence, name)]
    given = [role for role in (roles.group, roles.id) if role is not None and role in names]
    given = [role for role in given if _repeats(evidence, role, 2)]
    for name in given or evidence.entities or named:
        rows, values = len(evidence.table), evidence.distinct[name]
        same = f", within which {roles.target} hardly ever differs" if name in evidence.entities else ""
        message = (
            f"{name} has {values:,} values in {rows:,} rows{same}; with a random split the same {name} is in train "
            "and test, and metrics look better than they are."
        )
        yield Note("same_entity", name, message, "warning", f"Keep them together: training.group: {name}.")
        return


def _ordered(evidence: Evidence, said: str, step: str) -> Note:
    message = f"{said}; a model that is to tell the future should be tested on the latest rows."
    return Note("time_order", evidence.roles.time, message, "warning", step)


def _repeats(evidence: Evidence, name: str, at_least: int = MIN_ENTITIES) -> bool:
    known = len(evidence.table) - evidence.table.column(name).null_count
    return at_least <= evidence.distinct[name] < known and evidence.type_of(name) != "number"


def _values(evidence: Evidence) -> np.ndarray:
    """Return the target as numbers: itself, or the numbers of its classes."""
    assert evidence.target is not None
    if evidence.is_classification:
        return _codes(evidence.target)
    return evidence.target.cast(pa.float64(), safe=False).to_numpy()


def _codes(column: pa.ChunkedArray) -> np.ndarray:
    """Number the values in the order in which they come first; missing ones are left out."""
    return pc.dictionary_encode(column.drop_null().combine_chunks()).indices.to_numpy()


def _sorted_by_target(evidence: Evidence) -> bool:
    values = _values(evidence)
    return len(values) >= MIN_ROWS and values.min() < values.max() and _is_sorted(values)


def _is_sorted(values: np.ndarray) -> bool:
    steps = np.diff(values)
    return bool((steps >= 0).all() or (steps <= 0).all())


def _sorted_by(evidence: Evidence) -> list[str]:
    """Name the columns along which the rows are stored, unless their values are counters or ids."""
    found = []
    for name in evidence.table.column_names:
        if name in (evidence.roles.target, evidence.roles.id):
            continue
        column, kind = evidence.table.column(name).drop_null(), evidence.type_of(name)
        # Words and names have no order that matters: they are in order if equal ones stand together.
        unordered = kind in ("text", "boolean") or name in evidence.entities
        values = _codes(column) if unordered else column.to_numpy().astype("float64")
        few = 2 <= len(np.unique(values)) <= MAX_LEVELS_PER_ROW * len(values)
        if (few or kind in ("date", "datetime")) and _is_sorted(values):
            found.append(name)
    return found


def _tells_time(evidence: Evidence, name: str) -> bool:
    words = name.lower().replace("_", " ")
    return evidence.type_of(name) in ("date", "datetime") or bool(re.search(_TIME_WORDS, words))


def _moves(evidence: Evidence) -> str:
    """Say how the target moves along the rows; nothing if it does not."""
    values = _values(evidence)
    blocks = np.arange(len(values)) * BLOCKS // len(values)
    if evidence.is_classification:
        return _shares_move(evidence, values, blocks) or _classes_stay(evidence, values)
    return _means_move(evidence, values, blocks)


def _means_move(evidence: Evidence, values: np.ndarray, blocks: np.ndarray) -> str:
    from scipy.special import fdtrc  # scipy is slow to import, and few tables come so far

    target, largest = evidence.roles.target, np.abs(values).max() or 1.0
    parts = [values[blocks == block] / largest for block in range(BLOCKS)]  # squares must not overflow
    within, total = sum(part.var() * len(part) for part in parts), (values / largest).var() * len(values)
    if total == 0:
        return ""
    freedom = len(values) - BLOCKS
    ratio = (total - within) / (BLOCKS - 1) / (within / freedom) if within > 0 else np.inf
    if 1 - within / total >= EFFECT**2 and fdtrc(BLOCKS - 1, freedom, ratio) < CHANCE:
        means = [part.mean() * largest for part in parts]
        return f"the mean of {target} is {min(means):,.4g} to {max(means):,.4g}, tenth by tenth of the file"
    return _neighbours(values / largest, target)


def _neighbours(values: np.ndarray, target: str | None) -> str:
    before, after = values[:-1] - values[:-1].mean(), values[1:] - values[1:].mean()
    spread = np.sqrt((before**2).sum() * (after**2).sum())
    alike = (before * after).sum() / spread if spread > 0 else 0.0
    if alike < ALIKE or alike * np.sqrt(len(values)) < CERTAIN:
        return ""
    return f"{target} is like that of the row before (correlation {alike:.2f})"


def _shares_move(evidence: Evidence, codes: np.ndarray, blocks: np.ndarray) -> str:
    from scipy.special import chdtrc

    classes = pc.unique(evidence.target).to_pylist()
    if len(classes) < 2:
        return ""
    counts = np.bincount(blocks * len(classes) + codes, minlength=BLOCKS * len(classes)).reshape(BLOCKS, -1)
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / len(codes)
    squared, smaller = ((counts - expected) ** 2 / expected).sum(), min(BLOCKS, len(classes)) - 1
    cramers_v, chance = np.sqrt(squared / len(codes) / smaller), chdtrc((BLOCKS - 1) * (len(classes) - 1), squared)
    if cramers_v < EFFECT or chance >= CHANCE:
        return ""
    shares, positive = counts / counts.sum(axis=1, keepdims=True), evidence.roles.positive
    wanted = classes.index(positive) if positive in classes else int(np.ptp(shares, axis=0).argmax())
    low, high = shares[:, wanted].min(), shares[:, wanted].max()
    return f"{evidence.roles.target} is {shown(classes[wanted])} in {low:.0%} to {high:.0%} of the rows, tenth by tenth"


def _classes_stay(evidence: Evidence, codes: np.ndarray) -> str:
    shares = np.bincount(codes) / len(codes)
    shuffled, found = (shares**2).sum(), (np.diff(codes) == 0).mean()
    changes, expected = (1 - found) * len(codes), (1 - shuffled) * len(codes)
    if changes == 0 or changes > ALIKE * expected or expected - changes < CERTAIN * np.sqrt(expected):
        return ""
    return f"{evidence.roles.target} is that of the row before in {found:.0%} of the rows, shuffled in {shuffled:.0%}"

"""Shadow pairs: the rows that a live model and its silent candidate both answered, and what became of them.

A *pair* is the answer that was given, by whichever version was live then, and the one that nobody heard. Every pair
counts where it is about decisions. Where it is about outcomes, of each customer and month one answer counts, as in
`cohorts`, and only if neither of both learned from that customer: else it would be no question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops.base import months
from mlops.base.artifacts import Artifacts
from mlops.base.ledger import Ledger
from mlops.base.recent import Recent
from mlops.base.records import ref_of, sha256_of
from mlops.data import ids, tables
from mlops.data.datasets import Datasets
from mlops.experiments.judged import Recorded
from mlops.experiments.runs import Runs
from mlops.models.signature import Signature
from mlops.production import shadow_answers
from mlops.production.monthly import Months
from mlops.production.shadow_answers import Entry, columns
from mlops.release import answered
from mlops.release.answered import Block
from mlops.release.registry import Models, ModelVersion, find

if TYPE_CHECKING:
    from mlops.production.shadow import Shadow

_LEARNED: Recent[frozenset[str]] = Recent(most=16)


class Pairs:
    """What a silent candidate and the live model said of the same rows, as far as it is known now."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts, shadow: Shadow) -> None:
        self._ledger, self._artifacts, self._shadow = ledger, artifacts, shadow
        self._models = Models(ledger, artifacts)
        self.learned = Signature.of(self._models.metadata(ref_of(shadow.candidate))["signature"])
        entries = [*shadow_answers.of_shadow(ledger, artifacts, shadow.shadow_id, shadow.event)][::-1]
        with ledger.read() as view:
            subjects = view.subjects("shadow_batch", f"{shadow.shadow_id}.")
            files = [view.record("shadow_batch", one) or {} for one in subjects]
            batches = [view.record("batch", one["batch_id"]) or {} for one in files]
        said = [*map(self._of_file, batches), *self._of_requests([one for one in entries if not one["refused"]])]
        self.blocks = [*_placed(sorted(said, key=lambda block: block.at))]
        """What both said, oldest first: blocks of answers that have those of the candidate beside them."""
        self.table = pa.concat_tables(
            [self._empty, *(block.table.select(self._empty.column_names) for block in self.blocks)]
        )
        took = [one["took"] for one in entries] + [pair for one in files for pair in one["took"]]
        self.took = np.array([pair for pair in took if pair], float).reshape(-1, 2)
        """Seconds that live and candidate took for the same rows."""
        wrong = [(one["refused"], 1) for one in entries if one["refused"]]
        wrong += [(one, one["rows"]) for file in files for one in file["refused"]]
        self.refusals = shadow_answers.counted(wrong)
        """Why rows could not be answered, most first."""

    # What both said

    @cached_property
    def versions(self) -> np.ndarray:
        """The version of the live model that answered."""
        return np.array(self.table.column("live_version").to_pylist(), object)

    @cached_property
    def decided(self) -> tuple[np.ndarray, np.ndarray]:
        """What live and candidate decided."""
        live, silent = (self.table.column(name).to_pylist() for name in ("prediction", "silent_prediction"))
        return np.array(live, object), np.array(silent, object)

    @property
    def flips(self) -> np.ndarray:
        """Which rows they decide differently."""
        live, silent = self.decided
        return np.asarray(live != silent, bool)

    def scores(self, name: Literal["score", "silent"]) -> np.ndarray:
        """The scores of one of both, as `scoring.probabilities` returns them."""
        several = [f"{name}_{place}" for place in range(len(self.learned.labels))]
        if self.learned.task != "multiclass":
            return np.asarray(self.table.column(name).to_numpy())
        return np.column_stack([self.table.column(one).to_numpy() for one in several])

    def newest(self, kept: np.ndarray, most: int) -> tuple[dict[str, Any], ...]:
        """Return the newest rows that a mask keeps, one by one."""
        found = self.table.take(pa.array(np.flatnonzero(kept)[::-1][:most])).to_pylist()
        labels = [str(label) for label in self.learned.labels]

        def said(row: Mapping[str, Any], name: str, score: str, version: str) -> dict[str, Any]:
            if self.learned.task == "multiclass":
                scores: Any = {label: row[f"{score}_{place}"] for place, label in enumerate(labels)}
            else:
                scores = row[score]
            return {"version": version, "score": scores, "prediction": row[name]}

        return tuple(
            {
                **{fact: row[fact] for fact in ("prediction_id", "batch_id", "id", "at")},
                "live": said(row, "prediction", "score", row["live_version"]),
                "candidate": said(row, "silent_prediction", "silent", self._shadow.candidate["version"]),
            }
            for row in found
        )

    # What became of it

    @cached_property
    def truth(self) -> dict[int, Any]:
        """Place -> outcome of the pairs that count, whose outcome is known, and from which neither of both learned."""
        return {place: label for place, label in self.known.items() if place not in self._learned}

    @cached_property
    def _months(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Of each month the places that count, of which of them the outcome is known, and what it is."""
        asked = self._shadow.environment, self._shadow.model
        found = Months(self._ledger, self._artifacts, *asked, self.blocks).truths()
        return [(cohort.table.column("place").to_numpy(), known, labels) for cohort, known, labels in found]

    @property
    def counted(self) -> int:
        """How many pairs count: of each customer and month one."""
        return sum(len(places) for places, _, _ in self._months)

    @cached_property
    def known(self) -> dict[int, Any]:
        """Place -> outcome of the pairs that count and whose outcome is known."""
        known = [zip(places[which].tolist(), labels.tolist(), strict=True) for places, which, labels in self._months]
        return dict(sorted(pair for month in known for pair in month))

    @cached_property
    def _learned(self) -> set[int]:
        """The places of customers from whom the candidate learned, or the version that was live."""
        with self._ledger.read() as view:
            refs = [f"{self._shadow.model}@{one}" for one in {*self.versions}]
            versions = [find(view, ref) for ref in (ref_of(self._shadow.candidate), *refs)]
        closed = [*map(self._closed, versions)]
        if len({column for column, _ in closed}) > 1:  # named by different columns: nobody can tell
            return {*self.known}
        seen, names = set().union(*(names for _, names in closed)), self.table.column("id").to_pylist()
        return {place for place in self.known if names[place] in seen}

    def _closed(self, model: ModelVersion) -> tuple[str | None, frozenset[str]]:
        """Return by which column a version names the rows from which it learned, and their names."""
        runs, data = (
            Runs(self._ledger, self._artifacts),
            Datasets(self._ledger, self._artifacts).get(model.data_version),
        )
        recorded = Recorded(runs, runs.get(model.run_id))

        def make() -> frozenset[str]:
            learned = recorded.table[recorded.table["part"] != "test"]["row"]
            column = tables.kept(self._ledger, self._artifacts, data.path, [str(data.id)]).column(0)
            return frozenset(ids.spelled(column).take(pa.array(learned)).to_pylist())

        return data.id, _LEARNED.get(recorded.run.run_id, make) if data.id else frozenset()

    # Where it stands

    @cached_property
    def _empty(self) -> pa.Table:
        """A table of pairs without any."""
        several = (len(self.learned.labels),) if self.learned.task == "multiclass" else ()
        none, kind = np.empty((0, *several)), answered.prediction_type(self.learned)
        text = dict.fromkeys(("id", "at", "prediction_id", "batch_id", "live_version"), pa.array([], pa.large_string()))
        said = dict.fromkeys(("prediction", "silent_prediction"), pa.array([], kind))
        place = {"place": pa.array([], pa.int64())}
        return pa.table({**text, **columns("score", none), **columns("silent", none), **said, **place})

    def _of_file(self, batch: Mapping[str, Any]) -> Block:
        block, batch_id = answered.of_file(self._ledger, self._artifacts, batch), batch["batch_id"]
        path = shadow_answers.path(self._shadow.shadow_id, batch_id)

        def read() -> pa.Table:
            rows, said = block.table, tables.kept(self._ledger, self._artifacts, path)
            rows = rows.select([name for name in rows.column_names if not name.startswith(answered.ASKED)])
            for name in said.column_names:
                rows = rows.append_column(
                    name.replace("score", "silent").replace("prediction", "silent_prediction"), said.column(name)
                )
            facts = {"at": block.at, "batch_id": batch_id, "prediction_id": None}
            facts["live_version"] = block.model["version"]
            return _with(rows.filter(pc.is_valid(rows.column("silent_prediction"))), facts)

        return replace(block, key=sha256_of([self._shadow.shadow_id, block.key]), read=read)

    def _of_requests(self, entries: Sequence[Entry]) -> Iterator[Block]:
        """Yield the requests of each month and version."""
        kind, sorts = answered.prediction_type(self.learned), dict[tuple[str, str], list[Entry]]()
        for one in entries:
            sorts.setdefault((months.of(one["asked_at"]), one["live"]["version"]), []).append(one)
        for (month, version), same in sorts.items():
            text = {
                "id": [None if one["id"] is None else str(one["id"]) for one in same],
                "at": [one["asked_at"] for one in same],
                "prediction_id": [one["prediction_id"] for one in same],
            }
            rows = pa.table(
                {
                    **{name: pa.array(values, pa.large_string()) for name, values in text.items()},
                    **columns("score", np.array([one["live"]["score"] for one in same])),
                    **columns("silent", np.array([one["score"] for one in same])),
                    "prediction": pa.array([one["live"]["prediction"] for one in same], kind),
                    "silent_prediction": pa.array([one["prediction"] for one in same], kind),
                }
            )
            made = _with(rows, {"batch_id": None, "live_version": version})
            key = sha256_of([self._shadow.shadow_id, *text["prediction_id"]])
            model = {"name": self._shadow.model, "version": version}
            at = same[0]["asked_at"]
            yield Block(self._shadow.environment, model, month, at, None, None, len(same), key, partial(_same, made))


def _same(table: pa.Table) -> pa.Table:
    return table


def _with(rows: pa.Table, facts: Mapping[str, str | None]) -> pa.Table:
    """Return rows with facts that all of them share."""
    for name, value in facts.items():
        rows = rows.append_column(name, pa.repeat(pa.scalar(value, pa.large_string()), rows.num_rows))
    return rows


def _placed(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield blocks, in each row its place among all rows."""
    begin = 0
    for block in blocks:
        rows = block.table
        end = begin + rows.num_rows
        made = rows.append_column("place", pa.array(np.arange(begin, end)))
        yield replace(block, key=sha256_of([block.key, begin]), read=partial(_same, made))
        begin = end

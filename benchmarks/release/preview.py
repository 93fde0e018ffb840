"""What a rollback would change: the newest 10,000 logged requests, asked again of the live version and of the target.

The floor is what no preview can do without: `predict_proba` of both pipelines on those rows.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pyarrow import parquet

from benchmarks.release.releases import NAME, made
from benchmarks.timing import compare, frame_of
from mlops import Workspace
from mlops.release.request_log import RequestLog

REQUESTS = 10_000
FLOOR = "predict_proba of both, 10,000 rows"


def rows(ws: Workspace) -> Iterator[Mapping[str, Any]]:
    """Yield the features of customers as callers send them, again and again."""
    features = list(ws.models.get(f"{NAME}@latest").features)
    table = parquet.read_table(ws.path / ws.datasets.get("customers").path, columns=features)
    return itertools.cycle(table.to_pylist())


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        ws = made(Path(folder) / "workspace")
        asked = rows(ws)
        ws.predict("@production", next(asked))
        [request] = ws.predictions.list()
        log = RequestLog(ws._ledger, ws._artifacts)
        for _ in range(REQUESTS // 1000):
            with log.turn() as turn:
                turn.append([{**request, "at": turn.at, "row": row} for row in itertools.islice(asked, 1000)])
            log.sync()
        pipelines = [ws.models.load(f"{NAME}@1.{minor}.0") for minor in (0, 1)]
        frame = frame_of(pipelines[0], list(itertools.islice(rows(ws), REQUESTS)))
        preview = ws.deployments.preview("production")
        print(f"{preview.compared:,} compared, {preview.flipped:,} would be answered otherwise")
        compare(
            {
                FLOOR: lambda: [model.pipeline.predict_proba(frame) for model in pipelines],
                "preview": lambda: ws.deployments.preview("production"),
            },
            FLOOR,
            repeats=7,
        )


if __name__ == "__main__":
    main()

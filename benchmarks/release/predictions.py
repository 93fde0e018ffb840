"""One row asked of the live model: warm, and with the model still on the disk; beside who asks the pipeline itself."""

from __future__ import annotations

import tempfile
from pathlib import Path

import joblib

from benchmarks.timing import compare, frame_of
from mlops import Workspace
from mlops.models import scoring

ROOT = Path(__file__).parents[2]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        ws = Workspace.open(Path(folder) / "workspace")
        ws.datasets.add(ROOT / "sample_data/customers_2023.csv", "customers", target="churn", id="customer_id")
        model = ws.models.register(ws.train(ROOT / "configs/churn.yaml"), "churn_model")
        for environment in ("staging", "production"):
            ws.deploy(model, environment, "the benchmark")
        row = dict(ws.models.metadata(model.ref)["examples"][0]["row"])
        file, loaded = ws.models.path(model.ref), ws.models.load(model)
        frame = frame_of(loaded, [row])

        def cold() -> None:
            scoring._kept.clear()
            ws.predict("@production", row)

        floor = "predict_proba of the pipeline, one row"
        compare(
            {floor: lambda: loaded.pipeline.predict_proba(frame), "warm": lambda: ws.predict("@production", row)}, floor
        )
        floor = "joblib.load and that"
        compare({floor: lambda: joblib.load(file).predict_proba(frame), "cold": cold}, floor)


if __name__ == "__main__":
    main()

"""A batch of 1,000,000 rows and 20 columns by command, CSV and parquet, also killed and gone on with: time and memory.

The floor is `predict_proba` of the pipeline alone, over the frame that pandas reads from the same file, in memory
already. The command starts a Python of its own each time, which is in its time; what that alone takes is a line by
itself, and so is what the same batch takes where Python runs already.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from mlops import Workspace
from sample_data import generate

ROOT = Path(__file__).parents[2]
ROWS = 1_000_000


def prepare(folder: Path) -> float:
    """Make a workspace whose model is live, and the rows in two files beside it; return what the floor takes."""
    ws = Workspace.open(folder / "workspace")
    ws.datasets.add(ROOT / "sample_data/customers_2023.csv", "customers", target="churn", id="customer_id")
    model = ws.models.register(ws.train(ROOT / "configs/churn.yaml"), "churn_model")
    for environment in ("staging", "production"):
        ws.deploy(model, environment, "the benchmark")
    month = "2023-12"
    rows = generate.draw_cohort(month, generate.streams_of(17)[month], ROWS, []).customers
    (folder / "rows.csv").write_bytes(generate.to_csv(rows))
    rows.to_parquet(folder / "rows.parquet", index=False)
    loaded = ws.models.load("@production")
    read = pd.read_parquet(folder / "rows.parquet", columns=loaded.signature.names)
    return middle(lambda: loaded.pipeline.predict_proba(read))


def inside(folder: Path, kind: str) -> float:
    """Return what the batch takes where Python runs already."""
    ws = Workspace.open(folder / "workspace")
    return middle(lambda: ws.batch_predict("@production", folder / f"rows.{kind}", folder / f"inside.{kind}"))


def middle(call: Callable[[], object]) -> float:
    """Return the seconds of a call, the middle one of three."""
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return sorted(taken)[1]


def command(folder: Path, kind: str, killed_after: float | None = None) -> tuple[float, float]:
    """Run the command; return its seconds and its memory at most, in MB."""
    paths = {"--data": folder / f"rows.{kind}", "--output": folder / f"out.{kind}"}
    words = [word for option, path in paths.items() for word in (option, str(path))]
    line = ["batch-predict", "--workspace", str(folder / "workspace"), "--model", "@production", *words]
    began = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-m", "mlops", *line], cwd=ROOT, stdout=subprocess.DEVNULL)
    if killed_after:
        time.sleep(killed_after)
        child.kill()
    _, _, usage = os.wait4(child.pid, 0)
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # In a process of its own: the memory of a child is at least that of its parent when it was made.
        with ProcessPoolExecutor(1, get_context("spawn")) as aside:
            floor = aside.submit(prepare, folder).result()
            here = {kind: aside.submit(inside, folder, kind).result() for kind in ("csv", "parquet")}
        print(f"{'floor: predict_proba of all rows':<44} {floor:6.2f} s")
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import sklearn.ensemble, pandas, pyarrow"], check=True)
        print(f"{'a Python that has imported the libraries':<44} {time.perf_counter() - began:6.2f} s")
        for kind, running in here.items():
            print(f"{f'{kind}, where Python runs already':<44} {running:6.2f} s   x{running / floor:.2f}")
            seconds, memory = min(command(folder, kind) for _ in range(3))
            print(f"{kind:<44} {seconds:6.2f} s   x{seconds / floor:.2f}   {memory:.0f} MB")
            first, _ = command(folder, kind, seconds * 0.6)
            second, _ = command(folder, kind)
            print(
                f"{f'{kind}, killed after {first:.1f} s, the rest':<44} {second:6.2f} s   x{second / seconds:.2f} of it"
            )
            print(f"{f'{kind}, both together':<44} {first + second:6.2f} s   x{(first + second) / seconds:.2f} of it")


if __name__ == "__main__":
    main()

"""A month of the simulated company, and its whole year; floor: its customers kept, and their answers computed.

Goals: a month under 3 s, a year under a minute, also at the end of the year, when twelve months lie behind.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from mlops import Workspace
from playground import company


def floor(ws: Workspace, files: Path) -> float:
    """Return the seconds that keeping a month's customers and computing their answers takes, and nothing else."""
    model = ws.models.load("@production")
    begun = time.perf_counter()
    kept = ws.datasets.add(files / "customers_2024-06.csv", "floor")
    model.pipeline.predict_proba(ws.datasets.frame(kept.ref)[model.signature.names])
    return time.perf_counter() - begun


def main() -> None:
    """Play the year of the sample once."""
    with tempfile.TemporaryDirectory() as folder:
        ws = Workspace.open(Path(folder) / "workspace")
        company.begin(ws)
        least = floor(ws.fork(Path(folder) / "floor"), company.FILES)
        times: list[float] = []
        begun = last = time.perf_counter()

        def over(month: company.Month) -> None:
            nonlocal last
            now = time.perf_counter()
            times.append(now - last)
            last = now
            print(
                f"{month.month}  {times[-1]:6.2f} s   "
                + "  ".join(f"{one.what} {one.seconds:.2f}" for one in month.steps)
            )

        company.play(ws, on_month=over)
        median, year = statistics.median(times), time.perf_counter() - begun
        for what, seconds, goal in (
            ("customers kept and answers computed", least, "x1.00"),
            ("a month, median", median, f"x{median / least:.2f}"),
            ("a month, the slowest", max(times), "goal: under 3 s"),
            (f"the year, {len(times)} months", year, "goal: under 60 s"),
        ):
            print(f"{what:<44} {seconds:6.2f} s   {goal}")


if __name__ == "__main__":
    main()

"""What the server does for a click: pages on 1,000 runs, a threshold that moves, and the first progress of a training.

Floor: a page of one text and one slider, served by the same Streamlit with the same settings. A message that crosses
the loopback costs up to 40 ms of delayed acknowledgement in both: the difference to the floor is what our pages take.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from benchmarks.playground.serving import served, waiting
from benchmarks.playground.session import Session, session
from mlops import Workspace, sample
from playground.chain import SAMPLE_CONFIG

RUNS, REPEATS = 1000, 15
PAGES = ("", "data", "train", "compare", "release", "predict", "monitor", "guide")
FLOOR = "import streamlit as st\nst.write('Threshold', st.slider('Threshold', 0.0, 1.0, 0.5))\n"


def prepared(path: Path) -> Workspace:
    """Make a workspace in which there is something to see on every page."""
    ws = Workspace.open(path)
    sample.add(ws)
    runs = [ws.train(SAMPLE_CONFIG, overrides={"model.max_depth": depth}) for depth in (2, 3)]
    model = ws.models.register(runs[1], "churn_model")
    for environment in ("staging", "production"):
        ws.deploy(model, environment, "benchmark")
    return ws


def full_workspace(path: Path) -> Workspace:
    """Make a workspace with a released model and 1,000 runs as large as real ones."""
    ws = prepared(path)
    pair = ws.runs.list()[::-1]
    for example in ws.models.metadata("@production")["examples"]:
        ws.predict("@production", example["row"])
    random, record = Random(1), pair[0].as_dict()
    with ws._ledger.write() as tx:
        for number in range(RUNS):
            metrics = {split: {name: random.random() for name in found} for split, found in pair[0].metrics.items()}
            changed = {"run_id": f"r{number:04d}{random.getrandbits(24):06x}", "metrics": metrics}
            tx.append("run.log", changed["run_id"], {**record, **changed, "model_sha256": None, "data": {}})
    for one in pair:  # the two that can be looked at are the newest
        ws.runs.tag(one.run_id, "pinned", "yes")
    return ws


@contextmanager
def floor(folder: Path) -> Iterator[str]:
    """Serve the barest page with the settings of the app."""
    (folder / "bare.py").write_text(FLOOR, encoding="utf-8")
    (folder / ".streamlit").mkdir()
    settings = Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml"
    (folder / ".streamlit" / "config.toml").write_text(settings.read_text("utf-8"), encoding="utf-8")
    with waiting(["bare.py"], cwd=folder) as address:
        yield address


def median(action: Callable[[], float]) -> float:
    """Return the median seconds of an action."""
    return statistics.median(action() for _ in range(REPEATS))


def after_an_event(opened: Session, ws: Workspace) -> Callable[[], float]:
    """Return an action that looks at a page when something has just happened, so that nothing of it is cached."""
    run = ws.runs.table(["run_id"], limit=1)[0]["run_id"]

    def action() -> float:
        ws.runs.note(run, f"seen at {time.perf_counter()}")
        return opened.rerun()

    return action


def moves(opened: Session) -> Callable[[], float]:
    """Return an action that moves the threshold, to another place each time."""
    places = iter(range(10, 90))
    return lambda: opened.set("slider", "Threshold", double_array_value=[next(places) / 100])


def first_progress(address: str, ws: Workspace) -> tuple[float, float]:
    """Return the seconds from a click on Train until the run is on screen, and until its first step is there to show.

    The screen looks at that step twice a second.
    """
    with session(address, "train") as opened:
        time.sleep(6)  # a spare worker is warm by then
        began = time.perf_counter()
        seen = opened.click("Train")
        assert ("button", "Cancel") in opened.widgets
        run = ws.runs.table(["run_id"], "status in ('running', 'queued')")[0]["run_id"]
        while ws.runs.progress(run) is None and time.perf_counter() - began < 30:
            time.sleep(0.005)
        shown = time.perf_counter() - began
    ws.runs.cancel(run, wait=10)
    return seen, shown


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ws = full_workspace(folder / "workspace")
        (folder / "floor").mkdir()
        times: dict[str, float] = {}
        with floor(folder / "floor") as address, session(address) as opened:
            times["floor: a bare page"] = median(opened.rerun)
            times["floor: its slider moves"] = median(moves(opened))
        with served(ws.path) as address:
            for page in PAGES:
                with session(address, page) as opened:
                    assert not opened.errors, opened.errors
                    times[f"rerun of {page or 'start'}, {RUNS:,} runs"] = median(opened.rerun)
            for page in PAGES:
                with session(address, page) as opened:
                    times[f"{page or 'start'}, first rerun after an event"] = median(after_an_event(opened, ws))
            with session(address, "compare") as opened:
                times["threshold move on compare"] = median(moves(opened))
            seen, shown = first_progress(address, ws)
            times["click on Train until the run is on screen"] = seen
            times["click on Train until its first progress"] = shown
        lowest = times["floor: a bare page"]
        for what, seconds in times.items():
            print(
                f"{what:<44} {seconds * 1000:9.2f} ms   x{seconds / lowest:.2f}   +{(seconds - lowest) * 1000:.0f} ms"
            )


if __name__ == "__main__":
    main()

"""A class begins: thirty people open the app, and all press "Run the chain" at the same moment.

Each is a browser's session without a browser (`session`), at a seat of its own; a barrier is the common start. A person
has a live model when the page leads to asking it. Where all share two cores with this program, the processor time for
each person tells more than the clock: 90 seconds on two cores are six for each of thirty.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import threading
import time
from itertools import islice, product
from pathlib import Path
from string import ascii_lowercase

from benchmarks.playground.serving import served
from benchmarks.playground.session import session

PEOPLE = int(sys.argv[1]) if len(sys.argv) > 1 else 30
PATIENCE = 600
"""Seconds after which nobody waits any longer."""


def learner(address: str, seat: str, start: threading.Barrier, waited: list[float], reruns: list[float]) -> None:
    """Be one person: open the page, wait for the others, press the button, watch until the model is live."""
    with session(address, "", f"ws={seat}") as opened:
        start.wait()
        began = time.perf_counter()
        opened.click("Run the chain")
        while not any("Ask about one" in link for link in opened.links):
            if opened.errors or time.perf_counter() - began > PATIENCE:
                raise SystemExit(f"{seat}: {opened.errors or opened.links}")
            fragment, interval = opened.again or ("", 1.0)
            time.sleep(interval)
            reruns.append(opened.rerun(fragment))
        waited.append(time.perf_counter() - began)


def processor_time(root: int) -> float:
    """Return the seconds that a process and all below it have computed so far, those that have ended included."""
    tick, found = os.sysconf("SC_CLK_TCK"), {}
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        if entry.name.isdigit():
            found[int(entry.name)] = int(fields[1]), sum(map(int, fields[11:15])) / tick
    below, total = {root}, 0.0
    while new := {pid for pid, (parent, _) in found.items() if parent in below} - below:
        below |= new
    for pid in below - {root}:
        total += found[pid][1]
    return total


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        seats = ["a" * 18 + letters for letters in map("".join, islice(product(ascii_lowercase, repeat=2), PEOPLE))]
        for seat in seats:
            (Path(name) / seat).mkdir()
        waited: list[float] = []
        reruns: list[float] = []
        spent: list[float] = []
        start = threading.Barrier(PEOPLE, lambda: spent.append(processor_time(os.getpid())))
        with served(Path(name), "MLOPS_WORKSPACES") as address:
            people = [
                threading.Thread(target=learner, args=(address, seat, start, waited, reruns), daemon=True)
                for seat in seats
            ]
            for one in people:
                one.start()
            for one in people:
                one.join()
            spent.append(processor_time(os.getpid()))
    each = (spent[1] - spent[0]) / PEOPLE
    print(
        f"{len(waited)} of {PEOPLE} have a live model; the last one after {max(waited):.0f} s, half of them after "
        f"{statistics.median(waited):.0f} s; {each:.2f} s of processor time each"
    )
    if len(reruns) > 1:
        late = statistics.quantiles(reruns, n=20)[-1]
        print(
            f"a look at the progress: median {statistics.median(reruns):.2f} s, 95 % {late:.2f} s, {len(reruns)} looks"
        )


if __name__ == "__main__":
    main()

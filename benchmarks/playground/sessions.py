"""Thirty people at one server, each in an own workspace, each clicking about every two seconds.

Floor: the same thirty at a bare page. An interaction is a click on a page, a threshold that moves, or another page; now
and then one starts a training, so workers and pages share the cores as in a class.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from string import ascii_lowercase

from benchmarks.playground.screens import floor, prepared
from benchmarks.playground.session import Session, session
from tests.browser import served

PEOPLE, SECONDS, PAUSE = 30, 40, 2.0
PAGES = ("data", "train", "compare", "release", "predict")


def person(address: str, query: str, seed: int, times: list[float], errors: list[str], pages: tuple[str, ...]) -> None:
    """Be one person for a while; note how long each interaction took, and what went wrong."""
    random, until = Random(seed), time.monotonic() + SECONDS
    time.sleep(random.uniform(0, PAUSE))
    try:
        while time.monotonic() < until:
            began = time.perf_counter()
            with session(address, random.choice(pages), query) as opened:
                times.append(time.perf_counter() - began)
                for _ in range(5):
                    time.sleep(random.uniform(0.5, 1.5) * PAUSE)
                    times.append(interaction(opened, random))
                errors.extend(opened.errors)
    except Exception as error:  # whatever it is, it counts
        errors.append(repr(error))


def interaction(opened: Session, random: Random) -> float:
    """Do one thing on the page that is open."""
    if ("slider", "Threshold") in opened.widgets:
        return opened.set("slider", "Threshold", double_array_value=[random.randint(10, 90) / 100])
    if ("button", "Train") in opened.widgets and random.random() < 0.25:
        return opened.click("Train")
    return opened.rerun()


def crowd(address: str, query: Callable[[int], str], pages: tuple[str, ...]) -> tuple[list[float], list[str]]:
    """Let thirty people work at the same time."""
    times: list[float] = []
    errors: list[str] = []
    people = [
        threading.Thread(target=person, args=(address, query(seed), seed, times, errors, pages))
        for seed in range(PEOPLE)
    ]
    for one in people:
        one.start()
    for one in people:
        one.join()
    return times, errors


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:  # workers may still end
        folder = Path(name)
        ws = prepared(folder / "first")
        keys = ["a" * 19 + letter for letter in ascii_lowercase + "2345"]
        for key in keys:
            ws.fork(folder / "room" / key)
        (folder / "floor").mkdir()
        with floor(folder / "floor") as address:
            bare, failed = crowd(address, lambda _: "", ("",))
        with served(folder / "room", "MLOPS_WORKSPACES") as address:
            times, errors = crowd(address, lambda seed: f"ws={keys[seed]}", PAGES)
        for what, values, wrong in (("floor: a bare page", bare, failed), ("the playground", times, errors)):
            middle, late = statistics.median(values), statistics.quantiles(values, n=20)[-1]
            print(
                f"{what:<20} {len(values):5} interactions   median {middle * 1000:6.1f} ms   "
                f"95 % {late * 1000:6.1f} ms   x{middle / statistics.median(bare):.2f}   {len(wrong)} errors"
            )


if __name__ == "__main__":
    main()

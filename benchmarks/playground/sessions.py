"""Thirty people at one server, each clicking about every two seconds, and all of them with its base address only.

Each comes once, is given a seat, and comes back to it with nothing but the cookie that the browser keeps. Floor: the
same thirty at a bare page. An interaction is a click on a page, a threshold that moves, or another page; now and then
one starts a training, so workers and pages share the cores as in a class.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

from benchmarks.playground.screens import floor, prepared
from benchmarks.playground.serving import served
from benchmarks.playground.session import Session, session
from mlops import Workspace
from playground import seats

PEOPLE, SECONDS, PAUSE = 30, 40, 2.0
PAGES = ("data", "train", "compare", "release", "predict")


def person(address: str, cookie: str, seed: int, times: list[float], errors: list[str], pages: tuple[str, ...]) -> None:
    """Be one person for a while; note how long each interaction took, and what went wrong."""
    random, until = Random(seed), time.monotonic() + SECONDS
    time.sleep(random.uniform(0, PAUSE))
    try:
        while time.monotonic() < until:
            began = time.perf_counter()
            with session(address, random.choice(pages), cookie=cookie) as opened:
                times.append(time.perf_counter() - began)
                if opened.seat != cookie.partition("=")[2]:
                    errors.append(f"{opened.seat} is the seat of somebody else")
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


def crowd(address: str, cookies: Sequence[str], pages: tuple[str, ...]) -> tuple[list[float], list[str]]:
    """Let thirty people work at the same time."""
    times: list[float] = []
    errors: list[str] = []
    people = [
        threading.Thread(target=person, args=(address, cookie, seed, times, errors, pages))
        for seed, cookie in enumerate(cookies)
    ]
    for one in people:
        one.start()
    for one in people:
        one.join()
    return times, errors


def arrive(address: str, room: Path, ws: Workspace) -> list[str]:
    """Let everybody come for the first time, and do what `ws` holds; return what each browser remembers then."""
    keys = []
    for _ in range(PEOPLE):
        with session(address) as opened:
            keys.append(opened.seat)
    for key in keys:
        (room / key).rename(room / f"{key}-empty")
        ws.fork(room / key)
    assert len({*keys}) == PEOPLE
    return [f"{seats.cookie(room)}={key}" for key in keys]


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:  # workers may still end
        folder = Path(name)
        ws, room = prepared(folder / "first"), folder / "room"
        (folder / "floor").mkdir()
        with floor(folder / "floor") as address:
            bare, failed = crowd(address, [""] * PEOPLE, ("",))
        with served(room, "MLOPS_WORKSPACES") as address:
            times, errors = crowd(address, arrive(address, room, ws), PAGES)
        for what, values, wrong in (("floor: a bare page", bare, failed), ("the playground", times, errors)):
            middle, late = statistics.median(values), statistics.quantiles(values, n=20)[-1]
            print(
                f"{what:<20} {len(values):5} interactions   median {middle * 1000:6.1f} ms   "
                f"95 % {late * 1000:6.1f} ms   x{middle / statistics.median(bare):.2f}   {len(wrong)} errors"
            )


if __name__ == "__main__":
    main()

"""A value is moved on Predict: how long until the answers stand, for one person and for thirty who all move values.

Each person sits at a workspace of their own with a live model and another one beside it, and lets go of a slider about
every two seconds. One answer is the whole of it: the row, the ghost, and all that every field could be, by both models;
while a slider moves nobody is asked. Floor: a bare Streamlit page with the same thirty.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import threading
import time
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.playground.reruns import cpu_seconds
from benchmarks.playground.screens import floor, prepared
from benchmarks.playground.serving import served
from benchmarks.playground.session import Session, session
from benchmarks.playground.sessions import PEOPLE, arrive, crowd
from playground.chain import SAMPLE_CONFIG

SECONDS, PAUSE, ALONE = 40, 2.0, 40


def moved(opened: Session, random: Random) -> float:
    """Move one value of the row, and return the seconds until its answers stand."""
    drawn = data_of(opened)
    field = random.choice([one for one in drawn["fields"] if len(drawn["points"][one["name"]]) > 1])
    others = [one for one in drawn["points"][field["name"]] if one != drawn["row"][field["name"]]]
    row, sent = {**drawn["row"], field["name"]: random.choice(others)}, drawn["sent"] + 1
    took = opened.tell("one_row", "moved", {"row": row, "sent": sent})
    stands = data_of(opened)
    assert (stands["row"], stands["sent"]) == (row, sent) and all(side["now"] for side in stands["sides"]), stands[
        "row"
    ]
    return took


def data_of(opened: Session) -> dict[str, Any]:
    """Return what the form was drawn from last."""
    found: dict[str, Any] = json.loads(opened.components["one_row"][0].json)
    return found


def person(address: str, cookie: str, seed: int, times: list[float], errors: list[str]) -> None:
    """Move values for a while, with pauses as people make them."""
    random = Random(seed)
    try:
        with session(address, "predict", cookie=cookie) as opened:
            moved(opened, random)
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                time.sleep(random.uniform(0.5, 1.5) * PAUSE)
                times.append(moved(opened, random))
            errors.extend(opened.errors)
    except Exception as error:  # whatever it is, it counts
        errors.append(repr(error))


def told(what: str, times: list[float], more: str) -> None:
    """Print one line."""
    late = statistics.quantiles(times, n=20)[-1]
    print(f"{what:<28} {len(times):5} answers   median {statistics.median(times) * 1000:6.1f} ms   "
          f"95 % {late * 1000:6.1f} ms   {more}")  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        ws, room = prepared(folder / "first"), folder / "room"
        ws.train(SAMPLE_CONFIG, overrides={"model.max_depth": 4})  # yours
        (folder / "floor").mkdir()
        with floor(folder / "floor") as address:
            bare, failed = crowd(address, [""] * PEOPLE, ("",))
        told("floor: a bare page", bare, f"{len(failed)} errors")
        with served(ws.path) as address, session(address, "predict") as opened:
            random = Random(1)
            moved(opened, random)
            before = cpu_seconds()
            alone = [moved(opened, random) for _ in range(ALONE)]
            told("one person", alone, f"{(cpu_seconds() - before) / ALONE * 1000:.1f} ms of processor time each")
        with served(room, "MLOPS_WORKSPACES") as address:
            times: list[float] = []
            errors: list[str] = []
            cookies = arrive(address, room, ws)
            people = [
                threading.Thread(target=person, args=(address, cookie, seed, times, errors))
                for seed, cookie in enumerate(cookies)
            ]
            for one in people:
                one.start()
            for one in people:
                one.join()
            told(f"{PEOPLE} people", times, f"{len(errors)} errors {errors[:1]}")


if __name__ == "__main__":
    main()

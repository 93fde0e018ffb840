"""What a class needs of a machine: memory and disk for each seat, processor time for what learners and teacher do.

Thirty learners come in one after the other, are brought to a stop in a chapter of their own, and click; a teacher looks
at the wall. Processor time and memory are those of the server and its workers, so what else the machine does counts
little; memory is the proportional part (PSS), for processes share much of what they load. Linux only.
"""

from __future__ import annotations

import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from benchmarks.playground.class_start import processor_time
from benchmarks.playground.serving import served
from benchmarks.playground.session import Session, session
from mlops import Workspace
from playground import course, place
from playground.classroom import book, secret, wall

PEOPLE = 30
STOP, PAGES = "rollback", ("release", "monitor", "guide", "compare")
ROUNDS = 3
"""How often everybody looks at each page."""


def below(root: int) -> set[int]:
    """Return the processes below one."""
    parents = {}
    for entry in Path("/proc").iterdir():
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    found = {root}
    while new := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= new
    return found - {root}


def memory() -> float:
    """Return the megabytes that server and workers have of their own."""
    total = 0
    for pid in below(os.getpid()):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def disk(folder: Path) -> float:
    """Return the megabytes of a folder; files that several share count once, where they were met first."""
    seen: set[int] = set()
    total = 0
    for path in folder.rglob("*"):
        found = path.lstat()
        if path.is_file() and found.st_ino not in seen:
            seen.add(found.st_ino)
            total += found.st_blocks * 512
    return total / 1e6


def spent(what: str, times: int, began: float) -> None:
    """Print the processor time of each of several things that were done since."""
    each = (processor_time(os.getpid()) - began) / times
    print(f"{what:<44} {1000 * each:7.1f} ms of processor time each, {times} times")


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, ExitStack() as opened:
        room = Path(name) / "room"
        address = opened.enter_context(served(room, "MLOPS_WORKSPACES"))
        people: list[Session] = []
        time.sleep(8)  # the warm worker has imported everything
        print(f"{'server and warm worker, nobody there':<44} {memory():7.0f} MB")
        for many in (1, 10, PEOPLE):
            while len(people) < many:
                people.append(opened.enter_context(session(address)))
            print(f"{f'{many} at the way in':<44} {memory():7.0f} MB")

        course.prepare(STOP)  # on a machine that never served a class it takes a minute, once
        began, start = time.process_time(), time.perf_counter()
        for seat in book.seats(room):
            course.start(Workspace.open(seat, create=False), STOP)
        took, cpu = time.perf_counter() - start, time.process_time() - began
        print(f"{f'{PEOPLE} who begin a stop at once':<44} {took:7.1f} s, {cpu:.1f} s of processor time")
        for part, folder in (("seat", lambda seat: seat), ("chapter", place.chapters)):
            sizes = [disk(folder(seat)) for seat in book.seats(room)]
            print(f"{f'disk of a {part}, as if it stood alone':<44} {sum(sizes) / len(sizes):7.1f} MB")
        print(f"{'disk of the whole class':<44} {disk(room):7.1f} MB")

        seats = [one.seat for one in people]
        for page in PAGES:
            there = [opened.enter_context(session(address, page, f"ws={key}&in={STOP}")) for key in seats]
            before = processor_time(os.getpid())
            with ThreadPoolExecutor(PEOPLE) as crowd:
                for _ in range(ROUNDS):
                    [*crowd.map(Session.rerun, there)]
            spent(f"a click on {page}, in a chapter", ROUNDS * PEOPLE, before)
        print(f"{f'{PEOPLE} with {len(PAGES) + 1} pages each, all still open':<44} {memory():7.0f} MB")

        looked = opened.enter_context(session(address, people[0]._page, f"ws={seats[0]}"))
        before = processor_time(os.getpid())
        for _ in range(30):
            looked.rerun((looked.again or ("", 0))[0])
        spent("a learner's look whether anything was decided", 30, before)

        teacher = opened.enter_context(session(address, "teacher", f"key={secret.key(room)}"))
        before = processor_time(os.getpid())
        for _ in range(30):
            teacher.rerun((teacher.again or ("", 0))[0])
        spent(f"the teacher's look at a wall of {PEOPLE}", 30, before)
        wall.tiles(room)
        began = time.process_time()
        for _ in range(30):
            wall.tiles(room)
        print(f"{'  of it what is read':<44} {1000 * (time.process_time() - began) / 30:7.1f} ms")


if __name__ == "__main__":
    main()

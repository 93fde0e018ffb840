"""What a rerun of each page costs the server, in milliseconds of its CPU, beside a bare page with the same settings.

CPU travels between machines better than wall time, and thirty people share what there is of it. Each page is drawn in a
workspace with two runs, and in the same one with a past: after 1,000 deployments and 20,000 requests. Then in that of
the simulated company on its first day, and after its year: 39,000 answers, of which the outcomes of most are known.
Reads ``/proc``.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.playground.screens import PAGES, floor, prepared
from benchmarks.playground.serving import served
from benchmarks.playground.session import session
from mlops import Workspace
from mlops.base import chained
from mlops.base.records import new_id
from mlops.release import request_log
from mlops.release.request_log import SEAL_AT, RequestLog
from playground import company

REPEATS, DEPLOYMENTS, REQUESTS = 40, 1000, 20_000


def cpu_seconds() -> float:
    """Return the CPU time that the server has used so far: it is the one child of this process."""
    [server] = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    fields = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def cost(action: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the milliseconds of the server's CPU that an action takes, once it has been done."""
    action()
    before = cpu_seconds()
    for _ in range(repeats):
        action()
    return (cpu_seconds() - before) / repeats * 1000


def with_a_past(ws: Workspace, path: Path) -> Workspace:
    """Return a copy of a workspace in which much was released and asked: records as a release and an answer write them.

    They are written directly, since 1,000 release checks and 20,000 answers are not what is measured.
    """
    past = ws.fork(path)
    first = next(event["payload"]["changes"] for event in ws.log() if event["kind"] == "deployment.deploy")
    past.predict("@production", ws.models.metadata("@production")["examples"][0]["row"])
    request = past.predictions.list(limit=1)[0]
    with past._ledger.write() as tx:
        for number in range(DEPLOYMENTS):
            environment, name = ("staging", "production")[number % 2], new_id("d")
            changed = {"deployment_id": name, "environment": environment, "replaced": first["model"]}
            tx.append("deployment.deploy", name, {**first, **changed, "at": tx.at, "since": tx.at})
    log = RequestLog(past._ledger, past._artifacts)
    while len(past.predictions.list()) < REQUESTS:
        with past._ledger.read() as view:
            name = request_log.open_log(view)
        previous, lines, size = chained.start(name, b""), [], 0
        while size <= SEAL_AT:
            line, previous = chained.next_line(previous, {**request, "prediction_id": new_id("p")})
            lines.append(line)
            size += len(line)
        past._artifacts.path(name).write_bytes(b"".join(lines))
        log._seal()
    return past


def costs(ws: Workspace) -> dict[str, tuple[float, float]]:
    """Return for each page what a rerun costs, and what it costs when something has just happened."""
    found, run = {}, ws.runs.table(["run_id"], limit=1)[0]["run_id"]
    with served(ws.path) as address:
        for page in sys.argv[1:] or PAGES:
            with session(address, page) as opened:
                assert not opened.errors, opened.errors
                again = cost(opened.rerun)

                def after_an_event(rerun: Callable[[], float] = opened.rerun) -> None:
                    ws.runs.note(run, f"seen at {time.perf_counter()}")
                    rerun()

                found[page] = again, cost(after_an_event, REPEATS // 4)
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "floor").mkdir()
        with floor(folder / "floor") as address, session(address) as opened:
            bare = cost(opened.rerun)
        ws = prepared(folder / "workspace")
        few = costs(ws)
        many = costs(with_a_past(ws, folder / "past"))
        print(f"{'floor: a bare page':<20} {bare:6.1f} ms")
        for page in few:
            beside(page, few[page], many[page], "with a past")
        story = Workspace.open(folder / "story")
        company.begin(story)
        first = costs(story)
        company.play(story)
        for page, year in costs(story).items():
            beside(page, first[page], year, "after a year")


def beside(page: str, before: tuple[float, float], after: tuple[float, float], what: str) -> None:
    """Print what a page costs, and how many times that it costs after something."""
    (again, event), (much, much_event) = before, after
    print(
        f"{page or 'start':<20} {again:6.1f} ms   after an event {event:6.1f} ms   {what} "
        f"x{much / again:.2f} and x{much_event / event:.2f}"
    )


if __name__ == "__main__":
    main()

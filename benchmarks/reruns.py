"""What a rerun of each page costs the server, in milliseconds of its CPU, beside a bare page with the same settings.

CPU travels between machines better than wall time, and thirty people share what there is of it. Reads ``/proc``.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from benchmarks.screens import PAGES, floor
from benchmarks.session import Session, session
from benchmarks.sessions import prepared
from tests.browser import served

REPEATS = 40


def cpu_seconds() -> float:
    """Return the CPU time that the server has used so far: it is the one child of this process."""
    [server] = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    fields = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def cost(opened: Session) -> float:
    """Return the CPU seconds of one rerun of a page that has been drawn before."""
    opened.rerun()
    before = cpu_seconds()
    for _ in range(REPEATS):
        opened.rerun()
    return (cpu_seconds() - before) / REPEATS


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "floor").mkdir()
        with floor(folder / "floor") as address, session(address) as opened:
            print(f"{'floor: a bare page':<20} {cost(opened) * 1000:6.1f} ms")
        ws = prepared(folder / "workspace")
        with served(ws.path) as address:
            for page in sys.argv[1:] or PAGES:
                with session(address, page) as opened:
                    assert not opened.errors, opened.errors
                    print(f"{page or 'start':<20} {cost(opened) * 1000:6.1f} ms")


if __name__ == "__main__":
    main()

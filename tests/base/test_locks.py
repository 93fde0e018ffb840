"""A lock tells whether a process lives: it is held by one, and free as soon as that one ends or gives it back."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from mlops.base import locks

HOLD = "import sys; from pathlib import Path; from mlops.base import locks; lock = locks.take(Path(sys.argv[1])); print(1, flush=True); input()"


def test_a_lock_is_held_by_one(tmp_path):
    """Whoever comes second is told at once, also in the same process; afterwards it is free, and its file gone."""
    path = tmp_path / "lock"
    assert not locks.is_held(path) and not path.exists()
    lock = locks.take(path)
    assert lock is not None and locks.take(path) is None and locks.is_held(path)
    locks.drop(lock, path)
    assert not path.exists() and not locks.is_held(path)
    locks.take(path).close()
    assert path.exists() and not locks.is_held(path)


FORK = """
import os, sys, time
from pathlib import Path
from mlops.base import locks
path = Path(sys.argv[1])
with locks.turn(path, 1):
    child = os.fork()
    if not child:
        time.sleep(60)
        os._exit(0)
print(locks.is_held(path))
os.kill(child, 9)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process is forked there")
def test_a_turn_is_over_though_a_child_was_forked_in_it(tmp_path):
    """The child has the file open as well, for as long as it lives."""
    done = subprocess.run([sys.executable, "-c", FORK, tmp_path / "lock"], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_process_that_is_killed_holds_nothing(tmp_path):
    """Its file stays, and says that nobody is there."""
    path = tmp_path / "lock"
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() and locks.is_held(path)
    process.kill()
    process.communicate()
    assert path.exists() and not locks.is_held(path)

"""A lock tells whether a process lives: it is held by one, and free as soon as that one ends or gives it back."""

from __future__ import annotations

import subprocess
import sys

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


def test_a_process_that_is_killed_holds_nothing(tmp_path):
    """Its file stays, and says that nobody is there."""
    path = tmp_path / "lock"
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() and locks.is_held(path)
    process.kill()
    process.communicate()
    assert path.exists() and not locks.is_held(path)

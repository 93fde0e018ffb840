"""Parquet: a file that was made to fill a memory is refused in little of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")

# Not ru_maxrss: a child begins with the peak of its parent.
READ = """
import pathlib, sys
from mlops.data import reading
from mlops.base.errors import DataError
try:
    reading.read(sys.argv[1])
except DataError as error:
    print(error)
status = pathlib.Path("/proc/self/status").read_text()
print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


def coded(text: str, rows: int) -> pa.Table:
    """Return equal texts that are stored once."""
    indices = pa.array([0] * rows, pa.int32())
    return pa.table({"a": pa.DictionaryArray.from_arrays(indices, pa.array([text]))})


BOMBS = {
    "coded text": (lambda: coded("x" * 300, 2_000_000), {}, "expands to"),
    "plain text": (lambda: pa.table({"a": ["y" * 900_000] * 400}), {"use_dictionary": False, "compression": "zstd"}, "expands to"),
    "numbers": (lambda: pa.table({"a": pa.repeat(1, 60_000_000)}), {}, "far too few"),
    "cells": (lambda: pa.table({f"c{n}": pa.repeat(1, 2_100_000) for n in range(100)}), {}, "at most 200,000,000 cells"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("make", "how", "said"), BOMBS.values(), ids=list(BOMBS))
def test_a_bomb_is_refused_in_little_memory(tmp_path, make, how, said):
    """Kilobytes that stand for gigabytes never become them."""
    path = tmp_path / "bomb.parquet"
    pyarrow.parquet.write_table(make(), path, **how)
    answer = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    message, megabytes = answer.stdout.splitlines()
    assert said in message and int(megabytes) < 600


@pytest.mark.slow
def test_a_csv_of_200_mb_is_read_in_less_than_a_gigabyte(tmp_path):
    """Numbers and short texts."""
    path = tmp_path / "large.csv"
    rows = "".join(f"{n},{n * 1.5:.5f},{n % 97 / 7:.5f},north,customer {n}\n" for n in range(100_000))
    path.write_text("a,b,c,d,e\n" + rows * (200_000_000 // len(rows)))
    answer = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    assert int(answer.stdout) < 1000

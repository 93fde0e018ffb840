"""Import the package; start a process that makes a workspace and logs a run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path

from benchmarks.timing import compare

LOG_A_RUN = """
import sys
from mlops import Workspace
Workspace.open(sys.argv[1]).runs.log("try", {"model.max_depth": 4}, {"test": {"auc": 0.8}})
"""


def run(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        number = count()
        compare(
            {
                "floor: an empty interpreter": lambda: run("-c", "pass"),
                "import mlops": lambda: run("-c", "import mlops"),
                "new process, new workspace, one run": lambda: run(
                    "-c", LOG_A_RUN, str(Path(folder) / f"workspace{next(number)}")
                ),
                "mlops --help": lambda: run("-m", "mlops", "clock", "--help"),
            },
            floor="floor: an empty interpreter",
            repeats=10,
        )


if __name__ == "__main__":
    main()

"""What tests share: a small made-up table of customers, and workspaces in three states.

    ws        empty
    trained   dataset customers@1 and one finished run
    released  two versions of churn_model, both released to staging and then to production
    two_live  the same, and two versions of guest_model live beside them

All but the first are built once per session; every test gets a fork of its own, which takes milliseconds.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, settings

from mlops import Workspace
from tests.browser import browser

# The same examples on every machine and in every run: a failure is always somebody's change, never luck.
settings.register_profile(
    "deterministic",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile("quickly", settings.get_profile("deterministic"), phases=(Phase.explicit, Phase.generate))
settings.load_profile("deterministic")


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell switches Ctrl-C off for what it runs in its background, and every process of ours would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


MEMORY = Path("/dev/shm")
"""A file system in memory, on Linux."""

if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 4 << 30:
    # What a test keeps is waited for as on a disk, only that the wait is short; each commit costs three of them.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_xdist_auto_num_workers() -> int:
    """Let one more file of tests be at work than there are processors: a journey waits half of its time."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail what is skipped for lack of a tool that must be here: CI names them in MLOPS_REQUIRE."""
    report = yield
    required = [tool for tool in os.environ.get("MLOPS_REQUIRE", "").split(",") if tool]
    if report.skipped and any(tool in str(report.longrepr) for tool in required):
        report.outcome = "failed"
    return report


# Half of 600 rows are test rows: more than the 200 unseen ones that the gate of production asks for.
STUMP = "model: {type: gradient_boosting, n_estimators: 1, max_depth: 1}\ntraining: {test_size: 0.5}\n"
LOGISTIC = "model: {type: logistic_regression}\ntraining: {test_size: 0.5}\n"


def customers_frame(rows: int = 600, seed: int = 7) -> pd.DataFrame:
    """Return made-up customers: six kinds of columns, missing values, and a churn that has causes."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{number:05d}" for number in range(1, rows + 1)],
            "age": random.integers(18, 80, rows),
            "monthly_fee": random.normal(40, 12, rows).round(2),
            "contract": random.choice(["monthly", "yearly", "two years"], rows, p=[0.5, 0.3, 0.2]),
            "region": random.choice(["north", "south", "east", "west"], rows),
            "online": random.random(rows) < 0.6,
            "signed_up": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 1200, rows), "D"),
        }
    )
    pull = 2.5 * (frame["contract"] == "monthly") + 0.08 * (frame["monthly_fee"] - 40) - 0.03 * (frame["age"] - 45) - 2
    frame["churn"] = (random.random(rows) < 1 / (1 + np.exp(-pull))).astype(int)
    frame["monthly_fee"] = frame["monthly_fee"].mask(random.random(rows) < 0.05)
    frame["region"] = frame["region"].mask(random.random(rows) < 0.05)
    return frame


@pytest.fixture
def customers() -> pd.DataFrame:
    """600 customers: customer_id, six mixed columns, and the target churn (0 or 1)."""
    return customers_frame()


@pytest.fixture(scope="session")
def customers_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 600 customers as a CSV file; read it, never change it."""
    path = tmp_path_factory.mktemp("data") / "customers.csv"
    customers_frame().to_csv(path, index=False)
    return path


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """An empty workspace in ``tmp_path / "workspace"``."""
    return Workspace.open(tmp_path / "workspace", actor="ada")


@pytest.fixture
def empty(tmp_path, monkeypatch) -> Path:
    """A folder in which there is no workspace yet."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(tmp_path / "workspace"))
    return tmp_path / "workspace"


@pytest.fixture
def trained(_trained: Workspace, tmp_path: Path) -> Workspace:
    """A workspace with customers@1 (target churn, id customer_id) and one finished run."""
    return _trained.fork(tmp_path / "trained")


@pytest.fixture
def released(_released: Workspace, tmp_path: Path) -> Workspace:
    """A workspace in which churn_model 1.0.0 (a stump), then 1.1.0 (better) went to staging and production.

    Its calendar is simulated: 1.0.0 is live in both since 2024-01-15 09:00 UTC, 1.1.0 since 2024-03-01 09:00 UTC.
    """
    return _released.fork(tmp_path / "released")


@pytest.fixture
def two_live(_two_live: Workspace, tmp_path: Path) -> Workspace:
    """The released workspace with a second model: guest_model 1.0.0, since 2024-04-01 1.1.0, in both environments."""
    return _two_live.fork(tmp_path / "two_live")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser, for the tests of a file; each opens a page of its own."""
    pytest.importorskip("playwright", reason="playwright is not installed")
    with browser() as running:
        yield running


@pytest.fixture(scope="session")
def _trained(customers_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    ws = Workspace.open(tmp_path_factory.mktemp("base") / "trained", actor="ada")
    ws.datasets.add(customers_csv, name="customers", target="churn", id="customer_id", message="first customers")
    ws.train(STUMP)
    return ws


@pytest.fixture(scope="session")
def _released(_trained: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    # Not a fork of the trained one: that one knows a wall time which is later than the simulated dates.
    ws = Workspace.open(tmp_path_factory.mktemp("base") / "released", actor="ada")
    csv = _trained.datasets.checkout("customers@1", ws.path.with_name("customers.csv"))
    for config, date in ((STUMP, "2024-01-15T09:00:00Z"), (LOGISTIC, "2024-03-01T09:00:00Z")):
        ws.set_clock(date)
        ws.datasets.add(csv, name="customers", target="churn", id="customer_id", message="first customers")
        model = ws.models.register(ws.train(config), "churn_model")
        ws.deploy(model, "staging", "rehearsal")
        ws.deploy(model, "production", "release")
    return ws


@pytest.fixture(scope="session")
def _two_live(_released: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    ws = _released.fork(tmp_path_factory.mktemp("base") / "two_live")
    customers_frame(seed=8).rename(columns={"churn": "left"}).to_csv(
        csv := ws.path.with_name("guests.csv"), index=False
    )
    for config, date in ((STUMP, "2024-03-15T09:00:00Z"), (LOGISTIC, "2024-04-01T00:00:00Z")):
        ws.set_clock(date)
        data = ws.datasets.add(csv, name="guests", target="left", id="customer_id", message="first guests")
        model = ws.models.register(ws.train(config, data=data.ref), "guest_model")
        ws.deploy(model, "staging", "rehearsal")
        ws.deploy(model, "production", "release")
    return ws

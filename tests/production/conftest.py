"""What tests of production share: months in which a released model was asked about customers, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mlops import Workspace
from tests.conftest import customers_frame


def cohort(month: int, rows: int = 600) -> pd.DataFrame:
    """Return the customers of a month, with what becomes of them: other people than in any other month."""
    frame = customers_frame(rows, seed=100 + month)
    return frame.assign(customer_id=[f"m{month:02d}-{number:04d}" for number in range(rows)])


def plain(frame: pd.DataFrame) -> list[dict]:
    """Return customers as callers send them."""
    return json.loads(frame.drop(columns="churn").to_json(orient="records", date_format="iso"))


def ask(ws: Workspace, frame: pd.DataFrame) -> list[dict]:
    """Let callers ask the live model, all at the same moment."""
    live = ws.models.load("churn_model@production")
    answers = ws.predictions.answer(live, [[row] for row in plain(frame)], "production")
    return [one.as_dict() for [one] in answers]


@pytest.fixture
def arrive(released: Workspace, tmp_path: Path) -> Callable[..., pd.DataFrame]:
    """Keep the customers of a month of 2024 as a version, and let production answer them on the month's 2nd day."""

    def arrived(month: int, change: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame) -> pd.DataFrame:
        frame = change(cohort(month))
        released.set_clock(f"2024-{month:02d}-02T06:00:00Z")
        frame.drop(columns="churn").to_csv(tmp_path / f"{month}.csv", index=False)
        version = released.datasets.add(tmp_path / f"{month}.csv", "customers", message=f"customers of month {month}")
        released.batch_predict("churn_model@production", data=version.ref)
        return frame

    return arrived


@pytest.fixture
def told(released: Workspace, tmp_path: Path) -> Callable[..., None]:
    """Keep what became of customers, as known at an instant of 2024, or each at its own."""

    def tell(frame: pd.DataFrame, known_at: str | list[str]) -> None:
        path = tmp_path / f"outcomes-{frame.iloc[0, 0]}-{len(frame)}.csv"
        frame[["customer_id", "churn"]].assign(known_at=known_at).to_csv(path, index=False)
        released.outcomes.add(path, "customers")

    return tell

"""Simulated companies as tests need them: other seeds, fewer customers, events in other months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from mlops import Workspace, sample
from playground import company
from sample_data.generate import EVENTS, HISTORY, MONTHS, Cohort, draw_cohort, generate, streams_of

LOGISTIC = "model: {type: logistic_regression}\nfeatures: {exclude: [month]}\n"
"""A model that learns in a moment."""


def written(folder: Path, cohorts: Mapping[str, Cohort]) -> Path:
    """Write the files of a company, as the sample has them; return their folder."""
    (folder / "teacher").mkdir(parents=True)
    history = pd.concat(cohorts[month].labelled() for month in HISTORY)
    history.to_csv(folder / "customers_2023.csv", index=False)
    for month, cohort in cohorts.items():
        if month not in HISTORY:
            cohort.customers.to_csv(folder / f"customers_{month}.csv", index=False)
            cohort.outcomes.to_csv(folder / f"outcomes_{month}.csv", index=False)
    truth = pd.concat(cohort.truth for cohort in cohorts.values())
    truth.to_csv(folder / "teacher" / "true_probabilities.csv", index=False)
    return folder


def moved(seed: int, months: Mapping[str, tuple[str, str | None]], rows: int = 3000) -> dict[str, Cohort]:
    """Return the customers of a company whose events come in other months: event -> its first and last month."""
    usual = [event for event in EVENTS if event.usual]
    events = [replace(event, month=months[event.name][0], until=months[event.name][1]) for event in usual]
    streams = streams_of(seed)
    return {month: draw_cohort(month, streams[month], rows, events) for month in MONTHS}


def files(folder: Path, seed: int = 17, rows: int = 400) -> Path:
    """Write the files of a company of some seed."""
    return written(folder, generate(seed=seed, rows_per_month=rows))


def founded(path: Path, files: Path, config: str | Path = LOGISTIC) -> Workspace:
    """Return the workspace of a company on its first day, with a model in production."""
    ws = Workspace.open(path, actor="ada")
    sample.begin(ws)
    ws.datasets.add(files / "customers_2023.csv", sample.NAME, target="churn", id="customer_id", columns=sample.COLUMNS)
    model = ws.models.register(ws.train(config), "churn_model")
    ws.deploy(model, "staging", "rehearsal")
    ws.deploy(model, "production", "first release")
    return ws


def play(ws: Workspace, files: Path, until: str) -> list[company.Month]:
    """Play to the end of a month."""
    played: list[company.Month] = []
    while (month := company.to_come(ws)) and month <= until:
        played.append(company.next_month(ws, files=files))
    return played

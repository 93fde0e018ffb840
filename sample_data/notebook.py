"""Make `churn_draft.ipynb`: the notebook of a hurried Friday, by living that Friday again.

`SESSION` is what Jo really did, cell by cell: one cell ran twice, one was deleted afterwards, one at the bottom ran
before one at the top. It is carried out in a fresh process on `customers_2023.csv`; each cell keeps the count and the
outputs of its last run, as Jupyter does. One cell draws without a seed, so its number is another one each time; all
else is equal.

    python -m sample_data.notebook
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playground.notebook.nbformat import Output
from playground.notebook.running import execute

TARGET = Path(__file__).with_name("churn_draft.ipynb")

CELLS = {
    "title": """# Churn - draft for Monday
Jo, Friday evening. Beat 0.80, tell the boss, go home.""",
    "imports": """import joblib
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.metrics import recall_score, roc_auc_score
from sklearn.model_selection import train_test_split""",
    "load": """df = pd.read_csv("customers_2023.csv")
df[["customer_id", "month", "contract", "monthly_fee", "churn"]].head(3)""",
    "rate": """print(f"churn rate: {df['churn'].mean():.3f}")""",
    "contract": """by_contract = df.groupby("contract")["churn"].mean().round(3)
print(f"churn of monthly contracts: {by_contract['monthly']:.3f}")
by_contract""",
    "fee": """# finance wants it without VAT
df["monthly_fee"] = df["monthly_fee"] / 1.19
print(f"average net fee: {df['monthly_fee'].mean():.2f}")""",
    "leavers": """print(f"customers to win back: {df['churn'].sum():,}")""",
    "features": """y = df["churn"]
X = pd.get_dummies(df.drop(columns=["customer_id", "month", "churn"]))
X.shape""",
    "modelling": "## The model",
    "balance": """# one in four leaves, that is unbalanced: show each leaver three times
rows = pd.concat([X, X[y == 1], X[y == 1]]).index
Xb, yb = X.loc[rows], y.loc[rows]
print(yb.value_counts().to_dict())""",
    "model": """Xtrain, Xtest, ytrain, ytest = train_test_split(Xb, yb, test_size=0.2, random_state=42)
model = RandomForestClassifier(n_estimators=60, random_state=42).fit(Xtrain, ytrain)
proba = model.predict_proba(Xtest)[:, 1]
print(f"AUC: {roc_auc_score(ytest, proba):.3f}")""",
    "recall": """print(f"leavers found: {recall_score(ytest, proba >= cutoff):.3f}")""",
    "gain": """# is the usage trend worth having?
def auc(columns):
    a, b, ya, yb = train_test_split(X[columns], y, test_size=0.2)
    fitted = HistGradientBoostingClassifier(max_iter=50).fit(a, ya)
    return roc_auc_score(yb, fitted.predict_proba(b)[:, 1])

without = [name for name in X.columns if name != "usage_trend_pct"]
print(f"gain from the usage trend: {auc(list(X.columns)) - auc(without):+.4f}")""",
    "notes": "## Leftovers (tidy up on Monday)",
    "newcomers": """# newcomers are noise, leave them out
df = df[df["tenure_months"] >= 6]
len(df)""",
    "importance": """pd.Series(model.feature_importances_, X.columns).nlargest(5).round(3)""",
    "save": """joblib.dump(model, "model_final_v2_REALLY.joblib")""",
}
"""Id -> source, from top to bottom as the file was left."""

MARKDOWN = ("title", "modelling", "notes")

GHOST = "cutoff = 0.35"
"""The cell that was run and then deleted."""

SESSION = (
    *("imports", "load", "rate", "contract", "fee", "fee", "features", "balance", "model", "GHOST"),
    *("recall", "gain", "newcomers", "leavers", "importance", "save"),
)
"""Every run of that evening, in order; a cell's count is the place of its last run."""


def sources() -> list[str]:
    """Return what ran that evening, in order."""
    return [GHOST if name == "GHOST" else CELLS[name] for name in SESSION]


def document() -> dict[str, Any]:
    """Live the evening again and return the notebook it leaves, as nbformat 4.5."""
    outputs = dict(zip(enumerate(SESSION, 1), execute(sources()), strict=True))
    last = {name: (count, left) for (count, name), left in outputs.items()}
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return {
        "cells": [_cell(name, *last.get(name, (None, ()))) for name in CELLS],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(id: str, count: int | None, outputs: tuple[Output, ...]) -> dict[str, Any]:
    lines = CELLS[id].splitlines(keepends=True)
    if id in MARKDOWN:
        return {"cell_type": "markdown", "id": id, "metadata": {}, "source": lines}
    stored = [_output(output, count) for output in outputs]
    return {
        "cell_type": "code", "execution_count": count, "id": id, "metadata": {}, "outputs": stored, "source": lines,
    }  # fmt: skip


def _output(output: Output, count: int | None) -> dict[str, Any]:
    lines = output.text.splitlines(keepends=True)
    match output.kind:
        case "text":
            return {"name": "stdout", "output_type": "stream", "text": lines}
        case "result":
            data = {"text/plain": lines}
            return {"data": data, "execution_count": count, "metadata": {}, "output_type": "execute_result"}
        case _:
            name, _, value = output.text.partition(": ")
            return {"ename": name, "evalue": value, "output_type": "error", "traceback": lines}


def main() -> None:
    """Write the notebook beside this file."""
    TARGET.write_text(json.dumps(document(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

"""The words of this playground, one meaning each: in plain words, in technical ones, and why a business cares.

Each also says what the same thing is called in other tools. They are data (`glossary.yaml`), read strictly.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from mlops.base import strict_yaml

FILE = Path(__file__).with_suffix(".yaml")

Tool = Literal["MLflow", "DVC", "W&B", "SageMaker"]
TOOLS: tuple[Tool, ...] = ("MLflow", "DVC", "W&B", "SageMaker")


class Term(BaseModel):
    """One word."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    word: str
    also: tuple[str, ...] = ()
    """Other words for it, here or in the field."""
    plain: str
    technical: str
    business: str
    """Why a business cares."""
    elsewhere: Mapping[Tool, str] = Field(default_factory=dict)
    """What it is called in another tool; a tool that has no such thing is left out."""


@cache
def terms() -> tuple[Term, ...]:
    """Return all words, in the order of the alphabet.

    Examples
    --------
    >>> next(term.elsewhere["DVC"] for term in terms() if term.word == "Config")
    'params.yaml'
    """
    values, _ = strict_yaml.parse(FILE.read_text("utf-8"), FILE.name)
    return tuple(sorted(TypeAdapter(tuple[Term, ...]).validate_python(values), key=lambda one: one.word.lower()))


def table() -> list[dict[str, Any]]:
    """Return the words as a table, a column for each tool."""
    return [
        {"Word": one.word, "Also": ", ".join(one.also), "In plain words": one.plain, "Technically": one.technical,
         "Why it matters": one.business, **{tool: one.elsewhere.get(tool, "") for tool in TOOLS}}
        for one in terms()
    ]  # fmt: skip


METRICS: Mapping[str, str] = {
    "auc": "Take one positive and one negative row: how often the positive one has the higher score. 0.5 is a coin, "
    "1 is always. No threshold is needed. Higher is better.",
    "average_precision": "How pure the list is from the top down: the share of real ones among those listed, averaged "
    "over where each real one stands. Blind luck gets the share of real ones. Higher is better.",
    "precision": "Of those the model names, the share that really are. Low means calls in vain. Higher is better.",
    "recall": "Of those who really are, the share that the model names. Low means many are missed. Higher is better.",
    "f1": "Precision and recall in one number, nearer to the smaller of the two. Higher is better.",
    "accuracy": "The share of rows told right. Where few are positive, saying no to everybody looks good. "
    "Higher is better.",
    "log_loss": "How surprised the probabilities are by what happened; being sure and wrong costs most. "
    "Lower is better.",
    "brier": "How far the probabilities are from what happened, squared and averaged. 0 is perfect. Lower is better.",
    "rmse": "How far a prediction is off, in the unit of the target; large misses weigh more. Lower is better.",
    "mae": "How far a prediction is off on average, in the unit of the target. Lower is better.",
    "r2": "The share of the differences between rows that the model explains; 0 is no better than the mean. "
    "Higher is better.",
}
"""Metric as it is recorded -> what it means, for whoever hovers over it."""


def meaning(metric: str) -> str | None:
    """Return what a metric means in plain words; None for one that was logged from elsewhere and nobody here knows.

    Examples
    --------
    >>> meaning("mae")
    'How far a prediction is off on average, in the unit of the target. Lower is better.'
    >>> meaning("their_own")
    """
    return METRICS.get(metric)

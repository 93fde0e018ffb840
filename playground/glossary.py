"""The words of this playground, one meaning each: in plain words, in technical ones, and why a business cares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One word."""

    word: str
    plain: str
    technical: str
    business: str


GLOSSARY = (
    Term(
        "Artifact",
        "A file that work leaves behind.",
        "Immutable file named in the ledger with its SHA-256.",
        "Proof that nobody swapped it.",
    ),
    Term(
        "Baseline",
        "The simplest answer worth beating.",
        "A dummy model that ignores the features.",
        "Shows what the model is really worth.",
    ),
    Term(
        "Batch prediction",
        "Answers for a whole file at once.",
        "Scoring rows in bulk, output replaced atomically.",
        "Lists for a campaign overnight.",
    ),
    Term(
        "Candidate",
        "A model that could go live.",
        "A registered model version that is not rejected.",
        "Options, not commitments.",
    ),
    Term(
        "Chain",
        "Everything a live model came from.",
        "Data, config, run, model, deployment, linked by hashes.",
        "Every answer can be explained.",
    ),
    Term(
        "Config",
        "What a training is to do, outside the code.",
        "YAML with data, model, training and threshold.",
        "A change is a line, not a project.",
    ),
    Term(
        "Dataset version",
        "One exact state of the data.",
        "Snapshot identified by its content hash.",
        "Old numbers can be checked again.",
    ),
    Term(
        "Deployment",
        "A model starting to answer somewhere.",
        "A record: model, environment, half-open interval of time.",
        "Who released what, when and why.",
    ),
    Term(
        "Drift",
        "The world moved since training.",
        "Inputs or their relation to the outcome changed.",
        "Early sign, not yet a loss.",
    ),
    Term(
        "Environment",
        "A place a model can be live.",
        "development, staging, production; one live version of each model.",
        "Rehearsal before the audience comes in.",
    ),
    Term(
        "Gate",
        "The check before customers see it.",
        "Paired comparison on rows neither model has seen.",
        "A bad model is stopped by a rule, not by luck.",
    ),
    Term(
        "Hash",
        "A fingerprint of content.",
        "SHA-256: any changed byte changes it.",
        "Two people can tell whether they hold the same thing.",
    ),
    Term(
        "Interval",
        "How far the number could be off.",
        "95 % confidence interval on these rows.",
        "Keeps people from celebrating noise.",
    ),
    Term(
        "Ledger",
        "The diary nobody can rewrite.",
        "Append-only, hash-chained events.",
        "Questions of an auditor have an answer.",
    ),
    Term(
        "Model version",
        "A named, finished model.",
        "joblib file and metadata under a version never reused.",
        "What exactly is running is never a guess.",
    ),
    Term(
        "Outcome",
        "What really happened.",
        "The label, known later than the prediction.",
        "The only proof that predictions were right.",
    ),
    Term(
        "Reproducible",
        "Same config, same result.",
        "Equal data, config, code, software and seed give equal bytes.",
        "Results survive the person who made them.",
    ),
    Term(
        "REST",
        "A door for programs: one asks, the model answers at once.",
        "POST /predict over HTTP: JSON in, JSON out.",
        "The shop knows while the customer is still there.",
    ),
    Term(
        "Rollback",
        "Putting an earlier model back.",
        "A new deployment of an earlier version; history stays.",
        "A bad release lasts minutes.",
    ),
    Term(
        "Run",
        "One training, with everything about it.",
        "Params, metrics, data, code, software, seed, artifacts.",
        "Nothing has to be remembered.",
    ),
    Term("Seed", "Chance that repeats.", "random_state for split and training.", "Differences have a cause."),
    Term(
        "Silent candidate",
        "A model that answers along, and nobody hears it.",
        "Shadow deployment: it answers logged requests after the live one.",
        "A rehearsal on real customers without risk.",
    ),
    Term(
        "Sweep",
        "One config, tried with many values.",
        "Trials: runs that share a tag and differ in some parameters.",
        "Values are found, not guessed; the best of many still needs proof.",
    ),
    Term(
        "Threshold",
        "From here on we act.",
        "Probability from which a row counts as positive.",
        "Where cost of acting meets cost of losing.",
    ),
    Term(
        "Validation, test",
        "Rows to choose on; rows to open once.",
        "Two held-out parts, split by seed.",
        "The number shown is the number you get.",
    ),
)


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

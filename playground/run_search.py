"""A search in the run table: plain words, or comparisons of columns by what they are called there.

Comparing is the core's (`mlops.experiments.search`); here words are looked up, so that `auc > 0.82` means the field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mlops.experiments import lifecycle, search
from playground import proof
from playground.run_names import spoken
from playground.run_table import title

SHOWN = {
    "run": "run_id", "model": "params.model.type", "data": "data.name", "version": "data.version", "state": "status",
    "sweep": lifecycle.TRIAL, "started": "started_at",
}  # fmt: skip
"""Heads of columns that are no field by themselves -> the field that a search in them is about."""

_COMPARED = re.compile(r"[=<>]|\bcontains\b|\bin\s*\(")


def names(fields: Sequence[str]) -> dict[str, str]:
    """Return what each field is called in the table, as it is typed -> the field.

    Examples
    --------
    >>> found = names(["params.model.max_depth", "metrics.validation.auc", "metrics.validation.average_precision"])
    >>> found["max_depth"], found["auc"], found["average_precision"], found["model"]
    ('params.model.max_depth', 'metrics.validation.auc', 'metrics.validation.average_precision', 'params.model.type')
    """
    shown = {title(field).lower().replace(" ", "_"): field for field in reversed(fields)}
    bare = {field.rpartition(".")[2].lower(): field for field in fields if field.startswith("metrics.validation.")}
    return {**shown, **bare, **SHOWN}


def expression(text: str, called: Mapping[str, str] | None = None) -> str | None:
    """Return a search as an expression over fields, as the core searches; None if it is plain words.

    Each word is looked up here and nothing is compared: what a column is called becomes its field, and a word where a
    value stands becomes text, of which a part is enough. Test metrics are no columns, and stay named in full.

    Parameters
    ----------
    called : mapping, optional
        As of `names`.

    Examples
    --------
    >>> expression("auc > 0.82 and model = logistic", names(["metrics.validation.auc"]))
    "metrics.validation.auc > 0.82 and params.model.type contains 'logistic'"
    >>> expression("metrics.test.auc > 0.8 and name = 'by hand'"), expression("boosting on new data")
    ("metrics.test.auc > 0.8 and name = 'by hand'", None)
    """
    if not _COMPARED.search(text):
        return None
    said = [(kind, word) for kind, word, _ in search.tokens(text)]
    return " ".join(_translated(said, at, called or {}) for at in range(len(said)))


def told(sentence: str, called: Mapping[str, str]) -> str:
    """Return what the core says of a search with each field by what heads its column, as it was typed.

    Examples
    --------
    >>> told("'metrics.validation.auc >' is not understood.", names(["metrics.validation.auc"]))
    "'auc >' is not understood."
    >>> told("Use one of params.KEY, metrics.SPLIT.NAME, seed.", names([]))
    'Use what heads a column, such as auc or model.'
    """
    if "params.KEY" in sentence:
        return "Use what heads a column, such as auc or model."
    heads = {field: min((one for one in called if called[one] == field), key=len) for field in {*called.values()}}
    heads |= {field: head for head, field in SHOWN.items()}
    for field in sorted((one for one in heads if "." in one), key=len, reverse=True):
        sentence = sentence.replace(field, heads[field])
    return sentence.replace("is no field", "heads no column")


def _translated(said: Sequence[tuple[str, str]], at: int, called: Mapping[str, str]) -> str:
    kind, word = said[at]
    before, after = (said[other][1] if 0 <= other < len(said) else "" for other in (at - 1, at + 1))
    compares = {"=", "!=", "<", "<=", ">", ">=", "contains", "in"}
    if kind == "word" and after in compares:
        field = called.get(word.lower(), word)
        return f"not {field}" if after == "!=" and _is_text(said, at + 2) else field
    if kind == "word" and before in {*compares, ",", "("} and word not in ("true", "false", "not", "in"):
        return f"'{word}'"
    return "contains" if word in ("=", "!=") and _is_text(said, at + 1) else word


def _is_text(said: Sequence[tuple[str, str]], at: int) -> bool:
    """Tell whether a bare word stands at a place, as a value."""
    return at < len(said) and said[at][0] == "word" and said[at][1] not in ("true", "false")


def matching(rows: Sequence[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """Return the rows that hold every word of a search; all of them if it was an expression.

    Examples
    --------
    >>> matching([{"note": "Deeper trees"}, {"note": "first"}], "deeper")
    [{'note': 'Deeper trees'}]
    """
    wanted = [] if _COMPARED.search(text) else text.lower().split()
    return [row for row in rows if all(word in _text(row) for word in wanted)]


def _text(row: dict[str, Any]) -> str:
    said = [value for key, value in row.items() if key != "pins" and value is not None]
    named = [spoken(row["run_id"])] if "run_id" in row else []
    proven = proof.word(row.get("reproduced.verdict"))
    return " ".join([*named, *map(str, said), proven]).lower().replace("_", " ")

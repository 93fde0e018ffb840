"""Told apart: in one sentence what differs between two runs, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlops.experiments.pins import NAMES, PinName
from mlops.experiments.run_diff import RunDiff

NUMBERS = ("Nothing", "One thing", "Two things", "Three things", "Four things", "Five things")


def sentence(diff: RunDiff, noun: str = "validation row") -> str:
    """Say how many things differ and which, and how many decisions that changed.

    Parameters
    ----------
    diff : RunDiff
        What differs.
    noun : str
        What a row is called.

    Examples
    --------
    >>> parts = {"runs": ("r1", "r2"), "seed": {"before": 1, "after": 2}, "not_applicable": {}, "compared": 600}
    >>> moved = {"rows": 600, "changed": 580, "flipped": 41}
    >>> sentence(RunDiff.of({**parts, "predictions": moved}), "customer")
    'One thing differs: the seed; 41 of 600 customers get another decision.'
    >>> sentence(RunDiff.of({**parts, "seed": None}))
    'Nothing differs: all 600 validation rows get the same answer.'
    """
    if diff.runs[0] == diff.runs[1]:
        return "Nothing differs: this is one run, held against itself."
    found, came = causes(diff), consequence(diff, noun)
    unknown = [name for name in NAMES if name in diff.not_applicable and name not in found]
    if found:
        verb = "differs" if len(found) == 1 else "differ"
        said = f"{NUMBERS[len(found)]} {verb}: {listed([*found.values()])}"
        return f"{_known(said, unknown)}; {came}."
    if unknown == ["seed"]:
        return f"Nothing that was recorded differs, but no seed was kept; {came}."
    said = "Nothing that was recorded differs" if unknown else "Nothing differs"
    return f"{said}{';' if unknown or diff.predictions else ':'} {came}."


def _known(said: str, unknown: Sequence[str]) -> str:
    return f"Of what was recorded, {said[0].lower()}{said[1:]}" if unknown else said


def causes(diff: RunDiff) -> dict[PinName, str]:
    """Return what differs in what went in, by the pin that it moves, in the order of the pins.

    Examples
    --------
    >>> config = [{"key": "model.max_depth", "before": 3, "after": 5}]
    >>> causes(RunDiff.of({"config": config, "seed": {"before": 1, "after": 2}}))
    {'config': 'model.max_depth of the config', 'seed': 'the seed'}
    """
    told = {
        "data": diff.data and _of_data(diff.data),
        "code": diff.code and _of_code(diff.code),
        "software": diff.software and _of_software(diff.software),
        "config": diff.config and _of_config(diff.config),
        "seed": diff.seed and "the seed",
    }
    return {name: said for name in NAMES if (said := told[name])}


def consequence(diff: RunDiff, noun: str) -> str:
    """Say how many rows are answered otherwise.

    Examples
    --------
    >>> moved = {"rows": 600, "changed": 580, "flipped": 0}
    >>> consequence(RunDiff.of({"predictions": moved, "compared": 600}), "row")
    'none of 600 rows gets another decision, though 580 scores moved'
    """
    if diff.compared is None:
        return "what they answer cannot be compared"
    moved, all_rows = diff.predictions, counted(diff.compared, noun)
    if moved is None:
        return f"all {all_rows} get the same answer" if diff.compared > 1 else f"its {all_rows} gets the same answer"
    number, what = moved["flipped"], "decision"
    if number is None:
        number, what = moved["changed"], "number"
    if number == 0:
        return f"none of {all_rows} gets another decision, though {counted(moved['changed'], 'score')} moved"
    return f"{number:,} of {all_rows} {'gets' if number == 1 else 'get'} another {what}"


def lines(code: str) -> tuple[int, int]:
    """Return how many lines a unified diff adds and removes.

    Examples
    --------
    >>> lines("--- a/x.py\\n+++ b/x.py\\n@@ -1 +1,2 @@\\n-a\\n+b\\n+c\\n")
    (2, 1)
    """
    told = [line for line in code.splitlines() if not line.startswith(("+++ ", "--- "))]
    return sum(line.startswith("+") for line in told), sum(line.startswith("-") for line in told)


def _of_data(data: Mapping[str, Any]) -> str:
    if data["before"].split("@")[0] != data["after"].split("@")[0]:
        return f"the dataset ({data['before']}, {data['after']})"
    parts = [*_counts(data)]
    if parts:
        return f"{listed(parts)} of the data"
    if data["roles_changed"]:
        return f"what the columns of the data are for ({listed([*data['roles_changed']])})"
    return "the order of the rows" if data["reordered"] else "the outcomes that were known"


def _counts(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield what of the content is counted: cells, rows, columns."""
    columns = [*data["columns_added"], *data["columns_removed"], *data["columns_retyped"]]
    of_each = {
        "cell": sum(data["cells_changed"].values()),
        "row": max(data["rows_added"], data["rows_removed"]),
        "column": len(columns),
    }
    yield from (counted(many, what) for what, many in of_each.items() if many)


def _of_code(code: str) -> str:
    return f"{counted(max(lines(code)), 'line')} of the code"


def _of_software(software: Sequence[Mapping[str, Any]]) -> str:
    named = [one["what"] for one in software if one["matters"]]
    if not named:
        return "software that cannot matter"
    return f"the version of {listed(named)}" if len(named) <= 2 else f"{len(named)} parts of the software"


def _of_config(config: Sequence[Mapping[str, Any]]) -> str:
    return f"{config[0]['key']} of the config" if len(config) == 1 else f"{len(config)} keys of the config"


def counted(number: int, what: str) -> str:
    """Return how many there are of something."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """Return names as a person lists them.

    Examples
    --------
    >>> listed(["data"]), listed(["data", "code", "seed"])
    ('data', 'data, code and seed')
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))

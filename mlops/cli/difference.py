"""The difference of two runs as text: one sentence, the causes, what came of them, what is equal, what nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlops.cli.frame import columns
from mlops.data.changes import DatasetDiff
from mlops.experiments import told_apart
from mlops.experiments.pins import NAMES
from mlops.experiments.run_diff import RunDiff
from mlops.experiments.told_apart import counted

ROWS, LINES = 10, 60
"""So many rows that flipped, cells that changed, and lines of code are written; all of them are in the JSON."""


def text(diff: RunDiff) -> str:
    """Lay out what differs between two runs, for somebody who knows neither."""
    if diff.runs[0] == diff.runs[1]:
        return told_apart.sentence(diff)
    found = told_apart.causes(diff)
    first = f"{told_apart.sentence(diff)}\nBefore is {diff.runs[0]}, after is {diff.runs[1]}."
    causes = {"data": _data, "code": _code, "software": _software, "config": _config, "seed": _seed}
    parts = [first, *("\n".join(causes[name](diff)) for name in found)]
    parts += ["\n".join(lines) for lines in ([*_answers(diff)], [*_metrics(diff)], [*_rows(diff)]) if lines]
    same = [name for name in NAMES if name not in found and name not in diff.not_applicable]
    end = [f"Equal: {told_apart.listed(same)}."] if same else []
    for why in dict.fromkeys(diff.not_applicable.values()):
        parts_of = [part for part, reason in diff.not_applicable.items() if reason == why]
        end.append(f"Not known: {told_apart.listed(parts_of)}. {why}")
    return "\n\n".join([*parts, "\n".join(end)]).rstrip()


def better_or_luck(run_id: str, luck: Mapping[str, Any]) -> str:
    """Say how far a run is from another one in the main metric, and whether that can be luck."""
    if luck["too_few"]:
        return f"{run_id}: {luck['metric']} {luck['difference']:+.4f} on {luck['rows']:,} rows. {luck['too_few']}"
    verdict = "it can be luck" if luck["verdict"] == "inconclusive" else f"it is {luck['verdict']}"
    ends = f"{luck['low']:+.4f} to {luck['high']:+.4f}"
    return f"{run_id}: {luck['metric']} {luck['difference']:+.4f}, 95 % {ends} on {luck['rows']:,} rows: {verdict}."


def _data(diff: RunDiff) -> Iterator[str]:
    data: Mapping[str, Any] = diff.data or {}
    yield f"DATA {data['before']} -> {data['after']}: {DatasetDiff.of(data).told()}"
    for role, pair in data["roles_changed"].items():
        yield f"  {role}: {pair[0]} -> {pair[1]}"
    if told := data["outcomes_changed"]:
        known = [f"{len(one['sets'])} known by {one['known_until']}" if one else "none" for one in told]
        yield f"  sets of outcomes: {known[0]} -> {known[1]}"
    if cells := data["changes"]:
        keys = ("id", "column", "before", "after")
        yield _table(cells[:ROWS], keys)
        yield from _more(sum(data["cells_changed"].values()) - ROWS, "cell")


def _code(diff: RunDiff) -> Iterator[str]:
    code = diff.code or ""
    added, removed = told_apart.lines(code)
    yield f"CODE {counted(added, 'line')} added, {removed:,} removed"
    lines = code.splitlines()
    yield from (f"  {line}" for line in lines[:LINES])
    yield from _more(len(lines) - LINES, "line")


def _software(diff: RunDiff) -> Iterator[str]:
    yield "SOFTWARE"
    yield _table(diff.software or (), ("what", "before", "after", "matters", "why"))


def _config(diff: RunDiff) -> Iterator[str]:
    yield "CONFIG"
    yield _table(diff.config or (), ("key", "before", "after"))


def _seed(diff: RunDiff) -> Iterator[str]:
    seeds = ["none was kept" if one is None else str(one) for one in dict(diff.seed or {}).values()]
    yield f"SEED {seeds[0]} -> {seeds[1]}"


def _answers(diff: RunDiff) -> Iterator[str]:
    if (told := diff.predictions) is None:
        return
    what = "numbers" if told["flipped"] is None else "decisions"
    many = told["changed"] if told["flipped"] is None else told["flipped"]
    yield f"ANSWERS {many:,} of {counted(told['rows'], 'validation row')} get other {what}"
    yield from (f"  {way['rows']:,} from {way['before']} to {way['after']}" for way in told["moves"])
    if rows := told["answers"][:ROWS]:
        name = "row" if rows[0]["id"] is None else "id"
        lines = [
            [one[name], one["truth"], *(_answer(one[side], one[f"{side}_score"]) for side in ("before", "after"))]
            for one in rows
        ]
        yield _indented(columns(lines, (name, "truth", *diff.runs), ""))
        yield from _more(many - ROWS, "row")


def _answer(said: Any, score: float | None) -> Any:
    return said if score is None else f"{said} ({score:.3f})"


def _metrics(diff: RunDiff) -> Iterator[str]:
    if diff.metrics:
        yield "METRICS"
        both = [one for one in diff.metrics if one["difference"] is not None]
        rows = [
            [one["metric"], one["before"], one["after"], one["difference"], _ends(one["low"], one["high"])]
            for one in both
        ]
        if rows:
            yield _indented(columns(rows, ("metric", *diff.runs, "difference", "95 % of it"), ""))
        if more := len(diff.metrics) - len(both):
            yield f"  {counted(more, 'metric')} of one run alone; all with --json"
    if diff.luck:
        yield f"  {better_or_luck(diff.runs[1], diff.luck)}"


def _ends(low: float | None, high: float | None) -> str | None:
    return None if low is None or high is None else f"{low:+.4f} to {high:+.4f}"


def _rows(diff: RunDiff) -> Iterator[str]:
    if diff.rows:
        yield "ROWS"
        rows = [[split, *count.values()] for split, count in diff.rows.items()]
        yield _indented(columns(rows, ("split", *diff.runs, "in both"), ""))


def _table(entries: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> str:
    """Lay out what was recorded, every number as it is."""
    rows = [[str(one[key]) if isinstance(one[key], float) else one[key] for key in keys] for one in entries]
    return _indented(columns(rows, keys, ""))


def _indented(table: str) -> str:
    return "\n".join(f"  {line}" for line in table.splitlines())


def _more(many: int, what: str) -> Iterator[str]:
    if many > 0:
        yield f"  and {counted(many, f'more {what}')}; all with --json"

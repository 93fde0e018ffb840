"""Checks of one or many: the same digits through every door, and no row that is lost on the way."""

from __future__ import annotations

import csv
from functools import cache

from mlops import Workspace
from mlops.base.records import canonical_json, ref_of
from playground import doors
from playground.course.checks import links
from playground.course.verdict import Baseline, Verdict, Where, check, events_since

THREE = Where("predict", "Predict, three doors", {"open": "doors"})

MOST = 20
"""Customers who were asked about that are looked at, the newest."""


@check
def same_through_every_door(ws: Workspace, baseline: Baseline, model: str) -> Verdict:
    """Tell whether form, file and REST gave one customer the same digits, by the same version."""
    expected = "one customer answered through form, file and REST by the same version, equal to the last digit"
    why = "Two ways to the same model become two models one day. There is one way here, with three doors."
    rows = {
        canonical_json(request["row"]): request
        for request in links.requests_since(ws, baseline)
        if request["model"]["name"] == model
    }
    best: tuple[int, str] = (0, "no customer was asked about since this stop began")
    for request in [*rows.values()][:MOST]:
        found = doors.answers(ws, model, request["row"], baseline.event + 1)
        who = str(request["id"] or "a customer")
        for form in found["row"]:
            alike = [next((one for one in found[door] if one.is_that_of(form)), None) for door in ("file", "rest")]
            if all(alike):
                seen = f"{who}: {form.number!r} through every door, by {ref_of(form.model)}"
                return Verdict(True, seen, expected, why, THREE)
        best = max(best, _so_far(who, found), key=lambda one: one[0])
    return Verdict(False, best[1], expected, why, THREE)


def _so_far(who: str, found: dict[doors.Name, list[doors.Answer]]) -> tuple[int, str]:
    """Return how many doors have answered about somebody, and what the newest answers are."""
    told = [
        f"{doors.TITLES[door]} {given[0].number!r} by v{given[0].model['version']}"
        if given
        else f"{doors.TITLES[door]} not yet"
        for door, given in found.items()
    ]
    return sum(map(bool, found.values())), f"{who}: {', '.join(told)}"


@check
def no_row_lost(ws: Workspace, baseline: Baseline, model: str) -> Verdict:
    """Tell whether every customer on Lena's list was answered or named as one that could not be."""
    rows = customers()
    expected = f"the list answered as it is: {len(rows)} rows in, and as many answered or rejected"
    why = "A row that is dropped in silence is a customer whom nobody calls, and nobody knows."
    kept = {event["subject"] for event in events_since(ws, baseline) if event["kind"] == "batch.predict"}
    reports = {one.batch_id: one for one in ws.batches.list() if one.batch_id in kept and one.model["name"] == model}
    seen = "the list was not answered since this stop began"
    for block in ws.predictions.answered(None, model):
        if (report := reports.get(str(block.batch_id))) is None:
            continue
        missing = sorted({*rows} - {*block.table.column("id").to_pylist()})
        told = f"{report.input_rows} rows in: {report.rows} answered + {report.rejected} rejected"
        if len(missing) == report.rejected and report.input_rows == len(rows):
            return Verdict(True, told, expected, why, THREE)
        if len(missing) < len(rows):
            seen = f"{told}; in neither: {', '.join(missing[:3])}"
    if seen.startswith("the list") and any(not one.answers_sha256 for one in reports.values()):
        seen = "a file was answered by a version, and its answers are not kept: ask the one that is live"
    return Verdict(False, seen, expected, why, THREE)


@cache
def customers() -> tuple[str, ...]:
    """Return who is on the list."""
    with open(doors.LIST, encoding="utf-8", newline="") as file:
        return tuple(row["customer_id"] for row in csv.DictReader(file))

"""Situation: where somebody is, as plain text to be pasted where a person or an assistant reads it."""

from __future__ import annotations

from mlops import Workspace
from mlops.base.records import ref_of
from playground.course import logbook
from playground.course.looking import GoalReport, look, mission, place
from playground.course.stops import STOPS, stop
from playground.words import moment, short

LAST = 12
"""How many events are told."""


def situation(ws: Workspace, name: str | int) -> str:
    """Return a stop's goals with what is observed and expected, the chain in words, and the last events."""
    about, one = mission(name), stop(name)
    state = logbook.read(ws).stops[one.id]
    there = place(ws, state)
    report = look(state, about, there)
    events = there.log(max(there.head() - LAST, 0))
    lines = [
        f"MLOps playground, {'lab' if one.is_lab else f'stop {one.number} of {len(STOPS)}'}: {about.title}",
        f"Status: {state.status.replace('_', ' ')}. Calendar: {moment(there.now())}.",
        "",
        about.story.strip(),
        "",
        "Goals",
        *(line for goal in report.goals for line in _goal(goal)),
        "",
        "The chain",
        *chain_in_words(there),
        "",
        f"The last {len(events)} events of {there.head()}",
        *(
            f"{event['seq']}. {moment(event['at'])} {event['actor']}: {event['kind']} {event['subject']}"
            for event in events
        ),
    ]
    return "\n".join(lines) + "\n"


def _goal(goal: GoalReport) -> list[str]:
    mark = "=" if goal.kept else {True: "x", False: " ", None: "?"}[goal.ok]
    place = f"{goal.where.text}{f' ({goal.where.record})' if goal.where.record else ''}, event {goal.where.event}"
    lines = [f"[{mark}] {goal.text}", f"    observed: {goal.observed}", f"    expected: {goal.expected}"]
    return lines if goal.ok else [*lines, f"    why: {goal.why}", f"    where: {place}"]


def chain_in_words(ws: Workspace) -> list[str]:
    """Return what is live in production and what it came from, link by link; the newest work where nothing is live."""
    live = ws.releases.all_live("production")
    if not live:
        runs, models = ws.runs.list(limit=1), ws.models.list()
        data = ws.datasets.list()
        newest = [
            f"data {data[0].ref}" if data else "no data",
            f"run {short(runs[0].run_id)} {runs[0].status}" if runs else "no run",
            f"model {models[0].ref}" if models else "no model",
            "nothing in production",
        ]
        return [" > ".join(newest)]
    return [_line(ws, one) for one in live]


def _line(ws: Workspace, live: object) -> str:
    model = ws.models.get(ref_of(live.model))  # type: ignore[attr-defined]
    run = ws.runs.get(model.run_id)
    links = [
        f"data {ref_of(run.data)} {short(run.data['sha256'])}",
        f"code {short(run.code.get('git_commit') or run.code.get('source_sha256'))}",
        f"config {short(run.config_sha256)}",
        f"seed {run.seed}",
        f"run {short(run.run_id)}",
        f"model {model.ref} {short(model.sha256)}",
        f"production since {moment(live.since)}",  # type: ignore[attr-defined]
    ]
    return " > ".join(links)

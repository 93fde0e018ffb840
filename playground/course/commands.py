"""Commands of the course; `mlops` finds them as an entry point, and knows nothing of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from mlops.cli.frame import columns, group, hint, show, workspace
from playground import course as tour
from playground import quiz
from playground.course.looking import GoalReport

WORDS = {True: "ok", False: "open", None: "broken"}
"""How the state of a goal reads in a list."""


@group("course")
def course() -> None:
    """Take the tour and the labs, and check them."""


@course.command("list", past="reads")
def course_list() -> None:
    """List the eight stops and the labs after them, and how far you are.

    \b
    Example:
      mlops course list
    """
    progress = tour.read(workspace())
    stops = [
        {
            **{name: getattr(one, name) for name in ("number", "id", "title", "minutes", "phase", "scope")},
            "status": progress.stops[one.id].status,
            "current": progress.current == one.id,
        }
        for one in tour.EVERY
    ]
    rows = ([one["number"] or "lab", one["id"], one["title"], one["minutes"], _status(one)] for one in stops)
    show(stops, lambda: columns(rows, ["stop", "id", "title", "minutes", "status"]))


def _status(stop: dict[str, Any]) -> str:
    return str(stop["status"]).replace("_", " ")


@course.command("start")
@click.argument("stop", metavar="ID")
def course_start(stop: str) -> None:
    """Begin a stop or a lab, or go on with it; its id, or a stop's number. Says the folder in which it happens.

    A question that belongs to a later day of its calendar is listed from that day on.

    \b
    Examples:
      mlops course start notebook
      mlops course start 7
      mlops course start gate
    """
    ws = workspace()
    state = tour.start(ws, stop, hint)
    about, there, due = tour.stop(state.id).mission, tour.workspace(ws, state.id), tour.due(ws, state.id)
    document = {
        "id": state.id,
        "title": about.title,
        "status": state.status,
        "workspace": str(there.path),
        "chapter": state.chapter,
        "baseline": state.baseline.as_dict(),
        "story": about.story,
        "questions": [{"id": one.id, "ask": one.ask} for one in due],
        "goals": [{"id": goal.id, "kind": goal.kind, "text": goal.text} for goal in about.goals],
    }
    asked = [f"? {one.ask} (mlops course answer {state.id} {one.id} ANSWER)" for one in due]
    goals = [f"- {goal.text}" for goal in about.goals]
    show(document, lambda: "\n".join([about.title, about.story, *asked, *goals, f"It happens in {there.path}"]))


@course.command("check", past="reads")
@click.argument("stop", metavar="ID")
def course_check(stop: str) -> int:
    """Check how far a stop or a lab is; what is reached stays reached. Exit 1 while a goal is open.

    \b
    Examples:
      mlops course check notebook
      mlops course check 7 --json
      mlops course check notebook --at event:12
    """
    ws = workspace()
    report = tour.check(ws, stop) if ws.event is not None else tour.record(ws, stop)
    keys = ("id", "ok", "observed", "expected", "why", "where")
    goals = [{key: value for key, value in goal.as_dict().items() if key in keys} for goal in report.goals]
    document = {"id": report.id, "ok": report.ok, "goals": goals}
    return show(document, lambda: "\n".join(map(_told, report.goals)), good=report.ok)


def _told(goal: GoalReport) -> str:
    state = "holds so far" if goal.kept else WORDS[goal.ok]
    said = [f"{state}: {goal.text}", f"  observed: {goal.observed}", f"  expected: {goal.expected}"]
    if goal.ok:
        return "\n".join(said)
    record = f" ({goal.where.record})" if goal.where.record else ""
    return "\n".join([*said, f"  why: {goal.why}", f"  where: {goal.where.text}{record}, event {goal.where.event}"])


@course.command("answer")
@click.argument("stop", metavar="ID")
@click.argument("question")
@click.argument("answer")
def course_answer(stop: str, question: str, answer: str) -> None:
    """Answer a question of a stop or a lab.

    \b
    Example:
      mlops course answer rollback live 1.1.0
    """
    reply = tour.answer(workspace(), stop, question, answer)
    show({"question": question, "answer": reply.value, "reply": reply.text}, reply.text or f"Noted: {reply.value}")


@course.command("quiz", past="reads")
@click.argument("question", required=False)
@click.argument("option", required=False)
def course_quiz(question: str | None, option: str | None) -> None:
    """Say what the quiz asks next; with a question and an option, answer it. A wrong answer comes back once.

    \b
    Examples:
      mlops course quiz
      mlops course quiz factory five
    """
    ws = workspace()
    reply = quiz.answer(ws, question or "", option or "") if question or option else None
    found = quiz.read(ws)
    numbers = quiz.shown_numbers(ws, found.due) if found.due else {}
    asked = found.due and _as_asked(found.due, numbers)
    document = {
        "asked": found.asked,
        "right": found.right,
        "of": len(found.all),
        "passed": found.passed,
        "reply": reply and {"right": reply.right, "why": reply.text, "returns": reply.returns},
        "next": asked,
    }
    lines = [f"{'Right' if reply.right else 'Not so'}: {reply.text}", ""] if reply else []
    if asked:
        lines += [asked["ask"], *(f"  {one['id']}: {one['text']}" for one in asked["options"])]
        lines += [*quiz.sources(numbers), f"(mlops course quiz {asked['id']} OPTION)"]
    show(document, lambda: "\n".join([*lines, found.said()]))


def _as_asked(asked: quiz.Asked, numbers: Mapping[str, quiz.Number]) -> dict[str, Any]:
    """Return a question in words: what its options are worth is not among them."""
    return {
        "id": asked.question.id,
        "ask": quiz.told(asked.question.ask, numbers),
        "options": [{"id": one.id, "text": quiz.told(one.text, numbers)} for one in asked.question.options],
        "numbers": [asdict(one) for one in numbers.values()],
    }

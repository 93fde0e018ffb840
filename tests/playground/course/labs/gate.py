"""Ways through the lab about the release check that miss one goal each."""

from __future__ import annotations

from mlops import Workspace
from playground import course
from playground.course import acts
from playground.course.mission import Step

SLOW = True


def _somebody_else_pays(ws: Workspace) -> None:
    acts.say(ws, "gate", "group", "monthly")


def _without_a_twin(ws: Workspace) -> None:
    acts.carry_out(ws, [step for step in course.stop("gate").mission.solution if not _is_twin(step)])


def _is_twin(step: Step) -> bool:
    return step.do == "train_twin" or step.args.get("run") == "twin"


def _until_it_passed(ws: Workspace) -> None:
    """What was released passed on the very rows on which the two before it were judged."""
    for step in course.stop("gate").mission.solution:
        used_up = {**step.args, "data": "renewals@1"} if "data" in step.args else step.args
        acts.carry_out(ws, [Step(do=step.do, args=used_up)])


def _line_moved(ws: Workspace) -> None:
    ws.gate_rules.set("production", "not_worse", margin=0.05, reason="it is not that bad")


FROM_SOLVED = (_somebody_else_pays, _line_moved)

MUTANTS = {"pays": _somebody_else_pays, "twin": _without_a_twin, "fair": _until_it_passed, "rule": _line_moved}

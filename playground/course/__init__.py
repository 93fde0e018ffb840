"""The course: eight stops and the labs after them, each a mission that is data plus small pure checks.

    from playground import course

    course.start(ws, "notebook")
    course.check(ws, "notebook").ok

Nothing here draws: the panel, the command line and a program ask the same functions and get the same verdicts.
"""

from playground.course.acts import carry_out
from playground.course.answers import ANSWERS
from playground.course.chapters import folder as chapters_folder
from playground.course.chapters import shown_folder
from playground.course.guesses import (
    Reply,
    Reveal,
    aha,
    answer,
    choose,
    due,
    guess,
    held_by,
    hint,
    may_hint,
    replied,
    reveal,
    waive,
)
from playground.course.held import is_covered, was_said
from playground.course.logbook import Progress, StopState, read
from playground.course.looking import GoalReport, Report, check, record, workspace
from playground.course.mission import Boss, Debrief, Goal, Guess, Hint, Mission, Option, Question
from playground.course.people import is_learner
from playground.course.situation import situation
from playground.course.stops import EVERY, LABS, STOPS, Stop, stop
from playground.course.tour import (
    Demonstration,
    export,
    is_open,
    is_prepared,
    leave,
    prepare,
    prepare_all,
    recheck,
    reset,
    show_me,
    skip,
    start,
)
from playground.course.verdict import Baseline, Verdict, Where

__all__ = [
    "ANSWERS",
    "EVERY",
    "LABS",
    "STOPS",
    "Baseline",
    "Boss",
    "Debrief",
    "Demonstration",
    "Goal",
    "GoalReport",
    "Guess",
    "Hint",
    "Mission",
    "Option",
    "Progress",
    "Question",
    "Reply",
    "Report",
    "Reveal",
    "Stop",
    "StopState",
    "Verdict",
    "Where",
    "aha",
    "answer",
    "carry_out",
    "chapters_folder",
    "check",
    "choose",
    "due",
    "export",
    "guess",
    "held_by",
    "hint",
    "is_covered",
    "is_learner",
    "is_open",
    "is_prepared",
    "leave",
    "may_hint",
    "prepare",
    "prepare_all",
    "read",
    "recheck",
    "record",
    "replied",
    "reset",
    "reveal",
    "show_me",
    "shown_folder",
    "situation",
    "skip",
    "start",
    "stop",
    "waive",
    "was_said",
    "workspace",
]

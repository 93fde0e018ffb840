"""Budget: whether a stop fits its minutes, for who reads at an ordinary pace in a class of thirty.

Words at 180 a minute, five seconds an act, twenty a guess, and the waits. What was not measured with people says so;
what was not measured at all says how it is bounded.
"""

from __future__ import annotations

from dataclasses import dataclass

from playground.course.mission import Mission

WORDS_A_MINUTE = 180
"""Silent reading of plain text is 238 words a minute (Brysbaert 2019); somebody who looks at a screen is slower."""

SECONDS_AN_ACT, SECONDS_A_GUESS = 5, 20

SECONDS_A_GOAL = 60
"""What nobody guides takes searching: opening two or three screens for each goal of a lab. A bound; not with people."""


@dataclass(frozen=True)
class Wait:
    """How long thirty seats wait for something that they all begin at once, on two cores."""

    seconds: int
    source: str
    """Where the number comes from."""


MONTHS = (
    "a bound: 30 times 0.6 s of CPU a month, and 3 s for what a colleague retrains, on two cores; all in the process "
    "of the server, so thirty who press Play in one second wait longer; not with people"
)

WAITS = {
    "chain": Wait(90, "measured: the last of thirty had a live model after 74 s (class_start); 90 are promised"),
    "training": Wait(30, "a bound: 30 trainings of the sample at under 2 s of CPU each on two cores; not with people"),
    "judged again": Wait(
        20, "a bound: 30 times two models on 1,440 rows with a bootstrap, 1 s of CPU each; not with people"
    ),
    "release": Wait(10, "a bound: 30 times a release with its check, under 0.5 s of CPU each; not with people"),
    "five months": Wait(90, MONTHS),
    "four months": Wait(36, MONTHS),
    "three months": Wait(27, MONTHS),
    "retraining": Wait(50, "a bound: 30 times a training with its release check, 3.3 s of CPU each; not with people"),
    "server": Wait(
        50, "a bound: 30 starts of a server, 2 s of CPU each, eight at a time, each kept for 5 s; not with people"
    ),
    "project": Wait(12, "a bound: 30 times a project of the sample at 0.8 s of CPU on two cores; not with people"),
    "its tests": Wait(80, "a bound: 30 times the tests of a project at 5.3 s of CPU on two cores; not with people"),
    "rollback": Wait(5, "a bound: a preview and a rollback take under 1 s each with 400 requests; not with people"),
}
"""Every wait that a mission names."""


ALONE = {
    "training": Wait(
        5, "a bound: a training of the sample and a start of its worker, under 4 s of CPU; not with people"
    ),
    "long training": Wait(20, "a bound: a training on a hundred thousand rows, under 10 s of CPU; not with people"),
    "judged": Wait(10, "a bound: two models on 20,000 rows with a bootstrap, under 5 s of CPU; not with people"),
    "month": Wait(3, "a bound: a month under 1 s of CPU; not with people"),
    "year": Wait(40, "a bound: twelve months and what is retrained in them, under 20 s of CPU; not with people"),
    "answers": Wait(8, "a bound: a fresh process that answers 100 rows, under 4 s of CPU; not with people"),
    "project": Wait(2, "a bound: a project of the sample, 0.8 s of CPU; not with people"),
    "its tests": Wait(10, "a bound: the tests of a project, 5.3 s of CPU; not with people"),
}
"""Every wait that a lab names: whoever does a lab is alone with the machine."""


def seconds(mission: Mission) -> float:
    """Return how long a stop or a lab takes.

    A stop lists its acts. Of a lab the steps of its solution are counted, and the search for each goal.
    """
    reading = mission.words / WORDS_A_MINUTE * 60
    guessing = SECONDS_A_GUESS * (len(mission.asks) + len(mission.questions))
    doing = SECONDS_AN_ACT * (len(mission.acts) or len(mission.solution))
    searching = 0 if mission.acts else SECONDS_A_GOAL * len(mission.goals)
    waits = [WAITS[act.wait] for act in mission.acts if act.wait]
    waits += [ALONE[step.wait] for step in mission.solution if step.wait]
    return reading + guessing + doing + searching + sum(wait.seconds for wait in waits)

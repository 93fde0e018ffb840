"""A class of thirty with a teacher: everybody comes in, guesses, waits, sees it together, is brought on, is shown.

Two learners, the teacher and the projector are real browsers. Twenty-eight more learners are sessions of the same server
that send what a browser's clicks send and wait for what it would be sent (`benchmarks/playground/session`): thirty pages
of Chromium would need more than two cores for drawing alone, and what a class waits for is the server. How long they
waited is printed (`-n 0 -s`), not judged: beside other tests it says something about these.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from benchmarks.playground.session import Session, session
from mlops import Workspace, sample
from playground import course, seats
from playground.classroom import book, secret
from tests.browser import executable, idle, served, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(executable() is None, reason="no Chromium on this machine"),
]

PEOPLE = 30
READ = 10.0
"""Seconds within which everybody has read a card and clicked."""


class Crowd:
    """Learners without a browser, who do one thing at the same time, and how long each waited."""

    def __init__(self, address: str, many: int, opened: ExitStack) -> None:
        self.waited: list[float] = []
        self._pool = opened.enter_context(ThreadPoolExecutor(many))
        began = time.perf_counter()
        self.people = [*self._pool.map(lambda _: opened.enter_context(session(address)), range(many))]
        self.arrived = time.perf_counter() - began

    def all(self, do: Callable[[Session], float], within: float = 4.0) -> None:
        """Let everybody do something within some seconds, as people do who were asked the same."""

        def one(place: int) -> float:
            time.sleep(within * place / len(self.people))
            return do(self.people[place])

        self.waited += self._pool.map(one, range(len(self.people)))

    @property
    def errors(self) -> list[str]:
        """What went wrong on anybody's screen."""
        return [error for one in self.people for error in one.errors]


def deeds(ws: Workspace) -> list[str]:
    """Return the hashes of all that was done in a workspace, notes of the course aside."""
    return [one["sha256"] for one in ws.log() if not one["kind"].startswith(("journal.", "clock."))]


def visit(context, address: str):
    """Open an address in a browser of somebody's own."""
    page = context.new_page()
    page.goto(address)
    page.get_by_role("heading", level=1).or_(page.get_by_role("heading", level=2)).first.wait_for()
    return page


@pytest.fixture
def everybody(chromium, tmp_path) -> Iterator[tuple]:
    """The room, the crowd, two learners in browsers, the teacher and the projector."""
    room = tmp_path / "room"
    with ExitStack() as opened:
        address = opened.enter_context(served(room, "MLOPS_WORKSPACES"))
        learners = [visit(chromium.new_context(), address) for _ in range(2)]
        for page in learners:
            idle(page)
        crowd = Crowd(address, PEOPLE - 2, opened)
        teacher = visit(
            staff := chromium.new_context(viewport={"width": 1400, "height": 1000}), secret.link(room, address)
        )
        teacher.wait_for_function("document.cookie.includes('mlops_teacher')")
        yield room, crowd, learners, teacher, visit(staff, f"{address}/teacher?show=projector")


def test_a_class_of_thirty_guesses_together_is_brought_on_and_shown_and_nobody_s_work_is_touched(everybody):
    """By the base address alone; from coming in to the chain of one of them on the wall."""
    room, crowd, (ada, ben), teacher, projector = everybody
    keys = [page.url.partition("ws=")[2][:20] for page in (ada, ben)]
    for key, name in zip(keys, ("Ada", "Ben"), strict=True):
        seats.call(room, key, name)
    own = Workspace.open(room / keys[0], create=False)
    own.datasets.add(sample.FILE, "mine", target="churn", id="customer_id", message="before class")
    before = deeds(own)
    projector.get_by_text(f"{PEOPLE} have a seat").wait_for()
    teacher.get_by_text(f"{PEOPLE} seats.").wait_for()

    # Brought to stop 4, in a chapter of their own: a card asks, one click follows.
    teacher.get_by_role("button", name="Like with like").first.click()
    teacher.get_by_text("Stop 4 ·").wait_for()
    teacher.get_by_role("button", name="Bring everyone here").click()
    teacher.get_by_text("Every screen asks to come to stop 4").wait_for()
    teacher.get_by_role("button", name="Hold the reveal").click()
    teacher.get_by_role("button", name="Open the reveal").wait_for()
    for page in (ada, ben):
        page.get_by_text("Your class is at stop 4").wait_for()
        page.get_by_role("button", name="Go there").click()
        page.get_by_text("Is the best number the best model?").first.wait_for()
    crowd.all(Session.rerun)
    crowd.all(lambda one: one.click("Go there"), READ)
    teacher.get_by_text(f"{PEOPLE} at stop 4").wait_for()

    # Everybody but Ben guesses: nobody is told, and the wall knows who is awaited.
    crowd.all(lambda one: one.set("radio", "Is the best number the best model?", **_said(one)))
    crowd.all(lambda one: one.click("Guess"))
    ada.get_by_role("radio", name="Not by itself").check(force=True)
    ada.get_by_role("button", name="Guess", exact=True).click()
    ada.get_by_text("The class sees it together").first.wait_for()
    teacher.get_by_text("29 guesses given, 1 awaited").wait_for()
    assert all("as honest as the columns" not in text for one in crowd.people for text in one.texts)
    teacher.get_by_role("tab", name="Guesses").click()
    teacher.get_by_role("button", name="To the projector").first.click()
    projector.get_by_text("29 guessed").wait_for()
    assert not projector.get_by_text("Ada").count()

    # Ben is the last one: all see it, without a click of the teacher.
    ben.get_by_role("radio", name="Yes").check(force=True)
    ben.get_by_role("button", name="Guess", exact=True).click()
    for page in (ada, ben):
        page.get_by_text("A number is as honest as the columns").first.wait_for()
    crowd.all(Session.rerun)
    assert all(any("as honest as the columns" in text for text in one.texts) for one in crowd.people)
    assert not book.read(room).held

    # One chain on the projector, without a name; the teacher's tile of Ada has her name, the projector has not.
    teacher.get_by_role("tab", name="Wall").click()
    teacher.get_by_role("button", name="Ada: stop 4").click()
    teacher.get_by_role("button", name="Chain to the projector").click()
    projector.get_by_text("One chain of this class").wait_for()
    until(projector, lambda: projector.locator("a.node").count() > 4)

    # Brought on once more; Ada stays where she is, and what each had made is as it was.
    teacher.get_by_role("button", name="March 15th").first.click()
    teacher.get_by_text("Stop 7 ·").wait_for()
    teacher.get_by_role("button", name="Bring everyone here").click()
    crowd.all(Session.rerun)
    crowd.all(lambda one: one.click("Go there"), READ)
    ben.get_by_role("button", name="Go there").click()
    ben.get_by_text("Chapter: 15 March").wait_for()
    ada.get_by_role("button", name="Not yet").click()
    ada.get_by_text("Your class is at stop 7").wait_for(state="detached")
    teacher.get_by_text(f"{PEOPLE - 1} at stop 7").wait_for()

    assert deeds(own) == before and crowd.errors == []
    for seat in book.seats(room):
        ws = Workspace.open(seat, create=False)
        at = "compare" if seat.name == keys[0] else "rollback"
        assert course.read(ws).current == at and course.read(ws).stops["compare"].guess
        assert seat.name not in keys or ws.verify()["ok"]
    middle, late = statistics.median(crowd.waited), statistics.quantiles(crowd.waited, n=20)[-1]
    print(
        f"{len(crowd.waited)} interactions: median {middle:.2f} s, 95 % {late:.2f} s; in {crowd.arrived:.1f} s all came in"
    )


def _said(one: Session) -> dict[str, str]:
    return {"string_value": "Yes" if hash(one.seat) % 3 == 0 else "Not by itself"}

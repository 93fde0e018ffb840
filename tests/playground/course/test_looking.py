"""Looking at a stop: what is checked, what is noted, and what neither can be taken away nor broken."""

from __future__ import annotations

import pytest

from mlops.base.errors import NotFoundError
from playground import course
from playground.course import acts, looking
from playground.course.verdict import CHECKS


@pytest.fixture
def begun(ws):
    course.start(ws, "notebook")
    return ws


def test_looking_writes_nothing(begun):
    """A screen may look as often as it likes."""
    before = begun.head()
    assert not course.check(begun, "notebook").ok
    assert begun.head() == before


def test_a_goal_that_fails_says_what_is_there_what_is_wanted_why_and_where(begun):
    """Right or wrong alone teaches little."""
    for goal in course.check(begun, "notebook").goals:
        assert goal.ok is False
        assert goal.observed and goal.expected and goal.why and goal.where.text and goal.where.page
        assert isinstance(goal.where.event, int)


def test_what_is_noted_is_noted_once(begun):
    """A page that draws ten times a second leaves one event, not ten."""
    acts.run_the_chain(begun)
    before = begun.head()
    for _ in range(3):
        course.record(begun, "notebook")
    assert begun.head() == before + 1


def test_a_broken_check_says_so_and_fails_nobody(begun, monkeypatch):
    """Whatever is wrong with a check must not become a learner's fault."""
    monkeypatch.setitem(CHECKS, "model_traced", lambda ws, baseline: 1 / 0)
    goal = course.check(begun, "notebook").goals[0]
    assert goal.ok is None
    assert goal.why.startswith(looking.OUR_FAULT) and "division by zero" in goal.why

    monkeypatch.setitem(CHECKS, "model_traced", lambda ws, baseline: None)
    goal = course.check(begun, "notebook").goals[0]
    assert goal.ok is None and "it gave no verdict" in goal.why


def test_a_stop_goes_by_its_id_or_its_number():
    """Both stand in links and on command lines."""
    assert course.stop("7") is course.stop(7) is course.stop("rollback")
    with pytest.raises(NotFoundError, match="9"):
        course.stop("9")


def test_all_that_the_course_offers_is_there():
    """What the server, the panel and the command line ask for by name."""
    assert [name for name in course.__all__ if not hasattr(course, name)] == []

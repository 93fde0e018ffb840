"""The company's calendar: when the playground moves a simulated date, and when it does not."""

from __future__ import annotations

from mlops import Workspace
from playground import calendar


def simulated(ws: Workspace, released: bool) -> Workspace:
    ws.set_clock("2030-03-01T09:00:00Z")  # a Friday after everything in the fixture
    if released:
        ws.rollback("production", "complaints")
    return ws


def test_the_second_release_of_a_day_waits_for_the_next_working_day(released: Workspace) -> None:
    """Friday's rehearsal is Monday's release."""
    ws = simulated(released, released=True)

    calendar.before_release(ws)

    assert ws.now() == "2030-03-04T09:00:00.000000Z"


def test_the_first_release_of_a_day_happens_on_that_day(released: Workspace) -> None:
    """Nothing moves without a reason."""
    ws = simulated(released, released=False)

    calendar.before_release(ws)

    assert ws.now() == "2030-03-01T09:00:00.000000Z"


def test_wall_time_is_never_moved(trained: Workspace) -> None:
    """Who did not ask for a simulated date keeps the real one."""
    model = trained.models.register(trained.runs.list()[0], "churn_model")
    trained.deploy(model, "staging", "rehearsal")
    head = trained.head()

    calendar.before_release(trained)

    assert trained.head() == head and not trained.clock()["simulated"]


def test_the_working_day_after_each_day_of_a_weekend_is_monday() -> None:
    """Friday, Saturday and Sunday are followed by Monday, Monday by Tuesday."""
    days = [calendar.next_working_day(f"2023-12-0{day}T15:30:00.000000Z")[:16] for day in (1, 2, 3, 4)]

    assert days == ["2023-12-04T09:00", "2023-12-04T09:00", "2023-12-04T09:00", "2023-12-05T09:00"]

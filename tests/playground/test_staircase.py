"""The staircase of knowing: what is known on a day, and what may be learned from then."""

from __future__ import annotations

from playground.calendar import begin_of, end_of, following, month_told, months
from playground.staircase import Stair, Staircase, Training
from playground.ui.monitor import staircase as drawn


def stairs(now: str = end_of("2024-09"), repaired: str = "") -> Staircase:
    """Return the months from June to September, July with a fault."""
    found = [Stair("2024-05", "before", "2024-01-01", "2024-01-01", ("customers@1",))]
    for number, month in enumerate(months("2024-06", "2024-09"), 2):
        fault = "minutes" if month == "2024-07" else ""
        refs = (f"customers@{number}", *(["customers@9"] if fault and repaired else []))
        title, known = month_told(month).split()[0], end_of(following(month))
        found.append(Stair(month, title, begin_of(month), known, refs, fault, repaired if fault else ""))
    return Staircase(tuple(found), (Training("1.1.0", "2024-08-31", ("2024-06",), True),), now, 2)


def taken(found: Staircase, day: str) -> list[str]:
    """Return what a retraining on a day would learn from."""
    return [one.month for one in found.learns_from(day)]


def test_a_month_is_known_when_the_month_after_it_is_over_and_not_a_second_before():
    """A training may use filled cells only."""
    found = stairs()
    assert taken(found, "2024-07-31T23:59:58.000000Z") == ["2024-05"]
    assert taken(found, end_of("2024-07")) == ["2024-06", "2024-05"]


def test_a_month_with_a_fault_is_left_out_until_it_is_repaired_and_no_older_one_is_taken_for_it():
    """As the retraining does it; the repaired version is learned from, on days on which it was there."""
    assert taken(stairs(), end_of("2024-09")) == ["2024-08"]
    mended = stairs(repaired="2024-09-10T00:00:00Z")
    assert taken(mended, end_of("2024-08")) == ["2024-06"]
    assert taken(mended, end_of("2024-09")) == ["2024-08", "2024-07"]
    assert [one.ref(end_of("2024-09")) for one in mended.learns_from(end_of("2024-09"))] == [
        "customers@4",
        "customers@9",
    ]


def test_the_sentence_says_what_is_known_what_is_not_and_what_is_left_out():
    """For whoever does not see the picture."""
    assert stairs().sentence == (
        "Mon 30 Sep 2024: known up to August. Not known yet: September. A retraining would learn from August. "
        "July is left out: a fault of its data is not repaired."
    )


def test_the_table_and_the_picture_tell_the_same():
    """Who learned from what, which month has a fault; a day to look at is the end of a month, or today."""
    found = stairs(now="2024-09-12T00:00:00.000000Z")
    table = found.frame().set_index("Customers of")
    assert table.loc["June", "Learned from by"] == "v1.1.0" and table.loc["July", "Fault"] == "minutes"
    assert not table.loc["August", "Known now"]
    told = drawn.drawn(found)
    assert [one["name"] for one in told["stops"]] == ["30 Jun 2024", "31 Jul 2024", "31 Aug 2024", "12 Sep 2024"]
    assert [one["takes"] for one in told["stops"]] == [taken(found, day) for day in found.days]
    assert [one["fault"] for one in told["rows"]] == [False, False, True, False, False]

"""The policy race: what a year of wrong decisions costs, by when one retrains."""

from __future__ import annotations

import pytest

from playground.race import MISSED, START, Decided, Race
from playground.ui.monitor import race as drawn

MONTHS = ("2024-01", "2024-02", "2024-03")
RACE = Race(
    MONTHS,
    {
        START: {month: Decided(30, 20) for month in MONTHS},
        "2024-01": {month: Decided(20, 20) for month in MONTHS[1:]},
        "2024-02": {"2024-03": Decided(36, 20)},
    },
    {"never": (), "scheduled": ("2024-01", "2024-02"), "on_drift": (), "on_outcomes": ("2024-01",)},
)


def test_the_last_model_that_was_trained_before_a_month_decides_about_it():
    """One trained at its end comes too late for it; one that is worse decides as well."""
    assert [RACE.by(month, ["2024-02", "2024-01"]) for month in MONTHS] == [START, "2024-01", "2024-02"]
    assert RACE.by("2024-03", ["2024-03"]) == START


def test_saved_is_what_never_retraining_costs_more():
    """A leaver nobody called costs what a call would have brought; retraining on luck costs."""
    assert RACE.saved(()) == 0
    assert RACE.saved(["2024-01"]) == pytest.approx(20 * MISSED)
    assert RACE.saved(["2024-02"]) == pytest.approx(-6 * MISSED)
    assert RACE.costs(())[0] == pytest.approx(30 * MISSED + 20 * 5) and pytest.approx(50 / 3 - 5) == MISSED


def test_the_sentence_names_the_best_first_and_nobody_who_did_nothing():
    """Never retraining is what all are held against."""
    assert RACE.sentence(["2024-02"]) == (
        "Saved in 3 months by deciding better than who never retrains: when outcomes show harm +233 EUR, "
        "every month +47 EUR, your flags −70 EUR."
    )


def test_a_race_comes_back_from_the_journal_as_it_was_and_its_table_adds_up():
    """The picture, the sentence and the table are one record."""
    assert Race.kept(RACE.as_dict()) == RACE
    table = RACE.frame(["2024-02"])
    assert table[table["Way"] == "Your flags"]["Cost (EUR)"].sum() == pytest.approx(
        sum(RACE.costs(["2024-02"])), abs=0.02
    )


def test_the_browser_gets_what_every_model_would_have_cost_and_the_flags_that_were_set():
    """So a flag that is set or taken away asks nobody; one at the end of the last month decides about none."""
    told = drawn.drawn(RACE, ["2023-12", "2024-02", "2024-03"])
    assert told["stops"] == ["2024-01", "2024-02"] and told["lanes"][0]["flags"] == ["2024-02"]
    assert told["costs"]["2024-02"] == {"2024-03": round(36 * MISSED + 100, 2)}

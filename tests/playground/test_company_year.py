"""The year of the simulated company, over several seeds: what is seen, when it is seen, and what helps.

It is played as a person plays it, with the config that is shipped; nobody retrains but where a test says so. In another
year the same events come in other months, and all that is said of them comes there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlops import Workspace
from playground import chain, company, harm_map
from playground.calendar import end_of
from playground.harm_map import HarmMap
from sample_data.generate import generate
from tests.playground import companies

pytestmark = pytest.mark.slow

SEEDS = (1, 2, 17)
QUIET = ("2023-12", "2024-01", "2024-04", "2024-06", "2024-10", "2024-11", "2024-12")
"""Months in which nothing new happens, and nothing that happened becomes known."""

SWAPPED = {
    "harmless_shift": ("2024-02", "2024-02"),
    "unit_bug": ("2024-04", "2024-04"),
    "competitor": ("2024-06", None),
    "price_rise": ("2024-10", None),
}
"""Event -> its first and last month in another year."""


@dataclass(frozen=True)
class Year:
    """A year that was played to its end."""

    ws: Workspace
    september: Workspace
    """A copy of the workspace as it was at the end of September."""
    files: Path
    months: Mapping[str, company.Month]
    map: HarmMap

    def alerts(self, month: str) -> list[tuple[str, str]]:
        """Return what was raised at the end of a month: what it is, and the month that it is about."""
        return [(one.code, one.month) for one in self.months[month].alerts]

    def month(self, month: str):
        """Return what monitoring says of a month."""
        return next(one for one in self.ws.monitoring.report().months if one.month == month)

    def word(self, month: str) -> str:
        """Return the corner of the map in which a month stands."""
        mark = self.map.mark(month)
        assert mark is not None and mark.month == month
        return mark.learned.word


def played(folder, cohorts) -> Year:
    files = companies.written(folder / "files", cohorts)
    ws = companies.founded(folder / "workspace", files, chain.SAMPLE_CONFIG)
    months = {month.month: month for month in companies.play(ws, files, "2024-09")}
    september = ws.fork(folder / "september")
    months |= {month.month: month for month in companies.play(ws, files, company.LAST)}
    return Year(
        ws, september, files, months, harm_map.of(ws.monitoring.report(), ws.gate_rules.get("production").margin)
    )


@pytest.fixture(scope="module", params=SEEDS)
def year(request, tmp_path_factory) -> Year:
    """The year as it is shipped, of one seed."""
    return played(tmp_path_factory.mktemp(f"year-{request.param}"), generate(request.param))


@pytest.fixture(scope="module")
def other_year(tmp_path_factory) -> Year:
    """A year in which the same things happen in other months."""
    return played(tmp_path_factory.mktemp("other-year"), companies.moved(17, SWAPPED))


def test_quiet_months_are_quiet(year):
    """In seven months nothing is raised: not for any of eighteen inputs, nor for the noise of 3,000 outcomes."""
    assert {month: year.alerts(month) for month in QUIET} == {month: [] for month in QUIET}
    assert [year.word(month) for month in ("2023-12", "2024-01")] == ["quiet", "quiet"]


def test_the_price_rise_is_seen_at_once_and_its_harm_when_outcomes_tell(year):
    """The fee moves in February, and is news once; that it hurts is known at the end of March."""
    assert year.alerts("2024-02") == [("inputs", "2024-02")]
    assert year.months["2024-02"].alerts[0].columns == ("monthly_fee",)
    assert ("performance", "2024-02") in year.alerts("2024-03")
    assert year.month("2024-02").inputs["new"] == ("monthly_fee",) and year.month("2024-03").inputs["new"] == ()
    assert year.word("2024-02") == "trouble"


def test_may_moves_four_inputs_and_does_no_harm(year):
    """It is said when it happens, and when its outcomes are known nothing was lost beside April."""
    [alert] = year.months["2024-05"].alerts
    assert alert.code == "inputs" and {*alert.columns} == {"age", "channel", "payment_method", "newsletter"}
    assert "only outcomes tell" in alert.what
    assert not [one for one in year.ws.alerts.list() if one.month == "2024-05" and one.code != "inputs"]
    assert year.ws.at(end_of("2024-06")).alerts.list()[0].status == "resolved"


def test_the_unit_bug_is_called_what_it_is(year):
    """A fault of the data comes first: its cause, its column, its rows; and it is not called drift."""
    [alert] = year.months["2024-07"].alerts
    assert (alert.code, alert.level) == ("data_error", "critical")
    for word in ("cause: units", "usage_hours", "60 times", "platform = tv", "do not retrain"):
        assert word in alert.what, word
    assert year.word("2024-07") == "bug" and ("data_error", "2024-07") not in year.alerts("2024-08")


def test_the_competitor_is_seen_only_when_outcomes_come(year):
    """No input moves in August, nor does the estimate; at the end of September the outcomes tell."""
    august = year.month("2024-08")
    assert august.inputs["new"] == () and "inputs" not in [code for code, _ in year.alerts("2024-08")]
    assert [about for _, about in year.alerts("2024-08") if about == "2024-08"] == []
    assert year.alerts("2024-09") == [("fall", "2024-08")]
    assert august.estimate.auc > august.outcomes.high


def test_a_retraining_at_the_end_of_september_helps_and_leaves_the_unit_bug_out(year, tmp_path):
    """It learns from August, whose outcomes are known; not from July, whose hours are minutes. December has the proof."""
    ws = year.september.fork(tmp_path / "retrained")
    july, august = (
        next(one.ref for one in ws.datasets.list() if one.source == f"customers_{month}.csv")
        for month in ("2024-07", "2024-08")
    )

    done = ws.retraining.retrain(reason="the outcomes of August")

    assert done.promoted and august in done.months and july not in done.months
    assert [one["data"] for one in done.left_out] == [july] and "units" in done.left_out[0]["why"]
    companies.play(ws, year.files, company.LAST)
    months = {one.month: one for one in ws.monitoring.report().months}
    for month in ("2024-10", "2024-11"):
        assert months[month].outcomes.auc > year.month(month).outcomes.auc + 0.02, month


def test_nothing_is_known_before_its_time(year):
    """At the end of each month the outcomes of the month before are, and no later ones; also as the past has it."""
    for month in ("2024-03", "2024-09"):
        then = year.ws.at(end_of(month))
        known = {one.month: one.outcomes is not None for one in then.monitoring.report().months}
        assert known.pop(month) is False and all(known.values())


def test_where_events_come_in_other_months_the_verdicts_follow(other_year):
    """Nothing in the product knows the months of the story."""
    assert {month: other_year.alerts(month) for month in other_year.months if other_year.alerts(month)} == {
        "2024-02": [("inputs", "2024-02")],
        "2024-04": [("data_error", "2024-04")],
        "2024-05": [("performance", "2024-04")],
        "2024-07": [("performance", "2024-06")],
        "2024-10": [("inputs", "2024-10")],
    }
    words = [other_year.word(month) for month in ("2024-01", "2024-02", "2024-04", "2024-05", "2024-06", "2024-10")]
    assert words == ["quiet", "harmless", "bug", "quiet", "silent", "trouble"]

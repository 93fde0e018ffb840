"""Levels: news is let in, a known level under another name is not; the same verdict at every door."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from mlops import Workspace
from mlops.base.errors import DataError
from mlops.data.levels import recoding

KNOWN = Counter({"month-to-month": 344, "two year": 136, "one year": 120})
REGIONS = Counter({"north": 150, "south": 150, "east": 150, "west": 150})
MONTHS = Counter({"2023-09": 200, "2023-10": 200, "2023-11": 200})
ANSWERS = Counter({"No": 540, "Yes": 60})

RECODED = {
    "one of three": (KNOWN, {"monthly": 328, "two year": 142, "one year": 130}, "'monthly' was 'month-to-month'"),
    "one of three in a short file": (KNOWN, {"monthly": 19, "two year": 6, "one year": 5}, "'monthly' was"),
    "case": (ANSWERS, {"no": 270, "yes": 30}, "By their spelling: 'no' was 'No', 'yes' was 'Yes'."),
    "case of the rare one": (ANSWERS, {"No": 270, "yes": 30}, "'yes' was 'Yes'"),
    "marks": (KNOWN, {"month_to_month": 170, "two_year": 70, "one_year": 60}, "'two_year' was 'two year'"),
    "case in a cohort": (REGIONS, {"North": 90}, "'North' was 'north'"),
    "leading zeros": (Counter({"007": 300, "010": 300}), {"7": 50, "10": 50}, "'7' was '007'"),
    "first letters": (ANSWERS, {"N": 90, "Y": 10}, "By their first letters: 'N' was 'No', 'Y' was 'Yes'."),
    "numbers": (ANSWERS, {"0": 90, "1": 10}, "By their shares: '0' was 'No', '1' was 'Yes'."),
    "another language": (KNOWN, {"monatlich": 160, "zweijährig": 75, "jährlich": 65}, "'monatlich' was"),
    "two in one": (KNOWN, {"flexible": 170, "fixed": 130}, ""),
    "one in two": (KNOWN, {"rolling, card": 90, "rolling, bill": 80, "two year": 70, "one year": 60}, ""),
    "months in another form": (MONTHS, {"Sep 23": 40, "Oct 23": 40, "Nov 23": 40}, ""),
    "months without a zero": (Counter({"2023-01": 90, "2023-02": 90}), {"2023-1": 40, "2023-2": 40}, "'2023-1' was '2023-01'"),
}  # fmt: skip

NEWS = {
    "nothing new": (KNOWN, {"month-to-month": 30, "two year": 12, "one year": 9}),
    "a new level": (KNOWN, {"month-to-month": 150, "two year": 60, "one year": 60, "three year": 130}),
    "most rows of a new level": (KNOWN, {"month-to-month": 30, "two year": 12, "one year": 9, "three year": 200}),
    "one customer": (KNOWN, {"monthly": 1}),
    "a handful": (KNOWN, {"monthly": 11, "two year": 5, "one year": 3}),
    "a cohort of one region": (REGIONS, {"north": 400}),
    "a cohort of a new region": (REGIONS, {"overseas": 400}),
    "one that went and another that came": (REGIONS, {"north": 60, "south": 60, "east": 60, "center": 55}),
    "the next month": (MONTHS, {"2023-12": 300}),
    "the next quarter": (MONTHS, {"2023-12": 100, "2024-01": 100, "2024-02": 100}),
    "months in words": (Counter({"July": 90, "August": 90, "Sept": 90}), {"October": 90, "November": 90, "May": 90}),
    "the next batches": (Counter({"B016": 90, "B017": 90}), {"B018": 90, "B019": 90}),
    "names": (Counter(f"n{number}x" for number in range(300)), dict(Counter(f"m{number}y" for number in range(300)))),
    "an empty column": (KNOWN, {}),
}  # fmt: skip


@pytest.mark.parametrize(("known", "current", "said"), RECODED.values(), ids=RECODED)
def test_a_known_level_under_another_name_is_a_recoding(known, current, said):
    """With what each was, where spelling, letters or shares leave no doubt."""
    found = recoding(known, current)
    assert found is not None and said in found.said


@pytest.mark.parametrize(("known", "current"), NEWS.values(), ids=NEWS)
def test_what_is_new_is_no_recoding(known, current):
    """Neither is what is too small to tell."""
    assert recoding(known, current) is None


def test_equal_shares_are_not_guessed():
    """Four regions of a quarter each may be any of four codes."""
    found = recoding(REGIONS, {"R-one": 100, "R-two": 100, "R-three": 100, "R-four": 100})
    assert found is not None and found.said == "Deliver the values as before."


# At the doors


def contracts(rows: int, seed: int) -> pd.DataFrame:
    """Customers of three contracts, of which the most frequent one decides; and a month that nobody gave a role."""
    random = np.random.default_rng(seed)
    contract = random.choice(["month-to-month", "two year", "one year"], rows, p=[0.57, 0.23, 0.2])
    left = (random.random(rows) < np.where(contract == "month-to-month", 0.7, 0.1)).astype(int)
    month = random.choice([*MONTHS], rows)
    return pd.DataFrame({"id": range(rows), "month": month, "contract": contract, "fee": random.normal(40, 9, rows), "left": left})  # fmt: skip


@pytest.fixture(scope="module")
def learned(tmp_path_factory) -> Workspace:
    """A workspace in which a model learned from contracts."""
    folder = tmp_path_factory.mktemp("learned")
    contracts(600, 1).to_csv(folder / "known.csv", index=False)
    ws = Workspace.open(folder / "workspace")
    ws.datasets.add(folder / "known.csv", name="contracts", target="left", id="id")
    ws.models.register(ws.train("model: {type: logistic_regression}\n"), "leaving")
    return ws


@pytest.fixture
def doors(learned, tmp_path):
    """Hold a file against the data, and score it with a model of the data: whether each takes it, and what is said."""
    ws = learned.fork(tmp_path / "fork")
    (tmp_path / "out.csv").write_text("yesterday's answers")

    def both(frame: pd.DataFrame, name: str = "next.csv"):
        path, out = tmp_path / name, tmp_path / "out.csv"
        frame.to_csv(path, index=False) if name.endswith(".csv") else frame.to_parquet(path)
        events, verdict = ws.head(), ws.datasets.validate(path)
        try:
            return verdict, ws.batch_predict("leaving@latest", path, out)
        except DataError as refused:
            assert out.read_text() == "yesterday's answers" and ws.head() == events
            assert sorted(one.name for one in tmp_path.glob("out*")) == ["out.csv"]
            return verdict, refused

    return both


@pytest.mark.parametrize("name", ["next.csv", "next.parquet"])
def test_a_file_with_a_recoded_level_is_refused_whole_by_both_doors(doors, name):
    """Nothing is written, and the answer says what the level was."""
    after = contracts(600, 2).replace({"contract": {"month-to-month": "monthly"}}).drop(columns="left")
    verdict, refused = doors(after, name)
    [problem] = [one for one in verdict.problems if one["severity"] != "note"]

    assert (problem["code"], problem["field"]) == ("recoded", "contract")
    assert all("'monthly' was 'month-to-month'" in text for text in (problem["suggestion"], str(refused)))
    assert [(one["field"], one["expected"]) for one in refused.details] == [("contract", "known levels")]


@pytest.mark.parametrize(
    "changed",
    [
        lambda frame: frame.assign(month="2023-12"),
        lambda frame: frame.assign(month=np.where(frame["id"] % 2, "2023-12", "2024-01")),
        lambda frame: frame[frame["contract"] == "one year"],
        lambda frame: frame.assign(contract=np.where(frame["id"] % 3, frame["contract"], "three year")),
        lambda frame: frame.replace({"contract": {"month-to-month": "monthly"}}).head(15),
        lambda frame: frame.head(1).assign(contract="monthly"),
    ],
    ids=["a month", "two months", "a cohort", "a new level", "few rows", "one row"],
)
def test_news_passes_both_doors_and_is_named(doors, changed):
    """Also where the month is a feature because nobody said that it is the time."""
    verdict, report = doors(changed(contracts(600, 3)))
    assert verdict.valid and report.rows == report.input_rows
    new = {one["field"] for one in verdict.problems if one["code"] == "new_levels"}
    assert {warning.partition(":")[0] for warning in report.warnings} == new


def test_a_file_is_judged_when_it_is_read_to_its_end(doors, monkeypatch):
    """It may be sorted, and its first rows be all that is new in it."""
    monkeypatch.setattr("mlops.data.reading.delimited.BLOCK_BYTES", 2000)
    months = contracts(600, 4)
    months.loc[:99, "contract"] = np.where(months["id"][:100] % 2, "three year", "per day")
    verdict, report = doors(months)
    assert verdict.valid and report.rows == 600

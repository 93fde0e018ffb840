"""Quality: every check fires, stays silent, and knows where it does not apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.base.errors import DataError
from mlops.base.notes import Note
from mlops.data import tables
from mlops.data.quality import CHECKS, check
from mlops.data.roles import Roles, decide

ROWS = 400
RANDOM = np.random.default_rng(3)
CHURN = RANDOM.random(ROWS) < 0.3
CLEAN: dict[str, Any] = {
    "age": RANDOM.integers(18, 80, ROWS) - 9 * CHURN,
    "fee": RANDOM.normal(40, 9, ROWS).round(2) + 4 * CHURN,
    "plan": RANDOM.choice(["basic", "standard", "premium"], ROWS).tolist(),
    "churn": CHURN.astype(int),
}
BINARY = Roles(target="churn", task="binary", positive=1)
NO_TARGET = Roles()


def made(columns: Mapping[str, Any]) -> pa.Table:
    """Return the clean table with some columns replaced or added; None takes one away."""
    arrays = {name: pa.array(values) for name, values in {**CLEAN, **columns}.items() if values is not None}
    kinds = {pa.string(): pa.large_string(), pa.null(): pa.large_string()}
    return pa.table({name: array.cast(kinds.get(array.type, array.type)) for name, array in arrays.items()})


def texts(*parts: tuple[int, str | None]) -> list[str | None]:
    return [text for count, text in parts for _ in range(count)]


@dataclass(frozen=True)
class Case:
    """A table and what a check says about it."""

    code: str
    columns: Mapping[str, Any] = field(default_factory=dict)
    roles: Roles = BINARY
    options: Mapping[str, Any] = field(default_factory=dict)
    column: str | None = None
    severity: str = "warning"
    says: str = ""

    def __str__(self) -> str:
        return self.code

    def notes(self) -> list[Note]:
        """Return the notes of this check alone."""
        notes = check(made(self.columns), self.roles, **self.options)
        return [note for note in notes if note.code == self.code]


NUMBERS = np.arange(ROWS)
MOVING = np.where(RANDOM.random(ROWS) < np.repeat([0.05, 0.9], ROWS // 2), 1, 0)
CUSTOMERS = [f"c{number % 80}" for number in NUMBERS]
REGRESSION = Roles(target="churn", task="regression")
SUM = {"churn": CLEAN["age"] + CLEAN["fee"], "fee": CLEAN["fee"] * 10}
OTHER = np.random.default_rng(5)
MEMBERS = OTHER.permutation(9999)[:100][NUMBERS % 100]
WARDS, HEALED = [f"w{number % 30}" for number in NUMBERS], ((NUMBERS % 30) * 7 % 30 < 9).astype(int)
STAYS = (OTHER.random(100) < 0.3).astype(int)[NUMBERS % 100]
FAILED = NUMBERS % 20 == 7  # a sensor that was switched off: no column holds a value


def readings(code: Any, **columns: Any) -> dict[str, Any]:
    """Return what sensors measured, with a code in the rows in which they were switched off."""
    sensors = {"age": OTHER.normal(20, 5, ROWS).round(1), "fee": OTHER.normal(990, 9, ROWS).round(1), **columns}
    coded = {
        name: [code if off else value for value, off in zip(values, FAILED, strict=True)]
        for name, values in sensors.items()
    }
    return {"plan": None, **coded}


COOL = {"churn": OTHER.normal(9, 3, ROWS).round(1)}
HALF = np.where(NUMBERS % 2 == 0, CHURN, RANDOM.random(ROWS) < 0.5).astype(int)

FIRES = (
    Case("target_missing", {"churn": pa.nulls(ROWS, pa.int64())}, column="churn", severity="blocker", says="400 rows"),
    Case("single_class", {"churn": [1] * ROWS}, column="churn", severity="blocker", says="churn is 1 in every row"),
    Case("too_few_per_class", {"churn": [1, 1] + [0] * 398}, column="churn", severity="blocker", says="1 (2)"),
    Case("too_few_per_class", {"churn": [1] * 9 + [0] * 391}, column="churn", says="1 (9)"),
    Case("leak", {"boat": np.where(CHURN, "no boat", "boat")}, column="boat", says="AUC 1.00"),
    Case("leak", {"body": [7 if c and n % 2 else None for n, c in enumerate(CHURN)]}, column="body", says="churn is 1"),
    Case("leak", {"body": [None if c and n % 2 else 7 for n, c in enumerate(CHURN)]}, column="body", says="body is missing in"),
    Case("leak", {"copy": SUM["churn"] * 2.5, **SUM}, REGRESSION, column="copy", says="R2"),
    Case("dominant_column", {"seconds": HALF * 50.0 + RANDOM.normal(0, 5, ROWS)}, column="seconds", says="next "),
    Case("time_order", roles=Roles(target="churn", task="binary", time="age"), column="age", says="(age)"),
    Case("time_order", {"churn": MOVING}, says="tenth by tenth"),
    Case("time_order", {"churn": np.repeat([0, 1] * 20, 10)}, says="that of the row before"),
    Case("time_order", {"churn": NUMBERS * 0.1 + RANDOM.normal(0, 9, ROWS)}, REGRESSION, says="the mean of churn"),
    Case("time_order", {"churn": np.sin(NUMBERS)}, REGRESSION, says="correlation"),
    Case("time_order", {"churn": MOVING, "day": NUMBERS.astype("datetime64[D]")}, says="in the order of day"),
    Case("same_entity", {"who": CUSTOMERS}, Roles("churn", group="who", task="binary"), column="who", says="80 values"),
    Case("same_entity", {"who": CUSTOMERS}, Roles("churn", id="who", task="binary"), column="who"),
    Case("same_entity", {"customer_id": CUSTOMERS}, column="customer_id", says="80 values in 400 rows"),
    Case("same_entity", {"member": MEMBERS, "churn": STAYS}, column="member", says="churn hardly ever differs"),
    Case("same_entity", {"member": [f"m{number}" for number in MEMBERS], "churn": STAYS}, column="member", says="100 values"),
    Case("same_entity", {"member": MEMBERS, "churn": STAYS * 9.0 + OTHER.random(ROWS)}, REGRESSION, column="member"),
    Case("same_entity", {"member": MEMBERS * 1.0, "churn": STAYS}, column="member", says="100 values"),
    Case("same_entity", {"ward": WARDS, "churn": HEALED}, column="ward", says="30 values"),
    Case("same_entity", {"member": MEMBERS, "churn": STAYS}, options={"features": ["age", "fee"]}, column="member"),
    Case("duplicates", {name: [*values[:200], *values[:200]] for name, values in CLEAN.items()}, says="200 of 400"),
    Case("duplicates", {name: [*values[:399], values[0]] for name, values in CLEAN.items()}, severity="note"),
    Case("id_as_feature", {"name": [f"n{number}" for number in NUMBERS]}, column="name"),
    Case("id_as_feature", {"employee": NUMBERS * 3}, column="employee"),
    Case("id_as_feature", {"ticket": RANDOM.permutation(ROWS)}, column="ticket"),
    Case("all_missing", {"left": pa.nulls(ROWS, pa.float64())}, column="left"),
    Case("constant", {"site": ["here"] * ROWS}, column="site", says="'here' in every row"),
    Case("hidden_missing", {"pulse": [*[0] * 9, *(NUMBERS[9:] % 40 + 60)]}, column="pulse", severity="note", says="0 in 9 rows"),
    Case("hidden_missing", {"days": [*[-1] * 300, *range(1, 101)]}, column="days", severity="note", says="-1 in 300"),
    Case("hidden_missing", {"gain": [*[999] * 9, *(NUMBERS[9:] % 90)]}, column="gain", severity="note", says="999 in 9"),
    Case("hidden_missing", {"far": [*[9999999.0] * 9, *(NUMBERS[9:] % 90)]}, column="far", severity="note", says="9999999 in 9"),
    Case("hidden_missing", {"celsius": [*[-200] * 9, *(NUMBERS[9:] % 40 - 9)]}, column="celsius", severity="note", says="-200 in 9"),
    Case("hidden_missing", {"ohm": [*[-200] * 9, *(NUMBERS[9:] % 400 + 600)]}, column="ohm", severity="note", says="-200 in 9"),
    Case("hidden_missing", {"two": [*[-999] * 9, *[-200] * 9, *(NUMBERS[18:] % 40)]}, column="two", severity="note", says="-999 in 9 rows and -200 in 9 rows"),
    Case("hidden_missing", {"churn": [*[-200.0] * 9, *OTHER.normal(9, 3, 391)]}, REGRESSION, column="churn", severity="note", says="-200 in 9"),
    Case("mostly_missing", {"note": texts((350, None), (25, "a"), (25, "b"))}, column="note", severity="note", says="88%"),
    Case("too_many_levels", {"town": [f"t{number % 150}" for number in NUMBERS]}, column="town", severity="note"),
    Case("sorted_rows", {"churn": np.sort(CHURN.astype(int))}, column="churn", severity="note"),
)  # fmt: skip

SILENT = (
    Case("target_missing", {"churn": [0, 1] * 10 + [None] * 380}),
    Case("single_class"),
    Case("too_few_per_class", {"churn": [1] * 10 + [0] * 390}),
    Case("leak", {"name": [f"n{number}" for number in NUMBERS]}),  # a row never tells itself
    Case("leak", {"asked": [7 if c or n % 20 == 0 else None for n, c in enumerate(CHURN)], "churn": HALF}),
    Case("leak", {"late": [None] * 5 + [1] * 395, "churn": [0] * 5 + [0, 1] * 197 + [0]}),  # five rows may be chance
    Case("leak", readings(-200.0, **COOL), REGRESSION),  # what failed together tells nothing of each other
    Case("leak", readings(None) | {"churn": FAILED.astype(int)}),
    Case("leak", readings(-200.0) | {"churn": FAILED.astype(int)}),
    Case("leak", readings(-200.0, **COOL) | {"plan": texts((ROWS, "a"))}, REGRESSION),
    Case("leak", {"member": [f"m{number}" for number in MEMBERS], "churn": STAYS}),  # that is same_entity
    Case("dominant_column", {"member": [f"m{number}" for number in MEMBERS], "churn": STAYS}),
    Case("dominant_column", {"seconds": HALF * 50.0 + RANDOM.normal(0, 5, ROWS), "minutes": HALF * 50.0 + RANDOM.normal(0, 6, ROWS)}),
    Case("time_order"),
    Case("time_order", {"churn": MOVING, "class": np.repeat([1, 2], ROWS // 2)}),  # sorted by what a model sees
    Case("time_order", {"churn": np.sort(CHURN.astype(int))}),  # that is sorted_rows
    Case("same_entity", {"who": CUSTOMERS}, Roles("churn", group="who", task="binary"), {"group": "who"}),
    Case("same_entity", {"customer_id": [f"c{number}" for number in NUMBERS]}),
    Case("same_entity", {"paid": CUSTOMERS}),  # its name does not say that it is an id
    Case("time_order", {"member": np.sort(MEMBERS), "churn": STAYS[np.argsort(MEMBERS, kind="stable")]}),
    Case("same_entity", {"member": NUMBERS // 4, "churn": (NUMBERS > 200).astype(int)}),  # a quantity has an order
    Case("same_entity", {"member": MEMBERS, "churn": np.where(NUMBERS % 7 == 0, 1 - STAYS, STAYS)}),
    Case("same_entity", {"score": NUMBERS % 200, "fee": NUMBERS % 200, "age": NUMBERS % 200, "plan": None, "churn": (NUMBERS % 200 % 7 == 0).astype(int)}),  # copies
    Case("duplicates", {"row": NUMBERS}),
    Case("duplicates", readings(-200.0)),  # equal by having nothing
    Case("id_as_feature", {"name": texts((30, "again")) + [f"n{number}" for number in range(370)]}),
    Case("id_as_feature", {"weight": NUMBERS * 0.5}),  # measurements are often all different
    Case("id_as_feature", {"income": RANDOM.permutation(ROWS) * 7}),
    Case("all_missing", {"left": [None] * 399 + [1]}),
    Case("constant", {"site": texts((399, "here"), (1, "there"))}),
    Case("constant", {"flag": texts((399, "yes"), (1, None))}),  # present or missing: two values
    Case("hidden_missing", {"visits": NUMBERS % 40}),
    Case("hidden_missing", {"goals": NUMBERS % 40 - 3}),
    Case("hidden_missing", {"discount": [0, 10, 20, 30] * 100}),
    Case("hidden_missing", {"churn": [-1, 1] * 200}, Roles("churn", task="binary", positive=1)),
    Case("hidden_missing", {"balance": [*[-200] * 9, *(NUMBERS[9:] * 3 - 300)]}),
    Case("hidden_missing", {"ratio": [*[-0.5] * 9, *(NUMBERS[9:] % 40)]}),
    Case("mostly_missing", {"note": texts((320, None), (80, "a"))}),
    Case("too_many_levels", {"town": [f"t{number % 100}" for number in NUMBERS]}),
    Case("sorted_rows"),
)  # fmt: skip

NOT_APPLICABLE = (
    Case("target_missing", {"churn": None}),  # outcomes come later
    Case("single_class", {"churn": [1.0] * ROWS}, REGRESSION),
    Case("too_few_per_class", {"churn": [1] * 2 + [0] * 398}, NO_TARGET),
    Case("leak", {"boat": CHURN.astype(int)}, NO_TARGET),
    Case("leak", {"boat": CHURN.astype(int)}, options={"features": ["age", "fee"]}),
    Case("dominant_column", {"age": None, "fee": None}),
    Case("time_order", {"churn": MOVING}, options={"split": "latest"}),
    Case("time_order", {"churn": MOVING}, NO_TARGET),
    Case("same_entity", {"who": CUSTOMERS}, Roles("churn", group="who", task="binary"), {"split": "latest"}),
    Case("duplicates", {name: values[:0] for name, values in CLEAN.items()}),
    Case("id_as_feature", {"name": [f"n{number}" for number in NUMBERS]}, Roles("churn", id="name", task="binary")),
    Case("all_missing", {name: values[:0] for name, values in CLEAN.items()}),
    Case("constant", {name: values[:1] for name, values in CLEAN.items()}),
    Case("hidden_missing", {"word": texts((9, "0"), (391, "60"))}),
    Case("mostly_missing", {name: values[:0] for name, values in CLEAN.items()}),
    Case("too_many_levels", {"amount": NUMBERS * 0.5}),
    Case("sorted_rows", {name: values[:0] for name, values in CLEAN.items()}),
)


CODES = [check.__name__.strip("_") for check in CHECKS]
"""A check is called as the code of its notes."""


@pytest.mark.parametrize("cases", [FIRES, SILENT, NOT_APPLICABLE], ids=["fires", "silent", "not applicable"])
def test_every_check_is_tried_three_ways(cases):
    """A check without all three cases is not proven."""
    assert {case.code for case in cases} == {*CODES}


@pytest.mark.parametrize("case", FIRES, ids=str)
def test_it_fires(case):
    """One note, about this column, as grave as it should be, with the values and what to do."""
    [note] = case.notes()

    assert (note.column, note.severity) == (case.column, case.severity)
    assert case.says in note.message
    assert note.next_step.endswith((".", "]."))


@pytest.mark.parametrize("case", SILENT, ids=str)
def test_it_stays_silent(case):
    """Nothing is wrong, though it looks a little like it."""
    assert case.notes() == []


@pytest.mark.parametrize("case", NOT_APPLICABLE, ids=str)
def test_it_does_not_apply(case):
    """What it looks for is not there to be looked at."""
    assert case.notes() == []


def test_a_clean_table_gets_no_note():
    """A learner's first screen is not full of alarms."""
    assert check(made({}), BINARY) == []


def test_the_gravest_checks_come_first():
    """What makes training impossible is not hidden below what is merely odd."""
    order = ["note", "warning", "blocker"]
    gravest = [max(order.index(case.severity) for case in FIRES if case.code == code) for code in CODES]

    assert gravest == sorted(gravest, reverse=True)


@pytest.mark.parametrize(
    ("case", "step"),
    [
        (FIRES[4], "features.exclude: [boat]"),
        (Case("time_order", roles=Roles("churn", time="age", task="binary")), "training.split: latest"),
        (Case("same_entity", {"customer_id": CUSTOMERS}), "training.group: customer_id"),
        (Case("constant", {"a site": [1] * ROWS, "yes": [2] * ROWS}), 'features.exclude: [a site, "yes"]'),
        (Case("id_as_feature", {"name": [f"n{number}" for number in NUMBERS]}), "--id name"),
    ],
    ids=str,
)
def test_a_next_step_can_be_pasted(case, step):
    """It names the key of the config, or the option of the line, with every column it is about."""
    assert all(step in note.next_step for note in case.notes()) and case.notes()


def test_about_a_feature_only_the_first_thing_is_said():
    """A leak that is also mostly missing and full of different words is a leak."""
    told = [f"died on day {number}" if number < 50 else None for number in NUMBERS]
    table = made({"cause": told, "churn": (NUMBERS < 50).astype(int)})

    assert [note.code for note in check(table, BINARY) if note.column == "cause"] == ["leak"]


def test_a_target_of_thousands_of_words_is_judged_in_a_moment_and_in_a_line():
    """Whoever names the wrong column as the target waits for nothing, and reads a short answer."""
    names = made({"churn": [f"{number} {'x' * 500}" for number in NUMBERS]})

    [note] = [note for note in check(names, Roles("churn", task="multiclass")) if note.severity == "blocker"]

    assert note.message.count(" (1)") == 5 and "395 more" in note.message
    assert len(note.message) < 1000


def test_rows_without_an_outcome_are_not_counted():
    """Whose outcome is not known yet says nothing about what gives it away."""
    churn = [None if number < 100 else int(c) for number, c in enumerate(CHURN)]
    known_late = [None if number < 100 else 7 for number in NUMBERS]

    assert [note.code for note in check(made({"churn": churn, "paid": known_late}), BINARY)] == []


def test_the_same_table_gives_the_same_notes():
    """Also for more rows than are looked at: they are drawn with a fixed seed, and the table is left as it is."""
    table = pa.concat_tables([made({"boat": CHURN.astype(int)})] * 60)
    before = tables.content_sha256(table)

    first = check(table, BINARY)

    assert check(table, BINARY) == first and "leak" in {note.code for note in first}
    assert tables.content_sha256(table) == before


VALUES = {
    "integer": st.integers(-(2**63), 2**63 - 1) | st.integers(-1, 2),
    "number": st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 0.5]),
    "boolean": st.booleans(),
    "text": st.text(max_size=3),
    "date": st.dates(),
    "datetime": st.datetimes(),
}


@given(st.data(), st.integers(0, 60), st.booleans())
def test_no_table_breaks_a_check(data, rows, few):
    """Any types, any values, any roles that a table can have: notes that can be stored, and no error."""
    kinds = data.draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=4))
    columns = {}
    for place, kind in enumerate(kinds):
        values = data.draw(st.lists(st.none() | VALUES[kind], min_size=3 if few else rows, max_size=3 if few else rows))
        columns[f"column {place}"] = pa.array((values * rows)[:rows], tables.ARROW[kind])
    table = pa.table(columns)
    given_roles = {
        role: data.draw(st.none() | st.sampled_from(table.column_names)) for role in ("target", "id", "time", "group")
    }
    try:
        roles, _ = decide(table, given_roles, Roles())
    except DataError:
        return
    assert all(Note.of(note.as_dict()) == note for note in check(table, roles))

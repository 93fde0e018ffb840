"""Search: the small language finds exactly what a plain reading of it finds, and never evaluates anything."""

from __future__ import annotations

import operator as op
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops import Workspace
from mlops.base.errors import InvalidError
from mlops.base.events import facts_of
from mlops.experiments import search
from mlops.experiments.search import MAX_LENGTH, Both, Comparison, Expression, Not, parse

FIELDS = ["params.x", "params.model.type", "metrics.test.auc", "tags.team", "name", "status"]
WORDS = ["a", "b", "ab", "A", "%", "it's", "10", "true", "Ä"]
NUMBERS = [-1, 0, 0.5, 1, 10, 1e300, 2**53 + 1]
VALUES = st.sampled_from(WORDS + NUMBERS)
COMPARE = {"=": op.eq, "!=": op.ne, "<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}

LEAVES = (
    st.builds(
        Comparison, st.sampled_from(FIELDS), st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.tuples(VALUES)
    )
    | st.builds(Comparison, st.sampled_from(FIELDS), st.just("in"), st.lists(VALUES, min_size=1, max_size=3).map(tuple))
    | st.builds(Comparison, st.sampled_from(FIELDS), st.just("contains"), st.tuples(st.sampled_from(WORDS)))
)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.builds(Not, inner) | st.builds(Both, st.sampled_from(["and", "or"]), inner, inner),
    max_leaves=5,
)
RUNS = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(WORDS)},
        optional={
            "x": VALUES | st.booleans(),
            "type": VALUES,
            "auc": st.sampled_from([0.1, 0.5, 0.9]),
            "team": st.sampled_from(WORDS),
        },
    ),
    max_size=5,
)


def written(expression: Expression) -> str:
    """Write an expression as a person would, with brackets everywhere."""
    if isinstance(expression, Not):
        return f"not ({written(expression.inner)})"
    if isinstance(expression, Both):
        return f"({written(expression.left)}) {expression.word} ({written(expression.right)})"
    values = [
        "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value) for value in expression.values
    ]
    return f"{expression.field} {expression.operator} " + (
        f"({', '.join(values)})" if expression.operator == "in" else values[0]
    )


def holds(expression: Expression, facts: dict[str, Any]) -> bool:
    """Tell whether an expression is true, one fact at a time: the language as its documentation reads."""
    if isinstance(expression, Not):
        return not holds(expression.inner, facts)
    if isinstance(expression, Both):
        left, right = holds(expression.left, facts), holds(expression.right, facts)
        return (left and right) if expression.word == "and" else (left or right)
    if expression.field not in facts:
        return False
    fact, operator, wanted = facts[expression.field], expression.operator, expression.values
    alike = [value for value in wanted if isinstance(value, str) == isinstance(fact, str)]
    if operator == "contains":
        return isinstance(fact, str) and wanted[0] in fact
    if operator == "in":
        return fact in alike
    return any(COMPARE[operator](fact, value) for value in alike)


def log(ws: Workspace, values: dict[str, Any]) -> None:
    params = {"model.type" if key == "type" else key: values[key] for key in ("x", "type") if key in values}
    metrics = {"test": {"auc": values["auc"]}} if "auc" in values else {}
    ws.runs.log(values["name"], params, metrics, tags={"team": values["team"]} if "team" in values else None)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    return Workspace.open(tmp_path_factory.mktemp("search") / "empty")


@given(EXPRESSIONS)
def test_what_is_written_is_what_is_read(expression):
    """Writing any expression and reading it gives the same expression."""
    assert parse(written(expression)) == expression


@settings(max_examples=150)
@given(
    RUNS,
    EXPRESSIONS,
    st.none() | st.sampled_from(["params.x", "-metrics.test.auc", "name"]),
    st.none() | st.integers(0, 4),
    st.sampled_from([4, 12, search.FEW]),
)
def test_search_finds_what_a_naive_reading_finds(empty, tmp_path_factory, runs, expression, sort, limit, few):
    """Filtered, sorted and limited in the database as it would be in a loop over all runs, few as they are or many."""
    ws = empty.fork(tmp_path_factory.mktemp("search") / "fork")
    for values in runs:
        log(ws, values)
    newest_first = [(run, facts_of("run", run.as_dict())) for run in ws.runs.list()]
    expected = [(run, facts) for run, facts in newest_first if holds(expression, facts)]
    if sort:
        field = sort.removeprefix("-")
        have = [pair for pair in expected if field in pair[1]]
        have.sort(key=lambda pair: (isinstance(pair[1][field], str), pair[1][field]), reverse=sort.startswith("-"))
        expected = have + [pair for pair in expected if field not in pair[1]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "FEW", few)
        found = ws.runs.list(where=written(expression), sort=sort, limit=limit)
    assert [run.run_id for run in found] == [run.run_id for run, _ in expected][:limit]


def test_what_the_first_runs_meet_costs_no_more_among_many(empty, tmp_path, monkeypatch):
    """The steps that SQLite takes for a short answer do not grow with the runs that come after it in the order."""
    monkeypatch.setattr(search, "FEW", 40)
    steps = {}
    for runs in (200, 2000):
        ws = empty.fork(tmp_path / str(runs))
        with ws._ledger.write() as tx:
            for number in range(runs):
                record = {"run_id": f"r{number:04}", "params": {"x": number % 2}, "metrics": {"test": {"auc": number}}}
                tx.append("run.log", record["run_id"], record)
        steps[runs] = 0
        with ws._ledger.read() as view:

            def count(runs: int = runs) -> None:
                steps[runs] += 1

            view.connection.set_progress_handler(count, 10)
            found = search.find(view, "run", "params.x = 1 and metrics.test.auc > 5", "-metrics.test.auc", 3)
        assert found == [f"r{number:04}" for number in (runs - 1, runs - 3, runs - 5)]
    assert steps[2000] < 1.2 * steps[200]


def test_sorting_does_not_widen_a_search(ws):
    """A condition holds for each run on its own, also where the answer is sorted."""
    for depth in (1, 2, 3):
        log(ws, {"name": f"depth {depth}", "x": depth, "auc": 0.5})
    found = ws.runs.list(where="params.x = 1", sort="-metrics.test.auc")
    assert [run.name for run in found] == ["depth 1"]


def test_a_missing_field_makes_a_comparison_false_and_its_opposite_true(ws):
    """Runs without a metric are found by `not`, never by a comparison."""
    log(ws, {"name": "a"})
    assert ws.runs.list(where="metrics.test.auc != 0.5") == []
    assert len(ws.runs.list(where="not metrics.test.auc > 0.5")) == 1


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("params.x < 'a'", ["text 10"]),
        ("params.x >= ''", ["text 10"]),
        ("params.x != 'a'", ["text 10"]),
        ("params.x > 9", ["number 10"]),
        ("params.x != 9", ["number 10"]),
        ("params.x = 10", ["number 10"]),
        ("params.x in ('10', 9)", ["text 10"]),
        ("params.x contains '1'", ["text 10"]),
    ],
)
def test_numbers_and_text_never_compare(ws, where, found):
    """A 10 that was given as text is not found where numbers are asked for, nor the other way round."""
    log(ws, {"name": "number 10", "x": 10})
    log(ws, {"name": "text 10", "x": "10"})
    assert [run.name for run in ws.runs.list(where=where)] == found


def test_and_binds_closer_than_or_and_not_closest():
    """As in SQL and Python."""
    assert parse("not name = 'a' and name = 'b' or name = 'c'") == Both(
        "or",
        Both("and", Not(Comparison("name", "=", ("a",))), Comparison("name", "=", ("b",))),
        Comparison("name", "=", ("c",)),
    )


@pytest.mark.parametrize(("text", "number"), [(".5", 0.5), ("-.5", -0.5), ("5", 5), ("1e-3", 0.001)])
def test_a_number_is_read_as_people_write_it(text, number):
    """Also without the zero before the point."""
    assert parse(f"metrics.test.auc > {text}") == Comparison("metrics.test.auc", ">", (number,))


@pytest.mark.parametrize("text", ["'; DROP TABLE events; --", "x' OR '1'='1", "%", "\\", "__import__('os')"])
def test_values_are_values_whatever_they_look_like(ws, text):
    """Text never becomes SQL or code; it is found if it is there."""
    ws.runs.note(ws.runs.log("a", {"x": text}, {}).run_id, "kept")
    quoted = text.replace("'", "''")
    assert len(ws.runs.list(where=f"params.x = '{quoted}'")) == 1 and ws.verify()["ok"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("metric > 1", "'metric' is no field"),
        ("params > 1", "'params' is no field"),
        ("name.x = 'a'", "'name.x' is no field"),
        ("metrics.auc > 0.8", "'metrics.auc' is no field. Use one of params.KEY, metrics.SPLIT.NAME"),
        ("name =", "expected a value, found the end"),
        ("name = a", "expected a number"),
        ("name = 'a' name = 'b'", "expected the end, found 'name' at character 12"),
        ("(name = 'a'", "expected ')'"),
        ("name in 'a'", "expected '('"),
        ("name contains 1", "contains looks for text"),
        ("name = 'open", 'cannot be read at character 8: "\'open"'),
        ("  name ~ 'a'", "cannot be read at character 8"),
        ("and", "expected a field|'and' is no field"),
        ("not " * 60 + "name = 'a'", "nested deeper"),
        ("(" * 60 + "name = 'a'" + ")" * 60, "nested deeper"),
        ("name = '" + "a" * MAX_LENGTH + "'", f"at most {MAX_LENGTH}"),
    ],
)
def test_what_is_not_understood_is_pointed_at(text, said):
    """The message names the place and what was expected; the next step shows how it is done."""
    with pytest.raises(InvalidError, match=said.replace("(", r"\(").replace(")", r"\)")) as refused:
        parse(text)
    assert refused.value.next_step


def test_a_negative_limit_is_refused(ws):
    """The database would take it for no limit."""
    with pytest.raises(InvalidError, match="-1 is negative"):
        ws.runs.list(limit=-1)

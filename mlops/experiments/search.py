"""Search: the small language of ``runs list --where``, and its translation to indexed SQL.

    metrics.test.auc >= 0.8 and (params.model.type = 'gradient_boosting' or tags.team contains 'churn')

A field is a dotted name, a value a number, a 'string', true or false. A comparison with a field that a
run does not have is false - so ``not metrics.test.auc > 0.9`` also finds runs without one. Numbers and text
never compare. Nothing is evaluated: each comparison becomes one query over the index of facts, and the sets of records
they find are combined - among the first few in the order asked for, and among all only where those are not enough.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from mlops.base.errors import InvalidError, shown
from mlops.base.events import SEARCHABLE
from mlops.base.view import View

Value = float | int | str
Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "contains"]

MAX_LENGTH = 2000
MAX_DEPTH = 50

_WORD = re.compile(r"[A-Za-z_][\w.\-]*")
_TOKEN = re.compile(
    r"(?:(?P<number>-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))|(?P<string>'(?:[^']|'')*')"
    r"|(?P<operator>!=|<=|>=|=|<|>|\(|\)|,)|(?P<word>[A-Za-z_][\w.\-]*))\s*"
)


@dataclass(frozen=True)
class Comparison:
    """One field against one value (or, with ``in``, several)."""

    field: str
    operator: Operator
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Not:
    """The opposite."""

    inner: Expression


@dataclass(frozen=True)
class Both:
    """Left and right, or left or right."""

    word: Literal["and", "or"]
    left: Expression
    right: Expression


Expression = Comparison | Not | Both


def parse(text: str) -> Expression:
    """Read an expression.

    Raises
    ------
    InvalidError
        If the text is no expression, names an unknown field, or is too long; the message points at the place.

    Examples
    --------
    >>> parse("metrics.test.auc > 0.8 and name != 'first'").word
    'and'
    >>> parse("metric > 1")
    Traceback (most recent call last):
    ...
    mlops.base.errors.InvalidError: 'metric' is no field. Use one of params.KEY, metrics.SPLIT.NAME, ...
    """
    if len(text) > MAX_LENGTH:
        raise InvalidError(f"The search has {len(text)} characters; at most {MAX_LENGTH} are read.", "Shorten it.")
    parser = _Parser(text)
    expression = parser.either(0)
    if parser.token is not None:
        raise parser.unexpected("the end")
    return expression


FEW = 2000
"""Up to so many records are looked up one by one; more are met soon enough by walking the index in order."""


def find(view: View, noun: str, where: str | None, sort: str | None, limit: int | None) -> list[str]:
    """Return the ids of the records that match, in the order asked for.

    Parameters
    ----------
    view : View
        A look at the ledger.
    noun : str
        Kind of record.
    where : str or None
        An expression; None finds all.
    sort : str or None
        A field, with ``-`` before it for descending; records without it come last. None: newest first.
    limit : int or None
        How many at most.
    """
    if not where or not where.strip():
        return list(islice(_ordered(view, noun, sort), limit))
    expression = parse(where)
    if limit is not None and not _is_rare(view, expression):
        # Mostly the first ones have what is asked for, and nobody needs to know of the others.
        order, found = _ordered(view, noun, sort), list[str]()
        for some in (FEW // 4, FEW):
            first = list(islice(order, some))
            matches = _matches(view, noun, expression, set(first))
            found += [subject for subject in first if subject in matches]
            if len(found) >= limit or len(first) < some:
                return found[:limit]
    return list(islice(_ordered(view, noun, sort, _matches(view, noun, expression)), limit))


def fields(view: View) -> list[str]:
    """Return every field that any record has and a search can name."""
    # From one key to the next in the index; DISTINCT would walk all of it.
    rows = view.search(
        "run",
        "WITH RECURSIVE found(key) AS (SELECT min(key) FROM facts UNION ALL "
        "SELECT (SELECT min(key) FROM facts WHERE key > found.key) FROM found WHERE found.key IS NOT NULL) "
        "SELECT key FROM found WHERE key IS NOT NULL",
    )
    return [key for (key,) in rows if _WORD.fullmatch(key)]


def values(view: View, noun: str, wanted: Sequence[str], ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return some fields of many records, in the order of their ids, without making whole records of them.

    Parameters
    ----------
    wanted : sequence of str
        Dotted fields, as in a search; ``note``, ``tags`` and ``intervals.SPLIT.NAME`` are read as well.
    ids : sequence of str
        The records.

    Returns
    -------
    list of dict
        ``{field: value}`` for each record; None where it has no such field.
    """
    # One path alone would come back bare; with one more, which no record has, they always come as an array.
    rows = view.select(
        noun,
        f"SELECT json_extract(record, '$.-'{', ?' * len(wanted)}) "
        "FROM json_each(?) AS id CROSS JOIN records ON noun = ? AND subject = id.value",
        (*map(_path, wanted), json.dumps(list(ids)), noun),
    )
    return [dict(zip(wanted, json.loads(row)[1:], strict=True)) for (row,) in rows]


def _path(field: str) -> str:
    """Return where a field stands in the JSON of a record: the keys of params and tags hold dots themselves."""
    if not _WORD.fullmatch(field):
        raise InvalidError(f"{shown(field)} is no field.", "Use one that runs.fields() lists.")
    parts = field.split(".", 1) if field.startswith(("params.", "tags.")) else field.split(".")
    return "$" + "".join(f'."{part}"' for part in parts)


def _ordered(view: View, noun: str, sort: str | None, among: set[str] | None = None) -> Iterator[str]:
    """Yield records - all, or some - by a field, equal ones newest first, and then those that do not have it."""
    seen: set[str] = set()
    if sort:
        source, ids = _source("facts", among)
        rows = view.search(
            noun,
            f"SELECT facts.subject FROM {source} "
            "JOIN records ON records.noun = ? AND records.subject = facts.subject WHERE facts.key = ? "
            f"ORDER BY facts.value {'DESC' if sort.startswith('-') else 'ASC'}, records.seq DESC",
            (*ids, noun, _field(sort.removeprefix("-"))),
        )
        for (subject,) in rows:
            if among is None or subject in among:
                seen.add(subject)
                yield subject
    if among is None or among - seen:
        source, ids = _source("records", among)
        query = f"SELECT records.subject FROM {source} WHERE records.noun = ? ORDER BY records.seq DESC"
        for (subject,) in view.search(noun, query, (*ids, noun)):
            if subject not in seen and (among is None or subject in among):
                yield subject


def _source(table: str, among: set[str] | None) -> tuple[str, list[str]]:
    """Return the rows of a table to look at, and the parameter that names them: all, or just those of a few records."""
    if among is None or len(among) > FEW:
        return table, []
    # CROSS JOIN keeps the order of the two: first the ids, then the row of each.
    return f"json_each(?) AS id CROSS JOIN {table} ON {table}.subject = id.value", [json.dumps(list(among))]


def _is_rare(view: View, expression: Expression) -> bool:
    """Tell whether only a few records can meet a condition, so that it takes no time to find them all."""
    if isinstance(expression, Not):
        return False
    if isinstance(expression, Both):
        sides = (_is_rare(view, expression.left), _is_rare(view, expression.right))
        return any(sides) if expression.word == "and" else all(sides)
    test, values = _test(expression)
    query = f"SELECT 1 FROM facts WHERE facts.key = ? AND {test} LIMIT {FEW + 1}"
    return len(view.search("run", query, (expression.field, *values)).fetchall()) <= FEW


def _matches(view: View, noun: str, expression: Expression, among: set[str] | None = None) -> set[str]:
    """Return which records - of all, or of some - meet a condition."""
    if isinstance(expression, Not):
        inner = _matches(view, noun, expression.inner, among)
        return (set(_ordered(view, noun, None)) if among is None else among) - inner
    if isinstance(expression, Both):
        sides = [expression.left, expression.right]
        if among is None and _is_rare(view, expression.right):
            sides.reverse()
        first = _matches(view, noun, sides[0], among)
        if expression.word == "and":
            return _matches(view, noun, sides[1], first)
        return first | _matches(view, noun, sides[1], among)
    test, values = _test(expression)
    source, ids = _source("facts", among)
    rows = view.search(
        noun, f"SELECT facts.subject FROM {source} WHERE facts.key = ? AND {test}", (*ids, expression.field, *values)
    )
    return {subject for (subject,) in rows if among is None or subject in among}


def _test(comparison: Comparison) -> tuple[str, list[Value]]:
    operator, values = comparison.operator, list(comparison.values)
    if operator == "contains":
        return "typeof(facts.value) = 'text' AND instr(facts.value, ?) > 0", values
    if operator in ("=", "in"):  # a number never equals a text
        return f"facts.value IN ({', '.join('?' * len(values))})", values
    # SQLite sorts every number before every text; the second test keeps the two apart.
    same_kind = "facts.value >= ''" if isinstance(values[0], str) else "facts.value < ''"
    return f"facts.value {operator} ? AND {same_kind}", values


def _field(name: str) -> str:
    top, _, key = name.partition(".")
    split_alone = top == "metrics" and "." not in key  # metrics.auc would be no error, and find nothing
    if top not in SEARCHABLE["run"] or (top in ("params", "metrics", "tags", "data")) != bool(key) or split_alone:
        raise InvalidError(
            f"{shown(name)} is no field.",
            "Use one of params.KEY, metrics.SPLIT.NAME, tags.KEY, data.name, data.version, "
            "status, name, run_id, seed, started_at, duration_s.",
        )
    return name


def tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield what an expression is made of: its kind - number, string, operator, word -, its text, and where it begins.

    Raises
    ------
    InvalidError
        If there is something else in it; the message points at the place.

    Examples
    --------
    >>> [(kind, text) for kind, text, _ in tokens("seed >= 7")]
    [('word', 'seed'), ('operator', '>='), ('number', '7')]
    """
    position = len(text) - len(text.lstrip())
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise InvalidError(
                f"The search {shown(text)} cannot be read at character {position + 1}: "
                f"{shown(text[position : position + 20])}.",
                "Put text values in single quotes.",
            )
        kind = str(match.lastgroup)
        yield kind, match.group(kind), match.start(kind)
        position = match.end()


class _Parser:
    """Recursive descent over the tokens: either > both > opposite > comparison."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self.token: tuple[str, str, int] | None = None
        self.advance()

    def advance(self) -> None:
        self.token = next(self._tokens, None)

    def unexpected(self, wanted: str) -> InvalidError:
        found = f"{shown(self.token[1])} at character {self.token[2] + 1}" if self.token else "the end"
        return InvalidError(
            f"The search {shown(self._text)} is not understood: expected {wanted}, found {found}.",
            "Example: metrics.validation.auc > 0.8 and params.model.type = 'gradient_boosting'.",
        )

    def accept(self, *texts: str) -> str | None:
        if self.token and self.token[0] != "string" and self.token[1] in texts:
            text = self.token[1]
            self.advance()
            return text
        return None

    def either(self, depth: int) -> Expression:
        left = self.both(depth)
        while self.accept("or"):
            left = Both("or", left, self.both(depth))
        return left

    def both(self, depth: int) -> Expression:
        left = self.opposite(depth)
        while self.accept("and"):
            left = Both("and", left, self.opposite(depth))
        return left

    def opposite(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise InvalidError(f"The search is nested deeper than {MAX_DEPTH}.", "Make it simpler.")
        if self.accept("not"):
            return Not(self.opposite(depth + 1))
        if self.accept("("):
            inner = self.either(depth + 1)
            if not self.accept(")"):
                raise self.unexpected("')'")
            return inner
        return self.comparison()

    def comparison(self) -> Comparison:
        if self.token is None or self.token[0] != "word":
            raise self.unexpected("a field")
        field = _field(self.token[1])
        self.advance()
        operator = self.accept("=", "!=", "<", "<=", ">", ">=", "in", "contains")
        if operator is None:
            raise self.unexpected("one of = != < <= > >= in contains")
        if operator == "in":
            if not self.accept("("):
                raise self.unexpected("'('")
            values = [self.value()]
            while self.accept(","):
                values.append(self.value())
            if not self.accept(")"):
                raise self.unexpected("')'")
            return Comparison(field, "in", tuple(values))
        value = self.value()
        if operator == "contains" and not isinstance(value, str):
            raise InvalidError(f"contains looks for text, not for {shown(value)}.", "Put it in single quotes.")
        return Comparison(field, operator, (value,))  # type: ignore[arg-type]

    def value(self) -> Value:
        if self.token is None:
            raise self.unexpected("a value")
        kind, text, _ = self.token
        if kind == "word" and text not in ("true", "false"):
            raise self.unexpected("a number, a 'string', true or false")
        if kind == "operator":
            raise self.unexpected("a value")
        self.advance()
        if kind == "string":
            return text[1:-1].replace("''", "'")
        if kind == "word":
            return text
        number = float(text)
        return int(text) if re.fullmatch(r"-?\d{1,18}", text) else number

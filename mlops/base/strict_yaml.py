"""Strict YAML: the part of YAML 1.1 that people write by hand for us, configs above all, read in one pass.

One document of mappings, lists and plain values, with text as keys. Tags, anchors and aliases, deep nesting and a
key that stands twice are refused before anything is made of them. So are the values that YAML 1.1 reads as something
that few people mean: `no` as false, `017` as 15, `1:30` as 90, `2024-03-01` as a date, `.inf` as a number. (`1e5`,
which it reads as text, is for the schema to refuse: only there is it known that a number was wanted.)

What is wrong is a *problem* with its line, its key and what was probably meant.

https://yaml.org/spec/1.1, as PyYAML's safe loader in pure Python has it; the one in C can crash the process on deep
nesting.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from mlops.base.errors import MAX_VALUE, ConfigError, InvalidError, printable, shown
from mlops.base.records import check_path, is_text

MAX_BYTES, MAX_DEPTH, MAX_NODES = 64 * 1024, 20, 5000

_TAG = "tag:yaml.org,2002:"
_PLAIN = {
    "str": re.compile(r".*", re.DOTALL),
    "null": re.compile(r".*"),
    "bool": re.compile(r"true|false", re.IGNORECASE),
    "int": re.compile(r"[-+]?(0|[1-9][0-9]{0,29})"),
    "float": re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+][0-9]{1,3})?"),
}
"""The spellings that mean the same to YAML and to people, by the type YAML gives them."""


def found(line: int | None, field: str | None, message: str, suggestion: str | None = None) -> dict[str, Any]:
    """Return one problem of a file."""
    texts = {"field": field, "message": message, "suggestion": suggestion}
    return {"line": line, **{key: text and printable(text, MAX_VALUE) for key, text in texts.items()}}


def invalid(problems: Iterable[dict[str, Any]], where: str, error: type[InvalidError] = ConfigError) -> InvalidError:
    """Return the error that says the first problem and carries all of them."""
    first, *others = problems
    place = where + (f", line {first['line']}" if first["line"] else "")
    more = f" (and {len(others)} more)" if others else ""
    hint = f"Did you mean {first['suggestion']}?" if first["suggestion"] else "Correct it and try again."
    return error(f"{place}: {first['message'].rstrip('.')}{more}.", hint, [first, *others])


def read(path: str | Path, what: str = "config", error: type[InvalidError] = ConfigError) -> str:
    """Return the text of a file, up to what `parse` takes; `what` names its kind in messages."""
    path = check_path(path)
    try:
        if path.exists() and not path.is_file():  # a pipe or a device could be read for ever
            raise error(f"The {what} {shown(str(path))} is not a file.", "Name a file.")
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 4).decode("utf-8-sig")
    except OSError as problem:
        raise error(
            f"The {what} {shown(str(path))} cannot be read: {problem.strerror}.", "Check the path."
        ) from problem
    except UnicodeDecodeError as problem:
        raise invalid([found(1, None, "It is not UTF-8 text")], path.name, error) from problem


def parse(text: str, where: str = "Config", error: type[InvalidError] = ConfigError) -> tuple[Any, dict[str, int]]:
    """Read a YAML text.

    Parameters
    ----------
    text : str
        One document, or nothing.
    where : str
        What to call the text in messages, such as the name of its file.
    error : type of InvalidError
        What to raise.

    Returns
    -------
    value : dict, list, str, int, float, bool or None
        What the text says.
    lines : dict
        The line, from 1, of each of its dotted keys.

    Raises
    ------
    ConfigError, or what `error` says
        If it is no YAML or more than a config needs; `details` has ``{line, field, message, suggestion}``.

    Examples
    --------
    >>> parse("model:\\n  type: dummy\\n")
    ({'model': {'type': 'dummy'}}, {'model': 1, 'model.type': 2})
    >>> parse("max_depth: 017")
    Traceback (most recent call last):
    ...
    mlops.base.errors.ConfigError: Config, line 1: YAML reads 017 as 15; write plain digits, or put text in quotes. ...
    """
    try:
        if not is_text(text):
            raise _Refused(1, "It cannot be read as YAML: it holds half a character")
        if len(text.encode()) > MAX_BYTES:
            raise _Refused(1, f"It has more than {MAX_BYTES // 1024} KiB")
        reader = _Reader(text)
        return reader.read(), reader.lines
    except _Refused as refused:
        problem = refused.problem
    except yaml.reader.ReaderError as odd:
        line = text.count("\n", 0, odd.position) + 1
        problem = found(line, None, f"It cannot be read as YAML: it holds the character {shown(chr(odd.character))}")
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        tab = "; indent with spaces" if "'\\t'" in str(wrong.problem) else ""
        problem = found(mark.line + 1 if mark else 1, None, f"It cannot be read as YAML: {wrong.problem}{tab}")
    raise invalid([problem], where, error)


class _Refused(Exception):
    """A problem, found while reading."""

    def __init__(self, line: int, message: str, field: str | None = None, suggestion: str | None = None) -> None:
        self.problem = found(line, field, message, suggestion)


class _Reader(yaml.SafeLoader):
    """PyYAML's safe loader, which looks at each event before it makes a node of it, and at each node before a value."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.lines: dict[str, int] = {}
        self._depth = self._nodes = 0

    def read(self) -> Any:
        """Return the value of the only document."""
        self.get_event()  # type: ignore[no-untyped-call]  # the stream begins
        if self.check_event(yaml.StreamEndEvent):
            return None
        node = self.compose_document()
        if not self.check_event(yaml.StreamEndEvent):
            second = self.peek_event()  # type: ignore[no-untyped-call]
            raise _Refused(_line(second), "It is to be one YAML document; a second one starts here")
        return self._value(node, "")

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Refuse what a config never needs, before anything is made of it."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        self._nodes, self._depth = self._nodes + 1, self._depth + 1
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise _Refused(_line(event), "Anchors and aliases are not used here; write the value out")
        if event.tag is not None:
            raise _Refused(_line(event), f"The tag {shown(event.tag)} is not used here; remove it")
        if self._depth > MAX_DEPTH or self._nodes > MAX_NODES:
            what = "nested deeper" if self._depth > MAX_DEPTH else "longer"
            raise _Refused(_line(event), f"It is {what} than any config needs")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def _value(self, node: Any, field: str) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, f"{field}." if field else "")
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, field) for item in node.value]
        kind = node.tag.removeprefix(_TAG)
        if not (kind in _PLAIN and _PLAIN[kind].fullmatch(node.value)):
            raise _Refused(_line(node), *self._surprise(node, kind, field))
        value = self.construct_object(node)
        if isinstance(value, float) and not isfinite(value):  # such as 1.0e+999
            raise _Refused(_line(node), *self._surprise(node, kind, field))
        return value

    def _surprise(self, node: yaml.ScalarNode, kind: str, field: str) -> tuple[str, str, str | None]:
        """Say what YAML makes of a value, and how to write what was meant."""
        text = shown(node.value)[1:-1]
        if kind not in ("int", "float"):
            meaning = {"timestamp": "a date", "bool": "yes or no"}.get(kind, "a sign of its own")
            return f"YAML reads {text} as {meaning}; put text in quotes", field, _quoted(node.value)
        return f"YAML reads {text} as {self._number(node)}; write plain digits, or put text in quotes", field, None

    def _number(self, node: yaml.ScalarNode) -> str:
        try:
            return shown(self.construct_object(node))
        except ValueError:  # such as 0b_, or more digits than Python reads
            return "a number that is none"

    def _mapping(self, node: yaml.MappingNode, prefix: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = getattr(key_node, "value", None), _line(key_node)
            if not isinstance(key, str) or key_node.tag != f"{_TAG}str":
                key = key if isinstance(key, str) else "a collection"
                raise _Refused(line, f"The key {shown(key)} is not text", prefix + key, _quoted(key))
            if key in values:
                raise _Refused(line, f"The key {shown(key)} stands here a second time", prefix + key)
            self.lines[prefix + key] = line
            values[key] = self._value(value_node, prefix + key)
        return values


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _line(thing: Any) -> int:
    return int(thing.start_mark.line) + 1

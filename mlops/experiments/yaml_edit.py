"""Change one value in the text of a config: everything else, comments too, stays as it was written.

The form and the editor show the same config. The text is the only truth; the form reads it and edits it here. A text
in a form that cannot be edited in its place, such as a comment within braces, is written anew, without its comments.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import yaml


def set_value(text: str, key: str, value: Any) -> str:
    """Return a config with one value set.

    Parameters
    ----------
    text : str
        A valid config.
    key : str
        Section and name: ``model.max_depth``.
    value : object
        A scalar or a list of scalars.

    Examples
    --------
    >>> print(set_value("model:\\n  type: dummy    # nothing\\n", "model.type", "ridge"), end="")
    model:
      type: ridge    # nothing
    >>> print(set_value("model: {type: ridge}\\n", "model.alpha", 2.0), end="")
    model: {type: ridge, alpha: 2.0}
    >>> print(set_value("model: {type: dummy}\\n", "training.random_state", None), end="")
    model: {type: dummy}
    <BLANKLINE>
    training:
      random_state: null
    """
    section, _, name = key.partition(".")
    config = yaml.safe_load(text) or {}
    config.setdefault(section, {})[name] = value
    return _checked(_with(text, section, name, _spelled(value)), config)


def without(text: str, key: str) -> str:
    """Return a config without one key; a section goes with its last one.

    Examples
    --------
    >>> without("model:\\n  type: ridge\\n  alpha: 2.0  # smooth\\nname: a\\n", "model.alpha")
    'model:\\n  type: ridge\\nname: a\\n'
    >>> without("model: {type: ridge, alpha: 2.0}\\n", "model.alpha")
    'model: {type: ridge}\\n'
    >>> without("name: a\\nthresholds:\\n  churn: 0.5\\n", "thresholds.churn")
    'name: a\\n'
    """
    section, _, name = key.partition(".")
    config = yaml.safe_load(text)
    if name not in (config or {}).get(section, {}):
        return text
    root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    if len(config[section]) == 1:
        del config[section]
        parent, name = root, section
    else:
        del config[section][name]
        parent = _find(root, section)
    at = next(number for number, (left, _) in enumerate(parent.value) if left.value == name)
    return _checked(_cut(text, parent, at), config)


def _checked(text: str, config: Any) -> str:
    """Return an edited text if it says what it should, else the config written anew."""
    with suppress(yaml.YAMLError):
        if yaml.safe_load(text) == config:
            return text
    return str(yaml.safe_dump(config, sort_keys=False, allow_unicode=True))


def _with(text: str, section: str, name: str, spelled: str) -> str:
    parent = _find(yaml.compose(text, Loader=yaml.SafeLoader), section)
    if parent is None:
        return f"{text.rstrip()}\n\n{section}:\n  {name}: {spelled}\n"
    if found := _find(parent, name):
        return _replaced(text, found, spelled)
    return _added(text, parent, f"{name}: {spelled}")


def _cut(text: str, parent: Any, at: int) -> str:
    """Take a pair from a section."""
    pairs = parent.value
    if parent.flow_style:
        start = pairs[at][0].start_mark.index if at == 0 else pairs[at - 1][1].end_mark.index
        end = pairs[at + 1][0].start_mark.index if at == 0 else pairs[at][1].end_mark.index
        return text[:start] + text[end:]
    first, last = (mark.line for mark in (pairs[at][0].start_mark, pairs[at][1].end_mark))
    lines = text.splitlines(keepends=True)
    return "".join(lines[:first] + lines[max(last, first + 1) if pairs[at][1].end_mark.column == 0 else last + 1 :])


def _find(node: Any, name: str) -> Any:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((right for left, right in pairs if left.value == name), None)


def _spelled(value: Any) -> str:
    """Return a value as YAML on one line."""
    written = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**9)
    return written.removesuffix("...\n").strip()


def _replaced(text: str, node: Any, spelled: str) -> str:
    """Put a value in the place of another one; a comment behind it stays in its column if there is room."""
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.SequenceNode) and not node.flow_style:  # a list of lines becomes one line
        before, after = text[:start], text.splitlines(keepends=True)[_last_line(node) + 1 :]
        before = f"{before.rstrip()} " if before.rstrip().endswith(":") else before
        return "".join([before, spelled, "\n", *after])
    old, rest = text[start:end].rstrip(), text[start + len(text[start:end].rstrip()) :]
    if comment := re.match(r"( {2,})(?=#)", rest):
        spaces = max(2, len(comment[1]) + len(old) - len(spelled))
        rest = " " * spaces + rest[len(comment[1]) :]
    return text[:start] + spelled + rest


def _added(text: str, parent: Any, line: str) -> str:
    """Add a line behind the last one of a section."""
    if parent.flow_style:
        end = parent.end_mark.index - 1
        return f"{text[:end].rstrip()}{', ' if parent.value else ''}{line}{text[end:]}"
    last_key, last_value = parent.value[-1]
    after = max(last_key.start_mark.line, _last_line(last_value))
    lines = text.splitlines(keepends=True)
    lines[after] = lines[after].rstrip("\n") + "\n"
    lines.insert(after + 1, " " * last_key.start_mark.column + line + "\n")
    return "".join(lines)


def _last_line(node: Any) -> int:
    """Return the line on which a value ends; a block ends before the line that its mark names."""
    block = isinstance(node, yaml.CollectionNode) and not node.flow_style
    if not block:
        return int(node.end_mark.line)
    inner = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    return _last_line(inner)

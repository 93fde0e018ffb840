"""Problems: what is wrong with a config, each with its line, its key, the rule, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from math import isfinite
from typing import Any

from pydantic import BaseModel, ValidationError

from mlops.base.errors import shown
from mlops.base.strict_yaml import found
from mlops.models.estimators import ESTIMATORS

TYPES = {estimator.name: estimator.parameters for estimator in ESTIMATORS}


def of_schema(error: ValidationError, schema: type[BaseModel], lines: Mapping[str, int | None]) -> list[dict[str, Any]]:
    """Return the problems of a config that its schema refuses, one for each key.

    Parameters
    ----------
    lines : mapping
        For each dotted key that was given the line it stands on; None where it stands on none.
    """
    problems = [_problem(dict(one), schema, lines) for one in error.errors()]
    each = list({problem["field"]: problem for problem in reversed(problems)}.values())[::-1]
    meant = {problem["suggestion"] for problem in each if problem["line"]}
    return [one for one in each if one["line"] or one["field"] not in meant]  # what is misspelled is not missing


def _problem(error: dict[str, Any], schema: type[BaseModel], lines: Mapping[str, int | None]) -> dict[str, Any]:
    """Turn one pydantic error into line, field, message and suggestion."""
    value, kind = error.get("input"), error["type"]
    # The tag of the model union is no key of the file.
    parts = [str(part) for position, part in enumerate(error["loc"]) if not (position == 1 and part in TYPES)]
    prefixes = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
    given = next((key for key in prefixes if key in lines), prefixes[0])
    line = lines.get(given)
    if kind == "extra_forbidden":
        known = _known_keys(error["loc"], schema)
        near = difflib.get_close_matches(parts[-1], known, n=1, cutoff=0.5)
        return found(line, prefixes[0], f"There is no key {shown(prefixes[0])}; known here: {', '.join(known)}", *near)
    if kind == "missing":
        return found(line, prefixes[0], f"The key {shown(prefixes[0])} is missing")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        wanted = value.get("type") if isinstance(value, dict) else None
        near = difflib.get_close_matches(str(wanted), sorted(TYPES), n=1, cutoff=0.4)
        message = f"model.type is {_spelled(wanted)}, but must be one of {', '.join(sorted(TYPES))}"
        return found(lines.get("model.type", line), "model.type", message, *near)
    if kind == "value_error":
        return found(line, given, str(error["ctx"]["error"]))
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return found(line, given, f"{given} is {_spelled(value)}, but must be a mapping of keys to values")
    rule = error["msg"][0].lower() + error["msg"][1:]
    return found(line, given, f"{given} is {_spelled(value)}: {rule}", _other_spelling(value, kind))


def _known_keys(location: tuple[Any, ...], schema: type[BaseModel]) -> list[str]:
    """Return the keys that are allowed beside the one at a location."""
    for part in location[:-1]:
        section = TYPES.get(part) or schema.model_fields[part].annotation
        schema = section if isinstance(section, type) and issubclass(section, BaseModel) else schema
    return [*schema.model_fields]


def _spelled(value: Any) -> str:
    """Return a value as a config spells it."""
    words = {None: "null", True: "true", False: "false"}
    return words[value] if value is None or isinstance(value, bool) else shown(value)


def _other_spelling(value: Any, kind: str) -> str | None:
    """Return what makes text of a number, or a number of text: YAML 1.1 reads 1e5 as text, and 7 in quotes is text."""
    if kind == "string_type" and isinstance(value, bool | int | float):
        return f"'{_spelled(value)}'"
    if not isinstance(value, str) or not kind.startswith(("int", "float")):
        return None
    try:
        number = float(value)
        return str(int(number)) if number.is_integer() else repr(number) if isfinite(number) else None
    except ValueError:
        return None

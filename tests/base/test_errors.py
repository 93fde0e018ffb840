"""Errors: one family, and every refusal says the value, the rule and what to do now."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

import mlops
from mlops.base import errors
from mlops.base.errors import MlopsError

FAMILY = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, MlopsError)]
FOLDER = Path(mlops.__file__).parent
CORE = sorted(path for path in FOLDER.rglob("*.py") if not path.is_relative_to(FOLDER / "export/template"))
"""All of the package; what an exported project is made of speaks as plain Python does."""


def test_the_tree_in_the_docstring_is_the_tree():
    """Every class stands there, and no other."""
    drawn = {line.split()[0] for line in str(errors.__doc__).splitlines() if line.startswith("  ")}
    assert drawn == {one.__name__ for one in FAMILY}


@pytest.mark.parametrize(
    ("name", "builtin"),
    [("InvalidError", ValueError), ("ConfigError", ValueError), ("DataError", ValueError), ("NotFoundError", LookupError), ("StorageError", OSError)],
)  # fmt: skip
def test_a_caller_may_catch_what_python_would_have_raised(name, builtin):
    """Who knows nothing of this package still catches the right thing."""
    assert issubclass(getattr(errors, name), builtin)


@pytest.mark.parametrize("kind", FAMILY, ids=lambda kind: kind.__name__)
def test_every_error_reads_as_two_sentences_and_as_a_document(kind):
    """For people, message and next step in one line; for programs, each in its field."""
    error = kind("No run starts with 'r9'.", "List them.", [{"row": 1}])
    assert str(error) == "No run starts with 'r9'. List them."
    document = {"code": kind.code, "message": error.message, "next_step": "List them.", "details": [{"row": 1}]}
    assert error.as_dict() == {"error": document} == json.loads(json.dumps(error.as_dict()))


def test_codes_tell_the_kinds_apart():
    """A program decides by the code."""
    assert len({kind.code for kind in FAMILY}) == len(FAMILY)


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_every_error_that_is_raised_has_a_next_step(path):
    """A message alone leaves a person standing there."""
    names = {kind.__name__ for kind in FAMILY}
    made = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]
    bare = [node.lineno for node in made if len(node.args) < 2 or ast.unparse(node.args[1]) == "''"]
    assert bare == []


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_a_value_in_a_sentence_is_shown_and_never_just_repeated(path):
    """`shown` keeps it short and to what can be printed, wherever it came from; ``!r`` repeats a megabyte."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    no_sentence = [
        node
        for node in ast.walk(tree)
        if (isinstance(node, ast.FunctionDef) and node.name == "__repr__")
        or (isinstance(node, ast.Call) and ast.unparse(node.func).startswith("hashlib."))
    ]
    left_out = {part for node in no_sentence for part in ast.walk(node)}
    repeated = [
        node.lineno
        for node in set(ast.walk(tree)) - left_out
        if (isinstance(node, ast.FormattedValue) and node.conversion == ord("r"))
        or (isinstance(node, ast.Call) and ast.unparse(node).startswith("map(repr"))
    ]
    assert repeated == []

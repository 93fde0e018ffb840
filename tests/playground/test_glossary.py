"""The glossary: every word of ours that a screen uses is explained, and found by the name that another tool has for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from playground import course, glossary
from tests.screens import drawn_on, open_page, unfold
from tests.test_architecture import FLOORS

ROOT = Path(__file__).resolve().parents[2]

FIELD = {
    "alias", "artifact", "audit log", "baseline", "batch", "bootstrap", "branch", "canary", "candidate", "challenger", "champion",
    "checkpoint", "cohort", "commit", "config drift", "container", "content hash", "cross-validation", "DAG", "data version",
    "deployment", "drift", "environment", "experiment", "feature", "gate", "ground truth", "health check", "hyperparameter", "label",
    "leak", "lineage", "merge", "metadata", "metric", "monitoring", "notebook to script", "orchestrator", "outcome", "overlay",
    "parity", "pipeline", "production", "PSI", "registry", "release check", "replay", "reproducible", "REST", "retraining",
    "rollback", "run", "schema", "seed", "serving", "shadow", "signature", "silent candidate", "snapshot", "staging", "sweep",
    "target", "threshold", "trial", "validation", "workspace",
}  # fmt: skip
"""Words of the field: whichever of them a screen comes to use is explained."""

EVERYDAY = {
    "answered", "answering", "calendar column", "change", "clock", "comparison", "curve", "described", "difference", "distance",
    "estimate", "estimator", "event", "evidence", "finding", "fit", "format", "grid", "id", "input", "join", "judged", "level", "lock",
    "month", "monthly", "note", "order", "output", "past", "performance", "piece", "prediction", "preparation", "problem",
    "profile", "progress", "proposal", "queue", "readiness", "recent", "recognised", "record", "reference", "role",
    "row", "scoring", "search", "software", "splitting", "table", "task", "unit", "verify", "view", "window", "worker", "world",
    "cache", "chained", "config file", "error", "health", "leftover", "new row", "told apart",
}  # fmt: skip
"""Names of modules that on screens are words of every day: a row, a month, an answer."""


def texts() -> Iterator[str]:
    """Yield what screens may say: every text in the code of the screens, and in the words of stops, labs and quiz."""
    for path in [*(ROOT / "pages").rglob("*.py"), *(ROOT / "playground").rglob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # what nobody is told
        for node in ast.walk(tree):
            text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent
            if text and (" " in node.value or node.value[:1].isupper()):  # else it is a key, and not a word
                yield node.value
    for path in sorted((ROOT / "playground").rglob("*.yaml")):
        if path != glossary.FILE:
            yield path.read_text(encoding="utf-8")


@cache
def said() -> str:
    """Return all of it, in one case."""
    return "\n".join(texts()).lower()


def singular(word: str) -> str:
    """Return a word as the glossary has it.

    Examples
    --------
    >>> singular("Leaks"), singular("batches"), singular("hash"), singular("retries")
    ('leak', 'batch', 'hash', 'retry')
    """
    word = word.lower()
    for end, instead in (("ies", "y"), ("ches", "ch"), ("shes", "sh")):
        if word.endswith(end):
            return word.removesuffix(end) + instead
    return word.removesuffix("s") if not word.endswith(("ss", "us", "is", "as")) else word


def explained() -> set[str]:
    """Return every word that the glossary explains, and those that a number is hovered over for."""
    words = [name for term in glossary.terms() for name in (*term.word.split(", "), *term.also)]
    return {singular(word) for word in words} | {name.replace("_", " ") for name in glossary.METRICS}


def unexplained(words: Iterable[str], text: str) -> list[str]:
    """Return the words that a text uses, and nobody explains."""
    wanted = {singular(word) for word in words} - explained()
    return sorted(word for word in wanted if re.search(rf"(?<![\w.-]){re.escape(word)}(s|es)?(?![\w-])", text))


def test_every_word_of_the_field_on_a_screen_is_explained():
    """Whoever writes one for the first time writes its line in the glossary as well."""
    assert unexplained(FIELD, said()) == []


def test_every_noun_of_the_core_on_a_screen_is_explained():
    """A new module is a new noun: it is explained, or it is a word of every day."""
    files = [path for floor in FLOORS for path in (ROOT / "mlops" / floor).glob("[a-z]*.py")]
    modules = {singular(path.stem.replace("_", " ")) for path in files}

    assert unexplained(modules - EVERYDAY, said()) == []
    assert modules >= EVERYDAY  # who removes a module removes its word here


@pytest.mark.parametrize("stop", course.EVERY, ids=lambda stop: stop.id)
def test_what_a_stop_teaches_is_explained(stop):
    """A phrase is explained by one of the words in it."""
    words = explained()
    for taught in stop.mission.teaches:
        parts = {singular(part) for part in re.findall(r"[\w-]+", taught)}
        whole = " ".join(singular(part) for part in taught.split())
        assert any(set(word.split()) <= parts or word in (singular(taught), whole) for word in words), taught


def test_the_lint_finds_a_word_that_nobody_explains():
    """Also in the plural, and not inside another word or a key."""
    assert unexplained(["orchestrator", "Canary"], "two orchestrators and a canary") == ["canary", "orchestrator"]
    assert unexplained(["orchestrator"], "orchestratory, x.orchestrator, orchestrator-key") == []
    assert unexplained(["runs", "Rollback"], "runs and rollbacks") == []


# The words themselves


def test_a_word_has_one_meaning():
    """No two lines explain the same word, and each says it in all three ways."""
    words = [singular(name) for term in glossary.terms() for name in (term.word, *term.also)]

    assert len(words) == len({*words})
    for term in glossary.terms():
        assert all(text.endswith(".") for text in (term.plain, term.technical, term.business)), term.word
        assert len(term.plain.split()) <= 12, term.word


@pytest.mark.parametrize("tool", glossary.TOOLS)
def test_whoever_comes_from_another_tool_finds_its_words(tool):
    """The nouns that each of them has."""
    called = {term.word: term.elsewhere[tool] for term in glossary.terms() if tool in term.elsewhere}

    assert {"Run", "Model version", "Config", "Dataset version", "Rollback", "Gate", "Environment"} <= called.keys()


def test_the_guide_has_all_words_and_a_table_of_them(empty):
    """The browser finds; the table is its twin."""
    at = open_page("guide", part="Glossary")
    drawn = drawn_on(at, "glossary")
    assert [one["word"] for one in drawn["terms"]] == [term.word for term in glossary.terms()]
    table = unfold(at, "glossary.table").dataframe[0].value

    assert list(table["Word"]) == [term.word for term in glossary.terms()]
    assert table.set_index("Word").loc["Run", "SageMaker"] == "training job"

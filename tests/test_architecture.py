"""The shape of the house: which way imports run, what may be called where, and what importing costs."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

import mlops
from mlops.experiments import lifecycle

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "mlops" / "export" / "template"
"""The text of another project, which is written out and never imported; `tests/export` says what it must be."""
CORE = sorted(path for path in (ROOT / "mlops").rglob("*.py") if TEMPLATE not in path.parents)
SCREENS = sorted([ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "playground").rglob("*.py")])
EVERYTHING = [*CORE, *SCREENS, *sorted((ROOT / "sample_data").rglob("*.py"))]

FLOORS = {
    "base": 1970,
    "data": 4330,
    "models": 1190,
    "experiments": 2420,
    "training": 1790,
    "release": 2980,
    "production": 1990,
}
"""The folders of `mlops` from the ground up, and the lines of code that each may have: a smoke alarm. Whoever hears it
looks for the simpler idea first, and raises the number with a decision record after that."""

DOORS = {"workspace", "folder", "sample", "builtin", "cli", "serving", "export"}
"""What stands on all floors."""


@cache
def parsed(path: Path) -> ast.Module:
    """Return a file as Python reads it."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Return the dotted names that a file imports when it runs; what only the type checker sees does not count."""
    found: list[str] = []
    for node in walk(parsed(path)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return tuple(found)


def walk(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from walk(child)


def packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


@cache
def calls(path: Path) -> frozenset[str]:
    """Return what a file calls, as it is written: ``joblib.load``, ``eval``."""
    return frozenset(ast.unparse(node.func) for node in ast.walk(parsed(path)) if isinstance(node, ast.Call))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", CORE, ids=named)
def test_the_core_knows_no_framework(path: Path) -> None:
    """The core must stay usable, and testable, without a browser."""
    assert not packages(path) & {"streamlit", "playground", "pages", "plotly"}


@pytest.mark.parametrize("path", SCREENS, ids=named)
def test_nothing_imports_a_page(path: Path) -> None:
    """A page is an end: what two pages share lives in the playground."""
    assert "pages" not in packages(path)


def code_lines(path: Path) -> int:
    """Count the lines of code of a file: no blank lines, comments or docstrings."""
    text = path.read_text(encoding="utf-8")
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = [one for one in tokenize.generate_tokens(io.StringIO(text).readline) if one.type not in silent]
    told = {line for one in tokens for line in range(one.start[0], one.end[0] + 1)}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            told -= set(range(node.lineno, int(node.end_lineno or 0) + 1))
    return len(told)


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / "mlops" / folder).rglob("*.py"))


def used(path: Path, folder: str) -> set[str]:
    """Return the modules of a folder that a file imports when it runs, also inside a function."""
    names = {one.stem if one.parent.name == folder else one.parent.name for one in modules(folder)}
    parts = [name.split(".") for name in imports(path) if name.startswith(f"mlops.{folder}.")]
    return {part[2] for part in parts} & names


@pytest.mark.parametrize("folder", FLOORS)
def test_a_folder_imports_only_what_stands_below_it(folder: str) -> None:
    """The house stands on the ledger; nothing below reaches up, and nobody reaches for the doors."""
    above = [*FLOORS][[*FLOORS].index(folder) + 1 :]
    for path in modules(folder):
        reached = {name.split(".")[1] for name in imports(path) if name.startswith("mlops.")}
        assert not reached & {*above, *DOORS, "Workspace"}, path


@pytest.mark.parametrize("folder", FLOORS)
def test_no_two_modules_need_each_other(folder: str) -> None:
    """No circle of imports, however long and however late: each module can be read before those that stand on it."""
    needs: dict[str, set[str]] = {}
    for path in modules(folder):
        module = path.stem if path.parent.name == folder else path.parent.name
        needs.setdefault(module, set()).update(used(path, folder) - {module, "__init__"})
    while free := {module for module in needs if not needs[module] & needs.keys()}:
        needs = {module: needs[module] for module in needs.keys() - free}
    assert not needs


@pytest.mark.parametrize("folder", FLOORS)
def test_a_folder_keeps_its_size(folder: str) -> None:
    """What is full makes one look for the simpler idea."""
    assert sum(map(code_lines, modules(folder))) <= FLOORS[folder]


def test_every_module_has_a_floor() -> None:
    """A new module is given its place, and the map in CONTRIBUTING is that of the folders."""
    top = {path.stem if path.suffix else path.name for path in (ROOT / "mlops").iterdir()}
    assert top - {"__init__", "__main__", "__pycache__"} == {*FLOORS, *DOORS}
    drawn = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for folder in FLOORS:
        [line] = [line for line in drawn.splitlines() if line.startswith(f"{folder}/ ")]
        named_there = {word.strip("/,") for word in line.split()[1:]}
        there = {path.stem if path.suffix else path.name for path in (ROOT / "mlops" / folder).iterdir()}
        assert named_there == there - {"__init__", "__pycache__"}, folder


NOUNS = {
    "datasets", "outcomes", "runs", "comparisons", "sweeps", "models", "deployments", "releases", "gate_rules",
    "predictions", "batches", "journal", "worlds", "monitoring", "alerts", "retraining", "shadow",
}  # fmt: skip
VERBS = {
    "open", "begin", "at", "event", "fork", "verify", "log", "head", "now", "clock", "set_clock", "train", "submit",
    "sweep", "reproduce", "resume", "position", "gate", "deploy", "rollback", "live_at", "predict", "batch_predict", "lineage",
    "drift",
}  # fmt: skip
TOLD_BY_A_NOUN = {"gate", "deploy", "rollback", "live_at", "batch_predict"}
"""What a release is told in stands on the workspace as well, in one line that names the noun which explains it."""


def test_there_is_one_way_to_each_thing() -> None:
    """Whoever adds a verb to the workspace that a noun has gives it a second home, and soon a second meaning."""
    assert {name for name in vars(mlops.Workspace) if not name.startswith("_")} == NOUNS | VERBS
    for verb in TOLD_BY_A_NOUN:
        said = str(getattr(mlops.Workspace, verb).__doc__)
        assert "\n" not in said and re.search(r"see `[A-Z]\w+\.\w+`\.$", said), verb


KIT = ROOT / "playground" / "ui" / "kit"

BORROWS = {"difference": {"data"}, "run": {"compare", "train"}, "start": {"train"}, "train": {"sweep"}}
"""Screens that draw a part of another screen; each of these is one way, and there is no circle."""

DRAWN = {
    "alerts", "datasets", "environments", "gate", "inputs", "notes", "reading", "release", "retraining", "roles", "runs", "training", "pins",
    "lamps", "outcomes", "validation", "worlds",
}  # fmt: skip
"""Nouns that the core has and the screen of the same name draws."""


@pytest.mark.parametrize("path", SCREENS, ids=named)
def test_what_a_session_remembers_has_one_home(path: Path) -> None:
    """Everything else asks `kit/session`, so that it can be kept elsewhere one day."""
    assert "session_state" not in path.read_text(encoding="utf-8") or path == KIT / "session.py"


def test_the_kit_imports_no_screen_and_no_circle() -> None:
    """Each of its modules can be read before those that stand on it."""
    modules = {path.stem: path for path in KIT.glob("*.py")}
    needs: dict[str, set[str]] = {}
    for module, path in modules.items():
        reached = [name.split(".")[2:] for name in imports(path) if name.startswith("playground.ui.")]
        assert {name[0] for name in reached} <= {"kit"}, path
        needs[module] = {name[1] for name in reached if len(name) > 1} & modules.keys()
    while free := {module for module in needs if not needs[module] & needs.keys()}:
        needs = {module: needs[module] for module in needs.keys() - free}
    assert not needs


@pytest.mark.parametrize("path", sorted((KIT.parent).glob("[a-z]*/*.py")), ids=named)
def test_a_screen_draws_its_own_parts(path: Path) -> None:
    """What two screens share lives in the kit, unless it is a part of one of them."""
    screen = path.parent.name
    reached = {name.split(".")[2] for name in imports(path) if name.startswith("playground.ui.")}
    assert reached - {screen, "kit"} <= BORROWS.get(screen, set())


def test_core_and_screens_share_a_name_only_where_one_draws_the_other() -> None:
    """Who reads a name in an import knows what is meant."""
    core = {name for folder in FLOORS for path in modules(folder) for name in (path.stem, path.parent.name)}
    shared = {path.stem for path in (ROOT / "playground").rglob("*.py")} & core - {"__init__"}
    assert shared == DRAWN


DEFINITIONS = (ast.FunctionDef, ast.ClassDef)
PATTERN_CALLS = {
    f"re.{verb}" for verb in ("compile", "match", "fullmatch", "search", "sub", "split", "findall", "finditer")
}

ALLOWED = {
    "joblib.load": {"mlops/models/scoring.py", "mlops/training/preparation.py"},  # bytes whose hash stands in an event
    "pickle.load": set(),
    "pickle.loads": set(),
    "eval": set(),
    "exec": {"playground/notebook/kernel.py"},  # cells of the shipped notebook, in a process of their own
    "compile": {"playground/notebook/kernel.py"},
    "os.system": set(),
    "yaml.load": set(),
    "yaml.unsafe_load": set(),
    "yaml.full_load": set(),
    "__import__": set(),
}
"""Calls that can run code, and the only files that may make them."""


@pytest.mark.parametrize("call", ALLOWED)
def test_what_can_run_code_is_called_in_one_place(call: str) -> None:
    """Every other place would be one more door to guard."""
    assert {named(path) for path in EVERYTHING if call in calls(path)} <= ALLOWED[call]


@pytest.mark.parametrize("path", CORE, ids=named)
def test_a_query_names_the_noun_that_it_is_about(path: Path) -> None:
    """In the past only what was asked for is derived: a query that goes by `View.select` and `search` finds nothing."""
    if path.parent.name != "base":
        assert not [call for call in calls(path) if call.endswith(".connection.execute")]


def test_the_status_of_a_run_is_written_in_one_place() -> None:
    """What becomes of a run is one table; a second writer would know a move that it does not."""
    writers = set()
    for path in CORE:
        for node in ast.walk(parsed(path)):
            pairs = zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
            said = {ast.unparse(value) for key, value in pairs if key is not None and ast.unparse(key) == "'status'"}
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".append"):
                said |= {ast.unparse(kind) for kind in node.args[:1]}
            if said & {repr(word) for word in (*get_args(lifecycle.Status), *lifecycle.MOVES.values())}:
                writers.add(named(path))
    assert writers == set()  # also `move` takes both from its table


@pytest.mark.parametrize("path", CORE, ids=named)
def test_no_process_is_forked_or_signalled(path: Path) -> None:
    """Windows has neither, a server with threads must not fork, and the number of a process may be another's by now."""
    assert not packages(path) & {"multiprocessing", "signal"}
    assert not set(calls(path)) & {"os.fork", "os.forkpty", "os.kill", "os.killpg"}


@pytest.mark.parametrize("path", EVERYTHING, ids=named)
def test_no_text_of_a_user_becomes_a_query_or_a_program(path: Path) -> None:
    """No DataFrame.query or .eval, no shell, no HTML made of data."""
    text = path.read_text(encoding="utf-8")
    methods = {call.rsplit(".", 1)[-1] for call in calls(path) if "." in call}

    assert not methods & {"query", "eval"}
    assert "shell=True" not in text and "unsafe_allow_html" not in text and "unsafe_allow_javascript" not in text


@pytest.mark.parametrize("path", EVERYTHING, ids=named)
def test_no_machine_beyond_this_one_is_named(path: Path) -> None:
    """No CDN, no telemetry: an address in the code is a reference in a comment or docstring, never an argument."""
    tree = parsed(path)
    arguments = [
        argument.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]

    assert [text for text in arguments if "://" in text and "localhost" not in text] == []


def test_text_is_copied_by_one_function_of_the_browser() -> None:
    """A page that came without https has no clipboard for scripts: the way round it stands in one place."""
    scripts = sorted((ROOT / "playground" / "ui").rglob("*.js"))
    assert [path.name for path in scripts if "navigator.clipboard" in path.read_text("utf-8")] == ["copied.js"]


def test_every_chart_comes_with_its_table_a_download_and_a_summary() -> None:
    """Figures are drawn by one function, and that one asks for the numbers and the finding in words."""
    drawing = {named(path) for path in SCREENS if "st.plotly_chart" in calls(path)}
    drawn_otherwise = {
        call for path in SCREENS for call in calls(path) if re.fullmatch(r"st\.\w+_chart|st\.pyplot|st\.map", call)
    }

    assert drawing == {"playground/ui/kit/cards.py"}
    assert drawn_otherwise == {"st.plotly_chart"}


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=named)
def test_a_page_is_a_paragraph(path: Path) -> None:
    """Read state, show inputs, call one function, show the result."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 80
    assert not packages(path) & {"pandas", "numpy", "sqlite3", "pathlib", "os"}


@pytest.mark.parametrize("path", CORE, ids=named)
def test_what_is_public_says_what_it_does(path: Path) -> None:
    """Modules, classes, functions and methods without an underscore have a docstring; learners read this code."""
    tree = parsed(path)
    bodies = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_"))]
    definitions = [node for body in bodies for node in body.body if isinstance(node, DEFINITIONS)]
    silent = [node.name for node in definitions if not node.name.startswith("_") and not ast.get_docstring(node)]

    assert ast.get_docstring(tree) and silent == []


@pytest.mark.parametrize("path", EVERYTHING, ids=named)
def test_no_text_of_a_user_becomes_a_regular_expression(path: Path) -> None:
    """Every pattern stands in the code, word for word: nobody can hang the program with one."""
    tree = parsed(path)
    made = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) in PATTERN_CALLS]
    constants = {target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets if isinstance(target, ast.Name)}  # fmt: skip

    assert [
        ast.unparse(node)
        for node in made
        if not isinstance(node.args[0], ast.Constant)
        and not (isinstance(node.args[0], ast.Name) and node.args[0].id in constants)
    ] == []


HIDES = {"mlops/cli": {"data", "export"}, "mlops/data/reading": {"remarks"}, "playground/course": {"situation"}}
"""Modules that hold little but what they are hidden by."""


@pytest.mark.parametrize("path", [path for path in EVERYTHING if path.name == "__init__.py"], ids=named)
def test_no_package_hides_a_module_behind_something_of_the_same_name(path: Path) -> None:
    """Whoever asks the package for it would get the function, and patch what nobody calls."""
    inside = {one.stem for one in path.parent.glob("[!_]*")}
    given = {node.name for node in parsed(path).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    for node in parsed(path).body:
        if isinstance(node, ast.ImportFrom) and node.module != ".".join(path.relative_to(ROOT).parent.parts):
            given |= {alias.asname or alias.name for alias in node.names}
    assert given & inside <= HIDES.get(named(path.parent), set())


def test_importing_the_package_loads_none_of_the_heavy_ones() -> None:
    """A command that only looks at history answers at once."""
    program = "import sys, mlops; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert not {"pandas", "pyarrow", "numpy", "scipy", "sklearn", "pydantic", "yaml", "streamlit"} & set(
        done.stdout.split()
    )


def test_the_package_shows_fewer_than_a_dozen_names() -> None:
    """`mlops.<tab>` is a door, not a drawer."""
    assert mlops.__all__ == ["MlopsError", "Workspace", "__version__"]
    assert all(hasattr(mlops, name) for name in mlops.__all__)


def test_an_installed_package_has_all_its_parts():
    """What is installed without a checkout can be imported as a whole."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]["find"]
    folders = {path.parent for path in CORE}
    names = [".".join(folder.relative_to(ROOT).parts) for folder in folders]

    assert all((folder / "__init__.py").is_file() for folder in folders)
    assert all(any(fnmatch(name, pattern) for pattern in declared["include"]) for name in names)

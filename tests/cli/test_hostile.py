"""Hostile input at every door: one clear line, a next step, the right exit code, and nothing written anywhere."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops import Workspace
from mlops.base import strict_json
from mlops.base.clock import parse_instant
from mlops.base.errors import MAX_MESSAGE, ConfigError, DataError, InvalidError, MlopsError, NotFoundError
from mlops.base.records import check_name, check_text
from mlops.cli import cli
from mlops.experiments import configs
from mlops.experiments.configs import Config
from mlops.experiments.search import parse
from tests import hostile
from tests.hostile import Bad
from tests.shell import Answer, Shell, mlops

STUMP = "model: {type: gradient_boosting, n_estimators: 1, max_depth: 1}\ntraining: {test_size: 0.5}\n"


@pytest.fixture(scope="module")
def place(_released: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace in which two models went live, a config, data and a row; nothing may change in it."""
    folder = tmp_path_factory.mktemp("hostile")
    ws = _released.fork(folder / "workspace")
    frame = ws.datasets.frame("customers@1")
    frame.head(20).to_csv(folder / "customers.csv", index=False)
    (folder / "config.yaml").write_text(STUMP)
    row = json.loads(frame.drop(columns=["churn"]).astype({"signed_up": str}).iloc[0].to_json())
    (folder / "row.json").write_text(json.dumps(row))
    return folder


@pytest.fixture
def shell(place: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A command line in that workspace, in a folder of its own beside it."""
    monkeypatch.chdir(place)
    return Shell(place / "workspace")


def everything(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of change of every file and folder below a folder."""
    found = {str(path.relative_to(folder)): path.lstat() for path in folder.rglob("*")}
    return {
        path: (stat.st_size, stat.st_mtime_ns)
        for path, stat in found.items()
        if path not in ("workspace/tmp", "workspace")
    }


def filled(line: str, place: Path, word: str = "") -> list[str]:
    """Return the words of a line with {csv}, {word} and so on filled in."""
    values = {
        "csv": str(place / "customers.csv"),
        "config": str(place / "config.yaml"),
        "out": str(place / "out.csv"),
        "row": (place / "row.json").read_text(),
        "run": Workspace.open(place / "workspace", create=False).runs.list()[0].run_id,
        "word": word,
    }
    words = line.split()
    for name, value in values.items():
        words = [part.replace(f"{{{name}}}", value) for part in words]
    return words


def check_refusal(answer: Answer) -> dict[str, Any]:
    """Hold an answer against the contract of every refusal; return its error."""
    assert answer.code in (1, 2), answer
    error = answer.error
    assert set(answer.document) == {"error"} and set(error) == {"code", "message", "next_step", "details"}
    assert (answer.code == 2) == (error["code"] == "usage")
    assert error["message"] and error["next_step"] and isinstance(error["details"], list)
    assert answer.err == f"Error: {error['message']} {error['next_step']}\n" and answer.err[:-1].isprintable()
    assert len(answer.out) < 10 * MAX_MESSAGE and "Traceback" not in answer.out and "stage-" not in answer.out
    return error


def check_says(answer: Answer, words: str) -> None:
    check_refusal(answer)
    assert words in answer.err


def named(bad: Bad) -> str:
    return bad.what


# Words at every door


@pytest.mark.parametrize("door", hostile.NAMES)
def test_a_word_that_could_hurt_files_or_people_names_nothing(shell, place, door):
    """Refused with the rule and a name that would do, wherever a name is given."""
    before = everything(place)
    for word in hostile.WORDS:
        error = check_refusal(shell(*filled(door, place, word)))
        assert error["code"] == "usage" or ("cannot name a" in error["message"] and "Try '" in error["next_step"])
    assert everything(place) == before


@pytest.mark.parametrize("door", hostile.DOORS)
def test_a_word_that_means_nothing_is_refused_at_every_door(shell, place, door):
    """No word finds what is not there, climbs out of the workspace, or leaves a trace."""
    before = everything(place)
    for word in hostile.WORDS:
        check_refusal(shell(*filled(door, place, word)))
    assert everything(place) == before


@pytest.mark.parametrize("zone", hostile.ZONES, ids=ascii)
def test_a_zone_is_the_name_of_a_zone_and_never_a_path(shell, zone):
    """No file outside the time zones is looked at."""
    check_says(shell("live-at", "2024-03-15", "--env", "production", "--tz", zone), "is not a time zone")


@pytest.mark.parametrize("bad", hostile.SEARCHES, ids=named)
def test_a_search_that_is_none_is_pointed_at(shell, place, bad):
    """What is wrong, where, and how it is done."""
    before = everything(place)
    check_says(shell("runs", "list", "--where", bad.text), bad.says)
    assert everything(place) == before


@pytest.mark.parametrize("bad", hostile.OVERRIDES, ids=named)
def test_an_override_that_is_none_is_a_wrong_line(shell, place, bad):
    """As in a config: what YAML makes of it, and what to write instead."""
    before = everything(place)
    answer = shell("train", "--config", place / "config.yaml", "--data", "customers@1", "--set", bad.text)
    check_says(answer, bad.says)
    assert answer.code == 2 and everything(place) == before


@pytest.mark.parametrize("bad", hostile.TEXTS, ids=named)
@pytest.mark.parametrize(
    "door",
    [
        "runs note {run} {word}", "deploy churn_model@1.0.0 --env staging --reason {word}", "rollback --env production --reason {word}",
        "models reject churn_model@1.0.0 --reason {word}", "models register {run} --name m --purpose {word}",
        "train --config {config} --data customers@1 --note {word}", "data add {csv} --name x -m {word}",
    ],
)  # fmt: skip
def test_a_text_that_cannot_be_kept_is_refused(shell, place, door, bad):
    """Notes, reasons and messages take any Unicode, but not without end."""
    before = everything(place)
    check_says(shell(*filled(door, place, bad.text)), bad.says)
    assert everything(place) == before


@pytest.mark.parametrize("bad", hostile.TAGS, ids=named)
def test_a_tag_that_cannot_be_searched_is_refused(shell, place, bad):
    """The key is a word, the value is short."""
    before = everything(place)
    check_says(shell(*filled("runs tag {run} {word}", place, bad.text)), bad.says)
    check_says(shell(*filled("train --config {config} --data customers@1 --tag {word}", place, bad.text)), bad.says)
    assert everything(place) == before


# Configs


@pytest.mark.parametrize("bad", hostile.CONFIGS, ids=named)
def test_a_bad_config_is_refused_before_there_is_a_workspace(tmp_path, bad):
    """The line names the file and what is wrong; a workspace that was missing stays missing."""
    config = tmp_path / "bad.yaml"
    config.write_bytes(bad.text)
    answer = Shell(tmp_path / "none")("train", "--config", config)

    check_says(answer, bad.says)
    assert answer.code == 1 and [*tmp_path.iterdir()] == [config]


@pytest.mark.parametrize("bad", hostile.CONFIGS, ids=named)
def test_a_check_of_a_bad_config_has_a_verdict(tmp_path, bad):
    """Not valid, or valid but about data that is not there; never a crash."""
    (tmp_path / "bad.yaml").write_bytes(bad.text)
    answer = mlops("config", "check", tmp_path / "bad.yaml", "--json")
    if answer.document["valid"]:
        assert b"data: {" in bad.text
    else:
        assert answer.code == 1 and all(
            set(found) == {"line", "field", "message", "suggestion"} for found in answer.document["problems"]
        )


# Rows


@pytest.mark.parametrize("bad", hostile.ROWS, ids=named)
def test_what_is_no_strict_json_row_is_refused(shell, place, bad):
    """The same words on the line and from standard input; nothing is logged."""
    before = everything(place)
    check_says(shell("predict", "@production", "--row", bad.text), bad.says)
    assert everything(place) == before


@pytest.mark.parametrize(("field", "value"), hostile.CELLS, ids=lambda value: ascii(value)[:20])
def test_a_cell_of_another_type_is_refused_by_field(shell, place, field, value):
    """The feature, what was expected, and what came."""
    before = everything(place)
    row = json.loads((place / "row.json").read_text()) | {field: value}
    error = check_refusal(shell("predict", "@production", "--row", json.dumps(row)))
    assert error["details"][0]["field"] == field and everything(place) == before


@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe{\x00", b'{"age": "caf\xe9"}', b"", b"\xef\xbb\xbf[]", b"[" * 2_000_000],
    ids=["utf-16", "latin-1", "nothing", "a mark", "long"],
)
def test_standard_input_is_as_strict(place, data):
    """Bytes that are no UTF-8, nothing at all, a byte order mark, more than anybody needs."""
    line = ["--workspace", str(place / "workspace"), "--json", "predict", "@production", "--row", "-"]
    done = subprocess.run([sys.executable, "-m", "mlops", *line], input=data, capture_output=True, check=False)

    error = check_refusal(Answer(done.returncode, done.stdout.decode(), done.stderr.decode()))
    assert error["code"] == "data"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a place that is always full")
@pytest.mark.parametrize(
    "line",
    [["models", "list"], ["--json", "models", "show", "nobody@1"], ["data", "checkout", "customers@1", "-o", "-"]],
    ids=["text", "a refusal", "a file"],
)
def test_standard_output_without_space_is_told_in_a_line(place, line):
    """The disk beneath it is full: one line says so, and no program that reads exit codes takes it for done."""
    with open("/dev/full", "wb") as full:
        line = [sys.executable, "-m", "mlops", "--workspace", str(place / "workspace"), *line]
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: Standard output takes no more: ")
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr


# Files


PATHS = (
    "a\0b",
    "a" * 5000,
    "a" * 300,
    "nowhere",
    "nowhere/at/all.csv",
    ".",
    "/",
    "-",
    "config.yaml/x",
    "broken",
    "pipe",
    "/dev/zero",
    "caf\udce9.csv",
)


@pytest.fixture
def littered(place: Path) -> Path:
    """The same place with a broken link and a pipe in it."""
    if not (place / "pipe").exists():
        (place / "broken").symlink_to(place / "gone")
        os.mkfifo(place / "pipe")
    return place


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of Unix")
@pytest.mark.parametrize("path", PATHS, ids=lambda path: ascii(path)[:20])
@pytest.mark.parametrize(
    "door",
    [
        "data add {word} --name x", "data preview {word}", "labels add {word} --dataset customers", "train --config {word}", "config check {word}",
        "config render {word} --env staging", "config diff {word} {config}", "batch-predict --model @production --data {word} --output {out}",
    ],
)  # fmt: skip
def test_a_path_that_is_no_file_is_refused(shell, littered, door, path):
    """Missing, a folder, a pipe that nobody writes to, a device without end, a name that no disk takes."""
    before = everything(littered)
    check_refusal(shell(*filled(door, littered, path)))
    assert everything(littered) == before


@pytest.mark.parametrize(
    "door", ["data checkout customers@1 -o {word}", "batch-predict --model @production --data {csv} --output {word}"]
)
@pytest.mark.parametrize(
    "path",
    ["a\0b.csv", "a" * 5000, "a" * 300, "no/where.csv", ".", "/", "workspace/data/out.csv", "workspace/ledger.db", "workspace/models/../ledger.db",
     "link/out.csv", "config.yaml/x.csv", "caf\udce9.csv"],
    ids=lambda path: ascii(path)[:20],
)  # fmt: skip
def test_an_output_that_cannot_be_is_refused(shell, place, door, path):
    """No folder, among the workspace's own files by whatever way, or no path at all; the old file stays."""
    if not (place / "link").exists():
        (place / "link").symlink_to(place / "workspace" / "data")
    before = everything(place)
    check_refusal(shell(*filled(door, place, path)))
    assert everything(place) == before


def test_answers_never_replace_their_input(shell, place):
    """By the same name or by another name of the same file."""
    before = everything(place)
    for output in ("customers.csv", "./workspace/../customers.csv"):
        check_says(
            shell(*filled("batch-predict --model @production --data {csv} --output {word}", place, output)),
            "is also the input",
        )
    assert everything(place) == before


@pytest.mark.parametrize("line", ["data add none.csv --name x", "train --config none.yaml", "init --sample --nonsense"])
@pytest.mark.parametrize("folder", ["a/b/c", "empty"])
def test_a_refused_beginning_leaves_the_folder_as_it_was(tmp_path, monkeypatch, line, folder):
    """Missing stays missing, with all its parents; empty stays empty."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    check_refusal(mlops("--workspace", folder, "--json", *line.split()))
    assert [*tmp_path.rglob("*")] == [tmp_path / "empty"]


def test_a_run_that_failed_stays_on_record_in_a_new_workspace(tmp_path, customers_csv):
    """Only what holds nothing goes again."""
    (tmp_path / "a.yaml").write_text(f"model: {{type: ridge}}\ndata: {{path: {customers_csv}, target: churn}}\n")
    check_refusal(Shell(tmp_path / "ws")("train", "--config", tmp_path / "a.yaml"))
    assert [version.ref for version in Workspace.open(tmp_path / "ws", create=False).datasets.list()] == ["customers@1"]


# The same from Python


@pytest.mark.parametrize(
    "call",
    [
        lambda ws: Workspace.open("a\0b"),
        lambda ws: Workspace.open("a" * 5000),
        lambda ws: ws.fork("a\0b"),
        lambda ws: ws.runs.get("\ud800"),
        lambda ws: ws.runs.get("a\0"),
        lambda ws: ws.runs.note(ws.runs.list()[0].run_id, "\ud800"),
        lambda ws: ws.runs.note(ws.runs.list()[0].run_id, None),
        lambda ws: ws.runs.tag(ws.runs.list()[0].run_id, "a", "\ud800"),
        lambda ws: ws.runs.list(where="name = '\ud800'"),
        lambda ws: ws.runs.list(sort="tags.\ud800"),
        lambda ws: ws.runs.list(limit=2**70),
        lambda ws: ws.runs.list(limit="1"),
        lambda ws: ws.runs.log("\ud800", {}, {}),
        lambda ws: ws.runs.log("a", {"x": "\ud800"}, {}),
        lambda ws: ws.runs.log("a", {}, {}, files=["a\0b"]),
        lambda ws: ws.log(since=2**70),
        lambda ws: ws.predictions.list(limit=2**70),
        lambda ws: ws.predictions.list(limit=-1),
        lambda ws: ws.outcomes.known("unknown"),
        lambda ws: ws.outcomes.known("customers", at="yesterday"),
        lambda ws: ws.datasets.get("\ud800"),
        lambda ws: ws.datasets.add("a\0b", "x"),
        lambda ws: ws.datasets.checkout("customers@1", "a\0b"),
        lambda ws: ws.outcomes.add("a\0b", "customers"),
        lambda ws: ws.batch_predict("@production", "a\0b", "out.csv"),
        lambda ws: ws.batch_predict("@production", "customers.csv", "a\0b"),
        lambda ws: ws.models.get("\ud800@1.0.0"),
        lambda ws: ws.models.register(ws.runs.list()[0], "m", card={"owner": "\ud800"}),
        lambda ws: ws.train("a\0b"),
        lambda ws: ws.train(STUMP, note="\ud800"),
        lambda ws: ws.train(STUMP, tags={"a": "\ud800"}),
        lambda ws: ws.train(STUMP, overrides={"model.max_depth": float("nan")}),
        lambda ws: ws.train(STUMP, overrides={"a." * 5000 + "b": 1}),
        lambda ws: ws.train(STUMP, seed=2**70),
        lambda ws: ws.set_clock("\ud800"),
        lambda ws: ws.live_at("2024-03-15", "production", tz="\ud800"),
        lambda ws: ws.deploy("churn_model@1.0.0", "staging", "\ud800"),
        lambda ws: ws.predict("@production", {"age": 10**5000}),
        lambda ws: ws.predict("@production", {"age": float("nan")}),
        lambda ws: ws.reproduce(5),
        lambda ws: ws.runs.get({}),
        lambda ws: ws.comparisons.diff(None, 1.5),
        lambda ws: ws.models.describe(5, owner="lena"),
        lambda ws: ws.models.describe("churn_model@1.0.0", owner=5),
    ],
)  # fmt: skip
def test_from_python_the_refusal_is_ours_as_well(_released, call):
    """Never a bare ValueError of a library; whatever stands in it can be printed and stored."""
    before = _released.head()
    with pytest.raises(MlopsError) as refused:
        call(_released)
    assert refused.value.next_step and json.dumps(refused.value.as_dict(), ensure_ascii=False, allow_nan=False).encode()
    assert _released.head() == before


# Any text at all


ANY = st.text(st.characters(), max_size=80) | st.sampled_from([word[:500] for word in hostile.WORDS])


@given(ANY)
def test_any_text_is_a_name_or_is_refused(text):
    """What is accepted is a plain word: it fits into a path, a URL, a YAML file and a shell."""
    try:
        name = check_name(text, "model")
    except InvalidError as error:
        assert "cannot name a model" in error.message and error.next_step
    else:
        assert name.isascii() and set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-") and len(name) < 64


@given(ANY)
def test_any_text_is_a_note_or_is_refused(text):
    """What is accepted comes back word for word."""
    try:
        assert check_text(text, "note").encode().decode() == text
    except InvalidError as error:
        assert error.next_step


SCALARS = st.sampled_from(
    ["1", "0.5", "-1", "017", "1:30", "1e5", ".inf", ".nan", "no", "~", "null", "''", "'a'", '"\\0"', "2024-01-01", "=", "<<", "!x", "&a", "*a", "a: b", "#", "%", "@", "`", "|", ">", "?", "- "]
)  # fmt: skip
KEYS = st.sampled_from(["name", "data", "path", "target", "features", "exclude", "model", "type", "alpha", "training", "test_size", "random_state", "thresholds", "gate", "on", "1", "?", "<<", "'"])  # fmt: skip
NODES = st.recursive(
    SCALARS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
    | st.lists(st.tuples(KEYS, inner), max_size=4).map(lambda pairs: "{" + ", ".join(f"{k}: {v}" for k, v in pairs) + "}"),
    max_leaves=12,
)  # fmt: skip
TEXTS = st.lists(st.tuples(KEYS, NODES), max_size=5).map(
    lambda pairs: "".join(f"{key}: {node}\n" for key, node in pairs)
)


@settings(max_examples=400)
@given(
    st.binary(max_size=200)
    | TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))
    | ANY.map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_any_bytes_are_a_config_or_a_config_error(tmp_path_factory, data):
    """With a line or without, but never anything else."""
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    try:
        assert isinstance(configs.load(path), Config)
    except ConfigError as error:
        assert error.message.startswith("any.yaml") and error.next_step and error.details


@given(KEYS, NODES | ANY)
def test_any_override_is_read_or_refused(key, value):
    """One key, one value."""
    try:
        assert configs.parse_override(f"{key}={value}")[0] == key
    except InvalidError as error:
        assert error.next_step and error.message.isprintable()


JSON = st.recursive(
    st.sampled_from(["1", "-0.0", "1e999", "NaN", "null", "true", '"a"', '"\\ud800"', '"\\u0000"', "01", "9" * 400, "'", ""]),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]")
    | st.lists(st.tuples(st.sampled_from(["age", "contract", "online", "", "\u202e"]), inner), max_size=4).map(
        lambda pairs: "{" + ",".join(f'"{key}":{value}' for key, value in pairs) + "}"
    ),
    max_leaves=8,
)  # fmt: skip


@given(JSON | ANY)
def test_any_text_is_a_row_of_json_or_is_refused(text):
    """What is read could be stored and sent again."""
    try:
        row = strict_json.parse(text)
    except DataError as error:
        assert "not valid JSON" in error.message and error.next_step
    else:
        assert json.dumps(row, ensure_ascii=False, allow_nan=False).encode()


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | ANY
    | st.lists(st.integers(), max_size=2)
    | st.just({"a": 1})
)


@settings(max_examples=100)
@given(
    st.sampled_from(
        ["age", "monthly_fee", "contract", "region", "online", "signed_up", "customer_id", "churn", "surprise"]
    ),
    VALUES,
)
def test_any_cell_ends_in_an_answer_or_in_our_error(loaded, field, value):
    """And the answer is JSON."""
    ws, model, row = loaded
    try:
        prediction = ws.predictions.predict(model, row | {field: value})
    except MlopsError as error:
        assert field in str(error) or not str(value).isprintable()
    else:
        assert json.dumps(prediction.as_dict(), allow_nan=False)


@pytest.fixture(scope="module")
def loaded(_released, tmp_path_factory):
    ws = _released.fork(tmp_path_factory.mktemp("cells") / "workspace")
    frame: pd.DataFrame = ws.datasets.frame("customers@1").drop(columns=["churn"]).astype({"signed_up": str})
    return ws, ws.models.load("@production"), json.loads(frame.iloc[0].to_json())


TOKENS = st.sampled_from(
    [
        "name",
        "params.x",
        "seed",
        "=",
        "!=",
        "in",
        "contains",
        "and",
        "or",
        "not",
        "(",
        ")",
        ",",
        "'a'",
        "'",
        "1",
        "-1e9",
        "true",
        "nan",
        "\0",
        " ",
    ]
)


@settings(max_examples=200)
@given(ANY | st.lists(TOKENS, max_size=12).map(" ".join))
def test_any_text_is_a_search_or_is_refused(text):
    """And the refusal has a next step."""
    try:
        parse(text)
    except InvalidError as error:
        assert error.next_step and error.message.isprintable()


@given(ANY, st.none() | ANY)
def test_any_text_is_an_instant_or_is_refused(text, zone):
    """In any zone, or in none."""
    try:
        assert parse_instant(text, zone).endswith("Z")
    except InvalidError as error:
        assert error.next_step


def test_what_is_not_there_is_not_found(ws):
    """Not an empty answer: a dataset nobody knows has no outcomes to be known."""
    with pytest.raises(NotFoundError, match="No dataset is named 'unknown'"):
        ws.outcomes.known("unknown")


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, (*path, name))


@pytest.mark.parametrize("path", sorted((Path(configs.__file__).parents[1]).rglob("*.py")), ids=lambda path: path.stem)
def test_a_next_step_names_only_what_is_there(path):
    """Commands and options that an error speaks of can be typed as they stand."""
    known = dict(commands(cli))
    options = {option for command in known.values() for parameter in command.params for option in parameter.opts}
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    steps = [ast.unparse(call.args[1]) for call in calls if ast.unparse(call.func).endswith("Error") and call.args[1:]]
    for step in steps:
        assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", step)) <= options
        for first, second in re.findall(r"mlops ([a-z-]+)(?: ([a-z-]+))?", step):
            assert (first, second) in known if isinstance(known[first,], click.Group) else (first,) in known


def test_a_file_that_is_called_gzip_is_gzip(shell, tmp_path):
    """The same version gives the same bytes, and they are read back as the same version."""
    for name in ("a.csv.gz", "b.csv.gz"):
        shell.get("data", "checkout", "customers@1", "-o", tmp_path / name)
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()
    assert shell.get("data", "add", tmp_path / "a.csv.gz", "--name", "customers")["version"] == 1
    check_says(
        shell(
            "batch-predict", "--model", "@production", "--data", tmp_path / "a.csv.gz", "--output", tmp_path / "c.gz"
        ),
        "gzip",
    )

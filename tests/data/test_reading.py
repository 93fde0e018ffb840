"""Reading: any file is read right or refused in one clear line, and nothing happens to it in silence."""

from __future__ import annotations

import re

import pytest

from mlops.base.errors import DataError
from mlops.data import reading, tables
from mlops.data.reading import ReadOptions
from tests.bad_files import READ, REFUSED, Read, Refused
from tests.shell import mlops


def by_name(records):
    """Give each case of a corpus its own name."""
    return pytest.mark.parametrize("case", records, ids=[record.name for record in records])


@pytest.fixture
def file(tmp_path):
    """Write a case of the corpus to a file and return its path."""

    def write(case: Read | Refused):
        path = tmp_path / case.name.replace("\0", "")
        path.write_bytes(case.content)
        return path

    return write


def line_of(options: dict) -> list[str]:
    """Return options as the command line has them."""
    words = []
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if name == "types":
            words += [word for column, kind in value.items() for word in ("--type", f"{column}={kind}")]
        elif isinstance(value, bool):
            words.append(option if value else option.replace("--", "--no-", 1))
        else:
            words += [option, "none" if value == "" else value]
    return words


@by_name(REFUSED)
def test_what_cannot_be_read_without_doubt_is_refused_with_a_next_step(case, file):
    """Message and next step are one line each, name the file or the option, and say what to do."""
    with pytest.raises(DataError) as refused:
        reading.read(file(case), ReadOptions(**case.options))
    said = str(refused.value)
    assert re.search(case.said, said), said
    assert refused.value.next_step and "\n" not in said


@by_name([case for case in REFUSED if "\0" not in case.name])
def test_a_refused_file_leaves_one_line_and_no_workspace(case, file, tmp_path):
    """Exit 1, a line on standard error, nothing written."""
    path = file(case)
    answer = mlops("--workspace", tmp_path / "ws", "data", "add", path, "--name", "data", *line_of(case.options))
    assert (answer.code, answer.out, answer.err.count("\n")) == (1, "", 1), answer
    assert "Traceback" not in answer.err and not (tmp_path / "ws").exists()


@by_name(READ)
def test_what_looks_difficult_is_read_right_and_said(case, file):
    """The values, and the codes of what there is to know."""
    table, notes = reading.read(file(case), ReadOptions(**case.options))
    found = {name: [plain(value) for value in values] for name, values in table.to_pydict().items()}
    assert found == case.columns
    said = [note.code for note in notes if note.code not in ("missing", "trimmed")]
    assert said == list(case.notes), notes


def plain(value):
    """Return a date as text."""
    return value.isoformat() if hasattr(value, "isoformat") else value


@by_name(READ)
def test_the_command_line_reads_it_as_well(case, file, tmp_path):
    """The same options, the same rows."""
    answer = mlops(
        "--workspace", tmp_path / "ws", "--json", "data", "add", file(case), "--name", "data", *line_of(case.options)
    )
    assert answer.code == 0, answer
    assert answer.document["rows"] == len(next(iter(case.columns.values()))) and answer.err == ""


@by_name(READ)
def test_a_preview_agrees_with_the_reading(case, file):
    """Rows, types, missing values and the first rows are those of the table."""
    path, options = file(case), ReadOptions(**case.options)
    table, notes = reading.read(path, options)
    seen = reading.preview(path, options)
    assert seen.rows == table.num_rows and len(seen.notes) == len(notes)
    assert [(c["name"], c["type"]) for c in seen.columns] == [(c["name"], c["type"]) for c in tables.schema_of(table)]
    assert [c["missing"] for c in seen.columns] == [table.column(c["name"]).null_count for c in seen.columns]
    assert list(seen.head) == table.column_names


def test_a_number_in_another_form_is_never_advised_as_missing(tmp_path):
    """The way out keeps it; a word that stands for nothing may be taken as missing."""
    for other, said in (("1,338", "--type n=number"), ("none", "--also-missing 'none'")):
        path = tmp_path / "few.csv"
        path.write_text("n;m\n" + "".join(f"{number};1\n" for number in range(900, 920)) + f"{other};1\n")
        [note] = [note for note in reading.read(path)[1] if note.code == "mixed_types"]
        assert said in note.next_step and ("missing" in note.next_step) is (other == "none")
    path.write_text(path.read_text().replace("none", "1,338"))
    table, _ = reading.read(path, ReadOptions(types={"n": "number"}))
    assert table.column("n")[-1].as_py() == 1338

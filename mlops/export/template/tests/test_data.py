"""Data and config: what the training reads is what it should be."""

import json

import pytest
import yaml

from src.config import check_config, load_config, load_project
from src.data import load_data, split

PROJECT = load_project()


def test_the_data_is_what_its_note_says():
    """Columns and rows are those that the note counts; another file in its place is refused by its hash."""
    table, _, note = load_data(PROJECT["data"])
    assert table.column_names == [column["name"] for column in note["columns"]]
    assert table.num_rows == note["rows_with_outcome"]


def test_changed_data_is_refused(tmp_path):
    """One byte more, and nobody trains on it by mistake."""
    note = json.loads(PROJECT["data"].read_text(encoding="utf-8"))
    (tmp_path / PROJECT["data"].name).write_bytes(PROJECT["data"].read_bytes())
    (tmp_path / note["file"]).write_bytes(PROJECT["data"].with_name(note["file"]).read_bytes() + b" ")
    with pytest.raises(ValueError, match="its hash is another one"):
        load_data(tmp_path / PROJECT["data"].name)


def test_every_row_is_in_one_part():
    """What examines the model has taught it nothing."""
    table, _, note = load_data(PROJECT["data"])
    parts = split(table, note, load_config(PROJECT["config"])["training"])
    assert sorted(row for rows in parts.values() for row in rows) == list(range(table.num_rows))


def test_a_misspelt_key_is_refused():
    """Else it would be ignored, and nobody would notice."""
    config = yaml.safe_load(PROJECT["config"].read_text(encoding="utf-8"))
    config["training"]["tset_size"] = 0.5
    with pytest.raises(ValueError, match=r"training\.tset_size"):
        check_config(config)


def test_an_overlay_changes_what_it_names_and_nothing_else(tmp_path):
    """What differs in an environment stands in its file; the config is for all of them."""
    text = PROJECT["config"].read_text(encoding="utf-8")
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "config.elsewhere.yaml").write_text("training: {test_size: 0.31}", encoding="utf-8")
    plain, there = (load_config(tmp_path / "config.yaml", environment) for environment in (None, "elsewhere"))
    assert there["training"] == plain["training"] | {"test_size": 0.31}
    assert {**there, "training": None} == {**plain, "training": None}


def test_every_overlay_gives_a_config():
    """No environment is found broken on the day of its release."""
    for overlay in PROJECT["config"].parent.glob("config.*.yaml"):
        environment = overlay.name.split(".")[1]
        assert load_config(PROJECT["config"], environment)["model"]["type"]

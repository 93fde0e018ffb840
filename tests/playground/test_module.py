"""The table of the module: every part of it has a place, every place exists, and no stop or lab is left out."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from mlops.cli import cli
from playground import course, screens
from tests.screens import open_page

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs" / "module.md").read_text(encoding="utf-8")

ROWS = [
    (title, part, re.findall(r"`([^`]+)`", where))
    for title, block in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TABLE, re.DOTALL | re.MULTILINE)
    for part, where in re.findall(r"^\| (?!part of|---)(.+?) \| .+? \| (.+?) \|$", block, re.MULTILINE)
]
"""Section, part of the module, places."""

PARTS = {
    "The frame": ("now what?", "What MLOps bridges", "forty-five minutes"),
    "Mental models": ("Software factory", "Time machine", "Assembly line"),
    "The four phases": ("Experimentation", "Development", "Staging", "Production"),
    "Versioning everything": ("git", "message", "review", "DVC", "Snapshots with metadata", "Models with their lineage"),
    "Reproducibility": (
        "five questions", "Environment", "Data", "Code", "Config", "Seeds", "requirements file", "environment file",
        "config file",
    ),
    "Training pipelines": ("Cells", "From notebook to script", "script with a config", "structure of a project"),
    "Experiment tracking": ("Parameters", "Metrics", "Artifacts", "Code version", "Notes", "file of your own", "MLflow"),
    "Model serving": ("A file", "schedule", "over HTTP"),
    "Failure modes": tuple(
        f"{mode}: {what}"
        for mode, fixes in {
            "Works on my machine": "pin, contain, rehearse",
            "Can't reproduce": "seeds, data versions, all parameters",
            "Stale models": "retrain, watch, be told",
            "Configuration drift": "as code, overrides, checks",
        }.items()
        for what in ("symptom", fixes)
    ),
    "Business translation": ("MLOps, said", "Versioning, said", "Pipelines, said", "each of the stops"),
    "Practice and observations": (
        "stages of the lifecycle", "versioning", "pipeline", "experiment tracking", "moving parts", "going back",
        "human errors", "a team", "lab in a notebook",
    ),
    "Checklists": (
        "code, dependencies, data, config, seeds, experiments, models", "tests written, documentation updated",
        "Project structure", "lifecycle", "explored", "version code, data and models", "understood experiment tracking",
        "notebook lab", "quiz",
    ),
}  # fmt: skip
"""What the module teaches, section by section, in a word or two each."""


@pytest.fixture(scope="module")
def tabs(tmp_path_factory):
    """Titles of the tabs of Guide, as the screen has them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_WORKSPACE", str(tmp_path_factory.mktemp("module") / "workspace"))
        return {tab.label for tab in open_page("guide").tabs}


@pytest.mark.parametrize("section", PARTS)
def test_every_part_of_the_module_has_a_row(section):
    """One for each, and no row that stands for none."""
    rows = [part for title, part, _ in ROWS if title == section]
    assert [word for word in PARTS[section] if not any(word.lower() in row.lower() for row in rows)] == []
    assert all(places for title, _, places in ROWS if title == section)


def test_no_section_is_left_out():
    """Neither here nor there."""
    assert {*PARTS} <= {title for title, _, _ in ROWS}


def test_every_place_exists(tabs):
    """A stop, a lab, a tab of Guide, a screen or a part of one, a command, a file."""
    wrong = [place for _, _, places in ROWS for place in places if not exists(place, tabs)]
    assert wrong == []


def exists(place: str, tabs: set[str]) -> bool:
    kind, _, name = place.partition(" ")
    if kind == "stop":
        return name in {str(stop.number) for stop in course.STOPS}
    if kind == "lab":
        return name in {lab.id for lab in course.LABS}
    if kind == "tab":
        return name in tabs
    if kind == "mlops":
        return is_command(name.split())
    return (ROOT / place).is_file() or is_on_a_screen(place)


def is_command(words: list[str]) -> bool:
    command: click.Command | None = cli
    for word in words:
        command = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
    return command is not None


def is_on_a_screen(place: str) -> bool:
    title, _, part = place.partition(": ")
    screen = next((one for one in screens.SCREENS if one.title == title), None)
    if screen is None or not part:
        return screen is not None
    files = [ROOT / "pages" / f"{screen.name}.py", *(ROOT / "playground" / "ui" / screen.name).glob("*.py")]
    return any(f'"{part}"' in file.read_text(encoding="utf-8") for file in files)


def test_every_stop_and_every_lab_is_where_some_part_is_done():
    """What the course has and the module does not teach would be ballast."""
    named = {place for _, _, places in ROWS for place in places}
    assert {f"stop {one.number}" if one.number else f"lab {one.id}" for one in course.EVERY} <= named

"""Acts of the lab about configs: what people do with editors, in files that all environments share."""

from __future__ import annotations

from typing import Any

from mlops import Workspace
from mlops.experiments import config_files
from playground.course.acts import act, config_file


@act
def edit_overlay(ws: Workspace, key: str, value: Any, environment: str = "production") -> None:
    """Write a value into the overlay of an environment, as with an editor."""
    file = config_files.overlay_path(config_file(ws), environment)
    text = config_files.with_value(file.read_text(encoding="utf-8"), key, value)
    file.write_text(text, encoding="utf-8", newline="\n")

"""Config files: where the config of a run was written, and what those files say today.

A run remembers the file it was trained from, the overlay that was laid over it and the keys that were set by hand for
this once. The file is a person's: it lies in their project, or in the folder ``configs`` of the workspace, of which a
copy of the workspace has its own. Any editor can change it, and no event says who did, so it is read anew each time,
and all that is known of a change is when the file was written last.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlops.base import outputs, strict_yaml
from mlops.base.clock import Instant, instant_of
from mlops.base.errors import MlopsError
from mlops.base.records import is_text
from mlops.experiments import configs
from mlops.experiments.configs import Config, flatten
from mlops.experiments.yaml_edit import set_value, without

FOLDER = "configs"
"""Where a workspace keeps config files of its own."""


AWAY: Any = object()
"""Stands for no value; None is one."""


@dataclass(frozen=True)
class Rendered:
    """What the config file of a run says for an environment now."""

    file: Path
    overlay: Path | None = None
    """What differs in the environment; None if there is no such file."""
    config: Config | None = None
    """None if it cannot be read, or is no valid config."""
    in_overlay: frozenset[str] = field(default=frozenset())
    """The dotted keys that stand in the overlay."""
    problem: str | None = None
    """Why there is no config."""

    @property
    def params(self) -> Mapping[str, Any] | None:
        """The effective values by dotted key."""
        return self.config.params if self.config else None

    @property
    def sha256(self) -> str | None:
        """Hash of the effective config, by which it is compared with that of a run."""
        return self.config.sha256 if self.config else None

    def is_intended(self, key: str) -> bool:
        """Tell whether the overlay says that this key is another one here: itself, or by a new type of its section."""
        if configs.is_threshold(key):
            return any(map(configs.is_threshold, self.in_overlay))
        return bool({key, f"{key.partition('.')[0]}.type"} & self.in_overlay)

    def origin(self, key: str) -> Path:
        """Return the file that has a key; the file without overlay if none has it."""
        origin = self.config.origins.get(key) if self.config else None
        return self.overlay if self.overlay and origin == self.overlay.name else self.file


def remembered(root: Path, config: Config, environment: str | None) -> dict[str, Any] | None:
    """Return ``{path, environment, by_hand}``: what a run remembers of its config file; None if it had none.

    Parameters
    ----------
    root : Path
        Folder of the workspace: of a file in it the path is kept from there, so that a copy means its own.
    environment : str or None
        Whose overlay was laid over it.
    """
    if config.file is None:
        return None
    path, home = Path(os.path.realpath(config.file)), Path(os.path.realpath(root))
    kept = path.relative_to(home).as_posix() if path.is_relative_to(home) else str(config.file.absolute())
    if not is_text(kept):
        return None
    made = [key for key in config.params if key in config.by_hand]
    return {"path": kept, "environment": environment, "by_hand": made}


def render(root: Path, kept: Mapping[str, Any] | None, environment: str) -> Rendered | None:
    """Return what the config file that a run remembers says for an environment now; None if it remembers none."""
    if kept is None:
        return None
    file = root / kept["path"]
    overlay = configs.overlay_of(file, environment)
    try:
        config = configs.load(file, environment)
        said = strict_yaml.parse(strict_yaml.read(overlay), overlay.name)[0] if overlay else {}
    except MlopsError as error:
        return Rendered(file, overlay, problem=error.message)
    return Rendered(file, overlay, config, frozenset(flatten(said)))


def written_at(file: Path) -> Instant | None:
    """Return when a file was written last, by the clock on the wall: nobody recorded it."""
    with suppress(OSError, ValueError, OverflowError):
        return instant_of(datetime.fromtimestamp(file.stat().st_mtime, UTC))
    return None


def overlay_path(file: Path, environment: str) -> Path:
    """Return where the overlay of an environment lies, or would lie, beside a config file."""
    return file.with_name(f"{file.stem}.{environment}{file.suffix}")


def texts(file: Path, environment: str) -> dict[Path, str]:
    """Return the text of a config file and of its overlay for an environment, which is empty if there is none."""
    overlay = overlay_path(file, environment)
    return {file: strict_yaml.read(file), overlay: strict_yaml.read(overlay) if overlay.is_file() else ""}


def with_value(text: str, key: str, value: Any) -> str:
    """Return the text of a config, or of an overlay that may be empty, with one value set, or taken `AWAY`."""
    return without(text, key) if value is AWAY else set_value(text, key, value)


def merged(found: Mapping[Path, str]) -> Config:
    """Return the config that texts of files give, as `render` would once they are written.

    Raises
    ------
    ConfigError
        If it is none; nothing was written.
    """
    return configs.merged({path.name: text for path, text in found.items() if text.strip()})


def write(changed: Mapping[Path, str]) -> None:
    """Write texts to their files, each whole or not at all."""
    for path, text in changed.items():
        outputs.write(path, text.encode())


def copy(root: Path, target: Path) -> None:
    """Copy the config files that a workspace keeps to the folder of its copy, each as old as it is.

    Only those on the top of its folder: whatever else lies there is a person's own.
    """
    source = root / FOLDER
    files = [one for one in sorted(source.glob("*.y*ml")) if one.is_file() and not one.is_symlink()]
    for file in files:
        if file.stat().st_size <= strict_yaml.MAX_BYTES:
            (target / FOLDER).mkdir(exist_ok=True)
            shutil.copy2(file, target / FOLDER / file.name)

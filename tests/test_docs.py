"""What the documents say is true: blocks run, links lead somewhere, commands and modules are all named."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from mlops.cli import cli

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")]
    if not path.relative_to(ROOT).parts[0].startswith((".", "workspace"))
)


def blocks(document: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL)


def run(arguments: list[str], cwd: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MLOPS_WORKSPACE": str(cwd / "workspace")}
    done = subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_readmes_python_block_runs(tmp_path: Path) -> None:
    """A newcomer can paste the SDK example."""
    [source] = blocks("README.md", "python")

    run([sys.executable, "-c", source.replace('"workspace"', repr(str(tmp_path / "workspace")))], tmp_path)


def test_the_readmes_commands_run_in_order(tmp_path: Path) -> None:
    """A newcomer can paste the commands, one after the other."""
    lines = [
        line for block in blocks("README.md", "bash") for line in block.splitlines() if line.startswith("python -m")
    ]
    assert len(lines) >= 5

    for line in lines:
        run([sys.executable, *shlex.split(line.replace("a-year", f"{tmp_path / 'a-year'}"))[1:]], tmp_path)


def test_the_readme_opens_with_a_screenshot_and_two_one_line_commands() -> None:
    """What it is, how it looks, how to start it, how to test it: above everything else."""
    opening = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## ")[0]

    assert (ROOT / re.search(r"!\[.+\]\((.+)\)", opening)[1]).is_file()
    start, test = re.findall(r"```bash\n(.*?)```", opening, re.DOTALL)
    assert start.count("\n") == test.count("\n") == 1
    assert "requirements.txt" in start and start.rstrip().endswith("streamlit run app.py")
    assert "requirements-dev.txt" in test and test.rstrip().endswith("pytest")


def test_ci_calls_the_readmes_test_command() -> None:
    """The pattern by which CI finds the command finds exactly one."""
    found = re.findall(r"^python3 -m venv .venv && .*pytest.*$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)

    assert len(found) == 1


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    """A relative link names a file that is there."""
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


def test_each_stay_of_a_walk_is_a_module_that_is_there() -> None:
    """A name without its folder is in that of the one before it."""
    walks = (ROOT / "docs/walks.md").read_text(encoding="utf-8")
    stays = [line for line in walks.splitlines() if line.startswith("| `")]
    for names in (re.findall(r"`([\w/]+)`", line.split("|")[1]) for line in stays):
        folder = ""
        for name in names:
            folder = name.rpartition("/")[0] or folder
            path = ROOT / "mlops" / folder / name.rpartition("/")[2]
            assert path.is_dir() or path.with_suffix(".py").is_file(), path
    assert len(stays) > 30


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_command_is_in_the_readme(command: str) -> None:
    """Nobody has to guess what there is."""
    assert f"`{command}`" in (ROOT / "README.md").read_text(encoding="utf-8")


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    found: list[tuple[tuple[str, ...], click.Command]] = []
    for name, command in sorted(group.commands.items()):
        found.append(((*path, name), command))
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
    return found


@pytest.mark.parametrize(
    ("path", "command"), commands(cli), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_option_is_explained(path: tuple[str, ...], command: click.Command) -> None:
    """`--help` has a sentence for the command and for each of its options."""
    assert command.help
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_pinned_versions_agree() -> None:
    """The app, the package and the command say one version; every requirement is pinned."""
    import mlops

    assert f'version = "{mlops.__version__}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        loose = [line for line in lines if line and not line.startswith(("#", "-r")) and "==" not in line]
        assert loose == []

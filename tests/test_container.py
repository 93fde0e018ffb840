"""The container: what can be known of it where no daemon builds one.

The Dockerfile is linted, the compose file is read as Compose reads it, and then the Dockerfile is *carried out*, line by
line, in an empty folder: only what COPY names is there, the packages come into a new environment, both commands start
as the user of the image, and the health checks say when they are well. What this leaves open is the base image itself,
its packages of Debian, and the isolation that a daemon would add.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from time import monotonic, sleep
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]

OF_THE_SYSTEM = ("apt-get", "groupadd", "useradd", "install", "rm")
"""Commands of RUN that change the system below the app: the test looks for what they leave instead."""

TEMP = os.environ.get("PYTEST_DEBUG_TEMPROOT", "/tmp")
"""Where the image is made: in memory where there is room, see `conftest`; any user may look into it."""

PATIENCE = 180
"""Seconds for a service to be well: the machine is shared."""


def instructions(text: str) -> list[tuple[str, str]]:
    r"""Return the instructions of a Dockerfile, each with its words, as the builder joins their lines.

    >>> instructions("# why\nRUN a \\\n  && b\nUSER 1")
    [('RUN', 'a && b'), ('USER', '1')]
    """
    lines = "\n".join(line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    whole = re.sub(r"\s*\\\n\s*", " ", lines).splitlines()
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in whole)]


DOCKERFILE = instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))


def said(name: str) -> list[str]:
    return [words for one, words in DOCKERFILE if one == name]


def composed(environment: dict[str, str]) -> dict[str, Any]:
    """Return the compose file with its variables filled in: ``${NAME:-default}`` and ``${NAME:?why}``."""

    def fill(found: re.Match[str]) -> str:
        name, kind, text = found.groups()
        if kind == "?" and not environment.get(name):
            raise KeyError(f"{name}: {text}")
        return environment.get(name) or text

    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(re.sub(r"\$\{(\w+):([-?])([^}]*)\}", fill, text))


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return composed({"MLOPS_TOKEN": "a-token"})["services"]


def ignored(path: PurePosixPath) -> bool:
    """Tell whether `.dockerignore` keeps a file from the build: the last pattern that fits it or a folder above decides."""
    kept = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!").removeprefix("**/")
        above = [path, *path.parents]
        fits = any(fnmatch(str(one), pattern) or ("**/" in line and fnmatch(one.name, pattern)) for one in above)
        if line and not line.startswith("#") and fits:
            kept = line.startswith("!")
    return not kept


# What is written


def test_the_linter_finds_nothing() -> None:
    """hadolint knows what goes wrong in Dockerfiles; the one rule that is lifted says why beside it."""
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.exists():
        pytest.skip("hadolint is not installed (requirements-dev.txt)")

    done = subprocess.run([str(hadolint), "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")
    assert (ROOT / "Dockerfile").read_text(encoding="utf-8").count("hadolint ignore") == 1


def test_the_base_is_pinned_by_tag_and_by_digest() -> None:
    """The same lines build the same image next year; its Python is one that the project supports."""
    [base] = said("FROM")

    assert re.fullmatch(r"python:3\.1[1-3]\.\d+-slim-[a-z]+@sha256:[0-9a-f]{64}", base)


def test_nobody_runs_as_root_and_nothing_is_fetched_beside_the_registries() -> None:
    """The user is a number, which every host understands; no curl, no script from the network."""
    assert said("USER") == ["10001:10001"]
    assert DOCKERFILE.index(("USER", "10001:10001")) > max(n for n, (one, _) in enumerate(DOCKERFILE) if one == "RUN")
    assert not re.search(r"curl|wget|http://(?!127)|https://|ADD ", " ".join(" ".join(one) for one in DOCKERFILE))
    assert said("STOPSIGNAL") == ["SIGTERM"]


def test_the_build_sees_what_the_image_is_made_of_and_nothing_else() -> None:
    """A workspace, the history of git, a file of secrets: nothing that lies about gets into a layer."""
    sources = [word for words in said("COPY") for word in words.split()[:-1]]

    assert all((ROOT / source).exists() for source in sources)
    assert [one for one in sources if not (ROOT / one).is_dir() and ignored(PurePosixPath(one))] == []
    for kept_out in (".git/HEAD", ".env", "workspace/ledger.db", "tests/conftest.py", "mlops/base/__pycache__/a.pyc"):
        assert ignored(PurePosixPath(kept_out)), kept_out
    assert not ignored(PurePosixPath("mlops/base/ledger.py"))


def test_app_and_api_are_one_image_over_one_workspace(services: dict[str, Any]) -> None:
    """Two services; what one deploys the other serves, and the data outlives both."""
    app, api = services["app"], services["api"]

    assert set(services) == {"app", "api"}
    assert app["image"] == api["image"] and app["build"] == api["build"] == "."
    assert app["volumes"] == api["volumes"] == ["data:/data"]
    assert "data" in composed({"MLOPS_TOKEN": "a"})["volumes"] and said("VOLUME") == ["/data"]
    assert api["depends_on"] == {"app": {"condition": "service_healthy"}}


def test_a_service_can_write_nowhere_else_and_gains_no_rights(services: dict[str, Any]) -> None:
    """Read-only root, a `/tmp` in memory, no capability; it is reaped, stopped with patience, and started again."""
    for one in services.values():
        assert (one["read_only"], one["tmpfs"], one["cap_drop"]) == (True, ["/tmp"], ["ALL"])
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert (one["init"], one["stop_grace_period"], one["restart"]) == (True, "30s", "unless-stopped")
        assert "user" not in one and "privileged" not in one


def test_both_answer_on_this_machine_alone_unless_told_otherwise(services: dict[str, Any]) -> None:
    """The ports of the image, published on loopback; a class is asked for by name."""
    exposed = said("EXPOSE")[0].split()

    assert [one["ports"] for one in services.values()] == [["127.0.0.1:8501:8501"], ["127.0.0.1:5000:5000"]]
    assert [port.rpartition(":")[2] for one in services.values() for port in one["ports"]] == exposed
    class_room = composed({"MLOPS_TOKEN": "a", "MLOPS_BIND": "0.0.0.0", "MLOPS_HOSTS": "class-pc"})["services"]
    assert class_room["app"]["ports"] == ["0.0.0.0:8501:8501"]
    assert class_room["app"]["environment"]["MLOPS_HOSTS"] == "class-pc"


def test_the_api_does_not_start_without_a_token() -> None:
    """Other containers reach it, too: Compose refuses and says what is missing."""
    with pytest.raises(KeyError, match="MLOPS_TOKEN: whoever calls the API shows a token"):
        composed({})


def test_the_health_checks_need_nothing_but_python(services: dict[str, Any]) -> None:
    """The image has no curl; each asks its own port."""
    [of_the_app] = said("HEALTHCHECK")
    of_the_api = services["api"]["healthcheck"]["test"]

    assert json.loads(of_the_app.partition("CMD ")[2])[0] == of_the_api[1] == "python"
    assert "8501/_stcore/health" in of_the_app and "5000/live" in of_the_api[-1]


def test_compose_itself_accepts_the_file() -> None:
    """Where Docker Compose is installed it reads the file; elsewhere the tests above are what there is."""
    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode
    ):
        pytest.skip("docker compose is not here")

    done = subprocess.run(
        ["docker", "compose", "config", "--quiet"],
        cwd=ROOT, env={**os.environ, "MLOPS_TOKEN": "a-token"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr


# What is carried out


class Image:
    """The Dockerfile, carried out below a folder that stands for the root of the container."""

    def __init__(self, root: Path, ports: dict[str, int]) -> None:
        self.root, self.ports = root, ports
        self.workdir = root
        base = Path("/usr/bin/python3") if Path("/usr/bin/python3").exists() else Path(sys.executable)
        (root / "base").mkdir()
        (root / "base" / "python").symlink_to(base.resolve())
        (root / "data").mkdir()
        self.environment = {"PATH": f"{root / 'base'}{os.pathsep}{os.environ['PATH']}", "HOME": "/data"}
        self.user: dict[str, Any] = {}
        self.skipped: list[str] = []
        for name, words in DOCKERFILE:
            getattr(self, f"_{name.lower()}", lambda words: None)(words)

    def inside(self, text: str) -> str:
        """Return words of the container as they are here: its folders lie below the root, its ports are free ones."""
        text = re.sub(r"(?<![\w.])/(app|opt|data)\b", rf"{self.root}/\1", text)
        return re.sub(r"\b(8501|5000)\b", lambda port: str(self.ports[port[1]]), text)

    def start(self, command: list[str], **environment: str) -> subprocess.Popen[str]:
        """Start a command as the user of the image, with what ENV says and nothing of this process."""
        said = {name: self.inside(value) for name, value in (self.environment | environment).items()}
        return subprocess.Popen(
            [self.inside(word) for word in command], cwd=self.workdir, env=said, **self.user,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def run(self, command: list[str], **environment: str) -> str:
        process = self.start(command, **environment)
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, output
        return output

    def files(self) -> dict[str, tuple[int, int]]:
        """Return size and time of every file of the image that no volume holds."""
        found = [one for top in ("app", "opt") for one in (self.root / top).rglob("*") if one.is_file()]
        return {str(one): (one.stat().st_size, one.stat().st_mtime_ns) for one in found}

    def _workdir(self, words: str) -> None:
        self.workdir = Path(self.inside(words))
        self.workdir.mkdir()

    def _copy(self, words: str) -> None:
        *sources, to = words.split()
        for source in sources:
            target = self.workdir / to / ("" if (ROOT / source).is_dir() else source)
            for path in [ROOT / source, *(ROOT / source).rglob("*")]:
                if path.is_file() and not ignored(PurePosixPath(path.relative_to(ROOT).as_posix())):
                    new = target / path.relative_to(ROOT / source) if path != ROOT / source else target
                    new.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, new)

    def _run(self, words: str) -> None:
        for command in words.split(" && "):
            if command.split()[0] in OF_THE_SYSTEM:
                self.skipped.append(command)
                continue
            said = {**os.environ, **self.environment, "HOME": str(self.root)}
            done = subprocess.run(
                ["sh", "-c", self.inside(command)],
                cwd=self.workdir,
                env=said,
                capture_output=True,
                text=True,
                check=False,
            )
            if " pip install " in f" {command.replace('/opt/venv/bin/', '')} " and done.returncode:
                pytest.skip(f"no registry answers: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
            assert done.returncode == 0, done.stderr

    def _env(self, words: str) -> None:
        for word in shlex.split(words.replace("$PATH", "/usr/local/bin:/usr/bin:/bin")):
            name, _, value = word.partition("=")
            self.environment[name] = value

    def _user(self, words: str) -> None:
        if os.geteuid() == 0:  # else whoever runs the tests stands for the user: no root either
            user, group = (int(number) for number in words.split(":"))
            os.chown(self.root / "data", user, group)
            self.user = {"user": user, "group": group, "extra_groups": []}


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """The image, as far as it can be made here: a minute, nearly all of it the packages of requirements.txt."""
    if os.name == "nt":
        pytest.skip("the commands of the image are those of Linux")
    with tempfile.TemporaryDirectory(prefix="image-", dir=TEMP) as folder, free_ports(2) as (app, api):
        Path(folder).chmod(0o755)  # the user of the image looks into it
        yield Image(Path(folder), {"8501": app, "5000": api})


@contextmanager
def free_ports(count: int) -> Iterator[list[int]]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    yield ports


@contextmanager
def service(image: Image, command: list[str], health: list[str], **environment: str) -> Iterator[None]:
    """Run a service until its health check is content, and stop it as Docker does: it ends in time, and says 0."""
    assert image.start(health).wait() != 0, "a health check that nothing answers is content"
    process = image.start(command, **environment)
    try:
        until = monotonic() + PATIENCE
        while image.start(health).wait() != 0:
            assert process.poll() is None, process.communicate()[0]
            assert monotonic() < until, "it is not well"
            sleep(0.2)
        yield
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
        assert process.returncode in (0, -signal.SIGTERM), output
    finally:
        process.kill()
        process.communicate()


# Over a minute, because every package is really installed: what an image is made of is known in no other way.
@pytest.mark.slow
def test_the_lines_of_the_dockerfile_make_an_app_that_is_well(image: Image) -> None:
    """Only what COPY names, only what RUN installs, as a user who owns nothing but /data; nothing else is written."""
    [health] = said("HEALTHCHECK")
    before = image.files()

    with service(image, json.loads(said("CMD")[0]), json.loads(health.partition("CMD ")[2])):
        pass

    assert image.files() == before
    assert {command.split()[0] for command in image.skipped} == set(OF_THE_SYSTEM)


@pytest.mark.slow
def test_the_api_answers_what_is_released_beside_it(image: Image, services: dict[str, Any]) -> None:
    """It starts before anything is there; what another container trains and releases answers, to who has the token."""
    api, before = services["api"], image.files()
    mlops = ["python", "-m", "mlops"]

    with service(image, api["command"], api["healthcheck"]["test"][1:], MLOPS_TOKEN="a-token"):
        image.run([*mlops, "init", "--sample"])
        assert asked(image, "/ready") == 503
        run = json.loads(image.run([*mlops, "--json", "train", "--config", "configs/churn.yaml"]).splitlines()[-1])
        image.run([*mlops, "models", "register", run["run_id"], "--name", "churn_model"])
        for environment in ("staging", "production"):
            image.run([*mlops, "deploy", "churn_model@1.0.0", "--env", environment, "--reason", "first release"])
        until = monotonic() + PATIENCE
        while asked(image, "/ready") != 200:
            assert monotonic() < until, "what was released does not answer"
            sleep(0.2)
        assert (asked(image, "/model"), asked(image, "/model", "a-token")) == (401, 200)

    assert json.loads(image.run([*mlops, "--json", "verify"]).splitlines()[-1])["ok"]
    assert image.files() == before
    assert sorted(one.name for one in (image.root / "data").iterdir() if one.name != "chapters") == ["workspace"]


def asked(image: Image, path: str, token: str = "") -> int:
    """Return the status that the API answers with, to whoever comes through the published port."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    address = f"http://localhost:{image.ports['5000']}{path}"
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=30) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code

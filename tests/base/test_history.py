"""A workspace lives through anything people do with releases, in any order, next to a model too simple to be wrong."""

from __future__ import annotations

import shutil
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from mlops import Workspace
from mlops.base.errors import ConflictError, NotFoundError, RefusedError

ENVIRONMENTS = st.sampled_from(["development", "staging"])
NUMBERS = st.integers(0, 5)


class History(RuleBasedStateMachine):
    """Register, deploy, roll back, reject, copy and reopen, and remember what must have come of it."""

    base: Workspace

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.ws = self.base.fork(self.folder / "0")
        self.versions = ["1.0.0", "1.1.0"]
        self.rejected: set[str] = set()
        self.stacks: dict[str, list[str]] = {"development": [], "staging": ["1.0.0", "1.1.0"]}
        self.log = self.ws.log()

    def teardown(self) -> None:
        assert self.ws.verify()["problems"] == []
        shutil.rmtree(self.folder)

    def refused(self, error: type[Exception], action, *arguments, events: int = 0, **options) -> None:
        """Do what must be refused; nothing but the gate's answer may be recorded."""
        with pytest.raises(error) as refusal:
            action(*arguments, "reason", **options)
        assert refusal.value.message and refusal.value.next_step
        assert [event["kind"] for event in self.ws.log(len(self.log))] == ["gate.evaluate"] * events

    @rule(number=st.integers(0, 1))
    def register(self, number: int) -> None:
        model = self.ws.models.register(self.ws.runs.list()[number], "churn_model")
        assert model.version not in self.versions
        self.versions.append(model.version)

    @rule(environment=ENVIRONMENTS, number=NUMBERS)
    def deploy(self, environment: str, number: int) -> None:
        version, stack = self.versions[number % len(self.versions)], self.stacks[environment]
        ref = f"churn_model@{version}"
        if stack[-1:] == [version]:
            self.refused(ConflictError, self.ws.deploy, ref, environment)
        elif version in self.rejected:
            self.refused(RefusedError, self.ws.deploy, ref, environment, events=1, override="please")
        else:
            self.ws.deploy(ref, environment, "reason")
            stack.append(version)

    @rule(environment=ENVIRONMENTS)
    def rollback(self, environment: str) -> None:
        stack = self.stacks[environment]
        earlier = [version for version in stack[:-1] if version not in self.rejected and version != stack[-1]]
        if not stack:
            self.refused(NotFoundError, self.ws.rollback, environment)
        elif not earlier:
            self.refused(RefusedError, self.ws.rollback, environment)
        else:
            preview = self.ws.deployments.preview(environment)
            assert self.ws.rollback(environment, "reason").model == preview.target
            self.back_to(stack, earlier[-1])

    @rule(environment=ENVIRONMENTS, number=NUMBERS)
    def rollback_to(self, environment: str, number: int) -> None:
        version, stack = self.versions[number % len(self.versions)], self.stacks[environment]
        was_live = [one.model["version"] for one in self.ws.releases.timeline(environment)]
        if not stack or version not in was_live:
            self.refused(NotFoundError, self.ws.rollback, environment, to=version)
        elif version == stack[-1]:
            self.refused(ConflictError, self.ws.rollback, environment, to=version)
        elif version in self.rejected:
            self.refused(RefusedError, self.ws.rollback, environment, to=version)
        else:
            self.ws.rollback(environment, "reason", to=f"v{version}")
            self.back_to(stack, version)

    @staticmethod
    def back_to(stack: list[str], version: str) -> None:
        """Take off what lies above the version; one that lies nowhere is put on top."""
        below = stack[:-1]
        if version not in below:
            stack.append(version)
            return
        while version in below[:-1] and below[-1] != version:
            below.pop()
        stack[:] = below

    @rule(number=NUMBERS)
    def reject(self, number: int) -> None:
        version = self.versions[number % len(self.versions)]
        live = [
            *(stack[-1] for stack in self.stacks.values() if stack),
            self.ws.releases.live("production").model["version"],
        ]
        if version in live:
            self.refused(RefusedError, self.ws.models.reject, f"churn_model@{version}")
        else:
            self.ws.models.reject(f"churn_model@{version}", "reason")
            self.rejected.add(version)

    @rule(copy=st.booleans())
    def go_on_elsewhere(self, copy: bool) -> None:
        """A copy, or the same folder opened by the next process, knows all of it."""
        elsewhere = self.ws.path.with_name(f"{int(self.ws.path.name) + 1}")
        self.ws = self.ws.fork(elsewhere) if copy else Workspace.open(self.ws.path, create=False)

    @invariant()
    def what_is_live_is_what_was_decided(self) -> None:
        for environment, stack in self.stacks.items():
            live = self.ws.releases.live(environment)
            assert (live.model["version"] if live else None) == (stack[-1] if stack else None)

    @invariant()
    def history_is_only_added_to(self) -> None:
        log = self.ws.log()
        assert log[: len(self.log)] == self.log
        self.log = log

    @invariant()
    def one_model_is_live_at_a_time(self) -> None:
        for environment in self.stacks:
            timeline = self.ws.releases.timeline(environment)
            assert all(before.until == after.since for before, after in pairwise(timeline))
            assert all(one.until is None for one in timeline[-1:])


def test_any_history_of_releases_is_what_the_simple_model_says(_released):
    """Live versions, refusals, the order of rollbacks and the log agree after every step; in the end all verifies."""
    machine = type("Machine", (History,), {"base": _released})
    run_state_machine_as_test(machine, settings=settings(max_examples=20, stateful_step_count=15))

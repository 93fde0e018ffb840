"""A file that a person chose, and what it holds: read once, kept for this session, written nowhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from mlops import MlopsError
from mlops.data import reading
from playground.chain import ROOT
from playground.ui.kit import cards
from playground.ui.kit.shelf import Shelf
from playground.ui.kit.uploads import uploaded

Value = TypeVar("Value")

SAMPLES = ROOT / "sample_data"


@dataclass(frozen=True)
class Chosen:
    """A file before it is kept."""

    name: str
    """As the person knows it; never a path."""
    sha256: str
    file: Any
    """The path of a sample, or an upload."""

    @property
    def is_sample(self) -> bool:
        """Whether it is one of the files that come with the project."""
        return isinstance(self.file, Path)

    @property
    def key(self) -> str:
        """What widgets about this file are named after."""
        return self.sha256[:12]


@dataclass(frozen=True)
class Seen:
    """What a file holds, or why it cannot be read."""

    found: Any
    """A `reading.Reading`; None where it cannot be read."""
    preview: Any
    """The `reading.Preview` of it."""
    problem: MlopsError | None
    raw: tuple[str, ...]
    """Its first lines as they stand."""
    _told: Shelf = field(default_factory=Shelf, repr=False)

    @cached_property
    def first_rows(self) -> Any:
        """The rows to look at, each column with its type."""
        kinds = {column["name"]: column["type"] for column in self.preview.columns}
        head = pd.DataFrame({name: list(values) for name, values in self.preview.head.items()})
        return cards.arrow(head.rename(columns={name: f"{name} ({kind})" for name, kind in kinds.items()}))

    def ask(self, what: Callable[..., Value], *arguments: Any) -> Value:
        """Return `what(table, *arguments)`, asked once: a file that was read does not change."""
        answer: Value = self._told.get((what, arguments), None, lambda: what(self.found.table, *arguments))
        return answer


def sample(kept: Collection[str] = ()) -> Chosen:
    """Let a person choose one of the sample's files; one that is not kept yet to begin with."""
    history = ("customers_2023.csv", "customers_2023_corrected.csv")
    names = [*history, *(path.name for path in sorted(SAMPLES.glob("customers_*-*.csv")))]
    first = next((place for place, name in enumerate(names) if name not in kept), 0)
    path = SAMPLES / st.selectbox("Sample file", names, index=first, key=f"data.sample.{names[first]}")
    return Chosen(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), path)


def upload(key: str = "data.upload", label: str = "Your file") -> Chosen | None:
    """Let a person choose a file of their own."""
    limit = st.get_option("server.maxUploadSize")
    file = st.file_uploader(
        label, key=key, label_visibility="collapsed",
        help=f"CSV, CSV.gz or parquet, up to {limit} MB and {reading.LIMITS['columns']:,} columns.",
    )  # fmt: skip
    if file is None:
        st.caption(f"CSV, CSV.gz or parquet · up to {limit} MB · {reading.LIMITS['columns']:,} columns")
        return None
    return Chosen(file.name, hashlib.sha256(file.getvalue()).hexdigest(), file)


def seen(chosen: Chosen, options: reading.ReadOptions) -> Seen:
    """Return what a file holds if it is read like this; the same question is answered from memory."""
    remember = _of_sample if chosen.is_sample else _of_upload
    return remember(chosen.sha256, repr(options), chosen, options)


def _seen(sha256: str, said: str, _chosen: Chosen, _options: reading.ReadOptions) -> Seen:
    place = st.empty()

    def on_progress(done: int, total: int) -> None:
        if total > 4 << 20:  # a smaller file is read before anybody could look
            place.progress(min(done / total, 1.0), text=f"Reading {_chosen.name}")

    with uploaded(_chosen.file) as path:
        try:
            found = reading.interpret(path, _options, on_progress)
        except MlopsError as problem:
            return Seen(None, None, problem, _first_lines(path))
        finally:
            place.empty()
        return Seen(found, reading.described(_chosen.name, found), None, found.layout.raw)


_of_sample = st.cache_resource(max_entries=16, show_spinner=False)(_seen)
"""A sample is the same for everybody; what a person uploads belongs to their session."""
_of_upload = st.cache_resource(max_entries=6, show_spinner=False, scope="session")(_seen)


def _first_lines(path: Path) -> tuple[str, ...]:
    """Return the first lines of a file nobody could read, as far as they are text."""
    with path.open("rb") as file:
        text = file.read(2000).decode("utf-8", "replace")
    return tuple("".join(mark if mark.isprintable() else "·" for mark in line)[:160] for line in text.splitlines()[:8])

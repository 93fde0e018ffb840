"""What the Data screen is made of: versions, a new one, the difference of two, a version given back as a file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace, reading, sample
from mlops.records import suggest_name
from playground import charts
from playground.chain import ROOT
from playground.ui import cards, state
from playground.words import moment, short

SAMPLES = ROOT / "sample_data"
ENCODINGS = ("utf-8", "latin-1", "cp1252", "utf-16")
SEPARATORS = {"found by itself": None, "comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


def versions(found: Sequence[Any]) -> None:
    """Draw the versions, newest first, with what is worth knowing about them."""
    table = cards.columns_of(
        found,
        Version=lambda one: one.ref,
        Rows=lambda one: one.rows,
        Columns=lambda one: one.columns,
        Target=lambda one: one.target,
        Message=lambda one: one.message,
        Created=lambda one: moment(one.created_at),
        Content=lambda one: short(one.sha256),
    )
    st.dataframe(
        table, hide_index=True, key="data.versions", alt="Dataset versions, newest first",
        column_config={name: st.column_config.NumberColumn(format="localized") for name in ("Rows", "Columns")},
    )  # fmt: skip
    notes = [warning["message"] for warning in found[0].warnings]
    if notes:
        things = f"{len(notes)} thing{'s' if len(notes) > 1 else ''}"
        with st.expander(f"{things} to know about {cards.plain(found[0].ref)}", icon=":material/info:", type="compact"):
            st.markdown("\n".join(f"- {cards.plain(note)}" for note in notes))


def new_version(found: Sequence[Any]) -> None:
    """Draw what keeps a file as the next version: the file, its dataset, the two columns with a role."""
    source = st.segmented_control(
        "File", ["Sample", "Upload"], default="Sample", required=True, key="data.source", label_visibility="collapsed"
    )
    file = _sample() if source == "Sample" else st.file_uploader("CSV, CSV.gz or parquet", key="data.upload")
    if file is None:
        return
    options = _options() if source == "Upload" else reading.ReadOptions()
    with cards.errors():
        columns = _columns(file, options)
        name, roles = _roles(found, file, columns)
        with st.form("data.new", border=False):
            message = st.text_input("What changed", key="data.message", max_chars=200)
            keep = st.form_submit_button(
                "Keep this version", type="primary", icon=":material/add:", disabled=not roles["target"]
            )
        if not roles["target"]:
            st.caption("Choose the column to predict.")
        if keep:
            # A role without its column is inherited; given, it would be refused.
            given = {role: column for role, column in roles.items() if column in columns}
            _keep(file, name, message, given, options)


def difference(found: Sequence[Any]) -> None:
    """Draw what changed between two versions: rows, cells, distributions."""
    refs = [one.ref for one in found]
    if len(refs) < 2:
        st.markdown(":gray[Two versions are needed. Keep a second one first.]")
        return
    left, right = st.columns(2)
    earlier = next((place for place, one in enumerate(found) if place and one.name == found[0].name), 1)
    before = left.selectbox("Before", refs, index=earlier, key="data.before")
    after = right.selectbox("After", refs, index=0, key="data.after")
    with cards.errors():
        _difference(state.read(_diff, before, after), before, after)


def restore(found: Sequence[Any], asked: str = "") -> None:
    """Offer any version as a file: adding it again gives the same content hash."""
    left, right = st.columns(2, vertical_alignment="bottom")
    refs = [one.ref for one in found]
    ref = left.selectbox(
        "Version", refs, index=refs.index(asked) if asked in refs else len(refs) - 1, key="data.restore"
    )
    ws = state.workspace()
    with right:
        cards.download_bytes(lambda: checked_out(ws, ref), f"{ref.replace('@', '-v')}.csv")
    chosen = next(one for one in found if one.ref == ref)
    st.markdown(f":gray[Content hash] `{chosen.sha256}`")


def checked_out(ws: Workspace, ref: str) -> bytes:
    """Return a version as the bytes of a CSV file."""
    with tempfile.TemporaryDirectory() as folder:
        return ws.datasets.checkout(ref, Path(folder) / "checkout.csv").read_bytes()


@contextmanager
def uploaded(file: Any) -> Iterator[Path]:
    """Yield the path of a file: a sample as it lies there, an upload from a folder that is gone afterwards."""
    if isinstance(file, Path):
        yield file
        return
    with tempfile.TemporaryDirectory() as folder:
        # A name made of safe characters only; the uploaded one never becomes a path.
        path = Path(folder) / f"{suggest_name(Path(file.name).stem, 'upload')}{Path(file.name).suffix[:8]}"
        path.write_bytes(file.getvalue())
        yield path


def _sample() -> Path:
    names = [path.name for path in sorted(SAMPLES.glob("customers_*.csv"))]
    first = names.index("customers_2023.csv") if "customers_2023.csv" in names else 0
    return SAMPLES / st.selectbox("Sample file", names, index=first, key="data.sample")


def _options() -> reading.ReadOptions:
    """Draw how a file is read, for the files that need to be told."""
    with st.expander("How to read it", icon=":material/tune:", type="compact"):
        left, middle, right = st.columns(3)
        encoding = left.selectbox("Encoding", ENCODINGS, key="data.encoding", accept_new_options=True)
        separator = middle.selectbox("Separator", list(SEPARATORS), key="data.separator")
        decimal = right.selectbox("Decimal mark", [".", ","], key="data.decimal")
    return reading.ReadOptions(encoding=str(encoding), delimiter=SEPARATORS[str(separator)], decimal=str(decimal))


def _columns(file: Any, options: reading.ReadOptions) -> list[str]:
    """Return the columns of a file; what cannot be read is refused here, before anything is asked about it."""
    with uploaded(file) as path:
        return next(reading.blocks(path, replace(options, as_text=True))).column_names


def _roles(found: Sequence[Any], file: Any, columns: Sequence[str]) -> tuple[str, dict[str, str | None]]:
    """Draw dataset, target and id, filled in as far as they are known; return what was chosen."""
    left, middle, right = st.columns(3)
    name = left.text_input("Dataset", value=_belongs_to(found, file, columns), key=f"data.name.{file.name}") or ""
    latest = next((one for one in found if one.name == name), None)
    known = {"target": "churn", "id": "customer_id"} if isinstance(file, Path) else {"target": None, "id": None}
    if latest:
        known = {"target": latest.target, "id": latest.id}
    chosen = {}
    for place, role, label in ((middle, "target", "Column to predict"), (right, "id", "Column that identifies a row")):
        # A role that the file does not hold is kept: the outcomes of a new month come later.
        options = list(dict.fromkeys([*columns, *([known[role]] if latest and known[role] else [])]))
        chosen[role] = place.selectbox(
            label, options, index=options.index(known[role]) if known[role] in options else None,
            placeholder="Choose" if role == "target" else "None", key=f"data.{role}.{file.name}.{name}",
        )  # fmt: skip
    return name, chosen


def _belongs_to(found: Sequence[Any], file: Any, columns: Sequence[str]) -> str:
    """Return the dataset that a file looks like: one with its columns, the sample's for a sample, else a new one."""
    if isinstance(file, Path):
        return sample.NAME
    alike = (one.name for one in found if set(columns) == set(one.column_types))
    return next(alike, suggest_name(Path(file.name).name.split(".")[0]))


def _keep(file: Any, name: str, message: str, roles: dict[str, str | None], options: reading.ReadOptions) -> None:
    with uploaded(file) as path, st.spinner("Keeping it"):
        if path.parent == SAMPLES:
            sample.begin(state.workspace())
        version = state.workspace().datasets.add(path, name=name, message=message, options=options, **roles)
    state.say(f"{version.ref} is kept." if version.created else f"This content is already {version.ref}.")
    st.rerun()


def _diff(ws: Workspace, before: str, after: str) -> Any:
    return ws.datasets.diff(before, after)


def _difference(diff: Any, before: str, after: str) -> None:
    counts = {"Rows added": diff.rows_added, "Rows removed": diff.rows_removed, "Rows changed": diff.rows_changed}
    with st.grid(4, min_column_width=130):
        for label, count in counts.items():
            st.metric(label, "unknown" if count is None else f"{count:,}", border=True)
        st.metric("Cells changed", f"{sum(diff.cells_changed.values()):,}", border=True)
    for label, names in (("Columns added", diff.columns_added), ("Columns removed", diff.columns_removed)):
        if names:
            st.markdown(f"{label}: {cards.plain(', '.join(names))}")
    if diff.columns_retyped:
        st.dataframe(
            pd.DataFrame([dict(one) for one in diff.columns_retyped]), hide_index=True, alt="Columns of another type"
        )
    if diff.reordered:
        st.markdown(":gray[The same rows stand in another order.]")
    if diff.changes:
        changes = pd.DataFrame([dict(one) for one in diff.changes]).astype(str)
        st.dataframe(changes, hide_index=True, key="data.changes", alt="Changed cells")
        cards.download(changes, f"changes-{before}-{after}".replace("@", "-v"))
    _distribution(diff, before, after)


def _distribution(diff: Any, before: str, after: str) -> None:
    changed = [name for name, summaries in diff.distributions.items() if summaries["before"] != summaries["after"]]
    if not changed:
        return
    changed.sort(key=lambda name: -diff.cells_changed.get(name, 0))
    column = st.selectbox("Distribution of", changed, key="data.column")
    table = charts.distribution_table(diff.distributions[column], before, after)
    cards.chart(charts.distribution(table), table, f"distribution-{column}", f"{column} in {before} and {after}")

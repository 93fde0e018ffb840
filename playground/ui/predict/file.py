"""A file on the Predict screen: answered as a whole, and what came of any file that the live model answered."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from mlops import Workspace, sample
from mlops.base.records import ref_of
from mlops.data.described import title
from playground import doors, hundred, scored, words
from playground.chain import ROOT, Chain
from playground.charts import scored as figures
from playground.ui.kit import acts, cards, lists, session, state
from playground.ui.kit.uploads import uploaded
from playground.ui.predict import every_night
from playground.ui.predict.under_way import UnderWay

_CHOICES = ("Sample", "Your file")

FIRST_ROWS = 8
LONGEST = 100
"""Files that can be chosen, the newest."""

ANSWERS = "predict.answers"
"""Key of the choice among the files that were answered."""


def draw(chain: Chain) -> None:
    """Draw the file: choose and predict; then what came of it, or of another one that was answered before."""
    source, model = "Your file", chain.production.model["name"]
    if chain.learned_from == sample.NAME:
        source = st.segmented_control(
            "Source", _CHOICES, default="Sample", required=True, key="predict.source", persist_state="session",
            label_visibility="collapsed",
        )  # fmt: skip
    file = _sample() if source == "Sample" else st.file_uploader("CSV or parquet", key="predict.upload")
    asked = acts.button(
        "Predict the file", "predict", type="primary", icon=":material/bolt:", key="predict.batch",
        disabled=file is None,
    )  # fmt: skip
    if asked:
        with cards.errors(), uploaded(file) as path:
            _score(model, path, file.name)
    if answered := state.read(_answered, model):
        _chosen(answered, lists.metadata(ref_of(chain.production.model))["signature"])


def _score(model: str, path: Path, called: str) -> None:
    """Answer a file as the live model; the workspace keeps the answers, this session what was rejected."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "predictions.csv"
        report = state.workspace().batch_predict(f"{model}@production", path, out, UnderWay())
        rejected = Path(f"{out}.rejected.csv")
        session.REJECTED.set((report.batch_id, rejected.read_bytes() if rejected.exists() else b""))
    session.hold(ANSWERS, report.batch_id)
    before = f", {report.resumed:,} of them before it was cut off" if report.resumed else ""
    session.say(f"{called} was answered: {report.rows:,} rows{before}.")
    st.rerun()


def _answered(ws: Workspace, model: str) -> dict[str, Any]:
    """Return the newest files of which the answers are kept, by their id; a single row is no file."""
    of = [one for one in ws.batches.list() if one.model["name"] == model and one.environment == "production"]
    return {one.batch_id: one for one in of if one.answers_sha256 and one.input_rows > 1}


def _chosen(answered: Mapping[str, Any], signature: Mapping[str, Any]) -> None:
    """Draw one of the files that were answered: the one that was chosen, else the newest."""
    ids = [*answered][:LONGEST]
    if session.held(ANSWERS) not in ids:
        session.hold(ANSWERS, ids[0])
    chosen = st.selectbox(
        "Answered", ids, key=ANSWERS, persist_state="session", format_func=lambda one: _called(answered[one])
    )
    report = answered[chosen]
    positive = signature["positive"] if signature["task"] == "binary" else None
    said = hundred.words_for(signature["target"], positive)
    costs = hundred.fitting(session.COSTS.get(), max(report.rows, 1))
    found = state.keep(_scored, report.batch_id, report.model["name"], costs, said)
    _told(found, report, said, costs)
    if found.rows:
        cards.chart(figures.figure(found), found.frame(), "scored", f"{found.head}. {' '.join(found.sentences)}")
        _rows(report, found)


def _called(report: Any) -> str:
    return f"{report.input} · {report.input_rows:,} rows · {words.when(report.predicted_at)}"


def _told(found: scored.Scored, report: Any, said: hundred.Words, costs: hundred.Costs) -> None:
    """Draw the counts in words and money, and what they rest on."""
    with st.container(border=True, key="predict-file", gap="xsmall"):
        st.markdown(f"#### {cards.plain(found.head)}")
        for sentence in found.sentences:
            st.markdown(cards.plain(sentence))
        version = lists.told(report.model)
        left = f", {found.rejected:,} could not be used" if found.rejected else ""
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            asked = f"{found.asked:,} rows, {found.rows:,} answered{left}"
            st.caption(f"{asked} · by {cards.plain(version)}", width="content")
            if found.called:
                shown = st.popover("Costs", icon=":material/payments:", on_change="rerun", key="predict.costs")
                cards.inside(shown, lambda: _costs(costs, found.rows))
    for warning in report.warnings:
        st.warning(cards.plain(warning), icon=":material/warning:")


def _costs(costs: hundred.Costs, rows: int) -> None:
    """Draw what acting costs and is worth: the same numbers as under the hundred people."""
    now = asdict(costs)
    for name, (low, high, step) in hundred.BOUNDS.items():
        kind = int if name == "calls" else float
        told = st.number_input(
            hundred.CALLED[name], kind(low), kind(min(high, rows) if name == "calls" else high), kind(now[name]),
            kind(step), key=f"predict.cost.{name}.{now[name]:g}",
        )  # fmt: skip
        if told != now[name]:
            session.COSTS.set(now | {name: told})
            st.rerun()


def _rows(report: Any, found: scored.Scored) -> None:
    order = "As in the file"
    if found.task != "multiclass":
        orders = (order, "Highest first")
        order = st.segmented_control(
            "Rows", orders, default=orders[0], required=True, key="predict.order", label_visibility="collapsed"
        )
    batch, name, highest = report.batch_id, report.model["name"], order == "Highest first"
    said = lists.described(lists.metadata(ref_of(report.model))["data_version"])
    shown = state.keep(_table, batch, name, highest, FIRST_ROWS)
    shown = shown.rename(columns=lambda column: title(said, column))
    share = st.column_config.ProgressColumn("score", format="percent", min_value=0, max_value=1)
    st.dataframe(
        shown, hide_index=True, column_config={"score": share} if "score" in shown else {},
        alt=f"The first {len(shown)} of {found.rows:,} answers",
    )  # fmt: skip
    ws = state.workspace()
    with st.container(horizontal=True):
        cards.download(lambda: _document(ws, batch, name), "predictions", "All answers")
        if found.called:
            many = found.called.many
            cards.download(lambda: _table(ws, batch, name, True, many), "highest", f"The {many:,} {found.words.todo}")
        of, rejected = session.REJECTED.get()
        if of == batch and rejected:
            cards.download_bytes(rejected, "predictions.csv.rejected.csv", label="Rejected rows")
        every_night.draw(report)


def _kept(ws: Workspace, batch_id: str, model: str) -> pa.Table:
    """Return the answers to a file, as the workspace keeps them."""
    return next(one for one in ws.predictions.answered("production", model) if one.batch_id == batch_id).table


def _scored(ws: Workspace, batch_id: str, model: str, costs: hundred.Costs, said: hundred.Words) -> scored.Scored:
    report = next(one for one in ws.batches.list() if one.batch_id == batch_id)
    version = ws.models.get(ref_of(report.model))
    signature = ws.models.metadata(version)["signature"]
    return scored.of(_kept(ws, batch_id, model), report, signature, version.threshold, costs, said)


def _table(ws: Workspace, batch_id: str, model: str, highest: bool, most: int | None = None) -> pd.DataFrame:
    report = next(one for one in ws.batches.list() if one.batch_id == batch_id)
    signature = ws.models.metadata(ref_of(report.model))["signature"]
    return scored.rows(_kept(ws, batch_id, model), signature, highest, most)


def _document(ws: Workspace, batch_id: str, model: str) -> pd.DataFrame:
    report = next(one for one in ws.batches.list() if one.batch_id == batch_id)
    return scored.document(_kept(ws, batch_id, model), report, ws.models.metadata(ref_of(report.model))["signature"])


def _sample() -> Path:
    names = [*(path.name for path in sorted((ROOT / "sample_data").glob("customers_*-*.csv")))]
    names += [doors.LIST.name, "crm_export.csv"]
    return ROOT / "sample_data" / st.selectbox("Sample file", names, key="predict.sample", persist_state="session")

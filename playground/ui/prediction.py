"""What the Predict screen is made of: a form for one customer, a file of many, and the same answer both ways."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from playground.chain import ROOT
from playground.ui import cards, state
from playground.ui.datasets import uploaded

_ANSWER, _ASKED, _FILE = "predict.answer", "predict.asked", "predict.file"
_CHOICES = ("Sample", "Upload")


def form(live: Any) -> None:
    """Draw one customer, prefilled with a real row, and predict when asked."""
    metadata = state.read(_metadata, f"{live.model['name']}@{live.model['version']}")
    identity, examples = metadata["signature"]["id"], metadata["examples"] or [{}]
    names = [str(example.get(identity) or f"Example {number}") for number, example in enumerate(examples, 1)]
    picked = st.pills("Customer", names, default=names[0], required=True, key="predict.example")
    number = names.index(str(picked))
    with st.form("predict.form", border=False):
        row = {identity: names[number]} if identity else {}
        with st.grid(4, min_column_width=150):
            for feature in metadata["signature"]["features"]:
                row[feature["name"]] = _field(feature, examples[number].get(feature["name"]), number)
        if st.form_submit_button("Predict", type="primary", icon=":material/bolt:"):
            _ask(row)


def answer() -> None:
    """Draw the last answer, and on request the same customer asked in a file."""
    kept = st.session_state.get(_ANSWER)
    if not kept:
        return
    name, score = _score(kept)
    with st.container(border=True):
        left, right = st.columns([1, 2], vertical_alignment="center")
        left.metric(name.replace("_", " "), f"{score:.1%}" if name.endswith("_probability") else f"{kept['prediction']}")
        with right:
            said = f"Prediction **{cards.plain(kept['prediction'])}**"
            if name.endswith("_probability"):
                said += f", {'at or above' if score >= kept['threshold'] else 'below'} the threshold {kept['threshold']:g}"
            st.markdown(f"{said}  \n:gray[by] **v{cards.plain(kept['model_version'])}** :gray[·] `{kept['prediction_id']}`")
        for warning in kept["warnings"]:
            st.warning(cards.plain(warning["message"] if isinstance(warning, dict) else warning))
        if st.button("Ask the same in a file", icon=":material/csv:", key="predict.same"):
            _same(kept, name)


def batch() -> None:
    """Draw the file: choose, predict, take the answers and the rejected rows."""
    source = st.segmented_control(
        "Source", _CHOICES, default="Sample", required=True, key="predict.source", label_visibility="collapsed"
    )
    file = _sample() if source == "Sample" else st.file_uploader("CSV or parquet", key="predict.upload")
    if st.button("Predict the file", type="primary", icon=":material/bolt:", key="predict.batch", disabled=file is None):
        with cards.errors(), uploaded(file) as path:
            st.session_state[_FILE] = _scored(path)
    if result := st.session_state.get(_FILE):
        _batch_result(result)


def _field(feature: Mapping[str, Any], value: Any, example: int) -> Any:
    name, kind = feature["name"], feature["type"]
    key, label = f"predict.{name}.{example}", name.replace("_", " ")
    if kind == "integer":
        return st.number_input(label, value=None if value is None else int(value), step=1, key=key, placeholder="missing")
    if kind == "number":
        return st.number_input(label, value=None if value is None else float(value), key=key, placeholder="missing", format="%g")
    options: Sequence[Any] = [True, False] if kind == "boolean" else feature.get("levels") or []
    if not options:
        return st.text_input(label, value="" if value is None else str(value), key=key) or None
    options = options if value is None or value in options else [*options, value]
    index = None if value is None else list(options).index(value)
    return st.selectbox(label, options, index=index, key=key, placeholder="missing", accept_new_options=kind == "text")


def _ask(row: dict[str, Any]) -> None:
    st.session_state.pop(_ANSWER, None)
    with cards.errors():
        prediction = state.workspace().predict("@production", row)
        st.session_state[_ANSWER], st.session_state[_ASKED] = prediction.as_dict(), row
        st.rerun()


def _score(answered: Mapping[str, Any]) -> tuple[str, float]:
    """Return the name and value of the number that an answer is about."""
    name = next((key for key in answered if key.endswith("_probability")), "prediction")
    return name, answered[name]


def _same(kept: Mapping[str, Any], name: str) -> None:
    with cards.errors(), tempfile.TemporaryDirectory() as folder:
        one, out = Path(folder) / "one.parquet", Path(folder) / "answer.csv"
        pd.DataFrame([st.session_state[_ASKED]]).to_parquet(one)
        state.workspace().batch_predict("@production", data=one, output=out)
        scored = pd.read_csv(out)
        in_file, alone = float(scored[name][0]), float(kept[name])
        st.table(pd.DataFrame({"asked": ["one row", "in a file"], name: [repr(alone), repr(in_file)]}).set_index("asked"))
        if in_file == alone:
            st.markdown(":green[:material/check_circle: Equal to the last digit]")
        else:
            st.markdown(":red[:material/error: Different]")


def _scored(path: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "predictions.csv"
        place = st.empty()
        report = state.workspace().batch_predict(
            "@production", data=path, output=out, on_progress=lambda rows: place.caption(f"{rows:,} rows")
        )
        place.empty()
        rejected = Path(f"{out}.rejected.csv")
        return {"report": report, "answers": out.read_bytes(), "rejected": rejected.read_bytes() if rejected.exists() else b""}


def _batch_result(result: Mapping[str, Any]) -> None:
    report = result["report"]
    with st.grid(3, min_column_width=130):
        st.metric("Rows in", f"{report.rows + report.rejected:,}", border=True)
        st.metric("Answered", f"{report.rows:,}", border=True)
        st.metric("Rejected", f"{report.rejected:,}", border=True)
    with st.container(horizontal=True):
        st.download_button("Answers", result["answers"], "predictions.csv", "text/csv", icon=":material/download:",
                           key="predict.answers", on_click="ignore")  # fmt: skip
        if report.rejected:
            st.download_button("Rejected rows", result["rejected"], "predictions.csv.rejected.csv", "text/csv",
                               icon=":material/download:", key="predict.rejected", on_click="ignore")  # fmt: skip


def _sample() -> Path:
    names = [path.name for path in sorted((ROOT / "sample_data").glob("customers_*-*.csv"))]
    return ROOT / "sample_data" / st.selectbox("Sample file", names, key="predict.sample")


def _metadata(ws: Workspace, ref: str) -> Any:
    return ws.models.metadata(ref)

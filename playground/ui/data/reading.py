"""How a file was read: one line that says it, the first rows, and a correction for each guess."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from mlops.base.records import plain as plain_json
from mlops.data import reading, tables
from playground.ui.data.chosen import Chosen, Seen, seen
from playground.ui.kit import cards, session

_ENCODINGS = ("utf-8", "cp1252", "latin-1", "utf-16", "utf-16-le")
_SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
_QUOTES = {'"': '"', "'": "'", "none": ""}
_DATES = {"day first": "dmy", "month first": "mdy"}
_NAMES = {value: name for choices in (_SEPARATORS, _DATES) for name, value in choices.items()}
_AUTO = "by itself"


def read_as(chosen: Chosen) -> Seen:
    """Draw how a file was read and let a person correct it; return what it holds."""
    options = said(chosen)
    what = seen(chosen, options)
    if what.problem is not None:
        cards.error(what.problem)
        if what.raw:
            st.caption("The first lines as they stand")
            st.code("\n".join(what.raw), language=None)
        with st.container(border=True):
            st.markdown("**Read it another way**")
            _corrections(chosen, ())
        return what
    st.markdown(f":green[:material/check_circle:] {cards.plain(_line(what))}")
    how = st.expander("How it was read", icon=":material/tune:", type="compact", key="data.how", on_change="rerun")
    if how.open:
        with how:
            _reasons(what)
            _corrections(chosen, [column["name"] for column in what.preview.columns])
    st.dataframe(what.first_rows, hide_index=True, height=212, alt=f"The first rows of {chosen.name}")
    return what


def notes(what: Seen) -> list[Any]:
    """Return what reading itself found out."""
    return list(what.found.notes) if what.found else []


def _line(what: Seen) -> str:
    """Say in one line how a file was read."""
    layout, preview = what.preview.layout, what.preview
    size = f"{preview.rows:,} rows · {len(preview.columns)} columns"
    if layout.format != "csv":
        return f"{layout.format} · {size}"
    header = f"header in line {layout.header_line}" if layout.header_line else "no header"
    mark = {",": "decimal comma", ".": "decimal point"}[layout.decimal or "."]
    parts = [str(layout.encoding).upper(), _NAMES.get(layout.delimiter or "", layout.delimiter), mark, header]
    return " · ".join([*(str(part) for part in parts if part), size])


def _reasons(what: Seen) -> None:
    guesses = [plain_json(guess) for guess in what.preview.layout.guesses]
    if guesses:
        table = pd.DataFrame(guesses).astype(str).replace({"value": _NAMES})
        table["what"] = table["what"].str.replace("_", " ")
        table.columns = ["Told by itself", "As", "Because"]
        st.dataframe(table, hide_index=True, alt="What was told from the content, and why")


# What a person says. The answers live in the widgets; they are read before the widgets are drawn, because what a
# file holds decides whether they are open.


def said(chosen: Chosen) -> reading.ReadOptions:
    """Return what a person said about how a file is read."""
    given = {name: session.held(_key(chosen, name)) for name in _WIDGETS}
    texts = {"separator": _SEPARATORS, "quote": _QUOTES, "dates": _DATES}
    picked = {name: None if given[name] in (None, _AUTO) else values[given[name]] for name, values in texts.items()}
    codes = [code.strip() for code in (given["missing"] or "").split(",") if code.strip()]
    types = {column: kind for column, kind in (given["types"] or {}).items() if kind}
    return reading.ReadOptions(
        encoding=None if given["encoding"] in (None, _AUTO) else given["encoding"],
        delimiter=picked["separator"],
        quote=picked["quote"],
        dates=picked["dates"],
        decimal=None if given["decimal"] in (None, _AUTO) else given["decimal"],
        header_line=given["header"],
        footer_lines=given["footer"],
        units_line={"yes": True, "no": False}.get(str(given["units"])),
        fix_names=bool(given["names"]),
        missing=(*reading.MISSING, *codes),
        types=types,
    )


_WIDGETS = (
    "encoding",
    "separator",
    "quote",
    "decimal",
    "dates",
    "header",
    "footer",
    "units",
    "names",
    "missing",
    "types",
)


def _key(chosen: Chosen, name: str) -> str:
    return f"data.{name}.{chosen.key}"


def _corrections(chosen: Chosen, columns: Any) -> None:
    """Draw a correction for each guess; `by itself` leaves it to the content."""
    choices = {
        "encoding": ("Encoding", _ENCODINGS), "separator": ("Separator", _SEPARATORS), "quote": ("Quote", _QUOTES),
        "decimal": ("Decimal mark", (".", ",")), "dates": ("01/02/2024 has the", _DATES),
        "units": ("Line of units under the header", ("yes", "no")),
    }  # fmt: skip
    with st.grid(4, min_column_width=150):
        for name, (label, values) in choices.items():
            st.selectbox(
                label,
                (_AUTO, *values),
                key=_key(chosen, name),
                accept_new_options=name == "encoding",
                persist_state="page",
            )
        for name, label, hint in (
            ("header", "Line with the names", "0: no line has them"), ("footer", "Lines to leave out at the end", None)
        ):  # fmt: skip
            st.number_input(
                label,
                0,
                100_000,
                value=None,
                placeholder=_AUTO,
                key=_key(chosen, name),
                help=hint,
                persist_state="page",
            )
    st.text_input(
        "Also read as missing", placeholder="for example -999, none", key=_key(chosen, "missing"), persist_state="page",
        help=f"Beside blank cells and {' '.join(code for code in reading.MISSING if code)}; separated by commas.",
    )  # fmt: skip
    st.checkbox("Give blank and repeated columns a name", key=_key(chosen, "names"), persist_state="page")
    if columns:
        _types(chosen, columns)


def _types(chosen: Chosen, columns: Any) -> None:
    """Let a person say the type of columns."""
    key = _key(chosen, "types")
    left, right = st.columns(2)
    column = left.selectbox("Type of a column", columns, index=None, placeholder="Choose", key=f"{key}.column")
    kind = right.selectbox("is", (_AUTO, *tables.TYPES), key=f"{key}.kind.{column}", disabled=column is None)
    said = dict(session.held(key) or {})
    if column is not None and said.get(column, _AUTO) != kind:
        said[column] = None if kind == _AUTO else kind
        session.hold(key, {name: value for name, value in said.items() if value})
        st.rerun()
    if said:
        st.caption("Said: " + ", ".join(f"{cards.plain(name)} is {value}" for name, value in said.items()))

"""Features: which columns the model may look at, and how they become the matrix that it computes with."""

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from scipy.sparse import csr_matrix
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

MAX_LEVELS = 100
"""Levels of a text column that get a column of their own; the rarest share one."""

REMEMBERED_LEVELS = 1000
"""Levels that the note on a model lists, at most."""

LINEAR = ("logistic_regression", "ridge")
"""Types whose numbers are scaled and whose rows are sparse."""


def prepare_features(table, note, config):
    """Return the features of a table as the model takes them, and what they are.

    Target, id, time, groups and dates are never among them; what else is, the section `features` of the config says.

    Returns
    -------
    frame : pandas.DataFrame of shape (n_rows, n_features)
    columns : list of dict
        Name and type of each.
    """
    section = config["features"]
    unknown = {*section["exclude"], *(section["include"] or [])} - {*table.column_names}
    if unknown:
        raise ValueError(f"The config names columns that are not in the data: {', '.join(sorted(unknown))}.")
    roles = {config["training"]["group"], *(note[role] for role in ("target", "id", "time", "group"))}
    columns = [
        {"name": column["name"], "type": column["type"]}
        for column in note["columns"]
        if column["name"] not in roles
        and column["name"] not in section["exclude"]
        and (section["include"] is None or column["name"] in section["include"])
        and column["type"] not in ("date", "datetime")
    ]
    names = [column["name"] for column in columns]
    return as_model_takes(table.select(names).to_pandas(), columns), columns


def as_model_takes(frame, columns):
    """Return columns as the model takes them: numbers as floats, text as Python's own, missing as NaN."""
    taken = {}
    for column in columns:
        values = frame[column["name"]]
        if column["type"] == "text":
            taken[column["name"]] = values.astype(object).where(values.notna(), np.nan)
        else:
            taken[column["name"]] = values.astype(float)
    return pd.DataFrame(taken)


def describe(table, columns, train):
    """Return what a model must know of its features: may values be missing, and which levels has it seen."""
    described = []
    for column in columns:
        values, levels = table[column["name"]], None
        if column["type"] == "text":
            levels = sorted(pc.unique(values.take(train).drop_null()).to_pylist())
            levels = levels if len(levels) <= REMEMBERED_LEVELS else None
        described.append(column | {"nullable": values.null_count > 0, "levels": levels})
    return described


def preprocessing(type, columns):
    """Return the steps, unfitted, that turn features into a matrix for a type of model.

    They are a part of the model: what they learn - medians, means, levels - they learn from the train rows alone, and
    whoever asks the model later sends the columns as they are.
    """
    texts = [position for position, column in enumerate(columns) if column["type"] == "text"]
    numbers = [position for position in range(len(columns)) if position not in texts]
    linear = type in LINEAR
    fill = SimpleImputer(strategy="median", keep_empty_features=True)
    numeric = make_pipeline(fill, StandardScaler()) if linear or type == "k_neighbors" else fill
    levels = OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=MAX_LEVELS, sparse_output=linear, dtype=np.float64
    )
    transformers = [("numbers", numeric, numbers), ("texts", levels, texts)]
    steps = [("columns", ColumnTransformer(transformers, sparse_threshold=1.0 if linear else 0.0))]
    if linear:
        # A sparse product adds up each row alone. A dense one adds in an order that depends on how many rows there are,
        # and one customer would get another last digit than in a batch.
        steps.append(("rows", FunctionTransformer(csr_matrix, accept_sparse=True)))
    return steps

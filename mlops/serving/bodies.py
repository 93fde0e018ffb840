"""Bodies: what somebody sent, as rows, or the error that says why not, with its status.

A body is read up to a limit, must be JSON in every respect, and holds one row or a list of them, or one of the four
forms of MLflow's scoring server. Whether a row fits the model is not asked here, but where every door asks it:
`models/signature`.

https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally, "Inference Server Specification", for the forms.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from email.message import Message
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from mlops.base import strict_json
from mlops.base.errors import DataError, MlopsError, shown
from mlops.base.records import MAX_ROW

if TYPE_CHECKING:
    from starlette.requests import Request

MAX_BODY, MAX_ROWS = MAX_ROW, 10_000
"""Bytes and rows of a body, at most."""

ASIDE = 1 << 16
"""Bytes from which a body is parsed beside the event loop: others wait for that."""

PATIENCE = 30.0
"""Seconds in which a body has to be there."""

FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")
"""What a body of MLflow's may hold, one of them."""


class Refused(MlopsError):
    """A request that is refused for a reason of HTTP, with the status and headers of the answer."""

    def __init__(
        self, status: int, code: str, message: str, next_step: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message, next_step)
        self.status, self.code, self.headers = status, code, headers


async def read(request: Request) -> Any:
    """Return the JSON value that a request brings.

    Raises
    ------
    Refused
        400 if it is no JSON, 408 if it does not come, 413 if it is too large, 415 if it says to be something else.
    """
    _check_headers(request)
    try:
        async with asyncio.timeout(PATIENCE):
            body = await _received(request)
    except TimeoutError:
        raise Refused(408, "timeout", f"The body was not there after {PATIENCE:.0f} s.", "Send it at once.") from None
    try:
        if len(body) < ASIDE:
            return strict_json.parse(body, "body")
        return await run_in_threadpool(strict_json.parse, body, "body")
    except DataError as error:
        raise Refused(400, error.code, error.message, error.next_step) from error


def _check_headers(request: Request) -> None:
    """Refuse a body that says to be anything but plain JSON in UTF-8: a browser sends that to nobody unasked."""
    types, codings = request.headers.getlist("content-type"), request.headers.getlist("content-encoding")
    said = Message()
    said["content-type"] = types[0] if len(types) == 1 else ""
    charset = said.get_param("charset", "utf-8")
    if said.get_content_type() != "application/json" or str(charset).lower() not in ("utf-8", "utf8"):
        raise Refused(
            415,
            "media_type",
            f"The body is said to be {shown(', '.join(types))}, and is to be JSON in UTF-8.",
            "Send the header Content-Type: application/json.",
        )
    if any(coding.strip().lower() not in ("", "identity") for coding in codings):
        raise Refused(415, "media_type", f"The body is packed: {shown(', '.join(codings))}.", "Send it as it is.")


async def _received(request: Request) -> bytes:
    """Return the body. The server reads on where its sender goes on, who so hears why it was refused."""
    body = bytearray()
    if int(request.headers.get("content-length", 0)) <= MAX_BODY:
        async for part in request.stream():
            body += part
            if len(body) > MAX_BODY:
                break
        else:
            return bytes(body)
    raise Refused(413, "too_large", f"The body has more than {MAX_BODY:,} bytes.", "Send fewer rows at once.")


def rows(value: Any) -> list[Any]:
    """Return the rows of a body of ``/predict``: an object is one, a list has one or more.

    Raises
    ------
    Refused
        413 if there are too many.
    DataError
        If it is neither, or the list is empty.

    Examples
    --------
    >>> rows({"fee": 9.5}), rows([{"fee": 9.5}, {"fee": 7}])
    ([{'fee': 9.5}], [{'fee': 9.5}, {'fee': 7}])
    """
    if isinstance(value, dict):
        return [value]
    if not isinstance(value, list):
        raise DataError(f"The body is {shown(value)}, and is to be a row or a list of rows.", _WRITE)
    if not value:
        raise DataError("The list of rows is empty.", "Send at least one row.")
    if len(value) > MAX_ROWS:
        raise Refused(
            413, "too_large", f"The body has {len(value):,} rows, and {MAX_ROWS:,} are answered at once.", "Send fewer."
        )
    return value


_WRITE = 'Write {"column": value, ...}, or a list of such objects.'


def invocation(value: Any, names: Sequence[str]) -> list[Any]:
    """Return the rows of a body of ``/invocations``, in any of the forms that MLflow's scoring server takes.

    Parameters
    ----------
    names : sequence of str
        What the model looks at, in its order: the columns of rows that come as bare lists of values.

    Raises
    ------
    Refused
        413 if there are too many rows.
    DataError
        If it has none of the `FORMS` or more than one, anything beside it, or not what the form asks for.

    Examples
    --------
    >>> split = {"dataframe_split": {"columns": ["fee", "age"], "data": [[9.5, 30], [7, 41]]}}
    >>> columns = {"inputs": {"fee": [9.5, 7], "age": [30, 41]}}
    >>> invocation(split, []) == invocation(columns, []) == [{"fee": 9.5, "age": 30}, {"fee": 7, "age": 41}]
    True
    >>> invocation({"instances": [[9.5, 30]]}, ["fee", "age"])
    [{'fee': 9.5, 'age': 30}]
    """
    forms = [key for key in value if key in FORMS] if isinstance(value, dict) else []
    if len(forms) != 1:
        raise DataError(
            f"The body has {len(forms) or 'none'} of {', '.join(FORMS)}, and is to have one.",
            'Write {"dataframe_records": [{"column": value, ...}]}.',
        )
    [form] = forms
    if beside := [key for key in value if key not in (form, "params")]:
        raise DataError(f"{shown(beside[0])} is nothing that can stand beside {form}.", "Leave it out.")
    if value.get("params") not in (None, {}):
        raise DataError(f"The model takes no params, and the body has {shown(value['params'])}.", "Leave them out.")
    found = value[form]
    if form == "dataframe_split":
        return rows(_split(found))
    if form != "dataframe_records" and isinstance(found, dict):
        return rows(_of_columns(found))
    if not isinstance(found, list):
        raise DataError(f"{form} is {shown(found)}, and is to be a list of rows.", f"Write {form}: [{{...}}, ...].")
    return rows([_named(names, row) if form != "dataframe_records" and isinstance(row, list) else row for row in found])


def _split(table: Any) -> list[Any]:
    """Return the rows of a table that names its columns once: what pandas writes with ``orient="split"``."""
    known = isinstance(table, dict) and table.keys() <= {"index", "columns", "data"}
    columns, data = (table.get("columns"), table.get("data")) if known else (None, None)
    if not (isinstance(columns, list) and isinstance(data, list) and _are_names(columns)):
        raise DataError(
            f"dataframe_split is {shown(table)}, and is to have columns, each once, and data, a list of rows.",
            'Write {"columns": ["a", "b"], "data": [[1, 2]]}.',
        )
    return [_named(columns, row) for row in data]


def _are_names(columns: list[Any]) -> bool:
    return all(isinstance(name, str) for name in columns) and len({*columns}) == len(columns)


def _named(names: Sequence[str], values: Any) -> dict[str, Any]:
    """Return a row from its values, in the order of the names."""
    if not isinstance(values, list) or len(values) != len(names):
        raise DataError(
            f"{shown(values)} is no row of {len(names)} values: {shown(list(names))}.",
            "Give each row all of its values, in that order.",
        )
    return dict(zip(names, values, strict=True))


def _of_columns(columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of columns, which are lists of the same length; bare values are one row."""
    if not (columns and all(isinstance(values, list) for values in columns.values())):
        return [dict(columns)]
    if len({*map(len, columns.values())}) > 1:
        raise DataError("The columns do not all have the same number of values.", "Give each column one value a row.")
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

"""The routes of REST: each answers what the SDK and the command line answer, and refuses in their words."""

from __future__ import annotations

import base64
import json
import logging
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops import Workspace
from mlops.base.errors import BusyError, IntegrityError, InvalidError, StorageError
from mlops.base.records import json_line
from mlops.cli import cli
from mlops.serving import bodies
from mlops.serving.door import check_token
from tests.serving.servers import PATIENCE, Here, a_row, serving

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def ws(_released: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The workspace that is served: churn_model 1.1.0 is live in production."""
    return _released.fork(tmp_path_factory.mktemp("served") / "workspace")


@pytest.fixture(scope="module")
def here(ws: Workspace) -> Iterator[Here]:
    """A server of it."""
    with serving(ws) as found:
        yield found


@pytest.fixture(scope="module")
def guarded(ws: Workspace) -> Iterator[Here]:
    """A server that wants a token."""
    with serving(ws, token="s3cret") as found:
        yield found


def send(
    here: Here, path: str, body: Any = None, headers: dict[str, str] = JSON, method: str = "POST"
) -> tuple[HTTPResponse, bytes]:
    """Send bytes, or a value as JSON, over a connection of its own; return the answer and its bytes."""
    there = HTTPConnection(urlsplit(here.url).netloc, timeout=60)
    try:
        there.request(method, path, body if isinstance(body, bytes | None) else json.dumps(body).encode(), headers)
        response = there.getresponse()
        return response, response.read()
    finally:
        there.close()


def refused(answer: tuple[HTTPResponse, bytes]) -> tuple[int, str, str]:
    """Return status, code and message of an error, which is the document of the command line."""
    response, said = answer
    [(key, error)] = json.loads(said).items()
    assert key == "error" and [*error] == ["code", "message", "next_step", "details"] and error["next_step"]
    assert response.headers["Content-Type"] == "application/json"
    return response.status, error["code"], error["message"]


# One answer at every door


def test_the_answer_is_byte_for_byte_the_record_that_sdk_and_command_line_give(ws, here):
    """All but the id of the answer and its time, which are its own."""
    row = a_row(ws)
    _, said = send(here, "/predict", row)
    line = ("predict", "churn_model@production", "--row", json.dumps(row), "--json", "--workspace", str(ws.path))
    printed = CliRunner().invoke(cli, line).stdout
    sdk = ws.predict("@production", row).as_dict()

    def own(document: dict[str, Any]) -> str:
        return json_line({**document, "prediction_id": "p", "predicted_at": "t"})

    assert own(json.loads(said)) == own(json.loads(printed)) == own(sdk)
    answer = json.loads(said)
    logged = ws.predictions.get(answer["prediction_id"])
    assert said.decode() == json_line(answer) and logged["answer"] == answer
    assert logged["door"] == "rest" and logged["environment"] == "production"


def test_a_list_is_answered_by_a_list_in_its_order_and_an_object_by_an_object(ws, here):
    """A list of one as well."""
    rows = [dict(one["row"]) for one in ws.models.metadata("churn_model@1.1.0")["examples"]]
    _, said = send(here, "/predict", rows[::-1])
    assert [one["customer_id"] for one in json.loads(said)] == [row["customer_id"] for row in rows[::-1]]
    one, [alone] = json.loads(send(here, "/predict", rows[0])[1]), json.loads(send(here, "/predict", rows[:1])[1])
    assert one["churn_probability"] == alone["churn_probability"] == json.loads(said)[-1]["churn_probability"]


def test_mlflows_forms_are_answered_alike_with_predictions_only(ws, here):
    """Rows as objects, as lists in the model's order, as a table that names its columns, and as columns."""
    rows = [dict(one["row"]) for one in ws.models.metadata("churn_model@1.1.0")["examples"]]
    expected = [ws.predict("churn_model@1.1.0", row).prediction for row in rows]
    names = [*rows[0]]
    features = ws.models.metadata("churn_model@1.1.0")["features"]
    bare = [[row[name] for name in features] for row in rows]
    columns = {name: [row[name] for row in rows] for name in names}
    split = {"columns": names, "data": [[*row.values()] for row in rows], "index": [7, 8, 9]}
    for body in (
        {"dataframe_records": rows},
        {"dataframe_split": split},
        {"dataframe_split": {"data": bare, "columns": features}},
        {"instances": rows},
        {"instances": bare},
        {"instances": columns},
        {"inputs": rows},
        {"inputs": bare, "params": None},
        {"inputs": columns, "params": {}},
    ):
        response, said = send(here, "/invocations", body)
        assert (response.status, json.loads(said)) == (200, {"predictions": expected})
    response, said = send(here, "/invocations", {"inputs": rows[0]})
    assert json.loads(said) == {"predictions": expected[:1]}


def test_model_tells_what_answers_and_how_it_came_to(ws, here):
    """The version as it was registered, the deployment that made it live, and what it takes."""
    found, live = json.loads(send(here, "/model", method="GET")[1]), ws.releases.live("production")
    version = ws.models.get("churn_model@1.1.0").as_dict()
    assert {key: found[key] for key in ("name", "version", "sha256", "run_id", "metrics", "threshold")} == {
        key: version[key] for key in ("name", "version", "sha256", "run_id", "metrics", "threshold")
    }
    assert (found["deployment_id"], found["since"]) == (live.deployment_id, str(live.since))
    assert [one["name"] for one in found["signature"]["features"]] == found["features"]
    assert found["environment"] == "production" and found["trouble"] is None


def test_probes_hear_that_it_runs_and_whether_it_answers(ws, here):
    """And a probe that only wants the headers gets them."""
    assert json.loads(send(here, "/live", method="GET")[1]) == {"live": True}
    assert json.loads(send(here, "/ready", method="GET")[1]) == {"ready": True, "trouble": None}
    for path in ("/live", "/ready", "/model", "/metrics", "/docs"):
        response, said = send(here, path, method="HEAD", headers={})
        assert (response.status, said) == (200, b"") and int(response.headers["Content-Length"])
    with serving(ws, "development") as empty:
        assert send(empty, "/live", method="GET")[0].status == 200
        for method, path in (("GET", "/ready"), ("GET", "/model"), ("POST", "/predict"), ("POST", "/invocations")):
            answer = send(empty, path, {"instances": [{}]}, method=method)
            assert refused(answer) == (503, "nothing_live", "Nothing is live in development.")
            assert answer[0].headers["Retry-After"] == "1"
        assert (
            json.loads(send(empty, "/openapi.json", method="GET")[1])["info"]["title"]
            == "Nothing is live in development"
        )


def test_every_request_is_counted_by_the_route_it_asked_for(here):
    """Whatever path somebody invents is one route, so that nobody can fill the memory with names."""
    send(here, "/live", method="GET")
    send(here, "/wp-admin", method="GET")
    send(here, "/predict", b"{")
    send(here, "/live", method="GET", headers={"Host": "evil.example"})
    said = send(here, "/metrics", method="GET")[1].decode()
    for counted in ('route="/live",status="200"', 'route="other",status="404"', 'route="/predict",status="400"'):
        assert f"mlops_requests_total{{{counted}}}" in said
    assert 'mlops_requests_total{route="other",status="403"}' in said
    assert "wp-admin" not in said and "# TYPE mlops_request_seconds histogram" in said


def test_the_page_of_documents_names_nothing_that_lies_elsewhere(here):
    """Scripts, styles, the picture and the documents come from this server, and a browser is told to take no others."""
    response, page = send(here, "/docs", method="GET")
    named = re.findall(r"""(?:href|src|url)[=:] ?["']([^"']*)""", page.decode())
    assert len(named) == 4 and all(one.startswith("/") and not one.startswith("//") for one in named)
    assert '"validatorUrl": null' in page.decode()
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    for path in named:
        assert send(here, path, method="GET")[0].status == 200


# What is refused

WRONG_BODIES = [
    (b"", 400, "not valid JSON"),
    (b"{", 400, "not valid JSON"),
    (b"customer_id=C-1&age=40", 400, "not valid JSON"),
    (b'{"age": NaN}', 400, "NaN is no JSON value"),
    (b'{"age": 1e999}', 400, "too large"),
    (b'{"age": 1, "age": 2}', 400, "stands there twice"),
    (b'{"age": "\\ud800"}', 400, "half a character"),
    (b'{"age": "\xff"}', 400, "not UTF-8"),
    ('{"age": 1}'.encode("utf-16"), 400, "not UTF-8"),
    (b"[" * 100_000, 400, "nested too deeply"),
    (b'{"x": ' * 30 + b"1" + b"}" * 30, 400, "nested too deeply"),
    (b"9" * 5000, 400, "5000 digits"),
    (b"null", 422, "is to be a row or a list of rows"),
    (b"7", 422, "is to be a row or a list of rows"),
    (b'"age"', 422, "is to be a row or a list of rows"),
    (b"[]", 422, "The list of rows is empty"),
    (b"{}", 422, "missing (and 4 more)"),
    (b"[[]]", 422, "A row is a JSON object"),
    (b"[null]", 422, "A row is a JSON object"),
    (b"[{}, 3]", 422, "Row 1: A row is a JSON object"),
    (b'{"age": []}', 422, "age should be an integer"),
    (b"[" + b"{}," * 10_000 + b"{}]", 413, "10,001 rows"),
    (b" " * (bodies.MAX_BODY + 1), 413, "more than 1,048,576 bytes"),
    (b"[" * (30 * bodies.MAX_BODY), 413, "more than 1,048,576 bytes"),
]


@pytest.mark.parametrize("path", ["/predict", "/invocations"])
@pytest.mark.parametrize(("body", "status", "why"), WRONG_BODIES, ids=[str(one[0][:20]) for one in WRONG_BODIES])
def test_a_body_that_is_no_row_is_refused_with_the_reason_and_nothing_is_logged(ws, here, path, body, status, why):
    """Of MLflow's route only what is no JSON at all, for it has forms of its own."""
    before = len(ws.predictions.list())
    found, code, message = refused(send(here, path, body))
    if path == "/predict" or status == 400 or len(body) > bodies.MAX_BODY:
        assert found == status and why in message
        assert code == ("too_large" if status == 413 else "data")
    assert found == status or found == 422
    assert len(ws.predictions.list()) == before


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({}, "has none of"),
        ([{}], "has none of"),
        ({"columns": [], "data": []}, "has none of"),
        ({"instances": [[1]], "inputs": [[1]]}, "has 2 of"),
        ({"instances": [[1]], "signature_name": "x"}, "'signature_name' is nothing that can stand beside instances"),
        ({"instances": [[1]], "params": {"threshold": 0.3}}, "takes no params"),
        ({"instances": [[1]], "params": []}, "takes no params"),
        ({"instances": []}, "list of rows is empty"),
        ({"instances": 1}, "is to be a list of rows"),
        ({"instances": [1, 2]}, "A row is a JSON object"),
        ({"instances": [[1, 2]]}, "is no row of 5 values"),
        ({"instances": [[[1, 2]] * 5]}, "age should be an integer"),
        ({"inputs": {}}, "missing (and 4 more)"),
        ({"inputs": {"age": [1, 2], "contract": ["monthly"]}}, "same number of values"),
        ({"inputs": {"age": [1], "contract": "monthly"}}, "age should be an integer, but it is [1]"),
        ({"inputs": {"age": []}}, "list of rows is empty"),
        ({"dataframe_records": {"age": [1]}}, "is to be a list of rows"),
        ({"dataframe_records": [[1, 2, 3, 4, 5]]}, "A row is a JSON object"),
        ({"dataframe_split": [[1]]}, "is to have columns"),
        ({"dataframe_split": {"data": [[1]]}}, "is to have columns"),
        ({"dataframe_split": {"columns": ["age"], "data": [[1]], "dtypes": {}}}, "is to have columns"),
        ({"dataframe_split": {"columns": ["age", "age"], "data": [[1, 2]]}}, "is to have columns"),
        ({"dataframe_split": {"columns": [0], "data": [[1]]}}, "is to have columns"),
        ({"dataframe_split": {"columns": ["age"], "data": [1]}}, "1 is no row of 1 values"),
        ({"dataframe_split": {"columns": ["age"], "data": []}}, "list of rows is empty"),
    ],
)
def test_a_body_of_mlflow_that_does_not_say_what_it_is_is_refused(ws, here, body, why):
    """Rather than answered in a way that its sender did not mean; params that would be ignored, too."""
    before = len(ws.predictions.list())
    status, code, message = refused(send(here, "/invocations", body))
    assert (status, code) == (422, "data") and why in message
    assert len(ws.predictions.list()) == before


def test_a_row_that_does_not_fit_refuses_the_request_and_names_every_misfit(ws, here):
    """With its place in the list; the rows beside it are not answered, so that nothing has to be undone."""
    row, before = a_row(ws), len(ws.predictions.list())
    wrong = [row, {**row, "age": "old", "online": 1}, {key: row[key] for key in row if key != "contract"}]
    response, said = send(here, "/predict", wrong)
    details = json.loads(said)["error"]["details"]
    assert response.status == 422
    assert [(one["row"], one["field"]) for one in details] == [(1, "age"), (1, "online"), (2, "contract")]
    assert len(ws.predictions.list()) == before


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 415),
        ({"Content-Type": ""}, 415),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "text/csv"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "application/json, text/plain"}, 415),
        ({"Content-Type": "application/json; charset=latin-1"}, 415),
        ({"Content-Type": "application/json; charset=utf-16"}, 415),
        ({"Content-Type": "APPLICATION/JSON;Charset=UTF-8"}, 200),
        ({"Content-Type": 'application/json; charset="utf-8"'}, 200),
        ({"Content-Type": "application/json; version=1"}, 200),
        (JSON | {"Content-Encoding": "gzip"}, 415),
        (JSON | {"Content-Encoding": "identity, br"}, 415),
        (JSON | {"Content-Encoding": "identity"}, 200),
    ],
)
def test_a_body_is_plain_json_in_utf_8_and_says_so(ws, here, headers, status):
    """A form of another page says otherwise, so no page can ask behind the back of whoever looks at it."""
    answer = send(here, "/predict", a_row(ws), headers)
    assert answer[0].status == status
    if status == 415:
        assert refused(answer)[1] == "media_type"


@contextmanager
def begun(here: Here, more: bytes) -> Iterator[socket.socket]:
    """Send the beginning of a request to /predict, as it is."""
    with socket.create_connection(("127.0.0.1", urlsplit(here.url).port or 0), timeout=60) as line:
        line.sendall(b"POST /predict HTTP/1.1\r\nHost: localhost\r\n" + more)
        yield line


def raw(here: Here, more: bytes) -> bytes:
    """Return the first line of what is answered to it."""
    with begun(here, more) as line:
        return line.recv(4000).split(b"\r\n")[0]


def test_a_type_that_is_said_twice_is_refused(here):
    """Who reads the first and who reads the second would disagree."""
    said = raw(here, b"Content-Length: 2\r\nContent-Type: application/json\r\nContent-Type: text/plain\r\n\r\n{}")
    assert b" 415 " in said


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not_found"),
        ("GET", "/predict/", 404, "not_found"),
        ("POST", "/v2/models/x/infer", 404, "not_found"),
        ("GET", "/static-offline-docs/../../etc/passwd", 404, "not_found"),
        ("GET", "/static-offline-docs/%2e%2e/%2e%2e/core.py", 404, "not_found"),
        ("GET", "/predict", 405, "method"),
        ("HEAD", "/predict", 405, "method"),
        ("OPTIONS", "/predict", 405, "method"),
        ("PUT", "/predict", 405, "method"),
        ("TRACE", "/predict", 405, "method"),
        ("POST", "/model", 405, "method"),
        ("DELETE", "/metrics", 405, "method"),
        ("BREW", "/live", 405, "method"),
    ],
)
def test_what_is_not_answered_says_so_in_the_same_document(here, method, path, status, code):
    """With what is allowed, and no word to a page of another origin."""
    response, said = send(here, path, method=method, headers={"Origin": "http://evil.example"})
    if method != "HEAD":
        assert refused((response, said))[:2] == (status, code)
    assert response.status == status
    if status == 405:
        assert response.headers["Allow"] == ("POST" if path == "/predict" else "GET")
    assert not [name for name in response.headers if name.lower().startswith("access-control")]


def test_a_page_of_another_origin_cannot_ask(ws, here):
    """It would have to be allowed first, and is not; what it may send unasked is no JSON."""
    ask = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    response, _ = send(here, "/predict", method="OPTIONS", headers=ask)
    assert response.status == 405 and "Access-Control-Allow-Origin" not in response.headers
    response, _ = send(here, "/predict", a_row(ws), {"Origin": "http://evil.example", "Content-Type": "text/plain"})
    assert response.status == 415


def test_a_name_that_is_not_this_machines_is_refused_in_the_same_document(ws, here):
    """A page of a stranger that points its name at this machine gets nothing; see `hosts`."""
    for path in ("/live", "/docs", "/model"):
        assert refused(send(here, path, method="GET", headers={"Host": "evil.example"}))[:2] == (403, "host")
    with serving(ws, names=["class-pc:5000"]) as named:
        assert send(named, "/live", method="GET", headers={"Host": "class-pc"})[0].status == 200


def warned(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Return what the server's log has to say to whoever runs it: not each request, which another test may ask for."""
    return [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (StorageError("The disk is full.", "Make room."), 503, "The disk is full."),
        (BusyError("Another program holds the ledger.", "Ask again."), 503, "Another program holds the ledger."),
        (IntegrityError("The file is another one.", "Run mlops verify."), 500, "The file is another one."),
        (RuntimeError("secret: /home/ada"), 500, "Something went wrong in here."),
    ],
)
def test_a_fault_that_is_not_the_callers_is_said_as_ours_and_logged(ws, here, monkeypatch, caplog, error, status, said):
    """What passes may be asked again; what nobody thought of is told to the log and not to the caller."""

    async def answer(rows: Any) -> Any:
        raise error

    monkeypatch.setattr(here.pool, "answer", answer)
    response, document = send(here, "/predict", a_row(ws))
    assert refused((response, document))[::2] == (status, said)
    assert response.headers["Retry-After"] == ("1" if status == 503 else None)
    assert b"secret" not in document and bool(warned(caplog)) == (status == 500)


# Bodies that come otherwise


def chunked(parts: list[bytes]) -> Iterator[bytes]:
    yield from parts


def test_a_body_may_come_in_parts(ws, here):
    """Without saying how long it is."""
    data = json.dumps(a_row(ws)).encode()
    there = HTTPConnection(urlsplit(here.url).netloc, timeout=60)
    there.request("POST", "/predict", chunked([data[:9], data[9:]]), JSON, encode_chunked=True)
    assert there.getresponse().status == 200
    there.close()


def test_a_body_in_parts_that_does_not_end_is_refused_and_its_sender_hears_why(here):
    """Although it is still sending; memory holds no more than the limit, and the connection goes on."""
    there = HTTPConnection(urlsplit(here.url).netloc, timeout=60)
    for _ in range(2):
        there.request("POST", "/predict", chunked([b" " * (1 << 16)] * 200), JSON, encode_chunked=True)
        response = there.getresponse()
        assert refused((response, response.read()))[:2] == (413, "too_large")
    there.close()


def test_who_asks_before_sending_is_told_before_sending(here):
    """Curl does so for large bodies: nothing has to be sent for nothing."""
    more = b"Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"
    assert b" 413 " in raw(here, more)


def test_a_body_that_does_not_come_is_not_waited_for(here, monkeypatch):
    """A connection that holds out would hold a place for ever."""
    monkeypatch.setattr(bodies, "PATIENCE", 0.1)
    assert b" 408 " in raw(here, b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{")


def test_whoever_hangs_up_while_sending_leaves_no_trace(ws, here, caplog):
    """Neither in the log of requests nor in that of errors, and the next one is answered."""
    before, asked = len(ws.predictions.list()), asked_by(here, "/predict")
    with begun(here, b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{"):
        pass
    until = time.monotonic() + PATIENCE
    while asked_by(here, "/predict") == asked and time.monotonic() < until:
        time.sleep(0.01)
    assert asked_by(here, "/predict") == asked + 1
    assert len(ws.predictions.list()) == before and not warned(caplog)


def asked_by(here: Here, route: str) -> int:
    """Return how many requests of a route were counted."""
    return int(here.counters.registry.get_sample_value("mlops_request_seconds_count", {"route": route}) or 0)


ANY_BODY = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["age", "contract", "instances", "inputs", "dataframe_split", "columns", "data", "params"]
                )
                | st.text(max_size=5),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode()),
)
ANY_TYPE = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=30)


@settings(max_examples=100)
@given(
    st.sampled_from(["/predict", "/invocations"]),
    ANY_BODY,
    st.just("application/json") | ANY_TYPE.map(lambda text: f"application/json;{text}") | ANY_TYPE,
)
def test_whatever_is_sent_is_an_answer_or_a_refusal_never_a_fault_of_the_server(ws, here, caplog, path, body, said):
    """And a refusal is a document that can be read."""
    answer = send(here, path, body, {"Content-Type": said})
    assert answer[0].status in (200, 400, 415, 422)
    if answer[0].status != 200:
        refused(answer)
    assert not warned(caplog)


@settings(max_examples=60)
@given(
    st.sampled_from(["age", "monthly_fee", "contract", "region", "online", "customer_id", "churn", "surprise"]),
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.lists(st.integers(), max_size=2)
    | st.just({"a": 1}),
)
def test_any_value_in_a_row_is_answered_and_logged_or_refused_and_not_logged(ws, here, field, value):
    """All or nothing."""
    before = len(ws.predictions.list())
    response, said = send(here, "/predict", {**a_row(ws), field: value})
    assert response.status in (200, 422)
    assert len(ws.predictions.list()) == before + (response.status == 200)
    assert json.loads(said)


# The token


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("said", "may"),
    [
        ("Bearer s3cret", True),
        ("bearer s3cret", True),
        (basic(":s3cret"), True),
        (basic("anybody:s3cret"), True),
        (None, False),
        ("", False),
        ("Bearer", False),
        ("Bearer ", False),
        ("Bearer s3cre", False),
        ("Bearer s3crets", False),
        ("Bearer S3CRET", False),
        ("Bearer \xe9", False),
        ("Basic s3cret", False),
        ("Basic !!!", False),
        (basic("s3cret"), False),
        (basic("s3cret:"), False),
        ("Token s3cret", False),
        ("s3cret", False),
    ],
)
def test_who_does_not_bring_the_token_gets_nothing(ws, guarded, said, may):
    """As a bearer, or as the password that a browser asks for; who lacks it is told how."""
    headers = JSON if said is None else {**JSON, "Authorization": said}
    for method, path in (
        ("POST", "/predict"),
        ("GET", "/model"),
        ("GET", "/docs"),
        ("GET", "/openapi.json"),
        ("GET", "/metrics"),
        ("GET", "/static-offline-docs/swagger-ui.css"),
    ):
        answer = send(guarded, path, a_row(ws) if method == "POST" else None, headers, method)
        assert answer[0].status == (200 if may else 401)
        if not may:
            assert refused(answer)[1] == "token" and answer[0].headers["WWW-Authenticate"].startswith("Basic realm=")
    assert send(guarded, "/nix", method="GET", headers=headers)[0].status == (404 if may else 401)


def test_probes_need_no_token_and_hear_nothing_of_the_model(guarded):
    """Whether it runs, and whether it answers."""
    assert send(guarded, "/live", method="GET")[1] == b'{"live": true}'
    assert send(guarded, "/ready", method="GET")[1] == b'{"ready": true, "trouble": null}'


def test_probes_hear_nothing_of_a_model_that_cannot_answer_either(ws):
    """Which file is lost, and where it lay, is for those who bring the token."""
    with serving(ws, "development", token="s3cret") as here:
        here.live.stop()  # or it would find that all is well
        here.live.trouble = "churn_model@1.0.0 is live and cannot answer: /srv/ws/models/x.joblib is lost."
        answer = send(here, "/ready", method="GET")
        assert refused(answer)[:2] == (503, "nothing_live") and b"churn_model" not in answer[1]
        brought = {"Authorization": "Bearer s3cret"}
        assert b"x.joblib is lost" in send(here, "/model", method="GET", headers=brought)[1]


@pytest.mark.parametrize("token", ["", "two words", "t\xf6ken", "line\n"])
def test_a_token_that_no_header_can_bring_is_refused_at_the_start(token):
    """Rather than a server that refuses everybody."""
    with pytest.raises(InvalidError, match="token"):
        check_token(token)

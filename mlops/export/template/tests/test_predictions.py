"""Predictions: alone, in a file or over the network, a row has one answer, and what cannot be answered is named."""

import json
import threading
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pandas as pd
import pytest
import uvicorn

import batch_predict
from src.config import load_project
from src.data import load_data
from src.predict import answer, load_model, read_rows

PROJECT = load_project()
MODEL = load_model(PROJECT["model"])
FEATURES = MODEL.signature["features"]
ROWS = 10


@pytest.fixture(scope="module")
def rows():
    """The first rows of the data, without what is to be predicted."""
    table, _, note = load_data(PROJECT["data"])
    names = [*([note["id"]] if note["id"] in table.column_names else []), *(one["name"] for one in FEATURES)]
    return table.select(names).slice(0, ROWS).to_pylist()


@pytest.fixture(scope="module")
def address():
    """The API, running on a free port of this machine."""
    server = uvicorn.Server(uvicorn.Config("app:app", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the API did not start"
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def post(address, body):
    """Send rows to the API and return what it answers."""
    headers = {"Content-Type": "application/json"}
    with urlopen(Request(f"{address}/predict", json.dumps(body, default=str).encode(), headers)) as reply:
        return json.load(reply)


def test_a_row_a_file_and_the_api_agree_to_the_last_digit(rows, address, tmp_path):
    """Three doors, one answer."""
    together = answer(MODEL, pd.DataFrame(rows))[0].to_dict("records")
    alone = [answer(MODEL, pd.DataFrame([row]))[0].to_dict("records")[0] for row in rows]
    asked, each = post(address, rows), [post(address, row) for row in rows]
    pd.DataFrame(rows).to_csv(tmp_path / "rows.csv", index=False)
    batch_predict.main(PROJECT["model"], tmp_path / "rows.csv", tmp_path / "scored.csv")
    scored = read_rows(tmp_path / "scored.csv").to_dict("records")

    numbers = [{key: value for key, value in one.items() if isinstance(value, float)} for one in together]
    assert len(asked) == len(scored) == ROWS and all(numbers)
    for found in (alone, asked, each, scored):
        assert [{key: float(one[key]) for key in known} for one, known in zip(found, numbers, strict=True)] == numbers
    assert [one["prediction"] for one in asked] == [one["prediction"] for one in together]
    if MODEL.signature["id"] is not None:
        assert [one[MODEL.signature["id"]] for one in asked] == [row[MODEL.signature["id"]] for row in rows]


def test_rows_that_cannot_be_used_go_to_a_file_of_their_own(rows, tmp_path):
    """Rows out + rejected = rows in: none is lost, and none is guessed."""
    name = next((one["name"] for one in FEATURES if one["type"] != "text"), None)
    if name is None:
        pytest.skip("every feature is text")
    pd.DataFrame([rows[0] | {name: "forty"}, *rows[1:]]).to_csv(tmp_path / "rows.csv", index=False)
    batch_predict.main(PROJECT["model"], tmp_path / "rows.csv", tmp_path / "scored.csv")
    rejected = pd.read_csv(tmp_path / "scored.csv.rejected.csv")
    assert rejected[["row", "field", "got"]].values.tolist() == [[0, name, "forty"]]
    assert len(pd.read_csv(tmp_path / "scored.csv")) == ROWS - 1


def test_a_file_without_a_feature_is_refused(rows, tmp_path):
    """Nothing is written."""
    pd.DataFrame(rows).rename(columns={FEATURES[0]["name"]: "no feature"}).to_csv(tmp_path / "rows.csv", index=False)
    with pytest.raises(ValueError, match="no column"):
        batch_predict.main(PROJECT["model"], tmp_path / "rows.csv", tmp_path / "scored.csv")
    assert not (tmp_path / "scored.csv").exists()


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature["name"])
def test_the_api_refuses_what_the_model_does_not_take(rows, address, feature):
    """Another type, and nothing where training always had something, get 422 and the name of the field."""
    wrong = [1] if feature["type"] == "text" else "forty"
    for value in [wrong, *([] if feature["nullable"] else [None])]:
        with pytest.raises(HTTPError) as refused:
            post(address, rows[0] | {feature["name"]: value})
        assert refused.value.code == 422
        assert json.load(refused.value)["detail"][0]["field"] == feature["name"]


def test_the_api_says_which_version_answers(rows, address):
    """An answer without a version cannot be explained later."""
    with urlopen(f"{address}/live") as reply:
        assert json.load(reply)["model_version"] == MODEL.about["version"]
    assert post(address, rows[0])["model_version"] == MODEL.about["version"]

"""Listings: code as tutorials print it, which nobody ever ran; each has faults, and running it tells which line breaks.

What a fault is, no text of ours decides. A listing is really run, line numbers and all, with what a reader would have
around it; once its broken line is mended, it is run again and breaks at the next. One fault breaks nothing: an answer
names a version that is not the one that answered. It is found by letting two versions answer.

What came out lies in ``listings.json``, under the key of all that it came from (`listed` reads it):

    python -m playground.notebook.listings PYTHON        run all of them anew, with a Python that has MLflow as well
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

LISTED = Path(__file__).with_name("listings.json")
SECONDS = 300.0
LIES = "No error"
"""How the fault begins that breaks nothing and says what is not so."""

MOST_SAID = 240
"""Characters of an error."""


@dataclass(frozen=True)
class Mend:
    """What a broken line should have been."""

    line: int
    """Its number, from 1."""
    text: str
    why: str
    """What is wrong about the line, beyond what the error says."""


@dataclass(frozen=True)
class Listing:
    """One listing, and how it is mended."""

    id: str
    file: str
    title: str
    source: str
    around: str
    """What stands before it, in cells of its own, where a reader runs it."""
    then: str
    """How it is used."""
    mends: tuple[Mend, ...]
    """In the order in which their lines are found broken."""

    @property
    def lines(self) -> tuple[str, ...]:
        """Its lines."""
        return tuple(self.source.splitlines())

    def mended(self, faults: int) -> tuple[str, ...]:
        """Return its lines with so many faults mended."""
        lines = [*self.lines]
        for mend in self.mends[:faults]:
            lines[mend.line - 1] = mend.text
        return tuple(lines)


_FRAME = """import joblib
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

rows = np.random.default_rng(0).normal(size=(80, 2))
frame = pd.DataFrame(rows, columns=["tenure", "fee"])
frame.insert(0, "customer_id", [f"c{number}" for number in range(80)])
frame["churn"] = (rows[:, 0] < 0).astype(int)
"""

LISTINGS = (
    Listing(
        "train",
        "train.py",
        "From notebook to script",
        """def prepare_features(df, config):
    return df[config["features"]]

def train_model(X, y, config):
    model = GradientBoostingClassifier(**config["model"])
    return model.fit(X, y)

df = pd.read_csv(config["data"]["path"])
X, y = prepare_features(df, config)
model = train_model(X, y, config)
save_model(model, config)
""",
        _FRAME
        + """from sklearn.ensemble import GradientBoostingClassifier

frame.assign(region=1).to_csv("customers.csv", index=False)
config = {
    "data": {"path": "customers.csv"},
    "features": ["tenure", "fee", "region"],
    "model": {"type": "gradient_boosting", "n_estimators": 5, "max_depth": 2},
}
""",
        "",
        (
            Mend(9, 'X, y = prepare_features(df, config), df["churn"]', "One table comes back, and no target with it."),
            Mend(
                5,
                '    model = GradientBoostingClassifier(n_estimators=config["model"]["n_estimators"])',
                "The config's own word for the kind of model goes to the model as well.",
            ),
            Mend(11, 'joblib.dump(model, "model.joblib")', "Nobody wrote that helper. A script that was never run."),
        ),
    ),
    Listing(
        "batch",
        "batch_predict.py",
        "A file, every night",
        """def batch_predict(model_path, data_path, output_path):
    model = joblib.load(model_path)
    data = pd.read_csv(data_path)
    scores = model.predict_proba(data)[:, 1]
    results = data[["customer_id"]].copy()
    results["churn_probability"] = scores
    results.to_csv(output_path, index=False)
""",
        _FRAME
        + """joblib.dump(LogisticRegression().fit(frame[["tenure", "fee"]], frame["churn"]), "model.joblib")
frame.drop(columns="churn").to_csv("daily.csv", index=False)
""",
        'batch_predict("model.joblib", "daily.csv", "scores.csv")\n',
        (
            Mend(
                4,
                '    scores = model.predict_proba(data.drop(columns="customer_id"))[:, 1]',
                "The name of a customer is no reason to leave; the file has it, and the model must not see it.",
            ),
        ),
    ),
    Listing(
        "api",
        "app.py",
        "An answer over HTTP",
        """def predict(data):
    features = preprocess(data)
    probability = model.predict_proba(features)[0, 1]
    return {
        "customer_id": data["customer_id"],
        "churn_probability": float(probability),
        "model_version": "v1.2.0",
    }
""",
        _FRAME
        + """X, y = frame[["tenure", "fee"]], frame["churn"]
versions = {"v1.2.0": LogisticRegression().fit(X, y), "v1.3.0": LogisticRegression(C=0.01).fit(X, y)}
customer = {"customer_id": "c7", "tenure": -1.0, "fee": 0.5}
""",
        """for version, model in versions.items():
    said = predict(customer)["model_version"]
    assert said == version, f"{version} answered and said {said}"
""",
        (
            Mend(2, '    features = pd.DataFrame([data])[["tenure", "fee"]]', "Nobody wrote that helper, either."),
            Mend(
                7, '        "model_version": version,', "The next release answers as well, under the name of this one."
            ),
        ),
    ),
    Listing(
        "track",
        "track.py",
        "Log the model",
        """with mlflow.start_run():
    mlflow.log_params({"n_estimators": 5, "max_depth": 2})
    model.fit(X, y)
    mlflow.log_metrics({"auc": roc_auc_score(y, model.predict_proba(X)[:, 1])})
    mlflow.sklearn.log_model(model, "model")
""",
        _FRAME
        + """import mlflow
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import roc_auc_score

mlflow.set_tracking_uri("sqlite:///runs.db")
X, y = frame[["tenure", "fee"]], frame["churn"]
model = GradientBoostingClassifier(n_estimators=5, max_depth=2)
""",
        "",
        (
            Mend(
                5,
                '    mlflow.sklearn.log_model(model, name="model", serialization_format="cloudpickle")',
                "It was right once. Today's default format does not trust the types inside this very model: pin the "
                "version that you tried it with.",
            ),
        ),
    ),
)
"""Every listing, in the order in which a project meets them."""


def named(id: str) -> Listing:
    """Return a listing.

    Examples
    --------
    >>> named("batch").mends[0].line, len(named("train").lines)
    (4, 11)
    """
    return next(one for one in LISTINGS if one.id == id)


@dataclass(frozen=True)
class Fault:
    """What came out when a listing was really run."""

    line: int
    """The line that broke it; of an answer that is not so, the line that says it."""
    error: str
    """What Python said, cut to its first sentences."""


@cache
def listed() -> dict[str, tuple[Fault, ...]]:
    """Return what came out of running each listing, fault by fault, by its id.

    Examples
    --------
    >>> [fault.line for fault in listed()["train"]], listed()["train"][1].error.partition(":")[0]
    ([9, 5, 11], 'TypeError')
    """
    kept = json.loads(LISTED.read_text("utf-8"))["found"]
    return {name: tuple(Fault(**one) for one in faults) for name, faults in kept.items()}


def packages() -> dict[str, str]:
    """Return the versions of the packages with which they were run."""
    found: dict[str, str] = json.loads(LISTED.read_text("utf-8"))["packages"]
    return found


def key() -> str:
    """Return the hash of all that is run."""
    return hashlib.sha256(json.dumps([asdict(one) for one in LISTINGS]).encode()).hexdigest()


# Running them

_RUNNER = """
import io, json, sys, traceback
from contextlib import redirect_stderr, redirect_stdout

def broken(lines, around, then, file):
    names = {"__name__": "__main__"}
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        exec(around, names)
        try:
            exec(compile("\\n".join(lines), file, "exec"), names)
            exec(compile(then, "<use>", "exec"), names)
        except Exception as problem:
            inside = [frame.lineno for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == file]
            return [inside[-1] if inside else None, f"{type(problem).__name__}: {problem}"]
    return None

job = json.loads(sys.stdin.read())
answer = [broken(lines, job["around"], job["then"], job["file"]) for lines in job["tries"]]
from importlib.metadata import version
print(json.dumps([answer, {name: version(name) for name in job["packages"]}]))
"""


def run(listing: Listing, python: str = sys.executable) -> tuple[tuple[Fault, ...], dict[str, str]]:
    """Run a listing as it is, then with one fault after the other mended; return what broke, and with which packages.

    Raises
    ------
    ValueError
        If it breaks elsewhere than its mends say, or does not run once all is mended.
    """
    import tempfile

    tries = [listing.mended(number) for number in range(len(listing.mends) + 1)]
    names = ["scikit-learn", *(["mlflow"] if listing.id == "track" else [])]
    job = {
        "tries": tries, "around": listing.around, "then": listing.then, "file": listing.file,
        "packages": names,
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="listing-", ignore_cleanup_errors=True) as folder:
        done = subprocess.run(
            [python, "-c", _RUNNER], cwd=folder, input=json.dumps(job), capture_output=True, text=True, timeout=SECONDS,
            check=True,
        )  # fmt: skip
    answers, versions = json.loads(done.stdout.splitlines()[-1])
    *broken, whole = answers
    found = tuple(_fault(listing, mend, *one) for mend, one in zip(listing.mends, broken, strict=True))
    if whole is not None:
        raise ValueError(f"{listing.file} does not run once all is mended: {whole}")
    return found, versions


def _fault(listing: Listing, mend: Mend, line: int | None, error: str) -> Fault:
    if line is None:  # nothing broke: the answer is not so, and the line that says it is looked for
        said = error.rpartition(" said ")[2]
        [line] = [number for number, text in enumerate(listing.lines, 1) if f'"{said}"' in text]
        error = f"{LIES}: {error.partition(': ')[2]}"
    if line != mend.line:
        raise ValueError(f"{listing.file} broke at line {line}, not at {mend.line}: {error}")
    return Fault(line, error if len(error) <= MOST_SAID else f"{error[:MOST_SAID].rpartition('. ')[0]}. ...")


def text(python: str = sys.executable) -> str:
    """Run all of them, and return what came out as the file has it."""
    ran = {one.id: run(one, python) for one in LISTINGS}
    versions = {name: version for _, found in ran.values() for name, version in found.items()}
    found = {name: [asdict(fault) for fault in faults] for name, (faults, _) in ran.items()}
    return json.dumps({"key": key(), "packages": versions, "found": found}, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    LISTED.write_text(text(*sys.argv[1:2]), encoding="utf-8", newline="\n")
    print(f"{LISTED.name}: run anew")
